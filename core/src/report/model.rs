//! The report as plain data. Every renderer reads this and counts nothing itself, so that no two numbers of a report can disagree.
//!
//! The same data is the report's JSON, described by `docs/schemas/report.schema.json`.

use std::borrow::Cow;

use serde::Serialize;

pub use super::audit::*;
pub use super::compare::*;
pub use super::doc::State;
pub use super::monitor::{QueryEntry, Topic};
pub use super::objects::*;
pub use super::plan::{Effort, Phase, PhaseEntry, StepEntry};
use crate::analysis::{Analysis, Facts};
use crate::finding::{Certainty, Severity};
use crate::history::{History, StopsAt, Undone};
use crate::infer::Habit;
use crate::replay::Conflict;
use crate::rules::Category;
use crate::source::Location;

/// The version of the JSON forms. It rises when a member changes its meaning or goes away; new members do not raise it.
pub const FORMAT_VERSION: u32 = 1;

/// Everything that a report says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`FORMAT_VERSION`].
    pub version: u32,
    /// What made the report.
    pub generator: Generator,
    /// What the report is about, read off the file names; the caller may put a better name.
    pub project: String,
    /// The files that were read, in the order of their ids.
    pub files: Vec<FileEntry>,
    /// What could not be read.
    pub problems: Vec<ProblemEntry>,
    /// One part for each target.
    pub targets: Vec<TargetReport>,
    /// Where the analysis was compared with another state and only what is new is shown: what became of that state's findings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<BaseEntry>,
    /// What changed since an older state, where the report was given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<ComparisonEntry>,
}

/// What became of the findings of the state compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct BaseEntry {
    /// How many findings are in both states; they are not shown.
    pub known: u32,
    /// How many of its findings are gone.
    pub fixed: u32,
}

/// The program and its version.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "each says what its name says")]
pub struct Generator {
    pub name: &'static str,
    pub version: &'static str,
}

/// A file of the input.
#[derive(Clone, Debug, Serialize)]
pub struct FileEntry {
    /// Its name as given.
    pub name: String,
    /// Its size as given.
    pub bytes: u64,
    /// Its lines.
    pub lines: u32,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct ProblemEntry {
    /// The class, in kebab-case.
    pub kind: &'static str,
    /// What happened and what to do.
    pub message: String,
    /// Where; absent when it concerns the whole input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// What is said of one target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetReport {
    /// Its id.
    pub id: String,
    /// `dump`, `history`, `models`, `document`.
    pub role: &'static str,
    /// `postgresql` …
    pub dialect: &'static str,
    /// The server's major version.
    pub server_version: u16,
    /// The layout of its files.
    pub layout: String,
    /// Whether the layout is a guess: other tools leave the same signs.
    pub layout_guessed: bool,
    /// The signs by which it was told.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub layout_evidence: Cow<'static, str>,
    /// The folder that holds all of its files; empty for the top.
    pub root: String,
    /// Whether its files were read as a part: what they do not make was taken for there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Its files in the order of replay.
    pub files: Vec<String>,
    /// How many revisions it has.
    pub revisions: u32,
    /// How much was understood.
    pub coverage: CoverageEntry,
    /// Statements that the database would refuse.
    pub conflicts: Vec<ConflictEntry>,
    /// Where the runner of the history would stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops_at: Option<StopEntry>,
    /// The score.
    pub score: ScoreEntry,
    /// Findings by severity.
    pub counts: SeverityCounts,
    /// What exists.
    pub facts: Facts,
    /// What the schema shows of its own habits.
    pub conventions: ConventionsEntry,
    /// What is as it should be, by category: conventions that nearly all follow, and grave rules that found nothing.
    pub strengths: Vec<StrengthEntry>,
    /// The findings, ranked; those that are waived behind the others.
    pub findings: Vec<FindingEntry>,
    /// Those of them that are not waived, by rule, in the order of each rule's first finding.
    pub groups: Vec<RuleGroup>,
    /// Places in [`TargetReport::findings`] of those that are waived: the last ones. They are in no count and take no points.
    pub waived: Vec<u32>,
    /// Every rule that ran, in the registry's order.
    pub checked: Vec<CheckedEntry>,
    /// Indexes and foreign keys counted by kind.
    pub overview: Overview,
    /// The tables by name.
    pub tables: Vec<TableEntry>,
    /// The views and materialized views by name.
    pub views: Vec<ViewEntry>,
    /// Enums, domains, composite and range types by name.
    pub types: Vec<TypeEntry>,
    /// Routines by name and argument types.
    pub functions: Vec<FunctionEntry>,
    /// Schemas that the input makes, by name.
    pub schemas: Vec<String>,
    /// Sequences by name.
    pub sequences: Vec<SequenceEntry>,
    /// What an audit report has besides; absent where only findings are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditEntry>,
}

/// How much of a target was understood.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageEntry {
    /// Statements that change the schema.
    pub statements: u32,
    /// Those that were understood.
    pub understood: u32,
    /// The rest.
    pub skipped: Vec<ProblemEntry>,
}

