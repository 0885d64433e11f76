//! What a team decides: `relata.toml`, and waivers wherever they are written.
//!
//! A setting that is not understood is a problem with its place and the nearest valid word, never silently without effect. `docs/configuration.md`
//! describes the file for people, `docs/schemas/relata.schema.json` for editors; both speak of the keys in [`keys`].

mod comments;
mod date;
mod json_schema;
mod keys;
mod pattern;
mod pins;
mod read;
mod waivers;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use date::Date;
pub use json_schema::json_schema;
pub use pattern::{Glob, NamePattern};
pub use waivers::{Waived, Waiver, WaiverState};
pub use write::to_toml;

pub(crate) use comments::of_comments;
pub(crate) use keys::described as parameters;
pub(crate) use pins::unknown_columns;
pub(crate) use read::read;
pub(crate) use waivers::{apply, settle};

use crate::finding::Severity;
use crate::history::layout::Layout;
use crate::rules::Rule;
use crate::source::Span;

/// The name of the file, wherever it lies among those that are read.
pub const FILE_NAME: &str = "relata.toml";

/// Whether a file is the settings.
pub(crate) fn is_policy_file(name: &str) -> bool {
    name.rsplit('/').next() == Some(FILE_NAME)
}

/// A `relata.toml` that the caller names itself; those among the files are then not looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ConfigFile {
    /// Its name in messages.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What `relata.toml` says. The default says nothing.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// From which severity on a check fails.
    pub fail_on: Option<FailOn>,
    /// The server's major version.
    pub server_version: Option<u16>,
    /// The schemas that are reached from outside, by a data API for instance; `None` where it is to be told from the input.
    pub exposed_schemas: Option<Vec<String>>,
    /// The tool that runs the migrations.
    pub runner: Option<Layout>,
    /// Tables of which no rule speaks.
    pub ignored_tables: Vec<Glob>,
    /// What is said of single rules, by name.
    pub rules: BTreeMap<&'static str, RuleSetting>,
    /// Conventions that hold whatever the schema shows.
    pub conventions: Pins,
}

/// A policy that says nothing.
pub(crate) static NONE: Policy = Policy {
    fail_on: None,
    server_version: None,
    exposed_schemas: None,
    runner: None,
    ignored_tables: Vec::new(),
    rules: BTreeMap::new(),
    conventions: Pins::NONE,
};

/// From which severity on a check fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    /// Never, whatever is found.
    Never,
    /// From this severity on.
    From(Severity),
}

impl FailOn {
    /// The words, worst first.
    pub const WORDS: [&str; 6] = ["critical", "high", "medium", "low", "info", "never"];

    /// The threshold of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "never" => Some(Self::Never),
            _ => severity(word).map(Self::From),
        }
    }
}

fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|s| s.name() == word)
}

/// What is said of one rule.
#[derive(Clone, Debug, Default)]
pub struct RuleSetting {
    /// Whether it runs, and how bad its findings are.
    pub level: Option<Level>,
    /// Its parameters that are numbers.
    numbers: BTreeMap<&'static str, u32>,
    /// Its parameters that are patterns for names.
    patterns: BTreeMap<&'static str, Vec<NamePattern>>,
}

/// Whether a rule runs, and how bad its findings are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// It does not run.
    Off,
    /// It runs, opt-in or not, with its own severities.
    On,
    /// It runs, and all of its findings have this severity.
    Severity(Severity),
}

impl Policy {
    /// What is said of a rule's level.
    pub fn level(&self, rule: &str) -> Option<Level> {
        self.rules.get(rule)?.level
    }

    /// Whether a rule runs.
    pub(crate) fn runs(&self, rule: &Rule) -> bool {
        match self.level(rule.name) {
            Some(Level::Off) => false,
            Some(_) => true,
            None => !rule.is_opt_in(),
        }
    }

    /// Whether no rule shall speak of a table.
    pub(crate) fn ignores(&self, path: impl Fn() -> String) -> bool {
        !self.ignored_tables.is_empty() && {
            let path = path();
            self.ignored_tables.iter().any(|glob| waivers::object_matches(glob, &path))
        }
    }

    /// A number that a rule goes by: what is set, or its default in [`keys`].
    pub(crate) fn number(&self, rule: &str, key: &str) -> u32 {
        let set = self.rules.get(rule).and_then(|r| r.numbers.get(key)).copied();
        set.or_else(|| keys::number(rule, key)).unwrap_or_default()
    }

    /// Patterns that a rule goes by.
    pub(crate) fn patterns(&self, rule: &str, key: &str) -> &[NamePattern] {
        self.rules.get(rule).and_then(|r| r.patterns.get(key)).map_or(&[], Vec::as_slice)
    }
}

/// Conventions that hold whatever the schema shows.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The column that says whose a row is.
    pub tenant_key: Option<ColumnPin>,
    /// The table that it refers to.
    pub tenant_root: Option<String>,
    /// The column that tells when a row was made.
    pub created_at: Option<ColumnPin>,
    /// The column that tells when a row was last changed.
    pub updated_at: Option<ColumnPin>,
    /// What keeps it: `trigger` or `application`.
    pub updated_at_by: Option<&'static str>,
    /// The column that marks a row as deleted.
    pub soft_delete: Option<ColumnPin>,
    /// Columns that every table must have.
    pub audit_columns: Vec<String>,
    /// The type of primary keys.
    pub primary_key_type: Option<String>,
    /// The type of points in time: `timestamptz` or `timestamp`.
    pub timestamp_type: Option<&'static str>,
    /// How a fixed set of values is written: `enum`, `check`, `lookup`, `text`.
    pub enum_strategy: Option<&'static str>,
    /// The type of amounts of money.
    pub money_type: Option<String>,
    /// The type of scores and shares.
    pub score_type: Option<String>,
    /// Patterns for names, by what is named: a key of `[conventions.naming]`.
    pub naming: BTreeMap<&'static str, NamePattern>,
    /// `singular` or `plural`.
    pub table_number: Option<&'static str>,
    /// Where the pins of single columns stand, by key.
    pub(crate) columns_at: BTreeMap<&'static str, Span>,
}

impl Pins {
    const NONE: Self = Self {
        tenant_key: None,
        tenant_root: None,
        created_at: None,
        updated_at: None,
        updated_at_by: None,
        soft_delete: None,
        audit_columns: Vec::new(),
        primary_key_type: None,
        timestamp_type: None,
        enum_strategy: None,
        money_type: None,
        score_type: None,
        naming: BTreeMap::new(),
        table_number: None,
        columns_at: BTreeMap::new(),
    };

    /// The pins of single columns, by key.
    pub(crate) fn columns(&self) -> [(&'static str, &Option<ColumnPin>); 4] {
        [
            ("tenant-key", &self.tenant_key),
            ("created-at", &self.created_at),
            ("updated-at", &self.updated_at),
            ("soft-delete", &self.soft_delete),
        ]
    }
}

/// A column that plays a part, by decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnPin {
    /// No column plays it.
    None,
    /// This one does.
    Named(String),
}

/// Whether a column of this name plays a part: as it is pinned, else as `usual` says.
pub(crate) fn plays(pin: &Option<ColumnPin>, column: &str, usual: impl FnOnce() -> bool) -> bool {
    match pin {
        Some(ColumnPin::None) => false,
        Some(ColumnPin::Named(name)) => column == name.as_str(),
        None => usual(),
    }
}
