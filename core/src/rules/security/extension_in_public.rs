use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "extension-in-public",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "An extension is installed in the schema `public`.",
    why: "Its functions, types and operators stand among the project's own, a web API that shows `public` shows them as well, and roles that may create objects there can \
          put others of the same name beside them. A schema of their own, on the search path of those who use them, keeps them apart. Where no web API reaches \
          `public`, the severity is info. PostgreSQL manual, 38.17 \"Packaging Related Objects into an Extension\" and ALTER EXTENSION.",
    fires: examples!["CREATE ROLE anon;\n«CREATE EXTENSION pg_trgm»;", "«CREATE EXTENSION citext»;"],
    silent: examples![
        "CREATE ROLE anon;\nCREATE SCHEMA extensions;\nCREATE EXTENSION pg_trgm SCHEMA extensions;",
        // Its control file fixes the schema.
        "CREATE EXTENSION plpgsql;",
        "CREATE SCHEMA extensions;\nCREATE EXTENSION citext;\nALTER EXTENSION citext SET SCHEMA extensions;",
    ],
    supersedes: &[],
    check,
};

/// Extensions that cannot be moved: their control files say `relocatable = false`.
const FIXED: &[&str] = &[
    "age",
    "earthdistance",
    "pg_cron",
    "pg_net",
    "pg_partman",
    "pgaudit",
    "pgmq",
    "pgroonga",
    "pgrouting",
    "plv8",
    "postgis",
    "postgis_raster",
    "postgis_sfcgal",
    "postgis_tiger_geocoder",
    "postgis_topology",
    "timescaledb",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, extension) in cx.schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
        if extension.name == "plpgsql" {
            continue;
        }
        out.look();
        if cx.schema.namespaces.get(extension.namespace).is_none_or(|n| n.name != "public") {
            continue;
        }
        let severity = if cx.has_web_roles() { Severity::Low } else { Severity::Info };
        let message = format!("The extension `{}` is in the schema `public`.", extension.name);
        let home = cx.schema.find_namespace("extensions").is_some();
        let create = if home { "" } else { "CREATE SCHEMA extensions;\n" };
        let fix = (!FIXED.contains(&extension.name.as_str())).then(|| Fix {
            sql: format!("{create}ALTER EXTENSION {} SET SCHEMA extensions;", quote(&extension.name)),
            caution: Some(format!(
                "Whatever names its functions, types or operators without a schema needs `extensions` on its search_path: `SELECT rolname, rolconfig FROM pg_roles;` and functions with a search_path of their own. Roles need USAGE on the schema. Leave it where it is if `{}` is only used by hand.",
                extension.name
            )),
        });
        out.report(ObjectId::Extension(id), extension.span, message).severity(severity).maybe_fix(fix);
    }
}
