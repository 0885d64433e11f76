//! One drawing of some tables: layers, order, lines, and a grid of what nothing joins.

use std::collections::BTreeMap;

use super::arrange::{self, Item, Net, Pin, Placed, Spacing, arrange};
use super::layers::{self, Block, Layering, Taste};
use super::layout::{NodeBox, Point, length_of};
use super::order::as_i64;
use super::{at, bump, put};
use crate::order::Order;

/// Width by height that the drawing aims at, in tenths.
pub(super) const ASPECT: i64 = 16;

pub(super) const TABLES: Spacing = Spacing { items: 28, line: 14, track: 10, margin: 26, pull: 150 };
pub(super) const CLUSTERS: Spacing = Spacing { items: 28, line: 16, track: 10, margin: 18, pull: 200_000 };

/// Width of a channel between two layers, at a guess.
const CHANNEL: i64 = 84;

/// Width and height that `area` should take at the aimed aspect.
pub(super) fn target(area: i64) -> (i64, i64) {
    let height = (area * 10 / ASPECT).max(1).isqrt();
    (height * ASPECT / 10, height)
}

/// Room that a box takes up with its share of channels and gaps.
pub(super) fn room(size: &NodeBox) -> i64 {
    (i64::from(size.width) + CHANNEL) * i64::from(size.height + TABLES.items)
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
    weigh(length, (width.into(), height.into()), crossings, edges)
}

fn weigh(length: i64, (width, height): (i64, i64), crossings: u64, edges: i64) -> i64 {
    let frame = (width * 10).max(height * ASPECT) / 10;
    // In a larger frame lines are longer of themselves; what they cost is set against what the frame does.
    length + CROSSING * i64::try_from(crossings).unwrap_or(i64::MAX / 1000) + frame * (16 + edges)
}

/// How many columns of boxes fit into a width.
pub(super) fn columns_for(members: &[usize], sizes: &[NodeBox], width: i64) -> i64 {
    let total: i64 = members.iter().filter_map(|m| sizes.get(*m)).map(|s| i64::from(s.width) + CHANNEL).sum();
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

/// One way to fill layers with tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    /// About how many layers.
    pub(super) columns: i64,
    /// How high a layer may be, in tenths of what it would be were all equally high.
    pub(super) full: i64,
    /// What lines cost.
    pub(super) taste: Taste,
}

impl Fill {
    /// Layers filled evenly, lines short.
    pub(super) fn even(columns: i64) -> Self {
        Self { columns: columns.max(1), full: 11, taste: Taste::SHORT }
    }
}

/// Draws some tables, with their layers filled in each of the `finalists` most promising ways, and keeps the best. Tables without lines go into a grid below or, where `beside`, to the right if that gives the
/// better shape.
pub(super) fn draw(
    members: &[usize],
    sizes: &[NodeBox],
    nets: &[LocalNet],
    fills: &[Fill],
    finalists: usize,
    beside: bool,
    starts: usize,
) -> Drawing {
    let core = Core::new(members, sizes, nets);
    let draw = |layering: &Layering| {
        let drawing = core.draw(layering, beside, starts);
        (drawing.cost(), drawing)
    };
    let best = core.layerings(fills, finalists).iter().map(draw).min_by_key(|(cost, _)| *cost);
    best.map(|(_, drawing)| drawing).unwrap_or_default()
}

/// The tables of a drawing that lines join, and what is known of them before any fill.
struct Core<'a> {
    members: &'a [usize],
    sizes: &'a [NodeBox],
    nets: &'a [LocalNet],
    /// Those that lines join, and the place of each in this list.
    joined: Vec<usize>,
    place_of: BTreeMap<usize, usize>,
    /// Each with its height, and whether lines leave it beyond the drawing's borders.
    blocks: Vec<Block>,
    /// Pairs (child, parent) of places.
    edges: Vec<(usize, usize)>,
}

impl<'a> Core<'a> {
    fn new(members: &'a [usize], sizes: &'a [NodeBox], nets: &'a [LocalNet]) -> Self {
        let mut leaves: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
        for net in nets {
            let out = |side: End| net.root == side || net.leaves.contains(&side);
            let exits = (out(End::Left), out(End::Right));
            for end in std::iter::once(&net.root).chain(&net.leaves) {
                if let End::Table(node, _) = end {
                    let entry = leaves.entry(*node).or_default();
                    *entry = (entry.0 || exits.0, entry.1 || exits.1);
                }
            }
        }
        let joined: Vec<usize> = members.iter().copied().filter(|m| leaves.contains_key(m)).collect();
        let place_of: BTreeMap<usize, usize> = joined.iter().enumerate().map(|(place, node)| (*node, place)).collect();
        let block = |node: &usize| Block {
            height: sizes.get(*node).map_or(0, |s| s.height) + TABLES.items,
            leaves: leaves.get(node).copied().unwrap_or_default(),
        };
        let blocks = joined.iter().map(block).collect();
        let place = |end: &End| match end {
            End::Table(node, _) => place_of.get(node).copied(),
            End::Left | End::Right => None,
        };
        let mut edges = Vec::new();
        for net in nets {
            let Some(parent) = place(&net.root) else { continue };
            edges.extend(net.leaves.iter().filter_map(place).map(|child| (child, parent)));
        }
        Self { members, sizes, nets, joined, place_of, blocks, edges }
    }

