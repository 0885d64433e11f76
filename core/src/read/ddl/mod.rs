//! The reader of PostgreSQL DDL: tokens in, operations out, an exact span for every name.
//!
//! [`read_statement`] takes one statement. `statement.rs` looks at the first words and hands over to the file of the statement's family; all
//! share the cursor in `cursor.rs`. An element that cannot be read becomes a problem; the rest of its statement stands.

mod alter;
mod alter_table;
mod comment;
mod create_table;
mod cursor;
mod data_type;
mod drop;
mod expr;
mod function;
mod grant;
mod index;
pub mod lexer;
mod object;
mod policy;
mod rows;
mod sequence;
mod settings;
mod statement;
mod trigger;
mod types;
mod view;
mod words;

use super::Reading;
use crate::problem::{Problem, ProblemKind};
use crate::source::{FileId, Span};
use cursor::{Parser, Place};
use lexer::{Token, lex};

/// The longest statement that is read, in tokens. Function bodies and strings count as one.
const MAX_TOKENS: usize = 1_000_000;

/// Reads one statement. `text` is the statement without its closing semicolon, `start` its offset in the file.
pub fn read_statement(text: &str, file: FileId, start: u32) -> Reading {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 6 + 4);
    let remarks = lex(text, &mut tokens, MAX_TOKENS + 1);
    let place = Place::File(file, start);
    let mut parser = Parser::new(text, &tokens, &place);
    let whole = place.span(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    if tokens.len() > MAX_TOKENS {
        let message = format!("This statement has more than {MAX_TOKENS} words and signs; it was not read.");
        parser.problem(ProblemKind::LimitExceeded, message, whole);
        return Reading { operations: Vec::new(), problems: parser.problems, changes_schema: true };
    }
    if let Some(open) = remarks.mysql_comment {
        let message = "MySQL runs what stands in `/*! … */`; PostgreSQL takes it for a comment. Relata reads it as PostgreSQL does.";
        let span = place.span(open, open.saturating_add(3));
        parser.problem(ProblemKind::UnsupportedStatement, message.to_owned(), span);
    }
    let changes_schema = parser.statement();
    Reading { operations: parser.operations, problems: parser.problems, changes_schema }
}

/// A problem that says that a statement is of no kind that is known.
fn unknown_statement(word: &str, span: Span) -> Problem {
    let message = format!("No PostgreSQL statement starts with `{}`.", cursor::excerpt(word));
    Problem { kind: ProblemKind::SyntaxError, message, span: Some(span) }
}
