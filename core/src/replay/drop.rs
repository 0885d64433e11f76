//! DROP, and what goes with what: dependencies as PostgreSQL records them. Source: PostgreSQL manual, 5.14 "Dependency Tracking".

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::{Outcome, Refusal, refuse, refuse_for, state};
use super::constraints::constraint_exprs;
use super::lookup::as_written;
use super::{Effect, Replayer, known};
use crate::name::{Ident, Name};
use crate::operation::{Drop, ObjectKind, ObjectRef};
use crate::schema::{
    BaseType, ColumnNumber, ConstraintId, ConstraintKind, DataType, Index, KeyTarget, NamespaceId, ObjectId,
    RelationId, SequenceId, StoredExpr, Table, TableId, TableKind, TriggerFunction, TriggerId, TypeKind,
};
use crate::source::Span;

/// Something that can be dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Node {
    Object(ObjectId),
    /// The default of a column, which is an object of its own (`pg_attrdef`).
    Default(TableId, ColumnNumber),
    /// An attribute of a composite type.
    Attribute(crate::schema::TypeId, Name),
}

/// What dropping some objects takes along.
#[derive(Debug, Default)]
struct Plan {
    /// Everything that goes, in order of discovery.
    remove: Vec<Node>,
    /// What goes only with CASCADE, each with what it depends on.
    blocked: Vec<(Node, Node)>,
}

fn reads(expr: &StoredExpr, object: ObjectId) -> bool {
    expr.references.iter().any(|r| {
        r.target == object
            || match (object, r.target) {
                (ObjectId::Table(t), ObjectId::Column(u, _)) => t == u,
                _ => false,
            }
    })
}

/// What a column, default or attribute is a part of.
fn part_of(node: &Node) -> Vec<Node> {
    match node {
        Node::Default(table, column) => {
            vec![Node::Object(ObjectId::Table(*table)), Node::Object(ObjectId::Column(*table, *column))]
        }
        Node::Object(ObjectId::Column(table, _)) => vec![Node::Object(ObjectId::Table(*table))],
        Node::Attribute(id, _) => vec![Node::Object(ObjectId::Type(*id))],
        Node::Object(_) => Vec::new(),
    }
}

fn is_of(data_type: &DataType, object: ObjectId) -> bool {
    match (&data_type.base, object) {
        (BaseType::User(id), ObjectId::Type(other)) => *id == other,
        (BaseType::Row(id), ObjectId::Table(other)) => *id == other,
        (BaseType::ViewRow(id), ObjectId::View(other)) => *id == other,
        _ => false,
    }
}

impl Replayer {
    /// DROP of one or more objects.
    pub(super) fn drop_objects(&mut self, drop: &Drop) -> Outcome {
        if drop.concurrently {
            self.not_in_transaction("DROP INDEX CONCURRENTLY")?;
            if drop.targets.len() > 1 {
                let message = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
                return refuse(state::FEATURE_NOT_SUPPORTED, self.span, message);
            }
            if drop.cascade {
                let message = "DROP INDEX CONCURRENTLY does not support CASCADE";
                return refuse(state::FEATURE_NOT_SUPPORTED, self.span, message);
            }
        }
        if drop.targets.iter().any(|t| t.kind == ObjectKind::Database) {
            self.not_in_transaction("DROP DATABASE")?;
        }
        let mut roots = Vec::new();
        for target in &drop.targets {
            match self.drop_target(target, drop.if_exists)? {
                Some(id) => {
                    if drop.concurrently {
                        self.check_droppable_concurrently(id, target)?;
                    }
                    self.check_droppable(id, target)?;
                    roots.push(Node::Object(id));
                    if let ObjectId::Trigger(trigger) = id {
                        roots.extend(
                            self.trigger_clones(trigger).into_iter().map(|t| Node::Object(ObjectId::Trigger(t))),
                        );
                    }
                }
                None => continue,
            }
        }
        let name = |t: &ObjectRef| t.part.as_ref().map_or(t.name.span(), |p| p.span);
        let span = drop.targets.first().map_or(self.span, name);
        self.drop_nodes(&roots, drop.cascade, span)
    }

