//! A file's name taken apart.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::Layout;
use crate::history::natural_order;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Direction {
    Up,
    Down,
}

/// A file's name taken apart.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) index: usize,
    pub(super) name: &'a str,
    pub(super) dir: &'a str,
    pub(super) base: &'a str,
    /// What an up file and its down file share: the stem, or the folder for `up.sql` and `down.sql`.
    pub(super) key: &'a str,
    /// The word between dots that names a database: `postgres`, `mysql` …
    pub(super) dialect: Option<&'a str>,
    pub(super) version: Option<&'a str>,
    pub(super) direction: Direction,
    /// The name says that the file runs outside a transaction (popx).
    pub(super) autocommit: bool,
    /// The name says that the file runs in one (bun), which those without the word do not.
    pub(super) in_transaction: bool,
}

impl<'a> Entry<'a> {
    pub(super) fn new(index: usize, name: &'a str, layout: Layout) -> Self {
        let (dir, base) = split_path(name);
        let entry = |dir, base, key, dialect, direction, autocommit| Self {
            in_transaction: false,
            index,
            name,
            dir,
            base,
            key,
            dialect,
            version: version_of(base, layout),
            direction,
            autocommit,
        };
        if is_folder_file(base) {
            let (parent, folder) = split_path(dir);
            let direction = if base == "down.sql" { Direction::Down } else { Direction::Up };
            return entry(parent, folder, folder, None, direction, false);
        }
        let mut stem = sql_stem(base).unwrap_or(base);
        let mut direction = Direction::Up;
        if let Some(rest) = stem.strip_suffix(".down") {
            (stem, direction) = (rest, Direction::Down);
        } else if let Some(rest) = stem.strip_suffix(".up") {
            stem = rest;
        }
        // Popx marks files that run outside a transaction.
        let plain = stem.strip_suffix(".autocommit");
        stem = plain.unwrap_or(stem);
        // Bun marks those that run inside one: `1_a.tx.up.sql`.
        let wrapped = Some(stem).filter(|s| s.len() + 4 < base.len()).and_then(|s| s.strip_suffix(".tx"));
        stem = wrapped.unwrap_or(stem);
        let dialect = stem.rsplit_once('.').map(|(_, word)| word).filter(|word| database_of(word).is_some());
        if let Some(word) = dialect {
            stem = stem.get(..stem.len() - word.len() - 1).unwrap_or(stem);
        }
        Self { in_transaction: wrapped.is_some(), ..entry(dir, base, stem, dialect, direction, plain.is_some()) }
    }

    /// What the tool calls the revision. Diesel's version is the name up to the first `_`, without the dashes of a date.
    pub(super) fn id(&self, layout: Layout) -> String {
        match self.version {
            Some(_) if layout == Layout::Diesel => diesel_version(self.base),
            Some(version) => version.to_owned(),
            None => self.name.to_owned(),
        }
    }

    /// The order of the layout.
    pub(super) fn compare(&self, other: &Self, layout: Layout) -> Ordering {
        if layout.sorts_as_text() {
            let text = match layout {
                Layout::Diesel => diesel_version(self.base).cmp(&diesel_version(other.base)),
                _ => self.base.cmp(other.base),
            };
            return text.then_with(|| self.name.cmp(other.name));
        }
        if layout == Layout::Liquibase {
            return self.name.cmp(other.name);
        }
        // Folders that are numbered themselves (`1.0/`, `1.1/`) come before the numbers in them.
        if layout == Layout::Numbered && self.dir != other.dir {
            return natural_order(self.dir, other.dir);
        }
        match (self.version, other.version) {
            (Some(a), Some(b)) => {
                let by_version = match layout {
                    // `1.2.1_b` follows `1.2_a`, and `1.10_c` both.
                    Layout::Numbered => {
                        compare_parts(numbers_of(a), numbers_of(b)).then_with(|| natural_order(self.base, other.base))
                    }
                    _ => compare_numbers(leading_digits(a), leading_digits(b)).then_with(|| self.base.cmp(other.base)),
                };
                by_version.then_with(|| self.name.cmp(other.name))
            }
            // Files without a number come after those with one.
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => natural_order(self.name, other.name),
        }
    }
}

/// Files that stand in a folder which is the revision.
pub(super) fn is_folder_file(base: &str) -> bool {
    matches!(base, "up.sql" | "down.sql" | "migration.sql")
}

/// Whether a name is that of a copy which an editor (`x.sql~`, `#x.sql#`), a merge or a patch leaves.
pub(super) fn is_copy(name: &str) -> bool {
    let base = split_path(name).1;
    let ending = base.rsplit_once('.').map_or("", |(_, ending)| ending);
    let endings = ["bak", "backup", "old", "orig", "rej", "save", "swp", "tmp"];
    base.ends_with('~') || base.ends_with('#') || endings.iter().any(|one| one.eq_ignore_ascii_case(ending))
}

/// The name without `.sql`, in any case.
pub(super) fn sql_stem(base: &str) -> Option<&str> {
    let at = base.len().checked_sub(4)?;
    base.get(at..)?.eq_ignore_ascii_case(".sql").then(|| base.get(..at)).flatten()
}

