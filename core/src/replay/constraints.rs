//! Constraints of tables: keys, checks, foreign keys, exclusion.

mod foreign_keys;
mod keys;

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::expressions::Place;
use super::references::Scope;
use super::{Effect, Replayer};
use crate::expr::Expr;
use crate::name::{Ident, Name};
use crate::operation::{
    AlterTableAction, ColumnConstraint, ConstraintAttributes, ConstraintDef, ConstraintDefKind, IndexKey, IndexTarget,
    KeyOptions, References,
};
use crate::schema::{
    ColumnNumber, Constraint, ConstraintId, ConstraintKind, Key, KeyTarget, ObjectId, RelationId, StoredExpr, Table,
    TableId, TableKind,
};
use crate::source::Span;
use smol_str::SmolStr;

/// A check constraint to be made.
#[derive(Debug)]
pub(super) struct CheckDraft<'a> {
    pub(super) name: Option<&'a Ident>,
    pub(super) expr: &'a Expr,
    pub(super) attributes: ConstraintAttributes,
    pub(super) span: Span,
}

/// A key or exclusion constraint to be made.
#[derive(Debug)]
pub(super) struct KeyDraft<'a> {
    name: Option<&'a Ident>,
    kind: KeyKind<'a>,
    columns: Vec<&'a Ident>,
    include: &'a [Ident],
    nulls_not_distinct: bool,
    without_overlaps: bool,
    using_index: Option<&'a Ident>,
    attributes: ConstraintAttributes,
    span: Span,
}

/// What kind of key.
#[derive(Clone, Copy, Debug)]
pub(super) enum KeyKind<'a> {
    Primary,
    Unique,
    Exclude { method: Option<&'a Ident>, elements: &'a [(IndexKey, SmolStr)], predicate: Option<&'a Expr> },
}

/// A foreign key to be made.
#[derive(Debug)]
pub(super) struct ForeignKeyDraft<'a> {
    name: Option<&'a Ident>,
    columns: Vec<&'a Ident>,
    pub(super) references: &'a References,
    attributes: ConstraintAttributes,
    pub(super) span: Span,
}

impl<'a> CheckDraft<'a> {
    pub(super) fn of_table(constraint: &'a ConstraintDef, expr: &'a Expr) -> Self {
        Self { name: constraint.name.as_ref(), expr, attributes: constraint.attributes, span: constraint.span }
    }
}

impl<'a> KeyDraft<'a> {
    pub(super) fn of_column(
        constraint: &'a ColumnConstraint,
        column: &'a Ident,
        kind: KeyKind<'a>,
        options: &'a KeyOptions,
    ) -> Self {
        Self {
            name: constraint.name.as_ref(),
            kind,
            columns: vec![column],
            include: &options.include,
            nulls_not_distinct: options.nulls_not_distinct,
            without_overlaps: options.without_overlaps,
            using_index: None,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }

    pub(super) fn of_table(constraint: &'a ConstraintDef) -> Option<Self> {
        let key = |kind, columns: &'a [Ident], options: &'a KeyOptions| Self {
            name: constraint.name.as_ref(),
            kind,
            columns: columns.iter().collect(),
            include: &options.include,
            nulls_not_distinct: options.nulls_not_distinct,
            without_overlaps: options.without_overlaps,
            using_index: options.using_index.as_ref(),
            attributes: constraint.attributes,
            span: constraint.span,
        };
        Some(match &constraint.kind {
            ConstraintDefKind::PrimaryKey { columns, options } => key(KeyKind::Primary, columns, options),
            ConstraintDefKind::Unique { columns, options } => key(KeyKind::Unique, columns, options),
            ConstraintDefKind::Exclude { method, elements, include, predicate } => Self {
                name: constraint.name.as_ref(),
                kind: KeyKind::Exclude { method: method.as_ref(), elements, predicate: predicate.as_ref() },
                columns: Vec::new(),
                include,
                nulls_not_distinct: false,
                without_overlaps: false,
                using_index: None,
                attributes: constraint.attributes,
                span: constraint.span,
            },
            _ => return None,
        })
    }

    pub(super) fn using_index(&self) -> Option<&'a Ident> {
        self.using_index
    }

