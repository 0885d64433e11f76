use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-refresh-plan-incomplete",
    category: Category::Documentation,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "The document's schedule of refreshes leaves out a materialized view.",
    why: "A materialized view holds what its query gave when it was refreshed last. One that no job refreshes goes on answering with the rows of the \
          day it was made, and nothing shows it. PostgreSQL manual, 41.3 \"Materialized Views\".",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: sales\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n```sql\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM sales;\nCREATE MATERIALIZED VIEW «peaks» AS SELECT max(id) AS n FROM sales;\n```\n\n## Refresh schedule\n\n| Materialized View | Refresh Frequency |\n|---|---|\n| `totals` | Hourly |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: sales\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n```sql\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM sales;\n```\n\n## Refresh schedule\n\n| Materialized View | Refresh Frequency |\n|---|---|\n| `totals` | Hourly |\n",
        // No schedule at all.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: sales\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n\n```sql\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM sales;\n```\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let views = || cx.schema.live_views().filter(|(_, v)| v.materialized);
    let plans: Vec<_> = cx
        .history
        .documents
        .iter()
        .flat_map(|d| &d.refresh_plans)
        .filter(|plan| views().any(|(_, v)| plan.views.contains(&v.name)))
        .collect();
    let Some(first) = plans.first() else { return };
    for (id, view) in views() {
        out.look();
        if plans.iter().any(|plan| plan.views.contains(&view.name)) {
            continue;
        }
        let message = format!("`{}` is in none of the document's refresh schedules.", cx.name(ObjectId::View(id)));
        out.report(ObjectId::View(id), view.name_span, message).also_at(first.span);
    }
}
