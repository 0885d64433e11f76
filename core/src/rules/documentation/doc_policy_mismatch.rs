use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::table_named;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-policy-mismatch",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table's section describes another policy than the document's SQL makes, or one that the SQL leaves out.",
    why: "Row-level security is what keeps tenants apart, and the description is what a reviewer reads. Where name or condition differ, the review is \
          of a policy that does not run; where the SQL has none, the table that is described as protected is not. PostgreSQL manual, 5.9 \"Row \
          Security Policies\".",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| shop_id | UUID | NOT NULL |\n\n**RLS Policy:** `«orders_policy` - shop_id = current_setting('app.shop')::uuid»\n\n## Policies\n\n```sql\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY orders_by_shop ON orders USING (shop_id = current_setting('app.shop')::uuid);\n```\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| shop_id | UUID | NOT NULL |\n\n**RLS Policy:** `orders_policy` - shop_id = current_setting('app.shop')::uuid\n\n## Policies\n\n```sql\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;\nCREATE POLICY orders_policy ON orders USING ((shop_id = current_setting('app.shop')::uuid));\n```\n",
        // The description is all there is.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: orders\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| shop_id | UUID | NOT NULL |\n\n**RLS Policy:** `orders_policy` - shop_id = current_setting('app.shop')::uuid\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in &cx.history.documents {
        // A policy that stands nowhere but in its description was made from it.
        let from_description = |p: &Policy| document.policies.iter().any(|s| s.span.contains(p.span));
        let any_sql = cx.schema.policies.iter().any(|(_, p)| p.dropped.is_none() && !from_description(p));
        for stated in document.policies.iter().filter(|_| any_sql) {
            let Some((id, table)) = table_named(cx, &stated.table) else { continue };
            out.look();
            let sql: Vec<_> = cx.schema.policies_of(table).filter(|(_, p)| !from_description(p)).collect();
            let table_name = cx.table_name(id);
            if sql.is_empty() {
                let message = format!(
                    "The section of `{table_name}` describes a policy, and the document's SQL, which makes those of other tables, makes none for it."
                );
                out.report(ObjectId::Table(id), stated.span, message);
                continue;
            }
            let same_name = sql.iter().find(|(_, p)| stated.name.as_ref() == Some(&p.name));
            let condition = stated.condition.as_ref().map(|c| c.tree()).filter(|t| **t != Tree::Opaque);
            let same_condition = sql.iter().any(|(_, p)| condition.is_none() || condition_of(p) == condition);
            let Some((policy, first)) = same_name.or(sql.first()) else { continue };
            let renamed = stated.name.as_ref().filter(|_| same_name.is_none());
            let message = match (renamed, same_condition) {
                (None, true) => continue,
                (Some(name), true) => format!(
                    "The section of `{table_name}` calls its policy `{name}`, the document's SQL calls it `{}`.",
                    first.name
                ),
                (Some(name), false) => format!(
                    "The section of `{table_name}` calls its policy `{name}`, the document's SQL `{}`; their conditions differ, too.",
                    first.name
                ),
                (None, false) => format!(
                    "The section of `{table_name}` describes `{}` with another condition than the document's SQL.",
                    first.name
                ),
            };
            out.report(ObjectId::Policy(*policy), stated.span, message).also_at(first.span);
        }
    }
}

/// What rows a policy is about.
fn condition_of(policy: &Policy) -> Option<&Tree> {
    policy.using.as_ref().or(policy.with_check.as_ref()).map(|e| e.source.tree())
}
