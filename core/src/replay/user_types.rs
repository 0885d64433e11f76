//! Enums, composite types, ranges, base types and domains.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::expressions::Place;
use super::references::Scope;
use super::{Effect, Replayer};
use crate::expr::Expr;
use crate::name::{Ident, MAX_NAME_BYTES, Name, QualifiedName, truncate};
use crate::operation::{
    AlterDomainAction, AlterTable, AlterTableAction, AlterTypeAction, ColumnConstraint, ColumnConstraintKind,
    CreateDomain, EnumPosition, ObjectRef, TypeDefinition, TypeName,
};
use crate::schema::{
    BaseType, DataType, Domain, NamespaceId, ObjectId, RelationId, TableId, TypeId, TypeKind, UserType,
};
use crate::source::Span;

/// Types that no value has by itself. Source: PostgreSQL manual, 8.21 "Pseudo-Types".
const PSEUDO: [&str; 8] = ["any", "anyarray", "anyelement", "cstring", "internal", "record", "trigger", "void"];

/// Types of which no range can be made, since nothing orders their values. Source: `pg_opclass` of PostgreSQL 15.
const UNORDERED: [&str; 9] = ["box", "circle", "json", "line", "lseg", "path", "point", "polygon", "xml"];

impl Replayer {
    /// Whether a new type may take this name. A shell type gives way to its definition.
    fn free_for_type(&self, namespace: NamespaceId, name: &QualifiedName) -> Outcome<Option<TypeId>> {
        let folded = name.name.fold();
        let existing = match self.schema.find_type(namespace, &folded) {
            Some(id) if self.schema.types.get(id).is_some_and(|t| matches!(t.kind, TypeKind::Shell)) => {
                return Ok(Some(id));
            }
            Some(id) => Some(ObjectId::Type(id)),
            None => match self.schema.find_relation(namespace, &folded) {
                Some(relation @ (RelationId::Table(_) | RelationId::View(_) | RelationId::Composite(_))) => {
                    Some(super::lookup::object_of(relation))
                }
                _ => None,
            },
        };
        match existing {
            Some(existing) => refuse_for(
                state::DUPLICATE_OBJECT,
                name.name.span,
                format!("type \"{folded}\" already exists"),
                vec![existing],
            ),
            None => Ok(None),
        }
    }

    fn insert_type(&mut self, namespace: NamespaceId, name: &QualifiedName, kind: TypeKind) -> TypeId {
        let folded = name.name.fold();
        let composite = matches!(kind, TypeKind::Composite(_));
        let id = self.schema.types.push(UserType {
            namespace,
            name: folded.clone(),
            kind,
            comment: None,
            span: self.span,
            name_span: name.name.span,
            dropped: None,
        });
        self.schema.bind_type(namespace, folded.clone(), Some(id));
        if composite {
            self.schema.bind_relation(namespace, folded, Some(RelationId::Composite(id)));
        }
        self.effect(Effect::Created(ObjectId::Type(id)));
        id
    }

