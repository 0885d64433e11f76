//! The overview: clusters as boxes with what is in them, and one line for all foreign keys between two of them. What a schema too large to read
//! table by table opens as.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::layout::{self, LABEL, PAD, cells, text_width};
use super::{Cardinality, Edge, EdgeKind, Graph, Node, NodeBox, NodeId, NodeKind, Region, Route, at, bump};
use crate::operation::ReferentialAction;
use crate::order::Order;
use crate::schema::{ConstraintId, TableId};

/// Clusters and what joins them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overview {
    /// Width of the drawing.
    pub width: i32,
    /// Height of the drawing.
    pub height: i32,
    /// Clusters that hold a table.
    pub districts: Vec<District>,
    /// What joins them.
    pub ties: Vec<Tie>,
}

/// A cluster on the overview.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct District {
    /// Its place on the drawing, and which cluster it is.
    pub region: Region,
    /// How many tables and views it has.
    pub tables: u32,
    /// Foreign keys between two tables of it.
    pub inner: u32,
    /// The tables with most lines, by their places in the graph, most first.
    pub principal: Vec<u32>,
}

/// All foreign keys between two clusters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tie {
    /// The cluster with most of the referencing tables.
    pub from: u32,
    /// The other.
    pub to: u32,
    /// Keys from `from` to `to`.
    pub keys: u32,
    /// Keys the other way.
    pub back: u32,
    /// The line, from `from` to `to`.
    pub route: Route,
}

/// The most tables that a district names.
const PRINCIPAL: usize = 5;
/// Height of a line that names a table.
pub const LINE: i32 = 18;
/// The most characters of a name in a district.
pub const MAX_NAME: usize = 28;

/// Foreign keys and reads between clusters, summed: one for each pair, without lines yet. Ascending by their clusters.
pub fn ties(graph: &Graph) -> Vec<Tie> {
    let cluster = |node: u32| graph.nodes.get(node as usize).map_or(0, |n| n.cluster);
    let mut sums: BTreeMap<(u32, u32), (u32, u32)> = BTreeMap::new();
    for edge in &graph.edges {
        let (from, to) = (cluster(edge.from), cluster(edge.to));
        if from < to {
            sums.entry((from, to)).or_default().0 += 1;
        } else if to < from {
            sums.entry((to, from)).or_default().1 += 1;
        }
    }
    let tie = |((a, b), (there, back)): ((u32, u32), (u32, u32))| {
        let (from, to, keys, back) = if there >= back { (a, b, there, back) } else { (b, a, back, there) };
        Tie { from, to, keys, back, route: Route::default() }
    };
    sums.into_iter().map(tie).collect()
}

/// Draws the overview of a graph whose clusters are [assigned](super::cluster::assign).
pub fn overview(graph: &Graph) -> Overview {
    let mut degree = vec![0u32; graph.nodes.len()];
    let mut inner = vec![0u32; graph.clusters.len()];
    for edge in &graph.edges {
        bump(&mut degree, edge.from as usize, 1);
        bump(&mut degree, edge.to as usize, 1);
        let cluster = |node: u32| graph.nodes.get(node as usize).map(|n| n.cluster);
        if let (Some(a), Some(b)) = (cluster(edge.from), cluster(edge.to))
            && a == b
        {
            bump(&mut inner, a as usize, 1);
        }
    }
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (i, node) in (0u32..).zip(&graph.nodes) {
        members.entry(node.cluster).or_default().push(i);
    }
    // A graph of clusters, laid out as tables are.
    let mut map = Graph { clusters: graph.clusters.clone(), ..Graph::default() };
    let mut sizes = Vec::new();
    let mut places: BTreeMap<u32, u32> = BTreeMap::new();
    let mut overview = Overview::default();
    for (cluster, mut tables) in members {
        let count = tables.len();
        tables.order_by_key(|t| (Reverse(at(&degree, *t as usize)), *t));
        tables.truncate(PRINCIPAL);
        let name = graph.clusters.get(cluster as usize).map_or("", |c| c.name.as_str());
        places.insert(cluster, u32::try_from(map.nodes.len()).unwrap_or(u32::MAX));
        map.nodes.push(district_node(cluster, name));
        sizes.push(size(graph, name, &tables, count));
        overview.districts.push(District {
            region: Region { cluster, ..Region::default() },
            tables: u32::try_from(count).unwrap_or(u32::MAX),
            inner: at(&inner, cluster as usize),
            principal: tables,
        });
    }
    overview.ties = ties(graph);
    for tie in &overview.ties {
        if let (Some(from), Some(to)) = (places.get(&tie.from), places.get(&tie.to)) {
            map.edges.push(line(*from, *to));
        }
    }
    let drawn = layout::one_drawing(&map, sizes);
    (overview.width, overview.height) = (drawn.width, drawn.height);
    for (district, shape) in overview.districts.iter_mut().zip(&drawn.boxes) {
        let NodeBox { x, y, width, height, .. } = *shape;
        district.region = Region { x, y, width, height, ..district.region };
    }
    for (tie, route) in overview.ties.iter_mut().zip(drawn.routes) {
        tie.route = route;
    }
    overview
}

/// The size of a district's box: its name, a line with counts, a line for each table that it names.
fn size(graph: &Graph, name: &str, tables: &[u32], count: usize) -> NodeBox {
    let names = tables.iter().filter_map(|t| graph.nodes.get(*t as usize)).map(|n| cells(&n.name));
    let widest = names.max().unwrap_or(0).min(MAX_NAME);
    // The cluster's name is set larger than those of tables.
    let title = text_width(cells(name).min(MAX_NAME)) * 5 / 4;
    // Larger clusters are larger on the map.
    let more = i32::try_from(count.isqrt()).unwrap_or(i32::MAX / 64).min(60);
    let width = title.max(text_width(widest)).max(140) + 2 * PAD + 6 * more;
    let lines = i32::try_from(tables.len()).unwrap_or(0) + 1;
    NodeBox { width: width.div_euclid(2) * 2, height: LABEL + LINE * lines + PAD + 4 * more, ..NodeBox::default() }
}

fn district_node(cluster: u32, name: &str) -> Node {
    Node {
        id: NodeId::Table(TableId(cluster)),
        schema: crate::name::Name::default(),
        name: name.into(),
        kind: NodeKind::Table,
        columns: Vec::new(),
        partitions: 0,
        assumed: false,
        comment: None,
        cluster,
    }
}

fn line(from: u32, to: u32) -> Edge {
    Edge {
        kind: EdgeKind::ForeignKey(ConstraintId(0)),
        name: crate::name::Name::default(),
        from,
        to,
        from_columns: Vec::new(),
        to_columns: Vec::new(),
        child: Cardinality::Many,
        parent: Cardinality::One,
        identifying: false,
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
    }
}
