//! What many rules ask of a schema.

mod columns;
mod comments;
mod condition;
mod cover;
mod designs;
mod document;
mod extensions;
mod graph;
mod index_names;
mod locks;
mod names;
mod pinned;
mod references;
mod refused;
mod revisions;
mod rows;
mod scope;
mod sql;
mod steps;
mod tenants;
mod texts;
mod type_change;
mod volatility;

pub(crate) use columns::{OwnColumn, OwnColumns, is_now};
pub(crate) use comments::{Comment, comments, docstring};
pub(crate) use condition::{column_of, conjuncts, implies, is_always_true, is_constant, text_of, values_of};
pub(crate) use cover::{
    Cover, cover, cover_key, index_text, is_ann, is_btree, is_plain_key, key_columns, only_excludes_nulls, same_key,
    same_predicate,
};
pub(crate) use designs::designs;
pub(crate) use document::{allowed_values, demanded_values, document_part, table_named};
pub(crate) use extensions::{is_known_in_full, owner_of};
pub(crate) use graph::Graph;
pub(crate) use index_names::IndexPattern;
pub(crate) use locks::{changes_rows, is_unguarded, limits_waits, locked, locked_out, runs_alone};
pub(crate) use names::{
    each_word, ends_interval, is_money, is_one_of, last_word, list, number, number_of_tables, singular, stem,
    without_end, words,
};
pub(crate) use pinned::{enum_strategies, is_score, named, pinned, plain_type, unmatched_files};
pub(crate) use references::{Reference, References, is_polymorphic, kind_beside, says_who};
pub(crate) use refused::{
    Targets, Unmade, maker_beside, refused, refused_key, refused_keys, statement_subject, written_path,
};
pub(crate) use revisions::{Version, missing_object, plain, start_of};
pub(crate) use rows::Rows;
pub(crate) use scope::{Scope, is_tool_table};
pub(crate) use sql::{
    check_fix, drop_index, free_constraint_name, free_index_name, index_caution, index_fix, index_for, literal,
    replace_foreign_key, replace_on_delete, replaced_by, set_not_null,
};
pub(crate) use steps::{Alteration, At, Steps, is_wrapped};
pub(crate) use tenants::{TenantKeys, make_referable, tenant_pair};
pub(crate) use texts::{Texts, share_trees};
pub(crate) use type_change::{constrained_domain, held_by, keeps_storage, loses};
pub(crate) use volatility::{Stability, stability};

