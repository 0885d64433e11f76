//! The arguments of operations by name.

use crate::read::python::{Arguments, Value};
use crate::read::sqlalchemy::sql::{Known, Unknown};
use crate::source::Span;

/// The arguments of an operation by their names. In a batch the table is known.
pub(super) struct Given<'a> {
    pub(super) parameters: &'static [&'static str],
    pub(super) arguments: &'a Arguments,
    pub(super) batch: Option<&'a Arguments>,
}

impl<'a> Given<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        if let Some(batch) = self.batch {
            match name {
                "table_name" => return batch.get(0, "table_name"),
                "schema" => return batch.get(1, "schema"),
                _ => {}
            }
        }
        let own = |p: &&&str| self.batch.is_none() || !matches!(**p, "table_name" | "schema");
        let place = self.parameters.iter().filter(own).position(|p| *p == name);
        place.and_then(|at| self.arguments.positional.get(at)).or_else(|| self.arguments.keyword(name))
    }

    pub(super) fn need(&self, name: &str, span: Span) -> Known<&'a Value> {
        self.get(name).filter(|v| !v.is_none()).ok_or(Unknown(span))
    }

    pub(super) fn given(&self, name: &str) -> Option<&'a Value> {
        self.get(name).filter(|v| !v.is_none())
    }

    pub(super) fn yes(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool) == Some(true)
    }

    /// The arguments behind the named ones.
    pub(super) fn rest(&self) -> &'a [Value] {
        let batch = usize::from(self.batch.is_some());
        self.arguments.positional.get(self.parameters.len() - batch..).unwrap_or_default()
    }
}

/// The positional parameters of each operation.
pub(super) fn parameters(operation: &str) -> Option<&'static [&'static str]> {
    Some(match operation {
        "create_table" | "drop_table" | "drop_table_comment" => &["table_name"],
        "rename_table" => &["old_table_name", "new_table_name", "schema"],
        "add_column" => &["table_name", "column"],
        "drop_column" | "alter_column" => &["table_name", "column_name"],
        "create_index" => &["index_name", "table_name", "columns"],
        "drop_index" => &["index_name", "table_name"],
        "create_primary_key" | "create_unique_constraint" => &["constraint_name", "table_name", "columns"],
        "create_check_constraint" => &["constraint_name", "table_name", "condition"],
        "create_exclude_constraint" => &["constraint_name", "table_name"],
        "create_foreign_key" => &["constraint_name", "table_name", "referent_table", "local_cols", "remote_cols"],
        "drop_constraint" => &["constraint_name", "table_name", "type_"],
        "create_table_comment" => &["table_name", "comment"],
        "execute" => &["sqltext"],
        "bulk_insert" => &["table", "rows"],
        _ => return None,
    })
}
