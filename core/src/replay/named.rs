//! Objects that are named but not modelled: statistics, casts, operators, servers, user mappings, publications. What is kept of them is what tells
//! whether a statement about them would run: their names, what they stand on, what a publication holds.

use super::conflict::{Outcome, refuse, refuse_for, skip, state};
use super::lookup::as_written;
use super::references::Scope;
use super::{Effect, Replayer, known};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{ArgumentMode, MembersChange, ObjectKind, ObjectRef, PublicationMember};
use crate::schema::{
    BaseType, ColumnNumber, DataType, NamespaceId, ObjectId, OtherId, OtherObject, RelationId, TableId,
};

/// Publications that a platform makes with the database.
const PLATFORM_PUBLICATIONS: [&str; 2] = ["supabase_realtime", "supabase_realtime_messages_publication"];

/// What a publication is made of.
#[derive(Debug, Default)]
struct Members {
    tables: Vec<(TableId, Vec<ColumnNumber>)>,
    all: bool,
}

/// What CREATE says of something that is named but not modelled.
pub(super) struct OtherDraft<'a> {
    pub(super) object: &'a ObjectRef,
    pub(super) on: Option<&'a QualifiedName>,
    pub(super) uses: &'a [ObjectRef],
    pub(super) members: &'a [PublicationMember],
    /// OR REPLACE or IF NOT EXISTS.
    pub(super) lenient: bool,
}

impl Replayer {
    /// CREATE of something that is named but not modelled.
    pub(super) fn create_other(&mut self, draft: &OtherDraft<'_>) -> Outcome {
        let object = draft.object;
        let name = other_name(object);
        match object.kind {
            ObjectKind::Database => self.not_in_transaction("CREATE DATABASE")?,
            ObjectKind::Tablespace => self.not_in_transaction("CREATE TABLESPACE")?,
            _ => {}
        }
        let namespace = if in_schema(object.kind) { Some(self.namespace_for(&object.name)?) } else { None };
        let types = self.operand_types(object);
        if let Some(existing) = self.existing_other(object.kind, namespace, &name, &types) {
            if draft.lenient {
                return Ok(());
            }
            let message = format!("{} \"{name}\" already exists", other_word(object.kind));
            if object.kind == ObjectKind::Operator {
                return refuse(state::DUPLICATE_FUNCTION, object.name.span(), message);
            }
            return refuse_for(
                state::DUPLICATE_OBJECT,
                object.name.name.span,
                message,
                vec![ObjectId::Other(existing)],
            );
        }
        let on = match draft.on.map(|table| self.relation(table)).transpose()? {
            Some(RelationId::Table(table)) => Some(table),
            _ => None,
        };
        let uses = self.resolve_uses(object.kind, draft.uses)?;
        let Members { tables: members, all: all_tables } = self.resolve_members(draft.members)?;
        let id = self.schema.others.next_id();
        let parts = types.iter().filter_map(Self::type_objects).chain(on.map(ObjectId::Table));
        for on in parts.chain(uses.iter().copied()).collect::<Vec<_>>() {
            self.note_other(on, id);
        }
        for (table, _) in &members {
            self.note_other(ObjectId::Table(*table), id);
        }
        self.schema.others.push(OtherObject {
            kind: object.kind,
            namespace,
            name: name.clone(),
            on,
            types,
            uses,
            members,
            all_tables,
            span: self.span,
            dropped: None,
        });
        self.schema.bind_other(object.kind, namespace, name, Some(id));
        self.effect(Effect::Created(ObjectId::Other(id)));
        Ok(())
    }

    fn note_other(&mut self, on: ObjectId, id: OtherId) {
        let on = match on {
            ObjectId::Column(table, _) => ObjectId::Table(table),
            other => other,
        };
        self.schema.note_dependent(on, ObjectId::Other(id));
    }

