//! Which locks a statement takes on tables that were there before it, how long it waits for them, and whether it can be run again. Source: PostgreSQL manual, 13.3.1 "Table-Level Locks", and the notes of each
//! command.

use super::super::Context;
use super::steps::{At, altered_table};
use crate::operation::{AlterTableAction, AlterTypeAction, ConstraintDefKind, DmlVerb, Operation, OperationKind};
use crate::order::Order;
use crate::replay::Effect;
use crate::schema::{ObjectId, RelationId, TableId};

/// The tables, there before the migration, that a statement locks so that nobody reads or writes them (ACCESS EXCLUSIVE).
pub(crate) fn locked_out(cx: &Context<'_>, at: At<'_>) -> Vec<TableId> {
    let mut out = Vec::new();
    match &at.operation.kind {
        OperationKind::AlterTable(alter) if alter.actions.iter().any(|(a, _)| locks_out(a)) => {
            out.extend(altered_table(at));
        }
        OperationKind::Drop(_) | OperationKind::Rename { .. } | OperationKind::SetSchema { .. } => {
            out.extend(at.effects.iter().filter_map(|e| owner_of(cx, *e)));
        }
        OperationKind::CreatePolicy(_) | OperationKind::AlterPolicy(_) | OperationKind::CreateRule(_) => {
            out.extend(at.effects.iter().filter_map(|e| owner_of(cx, *e)));
        }
        OperationKind::Truncate { .. } | OperationKind::Rewrite { .. } => out = cx.used_tables(at),
        OperationKind::LockTable { mode, .. } if mode.is_empty() || mode.eq_ignore_ascii_case("access exclusive") => {
            out = cx.used_tables(at);
        }
        _ => {}
    }
    out.order();
    out.dedup();
    out.retain(|t| cx.was_old(*t, at.revision));
    out
}

/// The tables, there before the migration, that a statement locks at least against writes or other schema changes.
pub(crate) fn locked(cx: &Context<'_>, at: At<'_>) -> Vec<TableId> {
    let mut out = locked_out(cx, at);
    match &at.operation.kind {
        OperationKind::AlterTable(_) => out.extend(altered_table(at)),
        OperationKind::CreateIndex(_) | OperationKind::CreateTrigger(_) => {
            out.extend(at.effects.iter().filter_map(|e| owner_of(cx, *e)));
        }
        OperationKind::Reindex { .. } | OperationKind::LockTable { .. } => out.extend(cx.used_tables(at)),
        _ => {}
    }
    out.order();
    out.dedup();
    out.retain(|t| cx.was_old(*t, at.revision));
    out
}

/// Whether a setting bounds how long later statements wait for a lock. PostgreSQL manual, 19.11 "Client Connection Defaults".
pub(crate) fn limits_waits(operation: &Operation) -> bool {
    let OperationKind::SetParameter { name, value: Some(value), .. } = &operation.kind else { return false };
    let is_timeout = ["lock_timeout", "statement_timeout"].iter().any(|t| name.eq_ignore_ascii_case(t));
    is_timeout && value.chars().any(|c| matches!(c, '1'..='9'))
}

/// Whether an action of ALTER TABLE takes ACCESS EXCLUSIVE. Source: PostgreSQL manual, ALTER TABLE, "Description".
fn locks_out(action: &AlterTableAction) -> bool {
    use AlterTableAction as A;
    match action {
        A::AddConstraint(c) => !matches!(c.kind, ConstraintDefKind::ForeignKey { .. }),
        A::ValidateConstraint { .. }
        | A::ColumnSetting { .. }
        | A::SetOptions(_)
        | A::ResetOptions(_)
        | A::ClusterOn(_)
        | A::TriggerState { .. }
        | A::AttachPartition { .. }
        | A::AttachIndex { .. } => false,
        A::DetachPartition { concurrently, .. } => !concurrently,
        _ => true,
    }
}

