//! Views and materialized views.

use std::collections::BTreeSet;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::references::Scope;
use super::tables::allowed_on_view;
use super::{Effect, Note, Replayer};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{AlterTable, AlterTableAction, CreateView, Persistence};
use crate::schema::{BaseType, DataType, ObjectId, RelationId, StoredExpr, View, ViewId};

impl Replayer {
    /// CREATE VIEW and CREATE MATERIALIZED VIEW.
    pub(super) fn create_view(&mut self, create: &CreateView) -> Outcome {
        let persistence = if create.temporary { Persistence::Temporary } else { Persistence::Permanent };
        // The query is analysed before the name is looked at.
        let scanned = self.scan_fully(&create.query, Scope::Nothing, true);
        // A recursive view names itself.
        if let Some(missing) = scanned.missing.filter(|_| !create.recursive) {
            return refuse(missing.sqlstate, missing.span, missing.message);
        }
        if let Some(what) = scanned.writes.filter(|_| !self.described) {
            let kind = if create.materialized { "materialized views" } else { "views" };
            return refuse(state::FEATURE_NOT_SUPPORTED, create.query.span, format!("{kind} must not {what}"));
        }
        let temporary = scanned.expr.references.iter().any(|r| self.is_temporary(r.target));
        if temporary && create.materialized {
            return refuse(
                state::FEATURE_NOT_SUPPORTED,
                create.query.span,
                "materialized views must not use temporary tables or views",
            );
        }
        if create.materialized && create.with_data {
            self.check_no_recursion(&scanned.expr)?;
        }
        // A view of something temporary is temporary itself.
        let persistence = if temporary { Persistence::Temporary } else { persistence };
        let namespace = self.namespace_for_relation(&create.name, persistence)?;
        let name = create.name.name.fold();
        let existing = self.schema.find_relation(namespace, &name);
        let replaced = match existing {
            Some(RelationId::View(id))
                if create.or_replace && self.schema.views.get(id).is_some_and(|v| !v.materialized) =>
            {
                Some(id)
            }
            Some(other) if create.or_replace => {
                return refuse_for(
                    state::WRONG_OBJECT_TYPE,
                    create.name.name.span,
                    format!("\"{name}\" is not a view"),
                    vec![super::lookup::object_of(other)],
                );
            }
            _ => {
                if !self.free_for_relation(namespace, &create.name, create.if_not_exists)? {
                    return Ok(());
                }
                None
            }
        };
        let query = scanned.expr;
        let written: Vec<Name> = create.columns.iter().map(Ident::fold).collect();
        if let Some(outputs) = scanned.outputs.as_ref().filter(|o| o.len() < written.len()) {
            let message = if create.materialized {
                "too many column names were specified"
            } else {
                "CREATE VIEW specifies more column names than columns"
            };
            let span = create.columns.get(outputs.len()).map_or(create.name.name.span, |c| c.span);
            return refuse(state::SYNTAX_ERROR, span, message);
        }
        let partial = scanned.outputs.is_none();
        let outputs = scanned.outputs.unwrap_or_default();
        let column_types: Vec<_> = outputs.iter().map(|o| o.data_type.clone()).collect();
        let mut columns: Vec<Name> = outputs.into_iter().map(|o| o.name).collect();
        if columns.len() < written.len() {
            columns = written;
        } else {
            for (column, name) in columns.iter_mut().zip(written) {
                *column = name;
            }
        }
        if let Some((at, twice)) = columns.iter().enumerate().find(|(at, c)| columns.iter().take(*at).any(|o| o == *c))
        {
            let span = create.columns.get(at).map_or(create.name.name.span, |c| c.span);
            return refuse(state::DUPLICATE_COLUMN, span, format!("column \"{twice}\" specified more than once"));
        }
        if let Some(id) = replaced {
            self.replace_view(id, create, query, columns, &column_types, partial)?;
            if let Some(view) = self.schema.views.get_mut(id) {
                view.column_types = column_types;
                view.partial = partial;
            }
            return Ok(());
        }
        let id = self.schema.views.next_id();
        self.note_references(ObjectId::View(id), &query);
        self.schema.views.push(View {
            namespace,
            name: name.clone(),
            materialized: create.materialized,
            query,
            columns,
            partial,
            column_types,
            options: create.options.clone(),
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

    /// Refuses to run a query of a view that reads itself, as OR REPLACE can make one.
    pub(super) fn check_no_recursion(&self, query: &StoredExpr) -> Outcome {
        let views = |query: &StoredExpr| -> Vec<ViewId> {
            let view = |target: ObjectId| if let ObjectId::View(id) = target { Some(id) } else { None };
            query.references.iter().filter_map(|r| view(r.target)).collect()
        };
        let mut seen = BTreeSet::new();
        let mut open = views(query);
        while let Some(id) = open.pop() {
            let Some(view) = self.schema.views.get(id).filter(|v| !v.materialized && seen.insert(id)) else { continue };
            let within = views(&view.query);
            if within.contains(&id) {
                let message = format!("infinite recursion detected in rules for relation \"{}\"", view.name);
                return refuse(state::INVALID_OBJECT_DEFINITION, query.source.span, message);
            }
            open.extend(within);
        }
        Ok(())
    }

    fn is_temporary(&self, object: ObjectId) -> bool {
        match object {
            ObjectId::Table(id) | ObjectId::Column(id, _) => {
                self.schema.tables.get(id).is_some_and(|t| t.persistence == Persistence::Temporary)
            }
            ObjectId::View(id) => {
                let temporary = self.schema.find_namespace("pg_temp");
                self.schema.views.get(id).is_some_and(|v| Some(v.namespace) == temporary)
            }
            _ => false,
        }
    }

    /// CREATE OR REPLACE VIEW: columns may only be added at the end. Source: PostgreSQL manual, CREATE VIEW.
    fn replace_view(
        &mut self,
        id: ViewId,
        create: &CreateView,
        query: StoredExpr,
        columns: Vec<Name>,
        types: &[Option<DataType>],
        partial: bool,
    ) -> Outcome {
        let span = create.name.name.span;
        if let Some(old) = self.schema.views.get(id) {
            if !partial && columns.len() < old.columns.len() {
                return refuse(state::INVALID_TABLE_DEFINITION, span, "cannot drop columns from view");
            }
            if let Some((before, after)) = old.columns.iter().zip(&columns).find(|(a, b)| a != b) {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    span,
                    format!("cannot change name of view column \"{before}\" to \"{after}\""),
                );
            }
            // Only where both are certain: what a view's column is of is inferred.
            let builtin = |t: &Option<DataType>| t.as_ref().is_some_and(|t| matches!(t.base, BaseType::Builtin(_)));
            let mut both = old.column_types.iter().zip(types).zip(&old.columns);
            if let Some((_, column)) = both.find(|((a, b), _)| builtin(a) && builtin(b) && a != b) {
                let message = format!("cannot change data type of view column \"{column}\"");
                return refuse(state::INVALID_TABLE_DEFINITION, span, message);
            }
        }
        self.note_references(ObjectId::View(id), &query);
        if let Some(view) = self.schema.views.get_mut(id) {
            view.query = query;
            view.columns = columns;
            view.options = create.options.clone();
            view.span = self.span;
            view.name_span = span;
        }
        self.effect(Effect::Altered(ObjectId::View(id)));
        Ok(())
    }

    /// ALTER VIEW and ALTER MATERIALIZED VIEW.
    pub(super) fn alter_view(&mut self, id: ViewId, alter: &AlterTable) -> Outcome {
        let materialized = self.schema.views.get(id).is_some_and(|v| v.materialized);
        self.check_actions(alter, |action| allowed_on_view(action, materialized))?;
        for (action, _) in &alter.actions {
            match action {
                AlterTableAction::SetOptions(options) => {
                    if let Some(view) = self.schema.views.get_mut(id) {
                        super::tables::set_options(&mut view.options, options);
                    }
                }
                AlterTableAction::ResetOptions(names) => {
                    if let Some(view) = self.schema.views.get_mut(id) {
                        view.options.retain(|(n, _)| !names.contains(n));
                    }
                }
                AlterTableAction::OwnerTo(role) => {
                    if let Some(view) = self.schema.views.get_mut(id) {
                        view.owner = Some(role.fold());
                    }
                }
                AlterTableAction::ClusterOn(index) => self.cluster_on(RelationId::View(id), index.as_ref())?,
                AlterTableAction::ReplicaIdentity { index, .. } => {
                    self.replica_identity(RelationId::View(id), index.as_ref())?;
                }
                AlterTableAction::SetDefault { column, .. }
                | AlterTableAction::DropDefault { column }
                | AlterTableAction::AddIdentity { column, .. }
                | AlterTableAction::SetIdentity { column, .. }
                | AlterTableAction::DropIdentity { column, .. } => {
                    self.view_column_action(id, action, column)?;
                }
                _ => {}
            }
        }
        self.effect(Effect::Altered(ObjectId::View(id)));
        Ok(())
    }

    /// What may be done to a column of a view: it may have a default, and never has an identity.
    fn view_column_action(&mut self, id: ViewId, action: &AlterTableAction, column: &Ident) -> Outcome {
        self.check_view_column(id, column)?;
        let (name, relation) = (column.fold(), self.relation_name(RelationId::View(id)));
        let why = match action {
            AlterTableAction::AddIdentity { .. } => "must be declared NOT NULL before identity can be added",
            AlterTableAction::SetIdentity { .. } | AlterTableAction::DropIdentity { if_exists: false, .. } => {
                "is not an identity column"
            }
            _ => return Ok(()),
        };
        let message = format!("column \"{name}\" of relation \"{relation}\" {why}");
        refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, column.span, message)
    }

    /// Whether a view has a column, as far as its columns are known.
    pub(super) fn check_view_column(&self, id: ViewId, column: &Ident) -> Outcome {
        let name = column.fold();
        if self.schema.views.get(id).is_none_or(|v| v.partial || v.columns.contains(&name)) {
            return Ok(());
        }
        let relation = self.relation_name(RelationId::View(id));
        let message = format!("column \"{name}\" of relation \"{relation}\" does not exist");
        refuse(state::UNDEFINED_COLUMN, column.span, message)
    }

    /// REFRESH MATERIALIZED VIEW.
    pub(super) fn refresh(&mut self, name: &QualifiedName, concurrently: bool, with_data: bool) -> Outcome {
        let id = self.view(name)?;
        if concurrently && !with_data {
            let message = "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together";
            return refuse(state::SYNTAX_ERROR, self.span, message);
        }
        self.note(Note::Uses(RelationId::View(id)));
        let Some(view) = self.schema.views.get(id) else { return Ok(()) };
        if !view.materialized {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                name.span(),
                format!("\"{}\" is not a table or materialized view", view.name),
            );
        }
        let unique = view.indexes.iter().filter_map(|i| self.schema.indexes.get(*i)).any(|i| {
            i.dropped.is_none()
                && i.unique
                && i.predicate.is_none()
                && super::constraints::key_columns(&i.keys).len() == i.keys.len()
        });
        if concurrently && !unique {
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                name.span(),
                format!("cannot refresh materialized view \"{}\" concurrently", self.schema.path(ObjectId::View(id))),
            );
        }
        Ok(())
    }
}
