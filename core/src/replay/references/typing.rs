//! The types of expressions, where they can be told. Sources: PostgreSQL manual, chapter 9 "Functions and Operators", 10.5 "UNION, CASE, and Related
//! Constructs".

use super::{InScope, NAME_DEPTH, Scanner};
use crate::operation::FunctionKind;
use crate::read::ddl::lexer::TokenKind;
use crate::schema::{BaseType, DataType};

/// Types of numbers, each of which the next can hold.
const NUMBERS: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];

/// What is text, or becomes text where text is asked for.
const TEXTS: [&str; 4] = ["text", "character varying", "character", "name"];

const TIMESTAMP: &str = "timestamp without time zone";
const TIMESTAMPTZ: &str = "timestamp with time zone";

impl Scanner<'_> {
    /// The type of a simple expression: a column, a cast, a literal, a well-known call or operation.
    pub(super) fn type_of(&self, from: usize, to: usize, relations: &[InScope], depth: u8) -> Option<DataType> {
        // Of a query in parentheses the operators are those of its clauses, and say nothing of what it gives.
        if to <= from || depth > NAME_DEPTH || self.is_any(from, &["select", "with", "values", "table"]) {
            return None;
        }
        // `x::type` at the end decides, whatever stands before it, unless an operator of lower precedence does.
        let top = self.top_level(from, to);
        let operators: Vec<usize> = top.iter().copied().filter(|at| self.is_operator(*at)).collect();
        match operators.as_slice() {
            [] => {}
            [one] => return self.type_of_operation(from, *one, to, relations, depth),
            several => return self.type_of_chain(from, several, to, relations, depth),
        }
        // A cast binds more strongly: behind these words it is the zone's. Of several the last one acts on what those before it give.
        if let Some(zone) = top.iter().rev().copied().find(|at| self.is(*at, "at") && self.is(at + 1, "time")) {
            return match self.type_of(from, zone, relations, depth + 1)?.builtin_name()? {
                TIMESTAMP => Some(DataType::builtin(TIMESTAMPTZ)),
                TIMESTAMPTZ => Some(DataType::builtin(TIMESTAMP)),
                _ => None,
            };
        }
        if let Some(cast) = top.iter().rev().copied().find(|at| self.kind(*at) == TokenKind::Cast) {
            let (written, _, after) = self.type_name(cast + 1);
            if after >= to {
                return self.replayer.resolve_type(&written?).ok();
            }
        }
        if self.kind(from) == TokenKind::LeftParen && self.closing(from) == to - 1 {
            return self.type_of(from + 1, to - 1, relations, depth + 1);
        }
        if self.is(from, "case") {
            return self.type_of_case(from, to, relations, depth);
        }
        if to == from + 1 {
            return self.type_of_word(from, relations);
        }
        if self.is_any(from, &["date", "interval"]) && to == from + 2 && self.kind(from + 1) == TokenKind::String {
            return Some(DataType::builtin(if self.is(from, "date") { "date" } else { "interval" }));
        }
        if to == from + 3 && self.kind(from + 1) == TokenKind::Dot {
            return self.column_type(Some(&self.name(from)), &self.name(from + 2), relations);
        }
        if self.kind(to - 1) == TokenKind::RightBracket {
            return self.type_of_brackets(from, to, relations, depth);
        }
        if self.is(from, "cast") && self.kind(from + 1) == TokenKind::LeftParen && self.closing(from + 1) == to - 1 {
            let as_word = (from + 2..to - 1).rev().find(|at| self.is(*at, "as"))?;
            return self.replayer.resolve_type(&self.type_name(as_word + 1).0?).ok();
        }
        if self.kind(from + 1) == TokenKind::LeftParen {
            // FILTER (…) and OVER (…) change nothing of what a call gives.
            let close = self.closing(from + 1);
            if close + 1 == to || self.is_any(close + 1, &["filter", "over"]) {
                return self.type_of_call(from, close + 1, relations, depth);
            }
        }
        None
    }

    fn type_of_word(&self, at: usize, relations: &[InScope]) -> Option<DataType> {
        match self.kind(at) {
            TokenKind::Number => {
                let raw = self.raw(at);
                Some(DataType::builtin(match raw.parse::<i64>() {
                    Ok(n) if i32::try_from(n).is_ok() => "integer",
                    Ok(_) => "bigint",
                    Err(_) => "numeric",
                }))
            }
            TokenKind::String | TokenKind::DollarString => Some(DataType::builtin("text")),
            TokenKind::Word if self.is_any(at, &["true", "false"]) => Some(DataType::builtin("boolean")),
            TokenKind::Word if self.is(at, "null") => Some(DataType::builtin("text")),
            TokenKind::Word if self.is(at, "current_date") => Some(DataType::builtin("date")),
            TokenKind::Word if self.is(at, "localtimestamp") => Some(DataType::builtin(TIMESTAMP)),
            TokenKind::Word if self.is_any(at, &["current_user", "session_user", "user", "current_role"]) => {
                Some(DataType::builtin("name"))
            }
            TokenKind::Word if self.is(at, "current_timestamp") => Some(DataType::builtin(TIMESTAMPTZ)),
            _ => self.column_type(None, &self.name(at), relations),
        }
    }

    /// `ARRAY[a, b]`, `x[1]`, `x[1:2]`.
    fn type_of_brackets(&self, from: usize, to: usize, relations: &[InScope], depth: u8) -> Option<DataType> {
        let open = (from..to - 1).find(|at| self.kind(*at) == TokenKind::LeftBracket)?;
        if self.closing(open) != to - 1 {
            return None;
        }
        if self.is(from, "array") && open == from + 1 {
            let items = self.split(open + 1, to - 1);
            let element = self.common_type(&items, relations, depth)?;
            return (!element.array).then_some(DataType { array: true, ..element });
        }
        let whole = self.type_of(from, open, relations, depth + 1).filter(|t| t.array)?;
        let slice = (open + 1..to - 1).any(|at| self.raw(at) == ":");
        Some(if slice { whole } else { DataType { array: false, ..whole } })
    }

    /// The type of what CASE gives: of what stands behind THEN and ELSE.
    fn type_of_case(&self, from: usize, to: usize, relations: &[InScope], depth: u8) -> Option<DataType> {
        let (parts, otherwise, end) = self.results_of_case(from, to);
        let found = (end + 1 == to).then(|| self.common_type(&parts, relations, depth))??;
        // Without ELSE the rest is NULL, which has no modifiers.
        Some(if otherwise { found } else { plain(found) })
    }

    /// What stands behind THEN and ELSE, whether there is an ELSE, and where CASE ends.
    pub(super) fn results_of_case(&self, from: usize, to: usize) -> (Vec<(usize, usize)>, bool, usize) {
        let mut parts = Vec::new();
        let (mut at, mut cases, mut start, mut otherwise) = (from + 1, 0_usize, None, false);
        while at < to {
            let ends = self.is_any(at, &["when", "else", "end"]) && cases == 0;
            if ends && let Some(begun) = start.take() {
                parts.push((begun, at));
            }
            otherwise |= cases == 0 && self.is(at, "else");
            if cases == 0 && self.is_any(at, &["then", "else"]) {
                start = Some(at + 1);
            } else if self.is(at, "case") {
                cases += 1;
            } else if self.is(at, "end") {
                if cases == 0 {
                    break;
                }
                cases -= 1;
            } else if matches!(self.kind(at), TokenKind::LeftParen | TokenKind::LeftBracket) {
                at = self.closing(at).max(at);
            }
            at += 1;
        }
        (parts, otherwise, at)
    }

    /// The type that several expressions can have: the one they share; the widest of numbers; text where all are strings without a type.
    fn common_type(&self, items: &[(usize, usize)], relations: &[InScope], depth: u8) -> Option<DataType> {
        let bare = |(from, to): &(usize, usize)| {
            *to == from + 1
                && (matches!(self.kind(*from), TokenKind::String | TokenKind::DollarString) || self.is(*from, "null"))
        };
        let mut found: Option<DataType> = None;
        for (from, to) in items.iter().filter(|item| !bare(item)) {
            let next = self.type_of(*from, *to, relations, depth + 1)?;
            found = Some(match found {
                None => next,
                Some(before) if before == next => before,
                Some(before) => wider(&before, &next)?,
            });
        }
        let all_typed = !items.iter().any(bare);
        match found {
            None if items.is_empty() => None,
            None => Some(DataType::builtin("text")),
            // What a literal becomes has no modifiers, and then what is common has none.
            Some(t) if !all_typed => Some(plain(t)),
            Some(t) => Some(t),
        }
    }

    /// What a well-known function of PostgreSQL's own gives, or one that the input makes.
    fn type_of_call(&self, from: usize, to: usize, relations: &[InScope], depth: u8) -> Option<DataType> {
        let arguments = if from + 2 == to - 1 { Vec::new() } else { self.split(from + 2, to - 1) };
        let argument = |at: usize| {
            let (first, end) = arguments.get(at).copied()?;
            let first = if self.is_any(first, &["distinct", "all"]) { first + 1 } else { first };
            // `substring(a FROM 1 FOR 2)`.
            let end = (first + 1..end).find(|at| self.is_any(*at, &["from", "for", "order"])).unwrap_or(end);
            self.type_of(first, end, relations, depth + 1)
        };
        let text = |at: usize| argument(at)?.builtin_name().filter(|t| TEXTS.contains(t)).map(|_| ());
        let name = self.name(from);
        if let Some(own) = self.replayer.find_function_call(None, &name, Some(arguments.len())) {
            let function = self.replayer.schema.functions.get(own)?;
            let polymorphic = function.data_types().any(|t| t.builtin_name().is_some_and(|n| n.starts_with("any")));
            let scalar = function.kind != FunctionKind::Procedure && !polymorphic;
            return function.returns.clone().filter(|_| scalar && self.replayer.is_only_function(&name));
        }
        Some(DataType::builtin(match name.as_str() {
            "coalesce" | "greatest" | "least" => return self.common_type(&arguments, relations, depth),
            // It compares first, and strings are compared as text.
            "nullif" => match argument(0)? {
                of if of.builtin_name() == Some("character varying") => "text",
                of => return Some(of),
            },
            "min" | "max" => {
                let of = argument(0)?;
                match of.builtin_name() {
                    Some("character varying") => "text",
                    _ => return Some(plain(of)),
                }
            }
            "lag" | "lead" | "first_value" | "last_value" | "nth_value" => return argument(0).map(plain),
            "array_agg" => {
                let of = argument(0)?;
                return (!of.array).then(|| DataType { array: true, ..plain(of) });
            }
            "unnest" => {
                let of = argument(0).filter(|t| t.array)?;
                return Some(DataType { array: false, ..plain(of) });
            }
            "date_trunc" => match argument(1)?.builtin_name()? {
                TIMESTAMP => TIMESTAMP,
                TIMESTAMPTZ | "date" => TIMESTAMPTZ,
                "interval" => "interval",
                _ => return None,
            },
            "timezone" => match argument(1)?.builtin_name()? {
                TIMESTAMP => TIMESTAMPTZ,
                TIMESTAMPTZ => TIMESTAMP,
                _ => return None,
            },
            "extract" => "numeric",
            "date_part" | "percent_rank" | "cume_dist" | "random" | "pi" => "double precision",
            "age" | "make_interval" => "interval",
            "to_date" | "make_date" => "date",
            "to_timestamp" => TIMESTAMPTZ,
            "ntile" | "array_position" | "strpos" | "position" | "octet_length" | "char_length" => "integer",
            "round" | "trunc" if arguments.len() == 2 => "numeric",
            "abs" | "round" | "trunc" | "ceil" | "ceiling" | "floor" => {
                match (argument(0)?.builtin_name()?, name.as_str()) {
                    ("numeric", _) => "numeric",
                    ("smallint", "abs") => "smallint",
                    ("integer", "abs") => "integer",
                    ("bigint", "abs") => "bigint",
                    ("real", "abs") => "real",
                    ("smallint" | "integer" | "bigint" | "real" | "double precision", _) => "double precision",
                    _ => return None,
                }
            }
            "count" | "row_number" | "rank" | "dense_rank" | "nextval" | "currval" | "lastval" => "bigint",
            "now" | "clock_timestamp" | "statement_timestamp" | "transaction_timestamp" => TIMESTAMPTZ,
            "current_setting" | "set_config" => "text",
            "concat" | "concat_ws" | "replace" | "to_char" | "md5" | "format" | "initcap" | "split_part"
            | "regexp_replace" | "array_to_string" | "left" | "right" | "repeat" | "lpad" | "rpad" | "quote_ident"
            | "quote_literal" | "encode" | "json_typeof" | "jsonb_typeof" | "translate" => "text",
            "string_to_array" | "regexp_split_to_array" => {
                return Some(DataType { array: true, ..DataType::builtin("text") });
            }
            // Functions of these names are also there for ranges and for binary strings.
            "lower" | "upper" | "string_agg" | "trim" | "btrim" | "ltrim" | "rtrim" | "substring" | "substr"
            | "reverse" => {
                text(0)?;
                "text"
            }
            "length" => {
                text(0)?;
                "integer"
            }
            "array_length" | "cardinality" | "jsonb_array_length" | "json_array_length" => "integer",
            "bool_and" | "bool_or" | "every" | "exists" | "starts_with" => "boolean",
            "gen_random_uuid" => "uuid",
            "json_agg" | "json_build_object" | "json_build_array" | "json_object_agg" | "row_to_json" | "to_json" => {
                "json"
            }
            "jsonb_agg" | "jsonb_build_object" | "jsonb_build_array" | "jsonb_object_agg" | "to_jsonb"
            | "jsonb_set" => "jsonb",
            "to_tsvector" => "tsvector",
            "sqrt" | "cbrt" | "exp" | "ln" => match argument(0)?.builtin_name()? {
                "double precision" | "integer" | "smallint" | "bigint" | "real" => "double precision",
                "numeric" if name != "cbrt" => "numeric",
                _ => return None,
            },
            "mod" => match (argument(0)?.builtin_name()?, argument(1)?.builtin_name()?) {
                ("integer", "integer") => "integer",
                ("bigint", "bigint" | "integer") | ("integer", "bigint") => "bigint",
                ("numeric", "numeric" | "integer") => "numeric",
                _ => return None,
            },
            "sum" => match argument(0)?.builtin_name()? {
                "smallint" | "integer" => "bigint",
                "bigint" | "numeric" => "numeric",
                "real" => "real",
                "double precision" => "double precision",
                "interval" => "interval",
                "money" => "money",
                _ => return None,
            },
            "avg" => match argument(0)?.builtin_name()? {
                "smallint" | "integer" | "bigint" | "numeric" => "numeric",
                "real" | "double precision" => "double precision",
                "interval" => "interval",
                _ => return None,
            },
            "generate_series" => match (argument(0)?.builtin_name()?, argument(1)?.builtin_name()?) {
                ("integer" | "smallint", "integer" | "smallint") => "integer",
                ("bigint" | "integer", "bigint" | "integer") => "bigint",
                (TIMESTAMP, TIMESTAMP) => TIMESTAMP,
                (TIMESTAMPTZ, TIMESTAMPTZ) => TIMESTAMPTZ,
                _ => return None,
            },
            _ => return None,
        }))
    }

    /// The type of `a op b` for the operators whose result is plain.
    fn type_of_operation(
        &self,
        from: usize,
        operator: usize,
        to: usize,
        relations: &[InScope],
        depth: u8,
    ) -> Option<DataType> {
        let raw = self.raw(operator).to_ascii_lowercase();
        if is_test(&raw) && (operator > from || raw == "not") {
            return Some(DataType::builtin("boolean"));
        }
        if operator == from {
            let signed = self.type_of(operator + 1, to, relations, depth + 1)?;
            let number = signed.builtin_name().is_some_and(|t| NUMBERS.contains(&t) || t == "interval");
            return (number && matches!(raw.as_str(), "-" | "+")).then(|| plain(signed));
        }
        let left = self.type_of(from, operator, relations, depth + 1)?;
        if let Some(found) = json_access(&left, &raw) {
            return Some(DataType::builtin(found));
        }
        let right = self.type_of(operator + 1, to, relations, depth + 1)?;
        let bare = |first: usize, end: usize| end == first + 1 && self.kind(first) == TokenKind::String;
        if bare(from, operator) || bare(operator + 1, to) {
            let other = if bare(from, operator) { &right } else { &left };
            let json = other.builtin_name() == Some("jsonb");
            return (raw == "||").then(|| if json { Some(other.clone()) } else { joined_text(&left, &right) })?;
        }
        operation(&left, &raw, &right)
    }

    /// The type of several operations in a row: a test, where one is among them; else of one kind of operators from left to right.
    fn type_of_chain(
        &self,
        from: usize,
        operators: &[usize],
        to: usize,
        relations: &[InScope],
        depth: u8,
    ) -> Option<DataType> {
        let raw: Vec<String> = operators.iter().map(|at| self.raw(*at).to_ascii_lowercase()).collect();
        if raw.iter().any(|operator| is_test(operator)) {
            return Some(DataType::builtin("boolean"));
        }
        let arithmetic = raw.iter().all(|o| matches!(o.as_str(), "+" | "-" | "*" | "/" | "%"));
        let access = raw.iter().all(|o| matches!(o.as_str(), "->" | "->>" | "#>" | "#>>"));
        let strings = raw.iter().all(|o| o == "||");
        let first = *operators.first()?;
        if first == from || !(arithmetic || access || strings) {
            return None;
        }
        let mut left = self.type_of(from, first, relations, depth + 1)?;
        for (at, (operator, raw)) in operators.iter().zip(&raw).enumerate() {
            if let Some(found) = json_access(&left, raw) {
                left = DataType::builtin(found);
                continue;
            }
            let end = operators.get(at + 1).copied().unwrap_or(to);
            let right = self.type_of(operator + 1, end, relations, depth + 1)?;
            // Of numbers the widest decides, whatever is done first; of others the order of precedence would.
            let number = |t: &DataType| t.builtin_name().is_some_and(|n| NUMBERS.contains(&n));
            left = match strings {
                true => joined_text(&left, &right)?,
                false if number(&left) && number(&right) => operation(&left, raw, &right)?,
                false => return None,
            };
        }
        Some(left)
    }
}

