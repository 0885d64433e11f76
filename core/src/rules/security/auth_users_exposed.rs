use crate::finding::{Certainty, Fix, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, StoredExpr, View, ViewId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "auth-users-exposed",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A view that the web API shows reads the platform's table of users.",
    why: "`auth.users` holds addresses, telephone numbers, hashes of passwords and tokens of everybody, and the platform keeps it out of the API. A view in `public` reads it with \
          the rights of its owner, and the API shows the view to whoever has the public key. Keep a table of profiles with what others may see, filled by a trigger, \
          or take SELECT on the view away from the roles of the API. PostgreSQL manual, CREATE VIEW, \"Notes\".",
    fires: examples!["CREATE ROLE anon;\nCREATE VIEW «people» AS SELECT id, email FROM auth.users;"],
    silent: examples![
        "CREATE ROLE anon;\nCREATE SCHEMA private;\nCREATE VIEW private.people AS SELECT id, email FROM auth.users;",
        "CREATE ROLE anon;\nCREATE ROLE authenticated;\nCREATE VIEW people AS SELECT id, email FROM auth.users;\nREVOKE ALL ON people FROM anon, authenticated;",
        // Readers need rights of their own, which the platform does not give.
        "CREATE ROLE anon;\nCREATE VIEW people WITH (security_invoker = true) AS SELECT id, email FROM auth.users;",
        // An `auth` of the project's own.
        "CREATE SCHEMA auth;\nCREATE TABLE auth.users (id bigint PRIMARY KEY, email text);\nCREATE VIEW people AS SELECT id, email FROM auth.users;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.has_web_roles() {
        return;
    }
    for (id, view) in cx.schema.live_views() {
        if !cx.is_exposed(view.namespace) {
            continue;
        }
        out.look();
        let invoker = view.options.iter().any(|(name, value)| {
            name == "security_invoker"
                && matches!(value.to_ascii_lowercase().as_str(), "true" | "on" | "1" | "yes" | "")
        });
        if invoker || !reads_users(cx, id, &view.query) || is_revoked(cx, id) {
            continue;
        }
        let message =
            format!("`{}` shows rows of `auth.users` to the roles of the web API.", cx.name(ObjectId::View(id)));
        out.report(ObjectId::View(id), view.name_span, message).maybe_fix(fix(cx, id, view));
    }
}

fn reads_users(cx: &Context<'_>, view: ViewId, query: &StoredExpr) -> bool {
    let is_users = |target: ObjectId| {
        let (ObjectId::Table(table) | ObjectId::Column(table, _)) = target else { return false };
        cx.schema.tables.get(table).is_some_and(|t| {
            t.name == "users" && cx.schema.namespaces.get(t.namespace).is_some_and(|n| n.name == "auth")
        })
    };
    query.references.iter().any(|r| is_users(r.target))
        || cx.query_of(view).is_some_and(|q| {
            q.relations().iter().any(|path| matches!(path, [.., schema, name] if schema == "auth" && name == "users"))
        })
}

/// Whether a REVOKE speaks of the view: somebody has thought about who may read it.
fn is_revoked(cx: &Context<'_>, view: ViewId) -> bool {
    cx.schema.grants.iter().any(|g| g.grant.takes_away() && g.objects.contains(&ObjectId::View(view)))
}

fn fix(cx: &Context<'_>, id: ViewId, view: &View) -> Option<Fix> {
    let keyword = if view.materialized { "materialized view" } else { "view" };
    Some(Fix {
        sql: format!("REVOKE ALL ON {} FROM PUBLIC, anon;", cx.schema.path(ObjectId::View(id))),
        caution: Some(format!("Take it from `authenticated` as well unless every user may see all others; whatever reads this {keyword} through the API stops working.")),
    })
    .filter(|_| names_role(cx, "anon"))
}

/// Whether the input itself shows that the role exists.
fn names_role(cx: &Context<'_>, role: &str) -> bool {
    cx.schema.grants.iter().any(|g| g.grant.grantees.iter().any(|r| r.fold() == role))
        || cx.schema.policies.iter().any(|(_, p)| p.dropped.is_none() && p.roles.iter().any(|r| r == role))
        || cx.schema.others.iter().any(|(_, o)| o.dropped.is_none() && o.name == role)
}
