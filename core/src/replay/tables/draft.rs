//! What a CREATE TABLE describes, gathered before anything is made: columns, what LIKE and a query bring, and what waits for the table.

use super::super::not_null::NotNullDraft;
use super::checks::{check_column_constraints, check_column_name};
use crate::expr::Expr;
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    ColumnConstraint, ColumnConstraintKind, ColumnDef, ConstraintDefKind, LikeOptions, SequenceOptions, TableElement,
    TypeName,
};
use crate::replay::Replayer;
use crate::replay::conflict::{Outcome, refuse, state};
use crate::replay::constraints::{CheckDraft, ForeignKeyDraft, KeyDraft, KeyKind};
use crate::replay::lookup::empty_column;
use crate::replay::references::{Scope, unknown_type};
use crate::schema::{BaseType, Column, DataType, Identity, RelationId, TableId, TypeKind};
use crate::source::Span;

impl Replayer {
    /// Refuses identity and generated columns where a table has its columns from elsewhere. Since version 16 a partition may say how a generated
    /// column of its `parent` is computed.
    pub(super) fn no_columns_of_its_own_kind(
        &self,
        elements: &[TableElement],
        what: &str,
        parent: Option<TableId>,
    ) -> Outcome {
        for element in elements {
            let TableElement::Column(def) = element else { continue };
            for constraint in &def.constraints {
                let kind = match constraint.kind {
                    ColumnConstraintKind::Identity { .. } => "identity",
                    ColumnConstraintKind::Generated { .. } => "generated",
                    _ => continue,
                };
                let of_parent = parent.and_then(|id| self.schema.column(id, self.find_column(id, &def.name.fold())?));
                match of_parent.filter(|_| kind == "generated") {
                    Some(column) if column.generated.is_some() => continue,
                    Some(column) => {
                        let message = format!("child column \"{}\" specifies generation expression", column.name);
                        return refuse("42611", constraint.span, message);
                    }
                    None => {}
                }
                let message = format!("{kind} columns are not supported on {what}");
                return refuse(state::FEATURE_NOT_SUPPORTED, constraint.span, message);
            }
        }
        Ok(())
    }

