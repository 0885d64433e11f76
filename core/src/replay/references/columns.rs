//! Columns: by name among the relations in sight, `a.b`, `a.*`, and rows as wholes.

use super::super::conflict::state;
use super::super::lookup::has_placeholder;
use super::words::{BEFORE_OTHERS, EXPRESSION_WORDS, IMPLICIT_OUTPUTS};
use super::{InScope, Missing, ROW_LENGTH, Scanner, is_system_column};
use crate::name::Name;
use crate::read::ddl::lexer::TokenKind;
use crate::schema::{BaseType, ColumnNumber, ObjectId, RelationId, TableId};

/// A name that columns of several relations have.
const AMBIGUOUS_COLUMN: &str = "42702";

impl Scanner<'_> {
    pub(super) fn bare_column(&mut self, at: usize) {
        let name = self.name(at);
        if self.missing.is_none() && self.ambiguous.is_none() && self.is_ambiguous(at, &name) {
            let message = format!("column reference \"{name}\" is ambiguous");
            self.ambiguous = Some(Missing { sqlstate: AMBIGUOUS_COLUMN, message, span: self.span_of(at, at) });
        }
        let found = self.frames.iter().rev().find_map(|frame| {
            frame.relations.iter().find_map(|r| match r.relation {
                Some(RelationId::Table(t)) => Some((t, self.replayer.find_column(t, &name)?)),
                _ => None,
            })
        });
        if let Some((table, column)) = found {
            return self.refer(at, ObjectId::Column(table, column));
        }
        // The name of a relation in scope means its whole row.
        let row = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == name));
        match row.cloned() {
            Some(InScope { relation: Some(relation), implied: true, .. }) => {
                self.refer(at, super::super::lookup::object_of(relation));
            }
            Some(_) => {}
            None => self.note_missing_column(at, &name),
        }
    }

    /// Whether a bare name of a SELECT's list, WHERE, GROUP BY or HAVING, or of an ON between its only two relations, is certainly that of
    /// columns of several of its relations.
    fn is_ambiguous(&self, at: usize, name: &Name) -> bool {
        let Some(frame) = self.frames.last().filter(|f| f.query) else { return false };
        let has = |r: &&InScope| match r.relation {
            Some(RelationId::Table(id)) => {
                self.is_known_table(r.relation) && self.replayer.find_column(id, name).is_some()
            }
            Some(RelationId::View(id)) => self.replayer.schema.views.get(id).is_some_and(|v| v.columns.contains(name)),
            None => r.given.iter().any(|(given, _)| given == name),
            Some(_) => false,
        };
        let syntax = self.kind(at) == TokenKind::Word && EXPRESSION_WORDS.contains(&name.as_str());
        if syntax
            || frame.relations.iter().filter(has).count() < 2
            || frame.relations.iter().any(|r| r.join.merges(name))
            || self.is_bare_alias(at)
        {
            return false;
        }
        let mut before = at;
        while let Some(place) = before.checked_sub(1) {
            before = self.open.get(place).copied().unwrap_or(place);
            let by_group = before > 0 && self.is(before, "by") && self.is(before - 1, "group");
            if by_group || self.is_any(before, &["select", "where", "having"]) {
                return true;
            }
            let distinct = before > 0 && self.is(before - 1, "distinct");
            if self.is(before, "on") {
                return distinct || (frame.relations.len() == 2 && !self.is(before + 1, "conflict"));
            }
            if self.is_any(before, BEFORE_OTHERS) && !distinct {
                return false;
            }
        }
        false
    }

    /// Whether an output of the query may be called so: by an alias, a column or a function, which then stand somewhere else in the text, or as
    /// PostgreSQL calls a cast or a form of its own syntax (`FigureColname`).
    pub(super) fn may_be_output(&self, at: usize, name: &Name) -> bool {
        IMPLICIT_OUTPUTS.contains(&name.as_str())
            || (0..self.tokens.len()).any(|other| other != at && self.name(other) == *name)
    }

    /// A bare name that is no column of the relations in scope, where all of those are known.
    pub(super) fn note_missing_column(&mut self, at: usize, name: &Name) {
        // Only the first is told; the look for outputs below goes through all tokens.
        if self.missing.is_some() {
            return;
        }
        let syntax = self.kind(at) == TokenKind::Word && EXPRESSION_WORDS.contains(&name.as_str());
        let path = self.kind(at + 1) == TokenKind::Dot;
        let outputs = self
            .frames
            .last()
            .is_none_or(|f| (f.tail && self.may_be_output(at, name)) || (!f.base && f.relations.is_empty()));
        let templated = self.kind(at) == TokenKind::Placeholder || has_placeholder(name);
        // XMLELEMENT (NAME a), and WHERE CURRENT OF a.
        let before = at.checked_sub(1);
        let named =
            before.is_some_and(|b| self.kind(b) == TokenKind::LeftParen) && name == "name" && self.is_name(at + 1);
        let cursor = before.is_some_and(|b| self.is_any(b, &["of", "name"]));
        if syntax || named || cursor || templated || path || outputs || self.is_bare_alias(at) || is_system_column(name)
        {
            return;
        }
        let mut any = false;
        for relation in self.frames.iter().flat_map(|f| &f.relations) {
            any = true;
            let absent = relation.alias != *name
                && match relation.relation {
                    Some(RelationId::Table(id)) => self.replayer.schema.tables.get(id).is_some_and(|t| !t.partial),
                    Some(RelationId::View(id)) => {
                        self.replayer.schema.views.get(id).is_some_and(|v| !v.partial && !v.columns.contains(name))
                    }
                    _ => false,
                };
            if !absent {
                return;
            }
        }
        if any {
            self.missing = Some(Missing {
                sqlstate: state::UNDEFINED_COLUMN,
                message: format!("column \"{name}\" does not exist"),
                span: self.span_of(at, at),
            });
        }
    }

    /// `a.b` where no relation in sight is called `a`, and all of them have names that are known.
    pub(super) fn note_missing_relation(&mut self, first: usize, last: usize, alias: &Name) {
        let constant = self.kind(last + 1) == TokenKind::String;
        let templated = |at: usize| self.kind(at) == TokenKind::Placeholder || has_placeholder(&self.name(at));
        let templated = templated(first) || templated(last);
        // `SET column.field = …` writes a part of a column.
        let written = first.checked_sub(1).is_some_and(|at| self.is(at, "set") || self.kind(at) == TokenKind::Comma)
            && matches!(self.raw(last + 1), "=" | "[");
        let known = self.frames.last().is_some_and(|f| !f.relations.is_empty())
            && self.frames.iter().flat_map(|f| &f.relations).all(|r| !r.alias.is_empty());
        if self.missing.is_some() || constant || templated || written || !known || self.join_aliases.contains(alias) {
            return;
        }
        self.missing = Some(Missing {
            sqlstate: state::UNDEFINED_TABLE,
            message: format!("missing FROM-clause entry for table \"{alias}\""),
            span: self.span_of(first, last),
        });
    }

    pub(super) fn qualified_column(&mut self, first: usize, last: usize) {
        let (alias, name) = (self.name(first), self.name(last));
        let found = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == alias)).cloned();
        let Some(found) = found else { return self.note_missing_relation(first, last, &alias) };
        let InScope { relation: Some(relation), implied, .. } = found else { return };
        if implied {
            self.refer(first, super::super::lookup::object_of(relation));
        }
        let table = match relation {
            RelationId::Table(table) => table,
            RelationId::View(view) => {
                let view = self.replayer.schema.views.get(view);
                let function = self.replayer.find_function_call(None, &name, Some(1)).is_some();
                let absent = view.is_some_and(|v| !v.partial && !v.columns.contains(&name)) && !function;
                if absent && !is_system_column(&name) && !has_placeholder(&name) && self.missing.is_none() {
                    self.missing = Some(Missing {
                        sqlstate: state::UNDEFINED_COLUMN,
                        message: format!("column {alias}.{name} does not exist"),
                        span: self.span_of(first, last),
                    });
                }
                return;
            }
            _ => return,
        };
        match self.replayer.find_column(table, &name) {
            Some(column) => self.refer(last, ObjectId::Column(table, column)),
            None => {
                let known = self.replayer.schema.tables.get(table).is_some_and(|t| !t.partial);
                // `t.f` may also call the function f on a row of t.
                let function = self.replayer.find_function_call(None, &name, Some(1)).is_some();
                if known && !function && !is_system_column(&name) && !has_placeholder(&name) && self.missing.is_none() {
                    self.missing = Some(Missing {
                        sqlstate: state::UNDEFINED_COLUMN,
                        message: format!("column {alias}.{name} does not exist"),
                        span: self.span_of(first, last),
                    });
                }
            }
        }
    }

    pub(super) fn fully_qualified_column(&mut self, first: usize, last: usize) {
        let (schema, table, name) = (self.name(first), self.name(first + 2), self.name(last));
        if let Some(RelationId::Table(id)) = self.replayer.find_relation_by(Some(&schema), &table) {
            self.refer(first + 2, ObjectId::Table(id));
            if let Some(column) = self.replayer.find_column(id, &name) {
                self.refer(last, ObjectId::Column(id, column));
            }
        }
    }

    /// `a.*`: depends on every column that the table has now.
    pub(super) fn all_columns_of(&mut self, first: usize, last: usize, star: usize) {
        let alias = self.name(last);
        let found = self.frames.iter().rev().find_map(|f| f.relations.iter().find(|r| r.alias == alias)).cloned();
        if let Some(InScope { relation: Some(relation), implied, .. }) = found {
            if implied && first == last {
                self.refer(first, super::super::lookup::object_of(relation));
            }
            if !self.is_row_value(first, star) {
                self.depend_on_columns(star, relation);
            }
        }
    }

    /// Whether `a.*` is one value, an operand, and not a list of columns: a row as a whole depends on no column. Source: PostgreSQL manual, 8.16.5
    /// "Using Composite Types in Queries".
    pub(super) fn is_row_value(&self, first: usize, star: usize) -> bool {
        let before = first.checked_sub(1).is_some_and(|at| {
            self.kind(at) == TokenKind::Operator
                || self.is_any(at, &["and", "or", "not", "when"])
                || (self.is(at, "from") && at > 0 && self.is(at - 1, "distinct"))
        });
        before
            || matches!(self.kind(star + 1), TokenKind::Operator | TokenKind::Cast)
            || self.is_any(star + 1, &["is", "and", "or", "in", "not", "isnull", "notnull"])
    }

    /// A bare `*` where an output column stands.
    pub(super) fn star(&mut self, at: usize) {
        let before = at.checked_sub(1);
        if let Some(dot) = before.filter(|b| self.kind(*b) == TokenKind::Dot) {
            // `(row).*`
            if let Some(table) = self.row_before(dot) {
                self.depend_on_columns(at, RelationId::Table(table));
            }
            return;
        }
        let opens = before.is_some_and(|b| {
            self.is_any(b, &["select", "distinct", "all", "returning"])
                || self.kind(b) == TokenKind::Comma
                || (self.kind(b) == TokenKind::RightParen && self.is(at + 1, "from"))
        });
        if !opens {
            return;
        }
        let relations: Vec<RelationId> =
            self.frames.last().map(|f| f.relations.iter().filter_map(|r| r.relation).collect()).unwrap_or_default();
        for relation in relations {
            self.depend_on_columns(at, relation);
        }
    }

    pub(super) fn depend_on_columns(&mut self, at: usize, relation: RelationId) {
        let RelationId::Table(id) = relation else { return };
        let Some(table) = self.replayer.schema.tables.get(id) else { return };
        let columns: Vec<ColumnNumber> = table.live_columns().map(|(n, _)| n).collect();
        for column in columns {
            self.refer_silently(at, ObjectId::Column(id, column));
        }
    }

    /// The table whose row `(…)` before a dot is. A field that is taken from it is a dependency on its column, whatever the row came from.
    pub(super) fn row_before(&self, dot: usize) -> Option<TableId> {
        let close = dot.checked_sub(1).filter(|at| self.kind(*at) == TokenKind::RightParen)?;
        let mut before = (close.saturating_sub(ROW_LENGTH)..close).rev();
        let open = before.find(|at| self.kind(*at) == TokenKind::LeftParen && self.closing(*at) == close)?;
        let relations = || self.frames.iter().rev().flat_map(|f| &f.relations);
        if close == open + 2 {
            let name = self.name(open + 1);
            if let Some(row) = relations().find(|r| r.alias == name) {
                return match row.relation {
                    Some(RelationId::Table(table)) => Some(table),
                    _ => None,
                };
            }
        }
        let of_call = || {
            let arguments = (open + 1..close).find(|at| self.kind(*at) == TokenKind::LeftParen)?;
            (self.closing(arguments) + 1 == close).then_some(())?;
            let function = self.function_called(open + 1, arguments - 1)?;
            self.replayer.schema.functions.get(function)?.returns.clone()
        };
        let data_type = of_call().or_else(|| {
            let frame = self.frames.last()?;
            self.type_of(open + 1, close, &frame.relations, 0)
        });
        match data_type?.base {
            BaseType::Row(table) => Some(table),
            _ => None,
        }
    }
}
