//! Which actions of ALTER TABLE are for which kinds of relations, and what messages call them.

use super::super::Replayer;
use super::super::conflict::{Outcome, refuse, state};
use crate::operation::{AlterTable, AlterTableAction, RowSecurity, TriggerState};

impl Replayer {
    /// Refuses the first action that is not for the kind of relation that the statement names.
    pub(in crate::replay) fn check_actions(
        &self,
        alter: &AlterTable,
        allowed: impl Fn(&AlterTableAction) -> bool,
    ) -> Outcome {
        let Some((action, span)) = alter.actions.iter().find(|(action, _)| !allowed(action)) else { return Ok(()) };
        let (words, relation) = (action_words(action), alter.name.name.fold());
        let message = format!("ALTER action {words} cannot be performed on relation \"{relation}\"");
        refuse(state::WRONG_OBJECT_TYPE, *span, message)
    }
}

/// What ALTER TABLE may do to a view. Source: `ATPrepCmd` asks each action which kinds of relations it is for.
pub(in crate::replay) fn allowed_on_view(action: &AlterTableAction, materialized: bool) -> bool {
    match action {
        AlterTableAction::OwnerTo(_) | AlterTableAction::SetOptions(_) | AlterTableAction::ResetOptions(_) => true,
        AlterTableAction::SetDefault { .. }
        | AlterTableAction::DropDefault { .. }
        | AlterTableAction::AddIdentity { .. }
        | AlterTableAction::SetIdentity { .. }
        | AlterTableAction::DropIdentity { .. } => !materialized,
        AlterTableAction::ColumnSetting { .. }
        | AlterTableAction::ClusterOn(_)
        | AlterTableAction::SetTablespace(_)
        | AlterTableAction::SetAccessMethod(_)
        | AlterTableAction::ReplicaIdentity { .. } => materialized,
        _ => false,
    }
}

/// An action as PostgreSQL's messages call it.
fn action_words(action: &AlterTableAction) -> String {
    let words = match action {
        AlterTableAction::SetDefault { .. } => "ALTER COLUMN ... SET DEFAULT",
        AlterTableAction::DropDefault { .. } => "ALTER COLUMN ... DROP DEFAULT",
        AlterTableAction::AddIdentity { .. } => "ALTER COLUMN ... ADD IDENTITY",
        AlterTableAction::SetIdentity { .. } => "ALTER COLUMN ... SET",
        AlterTableAction::DropIdentity { .. } => "ALTER COLUMN ... DROP IDENTITY",
        AlterTableAction::AddColumn { .. } => "ADD COLUMN",
        AlterTableAction::DropColumn { .. } => "DROP COLUMN",
        AlterTableAction::SetType { .. } => "ALTER COLUMN ... SET DATA TYPE",
        AlterTableAction::AddConstraint(_) => "ADD CONSTRAINT",
        AlterTableAction::SetNotNull { .. } => "ALTER COLUMN ... SET NOT NULL",
        AlterTableAction::DropNotNull { .. } => "ALTER COLUMN ... DROP NOT NULL",
        AlterTableAction::DropExpression { .. } => "ALTER COLUMN ... DROP EXPRESSION",
        AlterTableAction::DropConstraint { .. } | AlterTableAction::DropPrimaryKey => "DROP CONSTRAINT",
        AlterTableAction::ValidateConstraint { .. } => "VALIDATE CONSTRAINT",
        AlterTableAction::AlterConstraint { .. } => "ALTER CONSTRAINT",
        AlterTableAction::SetLogged(true) => "SET LOGGED",
        AlterTableAction::SetLogged(false) => "SET UNLOGGED",
        AlterTableAction::Inherit(_) => "INHERIT",
        AlterTableAction::NoInherit(_) => "NO INHERIT",
        AlterTableAction::OfType(None) => "NOT OF",
        AlterTableAction::OfType(Some(_)) => "OF",
        AlterTableAction::SetExpression { .. } => "ALTER COLUMN ... SET EXPRESSION",
        AlterTableAction::ColumnSetting { setting, .. } => {
            let named = matches!(setting.as_str(), "statistics" | "storage" | "compression");
            return format!("ALTER COLUMN ... SET {}", if named { setting.to_uppercase() } else { String::new() })
                .trim_end()
                .to_owned();
        }
        AlterTableAction::TriggerState { name, state } => {
            let all = if name.is_none() { " ALL" } else { "" };
            return format!("{} TRIGGER{all}", switch_words(*state));
        }
        AlterTableAction::RuleState { state, .. } => return format!("{} RULE", switch_words(*state)),
        AlterTableAction::RowSecurity(RowSecurity::Enable) => "ENABLE ROW SECURITY",
        AlterTableAction::RowSecurity(RowSecurity::Disable) => "DISABLE ROW SECURITY",
        AlterTableAction::RowSecurity(RowSecurity::Force) => "FORCE ROW SECURITY",
        AlterTableAction::RowSecurity(RowSecurity::NoForce) => "NO FORCE ROW SECURITY",
        AlterTableAction::ClusterOn(Some(_)) => "CLUSTER ON",
        AlterTableAction::ClusterOn(None) => "SET WITHOUT CLUSTER",
        AlterTableAction::SetTablespace(_) => "SET TABLESPACE",
        AlterTableAction::SetAccessMethod(_) => "SET ACCESS METHOD",
        AlterTableAction::SetOptions(_) => "SET",
        AlterTableAction::ResetOptions(_) => "RESET",
        AlterTableAction::ReplicaIdentity { .. } => "REPLICA IDENTITY",
        AlterTableAction::AttachPartition { .. } | AlterTableAction::AttachIndex { .. } => "ATTACH PARTITION",
        AlterTableAction::DetachPartition { finalize: true, .. } => "DETACH PARTITION ... FINALIZE",
        AlterTableAction::DetachPartition { .. } => "DETACH PARTITION",
        AlterTableAction::OwnerTo(_) => "OWNER TO",
        AlterTableAction::ForeignOptions => "OPTIONS",
    };
    words.to_owned()
}

/// ENABLE or DISABLE, as messages say it.
fn switch_words(state: TriggerState) -> &'static str {
    match state {
        TriggerState::Enabled => "ENABLE",
        TriggerState::Disabled => "DISABLE",
        TriggerState::Replica => "ENABLE REPLICA",
        TriggerState::Always => "ENABLE ALWAYS",
    }
}
