//! Tables, columns, constraints and indexes, from SQLAlchemy's constructors to the statements of its PostgreSQL dialect.
//! Source: `sqlalchemy/sql/compiler.py`, `DDLCompiler`, and `dialects/postgresql/base.py`, `PGDDLCompiler`.

use std::rc::Rc;

use super::expression::text_of;
use super::spatial::Spatial;
use super::sql::{Known, Sql, Unknown, name_of, with_default_schema};
use super::types::{ColumnType, column_type};
use crate::read::python::{Arguments, Interpreter, Kind, TermKind, Value};
use crate::source::placeholder::UNKNOWN_VALUE;
use crate::source::{Mapped, Span};

/// A column as its constructor says it.
pub(crate) struct Column {
    pub(crate) name: Rc<Mapped>,
    pub(crate) data_type: ColumnType,
    /// Where its type or default stands, when what it is is said elsewhere.
    pub(crate) elsewhere: Vec<Span>,
    /// Where its type stands, when it is an enumeration without a name.
    pub(crate) nameless: Option<Span>,
    pub(crate) primary_key: bool,
    pub(crate) nullable: Option<bool>,
    pub(crate) default: Option<Mapped>,
    /// `Identity(…)`, `Computed(…)` as a clause.
    pub(crate) generated: Option<Mapped>,
    is_identity: bool,
    /// Whether it may number itself: `autoincrement`, and no default of the program's.
    autoincrement: Option<bool>,
    /// `autoincrement="ignore_fk"`: a foreign key does not keep it from numbering itself.
    numbers_reference: bool,
    has_value: bool,
    pub(crate) unique: Option<Span>,
    pub(crate) index: Option<Span>,
    spatial: Option<Spatial>,
    pub(crate) comment: Option<Value>,
    /// `ForeignKey(…)` and `CheckConstraint(…)` of the column.
    pub(crate) constraints: Vec<Value>,
    pub(crate) span: Span,
}

/// Whether a call is one of this constructor of SQLAlchemy's, wherever it was imported from.
pub(crate) fn constructor(value: &Value) -> Option<(&str, &Arguments)> {
    let (callee, arguments) = value.as_call()?;
    let path = callee.as_name()?;
    if path.starts_with("builtins.") {
        return None;
    }
    Some((path.rsplit('.').next().unwrap_or(path), arguments))
}

/// Reads `Column(…)`.
pub(crate) fn column(python: &mut Interpreter<'_>, value: &Value) -> Known<Column> {
    let span = value.span;
    let arguments = match constructor(value) {
        Some(("Column" | "mapped_column", arguments)) => arguments,
        _ => return Err(Unknown(span)),
    };
    if arguments.open {
        return Err(Unknown(span));
    }
    let mut rest = arguments.positional.iter().peekable();
    let name = match arguments.keyword("name") {
        Some(name) => name_of(name)?,
        None => name_of(rest.next().ok_or(Unknown(span))?)?,
    };
    let mut data_type = arguments.keyword("type_").cloned();
    let mut found = Column {
        name,
        data_type: ColumnType { sql: Mapped::default(), integer: None, named: None, check: None },
        elsewhere: Vec::new(),
        nameless: None,
        primary_key: arguments.keyword("primary_key").and_then(Value::as_bool) == Some(true),
        nullable: arguments.keyword("nullable").and_then(Value::as_bool),
        default: None,
        generated: None,
        is_identity: false,
        autoincrement: arguments.keyword("autoincrement").and_then(Value::as_bool),
        numbers_reference: arguments.keyword("autoincrement").and_then(Value::as_str) == Some("ignore_fk"),
        has_value: arguments.keyword("default").is_some_and(|d| !d.is_none()),
        unique: flag(arguments, "unique"),
        index: flag(arguments, "index"),
        spatial: None,
        comment: arguments.keyword("comment").filter(|c| !c.is_none()).cloned(),
        constraints: Vec::new(),
        span,
    };
    for item in rest {
        match constructor(item).map(|(name, _)| name) {
            Some("ForeignKey" | "CheckConstraint") => found.constraints.push(item.clone()),
            Some("Identity") => {
                found.is_identity = true;
                found.generated = Some(identity(item)?);
            }
            Some("Computed") => found.computed(python, item),
            Some("Sequence") => found.has_value = true,
            Some("FetchedValue" | "DefaultClause" | "ColumnDefault" | "quoted_name" | "UniqueConstraint") => {}
            _ if data_type.is_none() && !item.is_none() => data_type = Some(item.clone()),
            _ => {}
        }
    }
    let data_type = data_type.filter(|t| !t.is_none()).ok_or(Unknown(span))?;
    // A name that an import bound stands where it was imported: what is told of it is told of the column.
    found.spatial = Spatial::of(&data_type);
    let within =
        data_type.span.file == span.file && data_type.span.start >= span.start && data_type.span.end <= span.end;
    let place = if within { data_type.span } else { span };
    match column_type(python, &data_type, 0) {
        Ok(known) => {
            if has_unknown_length(&data_type) {
                found.elsewhere.push(place);
            }
            found.data_type = known;
        }
        Err(_) => {
            match is_nameless(&data_type) {
                true => found.nameless = Some(place),
                false => found.elsewhere.push(place),
            }
            found.data_type = ColumnType::elsewhere(&data_type);
        }
    }
    if let Some(default) = arguments.keyword("server_default").filter(|d| !d.is_none()) {
        match constructor(default).map(|(name, _)| name) {
            Some("Identity") => {
                found.is_identity = true;
                found.generated = Some(identity(default)?);
            }
            Some("Computed") => found.computed(python, default),
            Some("FetchedValue") => {}
            _ => {
                found.default = Some(default_sql(python, default).unwrap_or_else(|_| {
                    found.elsewhere.push(default.span);
                    Mapped::made(UNKNOWN_VALUE, default.span)
                }));
            }
        }
    }
    Ok(found)
}

