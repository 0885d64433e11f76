//! Tables in the making, and the statements that make them.

use std::collections::BTreeSet;
use std::rc::Rc;

use smol_str::SmolStr;

use super::annotation::called;
use super::host::FLASK;
use super::naming::{self, Named};
use super::{Models, Reader, identity, span_or};
use crate::history::ModelFacts;
use crate::name::Name;
use crate::operation::Operation;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::read::python::{Arguments, ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::sql::{Sql, Unknown, name_of};
use crate::read::sqlalchemy::table::{self, constructor};
use crate::source::Span;

/// How deep expressions of indexes and constraints are looked into; terms nest no deeper.
const MAX_DEPTH: u32 = 48;
/// How many foreign keys in a row are followed for a column's type.
const MAX_CHAIN: u32 = 8;

/// What tells one metadata from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Key {
    /// An object of the input, by its identity.
    Object(usize),
    /// The metadata of a declarative base.
    Class(ClassId),
    /// Something that is not among the files.
    Name(SmolStr),
}

/// `MetaData(schema=…, naming_convention=…)`.
#[derive(Debug)]
pub(super) struct Metadata {
    key: Key,
    schema: Option<Value>,
    convention: Option<Value>,
}

/// A table in the making.
#[derive(Debug)]
pub(super) struct Table {
    name: Value,
    metadata: usize,
    columns: Vec<Column>,
    constraints: Vec<Value>,
    indexes: Vec<Value>,
    /// Options: `schema`, `comment`, `postgresql_…`.
    pub(super) keywords: Vec<(SmolStr, Value)>,
    pub(super) class: Option<ClassId>,
    /// The call that made it, where one did.
    object: Option<usize>,
    pub(super) unknown: Vec<Span>,
    span: Span,
}

impl Table {
    pub(super) fn new(name: Value, metadata: usize, span: Span) -> Self {
        Self {
            name,
            metadata,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            keywords: Vec::new(),
            class: None,
            object: None,
            unknown: Vec::new(),
            span,
        }
    }

    fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value).filter(|v| !v.is_none())
    }

    /// Takes what stands among the arguments of a table and is no column.
    pub(super) fn take(&mut self, item: Value) {
        let Some(item) = on_postgresql(item) else { return };
        match constructor(&item).map(|(name, _)| name) {
            Some("Index") => self.indexes.push(item),
            Some(name) if name.ends_with("Constraint") => self.constraints.push(item),
            _ if item.is_none() => {}
            _ => self.unknown.push(item.span),
        }
    }

    fn column_by_key(&self, key: &str) -> Option<&Column> {
        let by = |c: &&Column| c.key == key;
        self.columns.iter().find(by).or_else(|| self.columns.iter().find(|c| c.name.as_str() == Some(key)))
    }
}

/// A column in the making.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The attribute.
    pub(super) key: SmolStr,
    name: Value,
    pub(super) data_type: Option<Value>,
    /// Foreign keys, checks, identities, sequences.
    pub(super) rest: Vec<Value>,
    pub(super) keywords: Vec<(SmolStr, Value)>,
    open: bool,
    /// Whether it is a `mapped_column`, to which annotations speak.
    pub(super) mapped: bool,
    object: Option<usize>,
    pub(super) span: Span,
}

impl Column {
    pub(super) fn empty(key: &str, span: Span) -> Self {
        Self {
            key: SmolStr::new(key),
            name: Value::text(key, span),
            data_type: None,
            rest: Vec::new(),
            keywords: Vec::new(),
            open: false,
            mapped: true,
            object: None,
            span,
        }
    }

    pub(super) fn plain(key: &str, data_type: Value, span: Span) -> Self {
        Self { data_type: Some(data_type), ..Self::empty(key, span) }
    }

    fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    fn yes(&self, name: &str) -> Option<&Value> {
        self.keyword(name).filter(|v| v.as_bool() == Some(true))
    }

    pub(super) fn is_primary_key(&self) -> bool {
        self.yes("primary_key").is_some()
    }

