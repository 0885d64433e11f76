//! Fixes put together: which of them agree, in which order they run, and which the database would refuse behind the others. The migration of `relata fix`
//! and the phases of the report's plan are assembled here, so that they order alike.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::Statement;
use super::judge::{self, Judge};
use crate::analysis::{Analysis, TargetAnalysis};
use crate::finding::Finding;
use crate::history::layout::Layout;
use crate::history::{History, Revision};
use crate::name::{Ident, QualifiedName};
use crate::operation::{AlterTableAction, ObjectKind, ObjectRef, Operation, OperationKind, RowSecurity};
use crate::order::Order;
use crate::read::ddl;
use crate::replay::{self, Replay};
use crate::source::FileId;
use crate::source::splitter::{Part, Splitter};

/// Most fixes that are tried one after the other; a schema with more has them all by themselves in its findings.
pub(crate) const MAX_FIXES: usize = 5_000;
/// How often what is refused is left out and the rest tried again.
const MAX_ROUNDS: u32 = 16;

/// A fix that is part of the whole.
#[derive(Clone)]
pub(crate) struct Repair<'a> {
    /// The finding that it repairs.
    pub(crate) finding: &'a Finding,
    /// Others that need nothing but statements of this fix and of those before it.
    pub(crate) also: Vec<&'a Finding>,
    /// Its statements, without those that another fix before it has as well.
    pub(crate) statements: Vec<Statement>,
    /// Whether one of those runs outside of a transaction, so that all of this has to wait for it.
    waits: bool,
}

impl Repair<'_> {
    /// Whether all of it has to wait for a statement that runs outside of a transaction.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// How many of its statements behind the first `from` run before the first that is outside of a transaction: what follows that may need it.
    pub(super) fn before_alone(&self, from: usize) -> usize {
        let rest = self.statements.get(from..).unwrap_or_default();
        match self.waits {
            true => 0,
            false => first_apart(rest, false),
        }
    }
}

/// How many of a fix's statements run with those of others. Rows are written apart where something is validated after them, which takes its time as well;
/// `in_transaction` is where nothing runs outside of one.
pub(super) fn first_apart(statements: &[Statement], in_transaction: bool) -> usize {
    let validated = statements.iter().rposition(Statement::validates).unwrap_or(0);
    let apart = |(at, s): (usize, &Statement)| {
        s.validates() || (s.writes_rows() && at < validated) || (!in_transaction && s.refuses_transaction())
    };
    statements.iter().enumerate().position(apart).unwrap_or(statements.len())
}

/// Fixes in an order in which they run, and those that are none of them, each with the reason.
pub(crate) struct Assembled<'a> {
    pub(crate) repairs: Vec<Repair<'a>>,
    pub(crate) left_out: Vec<(&'a Finding, String)>,
}

/// Assembles the fixes of findings that come in the order of their rank: of two that contradict each other the first is taken. `stage` says which come before
/// others whatever they do; `as_migration` whether they become one of the project's migrations, which none may make as bad a finding as what it repairs.
pub(crate) fn assemble<'a>(
    analysis: &Analysis,
    target: &TargetAnalysis,
    chosen: impl IntoIterator<Item = &'a Finding>,
    stage: impl Fn(&Finding) -> u8,
    as_migration: bool,
) -> Assembled<'a> {
    let mut left_out = Vec::new();
    let mut repairs = agreeing(chosen, &mut left_out);
    // Stable: what is equal stays in the order of rank.
    let turn = |r: &Repair<'_>| {
        let first = r.statements.iter().find(|s| s.sets().is_none()).and_then(|s| s.operations.first());
        (stage(r.finding), first.map_or(u8::MAX, phase))
    };
    repairs.order_by_key(turn);
    let round = |repairs: &[Repair<'a>]| {
        let mut round = without_repeats(repairs);
        round.order_by_key(|(_, repair)| turn(repair));
        round
    };
    let repairs = accepted(analysis, target, repairs, round, as_migration, &mut left_out);
    Assembled { repairs, left_out }
}

/// The statements of a text.
pub(super) fn statements(sql: &str, file: FileId) -> Vec<Statement> {
    let mut found = Vec::new();
    let mut take = |part: Part<'_>| {
        if let Part::Statement { text, at, lead, .. } = part {
            let statement = text.get(lead as usize..).unwrap_or_default();
            let reading = ddl::read_statement(statement, file, at.offset.saturating_add(lead));
            found.push(Statement { sql: text.trim().to_owned(), operations: reading.operations });
        }
    };
    let mut splitter = Splitter::new(0);
    splitter.push(sql.as_bytes(), &mut take);
    splitter.finish(&mut take);
    found
}

