//! NOT NULL constraints by name, which PostgreSQL keeps since version 18. Source: PostgreSQL 18 manual, "CREATE TABLE" and "ALTER TABLE".
//!
//! The schema only knows whether a column takes NULL; names are kept here, and only those that are not the default of their table and column.

use std::collections::BTreeMap;

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use super::names::make_object_name;
use crate::name::{Ident, Name};
use crate::operation::ObjectRef;
use crate::schema::{ColumnNumber, RelationId, Table, TableId};

/// The version that gave them names.
const NAMED_SINCE: u16 = 18;

/// Names that are not the default of their table and column.
#[derive(Clone, Default)]
pub(super) struct NotNullNames {
    names: BTreeMap<(TableId, ColumnNumber), Name>,
    /// What the statement at hand changed, and what was there before.
    changed: Vec<((TableId, ColumnNumber), Option<Name>)>,
}

impl NotNullNames {
    fn get(&self, column: (TableId, ColumnNumber)) -> Option<&Name> {
        self.names.get(&column)
    }

    fn has(&self, column: (TableId, ColumnNumber)) -> bool {
        self.names.contains_key(&column)
    }

    fn set(&mut self, column: (TableId, ColumnNumber), name: Name) {
        let before = self.names.insert(column, name);
        self.changed.push((column, before));
    }

    pub(super) fn forget(&mut self, column: (TableId, ColumnNumber)) {
        if let Some(before) = self.names.remove(&column) {
            self.changed.push((column, Some(before)));
        }
    }

    /// A table is made: its number may have been that of one that was taken back.
    pub(super) fn begin(&mut self, table: TableId) {
        let stale: Vec<_> = self.of(table).map(|(column, _)| column).collect();
        stale.into_iter().for_each(|column| self.forget((table, column)));
    }

    fn of(&self, table: TableId) -> impl Iterator<Item = (ColumnNumber, &Name)> {
        let from = self.names.range((table, ColumnNumber::from_index(0))..);
        from.take_while(move |((of, _), _)| *of == table).map(|((_, column), name)| (*column, name))
    }

    /// A statement begins.
    pub(super) fn mark(&mut self) {
        self.changed.clear();
    }

    /// The statement was refused.
    pub(super) fn undo(&mut self) {
        for (column, before) in std::mem::take(&mut self.changed).into_iter().rev() {
            match before {
                Some(name) => self.names.insert(column, name),
                None => self.names.remove(&column),
            };
        }
    }
}

/// A NOT NULL constraint as written in a table's definition.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotNullDraft<'a> {
    pub(super) column: &'a Ident,
    pub(super) name: Option<&'a Ident>,
}

impl Replayer {
    /// Whether the server may know them by name: it is not known to be older.
    fn may_name_not_null(&self) -> bool {
        self.server.is_none_or(|version| version >= NAMED_SINCE)
    }

    /// Whether the server certainly knows them by name.
    pub(super) fn knows_not_null(&self) -> bool {
        self.is_at_least(NAMED_SINCE)
    }

    /// The name of a column's NOT NULL constraint, where it has one.
    pub(super) fn not_null_name(&self, table: TableId, column: ColumnNumber) -> Option<Name> {
        let t = self.schema.tables.get(table)?;
        let c = t.column(column).filter(|c| c.not_null)?;
        if let Some(name) = self.not_null_names.get((table, column)) {
            return Some(name.clone());
        }
        // What is inherited is called as the parent's.
        let inherited = parents(t).find_map(|parent| {
            let number = self.schema.tables.get(parent)?.find_column(&c.name)?;
            self.not_null_name(parent, number)
        });
        Some(inherited.unwrap_or_else(|| make_object_name(&t.name, Some(&c.name), "not_null")))
    }

