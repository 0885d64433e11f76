//! Taking objects out of the schema, once it is decided that they go.

use super::Node;
use crate::analysis::Dialect;
use crate::replay::{Effect, Replayer};
use crate::schema::{ConstraintId, NamespaceId, ObjectId, SequenceId, TableId, TriggerId, TypeKind};

impl Replayer {
    /// Takes one thing away.
    pub(super) fn remove(&mut self, node: &Node) {
        let span = Some(self.span);
        let Node::Object(id) = node else {
            match node {
                Node::Default(table, column) => {
                    if let Some(c) = self.schema.tables.get_mut(*table).and_then(|t| t.columns.get_mut(column.index()))
                    {
                        c.default = None;
                    }
                    self.effect(Effect::Altered(ObjectId::Column(*table, *column)));
                }
                Node::Attribute(id, name) => {
                    if let Some(TypeKind::Composite(attributes)) = self.schema.types.get_mut(*id).map(|t| &mut t.kind) {
                        attributes.retain(|(n, _)| n != name);
                    }
                    self.effect(Effect::Altered(ObjectId::Type(*id)));
                }
                Node::DomainCheck(id, name) => {
                    let Some(t) = self.schema.types.get_mut(*id) else { return };
                    let namespace = t.namespace;
                    if let TypeKind::Domain(domain) = &mut t.kind {
                        domain.checks.retain(|(n, _)| n != name);
                    }
                    self.schema.unbind_constraint_name(namespace, name.clone());
                    self.effect(Effect::Altered(ObjectId::Type(*id)));
                }
                Node::Member(publication, table) => {
                    if let Some(o) = self.schema.others.get_mut(*publication) {
                        o.members.retain(|(member, _)| member != table);
                    }
                }
                Node::Object(_) => {}
            }
            return;
        };
        if !self.is_live(node) {
            return;
        }
        let schema = &mut self.schema;
        match *id {
            ObjectId::Namespace(n) => {
                if let Some(o) = schema.namespaces.get_mut(n) {
                    o.dropped = span;
                    let name = o.name.clone();
                    schema.bind_namespace(name, None);
                }
                self.resolve_search_path();
            }
            ObjectId::Table(t) => {
                if let Some(o) = schema.tables.get_mut(t) {
                    o.dropped = span;
                    let (namespace, name) = (o.namespace, o.name.clone());
                    schema.bind_relation(namespace, name, None);
                }
            }
            ObjectId::Column(t, c) => {
                if let Some(c) = schema.tables.get_mut(t).and_then(|t| t.columns.get_mut(c.index())) {
                    c.dropped = span;
                }
            }
            ObjectId::View(v) => {
                if let Some(o) = schema.views.get_mut(v) {
                    o.dropped = span;
                    let (namespace, name) = (o.namespace, o.name.clone());
                    schema.bind_relation(namespace, name, None);
                }
            }
            ObjectId::Index(i) => {
                if let Some(o) = schema.indexes.get_mut(i) {
                    o.dropped = span;
                    let (namespace, name) = (o.namespace, o.name.clone());
                    if self.dialect == Dialect::PostgreSql {
                        schema.bind_relation(namespace, name, None);
                    }
                }
            }
            ObjectId::Sequence(s) => {
                if let Some(o) = schema.sequences.get_mut(s) {
                    o.dropped = span;
                    let (namespace, name, owner) = (o.namespace, o.name.clone(), o.owned_by);
                    schema.bind_relation(namespace, name, None);
                    if let Some((t, c)) = owner
                        && let Some(c) = schema.tables.get_mut(t).and_then(|t| t.columns.get_mut(c.index()))
                        && c.sequence == Some(s)
                    {
                        c.sequence = None;
                    }
                }
            }
            ObjectId::Constraint(c) => {
                if let Some(o) = schema.constraints.get_mut(c) {
                    o.dropped = span;
                    let (table, name) = (o.table, o.name.clone());
                    let namespace = schema.tables.get(table).map(|t| t.namespace);
                    if let Some(namespace) = namespace {
                        schema.unbind_constraint_name(namespace, name);
                    }
                }
            }
            ObjectId::Type(t) => {
                if let Some(o) = schema.types.get_mut(t) {
                    o.dropped = span;
                    let (namespace, name) = (o.namespace, o.name.clone());
                    let mut checks = Vec::new();
                    let mut multirange = None;
                    let mut composite = false;
                    match &o.kind {
                        TypeKind::Domain(d) => checks.extend(d.checks.iter().map(|(n, _)| n.clone())),
                        TypeKind::Range { multirange: name, .. } => multirange = Some(name.clone()),
                        TypeKind::Composite(_) => composite = true,
                        _ => {}
                    }
                    for check in checks {
                        schema.unbind_constraint_name(namespace, check);
                    }
                    if let Some(multirange) = multirange {
                        schema.bind_type(namespace, multirange, None);
                    }
                    if composite {
                        schema.bind_relation(namespace, name.clone(), None);
                    }
                    schema.bind_type(namespace, name, None);
                }
            }
            ObjectId::Function(f) => {
                if let Some(o) = schema.functions.get_mut(f) {
                    o.dropped = span;
                    let (namespace, name) = (o.namespace, o.name.clone());
                    schema.unbind_function(namespace, &name, f);
                }
            }
            ObjectId::Trigger(t) => {
                if let Some(o) = schema.triggers.get_mut(t) {
                    o.dropped = span;
                }
            }
            ObjectId::Policy(p) => {
                if let Some(o) = schema.policies.get_mut(p) {
                    o.dropped = span;
                }
            }
            ObjectId::Rule(r) => {
                if let Some(o) = schema.rules.get_mut(r) {
                    o.dropped = span;
                }
            }
            ObjectId::Extension(e) => {
                if let Some(o) = schema.extensions.get_mut(e) {
                    o.dropped = span;
                    let name = o.name.clone();
                    schema.bind_extension(name, None);
                }
            }
            ObjectId::EventTrigger(e) => {
                if let Some(o) = schema.event_triggers.get_mut(e) {
                    o.dropped = span;
                }
            }
            ObjectId::Other(o) => {
                if let Some(other) = schema.others.get_mut(o) {
                    other.dropped = span;
                    let (kind, namespace, name) = (other.kind, other.namespace, other.name.clone());
                    schema.bind_other(kind, namespace, name, None);
                }
            }
            ObjectId::File(_) | ObjectId::Revision(_) => return,
        }
        self.effect(Effect::Dropped(*id));
    }

