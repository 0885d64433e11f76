//! ALTER TABLE: its passes, and what each action does to the columns.

use super::super::conflict::{Outcome, refuse, refuse_for, state};
use super::super::constants::is_untyped_string;
use super::super::constraints::KeyDraft;
use super::super::lookup::object_of;
use super::super::references::{Scope, has_subquery};
use super::super::{Effect, Note, Replayer};
use super::{Draft, MAX_COLUMNS, SequenceDraft, identity_type, set_options};
use crate::expr::Expr;
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    AlterTable, AlterTableAction, ColumnConstraintKind, ColumnDef, ConstraintDefKind, ObjectKind, RowSecurity,
    SequenceOptions, TypeName,
};
use crate::schema::{
    ColumnNumber, ConstraintKind, DataType, Identity, Index, KeyTarget, ObjectId, RelationId, Table, TableId, TableKind,
};
use crate::source::Span;

impl Replayer {
    /// ALTER TABLE and relatives.
    pub(in crate::replay) fn alter_table(&mut self, alter: &AlterTable) -> Outcome {
        if alter.if_exists && self.find_relation(&alter.name).is_none() {
            return Ok(());
        }
        let relation = self.relation(&alter.name)?;
        self.subject = alter.name.span();
        self.check_kind(relation, alter.kind, &alter.name)?;
        match relation {
            RelationId::Table(id) => self.alter_columns(id, alter),
            RelationId::View(id) => self.alter_view(id, alter),
            RelationId::Index(id) => self.alter_index(id, alter),
            RelationId::Sequence(id) => {
                self.check_actions(alter, |action| {
                    matches!(action, AlterTableAction::OwnerTo(_) | AlterTableAction::SetLogged(_))
                })?;
                self.effect(Effect::Altered(ObjectId::Sequence(id)));
                Ok(())
            }
            RelationId::Composite(id) => self.alter_composite(id, alter),
        }
    }

    /// Whether a relation is what the statement calls it. ALTER TABLE may name any relation.
    pub(in crate::replay) fn check_kind(
        &self,
        relation: RelationId,
        kind: ObjectKind,
        name: &QualifiedName,
    ) -> Outcome {
        let what = match (kind, relation) {
            (ObjectKind::View, RelationId::View(id)) if self.schema.views.get(id).is_none_or(|v| !v.materialized) => {
                return Ok(());
            }
            (ObjectKind::MaterializedView, RelationId::View(id))
                if self.schema.views.get(id).is_none_or(|v| v.materialized) =>
            {
                return Ok(());
            }
            (ObjectKind::Index, RelationId::Index(_))
            | (ObjectKind::Sequence, RelationId::Sequence(_))
            | (ObjectKind::Type, RelationId::Composite(_)) => return Ok(()),
            (ObjectKind::Table, RelationId::Composite(_)) => "a table, view, materialized view, sequence, or index",
            (ObjectKind::View, _) => "a view",
            (ObjectKind::MaterializedView, _) => "a materialized view",
            (ObjectKind::Index, _) => "an index",
            (ObjectKind::Sequence, _) => "a sequence",
            (ObjectKind::Type, _) => "a composite type",
            (ObjectKind::ForeignTable, RelationId::Table(id))
                if self.schema.tables.get(id).is_none_or(|t| t.kind == TableKind::Foreign) =>
            {
                return Ok(());
            }
            (ObjectKind::ForeignTable, _) => "a foreign table",
            _ => return Ok(()),
        };
        refuse_for(
            state::WRONG_OBJECT_TYPE,
            name.span(),
            format!("\"{}\" is not {what}", name.name.fold()),
            vec![object_of(relation)],
        )
    }

