//! The layout: sizes of boxes, places of tables, clusters and orphans, and the lines between them.
//!
//! Small schemas are one layered drawing. Larger ones are drawn cluster by cluster; clusters stand in columns like districts on a map, and the
//! lines between them run in the channels between the columns, through the same machinery one level up. Tables without any line stand in a
//! compact grid below what is joined.

use std::collections::BTreeMap;

use super::arrange::{Item, Net, Pin, Placed, Spacing, arrange};
use super::layers::{self, Block};
use super::{Cardinality, Detail, EdgeKind, Graph, Node, at, bump, list, put};
use crate::order::Order;

/// A point, in pixels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs, reason = "coordinates")]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// Where everything stands. Lists run parallel to those of the [`Graph`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// How much of each table is shown.
    pub detail: Detail,
    /// Width of the drawing.
    pub width: i32,
    /// Height of the drawing.
    pub height: i32,
    /// One for each node.
    pub boxes: Vec<NodeBox>,
    /// One for each edge.
    pub routes: Vec<Route>,
    /// The area of each cluster that has one of its own. Empty where clusters are not set apart.
    pub regions: Vec<Region>,
}

/// A table's box.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeBox {
    /// Left border.
    pub x: i32,
    /// Top border.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
    /// The columns shown, by their places in the node's columns, from top to bottom.
    pub rows: Vec<u32>,
}

/// An edge's line from the child to the parent: horizontal and vertical pieces in turn. First and last piece are horizontal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Route {
    /// Its corners.
    pub points: Vec<Point>,
}

/// The area of a cluster.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Region {
    /// The cluster, by its place in [`Graph::clusters`].
    pub cluster: u32,
    /// Left border.
    pub x: i32,
    /// Top border.
    pub y: i32,
    /// Width.
    pub width: i32,
    /// Height.
    pub height: i32,
}

/// Height of a box's header, with the stripe of its cluster.
pub const HEADER: i32 = 32;
/// Height of a row.
pub const ROW: i32 = 20;
/// Empty space below the last row.
pub const FOOT: i32 = 6;
/// Empty space between a box's border and its text.
pub const PAD: i32 = 10;
/// Width of the place for a row's key icon.
pub const ICON: i32 = 20;
/// The most characters of a name that are shown.
pub const MAX_NAME: usize = 32;
/// The most characters of a type that are shown.
pub const MAX_TYPE: usize = 24;
/// Height of a region's label.
pub const LABEL: i32 = 34;
/// Empty space around the drawing.
pub const BORDER: i32 = 32;
/// Room for one row's lines above and below its middle.
const ROW_ROOM: i32 = 7;
/// Schemas with up to this many tables are one drawing.
const FLAT: usize = 32;
/// Width by height that the drawing aims at, in tenths.
const ASPECT: i64 = 16;

const TABLES: Spacing = Spacing { items: 28, line: 14, track: 10, margin: 26, pull: 150 };
const CLUSTERS: Spacing = Spacing { items: 28, line: 16, track: 10, margin: 18, pull: 200_000 };

/// Width of `cells` characters of 12 px monospace text. The widest common faces advance 0.602 em.
pub fn text_width(cells: usize) -> i32 {
    i32::try_from(cells.min(10_000) * 723 / 100).unwrap_or(i32::MAX).saturating_add(1)
}

/// How many character cells a text takes: wide East Asian characters and emoji take two.
pub fn cells(text: &str) -> usize {
    text.chars().map(cell).sum()
}

