//! Layouts of generated graphs, held to numbers; exports of small ones, held to their formats.

mod generate;

use super::quality::{attached, measure, misplaced};
use super::*;
use generate::generated;

fn drawn(graph: Graph, detail: Detail) -> Diagram {
    let layout = layout::layout(&graph, detail);
    Diagram { graph, layout }
}

#[test]
fn layouts_are_sound_at_every_size() {
    for tables in [1, 2, 5, 20, 60, 300, 1000] {
        for detail in [Detail::Names, Detail::Keys, Detail::Columns] {
            let Diagram { graph, layout } = drawn(generated(tables, 7), detail);
            let quality = measure(&graph, &layout);
            assert_eq!(quality.overlaps, 0, "{tables} tables, {detail:?}");
            assert_eq!(quality.through_boxes, 0, "{tables} tables, {detail:?}");
            assert!(attached(&graph, &layout), "{tables} tables, {detail:?}");
            assert_eq!(misplaced(&graph, &layout), 0, "{tables} tables, {detail:?}");
        }
    }
}
