//! Objects of every kind: found by reference, commented, owned, granted; schemas, extensions, and what is named but not modelled.

use super::conflict::{Outcome, refuse, refuse_for, skip, state};
use super::lookup::{as_written, object_of};
use super::{Effect, Note, Replayer, known};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{ANY_SCHEMA, Grant, ObjectKind, ObjectRef};
use crate::schema::{Extension, GrantEntry, Namespace, ObjectId, RelationId, TypeKind, ViewId};

/// What CREATE EXTENSION … CASCADE brings along. Source: `requires` of each extension's control file.
const REQUIRED: &[(&str, &[&str])] = &[
    ("address_standardizer_data_us", &["address_standardizer"]),
    ("ai", &["vector"]),
    ("earthdistance", &["cube"]),
    ("h3_postgis", &["h3", "postgis"]),
    ("hstore_plperl", &["hstore"]),
    ("hstore_plpython3u", &["hstore"]),
    ("ltree_plpython3u", &["ltree"]),
    ("mobilitydb", &["postgis"]),
    ("pgrouting", &["postgis"]),
    ("postgis_raster", &["postgis"]),
    ("postgis_sfcgal", &["postgis"]),
    ("postgis_tiger_geocoder", &["postgis", "fuzzystrmatch"]),
    ("postgis_topology", &["postgis"]),
    ("vchord", &["vector"]),
    ("vectorscale", &["vector"]),
];

impl Replayer {
    /// CREATE SCHEMA.
    pub(super) fn create_schema(&mut self, name: &Ident, if_not_exists: bool) -> Outcome {
        let folded = name.fold();
        if let Some(existing) = self.schema.find_namespace(&folded) {
            let span = self.span;
            let Some(namespace) = self.schema.namespaces.get_mut(existing) else { return Ok(()) };
            // A platform's schema that the input makes after all.
            if namespace.assumed && !matches!(folded.as_str(), "pg_catalog" | "information_schema" | "pg_toast") {
                namespace.assumed = false;
                namespace.span = Some(span);
                self.effect(Effect::Created(ObjectId::Namespace(existing)));
                return Ok(());
            }
            if if_not_exists {
                return Ok(());
            }
            return refuse_for(
                state::DUPLICATE_SCHEMA,
                name.span,
                format!("schema \"{folded}\" already exists"),
                vec![ObjectId::Namespace(existing)],
            );
        }
        check_schema_name(&folded, name.span)?;
        let id = self.schema.namespaces.push(Namespace {
            name: folded.clone(),
            span: Some(self.span),
            comment: None,
            assumed: false,
            dropped: None,
        });
        self.schema.bind_namespace(folded, Some(id));
        self.resolve_search_path();
        self.schema_elements = Some((self.span, id));
        self.effect(Effect::Created(ObjectId::Namespace(id)));
        Ok(())
    }

    /// CREATE EXTENSION.
    pub(super) fn create_extension(
        &mut self,
        name: &Ident,
        if_not_exists: bool,
        schema: Option<&Ident>,
        cascade: bool,
    ) -> Outcome {
        let folded = name.fold();
        // initdb installs plpgsql; a dump that makes it anyway is older than that.
        if folded == "plpgsql" {
            return Ok(());
        }
        if let Some(existing) = self.schema.find_extension(&folded) {
            if if_not_exists {
                return Ok(());
            }
            return refuse_for(
                state::DUPLICATE_OBJECT,
                name.span,
                format!("extension \"{folded}\" already exists"),
                vec![ObjectId::Extension(existing)],
            );
        }
        let fixed = known::extension(&folded).and_then(|e| e.schema);
        let namespace = match (fixed, schema) {
            (Some(fixed), _) => match self.schema.find_namespace(fixed) {
                Some(id) => id,
                None => self.assume_namespace(fixed.into()),
            },
            (None, Some(schema)) => self.namespace(schema)?,
            (None, None) => self.namespace_for(&QualifiedName { schema: None, name: name.clone() })?,
        };
        if cascade {
            let needed = REQUIRED.iter().filter(|(of, _)| *of == folded).flat_map(|(_, needed)| *needed);
            for needed in needed {
                if self.schema.find_extension(needed).is_none() {
                    self.insert_extension((*needed).into(), namespace);
                }
            }
        }
        self.insert_extension(folded, namespace);
        Ok(())
    }

    fn insert_extension(&mut self, name: Name, namespace: crate::schema::NamespaceId) {
        let id =
            self.schema.extensions.push(Extension { name: name.clone(), namespace, span: self.span, dropped: None });
        self.schema.bind_extension(name, Some(id));
        self.effect(Effect::Created(ObjectId::Extension(id)));
    }

