//! The mutation side of the model: which name means which object, who may depend on whom, and marks to which all of it can be taken back.
//!
//! Only [`replay`](crate::replay) calls what is here.

use super::{
    ConstraintId, ConstraintKind, ExtensionId, FunctionId, GrantEntry, NamespaceId, ObjectId, OtherId, RelationId,
    Schema, TableId, TypeId,
};
use crate::collections::Lookup;
use crate::name::Name;
use crate::operation::ObjectKind;
use crate::order::Order;

type Key = (NamespaceId, Name);
type OtherKey = (ObjectKind, Option<NamespaceId>, Name);

/// The names of a schema's objects, with a journal of changes while a mark is set.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    namespaces: Lookup<Name, NamespaceId>,
    /// Tables, views, indexes, sequences and composite types share one name space per schema (`pg_class`).
    relations: Lookup<Key, RelationId>,
    /// Types; the row types of relations are left to `relations`.
    types: Lookup<Key, TypeId>,
    /// Routines, all overloads of a name.
    functions: Lookup<Key, Vec<FunctionId>>,
    /// How many constraints of a schema bear a name (they are unique per table only).
    constraints: Lookup<Key, u32>,
    extensions: Lookup<Name, ExtensionId>,
    others: Lookup<OtherKey, OtherId>,
    journal: Vec<Change>,
    marks: Vec<Mark>,
}

/// What an entry was before it changed.
#[derive(Clone, Debug)]
enum Change {
    Namespace(Name, Option<NamespaceId>),
    Relation(Key, Option<RelationId>),
    Type(Key, Option<TypeId>),
    Functions(Key, Option<Vec<FunctionId>>),
    Constraint(Key, Option<u32>),
    Extension(Name, Option<ExtensionId>),
    Other(OtherKey, Option<OtherId>),
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    journal: usize,
    grants: usize,
}

fn put<K: Eq + std::hash::Hash, V>(map: &mut Lookup<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    }
}

impl Names {
    /// Makes one change and gives the change that takes it back.
    fn apply(&mut self, change: Change) -> Change {
        match change {
            Change::Namespace(k, v) => Change::Namespace(k.clone(), put(&mut self.namespaces, k, v)),
            Change::Relation(k, v) => Change::Relation(k.clone(), put(&mut self.relations, k, v)),
            Change::Type(k, v) => Change::Type(k.clone(), put(&mut self.types, k, v)),
            Change::Functions(k, v) => Change::Functions(k.clone(), put(&mut self.functions, k, v)),
            Change::Constraint(k, v) => Change::Constraint(k.clone(), put(&mut self.constraints, k, v)),
            Change::Extension(k, v) => Change::Extension(k.clone(), put(&mut self.extensions, k, v)),
            Change::Other(k, v) => Change::Other(k.clone(), put(&mut self.others, k, v)),
        }
    }

    fn change(&mut self, change: Change) {
        let back = self.apply(change);
        if !self.marks.is_empty() {
            self.journal.push(back);
        }
    }
}

/// What differs in names and privileges between two states.
#[derive(Clone, Debug, Default)]
pub(super) struct NamesDelta {
    /// The changes that lead to the other state, the one to make first at the end.
    changes: Vec<Change>,
    /// Number of privileges before, and how many were added.
    grants: (usize, usize),
    /// The added ones, while the schema is in the state before.
    tail: Vec<GrantEntry>,
}

impl Schema {
    pub(super) fn take_names_delta(&mut self) -> NamesDelta {
        let Some(mark) = self.names.marks.pop() else { return NamesDelta::default() };
        NamesDelta {
            changes: self.names.journal.split_off(mark.journal.min(self.names.journal.len())),
            grants: (mark.grants, self.grants.len().saturating_sub(mark.grants)),
            tail: Vec::new(),
        }
    }

    pub(super) fn swap_names(&mut self, delta: &mut NamesDelta) {
        if delta.changes.is_empty() && delta.grants.1 == 0 {
            return;
        }
        // Each change gives the one that takes it back; made in turn, they stand in the order of the way back.
        let mut back = Vec::with_capacity(delta.changes.len());
        while let Some(change) = delta.changes.pop() {
            back.push(self.names.apply(change));
        }
        delta.changes = back;
        let (before, added) = delta.grants;
        if added > 0 {
            if delta.tail.is_empty() {
                delta.tail = self.grants.split_off(before.min(self.grants.len()));
            } else {
                self.grants.append(&mut delta.tail);
            }
        }
    }
}

