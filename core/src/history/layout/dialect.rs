//! Files for other databases in one drop: told apart by a word in the name, by their folder, or by what they hold.

use std::collections::{BTreeMap, BTreeSet};

use super::Candidate;
use super::entry::{Direction, Entry, POSTGRES, database_of, split_path};

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
    if by_content {
        by_looks(files, &mut found);
    }
    found.into_iter().map(|database| database.filter(|d| *d != POSTGRES)).collect()
}

/// Files whose text is another database's; where they are most of a folder's files with tables, the folder is that database's.
fn by_looks(files: &[Candidate<'_>], found: &mut [Option<&'static str>]) {
    let mut folders: BTreeMap<&str, (BTreeMap<&'static str, usize>, usize)> = BTreeMap::new();
    for (file, _) in files.iter().zip(found.iter()).filter(|(_, own)| own.is_none()) {
        let (looks, plain) = folders.entry(split_path(file.name).0).or_default();
        match file.looks_like {
            Some(database) => *looks.entry(database).or_default() += 1,
            None => *plain += usize::from(!file.tables.is_empty()),
        }
    }
    for (file, own) in files.iter().zip(found).filter(|(_, own)| own.is_none()) {
        let folder = folders.get(split_path(file.name).0);
        let most = folder.and_then(|(looks, plain)| {
            looks
                .iter()
                .max_by_key(|(_, count)| **count)
                .filter(|(_, count)| **count >= *plain)
                .map(|(database, _)| *database)
        });
        *own = file.looks_like.or(most);
    }
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
