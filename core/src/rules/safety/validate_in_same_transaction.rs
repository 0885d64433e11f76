use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, OperationKind};
use crate::replay::Effect;
use crate::rules::support::locked_out;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "validate-in-same-transaction",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A constraint is validated in the transaction that added it, or that locks the table already.",
    why: "NOT VALID and VALIDATE are two steps so that the long one runs without the lock of the short one. In one transaction the lock \
          of the first step stays until the end: the table is read while everyone waits, as if NOT VALID had not been there. Validate \
          in a later migration. PostgreSQL manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT «positive»;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\n-- file: 3_validate.sql\nBEGIN;\nALTER TABLE orders ALTER COLUMN note DROP DEFAULT;\nALTER TABLE orders VALIDATE CONSTRAINT «positive»;\nCOMMIT;",
    ],
    silent: examples![
        "-- file: V1__base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: V2__change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\n-- file: V3__validate.sql\nALTER TABLE orders VALIDATE CONSTRAINT positive;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nBEGIN;\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;\nCOMMIT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // The tables that nobody else may use, in the transaction at hand.
    let (mut block, mut held): (u32, Vec<TableId>) = (0, Vec::new());
    for at in cx.steps() {
        if at.block != block {
            block = at.block;
            held.clear();
        }
        let OperationKind::AlterTable(alter) = &at.operation.kind else {
            held.extend(if block == 0 { Vec::new() } else { locked_out(cx, at) });
            continue;
        };
        for (action, _) in &alter.actions {
            let AlterTableAction::ValidateConstraint { name } = action else { continue };
            let valid = at.effects.iter().filter_map(|e| match e {
                Effect::Altered(ObjectId::Constraint(id)) => Some((*id, cx.schema.constraints.get(*id)?)),
                _ => None,
            });
            for (id, constraint) in valid {
                if !cx.is_old(constraint.table, at.revision) || constraint.dropped.is_some() {
                    continue;
                }
                out.look();
                let together =
                    cx.born(ObjectId::Constraint(id)).is_some_and(|b| b.block == block || b.number == at.number);
                if block == 0 || !(together || held.contains(&constraint.table)) {
                    continue;
                }
                let table = cx.table_name(constraint.table);
                let message = if together {
                    format!(
                        "`{}` is validated in the transaction that added it, so `{table}` stays locked meanwhile.",
                        constraint.name
                    )
                } else {
                    format!("`{}` is validated in a transaction that keeps everyone out of `{table}`.", constraint.name)
                };
                let _ = cx
                    .report_step(out, at, ObjectId::Constraint(id), name.span, message)
                    .object(ObjectId::Table(constraint.table))
                    .evidence("Validated in a later migration, it lets reads and writes go on.".to_owned());
            }
        }
        if block != 0 {
            held.extend(locked_out(cx, at));
        }
    }
}
