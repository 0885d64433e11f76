//! Diagrams of real dumps are sound: nothing overlaps, no line runs through a box, every line ends at its tables.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads the corpus, and says so where it cannot"
)]

use std::path::PathBuf;

use relata_core::diagram::{Detail, Options, diagram, geometry, quality, svg};
use relata_core::session::analyze;

/// The folder of dumps, or `None`, said aloud, where it is not there and not demanded.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("RELATA_CORPUS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from)
        .join("corpus/dev/_pgdumps");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        std::env::var_os("RELATA_REQUIRE_CORPUS").is_none_or(|v| v != "1"),
        "the corpus is required and not there: {}",
        folder.display()
    );
    println!("skipped: no corpus");
    None
}

#[test]
fn diagrams_of_dumps_are_sound() {
    let Some(folder) = corpus() else { return };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "sql") && f.metadata().is_ok_and(|m| m.len() < 400_000));
    files.sort();
    let mut tables = 0;
    for file in &files {
        let name = file.file_name().unwrap().to_string_lossy();
        let bytes = std::fs::read(file).unwrap();
        let analysis = analyze([(name.as_ref(), bytes.as_slice())], Default::default());
        for target in &analysis.targets {
            for detail in [Detail::Names, Detail::Columns] {
                let options = Options { detail, include_views: true, ..Options::default() };
                let drawn = diagram(target.schema(), &options);
                let measured = quality::measure(&drawn.graph, &drawn.layout);
                assert_eq!((measured.overlaps, measured.through_boxes), (0, 0), "{name} {detail:?}");
                assert!(quality::attached(&drawn.graph, &drawn.layout), "{name} {detail:?}");
                assert_eq!(quality::misplaced(&drawn.graph, &drawn.layout), 0, "{name} {detail:?}");
                let data = geometry::encode(&drawn.graph, &drawn.layout);
                let nodes = geometry::decode(&data).map(|g| g.nodes.len());
                assert_eq!(nodes, Some(drawn.graph.nodes.len()), "{name}");
                assert!(svg::render(&drawn, &name, svg::Theme::Auto).ends_with("</svg>\n"));
                tables += drawn.graph.nodes.len();
            }
        }
    }
    assert!(files.is_empty() || tables > 0, "dumps without a table");
}
