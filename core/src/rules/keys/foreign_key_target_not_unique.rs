use crate::finding::{Certainty, Severity};
use crate::rules::support::{Targets, list, refused_key};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-target-not-unique",
    category: Category::KeysAndReferences,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A foreign key refers to columns that no primary key or unique constraint covers.",
    why: "PostgreSQL refuses it: the referenced columns must be exactly those of a primary key, a unique constraint or a unique index without \
          predicate. A partitioned table's key must hold its partition key, so that its `id` alone can never be referred to; and a foreign key \
          over (tenant, id) needs a unique rule over that pair, although `id` is unique already. PostgreSQL manual, 5.4.5 \"Foreign Keys\" and \
          5.11.2.3 \"Limitations\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text);\nCREATE TABLE posts (id bigint PRIMARY KEY, author text «REFERENCES users (email)»);",
        "CREATE TABLE events (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE notes (id bigint PRIMARY KEY, event bigint, «FOREIGN KEY (event) REFERENCES events (id)»);",
        "CREATE TABLE users (name text);\nCREATE TABLE posts (id bigint PRIMARY KEY, author text «REFERENCES users»);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE);\nCREATE TABLE posts (id bigint PRIMARY KEY, author text REFERENCES users (email));",
        // Any order of the columns will do.
        "CREATE TABLE users (tenant bigint, id bigint PRIMARY KEY, UNIQUE (tenant, id));\nCREATE TABLE posts (id bigint PRIMARY KEY, tenant bigint, author bigint, FOREIGN KEY (author, tenant) REFERENCES users (id, tenant));",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for _ in cx.foreign_keys() {
        out.look();
    }
    let targets = Targets::of(cx);
    for conflict in &cx.replay.conflicts {
        let no_unique = conflict.sqlstate == "42830" && conflict.message.starts_with("there is no unique constraint");
        let no_primary = conflict.sqlstate == "42704" && conflict.message.starts_with("there is no primary key");
        if !no_unique && !no_primary {
            continue;
        }
        let Some(key) = refused_key(cx, conflict) else { continue };
        out.look();
        let target = &key.references.table;
        let columns: Vec<String> = key.references.columns.iter().map(|c| format!("`{}`", c.fold())).collect();
        let name = target.name.fold();
        let refer = if columns.len() > 1 { "refer" } else { "refers" };
        let message = if no_primary {
            format!("{} {refer} to the primary key of `{name}`, which has none.", key.text())
        } else {
            format!("{} {refer} to {} of `{name}`, which no unique rule covers.", key.text(), list(&columns))
        };
        let mut subjects = key.subjects().into_iter();
        let Some(first) = subjects.next() else { continue };
        let mut draft = out.report_about(first, key.span, message);
        for subject in subjects {
            draft = draft.maybe_subject(Some(subject));
        }
        draft = draft.maybe_subject(cx.revision(conflict.revision));
        let Some(id) = targets.find(cx, target) else { continue };
        draft = draft.object(ObjectId::Table(id));
        if cx.schema.tables.get(id).is_some_and(|t| t.partition_key.is_some()) {
            draft = draft
                .evidence(format!("`{name}` is partitioned: each of its unique rules must hold the partition key."));
        }
        let _ = draft;
    }
}