macro_rules! each_arena {
    ($schema:expr, $call:ident) => {{
        $schema.namespaces.$call();
        $schema.tables.$call();
        $schema.views.$call();
        $schema.indexes.$call();
        $schema.sequences.$call();
        $schema.constraints.$call();
        $schema.types.$call();
        $schema.functions.$call();
        $schema.triggers.$call();
        $schema.policies.$call();
        $schema.rules.$call();
        $schema.extensions.$call();
        $schema.event_triggers.$call();
        $schema.others.$call();
    }};
}

impl Schema {
    /// Sets a mark to which [`undo`](Self::undo) goes back. Marks nest.
    pub fn mark(&mut self) {
        each_arena!(self, mark);
        self.names.marks.push(Mark { journal: self.names.journal.len(), grants: self.grants.len() });
    }

    /// Takes back everything since the last mark, and the mark. Ids given out since then are given out again.
    pub fn undo(&mut self) {
        each_arena!(self, undo);
        let Some(mark) = self.names.marks.pop() else { return };
        while self.names.journal.len() > mark.journal {
            if let Some(change) = self.names.journal.pop() {
                self.names.apply(change);
            }
        }
        self.grants.truncate(mark.grants);
    }

    /// Takes the last mark away and keeps the changes.
    pub fn forget_mark(&mut self) {
        each_arena!(self, forget_mark);
        self.names.marks.pop();
        if self.names.marks.is_empty() {
            self.names.journal.clear();
        }
    }

    /// The schema of this name.
    pub fn find_namespace(&self, name: &str) -> Option<NamespaceId> {
        self.names.namespaces.get(name).copied()
    }

    /// What is called `name` among the relations of a schema.
    pub fn find_relation(&self, namespace: NamespaceId, name: &Name) -> Option<RelationId> {
        self.names.relations.get(&(namespace, name.clone())).copied()
    }

    /// The type called `name` in a schema; row types are found through [`find_relation`](Self::find_relation).
    pub fn find_type(&self, namespace: NamespaceId, name: &Name) -> Option<TypeId> {
        self.names.types.get(&(namespace, name.clone())).copied()
    }

    /// All routines called `name` in a schema.
    pub fn find_functions(&self, namespace: NamespaceId, name: &Name) -> &[FunctionId] {
        self.names.functions.get(&(namespace, name.clone())).map_or(&[], Vec::as_slice)
    }

    /// The extension of this name.
    pub fn find_extension(&self, name: &str) -> Option<ExtensionId> {
        self.names.extensions.get(name).copied()
    }

    /// The object of a kind that is named but not modelled.
    pub fn find_other(&self, kind: ObjectKind, namespace: Option<NamespaceId>, name: &Name) -> Option<OtherId> {
        self.names.others.get(&(kind, namespace, name.clone())).copied()
    }

    /// The schema of a collation that the input makes, by the collation's name alone.
    pub fn collation_home(&self, name: &str) -> Option<NamespaceId> {
        self.other_home(ObjectKind::Collation, name)
    }

    /// The schema of something that the input makes and that is not modelled, by its name alone.
    pub fn other_home(&self, kind: ObjectKind, name: &str) -> Option<NamespaceId> {
        let found = self.others.iter().find(|(_, o)| o.kind == kind && o.dropped.is_none() && o.name == name);
        found.and_then(|(_, o)| o.namespace)
    }

    /// Whether a constraint of this name exists on any table (or domain) of a schema.
    pub(crate) fn constraint_name_taken(&self, namespace: NamespaceId, name: &Name) -> bool {
        self.names.constraints.contains_key(&(namespace, name.clone()))
    }

    pub(crate) fn bind_namespace(&mut self, name: Name, id: Option<NamespaceId>) {
        self.names.change(Change::Namespace(name, id));
    }

