use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::finding::{Certainty, Severity, Subject};
use crate::name::{Name, QualifiedName};
use crate::operation::{AlterTableAction, ColumnDef, DmlVerb, ObjectKind, OperationKind, TableElement, TypeName};
use crate::replay::Effect;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "vector-dimension-change",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A vector column got another dimension and nothing fills it anew.",
    why: "Embeddings of one size cannot become those of another: the change of type is refused while there are rows (\"expected 768 dimensions, not 1536\"), and \
          a column that is dropped and added again is empty, so that searches find nothing and no error says so. Clear the column in the same migration, \
          and fill it from the new model, or add a second column, fill it, and swap the names once it is complete; its index is built last. pgvector manual, \
          \"Vector Type\".",
    fires: examples![
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(1536));\n-- file: 2_b.sql\nALTER TABLE docs ALTER COLUMN embedding TYPE «vector(768)»;",
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(1536));\n-- file: 2_b.sql\nALTER TABLE docs DROP COLUMN embedding;\nALTER TABLE docs ADD COLUMN embedding «vector(768)»;",
        // Embeddings kept as numbers, lost when the column becomes a vector.
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding real[]);\n-- file: 2_b.sql\nALTER TABLE docs DROP COLUMN embedding;\nALTER TABLE docs ADD COLUMN embedding «vector(768)»;",
    ],
    silent: examples![
        // The numbers become the vector.
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding real[]);\n-- file: 2_b.sql\nALTER TABLE docs ALTER COLUMN embedding TYPE vector(768) USING embedding::vector(768);",
        // It is there, and stays as it is.
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding real[]);\n-- file: 2_b.sql\nALTER TABLE docs ADD COLUMN IF NOT EXISTS embedding vector(768);",
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding real[]);\n-- file: 2_b.sql\nALTER TABLE docs DROP COLUMN embedding;\nALTER TABLE docs ADD COLUMN embedding vector(768);\nUPDATE docs SET embedding = NULL;",
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(1536));\n-- file: 2_b.sql\nUPDATE docs SET embedding = NULL;\nALTER TABLE docs ALTER COLUMN embedding TYPE vector(768);",
        "-- file: 1_a.sql\nCREATE EXTENSION vector;\nCREATE TABLE docs (id bigint PRIMARY KEY, embedding vector(1536));\n-- file: 2_b.sql\nALTER TABLE docs ADD COLUMN embedding_small vector(768);",
    ],
    supersedes: &[],
    check,
};

/// A vector column: its size, and where that is said. An array of numbers that holds one has none that counts.
#[derive(Clone)]
struct Size {
    dimension: Option<SmolStr>,
    span: Span,
}

impl Size {
    /// `1536`, or that it is an array.
    fn words(&self) -> &str {
        self.dimension.as_deref().unwrap_or("an array of numbers")
    }
}

