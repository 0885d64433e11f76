//! Operations that packages add to Alembic's `op`, and the statements that each sends.
//! Source: `alembic_utils/reversible_op.py`, `pg_function.py`, `pg_view.py`, `pg_materialized_view.py`, `pg_trigger.py`, `pg_policy.py`, `pg_extension.py` and
//! `pg_grant_table.py`; `alembic_postgresql_enum/operations/sync_enum_values.py` and `sql_commands`.

use std::rc::Rc;

use super::operations::Writer;
use crate::order::Order;
use smol_str::SmolStr;

use crate::read::python::{Arguments, Effect, Heap, Kind, Value};
use crate::read::sqlalchemy::expression::unbind;
use crate::read::sqlalchemy::sql::{Known, Sql, Unknown};
use crate::read::sqlalchemy::table::constructor;
use crate::source::{Mapped, Span};

/// What is done to an entity of `alembic_utils`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Create,
    Replace,
    Drop { cascade: bool },
}

/// An entity's parts, by the names of its parameters; what `from_sql` takes apart has some of them only.
struct Entity<'a> {
    kind: &'a str,
    arguments: &'a Arguments,
    span: Span,
}

impl Writer<'_> {
    /// Runs an operation that a package adds; whether it is one of those that are known.
    pub(super) fn extension(&mut self, effect: &Effect, name: &str, arguments: &Arguments) -> bool {
        let act = match name {
            "create_entity" => Act::Create,
            "replace_entity" => Act::Replace,
            "drop_entity" => Act::Drop { cascade: arguments.get(1, "cascade").and_then(Value::as_bool) == Some(true) },
            "sync_enum_values" => {
                match sync_enum_values(&self.python.heap, arguments, effect.span) {
                    Ok((statements, asked)) => {
                        statements.iter().for_each(|sql| self.write(effect, sql));
                        for at in asked {
                            let message = "Which default this column has, the migration asks the database, and sets it again. Here it is taken to have none.";
                            self.note(at, message);
                        }
                    }
                    Err(Unknown(at)) => {
                        self.opaque(
                            effect,
                            at,
                            "`sync_enum_values` is given what only running the migration would give.",
                        );
                    }
                }
                return true;
            }
            _ => return false,
        };
        let statements = arguments.get(0, "target").ok_or(Unknown(effect.span)).and_then(|value| {
            let (path, arguments) = value.as_call().ok_or(Unknown(value.span))?;
            let path = path.as_name().ok_or(Unknown(value.span))?;
            let parts = path.strip_suffix(".from_sql").map(|path| (path, from_sql(path, arguments, value.span)));
            let (path, arguments) = match parts {
                Some((path, parts)) => (path, parts?),
                None => (path, arguments.clone()),
            };
            let kind = path.rsplit('.').next().unwrap_or(path);
            Entity { kind, arguments: &arguments, span: value.span }.statements(&self.python.heap, act)
        });
        match statements {
            Ok(statements) => statements.iter().for_each(|sql| self.script(effect, &sql.text)),
            Err(Unknown(at)) => {
                self.opaque(effect, at, &format!("`{name}` is given what only running the migration would give."));
                if matches!(act, Act::Drop { .. }) {
                    self.unknown(effect, true);
                }
            }
        }
        true
    }
}

