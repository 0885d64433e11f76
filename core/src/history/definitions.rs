//! The order of definitions that have none: a document says what the schema is, not in which order to make it. Types come before tables, tables
//! before keys, keys before references; a table's constraints are statements of their own, so that one that fails costs nothing but itself.

use std::collections::BTreeMap;

use crate::name::{Name, QualifiedName};
use crate::operation::*;
use crate::order::Order;

/// How deep views may rest on views, and partitions on partitions.
const MAX_DEPTH: u8 = 32;

/// Puts definitions into an order in which each finds what it needs, as far as there is one.
pub(crate) fn arrange(operations: Vec<Operation>) -> Vec<Operation> {
    in_order(operations.into_iter().flat_map(|o| apart(o, |_| true)).collect())
}

/// Puts the statements of a program that makes all tables at once into such an order. Of a table's constraints only references become statements of
/// their own, as PostgreSQL itself adds them last: what else stands in one statement counts together, as a unique constraint over the primary key's
/// columns does.
pub(crate) fn arrange_tables(operations: Vec<Operation>) -> Vec<Operation> {
    let is_reference = |kind: &ConstraintDefKind| matches!(kind, ConstraintDefKind::ForeignKey { .. });
    in_order(operations.into_iter().flat_map(|o| apart(o, is_reference)).collect())
}

fn in_order(mut operations: Vec<Operation>) -> Vec<Operation> {
    let depths = depths(&operations);
    operations.order_by_key(|o| rank(&o.kind, &depths));
    operations
}

/// A definition of a table without those of its keys, checks and references that are to go, and these as statements of their own.
fn apart(mut operation: Operation, goes: impl Fn(&ConstraintDefKind) -> bool) -> Vec<Operation> {
    let table = match &mut operation.kind {
        OperationKind::CreateTable(table) => table,
        // A column that comes later, too: its reference may rest on a key that is made below it.
        OperationKind::AlterTable(alter) => {
            let name = alter.name.clone();
            let mut later = Vec::new();
            let refers = |c: &mut ColumnConstraint| matches!(c.kind, ColumnConstraintKind::References(_));
            for (action, _) in &mut alter.actions {
                let AlterTableAction::AddColumn { column, .. } = action else { continue };
                for key in column.constraints.extract_if(.., refers).collect::<Vec<_>>() {
                    match of_table(column, key) {
                        Ok(key) => later.push(add_constraint(name.clone(), key)),
                        Err(other) => column.constraints.push(*other),
                    }
                }
            }
            return std::iter::once(operation).chain(later).collect();
        }
        _ => return vec![operation],
    };
    if table.of_type.is_some() || table.as_query.is_some() {
        return vec![operation];
    }
    let name = table.name.clone();
    let mut constraints: Vec<ConstraintDef> = Vec::new();
    let mut elements = Vec::with_capacity(table.elements.len());
    let mut stays: Vec<ConstraintDef> = Vec::new();
    for element in std::mem::take(&mut table.elements) {
        match element {
            TableElement::Constraint(constraint)
                if !matches!(constraint.kind, ConstraintDefKind::NotNull(_)) && goes(&constraint.kind) =>
            {
                constraints.push(constraint);
            }
            TableElement::Column(mut column) => {
                let mut kept = Vec::with_capacity(column.constraints.len());
                for constraint in std::mem::take(&mut column.constraints) {
                    match of_table(&column, constraint) {
                        Ok(constraint) if goes(&constraint.kind) => constraints.push(constraint),
                        Ok(constraint) => stays.push(constraint),
                        Err(constraint) => kept.push(*constraint),
                    }
                }
                column.constraints = kept;
                elements.push(TableElement::Column(column));
            }
            other => elements.push(other),
        }
    }
    elements.extend(stays.into_iter().map(TableElement::Constraint));
    table.elements = elements;
    let mut out = vec![operation];
    out.extend(constraints.into_iter().map(|constraint| add_constraint(name.clone(), constraint)));
    out
}

/// ALTER TABLE … ADD constraint.
pub(crate) fn add_constraint(table: QualifiedName, constraint: ConstraintDef) -> Operation {
    let span = constraint.span;
    alter(table, AlterTableAction::AddConstraint(constraint), span)
}

/// ALTER TABLE with one action.
pub(crate) fn alter(table: QualifiedName, action: AlterTableAction, span: crate::source::Span) -> Operation {
    let alter = AlterTable {
        kind: ObjectKind::Table,
        name: table,
        if_exists: false,
        only: false,
        actions: vec![(action, span)],
    };
    Operation {
        kind: OperationKind::AlterTable(Box::new(alter)),
        span,
        guards: Box::default(),
        tolerates: Box::default(),
    }
}

