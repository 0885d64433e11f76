//! Owners and privileges. Both are what the statements of the history add up to, in their order.

use super::parts::{role, routine};
use super::{Section, Squash};
use crate::name::{Ident, Name, quote};
use crate::operation::{FunctionKind, Grant, ObjectKind, OperationKind};
use crate::problem::ProblemKind;
use crate::schema::*;

impl Squash<'_> {
    pub(super) fn owners(&mut self) {
        let schema = self.schema;
        let mut add: Vec<(&str, String, String)> = Vec::new();
        for (id, t) in self.all_tables() {
            let kind = if t.kind == TableKind::Foreign { "FOREIGN TABLE" } else { "TABLE" };
            add.extend(t.owner.as_ref().map(|o| (kind, self.table_path(id), role(o))));
        }
        for (id, v) in self.views() {
            let kind = if v.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
            add.extend(v.owner.as_ref().map(|o| (kind, schema.path(ObjectId::View(id)), role(o))));
        }
        for (id, f) in self.functions() {
            let kind = match schema.kind(ObjectId::Function(id)) {
                ObjectKind::Procedure => "PROCEDURE",
                ObjectKind::Aggregate => "AGGREGATE",
                _ => "FUNCTION",
            };
            add.extend(f.owner.as_ref().map(|o| (kind, routine(schema, f), role(o))));
        }
        // Of the others the model holds no owner: the last statement that names one counts.
        for operation in self.target.history.revisions.iter().flat_map(|r| &r.up) {
            let OperationKind::SetOwner { target, role: to } = &operation.kind else { continue };
            let name = target.name.name.fold();
            let home = target.name.schema.as_ref().map(Ident::fold).unwrap_or_else(|| "public".into());
            let home = schema.find_namespace(&home);
            let found = match target.kind {
                ObjectKind::Schema => schema.find_namespace(&name).map(|_| ("SCHEMA", quote(&name))),
                ObjectKind::Type | ObjectKind::Domain => home.and_then(|n| schema.find_type(n, &name)).map(|id| {
                    let kind = if target.kind == ObjectKind::Domain { "DOMAIN" } else { "TYPE" };
                    (kind, schema.path(ObjectId::Type(id)))
                }),
                ObjectKind::Sequence => match home.and_then(|n| schema.find_relation(n, &name)) {
                    // A sequence that a column owns has its table's owner. Source: PostgreSQL manual, ALTER TABLE, OWNER.
                    Some(RelationId::Sequence(id))
                        if schema.sequences.get(id).is_some_and(|s| s.owned_by.is_none()) =>
                    {
                        Some(("SEQUENCE", schema.relation_path(RelationId::Sequence(id))))
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some((kind, path)) = found {
                add.retain(|(k, p, _)| (*k, p) != (kind, &path));
                add.push((kind, path, role(&to.fold())));
            }
        }
        for (kind, path, owner) in add {
            self.push(Section::Owners, format!("ALTER {kind} {path} OWNER TO {owner}"));
        }
    }

    pub(super) fn privileges(&mut self) {
        let schema = self.schema;
        let mut after: Vec<String> = Vec::new();
        for entry in &schema.grants {
            let Some(schemas) = &entry.default_for else { continue };
            let roles = self.default_roles(entry.span);
            // What it gave to objects that were made after it is written out; it comes last here, for what is made later.
            if roles.is_empty() {
                let made = self.made_after(entry.span, entry.grant.kind, schemas);
                if !made.is_empty() {
                    let on = format!("ON {} {}", kind_word(entry.grant.kind), made.join(", "));
                    self.push(Section::Privileges, grant_words(&entry.grant, &on));
                }
            }
            let schemas: Vec<String> = schemas.iter().map(|s| quote(s)).collect();
            let within = if schemas.is_empty() { String::new() } else { format!(" IN SCHEMA {}", schemas.join(", ")) };
            after.push(format!(
                "ALTER DEFAULT PRIVILEGES{roles}{within} {}",
                grant_words(&entry.grant, &format!("ON {}S", kind_word(entry.grant.kind)))
            ));
        }
        for entry in schema.grants.iter().filter(|e| e.default_for.is_none()) {
            match self.grant(entry) {
                Some(on) => self.push(Section::Privileges, grant_words(&entry.grant, &on)),
                None if entry.objects.is_empty() => {
                    let at = self.analysis.location(entry.span);
                    let message = format!("{}:{}: privileges on what is not there.", at.file, at.line);
                    self.note(ProblemKind::UnsupportedStatement, message, Some(entry.span));
                }
                None => {}
            }
        }
        after.into_iter().for_each(|sql| self.push(Section::Privileges, sql));
    }

    /// The objects of a kind that are there and were made after a statement.
    fn made_after(&self, span: crate::source::Span, kind: ObjectKind, schemas: &[Name]) -> Vec<String> {
        let schema = self.schema;
        let operation = |step: &crate::replay::Step| {
            self.target.history.revisions.get(step.revision as usize)?.up.get(step.operation as usize)
        };
        let steps = &self.target.replay.steps;
        let Some(at) = steps.iter().position(|s| operation(s).is_some_and(|o| o.span == span)) else {
            return Vec::new();
        };
        let mut made: Vec<ObjectId> = Vec::new();
        for step in steps.iter().skip(at + 1) {
            for effect in &step.effects {
                if let crate::replay::Effect::Created(id) = effect {
                    made.push(*id);
                    // The sequences of serial and identity columns come with them.
                    if let ObjectId::Table(t) = id
                        && kind == ObjectKind::Sequence
                    {
                        let columns = schema.tables.get(*t).into_iter().flat_map(|t| t.live_columns());
                        made.extend(columns.filter_map(|(_, c)| c.sequence).map(ObjectId::Sequence));
                    }
                }
            }
        }
        let inside = |namespace: NamespaceId| {
            let name = schema.namespaces.get(namespace).map(|n| &n.name);
            schemas.is_empty() || name.is_some_and(|n| schemas.contains(n))
        };
        let mut paths: Vec<String> = Vec::new();
        for id in made.into_iter().filter(|id| self.is_live(*id)) {
            let path = match (kind, id) {
                (ObjectKind::Table, ObjectId::Table(t)) => {
                    schema.tables.get(t).filter(|t| inside(t.namespace)).map(|_| self.table_path(t))
                }
                (ObjectKind::Table, ObjectId::View(v)) => {
                    schema.views.get(v).filter(|v| inside(v.namespace)).map(|_| schema.path(id))
                }
                (ObjectKind::Sequence, ObjectId::Sequence(s)) => {
                    schema.sequences.get(s).filter(|s| inside(s.namespace)).map(|_| schema.path(id))
                }
                (ObjectKind::Function | ObjectKind::Routine, ObjectId::Function(f)) => {
                    let function = schema.functions.get(f).filter(|f| inside(f.namespace));
                    function.filter(|f| f.kind != FunctionKind::Procedure).map(|f| routine(schema, f))
                }
                (ObjectKind::Type, ObjectId::Type(t)) => {
                    schema.types.get(t).filter(|t| inside(t.namespace)).map(|_| schema.path(id))
                }
                (ObjectKind::Schema, ObjectId::Namespace(_)) => Some(schema.path(id)),
                _ => None,
            };
            paths.extend(path.filter(|p| !paths.contains(p)));
        }
        paths
    }

    /// FOR ROLE of ALTER DEFAULT PRIVILEGES.
    fn default_roles(&self, span: crate::source::Span) -> String {
        let all = self.target.history.revisions.iter().flat_map(|r| &r.up);
        let roles = all.filter(|o| o.span == span).find_map(|o| match &o.kind {
            OperationKind::DefaultPrivileges { roles, .. } => Some(roles),
            _ => None,
        });
        let roles: Vec<String> = roles.into_iter().flatten().map(|r| role(&r.fold())).collect();
        if roles.is_empty() { String::new() } else { format!(" FOR ROLE {}", roles.join(", ")) }
    }

    /// `ON TABLE a, b`, or the granted roles; `None` where nothing of it is there any more.
    fn grant(&self, entry: &GrantEntry) -> Option<String> {
        let schema = self.schema;
        let grant = &entry.grant;
        if grant.privileges.is_empty() {
            let roles: Vec<String> = grant.objects.iter().map(|o| role(&o.name.name.fold())).collect();
            return (!roles.is_empty()).then(|| roles.join(", "));
        }
        let mut paths: Vec<String> = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        for id in &entry.objects {
            if !self.is_live(*id) {
                continue;
            }
            let path = match *id {
                ObjectId::Column(table, number) => {
                    columns.extend(schema.column(table, number).map(|c| quote(&c.name)));
                    self.table_path(table)
                }
                ObjectId::Function(f) => schema.functions.get(f).map(|f| routine(schema, f)).unwrap_or_default(),
                ObjectId::Index(_) => continue,
                other => schema.path(other),
            };
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            // Databases, languages and the like are granted without the input making them.
            let unmade = matches!(
                grant.kind,
                ObjectKind::Database
                    | ObjectKind::Language
                    | ObjectKind::Parameter
                    | ObjectKind::Tablespace
                    | ObjectKind::Server
                    | ObjectKind::ForeignDataWrapper
                    | ObjectKind::LargeObject
            );
            if unmade {
                paths = grant.objects.iter().map(|o| quote(&o.name.name.fold())).collect();
            }
        }
        if paths.is_empty() {
            return None;
        }
        let word = match entry.objects.first() {
            Some(ObjectId::Function(f)) => match schema.kind(ObjectId::Function(*f)) {
                ObjectKind::Procedure => "PROCEDURE",
                _ => "FUNCTION",
            },
            Some(ObjectId::Sequence(_)) => "SEQUENCE",
            _ => kind_word(grant.kind),
        };
        let columns = if columns.is_empty() { String::new() } else { format!("({}) ", columns.join(", ")) };
        Some(format!("{columns}ON {word} {}", paths.join(", ")))
    }

    fn is_live(&self, id: ObjectId) -> bool {
        let schema = self.schema;
        match id {
            ObjectId::Namespace(n) => schema.namespaces.get(n).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Table(t) => schema.tables.get(t).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Column(t, c) => {
                schema.tables.get(t).is_some_and(|o| o.dropped.is_none()) && schema.column(t, c).is_some()
            }
            ObjectId::View(v) => schema.views.get(v).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Sequence(s) => schema.sequences.get(s).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Type(t) => schema.types.get(t).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Function(f) => schema.functions.get(f).is_some_and(|o| o.dropped.is_none()),
            ObjectId::Other(o) => schema.others.get(o).is_some_and(|o| o.dropped.is_none()),
            _ => false,
        }
    }
}

/// GRANT and REVOKE around what they are on.
fn grant_words(grant: &Grant, on: &str) -> String {
    let mut privileges = grant.privileges.join(", ");
    if !privileges.is_empty() {
        privileges.push(' ');
    }
    let grantees: Vec<String> =
        grant.grantees.iter().map(|g| if g.quoted { quote(&g.fold()) } else { role(&g.fold()) }).collect();
    let grantees = grantees.join(", ");
    if grant.revoke {
        let only = match (grant.with_grant_option, grant.privileges.is_empty()) {
            (false, _) => "",
            (true, false) => "GRANT OPTION FOR ",
            (true, true) => "ADMIN OPTION FOR ",
        };
        format!("REVOKE {only}{privileges}{on} FROM {grantees}")
    } else {
        let option = match (grant.with_grant_option, grant.privileges.is_empty()) {
            (false, _) => "",
            (true, false) => " WITH GRANT OPTION",
            (true, true) => " WITH ADMIN OPTION",
        };
        format!("GRANT {privileges}{on} TO {grantees}{option}")
    }
}

fn kind_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Schema => "SCHEMA",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Function => "FUNCTION",
        ObjectKind::Procedure => "PROCEDURE",
        ObjectKind::Routine => "ROUTINE",
        ObjectKind::Type => "TYPE",
        ObjectKind::Domain => "DOMAIN",
        ObjectKind::Database => "DATABASE",
        ObjectKind::Language => "LANGUAGE",
        ObjectKind::Server => "FOREIGN SERVER",
        ObjectKind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        ObjectKind::Tablespace => "TABLESPACE",
        ObjectKind::Parameter => "PARAMETER",
        ObjectKind::LargeObject => "LARGE OBJECT",
        _ => "TABLE",
    }
}
