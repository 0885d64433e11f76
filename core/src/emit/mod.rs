//! Writing schemas and repairs out: the normalised catalogue, canonical DDL, and the migration that repairs what was found.

mod alembic;
pub mod catalog;
mod fix;
mod squash;

pub(crate) use fix::{Repair, assemble};
pub use fix::{Selection, fix};
pub use squash::{SQUASH_MARK, squash};

use crate::problem::Problem;

/// Files that were written, and what could not be put into them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Emitted {
    /// The files, in the order in which they run.
    pub files: Vec<EmittedFile>,
    /// What is not in them, or needs a person's eye. The files say so too, in comments.
    pub notes: Vec<Problem>,
    /// The fingerprints of the findings that they repair, in the order of the repairs.
    pub repaired: Vec<String>,
}

/// One file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmittedFile {
    /// Its name, with `/` between folders, as the project's tool expects it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What a squash is written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Plain SQL.
    #[default]
    Sql,
    /// A base revision of Alembic.
    Alembic,
}

/// A text for one line of a comment, in which nothing is hidden or turns the direction of reading.
fn one_line(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    crate::report::visible(&line).into_owned()
}
