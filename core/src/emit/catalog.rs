//! The schema as normalised JSON, in the shape in which a query over PostgreSQL's own catalogues prints it.
//!
//! Type names print as `format_type` does under an empty search path; key options as `pg_get_indexdef` does; argument lists as
//! `pg_get_function_identity_arguments` does. Texts of expressions are those of the source with current names.

#![allow(
    clippy::indexing_slicing,
    reason = "a member of a JSON object is set so; the values are objects as they are made here"
)]

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};

use crate::name::{Name, quote};
use crate::operation::{
    ArgumentMode, FunctionKind, MatchType, ObjectKind, PartitionBoundKind, PartitionStrategy, Persistence,
    TriggerState, Volatility,
};
use crate::order::Order;
use crate::schema::*;

/// The whole schema as JSON.
pub fn catalog(schema: &Schema) -> Value {
    serde_json::to_value(Catalog::new(schema)).unwrap_or_default()
}

/// The same as text, with line breaks and two blanks an indent. Tables are written one after the other: the JSON of a large schema as a tree would
/// take several times the memory of the schema itself.
pub fn text(schema: &Schema) -> String {
    serde_json::to_string_pretty(&Catalog::new(schema)).unwrap_or_default()
}

/// A schema ready to be written: its objects by their names.
struct Catalog<'a> {
    writer: Writer<'a>,
    extensions: Vec<Value>,
    event_triggers: Vec<Value>,
}

impl<'a> Catalog<'a> {
    fn new(schema: &'a Schema) -> Self {
        let mut schemas = BTreeMap::new();
        for (_, namespace) in schema.namespaces.iter() {
            let system =
                matches!(namespace.name.as_str(), "pg_catalog" | "information_schema" | "pg_toast" | "pg_temp");
            if namespace.dropped.is_none() && !system {
                schemas.insert(namespace.name.as_str(), Members::empty(namespace));
            }
        }
        let mut writer = Writer { schema, schemas };
        writer.relations();
        writer.types();
        writer.sequences();
        writer.functions();
        let extensions = live(&schema.extensions, |e| e.dropped.is_none())
            .map(|e| json!({ "name": e.name, "schema": writer.namespace(e.namespace) }))
            .collect();
        let event_triggers = live(&schema.event_triggers, |e| e.dropped.is_none())
            .map(|e| json!({ "name": e.name, "event": e.event }))
            .collect();
        Self { writer, extensions, event_triggers }
    }
}

// Members of every object come in the order of their names, as `Value` has them.
impl Serialize for Catalog<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_triggers", &self.event_triggers)?;
        map.serialize_entry("extensions", &self.extensions)?;
        map.serialize_entry("format", &1)?;
        let writer = &self.writer;
        map.serialize_entry("schemas", &Each(&writer.schemas, |members| InSchema { writer, members }))?;
        map.end()
    }
}

/// The members of one schema.
struct Members<'a> {
    plain: BTreeMap<&'static str, Value>,
    named: BTreeMap<&'static str, BTreeMap<&'a str, Object<'a>>>,
}

impl Members<'_> {
    /// A schema without objects. One that the input uses but never makes is marked as having been there before.
    fn empty(namespace: &Namespace) -> Self {
        let mut plain: BTreeMap<&'static str, Value> =
            ["ranges", "functions", "aggregates"].map(|list| (list, json!([]))).into();
        plain.insert("comment", json!(namespace.comment));
        if namespace.assumed {
            plain.insert("from_prelude", json!(true));
        }
        let named =
            ["tables", "foreign_tables", "views", "matviews", "enums", "domains", "composite_types", "sequences"];
        Self { plain, named: named.map(|member| (member, BTreeMap::new())).into() }
    }
}

