//! One drawing of some tables: layers, order, lines, and a grid of what nothing joins.

use std::collections::BTreeMap;

use super::arrange::{Item, Net, Pin, Placed, Spacing, arrange};
use super::layers::{self, Block};
use super::layout::{NodeBox, Point, length_of};
use super::{at, put};

/// Width by height that the drawing aims at, in tenths.
pub(super) const ASPECT: i64 = 16;

pub(super) const TABLES: Spacing = Spacing { items: 28, line: 14, track: 10, margin: 26, pull: 150 };
pub(super) const CLUSTERS: Spacing = Spacing { items: 28, line: 16, track: 10, margin: 18, pull: 200_000 };

/// Width and height that `area` should take at the aimed aspect.
pub(super) fn target(area: i64) -> (i64, i64) {
    let height = (area * 10 / ASPECT).max(1).isqrt();
    (height * ASPECT / 10, height)
}

/// Room that a box takes up with its share of channels and gaps.
pub(super) fn room(size: &NodeBox) -> i64 {
    i64::from(size.width + 84) * i64::from(size.height + TABLES.items)
}
/// An end of a net inside one drawing: a table with the height of the pin and its room, or the drawing's left or right border.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    Table(usize, (i32, i32)),
    Left,
    Right,
}

/// A net inside one drawing.
pub(super) struct LocalNet {
    pub(super) root: End,
    pub(super) leaves: Vec<End>,
    pub(super) right: bool,
}

/// A drawing of some tables.
#[derive(Default)]
pub(super) struct Drawing {
    pub(super) width: i32,
    pub(super) height: i32,
    /// For each member its left and top border.
    pub(super) places: Vec<(i32, i32)>,
    /// For each net and leaf the line from the leaf to the root.
    pub(super) routes: Vec<Vec<Vec<Point>>>,
    pub(super) crossings: u64,
}

impl Drawing {
    pub(super) fn cost(&self) -> i64 {
        let lines = self.routes.iter().flatten().map(Vec::as_slice);
        cost(lines, (self.width, self.height), self.crossings)
    }
}

/// What a crossing costs, in pixels of lines.
const CROSSING: i64 = 8_000;

/// How bad a drawing is: crossings, length of lines, and the size of the frame of the aimed shape that it needs.
pub(super) fn cost<'a>(lines: impl Iterator<Item = &'a [Point]>, (width, height): (i32, i32), crossings: u64) -> i64 {
    let mut edges = 0i64;
    let mut length = 0i64;
    for line in lines {
        edges += 1;
        length += length_of(line);
    }
    let frame = (i64::from(width) * 10).max(i64::from(height) * ASPECT) / 10;
    // In a larger frame lines are longer of themselves; what they cost is set against what the frame does.
    length + CROSSING * i64::try_from(crossings).unwrap_or(i64::MAX / 1000) + frame * (16 + edges)
}

/// How many columns of boxes fit into a width.
pub(super) fn columns_for(members: &[usize], sizes: &[NodeBox], width: i64) -> i64 {
    let total: i64 = members.iter().filter_map(|m| sizes.get(*m)).map(|s| i64::from(s.width) + 84).sum();
    let mean = total / i64::try_from(members.len()).unwrap_or(1).max(1);
    ((width + mean / 2) / mean.max(1)).clamp(1, 400)
}

/// How many first orders are tried in a drawing of so many tables: what keeps 1,000 tables well below 50 ms natively.
pub(super) fn starts(tables: usize) -> usize {
    match tables {
        0..=100 => 6,
        101..=600 => 3,
        _ => 1,
    }
}

