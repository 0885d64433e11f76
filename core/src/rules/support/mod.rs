//! What many rules ask of a schema.

mod comments;
mod condition;
mod cover;
mod document;
mod graph;
mod names;
mod references;
mod revisions;
mod scope;
mod sql;

pub(crate) use comments::{Comment, comments};
pub(crate) use condition::{column_of, conjuncts, implies, is_always_true, is_constant, text_of, values_of};
pub(crate) use cover::{
    Cover, cover, index_text, is_btree, key_columns, only_excludes_nulls, same_key, same_predicate,
};
pub(crate) use document::{allowed_values, demanded_values, document_part, table_named};
pub(crate) use graph::Graph;
pub(crate) use names::{is_money, list, number, singular, stem, words};
pub(crate) use references::{Reference, References};
pub(crate) use revisions::{Version, missing_object, plain, start_of};
pub(crate) use scope::{Scope, is_tool_table};
pub(crate) use sql::{drop_index, free_constraint_name, index_for, literal};

use super::Context;
use crate::expr::Tree;
use crate::finding::Subject;
use crate::operation::ObjectKind;
use crate::schema::{
    BaseType, ColumnNumber, Constraint, ConstraintKind, DataType, ForeignKey, ObjectId, Schema, Table, TableId,
    TypeKind,
};

impl<'a> Context<'a> {
    /// The project's own tables, in the order of their creation: no partitions (their parent speaks for them), no temporary tables, nothing
    /// that a migration tool, an extension or a platform owns.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (TableId, &'a Table)> {
        self.schema.live_tables().filter(|(id, t)| t.partition_of.is_none() && self.scope.owns(*id))
    }

    /// The same with partitions.
    pub(crate) fn tables_and_partitions(&self) -> impl Iterator<Item = (TableId, &'a Table)> {
        self.schema.live_tables().filter(|(id, _)| self.scope.owns(*id))
    }

    /// The foreign keys of live tables that reference a table, its own ones too.
    pub(crate) fn references_to(&self, table: TableId) -> impl Iterator<Item = &'a ForeignKey> {
        let schema = self.schema;
        schema.references_to(table).into_iter().filter_map(|id| match &schema.constraints.get(id)?.kind {
            ConstraintKind::ForeignKey(fk) => Some(fk),
            _ => None,
        })
    }

    /// Whether a table is the project's own.
    pub(crate) fn owns(&self, table: TableId) -> bool {
        self.scope.owns(table)
    }

    /// Whether the roles of Supabase or PostgREST are in use, so that tables of `public` are reached from outside.
    pub(crate) fn has_web_roles(&self) -> bool {
        self.scope.web_roles
    }

    /// Whether a schema is the project's own.
    pub(crate) fn owns_namespace(&self, namespace: crate::schema::NamespaceId) -> bool {
        self.scope.owns_namespace(namespace)
    }

    /// The name of an object for a message: its path, without `public` in front.
    pub(crate) fn name(&self, id: ObjectId) -> String {
        let path = self.schema.path(id);
        path.strip_prefix("public.").map(str::to_owned).unwrap_or(path)
    }

    /// A revision as something that a finding is about.
    pub(crate) fn revision(&self, at: u32) -> Option<Subject> {
        self.history.revisions.get(at as usize).map(|r| Subject::new(ObjectKind::Revision, r.id.clone()))
    }

    /// The name of a table for a message.
    pub(crate) fn table_name(&self, id: TableId) -> String {
        self.name(ObjectId::Table(id))
    }

    /// The name of a column with its table, for a message.
    pub(crate) fn column_name(&self, table: TableId, column: ColumnNumber) -> String {
        self.name(ObjectId::Column(table, column))
    }

    /// The path of a table for SQL: with its schema, quoted.
    pub(crate) fn table_sql(&self, id: TableId) -> String {
        self.schema.path(ObjectId::Table(id))
    }

    /// Columns for SQL: quoted, with commas.
    pub(crate) fn columns_sql(&self, table: TableId, columns: &[ColumnNumber]) -> String {
        let names: Vec<String> =
            columns.iter().filter_map(|c| self.schema.column(table, *c)).map(|c| crate::name::quote(&c.name)).collect();
        names.join(", ")
    }

    /// Bare column names for a message: `a`, `b`.
    pub(crate) fn columns_text(&self, table: TableId, columns: &[ColumnNumber]) -> String {
        let names: Vec<String> =
            columns.iter().filter_map(|c| self.schema.column(table, *c)).map(|c| format!("`{}`", c.name)).collect();
        list(&names)
    }
}

