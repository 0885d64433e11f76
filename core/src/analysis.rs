//! The result of analysing a project: everything that reports, diagrams, the command line and the page are made from.

use std::borrow::Cow;

use crate::finding::Finding;
use crate::history::layout::Naming;
use crate::history::{History, Timeline};
use crate::infer::{Conventions, Strength};
use crate::policy::{Policy, Waiver};
use crate::problem::Problem;
use crate::replay::{Replay, Settings};
use crate::rules::Rule;
use crate::schema::{ConstraintKind, Schema};
use crate::score::Score;
use crate::source::{FileId, Location, Sources, Span};

/// What analysing a project gives.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The files as accepted, with what was kept of their text.
    pub sources: Sources,
    /// The targets in the order of their first files; those with less than half as many tables as the largest stand behind the others.
    pub targets: Vec<TargetAnalysis>,
    /// What could not be read, in order of files and places; problems without a place first.
    pub problems: Vec<Problem>,
    /// What `relata.toml` says.
    pub policy: Policy,
    /// All waivers with what became of them: those of `relata.toml`, of comments, and those that the caller gave, in this order.
    pub waivers: Vec<Waiver>,
}

impl Analysis {
    /// A span as file, line and column.
    pub fn location(&self, span: Span) -> Location {
        self.sources.location(span)
    }
}

/// One thing that the input describes: a dump, a migration history, a set of models, a document.
#[derive(Debug)]
pub struct TargetAnalysis {
    /// What it is.
    pub target: Target,
    /// Its revisions in order.
    pub history: History,
    /// Its end state and how it came about.
    pub replay: Replay,
    /// Findings, ranked: severity, then certainty, rule name, and place.
    pub findings: Vec<Finding>,
    /// Every rule that ran, in the registry's order, with how many findings it gave: what "nothing found" rests on.
    pub checked: Vec<Checked>,
    /// The score.
    pub score: Score,
    /// How much was understood.
    pub coverage: Coverage,
    /// Counts of objects.
    pub facts: Facts,
    /// What the schema shows of its own habits, and what `relata.toml` says of them.
    pub conventions: Conventions,
    /// What is as it should be, by category.
    pub strengths: Vec<Strength>,
}

impl TargetAnalysis {
    /// The end state.
    pub fn schema(&self) -> &Schema {
        &self.replay.schema
    }

    /// The schema at any point of the history. It copies what it needs: keep it for as long as someone goes back and forth.
    pub fn timeline(&self) -> Timeline {
        Timeline::of(&self.replay)
    }
}

/// A rule that ran.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// The rule.
    pub rule: &'static Rule,
    /// How many objects it looked at.
    pub objects: u32,
    /// How many findings it gave, without those that are waived.
    pub findings: u32,
    /// How many of its findings are waived.
    pub waived: u32,
}

/// What one target is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// A short name, unique in the project: `dump`, `migrations`, `models`, with a number where several are alike.
    pub id: String,
    /// What kind of input it is.
    pub role: Role,
    /// The SQL dialect.
    pub dialect: Dialect,
    /// The server's major version; the newest that Relata knows where nothing tells.
    pub server_version: u16,
    /// Whether something tells the version: the caller, `relata.toml`, the dump's header, the tool's configuration.
    pub is_version_known: bool,
    /// The layout of the files: `pg_dump`, `sql`, `flyway`, `supabase` …
    pub layout: String,
    /// What the layout was told by.
    pub note: LayoutNote,
    /// Its files in the order of replay.
    pub files: Vec<FileId>,
}

impl Target {
    /// What replay has to know of its server.
    pub fn settings(&self) -> Settings {
        let server_version = self.is_version_known.then_some(self.server_version);
        Settings { server_version, dialect: self.dialect }
    }
}

/// What the layout of a target was told by, and what is special to its files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LayoutNote {
    /// Other tools leave the same signs: it is a guess.
    pub guessed: bool,
    /// The signs, in words: "folders with `migration.sql`". Empty where there was nothing to tell.
    pub evidence: Cow<'static, str>,
    /// The folder that holds all files of the target; empty for the top.
    pub root: String,
    /// How Flyway's files are named.
    pub(crate) naming: Naming,
}