    /// The column whose NOT NULL constraint has this name.
    pub(super) fn find_not_null(&self, table: TableId, name: &Name) -> Option<ColumnNumber> {
        if !self.may_name_not_null() {
            return None;
        }
        let t = self.schema.tables.get(table)?;
        let columns = || t.live_columns().filter(|(_, c)| c.not_null).map(|(number, _)| number);
        let called = |number: &ColumnNumber| self.not_null_name(table, *number).is_some_and(|own| own == *name);
        // Where the default was taken, it got a number.
        let numbered = |number: &ColumnNumber| {
            let own = self.not_null_name(table, *number)?;
            name.strip_prefix(own.as_str()).filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        columns().find(called).or_else(|| {
            let taken = |number: &ColumnNumber| {
                let own = self.not_null_name(table, *number);
                own.is_some_and(|own| self.was_constraint_name(table, &own))
            };
            columns().find(|number| numbered(number).is_some() && taken(number))
        })
    }

    /// The NOT NULL constraint that `CONSTRAINT part ON table` means, where there is none of another kind.
    pub(super) fn not_null_of<'r>(&self, target: &'r ObjectRef) -> Option<(TableId, ColumnNumber, &'r Ident)> {
        let part = target.part.as_ref()?;
        let Some(RelationId::Table(table)) = self.find_relation(&target.name) else { return None };
        Some((table, self.only_not_null(table, part)?, part))
    }

    /// The column whose NOT NULL constraint is meant, where none of another kind has the name.
    pub(super) fn only_not_null(&self, table: TableId, written: &Ident) -> Option<ColumnNumber> {
        let name = written.fold();
        if self.find_constraint(table, &name).is_some() { None } else { self.find_not_null(table, &name) }
    }

    /// Whether a constraint of another kind has the name, or had it.
    fn was_constraint_name(&self, table: TableId, name: &str) -> bool {
        self.schema.constraints.iter().any(|(_, c)| c.table == table && c.name == name)
    }

    /// Refuses a name that a NOT NULL constraint of the table has, where the server certainly knows it.
    pub(super) fn free_of_not_null(&self, table: TableId, name: &Name, written: &Ident) -> Outcome {
        if !self.knows_not_null() {
            return Ok(());
        }
        let explicit = |number: ColumnNumber| self.not_null_names.has((table, number));
        // Names that nobody wrote give way where the table is made by the same statement.
        let fresh = self.schema.tables.get(table).is_some_and(|t| t.span == self.span);
        match self.find_not_null(table, name).filter(|number| !fresh || explicit(*number)) {
            Some(_) => self.is_taken(table, name, written),
            None => Ok(()),
        }
    }

    fn is_taken(&self, table: TableId, name: &Name, written: &Ident) -> Outcome {
        let table = self.table_name(table);
        refuse(
            state::DUPLICATE_OBJECT,
            written.span,
            format!("constraint \"{name}\" for relation \"{table}\" already exists"),
        )
    }

    /// Keeps the names that a table's definition gives; the columns take no NULL already.
    pub(super) fn name_not_nulls(&mut self, table: TableId, drafts: &[NotNullDraft<'_>]) -> Outcome {
        for NotNullDraft { column, name } in drafts {
            let number = self.column(table, column)?;
            let Some(written) = name else { continue };
            let name = written.fold();
            if let Some(other) = self.not_null_names.get((table, number)).filter(|other| **other != name) {
                let message = format!("conflicting not-null constraint names \"{other}\" and \"{name}\"");
                return refuse(state::SYNTAX_ERROR, written.span, message);
            }
            self.name_not_null(table, number, written)?;
        }
        Ok(())
    }

    fn name_not_null(&mut self, table: TableId, column: ColumnNumber, written: &Ident) -> Outcome {
        if !self.may_name_not_null() {
            return Ok(());
        }
        let name = written.fold();
        let taken = self.not_null_names.of(table).any(|(c, n)| c != column && *n == name);
        if self.knows_not_null() && (taken || self.find_constraint(table, &name).is_some()) {
            return self.is_taken(table, &name, written);
        }
        self.not_null_names.set((table, column), name);
        Ok(())
    }

    /// ADD CONSTRAINT … NOT NULL.
    pub(super) fn add_not_null(&mut self, table: TableId, column: &Ident, name: Option<&Ident>) -> Outcome {
        let number = self.column(table, column)?;
        let present = self.not_null_name(table, number);
        if let (Some(present), Some(written)) = (&present, name) {
            let name = written.fold();
            if *present == name {
                return Ok(());
            }
            let (column, table) = (column.fold(), self.table_name(table));
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                written.span,
                format!("cannot create not-null constraint \"{name}\" on column \"{column}\" of table \"{table}\""),
            );
        }
        if let (None, Some(written)) = (present, name) {
            let name = written.fold();
            if self.find_constraint(table, &name).is_some() || self.find_not_null(table, &name).is_some() {
                return self.is_taken(table, &name, written);
            }
            self.not_null_names.set((table, number), name);
        }
        self.set_not_null(table, column, true, false)
    }

