use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{Unmade, list, missing_object, number};
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
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES «users»);\nCREATE TABLE users (id bigint PRIMARY KEY);",
        "CREATE TABLE posts (id bigint PRIMARY KEY);\nCREATE INDEX posts_title ON posts («title»);",
        // Alembic stands on what the models made.
        "# file: models.py\nfrom sqlalchemy import Column, Integer, Text\nfrom sqlalchemy.orm import declarative_base\n\nBase = declarative_base()\n\n\nclass Shop(Base):\n    __tablename__ = 'shop'\n    id = Column(Integer, primary_key=True)\n    name = Column(Text)\n    city = Column(Text)\n\n\nclass Item(Base):\n    __tablename__ = 'item'\n    id = Column(Integer, primary_key=True)\n    name = Column(Text)\n    size = Column(Text)\n# file: versions/a1_city.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = '«a1»'\ndown_revision = None\n\n\ndef upgrade():\n    op.add_column('shop', sa.Column('city', sa.Text()))\n    op.add_column('item', sa.Column('size', sa.Text()))\n\n\ndef downgrade():\n    op.drop_column('item', 'size')\n    op.drop_column('shop', 'city')\n",
        // What is not made for that is missing in turn, and not told again.
        "CREATE TABLE people (id bigint PRIMARY KEY, feels «mood»);\nALTER TABLE people ADD COLUMN note text;\nDROP TABLE people;",
    ],
    silent: examples![
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
    made_by_models(cx, out);
    let mut told: BTreeMap<(ObjectKind, &str), usize> = BTreeMap::new();
    for conflict in &cx.replay.conflicts {
        if let Some(missing) = missing_object(conflict) {
            *told.entry(missing).or_default() += 1;
        }
    }
    let unmade = Unmade::of(cx);
    // What a set of files uses throughout and never makes, some other set must have made: each such object is told once.
    let mut never_made: BTreeSet<(ObjectKind, &str)> = BTreeSet::new();
    for conflict in &cx.replay.conflicts {
        let Some((kind, name)) = missing_object(conflict) else { continue };
        if unmade.explains(conflict, kind, name) {
            continue;
        }
        let named = if conflict.message.contains('"') {
            with_ticks(&conflict.message)
        } else {
            conflict.message.replacen(name, &format!("`{name}`"), 1)
        };
        let sentence = format!("{named}.");
        let mut chars = sentence.chars();
        let capital = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
        let message = format!("{capital}{}", chars.as_str());
        let later = later_definition(cx, kind, name);
        let whole = matches!(kind, ObjectKind::Table | ObjectKind::Type | ObjectKind::Schema);
        if whole && later.is_none() && !never_made.insert((kind, name)) {
            continue;
        }
        let uses = told.get(&(kind, name)).copied().unwrap_or_default();
        let mut draft = out
            .report_about(Subject::new(kind, name), conflict.span, message)
            .objects(conflict.objects.iter().copied().filter(|o| !matches!(o, ObjectId::Revision(_))));
        draft = draft.maybe_subject(cx.revision(conflict.revision));
        // A foreign key that came too early is there by the end: whose it is.
        if let Some(key) = cx.foreign_keys().find(|key| key.constraint.span.contains(conflict.span)) {
            draft = draft
                .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
                .object(ObjectId::Table(key.table));
        }
        if let Some(span) = later {
            draft = draft.also_at(span).evidence("It is created further down.".to_owned());
        } else if whole {
            let statements = number(uses, "statement", "statements");
            let failing = (uses > 1).then(|| format!("Nothing in the input makes it; {statements} fail for it."));
            // Where no table is made at all, what is here is one migration of several.
            let part = "If earlier files make it, give them, too, or read these as a part of more: `--partial`, on the page Scope.";
            let part = cx.schema.live_tables().next().is_none().then(|| part.to_owned());
            let evidence: Vec<String> = failing.into_iter().chain(part).collect();
            if !evidence.is_empty() {
                draft = draft.evidence(evidence.join(" "));
            }
        }
        let _ = draft;
    }
}

/// A history that goes on from what models made: an empty database cannot be built from it, which is a way of working as long as everybody knows.
fn made_by_models(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Some(first), Some(revision)) = (cx.history.made_by_models.first(), cx.history.revisions.first()) else {
        return;
    };
    let names: Vec<String> = cx.history.made_by_models.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "An empty database cannot be built from these migrations: they change {} that only the models make: {}.",
        number(names.len(), "table", "tables"),
        list(&names)
    );
    let draft = out.report_about(Subject::new(ObjectKind::Table, first.as_str()), revision.place(), message);
    let others = cx.history.made_by_models.iter().skip(1);
    let draft =
        others.fold(draft, |draft, name| draft.maybe_subject(Some(Subject::new(ObjectKind::Table, name.as_str()))));
    let _ = draft
        .severity(Severity::High)
        .evidence(
            "Begin with a revision that makes them; or say where a new database is told of that it is made from the models, and stamped with the last revision."
                .to_owned(),
        );
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
