//! The order of nodes within their layers: barycentres over a bounded number of sweeps from several first orders, then swaps of neighbours, the best kept,
//! and at last each node where in its layer it crosses least.
//!
//! Lines between two nodes of one layer, which leave it and turn back, count as well: they cross what leaves the layer between their ends.

#![allow(clippy::disallowed_methods, reason = "sorts at the bottom of its loops are worth a copy each")]

use std::collections::BTreeMap;

use super::arrange::{Link, PerNode, Turn, Work};
use super::{at, list, put};

/// Most sweeps of crossing reduction; large drawings get fewer.
const SWEEPS: usize = 12;
/// After so many sweeps that better nothing the next first order is more likely to.
const PATIENCE: u32 = 3;
/// How many pairs of lines are compared at most while nodes are taken through their layers.
const SIFTING: usize = 400_000;
/// How strongly a line that turns back pulls its ends together; a line of its own between two layers has weight 1200.
const TURN: i64 = 600;

/// The end of a line at a layer: the place of its node there, and its height on the node.
type End = (usize, i32);

impl Work<'_> {
    pub(super) fn number(&mut self) {
        for nodes in &self.layers {
            for (place, node) in nodes.iter().enumerate() {
                put(&mut self.pos, *node, place);
            }
        }
    }

    /// Orders the nodes of every layer so that few lines cross: from several first orders, since each ends in a different local
    /// optimum.
    pub(super) fn order(&mut self, starts: usize) {
        let nodes = self.layer.len();
        let sweeps = match nodes {
            0..=1200 => SWEEPS,
            1201..=4000 => SWEEPS / 2,
            _ => SWEEPS / 3,
        };
        let mut best = Vec::new();
        let mut least = u64::MAX;
        for start in 0..starts {
            self.first_order(start);
            let (mut reached, mut idle) = (u64::MAX, 0);
            for sweep in 0..=sweeps {
                if sweep > 0 {
                    self.sweep((sweep + start) % 2 == 1);
                    if nodes <= 2500 {
                        self.swap_neighbours();
                    }
                }
                let crossings = self.count_crossings() + self.count_turns();
                if crossings < least {
                    least = crossings;
                    best.clone_from(&self.layers);
                }
                idle = if crossings < reached { 0 } else { idle + 1 };
                reached = reached.min(crossings);
                if least == 0 || idle == PATIENCE {
                    break;
                }
            }
            if least == 0 {
                break;
            }
        }
        self.layers = best;
        self.number();
        self.crossings = least;
    }

    /// Takes nodes through their layers as long as that removes crossings.
    pub(super) fn refine(&mut self) {
        let mut work = SIFTING;
        while self.crossings > 0 {
            let before = self.layers.clone();
            self.sift(&mut work);
            let crossings = self.count_crossings() + self.count_turns();
            if crossings >= self.crossings {
                self.layers = before;
                self.number();
                break;
            }
            self.crossings = crossings;
        }
    }

    /// Takes each node through its layer and leaves it where its lines cross least: where neighbours may not swap, one of them may still jump over both
    /// (sifting, after Rudell).
    fn sift(&mut self, work: &mut usize) {
        let crossed = self.crossed();
        for l in 0..self.layers.len() {
            let Some(mut nodes) = self.layers.get_mut(l).map(std::mem::take) else { continue };
            for node in nodes.clone().into_iter().filter(|node| at(&crossed, *node)) {
                self.sift_node(&mut nodes, node, work);
            }
            if let Some(slot) = self.layers.get_mut(l) {
                *slot = nodes;
            }
        }
    }

    /// Which nodes may have a line that another one crosses. All others stand well where they stand.
    fn crossed(&self) -> Vec<bool> {
        let mut crossed = vec![false; self.layer.len()];
        let mut links = Vec::new();
        for nodes in &self.layers {
            links.clear();
            for (place, node) in nodes.iter().enumerate() {
                links.extend(self.right.of(*node).iter().map(|link| {
                    let end = height_key(at(&self.pos, link.other), link.there);
                    (height_key(place, link.own), end, *node, link.other)
                }));
            }
            links.sort_unstable();
            // A line crosses one that starts above it and ends below it, or the other way round.
            let mut mark = |node: usize, other: usize| {
                put(&mut crossed, node, true);
                put(&mut crossed, other, true);
            };
            let mut lowest = 0;
            for (_, end, node, other) in &links {
                if lowest > *end {
                    mark(*node, *other);
                }
                lowest = lowest.max(*end);
            }
            let mut highest = u64::MAX;
            for (_, end, node, other) in links.iter().rev() {
                if highest < *end {
                    mark(*node, *other);
                }
                highest = highest.min(*end);
            }
            // Lines that turn back may cross those of all nodes that they pass.
            for (place, node) in nodes.iter().enumerate() {
                for turn in self.turns.of(*node) {
                    let passed = nodes.get(place..=at(&self.pos, turn.other)).unwrap_or_default();
                    passed.iter().for_each(|node| put(&mut crossed, *node, true));
                }
            }
        }
        crossed
    }

    fn sift_node(&mut self, nodes: &mut [usize], node: usize, work: &mut usize) {
        let start = at(&self.pos, node);
        let group = at(&self.group, node);
        let first = nodes.partition_point(|n| at(&self.group, *n) < group);
        let end = nodes.partition_point(|n| at(&self.group, *n) <= group);
        let mut place = start;
        let (mut change, mut best) = (0, (0, start));
        for to in [end.saturating_sub(1), first] {
            while place != to && *work > 0 {
                let upper = if place < to { place } else { place - 1 };
                change += self.exchange(nodes, upper, work);
                place = if place < to { place + 1 } else { place - 1 };
                if change < best.0 {
                    best = (change, place);
                }
            }
        }
        while place != best.1 {
            let upper = if place < best.1 { place } else { place - 1 };
            self.exchange(nodes, upper, &mut 0);
            place = if place < best.1 { place + 1 } else { place - 1 };
        }
    }

    /// Swaps the node at a place of a layer with the one below, and tells how many crossings that makes.
    fn exchange(&mut self, nodes: &mut [usize], upper: usize, work: &mut usize) -> i64 {
        let (a, b) = (at(nodes, upper), at(nodes, upper + 1));
        let change = if *work > 0 { self.exchange_cost(a, b) } else { 0 };
        let pairs = self.left.of(a).len() * self.left.of(b).len() + self.right.of(a).len() * self.right.of(b).len();
        *work = work.saturating_sub(pairs + 1);
        nodes.swap(upper, upper + 1);
        put(&mut self.pos, a, upper + 1);
        put(&mut self.pos, b, upper);
        change
    }

    /// Depth first from the left, so that what hangs together starts together.
    ///
    /// Every other start walks from the last node, and every other pair of starts from the right.
    fn first_order(&mut self, start: usize) {
        let count = self.layer.len();
        let mut rank = vec![usize::MAX; count];
        let mut next = 0;
        let mut starts: Vec<usize> = (0..count).collect();
        let (backwards, from_right) = (start % 2 == 1, start / 2 % 2 == 1);
        starts.sort_by_key(|n| (at(&self.layer, *n), *n));
        if from_right {
            starts.reverse();
        }
        if backwards {
            starts.sort_by_key(|n| {
                let layer = at(&self.layer, *n);
                (if from_right { usize::MAX - layer } else { layer }, std::cmp::Reverse(*n))
            });
        }
        if start >= 4 {
            // Those with most lines first.
            starts.sort_by_key(|n| std::cmp::Reverse(self.left.of(*n).len() + self.right.of(*n).len()));
        }
        let mut stack = Vec::new();
        for start in starts {
            stack.push(start);
            while let Some(node) = stack.pop() {
                if rank.get(node).is_none_or(|r| *r != usize::MAX) {
                    continue;
                }
                put(&mut rank, node, next);
                next += 1;
                let turns = self.turns.of(node).iter().rev().map(|t| t.other);
                let links = self.right.of(node).iter().rev().chain(self.left.of(node).iter().rev());
                for other in links.map(|l| l.other).chain(turns) {
                    if rank.get(other).is_some_and(|r| *r == usize::MAX) {
                        stack.push(other);
                    }
                }
            }
        }
        for nodes in &mut self.layers {
            nodes.sort_by_key(|n| (at(&self.group, *n), rank.get(*n).copied()));
        }
        self.number();
    }

    fn sweep(&mut self, rightwards: bool) {
        let count = self.layers.len();
        for step in 1..count {
            let l = if rightwards { step } else { count - 1 - step };
            let fixed = if rightwards { l.checked_sub(1) } else { Some(l + 1) };
            let there = fixed.map_or(0, |f| list(&self.layers, f).len()).max(1);
            let Some(mut nodes) = self.layers.get_mut(l).map(std::mem::take) else { continue };
            let here = nodes.len().max(1);
            let links = if rightwards { &self.left } else { &self.right };
            let place_in = |place: usize| as_i64(place) * 1024 * as_i64(there) / as_i64(here);
            let mut keyed: Vec<(u32, i64, usize, usize)> = nodes
                .iter()
                .enumerate()
                .map(|(place, node)| {
                    let (mut sum, mut weight) = (0, 0);
                    for link in links.of(*node) {
                        let height = i64::from(self.height(link.other)) + 1;
                        let part = i64::from(link.there) * 1024 / height;
                        sum += (as_i64(at(&self.pos, link.other)) * 1024 + part) * link.weight;
                        weight += link.weight;
                    }
                    // What a line back into this layer joins should stand together.
                    for turn in self.turns.of(*node) {
                        sum += place_in(at(&self.pos, turn.other)) * TURN;
                        weight += TURN;
                    }
                    let key = if weight == 0 { place_in(place) } else { sum / weight };
                    (at(&self.group, *node), key, place, *node)
                })
                .collect();
            keyed.sort_unstable();
            nodes.clear();
            nodes.extend(keyed.into_iter().map(|k| k.3));
            for (place, node) in nodes.iter().enumerate() {
                put(&mut self.pos, *node, place);
            }
            if let Some(slot) = self.layers.get_mut(l) {
                *slot = nodes;
            }
        }
    }

    /// Swaps neighbours in a layer wherever that removes a crossing.
    fn swap_neighbours(&mut self) {
        for l in 0..self.layers.len() {
            let Some(mut nodes) = self.layers.get_mut(l).map(std::mem::take) else { continue };
            for place in 1..nodes.len() {
                let (a, b) = (at(&nodes, place - 1), at(&nodes, place));
                if at(&self.group, a) != at(&self.group, b) {
                    continue;
                }
                let work =
                    self.left.of(a).len() * self.left.of(b).len() + self.right.of(a).len() * self.right.of(b).len();
                let turns = self.turns.of(a).len() + self.turns.of(b).len();
                if work + turns == 0 || work > 1024 || turns > 64 {
                    continue;
                }
                if self.exchange_cost(a, b) < 0 {
                    nodes.swap(place - 1, place);
                    put(&mut self.pos, a, place);
                    put(&mut self.pos, b, place - 1);
                }
            }
            if let Some(slot) = self.layers.get_mut(l) {
                *slot = nodes;
            }
        }
    }

    /// How many more lines on one side of two nodes cross with `lower` above `upper` than the other way round.
    fn swap_cost(&self, links: &PerNode<Link>, upper: usize, lower: usize) -> i64 {
        let end = |link: &Link| height_key(at(&self.pos, link.other), link.there);
        let mut cost = 0;
        for a in links.of(upper).iter().map(end) {
            for b in links.of(lower).iter().map(end) {
                cost += i64::from(a < b) - i64::from(a > b);
            }
        }
        cost
    }

    /// How many more lines cross where two neighbours stand the other way round, `lower` above `upper`.
    fn exchange_cost(&self, upper: usize, lower: usize) -> i64 {
        let lines = self.swap_cost(&self.left, upper, lower) + self.swap_cost(&self.right, upper, lower);
        if self.turns.of(upper).is_empty() && self.turns.of(lower).is_empty() {
            return lines;
        }
        let turns = |upper, lower, swapped| as_i64(self.turn_crossings(upper, lower, swapped));
        lines + turns(lower, upper, true) - turns(upper, lower, false)
    }

    /// Crossings that come from lines which turn back and end at one of two neighbours while the other stands between their ends, with `upper` above
    /// `lower`; `swapped` where that is not how they stand now.
    fn turn_crossings(&self, upper: usize, lower: usize, swapped: bool) -> usize {
        let here = at(&self.pos, if swapped { lower } else { upper });
        let mut crossings = 0;
        for (node, inside, down) in [(upper, lower, true), (lower, upper, false)] {
            for turn in self.turns.of(node) {
                let far = at(&self.pos, turn.other);
                // `here` and the place after it belong to the two.
                let between = if down { far > here + 1 } else { far < here };
                if !between || turn.other == inside {
                    continue;
                }
                let links = if turn.right { &self.right } else { &self.left };
                crossings += links.of(inside).iter().filter(|l| l.fan != turn.fan).count();
                let out = |other: &Turn| {
                    let end = at(&self.pos, other.other);
                    // Two lines that turn cross where one has one end inside the other; counted from the one that leads down.
                    other.right == turn.right
                        && other.fan != turn.fan
                        && if down { end < here || end > far } else { end < far }
                };
                crossings += self.turns.of(inside).iter().filter(|t| out(t)).count();
            }
        }
        crossings
    }

    /// Crossings of lines that turn back with those that leave their layer on the same side, and with each other.
    fn count_turns(&self) -> u64 {
        let mut crossings = 0;
        for nodes in &self.layers {
            for right in [false, true] {
                // The stretch of each fan, and the ends of all other lines, by place and height.
                let mut spans: BTreeMap<usize, (End, End)> = BTreeMap::new();
                for node in nodes {
                    for turn in self.turns.of(*node).iter().filter(|t| t.right == right) {
                        let end = (at(&self.pos, *node), turn.own);
                        let span = spans.entry(turn.fan).or_insert((end, end));
                        *span = (span.0.min(end), span.1.max(end));
                    }
                }
                if spans.is_empty() {
                    continue;
                }
                let links = if right { &self.right } else { &self.left };
                let mut ends: Vec<(usize, i32, usize)> = Vec::new();
                for node in nodes {
                    ends.extend(links.of(*node).iter().map(|l| (at(&self.pos, *node), l.own, l.fan)));
                }
                ends.sort_unstable();
                // A fan leaves its root once, however many lines it has.
                ends.dedup();
                let spans: Vec<_> = spans.into_iter().collect();
                for (i, (fan, (top, bottom))) in spans.iter().enumerate() {
                    let from = ends.partition_point(|e| (e.0, e.1) <= *top);
                    let to = ends.partition_point(|e| (e.0, e.1) < *bottom);
                    let within = ends.get(from..to.max(from)).unwrap_or_default();
                    crossings += within.iter().filter(|e| e.2 != *fan).count() as u64;
                    for (_, (other_top, other_bottom)) in spans.get(i + 1..).unwrap_or_default().iter().take(200) {
                        let inside = |end: &End| top < end && end < bottom;
                        crossings += u64::from(inside(other_top) != inside(other_bottom));
                    }
                }
            }
        }
        crossings
    }

    /// Crossings over all channels: of two lines from different pins, sorted by where they start, those cross whose ends stand the other way round.
    fn count_crossings(&self) -> u64 {
        let mut crossings = 0;
        let (mut links, mut ends, mut room) = (Vec::new(), Vec::new(), Vec::new());
        for nodes in &self.layers {
            links.clear();
            for (place, node) in nodes.iter().enumerate() {
                links.extend(
                    self.right
                        .of(*node)
                        .iter()
                        .map(|link| (height_key(place, link.own), height_key(at(&self.pos, link.other), link.there))),
                );
            }
            links.sort_unstable();
            ends.clear();
            ends.extend(links.iter().map(|(_, end)| *end));
            crossings += inversions(&mut ends, &mut room);
        }
        crossings
    }
}

