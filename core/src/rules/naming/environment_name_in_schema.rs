use crate::finding::{Certainty, Severity};
use crate::rules::support::words;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "environment-name-in-schema",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A schema carries the name of an environment.",
    why: "The same migrations and queries should run in development, test and production. With `app_dev` in one and `app_prod` in the other \
          each name must be put together at run time, dumps cannot be restored across, and one day a statement runs where it was not meant to. \
          Keep environments apart by database or server, and call the schema by what is in it. PostgreSQL manual, 5.9 \"Schemas\".",
    fires: examples!["«CREATE SCHEMA app_prod»;\nCREATE TABLE app_prod.a (id bigint PRIMARY KEY);"],
    silent: examples![
        // Areas of work, not environments.
        "CREATE SCHEMA production;\nCREATE SCHEMA staging;\nCREATE SCHEMA test;\nCREATE SCHEMA products;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    const ENVIRONMENTS: &[&str] = &["dev", "devel", "preprod", "prod", "qa", "stg", "uat"];
    for (id, namespace) in cx.schema.namespaces.iter() {
        let Some(place) = namespace.span.filter(|_| cx.owns_namespace(id)) else { continue };
        out.look();
        let Some(word) = words(&namespace.name).into_iter().find(|w| ENVIRONMENTS.contains(&w.as_str())) else {
            continue;
        };
        let message = format!("The schema `{}` is called after an environment: `{word}`.", namespace.name);
        out.report(ObjectId::Namespace(id), place, message);
    }
}
