//! Which relations are in scope: SELECT, WITH, FROM and its joins, targets of INSERT, UPDATE and DELETE.

use super::super::conflict::state;
use super::super::lookup::has_placeholder;
use super::typing::united;
use super::words::{AFTER_FROM, JOIN_WORDS, SET_OPERATIONS};
use super::{Frame, InScope, Join, Missing, Output, Scanner};
use crate::keywords::VALUE_FUNCTIONS;
use crate::name::Name;
use crate::read::ddl::lexer::TokenKind;
use crate::schema::RelationId;

/// Two FROM items of one name.
const DUPLICATE_ALIAS: &str = "42712";

/// How deep queries in FROM clauses are read ahead for what they give.
const MAX_AHEAD: u8 = 16;

impl Scanner<'_> {
    /// Opens the frame of a SELECT: its FROM clause is read ahead.
    pub(super) fn select(&mut self, at: usize, depth: usize) {
        let relations = self.read_from_clause(at + 1);
        if self.main.is_none() && depth == self.leading_parens() {
            self.main = Some((at, relations.clone()));
        } else if self.is_branch(at) {
            self.branches.push((at, relations.clone()));
        }
        self.note_alias_twice(at, &relations);
        self.open_frame(depth, relations, true);
    }

    /// Two FROM items of one name; those that are called like their tables may be of different schemas (`checkNameSpaceConflicts`).
    fn note_alias_twice(&mut self, at: usize, relations: &[InScope]) {
        let alike = |a: &InScope, b: &InScope| {
            a.alias == b.alias && (!a.implied || !b.implied || (a.relation.is_some() && a.relation == b.relation))
        };
        let twice = relations
            .iter()
            .enumerate()
            .find(|(place, b)| !b.alias.is_empty() && relations.iter().take(*place).any(|a| alike(a, b)));
        // What stands in a join with an alias is out of sight.
        if let Some((_, twice)) = twice
            && self.missing.is_none()
            && self.join_aliases.is_empty()
            && !has_placeholder(&twice.alias)
        {
            let message = format!("table name \"{}\" specified more than once", twice.alias);
            self.missing = Some(Missing { sqlstate: DUPLICATE_ALIAS, message, span: self.span_of(at, at) });
        }
    }

    /// Whether a query may begin here, as far as what stands before it says.
    pub(super) fn begins_query(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        self.kind(before) == TokenKind::LeftParen || self.is(before, "as") || self.is_branch(at)
    }

    /// `TABLE name`, which is SELECT * FROM it; gives the place behind the name.
    pub(super) fn table_query(&mut self, at: usize, depth: usize) -> usize {
        let mut relations = Vec::new();
        let first = if self.is(at + 1, "only") { at + 2 } else { at + 1 };
        let after = self.read_from_item(first, &mut relations);
        for relation in relations.iter().filter_map(|r| r.relation) {
            self.depend_on_columns(at, relation);
        }
        if self.main.is_none() && depth == self.leading_parens() {
            self.main = Some((at, relations.clone()));
        } else if self.is_branch(at) {
            self.branches.push((at, relations.clone()));
        }
        self.open_frame(depth, relations, true);
        after
    }

    /// WINDOW: what is called there is no column. Source: PostgreSQL manual, SELECT, "WINDOW Clause".
    pub(super) fn windows(&mut self, mut at: usize) {
        while self.is_name(at) && self.is(at + 1, "as") && self.kind(at + 2) == TokenKind::LeftParen {
            self.flag(at, at + 2);
            self.window_copied(at + 2);
            at = self.closing(at + 2) + 1;
            if self.kind(at) != TokenKind::Comma {
                break;
            }
            at += 1;
        }
    }

    /// The window that a definition in parentheses begins with the name of: `(w ROWS …)`.
    pub(super) fn window_copied(&mut self, open: usize) {
        let ends = self.kind(open + 2) == TokenKind::RightParen
            || self.is_any(open + 2, &["partition", "order", "range", "rows", "groups"]);
        if ends && self.is_free_name(open + 1) && !self.is(open + 1, "partition") {
            self.flag(open + 1, open + 2);
        }
    }

    /// The place behind the words of a locking clause: `UPDATE OF a, b SKIP LOCKED`. Source: PostgreSQL manual, SELECT, "The Locking Clause".
    pub(super) fn after_locking(&self, mut at: usize) -> usize {
        while self.is_any(at, &["update", "share", "no", "key"]) {
            at += 1;
        }
        if self.is(at, "of") {
            at = self.after_chain(at + 1);
            while self.kind(at) == TokenKind::Comma {
                at = self.after_chain(at + 1);
            }
        }
        while self.is_any(at, &["nowait", "skip", "locked"]) {
            at += 1;
        }
        at
    }

    /// Whether a SELECT stands behind a set operation.
    pub(super) fn is_branch(&self, select: usize) -> bool {
        let mut before = (0..select).rev().skip_while(|at| self.kind(*at) == TokenKind::LeftParen);
        match before.next() {
            Some(at) if self.is_any(at, &["all", "distinct"]) => {
                before.next().is_some_and(|at| self.is_any(at, SET_OPERATIONS))
            }
            Some(at) => self.is_any(at, SET_OPERATIONS),
            None => false,
        }
    }

    /// The SELECTs whose rows the set operations behind the main one add to its own, or `None` where one of them is VALUES, TABLE or has a WITH.
    pub(super) fn branches_of(&self, main: usize) -> Option<Vec<&(usize, Vec<InScope>)>> {
        let mut found = Vec::new();
        let mut expected = false;
        let mut at = main + 1;
        while at < self.tokens.len() {
            match self.kind(at) {
                TokenKind::LeftParen if expected => {}
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at),
                TokenKind::Word if self.is_any(at, SET_OPERATIONS) => expected = true,
                TokenKind::Word if expected && self.is_any(at, &["all", "distinct"]) => {}
                _ if expected => {
                    let place = self.branches.binary_search_by_key(&at, |(select, _)| *select).ok()?;
                    found.push(self.branches.get(place)?);
                    expected = false;
                }
                _ => {}
            }
            at += 1;
        }
        Some(found)
    }

    /// Parentheses around the whole query.
    pub(super) fn leading_parens(&self) -> usize {
        self.tokens.iter().take_while(|t| t.kind == TokenKind::LeftParen).count()
    }

    pub(super) fn open_frame(&mut self, depth: usize, relations: Vec<InScope>, query: bool) {
        match self.frames.last_mut() {
            Some(frame) if !frame.base && frame.depth == depth => {
                frame.relations = relations;
                frame.query = query;
                frame.tail = false;
            }
            _ => self.frames.push(Frame {
                depth,
                relations,
                ctes: Vec::new(),
                outputs: Vec::new(),
                base: false,
                query,
                tail: false,
            }),
        }
    }

    /// WITH: notes the names of its queries. Their bodies are walked as they come.
    pub(super) fn with(&mut self, at: usize, depth: usize) {
        let mut ctes = Vec::new();
        // Name, names of columns, and where the query begins.
        let mut bodies: Vec<(Name, Vec<Name>, usize)> = Vec::new();
        let mut next = at + 1;
        let recursive = self.is(next, "recursive");
        if recursive {
            self.flag(next, next + 1);
            next += 1;
        }
        while self.is_name(next) {
            let name = self.name(next);
            self.flag(next, next + 1);
            next += 1;
            let mut columns = Vec::new();
            if self.kind(next) == TokenKind::LeftParen {
                let close = self.closing(next);
                columns = self.split(next + 1, close).into_iter().map(|(at, _)| self.name(at)).collect();
                self.flag(next + 1, close);
                next = close + 1;
            }
            while self.is_any(next, &["as", "not", "materialized"]) {
                self.flag(next, next + 1);
                next += 1;
            }
            if self.kind(next) != TokenKind::LeftParen {
                break;
            }
            let close = self.closing(next);
            ctes.push((name.clone(), if recursive { 0 } else { close }));
            bodies.push((name, columns, next));
            next = close + 1;
            // SEARCH and CYCLE clauses may follow; a comma leads to the next query.
            if self.kind(next) != TokenKind::Comma {
                break;
            }
            next += 1;
        }
        let (relations, outputs) = (Vec::new(), Vec::new());
        self.frames.push(Frame { depth, relations, ctes, outputs, base: false, query: false, tail: false });
        for (name, columns, open) in bodies {
            let ahead = if recursive { self.recursive_outputs(open + 1, &name) } else { self.outputs_ahead(open + 1) };
            let Some(outputs) = ahead.filter(|o| columns.len() <= o.len()) else { continue };
            if let Some(frame) = self.frames.last_mut() {
                frame.outputs.push((name, renamed(outputs, columns)));
            }
        }
    }

    /// The target of INSERT, UPDATE or DELETE.
    pub(super) fn target(&mut self, at: usize, depth: usize) {
        let mut relations = Vec::new();
        let mut next = at;
        if self.is(next, "only") {
            next += 1;
        }
        let after = self.read_from_item(next, &mut relations);
        // UPDATE … FROM and DELETE … USING bring more.
        let mut further = after;
        while further < self.tokens.len() {
            match self.kind(further) {
                TokenKind::LeftParen => further = self.closing(further),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                _ if self.is(further, "from") && self.is(further - 1, "distinct") => {}
                _ if self.is_any(further, &["from", "using"]) => {
                    self.read_from_items(further + 1, &mut relations);
                    break;
                }
                _ if self.is_any(further, &["select", "values", "returning"]) => break,
                _ => {}
            }
            further += 1;
        }
        self.open_frame(depth, relations, false);
    }

    /// What is written of a column in part stands with its fields: `INSERT INTO t (column.field, column[1])`.
    pub(super) fn skip_fields(&mut self, target: usize) {
        let mut open = self.after_chain(target);
        if self.is(open, "as") {
            open += 2;
        }
        if self.kind(open) != TokenKind::LeftParen || self.is_subquery(open + 1) {
            return;
        }
        let relation = self.frames.last().and_then(|f| f.relations.first()).and_then(|r| r.relation);
        for (from, to) in self.split(open + 1, self.closing(open)) {
            if self.kind(from + 1) != TokenKind::Dot {
                continue;
            }
            self.flag(from, to);
            let name = self.name(from);
            let known = self.is_known_table(relation) && !has_placeholder(&name);
            if let Some(RelationId::Table(table)) = relation
                && known
                && self.missing.is_none()
                && self.replayer.find_column(table, &name).is_none()
            {
                let message =
                    format!("column \"{name}\" of relation \"{}\" does not exist", self.replayer.table_name(table));
                let span = self.span_of(from, from);
                self.missing = Some(Missing { sqlstate: state::UNDEFINED_COLUMN, message, span });
            }
        }
    }

    /// Finds the FROM clause of the SELECT whose list starts at `at`, and reads it.
    pub(super) fn read_from_clause(&mut self, at: usize) -> Vec<InScope> {
        let mut relations = Vec::new();
        let mut next = at;
        while next < self.tokens.len() {
            match self.kind(next) {
                TokenKind::LeftParen | TokenKind::LeftBracket => next = self.closing(next),
                TokenKind::RightParen | TokenKind::Semicolon => break,
                // SELECT INTO: the name of what it makes, or of a variable.
                TokenKind::Word if self.is(next, "into") => {
                    self.writes = self.writes.or(Some("contain SELECT INTO"));
                    let mut last = next + 1;
                    while self.is_any(last, &["temp", "temporary", "unlogged", "local", "global", "table"])
                        && self.is_name(last + 1)
                    {
                        last += 1;
                    }
                    last = self.after_chain(last);
                    self.flag(next, last);
                    next = last;
                    continue;
                }
                TokenKind::Word if self.is(next, "from") && !(next > 0 && self.is(next - 1, "distinct")) => {
                    self.read_from_items(next + 1, &mut relations);
                    break;
                }
                TokenKind::Word if self.is_any(next, &["union", "intersect", "except", "where", "order"]) => break,
                _ => {}
            }
            next += 1;
        }
        relations
    }

    /// Reads FROM items up to the clause after them.
    pub(super) fn read_from_items(&mut self, at: usize, relations: &mut Vec<InScope>) {
        let mut next = at;
        // For each open parenthesis the number of relations before it.
        let mut open: Vec<usize> = Vec::new();
        let mut item_expected = true;
        let mut join = Join::None;
        // Whether the last relation has its ON or USING: what follows then is that of a join around.
        let mut qualified = false;
        while next < self.tokens.len() {
            match self.kind(next) {
                TokenKind::RightParen => {
                    let Some(first) = open.pop() else { return };
                    next = self.join_alias(next + 1, relations.get_mut(first..).unwrap_or_default());
                    item_expected = false;
                    continue;
                }
                TokenKind::Comma => {
                    item_expected = true;
                    join = Join::None;
                }
                TokenKind::LeftParen if item_expected => {
                    if self.is_subquery(next + 1) {
                        let outputs = self.outputs_ahead(next + 1);
                        let behind = self.closing(next) + 1;
                        next = self.alias(behind, None, None, relations);
                        self.give(outputs, behind, next, relations);
                        joined(relations, &mut join);
                        item_expected = false;
                        qualified = false;
                        continue;
                    }
                    if !matches!(join, Join::None) {
                        // What a join on the right has in common with the left can't be told one relation at a time.
                        relations.push(InScope {
                            alias: Name::default(),
                            relation: None,
                            implied: false,
                            given: Vec::new(),
                            join: Join::None,
                        });
                    }
                    open.push(relations.len());
                }
                TokenKind::LeftParen => next = self.closing(next),
                TokenKind::Semicolon => return,
                TokenKind::Word if self.is_any(next, JOIN_WORDS) => {
                    item_expected = true;
                    if self.is(next, "natural") {
                        join = Join::Natural;
                    } else if !matches!(join, Join::Natural) {
                        join = Join::Plain;
                    }
                }
                TokenKind::Word if item_expected && self.is_any(next, &["lateral", "only"]) => {}
                TokenKind::Word if self.is_any(next, &["on", "using"]) => {
                    item_expected = false;
                    let names = self.is(next, "using") && self.kind(next + 1) == TokenKind::LeftParen;
                    let close = if names { self.closing(next + 1) } else { next };
                    if let Some(last) = relations.last_mut() {
                        if qualified && (names || matches!(last.join, Join::Using(_))) {
                            last.join = Join::Nested;
                        } else if names {
                            let columns = self.split(next + 2, close).into_iter().map(|(at, _)| self.name(at));
                            last.join = Join::Using(columns.collect());
                        }
                    }
                    qualified = true;
                    next = close;
                    if names && self.is(close + 1, "as") && self.is_name(close + 2) {
                        self.flag(close + 1, close + 3);
                        self.join_aliases.push(self.name(close + 2));
                        next = close + 2;
                    }
                }
                TokenKind::Word if open.is_empty() && self.is_any(next, AFTER_FROM) => return,
                _ if item_expected && self.is_name(next) => {
                    next = self.read_from_item(next, relations);
                    joined(relations, &mut join);
                    item_expected = false;
                    qualified = false;
                    continue;
                }
                _ => {}
            }
            next += 1;
        }
    }

    /// The alias behind a parenthesised join. With names of its own for the columns, those of the relations in it are out of sight.
    pub(super) fn join_alias(&mut self, at: usize, joined: &mut [InScope]) -> usize {
        let alias = if self.is(at, "as") {
            at + 1
        } else if self.is_free_name(at) && !self.is_any(at, JOIN_WORDS) && !self.is_any(at, AFTER_FROM) {
            at
        } else {
            return at;
        };
        self.flag(at, alias + 1);
        self.join_aliases.push(self.name(alias));
        if self.kind(alias + 1) != TokenKind::LeftParen {
            return alias + 1;
        }
        let close = self.closing(alias + 1);
        self.flag(alias + 2, close);
        joined.iter_mut().for_each(|relation| relation.relation = None);
        close + 1
    }

    /// Whether parentheses that start here hold a query behind further parentheses.
    pub(super) fn is_subquery(&self, mut at: usize) -> bool {
        while self.kind(at) == TokenKind::LeftParen {
            at += 1;
        }
        self.is_any(at, &["select", "with", "values", "table"])
    }

    /// Reads a relation or table function with its alias, and gives the place after it.
    pub(super) fn read_from_item(&mut self, first: usize, relations: &mut Vec<InScope>) -> usize {
        let mut last = first;
        while self.kind(last + 1) == TokenKind::Dot && self.is_name(last + 2) {
            last += 2;
        }
        if self.kind(last + 1) == TokenKind::LeftParen && !self.is_insert_target(first) {
            // A table function: its call is walked later; of few its columns are known.
            let close = self.closing(last + 1);
            let name = self.name(last);
            let mut after = close + 1;
            let ordinality = self.is(after, "with") && self.is(after + 1, "ordinality");
            if ordinality {
                after += 2;
            }
            let data_type = if ordinality { None } else { self.type_of(first, close + 1, &[], 0) };
            let end = self.alias(after, Some(name), None, relations);
            if let Some(data_type) = data_type.filter(|_| first == last && self.is(first, "generate_series"))
                && let Some(own) = relations.last_mut()
            {
                let column =
                    (after..end).find(|at| self.kind(*at) == TokenKind::LeftParen).map(|open| self.name(open + 1));
                own.given.push((column.unwrap_or_else(|| own.alias.clone()), Some(data_type)));
            }
            return end;
        }
        // Functions that are called without parentheses, and one with a word before them.
        if last == first && self.kind(first) == TokenKind::Word {
            if self.is(first, "rows") && self.is(first + 1, "from") && self.kind(first + 2) == TokenKind::LeftParen {
                return self.alias(self.closing(first + 2) + 1, None, None, relations);
            }
            if self.is_any(first, VALUE_FUNCTIONS) {
                return self.alias(first + 1, Some(self.name(first)), None, relations);
            }
            if self.is(first, "collation") && self.is(first + 1, "for") && self.kind(first + 2) == TokenKind::LeftParen
            {
                return self.alias(self.closing(first + 2) + 1, Some("pg_collation_for".into()), None, relations);
            }
        }
        let schema = if last > first { Some(self.name(last - 2)) } else { None };
        let name = self.name(last);
        self.flag(first, last + 1);
        let cte = schema.is_none() && self.names_with_query(&name, first);
        let mut relation = None;
        let outputs = if cte { self.with_outputs(&name, first) } else { None };
        if !cte {
            relation = self.replayer.find_relation_by(schema.as_ref(), &name);
            match relation {
                Some(found) => self.refer(last, super::super::lookup::object_of(found)),
                None => {
                    if self.missing.is_none()
                        && let Some(message) = self.replayer.certainly_missing(schema.as_ref(), &name)
                    {
                        let span = self.span_of(first, last);
                        self.missing = Some(Missing { sqlstate: state::UNDEFINED_TABLE, message, span });
                    }
                }
            }
        }
        let mut after = last + 1;
        if self.raw(after) == "*" {
            after += 1;
        }
        let end = self.alias(after, Some(name), relation, relations);
        self.give(outputs, after, end, relations);
        end
    }

    /// Whether a name at `at` is that of a WITH query. Source: PostgreSQL manual, SELECT, "WITH Clause".
    fn names_with_query(&self, name: &Name, at: usize) -> bool {
        self.frames.iter().flat_map(|f| &f.ctes).any(|(known, from)| known == name && at >= *from)
    }

    /// What the WITH query of a name gives, where that is told before it is read.
    fn with_outputs(&self, name: &Name, at: usize) -> Option<Vec<Output>> {
        let frame = self.frames.iter().rev().find(|f| f.ctes.iter().any(|(n, from)| n == name && at >= *from))?;
        frame.outputs.iter().find(|(n, _)| n == name).map(|(_, outputs)| outputs.clone())
    }

    /// Gives the relation that was just put into scope its columns, under the names that stand behind its alias.
    fn give(&self, outputs: Option<Vec<Output>>, from: usize, to: usize, relations: &mut [InScope]) {
        let (Some(outputs), Some(own)) = (outputs, relations.last_mut()) else { return };
        let open = (from..to).find(|at| self.kind(*at) == TokenKind::LeftParen);
        let names: Vec<Name> = open.map_or_else(Vec::new, |open| {
            self.split(open + 1, self.closing(open)).into_iter().map(|(at, _)| self.name(at)).collect()
        });
        if own.relation.is_none() && names.len() <= outputs.len() {
            own.given = renamed(outputs, names).into_iter().map(|o| (o.name, o.data_type)).collect();
        }
    }

    /// What a query gives that the walk has not reached yet, in parentheses behind FROM or in a WITH: its own FROM clause is read ahead.
    pub(super) fn outputs_ahead(&mut self, mut at: usize) -> Option<Vec<Output>> {
        while self.kind(at) == TokenKind::LeftParen {
            at += 1;
        }
        if self.ahead >= MAX_AHEAD || !self.is_any(at, &["select", "values"]) {
            return None;
        }
        self.ahead += 1;
        let relations = if self.is(at, "select") { self.read_from_clause(at + 1) } else { Vec::new() };
        self.ahead -= 1;
        let mut outputs = self.outputs_of(at, &relations)?;
        if let Some(operation) = self.set_operation_behind(at) {
            // Of the sides of a UNION the first alone names the columns.
            let others = self.outputs_ahead(operation).filter(|others| others.len() == outputs.len());
            for (at, output) in outputs.iter_mut().enumerate() {
                let other = others.as_ref().and_then(|others| others.get(at)?.data_type.as_ref());
                output.data_type = output.data_type.take().zip(other).and_then(|(a, b)| united(a, b));
            }
        }
        Some(outputs)
    }

    /// What a query gives that a WITH RECURSIVE calls `name`: where it reads itself, its first side says the types. Source: PostgreSQL manual, 7.8.2
    /// "Recursive Queries".
    fn recursive_outputs(&mut self, open: usize, name: &Name) -> Option<Vec<Output>> {
        let mut at = open;
        while self.kind(at) == TokenKind::LeftParen {
            at += 1;
        }
        let close = open.checked_sub(1).map_or(at, |before| self.closing(before));
        let itself = (at..close).any(|token| self.is_name(token) && self.name(token) == *name);
        if !itself || !self.is_any(at, &["select", "values"]) || self.ahead >= MAX_AHEAD {
            return self.outputs_ahead(open);
        }
        self.ahead += 1;
        let relations = if self.is(at, "select") { self.read_from_clause(at + 1) } else { Vec::new() };
        self.ahead -= 1;
        self.outputs_of(at, &relations)
    }

    /// Where the query behind UNION, INTERSECT or EXCEPT begins that follows one at `at`.
    fn set_operation_behind(&self, at: usize) -> Option<usize> {
        let mut next = at;
        while next < self.tokens.len() && self.kind(next) != TokenKind::RightParen {
            if matches!(self.kind(next), TokenKind::LeftParen | TokenKind::LeftBracket) {
                next = self.closing(next);
            } else if self.is_any(next, SET_OPERATIONS) {
                return Some(if self.is_any(next + 1, &["all", "distinct"]) { next + 2 } else { next + 1 });
            }
            next += 1;
        }
        None
    }

    pub(super) fn is_insert_target(&self, at: usize) -> bool {
        at > 0 && self.is(at - 1, "into")
    }

    /// Reads `[AS] alias [(columns)]` and puts the relation into scope.
    pub(super) fn alias(
        &mut self,
        at: usize,
        name: Option<Name>,
        relation: Option<RelationId>,
        relations: &mut Vec<InScope>,
    ) -> usize {
        let mut after = at;
        let mut alias = None;
        let mut renamed = false;
        if self.is(after, "as") && self.is_name(after + 1) {
            alias = Some(self.name(after + 1));
            self.flag(after, after + 2);
            after += 2;
        } else if self.is_free_name(after)
            && !self.is_any(after, JOIN_WORDS)
            && !self.is_any(after, AFTER_FROM)
            && !self.is_any(after, &["tablesample", "using", "values", "default"])
        {
            alias = Some(self.name(after));
            self.flag(after, after + 1);
            after += 1;
        }
        if alias.is_some() && self.kind(after) == TokenKind::LeftParen {
            // New names for the columns: the relation's own ones are out of sight.
            let close = self.closing(after);
            self.flag(after + 1, close);
            after = close + 1;
            renamed = true;
        }
        let implied = alias.is_none();
        let alias = alias.or(name);
        let relation = relation.filter(|_| !renamed && alias.is_some());
        let implied = implied && alias.is_some();
        let alias = alias.unwrap_or_default();
        relations.push(InScope { alias, relation, implied, given: Vec::new(), join: Join::None });
        after
    }
}

/// Notes how the relation just read is joined; what comes next is a FROM item of its own unless a join says otherwise.
fn joined(relations: &mut [InScope], join: &mut Join) {
    if let Some(last) = relations.last_mut() {
        last.join = std::mem::take(join);
    }
}

/// Outputs under other names, as far as there are some.
fn renamed(mut outputs: Vec<Output>, names: Vec<Name>) -> Vec<Output> {
    for (output, name) in outputs.iter_mut().zip(names) {
        output.name = name;
    }
    outputs
}
