//! What an analysis is at first sight: files, targets, counts, score.

use serde::{Deserialize, Serialize};

use crate::{Location, SeverityCounts};

/// The whole project at first sight.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The files; [`Location::file`] counts in this list.
    pub files: Vec<FileInfo>,
    /// What the files describe. Empty when there is no schema in them.
    pub targets: Vec<TargetInfo>,
    /// Findings of all targets by severity.
    pub findings: SeverityCounts,
    /// What could not be read: how many entries [`Query::Problems`](crate::Query::Problems) will list.
    pub problems: u32,
}

/// A file of the input.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileInfo {
    /// Its name as given, with `/` between folders.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Number of lines.
    pub lines: u32,
    /// The target that it belongs to, by its place in [`Overview::targets`].
    pub target: Option<u32>,
    /// Problems in it.
    pub problems: u32,
}

/// One thing that the input describes: a dump, a migration history, a set of models, a document.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetInfo {
    /// A short name, unique in the project: `dump`, `migrations` …
    pub id: String,
    /// `dump`, `history`, `models` or `document`.
    pub role: String,
    /// `postgresql`, `mysql` or `sqlite`.
    pub dialect: String,
    /// Major version of the server.
    pub server_version: u16,
    /// The layout of the files: `pg_dump`, `sql`, `flyway` …
    pub layout: String,
    /// Whether other tools leave the same signs: the layout is a guess.
    pub layout_guessed: bool,
    /// The signs that it was told by, in words; empty where there was nothing to tell.
    pub layout_evidence: String,
    /// The folder that holds all of its files; empty for the top.
    pub root: String,
    /// How many revisions its history has: 1 for a dump.
    pub revisions: u32,
    /// Its files in the order of replay, by their place in [`Overview::files`].
    pub files: Vec<u32>,
    /// What exists in the end, by kind, in the order to be shown; kinds of which there is none are listed with 0.
    pub facts: Vec<Fact>,
    /// How much was understood.
    pub coverage: Coverage,
    /// The score.
    pub score: Score,
    /// Findings by severity.
    pub findings: SeverityCounts,
    /// Statements that PostgreSQL would refuse.
    pub conflicts: u32,
    /// How many rules ran.
    pub rules_checked: u32,
    /// How many objects they looked at, added up over the rules.
    pub objects_checked: u32,
}

/// A count of one kind of object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// What is counted, in camelCase: `tables`, `foreignKeys` …
    pub name: String,
    /// How many there are.
    pub count: u32,
}

/// How much of a target was understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Statements that change the schema.
    pub statements: u32,
    /// Those that were understood. The rest is listed by [`Query::Problems`](crate::Query::Problems).
    pub understood: u32,
}

/// A target's score.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// 0 to 100.
    pub total: u8,
    /// A to F.
    pub grade: String,
    /// By category, only those in which something could be checked.
    pub categories: Vec<CategoryScore>,
    /// Why there is no score; nothing else of it means anything then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_scored: Option<String>,
}

/// The score of one category.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryScore {
    /// The category in kebab-case: `keys-and-references`.
    pub category: String,
    /// 0 to 100.
    pub score: u8,
    /// Its share of the total, in percent; the shares of all categories sum to 100.
    pub weight: u8,
    /// What took points, worst first.
    pub deductions: Vec<Deduction>,
}

/// Points taken by the findings of one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deduction {
    /// The rule.
    pub rule: String,
    /// How many of its findings count.
    pub findings: u32,
    /// Tenths of a point of the category's 100.
    pub tenths: u32,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// Its class in kebab-case: `empty-file`, `syntax-error` …
    pub kind: String,
    /// What happened and what to do about it, for a person.
    pub message: String,
    /// Where; `None` when it concerns the whole input.
    pub location: Option<Location>,
}

/// A page of problems, those without a place first, then in order of files and places.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemsPage {
    /// How many there are in all.
    pub total: u32,
    /// Which place the first of these has.
    pub offset: u32,
    /// The problems.
    pub rows: Vec<Problem>,
}