/// A statement that the database would refuse.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictEntry {
    /// The SQLSTATE.
    pub sqlstate: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// Where the runner of a history would stop.
#[derive(Clone, Debug, Serialize)]
pub struct StopEntry {
    /// The revision.
    pub revision: String,
    /// The SQLSTATE.
    pub sqlstate: &'static str,
    /// What is wrong.
    pub message: String,
    /// The statement.
    pub location: Location,
    /// What is taken back besides: `statement` (nothing), `block`, `revision`, `run`.
    pub undone: &'static str,
    /// Where the transaction block begins, for `block`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<Location>,
}

impl ConflictEntry {
    pub(super) fn of(analysis: &Analysis, conflict: &Conflict) -> Self {
        Self {
            sqlstate: conflict.sqlstate,
            message: conflict.message.clone(),
            location: analysis.location(conflict.span),
        }
    }
}

impl StopEntry {
    pub(super) fn of(analysis: &Analysis, history: &History, stop: &StopsAt<'_>) -> Self {
        let revision = history.revisions.get(stop.conflict.revision as usize);
        let block = match stop.undone {
            Undone::Block(at) => revision.and_then(|r| r.up.get(at as usize)).map(|o| analysis.location(o.span)),
            _ => None,
        };
        Self {
            revision: revision.map(|r| r.id.clone()).unwrap_or_default(),
            sqlstate: stop.conflict.sqlstate,
            message: stop.conflict.message.clone(),
            location: analysis.location(stop.conflict.span),
            undone: stop.undone.name(),
            block,
        }
    }
}

/// The revisions that made an object and that last changed it; both absent where the target is no history.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OriginEntry {
    /// The revision that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduced_by: Option<String>,
    /// The revision that last changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_changed_by: Option<String>,
}

/// The score.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScoreEntry {
    /// 0 to 100; `None` where there is no score.
    pub total: Option<u8>,
    /// The total before it is cut to whole points, times 100: the sum over all categories of weight × score.
    pub hundredths: Option<u16>,
    /// A to F.
    pub grade: Option<char>,
    /// Why there is no score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_scored: Option<String>,
    /// The rule whose critical finding keeps the grade from being better than C, where the points alone would give more.
    pub capped_by: Option<&'static str>,
    /// By category.
    pub categories: Vec<CategoryEntry>,
    /// What would raise it, most first.
    pub gains: Vec<GainEntry>,
}

/// What the total would gain if the findings of one rule were repaired, and nothing else.
#[derive(Clone, Debug, Serialize)]
pub struct GainEntry {
    /// The rule.
    pub rule: &'static str,
    /// How many of its findings count and can still be repaired.
    pub findings: u32,
    /// Hundredths of a point of the total.
    pub hundredths: u16,
}

/// The score of a category.
#[derive(Clone, Debug, Serialize)]
pub struct CategoryEntry {
    /// The category.
    pub category: Category,
    /// 0 to 100.
    pub score: u8,
    /// Its share of the total, in percent.
    pub weight: u8,
    /// What took points.
    pub deductions: Vec<DeductionEntry>,
}

/// Points taken by a rule.
#[derive(Clone, Debug, Serialize)]
pub struct DeductionEntry {
    /// The rule.
    pub rule: &'static str,
    /// How many of its findings count.
    pub findings: u32,
    /// Points of the category's 100, in tenths.
    pub tenths: u32,
}

/// What the schema shows of its own habits; a member is absent where there is no such habit.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConventionsEntry {
    /// The column that says whose a row is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantEntry>,
    /// The column that tells when a row was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Habit>,
    /// The column that tells when a row was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Habit>,
    /// The column that marks a row as deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Habit>,
    /// Every convention, with who departs from it.
    pub all: Vec<ConventionEntry>,
}

/// What most objects of one kind have in common.
#[derive(Clone, Debug, Serialize)]
pub struct ConventionEntry {
    /// The key of `[conventions]` or `[conventions.naming]` that pins it.
    pub key: &'static str,
    /// What it is about, for people.
    pub title: &'static str,
    /// What most do.
    pub value: String,
    /// How many do.
    pub follow: u32,
    /// How many there are.
    pub of: u32,
    /// What is counted, in the plural.
    pub what: &'static str,
    /// Those that depart from it.
    pub exceptions: Vec<ObjectEntry>,
    /// Whether `relata.toml` says so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// Something that is as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct StrengthEntry {
    /// Where it belongs.
    pub category: Category,
    /// The rule that found nothing; absent for a convention.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// How many objects were looked at.
    pub objects: u32,
    /// What is said of it; names in backticks.
    pub message: String,
}

