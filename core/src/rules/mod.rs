//! Rules: one rule, one file, one line in [`REGISTRY`].
//!
//! A rule looks at a [`Context`] and reports to a [`Findings`]. What many rules ask of a schema (which tables are the project's own, what an
//! index covers, how names relate) lives in [`support`]; what the schema shows of its own conventions lives in [`infer`](crate::infer).

/// The examples of a rule: there for tests, for documentation and for `rules.json`, not in the engine, whose page fetches `rules.json`.
macro_rules! examples {
    ($($example:expr),* $(,)?) => {{
        #[cfg(any(test, feature = "examples"))]
        const EXAMPLES: &[&str] = &[$($example),*];
        #[cfg(not(any(test, feature = "examples")))]
        const EXAMPLES: &[&str] = &[];
        EXAMPLES
    }};
}

mod catalog;
mod collector;
mod constraints;
mod dialects;
mod documentation;
mod echoes;
mod example;
#[cfg(test)]
mod graph_tests;
mod history;
mod indexes;
mod keys;
mod lifecycle;
mod naming;
mod partitioning;
mod registry;
mod safety;
mod security;
pub(crate) mod support;
#[cfg(test)]
mod tests;
mod types;
mod views;

pub(crate) use self::echoes::drop_echoes;
pub use catalog::{ParameterEntry, RuleEntry, rule_catalog};
pub use collector::{Draft, Findings};
pub use example::example_files;
pub(crate) use history::inconsistent_migration_naming::pattern as migration_shape;
pub(crate) use lifecycle::updated_at_without_trigger::{change_columns, is_kept};
pub use registry::REGISTRY;

use std::collections::BTreeSet;

use crate::analysis::{Checked, Dialect, Target};
use crate::collections::Lookup;
use crate::finding::{Certainty, Finding, Severity};
use crate::history::History;
use crate::infer::Conventions;
use crate::order::Order;
use crate::policy::{self, Level, Policy};
use crate::replay::Replay;
use crate::schema::Schema;
use crate::source::Span;
use crate::source::{FileId, Sources};
use support::{OwnColumns, References, Rows, Scope, Steps, Texts, share_trees};

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
    /// Input that it fires on: SQL, or several files as [`example_files`] tells them apart. The spans that the finding must point at are marked
    /// with `«` and `»`, one pair for each finding.
    pub fires: &'static [&'static str],
    /// Input that looks alike and is right: the rule's known false alarms first.
    pub silent: &'static [&'static str],
    /// Weaker rules whose finding on the same subject is dropped when this one fires.
    pub supersedes: &'static [&'static str],
    /// The check itself.
    pub check: fn(&Context<'_>, &mut Findings<'_>),
}

impl Rule {
    /// Whether it runs only where it is asked for.
    pub fn is_opt_in(&self) -> bool {
        registry::OPT_IN.contains(&self.name)
    }
}

/// The folders of rules.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
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

impl Category {
    /// All categories, in the order of reports.
    pub const ALL: [Category; 12] = [
        Self::MigrationHistory,
        Self::MigrationSafety,
        Self::KeysAndReferences,
        Self::Indexes,
        Self::Types,
        Self::Constraints,
        Self::Naming,
        Self::Security,
        Self::Partitioning,
        Self::ViewsAndFunctions,
        Self::DataLifecycle,
        Self::Documentation,
    ];

    /// Whether its rules look at how a schema came about, not at what it is.
    pub fn is_of_migrations(self) -> bool {
        matches!(self, Self::MigrationHistory | Self::MigrationSafety)
    }

    /// The word in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::MigrationHistory => "migration-history",
            Self::MigrationSafety => "migration-safety",
            Self::KeysAndReferences => "keys-and-references",
            Self::Indexes => "indexes",
            Self::Types => "types",
            Self::Constraints => "constraints",
            Self::Naming => "naming",
            Self::Security => "security",
            Self::Partitioning => "partitioning",
            Self::ViewsAndFunctions => "views-and-functions",
            Self::DataLifecycle => "data-lifecycle",
            Self::Documentation => "documentation",
        }
    }

    /// The heading in reports.
    pub fn title(self) -> &'static str {
        match self {
            Self::MigrationHistory => "Migration history",
            Self::MigrationSafety => "Migration safety",
            Self::KeysAndReferences => "Keys and references",
            Self::Indexes => "Indexes",
            Self::Types => "Types",
            Self::Constraints => "Constraints",
            Self::Naming => "Naming",
            Self::Security => "Tenancy and security",
            Self::Partitioning => "Partitioning",
            Self::ViewsAndFunctions => "Views and functions",
            Self::DataLifecycle => "Data lifecycle",
            Self::Documentation => "Documentation",
        }
    }

    /// The folder of its rules under `core/src/rules`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::MigrationHistory => "history",
            Self::MigrationSafety => "safety",
            Self::KeysAndReferences => "keys",
            Self::Indexes => "indexes",
            Self::Types => "types",
            Self::Constraints => "constraints",
            Self::Naming => "naming",
            Self::Security => "security",
            Self::Partitioning => "partitioning",
            Self::ViewsAndFunctions => "views",
            Self::DataLifecycle => "lifecycle",
            Self::Documentation => "documentation",
        }
    }
}

