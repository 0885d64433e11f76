//! What the tests around an operation ask of the database: `inspector.has_table("x")`, `"c" in [… get_columns("t")]`, queries of the catalogue.

use smol_str::SmolStr;

use crate::name::{Ident, QualifiedName};
use crate::operation::{Guard, GuardTest, ObjectKind, ObjectRef};
use crate::read::ddl;
use crate::read::python::{Arguments, Condition, Heap, Kind, TermKind, Value};
use crate::read::sqlalchemy::expression::{text_of, unbind};
use crate::source::{Mapped, Span};

/// How deep tests may nest.
const MAX_DEPTH: u32 = 20;

/// The guards that conditions stand for.
pub(super) fn guards(heap: &Heap, conditions: &[Condition]) -> Vec<Guard> {
    let mut out = Vec::new();
    for condition in conditions {
        add(heap, &condition.test, condition.negated, &mut out, 0);
    }
    out
}

fn add(heap: &Heap, test: &Value, negated: bool, out: &mut Vec<Guard>, depth: u32) {
    let unknown = Guard { span: test.span, test: GuardTest::Unknown, negated };
    if depth > MAX_DEPTH {
        return out.push(unknown);
    }
    match test.as_term() {
        Some(TermKind::Not(inner)) => add(heap, inner, !negated, out, depth + 1),
        Some(TermKind::And(parts)) if !negated => parts.iter().for_each(|part| add(heap, part, false, out, depth + 1)),
        Some(TermKind::Or(parts)) if negated => parts.iter().for_each(|part| add(heap, part, true, out, depth + 1)),
        Some(TermKind::And(parts)) => {
            // A column that is there has its table: not (table and column) is not column.
            let mut inner = Vec::new();
            parts.iter().for_each(|part| add(heap, part, false, &mut inner, depth + 1));
            let part_of_table = |guard: &Guard| match &guard.test {
                GuardTest::Exists(object) if !guard.negated => {
                    object.part.is_some() || object.kind == ObjectKind::Index
                }
                _ => false,
            };
            let table = |guard: &Guard| match &guard.test {
                GuardTest::Exists(object) => {
                    !guard.negated && matches!(object.kind, ObjectKind::Table | ObjectKind::Relation)
                }
                GuardTest::Caught { .. } | GuardTest::Unknown => false,
            };
            match inner.iter().position(part_of_table) {
                Some(at) if inner.iter().enumerate().all(|(i, guard)| i == at || table(guard)) => {
                    let mut guard = inner.swap_remove(at);
                    guard.negated = true;
                    out.push(guard);
                }
                _ => out.push(unknown),
            }
        }
        _ => {
            let mut inverted = false;
            match exists(heap, test, &mut inverted, depth) {
                Some(object) => {
                    out.push(Guard { span: test.span, test: GuardTest::Exists(object), negated: negated != inverted });
                }
                None => match query(heap, test) {
                    Some(mut found) if !found.is_empty() && (!negated || found.len() == 1) => {
                        for guard in &mut found {
                            guard.negated = guard.negated != negated;
                        }
                        out.append(&mut found);
                    }
                    _ => out.push(unknown),
                },
            }
        }
    }
}

fn ident(value: &Value) -> Option<Ident> {
    let text = value.as_text()?;
    // Python's names are as they are: as if quoted.
    Some(Ident { text: SmolStr::new(text.as_str()), quoted: true, span: text.whole().unwrap_or(value.span) })
}

fn object(
    kind: ObjectKind,
    schema: Option<&Value>,
    name: &Value,
    part: Option<&Value>,
    span: Span,
) -> Option<ObjectRef> {
    let part = match part {
        Some(part) => Some(ident(part)?),
        None => None,
    };
    let schema = match schema.filter(|s| !s.is_none()) {
        Some(schema) => Some(ident(schema)?),
        None => None,
    };
    Some(ObjectRef { kind, name: QualifiedName { schema, name: ident(name)? }, part, arguments: None, span })
}

