//! What PostgreSQL refuses, seen from the statement that it refuses: the object that was to be made never came about, so that only the statement
//! tells of it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Context, Other};
use crate::analysis::Role;
use crate::finding::Subject;
use crate::name::{Ident, Name, QualifiedName, quote};
use crate::operation::{
    AlterTableAction, ColumnConstraintKind, ColumnDef, ConstraintDefKind, ObjectKind, Operation, OperationKind,
    References, TableElement,
};
use crate::replay::Conflict;
use crate::schema::{ColumnNumber, RelationId, Table, TableId};
use crate::source::Span;

/// A foreign key as a statement writes it.
#[derive(Debug)]
pub(crate) struct WrittenKey<'a> {
    /// The table that it is to be on.
    pub(crate) table: &'a QualifiedName,
    /// Its columns.
    pub(crate) columns: Vec<&'a Ident>,
    /// What it is to refer to.
    pub(crate) references: &'a References,
    /// The constraint.
    pub(crate) span: Span,
}

impl WrittenKey<'_> {
    /// Its columns as something that a finding is about.
    pub(crate) fn subjects(&self) -> Vec<Subject> {
        let path = written_path(self.table);
        let column = |c: &&Ident| Subject::new(ObjectKind::Column, format!("{path}.{}", quote(&c.fold())));
        self.columns.iter().map(column).collect()
    }

    /// Its columns for a message: `posts.author`.
    pub(crate) fn text(&self) -> String {
        let table = self.table.name.fold();
        let names: Vec<String> = self.columns.iter().map(|c| format!("`{table}.{}`", c.fold())).collect();
        super::list(&names)
    }
}

/// The statement that was refused.
pub(crate) fn refused<'a>(cx: &Context<'a>, conflict: &Conflict) -> Option<&'a Operation> {
    cx.history.revisions.get(conflict.revision as usize)?.up.get(conflict.operation as usize)
}

/// Relations and types that a statement would have made which was refused itself, each with its first place in the history. That is told; what fails later
/// because they are not there follows from it.
pub(crate) struct Unmade(BTreeMap<(ObjectKind, Name), (u32, u32)>);

impl Unmade {
    /// Those of a history.
    pub(crate) fn of(cx: &Context<'_>) -> Self {
        let mut made = BTreeMap::new();
        for conflict in &cx.replay.conflicts {
            let (kind, name) = match refused(cx, conflict).map(|o| &o.kind) {
                Some(OperationKind::CreateTable(create)) => (ObjectKind::Table, &create.name),
                Some(OperationKind::CreateView(create)) => (ObjectKind::Table, &create.name),
                Some(OperationKind::CreateType { name, .. }) => (ObjectKind::Type, name),
                _ => continue,
            };
            let name = name.name.fold();
            // What was there at some time is missing for another reason.
            let was_there = match kind {
                ObjectKind::Type => cx.schema.types.iter().any(|(_, t)| t.name == name),
                _ => {
                    cx.schema.tables.iter().any(|(_, t)| t.name == name)
                        || cx.schema.views.iter().any(|(_, v)| v.name == name)
                }
            };
            if !was_there {
                made.entry((kind, name)).or_insert((conflict.revision, conflict.operation));
            }
        }
        Self(made)
    }

    /// Whether a conflict is only that one of them is not there.
    pub(crate) fn explains(&self, conflict: &Conflict, kind: ObjectKind, name: &str) -> bool {
        let own = Name::new(name.rsplit('.').next().unwrap_or(name));
        self.0.get(&(kind, own)).is_some_and(|first| *first < (conflict.revision, conflict.operation))
    }
}

