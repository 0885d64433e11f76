//! Which key words can stand as a name, and where: the one list of them. Source: PostgreSQL manual, appendix C, "SQL Key Words", columns for
//! version 15.

/// How far a word is reserved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Category {
    /// A plain name or a non-reserved key word: can be any name.
    Free,
    /// Can name a column or table, but not a function or type.
    ColumnName,
    /// Can name a function or type, but not a column or table.
    TypeOrFunction,
    /// Only as a label behind AS or a dot, or in quotes.
    Reserved,
}

use Category::{ColumnName as C, Reserved as R, TypeOrFunction as T};

/// Functions without parentheses, all of them reserved words.
pub(crate) const VALUE_FUNCTIONS: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "user",
];

/// In ASCII order.
const WORDS: &[(&str, Category)] = &[
    ("all", R),
    ("analyse", R),
    ("analyze", R),
    ("and", R),
    ("any", R),
    ("array", R),
    ("as", R),
    ("asc", R),
    ("asymmetric", R),
    ("authorization", T),
    ("between", C),
    ("bigint", C),
    ("binary", T),
    ("bit", C),
    ("boolean", C),
    ("both", R),
    ("case", R),
    ("cast", R),
    ("char", C),
    ("character", C),
    ("check", R),
    ("coalesce", C),
    ("collate", R),
    ("collation", T),
    ("column", R),
    ("concurrently", T),
    ("constraint", R),
    ("create", R),
    ("cross", T),
    ("current_catalog", R),
    ("current_date", R),
    ("current_role", R),
    ("current_schema", T),
    ("current_time", R),
    ("current_timestamp", R),
    ("current_user", R),
    ("dec", C),
    ("decimal", C),
    ("default", R),
    ("deferrable", R),
    ("desc", R),
    ("distinct", R),
    ("do", R),
    ("else", R),
    ("end", R),
    ("except", R),
    ("exists", C),
    ("extract", C),
    ("false", R),
    ("fetch", R),
    ("float", C),
    ("for", R),
    ("foreign", R),
    ("freeze", T),
    ("from", R),
    ("full", T),
    ("grant", R),
    ("greatest", C),
    ("group", R),
    ("grouping", C),
    ("having", R),
    ("ilike", T),
    ("in", R),
    ("initially", R),
    ("inner", T),
    ("inout", C),
    ("int", C),
    ("integer", C),
    ("intersect", R),
    ("interval", C),
    ("into", R),
    ("is", T),
    ("isnull", T),
    ("join", T),
    ("lateral", R),
    ("leading", R),
    ("least", C),
    ("left", T),
    ("like", T),
    ("limit", R),
    ("localtime", R),
    ("localtimestamp", R),
    ("national", C),
    ("natural", T),
    ("nchar", C),
    ("none", C),
    ("normalize", C),
    ("not", R),
    ("notnull", T),
    ("null", R),
    ("nullif", C),
    ("numeric", C),
    ("offset", R),
    ("on", R),
    ("only", R),
    ("or", R),
    ("order", R),
    ("out", C),
    ("outer", T),
    ("overlaps", T),
    ("overlay", C),
    ("placing", R),
    ("position", C),
    ("precision", C),
    ("primary", R),
    ("real", C),
    ("references", R),
    ("returning", R),
    ("right", T),
    ("row", C),
    ("select", R),
    ("session_user", R),
    ("setof", C),
    ("similar", T),
    ("smallint", C),
    ("some", R),
    ("substring", C),
    ("symmetric", R),
    ("table", R),
    ("tablesample", T),
    ("then", R),
    ("time", C),
    ("timestamp", C),
    ("to", R),
    ("trailing", R),
    ("treat", C),
    ("trim", C),
    ("true", R),
    ("union", R),
    ("unique", R),
    ("user", R),
    ("using", R),
    ("values", C),
    ("varchar", C),
    ("variadic", R),
    ("verbose", T),
    ("when", R),
    ("where", R),
    ("window", R),
    ("with", R),
    ("xmlattributes", C),
    ("xmlconcat", C),
    ("xmlelement", C),
    ("xmlexists", C),
    ("xmlforest", C),
    ("xmlnamespaces", C),
    ("xmlparse", C),
    ("xmlpi", C),
    ("xmlroot", C),
    ("xmlserialize", C),
    ("xmltable", C),
];

/// Where the words of each first letter begin, and where the last ones end: most names are told from key words by two comparisons.
#[allow(clippy::indexing_slicing, reason = "evaluated while compiling")]
const BY_LETTER: [u8; 27] = {
    let mut starts = [0u8; 27];
    let mut at = 0;
    while at < WORDS.len() {
        // Counted first, then added up.
        starts[(WORDS[at].0.as_bytes()[0] - b'a') as usize + 1] += 1;
        at += 1;
    }
    let mut letter = 1;
    while letter < 27 {
        starts[letter] += starts[letter - 1];
        letter += 1;
    }
    starts
};

/// The category of an unquoted word.
pub(crate) fn category(word: &str) -> Category {
    let Some(first) = word.bytes().next().map(|b| b.to_ascii_lowercase()).filter(u8::is_ascii_lowercase) else {
        return Category::Free;
    };
    let letter = usize::from(first - b'a');
    let (Some(from), Some(to)) = (BY_LETTER.get(letter), BY_LETTER.get(letter + 1)) else { return Category::Free };
    let candidates = WORDS.get(usize::from(*from)..usize::from(*to)).unwrap_or_default();
    candidates
        .iter()
        .find(|(known, _)| known.len() == word.len() && known.eq_ignore_ascii_case(word))
        .map_or(Category::Free, |(_, category)| *category)
}

/// Whether `quote_ident` puts this lower-case name in quotes.
pub(crate) fn needs_quotes(name: &str) -> bool {
    category(name) != Category::Free && !name.bytes().any(|b| b.is_ascii_uppercase())
}

/// Whether no table and no column may be called so without quotes.
pub(crate) fn is_reserved(name: &str) -> bool {
    needs_quotes(name) && category(name) != Category::ColumnName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_and_every_one_is_found() {
        assert!(WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(WORDS.iter().all(|(word, known)| category(word) == *known));
    }

    #[test]
    fn case_does_not_matter() {
        assert_eq!(category("UsEr"), Category::Reserved);
        assert_eq!(category("Left"), Category::TypeOrFunction);
        assert_eq!(category("TIMESTAMP"), Category::ColumnName);
        assert_eq!(category("users"), Category::Free);
        assert_eq!(category("a_name_longer_than_any_key_word"), Category::Free);
    }
}
