//! The remediation plan: which findings come when, and the SQL of each phase in an order in which it runs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::number;
use super::model::{FindingEntry, TargetReport};
use crate::analysis::TargetAnalysis;
use crate::finding::{Certainty, Severity};
use crate::history::Revision;
use crate::operation::{AlterTableAction, Operation, OperationKind};
use crate::order::Order;
use crate::read::ddl::read_statement;
use crate::replay::{Settings, replay};
use crate::rules::Category;
use crate::source::{FileId, Part, Splitter};

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

/// Most fixes that are tried one after the other; a schema with more has them all by themselves in its findings.
const MAX_FIXES: usize = 5_000;
/// How often the order is tried without what could not run in it.
const MAX_ROUNDS: usize = 8;

/// A fix with what it consists of.
struct Repair {
    finding: u32,
    phase: Phase,
    rank: u8,
    operations: Vec<Operation>,
}

pub(super) fn plan(target: &TargetAnalysis, report: &TargetReport) -> Vec<PhaseEntry> {
    let mut repairs = repairs(target, report);
    // Stable: what is equal stays in the order of the findings.
    repairs.order_by_key(|r| (r.phase, r.rank));
    let held = try_in_order(target, &repairs);
    let order: BTreeMap<u32, usize> = repairs.iter().enumerate().map(|(at, r)| (r.finding, at)).collect();
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
                    StepEntry { finding, effort: Effort::of(f), held: held.get(&finding).cloned() }
                })
                .collect();
            // Decisions come first: they may make a statement needless.
            steps.order_by_key(|s| order.get(&s.finding).map_or(0, |at| at + 1));
            let sql = phase_sql(report, &steps, &order);
            PhaseEntry { phase, steps, sql }
        })
        .filter(|p| !p.steps.is_empty())
        .collect()
}

fn phase_sql(report: &TargetReport, steps: &[StepEntry], order: &BTreeMap<u32, usize>) -> String {
    let mut sql = String::new();
    for step in steps.iter().filter(|s| s.held.is_none() && order.contains_key(&s.finding)) {
        let Some(finding) = report.findings.get(step.finding as usize) else { continue };
        let Some(fix) = &finding.fix else { continue };
        if !sql.is_empty() {
            sql.push('\n');
        }
        let look = if fix.caution.is_some() { ", look first" } else { "" };
        sql.push_str(&format!("-- F{} {}{look}\n", step.finding.saturating_add(1), finding.rule));
        sql.push_str(fix.sql.trim_end());
        sql.push('\n');
    }
    sql
}

fn repairs(target: &TargetAnalysis, report: &TargetReport) -> Vec<Repair> {
    // A file that is none of the project's: nothing that it says has a place in them.
    let file = FileId(u32::MAX);
    let mut repairs = Vec::new();
    for (at, finding) in report.findings.iter().enumerate() {
        let (Some(fix), Some(phase)) = (&finding.fix, phase_of(finding)) else { continue };
        if repairs.len() >= MAX_FIXES {
            break;
        }
        // A mistake of how migrations are written is repaired in their files, not by another one behind them.
        if matches!(finding.category, Category::MigrationSafety | Category::MigrationHistory)
            && target.history.revisions.len() > 1
        {
            continue;
        }
        let operations = operations(&fix.sql, file);
        let rank = operations.iter().map(rank).min().unwrap_or(u8::MAX);
        repairs.push(Repair { finding: number(at), phase, rank, operations });
    }
    repairs
}

fn operations(sql: &str, file: FileId) -> Vec<Operation> {
    let mut operations = Vec::new();
    let mut splitter = Splitter::new(0);
    let mut sink = |part: Part<'_>| {
        if let Part::Statement { text, at, .. } = part {
            operations.extend(read_statement(text, file, at.offset).operations);
        }
    };
    splitter.push(sql.as_bytes(), &mut sink);
    splitter.finish(&mut sink);
    operations
}

/// What must be there before something else can: schemas and types before columns, columns before keys, keys before references, indexes after the
/// columns that they are of; what takes away or renames comes last, since everything before was written for the old state.
fn rank(operation: &Operation) -> u8 {
    match &operation.kind {
        OperationKind::CreateSchema { .. } | OperationKind::CreateExtension { .. } => 0,
        OperationKind::CreateType { .. } | OperationKind::CreateDomain(_) | OperationKind::CreateSequence(_) => 1,
        OperationKind::CreateFunction(_) => 2,
        OperationKind::CreateTable(_) => 3,
        OperationKind::AlterTable(alter) => {
            alter.actions.iter().map(|(action, _)| action_rank(action)).min().unwrap_or(6)
        }
        OperationKind::Dml { .. } => 7,
        OperationKind::CreateIndex(_) => 11,
        OperationKind::CreateView(_) => 12,
        OperationKind::CreateTrigger(_) => 13,
        OperationKind::CreatePolicy(_) | OperationKind::AlterPolicy(_) => 14,
        OperationKind::Grant(_) | OperationKind::DefaultPrivileges { .. } => 16,
        OperationKind::Comment { .. } => 17,
        OperationKind::Drop(_) => 18,
        OperationKind::SetSchema { .. } => 19,
        OperationKind::Rename { .. } => 20,
        _ => 10,
    }
}

fn action_rank(action: &AlterTableAction) -> u8 {
    use crate::operation::ConstraintDefKind as Kind;
    match action {
        AlterTableAction::AddColumn { .. } => 4,
        AlterTableAction::SetType { .. } => 5,
        AlterTableAction::AddConstraint(constraint) => match &constraint.kind {
            Kind::ForeignKey { .. } => 10,
            _ => 9,
        },
        AlterTableAction::SetNotNull { .. } | AlterTableAction::ValidateConstraint { .. } => 10,
        AlterTableAction::RowSecurity(_) => 15,
        AlterTableAction::DropColumn { .. } | AlterTableAction::DropConstraint { .. } => 18,
        _ => 6,
    }
}

/// Runs the fixes behind the history, one after the other, and gives what the database would refuse of them with the reason. What is refused is taken out
/// as a whole, and the rest is tried again, until all of it runs.
fn try_in_order(target: &TargetAnalysis, repairs: &[Repair]) -> BTreeMap<u32, String> {
    let mut held: BTreeMap<u32, String> = BTreeMap::new();
    if repairs.iter().all(|r| r.operations.is_empty()) {
        return held;
    }
    let settings = Settings { server_version: target.target.server_version };
    let revision = number(target.history.revisions.len());
    for _ in 0..MAX_ROUNDS {
        let mut history = target.history.clone();
        let mut up = Vec::new();
        let mut owner = Vec::new();
        for repair in repairs.iter().filter(|r| !held.contains_key(&r.finding)) {
            up.extend(repair.operations.iter().cloned());
            owner.resize(up.len(), repair.finding);
        }
        history.revisions.push(Revision { up, own_session: true, ..Revision::default() });
        let mut refused: BTreeSet<u32> = BTreeSet::new();
        for conflict in replay(&history, settings).conflicts.iter().filter(|c| c.revision == revision) {
            let Some(finding) = owner.get(conflict.operation as usize) else { continue };
            if refused.insert(*finding) {
                held.insert(*finding, conflict.message.clone());
            }
        }
        if refused.is_empty() {
            return held;
        }
    }
    held
}
