//! Which layer each table stands in: parents left of their children, layers of bounded height, components packed side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{at, bump, list, put};
use crate::order::Order;

/// A table to give a layer to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Block {
    /// Its height with the distance to the next one.
    pub(super) height: i32,
    /// Whether lines leave it beyond the left and the right border of the drawing.
    pub(super) leaves: (bool, bool),
}

/// The layer and the component of each block. Components are numbered from top to bottom.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Layering {
    /// The layer, from 0.
    pub(super) layer: Vec<usize>,
    /// The component.
    pub(super) component: Vec<u32>,
}

/// What lines cost while tables choose their layers. No taste suits all schemas: where it matters, several are tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Taste {
    /// A line whose parent stands right of its child, beside its length: the drawing reads from left to right.
    back: i64,
    /// A line that leaves its layer and turns back to it; one to the next layer costs 2.
    turn: i64,
    /// A layer that a trunk spans, beside a layer that a line of its own spans.
    trunk: i64,
}

impl Taste {
    /// Short lines, in few layers.
    pub(super) const SHORT: Self = Self { back: 1, turn: 6, trunk: 3 };
    /// Parents left of their children or beside them.
    pub(super) const FORWARD: Self = Self { back: 4, turn: 3, trunk: 3 };
}

/// Gives blocks their layers. `edges` are pairs (child, parent). Layers are filled up to about `cap`; there are at least `wide` of them to pack
/// components into.
pub(super) fn assign(blocks: &[Block], edges: &[(usize, usize)], cap: i32, wide: usize, taste: Taste) -> Layering {
    let count = blocks.len();
    let pairs: BTreeSet<(usize, usize)> =
        edges.iter().copied().filter(|(a, b)| a != b && *a < count && *b < count).collect();
    let directed = without_cycles(count, &pairs);
    let members = components(count, &directed);

    // Layers within each component, from 0.
    let mut parents = vec![Vec::new(); count];
    let mut children = vec![Vec::new(); count];
    for (child, parent) in &directed {
        if let Some(list) = parents.get_mut(*child) {
            list.push(*parent);
        }
        if let Some(list) = children.get_mut(*parent) {
            list.push(*child);
        }
    }
    let nets = Nets::new(count, &pairs);
    let mut layer = vec![0; count];
    for component in &members {
        fill_layers(component, blocks, &parents, &children, cap, &mut layer);
        pull_right(component, blocks, &parents, &children, cap, &mut layer);
        shorten_lines(component, blocks, &nets, cap, taste, &mut layer);
        close_up(component, &mut layer);
    }
    pack(blocks, &members, wide, &mut layer)
}

/// Turns edges around until there is no cycle: those that lead back to a node on the current depth-first path. Roots (tables that refer to
/// nothing) are visited first, then by how often a table is referred to, so that the lines that turn are the unusual ones.
fn without_cycles(count: usize, pairs: &BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    let mut children = vec![Vec::new(); count];
    let mut out = vec![0usize; count];
    for (child, parent) in pairs {
        if let Some(list) = children.get_mut(*parent) {
            list.push(*child);
        }
        bump(&mut out, *child, 1);
    }
    let mut starts: Vec<usize> = (0..count).collect();
    starts.order_by_key(|n| (at(&out, *n) > 0, Reverse(list(&children, *n).len()), at(&out, *n), *n));
    let mut state = vec![0u8; count]; // 1 on the path, 2 done
    let mut directed = BTreeSet::new();
    for start in starts {
        let mut stack = vec![(start, 0usize)];
        if at(&state, start) != 0 {
            continue;
        }
        put(&mut state, start, 1);
        while let Some((node, next)) = stack.last_mut() {
            let node = *node;
            match list(&children, node).get(*next).copied() {
                None => {
                    put(&mut state, node, 2);
                    stack.pop();
                }
                Some(child) => {
                    *next += 1;
                    match at(&state, child) {
                        1 => {
                            directed.insert((node, child));
                        }
                        seen => {
                            directed.insert((child, node));
                            if seen == 0 {
                                put(&mut state, child, 1);
                                stack.push((child, 0));
                            }
                        }
                    }
                }
            }
        }
    }
    directed
}

