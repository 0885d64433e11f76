use std::collections::BTreeSet;

use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::ObjectKind;
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{GrantEntry, NamespaceId, ObjectId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "broad-grant",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Everyone, or every visitor of the web API, may write to a table or create objects in a schema, or nothing says who may.",
    why: "PUBLIC is every role that there is and will be, `anon` every visitor who has not signed in. Rights to write belong to the roles that need them. CREATE on a schema that \
          others have on their search path lets anybody put a function in front of a built-in one; since version 15 PUBLIC no longer has it on `public`. A table with \
          row-level security on keeps `anon` to what policies allow, and is not told. A history that spreads its tables over several schemas and grants nothing leaves everything to one role, the owner: that is told once, as low. PostgreSQL manual, 5.7 \"Privileges\" and 5.9.6 \"Usage Patterns\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\n«GRANT ALL ON notes TO PUBLIC»;",
        "CREATE SCHEMA app;\n«GRANT CREATE ON SCHEMA app TO PUBLIC»;",
        "-- file: 1_a.sql\n«CREATE SCHEMA sales»;\nCREATE SCHEMA stock;\nCREATE TABLE sales.a (id bigint PRIMARY KEY);\nCREATE TABLE sales.b (id bigint PRIMARY KEY);\nCREATE TABLE stock.c (id bigint PRIMARY KEY);\n-- file: 2_b.sql\nCREATE TABLE stock.d (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 1_a.sql\nCREATE ROLE app;\nCREATE SCHEMA sales;\nCREATE SCHEMA stock;\nCREATE TABLE sales.a (id bigint PRIMARY KEY);\nCREATE TABLE sales.b (id bigint PRIMARY KEY);\nCREATE TABLE stock.c (id bigint PRIMARY KEY);\n-- file: 2_b.sql\nGRANT USAGE ON SCHEMA sales TO app;",
        "CREATE ROLE app;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nGRANT ALL ON notes TO app;\nGRANT SELECT ON notes TO PUBLIC;",
        // Policies say what a visitor may do.
        "CREATE ROLE anon;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT TO anon USING (id > 0);\nGRANT ALL ON notes TO anon;",
        // Taken back.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nGRANT ALL ON notes TO PUBLIC;\nREVOKE ALL ON notes FROM PUBLIC;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    nothing_granted(cx, out);
    let grants = &cx.schema.grants;
    for (at, entry) in grants.iter().enumerate() {
        if entry.grant.revoke || entry.default_for.is_some() {
            continue;
        }
        out.look();
        let Some(role) =
            entry.grant.grantees.iter().map(crate::name::Ident::fold).find(|r| r == "public" || r == "anon")
        else {
            continue;
        };
        let rights: Vec<&str> =
            entry.grant.privileges.iter().map(|p| p.as_str()).filter(|p| is_broad(entry.grant.kind, p)).collect();
        if rights.is_empty() {
            continue;
        }
        let open: Vec<ObjectId> = entry
            .objects
            .iter()
            .copied()
            .filter(|o| is_open(cx, *o, &role) && !is_taken_back(grants.get(at + 1..).unwrap_or_default(), *o, &role))
            .collect();
        for object in open {
            let said = if role == "public" { "everyone" } else { "every visitor of the web API" };
            let names: Vec<String> = rights.iter().map(|r| (*r).to_owned()).collect();
            let message = format!("A grant gives {} on `{}` to {said}.", list(&names), cx.name(object));
            let to = if role == "public" { "PUBLIC".to_owned() } else { quote(&role) };
            let on = if matches!(object, ObjectId::Namespace(_)) { "SCHEMA " } else { "" };
            out.report(object, entry.span, message).fix(Fix {
                sql: format!("REVOKE {} ON {on}{} FROM {to};", rights.join(", "), cx.schema.path(object)),
                caution: Some("Give it to the roles that need it first: whatever connects as another role than the owner loses it.".to_owned()),
            });
        }
    }
}

/// As few tables as make it worth to keep roles apart.
const MIN_TABLES: usize = 4;

/// Tells a history that makes several schemas and never says who may use them. A dump may have been made without privileges.
fn nothing_granted(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::History || cx.has_web_roles() || !cx.schema.grants.is_empty() {
        return;
    }
    let homes: BTreeSet<NamespaceId> = cx.tables().map(|(_, t)| t.namespace).collect();
    let made: Vec<(NamespaceId, Span)> =
        homes.into_iter().filter_map(|id| Some((id, cx.schema.namespaces.get(id)?.span?))).collect();
    let [(first, place), _, ..] = made.as_slice() else { return };
    let tables = cx.tables().filter(|(_, t)| made.iter().any(|(id, _)| *id == t.namespace)).count();
    if tables < MIN_TABLES {
        return;
    }
    let names: Vec<String> = made.iter().map(|(id, _)| format!("`{}`", cx.name(ObjectId::Namespace(*id)))).collect();
    let message = format!("Nothing says who may use the schemas {}: only their owner can.", list(&names));
    out.report(ObjectId::Namespace(*first), *place, message)
        .objects(made.iter().skip(1).map(|(id, _)| ObjectId::Namespace(*id)))
        .severity(Severity::Low)
        .certainty(Certainty::Likely)
        .evidence("The history has no GRANT and no ALTER DEFAULT PRIVILEGES.".to_owned());
}

/// Whether a privilege lets its holder change something.
fn is_broad(kind: ObjectKind, privilege: &str) -> bool {
    match kind {
        ObjectKind::Table | ObjectKind::Column | ObjectKind::View | ObjectKind::ForeignTable => {
            matches!(privilege, "ALL" | "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE")
        }
        ObjectKind::Schema => matches!(privilege, "ALL" | "CREATE"),
        _ => false,
    }
}

/// Whether nothing else keeps the role from using it.
fn is_open(cx: &Context<'_>, object: ObjectId, role: &str) -> bool {
    match object {
        ObjectId::Table(id) => {
            cx.owns(id)
                && cx
                    .schema
                    .tables
                    .get(id)
                    .is_some_and(|t| t.partition_of.is_none() && (role == "public" || !t.rls_enabled))
        }
        ObjectId::Namespace(id) => cx.owns_namespace(id),
        _ => false,
    }
}

/// Whether a later statement takes it away.
fn is_taken_back(later: &[GrantEntry], object: ObjectId, role: &str) -> bool {
    later
        .iter()
        .any(|g| g.grant.revoke && g.objects.contains(&object) && g.grant.grantees.iter().any(|r| r.fold() == role))
}
