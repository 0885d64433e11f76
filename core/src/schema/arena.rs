//! Arenas with stable, typed ids, and marks to which they can be taken back.

use crate::order::Order;
use std::marker::PhantomData;

/// A typed index into one arena of a [`Schema`](super::Schema). Ids stay valid for the schema's life: dropped objects keep theirs.
pub trait Id: Copy + Eq {
    /// The id of the `index`-th object.
    fn from_index(index: usize) -> Self;
    /// The place in the arena.
    fn index(self) -> usize;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);
        impl Id for $name {
            fn from_index(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A schema of the database (`pg_namespace`).
    NamespaceId,
    /// A table, partitioned table or foreign table.
    TableId,
    /// A view or materialized view.
    ViewId,
    /// An index.
    IndexId,
    /// A sequence.
    SequenceId,
    /// A constraint of a table.
    ConstraintId,
    /// An enum, domain, composite, range or base type.
    TypeId,
    /// A function, procedure or aggregate.
    FunctionId,
    /// A trigger.
    TriggerId,
    /// A row-level security policy.
    PolicyId,
    /// A rewrite rule.
    RuleId,
    /// An extension.
    ExtensionId,
    /// An event trigger.
    EventTriggerId,
    /// An object that is named but not modelled.
    OtherId,
}

/// A growing list of objects. After a [mark](Arena::mark) the first change to an object that was there keeps a copy of it, so that
/// [`undo_to`](Arena::undo_to) can put everything back; objects made after the mark cost nothing.
#[derive(Clone, Debug)]
pub struct Arena<I, T> {
    items: Vec<T>,
    /// Copies of changed objects with their place, oldest first.
    saved: Vec<(u32, T)>,
    /// For each object the length of `saved` when it was last copied, plus one; 0 for never.
    saved_at: Vec<u32>,
    marks: Vec<ArenaMark>,
    id: PhantomData<I>,
}

#[derive(Clone, Copy, Debug)]
struct ArenaMark {
    items: usize,
    saved: usize,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Self { items: Vec::new(), saved: Vec::new(), saved_at: Vec::new(), marks: Vec::new(), id: PhantomData }
    }
}

impl<I: Id, T: Clone> Arena<I, T> {
    /// Adds an object.
    pub fn push(&mut self, item: T) -> I {
        self.items.push(item);
        self.saved_at.push(0);
        I::from_index(self.items.len() - 1)
    }

    /// The id that the next [`push`](Self::push) will give.
    pub fn next_id(&self) -> I {
        I::from_index(self.items.len())
    }

    /// The object, or `None` for an id that an undo took back.
    pub fn get(&self, id: I) -> Option<&T> {
        self.items.get(id.index())
    }

    /// The object, to change it.
    pub fn get_mut(&mut self, id: I) -> Option<&mut T> {
        let index = id.index();
        if let Some(mark) = self.marks.last()
            && index < mark.items
            && (*self.saved_at.get(index)? as usize) <= mark.saved
        {
            let copy = self.items.get(index)?.clone();
            self.saved.push((u32::try_from(index).ok()?, copy));
            *self.saved_at.get_mut(index)? = u32::try_from(self.saved.len()).ok()?;
        }
        self.items.get_mut(index)
    }

    /// All objects with their ids, dropped ones too.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.items.iter().enumerate().map(|(index, item)| (I::from_index(index), item))
    }

    /// Number of objects, dropped ones too.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Sets a mark.
    pub(super) fn mark(&mut self) {
        self.marks.push(ArenaMark { items: self.items.len(), saved: self.saved.len() });
    }

    /// Goes back to the last mark and takes it away.
    pub(super) fn undo(&mut self) {
        let Some(mark) = self.marks.pop() else { return };
        while self.saved.len() > mark.saved {
            if let Some((index, item)) = self.saved.pop()
                && let Some(slot) = self.items.get_mut(index as usize)
            {
                *slot = item;
                // The next change under an older mark copies again; one copy too many does no harm, undo runs newest first.
                if let Some(at) = self.saved_at.get_mut(index as usize) {
                    *at = 0;
                }
            }
        }
        self.items.truncate(mark.items);
        self.saved_at.truncate(mark.items);
    }

    /// Takes the last mark away and keeps the changes. Copies stay while an older mark needs them: not those of objects that are younger than it.
    pub(super) fn forget_mark(&mut self) {
        let Some(mark) = self.marks.pop() else { return };
        let needed = self.marks.last().map_or(0, |older| older.items);
        if self.saved.len() == mark.saved {
            return;
        }
        for (index, item) in self.saved.split_off(mark.saved.min(self.saved.len())) {
            let keep = (index as usize) < needed;
            if keep {
                self.saved.push((index, item));
            }
            if let Some(at) = self.saved_at.get_mut(index as usize) {
                *at = if keep { u32::try_from(self.saved.len()).unwrap_or(0) } else { 0 };
            }
        }
    }

    /// Takes the last mark, which must be the only one, away, keeps the changes and gives them out, if there are any.
    pub(super) fn take_delta(&mut self) -> Option<Box<ArenaDelta<T>>> {
        let mark = self.marks.pop()?;
        let added = self.items.len().saturating_sub(mark.items);
        // A revision changes a few objects of one kind or two: the other arenas cost nothing.
        if self.saved.len() == mark.saved && added == 0 {
            return None;
        }
        let mut changed: Vec<(u32, T)> = self.saved.drain(mark.saved.min(self.saved.len())..).collect();
        for (index, _) in &changed {
            if let Some(at) = self.saved_at.get_mut(*index as usize) {
                *at = 0;
            }
        }
        // Of several copies the oldest is what was there at the mark.
        if changed.len() > 1 {
            changed.order_by_key(|(index, _)| *index);
            changed.dedup_by_key(|(index, _)| *index);
        }
        changed.retain(|(index, _)| (*index as usize) < mark.items);
        Some(Box::new(ArenaDelta { base: mark.items, added, changed, tail: Vec::new() }))
    }

    /// Swaps the objects of a difference with those that are here.
    pub(super) fn swap(&mut self, delta: &mut ArenaDelta<T>) {
        for (index, item) in &mut delta.changed {
            if let Some(own) = self.items.get_mut(*index as usize) {
                std::mem::swap(own, item);
            }
        }
        if delta.added == 0 {
            return;
        }
        if delta.tail.is_empty() {
            delta.tail = self.items.split_off(delta.base.min(self.items.len()));
        } else {
            self.items.append(&mut delta.tail);
        }
        self.saved_at.resize(self.items.len(), 0);
    }
}

/// What differs in one arena between two states: the objects of the state in which the arena is not.
#[derive(Clone, Debug)]
pub(super) struct ArenaDelta<T> {
    /// Number of objects before.
    base: usize,
    /// Number of objects that were added.
    added: usize,
    /// Objects of before that changed.
    changed: Vec<(u32, T)>,
    /// The added objects, while the arena is in the state before.
    tail: Vec<T>,
}

impl<T> ArenaDelta<T> {
    /// The places of all objects that differ.
    pub(super) fn touched(&self) -> impl Iterator<Item = usize> {
        self.changed.iter().map(|(index, _)| *index as usize).chain(self.base..self.base + self.added)
    }
}
