//! Replay: operations in, schema out, step by step, as PostgreSQL would do it. What PostgreSQL would refuse becomes a [`Conflict`], and replay
//! goes on as if that statement had been skipped.

use crate::history::History;
use crate::schema::{ObjectId, Schema};
use crate::source::Span;

/// What replaying a history gives.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The end state.
    pub schema: Schema,
    /// Every operation that ran, in order.
    pub steps: Vec<Step>,
    /// What PostgreSQL would refuse, in order.
    pub conflicts: Vec<Conflict>,
}

/// One operation that ran.
#[derive(Clone, Debug)]
pub struct Step {
    /// The revision, by its place in the history.
    pub revision: u32,
    /// The operation, by its place in the revision.
    pub operation: u32,
    /// What it touched. An operation without effect on the schema (IF NOT EXISTS that was there, DML) touches nothing.
    pub effects: Vec<Effect>,
}

/// What a step did to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the ways an object changes")]
pub enum Effect {
    Created(ObjectId),
    Altered(ObjectId),
    Dropped(ObjectId),
}

/// What PostgreSQL would refuse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The revision, by its place in the history.
    pub revision: u32,
    /// The operation, by its place in the revision.
    pub operation: u32,
    /// Its SQLSTATE: `42P01`. Source: PostgreSQL manual, appendix A.
    pub sqlstate: &'static str,
    /// What is wrong, in PostgreSQL's words where they say enough.
    pub message: String,
    /// The name or clause at fault.
    pub span: Span,
    /// The objects concerned that exist: the other definition, the dependents.
    pub objects: Vec<ObjectId>,
}

/// What replay must know of the target database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Major version of the server: 15.
    pub server_version: u16,
}

/// Replays the up side of a history from an empty database.
pub fn replay(history: &History, settings: Settings) -> Replay {
    let _ = (history, settings);
    Replay::default()
}
