//! How good a layout is, in numbers: what the tests hold it to and the benchmark compares.

use std::collections::BTreeSet;

use super::layout::{Layout, Point, Route};
use super::{Graph, list};
use crate::order::Order;

/// Measures of a layout.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quality {
    /// Pairs of lines that cross, a horizontal piece of one and a vertical piece of another, at a point that is an end of neither. Lines that share
    /// a trunk are one line.
    pub crossings: u64,
    /// Length of all lines, shared trunks once, in pixels.
    pub length: u64,
    /// Corners of all lines, shared ones once.
    pub bends: u64,
    /// Length, in pixels, over which pieces of lines to different ends run over each other.
    pub coincident: u64,
    /// Pieces of lines that run through a box.
    pub through_boxes: u64,
    /// Pairs of boxes that overlap.
    pub overlaps: u64,
    /// Width of the drawing.
    pub width: u64,
    /// Height of the drawing.
    pub height: u64,
}

impl Quality {
    /// Area of the drawing in square pixels.
    pub fn area(&self) -> u64 {
        self.width * self.height
    }

    /// Width by height, in hundredths.
    pub fn aspect(&self) -> u64 {
        self.width * 100 / self.height.max(1)
    }
}

/// A piece of a bundle: the coordinate that it keeps, where it runs from and to, and its bundle.
type Piece = (i32, i32, i32, usize);

/// Crossings of lines, as [`Quality::crossings`] has them.
pub(super) fn crossings(graph: &Graph, routes: &[Route]) -> u64 {
    let Pieces { horizontal, vertical, .. } = Pieces::new(graph, routes);
    count(&merged(horizontal).0, &merged(vertical).0)
}

/// The straight pieces of all lines, and their corners.
#[derive(Default)]
struct Pieces {
    horizontal: Vec<Piece>,
    vertical: Vec<Piece>,
    corners: BTreeSet<(usize, Point)>,
}

impl Pieces {
    fn new(graph: &Graph, routes: &[Route]) -> Self {
        let mut bundles: Vec<_> = graph.edges.iter().map(|e| (e.to, &e.to_columns, e.parent)).collect();
        let keys: BTreeSet<_> = bundles.iter().copied().collect();
        let keys: Vec<_> = keys.into_iter().collect();
        let mut pieces = Self::default();
        for ((edge, key), route) in graph.edges.iter().zip(bundles.drain(..)).zip(routes) {
            // A line from a table to itself has a way of its own.
            let bundle = keys.binary_search(&key).unwrap_or(0) * 2 + usize::from(edge.from == edge.to);
            for pair in route.points.windows(2) {
                if let [a, b] = pair {
                    if a.y == b.y {
                        pieces.horizontal.push((a.y, a.x.min(b.x), a.x.max(b.x), bundle));
                    } else {
                        pieces.vertical.push((a.x, a.y.min(b.y), a.y.max(b.y), bundle));
                    }
                }
            }
            let inner = route.points.get(1..route.points.len().saturating_sub(1)).unwrap_or_default();
            pieces.corners.extend(inner.iter().map(|p| (bundle, *p)));
        }
        pieces
    }
}

/// How often a horizontal and a vertical piece of different bundles cross. Both lists are sorted.
fn count(horizontal: &[Piece], vertical: &[Piece]) -> u64 {
    let mut crossings = 0;
    for (x, top, bottom, bundle) in vertical {
        let from = horizontal.partition_point(|h| h.0 <= *top);
        for (y, left, right, other) in horizontal.get(from..).unwrap_or_default() {
            if y >= bottom {
                break;
            }
            crossings += u64::from(left < x && x < right && bundle != other);
        }
    }
    crossings
}

