use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::operation::{FunctionBody, FunctionKind};
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unqualified-name-in-definer",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A SECURITY DEFINER function without a search_path of its own names tables without their schema.",
    why: "The name is looked up along the path of whoever calls, so that a caller's temporary table of the same name is read or written in place of the real one, with the rights of the \
          owner. This lists the names; a search_path on the function (see `definer-function-no-search-path`, which tells it first) or a schema in front of each settles it. PostgreSQL \
          manual, CREATE FUNCTION, \"Writing SECURITY DEFINER Functions Safely\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM «users» $$;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM public.users $$;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT count(*) FROM users $$;",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION count_users() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM users $$;",
        // A name of the query's own.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE FUNCTION one() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ WITH u AS (SELECT 1 AS n) SELECT n FROM u $$;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.security_definer) {
        let Some(FunctionBody::String(body)) = &function.body else { continue };
        let read = function.language == "sql" || function.language == "plpgsql";
        if !read || !cx.owns_namespace(function.namespace) || function.kind == FunctionKind::Aggregate {
            continue;
        }
        out.look();
        if function.settings.iter().any(|(name, _)| name == "search_path") {
            continue;
        }
        let mut named: Vec<(Name, RelationId)> = Vec::new();
        let mut first = None;
        for (name, place) in body.routine().bare_relations {
            if let Some(relation) = relation(cx, &name).filter(|r| !named.iter().any(|(_, n)| n == r)) {
                first = first.or(Some(place));
                named.push((name, relation));
            }
        }
        let Some(place) = first else { continue };
        let names: Vec<String> = named.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = format!(
            "`{}` names {} without a schema, and has no search_path of its own.",
            cx.name(ObjectId::Function(id)),
            list(&names)
        );
        out.report(ObjectId::Function(id), body.span_of(place).unwrap_or(function.name_span), message);
    }
}

/// The project's own relation of this name.
pub(super) fn relation(cx: &Context<'_>, name: &Name) -> Option<RelationId> {
    cx.tables().find(|(_, t)| t.name == *name).map(|(id, _)| RelationId::Table(id)).or_else(|| {
        let mut views = cx.schema.live_views().filter(|(_, v)| cx.owns_namespace(v.namespace));
        views.find(|(_, v)| v.name == *name).map(|(id, _)| RelationId::View(id))
    })
}
