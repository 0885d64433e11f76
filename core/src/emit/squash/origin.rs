//! Where objects come from: the statements that made and changed them, for what the model does not hold and for provenance.

use std::collections::BTreeMap;

use crate::analysis::{Analysis, TargetAnalysis};
use crate::operation::AlterTableAction;
use crate::operation::{
    AlterTable, ConstraintDef, ConstraintDefKind, CreateTable, Operation, OperationKind, TableElement,
};
use crate::replay::Effect;
use crate::schema::ObjectId;
use crate::source::{FileId, Sources, Span};

/// The statements that made and changed each object, in the order of replay.
pub(super) struct Origins<'a> {
    sources: &'a Sources,
    statements: BTreeMap<ObjectId, Vec<&'a Operation>>,
    /// Constraints as written, by the place of the clause.
    constraints: BTreeMap<Span, &'a ConstraintDef>,
}

impl<'a> Origins<'a> {
    pub(super) fn of(analysis: &'a Analysis, target: &'a TargetAnalysis) -> Self {
        let mut statements: BTreeMap<ObjectId, Vec<&Operation>> = BTreeMap::new();
        let mut constraints = BTreeMap::new();
        for step in &target.replay.steps {
            let revision = target.history.revisions.get(step.revision as usize);
            let Some(operation) = revision.and_then(|r| r.up.get(step.operation as usize)) else { continue };
            for effect in &step.effects {
                let (Effect::Created(id) | Effect::Altered(id)) = *effect else { continue };
                let list = statements.entry(id).or_default();
                if list.last().is_none_or(|last| last.span != operation.span) {
                    list.push(operation);
                }
            }
            match &operation.kind {
                OperationKind::CreateTable(table) => {
                    for element in &table.elements {
                        if let TableElement::Constraint(c) = element {
                            constraints.insert(c.span, c);
                        }
                    }
                }
                OperationKind::AlterTable(alter) => {
                    for (action, _) in &alter.actions {
                        if let AlterTableAction::AddConstraint(c) = action {
                            constraints.insert(c.span, c);
                        }
                    }
                }
                _ => {}
            }
        }
        Self { sources: &analysis.sources, statements, constraints }
    }

    /// The statements about an object, oldest first.
    pub(super) fn statements(&self, id: ObjectId) -> &[&'a Operation] {
        self.statements.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The CREATE TABLE of a table.
    pub(super) fn create_table(&self, id: ObjectId) -> Option<&'a CreateTable> {
        self.statements(id).iter().find_map(|o| match &o.kind {
            OperationKind::CreateTable(table) => Some(&**table),
            _ => None,
        })
    }

    /// The ALTER TABLE statements, and their relatives, about a relation.
    pub(super) fn alterations(&self, id: ObjectId) -> impl Iterator<Item = &'a AlterTable> {
        self.statements(id).iter().filter_map(|o| match &o.kind {
            OperationKind::AlterTable(alter) => Some(&**alter),
            _ => None,
        })
    }

    /// A constraint as it was written.
    pub(super) fn constraint(&self, span: Span) -> Option<&'a ConstraintDefKind> {
        self.constraints.get(&span).map(|c| &c.kind)
    }

    /// The text of a statement, where it stands in a file as it runs: one that a program builds has none.
    pub(super) fn text(&self, span: Span) -> Option<&'a str> {
        self.sources.text(span).map(str::trim)
    }

    /// Where something was made and which files changed it since: `0003_orders.sql:12, changed by 0007_total.sql`. What an earlier squash says of
    /// an object that it made is kept.
    pub(super) fn provenance(&self, name: &str, made: Span, id: ObjectId) -> String {
        let mut out = match self.earlier_provenance(made) {
            Some(earlier) => earlier.to_owned(),
            None => {
                let at = self.sources.location(made);
                format!("{name}: {}:{}", at.file, at.line)
            }
        };
        let mut files: Vec<FileId> = Vec::new();
        for operation in self.statements(id) {
            let file = operation.span.file;
            if file != made.file && !files.contains(&file) {
                files.push(file);
            }
        }
        const SHOWN: usize = 4;
        for (at, file) in files.iter().take(SHOWN).enumerate() {
            out.push_str(if at == 0 { ", changed by " } else { ", " });
            out.push_str(self.sources.name(*file));
        }
        if files.len() > SHOWN {
            out.push_str(&format!(" and {} more", files.len() - SHOWN));
        }
        out
    }

    /// The comment that an earlier squash put before a statement.
    fn earlier_provenance(&self, span: Span) -> Option<&'a str> {
        let file = self.sources.file(span.file)?;
        if !is_squash(file.kept().next().map_or("", |(_, text)| text)) {
            return None;
        }
        let (_, piece) = file.kept().filter(|(start, _)| *start <= span.start).last()?;
        let lead = piece.lines().map(str::trim).take_while(|l| l.is_empty() || l.starts_with("--"));
        lead.filter_map(|l| l.strip_prefix("-- ")).last()
    }
}

/// Whether a file is one that [`squash`](super::squash) wrote.
pub(super) fn is_squash(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with(super::SQUASH_MARK)
}

/// What earlier squashes among the files of a target said that they left out.
pub(super) fn left_out_before<'a>(analysis: &'a Analysis, target: &TargetAnalysis) -> Vec<&'a str> {
    let mut out = Vec::new();
    for id in &target.target.files {
        let Some((_, head)) = analysis.sources.file(*id).and_then(|f| f.kept().next()) else { continue };
        if is_squash(head) {
            out.extend(head.lines().filter_map(|l| l.strip_prefix(super::LEFT_OUT)));
        }
    }
    out
}
