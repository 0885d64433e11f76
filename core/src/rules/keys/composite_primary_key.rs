use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "composite-primary-key",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A primary key has several columns, where the schema's other tables have one.",
    why: "A key of several columns is right for a table that ties others together, and the way to keep rows of a tenant apart. On a table of \
          its own kind it is copied into each table that refers to it, and each join and URL needs all of its parts. With more than four \
          columns it is seldom a key that anything can refer to. PostgreSQL manual, 5.4.4 \"Primary Keys\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE prices (sku text, valid_from date, region text, price numeric, «PRIMARY KEY (sku, valid_from, region)»);",
    ],
    silent: examples![
        // A tie between two tables.
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE a_b (a bigint REFERENCES a, b bigint REFERENCES b, PRIMARY KEY (a, b));",
        // A partitioned table needs its partition key in it.
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE events (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE events_rest PARTITION OF events DEFAULT;",
        // No habit to depart from.
        "CREATE TABLE prices (sku text, valid_from date, price numeric, PRIMARY KEY (sku, valid_from));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // For each schema how many keys have one column, of how many.
    let mut counts: BTreeMap<NamespaceId, (usize, usize)> = BTreeMap::new();
    for (_, table) in cx.tables() {
        if let Some((_, key)) = cx.schema.primary_key_of(table) {
            let (single, all) = counts.entry(table.namespace).or_default();
            *all += 1;
            *single += usize::from(key.columns.len() == 1);
        }
    }
    for (id, table) in cx.tables().filter(|(_, t)| t.partition_key.is_none()) {
        let Some((constraint, key)) = cx.schema.primary_key_of(table) else { continue };
        out.look();
        let (single, all) = counts.get(&table.namespace).copied().unwrap_or_default();
        let is_habit = single >= 4 && single * 4 >= all * 3;
        // A column that refers elsewhere, and the tenant, are no part of a key of its own.
        let own = key.columns.iter().filter(|c| {
            cx.tenant_column(table) != Some(**c)
                && cx.references.of(id, **c).is_none()
                && !cx.schema.foreign_keys_of(table).any(|(_, fk, _)| fk.columns.contains(c))
        });
        let long = key.columns.len() > 4;
        if key.columns.len() < 2 || !(long || (is_habit && own.count() >= 2)) {
            continue;
        }
        let message = format!(
            "The primary key of `{}` has {} columns: {}.",
            cx.table_name(id),
            key.columns.len(),
            cx.columns_text(id, &key.columns)
        );
        out.report(ObjectId::Constraint(constraint), key.span, message)
            .object(ObjectId::Table(id))
            .evidence(format!("{single} of {all} primary keys have one column."));
    }
}
