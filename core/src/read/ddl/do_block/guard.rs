//! Tests of IF: which of them ask whether an object exists.
//!
//! A query of the catalogue counts only where every condition is understood: one that is not makes the test unknown.

use smol_str::SmolStr;

use super::evaluate::Variables;
use super::{Block, nowhere};
use crate::name::{Ident, QualifiedName};
use crate::operation::*;
use crate::read::ddl::cursor::{Parser, Place};
use crate::read::ddl::lexer::{TokenKind, decode_string, lex};
use crate::source::{Mapped, Span};

/// How deep parentheses and subqueries are followed.
const MAX_DEPTH: u32 = 16;
/// How many tokens a condition that stands by itself may have.
const MAX_CONDITION_TOKENS: usize = 10_000;

/// A condition of a catalogue query: a column is equal to a value.
struct Equal {
    column: String,
    value: QualifiedName,
    /// Whether the value is an object that a cast to `regclass` or another query has found, not a name to compare with.
    found: bool,
}

/// What the conditions of a query ask.
#[derive(Default)]
struct Conditions {
    equal: Vec<Equal>,
    /// `relkind`, in the letters of `pg_class`.
    relation_kinds: Vec<String>,
    /// Whether only what a bare name finds is asked for: `current_schema()`, `pg_table_is_visible(…)`.
    in_search_path: bool,
}

/// What a condition of its own asks, as IF would: `(SELECT count(*) FROM …) = 0`. What stands nowhere in the input stands at the span.
pub(crate) fn guards_of(condition: &Mapped, whole: Span) -> Vec<Guard> {
    let text = condition.as_str();
    let mut tokens = Vec::new();
    lex(text, &mut tokens, MAX_CONDITION_TOKENS);
    let place = Place::Mapped(condition, whole);
    let block = Block::new(Parser::new(text, &tokens, &place), Variables::default());
    block.guards_of(0, tokens.len())
}