/// The kinds of targets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the kinds of input")]
pub enum Role {
    Dump,
    History,
    Models,
    Document,
}

impl Role {
    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dump => "dump",
            Self::History => "history",
            Self::Models => "models",
            Self::Document => "document",
        }
    }
}

/// SQL dialects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs, reason = "names of products")]
pub enum Dialect {
    #[default]
    PostgreSql,
    MySql,
    Sqlite,
    SqlServer,
    Oracle,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Dialect; 5] = [Self::PostgreSql, Self::MySql, Self::Sqlite, Self::SqlServer, Self::Oracle];

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MySql => "mysql",
            Self::Sqlite => "sqlite",
            Self::SqlServer => "sqlserver",
            Self::Oracle => "oracle",
        }
    }

    /// As its makers write it.
    pub fn title(self) -> &'static str {
        match self {
            Self::PostgreSql => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
            Self::SqlServer => "SQL Server",
            Self::Oracle => "Oracle",
        }
    }

    /// The dialect that a database of this name has, where it is one of these.
    pub fn of_database(title: &str) -> Option<Self> {
        if title == "MariaDB" {
            return Some(Self::MySql);
        }
        Self::ALL.into_iter().find(|dialect| dialect.title() == title)
    }

    /// Whether its statements are read.
    pub fn is_read(self) -> bool {
        matches!(self, Self::PostgreSql | Self::MySql | Self::Sqlite)
    }
}

/// How much of a target was understood.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Statements that change the schema.
    pub statements: u32,
    /// Those that were understood.
    pub understood: u32,
    /// The rest: what was skipped and why, as problems with their places.
    pub skipped: Vec<Problem>,
}

/// Counts of what exists in a target's end state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "each counts what its name says")]
pub struct Facts {
    pub schemas: u32,
    pub tables: u32,
    pub columns: u32,
    pub primary_keys: u32,
    pub foreign_keys: u32,
    pub uniques: u32,
    pub checks: u32,
    pub indexes: u32,
    pub views: u32,
    pub materialized_views: u32,
    pub types: u32,
    pub functions: u32,
    pub triggers: u32,
    pub policies: u32,
    pub sequences: u32,
}

impl Facts {
    /// Counts what exists.
    pub fn of(schema: &Schema) -> Self {
        let schemas = tally(schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none() && n.span.is_some()));
        let mut facts = Facts { schemas, ..Facts::default() };
        for (_, table) in schema.live_tables() {
            facts.tables += 1;
            facts.columns += tally(table.live_columns());
            facts.triggers += tally(schema.triggers_of(&table.triggers));
            facts.policies += tally(schema.policies_of(table));
            facts.indexes += tally(schema.indexes_of(table));
            for (_, constraint) in schema.constraints_of(table) {
                match constraint.kind {
                    ConstraintKind::PrimaryKey => facts.primary_keys += 1,
                    ConstraintKind::Unique { .. } => facts.uniques += 1,
                    ConstraintKind::Check(_) => facts.checks += 1,
                    ConstraintKind::ForeignKey(_) => facts.foreign_keys += 1,
                    ConstraintKind::Exclude { .. } => {}
                }
            }
        }
        for (_, view) in schema.live_views() {
            *(if view.materialized { &mut facts.materialized_views } else { &mut facts.views }) += 1;
            facts.triggers += tally(schema.triggers_of(&view.triggers));
            facts.indexes +=
                tally(view.indexes.iter().filter_map(|id| schema.indexes.get(*id)).filter(|i| i.dropped.is_none()));
        }
        facts.types = tally(schema.types.iter().filter(|(_, t)| t.dropped.is_none()));
        facts.functions = tally(schema.functions.iter().filter(|(_, f)| f.dropped.is_none()));
        facts.sequences = tally(schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()));
        facts
    }
}

fn tally<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
