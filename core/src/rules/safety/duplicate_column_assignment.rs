use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{DmlVerb, ObjectKind, OperationKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;
use std::collections::BTreeSet;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-column-assignment",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "An UPDATE or INSERT names one column twice.",
    why: "PostgreSQL refuses the statement: 42601 for two assignments in UPDATE, 42701 for a column that INSERT lists twice. The \
          migration stops there, on every database. One of the two was most likely meant for another column. PostgreSQL manual, UPDATE \
          and INSERT.",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nUPDATE orders SET note = 'a', «note» = 'b' WHERE id = 1;",
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nINSERT INTO orders (id, note, «id») VALUES (1, 'a', 2);",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nUPDATE orders SET note = 'a', id = 2 WHERE note = 'b';",
        "CREATE TABLE orders (id bigint PRIMARY KEY, tags text[]);\nUPDATE orders SET tags[1] = 'a', tags[2] = 'b';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for operation in cx.history.revisions.iter().flat_map(|r| &r.up) {
        let OperationKind::Dml { verb: DmlVerb::Insert | DmlVerb::Update, tables, text } = &operation.kind else {
            continue;
        };
        let (Some(table), Some(change)) = (tables.last(), text.change()) else { continue };
        out.look();
        let mut seen = BTreeSet::new();
        for (column, (start, end)) in change.columns.iter().zip(&change.columns_at) {
            if seen.insert(column) {
                continue;
            }
            let table = match &table.schema {
                Some(schema) => {
                    format!("{}.{}", crate::name::quote(&schema.fold()), crate::name::quote(&table.name.fold()))
                }
                None => crate::name::quote(&table.name.fold()),
            };
            let at =
                Span::new(text.span.file, text.span.start.saturating_add(*start), text.span.start.saturating_add(*end));
            let message = format!("`{column}` of `{table}` is set twice; PostgreSQL refuses the statement.");
            let subject = Subject::new(ObjectKind::Column, format!("{table}.{}", crate::name::quote(column)));
            let _ = out.report_about(subject, at, message);
        }
    }
}