/// Draws some tables in about `columns` layers. Tables without lines go into a grid below or, where `beside`, to the right if that gives the
/// better shape.
pub(super) fn draw(
    members: &[usize],
    sizes: &[NodeBox],
    nets: &[LocalNet],
    columns: i64,
    beside: bool,
    starts: usize,
) -> Drawing {
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut joined: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
    for net in nets {
        let out = |side: End| net.root == side || net.leaves.contains(&side);
        let exits = (out(End::Left), out(End::Right));
        for end in std::iter::once(&net.root).chain(&net.leaves) {
            if let End::Table(node, _) = end {
                let entry = joined.entry(*node).or_default();
                *entry = (entry.0 || exits.0, entry.1 || exits.1);
            }
        }
    }
    let core: Vec<usize> = members.iter().copied().filter(|m| joined.contains_key(m)).collect();
    for (place, node) in core.iter().enumerate() {
        place_of.insert(*node, place);
    }
    let blocks: Vec<Block> = core
        .iter()
        .map(|node| Block {
            height: sizes.get(*node).map_or(0, |s| s.height) + TABLES.items,
            leaves: joined.get(node).copied().unwrap_or_default(),
        })
        .collect();
    let mut edges = Vec::new();
    for net in nets {
        let End::Table(parent, _) = net.root else { continue };
        let Some(parent) = place_of.get(&parent).copied() else { continue };
        for leaf in &net.leaves {
            if let End::Table(child, _) = leaf
                && let Some(child) = place_of.get(child).copied()
            {
                edges.push((child, parent));
            }
        }
    }
    let total: i64 = blocks.iter().map(|b| i64::from(b.height)).sum();
    let tallest = blocks.iter().map(|b| b.height).max().unwrap_or(0);
    let cap = i32::try_from(total / columns).unwrap_or(i32::MAX).saturating_mul(11).saturating_div(10).max(tallest);
    let wide = usize::try_from(columns).unwrap_or(1).min(core.len());
    let layering = layers::assign(&blocks, &edges, cap, wide);

    // The borders are layers of points: one before and one after the tables.
    let last = layering.layer.iter().copied().max().unwrap_or(0) + 2;
    let mut items: Vec<Item> = core
        .iter()
        .enumerate()
        .map(|(place, node)| Item {
            width: sizes.get(*node).map_or(0, |s| s.width),
            height: sizes.get(*node).map_or(0, |s| s.height),
            layer: at(&layering.layer, place) + 1,
            group: at(&layering.component, place),
            thin: false,
        })
        .collect();
    let pin = |end: End, items: &mut Vec<Item>| match end {
        End::Table(node, (y, room)) => Pin { item: place_of.get(&node).copied().unwrap_or(usize::MAX), y, room },
        End::Left | End::Right => {
            let layer = if end == End::Left { 0 } else { last };
            items.push(Item { layer, thin: true, ..Item::default() });
            Pin { item: items.len() - 1, y: 0, room: 0 }
        }
    };
    let nets: Vec<Net> = nets
        .iter()
        .map(|net| Net {
            root: pin(net.root, &mut items),
            leaves: net.leaves.iter().map(|leaf| pin(*leaf, &mut items)).collect(),
            right: net.right,
        })
        .collect();
    let placed = if core.is_empty() { Placed::default() } else { arrange(&items, &nets, TABLES, starts) };

    let mut drawing = Drawing {
        width: placed.width,
        height: placed.height,
        places: vec![(0, 0); members.len()],
        routes: placed.routes,
        crossings: placed.crossings,
    };
    let orphans: Vec<usize> = members.iter().copied().filter(|m| !joined.contains_key(m)).collect();
    let offset = drawing.add_grid(&orphans, sizes, beside);
    let mut next_orphan = offset.into_iter();
    for (member, slot) in members.iter().zip(drawing.places.iter_mut()) {
        *slot = match place_of.get(member) {
            Some(place) => (at(&placed.x, *place), at(&placed.y, *place)),
            None => next_orphan.next().unwrap_or_default(),
        };
    }
    drawing
}

impl Drawing {
    /// Adds a grid of boxes and gives back their places: columns of one width, each box into the column that is shortest.
    fn add_grid(&mut self, orphans: &[usize], sizes: &[NodeBox], beside: bool) -> Vec<(i32, i32)> {
        if orphans.is_empty() {
            return Vec::new();
        }
        let gap = TABLES.items;
        let of = |node: &usize| sizes.get(*node).cloned().unwrap_or_default();
        let column = orphans.iter().map(|o| of(o).width).max().unwrap_or(0) + gap;
        let area: i64 = orphans.iter().map(|o| i64::from(column) * i64::from(of(o).height + gap)).sum();
        let (total, _) = target(area + i64::from(self.width) * i64::from(self.height));
        let right = beside && i64::from(self.width) * 10 < i64::from(self.height) * ASPECT && self.width > 0;
        let room = if right {
            (area / i64::from(self.height.max(1))).max(i64::from(column))
        } else {
            total.max(i64::from(self.width))
        };
        let columns = usize::try_from((room + i64::from(gap)) / i64::from(column)).unwrap_or(1).clamp(1, orphans.len());
        let (x, y) = match (right, self.height) {
            (_, 0) => (self.width, 0),
            (true, _) => (self.width + 2 * gap, 0),
            (false, height) => (0, height + 2 * gap),
        };
        let mut bottoms = vec![y; columns];
        let mut places = Vec::with_capacity(orphans.len());
        for orphan in orphans {
            let size = of(orphan);
            let shortest = bottoms.iter().enumerate().min_by_key(|(i, b)| (**b, *i)).map_or(0, |(i, _)| i);
            let left = x + i32::try_from(shortest).unwrap_or(0) * column;
            let top = at(&bottoms, shortest);
            places.push((left, top));
            put(&mut bottoms, shortest, top + size.height + gap);
            self.width = self.width.max(left + size.width);
            self.height = self.height.max(top + size.height);
        }
        places
    }
}
