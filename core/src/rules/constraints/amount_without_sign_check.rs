use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::rules::support::{check_fix, each_word, is_checked, stem};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{DataType, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "amount-without-sign-check",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A price or quantity has no CHECK against negative values.",
    why: "A negative quantity on an order line turns a sale into a payout, and sums hide it. Where negative values have a meaning (corrections, \
          balances, changes) the name mostly says so, and the rule leaves it alone. PostgreSQL manual, 5.4.1 \"Check Constraints\", whose example \
          is a positive price.",
    fires: examples![
        "CREATE TABLE lines (id bigint PRIMARY KEY, «quantity integer NOT NULL», «unit_price numeric(12,2) NOT NULL»);",
        "CREATE TABLE lines (id bigint PRIMARY KEY, «fee real NOT NULL», «cost money NOT NULL»);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, «total_cents bigint NOT NULL», «grand_total numeric(12,2) NOT NULL»);",
        "CREATE TABLE payments (id bigint PRIMARY KEY, «amount_cents bigint NOT NULL», «refund_amount_cents bigint», «claimed_amount_cents bigint»);",
        "CREATE TABLE charges (id bigint PRIMARY KEY, «unit_amount numeric(12,2)», «gross_amount numeric(12,2)»);",
        "CREATE TABLE bills (id bigint PRIMARY KEY, «total_tax numeric(12,2)», «total_discounts numeric(12,2)»);",
        "CREATE TABLE fee_schedules (id bigint PRIMARY KEY, name text, «amount_cents bigint NOT NULL»);",
    ],
    silent: examples![
        "CREATE TABLE lines (id bigint PRIMARY KEY, quantity integer NOT NULL CHECK (quantity > 0), unit_price numeric CHECK (unit_price >= 0));",
        "CREATE TABLE entries (id bigint PRIMARY KEY, balance numeric, price_change numeric, quantity_delta integer, stock_adjustment integer, runs_total bigint, total_amount_change numeric, amount numeric);",
        "CREATE TABLE points (id bigint PRIMARY KEY, net_amount numeric, total_score numeric, total_runs bigint, amount_of_rain numeric);",
        // A number that names something.
        "CREATE TABLE wards (id bigint PRIMARY KEY, cost_center integer, stock_code integer, fee_group smallint);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let is_number = |t: &DataType| {
        matches!(
            t.builtin_name(),
            Some("smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "money")
        )
    };
    for (id, table, number, column) in cx.columns_of(is_number) {
        let kind = column.data_type.builtin_name();
        if !(is_amount(&column.name) || is_total(&column.name, kind) || is_sum(table, &column.name)) {
            continue;
        }
        out.look();
        if column.generated.is_some() || is_checked(cx.schema, table, number) {
            continue;
        }
        let message = format!("`{}` may be negative.", cx.column_name(id, number));
        // A check of `money` would stand in the way of a better type.
        let fix = (kind != Some("money")).then(|| {
            let condition = format!("{} >= 0", quote(&column.name));
            check_fix(cx, id, table, &column.name, &condition)
        });
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id)).maybe_fix(fix);
    }
}

/// Whether a column is the sum of a bill: `total`, `total_cents`, `grand_total`. A number of things is counted, and never falls below zero.
fn is_total(name: &str, kind: Option<&str>) -> bool {
    let is_unit = |word: &str| matches!(word, "cents" | "amount");
    // What a bill is made of, summed up: `total_tax`.
    if matches!(kind, Some("numeric" | "money")) && has(name, &["total"]) && has(name, PARTS) && !has(name, SIGNED) {
        return true;
    }
    let mut words = each_word(name).rev();
    match words.next().as_deref() {
        Some("total") => matches!(kind, Some("numeric" | "money")) || words.any(|w| is_unit(&w)),
        Some(unit) if is_unit(unit) => words.next().is_some_and(|w| w == "total"),
        _ => false,
    }
}

/// Whether it is the amount of something that has a direction of its own: what was paid, refunded or deducted. Of a transaction or an entry in a ledger
/// the sign is the direction.
fn is_sum(table: &Table, name: &str) -> bool {
    const UNITS: &[&str] = &["cents", "minor", "eur", "usd"];
    const ONE_WAY: &[&str] = &[
        "approved",
        "bid",
        "bill",
        "billed",
        "booking",
        "charge",
        "charged",
        "claimed",
        "coupon",
        "deposit",
        "discount",
        "donation",
        "expense",
        "fine",
        "gross",
        "insured",
        "invoice",
        "invoiced",
        "loan",
        "offer",
        "paid",
        "payment",
        "payout",
        "penalty",
        "premium",
        "refund",
        "refunded",
        "rent",
        "shipping",
        "tax",
        "tip",
        "unit",
        "withdrawal",
    ];
    let mut words = each_word(name).rev().filter(|w| !UNITS.contains(&w.as_ref()));
    if words.next().is_none_or(|last| last != "amount") || has(name, SIGNED) {
        return false;
    }
    match words.next() {
        Some(of) => ONE_WAY.contains(&of.as_ref()),
        // What the table says to be asked for: `fee_schedules.amount`.
        None => {
            let of = stem(&table.name);
            of.last().is_some_and(|of| ONE_WAY.contains(&of.as_str()))
                || of.iter().any(|of| matches!(of.as_str(), "fee" | "price" | "tariff"))
        }
    }
}

/// What a bill is made of.
const PARTS: &[&str] = &["discount", "discounts", "price", "refunded", "shipping", "spent", "tax", "taxes", "vat"];

/// What may fall below zero, or is no amount.
const SIGNED: &[&str] = &[
    "adjustment",
    "balance",
    "change",
    "correction",
    "delta",
    "diff",
    "difference",
    "movement",
    "net",
    "offset",
    "variance",
    "id",
    "score",
    "rate",
    "index",
    "level",
    "order",
    "count",
    "center",
    "centre",
    "class",
    "code",
    "group",
    "kind",
    "number",
    "type",
];

fn has(name: &str, list: &[&str]) -> bool {
    each_word(name).any(|w| list.contains(&w.as_ref()))
}

/// Whether a column of this name is counted from zero.
fn is_amount(name: &str) -> bool {
    const AMOUNT: &[&str] = &["price", "quantity", "qty", "cost", "subtotal", "stock", "fee", "salary", "capacity"];
    has(name, AMOUNT) && !has(name, SIGNED)
}
