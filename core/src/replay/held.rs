//! Tables that certainly hold rows, and columns that certainly hold a NULL: what an INSERT of literal values leaves behind. With them a column that takes no
//! NULL cannot be added without a value, nor an old one made so. No row is kept, and where anything may have taken rows away nothing is claimed.
//! Source: PostgreSQL manual, ALTER TABLE, "SET NOT NULL", "ADD COLUMN".

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Outcome, refuse};
use super::rows::NOT_NULL_VIOLATION;
use super::{Replayer, known};
use crate::expr::Expr;
use crate::name::{Name, QualifiedName};
use crate::operation::{AlterTable, AlterTableAction, ConstraintDefKind, DmlVerb, Operation, OperationKind};
use crate::read::ddl::rows::{Rows, Value, Written};
use crate::schema::{
    BaseType, Column, ColumnNumber, ConstraintKind, ObjectId, RelationId, Table, TableId, TableKind, TypeKind,
};
use crate::source::Span;

/// More tables than these are not followed.
const MAX_TABLES: usize = 10_000;

/// Tables that hold rows, with the columns of which a row has no value.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldRows {
    tables: BTreeMap<TableId, BTreeSet<ColumnNumber>>,
}

impl HeldRows {
    /// Nothing is known any more.
    pub(super) fn forget(&mut self) {
        self.tables.clear();
    }

    fn has_null(&self, table: TableId, column: ColumnNumber) -> bool {
        self.tables.get(&table).is_some_and(|columns| columns.contains(&column))
    }
}

impl Replayer {
    /// Forgets what an operation may have taken away. It is asked behind it.
    pub(super) fn rows_after(&mut self, operation: &Operation) {
        if self.held.tables.is_empty() {
            return;
        }
        match &operation.kind {
            OperationKind::Dml { verb: DmlVerb::Insert | DmlVerb::Copy, tables, text } => {
                // What a trigger does is not known, and an upsert may give values to columns.
                let upsert = text.text.to_ascii_lowercase().contains("conflict");
                if upsert || self.has_triggers(tables) {
                    self.held.forget();
                }
            }
            OperationKind::Dml { verb: DmlVerb::Select, text, .. } => {
                let scanned = self.scan_fully(text, super::references::Scope::Nothing, false);
                let calls = scanned.expr.references.iter().any(|r| matches!(r.target, ObjectId::Function(_)));
                if calls || scanned.writes.is_some() {
                    self.held.forget();
                }
            }
            OperationKind::Dml { verb: DmlVerb::Update, tables, .. } => {
                if self.has_triggers(tables) {
                    self.held.forget();
                }
                // Rows stay, with other values.
                self.held.tables.values_mut().for_each(BTreeSet::clear);
            }
            // A key may take rows of other tables along.
            OperationKind::Dml { .. } | OperationKind::Truncate { .. } => self.held.forget(),
            OperationKind::Utility { verb, .. } if known::may_change_rows(verb) => self.held.forget(),
            _ => {}
        }
    }

    /// Whether triggers may do something else besides; so it is where the table is not known.
    fn has_triggers(&self, tables: &[QualifiedName]) -> bool {
        match tables.first().and_then(|name| self.find_relation(name)) {
            Some(RelationId::Table(id)) => self.schema.tables.get(id).is_none_or(|t| !t.triggers.is_empty()),
            _ => true,
        }
    }

    /// Notes the rows of an INSERT that certainly succeeded.
    pub(super) fn note_inserted(&mut self, id: TableId, targets: &[ColumnNumber], written: &Written, text: &Expr) {
        let Some(table) = self.schema.tables.get(id).filter(|t| self.takes_any_row(t)) else { return };
        let Rows::Values(rows) = &written.rows else { return };
        if !self.certain || written.on_conflict.is_some() || rows.is_empty() || self.held.tables.len() >= MAX_TABLES {
            return;
        }
        let mut nulls = BTreeSet::new();
        for (number, column) in table.live_columns().filter(|(_, c)| c.generated.is_none()) {
            let at = targets.iter().position(|target| *target == number);
            for row in rows {
                let value = at.and_then(|at| row.get(at));
                if !self.is_plain(value.map(|(value, place)| (value, text.part(*place))), column) {
                    return;
                }
                let null = match value {
                    Some((Value::Null, _)) => true,
                    Some((Value::Default, _)) | None => !self.has_default(column),
                    Some(_) => false,
                };
                if null {
                    nulls.insert(number);
                }
            }
        }
        self.held.tables.entry(id).or_default().extend(nulls);
    }

