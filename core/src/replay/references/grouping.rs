//! What a query with aggregates or GROUP BY may show: what it groups by, and of a table by whose primary key it groups every column
//! (`check_ungrouped_columns`, `check_functional_grouping`).

use super::super::expressions::{AGGREGATES, GROUPING_ERROR};
use super::{Missing, Scanner, matching, split, tokens};
use crate::read::ddl::lexer::{Token, TokenKind};
use crate::schema::{ColumnNumber, ObjectId, Reference, StoredExpr, TableId};

/// Where the list behind GROUP BY ends.
const BEHIND_GROUPS: &[&str] =
    &["having", "window", "order", "limit", "offset", "fetch", "for", "union", "intersect", "except"];

/// Where the parts of a SELECT end.
const CLAUSES: &[&str] = &[
    "from",
    "where",
    "group",
    "having",
    "window",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "union",
    "intersect",
    "except",
];

/// Functions that are no aggregates: what stands in their arguments is shown as it is.
const PLAIN: &[&str] = &["coalesce", "concat", "greatest", "least", "lower", "nullif", "round", "to_char", "upper"];

struct Grouping<'a> {
    text: &'a str,
    references: &'a [Reference],
    tokens: &'a [Token],
    close: &'a [usize],
}

impl Scanner<'_> {
    /// A column that a SELECT shows though it neither groups by it nor aggregates it, or an aggregate in WHERE; only where that is certain.
    pub(super) fn ungrouped(&self) -> Option<Missing> {
        let grouping =
            Grouping { text: self.text, references: &self.references, tokens: &self.tokens, close: &self.close };
        (0..self.tokens.len())
            .filter(|at| self.is(*at, "select"))
            .find_map(|select| self.ungrouped_in(&grouping, select))
    }

    fn ungrouped_in(&self, grouping: &Grouping<'_>, select: usize) -> Option<Missing> {
        let schema = &self.replayer.schema;
        let from = grouping.end_of_part(select + 1, CLAUSES);
        let filter = grouping.end_of_part(from + 1, CLAUSES);
        let group = if self.is(filter, "where") { grouping.end_of_part(filter + 1, CLAUSES) } else { filter };
        // Which side a column of a join by name is of, nothing here says.
        if !self.is(from, "from") || (from..filter).any(|at| self.is_any(at, &["using", "natural"])) {
            return None;
        }
        let relations: Vec<(usize, TableId)> = grouping.relations();
        let once = |(at, table): &(usize, TableId)| {
            (from..group).contains(at) && relations.iter().filter(|(_, other)| other == table).count() == 1
        };
        let tables: Vec<TableId> = relations.iter().filter(|r| once(r)).map(|(_, table)| *table).collect();
        let refused =
            |at: usize, message: String| Missing { sqlstate: GROUPING_ERROR, message, span: self.span_of(at, at) };
        let aggregate = |from, to| grouping.aggregate(from, to, &tables).filter(|at| !self.is_own_function(*at));
        if self.is(filter, "where")
            && let Some(at) = aggregate(filter + 1, group)
        {
            return Some(refused(at, "aggregate functions are not allowed in WHERE".to_owned()));
        }
        let by = self.is(group, "group");
        if !by && !self.is(group, "having") && aggregate(select + 1, from).is_none() {
            return None;
        }
        let (shown, groups_end) =
            ((select + 1, from), if by { grouping.end_of_part(group + 2, BEHIND_GROUPS) } else { group });
        let having = (groups_end, grouping.end_of_part(groups_end + 1, BEHIND_GROUPS));
        // What a number means that is none of an entry is refused for that.
        let list = self.split(group + 2, groups_end);
        if by
            && list
                .iter()
                .any(|(at, _)| self.raw(*at).parse().is_ok_and(|n: usize| n > self.split(shown.0, shown.1).len()))
        {
            return None;
        }
        let having = if self.is(groups_end, "having") { having } else { (0, 0) };
        let (at, table, number) = tables.iter().find_map(|table| {
            let grouped = if by { grouping.grouped(shown, (group + 2, groups_end), *table) } else { Vec::new() };
            let key = schema.primary_key_of(schema.tables.get(*table)?).map(|(_, key)| key.columns.as_slice());
            if key.is_some_and(|key| key.iter().all(|column| grouped.contains(column))) {
                return None;
            }
            let shows = |(from, to)| grouping.places(from, to, *table, false);
            let mut free = [shown, having]
                .into_iter()
                .flat_map(shows)
                .filter(|(at, column)| !grouped.contains(column) && !self.is_bare_alias(*at));
            free.next().map(|(at, column)| (at, *table, column))
        })?;
        let column = schema.tables.get(table)?.column(number)?;
        let relation = self.replayer.table_name(table);
        let message = format!(
            "column \"{relation}.{}\" must appear in the GROUP BY clause or be used in an aggregate function",
            column.name
        );
        Some(refused(at, message))
    }

    /// Whether a schema of the input has a function of the name at this place, which may be another than the server's.
    fn is_own_function(&self, at: usize) -> bool {
        let name = self.name(at);
        self.replayer.schema.functions.iter().any(|(_, f)| f.dropped.is_none() && f.name == name)
    }
}

