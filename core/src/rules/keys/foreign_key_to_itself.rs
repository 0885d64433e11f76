use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-to-itself",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A foreign key refers from columns to the same columns of the same table.",
    why: "Each row refers to itself, so that the foreign key holds always and checks nothing, but costs every write. Most often the name of the \
          referenced table is a slip. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples!["CREATE TABLE accounts (id bigint PRIMARY KEY «REFERENCES accounts (id)»);"],
    silent: examples!["CREATE TABLE accounts (id bigint PRIMARY KEY, parent bigint REFERENCES accounts (id));"],
    supersedes: &["foreign-key-no-delete-action", "foreign-key-not-indexed"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            out.look();
            if fk.references != id || fk.columns != constraint.columns {
                continue;
            }
            let message = format!("`{}` of `{}` makes each row refer to itself.", constraint.name, cx.table_name(id));
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message).object(ObjectId::Table(id)).fix(
                Fix {
                    sql: format!("ALTER TABLE {} DROP CONSTRAINT {};", cx.table_sql(id), quote(&constraint.name)),
                    caution: Some("Add it again with the table that was meant.".to_owned()),
                },
            );
        }
    }
}
