//! Calls of functions, and of those that are not there. There a name alone decides: of one that is there, which of its kind the types of the arguments mean is not asked.
//! Source: PostgreSQL manual, 10.3 "Functions".

use super::super::conflict::state;
use super::super::known::is_platform_schema;
use super::super::lookup::has_placeholder;
use super::words::{CALL_LIKE_WORDS, EXPRESSION_WORDS};
use super::{Missing, Scanner};
use crate::functions::{may_be_of_extension, may_be_of_server};
use crate::name::{Ident, Name};
use crate::operation::{ArgumentMode, FunctionKind, TypeName};
use crate::read::ddl::lexer::TokenKind;
use crate::schema::{FunctionId, ObjectId, RelationId, TypeKind};

/// A function that is not there, where its arguments end: what is wrong with those comes first.
#[derive(Debug)]
pub(super) struct MissingCall {
    pub(super) end: u32,
    pub(super) missing: Missing,
}

impl Scanner<'_> {
    pub(super) fn call(&mut self, first: usize, last: usize) {
        if first == last {
            self.judge_call(last);
        }
        if let Some(function) = self.function_called(first, last) {
            self.refer(last, ObjectId::Function(function));
        }
        if first < last || self.is_free_name(first) {
            self.note_missing_call(first, last);
        }
    }

    /// The function that `a.b` before a parenthesis calls.
    pub(super) fn function_called(&self, first: usize, last: usize) -> Option<FunctionId> {
        if first == last && self.kind(first) == TokenKind::Word && !self.is_free_name(first) {
            return None;
        }
        let schema = if last > first { Some(self.name(last - 2)) } else { None };
        let name = self.name(last);
        let count = self.count_of_arguments(last + 1);
        self.replayer.find_function_call(schema.as_ref(), &name, Some(count))
    }

    /// How many arguments a call has whose parenthesis opens at `open`.
    fn count_of_arguments(&self, open: usize) -> usize {
        let close = self.closing(open);
        let mut count = usize::from(close > open + 1);
        let mut at = open + 1;
        while at < close {
            match self.kind(at) {
                TokenKind::LeftParen | TokenKind::LeftBracket => at = self.closing(at).max(at),
                TokenKind::Comma => count += 1,
                _ => {}
            }
            at += 1;
        }
        count
    }

    /// Notes a call of what is certainly no function.
    pub(super) fn note_missing_call(&mut self, first: usize, last: usize) {
        let end = self.tokens.get(self.closing(last + 1)).map_or(u32::MAX, |t| t.end);
        if self.missing_call.as_ref().is_some_and(|known| known.end <= end) {
            return;
        }
        let Some((sqlstate, message)) = self.missing_function(first, last) else { return };
        self.missing_call =
            Some(MissingCall { end, missing: Missing { sqlstate, message, span: self.span_of(first, last) } });
    }

    /// Whether functions of a name are there, and none of them takes so many arguments. Those of aggregates may stand elsewhere, too.
    fn takes_others(&self, functions: &[FunctionId], count: usize) -> bool {
        let mut all = functions.iter().filter_map(|id| self.replayer.schema.functions.get(*id)).peekable();
        all.peek().is_some()
            && !self.replayer.opaque
            && all.all(|f| {
                let inputs = f.input_arguments().count();
                let required = f.input_arguments().filter(|a| a.default.is_none()).count();
                let variadic = f.arguments.iter().any(|a| a.mode == ArgumentMode::Variadic);
                f.kind == FunctionKind::Function && !variadic && !(required..=inputs).contains(&count)
            })
    }

    fn missing_function(&self, first: usize, last: usize) -> Option<(&'static str, String)> {
        let replayer = self.replayer;
        let name = self.name(last);
        let behind_word = first.checked_sub(1).is_some_and(|at| {
            self.is_any(
                at,
                &["as", "execute", "into", "over", "tablesample", "window", "table", "join", "recursive", "update"],
            )
        });
        let key_word = self.kind(first) == TokenKind::Word
            && first == last
            && (EXPRESSION_WORDS.contains(&name.as_str()) || CALL_LIKE_WORDS.contains(&name.as_str()));
        let templated =
            (first..=last).any(|at| self.kind(at) == TokenKind::Placeholder || has_placeholder(&self.name(at)));
        if replayer.described || behind_word || key_word || templated || replayer.extension_may_own_function() {
            return None;
        }
        let count = self.count_of_arguments(last + 1);
        let other_counts;
        match last - first {
            0 if may_be_of_server(&name) => return None,
            0 => {
                let path = replayer.search_path();
                let found: Vec<_> =
                    path.iter().flat_map(|ns| replayer.schema.find_functions(*ns, &name)).copied().collect();
                other_counts = self.takes_others(&found, count);
                if !found.is_empty() && !other_counts {
                    return None;
                }
            }
            2 => {
                let schema = self.name(first);
                if schema.starts_with("pg_") || schema == "information_schema" || is_platform_schema(&schema) {
                    return None;
                }
                let Some(namespace) = replayer.schema.find_namespace(&schema) else {
                    return Some((state::INVALID_SCHEMA, format!("schema \"{schema}\" does not exist")));
                };
                let assumed = replayer.schema.namespaces.get(namespace).is_some_and(|n| n.assumed);
                // Where nothing creates an extension, an administrator may have done so, and a dump of one schema leaves it out. It stands in
                // `public`, or in a schema where nothing else is called.
                let mut own = replayer.schema.functions.iter().map(|(_, f)| f).filter(|f| f.namespace == namespace);
                let of_extension =
                    may_be_of_extension(&name) && (schema == "public" || own.all(|f| f.dropped.is_some()));
                let found = replayer.schema.find_functions(namespace, &name);
                other_counts = self.takes_others(found, count);
                if assumed || of_extension || (!found.is_empty() && !other_counts) {
                    return None;
                }
            }
            _ => return None,
        }
        // The name of a type casts, and that of a column of a row's type takes it: `amount(1)`, `id(t)`; but neither stands as a table.
        let as_table = first > 1 && self.is(first - 1, "from") && !self.is(first - 2, "distinct");
        let with_arguments = self.closing(last + 1) > last + 2 && !as_table;
        if with_arguments && (self.is_type(first, last) || self.names_column(&name)) {
            return None;
        }
        let shown = if last > first { format!("{}.{name}", self.name(first)) } else { name.to_string() };
        let shown = if other_counts { format!("{shown} with {count} arguments") } else { shown };
        Some((state::UNDEFINED_FUNCTION, format!("function {shown} does not exist")))
    }

    fn is_type(&self, first: usize, last: usize) -> bool {
        let ident = |at: usize| -> Ident { self.ident(at) };
        let written = TypeName {
            schema: (last > first).then(|| ident(first)),
            name: ident(last),
            modifiers: Vec::new(),
            dimensions: 0,
            setof: false,
            percent_type: false,
            span: self.span_of(first, last),
        };
        self.replayer.resolve_type(&written).is_ok()
    }

    /// Whether a composite type has an attribute of this name, or a relation in sight a column, or one whose columns are not known is in sight.
    fn names_column(&self, name: &Name) -> bool {
        let is_attribute = self.replayer.schema.types.iter().any(|(_, t)| match &t.kind {
            TypeKind::Composite(attributes) => t.dropped.is_none() && attributes.iter().any(|(n, _)| n == name),
            _ => false,
        });
        if is_attribute {
            return true;
        }
        self.frames.iter().flat_map(|f| &f.relations).any(|r| match r.relation {
            Some(RelationId::Table(id)) => self.replayer.find_column(id, name).is_some(),
            Some(RelationId::View(id)) => self.replayer.schema.views.get(id).is_none_or(|v| v.columns.contains(name)),
            _ => true,
        })
    }

    /// What is told of an expression: what is not there and comes first.
    pub(super) fn first_missing(&mut self) -> Option<Missing> {
        // Relations stand in FROM, which is read before the rest.
        let of_from = |missing: &Missing| missing.sqlstate == state::UNDEFINED_TABLE;
        if let Some(ambiguous) = self.ambiguous.take()
            && !self.missing.as_ref().is_some_and(of_from)
        {
            self.missing = Some(ambiguous);
        }
        let Some(call) = self.missing_call.take() else { return self.missing.take() };
        let end = self.span.start.saturating_add(call.end);
        match self.missing.take() {
            Some(other) if other.span.start < end || of_from(&other) => Some(other),
            _ => Some(call.missing),
        }
    }
}
