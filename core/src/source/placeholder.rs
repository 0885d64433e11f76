//! Template placeholders: where they stand in SQL, and the values that fill them.
//!
//! `{{ x }}` (Go templates, Jinja), `${x}` (Flyway, goose), `%{x}` (Ruby), `$%x%$`, `@x` and `@x@` (SqlRender, extension scripts) and
//! `/* TEMPLATE: x */` (River) are replaced wherever they stand, in quotes too: their tools know no SQL. psql's `:x`, `:'x'` and `:"x"` are not
//! replaced in quotes and comments. Source: PostgreSQL manual, psql, "SQL Interpolation".

use std::collections::{BTreeMap, BTreeSet};

use super::psql::Script;
use super::{FileId, Mapped, Span};

/// The longest placeholder that is looked for, as in the lexer of DDL.
const MAX_PLACEHOLDER: usize = 256;
/// How much text the values may add to one file: a script can make values of values.
const MAX_FILLED_BYTES: usize = 16 << 20;

/// What our readers of other languages than SQL write for a value that only a run would give: PostgreSQL's own sign for one.
pub(crate) const UNKNOWN_VALUE: &str = "$1";

/// What a placeholder's name stands for.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) text: String,
    /// By `\set`, not by whoever started us.
    pub(super) by_script: bool,
}

/// The values of placeholders, at one place of one file.
#[derive(Clone, Debug, Default)]
pub struct Defines {
    pub(super) values: BTreeMap<String, Value>,
    /// Names whose given value filled something.
    pub(super) used: BTreeSet<String>,
    added: usize,
    /// What psql is to do with the lines that come.
    pub(super) script: Script,
    /// What marks placeholders besides the usual: Flyway's prefix and suffix. Names in them are of one case.
    marks: Option<(String, String)>,
    /// Whether variables of the environment stand for values (`-- +goose ENVSUB ON`): `$X`, too, and `${X-default}`.
    environment: bool,
}

/// A statement whose placeholders have their values.
#[derive(Debug)]
pub struct Filled {
    /// The text; values stand where their placeholders do.
    pub text: Mapped,
    /// Whether a value holds a semicolon, so that the text may be several statements.
    pub may_split: bool,
    /// The placeholder from which on nothing was filled, because the values add too much.
    pub gave_up: Option<Span>,
}

impl Defines {
    /// Values by name; of two for one name the later counts.
    pub fn new(given: &[(String, String)]) -> Self {
        let value = |text: &String| Value { text: text.clone(), by_script: false };
        let values = given.iter().map(|(name, text)| (name.clone(), value(text))).collect();
        Self { values, ..Self::default() }
    }

    /// Whether any name has a value.
    pub fn has_values(&self) -> bool {
        !self.values.is_empty()
    }

    /// Lets placeholders stand between marks of one's own, upper and lower case in their names alike.
    pub fn mark_by(&mut self, prefix: &str, suffix: &str) {
        self.marks = Some((prefix.to_owned(), suffix.to_owned()));
    }

    /// Gives a value to a name that has none.
    pub fn define(&mut self, name: &str, text: String) {
        self.values.entry(name.to_owned()).or_insert(Value { text, by_script: false });
    }

    /// A text with the values of its placeholders `${name}`, which are all that Liquibase knows.
    pub fn fill_mapped(&mut self, text: &Mapped) -> Mapped {
        let whole = text.as_str();
        let mut out = Mapped::default();
        let mut done = 0;
        while let Some(start) = whole.get(done..).and_then(|rest| rest.find("${")).map(|at| done + at) {
            let Some(length) = whole.get(start..).and_then(|rest| rest.find('}')) else { break };
            let end = start + length + 1;
            let name = whole.get(start + 2..end - 1).unwrap_or_default().trim();
            let value = self.values.get(name).filter(|v| self.added.saturating_add(v.text.len()) <= MAX_FILLED_BYTES);
            match (value, text.span(offset(start), offset(end))) {
                (Some(value), Some(span)) => {
                    out.append_range(text, done, start);
                    out.push(&value.text, span);
                    self.added += value.text.len();
                    self.used.insert(name.to_owned());
                }
                _ => out.append_range(text, done, end),
            }
            done = end;
        }
        out.append_range(text, done, whole.len());
        out
    }

