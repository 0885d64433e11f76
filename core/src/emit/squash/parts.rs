//! Rules, triggers, policies, event triggers and comments.

use super::objects::function_path;
use super::order::Node;
use super::text::{begins_with, last, outer_words};
use super::{Section, Squash};
use crate::name::quote;
use crate::operation::{
    CreateTrigger, ObjectKind, ObjectRef, OperationKind, PolicyCommand, TriggerEvent, TriggerState,
};
use crate::order::Order;
use crate::problem::ProblemKind;
use crate::rules::support::literal;
use crate::schema::*;

impl<'a> Squash<'a> {
    pub(super) fn rules(&mut self) {
        self.drops_of_others(Section::Rules, &[ObjectKind::Rule]);
        for (id, rule) in self.schema.rules.iter().filter(|(_, r)| r.dropped.is_none()) {
            let sql = format!(
                "CREATE RULE {} AS ON {} TO {} {}",
                quote(&rule.name),
                rule.event.sql(),
                self.schema.relation_path(rule.owner),
                self.names.expr(&rule.text)
            );
            self.push_made(Section::Rules, ObjectId::Rule(id), rule.span, sql);
        }
    }

    pub(super) fn triggers(&mut self) {
        self.drops_of_others(Section::Triggers, &[ObjectKind::Trigger]);
        for (id, trigger) in self.schema.triggers.iter().filter(|(_, t)| t.dropped.is_none()) {
            if !self.owner_exists(trigger.owner) {
                continue;
            }
            // Partitions get theirs from their parent.
            let state_of_parent = trigger.parent.and_then(|p| self.schema.triggers.get(p)).map(|p| p.state);
            if trigger.parent.is_none() {
                let sql = self.trigger(id, trigger);
                self.push_made(Section::Triggers, ObjectId::Trigger(id), trigger.span, sql);
            }
            if trigger.state != state_of_parent.unwrap_or(TriggerState::Enabled) {
                let word = match trigger.state {
                    TriggerState::Enabled => "ENABLE",
                    TriggerState::Disabled => "DISABLE",
                    TriggerState::Replica => "ENABLE REPLICA",
                    TriggerState::Always => "ENABLE ALWAYS",
                };
                let owner = self.schema.relation_path(trigger.owner);
                self.push(Section::Triggers, format!("ALTER TABLE {owner} {word} TRIGGER {}", quote(&trigger.name)));
            }
        }
    }

    fn owner_exists(&self, owner: RelationId) -> bool {
        match owner {
            RelationId::Table(t) => self
                .schema
                .tables
                .get(t)
                .is_some_and(|t| t.dropped.is_none() && t.persistence != crate::operation::Persistence::Temporary),
            RelationId::View(v) => self.schema.views.get(v).is_some_and(|v| v.dropped.is_none()),
            _ => false,
        }
    }

    fn trigger(&self, id: TriggerId, trigger: &Trigger) -> String {
        let written: Option<&CreateTrigger> = last(self.origins.statements(ObjectId::Trigger(id)), |o| match &o.kind {
            OperationKind::CreateTrigger(create) => Some(&**create),
            _ => None,
        });
        let events: Vec<String> = trigger
            .events
            .iter()
            .map(|event| match (event, trigger.owner) {
                (TriggerEvent::Update, RelationId::Table(table)) if !trigger.update_of.is_empty() => {
                    format!("UPDATE OF {}", self.columns(table, &trigger.update_of))
                }
                _ => event.sql().to_owned(),
            })
            .collect();
        let mut sql = format!(
            "CREATE {}TRIGGER {} {} {} ON {}",
            if trigger.constraint { "CONSTRAINT " } else { "" },
            quote(&trigger.name),
            trigger.timing.sql(),
            events.join(" OR "),
            self.schema.relation_path(trigger.owner)
        );
        if let Some(written) = written {
            if let Some(from) = &written.from_table {
                let schema = from.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
                sql.push_str(&format!(" FROM {schema}{}", quote(&from.name.fold())));
            }
            if written.attributes.deferrable {
                sql.push_str(" DEFERRABLE");
            }
            if written.attributes.initially_deferred {
                sql.push_str(" INITIALLY DEFERRED");
            }
            if !written.transition_tables.is_empty() {
                let text = self.origins.text(trigger.span).unwrap_or_default();
                sql.push_str(&format!(" {}", transition_tables(text)));
            }
        }
        sql.push_str(if trigger.for_each_row { " FOR EACH ROW" } else { " FOR EACH STATEMENT" });
        if let Some(when) = &trigger.when {
            sql.push_str(&format!(" WHEN ({})", self.names.expr(when)));
        }
        let function = function_path(self.schema, &trigger.function);
        sql.push_str(&format!("\n    EXECUTE FUNCTION {function}({})", trigger.arguments.join(", ")));
        sql
    }