/// What a rule may look at.
pub struct Context<'a> {
    /// The target that is judged: role, dialect, server version.
    pub target: &'a Target,
    /// Its revisions in order.
    pub history: &'a History,
    /// How the end state came about: steps and conflicts.
    pub replay: &'a Replay,
    /// The end state.
    pub schema: &'a Schema,
    /// The files: their names, and the text behind spans.
    pub sources: &'a Sources,
    /// What the schema shows of its own habits.
    pub conventions: Conventions,
    /// References that names show and no foreign key declares.
    pub(crate) references: References,
    /// The other targets of the project.
    pub(crate) others: Vec<Other<'a>>,
    /// What the team decides.
    pub policy: &'a Policy,
    /// The revisions that an older state of the same history has, where one was given.
    pub(crate) before: Option<BTreeSet<String>>,
    /// Opt-in rules that were asked for.
    enabled: Vec<String>,
    /// What was when, for rules about single migrations.
    pub(crate) steps: Steps,
    /// What texts say, as far as rules have asked.
    texts: Texts,
    /// What rows the history writes.
    rows: Rows,
    /// Which objects are the project's own.
    scope: Scope,
    /// The columns among them.
    own_columns: OwnColumns<'a>,
}

/// Another target of the project, as far as a comparison needs it.
#[derive(Clone, Copy)]
pub struct Other<'a> {
    /// What it is.
    pub target: &'a Target,
    /// Its revisions, and what its files say besides.
    pub history: &'a History,
    /// Its end state.
    pub replay: &'a Replay,
}

impl<'a> Context<'a> {
    /// Whether a table may have more than is known of it: models of which a part stands elsewhere.
    pub(crate) fn is_open(&self, table: &crate::schema::Table) -> bool {
        self.history.open_tables.iter().any(|name| name == table.name.as_str())
    }

    /// Looks over the schema once, for all rules, where nobody decided anything.
    pub fn new(target: &'a Target, history: &'a History, replay: &'a Replay, sources: &'a Sources) -> Self {
        Self::under(&policy::NONE, target, history, replay, sources)
    }

    /// The same under what the team decides.
    pub fn under(
        policy: &'a Policy,
        target: &'a Target,
        history: &'a History,
        replay: &'a Replay,
        sources: &'a Sources,
    ) -> Self {
        let schema = &replay.schema;
        share_trees(schema);
        let scope = Scope::new(schema, policy);
        let own_columns = OwnColumns::of(schema, &scope);
        let conventions = Conventions::infer(schema, &scope, &own_columns, &policy.conventions);
        let references = References::infer(schema, &scope, &own_columns);
        let steps = Steps::new(target.role, &target.layout, history, replay);
        Self {
            target,
            history,
            replay,
            schema,
            sources,
            conventions,
            references,
            others: Vec::new(),
            policy,
            before: None,
            enabled: Vec::new(),
            steps,
            texts: Texts::default(),
            rows: Rows::default(),
            scope,
            own_columns,
        }
    }

    /// The same with the other targets of the project beside it.
    pub fn beside(mut self, others: impl IntoIterator<Item = Other<'a>>) -> Self {
        self.others.extend(others);
        self
    }

    /// The same, knowing which revisions an older state of the history has.
    pub(crate) fn since(mut self, revisions: impl IntoIterator<Item = String>) -> Self {
        self.before = Some(revisions.into_iter().collect());
        self
    }

    /// Whether a rule runs: those that are opt-in where they were asked for, here or by the policy.
    fn runs(&self, rule: &Rule) -> bool {
        if !dialects::holds(rule, self.target.dialect) {
            return false;
        }
        let enabled = self.enabled.iter().any(|e| e == rule.name);
        self.policy.runs(rule) || (enabled && self.policy.level(rule.name) != Some(Level::Off))
    }

    /// A number that a rule goes by.
    pub(crate) fn number(&self, rule: &str, key: &str) -> usize {
        usize::try_from(self.policy.number(rule, key)).unwrap_or(usize::MAX)
    }

    /// Asks for opt-in rules by name.
    pub fn enable(mut self, rules: &[String]) -> Self {
        self.enabled.extend_from_slice(rules);
        self
    }

