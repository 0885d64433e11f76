//! What ALTER TABLE drops of a table, columns and constraints, and what keeps a column's type as it is.

use super::Node;
use crate::name::Ident;
use crate::replay::Replayer;
use crate::replay::conflict::{Outcome, refuse, refuse_for, state};
use crate::schema::{ColumnNumber, ConstraintKind, ObjectId, TableId};
use crate::source::Span;

impl Replayer {
    /// ALTER TABLE … DROP COLUMN, in child tables too.
    pub(in crate::replay) fn drop_column(
        &mut self,
        table: TableId,
        column: &Ident,
        if_exists: bool,
        cascade: bool,
        recurse: bool,
    ) -> Outcome {
        let name = column.fold();
        if self.schema.tables.get(table).is_some_and(|t| t.of_type.is_some()) {
            return refuse(state::WRONG_OBJECT_TYPE, column.span, "cannot drop column from typed table");
        }
        if crate::replay::references::is_system_column(&name) {
            let message = format!("cannot drop system column \"{name}\"");
            return refuse(state::FEATURE_NOT_SUPPORTED, column.span, message);
        }
        let Some(number) = self.find_column(table, &name) else {
            let partial = self.schema.tables.get(table).is_some_and(|t| t.partial);
            return if if_exists || partial { Ok(()) } else { self.column(table, column).map(|_| ()) };
        };
        if let Some(t) = self.schema.tables.get(table) {
            if t.column(number).is_some_and(|c| c.inherit_count > 0) {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    format!("cannot drop inherited column \"{name}\""),
                );
            }
            let keyed = if recurse { self.keyed_by(table, &name) } else { None };
            if let Some(keyed) = keyed.or_else(|| self.in_partition_key(t, table, number).then_some(table)) {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    format!(
                        "cannot drop column \"{name}\" because it is part of the partition key of relation \"{}\"",
                        self.table_name(keyed)
                    ),
                );
            }
            if !recurse && t.partition_key.is_some() && !self.schema.children_of(table).is_empty() {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    "cannot drop column from only the partitioned table when partitions exist",
                );
            }
        }
        let mut roots = vec![Node::Object(ObjectId::Column(table, number))];
        let mut level = vec![table];
        while !level.is_empty() {
            let mut next = Vec::new();
            for parent in level {
                for child in self.schema.children_of(parent) {
                    let Some(at) = self.find_column(child, &name) else { continue };
                    let Some(c) = self.schema.tables.get_mut(child).and_then(|t| t.columns.get_mut(at.index())) else {
                        continue;
                    };
                    c.inherit_count = c.inherit_count.saturating_sub(1);
                    if recurse {
                        if c.inherit_count == 0 && !c.is_local {
                            roots.push(Node::Object(ObjectId::Column(child, at)));
                            next.push(child);
                        }
                    } else {
                        c.is_local = true;
                    }
                }
            }
            level = if recurse { next } else { Vec::new() };
        }
        // The message is about the column that the statement names.
        let plan = self.plan(&roots);
        if !plan.blocked.is_empty() && !cascade {
            let first = roots.first().cloned().into_iter().collect::<Vec<_>>();
            self.drop_nodes(&first, false, column.span)?;
        }
        self.drop_nodes(&roots, cascade, column.span)
    }

    /// ALTER TABLE … DROP CONSTRAINT, in child tables too.
    pub(in crate::replay) fn drop_constraint(
        &mut self,
        table: TableId,
        constraint: &Ident,
        if_exists: bool,
        cascade: bool,
        recurse: bool,
    ) -> Outcome {
        let name = constraint.fold();
        let Some(id) = self.find_constraint(table, &name) else {
            // With IF EXISTS an older server would do nothing: that it is a newer one must be known.
            if let Some(column) = self.find_not_null(table, &name).filter(|_| !if_exists || self.knows_not_null()) {
                return self.drop_not_null_constraint(table, column, constraint, recurse);
            }
            if if_exists {
                return Ok(());
            }
            return self.named_constraint(table, constraint).map(|_| ());
        };
        let Some(c) = self.schema.constraints.get(id) else { return Ok(()) };
        if c.inherit_count > 0 {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                constraint.span,
                format!("cannot drop inherited constraint \"{name}\" of relation \"{}\"", self.table_name(table)),
            );
        }
        let check = matches!(c.kind, ConstraintKind::Check(_)) && !c.no_inherit;
        if check && !recurse && !self.partitions_in_order(table).is_empty() {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                constraint.span,
                "cannot remove constraint from only the partitioned table when partitions exist",
            );
        }
        let mut roots = vec![Node::Object(ObjectId::Constraint(id))];
        let mut level = if check { vec![table] } else { Vec::new() };
        while !level.is_empty() {
            let mut next = Vec::new();
            for parent in level {
                for child in self.schema.children_of(parent) {
                    let Some(below) = self.find_constraint(child, &name) else { continue };
                    let Some(c) = self.schema.constraints.get_mut(below).filter(|c| c.inherit_count > 0) else {
                        continue;
                    };
                    c.inherit_count -= 1;
                    if recurse {
                        if c.inherit_count == 0 && !c.is_local {
                            roots.push(Node::Object(ObjectId::Constraint(below)));
                            next.push(child);
                        }
                    } else {
                        c.is_local = true;
                    }
                }
            }
            level = if recurse { next } else { Vec::new() };
        }
        self.drop_nodes(&roots, cascade, constraint.span)
    }

    /// Whether a column's type may change: not under a view, a policy, a trigger or a generated column.
    pub(in crate::replay) fn check_type_change(&self, table: TableId, column: ColumnNumber, span: Span) -> Outcome {
        let mut dependents = Vec::new();
        self.column_dependents(table, column, &mut dependents);
        for (node, _) in dependents {
            let Node::Object(id) = node else { continue };
            let (sqlstate, message) = match id {
                ObjectId::View(v) if self.schema.views.get(v).is_some_and(|v| v.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a view or rule")
                }
                ObjectId::Rule(r) if self.schema.rules.get(r).is_some_and(|r| r.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a view or rule")
                }
                ObjectId::Policy(p) if self.schema.policies.get(p).is_some_and(|p| p.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used in a policy definition")
                }
                ObjectId::Trigger(t) if self.schema.triggers.get(t).is_some_and(|t| t.dropped.is_none()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used in a trigger definition")
                }
                ObjectId::Column(t, c) if self.schema.column(t, c).is_some_and(|c| c.generated.is_some()) => {
                    (state::FEATURE_NOT_SUPPORTED, "cannot alter type of a column used by a generated column")
                }
                _ => continue,
            };
            return refuse_for(sqlstate, span, message, vec![id]);
        }
        Ok(())
    }
}