    pub(crate) fn bind_relation(&mut self, namespace: NamespaceId, name: Name, id: Option<RelationId>) {
        self.names.change(Change::Relation((namespace, name), id));
    }

    pub(crate) fn bind_type(&mut self, namespace: NamespaceId, name: Name, id: Option<TypeId>) {
        self.names.change(Change::Type((namespace, name), id));
    }

    pub(crate) fn bind_extension(&mut self, name: Name, id: Option<ExtensionId>) {
        self.names.change(Change::Extension(name, id));
    }

    pub(crate) fn bind_other(&mut self, kind: ObjectKind, ns: Option<NamespaceId>, name: Name, id: Option<OtherId>) {
        self.names.change(Change::Other((kind, ns, name), id));
    }

    pub(crate) fn bind_function(&mut self, namespace: NamespaceId, name: Name, id: FunctionId) {
        let mut all = self.find_functions(namespace, &name).to_vec();
        all.push(id);
        self.names.change(Change::Functions((namespace, name), Some(all)));
    }

    pub(crate) fn unbind_function(&mut self, namespace: NamespaceId, name: &Name, id: FunctionId) {
        let mut all = self.find_functions(namespace, name).to_vec();
        all.retain(|f| *f != id);
        let all = if all.is_empty() { None } else { Some(all) };
        self.names.change(Change::Functions((namespace, name.clone()), all));
    }

    pub(crate) fn bind_constraint_name(&mut self, namespace: NamespaceId, name: Name) {
        let key = (namespace, name);
        let count = self.names.constraints.get(&key).copied().unwrap_or(0);
        self.names.change(Change::Constraint(key, Some(count + 1)));
    }

    pub(crate) fn unbind_constraint_name(&mut self, namespace: NamespaceId, name: Name) {
        let key = (namespace, name);
        let count = self.names.constraints.get(&key).copied().unwrap_or(0);
        let rest = if count > 1 { Some(count - 1) } else { None };
        self.names.change(Change::Constraint(key, rest));
    }

    /// Notes that `who` refers to `on`. The list only grows, through undo too: readers ask the object itself whether it still does.
    pub(crate) fn note_dependent(&mut self, on: ObjectId, who: ObjectId) {
        let list = self.dependents.get_or_insert_with(on, Vec::new);
        if list.last() != Some(&who) {
            list.push(who);
        }
    }

    /// The objects that may refer to `on`, each once, in the order of their ids.
    pub(crate) fn possible_dependents(&self, on: ObjectId) -> Vec<ObjectId> {
        let mut all = self.dependents.get(&on).cloned().unwrap_or_default();
        all.order();
        all.dedup();
        all
    }

    /// Those of a list of possible dependents that pass a test, each once, in the order of their ids.
    fn dependents_of<I: Ord>(&self, on: ObjectId, pick: impl FnMut(&ObjectId) -> Option<I>) -> Vec<I> {
        let mut all: Vec<I> = self.dependents.get(&on).into_iter().flatten().filter_map(pick).collect();
        all.order();
        all.dedup();
        all
    }

    /// The foreign keys that reference a table and exist, its own ones to itself too, in the order of their creation. Those that a
    /// partitioned referenced table adds for each partition are among them; they have a `parent`.
    pub fn references_to(&self, table: TableId) -> Vec<ConstraintId> {
        self.dependents_of(ObjectId::Table(table), |who| {
            let ObjectId::Constraint(id) = *who else { return None };
            let constraint = self.constraints.get(id).filter(|c| c.dropped.is_none())?;
            match &constraint.kind {
                ConstraintKind::ForeignKey(fk) if fk.references == table => Some(id),
                _ => None,
            }
        })
    }

    /// Partitions and children by INHERITS that exist, in the order of their creation.
    pub fn children_of(&self, table: TableId) -> Vec<TableId> {
        self.dependents_of(ObjectId::Table(table), |who| {
            let ObjectId::Table(id) = *who else { return None };
            let child = self.tables.get(id).filter(|t| t.dropped.is_none())?;
            let partition = child.partition_of.as_ref().is_some_and(|(parent, _)| *parent == table);
            (partition || child.inherits.contains(&table)).then_some(id)
        })
    }
}
