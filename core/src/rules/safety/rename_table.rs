use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rename-table",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A table is renamed or moved to another schema, and nothing answers to its old name.",
    why: "Between the migration and the last restart of the old programs each of their statements with the old name fails. A simple \
          view with the old name, made in the same migration, takes reads and writes until they are gone. PostgreSQL manual, ALTER \
          TABLE, \"RENAME\", and CREATE VIEW, \"Updatable Views\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE «orders» RENAME TO purchases;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE SCHEMA sales;\nALTER TABLE «orders» SET SCHEMA sales;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders RENAME TO purchases;\nCREATE VIEW orders AS SELECT * FROM purchases;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders RENAME TO purchases;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE orders_new (id bigint PRIMARY KEY);\nALTER TABLE orders RENAME TO orders_old;\nALTER TABLE orders_new RENAME TO orders;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for steps in cx.steps_by_revision() {
        for at in &steps {
            let (target, how) = match &at.operation.kind {
                OperationKind::Rename { target, to, .. } => (target, format!("becomes `{}`", to.fold())),
                OperationKind::SetSchema { target, schema, .. } => {
                    (target, format!("moves to the schema `{}`", schema.fold()))
                }
                _ => continue,
            };
            if target.part.is_some() {
                continue;
            }
            let moved = at.effects.iter().find_map(|e| match e {
                Effect::Altered(ObjectId::Table(t)) => Some(*t),
                _ => None,
            });
            let Some(table) = moved.filter(|t| cx.is_old(*t, at.revision)) else { continue };
            out.look();
            let old = target.name.name.fold();
            if steps.iter().any(|other| takes_name(&other.operation.kind, &old)) {
                continue;
            }
            let message = format!("`{old}` {how}: programs that still use the old name fail.");
            let _ = cx
                .report_step(out, *at, ObjectId::Table(table), target.name.span(), message)
                .evidence("No view of the old name is made in the same migration.".to_owned());
        }
    }
}

/// Whether a statement gives something this name.
fn takes_name(kind: &OperationKind, name: &str) -> bool {
    match kind {
        OperationKind::CreateView(view) => view.name.name.fold() == name,
        OperationKind::CreateTable(table) => table.name.name.fold() == name,
        OperationKind::Rename { target, to, .. } => target.part.is_none() && to.fold() == name,
        _ => false,
    }
}