/// How many cells a character takes. Source: Unicode Standard Annex 11, blocks that are wide throughout.
pub fn cell(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F => 2,
        0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The text as shown: longer than `most` cells, it loses its middle to an ellipsis, since both ends of a name tell it apart.
pub fn shorten(text: &str, most: usize) -> String {
    if cells(text) <= most {
        return text.to_owned();
    }
    let head_cells = most.saturating_sub(1).div_ceil(2);
    let tail_cells = most.saturating_sub(1 + head_cells);
    let mut head = String::new();
    let mut used = 0;
    for c in text.chars() {
        if used + cell(c) > head_cells {
            break;
        }
        used += cell(c);
        head.push(c);
    }
    let mut tail = Vec::new();
    let mut used = 0;
    for c in text.chars().rev() {
        if used + cell(c) > tail_cells {
            break;
        }
        used += cell(c);
        tail.push(c);
    }
    head.push('…');
    head.extend(tail.into_iter().rev());
    head
}

/// The header's parts: the schema where it is not the home schema, the name, and what kind it is.
pub fn header(graph: &Graph, node: &Node) -> (Option<String>, String, Option<String>) {
    let schema = (graph.home_schema() != Some(&node.schema)).then(|| format!("{}.", shorten(&node.schema, 16)));
    let kind = match (node.kind.label(), node.partitions) {
        _ if node.assumed => Some("external".to_owned()),
        (_, 1) => Some("1 partition".to_owned()),
        (_, n) if n > 1 => Some(format!("{n} partitions")),
        (label, _) => label.map(str::to_owned),
    };
    (schema, shorten(&node.name, MAX_NAME), kind)
}

/// Height of the middle of a row below its box's top.
pub fn row_middle(row: usize) -> i32 {
    HEADER + ROW * i32::try_from(row).unwrap_or(0) + ROW / 2
}

/// Lays out a graph.
pub fn layout(graph: &Graph, detail: Detail) -> Layout {
    let sizes = boxes(graph, detail);
    let bundles = bundles(graph, &sizes);
    let mut used: Vec<bool> = vec![false; graph.clusters.len().max(1)];
    for node in &graph.nodes {
        put(&mut used, node.cluster as usize, true);
    }
    let apart = graph.nodes.len() > FLAT && used.iter().filter(|u| **u).count() > 1;
    let mut layout = if apart { districts(graph, &sizes, &bundles, detail) } else { flat(graph, sizes, &bundles) };
    layout.detail = detail;
    for route in &mut layout.routes {
        simplify(&mut route.points);
    }
    frame(&mut layout);
    layout
}

/// Sizes of all boxes, not yet placed.
fn boxes(graph: &Graph, detail: Detail) -> Vec<NodeBox> {
    let mut joined: Vec<Vec<bool>> = graph.nodes.iter().map(|n| vec![false; n.columns.len()]).collect();
    let mut lines = vec![0i32; graph.nodes.len()];
    for edge in &graph.edges {
        for (node, columns) in [(edge.from, &edge.from_columns), (edge.to, &edge.to_columns)] {
            if let Some(joined) = joined.get_mut(node as usize) {
                for column in columns {
                    put(joined, *column as usize, true);
                }
            }
        }
        bump(&mut lines, edge.from as usize, 1);
    }
    let home = graph.home_schema();
    let size = |(i, node): (usize, &Node)| {
        let rows: Vec<u32> = node
            .columns
            .iter()
            .enumerate()
            .filter(|(c, column)| match detail {
                Detail::Names => false,
                Detail::Keys => column.primary || column.foreign || column.unique || at(list(&joined, i), *c),
                Detail::Columns => true,
            })
            .filter_map(|(c, _)| u32::try_from(c).ok())
            .collect();
        let mut name_cells = cells(&node.name).min(MAX_NAME);
        if home != Some(&node.schema) {
            name_cells += cells(&node.schema).min(16) + 1;
        }
        let kind = header(graph, node).2.map_or(0, |k| text_width(cells(&k)) + 12);
        // Names are set in 13 px.
        let mut width = text_width(name_cells) * 13 / 12 + kind + 2 * PAD;
        for row in &rows {
            if let Some(column) = node.columns.get(*row as usize) {
                let name = text_width(cells(&column.name).min(MAX_NAME));
                let kind = match cells(&column.data_type).min(MAX_TYPE) {
                    0 => 0,
                    n => text_width(n) + 14,
                };
                width = width.max(PAD + ICON + name + kind + PAD);
            }
        }
        let height = if rows.is_empty() {
            // A name alone must still hold the ends of its lines apart.
            (at(&lines, i) * 6 + 12).clamp(HEADER, HEADER * 2)
        } else {
            HEADER + ROW * i32::try_from(rows.len()).unwrap_or(i32::MAX / (2 * ROW)) + FOOT
        };
        NodeBox { x: 0, y: 0, width: width.max(96).div_euclid(2) * 2, height, rows }
    };
    graph.nodes.iter().enumerate().map(size).collect()
}

/// Edges that end at one place of one table and share a line there: same parent, same columns, same kind of end.
struct Bundle {
    parent: usize,
    /// Height of the end below the parent's top, and room around it.
    end: (i32, i32),
    edges: Vec<BundleEdge>,
}

struct BundleEdge {
    edge: usize,
    child: usize,
    start: (i32, i32),
}

/// Groups the edges of a graph.
fn bundles(graph: &Graph, sizes: &[NodeBox]) -> Vec<Bundle> {
    let pin = |node: u32, columns: &[u32]| {
        let Some(size) = sizes.get(node as usize) else { return (0, 0) };
        let row = columns.first().and_then(|c| size.rows.iter().position(|r| r == c));
        match row {
            Some(row) => (row_middle(row), ROW_ROOM),
            None if size.rows.is_empty() => (size.height / 2, size.height / 2 - 6),
            None => (HEADER / 2, ROW_ROOM),
        }
    };
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    let mut bundles: Vec<Bundle> = Vec::new();
    for (i, edge) in graph.edges.iter().enumerate() {
        // A line from a table to itself stays on its own.
        let alone = if edge.from == edge.to { i + 1 } else { 0 };
        let kind = (edge.kind == EdgeKind::Reads, edge.parent == Cardinality::One);
        let place = *places.entry((edge.to, edge.to_columns.clone(), kind, alone)).or_insert_with(|| {
            bundles.push(Bundle { parent: edge.to as usize, end: pin(edge.to, &edge.to_columns), edges: Vec::new() });
            bundles.len() - 1
        });
        if let Some(bundle) = bundles.get_mut(place) {
            let start = pin(edge.from, &edge.from_columns);
            bundle.edges.push(BundleEdge { edge: i, child: edge.from as usize, start });
        }
    }
    bundles
}

/// Width and height that `area` should take at the aimed aspect.
fn target(area: i64) -> (i64, i64) {
    let height = (area * 10 / ASPECT).max(1).isqrt();
    (height * ASPECT / 10, height)
}

/// Room that a box takes up with its share of channels and gaps.
fn room(size: &NodeBox) -> i64 {
    i64::from(size.width + 84) * i64::from(size.height + TABLES.items)
}

/// One drawing for all tables.
fn flat(graph: &Graph, sizes: Vec<NodeBox>, bundles: &[Bundle]) -> Layout {
    let members: Vec<usize> = (0..sizes.len()).collect();
    let local: Vec<LocalNet> = bundles
        .iter()
        .map(|bundle| LocalNet {
            root: End::Table(bundle.parent, bundle.end),
            leaves: bundle.edges.iter().map(|e| End::Table(e.child, e.start)).collect(),
            right: true,
        })
        .collect();
    let area: i64 = sizes.iter().map(room).sum();
    let (width, _) = target(area);
    let columns = columns_for(&members, &sizes, width);
    // Lines bend better at some widths than at others; small drawings can afford to try.
    let tries: &[i64] = if sizes.len() <= 160 { &[0, -1, 1, 2] } else { &[0] };
    let best = tries
        .iter()
        .map(|by| {
            let drawing = draw(&members, &sizes, &local, (columns + by).max(1), true, starts(sizes.len()));
            let cost = drawing.cost();
            (cost, drawing)
        })
        .min_by_key(|(cost, _)| *cost);
    let Some((_, drawing)) = best else { return Layout::default() };
    let mut boxes = sizes;
    for (node, (x, y)) in members.iter().zip(&drawing.places) {
        if let Some(size) = boxes.get_mut(*node) {
            (size.x, size.y) = (*x, *y);
        }
    }
    let mut routes = vec![Route::default(); graph.edges.len()];
    for (bundle, lines) in bundles.iter().zip(&drawing.routes) {
        for (edge, line) in bundle.edges.iter().zip(lines) {
            put(&mut routes, edge.edge, Route { points: line.clone() });
        }
    }
    Layout { width: drawing.width, height: drawing.height, boxes, routes, ..Layout::default() }
}

/// An end of a net inside one drawing: a table with the height of the pin and its room, or the drawing's left or right border.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Table(usize, (i32, i32)),
    Left,
    Right,
}