    /// The actions of ALTER TABLE in PostgreSQL's order: drops, types, new columns, attributes, keys, other constraints, the rest.
    fn alter_columns(&mut self, table: TableId, alter: &AlterTable) -> Outcome {
        let recurse = !alter.only;
        let before = self.columns_if_held(table);
        let was = self.schema.tables.get(table).map(|t| t.persistence);
        self.effect(Effect::Altered(ObjectId::Table(table)));
        self.check_transforms(table, alter)?;
        if let [(action, span)] = alter.actions.as_slice()
            && !matches!(action, AlterTableAction::AddColumn { .. })
        {
            self.alter_action(table, action, *span, recurse)?;
            self.check_keys_again(table, alter)?;
            self.rows_change(table, alter, was)?;
            return self.check_held(table, before.as_deref(), alter);
        }
        let mut drafts: Vec<Draft> = Vec::new();
        let held = self.not_null_columns(table);
        let types = self.types_before(table, alter);
        for pass in 0..=7_u8 {
            if pass == 3 {
                self.check_keys_again(table, alter)?;
                self.check_indexes_for_keys(table, alter)?;
            }
            // Constraints of new columns come with the constraints of their kind, before those that are added by themselves.
            for draft in &drafts {
                if pass == 4 {
                    self.name_not_nulls(table, &draft.not_nulls)?;
                    self.add_keys(table, &draft.keys)?;
                } else if pass == 6 {
                    for check in &draft.checks {
                        self.add_check(table, check, recurse)?;
                    }
                    for foreign_key in &draft.foreign_keys {
                        self.check_not_only(table, foreign_key.references, recurse, foreign_key.span)?;
                        self.add_foreign_key(table, foreign_key)?;
                    }
                }
            }
            for (action, span) in &alter.actions {
                if pass_of(action) == pass {
                    match action {
                        AlterTableAction::AddColumn { if_not_exists, column, .. } => {
                            let mut draft = Draft::default();
                            self.add_column(table, column, *if_not_exists, recurse, &mut draft)?;
                            drafts.push(draft);
                        }
                        AlterTableAction::SetNotNull { column } => {
                            let held = held.contains(&column.fold());
                            self.set_not_null(table, column, recurse, held)?;
                        }
                        AlterTableAction::SetType { column, .. } => {
                            self.check_type_as_before(table, column, &types)?;
                            self.alter_action(table, action, *span, recurse)?;
                        }
                        _ => self.alter_action(table, action, *span, recurse)?,
                    }
                }
            }
        }
        self.rows_change(table, alter, was)?;
        self.check_held(table, before.as_deref(), alter)
    }

    /// The columns that get another type, and those that they have.
    fn types_before(&self, table: TableId, alter: &AlterTable) -> Vec<(ColumnNumber, DataType)> {
        let changed = alter.actions.iter().filter_map(|(action, _)| match action {
            AlterTableAction::SetType { column, .. } => self.find_column(table, &column.fold()),
            _ => None,
        });
        changed.filter_map(|number| Some((number, self.schema.column(table, number)?.data_type.clone()))).collect()
    }

    /// Refuses another type for a column that the statement has given one already (`ATExecAlterColumnType`).
    fn check_type_as_before(&self, table: TableId, column: &Ident, before: &[(ColumnNumber, DataType)]) -> Outcome {
        let changed = self.find_column(table, &column.fold()).is_some_and(|number| {
            let now = self.schema.column(table, number).map(|c| &c.data_type);
            before.iter().any(|(at, data_type)| *at == number && Some(data_type) != now)
        });
        if !changed {
            return Ok(());
        }
        refuse(
            state::FEATURE_NOT_SUPPORTED,
            column.span,
            format!("cannot alter type of column \"{}\" twice", column.fold()),
        )
    }

    /// Refuses another type for a column that rows are put into partitions by.
    fn check_not_in_key(&self, t: &Table, table: TableId, number: ColumnNumber, span: Span) -> Outcome {
        let inherited = t.column(number).is_some_and(|c| c.inherit_count > 0);
        let Some(name) = t.column(number).map(|c| &c.name).filter(|_| !inherited) else { return Ok(()) };
        let Some(keyed) = self.keyed_by(table, name) else { return Ok(()) };
        let message = format!(
            "cannot alter column \"{name}\" because it is part of the partition key of relation \"{}\"",
            self.table_name(keyed)
        );
        refuse(state::INVALID_TABLE_DEFINITION, span, message)
    }

