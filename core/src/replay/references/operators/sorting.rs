//! What is grouped, made distinct, merged or sorted by a type that has neither an order nor equality: `SELECT DISTINCT` of a `json` column.
//! Sources: PostgreSQL manual, SELECT; the default operator classes in `pg_opclass` of PostgreSQL 15.

use super::super::words::AFTER_SELECT_LIST;
use super::super::{InScope, Missing, Scanner};
use crate::read::ddl::lexer::TokenKind;
use crate::replay::conflict::state;
use crate::schema::DataType;

/// Types without a default operator class for B-trees and hashes.
const UNSORTED: &[&str] = &["json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"];

/// Words that end one entry of ORDER BY before its comma.
const DIRECTIONS: &[&str] = &["asc", "desc", "nulls", "using"];

/// Words behind the lists of a window.
const FRAMES: &[&str] = &["order", "rows", "range", "groups"];

impl Scanner<'_> {
    /// Looks at DISTINCT, GROUP BY, ORDER BY, PARTITION BY and the operations on sets.
    pub(super) fn judge_sorting(&mut self, at: usize, word: &str) -> Option<Missing> {
        match word {
            "distinct" => self.judge_distinct_rows(at),
            "group" if self.is(at + 1, "by") => {
                let select = self.select_of(at);
                self.judge_list(at + 2, select, AFTER_SELECT_LIST, "equality")
            }
            "partition" if self.is(at + 1, "by") => self.judge_list(at + 2, None, FRAMES, "equality"),
            "order" if self.is(at + 1, "by") => {
                let select = self.select_of(at);
                // The result of an operation on sets is sorted by its own columns.
                if select.is_some_and(|select| self.is_branch(select)) {
                    return None;
                }
                self.judge_list(at + 2, select, AFTER_SELECT_LIST, "ordering")
            }
            "union" if self.is(at + 1, "all") => None,
            "union" | "intersect" | "except" => self.judge_outputs(self.select_of(at)?, at),
            _ => None,
        }
    }

    /// DISTINCT of the rows of a SELECT, or of an aggregate's arguments.
    fn judge_distinct_rows(&mut self, at: usize) -> Option<Missing> {
        let before = at.checked_sub(1)?;
        if self.is(before, "select") {
            return if self.is(at + 1, "on") { None } else { self.judge_outputs(before, at) };
        }
        (self.kind(before) == TokenKind::LeftParen).then(|| self.judge_list(at + 1, None, FRAMES, "equality"))?
    }

    /// The SELECT in whose query a word stands, not in parentheses of its own.
    fn select_of(&self, word: usize) -> Option<usize> {
        let mut at = word;
        while at > 0 {
            at -= 1;
            match self.kind(at) {
                TokenKind::RightParen | TokenKind::RightBracket => {
                    at = self.open.get(at).copied().filter(|o| *o < at)?
                }
                TokenKind::LeftParen | TokenKind::LeftBracket => return None,
                _ if self.is(at, "select") => return Some(at),
                _ => {}
            }
        }
        None
    }

    fn near_relations(&self) -> &[InScope] {
        self.frames.last().map_or(&[], |frame| &frame.relations)
    }

    /// All that a SELECT gives must be comparable.
    fn judge_outputs(&self, select: usize, at: usize) -> Option<Missing> {
        let outputs = self.outputs_of(select, self.near_relations())?;
        let wrong = outputs.iter().filter_map(|output| output.data_type.as_ref()).find(|t| self.is_unsorted(t))?;
        Some(self.no_sorting(wrong, "equality", at))
    }

    /// The entries of a list: expressions over the relations, and with a `select` the numbers and names of its columns.
    fn judge_list(&mut self, from: usize, select: Option<usize>, ends: &[&str], what: &str) -> Option<Missing> {
        let outputs = select.and_then(|select| self.outputs_of(select, self.near_relations()));
        let relations = self.in_sight();
        let end = self.end_of_list(from, ends);
        for (from, to) in self.split(from, end) {
            let to = (from..to).find(|at| self.is_any(*at, DIRECTIONS)).unwrap_or(to);
            let bare = to == from + 1;
            let number = self.raw(from).parse::<usize>().ok().filter(|_| bare);
            let output = match (number, &outputs) {
                (Some(number), Some(outputs)) => outputs.get(number.checked_sub(1)?),
                (None, Some(outputs)) if bare => outputs.iter().find(|output| output.name == self.name(from)),
                _ => None,
            };
            // ORDER BY means what is shown where that has the name, GROUP BY what is read.
            let read = if number.is_some() { None } else { self.typed(from, to, &relations) };
            let shown = output.map(|output| output.data_type.clone());
            let data_type = if what == "ordering" { shown.unwrap_or(read) } else { read.or(shown.flatten()) };
            if let Some(data_type) = data_type.filter(|t| self.is_unsorted(t)) {
                return Some(self.no_sorting(&data_type, what, from));
            }
        }
        None
    }

    /// The first token from `at` on that ends a list outside of parentheses.
    fn end_of_list(&self, mut at: usize, ends: &[&str]) -> usize {
        while at < self.tokens.len() {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::RightParen | TokenKind::RightBracket | TokenKind::Semicolon => break,
                _ if self.is_any(at, ends) => break,
                _ => {}
            }
            at += 1;
        }
        at.min(self.tokens.len())
    }

    fn is_unsorted(&self, data_type: &DataType) -> bool {
        self.replayer.underlying(data_type).builtin_name().is_some_and(|name| UNSORTED.contains(&name))
    }

    fn no_sorting(&self, data_type: &DataType, what: &str, at: usize) -> Missing {
        let message = format!("could not identify an {what} operator for type {}", self.shown(data_type));
        Missing { sqlstate: state::UNDEFINED_FUNCTION, message, span: self.span_of(at, at) }
    }
}
