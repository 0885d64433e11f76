//! What an INSERT, UPDATE or DELETE says of the rows that it writes: columns and their values, the key by which an INSERT finds the rows that are
//! there, the condition. Read on demand, as [`Change`](crate::expr::Change) is.

use super::cursor::{Parser, Place, Read};
use super::lexer::{TokenKind, lex};
use crate::expr::Place as Part;
use crate::name::Name;
use crate::source::FileId;

/// Longer statements are data: one row of them says as much as all.
const MAX_TOKENS: usize = 4_000;

/// What a statement writes.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// The columns that it names, and where.
    pub(crate) columns: Vec<(Name, Part)>,
    /// Whether an INSERT names its columns.
    pub(crate) listed: bool,
    /// Its rows: of an UPDATE one, with a value for each column.
    pub(crate) rows: Rows,
    /// OVERRIDING SYSTEM VALUE (`true`) or USER VALUE.
    pub(crate) overriding: Option<bool>,
    /// ON CONFLICT.
    pub(crate) on_conflict: Option<OnConflict>,
    /// WHERE, where no other relation is in its sight.
    pub(crate) filter: Option<Part>,
}

/// Where the rows come from.
#[derive(Debug, Default)]
pub(crate) enum Rows {
    /// DEFAULT VALUES.
    Default,
    /// They are written down.
    Values(Vec<Vec<(Value, Part)>>),
    /// A query gives them, or what could not be read.
    #[default]
    Query,
}

/// A value, as far as it is a constant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value {
    /// DEFAULT.
    Default,
    /// NULL.
    Null,
    /// A string without a type of its own.
    Text(String),
    /// Something else, never DEFAULT.
    Other,
    /// One of several that are written together: `(a, b) = (…)`.
    Unknown,
}

/// ON CONFLICT.
#[derive(Debug)]
pub(crate) struct OnConflict {
    pub(crate) target: Target,
    pub(crate) place: Part,
    /// The columns that DO UPDATE sets, and to what.
    pub(crate) update: Option<Vec<(Name, Part, Value)>>,
}

/// What an ON CONFLICT finds rows by.
#[derive(Debug)]
pub(crate) enum Target {
    /// Any key.
    Any,
    /// ON CONSTRAINT.
    Constraint(Name, Part),
    /// Columns (`None` for an expression), and whether a WHERE follows.
    Columns(Vec<(Option<Name>, Part)>, bool),
}

/// Reads a statement; `None` where it is none of these, has a WITH, holds placeholders, or is too long.
pub(crate) fn written(text: &str) -> Option<Written> {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_TOKENS);
    let last = tokens.last()?;
    let cut = text.get(last.end as usize..).is_some_and(|rest| !rest.trim().is_empty());
    if cut || tokens.iter().any(|t| t.kind == TokenKind::Placeholder) || text.contains("{{") || text.contains("${") {
        return None;
    }
    let place = Place::File(FileId::default(), 0);
    let mut parser = Parser::new(text, &tokens, &place);
    let read = if parser.eat("INSERT") {
        parser.insert()
    } else if parser.eat("UPDATE") {
        parser.update()
    } else if parser.eat_all(&["DELETE", "FROM"]) {
        parser.delete()
    } else {
        return None;
    };
    read.ok().filter(|_| parser.problems.is_empty())
}

