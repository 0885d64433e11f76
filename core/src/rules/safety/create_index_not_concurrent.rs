use crate::finding::{Certainty, Severity};
use crate::history::layout::Layout;
use crate::operation::OperationKind;
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "create-index-not-concurrent",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "An index is built without CONCURRENTLY on a table that was there before the migration.",
    why: "CREATE INDEX holds a SHARE lock for as long as the build takes: every INSERT, UPDATE and DELETE on the table waits, and what \
          waits behind them. CONCURRENTLY reads the table twice and lets writes go on; it must stand outside a transaction. On a table \
          that the same migration makes nobody waits. PostgreSQL manual, CREATE INDEX, \"Building Indexes Concurrently\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX «orders_customer_id_idx» ON orders (customer_id);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE UNIQUE INDEX ON «orders» (note);",
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nCREATE INDEX «events_at_idx» ON events (at);",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nCREATE INDEX orders_customer_id_idx ON orders (customer_id);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE MATERIALIZED VIEW totals AS SELECT customer_id FROM orders;\nCREATE INDEX totals_idx ON totals (customer_id);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX orders_note_idx ON orders (note);\n-- file: 3_drop.sql\nDROP TABLE orders;",
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint);\nCREATE INDEX orders_customer_id_idx ON orders (customer_id);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::CreateIndex(create) = &at.operation.kind else { continue };
        let made = at.effects.iter().find_map(|e| match e {
            Effect::Created(ObjectId::Index(id)) => cx
                .schema
                .indexes
                .get(*id)
                .filter(|i| i.span == at.operation.span && i.dropped.is_none())
                .map(|i| (*id, i)),
            _ => None,
        });
        let Some((id, index)) = made else { continue };
        let RelationId::Table(table) = index.owner else { continue };
        if !cx.is_old(table, at.revision) {
            continue;
        }
        out.look();
        if create.concurrently || create.only {
            continue;
        }
        let place = create.name.as_ref().map_or(create.table.span(), |n| n.span);
        let partitioned = cx.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Partitioned);
        let message = format!("`{}` is built while every write to `{}` waits.", index.name, cx.table_name(table));
        let advice = if partitioned {
            "A partitioned table takes no CONCURRENTLY: make the index ON ONLY the parent, build one CONCURRENTLY on each partition, and attach them."
        } else {
            "`CREATE INDEX CONCURRENTLY`, in a migration of its own that runs outside a transaction, lets writes go on."
        };
        let draft = cx.report_step(out, at, ObjectId::Index(id), place, message).object(ObjectId::Table(table));
        // Where every file runs in a transaction, this is how to leave room for an index that was built before.
        let by_hand = create.if_not_exists && Layout::from_name(&cx.target.layout).is_some_and(Layout::wraps_all);
        let _ = match by_hand {
            true => draft.severity(Severity::Low).evidence(format!(
                "{} runs every file in a transaction: on a large table build it CONCURRENTLY by hand before; IF NOT EXISTS then does nothing.",
                cx.target.layout
            )),
            false => draft.evidence(advice.to_owned()),
        };
    }
}
