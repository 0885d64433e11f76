use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{drop_index, free_index_name, is_ann};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, KeyTarget, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "ivfflat-fixed-lists",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "An IVFFlat index clusters a table's vectors once, when it is built.",
    why: "The lists of an IVFFlat index are the clusters of the rows that are there when it is built. Built by a migration, on an empty or \
          small table, it learns nothing of the data that comes later, and its number of lists does not follow the table's growth: recall \
          falls, unnoticed, until somebody rebuilds it. HNSW needs no training, and is what pgvector advises where memory allows. pgvector \
          manual, \"Indexing\"; PostgreSQL manual, REINDEX.",
    fires: examples![
        "CREATE EXTENSION vector;\nCREATE TABLE chunks (id bigint PRIMARY KEY, embedding vector(384));\n«CREATE INDEX chunks_embedding ON chunks USING ivfflat (embedding vector_cosine_ops) WITH (lists = 100)»;",
    ],
    silent: examples![
        "CREATE EXTENSION vector;\nCREATE TABLE chunks (id bigint PRIMARY KEY, embedding vector(384));\nCREATE INDEX ON chunks USING hnsw (embedding vector_cosine_ops);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table) {
            if is_ann(&index.method) {
                out.look();
            }
            if index.method != "ivfflat" {
                continue;
            }
            let lists = index.options.iter().find(|(name, _)| name == "lists").map(|(_, value)| value.as_str());
            let message = format!(
                "`{}` keeps {} for `{}`, drawn from the rows that are there when it is built.",
                index.name,
                lists.map_or_else(|| "100 lists, the default,".to_owned(), |n| format!("{n} lists")),
                cx.table_name(id)
            );
            out.report(ObjectId::Index(index_id), index.span, message)
                .objects(index.keys.iter().filter_map(|k| match k.target {
                    KeyTarget::Column(c) => Some(ObjectId::Column(id, c)),
                    KeyTarget::Expression(_) => None,
                }))
                .maybe_fix(fix(cx, id, table, index_id, index));
        }
    }
}

/// The same index with HNSW, which takes up to 2000 dimensions, then the old one dropped.
fn fix(cx: &Context<'_>, id: TableId, table: &Table, index_id: IndexId, index: &Index) -> Option<Fix> {
    let [key] = index.keys.as_slice() else { return None };
    let KeyTarget::Column(number) = key.target else { return None };
    let column = table.column(number)?;
    let dimensions: u32 = column.data_type.modifiers.first()?.parse().ok()?;
    let opclass = key.opclass.as_deref()?;
    if dimensions > 2000 || index.predicate.is_some() || table.kind != TableKind::Ordinary {
        return None;
    }
    // A second index of that kind would only repeat the first.
    let has_other = cx.schema.indexes_of(table).any(|(other, i)| other != index_id && is_ann(&i.method));
    let drop = drop_index(cx, index_id)?;
    if has_other {
        return Some(Fix { sql: drop, caution: Some("Another index serves the same searches.".to_owned()) });
    }
    let name = free_index_name(cx, table, &[&format!("{}_hnsw", column.name)], "idx");
    Some(Fix {
        sql: format!(
            "CREATE INDEX CONCURRENTLY {} ON {} USING hnsw ({} {opclass});\n{drop}",
            quote(&name),
            cx.table_sql(id),
            quote(&column.name)
        ),
        caution: Some(
            "CONCURRENTLY does not run inside a transaction block. Building HNSW takes longer and more memory (`maintenance_work_mem`) than IVFFlat."
                .to_owned(),
        ),
    })
}
