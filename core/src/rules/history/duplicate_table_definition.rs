use std::collections::BTreeMap;

use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::{ColumnConstraintKind, CreateTable, OperationKind, TableElement, TypeName};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-table-definition",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A table is created twice, with nothing in between that drops or renames the first.",
    why: "The second CREATE TABLE fails and, in a migration, stops everything after it: the history cannot be applied to an empty database. With IF NOT \
          EXISTS it is skipped in silence, so that whatever it says differently never takes effect. PostgreSQL manual, CREATE TABLE, and appendix A, \
          42P07.",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE «users» (id bigint PRIMARY KEY, email text);",
        "CREATE TABLE «posts» (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE TABLE IF NOT EXISTS «users» (id bigint PRIMARY KEY, email text NOT NULL);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nDROP TABLE users;\nCREATE TABLE users (id bigint PRIMARY KEY, email text);",
        "CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users RENAME TO old_users;\nCREATE TABLE users (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A document has no order of execution; what cannot be in it is another rule's business.
    if cx.target.role == Role::Document {
        return;
    }
    for conflict in &cx.replay.conflicts {
        let Some(OperationKind::CreateTable(create)) =
            cx.operation(conflict.revision, conflict.operation).map(|o| &o.kind)
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
            .maybe_subject(cx.revision(conflict.revision));
        if let Some(first) = first {
            draft = draft.also_at(first.name_span);
        }
        let _ = draft;
    }
    refused_and_made(cx, out);
    // With IF NOT EXISTS nothing is refused; what counts is whether the text that was skipped says something else.
    for step in &cx.replay.steps {
        let Some(operation) = cx.operation(step.revision, step.operation) else { continue };
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
        let differences = differences(table, first_definition(cx, table), create);
        let Some((_, first)) = differences.first() else { continue };
        let more = match differences.len() {
            1 => "never takes effect".to_owned(),
            2 => "and another difference never take effect".to_owned(),
            n => format!("and {} other differences never take effect", n - 1),
        };
        let message = format!("`{}` exists already, so this definition is skipped: {first} {more}.", cx.table_name(id));
        let columns = differences.iter().filter_map(|(column, _)| *column).map(|c| ObjectId::Column(id, c));
        out.report(ObjectId::Table(id), create.name.span(), message)
            .maybe_subject(cx.revision(step.revision))
            .objects(columns)
            .severity(Severity::High)
            .also_at(table.name_span);
    }
}

/// Tables of which one of two definitions was refused for another reason, as when what it refers to comes later: mended, the two collide.
fn refused_and_made(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut refused: BTreeMap<Name, Vec<(u32, &CreateTable)>> = BTreeMap::new();
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate != "42P07") {
        if let Some(OperationKind::CreateTable(create)) =
            cx.operation(conflict.revision, conflict.operation).map(|o| &o.kind)
        {
            refused.entry(create.name.name.fold()).or_default().push((conflict.revision, create));
        }
    }
    if refused.is_empty() {
        return;
    }
    for (id, table) in cx.tables() {
        let schema = cx.schema.namespaces.get(table.namespace).map(|n| &n.name);
        // A table that was made in spite of the refusal is not made twice.
        let same = |c: &CreateTable| {
            c.name.span() != table.name_span
                && c.name.name.span != table.name_span
                && c.name.schema.as_ref().is_none_or(|s| Some(&s.fold()) == schema)
        };
        for (revision, create) in refused.get(&table.name).into_iter().flatten().filter(|(_, c)| same(c)) {
            let message = format!("`{}` is created twice; of the two statements only one can run.", cx.table_name(id));
            let _ = out
                .report(ObjectId::Table(id), create.name.span(), message)
                .maybe_subject(cx.revision(*revision))
                .also_at(table.name_span);
        }
    }
}

/// The statement that made a table.
fn first_definition<'a>(cx: &Context<'a>, table: &Table) -> Option<&'a CreateTable> {
    cx.history.revisions.iter().flat_map(|r| &r.up).find_map(|o| match &o.kind {
        OperationKind::CreateTable(create)
            if create.name.name.span == table.name_span || create.name.span() == table.name_span =>
        {
            Some(&**create)
        }
        _ => None,
    })
}

/// The type that a definition gives a column.
fn type_in<'a>(create: &'a CreateTable, name: &str) -> Option<&'a TypeName> {
    create.elements.iter().find_map(|element| match element {
        TableElement::Column(column) if column.name.fold() == name => column.data_type.as_ref(),
        _ => None,
    })
}

/// What a skipped definition says differently from what the table is: columns that are missing, that are to be NOT NULL, or that have a type of
/// another name.
fn differences(
    table: &Table,
    first: Option<&CreateTable>,
    create: &CreateTable,
) -> Vec<(Option<ColumnNumber>, String)> {
    let mut out = Vec::new();
    for element in &create.elements {
        let TableElement::Column(column) = element else { continue };
        let name = column.name.fold();
        let Some((number, existing)) = table.find_column(&name).and_then(|n| Some((n, table.column(n)?))) else {
            out.push((None, format!("its column `{name}`")));
            continue;
        };
        let not_null = column
            .constraints
            .iter()
            .any(|c| matches!(c.kind, ColumnConstraintKind::NotNull | ColumnConstraintKind::PrimaryKey(_)));
        if not_null && !existing.not_null {
            out.push((Some(number), format!("NOT NULL on `{name}`")));
        } else if let (Some(now), Some(then)) = (&column.data_type, first.and_then(|f| type_in(f, &name)))
            && (now.name.fold() != then.name.fold()
                || now.modifiers != then.modifiers
                || now.dimensions != then.dimensions)
        {
            out.push((Some(number), format!("the type of `{name}`")));
        }
    }
    out
}
