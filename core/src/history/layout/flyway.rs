//! Flyway, and Refinery whose names look alike. Source: Flyway documentation, "Migrations"; refinery, `Migration::unapplied`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, compare_parts, split_path};
use super::{Candidate, ControlFile, Planned};
use crate::order::Order;
use crate::toml::{self, Value};

/// `V1.2__add_users.sql` taken apart.
pub(super) struct FlywayName<'a> {
    /// V, U, B or R, whatever the project calls them.
    pub(super) kind: u8,
    pub(super) version: Vec<&'a str>,
    /// Prefix and version as written.
    pub(super) written: &'a str,
    /// The version as written.
    number: &'a str,
    pub(super) description: &'a str,
}

/// How the project names its migrations: Flyway's own way, unless a `flyway.conf` or `flyway.toml` says otherwise. Source: Flyway documentation,
/// "Parameters".
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Naming {
    /// Prefixes, the longest first, each with V, U, B or R.
    prefixes: Vec<(String, u8)>,
    separator: String,
    suffixes: Vec<String>,
    /// Settings of the project's own were found.
    pub(super) configured: bool,
}

/// How each part of a drop names its migrations: settings hold for the files beside and below them.
pub(super) struct Namings<'a> {
    by_folder: BTreeMap<&'a str, Naming>,
    default: Naming,
}

impl<'a> Namings<'a> {
    /// As the settings among the control files have it. Those in a folder `conf` (where Flyway's own stand), or in one without migrations, are of the
    /// folder around it.
    pub(super) fn of(files: &[Candidate<'_>], control: &'a [ControlFile]) -> Self {
        let settings: Vec<&ControlFile> = control.iter().filter(|c| is_settings(&c.name)).collect();
        let names: BTreeSet<&str> = if settings.is_empty() { &[] } else { files }.iter().map(|f| f.name).collect();
        let holds_some = |folder: &str| {
            let start = format!("{folder}/");
            folder.is_empty() || names.range(start.as_str()..).next().is_some_and(|name| name.starts_with(&start))
        };
        let mut by_folder: BTreeMap<&str, Vec<&ControlFile>> = BTreeMap::new();
        for file in settings {
            let mut folder = split_path(&file.name).0;
            if let (around, "conf") = split_path(folder) {
                folder = around;
            }
            while !holds_some(folder) {
                folder = split_path(folder).0;
            }
            by_folder.entry(folder).or_default().push(file);
        }
        Self {
            by_folder: by_folder.into_iter().map(|(folder, files)| (folder, Naming::of(&files))).collect(),
            default: Naming::default(),
        }
    }

    /// That of the nearest settings in a folder or around it.
    pub(super) fn in_folder(&self, folder: &str) -> &Naming {
        if self.by_folder.is_empty() {
            return &self.default;
        }
        let mut folder = folder;
        loop {
            match self.by_folder.get(folder) {
                Some(naming) => return naming,
                None if folder.is_empty() => return &self.default,
                None => folder = split_path(folder).0,
            }
        }
    }
}

impl Default for Naming {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Naming {
    /// As settings have it, the later ones above the earlier.
    fn of(files: &[&ControlFile]) -> Self {
        let mut prefixes =
            [("V", b'V'), ("U", b'U'), ("B", b'B'), ("R", b'R')].map(|(p, kind)| (p.to_owned(), kind)).to_vec();
        let mut separator = "__".to_owned();
        let mut suffixes = vec![".sql".to_owned()];
        for (key, words) in files.iter().flat_map(|file| settings(file)) {
            let mut words = words.into_iter();
            let kind = match key.as_str() {
                "sqlMigrationPrefix" => b'V',
                "undoSqlMigrationPrefix" => b'U',
                "baselineMigrationPrefix" => b'B',
                "repeatableSqlMigrationPrefix" => b'R',
                "sqlMigrationSeparator" => {
                    separator = words.next().filter(|w| !w.is_empty()).unwrap_or(separator);
                    continue;
                }
                "sqlMigrationSuffixes" => {
                    let given: Vec<String> = words.filter(|w| !w.is_empty()).collect();
                    suffixes = if given.is_empty() { suffixes } else { given };
                    continue;
                }
                _ => continue,
            };
            if let (Some(prefix), Some(word)) = (prefixes.iter_mut().find(|(_, k)| *k == kind), words.next()) {
                prefix.0 = word;
            }
        }
        prefixes.order_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { prefixes, separator, suffixes, configured: !files.is_empty() }
    }

    /// The prefix is case-sensitive, the suffix is not. A version needs no description, a description no version.
    pub(super) fn read<'a>(&self, base: &'a str) -> Option<FlywayName<'a>> {
        let stem = self.suffixes.iter().find_map(|suffix| {
            let at = base.len().checked_sub(suffix.len())?;
            base.get(at..)?.eq_ignore_ascii_case(suffix).then(|| base.get(..at)).flatten()
        })?;
        let (prefix, kind) = self.prefixes.iter().find(|(prefix, _)| stem.starts_with(prefix.as_str()))?;
        let rest = stem.get(prefix.len()..)?;
        let (version, description) = rest.split_once(self.separator.as_str()).unwrap_or((rest, ""));
        let fits = match kind {
            b'R' => version.is_empty() && !description.is_empty(),
            _ => {
                version.starts_with(|c: char| c.is_ascii_digit())
                    && version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_'))
            }
        };
        let written = base.get(..prefix.len() + version.len())?;
        fits.then(|| FlywayName { kind: *kind, version: version_parts(version), written, number: version, description })
    }

