//! Definitions that documents give in SQL and in diagrams, beside those that they describe.

use super::super::mermaid::Diagram;
use super::super::section::{Described, Draft};
use super::super::traits::Reference;
use super::{Definer, index_text, own_name, said};
use crate::history::document::{RestatedTable, UnlistedIndex};
use crate::operation::*;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::patched::Patched;
use crate::source::FileId;

impl Definer {
    pub(super) fn sql(&mut self, draft: &Draft) {
        self.out.statements += draft.statements;
        self.out.understood += draft.understood;
        self.out.skipped.extend(draft.problems.iter().filter(|p| p.kind != ProblemKind::LimitExceeded).cloned());
        // The others are told with what was skipped.
        let apart = |p: &&Problem| {
            matches!(p.kind, ProblemKind::LimitExceeded | ProblemKind::SyntaxError | ProblemKind::Unterminated)
        };
        self.out.problems.extend(draft.problems.iter().filter(apart).cloned());
        for (operation, elided, _) in &draft.sql {
            self.statement(operation, *elided, draft.file);
        }
    }

    pub(super) fn statement(&mut self, operation: &Operation, elided: bool, file: FileId) {
        match &operation.kind {
            OperationKind::CreateTable(t) => {
                // A partition in a document shows how partitions are made: a job makes them.
                if t.partition_of.is_some() {
                    return;
                }
                let key = t.name.name.fold().to_string();
                if self.done.contains(&key) {
                    let before = !self.said.insert(said(&operation.kind));
                    let described = self.out.operations.iter().any(|o| {
                        matches!(&o.kind, OperationKind::CreateTable(other) if other.name.name.fold() == key.as_str() && self.said.contains(&said(&o.kind)))
                    });
                    if before {
                        return;
                    }
                    if elided || !described {
                        if let Some(facts) = self.facts.get_mut(&file) {
                            facts.restated.push(RestatedTable { table: t.clone(), excerpt: elided, diagram: false });
                        }
                        return;
                    }
                } else {
                    self.done.insert(key);
                    // `CREATE TABLE a (…)` shows how such a statement begins, and no table.
                    self.out.created += usize::from(!elided || !t.elements.is_empty());
                    self.said.insert(said(&operation.kind));
                }
            }
            OperationKind::CreateIndex(i) => {
                let table = i.table.name.fold();
                self.altered.insert(table.clone());
                if let Some(name) = &i.name {
                    let text = index_text(i);
                    match self.indexes.get(&name.fold()) {
                        // The same once more, as a guideline or an example.
                        Some(same) if *same == text => return,
                        Some(_) => {}
                        None => {
                            if self.lists_indexes.contains(table.as_str())
                                && let Some(facts) = self.facts.get_mut(&file)
                            {
                                facts.unlisted_indexes.push(UnlistedIndex {
                                    name: name.fold(),
                                    table: table.clone(),
                                    span: name.span,
                                });
                            }
                            self.indexes.insert(name.fold(), text);
                        }
                    }
                }
                if i.concurrently && self.partitioned.contains(table.as_str()) {
                    // CONCURRENTLY is refused here, and hides what else is wrong with the index: it is made without it, too.
                    self.out.operations.push(operation.clone());
                    let mut again = operation.clone();
                    if let OperationKind::CreateIndex(index) = &mut again.kind {
                        index.concurrently = false;
                    }
                    self.out.operations.push(again);
                    return;
                }
            }
            OperationKind::RefreshMaterializedView { .. } => {}
            kind => {
                if let OperationKind::AlterTable(a) = kind {
                    self.altered.insert(a.name.name.fold());
                    // What changes a table away from its definition shows how it is done.
                    if a.actions.iter().any(|(action, _)| !defines(action)) {
                        return;
                    }
                }
                if let OperationKind::CreatePolicy(p) = kind {
                    self.altered.insert(p.table.name.fold());
                }
                if let OperationKind::CreateTrigger(t) = kind {
                    self.altered.insert(t.table.name.fold());
                }
                if !self.said.insert(said(kind)) {
                    return;
                }
            }
        }
        self.out.operations.push(operation.clone());
    }

    pub(super) fn diagrams(&mut self, draft: &Draft) {
        for diagram in &draft.diagrams {
            self.diagram(diagram, draft.file);
        }
        for table in &draft.modelled {
            self.drawn(table, draft.file);
        }
    }

    pub(super) fn diagram(&mut self, diagram: &Diagram, file: FileId) {
        let mut own: Vec<bool> = Vec::with_capacity(diagram.entities.len());
        for entity in &diagram.entities {
            let (start, _) = entity.name.range();
            let end = entity.columns.last().map_or(entity.name.range().1, |c| c.place.1);
            let rows = super::super::table::Rows { columns: entity.columns.clone(), ..Default::default() };
            own.push(self.drawn(&Described::new(entity.name.clone(), rows, (start, end)), file));
        }
        for link in diagram.links() {
            let (Some(child), Some(parent)) = (diagram.entities.get(link.child), diagram.entities.get(link.parent))
            else {
                continue;
            };
            let Some(column) = child.columns.get(link.column).filter(|_| own.get(link.child) == Some(&true)) else {
                continue;
            };
            let mut columns = Patched::default();
            columns.say("(", link.place.0, link.place.0);
            columns.append(&column.name);
            columns.glue(")");
            let mut target = Patched::default();
            target.say(parent.name.text(), link.place.0, link.place.1);
            let reference =
                Reference { parts: vec![target], columns: None, actions: Patched::default(), place: link.place };
            self.reference(&child.name, None, &columns, &reference, file, link.place);
        }
    }

    /// A table of a diagram or model; whether it is not described elsewhere, and defined here.
    pub(super) fn drawn(&mut self, table: &Described, file: FileId) -> bool {
        if table.rows.columns.is_empty() {
            return false;
        }
        if !self.done.contains(&own_name(&table.name)) {
            self.table(table, file);
            return true;
        }
        // Drawn as well as described: only compared.
        let mut sql = Patched::default();
        sql.say("CREATE TABLE ", table.place.0, table.place.0);
        sql.append(&table.name);
        let skipped = self.out.skipped.len();
        self.columns(&mut sql, &table.rows.columns, file);
        self.out.skipped.truncate(skipped);
        let (operations, _) = sql.read(file);
        if let Some(Operation { kind: OperationKind::CreateTable(table), .. }) = operations.into_iter().next()
            && let Some(facts) = self.facts.get_mut(&file)
        {
            facts.restated.push(RestatedTable { table, excerpt: true, diagram: true });
        }
        false
    }
}

/// Whether an action of ALTER TABLE adds to a definition.
pub(super) fn defines(action: &AlterTableAction) -> bool {
    matches!(
        action,
        AlterTableAction::AddColumn { .. }
            | AlterTableAction::AddConstraint(_)
            | AlterTableAction::RowSecurity(_)
            | AlterTableAction::SetDefault { .. }
            | AlterTableAction::SetNotNull { .. }
            | AlterTableAction::ColumnSetting { .. }
            | AlterTableAction::SetOptions(_)
            | AlterTableAction::OwnerTo(_)
            | AlterTableAction::SetLogged(_)
            | AlterTableAction::ReplicaIdentity { .. }
            | AlterTableAction::AddIdentity { .. }
    )
}
