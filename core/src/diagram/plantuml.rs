//! PlantUML text, in its information-engineering notation.

use std::fmt::Write as _;

use super::{Cardinality, EdgeKind, Graph, NodeColumn};

/// The whole graph. Clusters are packages where there are several. Tables are known by numbered aliases, so that no name can collide with a key word.
pub fn render(graph: &Graph) -> String {
    let mut out = String::from("@startuml\nhide circle\nhide methods\nskinparam linetype ortho\n\n");
    let several = graph.clusters.len() > 1;
    let home = graph.home_schema();
    let clusters = graph.clusters.len().max(1);
    for c in 0..clusters {
        let members: Vec<(usize, &super::Node)> =
            graph.nodes.iter().enumerate().filter(|(_, n)| (n.cluster as usize).min(clusters - 1) == c).collect();
        if members.is_empty() {
            continue;
        }
        if several {
            let name = graph.clusters.get(c).map_or("", |c| c.name.as_str());
            let _ = writeln!(out, "package \"{}\" {{", text(name));
        }
        for (i, node) in members {
            let schema = if home == Some(&node.schema) { String::new() } else { format!("{}.", text(&node.schema)) };
            let kind = node.kind.label().map(|k| format!(" <<{k}>>")).unwrap_or_default();
            let _ = writeln!(out, "entity \"{schema}{}\" as t{i}{kind} {{", text(&node.name));
            for column in node.columns.iter().filter(|c| c.primary) {
                attribute(&mut out, column);
            }
            if node.columns.iter().any(|c| c.primary) && node.columns.iter().any(|c| !c.primary) {
                out.push_str("  --\n");
            }
            for column in node.columns.iter().filter(|c| !c.primary) {
                attribute(&mut out, column);
            }
            out.push_str("}\n");
        }
        if several {
            out.push_str("}\n");
        }
    }
    out.push('\n');
    for edge in &graph.edges {
        if edge.kind == EdgeKind::Reads {
            let _ = writeln!(out, "t{} ..> t{} : reads", edge.from, edge.to);
            continue;
        }
        let child = if edge.child == Cardinality::Many { "}o" } else { "|o" };
        let line = if edge.identifying { "--" } else { ".." };
        let parent = if edge.parent == Cardinality::One { "||" } else { "o|" };
        let columns = super::column_names(graph, edge.from, &edge.from_columns).join(", ");
        let _ = writeln!(out, "t{} {child}{line}{parent} t{} : {}", edge.from, edge.to, text(&columns));
    }
    out.push_str("@enduml\n");
    out
}

fn attribute(out: &mut String, column: &NodeColumn) {
    let mandatory = if column.not_null { "* " } else { "" };
    let _ = write!(out, "  {mandatory}{}", text(&column.name));
    if !column.data_type.is_empty() {
        let _ = write!(out, " : {}", text(&column.data_type));
    }
    for (is, key) in [(column.primary, "PK"), (column.foreign, "FK"), (column.unique, "UK")] {
        if is {
            let _ = write!(out, " <<{key}>>");
        }
    }
    out.push('\n');
}

/// Text in which nothing is markup: what is neither letter, digit nor plain punctuation becomes PlantUML's `<U+XXXX>`.
fn text(raw: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for c in raw.chars() {
        match c {
            // A doubled underscore would underline what follows.
            '_' if last == '_' => out.push_str("<U+005F>"),
            c if c.is_alphanumeric() || matches!(c, '_' | ' ' | '.' | ',' | '(' | ')' | '[' | ']') => out.push(c),
            c if c.is_control() => out.push(' '),
            c => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        }
        last = c;
    }
    out
}
