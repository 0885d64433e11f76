//! One migration from the fixes of findings, in the layout that the project uses.
//!
//! Fixes are taken in the order of their findings' rank. Each is read as statements and replayed behind the history: one that PostgreSQL would
//! refuse after those before it, that would undo one of them, or that would bring with them what is as bad as what it repairs, is left out and said so. What
//! is left is ordered by what it does, since an index on a column must wait for the column's type.

mod assemble;
mod definition;
mod judge;
mod layout;
mod retry;
mod reverse;
#[cfg(test)]
mod tests;
mod version;

pub(super) use layout::revision_id;

use self::assemble::Assembled;
pub(crate) use self::assemble::{Repair, assemble};
use super::{Emitted, EmittedFile, one_line};
use crate::analysis::{Analysis, Role, TargetAnalysis};
use crate::finding::{Finding, Severity};
use crate::operation::{AlterTableAction, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};

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
pub(crate) struct Statement {
    /// Its text without semicolon, with the comments before it.
    pub(crate) sql: String,
    operations: Vec<Operation>,
}

impl Statement {
    /// Whether it cannot run in a transaction, or should not: reading a whole table to validate a constraint, or writing its rows, holds the locks of all
    /// that ran before.
    fn alone(&self) -> bool {
        self.validates() || self.writes_rows() || self.refuses_transaction()
    }

    /// Whether it changes rows and nothing else.
    fn writes_rows(&self) -> bool {
        !self.operations.is_empty() && self.operations.iter().all(|o| matches!(o.kind, OperationKind::Dml { .. }))
    }

    /// Whether it adds a constraint that asks nothing of the rows that are there.
    fn adds_unchecked(&self) -> bool {
        self.operations.iter().any(|o| match &o.kind {
            OperationKind::AlterTable(alter) => alter
                .actions
                .iter()
                .any(|(a, _)| matches!(a, AlterTableAction::AddConstraint(c) if c.attributes.not_valid)),
            _ => false,
        })
    }

    /// The setting that it sets for the session, and to what; to nothing where it is reset. What follows in the same fix needs it so.
    fn sets(&self) -> Option<(&str, Option<&str>)> {
        match self.operations.as_slice() {
            [Operation { kind: OperationKind::SetParameter { name, value, local: false }, .. }] => {
                Some((name, value.as_deref()))
            }
            _ => None,
        }
    }

    /// Whether it reads a whole table to validate a constraint.
    fn validates(&self) -> bool {
        self.operations.iter().any(|o| match &o.kind {
            OperationKind::AlterTable(alter) => {
                alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::ValidateConstraint { .. }))
            }
            _ => false,
        })
    }

    /// Whether things have other names behind it.
    fn renames(&self) -> bool {
        self.operations.iter().any(|o| matches!(o.kind, OperationKind::SetSchema { .. } | OperationKind::Rename { .. }))
    }

    /// Whether the server refuses it in a transaction.
    fn refuses_transaction(&self) -> bool {
        self.operations.iter().any(|o| match &o.kind {
            OperationKind::CreateIndex(index) => index.concurrently,
            OperationKind::Drop(drop) => drop.concurrently,
            OperationKind::Reindex { concurrently, .. } => *concurrently,
            OperationKind::Rewrite { verb, .. } | OperationKind::Utility { verb, .. } => verb == "VACUUM",
            _ => false,
        })
    }
}

impl<'a> Repair<'a> {
    /// The findings that are gone behind it.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        std::iter::once(self.finding).chain(self.also.iter().copied())
    }

    /// What stands before its statements, without comment signs.
    fn head(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .findings()
            .map(|finding| {
                let subject = finding.objects.first().map_or("", |o| o.path.as_str());
                one_line(&format!("{} ({}): {subject}", finding.rule.name, finding.severity))
            })
            .collect();
        let mut cautions: Vec<&str> = Vec::new();
        for caution in self.findings().filter_map(|f| f.fix.as_ref()?.caution.as_deref()) {
            if !cautions.contains(&caution) {
                cautions.push(caution);
                lines.extend(wrap(&one_line(caution), 110));
            }
        }
        lines
    }
}

/// Assembles the fixes of a target's findings.
pub fn fix(analysis: &Analysis, target: &TargetAnalysis, selection: &Selection) -> Emitted {
    let chosen = target.findings.iter().filter(|f| selection.takes(f));
    let Assembled { repairs, left_out } =
        assemble(analysis, target, chosen, |_| 0, !selection.plain && target.target.role == Role::History);
    let mut notes: Vec<Problem> = left_out
        .into_iter()
        .map(|(finding, reason)| Problem {
            kind: ProblemKind::NotApplied,
            message: format!("The fix of {} is not part of it: {reason}.", named(finding)),
            span: finding.place(),
        })
        .collect();
    if repairs.is_empty() {
        return Emitted { notes, ..Emitted::default() };
    }
    let files = layout::files(analysis, target, selection, &repairs, &mut notes);
    if target.target.role == Role::History && analysis.targets.iter().any(|t| t.target.role == Role::Models) {
        let message =
            "The models do not know of it: change them, too, or models and migrations differ behind it.".to_owned();
        notes.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    let repaired = repairs.iter().flat_map(Repair::findings).map(|f| f.fingerprint.clone()).collect();
    Emitted { files, notes, repaired }
}

fn named(finding: &Finding) -> String {
    let subject = finding.objects.first().map_or("", |o| o.path.as_str());
    format!("{} at `{subject}`", finding.rule.name)
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
