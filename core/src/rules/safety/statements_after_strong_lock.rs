use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use crate::rules::support::{At, changes_rows, limits_waits, locked, locked_out};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "statements-after-strong-lock",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A transaction goes on with slow work, or locks further tables, after it has locked everyone out of one.",
    why: "ACCESS EXCLUSIVE is kept until the transaction ends, so that each later statement makes others wait longer; and a transaction \
          that locks several tables can meet another that locks them in another order, which is a deadlock. One table in one migration, \
          and slow work in its own; where several tables belong together, a `SET LOCAL lock_timeout` of a few seconds at the head ends the wait, and \
          the migration can be run again. PostgreSQL manual, 13.3.4 \"Deadlocks\" and 19.11 \"Client Connection Defaults\".",
    fires: examples![
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\n«ALTER TABLE orders ADD COLUMN state text»;\nALTER TABLE customers ADD COLUMN state text;",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\n«ALTER TABLE orders ADD COLUMN state text»;\nCREATE INDEX orders_state_idx ON orders (state);",
        // However short the wait is, the work is long; and 0 is no limit.
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nSET LOCAL lock_timeout = '5s';\n«ALTER TABLE orders ADD COLUMN state text»;\nCREATE INDEX orders_state_idx ON orders (state);\n-- file: V3__more.sql\nSET lock_timeout = 0;\n«ALTER TABLE orders ADD COLUMN kind text»;\nALTER TABLE customers ADD COLUMN kind text;",
        // A block of PL/pgSQL is one transaction, whoever runs it.
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDO $$ BEGIN\n«ALTER TABLE orders ADD COLUMN state text»;\nALTER TABLE customers ADD COLUMN state text;\nEND $$;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE customers ADD COLUMN state text;",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ADD COLUMN kind text;\nCOMMENT ON COLUMN orders.kind IS 'What it is';",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nSET LOCAL lock_timeout = '5s';\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE customers ADD COLUMN state text;",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nCREATE TABLE a (id int);\nALTER TABLE a ADD COLUMN b int;\nALTER TABLE orders ADD COLUMN state text;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (mut block, mut told): (u32, bool) = (0, false);
    // The revision, and whether it bounds how long it waits for locks.
    let (mut revision, mut limited): (u32, bool) = (u32::MAX, false);
    let mut held: Vec<(TableId, Span)> = Vec::new();
    for at in cx.steps() {
        if at.block != block {
            (block, told) = (at.block, false);
            held.clear();
        }
        if at.revision != revision {
            (revision, limited) = (at.revision, false);
        }
        limited |= limits_waits(at.operation);
        if block == 0 || told {
            continue;
        }
        let mut locks = locked_out(cx, at);
        // Nobody waits for a table that goes.
        locks.retain(|t| cx.is_old(*t, at.revision));
        if !locks.is_empty() {
            out.look();
        }
        if let Some((first, place)) = held.first() {
            let second = locks.iter().find(|t| !limited && !held.iter().any(|(h, _)| h == *t));
            let slow = slow_work(cx, at);
            if second.is_some() || slow.is_some() {
                told = true;
                let first = cx.table_name(*first);
                let message = match (second, slow) {
                    (Some(second), _) => format!(
                        "The transaction keeps everyone out of `{first}` and then locks `{}` as well.",
                        cx.table_name(*second)
                    ),
                    (None, slow) => format!(
                        "The transaction keeps everyone out of `{first}` while it {}.",
                        slow.unwrap_or("goes on")
                    ),
                };
                let Some(revision) = cx.revision(at.revision) else { continue };
                let _ = out
                    .report_about(revision, *place, message)
                    .objects(held.iter().map(|(t, _)| ObjectId::Table(*t)))
                    .objects(second.map(|t| ObjectId::Table(*t)))
                    .also_at(at.operation.span);
            }
        }
        held.extend(locks.into_iter().map(|t| (t, at.operation.span)));
    }
}

/// What takes as long as a table is large.
fn slow_work(cx: &Context<'_>, at: At<'_>) -> Option<&'static str> {
    match &at.operation.kind {
        OperationKind::CreateIndex(_) if !locked(cx, at).is_empty() => Some("builds an index"),
        OperationKind::Reindex { .. } if !locked(cx, at).is_empty() => Some("builds indexes"),
        OperationKind::RefreshMaterializedView { with_data: true, .. } => Some("refreshes a materialized view"),
        OperationKind::Dml { .. } if !changes_rows(cx, at).is_empty() => Some("changes rows"),
        OperationKind::AlterTable(alter) if !locked(cx, at).is_empty() => {
            alter.actions.iter().find_map(|(a, _)| match a {
                AlterTableAction::ValidateConstraint { .. } => Some("validates a constraint"),
                AlterTableAction::AddConstraint(c) => match &c.kind {
                    ConstraintDefKind::Unique { options, .. } | ConstraintDefKind::PrimaryKey { options, .. } => {
                        options.using_index.is_none().then_some("builds an index")
                    }
                    ConstraintDefKind::Exclude { .. } => Some("builds an index"),
                    _ if !c.attributes.not_valid => Some("checks a constraint"),
                    _ => None,
                },
                _ => None,
            })
        }
        _ => None,
    }
}
