//! Expressions, names and strings as SQL that means the same wherever it runs.

use crate::name::{Ident, Name, quote};
use crate::operation::Operation;
use crate::order::Order;
use crate::read::ddl::lexer::{Token, TokenKind, lex};
use crate::schema::*;
use crate::source::Span;

/// What the names in a text need to be found again.
pub(super) struct Names<'a> {
    pub(super) schema: &'a Schema,
}

impl Names<'_> {
    /// An expression with the names that its objects have now. What is not in `public` gets its schema; `*` becomes the columns that it stood for
    /// where the table has more of them by now.
    pub(super) fn expr(&self, expr: &StoredExpr) -> String {
        self.text(&expr.source.text, &expr.references)
    }

    pub(super) fn text(&self, text: &str, references: &[Reference]) -> String {
        let mut out = String::with_capacity(text.len() + 16);
        let mut at = 0;
        let mut rest = references;
        while let Some((reference, behind)) = rest.split_first() {
            rest = behind;
            let (start, end) = (reference.start as usize, reference.end as usize);
            if start < at {
                continue;
            }
            if end <= start {
                let same = rest.iter().take_while(|r| r.start == reference.start && r.end == reference.end).count();
                let columns = references.get(references.len() - rest.len() - 1..references.len() - rest.len() + same);
                rest = rest.get(same..).unwrap_or_default();
                if let Some(list) = self.star(text, start, columns.unwrap_or_default()) {
                    out.push_str(text.get(at..list.from).unwrap_or_default());
                    out.push_str(&list.columns);
                    at = start + 1;
                }
                continue;
            }
            let (Some(written), Some(name)) = (text.get(start..end), self.schema.current_name(reference.target)) else {
                continue;
            };
            let mut from = start;
            let mut prefix = String::new();
            if let Some(home) = self.home(reference.target) {
                match qualifier(text, start) {
                    Some((first, schema)) if schema != home && first >= at => {
                        from = first;
                        prefix = format!("{}.", quote(home));
                    }
                    Some(_) => {}
                    None if home != "public"
                        && !text.get(end..).unwrap_or_default().trim_start().starts_with('.')
                        && (!is_relation(reference.target)
                            || names_relation(text.get(..start).unwrap_or_default())) =>
                    {
                        prefix = format!("{}.", quote(home));
                    }
                    None => {}
                }
            }
            out.push_str(text.get(at..from).unwrap_or_default());
            out.push_str(&prefix);
            if fold(written) == name {
                out.push_str(written)
            } else {
                out.push_str(&quote(name))
            }
            at = end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        out
    }

    /// The schema of an object that lives in one.
    fn home(&self, id: ObjectId) -> Option<&str> {
        let schema = self.schema;
        let namespace = match id {
            ObjectId::Table(t) => schema.tables.get(t)?.namespace,
            ObjectId::View(v) => schema.views.get(v)?.namespace,
            ObjectId::Sequence(s) => schema.sequences.get(s)?.namespace,
            ObjectId::Type(t) => schema.types.get(t)?.namespace,
            ObjectId::Function(f) => schema.functions.get(f)?.namespace,
            ObjectId::Index(i) => schema.indexes.get(i)?.namespace,
            _ => return None,
        };
        schema.namespaces.get(namespace).map(|n| n.name.as_str())
    }

    /// The columns that a `*` at `start` stood for, where it would stand for others now.
    fn star(&self, text: &str, start: usize, columns: &[Reference]) -> Option<Star> {
        let mut tables: Vec<(TableId, Vec<ColumnNumber>)> = Vec::new();
        for reference in columns {
            let ObjectId::Column(table, column) = reference.target else { return None };
            match tables.iter_mut().find(|(t, _)| *t == table) {
                Some((_, list)) => list.push(column),
                None => tables.push((table, vec![column])),
            }
        }
        let grown = tables.iter().any(|(id, list)| {
            self.schema.tables.get(*id).is_some_and(|t| t.live_columns().any(|(n, _)| !list.contains(&n)))
        });
        if !grown || text.get(start..start + 1) != Some("*") {
            return None;
        }
        let alias = qualifier(text, start);
        let (from, prefix) = match &alias {
            Some((first, _)) => (*first, text.get(*first..start).unwrap_or_default().trim_end().to_owned()),
            None => (start, String::new()),
        };
        let several = tables.len() > 1;
        let mut out = Vec::new();
        for (id, mut list) in tables {
            list.order();
            let table = self.schema.tables.get(id)?;
            for number in list {
                let column = quote(&table.column(number)?.name);
                // Of several tables each column says whose it is; a table with an alias would need that, which is not kept.
                let own = if several { format!("{}.", quote(&table.name)) } else { prefix.clone() };
                out.push(format!("{own}{column}"));
            }
        }
        Some(Star { from, columns: out.join(", ") })
    }
}

