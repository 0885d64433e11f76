use crate::finding::{Certainty, Severity};
use crate::rules::support::{At, is_unguarded, is_wrapped, number, runs_alone};
use crate::rules::{Category, Context, Findings, Rule};
use std::collections::BTreeSet;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "non-rerunnable-statement",
    category: Category::MigrationSafety,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A migration that is no transaction has statements without IF NOT EXISTS or IF EXISTS: a retry stops at them.",
    why: "When a statement fails in the middle, what stands before it stays. Run again, the migration stops at the first CREATE or DROP \
          that has been done already. Wrap the file in one transaction, give statements that cannot be part of one a file of their own, \
          or guard each. PostgreSQL manual, chapter 5, and CREATE TABLE, \"IF NOT EXISTS\".",
    fires: examples![
        "-- file: V1__base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: V2__change.sql\n«ALTER TABLE orders ADD COLUMN state text»;\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
    ],
    silent: examples![
        "-- file: V1__base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ADD COLUMN kind text;",
        "-- file: V1__base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: V2__change.sql\nCREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);",
        "-- file: V1__base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN IF NOT EXISTS state text;\nALTER TABLE orders DROP CONSTRAINT IF EXISTS c, ADD CONSTRAINT c CHECK (state <> '') NOT VALID;\nDROP INDEX CONCURRENTLY IF EXISTS orders_note_idx;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note_idx ON orders (note);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nBEGIN;\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ADD COLUMN kind text;\nCOMMIT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Where some files are wrapped, the others are known to have opted out. Where none is, the runner is not known, and only what cannot be part
    // of a transaction shows that a file is none.
    let unknown = cx.history.revisions.iter().all(|r| !is_wrapped(r)) && cx.target.layout != "sqitch";
    for steps in cx.steps_by_revision() {
        let Some(first) = steps.first() else { continue };
        let Some(revision) = cx.history.revisions.get(first.revision as usize) else { continue };
        if is_wrapped(revision) || (unknown && !steps.iter().any(|at| runs_alone(at.operation).is_some())) {
            continue;
        }
        out.look();
        // One statement is done or not; a transaction too.
        let changes = steps.iter().filter(|at| at.block == 0 && !at.effects.is_empty()).count()
            + steps.iter().map(|at| at.block).filter(|b| *b != 0).collect::<BTreeSet<u32>>().len();
        let bare: Vec<&At<'_>> =
            steps.iter().filter(|at| at.block == 0 && !at.effects.is_empty() && is_unguarded(at.operation)).collect();
        let Some(place) = bare.first().filter(|_| changes > 1) else { continue };
        let Some(subject) = cx.revision(first.revision) else { continue };
        let message = format!(
            "`{}` is no transaction, and {} cannot run a second time.",
            subject.path,
            number(bare.len(), "of its statements", "of its statements")
        );
        let _ = out.report_about(subject, place.operation.span, message);
    }
}
