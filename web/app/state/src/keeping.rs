//! Keeping the open project for a reload: one write after the other, and which copies a write has to bring.

use std::collections::BTreeSet;

/// The turns of keeping. An older write must not end after a newer one, so there is one at a time.
#[derive(Default, Debug)]
pub struct Turns {
    /// How often something was to be kept, and up to which of these times it was.
    wanted: u32,
    done: u32,
    busy: bool,
    again: bool,
}

impl Turns {
    /// Something is to be kept.
    pub fn want(&mut self) {
        self.wanted += 1;
    }

    /// What a turn that begins now is for.
    pub fn wanted(&self) -> u32 {
        self.wanted
    }

    /// Begins a turn. Nothing where one is under way: what is wanted now waits for its end.
    pub fn begin(&mut self) -> Option<u32> {
        if self.busy {
            self.again = true;
            return None;
        }
        self.busy = true;
        Some(self.wanted)
    }

    /// A turn is over. Whether another one has waited for that.
    #[must_use]
    pub fn end(&mut self, number: u32) -> bool {
        self.busy = false;
        self.settle(number);
        std::mem::take(&mut self.again)
    }

    /// What was wanted up to `number` is dealt with, without a turn of its own.
    pub fn settle(&mut self, number: u32) {
        self.done = self.done.max(number);
    }

    /// Whether all that was wanted is dealt with.
    pub fn all(&self) -> bool {
        self.done == self.wanted
    }
}

/// What a store needs to hold the copies of one project.
#[derive(PartialEq, Eq, Debug)]
pub struct Writes {
    /// Names of the files to be put.
    pub put: Vec<String>,
    /// Keys to be deleted.
    pub delete: Vec<String>,
}

/// What makes a store hold exactly the files of `held` under `prefix`: of what it was given before, anything may be gone meanwhile (the disk was
/// full, other tabs took the place, somebody forgot everything).
pub fn writes<'a>(
    prefix: &str,
    held: impl IntoIterator<Item = &'a str>,
    changed: &BTreeSet<String>,
    there: &BTreeSet<String>,
) -> Writes {
    let held: BTreeSet<&str> = held.into_iter().collect();
    let put = held.iter().filter(|name| changed.contains(**name) || !there.contains(&format!("{prefix}{name}")));
    let delete = there.iter().filter(|key| key.strip_prefix(prefix).is_some_and(|name| !held.contains(name)));
    Writes { put: put.map(|name| (*name).to_owned()).collect(), delete: delete.cloned().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_changed_or_is_not_there_is_put_and_what_no_file_has_goes() {
        let there = names(&["one/a", "one/b", "one/gone", "other/c", "one"]);
        let done = writes("one/", ["a", "b", "c"], &names(&["b", "gone"]), &there);
        assert_eq!(done, Writes { put: vec!["b".into(), "c".into()], delete: vec!["one/gone".into()] });
    }

    #[test]
    fn a_store_that_lost_everything_gets_everything_again() {
        let done = writes("one/", ["a", "b"], &names(&[]), &names(&[]));
        assert_eq!(done, Writes { put: vec!["a".into(), "b".into()], delete: Vec::new() });
    }

    #[test]
    fn one_turn_follows_the_other() {
        let mut turns = Turns::default();
        turns.want();
        assert_eq!(turns.begin(), Some(1));
        turns.want();
        assert_eq!((turns.begin(), turns.all()), (None, false), "the first is still under way");
        assert!(turns.end(1), "the second has waited");
        assert_eq!((turns.begin(), turns.all()), (Some(2), false));
        assert!(!turns.end(2));
        assert!(turns.all());
    }

    #[test]
    fn what_is_dealt_with_stays_so() {
        let mut turns = Turns::default();
        turns.want();
        let first = turns.begin().expect("a turn");
        turns.want();
        // Everything was forgotten while the first turn ran.
        turns.settle(turns.wanted());
        assert!(!turns.end(first));
        assert!(turns.all());
    }
}
