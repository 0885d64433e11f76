use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "truncate-in-migration",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "TRUNCATE empties a table that was there before the migration.",
    why: "TRUNCATE takes every row, fires no row triggers, and locks everyone out; with CASCADE it also empties every table that refers \
          to this one. A migration runs once on each database, also on the one that matters. PostgreSQL manual, TRUNCATE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nTRUNCATE «orders»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);\nTRUNCATE TABLE «orders» CASCADE;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nTRUNCATE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TEMP TABLE t (id int);\nTRUNCATE t;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Truncate { tables, cascade } = &at.operation.kind else { continue };
        for (table, name) in cx.used_tables(at).into_iter().zip(tables) {
            if !cx.is_old(table, at.revision) {
                continue;
            }
            out.look();
            let all = if *cascade { " and of every table that refers to it" } else { "" };
            let message = format!("All rows of `{}`{all} are thrown away.", cx.table_name(table));
            let severity = if *cascade { Severity::Critical } else { Severity::High };
            let _ = cx.report_step(out, at, ObjectId::Table(table), name.span(), message).severity(severity);
        }
    }
}
