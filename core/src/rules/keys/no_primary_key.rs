use super::junction_table_without_unique::{self, referenced, tie};
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use crate::rules::support::{
    KeyFamily, free_constraint_name, is_btree, is_plain_key, key_columns, key_family, set_not_null,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, Index, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "no-primary-key",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A table has no primary key.",
    why: "Without a primary key nothing stops two identical rows, and no row can be named: foreign keys have nothing to refer to, logical \
          replication refuses updates and deletes until a replica identity is set, and tools that edit or copy row by row fall back to \
          comparing whole rows. A unique index over columns that are never null does the same work, which is why such a table is only of \
          low severity here, and of medium where the columns may be null. PostgreSQL manual, 5.4.4 \"Primary Keys\" and 31.1 \"Publication\".",
    fires: examples![
        "CREATE TABLE «memberships» (person bigint, club bigint, UNIQUE (person, club));",
        "CREATE TABLE «readings» (sensor bigint, at timestamptz, value numeric);",
        "CREATE TABLE «version» (number integer NOT NULL);",
        // The pair that it ties together is its key.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE clubs (id bigint PRIMARY KEY);\nCREATE TABLE «members» (person bigint NOT NULL REFERENCES people, club bigint REFERENCES clubs, created_at timestamptz);",
        "CREATE TABLE entry (id bigint, title text, CHECK (false) NO INHERIT);\nCREATE TABLE «note» () INHERITS (entry);",
        "CREATE TABLE «memberships» (\n  person bigint NOT NULL,\n  club bigint NOT NULL\n);\nCREATE UNIQUE INDEX memberships_once ON memberships (person, club);",
    ],
    silent: examples![
        "CREATE TABLE readings (id bigint PRIMARY KEY, value numeric);",
        "CREATE TABLE events (id bigint, at timestamptz, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
        "CREATE TABLE schema_migrations (version text NOT NULL);",
        "CREATE TEMPORARY TABLE scratch (value numeric);",
        // A parent that holds no row of its own.
        "CREATE TABLE entry (id bigint, title text, CONSTRAINT abstract CHECK (false) NO INHERIT);\nCREATE TABLE note (PRIMARY KEY (id)) INHERITS (entry);",
    ],
    supersedes: &["table-without-index", "junction-table-without-unique"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let referenced = referenced(cx);
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        out.look();
        if cx.schema.primary_key_of(table).is_some()
            || table.live_columns().next().is_none()
            || cx.holds_no_rows(table)
            || is_refused(cx, table)
            || cx.is_open(table)
        {
            continue;
        }
        // A child by INHERITS that adds nothing is a partition of the old kind: where its parent has no key either, the parent says so.
        let adds_nothing = table.live_columns().all(|(_, c)| c.inherit_count > 0);
        let is_told = |p: &Table| cx.schema.primary_key_of(p).is_none() && !cx.holds_no_rows(p);
        let parent_is_told =
            table.inherits.iter().any(|p| cx.owns(*p) && cx.schema.tables.get(*p).is_some_and(is_told));
        if adds_nothing && parent_is_told {
            continue;
        }
        let name = cx.table_name(id);
        let key = cx.schema.indexes_of(table).find_map(|(_, i)| candidate(table, i).map(|columns| (i, columns)));
        if let Some((index, columns)) = key {
            let message = format!(
                "`{name}` has no primary key, although {} identif{} a row: unique and never null.",
                cx.columns_text(id, &columns),
                if columns.len() == 1 { "ies" } else { "y" }
            );
            out.report(ObjectId::Table(id), table.name_span, message)
                .severity(Severity::Low)
                .maybe_fix(promote(cx, id, table, index, &columns));
        } else {
            let nullable = cx
                .schema
                .indexes_of(table)
                .filter(|(_, i)| i.unique && i.predicate.is_none() && i.valid)
                .find_map(|(_, i)| key_columns(i).filter(|c| !c.is_empty()).map(|columns| (i, columns)));
            let Some((index, columns)) = nullable else {
                match tie(cx, id, table, &referenced) {
                    Some(tie) if !tie.is_told_apart => {
                        let [a, b] = tie.ends.map(|end| cx.table_name(end));
                        let message = format!(
                            "`{name}` has no primary key, and nothing keeps a pair of `{a}` and `{b}` from occurring twice."
                        );
                        out.report(ObjectId::Table(id), table.name_span, message)
                            .objects(tie.columns.map(|c| ObjectId::Column(id, c)))
                            .maybe_fix(junction_table_without_unique::fix(cx, id, table, tie.columns));
                    }
                    _ => {
                        let message =
                            format!("`{name}` has no primary key, and no other unique rule tells its rows apart.");
                        out.report(ObjectId::Table(id), table.name_span, message).maybe_fix(add_key(cx, id, table));
                    }
                }
                continue;
            };
            let message = format!(
                "`{name}` has no primary key, and {}, which `{}` keeps unique, may be null.",
                cx.columns_text(id, &columns),
                index.name
            );
            out.report(ObjectId::Table(id), table.name_span, message)
                .severity(Severity::Medium)
                .maybe_fix(add_key(cx, id, table));
        }
    }
}

