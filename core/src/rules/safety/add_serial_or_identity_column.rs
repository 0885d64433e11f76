use crate::finding::{Certainty, Severity};
use crate::operation::ColumnConstraintKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-serial-or-identity-column",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A serial or identity column is added to an existing table: every row is written anew.",
    why: "Each row gets the next value of the new sequence, so that PostgreSQL writes the whole table and its indexes while nobody else \
          may use it. A bigint column, a sequence as its default from then on, and old rows filled in batches come to the same. \
          PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «number» bigserial;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN «number» bigint GENERATED ALWAYS AS IDENTITY;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD COLUMN number bigserial;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN number bigint;",
        "-- file: 1_base.sql\nCREATE TABLE t (id bigint NOT NULL);\n-- file: 2_change.sql\nALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let Some((number, column, def)) = a.new_column() else { continue };
        out.look();
        let identity = def.constraints.iter().any(|c| matches!(c.kind, ColumnConstraintKind::Identity { .. }));
        if !identity && !column.serial {
            continue;
        }
        let message = format!(
            "`{}` numbers the rows that are there: all of `{}` is written anew while nobody may use it.",
            cx.column_name(a.id, number),
            cx.table_name(a.id)
        );
        let _ = cx.report_step(out, a.at, ObjectId::Column(a.id, number), def.name.span, message).evidence(
            "A plain column, a sequence as its default, and old rows filled in batches need no such lock.".to_owned(),
        );
    }
}
