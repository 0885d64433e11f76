use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{is_time, number, stem};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "growth-table-not-partitioned",
    category: Category::Partitioning,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A log, ledger or table of events grows with time, and is neither partitioned nor emptied.",
    why: "Rows are only ever added. Deleting old ones later by DELETE reads and writes all of them, and leaves bloat; dropping or detaching a partition by \
          month takes an instant. Partitioning a table that is large already means to copy it, so that the time to decide is while it is small. Where it will \
          stay small, nothing needs to be done. PostgreSQL manual, 5.11 \"Table Partitioning\".",
    fires: examples![
        "CREATE TABLE «audit_logs» (id bigint PRIMARY KEY, action text, created_at timestamptz NOT NULL);"
    ],
    silent: examples![
        "CREATE TABLE audit_logs (id bigint, action text, created_at timestamptz NOT NULL, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);\nCREATE TABLE audit_logs_rest PARTITION OF audit_logs DEFAULT;",
        // Emptied by a function.
        "CREATE TABLE audit_logs (id bigint PRIMARY KEY, action text, created_at timestamptz NOT NULL);\nCREATE FUNCTION purge() RETURNS void LANGUAGE sql AS $$ DELETE FROM audit_logs WHERE created_at < now() - interval '90 days' $$;",
        // Rows that change, and things that are no records of what happened.
        "CREATE TABLE events (id bigint PRIMARY KEY, title text, starts_at timestamptz, created_at timestamptz, updated_at timestamptz);\nCREATE TABLE blogs (id bigint PRIMARY KEY, title text, created_at timestamptz);\nCREATE TABLE logins (id bigint PRIMARY KEY);",
        // Rows expire.
        "CREATE TABLE event_log (id bigint PRIMARY KEY, created_at timestamptz, expires_at timestamptz);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let emptied = emptied(cx);
    let mut growing = Vec::new();
    let mut managed = 0_usize;
    for (id, table) in cx.tables().filter(|(_, t)| is_record(cx, t)) {
        out.look();
        if table.kind == TableKind::Partitioned || emptied.contains(&table.name) {
            managed += 1;
        } else if table.kind == TableKind::Ordinary {
            growing.push((id, table));
        }
    }
    let all = managed + growing.len();
    for (id, table) in growing {
        let message = format!("Rows are only added to `{}`, and nothing takes old ones away.", cx.table_name(id));
        let counted = number(all, "such table", "such tables");
        let evidence = format!("{managed} of {counted} partitioned or emptied.");
        out.report(ObjectId::Table(id), table.name_span, message).evidence(evidence);
    }
}

/// Whether a table by its name and columns keeps what happened: it tells when, and rows do not change.
fn is_record(cx: &Context<'_>, table: &Table) -> bool {
    const RECORDS: &[&str] =
        &["log", "event", "history", "ledger", "audit", "journal", "metric", "reading", "telemetry"];
    const CHANGING: &[&str] = &["updated", "modified", "expires", "expire", "expired", "deleted"];
    let words = stem(&table.name);
    let named =
        words.last().is_some_and(|w| RECORDS.contains(&w.as_str())) || words.first().is_some_and(|w| w == "audit");
    let told = table.live_columns().any(|(_, c)| is_time(cx.schema, &c.data_type));
    let changes = table.live_columns().any(|(_, c)| {
        is_time(cx.schema, &c.data_type)
            && crate::rules::support::each_word(&c.name).any(|w| CHANGING.contains(&w.as_ref()))
    });
    named && told && !changes
}

/// Every name in the functions that delete rows.
fn emptied<'c>(cx: &'c Context<'_>) -> BTreeSet<&'c Name> {
    let bodies = cx.body_words().values();
    bodies.filter(|body| body.contains("delete") || body.contains("truncate")).flatten().collect()
}
