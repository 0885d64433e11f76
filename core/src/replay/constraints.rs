//! Constraints of tables: keys, checks, foreign keys, exclusion.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::indexes::IndexDraft;
use super::names::join_columns;
use super::references::Scope;
use super::{Effect, Replayer};
use crate::expr::Expr;
use crate::name::{Ident, Name};
use crate::operation::{
    AlterTableAction, ColumnConstraint, ConstraintAttributes, ConstraintDef, ConstraintDefKind, IndexKey, IndexTarget,
    KeyOptions, Persistence, References, ReferentialAction,
};
use crate::order::Order;
use crate::schema::{
    ColumnNumber, Constraint, ConstraintId, ConstraintKind, ForeignKey, Index, IndexId, Key, KeyTarget, NamespaceId,
    ObjectId, RelationId, StoredExpr, Table, TableId, TableKind,
};
use crate::source::Span;
use smol_str::SmolStr;

/// A check constraint to be made.
#[derive(Debug)]
pub(super) struct CheckDraft<'a> {
    pub(super) name: Option<&'a Ident>,
    pub(super) expr: &'a Expr,
    pub(super) attributes: ConstraintAttributes,
    pub(super) span: Span,
}

/// A key or exclusion constraint to be made.
#[derive(Debug)]
pub(super) struct KeyDraft<'a> {
    name: Option<&'a Ident>,
    kind: KeyKind<'a>,
    columns: Vec<&'a Ident>,
    include: &'a [Ident],
    nulls_not_distinct: bool,
    without_overlaps: bool,
    using_index: Option<&'a Ident>,
    attributes: ConstraintAttributes,
    span: Span,
}

/// What kind of key.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyKind<'a> {
    Primary,
    Unique,
    Exclude { method: Option<&'a Ident>, elements: &'a [(IndexKey, SmolStr)], predicate: Option<&'a Expr> },
}

/// A foreign key to be made.
#[derive(Debug)]
pub(super) struct ForeignKeyDraft<'a> {
    name: Option<&'a Ident>,
    columns: Vec<&'a Ident>,
    references: &'a References,
    attributes: ConstraintAttributes,
    span: Span,
}

impl<'a> CheckDraft<'a> {
    pub(super) fn of_table(constraint: &'a ConstraintDef, expr: &'a Expr) -> Self {
        Self { name: constraint.name.as_ref(), expr, attributes: constraint.attributes, span: constraint.span }
    }
}

impl<'a> KeyDraft<'a> {
    pub(super) fn of_column(
        constraint: &'a ColumnConstraint,
        column: &'a Ident,
        kind: KeyKind<'a>,
        options: &'a KeyOptions,
    ) -> Self {
        Self {
            name: constraint.name.as_ref(),
            kind,
            columns: vec![column],
            include: &options.include,
            nulls_not_distinct: options.nulls_not_distinct,
            without_overlaps: options.without_overlaps,
            using_index: None,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }

    pub(super) fn of_table(constraint: &'a ConstraintDef) -> Option<Self> {
        let key = |kind, columns: &'a [Ident], options: &'a KeyOptions| Self {
            name: constraint.name.as_ref(),
            kind,
            columns: columns.iter().collect(),
            include: &options.include,
            nulls_not_distinct: options.nulls_not_distinct,
            without_overlaps: options.without_overlaps,
            using_index: options.using_index.as_ref(),
            attributes: constraint.attributes,
            span: constraint.span,
        };
        Some(match &constraint.kind {
            ConstraintDefKind::PrimaryKey { columns, options } => key(KeyKind::Primary, columns, options),
            ConstraintDefKind::Unique { columns, options } => key(KeyKind::Unique, columns, options),
            ConstraintDefKind::Exclude { method, elements, include, predicate } => Self {
                name: constraint.name.as_ref(),
                kind: KeyKind::Exclude { method: method.as_ref(), elements, predicate: predicate.as_ref() },
                columns: Vec::new(),
                include,
                nulls_not_distinct: false,
                without_overlaps: false,
                using_index: None,
                attributes: constraint.attributes,
                span: constraint.span,
            },
            _ => return None,
        })
    }

    pub(super) fn using_index(&self) -> Option<&'a Ident> {
        self.using_index
    }

    /// The columns that it names, included ones last.
    pub(super) fn named_columns(&self) -> impl Iterator<Item = &'a Ident> {
        self.columns.iter().copied().chain(self.include)
    }

    /// Whether another constraint of the same statement makes the same index.
    fn same_index(&self, other: &Self) -> bool {
        if let (
            KeyKind::Exclude { method, elements, predicate: None },
            KeyKind::Exclude { method: other_method, elements: others, predicate: None },
        ) = (self.kind, other.kind)
        {
            let plain = |(key, operator): &(IndexKey, SmolStr)| match &key.target {
                IndexTarget::Column(column) if key.opclass.is_none() && key.collation.is_none() => {
                    Some((column.fold(), operator.clone()))
                }
                _ => None,
            };
            return method.map(Ident::fold) == other_method.map(Ident::fold)
                && elements.len() == others.len()
                && elements.iter().zip(others).all(|(a, b)| plain(a).is_some() && plain(a) == plain(b))
                && self.attributes == other.attributes;
        }
        let columns = |k: &Self| k.columns.iter().map(|c| c.fold()).collect::<Vec<_>>();
        let include = |k: &Self| k.include.iter().map(Ident::fold).collect::<Vec<_>>();
        !matches!(self.kind, KeyKind::Exclude { .. })
            && !matches!(other.kind, KeyKind::Exclude { .. })
            && self.using_index.is_none()
            && other.using_index.is_none()
            && columns(self) == columns(other)
            && include(self) == include(other)
            && self.nulls_not_distinct == other.nulls_not_distinct
            && self.attributes == other.attributes
    }
}

