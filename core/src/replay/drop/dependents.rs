//! What depends on what, as `pg_depend` records it: asked for one object, answered with what goes when it goes.

use super::Node;
use crate::name::Name;
use crate::replay::constraints::constraint_exprs;
use crate::replay::references::grouping::groups_by_key;
use crate::replay::{Replayer, known};
use crate::schema::{
    BaseType, ColumnNumber, ConstraintId, ConstraintKind, DataType, Index, KeyTarget, NamespaceId, ObjectId,
    RelationId, StoredExpr, TableId, TriggerFunction, TypeKind,
};

impl Replayer {
    /// What depends on a node directly, and whether it goes with it silently.
    pub(super) fn dependents(&self, node: &Node) -> Vec<(Node, bool)> {
        let mut out = Vec::new();
        let Node::Object(id) = node else { return out };
        match id {
            ObjectId::Table(table) => self.table_parts(*table, &mut out),
            ObjectId::Column(table, column) => self.column_dependents(*table, *column, &mut out),
            ObjectId::View(view) => {
                if let Some(v) = self.schema.views.get(*view) {
                    out.extend(v.indexes.iter().map(|i| (Node::Object(ObjectId::Index(*i)), true)));
                    out.extend(v.triggers.iter().map(|t| (Node::Object(ObjectId::Trigger(*t)), true)));
                    out.extend(v.rules.iter().map(|r| (Node::Object(ObjectId::Rule(*r)), true)));
                }
            }
            ObjectId::Constraint(constraint) => {
                let mut clones = Vec::new();
                self.clones_of(*constraint, &mut clones);
                out.extend(clones.into_iter().map(|c| (Node::Object(ObjectId::Constraint(c)), true)));
                if let Some(c) = self.schema.constraints.get(*constraint)
                    && let Some(index) = c.index
                {
                    out.push((Node::Object(ObjectId::Index(index)), true));
                }
                self.grouped_by(*constraint, &mut out);
            }
            ObjectId::Index(index) => {
                out.extend(self.index_children(*index).into_iter().map(|i| (Node::Object(ObjectId::Index(i)), true)));
                if let Some(i) = self.schema.indexes.get(*index)
                    && let RelationId::Table(table) = i.owner
                {
                    for id in self.schema.references_to(table) {
                        let rests = self.schema.constraints.get(id).is_some_and(
                            |c| matches!(&c.kind, ConstraintKind::ForeignKey(fk) if fk.index == Some(*index)),
                        );
                        if rests {
                            out.push((Node::Object(ObjectId::Constraint(id)), false));
                        }
                    }
                }
            }
            ObjectId::Namespace(namespace) => self.contents(*namespace, &mut out),
            ObjectId::Extension(extension) => self.extension_dependents(*extension, &mut out),
            _ => {}
        }
        if !matches!(id, ObjectId::Column(..)) {
            for who in self.schema.possible_dependents(*id) {
                self.link(who, *id, &mut out);
            }
        }
        out.retain(|(node, _)| self.is_live(node));
        out
    }

    /// Views that show columns of a table because they group by its primary key.
    fn grouped_by(&self, constraint: ConstraintId, out: &mut Vec<(Node, bool)>) {
        let Some(c) = self.schema.constraints.get(constraint) else { return };
        if !matches!(c.kind, ConstraintKind::PrimaryKey) {
            return;
        }
        for who in self.schema.possible_dependents(ObjectId::Table(c.table)) {
            if let ObjectId::View(view) = who
                && self.schema.views.get(view).is_some_and(|v| groups_by_key(&v.query, c.table, &c.columns))
            {
                out.push((Node::Object(who), false));
            }
        }
    }