    /// The columns that it names, included ones last.
    pub(super) fn named_columns(&self) -> impl Iterator<Item = &'a Ident> {
        self.columns.iter().copied().chain(self.include)
    }

    /// Whether another constraint of the same statement makes the same index.
    fn same_index(&self, other: &Self) -> bool {
        if let (
            KeyKind::Exclude { method, elements, predicate: None },
            KeyKind::Exclude { method: other_method, elements: others, predicate: None },
        ) = (self.kind, other.kind)
        {
            let plain = |(key, operator): &(IndexKey, SmolStr)| match &key.target {
                IndexTarget::Column(column) if key.opclass.is_none() && key.collation.is_none() => {
                    Some((column.fold(), operator.clone()))
                }
                _ => None,
            };
            return method.map(Ident::fold) == other_method.map(Ident::fold)
                && elements.len() == others.len()
                && elements.iter().zip(others).all(|(a, b)| plain(a).is_some() && plain(a) == plain(b))
                && self.attributes == other.attributes;
        }
        let columns = |k: &Self| k.columns.iter().map(|c| c.fold()).collect::<Vec<_>>();
        let include = |k: &Self| k.include.iter().map(Ident::fold).collect::<Vec<_>>();
        !matches!(self.kind, KeyKind::Exclude { .. })
            && !matches!(other.kind, KeyKind::Exclude { .. })
            && self.using_index.is_none()
            && other.using_index.is_none()
            && columns(self) == columns(other)
            && include(self) == include(other)
            && self.nulls_not_distinct == other.nulls_not_distinct
            && self.attributes == other.attributes
    }
}

impl<'a> ForeignKeyDraft<'a> {
    pub(super) fn of_column(constraint: &'a ColumnConstraint, column: &'a Ident, references: &'a References) -> Self {
        Self {
            name: constraint.name.as_ref(),
            columns: vec![column],
            references,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }

    pub(super) fn of_table(constraint: &'a ConstraintDef, columns: &'a [Ident], references: &'a References) -> Self {
        Self {
            name: constraint.name.as_ref(),
            columns: columns.iter().collect(),
            references,
            attributes: constraint.attributes,
            span: constraint.span,
        }
    }
}

/// Whether an action checks everything before it changes anything, on a table without children.
pub(super) fn checks_first(action: &AlterTableAction) -> bool {
    matches!(
        action,
        AlterTableAction::AddConstraint(_)
            | AlterTableAction::SetNotNull { .. }
            | AlterTableAction::DropNotNull { .. }
            | AlterTableAction::ValidateConstraint { .. }
            | AlterTableAction::AlterConstraint { .. }
            | AlterTableAction::AddIdentity { .. }
    )
}

impl Replayer {
    /// ADD CONSTRAINT.
    pub(super) fn add_constraint(&mut self, table: TableId, constraint: &ConstraintDef, recurse: bool) -> Outcome {
        if self.schema.tables.get(table).is_some_and(|t| t.kind == TableKind::Foreign) {
            super::tables::check_foreign_constraint(constraint)?;
        }
        match &constraint.kind {
            ConstraintDefKind::Check(expr) => self.add_check(table, &CheckDraft::of_table(constraint, expr), recurse),
            ConstraintDefKind::ForeignKey { columns, references } => {
                self.check_not_only(table, references, recurse, constraint.span)?;
                self.add_foreign_key(table, &ForeignKeyDraft::of_table(constraint, columns, references))
            }
            ConstraintDefKind::NotNull(column) => self.add_not_null(table, column, constraint.name.as_ref()),
            ConstraintDefKind::PrimaryKey { .. }
            | ConstraintDefKind::Unique { .. }
            | ConstraintDefKind::Exclude { .. } => match KeyDraft::of_table(constraint) {
                Some(key) => self.add_key(table, &key, key.name, recurse),
                None => Ok(()),
            },
        }
    }

