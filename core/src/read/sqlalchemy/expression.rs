//! SQL expressions: `sa.text`, `sa.func`, literals, and the operators that defaults, checks and index predicates use.

use super::sql::{Known, Sql, Unknown, name_of};
use crate::read::python::{Arguments, Heap, Kind, TermKind, Value, number_of};
use crate::source::placeholder::UNKNOWN_VALUE;
use crate::source::{Mapped, Span};

/// How deep expressions may nest.
const MAX_DEPTH: u32 = 30;

/// The text of `sa.text("…")` and its relatives.
pub(crate) fn text_of(value: &Value) -> Option<&Value> {
    let mut value = value;
    loop {
        let (callee, arguments) = value.as_call()?;
        // `text("…").bindparams(…)`, `.columns(…)`, `.execution_options(…)`.
        if let Some(TermKind::Attribute(object, name)) = callee.as_term() {
            if matches!(name.as_str(), "bindparams" | "columns" | "execution_options") {
                value = object;
                continue;
            }
            return None;
        }
        let name = callee.last_name()?;
        return match name {
            "text" | "literal_column" | "TextClause" | "DDL" => arguments.get(0, "text"),
            _ => None,
        };
    }
}

/// A text for the server as `sa.text` sends it: `\:` is a colon, `:name` a parameter.
pub(crate) fn unbind(text: &Mapped) -> Mapped {
    let source = text.as_str();
    if !source.contains(':') {
        return text.clone();
    }
    let bytes = source.as_bytes();
    let mut out = Mapped::default();
    let (mut at, mut plain) = (0, 0);
    let mut quoted = false;
    let is_word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    while let Some(byte) = bytes.get(at) {
        let before = at.checked_sub(1).and_then(|b| bytes.get(b));
        match byte {
            b'\'' => quoted = !quoted,
            b'\\' if bytes.get(at + 1) == Some(&b':') => {
                out.append_range(text, plain, at);
                plain = at + 1;
                at += 2;
                continue;
            }
            b':' if !quoted && before != Some(&b':') && !is_word(before) && is_word(bytes.get(at + 1)) => {
                let len = bytes.iter().skip(at + 1).take_while(|b| is_word(Some(b))).count();
                if bytes.get(at + 1 + len) != Some(&b':') {
                    out.append_range(text, plain, at);
                    let span = text.span(off(at), off(at + 1 + len)).unwrap_or_default();
                    out.push(UNKNOWN_VALUE, span);
                    at += 1 + len;
                    plain = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.append_range(text, plain, source.len());
    out
}

fn off(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Sql {
    /// Adds an expression: a plain string is SQL text.
    pub(crate) fn expression(&mut self, heap: &Heap, value: &Value) -> Known<&mut Self> {
        if let Some(text) = value.as_text() {
            let text = unbind(text);
            return Ok(self.raw(&text));
        }
        self.term(heap, value, 0)
    }

    /// Adds an expression in which a plain string is a constant.
    fn operand(&mut self, heap: &Heap, value: &Value, depth: u32) -> Known<&mut Self> {
        match &value.kind {
            Kind::Str(text) => Ok(self.string(text, value.span)),
            Kind::Bool(truth) => Ok(self.word(if *truth { "true" } else { "false" }, value.span)),
            Kind::None => Ok(self.word("NULL", value.span)),
            Kind::Int(number) => Ok(self.word(&number.to_string(), value.span)),
            Kind::Number(number) => Ok(self.word(number, value.span)),
            _ => match value.as_text() {
                Some(text) => Ok(self.string(text, value.span)),
                None => match value.as_term() {
                    // A member of an enumeration of numbers is its number; of others a column of the type Enum holds the name.
                    Some(TermKind::Member(_, name, number)) if number.as_int().is_some() => {
                        match number_of(heap, value) {
                            Some(_) => self.operand(heap, number, depth + 1),
                            None => self.operand(heap, &Value::text(name, value.span), depth + 1),
                        }
                    }
                    _ => self.term(heap, value, depth),
                },
            },
        }
    }

    fn list(&mut self, heap: &Heap, values: &[Value], depth: u32) -> Known<()> {
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.word(", ", value.span);
            }
            self.operand(heap, value, depth)?;
        }
        Ok(())
    }

    fn term(&mut self, heap: &Heap, value: &Value, depth: u32) -> Known<&mut Self> {
        let span = value.span;
        if depth > MAX_DEPTH {
            return Err(Unknown(span));
        }
        if let Some(text) = text_of(value) {
            let Some(text) = text.as_text() else { return Err(Unknown(span)) };
            let text = unbind(text);
            return Ok(self.raw(&text));
        }
        match value.as_term() {
            Some(TermKind::Call(callee, arguments)) => self.function(heap, callee, arguments, span, depth),
            Some(TermKind::Compare(a, op, b)) => {
                let op = match (op.as_str(), &b.kind) {
                    ("==", Kind::None) => " IS ",
                    ("!=", Kind::None) => " IS NOT ",
                    ("==", _) => " = ",
                    (op @ ("!=" | "<" | ">" | "<=" | ">="), _) => &format!(" {op} "),
                    _ => return Err(Unknown(span)),
                };
                self.operand(heap, a, depth + 1)?;
                self.word(op, span).operand(heap, b, depth + 1)
            }
            Some(TermKind::Binary(a, op, b)) => {
                let (open, op, close) = match op.as_str() {
                    "&" => ("", " AND ", ""),
                    "|" => ("(", " OR ", ")"),
                    op @ ("+" | "-" | "*" | "/" | "%") => ("(", op, ")"),
                    "unary ~" => {
                        return self.word("NOT (", span).operand(heap, a, depth + 1).map(|sql| sql.word(")", span));
                    }
                    _ => return Err(Unknown(span)),
                };
                self.word(open, span).operand(heap, a, depth + 1)?;
                self.word(op, span).operand(heap, b, depth + 1)?;
                Ok(self.word(close, span))
            }
            // `column["key"]`, `column["key"].astext`, `column[("a", "b")]` of a document.
            Some(TermKind::Index(object, key)) if name_of(value).is_err() => {
                self.part_of_document(heap, object, key, false, depth)
            }
            Some(TermKind::Attribute(object, name)) if name == "astext" => match object.as_term() {
                Some(TermKind::Index(object, key)) => self.part_of_document(heap, object, key, true, depth),
                _ => Err(Unknown(span)),
            },
            _ => {
                let name = name_of(value)?;
                Ok(self.name(&name))
            }
        }
    }

    /// `(column -> 'key')`, `(column #>> '{a,b}')`. Source: `PGCompiler.visit_json_getitem_op_binary`, `visit_json_path_getitem_op_binary`.
    fn part_of_document(
        &mut self,
        heap: &Heap,
        object: &Value,
        key: &Value,
        text: bool,
        depth: u32,
    ) -> Known<&mut Self> {
        let path = match key.kind {
            Kind::Tuple(_) | Kind::List(_) => Some(heap.elements(key).ok_or(Unknown(key.span))?),
            _ => None,
        };
        let operator = match (path.is_some(), text) {
            (false, false) => " -> ",
            (false, true) => " ->> ",
            (true, false) => " #> ",
            (true, true) => " #>> ",
        };
        self.word("(", object.span).operand(heap, object, depth + 1)?.word(operator, key.span);
        match path {
            Some(path) => {
                let parts = path.iter().map(|part| match (part.as_str(), part.as_int()) {
                    (Some(text), _) => Ok(text.to_owned()),
                    (_, Some(number)) => Ok(number.to_string()),
                    _ => Err(Unknown(part.span)),
                });
                let parts = parts.collect::<Known<Vec<_>>>()?.join(", ");
                self.string(&Mapped::made(&format!("{{{parts}}}"), key.span), key.span);
            }
            None => drop(self.operand(heap, key, depth + 1)?),
        }
        Ok(self.word(")", object.span))
    }

    /// `column["key"].as_integer()`: the text of that part, as a number. Source: `JSON.Comparator.as_integer`, `PGCompiler.visit_json_getitem_op_binary`.
    fn scalar_of_document(
        &mut self,
        heap: &Heap,
        object: &Value,
        method: &str,
        span: Span,
        depth: u32,
    ) -> Known<&mut Self> {
        let Some(TermKind::Index(document, key)) = object.as_term() else { return Err(Unknown(span)) };
        let kind = match method {
            "as_integer" => "INTEGER",
            "as_float" => "FLOAT",
            "as_boolean" => "BOOLEAN",
            _ => "VARCHAR",
        };
        let mut part = Sql::default();
        part.part_of_document(heap, document, key, true, depth)?;
        let inner = part.text.slice(1, part.text.as_str().len().saturating_sub(1));
        self.word("CAST(", span).raw(&inner);
        Ok(self.word(&format!(" AS {kind})"), span))
    }

    /// `case((test, value), …, else_=value)`, and the older `case([(test, value)], …)`.
    fn case(&mut self, heap: &Heap, arguments: &Arguments, span: Span, depth: u32) -> Known<&mut Self> {
        let whens = match arguments.positional.as_slice() {
            [only] if matches!(only.kind, Kind::List(_)) => heap.elements(only).ok_or(Unknown(span))?,
            whens => whens.to_vec(),
        };
        if whens.is_empty() || arguments.keyword("value").is_some_and(|value| !value.is_none()) {
            return Err(Unknown(span));
        }
        self.word("CASE", span);
        for when in &whens {
            let pair = heap.elements(when).ok_or(Unknown(span))?;
            let [test, value] = pair.as_slice() else { return Err(Unknown(span)) };
            let compares = matches!(test.as_term(), Some(TermKind::Compare(..) | TermKind::Binary(..)));
            let (open, close) = if compares { ("(", ")") } else { ("", "") };
            self.word(" WHEN ", span).word(open, span).operand(heap, test, depth + 1)?;
            self.word(close, span).word(" THEN ", span);
            self.operand(heap, value, depth + 1)?;
        }
        if let Some(otherwise) = arguments.keyword("else_").filter(|value| !value.is_none()) {
            self.word(" ELSE ", span).operand(heap, otherwise, depth + 1)?;
        }
        Ok(self.word(" END", span))
    }

    fn function(
        &mut self,
        heap: &Heap,
        callee: &Value,
        arguments: &Arguments,
        span: Span,
        depth: u32,
    ) -> Known<&mut Self> {
        if arguments.open {
            return Err(Unknown(span));
        }
        let first = arguments.positional.first();
        // Methods of expressions: `column.desc()`, `column.in_([…])`.
        if let Some(TermKind::Attribute(object, method)) = callee.as_term() {
            let op = match method.as_str() {
                "desc" => " DESC",
                "asc" => " ASC",
                "nullslast" | "nulls_last" => " NULLS LAST",
                "nullsfirst" | "nulls_first" => " NULLS FIRST",
                "is_" => " IS ",
                "isnot" | "is_not" => " IS NOT ",
                "in_" => " IN (",
                "notin_" | "not_in" => " NOT IN (",
                "like" => " LIKE ",
                "ilike" => " ILIKE ",
                "notlike" | "not_like" => " NOT LIKE ",
                "notilike" | "not_ilike" => " NOT ILIKE ",
                "is_distinct_from" => " IS DISTINCT FROM ",
                "isnot_distinct_from" | "is_not_distinct_from" => " IS NOT DISTINCT FROM ",
                "regexp_match" => " ~ ",
                "concat" => " || ",
                "between" => " BETWEEN ",
                "collate" => " COLLATE ",
                "as_string" | "as_integer" | "as_float" | "as_boolean" => {
                    return self.scalar_of_document(heap, object, method, span, depth);
                }
                // `column.cast(Integer)`
                "cast" => {
                    let kind = arguments.get(0, "type_").ok_or(Unknown(span))?;
                    return self.cast(heap, object, kind, span, depth);
                }
                "op" | "bool_op" => return Err(Unknown(span)),
                "label" | "self_group" => "",
                _ => return Err(Unknown(span)),
            };
            self.operand(heap, object, depth + 1)?.word(op, span);
            if op.ends_with('(') {
                let items = first.and_then(|list| heap.elements(list)).ok_or(Unknown(span))?;
                self.list(heap, &items, depth + 1)?;
                return Ok(self.word(")", span));
            }
            if method == "collate" {
                let collation = first.and_then(Value::as_text).ok_or(Unknown(span))?;
                return Ok(self.name(collation));
            }
            if op.ends_with(' ') {
                self.operand(heap, first.ok_or(Unknown(span))?, depth + 1)?;
            }
            if method == "between" {
                let upper = arguments.get(1, "cright").ok_or(Unknown(span))?;
                self.word(" AND ", span).operand(heap, upper, depth + 1)?;
            }
            return Ok(self);
        }
        // `column.op("->>")("key")`
        if let Some((operator, words)) = callee.as_call()
            && let Some(TermKind::Attribute(object, method)) = operator.as_term()
            && matches!(method.as_str(), "op" | "bool_op")
        {
            let text = words.get(0, "opstring").and_then(Value::as_text).ok_or(Unknown(span))?;
            self.word("(", span).operand(heap, object, depth + 1)?.word(" ", span).raw(text).word(" ", span);
            return Ok(self.operand(heap, first.ok_or(Unknown(span))?, depth + 1)?.word(")", span));
        }
        let path = callee.as_name().ok_or(Unknown(span))?;
        let name = path.rsplit('.').next().unwrap_or(path);
        // `func.lower`, and functions that have a class: `from sqlalchemy.sql.functions import coalesce`.
        let of_module = path.strip_prefix("sqlalchemy.sql.functions.");
        if of_module.is_some() || path.split('.').any(|part| part == "func") {
            let schema_and_name = of_module.unwrap_or_else(|| path.rsplit("func.").next().unwrap_or(name));
            // The functions that SQL writes without parentheses.
            let bare =
                ["current_timestamp", "current_date", "current_time", "localtime", "localtimestamp", "current_user"];
            if bare.contains(&name.to_ascii_lowercase().as_str()) && arguments.positional.is_empty() {
                return Ok(self.word(name, span));
            }
            self.word(schema_and_name, callee.span).word("(", span);
            self.list(heap, &arguments.positional, depth + 1)?;
            return Ok(self.word(")", span));
        }
        match name {
            "true" | "false" | "null" | "True_" | "False_" | "Null" => {
                Ok(self.word(name.trim_end_matches('_').to_ascii_lowercase().as_str(), span))
            }
            "inline_literal" | "literal" | "bindparam" => self.operand(heap, first.ok_or(Unknown(span))?, depth + 1),
            "desc" | "asc" | "nullslast" | "nulls_last" | "nullsfirst" | "nulls_first" => {
                let value = first.ok_or(Unknown(span))?;
                match value.as_text() {
                    Some(text) => self.name(text),
                    None => self.operand(heap, value, depth + 1)?,
                };
                Ok(self.word(
                    match name {
                        "desc" => " DESC",
                        "asc" => " ASC",
                        "nullslast" | "nulls_last" => " NULLS LAST",
                        _ => " NULLS FIRST",
                    },
                    span,
                ))
            }
            "and_" | "or_" => {
                // Inside another operator it needs parentheses.
                let (open, close) = if depth > 0 { ("(", ")") } else { ("", "") };
                self.word(open, span);
                for (at, part) in arguments.positional.iter().enumerate() {
                    if at > 0 {
                        self.word(if name == "and_" { " AND " } else { " OR " }, span);
                    }
                    self.operand(heap, part, depth + 1)?;
                }
                Ok(self.word(close, span))
            }
            "cast" => {
                let kind = arguments.get(1, "type_").ok_or(Unknown(span))?;
                self.cast(heap, first.ok_or(Unknown(span))?, kind, span, depth)
            }
            "case" => self.case(heap, arguments, span, depth),
            "array" => {
                let items = first.and_then(|list| heap.elements(list)).ok_or(Unknown(span))?;
                self.word("ARRAY[", span).list(heap, &items, depth + 1)?;
                Ok(self.word("]", span))
            }
            "type_coerce" => self.operand(heap, first.ok_or(Unknown(span))?, depth + 1),
            "extract" => {
                let field = first.and_then(Value::as_text).ok_or(Unknown(span))?;
                let of = arguments.get(1, "expr").ok_or(Unknown(span))?;
                self.word("EXTRACT(", span).raw(field).word(" FROM ", span).operand(heap, of, depth + 1)?;
                Ok(self.word(")", span))
            }
            "not_" => {
                self.word("NOT (", span).operand(heap, first.ok_or(Unknown(span))?, depth + 1)?;
                Ok(self.word(")", span))
            }
            "column" | "Column" | "quoted_name" => {
                let name = name_of(first.ok_or(Unknown(span))?)?;
                Ok(self.name(&name))
            }
            _ => Err(Unknown(span)),
        }
    }

    fn cast(&mut self, heap: &Heap, value: &Value, kind: &Value, span: Span, depth: u32) -> Known<&mut Self> {
        let length = kind.as_call().and_then(|(_, a)| a.get(0, "length")).and_then(Value::as_int);
        let kind = kind.as_call().map_or(kind, |(callee, _)| callee).last_name();
        let kind = kind.and_then(plain_type).ok_or(Unknown(span))?;
        self.word("CAST(", span).operand(heap, value, depth + 1)?;
        let length = length.filter(|_| kind == "VARCHAR").map_or(String::new(), |length| format!("({length})"));
        Ok(self.word(&format!(" AS {kind}{length})"), span))
    }
}

/// What a cast to one of SQLAlchemy's types says. Source: `PGTypeCompiler`.
fn plain_type(class: &str) -> Option<&'static str> {
    Some(match class {
        "Date" | "DATE" => "DATE",
        "Time" | "TIME" => "TIME WITHOUT TIME ZONE",
        "DateTime" | "TIMESTAMP" => "TIMESTAMP WITHOUT TIME ZONE",
        "Integer" | "INTEGER" => "INTEGER",
        "BigInteger" | "BIGINT" => "BIGINT",
        "SmallInteger" | "SMALLINT" => "SMALLINT",
        "String" | "Unicode" | "VARCHAR" => "VARCHAR",
        "Text" | "UnicodeText" | "TEXT" => "TEXT",
        "Boolean" | "BOOLEAN" => "BOOLEAN",
        "Float" | "FLOAT" => "FLOAT",
        "Numeric" | "NUMERIC" => "NUMERIC",
        "JSON" => "JSON",
        "JSONB" => "JSONB",
        "UUID" | "Uuid" => "UUID",
        _ => return None,
    })
}

fn drop<T>(_: T) {}