/// What takes the place of a `*`, and from where on.
struct Star {
    from: usize,
    columns: String,
}

/// The name before a dot that stands directly before `at`: where it begins, and the name.
fn qualifier(text: &str, at: usize) -> Option<(usize, Name)> {
    let before = text.get(..at)?.trim_end().strip_suffix('.')?.trim_end();
    let from = if let Some(inner) = before.strip_suffix('"') {
        inner.rfind('"')?
    } else {
        before.char_indices().rev().take_while(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '$')).last()?.0
    };
    Some((from, fold(before.get(from..)?)))
}

fn is_relation(id: ObjectId) -> bool {
    matches!(id, ObjectId::Table(_) | ObjectId::View(_))
}

/// Whether a relation's name behind this text stands for the relation, not for a row of it: `FROM t`, `'t'::regclass`, `x::t`; not `f(t)`.
fn names_relation(before: &str) -> bool {
    let all = tokens(before);
    let word = |t: &Token| before.get(t.start as usize..t.end as usize).unwrap_or_default();
    let is =
        |t: &Token, words: &[&str]| t.kind == TokenKind::Word && words.iter().any(|w| word(t).eq_ignore_ascii_case(w));
    let comma = all.last().is_some_and(|t| t.kind == TokenKind::Comma);
    if before.ends_with('\'') || all.last().is_some_and(|t| t.kind == TokenKind::Cast || is(t, &["AS"])) {
        return true;
    }
    let mut depth = 0_u32;
    let mut rest = all.iter().rev().peekable();
    while let Some(token) = rest.next() {
        match token.kind {
            TokenKind::RightParen => depth += 1,
            TokenKind::LeftParen if depth > 0 => depth -= 1,
            TokenKind::LeftParen => {
                // Joined tables in parentheses; anything else around a name is a call or an expression.
                let joined = rest.peek().is_some_and(|t| {
                    is(t, &["FROM", "JOIN", "ONLY"]) || matches!(t.kind, TokenKind::LeftParen | TokenKind::Comma)
                });
                if !joined {
                    return false;
                }
            }
            TokenKind::Word if depth == 0 => {
                if is(token, &["FROM", "JOIN", "INTO", "UPDATE", "ONLY", "USING", "TABLE"]) {
                    return true;
                }
                let ends = ["SELECT", "WHERE", "BY", "HAVING", "RETURNING", "VALUES", "SET", "WHEN", "DISTINCT"];
                if is(token, &ends) || (!comma && is(token, &["ON"])) {
                    return false;
                }
            }
            _ => {}
        }
    }
    false
}

/// A name as the server keeps it.
pub(super) fn fold(written: &str) -> Name {
    let (text, quoted) = match written.strip_prefix('"').and_then(|w| w.strip_suffix('"')) {
        Some(inner) => (inner.replace("\"\"", "\"").into(), true),
        None => (written.into(), false),
    };
    Ident { text, quoted, span: Span::default() }.fold()
}

/// A text between dollar signs that do not occur in it.
pub(super) fn dollar_quoted(text: &str) -> String {
    if !text.contains("$$") && !text.ends_with('$') {
        return format!("$${text}$$");
    }
    let mut tag = "$body".to_owned();
    let mut number = 0_u32;
    while text.contains(&tag) {
        number += 1;
        tag = format!("$body{number}");
    }
    format!("{tag}${text}{tag}$")
}

/// The tokens of a statement.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    const LIMIT: usize = 100_000;
    let mut tokens = Vec::new();
    lex(text, &mut tokens, LIMIT);
    tokens
}

/// The words of a statement outside of parentheses, with their places.
pub(super) fn outer_words(text: &str) -> Vec<(usize, &str)> {
    let mut depth = 0_u32;
    let mut out = Vec::new();
    for token in tokens(text) {
        match token.kind {
            TokenKind::LeftParen => depth += 1,
            TokenKind::RightParen => depth = depth.saturating_sub(1),
            TokenKind::Word | TokenKind::Number if depth == 0 => {
                let (start, end) = (token.start as usize, token.end as usize);
                out.push((start, text.get(start..end).unwrap_or_default()));
            }
            _ => {}
        }
    }
    out
}

/// Statements that are made of what the model holds, not of their text, have another kind of operation.
pub(super) fn begins_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// The last of an object's statements that `pick` takes.
pub(super) fn last<'a, T>(statements: &[&'a Operation], pick: impl Fn(&'a Operation) -> Option<T>) -> Option<T> {
    statements.iter().rev().find_map(|o| pick(o))
}
