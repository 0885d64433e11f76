//! Indexes.

use smol_str::SmolStr;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::expressions::Place;
use super::names::{index_column_names, join_columns};
use super::references::{Scope, expression_name};
use super::{Effect, Replayer};
use crate::analysis::Dialect;
use crate::expr::Expr;
use crate::name::{Ident, Name};
use crate::operation::{AlterTable, AlterTableAction, CreateIndex, IndexKey, IndexTarget};
use crate::schema::{
    ColumnNumber, ConstraintKind, DataType, Index, IndexId, Key, KeyTarget, NamespaceId, ObjectId, RelationId,
    StoredExpr, TableId, TableKind,
};
use crate::source::Span;

/// An index to be made.
#[derive(Clone, Debug)]
pub(super) struct IndexDraft {
    pub(super) name: Name,
    pub(super) named: bool,
    pub(super) method: Name,
    pub(super) unique: bool,
    pub(super) primary: bool,
    pub(super) keys: Vec<Key>,
    /// The name that each key gives to a default name; `None` for a plain column, which gives its own.
    pub(super) key_names: Vec<Option<Name>>,
    pub(super) include: Vec<ColumnNumber>,
    pub(super) predicate: Option<StoredExpr>,
    pub(super) nulls_not_distinct: bool,
    pub(super) concurrently: bool,
    pub(super) options: Vec<(SmolStr, String)>,
    pub(super) span: Span,
    /// The index that this one is a copy of.
    pub(super) copied: Option<IndexId>,
}

impl IndexDraft {
    /// A btree index over plain columns.
    pub(super) fn of_columns(columns: &[ColumnNumber]) -> Self {
        Self {
            name: Name::default(),
            named: false,
            method: Name::new_static("btree"),
            unique: false,
            primary: false,
            keys: columns.iter().map(|c| plain_key(KeyTarget::Column(*c))).collect(),
            key_names: vec![None; columns.len()],
            include: Vec::new(),
            predicate: None,
            nulls_not_distinct: false,
            concurrently: false,
            options: Vec::new(),
            span: Span::default(),
            copied: None,
        }
    }
}

fn plain_key(target: KeyTarget) -> Key {
    Key { target, collation: None, opclass: None, opclass_options: Vec::new(), descending: false, nulls_first: false }
}

