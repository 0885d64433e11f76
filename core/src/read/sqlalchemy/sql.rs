//! SQL put together as SQLAlchemy's PostgreSQL dialect does, with the place in the Python file of every part.

use std::rc::Rc;

use super::md5;
use crate::name::quote;
use crate::read::python::{TermKind, Value};
use crate::source::placeholder::UNKNOWN_VALUE;
use crate::source::{Mapped, Span};

/// Something that only a run would know, or that we do not read: where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unknown(pub(crate) Span);

/// What building gives.
pub(crate) type Known<T> = Result<T, Unknown>;

/// A statement in the making. Key words stand for the expression that asks for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    pub(crate) text: Mapped,
}

impl Sql {
    /// A statement that begins with key words.
    pub(crate) fn new(words: &str, span: Span) -> Self {
        let mut sql = Self::default();
        sql.word(words, span);
        sql
    }

    /// Adds key words, with the spaces written.
    pub(crate) fn word(&mut self, words: &str, span: Span) -> &mut Self {
        self.text.push(words, span);
        self
    }

    /// Adds a text as it is.
    pub(crate) fn raw(&mut self, text: &Mapped) -> &mut Self {
        self.text.append(text);
        self
    }

    /// Adds a name, in quotes where it needs them.
    pub(crate) fn name(&mut self, name: &Mapped) -> &mut Self {
        let text = name.as_str();
        let span = name.whole().unwrap_or_default();
        if quote(text) == text {
            self.text.append(name);
        } else {
            self.text.push("\"", span);
            let mut at = 0;
            for (found, _) in text.match_indices('"') {
                self.text.append_range(name, at, found + 1);
                self.text.push("\"", span);
                at = found + 1;
            }
            self.text.append_range(name, at, text.len());
            self.text.push("\"", span);
        }
        self
    }

    /// Adds `schema.name`. A schema that only the configuration of a program knows is taken for the default one.
    pub(crate) fn qualified(&mut self, schema: Option<&Value>, name: &Value) -> Known<&mut Self> {
        // An empty text is no schema either.
        if let Some(schema) = schema.filter(|s| !s.is_none() && s.as_str() != Some(""))
            && let Ok(name) = name_of(schema)
        {
            self.name(&name);
            self.text.push(".", schema.span);
        }
        Ok(self.name(&*name_of(name)?))
    }

    /// Adds names with commas between them.
    pub(crate) fn names(&mut self, names: &[Value]) -> Known<&mut Self> {
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                self.text.push(", ", name.span);
            }
            self.name(&*name_of(name)?);
        }
        Ok(self)
    }

    /// Adds a string constant.
    pub(crate) fn string(&mut self, value: &Mapped, span: Span) -> &mut Self {
        let text = value.as_str();
        self.text.push("'", span);
        let mut at = 0;
        for (found, _) in text.match_indices('\'') {
            self.text.append_range(value, at, found + 1);
            self.text.push("'", span);
            at = found + 1;
        }
        self.text.append_range(value, at, text.len());
        self.text.push("'", span);
        self
    }
}

/// A text with the default schema in the place of those that are not known: `$1.orders`, `"$1".orders`; and whether nothing else of it is unknown.
pub(crate) fn with_default_schema(text: &Mapped) -> (Mapped, bool) {
    let source = text.as_str();
    let named = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.');
    let mut out = Mapped::default();
    let (mut from, mut all) = (0, true);
    for (hole, _) in source.match_indices(UNKNOWN_VALUE) {
        let (before, behind) = (source.get(from..hole).unwrap_or_default(), source.get(hole + 2..).unwrap_or_default());
        let quoted = before.ends_with('"') && behind.starts_with('"');
        let (before, behind) = match quoted {
            true => (before.strip_suffix('"').unwrap_or(before), behind.strip_prefix('"').unwrap_or(behind)),
            false => (before, behind),
        };
        let is_schema = !before.ends_with(named)
            && behind.strip_prefix('.').is_some_and(|behind| behind.starts_with(|c| named(c) || c == '"'));
        all &= is_schema;
        if is_schema {
            out.append_range(text, from, from + before.len());
            out.push("public", text.span(offset(hole), offset(hole + 2)).unwrap_or_default());
            from = source.len() - behind.len();
        }
    }
    out.append_range(text, from, source.len());
    (out, all)
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The longest name of PostgreSQL's.
const MAX_NAME: usize = 63;

/// A name that the library made, or was told to take as made, is cut to the length that the server takes.
/// Source: `IdentifierPreparer._truncate_and_render_maxlen_name`.
pub(crate) fn shorten(name: &str) -> Option<String> {
    if name.chars().count() <= MAX_NAME {
        return None;
    }
    let digest = md5::hex(name);
    let start: String = name.chars().take(MAX_NAME - 8).collect();
    Some(format!("{start}_{}", digest.get(28..).unwrap_or_default()))
}

/// The name that a value stands for: a text, `op.f(…)`, `quoted_name(…)`, `conv(…)`, the name of a table or column made with one.
pub(crate) fn name_of(value: &Value) -> Known<Rc<Mapped>> {
    if let Some(text) = value.as_text() {
        return Ok(Rc::clone(text));
    }
    if let Some((callee, arguments)) = value.as_call()
        && let Some(
            "quoted_name" | "conv" | "f" | "Column" | "column" | "Table" | "table" | "create_table" | "literal_column"
            | "text",
        ) = callee.last_name()
        && let Some(first) = arguments.get(0, "name")
    {
        let name = name_of(first)?;
        return Ok(match callee.last_name() {
            Some("conv" | "f") => match shorten(name.as_str()) {
                Some(short) => Rc::new(Mapped::made(&short, name.whole().unwrap_or(first.span))),
                None => name,
            },
            _ => name,
        });
    }
    // `table.c.name`, `table.c["name"]`.
    match value.as_term() {
        Some(TermKind::Attribute(object, name)) if object.last_name().is_some_and(|n| matches!(n, "c" | "columns")) => {
            Ok(Rc::new(Mapped::made(name, value.span)))
        }
        Some(TermKind::Index(object, name)) if object.last_name().is_some_and(|n| matches!(n, "c" | "columns")) => {
            name_of(name)
        }
        _ => Err(Unknown(value.span)),
    }
}
