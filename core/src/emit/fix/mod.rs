//! One migration from the fixes of findings, in the layout that the project uses.
//!
//! Fixes are taken in the order of their findings' rank. Each is read as statements and replayed behind the history: one that PostgreSQL would
//! refuse after those before it, or that would undo one of them, is left out and said so. What is left is ordered by what it does, since an index
//! on a column must wait for the column's type.

mod layout;
mod reverse;
#[cfg(test)]
mod tests;
mod version;

pub(super) use layout::revision_id;

use std::collections::{BTreeMap, BTreeSet};

use super::{Emitted, EmittedFile};
use crate::analysis::{Analysis, TargetAnalysis};
use crate::finding::{Finding, Severity};
use crate::history::{History, Revision};
use crate::name::{Ident, QualifiedName};
use crate::operation::{AlterTableAction, ObjectKind, ObjectRef, Operation, OperationKind, RowSecurity};
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::replay::{self, Settings};
use crate::source::splitter::{Part, Splitter};

/// Which findings are repaired, and how the migration is called.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Only these rules; all where empty.
    pub rules: Vec<String>,
    /// Only findings with these fingerprints; all where empty.
    pub fingerprints: Vec<String>,
    /// Only findings at least this bad.
    pub severity: Option<Severity>,
    /// What the migration is called, in words for a file name; `relata_fixes` where not given.
    pub name: Option<String>,
    /// Its version; else the one after the last of the history.
    pub version: Option<String>,
    /// A script for psql, whatever the project's tool is.
    pub plain: bool,
}

impl Selection {
    fn takes(&self, finding: &Finding) -> bool {
        finding.waived.is_none()
            && (self.rules.is_empty() || self.rules.iter().any(|r| r == finding.rule.name))
            && (self.fingerprints.is_empty() || self.fingerprints.contains(&finding.fingerprint))
            && self.severity.is_none_or(|least| finding.severity <= least)
    }
}

/// A statement of a fix.
#[derive(Clone, Debug)]
struct Statement {
    /// Its text without semicolon, with the comments before it.
    sql: String,
    operations: Vec<Operation>,
}

impl Statement {
    /// Whether it cannot run in a transaction, or should not: reading a whole table to validate a constraint holds the locks of all that ran before.
    fn alone(&self) -> bool {
        self.operations.iter().any(|o| match &o.kind {
            OperationKind::AlterTable(alter) => {
                alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::ValidateConstraint { .. }))
            }
            _ => false,
        }) || self.refuses_transaction()
    }

    /// Whether the server refuses it in a transaction.
    fn refuses_transaction(&self) -> bool {
        self.operations.iter().any(|o| match &o.kind {
            OperationKind::CreateIndex(index) => index.concurrently,
            OperationKind::Drop(drop) => drop.concurrently,
            OperationKind::Reindex { concurrently, .. } => *concurrently,
            OperationKind::Rewrite { verb, .. } | OperationKind::Utility { verb } => verb == "VACUUM",
            _ => false,
        })
    }
}

/// A fix that is part of the migration.
struct Repair<'a> {
    finding: &'a Finding,
    statements: Vec<Statement>,
}

impl Repair<'_> {
    /// What stands before its statements, without comment signs.
    fn head(&self) -> Vec<String> {
        let subject = self.finding.objects.first().map_or("", |o| o.path.as_str());
        let first = format!("{} ({}): {subject}", self.finding.rule.name, self.finding.severity);
        let mut lines = vec![one_line(&first)];
        if let Some(caution) = self.finding.fix.as_ref().and_then(|f| f.caution.as_ref()) {
            lines.extend(wrap(&one_line(caution), 110));
        }
        lines
    }
}

/// Assembles the fixes of a target's findings.
pub fn fix(analysis: &Analysis, target: &TargetAnalysis, selection: &Selection) -> Emitted {
    let mut notes = Vec::new();
    let chosen: Vec<&Finding> = target.findings.iter().filter(|f| f.fix.is_some() && selection.takes(f)).collect();
    let repairs = without_repeats(agreeing(chosen, &mut notes));
    let mut repairs = accepted(target, repairs, &mut notes);
    repairs.order_by_key(|r| r.statements.first().and_then(|s| s.operations.first()).map_or(u8::MAX, phase));
    if repairs.is_empty() {
        return Emitted { notes, ..Emitted::default() };
    }
    let files = layout::files(analysis, target, selection, &repairs, &mut notes);
    let repaired = repairs.iter().map(|r| r.finding.fingerprint.clone()).collect();
    Emitted { files, notes, repaired }
}