impl Column {
    /// `Computed(…)`. A column whose expression is not known is one all the same.
    fn computed(&mut self, python: &Interpreter<'_>, value: &Value) {
        self.generated = Some(computed(python, value).unwrap_or_else(|_| {
            self.elsewhere.push(value.span);
            Mapped::made("GENERATED ALWAYS AS ($1) STORED", value.span)
        }));
    }
}

/// What is told of an enumeration without a name.
pub(crate) const NAMELESS: &str = "An enumeration is a type with a name on PostgreSQL, and this one has none: SQLAlchemy stops with a `CompileError`. Give it a `name=`.";

/// `Enum("a", "b")`. Source: `PGTypeCompiler.format_type`.
fn is_nameless(data_type: &Value) -> bool {
    constructor(data_type).is_some_and(|(kind, arguments)| {
        matches!(kind, "Enum" | "ENUM")
            && !arguments.open
            && arguments.keyword("name").is_none_or(Value::is_none)
            && arguments.positional.iter().all(|label| label.as_text().is_some())
    })
}

/// `String(config.length)` of which the number is not known: the type is read without it.
fn has_unknown_length(data_type: &Value) -> bool {
    let sized = ["String", "Unicode", "VARCHAR", "CHAR", "Numeric", "NUMERIC", "DECIMAL"];
    constructor(data_type).is_some_and(|(name, arguments)| {
        let length = arguments.positional.first().or_else(|| arguments.keyword("length"));
        let open = length.is_some_and(|l| l.as_term().is_some() && l.as_text().is_none());
        sized.contains(&name) && (open || (arguments.open && length.is_none()))
    })
}

fn flag(arguments: &Arguments, name: &str) -> Option<Span> {
    arguments.keyword(name).filter(|value| value.as_bool() == Some(true)).map(|value| value.span)
}

/// A server default: a string is a constant, everything else SQL.
pub(crate) fn default_sql(python: &Interpreter<'_>, value: &Value) -> Known<Mapped> {
    let mut sql = Sql::default();
    match value.as_text() {
        Some(text) => sql.string(text, value.span),
        None if text_of(value).is_none() && value.as_term().is_none() => return Err(Unknown(value.span)),
        None => sql.expression(&python.heap, value)?,
    };
    Ok(sql.text)
}

/// `Identity(always=True, start=1)`.
pub(crate) fn identity(value: &Value) -> Known<Mapped> {
    let span = value.span;
    let arguments = value.as_call().map(|(_, arguments)| arguments.clone()).unwrap_or_default();
    let always = arguments.get(0, "always").and_then(Value::as_bool) == Some(true);
    let mut sql =
        Sql::new(if always { "GENERATED ALWAYS AS IDENTITY" } else { "GENERATED BY DEFAULT AS IDENTITY" }, span);
    let options = sequence_options(&arguments, 2);
    if !options.is_empty() {
        sql.word(&format!(" ({options})"), span);
    }
    Ok(sql.text)
}

/// What makes an identity another one; nothing where there was none. Source: Alembic's `ddl/postgresql.py`, `visit_identity_column`.
pub(crate) fn changed_identity(existing: Option<&Value>, value: &Value) -> String {
    let read = |value: &Value| {
        let arguments = value.as_call().map(|(_, arguments)| arguments.clone()).unwrap_or_default();
        let always = arguments.get(0, "always").and_then(Value::as_bool) == Some(true);
        (always, sequence_clauses(&arguments, 2))
    };
    let Some((was, before)) = existing.map(read) else { return String::new() };
    let (always, clauses) = read(value);
    let kind = (was != always).then(|| format!("SET GENERATED {}", if always { "ALWAYS" } else { "BY DEFAULT" }));
    let changed = clauses.iter().filter(|clause| !before.contains(clause)).map(|clause| format!("SET {clause}"));
    kind.into_iter().chain(changed).collect::<Vec<_>>().join(" ")
}

