use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "wide-table",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table has more than 40 columns.",
    why: "An update writes a new version of the whole row, however few of its columns changed, so that wide rows make busy tables bloat, and SELECT * \
          reads all of them. Most wide tables hold several things: what every row has, what few have, what changes often. Each is better off in \
          a table of its own. PostgreSQL manual, 24.1.2 \"Recovering Disk Space\" and appendix K \"Limits\".",
    fires: examples![
        "CREATE TABLE «profiles» (id bigint PRIMARY KEY, c1 int, c2 int, c3 int, c4 int, c5 int, c6 int, c7 int, c8 int, c9 int, c10 int, c11 int, c12 int, c13 int, c14 int, c15 int, c16 int, c17 int, c18 int, c19 int, c20 int, c21 int, c22 int, c23 int, c24 int, c25 int, c26 int, c27 int, c28 int, c29 int, c30 int, c31 int, c32 int, c33 int, c34 int, c35 int, c36 int, c37 int, c38 int, c39 int, c40 int);",
    ],
    silent: examples!["CREATE TABLE people (id bigint PRIMARY KEY, name text, email text);"],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let limit = cx.number(RULE.name, "limit");
    for (id, table) in cx.tables() {
        out.look();
        let columns = table.live_columns().count();
        if columns > limit {
            let message = format!("`{}` has {columns} columns.", cx.table_name(id));
            out.report(ObjectId::Table(id), table.name_span, message);
        }
    }
}