    /// The object that DROP names; `None` where IF EXISTS lets it be missing.
    fn drop_target(&mut self, target: &ObjectRef, if_exists: bool) -> Outcome<Option<ObjectId>> {
        match self.object_strictly(target) {
            Ok(id) => Ok(Some(id)),
            Err(refusal) if if_exists && super::conflict::is_missing(refusal.sqlstate) && !self.is_row_type(target) => {
                Ok(None)
            }
            Err(refusal) => {
                // The row type of a table goes with the table.
                if matches!(target.kind, ObjectKind::Type | ObjectKind::Domain)
                    && refusal.sqlstate == state::UNDEFINED_OBJECT
                    && let Some(relation @ (RelationId::Table(_) | RelationId::View(_))) =
                        self.find_relation(&target.name)
                {
                    let id = super::lookup::object_of(relation);
                    let (word, name) = (self.schema.kind(id).name(), self.visible_name(id));
                    return refuse_for(
                        state::DEPENDENT_OBJECTS,
                        target.name.span(),
                        format!("cannot drop type {name} because {word} {name} requires it"),
                        vec![id],
                    );
                }
                Err(Box::new(missing_target(target, *refusal)))
            }
        }
    }

    /// Whether a statement about a type names the row type of a table or view.
    fn is_row_type(&self, target: &ObjectRef) -> bool {
        matches!(target.kind, ObjectKind::Type | ObjectKind::Domain)
            && matches!(self.find_relation(&target.name), Some(RelationId::Table(_) | RelationId::View(_)))
    }

    /// An index of a partitioned table holds those of the partitions, which can't be dropped one after the other without a lock.
    fn check_droppable_concurrently(&self, id: ObjectId, target: &ObjectRef) -> Outcome {
        let ObjectId::Index(index) = id else { return Ok(()) };
        let Some(RelationId::Table(owner)) = self.schema.indexes.get(index).map(|i| i.owner) else { return Ok(()) };
        if self.schema.tables.get(owner).is_none_or(|t| t.kind != TableKind::Partitioned) {
            return Ok(());
        }
        let message = format!("cannot drop partitioned index \"{}\" concurrently", target.name.name.fold());
        refuse(state::FEATURE_NOT_SUPPORTED, target.name.span(), message)
    }

