//! What the graph says of a schema: ends, marks, partitions, views.

use crate::diagram::{Cardinality, Graph, NodeKind, Options, diagram};
use crate::expr::Expr;
use crate::operation::{MatchType, PartitionBound, PartitionBoundKind, Persistence, ReferentialAction};
use crate::schema::{
    Column, ColumnNumber, Constraint, ConstraintKind, DataType, ForeignKey, Namespace, NamespaceId, ObjectId,
    Reference, Schema, StoredExpr, Table, TableId, TableKind, View,
};
use crate::source::Span;

struct Build {
    schema: Schema,
    namespace: NamespaceId,
}

impl Build {
    fn new() -> Self {
        let mut schema = Schema::default();
        let namespace = schema.namespaces.push(Namespace {
            name: "public".into(),
            span: None,
            comment: None,
            assumed: false,
            dropped: None,
        });
        Self { schema, namespace }
    }

    /// A table with columns of type integer; `!` behind a name is NOT NULL.
    fn table(&mut self, name: &str, columns: &[&str]) -> TableId {
        let column = |name: &&str| Column {
            name: name.trim_end_matches('!').into(),
            data_type: DataType::builtin("timestamp with time zone"),
            not_null: name.ends_with('!'),
            default: None,
            generated: None,
            identity: None,
            sequence: None,
            serial: false,
            collation: None,
            comment: None,
            is_local: true,
            inherit_count: 0,
            span: Span::default(),
            name_span: Span::default(),
            type_span: Span::default(),
            dropped: None,
        };
        self.schema.tables.push(Table {
            assumed: false,
            namespace: self.namespace,
            name: name.into(),
            kind: TableKind::Ordinary,
            persistence: Persistence::Permanent,
            columns: columns.iter().map(column).collect(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            rules: Vec::new(),
            inherits: Vec::new(),
            partition_of: None,
            partition_key: None,
            rls_enabled: false,
            rls_forced: false,
            options: Vec::new(),
            comment: None,
            owner: None,
            span: Span::default(),
            name_span: Span::default(),
            dropped: None,
        })
    }

    fn constrain(&mut self, table: TableId, columns: &[u16], kind: ConstraintKind) {
        let id = self.schema.constraints.push(Constraint {
            table,
            name: "c".into(),
            named: true,
            kind,
            columns: columns.iter().map(|c| ColumnNumber(*c)).collect(),
            deferrable: false,
            initially_deferred: false,
            validated: true,
            no_inherit: false,
            is_local: true,
            inherit_count: 0,
            parent: None,
            index: None,
            comment: None,
            span: Span::default(),
            dropped: None,
        });
        self.schema.tables.get_mut(table).unwrap().constraints.push(id);
    }

    fn key(&mut self, table: TableId, columns: &[u16], references: TableId, to: &[u16]) {
        let key = ForeignKey {
            references,
            columns: to.iter().map(|c| ColumnNumber(*c)).collect(),
            match_type: MatchType::Simple,
            on_delete: ReferentialAction::NoAction,
            on_delete_written: false,
            on_delete_columns: Vec::new(),
            on_update: ReferentialAction::NoAction,
            index: None,
        };
        self.constrain(table, columns, ConstraintKind::ForeignKey(key));
    }
}

#[test]
fn ends_follow_from_keys_and_nulls() {
    let mut build = Build::new();
    let parent = build.table("parent", &["id!"]);
    build.constrain(parent, &[1], ConstraintKind::PrimaryKey);
    let child = build.table("child", &["id!", "plain!", "optional", "single!", "part!"]);
    build.constrain(child, &[1, 5], ConstraintKind::PrimaryKey);
    build.constrain(child, &[4], ConstraintKind::Unique { nulls_not_distinct: false });
    for column in [2, 3, 4, 5] {
        build.key(child, &[column], parent, &[1]);
    }
    let graph = Graph::of(&build.schema, false);
    let ends: Vec<_> = graph.edges.iter().map(|e| (e.child, e.parent, e.identifying)).collect();
    assert_eq!(
        ends,
        [
            (Cardinality::Many, Cardinality::One, false),
            (Cardinality::Many, Cardinality::ZeroOrOne, false),
            (Cardinality::ZeroOrOne, Cardinality::One, false),
            (Cardinality::Many, Cardinality::One, true),
        ]
    );
    let marks: Vec<_> = graph.nodes[1].columns.iter().map(|c| (c.primary, c.foreign, c.unique)).collect();
    assert_eq!(
        marks,
        [(true, false, false), (false, true, false), (false, true, false), (false, true, true), (true, true, false)]
    );
    assert_eq!(graph.nodes[0].columns[0].data_type, "timestamptz");
}

fn default_bound() -> PartitionBound {
    PartitionBound { kind: PartitionBoundKind::Default, text: Expr::default() }
}

#[test]
fn partitions_are_part_of_their_root() {
    let mut build = Build::new();
    let parent = build.table("parent", &["id!"]);
    let root = build.table("event", &["id!", "parent_id!"]);
    build.schema.tables.get_mut(root).unwrap().kind = TableKind::Partitioned;
    // A partition may number its columns differently.
    let partition = build.table("event_2024", &["parent_id!", "id!"]);
    let below = build.table("event_2024_01", &["id!", "parent_id!"]);
    build.schema.tables.get_mut(partition).unwrap().partition_of = Some((root, default_bound()));
    build.schema.tables.get_mut(below).unwrap().partition_of = Some((partition, default_bound()));
    build.key(partition, &[1], parent, &[1]);
    build.key(below, &[2], parent, &[1]);
    let graph = Graph::of(&build.schema, false);
    assert_eq!(graph.nodes.len(), 2);
    assert_eq!((graph.nodes[1].kind, graph.nodes[1].partitions), (NodeKind::Partitioned, 2));
    assert_eq!(graph.edges.len(), 1, "the same key of two partitions is one line");
    assert_eq!(graph.edges[0].from_columns, [1], "by name, in the root's columns");
}

#[test]
fn views_are_joined_to_what_they_read() {
    let mut build = Build::new();
    let table = build.table("parent", &["id!"]);
    let target = ObjectId::Table(table);
    build.schema.views.push(View {
        namespace: build.namespace,
        name: "v".into(),
        materialized: true,
        query: StoredExpr { source: Expr::default(), references: vec![Reference { start: 0, end: 0, target }] },
        columns: vec!["id".into()],
        options: Vec::new(),
        indexes: Vec::new(),
        triggers: Vec::new(),
        rules: Vec::new(),
        comment: None,
        owner: None,
        span: Span::default(),
        name_span: Span::default(),
        dropped: None,
    });
    let with = diagram(&build.schema, &Options { include_views: true, ..Options::default() });
    assert_eq!((with.graph.nodes.len(), with.graph.edges.len()), (2, 1));
    assert_eq!(with.graph.nodes[1].kind, NodeKind::MaterializedView);
    let without = diagram(&build.schema, &Options::default());
    assert_eq!((without.graph.nodes.len(), without.graph.edges.len()), (1, 0));
    let focused = diagram(&build.schema, &Options { focus: Some(table), hops: 1, ..Options::default() });
    assert_eq!(focused.layout.boxes.len(), 1);
}