    /// Whether the project's settings or the caller name a rule.
    pub(crate) fn is_asked_for(&self, rule: &Rule) -> bool {
        self.enabled.iter().any(|name| name == rule.name) || self.policy.level(rule.name).is_some()
    }
}

/// The rule of this name.
pub fn find(name: &str) -> Option<&'static Rule> {
    REGISTRY.iter().copied().find(|r| r.name == name)
}

/// Runs every rule, opt-in ones where they were asked for. Findings come ranked: severity, certainty, rule name, place; the rules that ran in
/// the registry's order.
pub fn check(context: &Context<'_>) -> (Vec<Finding>, Vec<Checked>) {
    let mut findings = Vec::new();
    let mut checked = Vec::with_capacity(REGISTRY.len());
    for rule in REGISTRY.iter().filter(|r| context.runs(r)) {
        let (mut found, objects) = run(rule, context);
        checked.push(Checked { rule, objects, findings: 0, waived: 0 });
        findings.append(&mut found);
    }
    drop_superseded(&mut findings);
    drop_told(&mut findings);
    rank(&mut findings, &context.target.files);
    let mut counts: Lookup<&'static str, u32> = Lookup::default();
    for finding in &findings {
        *counts.get_or_insert_with(finding.rule.name, || 0) += 1;
    }
    for entry in &mut checked {
        entry.findings = counts.get(entry.rule.name).copied().unwrap_or_default();
    }
    (findings, checked)
}

/// Runs one rule: its findings in the order of the schema, of the severity that the policy sets, and how many objects it looked at.
pub fn run(rule: &'static Rule, context: &Context<'_>) -> (Vec<Finding>, u32) {
    if !dialects::holds(rule, context.target.dialect) {
        return (Vec::new(), 0);
    }
    let mut findings = Findings::new(rule, context);
    (rule.check)(context, &mut findings);
    let (mut found, objects) = findings.finish();
    if context.target.dialect != Dialect::PostgreSql {
        // Repairs are written as PostgreSQL takes them.
        found.iter_mut().for_each(|finding| finding.fix = None);
    }
    if let Some(Level::Severity(severity)) = context.policy.level(rule.name) {
        found.iter_mut().for_each(|f| f.severity = severity);
    }
    (found, objects)
}

/// Drops a finding where a stronger rule has one on the same subject.
fn drop_superseded(findings: &mut Vec<Finding>) {
    let mut stronger: Vec<(&'static str, crate::finding::Subject)> = Vec::new();
    for finding in findings.iter() {
        for weaker in finding.rule.supersedes {
            if let Some(subject) = finding.objects.first() {
                stronger.push((weaker, subject.clone()));
            }
        }
    }
    stronger.order();
    findings.retain(|f| {
        f.objects
            .first()
            .is_none_or(|s| stronger.binary_search_by(|(rule, other)| (*rule, other).cmp(&(f.rule.name, s))).is_err())
    });
}

/// Drops the finding of `statement-refused` where another rule tells of the same refusal, at the same place: it knows more of it.
fn drop_told(findings: &mut Vec<Finding>) {
    let general = |f: &Finding| f.rule.name == "statement-refused";
    let mut refused: Vec<Span> = findings.iter().filter(|f| general(f)).filter_map(Finding::place).collect();
    if refused.is_empty() {
        return;
    }
    refused.order();
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for finding in findings.iter() {
        if general(finding) || finding.severity > Severity::Medium || finding.certainty != Certainty::Proven {
            continue;
        }
        for other in &finding.spans {
            // Of the refused places those that begin within this one, and the one before them, may share it.
            let from = refused.partition_point(|at| (at.file, at.start) < (other.file, other.start));
            let near = refused.get(from.saturating_sub(1)..).unwrap_or_default();
            let near = near.iter().take_while(|at| (at.file, at.start) <= (other.file, other.end));
            told.extend(near.filter(|at| at.contains(*other) || other.contains(**at)));
        }
    }
    findings.retain(|f| !general(f) || f.place().is_none_or(|at| !told.contains(&at)));
}

/// Sorts findings: the worst and surest first, then by rule name and place. Places follow the order in which `files` are replayed, not the ids
/// of files, which tell only in what order they were given.
pub(crate) fn rank(findings: &mut [Finding], files: &[FileId]) {
    let mut order: Lookup<FileId, usize> = Lookup::default();
    for (at, file) in files.iter().enumerate() {
        order.get_or_insert_with(*file, || at);
    }
    let place = |f: &Finding| f.place().map(|span| (order.get(&span.file).copied(), span.start, span.end));
    findings
        .order_by_cached_key(|f| (f.severity, f.certainty, f.rule.name, place(f)), |a, b| a.objects.cmp(&b.objects));
}