/// The foreign key inside which a statement was refused.
pub(crate) fn refused_key<'a>(cx: &Context<'a>, conflict: &Conflict) -> Option<WrittenKey<'a>> {
    let mut keys = Vec::new();
    match &refused(cx, conflict)?.kind {
        OperationKind::CreateTable(create) => {
            for element in &create.elements {
                match element {
                    TableElement::Column(column) => of_column(&create.name, column, &mut keys),
                    TableElement::Constraint(c) => of_constraint(&create.name, &c.kind, c.span, &mut keys),
                    TableElement::Like(..) => {}
                }
            }
        }
        OperationKind::AlterTable(alter) => {
            for (action, _) in &alter.actions {
                match action {
                    AlterTableAction::AddColumn { column, .. } => of_column(&alter.name, column, &mut keys),
                    AlterTableAction::AddConstraint(c) => of_constraint(&alter.name, &c.kind, c.span, &mut keys),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    keys.into_iter().find(|key| key.span.contains(conflict.span))
}

/// A foreign key that is written and was refused, on a table that is there.
#[derive(Debug)]
pub(crate) struct RefusedKey {
    pub(crate) table: TableId,
    pub(crate) columns: Vec<ColumnNumber>,
    /// What it was to refer to, where that is there.
    pub(crate) target: Option<TableId>,
    pub(crate) span: Span,
}

/// Which history or dump beside models or a document makes a table that these do not have.
pub(crate) fn maker_beside(cx: &Context<'_>, name: &QualifiedName) -> Option<&'static str> {
    if !matches!(cx.target.role, Role::Models | Role::Document) {
        return None;
    }
    let (schema, own) = (name.schema.as_ref().map(Ident::fold), name.name.fold());
    let makes = |other: &Other<'_>| {
        let made = &other.replay.schema;
        let home = |t: &Table| made.namespaces.get(t.namespace).map(|n| n.name.clone());
        made.live_tables().any(|(_, t)| t.name == own && !t.assumed && (schema.is_none() || home(t) == schema))
    };
    cx.others
        .iter()
        .filter(|o| matches!(o.target.role, Role::History | Role::Dump))
        .find(|o| makes(o))
        .map(|o| o.target.role.name())
}

/// Foreign keys that PostgreSQL refused: their columns were meant to refer to something all the same.
pub(crate) fn refused_keys(cx: &Context<'_>) -> Vec<RefusedKey> {
    if cx.replay.conflicts.is_empty() {
        return Vec::new();
    }
    let targets = Targets::of(cx);
    let keys = cx.replay.conflicts.iter().filter_map(|conflict| {
        let key = refused_key(cx, conflict)?;
        let table = targets.find(cx, key.table)?;
        let of = cx.schema.tables.get(table)?;
        let columns: Option<Vec<ColumnNumber>> = key.columns.iter().map(|c| of.find_column(&c.fold())).collect();
        let target = targets.find(cx, &key.references.table);
        // It may have been made later.
        let columns = columns.filter(|columns| cx.schema.foreign_keys_of(of).all(|(_, c, _)| c.columns != *columns))?;
        Some(RefusedKey { table, columns, target, span: key.span })
    });
    keys.collect()
}

fn of_column<'a>(table: &'a QualifiedName, column: &'a ColumnDef, keys: &mut Vec<WrittenKey<'a>>) {
    for constraint in &column.constraints {
        if let ColumnConstraintKind::References(references) = &constraint.kind {
            keys.push(WrittenKey { table, columns: vec![&column.name], references, span: constraint.span });
        }
    }
}

fn of_constraint<'a>(
    table: &'a QualifiedName,
    kind: &'a ConstraintDefKind,
    span: Span,
    keys: &mut Vec<WrittenKey<'a>>,
) {
    if let ConstraintDefKind::ForeignKey { columns, references } = kind {
        keys.push(WrittenKey { table, columns: columns.iter().collect(), references, span });
    }
}

/// The path of a name as written, with `public` where no schema is.
pub(crate) fn written_path(name: &QualifiedName) -> String {
    let schema = name.schema.as_ref().map_or_else(|| "public".into(), Ident::fold);
    format!("{}.{}", quote(&schema), quote(&name.name.fold()))
}

/// What a statement is about, kind and path.
pub(crate) fn statement_subject(operation: &Operation) -> (ObjectKind, String) {
    let of = |kind: ObjectKind, name: &QualifiedName| (kind, written_path(name));
    match &operation.kind {
        OperationKind::CreateTable(create) => of(ObjectKind::Table, &create.name),
        OperationKind::AlterTable(alter) => of(alter.kind, &alter.name),
        OperationKind::CreateIndex(index) => of(ObjectKind::Table, &index.table),
        OperationKind::CreatePolicy(policy) | OperationKind::AlterPolicy(policy) => {
            of(ObjectKind::Table, &policy.table)
        }
        OperationKind::CreateView(view) if view.materialized => of(ObjectKind::MaterializedView, &view.name),
        OperationKind::CreateView(view) => of(ObjectKind::View, &view.name),
        OperationKind::CreateFunction(function) => of(ObjectKind::Function, &function.name),
        OperationKind::CreateTrigger(trigger) => of(ObjectKind::Table, &trigger.table),
        OperationKind::CreateEventTrigger { name, .. } => (ObjectKind::EventTrigger, name.fold().to_string()),
        OperationKind::Grant(grant) => match (grant.objects.first(), grant.in_schemas.first()) {
            (Some(object), _) => of(object.kind, &object.name),
            (None, Some(schema)) => (ObjectKind::Schema, schema.fold().to_string()),
            (None, None) => (grant.kind, "privileges".to_owned()),
        },
        OperationKind::DefaultPrivileges { schemas, grant, .. } => match schemas.first() {
            Some(schema) => (ObjectKind::Schema, schema.fold().to_string()),
            None => (grant.kind, "default privileges".to_owned()),
        },
        OperationKind::Drop(drop) => match drop.targets.first() {
            Some(target) => of(target.kind, &target.name),
            None => (ObjectKind::Table, "statement".to_owned()),
        },
        OperationKind::Rename { target, .. } => of(target.kind, &target.name),
        OperationKind::CreateType { name, .. } | OperationKind::AlterType { name, .. } => of(ObjectKind::Type, name),
        OperationKind::Dml { tables, .. } | OperationKind::Truncate { tables, .. } => match tables.first() {
            Some(table) => of(ObjectKind::Table, table),
            None => (ObjectKind::Table, "statement".to_owned()),
        },
        _ => (ObjectKind::Table, "statement".to_owned()),
    }
}

/// What the names of tables mean in the end state, looked over once.
#[derive(Debug)]
pub(crate) struct Targets<'a> {
    live: BTreeMap<&'a str, Vec<TableId>>,
    gone: BTreeSet<&'a str>,
    refused: BTreeSet<Name>,
}

