//! Values that follow from literals alone: what EXECUTE runs, what FOREACH walks over.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::cursor::Parser;
use super::do_block::Block;
use super::lexer::{Decoded, Piece, TokenKind, decode_string};
use crate::name::{Name, quote};

/// The longest text that is put together, and the most elements of a list.
const MAX_TEXT: usize = 1 << 20;
const MAX_ITEMS: usize = 1_000;
/// How deep calls and parentheses are followed.
const MAX_DEPTH: u32 = 32;

/// A known value of a variable.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A text or number.
    Text(String),
    /// An array of texts.
    List(Vec<String>),
}

/// The variables whose values are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables(BTreeMap<Name, Value>);

impl Variables {
    /// Sets a value, or forgets it, and gives the one before.
    pub(super) fn set(&mut self, name: Name, value: Option<Value>) -> Option<Value> {
        match value {
            Some(value) => self.0.insert(name, value),
            None => self.0.remove(&name),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// A text that grows, and remembers where its pieces came from.
#[derive(Default)]
struct Text {
    text: String,
    pieces: Vec<Piece>,
}

impl Text {
    fn at(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// Text that stands for the whole source range.
    fn whole(&mut self, text: &str, start: u32, end: u32) {
        self.pieces.push(Piece { at: self.at(), source: start, whole: Some(end) });
        self.text.push_str(text);
    }

    /// A part of a decoded string.
    fn part(&mut self, decoded: &Decoded<'_>, from: usize, to: usize) {
        let (at, start) = (self.at(), u32::try_from(from).unwrap_or(u32::MAX));
        self.pieces.push(Piece::new(at, decoded.source(start)));
        let inner = decoded.pieces.iter().filter(|p| p.at as usize > from && (p.at as usize) < to);
        self.pieces.extend(inner.map(|p| Piece { at: at + (p.at - start), ..*p }));
        self.text.push_str(decoded.text.get(from..to).unwrap_or_default());
    }
}

impl Block<'_> {
    /// The value of the tokens from `from` up to `to`, if literals decide it.
    pub(super) fn value(&self, from: usize, to: usize) -> Option<Value> {
        if let Some(list) = self.list_value(from, to, 0) {
            return Some(Value::List(list));
        }
        self.text_value(from, to).map(|decoded| Value::Text(decoded.text.into_owned()))
    }

    /// The text that an expression gives, if literals decide it.
    pub(super) fn text_value(&self, from: usize, to: usize) -> Option<Decoded<'static>> {
        let mut text = Text::default();
        self.concatenation(from, to, &mut text, 0)?;
        Some(Decoded { text: text.text.into(), pieces: text.pieces })
    }

    /// Terms with `||` between them.
    fn concatenation(&self, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        if from >= to || depth > MAX_DEPTH {
            return None;
        }
        let mut start = from;
        for at in top_level(&self.p, from, to) {
            let token = self.p.tokens.get(at)?;
            if token.kind == TokenKind::Operator {
                if self.p.text(*token) != "||" {
                    return None;
                }
                self.term(start, at, out, depth)?;
                start = at + 1;
            }
        }
        self.term(start, to, out, depth)?;
        (out.text.len() <= MAX_TEXT).then_some(())
    }

    fn term(&self, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        let first = *self.p.tokens.get(from).filter(|_| from < to)?;
        // A cast behind the term to text, name or the like changes nothing.
        if let Some(cast) =
            top_level(&self.p, from, to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::Cast))
        {
            let target = self.p.tokens.get(cast + 1)?;
            let plain = ["text", "varchar", "name"].iter().any(|word| self.is_word(*target, word));
            return if plain && cast + 2 == to { self.term(from, cast, out, depth) } else { None };
        }
        match first.kind {
            TokenKind::String | TokenKind::DollarString if from + 1 == to => {
                let decoded = decode_string(self.p.text(first), first.start, '\\');
                out.part(&decoded, 0, decoded.text.len());
                Some(())
            }
            TokenKind::Number if from + 1 == to => {
                out.whole(self.p.text(first), first.start, first.end);
                Some(())
            }
            TokenKind::LeftParen if self.closes(from, to) => self.concatenation(from + 1, to - 1, out, depth + 1),
            TokenKind::Word | TokenKind::Quoted => {
                let open = (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::LeftParen));
                let Some(open) = open else {
                    let name = self.p.text_of(from, to).to_ascii_lowercase();
                    let Some(Value::Text(value)) = self.variables.get(&name) else { return None };
                    let last = self.p.tokens.get(to - 1)?;
                    out.whole(value, first.start, last.end);
                    return Some(());
                };
                if !self.closes(open, to) {
                    return None;
                }
                let name = self.p.text_of(from, open).to_ascii_lowercase();
                let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
                self.call(name, open + 1, to - 1, out, depth + 1)
            }
            _ => None,
        }
    }

