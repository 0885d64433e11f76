//! Histories: the revisions of a target, what each of them changed, and where the session stands among them.

use serde::{Deserialize, Serialize};

use crate::{Location, RelationKey, SeverityCounts};

/// The revisions of a target, in the order in which they run.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// The target.
    pub target: u32,
    /// Whether revisions name their parents; else each follows the one before.
    pub graph: bool,
    /// Revisions that are no other's parent, where there is a graph; else the last one. By place.
    pub heads: Vec<u32>,
    /// The revisions.
    pub rows: Vec<RevisionRow>,
}

/// A revision as one row of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionRow {
    /// What the tool calls it.
    pub id: String,
    /// What it says it does.
    pub message: Option<String>,
    /// Its parents by place, where there is a graph.
    pub parents: Vec<u32>,
    /// What becomes of it on a new database.
    pub status: RevisionStatus,
    /// How its runner wraps it: `statement`, `file`, `run`, `message`.
    pub transaction: String,
    /// Whether there is a way back.
    pub has_down: bool,
    /// What it changes, in a few words.
    pub summary: String,
    /// How many objects it made.
    pub created: u32,
    /// How many it altered.
    pub altered: u32,
    /// How many it dropped.
    pub dropped: u32,
    /// Findings of the end state that it introduced.
    pub issues: SeverityCounts,
    /// Statements that the database would refuse.
    pub conflicts: u32,
    /// What could not be read of it.
    pub problems: u32,
    /// Where it stands.
    pub location: Location,
}

/// What becomes of a revision on a new database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevisionStatus {
    /// It runs.
    Applied,
    /// The runner stops in it.
    Stops,
    /// The runner has stopped before.
    NotReached,
    /// It ran, and was taken back when a later one failed.
    TakenBack,
}

/// What a revision changed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionDetail {
    /// The target.
    pub target: u32,
    /// The revision, by its place in [`History::rows`].
    pub revision: u32,
    /// What it changed, object by object.
    pub changes: Vec<Change>,
    /// Tables whose rows it writes.
    pub writes: Vec<String>,
    /// Statements that the database would refuse.
    pub conflicts: Vec<Conflict>,
}

/// What happened to one object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What happened.
    pub change: ChangeKind,
    /// The kind of object, in words.
    pub kind: String,
    /// Its path afterwards; of a dropped object the one that it had.
    pub path: String,
    /// The path that it had before, where it has another one now.
    pub renamed_from: Option<String>,
    /// What it was, in SQL; `None` for an object that was not there.
    pub before: Option<String>,
    /// What it is; `None` for an object that is gone.
    pub after: Option<String>,
    /// The table or view that it is or belongs to after the revision.
    pub relation: Option<RelationKey>,
    /// The first statement of the revision that touched it.
    pub location: Option<Location>,
}

/// What can happen to an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum ChangeKind {
    Created,
    Altered,
    Dropped,
}

/// A statement that the database would refuse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// The SQLSTATE.
    pub sqlstate: String,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// Where the session stands in a target's history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The target.
    pub target: u32,
    /// The last revision that counts, by place; `None` at the end.
    pub revision: Option<u32>,
}
