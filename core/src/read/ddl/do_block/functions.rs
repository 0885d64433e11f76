//! PostgreSQL's operators and functions on known values, in the cases that are certain whatever a collation, a time zone or the data is.

use super::calendar::Moment;
use super::evaluate::{Kind, MAX_ITEMS, MAX_TEXT, Value};
use crate::name::quote;

pub(super) fn is_one_of(value: &Value, items: &[Value], wanted: bool) -> Option<Value> {
    let mut null = *value == Value::Null;
    for item in items {
        match compare("=", value, item)? {
            Value::Bool(true) => return Some(Value::Bool(wanted)),
            Value::Null => null = true,
            _ => {}
        }
    }
    Some(if null { Value::Null } else { Value::Bool(!wanted) })
}

/// Whether a definition has a word in it that a pattern `%word%` asks for. The server prints names and strings as they are, but adds words of its own.
pub(super) fn says(definition: &str, pattern: &str) -> Option<bool> {
    const ADDED: &[&str] = &[
        "text",
        "any",
        "array",
        "check",
        "character",
        "varying",
        "numeric",
        "integer",
        "and",
        "or",
        "not",
        "is",
        "null",
    ];
    let word = pattern.strip_prefix('%')?.strip_suffix('%')?.to_lowercase();
    let plain = word.len() > 2 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain || ADDED.iter().any(|added| added.contains(word.as_str())) {
        return None;
    }
    Some(definition.to_lowercase().contains(&word))
}

/// LIKE without escapes.
pub(super) fn like(text: &str, pattern: &str) -> Option<bool> {
    if pattern.contains('\\') || text.len() > 1_000 || pattern.len() > 1_000 {
        return None;
    }
    // Which prefixes of the pattern fit the text read so far.
    let pattern: Vec<char> = pattern.chars().collect();
    let any = |fits: &mut Vec<bool>| {
        for (n, c) in pattern.iter().enumerate() {
            if *c == '%' && fits.get(n).copied().unwrap_or_default() {
                fits.get_mut(n + 1).into_iter().for_each(|fit| *fit = true);
            }
        }
    };
    let mut fits = vec![false; pattern.len() + 1];
    fits.first_mut().into_iter().for_each(|fit| *fit = true);
    any(&mut fits);
    for c in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (n, p) in pattern.iter().enumerate() {
            if fits.get(n).copied().unwrap_or_default() {
                let at = if *p == '%' { n } else { n + 1 };
                if matches!(*p, '%' | '_') || *p == c {
                    next.get_mut(at).into_iter().for_each(|fit| *fit = true);
                }
            }
        }
        any(&mut next);
        fits = next;
    }
    fits.last().copied()
}

pub(super) fn compare(operator: &str, left: &Value, right: &Value) -> Option<Value> {
    use std::cmp::Ordering;
    let ordering = match (left, right) {
        (Value::Null, _) | (_, Value::Null) => return Some(Value::Null),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Number(a), Value::Text(b)) => a.cmp(&b.trim().parse().ok()?),
        (Value::Text(a), Value::Number(b)) => a.trim().parse::<i64>().ok()?.cmp(b),
        (Value::Day(a) | Value::Time(a), Value::Day(b) | Value::Time(b)) => a.cmp(b),
        (Value::Day(a) | Value::Time(a), Value::Text(b)) => a.cmp(&Moment::parse(b)?),
        (Value::Text(a), Value::Day(b) | Value::Time(b)) => Moment::parse(a)?.cmp(b),
        // Which of two texts comes first is the collation's matter.
        (Value::Text(a), Value::Text(b)) if matches!(operator, "=" | "<>" | "!=") => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Relation(..), Value::Relation(..)) if matches!(operator, "=" | "<>" | "!=") => {
            if left == right {
                Ordering::Equal
            } else {
                Ordering::Less
            }
        }
        _ => return None,
    };
    Some(Value::Bool(match operator {
        "=" => ordering == Ordering::Equal,
        "<>" | "!=" => ordering != Ordering::Equal,
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        ">" => ordering == Ordering::Greater,
        ">=" => ordering != Ordering::Less,
        _ => return None,
    }))
}

