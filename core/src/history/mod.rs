//! Histories: revisions in the order in which the project's own tool runs them.

pub(crate) mod definitions;
pub mod dependency;
pub mod document;
pub mod layout;
mod order;

pub use document::DocumentFacts;
pub use order::natural_order;

use crate::operation::Operation;
use crate::source::FileId;

/// The revisions of one target, in order of replay. A dump is a history of one revision.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The revisions.
    pub revisions: Vec<Revision>,
    /// What documents state besides the schema; empty for anything but documents.
    pub documents: Vec<DocumentFacts>,
}

/// One migration, or one file of a dump.
#[derive(Clone, Debug)]
pub struct Revision {
    /// What the tool calls it: version, revision id, or the file's name.
    pub id: String,
    /// The file that it stands in.
    pub file: FileId,
    /// Parents by place, for tools with a graph; empty where order is all there is.
    pub parents: Vec<u32>,
    /// What applying it does.
    pub up: Vec<Operation>,
    /// What undoing it does; parsed, kept apart, never applied.
    pub down: Vec<Operation>,
    /// How its runner wraps it.
    pub transaction: RunnerTransaction,
    /// Whether it starts in a session of its own, with the default search path (psql, one connection per file).
    pub own_session: bool,
}

/// How a runner wraps a revision in transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RunnerTransaction {
    /// Every statement by itself, as psql does.
    #[default]
    PerStatement,
    /// The whole file in one.
    PerFile,
}
