use crate::finding::{Certainty, Severity};
use crate::keywords::is_reserved;
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "reserved-word-name",
    category: Category::Naming,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table or column is named with a reserved word.",
    why: "Such a name must stand in double quotes wherever it is used. Without them the statement fails or, worse, means something else: `SELECT * FROM user` \
          gives the name of the current role. PostgreSQL manual, 4.1.1 \"Identifiers and Key Words\" and appendix C \"SQL Key Words\".",
    fires: examples!["CREATE TABLE «\"user\"» (id bigint PRIMARY KEY, «\"order\"» integer);"],
    silent: examples![
        // Key words that need no quotes as names.
        "CREATE TABLE users (id bigint PRIMARY KEY, name text, type text, value text, key text, date date, position integer);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        out.look();
        if is_reserved(&table.name) {
            let message = format!(
                "`{}` is a reserved word: the table must be written {} everywhere.",
                table.name,
                quote(&table.name)
            );
            out.report(ObjectId::Table(id), table.name_span, message);
        }
    }
    out.look_at(cx.count_columns());
    for (id, _, number, column) in cx.columns_named(is_reserved) {
        let message = format!(
            "`{}` is a reserved word: the column of `{}` must be written {} everywhere.",
            column.name,
            cx.table_name(id),
            quote(&column.name)
        );
        out.report(ObjectId::Column(id, number), column.name_span, message);
    }
}
