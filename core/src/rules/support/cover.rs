//! What an index is good for, and how two of them relate.

use super::super::Context;
use super::condition::{column_of, conjuncts, same_tree};
use crate::expr::Tree;
use crate::schema::{ColumnNumber, ForeignKey, Index, IndexId, Key, KeyTarget, Schema, StoredExpr, Table, TableId};

/// How well a table's indexes serve a lookup by a set of columns with `=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cover {
    /// This index serves every such lookup.
    Full(IndexId),
    /// Only this one would, and its predicate leaves rows out.
    Partial(IndexId),
    /// This one holds the columns, but not in front.
    Almost(IndexId),
    /// Nothing comes near.
    None,
}

/// The key columns of an index; `None` where one key is an expression.
pub(crate) fn key_columns(index: &Index) -> Option<Vec<ColumnNumber>> {
    index
        .keys
        .iter()
        .map(|k| match k.target {
            KeyTarget::Column(c) => Some(c),
            KeyTarget::Expression(_) => None,
        })
        .collect()
}

/// Whether nothing is said of how a key is sorted and compared.
pub(crate) fn is_plain_key(key: &Key) -> bool {
    key.opclass.is_none() && key.collation.is_none() && !key.descending && !key.nulls_first
}

/// Whether it is a B-tree.
pub(crate) fn is_btree(index: &Index) -> bool {
    index.method == "btree"
}

/// Whether a method of this name finds nearest neighbours approximately (pgvector).
pub(crate) fn is_ann(method: &str) -> bool {
    matches!(method, "hnsw" | "ivfflat")
}

/// How the indexes of a table serve a lookup by `columns` with `=`: the first keys of one usable index must be these columns in any
/// order. INCLUDE columns are no keys. A predicate that follows from the columns not being null leaves no row out that could match.
/// Source: PostgreSQL manual, 11.3 "Multicolumn Indexes" and 11.8 "Partial Indexes".
pub(crate) fn cover(schema: &Schema, table: &Table, columns: &[ColumnNumber]) -> Cover {
    let mut partial = None;
    let mut almost = None;
    for (id, index) in schema.indexes_of(table) {
        // GiST, GIN, BRIN and ANN indexes serve equality poorly or not at all.
        let serves = is_btree(index) || (index.method == "hash" && columns.len() == 1);
        if !serves || !index.valid {
            continue;
        }
        let leading: Vec<Option<ColumnNumber>> = index.keys.iter().map(plain_column).collect();
        let front = leading.get(..columns.len());
        if front.is_some_and(|f| columns.iter().all(|c| f.contains(&Some(*c)))) {
            match &index.predicate {
                None => return Cover::Full(id),
                Some(_) if only_excludes_nulls(table, index, columns) => return Cover::Full(id),
                Some(_) => partial = partial.or(Some(id)),
            }
        } else if columns.iter().all(|c| leading.contains(&Some(*c)) || index.include.contains(c)) {
            almost = almost.or(Some(id));
        }
    }
    match (partial, almost) {
        (Some(id), _) => Cover::Partial(id),
        (None, Some(id)) => Cover::Almost(id),
        (None, None) => Cover::None,
    }
}

/// How the indexes of a table serve the lookup that deleting a referenced row makes. Where some of the referenced columns tell its rows apart by
/// themselves, as the `id` of a tenant's key does, an index of their counterparts finds no row too many.
pub(crate) fn cover_key(schema: &Schema, table: &Table, columns: &[ColumnNumber], fk: &ForeignKey) -> Cover {
    let whole = cover(schema, table, columns);
    let Some(target) = schema.tables.get(fk.references) else { return whole };
    let unique = schema.indexes_of(target).filter(|(_, i)| i.unique && i.predicate.is_none());
    let mut parts = unique.filter_map(|(_, i)| key_columns(i)).filter(|keys| keys.len() < columns.len());
    let full = parts.find_map(|keys| {
        let own = keys.iter().map(|key| columns.get(fk.columns.iter().position(|c| c == key)?).copied());
        Some(cover(schema, table, &own.collect::<Option<Vec<_>>>()?)).filter(|c| matches!(c, Cover::Full(_)))
    });
    full.unwrap_or(whole)
}

/// The column of a key that is no expression.
fn plain_column(key: &Key) -> Option<ColumnNumber> {
    match key.target {
        KeyTarget::Column(c) => Some(c),
        KeyTarget::Expression(_) => None,
    }
}

/// Whether the predicate of an index is `a IS NOT NULL` for some of the columns, and nothing else: a lookup by `=` implies it, and a unique rule
/// is no weaker for it.
pub(crate) fn only_excludes_nulls(table: &Table, index: &Index, columns: &[ColumnNumber]) -> bool {
    let Some(predicate) = &index.predicate else { return true };
    conjuncts(predicate.source.tree()).into_iter().all(|part| match part {
        Tree::Operator(op, operands) if op == "is not null" => operands
            .first()
            .and_then(|o| column_of(o, table))
            .is_some_and(|c| columns.contains(&c) || table.column(c).is_some_and(|c| c.not_null)),
        _ => false,
    })
}

/// Whether two keys sort and compare alike.
pub(crate) fn same_key(a: &Key, b: &Key) -> bool {
    let target = match (&a.target, &b.target) {
        (KeyTarget::Column(x), KeyTarget::Column(y)) => x == y,
        (KeyTarget::Expression(x), KeyTarget::Expression(y)) => same_expression(x, y),
        _ => false,
    };
    target
        && a.collation == b.collation
        && a.opclass == b.opclass
        && a.opclass_options == b.opclass_options
        && a.descending == b.descending
        && a.nulls_first == b.nulls_first
}

/// Whether two expressions mean the same as far as their trees show it.
pub(crate) fn same_expression(a: &StoredExpr, b: &StoredExpr) -> bool {
    a.source.text == b.source.text || same_tree(a.source.tree(), b.source.tree())
}

/// Whether two optional predicates mean the same.
pub(crate) fn same_predicate(a: Option<&StoredExpr>, b: Option<&StoredExpr>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same_expression(a, b),
        _ => false,
    }
}

/// An index for a message: `name` (`a`, `b`).
pub(crate) fn index_text(cx: &Context<'_>, table: TableId, index: &Index) -> String {
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|k| match &k.target {
            KeyTarget::Column(c) => cx.schema.column(table, *c).map_or_else(String::new, |c| c.name.to_string()),
            KeyTarget::Expression(e) => e.source.text.to_string(),
        })
        .collect();
    format!("`{}` on `({})`", index.name, keys.join(", "))
}
