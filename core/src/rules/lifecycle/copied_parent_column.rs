use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_numbered, is_time, only_column, stem, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "copied-parent-column",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A column repeats a value of the row that the table refers to.",
    why: "The copy is right on the day it is made. When the name or address is corrected in the one place, the other keeps the old one, and queries disagree. Where the copy is meant, as \
          the price or name at the time of an order, a comment on the column says so and silences the rule; where it is a cache, a trigger or a job must keep it. \
          PostgreSQL manual, 5.3 \"Generated Columns\", which cannot read other tables.",
    fires: examples![
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, «customer_name text»);",
        "CREATE TABLE variants (id bigint PRIMARY KEY, sku text);\nCREATE TABLE ledger (id bigint PRIMARY KEY, variant_id bigint REFERENCES variants, «sku text»);",
    ],
    silent: examples![
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, name text);",
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, customer_name text);\nCOMMENT ON COLUMN orders.customer_name IS 'As it was when the order was placed';",
        // Another type, another thing.
        "CREATE TABLE customers (id bigint PRIMARY KEY, status text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, customer_status boolean);",
    ],
    supersedes: &[],
    check,
};

/// Columns that name the same thing wherever they stand.
const SAME_EVERYWHERE: &[&str] = &["sku", "barcode", "ean", "isbn", "iban"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (_, constraint, fk) in cx.schema.foreign_keys_of(table) {
            let Some(parent) =
                cx.schema.tables.get(fk.references).filter(|_| fk.references != id && cx.owns(fk.references))
            else {
                continue;
            };
            let Some(key) = only_column(constraint).and_then(|n| table.column(n)) else { continue };
            out.look();
            for (number, column) in table.live_columns() {
                if let Some((of, original)) = original(cx, (key, column, number, constraint.columns.as_slice()), parent)
                {
                    report(cx, out, (id, number, column), (fk.references, of, original));
                }
            }
        }
    }
}

/// The column of the parent that a column repeats.
fn original<'a>(
    cx: &Context<'_>,
    (key, column, number, of_key): (&Column, &Column, ColumnNumber, &[ColumnNumber]),
    parent: &'a Table,
) -> Option<(ColumnNumber, &'a Column)> {
    // Ids refer to something; they do not repeat it.
    let is_id = words(&column.name).last().is_some_and(|w| w == "id");
    let exempt = of_key.contains(&number) || column.generated.is_some() || column.comment.is_some() || is_id;
    if exempt || is_time(cx.schema, &column.data_type) {
        return None;
    }
    parent.live_columns().find(|(n, c)| {
        // `customer_id` and `customer_name` for `customers.name`.
        let of_parent = stem(&parent.name).join("_");
        let by_key = key.name.strip_suffix("_id").map(|stem| format!("{stem}_{}", c.name));
        let copied = column.name == format!("{of_parent}_{}", c.name)
            || by_key.is_some_and(|name| column.name == name.as_str())
            || (column.name == c.name && SAME_EVERYWHERE.contains(&c.name.as_str()));
        let is_key = cx.schema.primary_key_of(parent).is_some_and(|(_, p)| p.columns.contains(n));
        copied
            && !is_key
            && !is_numbered(c)
            && c.data_type.base == column.data_type.base
            && c.data_type.array == column.data_type.array
    })
}

fn report(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    (id, number, column): (TableId, ColumnNumber, &Column),
    (parent, of, original): (TableId, ColumnNumber, &Column),
) {
    let message = format!(
        "`{}` repeats `{}` of `{}`, and nothing keeps both the same.",
        cx.column_name(id, number),
        original.name,
        cx.table_name(parent)
    );
    out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Column(parent, of));
}
