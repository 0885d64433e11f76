//! The columns that a query gives: their names as the server makes them up, and their types where they can be told.

use super::super::conflict::state;
use super::typing::united;
use super::words::AFTER_SELECT_LIST;
use super::{InScope, Join, Missing, NAME_DEPTH, Output, Scanner, ends_operand, split};
use crate::name::{Ident, Name};
use crate::read::ddl::lexer::TokenKind;
use crate::schema::{Column, DataType, RelationId};

impl Scanner<'_> {
    /// The output columns of the whole query, or `None` where one can't be told.
    pub(super) fn outputs(&self) -> Option<Vec<Output>> {
        let (start, relations) = self.main.as_ref()?;
        let mut outputs = self.outputs_of(*start, relations)?;
        // Where branches differ in a type, which one is the result's is for the type system to say.
        // Source: PostgreSQL manual, 10.5 "UNION, CASE, and Related Constructs".
        let branches: Option<Vec<Vec<Output>>> = self.branches_of(*start).and_then(|branches| {
            branches.into_iter().map(|(start, relations)| self.outputs_of(*start, relations)).collect()
        });
        for (at, output) in outputs.iter_mut().enumerate() {
            for branch in branches.iter().flatten() {
                let other = branch.get(at).and_then(|other| other.data_type.as_ref());
                output.data_type = output.data_type.take().zip(other).and_then(|(a, b)| united(a, b));
            }
            if branches.is_none() {
                output.data_type = None;
            }
        }
        Some(outputs)
    }

    /// What is wrong with a set operation whose sides have different numbers of columns, or columns of types that have nothing in common.
    pub(super) fn uneven_branches(&self) -> Option<Missing> {
        let (start, relations) = self.main.as_ref()?;
        let first = self.outputs_of(*start, relations)?;
        for (branch, relations) in self.branches_of(*start)? {
            let outputs = self.outputs_of(*branch, relations)?;
            // A string may be one without a type, which takes that of the other side.
            let typed = |o: &Output| o.data_type.clone().filter(|t| t.builtin_name() != Some("text"));
            let mut sides = first.iter().zip(&outputs).filter_map(|(a, b)| typed(a).zip(typed(b)));
            if let Some(wrong) = sides.find_map(|(a, b)| self.unmatched(&a, &b, "UNION", *branch)) {
                return Some(wrong);
            }
            if outputs.len() != first.len() {
                let message = "each UNION query must have the same number of columns".to_owned();
                return Some(Missing { sqlstate: state::SYNTAX_ERROR, message, span: self.span_of(*branch, *branch) });
            }
        }
        None
    }

    /// The output columns of one SELECT or VALUES.
    pub(super) fn outputs_of(&self, start: usize, relations: &[InScope]) -> Option<Vec<Output>> {
        if self.is(start, "values") {
            let mut open = start + 1;
            let mut outputs: Vec<Output> = Vec::new();
            while self.kind(open) == TokenKind::LeftParen {
                let close = self.closing(open);
                let types = self.split(open + 1, close).into_iter().map(|(from, to)| self.type_of(from, to, &[], 0));
                if open == start + 1 {
                    let name = |at: usize| format!("column{}", at + 1).into();
                    let columns = types.enumerate();
                    outputs =
                        columns.map(|(at, data_type)| Output { name: name(at), data_type, collation: None }).collect();
                } else {
                    // Rows are to each other as the branches of a UNION.
                    for (output, data_type) in outputs.iter_mut().zip(types) {
                        output.data_type = output.data_type.take().zip(data_type).and_then(|(a, b)| united(a, &b));
                    }
                }
                open = if self.kind(close + 1) == TokenKind::Comma { close + 2 } else { break };
            }
            return Some(outputs);
        }
        if self.is(start, "table") {
            let mut out = Vec::new();
            self.expand_all(relations, &mut out)?;
            return Some(out);
        }
        let mut at = start + 1;
        if self.is_any(at, &["all", "distinct"]) {
            at += 1;
            if self.is(at, "on") && self.kind(at + 1) == TokenKind::LeftParen {
                at = self.closing(at + 1) + 1;
            }
        }
        let mut end = at;
        while end < self.tokens.len() {
            match self.kind(end) {
                TokenKind::LeftParen | TokenKind::LeftBracket => end = self.closing(end),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                // But for `IS DISTINCT FROM`.
                TokenKind::Word
                    if self.is_any(end, AFTER_SELECT_LIST)
                        && !(self.is(end, "from") && self.is(end - 1, "distinct")) =>
                {
                    break;
                }
                _ => {}
            }
            end += 1;
        }
        let mut out = Vec::new();
        for (from, to) in self.split(at, end.min(self.tokens.len())) {
            if to <= from {
                continue;
            }
            if to == from + 1 && self.raw(from) == "*" {
                self.expand_all(relations, &mut out)?;
                continue;
            }
            if self.raw(to - 1) == "*" && to >= from + 3 && self.kind(to - 2) == TokenKind::Dot {
                let alias = self.name(to - 3);
                let relation = relations.iter().find(|r| r.alias == alias)?;
                self.expand(relation, &mut out)?;
                continue;
            }
            out.push(self.output(from, to, relations));
        }
        Some(out)
    }

    /// `*`: the columns of all FROM items, those that are joined by name once and first.
    pub(super) fn expand_all(&self, relations: &[InScope], out: &mut Vec<Output>) -> Option<()> {
        // The columns of the tree of joins at hand.
        let mut tree: Vec<Output> = Vec::new();
        for relation in relations {
            let mut right = Vec::new();
            self.expand(relation, &mut right)?;
            let common: Vec<Name> = match &relation.join {
                Join::None => {
                    out.append(&mut tree);
                    Vec::new()
                }
                Join::Plain => Vec::new(),
                Join::Using(names) => names.clone(),
                Join::Nested => return None,
                Join::Natural => {
                    let both = tree.iter().filter(|l| right.iter().any(|r| r.name == l.name));
                    both.map(|l| l.name.clone()).collect()
                }
            };
            let mut merged = Vec::with_capacity(tree.len() + right.len());
            for name in &common {
                let at = tree.iter().position(|l| l.name == *name)?;
                let mut column = tree.remove(at);
                let other = right.iter().find(|r| r.name == *name)?;
                if other.data_type != column.data_type {
                    column.data_type = None;
                }
                merged.push(column);
            }
            merged.append(&mut tree);
            merged.extend(right.into_iter().filter(|r| !common.contains(&r.name)));
            tree = merged;
        }
        out.append(&mut tree);
        Some(())
    }

    pub(super) fn expand(&self, relation: &InScope, out: &mut Vec<Output>) -> Option<()> {
        match relation.relation {
            None if !relation.given.is_empty() => out.extend(relation.given.iter().map(|(name, data_type)| Output {
                name: name.clone(),
                data_type: data_type.clone(),
                collation: None,
            })),
            Some(RelationId::Table(id)) => {
                let table = self.replayer.schema.tables.get(id).filter(|t| !t.partial)?;
                for (_, column) in table.live_columns() {
                    out.push(Output {
                        name: column.name.clone(),
                        data_type: Some(column.data_type.clone()),
                        collation: column.collation.clone(),
                    });
                }
            }
            Some(RelationId::View(id)) => {
                let view = self.replayer.schema.views.get(id).filter(|v| !v.partial)?;
                let types = view.column_types.iter().cloned().chain(std::iter::repeat(None));
                let columns = view.columns.iter().cloned().zip(types);
                out.extend(columns.map(|(name, data_type)| Output { name, data_type, collation: None }));
            }
            _ => return None,
        }
        Some(())
    }

    /// Splits a range at its commas.
    pub(super) fn split(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        split(&self.tokens, &self.close, from, to)
    }

    pub(super) fn output(&self, from: usize, mut to: usize, relations: &[InScope]) -> Output {
        let mut label = None;
        let last = to - 1;
        if self.is_name(last) && last > from {
            if self.is(last - 1, "as") {
                label = Some(self.name(last));
                to = last - 1;
            } else if ends_operand(self.kind(last - 1), self.raw(last - 1))
                && !self.is(last, "end")
                && !self.is(last - 1, "over")
            {
                label = Some(self.name(last));
                to = last;
            }
        }
        let data_type = self.type_of(from, to, relations, 0);
        let name = label.or_else(|| self.figure_name(from, to, 0).0).unwrap_or_else(|| "?column?".into());
        let collation = match to - from {
            1 => self.column_in(None, &self.name(from), relations),
            3 if self.kind(from + 1) == TokenKind::Dot => {
                self.column_in(Some(&self.name(from)), &self.name(from + 2), relations)
            }
            _ => None,
        };
        Output { name, data_type, collation: collation.and_then(|c| c.collation.clone()) }
    }

    pub(super) fn column_type(&self, alias: Option<&Name>, name: &Name, relations: &[InScope]) -> Option<DataType> {
        if let Some(column) = self.column_in(alias, name, relations) {
            return Some(column.data_type.clone());
        }
        let mut found =
            relations.iter().filter(|r| alias.is_none_or(|a| r.alias == *a)).filter_map(|r| match r.relation {
                Some(RelationId::View(id)) => {
                    let view = self.replayer.schema.views.get(id)?;
                    let at = view.columns.iter().position(|c| c == name)?;
                    Some((r, view.column_types.get(at).cloned().flatten()?))
                }
                None => Some((r, r.given.iter().find(|(n, _)| n == name)?.1.clone()?)),
                Some(_) => None,
            });
        let (_, data_type) = found.next()?;
        let merged = alias.is_none() && relations.iter().any(|r| r.join.merges(name));
        (!merged && found.next().is_none()).then_some(data_type)
    }

    pub(super) fn column_in(&self, alias: Option<&Name>, name: &Name, relations: &[InScope]) -> Option<&Column> {
        let mut found = relations.iter().filter(|r| alias.is_none_or(|a| r.alias == *a)).filter_map(|r| {
            let Some(RelationId::Table(id)) = r.relation else { return None };
            let table = self.replayer.schema.tables.get(id)?;
            table.column(table.find_column(name)?)
        });
        let first = found.next()?;
        // The column of a join by name is of the type that the columns of all sides can have.
        let merged = alias.is_none() && relations.iter().any(|r| r.join.merges(name));
        let known = || relations.iter().all(|r| self.is_known_table(r.relation));
        (!merged || (known() && found.all(|other| other.data_type == first.data_type))).then_some(first)
    }

    /// Whether a relation in scope is a table all of whose columns are known.
    pub(super) fn is_known_table(&self, relation: Option<RelationId>) -> bool {
        let Some(RelationId::Table(id)) = relation else { return false };
        self.replayer.schema.tables.get(id).is_some_and(|t| !t.partial)
    }

    /// The places between `from` and `to` that stand inside no parentheses and no CASE.
    pub(super) fn top_level(&self, from: usize, to: usize) -> Vec<usize> {
        let mut out = Vec::new();
        let mut cases = 0_usize;
        let mut at = from;
        while at < to {
            if self.is(at, "case") {
                cases += 1;
            } else if self.is(at, "end") && cases > 0 {
                cases -= 1;
            } else if cases == 0 {
                out.push(at);
            }
            if matches!(self.kind(at), TokenKind::LeftParen | TokenKind::LeftBracket) {
                at = self.closing(at).max(at);
            }
            at += 1;
        }
        out
    }

    pub(super) fn is_operator(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Operator
            // `a OPERATOR(public.=) b`, as pg_dump writes those of extensions.
            || (self.is(at, "operator") && self.kind(at + 1) == TokenKind::LeftParen)
            || self.is_any(
                at,
                &[
                    "and", "or", "not", "is", "in", "like", "ilike", "between", "similar", "isnull", "notnull",
                    "overlaps",
                ],
            )
    }

    /// The name that PostgreSQL gives an expression without one, and how sure it is of it (`FigureColnameInternal`).
    pub(super) fn figure_name(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8) {
        if to <= from || depth > NAME_DEPTH {
            return (None, 0);
        }
        if self.top_level(from, to).into_iter().any(|at| self.is_operator(at)) {
            return (None, 0);
        }
        let (mut name, mut strength, mut at) = self.figure_primary(from, to, depth);
        while at < to {
            match self.kind(at) {
                TokenKind::Cast => {
                    let (written, _, after) = self.type_name(at + 1);
                    if strength <= 1
                        && let Some(written) = written
                    {
                        name = Some(internal_name(&written.name));
                        strength = 1;
                    }
                    at = after.max(at + 1);
                }
                TokenKind::LeftBracket => at = self.closing(at) + 1,
                TokenKind::Dot if self.is_name(at + 1) => {
                    name = Some(self.name(at + 1));
                    strength = 2;
                    at += 2;
                }
                TokenKind::Word if self.is(at, "collate") => at = self.after_chain(at + 1),
                TokenKind::Word if self.is(at, "at") && self.is(at + 1, "time") => {
                    return (Some("timezone".into()), 2);
                }
                // FILTER (…), OVER (…), WITHIN GROUP (…).
                TokenKind::Word if self.is_any(at, &["filter", "over", "within", "group"]) => at += 1,
                TokenKind::LeftParen => at = self.closing(at) + 1,
                _ => return (name, strength),
            }
        }
        (name, strength)
    }

    /// The name of what stands before casts and subscripts, and the place after it.
    pub(super) fn figure_primary(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8, usize) {
        let sure = |name: &str, after: usize| (Some(Name::from(name)), 2, after);
        match self.kind(from) {
            TokenKind::LeftParen => {
                let close = self.closing(from);
                if self.is_any(from + 1, &["select", "with"]) {
                    // A scalar subquery is called like its only output.
                    let mut at = from + 2;
                    let mut end = at;
                    while end < close && !self.is(end, "from") {
                        end = self.closing(end) + 1;
                    }
                    if self.is_any(at, &["distinct", "all"]) {
                        at += 1;
                    }
                    let name = if end > at { Some(self.output_name(at, end.min(close), depth)) } else { None };
                    return (name.flatten(), 2, close + 1);
                }
                let (name, strength) = self.figure_name(from + 1, close, depth + 1);
                (name, strength, close + 1)
            }
            TokenKind::Word | TokenKind::Quoted | TokenKind::UnicodeQuoted => {
                if self.kind(from) == TokenKind::Word {
                    let word = self.raw(from).to_ascii_lowercase();
                    let open = from + 1;
                    let call = self.kind(open) == TokenKind::LeftParen;
                    let after = if call { self.closing(open) + 1 } else { from + 1 };
                    match word.as_str() {
                        "case" => return self.figure_case(from, to, depth),
                        "cast" if call => {
                            let close = self.closing(open);
                            let inner = self.top_level(open + 1, close);
                            let as_word = inner.into_iter().rev().find(|at| self.is(*at, "as"));
                            let Some(as_word) = as_word else { return (None, 0, after) };
                            let (name, strength) = self.figure_name(open + 1, as_word, depth + 1);
                            if strength > 1 {
                                return (name, strength, after);
                            }
                            let written = self.type_name(as_word + 1).0;
                            return (written.map(|t| internal_name(&t.name)), 1, after);
                        }
                        "trim" if call => {
                            let name = if self.is(open + 1, "leading") {
                                "ltrim"
                            } else if self.is(open + 1, "trailing") {
                                "rtrim"
                            } else {
                                "btrim"
                            };
                            return sure(name, after);
                        }
                        "array" => {
                            let close = self.closing(open);
                            return sure("array", close + 1);
                        }
                        "exists" | "coalesce" | "greatest" | "least" | "nullif" | "row" | "grouping" | "extract"
                        | "position" | "substring" | "overlay" | "normalize" | "xmlelement" | "xmlforest"
                        | "xmlconcat" | "xmlparse" | "xmlpi" | "xmlroot" | "xmlserialize" | "current_date"
                        | "current_timestamp" | "current_time" | "localtime" | "localtimestamp" | "current_user"
                        | "session_user" | "user" | "current_role" | "current_catalog" | "current_schema" => {
                            let name = if word == "user" { "current_user" } else { word.as_str() };
                            return sure(name, after);
                        }
                        "true" | "false" => return (None, 0, after),
                        "null" => return (None, 0, after),
                        "interval" if self.kind(open) == TokenKind::String => {
                            return (Some("interval".into()), 1, open + 1);
                        }
                        _ => {}
                    }
                }
                let mut last = from;
                while self.kind(last + 1) == TokenKind::Dot && self.is_name(last + 2) {
                    last += 2;
                }
                let after = last + 1;
                if self.kind(after) == TokenKind::LeftParen {
                    return (Some(self.name(last)), 2, self.closing(after) + 1);
                }
                if self.kind(after) == TokenKind::String {
                    let name = self.name(last);
                    return (Some(super::super::types::internal_name(&name).into()), 1, after + 1);
                }
                (Some(self.name(last)), 2, after)
            }
            _ => (None, 0, from + 1),
        }
    }

    pub(super) fn output_name(&self, from: usize, to: usize, depth: u8) -> Option<Name> {
        let last = to.checked_sub(1)?;
        if last > from
            && self.is_name(last)
            && (self.is(last - 1, "as") || ends_operand(self.kind(last - 1), self.raw(last - 1)))
            && !self.is(last - 1, "over")
        {
            return Some(self.name(last));
        }
        self.figure_name(from, to, depth + 1).0
    }

    /// CASE is called like the column of its ELSE, or `case`.
    pub(super) fn figure_case(&self, from: usize, to: usize, depth: u8) -> (Option<Name>, u8, usize) {
        let mut nesting = 0_usize;
        let mut otherwise = None;
        let mut at = from;
        while at < to {
            if matches!(self.kind(at), TokenKind::LeftParen | TokenKind::LeftBracket) {
                at = self.closing(at);
            } else if self.is(at, "case") {
                nesting += 1;
            } else if self.is(at, "else") && nesting == 1 {
                otherwise = Some(at + 1);
            } else if self.is(at, "end") {
                nesting = nesting.saturating_sub(1);
                if nesting == 0 {
                    break;
                }
            }
            at += 1;
        }
        if let Some(start) = otherwise {
            let (name, strength) = self.figure_name(start, at, depth + 1);
            if strength > 1 {
                return (name, strength, at + 1);
            }
        }
        (Some("case".into()), 1, at + 1)
    }
}

/// What the catalogue calls a type: `int4` for integer, and `"char"` as it stands.
fn internal_name(written: &Ident) -> Name {
    let folded = written.fold();
    if written.quoted { folded } else { super::super::types::internal_name(&folded).into() }
}