    /// DROP CONSTRAINT of one.
    pub(super) fn drop_not_null_constraint(
        &mut self,
        table: TableId,
        number: ColumnNumber,
        written: &Ident,
        recurse: bool,
    ) -> Outcome {
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        let Some(column) = t.column(number).map(|c| c.name.clone()) else { return Ok(()) };
        let inherited = parents(t).any(|parent| {
            let there = self.schema.tables.get(parent).and_then(|p| p.column(p.find_column(&column)?));
            there.is_some_and(|c| c.not_null)
        });
        if inherited {
            let (name, table) = (written.fold(), self.table_name(table));
            let message = format!("cannot drop inherited constraint \"{name}\" of relation \"{table}\"");
            return refuse(state::INVALID_TABLE_DEFINITION, written.span, message);
        }
        let column = Ident { text: column, quoted: true, span: written.span };
        self.drop_not_null(table, &column, recurse)
    }

    /// RENAME CONSTRAINT of one.
    pub(super) fn rename_not_null(
        &mut self,
        table: TableId,
        number: ColumnNumber,
        from: &Ident,
        to: &Ident,
    ) -> Outcome {
        let name = to.fold();
        if self.find_constraint(table, &name).is_some() || self.find_not_null(table, &name).is_some() {
            return self.is_taken(table, &name, to);
        }
        let inherited = self.schema.tables.get(table).is_some_and(|t| parents(t).next().is_some())
            && !self.not_null_names.has((table, number));
        if inherited {
            let message = format!("cannot rename inherited constraint \"{}\"", from.fold());
            return refuse(state::INVALID_TABLE_DEFINITION, from.span, message);
        }
        self.not_null_names.set((table, number), name);
        Ok(())
    }

    /// Keeps the names that the constraints have, before the table or a column of it gets another name, or a parent.
    pub(super) fn keep_not_null_names(&mut self, table: TableId) {
        if !self.may_name_not_null() {
            return;
        }
        let Some(t) = self.schema.tables.get(table) else { return };
        let columns: Vec<ColumnNumber> = t.live_columns().filter(|(_, c)| c.not_null).map(|(n, _)| n).collect();
        for number in columns {
            if let Some(name) = self.not_null_name(table, number) {
                self.not_null_names.set((table, number), name);
            }
        }
    }

    /// LIKE: the copies are called as the originals are.
    pub(super) fn copy_not_null_names(&mut self, table: TableId, source: TableId) {
        if !self.may_name_not_null() {
            return;
        }
        let Some(from) = self.schema.tables.get(source) else { return };
        let columns: Vec<(ColumnNumber, Name)> = from.live_columns().map(|(n, c)| (n, c.name.clone())).collect();
        for (number, column) in columns {
            if let (Some(own), Some(name)) = (self.find_column(table, &column), self.not_null_name(source, number)) {
                self.not_null_names.set((table, own), name);
            }
        }
    }
}

fn parents(table: &Table) -> impl Iterator<Item = TableId> {
    table.inherits.iter().copied().chain(table.partition_of.iter().map(|(parent, _)| *parent))
}
