//! The graph that diagrams are made from: tables with their columns, and foreign keys between them.

use std::collections::BTreeMap;

use super::Detail;
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

    /// Which columns of each node a box shows.
    pub(super) fn rows(&self, detail: Detail) -> Vec<Vec<u32>> {
        let mut joined: Vec<Vec<bool>> = self.nodes.iter().map(|n| vec![false; n.columns.len()]).collect();
        for edge in &self.edges {
            for (node, columns) in [(edge.from, &edge.from_columns), (edge.to, &edge.to_columns)] {
                if let Some(joined) = joined.get_mut(node as usize) {
                    for column in columns {
                        super::put(joined, *column as usize, true);
                    }
                }
            }
        }
        let shown = |node: &Node, joined: &[bool]| {
            let columns = (0u32..).zip(&node.columns).zip(joined);
            let is = |column: &NodeColumn, joined: bool| match detail {
                Detail::Names => false,
                Detail::Keys => column.primary || column.foreign || column.unique || joined,
                Detail::Columns => true,
            };
            columns.filter(|((_, column), joined)| is(column, **joined)).map(|((c, _), _)| c).collect()
        };
        self.nodes.iter().zip(&joined).map(|(node, joined)| shown(node, joined)).collect()
    }

    /// The graph with the columns only that boxes show at this detail.
    pub fn shown(&self, detail: Detail) -> Self {
        let rows = self.rows(detail);
        let mut graph = self.clone();
        for (node, rows) in graph.nodes.iter_mut().zip(&rows) {
            node.columns = rows.iter().filter_map(|r| node.columns.get(*r as usize).cloned()).collect();
        }
        for edge in &mut graph.edges {
            for (node, columns) in [(edge.from, &mut edge.from_columns), (edge.to, &mut edge.to_columns)] {
                let rows = super::list(&rows, node as usize);
                let place = |column: &u32| rows.binary_search(column).ok().map(index);
                *columns = columns.iter().filter_map(place).collect();
            }
        }
        graph
    }

    /// The part of the graph whose nodes and edges are kept, with the clusters that the nodes are in. An edge needs both its ends.
    pub(super) fn part(&self, keep: impl Fn(u32) -> bool, keep_edge: impl Fn(u32) -> bool) -> Self {
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
        for (_, edge) in (0u32..).zip(&self.edges).filter(|(i, _)| keep_edge(*i)) {
            if let (Some(from), Some(to)) = (place(edge.from), place(edge.to)) {
                graph.edges.push(Edge { from, to, ..edge.clone() });
            }
        }
        graph
    }
}

pub(super) fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

pub(super) fn len<T>(items: &[T]) -> u32 {
    index(items.len())
}