    /// The names whose given value filled something.
    pub fn used(&self) -> &BTreeSet<String> {
        &self.used
    }

    /// Fills the placeholders of a statement that stands in the file from `start` on. Nothing where it has none that has a value.
    pub fn fill(&mut self, text: &str, file: FileId, start: u32) -> Option<Filled> {
        // Asked of every statement: setting up a search for both bytes takes longer than this look at each colon.
        let bytes = text.as_bytes();
        let has_default = || memchr::memchr_iter(b':', bytes).any(|at| bytes.get(at + 1) == Some(&b'-'));
        if self.values.is_empty() && !self.environment && !has_default() {
            return None;
        }
        let own = self.marks.clone();
        let place = |at: usize| start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let mut filled = Filled { text: Mapped::default(), may_split: false, gave_up: None };
        let marks = own.as_ref().map(|(prefix, suffix)| (prefix.as_str(), suffix.as_str()));
        let mut scanner = Scanner { text, at: 0, context: Context::Code, environment: self.environment, marks };
        let mut done = 0;
        while let Some(found) = scanner.next() {
            let Some((name, value)) = self.value(&found, scanner.context) else {
                scanner.pass(&found);
                continue;
            };
            let span = Span::new(file, place(found.start), place(found.end));
            let written = found.write(&value.text, text.as_bytes().get(found.end).copied());
            self.added = self.added.saturating_add(written.len());
            if self.added > MAX_FILLED_BYTES {
                filled.gave_up = Some(span);
                break;
            }
            if !value.by_script {
                self.used.insert(name);
            }
            filled.may_split |= written.contains(';');
            filled.text.push_verbatim(text.get(done..found.start).unwrap_or_default(), file, place(done));
            filled.text.push(&written, span);
            done = found.end;
            scanner.at = found.end;
        }
        if done == 0 && filled.gave_up.is_none() {
            return None;
        }
        filled.text.push_verbatim(text.get(done..).unwrap_or_default(), file, place(done));
        Some(filled)
    }

    /// Heeds `-- +goose ENVSUB ON` and `OFF`. Source: goose documentation, "Environment variable substitution".
    pub fn substitute(&mut self, on: bool) {
        self.environment = on;
    }

    /// The value of a placeholder, and the name that has it. Without one its own default counts: `${x:-default}`.
    fn value(&self, found: &Placeholder<'_>, context: Context<'_>) -> Option<(String, Value)> {
        let folded = |name: &str| {
            let name = self.marks.is_some().then(|| name.to_lowercase())?;
            self.values.get_key_value(&name)
        };
        let value = |name: &&str| self.values.get_key_value(*name).or_else(|| folded(name));
        let Some((name, value)) = found.names.iter().find_map(value) else {
            let (name, text) = (*found.names.last()?, found.default?.to_owned());
            return Some((name.to_owned(), Value { text, by_script: true }));
        };
        // graphile-migrate and its like replace `:NAME` everywhere, but demand capitals. psql leaves dollar quotes alone.
        if found.style.is_psql() && context != Context::Code {
            let capitals = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
            if value.by_script || !capitals {
                return None;
            }
        }
        Some((name.clone(), value.clone()))
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The name to give a value to, of the first placeholder in a text.
pub fn name_of(text: &str) -> Option<&str> {
    let found = (0..text.len().min(MAX_PLACEHOLDER)).find_map(|at| placeholder_at(text, at, Context::Code))?;
    found.names.last().copied()
}

/// How the value of a placeholder is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Style {
    /// As it is.
    Text,
    /// As a schema in front of a name, the dot included.
    Prefix,
    /// psql's `:x`.
    Variable,
    /// psql's `:'x'`.
    Literal,
    /// psql's `:"x"`.
    Identifier,
}

impl Style {
    fn is_psql(self) -> bool {
        matches!(self, Self::Variable | Self::Literal | Self::Identifier)
    }
}

/// A placeholder of a text.
#[derive(Debug)]
pub(super) struct Placeholder<'a> {
    start: usize,
    pub(super) end: usize,
    /// What its name may be, the plainest last.
    pub(super) names: Vec<&'a str>,
    style: Style,
    /// What it says itself that it stands for where nobody gives a value.
    default: Option<&'a str>,
}

