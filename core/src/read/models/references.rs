//! What values of models refer to: tables, columns, the targets of foreign keys.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::classes::is_column;
use super::host::APPENDS;
use super::libraries::is_of_library;
use super::tables::Table;
use super::{Reader, identity};
use crate::history::WrittenTarget;
use crate::read::python::{Arguments, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::sql::name_of;
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

/// How deep expressions of indexes and constraints are looked into; terms nest no deeper.
const MAX_DEPTH: u32 = 48;
/// How many foreign keys in a row are followed for a column's type.
const MAX_CHAIN: u32 = 8;

/// Where a foreign key leads.
pub(super) struct Target {
    pub(super) schema: Option<String>,
    pub(super) table: String,
    pub(super) column: Option<String>,
    pub(super) place: Option<(usize, usize)>,
}

impl Target {
    /// The target in words; a text that says the same stays as it is.
    pub(super) fn written(&self, value: &Value) -> Value {
        let parts = [self.schema.as_deref(), Some(self.table.as_str()), self.column.as_deref()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
        if value.as_str() == Some(text.as_str()) { value.clone() } else { Value::text(&text, value.span) }
    }
}

impl Reader {
    /// The table that a value is: the call that made it, a class, `Class.__table__`.
    pub(super) fn table_of(&self, value: &Value) -> Option<usize> {
        if let Kind::Class(class) = value.kind {
            return self.mapped.get(&class)?.table;
        }
        if let Some(object) = identity(value)
            && let Some(at) = self.tables.iter().position(|t| t.object == Some(object))
        {
            return Some(at);
        }
        match value.as_term()? {
            TermKind::Attribute(object, name) if name == "__table__" => self.table_of(object),
            _ => None,
        }
    }

    /// The column that a value is: the call that made it, `table.c.name`, an attribute of a class.
    pub(super) fn column_ref(&self, value: &Value, own: Option<usize>) -> Option<(usize, usize)> {
        if let Some(object) = identity(value) {
            if let Some(own) = own
                && let Some(at) = self.tables.get(own)?.columns.iter().position(|c| c.object == Some(object))
            {
                return Some((own, at));
            }
            if let Some(found) = self.columns.get(&object) {
                return Some(*found);
            }
        }
        let (object, key) = match value.as_term()? {
            TermKind::Attribute(object, name) => (object, name.as_str()),
            TermKind::Index(object, name) => (object, name.as_str()?),
            _ => return None,
        };
        let table = match object.as_term() {
            Some(TermKind::Attribute(table, c)) if c == "c" || c == "columns" => self.table_of(table)?,
            _ => match object.kind {
                Kind::Class(class) => match self.table_of(object) {
                    Some(table) => table,
                    // A mixin's own: the column of the table that asks.
                    None => {
                        let value = self.python.class_attribute(class, key, 0)?;
                        return identity(&value)
                            .and_then(|_| self.column_ref(&value, own))
                            .filter(|_| is_column(&value));
                    }
                },
                _ => return None,
            },
        };
        let found = self.tables.get(table)?;
        let column = found.column_by_key(key)?;
        let at = found.columns.iter().position(|c| std::ptr::eq(c, column))?;
        Some((table, at))
    }

    /// The first column that an expression speaks of.
    pub(super) fn first_column(&self, value: &Value, depth: u32) -> Option<(usize, usize)> {
        if depth > MAX_DEPTH {
            return None;
        }
        if let Some(found) = self.column_ref(value, None) {
            return Some(found);
        }
        let deeper = |v: &Value| self.first_column(v, depth + 1);
        match value.as_term()? {
            TermKind::Attribute(v, _) | TermKind::Not(v) => deeper(v),
            TermKind::Call(callee, arguments) => {
                deeper(callee).or_else(|| arguments.positional.iter().find_map(deeper))
            }
            TermKind::Compare(a, _, b) | TermKind::Binary(a, _, b) | TermKind::Index(a, b) => {
                deeper(a).or_else(|| deeper(b))
            }
            _ => None,
        }
    }

    /// Takes what tables are given after they were made: `table.append_constraint(…)`, `CheckConstraint(…, table=table)`.
    pub(super) fn appended(&mut self) {
        let effects: Vec<Value> = self.python.effects.iter().map(|effect| effect.value.clone()).collect();
        for value in effects {
            let Some((callee, arguments)) = value.as_call() else { continue };
            if let Some(("CheckConstraint", arguments)) = constructor(&value) {
                let table = arguments.keyword("table").and_then(|table| self.table_of(table));
                if let Some(table) = table.and_then(|at| self.tables.get_mut(at)) {
                    table.take(value);
                }
                continue;
            }
            let Some(TermKind::Attribute(object, method)) = callee.as_term() else { continue };
            if !APPENDS.contains(&method.as_str()) {
                continue;
            }
            let (Some(at), Some(item)) = (self.table_of(object), arguments.positional.first().cloned()) else {
                continue;
            };
            if is_column(&item) {
                if let Some(column) = self.column(&item, "", item.span) {
                    self.add_column(at, column);
                }
            } else if self.is_made(&item)
                && let Some(table) = self.tables.get_mut(at)
            {
                table.take(item);
            }
        }
    }

    /// Indexes and keys that stand outside their tables belong to the table of their columns.
    pub(super) fn attach_indexes(&mut self) {
        let parts = self.tables.iter().flat_map(|t| t.indexes.iter().chain(&t.constraints));
        let placed: BTreeSet<usize> = parts.filter_map(identity).collect();
        let effects: Vec<Value> = self.python.effects.iter().map(|e| e.value.clone()).collect();
        // A function that gives a table's arguments may be asked twice, and some of its indexes are those of another dialect.
        let spans: BTreeSet<(usize, Span)> = self
            .tables
            .iter()
            .enumerate()
            .flat_map(|(at, t)| {
                let parts = t.indexes.iter().chain(&t.constraints).map(|i| i.span);
                parts.chain(t.of_others.iter().copied()).map(move |s| (at, s))
            })
            .collect();
        for value in effects {
            let Some((kind @ ("Index" | "UniqueConstraint"), arguments)) = constructor(&value) else { continue };
            let is_index = kind == "Index";
            if identity(&value).is_none_or(|object| placed.contains(&object)) {
                continue;
            }
            let keys = arguments.positional.get(usize::from(is_index)..).unwrap_or_default();
            // A key knows its table when all its columns do.
            if !is_index && !keys.iter().all(|key| self.column_ref(key, None).is_some()) {
                continue;
            }
            let table = arguments.keyword("_table").and_then(|t| self.table_of(t));
            let table = table.or_else(|| keys.iter().find_map(|k| self.first_column(k, 0)).map(|(table, _)| table));
            let table = table.filter(|at| !spans.contains(&(*at, value.span)));
            if let Some(table) = table.and_then(|at| self.tables.get_mut(at)) {
                if is_index { &mut table.indexes } else { &mut table.constraints }.push(value);
            }
        }
    }

    /// An expression with every column in it by its name.
    pub(super) fn by_name(&mut self, value: &Value, own: usize, depth: u32) -> Value {
        if depth > MAX_DEPTH {
            return value.clone();
        }
        let span = value.span;
        if let Some((table, at)) = self.column_ref(value, Some(own))
            && let Some(column) = self.tables.get(table).and_then(|t| t.columns.get(at))
        {
            let name = Value::new(column.name.kind.clone(), span);
            return called("sqlalchemy.column", Arguments { positional: vec![name], ..Arguments::default() }, span);
        }
        if let Kind::Tuple(list) = value.kind {
            let items = self.python.heap.list(list).to_vec();
            let items = items.iter().map(|item| self.by_name(item, own, depth + 1)).collect();
            return Value::new(Kind::Tuple(self.python.heap.add_list(items)), span);
        }
        let Kind::Term(term) = &value.kind else { return value.clone() };
        let term = Rc::clone(term);
        let mut go = |v: &Value| self.by_name(v, own, depth + 1);
        let kind = match &term.kind {
            TermKind::Attribute(object, name) => TermKind::Attribute(go(object), name.clone()),
            TermKind::Call(callee, arguments) => {
                let callee = go(callee);
                let positional = arguments.positional.iter().map(&mut go).collect();
                let keywords = arguments.keywords.iter().map(|(name, v)| (name.clone(), go(v))).collect();
                TermKind::Call(callee, Arguments { positional, keywords, open: arguments.open })
            }
            TermKind::Compare(a, op, b) => TermKind::Compare(go(a), op.clone(), go(b)),
            TermKind::Binary(a, op, b) => TermKind::Binary(go(a), op.clone(), go(b)),
            TermKind::Not(v) => TermKind::Not(go(v)),
            TermKind::Index(object, key) => TermKind::Index(go(object), key.clone()),
            _ => return value.clone(),
        };
        Value::term(kind, span)
    }

    pub(super) fn schema_of(&self, table: &Table) -> Option<Value> {
        // `schema=None` in the options does not undo the metadata's.
        let own = table.keyword("schema").filter(|s| name_of(s).is_ok()).cloned();
        own.or_else(|| self.metadata.get(table.metadata)?.schema.clone())
    }

    /// How a foreign key names its target, where the metadata has a schema of its own and that is where it leads.
    pub(super) fn note_target(&mut self, value: &Value, at: usize) {
        let Some(metadata) = self.tables.get(at).map(|t| t.metadata) else { return };
        let schema = self.metadata.get(metadata).and_then(|m| m.schema.as_ref()?.as_str());
        let (Some(schema), Some(text)) = (schema, value.as_str()) else { return };
        if is_of_library(value.span) {
            return;
        }
        let table = text.rsplit_once('.').map(|(table, _)| table);
        let with_schema = match table.and_then(|table| table.rsplit_once('.')) {
            None => false,
            Some((written, _)) if written == schema => true,
            Some(_) => return,
        };
        self.written_targets.push((metadata, WrittenTarget { span: value.span, with_schema }));
    }

    /// Where a foreign key leads: schema, table, column; and the table and column, where they are of the input.
    pub(super) fn target(&self, value: &Value, own: &Table) -> Option<Target> {
        if let Some(text) = value.as_str() {
            let mut parts: Vec<&str> = text.split('.').collect();
            let column = if parts.len() > 1 { parts.pop() } else { None };
            let table = parts.pop()?.to_owned();
            let schema = match parts.is_empty() {
                true => self.metadata.get(own.metadata)?.schema.as_ref().and_then(Value::as_str).map(str::to_owned),
                false => Some(parts.join(".")),
            };
            let fits = |t: &Table| {
                t.name.as_str() == Some(&table)
                    && self.schema_of(t).as_ref().and_then(Value::as_str) == schema.as_deref()
            };
            let place = self.tables.iter().position(|t| t.metadata == own.metadata && fits(t));
            let place = place.or_else(|| self.tables.iter().position(fits));
            let place = place.and_then(|at| {
                let found = self.tables.get(at)?;
                let column = found.column_by_key(column?)?;
                Some((at, found.columns.iter().position(|c| std::ptr::eq(c, column))?))
            });
            return Some(Target { schema, table, column: column.map(str::to_owned), place });
        }
        let (table, at) = self.column_ref(value, None)?;
        let found = self.tables.get(table)?;
        let column = found.columns.get(at)?;
        Some(Target {
            schema: self.schema_of(found).as_ref().and_then(Value::as_str).map(str::to_owned),
            table: found.name.as_str()?.to_owned(),
            column: Some(name_of(&column.name).ok()?.as_str().to_owned()),
            place: Some((table, at)),
        })
    }

    /// The type of a column that has none of its own: that of the column to which its foreign key leads.
    pub(super) fn inherited_type(&self, table: usize, at: usize, depth: u32) -> Option<Value> {
        let own = self.tables.get(table)?;
        let column = own.columns.get(at)?;
        if column.data_type.is_some() || depth > MAX_CHAIN {
            return column.data_type.clone();
        }
        let direct = column.rest.iter().filter_map(|item| match constructor(item) {
            Some(("ForeignKey", arguments)) => arguments.get(0, "column").cloned(),
            _ => None,
        });
        let name = column.name.as_str();
        let of_table = own.constraints.iter().filter_map(|item| match constructor(item) {
            Some(("ForeignKeyConstraint", arguments)) => {
                let columns = self.python.heap.elements(arguments.get(0, "columns")?)?;
                let place = columns.iter().position(|c| c.as_str() == name)?;
                self.python.heap.elements(arguments.get(1, "refcolumns")?)?.get(place).cloned()
            }
            _ => None,
        });
        direct.chain(of_table).find_map(|target| {
            let (table, at) = self.target(&target, own)?.place?;
            self.inherited_type(table, at, depth + 1)
        })
    }
}
