//! The expressions that nearly all defaults are, read without sqlparser, which takes some ten times as long for them: a constant, or a call of a
//! well-known function of nothing or of a constant, with or without a cast to a well-known type.

use smol_str::SmolStr;

use crate::expr::{Call, Tree};

/// Functions that are called in many a default, none of which has a syntax of its own.
const FUNCTIONS: [&str; 4] = ["gen_random_uuid", "nextval", "now", "uuid_generate_v4"];

/// Types that constants are cast to, as `pg_dump` writes them.
const TYPES: [&str; 15] = [
    "bigint",
    "boolean",
    "bpchar",
    "character varying",
    "date",
    "double precision",
    "integer",
    "json",
    "jsonb",
    "numeric",
    "regclass",
    "text",
    "timestamp with time zone",
    "timestamp without time zone",
    "uuid",
];

/// Reads a text that is such an expression, and nothing else.
pub(super) fn read(text: &str) -> Option<Tree> {
    let (value, rest) = constant(text).or_else(|| call(text))?;
    cast(value, rest)
}

/// A constant at the start, and what follows it.
fn constant(text: &str) -> Option<(Tree, &str)> {
    if let Some(string) = text.strip_prefix('\'') {
        let (inner, rest) = string.split_once('\'')?;
        // A quote that is doubled, or another string that continues this one.
        let ends = !inner.contains('\\') && !rest.contains('\'');
        return ends.then(|| (Tree::Text(inner.to_owned()), rest));
    }
    let end = text.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
        return Some((Tree::Number(SmolStr::new(word)), rest));
    }
    let value = match word {
        "true" | "TRUE" => Tree::Bool(true),
        "false" | "FALSE" => Tree::Bool(false),
        "null" | "NULL" => Tree::Null,
        _ => return None,
    };
    Some((value, rest))
}

/// A call at the start, and what follows it.
fn call(text: &str) -> Option<(Tree, &str)> {
    let (written, behind) = text.split_once('(')?;
    let name = FUNCTIONS.into_iter().find(|f| f.eq_ignore_ascii_case(written))?;
    let (argument, rest) = behind.split_once(')')?;
    let arguments = if argument.is_empty() {
        Vec::new()
    } else {
        let (value, rest) = constant(argument)?;
        vec![cast(value, rest)?]
    };
    let call = Call { name: vec![SmolStr::new_static(name)], arguments, distinct: false, filter: None, over: false };
    Some((Tree::Call(Box::new(call)), rest))
}

/// The value, cast to the type that the rest of the text names.
fn cast(value: Tree, rest: &str) -> Option<Tree> {
    if rest.is_empty() {
        return Some(value);
    }
    let to = rest.strip_prefix("::")?;
    let element = to.strip_suffix("[]").unwrap_or(to);
    TYPES.contains(&element).then(|| Tree::Cast(Box::new(value), to.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::by_sqlparser;
    use super::*;

    #[test]
    fn what_is_read_here_is_read_as_sqlparser_reads_it() {
        let constants = ["0", "42", "'new'", "''", "'{}'", "true", "FALSE", "null", "'a:b (c)'"];
        let calls = ["now()", "NOW()", "gen_random_uuid()", "nextval('s'::regclass)", "nextval('public.s')"];
        for text in constants.into_iter().chain(calls) {
            assert_eq!(read(text), Some(by_sqlparser(text)), "{text}");
            for of in TYPES {
                for text in [format!("{text}::{of}"), format!("{text}::{of}[]")] {
                    assert_eq!(read(&text), Some(by_sqlparser(&text)), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_only_looks_alike_is_left_to_sqlparser() {
        for text in [
            "'it''s'",
            "'a' 'b'",
            "'a\\'",
            "E'a'",
            "1.5",
            "1e3",
            "1 + 1",
            "-1",
            "now() + '1 day'",
            "now ()",
            "trues",
            "f('x')",
            "nextval(s)",
            "nextval('a', 'b')",
            "'a'::varchar(3)",
            "'a'::text::citext",
            "'a'::public.state",
            "NULL::",
            "",
            "now(",
            "'a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
