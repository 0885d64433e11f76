//! Queries for a live database, made for this schema: what files cannot tell, and how to ask for it. PostgreSQL 12 and later run all of them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::audit::UnenforcedEntry;
use super::build::{number, table_path};
use super::model::TargetReport;
use crate::name::quote;
use crate::order::Order;
use crate::rules::Context;
use crate::rules::support::literal;
use crate::schema::{ColumnNumber, ObjectId, Schema, TableId};

/// A query.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct QueryEntry {
    /// What kind of question it answers.
    pub topic: Topic,
    /// What it finds, in a few words; names in backticks.
    pub title: String,
    /// How to read the answer.
    pub reading: &'static str,
    /// One statement, ended by a semicolon.
    pub sql: String,
}

/// The kinds of questions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each says what its name says")]
pub enum Topic {
    Orphans,
    Tenants,
    Constraints,
    Indexes,
    Security,
    Storage,
    Sequences,
    Partitions,
}

impl Topic {
    /// The heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Orphans => "Rows that refer to nothing",
            Self::Tenants => "References across tenants",
            Self::Constraints => "Constraints that do not hold yet",
            Self::Indexes => "Indexes",
            Self::Security => "Row-level security",
            Self::Storage => "Size and dead rows",
            Self::Sequences => "Sequences",
            Self::Partitions => "Partitions",
        }
    }
}

/// Most queries about single references of one kind.
const MAX_OF_A_KIND: usize = 200;

