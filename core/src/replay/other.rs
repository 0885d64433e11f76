//! Replay of what another database's statements make, as far as tables go: columns, keys, indexes, foreign keys, views by name.
//!
//! PostgreSQL's own replay asks PostgreSQL's questions, and its refusals would be false here. This one asks none: a statement about something that is
//! not there does nothing, and no conflict is claimed. Types and expressions are what was written. Names compare without regard to case, and keep
//! the case of their first definition; indexes are their table's. A foreign key to a table that is not there yet waits for it: MySQL's dumps switch the
//! check off, and SQLite never asks. Sources: MySQL's manual, 11.2.3 "Identifier Case Sensitivity", 15.1.20.5 "FOREIGN KEY Constraints"; SQLite's
//! "Foreign Key Support".

use super::conflict::{Outcome, skip};
use super::constraints::plain_constraint;
use super::drop::Node;
use super::indexes::IndexDraft;
use super::lookup::{empty_column, empty_table};
use super::{Effect, Note, Replayer};
use crate::analysis::Dialect;
use crate::expr::Expr;
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::*;
use crate::schema::{
    BaseType, Column, ColumnNumber, Constraint, ConstraintId, ConstraintKind, DataType, ForeignKey, Generated,
    Identity, IndexId, Key, KeyTarget, NamespaceId, ObjectId, RelationId, StoredExpr, TableId, TableKind, View, ViewId,
};
use crate::source::Span;

/// The first version of MySQL that makes foreign keys of what stands behind a column; MariaDB's, whose versions are higher, do as well.
/// Source: MySQL's manual, 1.7.2.3 "FOREIGN KEY Constraint Differences", and the release notes of 9.0.
pub(crate) const INLINE_REFERENCES_SINCE: u16 = 9;

/// A foreign key whose table is not there yet, or not any more.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    target: Name,
    /// The referenced columns; empty for the primary key.
    columns: Vec<Name>,
    constraint: Constraint,
}

impl Replayer {
    /// Does what an operation of another database says.
    pub(super) fn apply_other(&mut self, operation: &Operation) -> Outcome {
        match &operation.kind {
            OperationKind::CreateTable(create) => self.other_table(create),
            OperationKind::AlterTable(alter) => {
                let table = self.other_relation(&alter.name).and_then(as_table);
                let Some(table) = table else { return skip(alter.name.span()) };
                alter.actions.iter().for_each(|(action, _)| self.other_action(table, action));
                self.effect(Effect::Altered(ObjectId::Table(table)));
                Ok(())
            }
            OperationKind::CreateIndex(create) => {
                let table = self.other_relation(&create.table).and_then(as_table);
                let Some(table) = table else { return skip(create.table.span()) };
                self.other_index(table, create);
                Ok(())
            }
            OperationKind::CreateView(create) => self.other_view(create),
            OperationKind::Drop(drop) => {
                drop.targets.iter().for_each(|target| self.other_drop(target));
                Ok(())
            }
            OperationKind::Rename { target, to, .. } => self.other_rename(target, to),
            OperationKind::Comment { target, text } => self.other_comment(target, text.clone()),
            _ => Ok(()),
        }
    }

    fn home(&self) -> NamespaceId {
        self.schema.find_namespace("public").unwrap_or(NamespaceId(0))
    }

    /// A table or view by its name, in any case.
    fn other_relation(&self, name: &QualifiedName) -> Option<RelationId> {
        self.other_relation_called(&name.name.text)
    }

    fn other_relation_called(&self, name: &str) -> Option<RelationId> {
        if let Some(found) = self.schema.find_relation(self.home(), &Name::new(name)) {
            return Some(found);
        }
        let table = self.schema.live_tables().find(|(_, t)| t.name.eq_ignore_ascii_case(name));
        let view = || self.schema.live_views().find(|(_, v)| v.name.eq_ignore_ascii_case(name));
        table.map(|(id, _)| RelationId::Table(id)).or_else(|| view().map(|(id, _)| RelationId::View(id)))
    }

