use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "reference-before-definition",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A statement uses a table, column, type or other object that does not exist when it runs.",
    why: "Replayed in order, the statement fails, and with it the migration: a new environment, a test database or a restore cannot be built from these \
          files. Most often a file is missing, files run in another order than they were written in, or an object was dropped or renamed earlier. Each \
          missing object is told once, at its first use. PostgreSQL manual, appendix A \"PostgreSQL Error Codes\", class 42.",
    fires: &[
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES «users»);\nCREATE TABLE users (id bigint PRIMARY KEY);",
        "CREATE TABLE posts (id bigint PRIMARY KEY);\nCREATE INDEX posts_title ON posts («title»);",
    ],
    silent: &[
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nDROP TABLE IF EXISTS drafts;",
        "CREATE EXTENSION citext;\nCREATE TABLE users (id bigint PRIMARY KEY, email citext);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A document has no order of execution; what cannot be in it is another rule's business.
    if cx.target.role == Role::Document {
        return;
    }
    for revision in &cx.history.revisions {
        for _ in &revision.up {
            out.look();
        }
    }
    for conflict in &cx.replay.conflicts {
        let Some(kind) = missing_kind(conflict.sqlstate, &conflict.message) else { continue };
        let Some(name) = quoted(&conflict.message) else { continue };
        let sentence = format!("{}.", with_ticks(&conflict.message));
        let mut chars = sentence.chars();
        let capital = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
        let message = format!("{capital}{}", chars.as_str());
        let later = later_definition(cx, kind, name);
        let mut draft = out
            .report_about(Subject::new(kind, name), conflict.span, message)
            .objects(conflict.objects.iter().copied().filter(|o| !matches!(o, ObjectId::Revision(_))));
        draft = draft.maybe_subject(cx.revision(conflict.revision));
        if let Some(span) = later {
            draft = draft.also_at(span).evidence("It is created further down.".to_owned());
        }
        let _ = draft;
    }
}

/// What kind of object is missing, by the error. Source: PostgreSQL manual, appendix A.
fn missing_kind(sqlstate: &str, message: &str) -> Option<ObjectKind> {
    Some(match sqlstate {
        "42P01" => ObjectKind::Table,
        "42703" => ObjectKind::Column,
        "42883" => ObjectKind::Function,
        "3F000" => ObjectKind::Schema,
        "42704" => {
            let words = [
                ("type ", ObjectKind::Type),
                ("constraint ", ObjectKind::Constraint),
                ("index ", ObjectKind::Index),
                ("trigger ", ObjectKind::Trigger),
                ("policy ", ObjectKind::Policy),
                ("role ", ObjectKind::Role),
                ("extension ", ObjectKind::Extension),
                ("rule ", ObjectKind::Rule),
            ];
            words.into_iter().find(|(word, _)| message.starts_with(word)).map_or(ObjectKind::Type, |(_, kind)| kind)
        }
        _ => return None,
    })
}

/// The first name in quotes.
fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once('"')?;
    rest.split_once('"').map(|(name, _)| name).or_else(|| message.split_whitespace().nth(1))
}

/// The message with names in backticks instead of double quotes.
fn with_ticks(message: &str) -> String {
    message.replace('`', "'").replace('"', "`")
}

/// Where an object of that name is created all the same, later.
fn later_definition(cx: &Context<'_>, kind: ObjectKind, name: &str) -> Option<crate::source::Span> {
    let own = name.rsplit('.').next().unwrap_or(name);
    match kind {
        ObjectKind::Table => cx.schema.tables.iter().find(|(_, t)| t.name == own).map(|(_, t)| t.name_span),
        ObjectKind::Type => cx.schema.types.iter().find(|(_, t)| t.name == own).map(|(_, t)| t.name_span),
        _ => None,
    }
}
