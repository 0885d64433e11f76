//! What SQLAlchemy's `Inspector` answers, from the schema that the history has led to.
//!
//! Most tests of the database stand as guards on what they test ([`super::guard`]). Where a migration takes names from the answer (`for fk in
//! inspector.get_foreign_keys("t")`), the answer itself is needed. Source: `sqlalchemy/engine/interfaces.py` (`ReflectedForeignKeyConstraint` …) and
//! `sqlalchemy/dialects/postgresql/base.py`, which sorts by name what is no column.

use super::reflected;
use crate::name::Name;
use crate::operation::ReferentialAction;
use crate::order::Order;
use crate::read::python::{Arguments, Call, Interpreter, Kind, TermKind, Value};
use crate::read::sqlalchemy::table::constructor;
use crate::schema::{ColumnNumber, ConstraintKind, KeyTarget, NamespaceId, Schema, Table, TypeKind};
use crate::source::Span;

/// Methods that list what a schema holds, and those that list what a table has.
const OF_SCHEMA: &[&str] = &["get_table_names", "get_view_names", "get_sequence_names", "get_enums"];
const OF_TABLE: &[&str] = &[
    "get_columns",
    "get_pk_constraint",
    "get_foreign_keys",
    "get_unique_constraints",
    "get_check_constraints",
    "get_indexes",
];

/// The answer to a call of an inspector's method, where the state of the database is known.
pub(super) fn answer(python: &mut Interpreter<'_>, call: &Call<'_>, object: &Value, method: &str) -> Option<Value> {
    let of_schema = OF_SCHEMA.contains(&method);
    let asks = of_schema || OF_TABLE.contains(&method) || matches!(method, "has_table" | "get_schema_names");
    if !asks || call.arguments.open {
        return None;
    }
    let world = python.world.as_ref()?;
    let span = call.span;
    let arguments = call.arguments;
    // `dialect.has_table(connection, "t")`, too.
    let table = arguments.keyword("table_name").or_else(|| arguments.positional.iter().find(|v| v.as_text().is_some()));
    let schema = match (arguments.keyword("schema"), of_schema) {
        (Some(schema), _) => Some(schema),
        (None, true) => arguments.positional.first(),
        (None, false) => {
            arguments.positional.get(1).filter(|v| v.as_text().is_some() && table.is_some_and(|t| t.span != v.span))
        }
    };
    let schema = match schema.filter(|schema| !schema.is_none()) {
        Some(schema) => schema.as_str()?,
        None => "public",
    };
    let key = format!("{method} {schema} {}", table.and_then(Value::as_str).unwrap_or_default());
    let is_this = |(asked, of, _): &&(Value, String, Value)| asked.same_term(object) && *of == key;
    if let Some((_, _, found)) = world.answered.iter().find(is_this) {
        return Some(found.clone());
    }
    let state = state_now(python)?;
    let found = look_up(python, &state, method, schema, table)?;
    let found = python.heap.copy(&found, span, 0);
    if remembers(object)
        && let Some(world) = &mut python.world
    {
        world.answered.push((object.clone(), key, found.clone()));
    }
    Some(found)
}

/// The schema at this place; where it is not known yet, that it is asked for is noted.
fn state_now(python: &mut Interpreter<'_>) -> Option<Value> {
    let effects = python.effects.len();
    let world = python.world.as_mut()?;
    let state = world.states.iter().find(|(at, _)| *at == effects).map(|(_, state)| state.clone());
    if state.is_none() {
        world.missing.get_or_insert(effects);
    }
    state
}