impl Placeholder<'_> {
    /// The value as it stands in the SQL before the byte `next`.
    pub(super) fn write(&self, value: &str, next: Option<u8>) -> String {
        match self.style {
            Style::Text | Style::Variable => value.to_owned(),
            Style::Prefix => {
                let before_name = next.is_some_and(|b| is_word(b) || b == b'"');
                let dot = if before_name && !value.is_empty() && !value.ends_with('.') { "." } else { "" };
                format!("{value}{dot}")
            }
            // As libpq's PQescapeLiteral writes it.
            Style::Literal if value.contains('\\') => {
                format!(" E'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
            }
            Style::Literal => format!("'{}'", value.replace('\'', "''")),
            Style::Identifier => format!("\"{}\"", value.replace('"', "\"\"")),
        }
    }
}

/// What a place in a statement is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Context<'a> {
    Code,
    String {
        escapes: bool,
    },
    Quoted,
    /// Up to the delimiter.
    Dollar(&'a [u8]),
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_word_start(byte: u8) -> bool {
    is_word(byte) && !byte.is_ascii_digit()
}

/// What the name of a psql variable is made of.
pub(super) fn is_variable(byte: u8) -> bool {
    is_word(byte)
}

/// The placeholder that begins at the byte.
pub(super) fn placeholder_at<'a>(text: &'a str, at: usize, context: Context<'_>) -> Option<Placeholder<'a>> {
    let bytes = text.as_bytes();
    let first = *bytes.get(at)?;
    let second = bytes.get(at + 1).copied().unwrap_or(0);
    let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or(0);
    let word_end = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len())
    };
    let found =
        |end: usize, names: Vec<&'a str>, style| Some(Placeholder { start: at, end, names, style, default: None });
    match (first, second) {
        (b'{', b'{') => {
            let (inner, end) = delimited(text, at, "}}")?;
            found(end, template_names(inner), Style::Text)
        }
        (b'%', b'{') | (b'$', b'{') => {
            let (inner, end) = delimited(text, at, "}")?;
            let mut names = vec![inner.trim()];
            // `${x:-default}`, as in a shell.
            let shell = inner.split_once(":-");
            names.extend(shell.map(|(name, _)| name.trim()));
            Some(Placeholder { default: shell.map(|(_, default)| default), ..found(end, names, Style::Text)? })
        }
        (b'$', b'%') => {
            let (inner, end) = delimited(text, at, "%$")?;
            found(end, vec![inner.trim()], Style::Text)
        }
        (b'/', b'*') => {
            let (inner, end) = delimited(text, at, "*/")?;
            found(end, vec![inner.trim().strip_prefix("TEMPLATE:")?.trim()], Style::Prefix)
        }
        (b'@', second) if is_word_start(second) => {
            // `<@x`, `@@x` are operators; `a@x` in a string is an address.
            let operator = matches!(before, b'@' | b'<' | b'>' | b'!' | b'?' | b'~' | b'#' | b'&' | b'*' | b'-' | b'^');
            if operator || (context != Context::Code && is_word(before)) {
                return None;
            }
            let end = word_end(at + 1);
            let name = text.get(at + 1..end)?;
            found(end + usize::from(bytes.get(end) == Some(&b'@')), vec![name], Style::Text)
        }
        (b':', b'\'' | b'"') if context == Context::Code && before != b':' => {
            let end = word_end(at + 2);
            let name = text.get(at + 2..end).filter(|name| !name.is_empty())?;
            let style = if second == b'"' { Style::Identifier } else { Style::Literal };
            if bytes.get(end) == Some(&second) { found(end + 1, vec![name], style) } else { None }
        }
        (b':', second) if is_word_start(second) && before != b':' => {
            let may = match context {
                Context::Code => true,
                Context::Dollar(_) => !is_word(before),
                Context::String { .. } | Context::Quoted => false,
            };
            let end = word_end(at + 1);
            if may { found(end, vec![text.get(at + 1..end)?], Style::Variable) } else { None }
        }
        _ => None,
    }
}

