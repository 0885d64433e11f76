use crate::finding::Subject;
use crate::finding::{Certainty, Severity};
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-primary-key",
    category: Category::KeysAndReferences,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A table declares a primary key twice.",
    why: "A table has one primary key. With a second one, on a column and again in a clause of the table, or added to a table that has one, \
          PostgreSQL refuses the whole statement. Where the second is the one that is meant, as with a partitioned table whose key must hold \
          the partition column, the first has to go. PostgreSQL manual, 5.4.4 \"Primary Keys\".",
    fires: examples![
        "CREATE TABLE costs (id bigint PRIMARY KEY, at date, «PRIMARY KEY (id, at)»);",
        "CREATE TABLE costs (id bigint PRIMARY KEY, at date);\nALTER TABLE costs ADD «CONSTRAINT costs_key PRIMARY KEY (id, at)»;",
    ],
    silent: examples![
        "CREATE TABLE costs (id bigint, at date, PRIMARY KEY (id, at));",
        "CREATE TABLE costs (id bigint PRIMARY KEY, at date);\nALTER TABLE costs DROP CONSTRAINT costs_pkey, ADD PRIMARY KEY (id, at);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for _ in cx.tables() {
        out.look();
    }
    for conflict in &cx.replay.conflicts {
        if conflict.sqlstate != "42P16" || !conflict.message.starts_with("multiple primary keys") {
            continue;
        }
        let name = match refused(cx, conflict).map(|o| &o.kind) {
            Some(OperationKind::CreateTable(create)) => &create.name,
            Some(OperationKind::AlterTable(alter)) => &alter.name,
            _ => continue,
        };
        out.look();
        let message =
            format!("`{}` is given a second primary key; PostgreSQL refuses the statement.", name.name.fold());
        let mut draft = out
            .report_about(Subject::new(ObjectKind::Table, written_path(name)), conflict.span, message)
            .maybe_subject(cx.revision(conflict.revision));
        for other in &conflict.objects {
            if let Some(place) = cx.schema.object_span(*other) {
                draft = draft.object(*other).also_at(place);
            }
        }
        let _ = draft;
    }
}
