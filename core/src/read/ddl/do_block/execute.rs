//! EXECUTE: the statements of a text that follows from literals.

use super::{Block, MAX_STRINGS};
use crate::problem::ProblemKind;
use crate::read::ddl::cursor::{Parser, Place};
use crate::read::ddl::lexer::{Decoded, TokenKind, lex};

impl Block<'_> {
    /// Behind EXECUTE.
    pub(super) fn execute(&mut self) {
        let from = self.p.pos;
        let mut to = self.p.end;
        let mut depth = 0u32;
        for at in from..self.p.end {
            let Some(token) = self.p.tokens.get(at).copied() else { break };
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 && (self.is_word(token, "INTO") || self.is_word(token, "USING")) => {
                    if self.is_word(token, "INTO") {
                        self.forget_targets(at + 1);
                    }
                    to = to.min(at);
                }
                _ => {}
            }
        }
        self.p.pos = self.p.end;
        match self.text_value(from, to) {
            Some(text) => self.run_text(&text),
            None => {
                let verb = self.leading_words(from, to);
                if !harmless(&verb) {
                    let span = self.p.span_of(from, to.max(from + 1));
                    let message = "This statement is put together while it runs; what it does cannot be read here.";
                    self.p.problem(ProblemKind::OpaqueStatement, message.to_owned(), span);
                }
            }
        }
    }

    /// Reads the statements that a string holds.
    pub(super) fn run_text(&mut self, text: &Decoded<'_>) {
        if self.p.depth >= MAX_STRINGS {
            let message =
                format!("DO and EXECUTE are nested more than {MAX_STRINGS} deep here; the inner ones were not read.");
            self.p.problem(ProblemKind::LimitExceeded, message, self.p.statement);
            return;
        }
        let mut tokens = Vec::new();
        lex(&text.text, &mut tokens, usize::MAX);
        let place = Place::String(self.p.place, text);
        let mut inner = Parser::new(&text.text, &tokens, &place);
        inner.depth = self.p.depth + 1;
        let mut from = 0;
        while from < tokens.len() {
            let to = tokens
                .iter()
                .skip(from)
                .position(|t| t.kind == TokenKind::Semicolon)
                .map_or(tokens.len(), |n| from + n);
            if from < to {
                (inner.pos, inner.end) = (from, to);
                inner.statement = inner.span_of(from, to);
                let _ = inner.statement();
            }
            from = to + 1;
        }
        let Parser { operations, problems, .. } = inner;
        self.p.operations.extend(operations);
        self.p.problems.extend(problems);
    }
}

/// Whether statements that begin so change no schema.
fn harmless(words: &str) -> bool {
    const VERBS: &[&str] = &[
        "INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "COPY", "ANALYZE", "VACUUM", "REFRESH", "REINDEX", "CLUSTER",
        "SET", "RESET", "NOTIFY", "LISTEN", "TRUNCATE", "LOCK", "CALL", "WITH",
    ];
    const PAIRS: &[&str] =
        &["ALTER DATABASE", "ALTER ROLE", "ALTER USER", "ALTER SYSTEM", "CREATE ROLE", "CREATE USER", "DROP ROLE"];
    let first = words.split(' ').next().unwrap_or_default();
    VERBS.contains(&first) || PAIRS.contains(&words)
}