    /// Whether no rule, trigger, check or key of a table that the input makes refuses or changes a row of it.
    fn takes_any_row(&self, table: &Table) -> bool {
        let plain = table.kind == TableKind::Ordinary
            && !(table.partial || table.assumed || self.described || self.opaque)
            && table.rules.is_empty()
            && table.triggers.is_empty()
            && table.inherits.is_empty()
            && table.partition_of.is_none();
        // A row that a key refuses is one that is there already.
        plain
            && self
                .schema
                .constraints_of(table)
                .all(|(_, c)| matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. }))
    }

    /// Whether a value is a literal that the column certainly takes.
    fn is_plain(&self, value: Option<(&Value, Expr)>, column: &Column) -> bool {
        let known = match &column.data_type.base {
            BaseType::Builtin(_) => true,
            BaseType::User(id) => self.schema.types.get(*id).is_some_and(|t| matches!(t.kind, TypeKind::Enum(_))),
            _ => false,
        };
        match value {
            None | Some((Value::Default | Value::Null, _)) => known,
            Some((Value::Text(text), _)) => {
                let longest = column.data_type.modifiers.first().and_then(|m| m.parse::<usize>().ok());
                known && !column.data_type.array && longest.is_none_or(|longest| text.chars().count() <= longest)
            }
            Some((Value::Other, written)) => {
                let text = written.text.trim();
                known
                    && column.data_type.modifiers.is_empty()
                    && (["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
                        || (!text.is_empty() && text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit())))
            }
            Some((Value::Unknown, _)) => false,
        }
    }

    /// The columns of a table that certainly holds rows.
    pub(super) fn columns_if_held(&self, id: TableId) -> Option<Vec<Name>> {
        let table = self.schema.tables.get(id).filter(|_| self.held.tables.contains_key(&id))?;
        Some(table.live_columns().map(|(_, c)| c.name.clone()).collect())
    }

    /// Refuses a column without NULLs where a row has none but NULL to show, and notes the NULLs of new columns. `before` are the columns there were.
    pub(super) fn check_held(&mut self, id: TableId, before: Option<&[Name]>, alter: &AlterTable) -> Outcome {
        let Some(before) = before else { return Ok(()) };
        let mut nulls = Vec::new();
        for (action, span) in &alter.actions {
            let Some(table) = self.schema.tables.get(id) else { return Ok(()) };
            match action {
                AlterTableAction::AddColumn { column, .. } => {
                    let name = column.name.fold();
                    let number = table.find_column(&name).filter(|_| !before.contains(&name));
                    let Some((number, column)) = number.and_then(|n| Some((n, table.column(n)?))) else { continue };
                    if column.generated.is_some() || self.has_default(column) {
                        continue;
                    }
                    if column.not_null {
                        return self.refuse_null(table, &name, *span);
                    }
                    nulls.push(number);
                }
                AlterTableAction::SetNotNull { column } => {
                    let name = column.fold();
                    let number = table.find_column(&name);
                    if number.is_some_and(|n| self.held.has_null(id, n) || nulls.contains(&n)) {
                        return self.refuse_null(table, &name, column.span);
                    }
                }
                AlterTableAction::AddConstraint(constraint) => {
                    let ConstraintDefKind::PrimaryKey { columns, .. } = &constraint.kind else { continue };
                    for column in columns {
                        let name = column.fold();
                        if table.find_column(&name).is_some_and(|n| self.held.has_null(id, n)) {
                            return self.refuse_null(table, &name, column.span);
                        }
                    }
                }
                // USING may make something else of NULL, and what is dropped and added again has the name of another.
                AlterTableAction::SetType { .. } | AlterTableAction::DropColumn { .. } => {
                    self.held.tables.insert(id, BTreeSet::new());
                }
                _ => {}
            }
        }
        self.held.tables.entry(id).or_default().extend(nulls);
        Ok(())
    }

    fn refuse_null(&self, table: &Table, column: &Name, span: Span) -> Outcome {
        let message = format!("column \"{column}\" of relation \"{}\" contains null values", table.name);
        refuse(NOT_NULL_VIOLATION, span, message)
    }
}
