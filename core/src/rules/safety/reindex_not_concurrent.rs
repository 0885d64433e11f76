use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::Note;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "reindex-not-concurrent",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "REINDEX without CONCURRENTLY rebuilds the indexes of a table that was there before the migration.",
    why: "REINDEX blocks writes to the table and every query that would use the index, until it is built. Since version 12 REINDEX … \
          CONCURRENTLY builds the new index beside the old one. PostgreSQL manual, REINDEX, \"Rebuilding Indexes Concurrently\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nREINDEX TABLE «orders»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nREINDEX INDEX «orders_pkey»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nREINDEX TABLE CONCURRENTLY orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nREINDEX TABLE orders;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Reindex { target: Some(target), concurrently, .. } = &at.operation.kind else { continue };
        let used = cx.notes(at).find_map(|n| match n {
            Note::Uses(RelationId::Table(t)) => Some((*t, ObjectId::Table(*t))),
            Note::Uses(RelationId::Index(i)) => match cx.schema.indexes.get(*i)?.owner {
                RelationId::Table(t) => Some((t, ObjectId::Index(*i))),
                _ => None,
            },
            _ => None,
        });
        let Some((table, subject)) = used.filter(|(t, _)| cx.is_old(*t, at.revision)) else { continue };
        out.look();
        if *concurrently {
            continue;
        }
        let message = format!(
            "REINDEX of `{}` keeps writes out of `{}` until it is done.",
            cx.name(subject),
            cx.table_name(table)
        );
        let mut draft = cx.report_step(out, at, subject, target.span(), message);
        if cx.target.server_version >= 12 {
            draft = draft.evidence("`REINDEX … CONCURRENTLY`, outside a transaction, lets writes go on.".to_owned());
        }
        let _ = draft;
    }
}
