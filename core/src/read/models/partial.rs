//! Tables of which not all columns are known, because a class that brings some stands in a file that was not given: what names such a column is left out
//! by itself, and the table stays.

use std::collections::BTreeSet;

use crate::expr::{Expr, Tree};
use crate::name::{Ident, Name};
use crate::operation::{ConstraintDefKind, IndexKey, IndexTarget, Operation, OperationKind, TableElement};
use crate::source::Span;

/// What is known of such a table.
#[derive(Debug, Default)]
pub(super) struct Known {
    columns: BTreeSet<Name>,
}

impl Known {
    /// Takes out of an operation what names columns that are not known; gives the operation, where anything is left of it, and the places.
    pub(super) fn part_of(&mut self, mut operation: Operation) -> (Option<Operation>, Vec<Span>) {
        let mut left_out = Vec::new();
        match &mut operation.kind {
            OperationKind::CreateTable(table) => {
                self.columns.extend(table.elements.iter().filter_map(|element| match element {
                    TableElement::Column(column) => Some(column.name.fold()),
                    _ => None,
                }));
                table.elements.retain(|element| match element {
                    TableElement::Constraint(constraint) if !self.has_constraint(&constraint.kind) => {
                        left_out.push(constraint.span);
                        false
                    }
                    _ => true,
                });
            }
            OperationKind::CreateIndex(index) => {
                let known = index.keys.iter().all(|key| self.has_key(key))
                    && self.has_all(&index.include)
                    && index.predicate.as_ref().is_none_or(|predicate| self.has_those_of(predicate));
                if !known {
                    return (None, vec![operation.span]);
                }
            }
            _ => {}
        }
        (Some(operation), left_out)
    }

    fn has_constraint(&self, kind: &ConstraintDefKind) -> bool {
        match kind {
            ConstraintDefKind::PrimaryKey { columns, options } | ConstraintDefKind::Unique { columns, options } => {
                self.has_all(columns) && self.has_all(&options.include)
            }
            ConstraintDefKind::ForeignKey { columns, .. } => self.has_all(columns),
            ConstraintDefKind::Check(expression) => self.has_those_of(expression),
            ConstraintDefKind::Exclude { elements, include, predicate, .. } => {
                elements.iter().all(|(key, _)| self.has_key(key))
                    && self.has_all(include)
                    && predicate.as_ref().is_none_or(|predicate| self.has_those_of(predicate))
            }
            ConstraintDefKind::NotNull(column) => self.columns.contains(&column.fold()),
        }
    }

    fn has_all(&self, columns: &[Ident]) -> bool {
        columns.iter().all(|column| self.columns.contains(&column.fold()))
    }

    fn has_key(&self, key: &IndexKey) -> bool {
        match &key.target {
            IndexTarget::Column(column) => self.columns.contains(&column.fold()),
            IndexTarget::Expression(expression) => self.has_those_of(expression),
        }
    }

    fn has_those_of(&self, expression: &Expr) -> bool {
        let mut known = true;
        expression.tree().walk_own(&mut |tree| {
            if let Tree::Column(parts) = tree {
                known &= parts.last().is_none_or(|name| self.columns.contains(name));
            }
        });
        known
    }
}
