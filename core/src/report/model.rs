//! The report as plain data. Every renderer reads this and counts nothing itself, so that no two numbers of a report can disagree.
//!
//! The same data is the report's JSON, described by `docs/schemas/report.schema.json`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sql_text::{returns_text, type_parts};
use crate::analysis::{Analysis, Facts, TargetAnalysis};
use crate::finding::{Certainty, Finding, Severity};
use crate::history::{Attribution, History, StopsAt, Undone, stops_at};
use crate::infer::Habit;
use crate::name::quote;
use crate::operation::{Persistence, ReferentialAction, TriggerEvent, TriggerState, TriggerTiming};
use crate::order::Order;
use crate::problem::Problem;
use crate::rules::Category;
use crate::schema::{
    ColumnNumber, Constraint, ConstraintKind, Identity, Index, Key, KeyTarget, ObjectId, RelationId, Schema, Table,
    TableId, TableKind, Trigger, TriggerFunction, View,
};
use crate::source::{Location, Span};

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
    pub layout_evidence: &'static str,
    /// The folder that holds all of its files; empty for the top.
    pub root: String,
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
    /// 0 to 100.
    pub total: u8,
    /// The total before it is cut to whole points, times 100: the sum over all categories of weight × score.
    pub hundredths: u16,
    /// A to F.
    pub grade: char,
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

/// A table.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableEntry {
    /// `schema.table`, quoted where needed.
    pub path: String,
    /// `table`, `partitioned table`, `foreign table`.
    pub kind: &'static str,
    /// UNLOGGED.
    pub unlogged: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// Its columns in order.
    pub columns: Vec<ColumnEntry>,
    /// Its primary key.
    pub primary_key: Option<KeyEntry>,
    /// Its unique constraints.
    pub uniques: Vec<KeyEntry>,
    /// Its check constraints.
    pub checks: Vec<CheckEntry>,
    /// Its exclusion constraints.
    pub excludes: Vec<KeyEntry>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKeyEntry>,
    /// The foreign keys of other tables and of itself that reference it.
    pub referenced_by: Vec<ReferenceEntry>,
    /// Its indexes, those behind constraints too.
    pub indexes: Vec<IndexEntry>,
    /// Its triggers.
    pub triggers: Vec<TriggerEntry>,
    /// Its policies.
    pub policies: Vec<PolicyEntry>,
    /// Row-level security is on.
    pub row_security: bool,
    /// It holds for the owner too.
    pub row_security_forced: bool,
    /// `RANGE (created_at)`.
    pub partition_key: Option<String>,
    /// The partitioned table that it is a part of.
    pub partition_of: Option<PartitionEntry>,
    /// Its partitions by name.
    pub partitions: Vec<String>,
    /// Tables that it inherits from.
    pub inherits: Vec<String>,
    /// Where it was created.
    pub location: Location,
    /// The revisions that made it and last changed it.
    #[serde(flatten)]
    pub origin: OriginEntry,
    /// Places in [`TargetReport::findings`] of those whose subject is the table or a part of it.
    pub findings: Vec<u32>,
}

/// What a partition is of.
#[derive(Clone, Debug, Serialize)]
pub struct PartitionEntry {
    /// The partitioned table.
    pub table: String,
    /// `FOR VALUES …` or `DEFAULT`.
    pub bound: String,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnEntry {
    /// Its name, bare.
    pub name: String,
    /// Its type as `format_type` prints it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Whether it may be null.
    pub nullable: bool,
    /// Its default.
    pub default: Option<String>,
    /// `ALWAYS` or `BY DEFAULT`.
    pub identity: Option<&'static str>,
    /// The expression that it is generated by.
    pub generated: Option<String>,
    /// Part of the primary key.
    pub primary_key: bool,
    /// Part of a foreign key.
    pub foreign_key: bool,
    /// Unique by itself: a unique constraint or an unconditional unique index of this column alone.
    pub unique: bool,
    /// Its comment.
    pub comment: Option<String>,
    /// The revisions that made it and last changed it.
    #[serde(flatten)]
    pub origin: OriginEntry,
}

/// A primary key, unique or exclusion constraint.
#[derive(Clone, Debug, Serialize)]
pub struct KeyEntry {
    /// Its name, bare.
    pub name: String,
    /// Its columns, bare; of an exclusion constraint those of its index, expressions as text.
    pub columns: Vec<String>,
}

/// A check constraint.
#[derive(Clone, Debug, Serialize)]
pub struct CheckEntry {
    /// Its name, bare.
    pub name: String,
    /// What it demands.
    pub expression: String,
    /// False for NOT VALID.
    pub validated: bool,
}

/// A foreign key.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignKeyEntry {
    /// Its name, bare.
    pub name: String,
    /// Its columns, bare.
    pub columns: Vec<String>,
    /// The referenced table.
    pub references: String,
    /// The referenced columns, bare.
    pub referenced_columns: Vec<String>,
    /// ON DELETE.
    pub on_delete: &'static str,
    /// ON UPDATE.
    pub on_update: &'static str,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// False for NOT VALID.
    pub validated: bool,
}