impl Replayer {
    /// CREATE INDEX.
    pub(super) fn create_index(&mut self, create: &CreateIndex) -> Outcome {
        if create.concurrently {
            self.not_in_transaction("CREATE INDEX CONCURRENTLY")?;
        }
        let owner = self.relation(&create.table)?;
        let foreign = |id| self.schema.tables.get(id).is_some_and(|t| t.kind == TableKind::Foreign);
        let (namespace, owner_name) = match owner {
            RelationId::Table(id) if !foreign(id) => (self.table_namespace(id), self.table_name(id)),
            RelationId::View(id) if self.schema.views.get(id).is_some_and(|v| v.materialized) => {
                (self.schema.views.get(id).map_or(NamespaceId(u32::MAX), |v| v.namespace), self.relation_name(owner))
            }
            _ => {
                return refuse(
                    state::WRONG_OBJECT_TYPE,
                    create.table.span(),
                    format!("cannot create index on relation \"{}\"", create.table.name.fold()),
                );
            }
        };
        let partitioned = match owner {
            RelationId::Table(id) => self.schema.tables.get(id).is_some_and(|t| t.kind == TableKind::Partitioned),
            _ => false,
        };
        if partitioned && create.concurrently {
            return refuse(
                state::FEATURE_NOT_SUPPORTED,
                create.table.span(),
                format!("cannot create index on partitioned table \"{owner_name}\" concurrently"),
            );
        }
        let keys: Vec<&IndexKey> = create.keys.iter().collect();
        let method = create.method.as_ref().map_or_else(|| Name::new_static("btree"), Ident::fold);
        self.check_method(create, &method)?;
        let mut draft = self.draft_index(owner, &keys, create.predicate.as_ref())?;
        for (key, written) in draft.keys.iter().zip(&keys) {
            if written.opclass.is_none() {
                self.check_default_opclass(owner, &method, &key.target, keys.len(), written.span)?;
            }
        }
        for (key, written) in draft.keys.iter_mut().zip(&keys) {
            key.opclass = self.opclass(owner, &method, &key.target, written);
        }
        for column in &create.include {
            draft.include.push(self.index_column(owner, column)?);
        }
        self.check_index_stored(owner, &draft, create.table.span())?;
        draft.method = method;
        draft.unique = create.unique;
        draft.nulls_not_distinct = create.nulls_not_distinct;
        draft.concurrently = create.concurrently;
        draft.options = create.options.clone();
        draft.span = self.span;
        draft.named = create.name.is_some();
        if create.unique
            && let RelationId::Table(id) = owner
        {
            self.check_covers_partition_key(
                id,
                &draft,
                &ConstraintKind::Unique { nulls_not_distinct: false },
                create.table.span(),
            )?;
        }
        if let Some(written) = &create.name {
            let name = written.fold();
            if let Some(existing) = self.schema.find_relation(namespace, &name) {
                if create.if_not_exists {
                    return Ok(());
                }
                return refuse_for(
                    state::DUPLICATE_TABLE,
                    written.span,
                    format!("relation \"{name}\" already exists"),
                    vec![super::lookup::object_of(existing)],
                );
            }
        }
        draft.name = match &create.name {
            Some(name) => name.fold(),
            None => self.default_index_name(owner, namespace, &owner_name, &draft),
        };
        let id = self.insert_index(owner, namespace, draft);
        if partitioned && let RelationId::Table(table) = owner {
            if create.only {
                let any = !self.partitions_in_order(table).is_empty();
                if any && let Some(index) = self.schema.indexes.get_mut(id) {
                    index.valid = false;
                }
            } else {
                self.index_partitions(table, id)?;
            }
        }
        Ok(())
    }

    /// Whether an access method exists and can do what is asked. Source: PostgreSQL manual, 11.2 "Index Types".
    fn check_method(&self, create: &CreateIndex, method: &Name) -> Outcome {
        let Some(written) = &create.method else { return Ok(()) };
        let builtin = matches!(method.as_str(), "btree" | "hash" | "gist" | "gin" | "spgist" | "brin");
        if !builtin {
            let of_extension = matches!(
                method.as_str(),
                "bloom" | "hnsw" | "ivfflat" | "rum" | "diskann" | "pgroonga" | "bm25" | "vchordrq" | "rtree"
            ) || self.live_extensions().any(|(e, _)| super::known::extension(e).is_none())
                || self.schema.find_other(crate::operation::ObjectKind::AccessMethod, None, method).is_some();
            if of_extension {
                return Ok(());
            }
            return refuse(state::UNDEFINED_OBJECT, written.span, format!("access method \"{method}\" does not exist"));
        }
        let cannot = if create.unique && method != "btree" {
            "unique indexes"
        } else if !create.include.is_empty() && matches!(method.as_str(), "hash" | "gin" | "brin") {
            "included columns"
        } else if create.keys.len() > 1 && matches!(method.as_str(), "hash" | "spgist") {
            "multicolumn indexes"
        } else {
            return Ok(());
        };
        refuse(
            state::FEATURE_NOT_SUPPORTED,
            written.span,
            format!("access method \"{method}\" does not support {cannot}"),
        )
    }

    /// `t_a_b_idx`, with a number where that is taken.
    pub(super) fn default_index_name(
        &self,
        owner: RelationId,
        namespace: NamespaceId,
        owner_name: &str,
        draft: &IndexDraft,
    ) -> Name {
        let names = self.index_column_names(owner, draft);
        let columns = join_columns(names.iter().map(Name::as_str));
        self.choose_relation_name(namespace, owner_name, Some(&columns), "idx", false)
    }

