//! RENAME and SET SCHEMA, and what they take along.

use super::conflict::{Outcome, Refusal, is_missing, refuse, refuse_for, skip, state};
use super::lookup::object_of;
use super::{Effect, Replayer};
use crate::name::{Ident, Name};
use crate::operation::{ObjectKind, ObjectRef};
use crate::schema::{
    BaseType, ConstraintId, ConstraintKind, DataType, NamespaceId, ObjectId, RelationId, TableId, TypeId, TypeKind,
};

impl Replayer {
    /// Refuses a name that another policy of the table has.
    fn policy_name_is_free(&self, table: TableId, to: &Ident) -> Outcome {
        let name = to.fold();
        let Some(existing) = self.find_policy(table, &name) else { return Ok(()) };
        let message = format!("policy \"{name}\" for table \"{}\" already exists", self.table_name(table));
        refuse_for(state::DUPLICATE_OBJECT, to.span, message, vec![ObjectId::Policy(existing)])
    }

    /// RENAME TO, RENAME COLUMN and relatives.
    pub(super) fn rename(&mut self, target: &ObjectRef, to: &Ident, if_exists: bool) -> Outcome {
        if target.kind == ObjectKind::Policy
            && self.find_relation(&target.name).is_some_and(|r| !matches!(r, RelationId::Table(_)))
        {
            let message = format!("\"{}\" is not a table", target.name.name.fold());
            return refuse(state::WRONG_OBJECT_TYPE, target.name.span(), message);
        }
        // The new name of a policy is looked at before the old one (`rename_policy`).
        if target.kind == ObjectKind::Policy
            && let Some(RelationId::Table(table)) = self.find_relation(&target.name)
        {
            self.policy_name_is_free(table, to)?;
        }
        match target.kind {
            ObjectKind::Column => return self.rename_column(target, to, if_exists),
            ObjectKind::Constraint => {
                if let Some((table, column, part)) = self.not_null_of(target) {
                    return self.rename_not_null(table, column, part, to);
                }
            }
            ObjectKind::DomainConstraint => {
                let Some(part) = &target.part else { return skip(target.span) };
                let action =
                    crate::operation::AlterDomainAction::RenameConstraint { from: part.clone(), to: to.clone() };
                return self.alter_domain(&target.name, &action);
            }
            _ => {}
        }
        // ALTER INDEX … RENAME, like ALTER TABLE, takes any relation.
        let any = ObjectRef { kind: ObjectKind::Table, ..target.clone() };
        let target = if target.kind == ObjectKind::Index { &any } else { target };
        // The server asks this for columns and constraints alike, before it looks for either (`renameatt_check`).
        if target.kind == ObjectKind::Constraint {
            match self.relation(&target.name) {
                Ok(RelationId::Table(table)) if self.schema.tables.get(table).is_some_and(|t| t.of_type.is_some()) => {
                    return refuse(state::WRONG_OBJECT_TYPE, target.span, "cannot rename column of typed table");
                }
                Ok(RelationId::Sequence(_)) => return cannot_rename_columns(target),
                _ => {}
            }
        }
        // IF EXISTS asks for the relation, not for a part of it.
        let may_miss = if_exists && (target.part.is_none() || self.find_relation(&target.name).is_none());
        let id = match self.object(target) {
            Ok(id) => id,
            Err(refusal) if may_miss && is_missing(refusal.sqlstate) => return Ok(()),
            Err(refusal) => return Err(self.row_type(target).unwrap_or(refusal)),
        };
        match id {
            ObjectId::Table(_) | ObjectId::View(_) | ObjectId::Index(_) | ObjectId::Sequence(_) => {
                self.rename_relation(id, to)
            }
            ObjectId::Type(id) => match self.multirange_named(id, &target.name.name.fold()) {
                Some(namespace) => self.rename_multirange(id, namespace, to),
                None => self.rename_type(id, to),
            },
            ObjectId::Constraint(id) => self.rename_constraint(id, to),
            ObjectId::Trigger(id) => {
                let Some(trigger) = self.schema.triggers.get(id) else { return Ok(()) };
                // Its own name is no other's; a rule or policy is refused its own.
                if trigger.name == to.fold() {
                    return Ok(());
                }
                let owner = trigger.owner;
                let name = to.fold();
                if let Some(existing) = self.find_trigger(owner, &name) {
                    let message =
                        format!("trigger \"{name}\" for relation \"{}\" already exists", self.relation_name(owner));
                    return refuse_for(state::DUPLICATE_OBJECT, to.span, message, vec![ObjectId::Trigger(existing)]);
                }
                for clone in self.trigger_clones(id) {
                    let Some(owner) = self.schema.triggers.get(clone).map(|t| t.owner) else { continue };
                    if let Some(existing) = self.find_trigger(owner, &name) {
                        let message =
                            format!("trigger \"{name}\" for relation \"{}\" already exists", self.relation_name(owner));
                        return refuse_for(
                            state::DUPLICATE_OBJECT,
                            to.span,
                            message,
                            vec![ObjectId::Trigger(existing)],
                        );
                    }
                }
                for id in std::iter::once(id).chain(self.trigger_clones(id)) {
                    if let Some(trigger) = self.schema.triggers.get_mut(id) {
                        trigger.name = name.clone();
                    }
                    self.effect(Effect::Altered(ObjectId::Trigger(id)));
                }
                Ok(())
            }
            ObjectId::Policy(id) => {
                let name = to.fold();
                if let Some(policy) = self.schema.policies.get_mut(id) {
                    policy.name = name;
                }
                self.effect(Effect::Altered(ObjectId::Policy(id)));
                Ok(())
            }
            ObjectId::Rule(id) => {
                let Some(owner) = self.schema.rules.get(id).map(|r| r.owner) else { return Ok(()) };
                let name = to.fold();
                if let Some(existing) = self.find_rule(owner, &name) {
                    let message =
                        format!("rule \"{name}\" for relation \"{}\" already exists", self.relation_name(owner));
                    return refuse_for(state::DUPLICATE_OBJECT, to.span, message, vec![ObjectId::Rule(existing)]);
                }
                if let Some(rule) = self.schema.rules.get_mut(id) {
                    rule.name = name;
                }
                self.effect(Effect::Altered(ObjectId::Rule(id)));
                Ok(())
            }
            ObjectId::Function(id) => {
                let Some((namespace, old)) = self.schema.functions.get(id).map(|f| (f.namespace, f.name.clone()))
                else {
                    return Ok(());
                };
                let name = to.fold();
                self.free_for_function(id, namespace, &name, to)?;
                self.schema.unbind_function(namespace, &old, id);
                self.schema.bind_function(namespace, name.clone(), id);
                if let Some(function) = self.schema.functions.get_mut(id) {
                    function.name = name;
                }
                self.effect(Effect::Altered(ObjectId::Function(id)));
                Ok(())
            }
            ObjectId::Namespace(id) => {
                let name = to.fold();
                if let Some(existing) = self.schema.find_namespace(&name) {
                    return refuse_for(
                        state::DUPLICATE_SCHEMA,
                        to.span,
                        format!("schema \"{name}\" already exists"),
                        vec![ObjectId::Namespace(existing)],
                    );
                }
                super::objects::check_schema_name(&name, to.span)?;
                let Some(namespace) = self.schema.namespaces.get_mut(id) else { return Ok(()) };
                let old = std::mem::replace(&mut namespace.name, name.clone());
                self.schema.bind_namespace(old, None);
                self.schema.bind_namespace(name, Some(id));
                self.resolve_search_path();
                self.effect(Effect::Altered(ObjectId::Namespace(id)));
                Ok(())
            }
            ObjectId::EventTrigger(id) => {
                let name = to.fold();
                let taken = |e: &crate::schema::EventTrigger| e.dropped.is_none() && e.name == name;
                let existing = self.schema.event_triggers.iter().find(|(_, e)| taken(e)).map(|(id, _)| id);
                if let Some(existing) = existing {
                    let message = format!("event trigger \"{name}\" already exists");
                    let objects = vec![ObjectId::EventTrigger(existing)];
                    return refuse_for(state::DUPLICATE_OBJECT, to.span, message, objects);
                }
                if let Some(trigger) = self.schema.event_triggers.get_mut(id) {
                    trigger.name = to.fold();
                }
                self.effect(Effect::Altered(ObjectId::EventTrigger(id)));
                Ok(())
            }
            ObjectId::Other(id) => self.rename_other(id, to),
            ObjectId::Column(..) | ObjectId::Extension(_) | ObjectId::File(_) | ObjectId::Revision(_) => Ok(()),
        }
    }

