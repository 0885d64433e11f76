//! The words and signs of expressions, and what they are in one.

use super::strength;
use crate::keywords::{Category, VALUE_FUNCTIONS, category};

/// A word that begins an expression and is no name.
#[derive(Clone, Copy)]
pub(super) enum Special {
    Null,
    True,
    False,
    Not,
    Exists,
    Array,
    Case,
    Extract,
    /// A function that is called without parentheses.
    Value(&'static str),
    /// Something with a syntax of its own, or nothing that begins an expression.
    Other,
}

/// Words that are no names to sqlparser where an expression begins, though PostgreSQL takes them as names.
const WITH_SYNTAX: &[&str] = &[
    "box",
    "ceil",
    "circle",
    "convert",
    "cube",
    "floor",
    "grouping",
    "interval",
    "lambda",
    "line",
    "lseg",
    "map",
    "match",
    "overlay",
    "path",
    "point",
    "polygon",
    "position",
    "prior",
    "rollup",
    "row",
    "safe_cast",
    "struct",
    "substr",
    "substring",
    "timestamp",
    "time",
    "trim",
    "try_cast",
    "try_convert",
];

/// Types that are written in one or several words, in the words that sqlparser prints them in.
const TYPES: &[&str] = &[
    "bigint",
    "bool",
    "boolean",
    "bpchar",
    "bytea",
    "character varying",
    "date",
    "double precision",
    "integer",
    "json",
    "jsonb",
    "numeric",
    "regclass",
    "inet",
    "int",
    "int2",
    "int4",
    "int8",
    "interval",
    "real",
    "smallint",
    "text",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "timestamptz",
    "uuid",
    "varchar",
];

pub(super) fn is_plain_type(name: &str) -> bool {
    TYPES.contains(&name)
}

/// How many words the type has that begins with these.
pub(super) fn type_length<'a>(word: impl Fn(usize) -> &'a str) -> usize {
    let is = |at: usize, of: &str| word(at).eq_ignore_ascii_case(of);
    match () {
        () if is(0, "character") && is(1, "varying") => 2,
        () if is(0, "double") && is(1, "precision") => 2,
        () if (is(0, "timestamp") || is(0, "time"))
            && (is(1, "with") || is(1, "without"))
            && is(2, "time")
            && is(3, "zone") =>
        {
            4
        }
        () => 1,
    }
}

/// Whether a word can be a part of a type's name that has several.
pub(super) fn is_type_name(word: &str) -> bool {
    !word.is_empty() && category(word) == Category::Free
}

/// Whether a word is a name to PostgreSQL and to sqlparser alike.
pub(super) fn is_plain_name(word: &str) -> bool {
    category(word) == Category::Free && !is_known_to_sqlparser(word)
}

fn is_known_to_sqlparser(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    sqlparser::keywords::ALL_KEYWORDS.binary_search(&upper.as_str()).is_ok()
}

/// Whether a word is one of the fields that EXTRACT takes out of a time.
pub(super) fn is_plain_field(word: &str) -> bool {
    ["century", "day", "dow", "doy", "epoch", "hour", "isodow", "minute", "month", "quarter", "second", "week", "year"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}

/// Whether a word behind a call belongs to it, or to something else that is not read here.
pub(super) fn continues_call(word: &str) -> bool {
    ["filter", "over", "within", "ignore", "respect"].iter().any(|w| word.eq_ignore_ascii_case(w))
}

/// What a word is where an expression begins; `None` for names.
pub(super) fn special(word: &str) -> Option<Special> {
    let is = |of: &str| word.eq_ignore_ascii_case(of);
    let first = word.bytes().next().unwrap_or(0).to_ascii_lowercase();
    let known = match first {
        b'n' if is("null") => Some(Special::Null),
        b'n' if is("not") => Some(Special::Not),
        b't' if is("true") => Some(Special::True),
        b'f' if is("false") => Some(Special::False),
        b'e' if is("exists") => Some(Special::Exists),
        b'e' if is("extract") => Some(Special::Extract),
        b'a' if is("array") => Some(Special::Array),
        b'c' if is("case") => Some(Special::Case),
        // To sqlparser this one is a name.
        b'c' if is("current_role") => Some(Special::Other),
        b'c' | b'l' | b's' | b'u' => VALUE_FUNCTIONS.iter().find(|f| is(f)).map(|f| Special::Value(f)),
        _ => None,
    };
    known.or_else(|| {
        let other = matches!(category(word), Category::Reserved) || WITH_SYNTAX.iter().any(|w| is(w));
        other.then_some(Special::Other)
    })
}

/// How strongly an operator between two operands binds; `None` for what is none, `u8::MAX` for one that is not read here.
pub(super) fn binding(text: &str) -> Option<u8> {
    let first = text.bytes().next()?;
    if first.is_ascii_alphabetic() {
        let is = |of: &str| text.eq_ignore_ascii_case(of);
        return match first.to_ascii_lowercase() {
            b'a' if is("and") => Some(strength::AND),
            b'a' if is("at") => Some(strength::TIME_ZONE),
            b'b' if is("between") => Some(strength::BETWEEN),
            b'c' if is("collate") => Some(strength::COLLATE),
            b'i' if is("is") => Some(strength::IS),
            b'i' if is("in") || is("ilike") => Some(strength::BETWEEN),
            b'l' if is("like") => Some(strength::BETWEEN),
            b'n' if is("not") => Some(strength::NOT),
            b'o' if is("or") => Some(strength::OR),
            _ if [
                "div", "glob", "isnull", "match", "member", "notnull", "operator", "overlaps", "regexp", "rlike",
                "similar", "xor",
            ]
            .iter()
            .any(|of| is(of)) =>
            {
                Some(u8::MAX)
            }
            _ => None,
        };
    }
    Some(match text {
        "=" | "<>" | "!=" | "<" | ">" | "<=" | ">=" | "~" | "~*" | "!~" | "!~*" | "~~" | "~~*" | "!~~" | "!~~*" => {
            strength::COMPARED
        }
        "+" | "-" => strength::SUM,
        "*" | "/" | "%" => strength::PRODUCT,
        "^" => strength::POWER,
        "||" | "->" | "->>" | "#>" | "#>>" | "@>" | "<@" | "&&" => strength::OTHER,
        _ if first.is_ascii() && !first.is_ascii_digit() && first != b'_' => u8::MAX,
        _ => return None,
    })
}

/// An operator as sqlparser prints it, in lower case.
pub(super) fn printed(operator: &str) -> &'static str {
    const SIGNS: &[&str] = &[
        "=", "<>", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "+", "-", "*", "/", "%",
        "^", "||", "->", "->>", "#>", "#>>", "@>", "<@", "&&",
    ];
    match operator {
        "!=" => "<>",
        _ if operator.eq_ignore_ascii_case("and") => "and",
        _ if operator.eq_ignore_ascii_case("or") => "or",
        _ => SIGNS.iter().find(|sign| **sign == operator).copied().unwrap_or_default(),
    }
}
