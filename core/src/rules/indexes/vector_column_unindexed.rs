use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{extension_type, free_index_name, is_ann};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, KeyTarget, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "vector-column-unindexed",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A vector column has no index for nearest neighbours.",
    why: "Without one each search computes the distance to every row. That is exact, and fast enough for some ten thousand rows; beyond that \
          an HNSW index finds neighbours approximately in a fraction of the time. Its operator class must be that of the distance the queries \
          use: `vector_cosine_ops` for `<=>`, `vector_l2_ops` for `<->`, `vector_ip_ops` for `<#>`. pgvector manual, \"Indexing\"; PostgreSQL \
          manual, 11.2 \"Index Types\".",
    fires: examples!["CREATE EXTENSION vector;\nCREATE TABLE chunks (id bigint PRIMARY KEY, «embedding vector(384)»);"],
    silent: examples![
        "CREATE EXTENSION vector;\nCREATE TABLE chunks (id bigint PRIMARY KEY, embedding vector(384));\nCREATE INDEX ON chunks USING hnsw (embedding vector_cosine_ops);",
        // Through an expression over the column.
        "CREATE EXTENSION vector;\nCREATE TABLE chunks (id bigint PRIMARY KEY, embedding vector(3072));\nCREATE INDEX ON chunks USING hnsw ((embedding::halfvec(3072)) halfvec_cosine_ops);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let kind = |t| extension_type(cx.schema, t).filter(|kind| matches!(*kind, "vector" | "halfvec" | "sparsevec"));
    for (id, table, number, column) in cx.columns_of(|t| kind(t).is_some()) {
        out.look();
        let Some(kind) = kind(&column.data_type) else { continue };
        let indexed = cx.schema.indexes_of(table).any(|(_, i)| {
            is_ann(&i.method)
                && i.keys.iter().any(|k| match &k.target {
                    KeyTarget::Column(c) => *c == number,
                    KeyTarget::Expression(e) => e.references.iter().any(|r| r.target == ObjectId::Column(id, number)),
                })
        });
        if indexed {
            continue;
        }
        let message = format!("Each search by `{}` reads all of its rows.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message)
            .object(ObjectId::Table(id))
            .maybe_fix(fix(cx, id, table, column, kind));
    }
}

fn fix(cx: &Context<'_>, id: TableId, table: &Table, column: &Column, kind: &str) -> Option<Fix> {
    // HNSW takes vectors of a fixed number of dimensions, at most 2000 (4000 with half precision).
    let dimensions: u32 = column.data_type.modifiers.first()?.parse().ok()?;
    let most = match kind {
        "vector" => 2000,
        "halfvec" => 4000,
        _ => return None,
    };
    if dimensions > most || table.kind != TableKind::Ordinary {
        return None;
    }
    let name = free_index_name(cx, table, &[&column.name], "idx");
    Some(Fix {
        sql: format!(
            "CREATE INDEX CONCURRENTLY {} ON {} USING hnsw ({} {kind}_cosine_ops);",
            quote(&name),
            cx.table_sql(id),
            quote(&column.name)
        ),
        caution: Some(
            "Right where queries order by `<=>`, the cosine distance; for `<->` take the operator class that ends in l2_ops, for `<#>` ip_ops. \
             CONCURRENTLY does not run inside a transaction block."
                .to_owned(),
        ),
    })
}