/// What a type is at bottom: domains are followed to their base, arrays stay arrays. Bounded, as a broken schema may hold a ring.
pub(crate) fn base_type<'a>(schema: &'a Schema, data_type: &'a DataType) -> &'a DataType {
    let mut at = data_type;
    for _ in 0..16 {
        match &at.base {
            BaseType::User(id) if !at.array => match schema.types.get(*id).map(|t| &t.kind) {
                Some(TypeKind::Domain(domain)) => at = &domain.base,
                _ => return at,
            },
            _ => return at,
        }
    }
    at
}

/// The name of the built-in scalar type at bottom: `integer`, `text`. `None` for arrays and for types of other kinds.
pub(crate) fn builtin<'a>(schema: &'a Schema, data_type: &'a DataType) -> Option<&'a str> {
    base_type(schema, data_type).builtin_name()
}

/// The families of types that keys are made of: values of one family compare without a cast that changes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeyFamily {
    /// smallint, integer, bigint.
    Integer,
    /// uuid.
    Uuid,
    /// text, character varying, character, name, citext.
    Text,
}

/// The family of a key type.
pub(crate) fn key_family(schema: &Schema, data_type: &DataType) -> Option<KeyFamily> {
    let base = base_type(schema, data_type);
    match base.builtin_name() {
        Some("smallint" | "integer" | "bigint") => Some(KeyFamily::Integer),
        Some("uuid") => Some(KeyFamily::Uuid),
        Some("text" | "character varying" | "character" | "name") => Some(KeyFamily::Text),
        Some(_) => None,
        None => match &base.base {
            BaseType::Extension { name, .. } if name == "citext" && !base.array => Some(KeyFamily::Text),
            _ => None,
        },
    }
}

/// Whether a type holds text of any length or kind.
pub(crate) fn is_text(schema: &Schema, data_type: &DataType) -> bool {
    key_family(schema, data_type) == Some(KeyFamily::Text)
}

/// Whether a unique rule without a predicate holds for exactly these columns or fewer of them: rows are told apart by them.
pub(crate) fn unique_on<'a>(schema: &'a Schema, table: &'a Table, columns: &[ColumnNumber]) -> bool {
    schema.indexes_of(table).any(|(_, i)| {
        i.unique
            && i.predicate.is_none()
            && key_columns(i).is_some_and(|keys| !keys.is_empty() && keys.iter().all(|k| columns.contains(k)))
    })
}

/// The constraints that need one column alone: `(column)` as the only column.
pub(crate) fn only_column(constraint: &Constraint) -> Option<ColumnNumber> {
    match constraint.columns.as_slice() {
        [one] => Some(*one),
        _ => None,
    }
}

/// Whether a check demands that the column is not null.
pub(crate) fn checked_not_null(schema: &Schema, table: &Table, column: ColumnNumber) -> bool {
    schema.constraints_of(table).any(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) if c.columns.contains(&column) => {
            conjuncts(&check.source.tree()).into_iter().any(|part| {
                matches!(part, Tree::Operator(op, of)
                    if op == "is not null" && of.first().and_then(|o| column_of(o, table)) == Some(column))
            })
        }
        _ => false,
    })
}

/// Whether a check speaks of the column with more than whether it is null.
pub(crate) fn is_checked(schema: &Schema, table: &Table, column: ColumnNumber) -> bool {
    schema.constraints_of(table).any(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) if c.columns.contains(&column) => {
            !matches!(check.source.tree(), Tree::Operator(op, _) if op == "is not null" || op == "is null")
        }
        _ => false,
    })
}
