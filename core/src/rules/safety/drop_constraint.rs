use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::{AlterTableAction, ConstraintDefKind, OperationKind};
use crate::replay::Effect;
use crate::rules::support::Alteration;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintId, ConstraintKind, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "drop-constraint",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A primary key, foreign key or check is dropped from an existing table and not added again.",
    why: "From then on rows may be written that the constraint kept out: orphans, duplicates, values out of range. It cannot come back \
          before they are cleaned up. Drop and add it in one migration where it only changes. PostgreSQL manual, ALTER TABLE, \"DROP \
          CONSTRAINT\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total numeric CONSTRAINT positive CHECK (total >= 0));\n-- file: 2_drop.sql\nALTER TABLE orders DROP CONSTRAINT «positive»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, total numeric CONSTRAINT positive CHECK (total >= 0));\n-- file: 2_drop.sql\nALTER TABLE orders DROP CONSTRAINT positive;\nALTER TABLE orders ADD CONSTRAINT positive CHECK (total > 0) NOT VALID;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY);\n-- file: 2_change.sql\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\nALTER TABLE orders DROP CONSTRAINT orders_pkey;",
        "-- file: 1_base.sql\nCREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL);\nCREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint, total numeric(10,2), note varchar(80));\n-- file: 2_change.sql\nALTER TABLE orders ADD CONSTRAINT there CHECK (total IS NOT NULL) NOT VALID;\n-- file: 3_validate.sql\nALTER TABLE orders VALIDATE CONSTRAINT there;\nALTER TABLE orders ALTER COLUMN total SET NOT NULL;\nALTER TABLE orders DROP CONSTRAINT there;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for a in cx.alterations() {
        let AlterTableAction::DropConstraint { name, .. } = a.action else { continue };
        let dropped = a.at.effects.iter().find_map(|e| match e {
            Effect::Dropped(ObjectId::Constraint(id)) => {
                cx.schema.constraints.get(*id).filter(|c| c.table == a.id && c.name == name.fold()).map(|c| (*id, c))
            }
            _ => None,
        });
        let Some((id, constraint)) = dropped.filter(|(id, _)| cx.was_before(ObjectId::Constraint(*id), a.at.revision))
        else {
            continue;
        };
        let what = match &constraint.kind {
            ConstraintKind::PrimaryKey => "primary key",
            // Where the other table is gone too, the key had to go.
            ConstraintKind::ForeignKey(key)
                if cx.schema.tables.get(key.references).is_some_and(|t| t.dropped.is_none()) =>
            {
                "foreign key"
            }
            ConstraintKind::Check(_) => "check",
            _ => continue,
        };
        out.look();
        let columns_gone = constraint.columns.iter().any(|c| a.table.column(*c).is_none());
        if columns_gone || replaced(cx, a, id) {
            continue;
        }
        let message =
            format!("The {what} `{}` of `{}` is dropped and not added again.", constraint.name, cx.table_name(a.id));
        let _ = cx.report_step(out, a.at, ObjectId::Constraint(id), name.span, message).object(ObjectId::Table(a.id));
    }
}

/// Whether something that stands now, or was made in the same migration, says the same: a constraint of the kind on the same columns or of the
/// same name, or NOT NULL in place of a check for it.
fn replaced(cx: &Context<'_>, a: Alteration<'_>, id: ConstraintId) -> bool {
    let Some(old) = cx.schema.constraints.get(id) else { return false };
    let alike = |other: &crate::schema::Constraint| {
        std::mem::discriminant(&other.kind) == std::mem::discriminant(&old.kind)
            && (other.columns == old.columns || other.name == old.name)
    };
    // In the same migration one that shares a column takes its place: a key of more columns, a check of more cases.
    let changed = |other: &crate::schema::Constraint| {
        std::mem::discriminant(&other.kind) == std::mem::discriminant(&old.kind)
            && (other.columns.iter().any(|c| old.columns.contains(c)) || old.columns.is_empty())
    };
    let not_null = match (&old.kind, old.columns.as_slice()) {
        (ConstraintKind::Check(check), [one]) => {
            matches!(check.source.tree(), Tree::Operator(op, _) if op == "is not null")
                && a.table.column(*one).is_some_and(|c| c.not_null)
        }
        _ => false,
    };
    let primary = matches!(old.kind, ConstraintKind::PrimaryKey)
        && (cx.schema.primary_key_of(a.table).is_some() || adds_primary_key(cx, a));
    not_null
        || primary
        || a.table.constraints.iter().filter(|c| **c != id).any(|c| {
            cx.schema.constraints.get(*c).is_some_and(|other| alike(other) && other.dropped.is_none())
                || cx.born(ObjectId::Constraint(*c)).is_some_and(|b| b.revision == a.at.revision)
                    && cx.schema.constraints.get(*c).is_some_and(|other| alike(other) || changed(other))
        })
}

/// Whether the migration says that it adds a primary key, be it refused for want of something that the history does not make.
fn adds_primary_key(cx: &Context<'_>, a: Alteration<'_>) -> bool {
    let Some(revision) = cx.history.revisions.get(a.at.revision as usize) else { return false };
    revision.up.iter().any(|o| match &o.kind {
        OperationKind::AlterTable(alter) => {
            alter.name.name.fold() == a.alter.name.name.fold()
                && alter.actions.iter().any(|(action, _)| {
                    matches!(action, AlterTableAction::AddConstraint(c) if matches!(c.kind, ConstraintDefKind::PrimaryKey { .. }))
                })
        }
        _ => false,
    })
}
