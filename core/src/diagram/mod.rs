//! The diagram: from a schema to a graph of tables and foreign keys, a layout with orthogonal lines, and its exports.
//!
//! The way through: [`Schema`] → [`Graph`] → [clusters](cluster) → [`Layout`] → [SVG](svg), [flat geometry](geometry) for the page's canvas;
//! and straight from the graph to a [language]: [Mermaid](mermaid), [DBML](dbml), [PlantUML](plantuml) and [text].
//! All geometry is integer, in CSS pixels at zoom 1, with y downwards.

mod arrange;
pub mod cluster;
pub mod dbml;
mod districts;
mod drawing;
mod from_schema;
pub mod geometry;
pub mod graph;
pub mod language;
mod layers;
pub mod layout;
pub mod mermaid;
mod order;
pub mod overview;
pub mod placed;
pub mod plantuml;
pub mod quality;
mod route;
pub mod svg;
pub mod svg_overview;
pub mod text;
pub mod walk;

#[cfg(test)]
mod tests;

pub use graph::{Cardinality, Edge, EdgeKind, Graph, Node, NodeColumn, NodeId, NodeKind};
pub use language::{Language, Written};
pub use layout::{Layout, NodeBox, Point, Region, Route};
pub use walk::{cascade, focus, path};

use crate::schema::{Schema, TableId};

/// How much of a table its box shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Detail {
    /// The name.
    Names,
    /// The name and the columns of primary, unique and foreign keys.
    Keys,
    /// The name and all columns.
    #[default]
    Columns,
}

impl Detail {
    /// The word in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Keys => "keys",
            Self::Columns => "columns",
        }
    }
}

/// What to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// How much of each table.
    pub detail: Detail,
    /// Only this table and its neighbours.
    pub focus: Option<TableId>,
    /// How many foreign keys away from `focus` a neighbour may be.
    pub hops: u32,
    /// Whether views are drawn too, with the tables that they read.
    pub include_views: bool,
}

/// A graph and where its parts stand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Diagram {
    /// Tables and foreign keys.
    pub graph: Graph,
    /// Their places.
    pub layout: Layout,
}

/// The graph of a schema, or of the part of it that is asked for, in clusters. All columns are in it, whatever the detail: what is written in a
/// language of diagrams needs no more than this and [`Language::write`].
pub fn graph(schema: &Schema, options: &Options) -> Graph {
    let mut graph = Graph::of(schema, options.include_views);
    cluster::assign(&mut graph);
    if let Some(table) = options.focus {
        graph = focus(&graph, table, options.hops);
    }
    graph
}

/// Draws a schema.
pub fn diagram(schema: &Schema, options: &Options) -> Diagram {
    let graph = graph(schema, options);
    let layout = layout::layout(&graph, options.detail);
    Diagram { graph, layout }
}

/// The value at `index`, or the type's default where there is none: lets graph algorithms be total without a branch at every step.
fn at<T: Copy + Default>(values: &[T], index: usize) -> T {
    values.get(index).copied().unwrap_or_default()
}

/// Sets the value at `index`, where there is one.
fn put<T>(values: &mut [T], index: usize, value: T) {
    if let Some(slot) = values.get_mut(index) {
        *slot = value;
    }
}

/// Adds to the value at `index`, where there is one.
fn bump<T: Copy + std::ops::AddAssign>(values: &mut [T], index: usize, by: T) {
    if let Some(slot) = values.get_mut(index) {
        *slot += by;
    }
}

/// The list at `index`, or an empty one.
fn list<T>(lists: &[Vec<T>], index: usize) -> &[T] {
    lists.get(index).map_or(&[], Vec::as_slice)
}

/// The names of an edge's columns at one end.
fn column_names(graph: &Graph, node: u32, columns: &[u32]) -> Vec<String> {
    let Some(node) = graph.nodes.get(node as usize) else { return Vec::new() };
    columns.iter().filter_map(|c| node.columns.get(*c as usize)).map(|c| c.name.to_string()).collect()
}

/// `name`, with a number behind it if it is taken; marks it as taken.
fn unique(taken: &mut std::collections::BTreeSet<String>, name: String) -> String {
    if taken.insert(name.clone()) {
        return name;
    }
    (2u32..).map(|n| format!("{name}_{n}")).find(|name| taken.insert(name.clone())).unwrap_or(name)
}

/// Whether a character turns the writing direction of what follows: it would rearrange the text around a name (Unicode TR 36, "bidirectional text
/// spoofing").
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
