use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-user-metadata",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A policy trusts a part of the token that users can write themselves.",
    why: "Everyone who is signed in to Supabase may change their own `user_metadata`. A policy that reads a role, an organisation or a domain from it lets \
          any user claim any of them. `app_metadata` can be written by the server only. Supabase documentation, \"Row Level Security\", helper \
          functions.",
    fires: examples![
        "CREATE SCHEMA auth;\nCREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';\nCREATE TABLE notes (id bigint PRIMARY KEY, team text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes FOR SELECT USING (team = (SELECT auth.jwt() -> 'user_metadata' ->> 'team'))»;",
    ],
    silent: examples![
        "CREATE SCHEMA auth;\nCREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS 'SELECT NULL::jsonb';\nCREATE TABLE notes (id bigint PRIMARY KEY, team text, user_metadata jsonb);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR SELECT USING (team = (SELECT auth.jwt() -> 'app_metadata' ->> 'team'));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let mut found: Option<&str> = None;
            let trees: Vec<&Tree> =
                [&policy.using, &policy.with_check].into_iter().flatten().map(|e| e.source.tree()).collect();
            for tree in &trees {
                tree.walk(&mut |t| match t {
                    Tree::Text(text) if text == "user_metadata" => found = Some("user_metadata"),
                    Tree::Text(text) if text == "{user_metadata}" || text.starts_with("{user_metadata,") => {
                        found = Some("user_metadata")
                    }
                    Tree::Column(parts) if parts.last().is_some_and(|p| p == "raw_user_meta_data") => {
                        found = Some("raw_user_meta_data");
                    }
                    _ => {}
                });
            }
            let Some(source) = found else { continue };
            let message = format!(
                "`{}` on `{}` trusts `{source}`, which every user can change for themselves.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}
