//! The model: what the database would have after the operations that were replayed.
//!
//! Objects live in arenas and are named by ids that never change; a dropped object keeps its place with `dropped` set, so that
//! provenance and histories can still speak of it. Columns are named by their table and number (`attnum`), which PostgreSQL never reuses
//! either. Only [`replay`](crate::replay) changes a schema.

mod arena;
mod columns;
mod data_type;
mod delta;
mod display;
mod names;
mod object;

pub use arena::*;
pub use columns::Columns;
pub use data_type::{BaseType, DataType};
pub use delta::SchemaDelta;
pub use object::*;

use crate::collections::Lookup;
use crate::name::{join_quoted, quote};
use crate::operation::ObjectKind;
use crate::source::FileId;

/// A database schema with everything in it.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "one arena for each kind of object")]
pub struct Schema {
    pub namespaces: Arena<NamespaceId, Namespace>,
    pub tables: Arena<TableId, Table>,
    pub views: Arena<ViewId, View>,
    pub indexes: Arena<IndexId, Index>,
    pub sequences: Arena<SequenceId, Sequence>,
    pub constraints: Arena<ConstraintId, Constraint>,
    pub types: Arena<TypeId, UserType>,
    pub functions: Arena<FunctionId, Function>,
    pub triggers: Arena<TriggerId, Trigger>,
    pub policies: Arena<PolicyId, Policy>,
    pub rules: Arena<RuleId, RewriteRule>,
    pub extensions: Arena<ExtensionId, Extension>,
    pub event_triggers: Arena<EventTriggerId, EventTrigger>,
    pub others: Arena<OtherId, OtherObject>,
    /// GRANT, REVOKE and default privileges in the order of replay.
    pub grants: Vec<GrantEntry>,
    names: names::Names,
    /// For each object those that may refer to it.
    dependents: Lookup<ObjectId, Vec<ObjectId>>,
}

/// Something in `pg_class`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the kinds of relations")]
pub enum RelationId {
    Table(TableId),
    View(ViewId),
    Index(IndexId),
    Sequence(SequenceId),
    Composite(TypeId),
}

/// Any object of a schema, and what findings may be about besides: files and revisions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the kinds of objects")]
pub enum ObjectId {
    Namespace(NamespaceId),
    Table(TableId),
    Column(TableId, ColumnNumber),
    View(ViewId),
    Index(IndexId),
    Sequence(SequenceId),
    Constraint(ConstraintId),
    Type(TypeId),
    Function(FunctionId),
    Trigger(TriggerId),
    Policy(PolicyId),
    Rule(RuleId),
    Extension(ExtensionId),
    EventTrigger(EventTriggerId),
    Other(OtherId),
    File(FileId),
    /// A revision by its place in the history.
    Revision(u32),
}

impl Schema {
    /// `schema.name` with quotes where they are needed.
    pub fn qualified(&self, namespace: NamespaceId, name: &str) -> String {
        match self.namespaces.get(namespace) {
            Some(n) => join_quoted(&[&n.name, name]),
            None => quote(name),
        }
    }

    /// The path of something that belongs to a relation, by the relation's path.
    fn in_relation(&self, owner: RelationId, name: &str) -> String {
        let home = match owner {
            RelationId::Table(t) => self.tables.get(t).map(|t| (t.namespace, &t.name)),
            RelationId::View(v) => self.views.get(v).map(|v| (v.namespace, &v.name)),
            _ => None,
        };
        match home.and_then(|(namespace, relation)| Some((&self.namespaces.get(namespace)?.name, relation))) {
            Some((schema, relation)) => join_quoted(&[schema, relation, name]),
            None => format!("{}.{}", self.relation_path(owner), quote(name)),
        }
    }

    /// The tables that exist, in the order of their creation, without those that a platform brings ([`Table::assumed`]).
    pub fn live_tables(&self) -> impl Iterator<Item = (TableId, &Table)> {
        self.tables.iter().filter(|(_, t)| t.dropped.is_none() && !t.assumed)
    }

