//! Graphs for tests.

use crate::diagram::cluster;
use crate::diagram::{Cardinality, Edge, EdgeKind, Graph, Node, NodeColumn, NodeId, NodeKind};
use crate::operation::ReferentialAction;
use crate::schema::{ColumnNumber, ConstraintId, TableId};

/// A generator of pseudo-random numbers with a fixed start: equal runs everywhere (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

pub(super) fn column(number: u16, name: &str, data_type: &str) -> NodeColumn {
    NodeColumn {
        number: ColumnNumber(number),
        name: name.into(),
        data_type: data_type.to_owned(),
        not_null: !number.is_multiple_of(3),
        primary: number == 1,
        foreign: false,
        unique: false,
        comment: None,
    }
}

pub(super) fn node(i: usize, name: &str, columns: usize) -> Node {
    const NAMES: [&str; 8] =
        ["name", "status", "created_at", "updated_at", "amount_cents", "notes", "external_reference", "metadata"];
    const TYPES: [&str; 8] =
        ["text", "order_status", "timestamptz", "timestamptz", "bigint", "text", "varchar(64)", "jsonb"];
    let own = (0..columns).map(|c| {
        let suffix = if c < 8 { String::new() } else { format!("_{c}") };
        column(c as u16 + 2, &format!("{}{suffix}", NAMES[c % 8]), TYPES[c % 8])
    });
    Node {
        id: NodeId::Table(TableId(i as u32)),
        schema: "public".into(),
        name: name.into(),
        kind: NodeKind::Table,
        columns: std::iter::once(column(1, "id", "uuid")).chain(own).collect(),
        partitions: 0,
        assumed: false,
        comment: None,
        cluster: 0,
    }
}

/// Adds a foreign key with a column of its own.
pub(super) fn join(graph: &mut Graph, child: usize, parent: usize, name: &str) {
    let parent_name = graph.nodes[parent].name.clone();
    let columns = &mut graph.nodes[child].columns;
    let place = columns.len();
    let mut key = column(place as u16 + 1, name, "uuid");
    key.foreign = true;
    let optional = !key.not_null;
    columns.push(key);
    graph.edges.push(Edge {
        kind: EdgeKind::ForeignKey(ConstraintId(graph.edges.len() as u32)),
        name: format!("{parent_name}_fkey").into(),
        from: child as u32,
        to: parent as u32,
        from_columns: vec![place as u32],
        to_columns: vec![0],
        child: Cardinality::Many,
        parent: if optional { Cardinality::ZeroOrOne } else { Cardinality::One },
        identifying: false,
        on_delete: ReferentialAction::Cascade,
        on_update: ReferentialAction::NoAction,
    });
}

/// A graph of the shape that schemas have: a tenant and a user that much refers to, modules with a central table, a few keys between modules,
/// some tables without any.
pub(super) fn generated(tables: usize, seed: u64) -> Graph {
    const MODULES: [&str; 14] = [
        "order",
        "billing",
        "catalog",
        "auth",
        "shipment",
        "message",
        "report",
        "audit",
        "support",
        "inventory",
        "campaign",
        "contract",
        "payroll",
        "asset",
    ];
    const PARTS: [&str; 12] = [
        "", "_line", "_event", "_status", "_note", "_tag", "_file", "_rule", "_version", "_member", "_batch",
        "_setting",
    ];
    let mut random = Random(seed);
    let mut graph = Graph::default();
    graph.nodes.push(node(0, "tenant", 4));
    graph.nodes.push(node(1, "app_user", 6));
    join(&mut graph, 1, 0, "tenant_id");
    let mut module = 0;
    while graph.nodes.len() < tables {
        let size = (3 + random.below(10)).min(tables - graph.nodes.len());
        let first = graph.nodes.len();
        let round = module / MODULES.len();
        let prefix =
            if round == 0 { MODULES[module % 14].to_owned() } else { format!("{}{round}", MODULES[module % 14]) };
        for part in 0..size {
            let i = graph.nodes.len();
            graph.nodes.push(node(i, &format!("{prefix}{}", PARTS[part % 12]), 2 + random.below(9)));
            if random.below(12) == 0 {
                continue;
            }
            if random.below(3) > 0 {
                join(&mut graph, i, 0, "tenant_id");
            }
            if part > 0 {
                let parent = first + if random.below(3) > 0 { 0 } else { random.below(part) };
                let name = format!("{}_id", graph.nodes[parent].name);
                join(&mut graph, i, parent, &name);
            }
            if random.below(4) == 0 {
                join(&mut graph, i, 1, "created_by");
            }
            if first > 4 && random.below(6) == 0 {
                let other = 2 + random.below(first - 2);
                let name = format!("{}_id", graph.nodes[other].name);
                join(&mut graph, i, other, &name);
            }
            if random.below(20) == 0 {
                join(&mut graph, i, i, "parent_id");
            }
        }
        module += 1;
    }
    cluster::assign(&mut graph);
    graph
}
