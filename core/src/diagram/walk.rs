//! Ways through the graph: what is near a table, what leads from one to another, what a delete takes along.

use std::collections::{BTreeSet, VecDeque};

use super::graph::index;
use super::{Edge, EdgeKind, Graph, NodeId, at, list, put};
use crate::operation::ReferentialAction;
use crate::order::Order;
use crate::schema::TableId;

/// The part of a graph within `hops` edges of a table, in either direction. Empty where the table is not in the graph; a partition counts
/// as its root only if the caller passes the root.
pub fn focus(graph: &Graph, table: TableId, hops: u32) -> Graph {
    let starts: Vec<u32> =
        graph.nodes.iter().position(|n| n.id == NodeId::Table(table)).map(index).into_iter().collect();
    near(graph, &starts, hops)
}

/// The part of a graph within `hops` edges of any of these nodes, in either direction.
pub fn near(graph: &Graph, starts: &[u32], hops: u32) -> Graph {
    let neighbours = neighbours(graph, |_| true);
    let mut distance: Vec<Option<u32>> = vec![None; graph.nodes.len()];
    let mut queue = VecDeque::new();
    for start in starts {
        put(&mut distance, *start as usize, Some(0));
        queue.push_back(*start);
    }
    while let Some(node) = queue.pop_front() {
        let next = at(&distance, node as usize).unwrap_or(0) + 1;
        if next > hops {
            continue;
        }
        for (other, _) in list(&neighbours, node as usize) {
            if distance.get(*other as usize).is_some_and(Option::is_none) {
                put(&mut distance, *other as usize, Some(next));
                queue.push_back(*other);
            }
        }
    }
    graph.part(|node| at(&distance, node as usize).is_some(), |_| true)
}

/// For each node the nodes that an edge of these joins it to, with the edge.
fn neighbours(graph: &Graph, counts: impl Fn(&Edge) -> bool) -> Vec<Vec<(u32, u32)>> {
    let mut neighbours = vec![Vec::new(); graph.nodes.len()];
    for (edge, e) in (0u32..).zip(&graph.edges).filter(|(_, e)| counts(e)) {
        for (a, b) in [(e.from, e.to), (e.to, e.from)] {
            if let Some(list) = neighbours.get_mut(a as usize) {
                list.push((b, edge));
            }
        }
    }
    neighbours
}

/// The edges of a shortest way along foreign keys between two nodes, whichever way the keys point, in order from `from` on. Of ways of one length the one through
/// tables with few lines: what everything refers to says little about how two tables hang together. `None` where there is no way; no edges where both are
/// the same node.
pub fn path(graph: &Graph, from: u32, to: u32) -> Option<Vec<u32>> {
    let neighbours = neighbours(graph, |e| e.kind != EdgeKind::Reads);
    let lines = |node: u32| list(&neighbours, node as usize).len();
    // Dijkstra's algorithm on (edges, lines of the tables between).
    let mut best: Vec<Option<(usize, usize)>> = vec![None; graph.nodes.len()];
    let mut came: Vec<Option<(u32, u32)>> = vec![None; graph.nodes.len()];
    put(&mut best, from as usize, Some((0, 0)));
    let mut open = BTreeSet::from([((0usize, 0usize), from)]);
    while let Some((cost, node)) = open.pop_first() {
        if node == to {
            break;
        }
        for (other, edge) in list(&neighbours, node as usize) {
            let next = (cost.0 + 1, cost.1 + lines(*other));
            let known = at(&best, *other as usize);
            if known.is_none_or(|known| next < known) {
                if let Some(known) = known {
                    open.remove(&(known, *other));
                }
                put(&mut best, *other as usize, Some(next));
                put(&mut came, *other as usize, Some((node, *edge)));
                open.insert((next, *other));
            }
        }
    }
    at(&best, to as usize)?;
    let mut edges = Vec::new();
    let mut node = to;
    while let Some((before, edge)) = at(&came, node as usize).filter(|_| node != from) {
        edges.push(edge);
        node = before;
    }
    edges.reverse();
    Some(edges)
}