    pub(super) fn row_security(&mut self) {
        for (id, table) in self.all_tables() {
            let path = self.table_path(id);
            if table.rls_enabled {
                self.push(Section::RowSecurity, format!("ALTER TABLE {path} ENABLE ROW LEVEL SECURITY"));
            }
            if table.rls_forced {
                self.push(Section::RowSecurity, format!("ALTER TABLE {path} FORCE ROW LEVEL SECURITY"));
            }
        }
        self.drops_of_others(Section::RowSecurity, &[ObjectKind::Policy]);
        for (id, policy) in self.schema.policies.iter().filter(|(_, p)| p.dropped.is_none()) {
            let mut sql = format!("CREATE POLICY {} ON {}", quote(&policy.name), self.table_path(policy.table));
            if !policy.permissive {
                sql.push_str(" AS RESTRICTIVE");
            }
            if policy.command != PolicyCommand::All {
                sql.push_str(&format!(" FOR {}", policy.command.sql()));
            }
            let everyone = policy.roles.is_empty() || policy.roles.iter().any(|r| r == "public");
            if !everyone {
                let roles: Vec<String> = policy.roles.iter().map(|r| role(r)).collect();
                sql.push_str(&format!(" TO {}", roles.join(", ")));
            }
            if let Some(using) = &policy.using {
                sql.push_str(&format!("\n    USING ({})", self.names.expr(using)));
            }
            if let Some(check) = &policy.with_check {
                sql.push_str(&format!("\n    WITH CHECK ({})", self.names.expr(check)));
            }
            self.push_made(Section::RowSecurity, ObjectId::Policy(id), policy.span, sql);
        }
    }

    pub(super) fn event_triggers(&mut self) {
        self.drops_of_others(Section::EventTriggers, &[ObjectKind::EventTrigger]);
        for (id, trigger) in self.schema.event_triggers.iter().filter(|(_, t)| t.dropped.is_none()) {
            // Filters by tag are in the text only.
            let text = self.origins.text(trigger.span).unwrap_or_default();
            let words = outer_words(text);
            let find = |word: &str| words.iter().find(|(_, w)| w.eq_ignore_ascii_case(word)).map(|(at, _)| *at);
            let filter = match (find("WHEN"), find("EXECUTE")) {
                (Some(from), Some(to)) => format!("\n    {}", text.get(from..to).unwrap_or_default().trim()),
                _ => String::new(),
            };
            let sql = format!(
                "CREATE EVENT TRIGGER {} ON {}{filter}\n    EXECUTE FUNCTION {}()",
                quote(&trigger.name),
                quote(&trigger.event),
                function_path(self.schema, &trigger.function)
            );
            self.push_made(Section::EventTriggers, ObjectId::EventTrigger(id), trigger.span, sql);
        }
    }

