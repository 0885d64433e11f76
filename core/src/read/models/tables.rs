//! Tables and columns in the making.

use smol_str::SmolStr;

use super::host::FLASK;
use super::libraries::of_project;
use super::{Reader, identity, span_or};
use crate::read::python::{Arguments, ClassId, Kind, TermKind, Value};
use crate::read::sqlalchemy::naming::Convention;
use crate::read::sqlalchemy::sql::name_of;
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

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
    pub(super) key: Key,
    pub(super) schema: Option<Value>,
    pub(super) convention: Option<Convention>,
    /// Whether it is made for one table where that is made, `Table("name", MetaData(), …)`: a program selects from such a table and makes another's.
    pub(super) in_place: bool,
}

/// A table in the making.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: Value,
    pub(super) metadata: usize,
    pub(super) columns: Vec<Column>,
    pub(super) constraints: Vec<Value>,
    pub(super) indexes: Vec<Value>,
    /// Options: `schema`, `comment`, `postgresql_…`.
    pub(super) keywords: Vec<(SmolStr, Value)>,
    pub(super) class: Option<ClassId>,
    /// The call that made it, where one did.
    pub(super) object: Option<usize>,
    pub(super) unknown: Vec<Span>,
    /// Whether it may have columns of which nothing is known.
    pub(super) partial: bool,
    /// Whether its columns are read from the database: `autoload_with=engine`, `automap_base()`.
    pub(super) reflected: bool,
    /// Whether columns of the same name replace those that it has, and whether it takes no more columns.
    pub(super) extended: bool,
    pub(super) closed: bool,
    /// Constraints and indexes that are made on other dialects only.
    pub(super) of_others: Vec<Span>,
    pub(super) span: Span,
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
            partial: false,
            reflected: false,
            extended: false,
            closed: false,
            of_others: Vec::new(),
            span,
        }
    }

    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value).filter(|v| !v.is_none())
    }

    /// Takes what stands among the arguments of a table and is no column.
    pub(super) fn take(&mut self, item: Value) {
        let item = match on_postgresql(item) {
            Ok(item) => item,
            Err(of_other) => return self.of_others.push(of_other),
        };
        match constructor(&item).map(|(name, _)| name) {
            Some("Index") => self.indexes.push(item),
            Some(name) if name.ends_with("Constraint") => self.constraints.push(item),
            _ if item.is_none() => {}
            _ => self.unknown.push(item.span),
        }
    }

    pub(super) fn column_by_key(&self, key: &str) -> Option<&Column> {
        let by = |c: &&Column| c.key == key;
        self.columns.iter().find(by).or_else(|| self.columns.iter().find(|c| c.name.as_str() == Some(key)))
    }
}