    fn other_column(&self, table: TableId, name: &str) -> Option<ColumnNumber> {
        let t = self.schema.tables.get(table)?;
        t.live_columns().find(|(_, c)| c.name.eq_ignore_ascii_case(name)).map(|(number, _)| number)
    }

    /// Columns by their names, if all are there.
    fn other_columns<'n>(&self, table: TableId, names: impl IntoIterator<Item = &'n str>) -> Option<Vec<ColumnNumber>> {
        names.into_iter().map(|name| self.other_column(table, name)).collect()
    }

    fn other_table(&mut self, create: &CreateTable) -> Outcome {
        let existing = self.other_relation(&create.name);
        if existing.is_some() {
            // With IF NOT EXISTS it stays; else the server refuses, which is not judged here.
            return if create.if_not_exists { Ok(()) } else { skip(create.name.span()) };
        }
        let name = create.name.name.text.clone();
        let kind = if create.partition_by.is_some() { TableKind::Partitioned } else { TableKind::Ordinary };
        let namespace = self.home();
        let mut table = empty_table(namespace, name.clone(), kind, self.span, create.name.name.span);
        table.persistence = create.persistence;
        table.options.clone_from(&create.options);
        table.partial = create.as_query.is_some();
        let id = self.schema.tables.push(table);
        self.schema.bind_relation(namespace, name.clone(), Some(RelationId::Table(id)));
        self.effect(Effect::Created(ObjectId::Table(id)));
        for element in &create.elements {
            match element {
                TableElement::Column(def) => self.other_add_column(id, def),
                TableElement::Like(source, _) => self.other_like(id, source),
                TableElement::Constraint(_) => {}
            }
        }
        for element in &create.elements {
            if let TableElement::Constraint(constraint) = element {
                self.other_constraint(id, constraint);
            }
        }
        self.other_waiting(&name);
        Ok(())
    }

    fn other_like(&mut self, table: TableId, source: &QualifiedName) {
        let Some(source) = self.other_relation(source).and_then(as_table) else { return };
        let Some(from) = self.schema.tables.get(source) else { return };
        let columns: Vec<Column> = from.live_columns().map(|(_, c)| c.clone()).collect();
        let names = |keys: &[Key]| -> Vec<Name> {
            let numbers = keys.iter().filter_map(|key| match key.target {
                KeyTarget::Column(number) => Some(number),
                KeyTarget::Expression(_) => None,
            });
            numbers.filter_map(|n| from.column(n)).map(|c| c.name.clone()).collect()
        };
        let indexes: Vec<_> = self
            .schema
            .indexes_of(from)
            .map(|(_, i)| (i.name.clone(), i.unique, i.primary, i.constraint.is_some(), names(&i.keys), i.span))
            .collect();
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.columns = columns.into();
        }
        for (name, unique, primary, is_constraint, columns, span) in indexes {
            let Some(columns) = self.other_columns(table, columns.iter().map(Name::as_str)) else { continue };
            if is_constraint {
                self.other_key(table, Some(name), primary, columns, span);
            } else {
                let draft = IndexDraft { name, named: true, unique, span, ..IndexDraft::of_columns(&columns) };
                self.other_insert_index(table, draft);
            }
        }
    }

    fn other_add_column(&mut self, table: TableId, def: &ColumnDef) {
        if self.other_column(table, &def.name.text).is_some() {
            return;
        }
        let Some(written) = &def.data_type else { return };
        let mut column = empty_column(def.name.text.clone(), type_of(written), def.span);
        column.name_span = def.name.span;
        column.type_span = written.span;
        column.collation = def.collation.as_ref().map(|c| c.name.text.clone());
        let Some(t) = self.schema.tables.get_mut(table) else { return };
        t.columns.push(column);
        let number = ColumnNumber::from_index(t.columns.len() - 1);
        for constraint in &def.constraints {
            self.other_column_constraint(table, number, &def.name, constraint);
        }
    }

    fn other_column_constraint(&mut self, table: TableId, number: ColumnNumber, name: &Ident, own: &ColumnConstraint) {
        let named = own.name.as_ref().map(|n| n.text.clone());
        match &own.kind {
            ColumnConstraintKind::NotNull => self.other_change(table, number, |c| c.not_null = true),
            ColumnConstraintKind::Null => {}
            ColumnConstraintKind::Default(expr) => {
                let stored = stored(expr);
                self.other_change(table, number, |c| c.default = stored);
            }
            ColumnConstraintKind::Generated { expr, stored } => {
                let expr = StoredExpr { source: expr.clone(), references: Vec::new() };
                let generated = Some(Box::new(Generated { expr, stored: *stored }));
                self.other_change(table, number, |c| c.generated = generated);
            }
            ColumnConstraintKind::Identity { .. } => {
                self.other_change(table, number, |c| c.identity = Some(Identity::ByDefault));
            }
            ColumnConstraintKind::PrimaryKey(_) => self.other_key(table, named, true, vec![number], own.span),
            ColumnConstraintKind::Unique(_) => self.other_key(table, named, false, vec![number], own.span),
            ColumnConstraintKind::Check(expr) => self.other_check(table, named, expr, own.span),
            // MySQL reads it and makes nothing of it: `mysql-inline-references`.
            ColumnConstraintKind::References(_) if !self.inline_references => {}
            ColumnConstraintKind::References(references) => {
                let attributes = own.attributes;
                self.other_foreign_key(table, named, std::slice::from_ref(name), references, attributes, own.span);
            }
        }
    }

    fn other_change(&mut self, table: TableId, number: ColumnNumber, change: impl FnOnce(&mut Column)) {
        if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
            change(c);
        }
    }

    /// A name that is taken was given up by something that is not read (a procedure that was called), or else the server refuses: there is one of it.
    fn other_replace(&mut self, table: TableId, name: Option<&Name>) {
        let Some((name, t)) = name.zip(self.schema.tables.get(table)) else { return };
        let old = self.schema.constraints_of(t).find(|(_, c)| c.name.eq_ignore_ascii_case(name)).map(|(id, _)| id);
        if let Some(id) = old {
            self.other_remove(ObjectId::Constraint(id));
        }
    }

    fn other_constraint(&mut self, table: TableId, constraint: &ConstraintDef) {
        self.other_replace(table, constraint.name.as_ref().map(|n| &n.text));
        let name = constraint.name.as_ref().map(|n| n.text.clone());
        match &constraint.kind {
            ConstraintDefKind::PrimaryKey { columns, .. } | ConstraintDefKind::Unique { columns, .. } => {
                let primary = matches!(constraint.kind, ConstraintDefKind::PrimaryKey { .. });
                let Some(columns) = self.other_columns(table, columns.iter().map(|c| c.text.as_str())) else { return };
                self.other_key(table, name, primary, columns, constraint.span);
            }
            ConstraintDefKind::ForeignKey { columns, references } => {
                self.other_foreign_key(table, name, columns, references, constraint.attributes, constraint.span);
            }
            ConstraintDefKind::Check(expr) => self.other_check(table, name, expr, constraint.span),
            ConstraintDefKind::Exclude { .. } | ConstraintDefKind::NotNull(_) => {}
        }
    }

    fn other_key(&mut self, table: TableId, name: Option<Name>, primary: bool, columns: Vec<ColumnNumber>, span: Span) {
        let Some(t) = self.schema.tables.get(table) else { return };
        if columns.is_empty() || (primary && self.schema.primary_key_of(t).is_some()) {
            return;
        }
        let named = name.is_some() && !(primary && self.dialect == Dialect::MySql);
        let chosen = match (name, primary) {
            (_, true) if self.dialect == Dialect::MySql => Name::new_static("PRIMARY"),
            (Some(name), _) => name,
            (None, true) => Name::new_static("primary key"),
            (None, false) => self.other_index_name(table, columns.first().copied()),
        };
        let kind = match primary {
            true => ConstraintKind::PrimaryKey,
            false => ConstraintKind::Unique { nulls_not_distinct: false },
        };
        if primary && self.dialect == Dialect::MySql {
            for number in &columns {
                self.other_change(table, *number, |c| c.not_null = true);
            }
        }
        let draft =
            IndexDraft { name: chosen.clone(), named, unique: true, primary, span, ..IndexDraft::of_columns(&columns) };
        let index = self.other_insert_index(table, draft);
        let constraint =
            Constraint { named, index: Some(index), ..plain_constraint(table, chosen, kind, columns, span) };
        let constraint = self.insert_constraint(constraint);
        if let Some(i) = self.schema.indexes.get_mut(index) {
            i.constraint = Some(constraint);
        }
    }

    /// What MySQL calls a key without a name: its first column, with a number where that is taken.
    fn other_index_name(&self, table: TableId, column: Option<ColumnNumber>) -> Name {
        let Some(t) = self.schema.tables.get(table) else { return Name::default() };
        let base = column.and_then(|c| t.column(c)).map_or_else(|| Name::new_static("key"), |c| c.name.clone());
        let taken = |name: &str| self.schema.indexes_of(t).any(|(_, i)| i.name == name);
        if !taken(&base) {
            return base;
        }
        let names = (2_u32..1000).map(|n| Name::new(format!("{base}_{n}")));
        names.into_iter().find(|name| !taken(name)).unwrap_or(base)
    }

    fn other_check(&mut self, table: TableId, name: Option<Name>, expr: &Expr, span: Span) {
        let named = name.is_some();
        let name = name.unwrap_or_else(|| {
            let checks = self.schema.tables.get(table).map_or(0, |t| {
                self.schema.constraints_of(t).filter(|(_, c)| matches!(c.kind, ConstraintKind::Check(_))).count()
            });
            Name::new(format!("{}_chk_{}", self.table_name(table), checks + 1))
        });
        let kind = ConstraintKind::Check(StoredExpr { source: expr.clone(), references: Vec::new() });
        self.insert_constraint(Constraint { named, ..plain_constraint(table, name, kind, Vec::new(), span) });
    }

    fn other_foreign_key(
        &mut self,
        table: TableId,
        name: Option<Name>,
        columns: &[Ident],
        references: &References,
        attributes: ConstraintAttributes,
        span: Span,
    ) {
        let Some(columns) = self.other_columns(table, columns.iter().map(|c| c.text.as_str())) else { return };
        let named = name.is_some();
        let name = name.unwrap_or_else(|| {
            let keys = self.schema.tables.get(table).map_or(0, |t| {
                self.schema.constraints_of(t).filter(|(_, c)| matches!(c.kind, ConstraintKind::ForeignKey(_))).count()
            });
            Name::new(format!("{}_ibfk_{}", self.table_name(table), keys + 1))
        });
        let key = ForeignKey {
            references: table,
            columns: Vec::new(),
            match_type: references.match_type,
            on_delete: references.on_delete.unwrap_or_default(),
            on_delete_written: references.on_delete.is_some(),
            on_delete_columns: Vec::new(),
            on_update: references.on_update.unwrap_or_default(),
            index: None,
        };
        let constraint = Constraint {
            named,
            deferrable: attributes.deferrable,
            initially_deferred: attributes.initially_deferred,
            ..plain_constraint(table, name, ConstraintKind::ForeignKey(key), columns, span)
        };
        let names = references.columns.iter().map(|c| c.text.clone()).collect();
        self.other_attach(Waiting { target: references.table.name.text.clone(), columns: names, constraint });
    }

    /// Makes a foreign key, or lets it wait for its table.
    fn other_attach(&mut self, waiting: Waiting) {
        let target = self.other_relation_called(&waiting.target).and_then(as_table);
        let Some(target) = target else {
            self.waiting.push(waiting);
            return;
        };
        let referenced = if waiting.columns.is_empty() {
            let key = self.schema.tables.get(target).and_then(|t| self.schema.primary_key_of(t));
            key.map(|(_, key)| key.columns.clone())
        } else {
            self.other_columns(target, waiting.columns.iter().map(Name::as_str))
        };
        let mut constraint = waiting.constraint;
        let Some(referenced) = referenced.filter(|r| r.len() == constraint.columns.len()) else { return };
        let index = self.schema.tables.get(target).and_then(|t| {
            let covers = |keys: &[Key]| {
                keys.len() == referenced.len()
                    && keys.iter().zip(&referenced).all(|(key, number)| is_over(key, *number))
            };
            self.schema.indexes_of(t).find(|(_, i)| i.unique && covers(&i.keys)).map(|(id, _)| id)
        });
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
            key.references = target;
            key.columns = referenced;
            key.index = index;
        }
        self.insert_constraint(constraint);
    }

    /// After a table of this name came: makes the foreign keys that waited for it.
    fn other_waiting(&mut self, name: &str) {
        let waiting = std::mem::take(&mut self.waiting);
        let (ready, rest): (Vec<Waiting>, Vec<Waiting>) =
            waiting.into_iter().partition(|w| w.target.eq_ignore_ascii_case(name));
        self.waiting = rest;
        for key in ready {
            let alive = self.schema.tables.get(key.constraint.table).is_some_and(|t| t.dropped.is_none());
            if alive {
                self.other_attach(key);
            }
        }
    }

    fn other_index(&mut self, table: TableId, create: &CreateIndex) {
        let mut keys = Vec::with_capacity(create.keys.len());
        for key in &create.keys {
            let target = match &key.target {
                IndexTarget::Column(column) => match self.other_column(table, &column.text) {
                    Some(number) => KeyTarget::Column(number),
                    None => return,
                },
                IndexTarget::Expression(expr) => {
                    KeyTarget::Expression(StoredExpr { source: expr.clone(), references: Vec::new() })
                }
            };
            let descending = key.descending.unwrap_or(false);
            keys.push(Key {
                target,
                collation: None,
                opclass: None,
                opclass_options: Vec::new(),
                descending,
                nulls_first: false,
            });
        }
        let first = keys.first().and_then(|key| match key.target {
            KeyTarget::Column(number) => Some(number),
            KeyTarget::Expression(_) => None,
        });
        let name = match &create.name {
            Some(name) if self.other_index_called(Some(table), &name.text).is_some() => return,
            Some(name) => name.text.clone(),
            None => self.other_index_name(table, first),
        };
        let draft = IndexDraft {
            name,
            named: create.name.is_some(),
            method: create.method.as_ref().map_or_else(|| Name::new_static("btree"), |m| m.text.to_lowercase().into()),
            unique: create.unique,
            key_names: vec![None; keys.len()],
            keys,
            predicate: create.predicate.as_ref().map(|p| StoredExpr { source: p.clone(), references: Vec::new() }),
            span: create.name.as_ref().map_or(self.span, |n| n.span.to(n.span)),
            ..IndexDraft::of_columns(&[])
        };
        self.other_insert_index(table, draft);
    }

    fn other_insert_index(&mut self, table: TableId, draft: IndexDraft) -> IndexId {
        let namespace = self.home();
        self.insert_index(RelationId::Table(table), namespace, draft)
    }

    /// An index by its name, of one table or of any.
    fn other_index_called(&self, table: Option<TableId>, name: &str) -> Option<IndexId> {
        let mut tables = self.schema.live_tables().filter(|(id, _)| table.is_none_or(|t| t == *id));
        tables.find_map(|(_, t)| {
            self.schema.indexes_of(t).find(|(_, i)| i.name.eq_ignore_ascii_case(name)).map(|(id, _)| id)
        })
    }

    fn other_view(&mut self, create: &CreateView) -> Outcome {
        match self.other_relation(&create.name) {
            Some(RelationId::View(id)) if create.or_replace => {
                self.effect(Effect::Altered(ObjectId::View(id)));
                return Ok(());
            }
            Some(_) if create.if_not_exists => return Ok(()),
            Some(_) => return skip(create.name.span()),
            None => {}
        }
        let namespace = self.home();
        let name = create.name.name.text.clone();
        let id: ViewId = self.schema.views.next_id();
        self.schema.views.push(View {
            namespace,
            name: name.clone(),
            materialized: false,
            query: StoredExpr { source: create.query.clone(), references: Vec::new() },
            columns: create.columns.iter().map(|c| c.text.clone()).collect(),
            partial: true,
            column_types: vec![None; create.columns.len()],
            options: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            rules: Vec::new(),
            comment: None,
            owner: None,
            span: self.span,
            name_span: create.name.name.span,
            dropped: None,
        });
        self.schema.bind_relation(namespace, name, Some(RelationId::View(id)));
        self.effect(Effect::Created(ObjectId::View(id)));
        Ok(())
    }

    fn other_drop(&mut self, target: &ObjectRef) {
        let id = match target.kind {
            ObjectKind::Index => {
                let (table, name) = match &target.part {
                    Some(index) => match self.other_relation(&target.name).and_then(as_table) {
                        Some(table) => (Some(table), &index.text),
                        None => return,
                    },
                    None => (None, &target.name.name.text),
                };
                self.other_index_called(table, name).map(|index| self.key_or_index(index))
            }
            _ => self.other_relation(&target.name).map(super::lookup::object_of),
        };
        if let Some(id) = id {
            self.other_remove(id);
        }
    }

    /// What goes with an index: the key that it is of.
    fn key_or_index(&self, index: IndexId) -> ObjectId {
        let constraint = self.schema.indexes.get(index).and_then(|i| i.constraint);
        constraint.map_or(ObjectId::Index(index), ObjectId::Constraint)
    }

    /// Takes something away. Foreign keys of other tables go by the name of their table, and wait for another of that name.
    fn other_remove(&mut self, id: ObjectId) {
        if let ObjectId::Table(table) = id {
            let name = self.table_name(table);
            let waiting: Vec<Waiting> =
                self.references_to(table).into_iter().map(|(_, w)| Waiting { target: name.clone(), ..w }).collect();
            self.waiting.extend(waiting);
            self.waiting.retain(|w| w.constraint.table != table);
        }
        let _ = self.drop_nodes(&[Node::Object(id)], true, self.span);
    }

    /// The foreign keys of other tables to this one, each as it would wait for it.
    fn references_to(&self, table: TableId) -> Vec<(ConstraintId, Waiting)> {
        let Some(t) = self.schema.tables.get(table) else { return Vec::new() };
        let own = self.schema.constraints.iter().filter(|(_, c)| c.dropped.is_none() && c.table != table);
        own.filter_map(|(id, constraint)| match &constraint.kind {
            ConstraintKind::ForeignKey(key) if key.references == table => {
                let columns = key.columns.iter().filter_map(|c| t.column(*c)).map(|c| c.name.clone()).collect();
                Some((id, Waiting { target: t.name.clone(), columns, constraint: constraint.clone() }))
            }
            _ => None,
        })
        .collect()
    }

    fn other_rename(&mut self, target: &ObjectRef, to: &Ident) -> Outcome {
        let Some(relation) = self.other_relation(&target.name) else { return skip(target.span) };
        let to = to.text.clone();
        match (target.kind, &target.part, relation) {
            (ObjectKind::Column, Some(column), RelationId::Table(table)) => {
                let Some(number) = self.other_column(table, &column.text) else { return skip(column.span) };
                self.other_change(table, number, |c| c.name = to);
                self.effect(Effect::Altered(ObjectId::Column(table, number)));
            }
            (ObjectKind::Index, Some(index), RelationId::Table(table)) => {
                let Some(id) = self.other_index_called(Some(table), &index.text) else { return skip(index.span) };
                if let Some(i) = self.schema.indexes.get_mut(id) {
                    i.name.clone_from(&to);
                    if let Some(c) = i.constraint.and_then(|c| self.schema.constraints.get_mut(c)) {
                        c.name = to;
                    }
                }
                self.effect(Effect::Altered(ObjectId::Index(id)));
            }
            (_, None, relation) => {
                if self.other_relation_called(&to).is_some_and(|other| other != relation) {
                    return skip(target.span);
                }
                let id = super::lookup::object_of(relation);
                let namespace = self.home();
                let old = match relation {
                    RelationId::Table(id) => {
                        self.schema.tables.get_mut(id).map(|t| std::mem::replace(&mut t.name, to.clone()))
                    }
                    RelationId::View(id) => {
                        self.schema.views.get_mut(id).map(|v| std::mem::replace(&mut v.name, to.clone()))
                    }
                    _ => None,
                };
                if let Some(old) = old {
                    self.schema.bind_relation(namespace, old, None);
                    self.schema.bind_relation(namespace, to.clone(), Some(relation));
                    self.effect(Effect::Altered(id));
                    self.other_waiting(&to);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn other_comment(&mut self, target: &ObjectRef, text: Option<String>) -> Outcome {
        let table = self.other_relation(&target.name).and_then(as_table);
        let Some(table) = table else { return skip(target.span) };
        let text = text.filter(|t| !t.is_empty());
        match &target.part {
            Some(column) => {
                if let Some(number) = self.other_column(table, &column.text) {
                    self.other_change(table, number, |c| c.comment = text);
                }
            }
            None => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.comment = text;
                }
            }
        }
        Ok(())
    }

    fn other_action(&mut self, table: TableId, action: &AlterTableAction) {
        let column = |replayer: &Self, name: &Ident| replayer.other_column(table, &name.text);
        match action {
            AlterTableAction::AddColumn { column, .. } => {
                self.other_add_column(table, column);
                if let Some(number) = self.other_column(table, &column.name.text) {
                    self.effect(Effect::Created(ObjectId::Column(table, number)));
                }
            }
            AlterTableAction::DropColumn { name, .. } => {
                if let Some(number) = column(self, name) {
                    self.other_remove_column(table, number);
                }
            }
            AlterTableAction::SetType { column: name, data_type, collation, .. } => {
                let Some(number) = column(self, name) else { return };
                let new = type_of(data_type);
                let collation = collation.as_ref().map(|c| c.name.text.clone());
                let mut had = None;
                self.other_change(table, number, |c| {
                    had = Some(std::mem::replace(&mut c.data_type, new));
                    c.type_span = data_type.span;
                    c.collation = collation;
                });
                self.effect(Effect::Altered(ObjectId::Column(table, number)));
                if let Some(had) = had {
                    self.note(Note::HadType(table, number, Box::new(had)));
                }
            }
            AlterTableAction::SetDefault { column: name, value } => {
                let (number, value) = (column(self, name), stored(value));
                if let Some(number) = number {
                    self.other_change(table, number, |c| c.default = value);
                }
            }
            AlterTableAction::DropDefault { column: name } => {
                if let Some(number) = column(self, name) {
                    self.other_change(table, number, |c| c.default = None);
                }
            }
            AlterTableAction::SetNotNull { column: name } => self.other_nullable(table, name, false),
            AlterTableAction::DropNotNull { column: name } => self.other_nullable(table, name, true),
            AlterTableAction::AddIdentity { column: name, .. } => {
                if let Some(number) = column(self, name) {
                    self.other_change(table, number, |c| c.identity = Some(Identity::ByDefault));
                }
            }
            AlterTableAction::DropIdentity { column: name, .. } => {
                if let Some(number) = column(self, name) {
                    self.other_change(table, number, |c| c.identity = None);
                }
            }
            AlterTableAction::AddConstraint(constraint) => self.other_constraint(table, constraint),
            AlterTableAction::DropPrimaryKey => {
                let key = self.schema.tables.get(table).and_then(|t| self.schema.primary_key_of(t)).map(|(id, _)| id);
                if let Some(key) = key {
                    self.other_remove(ObjectId::Constraint(key));
                }
            }
            AlterTableAction::DropConstraint { name, .. } => self.other_drop_key(table, &name.text),
            AlterTableAction::SetOptions(options) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    for (name, value) in options.iter().filter(|(name, _)| name == "engine") {
                        t.options.retain(|(own, _)| own != name);
                        t.options.push((name.clone(), value.clone()));
                    }
                }
            }
            _ => {}
        }
    }

    fn other_nullable(&mut self, table: TableId, name: &Ident, nullable: bool) {
        let Some(number) = self.other_column(table, &name.text) else { return };
        self.effect(Effect::Altered(ObjectId::Column(table, number)));
        let was = self.schema.column(table, number).is_some_and(|c| !c.not_null);
        // A column of the primary key takes no nulls, whatever is said of it.
        let in_key = self.schema.tables.get(table).and_then(|t| self.schema.primary_key_of(t));
        let nullable = nullable && !in_key.is_some_and(|(_, key)| key.columns.contains(&number));
        self.other_change(table, number, |c| c.not_null = !nullable);
        match (was, nullable) {
            (true, false) => self.note(Note::WasNullable(table, number)),
            (false, true) => self.note(Note::WasNotNull(table, number)),
            _ => {}
        }
    }

    /// A key, foreign key, check or index of this name goes.
    fn other_drop_key(&mut self, table: TableId, name: &str) {
        let Some(t) = self.schema.tables.get(table) else { return };
        let constraint = self.schema.constraints_of(t).find(|(_, c)| c.name.eq_ignore_ascii_case(name));
        let constraint = constraint.map(|(id, _)| ObjectId::Constraint(id));
        let found = constraint.or_else(|| self.other_index_called(Some(table), name).map(ObjectId::Index));
        if let Some(id) = found {
            self.other_remove(id);
        }
    }

    /// A column goes; MySQL takes it out of the indexes that have others, too.
    fn other_remove_column(&mut self, table: TableId, number: ColumnNumber) {
        let Some(t) = self.schema.tables.get(table) else { return };
        let shared: Vec<IndexId> = self
            .schema
            .indexes_of(t)
            .filter(|(_, i)| i.keys.len() > 1 && i.keys.iter().any(|key| is_over(key, number)))
            .map(|(id, _)| id)
            .collect();
        for id in shared {
            if let Some(index) = self.schema.indexes.get_mut(id) {
                index.keys.retain(|key| !is_over(key, number));
                if let Some(c) = index.constraint.and_then(|c| self.schema.constraints.get_mut(c)) {
                    c.columns.retain(|c| *c != number);
                }
            }
        }
        self.other_remove(ObjectId::Column(table, number));
    }
}

fn is_over(key: &Key, number: ColumnNumber) -> bool {
    matches!(key.target, KeyTarget::Column(own) if own == number)
}

fn as_table(relation: RelationId) -> Option<TableId> {
    match relation {
        RelationId::Table(id) => Some(id),
        _ => None,
    }
}

/// The type as written.
fn type_of(written: &TypeName) -> DataType {
    let base = BaseType::Builtin(written.name.text.clone());
    DataType { base, modifiers: written.modifiers.clone(), array: false }
}

/// A default as written; NULL is none.
fn stored(expr: &Expr) -> Option<StoredExpr> {
    let null = expr.text.trim_matches(['(', ')', ' ']).eq_ignore_ascii_case("null");
    (!null).then(|| StoredExpr { source: expr.clone(), references: Vec::new() })
}