impl<'a> ForeignKeyDraft<'a> {
    pub(super) fn of_column(constraint: &'a ColumnConstraint, column: &'a Ident, references: &'a References) -> Self {
        Self {
            name: constraint.name.as_ref(),
            columns: vec![column],
            references,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }

    pub(super) fn of_table(constraint: &'a ConstraintDef, columns: &'a [Ident], references: &'a References) -> Self {
        Self {
            name: constraint.name.as_ref(),
            columns: columns.iter().collect(),
            references,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }
}

/// Whether an action checks everything before it changes anything, on a table without children.
pub(super) fn checks_first(action: &AlterTableAction) -> bool {
    matches!(
        action,
        AlterTableAction::AddConstraint(_)
            | AlterTableAction::SetNotNull { .. }
            | AlterTableAction::DropNotNull { .. }
            | AlterTableAction::ValidateConstraint { .. }
            | AlterTableAction::AlterConstraint { .. }
            | AlterTableAction::AddIdentity { .. }
    )
}

impl Replayer {
    /// ADD CONSTRAINT.
    pub(super) fn add_constraint(&mut self, table: TableId, constraint: &ConstraintDef, recurse: bool) -> Outcome {
        match &constraint.kind {
            ConstraintDefKind::Check(expr) => self.add_check(table, &CheckDraft::of_table(constraint, expr), recurse),
            ConstraintDefKind::ForeignKey { columns, references } => {
                if !recurse && self.schema.tables.get(table).is_some_and(is_partitioned) {
                    let target = self.relation(&references.table)?;
                    let (table, target) = (self.table_name(table), self.relation_name(target));
                    let message = format!(
                        "cannot use ONLY for foreign key on partitioned table \"{table}\" referencing relation \"{target}\""
                    );
                    return refuse(state::WRONG_OBJECT_TYPE, constraint.span, message);
                }
                self.add_foreign_key(table, &ForeignKeyDraft::of_table(constraint, columns, references))
            }
            ConstraintDefKind::NotNull(column) => {
                let number = self.column(table, column)?;
                self.mark_not_null(table, number);
                Ok(())
            }
            ConstraintDefKind::PrimaryKey { .. }
            | ConstraintDefKind::Unique { .. }
            | ConstraintDefKind::Exclude { .. } => match KeyDraft::of_table(constraint) {
                Some(key) => self.add_key(table, &key, key.name, recurse),
                None => Ok(()),
            },
        }
    }

    /// Refuses a name that another constraint of the table has.
    pub(super) fn free_for_constraint(&self, table: TableId, name: &Name, span: Span) -> Outcome {
        match self.find_constraint(table, name) {
            Some(existing) => refuse_for(
                state::DUPLICATE_OBJECT,
                span,
                format!("constraint \"{name}\" for relation \"{}\" already exists", self.table_name(table)),
                vec![ObjectId::Constraint(existing)],
            ),
            None => Ok(()),
        }
    }

    /// The constraint of this name on a table.
    pub(super) fn find_constraint(&self, table: TableId, name: &str) -> Option<ConstraintId> {
        let table = self.schema.tables.get(table)?;
        self.schema.constraints_of(table).find(|(_, c)| c.name == name).map(|(id, _)| id)
    }

    /// Puts a constraint into the schema.
    pub(super) fn insert_constraint(&mut self, constraint: Constraint) -> ConstraintId {
        let (table, name) = (constraint.table, constraint.name.clone());
        let id = self.schema.constraints.next_id();
        let who = ObjectId::Constraint(id);
        match &constraint.kind {
            ConstraintKind::ForeignKey(fk) => self.schema.note_dependent(ObjectId::Table(fk.references), who),
            ConstraintKind::Check(expr) => {
                let expr = expr.clone();
                self.note_references(who, &expr);
            }
            _ => {}
        }
        self.schema.constraints.push(constraint);
        let namespace = self.table_namespace(table);
        self.schema.bind_constraint_name(namespace, name);
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.constraints.push(id);
        }
        self.effect(Effect::Created(who));
        id
    }

    /// Makes a check constraint, and its copies in child tables.
    pub(super) fn add_check(&mut self, table: TableId, draft: &CheckDraft, recurse: bool) -> Outcome {
        if !self.described && super::references::has_subquery(draft.expr) {
            return refuse(state::FEATURE_NOT_SUPPORTED, draft.span, "cannot use subquery in check constraint");
        }
        let scanned = self.scan_fully(draft.expr, Scope::Relation(RelationId::Table(table)), false);
        if let Some(missing) = scanned.missing {
            return refuse(missing.sqlstate, missing.span, missing.message);
        }
        self.check_labels(table, draft.expr)?;
        let expr = scanned.expr;
        let columns = Self::columns_read(&expr, table);
        let name = match draft.name {
            Some(written) => {
                let name = written.fold();
                if let Some(existing) = self.find_constraint(table, &name) {
                    // A check that is inherited already merges with its own definition.
                    let same = self.same_check(existing, &expr);
                    let inherited = self.schema.constraints.get(existing).is_some_and(|c| c.inherit_count > 0);
                    if same && inherited && draft.attributes.no_inherit {
                        let relation = self.table_name(table);
                        let message = format!(
                            "constraint \"{name}\" conflicts with inherited constraint on relation \"{relation}\""
                        );
                        return refuse(state::INVALID_OBJECT_DEFINITION, written.span, message);
                    }
                    let inherited = self
                        .schema
                        .constraints
                        .get_mut(existing)
                        .filter(|c| same && c.inherit_count > 0 && !c.is_local);
                    if let Some(inherited) = inherited {
                        inherited.is_local = true;
                        inherited.span = draft.span;
                        return Ok(());
                    }
                }
                self.free_for_constraint(table, &name, written.span)?;
                name
            }
            None => {
                let column = match columns.as_slice() {
                    [one] if !Self::reads_row(&expr, table) => self.schema.column(table, *one).map(|c| c.name.clone()),
                    _ => None,
                };
                let (namespace, table_name) = (self.table_namespace(table), self.table_name(table));
                self.choose_constraint_name(namespace, &table_name, column.as_deref(), "check")
            }
        };
        if draft.attributes.no_inherit && self.schema.tables.get(table).is_some_and(is_partitioned) {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                draft.span,
                format!("cannot add NO INHERIT constraint to partitioned table \"{}\"", self.table_name(table)),
            );
        }
        let fresh = self.schema.tables.get(table).filter(|t| t.span == self.span);
        let empty = fresh.is_some_and(|t| t.kind != TableKind::Foreign);
        let children = if draft.attributes.no_inherit { Vec::new() } else { self.schema.children_of(table) };
        if !recurse && !children.is_empty() && fresh.is_none() {
            return refuse(state::INVALID_TABLE_DEFINITION, draft.span, "constraint must be added to child tables too");
        }
        let id = self.insert_constraint(Constraint {
            // In CREATE TABLE there are no rows that could be invalid. What a foreign table has is elsewhere.
            validated: (empty || !draft.attributes.not_valid) && !draft.attributes.not_enforced,
            enforced: !draft.attributes.not_enforced,
            no_inherit: draft.attributes.no_inherit,
            named: draft.name.is_some(),
            ..plain_constraint(table, name, ConstraintKind::Check(expr), columns, draft.span)
        });
        for child in children {
            self.inherit_check(id, child)?;
        }
        Ok(())
    }