/// Fixes that do not undo each other, in the order of rank.
fn agreeing<'a>(
    chosen: impl IntoIterator<Item = &'a Finding>,
    left_out: &mut Vec<(&'a Finding, String)>,
) -> Vec<Repair<'a>> {
    // A span of a fix stands in no file of the project.
    let nowhere = FileId(u32::MAX);
    let mut claims: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut kept_by: BTreeMap<String, String> = BTreeMap::new();
    let mut repairs: Vec<Repair<'a>> = Vec::new();
    for finding in chosen {
        let Some(fix) = &finding.fix else { continue };
        if repairs.len() >= MAX_FIXES {
            left_out
                .push((finding, format!("only {MAX_FIXES} fixes are put together at once, and it comes behind them")));
            continue;
        }
        let statements = statements(&fix.sql, nowhere);
        let own: Vec<(String, String)> = statements
            .iter()
            .flat_map(|s| s.operations.iter().flat_map(claims_of).map(|claim| (claim, s.sql.clone())))
            .collect();
        let against = own.iter().find_map(|(claim, sql)| {
            claims.get(claim).filter(|(_, other)| other != sql).and_then(|(at, _)| repairs.get(*at))
        });
        if let Some(other) = against {
            left_out
                .push((finding, format!("it would change what the fix of {} changes", super::named(other.finding))));
            continue;
        }
        // One of two that speak for each other stays.
        if let Some((dropped, keeper)) = dropped_and_keeper(finding, &statements) {
            if leads_to(&kept_by, &keeper, &dropped) {
                left_out.push((finding, format!("what stands in for it, `{keeper}`, is dropped by another fix")));
                continue;
            }
            kept_by.insert(dropped, keeper);
        }
        for (claim, sql) in own {
            claims.entry(claim).or_insert((repairs.len(), sql));
        }
        repairs.push(Repair { finding, also: Vec::new(), statements, waits: false });
    }
    repairs
}

/// Whether what stays in place of `from` is, in the end, `to`, which is to go.
fn leads_to(kept_by: &BTreeMap<String, String>, from: &str, to: &str) -> bool {
    let mut at = from;
    for _ in 0..=kept_by.len() {
        if at == to {
            return true;
        }
        match kept_by.get(at) {
            Some(next) => at = next,
            None => return false,
        }
    }
    true
}

/// The index that a fix drops, and the one that the finding says serves in its place.
fn dropped_and_keeper(finding: &Finding, statements: &[Statement]) -> Option<(String, String)> {
    let drops = statements
        .iter()
        .flat_map(|s| &s.operations)
        .any(|o| matches!(&o.kind, OperationKind::Drop(d) if d.targets.iter().any(|t| t.kind == ObjectKind::Index)));
    let index = |at: usize| finding.objects.get(at).filter(|o| o.kind == ObjectKind::Index).map(|o| o.path.clone());
    if drops { Some((index(0)?, index(1)?)) } else { None }
}

/// What an operation decides, so that another fix that decides it otherwise stands against it.
fn claims_of(operation: &Operation) -> Vec<String> {
    let path = |name: &QualifiedName| {
        let schema = name.schema.as_ref().map_or_else(String::new, |s| format!("{}.", s.fold()));
        format!("{schema}{}", name.name.fold())
    };
    match &operation.kind {
        OperationKind::AlterTable(alter) => {
            let table = path(&alter.name);
            let column = |aspect: &str, c: &Ident| Some(format!("{table}.{} {aspect}", c.fold()));
            let claim = |action: &AlterTableAction| match action {
                AlterTableAction::SetType { column: c, .. } => column("type", c),
                AlterTableAction::SetNotNull { column: c } | AlterTableAction::DropNotNull { column: c } => {
                    column("null", c)
                }
                AlterTableAction::AddColumn { column: c, .. } => column("add", &c.name),
                AlterTableAction::DropColumn { name: c, .. } => column("drop", c),
                AlterTableAction::DropConstraint { name, .. } => Some(format!("{table} drop {}", name.fold())),
                AlterTableAction::RowSecurity(RowSecurity::Enable | RowSecurity::Disable) => {
                    Some(format!("{table} rls"))
                }
                _ => None,
            };
            alter.actions.iter().filter_map(|(a, _)| claim(a)).collect()
        }
        OperationKind::AlterPolicy(policy) => vec![format!("{} policy {}", path(&policy.table), policy.name.fold())],
        OperationKind::Rename { target, .. } => vec![format!("rename {}", object(target))],
        OperationKind::SetSchema { target, .. } => vec![format!("schema {}", object(target))],
        OperationKind::Comment { target, .. } => vec![format!("comment {}", object(target))],
        _ => Vec::new(),
    }
}

