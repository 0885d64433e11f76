use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity};
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{NamespaceId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "isolated-table",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table has no foreign key in or out, in a schema whose tables are mostly tied together.",
    why: "A table by itself is either a register of its own, such as settings or a job queue, or the foreign keys that tie it to the rest are \
          missing. Columns whose name shows what they refer to are told by another rule; here nothing in the schema shows it. PostgreSQL \
          manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, u bigint REFERENCES users);\nCREATE TABLE notes (id bigint PRIMARY KEY, u bigint REFERENCES users);\nCREATE TABLE «settings» (name text PRIMARY KEY, value text);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, u bigint REFERENCES users);",
        // A schema without foreign keys says nothing.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, u bigint);",
        // Tied by its column's name.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, u bigint REFERENCES users);\nCREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint);",
    ],
    supersedes: &["table-never-referenced"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut tied = BTreeSet::new();
    for key in cx.foreign_keys() {
        tied.insert(key.table);
        tied.insert(key.fk.references);
    }
    for (id, _, reference) in cx.references.all() {
        tied.insert(id);
        tied.insert(reference.target);
    }
    // For each schema how many of its tables are tied, of how many.
    let mut counts: BTreeMap<NamespaceId, (usize, usize)> = BTreeMap::new();
    for (id, table) in cx.tables() {
        let (own, all) = counts.entry(table.namespace).or_default();
        *all += 1;
        *own += usize::from(tied.contains(&id));
    }
    for (id, table) in cx.tables() {
        out.look();
        let (own, all) = counts.get(&table.namespace).copied().unwrap_or_default();
        let inherits = !table.inherits.is_empty() || !cx.schema.children_of(id).is_empty();
        if own * 3 < all * 2 || tied.contains(&id) || inherits {
            continue;
        }
        let message = format!("`{}` has no foreign key in or out.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message)
            .evidence(format!("{own} of {} are tied to others.", number_of_tables(all)));
    }
}
