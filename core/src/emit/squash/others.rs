//! What was there before the first file: what a platform or a tool made, and what the files drop and change of it. The model holds little of that,
//! so that the statements are taken over.

use super::text::begins_with;
use super::{MAX_TOLD, Section, Squash};
use crate::name::{Ident, Name, QualifiedName, quote};
use crate::operation::{AlterTableAction, ObjectKind, Operation, OperationKind, RowSecurity};
use crate::order::Order;
use crate::problem::ProblemKind;
use crate::replay::{Effect, is_bookkeeping};
use crate::schema::*;

impl<'a> Squash<'a> {
    /// Drops what no file had made: what the files make of the same name would be refused otherwise.
    pub(super) fn drops_of_others(&mut self, section: Section, kinds: &[ObjectKind]) {
        let mut drops: Vec<String> = Vec::new();
        for (operation, effects) in self.operations() {
            let OperationKind::Drop(drop) = &operation.kind else { continue };
            for target in drop.targets.iter().filter(|t| kinds.contains(&t.kind)) {
                let own = target.part.as_ref().unwrap_or(&target.name.name);
                if effects
                    .iter()
                    .copied()
                    .flatten()
                    .any(|e| matches!(e, Effect::Dropped(id) if self.is_called(*id, &own.fold())))
                {
                    continue;
                }
                let on = match &target.part {
                    // On a table that the files make there is nothing but what they make.
                    Some(_) if !self.is_theirs(&target.name) => continue,
                    Some(_) => format!(" ON {}", written(&target.name)),
                    None => String::new(),
                };
                let sql = format!(
                    "DROP {} {}{}{on}{}",
                    target.kind.name().to_uppercase(),
                    if drop.if_exists || !operation.guards.is_empty() { "IF EXISTS " } else { "" },
                    quote(&own.fold()),
                    if drop.cascade { " CASCADE" } else { "" }
                );
                if !drops.contains(&sql) {
                    drops.push(sql);
                }
            }
        }
        drops.into_iter().for_each(|sql| self.push(section, sql));
    }

    /// What is changed of tables that the files do not make, but for what they add to them: that stands with its like.
    pub(super) fn changes_of_their_tables(&mut self) {
        let mut changes: Vec<String> = Vec::new();
        for (operation, effects) in self.operations() {
            let Some(effects) = effects else { continue };
            let table = effects.iter().find_map(|e| match *e {
                Effect::Altered(ObjectId::Table(t)) => Some(t),
                Effect::Altered(ObjectId::Column(t, _)) | Effect::Dropped(ObjectId::Column(t, _)) => Some(t),
                _ => None,
            });
            let Some((id, table)) = table.and_then(|id| Some((id, self.schema.tables.get(id)?))) else { continue };
            if !table.assumed || table.dropped.is_some() {
                continue;
            }
            match &operation.kind {
                OperationKind::AlterTable(alter) => {
                    for (action, span) in &alter.actions {
                        let text = self.origins.text(*span).filter(|_| !self.is_added_by(id, table, action, effects));
                        changes.extend(text.map(|text| format!("ALTER TABLE {} {text}", written(&alter.name))));
                    }
                }
                OperationKind::Rename { .. } | OperationKind::SetSchema { .. } => {
                    let added = effects.iter().any(
                        |e| matches!(e, Effect::Altered(ObjectId::Column(t, column)) if self.is_added(*t, *column)),
                    );
                    let text = self.origins.text(operation.span).filter(|t| !added && begins_with(t, "ALTER"));
                    changes.extend(text.map(str::to_owned));
                }
                _ => {}
            }
        }
        changes.into_iter().for_each(|sql| self.push(Section::Defaults, sql));
    }