/// What happens elsewhere when a row of a table is deleted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// Tables whose rows go too, each with how many keys away it is, nearest first. The table itself stands at 0.
    pub deleted: Vec<(u32, u32)>,
    /// Keys ON DELETE CASCADE through which rows go.
    pub cascades: Vec<u32>,
    /// Keys ON DELETE SET NULL or SET DEFAULT to a row that goes: the referencing rows stay, changed.
    pub changes: Vec<u32>,
    /// Keys ON DELETE NO ACTION or RESTRICT to a row that goes: where a row refers through them, the delete is refused.
    pub refusals: Vec<u32>,
}

/// What deleting a row of `table` takes along (PostgreSQL manual, 5.5.5 "Foreign Keys"). Triggers and rules may do more.
pub fn cascade(graph: &Graph, table: u32) -> Reach {
    let mut into: Vec<Vec<u32>> = vec![Vec::new(); graph.nodes.len()];
    for (i, edge) in (0u32..).zip(&graph.edges) {
        if edge.kind != EdgeKind::Reads
            && let Some(list) = into.get_mut(edge.to as usize)
        {
            list.push(i);
        }
    }
    let mut reach = Reach::default();
    if table as usize >= graph.nodes.len() {
        return reach;
    }
    let mut seen = vec![false; graph.nodes.len()];
    put(&mut seen, table as usize, true);
    let mut queue = VecDeque::from([(table, 0)]);
    while let Some((node, depth)) = queue.pop_front() {
        reach.deleted.push((node, depth));
        for i in list(&into, node as usize) {
            let Some(edge) = graph.edges.get(*i as usize) else { continue };
            match edge.on_delete {
                ReferentialAction::Cascade => {
                    reach.cascades.push(*i);
                    if !at(&seen, edge.from as usize) {
                        put(&mut seen, edge.from as usize, true);
                        queue.push_back((edge.from, depth + 1));
                    }
                }
                ReferentialAction::SetNull | ReferentialAction::SetDefault => reach.changes.push(*i),
                ReferentialAction::NoAction | ReferentialAction::Restrict => reach.refusals.push(*i),
            }
        }
    }
    reach
}

impl Reach {
    /// The part of the graph that takes part: what is deleted, and what refers to it.
    pub fn part(&self, graph: &Graph) -> Graph {
        let mut edges: Vec<u32> =
            [&self.cascades, &self.changes, &self.refusals].into_iter().flatten().copied().collect();
        edges.order();
        let deleted = self.deleted.iter().map(|(node, _)| *node);
        along(graph, deleted, &edges)
    }
}

/// The part of a graph that consists of these edges (ascending), their ends, and these nodes.
pub fn along(graph: &Graph, nodes: impl IntoIterator<Item = u32>, edges: &[u32]) -> Graph {
    let ends = edges.iter().filter_map(|e| graph.edges.get(*e as usize)).flat_map(|e| [e.from, e.to]);
    let keep: BTreeSet<u32> = nodes.into_iter().chain(ends).collect();
    graph.part(|node| keep.contains(&node), |edge| edges.binary_search(&edge).is_ok())
}

/// The nodes that a name means: `schema.name` or `name`, without quotes, letter case ignored, `*` for any text.
pub fn named(graph: &Graph, name: &str) -> Vec<u32> {
    let pattern: Vec<char> = name.to_lowercase().chars().collect();
    let is = |node: &super::Node| {
        let bare: Vec<char> = node.name.to_lowercase().chars().collect();
        let full: Vec<char> = format!("{}.{}", node.schema, node.name).to_lowercase().chars().collect();
        matches(&pattern, &bare) || matches(&pattern, &full)
    };
    (0u32..).zip(&graph.nodes).filter(|(_, node)| is(node)).map(|(i, _)| i).collect()
}

/// The part of a graph whose nodes are called one of `names`, as [`named`] has it.
pub fn filter(graph: &Graph, names: &[&str]) -> Graph {
    let keep: BTreeSet<u32> = names.iter().flat_map(|name| named(graph, name)).collect();
    graph.part(|node| keep.contains(&node), |_| true)
}

/// Whether `text` follows a pattern with `*` for any text. One star to go back to is enough, so the work is at most pattern times text.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}