    /// Takes a constraint away with its index, as DETACH does with those it no longer needs.
    pub(in crate::replay) fn remove_constraint(&mut self, constraint: ConstraintId) {
        let index = self.schema.constraints.get(constraint).and_then(|c| c.index);
        self.remove(&Node::Object(ObjectId::Constraint(constraint)));
        if let Some(index) = index {
            self.remove(&Node::Object(ObjectId::Index(index)));
        }
    }

    pub(in crate::replay) fn remove_trigger(&mut self, trigger: TriggerId) {
        for id in self.trigger_clones(trigger) {
            self.remove(&Node::Object(ObjectId::Trigger(id)));
        }
        self.remove(&Node::Object(ObjectId::Trigger(trigger)));
    }

    pub(in crate::replay) fn remove_sequence(&mut self, sequence: SequenceId) {
        self.remove(&Node::Object(ObjectId::Sequence(sequence)));
    }

    /// Takes a table away with everything that stands on it.
    pub(in crate::replay) fn remove_table(&mut self, table: TableId) {
        let plan = self.plan(&[Node::Object(ObjectId::Table(table))]);
        for node in plan.remove.iter().rev() {
            self.remove(node);
        }
    }

    /// Takes a schema away with everything in it.
    pub(in crate::replay) fn remove_namespace(&mut self, namespace: NamespaceId) {
        let plan = self.plan(&[Node::Object(ObjectId::Namespace(namespace))]);
        for node in plan.remove.iter().rev() {
            self.remove(node);
        }
    }
}
