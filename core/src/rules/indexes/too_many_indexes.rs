use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "too-many-indexes",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table has more than a dozen indexes.",
    why: "Each insert writes to all of them, and so does each update that changes an indexed column, or finds no room beside the old row. They \
          compete for memory with the table itself, and the planner weighs each of them. Look which are never used (`idx_scan` in \
          `pg_stat_user_indexes`), and which serve a query that another would serve as well. PostgreSQL manual, 11.12 \"Examining Index Usage\" \
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
}
