use std::cmp::Reverse;

use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "too-many-indexes",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table has more than a dozen indexes, or nearly all indexes of a large schema have a single column.",
    why: "Each insert writes to all of them, and so does each update that changes an indexed column, or finds no room beside the old row. They \
          compete for memory with the table itself, and the planner weighs each of them. Look which are never used (`idx_scan` in \
          `pg_stat_user_indexes`), and which serve a query that another would serve as well. Where fifty indexes and more are nearly all of one column, they were added column by column, not query by query: one that \
          has the columns of a query together does the work of several. PostgreSQL manual, 11.12 \"Examining Index Usage\" \
          and 73.7 \"Heap-Only Tuples\".",
    fires: examples![
        "CREATE TABLE «wide» (a int, b int, c int, d int, e int, f int, g int, h int, i int, j int, k int, l int, m int);\nCREATE INDEX ON wide (a);\nCREATE INDEX ON wide (b);\nCREATE INDEX ON wide (c);\nCREATE INDEX ON wide (d);\nCREATE INDEX ON wide (e);\nCREATE INDEX ON wide (f);\nCREATE INDEX ON wide (g);\nCREATE INDEX ON wide (h);\nCREATE INDEX ON wide (i);\nCREATE INDEX ON wide (j);\nCREATE INDEX ON wide (k);\nCREATE INDEX ON wide (l);\nCREATE INDEX ON wide (m);",
    ],
    silent: examples![
        "CREATE TABLE wide (a int, b int, c int);\nCREATE INDEX ON wide (a);\nCREATE INDEX ON wide (b);\nCREATE INDEX ON wide (c);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let limit = cx.number(RULE.name, "limit");
    for (id, table) in cx.tables() {
        out.look();
        let count = cx.schema.indexes_of(table).count();
        if count <= limit {
            continue;
        }
        let single = cx.schema.indexes_of(table).filter(|(_, i)| i.keys.len() == 1).count();
        let partial = cx.schema.indexes_of(table).filter(|(_, i)| i.predicate.is_some()).count();
        out.report(
            ObjectId::Table(id),
            table.name_span,
            format!("`{}` has {count} indexes, each of which every insert must write.", cx.table_name(id)),
        )
        .evidence(format!("{single} have one key, {partial} leave rows out."));
    }
    mostly_single(cx, out);
}

/// How many indexes a schema has before a habit shows.
const HABIT: usize = 50;

/// Tells a schema that indexes nearly every column by itself, where it does so most: queries that filter by two columns use one of the two.
fn mostly_single(cx: &Context<'_>, out: &mut Findings<'_>) {
    let plain = |table: &'_ Table| {
        let keys = cx.schema.indexes_of(table).filter(|(_, i)| !i.unique && !i.primary && i.parent.is_none());
        keys.map(|(_, i)| i.keys.len() == 1).collect::<Vec<bool>>()
    };
    let tables: Vec<(TableId, &Table, Vec<bool>)> = cx.tables().map(|(id, t)| (id, t, plain(t))).collect();
    let all: usize = tables.iter().map(|(.., keys)| keys.len()).sum();
    let count = |keys: &[bool]| keys.iter().filter(|single| **single).count();
    let single: usize = tables.iter().map(|(.., keys)| count(keys)).sum();
    if all < HABIT || single * 10 < all * 9 {
        return;
    }
    let most = tables.iter().max_by_key(|(id, _, keys)| (count(keys), Reverse(*id)));
    let Some((id, table, keys)) = most else { return };
    let message = format!(
        "{single} of {all} indexes that serve lookups have a single column; `{}` has {} of them.",
        cx.table_name(*id),
        count(keys)
    );
    out.report(ObjectId::Table(*id), table.name_span, message).certainty(Certainty::Likely).evidence(
        "An index whose columns are those of a query, equal ones first, serves it better than two that are combined."
            .to_owned(),
    );
}
