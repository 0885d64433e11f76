use crate::finding::{Certainty, Severity};
use crate::operation::{DmlVerb, OperationKind};
use crate::rules::support::At;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-table-without-copy",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A table is dropped, and nothing before it copies its rows.",
    why: "Whatever the table held is lost for good with the transaction's end; a rollback script can make the table again, never its \
          rows. Rename it, or copy it to another table, and drop that when nobody has missed it. PostgreSQL manual, DROP TABLE.",
    fires: &[
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE «orders»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE IF EXISTS «orders» CASCADE;",
    ],
    silent: &[
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE purchases AS SELECT * FROM orders;\nDROP TABLE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE purchases (id bigint PRIMARY KEY);\nINSERT INTO purchases SELECT id FROM orders;\nDROP TABLE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders RENAME TO orders_old;\n-- file: 3_drop.sql\nDROP TABLE orders_old;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nDROP TABLE orders;",
    ],
    supersedes: &["drop-table"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut earlier: Vec<At<'_>> = Vec::new();
    for at in cx.steps() {
        for (table, target) in cx.dropped_tables(at) {
            out.look();
            // A guard that nobody can answer may be the very check whether there are rows.
            if !at.operation.guards.is_empty() || earlier.iter().any(|e| cx.saves_rows(*e, table)) {
                continue;
            }
            let message =
                format!("`{}` is dropped, and nothing in the history copies its rows before.", cx.table_name(table));
            let _ = cx.report_step(out, at, ObjectId::Table(table), target.name.span(), message);
        }
        // What can save rows, and only that, is looked through again for each table that goes.
        let may_save = match &at.operation.kind {
            OperationKind::CreateTable(create) => create.as_query.is_some(),
            OperationKind::Dml { verb, .. } => *verb != DmlVerb::Delete,
            OperationKind::Rename { target, .. } | OperationKind::SetSchema { target, .. } => target.part.is_none(),
            _ => false,
        };
        if may_save {
            earlier.push(at);
        }
    }
}
