use std::collections::{BTreeMap, BTreeSet};

use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{each_word, free_index_name, index_caution};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Index, KeyTarget, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "jsonb-without-gin",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A jsonb column that is searched by its content has no index for that.",
    why: "`@>`, `?` and `->>` in a condition read and unpack every document. A GIN index serves containment and keys of any path \
          (`jsonb_path_ops` for `@>` alone, at a fraction of the size); a B-tree over the one expression serves a value that is always looked \
          up the same way. The rule speaks where a view or policy of the schema searches the column, and, as advice, where one in eight jsonb columns \
          of the schema has such an index. PostgreSQL manual, 8.14.4 \"jsonb Indexing\".",
    fires: examples![
        "CREATE TABLE events (id bigint PRIMARY KEY, «data jsonb NOT NULL»);\nCREATE VIEW paid AS SELECT id FROM events WHERE data @> '{\"paid\": true}';",
        "CREATE TABLE products (id bigint PRIMARY KEY, attributes jsonb);\nCREATE INDEX ON products USING gin (attributes);\nCREATE TABLE variants (id bigint PRIMARY KEY, «attributes jsonb»);",
    ],
    silent: examples![
        "CREATE TABLE events (id bigint PRIMARY KEY, data jsonb NOT NULL);\nCREATE INDEX ON events USING gin (data);\nCREATE VIEW paid AS SELECT id FROM events WHERE data @> '{\"paid\": true}';",
        // Read out, not searched.
        "CREATE TABLE events (id bigint PRIMARY KEY, data jsonb NOT NULL);\nCREATE VIEW names AS SELECT data ->> 'name' AS name FROM events;",
        // Kept as it came.
        "CREATE TABLE products (id bigint PRIMARY KEY, attributes jsonb);\nCREATE INDEX ON products USING gin (attributes);\nCREATE TABLE calls (id bigint PRIMARY KEY, error_json jsonb, raw_payload jsonb);",
        "CREATE TABLE events (id bigint PRIMARY KEY, data jsonb NOT NULL);\nCREATE INDEX ON events ((data ->> 'name'));\nCREATE VIEW named AS SELECT id FROM events WHERE data ->> 'name' = 'x';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let searched = searched(cx);
    let columns = cx.columns_of(|t| t.builtin_name() == Some("jsonb"));
    let with = columns.iter().filter(|(id, table, number, _)| has_gin(cx, *id, table, *number)).count();
    let is_habit = with > 0 && with * 8 >= columns.len();
    for (id, table, number, column) in &columns {
        out.look();
        let place = ObjectId::Column(*id, *number);
        if has_index(cx, *id, table, *number) {
            continue;
        }
        let name = cx.column_name(*id, *number);
        let by = searched.get(&(*id, *number));
        if by.is_none() && (!is_habit || is_kept(&column.name)) {
            continue;
        }
        let draft = match by {
            Some(user) => out
                .report(place, column.span, format!("`{name}` is searched by its content, and no index helps."))
                .object(*user)
                .evidence(format!("`{}` searches it.", cx.name(*user))),
            None => out
                .report(place, column.span, format!("No index serves a search in `{name}`."))
                .certainty(Certainty::Advisory)
                .evidence(format!("{with} of {} jsonb columns have a GIN index.", columns.len())),
        };
        let index = free_index_name(cx, table, &[&column.name], "idx");
        let concurrently = if table.kind == TableKind::Partitioned { "" } else { " CONCURRENTLY" };
        draft.fix(Fix {
            sql: format!(
                "CREATE INDEX{concurrently} {} ON {} USING gin ({});",
                quote(&index),
                cx.table_sql(*id),
                quote(&column.name)
            ),
            caution: Some(format!("{} A GIN index slows writes down.", index_caution(table))),
        });
    }
}

/// The jsonb columns that a condition of a view or policy looks into, each with one that does.
fn searched(cx: &Context<'_>) -> BTreeMap<(TableId, ColumnNumber), ObjectId> {
    let mut found = BTreeMap::new();
    let views = cx.schema.live_views().map(|(id, v)| (ObjectId::View(id), &v.query));
    let policies = cx
        .schema
        .policies
        .iter()
        .filter(|(_, p)| p.dropped.is_none())
        .flat_map(|(id, p)| p.using.iter().chain(&p.with_check).map(move |e| (ObjectId::Policy(id), e)));
    for (user, expression) in views.chain(policies) {
        let mut names = BTreeSet::new();
        if let ObjectId::View(view) = user {
            let Some(query) = cx.query_of(view) else { continue };
            query.walk_queries(&mut |q| {
                for condition in q.filter.iter().chain(q.from.iter().filter_map(|f| f.on.as_ref())) {
                    names_searched(condition, &mut names);
                }
            });
        } else {
            names_searched(expression.source.tree(), &mut names);
        }
        for reference in &expression.references {
            if let ObjectId::Column(table, column) = reference.target
                && cx.schema.column(table, column).is_some_and(|c| names.contains(c.name.as_str()))
            {
                found.entry((table, column)).or_insert(user);
            }
        }
    }
    found
}

/// The names of columns into whose documents a condition looks.
fn names_searched(condition: &Tree, names: &mut BTreeSet<String>) {
    condition.walk(&mut |tree| {
        if let Tree::Operator(operator, operands) = tree
            && matches!(operator.as_str(), "@>" | "?" | "?|" | "?&" | "->" | "->>" | "#>" | "#>>" | "@?" | "@@")
            && let Some(Tree::Column(name)) = operands.first().map(Tree::without_casts)
        {
            names.extend(name.last().map(ToString::to_string));
        }
    });
}

fn has_gin(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    cx.schema.indexes_of(table).any(|(_, i)| i.method == "gin" && holds(i, id, number))
}

fn has_index(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    cx.schema.indexes_of(table).any(|(_, i)| holds(i, id, number))
}

fn holds(index: &Index, id: TableId, number: ColumnNumber) -> bool {
    index.keys.iter().any(|k| match &k.target {
        KeyTarget::Column(c) => *c == number,
        KeyTarget::Expression(e) => e.references.iter().any(|r| r.target == ObjectId::Column(id, number)),
    })
}

/// Whether a column of this name keeps what came from elsewhere, to be read as a whole.
fn is_kept(name: &str) -> bool {
    const KEPT: &[&str] = &[
        "address",
        "after",
        "args",
        "arguments",
        "before",
        "body",
        "cache",
        "changes",
        "config",
        "configuration",
        "context",
        "data",
        "diff",
        "error",
        "errors",
        "headers",
        "input",
        "log",
        "new",
        "old",
        "options",
        "output",
        "params",
        "payload",
        "preferences",
        "raw",
        "request",
        "response",
        "result",
        "schema",
        "settings",
        "snapshot",
        "state",
        "stats",
        "trace",
        "value",
        "warnings",
    ];
    each_word(name).any(|w| KEPT.contains(&w.as_ref()))
}