/// `Table("t", metadata, autoload_with=bind)` with the columns that the table has, behind those that the call itself gives.
pub(super) fn reflect(python: &mut Interpreter<'_>, call: &Call<'_>) -> Option<Value> {
    let mut arguments = call.arguments.clone();
    let name = is_reflected(&arguments).then(|| arguments.positional.first()).flatten()?.clone();
    let schema = match arguments.keyword("schema").filter(|schema| !schema.is_none()) {
        Some(schema) => schema.as_str()?.to_owned(),
        None => "public".to_owned(),
    };
    let state = state_now(python)?;
    let columns = look_up(python, &state, "get_columns", &schema, Some(&name))?;
    for column in python.heap.elements(&columns)? {
        let Kind::Dict(column) = column.kind else { continue };
        let said = |key: &str| python.heap.dict_get(column, key).cloned();
        let (name, data_type) = (said("name")?, said("type")?);
        if column_of(&arguments, name.as_str()?).is_none() {
            let callee = Value::term(TermKind::Name("sqlalchemy.Column".into()), call.span);
            let given = Arguments { positional: vec![name, data_type], ..Arguments::default() };
            arguments.positional.push(Value::term(TermKind::Call(callee, given), call.span));
        }
    }
    Some(Value::term(TermKind::Call(call.callee.clone(), arguments), call.span))
}

/// Whether a table's columns are read from the database.
pub(super) fn is_reflected(table: &Arguments) -> bool {
    ["autoload", "autoload_with"].iter().any(|word| table.keyword(word).is_some())
}

/// What the `Column(…)` of this name in a table is called with.
pub(super) fn column_of<'a>(table: &'a Arguments, name: &str) -> Option<&'a Arguments> {
    let columns = table.positional.iter().filter_map(constructor).filter(|(kind, _)| *kind == "Column");
    columns.map(|(_, given)| given).find(|given| given.get(0, "name").and_then(Value::as_str) == Some(name))
}

/// The type of a column of a table: the first that is neither a constraint nor a default.
pub(super) fn type_of_column(column: &Arguments) -> Option<&Value> {
    const OTHERS: &[&str] = &["CheckConstraint", "Computed", "ForeignKey", "Identity", "Sequence"];
    let other = |value: &&Value| constructor(value).is_some_and(|(kind, _)| OTHERS.contains(&kind));
    column.keyword("type_").or_else(|| column.positional.get(1..)?.iter().find(|value| !other(value)))
}

/// Whether an object is an inspector, which answers the same question always the same: it remembers what it has been told.
fn remembers(object: &Value) -> bool {
    let name = object.as_call().and_then(|(callee, _)| callee.last_name());
    name.is_some_and(|name| matches!(name, "inspect" | "from_engine" | "Inspector"))
}

fn look_up(
    python: &Interpreter<'_>,
    state: &Value,
    method: &str,
    schema: &str,
    table: Option<&Value>,
) -> Option<Value> {
    let entry = |of: &Value, key: &str| match of.kind {
        Kind::Dict(dict) => python.heap.dict_get(dict, key).cloned(),
        _ => None,
    };
    if method == "get_schema_names" {
        return entry(state, method);
    }
    let table = || table?.as_str();
    match (entry(state, schema), method) {
        (Some(of_this), "has_table") => {
            let relations = entry(&of_this, "tables")?;
            Some(Value::new(Kind::Bool(entry(&relations, table()?).is_some()), Span::default()))
        }
        (None, "has_table") => Some(Value::new(Kind::Bool(false), Span::default())),
        (Some(of_this), _) if OF_SCHEMA.contains(&method) => entry(&of_this, method),
        (Some(of_this), _) => entry(&entry(&entry(&of_this, "tables")?, table()?)?, method),
        (None, _) => None,
    }
}

/// The whole of what an inspector can be asked, as the dictionaries from which [`answer`] takes its answers.
pub(super) fn state(python: &mut Interpreter<'_>, schema: &Schema) -> Value {
    let mut writer = Writer { python, schema };
    let mut entries = Vec::new();
    let mut names = Vec::new();
    for (id, namespace) in schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()) {
        names.push(writer.text(&namespace.name));
        let state = writer.namespace(id);
        entries.push((namespace.name.as_str(), state));
    }
    let names = writer.list(names);
    entries.push(("get_schema_names", names));
    writer.dict(entries)
}