/// Measures a layout. Takes time in the square of lines that overlap in one direction: for tests and benchmarks.
pub fn measure(graph: &Graph, layout: &Layout) -> Quality {
    let Pieces { horizontal, vertical, corners } = Pieces::new(graph, &layout.routes);
    let (horizontal, h_over, h_length) = merged(horizontal);
    let (vertical, v_over, v_length) = merged(vertical);
    let crossings = count(&horizontal, &vertical);
    let mut quality = Quality {
        crossings,
        length: h_length + v_length,
        bends: corners.len() as u64,
        coincident: h_over + v_over,
        width: u64::try_from(layout.width).unwrap_or(0),
        height: u64::try_from(layout.height).unwrap_or(0),
        ..Quality::default()
    };

    let mut boxes: Vec<_> = layout.boxes.iter().map(|b| (b.x, b.y, b.x + b.width, b.y + b.height)).collect();
    boxes.order();
    for (i, a) in boxes.iter().enumerate() {
        let beside = boxes.get(i + 1..).unwrap_or_default().iter().take_while(|b| b.0 < a.2);
        quality.overlaps += beside.filter(|b| b.1 < a.3 && a.1 < b.3).count() as u64;
        let inside = |low: i32, high: i32, from: i32, to: i32| low < to && from < high;
        let from = horizontal.partition_point(|h| h.0 <= a.1);
        let rows = horizontal.get(from..).unwrap_or_default().iter().take_while(|h| h.0 < a.3);
        quality.through_boxes += rows.filter(|h| inside(a.0, a.2, h.1, h.2)).count() as u64;
        let from = vertical.partition_point(|v| v.0 <= a.0);
        let columns = vertical.get(from..).unwrap_or_default().iter().take_while(|v| v.0 < a.2);
        quality.through_boxes += columns.filter(|v| inside(a.1, a.3, v.1, v.2)).count() as u64;
    }
    quality
}

/// Merges the pieces of each bundle that touch, and gives back with them how far pieces of different bundles run over each other, and the
/// length of all.
fn merged(mut pieces: Vec<Piece>) -> (Vec<Piece>, u64, u64) {
    pieces.order_by_key(|p| (p.3, p.0, p.1, p.2));
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match out.last_mut() {
            Some(last) if last.3 == piece.3 && last.0 == piece.0 && piece.1 <= last.2 => last.2 = last.2.max(piece.2),
            _ => out.push(piece),
        }
    }
    out.order();
    let length = |from: i32, to: i32| u64::try_from(to - from).unwrap_or(0);
    let mut over = 0;
    for (i, a) in out.iter().enumerate() {
        for b in out.get(i + 1..).unwrap_or_default() {
            if b.0 != a.0 || b.1 >= a.2 {
                break;
            }
            over += length(b.1, a.2.min(b.2));
        }
    }
    let total = out.iter().map(|p| length(p.1, p.2)).sum();
    (out, over, total)
}

/// Whether every line starts at a side of its child's box and ends at a side of its parent's.
pub fn attached(graph: &Graph, layout: &Layout) -> bool {
    graph.edges.iter().zip(&layout.routes).all(|(edge, route)| {
        let on_side = |node: u32, point: Option<&Point>| {
            let (Some(b), Some(p)) = (layout.boxes.get(node as usize), point) else { return false };
            (p.x == b.x || p.x == b.x + b.width) && p.y > b.y && p.y < b.y + b.height
        };
        let straight = route.points.windows(2).all(|w| match w {
            [a, b] => (a.x == b.x) != (a.y == b.y),
            _ => false,
        });
        on_side(edge.from, route.points.first()) && on_side(edge.to, route.points.last()) && straight
    })
}

/// Pairs of regions that overlap, and boxes that stand outside their cluster's region.
pub fn misplaced(graph: &Graph, layout: &Layout) -> usize {
    let regions = &layout.regions;
    let mut wrong = 0;
    for (i, a) in regions.iter().enumerate() {
        for b in regions.get(i + 1..).unwrap_or_default() {
            wrong +=
                usize::from(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height);
        }
    }
    let mut places = vec![Vec::new(); graph.clusters.len()];
    for region in regions {
        if let Some(list) = places.get_mut(region.cluster as usize) {
            list.push(*region);
        }
    }
    for (node, b) in graph.nodes.iter().zip(&layout.boxes) {
        if let Some(r) = list(&places, node.cluster as usize).first() {
            let within = r.x <= b.x && r.y <= b.y && b.x + b.width <= r.x + r.width && b.y + b.height <= r.y + r.height;
            wrong += usize::from(!within);
        }
    }
    wrong
}
