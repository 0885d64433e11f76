//! Partitions: bounds, and the indexes, keys, foreign keys and triggers that partitions take from their parent.
//! Source: PostgreSQL manual, 5.11 "Table Partitioning".

mod bounds;
mod detach;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::constraints::{is_partitioned, plain_constraint};
use super::indexes::IndexDraft;
use super::{Effect, Replayer};
use crate::name::{Name, QualifiedName};
use crate::operation::{PartitionBound, Persistence};
use crate::schema::{
    Column, ColumnNumber, Constraint, ConstraintId, ConstraintKind, ForeignKey, Index, IndexId, Key, KeyTarget,
    ObjectId, RelationId, Table, TableId, TableKind,
};
use crate::source::Span;

impl Replayer {
    /// Gives a new partition the indexes, keys, foreign keys and row triggers of its parent.
    pub(super) fn clone_into_partition(&mut self, parent: TableId, child: TableId) -> Outcome {
        let Some(p) = self.schema.tables.get(parent).cloned() else { return Ok(()) };
        for index in &p.indexes {
            if self.schema.indexes.get(*index).is_some_and(|i| i.dropped.is_none()) {
                self.clone_index(*index, child, true, false)?;
            }
        }
        self.clone_foreign_keys(parent, child)?;
        self.clone_triggers(parent, child)?;
        Ok(())
    }

    /// Foreign keys from and to a partitioned table, for a partition that joins it.
    fn clone_foreign_keys(&mut self, parent: TableId, child: TableId) -> Outcome {
        let Some(p) = self.schema.tables.get(parent) else { return Ok(()) };
        // A key that stands for one partition of the table it references is left to its own parent.
        let own: Vec<ConstraintId> = self
            .schema
            .foreign_keys_of(p)
            .filter(|(_, c, _)| {
                c.parent.is_none_or(|up| self.schema.constraints.get(up).is_none_or(|u| u.table != parent))
            })
            .map(|(id, ..)| id)
            .collect();
        for foreign_key in own {
            self.copy_foreign_key(foreign_key, child)?;
        }
        let to_parent = self.schema.references_to(parent);
        for id in &to_parent {
            let up = self.schema.constraints.get(*id).and_then(|c| c.parent);
            if up.is_none_or(|up| !to_parent.contains(&up)) {
                self.reference_partition(*id, child)?;
            }
        }
        Ok(())
    }

    /// Adds, for a foreign key that references a partitioned table, the constraints for its partitions.
    pub(super) fn reference_partitions(&mut self, foreign_key: ConstraintId, target: TableId) -> Outcome {
        for partition in self.partitions_in_order(target) {
            self.reference_partition(foreign_key, partition)?;
        }
        Ok(())
    }

    fn reference_partition(&mut self, foreign_key: ConstraintId, partition: TableId) -> Outcome {
        let Some(original) = self.schema.constraints.get(foreign_key).cloned() else { return Ok(()) };
        let ConstraintKind::ForeignKey(fk) = &original.kind else { return Ok(()) };
        let Some(columns) = self.same_columns(fk.references, &fk.columns, partition) else { return Ok(()) };
        let index = fk.index.and_then(|up| {
            let t = self.schema.tables.get(partition)?;
            self.schema.indexes_of(t).find(|(_, i)| i.parent == Some(up)).map(|(id, _)| id)
        });
        let name = if self.find_constraint(original.table, &original.name).is_some() {
            self.default_foreign_key_name(original.table, &original.columns)
        } else {
            original.name.clone()
        };
        let kind = ConstraintKind::ForeignKey(ForeignKey { references: partition, columns, index, ..fk.clone() });
        let id = self.insert_constraint(Constraint {
            name,
            named: false,
            kind,
            parent: Some(foreign_key),
            is_local: false,
            inherit_count: 1,
            no_inherit: false,
            comment: None,
            ..original
        });
        self.schema.note_dependent(ObjectId::Constraint(foreign_key), ObjectId::Constraint(id));
        self.reference_partitions(id, partition)
    }

