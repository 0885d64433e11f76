use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{base_type, drop_index};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, KeyTarget, ObjectId, Schema, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "wrong-index-method",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A B-tree index on a document, array, search vector or shape answers only whole-value comparisons.",
    why: "B-tree orders whole values. Questions that are asked of jsonb, arrays and tsvector, whether they contain a key, an element or a word, \
          need a GIN index, and PostGIS asks a GiST index what is near or inside; a B-tree is not used for them, costs every write, and refuses \
          values over about 2700 bytes. PostgreSQL manual, 11.2 \"Index Types\" and 8.14.4 \"jsonb Indexing\".",
    fires: examples![
        "CREATE TABLE docs (id bigint PRIMARY KEY, body jsonb, tags text[], words tsvector);\n«CREATE INDEX docs_body ON docs (body)»;\n«CREATE INDEX docs_tags ON docs (tags)»;\n«CREATE INDEX docs_words ON docs USING btree (words)»;",
        "CREATE EXTENSION postgis;\nCREATE TABLE zones (id bigint PRIMARY KEY, area geometry(Polygon, 4326));\n«CREATE INDEX zones_area ON zones (area)»;",
    ],
    silent: examples![
        "CREATE TABLE docs (id bigint PRIMARY KEY, body jsonb, tags text[]);\nCREATE INDEX docs_body ON docs USING gin (body);\nCREATE INDEX docs_tags ON docs USING gin (tags);\nCREATE INDEX docs_kind ON docs ((body ->> 'kind'));",
        // Unique: the whole value is what matters.
        "CREATE TABLE sets (id bigint PRIMARY KEY, members bigint[]);\nCREATE UNIQUE INDEX sets_once ON sets (members);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.method == "btree" && !i.unique) {
            out.look();
            let found = index.keys.iter().enumerate().find_map(|(at, key)| match key.target {
                KeyTarget::Column(c) => {
                    let column = table.column(c)?;
                    Some((at, column, question(cx.schema, &column.data_type)?))
                }
                KeyTarget::Expression(_) => None,
            });
            let Some((at, column, (kind, asks))) = found else { continue };
            let message = format!(
                "`{}` is a B-tree on the {kind} `{}`; it finds equal values only, not {asks}.",
                index.name, column.name
            );
            let alone = index.keys.len() == 1 && at == 0 && index.predicate.is_none() && index.include.is_empty();
            let concurrently = if table.kind == TableKind::Partitioned { "" } else { " CONCURRENTLY" };
            let fix = drop_index(cx, id).filter(|_| alone).map(|drop| Fix {
                sql: format!(
                    "{drop}\nCREATE INDEX{concurrently} {} ON {} USING {} ({});",
                    quote(&index.name),
                    cx.table_sql(table_id),
                    if kind == "shape" { "gist" } else { "gin" },
                    quote(&column.name)
                ),
                caution: Some("CONCURRENTLY does not run inside a transaction block. Where only one key of a document is asked for, an index on that expression is smaller.".to_owned()),
            });
            out.report(ObjectId::Index(id), index.span, message).object(ObjectId::Table(table_id)).maybe_fix(fix);
        }
    }
}

/// What kind of value a type holds, and what is asked of such values.
fn question(schema: &Schema, data_type: &DataType) -> Option<(&'static str, &'static str)> {
    let base = base_type(schema, data_type);
    match &base.base {
        _ if base.array => Some(("array", "elements")),
        BaseType::Builtin(name) if name == "jsonb" => Some(("document", "keys or values inside")),
        BaseType::Builtin(name) if name == "tsvector" => Some(("search vector", "words")),
        BaseType::Extension { name, .. } if matches!(name.as_str(), "geometry" | "geography") => {
            Some(("shape", "what is near or inside"))
        }
        _ => None,
    }
}
