//! The rules as data: for `relata rules`, for the static JSON that the page fetches, and for `docs/rules`, which xtask writes from it.

use super::{Category, REGISTRY, Rule};
use crate::finding::{Certainty, Severity};
use crate::order::Order;

/// A rule as documentation shows it.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleEntry {
    /// Name in kebab-case.
    pub name: &'static str,
    /// Its category.
    pub category: Category,
    /// Default severity.
    pub severity: Severity,
    /// Default certainty.
    pub certainty: Certainty,
    /// What it flags.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Input that it fires on, without marks.
    pub bad: Vec<String>,
    /// Input that looks alike and is right.
    pub good: Vec<String>,
    /// Weaker rules that it replaces on the same subject.
    pub supersedes: &'static [&'static str],
    /// Whether it runs only where it is asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub opt_in: bool,
    /// What `relata.toml` may set for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterEntry>,
}

/// A parameter of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
pub struct ParameterEntry {
    /// The key under `[rules.<name>]`.
    pub name: &'static str,
    /// What holds where nothing is set, if it is a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<u32>,
    /// What it decides.
    pub what: &'static str,
}

impl From<&'static Rule> for RuleEntry {
    fn from(rule: &'static Rule) -> Self {
        Self {
            name: rule.name,
            category: rule.category,
            severity: rule.severity,
            certainty: rule.certainty,
            summary: rule.summary,
            why: rule.why,
            bad: rule.fires.iter().map(|e| without_marks(e)).collect(),
            good: rule.silent.iter().map(|e| (*e).trim().to_owned()).collect(),
            supersedes: rule.supersedes,
            opt_in: rule.is_opt_in(),
            parameters: crate::policy::parameters(rule.name)
                .map(|(name, default, what)| ParameterEntry { name, default, what })
                .collect(),
        }
    }
}

/// Every rule, by category and name.
pub fn rule_catalog() -> Vec<RuleEntry> {
    let mut entries: Vec<RuleEntry> = REGISTRY.iter().map(|rule| RuleEntry::from(*rule)).collect();
    entries.order_by_key(|e| (e.category, e.name));
    entries
}

/// An example without the marks around what a finding points at.
fn without_marks(example: &str) -> String {
    example.trim().replace(['«', '»'], "")
}