/// An object whose JSON is made when it is written, and not kept.
enum Object<'a> {
    Table(&'a Table),
    View(&'a View),
    Sequence(&'a Sequence),
    Type(Value),
}

/// [`Members`] with what it takes to write them.
struct InSchema<'a> {
    writer: &'a Writer<'a>,
    members: &'a Members<'a>,
}

impl Serialize for InSchema<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut named = self.members.named.iter().peekable();
        let mut plain = self.members.plain.iter().peekable();
        loop {
            match (named.peek(), plain.peek()) {
                (Some((member, objects)), other) if other.is_none_or(|(o, _)| member < o) => {
                    let writer = self.writer;
                    map.serialize_entry(member, &Each(objects, |object| InWriter { writer, object }))?;
                    named.next();
                }
                (_, Some((member, value))) => {
                    map.serialize_entry(member, value)?;
                    plain.next();
                }
                (Some(_) | None, None) => break,
            }
        }
        map.end()
    }
}

/// An [`Object`] with what it takes to write it.
struct InWriter<'a> {
    writer: &'a Writer<'a>,
    object: &'a Object<'a>,
}

impl Serialize for InWriter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.object {
            Object::Table(table) => self.writer.table(table).serialize(serializer),
            Object::View(view) => self.writer.view(view).serialize(serializer),
            Object::Sequence(sequence) => self.writer.sequence(sequence).serialize(serializer),
            Object::Type(value) => value.serialize(serializer),
        }
    }
}

/// A map of which each value is made as it is written.
struct Each<'a, V, F>(&'a BTreeMap<&'a str, V>, F);

impl<'a, V, W: Serialize, F: Fn(&'a V) -> W> Serialize for Each<'a, V, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            map.serialize_entry(name, &(self.1)(value))?;
        }
        map.end()
    }
}

fn live<I: Id, T: Clone>(arena: &Arena<I, T>, keep: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
    arena.iter().map(|(_, item)| item).filter(move |item| keep(item))
}

struct Writer<'a> {
    schema: &'a Schema,
    schemas: BTreeMap<&'a str, Members<'a>>,
}

