//! Expressions and queries: their text as written, and what a reader of them needs to know.

use crate::source::Span;

/// An expression or query as written. The tree is made on demand: most expressions of a schema are never looked into.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expr {
    /// The text as written, comments included, without surrounding white space.
    pub text: Box<str>,
    /// Where the text stands. `text` equals the file's text at this span.
    pub span: Span,
}
