//! What takes a statement of a fix back.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::in_transaction;
use super::{Statement, definition, one_line};
use crate::analysis::TargetAnalysis;
use crate::emit::alembic::Line;
use crate::name::{Ident, Name, QualifiedName, quote};
use crate::operation::{
    AlterTable, AlterTableAction, ConstraintDef, ConstraintDefKind, CreateIndex, ObjectKind, ObjectRef, Operation,
    OperationKind, RowSecurity,
};
use crate::schema::{Column, Constraint, Index, RelationId, Schema, Table};

/// Undoes statements of fixes, by what the schema had before them.
pub(super) struct Reverse<'a> {
    schema: &'a Schema,
    /// Constraints that the migration adds and drops again, by table and name: nothing of them is left to take back.
    passing: BTreeSet<Named>,
    /// Indexes that the migration makes and turns into constraints, by schema and name: they go with those.
    consumed: BTreeSet<Named>,
    /// What sets the settings that hold for a part of the migration, by their names.
    settings: BTreeMap<&'a str, &'a str>,
    /// What makes the constraints and indexes that fixes add, those of other migrations too.
    made: BTreeMap<Named, String>,
}

/// What stands before a name, and the name.
type Named = (String, Name);

impl<'a> Reverse<'a> {
    /// For one migration of these statements, out of `all` that the fixes have.
    pub(super) fn of(target: &'a TargetAnalysis, own: &[&'a Statement], all: &[&Statement]) -> Self {
        let (mut added, mut passing) = (BTreeSet::new(), BTreeSet::new());
        let (mut indexes, mut consumed) = (BTreeSet::new(), BTreeSet::new());
        for operation in own.iter().flat_map(|s| &s.operations) {
            match &operation.kind {
                OperationKind::CreateIndex(index) => indexes.extend(index_name(index)),
                OperationKind::AlterTable(alter) => {
                    for (action, _) in &alter.actions {
                        match action {
                            AlterTableAction::AddConstraint(c) => {
                                consumed.extend(used_index(alter, c).filter(|index| indexes.contains(index)));
                                added.extend(c.name.as_ref().map(|name| (path(&alter.name), name.fold())));
                            }
                            AlterTableAction::DropConstraint { name, .. } => {
                                passing.extend(added.take(&(path(&alter.name), name.fold())));
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        let sets =
            |s: &&'a Statement| s.sets().filter(|(_, value)| value.is_some()).map(|(name, _)| (name, s.sql.as_str()));
        let settings = own.iter().filter_map(sets).collect();
        let made = all.iter().filter_map(|s| made(s)).collect();
        Self { schema: target.schema(), passing, consumed, settings, made }
    }

    /// The statements that take one back, the first of them last, as all of a migration are turned round; a comment where none can.
    pub(super) fn lines(&self, statement: &Statement) -> Vec<Line> {
        let mut lines = Vec::new();
        for operation in &statement.operations {
            match self.operation(operation) {
                Some(statements) => {
                    let alone = statement.refuses_transaction();
                    lines.extend(statements.into_iter().map(|s| if alone { Line::RunAlone(s) } else { Line::Run(s) }));
                }
                None => {
                    let first = statement.sql.lines().find(|l| !l.trim_start().starts_with("--")).unwrap_or_default();
                    lines.push(Line::Comment(one_line(&format!("Not taken back: {first}"))));
                }
            }
        }
        lines
    }

    fn operation(&self, operation: &Operation) -> Option<Vec<String>> {
        match &operation.kind {
            OperationKind::CreateIndex(index) if index_name(index).is_some_and(|i| self.consumed.contains(&i)) => {
                Some(Vec::new())
            }
            OperationKind::CreateIndex(index) => {
                let name = quote(&index.name.as_ref()?.fold());
                let schema = index.table.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
                let concurrently = if index.concurrently { "CONCURRENTLY " } else { "" };
                Some(vec![format!("DROP INDEX {concurrently}{schema}{name}")])
            }
            OperationKind::AlterTable(alter) => {
                let table = path(&alter.name);
                let mut out = Vec::new();
                for (action, _) in &alter.actions {
                    // An index that became a constraint goes with it, and was there before.
                    if let AlterTableAction::AddConstraint(c) = action
                        && let Some(index) = used_index(alter, c).filter(|index| !self.consumed.contains(index))
                    {
                        out.push(self.made.get(&index).cloned().or_else(|| self.written(&index))?);
                    }
                    // What another migration of the fixes added is added again.
                    if let AlterTableAction::DropConstraint { name, .. } = action
                        && let named = (table.clone(), name.fold())
                        && let Some(made) = self.made.get(&named).filter(|_| !self.passing.contains(&named))
                    {
                        out.push(made.clone());
                        continue;
                    }
                    let back = self.action(&alter.name, action)?;
                    out.extend(back.map(|b| format!("ALTER TABLE {table} {b}")));
                }
                Some(out)
            }
            OperationKind::CreatePolicy(policy) => {
                Some(vec![format!("DROP POLICY {} ON {}", quote(&policy.name.fold()), path(&policy.table))])
            }
            OperationKind::CreateTrigger(trigger) if !trigger.or_replace => {
                Some(vec![format!("DROP TRIGGER {} ON {}", quote(&trigger.name.fold()), path(&trigger.table))])
            }
            OperationKind::CreateExtension { name, .. } => {
                Some(vec![format!("DROP EXTENSION {}", quote(&name.fold()))])
            }
            OperationKind::Drop(drop) if drop.targets.iter().all(|t| t.kind == ObjectKind::Index) => {
                let again =
                    |target: &ObjectRef| definition::index(self.schema, self.index(&target.name)?, drop.concurrently);
                drop.targets.iter().map(again).collect()
            }
            OperationKind::Rename { target, to, .. } if target.part.is_none() => {
                let schema = target.name.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
                let kind = target.kind.name().to_uppercase();
                let (now, before) = (quote(&to.fold()), quote(&target.name.name.fold()));
                Some(vec![format!("ALTER {kind} {schema}{now} RENAME TO {before}")])
            }
            OperationKind::Rename {
                target: ObjectRef { kind: ObjectKind::Column, name, part: Some(before), .. },
                to,
                ..
            } => {
                let (now, before) = (quote(&to.fold()), quote(&before.fold()));
                Some(vec![format!("ALTER TABLE {} RENAME COLUMN {now} TO {before}", path(name))])
            }
            OperationKind::CreateSchema { if_not_exists: true, .. } => Some(Vec::new()),
            OperationKind::CreateSchema { name, .. } => Some(vec![format!("DROP SCHEMA {}", quote(&name.fold()))]),
            OperationKind::SetSchema { target, .. } if target.kind == ObjectKind::Extension => {
                let name = target.name.name.fold();
                let extension = self.schema.extensions.get(self.schema.find_extension(&name)?)?;
                let before = quote(&self.schema.namespaces.get(extension.namespace)?.name);
                Some(vec![format!("ALTER EXTENSION {} SET SCHEMA {before}", quote(&name))])
            }
            // Without the arguments of a function's name.
            OperationKind::SetSchema { target, schema, .. }
                if target.part.is_none()
                    && matches!(
                        target.kind,
                        ObjectKind::Table
                            | ObjectKind::View
                            | ObjectKind::Sequence
                            | ObjectKind::Type
                            | ObjectKind::Domain
                    ) =>
            {
                let kind = target.kind.name().to_uppercase();
                let before = quote(&target.name.schema.as_ref()?.fold());
                let name = quote(&target.name.name.fold());
                Some(vec![format!("ALTER {kind} {}.{name} SET SCHEMA {before}", quote(&schema.fold()))])
            }
            // Turned round, it ends where it began.
            OperationKind::SetParameter { name, value: Some(_), .. } => Some(vec![format!("RESET {name}")]),
            OperationKind::SetParameter { name, value: None, .. } => {
                Some(vec![(*self.settings.get(name.as_str())?).to_owned()])
            }
            _ => None,
        }
    }

    /// What takes an action back: nothing where nothing needs to be.
    #[allow(clippy::option_option, reason = "not reversible, or reversed by nothing")]
    fn action(&self, table: &QualifiedName, action: &AlterTableAction) -> Option<Option<String>> {
        use AlterTableAction as Action;
        let alter = |column: &Ident, what: &str| Some(Some(format!("ALTER COLUMN {} {what}", quote(&column.fold()))));
        let passes = |name: &Ident| self.passing.contains(&(path(table), name.fold()));
        match action {
            Action::AddConstraint(c) if c.name.as_ref().is_some_and(passes) => Some(None),
            Action::DropConstraint { name, .. } if passes(name) => Some(None),
            Action::AddConstraint(c) => Some(Some(format!("DROP CONSTRAINT {}", quote(&c.name.as_ref()?.fold())))),
            Action::DropConstraint { name, .. } => {
                let found = self.constraint(table, name)?;
                Some(Some(format!("ADD {}", definition::constraint(self.schema, found)?)))
            }
            Action::ValidateConstraint { .. } => Some(None),
            Action::AddColumn { column, .. } => Some(Some(format!("DROP COLUMN {}", quote(&column.name.fold())))),
            Action::SetNotNull { column } => alter(column, "DROP NOT NULL"),
            Action::DropNotNull { column } => alter(column, "SET NOT NULL"),
            Action::SetDefault { column, .. } | Action::DropDefault { column } => {
                match self.column(table, column).and_then(|c| c.default.as_ref()) {
                    Some(default) => alter(column, &format!("SET DEFAULT {}", self.schema.display_expr(default))),
                    None => alter(column, "DROP DEFAULT"),
                }
            }
            Action::SetType { column, .. } => {
                let before = self.column(table, column)?.data_type.display(self.schema);
                let name = quote(&column.fold());
                alter(column, &format!("TYPE {before} USING {name}::{before}"))
            }
            // Of a view that had none of these.
            Action::SetOptions(options) => {
                let RelationId::View(view) = self.relation(table)? else { return None };
                let had = &self.schema.views.get(view)?.options;
                let is_new = options.iter().all(|(name, _)| !had.iter().any(|(n, _)| n == name));
                let names: Vec<&str> = options.iter().map(|(name, _)| name.as_str()).collect();
                is_new.then(|| Some(format!("RESET ({})", names.join(", "))))
            }
            Action::AddIdentity { column, .. } => alter(column, "DROP IDENTITY"),
            Action::RowSecurity(RowSecurity::Enable) => Some(Some("DISABLE ROW LEVEL SECURITY".to_owned())),
            Action::RowSecurity(RowSecurity::Force) => Some(Some("NO FORCE ROW LEVEL SECURITY".to_owned())),
            _ => None,
        }
    }

    /// A column as it was before the fixes.
    fn column(&self, table: &QualifiedName, column: &Ident) -> Option<&Column> {
        let table = self.table(table)?;
        table.column(table.find_column(&column.fold())?)
    }

    /// A constraint as it was before the fixes.
    fn constraint(&self, table: &QualifiedName, name: &Ident) -> Option<&Constraint> {
        let name = name.fold();
        self.schema.constraints_of(self.table(table)?).map(|(_, c)| c).find(|c| c.name == name)
    }

    /// What makes an index that was there before the fixes.
    fn written(&self, (schema, name): &Named) -> Option<String> {
        let namespace = self.schema.find_namespace(schema.as_str())?;
        let RelationId::Index(id) = self.schema.find_relation(namespace, name)? else { return None };
        definition::index(self.schema, self.schema.indexes.get(id)?, false)
    }

    /// An index as it was before the fixes.
    fn index(&self, name: &QualifiedName) -> Option<&Index> {
        let RelationId::Index(id) = self.relation(name)? else { return None };
        self.schema.indexes.get(id)
    }

    fn table(&self, name: &QualifiedName) -> Option<&Table> {
        let RelationId::Table(id) = self.relation(name)? else { return None };
        self.schema.tables.get(id)
    }

    fn relation(&self, name: &QualifiedName) -> Option<RelationId> {
        let schema = name.schema.as_ref().map_or_else(|| "public".into(), Ident::fold);
        self.schema.find_relation(self.schema.find_namespace(&schema)?, &name.name.fold())
    }
}

fn path(name: &QualifiedName) -> String {
    let schema = name.schema.as_ref().map_or_else(String::new, |s| quote(&s.fold()) + ".");
    format!("{schema}{}", quote(&name.name.fold()))
}

/// The schema and name of an index that a statement makes.
fn index_name(index: &CreateIndex) -> Option<Named> {
    Some((schema_of(&index.table), index.name.as_ref()?.fold()))
}

/// The index that becomes a constraint.
fn used_index(alter: &AlterTable, constraint: &ConstraintDef) -> Option<Named> {
    let (ConstraintDefKind::PrimaryKey { options, .. } | ConstraintDefKind::Unique { options, .. }) = &constraint.kind
    else {
        return None;
    };
    Some((schema_of(&alter.name), options.using_index.as_ref()?.fold()))
}

/// What a statement makes that another may take away, and how: an index without CONCURRENTLY, which runs in any transaction, or a constraint that holds
/// for all rows, as it did when it was dropped.
fn made(statement: &Statement) -> Option<(Named, String)> {
    let [operation] = statement.operations.as_slice() else { return None };
    let from = statement.sql.lines().position(|l| !l.trim_start().starts_with("--")).unwrap_or(0);
    let sql: String = statement.sql.lines().skip(from).collect::<Vec<_>>().join("\n");
    match &operation.kind {
        OperationKind::CreateIndex(index) => Some((index_name(index)?, in_transaction(&sql))),
        OperationKind::AlterTable(alter) => match alter.actions.as_slice() {
            [(AlterTableAction::AddConstraint(c), _)] if used_index(alter, c).is_none() => {
                let named = (path(&alter.name), c.name.as_ref()?.fold());
                Some((named, sql.strip_suffix(" NOT VALID").unwrap_or(&sql).to_owned()))
            }
            _ => None,
        },
        _ => None,
    }
}

fn schema_of(name: &QualifiedName) -> String {
    name.schema.as_ref().map_or_else(|| "public".to_owned(), |s| s.fold().to_string())
}
