//! Where the operands of an operator begin and end. Source: PostgreSQL manual, 4.1.6 "Operator Precedence".

use super::super::Scanner;
use super::super::words::{AFTER_FROM, JOIN_WORDS};
use super::COMPARISONS;
use crate::read::ddl::lexer::TokenKind;

/// A range of tokens.
type Range = (usize, usize);

/// Of an operand of more tokens nothing is said. Without an end to it, text made up for that would be walked over once for each of its operators.
const LONGEST: usize = 400;

/// Words before an operand of a comparison.
const BEFORE: &[&str] = &[
    "and",
    "or",
    "not",
    "when",
    "then",
    "else",
    "case",
    "on",
    "where",
    "having",
    "select",
    "all",
    "distinct",
    "by",
    "using",
    "returning",
    "set",
    "check",
    "values",
    "limit",
    "offset",
    "filter",
];

/// Words behind an operand of a comparison, beside those that end a list of FROM items or join them.
const BEHIND: &[&str] = &["and", "or", "then", "else", "end", "as", "from", "using", "asc", "desc", "nulls", "into"];

/// Words that bind an operand closer than a comparison does.
const CLOSER: &[&str] = &["in", "like", "ilike", "between", "similar", "overlaps"];

/// Words of tests, which bind it less.
const TESTS: &[&str] = &["is", "isnull", "notnull"];