    /// The version in a file's name, as written; repeatable migrations have none.
    pub(crate) fn version_in<'a>(&self, base: &'a str) -> Option<&'a str> {
        self.read(base).map(|name| name.number).filter(|number| !number.is_empty())
    }

    /// What a migration of this version is called.
    pub(crate) fn file_name(&self, version: &str, description: &str) -> String {
        let prefix = self.prefixes.iter().find(|(_, kind)| *kind == b'V').map_or("", |(prefix, _)| prefix);
        let suffix = self.suffixes.first().map_or("", String::as_str);
        format!("{prefix}{version}{}{description}{suffix}", self.separator)
    }

    /// Whether a name is one of Flyway's and of no other tool's: with a description behind the separator.
    pub(super) fn is_sign(&self, base: &str) -> bool {
        self.read(base).is_some_and(|name| !name.description.is_empty())
    }
}

/// `flyway.conf`, `flyway.toml`, and what is set for one's own use beside them.
pub(super) fn is_settings(name: &str) -> bool {
    matches!(split_path(name).1, "flyway.conf" | "flyway.toml" | "flyway.user.toml")
}

/// The settings of a file, each with its words. A `.conf` is a file of Java's properties, where whatever stands behind `=` is the value; a `.toml` has them in
/// its table `flyway`.
fn settings(file: &ControlFile) -> Vec<(String, Vec<String>)> {
    let words = |value: &str| value.split(',').map(|w| w.trim().to_owned()).collect::<Vec<_>>();
    if !file.name.ends_with(".toml") {
        let of_line = |line: &str| {
            let (key, value) = line.split_once('=')?;
            let key = key.trim();
            Some((key.strip_prefix("flyway.").unwrap_or(key).to_owned(), words(value)))
        };
        return file.text.lines().filter_map(of_line).collect();
    }
    let of_value = |value: &Value| match value {
        Value::Text(text) => words(text),
        Value::Array(items) => {
            let texts = items.iter().filter_map(|i| match &i.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    };
    let root = toml::read(&file.text).0;
    let own = match root.get("flyway") {
        Some(Value::Table(own)) => Some(own),
        _ => None,
    };
    let entries = std::iter::once(&root).chain(own).flat_map(|table| &table.entries);
    entries.map(|e| (e.key.clone(), of_value(&e.item.value))).collect()
}

/// `^([U|V])(\d+(?:\.\d+)?)__(\w+)\.sql$`: `U` is unversioned here, no way back. A version with a point fits and is then refused as a number.
pub(super) fn is_refinery_name(base: &str) -> bool {
    let Some((head, name)) = base.strip_suffix(".sql").and_then(|stem| stem.split_once("__")) else { return false };
    let number = head.strip_prefix(['U', 'V']).unwrap_or_default();
    !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

/// The parts of a Flyway version without leading zeros; parts of zero at the end say nothing (`1` = `1.0`).
fn version_parts(version: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = version.split(['.', '_']).map(|p| p.trim_start_matches('0')).collect();
    while parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    parts
}

/// As no version ends in a zero here, one that goes on is the greater.
fn compare_versions(a: &[&str], b: &[&str]) -> Ordering {
    compare_parts(a.iter().copied(), b.iter().copied())
}

/// Versioned migrations by version, then repeatable ones by description; the newest baseline stands for every version up to its own.
pub(super) fn plan(entries: &[Entry<'_>], naming: &Naming, left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    let mut named: Vec<(FlywayName<'_>, &Entry<'_>)> =
        entries.iter().filter_map(|e| Some((naming.read(e.base)?, e))).collect();
    named.order_by(|(a, x), (b, y)| {
        (a.kind == b'R')
            .cmp(&(b.kind == b'R'))
            .then_with(|| compare_versions(&a.version, &b.version))
            .then_with(|| if a.kind == b'R' { a.description.cmp(b.description) } else { Ordering::Equal })
            .then_with(|| x.name.cmp(y.name))
    });
    let baseline = named.iter().rev().find(|(n, _)| n.kind == b'B').map(|(n, _)| n.version.clone());
    let mut undo: BTreeMap<&[&str], usize> =
        named.iter().filter(|(n, _)| n.kind == b'U').map(|(n, e)| (n.version.as_slice(), e.index)).collect();
    let mut revisions: Vec<Planned> = Vec::new();
    for (name, entry) in named.iter().filter(|(n, _)| n.kind != b'U') {
        let down = if name.kind == b'V' { undo.remove(name.version.as_slice()) } else { None };
        if let Some(base) = &baseline
            && name.kind != b'R'
        {
            let order = compare_versions(&name.version, base);
            if order == Ordering::Less || (order == Ordering::Equal && name.kind == b'V') {
                left_out.push((entry.index, "a later baseline stands for them".to_owned()));
                left_out
                    .extend(down.map(|index| (index, "a later baseline stands for what they take back".to_owned())));
                continue;
            }
        }
        let id = if name.kind == b'R' { format!("R__{}", name.description) } else { name.written.to_owned() };
        revisions.push(Planned { id, up: entry.index, down, no_transaction: false });
    }
    left_out.extend(undo.into_values().map(|index| (index, UNPAIRED.to_owned())));
    revisions
}

pub(super) const UNPAIRED: &str = "they take back migrations that are not among the files";
