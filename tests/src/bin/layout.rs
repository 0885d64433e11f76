//! Lays out schemas for the benchmark of layouts: what `tests/bench/layout.mjs` gives to other tools and measures.
//!
//! ```text
//! layout ROUNDS NAME=FILE...
//! ```
//!
//! Each file gives one line of JSON: the size of every table's box, foreign keys as pairs of places (child, parent), Relata's least time, and its drawing.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::time::{Duration, Instant};

use relata_core::diagram::{self, Detail, Graph, NodeBox, Route};
use relata_core::{Options, Session};
use serde_json::{Value, json};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let rounds: u32 = arguments.next().and_then(|n| n.parse().ok()).expect("the number of rounds comes first");
    for input in arguments {
        let (name, path) = input.split_once('=').expect("inputs are NAME=FILE");
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut session = Session::new(Options::default());
        session.push("schema.sql", &bytes);
        session.end_file();
        let analysis = session.finish(&mut |_| {});
        let schema = analysis.targets.first().map(|t| t.schema()).expect("a schema");
        let mut graph = Graph::of(schema, false);
        let mut least = Duration::MAX;
        let mut layout = diagram::Layout::default();
        for _ in 0..rounds {
            // Clusters are part of what a layout costs.
            let start = Instant::now();
            diagram::cluster::assign(&mut graph);
            layout = diagram::layout::layout(&graph, Detail::Columns);
            least = least.min(start.elapsed());
        }
        println!("{}", line(name, least, &graph, &layout));
    }
}

fn line(name: &str, least: Duration, graph: &Graph, layout: &diagram::Layout) -> Value {
    let places = |r: &Route| r.points.iter().map(|p| [p.x, p.y]).collect::<Vec<_>>();
    json!({
        "name": name,
        "ms": least.as_secs_f64() * 1e3,
        "nodes": layout.boxes.iter().map(|b| [b.width, b.height]).collect::<Vec<_>>(),
        "edges": graph.edges.iter().map(|e| [e.from, e.to]).collect::<Vec<_>>(),
        "boxes": layout.boxes.iter().map(|&NodeBox { x, y, width, height, .. }| [x, y, width, height]).collect::<Vec<_>>(),
        "routes": layout.routes.iter().map(places).collect::<Vec<_>>(),
    })
}
