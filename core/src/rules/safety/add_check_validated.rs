use crate::finding::{Certainty, Severity};
use crate::operation::{ColumnConstraintKind, ConstraintDef, ConstraintDefKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-check-validated",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A CHECK is added to an existing table and every row is read under ACCESS EXCLUSIVE.",
    why: "ADD CHECK reads the whole table while nobody else may read or write it. Added NOT VALID it holds for new rows at once and \
          takes the lock only for a moment; VALIDATE CONSTRAINT later reads the table while reads and writes go on. PostgreSQL manual, \
          ALTER TABLE, \"ADD table_constraint [ NOT VALID ]\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD «CONSTRAINT positive CHECK (total >= 0)»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN state text DEFAULT 'new' «CHECK (state IN ('new', 'paid'))»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\n-- file: 3_validate.sql\nALTER TABLE orders VALIDATE CONSTRAINT positive;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0);\nALTER TABLE orders DROP CONSTRAINT positive;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        for (id, constraint, span) in
            a.added_constraints(cx, is_checked_at_once, |k| matches!(k, ColumnConstraintKind::Check(_)))
        {
            out.look();
            let message = format!(
                "`{}` is checked against every row while nobody may read or write `{}`.",
                constraint.name,
                cx.table_name(a.id)
            );
            let _ = cx
                .report_step(out, a.at, ObjectId::Constraint(id), span, message)
                .object(ObjectId::Table(a.id))
                .evidence(
                    "Add it NOT VALID, and VALIDATE CONSTRAINT in a later migration: that lets reads and writes go on."
                        .to_owned(),
                );
        }
    }
}

fn is_checked_at_once(def: &ConstraintDef) -> bool {
    matches!(def.kind, ConstraintDefKind::Check(_)) && !def.attributes.not_valid && !def.attributes.not_enforced
}
