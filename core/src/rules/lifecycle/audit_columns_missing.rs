use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_one_of, list, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "audit-columns-missing",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A table does not say who made or changed a row, although tables beside it do.",
    why: "When a figure is disputed, the first question is who entered it. Columns such as `created_by` answer it without an audit trail; where some tables have them, people expect \
          them everywhere. Whether a table needs them depends on who writes to it, so that the rule runs only where it is asked for, and speaks where at least three tables \
          have such a column. PostgreSQL manual, 5.2 \"Default Values\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE «d» (id bigint PRIMARY KEY, note text, created_at timestamptz);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, note text, created_at timestamptz);",
        // Joins two others, and is made with them.
        "CREATE TABLE a (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, note text, created_by bigint, created_at timestamptz);\nCREATE TABLE d (a bigint REFERENCES a, b bigint REFERENCES b, PRIMARY KEY (a, b));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let demanded = &cx.policy.conventions.audit_columns;
    if !demanded.is_empty() {
        return demand(cx, demanded, out);
    }
    // Tables that tell when their rows were made: things that people enter, not lists and joins.
    let business = || cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign && tells_when(cx, t));
    let all = business().count();
    let told = business().filter(|(_, t)| tells_who(t)).count();
    for (id, table) in business() {
        out.look();
        if told < 3 || tells_who(table) || cx.is_open(table) {
            continue;
        }
        let message = format!("`{}` does not say who made or changed a row.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message)
            .evidence(format!("{told} of {} that tell when a row was made tell by whom.", number_of_tables(all)));
    }
}

/// The columns that `relata.toml` demands of every table.
fn demand(cx: &Context<'_>, columns: &[String], out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        out.look();
        let missing: Vec<String> =
            columns.iter().filter(|c| table.find_column(c).is_none()).map(|c| format!("`{c}`")).collect();
        if !missing.is_empty() {
            let message = format!("`{}` has no {}.", cx.table_name(id), list(&missing));
            out.report(ObjectId::Table(id), table.name_span, message)
                .certainty(Certainty::Proven)
                .evidence("`relata.toml` demands it of every table.".to_owned());
        }
    }
}

fn tells_when(cx: &Context<'_>, table: &Table) -> bool {
    let by_habit = cx.conventions.created_at.as_ref().and_then(|h| table.find_column(&h.column)).is_some();
    by_habit || table.find_column("created_at").is_some()
}

fn tells_who(table: &Table) -> bool {
    const WHO: &[&str] = &[
        "actor_id",
        "author_id",
        "created_by",
        "created_by_id",
        "created_by_user_id",
        "createdby",
        "creator_id",
        "modified_by",
        "performed_by",
        "updated_by",
        "updated_by_id",
        "updatedby",
        "uploaded_by",
        "uploaded_by_user_id",
        "user_id",
    ];
    table.live_columns().any(|(_, c)| is_one_of(&c.name, WHO))
}