/// The options of a sequence: `start`, `increment` and so on.
pub(crate) fn sequence_options(arguments: &Arguments, from: usize) -> String {
    sequence_clauses(arguments, from).join(" ")
}

fn sequence_clauses(arguments: &Arguments, from: usize) -> Vec<String> {
    let names = ["start", "increment", "minvalue", "maxvalue", "nominvalue", "nomaxvalue", "cycle", "cache"];
    let mut options = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let Some(value) = arguments.get(from + at, name) else { continue };
        let number = value.as_int().map(|n| n.to_string()).unwrap_or_default();
        match (*name, value.as_bool()) {
            ("start", _) => options.push(format!("START WITH {number}")),
            ("increment", _) => options.push(format!("INCREMENT BY {number}")),
            ("minvalue", _) => options.push(format!("MINVALUE {number}")),
            ("maxvalue", _) => options.push(format!("MAXVALUE {number}")),
            ("nominvalue", Some(true)) => options.push("NO MINVALUE".to_owned()),
            ("nomaxvalue", Some(true)) => options.push("NO MAXVALUE".to_owned()),
            ("cycle", Some(true)) => options.push("CYCLE".to_owned()),
            ("cache", _) => options.push(format!("CACHE {number}")),
            _ => {}
        }
    }
    options.retain(|option| !option.ends_with(' '));
    options
}

/// `Computed("a + b")`. Before PostgreSQL 18 generated columns are stored.
pub(crate) fn computed(python: &Interpreter<'_>, value: &Value) -> Known<Mapped> {
    let (_, arguments) = value.as_call().ok_or(Unknown(value.span))?;
    let mut sql = Sql::new("GENERATED ALWAYS AS (", value.span);
    sql.expression(&python.heap, arguments.get(0, "sqltext").ok_or(Unknown(value.span))?)?;
    sql.word(") STORED", value.span);
    Ok(sql.text)
}

impl Column {
    /// Its specification: name, type, default, NOT NULL. `alone` says that it is the whole primary key.
    /// `references` says that a foreign key of the table starts from it.
    pub(crate) fn specification(&self, alone: bool, references: bool) -> Sql {
        let mut sql = Sql::default();
        sql.name(&self.name).word(" ", self.span);
        let references =
            references || self.constraints.iter().any(|c| matches!(constructor(c), Some(("ForeignKey", _))));
        // Source: `Table._autoincrement_column`.
        let serial = self.data_type.integer.filter(|_| {
            (alone || (self.primary_key && self.autoincrement == Some(true)))
                && !self.is_identity
                && self.generated.is_none()
                && !self.has_value
                && match self.autoincrement {
                    Some(wanted) => wanted,
                    None => self.default.is_none() && (!references || self.numbers_reference),
                }
        });
        match serial {
            Some(integer) => {
                sql.word(integer.serial(), self.data_type.sql.whole().unwrap_or(self.span));
            }
            None => {
                sql.raw(&self.data_type.sql);
                if let Some(default) = &self.default {
                    sql.word(" DEFAULT ", default.whole().unwrap_or(self.span)).raw(default);
                }
            }
        }
        if let Some(generated) = &self.generated {
            sql.word(" ", self.span).raw(generated);
        }
        let nullable = self.nullable.unwrap_or(!self.primary_key);
        if !nullable && !self.is_identity {
            sql.word(" NOT NULL", self.span);
        } else if nullable && self.is_identity && self.nullable.is_some() {
            sql.word(" NULL", self.span);
        }
        sql
    }

    /// The table constraints that follow from the column, as clauses.
    pub(crate) fn table_constraints(&self, python: &mut Interpreter<'_>) -> Vec<Known<Sql>> {
        let mut out = Vec::new();
        for item in &self.constraints {
            out.push(match constructor(item) {
                Some(("ForeignKey", arguments)) => foreign_key_of_column(&self.name, item, arguments),
                _ => constraint(python, item).map(|(_, sql)| sql),
            });
        }
        if let Some((name, labels)) = &self.data_type.check {
            let mut sql = Sql::default();
            if let Some(Ok(name)) = name.as_ref().map(name_of) {
                sql.word("CONSTRAINT ", self.span).name(&name).word(" ", self.span);
            }
            sql.word("CHECK (", self.span).name(&self.name).word(" IN (", self.span);
            for (at, label) in labels.iter().enumerate() {
                if at > 0 {
                    sql.word(", ", self.span);
                }
                sql.string(label, label.whole().unwrap_or(self.span));
            }
            sql.word("))", self.span);
            out.push(Ok(sql));
        }
        // A unique index stands for both.
        if let (Some(span), None) = (self.unique, self.index) {
            let mut sql = Sql::new("UNIQUE (", span);
            sql.name(&self.name).word(")", span);
            out.push(Ok(sql));
        }
        out
    }

