//! From what was read to targets: what belongs together, in which order it runs, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};

use super::liquibase::condition;
use super::sql::{Again, ChangesetReading, FileReading};
use super::{FileOrder, NEWEST_SERVER_VERSION, Options, Stage};
use super::{bases, dialect, psql};
use crate::analysis::{Checked, Coverage, Dialect, Facts, LayoutNote, Role, Target, TargetAnalysis};
use crate::collections::Lookup;
use crate::finding::Finding;
use crate::history::layout::{self, Candidate, Choice, ControlFile, Layout, Plan, Planned, Plans};
use crate::history::{self, History, Revision, RunnerTransaction, calls, dependency, natural_order};
use crate::infer::{self, Conventions, Strength};
use crate::name::Ident;
use crate::operation::{AlterTableAction, Operation, OperationKind};
use crate::order::Order;
use crate::policy::{self, Policy, Waiver};
use crate::problem::{Problem, ProblemKind};
use crate::replay::{self, Replay};
use crate::score::{Judged, Score};
use crate::source::{Defines, FileId, Sources, Span};
use crate::{rules, score};

/// What readers made of the files of one target, before it is replayed.
#[derive(Debug)]
pub(super) struct TargetInput {
    pub(super) role: Role,
    /// The layout's name, as [`Target::layout`] has it.
    pub(super) layout: String,
    /// How sure the layout is.
    pub(super) note: LayoutNote,
    pub(super) history: History,
    pub(super) coverage: Coverage,
    /// The server's version where the input names it.
    pub(super) server_version: Option<u16>,
    /// Whose SQL it is.
    pub(super) dialect: Dialect,
}

/// Reads blocks that ask the catalogue, now that the history before them is known.
pub(super) fn resolve_blocks(input: &mut TargetInput, problems: &mut Vec<Problem>) {
    for block in replay::resolve(&mut input.history) {
        let told = |p: &Problem| p.kind == ProblemKind::OpaqueStatement && p.span.is_some_and(|s| block.contains(s));
        problems.retain(|p| !told(p));
        let before = input.coverage.skipped.len();
        input.coverage.skipped.retain(|p| !told(p));
        input.coverage.understood += u32::from(input.coverage.skipped.len() < before);
    }
}

/// Replays and judges each target, and tells how many findings each waiver fits. Ids are the roles' names, numbered where several are alike.
pub(super) fn analyse(
    options: &Options,
    policy: &Policy,
    waivers: &[Waiver],
    sources: &Sources,
    inputs: Vec<TargetInput>,
    progress: &mut dyn FnMut(Stage),
) -> (Vec<TargetAnalysis>, Vec<u32>) {
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
    // What people came for is shown first: a script that only prepares the server stands behind the schema.
    let most = replayed.iter().map(|r| r.facts.tables).max().unwrap_or_default();
    replayed.order_by_key(|r| r.facts.tables.saturating_mul(2) < most);
    progress(Stage::Rules);
    // Some rules compare targets: all are replayed before the first is judged.
    let mut fitting = vec![0_u32; waivers.len()];
    let mut judge = |at| {
        let (judgement, own) = judge(options, policy, waivers, sources, &replayed, at);
        fitting.iter_mut().zip(own).for_each(|(sum, n)| *sum = sum.saturating_add(n));
        judgement
    };
    let judged: Vec<_> = (0..replayed.len()).map(&mut judge).collect();
    (replayed.into_iter().zip(judged).map(|(r, j)| r.with(j)).collect(), fitting)
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
    fn with(self, judgement: Judgement) -> TargetAnalysis {
        let Self { target, history, coverage, replay, facts } = self;
        let Judgement { findings, checked, score, conventions, strengths } = judgement;
        TargetAnalysis { target, history, replay, findings, checked, score, coverage, facts, conventions, strengths }
    }
}

#[derive(Default)]
struct Judgement {
    findings: Vec<Finding>,
    checked: Vec<Checked>,
    score: Score,
    conventions: Conventions,
    strengths: Vec<Strength>,
}

fn replay_target(options: &Options, id: String, input: TargetInput) -> Replayed {
    let TargetInput { role, layout, note, mut history, coverage, server_version, dialect } = input;
    history.partial |= options.partial;
    // The versions that a person can choose from are PostgreSQL's.
    let (known_version, newest) = match dialect {
        Dialect::PostgreSql => (options.server_version.or(server_version), NEWEST_SERVER_VERSION),
        _ => (server_version, 0),
    };
    let server_version = known_version.unwrap_or(newest);
    let is_version_known = known_version.is_some();
    let files = files_of(&history);
    let target = Target { id, role, dialect, server_version, is_version_known, layout, note, files };
    let replay = replay::replay(&history, target.settings());
    let facts = Facts::of(&replay.schema);
    Replayed { target, history, coverage, replay, facts }
}

