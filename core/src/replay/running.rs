//! A database in which a history runs while it is still being read: a migration may ask it what it holds, and do as it answers.

use super::Replayer;
use super::assumed::SetUp;
use super::blocks::MAX_TABLES;
use crate::collections::Lookup;
use crate::history::History;
use crate::operation::Operation;
use crate::schema::Schema;

/// The database, as far as the history has run.
pub(crate) struct Running {
    replayer: Replayer,
    revisions: u32,
    /// How many more tables may be looked at.
    left: usize,
}

impl Running {
    /// An empty one, or one that others share ([`History::shared`]): there what is missing is theirs.
    pub(crate) fn new(shared: bool) -> Self {
        let set_up = SetUp { own: shared.then(Lookup::default), ..SetUp::of(&History::default()) };
        Self { replayer: Replayer::new(set_up), revisions: 0, left: MAX_TABLES }
    }

    /// Runs a revision.
    pub(crate) fn run(&mut self, operations: &[Operation]) {
        for (at, operation) in (0_u32..).zip(operations) {
            self.replayer.operation(self.revisions, at, operation);
        }
        self.revisions += 1;
    }

    /// What it would hold after some more operations. Nothing once that was asked too often.
    pub(crate) fn after(&mut self, operations: &[Operation]) -> Option<Schema> {
        self.left = self.left.checked_sub(self.replayer.schema.tables.len() + 1)?;
        let mut ahead = Self { replayer: self.replayer.clone(), revisions: self.revisions, left: self.left };
        ahead.run(operations);
        Some(ahead.replayer.schema)
    }
}