    /// Refuses a foreign key of a partitioned table without its partitions.
    pub(super) fn check_not_only(
        &mut self,
        table: TableId,
        references: &References,
        recurse: bool,
        span: Span,
    ) -> Outcome {
        if recurse || !self.schema.tables.get(table).is_some_and(is_partitioned) {
            return Ok(());
        }
        let target = self.relation(&references.table)?;
        let (table, target) = (self.table_name(table), self.relation_name(target));
        let message = format!(
            "cannot use ONLY for foreign key on partitioned table \"{table}\" referencing relation \"{target}\""
        );
        refuse(state::WRONG_OBJECT_TYPE, span, message)
    }

    /// Refuses a name that another constraint of the table has.
    pub(super) fn free_for_constraint(&self, table: TableId, name: &Name, span: Span) -> Outcome {
        match self.find_constraint(table, name) {
            Some(existing) => refuse_for(
                state::DUPLICATE_OBJECT,
                span,
                format!("constraint \"{name}\" for relation \"{}\" already exists", self.table_name(table)),
                vec![ObjectId::Constraint(existing)],
            ),
            None => Ok(()),
        }
    }

    /// The constraint of this name on a table.
    pub(super) fn find_constraint(&self, table: TableId, name: &str) -> Option<ConstraintId> {
        let table = self.schema.tables.get(table)?;
        self.schema.constraints_of(table).find(|(_, c)| c.name == name).map(|(id, _)| id)
    }

    /// Puts a constraint into the schema.
    pub(super) fn insert_constraint(&mut self, constraint: Constraint) -> ConstraintId {
        let (table, name) = (constraint.table, constraint.name.clone());
        let id = self.schema.constraints.next_id();
        let who = ObjectId::Constraint(id);
        match &constraint.kind {
            ConstraintKind::ForeignKey(fk) => self.schema.note_dependent(ObjectId::Table(fk.references), who),
            ConstraintKind::Check(expr) => {
                let expr = expr.clone();
                self.note_references(who, &expr);
            }
            _ => {}
        }
        self.schema.constraints.push(constraint);
        let namespace = self.table_namespace(table);
        self.schema.bind_constraint_name(namespace, name);
        if let Some(t) = self.schema.tables.get_mut(table) {
            t.constraints.push(id);
        }
        self.effect(Effect::Created(who));
        id
    }

