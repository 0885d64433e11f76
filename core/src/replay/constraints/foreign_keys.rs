//! Foreign keys: what they refer to, and whether their types agree.

use super::super::Replayer;
use super::super::conflict::{Outcome, refuse, refuse_for, state};
use super::super::names::join_columns;
use super::{ForeignKeyDraft, key_columns, plain_constraint};
use crate::name::{Ident, Name};
use crate::operation::{Persistence, References, ReferentialAction};
use crate::order::Order;
use crate::schema::{
    ColumnNumber, Constraint, ConstraintKind, ForeignKey, IndexId, ObjectId, RelationId, TableId, TableKind,
};
use crate::source::Span;

impl Replayer {
    /// Makes a foreign key.
    pub(in crate::replay) fn add_foreign_key(&mut self, table: TableId, draft: &ForeignKeyDraft) -> Outcome {
        let references = draft.references;
        let fresh = self.schema.tables.get(table).is_some_and(|t| t.span == self.span);
        if let Some(name) = draft.name {
            self.free_for_constraint(table, &name.fold(), name.span)?;
            self.free_of_not_null(table, &name.fold(), name)?;
        }
        let target = self.relation(&references.table)?;
        if let Some(t) = self.schema.tables.get(table)
            && t.kind == TableKind::Partitioned
            && draft.attributes.not_valid
            && !fresh
            && self.is_before(18)
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
        self.check_stored(table, &columns, "foreign key constraints", draft.span)?;
        // A key without overlaps is kept by an index that knows ranges.
        let temporal = index.and_then(|i| self.schema.indexes.get(i)).is_some_and(|i| i.method == "gist");
        if temporal && !references.period {
            let message = "foreign key must use PERIOD when referencing a primary key using WITHOUT OVERLAPS";
            return refuse(state::INVALID_FOREIGN_KEY, draft.span, message);
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

    pub(super) fn foreign_key_column(&mut self, table: TableId, column: &Ident) -> Outcome<ColumnNumber> {
        let name = column.fold();
        if super::super::references::is_system_column(&name) {
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
    pub(in crate::replay) fn default_foreign_key_name(&self, table: TableId, columns: &[ColumnNumber]) -> Name {
        let Some(t) = self.schema.tables.get(table) else { return Name::default() };
        let names = columns.iter().filter_map(|c| t.column(*c)).map(|c| c.name.as_str());
        self.choose_constraint_name(t.namespace, &t.name, Some(&join_columns(names)), "fkey")
    }

    pub(super) fn check_persistence(&self, table: TableId, target: TableId, span: Span) -> Outcome {
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
    pub(super) fn referenced_columns(
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
                crate::schema::BaseType::Unknown { name, .. } => super::super::lookup::has_placeholder(name),
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
            let mut keys = key_columns(&index.keys);
            if keys.len() < index.keys.len() {
                continue;
            }
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

    pub(in crate::replay) fn check_key_types(
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
