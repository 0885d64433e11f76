//! Loops of blocks. One whose rounds follow from literals is read once for each round; another one once, to see whether it matters.

use smol_str::SmolStr;

use super::evaluate::{MAX_ITEMS, Row, Value};
use super::{Block, Leaves, Left, Mark, is_opaque};
use crate::expr::Tree;
use crate::name::Name;
use crate::operation::*;
use crate::problem::ProblemKind;
use crate::read::ddl::cursor::Parser;
use crate::read::ddl::lexer::TokenKind;
use crate::read::sql;

/// What decides how often a loop goes round.
enum Rounds {
    /// The variables of each round.
    Rows(Vec<Row>),
    /// WHILE: a condition before each round.
    While(Tree),
    /// LOOP: as long as nothing leaves it.
    Endless,
}

impl Block<'_> {
    /// LOOP, WHILE, FOR and FOREACH.
    pub(super) fn run_loop(&mut self) {
        let from = self.p.pos;
        let head_end = self.word_ahead("LOOP");
        let head = self.p.span_of(from, head_end.max(from + 1));
        self.look_again(from, head_end);
        let rounds = if self.left.is_none() { self.rounds_of(from, head_end) } else { None };
        self.p.pos = head_end;
        if self.p.expect_word("LOOP").is_err() {
            self.p.pos = self.p.end;
            return;
        }
        let body = self.p.pos;
        let mark = self.mark();
        if let Some(rounds) = rounds {
            if self.run(&rounds, body, &mark) {
                self.end_of("LOOP");
                return;
            }
            self.rewind(mark);
            self.p.pos = body;
        }
        self.read_once(from, head_end, head);
    }

    /// Reads a loop's body once, its variables unknown, to see whether it matters.
    fn read_once(&mut self, from: usize, head_end: usize, head: crate::source::Span) {
        let (operations, problems, guards) = (self.p.operations.len(), self.p.problems.len(), self.guards.len());
        for at in from..head_end.min(self.in_at(from, head_end)) {
            if let Some(token) = self.p.tokens.get(at).filter(|t| t.kind == TokenKind::Word) {
                self.variables.forget(&self.p.text(*token).to_ascii_lowercase());
            }
        }
        self.guards.push(Guard { span: head, test: GuardTest::Unknown, negated: false });
        self.branch(&["END"]);
        self.guards.truncate(guards);
        let changes = |operation: &Operation| crate::read::ddl::changes_schema(&operation.kind);
        let matters = self.p.operations.get(operations..).unwrap_or_default().iter().any(changes)
            || is_opaque(self.p.problems.get(problems..).unwrap_or_default());
        if matters {
            let mut index = 0;
            self.p.operations.retain(|operation| {
                index += 1;
                index <= operations || !changes(operation)
            });
            self.p.problems.truncate(problems);
            let message =
                "This loop changes the schema in a way that depends on data; what it does cannot be read here.";
            self.p.problem(ProblemKind::OpaqueStatement, message.to_owned(), head);
        }
        self.end_of("LOOP");
    }

    /// Reads a loop's body round by round; whether all of it was understood.
    fn run(&mut self, rounds: &Rounds, body: usize, mark: &Mark) -> bool {
        let count = match rounds {
            Rounds::Rows(rows) => rows.len(),
            Rounds::While(_) | Rounds::Endless => MAX_ITEMS,
        };
        let mut ended = matches!(rounds, Rounds::Rows(_));
        let guards = self.guards.len();
        for round in 0..count {
            match rounds {
                Rounds::Rows(rows) => {
                    for (name, value) in rows.get(round).into_iter().flatten() {
                        self.variables.set(name.clone(), Some(value.clone()));
                    }
                }
                Rounds::While(condition) => match self.variables.value(condition) {
                    Some(Value::Bool(true)) => {}
                    Some(Value::Bool(false) | Value::Null) => {
                        ended = true;
                        break;
                    }
                    _ => return false,
                },
                Rounds::Endless => {}
            }
            self.p.pos = body;
            let leaves = self.statements(&["END"]);
            // Left under a condition that nobody knows: whether there is a next round is open too.
            if leaves == Leaves::Returns && self.guards.len() == guards {
                return false;
            }
            self.guards.truncate(guards);
            let Some(left) = self.repeats.checked_sub(self.p.pos.saturating_sub(body).max(1)) else { return false };
            self.repeats = left;
            if mark.is_opaque_since(&self.p) {
                return false;
            }
            match self.left {
                None => {}
                Some(Left::Round) => self.left = None,
                Some(Left::Loop) => {
                    (self.left, ended) = (None, true);
                    break;
                }
                Some(Left::Block) => {
                    ended = true;
                    break;
                }
            }
        }
        if self.p.pos <= body {
            // No round at all: the body is read for its end.
            let mark = self.mark();
            self.left = Some(Left::Block);
            self.p.pos = body;
            self.statements(&["END"]);
            self.rewind(mark);
        }
        ended
    }

    /// Where the IN of a loop's head stands, or the head's end.
    fn in_at(&self, from: usize, to: usize) -> usize {
        (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| self.is_word(*t, "IN"))).unwrap_or(to)
    }

    /// What decides how often a loop with this head goes round, if literals do.
    fn rounds_of(&self, from: usize, to: usize) -> Option<Rounds> {
        let word = |at: usize, word: &str| at < to && self.p.tokens.get(at).is_some_and(|t| self.is_word(*t, word));
        if from == to {
            return Some(Rounds::Endless);
        }
        if word(from, "WHILE") {
            let condition = sql::expression(self.p.text_of(from + 1, to));
            return self.variables.value(&condition).is_some().then_some(Rounds::While(condition));
        }
        let is_in = self.in_at(from, to);
        let targets: Vec<Name> = self
            .p
            .split_at_commas(from + 1, is_in)
            .into_iter()
            .map(|(from, to)| SmolStr::new(self.p.text_of(from, to).trim().to_ascii_lowercase()))
            .collect();
        let [target, others @ ..] = targets.as_slice() else { return None };
        let start = is_in + 1;
        if word(from, "FOREACH") && word(start, "ARRAY") {
            // `ARRAY expression`, where the expression itself often starts with ARRAY.
            let Value::List(items) = self.value(start + 1, to)? else { return None };
            return Some(Rounds::Rows(items.into_iter().map(|item| vec![(target.clone(), item)]).collect()));
        }
        if !word(from, "FOR") {
            return None;
        }
        let query = (start..to)
            .find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind != TokenKind::LeftParen))
            .is_some_and(|at| word(at, "SELECT") || word(at, "VALUES"));
        if query {
            let rows = self.variables.rows(&sql::query(self.p.text_of(start, to))?)?;
            return Some(Rounds::Rows(
                rows.into_iter().map(|row| assigned(target, others, row)).collect::<Option<_>>()?,
            ));
        }
        if !others.is_empty() {
            return None;
        }
        self.numbers(start, to, target)
    }

    /// `[REVERSE] low..high [BY step]`.
    fn numbers(&self, from: usize, to: usize, target: &Name) -> Option<Rounds> {
        let word = |at: usize, word: &str| at < to && self.p.tokens.get(at).is_some_and(|t| self.is_word(*t, word));
        let reverse = word(from, "REVERSE");
        let from = from + usize::from(reverse);
        let dots = dots(&self.p, from, to)?;
        let by = (dots..to).find(|at| word(*at, "BY"));
        let number = |text: &str| match self.variables.value(&sql::expression(text))? {
            Value::Number(number) => Some(number),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        let high = self.p.text_of(dots, by.unwrap_or(to)).strip_prefix("..")?;
        let (first, last) = (number(self.p.text_of(from, dots))?, number(high)?);
        let step = by.map_or(Some(1), |by| number(self.p.text_of(by + 1, to))).filter(|step| *step > 0)?;
        let mut rows = Vec::new();
        let mut next = first;
        while if reverse { next >= last } else { next <= last } {
            if rows.len() == MAX_ITEMS {
                return None;
            }
            rows.push(vec![(target.clone(), Value::Number(next))]);
            next = if reverse { next.checked_sub(step)? } else { next.checked_add(step)? };
        }
        Some(Rounds::Rows(rows))
    }
}

/// A row's values in the variables of a loop: one by one, or all in one record. A single value is both.
fn assigned(target: &Name, others: &[Name], row: Row) -> Option<Row> {
    if !others.is_empty() {
        let names = std::iter::once(target).chain(others);
        return (row.len() == others.len() + 1).then(|| names.cloned().zip(row.into_iter().map(|(_, v)| v)).collect());
    }
    let whole = match row.as_slice() {
        [(_, value)] => Some((target.clone(), value.clone())),
        _ => None,
    };
    let fields = row.into_iter().map(|(column, value)| (SmolStr::new(format!("{target}.{column}")), value));
    Some(whole.into_iter().chain(fields).collect())
}

/// The first of two dots side by side, outside parentheses. The second may have become part of a number: `0..9`.
fn dots(p: &Parser<'_>, from: usize, to: usize) -> Option<usize> {
    let mut depth = 0u32;
    for at in from..to {
        match p.tokens.get(at)?.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
            TokenKind::Dot if depth == 0 && p.text_of(at, to).starts_with("..") => return Some(at),
            _ => {}
        }
    }
    None
}
