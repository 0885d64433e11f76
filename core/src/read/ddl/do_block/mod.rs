//! DO: the statements of a PL/pgSQL block that change the schema, with the tests and exception handlers around them.
//!
//! IF branches become guards, `EXCEPTION WHEN …` becomes the SQLSTATEs that the block swallows, EXECUTE is read where its text follows from literals.
//! Where literals decide a condition, only its branch is read, and a loop is read once for each round. What remains is an opaque statement.
//! Source: PostgreSQL manual, chapter "PL/pgSQL - SQL Procedural Language".

mod branches;
mod calendar;
mod catalogue;
mod conditions;
mod evaluate;
mod execute;
mod functions;
mod guard;
mod loops;
mod raise;
mod value;

pub(crate) use self::catalogue::{Asked, Catalogue, Cell};
pub(crate) use self::guard::guards_of;

use smol_str::SmolStr;

use self::conditions::sqlstate;
use self::evaluate::{Kind, Value, Variable, Variables};
use super::cursor::{Parser, Place, Read, excerpt};
use super::lexer::{Token, TokenKind, lex};
use crate::expr::{Query, Tree};
use crate::name::{Name, quote};
use crate::operation::*;
use crate::problem::{Problem, ProblemKind};
use crate::read::sql;
use crate::source::Span;

/// How deep blocks, branches and loops are followed.
const MAX_DEPTH: u32 = 100;
/// How deep DO and EXECUTE stand in each other's strings.
const MAX_STRINGS: u32 = 8;
/// How many tokens are read again for the rounds of loops over literal values, in one DO.
const MAX_REPEATED_TOKENS: usize = 1_000_000;
/// How many tokens a query counts for, of written rows and of the catalogue's.
const QUERY_COST: usize = 500;
const CATALOGUE_COST: usize = 5_000;
/// How often a block looks at the catalogue again after it changed the schema: each time what it did is replayed.
const MAX_LOOKS: u32 = 64;

/// A row of a query, as psql prints it: the columns' names and values.
pub(crate) type ShownRow = Vec<(Name, Option<String>)>;

/// The rows of a query that are all written in it, or follow from what is: the names of the columns, and each value as psql prints it (nothing for NULL).
pub(crate) fn known_rows(query: &Query) -> Option<Vec<ShownRow>> {
    let shown = |(name, value): (Name, Value)| match value {
        Value::Null => Some((name, None)),
        Value::Bool(truth) => Some((name, Some(if truth { "t" } else { "f" }.to_owned()))),
        value => value.text().map(|text| (name, Some(text))),
    };
    let rows = Variables::default().rows(query)?;
    rows.into_iter().map(|row| row.into_iter().map(shown).collect()).collect()
}

