use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity};
use crate::operation::ObjectKind;
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId, Table, TableId};
use std::collections::BTreeMap;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-not-forced",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "Row-level security is on but not forced, and nothing shows a role other than the owner at work.",
    why: "Policies do not bind the owner of a table unless FORCE ROW LEVEL SECURITY says so. Where the application connects as the role that runs the migrations, \
          which is the owner, every policy is without effect, and nothing tells. The rule speaks where neither a grant nor a policy names another role, or where \
          most tables are forced; where none of many is, it is told once for their schema. A superuser and roles with BYPASSRLS are never bound. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE «a» (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a USING (id = current_setting('app.id', true)::bigint);\nCREATE POLICY p ON b USING (id = current_setting('app.id', true)::bigint);\nCREATE POLICY p ON c USING (id = current_setting('app.id', true)::bigint);\nCREATE POLICY p ON d USING (id = current_setting('app.id', true)::bigint);",
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.owner', true)));",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nALTER TABLE notes FORCE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.owner', true)));",
        // Another role is at work.
        "CREATE ROLE app;\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nGRANT SELECT ON notes TO app;\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT current_setting('app.owner', true)));",
        "CREATE ROLE app;\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO app USING (owner = (SELECT current_setting('app.owner', true)));",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = (SELECT auth.uid()));",
    ],
    supersedes: &[],
    check,
};

const CAUTION: &str = "Migrations, jobs and dumps that run as the owner then see only what policies give them; give those a role with BYPASSRLS.";

/// From how many tables with row-level security on, none of them forced, they are told together.
const MANY: usize = 4;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.hidden_sql_says("force row level security") {
        return;
    }
    let protected = || cx.tables().filter(|(_, t)| t.rls_enabled);
    let all = protected().count();
    let forced = protected().filter(|(_, t)| t.rls_forced).count();
    let others = cx.has_web_roles() || another_role_works(cx);
    // Where no table is forced, that is one decision, told once for each schema.
    if forced == 0 && !others && all >= MANY {
        not_forced_at_all(cx, out);
        return;
    }
    for (id, table) in protected() {
        out.look();
        // Without a policy nobody but the owner sees rows, which may be what is meant.
        if table.rls_forced || cx.schema.policies_of(table).next().is_none() || (others && forced * 2 <= all) {
            continue;
        }
        let message =
            format!("The owner of `{}` sees all its rows: row-level security is not forced.", cx.table_name(id));
        let counted = format!("{forced} of {} with row-level security force it.", number_of_tables(all));
        let evidence = if others { counted } else { format!("{counted} No grant and no policy names another role.") };
        out.report(ObjectId::Table(id), table.name_span, message).evidence(evidence).fix(Fix {
            sql: format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY;", cx.table_sql(id)),
            caution: Some(CAUTION.to_owned()),
        });
    }
}

/// One finding for each schema in which no table with policies is forced.
fn not_forced_at_all(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut by_schema: BTreeMap<NamespaceId, Vec<(TableId, &Table)>> = BTreeMap::new();
    for (id, table) in cx.tables().filter(|(_, t)| t.rls_enabled) {
        out.look();
        if cx.schema.policies_of(table).next().is_some() {
            by_schema.entry(table.namespace).or_default().push((id, table));
        }
    }
    for (namespace, tables) in by_schema {
        let Some((_, first)) = tables.first() else { continue };
        let name = cx.schema.namespaces.get(namespace).map_or("", |n| n.name.as_str());
        let message = format!(
            "The owner of the {} with row-level security in `{name}` sees all their rows: none is forced.",
            number_of_tables(tables.len())
        );
        let sql: Vec<String> = tables
            .iter()
            .map(|(id, _)| format!("ALTER TABLE {} FORCE ROW LEVEL SECURITY;", cx.table_sql(*id)))
            .collect();
        out.report(ObjectId::Namespace(namespace), first.name_span, message)
            .evidence("No grant and no policy names another role.".to_owned())
            .fix(Fix { sql: sql.join("\n"), caution: Some(CAUTION.to_owned()) });
    }
}

/// Whether a policy or a grant on tables names a role.
fn another_role_works(cx: &Context<'_>) -> bool {
    let policies = cx.schema.policies.iter().any(|(_, p)| p.dropped.is_none() && p.roles.iter().any(|r| r != "public"));
    // Who asks the platform who it is connects as one of its roles.
    let platform = |tree: &Tree| {
        let mut found = false;
        tree.walk(&mut |t| {
            found |= matches!(t, Tree::Call(call) if matches!(call.name.as_slice(), [schema, _] if schema == "auth"))
        });
        found
    };
    let asks = || {
        let live = cx.schema.policies.iter().filter(|(_, p)| p.dropped.is_none());
        live.flat_map(|(_, p)| p.using.iter().chain(&p.with_check)).any(|e| platform(e.source.tree()))
    };
    policies
        || asks()
        || cx.schema.grants.iter().any(|g| {
            !g.grant.revoke
                && matches!(g.grant.kind, ObjectKind::Table | ObjectKind::Column)
                && !g.grant.grantees.is_empty()
        })
}
