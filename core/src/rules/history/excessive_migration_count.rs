use crate::analysis::Role;
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{number_of_tables, start_of};
use crate::rules::{Category, Context, Findings, Rule};

/// Ten files whose names start with these digits.
#[cfg(any(test, feature = "examples"))]
macro_rules! ten {
    ($($tens:literal)*) => { concat!($(
        "-- file: ", $tens, "1.sql\n--\n-- file: ", $tens, "2.sql\n--\n-- file: ", $tens, "3.sql\n--\n-- file: ", $tens, "4.sql\n--\n",
        "-- file: ", $tens, "5.sql\n--\n-- file: ", $tens, "6.sql\n--\n-- file: ", $tens, "7.sql\n--\n-- file: ", $tens, "8.sql\n--\n",
        "-- file: ", $tens, "9.sql\n--\n-- file: ", $tens, "0.sql\n--\n",
    )*) };
}

pub(in crate::rules) static RULE: Rule = Rule {
    name: "excessive-migration-count",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "The history has more than 100 migrations and no snapshot that new databases could start from.",
    why: "Every test run and every new environment replays all of them, and the current schema can be read nowhere. Most tools can start from a snapshot: a \
          baseline (Flyway), a checkpoint (Atlas), a squashed or merged start (Django, Prisma, Supabase). Keep the old files, or their records, until the last \
          database has applied them: one that stands in their middle cannot use the snapshot.",
    fires: examples![concat!(
        "-- file: 000.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY);\n",
        ten!("10" "11" "12" "13" "14" "15" "16" "17" "18" "19")
    )],
    silent: examples![
        "-- file: 001_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 002_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let revisions = &cx.history.revisions;
    // Repeatable migrations are the current text of views and functions, not steps.
    let steps: Vec<_> = revisions.iter().inspect(|_| out.look()).filter(|r| !r.is_repeated()).collect();
    let ordered = cx.target.role == Role::History && cx.target.layout != "files";
    let Some(first) = steps.first().filter(|_| ordered && steps.len() > cx.number(RULE.name, "limit")) else { return };
    let tables = cx.schema.live_tables().count();
    let message =
        format!("{} migrations, from `{}` on, are replayed for every new database.", steps.len(), cx.file_name(first));
    let evidence = format!("They leave {}.", number_of_tables(tables));
    out.report_about(Subject::new(ObjectKind::Revision, first.id.clone()), start_of(first.file), message)
        .evidence(evidence);
}