    /// Reads a column definition: the column itself, and what must be made for it later. `own` are the names that this statement
    /// defined so far.
    pub(super) fn draft_column<'a>(
        &mut self,
        def: &'a ColumnDef,
        draft: &mut Draft<'a>,
        own: &mut Vec<Name>,
        table: &str,
    ) -> Outcome {
        let name = def.name.fold();
        if own.contains(&name) {
            return refuse(
                state::DUPLICATE_COLUMN,
                def.name.span,
                format!("column \"{name}\" specified more than once"),
            );
        }
        check_column_name(&def.name, &name)?;
        own.push(name.clone());
        let inherited = draft.columns.iter().position(|c| c.name == name);
        let column = match (&def.data_type, inherited) {
            (None, Some(at)) => {
                let Some(column) = draft.columns.get_mut(at) else { return Ok(()) };
                column
            }
            (None, None) => {
                return refuse(state::UNDEFINED_COLUMN, def.name.span, format!("column \"{name}\" does not exist"));
            }
            (Some(written), inherited) => {
                let (column, serial) = self.column_of(def, written)?;
                if let Some(data_type) = serial {
                    draft.sequences.push(SequenceDraft {
                        column: name.clone(),
                        data_type: Name::new_static(data_type),
                        options: None,
                        span: def.span,
                    });
                }
                let at = match inherited {
                    Some(at) => {
                        let Some(old) = draft.columns.get_mut(at) else { return Ok(()) };
                        if old.data_type != column.data_type {
                            return refuse(
                                state::DATATYPE_MISMATCH,
                                written.span,
                                format!("column \"{name}\" has a type conflict"),
                            );
                        }
                        if old.collation != column.collation {
                            let message = format!("column \"{name}\" has a collation conflict");
                            return refuse(state::COLLATION_MISMATCH, written.span, message);
                        }
                        old.is_local = true;
                        old.not_null |= column.not_null;
                        old.serial |= column.serial;
                        old.span = column.span;
                        old.name_span = column.name_span;
                        old.type_span = column.type_span;
                        at
                    }
                    None => {
                        draft.columns.push(column);
                        draft.columns.len() - 1
                    }
                };
                let Some(column) = draft.columns.get_mut(at) else { return Ok(()) };
                column
            }
        };
        let data_type = match &column.data_type.base {
            BaseType::Builtin(name) if !column.data_type.array => Some(name.clone()),
            _ => None,
        };
        check_column_constraints(def, table)?;
        for constraint in &def.constraints {
            match &constraint.kind {
                ColumnConstraintKind::NotNull => {
                    column.not_null = true;
                    if constraint.name.is_some() {
                        draft.not_nulls.push(NotNullDraft { column: &def.name, name: constraint.name.as_ref() });
                    }
                }
                ColumnConstraintKind::Null => {}
                ColumnConstraintKind::Default(expr) => {
                    column.default = None;
                    draft.defaults.push(DefaultDraft { column: name.clone(), expr, generated: None });
                }
                ColumnConstraintKind::Generated { expr, stored } => {
                    draft.defaults.push(DefaultDraft { column: name.clone(), expr, generated: Some(*stored) });
                }
                ColumnConstraintKind::Identity { always, options } => {
                    identity_type(&column.data_type, constraint.span)?;
                    column.not_null = true;
                    column.identity = Some(if *always { Identity::Always } else { Identity::ByDefault });
                    draft.sequences.push(SequenceDraft {
                        column: name.clone(),
                        data_type: data_type.clone().unwrap_or_else(|| Name::new_static("bigint")),
                        options: Some(options),
                        span: constraint.span,
                    });
                }
                ColumnConstraintKind::Check(expr) => draft.checks.push(CheckDraft::of_column(constraint, expr)),
                ColumnConstraintKind::PrimaryKey(options) => {
                    column.not_null = true;
                    draft.keys.push(KeyDraft::of_column(constraint, &def.name, KeyKind::Primary, options));
                }
                ColumnConstraintKind::Unique(options) => {
                    draft.keys.push(KeyDraft::of_column(constraint, &def.name, KeyKind::Unique, options));
                }
                ColumnConstraintKind::References(references) => {
                    draft.foreign_keys.push(ForeignKeyDraft::of_column(constraint, &def.name, references));
                }
            }
        }
        Ok(())
    }

    /// A column without its constraints, and the integer type of a serial one.
    pub(super) fn column_of(&self, def: &ColumnDef, written: &TypeName) -> Outcome<(Column, Option<&'static str>)> {
        let serial = crate::replay::types::serial(written);
        let data_type = match serial {
            Some(name) => DataType::builtin(name),
            None => self.resolve_type(written)?,
        };
        crate::replay::types::check_column_type(&def.name, &data_type)?;
        if let Some(collation) = &def.collation {
            self.check_collatable(&data_type, collation.span())?;
        }
        let own = self.own_collation(&data_type);
        let mut column = empty_column(def.name.fold(), data_type, def.span);
        column.name_span = def.name.span;
        column.type_span = written.span;
        column.serial = serial.is_some();
        column.not_null = serial.is_some();
        let collation = def.collation.as_ref().map(|c| c.name.fold());
        column.collation = collation.filter(|c| c != "default" && Some(c) != own.as_ref());
        Ok((column, serial))
    }

    /// LIKE: the columns now, the rest after the table's own constraints.
    pub(super) fn draft_like<'a>(
        &mut self,
        source: &QualifiedName,
        options: LikeOptions,
        draft: &mut Draft<'a>,
        own: &mut Vec<Name>,
    ) -> Outcome {
        let relation = self.relation(source)?;
        let columns: Vec<Column> = match relation {
            RelationId::Table(id) => {
                let Some(table) = self.schema.tables.get(id) else { return Ok(()) };
                draft.partial |= table.partial;
                table
                    .live_columns()
                    .map(|(_, c)| {
                        let mut column = empty_column(c.name.clone(), c.data_type.clone(), c.span);
                        column.name_span = c.name_span;
                        column.type_span = c.type_span;
                        column.not_null = c.not_null;
                        column.collation = c.collation.clone();
                        if options.defaults {
                            column.default = c.default.clone();
                        }
                        if options.comments {
                            column.comment = c.comment.clone();
                        }
                        column
                    })
                    .collect()
            }
            RelationId::View(id) => {
                let Some(view) = self.schema.views.get(id) else { return Ok(()) };
                draft.partial |= view.partial;
                let types = view.column_types.iter().cloned().chain(std::iter::repeat(None));
                let columns = view.columns.iter().cloned().zip(types);
                columns.map(|(n, t)| empty_column(n, t.unwrap_or_else(unknown_type), source.span())).collect()
            }
            RelationId::Composite(id) => match self.schema.types.get(id).map(|t| &t.kind) {
                Some(TypeKind::Composite(attributes)) => {
                    attributes.iter().map(|(n, ty)| empty_column(n.clone(), ty.clone(), source.span())).collect()
                }
                _ => Vec::new(),
            },
            _ => {
                return refuse(
                    state::WRONG_OBJECT_TYPE,
                    source.span(),
                    format!("relation \"{}\" is invalid in LIKE clause", source.name.fold()),
                );
            }
        };
        for column in columns {
            if own.contains(&column.name) {
                return refuse(
                    state::DUPLICATE_COLUMN,
                    source.span(),
                    format!("column \"{}\" specified more than once", column.name),
                );
            }
            own.push(column.name.clone());
            match draft.columns.iter_mut().find(|c| c.name == column.name) {
                Some(inherited) => {
                    inherited.is_local = true;
                    inherited.not_null |= column.not_null;
                    inherited.default = column.default.or_else(|| inherited.default.take());
                    inherited.comment = column.comment.or_else(|| inherited.comment.take());
                }
                None => draft.columns.push(column),
            }
        }
        draft.likes.push((relation, options));
        Ok(())
    }

    /// The columns of CREATE TABLE AS.
    pub(super) fn draft_query(&mut self, names: &[Ident], query: &Expr, draft: &mut Draft) -> Outcome {
        let scanned = self.scan_fully(query, Scope::Nothing, true);
        if let Some(missing) = scanned.missing {
            return refuse(missing.sqlstate, missing.span, missing.message);
        }
        self.check_no_recursion(&scanned.expr)?;
        if scanned.outputs.as_ref().is_some_and(|o| o.len() < names.len()) {
            return refuse(state::SYNTAX_ERROR, query.span, "too many column names were specified");
        }
        draft.partial = scanned.outputs.is_none();
        let outputs = scanned.outputs.unwrap_or_default();
        let count = outputs.len().max(names.len());
        let mut outputs = outputs.into_iter();
        let mut names = names.iter();
        for _ in 0..count {
            let output = outputs.next();
            let written = names.next();
            let data_type = output.as_ref().and_then(|o| o.data_type.clone()).unwrap_or_else(unknown_type);
            let collation = output.as_ref().and_then(|o| o.collation.clone());
            let span = written.map_or(query.span, |n| n.span);
            let name = written.map(Ident::fold).or(output.map(|o| o.name)).unwrap_or_default();
            if draft.columns.iter().any(|c| c.name == name) {
                return refuse(state::DUPLICATE_COLUMN, span, format!("column \"{name}\" specified more than once"));
            }
            draft.columns.push(Column { collation, ..empty_column(name, data_type, span) });
        }
        Ok(())
    }
}