    pub(super) fn is_live(&self, node: &Node) -> bool {
        let schema = &self.schema;
        let id = match node {
            Node::Object(id) => id,
            Node::Default(table, column) => &ObjectId::Column(*table, *column),
            Node::Attribute(id, _) | Node::DomainCheck(id, _) => &ObjectId::Type(*id),
            Node::Member(publication, _) => &ObjectId::Other(*publication),
        };
        match *id {
            ObjectId::Namespace(n) => schema.namespaces.get(n).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Table(t) => schema.tables.get(t).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Column(t, c) => {
                schema.tables.get(t).is_some_and(|o| o.dropped.is_none()) && schema.column(t, c).is_some()
            }
            ObjectId::View(v) => schema.views.get(v).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Index(i) => schema.indexes.get(i).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Sequence(s) => schema.sequences.get(s).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Constraint(c) => schema.constraints.get(c).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Type(t) => schema.types.get(t).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Function(f) => schema.functions.get(f).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Trigger(t) => schema.triggers.get(t).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Policy(p) => schema.policies.get(p).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Rule(r) => schema.rules.get(r).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Extension(e) => schema.extensions.get(e).is_some_and(|o| o.dropped.is_none()),
            ObjectId::EventTrigger(e) => schema.event_triggers.get(e).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Other(o) => schema.others.get(o).is_some_and(|o| o.dropped.is_none()),
            ObjectId::File(_) | ObjectId::Revision(_) => false,
        }
    }

    /// What belongs to a table.
    pub(super) fn table_parts(&self, table: TableId, out: &mut Vec<(Node, bool)>) {
        let Some(t) = self.schema.tables.get(table) else { return };
        out.extend(t.constraints.iter().map(|c| (Node::Object(ObjectId::Constraint(*c)), true)));
        out.extend(t.indexes.iter().map(|i| (Node::Object(ObjectId::Index(*i)), true)));
        out.extend(t.triggers.iter().map(|i| (Node::Object(ObjectId::Trigger(*i)), true)));
        out.extend(t.policies.iter().map(|i| (Node::Object(ObjectId::Policy(*i)), true)));
        out.extend(t.rules.iter().map(|i| (Node::Object(ObjectId::Rule(*i)), true)));
    }

