//! Mermaid `erDiagram` text.
//!
//! Mermaid's grammar is narrow: entity names are always quoted here, since bare ones collide with its key words and cannot start with a digit or hold a
//! dot; attribute names and types may hold letters, digits, `_`, `-`, brackets and parentheses only, and are replaced character by character, with
//! what they really are in the attribute's comment. A diagram of more than 50,000 characters or 500 relationships is refused by its default
//! settings (`maxTextSize`, `maxEdges`), so [`parts`] divides large schemas.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::{Cardinality, Edge, EdgeKind, Graph, Node};
use crate::order::Order;

/// Most characters of one part: below `maxTextSize`.
const MAX_TEXT: usize = 45_000;
/// Most relationships of one part: below `maxEdges`.
const MAX_EDGES: usize = 450;

/// One diagram of a schema that does not fit into one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// The clusters in it.
    pub name: String,
    /// The diagram.
    pub text: String,
}

/// The whole graph as one diagram, whatever its size.
pub fn render(graph: &Graph) -> String {
    let names = names(graph);
    let mut out = String::from("erDiagram\n");
    for (i, node) in graph.nodes.iter().enumerate() {
        entity(&mut out, node, name(&names, i));
    }
    for edge in &graph.edges {
        relationship(&mut out, graph, &names, edge);
    }
    out
}

/// The graph as diagrams that Mermaid accepts with its default settings: one if it fits, else clusters together as far as they fit. A foreign key
/// stands in the part of its child, with the parent's name alone where that is drawn elsewhere.
pub fn parts(graph: &Graph) -> Vec<Part> {
    let whole = render(graph);
    if whole.chars().count() <= MAX_TEXT && graph.edges.len() <= MAX_EDGES {
        return vec![Part { name: String::new(), text: whole }];
    }
    let names = names(graph);
    let mut edges: BTreeMap<u32, Vec<&Edge>> = BTreeMap::new();
    for edge in &graph.edges {
        edges.entry(edge.from).or_default().push(edge);
    }
    let mut order: Vec<usize> = (0..graph.nodes.len()).collect();
    order.order_by_key(|i| (graph.nodes.get(*i).map(|n| n.cluster), *i));
    let mut parts: Vec<Part> = Vec::new();
    let mut open = Open::default();
    for i in order {
        let Some(node) = graph.nodes.get(i) else { continue };
        let mut entities = String::new();
        entity(&mut entities, node, name(&names, i));
        let mut relations = String::new();
        let own = edges.get(&u32::try_from(i).unwrap_or(u32::MAX)).map_or(&[][..], Vec::as_slice);
        for edge in own {
            relationship(&mut relations, graph, &names, edge);
        }
        let size = entities.chars().count() + relations.chars().count();
        if open.size > 0 && (open.size + size > MAX_TEXT || open.edges + own.len() > MAX_EDGES) {
            parts.push(std::mem::take(&mut open).close(graph));
        }
        open.size += size;
        open.edges += own.len();
        open.entities.push_str(&entities);
        open.relations.push_str(&relations);
        open.clusters.insert(node.cluster);
    }
    if open.size > 0 {
        parts.push(open.close(graph));
    }
    parts
}

/// A Markdown page with each part as a block.
pub fn page(parts: &[Part]) -> String {
    let mut out = String::new();
    for (number, part) in (1..).zip(parts) {
        // Names may hold anything; a heading of letters and commas says enough.
        let name: String =
            part.name.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | ',' | '-' | '.')).collect();
        let _ = write!(out, "## Part {number} of {}: {name}\n\n```mermaid\n{}```\n\n", parts.len(), part.text);
    }
    out
}

#[derive(Default)]
struct Open {
    entities: String,
    relations: String,
    clusters: BTreeSet<u32>,
    size: usize,
    edges: usize,
}

impl Open {
    fn close(self, graph: &Graph) -> Part {
        let names = self.clusters.iter().filter_map(|c| graph.clusters.get(*c as usize)).map(|c| c.name.as_str());
        Part {
            name: names.collect::<Vec<_>>().join(", "),
            text: format!("erDiagram\n{}{}", self.entities, self.relations),
        }
    }
}

