//! CREATE TABLE and the actions of ALTER TABLE that concern columns and the table itself.

mod actions;
mod alter;
mod checks;
mod draft;

pub(super) use self::actions::allowed_on_view;
pub(super) use self::checks::{check_column_name, check_foreign_constraint};
use self::checks::{check_foreign, columns_differ};
pub(super) use self::draft::Draft;
use self::draft::{DefaultDraft, SequenceDraft, identity_type, is_null};

use super::conflict::{Outcome, refuse, refuse_for, skip, state};
use super::expressions::Place;
use super::lookup::{empty_column, empty_table, object_of};
use super::references::{Missing, Scope};
use super::{Effect, Replayer};
use crate::expr::{Expr, Tree};
use crate::name::{Name, QualifiedName, quote};
use crate::operation::{
    CreateTable, LikeOptions, ObjectKind, PartitionBy, PartitionStrategy, Persistence, SequenceOptions, TableElement,
    TypeName,
};
use crate::schema::{
    BaseType, ColumnNumber, DataType, Generated, KeyTarget, NamespaceId, ObjectId, PartitionKey, Reference, RelationId,
    SequenceId, StoredExpr, TableId, TableKind, TypeId, TypeKind,
};
use crate::source::Span;

/// The most columns that a table may have. Source: PostgreSQL manual, appendix K "PostgreSQL Limits".
const MAX_COLUMNS: usize = 1600;

impl Replayer {
    /// Whether a new table, view or composite type may take this name. `false` where IF NOT EXISTS says to leave it.
    pub(super) fn free_for_relation(
        &mut self,
        namespace: NamespaceId,
        name: &QualifiedName,
        if_not_exists: bool,
    ) -> Outcome<bool> {
        let folded = name.name.fold();
        if let Some(existing) = self.schema.find_relation(namespace, &folded) {
            if let RelationId::Table(id) = existing
                && self.schema.tables.get(id).is_some_and(|t| t.assumed)
            {
                return Ok(true);
            }
            if if_not_exists {
                return Ok(false);
            }
            return refuse_for(
                state::DUPLICATE_TABLE,
                name.name.span,
                format!("relation \"{folded}\" already exists"),
                vec![object_of(existing)],
            );
        }
        if let Some(existing) = self.schema.find_type(namespace, &folded) {
            return refuse_for(
                state::DUPLICATE_OBJECT,
                name.name.span,
                format!("type \"{folded}\" already exists"),
                vec![ObjectId::Type(existing)],
            );
        }
        Ok(true)
    }

    /// CREATE TABLE, CREATE FOREIGN TABLE, CREATE TABLE AS, SELECT INTO.
    pub(super) fn create_table(&mut self, create: &CreateTable) -> Outcome {
        let made = self.make_table(create).map_err(|refusal| match self.check_elements(create) {
            // What the elements by themselves have wrong is found first (`transformCreateStmt`).
            Err(earlier) if earlier.sqlstate != state::UNKNOWABLE && !self.no_schema_for(create, &refusal) => earlier,
            _ => refusal,
        })?;
        if let (Some(table), Some(on_commit)) = (made, create.on_commit.filter(|o| o.drop)) {
            self.session.until_commit.push(table);
            // A statement outside a transaction block is a transaction of its own.
            if !self.in_transaction() {
                self.session.until_end_of = Some(on_commit.statement);
            }
        }
        Ok(())
    }

    /// Whether a refusal is that of a schema to create the table in.
    fn no_schema_for(&self, create: &CreateTable, refusal: &super::conflict::Refusal) -> bool {
        refusal.sqlstate == state::INVALID_SCHEMA && create.name.span().contains(refusal.span)
    }