    /// The indexes that come with it.
    pub(crate) fn create_indexes(&self, schema: Option<&Value>, table: &Value) -> Vec<Known<Sql>> {
        let spatial = self.spatial.map(|spatial| spatial.create(schema, table, &self.name));
        self.create_index(schema, table).into_iter().chain(spatial).collect()
    }

    /// The index of `index=True`, named as SQLAlchemy names it.
    fn create_index(&self, schema: Option<&Value>, table: &Value) -> Option<Known<Sql>> {
        let span = self.index?;
        let build = || -> Known<Sql> {
            let schema_name = match schema.filter(|s| !s.is_none()) {
                Some(schema) => format!("{}_", name_of(schema)?.as_str().replace('.', "_")),
                None => String::new(),
            };
            let name = format!("ix_{schema_name}{}_{}", name_of(table)?.as_str(), self.name.as_str());
            let mut sql = Sql::new(if self.unique.is_some() { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }, span);
            sql.name(&Mapped::made(&name, span)).word(" ON ", span);
            sql.qualified(schema, table)?.word(" (", span).name(&self.name).word(")", span);
            Ok(sql)
        };
        Some(build())
    }
}

fn foreign_key_of_column(column: &Mapped, value: &Value, arguments: &Arguments) -> Known<Sql> {
    let span = value.span;
    let mut sql = Sql::default();
    constraint_name(&mut sql, "ForeignKey", arguments, span)?;
    sql.word("FOREIGN KEY(", span).name(column).word(") REFERENCES ", span);
    let target = arguments.get(0, "column").ok_or(Unknown(span))?;
    let (table, referenced) = target_of(target)?;
    sql.raw(&table);
    if let Some(referenced) = referenced {
        sql.word(" (", span).name(&referenced).word(")", span);
    }
    foreign_key_options(&mut sql, arguments, span);
    attributes(&mut sql, arguments, span);
    Ok(sql)
}

/// `schema.table.column` as the table's name in SQL, and the column.
fn target_of(value: &Value) -> Known<(Mapped, Option<Mapped>)> {
    let mut sql = Sql::default();
    let plain = match value.as_term() {
        Some(TermKind::Template(text)) => Some(with_default_schema(text)).filter(|(_, all)| *all).map(|(text, _)| text),
        _ => value.as_text().map(|text| (**text).clone()),
    };
    if let Some(text) = plain {
        let source = text.as_str();
        let mut parts: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        for part in source.split('.') {
            parts.push((at, at + part.len()));
            at += part.len() + 1;
        }
        let column = parts.pop().filter(|_| !parts.is_empty());
        let Some((_, table)) = parts.split_first().map(|(first, rest)| (first, rest.last().copied().unwrap_or(*first)))
        else {
            return Err(Unknown(value.span));
        };
        // What stands before the table is its schema, dots and all.
        if table.0 > 0 {
            sql.name(&text.slice(0, table.0 - 1)).word(".", value.span);
        }
        sql.name(&text.slice(table.0, table.1));
        return Ok((sql.text, column.map(|(from, to)| text.slice(from, to))));
    }
    // `table.c.column` of a table that was made here.
    let (object, column) = match value.as_term() {
        Some(TermKind::Attribute(object, name)) => (object, Mapped::made(name, value.span)),
        Some(TermKind::Index(object, name)) => (object, (*name_of(name)?).clone()),
        _ => return Err(Unknown(value.span)),
    };
    if let Some(TermKind::Attribute(table, c)) = object.as_term()
        && (c == "c" || c == "columns")
        && let Some((_, arguments)) = table.as_call()
    {
        sql.qualified(arguments.keyword("schema"), table)?;
        return Ok((sql.text, Some(column)));
    }
    Err(Unknown(value.span))
}

/// The name that a constraint of this class is given. Two classes take it by place, too. Source: `sqlalchemy/sql/schema.py`.
pub(crate) fn given_name<'a>(class: &str, arguments: &'a Arguments) -> Option<&'a Value> {
    match class {
        "CheckConstraint" => arguments.get(1, "name"),
        "ForeignKeyConstraint" => arguments.get(2, "name"),
        _ => arguments.keyword("name"),
    }
}

/// `CONSTRAINT name `, where there is one.
fn constraint_name(sql: &mut Sql, class: &str, arguments: &Arguments, span: Span) -> Known<()> {
    if let Some(name) = given_name(class, arguments).filter(|name| !name.is_none()) {
        sql.word("CONSTRAINT ", span).name(&*name_of(name)?).word(" ", span);
    }
    Ok(())
}

