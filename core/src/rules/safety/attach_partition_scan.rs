use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, OperationKind, PartitionBoundKind};
use crate::replay::Effect;
use crate::rules::support::{At, column_of, conjuncts, text_of, values_of};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintKind, KeyTarget, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "attach-partition-scan",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "ATTACH PARTITION of a table without a CHECK for the bound: the whole table is read under a lock.",
    why: "Before a table becomes a partition PostgreSQL makes sure that every row fits the bound: it reads the table while ACCESS \
          EXCLUSIVE keeps everyone out of it. A CHECK that says the same, added NOT VALID and validated before, makes the scan \
          needless; it may be dropped afterwards. PostgreSQL manual, ALTER TABLE, \"ATTACH PARTITION\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nALTER TABLE events ATTACH PARTITION «events_2025» FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nALTER TABLE events_2025 ADD CONSTRAINT fits CHECK (at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;\nALTER TABLE events ATTACH PARTITION «events_2025» FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nALTER TABLE events_2025 ADD CONSTRAINT fits CHECK (at >= '2025-01-01' AND at < '2026-01-01') NOT VALID;\nALTER TABLE events_2025 VALIDATE CONSTRAINT fits;\nALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\nALTER TABLE events_2025 DROP CONSTRAINT fits;",
        "-- file: 1_base.sql\nCREATE TABLE events (id bigint NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);\nCREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nCREATE TABLE events_2025 (id bigint NOT NULL, at timestamptz NOT NULL);\n-- file: 2_change.sql\nCREATE TABLE events_2026 (LIKE events);\nALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::AlterTable(alter) = &at.operation.kind else { continue };
        for (action, _) in &alter.actions {
            let AlterTableAction::AttachPartition { name, bound } = action else { continue };
            let mut tables = at.effects.iter().filter_map(|e| match e {
                Effect::Altered(ObjectId::Table(t)) => Some(*t),
                _ => None,
            });
            let (Some(parent), Some(child)) = (tables.next(), tables.next()) else { continue };
            let Some((key, table)) = cx
                .schema
                .tables
                .get(parent)
                .and_then(|p| p.partition_key.as_ref())
                .zip(cx.schema.tables.get(child).filter(|_| cx.is_old(child, at.revision)))
            else {
                continue;
            };
            out.look();
            let column = match key.keys.as_slice() {
                [KeyTarget::Column(c)] => cx.schema.column(parent, *c).and_then(|c| table.find_column(&c.name)),
                _ => None,
            };
            if column.is_some_and(|c| fits(cx, at, table, c, &bound.kind)) {
                continue;
            }
            let message = format!(
                "`{}` is read as a whole, with everyone locked out of it, before it becomes a partition of `{}`.",
                cx.table_name(child),
                cx.table_name(parent)
            );
            let _ = cx
                .report_step(out, at, ObjectId::Table(child), name.span(), message)
                .object(ObjectId::Table(parent))
                .evidence(
                    "No CHECK that holds for all its rows says what the bound says. Add one NOT VALID, validate it, then attach.".to_owned(),
                );
        }
    }
}

/// Whether checks that held at the time say that every row fits the bound.
fn fits(cx: &Context<'_>, at: At<'_>, table: &Table, column: ColumnNumber, bound: &PartitionBoundKind) -> bool {
    let trees: Vec<&Tree> = table
        .constraints
        .iter()
        .filter(|id| cx.was_valid(**id, at))
        .filter_map(|id| match &cx.schema.constraints.get(*id)?.kind {
            ConstraintKind::Check(check) => Some(check.source.tree()),
            _ => None,
        })
        .collect();
    let says = |operator: &str, value: &Tree| {
        trees.iter().copied().flat_map(conjuncts).any(|part| match part {
            Tree::Operator(op, of) => {
                op == operator
                    && matches!(of.as_slice(), [c, v]
                        if column_of(c, table) == Some(column) && v.without_casts() == value.without_casts())
            }
            _ => false,
        })
    };
    let not_null = table.column(column).is_some_and(|c| c.not_null);
    match bound {
        PartitionBoundKind::Range { from, to } => {
            let open = |tree: &Tree| matches!(tree, Tree::Column(name) if name.iter().any(|n| n == "minvalue" || n == "maxvalue"));
            let side = |values: &[crate::expr::Expr], operator: &str| match values {
                [one] => {
                    let tree = one.tree();
                    open(tree) || says(operator, tree)
                }
                _ => false,
            };
            not_null && side(from, ">=") && side(to, "<")
        }
        PartitionBoundKind::In(values) => {
            let Some(name) = table.column(column).map(|c| c.name.as_str()) else { return false };
            let wanted: Vec<&Tree> = values.iter().map(crate::expr::Expr::tree).collect();
            not_null
                && trees.iter().copied().flat_map(conjuncts).any(|part| {
                    says("=", wanted.first().copied().unwrap_or(&Tree::Null))
                        || values_of(part, name).is_some_and(|allowed| {
                            allowed.iter().all(|a| wanted.iter().any(|w| text_of(w) == Some(*a)))
                        })
                })
        }
        PartitionBoundKind::Default | PartitionBoundKind::Hash { .. } => false,
    }
}
