//! Layouts of generated graphs, held to numbers; exports of small ones, held to their formats.

mod exports;
mod from_schema;
mod generate;
mod walk;

use super::quality::{attached, measure, misplaced};
use super::*;
use generate::{generated, join, node};

fn drawn(graph: Graph, detail: Detail) -> Diagram {
    let layout = layout::layout(&graph, detail);
    Diagram { graph, layout }
}

/// A graph of tables with these keys (child, parent).
fn joined(tables: usize, keys: &[(usize, usize)]) -> Graph {
    let mut graph = Graph::default();
    for i in 0..tables {
        graph.nodes.push(node(i, &format!("t{i}"), 3));
    }
    for (child, parent) in keys {
        let name = format!("t{parent}_id_{}", graph.edges.len());
        join(&mut graph, *child, *parent, &name);
    }
    cluster::assign(&mut graph);
    graph
}

/// What holds for every drawing: no box on another, no line through a box, every line from a side of its child to a side of its parent,
/// every table inside its cluster's region.
fn check(diagram: &Diagram, what: &str) -> quality::Quality {
    let quality = measure(&diagram.graph, &diagram.layout);
    assert_eq!(quality.overlaps, 0, "boxes overlap: {what}");
    assert_eq!(quality.through_boxes, 0, "lines through boxes: {what}");
    assert!(attached(&diagram.graph, &diagram.layout), "loose lines: {what}");
    assert_eq!(misplaced(&diagram.graph, &diagram.layout), 0, "regions: {what}");
    quality
}

#[test]
fn layouts_are_sound_at_every_size() {
    for (tables, seeds) in [(1, 1..2), (2, 1..2), (5, 1..12), (20, 1..12), (60, 1..5), (300, 1..2), (1000, 1..2)] {
        for seed in seeds {
            for detail in [Detail::Names, Detail::Keys, Detail::Columns] {
                let what = format!("{tables} tables, seed {seed}, {detail:?}");
                let quality = check(&drawn(generated(tables, seed), detail), &what);
                // Lines may run over each other for a stretch only where the order of tracks has a cycle: rarely, and not far.
                assert!(quality.coincident * 200 <= quality.length, "coincident {}: {what}", quality.coincident);
            }
        }
    }
}

#[test]
fn large_drawings_keep_a_shape_that_fits_a_screen() {
    for tables in [60, 300, 1000] {
        let quality = check(&drawn(generated(tables, 3), Detail::Keys), "shape");
        assert!((90..=260).contains(&quality.aspect()), "{tables} tables: {}", quality.aspect());
    }
}

#[test]
fn equal_graphs_are_drawn_equally() {
    let (a, b) = (drawn(generated(120, 5), Detail::Keys), drawn(generated(120, 5), Detail::Keys));
    assert!(a == b);
}

#[test]
fn trees_have_no_crossings() {
    let tree: Vec<(usize, usize)> = (1..31).map(|i| (i, (i - 1) / 2)).collect();
    let star: Vec<(usize, usize)> = (1..12).map(|i| (i, 0)).collect();
    let path: Vec<(usize, usize)> = (1..10).map(|i| (i, i - 1)).collect();
    for (name, tables, keys) in [("tree", 31, &tree), ("star", 12, &star), ("path", 10, &path)] {
        let diagram = drawn(joined(tables, keys), Detail::Names);
        assert_eq!(check(&diagram, name).crossings, 0, "{name}");
    }
}

#[test]
fn small_planar_graphs_have_no_crossings() {
    // A diamond, two tables with a junction, and a ladder.
    let diamond = [(1, 0), (2, 0), (3, 1), (3, 2)];
    let junction = [(2, 0), (2, 1)];
    let ladder = [(1, 0), (2, 1), (4, 3), (5, 4), (3, 0), (4, 1), (5, 2)];
    for (tables, keys) in [(4, &diamond[..]), (3, &junction[..]), (6, &ladder[..])] {
        let diagram = drawn(joined(tables, keys), Detail::Names);
        assert_eq!(check(&diagram, "planar").crossings, 0, "{keys:?}");
    }
}