impl Entity<'_> {
    fn text(&self, place: usize, name: &str) -> Known<Mapped> {
        let value = self.arguments.get(place, name).ok_or(Unknown(self.span))?;
        value.as_text().map(|text| Mapped::clone(text)).ok_or(Unknown(value.span))
    }

    fn bare(&self, place: usize, name: &str) -> Known<Mapped> {
        Ok(bare(&self.text(place, name)?))
    }

    /// `"schema"."name"`, whatever case they are in.
    fn qualified(&self, words: &str) -> Known<Sql> {
        let mut sql = Sql::new(words, self.span);
        in_quotes(&mut sql, &self.bare(0, "schema")?, self.span);
        sql.word(".", self.span);
        in_quotes(&mut sql, &self.bare(1, "signature")?, self.span);
        Ok(sql)
    }

    /// What `op.execute` is then given, one after the other.
    fn statements(&self, heap: &Heap, act: Act) -> Known<Vec<Sql>> {
        let made = match (self.kind, act) {
            ("PGFunction", Act::Drop { .. }) => vec![self.drop_function()?],
            ("PGFunction", Act::Create) => vec![self.function("CREATE FUNCTION ")?],
            ("PGFunction", Act::Replace) => vec![self.function("CREATE OR REPLACE FUNCTION ")?],
            ("PGView", Act::Drop { .. }) => vec![self.qualified("DROP VIEW ")?],
            ("PGView", Act::Create) => vec![self.view("CREATE VIEW ")?],
            ("PGView", Act::Replace) => {
                let (replace, drop) = (self.view("CREATE OR REPLACE VIEW ")?, self.qualified("DROP VIEW IF EXISTS ")?);
                let create = self.view("CREATE VIEW ")?;
                let mut sql = Sql::new("DO $$ BEGIN ", self.span);
                sql.raw(&replace.text).word("; EXCEPTION WHEN others THEN ", self.span);
                sql.raw(&drop.text).word("; ", self.span).raw(&create.text);
                sql.word("; END; $$ LANGUAGE 'plpgsql'", self.span);
                vec![sql]
            }
            ("PGMaterializedView", Act::Drop { .. }) => vec![self.qualified("DROP MATERIALIZED VIEW ")?],
            ("PGMaterializedView", Act::Create) => vec![self.materialized_view()?],
            ("PGMaterializedView", Act::Replace) => {
                vec![self.qualified("DROP MATERIALIZED VIEW IF EXISTS ")?, self.materialized_view()?]
            }
            ("PGTrigger", Act::Drop { .. }) => vec![self.drop_trigger("DROP TRIGGER ")?],
            ("PGTrigger", Act::Create) => vec![self.trigger()?],
            ("PGTrigger", Act::Replace) => vec![self.drop_trigger("DROP TRIGGER IF EXISTS ")?, self.trigger()?],
            ("PGPolicy", Act::Drop { .. }) => vec![self.policy("DROP POLICY ", false)?],
            ("PGPolicy", Act::Create) => vec![self.policy("CREATE POLICY ", true)?],
            ("PGPolicy", Act::Replace) => {
                vec![self.policy("DROP POLICY IF EXISTS ", false)?, self.policy("CREATE POLICY ", true)?]
            }
            ("PGExtension", Act::Create | Act::Drop { .. }) => vec![self.extension(act)?],
            ("PGGrantTable", Act::Drop { .. }) => vec![self.grant(heap, false)?],
            ("PGGrantTable", Act::Create) => vec![self.grant(heap, true)?],
            ("PGGrantTable", Act::Replace) => vec![self.grant(heap, false)?, self.grant(heap, true)?],
            _ => return Err(Unknown(self.span)),
        };
        let cascades = act == Act::Drop { cascade: true } && self.kind != "PGGrantTable";
        let cascaded = |mut sql: Sql| {
            if cascades {
                sql.word(" CASCADE", self.span);
            }
            sql
        };
        Ok(made.into_iter().map(cascaded).collect())
    }

    /// The name in quotes, the parameters and the rest as they are.
    fn function(&self, words: &str) -> Known<Sql> {
        let signature = self.bare(1, "signature")?;
        let definition = body(&self.text(2, "definition")?);
        let (name, rest) = parted(&signature, "(").ok_or(Unknown(self.span))?;
        let mut sql = Sql::new(words, self.span);
        in_quotes(&mut sql, &self.bare(0, "schema")?, self.span);
        sql.word(".", self.span);
        in_quotes(&mut sql, &trimmed(&name), self.span);
        sql.word("(", self.span).raw(&rest).word(" ", self.span);
        // A colon in front of an equals sign, or of another colon, is none of `sa.text`'s; in the body of a procedure a colon may be escaped already.
        let procedural = definition.as_str().to_ascii_lowercase().replace('\'', "");
        let procedural = procedural.split_whitespace().collect::<Vec<_>>().join(" ").contains("language plpgsql");
        match procedural {
            true => sql.raw(&unescaped(&definition)),
            false => sql.raw(&definition),
        };
        Ok(sql)
    }

    /// Of the parameters what stands before a default.
    fn drop_function(&self) -> Known<Sql> {
        let signature = self.bare(1, "signature")?;
        let (name, rest) = parted(&signature, "(").ok_or(Unknown(self.span))?;
        let end = rest.as_str().rfind(')').ok_or(Unknown(self.span))?;
        let mut sql = Sql::new("DROP FUNCTION ", self.span);
        in_quotes(&mut sql, &self.bare(0, "schema")?, self.span);
        sql.word(".", self.span);
        in_quotes(&mut sql, &trimmed(&name), self.span);
        sql.word("(", self.span);
        let mut from = 0;
        for (at, parameter) in rest.as_str().get(..end).unwrap_or_default().split(',').enumerate() {
            if at > 0 {
                sql.word(", ", self.span);
            }
            let length = parameter.to_ascii_lowercase().find("default").unwrap_or(parameter.len());
            sql.raw(&trimmed(&rest.slice(from, from + length)));
            from += parameter.len() + 1;
        }
        sql.word(")", self.span);
        Ok(sql)
    }

    fn view(&self, words: &str) -> Known<Sql> {
        let mut sql = self.qualified(words)?;
        sql.word(" AS ", self.span).raw(&unbind(&body(&self.text(2, "definition")?)));
        Ok(sql)
    }

    fn materialized_view(&self) -> Known<Sql> {
        let mut sql = self.view("CREATE MATERIALIZED VIEW ")?;
        let empty = self.arguments.get(3, "with_data").and_then(Value::as_bool) == Some(false);
        sql.word(if empty { " WITH NO DATA" } else { " WITH DATA" }, self.span);
        Ok(sql)
    }

    /// What a trigger or a policy stands on, with a schema.
    fn on_entity(&self) -> Known<Mapped> {
        let name = self.bare(3, "on_entity")?;
        if name.as_str().contains('.') {
            return Ok(name);
        }
        let mut qualified = Mapped::made("public.", self.span);
        qualified.append(&name);
        Ok(qualified)
    }

    /// The table in the definition is taken to be in the trigger's schema.
    fn trigger(&self) -> Known<Sql> {
        let definition = body(&self.text(2, "definition")?);
        let (event, rest) = around_on(&definition).ok_or(Unknown(self.span))?;
        let end = rest.as_str().find(char::is_whitespace).ok_or(Unknown(self.span))?;
        let (table, action) = (rest.slice(0, end), rest.slice(end, rest.as_str().len()));
        let table = parted(&table, ".").map_or(table, |(_, table)| table);
        let constraint = self.arguments.get(4, "is_constraint").and_then(Value::as_bool) == Some(true);
        let mut sql = Sql::new(if constraint { "CREATE CONSTRAINT TRIGGER " } else { "CREATE TRIGGER " }, self.span);
        in_quotes(&mut sql, &self.bare(1, "signature")?, self.span);
        sql.word(" ", self.span).raw(&event).word(" ON ", self.span);
        sql.raw(&self.bare(0, "schema")?).word(".", self.span).raw(&table).raw(&action);
        Ok(sql)
    }

    fn drop_trigger(&self, words: &str) -> Known<Sql> {
        let mut sql = Sql::new(words, self.span);
        in_quotes(&mut sql, &self.bare(1, "signature")?, self.span);
        sql.word(" ON ", self.span).raw(&self.on_entity()?);
        Ok(sql)
    }

    fn policy(&self, words: &str, defined: bool) -> Known<Sql> {
        let mut sql = Sql::new(words, self.span);
        sql.raw(&self.bare(1, "signature")?).word(" ON ", self.span).raw(&self.on_entity()?);
        if defined {
            sql.word(" ", self.span).raw(&body(&self.text(2, "definition")?));
        }
        Ok(sql)
    }

    fn extension(&self, act: Act) -> Known<Sql> {
        let mut sql = Sql::new(if act == Act::Create { "CREATE EXTENSION " } else { "DROP EXTENSION " }, self.span);
        in_quotes(&mut sql, &self.bare(1, "signature")?, self.span);
        if act == Act::Create {
            sql.word(" WITH SCHEMA ", self.span);
            in_quotes(&mut sql, &self.bare(0, "schema")?, self.span);
        }
        Ok(sql)
    }

    fn grant(&self, heap: &Heap, given: bool) -> Known<Sql> {
        let privilege = self.arguments.get(3, "grant").ok_or(Unknown(self.span))?;
        let word = privilege.as_str().or_else(|| privilege.last_name()).ok_or(Unknown(privilege.span))?;
        let mut sql = Sql::new(if given { "GRANT " } else { "REVOKE " }, self.span);
        sql.word(word, privilege.span);
        if given && let Some(columns) = self.arguments.get(4, "columns").filter(|c| !c.is_none()) {
            let mut columns = heap.elements(columns).ok_or(Unknown(columns.span))?;
            columns.order_by(|a, b| a.as_str().cmp(&b.as_str()));
            for (at, column) in columns.iter().enumerate() {
                sql.word(if at == 0 { " (" } else { ", " }, column.span);
                sql.raw(column.as_text().ok_or(Unknown(column.span))?);
            }
            if !columns.is_empty() {
                sql.word(")", self.span);
            }
        }
        sql.word(" ON ", self.span);
        in_quotes(&mut sql, &self.bare(0, "schema")?, self.span);
        sql.word(".", self.span);
        in_quotes(&mut sql, &self.bare(1, "table")?, self.span);
        sql.word(if given { " TO " } else { " FROM " }, self.span);
        in_quotes(&mut sql, &self.bare(2, "role")?, self.span);
        if given && self.arguments.get(5, "with_grant_option").and_then(Value::as_bool) == Some(true) {
            sql.word(" WITH GRANT OPTION", self.span);
        }
        Ok(sql)
    }
}