    /// Whether a constraint is a check of the same expression, up to how it is spelt.
    pub(super) fn same_check(&self, constraint: ConstraintId, expr: &StoredExpr) -> bool {
        let spelt = |expr: &StoredExpr| {
            let text = self.schema.display_expr(expr).replace("!=", "<>");
            text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect::<String>().to_lowercase()
        };
        match self.schema.constraints.get(constraint).map(|c| &c.kind) {
            Some(ConstraintKind::Check(existing)) => spelt(existing) == spelt(expr),
            _ => false,
        }
    }

    /// Makes the keys of a CREATE TABLE: the primary key first, and equal indexes once.
    pub(super) fn add_keys(&mut self, table: TableId, drafts: &[KeyDraft]) -> Outcome {
        if let Some(second) = drafts.iter().filter(|k| matches!(k.kind, KeyKind::Primary)).nth(1) {
            return self.second_primary_key(table, second.span);
        }
        let (primary, others): (Vec<_>, Vec<_>) = drafts.iter().partition(|k| matches!(k.kind, KeyKind::Primary));
        let mut kept: Vec<(&KeyDraft, Option<&Ident>)> = Vec::new();
        for key in primary.into_iter().chain(others) {
            match kept.iter_mut().find(|(k, _)| k.same_index(key)) {
                Some((_, name)) => *name = name.or(key.name),
                None => kept.push((key, key.name)),
            }
        }
        for (key, name) in kept {
            self.add_key(table, key, name, true)?;
        }
        Ok(())
    }

    fn second_primary_key(&self, table: TableId, span: Span) -> Outcome {
        refuse(
            state::INVALID_TABLE_DEFINITION,
            span,
            format!("multiple primary keys for table \"{}\" are not allowed", self.table_name(table)),
        )
    }

