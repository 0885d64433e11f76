use crate::finding::{Certainty, Severity};
use crate::operation::{ColumnConstraintKind, ConstraintDef, ConstraintDefKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-unique-blocking",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A UNIQUE constraint on an existing table builds its index under ACCESS EXCLUSIVE.",
    why: "ADD UNIQUE builds an index while nobody else may read or write the table, and fails when two rows are alike. A unique index \
          that was built CONCURRENTLY becomes the constraint's own by USING INDEX, in a moment. PostgreSQL manual, ALTER TABLE, \"ADD \
          table_constraint_using_index\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD «CONSTRAINT orders_note_key UNIQUE (note)»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN code text «UNIQUE»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE (note);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE UNIQUE INDEX CONCURRENTLY orders_note_key ON orders (note);\nALTER TABLE orders ADD CONSTRAINT orders_note_key UNIQUE USING INDEX orders_note_key;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        for (id, constraint, span) in
            a.added_constraints(cx, builds_index, |k| matches!(k, ColumnConstraintKind::Unique(_)))
        {
            out.look();
            let message = format!(
                "The index for `{}` is built while nobody may read or write `{}`; duplicates make it fail.",
                constraint.name,
                cx.table_name(a.id)
            );
            let _ = cx
                .report_step(out, a.at, ObjectId::Constraint(id), span, message)
                .object(ObjectId::Table(a.id))
                .evidence(
                    "Build a unique index CONCURRENTLY first, then ADD CONSTRAINT … UNIQUE USING INDEX.".to_owned(),
                );
        }
    }
}

fn builds_index(def: &ConstraintDef) -> bool {
    matches!(&def.kind, ConstraintDefKind::Unique { options, .. } if options.using_index.is_none())
}