/// ON DELETE and its like.
pub(crate) fn foreign_key_options(sql: &mut Sql, arguments: &Arguments, span: Span) {
    let mut option = |words: &str, name: &str| {
        if let Some(value) = arguments.keyword(name).filter(|v| !v.is_none())
            && let Some(text) = value.as_text()
        {
            sql.word(words, span).raw(text);
        }
    };
    option(" MATCH ", "match");
    option(" ON DELETE ", "ondelete");
    option(" ON UPDATE ", "onupdate");
}

/// DEFERRABLE, INITIALLY, NOT VALID.
pub(crate) fn attributes(sql: &mut Sql, arguments: &Arguments, span: Span) {
    match arguments.keyword("deferrable").and_then(Value::as_bool) {
        Some(true) => drop(sql.word(" DEFERRABLE", span)),
        Some(false) => drop(sql.word(" NOT DEFERRABLE", span)),
        None => {}
    }
    if let Some(text) = arguments.keyword("initially").and_then(Value::as_text) {
        sql.word(" INITIALLY ", span).raw(text);
    }
    if arguments.keyword("postgresql_not_valid").and_then(Value::as_bool) == Some(true) {
        sql.word(" NOT VALID", span);
    }
}

fn drop<T>(_: T) {}

/// `Constraint(…)` of a table: whether it is the primary key (then with its columns), and its clause.
pub(crate) fn constraint(python: &mut Interpreter<'_>, value: &Value) -> Known<(Option<Vec<Value>>, Sql)> {
    let span = value.span;
    let Some((name, arguments)) = constructor(value) else { return Err(Unknown(span)) };
    if arguments.open {
        return Err(Unknown(span));
    }
    let mut sql = Sql::default();
    constraint_name(&mut sql, name, arguments, span)?;
    let key = match name {
        "PrimaryKeyConstraint" => {
            let columns = arguments.positional.clone();
            sql.word("PRIMARY KEY (", span).names(&columns)?.word(")", span);
            include(&mut sql, python, arguments, span)?;
            Some(columns)
        }
        "UniqueConstraint" => {
            sql.word("UNIQUE ", span);
            if arguments.keyword("postgresql_nulls_not_distinct").and_then(Value::as_bool) == Some(true) {
                sql.word("NULLS NOT DISTINCT ", span);
            }
            sql.word("(", span).names(&arguments.positional)?.word(")", span);
            include(&mut sql, python, arguments, span)?;
            None
        }
        "ForeignKeyConstraint" => {
            let list = |place: usize, name: &str| {
                arguments.get(place, name).and_then(|list| python.heap.elements(list)).ok_or(Unknown(span))
            };
            sql.word("FOREIGN KEY(", span).names(&list(0, "columns")?)?.word(") REFERENCES ", span);
            let targets = list(1, "refcolumns")?;
            let mut columns = Sql::default();
            for (at, target) in targets.iter().enumerate() {
                let (table, column) = target_of(target)?;
                if at == 0 {
                    sql.raw(&table);
                } else {
                    columns.word(", ", span);
                }
                columns.name(&column.ok_or(Unknown(target.span))?);
            }
            sql.word(" (", span).raw(&columns.text).word(")", span);
            foreign_key_options(&mut sql, arguments, span);
            None
        }
        "CheckConstraint" => {
            sql.word("CHECK (", span);
            sql.expression(&python.heap, arguments.get(0, "sqltext").ok_or(Unknown(span))?)?;
            sql.word(")", span);
            None
        }
        "ExcludeConstraint" => {
            exclude(&mut sql, python, &arguments.positional, arguments, span)?;
            None
        }
        _ => return Err(Unknown(span)),
    };
    attributes(&mut sql, arguments, span);
    Ok((key, sql))
}

/// `EXCLUDE USING gist (…)`.
pub(crate) fn exclude(
    sql: &mut Sql,
    python: &Interpreter<'_>,
    elements: &[Value],
    arguments: &Arguments,
    span: Span,
) -> Known<()> {
    let using = arguments.keyword("using").and_then(Value::as_str).unwrap_or("gist").to_owned();
    sql.word(&format!("EXCLUDE USING {using} ("), span);
    for (at, element) in elements.iter().enumerate() {
        let parts = python.heap.elements(element).ok_or(Unknown(element.span))?;
        let [key, operator] = parts.as_slice() else { return Err(Unknown(element.span)) };
        if at > 0 {
            sql.word(", ", span);
        }
        index_key(sql, python, key, None)?;
        sql.word(" WITH ", span).raw(operator.as_text().ok_or(Unknown(operator.span))?);
    }
    sql.word(")", span);
    if let Some(filter) = arguments.keyword("where").filter(|w| !w.is_none()) {
        sql.word(" WHERE (", span).expression(&python.heap, filter)?.word(")", span);
    }
    Ok(())
}

