use crate::finding::{Certainty, Severity, Subject};
use crate::name::quote;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::TableKind;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "partition-key-not-in-unique",
    category: Category::Partitioning,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A primary key or unique rule of a partitioned table leaves out a column that the table is partitioned by.",
    why: "PostgreSQL refuses it: each partition has an index of its own, and only where the partition key belongs to the unique columns can no two partitions \
          hold the same values. A table whose definition says so is never made. Add the partition key to the primary key, or keep what must be unique over all \
          partitions, such as an idempotency key, in a table of its own. PostgreSQL manual, 5.11.2.3 \"Limitations\" of declarative partitioning.",
    fires: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, «PRIMARY KEY (id)») PARTITION BY RANGE (at);",
        "CREATE TABLE logs (id bigint, at date NOT NULL, token text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE UNIQUE INDEX logs_token ON «logs» (token);",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: logs\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | «PK» |\n| at | TIMESTAMPTZ | NOT NULL |\n\n**Partitioning:** PARTITION BY RANGE (at)\n",
    ],
    silent: examples![
        "CREATE TABLE logs (id bigint, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs DEFAULT;\nCREATE INDEX ON logs (id);",
        // Each partition may have a unique rule of its own.
        "CREATE TABLE logs (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE logs_rest PARTITION OF logs (PRIMARY KEY (id)) DEFAULT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, table) in cx.tables().filter(|(_, t)| t.kind == TableKind::Partitioned) {
        for _ in cx.schema.indexes_of(table).filter(|(_, i)| i.unique) {
            out.look();
        }
    }
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "0A000") {
        let lacks = conflict.message.contains("must include all partitioning columns");
        if !lacks && !conflict.message.contains("constraint with partition key definition") {
            continue;
        }
        let (table, index) = match refused(cx, conflict).map(|o| &o.kind) {
            Some(OperationKind::CreateTable(create)) => (&create.name, None),
            Some(OperationKind::AlterTable(alter)) => (&alter.name, None),
            Some(OperationKind::CreateIndex(create)) => (&create.table, create.name.as_ref()),
            _ => continue,
        };
        out.look();
        let path = written_path(table);
        let name = table.name.fold();
        // The column is what the message quotes last.
        let column = conflict.message.rsplit('"').nth(1).filter(|_| lacks);
        let message = match column {
            Some(column) => format!(
                "`{name}` is partitioned by `{column}`, which this unique rule leaves out: PostgreSQL refuses it."
            ),
            None => format!("`{name}` is partitioned by an expression, beside which PostgreSQL takes no unique rule."),
        };
        let mut draft = out.report_about(Subject::new(ObjectKind::Table, path.clone()), conflict.span, message);
        if let Some(column) = column {
            draft = draft.maybe_subject(Some(Subject::new(ObjectKind::Column, format!("{path}.{}", quote(column)))));
        }
        if let Some(index) = index {
            draft =
                draft.maybe_subject(Some(Subject::new(ObjectKind::Index, format!("{path}.{}", quote(&index.fold())))));
        }
        draft.maybe_subject(cx.revision(conflict.revision));
    }
}
