//! The graph that diagrams are made from: tables with their columns, and foreign keys between them.

use std::collections::{BTreeMap, VecDeque};

use crate::name::{Name, quote};
use crate::operation::ReferentialAction;
use crate::schema::{ColumnNumber, ConstraintId, TableId, ViewId};

/// Tables and what joins them. Plain data: indices refer to the graph's own lists.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Graph {
    /// Tables in the order of their creation, then views.
    pub nodes: Vec<Node>,
    /// Foreign keys in the order of their tables, then what views read.
    pub edges: Vec<Edge>,
    /// Groups of tables that belong together. Empty until [`cluster::assign`](super::cluster::assign) has run.
    pub clusters: Vec<Cluster>,
}

/// A group of tables that belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cluster {
    /// What it is called on the map: a schema, a prefix of names, or its central table.
    pub name: String,
    /// Its colour: 0 to 11.
    pub hue: u8,
}

/// What a node stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the two arenas")]
pub enum NodeId {
    Table(TableId),
    View(ViewId),
}

/// What kind of relation a node is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs, reason = "as in pg_class.relkind")]
pub enum NodeKind {
    #[default]
    Table,
    Partitioned,
    Foreign,
    View,
    MaterializedView,
}

impl NodeKind {
    /// What the header says beside the name; nothing for a plain table.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Self::Table => None,
            Self::Partitioned => Some("partitioned"),
            Self::Foreign => Some("foreign"),
            Self::View => Some("view"),
            Self::MaterializedView => Some("materialized view"),
        }
    }
}

/// A table or view.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// The object.
    pub id: NodeId,
    /// Its schema.
    pub schema: Name,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: NodeKind,
    /// Its columns, in order.
    pub columns: Vec<NodeColumn>,
    /// Partitions at any depth that are drawn as this one box.
    pub partitions: u32,
    /// Not made by the input: a table of a platform or extension that a foreign key refers to, with only the columns that the input names.
    pub assumed: bool,
    /// The comment.
    pub comment: Option<String>,
    /// Its cluster, by its place in [`Graph::clusters`].
    pub cluster: u32,
}

impl Node {
    /// `schema.name`, quoted where needed.
    pub fn path(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
    }
}

/// A column of a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeColumn {
    /// Its number; for a view its place from 1.
    pub number: ColumnNumber,
    /// Its name.
    pub name: Name,
    /// Its type under its common short name: `timestamptz`, `varchar(40)`. Empty where it is not known.
    pub data_type: String,
    /// Whether it is NOT NULL.
    pub not_null: bool,
    /// In the primary key.
    pub primary: bool,
    /// In a foreign key.
    pub foreign: bool,
    /// Unique by itself, not through the primary key.
    pub unique: bool,
    /// The comment.
    pub comment: Option<String>,
}

/// How many rows may stand at an end of a foreign key for one row at the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cardinality {
    /// Exactly one.
    One,
    /// None or one.
    ZeroOrOne,
    /// Any number.
    Many,
}

/// What an edge stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EdgeKind {
    /// A foreign key.
    ForeignKey(ConstraintId),
    /// A view reads a table or view.
    Reads,
}

/// What joins two nodes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// What it stands for.
    pub kind: EdgeKind,
    /// The constraint's name; empty for a view's.
    pub name: Name,
    /// The referencing node: the child.
    pub from: u32,
    /// The referenced node: the parent.
    pub to: u32,
    /// The referencing columns, by their places in the child's columns.
    pub from_columns: Vec<u32>,
    /// The referenced columns, by their places in the parent's columns.
    pub to_columns: Vec<u32>,
    /// How many children a parent row may have. SQL cannot demand a child, so this is [`Many`](Cardinality::Many), or
    /// [`ZeroOrOne`](Cardinality::ZeroOrOne) where the referencing columns hold a key.
    pub child: Cardinality,
    /// How many parents a child row has: one, or none or one where a referencing column may be null (MATCH SIMPLE and FULL alike; PostgreSQL
    /// manual, CREATE TABLE, "REFERENCES").
    pub parent: Cardinality,
    /// Whether the child's primary key holds all referencing columns: the child exists only through its parent.
    pub identifying: bool,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
}

