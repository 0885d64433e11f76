use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::support::locked;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-lock-timeout",
    category: Category::MigrationSafety,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "A migration locks an existing table and sets no lock_timeout or statement_timeout.",
    why: "A statement that waits for a lock makes everyone wait who comes after it. With a lock_timeout of a few seconds the migration \
          fails instead, and can be tried again. Many runners set one for the whole session; that is why this rule has to be asked for. \
          PostgreSQL manual, 19.11 \"Client Connection Defaults\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE «orders» ADD COLUMN state text;\nALTER TABLE customers ADD COLUMN state text;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nSET lock_timeout = '2s';\nALTER TABLE orders ADD COLUMN state text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nCREATE INDEX ON orders (note);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY ON orders (note);",
    ],
    supersedes: &[],
    check,
};

/// Any of these keeps a wait from going on for ever.
const TIMEOUTS: &[&str] =
    &["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for steps in cx.steps_by_revision() {
        out.look();
        let sets = |kind: &OperationKind| matches!(kind, OperationKind::SetParameter { name, .. } if TIMEOUTS.iter().any(|t| name.eq_ignore_ascii_case(t)));
        if steps.iter().any(|at| sets(&at.operation.kind)) {
            continue;
        }
        let concurrently = |kind: &OperationKind| matches!(kind, OperationKind::CreateIndex(i) if i.concurrently);
        let first = steps
            .iter()
            .filter(|at| !concurrently(&at.operation.kind))
            .find_map(|at| locked(cx, *at).first().copied().map(|table| (*at, table)));
        let Some((at, table)) = first else { continue };
        let place = match &at.operation.kind {
            OperationKind::AlterTable(alter) => alter.name.span(),
            _ => at.operation.span,
        };
        let message = format!("Nothing limits how long it waits for its lock on `{}`.", cx.table_name(table));
        let Some(revision) = cx.revision(at.revision) else { continue };
        let _ = out.report_about(revision, place, message).object(ObjectId::Table(table));
    }
}