/// Whether a primary key is written and PostgreSQL refuses it: that is told where it is written.
fn is_refused(cx: &Context<'_>, table: &Table) -> bool {
    cx.replay.conflicts.iter().any(|conflict| {
        let operation =
            cx.history.revisions.get(conflict.revision as usize).and_then(|r| r.up.get(conflict.operation as usize));
        matches!(operation.map(|o| &o.kind), Some(OperationKind::AlterTable(alter))
            if alter.name.name.fold() == table.name
                && alter.actions.iter().any(|(action, _)| matches!(action, AlterTableAction::AddConstraint(c)
                    if matches!(c.kind, ConstraintDefKind::PrimaryKey { .. }))))
    })
}

/// The columns of an index that could be the primary key: unique for all rows, over columns that are never null.
fn candidate(table: &Table, index: &Index) -> Option<Vec<ColumnNumber>> {
    if !(index.unique && index.predicate.is_none() && index.valid && is_btree(index)) {
        return None;
    }
    key_columns(index).filter(|c| !c.is_empty() && c.iter().all(|c| table.column(*c).is_some_and(|c| c.not_null)))
}

/// Turns a unique index into the primary key. One that belongs to a constraint cannot be used again; then there is no simple repair.
fn promote(cx: &Context<'_>, id: TableId, table: &Table, index: &Index, columns: &[ColumnNumber]) -> Option<Fix> {
    if !index.keys.iter().all(is_plain_key) || index.nulls_not_distinct || table.kind == TableKind::Partitioned {
        return None;
    }
    let name = free_constraint_name(cx.schema, table, "", "pkey");
    let sql = match index.constraint {
        None => format!(
            "ALTER TABLE {} ADD CONSTRAINT {} PRIMARY KEY USING INDEX {};",
            cx.table_sql(id),
            quote(&name),
            quote(&index.name)
        ),
        Some(constraint) => {
            let constraint = cx.schema.constraints.get(constraint)?;
            if !cx.schema.references_to(id).is_empty() || constraint.deferrable || !index.include.is_empty() {
                return None;
            }
            let (path, name, columns) = (cx.table_sql(id), quote(&name), cx.columns_sql(id, columns));
            format!(
                "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {path} ({columns});\n\
                 ALTER TABLE {path} DROP CONSTRAINT {}, ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name};",
                quote(&constraint.name)
            )
        }
    };
    Some(Fix {
        sql,
        caution: Some("The table is locked while this runs; with an index at hand it is short.".to_owned()),
    })
}

/// Gives a table a key of its own, or makes its `id` the key.
fn add_key(cx: &Context<'_>, id: TableId, table: &Table) -> Option<Fix> {
    if table.kind == TableKind::Partitioned {
        return None;
    }
    let path = cx.table_sql(id);
    if let Some(number) = table.find_column("id") {
        return table.column(number).map(|c| key_of(cx, id, table, c));
    }
    let mut columns = table.live_columns();
    if let (Some((_, only)), None) = (columns.next(), columns.next())
        && only.not_null
        && key_family(cx.schema, &only.data_type).is_some_and(|family| family != KeyFamily::Text)
    {
        return Some(key_of(cx, id, table, only));
    }
    Some(Fix {
        sql: format!("ALTER TABLE {path} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"),
        caution: Some(
            "Rewrites the table under an exclusive lock. Where some columns identify a row already, make them the key instead."
                .to_owned(),
        ),
    })
}

/// Makes a column the key without keeping anybody out: its index is built before.
fn key_of(cx: &Context<'_>, id: TableId, table: &Table, column: &Column) -> Fix {
    let (path, key) = (cx.table_sql(id), quote(&column.name));
    let name = quote(&free_constraint_name(cx.schema, table, "", "pkey"));
    let never_null = match column.not_null {
        true => String::new(),
        false => set_not_null(cx, id, table, &column.name, "") + "\n",
    };
    Fix {
        sql: format!(
            "{never_null}CREATE UNIQUE INDEX CONCURRENTLY {name} ON {path} ({key});\nALTER TABLE {path} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name};"
        ),
        caution: Some(format!(
            "Refused while `{key}` is null or repeated somewhere: `SELECT {key}, count(*) FROM {path} GROUP BY {key} HAVING {key} IS NULL OR count(*) > 1;`."
        )),
    }
}
