use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{list, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "object-without-comment",
    category: Category::Documentation,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Some functions, triggers and indexes have a comment, others have none.",
    why: "What a function is for and why an index is there stands nowhere in the catalogue but in a comment. Where a project writes them, an object without one \
          was forgotten. All of them are told in one finding; a project that comments none is left alone. PostgreSQL manual, COMMENT.",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text, name text);\nCREATE INDEX users_email ON users (email);\nCOMMENT ON INDEX users_email IS 'Login';\n«CREATE INDEX users_name ON users (name)»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE INDEX users_email ON users (email);\nCOMMENT ON INDEX users_email IS 'Login';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut all: Vec<(ObjectId, bool, crate::source::Span)> = Vec::new();
    for (_, table) in cx.tables() {
        // The index of a constraint is spoken of with its constraint.
        let indexes = cx.schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none());
        all.extend(indexes.map(|(id, i)| (ObjectId::Index(id), i.comment.is_some(), i.span)));
        let triggers = cx.schema.triggers_of(&table.triggers);
        all.extend(triggers.map(|(id, t)| (ObjectId::Trigger(id), t.comment.is_some(), t.span)));
    }
    let functions = cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && cx.owns_namespace(f.namespace));
    all.extend(functions.map(|(id, f)| (ObjectId::Function(id), f.comment.is_some(), f.span)));
    for _ in &all {
        out.look();
    }
    let without: Vec<_> = all.iter().filter(|(_, commented, _)| !commented).collect();
    let Some((.., place)) = without.first() else { return };
    // A quarter with comments is a habit.
    if (all.len() - without.len()) * 4 < all.len() {
        return;
    }
    let names: Vec<String> = without.iter().map(|(id, ..)| format!("`{}`", cx.name(*id))).collect();
    let message =
        format!("{} of {} have no comment: {}.", without.len(), number(all.len(), "object", "objects"), list(&names));
    out.report_about(Subject::new(ObjectKind::Schema, "comments on objects"), *place, message);
}
