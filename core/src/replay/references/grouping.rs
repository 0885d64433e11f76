//! Whether a query rests on a primary key: what it groups by the key, it may show other columns of (`check_functional_grouping`).

use super::{matching, split, tokens};
use crate::read::ddl::lexer::{Token, TokenKind};
use crate::schema::{ColumnNumber, ObjectId, StoredExpr, TableId};

/// Where the list behind GROUP BY ends.
const BEHIND_GROUPS: &[&str] =
    &["having", "window", "order", "limit", "offset", "fetch", "for", "union", "intersect", "except"];

/// Functions that are no aggregates: what stands in their arguments is shown as it is.
const PLAIN: &[&str] = &["coalesce", "concat", "greatest", "least", "lower", "nullif", "round", "to_char", "upper"];

struct Grouping<'a> {
    query: &'a StoredExpr,
    tokens: Vec<Token>,
    close: Vec<usize>,
}

/// Whether a query shows columns of a table that it does not group by, because it groups by the table's key. Where functions hide what is shown, the
/// answer is no.
pub(in crate::replay) fn groups_by_key(query: &StoredExpr, table: TableId, key: &[ColumnNumber]) -> bool {
    let tokens = tokens(&query.source);
    let close = matching(&tokens);
    let grouping = Grouping { query, tokens, close };
    (0..grouping.tokens.len())
        .filter(|at| grouping.is(*at, &["group"]) && grouping.is(at + 1, &["by"]))
        .any(|at| grouping.rests_on(at, table, key))
}

impl Grouping<'_> {
    fn is(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|t| {
            let text = self.query.source.text.get(t.start as usize..t.end as usize).unwrap_or_default();
            t.kind == TokenKind::Word && words.iter().any(|w| text.eq_ignore_ascii_case(w))
        })
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |t| t.kind)
    }

    /// The first token from `at` on, at the same depth, that ends a part of the query.
    fn end_of_part(&self, mut at: usize, words: &[&str]) -> usize {
        while at < self.tokens.len() {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.close.get(at).copied().unwrap_or(at),
                TokenKind::RightParen | TokenKind::Semicolon => return at,
                _ if self.is(at, words) => return at,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// The SELECT to which the GROUP at `group` belongs.
    fn select_before(&self, group: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in (0..group).rev() {
            match self.kind(at) {
                TokenKind::RightParen => depth += 1,
                TokenKind::LeftParen if depth == 0 => return None,
                TokenKind::LeftParen => depth -= 1,
                _ if depth == 0 && self.is(at, &["select"]) => return Some(at),
                _ => {}
            }
        }
        None
    }

    fn rests_on(&self, group: usize, table: TableId, key: &[ColumnNumber]) -> bool {
        let Some(select) = self.select_before(group) else { return false };
        let shown = (select + 1, self.end_of_part(select + 1, &["from"]));
        let groups_end = self.end_of_part(group + 2, BEHIND_GROUPS);
        let behind = (
            groups_end,
            self.end_of_part(groups_end, &["limit", "offset", "fetch", "for", "union", "intersect", "except"]),
        );
        let mut grouped = self.columns(group + 2, groups_end, table, true);
        // `GROUP BY 1` means the first of what is shown.
        let items = split(&self.tokens, &self.close, shown.0, shown.1);
        for (from, to) in split(&self.tokens, &self.close, group + 2, groups_end) {
            let number = self.tokens.get(from).filter(|t| to == from + 1 && t.kind == TokenKind::Number);
            let text = number.and_then(|t| self.query.source.text.get(t.start as usize..t.end as usize));
            if let Some(item) = text.and_then(|t| t.parse::<usize>().ok()).and_then(|n| items.get(n.checked_sub(1)?)) {
                grouped.extend(self.columns(item.0, item.1, table, true));
            }
        }
        let by_key = !key.is_empty() && key.iter().all(|column| grouped.contains(column));
        let free = [shown, behind].into_iter().flat_map(|(from, to)| self.columns(from, to, table, false));
        by_key && free.into_iter().any(|column| !grouped.contains(&column))
    }

    /// The columns of a table that a range of tokens names; without `all`, those that are not in the arguments of a call or in a query of their own.
    fn columns(&self, from: usize, to: usize, table: TableId, all: bool) -> Vec<ColumnNumber> {
        let mut columns = Vec::new();
        let mut at = from;
        while at < to {
            if !all && self.kind(at) == TokenKind::LeftParen && self.hides(at) {
                at = self.close.get(at).copied().unwrap_or(at) + 1;
                continue;
            }
            let start = self.tokens.get(at).map(|t| t.start);
            columns.extend(
                self.query.references.iter().filter(|r| Some(r.start) == start && r.end > r.start).filter_map(|r| {
                    match r.target {
                        ObjectId::Column(of, number) if of == table => Some(number),
                        _ => None,
                    }
                }),
            );
            at += 1;
        }
        columns
    }

    fn hides(&self, open: usize) -> bool {
        let before = open.checked_sub(1).map_or(TokenKind::End, |b| self.kind(b));
        let call = matches!(before, TokenKind::Word | TokenKind::Quoted) && !self.is(open - 1, PLAIN);
        call && !self.is(open - 1, &["and", "or", "not", "when", "then", "else", "case", "by", "having"])
            || self.is(open + 1, &["select", "with", "values"])
    }
}
