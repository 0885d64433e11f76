//! The comments of a file: what its author says to people.

use crate::source::{FileId, Sources, Span};

/// One comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Comment<'a> {
    /// Its text without the marks around it.
    pub(crate) text: &'a str,
    /// Where it stands, marks included.
    pub(crate) span: Span,
}

/// Where a comment stands.
#[derive(Clone, Copy)]
pub(super) struct CommentPlace {
    /// Its text without the marks around it.
    text: Span,
    /// The same with them.
    whole: Span,
}

impl CommentPlace {
    /// The comment that stands there.
    pub(super) fn read(self, sources: &Sources) -> Option<Comment<'_>> {
        let text = if self.text.start == self.text.end { "" } else { sources.text(self.text)? };
        Some(Comment { text, span: self.whole })
    }
}

/// The comments of a file in order, as far as its text was kept. What stands in strings, quoted names and bodies of functions is none.
pub(crate) fn comments(sources: &Sources, file: FileId) -> Vec<Comment<'_>> {
    comment_places(sources, file).into_iter().filter_map(|place| place.read(sources)).collect()
}

/// Where they stand.
pub(super) fn comment_places(sources: &Sources, file: FileId) -> Vec<CommentPlace> {
    let Some(source) = sources.file(file) else { return Vec::new() };
    let python = source.name.ends_with(".py");
    let mut out = Vec::new();
    for (start, text) in source.kept() {
        let mut at = 0;
        while let Some(found) = if python { python_comment(text, at) } else { sql_comment(text, at) } {
            let (from, to, inner) = found;
            let mark = if python { 1 } else { 2 };
            let first = from + mark + (inner.len() - inner.trim_start().len());
            let span = |from: usize, to: usize| {
                let offset = |n: usize| start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
                Span::new(file, offset(from), offset(to))
            };
            out.push(CommentPlace { text: span(first, first + inner.trim().len()), whole: span(from, to) });
            at = to;
        }
    }
    out
}

/// What a Python file says of itself: the string that it starts with.
pub(crate) fn docstring(sources: &Sources, file: FileId) -> Option<Comment<'_>> {
    let source = sources.file(file).filter(|s| s.name.ends_with(".py"))?;
    let (start, text) = source.kept().next().filter(|(start, _)| *start == 0)?;
    let from = text.len() - text.trim_start().len();
    let quote = ["\"\"\"", "'''"].into_iter().find(|q| text.get(from..).is_some_and(|t| t.starts_with(q)))?;
    let to = behind(text, from + quote.len(), quote);
    let inner = text.get(from + quote.len()..to)?.trim_end_matches(quote);
    let offset = |n: usize| start.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
    Some(Comment { text: inner.trim(), span: Span::new(file, offset(from), offset(to)) })
}

/// The end of the line that `at` is in.
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |n| at + n)
}

/// The byte behind the next `end` from `at` on.
fn behind(text: &str, at: usize, end: &str) -> usize {
    text.get(at..).and_then(|rest| rest.find(end)).map_or(text.len(), |n| at + n + end.len())
}

/// The next comment of SQL from `at` on: its first byte, the byte behind it, its text.
fn sql_comment(text: &str, mut at: usize) -> Option<(usize, usize, &str)> {
    let bytes = text.as_bytes();
    let opens = |byte: &u8| matches!(byte, b'-' | b'/' | b'\'' | b'"' | b'$');
    while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(opens)) {
        at += next;
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'-', Some(b'-')) => {
                let end = line_end(text, at);
                return Some((at, end, text.get(at + 2..end)?));
            }
            (b'/', Some(b'*')) => {
                let end = behind(text, at + 2, "*/");
                return Some((at, end, text.get(at + 2..end)?.trim_end_matches("*/")));
            }
            // A doubled quote ends one string and starts the next, which comes to the same.
            (b'\'', _) => at = behind(text, at + 1, "'"),
            (b'"', _) => at = behind(text, at + 1, "\""),
            (b'$', _) => match dollar_quote(text, at) {
                Some(tag) => at = behind(text, at + tag.len(), tag),
                None => at += 1,
            },
            _ => at += 1,
        }
    }
    None
}

/// `$tag$` at `at`.
fn dollar_quote(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at + 1..)?;
    let end = rest.find('$')?;
    let tag = rest.get(..end)?;
    let named =
        tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !tag.starts_with(|c: char| c.is_ascii_digit());
    named.then(|| text.get(at..at + end + 2)).flatten()
}

/// The next comment of Python from `at` on.
fn python_comment(text: &str, mut at: usize) -> Option<(usize, usize, &str)> {
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => {
                let end = line_end(text, at);
                return Some((at, end, text.get(at + 1..end)?));
            }
            b'\'' | b'"' => {
                let quote = if *byte == b'"' { "\"" } else { "'" };
                let triple = quote.repeat(3);
                at = if text.get(at..).is_some_and(|rest| rest.starts_with(&triple)) {
                    behind(text, at + 3, &triple)
                } else {
                    behind(text, at + 1, quote)
                };
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(sources: &'a mut Sources, name: &str, text: &str) -> Vec<&'a str> {
        let file = sources.add(name.to_owned());
        if let Some(f) = sources.file_mut(file) {
            f.keep(0, 1, 1, text);
        }
        comments(sources, file).into_iter().map(|c| c.text).collect()
    }

    #[test]
    fn comments_are_told_from_strings_and_bodies() {
        let sql = "-- one\nSELECT '-- no', \"/* no */\", $$ -- no $$, $1; /* two */ -- three";
        assert_eq!(texts(&mut Sources::default(), "a.sql", sql), ["one", "two", "three"]);
        let python = "x = '# no'  # one\n\"\"\"\n# no\n\"\"\"\n# two";
        assert_eq!(texts(&mut Sources::default(), "a.py", python), ["one", "two"]);
    }
}