    /// Gives the partitions of a table a foreign key of that table.
    pub(super) fn copy_foreign_key_to_partitions(&mut self, foreign_key: ConstraintId, table: TableId) -> Outcome {
        for partition in self.partitions_in_order(table) {
            self.copy_foreign_key(foreign_key, partition)?;
        }
        Ok(())
    }

    fn copy_foreign_key(&mut self, foreign_key: ConstraintId, partition: TableId) -> Outcome {
        let Some(original) = self.schema.constraints.get(foreign_key).cloned() else { return Ok(()) };
        let ConstraintKind::ForeignKey(fk) = &original.kind else { return Ok(()) };
        let Some(columns) = self.same_columns(original.table, &original.columns, partition) else { return Ok(()) };
        let on_delete_columns = self.same_columns(original.table, &fk.on_delete_columns, partition).unwrap_or_default();
        // An equal foreign key of the partition becomes the parent's.
        let equal = self.schema.tables.get(partition).and_then(|t| {
            self.schema
                .foreign_keys_of(t)
                .find(|(_, c, f)| {
                    c.parent.is_none()
                        && c.columns == columns
                        && f.references == fk.references
                        && f.columns == fk.columns
                        && f.on_delete == fk.on_delete
                        && f.on_update == fk.on_update
                        && f.match_type == fk.match_type
                        && c.deferrable == original.deferrable
                        && c.initially_deferred == original.initially_deferred
                })
                .map(|(id, ..)| id)
        });
        let id = match equal {
            Some(id) => {
                // Its constraints for partitions of the referenced table go: the parent has them.
                let mut clones = Vec::new();
                self.clones_of(id, &mut clones);
                for clone in clones {
                    let same_table = self.schema.constraints.get(clone).is_some_and(|c| c.table == partition);
                    if same_table {
                        self.remove_constraint(clone);
                    }
                }
                if let Some(c) = self.schema.constraints.get_mut(id) {
                    c.parent = Some(foreign_key);
                    c.is_local = false;
                    c.inherit_count = 1;
                }
                // The partition's own partitions have theirs from it.
                self.schema.note_dependent(ObjectId::Constraint(foreign_key), ObjectId::Constraint(id));
                return Ok(());
            }
            None => {
                let name = if self.find_constraint(partition, &original.name).is_some() {
                    self.default_foreign_key_name(partition, &columns)
                } else {
                    original.name.clone()
                };
                let kind = ConstraintKind::ForeignKey(ForeignKey { on_delete_columns, ..fk.clone() });
                self.insert_constraint(Constraint {
                    table: partition,
                    name,
                    kind,
                    columns,
                    parent: Some(foreign_key),
                    is_local: false,
                    inherit_count: 1,
                    no_inherit: false,
                    comment: None,
                    ..original
                })
            }
        };
        self.schema.note_dependent(ObjectId::Constraint(foreign_key), ObjectId::Constraint(id));
        self.copy_foreign_key_to_partitions(id, partition)
    }

    /// Adds the constraints that stem from a constraint, at any depth.
    pub(super) fn clones_of(&self, constraint: ConstraintId, out: &mut Vec<ConstraintId>) {
        let mut at = out.len();
        let add = |of: ConstraintId, out: &mut Vec<ConstraintId>| {
            for who in self.schema.possible_dependents(ObjectId::Constraint(of)) {
                if let ObjectId::Constraint(id) = who
                    && self.schema.constraints.get(id).is_some_and(|c| c.dropped.is_none() && c.parent == Some(of))
                    && !out.contains(&id)
                {
                    out.push(id);
                }
            }
        };
        add(constraint, out);
        while let Some(next) = out.get(at).copied() {
            add(next, out);
            at += 1;
        }
    }

    /// Indexes attached to an index of a partitioned table.
    pub(super) fn index_children(&self, index: IndexId) -> Vec<IndexId> {
        let all = self.schema.possible_dependents(ObjectId::Index(index)).into_iter();
        all.filter_map(|who| match who {
            ObjectId::Index(id) => Some(id),
            _ => None,
        })
        .filter(|id| self.schema.indexes.get(*id).is_some_and(|i| i.dropped.is_none() && i.parent == Some(index)))
        .collect()
    }

