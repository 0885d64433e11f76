//! Text without its marks: back quotes, stars, links, tags, escapes and arrows become what they stand for, each byte with its place.

use crate::read::ddl::lexer::{Token, TokenKind, lex};
use crate::read::ddl::patched::Patched;

use super::block::Text;

/// The most tokens of one cell or line that are looked at: what is longer is prose.
const MAX_TOKENS: usize = 2000;
/// Tags that may stand inside a line and mean nothing here.
const INLINE_TAGS: &[&str] = &[
    "a", "b", "code", "del", "div", "em", "i", "kbd", "mark", "p", "pre", "s", "small", "span", "strong", "sub", "sup",
    "tt", "u",
];
/// Character references that schema documents use.
const REFERENCES: &[(&str, &str)] = &[
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&#124;", "|"),
    ("&vert;", "|"),
    ("&nbsp;", " "),
    ("&rarr;", "->"),
];

/// A cell or line without marks, and its tokens.
#[derive(Clone, Debug, Default)]
pub(super) struct Clean {
    pub(super) sql: Patched,
    pub(super) tokens: Vec<Token>,
}

impl Clean {
    /// Cleans a text. `base` is where the document begins in its file.
    pub(super) fn new(source: Text<'_>, base: u32) -> Self {
        let sql = clean(source, base);
        let mut tokens = Vec::new();
        lex(sql.text(), &mut tokens, MAX_TOKENS);
        Self { sql, tokens }
    }

    pub(super) fn text(&self) -> &str {
        self.sql.text()
    }

    pub(super) fn kind(&self, n: usize) -> TokenKind {
        self.tokens.get(n).map_or(TokenKind::End, |t| t.kind)
    }

    /// The text of a token; empty past the end.
    pub(super) fn token(&self, n: usize) -> &str {
        self.tokens.get(n).and_then(|t| self.text().get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    /// Whether a token is this word, whatever its case.
    pub(super) fn is(&self, n: usize, word: &str) -> bool {
        self.kind(n) == TokenKind::Word && self.token(n).eq_ignore_ascii_case(word)
    }

    /// Whether these words follow each other from token `n` on.
    pub(super) fn are(&self, n: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.is(n + i, word))
    }

    pub(super) fn is_any(&self, n: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(n, word))
    }

    /// The byte range of the tokens from `from` up to, not including, `to`.
    pub(super) fn bytes(&self, from: usize, to: usize) -> (usize, usize) {
        let start = self.tokens.get(from).map_or(self.text().len(), |t| t.start as usize);
        let end = to.checked_sub(1).and_then(|n| self.tokens.get(n)).map_or(start, |t| t.end as usize);
        (start, end.max(start))
    }

    /// The tokens from `from` up to, not including, `to`, as SQL.
    pub(super) fn part(&self, from: usize, to: usize) -> Patched {
        let (start, end) = self.bytes(from, to);
        let mut out = Patched::default();
        out.append_part(&self.sql, start, end);
        out
    }

    /// The place in the file of tokens.
    pub(super) fn place(&self, from: usize, to: usize) -> (u32, u32) {
        let (start, end) = self.bytes(from, to);
        self.sql.place(start, end)
    }

    /// The index behind the parenthesis that closes the one at token `n`; `None` where it never closes.
    pub(super) fn behind_group(&self, n: usize) -> Option<usize> {
        let mut depth = 0_u32;
        for (index, token) in self.tokens.iter().enumerate().skip(n) {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(index + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// The text alone, without places.
pub(super) fn plain(source: &str) -> String {
    clean(Text { text: source, at: 0 }, 0).text().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn clean(source: Text<'_>, base: u32) -> Patched {
    let text = source.text;
    let start = base.saturating_add(u32::try_from(source.at).unwrap_or(u32::MAX));
    let place = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    let mut out = Patched::default();
    let mut at = 0;
    // The first byte that was not copied yet.
    let mut from = 0;
    // Ends of link targets that are left out.
    let mut skips: Vec<(usize, usize)> = Vec::new();
    let mut bracket_misses = 0_u32;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let width = c.len_utf8();
        // How many bytes are replaced, and by what.
        let change: Option<(usize, &str)> = match c {
            _ if skips.last().is_some_and(|(from, _)| *from == at) => skips.pop().map(|(from, to)| (to - from, " ")),
            '`' => Some((1, " ")),
            '*' if rest.starts_with("**") => Some((2, " ")),
            '~' if rest.starts_with("~~") => Some((2, " ")),
            '_' if rest.starts_with("__") && (at == 0 || text.trim_end().len() == at + 2) => Some((2, " ")),
            '*' | '_' if at == 0 || at + 1 == text.len() => {
                let wraps = text.len() > 2 && text.starts_with(c) && text.ends_with(c);
                (wraps && c == '*').then_some((1, " "))
            }
            '\\' => match rest.chars().nth(1) {
                Some(next) if next.is_ascii_punctuation() => {
                    copy(&mut out, text, from, at, &place);
                    from = at + 1;
                    at += 2;
                    continue;
                }
                _ => None,
            },
            '→' | '⇒' | '➔' | '➜' | '⟶' | '↦' | '➡' => Some((width, " -> ")),
            '\u{a0}' | '\u{200b}' | '\u{feff}' | '\u{fe0f}' => Some((width, " ")),
            '‘' | '’' => Some((width, "'")),
            '“' | '”' => Some((width, "\"")),
            '&' => REFERENCES.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, value)| (name.len(), *value)),
            '<' => tag(rest),
            '[' if bracket_misses < 64 => match link(rest) {
                Some((close, end)) => {
                    skips.push((at + close, at + end));
                    Some((1, " "))
                }
                None => {
                    bracket_misses += 1;
                    None
                }
            },
            _ => None,
        };
        if let Some((length, value)) = change {
            copy(&mut out, text, from, at, &place);
            out.say(value, place(at), place(at + length));
            at += length;
            from = at;
        } else {
            at += width;
        }
    }
    copy(&mut out, text, from, text.len(), &place);
    out
}

fn copy(out: &mut Patched, text: &str, from: usize, to: usize, place: &impl Fn(usize) -> u32) {
    if from < to {
        out.copy(text.get(from..to).unwrap_or_default(), place(from));
    }
}

/// The length of an inline tag, and what it stands for.
fn tag(rest: &str) -> Option<(usize, &'static str)> {
    let end = rest.bytes().take(200).position(|b| b == b'>')?;
    let name: String =
        rest.get(1..end)?.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    if name == "br" {
        return Some((end + 1, ", "));
    }
    INLINE_TAGS.contains(&name.as_str()).then_some((end + 1, " "))
}

/// The offset of `](` and that behind the closing parenthesis of a link `[text](target)`.
fn link(rest: &str) -> Option<(usize, usize)> {
    let close = rest.bytes().take(300).position(|b| b == b']')?;
    if close < 2 || rest.as_bytes().get(close + 1) != Some(&b'(') {
        return None;
    }
    let end = rest.get(close..)?.bytes().take(600).position(|b| b == b')')?;
    Some((close, close + end + 1))
}