    /// Whether the files added a column to a table that they do not make.
    pub(super) fn is_added(&self, table: TableId, number: ColumnNumber) -> bool {
        let column = self.schema.tables.get(table).and_then(|t| t.columns.get(number.index()));
        let Some(mut name) = column.map(|c| c.name.clone()) else { return false };
        let statements = self.origins.statements(ObjectId::Column(table, number));
        for operation in statements.iter().rev() {
            match &operation.kind {
                OperationKind::Rename { target, to, .. } if to.fold() == name => {
                    name = target.part.as_ref().map_or(name, Ident::fold);
                }
                _ => {}
            }
        }
        let adds = |action: &AlterTableAction| matches!(action, AlterTableAction::AddColumn { column, .. } if column.name.fold() == name);
        statements.first().is_some_and(
            |o| matches!(&o.kind, OperationKind::AlterTable(alter) if alter.actions.iter().any(|(a, _)| adds(a))),
        )
    }

    /// Whether an action makes or changes what the files add to a table: its end state is printed.
    fn is_added_by(&self, id: TableId, table: &Table, action: &AlterTableAction, effects: &[Effect]) -> bool {
        use AlterTableAction as A;
        let schema = self.schema;
        match action {
            A::AddColumn { .. } | A::AddConstraint(_) | A::OwnerTo(_) => true,
            A::RowSecurity(RowSecurity::Enable | RowSecurity::Disable) => table.rls_enabled,
            A::RowSecurity(RowSecurity::Force | RowSecurity::NoForce) => table.rls_forced,
            A::TriggerState { name: Some(name), .. } => table
                .triggers
                .iter()
                .filter_map(|t| schema.triggers.get(*t))
                .any(|t| t.dropped.is_none() && t.name == name.fold()),
            A::ValidateConstraint { name } | A::AlterConstraint { name, .. } => {
                schema.constraints_of(table).any(|(_, c)| c.name == name.fold())
            }
            A::DropConstraint { .. } => effects.iter().any(|e| {
                matches!(e, Effect::Dropped(c @ ObjectId::Constraint(_)) if !self.origins.statements(*c).is_empty())
            }),
            A::DropColumn { name, .. } => effects.iter().any(|e| {
                matches!(e, Effect::Dropped(ObjectId::Column(t, n)) if *t == id && self.is_column(id, *n, name) && self.is_added(id, *n))
            }),
            other => column_of(other)
                .and_then(|column| table.find_column(&column.fold()))
                .is_some_and(|number| self.is_added(id, number)),
        }
    }

    fn is_column(&self, table: TableId, number: ColumnNumber, name: &Ident) -> bool {
        let column = self.schema.tables.get(table).and_then(|t| t.columns.get(number.index()));
        column.is_some_and(|c| c.name == name.fold())
    }

    /// What is changed of other objects that no file makes: taken over where a platform or a tool has them, listed as left out where it is not known
    /// who does.
    pub(super) fn changes_of_others(&mut self) {
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (operation, effects) in self.operations() {
            match (effects, &operation.kind) {
                (None, _) | (Some([]), OperationKind::AlterOther { .. }) => {}
                _ => continue,
            }
            let Some((kind, name)) = self.changed(operation) else { continue };
            let before = match kind {
                ObjectKind::Publication
                | ObjectKind::Subscription
                | ObjectKind::EventTrigger
                | ObjectKind::Server
                | ObjectKind::ForeignDataWrapper
                | ObjectKind::Language
                | ObjectKind::AccessMethod => true,
                ObjectKind::Schema => self.is_before(&name.name),
                _ => name.schema.as_ref().is_some_and(|s| self.is_before(s)) || is_bookkeeping(&name.name.fold()),
            };
            match self.origins.text(operation.span).filter(|_| before) {
                Some(text) => taken.push(text.to_owned()),
                None => left.push(operation.span),
            }
        }
        taken.into_iter().for_each(|sql| self.push(Section::Before, sql));
        for span in left.into_iter().take(MAX_TOLD) {
            let at = self.analysis.location(span);
            let message = format!("{}:{}: a change of something that no file makes.", at.file, at.line);
            self.note(ProblemKind::UnsupportedStatement, message, Some(span));
        }
    }