    /// Gives the partitions of a table an index of that table: one of theirs that is equal, else a new one.
    pub(super) fn index_partitions(&mut self, table: TableId, index: IndexId) -> Outcome {
        for partition in self.partitions_in_order(table) {
            self.index_partition(partition, index)?;
        }
        Ok(())
    }

    fn index_partition(&mut self, partition: TableId, index: IndexId) -> Outcome {
        match self.equal_index(partition, index) {
            Some(own) => {
                self.link_index(own, index);
                Ok(())
            }
            None => {
                let primary = |i: &Index| i.primary && i.dropped.is_none();
                let wanted = self.schema.indexes.get(index).is_some_and(primary);
                let other = self
                    .schema
                    .tables
                    .get(partition)
                    .is_some_and(|t| self.schema.indexes_of(t).any(|(_, i)| primary(i)));
                if wanted && other {
                    let name = self.table_name(partition);
                    let message = format!("multiple primary keys for table \"{name}\" are not allowed");
                    return refuse(state::INVALID_TABLE_DEFINITION, self.subject, message);
                }
                self.clone_index(index, partition, true, false).map(|_| ())
            }
        }
    }

    /// An index of a partition that could be attached to an index of its parent.
    fn equal_index(&self, partition: TableId, index: IndexId) -> Option<IndexId> {
        let wanted = self.schema.indexes.get(index)?;
        let RelationId::Table(parent) = wanted.owner else { return None };
        let table = self.schema.tables.get(partition)?;
        self.schema
            .indexes_of(table)
            .find(|(_, i)| {
                i.parent.is_none()
                    && (wanted.constraint.is_none() || i.constraint.is_some())
                    && (wanted.constraint.is_none() || i.primary == wanted.primary)
                    && self.same_definition(wanted, parent, i, partition)
            })
            .map(|(id, _)| id)
    }

    fn same_definition(&self, a: &Index, a_table: TableId, b: &Index, b_table: TableId) -> bool {
        let key = |x: &Key, y: &Key| {
            let target = match (&x.target, &y.target) {
                (KeyTarget::Column(x), KeyTarget::Column(y)) => self.same_column(a_table, *x, b_table) == Some(*y),
                (KeyTarget::Expression(x), KeyTarget::Expression(y)) => {
                    same_text(&self.schema.display_expr(x), &self.schema.display_expr(y))
                }
                _ => false,
            };
            target
                && x.collation == y.collation
                && x.opclass == y.opclass
                && x.descending == y.descending
                && x.nulls_first == y.nulls_first
        };
        let predicate = match (&a.predicate, &b.predicate) {
            (None, None) => true,
            (Some(x), Some(y)) => same_text(&self.schema.display_expr(x), &self.schema.display_expr(y)),
            _ => false,
        };
        a.unique == b.unique
            && a.method == b.method
            && a.nulls_not_distinct == b.nulls_not_distinct
            && a.keys.len() == b.keys.len()
            && a.keys.iter().zip(&b.keys).all(|(x, y)| key(x, y))
            && self.same_columns(a_table, &a.include, b_table).as_ref() == Some(&b.include)
            && predicate
    }

    /// Attaches an index of a partition, and its constraint, to those of the parent.
    fn link_index(&mut self, child: IndexId, parent: IndexId) {
        let up = self.schema.indexes.get(parent).and_then(|i| i.constraint);
        let Some(index) = self.schema.indexes.get_mut(child) else { return };
        index.parent = Some(parent);
        let constraint = index.constraint;
        self.schema.note_dependent(ObjectId::Index(parent), ObjectId::Index(child));
        if let (Some(up), Some(constraint)) = (up, constraint)
            && let Some(c) = self.schema.constraints.get_mut(constraint)
        {
            c.parent = Some(up);
            c.is_local = false;
            c.inherit_count = 1;
            self.schema.note_dependent(ObjectId::Constraint(up), ObjectId::Constraint(constraint));
        }
        self.effect(Effect::Altered(ObjectId::Index(child)));
    }

