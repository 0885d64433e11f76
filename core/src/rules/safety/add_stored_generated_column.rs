use crate::finding::{Certainty, Severity};
use crate::operation::ColumnConstraintKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-stored-generated-column",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A stored generated column is added to an existing table: every row is written anew.",
    why: "GENERATED ALWAYS AS (…) STORED computes a value for each row that is there, so that PostgreSQL writes the whole table and its \
          indexes while nobody else may use it. A plain column that a trigger keeps and a backfill in batches, an index on the \
          expression, or (since version 18) a virtual column need no such lock. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «doubled» numeric GENERATED ALWAYS AS (total * 2) STORED;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD COLUMN doubled numeric GENERATED ALWAYS AS (total * 2) STORED;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE INDEX CONCURRENTLY orders_doubled ON orders ((total * 2));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let Some((number, _, def)) = a.new_column() else { continue };
        out.look();
        if !def.constraints.iter().any(|c| matches!(c.kind, ColumnConstraintKind::Generated { stored: true, .. })) {
            continue;
        }
        let message = format!(
            "`{}` is computed for every row: all of `{}` is written anew while nobody may use it.",
            cx.column_name(a.id, number),
            cx.table_name(a.id)
        );
        let _ = cx.report_step(out, a.at, ObjectId::Column(a.id, number), def.name.span, message);
    }
}
