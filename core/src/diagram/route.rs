//! Tracks: which vertical line each bundle of edges takes in the channel between two layers.
//!
//! Two bundles whose vertical extents overlap never share a track. Which of the two goes further left is decided by the crossings that either
//! order makes, as in the orthogonal routing of Sander's "Layout of directed hypergraphs with orthogonal hyperedges" (2003).

use super::{at, bump, put};
use crate::order::Order;

/// The ends of one bundle in a channel: heights at which it leaves the left and the right layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Bundle {
    /// Ends on the left border.
    pub(super) left: Vec<i32>,
    /// Ends on the right border.
    pub(super) right: Vec<i32>,
}

impl Bundle {
    /// Top and bottom of its vertical line, or `None` where it needs none.
    fn extent(&self) -> Option<(i32, i32)> {
        let ends = || self.left.iter().chain(&self.right).copied();
        let (top, bottom) = (ends().min()?, ends().max()?);
        (top < bottom || self.left.len() > 1 || self.right.len() > 1).then_some((top, bottom))
    }
}

/// Distance within which two parallel lines look like one.
const TOUCH: i32 = 3;

/// Pairs compared in one channel at most; beyond it the order of what is left is that of their tops.
const MAX_PAIRS: usize = 60_000;

/// Gives each bundle of a channel its track, counted from the left, and the number of tracks. A bundle that goes straight through has none.
pub(super) fn tracks(bundles: &[Bundle]) -> (Vec<Option<u32>>, u32) {
    let mut bent: Vec<(i32, i32, usize)> =
        bundles.iter().enumerate().filter_map(|(i, b)| b.extent().map(|(top, bottom)| (top, bottom, i))).collect();
    bent.order();
    let sorted: Vec<(Vec<i32>, Vec<i32>)> = bent
        .iter()
        .map(|(_, _, i)| {
            let mut ends = bundles.get(*i).map(|b| (b.left.clone(), b.right.clone())).unwrap_or_default();
            ends.0.order();
            ends.1.order();
            ends
        })
        .collect();

    // Arcs `a` before `b` (further left) with what the other order would cost more; and all pairs that overlap.
    let mut after: Vec<Vec<(u32, i64)>> = vec![Vec::new(); bent.len()];
    let mut balance = vec![0i64; bent.len()];
    let mut pairs = 0;
    'all: for (a, (top, bottom, _)) in bent.iter().enumerate() {
        for (b, (other_top, other_bottom, _)) in bent.iter().enumerate().skip(a + 1) {
            if *other_top > bottom + TOUCH {
                break;
            }
            pairs += 1;
            if pairs > MAX_PAIRS {
                break 'all;
            }
            let (Some(ends_a), Some(ends_b)) = (sorted.get(a), sorted.get(b)) else { continue };
            let (span_a, span_b) = ((*top, *bottom), (*other_top, *other_bottom));
            let a_first =
                within(&ends_a.1, span_b) + within(&ends_b.0, span_a) + OVERLAP * touching(&ends_a.1, &ends_b.0);
            let b_first =
                within(&ends_b.1, span_a) + within(&ends_a.0, span_b) + OVERLAP * touching(&ends_b.1, &ends_a.0);
            let (first, second, gain) = match a_first.cmp(&b_first) {
                std::cmp::Ordering::Less => (a, b, b_first - a_first),
                std::cmp::Ordering::Greater => (b, a, a_first - b_first),
                std::cmp::Ordering::Equal => continue,
            };
            if let Some(list) = after.get_mut(first) {
                list.push((u32::try_from(second).unwrap_or(u32::MAX), gain));
            }
            bump(&mut balance, first, gain);
            bump(&mut balance, second, -gain);
        }
    }

    let order = feedback_order(&after, balance);
    let mut track_of = vec![None; bundles.len()];
    let mut placed: Vec<Vec<(i32, i32)>> = Vec::new();
    // A bundle goes right of everything before it in the order that it overlaps: the last such track plus one.
    for place in order {
        let Some((top, bottom, bundle)) = bent.get(place).copied() else { continue };
        let overlapped =
            placed.iter().rposition(|spans| spans.iter().any(|(t, b)| *t <= bottom + TOUCH && top <= *b + TOUCH));
        let track = overlapped.map_or(0, |t| t + 1);
        if track == placed.len() {
            placed.push(Vec::new());
        }
        if let Some(spans) = placed.get_mut(track) {
            spans.push((top, bottom));
        }
        put(&mut track_of, bundle, u32::try_from(track).ok());
    }
    (track_of, u32::try_from(placed.len()).unwrap_or(u32::MAX))
}

