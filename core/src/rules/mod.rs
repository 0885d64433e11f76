//! Rules: one rule, one file, one line in [`REGISTRY`].

use crate::finding::{Certainty, Severity};
use crate::replay::Replay;
use crate::schema::Schema;

/// A named check with everything that is to be said about it. Its examples are test, documentation and the page's "explain" panel at once.
#[derive(Debug)]
pub struct Rule {
    /// Name in kebab-case; the file is named the same with underscores.
    pub name: &'static str,
    /// The folder it lives in.
    pub category: Category,
    /// Default severity.
    pub severity: Severity,
    /// Default certainty.
    pub certainty: Certainty,
    /// What it flags, in one sentence.
    pub summary: &'static str,
    /// Why it matters, in a few sentences, with the manual's section.
    pub why: &'static str,
    /// SQL that it fires on. The spans that the finding must point at are marked with `«` and `»`, one pair for each finding.
    pub fires: &'static [&'static str],
    /// SQL that looks alike and is right: the rule's known false alarms first.
    pub silent: &'static [&'static str],
    /// Weaker rules whose finding on the same subject is dropped when this one fires.
    pub supersedes: &'static [&'static str],
    /// The check itself.
    pub check: fn(&Context<'_>, &mut Findings),
}

/// The folders of rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the categories of the catalogue")]
pub enum Category {
    MigrationHistory,
    MigrationSafety,
    KeysAndReferences,
    Indexes,
    Types,
    Constraints,
    Naming,
    Security,
    Partitioning,
    ViewsAndFunctions,
    DataLifecycle,
    Documentation,
}

/// What a rule may look at.
pub struct Context<'a> {
    /// The end state.
    pub schema: &'a Schema,
    /// How it came about: steps and conflicts.
    pub replay: &'a Replay,
}

/// Collects the findings of one rule.
pub struct Findings {}
