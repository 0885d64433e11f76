use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::audit_coverage_gap::is_trail;
use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::{each_word, is_money, is_number, is_one_of, list, number_of_tables, stem};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "audit-columns-missing",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A table does not say who made or changed a row, although tables beside it do, or nothing in the schema does.",
    why: "When a figure is disputed, the first question is who entered it. Columns such as `created_by` answer it without an audit trail; where some tables have them, people expect \
          them everywhere, and where nothing does, no dispute is ever settled. Whether a table needs them depends on who writes to it: unasked the rule speaks \
          once, where people sign in, money is kept, hardly a table has such a column, and no audit trail stands in for it; switched on, of each table without one where \
          three have it. \
          PostgreSQL manual, 5.2 \"Default Values\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text, created_at timestamptz);\nCREATE TABLE «products» (id bigint PRIMARY KEY, price numeric, created_at timestamptz);\nCREATE TABLE stock (id bigint PRIMARY KEY, product_id bigint REFERENCES products, cost numeric, created_at timestamptz);\nCREATE TABLE orders (id bigint PRIMARY KEY, product_id bigint REFERENCES products, amount numeric, created_at timestamptz);\nCREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz);",
    ],
    silent: examples![
        // A trail says it.
        "CREATE TABLE users (id bigint PRIMARY KEY, email text, created_at timestamptz);\nCREATE TABLE products (id bigint PRIMARY KEY, price numeric, created_at timestamptz);\nCREATE TABLE stock (id bigint PRIMARY KEY, product_id bigint REFERENCES products, cost numeric, created_at timestamptz);\nCREATE TABLE orders (id bigint PRIMARY KEY, product_id bigint REFERENCES products, amount numeric, created_at timestamptz);\nCREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE audit_log (id bigint PRIMARY KEY, entity text, created_at timestamptz);",
        // Not asked for.
        "CREATE TABLE a (id bigint PRIMARY KEY, created_by bigint, created_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_by bigint, created_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_by bigint, created_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE e (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE f (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE g (id bigint PRIMARY KEY, created_at timestamptz);",
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
    if all >= MIN_TABLES && told * 10 <= all {
        nobody(cx, told, all, out);
    }
    let is_asked = cx.is_asked_for(&RULE);
    let is_habit = told >= 3 && is_asked;
    for (id, table) in business() {
        out.look();
        if !is_habit || tells_who(table) || cx.is_open(table) {
            continue;
        }
        let message = format!("`{}` does not say who made or changed a row.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message)
            .evidence(format!("{told} of {} that tell when a row was made tell by whom.", number_of_tables(all)));
    }
}

/// With fewer tables everybody knows who wrote what.
const MIN_TABLES: usize = 8;
/// How many tables are named as those that are asked about first.
const NAMED: usize = 8;

/// Tells a schema in which people sign in and money is kept, and nothing says who wrote what.
fn nobody(cx: &Context<'_>, told: usize, all: usize, out: &mut Findings<'_>) {
    let has_people = cx.tables().any(|(_, t)| signs_in(t));
    if !has_people || cx.tables().any(|(_, t)| is_trail(t)) {
        return;
    }
    let mut references: BTreeMap<TableId, usize> = BTreeMap::new();
    for key in cx.foreign_keys() {
        *references.entry(key.fk.references).or_default() += 1;
    }
    // What others refer to most is asked about first.
    let keeps_money =
        |t: &Table| t.live_columns().any(|(_, c)| is_money(&c.name) && is_number(cx.schema, &c.data_type));
    let mut asked: Vec<(TableId, &Table)> =
        cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign && tells_when(cx, t) && keeps_money(t)).collect();
    asked.order_by_key(|(id, _)| Reverse(references.get(id).copied()));
    let [(first, table), _, _, ..] = asked.as_slice() else { return };
    let columns = if told == 0 { "no table has".to_owned() } else { format!("{told} of {all} tables have") };
    let message = format!(
        "Nothing says who made or changed a row: {columns} `created_by` or the like, and no audit trail is kept."
    );
    out.report(ObjectId::Table(*first), table.name_span, message)
        .objects(asked.iter().skip(1).take(NAMED - 1).map(|(id, _)| ObjectId::Table(*id)))
        .evidence(format!(
            "{} keep amounts of money; those that others refer to most come first.",
            number_of_tables(asked.len())
        ));
}

/// Whether rows of a table are people who sign in.
fn signs_in(table: &Table) -> bool {
    const PEOPLE: &[&str] = &["account", "admin", "employee", "member", "operator", "staff", "user"];
    stem(&table.name).last().is_some_and(|w| PEOPLE.contains(&w.as_str()))
        && table.live_columns().any(|(_, c)| {
            is_one_of(&c.name, &["email", "login", "user_name", "username"])
                || each_word(&c.name).any(|w| w == "password")
        })
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
