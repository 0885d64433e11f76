use crate::finding::{Certainty, Severity};
use crate::rules::support::checked_not_null;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "all-columns-nullable",
    category: Category::Constraints,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "Every column of a table but its key may be null.",
    why: "A row that says nothing is then a valid row. In a staging table, which takes what comes, that is the purpose; elsewhere some column \
          must be filled for a row to make sense, and NOT NULL on it lets queries and programs rely on that. PostgreSQL manual, 5.4.2 \
          \"Not-Null Constraints\".",
    fires: examples![
        "CREATE TABLE «people» (id bigint PRIMARY KEY, first_name text, last_name text, born date, email text);"
    ],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text NOT NULL, born date, email text);",
        // Key only, or nearly.
        "CREATE TABLE ties (a bigint, b bigint, note text, PRIMARY KEY (a, b));",
        // It must be filled by another rule.
        "CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text, born date, email text CHECK (email IS NOT NULL));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        out.look();
        let key = cx.schema.primary_key_of(table).map(|(_, c)| c.columns.clone()).unwrap_or_default();
        let others: Vec<_> = table.live_columns().filter(|(n, c)| !key.contains(n) && c.generated.is_none()).collect();
        if others.len() < 4 || others.iter().any(|(n, c)| c.not_null || checked_not_null(cx.schema, table, *n)) {
            continue;
        }
        let message = format!("All {} columns of `{}` beside its key may be null.", others.len(), cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message);
    }
}
