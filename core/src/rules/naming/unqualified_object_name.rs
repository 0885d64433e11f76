use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::history::WrittenTarget;
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
        // Models that write both, of a metadata with a schema.
        "# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer, MetaData\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base(metadata=MetaData(schema=\"app\"))\nclass User(Base):\n    __tablename__ = \"users\"\n    id = Column(Integer, primary_key=True)\nclass Order(Base):\n    __tablename__ = \"orders\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(«\"users.id\"»), index=True)\nclass Note(Base):\n    __tablename__ = \"notes\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(\"app.users.id\"), index=True)\n",
    ],
    silent: examples![
        // One way, and a schema that must be written.
        "# file: models.py\nfrom sqlalchemy import Column, ForeignKey, Integer, MetaData\nfrom sqlalchemy.orm import declarative_base\nBase = declarative_base(metadata=MetaData(schema=\"app\"))\nclass User(Base):\n    __tablename__ = \"users\"\n    __table_args__ = {\"schema\": \"auth\"}\n    id = Column(Integer, primary_key=True)\nclass Order(Base):\n    __tablename__ = \"orders\"\n    id = Column(Integer, primary_key=True)\n    user_id = Column(ForeignKey(\"auth.users.id\"), index=True)\nclass Line(Base):\n    __tablename__ = \"lines\"\n    id = Column(Integer, primary_key=True)\n    order_id = Column(ForeignKey(\"orders.id\"), index=True)\n",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);",
        // The path is set.
        "CREATE SCHEMA app;\nCREATE TABLE app.a (id bigint PRIMARY KEY);\nCREATE TABLE app.b (id bigint PRIMARY KEY);\nCREATE TABLE app.c (id bigint PRIMARY KEY);\nSET search_path = app;\nCREATE TABLE d (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let operations = || cx.history.revisions.iter().flat_map(|r| &r.up).map(|o| &o.kind);
    let sets_path =
        cx.history.search_path.is_some() || operations().any(|o| matches!(o, OperationKind::SetSearchPath { .. }));
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
    two_ways(cx, out);
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

/// Foreign keys of models that name tables of one schema with it and without it: the deviation is the set.
fn two_ways(cx: &Context<'_>, out: &mut Findings<'_>) {
    let targets = &cx.history.written_targets;
    let (with, without): (Vec<&WrittenTarget>, Vec<&WrittenTarget>) = targets.iter().partition(|t| t.with_schema);
    for _ in targets {
        out.look();
    }
    let (Some(first), false) = (without.first(), with.is_empty()) else { return };
    // What a class takes from a mixin stands in one place for several tables, and is told for each of them.
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    let places: Vec<Span> = without.iter().chain(&with).map(|t| t.span).filter(|span| seen.insert(*span)).collect();
    let of = |place: &Span| {
        let keys = cx.foreign_keys().filter(|key| key.constraint.span.contains(*place));
        keys.flat_map(|key| key.constraint.columns.iter().map(move |c| ObjectId::Column(key.table, *c)))
            .collect::<Vec<_>>()
    };
    let mut objects = places.iter().flat_map(of);
    let Some(subject) = objects.next() else { return };
    let key = cx.foreign_keys().find(|key| key.constraint.span.contains(first.span));
    let named = key.and_then(|key| cx.schema.namespaces.get(cx.schema.tables.get(key.fk.references)?.namespace));
    let Some(schema) = named.map(|n| n.name.clone()) else { return };
    let message = format!(
        "Foreign keys name tables of the schema `{schema}` in two ways: {} without it, {} with it.",
        without.len(),
        with.len()
    );
    let mut draft = out.report(subject, first.span, message).objects(objects);
    for other in places.iter().skip(1) {
        draft = draft.also_at(*other);
    }
    draft.evidence(
        "The metadata gives its schema to names without one, and the reference is the same; whoever searches or reads them sees two."
            .to_owned(),
    );
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