    /// The names that an index's keys and included columns give to its default name.
    pub(super) fn index_column_names(&self, owner: RelationId, draft: &IndexDraft) -> Vec<Name> {
        let column = |number: ColumnNumber| self.owner_column_name(owner, number);
        if let Some(names) = draft.copied.and_then(|source| self.index_names.get(&source)) {
            return index_column_names(names.iter().cloned().map(Some));
        }
        let keys = draft.keys.iter().zip(&draft.key_names).map(|(key, name)| match &key.target {
            KeyTarget::Column(c) => column(*c),
            KeyTarget::Expression(_) => name.clone(),
        });
        index_column_names(keys.chain(draft.include.iter().map(|c| column(*c))))
    }

    /// The name of a column of a table or materialized view.
    fn owner_column_name(&self, owner: RelationId, number: ColumnNumber) -> Option<Name> {
        match owner {
            RelationId::Table(id) => self.schema.tables.get(id)?.columns.get(number.index()).map(|c| c.name.clone()),
            RelationId::View(id) => self.schema.views.get(id)?.columns.get(number.index()).cloned(),
            _ => None,
        }
    }

    /// Resolves the keys and the predicate of an index.
    pub(super) fn draft_index(
        &mut self,
        owner: RelationId,
        keys: &[&IndexKey],
        predicate: Option<&Expr>,
    ) -> Outcome<IndexDraft> {
        let mut draft = IndexDraft::of_columns(&[]);
        draft.keys.reserve_exact(keys.len());
        draft.key_names.reserve_exact(keys.len());
        for written in keys {
            let mut parenthesised = None;
            let (target, name) = match &written.target {
                IndexTarget::Column(column) => (KeyTarget::Column(self.index_column(owner, column)?), None),
                IndexTarget::Expression(expr) => {
                    self.check_no_query(expr, Place::Index, expr.span)?;
                    let stored = self.index_expression(owner, expr)?;
                    self.check_calls(expr, Place::Index)?;
                    self.check_no_system_column(owner, expr, Place::Index)?;
                    self.check_immutable(owner, expr, "functions in index expression must be marked IMMUTABLE")?;
                    // Parentheses around a bare column: a plain key.
                    let (column, inner) = bare_column(&stored);
                    parenthesised = inner;
                    match column {
                        Some(number) => (KeyTarget::Column(number), None),
                        None => {
                            let name = expression_name(self, expr);
                            (KeyTarget::Expression(stored), name)
                        }
                    }
                }
            };
            let collation = written.collation.as_ref().map(|c| c.name.fold()).or(parenthesised);
            let collation = collation.filter(|c| c != "default");
            let own = match (&target, owner) {
                (KeyTarget::Column(number), RelationId::Table(id)) => {
                    let column = self.schema.column(id, *number);
                    column.and_then(|c| c.collation.clone().or_else(|| self.own_collation(&c.data_type)))
                }
                (KeyTarget::Expression(expr), RelationId::Table(id)) => self.collation_of_one_column(expr, id),
                _ => None,
            };
            if let (Some(collation), KeyTarget::Column(number), RelationId::Table(id)) =
                (&written.collation, &target, owner)
                && let Some(column) = self.schema.column(id, *number)
            {
                self.check_collatable(&column.data_type, collation.span())?;
            }
            let descending = written.descending.unwrap_or(false);
            draft.keys.push(Key {
                collation: collation.filter(|c| Some(c) != own.as_ref()),
                opclass: self.opclass(owner, "btree", &target, written),
                opclass_options: written.opclass_options.clone(),
                descending,
                nulls_first: written.nulls_first.unwrap_or(descending),
                target,
            });
            draft.key_names.push(name);
        }
        if let Some(predicate) = predicate {
            self.check_no_query(predicate, Place::IndexPredicate, predicate.span)?;
            draft.predicate = Some(self.index_expression(owner, predicate)?);
            if let Some(wrong) = self.not_boolean(predicate, owner, "WHERE") {
                return refuse(wrong.sqlstate, wrong.span, wrong.message);
            }
            self.check_calls(predicate, Place::IndexPredicate)?;
            self.check_immutable(owner, predicate, "functions in index predicate must be marked IMMUTABLE")?;
            self.check_no_system_column(owner, predicate, Place::IndexPredicate)?;
            if let RelationId::Table(table) = owner {
                self.check_labels(table, predicate)?;
            }
        }
        Ok(draft)
    }

