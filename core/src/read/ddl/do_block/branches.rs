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
                    if leaves == Leaves::Raises {
                        self.raises.push(otherwise.span);
                    }
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
        const ENDS: &[&str] = &["WHEN", "ELSE", "END"];
        let from = self.p.pos;
        self.p.pos = self.word_behind_case();
        let (operand, span) = ((from + 1, self.p.pos), self.p.span_of(from, self.p.pos));
        let outer = self.guards.len();
        // What must not hold for a branch behind those that literals do not decide, and whether they have decided for one.
        let mut before: Vec<Guard> = Vec::new();
        let mut taken = false;
        while self.p.eat("WHEN") {
            let condition = (self.p.pos, self.word_ahead("THEN"));
            self.p.pos = condition.1;
            if self.p.expect_word("THEN").is_err() {
                break;
            }
            match self.when_holds(operand, condition) {
                _ if taken => self.skipped(ENDS),
                Some(false) => self.skipped(ENDS),
                Some(true) if before.is_empty() => {
                    taken = true;
                    self.statements(ENDS);
                }
                holds => {
                    taken = holds == Some(true);
                    let tests = if operand.0 < operand.1 {
                        vec![Guard { span, test: GuardTest::Unknown, negated: false }]
                    } else {
                        self.guards_of(condition.0, condition.1)
                    };
                    let otherwise = self.otherwise(condition.0, condition.1, &tests);
                    self.guards.extend(before.iter().cloned().chain(tests.into_iter().filter(|_| !taken)));
                    self.branch(ENDS);
                    self.guards.truncate(outer);
                    before.push(otherwise);
                }
            }
        }
        if self.p.eat("ELSE") {
            if taken {
                self.skipped(&["END"]);
            } else if before.is_empty() {
                self.statements(&["END"]);
            } else {
                self.guards.extend(before);
                self.branch(&["END"]);
                self.guards.truncate(outer);
            }
        }
        self.end_of("CASE");
    }

    /// Whether a branch of CASE is taken, where literals decide it: by its condition, or by a list of values for the operand.
    fn when_holds(&mut self, operand: (usize, usize), (from, to): (usize, usize)) -> Option<bool> {
        self.look_again(from, to);
        let text = if operand.0 < operand.1 {
            format!("({}) IN ({})", self.p.text_of(operand.0, operand.1), self.p.text_of(from, to))
        } else {
            self.p.text_of(from, to).to_owned()
        };
        match self.variables.value(&crate::read::sql::expression(&text))? {
            Value::Bool(holds) => Some(holds),
            Value::Null => Some(false),
            _ => None,
        }
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