    /// A column or a check that children inherit keeps one name in all of them (`renameatt_internal`, `rename_constraint_internal`).
    pub(super) fn check_rename_only(&self, target: &ObjectRef) -> Outcome {
        let (Some(part), Some(RelationId::Table(table))) = (&target.part, self.find_relation(&target.name)) else {
            return Ok(());
        };
        let name = part.fold();
        let (word, inherited) = match target.kind {
            ObjectKind::Column => ("column", self.find_column(table, &name).is_some()),
            ObjectKind::Constraint => {
                let found = self.find_constraint(table, &name).and_then(|id| self.schema.constraints.get(id));
                ("constraint", found.is_some_and(|c| matches!(c.kind, ConstraintKind::Check(_)) && !c.no_inherit))
            }
            _ => return Ok(()),
        };
        if !inherited || self.schema.children_of(table).is_empty() {
            return Ok(());
        }
        let message = format!("inherited {word} \"{name}\" must be renamed in child tables too");
        refuse(state::INVALID_TABLE_DEFINITION, part.span, message)
    }

    /// Why ALTER TYPE can't change what is the row type of a table.
    fn row_type(&self, target: &ObjectRef) -> Option<Box<Refusal>> {
        let relation = self.find_relation(&target.name)?;
        if target.kind != ObjectKind::Type || !matches!(relation, RelationId::Table(_) | RelationId::View(_)) {
            return None;
        }
        let message = format!("{} is a table's row type", target.name.name.fold());
        refuse_for::<()>(state::WRONG_OBJECT_TYPE, target.name.span(), message, vec![object_of(relation)]).err()
    }