    /// Makes a primary key, unique or exclusion constraint with its index.
    fn add_key(&mut self, table: TableId, draft: &KeyDraft, name: Option<&Ident>, recurse: bool) -> Outcome {
        let primary = matches!(draft.kind, KeyKind::Primary);
        if let Some(index) = draft.using_index {
            return self.add_key_using_index(table, draft, name, index);
        }
        // ALTER TABLE looks up what is named before it asks whether there is a key.
        if primary && self.schema.tables.get(table).is_some_and(|t| t.span != self.span) {
            for column in &draft.columns {
                self.key_column_to_alter(table, column)?;
            }
        }
        let mut columns = Vec::with_capacity(draft.columns.len());
        for column in &draft.columns {
            let number = self.key_column(table, column)?;
            if columns.contains(&number) {
                let what = if primary { "primary key" } else { "unique" };
                return refuse(
                    state::DUPLICATE_COLUMN,
                    column.span,
                    format!("column \"{}\" appears twice in {what} constraint", column.fold()),
                );
            }
            columns.push(number);
        }
        let mut include = Vec::with_capacity(draft.include.len());
        for column in draft.include {
            include.push(self.key_column(table, column)?);
        }
        let (kind, index) = match draft.kind {
            KeyKind::Exclude { method, elements, predicate } => {
                if self.schema.tables.get(table).is_some_and(is_partitioned) {
                    return refuse(
                        state::FEATURE_NOT_SUPPORTED,
                        draft.span,
                        "exclusion constraints are not supported on partitioned tables",
                    );
                }
                let keys: Vec<&IndexKey> = elements.iter().map(|(key, _)| key).collect();
                let mut index = self.draft_index(RelationId::Table(table), &keys, predicate)?;
                index.method = method.map_or_else(|| Name::new_static("btree"), Ident::fold);
                for (key, written) in index.keys.iter().zip(&keys) {
                    if written.opclass.is_none() {
                        self.check_default_opclass(RelationId::Table(table), &index.method, &key.target, written.span)?;
                    }
                }
                columns = index
                    .keys
                    .iter()
                    .filter_map(|k| match k.target {
                        KeyTarget::Column(c) => Some(c),
                        KeyTarget::Expression(_) => None,
                    })
                    .collect();
                (ConstraintKind::Exclude { predicate: index.predicate.clone() }, index)
            }
            KeyKind::Primary | KeyKind::Unique => {
                let method = if draft.without_overlaps { "gist" } else { "btree" };
                for (number, column) in columns.iter().zip(&draft.columns) {
                    let target = KeyTarget::Column(*number);
                    self.check_default_opclass(RelationId::Table(table), method, &target, column.span)?;
                }
                let kind = if primary {
                    ConstraintKind::PrimaryKey
                } else {
                    ConstraintKind::Unique { nulls_not_distinct: draft.nulls_not_distinct }
                };
                (kind, IndexDraft { method: Name::new_static(method), ..IndexDraft::of_columns(&columns) })
            }
        };
        let index = IndexDraft { include, ..index };
        if primary {
            self.no_primary_key_yet(table, draft.span)?;
        }
        self.check_covers_partition_key(table, &index, &kind, draft.span)?;
        let (namespace, table_name) = (self.table_namespace(table), self.table_name(table));
        let chosen = match name {
            Some(written) => {
                let name = written.fold();
                if let Some(existing) = self.schema.find_relation(namespace, &name) {
                    return refuse_for(
                        state::DUPLICATE_TABLE,
                        written.span,
                        format!("relation \"{name}\" already exists"),
                        vec![super::lookup::object_of(existing)],
                    );
                }
                self.free_for_constraint(table, &name, written.span)?;
                name
            }
            None => self.choose_key_name(table, namespace, &table_name, &kind, &index),
        };
        if primary {
            for column in &columns {
                self.mark_not_null(table, *column);
                if recurse && let Some(name) = self.schema.column(table, *column).map(|c| c.name.clone()) {
                    let mut below = Vec::new();
                    self.descendants(table, &mut below);
                    for child in below {
                        if let Some(number) = self.find_column(child, &name) {
                            self.mark_not_null(child, number);
                        }
                    }
                }
            }
        }
        let index = IndexDraft {
            name: chosen.clone(),
            named: name.is_some(),
            unique: !matches!(kind, ConstraintKind::Exclude { .. }),
            primary,
            nulls_not_distinct: draft.nulls_not_distinct,
            span: draft.span,
            ..index
        };
        let index = self.insert_index(RelationId::Table(table), namespace, index);
        let constraint = self.insert_constraint(Constraint {
            named: name.is_some(),
            deferrable: draft.attributes.deferrable,
            initially_deferred: draft.attributes.initially_deferred,
            no_inherit: !matches!(kind, ConstraintKind::Check(_)),
            index: Some(index),
            ..plain_constraint(table, chosen, kind, columns, draft.span)
        });
        if let Some(i) = self.schema.indexes.get_mut(index) {
            i.constraint = Some(constraint);
        }
        if recurse {
            self.index_partitions(table, index)?;
        }
        Ok(())
    }

    /// The default name of a key's index, and so of the key.
    pub(super) fn choose_key_name(
        &self,
        table: TableId,
        namespace: NamespaceId,
        table_name: &str,
        kind: &ConstraintKind,
        index: &IndexDraft,
    ) -> Name {
        match kind {
            ConstraintKind::PrimaryKey => self.choose_relation_name(namespace, table_name, None, "pkey", true),
            _ => {
                let label = if matches!(kind, ConstraintKind::Exclude { .. }) { "excl" } else { "key" };
                let names = self.index_column_names(RelationId::Table(table), index);
                let columns = join_columns(names.iter().map(Name::as_str));
                self.choose_relation_name(namespace, table_name, Some(&columns), label, true)
            }
        }
    }

    fn key_column(&mut self, table: TableId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        if let Some(number) = self.find_column(table, &name).or_else(|| self.assume_column(table, &name, column.span)) {
            return Ok(number);
        }
        refuse(state::UNDEFINED_COLUMN, column.span, format!("column \"{name}\" named in key does not exist"))
    }

    fn no_primary_key_yet(&self, table: TableId, span: Span) -> Outcome {
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        match self.schema.primary_key_of(t) {
            Some((existing, _)) => refuse_for(
                state::INVALID_TABLE_DEFINITION,
                span,
                format!("multiple primary keys for table \"{}\" are not allowed", t.name),
                vec![ObjectId::Constraint(existing)],
            ),
            None => Ok(()),
        }
    }