#[test]
fn loops_cycles_and_parallel_keys_each_have_their_line() {
    let diagram = drawn(joined(3, &[(0, 0), (0, 0), (1, 2), (2, 1), (1, 2), (1, 0)]), Detail::Columns);
    let quality = check(&diagram, "loops");
    assert_eq!(quality.coincident, 0);
    let starts: std::collections::BTreeSet<Point> =
        diagram.layout.routes.iter().filter_map(|r| r.points.first().copied()).collect();
    assert_eq!(starts.len(), 6, "every line starts at its own column");
}

#[test]
fn lines_end_at_the_rows_that_they_join() {
    let diagram = drawn(generated(40, 9), Detail::Columns);
    for (edge, route) in diagram.graph.edges.iter().zip(&diagram.layout.routes) {
        for (node, columns, point) in
            [(edge.from, &edge.from_columns, route.points.first()), (edge.to, &edge.to_columns, route.points.last())]
        {
            let shape = &diagram.layout.boxes[node as usize];
            let row = shape.rows.iter().position(|r| *r == columns[0]).unwrap();
            let away = point.unwrap().y - shape.y - layout::row_middle(row);
            assert!(away.abs() < layout::ROW / 2, "{away} from its row");
        }
    }
}

#[test]
fn tables_without_lines_stand_in_a_grid() {
    let layout = drawn(joined(24, &[]), Detail::Names).layout;
    let columns: std::collections::BTreeSet<i32> = layout.boxes.iter().map(|b| b.x).collect();
    let rows: std::collections::BTreeSet<i32> = layout.boxes.iter().map(|b| b.y).collect();
    assert!(columns.len() * rows.len() < 24 + rows.len().max(columns.len()), "{} by {}", columns.len(), rows.len());
    assert!(columns.len() > 2 && rows.len() > 2);
}

#[test]
fn an_empty_graph_is_an_empty_drawing() {
    let diagram = drawn(Graph::default(), Detail::Columns);
    assert!(diagram.layout.width > 0 && diagram.layout.boxes.is_empty());
    assert!(svg::render(&diagram, "", svg::Theme::Auto).ends_with("</svg>\n"));
}

#[test]
fn modules_follow_prefixes_and_keys() {
    let mut graph = Graph::default();
    let names = ["order", "order_line", "order_note", "invoice", "invoice_line", "invoice_tax", "payment_method"];
    let filler: Vec<String> = (0..24).map(|i| format!("lone{}word", char::from(b'a' + i))).collect();
    for (i, name) in names.iter().copied().chain(filler.iter().map(String::as_str)).enumerate() {
        graph.nodes.push(node(i, name, 1));
    }
    // `payment_method` shares no word with anything, but a key with the invoices.
    join(&mut graph, 3, 6, "payment_method_id");
    cluster::assign(&mut graph);
    let cluster = |i: usize| graph.clusters[graph.nodes[i].cluster as usize].name.as_str();
    assert_eq!(cluster(0), "order");
    assert_eq!(cluster(2), "order");
    assert_eq!(cluster(5), "invoice");
    assert_eq!(cluster(6), "invoice");
    assert_eq!(cluster(10), "other tables");
    assert!(graph.clusters.iter().all(|c| c.hue < cluster::HUES));
}

#[test]
fn geometry_comes_back_as_it_was() {
    let diagram = drawn(generated(60, 2), Detail::Keys);
    let data = geometry::encode(&diagram.graph, &diagram.layout);
    let read = geometry::decode(&data).unwrap();
    assert_eq!((read.width, read.height), (diagram.layout.width, diagram.layout.height));
    assert_eq!(read.nodes.len(), 60);
    assert_eq!(read.regions.len(), diagram.layout.regions.len());
    for (edge, (read, route)) in diagram.graph.edges.iter().zip(read.edges.iter().zip(&diagram.layout.routes)) {
        assert_eq!((read.child, read.parent), (edge.from as i32, edge.to as i32));
        assert_eq!(read.points, route.points.iter().map(|p| (p.x, p.y)).collect::<Vec<_>>());
    }
    assert_eq!(geometry::decode(&data[..data.len() - 1]), None);
    assert_eq!(geometry::decode(&[&data[..], &[0]].concat()), None);
    assert_eq!(geometry::decode(&[2]), None);
}

#[test]
fn long_names_lose_their_middle() {
    assert_eq!(layout::shorten("short", 10), "short");
    assert_eq!(layout::shorten("abcdefghijklmnop", 9), "abcd…mnop");
    assert_eq!(layout::cells("顧客"), 4);
}