/// A place in a layer and the height of a pin on the node there, as one number that sorts like both.
fn height_key(place: usize, y: i32) -> u64 {
    let place = u64::try_from(place).unwrap_or(u64::MAX >> 32);
    place << 32 | u64::from(y.cast_unsigned() ^ 1 << 31)
}

/// How many pairs of values stand in descending order. Sorts them, by merging.
fn inversions(values: &mut [u64], room: &mut Vec<u64>) -> u64 {
    let mut count = 0;
    let mut width = 1;
    while width < values.len() {
        for run in values.chunks_mut(2 * width) {
            let (left, right) = run.split_at(width.min(run.len()));
            let (Some(last), Some(first)) = (left.last(), right.first()) else { continue };
            if last <= first {
                continue;
            }
            room.clear();
            let (mut l, mut r) = (0, 0);
            while let (Some(a), Some(b)) = (left.get(l), right.get(r)) {
                if a <= b {
                    room.push(*a);
                    l += 1;
                } else {
                    count += (left.len() - l) as u64;
                    room.push(*b);
                    r += 1;
                }
            }
            room.extend_from_slice(left.get(l..).unwrap_or_default());
            room.extend_from_slice(right.get(r..).unwrap_or_default());
            run.copy_from_slice(room);
        }
        width *= 2;
    }
    count
}

pub(super) fn as_i64(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
