//! What PostgreSQL's own functions depend on besides their arguments: the one list of them. Source: `pg_proc.provolatile` of PostgreSQL 15, of the
//! functions that came later, and of its contributed extensions.

/// On what a function's value depends besides its arguments.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Depends {
    /// On nothing: immutable.
    Nothing,
    /// On nothing or on settings: which of the functions of this name it is, the types of its arguments tell.
    Types,
    /// On the session's settings, as its time zone: stable.
    Settings,
    /// On who asks and when: stable, one value for the whole statement.
    Moment,
    /// Another value each time: volatile.
    Call,
}

use Depends::{Call as C, Moment as M, Nothing as N, Settings as S, Types as T};

/// In ASCII order. Key words that are called without parentheses stand among them.
const FUNCTIONS: &[(&str, Depends)] = &[
    ("abs", N),
    ("age", T),
    ("array_append", N),
    ("array_cat", N),
    ("array_fill", N),
    ("array_to_string", S),
    ("box", N),
    ("btrim", N),
    ("ceil", N),
    ("clock_timestamp", C),
    ("coalesce", N),
    ("concat", S),
    ("concat_ws", S),
    ("convert_from", S),
    ("convert_to", S),
    ("current_catalog", M),
    ("current_database", M),
    ("current_date", M),
    ("current_role", M),
    ("current_schema", M),
    ("current_setting", M),
    ("current_time", M),
    ("current_timestamp", M),
    ("current_user", M),
    ("currval", C),
    ("date", T),
    ("date_part", T),
    ("date_trunc", T),
    ("daterange", N),
    ("decode", N),
    ("encode", N),
    ("extract", T),
    ("floor", N),
    ("format", S),
    ("gen_random_bytes", C),
    ("gen_random_uuid", C),
    ("gen_salt", C),
    ("greatest", N),
    ("hstore", N),
    ("int4range", N),
    ("int8range", N),
    ("json_build_array", S),
    ("json_build_object", S),
    ("jsonb_build_array", S),
    ("jsonb_build_object", S),
    ("lastval", C),
    ("least", N),
    ("left", N),
    ("length", T),
    ("localtime", M),
    ("localtimestamp", M),
    ("lower", N),
    ("lpad", N),
    ("ltrim", N),
    ("make_date", N),
    ("make_interval", N),
    ("make_timestamp", N),
    ("make_timestamptz", S),
    ("md5", N),
    ("nextval", C),
    ("now", M),
    ("nullif", N),
    ("numrange", N),
    ("pg_sleep", C),
    ("point", N),
    ("position", N),
    ("random", C),
    ("random_normal", C),
    ("replace", N),
    ("right", N),
    ("round", N),
    // A constructor, no function.
    ("row", N),
    ("row_to_json", S),
    ("rpad", N),
    ("rtrim", N),
    ("session_user", M),
    ("setval", C),
    ("sha256", N),
    ("statement_timestamp", M),
    ("string_to_array", N),
    ("substr", N),
    ("substring", N),
    ("timeofday", C),
    ("timezone", T),
    ("to_char", S),
    ("to_date", S),
    ("to_json", S),
    ("to_jsonb", S),
    ("to_number", S),
    ("to_timestamp", T),
    ("to_tsvector", T),
    ("transaction_timestamp", M),
    ("trim", N),
    ("trunc", N),
    ("tsrange", N),
    ("tstzrange", N),
    ("txid_current", M),
    ("unaccent", S),
    ("upper", N),
    ("user", M),
    ("uuid_generate_v1", C),
    ("uuid_generate_v1mc", C),
    ("uuid_generate_v4", C),
    ("uuid_nil", N),
    ("uuid_ns_dns", N),
    ("uuid_ns_url", N),
    ("uuidv4", C),
    ("uuidv7", C),
];

/// On what the function of this name depends; `None` where nothing is known of it.
pub(crate) fn depends(name: &str) -> Option<Depends> {
    let at = FUNCTIONS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    FUNCTIONS.get(at).map(|(_, on)| *on)
}

/// Names of PostgreSQL's functions up to version 18, and of its syntax that looks like calls, in ASCII order, one a line. Those that `OF_SERVER` tells
/// by how they begin are left out, and those that nobody can call. Source: `pg_proc` of PostgreSQL 15, and the release notes since.
const NAMES: &str = include_str!("functions/names.txt");

/// How names of many of PostgreSQL's functions begin; most of them stand behind operators, index methods and types.
const OF_SERVER: &[&str] = &[
    "acl",
    "array_",
    "bit",
    "bool",
    "box",
    "bpchar",
    "brin",
    "bt",
    "bytea",
    "cash",
    "char",
    "cid",
    "circle",
    "close_",
    "construct",
    "cursor_to",
    "database_to",
    "date_",
    "diag",
    "dist_",
    "enum_",
    "eq_",
    "float4",
    "float8",
    "gin",
    "gist",
    "has_",
    "hash",
    "icregex",
    "iclike",
    "inet",
    "int2",
    "int4",
    "int8",
    "inter_",
    "interval",
    "json",
    "like",
    "line",
    "lo_",
    "lseg",
    "macaddr",
    "mode_",
    "money",
    "mul_",
    "multirange_",
    "name",
    "ne_",
    "network",
    "nicregex",
    "nlike",
    "numeric",
    "oid",
    "on_",
    "path",
    "pg_",
    "point",
    "poly",
    "query_to",
    "range_",
    "record_",
    "reg",
    "ri_",
    "rw_",
    "schema_to",
    "spg",
    "table_to",
    "text",
    "tid",
    "time",
    "to_reg",
    "ts",
    "txid",
    "uuid",
    "varbit",
    "window_",
    "xid",
    "xml",
];

/// How names of functions begin that well-known extensions bring: what a database has of them is not told by a script that names none.
const OF_EXTENSIONS: &[&str] = &[
    "armor",
    "citext",
    "crosstab",
    "crypt",
    "cube",
    "dblink",
    "dearmor",
    "difference",
    "digest",
    "dmetaphone",
    "earth",
    "gen_",
    "geography",
    "geometry",
    "h3_",
    "hll",
    "hmac",
    "hstore",
    "l1_",
    "l2_",
    "lca",
    "levenshtein",
    "ll_to_",
    "metaphone",
    "nlevel",
    "pgp_",
    "postgis",
    "similarity",
    "soundex",
    "st_",
    "strict_word",
    "subltree",
    "subpath",
    "time_bucket",
    "unaccent",
    "uuid",
    "vector",
    "word_similarity",
];

/// Whether the server or a well-known extension may have a function of this name.
pub(crate) fn may_be_of_server(name: &str) -> bool {
    OF_SERVER.iter().any(|start| name.starts_with(start))
        || may_be_of_extension(name)
        || depends(name).is_some()
        || NAMES.split_terminator('\n').any(|known| known == name)
}

/// Whether a well-known extension may have a function of this name.
pub(crate) fn may_be_of_extension(name: &str) -> bool {
    OF_EXTENSIONS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_order_and_knows_the_words_that_need_no_parentheses() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.0 < b.0));
        for word in crate::keywords::VALUE_FUNCTIONS {
            assert_eq!(depends(word), Some(Depends::Moment), "{word}");
        }
    }
}