    fn index_expression(&self, owner: RelationId, expr: &Expr) -> Outcome<StoredExpr> {
        let scanned = self.scan_fully(expr, Scope::Relation(owner), false);
        match scanned.missing {
            Some(missing) => refuse(missing.sqlstate, missing.span, missing.message),
            None => Ok(scanned.expr),
        }
    }

    /// The column of a table or materialized view that an index names.
    fn index_column(&mut self, owner: RelationId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        let found = match owner {
            RelationId::Table(id) => self.find_column(id, &name).or_else(|| self.assume_column(id, &name, column.span)),
            RelationId::View(id) => {
                let view = self.schema.views.get(id);
                let known = view.and_then(|v| v.columns.iter().position(|c| *c == name));
                // Where the query's columns could not be told, the statements that name one teach it.
                let taught = known.is_none() && view.is_some_and(|v| v.partial);
                match self.schema.views.get_mut(id).filter(|_| taught) {
                    Some(view) => {
                        view.columns.push(name.clone());
                        Some(ColumnNumber::from_index(view.columns.len() - 1))
                    }
                    None => known.map(ColumnNumber::from_index),
                }
            }
            _ => None,
        };
        match found {
            Some(number) => Ok(number),
            None if super::references::is_system_column(&name) => {
                let message = "index creation on system columns is not supported";
                refuse(state::FEATURE_NOT_SUPPORTED, column.span, message)
            }
            None => refuse(state::UNDEFINED_COLUMN, column.span, format!("column \"{name}\" does not exist")),
        }
    }

    /// Refuses a column of a type for which the access method has no default operator class. Types that are not PostgreSQL's own, and methods
    /// of extensions, are taken on trust. So are extensions that models need not make, but not for a text by itself in an inverted index: what is meant
    /// there is a class of trigrams, which is never the default. Source: `pg_opclass` of PostgreSQL 15 where `opcdefault`.
    pub(super) fn check_default_opclass(
        &self,
        owner: RelationId,
        method: &str,
        target: &KeyTarget,
        keys: usize,
        span: Span,
    ) -> Outcome {
        let (KeyTarget::Column(number), RelationId::Table(id)) = (target, owner) else { return Ok(()) };
        let Some(column) = self.schema.column(id, *number) else { return Ok(()) };
        let data_type = self.underlying(&column.data_type);
        let Some(name) = data_type.builtin_name().filter(|_| !data_type.array) else { return Ok(()) };
        let geometric = matches!(name, "point" | "box" | "circle" | "polygon" | "line" | "lseg" | "path");
        let never = matches!(name, "json" | "xml" | "jsonpath" | "line" | "lseg" | "path");
        let text = keys == 1 && matches!(name, "text" | "character varying" | "character");
        let brings = |extension: &str| {
            (self.extensions_elsewhere && !(text && method == "gin"))
                || self.live_extensions().any(|(e, _)| e == extension || super::known::extension(e).is_none())
        };
        let missing = match method {
            "btree" => never || geometric,
            "gin" => !matches!(name, "jsonb" | "tsvector") && !brings("btree_gin"),
            "gist" => {
                let ranges = name.ends_with("range");
                let own = matches!(name, "point" | "box" | "circle" | "polygon" | "tsvector" | "tsquery") || ranges;
                never || (!own && !brings("btree_gist"))
            }
            _ => false,
        };
        if missing {
            return refuse(
                state::UNDEFINED_OBJECT,
                span,
                format!("data type {name} has no default operator class for access method \"{method}\""),
            );
        }
        Ok(())
    }

    /// The collation that an expression has from the one column that it reads.
    fn collation_of_one_column(&self, expr: &StoredExpr, table: TableId) -> Option<Name> {
        let columns = Self::columns_read(expr, table);
        let (Some(first), false) = (columns.first(), expr.source.text.to_ascii_lowercase().contains("collate")) else {
            return None;
        };
        let column = self.schema.column(table, *first)?;
        column.collation.clone().filter(|_| columns.iter().all(|c| c == first))
    }