    pub(super) fn references(&self) -> bool {
        self.rest.iter().any(|item| matches!(constructor(item), Some(("ForeignKey", _))))
    }

    pub(super) fn sort_order(&self) -> i64 {
        self.keyword("sort_order").and_then(Value::as_int).unwrap_or(0)
    }

    /// Sets what is not set. A key's column is not null unless it says so itself.
    pub(super) fn default_keyword(&mut self, name: &str, value: Value, for_keys: bool) {
        if self.keyword(name).is_none() && (for_keys || !self.is_primary_key()) {
            self.keywords.push((SmolStr::new(name), value));
        }
    }

    /// Takes over what another says and this does not: `Annotated[int, mapped_column(primary_key=True)]`.
    pub(super) fn extend(&mut self, other: Column) {
        if self.data_type.is_none() {
            self.data_type = other.data_type;
        }
        if self.rest.is_empty() {
            self.rest = other.rest;
        }
        for (name, value) in other.keywords {
            if self.keyword(&name).is_none() {
                self.keywords.push((name, value));
            }
        }
    }
}

impl Reader {
    // Metadata.

    pub(super) fn metadata_by(&mut self, key: Key, arguments: Option<&Arguments>) -> usize {
        if let Some(at) = self.metadata.iter().position(|m| m.key == key) {
            return at;
        }
        let given = |place: usize, name: &str| arguments.and_then(|a| a.get(place, name)).filter(|v| !v.is_none());
        // A schema that only the program's configuration knows is, as far as anyone can tell, the default one.
        let schema = given(0, "schema").filter(|s| s.as_text().is_some()).cloned();
        let convention = given(2, "naming_convention").cloned();
        self.metadata.push(Metadata { key, schema, convention });
        self.metadata.len() - 1
    }

    /// The metadata that a value is, or has: `MetaData()`, `Base.metadata`, `registry()`, `declarative_base()`.
    pub(super) fn metadata_of(&mut self, value: &Value) -> usize {
        if let Kind::Class(class) = value.kind {
            return self.metadata_of_class(class);
        }
        match value.as_term() {
            Some(TermKind::Attribute(object, name)) if matches!(name.as_str(), "metadata" | "registry") => {
                let object = object.clone();
                self.metadata_of(&object)
            }
            Some(TermKind::Call(callee, arguments)) => {
                if callee.last_name() == Some("MetaData") {
                    let arguments = arguments.clone();
                    return self.metadata_by(Key::Object(identity(value).unwrap_or_default()), Some(&arguments));
                }
                if let Some(inner) = arguments.keyword("metadata").filter(|m| !m.is_none()).cloned() {
                    return self.metadata_of(&inner);
                }
                // `registry().generate_base()`.
                if let Some(TermKind::Attribute(object, _)) = callee.as_term() {
                    let object = object.clone();
                    return self.metadata_of(&object);
                }
                self.metadata_by(Key::Object(identity(value).unwrap_or_default()), None)
            }
            Some(TermKind::Name(path)) => {
                let path = path.strip_suffix(".metadata").unwrap_or(path);
                let path = path.strip_suffix(".Model").unwrap_or(path);
                let path = if path.ends_with("SQLModel") { "sqlmodel.SQLModel" } else { path };
                let key = Key::Name(SmolStr::new(path));
                // `SQLAlchemy(metadata=MetaData(…))`.
                let own = self.python.effects.iter().filter_map(|e| e.value.as_call());
                let own = own.filter(|(callee, _)| path == FLASK && callee.last_name() == Some("SQLAlchemy"));
                let own = own.filter_map(|(_, a)| a.keyword("metadata")?.as_call()).map(|(_, a)| a.clone()).next();
                self.metadata_by(key, own.as_ref())
            }
            _ => self.metadata_by(Key::Name(SmolStr::default()), None),
        }
    }

    // Making tables.

