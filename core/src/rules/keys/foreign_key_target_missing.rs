use std::collections::BTreeMap;

use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::replay::is_platform_schema;
use crate::rules::support::{Targets, maker_beside, number, refused_key, written_path};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-target-missing",
    category: Category::KeysAndReferences,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A foreign key refers to a table or column that does not exist.",
    why: "PostgreSQL refuses the statement, and with it the table or migration that it stands in. Unlike a reference that comes too early, \
          this one has nothing to wait for: in the end state no table or column of that name exists. Most often the name is misspelt, the key \
          of the other table is called differently (`id` for `media_id`), or a file is missing. PostgreSQL manual, 5.4.5 \"Foreign Keys\" and \
          appendix A, 42P01 and 42703.",
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES «writers»);",
        "CREATE TABLE media (media_id bigint PRIMARY KEY);\nCREATE TABLE product_media (id bigint PRIMARY KEY, media bigint REFERENCES media («id»));",
        "CREATE TABLE posts (id bigint PRIMARY KEY);\nALTER TABLE posts ADD FOREIGN KEY («author») REFERENCES posts (id);",
        // So many that it must be there: told once, and the rest is read.
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint «REFERENCES users», editor bigint REFERENCES users, reviewer bigint REFERENCES users, \
         owner bigint REFERENCES users, printer bigint REFERENCES users, binder bigint REFERENCES users, seller bigint REFERENCES users, buyer bigint \
         REFERENCES users);",
    ],
    silent: examples![
        // Too early, but it comes: another rule's business.
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\nCREATE TABLE users (id bigint PRIMARY KEY);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users (id));",
        // A document of a part of what the SQL beside it makes.
        "<!-- file: 1_a.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);\n<!-- file: schema.md -->\n# Posts\n\n## Table: posts\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| author | BIGINT | REFERENCES users(id) |\n",
        // Gone or renamed before, or refused itself: that is told.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nDROP TABLE users;\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);",
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
        let Some(key) = refused_key(cx, conflict) else { continue };
        out.look();
        let target = &key.references.table;
        let mut beside = None;
        let (kind, missing, message) = match conflict.sqlstate {
            "42P01" if target.span().contains(conflict.span) => {
                if targets.find(cx, target).is_some() || targets.was_lost(target) {
                    continue;
                }
                // As the message has it: what `reference-before-definition` calls it.
                let name = conflict.message.split('"').nth(1).unwrap_or_default().to_owned();
                // A document of a part of the schema, or a part of the models.
                beside = maker_beside(cx, target);
                let message = match beside {
                    Some(_) if cx.target.role == Role::Document => continue,
                    Some(whose) => format!(
                        "{} refers to the table `{name}`, which the {whose} makes and none of the models that were given defines.",
                        key.text()
                    ),
                    None => format!("{} refers to the table `{name}`, which does not exist.", key.text()),
                };
                (ObjectKind::Table, name, message)
            }
            "42703" => {
                let own = key.columns.iter().find(|c| c.span == conflict.span);
                let other = key.references.columns.iter().find(|c| c.span == conflict.span);
                let Some((column, table)) = own.map(|c| (*c, key.table)).or(other.map(|c| (c, target))) else {
                    continue;
                };
                let (column, id) = (column.fold(), targets.find(cx, table));
                if id.and_then(|t| cx.schema.tables.get(t)).is_some_and(|t| t.find_column(&column).is_some()) {
                    continue;
                }
                let message = format!(
                    "{} refers to `{}`, and `{}` has no column `{column}`.",
                    key.text(),
                    target.name.fold(),
                    table.name.fold()
                );
                (ObjectKind::Column, column.to_string(), message)
            }
            _ => continue,
        };
        let mut draft = out.report_about(Subject::new(kind, missing), conflict.span, message);
        for subject in key.subjects() {
            draft = draft.maybe_subject(Some(subject));
        }
        let draft = draft
            .maybe_subject(Some(Subject::new(ObjectKind::Table, written_path(target))))
            .maybe_subject(cx.revision(conflict.revision));
        if beside.is_some() {
            let _ = draft.severity(Severity::Medium).certainty(Certainty::Likely).evidence(
                "If the file with that model was left out, give it, too. If there is none, SQLAlchemy and the like stop when they resolve the key."
                    .to_owned(),
            );
        }
    }
    taken_for_there(cx, out);
}

/// Tables that so many keys refer to that replay takes them for there: each is told once, where the first key stands.
fn taken_for_there(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.history.partial {
        return;
    }
    let mut keys: BTreeMap<TableId, (Span, usize)> = BTreeMap::new();
    for key in cx.foreign_keys() {
        keys.entry(key.fk.references).or_insert((key.constraint.span, 0)).1 += 1;
    }
    for (target, (first, count)) in keys {
        let Some(table) = cx.schema.tables.get(target).filter(|t| t.assumed) else { continue };
        let namespace = cx.schema.namespaces.get(table.namespace);
        if namespace.is_none_or(|n| is_platform_schema(&n.name)) {
            continue;
        }
        let message = format!(
            "{} to the table `{}`, and nothing here creates it. What refers to it was read as if it were there.",
            number(count, "foreign key refers", "foreign keys refer"),
            table.name
        );
        let draft = out.report(ObjectId::Table(target), first, message);
        if cx.history.shared {
            let _ = draft
                .severity(Severity::Low)
                .certainty(Certainty::Likely)
                .evidence("These revisions share their database with others, which seem to make it.".to_owned());
        }
    }
}