    /// What a statement changes whose effect the replay could not know.
    fn changed<'o>(&mut self, operation: &'o Operation) -> Option<(ObjectKind, &'o QualifiedName)> {
        use ObjectKind as Kind;
        Some(match &operation.kind {
            OperationKind::Comment { target, .. } => {
                let elsewhere = match target.kind {
                    Kind::Schema | Kind::Table | Kind::ForeignTable | Kind::Constraint | Kind::Index => false,
                    Kind::View | Kind::MaterializedView | Kind::Sequence | Kind::Type | Kind::Domain => false,
                    Kind::Function | Kind::Procedure | Kind::Routine | Kind::Aggregate => false,
                    Kind::Trigger | Kind::Policy => false,
                    Kind::Column | Kind::Rule => self.uncommented(target, operation.span).is_some(),
                    // Those stand with the other comments.
                    _ => true,
                };
                return (!elsewhere).then_some((target.kind, &target.name));
            }
            OperationKind::AlterOther { object: target, .. }
            | OperationKind::AlterFunction { target, .. }
            | OperationKind::Rename { target, .. }
            | OperationKind::SetSchema { target, .. }
            | OperationKind::SetOwner { target, .. } => (target.kind, &target.name),
            OperationKind::AlterTable(alter) => (alter.kind, &alter.name),
            OperationKind::AlterPolicy(policy) => (Kind::Policy, &policy.table),
            OperationKind::CreatePolicy(policy) => (Kind::Policy, &policy.table),
            OperationKind::CreateTrigger(trigger) => (Kind::Trigger, &trigger.table),
            OperationKind::CreateRule(rule) => (Kind::Rule, &rule.table),
            OperationKind::CreateIndex(index) => (Kind::Index, &index.table),
            OperationKind::AlterSequence { name, .. } => (Kind::Sequence, name),
            OperationKind::AlterType { name, .. } => (Kind::Type, name),
            OperationKind::AlterDomain { name, .. } => (Kind::Domain, name),
            _ => return None,
        })
    }

    /// The operations that were not refused, in their order, with what each did where that is known.
    fn operations(&self) -> Vec<(&'a Operation, Option<&'a [Effect]>)> {
        let replay: &'a crate::replay::Replay = &self.target.replay;
        let known = replay.steps.iter().map(|step| ((step.revision, step.operation), Some(step.effects.as_slice())));
        let mut all: Vec<_> = known.chain(replay.unknown.iter().map(|at| (*at, None))).collect();
        all.order_by_key(|(at, _)| *at);
        all.into_iter().filter_map(|((r, o), effects)| Some((self.operation(r, o)?, effects))).collect()
    }

    fn operation(&self, revision: u32, operation: u32) -> Option<&'a Operation> {
        self.target.history.revisions.get(revision as usize)?.up.get(operation as usize)
    }

    /// Whether an object had this name at last.
    fn is_called(&self, id: ObjectId, name: &Name) -> bool {
        self.schema.current_name(id).is_some_and(|own| own == name.as_str())
    }

    /// Whether a schema was there before the first file.
    fn is_before(&self, schema: &Ident) -> bool {
        let id = self.schema.find_namespace(&schema.fold());
        id.and_then(|id| self.schema.namespaces.get(id)).is_some_and(|n| n.assumed)
    }

    /// Whether a table was.
    fn is_theirs(&self, name: &QualifiedName) -> bool {
        let home = |t: &Table| self.schema.namespaces.get(t.namespace).map(|n| n.name.clone());
        self.schema.tables.iter().any(|(_, t)| {
            t.assumed && t.name == name.name.fold() && name.schema.as_ref().is_none_or(|s| home(t) == Some(s.fold()))
        })
    }
}

/// A name as SQL, with a schema where the statement has one.
fn written(name: &QualifiedName) -> String {
    let schema = name.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
    schema + &quote(&name.name.fold())
}

/// The column that an action changes.
fn column_of(action: &AlterTableAction) -> Option<&Ident> {
    use AlterTableAction as A;
    match action {
        A::SetType { column, .. }
        | A::SetDefault { column, .. }
        | A::DropDefault { column }
        | A::SetNotNull { column }
        | A::DropNotNull { column }
        | A::SetExpression { column, .. }
        | A::DropExpression { column, .. }
        | A::AddIdentity { column, .. }
        | A::SetIdentity { column, .. }
        | A::DropIdentity { column, .. } => Some(column),
        A::ColumnSetting { column, .. } => column.as_ref(),
        _ => None,
    }
}
