use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{
    drop_index, each_word, index_caution, index_fix, index_for, index_text, is_btree, is_plain_key, is_text,
    key_columns,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Index, IndexId, KeyTarget, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-column-not-leading",
    category: Category::Indexes,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "An index on a tenant's table has the tenant column, but not in front.",
    why: "Queries of an application for many tenants carry the tenant in every condition, be it written or added by a policy. An index with \
          the tenant first leads to that tenant's rows in order; with the tenant behind it every tenant's entries are passed through. Where \
          another index serves the same columns with the tenant in front, or the leading column refers to one tenant anyway, nothing is said. \
          PostgreSQL manual, 11.3 \"Multicolumn Indexes\".",
    fires: examples![
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, title text);\n«CREATE INDEX docs_title ON docs (title, org_id)»;",
    ],
    silent: examples![
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, title text);\nCREATE INDEX docs_title ON docs (org_id, title);",
        // Unique rules, and keys that foreign keys rest on, have an order of their own.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (id, org_id));\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);",
        // A reference leads to the rows of one tenant.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, a_id bigint REFERENCES a);\nCREATE INDEX ON c (a_id, org_id);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let habits = lookups(cx);
    for (id, table) in cx.tables() {
        let Some(tenant) = cx.tenant_column(table) else { continue };
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| is_btree(i) && !i.unique) {
            out.look();
            let Some(keys) = key_columns(index).filter(|k| k.len() >= 2) else { continue };
            let Some((first, rest)) = keys.split_first().filter(|(f, r)| **f != tenant && r.contains(&tenant)) else {
                continue;
            };
            if refers(cx, id, table, *first) {
                continue;
            }
            let served = cx.schema.indexes_of(table).any(|(_, other)| {
                is_btree(other)
                    && key_columns(other).is_some_and(|k| k.first() == Some(&tenant) && k.get(1) == Some(first))
            });
            if served {
                continue;
            }
            let message = format!(
                "{} has `{}` behind `{}`: it passes through the entries of every tenant.",
                index_text(cx, id, index),
                table.column(tenant).map_or("", |c| c.name.as_str()),
                table.column(*first).map_or("", |c| c.name.as_str())
            );
            let columns: Vec<ColumnNumber> =
                [tenant, *first].into_iter().chain(rest.iter().copied().filter(|c| *c != tenant)).collect();
            let fix = replacement(cx, id, table, index_id, index, &columns);
            out.report(ObjectId::Index(index_id), index.span, message)
                .object(ObjectId::Column(id, tenant))
                .maybe_fix(fix);
        }
        unserved(cx, id, table, tenant, &habits, out);
    }
}

/// A column that other tables of a tenant look up right behind the tenant, and this one has in an index only further back, or not at all.
fn unserved(
    cx: &Context<'_>,
    id: TableId,
    table: &Table,
    tenant: ColumnNumber,
    habits: &BTreeMap<&str, (TableId, IndexId)>,
    out: &mut Findings<'_>,
) {
    for (number, column) in table.live_columns().filter(|(_, c)| each_word(&c.name).count() >= 2) {
        let Some((_, other)) = habits.get(column.name.as_str()).filter(|(of, _)| *of != id) else { continue };
        let in_front = cx.schema.indexes_of(table).any(|(_, i)| {
            i.keys.iter().take(2).any(|k| match &k.target {
                KeyTarget::Column(c) => *c == number,
                KeyTarget::Expression(e) => e.references.iter().any(|r| r.target == ObjectId::Column(id, number)),
            })
        });
        if in_front || refers(cx, id, table, number) || !is_text(cx.schema, &column.data_type) || !column.not_null {
            continue;
        }
        let Some(index) = cx.schema.indexes.get(*other) else { continue };
        let message = format!("No index of `{}` leads to rows of a tenant by `{}`.", cx.table_name(id), column.name);
        out.report(ObjectId::Column(id, number), column.span, message)
            .severity(Severity::Info)
            .certainty(Certainty::Advisory)
            .evidence(format!("`{}` does so elsewhere.", index.name))
            .maybe_fix(index_fix(cx, id, table, &[tenant, number]));
    }
}

/// The columns that some index of a tenant's table has right behind the tenant.
fn lookups<'a>(cx: &Context<'a>) -> BTreeMap<&'a str, (TableId, IndexId)> {
    let mut habits = BTreeMap::new();
    for (id, table) in cx.tables() {
        let Some(tenant) = cx.tenant_column(table) else { continue };
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| is_btree(i)) {
            let keys: Vec<ColumnNumber> = key_columns(index).unwrap_or_default();
            if keys.first() == Some(&tenant)
                && let Some(column) = keys.get(1).and_then(|c| table.column(*c))
            {
                habits.entry(column.name.as_str()).or_insert((id, index_id));
            }
        }
    }
    habits
}

fn refers(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    let declared = cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
    let key = cx.schema.primary_key_of(table).is_some_and(|(_, c)| c.columns.contains(&number));
    declared || key || cx.references.of(id, number).is_some()
}

/// The same columns with the tenant in front, and the old index dropped.
fn replacement(
    cx: &Context<'_>,
    id: TableId,
    table: &Table,
    index_id: IndexId,
    index: &Index,
    columns: &[ColumnNumber],
) -> Option<Fix> {
    let plain = index.predicate.is_none() && index.include.is_empty() && index.keys.iter().all(is_plain_key);
    let made = index_for(cx, id, table, columns).filter(|_| plain)?;
    Some(Fix { sql: format!("{made}\n{}", drop_index(cx, index_id)?), caution: Some(index_caution(table)) })
}
