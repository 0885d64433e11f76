//! Texts that follow from literals, with where their pieces stand: what EXECUTE runs. All else is evaluated without places ([`super::evaluate`]).

use super::Block;
use super::evaluate::{MAX_TEXT, Value};
use super::functions::formatted;
use crate::read::ddl::cursor::Parser;
use crate::read::ddl::lexer::{Decoded, Piece, TokenKind, decode_string};
use crate::read::sql;

/// How deep calls and parentheses are followed.
const MAX_DEPTH: u32 = 32;

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
        if from >= to {
            return None;
        }
        self.variables.value(&sql::expression(self.p.text_of(from, to)))
    }

    /// The text that an expression gives, if literals decide it.
    pub(super) fn text_value(&self, from: usize, to: usize) -> Option<Decoded<'static>> {
        let mut text = Text::default();
        self.concatenation(from, to, &mut text, 0)?;
        Some(Decoded { text: text.text.into(), pieces: text.pieces })
    }

    /// Terms with `||` between them. What else stands between two of them binds tighter, or has no text.
    fn concatenation(&self, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        if from >= to || depth > MAX_DEPTH {
            return None;
        }
        let mut start = from;
        for at in top_level(&self.p, from, to) {
            let token = self.p.tokens.get(at)?;
            if token.kind == TokenKind::Operator && self.p.text(*token) == "||" {
                self.term(start, at, out, depth)?;
                start = at + 1;
            }
        }
        self.term(start, to, out, depth)?;
        (out.text.len() <= MAX_TEXT).then_some(())
    }

    fn term(&self, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        let first = *self.p.tokens.get(from).filter(|_| from < to)?;
        match first.kind {
            TokenKind::String | TokenKind::DollarString if from + 1 == to => {
                let decoded = decode_string(self.p.text(first), first.start, '\\');
                out.part(&decoded, 0, decoded.text.len());
                return Some(());
            }
            // A cast to text changes nothing.
            TokenKind::String | TokenKind::DollarString
                if from + 3 == to
                    && self.p.tokens.get(from + 1).is_some_and(|t| t.kind == TokenKind::Cast)
                    && self.p.tokens.get(from + 2).is_some_and(|t| self.is_word(*t, "text")) =>
            {
                return self.term(from, from + 1, out, depth);
            }
            TokenKind::LeftParen if self.closes(from, to) => {
                return self.concatenation(from + 1, to - 1, out, depth + 1);
            }
            TokenKind::Word => {
                let open = (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::LeftParen));
                if let Some(open) = open
                    && self.closes(open, to)
                {
                    let name = self.p.text_of(from, open).to_ascii_lowercase();
                    let name = name.strip_prefix("pg_catalog.").unwrap_or(&name);
                    if matches!(name, "format" | "concat") {
                        return self.call(name, open + 1, to - 1, out, depth + 1);
                    }
                }
            }
            _ => {}
        }
        let value = self.value(from, to)?.text()?;
        let last = self.p.tokens.get(to - 1)?;
        out.whole(&value, first.start, last.end);
        Some(())
    }

    /// Whether the group that opens at `open` closes as the last token before `to`.
    fn closes(&self, open: usize, to: usize) -> bool {
        self.p.closing_before(open, to) == to.checked_sub(1)
    }

    fn call(&self, name: &str, from: usize, to: usize, out: &mut Text, depth: u32) -> Option<()> {
        let arguments = self.p.split_at_commas(from, to);
        match (name, arguments.as_slice()) {
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
                self.format(&pattern, arguments, out)
            }
            _ => None,
        }
    }

    /// format(): %s, %I, %L, %%, with `n$`. Source: PostgreSQL manual, 9.4.1 "format".
    fn format(&self, pattern: &Decoded<'_>, arguments: &[(usize, usize)], out: &mut Text) -> Option<()> {
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
                let value = formatted(kind, &self.value(from, to)?)?;
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
