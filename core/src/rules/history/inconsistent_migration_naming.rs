use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::rules::support::{Version, list, start_of, unmatched_files};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-migration-naming",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "The name of a migration departs from the pattern that most of them follow, or is another's name again.",
    why: "A name that is made by hand, beside those that the tool makes, is easily sorted to another place than meant, or not taken for a migration at all. New \
          files are best made by the tool's own command. Files that databases have applied keep their names. \
          Two files of one long name under two versions are as a rule one change, copied: the second is then refused, or skipped by IF NOT EXISTS.",
    fires: examples![
        "-- file: db/001_add_user_search.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/002_more.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: db/003_add_user_search.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
        "-- file: db/20240101120000_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/20240102120000_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: db/20240103120000_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: db/20240104120000_d.sql\nCREATE TABLE d (id bigint PRIMARY KEY);\n-- file: db/20240105120000_e.sql\nCREATE TABLE e (id bigint PRIMARY KEY);\n-- file: db/20240106-f.sql\n«»CREATE TABLE f (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        // Short names come again by themselves.
        "-- file: db/001_users.sql\nCREATE TABLE users (id bigint PRIMARY KEY);\n-- file: db/002_users.sql\nALTER TABLE users ADD COLUMN name text;",
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
    if let Some((names, odd)) = unmatched_files(cx) {
        cx.revisions().for_each(|_| out.look());
        let Some(first) = odd.first().and_then(|at| cx.history.revisions.get(*at as usize)) else { return };
        let message = format!("{names} {} not named as they should be.", if odd.len() == 1 { "is" } else { "are" });
        let message = if odd.len() == 1 { message.replace("as they should", "as it should") } else { message };
        let subject = Subject::new(ObjectKind::Revision, first.id.clone());
        let mut draft = out.report_about(subject, start_of(first.file), message).certainty(Certainty::Proven);
        for revision in odd.iter().filter_map(|at| cx.history.revisions.get(*at as usize)) {
            draft = draft.maybe_subject(Some(cx.file_subject(revision)));
        }
        let _ = draft;
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
    for patterns in folders.values() {
        same_name(cx, out, patterns.values().flatten().copied());
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

/// Words that a name must have for its coming twice to be no chance.
const TELLING_WORDS: usize = 3;

/// Tells two files that bear one name under two versions. Where many do, names are cut into steps on purpose.
fn same_name<'a>(cx: &Context<'_>, out: &mut Findings<'_>, revisions: impl Iterator<Item = &'a Revision>) {
    let mut by_name: BTreeMap<String, Vec<&Revision>> = BTreeMap::new();
    let mut total = 0_usize;
    for revision in revisions {
        total += 1;
        let name = cx.file_name(revision);
        let Some(version) = Version::of(name) else { continue };
        let words = version.rest.split('.').next().unwrap_or_default().trim_matches(['_', '-']).to_ascii_lowercase();
        if words.split(['_', '-']).filter(|w| !w.is_empty()).count() >= TELLING_WORDS {
            by_name.entry(words).or_default().push(revision);
        }
    }
    by_name.retain(|_, files| files.len() > 1);
    if by_name.len() * 10 > total.max(10) || by_name.values().any(|files| files.len() > 2) {
        return;
    }
    for (name, mut files) in by_name {
        files.order_by_key(|r| cx.file_name(r));
        let [first, second] = files.as_slice() else { continue };
        let message = format!("`{}` and `{}` bear one name, `{name}`.", cx.file_name(first), cx.file_name(second));
        out.report_about(Subject::new(ObjectKind::Revision, first.id.clone()), start_of(first.file), message)
            .maybe_subject(Some(cx.file_subject(first)))
            .maybe_subject(Some(cx.file_subject(second)))
            .also_at(start_of(second.file));
    }
}

/// The shape of a name: what kind of number stands in front, what follows it. How the words are written is taste.
pub(crate) fn pattern(name: &str) -> String {
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
