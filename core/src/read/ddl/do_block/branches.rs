//! IF and CASE: the branch that literals decide for, or each of them behind its guards.

use super::evaluate::Value;
use super::{Block, Leaves};
use crate::operation::{Guard, GuardTest};
use crate::read::ddl::lexer::TokenKind;

impl Block<'_> {
    /// Behind IF.
    pub(super) fn branches(&mut self) -> Leaves {
        const ENDS: &[&str] = &["ELSIF", "ELSEIF", "ELSE", "END"];
        let outer = self.guards.len();
        let mut before: Vec<Guard> = Vec::new();
        let mut left_guards: Vec<Guard> = Vec::new();
        // Whether literals have decided for a branch already, and how one ends that runs in any case.
        let (mut taken, mut always) = (false, Leaves::No);
        loop {
            let from = self.p.pos;
            let to = self.word_ahead("THEN");
            self.p.pos = to;
            if self.p.expect_word("THEN").is_err() {
                self.p.pos = self.p.end;
                break;
            }
            self.look_again(from, to);
            match self.value(from, to) {
                _ if taken => self.skipped(ENDS),
                Some(Value::Bool(false) | Value::Null) => self.skipped(ENDS),
                Some(Value::Bool(true)) => {
                    taken = true;
                    self.guards.extend(before.iter().cloned());
                    let leaves = if before.is_empty() { self.statements(ENDS) } else { self.branch(ENDS) };
                    self.guards.truncate(outer);
                    always = if before.is_empty() { leaves } else { Leaves::No };
                }
                _ => {
                    let tests = self.guards_of(from, to);
                    let otherwise = self.otherwise(from, to, &tests);
                    self.guards.extend(before.iter().cloned());
                    self.guards.extend(tests);
                    let leaves = self.branch(ENDS);
                    self.guards.truncate(outer);
                    if leaves != Leaves::No {
                        left_guards.push(otherwise.clone());
                    }
                    before.push(otherwise);
                }
            }
            if self.p.eat("ELSIF") || self.p.eat("ELSEIF") {
                continue;
            }
            if self.p.eat("ELSE") {
                if taken {
                    self.skipped(&["END"]);
                } else if before.is_empty() {
                    always = self.statements(&["END"]);
                } else {
                    self.guards.extend(before.iter().cloned());
                    self.branch(&["END"]);
                    self.guards.truncate(outer);
                }
            }
            break;
        }
        self.end_of("IF");
        // What follows runs only where no branch left the block.
        self.guards.extend(left_guards);
        always
    }

    /// The guard of what runs where `tests` fail.
    fn otherwise(&self, from: usize, to: usize, tests: &[Guard]) -> Guard {
        match tests {
            [one] => Guard { negated: !one.negated, ..one.clone() },
            _ => Guard { span: self.p.span_of(from, to), test: GuardTest::Unknown, negated: true },
        }
    }

    /// `END word [label];`.
    pub(super) fn end_of(&mut self, word: &str) {
        if self.p.expect_word("END").is_err() || self.p.expect_word(word).is_err() {
            return;
        }
        if self.p.kind() == TokenKind::Word && self.p.kind_at(1) == TokenKind::Semicolon {
            self.p.pos += 1;
        }
        self.p.eat_kind(TokenKind::Semicolon);
    }

    /// The index of this word outside parentheses and CASE expressions, or the end.
    pub(super) fn word_ahead(&self, word: &str) -> usize {
        let (mut parens, mut cases) = (0u32, 0u32);
        for at in self.p.pos..self.p.end {
            let Some(token) = self.p.tokens.get(at).copied() else { break };
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => parens += 1,
                TokenKind::RightParen | TokenKind::RightBracket => parens = parens.saturating_sub(1),
                TokenKind::Word if parens == 0 => {
                    if cases == 0 && self.is_word(token, word) {
                        return at;
                    }
                    if self.is_word(token, "CASE") {
                        cases += 1;
                    } else if self.is_word(token, "END") {
                        cases = cases.saturating_sub(1);
                    }
                }
                TokenKind::Semicolon if parens == 0 => return at,
                _ => {}
            }
        }
        self.p.end
    }

    /// `CASE … WHEN … THEN … END CASE;`.
    pub(super) fn case(&mut self) {
        let from = self.p.pos;
        self.p.pos = self.word_behind_case();
        let span = self.p.span_of(from, self.p.pos);
        let outer = self.guards.len();
        self.guards.push(Guard { span, test: GuardTest::Unknown, negated: false });
        while self.p.eat("WHEN") {
            self.p.pos = self.word_ahead("THEN");
            if self.p.expect_word("THEN").is_err() {
                break;
            }
            self.branch(&["WHEN", "ELSE", "END"]);
        }
        if self.p.eat("ELSE") {
            self.branch(&["END"]);
        }
        self.guards.truncate(outer);
        self.end_of("CASE");
    }

    /// Where the first WHEN of the CASE that comes next stands.
    pub(super) fn word_behind_case(&mut self) -> usize {
        let from = self.p.pos;
        self.p.pos += 1;
        let at = self.word_ahead("WHEN");
        self.p.pos = from;
        at
    }
}
