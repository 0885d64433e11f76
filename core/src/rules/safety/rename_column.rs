use crate::finding::{Certainty, Severity};
use crate::operation::{ObjectKind, OperationKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rename-column",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column is renamed while programs that were deployed before use its old name.",
    why: "Between the migration and the last restart of the old programs each of their statements with the old name fails. Add the new \
          column, write both, move readers over, and drop the old one; or rename the table and leave a view with the old names. \
          PostgreSQL manual, ALTER TABLE, \"RENAME\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders RENAME COLUMN «note» TO remark;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders RENAME COLUMN note TO remark;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN memo text;\nALTER TABLE orders RENAME COLUMN memo TO remark;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders RENAME COLUMN note TO remark;\n-- file: 3_drop.sql\nALTER TABLE orders DROP COLUMN remark;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::Rename { target, to, .. } = &at.operation.kind else { continue };
        let Some(part) = target.part.as_ref().filter(|_| target.kind == ObjectKind::Column) else { continue };
        // The first is the column that the statement names; children follow.
        let renamed = at.effects.iter().find_map(|e| match e {
            Effect::Altered(ObjectId::Column(table, column)) => Some((*table, *column)),
            _ => None,
        });
        let Some((table, column)) = renamed.filter(|(t, _)| cx.is_old(*t, at.revision)) else { continue };
        let subject = ObjectId::Column(table, column);
        if cx.schema.column(table, column).is_none() || !cx.was_before(subject, at.revision) {
            continue;
        }
        out.look();
        let message = format!(
            "`{}` of `{}` becomes `{}`: programs that still use the old name fail.",
            part.fold(),
            cx.table_name(table),
            to.fold()
        );
        let _ = cx.report_step(out, at, subject, part.span, message);
    }
}
