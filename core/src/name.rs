//! Names: as written, and as the database keeps them. The one place where folding happens.

use smol_str::SmolStr;

use crate::source::Span;

/// A name as the database keeps it, after folding.
pub type Name = SmolStr;

/// An identifier as it stands in the source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The text without quotes, doubled quotes undone; case as written.
    pub text: SmolStr,
    /// Whether it stood in quotes, and so keeps its case.
    pub quoted: bool,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Ident {
    /// The name as PostgreSQL keeps it: unquoted names in lower case (ASCII only, as in a UTF-8 database), cut to 63 bytes.
    /// Source: PostgreSQL manual, 4.1.1 "Identifiers and Key Words".
    pub fn fold(&self) -> Name {
        // One look at all bytes without leaving early, which compiles to a few wide instructions: most names need nothing.
        let (mut upper, mut brace) = (false, false);
        for byte in self.text.bytes() {
            upper |= byte.is_ascii_uppercase();
            brace |= byte == b'{';
        }
        // A template placeholder is filled in before the server sees it: its own case and blanks mean nothing.
        if brace && self.text.contains("{{") {
            return self.text.split_whitespace().collect::<String>().into();
        }
        let folded: Name =
            if self.quoted || !upper { self.text.clone() } else { self.text.to_ascii_lowercase().into() };
        if folded.len() > MAX_NAME_BYTES { truncate(&folded, MAX_NAME_BYTES).into() } else { folded }
    }
}

/// NAMEDATALEN - 1: the longest name that PostgreSQL keeps, in bytes.
pub const MAX_NAME_BYTES: usize = 63;

/// `text` cut to at most `bytes` bytes without splitting a character.
pub fn truncate(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let mut end = bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A name with an optional schema in front, as written. A database part (`db.schema.name`) is read and dropped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QualifiedName {
    /// The schema, where one is written.
    pub schema: Option<Ident>,
    /// The object's own name.
    pub name: Ident,
}

impl QualifiedName {
    /// From the schema's first byte to the name's last.
    pub fn span(&self) -> Span {
        self.schema.as_ref().map_or(self.name.span, |s| s.span.to(self.name.span))
    }
}

/// `name` as SQL: in double quotes where PostgreSQL's `quote_ident` would put them.
pub fn quote(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    push_quoted(&mut out, name);
    out
}

/// Appends `name` as [`quote`] gives it.
pub(crate) fn push_quoted(out: &mut String, name: &str) {
    let starts_well = name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    let plain = starts_well && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'_' | b'0'..=b'9'));
    if plain && !crate::keywords::needs_quotes(name) {
        out.push_str(name);
        return;
    }
    out.push('"');
    for c in name.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

/// The parts of a path, each as [`quote`] gives it, with dots between them.
pub(crate) fn join_quoted(parts: &[&str]) -> String {
    let mut out = String::with_capacity(parts.iter().map(|p| p.len() + 1).sum::<usize>());
    for part in parts {
        if !out.is_empty() {
            out.push('.');
        }
        push_quoted(&mut out, part);
    }
    out
}
