//! What the history's own INSERTs say of the rows that a table is meant to have, found once for all rules.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{Expr, Tree};
use crate::name::Name;
use crate::operation::{DmlVerb, OperationKind};
use crate::rules::Context;
use crate::schema::{ColumnNumber, Table, TableId};

/// An INSERT longer than this, in bytes, is data that was loaded.
const MAX_INSERT: usize = 100_000;

/// What rules ask of all rows, found when the first of them asks.
#[derive(Default)]
pub(crate) struct Rows {
    null: OnceCell<BTreeSet<(TableId, ColumnNumber)>>,
}

impl Context<'_> {
    /// Whether the history writes rows with NULL, in as many letters, in a column: then a null means something there.
    pub(crate) fn stores_null(&self, table: TableId, column: ColumnNumber) -> bool {
        let null = self.rows.null.get_or_init(|| {
            // Tables by their own names: which of two schemas' is meant may depend on the search path of that day.
            let mut tables: BTreeMap<&str, Vec<(TableId, &Table)>> = BTreeMap::new();
            for (id, table) in self.tables() {
                tables.entry(&table.name).or_default().push((id, table));
            }
            let mut found = BTreeSet::new();
            for operation in self.history.revisions.iter().flat_map(|r| &r.up) {
                let OperationKind::Dml { verb: DmlVerb::Insert, tables: used, text } = &operation.kind else {
                    continue;
                };
                // The first table is the one that is written.
                let written = used.first().and_then(|name| tables.get(name.name.fold().as_str()));
                let Some(written) = written.filter(|_| text.text.len() <= MAX_INSERT) else { continue };
                for name in null_columns(text) {
                    found.extend(written.iter().filter_map(|(id, table)| Some((*id, table.find_column(&name)?))));
                }
            }
            found
        });
        null.contains(&(table, column))
    }
}

/// The columns for which some row of an INSERT … VALUES has NULL.
fn null_columns(insert: &Expr) -> Vec<Name> {
    let Some(columns) = insert.change().map(|c| c.columns) else { return Vec::new() };
    if columns.is_empty() {
        return Vec::new();
    }
    let Some(query) = insert.inserted() else { return Vec::new() };
    let is_null = |at: usize| {
        query.items.iter().any(|item| match &item.value {
            Tree::Row(values) => values.get(at).is_some_and(|v| *v.without_casts() == Tree::Null),
            value => at == 0 && *value.without_casts() == Tree::Null,
        })
    };
    columns.into_iter().enumerate().filter(|(at, _)| is_null(*at)).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn columns_that_a_row_leaves_null() {
        let null = |text: &str| {
            let names = null_columns(&Expr::new(text, Span::new(FileId(0), 0, 0)));
            names.iter().map(|n| n.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(null("INSERT INTO t (a, b, c) VALUES (1, NULL, NULL::text), (2, 'x', 'NULL')"), "b c");
        assert_eq!(null("INSERT INTO s.t (\"A\") VALUES (NULL) ON CONFLICT DO NOTHING"), "A");
        assert_eq!(null("INSERT INTO t VALUES (1, NULL)"), "", "which column that is depends on the table");
        assert_eq!(null("INSERT INTO t (a) SELECT NULL"), "");
    }
}
