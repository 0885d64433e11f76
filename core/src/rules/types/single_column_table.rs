use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "single-column-table",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table has one column, or none.",
    why: "Such a table lists values and says nothing of them. That can be all there is to say, as with a list of allowed names or a single row \
          that keeps a version; else it is a start that was never finished, or an enum type or CHECK would do. PostgreSQL manual, 5.1 \"Table \
          Basics\".",
    fires: examples!["CREATE TABLE «names» (name text PRIMARY KEY);"],
    silent: examples![
        "CREATE TABLE names (name text PRIMARY KEY, since date);",
        "CREATE TABLE schema_migrations (version text PRIMARY KEY);",
        "CREATE TABLE report AS SELECT * FROM jsonb_each('{}');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let all_known = |t: &Table| t.kind == TableKind::Ordinary && t.inherits.is_empty() && !t.partial && !cx.is_open(t);
    for (id, table) in cx.tables().filter(|(_, t)| all_known(t)) {
        out.look();
        let message = match table.live_columns().count() {
            0 => format!("`{}` has no column.", cx.table_name(id)),
            1 => format!("`{}` has one column.", cx.table_name(id)),
            _ => continue,
        };
        out.report(ObjectId::Table(id), table.name_span, message);
    }
}