/// A net inside one drawing.
struct LocalNet {
    root: End,
    leaves: Vec<End>,
    right: bool,
}

/// A drawing of some tables.
#[derive(Default)]
struct Drawing {
    width: i32,
    height: i32,
    /// For each member its left and top border.
    places: Vec<(i32, i32)>,
    /// For each net and leaf the line from the leaf to the root.
    routes: Vec<Vec<Vec<Point>>>,
    crossings: u64,
}

impl Drawing {
    fn cost(&self) -> i64 {
        let lines = self.routes.iter().flatten().map(Vec::as_slice);
        cost(lines, (self.width, self.height), self.crossings)
    }
}

/// How bad a drawing is: crossings, length of lines, and the size of the frame of the aimed shape that it needs.
fn cost<'a>(lines: impl Iterator<Item = &'a [Point]>, (width, height): (i32, i32), crossings: u64) -> i64 {
    let mut edges = 0i64;
    let mut length = 0i64;
    for line in lines {
        edges += 1;
        length += line
            .windows(2)
            .map(|pair| match pair {
                [a, b] => i64::from((a.x - b.x).abs() + (a.y - b.y).abs()),
                _ => 0,
            })
            .sum::<i64>();
    }
    let frame = (i64::from(width) * 10).max(i64::from(height) * ASPECT) / 10;
    // In a larger frame lines are longer of themselves; what they cost is set against what the frame does.
    length + 300 * i64::try_from(crossings).unwrap_or(i64::MAX / 1000) + frame * (16 + edges)
}