    /// One of this name, where the name alone, or with the types of its operands, is all that tells it from others.
    fn existing_other(
        &self,
        kind: ObjectKind,
        namespace: Option<NamespaceId>,
        name: &Name,
        types: &[DataType],
    ) -> Option<OtherId> {
        match kind {
            ObjectKind::Cast | ObjectKind::Operator => self.find_typed(kind, name, types),
            // Those are told apart by what is not kept.
            ObjectKind::OperatorClass
            | ObjectKind::OperatorFamily
            | ObjectKind::TextSearch
            | ObjectKind::Transform
            | ObjectKind::Collation
            | ObjectKind::Conversion => None,
            _ => self.schema.find_other(kind, namespace, name),
        }
    }

    /// The cast between two types, or the operator of this name and operands.
    fn find_typed(&self, kind: ObjectKind, name: &Name, types: &[DataType]) -> Option<OtherId> {
        let known = |t: &DataType| !matches!(t.base, BaseType::Unknown { .. });
        if types.is_empty() || !types.iter().all(known) {
            return None;
        }
        let same = |o: &OtherObject| {
            o.dropped.is_none() && o.kind == kind && o.types == types && (kind == ObjectKind::Cast || o.name == *name)
        };
        self.schema.others.iter().find(|(_, o)| same(o)).map(|(id, _)| id)
    }

