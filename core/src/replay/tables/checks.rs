//! What is wrong with column definitions by themselves, before anything is looked up.

use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    ColumnConstraintKind, ColumnDef, ConstraintDef, ConstraintDefKind, CreateTable, Persistence, TableElement,
};
use crate::replay::Replayer;
use crate::replay::conflict::{Outcome, refuse, state};
use crate::replay::constraints::KeyDraft;
use crate::schema::{RelationId, TableId, TableKind};
use crate::source::Span;

impl Replayer {
    /// What is looked at before parents, columns and the table's own name are.
    pub(super) fn check_elements(&self, create: &CreateTable) -> Outcome {
        for element in &create.elements {
            match element {
                TableElement::Column(def) => {
                    if let Some(written) = def.data_type.as_ref().filter(|t| crate::replay::types::serial(t).is_none())
                    {
                        self.resolve_type(written)?;
                    }
                    check_column_constraints(def, &create.name.name.fold())?;
                }
                TableElement::Like(source, _) if self.find_relation(source).is_none() => {
                    if let Some(schema) = &source.schema {
                        self.check_namespace(schema)?;
                    }
                    let schema = source.schema.as_ref().map(Ident::fold);
                    return match self.certainly_missing(schema.as_ref(), &source.name.fold()) {
                        Some(message) => refuse(state::UNDEFINED_TABLE, source.span(), message),
                        None => Ok(()),
                    };
                }
                TableElement::Constraint(constraint)
                    if self.is_before(17)
                        && create.partition_by.is_some()
                        && matches!(constraint.kind, ConstraintDefKind::Exclude { .. }) =>
                {
                    let message = "exclusion constraints are not supported on partitioned tables";
                    return refuse(state::FEATURE_NOT_SUPPORTED, constraint.span, message);
                }
                TableElement::Like(..) | TableElement::Constraint(_) => {}
            }
        }
        let columns = self.named_columns(create);
        let mut primary = false;
        let mut key = |key: Option<&KeyDraft>, is_primary: bool, span: Span| {
            if is_primary && std::mem::replace(&mut primary, true) {
                let message =
                    format!("multiple primary keys for table \"{}\" are not allowed", create.name.name.fold());
                return refuse(state::INVALID_TABLE_DEFINITION, span, message);
            }
            let Some(columns) = &columns else { return Ok(()) };
            let mut named = key.into_iter().flat_map(KeyDraft::named_columns).map(|c| (c, c.fold()));
            match named.find(|(_, name)| !columns.contains(name)) {
                Some((column, name)) => {
                    let message = format!("column \"{name}\" named in key does not exist");
                    refuse(state::UNDEFINED_COLUMN, column.span, message)
                }
                None => Ok(()),
            }
        };
        for element in &create.elements {
            match element {
                TableElement::Column(def) => {
                    for constraint in &def.constraints {
                        key(None, matches!(constraint.kind, ColumnConstraintKind::PrimaryKey(_)), constraint.span)?;
                    }
                }
                TableElement::Constraint(constraint) => {
                    let is_primary = matches!(constraint.kind, ConstraintDefKind::PrimaryKey { .. });
                    key(KeyDraft::of_table(constraint).as_ref(), is_primary, constraint.span)?;
                }
                TableElement::Like(..) => {}
            }
        }
        Ok(())
    }

    /// The names of a new table's own and inherited columns, where they can be told from its definition alone.
    pub(super) fn named_columns(&self, create: &CreateTable) -> Option<Vec<Name>> {
        let mut names = Vec::new();
        for parent in create.inherits.iter().chain(create.partition_of.as_ref().map(|(parent, _)| parent)) {
            let Some(RelationId::Table(id)) = self.find_relation(parent) else { return None };
            let known = self.schema.tables.get(id).filter(|t| !t.partial)?;
            names.extend(known.live_columns().map(|(_, c)| c.name.clone()));
        }
        for element in &create.elements {
            match element {
                TableElement::Column(def) => names.push(def.name.fold()),
                TableElement::Like(..) => return None,
                TableElement::Constraint(_) => {}
            }
        }
        create.of_type.is_none().then_some(names)
    }

    /// A parent by INHERITS must be a plain table.
    pub(in crate::replay) fn check_parent(&self, id: TableId, written: &QualifiedName) -> Outcome {
        let Some(table) = self.schema.tables.get(id) else { return Ok(()) };
        if table.kind == TableKind::Partitioned {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                written.span(),
                format!("cannot inherit from partitioned table \"{}\"", table.name),
            );
        }
        if table.partition_of.is_some() {
            return refuse(
                state::WRONG_OBJECT_TYPE,
                written.span(),
                format!("cannot inherit from partition \"{}\"", table.name),
            );
        }
        Ok(())
    }

    /// A temporary table's children are temporary, too.
    pub(in crate::replay) fn check_parent_persistence(
        &self,
        id: TableId,
        written: &QualifiedName,
        child: Persistence,
    ) -> Outcome {
        let parent = self.schema.tables.get(id);
        match parent.filter(|t| t.persistence == Persistence::Temporary && child != Persistence::Temporary) {
            Some(parent) => refuse(
                state::WRONG_OBJECT_TYPE,
                written.span(),
                format!("cannot inherit from temporary relation \"{}\"", parent.name),
            ),
            None => Ok(()),
        }
    }
}

