use crate::finding::{Certainty, Fix, Severity};
use crate::name::Name;
use crate::operation::{FunctionKind, ObjectKind};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, Function, FunctionId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "definer-function-executable",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A SECURITY DEFINER function can be called by everyone through the web API.",
    why: "Such a function does what its owner may do, past all policies. EXECUTE on a new function goes to PUBLIC unless it is taken away, and the API of Supabase and \
          PostgREST offers every function of `public` to whoever has the public key. Take EXECUTE away and give it to the roles that need it, or move the function \
          into a schema that the API does not show. The rule is silent where a GRANT or REVOKE speaks of the function: somebody has thought about it. PostgreSQL \
          manual, CREATE FUNCTION, \"Writing SECURITY DEFINER Functions Safely\".",
    fires: examples![
        "CREATE ROLE anon;\n«CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1'»;",
    ],
    silent: examples![
        "CREATE ROLE anon;\nCREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';\nREVOKE EXECUTE ON FUNCTION wipe() FROM PUBLIC;",
        // A trigger function cannot be called.
        "CREATE ROLE anon;\nCREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS 'BEGIN RETURN NEW; END';",
        // A policy calls it as the role that asks.
        "CREATE ROLE anon;\nCREATE FUNCTION mine(bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS 'SELECT true';\nCREATE TABLE notes (id bigint PRIMARY KEY);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON notes TO anon USING (mine(id));",
        // No web API.
        "CREATE FUNCTION wipe() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.security_definer) {
        if !cx.is_exposed(function.namespace) || !is_callable(function) {
            continue;
        }
        out.look();
        if is_spoken_of(cx, id, function) || a_policy_calls(cx, id, &function.name) {
            continue;
        }
        let path = cx.schema.path(ObjectId::Function(id));
        let message = format!(
            "`{}` runs with the rights of its owner, and everyone may call it through the web API.",
            cx.name(ObjectId::Function(id))
        );
        let keyword = if function.kind == FunctionKind::Procedure { "PROCEDURE" } else { "FUNCTION" };
        out.report(ObjectId::Function(id), function.span, message).fix(Fix {
            sql: format!("REVOKE EXECUTE ON {keyword} {path} FROM PUBLIC;"),
            caution: Some(format!(
                "Supabase gives EXECUTE on new functions to `anon` and `authenticated` by name as well; take it from those, too, and give it back to the roles that call it: `SELECT proacl FROM pg_proc WHERE oid = '{}'::regprocedure;`.",
                path.replace('\'', "''")
            )),
        });
    }
}

fn is_callable(function: &Function) -> bool {
    let by_events =
        matches!(&function.returns, Some(DataType { base: BaseType::Builtin(n), .. }) if n == "event_trigger");
    !function.returns_trigger() && !by_events && function.kind != FunctionKind::Aggregate
}

/// Whether a GRANT or REVOKE speaks of it, alone or with all of its schema.
fn is_spoken_of(cx: &Context<'_>, id: FunctionId, function: &Function) -> bool {
    let schema = cx.schema.namespaces.get(function.namespace).map(|n| &n.name);
    cx.schema.grants.iter().any(|g| {
        let routines = matches!(g.grant.kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine);
        let of_schema = |names: &[Name]| schema.is_some_and(|s| names.contains(s));
        g.objects.contains(&ObjectId::Function(id))
            || routines
                && g.grant.takes_away()
                && (g.grant.in_schemas.iter().any(|s| Some(&s.fold()) == schema)
                    || g.default_for.as_ref().is_some_and(|names| names.is_empty() || of_schema(names)))
    })
}

fn a_policy_calls(cx: &Context<'_>, id: FunctionId, name: &Name) -> bool {
    cx.schema.policies.iter().filter(|(_, p)| p.dropped.is_none()).any(|(_, p)| {
        p.using
            .iter()
            .chain(&p.with_check)
            .any(|e| e.references.iter().any(|r| r.target == ObjectId::Function(id)) || e.source.words().contains(name))
    })
}
