//! DROP, and what goes with what: dependencies as PostgreSQL records them. Source: PostgreSQL manual, 5.14 "Dependency Tracking".

mod dependents;
mod parts;
mod remove;

use std::collections::{BTreeMap, BTreeSet};

use super::Replayer;
use super::conflict::{Outcome, Refusal, refuse, refuse_for, state};
use super::lookup::as_written;
use crate::name::Name;
use crate::operation::{Drop, FunctionKind, ObjectKind, ObjectRef, Persistence};
use crate::schema::{ColumnNumber, ObjectId, RelationId, Table, TableId, TableKind, TypeKind};
use crate::source::Span;

/// Something that can be dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Node {
    Object(ObjectId),
    /// The default of a column, which is an object of its own (`pg_attrdef`).
    Default(TableId, ColumnNumber),
    /// An attribute of a composite type.
    Attribute(crate::schema::TypeId, Name),
    /// A check of a domain.
    DomainCheck(crate::schema::TypeId, Name),
    /// A table in a publication (`pg_publication_rel`).
    Member(crate::schema::OtherId, TableId),
}

/// What dropping some objects takes along.
#[derive(Debug, Default)]
struct Plan {
    /// Everything that goes, in order of discovery.
    remove: Vec<Node>,
    /// What goes only with CASCADE, each with what it depends on.
    blocked: Vec<(Node, Node)>,
}

/// What a column, default or attribute is a part of.
fn part_of(node: &Node) -> Vec<Node> {
    match node {
        Node::Default(table, column) => {
            vec![Node::Object(ObjectId::Table(*table)), Node::Object(ObjectId::Column(*table, *column))]
        }
        Node::Object(ObjectId::Column(table, _)) => vec![Node::Object(ObjectId::Table(*table))],
        Node::Attribute(id, _) | Node::DomainCheck(id, _) => vec![Node::Object(ObjectId::Type(*id))],
        Node::Member(publication, table) => {
            vec![Node::Object(ObjectId::Other(*publication)), Node::Object(ObjectId::Table(*table))]
        }
        Node::Object(_) => Vec::new(),
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
                    self.check_is_no_multirange(id, target)?;
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
            Ok(id) => {
                self.check_is_no_aggregate(id, target)?;
                Ok(Some(id))
            }
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
                    if target.kind == ObjectKind::Domain {
                        let message = format!("\"{}\" is not a domain", as_written(&target.name));
                        return refuse_for(state::WRONG_OBJECT_TYPE, target.name.span(), message, vec![id]);
                    }
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

    /// Refuses DROP FUNCTION of an aggregate, which every other statement takes for a function (`RemoveObjects`).
    fn check_is_no_aggregate(&self, id: ObjectId, target: &ObjectRef) -> Outcome {
        let ObjectId::Function(function) = id else { return Ok(()) };
        let aggregate = self.schema.functions.get(function).is_some_and(|f| f.kind == FunctionKind::Aggregate);
        if !aggregate || target.kind != ObjectKind::Function {
            return Ok(());
        }
        let message = format!("\"{}\" is an aggregate function", target.name.name.fold());
        refuse_for(state::WRONG_OBJECT_TYPE, target.name.span(), message, vec![id])
    }

    /// Refuses to drop a multirange type, which goes with its range type and not by itself.
    fn check_is_no_multirange(&self, id: ObjectId, target: &ObjectRef) -> Outcome {
        let ObjectId::Type(found) = id else { return Ok(()) };
        let Some(range) = self.schema.types.get(found).filter(|t| matches!(t.kind, TypeKind::Range { .. })) else {
            return Ok(());
        };
        let name = target.name.name.fold();
        if range.name == name {
            return Ok(());
        }
        let message = format!("cannot drop type {name} because type {} requires it", range.name);
        refuse_for(state::DEPENDENT_OBJECTS, target.name.span(), message, vec![id])
    }

    /// Whether a statement about a type names the row type of a table or view.
    pub(super) fn is_row_type(&self, target: &ObjectRef) -> bool {
        matches!(target.kind, ObjectKind::Type | ObjectKind::Domain)
            && matches!(self.find_relation(&target.name), Some(RelationId::Table(_) | RelationId::View(_)))
    }

    /// An index of a partitioned table holds those of the partitions, which can't be dropped one after the other without a lock.
    fn check_droppable_concurrently(&self, id: ObjectId, target: &ObjectRef) -> Outcome {
        let ObjectId::Index(index) = id else { return Ok(()) };
        let Some(RelationId::Table(owner)) = self.schema.indexes.get(index).map(|i| i.owner) else { return Ok(()) };
        // What is temporary is dropped with the lock all the same.
        let locked = |t: &Table| t.kind != TableKind::Partitioned || t.persistence == Persistence::Temporary;
        if self.schema.tables.get(owner).is_none_or(locked) {
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
    pub(super) fn drop_nodes(&mut self, roots: &[Node], cascade: bool, span: Span) -> Outcome {
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
                    Node::Attribute(id, _) | Node::DomainCheck(id, _) => ObjectId::Type(*id),
                    Node::Member(publication, _) => ObjectId::Other(*publication),
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
            Node::DomainCheck(id, check) => format!("constraint {check} of domain {}", name(ObjectId::Type(*id))),
            Node::Member(publication, table) => format!(
                "publication of table {} in publication {}",
                name(ObjectId::Table(*table)),
                name(ObjectId::Other(*publication))
            ),
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
    let sqlstate = match target.kind {
        ObjectKind::Index | ObjectKind::ForeignTable => state::UNDEFINED_OBJECT,
        _ => refusal.sqlstate,
    };
    Refusal { sqlstate, message: format!("{word} \"{}\" does not exist", as_written(&target.name)), ..refusal }
}
