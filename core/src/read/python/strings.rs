//! String literals: prefixes, escapes, replacement fields. Source: the Python Language Reference, 2.4.

use super::lexer::Token;
use crate::source::{FileId, Mapped, Span};

/// A literal taken apart.
pub(super) struct Literal {
    pub(super) raw: bool,
    pub(super) bytes: bool,
    /// The range between the quotes.
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Takes the prefix and the quotes off.
pub(super) fn literal(text: &str, token: Token) -> Literal {
    let whole = text.get(token.start as usize..token.end as usize).unwrap_or_default();
    let prefix = whole.find(['"', '\'']).unwrap_or(0);
    let letters = whole.get(..prefix).unwrap_or_default();
    let has = |c: char| letters.chars().any(|l| l.eq_ignore_ascii_case(&c));
    let body = whole.get(prefix..).unwrap_or_default();
    let quotes = if body.len() >= 6 && (body.starts_with("\"\"\"") || body.starts_with("'''")) { 3 } else { 1 };
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let from = token.start + offset(prefix + quotes);
    Literal { raw: has('r'), bytes: has('b'), from, to: token.end.saturating_sub(offset(quotes)).max(from) }
}

/// A module's text and where it begins in its file.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    pub(super) file: FileId,
    pub(super) base: u32,
}

/// How a literal writes its text.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// Backslashes are text.
    pub(super) raw: bool,
    /// Braces are doubled.
    pub(super) template: bool,
}

/// Adds the text that a stretch of a literal stands for.
pub(super) fn decode(source: Source<'_>, from: u32, to: u32, form: Form, out: &mut Mapped) {
    let Source { text, file, base } = source;
    let Form { raw, template } = form;
    let body = text.get(from as usize..to as usize).unwrap_or_default();
    let place = |at: usize| base.saturating_add(from).saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let bytes = body.as_bytes();
    let mut plain = 0;
    let mut at = 0;
    let flush = |plain: usize, at: usize, out: &mut Mapped| {
        out.push_verbatim(body.get(plain..at).unwrap_or_default(), file, place(plain));
    };
    while let Some(byte) = bytes.get(at).copied() {
        let (len, stands_for): (usize, Option<String>) = match byte {
            b'\\' if !raw => escape(body, at),
            b'{' | b'}' if template && bytes.get(at + 1) == Some(&byte) => (2, Some((byte as char).to_string())),
            // A line end is `\n`, however the file writes it.
            b'\r' => (if bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 }, Some("\n".to_owned())),
            _ => {
                at += 1;
                continue;
            }
        };
        flush(plain, at, out);
        if let Some(text) = stands_for {
            out.push(&text, Span::new(file, place(at), place(at + len)));
        } else {
            out.push_verbatim(body.get(at..at + len).unwrap_or_default(), file, place(at));
        }
        at += len;
        plain = at;
    }
    flush(plain, body.len(), out);
}

/// The length of the escape at `at`, and what it stands for; nothing where it is no escape and stands for itself.
fn escape(body: &str, at: usize) -> (usize, Option<String>) {
    let bytes = body.as_bytes();
    let Some(next) = bytes.get(at + 1).copied() else { return (1, None) };
    let simple = |text: &str| (2, Some(text.to_owned()));
    let hex = |digits: usize| {
        let code = body.get(at + 2..at + 2 + digits).and_then(|text| u32::from_str_radix(text, 16).ok());
        match code {
            Some(code) => (2 + digits, Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER).to_string())),
            None => (2, None),
        }
    };
    match next {
        b'\n' => simple(""),
        b'\r' => (if bytes.get(at + 2) == Some(&b'\n') { 3 } else { 2 }, Some(String::new())),
        b'\\' => simple("\\"),
        b'\'' => simple("'"),
        b'"' => simple("\""),
        b'a' => simple("\x07"),
        b'b' => simple("\x08"),
        b'f' => simple("\x0c"),
        b'n' => simple("\n"),
        b'r' => simple("\r"),
        b't' => simple("\t"),
        b'v' => simple("\x0b"),
        b'0'..=b'7' => {
            let digits = bytes.iter().skip(at + 1).take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            let code = body.get(at + 1..at + 1 + digits).and_then(|text| u32::from_str_radix(text, 8).ok());
            (1 + digits, code.and_then(char::from_u32).map(|c| c.to_string()))
        }
        b'x' => hex(2),
        b'u' => hex(4),
        b'U' => hex(8),
        b'N' if bytes.get(at + 2) == Some(&b'{') => {
            let len = body.get(at..).and_then(|rest| rest.find('}')).map_or(2, |len| len + 1);
            (len, Some(char::REPLACEMENT_CHARACTER.to_string()))
        }
        // Not an escape: backslash and character stay.
        _ => (1 + body.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8), None),
    }
}
