//! What the body of a routine says, as far as rules look into one: a scan of its tokens, on demand. Nothing is run, and what is not found here may
//! still be said in another way.

use super::lexer::{Token, TokenKind, lex};
use crate::expr::{Place, Routine};
use crate::name::Name;

/// Enough tokens for any routine that a person wrote.
const MAX_TOKENS: usize = 50_000;

/// Enough tokens for any expression that a person wrote. Each place that may begin one is followed up to here, so that a scan stays linear.
const MAX_EXPRESSION: usize = 2_000;

/// Words behind EXECUTE that make it no statement of PL/pgSQL: a trigger's clause and a privilege.
const NO_COMMAND: &[&str] = &["FUNCTION", "PROCEDURE", "ON", "IMMEDIATE"];

/// Words that begin a statement, so that no variable is given a value there.
const NO_VARIABLE: &[&str] = &[
    "ASSERT",
    "BEGIN",
    "CALL",
    "CASE",
    "CLOSE",
    "COMMIT",
    "CONTINUE",
    "DECLARE",
    "DELETE",
    "ELSE",
    "ELSIF",
    "END",
    "EXCEPTION",
    "EXECUTE",
    "EXIT",
    "FETCH",
    "FOR",
    "FOREACH",
    "GET",
    "IF",
    "INSERT",
    "LOOP",
    "MERGE",
    "MOVE",
    "NULL",
    "OPEN",
    "PERFORM",
    "RAISE",
    "RETURN",
    "ROLLBACK",
    "SELECT",
    "UPDATE",
    "WHEN",
    "WHILE",
    "WITH",
];

/// Scans a body in PL/pgSQL or SQL.
pub(crate) fn routine(text: &str) -> Routine {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_TOKENS);
    let scan = Scan { text, tokens: &tokens };
    let mut out = Routine::default();
    let mut starts = true;
    for at in 0..tokens.len() {
        scan.command(at, &mut out);
        scan.assignment(at, starts, &mut out);
        scan.row_field(at, &mut out);
        out.asks_for_table |= scan.asks_for_table(at);
        scan.comparison(at, &mut out);
        scan.relation(at, &mut out);
        starts =
            scan.kind(at) == TokenKind::Semicolon || scan.is_any(at, &["BEGIN", "DECLARE", "THEN", "ELSE", "LOOP"]);
    }
    out
}

