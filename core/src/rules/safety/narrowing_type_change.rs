use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::AlterTableAction;
use crate::rules::support::loses;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "narrowing-type-change",
    category: Category::MigrationSafety,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A column's new type holds less than the old one.",
    why: "ALTER COLUMN TYPE fails at the first value that does not fit, or cuts off what the new type does not keep: digits behind the \
          point, the time zone, the time of day. What was cut off cannot be brought back by changing the type again. PostgreSQL manual, \
          ALTER TABLE, \"SET DATA TYPE\", and chapter 8, \"Data Types\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «note» TYPE varchar(20);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «total» TYPE numeric(8,2);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN «customer_id» TYPE integer;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN note TYPE text;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total TYPE numeric(12,4);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ALTER COLUMN note TYPE varchar(20);",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total numeric(10,2));\n-- file: 2_change.sql\nALTER TABLE orders ALTER COLUMN total TYPE bigint USING (total * 100)::bigint;",
    ],
    supersedes: &["change-column-type"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::SetType { column, using, .. } = a.action else { continue };
        out.look();
        // What is worked out anew is what its author says: euros times a hundred are cents.
        if using.as_ref().is_some_and(|u| !matches!(u.tree().without_casts(), Tree::Column(_))) {
            continue;
        }
        let Some((number, from, to)) = cx.type_change(&a) else { continue };
        if !cx.was_before(ObjectId::Column(a.id, number), a.at.revision) {
            continue;
        }
        let Some(lost) = loses(cx.schema, from, to) else { continue };
        let message = format!(
            "`{}` goes from `{}` to `{}`, which cannot hold {lost}: values are cut off, or the statement fails.",
            cx.column_name(a.id, number),
            from.display(cx.schema),
            to.display(cx.schema)
        );
        let _ = cx.report_step(out, a.at, ObjectId::Column(a.id, number), column.span, message);
    }
}
