//! The remediation plan: which findings come when, and the SQL of each phase in an order in which it runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::number;
use super::model::{FindingEntry, TargetReport};
use crate::analysis::{Analysis, TargetAnalysis};
use crate::emit::{Repair, assemble};
use crate::finding::{Certainty, Finding, Severity};
use crate::order::Order;

/// A phase of the plan.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseEntry {
    /// Which one.
    pub phase: Phase,
    /// What to do, in order.
    pub steps: Vec<StepEntry>,
    /// The SQL of its steps in that order; empty where none has any.
    pub sql: String,
}

/// When something is to be done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each says what its name says")]
pub enum Phase {
    BeforeProduction,
    ShortTerm,
    LongTerm,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; 3] = [Self::BeforeProduction, Self::ShortTerm, Self::LongTerm];

    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::BeforeProduction => "Before production",
            Self::ShortTerm => "Short term",
            Self::LongTerm => "Long term",
        }
    }
}

/// A step of the plan: one finding to be dealt with.
#[derive(Clone, Debug, Serialize)]
pub struct StepEntry {
    /// The finding, by its place in [`TargetReport::findings`].
    pub finding: u32,
    /// How much work it is.
    pub effort: Effort,
    /// Why its SQL is not part of the phase's, where it has some: what the statements before it make of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

/// How much work a repair is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effort {
    /// SQL that runs as it is.
    Ready,
    /// SQL with something to be looked at first: existing rows, locks, roles.
    Look,
    /// A decision, and SQL or code that follows from it.
    Decide,
}

impl Effort {
    pub(super) fn of(finding: &FindingEntry) -> Self {
        match &finding.fix {
            None => Self::Decide,
            Some(fix) if fix.caution.is_some() => Self::Look,
            Some(_) => Self::Ready,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ready => "SQL, ready",
            Self::Look => "SQL, look first",
            Self::Decide => "decide first",
        }
    }
}

/// When a finding is to be dealt with; `None` for what is only worth knowing, accepted, or past.
///
/// Severity decides. What depends on the workload comes a phase later, as it must be judged on the running database; and what takes no more than SQL that
/// is certain and runs as it is comes no later than the short term.
pub(super) fn phase_of(finding: &FindingEntry) -> Option<Phase> {
    // What is accepted, and the hazard of a migration that has been run already, is nothing to be done.
    if finding.waived.is_some() || finding.past {
        return None;
    }
    let phase = match finding.severity {
        Severity::Critical | Severity::High => Phase::BeforeProduction,
        Severity::Medium => Phase::ShortTerm,
        Severity::Low => Phase::LongTerm,
        Severity::Info => return None,
    };
    Some(match (finding.certainty, phase) {
        (Certainty::Advisory, Phase::BeforeProduction) => Phase::ShortTerm,
        (Certainty::Advisory, _) => Phase::LongTerm,
        (Certainty::Proven, Phase::LongTerm) if Effort::of(finding) == Effort::Ready => Phase::ShortTerm,
        _ => phase,
    })
}

pub(super) fn plan(analysis: &Analysis, target: &TargetAnalysis, report: &TargetReport) -> Vec<PhaseEntry> {
    let mut places: BTreeMap<&str, u32> = BTreeMap::new();
    for (at, finding) in target.findings.iter().enumerate() {
        places.entry(&finding.fingerprint).or_insert(number(at));
    }
    let place = |finding: &Finding| places.get(finding.fingerprint.as_str()).copied();
    let phase = |finding: &Finding| place(finding).and_then(|at| phase_of(report.findings.get(at as usize)?));
    // A mistake of how migrations are written is repaired in their files, not by another one behind them.
    let several = target.history.revisions.len() > 1;
    let in_files = |f: &Finding| f.rule.category.is_of_migrations() && several;
    let chosen = target.findings.iter().filter(|f| phase(f).is_some() && !in_files(f));
    let assembled = assemble(analysis, target, chosen, |f| phase(f).map_or(u8::MAX, |phase| phase as u8), false);
    let order: BTreeMap<u32, usize> = assembled
        .repairs
        .iter()
        .enumerate()
        .flat_map(|(at, r)| r.findings().filter_map(&place).map(move |finding| (finding, at)))
        .collect();
    let held: BTreeMap<u32, &str> =
        assembled.left_out.iter().filter_map(|(f, reason)| Some((place(f)?, reason.as_str()))).collect();
    Phase::ALL
        .into_iter()
        .map(|phase| {
            let mut steps: Vec<StepEntry> = report
                .findings
                .iter()
                .enumerate()
                .filter(|(_, f)| phase_of(f) == Some(phase))
                .map(|(at, f)| {
                    let finding = number(at);
                    StepEntry { finding, effort: Effort::of(f), held: held.get(&finding).map(|r| (*r).to_owned()) }
                })
                .collect();
            // Decisions come first: they may make a statement needless. Last comes what has statements that are not among those of the phase.
            let has_fix = |s: &StepEntry| report.findings.get(s.finding as usize).is_some_and(|f| f.fix.is_some());
            steps.order_by_key(|s| match order.get(&s.finding) {
                Some(at) => at + 1,
                None if has_fix(s) => usize::MAX,
                None => 0,
            });
            let of_phase: BTreeSet<u32> = steps.iter().map(|s| s.finding).collect();
            let own = |r: &&Repair<'_>| place(r.finding).is_some_and(|at| of_phase.contains(&at));
            let sql = phase_sql(assembled.repairs.iter().filter(own), &place);
            PhaseEntry { phase, steps, sql }
        })
        .filter(|p| !p.steps.is_empty())
        .collect()
}

fn phase_sql<'a>(repairs: impl Iterator<Item = &'a Repair<'a>>, place: &impl Fn(&Finding) -> Option<u32>) -> String {
    let mut sql = String::new();
    for repair in repairs {
        if !sql.is_empty() {
            sql.push('\n');
        }
        let cautions = || repair.findings().filter_map(|f| f.fix.as_ref()?.caution.as_ref());
        let look = if cautions().next().is_some() { ", look first" } else { "" };
        // `F3, F7 rule`, where one statement repairs both.
        let mut names = String::new();
        let mut findings = repair.findings().peekable();
        while let Some(finding) = findings.next() {
            let next = findings.peek().map(|f| f.rule.name);
            let rule = if next == Some(finding.rule.name) { String::new() } else { format!(" {}", finding.rule.name) };
            let end = if next.is_some() { ", " } else { "" };
            names.push_str(&format!("F{}{rule}{end}", place(finding).map_or(0, |at| at.saturating_add(1))));
        }
        sql.push_str(&format!("-- {names}{look}\n"));
        for statement in &repair.statements {
            sql.push_str(&statement.sql);
            sql.push_str(";\n");
        }
    }
    sql
}
