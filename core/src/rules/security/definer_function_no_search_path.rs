use super::unqualified_name_in_definer::relation;
use crate::finding::{Certainty, Fix, Severity};
use crate::operation::{FunctionBody, FunctionKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Function, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "definer-function-no-search-path",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A SECURITY DEFINER function does not fix its search_path.",
    why: "Such a function runs with its owner's rights but looks names up along the caller's path. A caller who may create objects anywhere on that path, \
          or in a temporary schema, puts a table or operator of the same name in front and runs code as the owner. Fix the path on the function: \
          empty, with every name qualified, or trusted schemas with `pg_temp` last. A PL/pgSQL function that runs with its caller's rights gives nothing away, but means \
          another table for a caller with another path: where it names tables without a schema, that is told for information. PostgreSQL manual, CREATE FUNCTION, \"Writing SECURITY DEFINER \
          Functions Safely\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\n«CREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM users'»;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\n«CREATE FUNCTION count_users() RETURNS bigint LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT count(*) FROM users); END'»;",
    ],
    silent: examples![
        // What runs with the caller's rights and names nothing of the project's, and what PostgreSQL puts into the query that calls it.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.at := now(); RETURN NEW; END';\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS 'SELECT count(*) FROM users';",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';\nALTER FUNCTION one() SET search_path = '';",
    ],
    supersedes: &["unqualified-name-in-definer"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        if !cx.owns_namespace(function.namespace) || function.kind == FunctionKind::Aggregate {
            continue;
        }
        let bare = bare_relation(cx, function);
        if !function.security_definer && bare.is_none() {
            continue;
        }
        out.look();
        // Names in a body of BEGIN ATOMIC are bound when it is created.
        let bound = matches!(function.body, Some(FunctionBody::Sql(_)));
        if bound || function.settings.iter().any(|(name, _)| name == "search_path") || function.language == "c" {
            continue;
        }
        let name = cx.name(ObjectId::Function(id));
        let (message, severity) = match bare.filter(|_| !function.security_definer) {
            Some(bare) => (
                format!("`{name}` names `{bare}` without a schema: which it means goes by the caller's search_path."),
                Severity::Info,
            ),
            None => (
                format!(
                    "`{name}` runs with the rights of its owner, but looks names up along the caller's search_path."
                ),
                Severity::High,
            ),
        };
        let keyword = if function.kind == FunctionKind::Procedure { "PROCEDURE" } else { "FUNCTION" };
        let path = cx.schema.path(ObjectId::Function(id));
        let schema = cx
            .schema
            .namespaces
            .get(function.namespace)
            .map_or_else(|| "public".to_owned(), |n| crate::name::quote(&n.name));
        out.report(ObjectId::Function(id), function.span, message).severity(severity).fix(Fix {
            sql: format!("ALTER {keyword} {path} SET search_path = pg_catalog, {schema}, pg_temp;"),
            caution: Some(
                "Name every schema that the body uses without qualifying it. A function with SET is never inlined into queries; that matters for small SQL \
                 functions in hot paths."
                    .to_owned(),
            ),
        });
    }
}

/// The first of the project's own relations that a PL/pgSQL body names without a schema.
fn bare_relation(cx: &Context<'_>, function: &Function) -> Option<String> {
    match &function.body {
        Some(FunctionBody::String(body)) if function.language == "plpgsql" => {
            let mut names = body.routine().bare_relations.into_iter().map(|(name, _)| name);
            names.find(|name| relation(cx, name).is_some()).map(|name| name.to_string())
        }
        _ => None,
    }
}