fn judge(
    options: &Options,
    policy: &Policy,
    waivers: &[Waiver],
    sources: &Sources,
    replayed: &[Replayed],
    at: usize,
) -> (Judgement, Vec<u32>) {
    let Some(own) = replayed.get(at) else { return Default::default() };
    let others = replayed.iter().enumerate().filter(|(n, _)| *n != at);
    let others =
        others.map(|(_, other)| rules::Other { target: &other.target, history: &other.history, replay: &other.replay });
    let context = rules::Context::under(policy, &own.target, &own.history, &own.replay, sources)
        .beside(others)
        .enable(&options.enabled_rules);
    let (mut findings, mut checked) = rules::check(&context);
    let echoes = rules::drop_echoes(&context, &mut findings, &mut checked);
    history::attribute(&mut findings, &own.history, &own.replay);
    history::mark_past(&mut findings, &own.history);
    let fitting = policy::apply(&mut findings, waivers, sources);
    if fitting.iter().any(|n| *n > 0) {
        // Those that count come first.
        findings.order_by_key(|f| f.waived.is_some());
        let mut of_rule: BTreeMap<&str, u32> = BTreeMap::new();
        for finding in findings.iter().filter(|f| f.waived.is_some()) {
            *of_rule.entry(finding.rule.name).or_default() += 1;
        }
        for entry in &mut checked {
            entry.waived = of_rule.get(entry.rule.name).copied().unwrap_or_default();
            entry.findings -= entry.waived;
        }
    }
    let mut conventions = context.conventions.clone();
    conventions.tenant_levels = infer::tenant_levels(&context);
    conventions.all = infer::conventions(&context);
    let strengths = infer::strengths(&conventions, &checked, !own.replay.conflicts.is_empty());
    let revisions = u32::try_from(own.history.revisions.len()).unwrap_or(u32::MAX);
    let score = match score::reason_against(&own.coverage, own.facts.tables) {
        // What is left would be the score of the differences.
        None if echoes > 0 => score::withheld("the schema beside it has the score of both".to_owned()),
        Some(reason) => score::withheld(reason),
        None => score::score(&Judged { findings: &findings, checked: &checked, tables: own.facts.tables, revisions }),
    };
    (Judgement { findings, checked, score, conventions, strengths }, fitting)
}

/// The files in the order of replay; several revisions may stand in one.
fn files_of(history: &History) -> Vec<FileId> {
    let mut seen = BTreeSet::new();
    // A script of psql runs other files.
    let own = |r: &Revision| {
        let run: Vec<FileId> = r.up.iter().map(|o| o.span.file).filter(|file| *file != r.file).collect();
        std::iter::once(r.file).chain(run)
    };
    history.revisions.iter().flat_map(own).filter(|file| seen.insert(*file)).collect()
}

/// Keeps the files that hold SQL; what the others are goes to the problems.
pub(super) fn schema_files(
    options: &Options,
    sources: &Sources,
    mut read: Vec<FileReading>,
    problems: &mut Vec<Problem>,
) -> Vec<FileReading> {
    if options.order == FileOrder::ByName {
        read.order_by(|a, b| natural_order(sources.name(a.file), sources.name(b.file)));
    }
    // An empty file among others is a migration that does nothing; alone it is a mistake.
    let nothing_at_all = read.iter().all(|r| r.all_statements == 0);
    let mut others = Vec::new();
    read.retain_mut(|r| {
        let is_sql = r.statements > 0 || r.unknown < r.all_statements || (r.all_statements == 0 && !nothing_at_all);
        if nothing_at_all && r.problems.is_empty() {
            let message = format!("`{}` holds no statement, only comments and white space.", sources.name(r.file));
            r.problems.push(Problem { kind: ProblemKind::EmptyFile, message, span: None });
        }
        if !is_sql {
            others.append(&mut r.problems);
        }
        is_sql
    });
    problems.append(&mut together(others));
    read
}

