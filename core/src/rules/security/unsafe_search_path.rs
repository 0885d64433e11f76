use crate::finding::{Certainty, Fix, Severity};
use crate::operation::FunctionKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unsafe-search-path",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A SECURITY DEFINER function fixes its search_path, and leaves the caller's temporary schema in front.",
    why: "Unless `pg_temp` stands on the path, it is searched first for tables, views and types, before `pg_catalog` even. A caller makes a temporary table of the name that the \
          function reads, and the function, with its owner's rights, reads or writes that one. Put `pg_temp` last. An empty path is safe where the body qualifies every \
          name. PostgreSQL manual, CREATE FUNCTION, \"Writing SECURITY DEFINER Functions Safely\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\n«CREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT count(*) FROM users'»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS 'SELECT count(*) FROM users';",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT count(*) FROM public.users';\nCREATE FUNCTION one() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';",
        // Runs with the caller's own rights.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql SET search_path = public AS 'SELECT count(*) FROM users';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.security_definer) {
        if !cx.owns_namespace(function.namespace) || function.kind == FunctionKind::Aggregate {
            continue;
        }
        let Some((_, path)) = function.settings.iter().find(|(name, _)| name == "search_path") else { continue };
        out.look();
        let schemas: Vec<&str> = path
            .split(',')
            .map(|s| s.trim().trim_matches(['"', '\'']))
            .filter(|s| !s.is_empty() && !s.eq_ignore_ascii_case("pg_catalog"))
            .collect();
        // Names in a body of BEGIN ATOMIC are bound when it is created.
        let bound = matches!(function.body, Some(crate::operation::FunctionBody::Sql(_)));
        if bound || schemas.is_empty() || schemas.last().is_some_and(|s| s.eq_ignore_ascii_case("pg_temp")) {
            continue;
        }
        let name = cx.name(ObjectId::Function(id));
        let early = schemas.iter().any(|s| s.eq_ignore_ascii_case("pg_temp"));
        let message = if early {
            format!("`{name}` searches the caller's temporary schema before others on its path.")
        } else {
            format!("`{name}` has no `pg_temp` on its search_path, so that the caller's temporary tables come first.")
        };
        let keyword = if function.kind == FunctionKind::Procedure { "PROCEDURE" } else { "FUNCTION" };
        let kept: Vec<String> = schemas
            .iter()
            .filter(|s| !s.eq_ignore_ascii_case("pg_temp"))
            .map(|s| if *s == "$user" { "\"$user\"".to_owned() } else { crate::name::quote(s) })
            .collect();
        out.report(ObjectId::Function(id), function.span, message).fix(Fix {
            sql: format!(
                "ALTER {keyword} {} SET search_path = {}, pg_temp;",
                cx.schema.path(ObjectId::Function(id)),
                kept.join(", ")
            ),
            caution: None,
        });
    }
}
