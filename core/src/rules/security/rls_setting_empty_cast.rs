use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-setting-empty-cast",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A policy casts a custom setting that may be empty.",
    why: "A custom setting that was set with SET LOCAL is an empty string after the transaction, not null, and stays so on that pooled connection. Casting it to \
          uuid or integer then fails with an error in the middle of every query, instead of showing no rows. `NULLIF(current_setting('app.x', true), \
          '')::uuid` does what is meant. PostgreSQL manual, 9.27.1 \"Configuration Settings Functions\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, org uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY p ON notes USING (org = (SELECT current_setting('app.org', true))::uuid)»;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, tenant uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING (tenant = (SELECT current_setting('app.tenant', true)::uuid))»;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, org uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON notes USING (org = (SELECT NULLIF(current_setting('app.org', true), ''))::uuid);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, tenant uuid, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (tenant = (SELECT NULLIF(current_setting('app.tenant', true), '')::uuid));\nCREATE POLICY mine ON notes USING (owner = (SELECT current_setting('app.user', true)::text));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let mut found: Option<String> = None;
            for expression in [&policy.using, &policy.with_check].into_iter().flatten() {
                expression.source.tree().walk(&mut |t| {
                    if let Tree::Cast(inner, to) = t
                        && is_setting(inner)
                        && !["text", "varchar", "character varying"].iter().any(|text| to.starts_with(text))
                    {
                        found = Some(to.clone());
                    }
                });
            }
            let Some(to) = found else { continue };
            let message = format!(
                "`{}` on `{}` casts a setting to `{to}`, which fails once the setting is an empty string.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}

/// A call of current_setting, as it is or wrapped in a SELECT of its own.
fn is_setting(tree: &Tree) -> bool {
    match tree {
        Tree::Subquery(query) => {
            query.from.is_empty() && matches!(query.items.as_slice(), [one] if one.value.is_call_of("current_setting"))
        }
        other => other.is_call_of("current_setting"),
    }
}