/// The parts of an entity that is given as one statement: what `from_sql` of its class finds in it.
fn from_sql(class: &str, arguments: &Arguments, span: Span) -> Known<Arguments> {
    let value = arguments.get(0, "sql").ok_or(Unknown(span))?;
    let text = body(value.as_text().ok_or(Unknown(value.span))?);
    let lower = text.as_str().to_ascii_lowercase();
    let size = text.as_str().len();
    // The offset behind a word that stands by itself, from an offset on.
    let behind = |word: &str, from: usize| {
        let bytes = lower.as_bytes();
        let space = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(u8::is_ascii_whitespace);
        let found = lower.get(from..)?.match_indices(word).map(|(at, _)| from + at);
        let mut alone = found.filter(|at| space(at.checked_sub(1)) && space(Some(at + word.len())));
        alone.next().map(|at| (at, at + word.len()))
    };
    let part = |from: usize, to: usize| Value::new(Kind::Str(Rc::new(trimmed(&text.slice(from, to)))), value.span);
    let class = class.rsplit('.').next().unwrap_or(class);
    let missing = Unknown(value.span);
    let mut keywords: Vec<(SmolStr, Value)> = Vec::new();
    match class {
        "PGFunction" | "PGView" | "PGMaterializedView" => {
            let (word, stop) = if class == "PGFunction" { ("function", "returns") } else { ("view", "as") };
            let (_, start) = behind(word, 0).ok_or(missing)?;
            let (end, rest) = behind(stop, start).ok_or(missing)?;
            let dot = lower.get(start..end).and_then(|name| name.find('.')).ok_or(missing)? + start;
            // A view's columns are left out.
            let name_end = match class {
                "PGFunction" => end,
                _ => lower.get(dot..end).and_then(|name| name.find('(')).map_or(end, |at| dot + at),
            };
            keywords.push(("schema".into(), part(start, dot)));
            keywords.push(("signature".into(), part(dot + 1, name_end)));
            let mut definition_end = size;
            if class == "PGMaterializedView"
                && let Some(before) = lower.trim_end().strip_suffix("data").map(str::trim_end)
            {
                let empty = before.strip_suffix("no").filter(|b| b.ends_with(char::is_whitespace)).map(str::trim_end);
                if let Some(with) = empty.unwrap_or(before).strip_suffix("with") {
                    definition_end = with.len();
                    let with_data = Value::new(Kind::Bool(empty.is_none()), value.span);
                    keywords.push(("with_data".into(), with_data));
                }
            }
            let from = if class == "PGFunction" { end } else { rest };
            keywords.push(("definition".into(), part(from, definition_end)));
        }
        "PGTrigger" | "PGPolicy" => {
            let constraint =
                behind("constraint", 0).is_some_and(|(at, _)| behind("trigger", 0).is_some_and(|(t, _)| at < t));
            let (_, start) = behind(if class == "PGTrigger" { "trigger" } else { "policy" }, 0).ok_or(missing)?;
            let name = lower.get(start..).map(|rest| start + rest.len() - rest.trim_start().len()).ok_or(missing)?;
            let name_end = lower.get(name..).and_then(|rest| rest.find(char::is_whitespace)).ok_or(missing)? + name;
            let (_, on) = behind("on", name_end).ok_or(missing)?;
            let table = lower.get(on..).map(|rest| on + rest.len() - rest.trim_start().len()).ok_or(missing)?;
            let table_end = lower.get(table..).and_then(|rest| rest.find(char::is_whitespace)).ok_or(missing)? + table;
            let schema = match lower.get(table..table_end).and_then(|name| name.find('.')) {
                Some(dot) => part(table, table + dot),
                None => Value::text("public", value.span),
            };
            keywords.push(("schema".into(), schema));
            keywords.push(("signature".into(), part(name, name_end)));
            keywords.push(("on_entity".into(), part(table, table_end)));
            let from = if class == "PGTrigger" { name_end } else { table_end };
            keywords.push(("definition".into(), part(from, size)));
            keywords.push(("is_constraint".into(), Value::new(Kind::Bool(constraint), value.span)));
        }
        _ => return Err(missing),
    }
    Ok(Arguments { keywords, ..Arguments::default() })
}