impl Scanner<'_> {
    fn is_comparison(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Operator && COMPARISONS.contains(&self.raw(at))
    }

    /// The opening partner of a parenthesis or bracket that closes at `at`.
    fn opening(&self, at: usize) -> Option<usize> {
        self.open.get(at).copied().filter(|open| *open != at)
    }

    /// The CASE that an END closes.
    fn case_of(&self, end: usize) -> Option<usize> {
        let mut depth = 1_usize;
        let mut at = end;
        while at > 0 && end - at <= LONGEST {
            at -= 1;
            match self.kind(at) {
                TokenKind::RightParen | TokenKind::RightBracket => at = self.opening(at)?,
                TokenKind::LeftParen | TokenKind::LeftBracket => return None,
                _ if self.is(at, "end") => depth += 1,
                _ if self.is(at, "case") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// The END that closes a CASE.
    pub(super) fn end_of_case(&self, case: usize) -> Option<usize> {
        let mut depth = 1_usize;
        let mut at = case + 1;
        while at < self.tokens.len() && at - case <= LONGEST {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::RightParen | TokenKind::RightBracket => return None,
                _ if self.is(at, "case") => depth += 1,
                _ if self.is(at, "end") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Where the operand before `at` begins, as far as an operator of the precedence of comparisons takes it.
    pub(super) fn before(&self, at: usize) -> Option<usize> {
        self.first_of(at, false)
    }

    /// The same; a comparison ends an operand that `closer` takes.
    fn first_of(&self, at: usize, closer: bool) -> Option<usize> {
        let mut from = at;
        while from > 0 {
            if at - from > LONGEST {
                return None;
            }
            let last = from - 1;
            match self.kind(last) {
                TokenKind::RightParen | TokenKind::RightBracket => from = self.opening(last)?,
                TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::Comma | TokenKind::Semicolon => break,
                TokenKind::Operator if self.is_comparison(last) && closer => break,
                TokenKind::Operator if self.is_comparison(last) => return None,
                TokenKind::Word if self.is(last, "end") => from = self.case_of(last)?,
                // `BETWEEN 1 AND x = y` and what is like it.
                TokenKind::Word if self.is(last, "and") && self.is_of_between(last) => return None,
                TokenKind::Word if self.is_any(last, BEFORE) => break,
                TokenKind::Word if self.is_any(last, CLOSER) || self.is_any(last, TESTS) => return None,
                _ => from = last,
            }
        }
        (from < at).then_some(from)
    }

    /// Where the operand behind `at` ends.
    pub(super) fn behind(&self, at: usize) -> Option<usize> {
        self.end_of(at, false)
    }

    fn end_of(&self, at: usize, closer: bool) -> Option<usize> {
        let mut to = at + 1;
        while to < self.tokens.len() {
            if to - at > LONGEST {
                return None;
            }
            match self.kind(to) {
                TokenKind::LeftParen | TokenKind::LeftBracket => to = self.closing(to),
                TokenKind::RightParen
                | TokenKind::RightBracket
                | TokenKind::Comma
                | TokenKind::Semicolon
                | TokenKind::End => break,
                TokenKind::Operator if self.is_comparison(to) && closer => break,
                TokenKind::Operator if self.is_comparison(to) => return None,
                TokenKind::Word if self.is(to, "case") => to = self.end_of_case(to)?,
                // A call: `left(a, 2)`.
                TokenKind::Word if self.is_any(to, &["left", "right"]) && self.kind(to + 1) == TokenKind::LeftParen => {
                }
                TokenKind::Word if [BEHIND, TESTS, AFTER_FROM, JOIN_WORDS].iter().any(|w| self.is_any(to, w)) => break,
                TokenKind::Word if self.is_any(to, CLOSER) || self.is(to, "not") => {
                    if closer {
                        break;
                    }
                    return None;
                }
                _ => {}
            }
            to += 1;
        }
        (to > at + 1).then_some(to)
    }

    /// Both operands of a comparison.
    pub(super) fn operands(&self, at: usize) -> Option<(Range, Range)> {
        Some(((self.before(at)?, at), (at + 1, self.behind(at)?)))
    }

    /// Both operands of an operator that calculates, where nothing that binds closer or as close stands beside it.
    pub(super) fn close_operands(&self, at: usize) -> Option<(Range, Range)> {
        let from = self.first_of(at, true)?;
        let to = self.end_of(at, true)?;
        let plain = |from: usize, to: usize| !self.top_level(from, to).into_iter().any(|at| self.is_operator(at));
        (plain(from, at) && plain(at + 1, to)).then_some(((from, at), (at + 1, to)))
    }

    /// Whether `=` gives a column its value: `SET a = 1`, and behind a comma there.
    pub(super) fn is_assignment(&self, at: usize) -> bool {
        let mut last = at;
        while last > 0 {
            if at - last > LONGEST {
                return true;
            }
            last -= 1;
            match self.kind(last) {
                TokenKind::RightParen | TokenKind::RightBracket => match self.opening(last) {
                    Some(open) => last = open,
                    None => return true,
                },
                TokenKind::LeftParen | TokenKind::LeftBracket => return false,
                _ if self.is_any(last, &["select", "where", "on", "having", "from", "returning", "by"]) => {
                    return false;
                }
                _ if self.is(last, "set") => return true,
                _ => {}
            }
        }
        false
    }

    /// The AND between the bounds of BETWEEN.
    pub(super) fn and_of(&self, first: usize) -> Option<usize> {
        let mut at = first;
        while at < self.tokens.len() && at - first <= LONGEST {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::RightParen | TokenKind::Comma | TokenKind::Semicolon => return None,
                _ if self.is(at, "case") => at = self.end_of_case(at)?,
                _ if self.is(at, "and") => return Some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Whether an AND belongs to BETWEEN.
    pub(super) fn is_of_between(&self, and: usize) -> bool {
        let mut at = and;
        while at > 0 {
            if and - at > LONGEST {
                return true;
            }
            at -= 1;
            match self.kind(at) {
                TokenKind::RightParen | TokenKind::RightBracket => match self.opening(at) {
                    Some(open) => at = open,
                    None => return true,
                },
                TokenKind::LeftParen | TokenKind::LeftBracket | TokenKind::Comma | TokenKind::Semicolon => {
                    return false;
                }
                _ if self.is(at, "end") => match self.case_of(at) {
                    Some(case) => at = case,
                    None => return true,
                },
                _ if self.is(at, "between") => return true,
                _ if self.is_any(at, &["and", "or", "when", "then", "else", "where", "having", "on", "select"]) => {
                    return false;
                }
                _ => {}
            }
        }
        false
    }

    /// Whether a WHEN is that of a CASE without an operand of its own.
    pub(super) fn is_searched_when(&self, when: usize) -> bool {
        self.case_of(when).is_some_and(|case| self.is(case + 1, "when"))
    }

    /// Whether a NOT is a negation, and no part of another operator.
    pub(super) fn negates(&self, at: usize) -> bool {
        let within = ["in", "like", "ilike", "between", "similar", "null", "distinct", "exists", "materialized"];
        let is = at.checked_sub(1).is_some_and(|before| self.is_any(before, TESTS) || self.is(before, "if"));
        !is && !self.is_any(at + 1, &within)
    }

    /// The expressions that AND, OR, NOT, WHERE, HAVING or WHEN at `at` wants to be true or false, as far as they are plain.
    pub(super) fn truths(&self, at: usize, word: &str) -> Vec<Range> {
        let mut sides = Vec::new();
        if matches!(word, "and" | "or")
            && let Some(from) = self.truth_before(at)
        {
            sides.push((from, at));
        }
        if let Some(to) = self.truth_behind(at) {
            sides.push((at + 1, to));
        }
        sides
    }

    fn truth_before(&self, at: usize) -> Option<usize> {
        let from = self.before(at)?;
        let begins = from == 0
            || !matches!(self.kind(from - 1), TokenKind::Word)
            || self.is_any(from - 1, &["and", "or", "when", "where", "having", "on"]);
        // `SELECT DISTINCT a`, and what may be an operand of something else.
        (begins && !self.is_any(from, &["not", "exists"])).then_some(from)
    }

    fn truth_behind(&self, at: usize) -> Option<usize> {
        let to = self.behind(at)?;
        let tested = self.is_any(to, TESTS) || self.is_any(at + 1, &["not", "exists"]);
        (!tested).then_some(to)
    }
}