/// Operators that say whether something is so.
fn is_test(raw: &str) -> bool {
    matches!(
        raw,
        "=" | "<>"
            | "!="
            | "<"
            | ">"
            | "<="
            | ">="
            | "~"
            | "~*"
            | "!~"
            | "and"
            | "or"
            | "not"
            | "is"
            | "in"
            | "like"
            | "ilike"
            | "between"
            | "similar"
            | "isnull"
            | "notnull"
            | "overlaps"
            | "@>"
            | "<@"
            | "&&"
            | "?"
            | "?|"
            | "?&"
            | "!~~"
            | "~~"
            | "!~*"
    )
}

/// A type without its modifiers; `character` is of one letter, and what is of any length has another name.
fn plain(t: DataType) -> DataType {
    match t.builtin_name() {
        Some("character") => DataType::builtin("bpchar"),
        _ => DataType { modifiers: Vec::new(), ..t },
    }
}

fn number_rank(t: &DataType) -> Option<usize> {
    NUMBERS.iter().position(|name| t.builtin_name() == Some(name))
}

/// What two different types have in common, of numbers and of one type with different modifiers.
fn wider(a: &DataType, b: &DataType) -> Option<DataType> {
    if plain(a.clone()) == plain(b.clone()) {
        return (!matches!(a.base, BaseType::Unknown { .. })).then(|| plain(a.clone()));
    }
    let at = number_rank(a)?.max(number_rank(b)?);
    NUMBERS.get(at).map(|name| DataType::builtin(name))
}

