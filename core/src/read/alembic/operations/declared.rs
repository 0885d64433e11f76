//! `metadata.create_all(bind)` in a migration: what the tables of models lead to, each made where it is not there; and `Model.__table__.create(bind)`.
//! Source: `SchemaGenerator.visit_metadata` in `sqlalchemy/sql/ddl.py`, with `checkfirst=True`; `Table.create` in `sqlalchemy/sql/schema.py`, which
//! does not ask first unless it is told to.

use std::collections::BTreeSet;

use super::{UNKNOWN_TABLES, Writer};
use crate::name::{Name, QualifiedName};
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef, Operation, OperationKind, TableElement};
use crate::order::Order;
use crate::read::alembic::Declared;
use crate::read::python::{ClassId, Effect, Kind, TermKind, Value};
use crate::read::sqlalchemy::sql::Sql;
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

impl Writer<'_> {
    /// Makes what the models declare, at the place of the call.
    pub(super) fn create_models(&mut self, effect: &Effect, models: &Declared, checks: bool) {
        self.out.statements += models.statements;
        self.out.understood += models.understood;
        for operation in &models.operations {
            self.create_part(effect, operation, checks);
        }
    }

    fn create_part(&mut self, effect: &Effect, operation: &Operation, checks: bool) {
        let mut operation = operation.clone();
        if let Some(object) = made_with(&operation).filter(|_| checks) {
            let guard = Guard { span: effect.span, test: GuardTest::Exists(object), negated: true };
            operation.guards = operation.guards.iter().cloned().chain([guard]).collect();
        }
        operation.span = effect.span;
        self.add(effect, operation);
    }

    /// `metadata.create_all(bind, tables=[…])`: tables that were declared here, and those of models. As with all tables, the list's own order says
    /// nothing: what is referred to comes first.
    pub(super) fn create_some(&mut self, effect: &Effect, tables: &Value, checks: bool) {
        let Some(mut tables) = self.python.heap.elements(tables) else {
            return self.opaque(effect, tables.span, UNKNOWN_TABLES);
        };
        tables.order_by_key(|table| self.turn(table));
        for table in &tables {
            if matches!(constructor(table), Some(("Table", _))) {
                self.declared.retain(|declared| !declared.same_term(table));
                self.create_one(effect, table, checks);
            } else if !self.create_model(effect, table, checks) {
                self.opaque(effect, table.span, UNKNOWN_TABLES);
            }
        }
    }

    /// When a table's turn is: those that were declared here in that order, then those of models, which stand in the order of `create_all`.
    fn turn(&self, table: &Value) -> (bool, usize) {
        let declared = self.declared.iter().position(|declared| declared.same_term(table));
        let of_models = || {
            let name = self.table_of(table)?;
            let makes =
                |operation: &Operation| matches!(&operation.kind, OperationKind::CreateTable(t) if t.name == name);
            self.models.as_ref()?.operations.iter().position(makes)
        };
        declared.map_or_else(|| (true, of_models().unwrap_or(usize::MAX)), |at| (false, at))
    }

    /// Makes one table that was declared here; one that is asked for first only where it is not there.
    pub(super) fn create_one(&mut self, effect: &Effect, table: &Value, checks: bool) {
        let before = self.out.operations.len();
        self.create_declared(effect, table);
        if checks {
            self.unless_there(table, before);
        }
    }

    /// Makes the table of `Model.__table__`, with its types, keys and indexes; whether it is known.
    pub(super) fn create_model(&mut self, effect: &Effect, object: &Value, checks: bool) -> bool {
        let (Some(models), Some(name)) = (self.models.clone(), self.table_of(object)) else { return false };
        let same = |table: &QualifiedName| {
            let schema = |name: &QualifiedName| name.schema.as_ref().map(|schema| schema.fold());
            table.name.fold() == name.name.fold() && schema(table) == schema(&name)
        };
        let tables = models.operations.iter().filter_map(|operation| match &operation.kind {
            OperationKind::CreateTable(table) if same(&table.name) => Some(&table.elements),
            _ => None,
        });
        let types: BTreeSet<Name> = tables
            .flatten()
            .filter_map(|element| match element {
                TableElement::Column(column) => Some(column.data_type.as_ref()?.name.fold()),
                _ => None,
            })
            .collect();
        for operation in &models.operations {
            let part = made_with(operation);
            let (own, shared) = match part.as_ref().map(|part| (part.kind, &part.name)) {
                Some((ObjectKind::Relation, table)) => (same(table), false),
                // A type that one table has made is there when the next one is.
                Some((ObjectKind::Type, made)) => (types.contains(&made.name.fold()), true),
                _ => (false, false),
            };
            if own {
                self.out.statements += 1;
                self.out.understood += 1;
                self.create_part(effect, operation, checks || shared);
            }
        }
        true
    }

    /// Drops the table of `Model.__table__`; whether it is known.
    pub(super) fn drop_model(&mut self, effect: &Effect, object: &Value, checks: bool) -> bool {
        let Some(name) = self.table_of(object) else { return false };
        let text = |text: &str| Value::text(text, effect.span);
        let schema = name.schema.as_ref().map(|schema| text(&schema.text));
        let mut sql = Sql::new(if checks { "DROP TABLE IF EXISTS " } else { "DROP TABLE " }, effect.span);
        let known = sql.qualified(schema.as_ref(), &text(&name.name.text)).is_ok();
        if known {
            self.write(effect, &sql);
        }
        known
    }

    /// The table that the models make of a class, where it is one: that which its `__tablename__` names.
    fn table_of(&self, object: &Value) -> Option<QualifiedName> {
        let models = self.models.as_ref()?;
        let name = self.python.class_attribute(model_of(object)?, "__tablename__", 0)?;
        let name = name.as_str()?;
        let mut found = models.operations.iter().filter_map(|operation| match &operation.kind {
            OperationKind::CreateTable(table) if table.name.name.text == name => Some(&table.name),
            _ => None,
        });
        // The same name in two schemas: which of them is meant is not known.
        let first = found.next();
        first.filter(|_| found.next().is_none()).cloned()
    }
}

/// The class of `Model.__table__`.
pub(super) fn model_of(object: &Value) -> Option<ClassId> {
    match object.as_term()? {
        TermKind::Attribute(model, name) if name == "__table__" => match model.kind {
            Kind::Class(class) => Some(class),
            _ => None,
        },
        _ => None,
    }
}

/// What is asked for before this statement is sent: for all that belongs to a table, the table.
fn made_with(operation: &Operation) -> Option<ObjectRef> {
    let (kind, name) = match &operation.kind {
        OperationKind::CreateTable(table) => (ObjectKind::Relation, &table.name),
        OperationKind::AlterTable(alter) => (ObjectKind::Relation, &alter.name),
        OperationKind::CreateIndex(index) => (ObjectKind::Relation, &index.table),
        OperationKind::Comment { target, .. } => (ObjectKind::Relation, &target.name),
        OperationKind::CreateSequence(sequence) => (ObjectKind::Sequence, &sequence.name),
        OperationKind::CreateType { name, .. } => (ObjectKind::Type, name),
        _ => return None,
    };
    Some(ObjectRef { kind, name: name.clone(), part: None, arguments: None, span: Span::default() })
}
