use crate::finding::{Certainty, Severity};
use crate::name::QualifiedName;
use crate::operation::{
    ColumnConstraintKind, ConstraintDefKind, CreateTable, OperationKind, Persistence, TableElement,
};
use crate::rules::support::{Targets, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unqualified-object-name",
    category: Category::Naming,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A table is made, or referred to, without its schema, where the others are written with it.",
    why: "Without a schema in front PostgreSQL takes the first one of the search path, which belongs to the role and the session, not to the \
          file: run by another role the table comes to be in `public`, or the foreign key finds another table of that name. The rule speaks \
          where three quarters of the tables are made with their schema written and nothing sets the path. PostgreSQL manual, 5.9.3 \"The \
          Schema Search Path\".",
    fires: examples![
        "CREATE SCHEMA app;\nCREATE TABLE app.a (id bigint PRIMARY KEY);\nCREATE TABLE app.b (id bigint PRIMARY KEY);\nCREATE TABLE app.c (id bigint PRIMARY KEY);\nCREATE TABLE «d» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);",
        // The path is set.
        "CREATE SCHEMA app;\nCREATE TABLE app.a (id bigint PRIMARY KEY);\nCREATE TABLE app.b (id bigint PRIMARY KEY);\nCREATE TABLE app.c (id bigint PRIMARY KEY);\nSET search_path = app;\nCREATE TABLE d (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let operations = || cx.history.revisions.iter().flat_map(|r| &r.up).map(|o| &o.kind);
    let sets_path = operations().any(|o| matches!(o, OperationKind::SetSearchPath { .. }));
    let made: Vec<&CreateTable> = operations()
        .filter_map(|o| match o {
            OperationKind::CreateTable(t) if t.persistence != Persistence::Temporary => Some(&**t),
            _ => None,
        })
        .collect();
    let with = made.iter().filter(|t| t.name.schema.is_some()).count();
    for _ in &made {
        out.look();
    }
    if sets_path || with < 3 || with * 4 < made.len() * 3 {
        return;
    }
    let targets = Targets::of(cx);
    let evidence = format!("{with} of {} are made with their schema.", number_of_tables(made.len()));
    for create in &made {
        if create.name.schema.is_none()
            && let Some(id) = targets.find(cx, &create.name).filter(|id| cx.owns(*id))
        {
            let message = format!(
                "`{}` is made without a schema: it comes to be wherever the search path starts.",
                create.name.name.fold()
            );
            out.report(ObjectId::Table(id), create.name.span(), message).evidence(evidence.clone());
        }
    }
    for key in cx.foreign_keys() {
        let Some(written) = written_target(&made, key.constraint.span) else { continue };
        if written.schema.is_some() {
            continue;
        }
        let message = format!(
            "`{}` refers to `{}` without its schema: which table that is depends on the search path.",
            key.constraint.name,
            written.name.fold()
        );
        out.report(ObjectId::Constraint(key.id), written.span(), message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
            .object(ObjectId::Table(key.fk.references))
            .evidence(evidence.clone());
    }
}

/// What a foreign key of CREATE TABLE refers to, as written.
fn written_target<'a>(made: &[&'a CreateTable], span: Span) -> Option<&'a QualifiedName> {
    // Tables come in the order of the files; their elements lie inside of the statement, after its name.
    let elements = made.iter().flat_map(|t| &t.elements);
    elements
        .filter_map(|e| match e {
            TableElement::Column(column) => {
                column.constraints.iter().find(|c| c.span == span).and_then(|c| match &c.kind {
                    ColumnConstraintKind::References(r) => Some(&r.table),
                    _ => None,
                })
            }
            TableElement::Constraint(c) if c.span == span => match &c.kind {
                ConstraintDefKind::ForeignKey { references, .. } => Some(&references.table),
                _ => None,
            },
            _ => None,
        })
        .next()
}
