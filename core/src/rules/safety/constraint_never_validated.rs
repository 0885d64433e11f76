use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "constraint-never-validated",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A constraint was added NOT VALID and never validated.",
    why: "NOT VALID spares the check of the rows that are there, so that the constraint holds for new rows only. It is the right first step on a busy \
          table; without VALIDATE CONSTRAINT as the second, old rows may break the rule for ever, and the planner does not rely on it. PostgreSQL \
          manual, ALTER TABLE, \"Notes\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);\nALTER TABLE orders ADD «CONSTRAINT positive CHECK (total >= 0) NOT VALID»;",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;",
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric CHECK (total >= 0));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, constraint) in cx.schema.constraints_of(table).filter(|(_, c)| c.inherit_count == 0) {
            let condition = match &constraint.kind {
                ConstraintKind::Check(check) => {
                    format!("`SELECT * FROM {} WHERE NOT ({});`", cx.table_sql(table_id), check.source.text)
                }
                ConstraintKind::ForeignKey(_) => "the rows without a referenced row".to_owned(),
                _ => continue,
            };
            out.look();
            // NOT ENFORCED is never to be validated.
            if constraint.validated || !constraint.enforced {
                continue;
            }
            let message = format!(
                "`{}` on `{}` was never validated: rows from before may break it.",
                constraint.name,
                cx.table_name(table_id)
            );
            out.report(ObjectId::Constraint(id), constraint.span, message).object(ObjectId::Table(table_id)).lasting().fix(Fix {
                sql: format!("ALTER TABLE {} VALIDATE CONSTRAINT {};", cx.table_sql(table_id), quote(&constraint.name)),
                caution: Some(format!(
                    "Reads the whole table while reads and writes go on. It fails while there are rows that break the rule; look for them first: \
                     {condition}."
                )),
            });
        }
    }
}