/// A column in the making.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// The attribute.
    pub(super) key: SmolStr,
    pub(super) name: Value,
    pub(super) data_type: Option<Value>,
    /// Foreign keys, checks, identities, sequences.
    pub(super) rest: Vec<Value>,
    pub(super) keywords: Vec<(SmolStr, Value)>,
    pub(super) open: bool,
    /// Whether it has a time zone only in newer versions of the library.
    pub(super) zone_by_version: bool,
    /// Whether it is a `mapped_column`, to which annotations speak.
    pub(super) mapped: bool,
    pub(super) object: Option<usize>,
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
            zone_by_version: false,
            mapped: true,
            object: None,
            span,
        }
    }

    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    pub(super) fn yes(&self, name: &str) -> Option<&Value> {
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
        if let Some((_, at)) = self.registries.iter().find(|(registry, _)| *registry == key) {
            return *at;
        }
        if let Some(at) = self.metadata.iter().position(|m| m.key == key) {
            return at;
        }
        let given = |place: usize, name: &str| arguments.and_then(|a| a.get(place, name)).filter(|v| !v.is_none());
        // A schema that only the program's configuration knows is, as far as anyone can tell, the default one.
        let schema = given(0, "schema").filter(|s| s.as_text().is_some()).cloned();
        let convention = given(2, "naming_convention").and_then(|c| Convention::read(&self.python.heap, c));
        self.metadata.push(Metadata { key, schema, convention, in_place: false });
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
                self.kept.push(value.clone());
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
                // `SQLAlchemy(metadata=MetaData(…))`, or that of `SQLAlchemy(model_class=Base)`.
                let flask = self.flask().filter(|_| path == FLASK);
                let own = flask.and_then(|a| a.keyword("metadata")?.as_call()).map(|(_, a)| a.clone());
                let model = flask.and_then(|a| a.keyword("model_class"));
                let of_model = match model.map(|m| &m.kind) {
                    Some(Kind::Class(class)) if own.is_none() => self.python.class_attribute(*class, "metadata", 0),
                    _ => None,
                };
                if let Some(of_model) = of_model.filter(|m| m.as_call().is_some()) {
                    return self.metadata_of(&of_model);
                }
                self.metadata_by(key, own.as_ref())
            }
            _ => self.metadata_by(Key::Name(SmolStr::default()), None),
        }
    }

    // Making tables.

    /// Whether a constraint is made on PostgreSQL: `_create_rule` asks the compiler.
    pub(super) fn is_made(&mut self, item: &Value) -> bool {
        let rule = item
            .as_call()
            .and_then(|(_, arguments)| arguments.keyword("_create_rule"))
            .filter(|r| !r.is_none())
            .cloned();
        let Some(rule) = rule.filter(|r| matches!(r.kind, Kind::Function(_))) else { return true };
        let compiler = Value::unknown(rule.span);
        let answer = self.ask(&rule, vec![compiler]);
        answer.is_none_or(|answer| self.python.truth(&answer) != Some(false))
    }

    /// `Table("name", metadata, Column(…), …)`.
    pub(super) fn declared_tables(&mut self) {
        let effects: Vec<Value> = self.python.effects.iter().map(|e| e.value.clone()).collect();
        for value in effects {
            let Some(("Table", arguments)) = constructor(&value) else { continue };
            let arguments = arguments.clone();
            let Some((name, rest)) = arguments.positional.split_first() else { continue };
            let loads =
                |name: &str| arguments.keyword(name).is_some_and(|v| !v.is_none() && v.as_bool() != Some(false));
            let reflected = loads("autoload") || loads("autoload_with");
            if !reflected && !rest.iter().any(super::classes::is_column) {
                continue;
            }
            let (metadata, items) = match rest.split_first() {
                Some((first, items)) if !super::classes::is_column(first) => (Some(first), items),
                _ => (arguments.keyword("metadata"), rest),
            };
            let made_in_place = metadata.is_some_and(|m| is_within(m.span, value.span) && m.as_call().is_some());
            let metadata = match metadata {
                Some(metadata) => self.metadata_of(metadata),
                None => self.metadata_of(&Value::term(TermKind::Name(SmolStr::new_static(FLASK)), value.span)),
            };
            // Where a function of the program makes tables, each stands where it is named.
            let around = value.span;
            if let Some(found) = self.metadata.get_mut(metadata).filter(|_| made_in_place) {
                found.in_place = true;
            }
            let span = if is_within(name.span, around) { around } else { span_or(name.span, around) };
            // One that a package makes stands where the program made what it is made with.
            let made_with = self.flask_call().map_or(span, |(_, span)| span);
            let span = of_project(span, made_with);
            let mut made = Table::new(name.clone(), metadata, span);
            made.object = identity(&value);
            made.reflected = reflected;
            made.keywords = arguments.keywords.clone();
            made.partial = arguments.open;
            if arguments.open {
                made.unknown.push(value.span);
            }
            let mut columns = Vec::new();
            for item in items {
                if super::classes::is_column(item) || self.is_own_column(item) {
                    match self.column(item, "", item.span) {
                        Some(column) => columns.push(column),
                        None => {
                            made.partial = true;
                            made.unknown.push(item.span);
                        }
                    }
                } else if self.is_made(item) {
                    made.take(item.clone());
                } else {
                    made.of_others.push(item.span);
                }
            }
            let at = self.add_table(made);
            for column in columns {
                self.add_column(at, column);
            }
        }
    }

    /// Adds a table. One that says so adds to a table that is there already, or leaves it as it is. Source: `Table._init_existing`.
    pub(super) fn add_table(&mut self, table: Table) -> usize {
        let yes = |name: &str| table.keyword(name).and_then(Value::as_bool) == Some(true);
        let (extends, keeps) = (yes("extend_existing"), yes("keep_existing"));
        if extends || keeps {
            let schema = |t: &Table| self.schema_of(t).as_ref().and_then(Value::as_str).map(str::to_owned);
            let (name, own) = (table.name.as_str(), schema(&table));
            let same = |t: &Table| t.metadata == table.metadata && t.name.as_str() == name && schema(t) == own;
            if let Some(at) = self.tables.iter().position(same).filter(|_| name.is_some()) {
                if let Some(found) = self.tables.get_mut(at) {
                    found.extended = extends;
                    found.closed = keeps;
                    if extends {
                        found.class = found.class.or(table.class);
                        found.constraints.extend(table.constraints);
                        found.indexes.extend(table.indexes);
                        found.unknown.extend(table.unknown);
                    }
                }
                return at;
            }
        }
        self.tables.push(table);
        self.tables.len() - 1
    }

    pub(super) fn add_column(&mut self, at: usize, column: Column) {
        let Some(table) = self.tables.get_mut(at) else { return };
        if table.closed {
            return;
        }
        if let Some(place) = table.columns.iter().position(|c| c.name.as_str() == column.name.as_str()) {
            let Some(found) = table.columns.get_mut(place).filter(|_| table.extended) else { return };
            if let Some(object) = column.object {
                self.columns.entry(object).or_insert((at, place));
            }
            *found = column;
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
        self.kept.push(value.clone());
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
}

/// `Index(…).ddl_if(dialect="postgresql")`: what stands for this dialect, or where what stands for another is.
fn on_postgresql(item: Value) -> Result<Value, Span> {
    let inner = match item.as_call() {
        Some((callee, arguments)) => match callee.as_term() {
            Some(TermKind::Attribute(object, name)) if name == "ddl_if" => {
                let dialect = arguments.get(0, "dialect").filter(|d| !d.is_none());
                if dialect.and_then(Value::as_str).is_some_and(|d| !d.starts_with("postgres")) {
                    return Err(object.span);
                }
                Some(object.clone())
            }
            _ => None,
        },
        None => None,
    };
    Ok(inner.unwrap_or(item))
}

/// Whether a part of a file stands inside another.
fn is_within(part: Span, whole: Span) -> bool {
    part.file == whole.file && part.start >= whole.start && part.end <= whole.end
}
