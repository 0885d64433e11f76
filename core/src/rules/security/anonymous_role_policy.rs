use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::FunctionBody;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "anonymous-role-policy",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A policy for signed-in users lets users through who signed in anonymously.",
    why: "Where a Supabase project allows anonymous sign-ins, such a user has the role `authenticated` like everybody else; only the claim `is_anonymous` tells them apart. The rule runs \
          where the input asks for that claim somewhere, which shows that such users exist, and is silent on policies that compare rows with `auth.uid()`: they show each user their \
          own rows only. A restrictive policy that asks for the claim covers all others of its table. PostgreSQL manual, CREATE POLICY.",
    fires: examples![
        "CREATE ROLE authenticated;\nCREATE TABLE news (id bigint PRIMARY KEY);\nALTER TABLE news ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY readers ON news FOR SELECT TO authenticated USING (id > 0)»;\nCREATE TABLE posts (id bigint PRIMARY KEY);\nALTER TABLE posts ENABLE ROW LEVEL SECURITY;\nCREATE POLICY writers ON posts FOR INSERT TO authenticated WITH CHECK ((auth.jwt() ->> 'is_anonymous')::boolean IS FALSE);",
    ],
    silent: examples![
        // Nothing shows that there are such users.
        "CREATE ROLE authenticated;\nCREATE TABLE news (id bigint PRIMARY KEY);\nALTER TABLE news ENABLE ROW LEVEL SECURITY;\nCREATE POLICY readers ON news FOR SELECT TO authenticated USING (id > 0);",
        "CREATE ROLE authenticated;\nCREATE TABLE news (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE news ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON news FOR SELECT TO authenticated USING (owner = auth.uid());\nCREATE POLICY readers ON news FOR DELETE TO authenticated USING (id > 0);\nCREATE POLICY members ON news AS RESTRICTIVE TO authenticated USING ((auth.jwt() ->> 'is_anonymous')::boolean IS FALSE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.has_web_roles() || !has_anonymous_users(cx) {
        return;
    }
    for (id, table) in cx.tables() {
        let guarded = cx.schema.policies_of(table).any(|(_, p)| !p.permissive && asks_for_claim(p));
        for (policy_id, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.permissive) {
            out.look();
            let for_users = policy.roles.iter().any(|r| r == "authenticated" || r == "public");
            if guarded || !for_users || asks_for_claim(policy) || tells_users_apart(policy) {
                continue;
            }
            let message = format!(
                "`{}` on `{}` treats users who signed in anonymously like all others.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}

/// Whether something in the input asks who signed in anonymously.
fn has_anonymous_users(cx: &Context<'_>) -> bool {
    cx.schema.policies.iter().any(|(_, p)| p.dropped.is_none() && asks_for_claim(p))
        || cx.body_words().values().any(|words| words.contains(CLAIM))
        || cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()).any(|(_, f)| match &f.body {
            Some(FunctionBody::String(body) | FunctionBody::Sql(body)) => body.strings().iter().any(|s| s == CLAIM),
            None => false,
        })
}

const CLAIM: &str = "is_anonymous";

fn asks_for_claim(policy: &Policy) -> bool {
    policy
        .using
        .iter()
        .chain(&policy.with_check)
        .any(|e| e.source.strings().iter().any(|s| s == CLAIM) || e.source.words().iter().any(|w| w == CLAIM))
}

/// Whether a condition asks which user it is.
fn tells_users_apart(policy: &Policy) -> bool {
    policy.using.iter().chain(&policy.with_check).any(|e| {
        let mut asks = false;
        e.source.tree().walk(&mut |t| {
            asks |= matches!(t, Tree::Call(c) if matches!(c.name.as_slice(), [schema, name] if schema == "auth" && (name == "uid" || name == "email")));
        });
        asks
    })
}
