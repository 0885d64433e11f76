//! A drawing of drawings: each cluster is drawn by itself, and clusters are placed as boxes one level up. Lines between clusters leave through the border
//! that faces the other cluster.

use std::collections::BTreeMap;

use super::arrange::{Item, Net, Pin, Placed, arrange};
use super::drawing::{ASPECT, CLUSTERS, Drawing, End, Fill, LocalNet, columns_for, cost, draw, room, starts, target};
use super::layers::Taste;
use super::layout::{Bundle, FEW_LINES, LABEL, Layout, NodeBox, Point, Region, Route, simplify};
use super::{Detail, Graph, at, list, put, quality};
use crate::order::Order;

/// Empty space between a district's border and its drawing, left, right and below.
const SIDE: i32 = 18;

/// Up to so many tables the crossings of a drawing are measured; of larger ones they are those of the orders in all layers.
const MEASURED: usize = 250;

/// The best of some drawings of drawings: how wide clusters come out is known only once they are drawn, so that how many columns of them give the
/// aimed shape is found by trying, as far as the size allows.
pub(super) fn districts(graph: &Graph, sizes: &[NodeBox], bundles: &[Bundle], detail: Detail) -> Layout {
    // With fewer keys than tables a drawing is quickly made, and each cluster has so few lines that where it stands decides what they cross.
    let sparse = sizes.len() <= MEASURED && graph.edges.len() < sizes.len();
    let tries: &[i64] = match (sizes.len(), detail) {
        _ if sparse => &[4, 3, 5, 6, 7],
        (0..=100, _) if graph.edges.len() <= FEW_LINES => &[4, 3, 5, 6, 7, 9],
        (0..=100, _) => &[4, 3, 5, 6],
        (101..=250, _) => &[4, 3, 5, 6],
        (251..=600, _) => &[4, 3, 5],
        // Where boxes are low, channels take more of the width than the estimate allows for.
        (_, Detail::Names) => &[3],
        _ => &[4],
    };
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); graph.clusters.len()];
    for (i, node) in graph.nodes.iter().enumerate() {
        if let Some(list) = members.get_mut(node.cluster as usize) {
            list.push(i);
        }
    }
    let schema = Given { graph, sizes, bundles, members };
    let mut plans: Vec<Plan> = Vec::new();
    for quarters in tries {
        let plan = Plan::new(&schema, *quarters);
        if !plans.contains(&plan) {
            plans.push(plan);
        }
    }
    if sparse {
        let mirrored: Vec<Plan> = plans.iter().map(Plan::mirrored).collect();
        plans.extend(mirrored);
    }
    let draw = |plan: Plan| {
        let wiring = Wiring::new(&schema, &plan);
        let map = Map::new(&schema, &plan, &wiring);
        (map.cost(&schema, &wiring), plan, wiring, map)
    };
    let Some(best) = plans.into_iter().map(draw).min_by_key(|(cost, ..)| *cost) else { return Layout::default() };
    let (width, height) = (i64::from(best.3.placed.width), i64::from(best.3.placed.height));
    let off = height * ASPECT > width * 15 || width * 10 > height * ASPECT * 3 / 2;
    let others = match tries {
        // Where there is one try, its shape says how many columns would have been right.
        [quarters] if off => vec![Plan::new(&schema, quarters * (height * ASPECT * 1000 / width.max(1)).isqrt() / 100)],
        // Tables are read from left to right within clusters; which way the clusters should go is not known before.
        _ if sizes.len() <= MEASURED && !sparse => vec![best.1.mirrored(), best.1.forward()],
        _ if sizes.len() <= MEASURED => vec![best.1.forward()],
        _ => Vec::new(),
    };
    let best = std::iter::once(best).chain(others.into_iter().map(draw)).min_by_key(|(cost, ..)| *cost);
    best.map(|(_, _, wiring, map)| map.layout(&schema, &wiring)).unwrap_or_default()
}