/// Sets of connected nodes, each in ascending order, in the order of their first nodes.
fn components(count: usize, edges: &BTreeSet<(usize, usize)>) -> Vec<Vec<usize>> {
    let mut root: Vec<usize> = (0..count).collect();
    fn find(root: &mut [usize], mut node: usize) -> usize {
        while at(root, node) != node {
            let up = at(root, at(root, node));
            put(root, node, up);
            node = up;
        }
        node
    }
    for (a, b) in edges {
        let (a, b) = (find(&mut root, *a), find(&mut root, *b));
        put(&mut root, a.max(b), a.min(b));
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in 0..count {
        members.entry(find(&mut root, node)).or_default().push(node);
    }
    members.into_values().collect()
}

/// List scheduling (Coffman and Graham's idea, with heights): layer by layer, those whose parents all stand further left, longest line of
/// descendants first, until the layer is full.
fn fill_layers(
    component: &[usize],
    blocks: &[Block],
    parents: &[Vec<usize>],
    children: &[Vec<usize>],
    cap: i32,
    layer: &mut [usize],
) {
    // Descendants: in reverse topological order.
    let mut waiting: BTreeMap<usize, usize> = component.iter().map(|n| (*n, list(parents, *n).len())).collect();
    let mut topological: Vec<usize> = component.iter().copied().filter(|n| list(parents, *n).is_empty()).collect();
    let mut next = 0;
    while let Some(node) = topological.get(next).copied() {
        next += 1;
        for child in list(children, node) {
            if let Some(left) = waiting.get_mut(child) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    topological.push(*child);
                }
            }
        }
    }
    let mut depth: BTreeMap<usize, usize> = BTreeMap::new();
    for node in topological.iter().rev() {
        let below = list(children, *node).iter().filter_map(|c| depth.get(c)).map(|d| d + 1).max().unwrap_or(0);
        depth.insert(*node, below);
    }
    // The order in which a breadth-first walk meets them keeps siblings together.
    let place: BTreeMap<usize, usize> = topological.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let key = |n: usize| (Reverse(depth.get(&n).copied().unwrap_or(0)), place.get(&n).copied().unwrap_or(0), n);

    let mut waiting: BTreeMap<usize, usize> = component.iter().map(|n| (*n, list(parents, *n).len())).collect();
    let mut ready: BTreeSet<_> = component.iter().filter(|n| list(parents, **n).is_empty()).map(|n| key(*n)).collect();
    let mut current = 0;
    while !ready.is_empty() {
        let mut height = 0;
        let mut freed = Vec::new();
        while let Some(first) = ready.first().copied() {
            let node = first.2;
            let own = blocks.get(node).map_or(0, |b| b.height);
            if height > 0 && height + own > cap {
                break;
            }
            ready.pop_first();
            height += own;
            put(layer, node, current);
            for child in list(children, node) {
                if let Some(left) = waiting.get_mut(child) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        freed.push(key(*child));
                    }
                }
            }
        }
        ready.extend(freed);
        current += 1;
    }
}

/// Moves tables right, toward their children, where that shortens lines and the layer has room: lookup tables beside what uses them.
fn pull_right(
    component: &[usize],
    blocks: &[Block],
    parents: &[Vec<usize>],
    children: &[Vec<usize>],
    cap: i32,
    layer: &mut [usize],
) {
    let mut heights: BTreeMap<usize, i32> = BTreeMap::new();
    for node in component {
        *heights.entry(at(layer, *node)).or_default() += blocks.get(*node).map_or(0, |b| b.height);
    }
    let mut nodes = component.to_vec();
    nodes.order_by_key(|n| (Reverse(at(layer, *n)), *n));
    for node in nodes {
        if list(children, node).len() <= list(parents, node).len() {
            continue;
        }
        let Some(limit) = list(children, node).iter().map(|c| at(layer, *c)).min() else { continue };
        let here = at(layer, node);
        let own = blocks.get(node).map_or(0, |b| b.height);
        let target = (here + 1..limit).rev().find(|l| heights.get(l).copied().unwrap_or(0) + own <= cap);
        if let Some(target) = target {
            *heights.entry(here).or_default() -= own;
            *heights.entry(target).or_default() += own;
            put(layer, node, target);
        }
    }
}

/// Takes out the layers of a component that are empty.
fn close_up(component: &[usize], layer: &mut [usize]) {
    let used: BTreeSet<usize> = component.iter().map(|n| at(layer, *n)).collect();
    let rank: BTreeMap<usize, usize> = used.into_iter().enumerate().map(|(i, l)| (l, i)).collect();
    for node in component {
        let l = rank.get(&at(layer, *node)).copied().unwrap_or(0);
        put(layer, *node, l);
    }
}

/// What joins the blocks: each block with the children that refer to it is a net whose lines share a trunk.
struct Nets {
    children: Vec<Vec<usize>>,
    parents: Vec<Vec<usize>>,
}

impl Nets {
    fn new(count: usize, pairs: &BTreeSet<(usize, usize)>) -> Self {
        let mut nets = Self { children: vec![Vec::new(); count], parents: vec![Vec::new(); count] };
        for (child, parent) in pairs {
            if let Some(list) = nets.children.get_mut(*parent) {
                list.push(*child);
            }
            if let Some(list) = nets.parents.get_mut(*child) {
                list.push(*parent);
            }
        }
        nets
    }
}

/// Passes over all tables in which each may move.
const PASSES: usize = 5;
impl Taste {
    /// What a line between a child and its parent costs, by their layers.
    fn line(self, child: usize, parent: usize) -> i64 {
        let away = i64::try_from(child.abs_diff(parent)).unwrap_or(i64::MAX);
        match child.cmp(&parent) {
            std::cmp::Ordering::Greater => 2 * away,
            std::cmp::Ordering::Less => 2 * away + self.back,
            std::cmp::Ordering::Equal => self.turn,
        }
    }
}

