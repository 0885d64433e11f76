use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::name::Name;
use crate::operation::{FunctionBody, ObjectKind, OperationKind};
use crate::rules::support::missing_object;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "stale-name-after-rename",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A later statement or a function still uses a name that a rename or a move replaced.",
    why: "Views, policies, foreign keys and indexes follow a rename by themselves; statements that come later do not, and neither do the bodies of functions, \
          which are text: they fail when they run, not when the migration does. Use the new name in the statement; give a function its new body in a new \
          migration (CREATE OR REPLACE), which mends the databases that renamed already. PostgreSQL manual, ALTER TABLE, and 38.5 \"Query Language \
          Functions\".",
    fires: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, name text);\nALTER TABLE people RENAME TO users;\nCREATE INDEX people_name ON «people» (name);",
        "CREATE TABLE people (id bigint PRIMARY KEY, name text);\nCREATE FUNCTION «headcount»() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM people';\nALTER TABLE people RENAME TO users;",
        "CREATE SCHEMA app;\nCREATE TABLE users (id bigint PRIMARY KEY);\nALTER TABLE users SET SCHEMA app;\nALTER TABLE «public.users» ADD COLUMN name text;",
        "CREATE SCHEMA sales;\nCREATE TABLE sales.old_orders (id bigint PRIMARY KEY);\nALTER SCHEMA sales RENAME TO orders;\nDROP TABLE IF EXISTS «sales.old_orders»;",
    ],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, name text);\nCREATE VIEW names AS SELECT name FROM people;\nALTER TABLE people RENAME TO users;\nCREATE INDEX users_name ON users (name);",
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM people';\nALTER TABLE people RENAME TO users;\nCREATE OR REPLACE FUNCTION headcount() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';",
        "CREATE SCHEMA sales;\nCREATE TABLE sales.old_orders (id bigint PRIMARY KEY);\nALTER SCHEMA sales RENAME TO orders;\nDROP TABLE IF EXISTS orders.old_orders;",
        // The name is in use again.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nALTER TABLE people RENAME TO old_people;\nCREATE TABLE people (id uuid PRIMARY KEY);\nCREATE FUNCTION headcount() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM people';",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

/// A name that was given up.
struct Renamed {
    /// When: revision and operation.
    at: (u32, u32),
    kind: ObjectKind,
    /// What it is called since.
    now: String,
    span: Span,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut renamed: BTreeMap<Name, Vec<Renamed>> = BTreeMap::new();
    for (step, operation) in cx.ran().filter(|(step, _)| !step.effects.is_empty()) {
        let (target, now) = match &operation.kind {
            OperationKind::Rename { target, to, .. } => (target, to.fold().to_string()),
            OperationKind::SetSchema { target, schema, .. } => {
                (target, format!("{}.{}", schema.fold(), target.name.name.fold()))
            }
            _ => continue,
        };
        out.look();
        let old = target.part.as_ref().map_or_else(|| target.name.name.fold(), crate::name::Ident::fold);
        let at = (step.revision, step.operation);
        renamed.entry(old).or_default().push(Renamed { at, kind: target.kind, now, span: operation.span });
    }
    if renamed.is_empty() {
        return;
    }
    for conflict in &cx.replay.conflicts {
        let Some((kind, name)) = missing_object(conflict) else { continue };
        let own = name.rsplit('.').next().unwrap_or(name);
        let before = |r: &&Renamed| r.at <= (conflict.revision, conflict.operation) && same_kind(r.kind, kind);
        let Some(rename) = renamed.get(own).and_then(|list| list.iter().rev().find(before)) else { continue };
        let message = format!(
            "This uses `{name}`, which is called `{}` since the rename; PostgreSQL refuses the statement.",
            rename.now
        );
        out.report_about(Subject::new(kind, name), conflict.span, message)
            .objects(conflict.objects.iter().copied().filter(|o| !matches!(o, ObjectId::Revision(_))))
            .maybe_subject(cx.revision(conflict.revision))
            .also_at(rename.span);
    }
    stale_drops(cx, out, &renamed);
    stale_bodies(cx, out, &renamed);
}

