//! From names as written to objects: the search path, and what may be there although the input never makes it.

use super::conflict::{Outcome, refuse, skip, state};
use super::{Replayer, known};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::Persistence;
use crate::schema::{
    Column, ColumnNumber, Columns, DataType, Namespace, NamespaceId, ObjectId, RelationId, SequenceId, Table, TableId,
    TableKind, ViewId,
};
use crate::source::Span;

impl Replayer {
    /// The schemas in which an unqualified name is looked up, in order.
    /// Source: PostgreSQL manual, 5.9.3 "The Schema Search Path".
    pub(super) fn search_path(&self) -> &[NamespaceId] {
        &self.session.resolved
    }

    /// Resolves the search path anew, after it changed or a schema came or went.
    pub(super) fn resolve_search_path(&mut self) {
        let path = self.session.local_path.as_ref().unwrap_or(&self.session.path);
        let mut resolved: Vec<NamespaceId> = Vec::with_capacity(path.len() + 2);
        if let Some(temp) = self.schema.find_namespace("pg_temp")
            && !path.iter().any(|p| p == "pg_temp")
        {
            resolved.push(temp);
        }
        if !path.iter().any(|p| p == "pg_catalog") {
            resolved.extend(self.schema.find_namespace("pg_catalog"));
        }
        resolved.extend(path.iter().filter_map(|name| self.schema.find_namespace(name)));
        // Where a platform keeps extensions in a schema of their own, its roles have that schema in their path.
        if path.len() == 1
            && path.first().is_some_and(|p| p == "public")
            && let Some(id) = self.schema.find_namespace("extensions")
            && self.schema.namespaces.get(id).is_some_and(|n| n.assumed)
        {
            resolved.push(id);
        }
        self.session.resolved = resolved;
    }

    /// The schema in which an unqualified name is made: the first of the path that exists and is not implied.
    fn default_namespace(&self, span: Span) -> Outcome<NamespaceId> {
        let path = self.session.local_path.as_ref().unwrap_or(&self.session.path);
        match path.iter().filter(|p| *p != "pg_temp").find_map(|name| self.schema.find_namespace(name)) {
            Some(id) => Ok(id),
            None => refuse(state::INVALID_SCHEMA, span, "no schema has been selected to create in"),
        }
    }

    /// The schema called so; one that a platform brings is made up when first named.
    pub(super) fn namespace(&mut self, schema: &Ident) -> Outcome<NamespaceId> {
        let name = schema.fold();
        if let Some(id) = self.schema.find_namespace(&name) {
            return Ok(id);
        }
        if name == "pg_temp" {
            return Ok(self.temporary_namespace());
        }
        self.check_namespace(schema)?;
        Ok(self.assume_namespace(name))
    }

    /// Refuses the name of a schema that does not exist, as far as anyone can tell.
    pub(super) fn check_namespace(&self, schema: &Ident) -> Outcome {
        let name = schema.fold();
        // Of the schemas with the prefix that the server keeps for itself, those that are not there from the beginning belong to sessions.
        let may_exist = self.schema.find_namespace(&name).is_some()
            || known::is_platform_schema(&name)
            || name == "pg_temp"
            || name.starts_with("pg_temp_")
            || name.starts_with("pg_toast_temp_");
        if may_exist {
            return Ok(());
        }
        refuse(state::INVALID_SCHEMA, schema.span, format!("schema \"{name}\" does not exist"))
    }

    /// The schema in which a new object of this name comes to lie.
    pub(super) fn namespace_for(&mut self, name: &QualifiedName) -> Outcome<NamespaceId> {
        match &name.schema {
            Some(schema) => self.namespace(schema),
            None => self.default_namespace(name.name.span),
        }
    }

    /// Where a new table, view or sequence comes to lie.
    pub(super) fn namespace_for_relation(
        &mut self,
        name: &QualifiedName,
        persistence: Persistence,
    ) -> Outcome<NamespaceId> {
        if persistence == Persistence::Temporary && name.schema.is_none() {
            return Ok(self.temporary_namespace());
        }
        if let Some(schema) = &name.schema {
            let namespace = self.namespace(schema)?;
            let in_temporary = self.schema.find_namespace("pg_temp") == Some(namespace);
            let message = match persistence {
                Persistence::Temporary if !in_temporary => "cannot create temporary relation in non-temporary schema",
                Persistence::Unlogged if in_temporary => "only temporary relations may be created in temporary schemas",
                _ => return Ok(namespace),
            };
            return refuse(state::INVALID_TABLE_DEFINITION, schema.span, message);
        }
        self.namespace_for(name)
    }

