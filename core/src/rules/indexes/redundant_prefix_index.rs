use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{drop_index, implies, index_text, is_btree, same_key};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "redundant-prefix-index",
    category: Category::Indexes,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "The keys of a B-tree index are the first keys of another one that serves the same rows.",
    why: "An index on (a, b) answers everything that one on (a) answers, only from somewhat larger pages; the shorter one costs writes, space \
          and cache. The rule compares method, order, operator class and collation of each key, never calls a unique index redundant (it is a \
          rule about data, not only a way to find it), and accepts a partial index only where its rows are among those of the other. \
          PostgreSQL manual, 11.3 \"Multicolumn Indexes\".",
    fires: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, at date);\n«CREATE INDEX by_customer ON orders (customer)»;\nCREATE INDEX by_customer_at ON orders (customer, at);",
        "CREATE TABLE members (club bigint, person bigint, PRIMARY KEY (club, person));\n«CREATE INDEX members_club ON members (club)»;",
        // Its rows are all in the other one.
        "CREATE TABLE jobs (id bigint PRIMARY KEY, state text, at date);\n«CREATE INDEX pending ON jobs (at) WHERE state = 'pending'»;\nCREATE INDEX open ON jobs (at) WHERE state IN ('pending', 'running');",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, at date);\nCREATE UNIQUE INDEX by_customer ON orders (customer);\nCREATE INDEX by_customer_at ON orders (customer, at);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, at date);\nCREATE INDEX by_at ON orders (at);\nCREATE INDEX by_customer_at ON orders (customer, at);",
        "CREATE TABLE words (id bigint PRIMARY KEY, word text, tags text[]);\nCREATE INDEX a ON words (word text_pattern_ops);\nCREATE INDEX b ON words (word, id);\nCREATE INDEX c ON words USING gin (tags);",
        "CREATE TABLE orders (id bigint PRIMARY KEY, at date, n integer);\nCREATE INDEX a ON orders (at DESC);\nCREATE INDEX b ON orders (at, n);",
        // Fewer rows in the longer one.
        "CREATE TABLE orders (id bigint PRIMARY KEY, at date, n integer, open boolean);\nCREATE INDEX a ON orders (at);\nCREATE INDEX b ON orders (at, n) WHERE open;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        let indexes: Vec<(IndexId, &Index)> = cx.schema.indexes_of(table).collect();
        for (id, index) in &indexes {
            out.look();
            if index.unique || index.constraint.is_some() || index.parent.is_some() || !index.include.is_empty() {
                continue;
            }
            let Some((wider_id, wider)) = indexes.iter().find(|(other, wider)| other != id && is_prefix(index, wider))
            else {
                continue;
            };
            let name = |i: &Index| index_text(cx, table_id, i);
            let same_length = index.keys.len() == wider.keys.len();
            let message = if !same_length {
                format!("{} is the front of {}, which serves the same lookups.", name(index), name(wider))
            } else if wider.unique {
                format!("{} has the same keys as the unique {}.", name(index), name(wider))
            } else {
                format!("{} has the same keys as {}, and every row of it is in that one too.", name(index), name(wider))
            };
            let fix = drop_index(cx, *id).map(|sql| Fix {
                sql,
                caution: Some(
                    "A narrow index may stay worth its cost on a hot path: look at pg_stat_user_indexes first. DROP INDEX CONCURRENTLY does \
                     not run inside a transaction block."
                        .to_owned(),
                ),
            });
            out.report(ObjectId::Index(*id), index.span, message)
                .object(ObjectId::Index(*wider_id))
                .object(ObjectId::Table(table_id))
                .also_at(wider.span)
                .maybe_fix(fix);
        }
    }
}

/// Whether `wider` starts with all keys of `index` and holds all its rows. Of two with the same keys and rows neither is the front of the
/// other, except that a unique one holds the place of a plain one.
fn is_prefix(index: &Index, wider: &Index) -> bool {
    let same_length = index.keys.len() == wider.keys.len();
    is_btree(index)
        && is_btree(wider)
        && wider.valid
        && wider.keys.len() >= index.keys.len()
        && index.keys.iter().zip(&wider.keys).all(|(a, b)| same_key(a, b))
        && match (&index.predicate, &wider.predicate) {
            // A unique constraint over the same keys is another rule's: index-repeats-constraint.
            (None, None) => !same_length || (wider.unique && wider.constraint.is_none()),
            (Some(_), None) => false,
            (None, Some(_)) => false,
            (Some(narrow), Some(wide)) => {
                let (narrow, wide) = (narrow.source.tree(), wide.source.tree());
                implies(narrow, wide) && (!same_length || wider.unique || !implies(wide, narrow))
            }
        }
}