    /// What USING makes new values of is looked at before anything is done (`ATPrepAlterColumnType`).
    fn check_transforms(&mut self, table: TableId, alter: &AlterTable) -> Outcome {
        for (action, span) in &alter.actions {
            if let AlterTableAction::SetLogged(_) = action {
                self.check_may_be_logged(table, *span)?;
            }
            let AlterTableAction::SetType { column, data_type, using, .. } = action else { continue };
            let number = self.column(table, column)?;
            if let Some(t) = self.schema.tables.get(table) {
                if t.column(number).is_some_and(|c| c.inherit_count > 0) {
                    let message = format!("cannot alter inherited column \"{}\"", column.fold());
                    return refuse(state::INVALID_TABLE_DEFINITION, column.span, message);
                }
                self.check_not_in_key(t, table, number, column.span)?;
            }
            let Some(using) = using else { continue };
            let mut tables = vec![table];
            if !alter.only {
                self.descendants(table, &mut tables);
            }
            let foreign = |id: &TableId| self.schema.tables.get(*id).is_some_and(|t| t.kind == TableKind::Foreign);
            if let Some(foreign) = tables.into_iter().find(foreign) {
                let message = format!("\"{}\" is not a table", self.table_name(foreign));
                return refuse(state::WRONG_OBJECT_TYPE, column.span, message);
            }
            let scanned = self.scan_fully(using, Scope::Relation(RelationId::Table(table)), false);
            if let Some(missing) = scanned.missing {
                return refuse(missing.sqlstate, missing.span, missing.message);
            }
            if has_subquery(using) {
                let message = "cannot use subquery in transform expression";
                return refuse(state::FEATURE_NOT_SUPPORTED, using.span, message);
            }
            self.check_transform_type(table, column, data_type, using)?;
        }
        Ok(())
    }

