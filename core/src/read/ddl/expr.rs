//! Where an expression ends. Expressions are kept as text; only their ends matter here.

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use crate::expr::Expr;
use crate::keywords::{Category, VALUE_FUNCTIONS, category};
use crate::problem::ProblemKind;

/// Reserved words that an expression can start with, beside [`VALUE_FUNCTIONS`].
const STARTERS: &[&str] = &["null", "true", "false", "array", "case", "cast"];

impl Parser<'_> {
    /// The expression of a DEFAULT clause: `b_expr` of the grammar, which knows no AND, IS NULL, AT TIME ZONE and the like outside parentheses,
    /// so that it ends where the next column constraint begins.
    pub(super) fn default_expr(&mut self) -> Read<Expr> {
        let from = self.pos;
        self.skip_restricted()?;
        Ok(self.expr_of(from, self.pos))
    }

    /// An expression in parentheses, without them.
    pub(super) fn paren_expr(&mut self) -> Read<Expr> {
        self.group("`(` and an expression", |p| p.rest("an expression"))?
    }

    fn skip_restricted(&mut self) -> Read<()> {
        loop {
            while self.kind() == TokenKind::Operator || self.at_operator_call() {
                self.skip_operator()?;
            }
            let first = self.kind();
            self.skip_primary()?;
            // The grammar takes no field or subscript directly behind a call or a constant.
            let last = self.pos.checked_sub(1).and_then(|last| self.tokens.get(last));
            let plain = first == TokenKind::LeftParen || last.is_some_and(|t| t.kind != TokenKind::RightParen);
            self.skip_indirection(plain)?;
            if self.kind() == TokenKind::Operator || self.at_operator_call() {
                continue;
            }
            if self.are(&["IS", "DISTINCT", "FROM"]) {
                self.pos += 3;
            } else if self.are(&["IS", "NOT", "DISTINCT", "FROM"]) {
                self.pos += 4;
            } else {
                return Ok(());
            }
        }
    }

    /// `OPERATOR(schema.+)`.
    pub(super) fn at_operator_call(&self) -> bool {
        self.is("OPERATOR") && self.kind_at(1) == TokenKind::LeftParen
    }

    fn skip_operator(&mut self) -> Read<()> {
        if self.kind() == TokenKind::Operator {
            self.pos += 1;
            return Ok(());
        }
        self.pos += 1;
        self.skip_group()
    }

    /// Casts, subscripts and fields behind a value.
    fn skip_indirection(&mut self, fields: bool) -> Read<()> {
        loop {
            match self.kind() {
                TokenKind::Cast => {
                    let sign = self.bump();
                    if self.text(sign).len() > 2 {
                        let message = "PostgreSQL has no `:::`.".to_owned();
                        self.problem(ProblemKind::SyntaxError, message, self.span(sign));
                    }
                    self.data_type()?;
                }
                TokenKind::LeftBracket if fields => self.skip_group()?,
                TokenKind::Dot if fields => {
                    self.pos += 1;
                    if !self.eat_operator("*") {
                        self.label("a field")?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// One value: a constant, a call, a name, something in parentheses.
    pub(super) fn skip_primary(&mut self) -> Read<()> {
        match self.kind() {
            TokenKind::Number | TokenKind::String | TokenKind::DollarString | TokenKind::Param => {
                self.pos += 1;
                // U&'…' UESCAPE 'c'.
                if self.is("UESCAPE") && self.kind_at(1) == TokenKind::String {
                    self.pos += 2;
                }
                Ok(())
            }
            TokenKind::LeftParen => self.skip_group(),
            TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted | TokenKind::Placeholder => {
                self.skip_named()
            }
            _ => Err(self.expected("an expression")),
        }
    }

    fn skip_named(&mut self) -> Read<()> {
        if self.at_grammar_type() {
            // `interval '1 day'`, `timestamp with time zone '…'`: a type in front of a constant.
            let from = self.pos;
            if self.try_type().is_some() && self.at_string() {
                self.pos += 1;
                self.skip_interval_fields()?;
                return Ok(());
            }
            self.pos = from;
        }
        let token = self.peek();
        if token.kind == TokenKind::Word {
            let word = self.text(token);
            if self.is("CASE") {
                return self.skip_case();
            }
            if category(word) == Category::Reserved
                && !STARTERS.iter().chain(VALUE_FUNCTIONS).any(|s| word.eq_ignore_ascii_case(s))
            {
                return Err(self.expected("an expression"));
            }
            if self.is("ARRAY") && self.kind_at(1) == TokenKind::LeftBracket {
                self.pos += 1;
                return self.skip_group();
            }
        }
        self.label("an expression")?;
        while self.kind() == TokenKind::Dot && !matches!(self.kind_at(1), TokenKind::Operator) {
            self.pos += 1;
            self.label("a name")?;
        }
        if self.kind() == TokenKind::LeftParen {
            self.skip_group()?;
            if self.eat_all(&["WITHIN", "GROUP"]) {
                self.skip_group()?;
            }
            if self.is("FILTER") && self.kind_at(1) == TokenKind::LeftParen {
                self.pos += 1;
                self.skip_group()?;
            }
            if self.eat("OVER") {
                if self.kind() == TokenKind::LeftParen {
                    self.skip_group()?;
                } else {
                    self.identifier("a window")?;
                }
            }
        }
        // `date '2020-01-01'`, `name(3) 'text'`.
        if self.at_string() {
            self.pos += 1;
        }
        Ok(())
    }

    /// `YEAR TO MONTH`, `SECOND (3)`.
    fn skip_interval_fields(&mut self) -> Read<()> {
        const FIELDS: &[&str] = &["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
        if self.is_any(FIELDS) {
            self.pos += 1;
            if self.is("TO") && FIELDS.iter().any(|field| self.is_at(1, field)) {
                self.pos += 2;
            }
            if self.kind() == TokenKind::LeftParen {
                self.skip_group()?;
            }
        }
        Ok(())
    }

    /// CASE … END, nested ones inside.
    pub(super) fn skip_case(&mut self) -> Read<()> {
        let from = self.pos;
        let mut depth = 0u32;
        while !self.at_end() {
            if self.is("CASE") {
                depth += 1;
            } else if self.is("END") {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    self.pos += 1;
                    return Ok(());
                }
            } else if matches!(self.kind(), TokenKind::LeftParen | TokenKind::LeftBracket) {
                self.skip_group()?;
                continue;
            }
            self.pos += 1;
        }
        let broken = self.expected("`END` of the `CASE`");
        self.pos = from;
        Err(broken)
    }
}