fn include(sql: &mut Sql, python: &Interpreter<'_>, arguments: &Arguments, span: Span) -> Known<()> {
    if let Some(columns) = arguments.keyword("postgresql_include").and_then(|list| python.heap.elements(list))
        && !columns.is_empty()
    {
        sql.word(" INCLUDE (", span).names(&columns)?.word(")", span);
    }
    Ok(())
}

/// A key of an index: a plain string is a column.
fn index_key(sql: &mut Sql, python: &Interpreter<'_>, key: &Value, operators: Option<&Value>) -> Known<()> {
    match name_of(key).ok().filter(|_| text_of(key).is_none()) {
        Some(name) => {
            sql.name(&name);
            if let Some(Kind::Dict(dict)) = operators.map(|o| &o.kind)
                && let Some(class) = python.heap.dict_get(*dict, name.as_str())
            {
                sql.word(" ", class.span).raw(class.as_text().ok_or(Unknown(class.span))?);
            }
        }
        None => {
            let from = sql.text.as_str().len();
            let mut part = Sql::default();
            part.expression(&python.heap, key)?;
            // A function call may stand bare; what is neither that nor in parentheses gets them, as the compiler groups operators.
            let grouped =
                text_of(key).is_some() || !matches!(key.as_term(), Some(TermKind::Binary(..) | TermKind::Compare(..)));
            if grouped {
                sql.raw(&part.text);
            } else {
                sql.word("(", key.span).raw(&part.text).word(")", key.span);
            }
            debug_assert!(sql.text.as_str().len() >= from);
        }
    }
    Ok(())
}

/// `CREATE INDEX` with all the options of the dialect.
pub(crate) fn create_index(
    python: &Interpreter<'_>,
    name: Option<&Value>,
    schema: Option<&Value>,
    table: &Value,
    keys: &[Value],
    arguments: &Arguments,
    span: Span,
) -> Known<Sql> {
    let yes = |name: &str| arguments.keyword(name).and_then(Value::as_bool) == Some(true);
    let mut sql = Sql::new("CREATE ", span);
    if yes("unique") {
        sql.word("UNIQUE ", span);
    }
    sql.word("INDEX ", span);
    if yes("postgresql_concurrently") {
        sql.word("CONCURRENTLY ", span);
    }
    if yes("if_not_exists") {
        sql.word("IF NOT EXISTS ", span);
    }
    if let Some(name) = name.filter(|n| !n.is_none()) {
        sql.name(&*name_of(name)?);
    } else {
        // The naming convention that holds where none is set.
        let first = name_of(keys.first().ok_or(Unknown(span))?)?;
        let made = format!("ix_{}_{}", name_of(table)?.as_str(), first.as_str());
        sql.name(&Mapped::made(&made, span));
    }
    sql.word(" ON ", span).qualified(schema, table)?;
    if let Some(method) = arguments.keyword("postgresql_using").and_then(Value::as_text) {
        sql.word(" USING ", span).raw(method);
    }
    sql.word(" (", span);
    for (at, key) in keys.iter().enumerate() {
        if at > 0 {
            sql.word(", ", span);
        }
        index_key(&mut sql, python, key, arguments.keyword("postgresql_ops"))?;
    }
    sql.word(")", span);
    include(&mut sql, python, arguments, span)?;
    if yes("postgresql_nulls_not_distinct") {
        sql.word(" NULLS NOT DISTINCT", span);
    }
    if let Some(Kind::Dict(options)) = arguments.keyword("postgresql_with").map(|w| &w.kind) {
        sql.word(" WITH (", span);
        for (at, (key, value)) in python.heap.dict(*options).iter().enumerate() {
            let key = key.as_str().ok_or(Unknown(span))?;
            let value = match (value.as_bool(), value.as_int(), value.as_str()) {
                (Some(truth), ..) => truth.to_string(),
                (_, Some(number), _) => number.to_string(),
                (.., Some(text)) => text.to_owned(),
                _ => return Err(Unknown(value.span)),
            };
            sql.word(&format!("{}{key} = {value}", if at > 0 { ", " } else { "" }), span);
        }
        sql.word(")", span);
    }
    if let Some(tablespace) = arguments.keyword("postgresql_tablespace").filter(|t| !t.is_none()) {
        sql.word(" TABLESPACE ", span).name(&*name_of(tablespace)?);
    }
    if let Some(filter) = arguments.keyword("postgresql_where").filter(|w| !w.is_none()) {
        sql.word(" WHERE ", span).expression(&python.heap, filter)?;
    }
    Ok(sql)
}

