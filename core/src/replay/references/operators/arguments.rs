//! Calls of PostgreSQL's own functions with a first argument that none of that name takes: `lower(amount)`, `sum(title)`. Source: `pg_proc` and `pg_cast`
//! of PostgreSQL 15; what a later version added is left out.

use super::super::super::conflict::state;
use super::super::{Missing, Scanner};
use super::Family;
use crate::read::ddl::lexer::TokenKind;

/// Functions of strings.
const OF_TEXT: &[&str] = &[
    "btrim",
    "char_length",
    "character_length",
    "initcap",
    "left",
    "length",
    "lower",
    "lpad",
    "ltrim",
    "md5",
    "regexp_match",
    "regexp_matches",
    "regexp_replace",
    "repeat",
    "replace",
    "right",
    "rpad",
    "rtrim",
    "split_part",
    "starts_with",
    "string_agg",
    "string_to_array",
    "strpos",
    "substr",
    "translate",
    "upper",
];

/// Functions of numbers.
const OF_NUMBERS: &[&str] = &["abs", "avg", "ceil", "ceiling", "floor", "round", "sqrt", "sum", "trunc"];

/// Functions of `jsonb` and of `json`.
const OF_JSONB: &[&str] =
    &["jsonb_array_elements", "jsonb_array_length", "jsonb_each", "jsonb_object_keys", "jsonb_typeof"];
const OF_JSON: &[&str] = &["json_array_elements", "json_array_length", "json_each", "json_object_keys", "json_typeof"];

/// Whether a function of this name takes a first argument of this family; only `false` where it certainly does not.
fn takes(name: &str, family: Family) -> bool {
    use Family::{Address, Bool, Bytes, Date, Enum, Incomparable, Jsonb, Money, Number, Span, Text, Timestamp, Uuid};
    if OF_TEXT.contains(&name) {
        return matches!(family, Text | Bytes | Address);
    }
    if OF_NUMBERS.contains(&name) {
        return matches!(family, Number | Span | Money | Address);
    }
    match name {
        "max" | "min" => !matches!(family, Bool | Jsonb | Incomparable),
        "bool_and" | "bool_or" | "every" => family == Bool,
        _ if OF_JSONB.contains(&name) => family == Jsonb,
        // JSON is told apart from XML by nobody here.
        _ if OF_JSON.contains(&name) => {
            !matches!(family, Jsonb | Text | Number | Bool | Uuid | Date | Timestamp | Span | Enum(_))
        }
        _ => true,
    }
}

impl Scanner<'_> {
    /// Notes a call whose first argument is of a type that no function of the name takes.
    pub(in super::super) fn judge_call(&mut self, name_at: usize) {
        let open = name_at + 1;
        let name = self.name(name_at);
        let listed = [OF_TEXT, OF_NUMBERS, OF_JSONB, OF_JSON, &["max", "min", "bool_and", "bool_or", "every"]];
        if self.missing.is_some()
            || self.frames.is_empty()
            || !listed.iter().any(|names| names.contains(&name.as_str()))
        {
            return;
        }
        let close = self.closing(open);
        let Some((mut from, end)) = self.split(open + 1, close).first().copied() else { return };
        if self.is_any(from, &["distinct", "all"]) {
            from += 1;
        }
        let end = (from..end).find(|at| self.is_any(*at, &["order", "from", "for"])).unwrap_or(end);
        if self.kind(open) != TokenKind::LeftParen || end <= from || self.is_any(from, &["variadic"]) {
            return;
        }
        let relations = self.in_sight();
        let Some(found) = self.typed(from, end, &relations) else { return };
        let wrong = self.replayer.family(&found).is_some_and(|family| !takes(&name, family));
        let own = || self.replayer.schema.functions.iter().any(|(_, f)| f.dropped.is_none() && f.name == name);
        if wrong && !own() && !self.replayer.may_have_operators() {
            let message = format!("function {name}({}) does not exist", self.shown(&found));
            let span = self.span_of(name_at, close);
            self.missing = Some(Missing { sqlstate: state::UNDEFINED_FUNCTION, message, span });
        }
    }
}