/// A column's constraint as one of its table; what belongs to the column alone comes back.
fn of_table(column: &ColumnDef, constraint: ColumnConstraint) -> Result<ConstraintDef, Box<ColumnConstraint>> {
    let ColumnConstraint { name, kind, attributes, span } = constraint;
    let columns = vec![column.name.clone()];
    let kind = match kind {
        ColumnConstraintKind::PrimaryKey(options) => ConstraintDefKind::PrimaryKey { columns, options },
        ColumnConstraintKind::Unique(options) => ConstraintDefKind::Unique { columns, options },
        ColumnConstraintKind::Check(expr) => ConstraintDefKind::Check(expr),
        ColumnConstraintKind::References(references) => ConstraintDefKind::ForeignKey { columns, references },
        kind => return Err(Box::new(ColumnConstraint { name, kind, attributes, span })),
    };
    Ok(ConstraintDef { name, kind, attributes, span })
}

/// On how many other definitions a table or view rests, one upon the other.
fn depths(operations: &[Operation]) -> BTreeMap<Name, u8> {
    let mut needs: BTreeMap<Name, Vec<Name>> = BTreeMap::new();
    let mut depths: BTreeMap<Name, u8> = BTreeMap::new();
    for operation in operations {
        match &operation.kind {
            OperationKind::CreateTable(t) => {
                let parents = t.inherits.iter().chain(t.partition_of.as_ref().map(|(p, _)| p));
                let likes = t.elements.iter().filter_map(|e| match e {
                    TableElement::Like(source, _) => Some(source),
                    _ => None,
                });
                let mut names: Vec<Name> = parents.chain(likes).map(|n| n.name.fold()).collect();
                if let Some(query) = t.as_query.as_ref().and_then(|(_, q)| q.query()) {
                    names.extend(query.relations().into_iter().filter_map(|r| r.last().cloned()));
                }
                depths.insert(t.name.name.fold(), 0);
                needs.insert(t.name.name.fold(), names);
            }
            OperationKind::CreateView(v) => {
                let names =
                    v.query.query().map(|q| q.relations().into_iter().filter_map(|r| r.last().cloned()).collect());
                // Views come behind tables even where what they rest on is not known.
                depths.insert(v.name.name.fold(), 1);
                needs.insert(v.name.name.fold(), names.unwrap_or_default());
            }
            _ => {}
        }
    }
    // Each round settles one more level; a circle ends with the bound.
    for _ in 0..MAX_DEPTH {
        let mut changed = false;
        for (name, below) in &needs {
            let deepest = below.iter().filter(|n| *n != name).filter_map(|n| depths.get(n)).max();
            let depth = deepest.map_or(0, |d| d.saturating_add(1)).min(MAX_DEPTH);
            if let Some(slot) = depths.get_mut(name).filter(|d| **d < depth) {
                *slot = depth;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    depths
}

/// The place of a kind of definition among the others.
fn rank(kind: &OperationKind, depths: &BTreeMap<Name, u8>) -> (u8, u8) {
    use OperationKind as Kind;
    let depth = |name: &QualifiedName| depths.get(&name.name.fold()).copied().unwrap_or_default();
    let of_table = |name: &QualifiedName| depths.contains_key(&name.name.fold());
    match kind {
        Kind::CreateSchema { .. } => (0, 0),
        // What is not known of may have made anything.
        Kind::Utility { verb, .. } if verb == "IMPORT" => (0, 0),
        Kind::CreateExtension { .. } | Kind::CreateOther { .. } => (1, 0),
        Kind::CreateType { .. } | Kind::CreateDomain(_) | Kind::CreateSequence(_) => (2, 0),
        Kind::CreateFunction(f) => {
            // A function over the rows of a table needs the table.
            let types = f.arguments.iter().map(|a| &a.data_type).chain(&f.returns);
            let rows = types.into_iter().any(|t| of_table(&QualifiedName { schema: None, name: t.name.clone() }));
            (if rows { 6 } else { 3 }, 0)
        }
        Kind::CreateTable(t) if t.as_query.is_some() => (13, depth(&t.name)),
        Kind::CreateTable(t) => (4, depth(&t.name)),
        Kind::AlterTable(a) => match a.actions.first() {
            Some((AlterTableAction::AddConstraint(c), _)) => match c.kind {
                ConstraintDefKind::PrimaryKey { .. } => (7, 0),
                ConstraintDefKind::Unique { .. } | ConstraintDefKind::Exclude { .. } => (8, 0),
                ConstraintDefKind::Check(_) | ConstraintDefKind::NotNull(_) => (10, 0),
                ConstraintDefKind::ForeignKey { .. } => (11, 0),
            },
            Some((AlterTableAction::RowSecurity(_) | AlterTableAction::OwnerTo(_), _)) => (15, 0),
            _ => (5, 0),
        },
        Kind::CreateView(v) => (13, depth(&v.name)),
        // Of views, and of tables: a foreign key may rest on a unique index.
        Kind::CreateIndex(i) if i.unique && !matches!(depths.get(&i.table.name.fold()), None | Some(1..)) => (9, 0),
        Kind::CreateIndex(_) => (14, 0),
        Kind::CreateTrigger(_) | Kind::CreatePolicy(_) | Kind::CreateRule(_) => (16, 0),
        Kind::Comment { .. } | Kind::Grant(_) | Kind::DefaultPrivileges { .. } | Kind::SetOwner { .. } => (17, 0),
        _ => (18, 0),
    }
}
