use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ColumnConstraintKind, ConstraintDefKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId, TableKind};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "add-fk-validated",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A foreign key is added to an existing table and checked at once, under a lock.",
    why: "ADD FOREIGN KEY checks every row while SHARE ROW EXCLUSIVE keeps writes out of both tables. Added NOT VALID it takes the lock \
          only for a moment; VALIDATE CONSTRAINT later reads the table while writes go on. For a table that the same migration makes, \
          and for a new column without a default, there is nothing to check. PostgreSQL manual, ALTER TABLE, \"ADD table_constraint [ \
          NOT VALID ]\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD «CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN agent_id bigint DEFAULT 1 «REFERENCES customers (id)»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n-- file: 3_validate.sql\nALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD COLUMN agent_id bigint REFERENCES customers (id);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let spans: Vec<Span> = match a.action {
            AlterTableAction::AddConstraint(def)
                if matches!(def.kind, ConstraintDefKind::ForeignKey { .. })
                    && !def.attributes.not_valid
                    && !def.attributes.not_enforced =>
            {
                vec![def.span]
            }
            // A new column without a default holds nulls only; the check is left out.
            AlterTableAction::AddColumn { column, .. }
                if column.constraints.iter().any(|c| matches!(c.kind, ColumnConstraintKind::Default(_))) =>
            {
                let references = |k: &ColumnConstraintKind| matches!(k, ColumnConstraintKind::References(_));
                column.constraints.iter().filter(|c| references(&c.kind)).map(|c| c.span).collect()
            }
            _ => continue,
        };
        for span in spans {
            let Some((id, constraint)) = a.new_constraint(cx, span) else { continue };
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            out.look();
            let table = cx.table_name(a.id);
            let message = format!(
                "`{}` is checked against every row while writes to `{table}` and `{}` wait.",
                constraint.name,
                cx.table_name(key.references)
            );
            let advice = if a.table.kind == TableKind::Partitioned && cx.target.server_version < 18 {
                "A partitioned table takes no NOT VALID here before version 18: add the key to each partition NOT VALID, validate it there, then add it to the parent."
            } else {
                "Add it NOT VALID, and VALIDATE CONSTRAINT in a later migration: that lets writes go on."
            };
            let _ = cx
                .report_step(out, a.at, ObjectId::Constraint(id), span, message)
                .object(ObjectId::Table(a.id))
                .object(ObjectId::Table(key.references))
                .evidence(advice.to_owned());
        }
    }
}