/// What it costs where two bundles would run over each other, in crossings.
const OVERLAP: i64 = 30;

/// How many of the sorted `ends` lie within the span.
fn within(ends: &[i32], (top, bottom): (i32, i32)) -> i64 {
    let from = ends.partition_point(|y| *y <= top);
    let to = ends.partition_point(|y| *y < bottom);
    i64::try_from(to.saturating_sub(from)).unwrap_or(i64::MAX)
}

/// How many of the sorted `a` lie so near one of the sorted `b` that their lines look like one.
fn touching(a: &[i32], b: &[i32]) -> i64 {
    let near = |y: &&i32| {
        let from = b.partition_point(|other| *other <= **y - TOUCH);
        b.get(from).is_some_and(|other| *other < **y + TOUCH)
    };
    i64::try_from(a.iter().filter(near).count()).unwrap_or(i64::MAX)
}

/// An order of nodes that breaks few of the arcs, by weight: sources first; where there is none, the node that gives most and takes least
/// (Eades, Lin and Smyth, "A fast and effective heuristic for the feedback arc set problem", 1993).
fn feedback_order(after: &[Vec<(u32, i64)>], mut balance: Vec<i64>) -> Vec<usize> {
    let count = after.len();
    let mut before: Vec<Vec<(u32, i64)>> = vec![Vec::new(); count];
    let mut incoming = vec![0u32; count];
    for (a, list) in after.iter().enumerate() {
        for (b, gain) in list {
            if let Some(back) = before.get_mut(*b as usize) {
                back.push((u32::try_from(a).unwrap_or(u32::MAX), *gain));
            }
            bump(&mut incoming, *b as usize, 1);
        }
    }
    let mut order = Vec::with_capacity(count);
    let mut done = vec![false; count];
    // Sources in order of place; nodes on cycles by balance.
    let mut sources: std::collections::BTreeSet<usize> = (0..count).filter(|i| at(&incoming, *i) == 0).collect();
    let mut rest: std::collections::BTreeSet<(i64, usize)> = (0..count).map(|i| (-at(&balance, i), i)).collect();
    while order.len() < count {
        let next = match sources.pop_first() {
            Some(next) => next,
            None => match rest.first().copied() {
                Some((_, next)) => next,
                None => break,
            },
        };
        rest.remove(&(-at(&balance, next), next));
        if at(&done, next) {
            continue;
        }
        put(&mut done, next, true);
        order.push(next);
        for (b, gain) in super::list(after, next) {
            let b = *b as usize;
            if at(&done, b) {
                continue;
            }
            rest.remove(&(-at(&balance, b), b));
            bump(&mut balance, b, *gain);
            rest.insert((-at(&balance, b), b));
            let left = at(&incoming, b).saturating_sub(1);
            put(&mut incoming, b, left);
            if left == 0 {
                sources.insert(b);
            }
        }
        for (a, gain) in super::list(&before, next) {
            let a = *a as usize;
            if !at(&done, a) {
                rest.remove(&(-at(&balance, a), a));
                bump(&mut balance, a, -*gain);
                rest.insert((-at(&balance, a), a));
            }
        }
    }
    order
}
