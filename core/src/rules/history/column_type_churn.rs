use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "column-type-churn",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A column changed its type, or was dropped and added again, two or more times.",
    why: "Each change rewrites the table or checks every row while nobody else can use it, and each is a chance to lose values. A column that keeps changing \
          is one whose meaning is not settled: decide what it holds, and write that down in a comment on it. What is done is done: the old files stay as \
          they are. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_a.sql\nCREATE TABLE bills (id bigint PRIMARY KEY, total integer);\n-- file: 2_b.sql\nALTER TABLE bills ALTER COLUMN total TYPE numeric(10, 2);\n-- file: 3_c.sql\nALTER TABLE bills ALTER COLUMN «total» TYPE bigint;",
    ],
    silent: examples![
        "-- file: 1_a.sql\nCREATE TABLE bills (id bigint PRIMARY KEY, total integer);\n-- file: 2_b.sql\nALTER TABLE bills ALTER COLUMN total TYPE numeric(10, 2);",
        // The same type said twice changes nothing.
        "-- file: 1_a.sql\nCREATE TABLE bills (id bigint PRIMARY KEY, total integer);\n-- file: 2_b.sql\nALTER TABLE bills ALTER COLUMN total TYPE bigint;\n-- file: 3_c.sql\nALTER TABLE bills ALTER COLUMN total TYPE bigint;",
    ],
    supersedes: &[],
    check,
};

/// The types that a column was given, each with its place.
type Changes = Vec<(String, Span)>;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut changes: BTreeMap<(TableId, ColumnNumber), Changes> = BTreeMap::new();
    for (step, operation) in cx.ran() {
        let OperationKind::AlterTable(alter) = &operation.kind else { continue };
        let Some(table) = step.altered_table() else { continue };
        for (action, _) in &alter.actions {
            let AlterTableAction::SetType { column, data_type, .. } = action else { continue };
            let number = step.effects.iter().find_map(|e| match e {
                Effect::Altered(ObjectId::Column(t, c)) if *t == table => {
                    let named = cx.schema.tables.get(*t)?.columns.get(c.index())?.name == column.fold();
                    (named || alter.actions.len() == 1).then_some(*c)
                }
                _ => None,
            });
            let Some(number) = number else { continue };
            let text = format!("{}({}){}", data_type.name.fold(), data_type.modifiers.join(","), data_type.dimensions);
            let list = changes.entry((table, number)).or_default();
            if list.last().is_none_or(|(before, _)| *before != text) {
                list.push((text, column.span));
            }
        }
    }
    for (id, table) in cx.tables() {
        for (number, column) in table.live_columns() {
            out.look();
            let retyped = changes.get(&(id, number)).map_or(0, Vec::len);
            let earlier = table.columns.iter().filter(|c| c.dropped.is_some() && c.name == column.name).count();
            if retyped + earlier < 2 {
                continue;
            }
            let spans: Vec<Span> = changes.get(&(id, number)).into_iter().flatten().map(|(_, span)| *span).collect();
            let mut how = Vec::new();
            if retyped > 0 {
                how.push(format!("changed its type {}", times(retyped)));
            }
            if earlier > 0 {
                how.push(format!("was dropped and added again {}", times(earlier)));
            }
            let message = format!("`{}` {}.", cx.column_name(id, number), how.join(" and "));
            let (place, others) = match spans.split_last() {
                Some((last, others)) => (*last, others),
                None => (column.name_span, &[] as &[Span]),
            };
            let mut draft = out.report(ObjectId::Column(id, number), place, message);
            for other in others {
                draft = draft.also_at(*other);
            }
            for before in table.columns.iter().filter(|c| c.dropped.is_some() && c.name == column.name) {
                draft = draft.also_at(before.name_span);
            }
        }
    }
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{n} times"),
    }
}
