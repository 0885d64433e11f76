//! From a schema to the graph that diagrams are made from.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::len;
use super::{Cardinality, Edge, EdgeKind, Graph, Node, NodeColumn, NodeId, NodeKind};
use crate::name::{Name, quote};
use crate::operation::ReferentialAction;
use crate::schema::{
    BaseType, ColumnNumber, ConstraintKind, DataType, Id, KeyTarget, ObjectId, Schema, Table, TableId, TableKind,
};

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
