//! From tokens to the tree. A syntax error costs its statement, with the block behind it, and is one problem.

mod expression;

use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::*;
use super::lexer::{Remarks, Token, TokenKind, lex};
use super::strings::Source;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::source::{FileId, Span};

/// How deep expressions and blocks may nest; deeper ones cost their statement. Python itself stops at 100 blocks and 200 brackets.
const MAX_DEPTH: u32 = 60;
/// Syntax errors of one file that are told one by one.
const MAX_ERRORS: usize = 20;

/// Words that are no names. Source: 2.3.1 "Keywords".
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The element cannot be read; the error is noted already.
#[derive(Debug)]
struct Broken;

type Read<T> = Result<T, Broken>;

/// Reads a module. `base` is what is added to offsets: where the text begins in its file.
pub fn parse(text: &str, file: FileId, base: u32) -> (Ast, Vec<Problem>) {
    let (tokens, Remarks { comments, errors }) = lex(text);
    let span = |start: u32, end: u32| Span::new(file, base.saturating_add(start), base.saturating_add(end));
    let mut parser = Parser {
        text,
        base,
        tokens: &tokens,
        pos: 0,
        ast: Ast { file, comments: comments.iter().map(|c| span(c.0, c.1)).collect(), ..Ast::default() },
        error: None,
        errors: Vec::new(),
        depth: 0,
        in_pattern: false,
    };
    let mut body = Vec::new();
    while parser.kind() != TokenKind::End {
        parser.statement(&mut body);
    }
    parser.ast.body = body;
    let Parser { ast, errors: mut found, .. } = parser;
    found.extend(errors.into_iter().map(|(start, end, message)| (start, end, message.to_owned())));
    found.order();
    // A string that never ends is told once, not also as the statement that it breaks.
    found.dedup_by(|b, a| a.0 == b.0);
    let more = found.len().saturating_sub(MAX_ERRORS);
    let mut problems: Vec<Problem> = found
        .into_iter()
        .take(MAX_ERRORS)
        .map(|(start, end, message)| Problem { kind: ProblemKind::SyntaxError, message, span: Some(span(start, end)) })
        .collect();
    if let Some(last) = problems.last_mut().filter(|_| more > 0) {
        last.message.push_str(&format!(" {more} more statements of this file are no Python 3 either."));
    }
    (ast, problems)
}

struct Parser<'a> {
    text: &'a str,
    base: u32,
    tokens: &'a [Token],
    pos: usize,
    ast: Ast,
    /// The first error of the statement at hand.
    error: Option<(u32, u32, String)>,
    errors: Vec<(u32, u32, String)>,
    depth: u32,
    in_pattern: bool,
}

impl<'a> Parser<'a> {
    fn peek_at(&self, ahead: usize) -> Token {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.tokens.get(self.pos + ahead).copied().unwrap_or(Token { kind: TokenKind::End, start: end, end })
    }

    fn peek(&self) -> Token {
        self.peek_at(0)
    }

    fn kind(&self) -> TokenKind {
        self.peek().kind
    }