    /// Refuses new values of a type from which no assignment makes the column's.
    fn check_transform_type(&self, table: TableId, column: &Ident, written: &TypeName, using: &Expr) -> Outcome {
        // A string or NULL by itself is of no type yet.
        let bare = using.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')'));
        if self.described || bare.eq_ignore_ascii_case("null") || is_untyped_string(using) {
            return Ok(());
        }
        let (Ok(to), Some(from)) =
            (self.resolve_type(written), self.type_of_expression(using, RelationId::Table(table)))
        else {
            return Ok(());
        };
        if self.assignable(&to, &from) {
            return Ok(());
        }
        let message = format!(
            "result of USING clause for column \"{}\" cannot be cast automatically to type {}",
            column.fold(),
            to.display(&self.schema)
        );
        refuse(state::DATATYPE_MISMATCH, column.span, message)
    }

    /// Foreign keys are made again when a type changes, and so must still be possible (`ATPostAlterTypeParse`).
    fn check_keys_again(&self, table: TableId, alter: &AlterTable) -> Outcome {
        for (action, _) in &alter.actions {
            let AlterTableAction::SetType { column, .. } = action else { continue };
            let Some(number) = self.find_column(table, &column.fold()) else { continue };
            let own = self.schema.tables.get(table).into_iter().flat_map(|t| &t.constraints).copied();
            for id in own.chain(self.schema.references_to(table)) {
                let Some(c) = self.schema.constraints.get(id).filter(|c| c.dropped.is_none()) else { continue };
                let ConstraintKind::ForeignKey(fk) = &c.kind else { continue };
                let reads = c.table == table && c.columns.contains(&number);
                if reads || (fk.references == table && fk.columns.contains(&number)) {
                    self.check_key_types(c.table, &c.columns, fk.references, &fk.columns, &c.name, column.span)?;
                }
            }
        }
        Ok(())
    }

    /// An index that is to become a key is looked up when columns are dropped, changed and added, and before all else (`AT_PASS_ADD_CONSTR`).
    fn check_indexes_for_keys(&self, table: TableId, alter: &AlterTable) -> Outcome {
        for (action, _) in &alter.actions {
            if let AlterTableAction::AddConstraint(constraint) = action
                && let Some(index) = KeyDraft::of_table(constraint).and_then(|key| key.using_index())
            {
                self.index_for_key(table, index)?;
            }
        }
        Ok(())
    }

    fn alter_action(&mut self, table: TableId, action: &AlterTableAction, span: Span, recurse: bool) -> Outcome {
        use AlterTableAction as Action;
        match action {
            // Handled by the caller, which also makes the new column's constraints.
            Action::AddColumn { .. } => Ok(()),
            Action::DropColumn { name, if_exists, cascade } => {
                self.drop_column(table, name, *if_exists, *cascade, recurse)
            }
            Action::SetType { column, data_type, collation, using, cascade: _ } => {
                let number = self.column(table, column)?;
                let to = self.resolve_type(data_type)?;
                // What a foreign server gives is read as whatever the column is said to be: nothing is cast.
                let foreign = self.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Foreign);
                self.check_cast(table, number, &to, using.is_some() || foreign, column.span)?;
                self.set_type(table, column, data_type, collation.as_ref(), recurse)
            }
            Action::SetDefault { column, value } => self.set_default(table, column, Some(value), recurse),
            Action::DropDefault { column } => self.set_default(table, column, None, recurse),
            Action::SetNotNull { column } => self.set_not_null(table, column, recurse, false),
            Action::DropNotNull { column } => self.drop_not_null(table, column, recurse),
            Action::SetExpression { column, value } => {
                let number = self.column(table, column)?;
                // STORED or VIRTUAL stays.
                let generated = self.schema.column(table, number).and_then(|c| c.generated.as_ref());
                let stored = generated.is_none_or(|g| g.stored);
                self.store_default(table, number, value, Some(stored))
            }
            Action::DropExpression { column, if_exists } => self.drop_expression(table, column, *if_exists, recurse),
            Action::AddIdentity { column, always, options } => {
                self.add_identity(table, column, *always, options, recurse, span)
            }
            Action::SetIdentity { column, always, options } => {
                self.set_identity(table, column, *always, options, recurse)
            }
            Action::DropIdentity { column, if_exists } => self.drop_identity(table, column, *if_exists, recurse),
            Action::ColumnSetting { column, .. } => match column {
                Some(column) => self.column(table, column).map(|_| ()),
                None => Ok(()),
            },
            Action::AddConstraint(constraint) => self.add_constraint(table, constraint, recurse),
            // Of NOT NULL constraints only, which have no name here.
            Action::AlterConstraint { inherit: Some(_), .. } => Ok(()),
            Action::AlterConstraint { name, deferrable, initially_deferred, enforced, .. } => {
                self.alter_constraint(table, name, (*deferrable, *initially_deferred), *enforced)
            }
            Action::ValidateConstraint { name } => self.validate_constraint(table, name),
            Action::DropConstraint { name, if_exists, cascade } => {
                self.drop_constraint(table, name, *if_exists, *cascade, recurse)
            }
            Action::DropPrimaryKey => {
                let key = self.schema.tables.get(table).and_then(|t| {
                    let mut own =
                        self.schema.constraints_of(t).filter(|(_, c)| matches!(c.kind, ConstraintKind::PrimaryKey));
                    own.next().map(|(_, c)| Ident { text: c.name.to_string().into(), quoted: true, span })
                });
                // What an unknown drop before it took away no longer depends on it.
                let cascade = self.dropped_unknown;
                key.map_or(Ok(()), |name| self.drop_constraint(table, &name, false, cascade, recurse))
            }
            Action::TriggerState { name, state } => {
                self.set_trigger_state(RelationId::Table(table), name.as_ref(), *state)
            }
            Action::RuleState { name, .. } => self.rule_exists(RelationId::Table(table), name),
            Action::RowSecurity(setting) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    match setting {
                        RowSecurity::Enable => t.rls_enabled = true,
                        RowSecurity::Disable => t.rls_enabled = false,
                        RowSecurity::Force => t.rls_forced = true,
                        RowSecurity::NoForce => t.rls_forced = false,
                    }
                }
                Ok(())
            }
            Action::ClusterOn(index) => self.cluster_on(RelationId::Table(table), index.as_ref()),
            Action::ReplicaIdentity { index, .. } => self.replica_identity(RelationId::Table(table), index.as_ref()),
            Action::SetLogged(logged) => self.set_logged(table, *logged, span),
            Action::SetTablespace(_) | Action::SetAccessMethod(_) | Action::ForeignOptions => Ok(()),
            Action::SetOptions(options) => {
                self.check_options(table, options, span)?;
                if let Some(t) = self.schema.tables.get_mut(table) {
                    set_options(&mut t.options, options);
                }
                Ok(())
            }
            Action::ResetOptions(names) => {
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.options.retain(|(name, _)| !names.contains(name));
                }
                Ok(())
            }
            Action::Inherit(parent) => self.inherit(table, parent),
            Action::NoInherit(parent) => self.no_inherit(table, parent),
            Action::OfType(of) => self.set_of_type(table, of.as_ref(), span),
            Action::AttachPartition { name, bound } => self.attach_partition(table, name, bound),
            Action::DetachPartition { name, concurrently, finalize } => {
                if *concurrently {
                    self.not_in_transaction("ALTER TABLE ... DETACH CONCURRENTLY")?;
                }
                self.detach_partition(table, name, *concurrently, *finalize)
            }
            Action::AttachIndex { name } => {
                refuse(state::WRONG_OBJECT_TYPE, name.span(), format!("\"{}\" is not an index", self.table_name(table)))
            }
            Action::OwnerTo(role) => {
                let role = role.fold();
                if let Some(t) = self.schema.tables.get_mut(table) {
                    t.owner = Some(role);
                }
                Ok(())
            }
        }
    }

    /// ADD COLUMN, on the table and its children.
    pub(in crate::replay) fn add_column<'a>(
        &mut self,
        table: TableId,
        def: &'a ColumnDef,
        if_not_exists: bool,
        recurse: bool,
        draft: &mut Draft<'a>,
    ) -> Outcome {
        let name = def.name.fold();
        if let Some(t) = self.schema.tables.get(table) {
            if t.of_type.is_some() {
                return refuse(state::WRONG_OBJECT_TYPE, def.name.span, "cannot add column to typed table");
            }
            if t.partition_of.is_some() {
                return refuse(state::WRONG_OBJECT_TYPE, def.name.span, "cannot add column to a partition");
            }
            if let Some(existing) = t.find_column(&name) {
                if if_not_exists {
                    return Ok(());
                }
                return refuse_for(
                    state::DUPLICATE_COLUMN,
                    def.name.span,
                    format!("column \"{name}\" of relation \"{}\" already exists", t.name),
                    vec![ObjectId::Column(table, existing)],
                );
            }
            if t.columns.len() >= MAX_COLUMNS {
                return refuse(
                    state::TOO_MANY_COLUMNS,
                    def.name.span,
                    format!("tables can have at most {MAX_COLUMNS} columns"),
                );
            }
        }
        let table_name = self.table_name(table);
        self.draft_column(def, draft, &mut Vec::new(), &table_name)?;
        let Some(column) = draft.columns.pop() else { return Ok(()) };
        self.not_within_itself(table, &column.data_type, def.span)?;
        let number = {
            let Some(t) = self.schema.tables.get_mut(table) else { return Ok(()) };
            t.columns.push(column);
            ColumnNumber::from_index(t.columns.len() - 1)
        };
        self.effect(Effect::Created(ObjectId::Column(table, number)));
        self.make_sequences(table, &draft.sequences)?;
        self.apply_defaults(table, &draft.defaults)?;
        let on: Option<ObjectId> = self.schema.column(table, number).and_then(|c| Self::type_objects(&c.data_type));
        if let Some(on) = on {
            self.schema.note_dependent(on, ObjectId::Column(table, number));
        }
        let children = self.schema.children_of(table);
        if !children.is_empty() {
            let followed = self.shares_identity(table);
            if recurse
                && !followed
                && def.constraints.iter().any(|c| matches!(c.kind, ColumnConstraintKind::Identity { .. }))
            {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    def.name.span,
                    "cannot recursively add identity column to table that has child tables",
                );
            }
            if !recurse {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    def.name.span,
                    "column must be added to child tables too",
                );
            }
            self.add_inherited_column(table, number, &children, def.name.span)?;
            if let Some(identity) = self.schema.column(table, number).and_then(|c| c.identity) {
                self.spread_identity(table, &name, Some(identity), false);
            }
        }
        Ok(())
    }

    fn set_type(
        &mut self,
        table: TableId,
        column: &Ident,
        written: &TypeName,
        collation: Option<&QualifiedName>,
        recurse: bool,
    ) -> Outcome {
        if self.schema.tables.get(table).is_some_and(|t| t.of_type.is_some()) {
            return refuse(state::WRONG_OBJECT_TYPE, column.span, "cannot alter column type of typed table");
        }
        let number = self.column(table, column)?;
        let data_type = self.resolve_type(written)?;
        super::super::types::check_column_type(column, &data_type)?;
        if let Some(collation) = collation {
            self.check_collatable(&data_type, collation.span())?;
        }
        let name = column.fold();
        if let Some(t) = self.schema.tables.get(table) {
            self.check_not_in_key(t, table, number, column.span)?;
        }
        if !recurse && !self.schema.children_of(table).is_empty() {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                column.span,
                format!("type of inherited column \"{name}\" must be changed in child tables too"),
            );
        }
        let mut tables = vec![table];
        if recurse {
            self.descendants(table, &mut tables);
        }
        self.not_within_itself(table, &data_type, written.span)?;
        if self.schema.column(table, number).is_some_and(|c| c.identity.is_some()) {
            identity_type(&data_type, written.span)?;
        }
        for id in &tables {
            let Some(number) = self.find_column(*id, &name) else { continue };
            // A child that has the column from a table beside these, too, can't follow.
            let (Some(t), Some(c)) = (self.schema.tables.get(*id), self.schema.column(*id, number)) else { continue };
            let parents = t.inherits.iter().chain(t.partition_of.as_ref().map(|(parent, _)| parent));
            let above = parents.filter(|p| tables.contains(p)).count();
            if *id != table && usize::from(c.inherit_count) > above {
                let message = format!("cannot alter inherited column \"{name}\" of relation \"{}\"", t.name);
                return refuse(state::INVALID_TABLE_DEFINITION, column.span, message);
            }
            self.check_type_change(*id, number, column.span)?;
        }
        let own = self.own_collation(&data_type);
        let collation = collation.map(|c| c.name.fold()).filter(|c| c != "default" && Some(c) != own.as_ref());
        for id in tables {
            let Some(number) = self.find_column(id, &name) else { continue };
            let mut identity = None;
            let mut had = None;
            if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                had = Some(std::mem::replace(&mut c.data_type, data_type.clone()));
                c.collation = collation.clone();
                c.type_span = written.span;
                if c.identity.is_some() {
                    identity = c.sequence;
                }
            }
            if let Some(had) = had {
                self.note(Note::HadType(id, number, Box::new(had)));
            }
            if let Some(on) = Self::type_objects(&data_type) {
                self.schema.note_dependent(on, ObjectId::Column(id, number));
            }
            if let (Some(sequence), Some(name)) = (identity, data_type.builtin_name()) {
                self.change_sequence(sequence, Some(name.into()), &SequenceOptions::default());
            }
            self.effect(Effect::Altered(ObjectId::Column(id, number)));
        }
        Ok(())
    }

    fn set_default(&mut self, table: TableId, column: &Ident, value: Option<&Expr>, recurse: bool) -> Outcome {
        let number = self.column(table, column)?;
        let name = column.fold();
        if let Some(c) = self.schema.column(table, number) {
            let relation = self.table_name(table);
            if c.identity.is_some() {
                return refuse(
                    state::SYNTAX_ERROR,
                    column.span,
                    format!("column \"{name}\" of relation \"{relation}\" is an identity column"),
                );
            }
            if c.generated.is_some() {
                return refuse(
                    state::SYNTAX_ERROR,
                    column.span,
                    format!("column \"{name}\" of relation \"{relation}\" is a generated column"),
                );
            }
        }
        let mut tables = vec![table];
        if recurse {
            self.descendants(table, &mut tables);
        }
        for id in tables {
            let Some(number) = self.find_column(id, &name) else { continue };
            match value {
                Some(value) => self.store_default(id, number, value, None)?,
                None => {
                    if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                        c.default = None;
                    }
                }
            }
            self.effect(Effect::Altered(ObjectId::Column(id, number)));
        }
        Ok(())
    }

    fn not_null_columns(&self, table: TableId) -> Vec<Name> {
        let columns = self.schema.tables.get(table).into_iter().flat_map(Table::live_columns);
        columns.filter(|(_, c)| c.not_null).map(|(_, c)| c.name.clone()).collect()
    }

    /// SET NOT NULL; `held` where the column had it before the statement. Then its children are left alone, even if an action of the same statement
    /// has just taken it from all of them (`ATPrepSetNotNull`).
    pub(in crate::replay) fn set_not_null(
        &mut self,
        table: TableId,
        column: &Ident,
        recurse: bool,
        held: bool,
    ) -> Outcome {
        self.column(table, column)?;
        let name = column.fold();
        if !recurse && !held {
            let open = self.partitions_in_order(table).into_iter().any(|partition| {
                self.find_column(partition, &name)
                    .and_then(|number| self.schema.column(partition, number))
                    .is_some_and(|c| !c.not_null)
            });
            if open {
                return refuse(
                    state::INVALID_TABLE_DEFINITION,
                    column.span,
                    "constraint must be added to child tables too",
                );
            }
        }
        let mut tables = vec![table];
        if recurse && !held {
            self.descendants(table, &mut tables);
        }
        for id in tables {
            if let Some(number) = self.find_column(id, &name) {
                self.mark_not_null(id, number);
            }
        }
        Ok(())
    }

    /// Sets NOT NULL on one column of one table.
    pub(in crate::replay) fn mark_not_null(&mut self, table: TableId, column: ColumnNumber) {
        if self.schema.column(table, column).is_some_and(|c| !c.not_null) {
            if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())) {
                c.not_null = true;
            }
            self.note(Note::WasNullable(table, column));
            self.effect(Effect::Altered(ObjectId::Column(table, column)));
        }
    }

    pub(in crate::replay) fn drop_not_null(&mut self, table: TableId, column: &Ident, recurse: bool) -> Outcome {
        let number = self.column(table, column)?;
        let name = column.fold();
        let Some(t) = self.schema.tables.get(table) else { return Ok(()) };
        if t.column(number).is_some_and(|c| c.identity.is_some()) {
            return refuse(
                state::SYNTAX_ERROR,
                column.span,
                format!("column \"{name}\" of relation \"{}\" is an identity column", t.name),
            );
        }
        if self.schema.primary_key_of(t).is_some_and(|(_, key)| key.columns.contains(&number)) {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                column.span,
                format!("column \"{name}\" is in a primary key"),
            );
        }
        let identifies = |index: &Index| {
            index.replica_identity && index.keys.iter().any(|k| matches!(k.target, KeyTarget::Column(c) if c == number))
        };
        if self.schema.indexes_of(t).any(|(_, index)| identifies(index)) {
            let message = format!("column \"{name}\" is in index used as replica identity");
            return refuse(state::INVALID_TABLE_DEFINITION, column.span, message);
        }
        if let Some((parent, _)) = &t.partition_of
            && let Some(p) = self.schema.tables.get(*parent)
            && p.find_column(&name).and_then(|n| p.column(n)).is_some_and(|c| c.not_null)
        {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                column.span,
                format!("column \"{name}\" is marked NOT NULL in parent table"),
            );
        }
        if !recurse && !self.partitions_in_order(table).is_empty() {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                column.span,
                "cannot remove constraint from only the partitioned table when partitions exist",
            );
        }
        let mut tables = vec![table];
        if recurse {
            self.descendants(table, &mut tables);
        }
        for id in tables {
            let Some(number) = self.find_column(id, &name) else { continue };
            let mut was_not_null = false;
            if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                was_not_null = std::mem::take(&mut c.not_null);
            }
            if was_not_null {
                self.not_null_names.forget((id, number));
                self.note(Note::WasNotNull(id, number));
            }
            self.effect(Effect::Altered(ObjectId::Column(id, number)));
        }
        Ok(())
    }

    fn drop_expression(&mut self, table: TableId, column: &Ident, if_exists: bool, recurse: bool) -> Outcome {
        if !recurse && !self.schema.children_of(table).is_empty() {
            let message = "ALTER TABLE / DROP EXPRESSION must be applied to child tables too";
            return refuse(state::FEATURE_NOT_SUPPORTED, column.span, message);
        }
        let number = self.column(table, column)?;
        let name = column.fold();
        if self.schema.column(table, number).is_some_and(|c| c.inherit_count > 0) {
            let message = "cannot drop generation expression from inherited column";
            return refuse(state::INVALID_TABLE_DEFINITION, column.span, message);
        }
        if self.schema.column(table, number).is_some_and(|c| c.generated.is_none()) {
            if if_exists {
                return Ok(());
            }
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                column.span,
                format!(
                    "column \"{name}\" of relation \"{}\" is not a stored generated column",
                    self.table_name(table)
                ),
            );
        }
        if self.schema.column(table, number).and_then(|c| c.generated.as_ref()).is_some_and(|g| !g.stored) {
            let message = "ALTER TABLE / DROP EXPRESSION is not supported for virtual generated columns";
            return refuse(state::FEATURE_NOT_SUPPORTED, column.span, message);
        }
        let mut tables = vec![table];
        if recurse {
            self.descendants(table, &mut tables);
        }
        for id in tables {
            let Some(number) = self.find_column(id, &name) else { continue };
            if let Some(c) = self.schema.tables.get_mut(id).and_then(|t| t.columns.get_mut(number.index())) {
                c.generated = None;
            }
        }
        Ok(())
    }

    fn add_identity(
        &mut self,
        table: TableId,
        column: &Ident,
        always: bool,
        options: &SequenceOptions,
        recurse: bool,
        span: Span,
    ) -> Outcome {
        self.check_identity_is_own(table, column, "add identity to", recurse)?;
        let number = self.column(table, column)?;
        let (name, relation) = (column.fold(), self.table_name(table));
        let Some(c) = self.schema.column(table, number) else { return Ok(()) };
        let data_type = identity_type(&c.data_type, column.span)?;
        let refusal = if !c.not_null {
            Some("must be declared NOT NULL before identity can be added")
        } else if c.identity.is_some() {
            Some("is already an identity column")
        } else if c.default.is_some() {
            Some("already has a default value")
        } else {
            None
        };
        if let Some(why) = refusal {
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                column.span,
                format!("column \"{name}\" of relation \"{relation}\" {why}"),
            );
        }
        let identity = Some(if always { Identity::Always } else { Identity::ByDefault });
        self.spread_identity(table, &name, identity, false);
        self.make_sequences(table, &[SequenceDraft { column: name, data_type, options: Some(options), span }])?;
        if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
            c.identity = identity;
        }
        self.effect(Effect::Altered(ObjectId::Column(table, number)));
        Ok(())
    }

    fn set_identity(
        &mut self,
        table: TableId,
        column: &Ident,
        always: Option<bool>,
        options: &SequenceOptions,
        recurse: bool,
    ) -> Outcome {
        self.check_identity_is_own(table, column, "change identity of", recurse)?;
        let number = self.column(table, column)?;
        let (name, relation) = (column.fold(), self.table_name(table));
        let Some(sequence) = self.schema.column(table, number).filter(|c| c.identity.is_some()).map(|c| c.sequence)
        else {
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                column.span,
                format!("column \"{name}\" of relation \"{relation}\" is not an identity column"),
            );
        };
        if let Some(always) = always {
            let identity = Some(if always { Identity::Always } else { Identity::ByDefault });
            if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
                c.identity = identity;
            }
            self.spread_identity(table, &name, identity, false);
        }
        if let Some(sequence) = sequence {
            self.change_sequence(sequence, None, options);
        }
        self.effect(Effect::Altered(ObjectId::Column(table, number)));
        Ok(())
    }

    fn drop_identity(&mut self, table: TableId, column: &Ident, if_exists: bool, recurse: bool) -> Outcome {
        self.check_identity_is_own(table, column, "drop identity from", recurse)?;
        let number = self.column(table, column)?;
        let (name, relation) = (column.fold(), self.table_name(table));
        let Some(c) = self.schema.column(table, number) else { return Ok(()) };
        if c.identity.is_none() {
            if if_exists {
                return Ok(());
            }
            return refuse(
                state::OBJECT_NOT_IN_PREREQUISITE_STATE,
                column.span,
                format!("column \"{name}\" of relation \"{relation}\" is not an identity column"),
            );
        }
        let sequence = c.sequence;
        if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(number.index())) {
            c.identity = None;
            c.sequence = None;
        }
        self.spread_identity(table, &name, None, false);
        if let Some(sequence) = sequence {
            self.remove_sequence(sequence);
        }
        self.effect(Effect::Altered(ObjectId::Column(table, number)));
        Ok(())
    }
}

/// The pass of ALTER TABLE in which an action runs (`AT_PASS_…`).
fn pass_of(action: &AlterTableAction) -> u8 {
    use AlterTableAction as Action;
    match action {
        Action::DropColumn { .. }
        | Action::DropConstraint { .. }
        | Action::DropPrimaryKey
        | Action::DropNotNull { .. }
        | Action::DropDefault { .. }
        | Action::DropExpression { .. }
        | Action::DropIdentity { .. } => 0,
        Action::SetType { .. } => 1,
        Action::AddColumn { .. } => 2,
        Action::SetNotNull { .. } => 3,
        Action::AddConstraint(constraint) => match &constraint.kind {
            ConstraintDefKind::PrimaryKey { .. }
            | ConstraintDefKind::Unique { .. }
            | ConstraintDefKind::Exclude { .. } => 4,
            // They join their pass only when it is their turn, behind defaults and identities.
            _ => 6,
        },
        Action::SetDefault { .. } | Action::AddIdentity { .. } => 5,
        // SET GENERATED changes what ADD GENERATED of the same statement makes, and comes last.
        _ => 7,
    }
}
