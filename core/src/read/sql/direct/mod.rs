//! The expressions and queries that nearly all of a schema's are, read from our own tokens into the tree at once.
//!
//! sqlparser takes six to ten times as long: it copies every token, and asks of every word whether a type begins there. What is read here is read
//! as sqlparser reads it, operator by operator, so that nobody can tell who read a text; whatever else a text holds, all of it is left to
//! sqlparser. The corpus' texts are read by both in the tests.

mod query;
mod words;

use smol_str::SmolStr;

use crate::expr::{Call, Query, Tree};
use crate::name::Name;
use crate::read::ddl::lexer::{Token, TokenKind, lex};

use self::words::{Special, binding, is_plain_type, special};

/// The longest text that is made into a tree, in tokens.
const MAX_TOKENS: usize = super::MAX_TOKENS;
/// How deep expressions may nest before they are left to sqlparser, which knows its own limit.
const MAX_DEPTH: u32 = 36;

/// Reads an expression; `None` where it is not one of those that are read here.
pub(super) fn expression(text: &str) -> Option<Tree> {
    Reader::new(text)?.whole(|reader| reader.expression(0))
}

/// Reads a query; `None` where it is not one of those that are read here.
pub(super) fn query(text: &str) -> Option<Query> {
    Reader::new(text)?.whole(Reader::query)
}

/// How strongly operators bind, as sqlparser has it for PostgreSQL.
mod strength {
    pub(super) const OR: u8 = 10;
    pub(super) const AND: u8 = 20;
    pub(super) const NOT: u8 = 30;
    pub(super) const IS: u8 = 40;
    pub(super) const COMPARED: u8 = 50;
    pub(super) const BETWEEN: u8 = 60;
    pub(super) const OTHER: u8 = 70;
    pub(super) const SUM: u8 = 80;
    pub(super) const PRODUCT: u8 = 90;
    pub(super) const POWER: u8 = 100;
    pub(super) const TIME_ZONE: u8 = 110;
    pub(super) const COLLATE: u8 = 120;
    pub(super) const CAST: u8 = 140;
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Option<Self> {
        let mut tokens = Vec::with_capacity((text.len() / 4).min(MAX_TOKENS) + 1);
        let remarks = lex(text, &mut tokens, MAX_TOKENS);
        let whole = tokens.last().is_some_and(|last| tokens.len() < MAX_TOKENS || last.end as usize == text.len());
        (whole && remarks.unterminated.is_none()).then_some(Self { text, tokens, at: 0, depth: 0 })
    }

    /// What the whole text says.
    fn whole<T>(mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let out = read(&mut self)?;
        (self.kind() == TokenKind::End).then_some(out)
    }

    fn kind_at(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    fn kind(&self) -> TokenKind {
        self.kind_at(self.at)
    }

    fn text_at(&self, at: usize) -> &'a str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    /// The next token's text where it is a word, and nothing otherwise.
    fn word(&self) -> &'a str {
        self.word_at(self.at)
    }

