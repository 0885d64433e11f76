use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::{drop_index, only_excludes_nulls, same_predicate};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, KeyTarget, ObjectId, StoredExpr, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-vector-index",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Two nearest-neighbour indexes serve the same vector column and distance.",
    why: "Indexes on vectors are the largest and slowest to maintain of all: an HNSW graph often takes more space than its table. For one distance \
          the planner uses one of them. Most often the older IVFFlat index stayed behind when an HNSW index was added. pgvector documentation, \
          \"Indexing\".",
    fires: examples![
        // No such index holds rows without a vector.
        "CREATE EXTENSION vector;\nCREATE TABLE pages (id bigint PRIMARY KEY, meaning vector(3));\nCREATE INDEX a ON pages USING ivfflat (meaning vector_cosine_ops);\n«CREATE INDEX b ON pages USING ivfflat (meaning vector_cosine_ops) WHERE meaning IS NOT NULL»;",
        "CREATE EXTENSION vector;\nCREATE TABLE pages (id bigint PRIMARY KEY, meaning vector(3));\n«CREATE INDEX a ON pages USING ivfflat (meaning vector_cosine_ops)»;\nCREATE INDEX b ON pages USING hnsw (meaning vector_cosine_ops);",
    ],
    silent: examples![
        "CREATE EXTENSION vector;\nCREATE TABLE pages (id bigint PRIMARY KEY, meaning vector(3), open boolean);\nCREATE INDEX a ON pages USING hnsw (meaning vector_l2_ops);\nCREATE INDEX b ON pages USING hnsw (meaning vector_cosine_ops);",
    ],
    supersedes: &["duplicate-index"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        let ann: Vec<(IndexId, &Index)> =
            cx.schema.indexes_of(table).filter(|(_, i)| matches!(i.method.as_str(), "ivfflat" | "hnsw")).collect();
        for (at, (id, index)) in ann.iter().enumerate() {
            out.look();
            let same = |other: &Index| {
                let key = |i: &Index| i.keys.first().map(|k| (column(k), k.opclass.clone()));
                key(index).is_some_and(|k| k.0.is_some())
                    && key(index) == key(other)
                    && same_predicate(predicate(table, index), predicate(table, other))
            };
            // Of an IVFFlat and an HNSW index the IVFFlat one goes, of two alike the later.
            let better = ann.iter().enumerate().find(|(other_at, (_, other))| {
                *other_at != at
                    && same(other)
                    && (other.method == "hnsw", *other_at < at) > (index.method == "hnsw", at < *other_at)
            });
            let Some((_, (better_id, better))) = better else { continue };
            let message = format!(
                "`{}` ({}) and `{}` ({}) index the same vectors of `{}` for the same distance.",
                index.name,
                index.method,
                better.name,
                better.method,
                cx.table_name(table_id)
            );
            let fix = drop_index(cx, *id).map(|sql| Fix {
                sql,
                caution: Some("Compare recall and speed of your own queries first. DROP INDEX CONCURRENTLY does not run inside a transaction block.".to_owned()),
            });
            let mut draft = out
                .report(ObjectId::Index(*id), index.span, message)
                .object(ObjectId::Index(*better_id))
                .also_at(better.span)
                .maybe_fix(fix);
            if let Some(c) = index.keys.first().and_then(column) {
                draft = draft.object(ObjectId::Column(table_id, c));
            }
            let _ = draft;
        }
    }
}

/// The rows that an index leaves out, save those without a vector, which no such index holds.
fn predicate<'a>(table: &Table, index: &'a Index) -> Option<&'a StoredExpr> {
    let columns: Vec<_> = index.keys.first().and_then(column).into_iter().collect();
    index.predicate.as_ref().filter(|_| !only_excludes_nulls(table, index, &columns))
}

fn column(key: &crate::schema::Key) -> Option<crate::schema::ColumnNumber> {
    match key.target {
        KeyTarget::Column(c) => Some(c),
        KeyTarget::Expression(_) => None,
    }
}