    /// The constraint, trigger, policy or rule of this name, whatever its table.
    fn find_part_of_any(&self, kind: ObjectKind, name: &Name) -> Option<ObjectId> {
        let schema = &self.schema;
        match kind {
            ObjectKind::Constraint => self.any_constraint(name).or_else(|| {
                let of_domain = |kind: &TypeKind| matches!(kind, TypeKind::Domain(d) if d.checks.iter().any(|(check, _)| check == name));
                schema.types.iter().find(|(_, t)| t.dropped.is_none() && of_domain(&t.kind)).map(|(id, _)| ObjectId::Type(id))
            }),
            ObjectKind::Trigger => schema
                .triggers
                .iter()
                .find(|(_, t)| t.dropped.is_none() && t.name == *name)
                .map(|(id, _)| ObjectId::Trigger(id)),
            ObjectKind::Policy => schema
                .policies
                .iter()
                .find(|(_, p)| p.dropped.is_none() && p.name == *name)
                .map(|(id, _)| ObjectId::Policy(id)),
            ObjectKind::Rule => schema
                .rules
                .iter()
                .find(|(_, r)| r.dropped.is_none() && r.name == *name)
                .map(|(id, _)| ObjectId::Rule(id)),
            _ => None,
        }
    }

    /// The object that a reference means, where it exists. Nothing is made up.
    pub(super) fn find_object(&self, object: &ObjectRef) -> Option<ObjectId> {
        let folded = object.name.name.fold();
        // A guard may ask for something of any table.
        if folded.is_empty()
            && let Some(part) = &object.part
        {
            return self.find_part_of_any(object.kind, &part.fold());
        }
        match object.kind {
            ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::Relation => {
                self.find_relation(&object.name).map(object_of).filter(|o| !self.is_assumed(*o))
            }
            ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Index | ObjectKind::Sequence => {
                self.find_relation(&object.name).map(object_of)
            }
            ObjectKind::Column => {
                let RelationId::Table(table) = self.find_relation(&object.name)? else { return None };
                let column = self.find_column(table, &object.part.as_ref()?.fold())?;
                Some(ObjectId::Column(table, column))
            }
            ObjectKind::Constraint => match self.find_relation(&object.name) {
                Some(RelationId::Table(table)) => {
                    self.find_constraint(table, &object.part.as_ref()?.fold()).map(ObjectId::Constraint)
                }
                // A guard may ask for a constraint by its name alone.
                None if object.part.is_none() => self.any_constraint(&folded),
                _ => None,
            },
            ObjectKind::Trigger => {
                let owner = self.find_relation(&object.name)?;
                self.find_trigger(owner, &object.part.as_ref()?.fold()).map(ObjectId::Trigger)
            }
            ObjectKind::Policy => {
                let RelationId::Table(table) = self.find_relation(&object.name)? else { return None };
                self.find_policy(table, &object.part.as_ref()?.fold()).map(ObjectId::Policy)
            }
            ObjectKind::Rule => {
                let owner = self.find_relation(&object.name)?;
                self.find_rule(owner, &object.part.as_ref()?.fold()).map(ObjectId::Rule)
            }
            ObjectKind::Type | ObjectKind::Domain => self.named_type(&object.name).ok().map(ObjectId::Type),
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate => {
                self.find_function(object).ok().map(ObjectId::Function)
            }
            ObjectKind::Schema => self.schema.find_namespace(&folded).map(ObjectId::Namespace),
            ObjectKind::Extension => self.schema.find_extension(&folded).map(ObjectId::Extension),
            ObjectKind::EventTrigger => self
                .schema
                .event_triggers
                .iter()
                .find(|(_, e)| e.dropped.is_none() && e.name == folded)
                .map(|(id, _)| ObjectId::EventTrigger(id)),
            _ => self.find_named(object).map(ObjectId::Other),
        }
    }

