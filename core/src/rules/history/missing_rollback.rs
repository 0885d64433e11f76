use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::{AlterTableAction, AlterTypeAction, ObjectKind, Operation, OperationKind};
use crate::rules::support::{list, number, start_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-rollback",
    category: Category::MigrationHistory,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A migration changes the schema and says nothing of how to take the change back.",
    why: "When a release goes wrong, somebody writes the way back by hand, at night, from memory. Where the project has ways back (down files, a marked part of \
          the file, a comment that holds the statements), a migration without one is a gap in them. It can be added to the old migration at any time, as \
          runners apply it only on request; for tools that record a checksum of the file it goes into a file of its own. A project that goes forward \
          only, as several tools have it, is told so once, for information.",
    fires: examples![
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 2_b.down.sql\nDROP TABLE b;\n-- file: 3_c.up.sql\n«»CREATE TABLE c (id bigint PRIMARY KEY);",
        "-- file: supabase/migrations/20250101_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- ROLLBACK:\n-- DROP TABLE a;\n-- file: supabase/migrations/20250102_b.sql\n«»CREATE TABLE b (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 2_b.down.sql\nDROP TABLE b;",
        // Rows change, the schema does not.
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nINSERT INTO a VALUES (1);",
        // PostgreSQL cannot take a label back.
        "-- file: 1_a.up.sql\nCREATE TYPE mood AS ENUM ('well');\n-- file: 1_a.down.sql\nDROP TYPE mood;\n-- file: 2_b.up.sql\nALTER TYPE mood ADD VALUE 'ill';",
    ],
    supersedes: &[],
    check,
};

/// Tools whose migrations have two sides; with the others a way back is the project's own custom.
const TWO_SIDED: &[&str] = &[
    "golang-migrate",
    "goose",
    "dbmate",
    "sql-migrate",
    "diesel",
    "hasura",
    "sqitch",
    "node-pg-migrate",
    "alembic",
    "liquibase",
];

/// Gaps that are told one by one; more are told together.
const MAX_ONE_BY_ONE: usize = 10;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::History || matches!(cx.target.layout.as_str(), "files" | "sql" | "pg_dump") {
        return;
    }
    let changes = cx.schema_changes();
    let mut with = 0;
    let mut without: Vec<&Revision> = Vec::new();
    for (at, revision) in cx.revisions() {
        if !changes.get(at as usize).copied().unwrap_or(false) || revision.is_repeated() {
            continue;
        }
        out.look();
        if revision.has_way_back() || says_how(cx, revision) {
            with += 1;
        } else if !is_irreversible(revision) {
            without.push(revision);
        }
    }
    let two_sided = TWO_SIDED.contains(&cx.target.layout.as_str()) || cx.has_graph();
    let Some(first) = without.first() else { return };
    let total = with + without.len();
    if with >= without.len() && without.len() <= MAX_ONE_BY_ONE {
        for revision in without {
            // A file of Liquibase's has many changesets.
            let (name, place) = match cx.target.layout.as_str() {
                "liquibase" => (revision.id.as_str(), revision.place()),
                _ => (cx.file_name(revision), start_of(revision.file)),
            };
            let message = format!("`{name}` changes the schema, and nothing says how to take that back.");
            out.report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), place, message)
                .maybe_subject(Some(cx.file_subject(revision)))
                .evidence(format!("{with} of {total} migrations say how to take them back."));
        }
        return;
    }
    // No habit to depart from, or one that is departed from all the time: one finding for all.
    let names: Vec<String> = without.iter().map(|r| format!("`{}`", cx.file_name(r))).collect();
    let verb = if without.len() == 1 { "changes" } else { "change" };
    let message = format!(
        "{} {verb} the schema and cannot be taken back: {}.",
        number(without.len(), "migration", "migrations"),
        list(&names)
    );
    out.report_about(Subject::new(ObjectKind::Revision, first.id.clone()), start_of(first.file), message)
        .evidence(format!("{with} of {total} migrations say how to take them back."))
        .severity(if two_sided || with >= without.len() { Severity::Medium } else { Severity::Info });
}

/// Whether a comment of the file holds, or at least introduces, the way back.
fn says_how(cx: &Context<'_>, revision: &Revision) -> bool {
    const WORDS: &[&str] =
        &["rollback", "roll back", "to roll", "revert", "to revert", "undo", "to undo", "down migration", "down:"];
    cx.comments(revision.file).iter().any(|comment| {
        let text = comment.text.trim_start_matches(['-', '=', '*', '#', ' ']).to_ascii_lowercase();
        WORDS.iter().any(|word| text.starts_with(word))
    })
}

/// Whether all that a revision does cannot be taken back, or by custom is not: labels of enums, extensions.
fn is_irreversible(revision: &Revision) -> bool {
    revision.up.iter().all(|o| {
        matches!(
            &o.kind,
            OperationKind::AlterType { action: AlterTypeAction::AddValue { .. }, .. }
                | OperationKind::CreateExtension { .. }
                | OperationKind::Transaction(_)
                | OperationKind::SetParameter { .. }
                | OperationKind::SetSearchPath { .. }
                | OperationKind::Dml { .. }
                | OperationKind::Comment { .. }
        ) || validates(o)
    })
}

/// Whether an operation only finds out that a constraint holds for all rows, which it does on the way back, too.
fn validates(operation: &Operation) -> bool {
    matches!(&operation.kind, OperationKind::AlterTable(alter)
        if alter.actions.iter().all(|(a, _)| matches!(a, AlterTableAction::ValidateConstraint { .. })))
}
