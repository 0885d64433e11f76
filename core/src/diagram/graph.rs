//! The graph that diagrams are made from: tables with their columns, and foreign keys between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::name::{Name, quote};
use crate::operation::ReferentialAction;
use crate::schema::{
    BaseType, ColumnNumber, ConstraintId, ConstraintKind, DataType, Id, KeyTarget, ObjectId, Schema, Table, TableId,
    TableKind, ViewId,
};

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
    /// The graph of a schema's tables and foreign keys, and, where asked for, views and what they read. Partitions are folded into
    /// the table at their root.
    pub fn of(schema: &Schema, include_views: bool) -> Self {
        let mut graph = Self::default();
        let roots: Vec<Option<TableId>> = schema
            .tables
            .iter()
            .map(|(id, table)| if table.dropped.is_none() { Some(root_of(schema, id)) } else { None })
            .collect();
        let root = |id: TableId| roots.get(id.index()).copied().flatten();

        let mut places: BTreeMap<NodeId, u32> = BTreeMap::new();
        // A platform's table is drawn where a key refers to it: without it the line would be lost.
        let referenced: BTreeSet<TableId> = schema
            .live_tables()
            .flat_map(|(_, table)| schema.foreign_keys_of(table))
            .map(|(_, _, key)| key.references)
            .collect();
        let drawn =
            schema.tables.iter().filter(|(id, t)| t.dropped.is_none() && (!t.assumed || referenced.contains(id)));
        for (id, table) in drawn.filter(|(id, _)| root(*id) == Some(*id)) {
            places.insert(NodeId::Table(id), len(&graph.nodes));
            graph.nodes.push(table_node(schema, id, table));
        }
        for (id, _) in schema.live_tables() {
            if let Some(root) = root(id).filter(|root| *root != id)
                && let Some(place) = places.get(&NodeId::Table(root))
                && let Some(node) = graph.nodes.get_mut(*place as usize)
            {
                node.partitions += 1;
            }
        }
        if include_views {
            for (id, view) in schema.live_views() {
                places.insert(NodeId::View(id), len(&graph.nodes));
                let columns = view.columns.iter().enumerate().map(|(i, name)| NodeColumn {
                    number: ColumnNumber::from_index(i),
                    name: name.clone(),
                    data_type: String::new(),
                    not_null: false,
                    primary: false,
                    foreign: false,
                    unique: false,
                    comment: None,
                });
                graph.nodes.push(Node {
                    id: NodeId::View(id),
                    schema: schema.namespaces.get(view.namespace).map(|n| n.name.clone()).unwrap_or_default(),
                    name: view.name.clone(),
                    kind: if view.materialized { NodeKind::MaterializedView } else { NodeKind::View },
                    columns: columns.collect(),
                    partitions: 0,
                    assumed: false,
                    comment: view.comment.clone(),
                    cluster: 0,
                });
            }
        }
        graph.add_foreign_keys(schema, &places, root);
        if include_views {
            graph.add_view_reads(schema, &places, root);
        }
        graph
    }

    fn add_foreign_keys(
        &mut self,
        schema: &Schema,
        places: &BTreeMap<NodeId, u32>,
        root: impl Fn(TableId) -> Option<TableId>,
    ) {
        let mut seen = BTreeSet::new();
        for (id, table) in schema.live_tables() {
            let Some(from) = root(id).and_then(|r| places.get(&NodeId::Table(r)).copied()) else { continue };
            let folded = root(id) != Some(id);
            let keys = unique_keys(schema, table);
            let primary: Option<BTreeSet<ColumnNumber>> =
                schema.primary_key_of(table).map(|(_, key)| key.columns.iter().copied().collect());
            for (constraint_id, constraint, key) in schema.foreign_keys_of(table) {
                // A partition's copy of its parent's key is the same line; so is the copy that a key to a partitioned table has for
                // each partition.
                if constraint.parent.is_some() {
                    continue;
                }
                let Some(parent) = schema.tables.get(key.references) else { continue };
                let Some(to) = root(key.references).and_then(|r| places.get(&NodeId::Table(r)).copied()) else {
                    continue;
                };
                let from_columns = self.columns_by_name(from, table, &constraint.columns);
                let to_columns = self.columns_by_name(to, parent, &key.columns);
                if folded && !seen.insert((from, to, from_columns.clone(), to_columns.clone())) {
                    continue;
                }
                let columns: BTreeSet<ColumnNumber> = constraint.columns.iter().copied().collect();
                let optional = constraint.columns.iter().any(|c| table.column(*c).is_some_and(|c| !c.not_null));
                if let Some(node) = self.nodes.get_mut(from as usize) {
                    for place in &from_columns {
                        if let Some(column) = node.columns.get_mut(*place as usize) {
                            column.foreign = true;
                        }
                    }
                }
                self.edges.push(Edge {
                    kind: EdgeKind::ForeignKey(constraint_id),
                    name: constraint.name.clone(),
                    from,
                    to,
                    from_columns,
                    to_columns,
                    child: if keys.iter().any(|k| k.is_subset(&columns)) {
                        Cardinality::ZeroOrOne
                    } else {
                        Cardinality::Many
                    },
                    parent: if optional { Cardinality::ZeroOrOne } else { Cardinality::One },
                    identifying: primary.as_ref().is_some_and(|p| !columns.is_empty() && columns.is_subset(p)),
                    on_delete: key.on_delete,
                    on_update: key.on_update,
                });
            }
        }
    }

    fn add_view_reads(
        &mut self,
        schema: &Schema,
        places: &BTreeMap<NodeId, u32>,
        root: impl Fn(TableId) -> Option<TableId>,
    ) {
        for (id, view) in schema.live_views() {
            let Some(from) = places.get(&NodeId::View(id)).copied() else { continue };
            let read: BTreeSet<u32> = view
                .query
                .references
                .iter()
                .filter_map(|reference| match reference.target {
                    ObjectId::Table(t) | ObjectId::Column(t, _) => root(t).map(NodeId::Table),
                    ObjectId::View(v) => Some(NodeId::View(v)),
                    _ => None,
                })
                .filter_map(|target| places.get(&target).copied())
                .filter(|to| *to != from)
                .collect();
            self.edges.extend(read.into_iter().map(|to| Edge {
                kind: EdgeKind::Reads,
                name: Name::default(),
                from,
                to,
                from_columns: Vec::new(),
                to_columns: Vec::new(),
                child: Cardinality::Many,
                parent: Cardinality::Many,
                identifying: false,
                on_delete: ReferentialAction::NoAction,
                on_update: ReferentialAction::NoAction,
            }));
        }
    }

    /// Places in a node's columns of a table's columns: by name, since a partition may number them differently from its root.
    fn columns_by_name(&self, node: u32, table: &Table, numbers: &[ColumnNumber]) -> Vec<u32> {
        let Some(node) = self.nodes.get(node as usize) else { return Vec::new() };
        numbers
            .iter()
            .filter_map(|number| {
                let column = table.column(*number)?;
                let place = node.columns.iter().position(|c| c.name == column.name)?;
                u32::try_from(place).ok()
            })
            .collect()
    }

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

