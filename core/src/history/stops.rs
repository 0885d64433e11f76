//! Where a history's runner would stop.

use super::{History, RunnerTransaction};
use crate::operation::{Operation, OperationKind, Transaction};
use crate::replay::{Conflict, Replay};

/// The first statement that the database refuses, and what its failure takes back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StopsAt<'a> {
    /// What is refused: revision, statement, SQLSTATE, message.
    pub conflict: &'a Conflict,
    /// What of the history is taken back.
    pub undone: Undone,
}

/// What a failing statement takes back, besides itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undone {
    /// Nothing: the statements before it stay, and the revision is half applied.
    Nothing,
    /// The operations of the revision from this place on: the transaction block that it stands in.
    Block(u32),
    /// The revision.
    Revision,
    /// Every revision of the run.
    Run,
}

impl Undone {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "statement",
            Self::Block(_) => "block",
            Self::Revision => "revision",
            Self::Run => "run",
        }
    }
}

/// Where the runner stops: every runner does at the first error.
pub fn stops_at<'a>(history: &History, replay: &'a Replay) -> Option<StopsAt<'a>> {
    let conflict = replay.conflicts.iter().min_by_key(|c| (c.revision, c.operation))?;
    let revision = history.revisions.get(conflict.revision as usize)?;
    let before = revision.up.get(..conflict.operation as usize).unwrap_or(&revision.up);
    Some(StopsAt { conflict, undone: undone(revision.transaction, &revision.up, before) })
}

fn undone(transaction: RunnerTransaction, all: &[Operation], before: &[Operation]) -> Undone {
    let wrapped = transaction.wraps(all);
    // The block that is open at the statement, by where it begins; `None` outside of one.
    let mut open: Option<usize> = wrapped.then_some(0);
    for (at, operation) in before.iter().enumerate() {
        match &operation.kind {
            OperationKind::Transaction(Transaction::Begin) if open.is_none() => open = Some(at),
            OperationKind::Transaction(Transaction::Commit | Transaction::Rollback) => {
                // What follows in the same message is a transaction again.
                open = (transaction == RunnerTransaction::PerMessage).then_some(at + 1);
            }
            _ => {}
        }
    }
    match open {
        None => Undone::Nothing,
        Some(0) if wrapped && transaction == RunnerTransaction::PerRun => Undone::Run,
        Some(0) if wrapped => Undone::Revision,
        Some(at) => Undone::Block(u32::try_from(at).unwrap_or(u32::MAX)),
    }
}
