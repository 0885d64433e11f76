//! What the graph says of a schema: ends, marks, partitions, views. Expectations follow from PostgreSQL's rules for the DDL beside them.

use crate::diagram::{Cardinality, EdgeKind, Graph, NodeId, NodeKind, Options, diagram, focus};
use crate::schema::Schema;
use crate::session::analyze;

fn schema(sql: &str) -> Schema {
    let analysis = analyze([("schema.sql", sql.as_bytes())], Default::default());
    analysis.targets.first().map(|t| t.schema().clone()).unwrap()
}

#[test]
fn ends_follow_from_keys_and_nulls() {
    let schema = schema(
        "CREATE TABLE parent (id timestamp(3) with time zone PRIMARY KEY);
         CREATE TABLE child (
             id int,
             plain timestamptz NOT NULL REFERENCES parent,
             optional timestamptz REFERENCES parent,
             single timestamptz NOT NULL UNIQUE REFERENCES parent,
             part timestamptz REFERENCES parent,
             partial timestamptz NOT NULL REFERENCES parent,
             indexed timestamptz NOT NULL REFERENCES parent,
             PRIMARY KEY (id, part));
         CREATE UNIQUE INDEX ON child (partial) WHERE id > 0;
         CREATE UNIQUE INDEX ON child (indexed);",
    );
    let graph = Graph::of(&schema, false);
    let child = &graph.nodes[1];
    let ends: Vec<_> = graph
        .edges
        .iter()
        .map(|e| {
            let column = child.columns[e.from_columns[0] as usize].name.as_str();
            (column, e.child, e.parent, e.identifying)
        })
        .collect();
    assert_eq!(
        ends,
        [
            ("plain", Cardinality::Many, Cardinality::One, false),
            ("optional", Cardinality::Many, Cardinality::ZeroOrOne, false),
            ("single", Cardinality::ZeroOrOne, Cardinality::One, false),
            ("part", Cardinality::Many, Cardinality::One, true),
            ("partial", Cardinality::Many, Cardinality::One, false),
            ("indexed", Cardinality::ZeroOrOne, Cardinality::One, false),
        ]
    );
    let marks: Vec<_> = child.columns.iter().map(|c| (c.primary, c.foreign, c.unique)).collect();
    let (key, unique) = ((false, true, false), (false, true, true));
    assert_eq!(marks, [(true, false, false), key, key, unique, (true, true, false), key, unique]);
    assert_eq!(graph.nodes[0].columns[0].data_type, "timestamptz(3)");
}

#[test]
fn a_key_of_several_columns_is_one_line() {
    let schema = schema(
        "CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b));
         CREATE TABLE child (id int PRIMARY KEY, b int, a int NOT NULL, FOREIGN KEY (a, b) REFERENCES parent ON DELETE CASCADE);",
    );
    let graph = Graph::of(&schema, false);
    assert_eq!(graph.edges.len(), 1);
    let edge = &graph.edges[0];
    assert_eq!((&edge.from_columns[..], &edge.to_columns[..]), (&[2, 1][..], &[0, 1][..]));
    assert_eq!(edge.parent, Cardinality::ZeroOrOne, "MATCH SIMPLE asks nothing of a row with a null in its key");
}

#[test]
fn partitions_are_part_of_their_root() {
    // The partition numbers its columns differently; both levels have the same key of their own.
    let schema = schema(
        "CREATE TABLE parent (id int PRIMARY KEY);
         CREATE TABLE event (id int NOT NULL, parent_id int NOT NULL) PARTITION BY RANGE (id);
         CREATE TABLE event_1 (parent_id int NOT NULL, id int NOT NULL) PARTITION BY RANGE (id);
         ALTER TABLE event ATTACH PARTITION event_1 FOR VALUES FROM (1) TO (100);
         CREATE TABLE event_1_1 PARTITION OF event_1 FOR VALUES FROM (1) TO (10);
         CREATE TABLE event_1_2 PARTITION OF event_1 FOR VALUES FROM (10) TO (20);
         ALTER TABLE event_1_1 ADD FOREIGN KEY (parent_id) REFERENCES parent;
         ALTER TABLE event_1_2 ADD FOREIGN KEY (parent_id) REFERENCES parent;",
    );
    let graph = Graph::of(&schema, false);
    assert_eq!(graph.nodes.len(), 2);
    assert_eq!((graph.nodes[1].kind, graph.nodes[1].partitions), (NodeKind::Partitioned, 3));
    assert_eq!(graph.edges.len(), 1, "the same key of two partitions is one line");
    assert_eq!(graph.edges[0].from_columns, [1], "by name, in the root's columns");
}

#[test]
fn a_key_of_a_partitioned_table_is_one_line() {
    let schema = schema(
        "CREATE TABLE parent (id int PRIMARY KEY);
         CREATE TABLE event (id int NOT NULL, parent_id int NOT NULL REFERENCES parent) PARTITION BY RANGE (id);
         CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM (1) TO (10);
         CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM (10) TO (20);",
    );
    let graph = Graph::of(&schema, false);
    assert_eq!((graph.nodes.len(), graph.edges.len()), (2, 1));
}

#[test]
fn dropped_objects_are_not_drawn() {
    let schema = schema(
        "CREATE TABLE parent (id int PRIMARY KEY);
         CREATE TABLE child (id int, parent_id int REFERENCES parent);
         CREATE TABLE gone (id int REFERENCES parent);
         ALTER TABLE child DROP COLUMN id;
         DROP TABLE gone;",
    );
    let graph = Graph::of(&schema, false);
    assert_eq!((graph.nodes.len(), graph.edges.len()), (2, 1));
    assert_eq!(graph.edges[0].from_columns, [0], "a place among the columns that exist, not a number");
}

#[test]
fn views_are_joined_to_what_they_read() {
    let schema = schema(
        "CREATE TABLE parent (id int PRIMARY KEY);
         CREATE MATERIALIZED VIEW v AS SELECT id FROM parent;",
    );
    let with = diagram(&schema, &Options { include_views: true, ..Options::default() });
    assert_eq!((with.graph.nodes.len(), with.graph.edges.len()), (2, 1));
    assert_eq!((with.graph.nodes[1].kind, with.graph.edges[0].kind), (NodeKind::MaterializedView, EdgeKind::Reads));
    let without = diagram(&schema, &Options::default());
    assert_eq!((without.graph.nodes.len(), without.graph.edges.len()), (1, 0));
    let NodeId::Table(table) = without.graph.nodes[0].id else { panic!("a table") };
    assert_eq!(focus(&with.graph, table, 1).nodes.len(), 2);
    let focused = diagram(&schema, &Options { focus: Some(table), hops: 1, ..Options::default() });
    assert_eq!(focused.layout.boxes.len(), 1);
}

#[test]
fn tables_of_a_platform_are_marked() {
    let schema = schema(
        "CREATE TABLE profile (id uuid PRIMARY KEY REFERENCES auth.users (id), name text);
         ALTER TABLE profile ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON profile USING (auth.uid() = id);",
    );
    let graph = Graph::of(&schema, false);
    let users = graph.nodes.iter().find(|n| n.name == "users").unwrap();
    assert!(users.assumed);
    assert_eq!(crate::diagram::layout::header(graph.home_schema(), users).2.as_deref(), Some("external"));
    assert_eq!(graph.edges.len(), 1);
}