    /// Whether the group that opens at `open` closes as the last token before `to`.
    fn closes(&self, open: usize, to: usize) -> bool {
        self.p.closing_before(open, to) == to.checked_sub(1)
    }

    fn call(&self, name: &str, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        let arguments = self.p.split_at_commas(from, to);
        let whole = |text: &str, out: &mut Text| {
            let (first, last) = (self.p.tokens.get(from)?, self.p.tokens.get(to.checked_sub(1)?)?);
            out.whole(text, first.start, last.end);
            Some(())
        };
        let one = |argument: &(usize, usize)| {
            let mut text = Text::default();
            self.concatenation(argument.0, argument.1, &mut text, depth).map(|()| text.text)
        };
        match (name, arguments.as_slice()) {
            ("quote_ident", [argument]) => whole(&quote(&one(argument)?), out),
            ("quote_literal", [argument]) => whole(&literal(&one(argument)?), out),
            ("lower", [argument]) => whole(&one(argument)?.to_lowercase(), out),
            ("upper", [argument]) => whole(&one(argument)?.to_uppercase(), out),
            ("concat", arguments) => {
                for (from, to) in arguments {
                    self.concatenation(*from, *to, out, depth)?;
                }
                Some(())
            }
            ("format", [(from, to), arguments @ ..]) => {
                let mut text = Text::default();
                self.concatenation(*from, *to, &mut text, depth)?;
                let pattern = Decoded { text: text.text.into(), pieces: text.pieces };
                self.format(&pattern, arguments, out, depth)
            }
            _ => None,
        }
    }

