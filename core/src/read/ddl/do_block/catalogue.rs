//! What the system catalogue says at some statement, for blocks that ask it. Only columns that loops over the catalogue go by are there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evaluate::{Row, Value};
use crate::name::Name;
use crate::operation::Operation;

/// The column that marks rows which stand for many that the server has of its own: a query that they belong to cannot be answered.
pub(super) const OF_SERVER: &str = "";

/// Rows of catalogue tables and views, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    relations: BTreeMap<&'static str, Vec<Row>>,
    /// The schemas in which unqualified names are looked up.
    path: Vec<Name>,
}

/// A value in a catalogue.
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Bool(bool),
    Number(i64),
    /// The numbers of columns.
    Numbers(&'a [i64]),
    /// The identifier of a constraint, which stands for its definition, as far as it can be told.
    Definition(&'a str),
    /// The object identifier of a relation or schema, which stands for its name.
    Relation(&'a str, &'a str),
}

impl Catalogue {
    /// A catalogue without rows.
    pub(crate) fn new(path: Vec<Name>) -> Self {
        Self { relations: BTreeMap::new(), path }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, relation: &'static str, cells: &[(&'static str, Cell<'_>)]) {
        let value = |cell: &Cell<'_>| match cell {
            Cell::Text(text) => Value::Text((*text).to_owned()),
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Number(number) => Value::Number(*number),
            Cell::Numbers(numbers) => Value::List(numbers.iter().map(|n| Value::Number(*n)).collect()),
            Cell::Definition(text) => Value::Definition((*text).to_owned()),
            Cell::Relation(schema, name) => Value::Relation((*schema).into(), (*name).into()),
        };
        let row = cells.iter().map(|(column, cell)| (Name::new_static(column), value(cell))).collect();
        self.relations.entry(relation).or_default().push(row);
    }

    /// Adds a row that stands for many of the server's own.
    pub(crate) fn add_of_server(&mut self, relation: &'static str, cells: &[(&'static str, Cell<'_>)]) {
        self.add(relation, cells);
        if let Some(row) = self.relations.get_mut(relation).and_then(|rows| rows.last_mut()) {
            row.push((Name::new_static(OF_SERVER), Value::Null));
        }
    }

    /// The rows of a relation of `pg_catalog` or `information_schema`; none of one that is not known here.
    pub(super) fn rows(&self, name: &[Name]) -> Option<Vec<Row>> {
        let (relation, of_information_schema) = match name {
            [relation] => (relation, false),
            [schema, relation] if schema == "pg_catalog" => (relation, false),
            [schema, relation] if schema == "information_schema" => (relation, true),
            _ => return None,
        };
        let known = RELATIONS.iter().find(|known| **known == relation.as_str())?;
        (known.starts_with("pg_") != of_information_schema)
            .then(|| self.relations.get(known).cloned().unwrap_or_default())
    }

    /// The relation that a text means as `regclass`.
    pub(super) fn relation(&self, text: &str) -> Option<Value> {
        let part = |part: &str| match part.strip_prefix('"').and_then(|part| part.strip_suffix('"')) {
            Some(quoted) if !quoted.contains('"') => Some(quoted.to_owned()),
            Some(_) => None,
            None => Some(part.to_lowercase()),
        };
        let (schema, name) = match text.split_once('.') {
            Some((schema, name)) if !name.contains('.') => (Some(part(schema)?), part(name)?),
            Some(_) => return None,
            None => (None, part(text)?),
        };
        let relations = self.relations.get("pg_class")?;
        let is_there = |schema: &str| {
            let wanted = Value::Relation(schema.into(), name.as_str().into());
            relations.iter().flatten().any(|(column, value)| column == "oid" && *value == wanted).then_some(wanted)
        };
        match schema {
            Some(schema) => is_there(&schema),
            None => self.path.iter().find_map(|schema| is_there(schema)),
        }
    }

    /// current_schema().
    pub(super) fn current_schema(&self) -> Option<&Name> {
        self.path.iter().find(|schema| !schema.starts_with("pg_"))
    }

    /// Whether names of this schema are found without it.
    pub(super) fn is_on_path(&self, schema: &str) -> bool {
        self.path.iter().any(|on_path| on_path == schema)
    }
}

/// The relations whose rows are told.
const RELATIONS: &[&str] = &[
    "pg_tables",
    "pg_views",
    "pg_matviews",
    "pg_indexes",
    "pg_policies",
    "pg_sequences",
    "pg_class",
    "pg_namespace",
    "pg_constraint",
    "pg_trigger",
    "pg_policy",
    "pg_attribute",
    "tables",
    "views",
    "columns",
    "table_constraints",
    "key_column_usage",
    "constraint_column_usage",
    "sequences",
];

/// A catalogue that copies of a block's variables share.
pub(crate) type Shared = Arc<Catalogue>;

/// Who knows what the catalogue says: where the block stands, and behind operations of the block.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) before: &'a Shared,
    pub(crate) after: &'a dyn Fn(&[Operation]) -> Option<Shared>,
}
