//! Sorting with one copy of the algorithm.
//!
//! The standard library's sorts are compiled anew for each type and comparison, 5 KB each: a tenth of the engine. Here the places are sorted,
//! by one compiled function that calls the comparison through a pointer, and the items then follow.

use std::cmp::Ordering;

/// Stable sorting of slices, small in code. Use it wherever a sort is not at the bottom of a loop.
pub trait Order<T> {
    /// In ascending order.
    fn order(&mut self)
    where
        T: Ord;

    /// By a comparison.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// By a key, which is asked for at each comparison.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);

    /// By a key, which is asked for once, and items of the same key by a comparison.
    fn order_by_cached_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K, compare: impl FnMut(&T, &T) -> Ordering);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(Ord::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let places = sorted_places(self.len(), &mut |a, b| match (self.get(a), self.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        put(places, &mut |a, b| self.swap(a, b));
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }

    fn order_by_cached_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let keys: Vec<K> = self.iter().map(key).collect();
        let places = sorted_places(self.len(), &mut |a, b| {
            keys.get(a).cmp(&keys.get(b)).then_with(|| match (self.get(a), self.get(b)) {
                (Some(a), Some(b)) => compare(a, b),
                _ => Ordering::Equal,
            })
        });
        put(places, &mut |a, b| self.swap(a, b));
    }
}

/// Puts items where they belong by swaps: at each place comes the item of `places` there.
fn put(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    // Each cycle of the permutation is walked once; a place that has its item points to itself.
    for start in 0..places.len() {
        let mut to = start;
        while let Some(from) = places.get(to).copied().filter(|from| *from != start) {
            swap(to, from);
            if let Some(done) = places.get_mut(to) {
                *done = to;
            }
            to = from;
        }
        if let Some(done) = places.get_mut(to) {
            *done = to;
        }
    }
}

/// The places `0..len` in the order in which their items belong.
fn sorted_places(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..len).collect();
    #[allow(clippy::disallowed_methods, reason = "the one copy")]
    places.sort_by(|a, b| compare(*a, *b));
    places
}

#[cfg(test)]
mod tests {
    use super::Order;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "what is expected is what the standard library does")]
    fn items_stand_in_order() {
        for len in 0..40_usize {
            // 17 and 41 share no divisor: every number below 41 once, mixed.
            let mut items: Vec<String> = (1..=len).map(|n| format!("{:02}", n * 17 % 41)).collect();
            let mut expected = items.clone();
            expected.sort();
            let mut mixed = items.clone();
            items.order();
            assert_eq!(items, expected);
            // By the last digit, and where that is the same by the whole.
            mixed.order_by_cached_key(|item| item.as_bytes()[1], Ord::cmp);
            expected.sort_by(|a, b| (a.as_bytes()[1], a).cmp(&(b.as_bytes()[1], b)));
            assert_eq!(mixed, expected);
        }
    }

    #[test]
    fn equal_items_keep_their_order() {
        let mut items: Vec<(u32, u32)> = (0..100).map(|n| (n * 7 % 5, n)).collect();
        items.order_by_key(|(key, _)| *key);
        assert!(items.is_sorted());
    }
}