/// What two sides of a UNION make of a column: what both are, or the widest of numbers. Of strings a literal may be one, which decides nothing.
pub(super) fn united(a: DataType, b: &DataType) -> Option<DataType> {
    if a == *b {
        return Some(a);
    }
    number_rank(&a)?;
    wider(&a, b)
}

/// What `->` and its kin give of JSON.
fn json_access(left: &DataType, raw: &str) -> Option<&'static str> {
    let of = left.builtin_name()?;
    match (of, raw) {
        ("json" | "jsonb", "->>" | "#>>") => Some("text"),
        ("json", "->" | "#>") => Some("json"),
        ("jsonb", "->" | "#>") => Some("jsonb"),
        _ => None,
    }
}

/// `a || b` where one is text and the other becomes text. A literal beside something else is what that makes of it: `data || '{}'`.
fn joined_text(left: &DataType, right: &DataType) -> Option<DataType> {
    const OWN: [&str; 6] = ["bit", "bit varying", "bytea", "jsonb", "tsquery", "tsvector"];
    let (left, right) = (left.builtin_name()?, right.builtin_name()?);
    let text = [left, right].iter().any(|t| ["text", "character varying", "character"].contains(t));
    (text && ![left, right].iter().any(|t| OWN.contains(t))).then(|| DataType::builtin("text"))
}