impl Parser<'_> {
    /// Behind DO.
    pub(super) fn do_statement(&mut self) -> Read<()> {
        let mut body = None;
        let mut language = SmolStr::new_static("plpgsql");
        while !self.at_end() {
            if self.eat("LANGUAGE") {
                let name = if self.at_string() { self.string_name()? } else { self.nonreserved("a language")? };
                language = name.fold();
            } else if body.is_none() {
                body = Some(self.string("the block as a string")?.0);
            } else {
                break;
            }
        }
        let Some(body) = body else { return Err(self.expected("the block as a string")) };
        if language != "plpgsql" {
            let message = format!("This block is written in `{}`, which cannot be read here.", excerpt(&language));
            self.problem(ProblemKind::OpaqueStatement, message, self.statement);
            return Ok(());
        }
        if self.depth >= MAX_STRINGS {
            let message =
                format!("DO and EXECUTE are nested more than {MAX_STRINGS} deep here; the inner ones were not read.");
            self.problem(ProblemKind::LimitExceeded, message, self.statement);
            return Ok(());
        }
        let mut tokens = Vec::with_capacity(body.text.len() / 6 + 4);
        let remarks = lex(&body.text, &mut tokens, usize::MAX);
        let place = Place::String(self.place, &body);
        let mut parser = Parser::new(&body.text, &tokens, &place);
        parser.depth = self.depth + 1;
        let variables = Variables::where_known(self.catalogue.map(|asked| asked.before.clone()));
        parser.catalogue = self.catalogue;
        if let Some(at) = remarks.unterminated {
            let span = place.span(at, u32::try_from(body.text.len()).unwrap_or(u32::MAX));
            let message = "A quote or comment opens here and never closes.".to_owned();
            parser.problem(ProblemKind::Unterminated, message, span);
        }
        let mut block = Block::new(parser, variables);
        block.block();
        if !block.p.at_end() {
            block.p.expected("the end of the block");
        }
        let Parser { mut operations, problems, .. } = block.p;
        // One statement by itself takes nothing else back, unless it must not stand in a block.
        if operations.len() > 1 || operations.iter().any(|o| wants_no_block(&o.kind)) {
            bracket(&mut operations, 0, &[], self.statement);
        }
        for operation in &mut operations {
            if let OperationKind::CreateTable(table) = &mut operation.kind
                && let Some(on_commit) = &mut table.on_commit
            {
                on_commit.statement = self.statement;
            }
        }
        self.operations.extend(operations);
        self.problems.extend(problems);
        Ok(())
    }
}

/// A block being read.
struct Block<'a> {
    p: Parser<'a>,
    guards: Vec<Guard>,
    variables: Variables,
    depth: u32,
    /// How many branches and loops stand around: what they assign is not known behind them.
    uncertain: u32,
    /// How the round or the block has ended already: what follows in it is read for its end only.
    left: Option<Left>,
    /// Where the conditions stand under which the block around raises an error.
    raises: Vec<Span>,
    /// How often the catalogue may still be looked at again.
    looks: u32,
    /// How many tokens may still be read again.
    repeats: usize,
}

/// Puts operations from `first` on between the marks of a block of PL/pgSQL.
fn bracket(operations: &mut Vec<Operation>, first: usize, caught: &[SmolStr], span: Span) {
    let mark = |transaction| Operation {
        kind: OperationKind::Transaction(transaction),
        span,
        guards: Box::default(),
        tolerates: Box::default(),
    };
    operations.insert(first.min(operations.len()), mark(Transaction::Enter(caught.into())));
    operations.push(mark(Transaction::Leave));
}

/// Whether a statement does not run in a function or a block.
fn wants_no_block(kind: &OperationKind) -> bool {
    match kind {
        OperationKind::CreateIndex(index) => index.concurrently,
        OperationKind::Drop(drop) => drop.concurrently,
        OperationKind::Reindex { concurrently, .. } => *concurrently,
        OperationKind::Rewrite { verb, .. } => verb == "VACUUM",
        _ => false,
    }
}

impl Mark {
    /// Whether something was met since that cannot be read.
    fn is_opaque_since(&self, p: &Parser<'_>) -> bool {
        is_opaque(p.problems.get(self.problems..).unwrap_or_default())
    }
}

/// How a round of a loop, or the block, certainly ends before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    /// CONTINUE.
    Round,
    /// EXIT.
    Loop,
    /// RETURN.
    Block,
}

/// How much was read, to go back to.
struct Mark {
    operations: usize,
    problems: usize,
    guards: usize,
    variables: Variables,
    left: Option<Left>,
}

impl<'a> Block<'a> {
    fn new(p: Parser<'a>, variables: Variables) -> Self {
        Self {
            p,
            guards: Vec::new(),
            variables,
            depth: 0,
            uncertain: 0,
            left: None,
            raises: Vec::new(),
            looks: MAX_LOOKS,
            repeats: MAX_REPEATED_TOKENS,
        }
    }
}

