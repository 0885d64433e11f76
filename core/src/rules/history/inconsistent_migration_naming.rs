use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::ObjectKind;
use crate::rules::support::{Version, list, start_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-migration-naming",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "The name of a migration departs from the pattern that most of them follow.",
    why: "A name that is made by hand, beside those that the tool makes, is easily sorted to another place than meant, or not taken for a migration at all. New \
          files are best made by the tool's own command. Files that databases have applied keep their names.",
    fires: examples![
        "-- file: db/20240101120000_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/20240102120000_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: db/20240103120000_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: db/20240104120000_d.sql\nCREATE TABLE d (id bigint PRIMARY KEY);\n-- file: db/20240105120000_e.sql\nCREATE TABLE e (id bigint PRIMARY KEY);\n-- file: db/20240106-f.sql\n«»CREATE TABLE f (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: db/001_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/002_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: db/003_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

/// As few files as show a habit.
const MIN_FILES: usize = 6;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if matches!(cx.target.layout.as_str(), "files" | "sql" | "pg_dump" | "sqitch") {
        return;
    }
    let mut folders: BTreeMap<&str, BTreeMap<String, Vec<&Revision>>> = BTreeMap::new();
    for (_, revision) in cx.revisions() {
        out.look();
        let (folder, name) = cx.folder_and_name(revision.file);
        // `00000000000000_initial_setup`: the start of a history by custom.
        if Version::of(name).is_some_and(|v| v.digits.bytes().all(|b| b == b'0')) {
            continue;
        }
        folders.entry(folder).or_default().entry(pattern(name)).or_default().push(revision);
    }
    for patterns in folders.into_values() {
        let total: usize = patterns.values().map(Vec::len).sum();
        let Some((habit, followers)) = patterns.iter().max_by_key(|(_, files)| files.len()) else { continue };
        // Nine of ten, or all but one of a few.
        let others = total - followers.len();
        if total < MIN_FILES || others == 0 || (others > 1 && others * 10 > total) {
            continue;
        }
        let odd: Vec<&Revision> = patterns.iter().filter(|(p, _)| *p != habit).flat_map(|(_, f)| f).copied().collect();
        let Some(first) = odd.first() else { continue };
        let names: Vec<String> = odd.iter().map(|r| format!("`{}`", cx.file_name(r))).collect();
        let verb = if odd.len() == 1 { "is" } else { "are" };
        let message = format!("{} {verb} named unlike the other migrations.", list(&names));
        let mut draft = out
            .report_about(Subject::new(ObjectKind::Revision, first.id.clone()), start_of(first.file), message)
            .evidence(format!("{} of {total} names look like `{habit}`.", followers.len()));
        for file in &odd {
            draft = draft.maybe_subject(Some(cx.file_subject(file)));
        }
        for file in odd.iter().skip(1) {
            draft = draft.also_at(start_of(file.file));
        }
    }
}

/// The shape of a name: what kind of number stands in front, what follows it. How the words are written is taste.
fn pattern(name: &str) -> String {
    let letters = |text: &str| -> String {
        // A revision id in front, as Alembic has it, is one of hexadecimal digits.
        let first = text.split(['_', '-']).next().unwrap_or_default();
        if first.len() >= 8 && first.bytes().all(|b| b.is_ascii_hexdigit()) {
            "id_words".to_owned()
        } else {
            "words".to_owned()
        }
    };
    let Some(version) = Version::of(name) else { return letters(name) };
    let number = match version.digits.len() {
        _ if version.is_date() => "YYYYMMDDhhmmss".get(..version.digits.len()).unwrap_or("YYYYMMDDhhmmss").to_owned(),
        4 if version.rest.starts_with('-') => "YYYY-MM-DD".to_owned(),
        10 | 13 => "seconds".to_owned(),
        1..=6 => "number".to_owned(),
        n => "0".repeat(n),
    };
    let separator: String = version.rest.chars().take_while(|c| matches!(c, '_' | '-' | '.')).collect();
    let prefix = if name.starts_with(['V', 'v']) { "V" } else { "" };
    format!("{prefix}{number}{separator}words")
}
