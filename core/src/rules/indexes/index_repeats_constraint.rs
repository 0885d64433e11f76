use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{drop_index, is_btree, same_key};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Constraint, ConstraintKind, Index, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "index-repeats-constraint",
    category: Category::Indexes,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "An index has exactly the columns of a primary key or unique constraint.",
    why: "PRIMARY KEY and UNIQUE create their own index. A second one over the same columns in the same order answers nothing new and costs \
          every write. PostgreSQL manual, 11.6 \"Unique Indexes\": there is no need to create indexes on unique columns by hand.",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);\n«CREATE INDEX users_email ON users (email)»;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\n«CREATE UNIQUE INDEX users_id ON users (id)»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);\nCREATE INDEX users_email ON users (email text_pattern_ops);\nCREATE INDEX users_email_lower ON users (lower(email));",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE, gone boolean);\nCREATE INDEX users_email ON users (email) WHERE NOT gone;",
        "CREATE TABLE pairs (a bigint, b bigint, PRIMARY KEY (a, b));\nCREATE INDEX pairs_b ON pairs (b, a);",
    ],
    supersedes: &["redundant-unique-index"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none() && i.parent.is_none()) {
            out.look();
            let repeated = cx.schema.indexes_of(table).find_map(|(_, other)| {
                let constraint = other.constraint.filter(|_| other.unique && repeats(index, other))?;
                Some((constraint, cx.schema.constraints.get(constraint)?, other))
            });
            let Some((constraint_id, constraint, behind)) = repeated else { continue };
            let kind = if behind.primary { "primary key" } else { "unique constraint" };
            let message = format!(
                "`{}` indexes exactly the columns of the {kind} `{}`, which has an index of its own.",
                index.name, constraint.name
            );
            // A foreign key may rest on a unique index; PostgreSQL then refuses to drop it.
            let rests = |c: &Constraint| matches!(&c.kind, ConstraintKind::ForeignKey(fk) if fk.index == Some(id));
            let keys = cx.schema.references_to(table_id);
            let carries = keys.iter().filter_map(|c| cx.schema.constraints.get(*c)).any(rests);
            let fix = drop_index(cx, id).filter(|_| !carries).map(|sql| Fix {
                sql,
                caution: Some("DROP INDEX CONCURRENTLY does not run inside a transaction block.".to_owned()),
            });
            out.report(ObjectId::Index(id), index.span, message)
                .object(ObjectId::Constraint(constraint_id))
                .object(ObjectId::Table(table_id))
                .also_at(constraint.span)
                .maybe_fix(fix);
        }
    }
}

/// Whether an index has the keys of another one, for all rows, and nothing beside them.
fn repeats(index: &Index, other: &Index) -> bool {
    is_btree(index)
        && is_btree(other)
        && index.predicate.is_none()
        && index.include.is_empty()
        && !(index.unique && index.nulls_not_distinct && !other.nulls_not_distinct)
        && index.keys.len() == other.keys.len()
        && index.keys.iter().zip(&other.keys).all(|(a, b)| same_key(a, b))
}
