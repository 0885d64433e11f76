//! The columns of a table, each shared by the copies of the table until one of them changes it.

use std::sync::Arc;

use super::Column;

/// All columns of a table. A history keeps a copy of every table as it was before each revision that touched it: copies share the list until one of
/// them changes a column, and from then on the columns that are still alike.
#[derive(Clone, Debug, Default)]
pub struct Columns(Arc<Vec<Arc<Column>>>);

impl Columns {
    /// All of them, dropped ones too, in the order of their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Column> + ExactSizeIterator {
        self.0.iter().map(Arc::as_ref)
    }

    /// The column at this place.
    pub fn get(&self, index: usize) -> Option<&Column> {
        self.0.get(index).map(Arc::as_ref)
    }

    /// How many there are, dropped ones too.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there never was one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The column at this place, to change it.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut Column> {
        Arc::make_mut(&mut self.0).get_mut(index).map(Arc::make_mut)
    }

    /// Adds a column behind the others.
    pub fn push(&mut self, column: Column) {
        Arc::make_mut(&mut self.0).push(Arc::new(column));
    }
}

impl From<Vec<Column>> for Columns {
    fn from(columns: Vec<Column>) -> Self {
        Self(Arc::new(columns.into_iter().map(Arc::new).collect()))
    }
}