fn object(target: &ObjectRef) -> String {
    let schema = target.name.schema.as_ref().map_or_else(String::new, |s| format!("{}.", s.fold()));
    let part = target.part.as_ref().map_or_else(String::new, |p| format!(".{}", p.fold()));
    format!("{} {schema}{}{part}", target.kind.name(), target.name.name.fold())
}

/// A statement that several fixes share runs once, where the first has it; a fix that has no other becomes one with the last of those. Each with its place
/// among all.
fn without_repeats<'a>(repairs: &[Repair<'a>]) -> Vec<(usize, Repair<'a>)> {
    // Which fix has a statement, and whether it is outside of a transaction there.
    let mut first: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    let mut once: Vec<(usize, Repair<'a>)> = Vec::with_capacity(repairs.len());
    for (at, repair) in repairs.iter().enumerate() {
        let waits = repair.statements.iter().any(|s| first.get(s.sql.as_str()).is_some_and(|(_, alone)| *alone));
        let mut alone = waits;
        let mut statements: Vec<Statement> = Vec::new();
        for statement in &repair.statements {
            // A setting holds for what stands between it and its end, in each fix.
            if statement.sets().is_some() {
                statements.push(statement.clone());
            } else if let Entry::Vacant(place) = first.entry(&statement.sql) {
                alone |= statement.alone();
                place.insert((once.len(), alone));
                statements.push(statement.clone());
            }
        }
        if statements.iter().any(|s| s.sets().is_none()) {
            once.push((at, Repair { finding: repair.finding, also: Vec::new(), statements, waits }));
            continue;
        }
        let last = repair.statements.iter().filter_map(|s| first.get(s.sql.as_str())).map(|(fix, _)| *fix).max();
        if let Some((_, keeper)) = last.and_then(|at| once.get_mut(at)) {
            keeper.also.push(repair.finding);
        }
    }
    once
}

/// The fixes that PostgreSQL takes one after the other behind the history, by replay, and that bring nothing as bad as what they repair. `round` says how
/// those that are left run: one that is refused takes no statement with it that another has as well.
fn accepted<'a>(
    analysis: &Analysis,
    target: &TargetAnalysis,
    mut repairs: Vec<Repair<'a>>,
    round: impl Fn(&[Repair<'a>]) -> Vec<(usize, Repair<'a>)>,
    mut as_migration: bool,
    left_out: &mut Vec<(&'a Finding, String)>,
) -> Vec<Repair<'a>> {
    if repairs.is_empty() {
        return repairs;
    }
    let mut judge = Judge::new(analysis, target);
    let wraps_all = Layout::from_name(&target.target.layout).is_some_and(Layout::wraps_all);
    for _ in 0..MAX_ROUNDS {
        let once = round(&repairs);
        let whole = replayed(target, &once);
        let mut reasons = refused(target, &repairs, &once, &whole.1);
        if reasons.is_empty() && as_migration {
            reasons = match wraps_all {
                true => judge.harmful(&repairs, &once, &replayed(target, &in_transactions(&once))),
                false => judge.harmful(&repairs, &once, &whole),
            };
            as_migration = !reasons.is_empty();
        }
        if reasons.is_empty() {
            let without = |left_out: &BTreeSet<usize>| {
                let kept = repairs.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
                let kept: Vec<Repair<'a>> = kept.map(|(_, repair)| repair.clone()).collect();
                replayed(target, &round(&kept))
            };
            let Some(blame) = judge.blame(&repairs, &whole, &without) else { break };
            reasons.extend(blame.repairs.into_iter().map(|at| (at, blame.reason.clone())));
        }
        let mut at = 0;
        repairs.retain(|repair| {
            let reason = reasons.get(&at);
            at += 1;
            if let Some(reason) = reason {
                left_out.push((repair.finding, reason.clone()));
            }
            reason.is_none()
        });
    }
    round(&repairs).into_iter().map(|(_, repair)| repair).collect()
}

/// Fixes as they are written where everything runs in a transaction: without CONCURRENTLY, but with room for what was done by hand before. What drops an index
/// waits for no lock for long there.
fn in_transactions<'a>(once: &[(usize, Repair<'a>)]) -> Vec<(usize, Repair<'a>)> {
    let mut out = once.to_vec();
    for operation in out.iter_mut().flat_map(|(_, r)| &mut r.statements).flat_map(|s| &mut s.operations) {
        if let OperationKind::CreateIndex(index) = &mut operation.kind {
            index.if_not_exists |= std::mem::take(&mut index.concurrently);
        }
    }
    out
}