/// The table that an effect is about.
fn owner_of(cx: &Context<'_>, effect: Effect) -> Option<TableId> {
    let (Effect::Created(id) | Effect::Altered(id) | Effect::Dropped(id)) = effect;
    let relation = |r: RelationId| match r {
        RelationId::Table(t) => Some(t),
        _ => None,
    };
    match id {
        ObjectId::Table(t) | ObjectId::Column(t, _) => Some(t),
        ObjectId::Index(i) => relation(cx.schema.indexes.get(i)?.owner),
        ObjectId::Constraint(c) => Some(cx.schema.constraints.get(c)?.table),
        ObjectId::Trigger(t) => relation(cx.schema.triggers.get(t)?.owner),
        ObjectId::Policy(p) => Some(cx.schema.policies.get(p)?.table),
        ObjectId::Rule(r) => relation(cx.schema.rules.get(r)?.owner),
        _ => None,
    }
}

/// The tables, there before the migration, of which a statement changes rows by query: any number of them. Rows that an INSERT lists are few.
pub(crate) fn changes_rows(cx: &Context<'_>, at: At<'_>) -> Vec<TableId> {
    let OperationKind::Dml { verb, text, .. } = &at.operation.kind else { return Vec::new() };
    let many = match verb {
        DmlVerb::Update | DmlVerb::Delete | DmlVerb::Merge | DmlVerb::Copy => true,
        DmlVerb::Insert => text.change().is_some_and(|c| c.from_query),
        DmlVerb::Select => false,
    };
    let mut tables = if many { cx.used_tables(at) } else { Vec::new() };
    tables.retain(|t| cx.is_old(*t, at.revision));
    tables
}

/// What cannot be part of a transaction, in words.
pub(crate) fn runs_alone(operation: &Operation) -> Option<&'static str> {
    match &operation.kind {
        OperationKind::CreateIndex(index) if index.concurrently => Some("CREATE INDEX CONCURRENTLY"),
        OperationKind::Drop(drop) if drop.concurrently => Some("DROP INDEX CONCURRENTLY"),
        OperationKind::Reindex { concurrently: true, .. } => Some("REINDEX CONCURRENTLY"),
        OperationKind::AlterTable(alter) => alter.actions.iter().find_map(|(a, _)| match a {
            AlterTableAction::DetachPartition { concurrently: true, .. } => Some("DETACH PARTITION CONCURRENTLY"),
            _ => None,
        }),
        _ => None,
    }
}

/// Whether a statement that was done already is refused.
pub(crate) fn is_unguarded(operation: &Operation) -> bool {
    if !operation.guards.is_empty() || !operation.tolerates.is_empty() {
        return false;
    }
    match &operation.kind {
        OperationKind::CreateTable(t) => !t.if_not_exists,
        OperationKind::CreateIndex(i) => !i.if_not_exists,
        OperationKind::CreateSequence(s) => !s.if_not_exists,
        OperationKind::CreateSchema { if_not_exists, .. } | OperationKind::CreateExtension { if_not_exists, .. } => {
            !if_not_exists
        }
        OperationKind::CreateView(v) => !v.or_replace && !v.if_not_exists,
        OperationKind::CreateTrigger(t) => !t.or_replace,
        OperationKind::CreateType { .. } | OperationKind::CreateDomain(_) | OperationKind::CreatePolicy(_) => true,
        OperationKind::Drop(d) => !d.if_exists,
        OperationKind::Rename { .. } => true,
        OperationKind::AlterType { action: AlterTypeAction::AddValue { if_not_exists, .. }, .. } => !if_not_exists,
        OperationKind::AlterTable(alter) => alter.actions.iter().any(|(a, _)| match a {
            AlterTableAction::AddColumn { if_not_exists, .. } => !if_not_exists,
            AlterTableAction::DropColumn { if_exists, .. } | AlterTableAction::DropConstraint { if_exists, .. } => {
                !if_exists
            }
            // What is dropped first, where it is there, is made anew.
            AlterTableAction::AddConstraint(c) => !alter.actions.iter().any(|(drop, _)| match drop {
                AlterTableAction::DropConstraint { name, if_exists: true, .. } => {
                    c.name.as_ref().is_some_and(|own| own.fold() == name.fold())
                }
                _ => false,
            }),
            _ => false,
        }),
        _ => false,
    }
}