/// Moves tables to other layers that have room, also to the left of their parents, while that makes lines shorter. What everything refers to
/// then stands in the middle and not at the edge.
fn shorten_lines(component: &[usize], blocks: &[Block], nets: &Nets, cap: i32, taste: Taste, layer: &mut [usize]) {
    let layers = component.iter().map(|n| at(layer, *n) + 1).max().unwrap_or(0);
    if layers < 2 || component.len() < 3 {
        return;
    }
    let mut heights = vec![0; layers];
    for node in component {
        bump(&mut heights, at(layer, *node), blocks.get(*node).map_or(0, |b| b.height));
    }
    // For each net how many of its tables stand in each layer.
    let mut counts: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for node in component {
        let mut count = vec![0u32; layers];
        bump(&mut count, at(layer, *node), 1);
        for child in list(&nets.children, *node) {
            bump(&mut count, at(layer, *child), 1);
        }
        counts.insert(*node, count);
    }
    // The span of a net were one of its tables in layer `to` and not in layer `from`.
    let span = |count: &[u32], from: usize, to: usize| -> i64 {
        let there = |l: &usize| at(count, *l) > u32::from(*l == from) || *l == to;
        let first = (0..layers).find(there).unwrap_or(0);
        let last = (0..layers).rev().find(there).unwrap_or(0);
        i64::try_from(last - first.min(last)).unwrap_or(0)
    };
    for _ in 0..PASSES {
        let mut moved = false;
        for node in component {
            let node = *node;
            let own = blocks.get(node).map_or(0, |b| b.height);
            let here = at(layer, node);
            let cost = |l: usize| -> i64 {
                let mut cost = 0;
                for parent in list(&nets.parents, node) {
                    cost += taste.line(l, at(layer, *parent));
                    cost += taste.trunk * counts.get(parent).map_or(0, |count| span(count, here, l));
                }
                for child in list(&nets.children, node) {
                    cost += taste.line(at(layer, *child), l);
                }
                if !list(&nets.children, node).is_empty() {
                    cost += taste.trunk * counts.get(&node).map_or(0, |count| span(count, here, l));
                }
                cost
            };
            let now = cost(here);
            let best = (0..layers)
                .filter(|l| *l != here && at(&heights, *l) + own <= cap)
                .map(|l| (cost(l), l))
                .min()
                .filter(|(cost, _)| *cost < now);
            if let Some((_, to)) = best {
                moved = true;
                bump(&mut heights, here, -own);
                bump(&mut heights, to, own);
                put(layer, node, to);
                for net in list(&nets.parents, node).iter().chain(std::iter::once(&node)) {
                    if let Some(count) = counts.get_mut(net) {
                        let left = at(count, here).saturating_sub(1);
                        put(count, here, left);
                        bump(count, to, 1);
                    }
                }
            }
        }
        if !moved {
            break;
        }
    }
}

/// Puts components beside and below each other on shared layers, largest first, each where the drawing grows least.
fn pack(blocks: &[Block], members: &[Vec<usize>], wide: usize, layer: &mut [usize]) -> Layering {
    let lengths: Vec<usize> = members.iter().map(|m| m.iter().map(|n| at(layer, *n) + 1).max().unwrap_or(0)).collect();
    let layers = lengths.iter().copied().max().unwrap_or(0).max(wide).max(1);
    let mut order: Vec<usize> = (0..members.len()).collect();
    let area =
        |c: &usize| list(members, *c).iter().map(|n| i64::from(blocks.get(*n).map_or(0, |b| b.height))).sum::<i64>();
    order.order_by_key(|c| (Reverse(at(&lengths, *c) > 1), Reverse(area(c)), *c));
    let mut skyline = vec![0i32; layers];
    let mut component = vec![0; blocks.len()];
    for (number, c) in order.into_iter().enumerate() {
        let nodes = list(members, c);
        let length = at(&lengths, c).max(1);
        let mut heights = vec![0; length];
        let (mut to_left, mut to_right) = (0i32, 0i32);
        for node in nodes {
            let Some(block) = blocks.get(*node) else { continue };
            let l = at(layer, *node);
            bump(&mut heights, l, block.height);
            to_left += i32::from(block.leaves.0);
            to_right += i32::from(block.leaves.1);
        }
        let best = (0..=layers - length)
            .min_by_key(|offset| {
                let top = (0..length).map(|l| at(&skyline, offset + l)).max().unwrap_or(0);
                let bottom = (0..length).map(|l| top + at(&heights, l)).max().unwrap_or(0);
                let left_way = i32::try_from(*offset).unwrap_or(0);
                let right_way = i32::try_from(layers - length - offset).unwrap_or(0);
                // A layer that a line has to pass costs about as much as a line of text.
                (i64::from(bottom) + 20 * i64::from(to_left * left_way + to_right * right_way), *offset)
            })
            .unwrap_or(0);
        let top = (0..length).map(|l| at(&skyline, best + l)).max().unwrap_or(0);
        for (l, height) in heights.iter().enumerate() {
            put(&mut skyline, best + l, top + height);
        }
        for node in nodes {
            put(layer, *node, at(layer, *node) + best);
            put(&mut component, *node, u32::try_from(number).unwrap_or(u32::MAX));
        }
    }
    Layering { layer: layer.to_vec(), component }
}