/// The entities' names: bare where they are unique, else with their schema, and a number where characters that Mermaid cannot hold made two alike.
fn names(graph: &Graph) -> Vec<String> {
    let home = graph.home_schema();
    let mut taken = BTreeSet::new();
    graph
        .nodes
        .iter()
        .map(|node| {
            let full = match home {
                Some(home) if *home != node.schema => format!("{}.{}", node.schema, node.name),
                _ => node.name.to_string(),
            };
            let clean: String = full
                .chars()
                .map(|c| match c {
                    '"' => '\'',
                    '%' | '\\' => '_',
                    c if c.is_control() => '_',
                    c if super::turns_text(c) => '\u{fffd}',
                    c => c,
                })
                .collect();
            super::unique(&mut taken, if clean.trim().is_empty() { "_".to_owned() } else { clean })
        })
        .collect()
}

fn name(names: &[String], i: usize) -> &str {
    names.get(i).map_or("", String::as_str)
}

fn entity(out: &mut String, node: &Node, name: &str) {
    if node.columns.is_empty() {
        let _ = writeln!(out, "    \"{name}\"");
        return;
    }
    let _ = writeln!(out, "    \"{name}\" {{");
    let mut taken = BTreeSet::new();
    for column in &node.columns {
        let shown = super::unique(&mut taken, word(&column.name));
        let data_type = if column.data_type.is_empty() { "unknown".to_owned() } else { word(&column.data_type) };
        let keys: Vec<&str> = [(column.primary, "PK"), (column.foreign, "FK"), (column.unique, "UK")]
            .into_iter()
            .filter_map(|(is, key)| is.then_some(key))
            .collect();
        let mut comment = Vec::new();
        if shown != column.name.as_str() {
            comment.push(quoted(&column.name));
        }
        if !column.data_type.is_empty() && data_type != column.data_type {
            comment.push(quoted(&column.data_type));
        }
        if column.not_null && !column.primary {
            comment.push("not null".to_owned());
        }
        let _ = write!(out, "        {data_type} {shown}");
        if !keys.is_empty() {
            let _ = write!(out, " {}", keys.join(", "));
        }
        if !comment.is_empty() {
            let _ = write!(out, " \"{}\"", comment.join("; "));
        }
        out.push('\n');
    }
    out.push_str("    }\n");
}

fn relationship(out: &mut String, graph: &Graph, names: &[String], edge: &Edge) {
    let (child, line, parent) = match edge.kind {
        EdgeKind::Reads => ("}o", "..", "o{"),
        EdgeKind::ForeignKey(_) => (
            if edge.child == Cardinality::Many { "}o" } else { "|o" },
            if edge.identifying { "--" } else { ".." },
            if edge.parent == Cardinality::One { "||" } else { "o|" },
        ),
    };
    let label = match edge.kind {
        EdgeKind::Reads => "reads".to_owned(),
        EdgeKind::ForeignKey(_) => quoted(&super::column_names(graph, edge.from, &edge.from_columns).join(", ")),
    };
    let _ = writeln!(
        out,
        "    \"{}\" {child}{line}{parent} \"{}\" : \"{}\"",
        name(names, edge.from as usize),
        name(names, edge.to as usize),
        if label.trim().is_empty() { "-" } else { &label },
    );
}

/// An attribute's name or type: characters outside Mermaid's `ATTRIBUTE_WORD` become `_`; a word that starts otherwise than with a letter or `_`,
/// or that would be read as a key (`pk`, `fk`, `uk`), gets `_` in front.
fn word(text: &str) -> String {
    let mut out: String = text
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '[' | ']' | '(' | ')' => c,
            '\u{c0}'..='\u{ffff}' if c.is_alphanumeric() => c,
            _ => '_',
        })
        .collect();
    let starts = out.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if !starts || matches!(out.to_ascii_lowercase().as_str(), "pk" | "fk" | "uk") {
        out.insert(0, '_');
    }
    out
}

/// Text inside double quotes.
fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => '\'',
            '%' | '\\' => '_',
            c if c.is_control() => ' ',
            c if super::turns_text(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}