impl<'a> Writer<'a> {
    fn namespace(&self, id: NamespaceId) -> &'a str {
        self.schema.namespaces.get(id).map_or("", |n| &n.name)
    }

    /// Puts a named object into its schema. Objects of system schemas (what an extension put there) are left out.
    fn put(&mut self, namespace: NamespaceId, member: &str, name: &'a str, object: Object<'a>) {
        let schema = self.namespace(namespace);
        if let Some(members) = self.schemas.get_mut(schema).and_then(|s| s.named.get_mut(member)) {
            members.insert(name, object);
        }
    }

    fn append(&mut self, namespace: NamespaceId, member: &str, value: Value) {
        let schema = self.namespace(namespace);
        if let Some(Value::Array(members)) = self.schemas.get_mut(schema).and_then(|s| s.plain.get_mut(member)) {
            members.push(value);
        }
    }

    fn relations(&mut self) {
        for (_, table) in self.schema.live_tables() {
            if table.persistence == Persistence::Temporary {
                continue;
            }
            let member = if table.kind == TableKind::Foreign { "foreign_tables" } else { "tables" };
            self.put(table.namespace, member, &table.name, Object::Table(table));
        }
        for (_, view) in self.schema.live_views() {
            let member = if view.materialized { "matviews" } else { "views" };
            self.put(view.namespace, member, &view.name, Object::View(view));
        }
    }

    fn view(&self, view: &View) -> Value {
        let indexes: Vec<Value> = sorted(
            view.indexes.iter().filter_map(|id| self.schema.indexes.get(*id)).filter(|i| i.dropped.is_none()),
            |i| i.name.clone(),
        )
        .map(|i| self.index(i, &|n| view.columns.get(n.index()).cloned()))
        .collect();
        let columns: Vec<Value> = view.columns.iter().map(|name| json!({ "name": name })).collect();
        json!({
            "kind": if view.materialized { "matview" } else { "view" },
            "comment": view.comment,
            "columns": columns,
            "definition": self.text(&view.query),
            "indexes": indexes,
            "triggers": self.triggers(&view.triggers),
            "rules": self.rules(&view.rules),
        })
    }

    fn table(&self, table: &Table) -> Value {
        let schema = self.schema;
        let column_name = |n: ColumnNumber| table.columns.get(n.index()).map(|c| c.name.clone());
        let mut out = Map::new();
        let mut set = |key: &str, value: Value| {
            out.insert(key.to_owned(), value);
        };
        set(
            "kind",
            json!(match table.kind {
                TableKind::Ordinary => "table",
                TableKind::Partitioned => "partitioned_table",
                TableKind::Foreign => "foreign_table",
            }),
        );
        set(
            "persistence",
            json!(match table.persistence {
                Persistence::Permanent => "permanent",
                Persistence::Unlogged => "unlogged",
                Persistence::Temporary => "temp",
            }),
        );
        set("comment", json!(table.comment));
        set("columns", table.live_columns().map(|(_, c)| self.column(c)).collect());
        set("rls_enabled", json!(table.rls_enabled));
        set("rls_forced", json!(table.rls_forced));
        set("partition_key", json!(table.partition_key.as_ref().map(partition_key)));
        let of = |id: TableId| schema.tables.get(id).map(|t| json!([self.namespace(t.namespace), t.name]));
        set("partition_of", json!(table.partition_of.as_ref().and_then(|(parent, _)| of(*parent))));
        set(
            "partition_bound",
            json!(table.partition_of.as_ref().map(|(_, bound)| bound_text(&bound.kind, &bound.text.text))),
        );
        set("inherits", table.inherits.iter().filter_map(|id| of(*id)).collect());

        let constraints: Vec<&Constraint> =
            sorted(schema.constraints_of(table).map(|(_, c)| c), |c| c.name.clone()).collect();
        let (mut pk, mut fks, mut uniques, mut checks, mut excludes) = (Value::Null, vec![], vec![], vec![], vec![]);
        for constraint in constraints {
            let mut value = constraint_value(constraint, &column_name);
            match &constraint.kind {
                ConstraintKind::PrimaryKey => pk = value,
                ConstraintKind::Unique { nulls_not_distinct } => {
                    if *nulls_not_distinct {
                        value["nulls_not_distinct"] = json!(true);
                    }
                    uniques.push(value);
                }
                ConstraintKind::Check(expr) => {
                    value["definition"] = json!(format!("CHECK ({})", self.text(expr)));
                    checks.push(value);
                }
                ConstraintKind::Exclude { .. } => excludes.push(value),
                ConstraintKind::ForeignKey(fk) => {
                    if let Some(to) = schema.tables.get(fk.references) {
                        value["ref_schema"] = json!(self.namespace(to.namespace));
                        value["ref_table"] = json!(to.name);
                        value["ref_columns"] =
                            fk.columns.iter().map(|n| to.columns.get(n.index()).map_or("", |c| &c.name)).collect();
                    }
                    value["on_delete"] = json!(fk.on_delete.sql());
                    value["on_update"] = json!(fk.on_update.sql());
                    value["match"] = json!(match fk.match_type {
                        MatchType::Simple => "SIMPLE",
                        MatchType::Full => "FULL",
                        MatchType::Partial => "PARTIAL",
                    });
                    fks.push(value);
                }
            }
        }
        set("pk", pk);
        set("fks", json!(fks));
        set("uniques", json!(uniques));
        set("checks", json!(checks));
        set("excludes", json!(excludes));
        let indexes = sorted(schema.indexes_of(table).map(|(_, i)| i), |i| i.name.clone());
        set("indexes", indexes.map(|i| self.index(i, &column_name)).collect());
        let policies = sorted(schema.policies_of(table).map(|(_, p)| p), |p| p.name.clone()).map(|p| {
            json!({
                "name": p.name, "command": p.command.sql(), "permissive": p.permissive, "roles": p.roles,
                "using": p.using.as_ref().map(|e| self.text(e)), "with_check": p.with_check.as_ref().map(|e| self.text(e)),
            })
        });
        set("policies", policies.collect());
        set("triggers", self.triggers(&table.triggers));
        set("rules", self.rules(&table.rules));
        Value::Object(out)
    }

    fn column(&self, column: &Column) -> Value {
        let mut value = json!({
            "name": column.name,
            "type": column.data_type.display(self.schema),
            "nullable": !column.not_null,
            "default": column.default.as_ref().map(|d| self.text(d)),
            "identity": column.identity.map(|i| match i { Identity::Always => "always", Identity::ByDefault => "by_default" }),
            "generated": column.generated.as_ref().map(|g| self.text(&g.expr)),
        });
        if let Some(collation) = &column.collation {
            value["collation"] = json!(collation);
        }
        if let Some(comment) = &column.comment {
            value["comment"] = json!(comment);
        }
        if column.generated.as_ref().is_some_and(|g| !g.stored) {
            value["virtual"] = json!(true);
        }
        if !column.is_local {
            value["inherited"] = json!(true);
        }
        value
    }

    /// The options of a key, a collation or operator class of the input with its schema, as the server prints them under an empty search path.
    fn key_options(&self, key: &Key) -> String {
        let mut options = key_options(key);
        let class = key.opclass.as_ref().and_then(|c| Some((c, self.schema.other_home(ObjectKind::OperatorClass, c)?)));
        if let Some((class, home)) = class {
            options = options.replacen(&quote(class), &self.schema.qualified(home, class), 1);
        }
        match key.collation.as_ref().and_then(|c| Some((c, self.schema.collation_home(c)?))) {
            Some((collation, home)) => options.replacen(
                &format!("COLLATE {}", quote(collation)),
                &format!("COLLATE {}", self.schema.qualified(home, collation)),
                1,
            ),
            None => options,
        }
    }

    fn index(&self, index: &Index, column_name: &dyn Fn(ColumnNumber) -> Option<Name>) -> Value {
        let keys: Vec<Value> = index
            .keys
            .iter()
            .map(|k| match &k.target {
                KeyTarget::Column(n) => json!(column_name(*n).map(|n| bare(&n))),
                KeyTarget::Expression(e) => json!({ "expr": self.text(e) }),
            })
            .collect();
        let mut value = json!({
            "name": index.name,
            "method": index.method,
            "unique": index.unique,
            "primary": index.primary,
            "constraint_backed": index.constraint.is_some(),
            "keys": keys,
            "key_options": index.keys.iter().map(|k| self.key_options(k)).collect::<Vec<_>>(),
            "include": index.include.iter().map(|n| column_name(*n).map(|n| bare(&n))).collect::<Vec<_>>(),
            "where": index.predicate.as_ref().map(|e| self.text(e)),
        });
        if index.nulls_not_distinct {
            value["nulls_not_distinct"] = json!(true);
        }
        if index.parent.is_some() {
            value["inherited"] = json!(true);
        }
        if !index.valid {
            value["valid"] = json!(false);
        }
        if let Some(comment) = &index.comment {
            value["comment"] = json!(comment);
        }
        value
    }

    fn triggers(&self, ids: &[TriggerId]) -> Value {
        sorted(self.schema.triggers_of(ids).map(|(_, t)| t), |t| t.name.clone())
            .map(|t| {
                let function = match &t.function {
                    TriggerFunction::User(id) => self
                        .schema
                        .functions
                        .get(*id)
                        .map_or_else(String::new, |f| format!("{}.{}", self.namespace(f.namespace), f.name)),
                    TriggerFunction::Named(schema, name) => format!("{schema}.{name}"),
                };
                let events: Vec<&str> = t.events.iter().map(|e| e.sql()).collect();
                let mut value = json!({
                    "name": t.name,
                    "timing": t.timing.sql(),
                    "level": if t.for_each_row { "ROW" } else { "STATEMENT" },
                    "events": events,
                    "function": function,
                });
                if t.constraint {
                    value["constraint"] = json!(true);
                }
                if t.parent.is_some() {
                    value["inherited"] = json!(true);
                }
                if t.state != TriggerState::Enabled {
                    value["enabled"] = json!(match t.state {
                        TriggerState::Enabled => "O",
                        TriggerState::Disabled => "D",
                        TriggerState::Replica => "R",
                        TriggerState::Always => "A",
                    });
                }
                value
            })
            .collect()
    }

    fn rules(&self, ids: &[RuleId]) -> Value {
        let rules = ids.iter().filter_map(|id| self.schema.rules.get(*id)).filter(|r| r.dropped.is_none());
        sorted(rules, |r| r.name.clone()).map(|r| json!({ "name": r.name })).collect()
    }

    fn types(&mut self) {
        for (_, t) in self.schema.types.iter().filter(|(_, t)| t.dropped.is_none()) {
            match &t.kind {
                TypeKind::Enum(labels) => {
                    let labels: Vec<&String> = labels.iter().map(|(label, _)| label).collect();
                    let value = json!({ "labels": labels, "comment": t.comment });
                    self.put(t.namespace, "enums", &t.name, Object::Type(value));
                }
                TypeKind::Domain(d) => {
                    let checks: Vec<String> =
                        d.checks.iter().map(|(_, e)| format!("CHECK ({})", e.source.text)).collect();
                    let value = json!({
                        "base": d.base.display(self.schema), "not_null": d.not_null, "default": d.default.as_ref().map(|e| &e.source.text),
                        "checks": checks, "comment": t.comment,
                    });
                    self.put(t.namespace, "domains", &t.name, Object::Type(value));
                }
                TypeKind::Composite(attributes) => {
                    let attributes: Vec<Value> = attributes
                        .iter()
                        .map(|(name, ty)| json!({ "name": name, "type": ty.display(self.schema) }))
                        .collect();
                    self.put(t.namespace, "composite_types", &t.name, Object::Type(json!(attributes)));
                }
                TypeKind::Range { .. } => self.append(t.namespace, "ranges", json!(t.name)),
                TypeKind::Base | TypeKind::Shell => {}
            }
        }
    }

    fn sequences(&mut self) {
        for s in live(&self.schema.sequences, |s| s.dropped.is_none()) {
            self.put(s.namespace, "sequences", &s.name, Object::Sequence(s));
        }
    }

    fn sequence(&self, s: &Sequence) -> Value {
        let owner = s.owned_by.and_then(|(table, column)| {
            let table = self.schema.tables.get(table)?;
            Some(json!([self.namespace(table.namespace), table.name, table.columns.get(column.index())?.name]))
        });
        json!({
            "type": s.data_type, "start": s.start, "increment": s.increment, "cycle": s.cycle, "owned_by": owner, "identity": s.identity,
        })
    }

    fn functions(&mut self) {
        let mut functions: Vec<(&Function, String)> =
            live(&self.schema.functions, |f| f.dropped.is_none()).map(|f| (f, self.identity_arguments(f))).collect();
        functions.order_by(|a, b| (&a.0.name, &a.1).cmp(&(&b.0.name, &b.1)));
        for (f, arguments) in functions {
            let kind = match f.kind {
                FunctionKind::Function => "function",
                FunctionKind::Procedure => "procedure",
                FunctionKind::Window => "window",
                FunctionKind::Aggregate => {
                    self.append(f.namespace, "aggregates", json!({ "name": f.name, "arguments": arguments }));
                    continue;
                }
            };
            let mut value = json!({
                "name": f.name,
                "kind": kind,
                "arguments": arguments,
                "returns": f.returns.as_ref().map(|t| without_modifiers(t).display(self.schema)),
                "language": f.language,
                "security_definer": f.security_definer,
                "volatility": match f.volatility {
                    Volatility::Immutable => "immutable",
                    Volatility::Stable => "stable",
                    Volatility::Volatile => "volatile",
                },
            });
            if let Some(comment) = &f.comment {
                value["comment"] = json!(comment);
            }
            self.append(f.namespace, "functions", value);
        }
    }

    /// As `pg_get_function_identity_arguments` prints them.
    fn identity_arguments(&self, function: &Function) -> String {
        let arguments: Vec<String> = function
            .arguments
            .iter()
            .map(|a| {
                let mode = match a.mode {
                    ArgumentMode::In if function.kind == FunctionKind::Procedure => "IN ",
                    ArgumentMode::In => "",
                    ArgumentMode::Out => "OUT ",
                    ArgumentMode::InOut => "INOUT ",
                    ArgumentMode::Variadic => "VARIADIC ",
                };
                let name = a.name.as_ref().map_or_else(String::new, |n| quote(n) + " ");
                format!("{mode}{name}{}", without_modifiers(&a.data_type).display(self.schema))
            })
            .collect();
        arguments.join(", ")
    }

    fn text(&self, expr: &StoredExpr) -> String {
        expr.source.text.to_string()
    }
}

