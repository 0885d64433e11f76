//! Expressions. Source: the Python Language Reference, chapter 6.

use std::rc::Rc;

use smol_str::SmolStr;

use super::super::ast::*;
use super::super::lexer::{Token, TokenKind, lex_expression};
use super::super::strings::{self, Form};
use super::{Broken, KEYWORDS, MAX_DEPTH, Parser, Read};
use crate::source::Mapped;

impl<'a> Parser<'a> {
    /// Targets of `for` and `del`: no operators.
    pub(super) fn targets(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let first = self.target()?;
        if self.op() != "," {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_op(",") {
            if self.word() == "in" || self.at_line_end() {
                break;
            }
            items.push(self.target()?);
        }
        Ok(self.add(ExprKind::Tuple(items), start))
    }

    pub(super) fn target(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        if self.eat_op("*") {
            let value = self.postfix()?;
            return Ok(self.add(ExprKind::Star(value), start));
        }
        self.postfix()
    }

    pub(super) fn star(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        self.expect_op("*")?;
        let value = self.binary(1)?;
        Ok(self.add(ExprKind::Star(value), start))
    }

    /// Expressions with commas between them: a tuple where there is a comma.
    pub(super) fn star_list(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let first = self.item()?;
        if self.op() != "," {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_op(",") {
            if self.at_line_end() || matches!(self.op(), "=" | ")" | "]" | "}" | ":") {
                break;
            }
            items.push(self.item()?);
        }
        Ok(self.add(ExprKind::Tuple(items), start))
    }

    pub(super) fn item(&mut self) -> Read<ExprId> {
        if self.op() == "*" { self.star() } else { self.named() }
    }

    /// `name := value`, or any expression.
    pub(super) fn named(&mut self) -> Read<ExprId> {
        if self.kind() == TokenKind::Name && self.op_at(1) == ":=" {
            let start = self.peek().start;
            let name = self.identifier("a name")?;
            self.pos += 1;
            let value = self.expr()?;
            return Ok(self.add(ExprKind::Walrus(name, value), start));
        }
        self.expr()
    }

    pub(super) fn deeper(&mut self) -> Read<()> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(format!("Expressions nest more than {MAX_DEPTH} deep here.")));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn expr(&mut self) -> Read<ExprId> {
        self.deeper()?;
        let start = self.peek().start;
        let id = match self.word() {
            "lambda" => {
                self.pos += 1;
                let parameters = Rc::new(self.parameters(":")?);
                self.expect_op(":")?;
                let body = self.expr()?;
                self.add(ExprKind::Lambda(parameters, body), start)
            }
            "yield" => {
                self.pos += 1;
                let value = if self.eat_word("from") {
                    Some(self.expr()?)
                } else if self.at_line_end() || matches!(self.op(), ")" | "]" | "=") {
                    None
                } else {
                    Some(self.star_list()?)
                };
                self.add(ExprKind::Yield(value), start)
            }
            _ => {
                let mut id = self.binary(1)?;
                if self.word() == "if" && !self.in_pattern {
                    self.pos += 1;
                    let test = self.binary(1)?;
                    self.expect_word("else")?;
                    let otherwise = self.expr()?;
                    id = self.add(ExprKind::Conditional { test, then: id, otherwise }, start);
                }
                if self.in_pattern && self.eat_word("as") {
                    let name = self.identifier("a name")?;
                    id = self.add(ExprKind::Capture(id, name), start);
                }
                id
            }
        };
        self.depth -= 1;
        Ok(id)
    }

    /// How strongly the operator at hand binds: 1 `or`, 2 `and`, 4 comparisons, 5 to 10 arithmetic. 3 is `not`, 11 signs, 12 `**`.
    pub(super) fn operator(&self) -> (u8, &'a str, usize) {
        let word = self.word();
        match word {
            "or" => return (1, word, 1),
            "and" => return (2, word, 1),
            "in" => return (4, word, 1),
            "is" if self.text_of(self.peek_at(1)) == "not" => return (4, "is not", 2),
            "is" => return (4, word, 1),
            "not" if self.text_of(self.peek_at(1)) == "in" => return (4, "not in", 2),
            "" => {}
            _ => return (0, word, 0),
        }
        let op = self.op();
        let power = match op {
            "<" | ">" | "==" | ">=" | "<=" | "!=" => 4,
            "|" => 5,
            "^" => 6,
            "&" => 7,
            "<<" | ">>" => 8,
            "+" | "-" => 9,
            "*" | "/" | "//" | "%" | "@" => 10,
            _ => 0,
        };
        (power, op, 1)
    }

    /// Operators of at least this strength. Chains of the same are built in a loop, however long.
    pub(super) fn binary(&mut self, least: u8) -> Read<ExprId> {
        let start = self.peek().start;
        let mut left = if least <= 3 && self.word() == "not" {
            self.pos += 1;
            self.deeper()?;
            let operand = self.binary(3)?;
            self.depth -= 1;
            self.add(ExprKind::Not(operand), start)
        } else {
            self.unary()?
        };
        loop {
            let (power, op, len) = self.operator();
            if power == 0 || power < least {
                return Ok(left);
            }
            match power {
                1 | 2 => {
                    let mut operands = vec![left];
                    while self.eat_word(op) {
                        operands.push(self.binary(power + 1)?);
                    }
                    left = self.add(if power == 1 { ExprKind::Or(operands) } else { ExprKind::And(operands) }, start);
                }
                4 => {
                    let mut rest = Vec::new();
                    loop {
                        let (power, op, len) = self.operator();
                        if power != 4 {
                            break;
                        }
                        self.pos += len;
                        rest.push((SmolStr::new(op), self.binary(5)?));
                    }
                    left = self.add(ExprKind::Compare(left, rest), start);
                }
                _ => {
                    self.pos += len;
                    let right = self.binary(power + 1)?;
                    left = self.add(ExprKind::Binary(left, SmolStr::new(op), right), start);
                }
            }
        }
    }

    pub(super) fn unary(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let op = self.op();
        if matches!(op, "-" | "+" | "~") {
            self.pos += 1;
            self.deeper()?;
            let operand = self.unary()?;
            self.depth -= 1;
            return Ok(self.add(ExprKind::Unary(SmolStr::new(op), operand), start));
        }
        let base = if self.eat_word("await") {
            let value = self.postfix()?;
            self.add(ExprKind::Await(value), start)
        } else {
            self.postfix()?
        };
        if self.eat_op("**") {
            self.deeper()?;
            let power = self.unary()?;
            self.depth -= 1;
            return Ok(self.add(ExprKind::Binary(base, SmolStr::new_static("**"), power), start));
        }
        Ok(base)
    }

    pub(super) fn postfix(&mut self) -> Read<ExprId> {
        let mut id = self.atom()?;
        let start = self.start_of(id);
        loop {
            match self.op() {
                "." => {
                    self.pos += 1;
                    let word = self.word();
                    if word.is_empty() {
                        return Err(self.expected("a name behind the dot"));
                    }
                    self.pos += 1;
                    id = self.add(ExprKind::Attribute(id, SmolStr::new(word)), start);
                }
                "(" => {
                    self.pos += 1;
                    let arguments = self.arguments()?;
                    id = self.add(ExprKind::Call(id, arguments), start);
                }
                "[" => {
                    self.pos += 1;
                    let index = self.subscript()?;
                    self.expect_op("]")?;
                    id = self.add(ExprKind::Index(id, index), start);
                }
                _ => return Ok(id),
            }
        }
    }

    /// Behind the opening parenthesis, up to and with the closing one.
    pub(super) fn arguments(&mut self) -> Read<Vec<Argument>> {
        let mut arguments = Vec::new();
        while self.op() != ")" {
            if self.eat_op("**") {
                arguments.push(Argument::DoubleStar(self.expr()?));
            } else if self.eat_op("*") {
                arguments.push(Argument::Star(self.expr()?));
            } else if self.kind() == TokenKind::Name && self.op_at(1) == "=" {
                let at = self.peek();
                let name = self.identifier("the name of an argument")?;
                self.pos += 1;
                let value = self.expr()?;
                arguments.push(Argument::Keyword(name, (self.offset(at.start), self.offset(at.end)), value));
            } else {
                let start = self.peek().start;
                let value = self.named()?;
                if matches!(self.word(), "for" | "async") {
                    let value = self.comprehension(ComprehensionKind::Generator, value, None, start)?;
                    arguments.push(Argument::Positional(value));
                } else {
                    arguments.push(Argument::Positional(value));
                }
            }
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op(")")?;
        Ok(arguments)
    }

    pub(super) fn subscript(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let first = self.slice()?;
        if self.op() != "," {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_op(",") {
            if self.op() == "]" {
                break;
            }
            items.push(self.slice()?);
        }
        Ok(self.add(ExprKind::Tuple(items), start))
    }

    pub(super) fn slice(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let bound = |p: &mut Self| {
            if matches!(p.op(), ":" | "]" | ",") { Ok(None) } else { p.item().map(Some) }
        };
        let from = bound(self)?;
        if self.op() != ":" {
            return match from {
                Some(id) => Ok(id),
                None => Err(self.expected("an index")),
            };
        }
        self.pos += 1;
        let to = bound(self)?;
        let step = if self.eat_op(":") { bound(self)? } else { None };
        Ok(self.add(ExprKind::Slice(from, to, step), start))
    }

    pub(super) fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        element: ExprId,
        value: Option<ExprId>,
        start: u32,
    ) -> Read<ExprId> {
        let mut clauses = Vec::new();
        loop {
            self.eat_word("async");
            if !self.eat_word("for") {
                break;
            }
            let target = self.targets()?;
            self.expect_word("in")?;
            let iterable = self.binary(1)?;
            let mut tests = Vec::new();
            while self.eat_word("if") {
                tests.push(if self.op_at(1) == ":=" { self.named()? } else { self.binary(1)? });
            }
            clauses.push(Clause { target, iterable, tests });
        }
        Ok(self.add(ExprKind::Comprehension { kind, element, value, clauses }, start))
    }

    pub(super) fn atom(&mut self) -> Read<ExprId> {
        let token = self.peek();
        let start = token.start;
        match token.kind {
            TokenKind::String | TokenKind::Template => self.strings(),
            TokenKind::Number => {
                self.pos += 1;
                let kind = number(self.text_of(token));
                Ok(self.add(kind, start))
            }
            TokenKind::Name => {
                let word = self.text_of(token);
                let kind = match word {
                    "None" => ExprKind::None,
                    "True" => ExprKind::Bool(true),
                    "False" => ExprKind::Bool(false),
                    _ if KEYWORDS.contains(&word) => return Err(self.expected("an expression")),
                    _ => ExprKind::Name(SmolStr::new(word)),
                };
                self.pos += 1;
                Ok(self.add(kind, start))
            }
            TokenKind::Op => {
                self.deeper()?;
                let id = match self.text_of(token) {
                    "(" => self.parenthesised(start),
                    "[" => self.list(start),
                    "{" => self.braces(start),
                    "..." => {
                        self.pos += 1;
                        Ok(self.add(ExprKind::Ellipsis, start))
                    }
                    _ => Err(self.expected("an expression")),
                }?;
                self.depth -= 1;
                Ok(id)
            }
            TokenKind::Error if self.text_of(token) == "`" => {
                Err(self.fail("This is Python 2: write `repr(…)` instead of back quotes.".to_owned()))
            }
            _ => Err(self.expected("an expression")),
        }
    }

    pub(super) fn parenthesised(&mut self, start: u32) -> Read<ExprId> {
        self.pos += 1;
        if self.eat_op(")") {
            return Ok(self.add(ExprKind::Tuple(Vec::new()), start));
        }
        let first = self.item()?;
        if matches!(self.word(), "for" | "async") {
            let id = self.comprehension(ComprehensionKind::Generator, first, None, start)?;
            self.expect_op(")")?;
            return Ok(id);
        }
        if self.op() == "," {
            let items = self.items(first, ")")?;
            return Ok(self.add(ExprKind::Tuple(items), start));
        }
        self.expect_op(")")?;
        Ok(first)
    }

    /// The rest of a list of items, up to and with the closing bracket.
    pub(super) fn items(&mut self, first: ExprId, close: &str) -> Read<Vec<ExprId>> {
        let mut items = vec![first];
        while self.eat_op(",") {
            if self.op() == close {
                break;
            }
            items.push(self.item()?);
        }
        self.expect_op(close)?;
        Ok(items)
    }

    pub(super) fn list(&mut self, start: u32) -> Read<ExprId> {
        self.pos += 1;
        if self.eat_op("]") {
            return Ok(self.add(ExprKind::List(Vec::new()), start));
        }
        let first = self.item()?;
        if matches!(self.word(), "for" | "async") {
            let id = self.comprehension(ComprehensionKind::List, first, None, start)?;
            self.expect_op("]")?;
            return Ok(id);
        }
        let items = self.items(first, "]")?;
        Ok(self.add(ExprKind::List(items), start))
    }

    pub(super) fn braces(&mut self, start: u32) -> Read<ExprId> {
        self.pos += 1;
        let mut pairs = Vec::new();
        let mut first = true;
        while self.op() != "}" {
            if self.eat_op("**") {
                pairs.push((None, self.binary(1)?));
            } else {
                let key = self.item()?;
                if first && self.op() != ":" {
                    if matches!(self.word(), "for" | "async") {
                        let id = self.comprehension(ComprehensionKind::Set, key, None, start)?;
                        self.expect_op("}")?;
                        return Ok(id);
                    }
                    let items = self.items(key, "}")?;
                    return Ok(self.add(ExprKind::Set(items), start));
                }
                self.expect_op(":")?;
                let value = self.expr()?;
                if first && matches!(self.word(), "for" | "async") {
                    let id = self.comprehension(ComprehensionKind::Dict, key, Some(value), start)?;
                    self.expect_op("}")?;
                    return Ok(id);
                }
                pairs.push((Some(key), value));
            }
            first = false;
            if !self.eat_op(",") {
                break;
            }
        }
        self.expect_op("}")?;
        Ok(self.add(ExprKind::Dict(pairs), start))
    }

    /// Adjacent string literals.
    pub(super) fn strings(&mut self) -> Read<ExprId> {
        let start = self.peek().start;
        let mut parts: Vec<Part> = Vec::new();
        let mut text = Mapped::default();
        let mut is_bytes = false;
        let mut is_template = false;
        loop {
            let token = self.peek();
            match token.kind {
                TokenKind::String => {
                    let literal = strings::literal(self.text, token);
                    is_bytes |= literal.bytes;
                    strings::decode(
                        self.source(),
                        literal.from,
                        literal.to,
                        Form { raw: literal.raw, template: false },
                        &mut text,
                    );
                }
                TokenKind::Template => {
                    is_template = true;
                    let literal = strings::literal(self.text, token);
                    self.deeper()?;
                    let mut inner = self.template(literal.from, literal.to, literal.raw, &mut text)?;
                    self.depth -= 1;
                    parts.append(&mut inner);
                }
                _ => break,
            }
            self.pos += 1;
        }
        if !is_template {
            let text = Rc::new(text);
            return Ok(self.add(if is_bytes { ExprKind::Bytes(text) } else { ExprKind::Str(text) }, start));
        }
        if !text.as_str().is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(self.add(ExprKind::Template(parts), start))
    }

    /// The parts of an f-string between its quotes. Text at its end stays in `text`, for what follows.
    pub(super) fn template(&mut self, from: u32, to: u32, raw: bool, text: &mut Mapped) -> Read<Vec<Part>> {
        let mut parts = Vec::new();
        let bytes = self.text.as_bytes();
        let mut plain = from;
        let mut at = from;
        while at < to {
            let byte = bytes.get(at as usize).copied().unwrap_or(0);
            let next = bytes.get(at as usize + 1).copied().filter(|_| at + 1 < to);
            match byte {
                // `\N{name}` is an escape, not a field.
                b'\\' if !raw && next == Some(b'N') && bytes.get(at as usize + 2) == Some(&b'{') => at += 3,
                b'\\' if !raw => at += 2,
                b'{' | b'}' if next == Some(byte) => at += 2,
                b'{' => {
                    strings::decode(self.source(), plain, at, Form { raw, template: true }, text);
                    if !text.as_str().is_empty() {
                        parts.push(Part::Text(std::mem::take(text)));
                    }
                    let (field, end) = self.field(at + 1, to, raw)?;
                    parts.push(field);
                    at = end;
                    plain = end;
                }
                _ => at += 1,
            }
        }
        strings::decode(self.source(), plain, to, Form { raw, template: true }, text);
        Ok(parts)
    }

    /// A replacement field behind its `{`, and the offset behind its `}`.
    pub(super) fn field(&mut self, from: u32, to: u32, raw: bool) -> Read<(Part, u32)> {
        let bytes = self.text.as_bytes();
        let at_byte = |at: u32| bytes.get(at as usize).copied().filter(|_| at < to);
        let tokens = lex_expression(self.text, from, to);
        // The expression ends at the first `}`, `!`, `:` or closing `=` outside of brackets.
        let mut open = 0_u32;
        let mut end = None;
        for token in &tokens {
            let text = self.text_of(*token);
            match text {
                "(" | "[" | "{" => open += 1,
                ")" | "]" => open = open.saturating_sub(1),
                "}" if open > 0 => open -= 1,
                "}" | ":" | "!" | ":=" if open == 0 => {
                    end = Some(token.start);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else { return Err(self.fail("A `{` of this f-string never closes.".to_owned())) };
        let mut label = None;
        let mut stop = end;
        let source = self.text.get(from as usize..end as usize).unwrap_or_default();
        let trimmed = source.trim_end();
        if trimmed.ends_with('=') && !["==", "!=", "<=", ">="].iter().any(|op| trimmed.ends_with(op)) {
            let mut text = Mapped::default();
            text.push_verbatim(source, self.ast.file, self.offset(from));
            label = Some(text);
            stop = from + u32::try_from(trimmed.len()).unwrap_or(u32::MAX) - 1;
        }
        let mut tokens: Vec<Token> =
            tokens.into_iter().take_while(|t| t.end <= stop && t.kind != TokenKind::End).collect();
        tokens.push(Token { kind: TokenKind::End, start: stop, end: stop });
        let value = self.nested(&tokens)?;
        let mut at = end;
        let mut conversion = None;
        if at_byte(at) == Some(b'!') {
            conversion = at_byte(at + 1).map(char::from);
            at += 2;
            while at_byte(at) == Some(b' ') {
                at += 1;
            }
        }
        let mut spec = Vec::new();
        if at_byte(at) == Some(b':') {
            let from = at + 1;
            let mut close = from;
            let mut open = 0_u32;
            loop {
                match at_byte(close) {
                    Some(b'{') => open += 1,
                    Some(b'}') if open == 0 => break,
                    Some(b'}') => open -= 1,
                    None => return Err(self.fail("A `{` of this f-string never closes.".to_owned())),
                    _ => {}
                }
                close += 1;
            }
            let mut text = Mapped::default();
            self.deeper()?;
            spec = self.template(from, close, raw, &mut text)?;
            self.depth -= 1;
            if !text.as_str().is_empty() {
                spec.push(Part::Text(text));
            }
            at = close;
        }
        if at_byte(at) != Some(b'}') {
            return Err(self.fail("A `{` of this f-string never closes.".to_owned()));
        }
        Ok((Part::Field { value, conversion, spec, label }, at + 1))
    }

    /// An expression over other tokens of the same text.
    pub(super) fn nested(&mut self, tokens: &[Token]) -> Read<ExprId> {
        let mut inner = Parser {
            text: self.text,
            base: self.base,
            tokens,
            pos: 0,
            ast: std::mem::take(&mut self.ast),
            error: None,
            errors: Vec::new(),
            depth: self.depth,
            in_pattern: false,
        };
        let result = inner.star_list();
        let complete = inner.kind() == TokenKind::End;
        if result.is_ok() && !complete {
            inner.expected("the end of the replacement field");
        }
        let error = inner.error.take();
        self.ast = inner.ast;
        if self.error.is_none() {
            self.error = error;
        }
        match result {
            Ok(id) if complete => Ok(id),
            _ => Err(Broken),
        }
    }
}

/// A number: an integer of 64 bits as a value, others as written.
fn number(text: &str) -> ExprKind {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    let (digits, radix) = match lower.get(..2) {
        Some("0x") => (lower.get(2..), 16),
        Some("0o") => (lower.get(2..), 8),
        Some("0b") => (lower.get(2..), 2),
        _ => (Some(lower.as_str()), 10),
    };
    match digits.and_then(|digits| i64::from_str_radix(digits, radix).ok()) {
        Some(value) => ExprKind::Int(value),
        None => ExprKind::Number(SmolStr::new(plain)),
    }
}
