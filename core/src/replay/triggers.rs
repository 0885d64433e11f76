//! Triggers and event triggers.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::expressions::Place;
use super::references::{Scope, fields_of_new, is_system_column, names_row};
use super::{Effect, Replayer};
use crate::expr::Tree;
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{CreateTrigger, TransitionTable, TriggerEvent, TriggerState, TriggerTiming};
use crate::order::Order;
use crate::schema::{EventTrigger, ObjectId, RelationId, TableId, Trigger, TriggerFunction, TriggerId};
use crate::source::Span;

/// Trigger functions that PostgreSQL brings. Source: PostgreSQL manual, 9.28 "Trigger Functions".
const BUILTIN: [&str; 4] = [
    "suppress_redundant_updates_trigger",
    "tsvector_update_trigger",
    "tsvector_update_trigger_column",
    "unique_key_recheck",
];

/// Trigger functions of extensions: function, extension. Source: PostgreSQL manual, appendix F.
const OF_EXTENSIONS: [(&str, &str); 7] = [
    ("autoinc", "autoinc"),
    ("check_foreign_key", "refint"),
    ("check_primary_key", "refint"),
    ("insert_username", "insert_username"),
    ("lo_manage", "lo"),
    ("moddatetime", "moddatetime"),
    ("triggered_change_notification", "tcn"),
];

/// Refuses rows as they were of what inserts, and as they are of what deletes.
fn check_transitions(tables: &[TransitionTable], events: &[TriggerEvent]) -> Outcome {
    use TriggerEvent as Event;
    let on = |a, b| events.contains(&a) || events.contains(&b);
    for (at, table) in tables.iter().enumerate() {
        let span = table.name.span;
        let (row, fits, which) = if table.new {
            ("NEW", on(Event::Insert, Event::Update), "an INSERT or UPDATE")
        } else {
            ("OLD", on(Event::Delete, Event::Update), "a DELETE or UPDATE")
        };
        if !fits {
            let message = format!("{row} TABLE can only be specified for {which} trigger");
            return refuse(state::INVALID_OBJECT_DEFINITION, span, message);
        }
        if tables.iter().take(at).any(|other| other.new == table.new) {
            let message = format!("{row} TABLE cannot be specified multiple times");
            return refuse(state::INVALID_OBJECT_DEFINITION, span, message);
        }
        if tables.iter().take(at).any(|other| other.name.fold() == table.name.fold()) {
            let message = "OLD TABLE name and NEW TABLE name cannot be the same";
            return refuse(state::INVALID_OBJECT_DEFINITION, span, message);
        }
    }
    Ok(())
}

