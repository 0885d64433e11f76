use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, is_now, set_not_null, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ObjectId, Schema};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nullable-with-default",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column that its default means to be filled allows NULL.",
    why: "A default only acts where a column is left out. An explicit NULL, which is what most ORMs send for an empty field, goes straight in, and a \
          status is then neither open nor closed, a counter cannot be added to. The rule looks at columns whose name and default say that a \
          value is always meant: states, counters, flags, and when a row was made or changed. PostgreSQL manual, 5.2 \"Default Values\" and \
          5.4.2 \"Not-Null Constraints\".",
    fires: examples![
        "CREATE TABLE jobs (id bigint PRIMARY KEY, «status text DEFAULT 'pending'», «created_at timestamptz DEFAULT now()», «retry_count integer DEFAULT 0», «archived boolean DEFAULT false»);",
    ],
    silent: examples![
        "CREATE TABLE jobs (id bigint PRIMARY KEY, status text NOT NULL DEFAULT 'pending', created_at timestamptz NOT NULL DEFAULT now());",
        // A default for convenience; null has a meaning of its own.
        "CREATE TABLE jobs (id bigint PRIMARY KEY, note text DEFAULT '', expires_at timestamptz DEFAULT now() + interval '1 day', status text DEFAULT NULL);",
        // The migrations themselves write rows without it.
        "CREATE TABLE jobs (id bigint PRIMARY KEY, status text DEFAULT 'pending');\nINSERT INTO jobs (id, status) VALUES (1, NULL);",
        // Not null by another rule.
        "CREATE TABLE jobs (id bigint PRIMARY KEY, status text DEFAULT 'pending' CHECK (status IS NOT NULL));",
    ],
    supersedes: &["nullable-boolean"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns() {
        let Some(default) = &column.default else { continue };
        out.look();
        if column.not_null || !is_meant(cx.schema, column, default.source.tree()) || cx.stores_null(id, number) {
            continue;
        }
        if crate::rules::support::checked_not_null(cx.schema, table, number) {
            continue;
        }
        let message = format!(
            "`{}` has the default `{}` and still takes NULL.",
            cx.column_name(id, number),
            short(&default.source.text)
        );
        let (path, name) = (cx.table_sql(id), quote(&column.name));
        out.report(ObjectId::Column(id, number), column.span, message).fix(Fix {
            sql: set_not_null(cx, id, table, &column.name, ""),
            caution: Some(format!(
                "Refused while there are nulls: `UPDATE {path} SET {name} = {} WHERE {name} IS NULL;` first.",
                default.source.text
            )),
        });
    }
}

/// A default for a message: long ones are cut.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 40 { format!("{}…", line.chars().take(39).collect::<String>()) } else { line }
}

/// Whether name, type and default together say that a value is always meant.
fn is_meant(schema: &Schema, column: &Column, default: &Tree) -> bool {
    let tree = default.without_casts();
    if matches!(tree, Tree::Null | Tree::Opaque) {
        return false;
    }
    let words = words(&column.name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    match builtin(schema, &column.data_type) {
        // SQLAlchemy's `server_default="0"` is a text that the column's type reads.
        Some("boolean") => {
            matches!(tree, Tree::Bool(_))
                || matches!(tree, Tree::Text(t) if matches!(t.to_ascii_lowercase().as_str(), "t" | "f" | "true" | "false" | "0" | "1"))
        }
        Some(t) if t.starts_with("timestamp") || t == "date" => {
            is_now(tree)
                && has(&[
                    "created",
                    "updated",
                    "inserted",
                    "modified",
                    "added",
                    "update",
                    "change",
                    "changed",
                    "date",
                    "timestamp",
                    "time",
                ])
        }
        Some("smallint" | "integer" | "bigint" | "numeric") => {
            (matches!(tree, Tree::Number(_))
                || matches!(tree, Tree::Text(t) if t.parse::<f64>().is_ok_and(f64::is_finite)))
                && has(&[
                    "count", "counter", "attempts", "retries", "version", "position", "quantity", "qty", "priority",
                    "total", "points", "balance", "level", "amount", "order", "usage", "used",
                ])
        }
        _ => {
            matches!(tree, Tree::Text(t) if !t.is_empty())
                && has(&[
                    "status",
                    "state",
                    "type",
                    "kind",
                    "role",
                    "level",
                    "tier",
                    "stage",
                    "phase",
                    "mode",
                    "visibility",
                    "priority",
                    "plan",
                ])
        }
    }
}
