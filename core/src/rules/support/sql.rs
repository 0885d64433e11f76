//! Pieces of the SQL that fixes are made of.

use super::super::Context;
use super::cover::{Cover, cover};
use crate::name::{MAX_NAME_BYTES, quote, truncate};
use crate::schema::{ColumnNumber, IndexId, RelationId, Schema, Table, TableId, TableKind};

/// The statement that gives a table an index led by these columns, unless it has one. Partitioned tables take no CONCURRENTLY.
/// Source: PostgreSQL manual, CREATE INDEX, "Building Indexes Concurrently".
pub(crate) fn index_for(cx: &Context<'_>, id: TableId, table: &Table, columns: &[ColumnNumber]) -> Option<String> {
    if matches!(cover(cx.schema, table, columns), Cover::Full(_)) || table.kind == TableKind::Foreign {
        return None;
    }
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    let name = free_index_name(cx.schema, table, &names.join("_"), "idx");
    let concurrently = if table.kind == TableKind::Partitioned { "" } else { " CONCURRENTLY" };
    let path = cx.table_sql(id);
    Some(format!("CREATE INDEX{concurrently} {} ON {path} ({});", quote(&name), cx.columns_sql(id, columns)))
}

/// The statement that drops an index. One on a partitioned table takes no CONCURRENTLY, one of a partition goes only with its parent.
pub(crate) fn drop_index(cx: &Context<'_>, id: IndexId) -> Option<String> {
    let index = cx.schema.indexes.get(id)?;
    if index.parent.is_some() {
        return None;
    }
    let partitioned = match index.owner {
        RelationId::Table(t) => cx.schema.tables.get(t).is_some_and(|t| t.kind == TableKind::Partitioned),
        _ => false,
    };
    let concurrently = if partitioned { "" } else { " CONCURRENTLY" };
    Some(format!("DROP INDEX{concurrently} {};", cx.schema.qualified(index.namespace, &index.name)))
}

/// A name for a new index on a table, as PostgreSQL would choose it, with a number where it is taken.
pub(crate) fn free_index_name(schema: &Schema, table: &Table, columns: &str, label: &str) -> String {
    free(table, columns, label, |name| schema.find_relation(table.namespace, &name.into()).is_some())
}

/// A name for a new constraint of a table.
pub(crate) fn free_constraint_name(schema: &Schema, table: &Table, columns: &str, label: &str) -> String {
    free(table, columns, label, |name| {
        schema.constraints_of(table).any(|(_, c)| c.name == name)
            || schema.find_relation(table.namespace, &name.into()).is_some()
    })
}

fn free(table: &Table, columns: &str, label: &str, taken: impl Fn(&str) -> bool) -> String {
    let middle = if columns.is_empty() { String::new() } else { format!("_{columns}") };
    let full = format!("{}{middle}", table.name);
    let with = |end: &str| format!("{}_{end}", truncate(&full, MAX_NAME_BYTES - 1 - end.len()));
    let first = with(label);
    if !taken(&first) {
        return first;
    }
    (1_u32..1000).map(|n| with(&format!("{label}{n}"))).find(|n| !taken(n)).unwrap_or(first)
}

/// A string as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}
