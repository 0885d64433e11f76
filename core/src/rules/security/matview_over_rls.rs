use super::security_definer_view::protected_tables;
use crate::finding::{Certainty, Severity};
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "matview-over-rls",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A materialized view copies rows out of tables with row-level security.",
    why: "A materialized view holds the rows that whoever refreshed it could see, as a rule all of them, and has no policies of its own: ENABLE ROW LEVEL \
          SECURITY does not exist for it. Whoever may read it reads everything. Revoke SELECT on it and give access through a view with a WHERE clause \
          or a function. Where a web API is in use, one in a schema that the API does not show is out of its readers' reach, and one on which \
          rights were revoked is looked after: both are left alone. PostgreSQL manual, 5.8 \"Row Security Policies\" and 41.3 \"Materialized Views\".",
    fires: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nALTER TABLE sales ENABLE ROW LEVEL SECURITY;\nCREATE MATERIALIZED VIEW «totals» AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;",
    ],
    silent: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nCREATE MATERIALIZED VIEW totals AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;",
        "CREATE ROLE anon;\nCREATE SCHEMA reports;\nCREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nALTER TABLE sales ENABLE ROW LEVEL SECURITY;\nCREATE MATERIALIZED VIEW reports.totals AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;",
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nALTER TABLE sales ENABLE ROW LEVEL SECURITY;\nCREATE MATERIALIZED VIEW totals AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;\nREVOKE SELECT ON totals FROM app_user;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| v.materialized) {
        if !cx.owns_namespace(view.namespace) {
            continue;
        }
        out.look();
        let protected = protected_tables(cx, &view.query);
        let hidden = cx.has_web_roles() && !cx.is_exposed(view.namespace);
        let revoked =
            || cx.schema.grants.iter().any(|g| g.grant.takes_away() && g.objects.contains(&ObjectId::View(id)));
        if protected.is_empty() || hidden || revoked() {
            continue;
        }
        let names: Vec<String> = protected.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        let message = format!(
            "`{}` holds rows of {}, to which {} policies do not apply there.",
            cx.name(ObjectId::View(id)),
            list(&names),
            if protected.len() == 1 { "its" } else { "their" }
        );
        out.report(ObjectId::View(id), view.name_span, message).objects(protected.into_iter().map(ObjectId::Table));
    }
}