/// A column that got another size.
struct Change {
    revision: u32,
    table: TableId,
    name: Name,
    before: Size,
    after: Size,
    /// Whether the column stayed, with what it held; else it was dropped and made anew.
    in_place: bool,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut sizes: BTreeMap<(TableId, Name), Size> = BTreeMap::new();
    let mut changes: Vec<Change> = Vec::new();
    for (step, operation) in cx.ran() {
        match &operation.kind {
            OperationKind::CreateTable(create) => {
                let made = step.effects.iter().find_map(|e| match e {
                    Effect::Created(ObjectId::Table(id)) => Some(*id),
                    _ => None,
                });
                let Some(table) = made else { continue };
                for element in &create.elements {
                    if let TableElement::Column(column) = element
                        && let Some(size) = size_of(column)
                    {
                        out.look();
                        sizes.insert((table, column.name.fold()), size);
                    }
                }
            }
            OperationKind::AlterTable(alter) => {
                let Some(table) = step.altered_table() else { continue };
                for (action, _) in &alter.actions {
                    let (name, size, keeps) = match action {
                        AlterTableAction::AddColumn { column, .. } => {
                            let made = step.effects.iter().any(|e| {
                                matches!(e, Effect::Created(ObjectId::Column(t, c)) if *t == table
                                    && cx.schema.column(*t, *c).is_some_and(|c| c.name == column.name.fold()))
                            });
                            (column.name.fold(), size_of(column).filter(|_| made), false)
                        }
                        // USING NULL empties the column on purpose.
                        AlterTableAction::SetType { column, data_type, using, .. }
                            if !using.as_ref().is_some_and(|u| u.text.to_ascii_lowercase().starts_with("null")) =>
                        {
                            (column.fold(), dimension(data_type), true)
                        }
                        _ => continue,
                    };
                    let Some(size) = size else { continue };
                    let before = sizes.insert((table, name.clone()), size.clone());
                    // An array may become a vector with all that it holds.
                    let loses = |before: &Size| match (&before.dimension, &size.dimension) {
                        (Some(before), Some(after)) => before != after,
                        (None, Some(_)) => !keeps,
                        (_, None) => false,
                    };
                    if let Some(before) = before.filter(loses) {
                        changes.push(Change {
                            revision: step.revision,
                            table,
                            name,
                            before,
                            after: size,
                            in_place: keeps,
                        });
                    }
                }
            }
            OperationKind::Rename { target, to, .. } if target.kind == ObjectKind::Column => {
                let Some(part) = &target.part else { continue };
                for effect in &step.effects {
                    if let Effect::Altered(ObjectId::Column(table, _)) = effect
                        && let Some(size) = sizes.remove(&(*table, part.fold()))
                    {
                        sizes.insert((*table, to.fold()), size);
                    }
                }
            }
            _ => {}
        }
    }
    for change in changes.into_iter().filter(|c| !refilled(cx, c.revision, c.table)) {
        let Change { revision, table, name, before, after, in_place } = change;
        let column = cx.schema.tables.get(table).and_then(|t| t.find_column(&name));
        let path = format!("{}.{}", cx.table_sql(table), crate::name::quote(&name));
        let consequence = if in_place {
            "and nothing clears it before: PostgreSQL refuses that as soon as a row has one"
        } else {
            "in a column that is made anew and empty, and nothing fills it"
        };
        let message = format!(
            "`{}.{name}` goes from {} to {} dimensions, {consequence}.",
            cx.table_name(table),
            before.words(),
            after.words()
        );
        let draft = match column {
            Some(column) => out.report(ObjectId::Column(table, column), after.span, message),
            None => out.report_about(Subject::new(ObjectKind::Column, path), after.span, message),
        };
        let _ = draft.maybe_subject(cx.revision(revision)).also_at(before.span);
    }
}

fn size_of(column: &ColumnDef) -> Option<Size> {
    column.data_type.as_ref().and_then(dimension)
}

/// The dimension of a type of pgvector; an array of floating point numbers is what embeddings are kept in without it.
fn dimension(data_type: &TypeName) -> Option<Size> {
    let dimension = match (data_type.name.fold().as_str(), data_type.modifiers.as_slice()) {
        ("vector" | "halfvec" | "sparsevec", [dimension]) => Some(dimension.clone()),
        ("float4" | "float8" | "real" | "double precision" | "float", _) if data_type.dimensions > 0 => None,
        _ => return None,
    };
    Some(Size { dimension, span: data_type.span })
}

/// Whether the rows of a table are changed or cleared in this revision or after it.
fn refilled(cx: &Context<'_>, revision: u32, table: TableId) -> bool {
    let Some(own) = cx.schema.tables.get(table).map(|t| &t.name) else { return false };
    let names = |tables: &[QualifiedName]| tables.iter().any(|t| t.name.fold() == *own);
    cx.history.revisions.iter().skip(revision as usize).flat_map(|r| &r.up).any(|o| match &o.kind {
        OperationKind::Dml { verb, tables, .. } => {
            matches!(verb, DmlVerb::Update | DmlVerb::Delete | DmlVerb::Merge) && names(tables)
        }
        OperationKind::Truncate { tables, .. } => names(tables),
        _ => false,
    })
}