pub(super) fn arithmetic(operator: &str, left: &Value, right: &Value) -> Option<Value> {
    use Value::*;
    Some(match (operator, left, right) {
        (_, Null, _) | (_, _, Null) => Null,
        ("+", Number(a), Number(b)) => Number(a.checked_add(*b)?),
        ("-", Number(a), Number(b)) => Number(a.checked_sub(*b)?),
        ("*", Number(a), Number(b)) => Number(a.checked_mul(*b)?),
        ("/", Number(a), Number(b)) => Number(a.checked_div(*b)?),
        ("%", Number(a), Number(b)) => Number(a.checked_rem(*b)?),
        ("+", Day(day), Number(days)) | ("+", Number(days), Day(day)) => Day(day.plus_days(*days)?),
        ("-", Day(day), Number(days)) => Day(day.plus_days(days.checked_neg()?)?),
        ("-", Day(a), Day(b)) => Number(a.days_since(*b)),
        ("+", Day(at) | Time(at), Span(span)) | ("+", Span(span), Day(at) | Time(at)) => Time(at.plus(*span)?),
        ("-", Day(at) | Time(at), Span(span)) => Time(at.plus(span.times(-1)?)?),
        ("*", Span(span), Number(n)) | ("*", Number(n), Span(span)) => Span(span.times(*n)?),
        ("||", List(a), List(b)) if a.len() + b.len() <= MAX_ITEMS => List(a.iter().chain(b).cloned().collect()),
        ("||", List(a), b @ Text(_)) if a.len() < MAX_ITEMS => List(a.iter().chain([b]).cloned().collect()),
        ("||", a, b) => {
            let text = a.text()? + &b.text()?;
            (text.len() <= MAX_TEXT).then_some(Text(text))?
        }
        _ => return None,
    })
}

/// A text as a literal. Source: PostgreSQL manual, 9.4 "quote_literal".
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

