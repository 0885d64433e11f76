//! Notes: what the end state and a step's effects do not tell, and rules about single steps ask for.
//!
//! A history of one revision has none: in a dump everything is new, so that nobody asks what was before.

use super::Replayer;
use crate::operation::Persistence;
use crate::schema::{ColumnNumber, DataType, RelationId, TableId};

/// A note with the step that it belongs to.
#[derive(Clone, PartialEq, Debug)]
pub struct StepNote {
    /// The step, by its place among the steps.
    pub step: u32,
    /// What there is to know.
    pub note: Note,
}

/// What was before a step, and what it names without changing it.
#[derive(Clone, PartialEq, Debug)]
pub enum Note {
    /// A statement that leaves the schema alone names this relation as what it works on: DML, TRUNCATE, LOCK, REINDEX, CLUSTER, REFRESH.
    Uses(RelationId),
    /// The column took nulls and takes none any more.
    WasNullable(TableId, ColumnNumber),
    /// The column took no nulls and takes them now.
    WasNotNull(TableId, ColumnNumber),
    /// The column's type before.
    HadType(TableId, ColumnNumber, Box<DataType>),
    /// How long the table lived, and whether it was written to the log, before that changed.
    HadPersistence(TableId, Persistence),
}

impl Replayer {
    /// Notes something of the operation at hand.
    pub(super) fn note(&mut self, note: Note) {
        if !self.single {
            self.notes.push(StepNote { step: self.step_number(), note });
        }
    }

    /// The number of the step that the operation at hand becomes.
    fn step_number(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX)
    }

    /// Forgets what was noted of this step and those after it: they were refused or rolled back.
    pub(super) fn forget_notes_from(&mut self, step: usize) {
        let kept = self.notes.partition_point(|n| (n.step as usize) < step);
        self.notes.truncate(kept);
    }
}