/// The type is made anew under its name, and the columns are cast to it. The operators that compare the old with the new are gone when it ends.
fn sync_enum_values(heap: &Heap, given: &Arguments, span: Span) -> Known<(Vec<Sql>, Vec<Span>)> {
    let text =
        |value: Option<&Value>| value.and_then(Value::as_text).cloned().ok_or(Unknown(value.map_or(span, |v| v.span)));
    let list = |value: Option<&Value>| match value.filter(|v| !v.is_none()) {
        Some(value) => heap.elements(value).ok_or(Unknown(value.span)),
        None => Ok(Vec::new()),
    };
    let (schema, name) = (text(given.get(0, "enum_schema"))?, text(given.get(1, "enum_name"))?);
    let mut old = Mapped::clone(&name);
    old.push("_old", span);
    let in_schema = |sql: &mut Sql, name: &Mapped| {
        in_quotes(sql, &schema, span);
        sql.word(".", span);
        in_quotes(sql, name, span);
    };
    let mut out = Vec::new();
    let mut rename = Sql::new("ALTER TYPE ", span);
    in_schema(&mut rename, &name);
    rename.word(" RENAME TO ", span);
    in_quotes(&mut rename, &old, span);
    out.push(rename);
    let mut create = Sql::new("CREATE TYPE ", span);
    in_schema(&mut create, &name);
    create.word(" AS ENUM (", span);
    for (at, label) in list(Some(given.get(2, "new_values").ok_or(Unknown(span))?))?.iter().enumerate() {
        if at > 0 {
            create.word(", ", span);
        }
        create.string(&*text(Some(label))?, label.span);
    }
    create.word(")", span);
    out.push(create);
    let indexes = list(given.get(5, "indexes_to_recreate"))?;
    let mut again = Vec::new();
    for index in &indexes {
        let (_, parts) = index.as_call().ok_or(Unknown(index.span))?;
        let (name, definition) = (bare(&*text(parts.get(0, "name"))?), text(parts.get(1, "definition"))?);
        let mut drop = Sql::new("DROP INDEX IF EXISTS ", index.span);
        let name = match parted(&name, ".") {
            Some((schema, name)) => {
                in_quotes(&mut drop, &schema, index.span);
                drop.word(".", index.span);
                name
            }
            None => name,
        };
        in_quotes(&mut drop, &name, index.span);
        out.push(drop);
        again.push(Sql { text: Mapped::clone(&definition) });
    }
    let mut asked = Vec::new();
    let mut renamed = Vec::new();
    for pair in list(given.get(4, "enum_values_to_rename"))? {
        let names = heap.elements(&pair).ok_or(Unknown(pair.span))?;
        renamed.push((text(names.first())?, text(names.get(1))?));
    }
    for column in list(Some(given.get(3, "affected_columns").ok_or(Unknown(span))?))? {
        // A pair, as older versions write it, or a `TableReference`.
        let pair = heap.elements(&column);
        let reference = constructor(&column).map(|(_, arguments)| arguments);
        let part = |place: usize, name: &str| match (&pair, reference) {
            (Some(pair), _) => pair.get(place),
            (None, Some(arguments)) => arguments.get(place, name),
            _ => None,
        };
        let (table, column_name) = (text(part(0, "table_name"))?, text(part(1, "column_name"))?);
        let kind = part(if pair.is_some() { 2 } else { 3 }, "column_type");
        let array = kind.and_then(Value::last_name) == Some("ARRAY");
        let own = reference.and_then(|arguments| arguments.get(2, "table_schema")).filter(|s| !s.is_none());
        let default = reference.and_then(|a| a.get(4, "existing_server_default")).filter(|d| !d.is_none());
        let start = || -> Known<Sql> {
            let mut sql = Sql::new("ALTER TABLE ", column.span);
            match own {
                Some(own) => in_quotes(&mut sql, &*text(Some(own))?, column.span),
                None => in_quotes(&mut sql, &schema, column.span),
            }
            sql.word(".", column.span);
            in_quotes(&mut sql, &table, column.span);
            sql.word(" ALTER COLUMN ", column.span);
            in_quotes(&mut sql, &column_name, column.span);
            Ok(sql)
        };
        if pair.is_some() {
            asked.push(column.span);
        }
        if default.is_some() || pair.is_some() {
            let mut sql = start()?;
            sql.word(" DROP DEFAULT", column.span);
            out.push(sql);
        }
        let mut cast = start()?;
        let brackets = if array { "[]" } else { "" };
        cast.word(" TYPE ", column.span);
        in_schema(&mut cast, &name);
        cast.word(brackets, column.span).word(" USING ", column.span);
        if !array && !renamed.is_empty() {
            cast.word("CASE", column.span);
            for (old, new) in &renamed {
                cast.word(" WHEN ", column.span);
                in_quotes(&mut cast, &column_name, column.span);
                cast.word("::text = ", column.span).string(old, column.span);
                cast.word(" THEN ", column.span).string(new, column.span).word("::", column.span);
                in_schema(&mut cast, &name);
            }
            cast.word(" ELSE ", column.span);
        }
        in_quotes(&mut cast, &column_name, column.span);
        cast.word("::text", column.span).word(brackets, column.span).word("::", column.span);
        in_schema(&mut cast, &name);
        cast.word(if !array && !renamed.is_empty() { " END" } else { brackets }, column.span);
        out.push(cast);
        if let Some(default) = default {
            let value = text(Some(default))?;
            let (constant, kind) = parted(&value, "::").ok_or(Unknown(default.span))?;
            let mut constant = constant.as_str().to_owned();
            for (old, new) in &renamed {
                constant = constant.replace(&format!("'{}'", old.as_str()), &format!("'{}'", new.as_str()));
            }
            let mut sql = start()?;
            sql.word(" SET DEFAULT ", default.span).word(&constant, default.span);
            // `ARRAY['a'::kind]`: each element says its type.
            if constant.starts_with("ARRAY[") {
                sql.word("::", default.span).raw(&kind);
            } else {
                sql.word("::", default.span).raw(&schema).word(".", default.span).raw(&name);
                sql.word(if value.as_str().ends_with("[]") { "[]" } else { "" }, default.span);
            }
            out.push(sql);
        }
    }
    let mut drop = Sql::new("DROP TYPE ", span);
    in_schema(&mut drop, &old);
    out.push(drop);
    out.extend(again);
    Ok((out, asked))
}

