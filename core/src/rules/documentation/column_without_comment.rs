use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{list, number};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "column-without-comment",
    category: Category::Documentation,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Some columns have a comment or description, others have none.",
    why: "A column whose name does not say what it holds, in which unit and from where, is guessed at by everyone who uses it. Where a project describes its \
          columns, those without a description were forgotten. All of them are told in one finding; a project that describes none is left alone. \
          PostgreSQL manual, COMMENT.",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, «email» text NOT NULL);\nCOMMENT ON COLUMN users.id IS 'Internal number';",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCOMMENT ON COLUMN users.id IS 'Internal number';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut without = Vec::new();
    let mut all = 0;
    for (id, table) in cx.tables() {
        for (column, c) in table.live_columns() {
            out.look();
            all += 1;
            if c.comment.is_none() {
                without.push((id, column, c.name_span));
            }
        }
    }
    let Some((.., place)) = without.first() else { return };
    // A quarter with comments is a habit.
    if (all - without.len()) * 4 < all {
        return;
    }
    let names: Vec<String> =
        without.iter().map(|(id, column, _)| format!("`{}`", cx.column_name(*id, *column))).collect();
    let message =
        format!("{} of {} have no comment: {}.", without.len(), number(all, "column", "columns"), list(&names));
    out.report_about(Subject::new(ObjectKind::Schema, "comments on columns"), *place, message);
}
