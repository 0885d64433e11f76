use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_numbered, is_time, last_word, only_column, reference_column, stem};
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
        // A name under the key's own word.
        "CREATE TABLE suppliers (id bigint PRIMARY KEY, name text);\nCREATE TABLE items (id bigint PRIMARY KEY, supplier_id bigint REFERENCES suppliers, «supplier text»);",
    ],
    silent: examples![
        // A word of its own beside the key.
        "CREATE TABLE sources (id bigint PRIMARY KEY, url text);\nCREATE TABLE items (id bigint PRIMARY KEY, source_id bigint REFERENCES sources, source text);",
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, name text);",
        "CREATE TABLE customers (id bigint PRIMARY KEY, name text);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint REFERENCES customers, customer_name text);\nCOMMENT ON COLUMN orders.customer_name IS 'As it was when the order was placed';",
        // The name of the table, with an id of its own behind it.
        "CREATE TABLE board (boardid bigint PRIMARY KEY, userid bigint);\nCREATE TABLE board_user (board_userid bigint PRIMARY KEY, boardid bigint NOT NULL REFERENCES board, userid bigint);",
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
            let Some(key) = reference_column(cx, table, constraint).and_then(|n| table.column(n)) else { continue };
            out.look();
            let referenced = Referenced {
                table: parent,
                primary_key: cx.schema.primary_key_of(parent).map_or(&[], |(_, p)| p.columns.as_slice()),
                name: stem(&parent.name).join("_"),
                role: key.name.strip_suffix("_id"),
            };
            let own_key = cx.schema.primary_key_of(table).and_then(|(_, k)| only_column(k));
            for (number, column) in table.live_columns() {
                // What identifies a row, or refers to one, repeats nothing.
                if Some(number) == own_key || constraint.columns.contains(&number) {
                    continue;
                }
                if let Some((of, original)) = referenced.original(cx, column) {
                    report(cx, out, (id, number, column), (fk.references, of, original));
                }
            }
        }
    }
}

/// The table that a foreign key refers to.
struct Referenced<'a> {
    table: &'a Table,
    primary_key: &'a [ColumnNumber],
    /// What its rows are called.
    name: String,
    /// What the key calls them.
    role: Option<&'a str>,
}

impl<'a> Referenced<'a> {
    /// The column that a column beside the key repeats.
    fn original(&self, cx: &Context<'_>, column: &Column) -> Option<(ColumnNumber, &'a Column)> {
        // `customer_id` and `customer_name` for `customers.name`.
        let behind = |of: &str| column.name.strip_prefix(of)?.strip_prefix('_');
        let same = Some(column.name.as_str()).filter(|name| SAME_EVERYWHERE.contains(name));
        let names = [behind(&self.name), self.role.and_then(behind), same];
        // `supplier` beside `supplier_id` for `suppliers.name`.
        let itself = self.role.filter(|role| *role == column.name).map(|_| "name");
        let original =
            names.into_iter().chain([itself]).flatten().filter_map(|name| self.table.find_column(name)).find(
                |number| {
                    self.table.column(*number).is_some_and(|c| {
                        !self.primary_key.contains(number)
                            && !is_numbered(c)
                            && c.data_type.base == column.data_type.base
                            && c.data_type.array == column.data_type.array
                    })
                },
            )?;
        // Ids refer to something; they do not repeat it.
        let is_id = last_word(&column.name).is_some_and(|w| w == "id");
        let exempt = column.generated.is_some() || column.comment.is_some() || is_id;
        if exempt || is_time(cx.schema, &column.data_type) {
            return None;
        }
        Some((original, self.table.column(original)?))
    }
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