/// The queries, and how many about single references were left out.
pub(super) fn queries(
    cx: &Context<'_>,
    report: &TargetReport,
    unenforced: &[UnenforcedEntry],
) -> (Vec<QueryEntry>, u32) {
    let mut queries = Vec::new();
    if report.tables.is_empty() {
        return (queries, 0);
    }
    for reference in unenforced.iter().take(MAX_OF_A_KIND) {
        queries.push(orphans(reference));
    }
    let mut across = across_tenants(cx);
    let left_out = unenforced.len().saturating_sub(MAX_OF_A_KIND) + across.len().saturating_sub(MAX_OF_A_KIND);
    across.truncate(MAX_OF_A_KIND);
    queries.extend(across);
    let schemas = schema_literals(cx);
    let mut add = |topic, title: &str, reading, sql: String| {
        queries.push(QueryEntry { topic, title: title.to_owned(), reading, sql });
    };
    // Only these can be NOT VALID.
    let may_be_unvalidated = report.facts.foreign_keys > 0 || report.facts.checks > 0;
    if may_be_unvalidated {
        add(
            Topic::Constraints,
            "Constraints that were never validated",
            "Each row is a constraint that old rows may break. Repair the rows, then ALTER TABLE … VALIDATE CONSTRAINT.",
            format!(
                "SELECT conrelid::regclass AS table_name, conname, contype\nFROM pg_constraint\nWHERE NOT convalidated AND connamespace::regnamespace::text IN ({schemas})\nORDER BY 1, 2;"
            ),
        );
    }
    if report.facts.indexes > 0 {
        add(
            Topic::Indexes,
            "Indexes that nothing has used",
            "Counted since the statistics were last reset, on this server alone: replicas count for themselves. Unique indexes are left out, as they enforce \
             something even when no query reads them.",
            format!(
                "SELECT s.schemaname, s.relname, s.indexrelname, pg_size_pretty(pg_relation_size(s.indexrelid)) AS size\nFROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid)\nWHERE s.idx_scan = 0 AND NOT i.indisunique AND s.schemaname IN ({schemas})\nORDER BY pg_relation_size(s.indexrelid) DESC;"
            ),
        );
        add(
            Topic::Indexes,
            "Invalid indexes",
            "What CREATE INDEX CONCURRENTLY leaves behind when it fails: no query reads it, every write keeps it. Drop it and build it again.",
            "SELECT indexrelid::regclass AS index_name, indrelid::regclass AS table_name\nFROM pg_index\nWHERE NOT indisvalid\nORDER BY 1;".to_owned(),
        );
    }
    add(
        Topic::Indexes,
        "Tables that are read from end to end",
        "Sequential scans of a large table point at a missing index; of a small one they are right.",
        format!(
            "SELECT schemaname, relname, seq_scan, seq_tup_read, idx_scan, n_live_tup\nFROM pg_stat_user_tables\nWHERE schemaname IN ({schemas}) AND seq_scan > 0\nORDER BY seq_tup_read DESC\nLIMIT 20;"
        ),
    );
    if report.facts.policies > 0 || report.overview.row_security_tables > 0 {
        add(
            Topic::Security,
            "Policies that cost sequential scans",
            "A policy's condition is part of every query. Where its table is mostly read from end to end, no index serves the condition, or it calls a \
             function for every row.",
            format!(
                "SELECT t.schemaname, t.relname, t.seq_scan, t.idx_scan, t.n_live_tup, p.policyname, p.cmd, p.qual\nFROM pg_stat_user_tables t JOIN pg_policies p ON p.schemaname = t.schemaname AND p.tablename = t.relname\nWHERE t.schemaname IN ({schemas}) AND t.seq_scan > coalesce(t.idx_scan, 0)\nORDER BY t.seq_tup_read DESC, 2, 6;"
            ),
        );
        add(
            Topic::Security,
            "Tables without row-level security",
            "Each is read and written by whoever has the privilege. `relforcerowsecurity` says whether it holds for the owner too.",
            format!(
                "SELECT oid::regclass AS table_name, relrowsecurity, relforcerowsecurity\nFROM pg_class\nWHERE relkind IN ('r', 'p') AND NOT relrowsecurity AND relnamespace::regnamespace::text IN ({schemas})\nORDER BY 1;"
            ),
        );
    }
    add(
        Topic::Storage,
        "The largest tables",
        "With indexes and what is stored out of line.",
        format!(
            "SELECT relid::regclass AS table_name, pg_size_pretty(pg_total_relation_size(relid)) AS total,\n       pg_size_pretty(pg_indexes_size(relid)) AS indexes, n_live_tup AS estimated_rows\nFROM pg_stat_user_tables\nWHERE schemaname IN ({schemas})\nORDER BY pg_total_relation_size(relid) DESC\nLIMIT 20;"
        ),
    );
    add(
        Topic::Storage,
        "Dead rows",
        "A share that stays high after autovacuum has run is bloat; a table that it never reaches needs settings of its own.",
        format!(
            "SELECT schemaname, relname, n_live_tup, n_dead_tup,\n       round(100.0 * n_dead_tup / nullif(n_live_tup + n_dead_tup, 0), 1) AS dead_percent,\n       last_autovacuum, last_autoanalyze\nFROM pg_stat_user_tables\nWHERE schemaname IN ({schemas}) AND n_dead_tup > 0\nORDER BY n_dead_tup DESC\nLIMIT 20;"
        ),
    );
    if report.facts.sequences > 0 {
        add(
            Topic::Sequences,
            "Sequences near their end",
            "At 100 percent the next INSERT fails. An integer column ends at 2,147,483,647 even where its sequence goes on.",
            format!(
                "SELECT schemaname, sequencename, data_type, last_value,\n       round(100.0 * last_value / max_value, 1) AS used_percent\nFROM pg_sequences\nWHERE last_value IS NOT NULL AND schemaname IN ({schemas})\nORDER BY 5 DESC;"
            ),
        );
    }
    queries.extend(default_partitions(cx));
    queries.order_by_key(|q| q.topic);
    (queries, number(left_out))
}