/// The object whose existence a test asks for; `inverted` flips where it asks for absence.
fn exists(heap: &Heap, test: &Value, inverted: &mut bool, depth: u32) -> Option<ObjectRef> {
    if depth > MAX_DEPTH {
        return None;
    }
    match test.as_term()? {
        TermKind::Not(inner) => {
            *inverted = !*inverted;
            exists(heap, inner, inverted, depth + 1)
        }
        TermKind::Compare(needle, op, container) => match op.as_str() {
            "in" => member(heap, container, needle, test.span, depth),
            "not in" => {
                *inverted = !*inverted;
                member(heap, container, needle, test.span, depth)
            }
            "is not" | "!=" | "is" | "==" if container.is_none() => {
                if matches!(op.as_str(), "is" | "==") {
                    *inverted = !*inverted;
                }
                exists(heap, needle, inverted, depth + 1)
            }
            _ => None,
        },
        TermKind::Call(callee, arguments) => {
            let name = callee.last_name()?;
            let first = arguments.positional.first();
            if callee.as_name().is_some_and(|path| path.starts_with("builtins.")) {
                return match name {
                    // `any(c["name"] == "x" for c in inspector.get_columns("t"))`
                    "any" => {
                        let items = heap.elements(first?)?;
                        let [item] = items.as_slice() else { return None };
                        let TermKind::Compare(a, op, b) = inner_element(item)?.as_term()? else { return None };
                        let (field, needle) = if b.as_text().is_some() { (a, b) } else { (b, a) };
                        if op != "==" {
                            return None;
                        }
                        part_of(field, needle, test.span)
                    }
                    "bool" => exists(heap, first?, inverted, depth + 1),
                    _ => None,
                };
            }
            let texts: Vec<&Value> = arguments.positional.iter().filter(|v| v.as_text().is_some()).collect();
            let named =
                |names: &[&str]| names.iter().find_map(|n| arguments.keyword(n)).filter(|v| v.as_text().is_some());
            let table = named(&["table_name", "table"]).or_else(|| texts.first().copied());
            let schema = arguments.keyword("schema");
            // The inspector's own methods, and helpers that are called as people call them.
            let (kind, words): (ObjectKind, &[&str]) = match name.trim_start_matches('_') {
                "has_table" | "table_exists" | "check_table_exists" | "does_table_exist" => (ObjectKind::Relation, &[]),
                "has_sequence" | "sequence_exists" => (ObjectKind::Sequence, &[]),
                "has_schema" | "schema_exists" => (ObjectKind::Schema, &[]),
                "has_type" | "enum_exists" | "type_exists" => (ObjectKind::Type, &[]),
                "has_column" | "column_exists" | "check_column_exists" => {
                    (ObjectKind::Column, &["column_name", "column"])
                }
                "has_index" | "index_exists" => (ObjectKind::Index, &["index_name", "index"]),
                "has_constraint"
                | "constraint_exists"
                | "foreign_key_exists"
                | "fk_exists"
                | "unique_constraint_exists" => (ObjectKind::Constraint, &["constraint_name", "fk_name", "name"]),
                _ => return None,
            };
            if words.is_empty() {
                return object(kind, schema, table.or_else(|| named(&["name"]))?, None, test.span);
            }
            let part = named(words).or_else(|| texts.get(1).copied());
            if kind == ObjectKind::Index {
                return object(kind, schema, part.or(table)?, None, test.span);
            }
            object(kind, schema, table?, Some(part?), test.span)
        }
        _ => None,
    }
}

/// `needle in container`, the container made from what an inspector lists.
fn member(heap: &Heap, container: &Value, needle: &Value, span: Span, depth: u32) -> Option<ObjectRef> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(TermKind::Call(callee, arguments)) = container.as_term() {
        let kind = match callee.last_name()? {
            "get_table_names" => ObjectKind::Table,
            "get_view_names" => ObjectKind::View,
            "get_materialized_view_names" => ObjectKind::MaterializedView,
            "get_schema_names" => ObjectKind::Schema,
            "get_sequence_names" => ObjectKind::Sequence,
            // `set(…)`, `list(…)`, `sorted(…)`, `frozenset(…)`, `columns.keys()`.
            "set" | "list" | "sorted" | "tuple" | "frozenset" => {
                return member(heap, arguments.positional.first()?, needle, span, depth + 1);
            }
            "keys" => {
                let TermKind::Attribute(inner, _) = callee.as_term()? else { return None };
                return member(heap, inner, needle, span, depth + 1);
            }
            _ => return None,
        };
        let schema = arguments.get(0, "schema");
        return object(kind, schema, needle, None, span);
    }
    // A comprehension over what is listed: one element stands for all.
    let items = heap.elements(container)?;
    let [item] = items.as_slice() else { return None };
    let element = inner_element(item)?;
    if let Some(TermKind::Each(of)) = element.as_term() {
        return member(heap, of, needle, span, depth + 1);
    }
    part_of(element, needle, span)
}

/// What one element of a comprehension over something unknown is.
fn inner_element(item: &Value) -> Option<&Value> {
    match item.as_term()? {
        TermKind::Each(collected) => match collected.as_term()? {
            TermKind::Collected(element) => Some(element),
            // `*names`, `list(names)`.
            _ => Some(item),
        },
        _ => None,
    }
}

/// `column["name"]` of `for column in inspector.get_columns("t")`: a part of a table, called `needle`.
fn part_of(field: &Value, needle: &Value, span: Span) -> Option<ObjectRef> {
    let (each, key) = match field.as_term()? {
        TermKind::Index(each, key) => (each, key),
        TermKind::Call(callee, arguments) => match callee.as_term()? {
            TermKind::Attribute(each, get) if get == "get" => (each, arguments.positional.first()?),
            _ => return None,
        },
        _ => return None,
    };
    if key.as_str() != Some("name") {
        return None;
    }
    let TermKind::Each(list) = each.as_term()? else { return None };
    let (callee, arguments) = list.as_call()?;
    let schema = arguments.get(1, "schema");
    let table = arguments.get(0, "table_name");
    match callee.last_name()? {
        "get_columns" => object(ObjectKind::Column, schema, table?, Some(needle), span),
        "get_indexes" => object(ObjectKind::Index, schema, needle, None, span),
        "get_foreign_keys" | "get_unique_constraints" | "get_check_constraints" => {
            object(ObjectKind::Constraint, schema, table?, Some(needle), span)
        }
        "get_enums" => object(ObjectKind::Type, None, needle, None, span),
        _ => None,
    }
}