impl Block<'_> {
    /// The guards that a condition stands for: one for each part of a conjunction.
    pub(super) fn guards_of(&self, from: usize, to: usize) -> Vec<Guard> {
        let (from, to) = self.unwrap(from, to);
        let unknown = |from, to| Guard { span: self.p.span_of(from, to), test: GuardTest::Unknown, negated: false };
        if self.p.split_at_word(from, to, "OR").len() > 1 {
            return vec![unknown(from, to)];
        }
        self.p
            .split_at_word(from, to, "AND")
            .into_iter()
            .map(|(from, to)| {
                let mut negated = false;
                match self.existence(from, to, &mut negated, 0) {
                    Some(object) => Guard { span: self.p.span_of(from, to), test: GuardTest::Exists(object), negated },
                    None => unknown(from, to),
                }
            })
            .collect()
    }

    /// Without the parentheses around the whole.
    fn unwrap(&self, mut from: usize, mut to: usize) -> (usize, usize) {
        let first = from;
        while self.p.tokens.get(from).is_some_and(|t| t.kind == TokenKind::LeftParen)
            && from - first < MAX_DEPTH as usize
            && to > from + 1
            && self.p.closing_before(from, to) == Some(to - 1)
        {
            (from, to) = (from + 1, to - 1);
        }
        (from, to)
    }

    fn word(&self, at: usize, to: usize, word: &str) -> bool {
        at < to && self.p.tokens.get(at).is_some_and(|t| self.is_word(*t, word))
    }

    /// The object whose existence a condition asks for; `negated` flips where it asks for absence.
    fn existence(&self, from: usize, to: usize, negated: &mut bool, depth: u32) -> Option<ObjectRef> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (from, to) = self.unwrap(from, to);
        if self.word(from, to, "NOT") {
            *negated = !*negated;
            return self.existence(from + 1, to, negated, depth + 1);
        }
        if self.word(from, to, "EXISTS") && self.p.closing_before(from + 1, to) == Some(to - 1) {
            return self.catalogue_query(from + 2, to - 1, depth);
        }
        // `SELECT EXISTS (…)`, in parentheses that are gone already.
        if self.word(from, to, "SELECT") && (self.word(from + 1, to, "EXISTS") || self.word(from + 1, to, "NOT")) {
            return self.existence(from + 1, to, negated, depth + 1);
        }
        // `to_regclass('name') IS [NOT] NULL`.
        if let Some(null) = to.checked_sub(1).filter(|at| self.word(*at, to, "NULL")) {
            let is_not = self.word(null.wrapping_sub(1), to, "NOT") && self.word(null.wrapping_sub(2), to, "IS");
            let end = null.checked_sub(if is_not { 2 } else { 1 })?;
            if !self.word(end, to, "IS") {
                return None;
            }
            if !is_not {
                *negated = !*negated;
            }
            let (from, end) = self.unwrap(from, end);
            return self.lookup(from, end).or_else(|| self.catalogue_query(from, end, depth));
        }
        // `(SELECT count(*) FROM …) = 0`.
        let compared = to.checked_sub(2).filter(|at| *at > from)?;
        let operator = self.p.tokens.get(compared).filter(|t| t.kind == TokenKind::Operator)?;
        let test = (self.p.text(*operator), self.p.text(*self.p.tokens.get(compared + 1)?));
        let absent = match test {
            ("=", "0") | ("<", "1") => true,
            (">", "0") | (">=", "1") | ("=", "1") | ("<>" | "!=", "0") => false,
            _ => return None,
        };
        let (from, end) = self.unwrap(from, compared);
        if !(self.word(from, end, "SELECT") && self.word(from + 1, end, "count")) {
            return None;
        }
        if absent {
            *negated = !*negated;
        }
        self.catalogue_query(from, end, depth)
    }

    /// `to_regclass('name')` and relatives.
    fn lookup(&self, from: usize, to: usize) -> Option<ObjectRef> {
        let open = (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::LeftParen))?;
        if self.p.closing_before(open, to) != Some(to - 1) {
            return None;
        }
        let function = self.p.text_of(from, open).to_ascii_lowercase();
        let kind = match function.strip_prefix("pg_catalog.").unwrap_or(&function) {
            "to_regclass" => ObjectKind::Relation,
            "to_regtype" => ObjectKind::Type,
            "to_regnamespace" => ObjectKind::Schema,
            "to_regrole" => ObjectKind::Role,
            "to_regproc" => ObjectKind::Function,
            _ => return None,
        };
        let name = self.name_in_text(open + 1, to - 1)?;
        let span = self.p.span_of(open + 1, to - 1);
        Some(ObjectRef { kind, name, part: None, arguments: None, span })
    }

    /// `'schema.name'`: a name as `regclass` reads it.
    fn name_in_text(&self, from: usize, to: usize) -> Option<QualifiedName> {
        let text = self.text_value(from, to)?;
        let span = self.p.span_of(from, to);
        let mut parts = Vec::new();
        let mut rest: &str = text.text.trim();
        loop {
            let (part, quoted, behind) = if let Some(inside) = rest.strip_prefix('"') {
                let end = inside.find('"')?;
                (inside.get(..end)?, true, inside.get(end + 1..)?)
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest.get(..end)?, false, rest.get(end..)?)
            };
            if part.is_empty() {
                return None;
            }
            parts.push(Ident { text: SmolStr::new(part), quoted, span });
            match behind.strip_prefix('.') {
                Some(next) => rest = next,
                None if behind.is_empty() => break,
                None => return None,
            }
        }
        let name = parts.pop()?;
        Some(QualifiedName { schema: parts.pop(), name })
    }

    /// `SELECT … FROM catalogue WHERE …`: the object that its rows stand for.
    fn catalogue_query(&self, from: usize, to: usize, depth: u32) -> Option<ObjectRef> {
        let (from, to) = self.unwrap(from, to);
        if !self.word(from, to, "SELECT") {
            return None;
        }
        let froms = self.p.split_at_word(from, to, "FROM");
        let [_, (tables_from, _)] = froms.as_slice() else { return None };
        let wheres = self.p.split_at_word(*tables_from, to, "WHERE");
        let ((tables_from, tables_to), (where_from, where_to)) = match wheres.as_slice() {
            [tables, condition] => (*tables, *condition),
            _ => return None,
        };
        // LIMIT 1 asks nothing more.
        let where_to = self.p.split_at_word(where_from, where_to, "LIMIT").first().map_or(where_to, |part| part.1);
        let tables = self.tables(tables_from, tables_to);
        let mut conditions = Conditions::default();
        for (from, to) in self.join_conditions(tables_from, tables_to) {
            self.conjunction(from, to, &mut conditions, depth + 1)?;
        }
        self.conjunction(where_from, where_to, &mut conditions, depth + 1)?;
        object_of(&tables, conditions, self.p.span_of(from, to))
    }

    /// The names of the tables behind FROM, without schema, in lower case.
    fn tables(&self, from: usize, to: usize) -> Vec<String> {
        let mut tables = Vec::new();
        let mut expect = true;
        let mut at = from;
        while let Some(token) = self.p.tokens.get(at).filter(|_| at < to).copied() {
            if expect && matches!(token.kind, TokenKind::Word | TokenKind::Quoted) {
                let mut last = token;
                while self.p.tokens.get(at + 1).is_some_and(|t| t.kind == TokenKind::Dot) {
                    at += 2;
                    if let Some(next) = self.p.tokens.get(at) {
                        last = *next;
                    }
                }
                tables.push(self.p.text(last).trim_matches('"').to_ascii_lowercase());
                expect = false;
            } else {
                expect = token.kind == TokenKind::Comma || self.is_word(token, "JOIN");
            }
            at += 1;
        }
        tables
    }

    /// The conditions behind ON.
    fn join_conditions(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let ends = ["JOIN", "LEFT", "INNER", "RIGHT", "FULL", "CROSS"];
        let parts = self.p.split_at_word(from, to, "ON");
        parts
            .into_iter()
            .skip(1)
            .map(|(from, to)| {
                let end = (from..to).find(|at| ends.iter().any(|word| self.word(*at, to, word))).unwrap_or(to);
                (from, end)
            })
            .collect()
    }

    /// Reads conditions with AND between them. `None` if one of them is not understood.
    fn conjunction(&self, from: usize, to: usize, out: &mut Conditions, depth: u32) -> Option<()> {
        let (from, to) = self.unwrap(from, to);
        if depth > MAX_DEPTH || self.p.split_at_word(from, to, "OR").len() > 1 {
            return None;
        }
        let parts = self.p.split_at_word(from, to, "AND");
        if parts.len() > 1 {
            return parts.into_iter().try_for_each(|(from, to)| self.conjunction(from, to, out, depth + 1));
        }
        self.condition(from, to, out, depth)
    }

    fn condition(&self, from: usize, to: usize, out: &mut Conditions, depth: u32) -> Option<()> {
        /// Conditions on these say nothing about which object is meant.
        const DETAILS: &[&str] = &[
            "contype",
            "constraint_type",
            "typtype",
            "table_type",
            "table_catalog",
            "constraint_catalog",
            "catalog_name",
            "attnum",
            "attisdropped",
            "tgisinternal",
            "prokind",
        ];
        if self.word(from, to, "NOT") {
            let column = self.column(from + 1, to)?;
            return DETAILS.contains(&column.as_str()).then_some(());
        }
        // `pg_table_is_visible(c.oid)`.
        if let Some(token) = self.p.tokens.get(from)
            && token.kind == TokenKind::Word
            && self.p.text_of(from, to).to_ascii_lowercase().contains("_is_visible(")
        {
            out.in_search_path = true;
            return Some(());
        }
        if let Some(at) = (from..to).find(|at| self.word(*at, to, "IN")) {
            let column = self.column(from, at)?;
            if self.p.closing_before(at + 1, to) != Some(to - 1) {
                return None;
            }
            let items = self.p.split_at_commas(at + 2, to - 1);
            if column == "relkind" {
                for (from, to) in items {
                    out.relation_kinds.push(self.text_value(from, to)?.text.into_owned());
                }
                return Some(());
            }
            if DETAILS.contains(&column.as_str()) {
                return Some(());
            }
            let [(from, to)] = items.as_slice() else { return None };
            return self.equal(column, *from, *to, out, depth);
        }
        let operator = (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::Operator))?;
        let symbol = self.p.text(*self.p.tokens.get(operator)?);
        let (left, right) = (self.column(from, operator), self.column(operator + 1, to));
        if let (Some(left), _) | (_, Some(left)) = (&left, &right)
            && DETAILS.contains(&left.as_str())
        {
            return Some(());
        }
        if symbol != "=" {
            return None;
        }
        match (left, right) {
            // A join. A variable with a known value looks the same and is a value.
            (Some(left), Some(_)) => match self.text_value(operator + 1, to) {
                Some(_) => self.equal(left, operator + 1, to, out, depth),
                None if self.is_join(operator + 1, to) => Some(()),
                None => None,
            },
            (Some(column), None) => self.equal(column, operator + 1, to, out, depth),
            (None, Some(column)) => self.equal(column, from, operator, out, depth),
            (None, None) => None,
        }
    }

    /// Whether this is a column with its table's alias, or a column that only joins.
    fn is_join(&self, from: usize, to: usize) -> bool {
        to - from == 3
            || matches!(self.column(from, to).as_deref(), Some("oid" | "relnamespace" | "conrelid" | "typnamespace"))
    }

    /// The column that this is, without alias, in lower case: `c.relname`, `lower(relname)`, `relname::text`.
    fn column(&self, from: usize, to: usize) -> Option<String> {
        let (mut from, mut to) = self.unwrap(from, to);
        if self.word(from, to, "lower") && self.p.closing_before(from + 1, to) == Some(to - 1) {
            (from, to) = (from + 2, to - 1);
        }
        if to >= from + 3 && self.p.tokens.get(to - 2).is_some_and(|t| t.kind == TokenKind::Cast) {
            to -= 2;
        }
        let mut at = from;
        loop {
            let token = self.p.tokens.get(at).filter(|_| at < to)?;
            if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted) {
                return None;
            }
            if at + 1 == to {
                let text = self.p.text(*token).trim_matches('"').to_ascii_lowercase();
                return (!["true", "false", "null", "current_schema"].contains(&text.as_str())).then_some(text);
            }
            if self.p.tokens.get(at + 1)?.kind != TokenKind::Dot {
                return None;
            }
            at += 2;
        }
    }

    /// Column = value.
    fn equal(&self, column: String, from: usize, to: usize, out: &mut Conditions, depth: u32) -> Option<()> {
        let (from, to) = self.unwrap(from, to);
        let span = self.p.span_of(from, to);
        if column == "relkind" {
            out.relation_kinds.push(self.text_value(from, to)?.text.into_owned());
            return Some(());
        }
        // `(SELECT oid FROM pg_class WHERE relname = 'x')`.
        if self.word(from, to, "SELECT") {
            let object = self.catalogue_query(from, to, depth + 1)?;
            let value = match object.part {
                None => object.name,
                Some(_) => return None,
            };
            out.equal.push(Equal { column, value, found: true });
            return Some(());
        }
        let text = self.p.text_of(from, to).to_ascii_lowercase();
        if matches!(text.as_str(), "current_schema()" | "current_schema" | "any(current_schemas(false))") {
            out.in_search_path = true;
            return Some(());
        }
        // `'schema.name'::regclass`, `to_regclass('name')`.
        let cast = (from..to).find(|at| self.p.tokens.get(*at).is_some_and(|t| t.kind == TokenKind::Cast));
        if let Some(cast) = cast
            && self.p.text_of(cast + 1, to).to_ascii_lowercase().starts_with("reg")
        {
            out.equal.push(Equal { column, value: self.name_in_text(from, cast)?, found: true });
            return Some(());
        }
        if let Some(object) = self.lookup(from, to) {
            out.equal.push(Equal { column, value: object.name, found: true });
            return Some(());
        }
        let value = match self.p.tokens.get(from) {
            Some(token) if token.kind == TokenKind::String && cast.is_none_or(|at| at == from + 1) => {
                decode_string(self.p.text(*token), token.start, '\\').text.into_owned()
            }
            _ => self.text_value(from, to)?.text.into_owned(),
        };
        let name = Ident { text: value.into(), quoted: true, span };
        out.equal.push(Equal { column, value: QualifiedName { schema: None, name }, found: false });
        Some(())
    }
}