    /// Makes a table, or gives `None` where IF NOT EXISTS finds one.
    fn make_table(&mut self, create: &CreateTable) -> Outcome<Option<TableId>> {
        let mut draft = Draft::default();
        let mut server_id = None;
        if let Some(server) = &create.foreign_server {
            check_foreign(&create.elements)?;
            let name = server.fold();
            server_id = self.schema.find_other(ObjectKind::Server, None, &name);
            if !self.described && server_id.is_none() {
                return refuse(state::UNDEFINED_OBJECT, server.span, format!("server \"{name}\" does not exist"));
            }
        }
        if create.partition_by.is_some()
            && let Some(parent) = create.inherits.first()
        {
            let message = "cannot create partitioned table as inheritance child";
            return refuse(state::INVALID_OBJECT_DEFINITION, parent.span(), message);
        }
        if create.partition_by.is_some() && create.persistence == Persistence::Unlogged && self.is_at_least(18) {
            return refuse(
                state::FEATURE_NOT_SUPPORTED,
                create.name.name.span,
                "partitioned tables cannot be unlogged",
            );
        }
        // A query is understood before anything is looked at that it is to fill.
        if let Some((names, query)) = &create.as_query {
            self.draft_query(names, query, &mut draft)?;
        }
        let namespace = self.namespace_for_relation(&create.name, create.persistence)?;
        let temporary = self.schema.find_namespace("pg_temp") == Some(namespace);
        let persistence = if temporary { Persistence::Temporary } else { create.persistence };
        let name = create.name.name.fold();
        // Whether the name is taken is asked last, after all that the definition itself may have wrong.
        let free = self.free_for_relation(namespace, &create.name, create.if_not_exists);
        if let Ok(false) = free {
            return Ok(None);
        }
        if let Some(on_commit) = create.on_commit.filter(|_| persistence != Persistence::Temporary) {
            let message = "ON COMMIT can only be used on temporary tables";
            return refuse(state::INVALID_TABLE_DEFINITION, on_commit.span, message);
        }
        let mut parents = Vec::new();
        for parent in &create.inherits {
            let id = self.table(parent)?;
            if parents.contains(&id) {
                return refuse(
                    state::DUPLICATE_TABLE,
                    parent.span(),
                    format!("relation \"{}\" would be inherited from more than once", parent.name.fold()),
                );
            }
            self.check_depth(id, None, parent.span())?;
            parents.push(id);
        }
        if !create.inherits.is_empty() {
            columns_differ(&create.elements)?;
        }
        for (parent, id) in create.inherits.iter().zip(&parents) {
            self.check_parent(*id, parent)?;
            self.check_parent_persistence(*id, parent, persistence)?;
        }
        let partition_of = match &create.partition_of {
            Some((parent, bound)) => {
                let id = self.table(parent)?;
                self.check_depth(id, None, parent.span())?;
                parents.push(id);
                Some((id, bound.clone()))
            }
            None => None,
        };
        if let Some((parent, _)) = &create.partition_of
            && let Some(id) = parents.first()
        {
            self.check_parent_persistence(*id, parent, persistence)?;
            let permanent = self.schema.tables.get(*id).is_some_and(|t| t.persistence != Persistence::Temporary);
            if permanent && persistence == Persistence::Temporary {
                return refuse(
                    state::WRONG_OBJECT_TYPE,
                    parent.span(),
                    format!(
                        "cannot create a temporary relation as partition of permanent relation \"{}\"",
                        parent.name.fold()
                    ),
                );
            }
        }
        for parent in &parents {
            self.inherit_columns(*parent, &mut draft.columns)?;
            draft.partial |= self.schema.tables.get(*parent).is_some_and(|t| t.partial);
        }
        let mut of_type = None;
        if let Some(of) = &create.of_type {
            let (id, attributes) = self.composite_type(of)?;
            let columns = attributes.into_iter();
            draft.columns.extend(columns.map(|(name, ty)| empty_column(name, ty, of.span())));
            of_type = Some(id);
        }
        let fixed = match (&create.of_type, &create.partition_of) {
            (Some(_), _) => Some("typed tables"),
            (_, Some(_)) => Some("partitions"),
            _ => None,
        };
        if let Some(what) = fixed {
            let parent = partition_of.as_ref().filter(|_| self.is_at_least(16)).map(|(id, _)| *id);
            self.no_columns_of_its_own_kind(&create.elements, what, parent)?;
        }
        let mut own = Vec::new();
        for element in &create.elements {
            match element {
                TableElement::Column(def) => self.draft_column(def, &mut draft, &mut own, &name)?,
                TableElement::Like(source, options) => self.draft_like(source, *options, &mut draft, &mut own)?,
                TableElement::Constraint(constraint) => draft.constraint(constraint),
            }
        }
        if draft.columns.len() > MAX_COLUMNS {
            return refuse(
                state::TOO_MANY_COLUMNS,
                create.name.name.span,
                format!("tables can have at most {MAX_COLUMNS} columns"),
            );
        }
        free?;
        if let (Some((id, _)), Some((parent, bound))) = (&partition_of, &create.partition_of) {
            self.check_partitioned(*id, parent.span())?;
            self.check_bound(*id, parent.span(), bound, None)?;
            self.check_overlap(*id, bound, &name)?;
        }
        let kind = if create.partition_by.is_some() {
            TableKind::Partitioned
        } else if create.foreign_server.is_some() {
            TableKind::Foreign
        } else {
            TableKind::Ordinary
        };
        let mut table = empty_table(namespace, name.clone(), kind, self.span, create.name.name.span);
        table.persistence = persistence;
        table.columns = std::mem::take(&mut draft.columns).into();
        table.partial = draft.partial;
        table.options = create.options.clone();
        table.inherits = if partition_of.is_some() { Vec::new() } else { parents.clone() };
        table.partition_of = partition_of;
        table.of_type = of_type;
        let id = self.schema.tables.push(table);
        if let Some(of_type) = of_type {
            self.schema.note_dependent(ObjectId::Type(of_type), ObjectId::Table(id));
        }
        if let Some(server) = server_id {
            self.schema.note_dependent(ObjectId::Other(server), ObjectId::Table(id));
        }
        // Sequences come first: they are made before the table, and their names chosen before its name is taken.
        self.make_sequences(id, &draft.sequences)?;
        self.schema.bind_relation(namespace, name, Some(RelationId::Table(id)));
        self.effect(Effect::Created(ObjectId::Table(id)));
        self.note_column_types(id);
        for parent in &parents {
            self.schema.note_dependent(ObjectId::Table(*parent), ObjectId::Table(id));
            self.adopt_expressions(*parent, id);
        }
        self.apply_defaults(id, &draft.defaults)?;
        if let Some(partition_by) = &create.partition_by {
            let key = self.partition_key(id, partition_by)?;
            if let Some(t) = self.schema.tables.get_mut(id) {
                t.partition_key = Some(key);
            }
        }
        for parent in &parents {
            self.inherit_checks(*parent, id);
        }
        if create.partition_of.is_some()
            && let Some(parent) = parents.first()
        {
            self.take_identity(*parent, id);
            self.clone_into_partition(*parent, id)?;
        }
        for check in &draft.checks {
            self.add_check(id, check, false)?;
        }
        self.not_null_names.begin(id);
        self.name_not_nulls(id, &draft.not_nulls)?;
        self.add_keys(id, &draft.keys)?;
        for (source, options) in &draft.likes {
            self.expand_like(id, *source, *options)?;
        }
        for foreign_key in &draft.foreign_keys {
            self.add_foreign_key(id, foreign_key)?;
        }
        Ok(Some(id))
    }