    /// The operator class, unless it is the default one of the key's type.
    fn opclass(&self, owner: RelationId, method: &str, target: &KeyTarget, written: &IndexKey) -> Option<Name> {
        let opclass = written.opclass.as_ref()?.name.fold();
        let data_type = match (target, owner) {
            (KeyTarget::Column(number), RelationId::Table(id)) => {
                self.schema.column(id, *number).map(|c| c.data_type.clone())
            }
            (KeyTarget::Expression(expr), _) => self.type_of_expression(&expr.source, owner),
            _ => None,
        };
        if is_default_opclass(method, &opclass, data_type.as_ref().map(|d| self.underlying(d))) {
            None
        } else {
            Some(opclass)
        }
    }

    /// Puts an index into the schema.
    pub(super) fn insert_index(&mut self, owner: RelationId, namespace: NamespaceId, draft: IndexDraft) -> IndexId {
        let id = self.schema.indexes.next_id();
        let who = ObjectId::Index(id);
        let expressions = draft.keys.iter().filter_map(|k| match &k.target {
            KeyTarget::Expression(e) => Some(e),
            KeyTarget::Column(_) => None,
        });
        for expr in expressions.chain(&draft.predicate) {
            self.note_references(who, expr);
        }
        let names = self.index_column_names(owner, &draft);
        self.index_names.insert(id, names);
        let name = draft.name.clone();
        self.schema.indexes.push(Index {
            namespace,
            name: draft.name,
            named: draft.named,
            owner,
            method: draft.method,
            unique: draft.unique,
            primary: draft.primary,
            keys: draft.keys,
            include: draft.include,
            predicate: draft.predicate,
            nulls_not_distinct: draft.nulls_not_distinct,
            constraint: None,
            parent: None,
            valid: true,
            concurrently: draft.concurrently,
            clustered: false,
            replica_identity: false,
            options: draft.options,
            comment: None,
            span: draft.span,
            dropped: None,
        });
        // Of other databases an index is its table's, and may be called as that of another table is.
        if self.dialect == Dialect::PostgreSql {
            self.schema.bind_relation(namespace, name, Some(RelationId::Index(id)));
        }
        match owner {
            RelationId::Table(table) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.indexes.push(id);
                }
            }
            RelationId::View(view) => {
                if let Some(v) = self.schema.views.get_mut(view) {
                    v.indexes.push(id);
                }
            }
            _ => {}
        }
        self.effect(Effect::Created(who));
        id
    }

    /// The index of a table that a clause names.
    pub(super) fn own_index(&self, table: TableId, index: &Ident) -> Outcome<IndexId> {
        let name = index.fold();
        if let Some(RelationId::Index(id)) = self.schema.find_relation(self.table_namespace(table), &name)
            && self.schema.indexes.get(id).is_some_and(|i| i.owner == RelationId::Table(table))
        {
            return Ok(id);
        }
        refuse(
            state::UNDEFINED_OBJECT,
            index.span,
            format!("index \"{name}\" for table \"{}\" does not exist", self.table_name(table)),
        )
    }

    /// The index of a partitioned table stores nothing.
    fn check_index_options(&self, id: IndexId) -> Outcome {
        let Some(index) = self.schema.indexes.get(id) else { return Ok(()) };
        match index.owner {
            RelationId::Table(t) if self.schema.tables.get(t).is_some_and(|t| t.kind == TableKind::Partitioned) => {
                refuse(
                    state::WRONG_OBJECT_TYPE,
                    self.subject,
                    format!("ALTER action SET cannot be performed on relation \"{}\"", index.name),
                )
            }
            _ => Ok(()),
        }
    }

    /// ALTER INDEX.
    pub(super) fn alter_index(&mut self, id: IndexId, alter: &AlterTable) -> Outcome {
        for (action, _) in &alter.actions {
            match action {
                AlterTableAction::AttachIndex { name } => self.attach_index(id, name)?,
                AlterTableAction::SetOptions(options) => {
                    self.check_index_options(id)?;
                    if let Some(index) = self.schema.indexes.get_mut(id) {
                        super::tables::set_options(&mut index.options, options);
                    }
                }
                AlterTableAction::ResetOptions(names) => {
                    if let Some(index) = self.schema.indexes.get_mut(id) {
                        index.options.retain(|(n, _)| !names.contains(n));
                    }
                }
                _ => {}
            }
        }
        self.effect(Effect::Altered(ObjectId::Index(id)));
        Ok(())
    }
}

