//! Tokens of MySQL and SQLite, in the kinds that PostgreSQL's have: a name in any quotes is [`TokenKind::Quoted`], a string in any is
//! [`TokenKind::String`].
//!
//! Sources: MySQL's manual, chapter 11 "Language Structure"; SQLite's "SQLite Keywords" and "SQL As Understood By SQLite".

use crate::analysis::Dialect;
use crate::read::ddl::lexer::{Token, TokenKind};

/// Comments for a later server than this are comments to every server: tools write what they have to say to each other into them.
const NO_SERVER: u32 = 900_000;

/// Appends the tokens of `text`, at most `limit` of them. Gives where something opens that never closes.
pub(super) fn lex(text: &str, tokens: &mut Vec<Token>, dialect: Dialect, limit: usize) -> Option<u32> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, mysql: dialect == Dialect::MySql, open: None };
    while tokens.len() < limit {
        lexer.skip_blank();
        let start = lexer.at;
        let Some(first) = lexer.bytes.get(start) else { break };
        let kind = lexer.token(*first);
        tokens.push(Token { kind, start: offset(start), end: offset(lexer.at) });
    }
    lexer.open
}

/// The text of a name or string without its quotes.
pub(super) fn unquoted(text: &str, escapes: bool) -> String {
    let mut chars = text.chars();
    let Some(quote) = chars.next() else { return String::new() };
    let close = if quote == '[' { ']' } else { quote };
    let inner = chars.as_str();
    let inner = inner.strip_suffix(close).unwrap_or(inner);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if escapes => out.extend(chars.next().map(|c| match c {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            })),
            c if c == close && chars.peek() == Some(&close) => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    out
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    mysql: bool,
    open: Option<u32>,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl Lexer<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// White space and comments; what MySQL runs of a comment is no comment.
    fn skip_blank(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            let next = self.byte(self.at + 1);
            match byte {
                b if b.is_ascii_whitespace() || *b == 0x0b => self.at += 1,
                b'-' if next == b'-' => self.skip_line(),
                b'#' if self.mysql => self.skip_line(),
                b'/' if next == b'*' && self.mysql && self.is_executable() => {
                    self.at += 3;
                    while self.byte(self.at).is_ascii_digit() {
                        self.at += 1;
                    }
                }
                // The end of what is run.
                b'*' if next == b'/' && self.mysql => self.at += 2,
                b'/' if next == b'*' => {
                    let rest = self.bytes.get(self.at + 2..).unwrap_or_default();
                    match memchr::memmem::find(rest, b"*/") {
                        Some(end) => self.at += end + 4,
                        None => {
                            self.open.get_or_insert(offset(self.at));
                            self.at = self.bytes.len();
                        }
                    }
                }
                _ => return,
            }
        }
    }

    /// `/*!` with the version of a server that there is, or none.
    fn is_executable(&self) -> bool {
        let rest = self.bytes.get(self.at + 2..).unwrap_or_default();
        let Some(rest) = rest.strip_prefix(b"!") else { return false };
        let digits = rest.iter().take(7).take_while(|b| b.is_ascii_digit());
        digits.fold(0_u32, |n, b| n * 10 + u32::from(b - b'0')) < NO_SERVER
    }

    fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn token(&mut self, first: u8) -> TokenKind {
        let second = self.byte(self.at + 1);
        let kind = match first {
            b'\'' => return self.quoted(first, TokenKind::String),
            b'"' if self.mysql => return self.quoted(first, TokenKind::String),
            b'"' | b'`' => return self.quoted(first, TokenKind::Quoted),
            b'[' if !self.mysql => return self.quoted(b']', TokenKind::Quoted),
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if second == b'\'' => {
                self.at += 1;
                return self.quoted(b'\'', TokenKind::String);
            }
            b if b.is_ascii_digit() || (b == b'.' && second.is_ascii_digit()) => {
                self.skip_while(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_');
                // A name may begin with digits, but is more than them.
                return TokenKind::Number;
            }
            b if is_word(b) => {
                self.skip_while(is_word);
                return TokenKind::Word;
            }
            b'@' => {
                self.skip_while(|b| b == b'@' || is_word(b) || b == b'.');
                return TokenKind::Param;
            }
            b'(' => TokenKind::LeftParen,
            b')' => TokenKind::RightParen,
            b',' => TokenKind::Comma,
            b';' => TokenKind::Semicolon,
            b'.' => TokenKind::Dot,
            b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'%' | b'^' | b'&' | b'|' | b':' => {
                TokenKind::Operator
            }
            _ => TokenKind::Other,
        };
        self.at += 1;
        kind
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| !test(*b)).unwrap_or(rest.len()).max(1);
    }

    /// From an opening quote to behind the closing one.
    fn quoted(&mut self, close: u8, kind: TokenKind) -> TokenKind {
        let start = self.at;
        let escapes = self.mysql && kind == TokenKind::String;
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            if *byte == b'\\' && escapes {
                self.at = (self.at + 2).min(self.bytes.len());
            } else if *byte == close {
                self.at += 1;
                if self.byte(self.at) != close || close == b']' {
                    return kind;
                }
                self.at += 1;
            } else {
                self.at += 1;
            }
        }
        self.open.get_or_insert(offset(start));
        kind
    }
}
