//! The layout: sizes of boxes, places of tables, clusters and orphans, and the lines between them.
//!
//! Small schemas are one layered drawing. Larger ones are drawn cluster by cluster; clusters stand in columns like districts on a map, and the
//! lines between them run in the channels between the columns, through the same machinery one level up. Tables without any line stand in a
//! compact grid below what is joined.

use std::collections::BTreeMap;

use super::districts::districts;
use super::drawing::{ASPECT, End, Fill, LocalNet, columns_for, draw, room, starts, target};
use super::layers::Taste;
use super::{Cardinality, Detail, EdgeKind, Graph, Node, at, bump, cluster, put, quality};
use crate::name::Name;

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
/// With up to so many foreign keys everything is tried for one drawing.
pub(super) const FEW_LINES: usize = 80;
/// With more foreign keys than this little is.
const MANY_LINES: usize = 120;
/// Of up to this many tables both one drawing and a map of clusters are made, and the clearer one is kept.
const EITHER: usize = 100;
/// Clusters with less inside them than this ([`cluster::cohesion`]) are not set apart: lines between districts would be most of the drawing.
const LOOSE: i64 = 40;
/// Beyond this many tables clusters are set apart all the same: one drawing would take too long, and be too large to follow a line.
const HUGE: usize = 1500;
/// How high layers may be, in tenths of what they would be were all equally high, where several heights are tried.
const FULL: [i64; 3] = [11, 13, 16];

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

/// The header's parts: the schema where it is not `home`, the [home schema](Graph::home_schema), the name, and what kind it is.
pub fn header(home: Option<&Name>, node: &Node) -> (Option<String>, String, Option<String>) {
    let schema = (home != Some(&node.schema)).then(|| format!("{}.", shorten(&node.schema, 16)));
    (schema, shorten(&node.name, MAX_NAME), kind(node))
}

/// What kind of table it is, where that is worth a word.
fn kind(node: &Node) -> Option<String> {
    match (node.kind.label(), node.partitions) {
        _ if node.assumed => Some("external".to_owned()),
        (_, 1) => Some("1 partition".to_owned()),
        (_, n) if n > 1 => Some(format!("{n} partitions")),
        (label, _) => label.map(str::to_owned),
    }
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
    let several = used.iter().filter(|u| **u).count() > 1;
    let apart = graph.nodes.len() > FLAT && several && (graph.nodes.len() > HUGE || cluster::cohesion(graph) >= LOOSE);
    let mut layout = if apart {
        let map = districts(graph, &sizes, &bundles, detail);
        // Schemas are made by hand: they stay apart whatever it costs.
        let one_schema = graph.nodes.windows(2).all(|pair| matches!(pair, [a, b] if a.schema == b.schema));
        let one = (one_schema && (graph.nodes.len() <= EITHER || graph.edges.len() <= MANY_LINES))
            .then(|| flat(graph, sizes, &bundles, Effort::of(graph, true)));
        one.filter(|one| is_clearer(graph, one, &map)).unwrap_or(map)
    } else {
        flat(graph, sizes, &bundles, Effort::of(graph, false))
    };
    layout.detail = detail;
    finish(&mut layout);
    layout
}

/// Whether one drawing crosses fewer than four fifths of the lines that a map of clusters does, and has no longer ones: what the map tells of modules is
/// then not worth what it hides of keys.
fn is_clearer(graph: &Graph, one: &Layout, map: &Layout) -> bool {
    let crossings = |layout: &Layout| quality::crossings(graph, &layout.routes);
    let length = |layout: &Layout| -> i64 { layout.routes.iter().map(|route| length_of(&route.points)).sum() };
    crossings(one) * 5 < crossings(map) * 4 && length(one) <= length(map)
}

/// Lays out boxes of these sizes, without rows, as one drawing.
pub(super) fn one_drawing(graph: &Graph, sizes: Vec<NodeBox>) -> Layout {
    let bundles = bundles(graph, &sizes);
    let mut layout = flat(graph, sizes, &bundles, Effort::of(graph, false));
    finish(&mut layout);
    layout
}

/// Takes out corners that are none, and moves everything into its frame.
fn finish(layout: &mut Layout) {
    for route in &mut layout.routes {
        simplify(&mut route.points);
    }
    frame(layout);
}