/// What is to be drawn.
struct Given<'a> {
    graph: &'a Graph,
    sizes: &'a [NodeBox],
    bundles: &'a [Bundle],
    /// The tables of each cluster.
    members: Vec<Vec<usize>>,
}

impl Given<'_> {
    fn cluster_of(&self, node: usize) -> usize {
        self.graph.nodes.get(node).map_or(0, |n| n.cluster as usize)
    }
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

/// Nets of each cluster and between them, and where the lines of each bundle go through them.
struct Wiring {
    local: Vec<Vec<LocalNet>>,
    outer: Vec<OuterNet>,
    ways: Vec<Vec<Way>>,
}

impl Wiring {
    fn new(given: &Given<'_>, plan: &Plan) -> Self {
        let mut local: Vec<Vec<LocalNet>> = given.members.iter().map(|_| Vec::new()).collect();
        let mut outer: Vec<OuterNet> = Vec::new();
        let mut ways: Vec<Vec<Way>> = Vec::with_capacity(given.bundles.len());
        for bundle in given.bundles {
            let home = given.cluster_of(bundle.parent);
            let mut by_cluster: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (i, edge) in bundle.edges.iter().enumerate() {
                by_cluster.entry(given.cluster_of(edge.child)).or_default().push(i);
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
        Self { local, outer, ways }
    }
}

/// Clusters drawn and placed.
struct Map {
    drawings: Vec<Drawing>,
    /// Clusters as items one level up.
    items: Vec<Item>,
    placed: Placed,
}

impl Map {
    fn new(given: &Given<'_>, plan: &Plan, wiring: &Wiring) -> Self {
        let starts = starts(given.sizes.len());
        let drawings: Vec<Drawing> = given
            .members
            .iter()
            .zip(&wiring.local)
            .enumerate()
            .map(|(c, (members, nets))| {
                let columns = columns_for(members, given.sizes, at(&plan.widths, c));
                draw(members, given.sizes, nets, &[Fill { taste: plan.taste, ..Fill::even(columns) }], 1, false, starts)
            })
            .collect();
        // Districts of a column have one width: the map reads as columns, and their borders do not ask to be compared.
        let mut widths = vec![140; plan.count];
        for (c, drawing) in drawings.iter().enumerate() {
            if let Some(width) = widths.get_mut(at(&plan.columns, c)) {
                *width = drawing.width.max(*width);
            }
        }
        let items: Vec<Item> = drawings
            .iter()
            .zip(&plan.columns)
            .map(|(drawing, column)| Item {
                width: at(&widths, *column) + 2 * SIDE,
                height: drawing.height + LABEL + SIDE,
                layer: *column,
                group: 0,
                thin: false,
            })
            .collect();
        let mut map = Self { drawings, items, placed: Placed::default() };
        let nets: Vec<Net> = wiring
            .outer
            .iter()
            .map(|net| Net {
                root: map.leaf_pin(net.root),
                leaves: net.leaves.iter().map(|(cluster, foreign, _)| map.root_pin(*cluster, *foreign)).collect(),
                right: net.right,
            })
            .collect();
        map.placed = arrange(&map.items, &nets, CLUSTERS, starts);
        map
    }

    fn line(&self, (cluster, net, leaf): (usize, usize, usize)) -> &[Point] {
        self.drawings.get(cluster).and_then(|d| d.routes.get(net)).and_then(|r| r.get(leaf)).map_or(&[], Vec::as_slice)
    }

    /// Where the line from a border to its root begins.
    fn leaf_pin(&self, end: (usize, usize, usize)) -> Pin {
        Pin { item: end.0, y: self.line(end).first().map_or(0, |p| p.y) + LABEL, room: 0 }
    }

    /// Where lines to a border end.
    fn root_pin(&self, cluster: usize, net: usize) -> Pin {
        Pin { item: cluster, y: self.line((cluster, net, 0)).last().map_or(0, |p| p.y) + LABEL, room: 0 }
    }

    /// The whole lines of all edges, by their places in the graph.
    fn routes(&self, given: &Given<'_>, wiring: &Wiring) -> Vec<Route> {
        let shifted = |way: (usize, usize, usize), to: &mut Vec<Point>| {
            let by = self.inner(way.0);
            to.extend(self.line(way).iter().map(|p| Point { x: p.x + by.x, y: p.y + by.y }));
        };
        let mut routes = vec![Route::default(); given.graph.edges.len()];
        for (bundle, ways) in given.bundles.iter().zip(&wiring.ways) {
            for (edge, way) in bundle.edges.iter().zip(ways) {
                let mut points = Vec::new();
                if let Some((net, leaf, foreign)) = way.outer {
                    shifted(foreign, &mut points);
                    points.extend(self.placed.routes.get(net).and_then(|r| r.get(leaf)).into_iter().flatten());
                }
                shifted(way.home, &mut points);
                put(&mut routes, edge.edge, Route { points });
            }
        }
        routes
    }

    fn corner(&self, cluster: usize) -> Point {
        Point { x: at(&self.placed.x, cluster), y: at(&self.placed.y, cluster) }
    }

    /// Where a cluster's drawing begins.
    fn inner(&self, cluster: usize) -> Point {
        let corner = self.corner(cluster);
        Point { x: corner.x + SIDE, y: corner.y + LABEL }
    }

    fn cost(&self, given: &Given<'_>, wiring: &Wiring) -> i64 {
        let mut routes = self.routes(given, wiring);
        let crossings = if given.sizes.len() <= MEASURED {
            routes.iter_mut().for_each(|r| simplify(&mut r.points));
            quality::crossings(given.graph, &routes)
        } else {
            self.placed.crossings + self.drawings.iter().map(|d| d.crossings).sum::<u64>()
        };
        cost(routes.iter().map(|r| r.points.as_slice()), (self.placed.width, self.placed.height), crossings)
    }

    fn layout(&self, given: &Given<'_>, wiring: &Wiring) -> Layout {
        let mut boxes = given.sizes.to_vec();
        for (cluster, (members, drawing)) in given.members.iter().zip(&self.drawings).enumerate() {
            let at = self.inner(cluster);
            for (node, (x, y)) in members.iter().zip(&drawing.places) {
                if let Some(size) = boxes.get_mut(*node) {
                    (size.x, size.y) = (at.x + x, at.y + y);
                }
            }
        }
        let regions = self
            .items
            .iter()
            .enumerate()
            .filter(|(c, _)| !list(&given.members, *c).is_empty())
            .map(|(c, item)| {
                let Point { x, y } = self.corner(c);
                Region { cluster: u32::try_from(c).unwrap_or(0), x, y, width: item.width, height: item.height }
            })
            .collect();
        let (width, height) = (self.placed.width, self.placed.height);
        Layout { width, height, boxes, routes: self.routes(given, wiring), regions, ..Layout::default() }
    }
}

/// In which column each cluster stands, and how its layers are filled, before anything is drawn.
#[derive(Clone, PartialEq, Eq)]
struct Plan {
    columns: Vec<usize>,
    /// What lines within clusters cost.
    taste: Taste,
    /// The width that each cluster should take.
    widths: Vec<i64>,
    count: usize,
}

impl Plan {
    fn new(given: &Given<'_>, quarters: i64) -> Self {
        let Given { sizes, bundles, members, .. } = given;
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
        for bundle in *bundles {
            let home = given.cluster_of(bundle.parent);
            for edge in &bundle.edges {
                let abroad = given.cluster_of(edge.child);
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
        Self { columns: column_of, taste: Taste::SHORT, widths: vec![column_width; count], count: used.len() }
    }

    /// The same from right to left.
    fn mirrored(&self) -> Self {
        let columns = self.columns.iter().map(|c| (self.count - 1).saturating_sub(*c)).collect();
        Self { columns, ..self.clone() }
    }

    /// The same with the other taste for lines.
    fn forward(&self) -> Self {
        Self { taste: Taste::FORWARD, ..self.clone() }
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
