use crate::finding::{Certainty, Severity};
use crate::history::RunnerTransaction;
use crate::operation::{OperationKind, Transaction};
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unbalanced-transaction",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A BEGIN is never ended, or stands inside a transaction that is open already.",
    why: "A second BEGIN only warns, and the first COMMIT then ends the whole: what follows runs by itself and stays when a later \
          statement fails. In a file that the runner wraps, the COMMIT ends the runner's own transaction. Without COMMIT the work is \
          thrown away when the connection closes, or left to whoever uses it next. PostgreSQL manual, BEGIN, \"Notes\".",
    fires: examples![
        "«BEGIN»;\nCREATE TABLE t (id int);",
        "BEGIN;\nCREATE TABLE t (id int);\n«BEGIN»;\nCREATE TABLE u (id int);\nCOMMIT;",
        "-- file: V1__base.sql\nCREATE TABLE t (id int);\n-- file: V2__change.sql\n«BEGIN»;\nCREATE TABLE u (id int);\nCOMMIT;\nCREATE TABLE v (id int);",
    ],
    silent: examples![
        "BEGIN;\nCREATE TABLE t (id int);\nCOMMIT;",
        "START TRANSACTION;\nCREATE TABLE t (id int);\nSAVEPOINT a;\nRELEASE a;\nEND;",
        "-- file: 1_base.sql\nBEGIN;\nCREATE TABLE t (id int);\nCOMMIT;\n-- file: 2_change.sql\nBEGIN;\nCREATE TABLE u (id int);\nCOMMIT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (number, revision) in (0_u32..).zip(&cx.history.revisions) {
        let wrapped = matches!(revision.transaction, RunnerTransaction::PerFile | RunnerTransaction::PerRun);
        let Some(subject) = cx.revision(number) else { continue };
        // Without a layout a revision goes by its whole path.
        let name = subject.path.rsplit('/').next().unwrap_or_default();
        let mut open: Option<Span> = None;
        // Where the runner's transaction was ended in the file (Alembic's autocommit_block), a BEGIN opens it anew.
        let mut in_runners = wrapped;
        let mut told = false;
        for (at, operation) in revision.up.iter().enumerate() {
            let OperationKind::Transaction(transaction) = &operation.kind else { continue };
            out.look();
            match transaction {
                Transaction::Begin => {
                    let nested = open.replace(operation.span).is_some();
                    if (!nested && !in_runners) || told {
                        continue;
                    }
                    told = true;
                    let first_and_last = at == 0
                        && matches!(
                            revision.up.last().map(|o| &o.kind),
                            Some(OperationKind::Transaction(Transaction::Commit))
                        )
                        && revision.up.iter().filter(|o| is_boundary(&o.kind)).count() == 2;
                    let (message, severity) = if nested {
                        (format!("`{name}` begins a transaction inside another one."), Severity::High)
                    } else if first_and_last {
                        (
                            format!(
                                "`{name}` begins a transaction of its own inside the runner's; its COMMIT ends both."
                            ),
                            Severity::Low,
                        )
                    } else {
                        (
                            format!(
                                "`{name}` begins a transaction inside the runner's; what follows its COMMIT runs by itself."
                            ),
                            Severity::High,
                        )
                    };
                    let _ = out.report_about(subject.clone(), operation.span, message).severity(severity);
                }
                Transaction::Commit | Transaction::Rollback => {
                    open = None;
                    in_runners = false;
                }
                Transaction::Savepoint(_)
                | Transaction::RollbackTo(_)
                | Transaction::Release(_)
                | Transaction::Enter(_)
                | Transaction::Leave
                | Transaction::Raise(_) => {}
            }
        }
        if let Some(span) = open.filter(|_| !told && !wrapped) {
            let message = format!("`{name}` begins a transaction and never ends it.");
            let _ = out.report_about(subject, span, message);
        }
    }
}

/// Whether an operation begins or ends a transaction or a savepoint in it; a block of PL/pgSQL does neither.
fn is_boundary(kind: &OperationKind) -> bool {
    let OperationKind::Transaction(transaction) = kind else { return false };
    !matches!(transaction, Transaction::Enter(_) | Transaction::Leave | Transaction::Raise(_))
}
