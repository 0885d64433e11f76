//! RAISE: the SQLSTATE of the error that a block raises itself.
//!
//! Source: PostgreSQL manual, "PL/pgSQL - Errors and Messages", "Reporting Errors and Messages".

use super::conditions::{sqlstate, sqlstate_of_code};
use super::{Block, Leaves};
use crate::operation::{OperationKind, Transaction};
use crate::read::ddl::lexer::TokenKind;

/// What an error is that says nothing else.
const RAISE_EXCEPTION: &str = "P0001";

impl Block<'_> {
    /// At RAISE, in a statement that ends where the tokens do.
    pub(super) fn raise(&mut self) -> Leaves {
        if ["DEBUG", "LOG", "INFO", "NOTICE", "WARNING"].iter().any(|level| self.p.is_at(1, level)) {
            return Leaves::No;
        }
        let again = self.p.pos + 1 >= self.p.end;
        if let Some(state) = if again { Some(None) } else { self.raised().map(Some) } {
            let first = self.p.operations.len();
            self.p.statement = self.p.span_of(self.p.pos, self.p.end);
            self.p.emit(OperationKind::Transaction(Transaction::Raise(state)));
            self.guard_since(first);
        }
        Leaves::Raises
    }

    /// The SQLSTATE, where it is written.
    fn raised(&self) -> Option<&'static str> {
        let first = self.p.pos + if self.p.is_at(1, "EXCEPTION") { 2 } else { 1 };
        if let Some(at) = (first..self.p.end).find(|at| self.word_at(*at, "ERRCODE")) {
            return self.literal_at(at + 2).and_then(|code| sqlstate(code).or_else(|| sqlstate_of_code(code)));
        }
        let token = *self.p.tokens.get(first).filter(|_| first < self.p.end)?;
        match token.kind {
            TokenKind::Word if self.is_word(token, "USING") => Some(RAISE_EXCEPTION),
            TokenKind::Word if self.is_word(token, "SQLSTATE") => self.literal_at(first + 1).and_then(sqlstate_of_code),
            TokenKind::Word => sqlstate(self.p.text(token)).filter(|state| *state != "*"),
            _ => Some(RAISE_EXCEPTION),
        }
    }

    fn word_at(&self, at: usize, word: &str) -> bool {
        self.p.tokens.get(at).is_some_and(|token| self.is_word(*token, word))
    }

    /// What a plain string at this token says.
    fn literal_at(&self, at: usize) -> Option<&str> {
        let token = *self.p.tokens.get(at).filter(|token| at < self.p.end && token.kind == TokenKind::String)?;
        Some(self.p.text(token).trim_matches('\''))
    }
}