    fn text_of(&self, token: Token) -> &'a str {
        self.text.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn op_at(&self, ahead: usize) -> &'a str {
        let token = self.peek_at(ahead);
        if token.kind == TokenKind::Op { self.text_of(token) } else { "" }
    }

    fn op(&self) -> &'a str {
        self.op_at(0)
    }

    fn word(&self) -> &'a str {
        let token = self.peek();
        if token.kind == TokenKind::Name { self.text_of(token) } else { "" }
    }

    fn eat_op(&mut self, op: &str) -> bool {
        let found = self.op() == op;
        self.pos += usize::from(found);
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        self.pos += usize::from(found);
        found
    }

    fn expected(&mut self, what: &str) -> Broken {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::Newline => "the end of the line".to_owned(),
            TokenKind::Indent => "a deeper indentation".to_owned(),
            TokenKind::Dedent => "the end of the block".to_owned(),
            TokenKind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.text_of(token).chars().take(30).collect::<String>()),
        };
        self.fail(format!("Expected {what}, found {found}."))
    }

    fn fail(&mut self, message: String) -> Broken {
        let token = self.peek();
        if self.error.is_none() {
            self.error = Some((token.start, token.end, message));
        }
        Broken
    }

    fn expect_op(&mut self, op: &str) -> Read<()> {
        if self.eat_op(op) { Ok(()) } else { Err(self.expected(&format!("`{op}`"))) }
    }

    fn expect_word(&mut self, word: &str) -> Read<()> {
        if self.eat_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    fn identifier(&mut self, what: &str) -> Read<SmolStr> {
        let word = self.word();
        if word.is_empty() || KEYWORDS.contains(&word) {
            return Err(self.expected(what));
        }
        self.pos += 1;
        Ok(SmolStr::new(word))
    }

    fn source(&self) -> Source<'a> {
        Source { text: self.text, file: self.ast.file, base: self.base }
    }

    fn offset(&self, at: u32) -> u32 {
        self.base.saturating_add(at)
    }

    /// The end of the last token taken.
    fn last_end(&self) -> u32 {
        self.pos.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |t| t.end)
    }

    fn add(&mut self, kind: ExprKind, start: u32) -> ExprId {
        let end = self.last_end().max(start);
        let id = ExprId(u32::try_from(self.ast.exprs.len()).unwrap_or(u32::MAX));
        self.ast.exprs.push(Expr { kind, start: self.offset(start), end: self.offset(end) });
        id
    }

    fn start_of(&self, id: ExprId) -> u32 {
        self.ast.expr(id).map_or(0, |e| e.start.saturating_sub(self.base))
    }

    fn add_stmt(&mut self, kind: StmtKind, start: u32, end: u32, out: &mut Block) {
        let id = StmtId(u32::try_from(self.ast.stmts.len()).unwrap_or(u32::MAX));
        self.ast.stmts.push(Stmt { kind, start: self.offset(start), end: self.offset(end.max(start)) });
        out.push(id);
    }

    // Statements.

    /// One line of simple statements, or a compound statement. Goes on behind it whatever happens.
    fn statement(&mut self, out: &mut Block) {
        let (from, first) = (self.pos, self.peek());
        match first.kind {
            TokenKind::Newline | TokenKind::Dedent => {
                self.pos += 1;
                return;
            }
            TokenKind::Indent => {
                // A block that nothing opens: its statements are read all the same.
                self.errors.push((
                    first.start,
                    first.end,
                    "This line is indented and nothing above it opens a block.".into(),
                ));
                self.pos += 1;
                while !matches!(self.kind(), TokenKind::Dedent | TokenKind::End) {
                    self.statement(out);
                }
                self.pos += usize::from(self.kind() == TokenKind::Dedent);
                return;
            }
            _ => {}
        }
        if self.depth >= MAX_DEPTH {
            self.fail(format!("Blocks nest more than {MAX_DEPTH} deep here."));
            return self.recover(from);
        }
        self.depth += 1;
        let (depth, before) = (self.depth, out.len());
        let result = self.any_statement(out);
        self.depth = depth - 1;
        self.in_pattern = false;
        if result.is_err() {
            out.truncate(before);
            self.recover(from);
        }
        if self.pos == from {
            self.pos += 1;
        }
    }

    /// Notes the error, and skips the rest of the line and a block behind it.
    fn recover(&mut self, from: usize) {
        let text = self.text;
        if let Some((start, end, message)) = self.error.take() {
            let first =
                self.tokens.get(from).map_or("", |t| text.get(t.start as usize..t.end as usize).unwrap_or_default());
            let message = if matches!(first, "print" | "exec") {
                format!("This is Python 2: `{first}` is a function since Python 3. Convert the file (`2to3`).")
            } else {
                format!("{message} The statement was not read.")
            };
            self.errors.push((start, end, message));
        }
        while !matches!(self.kind(), TokenKind::Newline | TokenKind::End) {
            // Blocks that began before the error are closed where they close.
            if self.kind() == TokenKind::Dedent {
                return;
            }
            self.pos += 1;
        }
        self.pos += usize::from(self.kind() == TokenKind::Newline);
        if self.kind() == TokenKind::Indent {
            let mut open = 0_u32;
            loop {
                match self.kind() {
                    TokenKind::Indent => open += 1,
                    TokenKind::Dedent => open = open.saturating_sub(1),
                    TokenKind::End => break,
                    _ => {}
                }
                self.pos += 1;
                if open == 0 {
                    break;
                }
            }
        }
    }

    fn any_statement(&mut self, out: &mut Block) -> Read<()> {
        let start = self.peek().start;
        match self.word() {
            "if" => self.if_statement(start, out),
            "while" => {
                self.pos += 1;
                let test = self.named()?;
                let end = self.last_end();
                let body = self.block()?;
                let otherwise = self.else_block()?;
                self.add_stmt(StmtKind::While { test, body, otherwise }, start, end, out);
                Ok(())
            }
            "for" => self.for_statement(start, out),
            "try" => self.try_statement(start, out),
            "with" => self.with_statement(start, out),
            "def" => self.function(start, Vec::new(), false, out),
            "class" => self.class(start, Vec::new(), out),
            "async" => {
                self.pos += 1;
                match self.word() {
                    "def" => self.function(start, Vec::new(), true, out),
                    "for" => self.for_statement(start, out),
                    "with" => self.with_statement(start, out),
                    _ => Err(self.expected("`def`, `for` or `with`")),
                }
            }
            "match" if self.at_match() => self.match_statement(start, out),
            _ if self.op() == "@" => self.decorated(start, out),
            _ => self.simple_line(out),
        }
    }

    fn decorated(&mut self, start: u32, out: &mut Block) -> Read<()> {
        let mut decorators = Vec::new();
        while self.eat_op("@") {
            decorators.push(self.named()?);
            if self.kind() != TokenKind::Newline {
                return Err(self.expected("the end of the line"));
            }
            while self.kind() == TokenKind::Newline {
                self.pos += 1;
            }
        }
        match self.word() {
            "class" => self.class(start, decorators, out),
            "def" => self.function(start, decorators, false, out),
            "async" => {
                self.pos += 1;
                self.function(start, decorators, true, out)
            }
            _ => Err(self.expected("`def` or `class`")),
        }
    }

    /// `: NEWLINE INDENT … DEDENT`, or simple statements on the same line.
    fn block(&mut self) -> Read<Block> {
        self.expect_op(":")?;
        let mut body = Vec::new();
        if self.kind() != TokenKind::Newline {
            self.simple_line(&mut body)?;
            return Ok(body);
        }
        self.pos += 1;
        if self.kind() != TokenKind::Indent {
            return Err(self.expected("an indented block"));
        }
        self.pos += 1;
        while !matches!(self.kind(), TokenKind::Dedent | TokenKind::End) {
            self.statement(&mut body);
        }
        self.pos += usize::from(self.kind() == TokenKind::Dedent);
        Ok(body)
    }

    fn else_block(&mut self) -> Read<Block> {
        if self.eat_word("else") { self.block() } else { Ok(Vec::new()) }
    }

    /// `if` with any number of `elif`: a chain, built from its end.
    fn if_statement(&mut self, start: u32, out: &mut Block) -> Read<()> {
        let mut branches = Vec::new();
        let mut at = start;
        loop {
            self.pos += 1;
            let test = self.named()?;
            let end = self.last_end();
            let body = self.block()?;
            branches.push((at, end, test, body));
            at = self.peek().start;
            if self.word() != "elif" {
                break;
            }
        }
        let mut otherwise = self.else_block()?;
        while let Some((start, end, test, then)) = branches.pop() {
            let mut chain = Vec::new();
            self.add_stmt(StmtKind::If { test, then, otherwise }, start, end, &mut chain);
            otherwise = chain;
        }
        out.append(&mut otherwise);
        Ok(())
    }

    fn for_statement(&mut self, start: u32, out: &mut Block) -> Read<()> {
        self.expect_word("for")?;
        let target = self.targets()?;
        self.expect_word("in")?;
        let iterable = self.star_list()?;
        let end = self.last_end();
        let body = self.block()?;
        let otherwise = self.else_block()?;
        self.add_stmt(StmtKind::For { target, iterable, body, otherwise }, start, end, out);
        Ok(())
    }

    fn try_statement(&mut self, start: u32, out: &mut Block) -> Read<()> {
        self.pos += 1;
        let end = self.last_end();
        let body = self.block()?;
        let mut handlers = Vec::new();
        while self.eat_word("except") {
            self.eat_op("*");
            let (mut class, mut name) = (None, None);
            if self.op() != ":" {
                class = Some(self.star_list()?);
                if self.eat_word("as") {
                    name = Some(self.identifier("a name")?);
                }
            }
            handlers.push(Handler { class, name, body: self.block()? });
        }
        let otherwise = self.else_block()?;
        let finally = if self.eat_word("finally") { self.block()? } else { Vec::new() };
        self.add_stmt(StmtKind::Try { body, handlers, otherwise, finally }, start, end, out);
        Ok(())
    }

    fn with_statement(&mut self, start: u32, out: &mut Block) -> Read<()> {
        self.expect_word("with")?;
        // Parentheses may hold the items, or begin an expression.
        let from = self.pos;
        let exprs = self.ast.exprs.len();
        let items = match self.parenthesised_items() {
            Ok(items) if self.op() == ":" => items,
            _ => {
                (self.pos, self.error) = (from, None);
                self.ast.exprs.truncate(exprs);
                self.with_items()?
            }
        };
        let end = self.last_end();
        let body = self.block()?;
        self.add_stmt(StmtKind::With { items, body }, start, end, out);
        Ok(())
    }

    fn parenthesised_items(&mut self) -> Read<Vec<(ExprId, Option<ExprId>)>> {
        self.expect_op("(")?;
        let items = self.with_items()?;
        self.expect_op(")")?;
        Ok(items)
    }

    fn with_items(&mut self) -> Read<Vec<(ExprId, Option<ExprId>)>> {
        let mut items = Vec::new();
        loop {
            let value = self.expr()?;
            let target = if self.eat_word("as") { Some(self.target()?) } else { None };
            items.push((value, target));
            if !self.eat_op(",") || matches!(self.op(), ")" | ":") {
                return Ok(items);
            }
        }
    }

    fn function(&mut self, start: u32, decorators: Vec<ExprId>, is_async: bool, out: &mut Block) -> Read<()> {
        self.expect_word("def")?;
        let at = self.peek();
        let name = self.identifier("the name of the function")?;
        self.type_parameters()?;
        self.expect_op("(")?;
        let parameters = Rc::new(self.parameters(")")?);
        self.expect_op(")")?;
        let returns = if self.eat_op("->") { Some(self.star_list()?) } else { None };
        let end = self.last_end();
        let body = self.block()?;
        let name_at = (self.offset(at.start), self.offset(at.end));
        let def = FunctionDef { name, name_at, parameters, returns, body, decorators, is_async };
        self.add_stmt(StmtKind::Function(Rc::new(def)), start, end, out);
        Ok(())
    }

    /// `[T: bound, *Ts, **P]` behind the name of a function or class.
    fn type_parameters(&mut self) -> Read<()> {
        if self.op() != "[" {
            return Ok(());
        }
        let mut open = 0_u32;
        loop {
            match self.op() {
                "[" => open += 1,
                "]" => open = open.saturating_sub(1),
                _ if matches!(self.kind(), TokenKind::Newline | TokenKind::End) => return Err(self.expected("`]`")),
                _ => {}
            }
            self.pos += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn parameters(&mut self, close: &str) -> Read<Parameters> {
        let mut parameters = Parameters::default();
        let mut keyword_only = false;
        while self.op() != close {
            if self.eat_op("/") {
            } else if self.eat_op("**") {
                parameters.double_star = Some(self.identifier("a parameter")?);
                self.annotation(close)?;
            } else if self.eat_op("*") {
                keyword_only = true;
                if self.op() != "," {
                    parameters.star = Some(self.identifier("a parameter")?);
                    self.annotation(close)?;
                }
            } else {
                if self.op() == "(" {
                    return Err(self.fail("This is Python 2: a parameter has one name.".to_owned()));
                }
                let name = self.identifier("a parameter")?;
                let annotation = self.annotation(close)?;
                let default = if self.eat_op("=") { Some(self.expr()?) } else { None };
                parameters.list.push(Parameter { name, annotation, default, keyword_only });
            }
            if !self.eat_op(",") {
                break;
            }
        }
        Ok(parameters)
    }

    /// `: annotation` of a parameter; a lambda's has none, its colon ends the parameters.
    fn annotation(&mut self, close: &str) -> Read<Option<ExprId>> {
        if close == ":" || !self.eat_op(":") {
            return Ok(None);
        }
        if self.op() == "*" {
            return self.star().map(Some);
        }
        self.expr().map(Some)
    }

    fn class(&mut self, start: u32, decorators: Vec<ExprId>, out: &mut Block) -> Read<()> {
        self.expect_word("class")?;
        let at = self.peek();
        let name = self.identifier("the name of the class")?;
        self.type_parameters()?;
        let arguments = if self.eat_op("(") { self.arguments()? } else { Vec::new() };
        let end = self.last_end();
        let body = self.block()?;
        let name_at = (self.offset(at.start), self.offset(at.end));
        let def = ClassDef { name, name_at, arguments, body, decorators };
        self.add_stmt(StmtKind::Class(Rc::new(def)), start, end, out);
        Ok(())
    }

    /// Whether `match` opens a statement here: a block with `case` follows its line.
    fn at_match(&self) -> bool {
        let mut ahead = 1;
        let mut last = "";
        // A line is short; a longer one is an expression.
        while ahead < 400 {
            let token = self.peek_at(ahead);
            match token.kind {
                TokenKind::Newline => {
                    let case = self.peek_at(ahead + 2);
                    return ahead > 2
                        && last == ":"
                        && self.peek_at(ahead + 1).kind == TokenKind::Indent
                        && self.text_of(case) == "case";
                }
                TokenKind::End => return false,
                _ => last = self.text_of(token),
            }
            ahead += 1;
        }
        false
    }

    fn match_statement(&mut self, start: u32, out: &mut Block) -> Read<()> {
        self.pos += 1;
        let subject = self.star_list()?;
        let end = self.last_end();
        self.expect_op(":")?;
        // Newline and indentation: `at_match` saw them.
        self.pos += 2;
        let mut cases = Vec::new();
        while self.eat_word("case") {
            self.in_pattern = true;
            let pattern = self.star_list()?;
            self.in_pattern = false;
            let guard = if self.eat_word("if") { Some(self.named()?) } else { None };
            cases.push(Case { pattern, guard, body: self.block()? });
        }
        if self.kind() != TokenKind::Dedent {
            return Err(self.expected("`case`"));
        }
        self.pos += 1;
        self.add_stmt(StmtKind::Match { subject, cases }, start, end, out);
        Ok(())
    }

    /// Simple statements with semicolons between them, up to the end of the line.
    fn simple_line(&mut self, out: &mut Block) -> Read<()> {
        loop {
            let start = self.peek().start;
            let kind = self.simple()?;
            let end = self.last_end();
            if let Some(kind) = kind {
                self.add_stmt(kind, start, end, out);
            }
            if !self.eat_op(";") || self.kind() == TokenKind::Newline {
                break;
            }
        }
        match self.kind() {
            TokenKind::Newline => self.pos += 1,
            TokenKind::End => {}
            _ => return Err(self.expected("the end of the statement")),
        }
        Ok(())
    }

    fn at_line_end(&self) -> bool {
        matches!(self.kind(), TokenKind::Newline | TokenKind::End) || self.op() == ";"
    }

    fn simple(&mut self) -> Read<Option<StmtKind>> {
        let word = self.word();
        match word {
            "pass" | "break" | "continue" => {
                self.pos += 1;
                return Ok(Some(match word {
                    "pass" => StmtKind::Pass,
                    "break" => StmtKind::Break,
                    _ => StmtKind::Continue,
                }));
            }
            "return" => {
                self.pos += 1;
                let value = if self.at_line_end() { None } else { Some(self.star_list()?) };
                return Ok(Some(StmtKind::Return(value)));
            }
            "raise" => {
                self.pos += 1;
                if !self.at_line_end() {
                    self.expr()?;
                    if self.eat_word("from") {
                        self.expr()?;
                    }
                }
                return Ok(Some(StmtKind::Raise));
            }
            "del" => {
                self.pos += 1;
                let targets = self.targets()?;
                return Ok(Some(StmtKind::Delete(vec![targets])));
            }
            "global" | "nonlocal" => {
                self.pos += 1;
                let mut names = vec![self.identifier("a name")?];
                while self.eat_op(",") {
                    names.push(self.identifier("a name")?);
                }
                return Ok(Some(StmtKind::Global(names)));
            }
            "assert" => {
                self.pos += 1;
                let test = self.expr()?;
                if self.eat_op(",") {
                    self.expr()?;
                }
                return Ok(Some(StmtKind::Assert(test)));
            }
            "import" => return self.import().map(Some),
            "from" => return self.import_from().map(Some),
            // `type Name[T] = value`.
            "type" if self.peek_at(1).kind == TokenKind::Name && matches!(self.op_at(2), "=" | "[") => {
                self.pos += 1;
                let at = self.peek().start;
                let name = self.identifier("a name")?;
                let target = self.add(ExprKind::Name(name), at);
                self.type_parameters()?;
                self.expect_op("=")?;
                let value = self.expr()?;
                return Ok(Some(StmtKind::Assign(vec![target], value)));
            }
            _ => {}
        }
        let first = self.star_list()?;
        if self.eat_op(":") {
            let annotation = self.expr()?;
            let value = if self.eat_op("=") { Some(self.star_list()?) } else { None };
            return Ok(Some(StmtKind::Annotated { target: first, annotation, value }));
        }
        let op = self.op();
        if op == "=" {
            let mut parts = vec![first];
            while self.eat_op("=") {
                parts.push(self.star_list()?);
            }
            let value = parts.pop().unwrap_or(first);
            return Ok(Some(StmtKind::Assign(parts, value)));
        }
        if let Some(operator) = op.strip_suffix('=').filter(|o| !matches!(*o, "" | "=" | "!" | "<" | ">" | ":")) {
            self.pos += 1;
            let value = self.star_list()?;
            return Ok(Some(StmtKind::Augmented(first, SmolStr::new(operator), value)));
        }
        Ok(Some(StmtKind::Expr(first)))
    }

    fn dotted(&mut self) -> Read<SmolStr> {
        let mut name = self.identifier("a module")?.to_string();
        while self.eat_op(".") {
            name.push('.');
            name.push_str(&self.identifier("a module")?);
        }
        Ok(SmolStr::new(name))
    }

    fn alias(&mut self) -> Read<Option<SmolStr>> {
        if self.eat_word("as") { self.identifier("a name").map(Some) } else { Ok(None) }
    }

    fn import(&mut self) -> Read<StmtKind> {
        self.pos += 1;
        let mut names = Vec::new();
        loop {
            let name = self.dotted()?;
            names.push((name, self.alias()?));
            if !self.eat_op(",") {
                return Ok(StmtKind::Import(names));
            }
        }
    }

    fn import_from(&mut self) -> Read<StmtKind> {
        self.pos += 1;
        let mut dots = 0;
        loop {
            match self.op() {
                "." => dots += 1,
                "..." => dots += 3,
                _ => break,
            }
            self.pos += 1;
        }
        let module = if self.word() == "import" { SmolStr::default() } else { self.dotted()? };
        self.expect_word("import")?;
        let mut names = Vec::new();
        if self.eat_op("*") {
            names.push((SmolStr::new_static("*"), None));
            return Ok(StmtKind::ImportFrom { dots, module, names });
        }
        let parenthesised = self.eat_op("(");
        loop {
            let name = self.identifier("a name")?;
            names.push((name, self.alias()?));
            if !self.eat_op(",") || self.op() == ")" {
                break;
            }
        }
        if parenthesised {
            self.expect_op(")")?;
        }
        Ok(StmtKind::ImportFrom { dots, module, names })
    }
}
