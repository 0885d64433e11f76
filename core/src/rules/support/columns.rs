//! The columns of the project's own tables, with their names and types as numbers: what a rule asks of a name or of a type it asks once of each that
//! there is, and not of each column: most columns share both with others.

use super::Scope;
use crate::collections::Lookup;
use crate::expr::Tree;
use crate::schema::{Column, ColumnNumber, DataType, Schema, Table, TableId};

/// A column with its table.
pub(crate) type OwnColumn<'a> = (TableId, &'a Table, ColumnNumber, &'a Column);

/// All of them, in the order of their tables' creation and then of their numbers. Those of partitions are left out: their parent speaks for them.
#[derive(Default)]
pub(crate) struct OwnColumns<'a> {
    names: Vec<&'a str>,
    types: Vec<&'a DataType>,
    entries: Vec<Entry>,
}

/// One column.
#[derive(Clone, Copy)]
struct Entry {
    table: TableId,
    number: ColumnNumber,
    /// Whether a parent by INHERITS gives it.
    inherited: bool,
    /// Its place among the names.
    name: u32,
    /// Its place among the types.
    data_type: u32,
}

impl<'a> OwnColumns<'a> {
    /// Walks over all tables once.
    pub(crate) fn of(schema: &'a Schema, scope: &Scope) -> Self {
        let mut columns = Self::default();
        let mut names: Lookup<&str, u32> = Lookup::default();
        let mut types: Lookup<&DataType, u32> = Lookup::default();
        for (table, of) in schema.live_tables().filter(|(id, t)| t.partition_of.is_none() && scope.owns(*id)) {
            for (number, column) in of.live_columns() {
                columns.entries.push(Entry {
                    table,
                    number,
                    inherited: column.inherit_count > 0,
                    name: number_of(&mut names, &mut columns.names, column.name.as_str()),
                    data_type: number_of(&mut types, &mut columns.types, &column.data_type),
                });
            }
        }
        columns
    }

    /// Those that are of such a type and have such a name. Each type is asked for at most once, and so is each name, where a type passed.
    pub(super) fn pick(
        &self,
        schema: &'a Schema,
        inherited_too: bool,
        named: &dyn Fn(&'a str) -> bool,
        typed: &dyn Fn(&'a DataType) -> bool,
    ) -> Vec<OwnColumn<'a>> {
        let types: Vec<bool> = self.types.iter().map(|t| typed(t)).collect();
        let mut names: Vec<Option<bool>> = vec![None; self.names.len()];
        let mut passes = |entry: &Entry| {
            if (entry.inherited && !inherited_too) || !types.get(entry.data_type as usize).is_some_and(|passed| *passed)
            {
                return false;
            }
            let at = entry.name as usize;
            let (Some(answer), Some(name)) = (names.get_mut(at), self.names.get(at)) else { return false };
            *answer.get_or_insert_with(|| named(name))
        };
        let picked = self.entries.iter().filter(|entry| passes(entry)).filter_map(|entry| {
            let table = schema.tables.get(entry.table)?;
            Some((entry.table, table, entry.number, table.column(entry.number)?))
        });
        picked.collect()
    }

    /// Every name that a column has, and how many have it; those that a parent gives count, too.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'a str, u32)> {
        let mut counts = vec![0; self.names.len()];
        for entry in &self.entries {
            if let Some(count) = counts.get_mut(entry.name as usize) {
                *count += 1;
            }
        }
        self.names.iter().copied().zip(counts)
    }

    /// How many there are of such a type, without those that a parent gives.
    pub(super) fn count(&self, typed: &dyn Fn(&'a DataType) -> bool) -> usize {
        let types: Vec<bool> = self.types.iter().map(|t| typed(t)).collect();
        let passes =
            |entry: &&Entry| !entry.inherited && types.get(entry.data_type as usize).is_some_and(|passed| *passed);
        self.entries.iter().filter(passes).count()
    }
}

/// The place of a value among those that were met before.
fn number_of<V: Copy + Eq + std::hash::Hash>(known: &mut Lookup<V, u32>, all: &mut Vec<V>, value: V) -> u32 {
    *known.get_or_insert_with(value, || {
        all.push(value);
        u32::try_from(all.len() - 1).unwrap_or(u32::MAX)
    })
}

/// Whether a default is the moment at which a row is written.
pub(crate) fn is_now(tree: &Tree) -> bool {
    [
        "now",
        "current_timestamp",
        "localtimestamp",
        "clock_timestamp",
        "statement_timestamp",
        "transaction_timestamp",
        "current_date",
    ]
    .iter()
    .any(|f| tree.is_call_of(f))
        || matches!(tree, Tree::Column(parts) if matches!(parts.as_slice(), [one] if one.starts_with("current_") || one == "localtimestamp"))
}