struct Scan<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl Scan<'_> {
    fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |t| t.kind)
    }

    fn raw(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start as usize..t.end as usize)).unwrap_or_default()
    }

    fn is_any(&self, at: usize, words: &[&str]) -> bool {
        self.kind(at) == TokenKind::Word && words.iter().any(|w| self.raw(at).eq_ignore_ascii_case(w))
    }

    fn name(&self, at: usize) -> Option<Name> {
        match self.kind(at) {
            TokenKind::Word => Some(self.raw(at).to_ascii_lowercase().into()),
            TokenKind::Quoted => Some(self.raw(at).trim_matches('"').replace("\"\"", "\"").into()),
            _ => None,
        }
    }

    /// The bytes from one token to the end of another.
    fn place(&self, first: usize, last: usize) -> Place {
        let start = self.tokens.get(first).map_or(0, |t| t.start);
        Place { start, end: self.tokens.get(last).map_or(start, |t| t.end) }
    }

    /// The expression from a token on: up to one of these words or the end of the statement, outside of parentheses. None where it is too long.
    fn expression(&self, first: usize, until: &[&str]) -> Option<Place> {
        let mut depth = 0_u32;
        let mut at = first;
        while at < self.tokens.len() {
            if at - first >= MAX_EXPRESSION {
                return None;
            }
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket if depth == 0 => break,
                TokenKind::RightParen | TokenKind::RightBracket => depth -= 1,
                TokenKind::Semicolon => break,
                TokenKind::Word if depth == 0 && self.is_any(at, until) => break,
                _ => {}
            }
            at += 1;
        }
        (at > first).then(|| self.place(first, at - 1))
    }

    /// `EXECUTE command [INTO …] [USING …]`, also behind RETURN QUERY, FOR … IN and OPEN … FOR.
    fn command(&self, at: usize, out: &mut Routine) {
        if self.is_any(at, &["EXECUTE"])
            && !self.is_any(at + 1, NO_COMMAND)
            && let Some(command) = self.expression(at + 1, &["INTO", "USING", "LOOP"])
        {
            out.executed.push(command);
        }
    }

    /// `name := value`, `name = value`, `DECLARE name type := value`, `SELECT value INTO name`.
    fn assignment(&self, at: usize, starts: bool, out: &mut Routine) {
        if starts
            && self.is_any(at, &["SELECT"])
            && let Some(value) = self.expression(at + 1, &["INTO", "FROM"])
            && let Some(into) = (at + 1..self.tokens.len().min(at + 2 * MAX_EXPRESSION))
                .take_while(|n| self.kind(*n) != TokenKind::Semicolon)
                .find(|n| self.is_any(*n, &["INTO"]))
        {
            let target = into + 1 + usize::from(self.is_any(into + 1, &["STRICT"]));
            out.assigned.extend(self.name(target).map(|name| (name, value)));
            return;
        }
        let Some(name) = self.name(at).filter(|_| starts && !self.is_any(at, NO_VARIABLE)) else { return };
        let mut depth = 0_u32;
        for next in at + 1..self.tokens.len().min(at + 24) {
            match self.kind(next) {
                TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
                TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
                TokenKind::Semicolon => return,
                TokenKind::Operator | TokenKind::Word if depth == 0 => {
                    let sign = matches!(self.raw(next), ":=" | "=") || self.is_any(next, &["DEFAULT"]);
                    if sign {
                        out.assigned.extend(self.expression(next + 1, &[]).map(|value| (name, value)));
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    /// `NEW.column`, `OLD.column`.
    fn row_field(&self, at: usize, out: &mut Routine) {
        if self.is_any(at, &["NEW", "OLD"])
            && self.kind(at + 1) == TokenKind::Dot
            && at.checked_sub(1).is_none_or(|before| self.kind(before) != TokenKind::Dot)
            && let (Some(row), Some(field)) = (self.name(at), self.name(at + 2))
        {
            out.row_fields.push((row, field, self.place(at, at + 2)));
        }
    }

    /// A variable of the trigger that tells its table, but for one that is written down: `VALUES (TG_TABLE_NAME, …)`.
    fn asks_for_table(&self, at: usize) -> bool {
        if !self.is_any(at, &["TG_TABLE_NAME", "TG_RELNAME", "TG_RELID", "TG_ARGV"]) {
            return false;
        }
        let mut depth = 0_u32;
        for before in (at.saturating_sub(MAX_EXPRESSION)..at).rev() {
            match self.kind(before) {
                TokenKind::RightParen => depth += 1,
                TokenKind::LeftParen if depth == 0 => {
                    return !before.checked_sub(1).is_some_and(|before| self.is_any(before, &["VALUES"]));
                }
                TokenKind::LeftParen => depth -= 1,
                TokenKind::Semicolon => break,
                _ => {}
            }
        }
        true
    }

    /// A name in front of IN, of a pattern's operator, or of `= ANY` and `<> ALL`.
    fn comparison(&self, at: usize, out: &mut Routine) {
        let behind = at + 1 + usize::from(self.is_any(at + 1, &["NOT"]));
        let operator = self.kind(behind) == TokenKind::Operator;
        let pattern = operator && matches!(self.raw(behind), "~" | "!~" | "~*" | "!~*");
        let array =
            operator && matches!(self.raw(behind), "=" | "<>" | "!=") && self.is_any(behind + 1, &["ANY", "ALL"]);
        // `FOR x IN …` is a loop.
        let list = self.is_any(behind, &["IN"]) && self.kind(behind + 1) == TokenKind::LeftParen;
        if pattern || array || list {
            out.checked.extend(self.name(at).filter(|_| !self.is_any(at, &["NOT"])));
        }
    }

    /// A relation behind FROM, JOIN, UPDATE or INTO that is written without a schema.
    fn relation(&self, at: usize, out: &mut Routine) {
        let before = |words: &[&str]| at.checked_sub(1).is_some_and(|b| self.is_any(b, words));
        let behind = self.is_any(at, &["JOIN"])
            || self.is_any(at, &["FROM"]) && !before(&["DISTINCT"])
            || self.is_any(at, &["UPDATE"]) && !before(&["FOR", "ON", "DO", "KEY", "OR"])
            || self.is_any(at, &["INTO"]) && before(&["INSERT", "MERGE"]);
        let first = at + 1 + usize::from(behind && self.is_any(at + 1, &["ONLY"]));
        // What a parenthesis follows is a function, but behind INTO, where it lists columns.
        let named = match self.kind(first + 1) {
            TokenKind::Dot => false,
            TokenKind::LeftParen => self.is_any(at, &["INTO"]),
            _ => true,
        };
        if behind
            && named
            && let Some(name) = self.name(first)
        {
            out.bare_relations.push((name, self.place(first, first)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, places: impl IntoIterator<Item = Place>) -> Vec<String> {
        places.into_iter().map(|p| text[p.start as usize..p.end as usize].to_owned()).collect()
    }

    #[test]
    fn commands_of_execute_end_before_their_clauses() {
        let text = "BEGIN EXECUTE 'a' || x INTO y USING z; FOR r IN EXECUTE f(q, 'INTO') LOOP END LOOP; \
                    EXECUTE FUNCTION g(); GRANT EXECUTE ON FUNCTION g TO h; -- EXECUTE no\nRETURN QUERY EXECUTE sql; END";
        assert_eq!(texts(text, routine(text).executed), ["'a' || x", "f(q, 'INTO')", "sql"]);
    }

    #[test]
    fn what_is_longer_than_any_expression_is_none() {
        let text = format!("BEGIN {}x; EXECUTE y; END", "EXECUTE ".repeat(MAX_EXPRESSION + 10));
        let found = texts(&text, routine(&text).executed);
        assert_eq!(found.last().map(String::as_str), Some("y"));
        assert!(found.iter().all(|command| command.split(' ').count() <= MAX_EXPRESSION));
        assert!(found.len() < MAX_EXPRESSION + 10);
    }

    #[test]
    fn what_variables_are_given() {
        let text = "DECLARE a text := 'x'; b text DEFAULT p; BEGIN a = 'y' || p; IF a = b THEN b := f(c => 1); END IF; \
                    SELECT p || q INTO STRICT c; UPDATE t SET d = p; END";
        let found: Vec<String> = routine(text)
            .assigned
            .into_iter()
            .map(|(name, value)| format!("{name}: {}", texts(text, [value])[0]))
            .collect();
        assert_eq!(found, ["a: 'x'", "b: p", "a: 'y' || p", "b: f(c => 1)", "c: p || q"]);
    }

    #[test]
    fn names_that_are_compared_with_what_is_allowed() {
        let text = "BEGIN IF a NOT IN ('x') OR b ~ '^x$' OR c = ANY (d) OR e = 'x' THEN FOR f IN SELECT 1 LOOP END LOOP; END IF; END";
        assert_eq!(routine(text).checked, ["a", "b", "c"]);
    }

    #[test]
    fn who_notes_its_table_does_not_ask_for_it() {
        for (text, asks) in [
            ("BEGIN INSERT INTO log VALUES (f(1), TG_TABLE_NAME, OLD.id); END", false),
            ("BEGIN INSERT INTO log VALUES (lower(TG_TABLE_NAME), OLD.id); END", true),
            ("BEGIN IF TG_TABLE_NAME = 'a' THEN RETURN NULL; END IF; END", true),
            ("BEGIN CASE TG_RELNAME WHEN 'a' THEN RETURN NEW; END CASE; END", true),
            ("BEGIN RETURN NEW; END", false),
        ] {
            assert_eq!(routine(text).asks_for_table, asks, "{text}");
        }
    }

    #[test]
    fn columns_of_the_row_and_relations_without_a_schema() {
        let text = "BEGIN IF NEW.\"Total\" IS DISTINCT FROM OLD.total THEN INSERT INTO log (a) SELECT 1 FROM s.t JOIN u ON true, f(1); \
                    UPDATE v SET x = new.y; END IF; PERFORM 1 FROM g(2); END";
        let found = routine(text);
        let fields: Vec<String> = found.row_fields.iter().map(|(row, field, _)| format!("{row}.{field}")).collect();
        assert_eq!(fields, ["new.Total", "old.total", "new.y"]);
        let relations: Vec<&str> = found.bare_relations.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(relations, ["log", "u", "v"]);
    }
}