/// Whether a query shows columns of a table that it does not group by, because it groups by the table's key. Where functions hide what is shown, the
/// answer is no.
pub(in crate::replay) fn groups_by_key(query: &StoredExpr, table: TableId, key: &[ColumnNumber]) -> bool {
    let tokens = tokens(&query.source);
    let close = matching(&tokens);
    let grouping = Grouping { text: &query.source.text, references: &query.references, tokens: &tokens, close: &close };
    (0..grouping.tokens.len())
        .filter(|at| grouping.is(*at, &["group"]) && grouping.is(at + 1, &["by"]))
        .any(|at| grouping.rests_on(at, table, key))
}

impl Grouping<'_> {
    fn is(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|t| {
            let text = self.text.get(t.start as usize..t.end as usize).unwrap_or_default();
            t.kind == TokenKind::Word && words.iter().any(|w| text.eq_ignore_ascii_case(w))
        })
    }

    fn raw(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|t| self.text.get(t.start as usize..t.end as usize)).unwrap_or_default()
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
        let grouped = self.grouped(shown, (group + 2, groups_end), table);
        let by_key = !key.is_empty() && key.iter().all(|column| grouped.contains(column));
        let free = [shown, behind].into_iter().flat_map(|(from, to)| self.columns(from, to, table, false));
        by_key && free.into_iter().any(|column| !grouped.contains(&column))
    }

    /// The columns of a table by which a query groups that shows these entries: those of the list, and of entries that it names by their numbers
    /// or aliases.
    fn grouped(&self, shown: (usize, usize), list: (usize, usize), table: TableId) -> Vec<ColumnNumber> {
        let mut grouped = self.columns(list.0, list.1, table, true);
        let items = split(self.tokens, self.close, shown.0, shown.1);
        for (from, to) in split(self.tokens, self.close, list.0, list.1) {
            if to != from + 1 || !self.columns(from, to, table, true).is_empty() {
                continue;
            }
            let number = self.raw(from).parse::<usize>().ok().and_then(|n| items.get(n.checked_sub(1)?));
            let named = items.iter().filter(|(_, end)| self.raw(end - 1).eq_ignore_ascii_case(self.raw(from)));
            for item in number.into_iter().chain(named) {
                grouped.extend(self.columns(item.0, item.1, table, true));
            }
        }
        grouped
    }

    /// The tables that the text names as a whole, each with its place, as FROM items do.
    fn relations(&self) -> Vec<(usize, TableId)> {
        let named = self.references.iter().filter(|r| r.end > r.start).filter_map(|r| {
            let at = self.tokens.binary_search_by_key(&r.start, |t| t.start).ok()?;
            match r.target {
                ObjectId::Table(table) if self.kind(at + 1) != TokenKind::Dot => Some((at, table)),
                _ => None,
            }
        });
        named.collect()
    }

    /// The first aggregate of a range that is of the query at hand, which reads `tables`, and no window function.
    fn aggregate(&self, from: usize, to: usize, tables: &[TableId]) -> Option<usize> {
        let mut at = from;
        while at < to {
            if self.kind(at) == TokenKind::LeftParen && self.is(at + 1, &["select", "with", "values"]) {
                at = self.close.get(at).copied().unwrap_or(to);
            } else if self.kind(at) == TokenKind::Word
                && self.kind(at + 1) == TokenKind::LeftParen
                && self.kind(at.wrapping_sub(1)) != TokenKind::Dot
                && AGGREGATES.iter().any(|name| self.is(at, &[name]))
            {
                let close = self.close.get(at + 1).copied().unwrap_or(to);
                let own =
                    self.raw(at + 2) == "*" || tables.iter().any(|t| !self.columns(at, close, *t, true).is_empty());
                let mut after = close + 1;
                while self.is(after, &["filter", "within", "group"]) || self.kind(after) == TokenKind::LeftParen {
                    after = self.close.get(after).copied().unwrap_or(after) + 1;
                }
                if own && !self.is(after, &["over"]) {
                    return Some(at);
                }
            }
            at += 1;
        }
        None
    }

    /// The columns of a table that a range of tokens names; without `all`, those that are not in the arguments of a call or in a query of their own.
    fn columns(&self, from: usize, to: usize, table: TableId, all: bool) -> Vec<ColumnNumber> {
        self.places(from, to, table, all).into_iter().map(|(_, column)| column).collect()
    }

    /// The same, each with its place.
    fn places(&self, from: usize, to: usize, table: TableId, all: bool) -> Vec<(usize, ColumnNumber)> {
        let mut columns = Vec::new();
        let mut at = from;
        while at < to {
            if !all && self.kind(at) == TokenKind::LeftParen && self.hides(at) {
                at = self.close.get(at).copied().unwrap_or(at) + 1;
                continue;
            }
            let start = self.tokens.get(at).map(|t| t.start);
            columns.extend(self.references.iter().filter(|r| Some(r.start) == start && r.end > r.start).filter_map(
                |r| match r.target {
                    ObjectId::Column(of, number) if of == table => Some((at, number)),
                    _ => None,
                },
            ));
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