/// The variable of the environment that begins at the byte: `$X`, `${X}`, `${X:-default}`, `${X-default}`. `$x$` opens a quote.
fn variable_at(text: &str, at: usize) -> Option<Placeholder<'_>> {
    let bytes = text.as_bytes();
    let braces = bytes.get(at + 1) == Some(&b'{');
    let start = at + 1 + usize::from(braces);
    if bytes.get(at) != Some(&b'$') || !bytes.get(start).copied().is_some_and(is_word_start) {
        return None;
    }
    let rest = bytes.get(start..)?;
    let name_end = start + rest.iter().position(|b| !is_word(*b)).unwrap_or(rest.len());
    let names = vec![text.get(start..name_end)?];
    let style = Style::Text;
    if !braces {
        let quotes = bytes.get(name_end) == Some(&b'$');
        return (!quotes).then_some(Placeholder { start: at, end: name_end, names, style, default: None });
    }
    let (inner, end) = delimited(text, at, "}")?;
    let after = inner.get(name_end - start..)?;
    let default = after.strip_prefix(":-").or_else(|| after.strip_prefix('-'));
    (after.is_empty() || default.is_some()).then_some(Placeholder { start: at, end, names, style, default })
}

/// The placeholder between marks of one's own that begins at the byte.
fn marked_at<'a>(text: &'a str, at: usize, prefix: &str, suffix: &str) -> Option<Placeholder<'a>> {
    if !text.as_bytes().get(at..)?.starts_with(prefix.as_bytes()) {
        return None;
    }
    let start = at + prefix.len();
    let rest = text.as_bytes().get(start..)?;
    let near = rest.get(..MAX_PLACEHOLDER).unwrap_or(rest);
    let length = memchr::memmem::find(near, suffix.as_bytes()).filter(|length| *length > 0)?;
    let names = vec![text.get(start..start + length)?.trim()];
    Some(Placeholder { start: at, end: start + length + suffix.len(), names, style: Style::Text, default: None })
}

/// What stands between two bytes at `at` and `close`, on the same line and not far off, and where that ends.
fn delimited<'a>(text: &'a str, at: usize, close: &str) -> Option<(&'a str, usize)> {
    let rest = text.as_bytes().get(at + 2..)?;
    let near = rest.get(..MAX_PLACEHOLDER).unwrap_or(rest);
    let line = near.get(..memchr::memchr(b'\n', near).unwrap_or(near.len()))?;
    let length = memchr::memmem::find(line, close.as_bytes())?;
    Some((text.get(at + 2..at + 2 + length)?, at + 2 + length + close.len()))
}

/// What the name of `{{ inner }}` may be: all of it, without the marks of a template, or its last word in quotes.
fn template_names(inner: &str) -> Vec<&str> {
    let whole = inner.trim();
    let plain = whole.trim_matches('-').trim();
    let mut names = vec![whole, plain, plain.strip_prefix('.').unwrap_or(plain)];
    let quoted = plain.char_indices().rev().find(|(_, c)| matches!(c, '"' | '\'')).and_then(|(end, quote)| {
        let start = plain.get(..end)?.rfind(quote)?;
        plain.get(start + 1..end)
    });
    names.extend(quoted);
    names.dedup();
    names
}

