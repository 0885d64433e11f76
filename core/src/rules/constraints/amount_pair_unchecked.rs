use crate::finding::{Certainty, Severity};
use crate::name::{Name, quote};
use crate::rules::support::{check_fix, each_word, is_number, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "amount-pair-unchecked",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Of two amounts one is never the larger, and no CHECK says so.",
    why: "A smallest order above the largest, or a net price above the gross one, is accepted and makes every calculation from then on wrong. \
          A CHECK between the two columns costs next to nothing. Where either may be empty the check passes, as it should. PostgreSQL manual, \
          5.4.1 \"Check Constraints\".",
    fires: examples![
        "CREATE TABLE offers (id bigint PRIMARY KEY, «min_quantity integer», max_quantity integer);",
        "CREATE TABLE invoices (id bigint PRIMARY KEY, «net_amount numeric(12,2)», gross_amount numeric(12,2));",
        // What is left of a price.
        "CREATE TABLE sales (id bigint PRIMARY KEY, «net_proceeds numeric(12,2)», sale_price numeric(12,2));",
    ],
    silent: examples![
        "CREATE TABLE offers (id bigint PRIMARY KEY, min_quantity integer, max_quantity integer, CHECK (min_quantity <= max_quantity));",
        // Either may be the larger.
        "CREATE TABLE quotes (id bigint PRIMARY KEY, net_weight numeric, gross_margin numeric, list_price numeric);",
        // Not a pair.
        "CREATE TABLE offers (id bigint PRIMARY KEY, min_quantity integer, max_price numeric, net_amount numeric, gross_note text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns_where(|name| partner(name).is_some(), |t| is_number(cx.schema, t)) {
        let numbers = || table.live_columns().filter(|(_, c)| is_number(cx.schema, &c.data_type));
        let Some(of_larger) = partner(&column.name) else { continue };
        let exact = numbers().find(|(_, c)| each_word(&c.name).eq(of_larger.iter().map(Name::as_str)));
        let Some((other, larger)) =
            exact.or_else(|| is_net_of_sale(&column.name).then(|| numbers().find(|(_, c)| is_sale(&c.name)))?)
        else {
            continue;
        };
        out.look();
        let checked = cx.schema.constraints_of(table).any(|(_, c)| {
            matches!(c.kind, ConstraintKind::Check(_)) && c.columns.contains(&number) && c.columns.contains(&other)
        });
        if checked || larger.generated.is_some() || column.generated.is_some() {
            continue;
        }
        let message =
            format!("Nothing keeps `{}` from being larger than `{}`.", cx.column_name(id, number), larger.name);
        let condition = format!("{} <= {}", quote(&column.name), quote(&larger.name));
        let names = format!("{}_{}", column.name, larger.name);
        out.report(ObjectId::Column(id, number), column.span, message)
            .object(ObjectId::Column(id, other))
            .also_at(larger.span)
            .fix(check_fix(cx, id, table, &names, &condition));
    }
}

/// Whether a name is of what is left of a sale.
fn is_net_of_sale(name: &str) -> bool {
    let words = words(name);
    matches!(words.as_slice(), [net, what] if net == "net" && matches!(what.as_str(), "proceeds" | "sale" | "sales" | "revenue" | "price"))
}

/// Whether a name is of what a sale brings in.
fn is_sale(name: &str) -> bool {
    let words = words(name);
    matches!(words.as_slice(), [a, b] if matches!(
        (a.as_str(), b.as_str()),
        ("sale" | "sales" | "selling" | "sold", "price") | ("gross", "sale" | "sales" | "proceeds" | "revenue" | "price")
    ))
}

/// The words of the column that is never smaller than one of this name.
fn partner(name: &str) -> Option<Vec<Name>> {
    const PAIRS: &[(&str, &str)] =
        &[("min", "max"), ("minimum", "maximum"), ("net", "gross"), ("lower", "upper"), ("subtotal", "total")];
    let larger = |word: &str| PAIRS.iter().find(|(small, _)| *small == word).map(|(_, large)| Name::new_static(large));
    let at = each_word(name).position(|w| larger(&w).is_some())?;
    let mut words = words(name);
    let word = words.get_mut(at)?;
    *word = larger(word)?;
    Some(words)
}
