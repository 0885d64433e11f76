//! The layout as one list of integers, for the page's canvas. This file stands alone but for [`encode`]: a reader needs only [`decode`] and the types.
//!
//! Format, version 1. Every entry is a 32-bit signed integer, lengths are in pixels at zoom 1, y grows downwards, and counts come before what they
//! count.
//!
//! | part | entries |
//! |---|---|
//! | header | version (1), detail (0 names, 1 keys, 2 columns), width, height, number of nodes, of edges, of regions |
//! | each node | x, y, width, height, cluster, hue, number of rows; then for each row the place of its column in the node's columns |
//! | each edge | child node, parent node, child end, parent end, flags, number of points; then x, y for each point, child first |
//! | each region | cluster, hue, x, y, width, height |
//!
//! An end is 0 (exactly one), 1 (none or one) or 2 (any number). Flags: 1 identifying, 2 a view reads rather than a foreign key. Rows are
//! 20 high and begin 32 below the node's top.

use super::{Cardinality, Detail, EdgeKind, Graph, Layout};

/// The version that [`encode`] writes and [`decode`] reads.
pub const VERSION: i32 = 1;

/// A decoded layout.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the format's table says it")]
pub struct Geometry {
    pub detail: i32,
    pub width: i32,
    pub height: i32,
    pub nodes: Vec<NodeGeometry>,
    pub edges: Vec<EdgeGeometry>,
    pub regions: Vec<RegionGeometry>,
}

/// A node's box.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the format's table says it")]
pub struct NodeGeometry {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
    pub cluster: i32,
    pub hue: i32,
    pub rows: Vec<i32>,
}

/// An edge's line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the format's table says it")]
pub struct EdgeGeometry {
    pub child: i32,
    pub parent: i32,
    pub child_end: i32,
    pub parent_end: i32,
    pub identifying: bool,
    pub reads: bool,
    pub points: Vec<(i32, i32)>,
}

/// A cluster's area.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the format's table says it")]
pub struct RegionGeometry {
    pub cluster: i32,
    pub hue: i32,
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

/// Writes a layout of a graph.
pub fn encode(graph: &Graph, layout: &Layout) -> Vec<i32> {
    let int = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let id = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let hue = |cluster: u32| graph.clusters.get(cluster as usize).map_or(0, |c| i32::from(c.hue));
    let end = |c: Cardinality| match c {
        Cardinality::One => 0,
        Cardinality::ZeroOrOne => 1,
        Cardinality::Many => 2,
    };
    let detail = match layout.detail {
        Detail::Names => 0,
        Detail::Keys => 1,
        Detail::Columns => 2,
    };
    // Lists that run parallel are as long as the shorter one, whatever the caller built.
    let nodes: Vec<_> = graph.nodes.iter().zip(&layout.boxes).collect();
    let edges: Vec<_> = graph.edges.iter().zip(&layout.routes).collect();
    let mut out = vec![VERSION, detail, layout.width, layout.height];
    out.extend([int(nodes.len()), int(edges.len()), int(layout.regions.len())]);
    for (node, b) in nodes {
        out.extend([b.x, b.y, b.width, b.height, id(node.cluster), hue(node.cluster), int(b.rows.len())]);
        out.extend(b.rows.iter().map(|r| id(*r)));
    }
    for (edge, route) in edges {
        let flags = i32::from(edge.identifying) + 2 * i32::from(edge.kind == EdgeKind::Reads);
        out.extend([id(edge.from), id(edge.to), end(edge.child), end(edge.parent), flags, int(route.points.len())]);
        out.extend(route.points.iter().flat_map(|p| [p.x, p.y]));
    }
    for r in &layout.regions {
        out.extend([id(r.cluster), hue(r.cluster), r.x, r.y, r.width, r.height]);
    }
    out
}

/// Reads what [`encode`] wrote; `None` for another version, and for a list that is too short or too long.
pub fn decode(data: &[i32]) -> Option<Geometry> {
    let mut data = data.iter().copied();
    let mut next = || data.next();
    if next()? != VERSION {
        return None;
    }
    let mut geometry = Geometry { detail: next()?, width: next()?, height: next()?, ..Geometry::default() };
    let (nodes, edges, regions) = (next()?, next()?, next()?);
    for _ in 0..nodes {
        let mut node = NodeGeometry {
            x: next()?,
            y: next()?,
            width: next()?,
            height: next()?,
            cluster: next()?,
            hue: next()?,
            rows: Vec::new(),
        };
        for _ in 0..next()? {
            node.rows.push(next()?);
        }
        geometry.nodes.push(node);
    }
    for _ in 0..edges {
        let (child, parent, child_end, parent_end, flags) = (next()?, next()?, next()?, next()?, next()?);
        let mut points = Vec::new();
        for _ in 0..next()? {
            points.push((next()?, next()?));
        }
        let (identifying, reads) = (flags & 1 != 0, flags & 2 != 0);
        geometry.edges.push(EdgeGeometry { child, parent, child_end, parent_end, identifying, reads, points });
    }
    for _ in 0..regions {
        geometry.regions.push(RegionGeometry {
            cluster: next()?,
            hue: next()?,
            x: next()?,
            y: next()?,
            width: next()?,
            height: next()?,
        });
    }
    next().is_none().then_some(geometry)
}