    /// The types behind a cast's or an operator's name; none where one of them is not known.
    fn operand_types(&self, object: &ObjectRef) -> Vec<DataType> {
        let arguments = match object.kind {
            ObjectKind::Cast | ObjectKind::Operator => object.arguments.as_deref().unwrap_or_default(),
            _ => &[],
        };
        let types =
            arguments.iter().filter(|a| a.mode != ArgumentMode::Out).map(|a| self.resolve_type(&a.data_type).ok());
        types.collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// What a definition names, as far as it is known; refused where it certainly is not there.
    fn resolve_uses(&mut self, kind: ObjectKind, written: &[ObjectRef]) -> Outcome<Vec<ObjectId>> {
        let mut uses = Vec::new();
        for used in written {
            let certain = match used.kind {
                ObjectKind::Column => true,
                ObjectKind::Function => !self.described && !self.may_be_of_server(&used.name),
                ObjectKind::Server => !self.described,
                ObjectKind::ForeignDataWrapper => !self.may_be_wrapper(&used.name.name.fold()),
                _ => false,
            };
            match (self.find_object(used), certain) {
                (Some(id), _) if uses.contains(&id) && kind == ObjectKind::Statistics => {
                    let message = "duplicate column name in statistics definition";
                    return refuse(state::DUPLICATE_COLUMN, used.span, message);
                }
                (Some(id), _) => uses.push(id),
                (None, false) => {}
                (None, true) => match self.object(used) {
                    Ok(id) => uses.push(id),
                    Err(refusal) if refusal.sqlstate == state::UNKNOWABLE && is_named(used.kind) => {
                        let message =
                            format!("{} \"{}\" does not exist", other_word(used.kind), as_written(&used.name));
                        return refuse(state::UNDEFINED_OBJECT, used.name.span(), message);
                    }
                    Err(refusal) if refusal.sqlstate == state::UNKNOWABLE => {}
                    Err(refusal) => return Err(refusal),
                },
            }
        }
        Ok(uses)
    }

    /// Whether a function may be one of PostgreSQL's own, which stand behind its operators and casts, too.
    fn may_be_of_server(&self, name: &QualifiedName) -> bool {
        let folded = name.name.fold();
        let own = self.schema.functions.iter().any(|(_, f)| f.dropped.is_none() && f.name == folded);
        known::may_be_builtin_function(&folded) || (!own && crate::functions::may_be_of_server(&folded))
    }

    /// Whether an extension may have brought a foreign-data wrapper: they are called so.
    fn may_be_wrapper(&self, name: &str) -> bool {
        self.described
            || name.contains("fdw")
            || name.contains("wrapper")
            || self.live_extensions().any(|(e, _)| e == name || known::extension(e).is_none())
    }

    fn resolve_members(&mut self, written: &[PublicationMember]) -> Outcome<Members> {
        let mut members = Members::default();
        for member in written {
            match member {
                PublicationMember::AllTables => members.all = true,
                PublicationMember::Schema(Some(schema)) => self.check_namespace(schema)?,
                PublicationMember::Schema(None) => {}
                PublicationMember::Table(name, columns, condition) => {
                    let RelationId::Table(table) = self.relation(name)? else { return skip(name.span()) };
                    let mut named = self.published_columns(table, columns)?;
                    if let Some(condition) = condition {
                        let scanned = self.scan_fully(condition, Scope::Relation(RelationId::Table(table)), false);
                        if let Some(missing) = scanned.missing {
                            return refuse(missing.sqlstate, missing.span, missing.message);
                        }
                        named.extend(scanned.expr.references.iter().filter_map(|r| match r.target {
                            ObjectId::Column(of, number) if of == table => Some(number),
                            _ => None,
                        }));
                    }
                    if !members.tables.iter().any(|(other, _)| *other == table) {
                        members.tables.push((table, named));
                    }
                }
            }
        }
        Ok(members)
    }

    fn published_columns(&mut self, table: TableId, columns: &[Ident]) -> Outcome<Vec<ColumnNumber>> {
        let mut numbers = Vec::new();
        for column in columns {
            let number = self.column(table, column)?;
            if numbers.contains(&number) {
                let message = format!("duplicate column \"{}\" in publication column list", column.fold());
                return refuse(state::DUPLICATE_OBJECT, column.span, message);
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    /// ALTER of something whose change is not modelled.
    pub(super) fn alter_other(&mut self, object: &ObjectRef, change: Option<&MembersChange>) -> Outcome {
        let id = match self.find_object(object) {
            Some(id) => id,
            None if is_named(object.kind) || object.kind == ObjectKind::EventTrigger => match self.object(object) {
                Ok(id) => id,
                Err(refusal) if refusal.sqlstate == state::UNKNOWABLE => {
                    return self.change_unknown(change);
                }
                Err(refusal) => return Err(refusal),
            },
            None => return Ok(()),
        };
        if let (ObjectId::Other(id), Some(change)) = (id, change) {
            self.change_members(id, change, object)?;
        }
        self.effect(Effect::Altered(id));
        Ok(())
    }

    /// Of a publication that is not known the tables at least must be there.
    fn change_unknown(&mut self, change: Option<&MembersChange>) -> Outcome {
        match change {
            Some(MembersChange::Add(members) | MembersChange::Set(members) | MembersChange::Drop(members)) => {
                self.resolve_members(members).map(|_| ())
            }
            None => Ok(()),
        }
    }

    fn change_members(&mut self, id: OtherId, change: &MembersChange, object: &ObjectRef) -> Outcome {
        let (MembersChange::Add(written) | MembersChange::Set(written) | MembersChange::Drop(written)) = change;
        let Some(publication) = self.schema.others.get(id).cloned() else { return Ok(()) };
        if publication.all_tables && !written.is_empty() {
            let message = format!("publication \"{}\" is defined as FOR ALL TABLES", publication.name);
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, object.name.span(), message);
        }
        let given = self.resolve_members(written)?;
        let mut members = publication.members;
        let has = |members: &[(TableId, Vec<ColumnNumber>)], table| members.iter().any(|(other, _)| *other == table);
        match change {
            MembersChange::Set(_) => members = given.tables,
            MembersChange::Add(_) => {
                for (table, columns) in given.tables {
                    if has(&members, table) {
                        let (table, name) = (self.table_name(table), publication.name);
                        let message = format!("relation \"{table}\" is already member of publication \"{name}\"");
                        return refuse(state::DUPLICATE_OBJECT, object.name.span(), message);
                    }
                    members.push((table, columns));
                }
            }
            MembersChange::Drop(_) => {
                for (table, _) in given.tables {
                    if !has(&members, table) {
                        let message = format!("relation \"{}\" is not part of the publication", self.table_name(table));
                        return refuse(state::UNDEFINED_OBJECT, object.name.span(), message);
                    }
                    members.retain(|(other, _)| *other != table);
                }
            }
        }
        for (table, _) in &members {
            self.note_other(ObjectId::Table(*table), id);
        }
        if let Some(publication) = self.schema.others.get_mut(id) {
            publication.members = members;
        }
        Ok(())
    }

    /// Renames one, where no other has the name.
    pub(super) fn rename_other(&mut self, id: OtherId, to: &Ident) -> Outcome {
        let Some(other) = self.schema.others.get(id) else { return Ok(()) };
        let (kind, namespace, old, name) = (other.kind, other.namespace, other.name.clone(), to.fold());
        if let Some(existing) = self.existing_other(kind, namespace, &name, &[]) {
            let message = format!("{} \"{name}\" already exists", other_word(kind));
            return refuse_for(state::DUPLICATE_OBJECT, to.span, message, vec![ObjectId::Other(existing)]);
        }
        if let Some(other) = self.schema.others.get_mut(id) {
            other.name = name.clone();
        }
        self.schema.bind_other(kind, namespace, old, None);
        self.schema.bind_other(kind, namespace, name, Some(id));
        self.effect(Effect::Altered(ObjectId::Other(id)));
        Ok(())
    }

    /// One that a statement names, where it is known.
    pub(super) fn find_named(&self, object: &ObjectRef) -> Option<OtherId> {
        let (kind, name) = (object.kind, other_name(object));
        if matches!(kind, ObjectKind::Cast | ObjectKind::Operator) && object.arguments.is_some() {
            return self.find_typed(kind, &name, &self.operand_types(object));
        }
        let namespaces: Vec<Option<NamespaceId>> = if !in_schema(kind) {
            vec![None]
        } else {
            match &object.name.schema {
                Some(schema) => vec![Some(self.schema.find_namespace(&schema.fold())?)],
                None => self.search_path().iter().copied().map(Some).collect(),
            }
        };
        namespaces.into_iter().find_map(|ns| self.schema.find_other(kind, ns, &name))
    }

    /// Why one that is not known is not there at all; skipped where something outside the input may have made it.
    pub(super) fn missing_named<T>(&self, object: &ObjectRef) -> Outcome<T> {
        let (kind, span, name) = (object.kind, object.name.span(), other_name(object));
        let made_any = || self.schema.others.iter().any(|(_, o)| o.kind == kind);
        let of_the_input = |t: &DataType| matches!(t.base, BaseType::User(_) | BaseType::Row(_));
        let certain = match kind {
            ObjectKind::Statistics => {
                self.certainly_missing(object.name.schema.as_ref().map(Ident::fold).as_ref(), &name).is_some()
            }
            ObjectKind::Publication => !PLATFORM_PUBLICATIONS.contains(&name.as_str()) && made_any(),
            ObjectKind::Subscription | ObjectKind::Server | ObjectKind::ForeignDataWrapper => made_any(),
            ObjectKind::Cast | ObjectKind::Operator => self.operand_types(object).iter().any(of_the_input),
            _ => false,
        };
        if self.described || !certain || super::lookup::has_placeholder(&name) {
            return skip(span);
        }
        let sqlstate = if kind == ObjectKind::Operator { state::UNDEFINED_FUNCTION } else { state::UNDEFINED_OBJECT };
        refuse(sqlstate, span, format!("{} \"{}\" does not exist", other_word(kind), as_written(&object.name)))
    }
}

/// How one is called: of a user mapping, whose it is and where.
fn other_name(object: &ObjectRef) -> Name {
    match (&object.part, object.kind) {
        (Some(role), ObjectKind::UserMapping) => format!("{} for {}", object.name.name.fold(), role.fold()).into(),
        _ => object.name.name.fold(),
    }
}

/// How messages call a kind that is not modelled.
fn other_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Statistics => "statistics object",
        ObjectKind::ForeignDataWrapper => "foreign-data wrapper",
        kind => kind.name(),
    }
}

/// Kinds of which it may be known that none of a name is there.
fn is_named(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Statistics
            | ObjectKind::Publication
            | ObjectKind::Subscription
            | ObjectKind::Server
            | ObjectKind::ForeignDataWrapper
            | ObjectKind::Cast
            | ObjectKind::Operator
    )
}

/// Whether objects of a kind that is not modelled live in schemas.
fn in_schema(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Collation
            | ObjectKind::Conversion
            | ObjectKind::Operator
            | ObjectKind::OperatorClass
            | ObjectKind::OperatorFamily
            | ObjectKind::TextSearch
            | ObjectKind::Statistics
    )
}