/// What stands in column definitions besides the columns: it is made after the table, keys first.
#[derive(Debug, Default)]
pub(in crate::replay) struct Draft<'a> {
    pub(in crate::replay) columns: Vec<Column>,
    pub(super) defaults: Vec<DefaultDraft<'a>>,
    pub(super) sequences: Vec<SequenceDraft<'a>>,
    pub(in crate::replay) checks: Vec<CheckDraft<'a>>,
    pub(in crate::replay) keys: Vec<KeyDraft<'a>>,
    pub(in crate::replay) foreign_keys: Vec<ForeignKeyDraft<'a>>,
    pub(in crate::replay) not_nulls: Vec<NotNullDraft<'a>>,
    pub(super) likes: Vec<(RelationId, LikeOptions)>,
    /// Whether there may be columns besides these.
    pub(super) partial: bool,
}

/// A default or generation expression.
#[derive(Debug)]
pub(super) struct DefaultDraft<'a> {
    pub(super) column: Name,
    pub(super) expr: &'a Expr,
    /// For a generated column whether it is stored.
    pub(super) generated: Option<bool>,
}

/// The sequence of a serial or identity column.
#[derive(Debug)]
pub(super) struct SequenceDraft<'a> {
    pub(super) column: Name,
    pub(super) data_type: Name,
    pub(super) options: Option<&'a SequenceOptions>,
    pub(super) span: Span,
}

impl<'a> Draft<'a> {
    /// A table constraint, to be made with those of its kind.
    pub(in crate::replay) fn constraint(&mut self, constraint: &'a crate::operation::ConstraintDef) {
        match &constraint.kind {
            ConstraintDefKind::Check(expr) => self.checks.push(CheckDraft::of_table(constraint, expr)),
            ConstraintDefKind::ForeignKey { columns, references } => {
                self.foreign_keys.push(ForeignKeyDraft::of_table(constraint, columns, references));
            }
            ConstraintDefKind::NotNull(column) => {
                let name = column.fold();
                if let Some(c) = self.columns.iter_mut().find(|c| c.name == name) {
                    c.not_null = true;
                }
                self.not_nulls.push(NotNullDraft { column, name: constraint.name.as_ref() });
            }
            ConstraintDefKind::PrimaryKey { .. }
            | ConstraintDefKind::Unique { .. }
            | ConstraintDefKind::Exclude { .. } => self.keys.extend(KeyDraft::of_table(constraint)),
        }
    }
}

impl CheckDraft<'_> {
    fn of_column<'a>(constraint: &'a ColumnConstraint, expr: &'a Expr) -> CheckDraft<'a> {
        CheckDraft { name: constraint.name.as_ref(), expr, attributes: constraint.attributes, span: constraint.span }
    }
}

/// The integer type of an identity column's sequence.
pub(super) fn identity_type(data_type: &DataType, span: Span) -> Outcome<Name> {
    match data_type.builtin_name() {
        Some(name @ ("smallint" | "integer" | "bigint")) => Ok(name.into()),
        _ => refuse("22023", span, "identity column type must be smallint, integer, or bigint"),
    }
}

/// `NULL`, also with a cast, unless the cast has a length to apply: PostgreSQL stores no default for it.
pub(super) fn is_null(text: &str) -> bool {
    let (head, cast) = text.split_once("::").unwrap_or((text, ""));
    head.trim_matches([' ', '(', ')', '\n', '\t']).eq_ignore_ascii_case("null") && !cast.contains('(')
}
