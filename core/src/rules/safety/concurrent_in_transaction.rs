use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{ObjectKind, Operation, OperationKind, Transaction};
use crate::rules::support::{is_wrapped, runs_alone};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "concurrent-in-transaction",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A CONCURRENTLY statement runs inside a transaction, where PostgreSQL refuses it.",
    why: "CREATE INDEX CONCURRENTLY and its relatives commit in between and so cannot be part of a transaction: the migration stops \
          with 25001. A transaction is what BEGIN opens, what most runners put around a file, and what a file of several statements \
          becomes when it is sent as one query (golang-migrate, Prisma). Give it a migration of its own, outside a transaction by the \
          runner's own switch. PostgreSQL manual, CREATE INDEX, \"Building Indexes Concurrently\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nBEGIN;\n«CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note)»;\nCOMMIT;",
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nCREATE INDEX orders_note_idx ON orders (note);\nBEGIN;\n«DROP INDEX CONCURRENTLY orders_note_idx»;\nCOMMIT;",
        "-- file: 00001_base.sql\n-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: 00002_index.sql\n-- +goose Up\n«CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note)»;",
        // One message of two statements is one transaction.
        "-- file: 1_base.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text, kind text);\n-- file: 1_base.down.sql\nDROP TABLE orders;\n-- file: 2_index.up.sql\n«CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note)»;\n«CREATE INDEX CONCURRENTLY orders_kind_idx ON orders (kind)»;\n-- file: 2_index.down.sql\nSELECT 1;",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nBEGIN;\nALTER TABLE orders ADD COLUMN at timestamptz;\nCOMMIT;\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        "-- file: 1_base.up.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: 1_base.down.sql\nDROP TABLE orders;\n-- file: 2_index.up.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n-- file: 2_index.down.sql\nDROP INDEX orders_note_idx;",
        "-- file: 00001_base.sql\n-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: 00002_index.sql\n-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
    ],
    supersedes: &[],
    check,
};

/// `active_sql_transaction`. Source: PostgreSQL manual, appendix A.
const ACTIVE_TRANSACTION: &str = "25001";

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (number, revision) in (0_u32..).zip(&cx.history.revisions) {
        let mut wrapped = is_wrapped(revision);
        for (at, operation) in (0_u32..).zip(&revision.up) {
            match &operation.kind {
                OperationKind::Transaction(Transaction::Begin) => wrapped = is_wrapped(revision),
                // What a COMMIT of the file ends is the runner's transaction (Alembic's autocommit_block).
                OperationKind::Transaction(Transaction::Commit | Transaction::Rollback) => wrapped = false,
                _ => {}
            }
            let Some(what) = runs_alone(operation) else { continue };
            out.look();
            let refused = cx
                .replay
                .conflicts
                .iter()
                .any(|c| (c.revision, c.operation) == (number, at) && c.sqlstate == ACTIVE_TRANSACTION);
            if !refused && !wrapped {
                continue;
            }
            let message = if refused && !wrapped {
                format!("`{what}` stands between BEGIN and COMMIT; PostgreSQL refuses it there.")
            } else {
                format!(
                    "`{what}` runs in the transaction that the runner opens for the file; PostgreSQL refuses it there."
                )
            };
            let subject = cx.revision(number).unwrap_or_else(|| Subject::new(ObjectKind::File, String::new()));
            let mut draft = out.report_about(subject, operation.span, message);
            if let Some(object) = subject_of(operation) {
                draft = draft.maybe_subject(Some(object));
            }
            let _ = draft.evidence(format!("The layout is {}.", cx.target.layout));
        }
    }
}

/// The index or table that it names.
fn subject_of(operation: &Operation) -> Option<Subject> {
    match &operation.kind {
        OperationKind::CreateIndex(index) => {
            Some(Subject::new(ObjectKind::Index, index.name.as_ref().map_or(&index.table.name, |n| n).fold().as_str()))
        }
        OperationKind::Drop(drop) => drop.targets.first().map(|t| Subject::new(t.kind, t.name.name.fold().as_str())),
        OperationKind::AlterTable(alter) => Some(Subject::new(ObjectKind::Table, alter.name.name.fold().as_str())),
        _ => None,
    }
}