    /// Makes a check constraint, and its copies in child tables.
    pub(super) fn add_check(&mut self, table: TableId, draft: &CheckDraft, recurse: bool) -> Outcome {
        self.check_no_query(draft.expr, Place::Check, draft.span)?;
        let scanned = self.scan_fully(draft.expr, Scope::Relation(RelationId::Table(table)), false);
        let row = RelationId::Table(table);
        if let Some(missing) = scanned.missing.or_else(|| self.not_boolean(draft.expr, row, "CHECK")) {
            return refuse(missing.sqlstate, missing.span, missing.message);
        }
        self.check_no_system_column(row, draft.expr, Place::Check)?;
        self.check_calls(draft.expr, Place::Check)?;
        self.check_labels(table, draft.expr)?;
        let expr = scanned.expr;
        let columns = Self::columns_read(&expr, table);
        let name = match draft.name {
            Some(written) => {
                let name = written.fold();
                if let Some(existing) = self.find_constraint(table, &name) {
                    // A check that is inherited already merges with its own definition.
                    let same = self.same_check(existing, &expr);
                    let inherited = self.schema.constraints.get(existing).is_some_and(|c| c.inherit_count > 0);
                    if same && inherited && draft.attributes.no_inherit {
                        let relation = self.table_name(table);
                        let message = format!(
                            "constraint \"{name}\" conflicts with inherited constraint on relation \"{relation}\""
                        );
                        return refuse(state::INVALID_OBJECT_DEFINITION, written.span, message);
                    }
                    let inherited = self
                        .schema
                        .constraints
                        .get_mut(existing)
                        .filter(|c| same && c.inherit_count > 0 && !c.is_local);
                    if let Some(inherited) = inherited {
                        inherited.is_local = true;
                        inherited.span = draft.span;
                        return Ok(());
                    }
                }
                self.free_for_constraint(table, &name, written.span)?;
                self.free_of_not_null(table, &name, written)?;
                name
            }
            None => {
                let column = match columns.as_slice() {
                    [one] if !Self::reads_row(&expr, table) => self.schema.column(table, *one).map(|c| c.name.clone()),
                    _ => None,
                };
                let (namespace, table_name) = (self.table_namespace(table), self.table_name(table));
                self.choose_constraint_name(namespace, &table_name, column.as_deref(), "check")
            }
        };
        if draft.attributes.no_inherit && self.schema.tables.get(table).is_some_and(is_partitioned) {
            return refuse(
                state::INVALID_TABLE_DEFINITION,
                draft.span,
                format!("cannot add NO INHERIT constraint to partitioned table \"{}\"", self.table_name(table)),
            );
        }
        let fresh = self.schema.tables.get(table).filter(|t| t.span == self.span);
        let empty = fresh.is_some_and(|t| t.kind != TableKind::Foreign);
        let children = if draft.attributes.no_inherit { Vec::new() } else { self.schema.children_of(table) };
        if !recurse && !children.is_empty() && fresh.is_none() {
            return refuse(state::INVALID_TABLE_DEFINITION, draft.span, "constraint must be added to child tables too");
        }
        let id = self.insert_constraint(Constraint {
            // In CREATE TABLE there are no rows that could be invalid. What a foreign table has is elsewhere.
            validated: (empty || !draft.attributes.not_valid) && !draft.attributes.not_enforced,
            enforced: !draft.attributes.not_enforced,
            no_inherit: draft.attributes.no_inherit,
            named: draft.name.is_some(),
            ..plain_constraint(table, name, ConstraintKind::Check(expr), columns, draft.span)
        });
        for child in children {
            self.inherit_check(id, child)?;
        }
        Ok(())
    }

