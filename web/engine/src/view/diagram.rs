//! Diagrams for the page's canvas: geometry in a buffer, names beside it.

use relata_core::diagram::{self, Detail, NodeColumn, NodeId, NodeKind, geometry};
use relata_core::operation::ReferentialAction;
use relata_core::schema::{Schema, TableId};
use relata_protocol as protocol;
use relata_protocol::{
    Answer, Diagram, DiagramEdge, DiagramNode, DiagramOptions, OnDelete, RelationKind, RelationType, row_mark,
};

use super::{Buffer, Reply};
use crate::model::{Model, count, table_key, view_key};

/// A laid-out diagram.
pub(super) fn diagram(model: &Model, target: u32, options: &DiagramOptions) -> Option<Reply> {
    let drawn = draw(model.schema(target)?, options);
    let mut out = Diagram { clusters: drawn.graph.clusters.iter().map(|c| &c.name).collect(), ..Diagram::default() };
    for (node, shape) in drawn.graph.nodes.iter().zip(&drawn.layout.boxes) {
        out.nodes.push(DiagramNode {
            relation: match node.id {
                NodeId::Table(id) => table_key(id),
                NodeId::View(id) => view_key(id),
            },
            schema: node.schema.to_string(),
            name: node.name.to_string(),
            path: node.path(),
            kind: match node.kind {
                NodeKind::Table => RelationType::Table,
                NodeKind::Partitioned => RelationType::PartitionedTable,
                NodeKind::Foreign => RelationType::ForeignTable,
                NodeKind::View => RelationType::View,
                NodeKind::MaterializedView => RelationType::MaterializedView,
            },
            partitions: node.partitions,
            rows: count(shape.rows.len()),
        });
        for row in &shape.rows {
            let column = node.columns.get(*row as usize);
            out.row_names.push(column.map_or("", |c| &c.name));
            out.row_types.push(column.map_or("", |c| &c.data_type));
            out.row_marks.push(column.map_or(0, marks));
        }
    }
    out.edges = drawn
        .graph
        .edges
        .iter()
        .zip(&drawn.layout.routes)
        .map(|(edge, _)| DiagramEdge {
            name: edge.name.to_string(),
            from: edge.from,
            to: edge.to,
            on_delete: match edge.on_delete {
                ReferentialAction::NoAction => OnDelete::NoAction,
                ReferentialAction::Restrict => OnDelete::Restrict,
                ReferentialAction::Cascade => OnDelete::Cascade,
                ReferentialAction::SetNull => OnDelete::SetNull,
                ReferentialAction::SetDefault => OnDelete::SetDefault,
            },
        })
        .collect();
    let integers = geometry::encode(&drawn.graph, &drawn.layout);
    Some(Reply { answer: Answer::Diagram(out), buffer: Some(Buffer::Integers(integers)) })
}

/// Lays out what the options ask for.
pub(super) fn draw(schema: &Schema, options: &DiagramOptions) -> diagram::Diagram {
    diagram::diagram(schema, &options_of(options))
}

/// The options in the core's words.
pub(super) fn options_of(options: &DiagramOptions) -> diagram::Options {
    let focus = options.focus.filter(|key| key.kind == RelationKind::Table).map(|key| TableId(key.id));
    diagram::Options {
        detail: match options.detail {
            protocol::Detail::Names => Detail::Names,
            protocol::Detail::Keys => Detail::Keys,
            protocol::Detail::Columns => Detail::Columns,
        },
        focus,
        hops: options.hops,
        include_views: options.include_views,
    }
}

fn marks(column: &NodeColumn) -> u8 {
    [
        (column.primary, row_mark::PRIMARY),
        (column.foreign, row_mark::FOREIGN),
        (column.unique, row_mark::UNIQUE),
        (column.not_null, row_mark::NOT_NULL),
    ]
    .into_iter()
    .filter_map(|(set, bit)| set.then_some(bit))
    .sum()
}