/// Drops in a schema under its old name, which IF EXISTS lets pass: nothing is refused, and nothing is dropped.
fn stale_drops(cx: &Context<'_>, out: &mut Findings<'_>, renamed: &BTreeMap<Name, Vec<Renamed>>) {
    for (step, operation) in cx.ran().filter(|(step, _)| step.effects.is_empty()) {
        let OperationKind::Drop(dropped) = &operation.kind else { continue };
        for target in dropped.targets.iter().filter(|_| dropped.if_exists) {
            let Some(schema) = &target.name.schema else { continue };
            let name = schema.fold();
            let at = (step.revision, step.operation);
            let before = |r: &&Renamed| r.at <= at && r.kind == ObjectKind::Schema;
            let Some(rename) = renamed.get(&name).and_then(|list| list.iter().rev().find(before)) else { continue };
            let message = format!(
                "This names `{name}`, which is called `{}` since the rename: IF EXISTS finds nothing there, and nothing is dropped.",
                rename.now
            );
            let _ = out
                .report_about(Subject::new(ObjectKind::Schema, name.to_string()), target.name.span(), message)
                .severity(Severity::Medium)
                .maybe_subject(cx.revision(step.revision))
                .also_at(rename.span);
        }
    }
}

/// Whether what the error misses may be what was renamed. All relations share their names.
fn same_kind(renamed: ObjectKind, missing: ObjectKind) -> bool {
    let relation = |kind| {
        matches!(
            kind,
            ObjectKind::Table
                | ObjectKind::View
                | ObjectKind::MaterializedView
                | ObjectKind::ForeignTable
                | ObjectKind::Sequence
                | ObjectKind::Index
        )
    };
    let routine = |kind| matches!(kind, ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine);
    let family = |kind| match kind {
        k if relation(k) => ObjectKind::Table,
        k if routine(k) => ObjectKind::Function,
        ObjectKind::Domain => ObjectKind::Type,
        k => k,
    };
    family(renamed) == family(missing)
}

/// Functions whose bodies read from or write to a table under a name that nothing has any more.
fn stale_bodies(cx: &Context<'_>, out: &mut Findings<'_>, renamed: &BTreeMap<Name, Vec<Renamed>>) {
    let live: std::collections::BTreeSet<&str> = cx
        .schema
        .tables
        .iter()
        .filter(|(_, t)| t.dropped.is_none())
        .map(|(_, t)| t.name.as_str())
        .chain(cx.schema.live_views().map(|(_, v)| v.name.as_str()))
        .collect();
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        let Some(FunctionBody::String(body)) = &function.body else { continue };
        if !matches!(function.language.as_str(), "sql" | "plpgsql") {
            continue;
        }
        for name in relations_in(&body.text) {
            let of_relation =
                |r: &&Renamed| matches!(r.kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView);
            let Some(rename) = renamed.get(name.as_str()).and_then(|list| list.iter().rev().find(of_relation)) else {
                continue;
            };
            if live.contains(name.as_str()) {
                continue;
            }
            let message = format!(
                "`{}` still uses `{name}`, which is called `{}` now: it fails when it runs.",
                cx.name(ObjectId::Function(id)),
                rename.now
            );
            out.report(ObjectId::Function(id), function.name_span, message)
                .certainty(Certainty::Likely)
                .also_at(rename.span);
            break;
        }
    }
}

/// The names in a body that stand where a table is meant: after FROM, JOIN, INTO, UPDATE and their like.
fn relations_in(body: &str) -> Vec<String> {
    let mut out = Vec::new();
    for line in body.lines() {
        let code = line.split("--").next().unwrap_or(line);
        let words: Vec<&str> = code
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '"')))
            .filter(|w| !w.is_empty())
            .collect();
        for pair in words.windows(2) {
            let [word, name] = pair else { continue };
            if ["from", "join", "into", "update", "only", "table"].iter().any(|k| word.eq_ignore_ascii_case(k)) {
                let own = name.rsplit('.').next().unwrap_or(name);
                let quoted = own.trim_matches('"');
                out.push(if quoted.len() < own.len() { quoted.to_owned() } else { own.to_ascii_lowercase() });
            }
        }
    }
    out
}
