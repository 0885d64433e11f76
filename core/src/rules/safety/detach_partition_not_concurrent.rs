use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, PartitionBoundKind};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "detach-partition-not-concurrent",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "DETACH PARTITION without CONCURRENTLY locks out everyone who uses the partitioned table.",
    why: "A plain DETACH PARTITION takes ACCESS EXCLUSIVE on the partitioned table: it waits for every query on any partition, and all \
          later ones wait behind it. Since version 14 CONCURRENTLY takes SHARE UPDATE EXCLUSIVE instead, outside a transaction and \
          where there is no default partition. PostgreSQL manual, ALTER TABLE, \"DETACH PARTITION\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nALTER TABLE events DETACH PARTITION «events_2024»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nALTER TABLE events DETACH PARTITION events_2024 CONCURRENTLY;",
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\nCREATE TABLE events_rest PARTITION OF events DEFAULT;\n-- file: 2_change.sql\nALTER TABLE events DETACH PARTITION events_2024;",
        "-- file: 1_base.sql\nCREATE TABLE t (id int);\n-- file: 2_change.sql\nCREATE TABLE events (id int) PARTITION BY LIST (id);\nCREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);\nALTER TABLE events DETACH PARTITION events_1;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.server_version < 14 {
        return;
    }
    for a in cx.alterations() {
        let AlterTableAction::DetachPartition { name, concurrently, finalize } = a.action else { continue };
        out.look();
        // With a default partition CONCURRENTLY is refused.
        let has_default = cx.schema.tables.iter().any(|(_, t)| {
            t.dropped.is_none()
                && t.partition_of
                    .as_ref()
                    .is_some_and(|(parent, bound)| *parent == a.id && matches!(bound.kind, PartitionBoundKind::Default))
        });
        if *concurrently || *finalize || has_default {
            continue;
        }
        let detached = a.at.effects.iter().find_map(|e| match e {
            Effect::Altered(ObjectId::Table(t)) if *t != a.id => Some(*t),
            _ => None,
        });
        let message = format!(
            "Detaching `{}` keeps everyone out of `{}` and all of its partitions.",
            name.name.fold(),
            cx.table_name(a.id)
        );
        let _ = cx
            .report_step(out, a.at, ObjectId::Table(a.id), name.span(), message)
            .objects(detached.map(ObjectId::Table))
            .evidence(
                "`DETACH PARTITION … CONCURRENTLY`, outside a transaction, lets reads and writes go on.".to_owned(),
            );
    }
}