/// Sizes of all boxes, not yet placed.
fn boxes(graph: &Graph, detail: Detail) -> Vec<NodeBox> {
    let mut lines = vec![0i32; graph.nodes.len()];
    for edge in &graph.edges {
        bump(&mut lines, edge.from as usize, 1);
    }
    let mut shown = graph.rows(detail).into_iter();
    let home = graph.home_schema();
    let size = |(i, node): (usize, &Node)| {
        let rows = shown.next().unwrap_or_default();
        let mut name_cells = cells(&node.name).min(MAX_NAME);
        if home != Some(&node.schema) {
            name_cells += cells(&node.schema).min(16) + 1;
        }
        let kind = kind(node).map_or(0, |k| text_width(cells(&k)) + 12);
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
pub(super) struct Bundle {
    pub(super) parent: usize,
    /// Height of the end below the parent's top, and room around it.
    pub(super) end: (i32, i32),
    pub(super) edges: Vec<BundleEdge>,
}

pub(super) struct BundleEdge {
    pub(super) edge: usize,
    pub(super) child: usize,
    pub(super) start: (i32, i32),
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

/// How much is tried for one drawing: the more lines it has, the longer each try takes, and the less tries differ in what they cost.
#[derive(Clone, Copy)]
struct Effort {
    /// How many widths, and for each how many heights of layers and tastes.
    widths: usize,
    heights: usize,
    tastes: usize,
    /// How many of all these are drawn to the end.
    finalists: usize,
    /// From how many first orders at most.
    starts: usize,
}

impl Effort {
    const FULL: Self = Self { widths: 4, heights: 3, tastes: 2, finalists: 4, starts: 6 };
    const SOME: Self = Self { widths: 2, heights: 2, tastes: 2, finalists: 2, starts: 6 };
    const LITTLE: Self = Self { widths: 2, heights: 1, tastes: 2, finalists: 2, starts: 4 };
    const LARGE: Self = Self { widths: 1, heights: 1, tastes: 2, finalists: 2, starts: 4 };
    const LARGEST: Self = Self { tastes: 1, finalists: 1, ..Self::LARGE };

    /// For the only drawing, or for one that is made beside a map of clusters.
    fn of(graph: &Graph, beside: bool) -> Self {
        let lines = graph.edges.len();
        let effort = match graph.nodes.len() {
            _ if lines <= FEW_LINES => Self::FULL,
            _ if lines <= MANY_LINES => Self::SOME,
            0..=160 => Self::LITTLE,
            161..=600 => Self::LARGE,
            _ => Self::LARGEST,
        };
        match beside {
            true if lines <= MANY_LINES => Self { widths: 2, finalists: 2, starts: 3, ..effort },
            true => Self { tastes: 1, starts: 2, ..effort },
            false => effort,
        }
    }

    /// The ways to fill about `columns` layers that are tried.
    fn fills(self, columns: i64) -> Vec<Fill> {
        let mut fills = Vec::new();
        // Lines bend better at some widths than at others.
        for by in [0, -1, 1, 2].into_iter().take(self.widths) {
            for full in FULL.into_iter().take(self.heights) {
                for taste in [Taste::SHORT, Taste::FORWARD].into_iter().take(self.tastes) {
                    fills.push(Fill { columns: (columns + by).max(1), full, taste });
                }
            }
        }
        fills
    }
}

/// One drawing for all tables.
fn flat(graph: &Graph, sizes: Vec<NodeBox>, bundles: &[Bundle], effort: Effort) -> Layout {
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
    let starts = starts(sizes.len()).min(effort.starts);
    let draw = |columns| draw(&members, &sizes, &local, &effort.fills(columns), effort.finalists, true, starts);
    let mut drawing = draw(columns);
    if effort.widths == 1 {
        // How wide channels come out is known only now: once more with as many columns as would have been right.
        let aspect = i64::from(drawing.width) * 1000 / i64::from(drawing.height.max(1));
        let right = columns * (ASPECT * 100_000_000 / aspect.max(1)).isqrt() / 1000;
        let off = right * 5 < columns * 4 || right * 4 > columns * 5;
        let second = off.then(|| draw(right)).filter(|second| second.cost() < drawing.cost());
        drawing = second.unwrap_or(drawing);
    }
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

/// The length of a line, in pixels.
pub(super) fn length_of(line: &[Point]) -> i64 {
    let piece = |pair: &[Point]| match pair {
        [a, b] => i64::from(a.x.abs_diff(b.x)) + i64::from(a.y.abs_diff(b.y)),
        _ => 0,
    };
    line.windows(2).map(piece).sum()
}

/// Takes out points that lie on a straight line between their neighbours.
pub(super) fn simplify(points: &mut Vec<Point>) {
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
pub(super) fn frame(layout: &mut Layout) {
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
