//! The way back in files of their own, where no tool is known: told by a word in the name (`1_a.undo.sql`, `1-a-down.sql`), by the folder
//! (`down/1_a.sql`), or by the versions between which a file leads (`2-1.sql`).
//!
//! A word alone decides nothing: a migration may be about rollbacks. There must be a file that the other takes back, of the same name but for the word.
//! Sources: documentation of postgrator (`001.do.sql`, `001.undo.sql`), yoyo (`0001.x.rollback.sql`) and db-migrate (`…-up.sql`, `…-down.sql`).

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Direction, Entry, leading_digits, split_path, sql_stem};

/// Words for the way back.
const DOWN: [&str; 11] = [
    "down",
    "downs",
    "undo",
    "rollback",
    "rollbacks",
    "revert",
    "reverts",
    "downgrade",
    "downgrades",
    "backward",
    "backwards",
];

/// Words for the way there.
const UP: [&str; 10] = ["up", "ups", "do", "deploy", "migrate", "apply", "upgrade", "upgrades", "forward", "forwards"];

fn is_one_of(words: &[&str], word: &str) -> bool {
    words.iter().any(|one| one.eq_ignore_ascii_case(word))
}

/// The words of a name.
fn words(stem: &str) -> impl DoubleEndedIterator<Item = &str> {
    stem.split(['.', '-', '_'])
}

/// A name without its word for a direction: the last one, the first one, or the one behind the number.
fn plain<'a>(stem: &'a str, directions: &[&str]) -> Option<Vec<&'a str>> {
    let mut all: Vec<&str> = words(stem).collect();
    let is = |at: usize| all.get(at).is_some_and(|word| is_one_of(directions, word));
    let behind_number = leading_digits(all.first()?).len() == all.first()?.len();
    let last = all.len().checked_sub(1)?;
    let at = [last, 0, 1].into_iter().find(|at| is(*at) && (*at != 1 || behind_number || last == 1))?;
    all.remove(at);
    (!all.is_empty()).then_some(all)
}

/// Folders of ways back, each with the folder whose files they take back: beside it or around it, with files of the same names.
pub(super) fn folders<'a>(names: impl Iterator<Item = &'a str> + Clone) -> BTreeMap<&'a str, &'a str> {
    let is_down = |folder: &str| is_one_of(&DOWN, split_path(folder).1);
    // Most drops have none: their names are not taken apart.
    if !names.clone().any(|name| is_down(split_path(name).0)) {
        return BTreeMap::new();
    }
    let mut by_folder: BTreeMap<&str, BTreeSet<Vec<&str>>> = BTreeMap::new();
    for name in names {
        let (folder, base) = split_path(name);
        by_folder.entry(folder).or_default().insert(bare(base));
    }
    let mut found = BTreeMap::new();
    for (folder, own) in by_folder.iter().filter(|(folder, _)| is_down(folder)) {
        let parent = split_path(folder).0;
        let near = by_folder.iter().filter(|(other, _)| **other == parent || split_path(other).0 == parent);
        let near = near.filter(|(other, _)| !is_down(other) && !other.is_empty());
        let best = near.map(|(other, files)| (files.intersection(own).count(), *other)).max_by_key(|(count, _)| *count);
        if let Some((shared, other)) = best
            && shared * 2 > own.len()
        {
            found.insert(*folder, other);
        }
    }
    found
}

/// The words of a file's name without any for a direction.
fn bare(base: &str) -> Vec<&str> {
    let stem = sql_stem(base).unwrap_or(base);
    plain(stem, &DOWN).or_else(|| plain(stem, &UP)).unwrap_or_else(|| words(stem).collect())
}

/// Tells which entries take others back, and lets both share their key.
pub(super) fn pair(entries: &mut [Entry<'_>]) {
    let names: Vec<&str> = entries.iter().map(|e| e.name).collect();
    let folders = folders(names.iter().copied());
    let mut ups: BTreeMap<(&str, Vec<&str>), usize> = BTreeMap::new();
    let mut downs: Vec<(usize, (&str, Vec<&str>))> = Vec::new();
    for (at, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.direction == Direction::Up) {
        if let Some(home) = folders.get(entry.dir) {
            downs.push((at, (home, bare(entry.base))));
        } else if let Some(words) = plain(entry.key, &DOWN) {
            downs.push((at, (entry.dir, words)));
        } else if let Some(turned) = turned(entry.key) {
            downs.push((at, (entry.dir, turned)));
        } else {
            let words = plain(entry.key, &UP).unwrap_or_else(|| words(entry.key).collect());
            ups.entry((entry.dir, words)).or_insert(at);
        }
    }
    // One name alone may be that of a migration.
    let paired = downs.iter().filter(|(_, key)| ups.contains_key(key)).count();
    let all = paired > 0 && paired * 2 >= downs.len();
    for (at, key) in downs {
        let up = ups.get(&key).and_then(|up| entries.get(*up)).map(|up| (up.dir, up.key));
        if let Some(entry) = entries.get_mut(at)
            && (up.is_some() || all)
        {
            (entry.dir, entry.key) = up.unwrap_or((entry.dir, entry.key));
            entry.direction = Direction::Down;
        }
    }
}

/// `2-1` or `2_to_1`, which lead back, as the words of `1-2` and `1_to_2`.
fn turned(key: &str) -> Option<Vec<&str>> {
    let parted = ["_to_", "-to-"].iter().find_map(|joint| key.split_once(joint));
    let (from, to) = parted.or_else(|| key.split_once('-'))?;
    let number = |text: &str| text.parse::<u64>().ok();
    let between = parted.map(|_| "to");
    (number(to)? < number(from)?).then(|| std::iter::once(to).chain(between).chain([from]).collect())
}