    fn temporary_namespace(&mut self) -> NamespaceId {
        match self.schema.find_namespace("pg_temp") {
            Some(id) => id,
            None => {
                let id = self.assume_namespace("pg_temp".into());
                self.resolve_search_path();
                id
            }
        }
    }

    /// Makes up a schema that something outside the input brings.
    pub(super) fn assume_namespace(&mut self, name: Name) -> NamespaceId {
        let id = self.schema.namespaces.push(Namespace {
            name: name.clone(),
            span: None,
            comment: None,
            assumed: true,
            dropped: None,
        });
        self.schema.bind_namespace(name, Some(id));
        self.resolve_search_path();
        id
    }

    /// What the name means, without making anything up.
    pub(super) fn find_relation(&self, name: &QualifiedName) -> Option<RelationId> {
        self.find_relation_by(name.schema.as_ref().map(Ident::fold).as_ref(), &name.name.fold())
    }

    /// The same for names that are folded already.
    pub(super) fn find_relation_by(&self, schema: Option<&Name>, name: &Name) -> Option<RelationId> {
        match schema {
            Some(schema) => self.schema.find_relation(self.schema.find_namespace(schema)?, name),
            None => self.search_path().iter().find_map(|ns| self.schema.find_relation(*ns, name)),
        }
    }

    /// The relation of this name. Tables of platforms are made up; other missing ones are refused.
    pub(super) fn relation(&mut self, name: &QualifiedName) -> Outcome<RelationId> {
        if let Some(found) = self.find_relation(name) {
            return Ok(found);
        }
        let folded = name.name.fold();
        if let Some(schema) = &name.schema {
            let namespace = self.namespace(schema)?;
            let schema_name = schema.fold();
            // A platform's schema has tables that are not known; one that a set-up makes is empty until the input fills it.
            let assumed = known::is_platform_schema(&schema_name)
                && self.schema.namespaces.get(namespace).is_some_and(|n| n.assumed);
            if schema_name.starts_with("pg_") || schema_name == "information_schema" {
                return skip(name.span());
            }
            if assumed {
                return Ok(RelationId::Table(self.assume_table(namespace, folded, name.name.span)));
            }
            return match self.certainly_missing(Some(&schema_name), &folded) {
                Some(_) if self.is_made_elsewhere(name) => {
                    Ok(RelationId::Table(self.assume_table(namespace, folded, name.name.span)))
                }
                Some(message) => refuse(state::UNDEFINED_TABLE, name.span(), message),
                None => skip(name.span()),
            };
        }
        match self.certainly_missing(None, &folded) {
            Some(_) if self.is_made_elsewhere(name) => {
                let namespace = self.default_namespace(name.name.span)?;
                Ok(RelationId::Table(self.assume_table(namespace, folded, name.name.span)))
            }
            Some(message) => refuse(state::UNDEFINED_TABLE, name.span(), message),
            None => skip(name.span()),
        }
    }

    /// Whether so much refers to a table of this name that something outside the input must have made it; or whether that holds for all that the input
    /// does not make.
    fn is_made_elsewhere(&self, name: &QualifiedName) -> bool {
        if self.own.is_some() {
            return !self.is_own(&name.name.fold());
        }
        let schema = |name: &QualifiedName| name.schema.as_ref().map(Ident::fold);
        let is = |table: &QualifiedName| table.name.fold() == name.name.fold() && schema(table) == schema(name);
        self.made_elsewhere.iter().any(is)
    }

    /// Of an input that is a part of more: whether it makes something of this name, or has dropped what was there before.
    pub(super) fn is_own(&self, name: &str) -> bool {
        let dropped = |t: &Table| t.assumed && t.dropped.is_some() && t.name == name;
        self.own.as_ref().is_some_and(|own| own.contains_key(name))
            || self.schema.tables.iter().any(|(_, t)| dropped(t))
    }

