//! Ways through small graphs, and overviews.

use super::generate::{generated, join, node};
use super::joined;
use crate::diagram::overview::{overview, ties};
use crate::diagram::*;
use crate::operation::ReferentialAction;
use crate::schema::TableId;

fn names(graph: &Graph) -> String {
    graph.nodes.iter().map(|n| n.name.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn focus_keeps_what_is_near() {
    let graph = joined(6, &[(1, 0), (2, 1), (3, 2), (5, 4)]);
    assert_eq!(names(&focus(&graph, TableId(1), 0)), "t1");
    let near = focus(&graph, TableId(1), 1);
    assert_eq!(names(&near), "t0 t1 t2");
    assert_eq!(near.edges.len(), 2);
    assert!(focus(&graph, TableId(99), 3).nodes.is_empty());
    assert_eq!(names(&walk::filter(&graph, &["T0", "public.t5", "*3"])), "t0 t3 t5");
}

#[test]
fn a_path_is_shortest_and_avoids_what_everything_refers_to() {
    // 0 is referred to by all; 1 - 2 - 3 hang together by 2 as well as by 0.
    let graph = joined(7, &[(1, 0), (3, 0), (4, 0), (5, 0), (2, 1), (2, 3)]);
    let way = |from: u32, to: u32| {
        let edges = path(&graph, from, to)?;
        Some(edges.iter().map(|e| graph.edges[*e as usize].to).collect::<Vec<_>>())
    };
    assert_eq!(way(1, 3), Some(vec![1, 3]));
    assert_eq!(way(4, 5), Some(vec![0, 0]));
    assert_eq!(way(4, 4), Some(vec![]));
    assert_eq!(way(1, 6), None);
    let along = walk::along(&graph, [1, 3], &[4, 5]);
    assert_eq!((names(&along).as_str(), along.edges.len()), ("t1 t2 t3", 2));
}

#[test]
fn a_delete_takes_along_what_cascades_and_no_more() {
    // t1 and t4 cascade to t0, t2 cascades to t1, t3 keeps its rows without the reference, t5 refuses.
    let mut graph = joined(6, &[(1, 0), (2, 1), (3, 1), (4, 0), (5, 4), (0, 0)]);
    graph.edges[2].on_delete = ReferentialAction::SetNull;
    graph.edges[4].on_delete = ReferentialAction::Restrict;
    let reach = cascade(&graph, 0);
    assert_eq!(reach.deleted, [(0, 0), (1, 1), (4, 1), (2, 2)]);
    assert_eq!((reach.cascades, reach.changes, reach.refusals), (vec![0, 3, 5, 1], vec![2], vec![4]));
    assert_eq!(names(&cascade(&graph, 1).part(&graph)), "t1 t2 t3");
    assert_eq!(cascade(&graph, 9), walk::Reach::default());
}

#[test]
fn a_graph_with_fewer_columns_keeps_its_keys() {
    let graph = joined(3, &[(1, 0), (2, 1)]);
    let keys = graph.shown(Detail::Keys);
    let columns: Vec<_> =
        keys.nodes.iter().map(|n| n.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>()).collect();
    assert_eq!(columns, [vec!["id"], vec!["id", "t0_id_0"], vec!["id", "t1_id_1"]]);
    assert_eq!((&keys.edges[1].from_columns, &keys.edges[1].to_columns), (&vec![1], &vec![0]));
    assert!(graph.shown(Detail::Names).nodes.iter().all(|n| n.columns.is_empty()));
}

#[test]
fn every_language_says_as_much_as_is_asked_for() {
    let graph = joined(2, &[(1, 0)]);
    for language in [Language::Mermaid, Language::PlantUml, Language::Text, Language::Dbml] {
        let written = |detail| language.write(&graph, detail).into_text();
        assert!(written(Detail::Columns).contains("t0_id_0"), "{language:?}");
        // DBML has no tables without columns and no references without names of columns.
        assert_eq!(written(Detail::Names).contains("t0_id_0"), language == Language::Dbml, "{language:?}");
    }
}

#[test]
fn an_overview_has_every_cluster_once_and_one_line_for_a_pair() {
    let graph = generated(300, 4);
    let drawn = overview(&graph);
    let tables: u32 = drawn.districts.iter().map(|d| d.tables).sum();
    assert_eq!(tables, 300);
    let inner: u32 = drawn.districts.iter().map(|d| d.inner).sum();
    let between: u32 = drawn.ties.iter().map(|t| t.keys + t.back).sum();
    assert_eq!((inner + between) as usize, graph.edges.len());
    let regions: Vec<_> = drawn.districts.iter().map(|d| d.region).collect();
    let of = |cluster: u32| *regions.iter().find(|r| r.cluster == cluster).unwrap();
    for (i, a) in regions.iter().enumerate() {
        assert!(a.x >= 0 && a.y >= 0 && a.x + a.width <= drawn.width && a.y + a.height <= drawn.height);
        for b in &regions[i + 1..] {
            assert!(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y);
        }
    }
    for tie in &drawn.ties {
        for (cluster, point) in [(tie.from, tie.route.points.first()), (tie.to, tie.route.points.last())] {
            let (r, p) = (of(cluster), point.unwrap());
            assert!((p.x == r.x || p.x == r.x + r.width) && p.y > r.y && p.y < r.y + r.height, "a line is loose");
        }
    }
    assert_eq!(overview(&graph), drawn);
    assert_eq!(overview(&Graph::default()).districts, []);
}

#[test]
fn ties_count_keys_in_both_directions() {
    let mut graph = Graph::default();
    for i in 0..4 {
        graph.nodes.push(node(i, &format!("t{i}"), 1));
        graph.nodes[i].cluster = (i / 2) as u32;
    }
    for (child, parent) in [(0, 1), (0, 2), (3, 0), (2, 1)] {
        join(&mut graph, child, parent, &format!("t{parent}_id"));
    }
    let all: Vec<_> = ties(&graph).iter().map(|t| (t.from, t.to, t.keys, t.back)).collect();
    assert_eq!(all, [(1, 0, 2, 1)]);
}

#[test]
fn links_lead_to_pages_and_never_to_scripts() {
    for base in ["", "#", "tables/", "../schema.html#", "https://docs.example/x#", "HTTP://docs.example/"] {
        assert!(svg::LinkBase::new(base).is_some(), "{base}");
    }
    for base in ["javascript:alert(1)//", "JavaScript:x", " javascript:x", "data:text/html,x", "java\tscript:x", "x:y/"]
    {
        assert!(svg::LinkBase::new(base).is_none(), "{base}");
    }
    let mut graph = Graph::default();
    graph.nodes.push(node(0, "a\" onclick=\"x <b>é", 1));
    let layout = layout::layout(&graph, Detail::Columns);
    let links = svg::LinkBase::new("t.html?a&b#").unwrap();
    let text = svg::render_linked(&Diagram { graph, layout }, "t", svg::Theme::Auto, Some(&links));
    assert!(text.contains("<a href=\"t.html?a&amp;b#public.a%22%20onclick%3D%22x%20%3Cb%3E%C3%A9\">"), "{text}");
}

#[test]
fn names_follow_patterns() {
    assert_eq!(walk::named(&joined(3, &[]), "PUBLIC.t*"), [0, 1, 2]);
    assert_eq!(walk::named(&joined(3, &[]), "t1"), [1]);
    assert_eq!(focus(&joined(1, &[]), TableId(0), 0).nodes.len(), 1);
}