/// The history with fixes behind it, each a revision of its own.
fn replayed(target: &TargetAnalysis, once: &[(usize, Repair<'_>)]) -> (History, Replay) {
    let mut history = History {
        revisions: target.history.revisions.clone(),
        extensions_elsewhere: target.history.extensions_elsewhere,
        partial: target.history.partial,
        ..History::default()
    };
    history.revisions.extend(once.iter().enumerate().map(|(at, (_, r))| Revision {
        id: judge::id_of(at),
        up: r.statements.iter().flat_map(|s| s.operations.iter().cloned()).collect(),
        own_session: true,
        ..Revision::default()
    }));
    let replay = replay::replay(&history, target.target.settings());
    (history, replay)
}

/// The fixes that PostgreSQL would refuse where they run as in `once`, by their places, each with the reason.
fn refused(
    target: &TargetAnalysis,
    repairs: &[Repair<'_>],
    once: &[(usize, Repair<'_>)],
    replay: &Replay,
) -> BTreeMap<usize, String> {
    let before = target.history.revisions.len();
    // By what a fix says: one that says the same is refused with it.
    let text = |repair: &Repair<'_>| repair.statements.iter().map(|s| s.sql.clone()).collect::<Vec<String>>();
    let mut reasons: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for conflict in replay.conflicts.iter().filter(|c| c.revision as usize >= before) {
        let at = once.get(conflict.revision as usize - before).map(|(at, _)| *at);
        if let Some(repair) = at.and_then(|at| repairs.get(at)) {
            let reason = || {
                format!(
                    "behind the other fixes PostgreSQL would refuse it: {} ({})",
                    conflict.message, conflict.sqlstate
                )
            };
            reasons.entry(text(repair)).or_insert_with(reason);
        }
    }
    let refused = repairs.iter().enumerate();
    refused.filter_map(|(at, repair)| Some((at, reasons.get(&text(repair))?.clone()))).collect()
}

/// When a statement runs among those of other fixes: what others build on first, what takes away or renames last.
fn phase(operation: &Operation) -> u8 {
    use AlterTableAction as Action;
    match &operation.kind {
        OperationKind::CreateExtension { .. } | OperationKind::CreateSchema { .. } => 0,
        OperationKind::CreateType { .. }
        | OperationKind::CreateDomain(_)
        | OperationKind::AlterType { .. }
        | OperationKind::CreateSequence(_) => 1,
        OperationKind::CreateFunction(_) | OperationKind::AlterFunction { .. } => 2,
        OperationKind::CreateTable(_) => 3,
        OperationKind::AlterTable(alter) => {
            let of = |action: &Action| match action {
                Action::SetType { .. } | Action::AddIdentity { .. } => 4,
                Action::AddColumn { .. } => 5,
                Action::SetDefault { .. } | Action::DropDefault { .. } => 6,
                Action::SetNotNull { .. } | Action::DropNotNull { .. } => 7,
                Action::AddConstraint(c) => match c.kind {
                    crate::operation::ConstraintDefKind::PrimaryKey { .. }
                    | crate::operation::ConstraintDefKind::Unique { .. } => 8,
                    crate::operation::ConstraintDefKind::ForeignKey { .. } => 11,
                    _ => 10,
                },
                Action::ValidateConstraint { .. } => 10,
                Action::RowSecurity(_) => 14,
                Action::DropColumn { .. } | Action::DropConstraint { .. } | Action::DropPrimaryKey => 18,
                _ => 12,
            };
            alter.actions.iter().map(|(a, _)| of(a)).min().unwrap_or(12)
        }
        // Rows are written before a constraint asks for them.
        OperationKind::Dml { .. } => 6,
        OperationKind::CreateIndex(index) if index.unique => 8,
        OperationKind::CreateIndex(_) => 9,
        OperationKind::CreateView(_) => 12,
        OperationKind::CreateTrigger(_) => 13,
        OperationKind::CreatePolicy(_) | OperationKind::AlterPolicy(_) => 15,
        OperationKind::Grant(_) | OperationKind::DefaultPrivileges { .. } => 16,
        OperationKind::Comment { .. } => 17,
        OperationKind::Drop(_) => 18,
        OperationKind::SetSchema { .. } => 20,
        OperationKind::Rename { .. } => 21,
        _ => 19,
    }
}