impl Parser<'_> {
    fn part(&self, from: usize, to: usize) -> Part {
        let start = self.tokens.get(from).map_or(0, |t| t.start);
        let end = to.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |t| t.end);
        Part { start, end: end.max(start) }
    }

    fn column_part(&mut self) -> Read<(Name, Part)> {
        let at = self.pos;
        let name = self.column_name()?.fold();
        Ok((name, self.part(at, self.pos)))
    }

    fn insert(&mut self) -> Read<Written> {
        self.expect_word("INTO")?;
        self.table_name()?;
        if self.eat("AS") {
            self.column_name()?;
        }
        let mut written = Written::default();
        let query = ["SELECT", "VALUES", "WITH", "TABLE"].iter().any(|word| self.is_at(1, word))
            || self.kind_at(1) == TokenKind::LeftParen;
        if self.kind() == TokenKind::LeftParen && !query {
            written.listed = true;
            written.columns = self.group("column names", |p| p.list(Self::column_part))??;
        }
        if self.eat("OVERRIDING") {
            written.overriding = Some(self.is("SYSTEM"));
            self.pos += 1;
            self.expect_word("VALUE")?;
        }
        if self.eat_all(&["DEFAULT", "VALUES"]) {
            written.rows = Rows::Default;
        } else if self.eat("VALUES") {
            let rows = self.list(Self::row)?;
            if self.at_end() || self.is_any(&["ON", "RETURNING"]) {
                written.rows = Rows::Values(rows);
            }
        }
        written.on_conflict = self.on_conflict()?;
        Ok(written)
    }

    fn row(&mut self) -> Read<Vec<(Value, Part)>> {
        self.group("values", |p| {
            let mut values = Vec::new();
            while !p.at_end() {
                let to = p.next_comma();
                values.push((p.value(to), p.part(p.pos, to)));
                p.pos = to;
                p.eat_kind(TokenKind::Comma);
            }
            values
        })
    }

    /// What stands up to the token `to`.
    fn value(&mut self, to: usize) -> Value {
        if to != self.pos + 1 {
            return Value::Other;
        }
        if self.is("DEFAULT") {
            Value::Default
        } else if self.is("NULL") {
            Value::Null
        } else if self.kind() == TokenKind::String && self.text(self.peek()).starts_with('\'') {
            self.string_text("a string").map_or(Value::Other, Value::Text)
        } else {
            Value::Other
        }
    }

    /// ON CONFLICT, wherever it stands behind the rows.
    fn on_conflict(&mut self) -> Read<Option<OnConflict>> {
        while !self.at_end() && !self.are(&["ON", "CONFLICT"]) {
            if self.kind() == TokenKind::LeftParen { self.skip_group()? } else { self.pos += 1 }
        }
        let from = self.pos;
        if !self.eat_all(&["ON", "CONFLICT"]) {
            return Ok(None);
        }
        let target = if self.eat_all(&["ON", "CONSTRAINT"]) {
            let (name, part) = self.column_part()?;
            Target::Constraint(name, part)
        } else if self.kind() == TokenKind::LeftParen {
            let columns = self.group("columns", |p| {
                let mut columns = Vec::new();
                while !p.at_end() {
                    let (from, to) = (p.pos, p.next_comma());
                    // A collation or an operator class may follow.
                    let plain = to == from + 1 || (p.kind_at(1) == TokenKind::Word && p.kind() != TokenKind::LeftParen);
                    let name = if plain { Some(p.column_name()?.fold()) } else { None };
                    columns.push((name, p.part(from, to)));
                    p.pos = to;
                    p.eat_kind(TokenKind::Comma);
                }
                Ok(columns)
            })??;
            Target::Columns(columns, self.is("WHERE"))
        } else {
            Target::Any
        };
        let place = self.part(from, self.pos);
        while !self.at_end() && !self.is("DO") {
            if self.kind() == TokenKind::LeftParen { self.skip_group()? } else { self.pos += 1 }
        }
        let update = if self.eat_all(&["DO", "UPDATE", "SET"]) { Some(self.assignments()?) } else { None };
        Ok(Some(OnConflict { target, place, update }))
    }

    /// What SET says. Of an element or a field the column is not listed.
    fn assignments(&mut self) -> Read<Vec<(Name, Part, Value)>> {
        let mut all = Vec::new();
        loop {
            if self.kind() == TokenKind::LeftParen {
                let columns = self.group("column names", |p| p.list(Self::column_part))??;
                all.extend(columns.into_iter().map(|(name, part)| (name, part, Value::Unknown)));
                self.pos = self.end_of_value();
            } else {
                let (name, part) = self.column_part()?;
                let whole = self.eat_operator("=");
                let to = self.end_of_value();
                if whole {
                    let value = self.value(to);
                    all.push((name, part, value));
                }
                self.pos = to;
            }
            if !self.eat_kind(TokenKind::Comma) {
                return Ok(all);
            }
        }
    }

    /// The token behind a value of SET.
    fn end_of_value(&self) -> usize {
        let mut depth = 0_u32;
        for (at, token) in (self.pos..).zip(self.tokens.get(self.pos..self.end).unwrap_or_default()) {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Comma if depth == 0 => return at,
                TokenKind::Word if depth == 0 => {
                    let word = self.text(*token);
                    let distinct = at > self.pos
                        && self
                            .tokens
                            .get(at - 1)
                            .is_some_and(|before| self.text(*before).eq_ignore_ascii_case("DISTINCT"));
                    if !distinct && ["WHERE", "FROM", "RETURNING"].iter().any(|w| word.eq_ignore_ascii_case(w)) {
                        return at;
                    }
                }
                _ => {}
            }
        }
        self.end
    }

    fn update(&mut self) -> Read<Written> {
        self.relation()?;
        let aliased = self.eat("AS") || !self.is("SET");
        if aliased {
            self.column_name()?;
        }
        self.expect_word("SET")?;
        let mut written = Written { listed: true, ..Written::default() };
        let mut row = Vec::new();
        for (name, part, value) in self.assignments()? {
            written.columns.push((name, part));
            row.push((value, part));
        }
        written.rows = Rows::Values(vec![row]);
        written.filter = self.condition(aliased);
        Ok(written)
    }

    fn delete(&mut self) -> Read<Written> {
        self.relation()?;
        let aliased = !self.at_end() && !self.is_any(&["WHERE", "USING", "RETURNING"]);
        if aliased {
            self.eat("AS");
            self.column_name()?;
        }
        Ok(Written { filter: self.condition(aliased), ..Written::default() })
    }

    /// WHERE up to RETURNING.
    fn condition(&mut self, aliased: bool) -> Option<Part> {
        if aliased || !self.eat("WHERE") {
            return None;
        }
        let from = self.pos;
        while !self.at_end() && !self.is("RETURNING") {
            self.pos += 1;
        }
        (self.pos > from).then(|| self.part(from, self.pos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let Some(written) = written(text) else { return "?".to_owned() };
        let part = |p: &Part| text.get(p.start as usize..p.end as usize).unwrap_or_default().to_owned();
        let mut out: Vec<String> = written.columns.iter().map(|(name, _)| name.to_string()).collect();
        match &written.rows {
            Rows::Default => out.push("default".to_owned()),
            Rows::Query => out.push("query".to_owned()),
            Rows::Values(rows) => out.extend(rows.iter().map(|row| {
                let values: Vec<String> = row.iter().map(|(value, _)| format!("{value:?}")).collect();
                format!("({})", values.join(" "))
            })),
        }
        out.extend(written.overriding.map(|system| format!("overriding {system}")));
        if let Some(conflict) = &written.on_conflict {
            out.push(format!("on {}", part(&conflict.place)));
            out.extend(conflict.update.iter().flatten().map(|(name, _, value)| format!("{name} = {value:?}")));
        }
        out.extend(written.filter.as_ref().map(|p| format!("where {}", part(p))));
        out.join(" ")
    }

    #[test]
    fn rows_with_their_values() {
        for (text, expected) in [
            ("INSERT INTO t (a, B) VALUES ('x', NULL), (DEFAULT, 1 + 2)", "a b (Text(\"x\") Null) (Default Other)"),
            ("INSERT INTO s.t AS x DEFAULT VALUES RETURNING a", "default"),
            ("INSERT INTO t (a) OVERRIDING USER VALUE SELECT 1 FROM x JOIN y ON true", "a query overriding false"),
            ("INSERT INTO t VALUES (1) UNION SELECT 2", "query"),
            (
                "INSERT INTO t VALUES ('a'::e) ON CONFLICT (a, lower(b)) WHERE c > 0 DO UPDATE SET a = 'y', (b, c) = (1, 2) WHERE x",
                "(Other) on ON CONFLICT (a, lower(b)) a = Text(\"y\") b = Unknown c = Unknown",
            ),
            (
                "UPDATE t SET a = DEFAULT, b[1] = 2, c = a IS DISTINCT FROM 1 WHERE a = 'x' RETURNING a",
                "a c (Default Other) where a = 'x'",
            ),
            ("UPDATE t AS u SET a = 'x' WHERE u.a = 1", "a (Text(\"x\"))"),
            ("UPDATE t SET a = 'x' FROM u WHERE t.a = 1", "a (Text(\"x\"))"),
            ("DELETE FROM t WHERE a = 'x'", "query where a = 'x'"),
            ("DELETE FROM t USING u WHERE a = 'x'", "query"),
            ("INSERT INTO t (a.b) VALUES (1)", "?"),
            ("INSERT INTO t VALUES ({{ rows }})", "?"),
            ("WITH x AS (SELECT 1) INSERT INTO t SELECT 1", "?"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
