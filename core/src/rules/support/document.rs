//! What rules about documents ask.

use super::super::Context;
use super::{conjuncts, values_of};
use crate::expr::Tree;
use crate::finding::Subject;
use crate::history::DocumentFacts;
use crate::operation::ObjectKind;
use crate::schema::{ColumnNumber, ConstraintKind, Schema, Table, TableId, TypeKind};

/// A part of a document as something that a finding is about.
pub(crate) fn document_part(document: &DocumentFacts, part: &str) -> Subject {
    let path = if part.is_empty() { document.name.clone() } else { format!("{}#{part}", document.name) };
    Subject::new(ObjectKind::File, path)
}

/// The values that a check or an enum type allows a column.
pub(crate) fn allowed_values(schema: &Schema, table: &Table, column: ColumnNumber) -> Option<Vec<String>> {
    let name = table.column(column)?;
    if let crate::schema::BaseType::User(id) = &name.data_type.base
        && let Some(TypeKind::Enum(labels)) = schema.types.get(*id).map(|t| &t.kind)
    {
        return Some(labels.iter().map(|(label, _)| label.clone()).collect());
    }
    schema.constraints_of(table).find_map(|(_, c)| match &c.kind {
        ConstraintKind::Check(check) if c.columns.contains(&column) => listed_in(check.source.tree(), &name.name),
        _ => None,
    })
}

/// The values that a condition lists for a column.
pub(crate) fn listed_in(tree: &Tree, column: &str) -> Option<Vec<String>> {
    conjuncts(tree)
        .into_iter()
        .find_map(|part| values_of(part, column))
        .map(|v| v.into_iter().map(str::to_owned).collect())
}

/// The values that the document's own SQL demands of columns of this name, where they are the same concept: half of the shorter list is in both.
pub(crate) fn demanded_values(document: &DocumentFacts, column: &str, stated: &[String]) -> Option<Vec<String>> {
    document.conditions.iter().find_map(|condition| {
        let demanded = listed_in(condition.tree(), column)?;
        let common = demanded.iter().filter(|v| stated.contains(v)).count();
        (common * 2 >= demanded.len().min(stated.len()) && common > 0).then_some(demanded)
    })
}

/// The table of this name that exists.
pub(crate) fn table_named<'a>(cx: &Context<'a>, name: &str) -> Option<(TableId, &'a Table)> {
    cx.schema.live_tables().find(|(_, t)| t.name == name)
}
