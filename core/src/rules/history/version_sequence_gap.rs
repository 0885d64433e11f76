use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::ObjectKind;
use crate::rules::support::{Version, list, start_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "version-sequence-gap",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A numbered series has holes: a file may be missing.",
    why: "Most often a number was given up before the file was merged, and nothing is wrong. If a file was deleted or not given, the schema shown here lacks \
          what it did, and databases that applied it differ from new ones. No number needs to be filled: a file that appears with an old number is skipped by \
          some tools and refused by others.",
    fires: examples![
        "-- file: 001_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 002_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 004_d.sql\n«»CREATE TABLE d (id bigint PRIMARY KEY);\n-- file: 005_e.sql\nCREATE TABLE e (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 001_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 002_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 003_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
        // Numbered in steps, to leave room.
        "-- file: 010_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 020_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 030_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: 040_d.sql\nCREATE TABLE d (id bigint PRIMARY KEY);",
        "-- file: 20250101_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 20250105_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 20250107_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: 20250108_d.sql\nCREATE TABLE d (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

/// The largest number that is counted up by hand; beyond are moments.
const MAX_DIGITS: usize = 6;
/// Of how many numbers at most one may be missing for the rest to be a series.
const DENSITY: u32 = 4;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut series: BTreeMap<&str, BTreeMap<u32, (&Revision, &str)>> = BTreeMap::new();
    for (_, revision) in cx.revisions() {
        let (folder, name) = cx.folder_and_name(revision.file);
        let number = Version::of(name).filter(|v| v.digits.len() <= MAX_DIGITS).and_then(|v| v.digits.parse().ok());
        if let Some(number) = number {
            out.look();
            series.entry(folder).or_default().insert(number, (revision, name));
        }
    }
    for numbers in series.into_values() {
        let mut missing: Vec<String> = Vec::new();
        let mut first_gap = None;
        let mut holes = 0_u32;
        for ((a, before), (b, after)) in numbers.iter().zip(numbers.iter().skip(1)) {
            let gap = b - a - 1;
            if gap > 0 {
                first_gap.get_or_insert((*before, *after));
                holes = holes.saturating_add(gap);
                missing.push(if gap == 1 { format!("{}", a + 1) } else { format!("{} to {}", a + 1, b - 1) });
            }
        }
        let count = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let Some(((_, before), (revision, after))) = first_gap else { continue };
        if count < 4 || holes.saturating_mul(DENSITY) > count {
            continue;
        }
        let message =
            format!("The series has no {}: the first hole lies between `{before}` and `{after}`.", list(&missing));
        out.report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), start_of(revision.file), message)
            .maybe_subject(Some(cx.file_subject(revision)));
    }
}