    /// The layers of the most promising ways to fill them.
    fn layerings(&self, fills: &[Fill], finalists: usize) -> Vec<Layering> {
        let mut layerings: Vec<Layering> = Vec::new();
        for fill in fills {
            let layering = self.layers(fill);
            if !layerings.contains(&layering) {
                layerings.push(layering);
            }
        }
        if layerings.len() > finalists {
            let mut promising: Vec<(i64, Layering)> = layerings.into_iter().map(|l| (self.promise(&l), l)).collect();
            promising.order_by_key(|(cost, _)| *cost);
            layerings = promising.into_iter().take(finalists).map(|(_, layering)| layering).collect();
        }
        layerings
    }

    fn layers(&self, fill: &Fill) -> Layering {
        let total: i64 = self.blocks.iter().map(|b| i64::from(b.height)).sum();
        let tallest = self.blocks.iter().map(|b| b.height).max().unwrap_or(0);
        let even = i32::try_from(total / fill.columns.max(1)).unwrap_or(i32::MAX);
        let cap = even.saturating_mul(i32::try_from(fill.full).unwrap_or(10)).saturating_div(10).max(tallest);
        let wide = usize::try_from(fill.columns).unwrap_or(1).min(self.joined.len());
        layers::assign(&self.blocks, &self.edges, cap, wide, fill.taste)
    }

    /// What a drawing in these layers would cost, at a guess: the crossings of a first order, the size of its boxes, and how many layers lines span.
    fn promise(&self, layering: &Layering) -> i64 {
        let (items, nets) = self.items(layering);
        let layers = layering.layer.iter().copied().max().unwrap_or(0) + 1;
        let (mut widths, mut heights) = (vec![0; layers], vec![0; layers]);
        for (place, item) in items.iter().take(self.joined.len()).enumerate() {
            let layer = at(&layering.layer, place);
            let widest = item.width.max(at(&widths, layer));
            put(&mut widths, layer, widest);
            bump(&mut heights, layer, item.height + TABLES.items);
        }
        let width = widths.iter().map(|w| i64::from(*w) + CHANNEL).sum::<i64>();
        let height = heights.iter().copied().max().map_or(0, i64::from);
        let span =
            |(child, parent): &(usize, usize)| at(&layering.layer, *child).abs_diff(at(&layering.layer, *parent));
        let spans = self.edges.iter().map(|edge| as_i64(span(edge).max(1))).sum::<i64>();
        let length = spans * width / as_i64(layers);
        weigh(length, (width, height), arrange::crossings(&items, &nets, TABLES), as_i64(self.edges.len()))
    }

    /// Boxes and points in their layers, and the nets between them. The borders are layers of points: one before and one after the tables.
    fn items(&self, layering: &Layering) -> (Vec<Item>, Vec<Net>) {
        let last = layering.layer.iter().copied().max().unwrap_or(0) + 2;
        let item = |(place, node): (usize, &usize)| Item {
            width: self.sizes.get(*node).map_or(0, |s| s.width),
            height: self.sizes.get(*node).map_or(0, |s| s.height),
            layer: at(&layering.layer, place) + 1,
            group: at(&layering.component, place),
            thin: false,
        };
        let mut items: Vec<Item> = self.joined.iter().enumerate().map(item).collect();
        let pin = |end: End, items: &mut Vec<Item>| match end {
            End::Table(node, (y, room)) => {
                Pin { item: self.place_of.get(&node).copied().unwrap_or(usize::MAX), y, room }
            }
            End::Left | End::Right => {
                let layer = if end == End::Left { 0 } else { last };
                items.push(Item { layer, thin: true, ..Item::default() });
                Pin { item: items.len() - 1, y: 0, room: 0 }
            }
        };
        let net = |net: &LocalNet| Net {
            root: pin(net.root, &mut items),
            leaves: net.leaves.iter().map(|leaf| pin(*leaf, &mut items)).collect(),
            right: net.right,
        };
        let nets = self.nets.iter().map(net).collect();
        (items, nets)
    }

    fn draw(&self, layering: &Layering, beside: bool, starts: usize) -> Drawing {
        let (items, nets) = self.items(layering);
        let placed = if self.joined.is_empty() { Placed::default() } else { arrange(&items, &nets, TABLES, starts) };
        let mut drawing = Drawing {
            width: placed.width,
            height: placed.height,
            places: vec![(0, 0); self.members.len()],
            routes: placed.routes,
            crossings: placed.crossings,
        };
        let orphans: Vec<usize> = self.members.iter().copied().filter(|m| !self.place_of.contains_key(m)).collect();
        let mut next_orphan = drawing.add_grid(&orphans, self.sizes, beside).into_iter();
        for (member, slot) in self.members.iter().zip(drawing.places.iter_mut()) {
            *slot = match self.place_of.get(member) {
                Some(place) => (at(&placed.x, *place), at(&placed.y, *place)),
                None => next_orphan.next().unwrap_or_default(),
            };
        }
        drawing
    }
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
