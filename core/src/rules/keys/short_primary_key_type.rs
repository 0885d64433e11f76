use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, each_word, only_column, singular};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "short-primary-key-type",
    category: Category::KeysAndReferences,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "The numbered primary key of a table that grows is an integer, not a bigint.",
    why: "An `integer` key ends at 2 147 483 647. Numbers are used up by every insert, also by those that fail or are rolled back and by INSERT … ON \
          CONFLICT, so tables run out long before they hold two billion rows, and then take no insert at all. Widening the column rewrites the \
          table, and every column that refers to it. The rule asks for a table that grows with use by its name: events, logs, messages, orders. PostgreSQL manual, 8.1.1 \"Integer Types\".",
    fires: examples![
        "CREATE TABLE events (id «serial» PRIMARY KEY, at timestamptz NOT NULL);",
        "CREATE TABLE audit_log (id «integer» GENERATED ALWAYS AS IDENTITY PRIMARY KEY);",
        "CREATE TABLE comments (id «smallserial» PRIMARY KEY, body text);",
    ],
    silent: examples![
        "CREATE TABLE languages (id smallserial PRIMARY KEY, name text);",
        "CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz NOT NULL);",
        // Not numbered: given from outside.
        "CREATE TABLE countries (iso_number integer PRIMARY KEY, name text);",
        // A row for each row of another table.
        "CREATE TABLE users (id bigserial PRIMARY KEY);\nCREATE TABLE settings (user_no bigint PRIMARY KEY REFERENCES users);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some((_, key)) = cx.schema.primary_key_of(table) else { continue };
        let Some((number, column)) = only_column(key).and_then(|n| Some((n, table.column(n)?))) else { continue };
        let is_numbered = column.serial || column.identity.is_some() || column.sequence.is_some() || {
            column.default.as_ref().is_some_and(|d| d.source.is_call_of("nextval"))
        };
        if !is_numbered {
            continue;
        }
        out.look();
        let kind = match builtin(cx.schema, &column.data_type) {
            Some(kind @ ("integer" | "smallint")) => kind,
            _ => continue,
        };
        let Some(word) = grows(&table.name) else { continue };
        let message = format!(
            "`{}` numbers its rows with `{kind}` and ends at {}.",
            cx.column_name(id, number),
            if kind == "integer" { "2 147 483 647" } else { "32 767" }
        );
        out.report(ObjectId::Column(id, number), column.type_span, message)
            .object(ObjectId::Table(id))
            .evidence(format!("`{word}` tables grow with use."));
    }
}

/// The word of a table's name that says that it grows with use.
fn grows(name: &str) -> Option<String> {
    const GROWING: &[&str] = &[
        "action",
        "activity",
        "audit",
        "upload",
        "ticket",
        "shipment",
        "sale",
        "rental",
        "purchase",
        "post",
        "point",
        "invoice",
        "booking",
        "click",
        "comment",
        "delivery",
        "email",
        "entry",
        "event",
        "history",
        "impression",
        "item",
        "job",
        "line",
        "log",
        "measurement",
        "message",
        "metric",
        "notification",
        "order",
        "payment",
        "reading",
        "request",
        "session",
        "task",
        "trace",
        "transaction",
        "view",
        "visit",
        "vote",
    ];
    each_word(name).rev().map(|w| singular(&w).into_owned()).find(|w| GROWING.contains(&w.as_str()))
}
