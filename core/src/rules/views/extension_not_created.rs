use crate::analysis::{Dialect, Role};
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{missing_object, owner_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "extension-not-created",
    category: Category::ViewsAndFunctions,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A type, operator class or function of an extension is used, and nothing creates the extension before.",
    why: "On the author's database the extension is there; on a new one the statement fails, or, for a function in a default, the first insert. CREATE EXTENSION IF NOT EXISTS belongs in \
          front of the first use, in the migrations themselves. Supabase brings pgcrypto and uuid-ossp with it. `gen_random_uuid()` is built in since version 13 and needs none. PostgreSQL \
          manual, CREATE EXTENSION.",
    fires: examples![
        "CREATE TABLE docs (id bigint PRIMARY KEY, embedding «vector(3)»);",
        "CREATE TABLE docs («id uuid PRIMARY KEY DEFAULT uuid_generate_v4()»);",
        "CREATE TABLE docs (id bigint PRIMARY KEY, title «public.citext»);",
        "CREATE TABLE docs («id uuid PRIMARY KEY DEFAULT public.uuid_generate_v4()»);",
        "CREATE TABLE docs (id bigint PRIMARY KEY, changed_at timestamptz);\n«CREATE TRIGGER touch BEFORE UPDATE ON docs FOR EACH ROW EXECUTE FUNCTION moddatetime(changed_at)»;",
        "CREATE TABLE docs (id bigint PRIMARY KEY, title text);\n«CREATE INDEX docs_title ON docs USING gin (title gin_trgm_ops)»;",
        "CREATE TABLE bookings (id bigint PRIMARY KEY, room text NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist («room» WITH =, during WITH &&));",
    ],
    silent: examples![
        "CREATE EXTENSION btree_gist;\nCREATE TABLE bookings (id bigint PRIMARY KEY, room text NOT NULL, during tstzrange NOT NULL, EXCLUDE USING gist (room WITH =, during WITH &&));",
        // CASCADE brings pgvector.
        "CREATE EXTENSION vectorscale CASCADE;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(3));",
        "CREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(3));",
        "CREATE TABLE docs (id uuid PRIMARY KEY DEFAULT gen_random_uuid());",
        // A function of the project's own.
        "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';\nCREATE TABLE docs (id uuid PRIMARY KEY DEFAULT uuid_generate_v4());",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

/// Extensions that Supabase installs in every project.
const OF_PLATFORM: &[&str] = &["pgcrypto", "uuid-ossp"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Models leave it to whoever makes the database.
    if cx.target.role == Role::Models || cx.target.dialect != Dialect::PostgreSql {
        return;
    }
    let is_there = |extension: &str| {
        cx.schema.find_extension(extension).is_some() || (cx.has_web_roles() && OF_PLATFORM.contains(&extension))
    };
    let mut told: Vec<&str> = Vec::new();
    // Refused when they ran: too early, even where the extension comes later.
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "42704") {
        let Some((kind, name)) = missing_object(conflict) else { continue };
        let own = name.rsplit('.').next().unwrap_or(name);
        let class = without_class(&conflict.message);
        let owner = class.map(|(_, extension)| extension).or_else(|| owner_of(own));
        let Some(extension) = owner.filter(|_| kind == ObjectKind::Type) else { continue };
        out.look();
        if told.contains(&extension) {
            continue;
        }
        told.push(extension);
        let message = match class {
            Some((data_type, _)) => format!(
                "`{own}` indexes `{data_type}` with an operator class of the extension `{extension}`, which is not created before."
            ),
            None => format!("`{own}` belongs to the extension `{extension}`, which is not created before."),
        };
        out.report_about(Subject::new(kind, name), conflict.span, message)
            .maybe_subject(Some(Subject::new(ObjectKind::Extension, crate::name::quote(extension))))
            .maybe_subject(cx.revision(conflict.revision));
    }
    for used in cx.extension_uses().iter().filter(|u| u.needed) {
        let Some(extension) = owner_of(&used.name) else { continue };
        out.look();
        if told.contains(&extension) || is_there(extension) {
            continue;
        }
        // Reads all functions and types: only for the few that are left.
        let own = cx.schema.functions.iter().any(|(_, f)| f.dropped.is_none() && f.name == used.name)
            || cx.schema.types.iter().any(|(_, t)| t.dropped.is_none() && t.name == used.name);
        if own {
            continue;
        }
        told.push(extension);
        let message = format!("`{}` belongs to the extension `{extension}`, which nothing creates.", used.name);
        out.report_about(Subject::new(ObjectKind::Extension, crate::name::quote(extension)), used.span, message);
    }
}

/// The scalar type for which GiST or GIN has no operator class of its own, and the extension that has one. Of texts under GIN, trigrams may be meant as well.
fn without_class(message: &str) -> Option<(&str, &'static str)> {
    let (data_type, method) =
        message.strip_prefix("data type ")?.split_once(" has no default operator class for access method ")?;
    let is_scalar = !data_type.ends_with("[]") && !matches!(data_type, "json" | "jsonb" | "xml" | "point");
    match method.trim_matches('"') {
        "gist" if is_scalar => Some((data_type, "btree_gist")),
        "gin" if is_scalar && !matches!(data_type, "text" | "character varying") => Some((data_type, "btree_gin")),
        _ => None,
    }
}
