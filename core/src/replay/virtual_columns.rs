//! What generated columns that are not stored cannot be part of. Source: PostgreSQL 18 manual, 5.4 "Generated Columns".

use super::Replayer;
use super::conflict::{Outcome, refuse, state};
use super::indexes::IndexDraft;
use crate::schema::{BaseType, ColumnNumber, KeyTarget, ObjectId, RelationId, StoredExpr, TableId, TypeKind};
use crate::source::Span;

impl Replayer {
    fn is_virtual(&self, table: TableId, column: ColumnNumber) -> bool {
        self.schema.column(table, column).and_then(|c| c.generated.as_ref()).is_some_and(|g| !g.stored)
    }

    /// Refuses columns that are computed when they are read; `what` are "primary keys", "unique constraints" …
    pub(super) fn check_stored(&self, table: TableId, columns: &[ColumnNumber], what: &str, span: Span) -> Outcome {
        if !columns.iter().any(|column| self.is_virtual(table, *column)) {
            return Ok(());
        }
        refuse(state::FEATURE_NOT_SUPPORTED, span, format!("{what} on virtual generated columns are not supported"))
    }

    /// The same of an index's keys, its expressions and its predicate.
    pub(super) fn check_index_stored(&self, owner: RelationId, draft: &IndexDraft, span: Span) -> Outcome {
        let RelationId::Table(table) = owner else { return Ok(()) };
        let of_key = |key: &KeyTarget| match key {
            KeyTarget::Column(column) => vec![*column],
            KeyTarget::Expression(expr) => Self::columns_read(expr, table),
        };
        let mut columns: Vec<ColumnNumber> = draft.keys.iter().flat_map(|key| of_key(&key.target)).collect();
        columns.extend(draft.predicate.iter().flat_map(|expr| Self::columns_read(expr, table)));
        self.check_stored(table, &columns, "indexes", span)
    }

    /// Refuses a virtual column of a type, or by an expression with a function, that is not the server's own: it would run when somebody reads.
    pub(super) fn check_virtual(&self, table: TableId, column: ColumnNumber, expr: &StoredExpr) -> Outcome {
        let Some(of) = self.schema.column(table, column) else { return Ok(()) };
        if let BaseType::User(id) = &of.data_type.base {
            let domain = self.schema.types.get(*id).is_some_and(|t| matches!(t.kind, TypeKind::Domain { .. }));
            let what = if domain { "domain" } else { "user-defined" };
            let message = format!("virtual generated column \"{}\" cannot have a {what} type", of.name);
            return refuse(state::FEATURE_NOT_SUPPORTED, of.type_span, message);
        }
        if expr.references.iter().any(|r| matches!(r.target, ObjectId::Function(_))) {
            let message = "generation expression uses user-defined function";
            return refuse(state::FEATURE_NOT_SUPPORTED, expr.source.span, message);
        }
        Ok(())
    }
}
