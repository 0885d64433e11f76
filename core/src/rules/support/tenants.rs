//! References between rows of tenants: whether keys compare the tenant, and what they need for it.

use super::{Context, free_constraint_name, key_columns};
use crate::name::quote;
use crate::schema::{ColumnNumber, Schema, Table, TableId, TableKind};

/// The tenant's columns of a table and of one that it refers to, where both belong to tenants. What ties a row to the tenant itself is no such reference.
pub(crate) fn tenant_pair(cx: &Context<'_>, table: &Table, target: TableId) -> Option<(ColumnNumber, ColumnNumber)> {
    let tenant = cx.conventions.tenant.as_ref().filter(|tenant| tenant.root != Some(target) && cx.owns(target))?;
    Some((tenant.column_of(table)?, tenant.column_of(cx.schema.tables.get(target)?)?))
}

/// How many foreign keys between tables of tenants compare the tenant, and how many there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct TenantKeys {
    pub(crate) compared: usize,
    pub(crate) all: usize,
}

impl TenantKeys {
    pub(crate) fn count(cx: &Context<'_>) -> Self {
        let mut keys = Self::default();
        for key in cx.foreign_keys() {
            if let Some((own, _)) = tenant_pair(cx, key.of, key.fk.references) {
                keys.all += 1;
                keys.compared += usize::from(key.constraint.columns.contains(&own));
            }
        }
        keys
    }

    /// Whether the schema has keys compare tenants. Where hardly one does, that is left to the application.
    pub(crate) fn is_habit(self) -> bool {
        self.compared * 4 >= self.all && self.all > 0
    }
}

/// Whether a foreign key may refer to these columns: one unique rule is over exactly them, in any order, for all rows and at once.
/// Source: PostgreSQL manual, CREATE TABLE, "REFERENCES".
pub(crate) fn is_referable(schema: &Schema, table: &Table, columns: &[ColumnNumber]) -> bool {
    schema.indexes_of(table).any(|(_, index)| {
        let deferrable = index.constraint.and_then(|c| schema.constraints.get(c)).is_some_and(|c| c.deferrable);
        index.unique
            && index.valid
            && !deferrable
            && index.predicate.is_none()
            && key_columns(index)
                .is_some_and(|keys| keys.len() == columns.len() && columns.iter().all(|c| keys.contains(c)))
    })
}

/// What makes columns referable that are unique without it, as the key is among them; nothing where they are. `None` where the table is partitioned, as its
/// unique rules are made with everyone locked out.
pub(crate) fn make_referable(cx: &Context<'_>, id: TableId, table: &Table, columns: &[ColumnNumber]) -> Option<String> {
    if is_referable(cx.schema, table, columns) {
        return Some(String::new());
    }
    if table.kind != TableKind::Ordinary {
        return None;
    }
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    let name = quote(&free_constraint_name(cx.schema, table, &names.join("_"), "key"));
    let (path, list) = (cx.table_sql(id), cx.columns_sql(id, columns));
    Some(format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {path} ({list});\nALTER TABLE {path} ADD CONSTRAINT {name} UNIQUE USING INDEX {name};\n"
    ))
}
