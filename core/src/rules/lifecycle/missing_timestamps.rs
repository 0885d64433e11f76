use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, is_now};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-timestamps",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table does not record when its rows were made or changed, although most tables of the schema do.",
    why: "When a row was made is the first question of every investigation, and cannot be answered afterwards. The rule follows the schema's own habit: it \
          asks for a column only where at least half of the tables have it under one name. Tables that only tie others together, and lookup tables of two \
          or three columns, are left alone; tables that are only appended to need no time of change. PostgreSQL manual, 8.5 \"Date/Time Types\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE «d» (id bigint PRIMARY KEY, x text, y text, z text);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, x text, y text, z text);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);",
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE kinds (id bigint PRIMARY KEY, name text);\nCREATE TABLE event_log (id bigint PRIMARY KEY, occurred_at timestamptz, x text, y text);\nCREATE TABLE positions (vehicle bigint, recorded_at timestamptz, x text, y text, PRIMARY KEY (vehicle, recorded_at));",
        // The database writes when the row was made.
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE payments (id bigint PRIMARY KEY, amount numeric, method text, paid_at timestamptz NOT NULL DEFAULT now());",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let habits = [&cx.conventions.created_at, &cx.conventions.updated_at];
    if habits.iter().all(|h| h.is_none()) {
        return;
    }
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        let columns = table.live_columns().count();
        let keys = cx.schema.foreign_keys_of(table).count();
        // A lookup table, or one that only ties others together.
        if columns <= 3 || keys + 2 >= columns || cx.is_open(table) {
            continue;
        }
        out.look();
        let has_time = |column: &str| {
            table.find_column(column).is_some()
                || table.live_columns().any(|(_, c)| each_word(&c.name).eq(each_word(column)))
        };
        let key = cx.schema.primary_key_of(table).map_or(&[][..], |(_, c)| c.columns.as_slice());
        let is_time = |c: &Column| {
            crate::rules::support::builtin(cx.schema, &c.data_type)
                .is_some_and(|t| t == "date" || t.starts_with("time"))
        };
        // What is found by its time was measured then.
        let is_series = key.len() > 1 && key.iter().any(|n| table.column(*n).is_some_and(is_time));
        let append_only = is_append_only(&table.name) || is_series;
        // A moment that the database writes itself when a row is made: `paid_at timestamptz NOT NULL DEFAULT now()`.
        let updated = habits[1].as_ref().map(|h| h.column.as_str());
        let tells_making = table.live_columns().any(|(_, c)| {
            c.not_null
                && updated != Some(c.name.as_str())
                && !each_word(&c.name).any(|w| LATER.contains(&w.as_ref()))
                && c.default.as_ref().is_some_and(|d| is_now(d.source.tree().without_casts()))
        });
        let any_time = table.live_columns().any(|(_, c)| {
            crate::rules::support::builtin(cx.schema, &c.data_type).is_some_and(|t| t.starts_with("timestamp"))
        });
        let missing: Vec<_> = [(0, habits[0]), (1, habits[1])]
            .into_iter()
            .filter_map(|(which, habit)| habit.as_ref().map(|h| (which, h)))
            .filter(|(which, _)| *which == 1 || !tells_making)
            .filter(|(which, h)| !has_time(&h.column) && !(append_only && (*which == 1 || any_time)))
            .map(|(_, h)| h)
            .collect();
        let Some(first) = missing.first() else { continue };
        let names: Vec<String> = missing.iter().map(|h| format!("`{}`", h.column)).collect();
        let message = format!("`{}` has no {}.", cx.table_name(id), names.join(" and no "));
        let evidence: Vec<String> = missing.iter().map(|h| h.evidence()).collect();
        let _ = first;
        out.report(ObjectId::Table(id), table.name_span, message).evidence(evidence.join(" "));
    }
}

/// Words for moments that come again, or are still to come.
const LATER: &[&str] = &[
    "activity",
    "changed",
    "due",
    "expires",
    "expiry",
    "last",
    "latest",
    "modified",
    "next",
    "refreshed",
    "seen",
    "updated",
    "until",
];

/// Whether rows of a table of this name are written once.
fn is_append_only(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "audit",
        "event",
        "events",
        "history",
        "journal",
        "ledger",
        "log",
        "logs",
        "measurement",
        "measurements",
        "metric",
        "metrics",
        "reading",
        "readings",
        "snapshot",
        "snapshots",
        "trace",
        "transaction",
        "transactions",
    ];
    each_word(name).any(|w| WORDS.contains(&w.as_ref()))
}
