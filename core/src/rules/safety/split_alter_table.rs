use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ColumnConstraintKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::At;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "split-alter-table",
    category: Category::MigrationSafety,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "Several ALTER TABLE statements in a row on one existing table could be one.",
    why: "Each takes the lock anew, waits for it anew, and where it has to read or write the table, does so anew. One ALTER TABLE takes \
          several actions and goes over the table once. It is told where two of the statements read or write the whole table, or where each is a transaction of its own and so \
          waits in the queue for the lock; otherwise there is nothing to gain. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE «orders» ADD COLUMN state text;\nALTER TABLE orders ADD COLUMN kind text;\nALTER TABLE orders ALTER COLUMN note SET DEFAULT '';",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total int, note varchar(80));\n-- file: 2_change.sql\nBEGIN;\nALTER TABLE «orders» ALTER COLUMN total TYPE bigint;\nALTER TABLE orders ALTER COLUMN note SET NOT NULL;\nCOMMIT;",
    ],
    silent: examples![
        // In one transaction the lock is taken once, and neither statement reads the table.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, note varchar(80));\n-- file: 2_change.sql\nBEGIN;\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nALTER TABLE orders FORCE ROW LEVEL SECURITY;\nCOMMIT;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text, ADD COLUMN kind text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE customers ADD COLUMN kind text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD COLUMN state text;\nALTER TABLE orders ADD COLUMN kind text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;",
        // In one statement the check would be dropped first, and the table read once more.
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2), CONSTRAINT filled CHECK (total IS NOT NULL));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT filled;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for steps in cx.steps_by_revision() {
        let mut run: Vec<At<'_>> = Vec::new();
        let mut of: Option<TableId> = None;
        for at in steps.iter().copied().map(Some).chain([None]) {
            let table = at.and_then(|at| joinable(cx, at));
            let together = run.last().zip(at).is_none_or(|(last, next)| !spoils(*last, next));
            if table.is_some() && table == of && together {
                run.extend(at);
                continue;
            }
            if let (Some(table), Some(first)) = (of, run.first().copied())
                && run.len() > 1
                && gains(&run)
                && let OperationKind::AlterTable(alter) = &first.operation.kind
            {
                let message = format!(
                    "{} ALTER TABLE statements in a row on `{}` could be one.",
                    run.len(),
                    cx.table_name(table)
                );
                let _ = cx.report_step(out, first, ObjectId::Table(table), alter.name.span(), message);
            }
            of = table;
            run.clear();
            run.extend(at.filter(|_| table.is_some()));
            if table.is_some() {
                out.look();
            }
        }
    }
}

/// Whether the second statement would spoil the first in one with it: what is dropped goes first, and the check that tells SET NOT NULL that there are no
/// nulls is gone when it looks. Source: PostgreSQL 15, which says so with `client_min_messages = debug1`.
fn spoils(first: At<'_>, second: At<'_>) -> bool {
    let has = |at: At<'_>, what: fn(&AlterTableAction) -> bool| match &at.operation.kind {
        OperationKind::AlterTable(alter) => alter.actions.iter().any(|(a, _)| what(a)),
        _ => false,
    };
    has(first, |a| matches!(a, AlterTableAction::SetNotNull { .. }))
        && has(second, |a| matches!(a, AlterTableAction::DropConstraint { .. }))
}

/// Whether one statement would be better than these: less waiting, or fewer passes over the table.
fn gains(run: &[At<'_>]) -> bool {
    let passes = run.iter().filter(|at| match &at.operation.kind {
        OperationKind::AlterTable(alter) => alter.actions.iter().any(|(a, _)| goes_over(a)),
        _ => false,
    });
    run.iter().any(|at| at.block == 0) || passes.count() > 1
}

/// Whether an action reads or writes all rows.
fn goes_over(action: &AlterTableAction) -> bool {
    match action {
        AlterTableAction::SetType { .. }
        | AlterTableAction::SetNotNull { .. }
        | AlterTableAction::SetLogged(_)
        | AlterTableAction::SetTablespace(_)
        | AlterTableAction::SetAccessMethod(_) => true,
        AlterTableAction::AddConstraint(c) => !c.attributes.not_valid,
        AlterTableAction::AddColumn { column, .. } => column.constraints.iter().any(|c| {
            matches!(
                c.kind,
                ColumnConstraintKind::Generated { stored: true, .. }
                    | ColumnConstraintKind::Identity { .. }
                    | ColumnConstraintKind::PrimaryKey(_)
                    | ColumnConstraintKind::Unique(_)
                    | ColumnConstraintKind::Check(_)
            )
        }),
        _ => false,
    }
}

/// The existing table of an ALTER TABLE whose actions may stand beside others.
fn joinable(cx: &Context<'_>, at: At<'_>) -> Option<TableId> {
    let OperationKind::AlterTable(alter) = &at.operation.kind else { return None };
    let alone = alter.actions.iter().any(|(a, _)| {
        matches!(
            a,
            AlterTableAction::ValidateConstraint { .. }
                | AlterTableAction::AttachPartition { .. }
                | AlterTableAction::DetachPartition { .. }
                | AlterTableAction::AttachIndex { .. }
        )
    });
    let table = at.effects.iter().find_map(|e| match e {
        Effect::Altered(ObjectId::Table(t)) => Some(*t),
        _ => None,
    });
    table.filter(|t| !alone && at.operation.guards.is_empty() && cx.is_old(*t, at.revision))
}