    /// What a guard asks for.
    pub(super) fn find_asked(&self, object: &ObjectRef) -> Option<ObjectId> {
        if object.name.schema.as_ref().is_none_or(|schema| schema.text != ANY_SCHEMA) {
            return self.find_object(object);
        }
        let mut asked = object.clone();
        self.schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()).find_map(|(_, namespace)| {
            let schema = asked.name.schema.as_mut()?;
            (schema.text, schema.quoted) = (namespace.name.clone(), true);
            self.find_object(&asked)
        })
    }

    /// Whether a relation is of the kind that a guard asks for: a view is no row of `pg_tables`.
    pub(super) fn is_of_kind(&self, found: ObjectId, asked: ObjectKind) -> bool {
        use ObjectKind::{Index, MaterializedView, Sequence, Table, View};
        !matches!(asked, Table | View | MaterializedView | Index | Sequence) || self.schema.kind(found) == asked
    }

    fn any_constraint(&self, name: &str) -> Option<ObjectId> {
        self.schema
            .constraints
            .iter()
            .find(|(_, c)| c.dropped.is_none() && c.name == name)
            .map(|(id, _)| ObjectId::Constraint(id))
    }

    fn is_assumed(&self, id: ObjectId) -> bool {
        matches!(id, ObjectId::Table(t) if self.schema.tables.get(t).is_some_and(|t| t.assumed))
    }

    /// The same, where ALTER TABLE's liberty to name any kind of relation does not hold.
    pub(super) fn object_strictly(&mut self, object: &ObjectRef) -> Outcome<ObjectId> {
        let relation = self.find_relation(&object.name);
        if object.kind == ObjectKind::Constraint
            && matches!(relation, Some(RelationId::Index(_) | RelationId::Composite(_)))
        {
            let message = format!("\"{}\" is not a table", object.name.name.fold());
            return refuse(state::WRONG_OBJECT_TYPE, object.name.span(), message);
        }
        let id = self.object(object)?;
        let table = match id {
            ObjectId::Table(t) => self.schema.tables.get(t).is_none_or(|t| t.kind != crate::schema::TableKind::Foreign),
            _ => false,
        };
        if object.kind == ObjectKind::Table && !table {
            return refuse_for(
                state::WRONG_OBJECT_TYPE,
                object.name.span(),
                format!("\"{}\" is not a table", object.name.name.fold()),
                vec![id],
            );
        }
        Ok(id)
    }

    /// The object that a statement names, or why PostgreSQL would not find it.
    pub(super) fn object(&mut self, object: &ObjectRef) -> Outcome<ObjectId> {
        let word = object.kind.name();
        let shown = as_written(&object.name);
        let span = object.name.span();
        match object.kind {
            ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::View
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence
            | ObjectKind::Index => {
                // Of a platform only tables are made up.
                if !matches!(object.kind, ObjectKind::Table | ObjectKind::ForeignTable)
                    && self.find_relation(&object.name).is_none()
                    && object.name.schema.as_ref().is_some_and(|s| known::is_platform_schema(&s.fold()))
                    && self
                        .certainly_missing(
                            object.name.schema.as_ref().map(Ident::fold).as_ref(),
                            &object.name.name.fold(),
                        )
                        .is_none()
                {
                    return skip(span);
                }
                let relation = self.relation(&object.name)?;
                self.check_kind(relation, object.kind, &object.name)?;
                Ok(object_of(relation))
            }
            ObjectKind::Column => {
                let Some(part) = &object.part else { return skip(span) };
                match self.relation(&object.name)? {
                    RelationId::Table(table) => Ok(ObjectId::Column(table, self.column(table, part)?)),
                    RelationId::View(_) | RelationId::Composite(_) => skip(span),
                    other => refuse_for(
                        state::WRONG_OBJECT_TYPE,
                        span,
                        format!(
                            "\"{}\" is not a table, view, materialized view, composite type, or foreign table",
                            object.name.name.fold()
                        ),
                        vec![object_of(other)],
                    ),
                }
            }
            ObjectKind::Constraint => {
                let Some(part) = &object.part else { return skip(span) };
                let relation = self.relation(&object.name)?;
                if let RelationId::Table(table) = relation
                    && let Some(id) = self.find_constraint(table, &part.fold())
                {
                    return Ok(ObjectId::Constraint(id));
                }
                let relation = self.relation_name(relation);
                let message = format!("constraint \"{}\" for table \"{relation}\" does not exist", part.fold());
                refuse(state::UNDEFINED_OBJECT, part.span, message)
            }
            ObjectKind::Trigger | ObjectKind::Policy | ObjectKind::Rule => {
                let Some(part) = &object.part else { return skip(span) };
                let owner = self.relation(&object.name)?;
                let name = part.fold();
                let found = match (object.kind, owner) {
                    (ObjectKind::Trigger, _) => self.find_trigger(owner, &name).map(ObjectId::Trigger),
                    (ObjectKind::Policy, RelationId::Table(t)) => self.find_policy(t, &name).map(ObjectId::Policy),
                    // What has no policies has none of this name.
                    (ObjectKind::Policy, _) => None,
                    _ => self.find_rule(owner, &name).map(ObjectId::Rule),
                };
                let what = if object.kind == ObjectKind::Rule { "relation" } else { "table" };
                match found {
                    Some(id) => Ok(id),
                    // What a platform keeps on its tables is not known.
                    None if self.is_assumed(object_of(owner)) => skip(span),
                    None => refuse(
                        state::UNDEFINED_OBJECT,
                        part.span,
                        format!("{word} \"{name}\" for {what} \"{}\" does not exist", self.relation_name(owner)),
                    ),
                }
            }
            ObjectKind::Type | ObjectKind::Domain => {
                let id = self.named_type(&object.name)?;
                let domain = self.schema.types.get(id).is_some_and(|t| matches!(t.kind, TypeKind::Domain(_)));
                if object.kind == ObjectKind::Domain && !domain {
                    return refuse_for(
                        state::WRONG_OBJECT_TYPE,
                        span,
                        format!("\"{shown}\" is not a domain"),
                        vec![ObjectId::Type(id)],
                    );
                }
                Ok(ObjectId::Type(id))
            }
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate => {
                self.find_function(object).map(ObjectId::Function)
            }
            ObjectKind::Schema => match self.schema.find_namespace(&object.name.name.fold()) {
                Some(id) => Ok(ObjectId::Namespace(id)),
                None if known::is_platform_schema(&object.name.name.fold()) => skip(span),
                None => refuse(state::INVALID_SCHEMA, span, format!("schema \"{shown}\" does not exist")),
            },
            ObjectKind::Extension | ObjectKind::EventTrigger => match self.find_object(object) {
                Some(id) => Ok(id),
                None if shown == "plpgsql" => skip(span),
                None => refuse(state::UNDEFINED_OBJECT, span, format!("{word} \"{shown}\" does not exist")),
            },
            ObjectKind::DomainConstraint => {
                let id = self.named_type(&object.name)?;
                let Some(part) = &object.part else { return skip(span) };
                let Some(t) = self.schema.types.get(id) else { return skip(span) };
                let name = part.fold();
                match &t.kind {
                    TypeKind::Domain(domain) if domain.checks.iter().any(|(n, _)| *n == name) => Ok(ObjectId::Type(id)),
                    TypeKind::Domain(_) => {
                        let message = format!("constraint \"{name}\" for domain {} does not exist", t.name);
                        refuse(state::UNDEFINED_OBJECT, part.span, message)
                    }
                    _ => refuse(state::WRONG_OBJECT_TYPE, span, format!("\"{shown}\" is not a domain")),
                }
            }
            _ => match self.find_named(object) {
                Some(id) => Ok(ObjectId::Other(id)),
                None => self.missing_named(object),
            },
        }
    }

    /// COMMENT ON.
    pub(super) fn comment(&mut self, target: &ObjectRef, text: Option<&str>) -> Outcome {
        // The empty comment is none. Source: PostgreSQL manual, COMMENT.
        let text = text.filter(|t| !t.is_empty()).map(str::to_owned);
        // NOT NULL constraints have no place for one.
        if target.kind == ObjectKind::Constraint && self.not_null_of(target).is_some() {
            return Ok(());
        }
        let id = match self.object_strictly(target) {
            // The row type of a table may have one, which is kept nowhere.
            Err(refusal)
                if refusal.sqlstate == state::UNDEFINED_OBJECT
                    && matches!(target.kind, ObjectKind::Type | ObjectKind::Domain)
                    && self.is_row_type(target) =>
            {
                let message = format!("\"{}\" is not a domain", as_written(&target.name));
                return match target.kind {
                    ObjectKind::Type => Ok(()),
                    _ => refuse(state::WRONG_OBJECT_TYPE, target.name.span(), message),
                };
            }
            found => found?,
        };
        let schema = &mut self.schema;
        let slot = match id {
            ObjectId::Namespace(id) => schema.namespaces.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Table(id) => schema.tables.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Column(table, column) => {
                schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())).map(|c| &mut c.comment)
            }
            ObjectId::View(id) => schema.views.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Index(id) => schema.indexes.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Sequence(id) => schema.sequences.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Constraint(id) => schema.constraints.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Type(_) if target.kind == ObjectKind::DomainConstraint => None,
            ObjectId::Type(id) => schema.types.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Function(id) => schema.functions.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Trigger(id) => schema.triggers.get_mut(id).map(|o| &mut o.comment),
            ObjectId::Policy(id) => schema.policies.get_mut(id).map(|o| &mut o.comment),
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = text;
            self.effect(Effect::Altered(id));
        }
        Ok(())
    }

    /// OWNER TO.
    pub(super) fn set_owner(&mut self, target: &ObjectRef, role: &Ident) -> Outcome {
        let id = self.object(target)?;
        let role = role.fold();
        let slot = match id {
            ObjectId::Table(id) => self.schema.tables.get_mut(id).map(|o| &mut o.owner),
            ObjectId::View(id) => self.schema.views.get_mut(id).map(|o| &mut o.owner),
            ObjectId::Function(id) => self.schema.functions.get_mut(id).map(|o| &mut o.owner),
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = Some(role);
            self.effect(Effect::Altered(id));
        }
        Ok(())
    }

    /// GRANT and REVOKE.
    pub(super) fn grant(&mut self, grant: &Grant) -> Outcome {
        let mut objects = Vec::new();
        for object in &grant.objects {
            let system = object.kind == ObjectKind::Column
                && object.part.as_ref().is_some_and(|part| super::references::is_system_column(&part.fold()));
            if system {
                self.relation(&object.name)?;
                continue;
            }
            match self.object(object) {
                Ok(id) => objects.push(id),
                Err(refusal)
                    if miss_proves_nothing(object)
                        || refusal.sqlstate == state::UNKNOWABLE
                        || refusal.sqlstate == state::WRONG_OBJECT_TYPE => {}
                Err(refusal) => return Err(refusal),
            }
        }
        for schema in &grant.in_schemas {
            self.check_namespace(schema)?;
            if let Some(namespace) = self.schema.find_namespace(&schema.fold()) {
                self.objects_in(namespace, grant.kind, &mut objects);
            }
        }
        self.schema.grants.push(GrantEntry { grant: grant.clone(), objects, span: self.span, default_for: None });
        Ok(())
    }

    /// What GRANT … ON ALL … IN SCHEMA reaches.
    fn objects_in(&self, namespace: crate::schema::NamespaceId, kind: ObjectKind, out: &mut Vec<ObjectId>) {
        let schema = &self.schema;
        match kind {
            ObjectKind::Table => {
                out.extend(
                    schema.live_tables().filter(|(_, t)| t.namespace == namespace).map(|(id, _)| ObjectId::Table(id)),
                );
                out.extend(
                    schema.live_views().filter(|(_, v)| v.namespace == namespace).map(|(id, _)| ObjectId::View(id)),
                );
            }
            ObjectKind::Sequence => out.extend(
                schema
                    .sequences
                    .iter()
                    .filter(|(_, s)| s.dropped.is_none() && s.namespace == namespace)
                    .map(|(id, _)| ObjectId::Sequence(id)),
            ),
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => out.extend(
                schema
                    .functions
                    .iter()
                    .filter(|(_, f)| f.dropped.is_none() && f.namespace == namespace)
                    .map(|(id, _)| ObjectId::Function(id)),
            ),
            _ => {}
        }
    }

    /// ALTER DEFAULT PRIVILEGES.
    pub(super) fn default_privileges(&mut self, schemas: &[Ident], grant: &Grant) -> Outcome {
        for schema in schemas {
            self.check_namespace(schema)?;
        }
        self.schema.grants.push(GrantEntry {
            grant: grant.clone(),
            objects: Vec::new(),
            span: self.span,
            default_for: Some(schemas.iter().map(Ident::fold).collect()),
        });
        Ok(())
    }

    /// Statements that read or write rows need their relations.
    pub(super) fn tables_exist(&mut self, tables: &[QualifiedName]) -> Outcome {
        for table in tables {
            match self.relation(table) {
                Ok(relation) => self.note(Note::Uses(relation)),
                // In a query a missing schema is a missing relation.
                Err(mut refusal) if refusal.sqlstate == state::INVALID_SCHEMA => {
                    refusal.sqlstate = state::UNDEFINED_TABLE;
                    refusal.message = format!("relation \"{}\" does not exist", as_written(table));
                    refusal.span = table.span();
                    return Err(refusal);
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    /// The columns of a view, to rename one.
    pub(super) fn view_column(&mut self, view: ViewId, name: &str) -> Option<&mut Name> {
        self.schema.views.get_mut(view)?.columns.iter_mut().find(|c| *c == name)
    }
}

/// Languages, foreign servers, PostgreSQL's own functions are granted without the input making them.
fn miss_proves_nothing(object: &ObjectRef) -> bool {
    match object.kind {
        ObjectKind::Table | ObjectKind::Column | ObjectKind::Sequence | ObjectKind::Schema => false,
        ObjectKind::Function | ObjectKind::Procedure => known::may_be_builtin_function(&object.name.name.fold()),
        _ => true,
    }
}

/// Refuses the names that PostgreSQL keeps for its own schemas.
pub(super) fn check_schema_name(name: &Name, span: crate::source::Span) -> Outcome {
    if name.starts_with("pg_") {
        return refuse("42939", span, format!("unacceptable schema name \"{name}\""));
    }
    Ok(())
}