/// Adds a name in quotes, whatever it is: these packages never ask whether it needs them.
fn in_quotes(sql: &mut Sql, name: &Mapped, span: Span) {
    sql.word("\"", span).raw(name).word("\"", span);
}

/// A text without its quotation marks and the space around it.
fn bare(text: &Mapped) -> Mapped {
    let source = text.as_str();
    let mut out = Mapped::default();
    let mut at = 0;
    for (found, _) in source.match_indices('"') {
        out.append_range(text, at, found);
        at = found + 1;
    }
    out.append_range(text, at, source.len());
    trimmed(&out)
}

fn trimmed(text: &Mapped) -> Mapped {
    let source = text.as_str();
    let start = source.len() - source.trim_start().len();
    text.slice(start, start + source.trim().len())
}

/// A definition without the semicolon at its end.
fn body(text: &Mapped) -> Mapped {
    let text = trimmed(text);
    trimmed(&text.slice(0, text.as_str().trim_end_matches(';').len()))
}

/// What stands before and behind the first of these words.
fn parted(text: &Mapped, at: &str) -> Option<(Mapped, Mapped)> {
    let found = text.as_str().find(at)?;
    Some((text.slice(0, found), text.slice(found + at.len(), text.as_str().len())))
}

/// `\:` is `:`.
fn unescaped(text: &Mapped) -> Mapped {
    let source = text.as_str();
    let mut out = Mapped::default();
    let mut at = 0;
    for (found, _) in source.match_indices("\\:") {
        out.append_range(text, at, found);
        at = found + 1;
    }
    out.append_range(text, at, source.len());
    out
}

/// The two sides of the first ON that stands by itself.
fn around_on(text: &Mapped) -> Option<(Mapped, Mapped)> {
    let source = text.as_str();
    let bytes = source.as_bytes();
    let space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let found = source
        .to_ascii_lowercase()
        .match_indices("on")
        .map(|(at, _)| at)
        .find(|at| *at > 0 && space(at - 1) && space(at + 2))?;
    Some((trimmed(&text.slice(0, found)), trimmed(&text.slice(found + 2, source.len()))))
}
