//! The schema as plain text for a terminal: every table with its columns, what it refers to and what refers to it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::layout::cells;
use super::walk::Reach;
use super::{Cardinality, Edge, EdgeKind, Graph};
use crate::operation::ReferentialAction;
use crate::order::Order;

/// The graph, cluster by cluster.
pub fn render(graph: &Graph) -> String {
    let mut out = String::new();
    let home = graph.home_schema();
    let name = |i: u32| match graph.nodes.get(i as usize) {
        Some(node) if home == Some(&node.schema) => printable(&node.name),
        Some(node) => printable(&format!("{}.{}", node.schema, node.name)),
        None => String::new(),
    };
    let mut from: BTreeMap<u32, Vec<&Edge>> = BTreeMap::new();
    let mut to: BTreeMap<u32, Vec<&Edge>> = BTreeMap::new();
    for edge in &graph.edges {
        from.entry(edge.from).or_default().push(edge);
        to.entry(edge.to).or_default().push(edge);
    }
    let mut order: Vec<(u32, u32)> = (0u32..).zip(&graph.nodes).map(|(i, node)| (node.cluster, i)).collect();
    order.order();
    let mut cluster = None;
    for (c, i) in order {
        let Some(node) = graph.nodes.get(i as usize) else { continue };
        if cluster != Some(c) && graph.clusters.len() > 1 {
            let title = graph.clusters.get(c as usize).map_or_else(String::new, |c| printable(&c.name));
            let _ = writeln!(out, "{title}\n{}\n", "═".repeat(cells(&title)));
        }
        cluster = Some(c);

        let mut head = name(i);
        if let Some(kind) = node.kind.label() {
            let _ = write!(head, " ({kind})");
        }
        if node.partitions > 0 {
            let _ = write!(
                head,
                " ({} {})",
                node.partitions,
                if node.partitions == 1 { "partition" } else { "partitions" }
            );
        }
        let rows: Vec<[String; 4]> = node
            .columns
            .iter()
            .zip(0u32..)
            .map(|(column, place)| {
                let mark = match (column.primary, column.foreign, column.unique) {
                    (true, true, _) => "PK FK",
                    (true, ..) => "PK",
                    (_, true, true) => "FK UK",
                    (_, true, _) => "FK",
                    (_, _, true) => "UK",
                    _ => "",
                };
                let null = if column.not_null { "" } else { "null" };
                let refers = from.get(&i).into_iter().flatten().filter(|e| e.from_columns.first() == Some(&place));
                let targets: Vec<String> = refers.map(|e| target(graph, e, &name)).collect();
                let end = [null.to_owned(), targets.join("; ")];
                let end: Vec<String> = end.into_iter().filter(|t| !t.is_empty()).collect();
                [mark.to_owned(), printable(&column.name), printable(&column.data_type), end.join("  ")]
            })
            .collect();
        let width = |column: usize| rows.iter().filter_map(|r| r.get(column)).map(|t| cells(t)).max().unwrap_or(0);
        let widths = [width(0), width(1), width(2)];
        let _ = writeln!(out, "{head}");
        for row in &rows {
            let mut line = String::from("  ");
            for (cell, width) in row.iter().zip(widths.iter().copied().chain([0])) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width.saturating_sub(cells(cell)) + 2));
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        for edge in from.get(&i).into_iter().flatten().filter(|e| e.kind == EdgeKind::Reads) {
            let _ = writeln!(out, "  reads {}", name(edge.to));
        }
        let by: Vec<String> = to
            .get(&i)
            .into_iter()
            .flatten()
            .map(|e| {
                let columns = super::column_names(graph, e.from, &e.from_columns);
                match columns.as_slice() {
                    [] => name(e.from),
                    [one] => format!("{}.{}", name(e.from), printable(one)),
                    several => format!("{}.({})", name(e.from), printable(&several.join(", "))),
                }
            })
            .collect();
        if !by.is_empty() {
            let _ = writeln!(out, "  ← {}", by.join(", "));
        }
        out.push('\n');
    }
    out
}

/// What deleting a row of a table takes along, changes, and is refused for.
pub fn reach(graph: &Graph, reach: &Reach) -> String {
    let home = graph.home_schema();
    let name = |i: u32| match graph.nodes.get(i as usize) {
        Some(node) if home == Some(&node.schema) => printable(&node.name),
        Some(node) => printable(&format!("{}.{}", node.schema, node.name)),
        None => String::new(),
    };
    let key = |i: &u32| {
        let Some(edge) = graph.edges.get(*i as usize) else { return String::new() };
        let columns = super::column_names(graph, edge.from, &edge.from_columns);
        let action = edge.on_delete.sql().to_lowercase();
        format!("{} ({}) → {}, on delete {action}", name(edge.from), printable(&columns.join(", ")), name(edge.to))
    };
    let start = reach.deleted.first().map(|(node, _)| name(*node)).unwrap_or_default();
    let mut out = String::new();
    for (title, edges) in [
        (format!("Deleting a row of {start} deletes the rows that refer to it through"), &reach.cascades),
        ("changes rows that refer through".to_owned(), &reach.changes),
        ("and is refused where a row refers through".to_owned(), &reach.refusals),
    ] {
        let _ = writeln!(out, "{title}");
        for edge in edges {
            let _ = writeln!(out, "  {}", key(edge));
        }
        if edges.is_empty() {
            let _ = writeln!(out, "  nothing");
        }
        out.push('\n');
    }
    let taken: Vec<String> = reach.deleted.iter().skip(1).map(|(node, _)| name(*node)).collect();
    let _ = writeln!(
        out,
        "Tables whose rows may go: {}",
        if taken.is_empty() { "none".to_owned() } else { taken.join(", ") }
    );
    out
}

/// `→ orders.id (one, on delete cascade)`: what a foreign key refers to.
fn target(graph: &Graph, edge: &Edge, name: &impl Fn(u32) -> String) -> String {
    let columns = super::column_names(graph, edge.to, &edge.to_columns);
    let own = super::column_names(graph, edge.from, &edge.from_columns);
    let place = match columns.as_slice() {
        [one] => format!("{}.{}", name(edge.to), printable(one)),
        several => format!("{}.({})", name(edge.to), printable(&several.join(", "))),
    };
    let mut notes = Vec::new();
    if own.len() > 1 {
        notes.push(format!("by {}", printable(&own.join(", "))));
    }
    if edge.child == Cardinality::ZeroOrOne {
        notes.push("one to one".to_owned());
    }
    if edge.on_delete != ReferentialAction::NoAction {
        notes.push(format!("on delete {}", edge.on_delete.sql().to_lowercase()));
    }
    if notes.is_empty() { format!("→ {place}") } else { format!("→ {place} ({})", notes.join(", ")) }
}

/// Text without what would move a terminal's cursor or turn its writing direction.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_control() || super::turns_text(c) => '\u{fffd}',
            c => c,
        })
        .collect()
}