    fn word_at(&self, at: usize) -> &'a str {
        if self.kind_at(at) == TokenKind::Word { self.text_at(at) } else { "" }
    }

    fn takes(&mut self, kind: TokenKind) -> bool {
        let there = self.kind() == kind;
        self.at += usize::from(there);
        there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let there = self.word().eq_ignore_ascii_case(word);
        self.at += usize::from(there);
        there
    }

    /// A name, unless it has a meaning of its own where an expression begins.
    fn name(&mut self) -> Option<Name> {
        let text = self.text_at(self.at);
        let name = match self.kind() {
            TokenKind::Word => folded(text),
            TokenKind::Quoted => unquoted(text)?,
            _ => return None,
        };
        self.at += 1;
        Some(name)
    }

    /// What stands here, with all operators behind it that bind more strongly than `least`.
    fn expression(&mut self, least: u8) -> Option<Tree> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut out = self.operand()?;
        while let Some((strength, operator)) = self.operator() {
            if strength <= least {
                break;
            }
            out = self.operated(out, strength, operator)?;
        }
        self.depth -= 1;
        Some(out)
    }

    /// The operator that stands next, if one does, and how strongly it binds.
    fn operator(&self) -> Option<(u8, &'a str)> {
        match self.kind() {
            TokenKind::Word | TokenKind::Operator => {
                let text = self.text_at(self.at);
                match binding(text)? {
                    // Between two operands it only stands in front of BETWEEN, IN and LIKE.
                    strength::NOT => match binding(self.word_at(self.at + 1)) {
                        Some(strength::BETWEEN) => Some((strength::BETWEEN, text)),
                        _ => Some((u8::MAX, "")),
                    },
                    strength => Some((strength, text)),
                }
            }
            TokenKind::Cast => Some((strength::CAST, "::")),
            // What follows is not read here; it must not be taken for the end of an expression either.
            TokenKind::Dot | TokenKind::LeftBracket => Some((u8::MAX, "")),
            _ => None,
        }
    }

    /// An operand with the operator that follows it.
    fn operated(&mut self, left: Tree, strength: u8, operator: &str) -> Option<Tree> {
        self.at += 1;
        match strength {
            strength::CAST => {
                let to = self.data_type()?;
                Some(Tree::Cast(Box::new(left), to))
            }
            strength::IS => self.is(left),
            strength::BETWEEN if operator.eq_ignore_ascii_case("not") => {
                let word = self.word();
                self.at += 1;
                self.of_words(left, word, true)
            }
            strength::BETWEEN => self.of_words(left, operator, false),
            strength::TIME_ZONE => {
                (self.takes_word("time") && self.takes_word("zone")).then_some(())?;
                let zone = self.expression(strength)?;
                Some(super::operator("at time zone", vec![left, zone]))
            }
            strength::COLLATE => {
                self.name()?;
                while self.takes(TokenKind::Dot) {
                    self.name()?;
                }
                Some(left)
            }
            u8::MAX => None,
            _ => self.binary(left, strength, operator),
        }
    }

    fn binary(&mut self, left: Tree, strength: u8, operator: &str) -> Option<Tree> {
        let operator = words::printed(operator);
        let quantified = [("any", "any"), ("some", "any"), ("all", "all")];
        if let Some((_, word)) = quantified.iter().find(|(word, _)| self.word().eq_ignore_ascii_case(word)) {
            if strength != strength::COMPARED || self.kind_at(self.at + 1) != TokenKind::LeftParen {
                return None;
            }
            self.at += 1;
            let right = self.parenthesised()?;
            return match right {
                Tree::Row(_) => None,
                right => Some(Tree::Operator(smol_str::format_smolstr!("{operator} {word}"), vec![left, right])),
            };
        }
        let right = self.expression(strength)?;
        if matches!(operator, "and" | "or" | "||" | "+" | "*")
            && let Tree::Operator(last, mut operands) = left
        {
            if last == operator {
                operands.push(right);
                return Some(Tree::Operator(last, operands));
            }
            return Some(super::operator(operator, vec![Tree::Operator(last, operands), right]));
        }
        Some(super::operator(operator, vec![left, right]))
    }

    /// Behind IS.
    fn is(&mut self, left: Tree) -> Option<Tree> {
        let not = self.takes_word("not");
        let word = self.word();
        self.at += 1;
        let is = |word: &str, of: &str| word.eq_ignore_ascii_case(of);
        let operator = match word {
            _ if is(word, "null") || is(word, "unknown") => super::negated(not, "is null", "is not null"),
            _ if is(word, "true") => super::negated(not, "is true", "is not true"),
            _ if is(word, "false") => super::negated(not, "is false", "is not false"),
            _ if is(word, "distinct") && self.takes_word("from") => {
                let right = self.expression(strength::IS)?;
                let operator = super::negated(not, "is distinct from", "is not distinct from");
                return Some(super::operator(operator, vec![left, right]));
            }
            _ => return None,
        };
        Some(super::operator(operator, vec![left]))
    }

    /// Behind BETWEEN, IN, LIKE and ILIKE.
    fn of_words(&mut self, left: Tree, word: &str, not: bool) -> Option<Tree> {
        match word.to_ascii_lowercase().as_str() {
            "between" => {
                let low = self.expression(strength::BETWEEN)?;
                self.takes_word("and").then_some(())?;
                let high = self.expression(strength::BETWEEN)?;
                Some(super::operator(super::negated(not, "between", "not between"), vec![left, low, high]))
            }
            "in" => {
                let list = self.parenthesised()?;
                let mut operands = vec![left];
                match list {
                    Tree::Row(values) => operands.extend(values),
                    one => operands.push(one),
                }
                Some(super::operator(super::negated(not, "in", "not in"), operands))
            }
            "like" | "ilike" => {
                let pattern = self.expression(strength::BETWEEN)?;
                let operator = match word.len() {
                    4 => super::negated(not, "like", "not like"),
                    _ => super::negated(not, "ilike", "not ilike"),
                };
                (!self.word().eq_ignore_ascii_case("escape")).then_some(())?;
                Some(super::operator(operator, vec![left, pattern]))
            }
            _ => None,
        }
    }

    /// What begins an expression.
    fn operand(&mut self) -> Option<Tree> {
        let text = self.text_at(self.at);
        match self.kind() {
            TokenKind::Word => {
                // A type in front of a string, or strings of other kinds.
                if self.kind_at(self.at + 1) == TokenKind::String {
                    return None;
                }
                match special(text) {
                    Some(special) => self.special(special),
                    None => self.named(),
                }
            }
            TokenKind::Quoted => self.named(),
            TokenKind::String => {
                let string = string(text)?;
                self.at += 1;
                (self.kind() != TokenKind::String).then_some(Tree::Text(string))
            }
            TokenKind::Number => {
                text.bytes().all(|b| b.is_ascii_digit() || b == b'.').then_some(())?;
                (!text.starts_with('.') && !text.ends_with('.')).then_some(())?;
                self.at += 1;
                Some(Tree::Number(SmolStr::new(text)))
            }
            TokenKind::LeftParen => self.parenthesised(),
            TokenKind::Operator if text == "-" || text == "+" => {
                self.at += 1;
                let operand = self.expression(strength::PRODUCT)?;
                Some(super::operator(if text == "-" { "-" } else { "+" }, vec![operand]))
            }
            _ => None,
        }
    }

    /// A column, or a call.
    fn named(&mut self) -> Option<Tree> {
        let mut parts = vec![self.name()?];
        while self.kind() == TokenKind::Dot {
            self.at += 1;
            parts.push(self.name()?);
        }
        if self.kind() == TokenKind::LeftParen { self.call(parts) } else { Some(Tree::Column(parts)) }
    }

    fn call(&mut self, name: Vec<Name>) -> Option<Tree> {
        self.at += 1;
        let distinct = self.takes_word("distinct");
        let mut arguments = Vec::new();
        if distinct || self.kind() != TokenKind::RightParen {
            loop {
                arguments.push(self.argument()?);
                if !self.takes(TokenKind::Comma) {
                    break;
                }
            }
        }
        self.takes(TokenKind::RightParen).then_some(())?;
        // FILTER, OVER and their like: a word that is no operator.
        if self.kind() == TokenKind::Word && words::continues_call(self.word()) {
            return None;
        }
        Some(Tree::Call(Box::new(Call { name, arguments, distinct, filter: None, over: false })))
    }

    fn argument(&mut self) -> Option<Tree> {
        match self.star() {
            Some(star) => Some(star),
            None => self.expression(0),
        }
    }

    /// `*` or `table.*`.
    fn star(&mut self) -> Option<Tree> {
        let star = |at: usize| self.kind_at(at) == TokenKind::Operator && self.text_at(at) == "*";
        if star(self.at) {
            self.at += 1;
            return Some(Tree::Star(Vec::new()));
        }
        let (dot, behind) = (self.at + 1, self.at + 2);
        if self.kind_at(dot) == TokenKind::Dot && star(behind) {
            let of = self.name()?;
            self.at = behind + 1;
            return Some(Tree::Star(vec![of]));
        }
        None
    }

    /// Words that begin an expression of their own.
    fn special(&mut self, special: Special) -> Option<Tree> {
        self.at += 1;
        match special {
            Special::Null => Some(Tree::Null),
            Special::True => Some(Tree::Bool(true)),
            Special::False => Some(Tree::Bool(false)),
            Special::Value(word) => {
                (self.kind() != TokenKind::LeftParen && self.kind() != TokenKind::Dot).then_some(())?;
                Some(super::call(word, Vec::new()))
            }
            Special::Not => {
                let operand = self.expression(strength::NOT)?;
                Some(super::operator("not", vec![operand]))
            }
            Special::Exists => match self.parenthesised()? {
                Tree::Subquery(query) => Some(Tree::Exists(query)),
                _ => None,
            },
            Special::Array => {
                self.takes(TokenKind::LeftBracket).then_some(())?;
                let mut elements = Vec::new();
                while self.kind() != TokenKind::RightBracket {
                    if !elements.is_empty() {
                        self.takes(TokenKind::Comma).then_some(())?;
                    }
                    elements.push(self.expression(0)?);
                }
                self.takes(TokenKind::RightBracket).then_some(Tree::Array(elements))
            }
            Special::Case => self.case(),
            Special::Extract => {
                self.takes(TokenKind::LeftParen).then_some(())?;
                let field = words::is_plain_field(self.word()).then(|| self.name())??;
                self.takes_word("from").then_some(())?;
                let of = self.expression(0)?;
                self.takes(TokenKind::RightParen).then_some(())?;
                Some(super::call("extract", vec![Tree::Text(field.to_string()), of]))
            }
            Special::Other => None,
        }
    }

    fn case(&mut self) -> Option<Tree> {
        let operand = match self.word().eq_ignore_ascii_case("when") {
            true => None,
            false => Some(Box::new(self.expression(0)?)),
        };
        let mut branches = Vec::new();
        while self.takes_word("when") {
            let when = self.expression(0)?;
            self.takes_word("then").then_some(())?;
            branches.push((when, self.expression(0)?));
        }
        let otherwise = match self.takes_word("else") {
            true => Some(Box::new(self.expression(0)?)),
            false => None,
        };
        (!branches.is_empty() && self.takes_word("end")).then_some(Tree::Case(operand, branches, otherwise))
    }

    /// `(…)`: an expression, a row, or a query.
    fn parenthesised(&mut self) -> Option<Tree> {
        self.takes(TokenKind::LeftParen).then_some(())?;
        self.depth += 1;
        let out = if self.word().eq_ignore_ascii_case("select") {
            if self.depth > MAX_DEPTH {
                return None;
            }
            Tree::Subquery(Box::new(self.query()?))
        } else {
            let first = self.expression(0)?;
            if self.kind() == TokenKind::Comma {
                let mut values = vec![first];
                while self.takes(TokenKind::Comma) {
                    values.push(self.expression(0)?);
                }
                Tree::Row(values)
            } else {
                first
            }
        };
        self.depth -= 1;
        self.takes(TokenKind::RightParen).then_some(out)
    }

    /// The type of a cast, in lower case as written.
    fn data_type(&mut self) -> Option<String> {
        let from = self.at;
        let mut out = if self.kind_at(from + 1) == TokenKind::Dot || self.kind() == TokenKind::Quoted {
            self.type_with_schema()?
        } else {
            let first = self.word();
            self.at += words::type_length(|n| self.word_at(from + n));
            let mut out = String::new();
            for at in from..self.at {
                if at > from {
                    out.push(' ');
                }
                out.push_str(&self.word_at(at).to_ascii_lowercase());
            }
            let known = is_plain_type(&out) || self.at == from + 1 && !out.is_empty() && words::is_plain_name(first);
            known.then_some(out)?
        };
        // A modifier belongs to the type, and its blanks and its place differ.
        (self.kind() != TokenKind::LeftParen).then_some(())?;
        while self.kind() == TokenKind::LeftBracket && self.kind_at(self.at + 1) == TokenKind::RightBracket {
            self.at += 2;
            out.push_str("[]");
        }
        (!self.word().eq_ignore_ascii_case("array")).then_some(out)
    }

    /// A type's name with its schema, or in quotes, which it keeps.
    fn type_with_schema(&mut self) -> Option<String> {
        let mut out = String::new();
        loop {
            let part = self.text_at(self.at);
            let plain = self.kind() == TokenKind::Word && words::is_type_name(part);
            (plain || self.kind() == TokenKind::Quoted).then_some(())?;
            out.push_str(&part.to_ascii_lowercase());
            self.at += 1;
            if !self.takes(TokenKind::Dot) {
                return Some(out);
            }
            out.push('.');
        }
    }
}

fn folded(text: &str) -> Name {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { text.to_ascii_lowercase().into() } else { SmolStr::new(text) }
}

/// The name in double quotes.
fn unquoted(text: &str) -> Option<Name> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    Some(if inner.contains('"') { inner.replace("\"\"", "\"").into() } else { SmolStr::new(inner) })
}

/// The text in single quotes; `None` where it is written in another way or in several parts.
fn string(text: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    if !inner.contains('\'') {
        return Some(inner.to_owned());
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\'') {
        let behind = rest.get(at + 1..)?.strip_prefix('\'')?;
        out.push_str(rest.get(..=at)?);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests;