/// Routines keep no type modifiers. Source: PostgreSQL manual, CREATE FUNCTION, "Notes".
fn without_modifiers(data_type: &DataType) -> DataType {
    DataType { modifiers: Vec::new(), ..data_type.clone() }
}

fn sorted<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> std::vec::IntoIter<T> {
    let mut items: Vec<T> = items.collect();
    items.order_by_key(key);
    items.into_iter()
}

fn constraint_value(constraint: &Constraint, column_name: &dyn Fn(ColumnNumber) -> Option<Name>) -> Value {
    let mut value = json!({
        "name": constraint.name,
        "columns": constraint.columns.iter().map(|n| column_name(*n)).collect::<Vec<_>>(),
    });
    if constraint.deferrable {
        value["deferrable"] = json!(true);
        value["initially_deferred"] = json!(constraint.initially_deferred);
    }
    if !constraint.enforced {
        value["not_enforced"] = json!(true);
    }
    if !constraint.validated {
        value["not_valid"] = json!(true);
    }
    if constraint.parent.is_some() || !constraint.is_local {
        value["inherited"] = json!(true);
    }
    if let Some(comment) = &constraint.comment {
        value["comment"] = json!(comment);
    }
    value
}

/// What stands behind a key: collation, operator class, order, nulls; defaults left out.
/// What follows a key of an index: collation, operator class and order, as `pg_get_indexdef` prints them; empty for all defaults.
pub fn key_options(key: &Key) -> String {
    let mut out = Vec::new();
    if let Some(collation) = &key.collation {
        out.push(format!("COLLATE {}", quote(collation)));
    }
    if let Some(opclass) = &key.opclass {
        let mut text = quote(opclass);
        if !key.opclass_options.is_empty() {
            let options: Vec<String> = key
                .opclass_options
                .iter()
                .map(|(name, value)| format!("{name}='{}'", value.trim_matches('\'')))
                .collect();
            text.push_str(&format!(" ({})", options.join(", ")));
        }
        out.push(text);
    }
    match (key.descending, key.nulls_first) {
        (false, false) => {}
        (false, true) => out.push("NULLS FIRST".to_owned()),
        (true, true) => out.push("DESC".to_owned()),
        (true, false) => out.push("DESC NULLS LAST".to_owned()),
    }
    out.join(" ")
}

/// The key as `pg_get_partkeydef` begins it: the strategy in upper case, whatever the source has.
fn partition_key(key: &PartitionKey) -> String {
    let strategy = match key.strategy {
        PartitionStrategy::Range => "RANGE",
        PartitionStrategy::List => "LIST",
        PartitionStrategy::Hash => "HASH",
    };
    let columns = key.text.text.find('(').and_then(|at| key.text.text.get(at..)).unwrap_or_default();
    format!("{strategy} {columns}")
}

/// The bound with its key words in the server's form, whatever the case of the source.
fn bound_text(kind: &PartitionBoundKind, text: &str) -> String {
    match kind {
        PartitionBoundKind::Default => "DEFAULT".to_owned(),
        _ => text.to_owned(),
    }
}

/// A column's name as a key: in quotes where it could be taken for an expression.
fn bare(name: &str) -> String {
    let plain = name
        .chars()
        .enumerate()
        .all(|(at, c)| c == '_' || c.is_alphabetic() || (at > 0 && (c.is_numeric() || c == '$')));
    if plain { name.to_owned() } else { quote(name) }
}