/// `a op b` of two types that are known.
fn operation(left: &DataType, raw: &str, right: &DataType) -> Option<DataType> {
    if let (Some(a), Some(b)) = (number_rank(left), number_rank(right)) {
        // Beside a number of floating point everything is one, of double precision where the other is no `real`.
        let real = 4;
        let at = if a.max(b) == real && a != b { real + 1 } else { a.max(b) };
        let float = at >= real;
        return match raw {
            "+" | "-" | "*" | "/" => NUMBERS.get(at).map(|name| DataType::builtin(name)),
            "%" if !float => NUMBERS.get(at).map(|name| DataType::builtin(name)),
            _ => None,
        };
    }
    let joins = left.array || matches!(left.builtin_name(), Some("jsonb" | "bytea" | "tsvector"));
    if raw == "||" && joins && plain(left.clone()) == plain(right.clone()) {
        return Some(plain(left.clone()));
    }
    let (a, b) = (left.builtin_name()?, right.builtin_name()?);
    let name = match (a, raw, b) {
        (_, "||", _) => return joined_text(left, right),
        ("date", "-", "date") => "integer",
        ("date", "+" | "-", "integer") => "date",
        ("date", "+" | "-", "interval") => TIMESTAMP,
        (TIMESTAMP, "-", TIMESTAMP) | (TIMESTAMPTZ, "-", TIMESTAMPTZ) => "interval",
        (TIMESTAMP, "+" | "-", "interval") => TIMESTAMP,
        (TIMESTAMPTZ, "+" | "-", "interval") => TIMESTAMPTZ,
        ("interval", "+" | "-", "interval") => "interval",
        ("interval", "*", "integer" | "bigint" | "numeric" | "double precision") => "interval",
        _ => return None,
    };
    Some(DataType::builtin(name))
}
