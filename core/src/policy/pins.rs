//! Pinned columns that are in no table: a misspelt pin would decide nothing, in silence.

use std::collections::BTreeSet;

use super::pattern::nearest;
use super::{ColumnPin, Pins};
use crate::problem::{Problem, ProblemKind};
use crate::schema::Schema;

/// Tells of each column that a pin names and no table of these schemas has.
pub(crate) fn unknown_columns<'a>(pins: &Pins, schemas: impl Iterator<Item = &'a Schema>, problems: &mut Vec<Problem>) {
    let named = pins.columns().into_iter().filter_map(|(key, pin)| match pin {
        Some(ColumnPin::Named(column)) => Some((key, column)),
        _ => None,
    });
    let named: Vec<(&str, &String)> = named.collect();
    if named.is_empty() {
        return;
    }
    let tables = schemas.flat_map(|s| s.live_tables()).map(|(_, t)| t);
    let known: BTreeSet<&str> = tables.flat_map(|t| t.live_columns()).map(|(_, c)| c.name.as_str()).collect();
    // Where nothing could be read, nothing is known to be missing.
    for (key, column) in named.into_iter().filter(|(_, c)| !known.is_empty() && !known.contains(c.as_str())) {
        let hint = nearest(column, known.iter().copied()).map_or(String::new(), |n| format!(" Did you mean `{n}`?"));
        let message = format!("No table has a column `{column}`, so `{key}` decides nothing.{hint}");
        problems.push(Problem { kind: ProblemKind::BadSetting, message, span: pins.columns_at.get(key).copied() });
    }
}
