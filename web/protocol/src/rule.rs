//! The static documentation of rules that the page fetches at start (`rules.json`), so that the prose does not weigh on the engine.

use serde::{Deserialize, Serialize};

use crate::{Certainty, Severity};

/// The whole file: what `relata rules --format json` prints.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleDocs {
    /// The rules by category and name.
    pub rules: Vec<RuleDoc>,
}

/// What is to be said about a rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleDoc {
    /// Its name in kebab-case.
    pub name: String,
    /// Its category in kebab-case.
    pub category: String,
    /// Default severity.
    pub severity: Severity,
    /// Default certainty.
    pub certainty: Certainty,
    /// What it flags, in one sentence.
    pub summary: String,
    /// Why it matters.
    pub why: String,
    /// SQL that it fires on.
    pub bad: Vec<String>,
    /// SQL that looks alike and is right.
    pub good: Vec<String>,
    /// Weaker rules whose finding on the same subject is dropped when this one fires.
    pub supersedes: Vec<String>,
}
