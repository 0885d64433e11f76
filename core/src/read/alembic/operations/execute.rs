//! What a migration executes: texts, texts with holes, and constructs of SQLAlchemy's.

use super::Writer;
use crate::operation::{DmlVerb, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::read::python::{Arguments, Condition, Effect, Kind, TermKind, Value};
use crate::read::sqlalchemy::expression::{text_of, unbind};
use crate::read::sqlalchemy::sql::{Sql, with_default_schema};
use crate::read::sqlalchemy::table::{self, constructor};
use crate::source::{Mapped, Part, Span, Splitter};

/// Statements that change rows only.
const ROWS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "SELECT", "WITH", "MERGE", "VALUES", "COPY", "EXPLAIN", "SHOW", "ANALYZE"];

impl Writer<'_> {
    /// Runs SQL: a text, `sa.text`, a construct of SQLAlchemy's.
    pub(super) fn execute(&mut self, effect: &Effect, value: Option<&Value>) {
        let Some(value) = value else { return };
        // One text or another, by a test: each where the test decides for it.
        let inner = text_of(value).unwrap_or(value);
        if let Some(TermKind::Choice(test, then, otherwise)) = inner.as_term()
            && then.as_text().is_some()
            && otherwise.as_text().is_some()
        {
            // Whether it takes its time or not, the same comes of it.
            let plain = |value: &Value| value.as_str().unwrap_or_default().replace("CONCURRENTLY ", "");
            if plain(then) == plain(otherwise) {
                let waits = then.as_str().is_some_and(|text| text.contains("CONCURRENTLY "));
                return self.execute(effect, Some(if waits { otherwise } else { then }));
            }
            for (value, negated) in [(then, false), (otherwise, true)] {
                let mut conditions = effect.conditions.clone();
                conditions.push(Condition { test: test.clone(), negated });
                self.execute(&Effect { conditions, ..effect.clone() }, Some(value));
            }
            return;
        }
        let text = match (value.as_term(), text_of(value)) {
            (Some(TermKind::Template(text)), _) => return self.template(effect, text),
            (_, Some(inner)) => match (inner.as_text(), inner.as_term()) {
                (Some(text), _) => text,
                (None, Some(TermKind::Template(text))) => return self.template(effect, text),
                _ => return self.opaque(effect, inner.span, "The text of this statement is made by the program."),
            },
            _ => match value.as_text() {
                Some(text) => text,
                None => return self.construct(effect, value),
            },
        };
        let text = unbind(text);
        self.script(effect, &text);
    }

    /// A text of which parts are not known: rows change without the schema; anything else is not known.
    fn template(&mut self, effect: &Effect, text: &Mapped) {
        let first = ddl::lexer::first_word(text.as_str().trim_start()).to_ascii_uppercase();
        let (text, all) = with_default_schema(text);
        if ROWS.contains(&first.as_str()) {
            let reading = ddl::read_mapped(&text, effect.span);
            // The holes may stand where no value can: then nothing is said of the table either.
            if reading.problems.is_empty() {
                for operation in reading.operations {
                    self.add(effect, operation);
                }
            }
            return;
        }
        if all {
            self.schema_elsewhere(text.whole().unwrap_or(effect.span));
            return self.script(effect, &unbind(&text));
        }
        self.opaque(effect, effect.span, "The text of this statement is made by the program.");
    }

    /// Statements of a text, one after the other.
    pub(in super::super) fn script(&mut self, effect: &Effect, text: &Mapped) {
        let mut splitter = Splitter::new(0);
        let mut parts: Vec<(u32, u32, Option<&'static str>)> = Vec::new();
        let mut take = |part: Part<'_>| match part {
            Part::Statement { text, at, lead, .. } => {
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                parts.push((at.offset.saturating_add(lead), end, None));
            }
            Part::Unterminated { what, text, at, open } => {
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                parts.push((at.offset.saturating_add(open), end, Some(what.name())));
            }
            Part::Comment { .. } | Part::Meta { .. } | Part::GaveUp { .. } => {}
        };
        splitter.push(text.as_str().as_bytes(), &mut take);
        splitter.finish(&mut take);
        for (from, to, open) in parts {
            let part = text.slice(from as usize, to as usize);
            let span = part.whole().unwrap_or(effect.span);
            if let Some(what) = open {
                self.out.statements += 1;
                let message = format!("This {what} never ends. Close it where it should end.");
                self.out.problems.push(Problem { kind: ProblemKind::Unterminated, message, span: Some(span) });
                continue;
            }
            self.read(effect, &part, span, false, None);
        }
    }

    /// Reads a statement that was put together, and gives its operations the span of the call.
    pub(in super::super) fn write(&mut self, effect: &Effect, sql: &Sql) {
        self.read(effect, &sql.text, effect.span, true, None);
    }

    pub(super) fn write_tolerant(&mut self, effect: &Effect, sql: &Sql, sqlstate: &'static str) {
        self.read(effect, &sql.text, effect.span, true, Some(sqlstate));
    }

    fn read(&mut self, effect: &Effect, text: &Mapped, span: Span, made: bool, tolerates: Option<&'static str>) {
        let reading = ddl::read_mapped(text, span);
        let opaque = reading.problems.iter().any(|p| p.kind == ProblemKind::OpaqueStatement);
        if reading.changes_schema {
            self.out.statements += 1;
            self.out.understood += u32::from(reading.problems.is_empty());
        }
        self.out.problems.extend(reading.problems);
        for mut operation in reading.operations {
            if made {
                operation.span = span;
            }
            if let Some(state) = tolerates {
                operation.tolerates = Box::new([state.into()]);
            }
            self.add(effect, operation);
        }
        if opaque {
            self.unknown(effect, false);
        }
    }

    /// `op.execute(CreateSequence(…))`, `conn.execute(table.update()…)`, `session.execute(select(…))`.
    fn construct(&mut self, effect: &Effect, value: &Value) {
        if let Some((name, arguments)) = constructor(value) {
            let first = arguments.positional.first();
            let sql = match (name, first) {
                ("CreateSequence" | "DropSequence", Some(sequence)) => sequence.as_call().and_then(|(_, sequence)| {
                    table::sequence_statement(sequence, name == "CreateSequence", false, effect.span)
                }),
                ("CreateSchema" | "DropSchema", Some(schema)) => {
                    let mut sql =
                        Sql::new(if name == "CreateSchema" { "CREATE SCHEMA " } else { "DROP SCHEMA " }, effect.span);
                    if arguments.keyword("if_not_exists").and_then(Value::as_bool) == Some(true) {
                        sql.word("IF NOT EXISTS ", effect.span);
                    }
                    let named = sql.qualified(None, schema).is_ok();
                    if arguments.keyword("cascade").and_then(Value::as_bool) == Some(true) {
                        sql.word(" CASCADE", effect.span);
                    }
                    named.then_some(sql)
                }
                ("CreateTable", Some(table)) => return self.create_declared(effect, table),
                ("DropTable" | "CreateIndex" | "DropIndex", Some(object)) => {
                    return self.create_or_drop(
                        effect,
                        object,
                        name == "CreateIndex",
                        &Arguments {
                            keywords: vec![("checkfirst".into(), Value::new(Kind::Bool(false), effect.span))],
                            ..Arguments::default()
                        },
                    );
                }
                _ => None,
            };
            match sql {
                Some(sql) => return self.write(effect, &sql),
                None if name.starts_with("Create") || name.starts_with("Drop") || name.starts_with("Add") => {
                    return self.opaque(effect, value.span, "This statement is made by the program.");
                }
                None => {}
            }
        }
        // Follow the chain of methods to the table: `table.update().where(…).values(…)`.
        let mut at = value;
        for _ in 0..40 {
            let Some((callee, arguments)) = at.as_call() else { break };
            match callee.as_term() {
                Some(TermKind::Attribute(object, method)) => match method.as_str() {
                    "update" => return self.rows(effect, Some(object), "UPDATE"),
                    "insert" => return self.rows(effect, Some(object), "INSERT"),
                    "delete" => return self.rows(effect, Some(object), "DELETE"),
                    // A query changes nothing, whatever is asked.
                    "select" | "query" => return,
                    _ => at = object,
                },
                Some(TermKind::Name(path)) => {
                    return match path.rsplit('.').next().unwrap_or(path) {
                        "update" => self.rows(effect, arguments.positional.first(), "UPDATE"),
                        "insert" => self.rows(effect, arguments.positional.first(), "INSERT"),
                        "delete" => self.rows(effect, arguments.positional.first(), "DELETE"),
                        // A query changes nothing.
                        "select" | "exists" | "union" | "union_all" | "func" => {}
                        _ if path.contains("func.") => {}
                        _ if path.starts_with("sqlalchemy") => {}
                        _ => self.opaque(effect, value.span, "What is executed here comes from elsewhere."),
                    };
                }
                _ => break,
            }
        }
        match value.as_term() {
            // What loops and queries give is read back from the database and changes rows at most; a text of unknown origin may be anything.
            Some(
                TermKind::Unknown
                | TermKind::Name(_)
                | TermKind::Index(..)
                | TermKind::Choice(..)
                | TermKind::Binary(..),
            ) => {
                self.opaque(effect, value.span, "The text of this statement is made by the program.");
            }
            Some(TermKind::Each(_)) => {
                self.opaque(effect, value.span, "The text of this statement is read from the database.")
            }
            _ => {}
        }
    }

    /// Rows of a table change.
    pub(super) fn rows(&mut self, effect: &Effect, table: Option<&Value>, verb: &str) {
        let Some(table) = table else { return };
        let schema = table.as_call().and_then(|(_, arguments)| arguments.keyword("schema")).cloned();
        let mut sql = Sql::new(
            match verb {
                "INSERT" => "INSERT INTO ",
                "UPDATE" => "UPDATE ",
                _ => "DELETE FROM ",
            },
            effect.span,
        );
        if sql.qualified(schema.as_ref(), table).is_err() {
            return;
        }
        sql.word(
            match verb {
                // Nor with which values.
                "INSERT" => " VALUES (${values})",
                // Which columns is not said here: a name with a placeholder may be any.
                "UPDATE" => " SET \"${column}\" = $1",
                _ => "",
            },
            effect.span,
        );
        for mut operation in ddl::read_mapped(&sql.text, effect.span).operations {
            if let OperationKind::Dml { verb: DmlVerb::Insert | DmlVerb::Update | DmlVerb::Delete, .. } = operation.kind
            {
                operation.span = effect.span;
                self.add(effect, operation);
            }
        }
    }
}
