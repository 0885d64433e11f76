//! Statements that run when a table is made: `event.listen(Model.__table__, "after_create", DDL("…"))`.
//! Source: `sqlalchemy/sql/ddl.py`, `DDL`, `ExecutableDDLElement.execute_if`.

use super::Reader;
use crate::read::python::{TermKind, Value};
use crate::read::sqlalchemy::sql::Sql;
use crate::read::sqlalchemy::table::constructor;
use crate::source::{Mapped, Part, Splitter};

impl Reader {
    /// The statements, each with the table whose making it follows.
    pub(super) fn statements_of_events(&self) -> Vec<(usize, Sql)> {
        let mut out = Vec::new();
        for effect in &self.python.effects {
            let Some((callee, arguments)) = effect.value.as_call() else { continue };
            let made =
                |value: Option<&Value>| matches!(value.and_then(Value::as_str), Some("after_create" | "before_create"));
            if callee.last_name() != Some("listen") || !made(arguments.get(1, "identifier")) {
                continue;
            }
            let table = arguments.get(0, "target").and_then(|target| self.table_of(target));
            let statement = arguments.get(2, "fn").and_then(on_postgresql);
            let (Some(at), Some(text)) = (table, statement) else { continue };
            if let Some(text) = self.filled(at, text) {
                out.extend(statements(&text).into_iter().map(|text| (at, Sql { text })));
            }
        }
        out
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
