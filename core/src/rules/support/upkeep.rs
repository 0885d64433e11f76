//! How a time of change is kept up to date.

use super::builtin;
use crate::operation::{FunctionBody, TriggerEvent, TriggerTiming};
use crate::schema::{ColumnNumber, Schema, Table, TriggerFunction};

/// The column that tells when a row was last changed.
pub(crate) fn change_column<'a>(schema: &Schema, table: &'a Table) -> Option<(ColumnNumber, &'a str)> {
    const NAMES: &[&str] =
        &["updated_at", "modified_at", "last_modified", "last_update", "last_updated", "updatedat", "updated_on"];
    table
        .live_columns()
        .find(|(_, c)| {
            NAMES.iter().any(|name| c.name.eq_ignore_ascii_case(name))
                && c.generated.is_none()
                && builtin(schema, &c.data_type).is_some_and(|t| t.starts_with("timestamp"))
        })
        .map(|(n, c)| (n, c.name.as_str()))
}

/// Whether a BEFORE trigger on updates calls a function that could set the column: one whose body names it, that takes it as an argument, or
/// whose body is not at hand.
pub(crate) fn is_kept(schema: &Schema, table: &Table, column: &str) -> bool {
    schema.triggers_of(&table.triggers).any(|(_, t)| {
        let on_update = t.timing == TriggerTiming::Before && t.events.contains(&TriggerEvent::Update) && t.for_each_row;
        on_update
            && match &t.function {
                TriggerFunction::Named(..) => true,
                TriggerFunction::User(id) => {
                    let body = schema.functions.get(*id).and_then(|f| f.body.as_ref());
                    t.arguments.iter().any(|a| a.contains(column))
                        || match body {
                            Some(FunctionBody::String(text) | FunctionBody::Sql(text)) => {
                                text.text.to_ascii_lowercase().contains(&column.to_ascii_lowercase())
                            }
                            None => true,
                        }
                }
            }
    })
}
