use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::{CreateTable, OperationKind};
use crate::rules::support::At;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;
use std::collections::BTreeMap;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-table-without-copy",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A table is dropped, and nothing before it copies its rows.",
    why: "Whatever the table held is lost for good with the transaction's end; a rollback script can make the table again, never its \
          rows. Rename it, or copy it to another table, and drop that when nobody has missed it. PostgreSQL manual, DROP TABLE.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE «orders»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE IF EXISTS «orders» CASCADE;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE purchases AS SELECT * FROM orders;\nDROP TABLE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE purchases (id bigint PRIMARY KEY);\nINSERT INTO purchases SELECT id FROM orders;\nDROP TABLE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders RENAME TO orders_old;\n-- file: 3_drop.sql\nDROP TABLE orders_old;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nDROP TABLE orders;",
        // What a query fills was made of other tables before, too.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE totals AS SELECT count(*) FROM orders;\n-- file: 2_change.sql\nDROP TABLE totals;\nCREATE TABLE totals AS SELECT count(*), max(id) FROM orders;",
    ],
    supersedes: &["create-table-force", "drop-table"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.steps().any(|at| !cx.dropped_tables(at).is_empty()) {
        return;
    }
    // The statements before that may save rows, by the names in them; what moves a table out of the way is kept for all.
    let mut naming: BTreeMap<Name, Vec<At<'_>>> = BTreeMap::new();
    let mut moves: Vec<At<'_>> = Vec::new();
    for at in cx.steps() {
        for (table, target) in cx.dropped_tables(at) {
            out.look();
            let name = cx.schema.tables.get(table).map(|t| t.name.clone()).unwrap_or_default();
            let saved = naming.get(&name).into_iter().flatten().chain(&moves).any(|e| cx.saves_rows(*e, table));
            let anew = made_anew(cx, at, &name);
            // A guard that nobody can answer may be the very check whether there are rows.
            if saved || !at.operation.guards.is_empty() || anew.is_some_and(|create| create.as_query.is_some()) {
                continue;
            }
            let anew = if anew.is_some() { " and made anew" } else { "" };
            let name = cx.table_name(table);
            let message = format!("`{name}` is dropped{anew}, and nothing in the history copies its rows before.");
            let _ = cx.report_step(out, at, ObjectId::Table(table), target.name.span(), message);
        }
        match &at.operation.kind {
            OperationKind::CreateTable(create) => {
                let query = create.as_query.as_ref();
                query.into_iter().flat_map(|(_, q)| q.words()).for_each(|w| naming.entry(w).or_default().push(at));
            }
            OperationKind::Dml { text, .. } => {
                text.words().into_iter().for_each(|w| naming.entry(w).or_default().push(at));
            }
            OperationKind::Rename { .. } | OperationKind::SetSchema { .. } => moves.push(at),
            _ => {}
        }
    }
}

/// The table of this name that the same migration makes again.
fn made_anew<'a>(cx: &'a Context<'_>, dropped: At<'_>, name: &Name) -> Option<&'a CreateTable> {
    cx.steps_from(dropped.number).take_while(|at| at.revision == dropped.revision).find_map(|at| {
        match &at.operation.kind {
            OperationKind::CreateTable(create) if create.name.name.fold() == *name => Some(&**create),
            _ => None,
        }
    })
}