/// A query of the catalogue, run and asked whether it gave a row: read as the same test in a DO block.
fn query(heap: &Heap, test: &Value) -> Option<Vec<Guard>> {
    let mut value = test;
    let mut absent = false;
    let mut asks_exists = false;
    for _ in 0..MAX_DEPTH {
        match value.as_term()? {
            TermKind::Compare(inner, op, none) if none.is_none() => {
                absent = matches!(op.as_str(), "is" | "==");
                value = inner;
            }
            TermKind::Compare(inner, op, number) if number.as_int() == Some(0) => {
                absent = op == "==";
                value = inner;
            }
            TermKind::Index(inner, _) => value = inner,
            TermKind::Call(callee, arguments) => {
                if callee.as_name() == Some("builtins.bool") {
                    value = arguments.positional.first()?;
                    continue;
                }
                let TermKind::Attribute(inner, method) = callee.as_term()? else { return None };
                match method.as_str() {
                    "scalar" if arguments.positional.is_empty() => {
                        asks_exists = true;
                        value = inner;
                    }
                    "fetchone" | "first" | "one_or_none" | "scalar_one_or_none" | "scalar_one" | "fetchall" | "all" => {
                        value = inner;
                    }
                    "execute" | "exec_driver_sql" | "scalar" => {
                        let sql = with_parameters(heap, arguments)?;
                        let mut guards = read_query(&sql, test.span)?;
                        if absent {
                            let [guard] = guards.as_mut_slice() else { return None };
                            guard.negated = !guard.negated;
                        }
                        let _ = asks_exists;
                        return Some(guards);
                    }
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
    None
}

/// The SQL of a call with its parameters filled in.
fn with_parameters(heap: &Heap, arguments: &Arguments) -> Option<Mapped> {
    let first = arguments.positional.first()?;
    let text = match first.as_text() {
        Some(text) => text,
        None => text_of(first)?.as_text()?,
    };
    let source = text.as_str();
    let mut filled = Mapped::default();
    let mut at = 0;
    let values: Vec<(String, &Value)> = match arguments.positional.get(1).map(|v| &v.kind) {
        Some(Kind::Dict(dict)) => {
            heap.dict(*dict).iter().filter_map(|(k, v)| Some((format!(":{}", k.as_str()?), v))).collect()
        }
        _ => bind_parameters(first),
    };
    while let Some(found) = source.get(at..).and_then(|rest| rest.find(':')).map(|f| f + at) {
        filled.append_range(text, at, found);
        let rest = source.get(found..)?;
        let len = 1 + rest.bytes().skip(1).take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        match values.iter().find(|(name, _)| rest.get(..len) == Some(name)).and_then(|(_, v)| v.as_text()) {
            Some(value) => {
                let span = value.whole().unwrap_or(first.span);
                filled.push(&format!("'{}'", value.as_str().replace('\'', "''")), span);
                at = found + len;
            }
            None => {
                filled.append_range(text, found, found + 1);
                at = found + 1;
            }
        }
    }
    filled.append_range(text, at, source.len());
    Some(unbind(&filled))
}

/// `text("…").bindparams(name="x")`.
fn bind_parameters(value: &Value) -> Vec<(String, &Value)> {
    match value.as_call() {
        Some((callee, arguments)) if callee.last_name() == Some("bindparams") => {
            arguments.keywords.iter().map(|(name, value)| (format!(":{name}"), value)).collect()
        }
        _ => Vec::new(),
    }
}

fn read_query(sql: &Mapped, span: Span) -> Option<Vec<Guard>> {
    let query = sql.as_str().trim().trim_end_matches(';');
    let from = sql.as_str().len() - sql.as_str().trim_start().len();
    let asks = query.get(..13).is_some_and(|head| head.eq_ignore_ascii_case("select exists"));
    let mut block = Mapped::made(if asks { "DO $_$ BEGIN IF (" } else { "DO $_$ BEGIN IF EXISTS (" }, span);
    block.append_range(sql, from, from + query.len());
    block.push(") THEN DROP TABLE x; END IF; END $_$", span);
    let mut reading = ddl::read_mapped(&block, span);
    let operation = reading.operations.pop()?;
    let guards = operation.guards.into_vec();
    let known = |guard: &Guard| matches!(guard.test, GuardTest::Exists(_));
    (!guards.is_empty() && guards.iter().all(known)).then_some(guards)
}