impl Graph {
    /// Whether names need their schema in front to be told apart at a glance: the schema that most tables live in goes without.
    pub fn home_schema(&self) -> Option<&Name> {
        let mut counts: BTreeMap<&Name, usize> = BTreeMap::new();
        for node in &self.nodes {
            *counts.entry(&node.schema).or_default() += 1;
        }
        counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0))).map(|(name, _)| name)
    }

    /// The part of the graph whose nodes `keep`, with the edges between them and the clusters that they are in.
    fn part(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut graph = Self::default();
        let mut places = vec![None; self.nodes.len()];
        let mut clusters = vec![None; self.clusters.len()];
        for (i, node) in self.nodes.iter().enumerate().filter(|(i, _)| keep(index(*i))) {
            if let Some(place) = places.get_mut(i) {
                *place = Some(len(&graph.nodes));
            }
            let mut node = node.clone();
            if let Some(slot) = clusters.get_mut(node.cluster as usize)
                && let Some(cluster) = self.clusters.get(node.cluster as usize)
            {
                let place = *slot.get_or_insert_with(|| {
                    graph.clusters.push(cluster.clone());
                    len(&graph.clusters) - 1
                });
                node.cluster = place;
            }
            graph.nodes.push(node);
        }
        let place = |node: u32| places.get(node as usize).copied().flatten();
        for edge in &self.edges {
            if let (Some(from), Some(to)) = (place(edge.from), place(edge.to)) {
                graph.edges.push(Edge { from, to, ..edge.clone() });
            }
        }
        graph
    }
}

/// The part of a graph within `hops` edges of a table, in either direction. Empty where the table is not in the graph; a partition counts
/// as its root only if the caller passes the root.
pub fn focus(graph: &Graph, table: TableId, hops: u32) -> Graph {
    let Some(start) = graph.nodes.iter().position(|n| n.id == NodeId::Table(table)) else { return Graph::default() };
    let mut neighbours = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        for (a, b) in [(edge.from, edge.to), (edge.to, edge.from)] {
            if let Some(list) = neighbours.get_mut(a as usize) {
                list.push(b);
            }
        }
    }
    let mut distance: Vec<Option<u32>> = vec![None; graph.nodes.len()];
    super::put(&mut distance, start, Some(0));
    let mut queue = VecDeque::from([index(start)]);
    while let Some(node) = queue.pop_front() {
        let next = super::at(&distance, node as usize).unwrap_or(0) + 1;
        if next > hops {
            continue;
        }
        for other in super::list(&neighbours, node as usize) {
            if super::at(&distance, *other as usize).is_none() {
                super::put(&mut distance, *other as usize, Some(next));
                queue.push_back(*other);
            }
        }
    }
    graph.part(|i| super::at(&distance, i as usize).is_some())
}

/// The part of a graph whose nodes are called one of `names`: `name` or `schema.name` without quotes, letter case ignored, `*` for any text.
pub fn filter(graph: &Graph, names: &[&str]) -> Graph {
    let patterns: Vec<Vec<char>> = names.iter().map(|n| n.to_lowercase().chars().collect()).collect();
    let keep: Vec<bool> = graph
        .nodes
        .iter()
        .map(|node| {
            let bare: Vec<char> = node.name.to_lowercase().chars().collect();
            let full: Vec<char> = format!("{}.{}", node.schema, node.name).to_lowercase().chars().collect();
            patterns.iter().any(|p| matches(p, &bare) || matches(p, &full))
        })
        .collect();
    graph.part(|i| super::at(&keep, i as usize))
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

pub(super) fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

pub(super) fn len<T>(items: &[T]) -> u32 {
    index(items.len())
}