/// The table at the root of a partition tree. A chain longer than there are tables would be a loop; the walk is bounded.
fn root_of(schema: &Schema, table: TableId) -> TableId {
    let mut root = table;
    for _ in 0..schema.tables.len() {
        match schema.tables.get(root).and_then(|t| t.partition_of.as_ref()) {
            Some((parent, _)) if schema.tables.get(*parent).is_some_and(|p| p.dropped.is_none()) => root = *parent,
            _ => break,
        }
    }
    root
}

fn table_node(schema: &Schema, id: TableId, table: &Table) -> Node {
    let primary: BTreeSet<ColumnNumber> =
        schema.primary_key_of(table).map(|(_, key)| key.columns.iter().copied().collect()).unwrap_or_default();
    let keys = unique_keys(schema, table);
    let columns = table.live_columns().map(|(number, column)| NodeColumn {
        number,
        name: column.name.clone(),
        data_type: short_type(schema, table, &column.data_type),
        not_null: column.not_null,
        primary: primary.contains(&number),
        foreign: false,
        unique: keys.iter().any(|k| k.len() == 1 && k.contains(&number) && *k != primary),
        comment: column.comment.clone(),
    });
    Node {
        id: NodeId::Table(id),
        schema: schema.namespaces.get(table.namespace).map(|n| n.name.clone()).unwrap_or_default(),
        name: table.name.clone(),
        kind: match table.kind {
            TableKind::Ordinary => NodeKind::Table,
            TableKind::Partitioned => NodeKind::Partitioned,
            TableKind::Foreign => NodeKind::Foreign,
        },
        columns: columns.collect(),
        partitions: 0,
        assumed: table.assumed,
        comment: table.comment.clone(),
        cluster: 0,
    }
}

/// The column sets of a table that are unique over all rows: primary key, unique constraints, and unique indexes without a predicate on
/// plain columns.
fn unique_keys(schema: &Schema, table: &Table) -> Vec<BTreeSet<ColumnNumber>> {
    let of_constraints = schema
        .constraints_of(table)
        .filter(|(_, c)| matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique { .. }))
        .map(|(_, c)| c.columns.iter().copied().collect());
    let of_indexes =
        schema.indexes_of(table).filter(|(_, i)| i.unique && i.predicate.is_none()).filter_map(|(_, i)| {
            let columns = i.keys.iter().map(|key| match key.target {
                KeyTarget::Column(number) => Some(number),
                KeyTarget::Expression(_) => None,
            });
            columns.collect::<Option<BTreeSet<ColumnNumber>>>()
        });
    of_constraints.chain(of_indexes).filter(|set: &BTreeSet<_>| !set.is_empty()).collect()
}

/// A type as people write it: the short names that PostgreSQL itself accepts (manual, 8 "Data Types", table of aliases), types of the
/// table's own schema bare.
fn short_type(schema: &Schema, table: &Table, data_type: &DataType) -> String {
    let full = match &data_type.base {
        BaseType::User(id) => match schema.types.get(*id) {
            Some(t) if t.namespace == table.namespace => {
                format!("{}{}", quote(&t.name), if data_type.array { "[]" } else { "" })
            }
            _ => data_type.display(schema),
        },
        BaseType::Extension { name, .. } => {
            let modifiers = if data_type.modifiers.is_empty() {
                String::new()
            } else {
                format!("({})", data_type.modifiers.join(","))
            };
            format!("{}{modifiers}{}", quote(name), if data_type.array { "[]" } else { "" })
        }
        _ => data_type.display(schema),
    };
    for (long, short) in [("character varying", "varchar"), ("character", "char"), ("bit varying", "varbit")] {
        if let Some(rest) = full.strip_prefix(long) {
            return format!("{short}{rest}");
        }
    }
    for (head, zoned) in [("timestamp", "timestamptz"), ("time", "timetz")] {
        if let Some(rest) = full.strip_prefix(head) {
            if let Some((modifier, tail)) = rest.split_once(" with time zone") {
                return format!("{zoned}{modifier}{tail}");
            }
            if let Some((modifier, tail)) = rest.split_once(" without time zone") {
                return format!("{head}{modifier}{tail}");
            }
        }
    }
    full
}

fn index(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

fn len<T>(items: &[T]) -> u32 {
    index(items.len())
}
