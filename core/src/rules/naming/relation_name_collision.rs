use std::collections::BTreeMap;

use crate::finding::Subject;
use crate::finding::{Certainty, Severity};
use crate::name::QualifiedName;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "relation-name-collision",
    category: Category::Naming,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "Two relations of different kinds claim one name, or two names differ only in capitals.",
    why: "Tables, views, indexes, sequences and composite types of a schema share one set of names: the second of them is refused, and with it \
          the statement that it stands in. Names that differ only in capitals are allowed, and invite writing one where the other is meant, \
          for without quotes both become the same. PostgreSQL manual, 5.9 \"Schemas\" and 4.1.1 \"Identifiers and Key Words\".",
    fires: examples![
        "CREATE TABLE totals (id bigint PRIMARY KEY);\nCREATE VIEW «totals» AS SELECT 1 AS one;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE «\"Users\"» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE totals (id bigint PRIMARY KEY);\nCREATE VIEW all_totals AS SELECT id FROM totals;",
        // Other schemas have their own names.
        "CREATE SCHEMA stock;\nCREATE TABLE totals (id bigint PRIMARY KEY);\nCREATE VIEW stock.totals AS SELECT 1 AS one;",
        // Once more the same kind: another rule's business.
        "CREATE TABLE totals (id bigint PRIMARY KEY);\nCREATE TABLE totals (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for conflict in cx.replay.conflicts.iter().filter(|c| matches!(c.sqlstate, "42P07" | "42809")) {
        let Some(existing) = conflict.objects.first().copied() else { continue };
        let Some((kind, name)) = refused(cx, conflict).and_then(|o| made(&o.kind)) else { continue };
        let other = cx.schema.kind(existing);
        if name.span() != conflict.span && name.name.span != conflict.span {
            continue;
        }
        out.look();
        if class(kind) == class(other) {
            continue;
        }
        let message = format!("`{}` is to be a {}, and is a {} already.", name.name.fold(), kind.name(), other.name());
        let mut draft = out
            .report_about(Subject::new(kind, written_path(name)), conflict.span, message)
            .object(existing)
            .maybe_subject(cx.revision(conflict.revision));
        if let Some(place) = cx.schema.object_span(existing) {
            draft = draft.also_at(place);
        }
        let _ = draft;
    }
    let mut folded: BTreeMap<(NamespaceId, String), TableId> = BTreeMap::new();
    for (id, table) in cx.tables() {
        out.look();
        let Some(first) = folded.insert((table.namespace, table.name.to_lowercase()), id) else { continue };
        let message = format!(
            "`{}` and `{}` differ only in capitals.",
            cx.schema.tables.get(first).map_or("", |t| t.name.as_str()),
            table.name
        );
        out.report(ObjectId::Table(id), table.name_span, message).object(ObjectId::Table(first));
    }
}

/// The relation that a statement makes.
fn made(operation: &OperationKind) -> Option<(ObjectKind, &QualifiedName)> {
    Some(match operation {
        OperationKind::CreateTable(t) => (ObjectKind::Table, &t.name),
        OperationKind::CreateView(v) if v.materialized => (ObjectKind::MaterializedView, &v.name),
        OperationKind::CreateView(v) => (ObjectKind::View, &v.name),
        OperationKind::CreateSequence(s) => (ObjectKind::Sequence, &s.name),
        OperationKind::CreateType { name, .. } => (ObjectKind::Type, name),
        _ => return None,
    })
}

/// Kinds that replace each other are one.
fn class(kind: ObjectKind) -> ObjectKind {
    match kind {
        ObjectKind::ForeignTable => ObjectKind::Table,
        other => other,
    }
}