/// A foreign key as its referenced table sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceEntry {
    /// The referencing table.
    pub table: String,
    /// The constraint's name, bare.
    pub name: String,
    /// The referencing columns, bare.
    pub columns: Vec<String>,
    /// ON DELETE.
    pub on_delete: &'static str,
}

/// An index.
#[derive(Clone, Debug, Serialize)]
pub struct IndexEntry {
    /// Its name, bare.
    pub name: String,
    /// The access method.
    pub method: String,
    /// UNIQUE.
    pub unique: bool,
    /// Its keys as SQL.
    pub keys: Vec<String>,
    /// INCLUDE.
    pub include: Vec<String>,
    /// WHERE.
    pub predicate: Option<String>,
    /// The constraint that it belongs to, bare.
    pub constraint: Option<String>,
}

/// A trigger.
#[derive(Clone, Debug, Serialize)]
pub struct TriggerEntry {
    /// Its name, bare.
    pub name: String,
    /// `BEFORE INSERT OR UPDATE`, with ` FOR EACH ROW` or ` FOR EACH STATEMENT`.
    pub event: String,
    /// The function that it calls.
    pub function: String,
    /// Whether it fires in ordinary sessions.
    pub enabled: bool,
}

/// A row-level security policy.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyEntry {
    /// Its name, bare.
    pub name: String,
    /// `ALL`, `SELECT` …
    pub command: &'static str,
    /// PERMISSIVE, not RESTRICTIVE.
    pub permissive: bool,
    /// The roles that it is for, bare.
    pub roles: Vec<String>,
    /// USING.
    pub using: Option<String>,
    /// WITH CHECK.
    pub with_check: Option<String>,
}

/// A view or materialized view.
#[derive(Clone, Debug, Serialize)]
pub struct ViewEntry {
    /// `schema.view`.
    pub path: String,
    /// MATERIALIZED.
    pub materialized: bool,
    /// Its output columns where they can be told.
    pub columns: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Its indexes.
    pub indexes: Vec<IndexEntry>,
    /// Where it was created.
    pub location: Location,
}

/// A type.
#[derive(Clone, Debug, Serialize)]
pub struct TypeEntry {
    /// `schema.type`.
    pub path: String,
    /// `enum`, `domain`, `composite`, `range`, `base`, `shell`.
    pub kind: &'static str,
    /// Labels of an enum; the base type of a domain; attributes of a composite; the subtype of a range.
    pub definition: Vec<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Where it was created.
    pub location: Location,
}

/// A routine.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionEntry {
    /// `schema.name(types)`.
    pub path: String,
    /// `function`, `procedure`, `aggregate`.
    pub kind: &'static str,
    /// Its result type; absent for procedures.
    pub returns: Option<String>,
    /// Its language.
    pub language: String,
    /// SECURITY DEFINER.
    pub security_definer: bool,
    /// Where it was created.
    pub location: Location,
}

