//! A diagram as somebody arranged it: what is left out, and where the rest was put. The places come from outside; the tables, their columns and their keys
//! are the model's.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Cluster, index};
use super::layout::{self, HEADER};
use super::{Diagram, Graph, Layout, NodeBox, NodeId, Point, Region, Route};

/// Where everything was put. What has no place is not shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Placement {
    /// Tables and views: the corner of each box, and whether only its header is shown.
    pub boxes: BTreeMap<NodeId, (Point, bool)>,
    /// The corners of lines, by the place of their edges in the graph.
    pub lines: BTreeMap<u32, Vec<Point>>,
    /// Areas.
    pub areas: Vec<Area>,
}

/// An area with its name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Area {
    /// What it is called.
    pub name: String,
    /// Its colour: 0 to 11.
    pub hue: u8,
    /// Its left upper corner.
    pub corner: Point,
    /// Width and height.
    pub size: (i32, i32),
}

/// The farthest from the origin that anything can be put: sums of a few such numbers are numbers, too.
const FAR: i32 = 10_000_000;

/// The graph without some of its tables and views, and without their edges.
pub fn without(graph: &Graph, hidden: &BTreeSet<NodeId>) -> Graph {
    graph.part(|node| graph.nodes.get(node as usize).is_some_and(|n| !hidden.contains(&n.id)), |_| true)
}

/// The diagram with everything where it was put.
pub fn placed(diagram: &Diagram, placement: &Placement) -> Diagram {
    let near = |p: Point| Point { x: p.x.clamp(-FAR, FAR), y: p.y.clamp(-FAR, FAR) };
    let Diagram { graph, layout } = diagram;
    let place = |node: u32| graph.nodes.get(node as usize).and_then(|n| placement.boxes.get(&n.id));
    let mut part = graph.part(|node| place(node).is_some(), |edge| placement.lines.contains_key(&edge));
    let boxes = layout.boxes.iter().enumerate().filter_map(|(at, b)| {
        let (corner, collapsed) = place(index(at))?;
        let Point { x, y } = near(*corner);
        Some(if *collapsed {
            NodeBox { x, y, width: b.width, height: HEADER, rows: Vec::new() }
        } else {
            NodeBox { x, y, ..b.clone() }
        })
    });
    let routes = (0u32..).zip(&graph.edges).filter_map(|(at, edge)| {
        let points = placement.lines.get(&at).filter(|_| place(edge.from).is_some() && place(edge.to).is_some())?;
        Some(Route { points: points.iter().copied().map(near).collect() })
    });
    let mut out =
        Layout { detail: layout.detail, boxes: boxes.collect(), routes: routes.collect(), ..Layout::default() };
    for area in &placement.areas {
        let Point { x, y } = near(area.corner);
        let (width, height) = (area.size.0.clamp(0, FAR), area.size.1.clamp(0, FAR));
        out.regions.push(Region { cluster: index(part.clusters.len()), x, y, width, height });
        part.clusters.push(Cluster { name: area.name.clone(), hue: area.hue });
    }
    layout::frame(&mut out);
    Diagram { graph: part, layout: out }
}