    /// `Table("name", metadata, Column(…), …)`.
    pub(super) fn declared_tables(&mut self) {
        let effects: Vec<Value> = self.python.effects.iter().map(|e| e.value.clone()).collect();
        for value in effects {
            let Some(("Table", arguments)) = constructor(&value) else { continue };
            let arguments = arguments.clone();
            let Some((name, rest)) = arguments.positional.split_first() else { continue };
            if !rest.iter().any(super::classes::is_column) {
                continue;
            }
            let (metadata, items) = match rest.split_first() {
                Some((first, items)) if !super::classes::is_column(first) => (Some(first), items),
                _ => (arguments.keyword("metadata"), rest),
            };
            let metadata = match metadata {
                Some(metadata) => self.metadata_of(metadata),
                None => self.metadata_by(Key::Name(SmolStr::new(FLASK)), None),
            };
            let mut made = Table::new(name.clone(), metadata, value.span);
            made.object = identity(&value);
            made.keywords = arguments.keywords.clone();
            if arguments.open {
                made.unknown.push(value.span);
            }
            let mut columns = Vec::new();
            for item in items {
                if super::classes::is_column(item) || self.is_own_column(item) {
                    match self.column(item, "", item.span) {
                        Some(column) => columns.push(column),
                        None => made.unknown.push(item.span),
                    }
                } else {
                    made.take(item.clone());
                }
            }
            let at = self.add_table(made);
            for column in columns {
                self.add_column(at, column);
            }
        }
    }

    pub(super) fn add_table(&mut self, table: Table) -> usize {
        self.tables.push(table);
        self.tables.len() - 1
    }

    pub(super) fn add_column(&mut self, at: usize, column: Column) {
        let Some(table) = self.tables.get_mut(at) else { return };
        if table.columns.iter().any(|c| c.name.as_str() == column.name.as_str()) {
            return;
        }
        if let Some(object) = column.object {
            self.columns.entry(object).or_insert((at, table.columns.len()));
        }
        table.columns.push(column);
    }

    /// Takes a `Column(…)` apart. An attribute gives it its name where it has none.
    pub(super) fn column(&mut self, value: &Value, key: &str, span: Span) -> Option<Column> {
        let (callee, arguments) = value.as_call()?;
        let mut column = Column::empty(key, span);
        column.mapped = callee.last_name() == Some("mapped_column");
        column.object = identity(value);
        column.span = span_or(value.span, span);
        column.open = arguments.open;
        let mut items = arguments.positional.iter().peekable();
        let named = match items.peek() {
            Some(first) if first.as_text().is_some() => items.next(),
            Some(first) if first.as_call().is_some_and(|(c, _)| matches!(c.last_name(), Some("quoted_name"))) => {
                items.next()
            }
            Some(first) if first.is_none() => {
                items.next();
                None
            }
            _ => None,
        };
        let named = arguments.keyword("name").filter(|n| !n.is_none()).or(named);
        match named {
            Some(name) => column.name = name.clone(),
            None if key.is_empty() => return None,
            None => {}
        }
        if key.is_empty() {
            column.key = SmolStr::new(name_of(&column.name).ok()?.as_str());
        }
        column.data_type = arguments.keyword("type_").filter(|t| !t.is_none()).cloned();
        for item in items {
            match constructor(item).map(|(name, _)| name) {
                Some(
                    "ForeignKey" | "CheckConstraint" | "Identity" | "Computed" | "Sequence" | "FetchedValue"
                    | "DefaultClause" | "ColumnDefault" | "UniqueConstraint",
                ) => column.rest.push(item.clone()),
                _ if item.is_none() => {}
                _ if column.data_type.is_none() => column.data_type = Some(item.clone()),
                _ => {}
            }
        }
        if column
            .data_type
            .as_ref()
            .is_some_and(|t| t.as_call().map_or(t, |(callee, _)| callee).last_name() == Some("NullType"))
        {
            column.data_type = None;
        }
        let skip = ["name", "type_"];
        column.keywords =
            arguments.keywords.iter().filter(|(name, _)| !skip.contains(&name.as_str())).cloned().collect();
        Some(column)
    }

