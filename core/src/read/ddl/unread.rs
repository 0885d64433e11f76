//! What a statement is about that could not be read, or not all of it: the name that it makes or changes.

use super::lexer::{Token, TokenKind, lex};
use crate::name::Name;

/// Words between the verb and the name.
const BEFORE: &[&str] = &[
    "OR",
    "REPLACE",
    "TEMP",
    "TEMPORARY",
    "UNLOGGED",
    "GLOBAL",
    "LOCAL",
    "FOREIGN",
    "MATERIALIZED",
    "RECURSIVE",
    "UNIQUE",
    "CONSTRAINT",
    "IF",
    "NOT",
    "EXISTS",
    "ONLY",
    "CONCURRENTLY",
    "PROCEDURAL",
    "TRUSTED",
];
/// What has a name that other statements use.
const KINDS: &[&str] = &[
    "TABLE",
    "VIEW",
    "TYPE",
    "DOMAIN",
    "SEQUENCE",
    "FUNCTION",
    "PROCEDURE",
    "AGGREGATE",
    "SCHEMA",
    "INDEX",
    "EXTENSION",
    "COLLATION",
];
/// How many tokens are looked at.
const MAX_TOKENS: usize = 32;

/// The name behind CREATE or ALTER, as the database would keep it; its schema is left out.
pub(crate) fn name_of(statement: &str) -> Option<Name> {
    let mut tokens = Vec::new();
    lex(statement, &mut tokens, MAX_TOKENS);
    let shown = |token: &Token| statement.get(token.start as usize..token.end as usize).unwrap_or_default();
    let is = |token: &Token, words: &[&str]| {
        token.kind == TokenKind::Word && words.iter().any(|word| shown(token).eq_ignore_ascii_case(word))
    };
    let mut rest = tokens.iter().peekable();
    rest.next().filter(|token| is(token, &["CREATE", "ALTER"]))?;
    while rest.next_if(|token| is(token, BEFORE)).is_some() {}
    rest.next().filter(|token| is(token, KINDS))?;
    while rest.next_if(|token| is(token, BEFORE)).is_some() {}
    let mut name = None;
    loop {
        let token = rest.next()?;
        name = match token.kind {
            TokenKind::Word => Some(Name::new(shown(token).to_ascii_lowercase())),
            TokenKind::Quoted => Some(Name::new(shown(token).trim_matches('"'))),
            TokenKind::Other if shown(token).starts_with('`') => Some(Name::new(shown(token).trim_matches('`'))),
            // `[name]`
            TokenKind::LeftBracket => rest.next().map(|t| Name::new(shown(t).to_ascii_lowercase())),
            _ => name,
        };
        rest.next_if(|token| token.kind == TokenKind::RightBracket);
        if rest.next_if(|token| token.kind == TokenKind::Dot).is_none() {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn the_name_stands_behind_what_it_is() {
        for (statement, name) in [
            ("CREATE TABLE a (", Some("a")),
            ("create unlogged table if not exists s.\"A b\" (", Some("A b")),
            ("CREATE TABLE `a` (", Some("a")),
            ("CREATE TABLE [dbo].[A] (", Some("a")),
            ("ALTER TABLE IF EXISTS ONLY s.a DROP", Some("a")),
            ("CREATE OR REPLACE VIEW v AS", Some("v")),
            ("CREATE UNIQUE INDEX CONCURRENTLY i ON", Some("i")),
            ("GRANT ALL ON a", None),
            ("CREATE", None),
        ] {
            assert_eq!(name_of(statement).as_deref(), name, "{statement}");
        }
    }
}