impl Report {
    /// Builds the report of an analysis.
    pub fn new(analysis: &Analysis) -> Self {
        let files: Vec<FileEntry> = analysis
            .sources
            .files()
            .map(|(_, f)| FileEntry { name: f.name.clone(), bytes: f.bytes, lines: f.lines })
            .collect();
        Self {
            version: FORMAT_VERSION,
            generator: Generator { name: "relata", version: env!("CARGO_PKG_VERSION") },
            project: project_name(analysis),
            problems: analysis.problems.iter().map(|p| problem(analysis, p)).collect(),
            base: None,
            targets: analysis
                .targets
                .iter()
                .map(|t| Builder { analysis, target: t, attribution: attribution_of(t) }.build())
                .collect(),
            files,
        }
    }

    /// Findings of all targets by severity.
    pub fn counts(&self) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        for target in &self.targets {
            Severity::ALL.iter().for_each(|s| counts.add_many(*s, target.counts.get(*s)));
        }
        counts
    }
}

/// What to call a project: its one file, or the folder that all its files share, or its first file and how many more there are.
pub fn project_name(analysis: &Analysis) -> String {
    let settings = |name: &str| name.rsplit('/').next() == Some(crate::policy::FILE_NAME);
    let names: Vec<&str> = analysis.sources.files().map(|(_, f)| f.name.as_str()).filter(|n| !settings(n)).collect();
    common_name(&names)
}

fn common_name(names: &[&str]) -> String {
    let Some((first, rest)) = names.split_first() else { return "Nothing read".to_owned() };
    let file_name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    if rest.is_empty() {
        return file_name(first);
    }
    let mut shared: Vec<&str> = first.split('/').collect();
    shared.pop();
    for name in rest {
        let same = shared.iter().zip(name.split('/')).take_while(|(a, b)| **a == *b).count();
        shared.truncate(same);
    }
    match shared.iter().rfind(|part| !matches!(**part, "" | "." | "..")) {
        Some(folder) => (*folder).to_owned(),
        None => format!("{} and {} more", file_name(first), rest.len()),
    }
}

fn attribution_of(target: &TargetAnalysis) -> Option<Attribution> {
    (target.history.revisions.len() > 1).then(|| Attribution::of(&target.replay))
}

pub(super) fn problem(analysis: &Analysis, problem: &Problem) -> ProblemEntry {
    ProblemEntry {
        kind: problem.kind.name(),
        message: problem.message.clone(),
        location: problem.span.map(|s| analysis.location(s)),
    }
}

/// Builds the part of one target.
struct Builder<'a> {
    analysis: &'a Analysis,
    target: &'a TargetAnalysis,
    /// Who made what, where there are several revisions.
    attribution: Option<Attribution>,
}

