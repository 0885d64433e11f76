use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{drop_index, index_text, same_key, same_predicate};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-index",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Two indexes of a table are the same in all but their names.",
    why: "Every write to the table maintains both, both take space and cache, and the planner uses one of them. Method, keys with their order, \
          operator classes and collations, INCLUDE columns, predicate and uniqueness are compared; where a constraint or the replica \
          identity rests on one of them, that one stays. PostgreSQL manual, 11 \"Indexes\".",
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint);\nCREATE INDEX posts_author ON posts (author);\n«CREATE INDEX idx_posts_author ON posts (author)»;",
        "CREATE TABLE posts (id bigint PRIMARY KEY, at date, open boolean);\nCREATE INDEX a ON posts (at DESC) WHERE open;\n«CREATE INDEX b ON posts (at DESC) WHERE (open)»;",
    ],
    silent: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, at date, open boolean);\nCREATE INDEX a ON posts (at);\nCREATE INDEX b ON posts (at) WHERE open;\nCREATE INDEX c ON posts (at DESC NULLS LAST);\nCREATE INDEX d ON posts USING hash (at);\nCREATE INDEX e ON posts (at) INCLUDE (open);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX a ON users (email);\nCREATE INDEX b ON users (lower(email));\nCREATE INDEX c ON users (email text_pattern_ops);",
    ],
    supersedes: &["redundant-prefix-index", "redundant-unique-index"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        let indexes: Vec<(IndexId, &Index)> = cx.schema.indexes_of(table).collect();
        for (at, (id, index)) in indexes.iter().enumerate() {
            out.look();
            // The later of two goes, unless a constraint rests on it and not on the earlier one: then that rule speaks, not this one.
            if index.constraint.is_some() || index.parent.is_some() {
                continue;
            }
            let twin = indexes.iter().take(at).find(|(_, other)| other.constraint.is_none() && same(index, other));
            let Some((twin_id, twin)) = twin else { continue };
            let message = format!("{} repeats {}.", index_text(cx, table_id, index), index_text(cx, table_id, twin));
            let fix = drop_index(cx, *id).map(|sql| Fix {
                sql,
                caution: Some("Make sure that no code names the index (hints, ON CONFLICT never does). DROP INDEX CONCURRENTLY does not run inside a transaction block.".to_owned()),
            });
            out.report(ObjectId::Index(*id), index.span, message)
                .object(ObjectId::Index(*twin_id))
                .object(ObjectId::Table(table_id))
                .also_at(twin.span)
                .maybe_fix(fix);
        }
    }
}

fn same(a: &Index, b: &Index) -> bool {
    a.method == b.method
        && a.unique == b.unique
        && a.nulls_not_distinct == b.nulls_not_distinct
        && a.valid == b.valid
        && a.keys.len() == b.keys.len()
        && a.keys.iter().zip(&b.keys).all(|(x, y)| same_key(x, y))
        && a.include == b.include
        && same_predicate(a.predicate.as_ref(), b.predicate.as_ref())
        && a.options == b.options
}
