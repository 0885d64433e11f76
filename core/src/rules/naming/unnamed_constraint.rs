use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::rules::support::pinned;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unnamed-constraint",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "Constraints without a name are told apart by a number that PostgreSQL counts up.",
    why: "A constraint without a name is called after its table and columns. Where that name is taken already a number is put behind it, in \
          the order in which the constraints happen to be made: `t_check`, `t_check1`. In a database where one was added later the numbers are \
          others, and a migration that drops `t_check1` drops the wrong rule. Name those that the number alone tells apart. PostgreSQL manual, \
          5.4.1 \"Check Constraints\".",
    fires: examples!["CREATE TABLE periods (a int, b int, c int, CHECK (a < b), «CHECK (b < c)»);"],
    silent: examples![
        "CREATE TABLE periods (a int, b int, c int, CHECK (a < b), CONSTRAINT periods_in_order CHECK (b < c));",
        // Called after its column.
        "CREATE TABLE periods (a int CHECK (a > 0), b int CHECK (b > 0), c1 int UNIQUE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    pinned(cx, "primary-keys", out);
    pinned(cx, "foreign-keys", out);
    pinned(cx, "uniques", out);
    pinned(cx, "checks", out);
    for (id, table) in cx.tables() {
        let named: BTreeSet<&str> = cx.schema.constraints_of(table).map(|(_, c)| c.name.as_str()).collect();
        for (constraint_id, constraint) in cx.schema.constraints_of(table) {
            if constraint.named || constraint.inherit_count > 0 || constraint.parent.is_some() {
                continue;
            }
            out.look();
            let stem = constraint.name.trim_end_matches(|c: char| c.is_ascii_digit());
            let is_label = ["_check", "_fkey", "_key", "_excl"].iter().any(|end| stem.ends_with(end));
            if stem.len() == constraint.name.len() || !is_label || !named.contains(stem) {
                continue;
            }
            let message = format!(
                "`{}` of `{}` has its number only because `{stem}` was there before.",
                constraint.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message).object(ObjectId::Table(id));
        }
    }
}