    /// Makes an index like one of another table, with its constraint where it has one. The new one belongs to the old one if the
    /// table is a partition.
    pub(super) fn clone_index(
        &mut self,
        source: IndexId,
        table: TableId,
        partition: bool,
        comments: bool,
    ) -> Outcome<Option<IndexId>> {
        let Some(original) = self.schema.indexes.get(source).cloned() else { return Ok(None) };
        let RelationId::Table(from) = original.owner else { return Ok(None) };
        if partition && self.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Foreign) {
            // Indexes leave out partitions that are foreign tables; a unique one can't.
            if !original.unique {
                return Ok(None);
            }
            let (child, parent) = (self.table_name(table), self.table_name(from));
            let message =
                format!("cannot have foreign table \"{child}\" as partition of \"{parent}\", which has a unique index");
            return refuse_for(state::WRONG_OBJECT_TYPE, self.span, message, vec![ObjectId::Index(source)]);
        }
        let mut keys = Vec::with_capacity(original.keys.len());
        let mut key_names = Vec::with_capacity(original.keys.len());
        for key in &original.keys {
            let (target, name) = match &key.target {
                KeyTarget::Column(number) => match self.same_column(from, *number, table) {
                    Some(number) => (KeyTarget::Column(number), None),
                    None => return Ok(None),
                },
                KeyTarget::Expression(expr) => {
                    let name = super::references::expression_name(self, &expr.source);
                    (KeyTarget::Expression(self.rebase(expr, from, table)), name)
                }
            };
            keys.push(Key { target, ..key.clone() });
            key_names.push(name);
        }
        let include = self.same_columns(from, &original.include, table).unwrap_or_default();
        let predicate = original.predicate.as_ref().map(|p| self.rebase(p, from, table));
        let mut draft = IndexDraft {
            name: Name::default(),
            named: false,
            method: original.method.clone(),
            unique: original.unique,
            primary: original.primary,
            keys,
            key_names,
            include,
            predicate,
            nulls_not_distinct: original.nulls_not_distinct,
            concurrently: false,
            options: original.options.clone(),
            span: original.span,
            copied: Some(source),
        };
        let constraint = original.constraint.and_then(|c| self.schema.constraints.get(c)).cloned();
        let (namespace, table_name) = (self.table_namespace(table), self.table_name(table));
        draft.name = match &constraint {
            Some(c) => self.choose_key_name(table, namespace, &table_name, &c.kind, &draft),
            None => self.default_index_name(RelationId::Table(table), namespace, &table_name, &draft),
        };
        let name = draft.name.clone();
        let columns = super::constraints::key_columns(&draft.keys);
        let primary = original.primary;
        // A partition that is partitioned itself may have another key than its parent.
        if partition && draft.unique {
            let kind = constraint.as_ref().map(|c| &c.kind);
            let kind = kind.unwrap_or(&ConstraintKind::Unique { nulls_not_distinct: false });
            self.check_covers_partition_key(table, &draft, kind, self.span)?;
        }
        let id = self.insert_index(RelationId::Table(table), namespace, draft);
        if comments && let Some(index) = self.schema.indexes.get_mut(id) {
            index.comment.clone_from(&original.comment);
        }
        if let Some(c) = constraint {
            if primary {
                for column in &columns {
                    self.mark_not_null(table, *column);
                }
            }
            let kind = match &c.kind {
                ConstraintKind::Exclude { .. } => {
                    ConstraintKind::Exclude { predicate: self.schema.indexes.get(id).and_then(|i| i.predicate.clone()) }
                }
                other => other.clone(),
            };
            let constraint = self.insert_constraint(Constraint {
                deferrable: c.deferrable,
                initially_deferred: c.initially_deferred,
                no_inherit: c.no_inherit,
                index: Some(id),
                ..plain_constraint(table, name, kind, columns, c.span)
            });
            if let Some(index) = self.schema.indexes.get_mut(id) {
                index.constraint = Some(constraint);
            }
        }
        if partition {
            self.link_index(id, source);
            self.index_partitions(table, id)?;
        }
        Ok(Some(id))
    }

    /// Only a partitioned table has partitions to attach and detach. That is asked before anything is looked up.
    fn check_has_partitions(&self, table: TableId) -> Outcome {
        let Some(t) = self.schema.tables.get(table).filter(|t| t.partition_key.is_none() && !t.assumed) else {
            return Ok(());
        };
        let message = format!("table \"{}\" is not partitioned", t.name);
        let sqlstate = if self.is_at_least(18) { state::WRONG_OBJECT_TYPE } else { state::INVALID_OBJECT_DEFINITION };
        refuse(sqlstate, self.subject, message)
    }

    /// ALTER TABLE … ATTACH PARTITION.
    pub(super) fn attach_partition(&mut self, table: TableId, name: &QualifiedName, bound: &PartitionBound) -> Outcome {
        self.check_has_partitions(table)?;
        let child = self.table(name)?;
        self.keep_not_null_names(child);
        let child_name = self.table_name(child);
        // From here on in the server's order (`ATExecAttachPartition`).
        self.check_bound(table, self.subject, bound, Some(child))?;
        let (Some(p), Some(c)) = (self.schema.tables.get(table), self.schema.tables.get(child)) else {
            return Ok(());
        };
        if c.partition_of.is_some() {
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("\"{child_name}\" is already a partition"));
        }
        if c.of_type.is_some() {
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), "cannot attach a typed table as partition");
        }
        if !c.inherits.is_empty() {
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), "cannot attach inheritance child as partition");
        }
        if c.partition_key.is_none() && !self.schema.children_of(child).is_empty() {
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), "cannot attach inheritance parent as partition");
        }
        let mut below = vec![child];
        self.descendants(child, &mut below);
        if below.contains(&table) {
            return refuse(state::DUPLICATE_TABLE, name.span(), "circular inheritance not allowed");
        }
        let temporary = |t: &Table| t.persistence == Persistence::Temporary;
        if temporary(p) != temporary(c) {
            let (parent, child) = if temporary(p) { ("temporary", "permanent") } else { ("permanent", "temporary") };
            let message = format!("cannot attach a {child} relation as partition of {parent} relation \"{}\"", p.name);
            return refuse(state::WRONG_OBJECT_TYPE, name.span(), message);
        }
        let extra = |column: &Column| !p.partial && p.find_column(&column.name).is_none();
        if let Some((_, extra)) = c.live_columns().find(|(_, column)| extra(column)) {
            return refuse(
                state::DATATYPE_MISMATCH,
                name.span(),
                format!("table \"{child_name}\" contains column \"{}\" not found in parent \"{}\"", extra.name, p.name),
            );
        }
        self.check_without_identity(child, name)?;
        let transition = self.schema.triggers_of(&c.triggers).find(|(_, t)| t.for_each_row && t.transition_tables);
        if let Some((_, trigger)) = transition {
            let message =
                format!("trigger \"{}\" prevents table \"{child_name}\" from becoming a partition", trigger.name);
            return refuse(state::FEATURE_NOT_SUPPORTED, name.span(), message);
        }
        self.check_overlap(table, bound, &child_name)?;
        self.check_depth(table, Some(child), name.span())?;
        self.merge_into_child(table, child, name.span(), true)?;
        if let Some(c) = self.schema.tables.get_mut(child) {
            c.partition_of = Some((table, bound.clone()));
        }
        self.schema.note_dependent(ObjectId::Table(table), ObjectId::Table(child));
        self.effect(Effect::Altered(ObjectId::Table(child)));
        self.take_identity(table, child);
        let indexes = self.schema.tables.get(table).map(|t| t.indexes.clone()).unwrap_or_default();
        for index in indexes {
            if self.schema.indexes.get(index).is_some_and(|i| i.dropped.is_none()) {
                self.index_partition(child, index)?;
            }
        }
        self.clone_triggers(table, child)?;
        self.clone_foreign_keys(table, child)
    }

    /// The table that a foreign key references.
    pub(super) fn references(&self, constraint: ConstraintId) -> Option<TableId> {
        match &self.schema.constraints.get(constraint)?.kind {
            ConstraintKind::ForeignKey(fk) => Some(fk.references),
            _ => None,
        }
    }

    /// ALTER INDEX … ATTACH PARTITION.
    pub(super) fn attach_index(&mut self, parent: IndexId, name: &QualifiedName) -> Outcome {
        let partitioned = match self.schema.indexes.get(parent).map(|p| p.owner) {
            Some(RelationId::Table(id)) => self.schema.tables.get(id).is_some_and(|t| t.partition_key.is_some()),
            _ => false,
        };
        if !partitioned {
            let parent = self.schema.indexes.get(parent).map(|p| p.name.clone()).unwrap_or_default();
            let message = format!("ALTER action ATTACH PARTITION cannot be performed on relation \"{parent}\"");
            return refuse(state::WRONG_OBJECT_TYPE, self.subject, message);
        }
        let RelationId::Index(child) = self.relation(name)? else {
            return refuse(
                state::INVALID_OBJECT_DEFINITION,
                name.span(),
                format!("\"{}\" is not an index", name.name.fold()),
            );
        };
        let (Some(p), Some(c)) = (self.schema.indexes.get(parent), self.schema.indexes.get(child)) else {
            return Ok(());
        };
        if c.parent == Some(parent) {
            return Ok(());
        }
        let cannot = |why: &str, span: Span| {
            refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                span,
                format!("cannot attach index \"{}\" as a partition of index \"{}\": {why}", c.name, p.name),
            )
        };
        if c.parent.is_some() {
            return cannot("the index is already attached to another index", name.span());
        }
        let (RelationId::Table(parent_table), RelationId::Table(child_table)) = (p.owner, c.owner) else {
            return Ok(());
        };
        let partition = self.schema.tables.get(child_table).and_then(|t| t.partition_of.as_ref());
        if partition.is_none_or(|(up, _)| *up != parent_table) {
            return cannot("its table is not a partition of the other's", name.span());
        }
        let taken = self.index_children(parent).into_iter().any(|other| {
            self.schema.indexes.get(other).is_some_and(|other| other.owner == RelationId::Table(child_table))
        });
        if taken {
            return cannot("another index is already attached for its partition", name.span());
        }
        if !self.same_definition(p, parent_table, c, child_table) {
            return refuse(
                state::INVALID_OBJECT_DEFINITION,
                name.span(),
                format!(
                    "cannot attach index \"{}\" as a partition of index \"{}\": the index definitions do not match",
                    c.name, p.name
                ),
            );
        }
        self.link_index(child, parent);
        self.validate_index(parent);
        Ok(())
    }

    /// An index ON ONLY a partitioned table is valid once every partition has one attached.
    fn validate_index(&mut self, index: IndexId) {
        let Some(RelationId::Table(table)) = self.schema.indexes.get(index).map(|i| i.owner) else { return };
        let attached = self.index_children(index);
        let complete = attached.iter().all(|i| self.schema.indexes.get(*i).is_some_and(|i| i.valid))
            && self.partitions_in_order(table).len() == attached.len();
        if complete && let Some(i) = self.schema.indexes.get_mut(index) {
            i.valid = true;
            if let Some(up) = i.parent {
                self.validate_index(up);
            }
        }
    }

    /// The table, of this one and its partitions at any depth, that has this column in its partition key.
    pub(super) fn keyed_by(&self, table: TableId, column: &Name) -> Option<TableId> {
        let mut tables = vec![table];
        self.descendants(table, &mut tables);
        tables.into_iter().find(|id| {
            self.schema.tables.get(*id).is_some_and(|t| {
                t.partition_key.is_some() && t.find_column(column).is_some_and(|c| self.in_partition_key(t, *id, c))
            })
        })
    }

    /// Whether a column is part of a table's partition key.
    pub(super) fn in_partition_key(&self, table: &Table, id: TableId, column: ColumnNumber) -> bool {
        table.partition_key.as_ref().is_some_and(|key| {
            key.keys.iter().any(|k| match k {
                KeyTarget::Column(c) => *c == column,
                KeyTarget::Expression(e) => Self::columns_read(e, id).contains(&column),
            })
        })
    }
}

fn same_text(a: &str, b: &str) -> bool {
    let strip = |t: &str| t.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect::<String>();
    strip(a).eq_ignore_ascii_case(&strip(b))
}
