//! Findings: pages with honest counts, and single ones.

use serde::{Deserialize, Serialize};

use crate::{Location, RelationKey, Waived};

/// How bad it is, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word on screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It follows from the catalogue.
    Proven,
    /// It rests on a name or a shape.
    Likely,
    /// It depends on the workload.
    Advisory,
}

impl Certainty {
    /// All certainties, surest first.
    pub const ALL: [Self; 3] = [Self::Proven, Self::Likely, Self::Advisory];

    /// The word on screen and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Advisory => "advisory",
        }
    }
}

/// Findings counted by severity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the severities")]
pub struct SeverityCounts {
    pub critical: u32,
    pub high: u32,
    pub medium: u32,
    pub low: u32,
    pub info: u32,
}

impl SeverityCounts {
    /// The count of one severity.
    pub fn of(&self, severity: Severity) -> u32 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        };
        *count += 1;
    }

    /// All of them.
    pub fn total(&self) -> u32 {
        Severity::ALL.into_iter().map(|s| self.of(s)).sum()
    }

    /// The worst severity that has any.
    pub fn worst(&self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| self.of(*s) > 0)
    }
}

/// Which findings. Within one field any of the values will do, an empty list leaves the field open; a finding must meet all fields.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FindingsFilter {
    /// Only of this target.
    pub target: Option<u32>,
    /// Severities.
    pub severities: Vec<Severity>,
    /// Certainties.
    pub certainties: Vec<Certainty>,
    /// Categories in kebab-case.
    pub categories: Vec<String>,
    /// Rule names.
    pub rules: Vec<String>,
    /// Only about this table or view, or something that belongs to it. Needs `target`.
    pub relation: Option<RelationKey>,
    /// Only those with a place in this file, by its place in [`Overview::files`](crate::Overview::files).
    pub file: Option<u32>,
    /// Only those with a fix.
    pub fixable: bool,
    /// Those that are accepted instead of those that are not.
    pub waived: bool,
    /// Only those whose message, rule or object path contains this, whatever the case.
    pub text: String,
}

/// A page of findings.
///
/// The counts are what a chip beside them promises: the count of a value says how many findings there would be if that value alone were
/// chosen in its field, with all other fields of the filter as they are. So a chip never shows a number that choosing it does not give,
/// and choosing one does not send its neighbours to zero.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingsPage {
    /// All findings, without any filter.
    pub total: u32,
    /// Findings that meet the filter: of these `rows` are a part.
    pub matching: u32,
    /// Which place the first of `rows` has among those that match.
    pub offset: u32,
    /// Findings that are accepted: those of [`FindingsFilter::waived`], without any other filter. Nothing else counts them.
    pub waived: u32,
    /// Counts by severity.
    pub severities: SeverityCounts,
    /// Counts by certainty, surest first, all three of them.
    pub certainties: Vec<CertaintyCount>,
    /// Counts by category, in the catalogue's order, those that have any finding in the project.
    pub categories: Vec<CategoryCount>,
    /// Counts by rule, worst first, those that have any finding in the project.
    pub rules: Vec<RuleCount>,
    /// The findings, ranked: severity, then certainty, rule and place.
    pub rows: Vec<FindingRow>,
}

/// How many findings of one certainty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertaintyCount {
    /// The certainty.
    pub certainty: Certainty,
    /// How many.
    pub count: u32,
}

/// How many findings in one category.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryCount {
    /// The category in kebab-case.
    pub category: String,
    /// How many.
    pub count: u32,
}

/// How many findings of one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCount {
    /// The rule's name.
    pub rule: String,
    /// What it flags, in one sentence.
    pub summary: String,
    /// Its category in kebab-case.
    pub category: String,
    /// The worst severity that it has in the project.
    pub severity: Severity,
    /// How many.
    pub count: u32,
}

/// A finding as one row of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingRow {
    /// Its index in the analysis; [`Query::Finding`](crate::Query::Finding) takes it.
    pub index: u32,
    /// The target.
    pub target: u32,
    /// The rule's name.
    pub rule: String,
    /// The rule's category in kebab-case.
    pub category: String,
    /// Severity.
    pub severity: Severity,
    /// Certainty.
    pub certainty: Certainty,
    /// What it is about; the first is the subject.
    pub objects: Vec<Subject>,
    /// What is wrong with which object. Names stand in backticks.
    pub message: String,
    /// What in the input says so.
    pub evidence: Option<String>,
    /// Where, the subject's place first.
    pub locations: Vec<Location>,
    /// The repair.
    pub fix: Option<Fix>,
    /// The table or view that the subject is or belongs to: what to show in the diagram.
    pub relation: Option<RelationKey>,
    /// Identity across runs.
    pub fingerprint: String,
    /// Why it is accepted, where it is: it counts nowhere then.
    pub waived: Option<Waived>,
}

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// The kind of object in words: `table`, `foreign table`, `column` …
    pub kind: String,
    /// `schema.table.name`, quoted where needed.
    pub path: String,
}

/// A repair.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// One or more statements, each ended by a semicolon.
    pub sql: String,
    /// What could stand in its way, with the query that shows it.
    pub caution: Option<String>,
}

/// One finding with its neighbours.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingDetail {
    /// The finding.
    pub row: FindingRow,
    /// What its rule flags, in one sentence. The rest of the rule's prose is in `rules.json` ([`RuleDocs`](crate::RuleDocs)).
    pub summary: String,
    /// Other findings of the same rule in the same target.
    pub same_rule: u32,
    /// Indexes of other findings about the same table or view, in order of rank.
    pub same_relation: Vec<u32>,
}
