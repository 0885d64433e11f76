use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::ObjectKind;
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{GrantEntry, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "broad-grant",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Everyone, or every visitor of the web API, may write to a table or create objects in a schema.",
    why: "PUBLIC is every role that there is and will be, `anon` every visitor who has not signed in. Rights to write belong to the roles that need them. CREATE on a schema that \
          others have on their search path lets anybody put a function in front of a built-in one; since version 15 PUBLIC no longer has it on `public`. A table with \
          row-level security on keeps `anon` to what policies allow, and is not told. PostgreSQL manual, 5.7 \"Privileges\" and 5.9.6 \"Usage Patterns\".",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, note text);\n«GRANT ALL ON notes TO PUBLIC»;",
        "CREATE SCHEMA app;\n«GRANT CREATE ON SCHEMA app TO PUBLIC»;",
    ],
    silent: examples![
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
