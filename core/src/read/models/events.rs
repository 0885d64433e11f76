//! Statements that run when a table is made: `event.listen(Model.__table__, "after_create", DDL("…"))`, and what functions execute that listen
//! to it. Source: `sqlalchemy/sql/ddl.py`, `DDL`, `ExecutableDDLElement.execute_if`; `sqlalchemy/sql/events.py`, `DDLEvents`.

use super::Reader;
use super::host::executed;
use crate::read::python::{Arguments, Kind, TermKind, Value};
use crate::read::sqlalchemy::expression::{text_of, unbind};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::sql::Sql;
use crate::read::sqlalchemy::table::constructor;
use crate::source::{Mapped, Part, Splitter};

impl Reader {
    /// The statements, each with the table whose making it follows.
    pub(super) fn statements_of_events(&mut self) -> Vec<(usize, Sql)> {
        let mut out = Vec::new();
        for effect in &self.python.effects {
            let Some((callee, arguments)) = effect.value.as_call() else { continue };
            if callee.last_name() != Some("listen") || !is_made(arguments) {
                continue;
            }
            let table = arguments.get(0, "target").and_then(|target| self.table_of(target));
            let statement = arguments.get(2, "fn").and_then(on_postgresql);
            let (Some(at), Some(text)) = (table, statement) else { continue };
            if let Some(text) = self.filled(at, text) {
                out.extend(statements(&text).into_iter().map(|text| (at, Sql { text })));
            }
        }
        for (target, function) in self.functions_that_make() {
            let Some(at) = self.table_of(&target).or_else(|| self.last_table_of(&target)) else { continue };
            let texts = self.executed_by(&function, target);
            out.extend(texts.iter().flat_map(statements).map(|text| (at, Sql { text })));
        }
        out
    }

    /// The functions that are called when something is made, each with what that is.
    fn functions_that_make(&self) -> Vec<(Value, Value)> {
        let decorated = self.python.heap.functions().flat_map(|(id, function)| {
            function.decorators.iter().filter_map(move |decorator| {
                let (callee, arguments) = decorator.as_call()?;
                let listens = callee.last_name() == Some("listens_for") && is_made(arguments);
                let target = arguments.get(0, "target").filter(|_| listens)?;
                Some((target.clone(), Value::new(Kind::Function(id), decorator.span)))
            })
        });
        let called = self.python.effects.iter().filter_map(|effect| {
            let (callee, arguments) = effect.value.as_call()?;
            let listens = callee.last_name() == Some("listen") && is_made(arguments);
            let function = arguments.get(2, "fn").filter(|f| listens && matches!(f.kind, Kind::Function(_)))?;
            Some((arguments.get(0, "target")?.clone(), function.clone()))
        });
        decorated.chain(called).collect()
    }

    /// The table that is made last where all of a metadata are: what listens to `Base.metadata` hears of them then.
    fn last_table_of(&mut self, target: &Value) -> Option<usize> {
        let known = self.metadata.len();
        let metadata = self.metadata_of(target);
        (metadata < known).then(|| self.tables.iter().rposition(|table| table.metadata == metadata))?
    }

    /// What a function executes on the connection that it is given. What it executes only if something holds that nobody knows here is left out.
    fn executed_by(&mut self, function: &Value, target: Value) -> Vec<Mapped> {
        let before = self.python.effects.len();
        let connection = called("sqlalchemy.Connection", Arguments::default(), function.span);
        let open = Arguments { positional: vec![target, connection], open: true, ..Arguments::default() };
        self.run(function, &open);
        let effects: Vec<_> = self.python.effects.drain(before..).collect();
        effects
            .iter()
            .filter(|effect| effect.conditions.is_empty())
            .filter_map(|effect| {
                let given = executed(&effect.value)?;
                let text = text_of(given).unwrap_or(given).as_text()?;
                Some(unbind(text))
            })
            .collect()
    }

    /// The text with the table's names in place of `%(table)s`, `%(schema)s` and `%(fullname)s`.
    fn filled(&self, at: usize, text: &Mapped) -> Option<Mapped> {
        let table = self.tables.get(at)?;
        let schema = self.schema_of(table);
        let source = text.as_str();
        let mut out = Mapped::default();
        let (mut from, mut rest) = (0, 0);
        while let Some(found) = source.get(rest..).and_then(|s| s.find('%')).map(|f| f + rest) {
            let behind = source.get(found..).unwrap_or_default();
            let known = ["%(table)s", "%(schema)s", "%(fullname)s", "%%"].into_iter().find(|t| behind.starts_with(t));
            let token = known?;
            out.append_range(text, from, found);
            let mut name = Sql::default();
            let name = match token {
                "%%" => name.word("%", table.span),
                "%(table)s" => name.qualified(None, &table.name).ok()?,
                "%(schema)s" => name.qualified(None, schema.as_ref()?).ok()?,
                _ => name.qualified(schema.as_ref(), &table.name).ok()?,
            };
            out.append(&name.text);
            from = found + token.len();
            rest = from;
        }
        out.append_range(text, from, source.len());
        Some(out)
    }
}

/// Whether what listens is called when something is made.
fn is_made(arguments: &Arguments) -> bool {
    matches!(arguments.get(1, "identifier").and_then(Value::as_str), Some("after_create" | "before_create"))
}

/// The text of `DDL("…")`, unless it runs on other dialects only.
fn on_postgresql(value: &Value) -> Option<&Mapped> {
    if let Some((callee, arguments)) = value.as_call()
        && let Some(TermKind::Attribute(inner, method)) = callee.as_term()
        && method == "execute_if"
    {
        let dialect = arguments.get(0, "dialect").filter(|d| !d.is_none());
        let here = dialect.is_none_or(|d| d.as_str().is_some_and(|d| d.starts_with("postgres")));
        return on_postgresql(inner).filter(|_| here);
    }
    let (kind, arguments) = constructor(value)?;
    (kind == "DDL").then(|| arguments.get(0, "statement"))??.as_text().map(|text| &**text)
}

/// The statements of a text, without the semicolons between them.
fn statements(text: &Mapped) -> Vec<Mapped> {
    let mut splitter = Splitter::new(0);
    let mut out = Vec::new();
    let mut take = |part: Part<'_>| {
        if let Part::Statement { text: statement, at, lead, .. } = part {
            let start = at.offset as usize;
            out.push(text.slice(start + lead as usize, start + statement.len()));
        }
    };
    splitter.push(text.as_str().as_bytes(), &mut take);
    splitter.finish(&mut take);
    out
}
