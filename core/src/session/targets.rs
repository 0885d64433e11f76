//! From what was read to targets: what belongs together, in which order it runs, and what follows from it.

use std::collections::BTreeMap;

use super::sql::FileReading;
use super::{FileOrder, NEWEST_SERVER_VERSION, Options, Stage};
use crate::analysis::{Checked, Coverage, Dialect, Facts, Role, Target, TargetAnalysis};
use crate::finding::Finding;
use crate::history::layout::{self, Candidate, ControlFile, Layout};
use crate::history::{History, Revision, RunnerTransaction, dependency, natural_order};
use crate::operation::{AlterTableAction, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::replay::{self, Replay, Settings};
use crate::score::Score;
use crate::source::Sources;
use crate::{rules, score};

/// What readers made of the files of one target, before it is replayed.
#[derive(Debug)]
pub(super) struct TargetInput {
    pub(super) role: Role,
    /// The layout's name, as [`Target::layout`] has it.
    pub(super) layout: String,
    pub(super) history: History,
    pub(super) coverage: Coverage,
    /// The server's version where the input names it.
    pub(super) server_version: Option<u16>,
}

/// Replays and judges each target. Ids are the roles' names, numbered where several are alike.
pub(super) fn analyse(
    options: &Options,
    sources: &Sources,
    inputs: Vec<TargetInput>,
    progress: &mut dyn FnMut(Stage),
) -> Vec<TargetAnalysis> {
    let mut taken: BTreeMap<Role, u32> = BTreeMap::new();
    let mut replayed = Vec::with_capacity(inputs.len());
    for input in inputs {
        let number = taken.entry(input.role).or_default();
        *number += 1;
        let id = match *number {
            1 => input.role.name().to_owned(),
            n => format!("{}-{n}", input.role.name()),
        };
        replayed.push(replay_target(options, id, input));
    }
    progress(Stage::Rules);
    // Some rules compare targets: all are replayed before the first is judged.
    let judged: Vec<_> = (0..replayed.len()).map(|at| judge(sources, &replayed, at)).collect();
    replayed.into_iter().zip(judged).map(|(r, j)| r.with(j)).collect()
}

/// A target that was replayed and not judged yet.
struct Replayed {
    target: Target,
    history: History,
    coverage: Coverage,
    replay: Replay,
    facts: Facts,
}

impl Replayed {
    fn with(self, (findings, checked, score): Judgement) -> TargetAnalysis {
        let Self { target, history, coverage, replay, facts } = self;
        TargetAnalysis { target, history, replay, findings, checked, score, coverage, facts }
    }
}

type Judgement = (Vec<Finding>, Vec<Checked>, Score);

fn replay_target(options: &Options, id: String, input: TargetInput) -> Replayed {
    let TargetInput { role, layout, history, coverage, server_version } = input;
    let target = Target {
        id,
        role,
        dialect: Dialect::PostgreSql,
        server_version: options.server_version.or(server_version).unwrap_or(NEWEST_SERVER_VERSION),
        layout,
        files: history.revisions.iter().map(|r| r.file).collect(),
    };
    let replay = replay::replay(&history, Settings { server_version: target.server_version });
    let facts = Facts::of(&replay.schema);
    Replayed { target, history, coverage, replay, facts }
}

fn judge(sources: &Sources, replayed: &[Replayed], at: usize) -> Judgement {
    let Some(own) = replayed.get(at) else { return Judgement::default() };
    let others = replayed.iter().enumerate().filter(|(n, _)| *n != at);
    let others = others.map(|(_, other)| rules::Other { target: &other.target, replay: &other.replay });
    let context = rules::Context::new(&own.target, &own.history, &own.replay, sources).beside(others);
    let (findings, checked) = rules::check(&context);
    let score = score::score(&findings, &checked, own.facts.tables);
    (findings, checked, score)
}

/// Keeps the files that hold SQL; what the others are goes to the problems.
pub(super) fn schema_files(
    options: &Options,
    sources: &Sources,
    mut read: Vec<FileReading>,
    problems: &mut Vec<Problem>,
) -> Vec<FileReading> {
    if options.order == FileOrder::ByName {
        read.sort_by(|a, b| natural_order(sources.name(a.file), sources.name(b.file)));
    }
    // An empty file among others is a migration that does nothing; alone it is a mistake.
    let nothing_at_all = read.iter().all(|r| r.all_statements == 0);
    read.retain_mut(|r| {
        let is_sql = r.statements > 0 || r.unknown < r.all_statements || (r.all_statements == 0 && !nothing_at_all);
        if nothing_at_all && r.problems.is_empty() {
            let message = format!("`{}` holds no statement, only comments and white space.", sources.name(r.file));
            r.problems.push(Problem { kind: ProblemKind::EmptyFile, message, span: None });
        }
        if !is_sql {
            problems.append(&mut r.problems);
        }
        is_sql
    });
    read
}

/// The target of a drop of SQL files: a single file is a dump, several files are a history.
pub(super) fn of_sql(
    options: &Options,
    sources: &Sources,
    read: Vec<FileReading>,
    control: &[ControlFile],
    problems: &mut Vec<Problem>,
) -> TargetInput {
    let server_version = read.iter().filter_map(|r| r.dump.server_version).max();
    let role = if read.len() == 1 { Role::Dump } else { Role::History };
    let (layout, history, coverage) = arrange(options.order, sources, read, control, problems);
    TargetInput { role, layout: layout.name().to_owned(), history, coverage, server_version }
}

/// Puts the files into the order in which their tool would run them.
fn arrange(
    order: FileOrder,
    sources: &Sources,
    mut read: Vec<FileReading>,
    control: &[ControlFile],
    problems: &mut Vec<Problem>,
) -> (Layout, History, Coverage) {
    let candidates: Vec<Candidate<'_>> =
        read.iter().map(|r| Candidate { name: sources.name(r.file), markers: r.markers }).collect();
    let plan = layout::plan(&candidates, control);
    let mut coverage = Coverage::default();
    for (index, reading) in read.iter_mut().enumerate() {
        // What the tool would not run is told once, not read out.
        if order == FileOrder::AsGiven || plan.left_out.iter().all(|(left, _)| *left != index) {
            problems.append(&mut reading.problems);
            coverage.statements += reading.statements;
            coverage.understood += reading.understood;
            coverage.skipped.append(&mut reading.skipped);
        }
    }
    let mut revision = |index: usize, id: String, down: Option<usize>| {
        let mut back = read.get_mut(index).map(|r| std::mem::take(&mut r.down)).unwrap_or_default();
        if let Some(r) = down.and_then(|d| read.get_mut(d)) {
            back.append(&mut r.operations);
        }
        let reading = read.get_mut(index)?;
        let wrapped = order == FileOrder::ByName && !reading.operations.iter().any(runs_alone);
        Some(Revision {
            id,
            file: reading.file,
            up: std::mem::take(&mut reading.operations),
            down: back,
            transaction: if wrapped { plan.layout.transaction() } else { RunnerTransaction::PerStatement },
            own_session: true,
            ..Revision::default()
        })
    };
    if order == FileOrder::AsGiven {
        let names: Vec<String> = candidates.iter().map(|c| c.name.to_owned()).collect();
        let revisions = names.into_iter().enumerate().filter_map(|(i, name)| revision(i, name, None)).collect();
        return (plan.layout, History { revisions, ..History::default() }, coverage);
    }
    let mut revisions: Vec<Revision> =
        plan.revisions.into_iter().filter_map(|p| revision(p.up, p.id, p.down)).collect();
    if plan.layout == Layout::Unordered {
        let files: Vec<(&str, &[Operation])> =
            revisions.iter().map(|r| (sources.name(r.file), r.up.as_slice())).collect();
        let order = dependency::order(&files);
        let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
        revisions = order.into_iter().filter_map(|i| slots.get_mut(i)?.take()).collect();
    }
    let mut left_out: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, reason) in plan.left_out {
        left_out.entry(reason).or_default().extend(candidates.get(index).map(|c| c.name));
    }
    for (reason, names) in left_out {
        let (files, verb) = match names.as_slice() {
            [one] => (format!("`{one}`"), "is"),
            [first, rest @ ..] => (format!("`{first}` and {} more", rest.len()), "are"),
            [] => continue,
        };
        let message = format!("{files} {verb} not part of the {} history: {reason}.", plan.layout.name());
        problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    (plan.layout, History { revisions, ..History::default() }, coverage)
}

/// Whether a statement cannot run inside a transaction block. A file that holds one was written for a runner that does not wrap it, or opts out.
fn runs_alone(operation: &Operation) -> bool {
    match &operation.kind {
        OperationKind::CreateIndex(index) => index.concurrently,
        OperationKind::Drop(drop) => drop.concurrently,
        OperationKind::Reindex { concurrently, .. } => *concurrently,
        OperationKind::AlterTable(alter) => {
            alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::DetachPartition { concurrently: true, .. }))
        }
        OperationKind::Rewrite { verb, .. } | OperationKind::Utility { verb } => verb.as_str() == "VACUUM",
        _ => false,
    }
}