/// Where a catalogue keeps an object's name, its table's name and its schema's.
struct Catalogue {
    tables: &'static [&'static str],
    kind: ObjectKind,
    name: &'static str,
    /// Columns that name the table to which the object belongs; empty for objects of their own.
    owner: &'static [&'static str],
    schema: &'static [&'static str],
}

const CATALOGUES: &[Catalogue] = {
    use ObjectKind::*;
    const fn c(
        tables: &'static [&'static str],
        kind: ObjectKind,
        name: &'static str,
        owner: &'static [&'static str],
        schema: &'static [&'static str],
    ) -> Catalogue {
        Catalogue { tables, kind, name, owner, schema }
    }
    &[
        c(&["columns"], Column, "column_name", &["table_name"], &["table_schema"]),
        c(&["pg_attribute"], Column, "attname", &["attrelid", "relname"], &["nspname", "relnamespace"]),
        c(
            &[
                "table_constraints",
                "key_column_usage",
                "constraint_column_usage",
                "referential_constraints",
                "check_constraints",
            ],
            Constraint,
            "constraint_name",
            &["table_name"],
            &["table_schema", "constraint_schema"],
        ),
        c(
            &["pg_constraint"],
            Constraint,
            "conname",
            &["conrelid", "relname"],
            &["nspname", "connamespace", "relnamespace"],
        ),
        c(&["pg_policies"], Policy, "policyname", &["tablename"], &["schemaname"]),
        c(&["pg_policy"], Policy, "polname", &["polrelid", "relname"], &["nspname", "relnamespace"]),
        c(&["pg_trigger"], Trigger, "tgname", &["tgrelid", "relname"], &["nspname", "relnamespace"]),
        c(&["triggers"], Trigger, "trigger_name", &["event_object_table"], &["event_object_schema", "trigger_schema"]),
        c(&["pg_rules"], Rule, "rulename", &["tablename"], &["schemaname"]),
        c(&["pg_indexes"], Index, "indexname", &[], &["schemaname"]),
        c(&["pg_tables"], Table, "tablename", &[], &["schemaname"]),
        c(&["pg_views"], View, "viewname", &[], &["schemaname"]),
        c(&["pg_matviews"], MaterializedView, "matviewname", &[], &["schemaname"]),
        c(&["pg_sequences"], Sequence, "sequencename", &[], &["schemaname"]),
        c(&["tables"], Relation, "table_name", &[], &["table_schema"]),
        c(&["views"], View, "table_name", &[], &["table_schema"]),
        c(&["sequences"], Sequence, "sequence_name", &[], &["sequence_schema"]),
        c(&["schemata"], Schema, "schema_name", &[], &[]),
        c(&["routines"], Routine, "routine_name", &[], &["routine_schema"]),
        c(&["domains"], Domain, "domain_name", &[], &["domain_schema"]),
        c(&["pg_class"], Relation, "relname", &[], &["nspname", "relnamespace"]),
        c(&["pg_type"], Type, "typname", &[], &["nspname", "typnamespace"]),
        c(&["pg_proc"], Routine, "proname", &[], &["nspname", "pronamespace"]),
        c(&["pg_extension"], Extension, "extname", &[], &[]),
        c(&["pg_roles", "pg_authid"], Role, "rolname", &[], &[]),
        c(&["pg_user", "pg_shadow"], Role, "usename", &[], &[]),
        c(&["pg_event_trigger"], EventTrigger, "evtname", &[], &[]),
        c(&["pg_publication"], Publication, "pubname", &[], &[]),
        c(&["pg_foreign_server"], Server, "srvname", &[], &[]),
        c(&["pg_database"], Database, "datname", &[], &[]),
        c(&["pg_language"], Language, "lanname", &[], &[]),
        c(&["pg_namespace"], Schema, "nspname", &[], &[]),
    ]
};

