//! A file's name taken apart.

use std::cmp::Ordering;

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
}

impl<'a> Entry<'a> {
    pub(super) fn new(index: usize, name: &'a str, layout: Layout) -> Self {
        let (dir, base) = split_path(name);
        let entry = |dir, base, key, dialect, direction, autocommit| Self {
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
        let dialect = stem.rsplit_once('.').map(|(_, word)| word).filter(|word| database_of(word).is_some());
        if let Some(word) = dialect {
            stem = stem.get(..stem.len() - word.len() - 1).unwrap_or(stem);
        }
        entry(dir, base, stem, dialect, direction, plain.is_some())
    }

    pub(super) fn id(&self) -> String {
        match self.version {
            Some(version) => version.to_owned(),
            None => self.name.to_owned(),
        }
    }

    /// The order of the layout.
    pub(super) fn compare(&self, other: &Self, layout: Layout) -> Ordering {
        if layout.sorts_as_text() {
            let text = |e: &Self| -> String {
                let version = e.base.split('_').next().unwrap_or_default().replace('-', "");
                if layout == Layout::Diesel { version } else { e.base.to_owned() }
            };
            return text(self).cmp(&text(other)).then_with(|| self.name.cmp(other.name));
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
                compare_numbers(a, b).then_with(|| self.base.cmp(other.base)).then_with(|| self.name.cmp(other.name))
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

/// The name without `.sql`, in any case.
pub(super) fn sql_stem(base: &str) -> Option<&str> {
    let at = base.len().checked_sub(4)?;
    base.get(at..)?.eq_ignore_ascii_case(".sql").then(|| base.get(..at)).flatten()
}

/// The number that a file or folder name starts with: `0001_init.sql`, `V0001.Name.up.sql`, `20230404095503_init`.
pub(super) fn version_of(base: &str, layout: Layout) -> Option<&str> {
    let letters: &[char] = if layout == Layout::Refinery { &['V', 'v', 'U'] } else { &['V', 'v'] };
    let rest = base.strip_prefix(letters).unwrap_or(base);
    let digits = leading_digits(rest);
    let next = rest.as_bytes().get(digits.len());
    (!digits.is_empty() && !next.is_some_and(|b| b.is_ascii_alphabetic())).then_some(digits)
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

/// `a/b/c` as (`a/b`, `c`).
pub(super) fn split_path(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The database that a word in a name stands for.
pub(super) fn database_of(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "postgres" | "postgresql" | "pg" | "pgsql" | "psql" => POSTGRES,
        "mysql" => "MySQL",
        "mariadb" => "MariaDB",
        "sqlite" | "sqlite3" => "SQLite",
        "cockroach" | "cockroachdb" | "crdb" => "CockroachDB",
        "mssql" | "sqlserver" => "SQL Server",
        "oracle" => "Oracle",
        "h2" => "H2",
        "clickhouse" => "ClickHouse",
        "spanner" => "Spanner",
        _ => return None,
    })
}

/// The database whose dialect is read.
pub(super) const POSTGRES: &str = "PostgreSQL";
