use crate::finding::{Certainty, Severity};
use crate::rules::support::{is_known_in_full, owner_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "extension-unused",
    category: Category::ViewsAndFunctions,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "An extension is created, and nothing in the input uses a type, function or operator class of it.",
    why: "Each extension has to be there on every server, be updated with it, and may need a superuser to be made. pgcrypto is often a leftover: `gen_random_uuid()` is built in since \
          version 13. Queries of the application may use what the schema does not, so that this is only a question. PostgreSQL manual, CREATE EXTENSION, and 9.14 \"UUID \
          Functions\".",
    fires: examples![
        "«CREATE EXTENSION pgcrypto»;\nCREATE TABLE docs (id uuid PRIMARY KEY DEFAULT gen_random_uuid());"
    ],
    silent: examples![
        // A function of the project calls into its library.
        "CREATE EXTENSION unaccent;\nCREATE FUNCTION plain(regdictionary, text) RETURNS text LANGUAGE c IMMUTABLE AS '$libdir/unaccent', 'unaccent_dict';",
        "CREATE EXTENSION citext;\nCREATE TABLE users (id bigint PRIMARY KEY, email citext);",
        "CREATE EXTENSION pg_trgm;\nCREATE TABLE users (id bigint PRIMARY KEY, name text);\nCREATE INDEX ON users USING gin (name gin_trgm_ops);",
        "CREATE EXTENSION pgcrypto;\nCREATE FUNCTION h(t text) RETURNS text LANGUAGE sql AS $$ SELECT crypt(t, gen_salt('bf')) $$;",
        // What it is used for leaves no trace in a schema.
        "CREATE EXTENSION pg_stat_statements;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let used: Vec<&str> = cx.extension_uses().iter().filter_map(|u| owner_of(&u.name)).collect();
    for (id, extension) in cx.schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
        if !is_known_in_full(&extension.name) {
            continue;
        }
        out.look();
        if !used.contains(&extension.name.as_str()) {
            let message = format!("Nothing in the input uses the extension `{}`.", extension.name);
            out.report(ObjectId::Extension(id), extension.span, message);
        }
    }
}
