use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::rules::support::{list, number, number_of_tables, pinned};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, NamespaceId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-name-case",
    category: Category::Naming,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table has names that need double quotes, in a schema whose names mostly do not.",
    why: "PostgreSQL folds names without quotes to lower case. A name with capitals, spaces or dashes must be quoted at every use, and `SELECT userId` fails \
          with a hint that few understand. A schema that is written in camel case throughout, as some ORMs do, is consistent; the rule speaks where such \
          names are the exception. PostgreSQL manual, 4.1.1 \"Identifiers and Key Words\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text);\nCREATE TABLE posts (id bigint PRIMARY KEY, body text, «\"createdAt\"» timestamptz);",
        "CREATE TABLE users (id bigint PRIMARY KEY, first_name text, last_name text);\nCREATE TABLE «\"Posts\"» (id bigint PRIMARY KEY, body text);",
    ],
    silent: examples![
        "CREATE TABLE \"User\" (\"id\" bigint PRIMARY KEY, \"firstName\" text, \"lastName\" text);\nCREATE TABLE \"Post\" (\"id\" bigint PRIMARY KEY, \"authorId\" bigint);",
        "CREATE TABLE Users (Id bigint PRIMARY KEY, FirstName text);",
        "CREATE TABLE \"user\" (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "tables", out) | pinned(cx, "columns", out) {
        return;
    }
    // By schema: each has a style of its own.
    let mut schemas: BTreeMap<NamespaceId, Names> = BTreeMap::new();
    for (_, table) in cx.tables() {
        let names = schemas.entry(table.namespace).or_default();
        names.tables += 1;
        names.quoted_tables += usize::from(is_unfolded(&table.name));
        for (_, column) in table.live_columns() {
            names.columns += 1;
            names.quoted_columns += usize::from(is_unfolded(&column.name));
        }
    }
    for (id, table) in cx.tables() {
        let Some(Names { tables, quoted_tables, columns, quoted_columns }) = schemas.get(&table.namespace).copied()
        else {
            continue;
        };
        let (tables_are_plain, columns_are_plain) = (quoted_tables * 2 <= tables, quoted_columns * 2 <= columns);
        out.look();
        let named = tables_are_plain && is_unfolded(&table.name);
        let odd: Vec<(ColumnNumber, _)> = table
            .live_columns()
            .filter(|(_, c)| columns_are_plain && c.inherit_count == 0 && is_unfolded(&c.name))
            .collect();
        if named {
            let message = format!("`{}` must be written {} everywhere.", table.name, quote(&table.name));
            out.report(ObjectId::Table(id), table.name_span, message).evidence(format!(
                "{} of {} need no quotes.",
                tables - quoted_tables,
                number_of_tables(tables)
            ));
        }
        if let Some((first, column)) = odd.first() {
            let names: Vec<String> = odd.iter().map(|(_, c)| format!("`{}`", c.name)).collect();
            let message =
                format!("{} of `{}` must be written in double quotes everywhere.", list(&names), cx.table_name(id));
            let mut draft = out.report(ObjectId::Column(id, *first), column.name_span, message).evidence(format!(
                "{} of {} need no quotes.",
                columns - quoted_columns,
                number(columns, "column", "columns")
            ));
            for (number, column) in odd.iter().skip(1) {
                draft = draft.object(ObjectId::Column(id, *number)).also_at(column.name_span);
            }
            let _ = draft;
        }
    }
}

/// How many names a schema has, and how many of them need quotes.
#[derive(Clone, Copy, Default)]
struct Names {
    tables: usize,
    quoted_tables: usize,
    columns: usize,
    quoted_columns: usize,
}

/// Whether a name is not what PostgreSQL makes of it without quotes. Reserved words are another matter.
fn is_unfolded(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_' || b >= 0x80);
    !(starts && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'$') || b >= 0x80))
}
