//! Primary keys, unique and exclusion constraints, and the indexes behind them.

use super::super::conflict::{Outcome, refuse, refuse_for, state};
use super::super::indexes::IndexDraft;
use super::super::names::join_columns;
use super::super::{Effect, Replayer};
use super::{KeyDraft, KeyKind, is_partitioned, key_columns, plain_constraint};
use crate::name::{Ident, Name};
use crate::operation::IndexKey;
use crate::schema::{
    BaseType, ColumnNumber, Constraint, ConstraintKind, IndexId, Key, KeyTarget, NamespaceId, ObjectId, RelationId,
    TableId, TableKind,
};
use crate::source::Span;

impl Replayer {
    /// Makes the keys of a CREATE TABLE: the primary key first, and equal indexes once.
    pub(in crate::replay) fn add_keys(&mut self, table: TableId, drafts: &[KeyDraft]) -> Outcome {
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

    pub(super) fn second_primary_key(&self, table: TableId, span: Span) -> Outcome {
        refuse(
            state::INVALID_TABLE_DEFINITION,
            span,
            format!("multiple primary keys for table \"{}\" are not allowed", self.table_name(table)),
        )
    }

    /// Refuses a last column of WITHOUT OVERLAPS that is no range.
    fn check_period(&self, table: TableId, column: ColumnNumber, written: &Ident) -> Outcome {
        let Some(of) = self.schema.column(table, column) else { return Ok(()) };
        let plain = match &of.data_type.base {
            BaseType::Builtin(name) => of.data_type.array || !name.ends_with("range"),
            _ => false,
        };
        if !plain {
            return Ok(());
        }
        let message = format!("column \"{}\" in WITHOUT OVERLAPS is not a range or multirange type", of.name);
        refuse(state::DATATYPE_MISMATCH, written.span, message)
    }

    /// Makes a primary key, unique or exclusion constraint with its index.
    pub(super) fn add_key(&mut self, table: TableId, draft: &KeyDraft, name: Option<&Ident>, recurse: bool) -> Outcome {
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
        let what = if primary { "primary keys" } else { "unique constraints" };
        self.check_stored(table, &columns, what, draft.span)?;
        if let (true, Some(last), Some(written)) = (draft.without_overlaps, columns.last(), draft.columns.last()) {
            self.check_period(table, *last, written)?;
        }
        let mut include = Vec::with_capacity(draft.include.len());
        for column in draft.include {
            include.push(self.key_column(table, column)?);
        }
        let (kind, index) = match draft.kind {
            KeyKind::Exclude { method, elements, predicate } => {
                if self.is_before(17) && self.schema.tables.get(table).is_some_and(is_partitioned) {
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
                        let (method, count) = (&index.method, keys.len());
                        self.check_default_opclass(RelationId::Table(table), method, &key.target, count, written.span)?;
                    }
                }
                columns = key_columns(&index.keys);
                self.check_stored(table, &columns, "exclusion constraints", draft.span)?;
                (ConstraintKind::Exclude { predicate: index.predicate.clone() }, index)
            }
            KeyKind::Primary | KeyKind::Unique => {
                let method = if draft.without_overlaps { "gist" } else { "btree" };
                for (number, column) in columns.iter().zip(&draft.columns) {
                    let target = KeyTarget::Column(*number);
                    self.check_default_opclass(RelationId::Table(table), method, &target, columns.len(), column.span)?;
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
                        vec![super::super::lookup::object_of(existing)],
                    );
                }
                self.free_for_constraint(table, &name, written.span)?;
                self.free_of_not_null(table, &name, written)?;
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
    pub(in crate::replay) fn choose_key_name(
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

    pub(super) fn key_column(&mut self, table: TableId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        if let Some(number) = self.find_column(table, &name).or_else(|| self.assume_column(table, &name, column.span)) {
            return Ok(number);
        }
        refuse(state::UNDEFINED_COLUMN, column.span, format!("column \"{name}\" named in key does not exist"))
    }

    pub(super) fn no_primary_key_yet(&self, table: TableId, span: Span) -> Outcome {
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
    pub(super) fn key_column_to_alter(&mut self, table: TableId, column: &Ident) -> Outcome {
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
    pub(in crate::replay) fn index_for_key(&self, table: TableId, written: &Ident) -> Outcome<IndexId> {
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
    pub(super) fn add_key_using_index(
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
        let columns = key_columns(&index.keys);
        let chosen = name.map_or_else(|| index.name.clone(), Ident::fold);
        if chosen != index.name
            && let Some(existing) = self.schema.find_relation(index.namespace, &chosen)
        {
            return refuse_for(
                state::DUPLICATE_TABLE,
                name.map_or(written.span, |n| n.span),
                format!("relation \"{chosen}\" already exists"),
                vec![super::super::lookup::object_of(existing)],
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
    pub(in crate::replay) fn check_covers_partition_key(
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
            ConstraintKind::Exclude { .. } if !self.is_before(17) => "EXCLUDE",
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
}