    fn relation_home(&self, id: ObjectId) -> Option<(NamespaceId, Name, RelationId)> {
        let schema = &self.schema;
        Some(match id {
            ObjectId::Table(t) => schema.tables.get(t).map(|o| (o.namespace, o.name.clone(), RelationId::Table(t)))?,
            ObjectId::View(v) => schema.views.get(v).map(|o| (o.namespace, o.name.clone(), RelationId::View(v)))?,
            ObjectId::Index(i) => schema.indexes.get(i).map(|o| (o.namespace, o.name.clone(), RelationId::Index(i)))?,
            ObjectId::Sequence(s) => {
                schema.sequences.get(s).map(|o| (o.namespace, o.name.clone(), RelationId::Sequence(s)))?
            }
            _ => return None,
        })
    }

    fn free_relation_name(&self, namespace: NamespaceId, name: &Name, row_type: bool, to: &Ident) -> Outcome {
        if let Some(existing) = self.schema.find_relation(namespace, name) {
            return refuse_for(
                state::DUPLICATE_TABLE,
                to.span,
                format!("relation \"{name}\" already exists"),
                vec![object_of(existing)],
            );
        }
        if row_type && let Some(existing) = self.schema.find_type(namespace, name) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                to.span,
                format!("type \"{name}\" already exists"),
                vec![ObjectId::Type(existing)],
            );
        }
        Ok(())
    }

    fn rename_relation(&mut self, id: ObjectId, to: &Ident) -> Outcome {
        let Some((namespace, old, relation)) = self.relation_home(id) else { return Ok(()) };
        let name = to.fold();
        let row_type = matches!(id, ObjectId::Table(_) | ObjectId::View(_));
        self.free_relation_name(namespace, &name, row_type, to)?;
        let mut constraint = None;
        match relation {
            RelationId::Index(i) => {
                constraint = self.schema.indexes.get(i).and_then(|i| i.constraint);
                if let Some(constraint) = constraint {
                    self.free_constraint_name(constraint, &name, to)?;
                }
                if let Some(index) = self.schema.indexes.get_mut(i) {
                    index.name = name.clone();
                }
            }
            RelationId::Table(t) => {
                self.keep_not_null_names(t);
                if let Some(table) = self.schema.tables.get_mut(t) {
                    table.name = name.clone();
                }
            }
            RelationId::View(v) => {
                if let Some(view) = self.schema.views.get_mut(v) {
                    view.name = name.clone();
                }
            }
            RelationId::Sequence(s) => {
                if let Some(sequence) = self.schema.sequences.get_mut(s) {
                    sequence.name = name.clone();
                }
            }
            RelationId::Composite(_) => {}
        }
        if let Some(constraint) = constraint {
            self.set_constraint_name(constraint, name.clone());
        }
        self.schema.bind_relation(namespace, old, None);
        self.schema.bind_relation(namespace, name, Some(relation));
        self.effect(Effect::Altered(id));
        Ok(())
    }

    /// The schema of a range type, where the name is that of the multirange type that came with it.
    fn multirange_named(&self, id: TypeId, written: &Name) -> Option<NamespaceId> {
        let t = self.schema.types.get(id)?;
        match &t.kind {
            TypeKind::Range { multirange, .. } if multirange == written && t.name != *written => Some(t.namespace),
            _ => None,
        }
    }

    fn rename_multirange(&mut self, id: TypeId, namespace: NamespaceId, to: &Ident) -> Outcome {
        let name = to.fold();
        if let Some(existing) = self.schema.find_type(namespace, &name) {
            let message = format!("type \"{name}\" already exists");
            return refuse_for(state::DUPLICATE_OBJECT, to.span, message, vec![ObjectId::Type(existing)]);
        }
        if let Some(t) = self.schema.types.get_mut(id)
            && let TypeKind::Range { multirange, .. } = &mut t.kind
        {
            let old = std::mem::replace(multirange, name.clone());
            self.schema.bind_type(namespace, old, None);
            self.schema.bind_type(namespace, name, Some(id));
        }
        self.effect(Effect::Altered(ObjectId::Type(id)));
        Ok(())
    }

    fn rename_type(&mut self, id: TypeId, to: &Ident) -> Outcome {
        let Some(t) = self.schema.types.get(id) else { return Ok(()) };
        let (namespace, old) = (t.namespace, t.name.clone());
        let composite = matches!(t.kind, TypeKind::Composite(_));
        let name = to.fold();
        if composite {
            self.free_relation_name(namespace, &name, true, to)?;
        } else if let Some(existing) = self.schema.find_type(namespace, &name) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                to.span,
                format!("type \"{name}\" already exists"),
                vec![ObjectId::Type(existing)],
            );
        }
        if composite {
            self.schema.bind_relation(namespace, old.clone(), None);
            self.schema.bind_relation(namespace, name.clone(), Some(RelationId::Composite(id)));
        }
        self.schema.bind_type(namespace, old, None);
        self.schema.bind_type(namespace, name.clone(), Some(id));
        if let Some(t) = self.schema.types.get_mut(id) {
            t.name = name;
        }
        self.effect(Effect::Altered(ObjectId::Type(id)));
        Ok(())
    }

    fn free_constraint_name(&self, constraint: ConstraintId, name: &Name, to: &Ident) -> Outcome {
        let Some(table) = self.schema.constraints.get(constraint).map(|c| c.table) else { return Ok(()) };
        if let Some(existing) = self.find_constraint(table, name) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                to.span,
                format!("constraint \"{name}\" for relation \"{}\" already exists", self.table_name(table)),
                vec![ObjectId::Constraint(existing)],
            );
        }
        Ok(())
    }

    fn set_constraint_name(&mut self, constraint: ConstraintId, name: Name) {
        let Some(c) = self.schema.constraints.get_mut(constraint) else { return };
        let table = c.table;
        let old = std::mem::replace(&mut c.name, name.clone());
        c.named = true;
        let namespace = self.table_namespace(table);
        self.schema.unbind_constraint_name(namespace, old);
        self.schema.bind_constraint_name(namespace, name);
        self.effect(Effect::Altered(ObjectId::Constraint(constraint)));
    }

    fn rename_constraint(&mut self, id: ConstraintId, to: &Ident) -> Outcome {
        let Some(c) = self.schema.constraints.get(id) else { return Ok(()) };
        let name = to.fold();
        let old = c.name.clone();
        if c.inherit_count > 0 && matches!(c.kind, ConstraintKind::Check(_)) {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                to.span,
                format!("cannot rename inherited constraint \"{old}\""),
            );
        }
        if let Some(index) = c.index {
            return self.rename_relation(ObjectId::Index(index), to);
        }
        let table = c.table;
        let check = matches!(c.kind, ConstraintKind::Check(_)) && !c.no_inherit;
        self.free_constraint_name(id, &name, to)?;
        self.set_constraint_name(id, name.clone());
        if check {
            let mut below = Vec::new();
            self.descendants(table, &mut below);
            for child in below {
                if let Some(inherited) = self.find_constraint(child, &old) {
                    self.set_constraint_name(inherited, name.clone());
                }
            }
        }
        Ok(())
    }

    fn rename_column(&mut self, target: &ObjectRef, to: &Ident, if_exists: bool) -> Outcome {
        let Some(part) = &target.part else { return skip(target.span) };
        let relation = match self.relation(&target.name) {
            Ok(relation) => relation,
            Err(refusal) if if_exists && is_missing(refusal.sqlstate) => return Ok(()),
            Err(refusal) => return Err(refusal),
        };
        let (from, name) = (part.fold(), to.fold());
        match relation {
            RelationId::Table(table) => self.rename_table_column(table, part, to),
            RelationId::View(view) => {
                let known = self.schema.views.get(view).is_some_and(|v| !v.partial);
                if self.view_column(view, &from).is_none() {
                    if known {
                        return refuse(state::UNDEFINED_COLUMN, part.span, format!("column \"{from}\" does not exist"));
                    }
                } else if self.view_column(view, &name).is_some() {
                    return refuse(
                        state::DUPLICATE_COLUMN,
                        to.span,
                        format!("column \"{name}\" of relation \"{}\" already exists", target.name.name.fold()),
                    );
                }
                if let Some(column) = self.view_column(view, &from) {
                    *column = name;
                }
                self.effect(Effect::Altered(ObjectId::View(view)));
                Ok(())
            }
            RelationId::Composite(id) => {
                let (type_name, attributes) = self.attributes(id)?;
                if attributes.iter().all(|(n, _)| *n != from) {
                    return refuse(state::UNDEFINED_COLUMN, part.span, format!("column \"{from}\" does not exist"));
                }
                if attributes.iter().any(|(n, _)| *n == name) {
                    return refuse(
                        state::DUPLICATE_COLUMN,
                        to.span,
                        format!("column \"{name}\" of relation \"{type_name}\" already exists"),
                    );
                }
                if let Some((attribute, _)) = attributes.iter_mut().find(|(n, _)| *n == from) {
                    *attribute = name;
                }
                self.rename_in_typed_tables(id, part, to)?;
                self.effect(Effect::Altered(ObjectId::Type(id)));
                Ok(())
            }
            _ => cannot_rename_columns(target),
        }
    }

    pub(super) fn rename_table_column(&mut self, table: TableId, from: &Ident, to: &Ident) -> Outcome {
        if self.schema.tables.get(table).is_some_and(|t| t.of_type.is_some()) {
            return refuse(state::WRONG_OBJECT_TYPE, from.span, "cannot rename column of typed table");
        }
        let (old, name) = (from.fold(), to.fold());
        let Some(number) = self.find_column(table, &old) else {
            if let Some(number) = self.assume_column(table, &name, to.span) {
                self.effect(Effect::Altered(ObjectId::Column(table, number)));
                return Ok(());
            }
            return refuse(state::UNDEFINED_COLUMN, from.span, format!("column \"{old}\" does not exist"));
        };
        let mut tables = Vec::new();
        self.descendants(table, &mut tables);
        let inherited = self.schema.column(table, number).is_some_and(|c| c.inherit_count > 0);
        if inherited && tables.iter().all(|child| self.find_column(*child, &name).is_none()) {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                from.span,
                format!("cannot rename inherited column \"{old}\""),
            );
        }
        super::tables::check_column_name(to, &to.fold())?;
        tables.insert(0, table);
        for id in &tables {
            self.keep_not_null_names(*id);
        }
        for id in &tables {
            if let Some(existing) = self.find_column(*id, &name) {
                return refuse_for(
                    state::DUPLICATE_COLUMN,
                    to.span,
                    format!("column \"{name}\" of relation \"{}\" already exists", self.table_name(*id)),
                    vec![ObjectId::Column(*id, existing)],
                );
            }
        }
        // A child that has the column from a table beside these, too, can't follow.
        for id in tables.iter().skip(1) {
            let Some(t) = self.schema.tables.get(*id) else { continue };
            let beside =
                t.inherits.iter().filter(|p| !tables.contains(p)).any(|p| self.find_column(*p, &old).is_some());
            if beside {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    from.span,
                    format!("cannot rename inherited column \"{old}\""),
                );
            }
        }
        for id in tables {
            let Some(number) = self.find_column(id, &old) else { continue };
            if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                c.name = name.clone();
            }
            self.effect(Effect::Altered(ObjectId::Column(id, number)));
        }
        Ok(())
    }

    fn free_for_function(
        &self,
        id: crate::schema::FunctionId,
        namespace: NamespaceId,
        name: &Name,
        at: &Ident,
    ) -> Outcome {
        let Some(function) = self.schema.functions.get(id) else { return Ok(()) };
        let inputs: Vec<&DataType> = function.input_arguments().map(|a| &a.data_type).collect();
        let twin = self.schema.find_functions(namespace, name).iter().copied().find(|other| {
            // Its own name is taken, by itself, unless it moves.
            (*other != id || function.namespace == namespace)
                && self.schema.functions.get(*other).is_some_and(|f| {
                    f.input_arguments().count() == inputs.len()
                        && f.input_arguments().zip(&inputs).all(|(a, b)| a.data_type == **b)
                })
        });
        match twin {
            Some(twin) => {
                let types: Vec<String> = inputs.iter().map(|t| t.display(&self.schema)).collect();
                let schema = self.schema.current_name(ObjectId::Namespace(namespace)).unwrap_or_default();
                refuse_for(
                    state::DUPLICATE_FUNCTION,
                    at.span,
                    format!("function {name}({}) already exists in schema \"{schema}\"", types.join(", ")),
                    vec![ObjectId::Function(twin)],
                )
            }
            None => Ok(()),
        }
    }

    /// SET SCHEMA.
    pub(super) fn set_schema(&mut self, target: &ObjectRef, schema: &Ident, if_exists: bool) -> Outcome {
        let id = match self.object(target) {
            Ok(id) => id,
            Err(refusal) if if_exists && is_missing(refusal.sqlstate) => return Ok(()),
            Err(refusal) => return Err(self.row_type(target).unwrap_or(refusal)),
        };
        let to = self.namespace(schema)?;
        if let Some(temporary) = self.schema.find_namespace("pg_temp")
            && (to == temporary || matches!(id, ObjectId::Table(t) if self.table_namespace(t) == temporary))
        {
            let message = "cannot move objects into or out of temporary schemas";
            return refuse(state::FEATURE_NOT_SUPPORTED, schema.span, message);
        }
        match id {
            ObjectId::Table(table) => self.move_table(table, to, schema)?,
            ObjectId::View(_) => self.move_relation(id, to, schema)?,
            ObjectId::Sequence(sequence) => {
                if self.schema.sequences.get(sequence).is_some_and(|s| s.owned_by.is_some()) {
                    return refuse(
                        state::FEATURE_NOT_SUPPORTED,
                        target.name.span(),
                        "cannot move an owned sequence into another schema",
                    );
                }
                self.move_relation(id, to, schema)?;
            }
            ObjectId::Type(id) => self.move_type(id, to, schema)?,
            ObjectId::Function(id) => {
                let Some((from, name)) = self.schema.functions.get(id).map(|f| (f.namespace, f.name.clone())) else {
                    return Ok(());
                };
                if from != to {
                    self.free_for_function(id, to, &name, schema)?;
                    self.schema.unbind_function(from, &name, id);
                    self.schema.bind_function(to, name, id);
                    if let Some(function) = self.schema.functions.get_mut(id) {
                        function.namespace = to;
                    }
                }
            }
            ObjectId::Extension(id) => self.move_extension(id, to),
            ObjectId::Other(id) => {
                let Some(other) = self.schema.others.get_mut(id) else { return Ok(()) };
                let from = other.namespace.replace(to);
                let (kind, name) = (other.kind, other.name.clone());
                self.schema.bind_other(kind, from, name.clone(), None);
                self.schema.bind_other(kind, Some(to), name, Some(id));
            }
            _ => {}
        }
        self.effect(Effect::Altered(id));
        Ok(())
    }

    /// Moves a table with its indexes, constraints and owned sequences.
    fn move_table(&mut self, table: TableId, to: NamespaceId, at: &Ident) -> Outcome {
        let Some(t) = self.schema.tables.get(table).cloned() else { return Ok(()) };
        if t.namespace == to {
            return Ok(());
        }
        let indexes: Vec<ObjectId> = self.schema.indexes_of(&t).map(|(id, _)| ObjectId::Index(id)).collect();
        let constraints: Vec<Name> = self.schema.constraints_of(&t).map(|(_, c)| c.name.clone()).collect();
        let sequences: Vec<ObjectId> = self
            .schema
            .possible_dependents(ObjectId::Table(table))
            .into_iter()
            .filter(|who| match who {
                ObjectId::Sequence(s) => self
                    .schema
                    .sequences
                    .get(*s)
                    .is_some_and(|s| s.dropped.is_none() && s.owned_by.is_some_and(|(owner, _)| owner == table)),
                _ => false,
            })
            .collect();
        self.move_relation(ObjectId::Table(table), to, at)?;
        for id in indexes.into_iter().chain(sequences) {
            self.move_relation(id, to, at)?;
        }
        for name in constraints {
            self.schema.unbind_constraint_name(t.namespace, name.clone());
            self.schema.bind_constraint_name(to, name);
        }
        Ok(())
    }

    fn move_relation(&mut self, id: ObjectId, to: NamespaceId, at: &Ident) -> Outcome {
        let Some((from, name, relation)) = self.relation_home(id) else { return Ok(()) };
        if from == to {
            return Ok(());
        }
        if let Some(existing) = self.schema.find_relation(to, &name) {
            return refuse_for(
                state::DUPLICATE_TABLE,
                at.span,
                format!("relation \"{name}\" already exists in schema \"{}\"", at.fold()),
                vec![object_of(existing)],
            );
        }
        let mut indexes = Vec::new();
        match relation {
            RelationId::Table(t) => {
                if let Some(o) = self.schema.tables.get_mut(t) {
                    o.namespace = to;
                }
            }
            RelationId::View(v) => {
                if let Some(o) = self.schema.views.get_mut(v) {
                    o.namespace = to;
                    indexes.clone_from(&o.indexes);
                }
            }
            RelationId::Index(i) => {
                if let Some(o) = self.schema.indexes.get_mut(i) {
                    o.namespace = to;
                }
            }
            RelationId::Sequence(s) => {
                if let Some(o) = self.schema.sequences.get_mut(s) {
                    o.namespace = to;
                }
            }
            RelationId::Composite(_) => {}
        }
        self.schema.bind_relation(from, name.clone(), None);
        self.schema.bind_relation(to, name, Some(relation));
        self.effect(Effect::Altered(id));
        for index in indexes {
            if self.schema.indexes.get(index).is_some_and(|i| i.dropped.is_none()) {
                self.move_relation(ObjectId::Index(index), to, at)?;
            }
        }
        Ok(())
    }

    fn move_type(&mut self, id: TypeId, to: NamespaceId, at: &Ident) -> Outcome {
        let Some(t) = self.schema.types.get(id).cloned() else { return Ok(()) };
        if t.namespace == to {
            return Ok(());
        }
        if let Some(existing) = self.schema.find_type(to, &t.name) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                at.span,
                format!("type \"{}\" already exists in schema \"{}\"", t.name, at.fold()),
                vec![ObjectId::Type(existing)],
            );
        }
        match &t.kind {
            TypeKind::Composite(_) => {
                self.schema.bind_relation(t.namespace, t.name.clone(), None);
                self.schema.bind_relation(to, t.name.clone(), Some(RelationId::Composite(id)));
            }
            TypeKind::Domain(domain) => {
                for (name, _) in &domain.checks {
                    self.schema.unbind_constraint_name(t.namespace, name.clone());
                    self.schema.bind_constraint_name(to, name.clone());
                }
            }
            TypeKind::Range { multirange, .. } => {
                self.schema.bind_type(t.namespace, multirange.clone(), None);
                self.schema.bind_type(to, multirange.clone(), Some(id));
            }
            _ => {}
        }
        self.schema.bind_type(t.namespace, t.name.clone(), None);
        self.schema.bind_type(to, t.name, Some(id));
        if let Some(t) = self.schema.types.get_mut(id) {
            t.namespace = to;
        }
        Ok(())
    }

    /// The types of an extension move with it.
    fn move_extension(&mut self, id: crate::schema::ExtensionId, to: NamespaceId) {
        let Some(extension) = self.schema.extensions.get_mut(id) else { return };
        let from = std::mem::replace(&mut extension.namespace, to);
        let Some(known) = super::known::extension(&extension.name) else { return };
        let moved = |data_type: &DataType| {
            matches!(&data_type.base, BaseType::Extension { namespace, name }
                if *namespace == from && known.types.contains(&name.as_str()))
        };
        let put = |data_type: &mut DataType| {
            if let BaseType::Extension { namespace, .. } = &mut data_type.base {
                *namespace = to;
            }
        };
        let columns: Vec<_> = self
            .schema
            .tables
            .iter()
            .flat_map(|(id, t)| t.live_columns().filter(|(_, c)| moved(&c.data_type)).map(move |(n, _)| (id, n)))
            .collect();
        for (table, column) in columns {
            if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())) {
                put(&mut c.data_type);
            }
        }
        // Only what has such a type is touched: what a revision changes is told from that.
        let schema = &self.schema;
        let functions: Vec<_> =
            schema.functions.iter().filter(|(_, f)| f.data_types().any(moved)).map(|(id, _)| id).collect();
        let types: Vec<_> = schema.types.iter().filter(|(_, t)| t.data_types().any(moved)).map(|(id, _)| id).collect();
        let in_view = |v: &crate::schema::View| v.column_types.iter().flatten().any(moved);
        let views: Vec<_> = schema.views.iter().filter(|(_, v)| in_view(v)).map(|(id, _)| id).collect();
        for id in functions {
            if let Some(function) = self.schema.functions.get_mut(id) {
                function.data_types_mut().filter(|t| moved(t)).for_each(put);
            }
        }
        for id in types {
            if let Some(user_type) = self.schema.types.get_mut(id) {
                user_type.data_types_mut().filter(|t| moved(t)).for_each(put);
            }
        }
        for id in views {
            if let Some(view) = self.schema.views.get_mut(id) {
                view.column_types.iter_mut().flatten().filter(|t| moved(t)).for_each(put);
            }
        }
    }
}

/// Sequences have no columns that could be renamed, and no constraints.
fn cannot_rename_columns(target: &ObjectRef) -> Outcome {
    let message = format!("cannot rename columns of relation \"{}\"", target.name.name.fold());
    refuse(state::WRONG_OBJECT_TYPE, target.name.span(), message)
}
