//! Type names. Source: PostgreSQL manual, chapter 8 "Data Types", and 4.2.9 for the SQL spellings.

use smol_str::SmolStr;

use super::cursor::{Parser, Read, push};
use super::lexer::TokenKind;
use crate::keywords::{Category, category};
use crate::name::Ident;
use crate::operation::TypeName;

/// Words that name built-in types by the grammar, not by the catalogue: they take no schema, and some take no parentheses.
const GRAMMAR_TYPES: &[&str] = &[
    "int",
    "integer",
    "smallint",
    "bigint",
    "real",
    "float",
    "double",
    "decimal",
    "dec",
    "numeric",
    "boolean",
    "bit",
    "character",
    "char",
    "varchar",
    "nchar",
    "national",
    "timestamp",
    "time",
    "interval",
];

/// The last fields that an interval can be cut to.
const INTERVAL_FIELDS: &[&str] = &["year", "month", "day", "hour", "minute", "second"];

impl<'a> Parser<'a> {
    /// A type, or a problem.
    pub(super) fn data_type(&mut self) -> Read<TypeName> {
        match self.try_type() {
            Some(data_type) => Ok(data_type),
            None => Err(self.expected("a data type")),
        }
    }

    /// A type if one comes next. Takes nothing and notes nothing if not.
    pub(super) fn try_type(&mut self) -> Option<TypeName> {
        let from = self.pos;
        let problems = self.problems.len();
        let noted = self.placeholder_noted;
        let data_type = self.type_here();
        if data_type.is_none() {
            self.pos = from;
            self.problems.truncate(problems);
            self.placeholder_noted = noted;
        }
        data_type
    }

    /// Whether the next word names a type by the grammar.
    pub(super) fn at_grammar_type(&self) -> bool {
        self.is_any(GRAMMAR_TYPES)
    }

    fn type_here(&mut self) -> Option<TypeName> {
        let from = self.pos;
        let setof = self.eat("SETOF");
        let first = self.pos;
        let mut modifiers = Vec::new();
        let mut percent_type = false;
        let mut schema = None;
        let name = if self.at_grammar_type() && self.kind_at(1) != TokenKind::Dot {
            self.grammar_type(&mut modifiers)?
        } else {
            let token = self.peek();
            if token.kind == TokenKind::Word
                && !matches!(category(self.text(token)), Category::Free | Category::TypeOrFunction)
            {
                return None;
            }
            let start = self.label("a type").ok()?;
            let qualified = self.qualified_from(start).ok()?;
            if self.is_operator("%") && self.is_at(1, "TYPE") {
                // The column may stand behind a table and a schema: all but the schema is the name.
                let parts = self.text_of(first, self.pos);
                percent_type = true;
                let span = self.span_from(first);
                self.pos += 2;
                Ident { text: SmolStr::new(parts), quoted: false, span }
            } else {
                if self.kind() == TokenKind::LeftParen {
                    self.type_modifiers(&mut modifiers)?;
                }
                schema = qualified.schema;
                qualified.name
            }
        };
        let dimensions = self.array_bounds()?;
        Some(TypeName { schema, name, modifiers, dimensions, setof, percent_type, span: self.span_from(from) })
    }

    /// A type that the grammar spells itself, multi-word names joined.
    fn grammar_type(&mut self, modifiers: &mut Vec<SmolStr>) -> Option<Ident> {
        let from = self.pos;
        let token = self.bump();
        let word = self.text(token);
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        let mut joined: Option<&'static str> = None;
        if is("double") {
            if !self.eat("PRECISION") {
                // A type of that name that the user made.
                if self.kind() == TokenKind::LeftParen {
                    self.type_modifiers(modifiers)?;
                }
                return Some(Ident { text: SmolStr::new(word), quoted: false, span: self.span(token) });
            }
            joined = Some("double precision");
        } else if is("timestamp") || is("time") {
            let stamp = is("timestamp");
            if self.kind() == TokenKind::LeftParen {
                self.type_modifiers(modifiers)?;
            }
            if self.eat_all(&["WITH", "TIME", "ZONE"]) {
                joined = Some(if stamp { "timestamp with time zone" } else { "time with time zone" });
            } else if self.eat_all(&["WITHOUT", "TIME", "ZONE"]) {
                joined = Some(if stamp { "timestamp without time zone" } else { "time without time zone" });
            }
        } else if is("interval") {
            self.interval(modifiers)?;
            return Some(Ident { text: SmolStr::new(word), quoted: false, span: self.span(token) });
        } else if is("bit") {
            if self.eat("VARYING") {
                joined = Some("bit varying");
            }
        } else if is("national") {
            if !(self.eat("CHARACTER") || self.eat("CHAR")) {
                return None;
            }
            joined = Some(if self.eat("VARYING") { "national character varying" } else { "national character" });
        } else if is("nchar") {
            if self.eat("VARYING") {
                joined = Some("national character varying");
            }
        } else if (is("character") || is("char")) && self.eat("VARYING") {
            joined = Some("character varying");
        }
        let text = joined.map_or_else(|| SmolStr::new(word), SmolStr::new_static);
        let name = Ident { text, quoted: false, span: self.span_from(from) };
        let takes_modifiers =
            !["int", "integer", "smallint", "bigint", "real", "boolean", "double"].iter().any(|name| is(name));
        if takes_modifiers && modifiers.is_empty() && self.kind() == TokenKind::LeftParen {
            self.type_modifiers(modifiers)?;
        }
        Some(name)
    }

    /// What follows INTERVAL: fields, a precision, or a precision behind the fields.
    fn interval(&mut self, modifiers: &mut Vec<SmolStr>) -> Option<()> {
        if self.is_any(INTERVAL_FIELDS) {
            let token = self.bump();
            let from = self.text(token).to_ascii_lowercase();
            if self.is("TO") && INTERVAL_FIELDS.iter().any(|field| self.is_at(1, field)) {
                self.pos += 1;
                let token = self.bump();
                let to = self.text(token).to_ascii_lowercase();
                modifiers.push(format!("{from} to {to}").into());
            } else {
                modifiers.push(from.into());
            }
        }
        if self.kind() == TokenKind::LeftParen {
            self.type_modifiers(modifiers)?;
        }
        Some(())
    }

    /// `(10, 2)`: the text between the commas.
    fn type_modifiers(&mut self, modifiers: &mut Vec<SmolStr>) -> Option<()> {
        let close = self.closing(self.pos)?;
        let outer = std::mem::replace(&mut self.end, close);
        self.pos += 1;
        loop {
            let comma = self.next_comma();
            if comma == self.pos {
                self.end = outer;
                return None;
            }
            push(modifiers, SmolStr::new(self.text_of(self.pos, comma)));
            self.pos = comma + 1;
            if comma == close {
                break;
            }
        }
        self.end = outer;
        self.pos = close + 1;
        Some(())
    }

    /// `[]`, `[3]`, ARRAY, ARRAY\[3\]: the number of dimensions.
    fn array_bounds(&mut self) -> Option<u8> {
        if self.eat("ARRAY") {
            if self.kind() == TokenKind::LeftBracket {
                self.pos = self.closing(self.pos)? + 1;
            }
            return Some(1);
        }
        let mut dimensions = 0u8;
        while self.kind() == TokenKind::LeftBracket {
            self.pos = self.closing(self.pos)? + 1;
            dimensions = dimensions.saturating_add(1);
        }
        Some(dimensions)
    }
}
