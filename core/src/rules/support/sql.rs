//! Pieces of the SQL that fixes are made of.

use super::super::Context;
use super::cover::{Cover, cover, is_btree, is_plain_key, key_columns};
use crate::finding::Fix;
use crate::name::{MAX_NAME_BYTES, quote, truncate};
use crate::operation::{MatchType, ReferentialAction};
use crate::schema::{
    ColumnNumber, Constraint, ForeignKey, Index, IndexId, RelationId, Schema, Table, TableId, TableKind,
};

/// The statement that gives a table an index led by these columns, unless it has one. Partitioned tables take no CONCURRENTLY.
/// Source: PostgreSQL manual, CREATE INDEX, "Building Indexes Concurrently".
pub(crate) fn index_for(cx: &Context<'_>, id: TableId, table: &Table, columns: &[ColumnNumber]) -> Option<String> {
    if matches!(cover(cx.schema, table, columns), Cover::Full(_)) || table.kind == TableKind::Foreign {
        return None;
    }
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    let name = free_index_name(cx, table, &names, "idx");
    let concurrently = if table.kind == TableKind::Partitioned { "" } else { " CONCURRENTLY" };
    let path = cx.table_sql(id);
    Some(format!("CREATE INDEX{concurrently} {} ON {path} ({});", quote(&name), cx.columns_sql(id, columns)))
}

/// What to know of an index that is built on a table in use.
pub(crate) fn index_caution(table: &Table) -> String {
    let text = if table.kind == TableKind::Partitioned {
        "Writes to every partition wait while their indexes are built. To avoid that, create the index ON ONLY the parent, build it on each \
         partition with CONCURRENTLY, and attach them."
    } else {
        "CONCURRENTLY does not run inside a transaction block, and leaves an invalid index behind when it fails."
    };
    text.to_owned()
}

/// The repair that gives a table an index led by these columns, unless it has one. A foreign key that starts with them and has none either wants the
/// wider index, which serves both; what the new index makes redundant goes.
pub(crate) fn index_fix(cx: &Context<'_>, id: TableId, table: &Table, columns: &[ColumnNumber]) -> Option<Fix> {
    let wider = cx.schema.foreign_keys_of(table).map(|(_, c, _)| c.columns.as_slice()).filter(|wider| {
        wider.starts_with(columns) && !matches!(cover(cx.schema, table, wider), Cover::Full(_) | Cover::Partial(_))
    });
    let columns = wider.max_by_key(|c| c.len()).unwrap_or(columns);
    let mut sql = index_for(cx, id, table, columns)?;
    for drop in replaced_by(cx, table, columns) {
        sql.push('\n');
        sql.push_str(&drop);
    }
    Some(Fix { sql, caution: Some(index_caution(table)) })
}

/// The statements that drop the indexes whose lookups a new index on these columns serves as well: plain ones on the front of its columns, or on all of
/// them.
pub(crate) fn replaced_by(cx: &Context<'_>, table: &Table, columns: &[ColumnNumber]) -> Vec<String> {
    let is_front = |index: &Index| {
        let plain =
            !index.unique && index.constraint.is_none() && index.predicate.is_none() && index.include.is_empty();
        plain
            && is_btree(index)
            && index.keys.iter().all(is_plain_key)
            && key_columns(index).is_some_and(|keys| columns.starts_with(&keys))
    };
    cx.schema.indexes_of(table).filter(|(_, i)| is_front(i)).filter_map(|(id, _)| drop_index(cx, id)).collect()
}

/// The repair that adds a check without stopping writes: it holds for new rows at once, and for old ones after they were read under a weaker lock.
/// `columns` name the constraint. Source: PostgreSQL manual, ALTER TABLE, Notes.
pub(crate) fn check_fix(cx: &Context<'_>, id: TableId, table: &Table, columns: &str, condition: &str) -> Fix {
    let path = cx.table_sql(id);
    let name = quote(&free_constraint_name(cx.schema, table, columns, "check"));
    Fix {
        sql: format!(
            "ALTER TABLE {path} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID;\nALTER TABLE {path} VALIDATE CONSTRAINT {name};"
        ),
        caution: Some(format!(
            "Validation fails while other rows exist: `SELECT * FROM {path} WHERE NOT ({condition});`."
        )),
    }
}

