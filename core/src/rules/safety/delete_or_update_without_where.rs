use crate::finding::{Certainty, Severity};
use crate::operation::{DmlVerb, OperationKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "delete-or-update-without-where",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "An UPDATE or DELETE without WHERE touches every row of an existing table.",
    why: "One statement over all rows holds a lock on each until the transaction ends, writes as much again as the table is large, and \
          leaves as many dead rows behind; a DELETE without WHERE also loses them all. Fill or delete in batches outside the migration, \
          or say which rows are meant. PostgreSQL manual, UPDATE and DELETE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nUPDATE «orders» SET note = 'none';",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDELETE FROM «orders»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nUPDATE orders SET note = 'none' WHERE note IS NULL;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDELETE FROM orders USING customers WHERE customers.id = orders.customer_id;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nUPDATE orders SET note = 'none';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Dml { verb: verb @ (DmlVerb::Update | DmlVerb::Delete), tables, text } = &at.operation.kind
        else {
            continue;
        };
        // In a statement of several parts the last is the one that is read here.
        let Some((table, name)) = cx.used_tables(at).last().copied().zip(tables.last()) else { continue };
        if !cx.is_old(table, at.revision) {
            continue;
        }
        out.look();
        if text.change().is_none_or(|c| c.filtered) {
            continue;
        }
        let what = if *verb == DmlVerb::Update { "written anew" } else { "deleted" };
        let message = format!("Every row of `{}` is {what} in one statement.", cx.table_name(table));
        let _ = cx.report_step(out, at, ObjectId::Table(table), name.span(), message);
    }
}
