use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{list, number_of_tables};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "table-without-comment",
    category: Category::Documentation,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Some tables have a comment, others have none.",
    why: "Comments travel with the schema: psql, dumps and every tool that reads the catalogue show them. Where a project comments its tables, one without a \
          comment was forgotten. All of them are told in one finding; a project that comments nothing is left alone. PostgreSQL manual, COMMENT.",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCOMMENT ON TABLE users IS 'Who can log in';\nCREATE TABLE «orders» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCOMMENT ON TABLE users IS 'Who can log in';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut without = Vec::new();
    let mut all = 0;
    for (id, table) in cx.tables() {
        out.look();
        all += 1;
        if table.comment.is_none() {
            without.push((id, table));
        }
    }
    let Some((_, first)) = without.first() else { return };
    // A quarter with comments is a habit.
    if (all - without.len()) * 4 < all {
        return;
    }
    let names: Vec<String> = without.iter().map(|(id, _)| format!("`{}`", cx.table_name(*id))).collect();
    let message = format!("{} of {} have no comment: {}.", without.len(), number_of_tables(all), list(&names));
    out.report_about(Subject::new(ObjectKind::Schema, "comments on tables"), first.name_span, message);
}