/// The statements that have a column refuse NULL without keeping everyone out while its rows are read: a check that was validated before tells SET NOT
/// NULL that there is none. `fill` is what writes rows that have NULL, before the check: that asks every row
/// that is written for all that it has, also where another column is filled. Source: PostgreSQL manual, ALTER TABLE, SET NOT NULL.
pub(crate) fn set_not_null(cx: &Context<'_>, id: TableId, table: &Table, column: &str, fill: &str) -> String {
    let path = cx.table_sql(id);
    let check = quote(&free_constraint_name(cx.schema, table, column, "not_null"));
    let column = quote(column);
    [
        format!("{fill}ALTER TABLE {path} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;"),
        format!("ALTER TABLE {path} VALIDATE CONSTRAINT {check};"),
        format!("ALTER TABLE {path} ALTER COLUMN {column} SET NOT NULL;"),
        format!("ALTER TABLE {path} DROP CONSTRAINT {check};"),
    ]
    .join("\n")
}

/// The statements that give a foreign key another ON DELETE, everything else the same. It is added NOT VALID and validated after, so that writes go on;
/// partitioned tables take no NOT VALID foreign key (version 15).
pub(crate) fn replace_on_delete(
    cx: &Context<'_>,
    id: TableId,
    constraint: &Constraint,
    fk: &ForeignKey,
    on_delete: ReferentialAction,
) -> Option<String> {
    replace_foreign_key(cx, id, constraint, fk, (&constraint.columns, &fk.columns), (on_delete, &[]))
}

/// The statements that have a foreign key compare other columns, or do something else ON DELETE, everything else the same. Of SET NULL and SET DEFAULT the
/// columns that it sets, if not all (since version 15).
pub(crate) fn replace_foreign_key(
    cx: &Context<'_>,
    id: TableId,
    constraint: &Constraint,
    fk: &ForeignKey,
    (own, theirs): (&[ColumnNumber], &[ColumnNumber]),
    (on_delete, set): (ReferentialAction, &[ColumnNumber]),
) -> Option<String> {
    let table = cx.schema.tables.get(id)?;
    let (path, name) = (cx.table_sql(id), quote(&constraint.name));
    let mut key = format!(
        "FOREIGN KEY ({}) REFERENCES {} ({})",
        cx.columns_sql(id, own),
        cx.table_sql(fk.references),
        cx.columns_sql(fk.references, theirs)
    );
    if fk.match_type == MatchType::Full {
        key.push_str(" MATCH FULL");
    }
    if fk.on_update != ReferentialAction::NoAction {
        key.push_str(&format!(" ON UPDATE {}", fk.on_update.sql()));
    }
    if on_delete != ReferentialAction::NoAction {
        key.push_str(&format!(" ON DELETE {}", on_delete.sql()));
    }
    if !set.is_empty() {
        key.push_str(&format!(" ({})", cx.columns_sql(id, set)));
    }
    if constraint.deferrable {
        key.push_str(if constraint.initially_deferred { " DEFERRABLE INITIALLY DEFERRED" } else { " DEFERRABLE" });
    }
    let swap = format!("ALTER TABLE {path} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {key}");
    Some(if table.kind == TableKind::Partitioned {
        format!("{swap};")
    } else {
        format!("{swap} NOT VALID;\nALTER TABLE {path} VALIDATE CONSTRAINT {name};")
    })
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

/// A name for a new index on a table: as the schema calls most of its own, else as PostgreSQL would choose it, with a number where it is taken.
pub(crate) fn free_index_name(cx: &Context<'_>, table: &Table, columns: &[&str], label: &str) -> String {
    let taken = |name: &str| cx.schema.find_relation(table.namespace, &name.into()).is_some();
    let usual = cx.index_names().get(&table.namespace).filter(|_| label == "idx");
    // A name that gets too long keeps the habit and says less: the last columns tell more than those that many indexes begin with.
    let mut names = usual.into_iter().flat_map(|names| {
        (0..columns.len()).filter_map(|from| names.name(&table.name, columns.get(from..).unwrap_or_default()))
    });
    match names.find(|name| name.len() <= MAX_NAME_BYTES && !taken(name)) {
        Some(name) => name,
        None => free(table, &columns.join("_"), label, taken),
    }
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