    /// What PostgreSQL would say of a relation that was not found, or `None` where something outside the input may have made it.
    pub(super) fn certainly_missing(&self, schema: Option<&Name>, name: &Name) -> Option<String> {
        let Some(schema) = schema else {
            let may_exist = name.starts_with("pg_")
                || self.extension_may_own_relation(None, name)
                || known::is_bookkeeping(name)
                || has_placeholder(name);
            return (!may_exist).then(|| format!("relation \"{name}\" does not exist"));
        };
        if schema.starts_with("pg_") || schema == "information_schema" {
            return None;
        }
        let may_exist = match self.schema.find_namespace(schema) {
            Some(id) => {
                (known::is_platform_schema(schema) && self.schema.namespaces.get(id).is_some_and(|n| n.assumed))
                    || self.extension_may_own_relation(Some(id), name)
            }
            None => known::is_platform_schema(schema),
        } || known::is_bookkeeping(name)
            || has_placeholder(name);
        (!may_exist).then(|| format!("relation \"{schema}.{name}\" does not exist"))
    }

    /// Makes up a table that something outside the input brings. Its columns come when they are named.
    fn assume_table(&mut self, namespace: NamespaceId, name: Name, span: Span) -> TableId {
        let id = self.schema.tables.push(Table {
            assumed: true,
            partial: true,
            ..empty_table(namespace, name.clone(), TableKind::Ordinary, span, span)
        });
        self.schema.bind_relation(namespace, name, Some(RelationId::Table(id)));
        id
    }

    /// The table of this name; `what` is how the statement calls it.
    pub(super) fn table(&mut self, name: &QualifiedName) -> Outcome<TableId> {
        match self.relation(name)? {
            RelationId::Table(id) => Ok(id),
            _ => refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("\"{}\" is not a table", name.name.fold())),
        }
    }

    /// The view or materialized view of this name.
    pub(super) fn view(&mut self, name: &QualifiedName) -> Outcome<ViewId> {
        match self.relation(name)? {
            RelationId::View(id) => Ok(id),
            _ => refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("\"{}\" is not a view", name.name.fold())),
        }
    }

    /// The sequence of this name.
    pub(super) fn sequence(&mut self, name: &QualifiedName) -> Outcome<SequenceId> {
        match self.relation(name)? {
            RelationId::Sequence(id) => Ok(id),
            _ => refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("\"{}\" is not a sequence", name.name.fold())),
        }
    }

    /// The column of this name; one of a table whose columns are not all known is made up.
    pub(super) fn column(&mut self, table: TableId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        if let Some(found) = self.find_column(table, &name) {
            return Ok(found);
        }
        if let Some(number) = self.assume_column(table, &name, column.span) {
            return Ok(number);
        }
        let relation = self.table_name(table);
        refuse(
            state::UNDEFINED_COLUMN,
            column.span,
            format!("column \"{name}\" of relation \"{relation}\" does not exist"),
        )
    }

    /// The column of this name, where there is one.
    pub(super) fn find_column(&self, table: TableId, name: &str) -> Option<ColumnNumber> {
        self.schema.tables.get(table)?.find_column(name)
    }

    /// Makes up a column of a table that may have columns besides those that are known.
    pub(super) fn assume_column(&mut self, table: TableId, name: &Name, span: Span) -> Option<ColumnNumber> {
        self.schema.tables.get(table).filter(|t| t.partial)?;
        let table = self.schema.tables.get_mut(table)?;
        let data_type = super::references::unknown_type();
        table.columns.push(Column { ..empty_column(name.clone(), data_type, span) });
        Some(ColumnNumber::from_index(table.columns.len() - 1))
    }

    /// An object's name, with its schema where the search path does not find it: how messages call it.
    pub(super) fn visible_name(&self, id: ObjectId) -> String {
        let schema = &self.schema;
        let name = schema.current_name(id).unwrap_or_default();
        let (namespace, found) = match id {
            ObjectId::Table(t) => (schema.tables.get(t).map(|o| o.namespace), None),
            ObjectId::View(v) => (schema.views.get(v).map(|o| o.namespace), None),
            ObjectId::Index(i) => (schema.indexes.get(i).map(|o| o.namespace), None),
            ObjectId::Sequence(s) => (schema.sequences.get(s).map(|o| o.namespace), None),
            ObjectId::Type(t) => {
                let visible = self.search_path().iter().find_map(|ns| schema.find_type(*ns, &name.into()));
                (schema.types.get(t).map(|o| o.namespace), Some(visible == Some(t)))
            }
            ObjectId::Function(f) => {
                let namespace = schema.functions.get(f).map(|o| o.namespace);
                (namespace, Some(namespace.is_some_and(|n| self.search_path().contains(&n))))
            }
            _ => return name.to_owned(),
        };
        let visible = found.unwrap_or_else(|| self.find_relation_by(None, &name.into()).map(object_of) == Some(id));
        match namespace {
            Some(namespace) if !visible => schema.qualified(namespace, name),
            _ => name.to_owned(),
        }
    }

    /// A table's bare name.
    pub(super) fn table_name(&self, table: TableId) -> Name {
        self.schema.tables.get(table).map(|t| t.name.clone()).unwrap_or_default()
    }

    /// A table's schema.
    pub(super) fn table_namespace(&self, table: TableId) -> NamespaceId {
        self.schema.tables.get(table).map_or(NamespaceId(u32::MAX), |t| t.namespace)
    }

    /// A relation's bare name.
    pub(super) fn relation_name(&self, relation: RelationId) -> Name {
        self.schema.current_name(object_of(relation)).unwrap_or_default().into()
    }

    /// Whether an installed extension may have made a relation (`spatial_ref_sys`), or one of which nothing is known.
    fn extension_may_own_relation(&self, namespace: Option<NamespaceId>, name: &str) -> bool {
        self.live_extensions().any(|(extension, home)| {
            namespace.is_none_or(|n| n == home)
                && known::extension(extension).is_none_or(|e| e.relations.contains(&name))
        })
    }

    /// Whether an installed extension may have made a function: any that makes functions besides operators and casts may.
    pub(super) fn extension_may_own_function(&self) -> bool {
        self.live_extensions().any(|(extension, _)| extension != "plpgsql")
    }

    /// Extensions that are installed, with their schemas.
    pub(super) fn live_extensions(&self) -> impl Iterator<Item = (&str, NamespaceId)> {
        self.schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()).map(|(_, e)| (e.name.as_str(), e.namespace))
    }
}

