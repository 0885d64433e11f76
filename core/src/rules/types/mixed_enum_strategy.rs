use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_enum, list, number, pinned, values_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId, TypeKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mixed-enum-strategy",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "Closed sets of values are enum types in some tables and CHECK lists in others.",
    why: "Each way is sound. A native enum is compact and ordered, but a value can be added, not removed; a CHECK list can be replaced in a migration. Where a \
          schema uses both at random, every change of a set starts with finding out which way it is made, and tools see two kinds of columns for one kind \
          of thing. PostgreSQL manual, 8.7 \"Enumerated Types\" and 5.4.1 \"Check Constraints\".",
    fires: examples![
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TYPE size AS ENUM ('s', 'l');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood, size size, state text «CHECK (state IN ('open', 'done'))»);",
    ],
    silent: examples![
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood);",
        "CREATE TABLE a (id bigint PRIMARY KEY, state text CHECK (state IN ('open', 'done')), kind text CHECK (kind IN ('x', 'y')));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "enum-strategy", out) {
        return;
    }
    let enums: Vec<_> = cx
        .all_columns_where(|_| true, |t| is_enum(cx.schema, t))
        .into_iter()
        .map(|(id, _, number, column)| (ObjectId::Column(id, number), column.type_span))
        .collect();
    out.look_at(enums.len());
    let mut checks = Vec::new();
    for (_, table) in cx.tables() {
        for (constraint_id, constraint) in cx.schema.constraints_of(table).filter(|(_, c)| c.inherit_count == 0) {
            if let (ConstraintKind::Check(check), [number]) = (&constraint.kind, constraint.columns.as_slice())
                && let Some(column) = table.column(*number)
                && values_of(check.source.tree(), &column.name).is_some_and(|v| v.len() > 1)
            {
                out.look();
                checks.push((ObjectId::Constraint(constraint_id), constraint.span));
            }
        }
    }
    let (minority, majority) = if checks.len() <= enums.len() { (&checks, &enums) } else { (&enums, &checks) };
    let Some((first, place)) = minority.first().filter(|_| majority.len() >= 2) else { return };
    let names: Vec<String> = minority.iter().map(|(id, _)| format!("`{}`", cx.name(*id))).collect();
    let message = format!(
        "Closed sets are made in two ways: {} by an enum type, {} by a CHECK list; the exception{} {}.",
        number(enums.len(), "column", "columns"),
        number(checks.len(), "column", "columns"),
        if names.len() == 1 { " is" } else { "s are" },
        list(&names)
    );
    let mut draft = out.report(*first, *place, message);
    for (id, place) in minority.iter().skip(1) {
        draft = draft.object(*id).also_at(*place);
    }
    // The types themselves are part of it, those that no column uses too.
    if checks.len() > enums.len() {
        let types = cx.schema.types.iter().filter(|(_, t)| t.dropped.is_none() && cx.owns_namespace(t.namespace));
        let enums = types.filter(|(_, t)| matches!(t.kind, TypeKind::Enum(_)));
        draft = draft.compared_with(enums.map(|(id, _)| ObjectId::Type(id)));
    }
    let _ = draft;
}
