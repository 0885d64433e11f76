//! Types behind casts and before constants, and constants that name a relation.

use super::super::Replayer;
use super::super::conflict::state;
use super::{Missing, Scanner};
use crate::name::Ident;
use crate::operation::TypeName;
use crate::read::ddl::lexer::{Token, TokenKind, lex};
use crate::schema::Reference;
use crate::source::Span;

impl Scanner<'_> {
    /// `'name'::regclass` and `nextval('name')`: constants that name a relation.
    pub(super) fn string(&mut self, at: usize) {
        let cast = self.kind(at + 1) == TokenKind::Cast && self.is(at + 2, "regclass");
        let call = at >= 2
            && self.kind(at - 1) == TokenKind::LeftParen
            && self.is_any(at - 2, &["nextval", "currval", "setval"])
            && matches!(self.kind(at + 1), TokenKind::RightParen | TokenKind::Comma);
        if !cast && !call {
            return;
        }
        let Some(token) = self.tokens.get(at).copied() else { return };
        let Some(inner) = self.raw(at).strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) else { return };
        let inner = inner.to_owned();
        let mut parts = Vec::new();
        lex(&inner, &mut parts, 8);
        let inner_text = |t: &Token| inner.get(t.start as usize..t.end as usize).unwrap_or_default();
        let fold = |t: &Token| {
            let raw = inner_text(t);
            let quoted = t.kind == TokenKind::Quoted;
            let text = if quoted { raw.trim_matches('"').replace("\"\"", "\"").into() } else { raw.into() };
            Ident { text, quoted, span: Span::default() }.fold()
        };
        let (schema, name) = match parts.as_slice() {
            [name] => (None, name),
            [schema, dot, name] if dot.kind == TokenKind::Dot => (Some(fold(schema)), name),
            _ => return,
        };
        let found = self.replayer.find_relation_by(schema.as_ref(), &fold(name));
        if found.is_none()
            && self.missing.is_none()
            && let Some(message) = self.replayer.certainly_missing(schema.as_ref(), &fold(name))
        {
            self.missing = Some(Missing { sqlstate: state::UNDEFINED_TABLE, message, span: self.span_of(at, at) });
        }
        if let Some(relation) = found {
            let start = token.start + 1;
            self.references.push(Reference {
                start: start + name.start,
                end: start + name.end,
                target: super::super::lookup::object_of(relation),
            });
        }
    }

    /// Reads a type and gives the place after it.
    pub(super) fn type_reference(&mut self, at: usize) -> usize {
        let (written, last_name, after) = self.type_name(at);
        if let Some(written) = written
            && let Ok(found) = self.replayer.resolve_type(&written)
            && let Some(target) = Replayer::type_objects(&found)
        {
            self.refer(last_name, target);
        }
        after
    }

    /// A type at `at`: as written, the place of its own name, and the place after it.
    pub(super) fn type_name(&self, at: usize) -> (Option<TypeName>, usize, usize) {
        if !self.is_name(at) {
            return (None, at, at);
        }
        let mut last = at;
        let mut schema = None;
        if self.kind(at + 1) == TokenKind::Dot && self.is_name(at + 2) {
            schema = Some(self.ident(at));
            last = at + 2;
        }
        let mut name = self.ident(last);
        let mut after = last + 1;
        let mut modifiers = Vec::new();
        if !name.quoted && schema.is_none() {
            let lower = name.text.to_ascii_lowercase();
            if lower == "double" && self.is(after, "precision") {
                name.text = "double precision".into();
                after += 1;
            } else if matches!(lower.as_str(), "character" | "char" | "bit" | "nchar") && self.is(after, "varying") {
                name.text = format!("{lower} varying").into();
                after += 1;
            }
        }
        if name.text.eq_ignore_ascii_case("interval") && !name.quoted && schema.is_none() {
            after = self.after_interval_fields(after);
        }
        if self.kind(after) == TokenKind::LeftParen {
            let close = self.closing(after);
            for inner in after + 1..close {
                if self.kind(inner) != TokenKind::Comma {
                    modifiers.push(self.raw(inner).into());
                }
            }
            after = close + 1;
        }
        if matches!(name.text.to_ascii_lowercase().as_str(), "time" | "timestamp")
            && self.is_any(after, &["with", "without"])
            && self.is(after + 1, "time")
        {
            let with = self.raw(after).to_ascii_lowercase();
            name.text = format!("{} {with} time zone", name.text.to_ascii_lowercase()).into();
            after += 3;
        }
        let mut dimensions = 0;
        while self.kind(after) == TokenKind::LeftBracket {
            dimensions = 1;
            after = self.closing(after) + 1;
        }
        if self.is(after, "array") {
            dimensions = 1;
            after += 1;
        }
        let span = self.span_of(at, after.saturating_sub(1));
        let written = TypeName { schema, name, modifiers, dimensions, setof: false, percent_type: false, span };
        (Some(written), last, after)
    }

    /// The place after a constant whose type is written before it in several words, or with modifiers: `double precision '1.5'`, `time (3) '10:00'`.
    pub(super) fn after_typed_constant(&self, at: usize) -> Option<usize> {
        let (_, _, after) = self.type_name(at);
        (after > at + 1 && self.kind(after) == TokenKind::String).then_some(after + 1)
    }

    /// The place after the fields of an interval: `'1-2' YEAR TO MONTH`, `'1' SECOND (3)`.
    pub(super) fn after_interval_fields(&self, mut at: usize) -> usize {
        const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        if !self.is_any(at, &FIELDS) {
            return at;
        }
        if self.is(at + 1, "to") && self.is_any(at + 2, &FIELDS) {
            at += 2;
        }
        let precision = self.is(at, "second") && self.kind(at + 1) == TokenKind::LeftParen;
        if precision { self.closing(at + 1) + 1 } else { at + 1 }
    }
}
