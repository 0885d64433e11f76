//! What takes a statement of a fix back.

use std::collections::BTreeSet;

use super::{Repair, Statement, definition, one_line};
use crate::analysis::TargetAnalysis;
use crate::emit::alembic::Line;
use crate::name::{Ident, Name, QualifiedName, quote};
use crate::operation::{AlterTableAction, ObjectKind, ObjectRef, Operation, OperationKind, RowSecurity};
use crate::schema::{Column, Constraint, Index, RelationId, Schema, Table};

/// Undoes statements of fixes, by what the schema had before them.
pub(super) struct Reverse<'a> {
    schema: &'a Schema,
    /// Constraints that the fixes add and drop again, by table and name: nothing of them is left to take back.
    passing: BTreeSet<(String, Name)>,
}

impl<'a> Reverse<'a> {
    pub(super) fn of(target: &'a TargetAnalysis, repairs: &[Repair<'_>]) -> Self {
        let mut made = BTreeSet::new();
        let mut passing = BTreeSet::new();
        for operation in repairs.iter().flat_map(|r| &r.statements).flat_map(|s| &s.operations) {
            let OperationKind::AlterTable(alter) = &operation.kind else { continue };
            for (action, _) in &alter.actions {
                match action {
                    AlterTableAction::AddConstraint(c) => {
                        made.extend(c.name.as_ref().map(|name| (path(&alter.name), name.fold())));
                    }
                    AlterTableAction::DropConstraint { name, .. } => {
                        passing.extend(made.take(&(path(&alter.name), name.fold())));
                    }
                    _ => {}
                }
            }
        }
        Self { schema: target.schema(), passing }
    }

    /// The statements that take one back, the first of them last, as all of a migration are turned round; a comment where none can.
    pub(super) fn lines(&self, statement: &Statement) -> Vec<Line> {
        let mut lines = Vec::new();
        for operation in &statement.operations {
            match self.operation(operation) {
                Some(statements) => {
                    let alone = statement.refuses_transaction();
                    lines.extend(statements.into_iter().map(|s| if alone { Line::RunAlone(s) } else { Line::Run(s) }));
                }
                None => {
                    let first = statement.sql.lines().find(|l| !l.trim_start().starts_with("--")).unwrap_or_default();
                    lines.push(Line::Comment(one_line(&format!("Not taken back: {first}"))));
                }
            }
        }
        lines
    }

    fn operation(&self, operation: &Operation) -> Option<Vec<String>> {
        match &operation.kind {
            OperationKind::CreateIndex(index) => {
                let name = quote(&index.name.as_ref()?.fold());
                let schema = index.table.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
                let concurrently = if index.concurrently { "CONCURRENTLY " } else { "" };
                Some(vec![format!("DROP INDEX {concurrently}{schema}{name}")])
            }
            OperationKind::AlterTable(alter) => {
                let table = path(&alter.name);
                let mut out = Vec::new();
                for (action, _) in &alter.actions {
                    let back = self.action(&alter.name, action)?;
                    out.extend(back.map(|b| format!("ALTER TABLE {table} {b}")));
                }
                Some(out)
            }
            OperationKind::CreatePolicy(policy) => {
                Some(vec![format!("DROP POLICY {} ON {}", quote(&policy.name.fold()), path(&policy.table))])
            }
            OperationKind::CreateTrigger(trigger) if !trigger.or_replace => {
                Some(vec![format!("DROP TRIGGER {} ON {}", quote(&trigger.name.fold()), path(&trigger.table))])
            }
            OperationKind::CreateExtension { name, .. } => {
                Some(vec![format!("DROP EXTENSION {}", quote(&name.fold()))])
            }
            OperationKind::Drop(drop) if drop.targets.iter().all(|t| t.kind == ObjectKind::Index) => {
                let again =
                    |target: &ObjectRef| definition::index(self.schema, self.index(&target.name)?, drop.concurrently);
                drop.targets.iter().map(again).collect()
            }
            OperationKind::Rename { target, to, .. } if target.part.is_none() => {
                let schema = target.name.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
                let kind = target.kind.name().to_uppercase();
                let (now, before) = (quote(&to.fold()), quote(&target.name.name.fold()));
                Some(vec![format!("ALTER {kind} {schema}{now} RENAME TO {before}")])
            }
            _ => None,
        }
    }

    /// What takes an action back: nothing where nothing needs to be.
    #[allow(clippy::option_option, reason = "not reversible, or reversed by nothing")]
    fn action(&self, table: &QualifiedName, action: &AlterTableAction) -> Option<Option<String>> {
        use AlterTableAction as Action;
        let alter = |column: &Ident, what: &str| Some(Some(format!("ALTER COLUMN {} {what}", quote(&column.fold()))));
        let passes = |name: &Ident| self.passing.contains(&(path(table), name.fold()));
        match action {
            Action::AddConstraint(c) if c.name.as_ref().is_some_and(passes) => Some(None),
            Action::DropConstraint { name, .. } if passes(name) => Some(None),
            Action::AddConstraint(c) => Some(Some(format!("DROP CONSTRAINT {}", quote(&c.name.as_ref()?.fold())))),
            Action::DropConstraint { name, .. } => {
                let found = self.constraint(table, name)?;
                Some(Some(format!("ADD {}", definition::constraint(self.schema, found)?)))
            }
            Action::ValidateConstraint { .. } => Some(None),
            Action::AddColumn { column, .. } => Some(Some(format!("DROP COLUMN {}", quote(&column.name.fold())))),
            Action::SetNotNull { column } => alter(column, "DROP NOT NULL"),
            Action::DropNotNull { column } => alter(column, "SET NOT NULL"),
            Action::SetDefault { column, .. } | Action::DropDefault { column } => {
                match self.column(table, column).and_then(|c| c.default.as_ref()) {
                    Some(default) => alter(column, &format!("SET DEFAULT {}", self.schema.display_expr(default))),
                    None => alter(column, "DROP DEFAULT"),
                }
            }
            Action::SetType { column, .. } => {
                let before = self.column(table, column)?.data_type.display(self.schema);
                let name = quote(&column.fold());
                alter(column, &format!("TYPE {before} USING {name}::{before}"))
            }
            Action::AddIdentity { column, .. } => alter(column, "DROP IDENTITY"),
            Action::RowSecurity(RowSecurity::Enable) => Some(Some("DISABLE ROW LEVEL SECURITY".to_owned())),
            Action::RowSecurity(RowSecurity::Force) => Some(Some("NO FORCE ROW LEVEL SECURITY".to_owned())),
            _ => None,
        }
    }

    /// A column as it was before the fixes.
    fn column(&self, table: &QualifiedName, column: &Ident) -> Option<&Column> {
        let table = self.table(table)?;
        table.column(table.find_column(&column.fold())?)
    }

    /// A constraint as it was before the fixes.
    fn constraint(&self, table: &QualifiedName, name: &Ident) -> Option<&Constraint> {
        let name = name.fold();
        self.schema.constraints_of(self.table(table)?).map(|(_, c)| c).find(|c| c.name == name)
    }

    /// An index as it was before the fixes.
    fn index(&self, name: &QualifiedName) -> Option<&Index> {
        let RelationId::Index(id) = self.relation(name)? else { return None };
        self.schema.indexes.get(id)
    }

    fn table(&self, name: &QualifiedName) -> Option<&Table> {
        let RelationId::Table(id) = self.relation(name)? else { return None };
        self.schema.tables.get(id)
    }

    fn relation(&self, name: &QualifiedName) -> Option<RelationId> {
        let schema = name.schema.as_ref().map_or_else(|| "public".into(), Ident::fold);
        self.schema.find_relation(self.schema.find_namespace(&schema)?, &name.name.fold())
    }
}

fn path(name: &QualifiedName) -> String {
    let schema = name.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
    format!("{schema}{}", quote(&name.name.fold()))
}
