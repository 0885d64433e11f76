use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{Cover, cover_key, index_for, index_text};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-index-partial",
    category: Category::Indexes,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "The only index on a foreign key leaves out rows that may refer to the deleted one.",
    why: "The check that PostgreSQL runs when a referenced row goes asks for all referencing rows, not only for those that the index's WHERE \
          clause keeps. It cannot use the index and reads the whole table. An index that leaves out nothing but nulls is fine. PostgreSQL \
          manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE jobs (id bigint PRIMARY KEY, open boolean, owner bigint «REFERENCES users»);\nCREATE INDEX jobs_owner ON jobs (owner) WHERE open;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE jobs (id bigint PRIMARY KEY, open boolean, owner bigint REFERENCES users);\nCREATE INDEX jobs_owner ON jobs (owner) WHERE owner IS NOT NULL;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE jobs (id bigint PRIMARY KEY, open boolean, owner bigint REFERENCES users);\nCREATE INDEX jobs_owner ON jobs (owner) WHERE open;\nCREATE INDEX jobs_owner_all ON jobs (owner);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            out.look();
            let Cover::Partial(index_id) = cover_key(cx.schema, table, &constraint.columns, fk) else { continue };
            let Some(index) = cx.schema.indexes.get(index_id) else { continue };
            let predicate = index.predicate.as_ref().map_or("", |p| &p.source.text);
            let message = format!(
                "The only index that starts with {} is {} with `WHERE {predicate}`; a delete in `{}` cannot use it.",
                cx.columns_text(id, &constraint.columns),
                index_text(cx, id, index),
                cx.table_name(fk.references)
            );
            let fix = index_for(cx, id, table, &constraint.columns).map(|sql| {
                Fix {
                sql,
                caution: Some(
                    "CONCURRENTLY does not run inside a transaction block. Keep the partial index where queries use it."
                        .to_owned(),
                ),
            }
            });
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message)
                .objects(constraint.columns.iter().map(|c| ObjectId::Column(id, *c)))
                .object(ObjectId::Index(index_id))
                .also_at(index.span)
                .maybe_fix(fix);
        }
    }
}
