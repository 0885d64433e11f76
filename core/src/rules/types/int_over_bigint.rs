use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, each_word, is_lookup, is_numbered, last_word, only_column};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "int-over-bigint",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A numbered key or a count of bytes is an integer.",
    why: "An `integer` ends at 2 147 483 647. Numbers are used up by failed and repeated inserts too, and a file of more than two gigabytes is \
          nothing unusual. `bigint` costs four bytes a row more and never needs the change that rewrites the table and everything that refers \
          to it. Columns that refer to an integer key follow it, and small lookup tables are left alone. PostgreSQL manual, 8.1.1 \"Integer \
          Types\".",
    fires: examples![
        "CREATE TABLE devices (id «serial» PRIMARY KEY, owner text, model text, maker text, note text);",
        "CREATE TABLE files (id bigint PRIMARY KEY, name text, size_bytes «integer»);",
    ],
    silent: examples![
        "CREATE TABLE devices (id bigserial PRIMARY KEY, size_bytes bigint);",
        // A small table that others look up.
        "CREATE TABLE categories (id serial PRIMARY KEY, name text);",
        // It refers to an integer.
        "CREATE TABLE devices (id bigint PRIMARY KEY, serial_no integer UNIQUE);\nCREATE TABLE visits (device integer PRIMARY KEY REFERENCES devices (serial_no));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns_of(|t| builtin(cx.schema, t) == Some("integer")) {
        out.look();
        let is_key = is_numbered(column)
            && cx.schema.primary_key_of(table).and_then(|(_, c)| only_column(c)) == Some(number)
            && !is_lookup(cx, id, table);
        let is_bytes =
            last_word(&column.name).is_some_and(|w| w == "bytes") || each_word(&column.name).eq(["file", "size"]);
        if !is_key && !is_bytes {
            continue;
        }
        let message = if is_key {
            format!("`{}` numbers its rows with `integer`, up to 2 147 483 647.", cx.column_name(id, number))
        } else {
            format!("`{}` ends at two gigabytes.", cx.column_name(id, number))
        };
        out.report(ObjectId::Column(id, number), column.type_span, message).object(ObjectId::Table(id));
    }
}