pub(super) fn function(name: &str, arguments: &[Value]) -> Option<Value> {
    let count = |n: i64| usize::try_from(n).ok();
    let text = match (name, arguments) {
        ("coalesce", arguments) => {
            return Some(arguments.iter().find(|a| **a != Value::Null).cloned().unwrap_or(Value::Null));
        }
        ("nullif", [a, b]) => {
            return Some(if compare("=", a, b)? == Value::Bool(true) { Value::Null } else { a.clone() });
        }
        // Replay does as PostgreSQL 15 does.
        ("current_setting", [Value::Text(name), ..]) if name == "server_version_num" => "150000".to_owned(),
        ("concat", arguments) => {
            arguments.iter().filter(|a| **a != Value::Null).map(Value::text).collect::<Option<String>>()?
        }
        ("concat_ws", [Value::Text(by), arguments @ ..]) => {
            let given = arguments.iter().filter(|a| **a != Value::Null);
            given.map(Value::text).collect::<Option<Vec<_>>>()?.join(by)
        }
        ("format", [Value::Text(pattern), arguments @ ..]) => format_text(pattern, arguments)?,
        // A function of NULL is NULL, nearly always.
        (_, arguments) if arguments.contains(&Value::Null) => return None,
        ("pg_get_constraintdef", [definition @ (Value::Definition(_) | Value::Text(_))]) => {
            return Some(definition.clone());
        }
        ("quote_ident", [Value::Relation(..)]) => return None,
        ("quote_ident", [Value::Text(name)]) => quote(name),
        ("quote_literal", [value]) => literal(&value.text()?),
        ("lower", [Value::Text(text)]) if text.is_ascii() => text.to_ascii_lowercase(),
        ("upper", [Value::Text(text)]) if text.is_ascii() => text.to_ascii_uppercase(),
        ("trim" | "btrim", [Value::Text(text)]) => text.trim_matches(' ').to_owned(),
        ("replace", [Value::Text(text), Value::Text(from), Value::Text(to)]) if !from.is_empty() => {
            text.replace(from, to)
        }
        ("left", [Value::Text(text), Value::Number(n)]) => text.chars().take(count(*n)?).collect(),
        ("right", [Value::Text(text), Value::Number(n)]) => {
            text.chars().skip(text.chars().count().saturating_sub(count(*n)?)).collect()
        }
        ("substring" | "substr", [Value::Text(text), Value::Number(from)]) => {
            text.chars().skip(count(from - 1)?).collect()
        }
        ("substring" | "substr", [Value::Text(text), Value::Number(from), Value::Number(length)]) => {
            text.chars().skip(count(from - 1)?).take(count(*length)?).collect()
        }
        ("lpad", [value, Value::Number(length), Value::Text(fill)]) => {
            let (text, length) = (value.text()?, count(*length)?.min(1_000));
            let missing = length.saturating_sub(text.chars().count());
            fill.chars().cycle().take(missing).chain(text.chars()).take(length).collect()
        }
        ("rpad", [value, Value::Number(length), Value::Text(fill)]) => {
            let length = count(*length)?.min(1_000);
            value.text()?.chars().chain(fill.chars().cycle()).take(length).collect()
        }
        ("split_part", [Value::Text(text), Value::Text(by), Value::Number(n)]) if !by.is_empty() && *n > 0 => {
            text.split(by.as_str()).nth(count(n - 1)?).unwrap_or_default().to_owned()
        }
        ("to_char", [Value::Day(at) | Value::Time(at), Value::Text(pattern)]) => at.format(pattern)?,
        ("to_char", [Value::Number(number), Value::Text(pattern)]) => {
            let zeros = pattern.strip_prefix("FM").or_else(|| pattern.strip_prefix("fm"))?;
            let (width, digits) = (zeros.len(), number.to_string());
            if *number < 0 || zeros.bytes().any(|b| b != b'0') || digits.len() > width || width > 20 {
                return None;
            }
            format!("{digits:0>width$}")
        }
        ("array_to_string", [Value::List(items), Value::Text(by)]) => {
            items.iter().map(Value::text).collect::<Option<Vec<_>>>()?.join(by)
        }
        ("string_to_array", [Value::Text(text), Value::Text(by)]) if !by.is_empty() && !text.is_empty() => {
            let items: Vec<Value> = text.split(by.as_str()).map(|item| Value::Text(item.to_owned())).collect();
            return (items.len() <= MAX_ITEMS).then_some(Value::List(items));
        }
        ("array_append", [Value::List(items), item]) if items.len() < MAX_ITEMS => {
            return Some(Value::List(items.iter().chain([item]).cloned().collect()));
        }
        ("length" | "char_length", [Value::Text(text)]) => {
            return Some(Value::Number(i64::try_from(text.chars().count()).ok()?));
        }
        ("array_length", [Value::List(items), Value::Number(1)]) if !items.is_empty() => {
            return Some(Value::Number(i64::try_from(items.len()).ok()?));
        }
        ("cardinality", [Value::List(items)]) => return Some(Value::Number(i64::try_from(items.len()).ok()?)),
        ("mod", [a @ Value::Number(_), b @ Value::Number(_)]) => return arithmetic("%", a, b),
        ("abs", [Value::Number(number)]) => return Some(Value::Number(number.checked_abs()?)),
        ("make_date", [Value::Number(year), Value::Number(month), Value::Number(day)]) => {
            return Some(Value::Day(Moment::day(*year, *month, *day)?));
        }
        ("to_date", [Value::Text(text), Value::Text(pattern)]) if pattern.eq_ignore_ascii_case("yyyy-mm-dd") => {
            return Some(Value::Day(Moment::parse(text)?.midnight()));
        }
        ("date", [value]) => return value.clone().cast(Kind::Day),
        ("date_trunc", [Value::Text(unit), Value::Day(at) | Value::Time(at)]) => {
            return Some(Value::Time(at.truncate(unit)?));
        }
        ("extract" | "date_part", [Value::Text(field), Value::Day(at) | Value::Time(at)]) => {
            return Some(Value::Number(at.field(field)?));
        }
        _ => return None,
    };
    (text.len() <= MAX_TEXT).then_some(Value::Text(text))
}

/// format(): %s, %I, %L, %%, with `n$`. Source: PostgreSQL manual, 9.4.1 "format".
pub(super) fn format_text(pattern: &str, arguments: &[Value]) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut next) = (pattern, 0usize);
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let mut behind = behind;
        if digits > 0 {
            let (number, dollar) = behind.split_at_checked(digits)?;
            behind = dollar.strip_prefix('$')?;
            next = number.parse::<usize>().ok()?.checked_sub(1)?;
        }
        let kind = behind.chars().next()?;
        rest = behind.get(kind.len_utf8()..)?;
        if kind == '%' {
            out.push('%');
            continue;
        }
        out.push_str(&formatted(kind, arguments.get(next)?)?);
        next += 1;
    }
    out.push_str(rest);
    Some(out)
}

/// What format() makes of a value.
pub(super) fn formatted(kind: char, value: &Value) -> Option<String> {
    match (kind, value) {
        ('s', Value::Null) => Some(String::new()),
        ('L', Value::Null) => Some("NULL".to_owned()),
        ('s', value) => value.text(),
        ('I', value) => Some(quote(&value.text()?)),
        ('L', value) => Some(literal(&value.text()?)),
        _ => None,
    }
}