impl Builder<'_> {
    fn schema(&self) -> &Schema {
        self.target.schema()
    }

    fn location(&self, span: Span) -> Location {
        self.analysis.location(span)
    }

    fn build(&self) -> TargetReport {
        let TargetAnalysis {
            target,
            history,
            replay,
            findings,
            checked,
            score,
            coverage,
            facts,
            conventions: _,
            strengths,
        } = self.target;
        let findings: Vec<FindingEntry> = findings.iter().map(|f| self.finding(f)).collect();
        let mut counts = SeverityCounts::default();
        findings.iter().filter(|f| f.waived.is_none()).for_each(|f| counts.add(f.severity));
        let waived = (0..).zip(&findings).filter(|(_, f)| f.waived.is_some()).map(|(at, _)| at).collect();
        TargetReport {
            id: target.id.clone(),
            role: target.role.name(),
            dialect: target.dialect.name(),
            server_version: target.server_version,
            layout: target.layout.clone(),
            layout_guessed: target.note.guessed,
            layout_evidence: target.note.evidence,
            root: target.note.root.clone(),
            files: target.files.iter().map(|f| self.analysis.sources.name(*f).to_owned()).collect(),
            revisions: number(history.revisions.len()),
            coverage: CoverageEntry {
                statements: coverage.statements,
                understood: coverage.understood,
                skipped: coverage.skipped.iter().map(|p| problem(self.analysis, p)).collect(),
            },
            conflicts: replay
                .conflicts
                .iter()
                .map(|c| ConflictEntry {
                    sqlstate: c.sqlstate,
                    message: c.message.clone(),
                    location: self.location(c.span),
                })
                .collect(),
            stops_at: stops_at(history, replay).map(|s| StopEntry::of(self.analysis, history, &s)),
            score: ScoreEntry {
                total: score.total,
                hundredths: score.hundredths,
                grade: score.grade,
                capped_by: score.capped_by,
                gains: score
                    .gains
                    .iter()
                    .map(|g| GainEntry { rule: g.rule, findings: g.findings, hundredths: g.hundredths })
                    .collect(),
                categories: score
                    .categories
                    .iter()
                    .map(|c| CategoryEntry {
                        category: c.category,
                        score: c.score,
                        weight: c.weight,
                        deductions: c
                            .deductions
                            .iter()
                            .map(|d| DeductionEntry { rule: d.rule, findings: d.findings, tenths: d.tenths })
                            .collect(),
                    })
                    .collect(),
            },
            counts,
            facts: *facts,
            conventions: self.conventions(),
            strengths: strengths
                .iter()
                .map(|s| StrengthEntry {
                    category: s.category,
                    rule: s.rule,
                    objects: s.objects,
                    message: s.message.clone(),
                })
                .collect(),
            groups: self.groups(),
            waived,
            checked: checked
                .iter()
                .map(|c| CheckedEntry {
                    rule: c.rule.name,
                    category: c.rule.category,
                    severity: c.rule.severity,
                    summary: c.rule.summary,
                    objects: c.objects,
                    findings: c.findings,
                    waived: c.waived,
                })
                .collect(),
            overview: self.overview(),
            tables: self.tables(&findings),
            views: self.views(),
            types: self.types(),
            functions: self.functions(),
            findings,
        }
    }

    fn finding(&self, finding: &Finding) -> FindingEntry {
        FindingEntry {
            rule: finding.rule.name,
            category: finding.rule.category,
            severity: finding.severity,
            certainty: finding.certainty,
            objects: finding
                .objects
                .iter()
                .map(|o| ObjectEntry { kind: o.kind.name(), path: o.path.clone() })
                .collect(),
            message: finding.message.clone(),
            evidence: finding.evidence.clone(),
            locations: finding.spans.iter().map(|s| self.location(*s)).collect(),
            fix: finding.fix.as_ref().map(|f| FixEntry { sql: f.sql.clone(), caution: f.caution.clone() }),
            origin: self.origin(finding.introduced_by, finding.last_changed_by),
            fingerprint: finding.fingerprint.clone(),
            past: finding.past,
            waived: finding.waived.as_ref().map(|w| WaivedEntry {
                reason: w.reason.clone(),
                until: w.until.map(|d| d.to_string()),
                location: w.source.map(|s| self.location(s)),
            }),
        }
    }

    fn origin(&self, introduced: Option<u32>, changed: Option<u32>) -> OriginEntry {
        let id = |at: Option<u32>| self.target.history.revisions.get(at? as usize).map(|r| r.id.clone());
        OriginEntry { introduced_by: id(introduced), last_changed_by: id(changed) }
    }

    fn origin_of(&self, id: ObjectId) -> OriginEntry {
        self.attribution
            .as_ref()
            .map_or_else(OriginEntry::default, |a| self.origin(a.introduced_by(id), a.last_changed_by(id)))
    }

    fn conventions(&self) -> ConventionsEntry {
        let schema = self.schema();
        let found = self.target.conventions.clone();
        ConventionsEntry {
            tenant: found.tenant.map(|t| TenantEntry {
                root: t.root.map(|id| table_path(schema, id)),
                habit: t.habit,
                levels: found.tenant_levels,
            }),
            created_at: found.created_at,
            updated_at: found.updated_at,
            deleted_at: found.deleted_at,
            all: found
                .all
                .into_iter()
                .map(|c| ConventionEntry {
                    key: c.key,
                    title: c.title,
                    value: c.value,
                    follow: c.follow,
                    of: c.of,
                    what: c.what,
                    exceptions: c
                        .exceptions
                        .into_iter()
                        .map(|o| ObjectEntry { kind: o.kind.name(), path: o.path })
                        .collect(),
                    pinned: c.pinned,
                })
                .collect(),
        }
    }

    fn groups(&self) -> Vec<RuleGroup> {
        let mut groups: Vec<RuleGroup> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, finding) in self.target.findings.iter().enumerate().filter(|(_, f)| f.waived.is_none()) {
            let rule = finding.rule;
            let place = *places.entry(rule.name).or_insert_with(|| {
                groups.push(RuleGroup {
                    rule: rule.name,
                    category: rule.category,
                    severity: finding.severity,
                    summary: rule.summary,
                    why: rule.why,
                    findings: Vec::new(),
                });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                group.severity = group.severity.min(finding.severity);
                group.findings.push(number(at));
            }
        }
        groups
    }

    fn overview(&self) -> Overview {
        let schema = self.schema();
        let mut overview = Overview::default();
        let mut methods: BTreeMap<&str, u32> = BTreeMap::new();
        let mut actions: BTreeMap<ReferentialAction, u32> = BTreeMap::new();
        let mut index = |i| {
            let i: &Index = i;
            *methods.entry(&i.method).or_default() += 1;
            overview.unique_indexes += u32::from(i.unique);
            overview.constraint_indexes += u32::from(i.constraint.is_some());
            overview.partial_indexes += u32::from(i.predicate.is_some());
            let expression = i.keys.iter().any(|k| matches!(k.target, KeyTarget::Expression(_)));
            overview.expression_indexes += u32::from(expression);
        };
        for (_, table) in schema.live_tables() {
            schema.indexes_of(table).for_each(|(_, i)| index(i));
        }
        for (_, view) in schema.live_views() {
            indexes_of_view(schema, view).for_each(&mut index);
        }
        for (id, table) in schema.live_tables() {
            overview.row_security_tables += u32::from(table.rls_enabled);
            overview.partitions += u32::from(table.partition_of.is_some());
            for (_, constraint) in schema.constraints_of(table) {
                overview.not_validated += u32::from(!constraint.validated);
                if let ConstraintKind::ForeignKey(fk) = &constraint.kind {
                    *actions.entry(fk.on_delete).or_default() += 1;
                    overview.composite_foreign_keys += u32::from(constraint.columns.len() > 1);
                    overview.self_references += u32::from(fk.references == id);
                }
            }
        }
        overview.foreign_keys_by_delete_action =
            actions.into_iter().map(|(a, count)| Tally { name: a.sql().to_owned(), count }).collect();
        overview.indexes_by_method =
            methods.into_iter().map(|(m, count)| Tally { name: m.to_owned(), count }).collect();
        overview.indexes_by_method.order_by_key(|t| std::cmp::Reverse(t.count));
        overview
    }

    fn tables(&self, findings: &[FindingEntry]) -> Vec<TableEntry> {
        let schema = self.schema();
        let mut referenced_by: BTreeMap<TableId, Vec<ReferenceEntry>> = BTreeMap::new();
        let mut partitions: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
        for (id, table) in schema.live_tables() {
            for (_, constraint, fk) in schema.foreign_keys_of(table) {
                referenced_by.entry(fk.references).or_default().push(ReferenceEntry {
                    table: table_path(schema, id),
                    name: constraint.name.to_string(),
                    columns: column_names(table, &constraint.columns),
                    on_delete: fk.on_delete.sql(),
                });
            }
            if let Some((parent, _)) = &table.partition_of {
                partitions.entry(*parent).or_default().push(table_path(schema, id));
            }
        }
        let mut by_table: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate() {
            if let Some(object) = finding.objects.first() {
                by_table.entry(table_of(object)).or_default().push(number(at));
            }
        }
        let mut tables: Vec<TableEntry> = schema
            .live_tables()
            .map(|(id, table)| {
                let mut entry = self.table(id, table);
                entry.referenced_by = referenced_by.remove(&id).unwrap_or_default();
                entry.referenced_by.order_by(|a, b| (&a.table, &a.name).cmp(&(&b.table, &b.name)));
                entry.partitions = partitions.remove(&id).unwrap_or_default();
                entry.partitions.order();
                entry.findings = by_table.get(entry.path.as_str()).cloned().unwrap_or_default();
                entry
            })
            .collect();
        tables.order_by(|a, b| a.path.cmp(&b.path));
        tables
    }

    fn table(&self, id: TableId, table: &Table) -> TableEntry {
        let schema = self.schema();
        let mut entry = TableEntry {
            path: table_path(schema, id),
            kind: match table.kind {
                TableKind::Ordinary => "table",
                TableKind::Partitioned => "partitioned table",
                TableKind::Foreign => "foreign table",
            },
            unlogged: table.persistence == Persistence::Unlogged,
            comment: table.comment.clone(),
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            checks: Vec::new(),
            excludes: Vec::new(),
            foreign_keys: Vec::new(),
            referenced_by: Vec::new(),
            indexes: schema.indexes_of(table).map(|(_, i)| index_entry(schema, i)).collect(),
            triggers: schema.triggers_of(&table.triggers).map(|(_, t)| trigger_entry(schema, t)).collect(),
            policies: schema
                .policies_of(table)
                .map(|(_, p)| PolicyEntry {
                    name: p.name.to_string(),
                    command: p.command.sql(),
                    permissive: p.permissive,
                    roles: p.roles.iter().map(ToString::to_string).collect(),
                    using: p.using.as_ref().map(|e| schema.display_expr(e)),
                    with_check: p.with_check.as_ref().map(|e| schema.display_expr(e)),
                })
                .collect(),
            row_security: table.rls_enabled,
            row_security_forced: table.rls_forced,
            partition_key: table.partition_key.as_ref().map(|k| k.text.text.to_string()),
            partition_of: table.partition_of.as_ref().map(|(parent, bound)| PartitionEntry {
                table: table_path(schema, *parent),
                bound: bound.text.text.to_string(),
            }),
            partitions: Vec::new(),
            inherits: table.inherits.iter().map(|t| table_path(schema, *t)).collect(),
            location: self.location(table.name_span),
            origin: self.origin_of(ObjectId::Table(id)),
            findings: Vec::new(),
        };
        for (_, constraint) in schema.constraints_of(table) {
            add_constraint(schema, &mut entry, table, constraint);
        }
        entry.indexes.order_by(|a, b| a.name.cmp(&b.name));
        entry.triggers.order_by(|a, b| a.name.cmp(&b.name));
        entry.policies.order_by(|a, b| a.name.cmp(&b.name));
        entry.uniques.order_by(|a, b| a.name.cmp(&b.name));
        entry.excludes.order_by(|a, b| a.name.cmp(&b.name));
        entry.checks.order_by(|a, b| a.name.cmp(&b.name));
        entry.foreign_keys.order_by(|a, b| a.name.cmp(&b.name));
        entry.columns = self.columns(id, table);
        entry
    }

    fn columns(&self, id: TableId, table: &Table) -> Vec<ColumnEntry> {
        let schema = self.schema();
        let mut primary: Vec<ColumnNumber> = Vec::new();
        let mut foreign: Vec<ColumnNumber> = Vec::new();
        let mut unique: Vec<ColumnNumber> = Vec::new();
        for (_, constraint) in schema.constraints_of(table) {
            match &constraint.kind {
                ConstraintKind::PrimaryKey => primary.extend(&constraint.columns),
                ConstraintKind::ForeignKey(_) => foreign.extend(&constraint.columns),
                ConstraintKind::Unique { .. } if constraint.columns.len() == 1 => unique.extend(&constraint.columns),
                _ => {}
            }
        }
        for (_, index) in schema.indexes_of(table) {
            if let [Key { target: KeyTarget::Column(column), .. }] = index.keys.as_slice()
                && index.unique
                && !index.primary
                && index.predicate.is_none()
            {
                unique.push(*column);
            }
        }
        table
            .live_columns()
            .map(|(number, column)| ColumnEntry {
                name: column.name.to_string(),
                data_type: column.data_type.display(schema),
                nullable: !column.not_null,
                default: column.default.as_ref().map(|e| schema.display_expr(e)),
                identity: column.identity.map(|i| match i {
                    Identity::Always => "ALWAYS",
                    Identity::ByDefault => "BY DEFAULT",
                }),
                generated: column.generated.as_ref().map(|g| schema.display_expr(&g.expr)),
                primary_key: primary.contains(&number),
                foreign_key: foreign.contains(&number),
                unique: unique.contains(&number),
                comment: column.comment.clone(),
                origin: self.origin_of(ObjectId::Column(id, number)),
            })
            .collect()
    }

    fn views(&self) -> Vec<ViewEntry> {
        let schema = self.schema();
        let mut views: Vec<ViewEntry> = schema
            .live_views()
            .map(|(id, view)| ViewEntry {
                path: schema.path(ObjectId::View(id)),
                materialized: view.materialized,
                columns: view.columns.iter().map(ToString::to_string).collect(),
                comment: view.comment.clone(),
                indexes: indexes_of_view(schema, view).map(|i| index_entry(schema, i)).collect(),
                location: self.location(view.name_span),
            })
            .collect();
        views.order_by(|a, b| a.path.cmp(&b.path));
        views
    }

    fn types(&self) -> Vec<TypeEntry> {
        let schema = self.schema();
        let mut types: Vec<TypeEntry> = schema
            .types
            .iter()
            .filter(|(_, t)| t.dropped.is_none())
            .map(|(id, t)| {
                let (kind, definition) = type_parts(schema, t);
                TypeEntry {
                    path: schema.path(ObjectId::Type(id)),
                    kind,
                    definition,
                    comment: t.comment.clone(),
                    location: self.location(t.name_span),
                }
            })
            .collect();
        types.order_by(|a, b| a.path.cmp(&b.path));
        types
    }

    fn functions(&self) -> Vec<FunctionEntry> {
        let schema = self.schema();
        let mut functions: Vec<FunctionEntry> = schema
            .functions
            .iter()
            .filter(|(_, f)| f.dropped.is_none())
            .map(|(id, f)| FunctionEntry {
                path: schema.path(ObjectId::Function(id)),
                kind: schema.kind(ObjectId::Function(id)).name(),
                returns: returns_text(schema, f),
                language: f.language.to_string(),
                security_definer: f.security_definer,
                location: self.location(f.name_span),
            })
            .collect();
        functions.order_by(|a, b| a.path.cmp(&b.path));
        functions
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(super) fn table_path(schema: &Schema, id: TableId) -> String {
    schema.relation_path(RelationId::Table(id))
}

fn column_names(table: &Table, numbers: &[ColumnNumber]) -> Vec<String> {
    numbers.iter().filter_map(|n| Some(table.column(*n)?.name.to_string())).collect()
}

fn indexes_of_view<'a>(schema: &'a Schema, view: &'a View) -> impl Iterator<Item = &'a Index> {
    view.indexes.iter().filter_map(|id| schema.indexes.get(*id)).filter(|i| i.dropped.is_none())
}

fn add_constraint(schema: &Schema, entry: &mut TableEntry, table: &Table, constraint: &Constraint) {
    let name = constraint.name.to_string();
    let columns = column_names(table, &constraint.columns);
    match &constraint.kind {
        ConstraintKind::PrimaryKey => entry.primary_key = Some(KeyEntry { name, columns }),
        ConstraintKind::Unique { .. } => entry.uniques.push(KeyEntry { name, columns }),
        ConstraintKind::Check(check) => entry.checks.push(CheckEntry {
            name,
            expression: schema.display_expr(check),
            validated: constraint.validated,
        }),
        ConstraintKind::ForeignKey(fk) => {
            let referenced = schema.tables.get(fk.references);
            entry.foreign_keys.push(ForeignKeyEntry {
                name,
                columns,
                references: table_path(schema, fk.references),
                referenced_columns: referenced.map(|t| column_names(t, &fk.columns)).unwrap_or_default(),
                on_delete: fk.on_delete.sql(),
                on_update: fk.on_update.sql(),
                deferrable: constraint.deferrable,
                validated: constraint.validated,
            });
        }
        ConstraintKind::Exclude { .. } => {
            let index = constraint.index.and_then(|i| schema.indexes.get(i));
            let columns = index.map_or(columns, |i| index_entry(schema, i).keys);
            entry.excludes.push(KeyEntry { name, columns });
        }
    }
}

pub(super) fn index_entry(schema: &Schema, index: &Index) -> IndexEntry {
    let table = match index.owner {
        RelationId::Table(t) => schema.tables.get(t),
        _ => None,
    };
    let view = match index.owner {
        RelationId::View(v) => schema.views.get(v),
        _ => None,
    };
    let column = |number: ColumnNumber| -> String {
        let of_table = table.and_then(|t| t.column(number)).map(|c| &c.name);
        of_table.or_else(|| view?.columns.get(number.index())).map(|n| quote(n)).unwrap_or_default()
    };
    let key = |key: &Key| {
        let mut sql = match &key.target {
            KeyTarget::Column(number) => column(*number),
            KeyTarget::Expression(e) => format!("({})", schema.display_expr(e)),
        };
        if let Some(collation) = &key.collation {
            sql.push_str(&format!(" COLLATE {}", quote(collation)));
        }
        if let Some(opclass) = &key.opclass {
            sql.push_str(&format!(" {}", quote(opclass)));
        }
        if key.descending {
            sql.push_str(" DESC");
        }
        if key.nulls_first != key.descending {
            sql.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        sql
    };
    IndexEntry {
        name: index.name.to_string(),
        method: index.method.to_string(),
        unique: index.unique,
        keys: index.keys.iter().map(key).collect(),
        include: index.include.iter().map(|n| column(*n)).collect(),
        predicate: index.predicate.as_ref().map(|e| schema.display_expr(e)),
        constraint: index.constraint.and_then(|c| schema.constraints.get(c)).map(|c| c.name.to_string()),
    }
}

pub(super) fn trigger_entry(schema: &Schema, trigger: &Trigger) -> TriggerEntry {
    let timing = match trigger.timing {
        TriggerTiming::Before => "BEFORE",
        TriggerTiming::After => "AFTER",
        TriggerTiming::InsteadOf => "INSTEAD OF",
    };
    let events: Vec<&str> = trigger
        .events
        .iter()
        .map(|e| match e {
            TriggerEvent::Insert => "INSERT",
            TriggerEvent::Update => "UPDATE",
            TriggerEvent::Delete => "DELETE",
            TriggerEvent::Truncate => "TRUNCATE",
        })
        .collect();
    let level = if trigger.for_each_row { "ROW" } else { "STATEMENT" };
    TriggerEntry {
        name: trigger.name.to_string(),
        event: format!("{timing} {} FOR EACH {level}", events.join(" OR ")),
        function: match &trigger.function {
            TriggerFunction::User(id) => schema.path(ObjectId::Function(*id)),
            TriggerFunction::Named(namespace, name) => format!("{}.{}()", quote(namespace), quote(name)),
        },
        enabled: matches!(trigger.state, TriggerState::Enabled | TriggerState::Always),
    }
}

/// The path of the table that an object is or belongs to.
fn table_of(object: &ObjectEntry) -> &str {
    match object.kind {
        "column" | "constraint" | "index" | "trigger" | "policy" | "rule" => parent_path(&object.path),
        _ => &object.path,
    }
}

/// A path without its last name; dots inside quotes are part of a name.
fn parent_path(path: &str) -> &str {
    let mut quoted = false;
    let mut last = 0;
    for (at, c) in path.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '.' if !quoted => last = at,
            _ => {}
        }
    }
    path.get(..last).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_belongs_to_its_table() {
        assert_eq!(parent_path("public.t.c"), "public.t");
        assert_eq!(parent_path("public.\"a.b\".\"c.\"\"d\""), "public.\"a.b\"");
        assert_eq!(parent_path("t"), "");
    }

    #[test]
    fn a_project_is_named_after_what_its_files_share() {
        assert_eq!(common_name(&[]), "Nothing read");
        assert_eq!(common_name(&["db/schema.sql"]), "schema.sql");
        assert_eq!(common_name(&["shop/migrations/1.sql", "shop/migrations/2.sql"]), "migrations");
        assert_eq!(common_name(&["shop/a/1.sql", "shop/b/2.sql"]), "shop");
        assert_eq!(common_name(&["a.sql", "b.sql"]), "a.sql and 1 more");
    }
}