    /// What can't be dropped by itself because another object has it inside.
    fn check_droppable(&self, id: ObjectId, target: &ObjectRef) -> Outcome {
        let span = target.part.as_ref().map_or(target.name.span(), |p| p.span);
        let needed = |dropped: String, by: String, objects: Vec<ObjectId>| {
            refuse_for(
                state::DEPENDENT_OBJECTS,
                span,
                format!("cannot drop {dropped} because {by} requires it"),
                objects,
            )
        };
        match id {
            ObjectId::Index(index) => {
                let Some(i) = self.schema.indexes.get(index) else { return Ok(()) };
                if let Some(constraint) = i.constraint {
                    let by = self.describe(&Node::Object(ObjectId::Constraint(constraint)));
                    return needed(self.describe(&Node::Object(id)), by, vec![ObjectId::Constraint(constraint)]);
                }
                if let Some(parent) = i.parent {
                    let by = self.describe(&Node::Object(ObjectId::Index(parent)));
                    return needed(self.describe(&Node::Object(id)), by, vec![ObjectId::Index(parent)]);
                }
            }
            ObjectId::Sequence(sequence) => {
                let Some(s) = self.schema.sequences.get(sequence) else { return Ok(()) };
                if s.identity
                    && let Some((table, column)) = s.owned_by
                {
                    let by = self.describe(&Node::Object(ObjectId::Column(table, column)));
                    return needed(self.describe(&Node::Object(id)), by, vec![ObjectId::Column(table, column)]);
                }
            }
            ObjectId::Trigger(trigger) => {
                if let Some(parent) = self.schema.triggers.get(trigger).and_then(|t| t.parent) {
                    let by = self.describe(&Node::Object(ObjectId::Trigger(parent)));
                    let dropped = self.describe(&Node::Object(id));
                    return needed(dropped, by, vec![ObjectId::Trigger(parent)]);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Drops with everything that goes along, or refuses when something depends on it and CASCADE is not written.
    fn drop_nodes(&mut self, roots: &[Node], cascade: bool, span: Span) -> Outcome {
        let plan = self.plan(roots);
        if !cascade && let Some((first, on)) = plan.blocked.first() {
            let root = roots.first().map_or_else(String::new, |r| self.describe(r));
            let message = if roots.len() > 1 {
                String::from("cannot drop desired object(s) because other objects depend on them")
            } else {
                format!("cannot drop {root} because other objects depend on it")
            };
            let detail = format!("{message}: {} depends on {}", self.describe(first), self.describe(on));
            let mut objects: Vec<ObjectId> = Vec::new();
            for (node, _) in &plan.blocked {
                let id = match node {
                    Node::Object(id) => *id,
                    Node::Default(table, column) => ObjectId::Column(*table, *column),
                    Node::Attribute(id, _) => ObjectId::Type(*id),
                };
                if !objects.contains(&id) {
                    objects.push(id);
                }
            }
            return refuse_for(state::DEPENDENT_OBJECTS, span, detail, objects);
        }
        // Dependents go before what they depend on.
        for node in plan.remove.iter().rev() {
            self.remove(node);
        }
        Ok(())
    }

    /// Finds everything that depends on the roots, and which of it goes without CASCADE.
    fn plan(&self, roots: &[Node]) -> Plan {
        let mut edges: BTreeMap<Node, Vec<(Node, bool)>> = BTreeMap::new();
        let mut automatic: BTreeSet<Node> = roots.iter().cloned().collect();
        let mut plan = Plan { remove: roots.to_vec(), blocked: Vec::new() };
        let mut at = 0;
        // First what goes silently, with the roots or with what goes silently itself …
        while let Some(node) = plan.remove.get(at).cloned() {
            let dependents = self.dependents(&node);
            for (who, auto) in &dependents {
                if *auto && automatic.insert(who.clone()) {
                    plan.remove.push(who.clone());
                }
            }
            edges.insert(node, dependents);
            at += 1;
        }
        // … then the rest.
        let mut seen = automatic;
        let mut at = 0;
        while let Some(node) = plan.remove.get(at).cloned() {
            let dependents = match edges.remove(&node) {
                Some(known) => known,
                None => self.dependents(&node),
            };
            for (who, auto) in dependents {
                // What is a part of something that goes needs no word of its own.
                if part_of(&who).iter().any(|whole| seen.contains(whole)) {
                    continue;
                }
                if seen.insert(who.clone()) {
                    if !auto {
                        plan.blocked.push((who.clone(), node.clone()));
                    }
                    plan.remove.push(who);
                }
            }
            at += 1;
        }
        plan
    }

    /// What depends on a node directly, and whether it goes with it silently.
    fn dependents(&self, node: &Node) -> Vec<(Node, bool)> {
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

    fn is_live(&self, node: &Node) -> bool {
        let schema = &self.schema;
        let id = match node {
            Node::Object(id) => id,
            Node::Default(table, column) => &ObjectId::Column(*table, *column),
            Node::Attribute(id, _) => &ObjectId::Type(*id),
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
    fn table_parts(&self, table: TableId, out: &mut Vec<(Node, bool)>) {
        let Some(t) = self.schema.tables.get(table) else { return };
        out.extend(t.constraints.iter().map(|c| (Node::Object(ObjectId::Constraint(*c)), true)));
        out.extend(t.indexes.iter().map(|i| (Node::Object(ObjectId::Index(*i)), true)));
        out.extend(t.triggers.iter().map(|i| (Node::Object(ObjectId::Trigger(*i)), true)));
        out.extend(t.policies.iter().map(|i| (Node::Object(ObjectId::Policy(*i)), true)));
        out.extend(t.rules.iter().map(|i| (Node::Object(ObjectId::Rule(*i)), true)));
    }

    /// How `who` depends on `on`, if it (still) does.
    fn link(&self, who: ObjectId, on: ObjectId, out: &mut Vec<(Node, bool)>) {
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
                    || f.references.iter().any(|r| {
                        r.target == on
                            || matches!((r.target, on), (ObjectId::Column(t, _), ObjectId::Table(u)) if t == u)
                    });
                if hit && who != on {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Rule(id) => {
                let own = |owner: RelationId| super::lookup::object_of(owner) == on;
                if schema.rules.get(id).is_some_and(|r| depends(&r.text) && !own(r.owner)) {
                    push(Node::Object(who), false);
                }
            }
            ObjectId::Type(id) => match schema.types.get(id).map(|t| &t.kind) {
                Some(TypeKind::Domain(domain)) if is_of(&domain.base, on) => push(Node::Object(who), false),
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
    fn column_dependents(&self, table: TableId, column: ColumnNumber, out: &mut Vec<(Node, bool)>) {
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
    fn contents(&self, namespace: NamespaceId, out: &mut Vec<(Node, bool)>) {
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
    fn extension_dependents(&self, extension: crate::schema::ExtensionId, out: &mut Vec<(Node, bool)>) {
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

    /// Takes one thing away.
    fn remove(&mut self, node: &Node) {
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
                    schema.bind_relation(namespace, name, None);
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
    pub(super) fn remove_constraint(&mut self, constraint: ConstraintId) {
        let index = self.schema.constraints.get(constraint).and_then(|c| c.index);
        self.remove(&Node::Object(ObjectId::Constraint(constraint)));
        if let Some(index) = index {
            self.remove(&Node::Object(ObjectId::Index(index)));
        }
    }

    pub(super) fn remove_trigger(&mut self, trigger: TriggerId) {
        for id in self.trigger_clones(trigger) {
            self.remove(&Node::Object(ObjectId::Trigger(id)));
        }
        self.remove(&Node::Object(ObjectId::Trigger(trigger)));
    }

    pub(super) fn remove_sequence(&mut self, sequence: SequenceId) {
        self.remove(&Node::Object(ObjectId::Sequence(sequence)));
    }

    /// Takes a table away with everything that stands on it.
    pub(super) fn remove_table(&mut self, table: TableId) {
        let plan = self.plan(&[Node::Object(ObjectId::Table(table))]);
        for node in plan.remove.iter().rev() {
            self.remove(node);
        }
    }

    /// Takes a schema away with everything in it.
    pub(super) fn remove_namespace(&mut self, namespace: NamespaceId) {
        let plan = self.plan(&[Node::Object(ObjectId::Namespace(namespace))]);
        for node in plan.remove.iter().rev() {
            self.remove(node);
        }
    }

    /// ALTER TABLE … DROP COLUMN, in child tables too.
    pub(super) fn drop_column(
        &mut self,
        table: TableId,
        column: &Ident,
        if_exists: bool,
        cascade: bool,
        recurse: bool,
    ) -> Outcome {
        let name = column.fold();
        if self.schema.tables.get(table).is_some_and(|t| t.of_type.is_some()) {
            return refuse(state::WRONG_OBJECT_TYPE, column.span, "cannot drop column from typed table");
        }
        if super::references::is_system_column(&name) {
            let message = format!("cannot drop system column \"{name}\"");
            return refuse(state::FEATURE_NOT_SUPPORTED, column.span, message);
        }
        let Some(number) = self.find_column(table, &name) else {
            let partial = self.schema.tables.get(table).is_some_and(|t| t.partial);
            return if if_exists || partial { Ok(()) } else { self.column(table, column).map(|_| ()) };
        };
        if let Some(t) = self.schema.tables.get(table) {
            if t.column(number).is_some_and(|c| c.inherit_count > 0) {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    format!("cannot drop inherited column \"{name}\""),
                );
            }
            if self.in_partition_key(t, table, number) {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    format!(
                        "cannot drop column \"{name}\" because it is part of the partition key of relation \"{}\"",
                        t.name
                    ),
                );
            }
            if !recurse && t.partition_key.is_some() && !self.schema.children_of(table).is_empty() {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    "cannot drop column from only the partitioned table when partitions exist",
                );
            }
        }
        let mut roots = vec![Node::Object(ObjectId::Column(table, number))];
        let mut level = vec![table];
        while !level.is_empty() {
            let mut next = Vec::new();
            for parent in level {
                for child in self.schema.children_of(parent) {
                    let Some(at) = self.find_column(child, &name) else { continue };
                    let Some(c) = self.schema.tables.get_mut(child).and_then(|t| t.columns.get_mut(at.index())) else {
                        continue;
                    };
                    c.inherit_count = c.inherit_count.saturating_sub(1);
                    if recurse {
                        if c.inherit_count == 0 && !c.is_local {
                            roots.push(Node::Object(ObjectId::Column(child, at)));
                            next.push(child);
                        }
                    } else {
                        c.is_local = true;
                    }
                }
            }
            level = if recurse { next } else { Vec::new() };
        }
        // The message is about the column that the statement names.
        let plan = self.plan(&roots);
        if !plan.blocked.is_empty() && !cascade {
            let first = roots.first().cloned().into_iter().collect::<Vec<_>>();
            self.drop_nodes(&first, false, column.span)?;
        }
        self.drop_nodes(&roots, cascade, column.span)
    }

    /// ALTER TABLE … DROP CONSTRAINT, in child tables too.
    pub(super) fn drop_constraint(
        &mut self,
        table: TableId,
        constraint: &Ident,
        if_exists: bool,
        cascade: bool,
        recurse: bool,
    ) -> Outcome {
        let name = constraint.fold();
        let Some(id) = self.find_constraint(table, &name) else {
            if if_exists {
                return Ok(());
            }
            return self.named_constraint(table, constraint).map(|_| ());
        };
        let Some(c) = self.schema.constraints.get(id) else { return Ok(()) };
        if c.inherit_count > 0 {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                constraint.span,
                format!("cannot drop inherited constraint \"{name}\" of relation \"{}\"", self.table_name(table)),
            );
        }
        let check = matches!(c.kind, ConstraintKind::Check(_)) && !c.no_inherit;
        if check && !recurse && !self.partitions_in_order(table).is_empty() {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                constraint.span,
                "cannot remove constraint from only the partitioned table when partitions exist",
            );
        }
        let mut roots = vec![Node::Object(ObjectId::Constraint(id))];
        let mut level = if check { vec![table] } else { Vec::new() };
        while !level.is_empty() {
            let mut next = Vec::new();
            for parent in level {
                for child in self.schema.children_of(parent) {
                    let Some(below) = self.find_constraint(child, &name) else { continue };
                    let Some(c) = self.schema.constraints.get_mut(below).filter(|c| c.inherit_count > 0) else {
                        continue;
                    };
                    c.inherit_count -= 1;
                    if recurse {
                        if c.inherit_count == 0 && !c.is_local {
                            roots.push(Node::Object(ObjectId::Constraint(below)));
                            next.push(child);
                        }
                    } else {
                        c.is_local = true;
                    }
                }
            }
            level = if recurse { next } else { Vec::new() };
        }
        self.drop_nodes(&roots, cascade, constraint.span)
    }

    /// Whether a column's type may change: not under a view, a policy, a trigger or a generated column.
    pub(super) fn check_type_change(&self, table: TableId, column: ColumnNumber, span: Span) -> Outcome {
        let mut dependents = Vec::new();
        self.column_dependents(table, column, &mut dependents);
        for (node, _) in dependents {
            let Node::Object(id) = node else { continue };
            let (sqlstate, message) = match id {
                ObjectId::View(v) if self.schema.views.get(v).is_some_and(|v| v.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a view or rule")
                }
                ObjectId::Rule(r) if self.schema.rules.get(r).is_some_and(|r| r.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a view or rule")
                }
                ObjectId::Policy(p) if self.schema.policies.get(p).is_some_and(|p| p.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used in a policy definition")
                }
                ObjectId::Trigger(t) if self.schema.triggers.get(t).is_some_and(|t| t.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used in a trigger definition")
                }
                ObjectId::Column(t, c) if self.schema.column(t, c).is_some_and(|c| c.generated.is_some()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a generated column")
                }
                _ => continue,
            };
            return refuse_for(sqlstate, span, message, vec![id]);
        }
        Ok(())
    }

    /// An object as messages about dependencies call it.
    fn describe(&self, node: &Node) -> String {
        let schema = &self.schema;
        let name = |id: ObjectId| self.visible_name(id);
        let table_word = |t: TableId| match schema.tables.get(t).map(|t: &Table| t.kind) {
            Some(TableKind::Foreign) => "foreign table",
            _ => "table",
        };
        let relation = |r: RelationId| match r {
            RelationId::Table(t) => format!("{} {}", table_word(t), name(ObjectId::Table(t))),
            other => format!("view {}", name(super::lookup::object_of(other))),
        };
        match node {
            Node::Default(table, column) => format!(
                "default value for column {} of table {}",
                schema.current_name(ObjectId::Column(*table, *column)).unwrap_or_default(),
                name(ObjectId::Table(*table))
            ),
            Node::Attribute(id, attribute) => {
                format!("column {attribute} of composite type {}", name(ObjectId::Type(*id)))
            }
            Node::Object(id) => match *id {
                ObjectId::Table(t) => format!("{} {}", table_word(t), name(*id)),
                ObjectId::Column(t, _) => {
                    let column = schema.current_name(*id).unwrap_or_default();
                    format!("column {column} of {} {}", table_word(t), name(ObjectId::Table(t)))
                }
                ObjectId::Constraint(c) => {
                    let table = schema.constraints.get(c).map(|c| name(ObjectId::Table(c.table))).unwrap_or_default();
                    format!("constraint {} on table {table}", name(*id))
                }
                ObjectId::Trigger(t) => {
                    let owner = schema.triggers.get(t).map(|t| relation(t.owner)).unwrap_or_default();
                    format!("trigger {} on {owner}", name(*id))
                }
                ObjectId::Policy(p) => {
                    let table = schema.policies.get(p).map(|p| name(ObjectId::Table(p.table))).unwrap_or_default();
                    format!("policy {} on table {table}", name(*id))
                }
                ObjectId::Rule(r) => {
                    let owner = schema.rules.get(r).map(|r| relation(r.owner)).unwrap_or_default();
                    format!("rule {} on {owner}", name(*id))
                }
                ObjectId::Function(f) => {
                    let types: Vec<String> = schema
                        .functions
                        .get(f)
                        .map(|f| f.input_arguments().map(|a| a.data_type.display(schema)).collect())
                        .unwrap_or_default();
                    let word = schema.kind(*id).name();
                    let word = if word == "aggregate" { "function" } else { word };
                    format!("{word} {}({})", name(*id), types.join(","))
                }
                ObjectId::Type(_) => format!("type {}", name(*id)),
                other => format!("{} {}", schema.kind(other).name(), name(*id)),
            },
        }
    }
}

/// The expressions of an index.
fn index_exprs(index: &Index) -> impl Iterator<Item = &StoredExpr> {
    index
        .keys
        .iter()
        .filter_map(|k| match &k.target {
            KeyTarget::Expression(e) => Some(e),
            KeyTarget::Column(_) => None,
        })
        .chain(&index.predicate)
}

/// DROP says `table "t" does not exist` where other statements say `relation`.
fn missing_target(target: &ObjectRef, refusal: Refusal) -> Refusal {
    let word = match target.kind {
        ObjectKind::Table
        | ObjectKind::ForeignTable
        | ObjectKind::View
        | ObjectKind::MaterializedView
        | ObjectKind::Sequence => target.kind.name(),
        ObjectKind::Index => "index",
        _ => return refusal,
    };
    if refusal.sqlstate != state::UNDEFINED_TABLE {
        return refusal;
    }
    let sqlstate = if target.kind == ObjectKind::Index { state::UNDEFINED_OBJECT } else { refusal.sqlstate };
    Refusal { sqlstate, message: format!("{word} \"{}\" does not exist", as_written(&target.name)), ..refusal }
}