    /// The composite type that OF names, and its attributes.
    pub(super) fn composite_type(&self, of: &QualifiedName) -> Outcome<(TypeId, Vec<(Name, DataType)>)> {
        let written = TypeName {
            schema: of.schema.clone(),
            name: of.name.clone(),
            modifiers: Vec::new(),
            dimensions: 0,
            setof: false,
            percent_type: false,
            span: of.span(),
        };
        let found = self.resolve_type(&written)?;
        let id = match found.base {
            BaseType::User(id) => Some(id),
            BaseType::Row(_) | BaseType::ViewRow(_) | BaseType::Builtin(_) => None,
            _ => return skip(of.span()),
        };
        match id.and_then(|id| Some((id, &self.schema.types.get(id)?.kind))) {
            Some((id, TypeKind::Composite(attributes))) => Ok((id, attributes.clone())),
            _ => {
                refuse(state::WRONG_OBJECT_TYPE, of.span(), format!("type {} is not a composite type", of.name.fold()))
            }
        }
    }

    /// Makes the sequences of serial and identity columns.
    fn make_sequences(&mut self, table: TableId, drafts: &[SequenceDraft]) -> Outcome {
        for draft in drafts {
            let Some(column) = self.find_column(table, &draft.column) else { continue };
            let (mut namespace, table_name) = (self.table_namespace(table), self.table_name(table));
            let default = SequenceOptions::default();
            let options = draft.options.unwrap_or(&default);
            let name = match &options.name {
                Some(written) => {
                    namespace = self.namespace_for(written)?;
                    written.name.fold()
                }
                None => self.choose_relation_name(namespace, &table_name, Some(&draft.column), "seq", false),
            };
            if let Some(existing) = self.schema.find_relation(namespace, &name) {
                return refuse_for(
                    state::DUPLICATE_TABLE,
                    options.name.as_ref().map_or(draft.span, |n| n.name.span),
                    format!("relation \"{name}\" already exists"),
                    vec![object_of(existing)],
                );
            }
            let identity = draft.options.is_some();
            let sequence = self.make_sequence(namespace, name, draft.data_type.clone(), options, draft.span, identity);
            self.own_sequence(sequence, table, column);
            if !identity {
                let default = self.nextval(sequence, draft.span);
                self.note_references(ObjectId::Column(table, column), &default);
                if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())) {
                    c.default = Some(default);
                }
            }
        }
        Ok(())
    }

    /// The default of a serial column: what `serial` stands for. Its span is that of the column.
    fn nextval(&self, sequence: SequenceId, span: Span) -> StoredExpr {
        let Some(s) = self.schema.sequences.get(sequence) else { return StoredExpr::default() };
        let schema = quote(self.schema.current_name(ObjectId::Namespace(s.namespace)).unwrap_or_default());
        let name = quote(&s.name);
        let literal = |text: &str| text.replace('\'', "''");
        let head = format!("nextval('{}.", literal(&schema));
        let start = u32::try_from(head.len()).unwrap_or(u32::MAX);
        let text = format!("{head}{}'::regclass)", literal(&name));
        let end = start.saturating_add(u32::try_from(literal(&name).len()).unwrap_or(0));
        StoredExpr {
            source: Expr::new(text, span),
            references: vec![Reference { start, end, target: ObjectId::Sequence(sequence) }],
        }
    }

    /// Notes that columns depend on their types and on the objects of their defaults.
    fn note_column_types(&mut self, table: TableId) {
        let Some(t) = self.schema.tables.get(table) else { return };
        let mut on: Vec<(ObjectId, ObjectId)> = Vec::new();
        for (number, column) in t.live_columns() {
            let who = ObjectId::Column(table, number);
            on.extend(Self::type_objects(&column.data_type).map(|o| (o, who)));
            for expr in column.default.iter().chain(column.generated.iter().map(|g| &g.expr)) {
                on.extend(expr.references.iter().map(|r| (r.target, who)));
            }
        }
        for (object, who) in on {
            self.schema.note_dependent(object, who);
        }
    }

    /// Resolves and stores defaults and generation expressions.
    fn apply_defaults(&mut self, table: TableId, drafts: &[DefaultDraft]) -> Outcome {
        for draft in drafts {
            let Some(column) = self.find_column(table, &draft.column) else { continue };
            self.store_default(table, column, draft.expr, draft.generated)?;
        }
        // A generated column reads ordinary ones only, wherever they stand. Source: PostgreSQL manual, 5.3 "Generated Columns".
        for draft in drafts.iter().filter(|d| d.generated.is_some()) {
            let Some(column) = self.find_column(table, &draft.column).and_then(|c| self.schema.column(table, c)) else {
                continue;
            };
            let read = column.generated.iter().flat_map(|g| Self::columns_read(&g.expr, table));
            let generated =
                |number: &ColumnNumber| self.schema.column(table, *number).is_some_and(|c| c.generated.is_some());
            if let Some(other) = read.filter(generated).find_map(|number| self.schema.column(table, number)) {
                let message = format!("cannot use generated column \"{}\" in column generation expression", other.name);
                return refuse(state::INVALID_OBJECT_DEFINITION, draft.expr.span, message);
            }
        }
        Ok(())
    }

    fn store_default(&mut self, table: TableId, column: ColumnNumber, expr: &Expr, generated: Option<bool>) -> Outcome {
        let place = if generated.is_some() { Place::Generated } else { Place::Default };
        self.check_no_query(expr, place, expr.span)?;
        let scanned = self.scan_fully(expr, Scope::Relation(RelationId::Table(table)), false);
        let stored = scanned.expr;
        // In a default a column is refused whether it exists or not.
        let column_missing =
            |m: &Missing| m.sqlstate == state::UNDEFINED_COLUMN || m.message.starts_with("missing FROM-clause");
        let names_column = scanned.missing.as_ref().is_some_and(column_missing)
            || Self::reads_row(&stored, table)
            || !Self::columns_read(&stored, table).is_empty();
        if generated.is_none() && names_column {
            let message = "cannot use column reference in DEFAULT expression";
            return refuse(state::FEATURE_NOT_SUPPORTED, expr.span, message);
        }
        if let Some(missing) = scanned.missing {
            return refuse(missing.sqlstate, missing.span, missing.message);
        }
        self.check_calls(expr, place)?;
        if generated.is_some() {
            self.check_no_system_column(RelationId::Table(table), expr, place)?;
            if let Some(of) = self.schema.column(table, column) {
                self.check_type_for(&of.data_type, Some(&of.name), expr, Some(RelationId::Table(table)))?;
            }
            self.check_immutable(RelationId::Table(table), expr, "generation expression is not immutable")?;
            if generated == Some(false) {
                self.check_virtual(table, column, &stored)?;
            }
        } else {
            self.check_default(table, column, expr)?;
        }
        self.note_references(ObjectId::Column(table, column), &stored);
        // DEFAULT NULL is no default, unless the type's length or a domain's rules have to be applied to it.
        let plain = self
            .schema
            .column(table, column)
            .is_some_and(|c| c.data_type.modifiers.is_empty() && self.underlying(&c.data_type) == &c.data_type);
        let null = generated.is_none() && plain && is_null(&expr.text);
        if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())) {
            match generated {
                Some(is_stored) => c.generated = Some(Box::new(Generated { expr: stored, stored: is_stored })),
                None => c.default = if null { None } else { Some(stored) },
            }
        }
        Ok(())
    }

    fn partition_key(&mut self, table: TableId, written: &PartitionBy) -> Outcome<PartitionKey> {
        if written.strategy == PartitionStrategy::List && written.keys.len() > 1 {
            let message = "cannot use \"list\" partition strategy with more than one column";
            return refuse(state::INVALID_OBJECT_DEFINITION, self.span, message);
        }
        let mut keys = Vec::with_capacity(written.keys.len());
        for key in &written.keys {
            keys.push(match &key.target {
                crate::operation::IndexTarget::Column(column) => {
                    let name = column.fold();
                    match self.find_column(table, &name) {
                        Some(number) if self.schema.column(table, number).is_some_and(|c| c.generated.is_some()) => {
                            return refuse(
                                state::INVALID_OBJECT_DEFINITION,
                                column.span,
                                "cannot use generated column in partition key",
                            );
                        }
                        Some(number) => KeyTarget::Column(number),
                        None if super::references::is_system_column(&name) => {
                            return refuse(
                                state::INVALID_OBJECT_DEFINITION,
                                column.span,
                                format!("cannot use system column \"{name}\" in partition key"),
                            );
                        }
                        None => {
                            return refuse(
                                state::UNDEFINED_COLUMN,
                                column.span,
                                format!("column \"{name}\" named in partition key does not exist"),
                            );
                        }
                    }
                }
                crate::operation::IndexTarget::Expression(expr) => {
                    self.check_no_query(expr, Place::PartitionKey, expr.span)?;
                    self.check_calls(expr, Place::PartitionKey)?;
                    let span = expr.span;
                    let row = RelationId::Table(table);
                    self.check_immutable(row, expr, "functions in partition key expression must be marked IMMUTABLE")?;
                    let scanned = self.scan_fully(expr, Scope::Relation(row), false);
                    if let Some(missing) = scanned.missing {
                        return refuse(missing.sqlstate, missing.span, missing.message);
                    }
                    let expr = scanned.expr;
                    if !self.described && Self::columns_read(&expr, table).is_empty() && !Self::reads_row(&expr, table)
                    {
                        return self.constant_key(&expr.source, keys.len() + 1);
                    }
                    let generated =
                        |n: &ColumnNumber| self.schema.column(table, *n).is_some_and(|c| c.generated.is_some());
                    if Self::columns_read(&expr, table).iter().any(generated) {
                        let message = "cannot use generated column in partition key";
                        return refuse(state::INVALID_OBJECT_DEFINITION, span, message);
                    }
                    for function in expr.references.iter().filter(|r| matches!(r.target, ObjectId::Function(_))) {
                        self.schema.note_dependent(function.target, ObjectId::Table(table));
                    }
                    KeyTarget::Expression(expr)
                }
            });
        }
        let method = if written.strategy == PartitionStrategy::Hash { "hash" } else { "btree" };
        for (key, target) in written.keys.iter().zip(&keys).filter(|(key, _)| key.opclass.is_none()) {
            self.check_default_opclass(RelationId::Table(table), method, target, keys.len(), key.span)?;
        }
        Ok(PartitionKey { strategy: written.strategy, keys, text: written.text.clone() })
    }

    /// Refuses a key that is the same in all rows.
    fn constant_key<T>(&self, expr: &Expr, place: usize) -> Outcome<T> {
        if matches!(expr.tree(), Tree::Text(_)) {
            let message = format!("partition key column {place} has pseudo-type unknown");
            return refuse(state::INVALID_TABLE_DEFINITION, expr.span, message);
        }
        refuse(state::INVALID_OBJECT_DEFINITION, expr.span, "cannot use constant expression as partition key")
    }

    /// A unique index that comes with LIKE must hold the columns of a partition key, as one that is written.
    fn check_like_key(&self, index: crate::schema::IndexId, source: TableId, table: TableId) -> Outcome {
        let (Some(t), Some(original)) = (self.schema.tables.get(table), self.schema.indexes.get(index)) else {
            return Ok(());
        };
        let held = |name: &Name| {
            original.keys.iter().any(|k| match k.target {
                KeyTarget::Column(number) => self.schema.column(source, number).is_some_and(|c| c.name == *name),
                KeyTarget::Expression(_) => false,
            })
        };
        for key in t.partition_key.iter().flat_map(|key| &key.keys) {
            let covered = match key {
                KeyTarget::Column(number) => t.column(*number).is_none_or(|c| held(&c.name)),
                KeyTarget::Expression(_) => false,
            };
            if !covered {
                let message = "unique constraint on partitioned table must include all partitioning columns";
                return refuse(state::FEATURE_NOT_SUPPORTED, self.span, message);
            }
        }
        Ok(())
    }

    /// What LIKE includes besides columns.
    fn expand_like(&mut self, table: TableId, source: RelationId, options: LikeOptions) -> Outcome {
        let RelationId::Table(source) = source else { return Ok(()) };
        let Some(from) = self.schema.tables.get(source).cloned() else { return Ok(()) };
        self.copy_not_null_names(table, source);
        for (_, column) in from.live_columns() {
            let Some(number) = self.find_column(table, &column.name) else { continue };
            if options.generated
                && let Some(generated) = &column.generated
            {
                let expr = self.rebase(&generated.expr, source, table);
                let stored = generated.stored;
                if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
                    c.generated = Some(Box::new(Generated { expr, stored }));
                }
            }
            if options.identity
                && let Some(identity) = column.identity
            {
                let namespace = self.table_namespace(table);
                let name =
                    self.choose_relation_name(namespace, &self.table_name(table), Some(&column.name), "seq", false);
                // The copy has the options of the original, but not its type.
                let original = column.sequence.and_then(|s| self.schema.sequences.get(s));
                let options = original.map_or_else(SequenceOptions::default, |s| SequenceOptions {
                    increment: Some(s.increment),
                    min: Some(Some(s.min)),
                    max: Some(Some(s.max)),
                    start: Some(s.start),
                    cycle: Some(s.cycle),
                    ..SequenceOptions::default()
                });
                let bigint = Name::new_static("bigint");
                let sequence = self.make_sequence(namespace, name, bigint, &options, self.span, true);
                self.own_sequence(sequence, table, number);
                if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
                    c.identity = Some(identity);
                }
            }
        }
        if options.constraints {
            self.clone_checks(source, table)?;
        }
        if options.indexes {
            for index in from.indexes {
                if let Some(original) = self.schema.indexes.get(index).filter(|i| i.dropped.is_none()) {
                    let own = self.schema.tables.get(table).and_then(|t| self.schema.primary_key_of(t));
                    if original.primary && own.is_some() {
                        let message =
                            format!("multiple primary keys for table \"{}\" are not allowed", self.table_name(table));
                        return refuse(state::INVALID_TABLE_DEFINITION, self.span, message);
                    }
                    if original.unique {
                        self.check_like_key(index, source, table)?;
                    }
                    self.clone_index(index, table, false, options.comments)?;
                }
            }
        }
        Ok(())
    }
}

/// Sets storage parameters.
pub(super) fn set_options(options: &mut Vec<(smol_str::SmolStr, String)>, new: &[(smol_str::SmolStr, String)]) {
    for (name, value) in new {
        match options.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => old.clone_from(value),
            None => options.push((name.clone(), value.clone())),
        }
    }
}
