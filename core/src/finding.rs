//! Findings: what a rule says of an object, with evidence, certainty and, where one exists, a fix.

use std::fmt;

use crate::operation::ObjectKind;
use crate::rules::Rule;
use crate::source::Span;

/// How bad it is, worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data is lost or exposed, or the schema cannot be made.
    Critical,
    /// A defect that will hurt in production.
    High,
    /// A defect that hurts under load, at scale or over time.
    Medium,
    /// Worth doing when one is there anyway.
    Low,
    /// Worth knowing; never touches the score.
    Info,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Severity; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word in JSON and on screen.
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

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// It follows from the catalogue.
    Proven,
    /// It rests on a name or a shape.
    Likely,
    /// It depends on the workload; opt in.
    Advisory,
}

impl Certainty {
    /// The word in JSON and on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
            Self::Advisory => "advisory",
        }
    }
}

/// What a finding is about: kind and path, as printed in JSON.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Subject {
    /// The kind of object.
    pub kind: ObjectKind,
    /// `schema.table.name`, quoted where needed; a file name or revision for those kinds.
    pub path: String,
}

/// SQL that the target database accepts, after which the finding is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// One or more statements, each ended by a semicolon.
    pub sql: String,
    /// What could stand in its way, with the query that shows it; empty where nothing can.
    pub caution: Option<String>,
}

/// One rule at one subject.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that says it.
    pub rule: &'static Rule,
    /// Its severity here; a rule may lower or raise its default.
    pub severity: Severity,
    /// Its certainty here.
    pub certainty: Certainty,
    /// What it is about; the first is the subject, what a fix would change.
    pub objects: Vec<Subject>,
    /// What is wrong with which object, in one or two sentences. Names in backticks.
    pub message: String,
    /// What in the input says so ("18 of 20 tables have …").
    pub evidence: Option<String>,
    /// Where, the subject's place first.
    pub spans: Vec<Span>,
    /// The repair.
    pub fix: Option<Fix>,
    /// Identity across runs: a hash of rule, target role and object paths, in hexadecimal.
    pub fingerprint: String,
}