use super::Context;
use crate::expr::Tree;
use crate::finding::Subject;
use crate::infer::names_of;
use crate::operation::ObjectKind;
use crate::policy::plays;
use crate::schema::{
    BaseType, Column, ColumnNumber, Constraint, ConstraintId, ConstraintKind, DataType, ForeignKey, KeyTarget,
    ObjectId, Schema, Table, TableId, TypeKind,
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

    /// The columns of the project's own tables, without those that a parent by INHERITS gives. Where a rule is about columns of some types or names,
    /// `columns_of`, `columns_named` and `columns_where` touch those alone.
    pub(crate) fn columns(&self) -> Vec<OwnColumn<'a>> {
        self.columns_where(|_| true, |_| true)
    }

    /// Those of them that are of such a type.
    pub(crate) fn columns_of(&self, typed: impl Fn(&'a DataType) -> bool) -> Vec<OwnColumn<'a>> {
        self.columns_where(|_| true, typed)
    }

    /// Those of them that have such a name.
    pub(crate) fn columns_named(&self, named: impl Fn(&'a str) -> bool) -> Vec<OwnColumn<'a>> {
        self.columns_where(named, |_| true)
    }

    /// Those of them that have such a name and are of such a type.
    pub(crate) fn columns_where(
        &self,
        named: impl Fn(&'a str) -> bool,
        typed: impl Fn(&'a DataType) -> bool,
    ) -> Vec<OwnColumn<'a>> {
        self.own_columns.pick(self.schema, false, &named, &typed)
    }

    /// The same with those that a parent by INHERITS gives.
    pub(crate) fn all_columns_where(
        &self,
        named: impl Fn(&'a str) -> bool,
        typed: impl Fn(&'a DataType) -> bool,
    ) -> Vec<OwnColumn<'a>> {
        self.own_columns.pick(self.schema, true, &named, &typed)
    }

    /// How many [`Self::columns`] there are.
    pub(crate) fn count_columns(&self) -> usize {
        self.count_columns_of(|_| true)
    }

    /// How many of them are of such a type.
    pub(crate) fn count_columns_of(&self, typed: impl Fn(&'a DataType) -> bool) -> usize {
        self.own_columns.count(&typed)
    }

    /// The columns that mark the rows of the project's own tables as deleted, those that a parent gives too.
    pub(crate) fn deletion_marks(&self) -> impl Iterator<Item = OwnColumn<'a>> {
        let named =
            |name: &str| plays(&self.policy.conventions.soft_delete, name, || is_one_of(name, names_of("soft-delete")));
        self.all_columns_where(named, |_| true).into_iter().filter(|(.., column)| is_deletion_mark(self, column))
    }

    /// The foreign keys of the project's own tables, each once: a partitioned referenced table adds one for each of its partitions, which are left
    /// out.
    pub(crate) fn foreign_keys(&self) -> impl Iterator<Item = DeclaredKey<'a>> {
        let schema = self.schema;
        self.tables().flat_map(move |(id, table)| {
            schema
                .foreign_keys_of(table)
                .filter(|(_, c, _)| c.parent.is_none())
                .map(move |(constraint, c, fk)| DeclaredKey { table: id, of: table, id: constraint, constraint: c, fk })
        })
    }

    /// The tenant column of a table, where the schema has a tenant key.
    pub(crate) fn tenant_column(&self, table: &Table) -> Option<ColumnNumber> {
        self.conventions.tenant.as_ref().and_then(|t| t.column_of(table))
    }

    /// Whether a table is the project's own.
    pub(crate) fn owns(&self, table: TableId) -> bool {
        self.scope.owns(table)
    }

    /// Whether a table is, or was before it was dropped, the project's own.
    pub(crate) fn owned(&self, table: TableId) -> bool {
        self.scope.owned(table)
    }

    /// Whether the roles of Supabase or PostgREST are in use, so that tables of `public` are reached from outside.
    pub(crate) fn has_web_roles(&self) -> bool {
        self.scope.web_roles
    }

    /// Whether a schema is reached from outside: as `relata.toml` says, else `public` where the roles of Supabase or PostgREST are in use.
    pub(crate) fn is_exposed(&self, namespace: crate::schema::NamespaceId) -> bool {
        let Some(name) = self.schema.namespaces.get(namespace).map(|n| n.name.as_str()) else { return false };
        match &self.policy.exposed_schemas {
            Some(exposed) => exposed.iter().any(|e| e == name),
            None => self.has_web_roles() && name == "public",
        }
    }

    /// Whether a check refuses every row: such a table is there for others to inherit from.
    pub(crate) fn holds_no_rows(&self, table: &Table) -> bool {
        let refuses = |c: &Constraint| match &c.kind {
            ConstraintKind::Check(test) => c.no_inherit && matches!(test.source.tree(), Tree::Bool(false)),
            _ => false,
        };
        self.schema.constraints_of(table).any(|(_, c)| refuses(c))
    }

    /// Whether a schema is the project's own.
    pub(crate) fn owns_namespace(&self, namespace: crate::schema::NamespaceId) -> bool {
        self.scope.owns_namespace(namespace)
    }

    /// The name of an object for a message: its path, without `public` in front.
    pub(crate) fn name(&self, id: ObjectId) -> String {
        let mut path = self.schema.path(id);
        if path.starts_with("public.") {
            path.drain(.."public.".len());
        }
        path
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

/// A foreign key that exists, with the table that it is on.
#[derive(Clone, Copy)]
pub(crate) struct DeclaredKey<'a> {
    pub(crate) table: TableId,
    pub(crate) of: &'a Table,
    pub(crate) id: ConstraintId,
    pub(crate) constraint: &'a Constraint,
    pub(crate) fk: &'a ForeignKey,
}

impl DeclaredKey<'_> {
    /// Whether every row must have a row to refer to.
    pub(crate) fn is_required(&self) -> bool {
        self.constraint.columns.iter().all(|c| self.of.column(*c).is_some_and(|c| c.not_null))
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

/// Whether a type holds a point in time: a date or a timestamp.
pub(crate) fn is_time(schema: &Schema, data_type: &DataType) -> bool {
    builtin(schema, data_type).is_some_and(|t| t == "date" || t.starts_with("timestamp"))
}

/// Whether a column marks its row as deleted: the one that `relata.toml` names, else a time or a flag of such a name.
pub(crate) fn is_deletion_mark(cx: &Context<'_>, column: &Column) -> bool {
    plays(&cx.policy.conventions.soft_delete, &column.name, || {
        let flag = || builtin(cx.schema, &column.data_type) == Some("boolean");
        let says_is = || column.name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("is"));
        is_one_of(&column.name, names_of("soft-delete"))
            && (flag() || (!says_is() && is_time(cx.schema, &column.data_type)))
    })
}

/// The condition that a row is not marked as deleted; `None` where nobody can tell what the mark says.
pub(crate) fn live_condition(cx: &Context<'_>, mark: &Column) -> Option<String> {
    let name = crate::name::quote(&mark.name);
    match (builtin(cx.schema, &mark.data_type), mark.not_null) {
        (Some("boolean"), true) => Some(format!("NOT {name}")),
        (Some("boolean"), false) => Some(format!("{name} IS NOT TRUE")),
        _ => is_time(cx.schema, &mark.data_type).then(|| format!("{name} IS NULL")),
    }
}

/// The name of an extension's scalar type: `vector`, `citext`.
pub(crate) fn extension_type<'a>(schema: &'a Schema, data_type: &'a DataType) -> Option<&'a str> {
    let base = base_type(schema, data_type);
    match &base.base {
        BaseType::Extension { name, .. } | BaseType::Unknown { name, .. } if !base.array => Some(name),
        _ => None,
    }
}

/// Whether a type is an enum that the input makes, not only at bottom of a domain.
pub(crate) fn is_enum(schema: &Schema, data_type: &DataType) -> bool {
    match &data_type.base {
        BaseType::User(id) => matches!(schema.types.get(*id).map(|t| &t.kind), Some(TypeKind::Enum(_))),
        _ => false,
    }
}

/// The labels of the enum type of a column.
pub(crate) fn enum_labels<'a>(schema: &'a Schema, data_type: &'a DataType) -> Option<Vec<&'a str>> {
    match &base_type(schema, data_type).base {
        BaseType::User(id) if !data_type.array => match &schema.types.get(*id)?.kind {
            TypeKind::Enum(labels) => Some(labels.iter().map(|(label, _)| label.as_str()).collect()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a type holds numbers.
pub(crate) fn is_number(schema: &Schema, data_type: &DataType) -> bool {
    matches!(
        builtin(schema, data_type),
        Some("smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision")
    )
}

/// The values that a column may have, where its type or a check lists them.
pub(crate) fn known_values(cx: &Context<'_>, table: &Table, column: ColumnNumber) -> Vec<String> {
    let Some(of) = table.column(column) else { return Vec::new() };
    if let Some(labels) = enum_labels(cx.schema, &of.data_type) {
        return labels.into_iter().map(str::to_owned).collect();
    }
    let listed = cx.schema.constraints_of(table).find_map(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) if c.columns.contains(&column) => {
            let tree = check.source.tree();
            values_of(tree, &of.name).map(|v| v.into_iter().map(str::to_owned).collect::<Vec<_>>())
        }
        _ => None,
    });
    listed.unwrap_or_default()
}

/// The primary key of a table, where it is one column that only says which row it is: called `id` or after its table, and no reference to another.
pub(crate) fn surrogate<'a>(cx: &Context<'a>, table: &'a Table) -> Option<(ColumnNumber, &'a Column)> {
    let number = cx.schema.primary_key_of(table).and_then(|(_, c)| only_column(c))?;
    let column = table.column(number)?;
    let refers = cx.schema.foreign_keys_of(table).any(|(_, fk, _)| fk.columns.contains(&number));
    let is_id = last_word(&column.name).is_some_and(|w| matches!(w.as_ref(), "id" | "uuid"));
    (is_id && !refers).then_some((number, column))
}

/// Whether a column is filled with numbers in order: serial, identity, or a default of nextval.
pub(crate) fn is_numbered(column: &Column) -> bool {
    column.serial
        || column.identity.is_some()
        || column.sequence.is_some()
        || column.default.as_ref().is_some_and(|d| d.source.is_call_of("nextval"))
}

/// Whether a table is a short list that others look up: a name or code with little beside it, and no reference to anything.
pub(crate) fn is_lookup(cx: &Context<'_>, id: TableId, table: &Table) -> bool {
    let refers = |n: ColumnNumber| {
        cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&n)) || cx.references.of(id, n).is_some()
    };
    let said = table.live_columns().filter(|(_, c)| !is_time(cx.schema, &c.data_type)).count();
    said <= 4 && !table.live_columns().any(|(n, _)| refers(n))
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

/// The column that says which row a foreign key means: its only one, or its only one beside the tenant's.
pub(crate) fn reference_column(cx: &Context<'_>, table: &Table, constraint: &Constraint) -> Option<ColumnNumber> {
    let tenant = cx.tenant_column(table);
    match constraint.columns.as_slice() {
        [one] => Some(*one),
        [first, one] if Some(*first) == tenant => Some(*one),
        [one, last] if Some(*last) == tenant => Some(*one),
        _ => None,
    }
}

/// Whether a `state` stands among the parts of an address: `office_state` beside `office_city`.
pub(crate) fn is_state_of_address(table: &Table, column: &Column) -> bool {
    column.name.strip_suffix("state").is_some_and(|of| {
        ["city", "zip", "zipcode", "postal_code", "postcode", "country", "country_code", "street"]
            .iter()
            .any(|n| table.find_column(&format!("{of}{n}")).is_some())
    })
}

/// Whether an expression asks for the value of a column, not only whether there is one.
fn asks_for_value(tree: &Tree, table: &Table, column: ColumnNumber) -> bool {
    let is_it = |part: &Tree| column_of(part, table) == Some(column);
    let (mut named, mut asked) = (0_usize, 0_usize);
    tree.walk(&mut |part| match part {
        Tree::Column(_) if is_it(part) => named += 1,
        Tree::Operator(op, of) if op == "is null" || op == "is not null" => {
            asked += usize::from(of.first().is_some_and(is_it));
        }
        Tree::Call(call) if call.name.last().is_some_and(|n| n == "num_nulls" || n == "num_nonnulls") => {
            asked += call.arguments.iter().filter(|a| is_it(a)).count();
        }
        _ => {}
    });
    named > asked
}

/// Whether an index computes with the column, in an expression or its predicate, other than asking whether it is null. What is computed must be immutable,
/// which may hold for the type that the column has and for no other. PostgreSQL manual, CREATE INDEX.
pub(crate) fn is_computed_in_index(schema: &Schema, table: &Table, column: ColumnNumber) -> bool {
    schema.indexes_of(table).any(|(_, index)| {
        let keys = index.keys.iter().filter_map(|key| match &key.target {
            KeyTarget::Expression(expr) => Some(expr),
            KeyTarget::Column(_) => None,
        });
        keys.chain(&index.predicate).any(|expr| asks_for_value(expr.source.tree(), table, column))
    })
}

/// Whether a check demands that the column is not null.
pub(crate) fn checked_not_null(schema: &Schema, table: &Table, column: ColumnNumber) -> bool {
    schema.constraints_of(table).any(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) if c.columns.contains(&column) => {
            conjuncts(check.source.tree()).into_iter().any(|part| {
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
        ConstraintKind::Check(check) => {
            c.columns.contains(&column) && asks_for_value(check.source.tree(), table, column)
        }
        _ => false,
    })
}
