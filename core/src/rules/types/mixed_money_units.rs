use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, designs, each_word, is_money, list, number, pinned, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mixed-money-units",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "Some amounts of money are counted in cents, others in whole units.",
    why: "A sum or comparison across the two is wrong by a factor of a hundred, and nothing in the types says so. Either way is sound by \
          itself: whole cents in an integer, or `numeric` with two digits behind the point. Choose one for the schema, and let names carry the \
          unit (`_cents`) as long as both exist. PostgreSQL manual, 8.1.2 \"Arbitrary Precision Numbers\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, total_amount numeric(12,2), tax_amount numeric(12,2));\nCREATE TABLE refunds (id bigint PRIMARY KEY, «refund_cents bigint»);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, price_cents integer, fee_cents integer);\nCREATE TABLE refunds (id bigint PRIMARY KEY, «refund_amount numeric(10,2)»);",
        // Two amounts are enough where they are called the same.
        "CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric(10,2));\nCREATE TABLE tips (id bigint PRIMARY KEY, «amount_cents integer»);",
        // Or stand in one row.
        "CREATE TABLE trips (id bigint PRIMARY KEY, «cost_cents bigint», toll_amount numeric(10,2));",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, price_cents integer, fee_cents integer, percent numeric);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, price numeric(10,2), item_count integer);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, price numeric(10,2));\nCREATE TABLE tips (id bigint PRIMARY KEY, amount_cents integer);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "money-type", out) {
        return;
    }
    // Schemas that no foreign key ties together are designs of their own.
    let designs = designs(cx);
    let mut amounts: BTreeMap<NamespaceId, (Vec<Amount>, Vec<Amount>)> = BTreeMap::new();
    let counted = |t| matches!(builtin(cx.schema, t), Some("integer" | "bigint" | "numeric"));
    for (id, table, number, column) in cx.columns_where(|name| is_minor(name) || is_money(name), counted) {
        let design = designs.get(&table.namespace).copied().unwrap_or(table.namespace);
        let (cents, units) = amounts.entry(design).or_default();
        let place = (ObjectId::Column(id, number), column.span);
        match builtin(cx.schema, &column.data_type) {
            Some("integer" | "bigint") if is_minor(&column.name) => cents.push(place),
            Some("numeric") if is_money(&column.name) && !is_minor(&column.name) => units.push(place),
            _ => continue,
        }
        out.look();
    }
    for (cents, units) in amounts.values() {
        compare(cx, cents, units, out);
    }
}

/// A column that holds money, and its place.
type Amount = (ObjectId, Span);

fn compare(cx: &Context<'_>, cents: &[Amount], units: &[Amount], out: &mut Findings<'_>) {
    // One against one says nothing, unless the two are of one name, `amount` and `amount_cents`, or of one row.
    let of = |(id, _): &Amount| match id {
        ObjectId::Column(table, _) => Some(*table),
        _ => None,
    };
    let of_one_row = || cents.iter().any(|c| units.iter().any(|u| of(c) == of(u)));
    let of_one_name = || {
        let name = |(id, _): &Amount| cx.name(*id).rsplit('.').next().map(whole).unwrap_or_default();
        cents.iter().any(|c| units.iter().any(|u| name(c) == name(u)))
    };
    if cents.is_empty() || units.is_empty() || (cents.len() + units.len() < 3 && !of_one_name() && !of_one_row()) {
        return;
    }
    let (fewer, others, said) =
        if cents.len() <= units.len() { (cents, units, "cents") } else { (units, cents, "whole units") };
    let Some((first, place)) = fewer.first() else { return };
    let names: Vec<String> = fewer.iter().map(|(id, _)| format!("`{}`", cx.name(*id))).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} counted in {said}, unlike the other amounts.", list(&names));
    let mut draft = out.report(*first, *place, message).evidence(format!(
        "{} in cents, {} in whole units.",
        number(cents.len(), "amount is", "amounts are"),
        units.len()
    ));
    for (id, place) in fewer.iter().skip(1) {
        draft = draft.object(*id).also_at(*place);
    }
    let _ = draft.compared_with(others.iter().map(|(id, _)| *id));
}

/// A name without the word for the unit.
fn whole(name: &str) -> Vec<SmolStr> {
    words(name).into_iter().filter(|w| !is_minor(w)).collect()
}

/// Whether a name says that an amount is counted in the smallest unit of its currency.
fn is_minor(name: &str) -> bool {
    each_word(name).any(|w| matches!(w.as_ref(), "cent" | "cents" | "pence"))
}