/// Of many files that are no SQL the first few are told one by one, and the rest in one sentence.
fn together(mut problems: Vec<Problem>) -> Vec<Problem> {
    const FEW: usize = 3;
    let is_other = |p: &Problem| p.kind == ProblemKind::NotASchema;
    let count = problems.iter().filter(|p| is_other(p)).count();
    if count <= FEW + 1 {
        return problems;
    }
    let mut seen = 0;
    problems.retain(|p| {
        seen += usize::from(is_other(p));
        !is_other(p) || seen <= FEW
    });
    let message = format!(
        "{} more files are no SQL: none of their statements starts with a word that PostgreSQL knows.",
        count - FEW
    );
    problems.push(Problem { kind: ProblemKind::NotASchema, message, span: None });
    problems
}

/// The targets of a drop of SQL files: a single file is a dump, the files of each migration tool a history.
pub(super) fn of_sql(
    options: &Options,
    sources: &mut Sources,
    mut read: Vec<FileReading>,
    control: &[ControlFile],
    again: &mut Again<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<TargetInput> {
    if options.order == FileOrder::AsGiven {
        return vec![as_given(options, sources, read, again, problems)];
    }
    psql::join(&mut read, sources, problems);
    let choice = Choice { layout: options.layout, keep_dialect: options.dialect.is_some() };
    let candidates: Vec<Candidate<'_>> = read.iter().map(|r| candidate(r, sources)).collect();
    let databases = layout::databases(&candidates, choice);
    drop(candidates);
    if !choice.keep_dialect {
        dialect::settle(sources, &mut read, &databases, again);
    }
    let candidates: Vec<Candidate<'_>> = read.iter().map(|r| candidate(r, sources)).collect();
    let mut plans = layout::plan_knowing(&candidates, control, choice, &databases);
    let names: Vec<&str> = candidates.iter().map(|c| c.name).collect();
    if options.layout != Some(Layout::Unordered) {
        bases::join(sources, &read, &mut plans, problems);
    }
    tell_apart(&names, &plans, problems);
    drop(candidates);
    dialect::tell(sources, &read, &plans, problems);
    let mut inputs = Vec::with_capacity(plans.plans.len());
    for plan in plans.plans {
        if plan.layout == Layout::Flyway {
            fill(sources, &mut read, &plan, again);
        }
        let input = arrange(sources, &mut read, plan, control, problems);
        inputs.push(TargetInput { dialect: options.dialect.unwrap_or(input.dialect), ..input });
    }
    inputs
}

/// Reads files once more whose placeholders have values by the project's settings, or by Flyway itself.
fn fill(sources: &mut Sources, read: &mut [FileReading], plan: &Plan, again: &mut Again<'_>) {
    let Some(start) = plan.naming.placeholder_start() else { return };
    for place in plan.revisions.iter().flat_map(files_of_planned) {
        let Some(reading) = read.get_mut(place).filter(|r| again.holds(r.file, &start)) else { continue };
        let mut defines = Defines::new(again.given);
        plan.naming.define(&mut defines, sources.name(reading.file));
        if let Some(filled) = again.read(sources, reading.file, defines, "", reading.grammar) {
            *reading = filled;
        }
    }
}

/// The places of all files of a revision.
pub(super) fn files_of_planned(planned: &Planned) -> impl Iterator<Item = usize> {
    [Some(planned.up), planned.down].into_iter().flatten().chain(planned.before.iter().chain(&planned.after).copied())
}

/// What planning has to know of a file.
pub(super) fn candidate<'a>(reading: &'a FileReading, sources: &'a Sources) -> Candidate<'a> {
    Candidate {
        name: sources.name(reading.file),
        markers: &reading.markers,
        tables: &reading.tables,
        evidence: &reading.evidence,
    }
}

/// Files named one by one run in that order, each in a session of its own.
fn as_given(
    options: &Options,
    sources: &mut Sources,
    mut read: Vec<FileReading>,
    again: &mut Again<'_>,
    problems: &mut Vec<Problem>,
) -> TargetInput {
    let dialect = dialect::of_all(options, sources, &mut read, again, problems);
    let role = if read.len() == 1 { Role::Dump } else { Role::History };
    let server_version = read.iter().filter_map(|r| r.dump.server_version).max();
    let candidates: Vec<Candidate<'_>> = read.iter().map(|r| candidate(r, sources)).collect();
    // Where files are named, their order is that of the command line, whatever tool they are of: only its name is taken.
    let plans = layout::plan(&candidates, &[], Choice { layout: options.layout, keep_dialect: true });
    drop(candidates);
    let found = plans.plans.into_iter().next();
    let layout = found.as_ref().map_or(Layout::Sql, |p| p.layout);
    let note = found.map(|p| note_of(&p)).unwrap_or_default();
    let mut coverage = Coverage::default();
    let mut revisions = Vec::with_capacity(read.len());
    for reading in &mut read {
        cover(&mut coverage, reading, problems);
        let id = sources.name(reading.file).to_owned();
        revisions.extend(revisions_of(reading, id, None, &|_: &[Operation], _: bool| RunnerTransaction::PerStatement));
    }
    calls::expand(&mut revisions);
    TargetInput {
        role,
        layout: layout.name().to_owned(),
        note,
        history: History { revisions, ..History::default() },
        coverage,
        server_version,
        dialect,
    }
}

fn note_of(plan: &Plan) -> LayoutNote {
    LayoutNote {
        guessed: plan.guessed,
        evidence: plan.evidence.into(),
        root: plan.root.clone(),
        naming: plan.naming.clone(),
    }
}

/// Counts what was understood of a file, and hands on its problems.
pub(super) fn cover(coverage: &mut Coverage, reading: &mut FileReading, problems: &mut Vec<Problem>) {
    problems.append(&mut reading.problems);
    coverage.statements += reading.statements;
    coverage.understood += reading.understood;
    coverage.skipped.append(&mut reading.skipped);
}

/// Makes a target of a plan: revisions in the order in which their tool would run them.
fn arrange(
    sources: &Sources,
    read: &mut [FileReading],
    mut plan: Plan,
    control: &[ControlFile],
    problems: &mut Vec<Problem>,
) -> TargetInput {
    let mut coverage = Coverage::default();
    let mut server_version = layout::stated_version(plan.layout, &plan.root, control);
    // What the tool would not run is told once, not read out; what it runs at each migration is counted once.
    let mut counted = BTreeSet::new();
    for place in plan.revisions.iter().flat_map(files_of_planned).filter(|place| counted.insert(*place)) {
        if let Some(reading) = read.get_mut(place) {
            server_version = server_version.max(reading.dump.server_version);
            cover(&mut coverage, reading, problems);
        }
    }
    doubts(sources, read, &plan, problems);
    for message in std::mem::take(&mut plan.notes) {
        problems.push(Problem { kind: ProblemKind::Unreadable, message, span: None });
    }
    let mut revisions: Vec<Revision> = Vec::with_capacity(plan.revisions.len());
    for Planned { id, up, down, no_transaction, before, after } in std::mem::take(&mut plan.revisions) {
        let around = |places: &[usize]| -> Vec<Operation> {
            places.iter().filter_map(|p| read.get(*p)).flat_map(|r| r.operations.iter().cloned()).collect()
        };
        let (before, after) = (around(&before), around(&after));
        // A file for the way back may say so in its first line, too.
        let back = down.and_then(|d| read.get_mut(d)).map(|r| {
            let mut operations = std::mem::take(&mut r.operations);
            operations.append(&mut r.down);
            operations
        });
        let Some(reading) = read.get_mut(up) else { continue };
        reading.operations.splice(0..0, before);
        reading.operations.extend(after);
        let opted_out = no_transaction || reading.markers.no_transaction;
        let transaction = |operations: &[Operation], opt_out: bool| {
            // A file that cannot run in a transaction was written for a runner that does not wrap it. Where the tool is known, it wraps it all
            // the same; Flyway alone looks for such statements. Several statements in one message are refused whoever sends it.
            let by_message = plan.layout.transaction() == RunnerTransaction::PerMessage;
            let alone =
                (plan.guessed && !by_message || plan.layout == Layout::Flyway) && operations.iter().any(runs_alone);
            let wrapped = !opted_out && !opt_out && !alone;
            if wrapped { plan.layout.transaction() } else { RunnerTransaction::PerStatement }
        };
        revisions.extend(revisions_of(reading, id, back, &transaction));
    }
    if plan.layout == Layout::Flyway {
        in_schemas(&mut revisions, plan.naming.schemas());
    }
    in_schemas(&mut revisions, plan.home.as_slice());
    if plan.layout == Layout::Unordered {
        fn named<'a>(sources: &'a Sources, revisions: &'a [Revision]) -> Vec<(&'a str, &'a [Operation])> {
            revisions.iter().map(|r| (sources.name(r.file), r.up.as_slice())).collect()
        }
        let scripts: Vec<FileId> = read.iter().filter(|r| !r.includes.is_empty()).map(|r| r.file).collect();
        if revisions.iter().any(|r| scripts.contains(&r.file)) {
            // Who has a script that runs the files runs that, and nothing beside it.
            let others = revisions.extract_if(.., |r| !scripts.contains(&r.file));
            let others: Vec<FileId> = others.map(|r| r.file).collect();
            let at = read.iter().enumerate().filter(|(_, r)| others.contains(&r.file)).map(|(at, _)| at);
            plan.left_out.extend(at.map(|at| (at, "the script that runs the files does not run them".to_owned())));
            (plan.guessed, plan.evidence) = (false, "a script that runs the files (`\\i`)");
        }
        let undoing = dependency::undoing(&named(sources, &revisions));
        let mut place = 0..;
        revisions.retain(|revision| {
            let stays = place.next().is_none_or(|at| !undoing.contains(&at));
            if !stays && let Some(at) = read.iter().position(|r| r.file == revision.file) {
                plan.left_out.push((at, "it takes back what another file makes".to_owned()));
            }
            stays
        });
        let order = dependency::order(&named(sources, &revisions));
        let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
        revisions = order.into_iter().filter_map(|i| slots.get_mut(i)?.take()).collect();
        if let [first, _, ..] = revisions.as_slice() {
            let message = format!(
                "Nothing in the names or contents of the {} files{} says in which order they run. They were read in the order of what they \
                 define and use, from `{}` on.",
                revisions.len(),
                in_folder(&plan.root),
                sources.name(first.file)
            );
            problems.push(Problem { kind: ProblemKind::AssumedOrder, message, span: None });
        }
    }
    calls::expand(&mut revisions);
    let names: Vec<&str> = read.iter().map(|r| sources.name(r.file)).collect();
    for (reason, files) in by_reason(plan.left_out.iter().map(|(i, reason)| (*i, reason.clone())), &names) {
        let message = format!("{files} not part of the {} history: {reason}.", plan.layout.name());
        problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    let role = if plan.layout.is_history() && revisions.len() > usize::from(read.len() == 1) {
        Role::History
    } else {
        Role::Dump
    };
    let note = note_of(&plan);
    let layout = plan.layout.name().to_owned();
    let dialect = plan.database.and_then(Dialect::of_database).unwrap_or_default();
    let history =
        History { revisions, partial: plan.partial, extensions_elsewhere: plan.partial, ..History::default() };
    TargetInput { role, layout, note, history, coverage, server_version, dialect }
}

/// What Flyway does before each migration where its settings name schemas, and CREATE EXTENSION before a script: the first stands in front of the
/// search path, and all are made before the first migration. Source: Flyway documentation, "Schemas", "Create Schemas"; PostgreSQL manual, 38.17.1
/// "Extension Files".
fn in_schemas(revisions: &mut [Revision], schemas: &[String]) {
    let Some(default) = schemas.first() else { return };
    for (at, revision) in revisions.iter_mut().enumerate() {
        let span = Span::new(revision.file, 0, 0);
        let ident = |name: &str| Ident { text: name.into(), quoted: true, span };
        let operation =
            |kind: OperationKind| Operation { kind, span, guards: Box::default(), tolerates: Box::default() };
        let made = schemas.iter().filter(|_| at == 0).filter(|name| *name != "public");
        let path = [default.as_str(), "$user", "public"].map(ident).to_vec();
        let before = made
            .map(|name| OperationKind::CreateSchema { name: ident(name), if_not_exists: true })
            .chain([OperationKind::SetSearchPath { schemas: Some(path), local: false }]);
        revision.up.splice(0..0, before.map(operation));
    }
}

/// Says what the tool would not take as it is, and what was assumed of it instead.
fn doubts(sources: &Sources, read: &[FileReading], plan: &Plan, problems: &mut Vec<Problem>) {
    let names: Vec<&str> = read.iter().map(|r| sources.name(r.file)).collect();
    // Where folders are numbered themselves, the files in them need no number.
    let folder = |name: &str| name.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut found: Vec<(usize, &str)> = Vec::new();
    for planned in &plan.revisions {
        let Some(reading) = read.get(planned.up) else { continue };
        let marks = &reading.markers;
        match plan.layout {
            Layout::Goose if !marks.up => {
                found.push((planned.up, "without the mark `-- +goose Up`, which goose demands: taken as the way up"));
            }
            Layout::Dbmate if !marks.up || !marks.down => {
                found.push((
                    planned.up,
                    "without both marks `-- migrate:up` and `-- migrate:down`, which dbmate demands",
                ));
            }
            Layout::Numbered
                if names.get(planned.up).is_some_and(|name| *name == planned.id && folder(name) == plan.root) =>
            {
                found.push((planned.up, "without a number in the name: put behind those that have one"));
            }
            _ => {}
        }
    }
    for (doubt, files) in by_reason(found.into_iter(), &names) {
        problems.push(Problem { kind: ProblemKind::AssumedOrder, message: format!("{files} {doubt}."), span: None });
    }
}

/// ` in `db/schema``, or nothing for the top.
fn in_folder(root: &str) -> String {
    if root.is_empty() { String::new() } else { format!(" in `{root}`") }
}

/// The revisions of a file: one, or one for each of its changesets. `back` is what the file for the way back holds.
pub(super) fn revisions_of(
    reading: &mut FileReading,
    id: String,
    back: Option<Vec<Operation>>,
    transaction: &dyn Fn(&[Operation], bool) -> RunnerTransaction,
) -> Vec<Revision> {
    let mut operations = std::mem::take(&mut reading.operations);
    let mut down = std::mem::take(&mut reading.down);
    let changesets = std::mem::take(&mut reading.changesets);
    let mut revisions = Vec::with_capacity(changesets.len().max(1));
    // From the last on, so that what is cut off is a changeset's own.
    for reading_of_changeset in changesets.into_iter().rev() {
        let guards = reading_of_changeset.guards().to_vec();
        let ChangesetReading { changeset, operations: from, down: down_from, .. } = reading_of_changeset;
        let mut up = operations.split_off(from.min(operations.len()));
        let mut down = down.split_off(down_from.min(down.len()));
        condition::guard(&guards, &mut up, &mut down);
        if changeset.never_runs {
            continue;
        }
        let transaction = transaction(&up, changeset.no_transaction);
        let id_span = Some(changeset.span);
        revisions.push(Revision {
            id: changeset.id,
            id_span,
            file: reading.file,
            up,
            down,
            transaction,
            own_session: true,
            ..Revision::default()
        });
    }
    if revisions.is_empty() || !operations.is_empty() {
        down.extend(back.into_iter().flatten());
        let transaction = transaction(&operations, false);
        revisions.push(Revision {
            id,
            file: reading.file,
            up: operations,
            down,
            transaction,
            own_session: true,
            ..Revision::default()
        });
    }
    revisions.reverse();
    revisions
}

/// Says which files are for other databases, and which belong to no target.
fn tell_apart(names: &[&str], plans: &Plans, problems: &mut Vec<Problem>) {
    if !plans.nothing_else {
        for (database, files) in by_reason(plans.foreign.iter().copied(), names) {
            let message = format!("{files} for {database}: only what is for PostgreSQL was read.");
            problems.push(Problem { kind: ProblemKind::OtherDialect, message, span: None });
        }
    }
    for (reason, files) in by_reason(plans.unused.iter().cloned(), names) {
        let message = format!("{files} not read as a schema: {reason}.");
        problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    // On a file system that does not tell them apart one would replace the other.
    let mut seen: Lookup<String, &str> = Lookup::default();
    for name in names {
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            let message = format!(
                "`{other}` and `{name}` differ in upper and lower case only: on many disks one would replace the other. Both were read."
            );
            problems.push(Problem { kind: ProblemKind::DuplicateFileName, message, span: None });
        }
    }
}

/// Each reason with its files in words: `` `a.sql` and 2 more are ``.
pub(super) fn by_reason<R: Ord>(files: impl Iterator<Item = (usize, R)>, names: &[&str]) -> Vec<(R, String)> {
    let mut found: BTreeMap<R, Vec<&str>> = BTreeMap::new();
    for (index, reason) in files {
        found.entry(reason).or_default().extend(names.get(index));
    }
    found
        .into_iter()
        .map(|(reason, names)| {
            let words = match names.as_slice() {
                [first, rest @ ..] if !rest.is_empty() => format!("`{first}` and {} more are", rest.len()),
                _ => format!("`{}` is", names.first().copied().unwrap_or_default()),
            };
            (reason, words)
        })
        .collect()
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
        OperationKind::Rewrite { verb, .. } | OperationKind::Utility { verb, .. } => verb.as_str() == "VACUUM",
        _ => false,
    }
}