/// The tenant key.
#[derive(Clone, Debug, Serialize)]
pub struct TenantEntry {
    /// The column and how many tables have it.
    #[serde(flatten)]
    pub habit: Habit,
    /// The table that it refers to.
    pub root: Option<String>,
    /// The tables that tenants hang on, from the top down; absent where there is one level only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<String>,
}

/// Findings by severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "each counts what its name says")]
pub struct SeverityCounts {
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    pub info: u32,
}

impl SeverityCounts {
    /// The count of one severity.
    pub fn get(&self, severity: Severity) -> u32 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// All findings.
    pub fn total(&self) -> u32 {
        Severity::ALL.iter().fold(0, |sum, s| sum.saturating_add(self.get(*s)))
    }

    /// Counts one finding.
    pub fn add(&mut self, severity: Severity) {
        self.add_many(severity, 1);
    }

    fn add_many(&mut self, severity: Severity, many: u32) {
        let count = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        };
        *count = count.saturating_add(many);
    }
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingEntry {
    /// The rule.
    pub rule: &'static str,
    /// The rule's category.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// What it is about, the subject first.
    pub objects: Vec<ObjectEntry>,
    /// What is wrong.
    pub message: String,
    /// What says so.
    pub evidence: Option<String>,
    /// Where, the subject's place first.
    pub locations: Vec<Location>,
    /// The repair.
    pub fix: Option<FixEntry>,
    /// The revisions that made its subject and last changed it.
    #[serde(flatten)]
    pub origin: OriginEntry,
    /// Identity across runs.
    pub fingerprint: String,
    /// Why it is accepted, where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<WaivedEntry>,
    /// It is the hazard of running a migration that others follow: most likely it has been run, and editing it repairs nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub past: bool,
}

impl FindingEntry {
    /// The subject's path; empty for a finding about no object.
    pub fn subject(&self) -> &str {
        self.objects.first().map_or("", |o| &o.path)
    }
}

/// What is said of a finding that is accepted.
#[derive(Clone, Debug, Serialize)]
pub struct WaivedEntry {
    /// Why.
    pub reason: String,
    /// The last day on which it is: `2026-12-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Where that is written: a comment, a place in `relata.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

/// An object by kind and path.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectEntry {
    /// The kind in words.
    pub kind: &'static str,
    /// `schema.table.name`.
    pub path: String,
}

/// A repair.
#[derive(Clone, Debug, Serialize)]
pub struct FixEntry {
    /// Statements, each ended by a semicolon.
    pub sql: String,
    /// What could stand in its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
}

/// The findings of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleGroup {
    /// The rule.
    pub rule: &'static str,
    /// Its category.
    pub category: Category,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// What the rule flags.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Places in [`TargetReport::findings`].
    pub findings: Vec<u32>,
}

/// A rule that ran.
#[derive(Clone, Debug, Serialize)]
pub struct CheckedEntry {
    /// The rule.
    pub rule: &'static str,
    /// Its category.
    pub category: Category,
    /// Its default severity.
    pub severity: Severity,
    /// What it flags.
    pub summary: &'static str,
    /// How many objects it looked at.
    pub objects: u32,
    /// How many findings it gave, without those that are waived.
    pub findings: u32,
    /// How many of its findings are waived.
    #[serde(skip_serializing_if = "is_zero")]
    pub waived: u32,
}

impl CheckedEntry {
    /// Whether nothing was found, not even what is waived.
    pub fn is_clean(&self) -> bool {
        self.findings == 0 && self.waived == 0
    }
}

/// Indexes and foreign keys counted by kind.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// All indexes by access method, most first.
    pub indexes_by_method: Vec<Tally>,
    /// Indexes that are unique, those behind keys too.
    pub unique_indexes: u32,
    /// Indexes behind a primary key, unique or exclusion constraint.
    pub constraint_indexes: u32,
    /// Indexes with a WHERE clause.
    pub partial_indexes: u32,
    /// Indexes with an expression among their keys.
    pub expression_indexes: u32,
    /// Foreign keys by what happens when the referenced row is deleted, in the order NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT.
    pub foreign_keys_by_delete_action: Vec<Tally>,
    /// Foreign keys of more than one column.
    pub composite_foreign_keys: u32,
    /// Foreign keys that reference their own table.
    pub self_references: u32,
    /// Constraints that were added NOT VALID and never validated.
    pub not_validated: u32,
    /// Tables with row-level security switched on.
    pub row_security_tables: u32,
    /// Tables that are partitions of another.
    pub partitions: u32,
}

/// A word and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "each says what its name says")]
pub struct Tally {
    pub name: String,
    pub count: u32,
}

impl Report {
    /// Findings of all targets by severity.
    pub fn counts(&self) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        for target in &self.targets {
            Severity::ALL.iter().for_each(|s| counts.add_many(*s, target.counts.get(*s)));
        }
        counts
    }
}

pub(super) fn is_zero(n: &u32) -> bool {
    *n == 0
}