/// Walks over a statement from placeholder to placeholder.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    context: Context<'a>,
    /// Whether variables of the environment are placeholders.
    environment: bool,
    /// Marks of placeholders besides the usual.
    marks: Option<(&'a str, &'a str)>,
}

impl<'a> Scanner<'a> {
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The next placeholder; `at` stays at its first byte.
    fn next(&mut self) -> Option<Placeholder<'a>> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if self.environment
                && let Some(found) = variable_at(self.text, self.at)
            {
                return Some(found);
            }
            if let Some((prefix, suffix)) = self.marks
                && let Some(found) = marked_at(self.text, self.at, prefix, suffix)
            {
                return Some(found);
            }
            if matches!(byte, b'{' | b'%' | b'$' | b'/' | b'@' | b':')
                && let Some(found) = placeholder_at(self.text, self.at, self.context)
            {
                return Some(found);
            }
            self.step(byte);
        }
    }

    /// Goes behind a placeholder that has no value. Elsewhere than in code and at the start of a quoted name it is text like any other.
    fn pass(&mut self, found: &Placeholder<'a>) {
        let whole = match self.context {
            Context::Code => true,
            Context::Quoted => self.byte(found.start) == b'{' && self.byte(found.start.saturating_sub(1)) == b'"',
            Context::String { .. } | Context::Dollar(_) => false,
        };
        self.at = if whole { found.end } else { found.start + 1 };
    }

    /// Goes over one byte, or what is one: a comment, an escape.
    fn step(&mut self, byte: u8) {
        let second = self.byte(self.at + 1);
        let before = |n: usize| self.at.checked_sub(n).map_or(0, |at| self.byte(at));
        let mut length = 1;
        match self.context {
            Context::Code => match byte {
                b'-' if second == b'-' => length = self.to_behind(memchr::memchr(b'\n', self.rest())),
                b'/' if second == b'*' => return self.comment(),
                b'\'' => {
                    let escapes = matches!(before(1), b'e' | b'E') && !is_word(before(2));
                    self.context = Context::String { escapes };
                }
                b'"' => self.context = Context::Quoted,
                b':' if second == b':' => length = 2,
                b'$' if !is_word(before(1)) => {
                    if let Some(delimiter) = self.dollar_tag() {
                        length = delimiter.len();
                        self.context = Context::Dollar(delimiter);
                    }
                }
                _ => {}
            },
            Context::String { escapes } => match byte {
                b'\\' if escapes => length = 2,
                b'\'' if second == b'\'' => length = 2,
                b'\'' => self.context = Context::Code,
                _ => {}
            },
            Context::Quoted => match byte {
                b'"' if second == b'"' => length = 2,
                b'"' => self.context = Context::Code,
                _ => {}
            },
            Context::Dollar(delimiter) if byte == b'$' && self.rest().starts_with(delimiter) => {
                length = delimiter.len();
                self.context = Context::Code;
            }
            Context::Dollar(_) => {}
        }
        self.at += length;
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// How far it is to behind the byte found in the rest; to the end where none was.
    fn to_behind(&self, found: Option<usize>) -> usize {
        found.map_or(self.rest().len(), |at| at + 1)
    }

    /// `/* … */`, which nests.
    fn comment(&mut self) {
        let mut depth = 0u32;
        loop {
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'/', b'*') => depth += 1,
                (b'*', b'/') => depth -= 1,
                _ => {
                    let Some(next) = self.rest().get(1..).and_then(|rest| memchr::memchr2(b'*', b'/', rest)) else {
                        self.at = self.text.len();
                        return;
                    };
                    self.at += next + 1;
                    continue;
                }
            }
            self.at += 2;
            if depth == 0 {
                return;
            }
        }
    }

    /// `$tag$`.
    fn dollar_tag(&self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let name = rest.get(1..)?.iter().position(|b| !is_word(*b))?;
        let starts_well = !rest.get(1).is_some_and(u8::is_ascii_digit);
        if starts_well && rest.get(name + 1) == Some(&b'$') { rest.get(..name + 2) } else { None }
    }
}
