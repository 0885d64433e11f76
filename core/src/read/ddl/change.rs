//! What an UPDATE, DELETE or INSERT says of its rows: which columns it writes, and whether it picks rows. Read on demand, as most of them are
//! never looked into.

use super::cursor::{Parser, Place, Read};
use super::lexer::{TokenKind, lex};
use crate::expr::Change;
use crate::name::{Ident, Name};
use crate::source::FileId;

/// Enough tokens for any statement that a person wrote.
const MAX_TOKENS: usize = 20_000;

/// Reads the outermost statement of `text`; `None` where it is none of these, or broken.
pub(crate) fn change(text: &str) -> Option<Change> {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_TOKENS);
    let place = Place::File(FileId::default(), 0);
    let mut parser = Parser::new(text, &tokens, &place);
    parser.change().ok()
}

/// Every name in a text, folded, key words among them; and every string.
pub(crate) fn words_and_strings(text: &str) -> (Vec<Name>, Vec<String>) {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_TOKENS);
    let (mut words, mut strings) = (Vec::new(), Vec::new());
    for token in &tokens {
        let text = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        match token.kind {
            TokenKind::Word => words.push(text.to_ascii_lowercase().into()),
            TokenKind::Quoted => words.push(text.trim_matches('"').replace("\"\"", "\"").into()),
            TokenKind::String => {
                let inner = text.split_once('\'').map_or("", |(_, rest)| rest.strip_suffix('\'').unwrap_or(rest));
                strings.push(inner.replace("''", "'"));
            }
            _ => {}
        }
    }
    (words, strings)
}

/// The VALUES of an INSERT with their rows, without the clauses behind them.
pub(crate) fn values(text: &str) -> Option<&str> {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_TOKENS);
    let mut depth = 0_u32;
    let mut start = None;
    for token in &tokens {
        let word = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        match token.kind {
            TokenKind::LeftParen => depth += 1,
            TokenKind::RightParen => depth = depth.saturating_sub(1),
            TokenKind::Word if depth == 0 && word.eq_ignore_ascii_case("VALUES") => start = Some(token.start as usize),
            TokenKind::Word
                if depth == 0 && (word.eq_ignore_ascii_case("ON") || word.eq_ignore_ascii_case("RETURNING")) =>
            {
                return text.get(start?..token.start as usize);
            }
            _ => {}
        }
    }
    text.get(start?..)
}

impl Parser<'_> {
    fn change(&mut self) -> Read<Change> {
        if self.eat("WITH") {
            // The statement begins behind the last of the queries with names.
            while !self.at_end() && !self.is_any(&["INSERT", "UPDATE", "DELETE"]) {
                if self.kind() == TokenKind::LeftParen {
                    self.skip_group()?;
                } else {
                    self.pos += 1;
                }
            }
        }
        if self.eat("INSERT") {
            self.expect_word("INTO")?;
            self.table_name()?;
            if self.eat("AS") {
                self.column_name()?;
            }
            // `(SELECT …)` is a query, `(a, b)` are columns.
            let query = self.kind() == TokenKind::LeftParen
                && ["SELECT", "VALUES", "WITH", "TABLE"].iter().any(|word| self.is_at(1, word));
            let columns = if query { Vec::new() } else { self.optional_column_list()? };
            let from_query = query || self.is_any(&["SELECT", "WITH", "TABLE"]) || self.kind() == TokenKind::LeftParen;
            return Ok(Change {
                columns: folded(&columns),
                columns_at: offsets(&columns),
                filtered: false,
                from_query,
            });
        }
        let mut columns = Vec::new();
        if self.eat("UPDATE") {
            self.relation()?;
            self.alias("SET")?;
            self.expect_word("SET")?;
            loop {
                if self.kind() == TokenKind::LeftParen {
                    columns.append(&mut self.column_list()?);
                } else {
                    let column = self.column_name()?;
                    // An element or a field may be written several times: `a[1] = …, a[2] = …`.
                    if !matches!(self.kind(), TokenKind::LeftBracket | TokenKind::Dot) {
                        columns.push(column);
                    }
                }
                if !self.past_comma() {
                    break;
                }
            }
        } else {
            self.expect_word("DELETE")?;
            self.expect_word("FROM")?;
            self.relation()?;
        }
        Ok(Change {
            columns: folded(&columns),
            columns_at: offsets(&columns),
            filtered: self.picks_rows(),
            from_query: false,
        })
    }

    /// An alias in front of a key word.
    fn alias(&mut self, before: &str) -> Read<()> {
        if self.eat("AS") || !self.is(before) {
            self.column_name()?;
        }
        Ok(())
    }

    /// Goes behind the next comma of the SET list; `false` at its end.
    fn past_comma(&mut self) -> bool {
        let mut depth = 0u32;
        while !self.at_end() {
            match self.kind() {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => {
                    self.pos += 1;
                    return true;
                }
                TokenKind::Word if depth == 0 && self.is_any(&["WHERE", "FROM", "RETURNING"]) => return false,
                _ => {}
            }
            self.pos += 1;
        }
        false
    }

    /// Whether WHERE, FROM or USING stands in the rest, outside parentheses.
    fn picks_rows(&mut self) -> bool {
        let mut depth = 0u32;
        while !self.at_end() {
            match self.kind() {
                TokenKind::LeftParen => depth += 1,
                TokenKind::RightParen => depth = depth.saturating_sub(1),
                TokenKind::Word if depth == 0 && self.is_any(&["WHERE", "FROM", "USING"]) => return true,
                _ => {}
            }
            self.pos += 1;
        }
        false
    }
}

fn folded(columns: &[Ident]) -> Vec<Name> {
    columns.iter().map(Ident::fold).collect()
}

fn offsets(columns: &[Ident]) -> Vec<(u32, u32)> {
    columns.iter().map(|c| (c.span.start, c.span.end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_writes_and_whether_it_picks_rows() {
        let read = |text: &str| change(text).map(|c| (c.columns.join(" "), c.filtered, c.from_query));
        for (text, columns, filtered, from_query) in [
            ("UPDATE t SET a = 1, B = (SELECT 1, 2 FROM x WHERE y), a = 2", "a b a", false, false),
            ("UPDATE ONLY s.t AS u SET (a, b) = (1, 2), c[1] = 3, d.e = 4 WHERE a", "a b", true, false),
            ("UPDATE t x SET a = 1 FROM u", "a", true, false),
            ("DELETE FROM t", "", false, false),
            ("DELETE FROM t USING u WHERE t.a = u.a", "", true, false),
            ("WITH w AS (SELECT 1 WHERE true) DELETE FROM t RETURNING a", "", false, false),
            ("INSERT INTO t (a, b, a) VALUES (1, 2, 3)", "a b a", false, false),
            ("INSERT INTO t SELECT * FROM u", "", false, true),
            ("INSERT INTO t (SELECT 1)", "", false, true),
        ] {
            assert_eq!(read(text), Some((columns.to_owned(), filtered, from_query)), "{text}");
        }
        assert_eq!(read("SELECT 1"), None);
    }
}
