//! DBML, the language of dbdiagram.io and dbdocs.
//!
//! Names are quoted throughout. DBML has no escape for a double quote in a name, so it becomes a single one; a table needs a column, so tables without any
//! are named in a comment; two references with the same ends are an error, so the second stays out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Cardinality, EdgeKind, Graph, NodeColumn, NodeId};
use crate::operation::ReferentialAction;

/// The tables of a graph and their foreign keys. Views have no place in DBML and are left out.
pub fn render(graph: &Graph) -> String {
    let mut out = String::new();
    let names = names(graph);
    let name = |i: usize| names.get(i).map_or("", String::as_str);
    let drawn =
        |i: usize| graph.nodes.get(i).is_some_and(|n| matches!(n.id, NodeId::Table(_)) && !n.columns.is_empty());
    for (i, node) in graph.nodes.iter().enumerate() {
        if !matches!(node.id, NodeId::Table(_)) {
            continue;
        }
        if node.columns.is_empty() {
            let _ = writeln!(out, "// Table {} has no columns\n", name(i));
            continue;
        }
        let _ = writeln!(out, "Table {} {{", name(i));
        let primary: Vec<&NodeColumn> = node.columns.iter().filter(|c| c.primary).collect();
        let mut taken = BTreeSet::new();
        for column in &node.columns {
            let mut settings = Vec::new();
            if column.primary && primary.len() == 1 {
                settings.push("pk".to_owned());
            }
            if column.not_null && !(column.primary && primary.len() == 1) {
                settings.push("not null".to_owned());
            }
            if column.unique {
                settings.push("unique".to_owned());
            }
            if let Some(comment) = &column.comment {
                settings.push(format!("note: {}", note(comment)));
            }
            let name = super::unique(&mut taken, clean(&column.name));
            let _ = write!(out, "  \"{name}\" {}", type_name(&column.data_type));
            if !settings.is_empty() {
                let _ = write!(out, " [{}]", settings.join(", "));
            }
            out.push('\n');
        }
        if primary.len() > 1 {
            let columns: Vec<String> = primary.iter().map(|c| format!("\"{}\"", clean(&c.name))).collect();
            let _ = writeln!(out, "\n  indexes {{\n    ({}) [pk]\n  }}", columns.join(", "));
        }
        if let Some(comment) = &node.comment {
            let _ = writeln!(out, "\n  Note: {}", note(comment));
        }
        out.push_str("}\n\n");
    }
    let mut seen = BTreeSet::new();
    for edge in &graph.edges {
        let (from, to) = (edge.from as usize, edge.to as usize);
        if edge.kind == EdgeKind::Reads || !drawn(from) || !drawn(to) || edge.from_columns.is_empty() {
            continue;
        }
        let end = |i: usize, columns: &[u32]| {
            let columns = super::column_names(graph, u32::try_from(i).unwrap_or(u32::MAX), columns);
            let quoted: Vec<String> = columns.iter().map(|c| format!("\"{}\"", clean(c))).collect();
            match quoted.as_slice() {
                [one] => format!("{}.{one}", name(i)),
                several => format!("{}.({})", name(i), several.join(", ")),
            }
        };
        let (child, parent) = (end(from, &edge.from_columns), end(to, &edge.to_columns));
        let ends = if child < parent { (child.clone(), parent.clone()) } else { (parent.clone(), child.clone()) };
        if child == parent || edge.from_columns.len() != edge.to_columns.len() || !seen.insert(ends) {
            let _ = writeln!(out, "// Ref {child} > {parent}: left out, DBML cannot hold it");
            continue;
        }
        let sign = if edge.child == Cardinality::Many { ">" } else { "-" };
        let actions: Vec<String> = [("delete", edge.on_delete), ("update", edge.on_update)]
            .into_iter()
            .filter(|(_, action)| *action != ReferentialAction::NoAction)
            .map(|(on, action)| format!("{on}: {}", action.sql().to_lowercase()))
            .collect();
        let settings = if actions.is_empty() { String::new() } else { format!(" [{}]", actions.join(", ")) };
        let _ = writeln!(out, "Ref: {child} {sign} {parent}{settings}");
    }
    groups(&mut out, graph, name, drawn);
    out
}

/// Clusters as table groups.
fn groups<'a>(out: &mut String, graph: &Graph, name: impl Fn(usize) -> &'a str, drawn: impl Fn(usize) -> bool) {
    if graph.clusters.len() < 2 {
        return;
    }
    let mut taken = BTreeSet::new();
    for (c, cluster) in graph.clusters.iter().enumerate() {
        let members: Vec<usize> = (0..graph.nodes.len())
            .filter(|i| drawn(*i) && graph.nodes.get(*i).is_some_and(|n| n.cluster as usize == c))
            .collect();
        if members.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\nTableGroup \"{}\" {{", super::unique(&mut taken, clean(&cluster.name)));
        for member in members {
            let _ = writeln!(out, "  {}", name(member));
        }
        out.push_str("}\n");
    }
}

/// Tables' names with their schema, `public` being DBML's own default.
fn names(graph: &Graph) -> Vec<String> {
    let mut taken = BTreeSet::new();
    graph
        .nodes
        .iter()
        .map(|node| {
            let name = super::unique(&mut taken, format!("{}\".\"{}", clean(&node.schema), clean(&node.name)));
            match name.strip_prefix("public\".\"") {
                Some(bare) => format!("\"{bare}\""),
                None => format!("\"{name}\""),
            }
        })
        .collect()
}

/// A name without what DBML cannot quote.
fn clean(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            c if c.is_control() => ' ',
            c if super::turns_text(c) => '\u{fffd}',
            c => c,
        })
        .collect();
    if clean.is_empty() { "_".to_owned() } else { clean }
}

/// A type: bare if it is one word with plain modifiers, else quoted.
fn type_name(data_type: &str) -> String {
    if data_type.is_empty() {
        return "unknown".to_owned();
    }
    let word = |t: &str| {
        t.starts_with(|c: char| c.is_ascii_alphabetic()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let plain = match data_type.split_once('(') {
        None => word(data_type),
        Some((head, rest)) => {
            word(head) && rest.strip_suffix(')').is_some_and(|m| m.bytes().all(|b| b.is_ascii_digit() || b == b','))
        }
    };
    if plain { data_type.to_owned() } else { format!("\"{}\"", clean(data_type)) }
}

/// A text as a string of DBML.
fn note(text: &str) -> String {
    let mut out = String::from("'''");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push('\n'),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push_str("'''");
    out
}
