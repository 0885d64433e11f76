use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::support::{changes_rows, locked_out};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "backfill-with-ddl",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Rows are changed in a transaction that keeps everyone out of a table already.",
    why: "ALTER TABLE takes ACCESS EXCLUSIVE and keeps it until the transaction ends. When a data change follows in the same \
          transaction, all who read or write the table wait for as long as that takes. Change the schema in one migration and the rows \
          in another, in batches. PostgreSQL manual, 13.3.1 \"Table-Level Locks\".",
    fires: examples![
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN state text;\nUPDATE «orders» SET state = 'new' WHERE state IS NULL;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text;\nUPDATE orders SET state = 'new' WHERE state IS NULL;",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN state text;\n-- file: V3__fill.sql\nUPDATE orders SET state = 'new' WHERE state IS NULL;",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nCREATE TABLE states (id bigint PRIMARY KEY);\nINSERT INTO states VALUES (1);",
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD COLUMN state text;\nINSERT INTO customers VALUES (1, 'a@example.com');",
    ],
    supersedes: &["statements-after-strong-lock"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (mut block, mut held, mut told): (u32, Vec<(TableId, Span)>, bool) = (0, Vec::new(), false);
    for at in cx.steps() {
        if at.block != block {
            (block, told) = (at.block, false);
            held.clear();
        }
        if block == 0 || told {
            continue;
        }
        let changed = if held.is_empty() { Vec::new() } else { changes_rows(cx, at) };
        if let (Some(changed), Some((locked, place)), OperationKind::Dml { tables, .. }) =
            (changed.first(), held.first(), &at.operation.kind)
        {
            told = true;
            let message = format!(
                "Rows of `{}` are changed while the transaction keeps everyone out of `{}`.",
                cx.table_name(*changed),
                cx.table_name(*locked)
            );
            let Some(revision) = cx.revision(at.revision) else { continue };
            let span = tables.last().map_or(at.operation.span, |t| t.span());
            let _ = out
                .report_about(revision, span, message)
                .object(ObjectId::Table(*changed))
                .object(ObjectId::Table(*locked))
                .also_at(*place);
        }
        let mut locks = locked_out(cx, at);
        // Nobody waits for a table that goes.
        locks.retain(|t| cx.is_old(*t, at.revision));
        if !locks.is_empty() {
            out.look();
        }
        held.extend(locks.into_iter().map(|t| (t, at.operation.span)));
    }
}