    /// format(): %s, %I, %L, %%, with `n$`. Source: PostgreSQL manual, 9.4.1 "format".
    fn format(&self, pattern: &Decoded<'_>, arguments: &[(usize, usize)], out: &mut Text, depth: u32) -> Option<()> {
        let text: &str = &pattern.text;
        let (mut at, mut next) = (0, 0usize);
        while let Some(found) = text.get(at..)?.find('%') {
            let percent = at + found;
            out.part(pattern, at, percent);
            let mut rest = text.get(percent + 1..)?;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                let (number, behind) = rest.split_at_checked(digits)?;
                rest = behind.strip_prefix('$')?;
                next = number.parse::<usize>().ok()?.checked_sub(1)?;
            }
            let kind = rest.chars().next()?;
            let end = text.len() - rest.len() + kind.len_utf8();
            if kind == '%' {
                out.part(pattern, percent, percent + 1);
            } else {
                let (from, to) = *arguments.get(next)?;
                next += 1;
                let mut value = Text::default();
                self.concatenation(from, to, &mut value, depth + 1)?;
                let value = match kind {
                    's' => value.text,
                    'I' => quote(&value.text),
                    'L' => literal(&value.text),
                    _ => return None,
                };
                let source = |at: usize| pattern.source(u32::try_from(at).unwrap_or(u32::MAX));
                out.whole(&value, source(percent), source(end));
            }
            at = end;
        }
        out.part(pattern, at, text.len());
        Some(())
    }

    /// The first two words of an expression that begins with a literal, in upper case; empty if it does not.
    pub(super) fn leading_words(&self, from: usize, to: usize) -> String {
        let mut at = from;
        while at < to {
            let Some(token) = self.p.tokens.get(at) else { break };
            match token.kind {
                TokenKind::String | TokenKind::DollarString => {
                    let decoded = decode_string(self.p.text(*token), token.start, '\\');
                    let words: Vec<String> =
                        decoded.text.split_whitespace().take(2).map(str::to_ascii_uppercase).collect();
                    return words.join(" ");
                }
                TokenKind::LeftParen => {}
                TokenKind::Word if self.is_word(*token, "format") || self.is_word(*token, "concat") => {}
                _ => break,
            }
            at += 1;
        }
        String::new()
    }

    // Lists.

    /// `ARRAY['a', 'b']`, `'{a,b}'::text[]`, or a variable that holds such.
    fn list_value(&self, from: usize, to: usize, depth: u32) -> Option<Vec<String>> {
        let first = *self.p.tokens.get(from).filter(|_| from < to)?;
        let cast =
            top_level(&self.p, from, to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::Cast));
        let end = cast.unwrap_or(to);
        if self.is_word(first, "ARRAY") && self.closes(from + 1, end) {
            let items = self.p.split_at_commas(from + 2, end - 1);
            if items.len() > MAX_ITEMS {
                return None;
            }
            return items.iter().map(|(from, to)| Some(self.text_value(*from, *to)?.text.into_owned())).collect();
        }
        if first.kind == TokenKind::LeftParen && self.closes(from, end) {
            return if depth < MAX_DEPTH { self.list_value(from + 1, end - 1, depth + 1) } else { None };
        }
        let is_array = self.p.text_of(end, to).ends_with(']');
        if first.kind == TokenKind::String && from + 1 == end && is_array {
            let decoded = decode_string(self.p.text(first), first.start, '\\');
            let inside = decoded.text.trim().strip_prefix('{')?.strip_suffix('}')?;
            if inside.contains(['"', '\\', '{']) {
                return None;
            }
            return Some(
                inside.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect(),
            );
        }
        if matches!(first.kind, TokenKind::Word | TokenKind::Quoted) && from + 1 == end {
            let Some(Value::List(list)) = self.variables.get(&self.p.text(first).to_ascii_lowercase()) else {
                return None;
            };
            return Some(list.clone());
        }
        None
    }

    /// What a loop's head walks over, if literals decide it: the names that hold the value, and the values.
    pub(super) fn loop_values(&self, from: usize, to: usize) -> Option<(Vec<SmolStr>, Vec<String>)> {
        let word = |at: usize, word: &str| self.p.tokens.get(at).is_some_and(|t| self.is_word(*t, word));
        let name = SmolStr::new(self.p.text(*self.p.tokens.get(from + 1)?).to_ascii_lowercase());
        if !word(from + 2, "IN") || to < from + 4 {
            return None;
        }
        if word(from, "FOREACH") && word(from + 3, "ARRAY") {
            // `ARRAY expression`, where the expression itself often starts with ARRAY.
            return Some((vec![name], self.list_value(from + 4, to, 0)?));
        }
        if !word(from, "FOR") {
            return None;
        }
        if word(from + 3, "SELECT") && word(from + 4, "unnest") {
            let close = self.p.closing_before(from + 5, to)?;
            let list = self.list_value(from + 6, close, 0)?;
            let mut alias = close + 1;
            if word(alias, "AS") {
                alias += 1;
            }
            let column = match self.p.tokens.get(alias).filter(|_| alias < to) {
                Some(token) if alias + 1 == to && token.kind == TokenKind::Word => {
                    self.p.text(*token).to_ascii_lowercase()
                }
                Some(_) => return None,
                None => "unnest".to_owned(),
            };
            let field = SmolStr::new(format!("{name}.{column}"));
            return Some((vec![name, field], list));
        }
        // `0..15`: whole numbers.
        let (low, high) = self.p.text_of(from + 3, to).split_once("..")?;
        let (low, high) = (low.trim().parse::<i64>().ok()?, high.trim().parse::<i64>().ok()?);
        let count = usize::try_from(high.checked_sub(low)?.checked_add(1)?).ok()?;
        (count <= MAX_ITEMS).then(|| (vec![name], (low..=high).map(|n| n.to_string()).collect()))
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The indexes of tokens outside parentheses.
fn top_level<'p>(p: &'p Parser<'_>, from: usize, to: usize) -> impl Iterator<Item = usize> + 'p {
    let mut depth = 0u32;
    p.tokens.get(from..to).unwrap_or_default().iter().enumerate().filter_map(move |(n, token)| {
        match token.kind {
            TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
            _ if depth == 0 => return Some(from + n),
            _ => {}
        }
        None
    })
}

impl Parser<'_> {
    /// The index of the token that closes the group opened at `open`, before `to`.
    pub(super) fn closing_before(&self, open: usize, to: usize) -> Option<usize> {
        let mut depth = 0u32;
        for at in open..to.min(self.tokens.len()) {
            match self.tokens.get(at)?.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// The ranges between the commas outside parentheses; none for an empty range.
    pub(super) fn split_at_commas(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        if from >= to {
            return parts;
        }
        let mut start = from;
        for at in top_level(self, from, to) {
            if self.tokens.get(at).is_some_and(|t| t.kind == TokenKind::Comma) {
                parts.push((start, at));
                start = at + 1;
            }
        }
        parts.push((start, to));
        parts
    }

    /// The ranges between this word outside parentheses.
    pub(super) fn split_at_word(&self, from: usize, to: usize, word: &str) -> Vec<(usize, usize)> {
        let mut parts = Vec::new();
        let mut start = from;
        for at in top_level(self, from, to) {
            let is_word = self
                .tokens
                .get(at)
                .is_some_and(|t| t.kind == TokenKind::Word && self.text(*t).eq_ignore_ascii_case(word));
            if is_word {
                parts.push((start, at));
                start = at + 1;
            }
        }
        parts.push((start, to));
        parts
    }
}