    // What values refer to.

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
    fn column_ref(&self, value: &Value, own: Option<usize>) -> Option<(usize, usize)> {
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
                Kind::Class(_) => self.table_of(object)?,
                _ => return None,
            },
        };
        let found = self.tables.get(table)?;
        let column = found.column_by_key(key)?;
        let at = found.columns.iter().position(|c| std::ptr::eq(c, column))?;
        Some((table, at))
    }

    /// The first column that an expression speaks of.
    fn first_column(&self, value: &Value, depth: u32) -> Option<(usize, usize)> {
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

    /// Indexes that stand outside their tables belong to the table of their columns.
    pub(super) fn attach_indexes(&mut self) {
        let placed: BTreeSet<usize> = self.tables.iter().flat_map(|t| &t.indexes).filter_map(identity).collect();
        let effects: Vec<Value> = self.python.effects.iter().map(|e| e.value.clone()).collect();
        for value in effects {
            let Some(("Index", arguments)) = constructor(&value) else { continue };
            if identity(&value).is_none_or(|object| placed.contains(&object)) {
                continue;
            }
            let keys = arguments.positional.get(1..).unwrap_or_default();
            let table = arguments.keyword("_table").and_then(|t| self.table_of(t));
            let table = table.or_else(|| keys.iter().find_map(|k| self.first_column(k, 0)).map(|(table, _)| table));
            if let Some(table) = table.and_then(|at| self.tables.get_mut(at)) {
                table.indexes.push(value);
            }
        }
    }

    /// An expression with every column in it by its name.
    fn by_name(&mut self, value: &Value, own: usize, depth: u32) -> Value {
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
            _ => return value.clone(),
        };
        Value::term(kind, span)
    }

    fn schema_of(&self, table: &Table) -> Option<Value> {
        // `schema=None` in the options does not undo the metadata's.
        let own = table.keyword("schema").filter(|s| name_of(s).is_ok()).cloned();
        own.or_else(|| self.metadata.get(table.metadata)?.schema.clone())
    }

    /// Where a foreign key leads: schema, table, column; and the table and column, where they are of the input.
    fn target(&self, value: &Value, own: &Table) -> Option<Target> {
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
    fn inherited_type(&self, table: usize, at: usize, depth: u32) -> Option<Value> {
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

    // Writing.

    /// The statements of all tables, by metadata.
    pub(super) fn write(mut self) -> Vec<Models> {
        let mut groups: Vec<(usize, Models, Vec<String>)> = Vec::new();
        for at in 0..self.tables.len() {
            let types: Vec<Option<Value>> = (0..self.tables.get(at).map_or(0, |t| t.columns.len()))
                .map(|column| self.inherited_type(at, column, 0))
                .collect();
            let Some(own) = self.tables.get_mut(at) else { continue };
            for (column, data_type) in own.columns.iter_mut().zip(types) {
                column.data_type = data_type;
            }
        }
        for at in 0..self.tables.len() {
            let Some(metadata) = self.tables.get(at).map(|t| t.metadata) else { continue };
            let place = groups.iter().position(|(m, ..)| *m == metadata).unwrap_or_else(|| {
                groups.push((metadata, Models::default(), Vec::new()));
                groups.len() - 1
            });
            let Some((_, models, made)) = groups.get_mut(place) else { continue };
            self.table(at, models, made);
        }
        for class in self.mapped.keys().copied().collect::<Vec<_>>() {
            let Some(facts) = self.facts(class) else { continue };
            let table = self.mapped.get(&class).and_then(|m| m.table).and_then(|at| self.tables.get(at));
            if let Some((_, models, _)) = table.and_then(|t| groups.iter_mut().find(|(m, ..)| *m == t.metadata)) {
                models.facts.push(facts);
            }
        }
        let problems = std::mem::take(&mut self.python.problems);
        let mut out: Vec<Models> = groups.into_iter().map(|(_, models, _)| models).collect();
        if let Some(first) = out.first_mut() {
            first.problems.splice(0..0, problems);
        }
        out
    }

    fn facts(&self, class: ClassId) -> Option<ModelFacts> {
        let mapped = self.mapped.get(&class)?;
        let table = self.tables.get(mapped.table?)?;
        let found = self.python.heap.class(class)?;
        let mut relationships = Vec::new();
        for (relationship, secondary) in &mapped.relationships {
            let mut relationship = relationship.clone();
            relationship.secondary = secondary.as_ref().and_then(|s| match self.table_of(s) {
                Some(at) => self.tables.get(at)?.name.as_str().map(str::to_owned),
                None => s.as_str().or_else(|| s.last_name()).map(str::to_owned),
            });
            if relationship.collection.is_none() {
                relationship.collection = self.direction(table, relationship.target.as_deref());
            }
            relationships.push(relationship);
        }
        Some(ModelFacts {
            class: found.name.to_string(),
            table: Name::new(table.name.as_str()?),
            span: found.name_span,
            relationships,
        })
    }

    /// Whether a relationship holds several objects, by the foreign keys between the two tables; nothing where they lead both ways or none.
    fn direction(&self, own: &Table, target: Option<&str>) -> Option<bool> {
        let target = target?.rsplit('.').next()?;
        let class = self
            .mapped
            .iter()
            .find(|(class, _)| self.python.heap.class(**class).is_some_and(|c| c.name.as_str() == target));
        let other = self.tables.get(class?.1.table?)?;
        if std::ptr::eq(own, other) {
            return None;
        }
        let (there, back) = (self.leads(own, other), self.leads(other, own));
        (there != back).then_some(back)
    }

    fn leads(&self, from: &Table, to: &Table) -> bool {
        let targets = from.columns.iter().flat_map(|c| &c.rest).filter_map(|item| match constructor(item) {
            Some(("ForeignKey", arguments)) => arguments.get(0, "column").cloned(),
            _ => None,
        });
        let of_table = from.constraints.iter().filter_map(|item| match constructor(item) {
            Some(("ForeignKeyConstraint", arguments)) => {
                self.python.heap.elements(arguments.get(1, "refcolumns")?)?.first().cloned()
            }
            _ => None,
        });
        targets
            .chain(of_table)
            .any(|t| self.target(&t, from).is_some_and(|t| Some(t.table.as_str()) == to.name.as_str()))
    }

    /// Adds the statements of one table.
    fn table(&mut self, at: usize, models: &mut Models, made: &mut Vec<String>) {
        let Some(own) = self.tables.get(at) else { return };
        let (name, span, schema) = (own.name.clone(), own.span, self.schema_of(own));
        let mut unknown = own.unknown.clone();
        models.files.insert(span.file);
        let Some(text) = name.as_text().map(|t| t.as_str().to_owned()) else {
            unknown.insert(0, name.span);
            models.statements += 1;
            return tell(models, &unknown, "The name of this table is not known.");
        };
        let schema_text = schema.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        // Where two classes define one table SQLAlchemy refuses the second.
        if !models.tables.insert((schema_text, text)) {
            return;
        }
        let mut before = self.sequences(at);
        // A schema is there before the tables are made, whoever makes it.
        if let Some(schema) = schema.as_ref().filter(|s| s.as_str().is_some_and(|s| s != "public")) {
            let mut sql = Sql::new("CREATE SCHEMA IF NOT EXISTS ", schema.span);
            if sql.qualified(None, schema).is_ok() && models.schemas.insert(sql.text.as_str().to_owned()) {
                before.insert(0, sql);
            }
        }
        let items = self.items(at);
        let Some(own) = self.tables.get(at) else { return };
        let mut keywords: Vec<(SmolStr, Value)> =
            own.keywords.iter().filter(|(name, _)| name != "schema").cloned().collect();
        keywords.extend(schema.map(|schema| (SmolStr::new_static("schema"), schema)));
        let arguments = Arguments { keywords, ..Arguments::default() };
        match table::create_table(&mut self.python, &name, &items, &arguments, made, span) {
            Ok(found) => {
                for sql in before.iter().chain(&found.statements) {
                    let span = sql.text.span(0, 1).unwrap_or(span);
                    let reading = ddl::read_mapped(&sql.text, span);
                    models.statements += 1;
                    models.understood += u32::from(reading.problems.is_empty());
                    models.problems.extend(reading.problems);
                    models.operations.extend(reading.operations.into_iter().map(|o| Operation { span, ..o }));
                }
                unknown.extend(found.unknown.iter().map(|Unknown(span)| *span));
                tell(models, &unknown, "A part of this table depends on a value that is not known, and was left out.");
                let message = "What this is in the database is said in a file that was not given. The column was read without it; give that file, too.";
                tell(models, &found.elsewhere, message);
            }
            Err(Unknown(at)) => {
                models.statements += 1;
                unknown.push(at);
                tell(models, &unknown, "This table depends on a value that is not known, and was left out.");
            }
        }
    }

    /// Sequences that the columns of a table name.
    fn sequences(&self, at: usize) -> Vec<Sql> {
        let own = self.tables.get(at);
        let items = own.into_iter().flat_map(|t| &t.columns).flat_map(|c| {
            c.rest.iter().chain(c.keyword("default")).filter(|item| matches!(constructor(item), Some(("Sequence", _))))
        });
        items.filter_map(|item| table::sequence_statement(item.as_call()?.1, true, true, item.span)).collect()
    }

    /// Columns, constraints and indexes as plain constructors, every name in its place.
    fn items(&mut self, at: usize) -> Vec<Value> {
        let Some(own) = self.tables.get(at) else { return Vec::new() };
        let (columns, constraints, indexes) = (own.columns.clone(), own.constraints.clone(), own.indexes.clone());
        let span = own.span;
        let mut out = Vec::new();
        let mut behind = Vec::new();
        for column in &columns {
            let mut positional = vec![column.name.clone()];
            positional.extend(column.data_type.clone().or_else(|| Some(Value::unknown(column.span))));
            let only = std::slice::from_ref(&column.name);
            for item in &column.rest {
                match constructor(item).map(|(name, _)| name) {
                    Some("ForeignKey") => positional.push(self.foreign_key(at, column, item)),
                    Some("CheckConstraint" | "UniqueConstraint") => behind.push(self.constraint(at, item)),
                    _ => positional.push(item.clone()),
                }
            }
            let moved = ["unique", "index"];
            let keywords =
                column.keywords.iter().filter(|(name, _)| !moved.contains(&name.as_str())).cloned().collect();
            out.push(called("sqlalchemy.Column", Arguments { positional, keywords, open: column.open }, column.span));
            let (unique, index) = (column.yes("unique"), column.yes("index"));
            if let Some(flag) = index {
                let mut keywords = Vec::new();
                keywords.extend(unique.map(|u| ("unique".into(), u.clone())));
                let name = self.name(at, "ix", only, None, flag.span).unwrap_or(Value::new(Kind::None, flag.span));
                let positional = vec![name, column.name.clone()];
                behind.push(called("sqlalchemy.Index", Arguments { positional, keywords, open: false }, flag.span));
            } else if let Some(flag) = unique {
                let name = self.name(at, "uq", only, None, flag.span);
                let keywords = name.into_iter().map(|name| ("name".into(), name)).collect();
                let positional = vec![column.name.clone()];
                let arguments = Arguments { positional, keywords, open: false };
                behind.push(called("sqlalchemy.UniqueConstraint", arguments, flag.span));
            }
        }
        let key = constraints.iter().any(|c| matches!(constructor(c), Some(("PrimaryKeyConstraint", _))));
        let of_key: Vec<Value> = columns.iter().filter(|c| c.is_primary_key()).map(|c| c.name.clone()).collect();
        if !key
            && !of_key.is_empty()
            && let Some(name) = self.name(at, "pk", &of_key, None, span)
        {
            let keywords = vec![("name".into(), name)];
            out.push(called(
                "sqlalchemy.PrimaryKeyConstraint",
                Arguments { positional: of_key, keywords, open: false },
                span,
            ));
        }
        out.append(&mut behind);
        for constraint in &constraints {
            out.push(self.constraint(at, constraint));
        }
        for index in &indexes {
            let Some((_, arguments)) = index.as_call() else { continue };
            let mut arguments = arguments.clone();
            for value in arguments.positional.iter_mut().skip(1) {
                *value = self.by_name(value, at, 0);
            }
            for (_, value) in &mut arguments.keywords {
                *value = self.by_name(value, at, 0);
            }
            let given = arguments.get(0, "name").cloned();
            let keys = arguments.positional.get(1..).unwrap_or_default().to_vec();
            if let Some(name) = self.name(at, "ix", &keys, given.as_ref(), index.span) {
                arguments.keywords.retain(|(keyword, _)| keyword != "name");
                match arguments.positional.first_mut() {
                    Some(first) => *first = name,
                    None => arguments.positional.push(name),
                }
            }
            out.push(called("sqlalchemy.Index", arguments, index.span));
        }
        out
    }

    /// A constraint of a table, with columns by their names.
    fn constraint(&mut self, at: usize, value: &Value) -> Value {
        let Some((kind, arguments)) = constructor(value) else { return value.clone() };
        let (path, mut arguments) = (format!("sqlalchemy.{kind}"), arguments.clone());
        if kind == "ForeignKeyConstraint" {
            return self.foreign_key_constraint(at, value, arguments);
        }
        let short = match kind {
            "PrimaryKeyConstraint" => "pk",
            "UniqueConstraint" => "uq",
            "CheckConstraint" => "ck",
            _ => "",
        };
        for value in &mut arguments.positional {
            *value = self.by_name(value, at, 0);
        }
        for (_, value) in &mut arguments.keywords {
            *value = self.by_name(value, at, 0);
        }
        let columns = match short {
            "pk" | "uq" => arguments.positional.clone(),
            _ => Vec::new(),
        };
        if !short.is_empty() {
            let given = arguments.keyword("name").cloned();
            let name = self.name(at, short, &columns, given.as_ref(), value.span);
            set_name(&mut arguments, name);
        }
        called(&path, arguments, value.span)
    }

    fn foreign_key_constraint(&mut self, at: usize, value: &Value, mut arguments: Arguments) -> Value {
        let span = value.span;
        let lists = [(0, "columns"), (1, "refcolumns")].map(|(place, name)| {
            arguments.get(place, name).and_then(|list| self.python.heap.elements(list)).unwrap_or_default()
        });
        let [columns, targets] = lists;
        let columns: Vec<Value> = columns.iter().map(|c| self.by_name(c, at, 0)).collect();
        let Some(own) = self.tables.get(at) else { return value.clone() };
        let found: Vec<Option<Target>> = targets.iter().map(|t| self.target(t, own)).collect();
        let written = targets.iter().zip(&found).map(|(value, target)| match target {
            Some(target) => target.written(value),
            None => value.clone(),
        });
        let written: Vec<Value> = written.collect();
        let referred: Vec<Target> = found.into_iter().flatten().collect();
        let given = arguments.keyword("name").or(arguments.positional.get(2)).cloned();
        let name = self.fk_name(at, &columns, &referred, given.as_ref(), span).or(given);
        let columns = Value::new(Kind::List(self.python.heap.add_list(columns)), span);
        let targets = Value::new(Kind::List(self.python.heap.add_list(written)), span);
        arguments.positional = vec![columns, targets];
        arguments.keywords.retain(|(name, _)| name != "columns" && name != "refcolumns");
        set_name(&mut arguments, name);
        called("sqlalchemy.ForeignKeyConstraint", arguments, span)
    }

    fn foreign_key(&mut self, at: usize, column: &Column, value: &Value) -> Value {
        let (Some((_, arguments)), Some(own)) = (value.as_call(), self.tables.get(at)) else { return value.clone() };
        let mut arguments = arguments.clone();
        let Some(target) = arguments.get(0, "column").cloned() else { return value.clone() };
        let Some(mut found) = self.target(&target, own) else { return value.clone() };
        if found.column.is_none() {
            found.column = column.name.as_str().map(str::to_owned);
        }
        let written = found.written(&target);
        match arguments.positional.first_mut() {
            Some(first) => *first = written,
            None => arguments.positional.push(written),
        }
        let given = arguments.keyword("name").cloned();
        let name = self.fk_name(at, std::slice::from_ref(&column.name), &[found], given.as_ref(), value.span);
        set_name(&mut arguments, name);
        called("sqlalchemy.ForeignKey", arguments, value.span)
    }

    fn fk_name(
        &self,
        at: usize,
        columns: &[Value],
        targets: &[Target],
        given: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        let table = targets.first().map(|t| t.table.as_str()).unwrap_or_default();
        let referred: Vec<String> = targets.iter().filter_map(|t| t.column.clone()).collect();
        self.named(at, "fk", columns, (table, &referred), given, span)
    }

    fn name(
        &self,
        at: usize,
        kind: &'static str,
        columns: &[Value],
        given: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        self.named(at, kind, columns, ("", &[]), given, span)
    }

    fn named(
        &self,
        at: usize,
        kind: &'static str,
        columns: &[Value],
        (referred_table, referred_columns): (&str, &[String]),
        given: Option<&Value>,
        span: Span,
    ) -> Option<Value> {
        let own = self.tables.get(at)?;
        let schema = self.schema_of(own);
        let columns: Vec<String> = columns.iter().filter_map(|c| Some(name_of(c).ok()?.as_str().to_owned())).collect();
        let named = Named {
            kind,
            schema: schema.as_ref().and_then(Value::as_str),
            table: own.name.as_str()?,
            columns: &columns,
            referred_table,
            referred_columns,
            given,
        };
        let convention = self.metadata.get(own.metadata).and_then(|m| m.convention.as_ref());
        naming::name(&self.python.heap, convention, &named, span)
    }
}

/// `Index(…).ddl_if(dialect="postgresql")`: what stands for this dialect; nothing for what stands for another.
fn on_postgresql(item: Value) -> Option<Value> {
    let inner = match item.as_call() {
        Some((callee, arguments)) => match callee.as_term() {
            Some(TermKind::Attribute(object, name)) if name == "ddl_if" => {
                let dialect = arguments.get(0, "dialect").filter(|d| !d.is_none());
                if dialect.and_then(Value::as_str).is_some_and(|d| !d.starts_with("postgres")) {
                    return None;
                }
                Some(object.clone())
            }
            _ => None,
        },
        None => None,
    };
    Some(inner.unwrap_or(item))
}

/// Where a foreign key leads.
struct Target {
    schema: Option<String>,
    table: String,
    column: Option<String>,
    place: Option<(usize, usize)>,
}

impl Target {
    /// The target in words; a text that says the same stays as it is.
    fn written(&self, value: &Value) -> Value {
        let parts = [self.schema.as_deref(), Some(self.table.as_str()), self.column.as_deref()];
        let text = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
        if value.as_str() == Some(text.as_str()) { value.clone() } else { Value::text(&text, value.span) }
    }
}

fn set_name(arguments: &mut Arguments, name: Option<Value>) {
    if let Some(name) = name {
        arguments.keywords.retain(|(keyword, _)| keyword != "name");
        arguments.keywords.push(("name".into(), name));
    }
}

/// Notes what was left out.
fn tell(models: &mut Models, places: &[Span], message: &str) {
    for span in places {
        let problem = Problem { kind: ProblemKind::OpaqueStatement, message: message.to_owned(), span: Some(*span) };
        models.understood = models.understood.saturating_sub(1);
        models.skipped.push(problem.clone());
        models.problems.push(problem);
    }
}