/// The schemas of the project's own tables as literals with commas between them; `'public'` where there is none.
fn schema_literals(cx: &Context<'_>) -> String {
    let names: BTreeSet<&str> = cx
        .tables_and_partitions()
        .filter_map(|(_, t)| cx.schema.namespaces.get(t.namespace))
        .map(|n| n.name.as_str())
        .collect();
    let literals: Vec<String> = names.into_iter().map(literal).collect();
    if literals.is_empty() { "'public'".to_owned() } else { literals.join(", ") }
}

fn orphans(reference: &UnenforcedEntry) -> QueryEntry {
    let cast = if reference.cast { "::text" } else { "" };
    let pairs = || reference.columns.iter().zip(&reference.referenced_columns);
    let present: Vec<String> = reference.columns.iter().map(|c| format!("c.{} IS NOT NULL", quote(c))).collect();
    let equal: Vec<String> =
        pairs().map(|(own, other)| format!("p.{}{cast} = c.{}{cast}", quote(other), quote(own))).collect();
    QueryEntry {
        topic: Topic::Orphans,
        title: format!(
            "`{}` ({}) without a row of `{}`",
            reference.table,
            reference.columns.join(", "),
            reference.references
        ),
        reading: "The number must be 0 before a foreign key can be validated.",
        sql: format!(
            "SELECT count(*) AS orphans\nFROM {} c\nWHERE {}\n  AND NOT EXISTS (SELECT FROM {} p WHERE {});",
            reference.table,
            present.join(" AND "),
            reference.references,
            equal.join(" AND ")
        ),
    }
}

/// One query for each foreign key between two tables of tenants that leaves the tenant out of the comparison.
fn across_tenants(cx: &Context<'_>) -> Vec<QueryEntry> {
    let name = |table: TableId, column: ColumnNumber| cx.schema.column(table, column).map(|c| quote(&c.name));
    let mut queries = Vec::new();
    for key in cx.foreign_keys() {
        let Some(parent) = cx.schema.tables.get(key.fk.references) else { continue };
        let (Some(own), Some(other)) = (cx.tenant_column(key.of), cx.tenant_column(parent)) else { continue };
        if key.constraint.columns.contains(&own) {
            continue;
        }
        let pairs: Option<Vec<String>> = key
            .constraint
            .columns
            .iter()
            .zip(&key.fk.columns)
            .map(|(a, b)| Some(format!("p.{} = c.{}", name(key.fk.references, *b)?, name(key.table, *a)?)))
            .collect();
        let (Some(pairs), Some(own), Some(other)) = (pairs, name(key.table, own), name(key.fk.references, other))
        else {
            continue;
        };
        let (table, references) = (table_path(cx.schema, key.table), table_path(cx.schema, key.fk.references));
        queries.push(QueryEntry {
            topic: Topic::Tenants,
            title: format!("`{table}` rows whose `{references}` belongs to another tenant, by `{}`", key.constraint.name),
            reading: "Any number above 0 is data of one tenant that is tied to another's.",
            sql: format!(
                "SELECT count(*) AS across\nFROM {table} c JOIN {references} p ON {}\nWHERE p.{other} IS DISTINCT FROM c.{own};",
                pairs.join(" AND ")
            ),
        });
    }
    queries
}

fn default_partitions(cx: &Context<'_>) -> Vec<QueryEntry> {
    let is_default = |schema: &Schema, id: TableId| {
        let table = schema.tables.get(id)?;
        let (parent, bound) = table.partition_of.as_ref()?;
        bound.text.text.trim().eq_ignore_ascii_case("default").then(|| table_path(schema, *parent))
    };
    cx.tables_and_partitions()
        .filter_map(|(id, _)| Some((cx.schema.path(ObjectId::Table(id)), is_default(cx.schema, id)?)))
        .map(|(path, parent)| QueryEntry {
            topic: Topic::Partitions,
            title: format!("Rows of `{parent}` in its default partition"),
            reading: "Rows there have no partition of their own: a new one for them can only be attached once they are moved.",
            sql: format!("SELECT count(*) AS in_default FROM {path};"),
        })
        .collect()
}