    pub(super) fn comments(&mut self) {
        self.comments_on_schemas();
        let schema = self.schema;
        let mut add: Vec<(String, &String)> = Vec::new();
        let mut comment = |kind: &str, path: String, text: &'a Option<String>| {
            add.extend(text.as_ref().map(|text| (format!("{kind} {path}"), text)));
        };
        for (id, t) in self.in_order(schema.types.iter().filter(|(_, t)| t.dropped.is_none()), Node::Type) {
            let kind = if matches!(t.kind, TypeKind::Domain(_)) { "DOMAIN" } else { "TYPE" };
            comment(kind, schema.path(ObjectId::Type(id)), &t.comment);
        }
        for (id, s) in self.in_order(schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()), Node::Sequence) {
            comment("SEQUENCE", schema.path(ObjectId::Sequence(id)), &s.comment);
        }
        for (id, f) in self.functions() {
            let kind = match schema.kind(ObjectId::Function(id)) {
                ObjectKind::Procedure => "PROCEDURE",
                ObjectKind::Aggregate => "AGGREGATE",
                _ => "FUNCTION",
            };
            comment(kind, routine(schema, f), &f.comment);
        }
        for (id, t) in self.all_tables() {
            let kind = if t.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
            comment(kind, schema.path(ObjectId::Table(id)), &t.comment);
            for (number, column) in t.live_columns() {
                comment("COLUMN", schema.path(ObjectId::Column(id, number)), &column.comment);
            }
        }
        for (id, t) in self.all_tables() {
            let mut constraints: Vec<&Constraint> = schema.constraints_of(t).map(|(_, c)| c).collect();
            constraints.order_by(|a, b| a.name.cmp(&b.name));
            for c in constraints {
                comment("CONSTRAINT", format!("{} ON {}", quote(&c.name), self.table_path(id)), &c.comment);
            }
        }
        let of_views = self.views().into_iter().flat_map(|(_, v)| v.indexes.iter().copied());
        let indexes = self.all_tables().into_iter().flat_map(|(_, t)| t.indexes.iter().copied()).chain(of_views);
        let mut indexes: Vec<(String, IndexId)> =
            indexes.map(|i| (schema.relation_path(RelationId::Index(i)), i)).collect();
        indexes.order();
        for (path, i) in indexes {
            if let Some(i) = schema.indexes.get(i).filter(|i| i.dropped.is_none()) {
                comment("INDEX", path, &i.comment);
            }
        }
        for (id, v) in self.views() {
            let kind = if v.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
            comment(kind, schema.path(ObjectId::View(id)), &v.comment);
        }
        for (_, t) in schema.triggers.iter().filter(|(_, t)| t.dropped.is_none()) {
            comment("TRIGGER", format!("{} ON {}", quote(&t.name), schema.relation_path(t.owner)), &t.comment);
        }
        for (_, p) in schema.policies.iter().filter(|(_, p)| p.dropped.is_none()) {
            let table = schema.relation_path(RelationId::Table(p.table));
            comment("POLICY", format!("{} ON {table}", quote(&p.name)), &p.comment);
        }
        for (what, text) in add {
            self.push(Section::Comments, format!("COMMENT ON {what} IS {}", literal(text)));
        }
        self.comments_of_others();
    }

    /// `public` is there with a comment of its own before the first statement, which the input may have changed or taken away.
    fn comments_on_schemas(&mut self) {
        for (_, namespace) in self.schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()) {
            let standing = (*namespace.name == *"public").then_some(Namespace::COMMENT_OF_PUBLIC);
            let comment = namespace.comment.as_deref();
            if comment != standing {
                let text = comment.map_or_else(|| "NULL".to_owned(), literal);
                self.push(Section::Comments, format!("COMMENT ON SCHEMA {} IS {text}", quote(&namespace.name)));
            }
        }
    }

    /// Comments on what the model has no room for: columns of views, extensions, constraints of domains, rules, operators …
    fn comments_of_others(&mut self) {
        let mut last: Vec<(String, Option<String>)> = Vec::new();
        for operation in self.target.history.revisions.iter().flat_map(|r| &r.up) {
            let OperationKind::Comment { target, text } = &operation.kind else { continue };
            let Some(what) = self.uncommented(target, operation.span) else { continue };
            last.retain(|(w, _)| *w != what);
            last.push((what, text.clone()));
        }
        for (what, text) in last {
            if let Some(text) = text.filter(|t| !t.is_empty()) {
                self.push(Section::Comments, format!("COMMENT ON {what} IS {}", literal(&text)));
            }
        }
    }

    /// How a comment names an object that is there and whose comment the model does not hold.
    pub(super) fn uncommented(&mut self, target: &ObjectRef, span: crate::source::Span) -> Option<String> {
        let schema = self.schema;
        let name = target.name.name.fold();
        let home = target.name.schema.as_ref().map(|s| s.fold());
        let in_home = |namespace: NamespaceId| {
            let own = schema.namespaces.get(namespace).map(|n| n.name.clone());
            home.is_none() || home == own
        };
        match target.kind {
            ObjectKind::Column => {
                let column = target.part.as_ref()?.fold();
                let view = schema.live_views().find(|(_, v)| v.name == name && in_home(v.namespace));
                let composite = schema.types.iter().find(|(_, t)| {
                    t.dropped.is_none()
                        && matches!(t.kind, TypeKind::Composite(_))
                        && t.name == name
                        && in_home(t.namespace)
                });
                let view = view.map(|(id, _)| ObjectId::View(id));
                let id = view.or(composite.map(|(id, _)| ObjectId::Type(id)))?;
                Some(format!("COLUMN {}.{}", schema.path(id), quote(&column)))
            }
            ObjectKind::Extension => schema.find_extension(&name).map(|_| format!("EXTENSION {}", quote(&name))),
            ObjectKind::Rule => {
                let rule = target.part.as_ref()?.fold();
                let of = |owner| match owner {
                    RelationId::Table(id) => schema.tables.get(id).map(|t| (&t.name, t.namespace)),
                    RelationId::View(id) => schema.views.get(id).map(|v| (&v.name, v.namespace)),
                    _ => None,
                };
                let is_of = |r: &RewriteRule| of(r.owner).is_some_and(|(own, home)| *own == name && in_home(home));
                // Rules of several tables may have one name.
                let mut named = schema.rules.iter().filter(|(_, r)| r.dropped.is_none() && r.name == rule);
                let (_, rule) = named.find(|(_, r)| is_of(r))?;
                Some(format!("RULE {} ON {}", quote(&rule.name), schema.relation_path(rule.owner)))
            }
            ObjectKind::EventTrigger => Some(format!("EVENT TRIGGER {}", quote(&name))),
            ObjectKind::Schema
            | ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::Constraint
            | ObjectKind::Index
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence
            | ObjectKind::Type
            | ObjectKind::Domain
            | ObjectKind::Function
            | ObjectKind::Procedure
            | ObjectKind::Routine
            | ObjectKind::Aggregate
            | ObjectKind::Trigger
            | ObjectKind::Policy => None,
            _ => {
                // The name as it is written, between ON and IS.
                let text = self.origins.text(span).filter(|t| begins_with(t, "COMMENT"))?;
                let words = outer_words(text);
                let on = words.iter().find(|(_, w)| w.eq_ignore_ascii_case("ON")).map(|(at, _)| at + 2)?;
                let is = words.iter().rev().find(|(_, w)| w.eq_ignore_ascii_case("IS")).map(|(at, _)| *at)?;
                let what = text.get(on..is)?.trim();
                if what.is_empty() {
                    self.note(ProblemKind::UnsupportedStatement, "a comment that was not read.".to_owned(), Some(span));
                    return None;
                }
                Some(what.to_owned())
            }
        }
    }
}