    /// A column of a primary key that is added later: it is set NOT NULL first, and missed there.
    fn key_column_to_alter(&mut self, table: TableId, column: &Ident) -> Outcome {
        match self.key_column(table, column) {
            Err(mut refusal) => {
                let (column, table) = (column.fold(), self.table_name(table));
                refusal.message = format!("column \"{column}\" of relation \"{table}\" does not exist");
                Err(refusal)
            }
            Ok(_) => Ok(()),
        }
    }

    /// The index that is to become a key. One of another table is not in the right state, rather than missing.
    pub(super) fn index_for_key(&self, table: TableId, written: &Ident) -> Outcome<IndexId> {
        let name = written.fold();
        let found = self.schema.find_relation(self.table_namespace(table), &name);
        match (self.own_index(table, written), found) {
            (Ok(id), _) => Ok(id),
            (Err(_), Some(RelationId::Index(_))) => refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                written.span,
                format!("index \"{name}\" does not belong to table \"{}\"", self.table_name(table)),
            ),
            (Err(mut refusal), _) => {
                refusal.message = format!("index \"{name}\" does not exist");
                Err(refusal)
            }
        }
    }

    /// ADD … USING INDEX: the index becomes the constraint's, and takes its name.
    fn add_key_using_index(
        &mut self,
        table: TableId,
        draft: &KeyDraft,
        name: Option<&Ident>,
        written: &Ident,
    ) -> Outcome {
        let id = self.index_for_key(table, written)?;
        let Some(index) = self.schema.indexes.get(id).cloned() else { return Ok(()) };
        if index.constraint.is_some() {
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                written.span,
                format!("index \"{}\" is already associated with a constraint", index.name),
            );
        }
        let why = if !index.unique {
            Some("is not a unique index")
        } else if index.keys.iter().any(|k| matches!(k.target, KeyTarget::Expression(_))) {
            Some("contains expressions")
        } else if index.predicate.is_some() {
            Some("is a partial index")
        } else {
            None
        };
        if let Some(why) = why {
            let what = if why == "contains expressions" { "index " } else { "" };
            return refuse(state::WRONG_OBJECT_TYPE, written.span, format!("{what}\"{}\" {why}", index.name));
        }
        let sorted = |k: &Key| !k.descending && !k.nulls_first && k.opclass.is_none() && k.collation.is_none();
        if let Some(at) = index.keys.iter().position(|k| !sorted(k)) {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                written.span,
                format!("index \"{}\" column number {} does not have default sorting behavior", index.name, at + 1),
            );
        }
        if self.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Partitioned) {
            return refuse(
                state::FEATURE_NOT_SUPPORTED,
                written.span,
                "ALTER TABLE / ADD CONSTRAINT USING INDEX is not supported on partitioned tables",
            );
        }
        if matches!(draft.kind, KeyKind::Primary) {
            self.no_primary_key_yet(table, draft.span)?;
        }
        let columns: Vec<ColumnNumber> = index
            .keys
            .iter()
            .filter_map(|k| match k.target {
                KeyTarget::Column(c) => Some(c),
                KeyTarget::Expression(_) => None,
            })
            .collect();
        let chosen = name.map_or_else(|| index.name.clone(), Ident::fold);
        if chosen != index.name
            && let Some(existing) = self.schema.find_relation(index.namespace, &chosen)
        {
            return refuse_for(
                state::DUPLICATE_TABLE,
                name.map_or(written.span, |n| n.span),
                format!("relation \"{chosen}\" already exists"),
                vec![super::lookup::object_of(existing)],
            );
        }
        self.free_for_constraint(table, &chosen, name.map_or(written.span, |n| n.span))?;
        let primary = matches!(draft.kind, KeyKind::Primary);
        if primary {
            for column in &columns {
                self.mark_not_null(table, *column);
            }
        }
        if chosen != index.name {
            self.schema.bind_relation(index.namespace, index.name.clone(), None);
            self.schema.bind_relation(index.namespace, chosen.clone(), Some(RelationId::Index(id)));
        }
        let kind = if primary {
            ConstraintKind::PrimaryKey
        } else {
            ConstraintKind::Unique { nulls_not_distinct: index.nulls_not_distinct }
        };
        let constraint = self.insert_constraint(Constraint {
            named: name.is_some() || index.named,
            deferrable: draft.attributes.deferrable,
            initially_deferred: draft.attributes.initially_deferred,
            no_inherit: true,
            index: Some(id),
            ..plain_constraint(table, chosen.clone(), kind, columns, draft.span)
        });
        if let Some(i) = self.schema.indexes.get_mut(id) {
            i.name = chosen;
            i.primary = primary;
            i.constraint = Some(constraint);
        }
        self.effect(Effect::Altered(ObjectId::Index(id)));
        Ok(())
    }

    /// A key of a partitioned table must hold the columns of its partition key.
    /// Source: PostgreSQL manual, 5.11.2.3 "Limitations".
    pub(super) fn check_covers_partition_key(
        &self,
        table: TableId,
        index: &IndexDraft,
        kind: &ConstraintKind,
        span: Span,
    ) -> Outcome {
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        let Some(key) = &t.partition_key else { return Ok(()) };
        let what = match kind {
            ConstraintKind::PrimaryKey => "PRIMARY KEY",
            ConstraintKind::Unique { .. } => "UNIQUE",
            ConstraintKind::Exclude { .. } => {
                return refuse(
                    state::FEATURE_NOT_SUPPORTED,
                    span,
                    "exclusion constraints are not supported on partitioned tables",
                );
            }
            _ => return Ok(()),
        };
        for target in &key.keys {
            match target {
                KeyTarget::Column(column) => {
                    let covered = index.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == *column));
                    if !covered {
                        return refuse(
                            state::FEATURE_NOT_SUPPORTED,
                            span,
                            format!(
                                "unique constraint on partitioned table must include all partitioning columns: \
                                 {what} constraint on table \"{}\" lacks column \"{}\" which is part of the partition key",
                                t.name,
                                t.column(*column).map(|c| c.name.as_str()).unwrap_or_default()
                            ),
                        );
                    }
                }
                KeyTarget::Expression(_) => {
                    return refuse(
                        state::FEATURE_NOT_SUPPORTED,
                        span,
                        format!("unsupported {what} constraint with partition key definition"),
                    );
                }
            }
        }
        Ok(())
    }

    /// Makes a foreign key.
    pub(super) fn add_foreign_key(&mut self, table: TableId, draft: &ForeignKeyDraft) -> Outcome {
        let references = draft.references;
        let fresh = self.schema.tables.get(table).is_some_and(|t| t.span == self.span);
        if let Some(name) = draft.name {
            self.free_for_constraint(table, &name.fold(), name.span)?;
        }
        let target = self.relation(&references.table)?;
        if let Some(t) = self.schema.tables.get(table)
            && t.kind == TableKind::Partitioned
            && draft.attributes.not_valid
            && !fresh
        {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                draft.span,
                format!(
                    "cannot add NOT VALID foreign key on partitioned table \"{}\" referencing relation \"{}\"",
                    t.name,
                    self.relation_name(target)
                ),
            );
        }
        let target = match target {
            RelationId::Table(id) => id,
            _ => {
                return refuse(
                    state::WRONG_OBJECT_TYPE,
                    references.table.span(),
                    format!("referenced relation \"{}\" is not a table", references.table.name.fold()),
                );
            }
        };
        self.check_persistence(table, target, references.table.span())?;
        let mut columns = Vec::with_capacity(draft.columns.len());
        for column in &draft.columns {
            columns.push(self.foreign_key_column(table, column)?);
        }
        let generated = columns.iter().any(|c| self.schema.column(table, *c).is_some_and(|c| c.generated.is_some()));
        if generated {
            use ReferentialAction::{Cascade, SetDefault, SetNull};
            let bad = match (references.on_update, references.on_delete) {
                (Some(SetNull | SetDefault | Cascade), _) => Some("UPDATE"),
                (_, Some(SetNull | SetDefault)) => Some("DELETE"),
                _ => None,
            };
            if let Some(event) = bad {
                let message =
                    format!("invalid ON {event} action for foreign key constraint containing generated column");
                return refuse(state::SYNTAX_ERROR, draft.span, message);
            }
        }
        let mut on_delete_columns = Vec::new();
        for column in &references.on_delete_columns {
            let number = self.foreign_key_column(table, column)?;
            if !columns.contains(&number) {
                return refuse(
                    state::INVALID_COLUMN_REFERENCE,
                    column.span,
                    format!(
                        "column \"{}\" referenced in ON DELETE SET action must be part of foreign key",
                        column.fold()
                    ),
                );
            }
            on_delete_columns.push(number);
        }
        let (referenced, index) = self.referenced_columns(target, references, columns.len())?;
        if columns.len() != referenced.len() {
            return refuse(
                state::INVALID_FOREIGN_KEY,
                draft.span,
                "number of referencing and referenced columns for foreign key disagree",
            );
        }
        let name = match draft.name {
            Some(name) => name.fold(),
            None => self.default_foreign_key_name(table, &columns),
        };
        self.check_key_types(table, &columns, target, &referenced, &name, draft.span)?;
        // In CREATE TABLE there are no rows that could be invalid.
        let constraint = Constraint {
            named: draft.name.is_some(),
            deferrable: draft.attributes.deferrable,
            initially_deferred: draft.attributes.initially_deferred,
            validated: (fresh || !draft.attributes.not_valid) && !draft.attributes.not_enforced,
            enforced: !draft.attributes.not_enforced,
            no_inherit: true,
            ..plain_constraint(
                table,
                name,
                ConstraintKind::ForeignKey(ForeignKey {
                    references: target,
                    columns: referenced,
                    match_type: references.match_type,
                    on_delete: references.on_delete.unwrap_or(ReferentialAction::NoAction),
                    on_delete_written: references.on_delete.is_some(),
                    on_delete_columns,
                    on_update: references.on_update.unwrap_or(ReferentialAction::NoAction),
                    index,
                }),
                columns,
                draft.span,
            )
        };
        let id = self.insert_constraint(constraint);
        self.reference_partitions(id, target)?;
        self.copy_foreign_key_to_partitions(id, table)
    }

    fn foreign_key_column(&mut self, table: TableId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        if super::references::is_system_column(&name) {
            let message = "system columns cannot be used in foreign keys";
            return refuse(state::FEATURE_NOT_SUPPORTED, column.span, message);
        }
        match self.find_column(table, &name).or_else(|| self.assume_column(table, &name, column.span)) {
            Some(number) => Ok(number),
            None => refuse(
                state::UNDEFINED_COLUMN,
                column.span,
                format!("column \"{name}\" referenced in foreign key constraint does not exist"),
            ),
        }
    }

    /// `t_a_b_fkey`, with a number where that is taken.
    pub(super) fn default_foreign_key_name(&self, table: TableId, columns: &[ColumnNumber]) -> Name {
        let Some(t) = self.schema.tables.get(table) else { return Name::default() };
        let names = columns.iter().filter_map(|c| t.column(*c)).map(|c| c.name.as_str());
        self.choose_constraint_name(t.namespace, &t.name, Some(&join_columns(names)), "fkey")
    }

    fn check_persistence(&self, table: TableId, target: TableId, span: Span) -> Outcome {
        let persistence = |id| self.schema.tables.get(id).map_or(Persistence::Permanent, |t| t.persistence);
        let message = match (persistence(table), persistence(target)) {
            (Persistence::Permanent, Persistence::Unlogged | Persistence::Temporary) => {
                "constraints on permanent tables may reference only permanent tables"
            }
            (Persistence::Unlogged, Persistence::Temporary) => {
                "constraints on unlogged tables may reference only permanent or unlogged tables"
            }
            (Persistence::Temporary, Persistence::Permanent | Persistence::Unlogged) => {
                "constraints on temporary tables may reference only temporary tables"
            }
            _ => return Ok(()),
        };
        refuse(state::INVALID_TABLE_DEFINITION, span, message)
    }

    /// The referenced columns of a foreign key and the unique index that makes them referenceable.
    fn referenced_columns(
        &mut self,
        target: TableId,
        references: &References,
        count: usize,
    ) -> Outcome<(Vec<ColumnNumber>, Option<IndexId>)> {
        let assumed = self.schema.tables.get(target).is_some_and(|t| t.assumed);
        if references.columns.is_empty() {
            let Some(t) = self.schema.tables.get(target) else { return Ok((Vec::new(), None)) };
            let Some((key, primary)) = self.schema.primary_key_of(t) else {
                if assumed && count == 1 {
                    let id = self.find_column(target, "id");
                    let id = id.or_else(|| self.assume_column(target, &"id".into(), references.table.name.span));
                    return Ok((id.into_iter().collect(), None));
                }
                return refuse_for(
                    state::UNDEFINED_OBJECT,
                    references.table.span(),
                    format!("there is no primary key for referenced table \"{}\"", t.name),
                    vec![ObjectId::Table(target)],
                );
            };
            if primary.deferrable {
                return refuse_for(
                    state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                    references.table.span(),
                    format!("cannot use a deferrable primary key for referenced table \"{}\"", t.name),
                    vec![ObjectId::Constraint(key)],
                );
            }
            return Ok((primary.columns.clone(), primary.index));
        }
        let mut columns = Vec::with_capacity(references.columns.len());
        for column in &references.columns {
            columns.push(self.foreign_key_column(target, column)?);
        }
        // A template placeholder for a type may stand for a key, too (`id $%AUTO_INCREMENT_PRIMARY_KEY%$`).
        let templated = columns.iter().any(|c| {
            self.schema.column(target, *c).is_some_and(|c| match &c.data_type.base {
                crate::schema::BaseType::Unknown { name, .. } => super::lookup::has_placeholder(name),
                _ => false,
            })
        });
        if assumed || templated || columns.len() != count {
            return Ok((columns, None));
        }
        let Some(t) = self.schema.tables.get(target) else { return Ok((columns, None)) };
        let mut wanted = columns.clone();
        wanted.order();
        let mut deferrable = None;
        for (id, index) in self.schema.indexes_of(t) {
            if !index.unique || index.predicate.is_some() || !index.valid {
                continue;
            }
            let keys: Option<Vec<ColumnNumber>> = index
                .keys
                .iter()
                .map(|k| match k.target {
                    KeyTarget::Column(c) => Some(c),
                    KeyTarget::Expression(_) => None,
                })
                .collect();
            let Some(mut keys) = keys else { continue };
            keys.order();
            if keys != wanted {
                continue;
            }
            let constraint = index.constraint.and_then(|c| self.schema.constraints.get(c));
            if constraint.is_some_and(|c| c.deferrable) {
                deferrable = Some(id);
                continue;
            }
            return Ok((columns, Some(id)));
        }
        let first = references.columns.first().map_or(references.table.span(), |c| c.span);
        let span = references.columns.last().map_or(first, |c| first.to(c.span));
        if let Some(index) = deferrable {
            return refuse_for(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                span,
                format!("cannot use a deferrable unique constraint for referenced table \"{}\"", t.name),
                vec![ObjectId::Index(index)],
            );
        }
        refuse_for(
            state::INVALID_FOREIGN_KEY,
            span,
            format!("there is no unique constraint matching given keys for referenced table \"{}\"", t.name),
            vec![ObjectId::Table(target)],
        )
    }

    fn check_key_types(
        &self,
        table: TableId,
        columns: &[ColumnNumber],
        target: TableId,
        referenced: &[ColumnNumber],
        name: &str,
        span: Span,
    ) -> Outcome {
        for (from, to) in columns.iter().zip(referenced) {
            let (Some(from), Some(to)) = (self.schema.column(table, *from), self.schema.column(target, *to)) else {
                continue;
            };
            if !self.comparable(&to.data_type, &from.data_type) {
                return refuse_for(
                    state::DATATYPE_MISMATCH,
                    span,
                    format!(
                        "foreign key constraint \"{name}\" cannot be implemented: key columns \"{}\" and \"{}\" are of \
                         incompatible types: {} and {}",
                        from.name,
                        to.name,
                        bare_type(&from.data_type.display(&self.schema)),
                        bare_type(&to.data_type.display(&self.schema))
                    ),
                    vec![ObjectId::Table(target)],
                );
            }
        }
        Ok(())
    }

    /// The constraint that the statement names.
    pub(super) fn named_constraint(&self, table: TableId, name: &Ident) -> Outcome<ConstraintId> {
        let folded = name.fold();
        match self.find_constraint(table, &folded) {
            Some(id) => Ok(id),
            None => refuse(
                state::UNDEFINED_OBJECT,
                name.span,
                format!("constraint \"{folded}\" of relation \"{}\" does not exist", self.table_name(table)),
            ),
        }
    }

    pub(super) fn alter_constraint(
        &mut self,
        table: TableId,
        name: &Ident,
        (deferrable, initially_deferred): (Option<bool>, Option<bool>),
        enforced: Option<bool>,
    ) -> Outcome {
        let id = self.named_constraint(table, name)?;
        let is_foreign_key =
            self.schema.constraints.get(id).is_some_and(|c| matches!(c.kind, ConstraintKind::ForeignKey(_)));
        if !is_foreign_key {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                name.span,
                format!(
                    "constraint \"{}\" of relation \"{}\" is not a foreign key constraint",
                    name.fold(),
                    self.table_name(table)
                ),
            );
        }
        if deferrable == Some(false) && initially_deferred == Some(true) {
            let message = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
            return refuse(state::SYNTAX_ERROR, name.span, message);
        }
        let mut all = vec![id];
        self.clones_of(id, &mut all);
        for id in all {
            if let Some(c) = self.schema.constraints.get_mut(id) {
                // One of the two says both; what speaks of neither leaves them.
                if deferrable.is_some() || initially_deferred.is_some() || enforced.is_none() {
                    c.initially_deferred = initially_deferred.unwrap_or_default();
                    c.deferrable = deferrable.unwrap_or_default() || c.initially_deferred;
                }
                // ENFORCED checks the rows that are there.
                if let Some(enforced) = enforced {
                    c.validated = enforced && (c.validated || !c.enforced);
                    c.enforced = enforced;
                }
            }
            self.effect(Effect::Altered(ObjectId::Constraint(id)));
        }
        Ok(())
    }

    pub(super) fn validate_constraint(&mut self, table: TableId, name: &Ident) -> Outcome {
        let id = self.named_constraint(table, name)?;
        let Some(constraint) = self.schema.constraints.get_mut(id) else { return Ok(()) };
        if !matches!(constraint.kind, ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_)) {
            let message = format!(
                "constraint \"{}\" of relation \"{}\" is not a foreign key or check constraint",
                name.fold(),
                self.table_name(table)
            );
            return refuse(state::WRONG_OBJECT_TYPE, name.span, message);
        }
        let check = matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit;
        let name = constraint.name.clone();
        constraint.validated = true;
        self.effect(Effect::Altered(ObjectId::Constraint(id)));
        if check {
            let mut below = Vec::new();
            self.descendants(table, &mut below);
            for child in below {
                if let Some(c) = self.find_constraint(child, &name).and_then(|c| self.schema.constraints.get_mut(c)) {
                    c.validated = true;
                }
            }
        }
        Ok(())
    }
}

