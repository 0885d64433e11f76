use crate::finding::{Certainty, Severity};
use crate::rules::support::{index_text, is_btree, key_columns};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "index-too-wide",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "An index that enforces nothing has more than three key columns.",
    why: "A lookup uses the columns from the left, and rarely more than two or three narrow the search further; each one more makes every \
          entry larger and fits fewer queries. Columns that are only returned belong into INCLUDE, and where each column is searched by \
          itself, several small indexes can be combined. PostgreSQL manual, 11.3 \"Multicolumn Indexes\" and 11.9 \"Index-Only Scans and Covering \
          Indexes\".",
    fires: examples!["CREATE TABLE t (a int, b int, c int, d int);\n«CREATE INDEX t_all ON t (a, b, c, d)»;"],
    silent: examples![
        "CREATE TABLE t (a int, b int, c int, d int, UNIQUE (a, b, c, d));\nCREATE INDEX ON t (a, b, c) INCLUDE (d);",
        // A foreign key of as many columns needs it.
        "CREATE TABLE p (a int, b int, c int, d int, PRIMARY KEY (a, b, c, d));\nCREATE TABLE t (a int, b int, c int, d int, FOREIGN KEY (a, b, c, d) REFERENCES p);\nCREATE INDEX ON t (a, b, c, d);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let limit = cx.number(RULE.name, "limit");
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| is_btree(i) && !i.unique) {
            out.look();
            let needed = key_columns(index).is_some_and(|keys| {
                cx.schema
                    .foreign_keys_of(table)
                    .any(|(_, c, _)| c.columns.len() > limit && c.columns.iter().all(|c| keys.contains(c)))
            });
            if index.keys.len() <= limit || needed {
                continue;
            }
            let message = format!("{} has {} key columns.", index_text(cx, id, index), index.keys.len());
            out.report(ObjectId::Index(index_id), index.span, message).object(ObjectId::Table(id));
        }
    }
}
