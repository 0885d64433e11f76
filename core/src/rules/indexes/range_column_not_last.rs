use crate::finding::{Certainty, Severity};
use crate::rules::support::{
    Cover, builtin, cover, enum_labels, index_text, is_btree, is_time, key_columns, last_word,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "range-column-not-last",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "An index has a point in time in front of a column that is compared with `=`.",
    why: "Points in time are mostly searched by range. Within a range the columns behind are no longer in order, so that PostgreSQL reads all \
          of the range and filters. With the column that is compared for equality in front, the index leads straight to the rows. Where \
          queries page through everything by time the order is right as it is. PostgreSQL manual, 11.3 \"Multicolumn Indexes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE events (id bigint PRIMARY KEY, user_id bigint REFERENCES users, at timestamptz);\n«CREATE INDEX events_at_user ON events (at, user_id)»;",
        "CREATE TABLE jobs (id bigint PRIMARY KEY, status text, run_at timestamptz);\n«CREATE INDEX jobs_due ON jobs (run_at, status)»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE events (id bigint PRIMARY KEY, user_id bigint REFERENCES users, at timestamptz);\nCREATE INDEX ON events (user_id, at);",
        // Paging: the key breaks ties.
        "CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz);\nCREATE INDEX ON events (at DESC, id DESC);",
        // There is one for the other way round.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE events (id bigint PRIMARY KEY, user_id bigint REFERENCES users, at timestamptz);\nCREATE INDEX ON events (at, user_id);\nCREATE INDEX ON events (user_id, at);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| is_btree(i) && !i.unique) {
            let Some(keys) = key_columns(index).filter(|k| k.len() >= 2) else { continue };
            out.look();
            let Some(at) = keys.iter().position(|k| table.column(*k).is_some_and(|c| is_time(cx.schema, &c.data_type)))
            else {
                continue;
            };
            let behind = keys.get(at + 1..).unwrap_or_default();
            let equal = behind.iter().copied().find(|k| is_compared(cx, id, table, *k));
            let (Some(equal), Some(time)) = (equal, keys.get(at)) else { continue };
            // Another index starts with it.
            if matches!(cover(cx.schema, table, &[equal]), Cover::Full(_)) {
                continue;
            }
            let message = format!(
                "{} has `{}`, which is searched by range, in front of {}.",
                index_text(cx, id, index),
                table.column(*time).map_or("", |c| c.name.as_str()),
                cx.columns_text(id, &[equal])
            );
            out.report(ObjectId::Index(index_id), index.span, message)
                .object(ObjectId::Column(id, equal))
                .object(ObjectId::Column(id, *time));
        }
    }
}

/// Whether a column is one that queries compare with `=`: a reference, the tenant, a flag or a state. The key of the table breaks ties.
fn is_compared(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    let Some(column) = table.column(number) else { return false };
    let in_key = cx.schema.primary_key_of(table).is_some_and(|(_, c)| c.columns.contains(&number));
    let refers = cx.references.of(id, number).is_some()
        || cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
    let state = last_word(&column.name).is_some_and(|w| matches!(w.as_ref(), "status" | "state" | "type" | "kind"));
    !in_key
        && (refers
            || state
            || cx.tenant_column(table) == Some(number)
            || builtin(cx.schema, &column.data_type) == Some("boolean")
            || enum_labels(cx.schema, &column.data_type).is_some())
}
