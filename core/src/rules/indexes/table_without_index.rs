use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "table-without-index",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A table has no index at all, not even for a primary key.",
    why: "Every lookup, update and delete of a single row then reads the whole table. A child by INHERITS is easily caught by this: indexes \
          and keys of the parent are not inherited. A table without a primary key is told as such; this speaks where that has another cause. \
          PostgreSQL manual, 11.1 \"Indexes\", Introduction, and 5.10.1 \"Inheritance\", Caveats.",
    fires: examples![
        "CREATE TABLE «places» (id bigint, name text);\nCREATE TABLE «capitals» (state text) INHERITS (places);"
    ],
    silent: examples![
        "CREATE TABLE places (id bigint PRIMARY KEY, name text);",
        "CREATE TABLE places (id bigint);\nCREATE INDEX ON places (id);",
        "CREATE TABLE places (id bigint, name text, CHECK (false) NO INHERIT);\nCREATE TABLE capitals (PRIMARY KEY (id)) INHERITS (places);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind == TableKind::Ordinary) {
        out.look();
        if cx.schema.indexes_of(table).next().is_some()
            || table.live_columns().next().is_none()
            || cx.holds_no_rows(table)
        {
            continue;
        }
        let message = format!("`{}` has no index: finding a row reads them all.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message);
    }
}