    /// The views and materialized views that exist.
    pub fn live_views(&self) -> impl Iterator<Item = (ViewId, &View)> {
        self.views.iter().filter(|(_, v)| v.dropped.is_none())
    }

    /// The column, unless it was dropped.
    pub fn column(&self, table: TableId, column: ColumnNumber) -> Option<&Column> {
        self.tables.get(table)?.column(column)
    }

    /// The constraints of a table that exist.
    pub fn constraints_of<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = (ConstraintId, &'a Constraint)> {
        table
            .constraints
            .iter()
            .filter_map(|id| Some((*id, self.constraints.get(*id)?)))
            .filter(|(_, c)| c.dropped.is_none())
    }

    /// The indexes of a table that exist, those behind constraints too.
    pub fn indexes_of<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = (IndexId, &'a Index)> {
        table.indexes.iter().filter_map(|id| Some((*id, self.indexes.get(*id)?))).filter(|(_, i)| i.dropped.is_none())
    }

    /// The foreign keys of a table that exist.
    pub fn foreign_keys_of<'a>(
        &'a self,
        table: &'a Table,
    ) -> impl Iterator<Item = (ConstraintId, &'a Constraint, &'a ForeignKey)> {
        self.constraints_of(table).filter_map(|(id, c)| match &c.kind {
            ConstraintKind::ForeignKey(fk) => Some((id, c, fk)),
            _ => None,
        })
    }

    /// The primary key of a table.
    pub fn primary_key_of<'a>(&'a self, table: &'a Table) -> Option<(ConstraintId, &'a Constraint)> {
        self.constraints_of(table).find(|(_, c)| matches!(c.kind, ConstraintKind::PrimaryKey))
    }

    /// The triggers of a table or view that exist.
    pub fn triggers_of<'a>(&'a self, ids: &'a [TriggerId]) -> impl Iterator<Item = (TriggerId, &'a Trigger)> {
        ids.iter().filter_map(|id| Some((*id, self.triggers.get(*id)?))).filter(|(_, t)| t.dropped.is_none())
    }

    /// The policies of a table that exist.
    pub fn policies_of<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = (PolicyId, &'a Policy)> {
        table.policies.iter().filter_map(|id| Some((*id, self.policies.get(*id)?))).filter(|(_, p)| p.dropped.is_none())
    }

    /// Everything that exists, by kind and then in the order of creation; a table's columns follow it.
    pub fn all_objects(&self) -> Vec<ObjectId> {
        let mut all = Vec::new();
        macro_rules! add {
            ($($arena:ident => $object:ident),*) => {$(
                all.extend(self.$arena.iter().filter(|(_, o)| o.dropped.is_none()).map(|(id, _)| ObjectId::$object(id)));
            )*};
        }
        add!(namespaces => Namespace);
        for (id, table) in self.live_tables() {
            all.push(ObjectId::Table(id));
            all.extend(table.live_columns().map(|(number, _)| ObjectId::Column(id, number)));
        }
        add!(views => View, indexes => Index, sequences => Sequence, constraints => Constraint, types => Type, functions => Function);
        add!(triggers => Trigger, policies => Policy, rules => Rule, extensions => Extension);
        add!(event_triggers => EventTrigger, others => Other);
        all
    }

    /// What kind of object it is.
    pub fn kind(&self, id: ObjectId) -> ObjectKind {
        match id {
            ObjectId::Namespace(_) => ObjectKind::Schema,
            ObjectId::Table(t) => match self.tables.get(t).map(|t| t.kind) {
                Some(TableKind::Foreign) => ObjectKind::ForeignTable,
                _ => ObjectKind::Table,
            },
            ObjectId::Column(..) => ObjectKind::Column,
            ObjectId::View(v) if self.views.get(v).is_some_and(|v| v.materialized) => ObjectKind::MaterializedView,
            ObjectId::View(_) => ObjectKind::View,
            ObjectId::Index(_) => ObjectKind::Index,
            ObjectId::Sequence(_) => ObjectKind::Sequence,
            ObjectId::Constraint(_) => ObjectKind::Constraint,
            ObjectId::Type(t) => match self.types.get(t).map(|t| &t.kind) {
                Some(TypeKind::Domain(_)) => ObjectKind::Domain,
                _ => ObjectKind::Type,
            },
            ObjectId::Function(f) => match self.functions.get(f).map(|f| f.kind) {
                Some(crate::operation::FunctionKind::Procedure) => ObjectKind::Procedure,
                Some(crate::operation::FunctionKind::Aggregate) => ObjectKind::Aggregate,
                _ => ObjectKind::Function,
            },
            ObjectId::Trigger(_) => ObjectKind::Trigger,
            ObjectId::Policy(_) => ObjectKind::Policy,
            ObjectId::Rule(_) => ObjectKind::Rule,
            ObjectId::Extension(_) => ObjectKind::Extension,
            ObjectId::EventTrigger(_) => ObjectKind::EventTrigger,
            ObjectId::Other(o) => self.others.get(o).map_or(ObjectKind::Parameter, |o| o.kind),
            ObjectId::File(_) => ObjectKind::File,
            ObjectId::Revision(_) => ObjectKind::Revision,
        }
    }

    /// The path of an object of this schema: `schema.table.name`, quoted where needed. Files and revisions have none here.
    pub fn path(&self, id: ObjectId) -> String {
        let of_relation = |owner: RelationId, name: &str| self.in_relation(owner, name);
        let found = match id {
            ObjectId::Namespace(n) => self.namespaces.get(n).map(|n| quote(&n.name)),
            ObjectId::Table(t) => Some(self.relation_path(RelationId::Table(t))),
            ObjectId::Column(t, c) => self
                .tables
                .get(t)
                .and_then(|t| t.columns.get(c.index()))
                .map(|c| of_relation(RelationId::Table(t), &c.name)),
            ObjectId::View(v) => Some(self.relation_path(RelationId::View(v))),
            ObjectId::Index(i) => self.indexes.get(i).map(|i| of_relation(i.owner, &i.name)),
            ObjectId::Sequence(s) => Some(self.relation_path(RelationId::Sequence(s))),
            ObjectId::Constraint(c) => {
                self.constraints.get(c).map(|c| of_relation(RelationId::Table(c.table), &c.name))
            }
            ObjectId::Type(t) => self.types.get(t).map(|t| self.qualified(t.namespace, &t.name)),
            ObjectId::Function(f) => self.functions.get(f).map(|f| {
                let arguments: Vec<String> = f.input_arguments().map(|a| a.data_type.display(self)).collect();
                format!("{}({})", self.qualified(f.namespace, &f.name), arguments.join(", "))
            }),
            ObjectId::Trigger(t) => self.triggers.get(t).map(|t| of_relation(t.owner, &t.name)),
            ObjectId::Policy(p) => self.policies.get(p).map(|p| of_relation(RelationId::Table(p.table), &p.name)),
            ObjectId::Rule(r) => self.rules.get(r).map(|r| of_relation(r.owner, &r.name)),
            ObjectId::Extension(e) => self.extensions.get(e).map(|e| quote(&e.name)),
            ObjectId::EventTrigger(e) => self.event_triggers.get(e).map(|e| quote(&e.name)),
            ObjectId::Other(o) => self.others.get(o).map(|o| match o.namespace {
                Some(n) => self.qualified(n, &o.name),
                None => quote(&o.name),
            }),
            ObjectId::File(_) | ObjectId::Revision(_) => None,
        };
        found.unwrap_or_default()
    }

    /// `schema.name` of a relation.
    pub fn relation_path(&self, id: RelationId) -> String {
        let found = match id {
            RelationId::Table(t) => self.tables.get(t).map(|t| self.qualified(t.namespace, &t.name)),
            RelationId::View(v) => self.views.get(v).map(|v| self.qualified(v.namespace, &v.name)),
            RelationId::Index(i) => self.indexes.get(i).map(|i| self.qualified(i.namespace, &i.name)),
            RelationId::Sequence(s) => self.sequences.get(s).map(|s| self.qualified(s.namespace, &s.name)),
            RelationId::Composite(t) => self.types.get(t).map(|t| self.qualified(t.namespace, &t.name)),
        };
        found.unwrap_or_default()
    }
}
