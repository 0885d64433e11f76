use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ObjectKind, OperationKind};
use crate::order::Order;
use crate::replay::Effect;
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-cascade",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "CASCADE takes along objects that the statement does not name.",
    why: "With CASCADE PostgreSQL drops whatever depends on the object: views, foreign keys of other tables, policies, defaults. On a \
          server that has more than the history knows, more goes. Name what shall go; without CASCADE the statement stops when there is \
          something else. PostgreSQL manual, 5.14 \"Dependency Tracking\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE VIEW totals AS SELECT total FROM orders;\n-- file: 3_drop.sql\nDROP TABLE «orders» CASCADE;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nCREATE VIEW totals AS SELECT total FROM orders;\n-- file: 3_drop.sql\nALTER TABLE orders «DROP COLUMN total CASCADE»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE orders;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nCREATE VIEW totals AS SELECT total FROM orders;\nDROP TABLE orders CASCADE;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nDROP TABLE IF EXISTS missing CASCADE;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let mut dropped: Vec<ObjectId> = at
            .effects
            .iter()
            .filter_map(|e| match e {
                Effect::Dropped(id) => Some(*id),
                _ => None,
            })
            .collect();
        dropped.order();
        let (subject, place) = match &at.operation.kind {
            OperationKind::Drop(drop) if drop.cascade => {
                let Some(target) = drop.targets.first() else { continue };
                let named: Vec<ObjectId> = dropped
                    .iter()
                    .copied()
                    .filter(|id| drop.targets.iter().any(|t| is_named(cx, *id, t.kind, &target_name(t))))
                    .collect();
                let Some(subject) = named.first().copied() else { continue };
                let whole = dropped.clone();
                dropped.retain(|id| !named.contains(id) && !part_of_any(cx, *id, &whole));
                (subject, target.span)
            }
            OperationKind::AlterTable(alter) => {
                let cascades = alter.actions.iter().find(|(a, _)| {
                    matches!(
                        a,
                        AlterTableAction::DropColumn { cascade: true, .. }
                            | AlterTableAction::DropConstraint { cascade: true, .. }
                    )
                });
                let table = at.effects.iter().find_map(|e| match e {
                    Effect::Altered(id @ ObjectId::Table(_)) => Some(*id),
                    _ => None,
                });
                let (Some((_, span)), Some(table)) = (cascades, table) else { continue };
                let whole: Vec<ObjectId> = dropped.iter().copied().chain([table]).collect();
                dropped.retain(|id| !part_of_any(cx, *id, &whole));
                (table, *span)
            }
            _ => continue,
        };
        if !cx.was_before(subject, at.revision) {
            continue;
        }
        out.look();
        let names: Vec<String> =
            dropped.iter().map(|id| format!("{} `{}`", cx.schema.kind(*id).name(), cx.name(*id))).collect();
        let (message, severity) = if names.is_empty() {
            (
                format!(
                    "CASCADE at `{}` drops whatever depends on it; the history knows of nothing.",
                    cx.name(subject)
                ),
                Severity::Info,
            )
        } else {
            (format!("CASCADE at `{}` also drops {}.", cx.name(subject), list(&names)), Severity::Medium)
        };
        let _ = cx.report_step(out, at, subject, place, message).severity(severity).objects(dropped);
    }
}

/// The name that a DROP has for an object.
fn target_name(target: &crate::operation::ObjectRef) -> crate::name::Name {
    target.part.as_ref().map_or_else(|| target.name.name.fold(), |p| p.fold())
}

fn is_named(cx: &Context<'_>, id: ObjectId, kind: ObjectKind, name: &str) -> bool {
    let alike = match cx.schema.kind(id) {
        ObjectKind::ForeignTable => kind == ObjectKind::Table || kind == ObjectKind::ForeignTable,
        ObjectKind::Domain => kind == ObjectKind::Type || kind == ObjectKind::Domain,
        ObjectKind::Procedure | ObjectKind::Aggregate => kind == ObjectKind::Routine || kind == cx.schema.kind(id),
        ObjectKind::Function => matches!(kind, ObjectKind::Routine | ObjectKind::Function),
        same => same == kind,
    };
    alike && cx.schema.current_name(id).is_some_and(|n| n == name)
}

/// Whether an object belongs to one of the others and goes with it anyway.
fn part_of_any(cx: &Context<'_>, id: ObjectId, whole: &[ObjectId]) -> bool {
    let relation = |r: RelationId| match r {
        RelationId::Table(t) => Some(ObjectId::Table(t)),
        RelationId::View(v) => Some(ObjectId::View(v)),
        _ => None,
    };
    let owner = match id {
        ObjectId::Column(t, _) => Some(ObjectId::Table(t)),
        ObjectId::Index(i) => cx.schema.indexes.get(i).and_then(|i| relation(i.owner)),
        ObjectId::Constraint(c) => cx.schema.constraints.get(c).map(|c| ObjectId::Table(c.table)),
        ObjectId::Trigger(t) => cx.schema.triggers.get(t).and_then(|t| relation(t.owner)),
        ObjectId::Policy(p) => cx.schema.policies.get(p).map(|p| ObjectId::Table(p.table)),
        ObjectId::Rule(r) => cx.schema.rules.get(r).and_then(|r| relation(r.owner)),
        ObjectId::Sequence(s) => cx.schema.sequences.get(s).and_then(|s| s.owned_by).map(|(t, _)| ObjectId::Table(t)),
        // A partition goes with the table that it is a part of.
        ObjectId::Table(t) => {
            cx.schema.tables.get(t).and_then(|t| t.partition_of.as_ref()).map(|(parent, _)| ObjectId::Table(*parent))
        }
        _ => None,
    };
    owner.is_some_and(|o| whole.contains(&o))
}