/// The statements of a text.
fn statements(sql: &str, file: crate::source::FileId) -> Vec<Statement> {
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
fn agreeing<'a>(chosen: Vec<&'a Finding>, notes: &mut Vec<Problem>) -> Vec<Repair<'a>> {
    // A span of a fix stands in no file of the project.
    let nowhere = crate::source::FileId(u32::MAX);
    let mut claims: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut kept_by: BTreeMap<String, String> = BTreeMap::new();
    let mut repairs: Vec<Repair<'a>> = Vec::new();
    for finding in chosen {
        let Some(fix) = &finding.fix else { continue };
        let statements = statements(&fix.sql, nowhere);
        let own: Vec<(String, String)> = statements
            .iter()
            .flat_map(|s| s.operations.iter().flat_map(claims_of).map(|claim| (claim, s.sql.clone())))
            .collect();
        let against = own.iter().find_map(|(claim, sql)| {
            claims.get(claim).filter(|(_, other)| other != sql).and_then(|(at, _)| repairs.get(*at))
        });
        if let Some(other) = against {
            note(notes, finding, &format!("it would change what the fix of {} changes", named(other.finding)));
            continue;
        }
        // One of two that speak for each other stays.
        if let Some((dropped, keeper)) = dropped_and_keeper(finding, &statements) {
            if leads_to(&kept_by, &keeper, &dropped) {
                note(notes, finding, &format!("what stands in for it, `{keeper}`, is dropped by another fix"));
                continue;
            }
            kept_by.insert(dropped, keeper);
        }
        for (claim, sql) in own {
            claims.entry(claim).or_insert((repairs.len(), sql));
        }
        repairs.push(Repair { finding, statements });
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

/// A statement that several fixes share runs once, where the first has it.
fn without_repeats(mut repairs: Vec<Repair<'_>>) -> Vec<Repair<'_>> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for repair in &mut repairs {
        repair.statements.retain(|s| seen.insert(s.sql.clone()));
    }
    repairs.retain(|r| !r.statements.is_empty());
    repairs
}

/// How often what is refused is left out and the rest tried again.
const MAX_ROUNDS: u32 = 8;

/// The fixes that PostgreSQL takes one after the other behind the history, by replay.
fn accepted<'a>(target: &TargetAnalysis, mut repairs: Vec<Repair<'a>>, notes: &mut Vec<Problem>) -> Vec<Repair<'a>> {
    let before = target.history.revisions.len();
    for _ in 0..MAX_ROUNDS {
        let mut history = History { revisions: target.history.revisions.clone(), ..History::default() };
        let mut order: Vec<usize> = (0..repairs.len()).collect();
        let phase_of = |at: &usize| {
            let first = repairs.get(*at).and_then(|r| r.statements.first()).and_then(|s| s.operations.first());
            first.map_or(u8::MAX, phase)
        };
        order.order_by_key(phase_of);
        history.revisions.extend(order.iter().filter_map(|at| repairs.get(*at)).map(|r| Revision {
            up: r.statements.iter().flat_map(|s| s.operations.iter().cloned()).collect(),
            own_session: true,
            ..Revision::default()
        }));
        let replayed = replay::replay(&history, Settings { server_version: target.target.server_version });
        let mut refused: BTreeMap<usize, String> = BTreeMap::new();
        for conflict in replayed.conflicts.iter().filter(|c| c.revision as usize >= before) {
            if let Some(at) = order.get(conflict.revision as usize - before) {
                refused.entry(*at).or_insert_with(|| format!("{} ({})", conflict.message, conflict.sqlstate));
            }
        }
        if refused.is_empty() {
            break;
        }
        let mut at = 0;
        repairs.retain(|repair| {
            let reason = refused.get(&at);
            at += 1;
            if let Some(reason) = reason {
                note(notes, repair.finding, &format!("behind the other fixes PostgreSQL would refuse it: {reason}"));
            }
            reason.is_none()
        });
    }
    repairs
}

/// When a statement runs among those of other fixes: what others build on first, what takes away or renames last.
fn phase(operation: &Operation) -> u8 {
    use AlterTableAction as Action;
    match &operation.kind {
        OperationKind::CreateExtension { .. } | OperationKind::CreateSchema { .. } => 0,
        OperationKind::CreateType { .. } | OperationKind::CreateDomain(_) | OperationKind::AlterType { .. } => 1,
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
                Action::RowSecurity(_) => 14,
                _ => 12,
            };
            alter.actions.iter().map(|(a, _)| of(a)).min().unwrap_or(12)
        }
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

fn named(finding: &Finding) -> String {
    let subject = finding.objects.first().map_or("", |o| o.path.as_str());
    format!("{} at `{subject}`", finding.rule.name)
}

fn note(notes: &mut Vec<Problem>, finding: &Finding, reason: &str) {
    let message = format!("The fix of {} is not part of it: {reason}.", named(finding));
    notes.push(Problem { kind: ProblemKind::NotApplied, message, span: finding.place() });
}

/// A text for a line of a comment.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// Cuts a text at blanks into lines of at most `width` characters, where words allow.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A file of a migration.
fn file(folder: &str, name: &str, text: String) -> EmittedFile {
    let name = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    EmittedFile { name, text }
}