/// Whether a name holds a template placeholder (`{{ table }}`, `$%X%$`): what stands there is not known.
pub(super) fn has_placeholder(name: &str) -> bool {
    ["{{", "${", "$%", "%{", "<%"].iter().any(|mark| name.contains(mark)) || name.starts_with(['@', ':'])
}

/// The same for a name as written.
pub(super) fn is_placeholder(name: &Ident) -> bool {
    !name.quoted && has_placeholder(&name.text)
}

/// The object that a relation is.
pub(super) fn object_of(relation: RelationId) -> ObjectId {
    match relation {
        RelationId::Table(id) => ObjectId::Table(id),
        RelationId::View(id) => ObjectId::View(id),
        RelationId::Index(id) => ObjectId::Index(id),
        RelationId::Sequence(id) => ObjectId::Sequence(id),
        RelationId::Composite(id) => ObjectId::Type(id),
    }
}

/// A table without anything in it.
pub(super) fn empty_table(namespace: NamespaceId, name: Name, kind: TableKind, span: Span, name_span: Span) -> Table {
    Table {
        namespace,
        name,
        kind,
        persistence: Persistence::Permanent,
        columns: Columns::default(),
        constraints: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        policies: Vec::new(),
        rules: Vec::new(),
        inherits: Vec::new(),
        partition_of: None,
        of_type: None,
        partition_key: None,
        rls_enabled: false,
        rls_forced: false,
        options: Vec::new(),
        comment: None,
        owner: None,
        assumed: false,
        partial: false,
        span,
        name_span,
        dropped: None,
    }
}

/// A nullable column without default, defined locally.
pub(super) fn empty_column(name: Name, data_type: DataType, span: Span) -> Column {
    Column {
        name,
        data_type,
        not_null: false,
        default: None,
        generated: None,
        identity: None,
        sequence: None,
        serial: false,
        collation: None,
        comment: None,
        is_local: true,
        inherit_count: 0,
        span,
        name_span: span,
        type_span: span,
        dropped: None,
    }
}

/// `schema.name` as PostgreSQL's messages print a name that was written so.
pub(super) fn as_written(name: &QualifiedName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.fold(), name.name.fold()),
        None => name.name.fold().to_string(),
    }
}