    /// How `who` depends on `on`, if it (still) does.
    pub(super) fn link(&self, who: ObjectId, on: ObjectId, out: &mut Vec<(Node, bool)>) {
        let schema = &self.schema;
        let depends = |expr: &StoredExpr| reads(expr, on);
        let mut push = |node: Node, auto: bool| out.push((node, auto));
        match who {
            ObjectId::Constraint(id) => {
                let Some(c) = schema.constraints.get(id) else { return };
                let own_table = on == ObjectId::Table(c.table);
                let hit = match (&c.kind, on) {
                    (ConstraintKind::ForeignKey(fk), ObjectId::Table(t)) => fk.references == t,
                    _ => constraint_exprs(c).is_some_and(depends),
                };
                if hit && !own_table {
                    // A constraint for one partition of a referenced table can only go with the foreign key itself.
                    let mut top = id;
                    for _ in 0..64 {
                        match schema.constraints.get(top).and_then(|c| c.parent) {
                            Some(up) if schema.constraints.get(up).is_some_and(|u| u.table == c.table) => top = up,
                            _ => break,
                        }
                    }
                    push(Node::Object(ObjectId::Constraint(top)), false);
                }
            }
            ObjectId::Other(id) if schema.others.get(id).is_some_and(|o| o.on.map(ObjectId::Table) == Some(on)) => {
                push(Node::Object(who), true);
            }
            ObjectId::Other(id) => {
                let Some(o) = schema.others.get(id) else { return };
                if o.uses.contains(&on) || o.types.iter().any(|t| is_of(t, on)) {
                    push(Node::Object(who), false);
                }
            }
            // A foreign table of a server.
            ObjectId::Table(_) if matches!(on, ObjectId::Other(_)) => push(Node::Object(who), false),
            ObjectId::Table(id) if matches!(on, ObjectId::Type(t) if schema.tables.get(id).is_some_and(|o| o.of_type == Some(t))) =>
            {
                push(Node::Object(who), false);
            }
            ObjectId::View(id) if schema.views.get(id).is_some_and(|v| depends(&v.query)) => {
                push(Node::Object(who), false);
            }
            ObjectId::Column(table, number) => {
                let Some(c) = schema.column(table, number) else { return };
                if is_of(&c.data_type, on) || c.generated.as_ref().is_some_and(|g| depends(&g.expr)) {
                    // A partitioned table does not outlive the columns of its key.
                    let key = schema.tables.get(table).is_some_and(|t| self.in_partition_key(t, table, number));
                    push(Node::Object(if key { ObjectId::Table(table) } else { who }), false);
                } else if c.default.as_ref().is_some_and(depends) {
                    // The default of a serial column goes with its sequence, when that goes with the column.
                    push(Node::Default(table, number), false);
                }
            }
            ObjectId::Policy(id) => {
                let hit = schema.policies.get(id).is_some_and(|p| {
                    p.using.iter().chain(&p.with_check).any(depends) && on != ObjectId::Table(p.table)
                });
                if hit {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Trigger(id) => {
                let Some(t) = schema.triggers.get(id) else { return };
                let calls = matches!((&t.function, on), (TriggerFunction::User(f), ObjectId::Function(g)) if *f == g);
                let clone = matches!((t.parent, on), (Some(up), ObjectId::Trigger(other)) if up == other);
                if clone {
                    push(Node::Object(who), true);
                } else if calls || (t.when.as_ref().is_some_and(depends) && !matches!(on, ObjectId::Table(_))) {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::EventTrigger(id) => {
                let hit = schema.event_triggers.get(id).is_some_and(
                    |e| matches!((&e.function, on), (TriggerFunction::User(f), ObjectId::Function(g)) if *f == g),
                );
                if hit {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Index(id) => {
                let Some(i) = schema.indexes.get(id) else { return };
                let own = match (i.owner, on) {
                    (RelationId::Table(t), ObjectId::Table(other)) => t == other,
                    (RelationId::View(v), ObjectId::View(other)) => v == other,
                    _ => false,
                };
                if !own && index_exprs(i).any(depends) {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Function(id) => {
                let Some(f) = schema.functions.get(id) else { return };
                let types = f.arguments.iter().map(|a| &a.data_type).chain(&f.returns);
                let hit = types.chain(f.returns_table.iter().map(|(_, t)| t)).any(|t| is_of(t, on))
                    || f.uses.contains(&on)
                    || f.references.iter().any(|r| {
                        r.target == on
                            || matches!((r.target, on), (ObjectId::Column(t, _), ObjectId::Table(u)) if t == u)
                    });
                if hit && who != on {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Rule(id) => {
                let own = |owner: RelationId| crate::replay::lookup::object_of(owner) == on;
                if schema.rules.get(id).is_some_and(|r| depends(&r.text) && !own(r.owner)) {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Type(id) => match schema.types.get(id).map(|t| &t.kind) {
                // A domain is not kept without its default, as a column is.
                Some(TypeKind::Domain(domain))
                    if is_of(&domain.base, on) || domain.default.as_ref().is_some_and(depends) =>
                {
                    push(Node::Object(who), false);
                }
                Some(TypeKind::Domain(domain)) => {
                    for (name, _) in domain.checks.iter().filter(|(_, check)| depends(check)) {
                        push(Node::DomainCheck(id, name.clone()), false);
                    }
                }
                Some(TypeKind::Composite(attributes)) => {
                    for (name, data_type) in attributes {
                        if is_of(data_type, on) {
                            push(Node::Attribute(id, name.clone()), false);
                        }
                    }
                }
                Some(TypeKind::Range { subtype: Some(subtype), .. }) if is_of(subtype, on) => {
                    push(Node::Object(who), false);
                }
                _ => {}
            },
            ObjectId::Sequence(id) => {
                let hit =
                    schema.sequences.get(id).and_then(|s| s.owned_by).is_some_and(|(t, _)| on == ObjectId::Table(t));
                if hit {
                    push(Node::Object(who), true);
                }
            }
            ObjectId::Table(id) => {
                let Some(t) = schema.tables.get(id) else { return };
                if matches!(on, ObjectId::Function(_)) {
                    let keys = t.partition_key.iter().flat_map(|key| &key.keys);
                    let mut calls = keys.filter_map(|k| match k {
                        KeyTarget::Expression(e) => Some(e),
                        KeyTarget::Column(_) => None,
                    });
                    if calls.any(depends) {
                        push(Node::Object(who), false);
                    }
                    return;
                }
                let ObjectId::Table(parent) = on else { return };
                if t.partition_of.as_ref().is_some_and(|(p, _)| *p == parent) {
                    push(Node::Object(who), true);
                } else if t.inherits.contains(&parent) {
                    push(Node::Object(who), false);
                }
            }
            _ => {}
        }
    }

    /// What depends on one column.
    pub(super) fn column_dependents(&self, table: TableId, column: ColumnNumber, out: &mut Vec<(Node, bool)>) {
        let schema = &self.schema;
        let Some(t) = schema.tables.get(table) else { return };
        let on = ObjectId::Column(table, column);
        for (id, c) in schema.constraints_of(t) {
            if c.columns.contains(&column) || constraint_exprs(c).is_some_and(|e| reads(e, on)) {
                out.push((Node::Object(ObjectId::Constraint(id)), true));
            }
        }
        for (id, index) in schema.indexes_of(t) {
            let key = index.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == column));
            if key || index.include.contains(&column) || index_exprs(index).any(|e| reads(e, on)) {
                match index.constraint {
                    Some(constraint) => out.push((Node::Object(ObjectId::Constraint(constraint)), true)),
                    None => out.push((Node::Object(ObjectId::Index(id)), true)),
                }
            }
        }
        for (number, other) in t.live_columns() {
            if other.generated.as_ref().is_some_and(|g| reads(&g.expr, on)) && number != column {
                out.push((Node::Object(ObjectId::Column(table, number)), false));
            }
        }
        for (id, trigger) in schema.triggers_of(&t.triggers) {
            if trigger.update_of.contains(&column) || trigger.when.as_ref().is_some_and(|w| reads(w, on)) {
                out.push((Node::Object(ObjectId::Trigger(id)), false));
            }
        }
        for id in schema.references_to(table) {
            let hit = schema
                .constraints
                .get(id)
                .is_some_and(|c| matches!(&c.kind, ConstraintKind::ForeignKey(fk) if fk.columns.contains(&column)));
            if hit {
                out.push((Node::Object(ObjectId::Constraint(id)), false));
            }
        }
        for who in schema.possible_dependents(ObjectId::Table(table)) {
            let hit = match who {
                ObjectId::View(id) => schema.views.get(id).is_some_and(|v| reads(&v.query, on)),
                ObjectId::Policy(id) => {
                    schema.policies.get(id).is_some_and(|p| p.using.iter().chain(&p.with_check).any(|e| reads(e, on)))
                }
                ObjectId::Rule(id) => schema.rules.get(id).is_some_and(|r| reads(&r.text, on)),
                ObjectId::Function(id) => {
                    schema.functions.get(id).is_some_and(|f| f.references.iter().any(|r| r.target == on))
                }
                ObjectId::Other(id) => {
                    let Some(o) = schema.others.get(id) else { continue };
                    // Statistics go with any of their columns; a publication loses a table whose column it names.
                    if o.uses.contains(&on) {
                        out.push((Node::Object(who), true));
                    }
                    if o.members.iter().any(|(t, columns)| *t == table && columns.contains(&column)) {
                        out.push((Node::Member(id, table), false));
                    }
                    false
                }
                ObjectId::Sequence(id) => {
                    if schema.sequences.get(id).and_then(|s| s.owned_by) == Some((table, column)) {
                        out.push((Node::Object(who), true));
                    }
                    false
                }
                _ => false,
            };
            if hit {
                out.push((Node::Object(who), false));
            }
        }
    }

    /// Everything in a schema.
    pub(super) fn contents(&self, namespace: NamespaceId, out: &mut Vec<(Node, bool)>) {
        let schema = &self.schema;
        let mut push = |id| out.push((Node::Object(id), false));
        schema.tables.iter().filter(|(_, t)| t.namespace == namespace).for_each(|(id, _)| push(ObjectId::Table(id)));
        schema.views.iter().filter(|(_, t)| t.namespace == namespace).for_each(|(id, _)| push(ObjectId::View(id)));
        schema
            .sequences
            .iter()
            .filter(|(_, t)| t.namespace == namespace)
            .for_each(|(id, _)| push(ObjectId::Sequence(id)));
        schema.types.iter().filter(|(_, t)| t.namespace == namespace).for_each(|(id, _)| push(ObjectId::Type(id)));
        schema
            .functions
            .iter()
            .filter(|(_, t)| t.namespace == namespace)
            .for_each(|(id, _)| push(ObjectId::Function(id)));
        schema
            .extensions
            .iter()
            .filter(|(_, t)| t.namespace == namespace)
            .for_each(|(id, _)| push(ObjectId::Extension(id)));
        schema
            .others
            .iter()
            .filter(|(_, t)| t.namespace == Some(namespace))
            .for_each(|(id, _)| push(ObjectId::Other(id)));
    }

    /// Columns, arguments and indexes that use what an extension brings.
    pub(super) fn extension_dependents(&self, extension: crate::schema::ExtensionId, out: &mut Vec<(Node, bool)>) {
        let schema = &self.schema;
        let Some(e) = schema.extensions.get(extension) else { return };
        let Some(known) = known::extension(&e.name) else { return };
        let uses = |data_type: &DataType| {
            matches!(&data_type.base, BaseType::Extension { namespace, name }
                if *namespace == e.namespace && known.types.contains(&name.as_str()))
        };
        for (id, table) in schema.tables.iter().filter(|(_, t)| t.dropped.is_none()) {
            for (number, column) in table.live_columns() {
                if uses(&column.data_type) {
                    out.push((Node::Object(ObjectId::Column(id, number)), false));
                }
            }
        }
        for (id, function) in schema.functions.iter() {
            if function.data_types().any(uses) {
                out.push((Node::Object(ObjectId::Function(id)), false));
            }
        }
        for (id, user_type) in schema.types.iter() {
            match &user_type.kind {
                TypeKind::Domain(domain) if uses(&domain.base) => {
                    out.push((Node::Object(ObjectId::Type(id)), false));
                }
                TypeKind::Composite(attributes) => out.extend(
                    attributes
                        .iter()
                        .filter(|(_, t)| uses(t))
                        .map(|(name, _)| (Node::Attribute(id, name.clone()), false)),
                ),
                _ => {}
            }
        }
        if e.name == "pg_trgm" {
            for (id, index) in schema.indexes.iter() {
                let trigrams = |name: &Name| name == "gin_trgm_ops" || name == "gist_trgm_ops";
                if index.keys.iter().any(|k| k.opclass.as_ref().is_some_and(trigrams)) {
                    out.push((Node::Object(ObjectId::Index(id)), false));
                }
            }
        }
    }
}

pub(super) fn reads(expr: &StoredExpr, object: ObjectId) -> bool {
    expr.references.iter().any(|r| {
        r.target == object
            || match (object, r.target) {
                (ObjectId::Table(t), ObjectId::Column(u, _)) => t == u,
                _ => false,
            }
    })
}

pub(super) fn is_of(data_type: &DataType, object: ObjectId) -> bool {
    match (&data_type.base, object) {
        (BaseType::User(id), ObjectId::Type(other)) => *id == other,
        (BaseType::Row(id), ObjectId::Table(other)) => *id == other,
        (BaseType::ViewRow(id), ObjectId::View(other)) => *id == other,
        _ => false,
    }
}

/// The expressions of an index.
pub(super) fn index_exprs(index: &Index) -> impl Iterator<Item = &StoredExpr> {
    index
        .keys
        .iter()
        .filter_map(|k| match &k.target {
            KeyTarget::Expression(e) => Some(e),
            KeyTarget::Column(_) => None,
        })
        .chain(&index.predicate)
}