    /// Whether a constraint is a check of the same expression, up to how it is spelt.
    pub(super) fn same_check(&self, constraint: ConstraintId, expr: &StoredExpr) -> bool {
        let spelt = |expr: &StoredExpr| {
            let text = self.schema.display_expr(expr).replace("!=", "<>");
            text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')')).collect::<String>().to_lowercase()
        };
        match self.schema.constraints.get(constraint).map(|c| &c.kind) {
            Some(ConstraintKind::Check(existing)) => spelt(existing) == spelt(expr),
            _ => false,
        }
    }

    /// The constraint that the statement names.
    pub(super) fn named_constraint(&self, table: TableId, name: &Ident) -> Outcome<ConstraintId> {
        let folded = name.fold();
        match self.find_constraint(table, &folded) {
            Some(id) => Ok(id),
            None => refuse(
                state::UNDEFINED_OBJECT,
                name.span,
                format!("constraint \"{folded}\" of relation \"{}\" does not exist", self.table_name(table)),
            ),
        }
    }

    pub(super) fn alter_constraint(
        &mut self,
        table: TableId,
        name: &Ident,
        (deferrable, initially_deferred): (Option<bool>, Option<bool>),
        enforced: Option<bool>,
    ) -> Outcome {
        if self.only_not_null(table, name).is_some() {
            // Whether children inherit it is not kept.
            return Ok(());
        }
        let id = self.named_constraint(table, name)?;
        let is_foreign_key =
            self.schema.constraints.get(id).is_some_and(|c| matches!(c.kind, ConstraintKind::ForeignKey(_)));
        if !is_foreign_key {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                name.span,
                format!(
                    "constraint \"{}\" of relation \"{}\" is not a foreign key constraint",
                    name.fold(),
                    self.table_name(table)
                ),
            );
        }
        if deferrable == Some(false) && initially_deferred == Some(true) {
            let message = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
            return refuse(state::SYNTAX_ERROR, name.span, message);
        }
        let mut all = vec![id];
        self.clones_of(id, &mut all);
        for id in all {
            if let Some(c) = self.schema.constraints.get_mut(id) {
                // One of the two says both; what speaks of neither leaves them.
                if deferrable.is_some() || initially_deferred.is_some() || enforced.is_none() {
                    c.initially_deferred = initially_deferred.unwrap_or_default();
                    c.deferrable = deferrable.unwrap_or_default() || c.initially_deferred;
                }
                // ENFORCED checks the rows that are there.
                if let Some(enforced) = enforced {
                    c.validated = enforced && (c.validated || !c.enforced);
                    c.enforced = enforced;
                }
            }
            self.effect(Effect::Altered(ObjectId::Constraint(id)));
        }
        Ok(())
    }

    pub(super) fn validate_constraint(&mut self, table: TableId, name: &Ident) -> Outcome {
        if self.only_not_null(table, name).is_some() {
            return Ok(());
        }
        let id = self.named_constraint(table, name)?;
        let Some(constraint) = self.schema.constraints.get_mut(id) else { return Ok(()) };
        if !matches!(constraint.kind, ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_)) {
            let message = format!(
                "constraint \"{}\" of relation \"{}\" is not a foreign key or check constraint",
                name.fold(),
                self.table_name(table)
            );
            return refuse(state::WRONG_OBJECT_TYPE, name.span, message);
        }
        if !constraint.enforced {
            let message = "cannot validate NOT ENFORCED constraint";
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, name.span, message);
        }
        let check = matches!(constraint.kind, ConstraintKind::Check(_)) && !constraint.no_inherit;
        let name = constraint.name.clone();
        constraint.validated = true;
        self.effect(Effect::Altered(ObjectId::Constraint(id)));
        if check {
            let mut below = Vec::new();
            self.descendants(table, &mut below);
            for child in below {
                if let Some(c) = self.find_constraint(child, &name).and_then(|c| self.schema.constraints.get_mut(c)) {
                    c.validated = true;
                }
            }
        }
        Ok(())
    }
}

/// A local, immediate, validated constraint.
pub(super) fn plain_constraint(
    table: TableId,
    name: Name,
    kind: ConstraintKind,
    columns: Vec<ColumnNumber>,
    span: Span,
) -> Constraint {
    Constraint {
        table,
        name,
        named: false,
        kind,
        columns,
        deferrable: false,
        initially_deferred: false,
        validated: true,
        enforced: true,
        no_inherit: false,
        is_local: true,
        inherit_count: 0,
        parent: None,
        index: None,
        comment: None,
        span,
        dropped: None,
    }
}

/// What an index is over: for comparing keys of parents and children.
pub(super) fn key_columns(keys: &[Key]) -> Vec<ColumnNumber> {
    keys.iter()
        .filter_map(|k| match k.target {
            KeyTarget::Column(c) => Some(c),
            KeyTarget::Expression(_) => None,
        })
        .collect()
}

/// The expressions of a constraint.
pub(super) fn constraint_exprs(constraint: &Constraint) -> Option<&StoredExpr> {
    match &constraint.kind {
        ConstraintKind::Check(expr) => Some(expr),
        ConstraintKind::Exclude { predicate } => predicate.as_ref(),
        _ => None,
    }
}

/// Whether a table holds rows of other tables.
pub(super) fn is_partitioned(table: &Table) -> bool {
    table.kind == TableKind::Partitioned
}