/// The number that a file or folder name starts with: `0001_init.sql`, `V0001.Name.up.sql`, `20230404095503_init`. Where no tool says what a
/// version is, those of several numbers (`01.02.00_03_add.sql`) and dates (`2024-05-06_add.sql`) are whole versions, too.
pub(super) fn version_of(base: &str, layout: Layout) -> Option<&str> {
    let letters: &[char] = if layout == Layout::Refinery { &['V', 'v', 'U'] } else { &['V', 'v'] };
    let rest = base.strip_prefix(letters).unwrap_or(base);
    let digits = leading_digits(rest);
    let next = |at: usize| rest.as_bytes().get(at).copied();
    if digits.is_empty() {
        return None;
    }
    // `1.1.11a` is a version between `1.1.11` and `1.1.12`; `2fa` is none.
    let letter = |at: usize| {
        layout == Layout::Numbered
            && next(at).is_some_and(|b| b.is_ascii_alphabetic())
            && next(at + 1).is_none_or(|b| !b.is_ascii_alphanumeric())
    };
    if letter(digits.len()) {
        return rest.get(..=digits.len());
    }
    if next(digits.len()).is_some_and(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    if layout != Layout::Numbered {
        return Some(digits);
    }
    let mut end = digits.len();
    while let Some(joint) = next(end) {
        let more = leading_digits(rest.get(end + 1..).unwrap_or_default()).len();
        let joins = match joint {
            b'.' => true,
            b'-' => digits.len() == 4,
            b'_' => end > digits.len(),
            _ => false,
        };
        let after = end + 1 + more;
        if joins && more > 0 && joint == b'.' && letter(after) {
            end = after + 1;
            break;
        }
        if !joins || more == 0 || next(after).is_some_and(|b| b.is_ascii_alphabetic()) {
            break;
        }
        end = after;
    }
    rest.get(..end)
}

/// The word that most names have in front of their numbers: `m` of `m000001.sql`, `migration-` of `migration-2-add.sql`. Different numbers must follow it.
/// `--` is not part of such a word: it parts the versions of PostgreSQL's extensions, between which scripts lead to and fro.
pub(super) fn shared_word<'a>(bases: &[&'a str]) -> Option<&'a str> {
    let mut by_word: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for base in bases {
        let word = base.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
        if let Some(version) = version_behind(base, word) {
            let seen = by_word.entry(word).or_default();
            seen.0 += 1;
            seen.1.insert(version);
        }
    }
    let (word, (count, versions)) = by_word.into_iter().max_by_key(|(_, (count, _))| *count)?;
    // An up and a down file have one number.
    (count * 2 > bases.len() && versions.len() > 1 && versions.len() * 2 >= count).then_some(word)
}

/// The version that follows a word in a name.
pub(super) fn version_behind<'a>(base: &'a str, word: &str) -> Option<&'a str> {
    let is_word = word.contains(|c: char| c.is_alphabetic()) && !word.contains("--") && !word.contains(".sql");
    base.strip_prefix(word).filter(|_| is_word).and_then(|rest| version_of(rest, Layout::Numbered))
}

/// Source: diesel_migrations, `version_from_string`.
fn diesel_version(folder: &str) -> String {
    folder.split('_').next().unwrap_or_default().replace('-', "")
}

/// Whether a name is a number, `_` and something more: what golang-migrate, goose, sqlx and Supabase take.
pub(super) fn is_number_and_name(base: &str) -> bool {
    let digits = leading_digits(base);
    !digits.is_empty() && base.get(digits.len()..).is_some_and(|rest| rest.starts_with('_'))
}

pub(super) fn leading_digits(text: &str) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len).unwrap_or_default()
}

/// Runs of digits as numbers of any size.
pub(super) fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Numbers, and what stands behind them: `11` before `11a` before `12`.
fn compare_part(a: &str, b: &str) -> Ordering {
    let split = |text| {
        let number = leading_digits(text);
        (number, str::strip_prefix(text, number).unwrap_or_default())
    };
    let ((number_a, rest_a), (number_b, rest_b)) = (split(a), split(b));
    compare_numbers(number_a, number_b).then_with(|| rest_a.cmp(rest_b))
}

/// The numbers of a version, whatever joins them.
fn numbers_of(version: &str) -> impl Iterator<Item = &str> {
    version.split(['.', '-', '_'])
}

/// Versions number by number; one that goes on comes after the one that ends.
pub(super) fn compare_parts<'a>(
    a: impl IntoIterator<Item = &'a str>,
    b: impl IntoIterator<Item = &'a str>,
) -> Ordering {
    let (mut a, mut b) = (a.into_iter(), b.into_iter());
    loop {
        let order = match (a.next(), b.next()) {
            (Some(a), Some(b)) => compare_part(a, b),
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// `a/b/c` as (`a/b`, `c`).
pub(super) fn split_path(path: &str) -> (&str, &str) {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => ("", path),
    }
}

/// The database that a word in a name stands for.
pub(super) fn database_of(word: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 18] = [
        ("postgres", POSTGRES),
        ("postgresql", POSTGRES),
        ("pg", POSTGRES),
        ("pgsql", POSTGRES),
        ("psql", POSTGRES),
        ("mysql", "MySQL"),
        ("mariadb", "MariaDB"),
        ("sqlite", "SQLite"),
        ("sqlite3", "SQLite"),
        ("cockroach", "CockroachDB"),
        ("cockroachdb", "CockroachDB"),
        ("crdb", "CockroachDB"),
        ("mssql", "SQL Server"),
        ("sqlserver", "SQL Server"),
        ("oracle", "Oracle"),
        ("h2", "H2"),
        ("clickhouse", "ClickHouse"),
        ("spanner", "Spanner"),
    ];
    // No word is longer: most parts of most names end here.
    if !(2..=11).contains(&word.len()) {
        return None;
    }
    WORDS.iter().find(|(own, _)| own.eq_ignore_ascii_case(word)).map(|(_, database)| *database)
}

/// The database whose dialect is read.
pub(super) const POSTGRES: &str = "PostgreSQL";
