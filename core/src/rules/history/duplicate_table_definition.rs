use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-table-definition",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A table is created twice, with nothing in between that drops or renames the first.",
    why: "The second CREATE TABLE fails and, in a migration, stops everything after it: the history cannot be applied to an empty database. With IF NOT \
          EXISTS it is skipped in silence, so that whatever it says differently never takes effect. PostgreSQL manual, CREATE TABLE, and appendix A, \
          42P07.",
    fires: &[
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE «users» (id bigint PRIMARY KEY, email text);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE TABLE IF NOT EXISTS «users» (id bigint PRIMARY KEY, email text NOT NULL);",
    ],
    silent: &[
        "CREATE TABLE users (id bigint PRIMARY KEY);\nDROP TABLE users;\nCREATE TABLE users (id bigint PRIMARY KEY, email text);",
        "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users RENAME TO old_users;\nCREATE TABLE users (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for conflict in &cx.replay.conflicts {
        let Some(OperationKind::CreateTable(create)) =
            operation(cx, conflict.revision, conflict.operation).map(|o| &o.kind)
        else {
            continue;
        };
        let Some(ObjectId::Table(table)) = conflict.objects.first().copied().filter(|_| conflict.sqlstate == "42P07")
        else {
            continue;
        };
        let first = cx.schema.tables.get(table);
        let message = format!("`{}` is created a second time; PostgreSQL refuses the statement.", cx.table_name(table));
        let mut draft = out
            .report(ObjectId::Table(table), create.name.span(), message)
            .object(ObjectId::Revision(conflict.revision));
        if let Some(first) = first {
            draft = draft.also_at(first.name_span);
        }
        let _ = draft;
    }
    // With IF NOT EXISTS nothing is refused; what counts is whether the text that was skipped says something else.
    for step in &cx.replay.steps {
        let Some(operation) = operation(cx, step.revision, step.operation) else { continue };
        let OperationKind::CreateTable(create) = &operation.kind else { continue };
        out.look();
        if !create.if_not_exists || !step.effects.is_empty() || !operation.guards.is_empty() {
            continue;
        }
        let Some((id, table)) = cx.schema.tables.iter().find(|(_, t)| {
            t.name == create.name.name.fold()
                && t.name_span != create.name.span()
                && t.dropped.is_none()
                && create
                    .name
                    .schema
                    .as_ref()
                    .is_none_or(|s| cx.schema.namespaces.get(t.namespace).is_some_and(|n| n.name == s.fold()))
        }) else {
            continue;
        };
        let Some(difference) = difference(cx, table, create) else { continue };
        let message = format!(
            "`{}` exists already, so this definition is skipped: {difference} never takes effect.",
            cx.table_name(id)
        );
        out.report(ObjectId::Table(id), create.name.span(), message)
            .object(ObjectId::Revision(step.revision))
            .severity(Severity::High)
            .also_at(table.name_span);
    }
}

fn operation<'a>(cx: &Context<'a>, revision: u32, operation: u32) -> Option<&'a crate::operation::Operation> {
    cx.history.revisions.get(revision as usize)?.up.get(operation as usize)
}

/// The first thing that a skipped definition says differently from what the table is: a column that is missing, or that is to be NOT NULL.
fn difference(
    cx: &Context<'_>,
    table: &crate::schema::Table,
    create: &crate::operation::CreateTable,
) -> Option<String> {
    use crate::operation::{ColumnConstraintKind, TableElement};
    let _ = cx;
    create.elements.iter().find_map(|element| {
        let TableElement::Column(column) = element else { return None };
        let name = column.name.fold();
        let Some(existing) = table.find_column(&name).and_then(|n| table.column(n)) else {
            return Some(format!("its column `{name}`"));
        };
        let not_null = column
            .constraints
            .iter()
            .any(|c| matches!(c.kind, ColumnConstraintKind::NotNull | ColumnConstraintKind::PrimaryKey(_)));
        (not_null && !existing.not_null).then(|| format!("NOT NULL on `{name}`"))
    })
}