/// The column, where an expression is nothing but one (`a`, `t.a`), and the collation where one stands behind it (`a COLLATE "C"`).
fn bare_column(expr: &StoredExpr) -> (Option<ColumnNumber>, Option<Name>) {
    let none = (None, None);
    let Some(last) = expr.references.last() else { return none };
    let ObjectId::Column(_, number) = last.target else { return none };
    let text = &expr.source.text;
    let (Some(before), Some(after)) = (text.get(..last.start as usize), text.get(last.end as usize..)) else {
        return none;
    };
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'"' | b'$') || b >= 0x80;
    if !before.bytes().all(part) {
        return none;
    }
    let after = after.trim_start();
    if after.is_empty() {
        return (Some(number), None);
    }
    let word = after.get(.."collate".len()).filter(|w| w.eq_ignore_ascii_case("collate"));
    let collation = word.and_then(|w| after.get(w.len()..)).map(str::trim);
    match collation {
        Some(name) if name.bytes().all(part) && !name.is_empty() => {
            let name = name.rsplit('.').next().unwrap_or(name);
            let quoted = name.starts_with('"');
            let ident = Ident { text: name.trim_matches('"').into(), quoted, span: Span::default() };
            (Some(number), Some(ident.fold()))
        }
        _ => none,
    }
}

/// Whether an operator class is what PostgreSQL takes for a type where none is written; it is not printed then.
/// Source: `pg_opclass` of PostgreSQL 15.
fn is_default_opclass(method: &str, opclass: &str, data_type: Option<&DataType>) -> bool {
    let Some(data_type) = data_type else { return false };
    if data_type.array {
        return opclass == "array_ops";
    }
    let stem = match (method, opclass.strip_suffix("_ops")) {
        // What lies within what is asked of these types alone.
        ("brin", Some(stem)) => match (stem.strip_suffix("_minmax"), stem.strip_suffix("_inclusion")) {
            (Some(stem), _) if stem != "inet" => stem,
            (_, Some(stem @ ("box" | "inet" | "range"))) => stem,
            _ => return false,
        },
        ("gist" | "gin", Some(stem)) => stem.strip_prefix("gist_").unwrap_or(stem),
        (_, Some(stem)) => stem,
        (_, None) => return false,
    };
    let Some(builtin) = data_type.builtin_name() else {
        return match (&data_type.base, method) {
            (crate::schema::BaseType::User(_), "btree" | "hash") => stem == "enum",
            (crate::schema::BaseType::Extension { name, .. }, "ivfflat") => name == "vector" && stem == "vector_l2",
            (crate::schema::BaseType::Extension { name, .. }, "gist") => {
                stem == name.as_str() || stem == format!("{name}_2d")
            }
            (crate::schema::BaseType::Extension { name, .. }, _) => stem == name.as_str(),
            _ => false,
        };
    };
    let expected = match builtin {
        "character varying" => "text",
        "character" => "bpchar",
        "bit varying" => "varbit",
        "timestamp without time zone" => "timestamp",
        "timestamp with time zone" => "timestamptz",
        "time without time zone" => "time",
        "time with time zone" => "timetz",
        "smallint" => "int2",
        "integer" => "int4",
        "bigint" => "int8",
        "real" => "float4",
        "double precision" => "float8",
        "boolean" => "bool",
        // The classes of inet serve cidr; GiST has none by default for either.
        "inet" | "cidr" if method != "gist" => "inet",
        "inet" | "cidr" => return false,
        name if name.ends_with("range") => "range",
        name => name,
    };
    stem == expected
}
