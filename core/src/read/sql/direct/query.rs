//! SELECT, as views and policies have it: a list, tables that are joined, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT.

use super::Reader;
use super::words;
use crate::expr::{From, Item, Join, Query, Source, Tree};
use crate::name::Name;
use crate::read::ddl::lexer::TokenKind;

/// Words that end a list or a table where they stand without quotes.
const CLAUSES: &[&str] = &["from", "where", "group", "having", "order", "limit"];

impl Reader<'_> {
    /// A query that begins with SELECT.
    pub(super) fn query(&mut self) -> Option<Query> {
        self.takes_word("select").then_some(())?;
        let mut out = Query { distinct: self.takes_word("distinct"), ..Query::default() };
        loop {
            out.items.push(self.item()?);
            if !self.takes(TokenKind::Comma) {
                break;
            }
        }
        if self.takes_word("from") {
            loop {
                self.joined(Join::Comma, &mut out.from)?;
                if !self.takes(TokenKind::Comma) {
                    break;
                }
            }
        }
        if self.takes_word("where") {
            out.filter = Some(self.expression(0)?);
        }
        if self.takes_word("group") {
            out.group_by = self.keys()?;
        }
        if self.takes_word("having") {
            out.having = Some(self.expression(0)?);
        }
        if self.takes_word("order") {
            out.order_by = self.keys()?;
        }
        if self.takes_word("limit") {
            out.limited = true;
            self.takes(TokenKind::Number).then_some(())?;
        }
        matches!(self.kind(), TokenKind::End | TokenKind::RightParen).then_some(out)
    }

    fn item(&mut self) -> Option<Item> {
        let value = self.argument()?;
        if matches!(value, Tree::Star(_)) {
            return Some(Item { value, alias: None });
        }
        let alias = if self.takes_word("as") { Some(self.name()?) } else { None };
        Some(Item { value, alias })
    }

    /// What GROUP BY and ORDER BY list.
    fn keys(&mut self) -> Option<Vec<Tree>> {
        self.takes_word("by").then_some(())?;
        let mut keys = Vec::new();
        loop {
            keys.push(self.expression(0)?);
            let _ = self.takes_word("asc") || self.takes_word("desc");
            if self.takes_word("nulls") {
                (self.takes_word("first") || self.takes_word("last")).then_some(())?;
            }
            if !self.takes(TokenKind::Comma) {
                return Some(keys);
            }
        }
    }

    /// A source of rows, and all that is joined to it.
    fn joined(&mut self, join: Join, out: &mut Vec<From>) -> Option<()> {
        self.source(join, out)?;
        while let Some(join) = self.join()? {
            let from = out.len();
            self.source(join, out)?;
            let entry = out.get_mut(from)?;
            if join == Join::Cross {
                continue;
            }
            if self.takes_word("on") {
                entry.on = Some(self.expression(0)?);
            } else {
                self.takes_word("using").then_some(())?;
                entry.using = self.names()?;
            }
        }
        Some(())
    }

    /// The words that join what follows, if they stand here; `None` where they are others.
    #[allow(clippy::option_option, reason = "the outer one is what every reading gives that may be left to sqlparser")]
    fn join(&mut self) -> Option<Option<Join>> {
        let word = self.word();
        let is = |of: &str| word.eq_ignore_ascii_case(of);
        let (join, outer) = match word {
            _ if is("join") => {
                self.at += 1;
                return Some(Some(Join::Inner));
            }
            _ if is("inner") => (Join::Inner, false),
            _ if is("left") => (Join::Left, true),
            _ if is("right") => (Join::Right, true),
            _ if is("full") => (Join::Full, true),
            _ if is("cross") => (Join::Cross, false),
            _ if is("natural") => return None,
            _ => return Some(None),
        };
        self.at += 1;
        let _ = outer && self.takes_word("outer");
        self.takes_word("join").then_some(Some(join))
    }

    fn source(&mut self, join: Join, out: &mut Vec<From>) -> Option<()> {
        if self.kind() == TokenKind::LeftParen {
            return self.source_in_parentheses(join, out);
        }
        let mut name = vec![self.table_name()?];
        while self.takes(TokenKind::Dot) {
            name.push(self.name()?);
        }
        // A function.
        (self.kind() != TokenKind::LeftParen).then_some(())?;
        let alias = self.alias()?;
        self.end_of_source()?;
        out.push(From {
            source: Source::Relation(name),
            alias,
            columns: Vec::new(),
            join,
            on: None,
            using: Vec::new(),
        });
        Some(())
    }

    fn source_in_parentheses(&mut self, join: Join, out: &mut Vec<From>) -> Option<()> {
        self.depth += 1;
        if self.depth > super::MAX_DEPTH {
            return None;
        }
        self.at += 1;
        if self.word().eq_ignore_ascii_case("select") {
            let query = self.query()?;
            self.takes(TokenKind::RightParen).then_some(())?;
            let alias = self.alias()?;
            self.end_of_source()?;
            let source = Source::Query(Box::new(query));
            out.push(From { source, alias, columns: Vec::new(), join, on: None, using: Vec::new() });
        } else {
            let from = out.len();
            self.joined(join, out)?;
            // A table in parentheses by itself is written by nobody.
            (out.len() > from + 1 && self.takes(TokenKind::RightParen)).then_some(())?;
            self.end_of_source()?;
        }
        self.depth -= 1;
        Some(())
    }

    /// A table's first name: some words begin something else.
    fn table_name(&mut self) -> Option<Name> {
        let plain = self.kind() != TokenKind::Word || words::special(self.word()).is_none();
        let other = ["lateral", "only", "table", "unnest", "values", "json_table", "xmltable", "rows"];
        (plain && !other.iter().any(|w| self.word().eq_ignore_ascii_case(w))).then_some(())?;
        self.name()
    }

    /// An alias behind a source, if there is one; `None` where the word may be another thing.
    #[allow(clippy::option_option, reason = "the outer one is what every reading gives that may be left to sqlparser")]
    fn alias(&mut self) -> Option<Option<Name>> {
        if self.takes_word("as") || self.kind() == TokenKind::Quoted {
            return Some(Some(self.name()?));
        }
        let word = self.word();
        let ends = |of: &&str| word.eq_ignore_ascii_case(of);
        const JOINS: [&str; 9] = ["join", "inner", "left", "right", "full", "cross", "natural", "on", "using"];
        if word.is_empty() || CLAUSES.iter().any(ends) || JOINS.iter().any(ends) {
            return Some(None);
        }
        words::is_plain_name(word).then(|| self.name())
    }

    /// Nothing of a source's own may follow: columns behind its alias, a sample.
    fn end_of_source(&self) -> Option<()> {
        (!matches!(self.kind(), TokenKind::LeftParen | TokenKind::Dot)).then_some(())
    }

    fn names(&mut self) -> Option<Vec<Name>> {
        self.takes(TokenKind::LeftParen).then_some(())?;
        let mut names = vec![self.name()?];
        while self.takes(TokenKind::Comma) {
            names.push(self.name()?);
        }
        self.takes(TokenKind::RightParen).then_some(names)
    }
}