impl Block<'_> {
    /// `[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END [label] [;]`.
    fn block(&mut self) {
        self.label();
        let (mut hidden, outer, raises) = (Vec::new(), self.guards.len(), self.raises.len());
        if self.p.eat("DECLARE") {
            while !self.p.at_end() && !self.p.is("BEGIN") {
                hidden.extend(self.declaration());
            }
        }
        if self.p.expect_word("BEGIN").is_err() {
            self.p.pos = self.p.end;
            return;
        }
        let (first, from) = (self.p.operations.len(), self.p.pos);
        self.statements(&["END", "EXCEPTION"]);
        let within = self.p.span_of(from, self.p.pos);
        if self.p.eat("EXCEPTION") {
            // An error is caught wherever the statements had come to. Behind the block go on those that raised one that was caught, too.
            let left = self.guards.split_off(outer.min(self.guards.len()));
            self.handlers(first, within);
            let raises = self.raises.split_off(raises.min(self.raises.len()));
            self.guards.extend(left.into_iter().filter(|guard| !raises.contains(&guard.span)));
        }
        if self.p.expect_word("END").is_ok() {
            if self.p.kind() == TokenKind::Word {
                self.p.pos += 1;
            }
            self.p.eat_kind(TokenKind::Semicolon);
        }
        // Outer variables of the same names come back into view.
        for (name, value) in hidden.into_iter().rev() {
            self.variables.restore(name, value);
        }
    }

    fn label(&mut self) {
        if self.p.is_operator("<<") {
            while !self.p.at_end() && !self.p.eat_operator(">>") {
                self.p.pos += 1;
            }
        }
    }

    /// `name [CONSTANT] type [NOT NULL] [:= value];`: variables with a literal value are remembered. Gives the name and the value of the
    /// outer variable that it hides.
    fn declaration(&mut self) -> Option<(Name, Option<Variable>)> {
        let semicolon = self.semicolon();
        let mut hidden = None;
        if let Ok(name) = self.p.nonreserved("a variable or `BEGIN`") {
            self.p.eat("CONSTANT");
            let mut at = self.p.pos;
            let assigns = |p: &Parser<'_>, at: usize| {
                p.tokens.get(at).is_some_and(|t| match t.kind {
                    TokenKind::Operator => matches!(p.text(*t), ":=" | "="),
                    TokenKind::Word => p.text(*t).eq_ignore_ascii_case("DEFAULT"),
                    _ => false,
                })
            };
            while at < semicolon && !assigns(&self.p, at) {
                at += 1;
            }
            let value = if at < semicolon { self.value(at + 1, semicolon) } else { None };
            let declared = self.p.text_of(self.p.pos, at).to_ascii_lowercase();
            let kind = Kind::of(declared.trim_end().trim_end_matches("not null"));
            hidden = Some((name.fold(), self.variables.declare(name.fold(), kind, value)));
        }
        self.p.pos = semicolon;
        self.p.eat_kind(TokenKind::Semicolon);
        hidden
    }

    /// The index of the semicolon that ends what comes next, or the end.
    fn semicolon(&self) -> usize {
        let mut depth = 0u32;
        let mut first = None;
        for (n, token) in self.p.tokens.get(self.p.pos..self.p.end).unwrap_or_default().iter().enumerate() {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Semicolon if depth == 0 => return self.p.pos + n,
                TokenKind::Semicolon if first.is_none() => first = Some(self.p.pos + n),
                _ => {}
            }
        }
        // A parenthesis that never closes: better to lose one statement than all.
        first.unwrap_or(self.p.end)
    }

    /// `EXCEPTION` was read: handlers up to END. What the block did since operation `first`, which stands `within`, tolerates what they catch.
    fn handlers(&mut self, first: usize, within: Span) {
        let last = self.p.operations.len();
        // What handlers catch, and what of it they swallow.
        let (mut all, mut caught) = (Vec::new(), Vec::new());
        while self.p.eat("WHEN") {
            let from = self.p.pos;
            let mut states = Vec::new();
            while !self.p.at_end() && !self.p.is("THEN") {
                let token = self.p.bump();
                match token.kind {
                    TokenKind::Word if !self.p.text(token).eq_ignore_ascii_case("OR") => {
                        if self.p.text(token).eq_ignore_ascii_case("SQLSTATE") {
                            continue;
                        }
                        states.extend(sqlstate(self.p.text(token)).map(SmolStr::new_static));
                    }
                    TokenKind::String => {
                        let text = self.p.text(token);
                        states.push(SmolStr::new(text.trim_matches('\'')));
                    }
                    _ => {}
                }
            }
            let span = self.p.span_from(from);
            if self.p.expect_word("THEN").is_err() {
                break;
            }
            let guards = self.guards.len();
            // The first handler that catches an error is the one that runs.
            if !all.is_empty() {
                let test = GuardTest::Caught { within, states: all.clone().into() };
                self.guards.push(Guard { span, test, negated: true });
            }
            let test = GuardTest::Caught { within, states: states.clone().into() };
            self.guards.push(Guard { span, test, negated: false });
            let leaves = self.branch(&["WHEN", "END"]);
            self.guards.truncate(guards);
            all.extend(states.iter().cloned());
            if leaves != Leaves::Raises {
                caught.extend(states);
            }
        }
        let enclosed = first < last;
        let handlers = self.p.operations.split_off(last.min(self.p.operations.len()));
        for operation in self.p.operations.get_mut(first..last).unwrap_or_default() {
            let mut tolerates = std::mem::take(&mut operation.tolerates).into_vec();
            tolerates.extend(caught.iter().cloned());
            operation.tolerates = tolerates.into();
        }
        if enclosed {
            bracket(&mut self.p.operations, first, &all, within);
        }
        self.p.operations.extend(handlers);
    }

    /// Statements that may not run.
    fn branch(&mut self, ends: &[&str]) -> Leaves {
        self.uncertain += 1;
        let leaves = self.statements(ends);
        self.uncertain -= 1;
        leaves
    }

    /// Looks at the catalogue again before a query among these tokens, if the block has changed the schema since.
    fn look_again(&mut self, from: usize, to: usize) {
        let is_query =
            |token: &Token| ["SELECT", "PERFORM", "to_regclass"].iter().any(|word| self.is_word(*token, word));
        if self.left.is_some() || !self.p.tokens.get(from..to).unwrap_or_default().iter().any(is_query) {
            return;
        }
        // A query in a loop is answered in every round.
        let cost = if self.p.catalogue.is_some() { CATALOGUE_COST } else { QUERY_COST };
        self.repeats = self.repeats.saturating_sub(cost);
        if let Some(asked) = self.p.catalogue.filter(|_| self.variables.stale && self.looks > 0) {
            self.looks -= 1;
            if let Some(now) = (asked.after)(&self.p.operations) {
                self.variables.catalogue = Some(now);
                self.variables.stale = false;
            }
        }
    }

    /// How much has been read.
    fn mark(&self) -> Mark {
        Mark {
            operations: self.p.operations.len(),
            problems: self.p.problems.len(),
            guards: self.guards.len(),
            variables: self.variables.clone(),
            left: self.left,
        }
    }

    /// Forgets what was read since.
    fn rewind(&mut self, mark: Mark) {
        self.p.operations.truncate(mark.operations);
        self.p.problems.truncate(mark.problems);
        self.guards.truncate(mark.guards);
        self.variables = mark.variables;
        self.left = mark.left;
    }

    /// Statements that do not run: read for where they end.
    fn skipped(&mut self, ends: &[&str]) {
        let mark = self.mark();
        self.left = Some(Left::Block);
        self.statements(ends);
        self.rewind(mark);
    }

    /// Statements up to one of these words.
    fn statements(&mut self, ends: &[&str]) -> Leaves {
        let mut leaves = Leaves::No;
        if self.depth >= MAX_DEPTH {
            let span = self.p.span(self.p.peek());
            let message =
                format!("Blocks are nested more than {MAX_DEPTH} deep here; the rest of this one was not read.");
            self.p.problem(ProblemKind::LimitExceeded, message, span);
            self.p.pos = self.p.end;
            return leaves;
        }
        self.depth += 1;
        while !self.p.at_end() && !self.p.is_any(ends) {
            let before = self.p.pos;
            let mark = self.left.is_some().then(|| self.mark());
            let left = self.statement();
            match mark {
                Some(mark) => self.rewind(mark),
                None if left != Leaves::No => leaves = left,
                None => {}
            }
            if self.p.pos == before {
                self.p.pos += 1;
            }
        }
        self.depth -= 1;
        leaves
    }

    fn statement(&mut self) -> Leaves {
        let token = self.p.peek();
        if token.kind == TokenKind::Semicolon {
            self.p.pos += 1;
            return Leaves::No;
        }
        if self.p.is_operator("<<") {
            let from = self.p.pos;
            self.label();
            if self.p.is_any(&["DECLARE", "BEGIN"]) {
                self.p.pos = from;
                self.block();
                return Leaves::No;
            }
            return self.statement_behind_label();
        }
        self.statement_behind_label()
    }

    fn statement_behind_label(&mut self) -> Leaves {
        if self.p.is_any(&["DECLARE", "BEGIN"]) {
            self.depth += 1;
            if self.depth < MAX_DEPTH {
                self.block();
            } else {
                self.p.pos = self.p.end;
            }
            self.depth -= 1;
            return Leaves::No;
        }
        if self.p.eat("IF") {
            return self.branches();
        }
        if self.p.is("CASE") {
            self.case();
            return Leaves::No;
        }
        if self.p.is_any(&["LOOP", "WHILE", "FOR", "FOREACH"]) {
            self.run_loop();
            return Leaves::No;
        }
        let semicolon = self.semicolon();
        let outer = std::mem::replace(&mut self.p.end, semicolon);
        let leaves = self.simple_statement();
        self.p.end = outer;
        self.p.pos = semicolon;
        self.p.eat_kind(TokenKind::Semicolon);
        leaves
    }

    /// A statement without statements in it; the range ends before its semicolon.
    fn simple_statement(&mut self) -> Leaves {
        const SILENT: &[&str] = &["NULL", "GET", "ASSERT", "OPEN", "FETCH", "MOVE", "CLOSE", "COMMIT", "ROLLBACK"];
        if self.p.is_any(&["EXIT", "CONTINUE"]) {
            return self.leave_loop();
        }
        if self.p.is("RETURN") && !self.p.is_at(1, "NEXT") && !self.p.is_at(1, "QUERY") {
            if self.uncertain == 0 {
                self.left = Some(Left::Block);
                return Leaves::No;
            }
            return Leaves::Returns;
        }
        if self.p.is("RETURN") {
            return Leaves::No;
        }
        if self.p.is("RAISE") {
            return self.raise();
        }
        if self.p.is_any(SILENT) {
            // GET DIAGNOSTICS and FETCH give values to variables.
            self.forget_words();
            return Leaves::No;
        }
        if self.p.is("CALL") {
            self.forget_words();
        }
        if self.assignment() {
            return Leaves::No;
        }
        let first = self.p.operations.len();
        self.p.statement = self.p.span_of(self.p.pos, self.p.end);
        if self.p.eat("EXECUTE") {
            self.execute();
        } else if self.p.eat("PERFORM") {
            self.select_into(self.p.pos - 1);
            if !self.p.set_config() {
                let text = self.plain_call(self.p.pos, self.p.end);
                self.p.pos = self.p.end;
                self.p.emit(OperationKind::Utility { verb: SmolStr::new_static("PERFORM"), text });
            }
        } else if self.p.is_any(&["SELECT", "WITH", "VALUES"]) {
            self.query();
        } else {
            self.forget_into();
            let _ = self.p.statement();
        }
        let changes = |operation: &Operation| super::changes_schema(&operation.kind);
        self.variables.stale |= self.p.operations.get(first..).unwrap_or_default().iter().any(changes);
        self.guard_since(first);
        Leaves::No
    }

    /// The call of one function, as PERFORM makes it: variables whose values are known stand there as literals, the rest as it is written.
    fn plain_call(&self, from: usize, to: usize) -> Option<Box<str>> {
        let written = self.p.text_of(from, to);
        let expr = self.p.expr_of(from, to);
        let Tree::Call(call) = expr.tree() else { return None };
        let literals: Option<Vec<String>> = call.arguments.iter().map(|a| self.variables.value(a)?.literal()).collect();
        let filled = literals.map(|literals| {
            let name: Vec<String> = call.name.iter().map(|part| quote(part)).collect();
            format!("{}({})", name.join("."), literals.join(", "))
        });
        Some(filled.unwrap_or_else(|| written.to_owned()).into())
    }

    /// `SELECT … INTO …` and PERFORM, whose rows the catalogue decides: what the variables get, and FOUND.
    fn select_into(&mut self, from: usize) {
        let found = Name::new_static("found");
        self.variables.set(found.clone(), None);
        if self.uncertain > 0 || self.variables.catalogue.is_none() {
            return;
        }
        let word =
            |block: &Self, at: usize, word: &str| block.p.tokens.get(at).is_some_and(|t| block.is_word(*t, word));
        self.look_again(from, self.p.end);
        let mut end = self.p.end;
        // One row of several is enough.
        let one = end >= from + 2 && word(self, end - 2, "LIMIT") && self.p.text_of(end - 1, end) == "1";
        if one {
            end -= 2;
        }
        let into = (from..end).find(|at| word(self, *at, "INTO"));
        let (selected, mut rest) = into.map_or((end, end), |into| (into, into + 1));
        let mut targets: Vec<Name> = Vec::new();
        if into.is_some() {
            rest += usize::from(word(self, rest, "STRICT"));
            while let Some(token) = self.p.tokens.get(rest).filter(|t| t.kind == TokenKind::Word) {
                targets.push(self.p.text(*token).to_ascii_lowercase().into());
                rest += 1;
                if self.p.tokens.get(rest).is_none_or(|t| t.kind != TokenKind::Comma) {
                    break;
                }
                rest += 1;
            }
        }
        let text = format!("SELECT {} {}", self.p.text_of(from + 1, selected), self.p.text_of(rest, end));
        let rows = sql::query(&text).and_then(|query| self.variables.rows(&query));
        let Some(rows) = rows.filter(|rows| one || rows.len() <= 1 || targets.is_empty()) else { return };
        self.variables.set(found, Some(Value::Bool(!rows.is_empty())));
        let row = rows.into_iter().next();
        for (n, target) in targets.iter().enumerate() {
            let value = match &row {
                Some(row) if row.len() == targets.len() => row.get(n).map(|(_, value)| value.clone()),
                Some(_) => None,
                None => Some(Value::Null),
            };
            self.variables.set(target.clone(), value);
        }
        if let ([target], Some(row)) = (targets.as_slice(), row) {
            for (column, value) in row {
                self.variables.set(format!("{target}.{column}").into(), Some(value));
            }
        }
    }

    /// `EXIT` or `CONTINUE`, with a label and WHEN.
    fn leave_loop(&mut self) -> Leaves {
        let left = if self.p.eat("EXIT") { Left::Loop } else { Left::Round };
        if left == Left::Round {
            self.p.pos += 1;
        }
        let labelled = !self.p.at_end() && !self.p.is("WHEN");
        let holds = if self.p.eat("WHEN") { self.value(self.p.pos, self.p.end) } else { Some(Value::Bool(true)) };
        match holds {
            Some(Value::Bool(false) | Value::Null) if !labelled => Leaves::No,
            Some(Value::Bool(true)) if !labelled && self.uncertain == 0 => {
                self.left = Some(left);
                Leaves::No
            }
            _ => Leaves::Returns,
        }
    }

    /// Forgets every variable that is named in what is left of the statement.
    fn forget_words(&mut self) {
        for at in self.p.pos..self.p.end {
            if let Some(token) = self.p.tokens.get(at).filter(|t| t.kind == TokenKind::Word) {
                self.variables.forget(&self.p.text(*token).to_ascii_lowercase());
            }
        }
    }

    /// Gives the operations since `first` the guards that hold here.
    fn guard_since(&mut self, first: usize) {
        if self.guards.is_empty() {
            return;
        }
        for operation in self.p.operations.get_mut(first..).unwrap_or_default() {
            let mut guards = self.guards.clone();
            guards.extend(operation.guards.iter().cloned());
            operation.guards = guards.into();
        }
    }

    /// A query: in PL/pgSQL its INTO names variables, not a table.
    fn query(&mut self) {
        let from = self.p.pos;
        self.forget_into();
        self.select_into(from);
        let text = self.p.expr_of(from, self.p.end);
        self.p.pos = self.p.end;
        self.p.emit(OperationKind::Dml { verb: DmlVerb::Select, tables: Vec::new(), text });
    }

    /// Forgets the variables that a statement puts values into: behind INTO, but that of INSERT and MERGE.
    fn forget_into(&mut self) {
        let word =
            |block: &Self, at: usize, word: &str| block.p.tokens.get(at).is_some_and(|t| block.is_word(*t, word));
        for at in self.p.pos..self.p.end {
            if word(self, at, "INTO") {
                let before = at.wrapping_sub(1);
                if !word(self, before, "INSERT") && !word(self, before, "MERGE") {
                    self.forget_targets(at + 1);
                }
            }
        }
    }

    fn is_word(&self, token: Token, word: &str) -> bool {
        token.kind == TokenKind::Word && self.p.text(token).eq_ignore_ascii_case(word)
    }

    /// Variables behind INTO have values that reading does not know.
    fn forget_targets(&mut self, from: usize) {
        let mut at = from;
        while let Some(token) = self.p.tokens.get(at) {
            if token.kind == TokenKind::Word && !self.is_word(*token, "STRICT") {
                self.variables.forget(&self.p.text(*token).to_ascii_lowercase());
                if self.p.tokens.get(at + 1).is_none_or(|t| t.kind != TokenKind::Comma) {
                    return;
                }
            }
            at += 1;
        }
    }

    /// `name := value`, `name.field = value`: whether that is what it is.
    fn assignment(&mut self) -> bool {
        let from = self.p.pos;
        if !matches!(self.p.kind(), TokenKind::Word | TokenKind::Quoted) {
            return false;
        }
        let mut at = 1;
        loop {
            match self.p.kind_at(at) {
                TokenKind::Dot => at += 2,
                TokenKind::LeftBracket => match self.p.closing(from + at) {
                    Some(close) => at = close + 1 - from,
                    None => return false,
                },
                TokenKind::Operator if matches!(self.p.text(self.p.peek_at(at)), ":=" | "=") => break,
                _ => return false,
            }
        }
        let name = self.p.text_of(from, from + at).to_ascii_lowercase();
        self.look_again(from + at + 1, self.p.end);
        let value = if self.uncertain == 0 { self.value(from + at + 1, self.p.end) } else { None };
        self.variables.set(name.into(), value);
        true
    }
}

/// How a list of statements ends before its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaves {
    No,
    /// RETURN, EXIT or CONTINUE.
    Returns,
    /// RAISE of an error.
    Raises,
}

fn is_opaque(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.kind == ProblemKind::OpaqueStatement)
}

/// A span of no length, for names that a test leaves open.
fn nowhere(span: Span) -> Span {
    Span { end: span.start, ..span }
}
