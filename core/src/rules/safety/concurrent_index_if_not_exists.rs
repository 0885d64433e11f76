use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;
use std::collections::BTreeSet;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "concurrent-index-if-not-exists",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "CREATE INDEX CONCURRENTLY IF NOT EXISTS keeps an invalid index that a failed build left behind.",
    why: "When a concurrent build fails (a deadlock, a duplicate, a cancelled session), the index stays behind, marked invalid: it \
          costs every write and serves no query. Run again, IF NOT EXISTS sees its name and does nothing. DROP INDEX CONCURRENTLY IF \
          EXISTS in front makes the retry build it. PostgreSQL manual, CREATE INDEX, \"Building Indexes Concurrently\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY IF NOT EXISTS «orders_note_idx» ON orders (note);",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON orders (note);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for steps in cx.steps_by_revision() {
        let mut dropped: BTreeSet<crate::name::Name> = BTreeSet::new();
        for at in steps {
            let create = match &at.operation.kind {
                OperationKind::Drop(drop) => {
                    dropped.extend(drop.targets.iter().map(|t| t.name.name.fold()));
                    continue;
                }
                OperationKind::CreateIndex(create) if create.concurrently => create,
                _ => continue,
            };
            let Some(name) = &create.name else { continue };
            out.look();
            if !create.if_not_exists || dropped.contains(&name.fold()) {
                continue;
            }
            let made = at.effects.iter().find_map(|e| match e {
                Effect::Created(id @ ObjectId::Index(_)) => Some(*id),
                _ => None,
            });
            let Some(id) = made else { continue };
            let message = format!(
                "If the build of `{}` fails, running the migration again keeps the invalid index.",
                name.fold()
            );
            let _ = cx.report_step(out, at, id, name.span, message).evidence(format!(
                "`DROP INDEX CONCURRENTLY IF EXISTS {};` in front makes a retry build it anew.",
                crate::name::quote(&name.fold())
            ));
        }
    }
}
