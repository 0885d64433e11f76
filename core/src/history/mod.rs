//! Histories: revisions in the order in which the project's own tool runs them.

mod attribution;
pub(crate) mod base;
pub(crate) mod calls;
pub mod checksum;
pub(crate) mod definitions;
pub mod dependency;
pub mod document;
pub mod layout;
pub mod models;
mod order;
mod past;
mod stops;
mod timeline;

pub use attribution::{Attribution, attribute};
pub use document::DocumentFacts;
pub use models::{ModelFacts, Relationship, WrittenTarget};
pub use order::natural_order;
pub(crate) use past::mark_past;
pub use stops::{StopsAt, Undone, stops_at};
pub use timeline::Timeline;

use smol_str::SmolStr;

use crate::name::Name;
use crate::operation::{Operation, OperationKind};
use crate::source::{FileId, Span};

/// The revisions of one target, in order of replay. A dump is a history of one revision.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The revisions.
    pub revisions: Vec<Revision>,
    /// The search path that whoever runs the revisions sets for each session.
    pub search_path: Option<Vec<Name>>,
    /// What documents state besides the schema; empty for anything but documents.
    pub documents: Vec<DocumentFacts>,
    /// What models state besides the schema; empty for anything but models.
    pub models: Vec<ModelFacts>,
    /// Whether the database is made for the program that the files define: models say their tables, and leave extensions to whoever makes the
    /// database.
    pub extensions_elsewhere: bool,
    /// Whether the files change a database that is there already, as whoever gave them says, or as they say themselves: where they are a branch that
    /// depends on revisions elsewhere, or go on from what models made. What they do not make is taken for there.
    pub partial: bool,
    /// Tables that the revisions change and never make, and that models define: in the order of the first change.
    pub made_by_models: Vec<Name>,
    /// Whether the revisions are those of a module that shares its database with others, since they are noted in a table of their own: tables that
    /// foreign keys refer to and that no revision makes are the others'.
    pub shared: bool,
    /// Columns that the program sets whenever it updates a row, as models say: schema where one is said, table, column.
    pub set_on_update: Vec<(Option<String>, String, String)>,
    /// Columns of models of which the version of a library decides whether they have a time zone: table, column.
    pub zone_by_version: Vec<(String, String)>,
    /// Columns of models whose type has a part that is not known, a length from a configuration: table, column.
    pub unsure_types: Vec<(String, String)>,
    /// Tables of which models read the columns from the database when they run.
    pub reflected: Vec<String>,
    /// Tables of models that may have more than the models say: a class that they extend, or a part of one, stands in a file that was not given.
    pub open_tables: Vec<String>,
    /// How the foreign keys of models name what they refer to, where there are two ways.
    pub written_targets: Vec<WrittenTarget>,
}

impl History {
    /// Whether the files name what they follow, be that among them or not.
    pub fn is_graph(&self) -> bool {
        self.revisions.iter().any(|r| !r.down_revisions.is_empty())
    }
}

/// One migration, or one file of a dump.
///
/// Tools with a graph name parents in the file. Two revisions may have one id, and a parent may be missing: the names stay as written, and rules about
/// histories speak of them.
#[derive(Clone, Debug, Default)]
pub struct Revision {
    /// What the tool calls it: version, revision id, or the file's name.
    pub id: String,
    /// Where the file says its id, for tools that write it into the file.
    pub id_span: Option<Span>,
    /// The file that it stands in.
    pub file: FileId,
    /// Parents by place, for tools with a graph; empty where order is all there is. What it only depends on is not among them; every place stands
    /// before the revision's own, except in a cycle.
    pub parents: Vec<u32>,
    /// The parents as the file names them (Alembic's `down_revision`), several for a merge; empty for a base.
    pub down_revisions: Vec<RevisionName>,
    /// Revisions that must run before it without being its parents, as the file names them (Alembic's `depends_on`).
    pub depends_on: Vec<RevisionName>,
    /// Names of the branch that starts here (Alembic's `branch_labels`).
    pub branch_labels: Vec<RevisionName>,
    /// What the migration says it does: the first paragraph of its docstring, on one line.
    pub message: Option<String>,
    /// When it was made, as the file says it (Alembic's `Create Date`).
    pub created: Option<SmolStr>,
    /// What applying it does.
    pub up: Vec<Operation>,
    /// What undoing it does; parsed, kept apart, never applied.
    pub down: Vec<Operation>,
    /// How its runner wraps it.
    pub transaction: RunnerTransaction,
    /// Whether it starts in a session of its own, with the default search path (psql, one connection per file).
    pub own_session: bool,
}

impl Revision {
    /// Whether it has a way back: a down side that does more than begin, end, and raise an error that says there is none.
    pub fn has_way_back(&self) -> bool {
        self.down.iter().any(|operation| !matches!(operation.kind, OperationKind::Transaction(_)))
    }
}

/// A revision id or a branch label as a file writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RevisionName {
    /// The text.
    pub text: SmolStr,
    /// Where it stands, without its quotes.
    pub span: Span,
}

/// How a runner wraps a revision in transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RunnerTransaction {
    /// Every statement by itself, as psql does.
    #[default]
    PerStatement,
    /// The whole file in one.
    PerFile,
    /// All revisions that are pending in one.
    PerRun,
    /// The file as one message of the simple query protocol: several statements run in one transaction that nobody began, a single one by itself.
    /// Source: PostgreSQL manual, 55.2.2.1 "Multiple Statements in a Simple Query".
    PerMessage,
}

impl RunnerTransaction {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerStatement => "statement",
            Self::PerFile => "file",
            Self::PerRun => "run",
            Self::PerMessage => "message",
        }
    }

    /// Whether these operations run inside a transaction that the runner, not the file, begins.
    pub fn wraps(self, operations: &[Operation]) -> bool {
        match self {
            Self::PerStatement => false,
            Self::PerFile | Self::PerRun => true,
            Self::PerMessage => match operations {
                [first, .., last] => first.span != last.span,
                _ => false,
            },
        }
    }
}