/// `REFERENCING OLD TABLE AS before NEW TABLE AS after` of a CREATE TRIGGER.
fn transition_tables(text: &str) -> &str {
    let words = outer_words(text);
    let from = words.iter().position(|(_, w)| w.eq_ignore_ascii_case("REFERENCING"));
    let Some(from) = from else { return "" };
    let to = words
        .iter()
        .skip(from)
        .find(|(_, w)| ["FOR", "WHEN", "EXECUTE"].iter().any(|word| w.eq_ignore_ascii_case(word)));
    let start = words.get(from).map_or(0, |(at, _)| *at);
    text.get(start..to.map_or(text.len(), |(at, _)| *at)).unwrap_or_default().trim()
}

/// A routine with the arguments that identify it.
pub(super) fn routine(schema: &Schema, f: &Function) -> String {
    let arguments: Vec<String> = f.input_arguments().map(|a| a.data_type.display(schema)).collect();
    let arguments = if f.kind == crate::operation::FunctionKind::Aggregate && arguments.is_empty() {
        "*".to_owned()
    } else {
        arguments.join(", ")
    };
    format!("{}({arguments})", schema.qualified(f.namespace, &f.name))
}

/// A role; PUBLIC and the names of the session's own roles are words.
pub(super) fn role(name: &str) -> String {
    match name {
        "public" => "PUBLIC".to_owned(),
        "current_user" | "session_user" | "current_role" => name.to_uppercase(),
        _ => quote(name),
    }
}