    /// CREATE TYPE.
    pub(super) fn create_type(&mut self, name: &QualifiedName, definition: &TypeDefinition) -> Outcome {
        let namespace = self.namespace_for(name)?;
        let folded = name.name.fold();
        let shell = self.free_for_type(namespace, name)?;
        // A composite type is a relation, too; an index or a sequence has no type.
        if let TypeDefinition::Composite(_) = definition
            && let Some(existing) = self.schema.find_relation(namespace, &folded)
        {
            return refuse_for(
                state::DUPLICATE_TABLE,
                name.name.span,
                format!("relation \"{folded}\" already exists"),
                vec![super::lookup::object_of(existing)],
            );
        }
        let mut uses: Vec<DataType> = Vec::new();
        let kind = match definition {
            TypeDefinition::Enum(labels) => {
                for (at, (label, span)) in labels.iter().enumerate() {
                    if labels.iter().take(at).any(|(other, _)| other == label) {
                        return refuse(
                            "23505",
                            *span,
                            "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"",
                        );
                    }
                }
                TypeKind::Enum(labels.clone())
            }
            TypeDefinition::Composite(attributes) => {
                let mut resolved: Vec<(Name, DataType)> = Vec::with_capacity(attributes.len());
                for attribute in attributes {
                    let attribute_name = attribute.name.fold();
                    if resolved.iter().any(|(n, _)| *n == attribute_name) {
                        return refuse(
                            state::DUPLICATE_COLUMN,
                            attribute.name.span,
                            format!("column \"{attribute_name}\" specified more than once"),
                        );
                    }
                    if let Some(written) = &attribute.data_type {
                        let data_type = self.resolve_type(written)?;
                        uses.push(data_type.clone());
                        resolved.push((attribute_name, data_type));
                    }
                }
                TypeKind::Composite(resolved)
            }
            TypeDefinition::Range(options) => {
                let option = |wanted: &str| {
                    options.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| v.as_str())
                };
                let Some(written) = option("subtype") else {
                    return refuse(state::SYNTAX_ERROR, name.span(), "type attribute \"subtype\" is required");
                };
                let subtype = self.type_from_text(written, name.span())?;
                if let Some(BaseType::Builtin(base)) = subtype.as_ref().filter(|t| !t.array).map(|t| &t.base)
                    && UNORDERED.contains(&base.as_str())
                {
                    let message = format!("data type {base} has no default operator class for access method \"btree\"");
                    return refuse(state::UNDEFINED_OBJECT, name.span(), message);
                }
                if option("collation").is_some()
                    && let Some(of) = &subtype
                    && self.check_collatable(of, name.span()).is_err()
                {
                    let message = "range collation specified but subtype does not support collation";
                    return refuse(state::WRONG_OBJECT_TYPE, name.span(), message);
                }
                uses.extend(subtype.clone());
                let multirange = match option("multirange_type_name") {
                    Some(written) => written.rsplit('.').next().unwrap_or(written).trim_matches('"').into(),
                    None => multirange_name(&folded),
                };
                if multirange == folded || self.schema.find_type(namespace, &multirange).is_some() {
                    let message = format!("type \"{multirange}\" already exists");
                    return refuse(state::DUPLICATE_OBJECT, name.span(), message);
                }
                TypeKind::Range { subtype, multirange }
            }
            TypeDefinition::Base(_) => TypeKind::Base,
            TypeDefinition::Shell => TypeKind::Shell,
        };
        let multirange = match &kind {
            TypeKind::Range { multirange, .. } => Some(multirange.clone()),
            _ => None,
        };
        let id = match shell {
            Some(id) => {
                if let Some(t) = self.schema.types.get_mut(id) {
                    t.kind = kind;
                }
                self.effect(Effect::Altered(ObjectId::Type(id)));
                id
            }
            None => self.insert_type(namespace, name, kind),
        };
        if let Some(multirange) = multirange {
            self.schema.bind_type(namespace, multirange, Some(id));
        }
        for on in uses.iter().filter_map(Self::type_objects) {
            self.schema.note_dependent(on, ObjectId::Type(id));
        }
        Ok(())
    }

    /// A type named in an option's text; `None` where that is more than a name.
    fn type_from_text(&self, text: &str, span: Span) -> Outcome<Option<DataType>> {
        let ident = |part: &str| Ident {
            text: part.trim_matches('"').into(),
            quoted: part.starts_with('"'),
            span: Span::default(),
        };
        let (schema, name) = match text.trim().split_once('.') {
            Some((schema, name)) => (Some(ident(schema)), ident(name)),
            None => (None, ident(text.trim())),
        };
        let plain = |part: &Ident| part.quoted || !part.text.contains(|c: char| !c.is_alphanumeric() && c != '_');
        let certain = schema.as_ref().is_none_or(plain) && plain(&name);
        let found = self.resolve_type(&TypeName {
            schema,
            name,
            modifiers: Vec::new(),
            dimensions: 0,
            setof: false,
            percent_type: false,
            span,
        });
        if certain { found.map(Some) } else { Ok(found.ok()) }
    }

    /// The type that a statement names; `domain` for statements about domains.
    pub(super) fn named_type(&self, name: &QualifiedName) -> Outcome<TypeId> {
        let folded = name.name.fold();
        let found = match &name.schema {
            Some(schema) => {
                let schema_name = schema.fold();
                match self.schema.find_namespace(&schema_name) {
                    Some(namespace) => self.schema.find_type(namespace, &folded),
                    None if super::known::is_platform_schema(&schema_name) => {
                        return super::conflict::skip(name.span());
                    }
                    None => {
                        return refuse(
                            state::INVALID_SCHEMA,
                            schema.span,
                            format!("schema \"{schema_name}\" does not exist"),
                        );
                    }
                }
            }
            None => self.search_path().iter().find_map(|ns| self.schema.find_type(*ns, &folded)),
        };
        match found {
            Some(id) => Ok(id),
            None if self.live_extensions().any(|(e, _)| super::known::extension(e).is_none()) => {
                super::conflict::skip(name.span())
            }
            None => refuse(
                state::UNDEFINED_OBJECT,
                name.span(),
                format!("type \"{}\" does not exist", super::lookup::as_written(name)),
            ),
        }
    }

    /// ALTER TYPE … ADD VALUE and RENAME VALUE.
    pub(super) fn alter_type(&mut self, name: &QualifiedName, action: &AlterTypeAction) -> Outcome {
        let id = self.named_type(name)?;
        let Some(user_type) = self.schema.types.get_mut(id) else { return Ok(()) };
        let type_name = user_type.name.clone();
        let TypeKind::Enum(labels) = &mut user_type.kind else {
            if matches!(action, AlterTypeAction::Set) {
                return Ok(());
            }
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("{type_name} is not an enum"));
        };
        match action {
            AlterTypeAction::AddValue { value, if_not_exists, position, span } => {
                if labels.iter().any(|(l, _)| l == value) {
                    if *if_not_exists {
                        return Ok(());
                    }
                    return refuse_for(
                        state::DUPLICATE_OBJECT,
                        *span,
                        format!("enum label \"{value}\" already exists"),
                        vec![ObjectId::Type(id)],
                    );
                }
                let at = match position {
                    None => labels.len(),
                    Some(EnumPosition::Before(neighbour) | EnumPosition::After(neighbour)) => {
                        let Some(at) = labels.iter().position(|(l, _)| l == neighbour) else {
                            return refuse("22023", *span, format!("\"{neighbour}\" is not an existing enum label"));
                        };
                        if matches!(position, Some(EnumPosition::Before(_))) { at } else { at + 1 }
                    }
                };
                labels.insert(at, (value.clone(), *span));
                self.note_label(id, value);
            }
            AlterTypeAction::RenameValue { from, to, span } => {
                if labels.iter().all(|(l, _)| l != from) {
                    return refuse("22023", *span, format!("\"{from}\" is not an existing enum label"));
                }
                if labels.iter().any(|(l, _)| l == to) {
                    return refuse_for(
                        state::DUPLICATE_OBJECT,
                        *span,
                        format!("enum label \"{to}\" already exists"),
                        vec![ObjectId::Type(id)],
                    );
                }
                if let Some((label, _)) = labels.iter_mut().find(|(l, _)| l == from) {
                    label.clone_from(to);
                }
            }
            AlterTypeAction::Set => {}
        }
        self.effect(Effect::Altered(ObjectId::Type(id)));
        Ok(())
    }

    /// ALTER TYPE … ADD, DROP and ALTER ATTRIBUTE.
    pub(super) fn alter_composite(&mut self, id: TypeId, alter: &AlterTable) -> Outcome {
        for (action, _) in &alter.actions {
            match action {
                AlterTableAction::AddColumn { column, cascade, .. } => {
                    let name = column.name.fold();
                    let Some(written) = &column.data_type else { continue };
                    self.follows_cascade(id, *cascade, column.name.span)?;
                    let taken = self.attributes(id).is_ok_and(|(_, all)| all.iter().any(|(n, _)| *n == name));
                    let data_type = if taken { DataType::builtin("text") } else { self.resolve_type(written)? };
                    if !taken {
                        self.check_not_within(id, &data_type, written.span)?;
                    }
                    if let Some(on) = Self::type_objects(&data_type) {
                        self.schema.note_dependent(on, ObjectId::Type(id));
                    }
                    let (type_name, attributes) = self.attributes(id)?;
                    if attributes.iter().any(|(n, _)| *n == name) {
                        return refuse(
                            state::DUPLICATE_COLUMN,
                            column.name.span,
                            format!("column \"{name}\" of relation \"{type_name}\" already exists"),
                        );
                    }
                    attributes.push((name.clone(), data_type.clone()));
                    let added = super::lookup::empty_column(name, data_type, column.span);
                    for table in self.typed_tables(id) {
                        if let Some(t) = self.schema.tables.get_mut(table) {
                            t.columns.push(added.clone());
                        }
                    }
                }
                AlterTableAction::DropColumn { name, if_exists, cascade } => {
                    let folded = name.fold();
                    self.follows_cascade(id, *cascade, name.span)?;
                    for table in self.typed_tables(id) {
                        self.release_from_type(table, |replayer| {
                            replayer.drop_column(table, name, true, *cascade, true)
                        })?;
                    }
                    let (type_name, attributes) = self.attributes(id)?;
                    match attributes.iter().position(|(n, _)| *n == folded) {
                        Some(at) => {
                            attributes.remove(at);
                        }
                        None if *if_exists => {}
                        None => return missing_attribute(name, &type_name),
                    }
                }
                AlterTableAction::SetType { column, data_type, cascade, .. } => {
                    let folded = column.fold();
                    let resolved = self.resolve_type(data_type)?;
                    self.follows_cascade(id, *cascade, column.span)?;
                    if self.attributes(id)?.1.iter().any(|(n, _)| *n == folded) {
                        self.check_not_stored(id, column.span)?;
                    }
                    for table in self.typed_tables(id) {
                        let Some(number) = self.find_column(table, &folded) else { continue };
                        self.check_type_change(table, number, column.span)?;
                        let t = self.schema.tables.get_mut(table);
                        if let Some(c) = t.and_then(|t| t.columns.get_mut(number.index())) {
                            c.data_type = resolved.clone();
                        }
                    }
                    if let Some(on) = Self::type_objects(&resolved) {
                        self.schema.note_dependent(on, ObjectId::Type(id));
                    }
                    let (type_name, attributes) = self.attributes(id)?;
                    match attributes.iter_mut().find(|(n, _)| *n == folded) {
                        Some((_, old)) => *old = resolved,
                        None => return missing_attribute(column, &type_name),
                    }
                }
                _ => {}
            }
        }
        self.effect(Effect::Altered(ObjectId::Type(id)));
        Ok(())
    }

    /// Tables OF a composite type.
    fn typed_tables(&self, id: TypeId) -> Vec<TableId> {
        let of = self.schema.possible_dependents(ObjectId::Type(id)).into_iter();
        of.filter_map(|who| match who {
            ObjectId::Table(table) => Some(table),
            _ => None,
        })
        .filter(|table| self.schema.tables.get(*table).is_some_and(|t| t.of_type == Some(id) && t.dropped.is_none()))
        .collect()
    }

    /// Without CASCADE a type that tables are of stays as it is.
    fn follows_cascade(&self, id: TypeId, cascade: bool, span: Span) -> Outcome {
        if cascade || self.typed_tables(id).is_empty() {
            return Ok(());
        }
        let name = self.schema.types.get(id).map(|t| t.name.clone()).unwrap_or_default();
        let message = format!("cannot alter type \"{name}\" because it is the type of a typed table");
        let tables = self.typed_tables(id).into_iter().map(ObjectId::Table).collect();
        refuse_for(state::DEPENDENT_OBJECTS, span, message, tables)
    }

    /// Refuses to rename an attribute of a type that tables are of.
    pub(super) fn check_attribute_is_free(&self, target: &ObjectRef) -> Outcome {
        match self.find_relation(&target.name) {
            Some(RelationId::Composite(id)) => self.follows_cascade(id, false, target.span),
            _ => Ok(()),
        }
    }

    /// Refuses a composite type as a part of itself (`CheckAttributeType`).
    fn check_not_within(&self, id: TypeId, data_type: &DataType, span: Span) -> Outcome {
        let mut left = vec![data_type.clone()];
        let mut seen = Vec::new();
        while let Some(next) = left.pop() {
            match &next.base {
                BaseType::User(inner) if *inner == id => {
                    let name = self.schema.types.get(id).map(|t| t.name.clone()).unwrap_or_default();
                    let message = format!("composite type {name} cannot be made a member of itself");
                    return refuse(state::INVALID_TABLE_DEFINITION, span, message);
                }
                base if seen.contains(base) => {}
                BaseType::User(inner) => match self.schema.types.get(*inner).map(|t| &t.kind) {
                    Some(TypeKind::Composite(attributes)) => left.extend(attributes.iter().map(|(_, t)| t.clone())),
                    Some(TypeKind::Domain(domain)) => left.push(domain.base.clone()),
                    _ => {}
                },
                BaseType::Row(table) => {
                    let columns = self.schema.tables.get(*table).into_iter().flat_map(|t| t.live_columns());
                    left.extend(columns.map(|(_, c)| c.data_type.clone()));
                }
                _ => {}
            }
            seen.push(next.base);
        }
        Ok(())
    }

    /// Refuses another type for an attribute of a type whose values a column holds (`find_composite_type_dependencies`).
    fn check_not_stored(&self, id: TypeId, span: Span) -> Outcome {
        let mut types = vec![id];
        let mut at = 0;
        while let Some(next) = types.get(at).copied() {
            at += 1;
            for who in self.schema.possible_dependents(ObjectId::Type(next)) {
                match who {
                    ObjectId::Column(table, number) => {
                        let holds = |t: &DataType| matches!(t.base, BaseType::User(of) if of == next);
                        let live = self.schema.tables.get(table).filter(|t| t.dropped.is_none());
                        let Some(column) = live.and_then(|t| t.column(number)).filter(|c| holds(&c.data_type)) else {
                            continue;
                        };
                        let name = self.schema.types.get(id).map(|t| t.name.clone()).unwrap_or_default();
                        let message = format!(
                            "cannot alter type \"{name}\" because column \"{}.{}\" uses it",
                            self.table_name(table),
                            column.name
                        );
                        return refuse_for(state::FEATURE_NOT_SUPPORTED, span, message, vec![who]);
                    }
                    ObjectId::Type(other) if !types.contains(&other) => {
                        let holds = self.schema.types.get(other).filter(|t| t.dropped.is_none()).is_some_and(|t| {
                            let of = |t: &DataType| matches!(t.base, BaseType::User(of) if of == next);
                            match &t.kind {
                                TypeKind::Composite(attributes) => attributes.iter().any(|(_, t)| of(t)),
                                TypeKind::Domain(domain) => of(&domain.base),
                                _ => false,
                            }
                        });
                        if holds {
                            types.push(other);
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Does to a typed table what only its type may do.
    fn release_from_type(&mut self, table: TableId, change: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let of_type = self.schema.tables.get_mut(table).and_then(|t| t.of_type.take());
        let outcome = change(self);
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.of_type = of_type;
        }
        outcome
    }

    /// RENAME ATTRIBUTE in the tables of a type.
    pub(super) fn rename_in_typed_tables(&mut self, id: TypeId, from: &Ident, to: &Ident) -> Outcome {
        for table in self.typed_tables(id) {
            self.release_from_type(table, |replayer| replayer.rename_table_column(table, from, to))?;
        }
        Ok(())
    }

    /// The attributes of a composite type, to change them.
    pub(super) fn attributes(&mut self, id: TypeId) -> Outcome<(Name, &mut Vec<(Name, DataType)>)> {
        let span = self.span;
        match self.schema.types.get_mut(id) {
            Some(UserType { name, kind: TypeKind::Composite(attributes), .. }) => Ok((name.clone(), attributes)),
            _ => refuse(state::WRONG_OBJECT_TYPE, span, "not a composite type"),
        }
    }

    /// CREATE DOMAIN.
    pub(super) fn create_domain(&mut self, create: &CreateDomain) -> Outcome {
        let namespace = self.namespace_for(&create.name)?;
        self.free_for_type(namespace, &create.name)?;
        let base = self.resolve_type(&create.data_type)?;
        if let BaseType::Builtin(written) = &base.base
            && PSEUDO.contains(&written.as_str())
        {
            let message = format!("\"{written}\" is not a valid base type for a domain");
            return refuse(state::DATATYPE_MISMATCH, create.data_type.span, message);
        }
        self.check_domain_clauses(create)?;
        if let Some(collation) = &create.collation {
            self.check_collatable(&base, collation.span())?;
        }
        let on = Self::type_objects(&base);
        let id = self.insert_type(
            namespace,
            &create.name,
            TypeKind::Domain(Domain {
                base,
                not_null: false,
                default: None,
                checks: Vec::new(),
                collation: create.collation.as_ref().map(|c| c.name.fold()),
            }),
        );
        if let Some(on) = on {
            self.schema.note_dependent(on, ObjectId::Type(id));
        }
        for constraint in &create.constraints {
            match &constraint.kind {
                ColumnConstraintKind::NotNull => {
                    if let Some(domain) = self.domain(id) {
                        domain.not_null = true;
                    }
                }
                ColumnConstraintKind::Default(expr) => {
                    self.set_domain_default(id, expr)?;
                }
                ColumnConstraintKind::Check(expr) => self.add_domain_check(id, constraint, expr)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses clauses that no domain has, and those that exclude each other (`DefineDomain`).
    fn check_domain_clauses(&self, create: &CreateDomain) -> Outcome {
        use ColumnConstraintKind as Kind;
        let (mut default, mut null, mut not_null) = (false, false, false);
        for constraint in &create.constraints {
            let message = match &constraint.kind {
                Kind::Default(_) if std::mem::replace(&mut default, true) => "multiple default expressions",
                Kind::NotNull if null => "conflicting NULL/NOT NULL constraints",
                Kind::Null if not_null => "conflicting NULL/NOT NULL constraints",
                Kind::Unique(_) => "unique constraints not possible for domains",
                Kind::PrimaryKey(_) => "primary key constraints not possible for domains",
                Kind::References(_) => "foreign key constraints not possible for domains",
                kind => {
                    null |= matches!(kind, Kind::Null);
                    not_null |= matches!(kind, Kind::NotNull);
                    continue;
                }
            };
            if !self.described {
                return refuse(state::SYNTAX_ERROR, constraint.span, message);
            }
        }
        Ok(())
    }

    /// Refuses a default that the type under a domain does not take.
    fn check_domain_default(&self, id: TypeId, expr: &Expr) -> Outcome {
        self.check_no_query(expr, Place::Default, expr.span)?;
        self.check_calls(expr, Place::Default)?;
        let Some(TypeKind::Domain(domain)) = self.schema.types.get(id).map(|t| &t.kind) else { return Ok(()) };
        self.check_value_for(&domain.base, None, expr)
    }

    fn set_domain_default(&mut self, id: TypeId, expr: &Expr) -> Outcome {
        self.check_domain_default(id, expr)?;
        let stored = self.scan(expr, Scope::Nothing);
        self.note_references(ObjectId::Type(id), &stored);
        if let Some(domain) = self.domain(id) {
            domain.default = Some(stored);
        }
        Ok(())
    }

    fn domain(&mut self, id: TypeId) -> Option<&mut Domain> {
        match &mut self.schema.types.get_mut(id)?.kind {
            TypeKind::Domain(domain) => Some(domain),
            _ => None,
        }
    }

    fn add_domain_check(&mut self, id: TypeId, constraint: &ColumnConstraint, expr: &Expr) -> Outcome {
        self.check_domain_expr(expr)?;
        let Some(t) = self.schema.types.get(id) else { return Ok(()) };
        let (namespace, domain_name) = (t.namespace, t.name.clone());
        let name = match &constraint.name {
            Some(written) => {
                let name = written.fold();
                if let TypeKind::Domain(domain) = &t.kind
                    && domain.checks.iter().any(|(n, _)| *n == name)
                {
                    return refuse(
                        state::DUPLICATE_OBJECT,
                        written.span,
                        format!("constraint \"{name}\" for domain \"{domain_name}\" already exists"),
                    );
                }
                name
            }
            None => self.choose_constraint_name(namespace, &domain_name, None, "check"),
        };
        self.schema.bind_constraint_name(namespace, name.clone());
        let stored = self.scan(expr, Scope::Nothing);
        self.note_references(ObjectId::Type(id), &stored);
        if let Some(domain) = self.domain(id) {
            domain.checks.push((name, stored));
        }
        Ok(())
    }

    /// ALTER DOMAIN.
    pub(super) fn alter_domain(&mut self, name: &QualifiedName, action: &AlterDomainAction) -> Outcome {
        let id = self.named_type(name)?;
        let Some(t) = self.schema.types.get(id) else { return Ok(()) };
        let namespace = t.namespace;
        let TypeKind::Domain(current) = &t.kind else {
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("{} is not a domain", t.name));
        };
        let missing = |constraint: &Ident| {
            refuse(
                state::UNDEFINED_OBJECT,
                constraint.span,
                format!("constraint \"{}\" of domain \"{}\" does not exist", constraint.fold(), t.name),
            )
        };
        let position = |constraint: &Ident| {
            let name = constraint.fold();
            current.checks.iter().position(|(n, _)| *n == name)
        };
        match action {
            AlterDomainAction::SetDefault(expr) => {
                self.set_domain_default(id, expr)?;
            }
            AlterDomainAction::DropDefault => {
                if let Some(domain) = self.domain(id) {
                    domain.default = None;
                }
            }
            AlterDomainAction::SetNotNull => {
                self.check_values_can_be_found(id, name.span())?;
                if let Some(domain) = self.domain(id) {
                    domain.not_null = true;
                }
            }
            AlterDomainAction::DropNotNull => {
                if let Some(domain) = self.domain(id) {
                    domain.not_null = false;
                }
            }
            AlterDomainAction::AddConstraint(constraint) => match &constraint.kind {
                ColumnConstraintKind::Check(expr) => {
                    self.check_domain_expr(expr)?;
                    // A name that is taken is refused first.
                    let taken = constraint.name.as_ref().is_some_and(|name| position(name).is_some());
                    if !taken && !constraint.attributes.not_valid {
                        self.check_values_can_be_found(id, name.span())?;
                    }
                    self.add_domain_check(id, constraint, expr)?;
                }
                ColumnConstraintKind::NotNull => {
                    self.check_values_can_be_found(id, name.span())?;
                    if let Some(domain) = self.domain(id) {
                        domain.not_null = true;
                    }
                }
                _ => {}
            },
            AlterDomainAction::DropConstraint { name: constraint, if_exists, cascade: _ } => {
                match position(constraint) {
                    Some(at) => {
                        if let Some(domain) = self.domain(id) {
                            domain.checks.remove(at);
                        }
                        self.schema.unbind_constraint_name(namespace, constraint.fold());
                    }
                    None if *if_exists => {}
                    None => return missing(constraint),
                }
            }
            AlterDomainAction::RenameConstraint { from, to } => match position(from) {
                Some(_) if position(to).is_some() => {
                    let message = format!("constraint \"{}\" for domain {} already exists", to.fold(), t.name);
                    return refuse(state::DUPLICATE_OBJECT, to.span, message);
                }
                Some(at) => {
                    self.schema.unbind_constraint_name(namespace, from.fold());
                    self.schema.bind_constraint_name(namespace, to.fold());
                    if let Some((name, _)) = self.domain(id).and_then(|d| d.checks.get_mut(at)) {
                        *name = to.fold();
                    }
                }
                None => return missing(from),
            },
            AlterDomainAction::ValidateConstraint(constraint) => {
                if position(constraint).is_none() {
                    return missing(constraint);
                }
                self.check_values_can_be_found(id, name.span())?;
            }
        }
        self.effect(Effect::Altered(ObjectId::Type(id)));
        Ok(())
    }
}

impl Replayer {
    /// What a domain newly demands is asked of all its values; inside of arrays and rows the server does not look for them
    /// (`get_rels_with_domain`).
    fn check_values_can_be_found(&self, domain: TypeId, span: Span) -> Outcome {
        let mut inside: Vec<BaseType> = Vec::new();
        let mut pending = vec![domain];
        let mut seen = pending.clone();
        while let Some(id) = pending.pop() {
            let holds = |t: &DataType| t.base == BaseType::User(id);
            for who in self.schema.possible_dependents(ObjectId::Type(id)) {
                match who {
                    ObjectId::Type(other) => {
                        match self.schema.types.get(other).filter(|t| t.dropped.is_none()).map(|t| &t.kind) {
                            Some(TypeKind::Domain(d)) if holds(&d.base) && !d.base.array && !seen.contains(&other) => {
                                seen.push(other);
                                pending.push(other);
                            }
                            Some(TypeKind::Composite(attributes)) if attributes.iter().any(|(_, t)| holds(t)) => {
                                inside.push(BaseType::User(other));
                            }
                            _ => {}
                        }
                    }
                    ObjectId::Column(table, number)
                        if self.schema.column(table, number).is_some_and(|c| holds(&c.data_type)) =>
                    {
                        inside.push(BaseType::Row(table));
                    }
                    _ => {}
                }
            }
        }
        for (_, table) in self.schema.live_tables() {
            let hides = |t: &DataType| {
                inside.contains(&t.base) || (t.array && seen.iter().any(|id| t.base == BaseType::User(*id)))
            };
            if let Some((_, column)) = table.live_columns().find(|(_, c)| hides(&c.data_type)) {
                let name = self.schema.current_name(ObjectId::Type(domain)).unwrap_or_default();
                let message =
                    format!("cannot alter type \"{name}\" because column \"{}.{}\" uses it", table.name, column.name);
                return refuse(state::FEATURE_NOT_SUPPORTED, span, message);
            }
        }
        Ok(())
    }
}

fn missing_attribute(name: &Ident, type_name: &str) -> Outcome {
    refuse(
        state::UNDEFINED_COLUMN,
        name.span,
        format!("column \"{}\" of relation \"{type_name}\" does not exist", name.fold()),
    )
}

/// The name of the multirange type that comes with a range type (`makeMultirangeTypeName`).
fn multirange_name(range: &str) -> Name {
    match range.split_once("range") {
        Some((before, after)) => truncate(&format!("{before}multirange{after}"), MAX_NAME_BYTES).into(),
        None => format!("{}_multirange", truncate(range, MAX_NAME_BYTES - "_multirange".len())).into(),
    }
}
