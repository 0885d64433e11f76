use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{References, base_type, builtin, is_polymorphic, number, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "same-name-different-type",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column name stands for one type in most tables and for a type of another kind in a few.",
    why: "People and programs take columns of one name for the same thing. Where one is a number and the other a text, joins need casts that no index \
          serves, and code that was written for one table breaks on the other. Only names of two words or more are compared, and only kinds of types: \
          lengths, and integers of different sizes, are other rules' business. PostgreSQL manual, 10 \"Type Conversion\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE c (id bigint PRIMARY KEY, order_number «text»);",
        "CREATE TABLE a (id bigint PRIMARY KEY, resource_id text);\nCREATE TABLE b (id bigint PRIMARY KEY, resource_id «uuid»);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint, value text);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number integer, value numeric);\nCREATE TABLE c (id bigint PRIMARY KEY, order_number bigint, value boolean);",
        // Rows of whatever table the column beside says.
        "CREATE TABLE a (id bigint PRIMARY KEY, subject_type text, subject_id text);\nCREATE TABLE b (id bigint PRIMARY KEY, subject_type text, subject_id bigint);",
        // Ids of somebody else's.
        "CREATE TABLE a (id bigint PRIMARY KEY, external_ref_id bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, external_ref_id text);",
        // No habit to depart from.
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut names: BTreeMap<&str, Vec<(TableId, ColumnNumber, &Column, &str)>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (number, column) in table.live_columns().filter(|(_, c)| c.inherit_count == 0) {
            if crate::rules::support::each_word(&column.name).count() >= 2 {
                out.look();
                names.entry(&column.name).or_default().push((id, number, column, kind(cx, column)));
            }
        }
    }
    for (name, places) in names {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (.., kind) in &places {
            *counts.entry(*kind).or_default() += 1;
        }
        let Some((usual, most)) = counts.iter().max_by_key(|(kind, n)| (**n, std::cmp::Reverse(**kind))) else {
            continue;
        };
        // What refers to something is one thing by its name, even where there are but two; but not what may refer to anything.
        let to_anything =
            |id: TableId, column: &Column| cx.schema.tables.get(id).is_some_and(|table| is_polymorphic(table, column));
        let refers = name.ends_with("_id")
            && !References::points_outside(&words(name))
            && !places.iter().any(|(id, _, column, _)| to_anything(*id, column));
        if counts.len() < 2 || !(refers || (*most >= 2 && most * 2 > places.len())) {
            continue;
        }
        let odd: Vec<_> = places.iter().filter(|(.., kind)| kind != usual).collect();
        let Some((id, column_number, column, kind)) = odd.first() else { continue };
        let message =
            format!("`{}` is a {kind}; elsewhere `{name}` is a {usual}.", cx.column_name(*id, *column_number));
        let mut draft = out.report(ObjectId::Column(*id, *column_number), column.type_span, message).evidence(format!(
            "{most} of {} named `{name}` are of that kind.",
            number(places.len(), "column", "columns")
        ));
        for (id, number, column, _) in odd.iter().skip(1) {
            draft = draft.object(ObjectId::Column(*id, *number)).also_at(column.type_span);
        }
        let _ = draft;
    }
}

/// The kind of a type, with what differs only in size taken together.
fn kind<'a>(cx: &Context<'a>, column: &'a Column) -> &'a str {
    let base = base_type(cx.schema, &column.data_type);
    if base.array {
        return "list";
    }
    match builtin(cx.schema, &column.data_type) {
        Some("smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision") => "number",
        Some("text" | "character varying" | "character") => "text",
        Some("json" | "jsonb") => "document",
        Some("date") => "time",
        Some(name) if name.starts_with("time") => "time",
        // Enums and other types of the schema stand beside texts in many a schema: another rule's business.
        None => "text",
        Some(name) => name,
    }
}
