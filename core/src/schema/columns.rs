//! The columns of a table, shared by its copies until one of them changes a column.

use std::ops::Deref;
use std::sync::Arc;

use super::Column;

/// All columns of a table. A history keeps a copy of every table as it was before each revision that touched it, and most revisions add an index or a
/// constraint: copies share their columns, and the first change to a column of one makes that one's own.
#[derive(Clone, Debug, Default)]
pub struct Columns(Arc<Vec<Column>>);

impl Columns {
    /// The column at this place, to change it.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Column> {
        Arc::make_mut(&mut self.0).get_mut(index)
    }

    /// Adds a column behind the others.
    pub fn push(&mut self, column: Column) {
        Arc::make_mut(&mut self.0).push(column);
    }
}

impl Deref for Columns {
    type Target = [Column];

    fn deref(&self) -> &[Column] {
        &self.0
    }
}

impl From<Vec<Column>> for Columns {
    fn from(mut columns: Vec<Column>) -> Self {
        columns.shrink_to_fit();
        Self(Arc::new(columns))
    }
}
