use crate::finding::{Certainty, Severity};
use crate::operation::FunctionBody;
use crate::rules::support::words;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "table-never-referenced",
    category: Category::DataLifecycle,
    severity: Severity::Info,
    certainty: Certainty::Advisory,
    summary: "Nothing in the schema ties a table to the rest.",
    why: "A table without a foreign key in or out, which no view, function, trigger or policy mentions, is either a register of its own, such as settings, or a \
          leftover. Code outside of the schema may use it; look there before it goes. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE TABLE «old_posts» (id bigint PRIMARY KEY, body text);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE TABLE drafts (id bigint PRIMARY KEY, body text);\nCREATE VIEW all_drafts AS SELECT id FROM drafts;",
        // Where no table has a foreign key, the schema says nothing.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, body text);",
        // Tied by its column's name.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE TABLE notes (id bigint PRIMARY KEY, post_id bigint);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut tied = std::collections::BTreeSet::new();
    let mut keys = 0_u32;
    for (id, table) in cx.schema.live_tables() {
        for (_, _, fk) in cx.schema.foreign_keys_of(table) {
            keys += 1;
            tied.insert(id);
            tied.insert(fk.references);
        }
        if !table.inherits.is_empty() {
            tied.insert(id);
            tied.extend(table.inherits.iter().copied());
        }
    }
    if keys == 0 {
        return;
    }
    for (id, _, reference) in cx.references.all() {
        tied.insert(id);
        tied.insert(reference.target);
    }
    let expressions = cx.schema.live_views().map(|(_, v)| &v.query).chain(
        cx.schema
            .policies
            .iter()
            .filter(|(_, p)| p.dropped.is_none())
            .flat_map(|(_, p)| p.using.iter().chain(&p.with_check)),
    );
    for expression in expressions {
        for reference in &expression.references {
            if let ObjectId::Table(t) | ObjectId::Column(t, _) = reference.target {
                tied.insert(t);
            }
        }
    }
    let mut mentioned = std::collections::BTreeSet::new();
    for (_, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        if let Some(FunctionBody::String(body) | FunctionBody::Sql(body)) = &function.body {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            mentioned
                .extend(body.text.split(|c: char| !is_name(c)).filter(|w| !w.is_empty()).map(str::to_ascii_lowercase));
        }
    }
    for (id, table) in cx.tables().filter(|(_, t)| t.kind == TableKind::Ordinary) {
        out.look();
        let has_triggers = cx.schema.triggers_of(&table.triggers).next().is_some();
        if tied.contains(&id) || has_triggers || mentioned.contains(&table.name.to_ascii_lowercase()) {
            continue;
        }
        let mut draft = out.report(
            ObjectId::Table(id),
            table.name_span,
            format!("Nothing in the schema refers to `{}`, and it refers to nothing.", cx.table_name(id)),
        );
        const LEFT_OVER: &[&str] = &["backup", "bak", "copy", "deprecated", "legacy", "obsolete", "old", "temp", "tmp"];
        if let Some(word) = words(&table.name).into_iter().find(|w| LEFT_OVER.contains(&w.as_str())) {
            draft = draft.evidence(format!("Its name says `{word}`."));
        }
        let _ = draft;
    }
}
