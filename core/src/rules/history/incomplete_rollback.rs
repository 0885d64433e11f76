use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::replay::{Fact, round_trips};
use crate::rules::support::{is_tool_table, list, start_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "incomplete-rollback",
    category: Category::MigrationHistory,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Taking a migration back does not lead back to where it started, or is refused.",
    why: "Each migration was replayed, then its way back, and the two states compared. What is left behind makes the migration fail when it is applied again \
          (\"already exists\"); what is dropped too much is lost; a statement that is refused stops the way back in the middle of a bad night. The way back \
          can be mended in place, as databases apply it only on request. Names of indexes and constraints, the order of columns, labels of enums and \
          extensions do not count.",
    fires: examples![
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\n«DROP TABLE a»;\n-- file: 2_c.up.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: 2_c.down.sql\nDROP TABLE c;",
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nCREATE TABLE b (id bigint PRIMARY KEY, a bigint REFERENCES a);\n-- file: 2_b.down.sql\nDROP TABLE «bs»;",
        // The first way back is refused, and leaves the schema for the second.
        "-- file: 1_s.up.sql\nCREATE SCHEMA s;\nCREATE TABLE s.a (id bigint PRIMARY KEY);\n-- file: 1_s.down.sql\nDROP TABLE «s.b»;\n-- file: 2_c.up.sql\nCREATE TABLE s.c (id bigint PRIMARY KEY);\nCREATE TABLE s.d (id bigint PRIMARY KEY);\n-- file: 2_c.down.sql\n«DROP TABLE s.d»;",
    ],
    silent: examples![
        "-- file: 1_a.up.sql\nCREATE TYPE mood AS ENUM ('well', 'ill');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood);\n-- file: 1_a.down.sql\nDROP TABLE a;\nDROP TYPE mood;\n-- file: 2_b.up.sql\nALTER TABLE a ADD COLUMN b text;\nCREATE INDEX a_b ON a (b);\n-- file: 2_b.down.sql\nALTER TABLE a DROP COLUMN b;",
        // A dropped column comes back at the end; that is as near as one can get.
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY, x text, y text);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nALTER TABLE a DROP COLUMN x;\n-- file: 2_b.down.sql\nALTER TABLE a ADD COLUMN x text;",
    ],
    supersedes: &[],
    check,
};

/// What a way back may be refused for that reading can be sure of: what it names is missing, or something depends on it.
const SURE: &[&str] = &["42P01", "42703", "42704", "42883", "3F000", "2BP01"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let any = cx.history.revisions.iter().filter(|r| r.has_way_back()).inspect(|_| out.look()).count() > 0;
    if !any {
        return;
    }
    for mut trip in round_trips(cx.history) {
        // The tool's own tables come with the first revision and stay.
        let own = |f: &Fact| !f.path.split([' ', '.']).any(is_tool_table);
        trip.left.retain(own);
        trip.missing.retain(own);
        let Some(revision) = cx.history.revisions.get(trip.revision as usize) else { continue };
        let subject = Subject::new(ObjectKind::Revision, revision.id.clone());
        let down = revision.down.first().map_or(start_of(revision.file), |o| o.span);
        let up = revision.up.first().map_or(start_of(revision.file), |o| o.span);
        if let Some(conflict) = trip.refused {
            if SURE.contains(&conflict.sqlstate) {
                let said = conflict.message.replace('`', "'").replace('"', "`");
                let message = format!("Taking `{}` back is refused: {said}.", revision.id);
                out.report_about(subject, conflict.span, message).also_at(up);
            }
            continue;
        }
        // Of a whole object its parts say nothing more, and what is there before and after has changed.
        let changed = changes(&trip.left, &trip.missing);
        let left = outermost(&trip.left, &trip.missing);
        let missing = outermost(&trip.missing, &trip.left);
        let mut parts = Vec::new();
        if !left.is_empty() {
            parts.push(format!("leaves {}", list(&left)));
        }
        if !missing.is_empty() {
            parts.push(format!("does not bring back {}", list(&missing)));
        }
        if !changed.is_empty() {
            parts.push(format!("leaves {}", list(&changed)));
        }
        if parts.is_empty() {
            continue;
        }
        let message = format!("Taking `{}` back {}.", revision.id, parts.join(" and "));
        let draft = out.report_about(subject, down, message).also_at(up);
        if missing.is_empty() && changed.is_empty() && trip.runs_again {
            let _ =
                draft.severity(Severity::Low).evidence("The migration can be applied again all the same.".to_owned());
        }
    }
}

/// Things that are there before and after, but not the same.
fn changes(left: &[Fact], missing: &[Fact]) -> Vec<String> {
    left.iter()
        .filter_map(|f| {
            let before = missing.iter().find(|m| m.kind == f.kind && m.path == f.path)?;
            let path = f.path.strip_prefix("public.").unwrap_or(&f.path);
            Some(format!("the {} `{path}` as {} instead of {}", f.kind.name(), f.detail, before.detail))
        })
        .collect()
}

/// The facts in words, without those that belong to an object that is among them itself.
fn outermost(facts: &[Fact], others: &[Fact]) -> Vec<String> {
    let whole: Vec<&str> = facts
        .iter()
        .filter(|f| {
            f.detail.is_empty() && matches!(f.kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView)
        })
        .map(|f| f.path.as_str())
        .collect();
    let inside = |f: &Fact| {
        whole.iter().any(|w| {
            f.path.len() > w.len()
                && f.path.starts_with(w)
                && f.path.get(w.len()..).is_some_and(|r| r.starts_with(['.', ' ']))
        })
    };
    facts
        .iter()
        .filter(|f| !inside(f) && !others.iter().any(|o| o.kind == f.kind && o.path == f.path))
        .map(|f| {
            let path = f.path.strip_prefix("public.").unwrap_or(&f.path);
            match (f.kind, f.detail.as_str()) {
                (ObjectKind::Constraint | ObjectKind::Index, what) if !what.is_empty() => {
                    format!("the {what} on `{path}`")
                }
                (ObjectKind::Table, what) if !what.is_empty() => format!("{what} of `{path}`"),
                (kind, _) => format!("the {} `{path}`", kind.name()),
            }
        })
        .collect()
}