/// `COMMENT ON … IS '…'`.
pub(crate) fn comment(sql: &mut Sql, text: Option<&Value>, span: Span) -> Known<()> {
    sql.word(" IS ", span);
    match text.filter(|t| !t.is_none()) {
        Some(value) => drop(sql.string(value.as_text().ok_or(Unknown(value.span))?, value.span)),
        None => drop(sql.word("NULL", span)),
    }
    Ok(())
}

/// What making a table takes: its enumerations, itself, its indexes and comments, in the order of the statements, and the parts that are not known.
pub(crate) struct TableStatements {
    pub(crate) statements: Vec<Sql>,
    pub(crate) unknown: Vec<Unknown>,
    /// Types and defaults of columns that are said elsewhere.
    pub(crate) elsewhere: Vec<Span>,
    /// Where enumerations without a name stand.
    pub(crate) nameless: Vec<Span>,
}

/// `CREATE TABLE` and what comes with it. `items` are columns, constraints and indexes; `made` are the enumerations that this run has made already.
pub(crate) fn create_table(
    python: &mut Interpreter<'_>,
    name: &Value,
    items: &[Value],
    arguments: &Arguments,
    made: &mut Vec<String>,
    span: Span,
) -> Known<TableStatements> {
    let mut out =
        TableStatements { statements: Vec::new(), unknown: Vec::new(), elsewhere: Vec::new(), nameless: Vec::new() };
    let schema = arguments.keyword("schema").filter(|s| !s.is_none());
    if arguments.open {
        out.unknown.push(Unknown(span));
    }
    let (mut columns, mut clauses, mut indexes, mut key) = (Vec::<Column>::new(), Vec::new(), Vec::new(), None);
    let mut referencing: Vec<String> = Vec::new();
    for item in items {
        match constructor(item).map(|(name, _)| name) {
            Some("Column" | "mapped_column") => match column(python, item) {
                Ok(column) => columns.push(column),
                Err(unknown) => out.unknown.push(unknown),
            },
            Some("Index") => indexes.push(item.clone()),
            // A metadata in the place of a column, as `Table` takes it: without effect.
            Some("MetaData") => {}
            Some(kind) => match constraint(python, item) {
                Ok((_, sql)) if kind == "ForeignKeyConstraint" => {
                    let list = item.as_call().and_then(|(_, a)| python.heap.elements(a.get(0, "columns")?));
                    referencing
                        .extend(list.iter().flatten().filter_map(|c| Some(name_of(c).ok()?.as_str().to_owned())));
                    clauses.push(sql);
                }
                Ok((Some(of), sql)) if key.is_none() => key = Some((of, sql)),
                Ok((_, sql)) => clauses.push(sql),
                Err(unknown) => out.unknown.push(unknown),
            },
            None if item.is_none() => {}
            None => out.unknown.push(Unknown(item.span)),
        }
    }
    // The key's columns are those that say so, and those that the constraint names.
    let of_key: Vec<String> = match &key {
        Some((of, _)) if !of.is_empty() => {
            of.iter().filter_map(|c| Some(name_of(c).ok()?.as_str().to_owned())).collect()
        }
        _ => columns.iter().filter(|c| c.primary_key).map(|c| c.name.as_str().to_owned()).collect(),
    };
    out.elsewhere.extend(columns.iter().flat_map(|c| c.elsewhere.iter().copied()));
    out.nameless.extend(columns.iter().filter_map(|c| c.nameless));
    for column in &mut columns {
        column.primary_key |= of_key.iter().any(|k| k == column.name.as_str());
    }
    for column in &columns {
        if let Some(named) = column.data_type.named.as_ref().filter(|named| named.create) {
            let id = column.data_type.sql.as_str().trim_end_matches("[]").to_owned();
            if !made.contains(&id) {
                made.push(id);
                out.statements.push(create_enum(named));
            }
        }
    }
    let mut sql = Sql::new("CREATE ", span);
    for prefix in arguments.keyword("prefixes").and_then(|p| python.heap.elements(p)).unwrap_or_default() {
        sql.raw(prefix.as_text().ok_or(Unknown(prefix.span))?).word(" ", span);
    }
    sql.word("TABLE ", span);
    if arguments.keyword("if_not_exists").and_then(Value::as_bool) == Some(true) {
        sql.word("IF NOT EXISTS ", span);
    }
    sql.qualified(schema, name)?.word(" (", span);
    let alone = of_key.len() == 1;
    let mut parts: Vec<Sql> = columns
        .iter()
        .map(|c| {
            let is = |names: &[String]| names.iter().any(|name| name == c.name.as_str());
            c.specification(alone && is(&of_key), is(&referencing))
        })
        .collect();
    match key {
        Some((of, sql)) if !of.is_empty() => parts.push(sql),
        key if !of_key.is_empty() => {
            let mut sql = Sql::default();
            if let Some((_, named)) = key {
                // `PrimaryKeyConstraint(name="…")` without columns names the key of the columns that say so.
                let text = named.text.as_str().find("PRIMARY KEY").unwrap_or(0);
                sql.raw(&named.text.slice(0, text));
            }
            sql.word("PRIMARY KEY (", span);
            for (at, column) in columns.iter().filter(|c| c.primary_key).enumerate() {
                if at > 0 {
                    sql.word(", ", span);
                }
                sql.name(&column.name);
            }
            sql.word(")", span);
            parts.push(sql);
        }
        _ => {}
    }
    parts.append(&mut clauses);
    for column in &columns {
        for clause in column.table_constraints(python) {
            match clause {
                Ok(clause) => parts.push(clause),
                Err(unknown) => out.unknown.push(unknown),
            }
        }
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            sql.word(", ", span);
        }
        sql.raw(&part.text);
    }
    sql.word(")", span);
    if let Some(parents) = arguments.keyword("postgresql_inherits").filter(|p| !p.is_none()) {
        let parents = python.heap.elements(parents).unwrap_or_else(|| vec![parents.clone()]);
        sql.word(" INHERITS (", span).names(&parents)?.word(")", span);
    }
    if let Some(by) = arguments.keyword("postgresql_partition_by").and_then(Value::as_text) {
        sql.word(" PARTITION BY ", span).raw(by);
    }
    if let Some(tablespace) = arguments.keyword("postgresql_tablespace").filter(|t| !t.is_none()) {
        sql.word(" TABLESPACE ", span).name(&*name_of(tablespace)?);
    }
    out.statements.push(sql);
    for column in &columns {
        for index in column.create_indexes(schema, name) {
            match index {
                Ok(sql) => out.statements.push(sql),
                Err(unknown) => out.unknown.push(unknown),
            }
        }
    }
    for index in indexes {
        let Some((_, arguments)) = index.as_call() else { continue };
        let keys = arguments.positional.get(1..).unwrap_or_default();
        match create_index(python, arguments.get(0, "name"), schema, name, keys, arguments, index.span) {
            Ok(sql) => out.statements.push(sql),
            Err(unknown) => out.unknown.push(unknown),
        }
    }
    if let Some(text) = arguments.keyword("comment").filter(|c| !c.is_none()) {
        let mut sql = Sql::new("COMMENT ON TABLE ", text.span);
        sql.qualified(schema, name)?;
        match comment(&mut sql, Some(text), text.span) {
            Ok(()) => out.statements.push(sql),
            Err(unknown) => out.unknown.push(unknown),
        }
    }
    for column in &columns {
        match column_comment(schema, name, column) {
            Ok(sql) => out.statements.extend(sql),
            Err(unknown) => out.unknown.push(unknown),
        }
    }
    Ok(out)
}

