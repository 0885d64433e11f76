//! Files for other databases in one drop: told apart by a word in the name, by their folder, or by what they hold.

use std::collections::{BTreeMap, BTreeSet};

use super::Candidate;
use super::entry::{Direction, Entry, POSTGRES, database_of, split_path};
use crate::analysis::Dialect;
use crate::source::dialect::{Evidence, Verdict};

/// How many folders around a file are looked at.
const MAX_DEPTH: usize = 32;

/// The files that are for another database than PostgreSQL, each with its name; `None` for the rest.
///
/// A word in a file's own name decides by itself. A folder's name decides where the drop has files beside that folder: the folders around
/// everything may be called anything. Contents decide last.
pub(super) fn foreign(files: &[Candidate<'_>], by_content: bool) -> Vec<Option<&'static str>> {
    let shared = shared_folders(files);
    let mut found: Vec<Option<&'static str>> = files
        .iter()
        .map(|file| {
            let (dir, base) = split_path(file.name);
            let words = base.split('.').skip(1).filter_map(database_of);
            // `x.postgres.up.sql`, but also `x.mysql.postgres.sql`: the last word.
            if let Some(database) = words.last() {
                return Some(database);
            }
            dir.split('/').skip(shared).filter_map(database_of).last()
        })
        .collect();
    by_siblings(files, &mut found);
    if by_content {
        by_looks(files, &mut found);
    }
    found.into_iter().map(|database| database.filter(|d| *d != POSTGRES)).collect()
}

/// Files whose names differ in the word for a database alone: `schema-postgresql.sql` beside `schema-oracle.sql`.
fn by_siblings(files: &[Candidate<'_>], found: &mut [Option<&'static str>]) {
    let mut alike: BTreeMap<(&str, &str), Vec<(usize, &'static str)>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let base = split_path(file.name).1;
        let mut start = file.name.len() - base.len();
        let mut last = None;
        for word in base.split_inclusive(['.', '-', '_']) {
            let plain = word.trim_end_matches(['.', '-', '_']);
            last = database_of(plain).map(|database| (start, start + plain.len(), database)).or(last);
            start += word.len();
        }
        let Some((start, end, database)) = last else { continue };
        let around = (file.name.get(..start).unwrap_or_default(), file.name.get(end..).unwrap_or_default());
        alike.entry(around).or_default().push((at, database));
    }
    for group in alike.into_values() {
        let several = group.iter().any(|(_, database)| group.first().is_some_and(|(_, first)| first != database));
        for (at, database) in group.into_iter().filter(|_| several) {
            if let Some(own) = found.get_mut(at) {
                *own = own.or(Some(database));
            }
        }
    }
}

/// Files whose text is another database's. A file whose own text does not tell goes with the nearest folder around it whose files tell together.
fn by_looks(files: &[Candidate<'_>], found: &mut [Option<&'static str>]) {
    let title = |verdict: Verdict| match verdict {
        Verdict::Of(dialect) => Some(dialect.title()),
        Verdict::Open => None,
    };
    if files.iter().all(|file| !matches!(file.evidence.verdict(), Verdict::Of(d) if d != Dialect::PostgreSql)) {
        // Most drops have nothing of other databases.
        return;
    }
    let mut folders: BTreeMap<&str, Evidence> = BTreeMap::new();
    for (file, _) in files.iter().zip(found.iter()).filter(|(_, own)| own.is_none()) {
        for folder in around(file.name) {
            folders.entry(folder).or_default().add(file.evidence);
        }
    }
    for (file, own) in files.iter().zip(found).filter(|(_, own)| own.is_none()) {
        let alone = title(file.evidence.verdict());
        if alone.is_some() && file.evidence.is_certain() {
            *own = alone;
            continue;
        }
        let told = |certain: bool| {
            let folders = around(file.name).filter_map(|folder| folders.get(folder));
            folders.filter(|f| f.is_certain() || !certain).find_map(|f| title(f.verdict_together()))
        };
        let together = told(true).or_else(|| told(false));
        *own = match alone {
            // Signs that two databases share, in a folder that is one's.
            Some(_) => together.filter(|database| *database != POSTGRES).or(alone),
            None => together,
        };
    }
}

/// The folders around a file, the nearest first, and the top.
fn around(name: &str) -> impl Iterator<Item = &str> {
    fn up<'f>(folder: &&'f str) -> Option<&'f str> {
        (!folder.is_empty()).then(|| split_path(folder).0)
    }
    std::iter::successors(Some(split_path(name).0), up).take(MAX_DEPTH)
}

/// How many folders all paths start with.
fn shared_folders(files: &[Candidate<'_>]) -> usize {
    let mut folders = files.iter().map(|f| split_path(f.name).0);
    let Some(first) = folders.next() else { return 0 };
    let mut shared: Vec<&str> = first.split('/').collect();
    let mut before = first;
    for folder in folders {
        if folder != before {
            let same = shared.iter().zip(folder.split('/')).take_while(|(a, b)| **a == *b).count();
            shared.truncate(same);
            before = folder;
        }
    }
    shared.len()
}

/// Keeps, of the files that differ only in the database they are for, the one for PostgreSQL, else the one for all.
pub(super) fn choose(entries: &mut Vec<Entry<'_>>, left_out: &mut Vec<(usize, String)>) {
    let own: BTreeSet<(&str, &str, Direction)> = entries
        .iter()
        .filter(|e| e.dialect.is_some_and(|word| database_of(word) == Some(POSTGRES)))
        .map(|e| (e.dir, e.key, e.direction))
        .collect();
    if own.is_empty() {
        return;
    }
    entries.retain(|e| {
        let keep = e.dialect.is_some() || !own.contains(&(e.dir, e.key, e.direction));
        if !keep {
            left_out.push((e.index, "files of the same name for PostgreSQL stand beside them".to_owned()));
        }
        keep
    });
}
