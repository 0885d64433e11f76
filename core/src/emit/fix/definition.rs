//! How what a fix takes away was written: what makes it again.

use crate::emit::catalog::key_options;
use crate::name::quote;
use crate::operation::{MatchType, ReferentialAction};
use crate::schema::{
    ColumnNumber, Constraint, ConstraintKind, Index, Key, KeyTarget, RelationId, Schema, Table, TableId,
};

/// `CONSTRAINT name …` for ALTER TABLE … ADD. `None` for what more than its model says belongs to: an exclusion constraint, a key with parameters.
pub(super) fn constraint(schema: &Schema, c: &Constraint) -> Option<String> {
    let columns = columns(schema, c.table, &c.columns)?;
    let what = match &c.kind {
        ConstraintKind::Exclude { .. } => return None,
        ConstraintKind::Check(check) => {
            let no_inherit = if c.no_inherit { " NO INHERIT" } else { "" };
            format!("CHECK ({}){no_inherit}", schema.display_expr(check))
        }
        ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. } => {
            let index = schema.indexes.get(c.index?)?;
            if !index.options.is_empty() || !index.include.is_empty() || !c.is_local {
                return None;
            }
            let kind = match c.kind {
                ConstraintKind::PrimaryKey => "PRIMARY KEY",
                ConstraintKind::Unique { nulls_not_distinct: true } => "UNIQUE NULLS NOT DISTINCT",
                _ => "UNIQUE",
            };
            format!("{kind} ({columns})")
        }
        ConstraintKind::ForeignKey(fk) => {
            let mut key = format!(
                "FOREIGN KEY ({columns}) REFERENCES {} ({})",
                table_path(schema, fk.references)?,
                self::columns(schema, fk.references, &fk.columns)?
            );
            if fk.match_type == MatchType::Full {
                key.push_str(" MATCH FULL");
            }
            if fk.on_update != ReferentialAction::NoAction {
                key.push_str(&format!(" ON UPDATE {}", fk.on_update.sql()));
            }
            if fk.on_delete != ReferentialAction::NoAction {
                key.push_str(&format!(" ON DELETE {}", fk.on_delete.sql()));
            }
            if !fk.on_delete_columns.is_empty() {
                key.push_str(&format!(" ({})", self::columns(schema, c.table, &fk.on_delete_columns)?));
            }
            key
        }
    };
    let deferrable = match (c.deferrable, c.initially_deferred) {
        (true, true) => " DEFERRABLE INITIALLY DEFERRED",
        (true, false) => " DEFERRABLE",
        _ => "",
    };
    let not_valid = if c.validated { "" } else { " NOT VALID" };
    Some(format!("CONSTRAINT {} {what}{deferrable}{not_valid}", quote(&c.name)))
}

/// `CREATE INDEX …`. `None` for indexes of constraints, of views and of partitions, and for those with parameters.
pub(super) fn index(schema: &Schema, index: &Index, concurrently: bool) -> Option<String> {
    let RelationId::Table(id) = index.owner else { return None };
    if index.constraint.is_some() || index.parent.is_some() || !index.options.is_empty() {
        return None;
    }
    let keys: Option<Vec<String>> = index.keys.iter().map(|k| key(schema, id, k)).collect();
    let mut sql = format!(
        "CREATE {}INDEX {}{} ON {} USING {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        if concurrently { "CONCURRENTLY " } else { "" },
        quote(&index.name),
        table_path(schema, id)?,
        quote(&index.method),
        keys?.join(", ")
    );
    if !index.include.is_empty() {
        sql.push_str(&format!(" INCLUDE ({})", columns(schema, id, &index.include)?));
    }
    if index.nulls_not_distinct {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(predicate) = &index.predicate {
        sql.push_str(&format!(" WHERE {}", schema.display_expr(predicate)));
    }
    Some(sql)
}

fn key(schema: &Schema, table: TableId, key: &Key) -> Option<String> {
    let target = match &key.target {
        KeyTarget::Column(number) => columns(schema, table, &[*number])?,
        KeyTarget::Expression(expr) => format!("({})", schema.display_expr(expr)),
    };
    // Of operator classes and collations the schema is not known.
    if key.collation.is_some() || key.opclass.as_ref().is_some_and(|class| !class.ends_with("_pattern_ops")) {
        return None;
    }
    let options = key_options(key);
    Some(if options.is_empty() { target } else { format!("{target} {options}") })
}

fn columns(schema: &Schema, table: TableId, numbers: &[ColumnNumber]) -> Option<String> {
    let table: &Table = schema.tables.get(table)?;
    let names: Option<Vec<String>> = numbers.iter().map(|n| table.column(*n).map(|c| quote(&c.name))).collect();
    names.map(|n| n.join(", "))
}

fn table_path(schema: &Schema, table: TableId) -> Option<String> {
    let table = schema.tables.get(table)?;
    Some(schema.qualified(table.namespace, &table.name))
}
