//! Foreign keys to tables that a history makes only later.
//!
//! A graph of revisions has a runner that stops at the first refusal: what would be left then is nothing to judge. The refusal is told, and the table
//! is made without the keys that are too early, each of which follows once its table is there. Otherwise one statement in the wrong place would take
//! the table, all that refers to it, and what there is to say of them out of the schema.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Refusal, state};
use super::{Replayer, Step};
use crate::history::History;
use crate::name::{Name, QualifiedName};
use crate::operation::{
    AlterTable, AlterTableAction, ColumnConstraintKind, ConstraintDef, ConstraintDefKind, CreateTable, ObjectKind,
    OperationKind, TableElement,
};

/// What waits for tables that are made later.
#[derive(Clone, Debug, Default)]
pub(super) struct Later {
    /// The names of all tables that the history makes; empty where nothing may wait.
    made: BTreeSet<Name>,
    /// Keys by the name of the table that they refer to.
    waiting: BTreeMap<Name, Vec<(QualifiedName, AlterTable)>>,
}

impl Later {
    pub(super) fn of(history: &History) -> Self {
        if !history.is_graph() {
            return Self::default();
        }
        let operations = history.revisions.iter().flat_map(|r| &r.up);
        let made = operations.filter_map(|o| match &o.kind {
            OperationKind::CreateTable(create) => Some(create.name.name.fold()),
            _ => None,
        });
        Self { made: made.collect(), waiting: BTreeMap::new() }
    }
}

impl Replayer {
    /// After a CREATE TABLE was refused: makes the table without the keys for which it was too early.
    pub(super) fn make_without_later_keys(&mut self, create: &CreateTable, refusal: &Refusal) {
        if refusal.sqlstate != state::UNDEFINED_TABLE || self.later.made.is_empty() {
            return;
        }
        let mut rest = create.clone();
        let mut keys = Vec::new();
        for element in &mut rest.elements {
            if let TableElement::Column(column) = element {
                let name = column.name.clone();
                column.constraints.retain(|c| match &c.kind {
                    ColumnConstraintKind::References(references) if self.is_later(&references.table, create) => {
                        keys.push(ConstraintDef {
                            name: c.name.clone(),
                            kind: ConstraintDefKind::ForeignKey {
                                columns: vec![name.clone()],
                                references: references.clone(),
                            },
                            attributes: c.attributes,
                            span: c.span,
                        });
                        false
                    }
                    _ => true,
                });
            }
        }
        rest.elements.retain(|element| match element {
            TableElement::Constraint(c) => match &c.kind {
                ConstraintDefKind::ForeignKey { references, .. } if self.is_later(&references.table, create) => {
                    keys.push(c.clone());
                    false
                }
                _ => true,
            },
            _ => true,
        });
        if keys.is_empty() {
            return;
        }
        self.schema.mark();
        if self.create_table(&rest).is_err() {
            self.schema.undo();
            return;
        }
        self.schema.forget_mark();
        let (revision, operation) = self.at;
        self.steps.push(Step { revision, operation, effects: self.effects.clone() });
        for key in keys {
            let ConstraintDefKind::ForeignKey { references, .. } = &key.kind else { continue };
            let (target, span) = (references.table.clone(), key.span);
            let alter = AlterTable {
                kind: ObjectKind::Table,
                name: create.name.clone(),
                if_exists: false,
                only: false,
                actions: vec![(AlterTableAction::AddConstraint(key), span)],
            };
            self.later.waiting.entry(target.name.fold()).or_default().push((target, alter));
        }
    }

    fn is_later(&self, target: &QualifiedName, own: &CreateTable) -> bool {
        self.find_relation(target).is_none()
            && target.name.fold() != own.name.name.fold()
            && self.later.made.contains(&target.name.fold())
    }

    /// After a table of this name was made: adds the keys that waited for it.
    pub(super) fn add_waiting_keys(&mut self, name: &Name) {
        for (target, alter) in self.later.waiting.remove(name).unwrap_or_default() {
            if self.find_relation(&target).is_none() {
                // It was one of another schema.
                self.later.waiting.entry(name.clone()).or_default().push((target, alter));
                continue;
            }
            self.schema.mark();
            match self.alter_table(&alter) {
                Ok(()) => self.schema.forget_mark(),
                Err(_) => self.schema.undo(),
            }
        }
    }
}