impl Replayer {
    /// CREATE TRIGGER.
    pub(super) fn create_trigger(&mut self, create: &CreateTrigger) -> Outcome {
        if create.or_replace && create.constraint {
            let message = "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported";
            return refuse(state::FEATURE_NOT_SUPPORTED, self.span, message);
        }
        let twice =
            create.events.iter().enumerate().any(|(at, event)| create.events.iter().take(at).any(|e| e == event));
        if twice {
            return refuse(state::SYNTAX_ERROR, create.name.span, "duplicate trigger events specified");
        }
        let owner = self.relation(&create.table)?;
        self.subject = create.table.span();
        let what = match owner {
            RelationId::Table(_) => "a table",
            RelationId::View(id) if self.schema.views.get(id).is_none_or(|v| !v.materialized) => "a view",
            _ => {
                return refuse(
                    state::WRONG_OBJECT_TYPE,
                    create.table.span(),
                    format!("relation \"{}\" cannot have triggers", create.table.name.fold()),
                );
            }
        };
        let view = what == "a view";
        let fits = match create.timing {
            TriggerTiming::InsteadOf => view,
            TriggerTiming::Before | TriggerTiming::After => !view || !create.for_each_row,
        };
        if !fits {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                create.table.span(),
                format!("\"{}\" is {what}", create.table.name.fold()),
            );
        }
        self.check_trigger(create, owner)?;
        let when = match &create.when {
            Some(expr) => {
                let scanned = self.scan_fully(expr, Scope::NewAndOld(owner), false);
                if let Some(missing) = scanned.missing {
                    return refuse(missing.sqlstate, missing.span, missing.message);
                }
                self.check_generated_of_new(create, owner)?;
                self.check_no_query(expr, Place::When, expr.span)?;
                self.check_calls(expr, Place::When)?;
                Some(scanned.expr)
            }
            None => None,
        };
        let function = self.trigger_function(&create.function, "trigger")?;
        let name = create.name.fold();
        let existing = self.find_trigger(owner, &name);
        if let Some(existing) = existing {
            // Only the parent's trigger can be replaced, and its clones with it.
            let clone = self.schema.triggers.get(existing).is_some_and(|t| t.parent.is_some());
            self.check_replaceable(existing, create.or_replace && !clone, create.name.span)?;
        }
        let mut update_of = Vec::with_capacity(create.update_of.len());
        if let RelationId::Table(table) = owner {
            for column in &create.update_of {
                let number = self.column(table, column)?;
                if update_of.contains(&number) {
                    let message = format!("column \"{}\" specified more than once", column.fold());
                    return refuse(state::DUPLICATE_COLUMN, column.span, message);
                }
                update_of.push(number);
            }
        }
        let mut events = create.events.clone();
        events.order();
        events.dedup();
        let trigger = Trigger {
            owner,
            name,
            constraint: create.constraint,
            timing: create.timing,
            events,
            update_of,
            for_each_row: create.for_each_row,
            when,
            function,
            arguments: create.arguments.clone(),
            transition_tables: !create.transition_tables.is_empty(),
            state: TriggerState::Enabled,
            parent: None,
            comment: None,
            span: self.span,
            dropped: None,
        };
        let id = self.put_trigger(trigger, existing);
        if create.for_each_row
            && let RelationId::Table(table) = owner
        {
            for partition in self.partitions_in_order(table) {
                self.clone_trigger(id, partition, create.or_replace)?;
            }
        }
        Ok(())
    }

    /// Refuses to replace a trigger without OR REPLACE, and a constraint trigger always.
    fn check_replaceable(&self, existing: TriggerId, or_replace: bool, span: Span) -> Outcome {
        let Some(trigger) = self.schema.triggers.get(existing) else { return Ok(()) };
        if or_replace && !trigger.constraint {
            return Ok(());
        }
        let relation = self.relation_name(trigger.owner);
        let message = format!("trigger \"{}\" for relation \"{relation}\" already exists", trigger.name);
        refuse_for(state::DUPLICATE_OBJECT, span, message, vec![ObjectId::Trigger(existing)])
    }

    /// What CREATE TRIGGER refuses whatever its function is, in the server's order (`CreateTriggerFiringOn`).
    /// Before a row is written, what is generated from it is not there yet.
    fn check_generated_of_new(&self, create: &CreateTrigger, owner: RelationId) -> Outcome {
        let (Some(when), RelationId::Table(table)) = (&create.when, owner) else { return Ok(()) };
        if create.timing != TriggerTiming::Before || self.described {
            return Ok(());
        }
        let columns = self.schema.tables.get(table).into_iter().flat_map(|t| t.live_columns());
        let generated: Vec<Name> =
            columns.filter(|(_, c)| c.generated.is_some()).map(|(_, c)| c.name.clone()).collect();
        if !generated.is_empty() && fields_of_new(when).iter().any(|f| f == "*" || generated.contains(f)) {
            let message = "BEFORE trigger's WHEN condition cannot reference NEW generated columns";
            return refuse(state::INVALID_OBJECT_DEFINITION, when.span, message);
        }
        Ok(())
    }

    fn check_trigger(&self, create: &CreateTrigger, owner: RelationId) -> Outcome {
        use TriggerEvent as Event;
        let on = |event: Event| create.events.contains(&event);
        let at = create.table.span();
        let unsupported = |message: &str| refuse(state::FEATURE_NOT_SUPPORTED, self.span, message);
        let wrong = |message: &str| refuse(state::INVALID_OBJECT_DEFINITION, self.span, message);
        let transitions = !create.transition_tables.is_empty();
        let table = match owner {
            RelationId::Table(id) => self.schema.tables.get(id),
            _ => None,
        };
        let name = create.table.name.fold();
        if table.is_none() && (on(Event::Truncate) || transitions) {
            return refuse(state::WRONG_OBJECT_TYPE, at, format!("\"{name}\" is a view"));
        }
        if table.is_some_and(|t| t.partition_key.is_some()) && create.for_each_row && transitions {
            return refuse(state::FEATURE_NOT_SUPPORTED, at, format!("\"{name}\" is a partitioned table"));
        }
        if on(Event::Truncate) && create.for_each_row {
            return unsupported("TRUNCATE FOR EACH ROW triggers are not supported");
        }
        if create.timing == TriggerTiming::InsteadOf {
            if !create.for_each_row {
                return unsupported("INSTEAD OF triggers must be FOR EACH ROW");
            }
            if create.when.is_some() {
                return unsupported("INSTEAD OF triggers cannot have WHEN conditions");
            }
            if !create.update_of.is_empty() {
                return unsupported("INSTEAD OF triggers cannot have column lists");
            }
        }
        if transitions {
            if create.timing != TriggerTiming::After {
                return wrong("transition table name can only be specified for an AFTER trigger");
            }
            if on(Event::Truncate) {
                return unsupported("TRUNCATE triggers with transition tables are not supported");
            }
            if create.for_each_row && table.is_some_and(|t| t.partition_of.is_some()) {
                return unsupported("ROW triggers with transition tables are not supported on partitions");
            }
            if create.for_each_row && table.is_some_and(|t| !t.inherits.is_empty()) {
                return unsupported("ROW triggers with transition tables are not supported on inheritance children");
            }
            if create.events.len() > 1 {
                return unsupported("transition tables cannot be specified for triggers with more than one event");
            }
            if !create.update_of.is_empty() {
                return unsupported("transition tables cannot be specified for triggers with column lists");
            }
            check_transitions(&create.transition_tables, &create.events)?;
        }
        let Some(when) = &create.when else { return Ok(()) };
        let (old, new) = (names_row(when, "old"), names_row(when, "new"));
        if !create.for_each_row && (old || new) {
            return wrong("statement trigger's WHEN condition cannot reference column values");
        }
        if old && on(Event::Insert) {
            return wrong("INSERT trigger's WHEN condition cannot reference OLD values");
        }
        if new && on(Event::Delete) {
            return wrong("DELETE trigger's WHEN condition cannot reference NEW values");
        }
        if create.timing == TriggerTiming::Before && new {
            let mut of_system = false;
            when.tree().walk_own(&mut |part| {
                if let Tree::Column(parts) = part
                    && let [row, column] = parts.as_slice()
                {
                    of_system |= row == "new" && is_system_column(column);
                }
            });
            if of_system {
                return unsupported("BEFORE trigger's WHEN condition cannot reference NEW system columns");
            }
        }
        Ok(())
    }

    fn note_trigger(&mut self, id: TriggerId, trigger: &Trigger) {
        if let TriggerFunction::User(function) = trigger.function {
            self.schema.note_dependent(ObjectId::Function(function), ObjectId::Trigger(id));
        }
        if let Some(when) = &trigger.when {
            self.note_references(ObjectId::Trigger(id), when);
        }
        if let Some(parent) = trigger.parent {
            self.schema.note_dependent(ObjectId::Trigger(parent), ObjectId::Trigger(id));
        }
    }

    /// Puts a trigger in the place of another, whose comment it keeps, or makes it.
    fn put_trigger(&mut self, trigger: Trigger, existing: Option<TriggerId>) -> TriggerId {
        let Some(existing) = existing else { return self.insert_trigger(trigger) };
        self.note_trigger(existing, &trigger);
        if let Some(slot) = self.schema.triggers.get_mut(existing) {
            let comment = slot.comment.take();
            *slot = Trigger { comment, ..trigger };
        }
        self.effect(Effect::Altered(ObjectId::Trigger(existing)));
        existing
    }

    fn insert_trigger(&mut self, trigger: Trigger) -> TriggerId {
        let owner = trigger.owner;
        let id = self.schema.triggers.next_id();
        self.note_trigger(id, &trigger);
        self.schema.triggers.push(trigger);
        match owner {
            RelationId::Table(table) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.triggers.push(id);
                }
            }
            RelationId::View(view) => {
                if let Some(v) = self.schema.views.get_mut(view) {
                    v.triggers.push(id);
                }
            }
            _ => {}
        }
        self.effect(Effect::Created(ObjectId::Trigger(id)));
        id
    }

    /// Gives a partition the row triggers of its parent.
    pub(super) fn clone_triggers(&mut self, parent: TableId, child: TableId) -> Outcome {
        let triggers = self.schema.tables.get(parent).map(|t| t.triggers.clone()).unwrap_or_default();
        for trigger in triggers {
            if self.schema.triggers.get(trigger).is_some_and(|t| t.dropped.is_none() && t.for_each_row) {
                self.clone_trigger(trigger, child, false)?;
            }
        }
        Ok(())
    }

    /// Gives a partition the trigger of its parent, and its own partitions that. With `or_replace` it takes the place of one of its name.
    fn clone_trigger(&mut self, trigger: TriggerId, table: TableId, or_replace: bool) -> Outcome {
        let Some(original) = self.schema.triggers.get(trigger).cloned() else { return Ok(()) };
        let RelationId::Table(from) = original.owner else { return Ok(()) };
        let existing = self.find_trigger(RelationId::Table(table), &original.name);
        if let Some(existing) = existing {
            self.check_replaceable(existing, or_replace, self.subject)?;
        }
        let copy = Trigger {
            owner: RelationId::Table(table),
            update_of: self.same_columns(from, &original.update_of, table).unwrap_or_default(),
            when: original.when.as_ref().map(|w| self.rebase(w, from, table)),
            parent: Some(trigger),
            comment: None,
            ..original
        };
        let id = self.put_trigger(copy, existing);
        for partition in self.partitions_in_order(table) {
            self.clone_trigger(id, partition, or_replace)?;
        }
        Ok(())
    }

    /// The trigger of this name on a table or view.
    pub(super) fn find_trigger(&self, owner: RelationId, name: &str) -> Option<TriggerId> {
        let ids = match owner {
            RelationId::Table(id) => &self.schema.tables.get(id)?.triggers,
            RelationId::View(id) => &self.schema.views.get(id)?.triggers,
            _ => return None,
        };
        self.schema.triggers_of(ids).find(|(_, t)| t.name == name).map(|(id, _)| id)
    }

    /// The clones of a trigger in partitions, at any depth.
    pub(super) fn trigger_clones(&self, trigger: TriggerId) -> Vec<TriggerId> {
        let mut all = vec![trigger];
        let mut at = 0;
        while let Some(next) = all.get(at).copied() {
            for who in self.schema.possible_dependents(ObjectId::Trigger(next)) {
                if let ObjectId::Trigger(id) = who
                    && self.schema.triggers.get(id).is_some_and(|t| t.dropped.is_none() && t.parent == Some(next))
                    && !all.contains(&id)
                {
                    all.push(id);
                }
            }
            at += 1;
        }
        all.remove(0);
        all
    }

    /// The function that a trigger calls: without arguments, of a given result type.
    fn trigger_function(&self, written: &QualifiedName, returns: &str) -> Outcome<TriggerFunction> {
        let (schema, name) = (written.schema.as_ref().map(Ident::fold), written.name.fold());
        let found = match &schema {
            Some(schema) => {
                self.schema.find_namespace(schema).and_then(|ns| self.function_without_arguments(ns, &name))
            }
            None => self.search_path().iter().find_map(|ns| self.function_without_arguments(*ns, &name)),
        };
        if let Some(id) = found {
            let right = self
                .schema
                .functions
                .get(id)
                .is_none_or(|f| f.returns.as_ref().and_then(|r| r.builtin_name()).is_some_and(|r| r == returns));
            if !right {
                return refuse_for(
                    state::INVALID_OBJECT_DEFINITION,
                    written.span(),
                    format!("function {name} must return type {returns}"),
                    vec![ObjectId::Function(id)],
                );
            }
            return Ok(TriggerFunction::User(id));
        }
        if BUILTIN.contains(&name.as_str()) && schema.as_deref().is_none_or(|s| s == "pg_catalog") {
            return Ok(TriggerFunction::Named("pg_catalog".into(), name));
        }
        let extension = OF_EXTENSIONS.iter().find(|(f, _)| *f == name).map(|(_, extension)| *extension);
        let home = extension.and_then(|owner| self.live_extensions().find(|(e, _)| *e == owner).map(|(_, home)| home));
        let home = home.and_then(|ns| self.schema.namespaces.get(ns)).map(|n| n.name.clone());
        if let Some(home) = &home
            && schema.as_ref().is_none_or(|s| s == home)
        {
            return Ok(TriggerFunction::Named(home.clone(), name));
        }
        let platform = schema.as_ref().is_some_and(|s| {
            super::known::is_platform_schema(s)
                || s == "pg_catalog"
                || self
                    .schema
                    .find_namespace(s)
                    .and_then(|ns| self.schema.namespaces.get(ns))
                    .is_some_and(|n| n.assumed)
        });
        let unknown_extension = self.live_extensions().any(|(e, _)| super::known::extension(e).is_none());
        // Where nothing creates the extension, an administrator may have done so.
        let absent_extension = extension.is_some() && home.is_none();
        if platform || unknown_extension || absent_extension {
            return Ok(TriggerFunction::Named(schema.unwrap_or_else(|| "public".into()), name));
        }
        if let Some(schema) = &schema
            && self.schema.find_namespace(schema).is_none()
        {
            let span = written.schema.as_ref().map_or(written.span(), |s| s.span);
            return refuse(state::INVALID_SCHEMA, span, format!("schema \"{schema}\" does not exist"));
        }
        let shown = schema.map_or_else(|| name.to_string(), |s| format!("{s}.{name}"));
        refuse(state::UNDEFINED_FUNCTION, written.span(), format!("function {shown}() does not exist"))
    }

    fn function_without_arguments(
        &self,
        namespace: crate::schema::NamespaceId,
        name: &Name,
    ) -> Option<crate::schema::FunctionId> {
        self.schema
            .find_functions(namespace, name)
            .iter()
            .copied()
            .find(|id| self.schema.functions.get(*id).is_some_and(|f| f.input_arguments().count() == 0))
    }

    /// ENABLE and DISABLE TRIGGER; `None` for all.
    pub(super) fn set_trigger_state(
        &mut self,
        owner: RelationId,
        name: Option<&Ident>,
        state: TriggerState,
    ) -> Outcome {
        let ids: Vec<TriggerId> = match name {
            Some(written) => {
                let name = written.fold();
                match self.find_trigger(owner, &name) {
                    Some(id) => vec![id],
                    None => {
                        return refuse(
                            state::UNDEFINED_OBJECT,
                            written.span,
                            format!("trigger \"{name}\" for table \"{}\" does not exist", self.relation_name(owner)),
                        );
                    }
                }
            }
            None => match owner {
                RelationId::Table(id) => self.schema.tables.get(id).map(|t| t.triggers.clone()).unwrap_or_default(),
                RelationId::View(id) => self.schema.views.get(id).map(|v| v.triggers.clone()).unwrap_or_default(),
                _ => Vec::new(),
            },
        };
        for id in ids {
            for id in std::iter::once(id).chain(self.trigger_clones(id)) {
                if let Some(trigger) = self.schema.triggers.get_mut(id).filter(|t| t.dropped.is_none()) {
                    trigger.state = state;
                    self.effect(Effect::Altered(ObjectId::Trigger(id)));
                }
            }
        }
        Ok(())
    }

    /// CREATE EVENT TRIGGER.
    pub(super) fn create_event_trigger(&mut self, name: &Ident, event: &Ident, function: &QualifiedName) -> Outcome {
        let folded = name.fold();
        let existing =
            self.schema.event_triggers.iter().find(|(_, e)| e.dropped.is_none() && e.name == folded).map(|(id, _)| id);
        if let Some(existing) = existing {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                name.span,
                format!("event trigger \"{folded}\" already exists"),
                vec![ObjectId::EventTrigger(existing)],
            );
        }
        let written = event.fold();
        // `login` came with version 17.
        let events = ["ddl_command_start", "ddl_command_end", "login", "sql_drop", "table_rewrite"];
        if !events.contains(&written.as_str()) {
            return refuse(state::SYNTAX_ERROR, event.span, format!("unrecognized event name \"{written}\""));
        }
        let function = self.trigger_function(function, "event_trigger")?;
        let id = self.schema.event_triggers.push(EventTrigger {
            name: folded,
            event: event.fold(),
            function: function.clone(),
            span: self.span,
            dropped: None,
        });
        if let TriggerFunction::User(function) = function {
            self.schema.note_dependent(ObjectId::Function(function), ObjectId::EventTrigger(id));
        }
        self.effect(Effect::Created(ObjectId::EventTrigger(id)));
        Ok(())
    }
}