/// How many columns of boxes fit into a width.
fn columns_for(members: &[usize], sizes: &[NodeBox], width: i64) -> i64 {
    let total: i64 = members.iter().filter_map(|m| sizes.get(*m)).map(|s| i64::from(s.width) + 84).sum();
    let mean = total / i64::try_from(members.len()).unwrap_or(1).max(1);
    ((width + mean / 2) / mean.max(1)).clamp(1, 400)
}

/// How many first orders are tried in a drawing of so many tables: what keeps 1,000 tables well below 50 ms natively.
fn starts(tables: usize) -> usize {
    match tables {
        0..=100 => 6,
        101..=600 => 3,
        _ => 1,
    }
}

/// Draws some tables in about `columns` layers. Tables without lines go into a grid below or, where `beside`, to the right if that gives the
/// better shape.
fn draw(members: &[usize], sizes: &[NodeBox], nets: &[LocalNet], columns: i64, beside: bool, starts: usize) -> Drawing {
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

/// The best of some drawings of drawings: how wide clusters come out is known only once they are drawn, so that how many columns of them give the
/// aimed shape is found by trying, as far as the size allows.
fn districts(graph: &Graph, sizes: &[NodeBox], bundles: &[Bundle], detail: Detail) -> Layout {
    let tries: &[i64] = match (sizes.len(), detail) {
        (0..=100, _) => &[4, 3, 5, 6, 7, 9],
        (101..=250, _) => &[4, 3, 5, 6],
        (251..=600, _) => &[4, 3, 5],
        // Where boxes are low, channels take more of the width than the estimate allows for.
        (_, Detail::Names) => &[3],
        _ => &[4],
    };
    let drawn = tries.iter().map(|quarters| clustered(graph, sizes, bundles, *quarters));
    drawn.min_by_key(|(cost, _)| *cost).map(|(_, layout)| layout).unwrap_or_default()
}

/// A drawing of drawings, one for each cluster, and what it costs. `quarters` scales the number of columns, four for the estimate itself.
fn clustered(graph: &Graph, sizes: &[NodeBox], bundles: &[Bundle], quarters: i64) -> (i64, Layout) {
    let count = graph.clusters.len();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (i, node) in graph.nodes.iter().enumerate() {
        if let Some(list) = members.get_mut(node.cluster as usize) {
            list.push(i);
        }
    }
    let cluster_of = |node: usize| graph.nodes.get(node).map_or(0, |n| n.cluster as usize);
    let starts = starts(sizes.len());
    let plan = Plan::new(graph, &members, sizes, bundles, quarters);

    // Nets of each cluster, and where the lines of each bundle go through them.
    let mut local: Vec<Vec<LocalNet>> = (0..count).map(|_| Vec::new()).collect();
    let mut outer: Vec<OuterNet> = Vec::new();
    let mut ways: Vec<Vec<Way>> = Vec::with_capacity(bundles.len());
    for bundle in bundles {
        let home = cluster_of(bundle.parent);
        let mut by_cluster: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (i, edge) in bundle.edges.iter().enumerate() {
            by_cluster.entry(cluster_of(edge.child)).or_default().push(i);
        }
        let mut way = vec![Way::default(); bundle.edges.len()];
        let mut leaves = Vec::new();
        let home_net = local.get(home).map_or(0, Vec::len);
        for i in by_cluster.get(&home).map_or(&[][..], Vec::as_slice) {
            if let Some(edge) = bundle.edges.get(*i) {
                put(&mut way, *i, Way { home: (home, home_net, leaves.len()), outer: None });
                leaves.push(End::Table(edge.child, edge.start));
            }
        }
        for side in [End::Left, End::Right] {
            let abroad: Vec<(usize, &Vec<usize>)> = by_cluster
                .iter()
                .filter(|(c, _)| **c != home && plan.side(home, **c) == side)
                .map(|(c, i)| (*c, i))
                .collect();
            if abroad.is_empty() {
                continue;
            }
            let mut net =
                OuterNet { root: (home, home_net, leaves.len()), right: side == End::Right, leaves: Vec::new() };
            for (cluster, edges) in abroad {
                let there = plan.side(cluster, home);
                let foreign_net = local.get(cluster).map_or(0, Vec::len);
                for (leaf, i) in edges.iter().enumerate() {
                    let outer = Some((outer.len(), net.leaves.len(), (cluster, foreign_net, leaf)));
                    put(&mut way, *i, Way { home: (home, home_net, leaves.len()), outer });
                }
                net.leaves.push((cluster, foreign_net, there));
                let starts = edges.iter().filter_map(|i| bundle.edges.get(*i));
                let foreign = LocalNet {
                    root: there,
                    leaves: starts.map(|e| End::Table(e.child, e.start)).collect(),
                    right: there == End::Left,
                };
                if let Some(nets) = local.get_mut(cluster) {
                    nets.push(foreign);
                }
            }
            leaves.push(side);
            outer.push(net);
        }
        if let Some(nets) = local.get_mut(home) {
            nets.push(LocalNet { root: End::Table(bundle.parent, bundle.end), leaves, right: true });
        }
        ways.push(way);
    }

    let drawings: Vec<Drawing> = members
        .iter()
        .zip(&local)
        .enumerate()
        .map(|(c, (members, nets))| {
            let columns = columns_for(members, sizes, at(&plan.widths, c));
            draw(members, sizes, nets, columns, false, starts)
        })
        .collect();

    // Clusters as items one level up, their pins where their lines reach the border.
    const SIDE: i32 = 18;
    let items: Vec<Item> = drawings
        .iter()
        .enumerate()
        .map(|(c, d)| Item {
            width: d.width.max(140) + 2 * SIDE,
            height: d.height + LABEL + SIDE,
            layer: at(&plan.columns, c),
            group: 0,
            thin: false,
        })
        .collect();
    // Height of a net's end at a cluster's border: the first point of a leaf's line, the last of a root's.
    let leaf_pin = |(cluster, net, leaf): (usize, usize, usize)| {
        let line = drawings.get(cluster).and_then(|d| d.routes.get(net)).and_then(|r| r.get(leaf));
        let y = line.and_then(|l| l.first()).map_or(0, |p| p.y) + LABEL;
        Pin { item: cluster, y, room: 0 }
    };
    let root_pin = |cluster: usize, net: usize| {
        let line = drawings.get(cluster).and_then(|d| d.routes.get(net)).and_then(|r| r.first());
        let y = line.and_then(|l| l.last()).map_or(0, |p| p.y) + LABEL;
        Pin { item: cluster, y, room: 0 }
    };
    let nets: Vec<Net> = outer
        .iter()
        .map(|net| Net {
            root: leaf_pin(net.root),
            leaves: net.leaves.iter().map(|(cluster, foreign, _)| root_pin(*cluster, *foreign)).collect(),
            right: net.right,
        })
        .collect();
    let placed = arrange(&items, &nets, CLUSTERS, starts);

    let corner = |cluster: usize| Point { x: at(&placed.x, cluster), y: at(&placed.y, cluster) };
    let inner = |cluster: usize| {
        let corner = corner(cluster);
        Point { x: corner.x + SIDE, y: corner.y + LABEL }
    };
    let mut boxes = sizes.to_vec();
    for (cluster, (members, drawing)) in members.iter().zip(&drawings).enumerate() {
        let at = inner(cluster);
        for (node, (x, y)) in members.iter().zip(&drawing.places) {
            if let Some(size) = boxes.get_mut(*node) {
                (size.x, size.y) = (at.x + x, at.y + y);
            }
        }
    }
    let shifted = |(cluster, net, leaf): (usize, usize, usize), to: &mut Vec<Point>| {
        let by = inner(cluster);
        let line = drawings.get(cluster).and_then(|d| d.routes.get(net)).and_then(|r| r.get(leaf));
        to.extend(line.into_iter().flatten().map(|p| Point { x: p.x + by.x, y: p.y + by.y }));
    };
    let mut routes = vec![Route::default(); graph.edges.len()];
    for (bundle, ways) in bundles.iter().zip(&ways) {
        for (edge, way) in bundle.edges.iter().zip(ways) {
            let mut points = Vec::new();
            if let Some((net, leaf, foreign)) = way.outer {
                shifted(foreign, &mut points);
                points.extend(placed.routes.get(net).and_then(|r| r.get(leaf)).into_iter().flatten());
            }
            shifted(way.home, &mut points);
            put(&mut routes, edge.edge, Route { points });
        }
    }
    let regions = items
        .iter()
        .enumerate()
        .filter(|(c, _)| !list(&members, *c).is_empty())
        .map(|(c, item)| Region {
            cluster: u32::try_from(c).unwrap_or(0),
            x: corner(c).x,
            y: corner(c).y,
            width: item.width,
            height: item.height,
        })
        .collect();
    let crossings = placed.crossings + drawings.iter().map(|d| d.crossings).sum::<u64>();
    let cost = cost(routes.iter().map(|r| r.points.as_slice()), (placed.width, placed.height), crossings);
    (cost, Layout { width: placed.width, height: placed.height, boxes, routes, regions, ..Layout::default() })
}

/// A net between clusters: from the leaf of a net at home to the roots of nets abroad.
struct OuterNet {
    root: (usize, usize, usize),
    right: bool,
    leaves: Vec<(usize, usize, End)>,
}

/// Through which nets an edge goes: at home (cluster, net, leaf), and, where the child is abroad, between clusters (net, leaf) and abroad.
#[derive(Clone, Copy, Default)]
struct Way {
    home: (usize, usize, usize),
    outer: Option<(usize, usize, (usize, usize, usize))>,
}

/// In which column each cluster stands, before anything is drawn.
struct Plan {
    columns: Vec<usize>,
    /// The width that each cluster should take.
    widths: Vec<i64>,
    count: usize,
}

impl Plan {
    fn new(graph: &Graph, members: &[Vec<usize>], sizes: &[NodeBox], bundles: &[Bundle], quarters: i64) -> Self {
        let count = members.len();
        let areas: Vec<i64> =
            members.iter().map(|m| m.iter().filter_map(|n| sizes.get(*n)).map(room).sum::<i64>() * 5 / 4).collect();
        let total: i64 = areas.iter().sum();
        let largest = areas.iter().copied().max().unwrap_or(0);
        let (width, _) = target(total);
        // Wide enough that the largest cluster is not much taller than wide, but several columns.
        let wanted = (largest * 13 / 10).isqrt().max(width / 40).max(1);
        let columns = ((width * quarters / 4 + wanted / 2) / wanted).clamp(1, 40);
        let column_width = width / columns;

        // How much joins two clusters: each bundle counts once for each pair.
        let mut ties: BTreeMap<(usize, usize), i64> = BTreeMap::new();
        let cluster_of = |node: usize| graph.nodes.get(node).map_or(0, |n| n.cluster as usize);
        for bundle in bundles {
            let home = cluster_of(bundle.parent);
            for edge in &bundle.edges {
                let abroad = cluster_of(edge.child);
                if abroad != home {
                    *ties.entry((home.min(abroad), home.max(abroad))).or_default() += 1;
                }
            }
        }
        let mut near: Vec<Vec<(usize, i64)>> = vec![Vec::new(); count];
        for ((a, b), weight) in &ties {
            for (a, b) in [(a, b), (b, a)] {
                if let Some(list) = near.get_mut(*a) {
                    list.push((*b, *weight));
                }
            }
        }
        let sequence = sequence(count, &near);
        let mut column_of = vec![0; count];
        let mut filled = 0i64;
        for cluster in sequence {
            // The column in which the middle of this cluster's area falls.
            let middle = filled + at(&areas, cluster) / 2;
            let column = (middle * columns / total.max(1)).clamp(0, columns - 1);
            put(&mut column_of, cluster, usize::try_from(column).unwrap_or(0));
            filled += at(&areas, cluster);
        }
        // Columns that nothing fell into go.
        let mut used: Vec<usize> = column_of.clone();
        used.order();
        used.dedup();
        for column in &mut column_of {
            *column = used.partition_point(|u| u < column);
        }
        Self { columns: column_of, widths: vec![column_width; count], count: used.len() }
    }

    /// The side of `cluster` on which a line to `other` leaves it.
    fn side(&self, cluster: usize, other: usize) -> End {
        let (here, there) = (at(&self.columns, cluster), at(&self.columns, other));
        match here.cmp(&there) {
            std::cmp::Ordering::Less => End::Right,
            std::cmp::Ordering::Greater => End::Left,
            // Within a column lines run on the side of the middle of the map.
            std::cmp::Ordering::Equal if here * 2 < self.count => End::Right,
            std::cmp::Ordering::Equal => End::Left,
        }
    }
}

/// A sequence of clusters in which those that are joined are near each other: the most joined first, each next one where it is nearest to
/// those already there.
fn sequence(count: usize, near: &[Vec<(usize, i64)>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.order_by_key(|c| (-list(near, *c).iter().map(|(_, w)| w).sum::<i64>(), *c));
    let mut sequence: Vec<usize> = Vec::with_capacity(count);
    for cluster in order {
        let mut place = vec![usize::MAX; count];
        for (i, c) in sequence.iter().enumerate() {
            put(&mut place, *c, i);
        }
        let ends = list(near, cluster);
        let cost = |slot: usize| -> i64 {
            let to = |(other, weight): &(usize, i64)| match at(&place, *other) {
                usize::MAX => 0,
                p => i64::try_from(if p < slot { slot - p } else { p + 1 - slot }).unwrap_or(0) * weight,
            };
            ends.iter().map(to).sum()
        };
        let joined = ends.iter().any(|(other, _)| at(&place, *other) != usize::MAX);
        let best = if joined {
            (0..=sequence.len()).min_by_key(|slot| (cost(*slot), *slot)).unwrap_or(0)
        } else {
            sequence.len()
        };
        sequence.insert(best, cluster);
    }
    sequence
}

/// Takes out points that lie on a straight line between their neighbours.
fn simplify(points: &mut Vec<Point>) {
    let mut kept: Vec<Point> = Vec::with_capacity(points.len());
    for point in points.iter().copied() {
        while let [.., a, b] = kept.as_slice() {
            let straight = (a.x == b.x && b.x == point.x) || (a.y == b.y && b.y == point.y);
            if !straight {
                break;
            }
            kept.pop();
        }
        if kept.last() != Some(&point) {
            kept.push(point);
        }
    }
    *points = kept;
}

/// Moves everything so that it starts at the border, and sets the size.
fn frame(layout: &mut Layout) {
    let mut low = Point { x: i32::MAX, y: i32::MAX };
    let mut high = Point { x: i32::MIN, y: i32::MIN };
    let mut include = |x: i32, y: i32| {
        low = Point { x: low.x.min(x), y: low.y.min(y) };
        high = Point { x: high.x.max(x), y: high.y.max(y) };
    };
    for b in &layout.boxes {
        include(b.x, b.y);
        include(b.x + b.width, b.y + b.height);
    }
    for r in &layout.regions {
        include(r.x, r.y);
        include(r.x + r.width, r.y + r.height);
    }
    for point in layout.routes.iter().flat_map(|r| &r.points) {
        include(point.x, point.y);
    }
    if low.x > high.x {
        (layout.width, layout.height) = (2 * BORDER, 2 * BORDER);
        return;
    }
    let (dx, dy) = (BORDER - low.x, BORDER - low.y);
    for b in &mut layout.boxes {
        (b.x, b.y) = (b.x + dx, b.y + dy);
    }
    for r in &mut layout.regions {
        (r.x, r.y) = (r.x + dx, r.y + dy);
    }
    for point in layout.routes.iter_mut().flat_map(|r| &mut r.points) {
        *point = Point { x: point.x + dx, y: point.y + dy };
    }
    layout.width = high.x + dx + BORDER;
    layout.height = high.y + dy + BORDER;
}
