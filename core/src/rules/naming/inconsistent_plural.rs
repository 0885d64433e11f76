use crate::finding::{Certainty, Severity};
use crate::rules::support::{list, number, pinned, singular, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-plural",
    category: Category::Naming,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "Some tables are named in the singular and some in the plural.",
    why: "Either is fine; a mixture makes everyone look names up. The rule speaks once, where at least five names are of one kind and a clear minority of \
          the other. PostgreSQL manual, 4.1.1 \"Identifiers and Key Words\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);\nCREATE TABLE comments (id bigint PRIMARY KEY);\nCREATE TABLE tags (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE «invoice» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);\nCREATE TABLE comments (id bigint PRIMARY KEY);\nCREATE TABLE tags (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE metadata (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE post (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

/// Nouns without a plural, and names that are no nouns.
const NEITHER: &[&str] = &[
    "access",
    "activity",
    "audit",
    "cache",
    "config",
    "configuration",
    "content",
    "data",
    "feedback",
    "history",
    "info",
    "information",
    "inventory",
    "log",
    "media",
    "metadata",
    "music",
    "news",
    "progress",
    "queue",
    "settings",
    "staff",
    "stock",
    "storage",
    "telemetry",
    "usage",
    "series",
    "status",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "table-number", out) {
        return;
    }
    let (mut plural, mut single) = (Vec::new(), Vec::new());
    for (id, table) in cx.tables() {
        out.look();
        let words = words(&table.name);
        let Some(last) = words.last().filter(|w| !NEITHER.contains(&w.as_str()) && w.chars().all(char::is_alphabetic))
        else {
            continue;
        };
        if singular(last) == last.as_str() { single.push((id, table)) } else { plural.push((id, table)) }
    }
    let (minority, majority, kind, other) = if single.len() <= plural.len() {
        (&single, &plural, "singular", "plural")
    } else {
        (&plural, &single, "plural", "singular")
    };
    if majority.len() < 5 || minority.len() * 3 > majority.len() {
        return;
    }
    let Some((first, table)) = minority.first() else { return };
    let names: Vec<String> = minority.iter().map(|(id, _)| format!("`{}`", cx.table_name(*id))).collect();
    let message = format!(
        "{} {} named in the {kind}, the others in the {other}.",
        list(&names),
        if names.len() == 1 { "is" } else { "are" }
    );
    let mut draft = out.report(ObjectId::Table(*first), table.name_span, message).evidence(format!(
        "{} of {}.",
        majority.len(),
        number(majority.len() + minority.len(), "name agrees", "names agree")
    ));
    for (id, table) in minority.iter().skip(1) {
        draft = draft.object(ObjectId::Table(*id)).also_at(table.name_span);
    }
    let _ = draft;
}