/// The comment of a column.
pub(crate) fn column_comment(schema: Option<&Value>, table: &Value, column: &Column) -> Known<Option<Sql>> {
    let Some(text) = &column.comment else { return Ok(None) };
    let mut sql = Sql::new("COMMENT ON COLUMN ", text.span);
    sql.qualified(schema, table)?.word(".", text.span).name(&column.name);
    comment(&mut sql, Some(text), text.span)?;
    Ok(Some(sql))
}

/// `CREATE TYPE … AS ENUM (…)`.
pub(crate) fn create_enum(named: &super::types::NamedEnum) -> Sql {
    let mut sql = Sql::new("CREATE TYPE ", named.span);
    if let Some(Ok(schema)) = named.schema.as_ref().filter(|s| !s.is_none()).map(name_of) {
        sql.name(&schema).word(".", named.span);
    }
    sql.name(&named.name).word(" AS ENUM (", named.span);
    for (at, label) in named.labels.iter().enumerate() {
        if at > 0 {
            sql.word(", ", named.span);
        }
        sql.string(label, label.whole().unwrap_or(named.span));
    }
    sql.word(")", named.span);
    sql
}

/// `CREATE SEQUENCE`, `DROP SEQUENCE`.
pub(crate) fn sequence_statement(sequence: &Arguments, create: bool, checks: bool, span: Span) -> Option<Sql> {
    let words = match (create, checks) {
        (true, true) => "CREATE SEQUENCE IF NOT EXISTS ",
        (true, false) => "CREATE SEQUENCE ",
        (false, true) => "DROP SEQUENCE IF EXISTS ",
        (false, false) => "DROP SEQUENCE ",
    };
    let mut sql = Sql::new(words, span);
    sql.qualified(sequence.keyword("schema"), sequence.get(0, "name")?).ok()?;
    let options = if create { sequence_options(sequence, 1) } else { String::new() };
    if !options.is_empty() {
        sql.word(&format!(" {options}"), span);
    }
    Some(sql)
}
