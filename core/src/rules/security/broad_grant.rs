use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::operation::{Grant, ObjectKind};
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
        // Taken back in part.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\n«GRANT ALL ON notes TO PUBLIC»;\nREVOKE TRUNCATE ON notes FROM PUBLIC;",
        // Only the right to pass it on is taken back.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\n«GRANT ALL ON notes TO PUBLIC»;\nREVOKE GRANT OPTION FOR ALL ON notes FROM PUBLIC;",
        // One statement on many tables is told once.
        "CREATE TABLE a (id bigint PRIMARY KEY, note text);\nCREATE TABLE b (id bigint PRIMARY KEY, note text);\n«GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC»;",
        // To several at once.
        "CREATE ROLE anon;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT TO anon USING (id > 0);\n«GRANT ALL ON notes TO anon, PUBLIC»;",
        "-- file: 1_a.sql\n«CREATE SCHEMA sales»;\nCREATE SCHEMA stock;\nCREATE TABLE sales.a (id bigint PRIMARY KEY);\nCREATE TABLE sales.b (id bigint PRIMARY KEY);\nCREATE TABLE stock.c (id bigint PRIMARY KEY);\n-- file: 2_b.sql\nCREATE TABLE stock.d (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 1_a.sql\nCREATE ROLE app;\nCREATE SCHEMA sales;\nCREATE SCHEMA stock;\nCREATE TABLE sales.a (id bigint PRIMARY KEY);\nCREATE TABLE sales.b (id bigint PRIMARY KEY);\nCREATE TABLE stock.c (id bigint PRIMARY KEY);\n-- file: 2_b.sql\nGRANT USAGE ON SCHEMA sales TO app;",
        "CREATE ROLE app;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nGRANT ALL ON notes TO app;\nGRANT SELECT ON notes TO PUBLIC;",
        // Policies say what a visitor may do.
        "CREATE ROLE anon;\nCREATE TABLE notes (id bigint PRIMARY KEY, note text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON notes FOR SELECT TO anon USING (id > 0);\nGRANT ALL ON notes TO anon;",
        // Taken back.
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nGRANT ALL ON notes TO PUBLIC;\nREVOKE ALL ON notes FROM PUBLIC;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\nGRANT ALL ON notes TO PUBLIC;\nREVOKE INSERT, UPDATE, DELETE ON notes FROM PUBLIC;\nREVOKE TRUNCATE ON notes FROM PUBLIC;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    nothing_granted(cx, out);
    // From the end: what later statements take away is known when a grant is come to.
    let mut taken: BTreeMap<(ObjectId, Name), BTreeSet<&str>> = BTreeMap::new();
    let mut found: Vec<(&GrantEntry, ObjectId, Name, Vec<&str>)> = Vec::new();
    for entry in cx.schema.grants.iter().rev().filter(|e| e.default_for.is_none()) {
        let grant = &entry.grant;
        let roles = grant.grantees.iter().map(crate::name::Ident::fold).filter(|r| r == "public" || r == "anon");
        if grant.revoke {
            if !grant.takes_away() {
                continue;
            }
            // Of a column nothing can be taken that was given on the table.
            let rights = broad(grant).filter(|_| grant.kind != ObjectKind::Column);
            let rights: BTreeSet<&str> = rights.collect();
            for role in roles {
                for object in &entry.objects {
                    taken.entry((*object, role.clone())).or_default().extend(&rights);
                }
            }
            continue;
        }
        out.look();
        for role in roles {
            for object in entry.objects.iter().rev().copied().filter(|o| is_open(cx, *o, &role)) {
                let gone = taken.get(&(object, role.clone()));
                let kept: Vec<&str> = broad(grant).filter(|r| gone.is_none_or(|gone| !gone.contains(r))).collect();
                let whole = grant.privileges.iter().any(|p| p == "ALL") && kept.len() == broad(grant).count();
                let rights = if whole && !kept.is_empty() { vec!["ALL"] } else { kept };
                if !rights.is_empty() {
                    found.push((entry, object, role.clone(), rights));
                }
            }
        }
    }
    // One statement is one decision, on however many tables: ALL TABLES IN SCHEMA.
    let mut grouped: Vec<(&GrantEntry, Vec<ObjectId>, Name, Vec<&str>)> = Vec::new();
    for (entry, object, role, rights) in found.into_iter().rev() {
        match grouped
            .iter_mut()
            .rev()
            .take_while(|(e, ..)| e.span == entry.span)
            .find(|(_, _, r, k)| *r == role && *k == rights)
        {
            Some((_, objects, ..)) => objects.push(object),
            None => grouped.push((entry, vec![object], role, rights)),
        }
    }
    for (entry, objects, role, rights) in grouped {
        let Some((first, rest)) = objects.split_first() else { continue };
        let said = if role == "public" { "everyone" } else { "every visitor of the web API" };
        let names: Vec<String> = rights.iter().map(|r| (*r).to_owned()).collect();
        let message = format!("A grant gives {} on {} to {said}.", list(&names), some_of(cx, &objects));
        let to = if role == "public" { "PUBLIC".to_owned() } else { quote(&role) };
        let on = if matches!(first, ObjectId::Namespace(_)) { "SCHEMA " } else { "" };
        let paths: Vec<String> = objects.iter().map(|o| cx.schema.path(*o)).collect();
        out.report(*first, entry.span, message).compared_with(rest.iter().copied()).fix(Fix {
            sql: format!("REVOKE {} ON {on}{} FROM {to};", rights.join(", "), paths.join(", ")),
            caution: Some(
                "Give it to the roles that need it first: whatever connects as another role than the owner loses it."
                    .to_owned(),
            ),
        });
    }
}

/// The names of what a statement grants on; of many the first few and how many more.
fn some_of(cx: &Context<'_>, objects: &[ObjectId]) -> String {
    const FEW: usize = 3;
    let shown = if objects.len() > FEW + 1 { FEW } else { objects.len() };
    let mut names: Vec<String> = objects.iter().take(shown).map(|o| format!("`{}`", cx.name(*o))).collect();
    if objects.len() > shown {
        names.push(format!("{} more", objects.len() - shown));
    }
    list(&names)
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

/// The privileges of a statement that let their holder change something, ALL in its parts.
fn broad(grant: &Grant) -> impl Iterator<Item = &'static str> {
    let rights: &[&str] = match grant.kind {
        ObjectKind::Table | ObjectKind::Column | ObjectKind::View | ObjectKind::ForeignTable => {
            &["INSERT", "UPDATE", "DELETE", "TRUNCATE"]
        }
        ObjectKind::Schema => &["CREATE"],
        _ => &[],
    };
    rights.iter().copied().filter(|right| grant.privileges.iter().any(|p| p == "ALL" || p == right))
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
