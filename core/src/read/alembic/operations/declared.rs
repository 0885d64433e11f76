//! `metadata.create_all(bind)` in a migration: what the tables of models lead to, each made where it is not there.
//! Source: `SchemaGenerator.visit_metadata` in `sqlalchemy/sql/ddl.py`, with `checkfirst=True`.

use super::Writer;
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef, Operation, OperationKind};
use crate::read::alembic::Declared;
use crate::read::python::Effect;
use crate::source::Span;

impl Writer<'_> {
    /// Makes what the models declare, at the place of the call.
    pub(super) fn create_models(&mut self, effect: &Effect, models: &Declared, checks: bool) {
        self.out.statements += models.statements;
        self.out.understood += models.understood;
        for operation in &models.operations {
            let mut operation = operation.clone();
            if let Some(object) = made_with(&operation).filter(|_| checks) {
                let guard = Guard { span: effect.span, test: GuardTest::Exists(object), negated: true };
                operation.guards = operation.guards.iter().cloned().chain([guard]).collect();
            }
            operation.span = effect.span;
            self.add(effect, operation);
        }
    }
}

/// What is asked for before this statement is sent: for all that belongs to a table, the table.
fn made_with(operation: &Operation) -> Option<ObjectRef> {
    let (kind, name) = match &operation.kind {
        OperationKind::CreateTable(table) => (ObjectKind::Table, &table.name),
        OperationKind::AlterTable(alter) => (ObjectKind::Table, &alter.name),
        OperationKind::CreateIndex(index) => (ObjectKind::Table, &index.table),
        OperationKind::Comment { target, .. } => (ObjectKind::Table, &target.name),
        OperationKind::CreateSequence(sequence) => (ObjectKind::Sequence, &sequence.name),
        OperationKind::CreateType { name, .. } => (ObjectKind::Type, name),
        _ => return None,
    };
    Some(ObjectRef { kind, name: name.clone(), part: None, arguments: None, span: Span::default() })
}