/// A local, immediate, validated constraint.
pub(super) fn plain_constraint(
    table: TableId,
    name: Name,
    kind: ConstraintKind,
    columns: Vec<ColumnNumber>,
    span: Span,
) -> Constraint {
    Constraint {
        table,
        name,
        named: false,
        kind,
        columns,
        deferrable: false,
        initially_deferred: false,
        validated: true,
        enforced: true,
        no_inherit: false,
        is_local: true,
        inherit_count: 0,
        parent: None,
        index: None,
        comment: None,
        span,
        dropped: None,
    }
}

/// Messages print types without modifiers.
fn bare_type(displayed: &str) -> String {
    match (displayed.find('('), displayed.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let mut out = displayed.to_owned();
            out.replace_range(open..=close, "");
            out
        }
        _ => displayed.to_owned(),
    }
}

/// What an index is over: for comparing keys of parents and children.
pub(super) fn key_columns(index: &Index) -> Vec<ColumnNumber> {
    index
        .keys
        .iter()
        .filter_map(|k: &Key| match k.target {
            KeyTarget::Column(c) => Some(c),
            KeyTarget::Expression(_) => None,
        })
        .collect()
}

/// The expressions of a constraint.
pub(super) fn constraint_exprs(constraint: &Constraint) -> Option<&StoredExpr> {
    match &constraint.kind {
        ConstraintKind::Check(expr) => Some(expr),
        ConstraintKind::Exclude { predicate } => predicate.as_ref(),
        _ => None,
    }
}

/// Whether a table holds rows of other tables.
pub(super) fn is_partitioned(table: &Table) -> bool {
    table.kind == TableKind::Partitioned
}
