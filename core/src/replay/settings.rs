//! What ALTER TABLE sets on a table as a whole: its type, its index for clustering and replication, whether it is logged.

use smol_str::SmolStr;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::constraints::is_partitioned;
use super::{Effect, Note, Replayer};
use crate::name::{Name, QualifiedName};
use crate::operation::{AlterTable, AlterTableAction, ColumnConstraint, ColumnConstraintKind, Persistence};
use crate::schema::{BaseType, ConstraintKind, DataType, ObjectId, TableId, TableKind, TypeKind};
use crate::source::Span;

impl Replayer {
    /// OF type, NOT OF. Source: PostgreSQL manual, ALTER TABLE: "the table's list of column names and types must precisely match".
    pub(super) fn set_of_type(&mut self, table: TableId, of: Option<&QualifiedName>, span: Span) -> Outcome {
        let typed = self.schema.tables.get(table).and_then(|t| t.of_type);
        let Some(of) = of else {
            if typed.is_none() {
                let message = format!("\"{}\" is not a typed table", self.table_name(table));
                return refuse(state::WRONG_OBJECT_TYPE, span, message);
            }
            if let Some(t) = self.schema.tables.get_mut(table) {
                t.of_type = None;
            }
            return Ok(());
        };
        let (id, attributes) = self.composite_type(of)?;
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        if !t.inherits.is_empty() || t.partition_of.is_some() {
            return refuse(state::WRONG_OBJECT_TYPE, of.span(), "typed tables cannot inherit");
        }
        let columns: Vec<(&Name, &DataType)> = t.live_columns().map(|(_, c)| (&c.name, &c.data_type)).collect();
        let differing = attributes.iter().enumerate().find_map(|(at, (name, data_type))| match columns.get(at) {
            Some((column, _)) if *column != name => {
                Some(format!("table has column \"{column}\" where type requires \"{name}\""))
            }
            Some((_, other)) if *other != data_type => {
                Some(format!("table \"{}\" has different type for column \"{name}\"", t.name))
            }
            Some(_) => None,
            None => Some(format!("table is missing column \"{name}\"")),
        });
        let extra = columns.get(attributes.len());
        let why_not = differing.or_else(|| extra.map(|(extra, _)| format!("table has extra column \"{extra}\"")));
        if let Some(why) = why_not {
            return refuse(state::DATATYPE_MISMATCH, of.span(), why);
        }
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.of_type = Some(id);
        }
        self.schema.note_dependent(ObjectId::Type(id), ObjectId::Table(table));
        Ok(())
    }

    /// A table's row type can't be the type of one of its own columns, alone or within another (`CheckAttributeType`).
    pub(super) fn not_within_itself(&self, table: TableId, data_type: &DataType, span: Span) -> Outcome {
        let mut open = vec![data_type];
        // A composite type can't contain itself, so the walk ends; the limit guards against a broken one.
        for _ in 0..256 {
            let Some(at) = open.pop() else { return Ok(()) };
            match &at.base {
                BaseType::Row(id) if *id == table => {
                    let message =
                        format!("composite type {} cannot be made a member of itself", self.table_name(table));
                    return refuse(state::INVALID_TABLE_DEFINITION, span, message);
                }
                BaseType::Row(id) => {
                    open.extend(
                        self.schema
                            .tables
                            .get(*id)
                            .into_iter()
                            .flat_map(|t| t.live_columns())
                            .map(|(_, c)| &c.data_type),
                    );
                }
                BaseType::User(id) => match self.schema.types.get(*id).map(|t| &t.kind) {
                    Some(TypeKind::Composite(attributes)) => open.extend(attributes.iter().map(|(_, t)| t)),
                    Some(TypeKind::Domain(domain)) => open.push(&domain.base),
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }

    /// What is asked last, where an ALTER TABLE writes rows anew: a new column with values, another type, logged or not other than it `was`.
    pub(super) fn rows_change(&self, table: TableId, alter: &AlterTable, was: Option<Persistence>) -> Outcome {
        let changes = alter.actions.iter().find(|(action, _)| match action {
            AlterTableAction::SetType { .. } => true,
            // Nothing is written anew where the table was so before.
            AlterTableAction::SetLogged(_) => self.schema.tables.get(table).map(|t| t.persistence) != was,
            AlterTableAction::AddColumn { column, .. } => {
                let valued = |c: &ColumnConstraint| {
                    use ColumnConstraintKind as Kind;
                    match &c.kind {
                        Kind::Default(value) => !value.text.trim().eq_ignore_ascii_case("null"),
                        kind => matches!(kind, Kind::Generated { .. } | Kind::Identity { .. }),
                    }
                };
                column.data_type.as_ref().is_some_and(|t| super::types::serial(t).is_some())
                    || column.constraints.iter().any(valued)
            }
            _ => false,
        });
        let Some((action, span)) = changes else { return Ok(()) };
        let mut tables = vec![table];
        if !alter.only && !matches!(action, AlterTableAction::SetLogged(_)) {
            self.descendants(table, &mut tables);
        }
        tables.into_iter().try_for_each(|table| self.rewritable(table, *span))
    }

    /// A table whose row type is that of another table's column can't have its rows rewritten (`find_composite_type_dependencies`).
    fn rewritable(&self, table: TableId, span: Span) -> Outcome {
        if self.schema.tables.get(table).is_none_or(|t| t.partition_key.is_some()) {
            return Ok(());
        }
        for who in self.schema.possible_dependents(ObjectId::Table(table)) {
            if let ObjectId::Column(other, number) = who
                && let Some(column) = self.schema.column(other, number)
                && column.data_type.base == BaseType::Row(table)
                && self.schema.tables.get(other).is_some_and(|t| t.dropped.is_none())
            {
                let (name, other) = (self.table_name(table), self.table_name(other));
                let message = format!(
                    "cannot alter table \"{name}\" because column \"{other}.{}\" uses its row type",
                    column.name
                );
                return refuse_for(state::FEATURE_NOT_SUPPORTED, span, message, vec![who]);
            }
        }
        Ok(())
    }

    /// A partitioned table stores nothing, and has no parameters for it.
    pub(super) fn check_options(&self, table: TableId, options: &[(SmolStr, String)], span: Span) -> Outcome {
        match options.first() {
            Some((name, _)) if self.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Partitioned) => {
                let sqlstate = if self.is_at_least(16) { state::WRONG_OBJECT_TYPE } else { "22023" };
                refuse(sqlstate, span, format!("unrecognized parameter \"{name}\""))
            }
            _ => Ok(()),
        }
    }

    /// Refuses to log or not to log a temporary table.
    pub(super) fn check_may_be_logged(&self, table: TableId, span: Span) -> Outcome {
        match self.schema.tables.get(table).filter(|t| t.persistence == Persistence::Temporary) {
            Some(t) => {
                let message = format!("cannot change logged status of table \"{}\" because it is temporary", t.name);
                refuse(state::INVALID_TABLE_DEFINITION, span, message)
            }
            None if self.is_at_least(18) && self.schema.tables.get(table).is_some_and(is_partitioned) => {
                let message =
                    format!("ALTER action SET LOGGED cannot be performed on relation \"{}\"", self.table_name(table));
                refuse(state::WRONG_OBJECT_TYPE, span, message)
            }
            None => Ok(()),
        }
    }

    /// SET LOGGED and UNLOGGED (`ATPrepChangePersistence`). A partitioned table has no rows to log; the setting is ignored, until 18 refused it.
    pub(super) fn set_logged(&mut self, table: TableId, logged: bool, span: Span) -> Outcome {
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        let wanted = if logged { Persistence::Permanent } else { Persistence::Unlogged };
        if t.persistence == wanted || t.kind == TableKind::Partitioned {
            return Ok(());
        }
        // A logged table may reference only logged ones, and be referenced by either.
        let persistence = |id: TableId| self.schema.tables.get(id).map(|t| t.persistence);
        let other = if logged {
            self.schema.constraints_of(t).find_map(|(_, c)| match &c.kind {
                ConstraintKind::ForeignKey(fk) if fk.references != table => {
                    (persistence(fk.references) == Some(Persistence::Unlogged)).then_some(fk.references)
                }
                _ => None,
            })
        } else {
            self.schema.references_to(table).into_iter().find_map(|id| {
                let from = self.schema.constraints.get(id)?.table;
                (from != table && persistence(from) == Some(Persistence::Permanent)).then_some(from)
            })
        };
        if let Some(other) = other {
            let (to, its) = if logged { ("logged", "unlogged") } else { ("unlogged", "logged") };
            let message = format!(
                "could not change table \"{}\" to {to} because it references {its} table \"{}\"",
                t.name,
                self.table_name(other)
            );
            return refuse_for(state::INVALID_TABLE_DEFINITION, span, message, vec![ObjectId::Table(other)]);
        }
        if let Some(t) = self.schema.tables.get_mut(table) {
            let had = std::mem::replace(&mut t.persistence, wanted);
            self.note(Note::HadPersistence(table, had));
        }
        self.effect(Effect::Altered(ObjectId::Table(table)));
        Ok(())
    }
}