/// The object that rows of these tables under these conditions stand for. `None` if a condition is left over.
fn object_of(tables: &[String], conditions: Conditions, span: Span) -> Option<ObjectRef> {
    let Conditions { mut equal, relation_kinds, in_search_path } = conditions;
    let has = |name: &str| equal.iter().any(|e| e.column == name);
    let known = |catalogue: &&Catalogue| catalogue.tables.iter().any(|t| tables.iter().any(|table| table == t));
    let catalogue = CATALOGUES.iter().filter(known).find(|c| has(c.name))?;
    let mut take = |names: &[&str]| {
        let at = equal.iter().position(|e| names.contains(&e.column.as_str()))?;
        Some(equal.remove(at))
    };
    let own = take(&[catalogue.name])?;
    let owner = take(catalogue.owner);
    let schema = take(catalogue.schema).map(|schema| schema.value.name);
    if catalogue.kind == ObjectKind::Index {
        // An index has its name to itself in the schema; its table says no more.
        take(&["tablename"]);
    }
    let left = equal.is_empty();
    if !left {
        return None;
    }
    let kind = match (catalogue.kind, relation_kinds.first().map(String::as_str)) {
        (ObjectKind::Relation, Some("r" | "p")) => ObjectKind::Table,
        (ObjectKind::Relation, Some("i" | "I")) => ObjectKind::Index,
        (ObjectKind::Relation, Some("S")) => ObjectKind::Sequence,
        (ObjectKind::Relation, Some("v")) => ObjectKind::View,
        (ObjectKind::Relation, Some("m")) => ObjectKind::MaterializedView,
        (ObjectKind::Relation, Some("c")) => ObjectKind::Type,
        (kind, _) => kind,
    };
    let owned = !catalogue.owner.is_empty();
    let named = |text| Ident { text: SmolStr::new_static(text), quoted: true, span: nowhere(span) };
    let (mut name, found) = match (owned, owner) {
        (false, _) => (own.value.clone(), own.found),
        (true, Some(owner)) => (owner.value, owner.found),
        // No table is named: any table's object of that name will do.
        (true, None) => (QualifiedName { schema: None, name: named("") }, true),
    };
    let any_schema = !found && !in_search_path && !catalogue.schema.is_empty();
    if name.schema.is_none() {
        name.schema = schema.or_else(|| any_schema.then(|| named(ANY_SCHEMA)));
    }
    let part = owned.then_some(own.value.name);
    Some(ObjectRef { kind, name, part, arguments: None, span })
}