struct Writer<'p, 'h, 's> {
    python: &'p mut Interpreter<'h>,
    schema: &'s Schema,
}

impl Writer<'_, '_, '_> {
    fn text(&self, text: &str) -> Value {
        Value::text(text, Span::default())
    }

    fn list(&mut self, items: Vec<Value>) -> Value {
        Value::new(Kind::List(self.python.heap.add_list(items)), Span::default())
    }

    fn dict(&mut self, items: Vec<(&str, Value)>) -> Value {
        let items = items.into_iter().map(|(key, value)| (Value::text(key, Span::default()), value)).collect();
        Value::new(Kind::Dict(self.python.heap.add_dict(items)), Span::default())
    }

    fn is(&self, holds: bool) -> Value {
        Value::new(Kind::Bool(holds), Span::default())
    }

    fn names(&mut self, names: Vec<&Name>) -> Value {
        let mut names = names;
        names.order();
        let names = names.into_iter().map(|name| self.text(name)).collect();
        self.list(names)
    }

    fn namespace(&mut self, id: NamespaceId) -> Value {
        let schema = self.schema;
        let tables: Vec<&Table> = schema.live_tables().map(|(_, t)| t).filter(|t| t.namespace == id).collect();
        let views = schema.live_views().map(|(_, v)| v).filter(|v| v.namespace == id && !v.materialized);
        let sequences = schema.sequences.iter().map(|(_, s)| s).filter(|s| s.namespace == id && s.dropped.is_none());
        let listed = self.names(tables.iter().map(|t| &t.name).collect());
        let views = self.names(views.map(|v| &v.name).collect());
        let sequences = self.names(sequences.map(|s| &s.name).collect());
        let mut enums = Vec::new();
        for (_, found) in schema.types.iter().filter(|(_, t)| t.namespace == id && t.dropped.is_none()) {
            if let TypeKind::Enum(labels) = &found.kind {
                let labels = labels.iter().map(|(label, _)| self.text(label)).collect();
                let labels = self.list(labels);
                let name = self.text(&found.name);
                enums.push(self.dict(vec![("name", name), ("labels", labels)]));
            }
        }
        let enums = self.list(enums);
        let mut of_tables = Vec::new();
        for table in tables {
            let state = self.table(table);
            of_tables.push((table.name.as_str(), state));
        }
        let of_tables = self.dict(of_tables);
        self.dict(vec![
            ("get_table_names", listed),
            ("get_view_names", views),
            ("get_sequence_names", sequences),
            ("get_enums", enums),
            ("tables", of_tables),
        ])
    }

    fn columns(&mut self, table: &Table, numbers: &[ColumnNumber]) -> Value {
        let names = numbers.iter().filter_map(|n| table.column(*n)).map(|c| self.text(&c.name)).collect();
        self.list(names)
    }

    fn table(&mut self, table: &Table) -> Value {
        let schema = self.schema;
        let none = Value::new(Kind::None, Span::default());
        let mut columns = Vec::new();
        for (_, column) in table.live_columns() {
            let name = self.text(&column.name);
            let comment = column.comment.as_deref().map_or(none.clone(), |comment| self.text(comment));
            let default = match column.default.as_ref() {
                Some(default) => self.text(&schema.display_expr(default)),
                None if column.serial => Value::unknown(Span::default()),
                None => none.clone(),
            };
            let data_type = reflected::type_of(schema, &column.data_type);
            columns.push(self.dict(vec![
                ("name", name),
                ("type", data_type),
                ("nullable", self.is(!column.not_null)),
                ("default", default),
                ("comment", comment),
            ]));
        }
        let mut constraints: Vec<_> = schema.constraints_of(table).map(|(_, c)| c).collect();
        constraints.order_by(|a, b| a.name.cmp(&b.name));
        let mut primary = None;
        let (mut uniques, mut checks, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
        for constraint in constraints {
            let name = self.text(&constraint.name);
            let own = self.columns(table, &constraint.columns);
            match &constraint.kind {
                ConstraintKind::PrimaryKey => {
                    primary = Some(self.dict(vec![("name", name), ("constrained_columns", own)]));
                }
                ConstraintKind::Unique { .. } => {
                    uniques.push(self.dict(vec![("name", name), ("column_names", own)]));
                }
                ConstraintKind::Check(test) => {
                    let test = self.text(&schema.display_expr(test));
                    checks.push(self.dict(vec![("name", name), ("sqltext", test)]));
                }
                ConstraintKind::ForeignKey(key) => {
                    let Some(other) = schema.tables.get(key.references) else { continue };
                    let theirs = self.columns(other, &key.columns);
                    let home = schema.namespaces.get(other.namespace).map_or("public", |n| n.name.as_str());
                    let home = if home == "public" { none.clone() } else { self.text(home) };
                    let mut options = Vec::new();
                    for (option, action) in [("onupdate", key.on_update), ("ondelete", key.on_delete)] {
                        if let Some(words) = words(action) {
                            options.push((option, self.text(words)));
                        }
                    }
                    if constraint.deferrable {
                        options.push(("deferrable", self.is(true)));
                    }
                    if constraint.initially_deferred {
                        options.push(("initially", self.text("DEFERRED")));
                    }
                    let options = self.dict(options);
                    let referred = self.text(&other.name);
                    foreign.push(self.dict(vec![
                        ("name", name),
                        ("constrained_columns", own),
                        ("referred_schema", home),
                        ("referred_table", referred),
                        ("referred_columns", theirs),
                        ("options", options),
                    ]));
                }
                ConstraintKind::Exclude { .. } => {}
            }
        }
        let mut found: Vec<_> = schema.indexes_of(table).map(|(_, i)| i).filter(|i| !i.primary).collect();
        found.order_by(|a, b| a.name.cmp(&b.name));
        let mut indexes = Vec::new();
        for index in found {
            let name = self.text(&index.name);
            let keys = index.keys.iter().map(|key| match &key.target {
                KeyTarget::Column(number) => table.column(*number).map_or(none.clone(), |c| self.text(&c.name)),
                KeyTarget::Expression(_) => none.clone(),
            });
            let keys = keys.collect();
            let keys = self.list(keys);
            let mut entries = vec![("name", name.clone()), ("unique", self.is(index.unique)), ("column_names", keys)];
            if index.constraint.is_some() {
                entries.push(("duplicates_constraint", name));
            }
            indexes.push(self.dict(entries));
        }
        // Of a table without a primary key the answer has no name.
        let primary = match primary {
            Some(primary) => primary,
            None => {
                let empty = self.list(Vec::new());
                self.dict(vec![("name", none), ("constrained_columns", empty)])
            }
        };
        let (columns, uniques) = (self.list(columns), self.list(uniques));
        let (checks, foreign, indexes) = (self.list(checks), self.list(foreign), self.list(indexes));
        self.dict(vec![
            ("get_columns", columns),
            ("get_pk_constraint", primary),
            ("get_foreign_keys", foreign),
            ("get_unique_constraints", uniques),
            ("get_check_constraints", checks),
            ("get_indexes", indexes),
        ])
    }
}

/// How `options` names an action; the default one is left out.
fn words(action: ReferentialAction) -> Option<&'static str> {
    match action {
        ReferentialAction::NoAction => None,
        ReferentialAction::Restrict => Some("RESTRICT"),
        ReferentialAction::Cascade => Some("CASCADE"),
        ReferentialAction::SetNull => Some("SET NULL"),
        ReferentialAction::SetDefault => Some("SET DEFAULT"),
    }
}