impl<'a> Targets<'a> {
    pub(crate) fn of(cx: &Context<'a>) -> Self {
        let mut live: BTreeMap<&str, Vec<TableId>> = BTreeMap::new();
        for (id, table) in cx.schema.live_tables() {
            live.entry(&table.name).or_default().push(id);
        }
        let gone = cx.schema.tables.iter().filter(|(_, t)| t.dropped.is_some()).map(|(_, t)| t.name.as_str()).collect();
        let refused = cx
            .replay
            .conflicts
            .iter()
            .filter_map(|c| match &refused(cx, c)?.kind {
                OperationKind::CreateTable(create) => Some(create.name.name.fold()),
                _ => None,
            })
            .collect();
        Self { live, gone, refused }
    }

    /// The table that a written name means: in its schema, else in `public`, else the only one of that name.
    pub(crate) fn find(&self, cx: &Context<'_>, name: &QualifiedName) -> Option<TableId> {
        let own = name.name.fold();
        let of_schema = |schema: &str| match cx.schema.find_relation(cx.schema.find_namespace(schema)?, &own)? {
            RelationId::Table(id) => Some(id),
            _ => None,
        };
        match &name.schema {
            Some(schema) => of_schema(&schema.fold()),
            None => of_schema("public").or_else(|| match self.live.get(own.as_str())?.as_slice() {
                [one] => Some(*one),
                _ => None,
            }),
        }
    }

    /// Whether the input has a table of this name that is not there in the end, dropped or refused itself: another matter than a name that nothing
    /// ever had.
    pub(crate) fn was_lost(&self, name: &QualifiedName) -> bool {
        let own = name.name.fold();
        self.gone.contains(own.as_str()) || self.refused.contains(&own)
    }
}