/// Refuses constraints that a foreign table can't hold. Source: PostgreSQL manual, CREATE FOREIGN TABLE.
pub(super) fn check_foreign(elements: &[TableElement]) -> Outcome {
    for element in elements {
        match element {
            TableElement::Column(def) => {
                for constraint in &def.constraints {
                    let what = match constraint.kind {
                        ColumnConstraintKind::PrimaryKey(_) => "primary key",
                        ColumnConstraintKind::Unique(_) => "unique",
                        ColumnConstraintKind::References(_) => "foreign key",
                        _ => continue,
                    };
                    return refuse_foreign(what, constraint.span);
                }
            }
            TableElement::Constraint(constraint) => check_foreign_constraint(constraint)?,
            TableElement::Like(..) => {}
        }
    }
    Ok(())
}

/// Refuses a constraint of a foreign table that its server would have to hold.
pub(in crate::replay) fn check_foreign_constraint(constraint: &ConstraintDef) -> Outcome {
    let what = match constraint.kind {
        ConstraintDefKind::PrimaryKey { .. } => "primary key",
        ConstraintDefKind::Unique { .. } => "unique",
        ConstraintDefKind::ForeignKey { .. } => "foreign key",
        ConstraintDefKind::Exclude { .. } => "exclusion",
        _ => return Ok(()),
    };
    refuse_foreign(what, constraint.span)
}

fn refuse_foreign(what: &str, span: Span) -> Outcome {
    refuse(state::FEATURE_NOT_SUPPORTED, span, format!("{what} constraints are not supported on foreign tables"))
}

/// Refuses a column that is defined twice.
pub(super) fn columns_differ(elements: &[TableElement]) -> Outcome {
    let mut seen = Vec::with_capacity(elements.len());
    for element in elements {
        if let TableElement::Column(def) = element {
            let name = def.name.fold();
            if seen.contains(&name) {
                let message = format!("column \"{name}\" specified more than once");
                return refuse(state::DUPLICATE_COLUMN, def.name.span, message);
            }
            seen.push(name);
        }
    }
    Ok(())
}

/// Refuses the names of system columns. Source: PostgreSQL manual, 5.5.
pub(in crate::replay) fn check_column_name(name: &Ident, folded: &Name) -> Outcome {
    if crate::replay::references::is_system_column(folded) {
        return refuse(
            state::DUPLICATE_COLUMN,
            name.span,
            format!("column name \"{folded}\" conflicts with a system column name"),
        );
    }
    Ok(())
}

/// Refuses clauses of one column that exclude each other (`transformColumnDefinition`).
pub(super) fn check_column_constraints(def: &ColumnDef, table: &str) -> Outcome {
    use ColumnConstraintKind as Kind;
    let (mut not_null, mut null) = (false, false);
    let (mut default, mut identity, mut generated) = (false, false, false);
    if let Some(written) = &def.data_type {
        default = crate::replay::types::serial(written).is_some();
        not_null = default;
    }
    for constraint in &def.constraints {
        let refusal = match &constraint.kind {
            Kind::Null if not_null || identity => Some("conflicting NULL/NOT NULL declarations for"),
            Kind::NotNull if null => Some("conflicting NULL/NOT NULL declarations for"),
            Kind::Default(_) if default => Some("multiple default values specified for"),
            Kind::Default(_) if identity => Some("both default and identity specified for"),
            Kind::Default(_) if generated => Some("both default and generation expression specified for"),
            Kind::Identity { .. } if identity => Some("multiple identity specifications for"),
            Kind::Identity { .. } if default => Some("both default and identity specified for"),
            Kind::Identity { .. } if generated => Some("both identity and generation expression specified for"),
            Kind::Identity { .. } if null => Some("conflicting NULL/NOT NULL declarations for"),
            Kind::Generated { .. } if generated => Some("multiple generation clauses specified for"),
            Kind::Generated { .. } if default => Some("both default and generation expression specified for"),
            Kind::Generated { .. } if identity => Some("both identity and generation expression specified for"),
            Kind::PrimaryKey(_) if null => Some("conflicting NULL/NOT NULL declarations for"),
            _ => None,
        };
        if let Some(why) = refusal {
            return refuse(
                state::SYNTAX_ERROR,
                constraint.span,
                format!("{why} column \"{}\" of table \"{table}\"", def.name.fold()),
            );
        }
        match &constraint.kind {
            Kind::Null => null = true,
            Kind::NotNull => not_null = true,
            Kind::Default(_) => default = true,
            Kind::Identity { .. } => identity = true,
            Kind::Generated { .. } => generated = true,
            _ => {}
        }
    }
    Ok(())
}
