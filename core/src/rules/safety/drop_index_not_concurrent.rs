use crate::finding::{Certainty, Severity};
use crate::operation::{ObjectKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::limits_waits;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-index-not-concurrent",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "An index is dropped without CONCURRENTLY.",
    why: "DROP INDEX takes an ACCESS EXCLUSIVE lock on the table. The work is short, but it waits for every transaction that uses the \
          table, and all that come later wait behind it. DROP INDEX CONCURRENTLY waits without keeping others out; where a tool has everything \
          run in a transaction, a lock_timeout of a few seconds before it ends the wait. PostgreSQL manual, DROP INDEX, \"CONCURRENTLY\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n-- file: 3_drop.sql\nDROP INDEX «orders_note_idx»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);\n-- file: 3_drop.sql\nDROP INDEX CONCURRENTLY orders_note_idx;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nCREATE INDEX orders_note_idx ON orders (note);\nDROP INDEX orders_note_idx;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP INDEX IF EXISTS orders_note_idx;",
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nCREATE INDEX events_at_idx ON ONLY events (at);\n-- file: 3_drop.sql\nDROP INDEX events_at_idx;",
        // Nobody waits for long.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80));\nCREATE INDEX orders_note_idx ON orders (note);\n-- file: 2_drop.sql\nSET LOCAL lock_timeout = '5s';\nDROP INDEX IF EXISTS orders_note_idx;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (mut revision, mut limited): (u32, bool) = (u32::MAX, false);
    for at in cx.steps() {
        if at.revision != revision {
            (revision, limited) = (at.revision, false);
        }
        limited |= limits_waits(at.operation);
        let OperationKind::Drop(drop) = &at.operation.kind else { continue };
        for effect in at.effects {
            let Effect::Dropped(ObjectId::Index(id)) = effect else { continue };
            let Some(index) = cx.schema.indexes.get(*id) else { continue };
            let RelationId::Table(table) = index.owner else { continue };
            let target = drop.targets.iter().find(|t| t.kind == ObjectKind::Index && t.name.name.fold() == index.name);
            let Some(target) = target.filter(|_| cx.is_old(table, at.revision)) else { continue };
            out.look();
            // Partitioned tables take no CONCURRENTLY here.
            if drop.concurrently
                || limited
                || cx.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Partitioned)
            {
                continue;
            }
            let message = format!(
                "`{}` is dropped under a lock that keeps everyone out of `{}`.",
                index.name,
                cx.table_name(table)
            );
            let _ = cx
                .report_step(out, at, ObjectId::Index(*id), target.span, message)
                .object(ObjectId::Table(table))
                .evidence(
                    "`DROP INDEX CONCURRENTLY`, outside a transaction, does the same without that lock.".to_owned(),
                );
        }
    }
}
