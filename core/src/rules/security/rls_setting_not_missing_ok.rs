use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-setting-not-missing-ok",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A policy reads a custom setting without allowing for its absence.",
    why: "`current_setting('app.tenant')` raises an error where the setting was never made, so that every query of the table fails for a psql session, a report or \
          a migration. With `true` as the second argument it gives null, and the policy shows no rows. PostgreSQL manual, 9.27.1 \"Configuration Settings \
          Functions\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.user')))»;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.user', true)));",
        // A setting of the server itself is always there.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('timezone')));",
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
                    // Custom settings have a dot in their name.
                    if let Tree::Call(call) = t
                        && call.base_name() == "current_setting"
                        && let [name] = call.arguments.as_slice()
                        && let Tree::Text(name) = name.without_casts()
                        && name.contains('.')
                    {
                        found = Some(name.clone());
                    }
                });
            }
            let Some(name) = found else { continue };
            let message =
                format!("`{}` on `{}` fails wherever `{name}` was never set.", policy.name, cx.table_name(id));
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}
