//! Whether an expression gives another value each time it is evaluated.

use crate::expr::Tree;
use crate::operation::Volatility;
use crate::schema::Schema;

/// What is known of an expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stability {
    /// One value for the whole statement: constants, immutable and stable functions.
    Stable,
    /// This function is volatile.
    Volatile(String),
    /// Of this function nothing is known.
    Unknown(String),
}

/// Volatile functions of PostgreSQL and its contributed extensions. Source: pg_proc.provolatile.
const VOLATILE: &[&str] = &[
    "clock_timestamp",
    "currval",
    "gen_random_bytes",
    "gen_random_uuid",
    "gen_salt",
    "lastval",
    "nextval",
    "pg_sleep",
    "random",
    "random_normal",
    "setval",
    "timeofday",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
];

/// Immutable and stable functions that stand in defaults. Source: pg_proc.provolatile.
const STABLE: &[&str] = &[
    "abs",
    "age",
    "array_append",
    "array_cat",
    "array_fill",
    "array_to_string",
    "box",
    "btrim",
    "ceil",
    "coalesce",
    "concat",
    "concat_ws",
    "convert_from",
    "convert_to",
    "current_catalog",
    "current_date",
    "current_database",
    "current_role",
    "current_schema",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_user",
    "date",
    "date_part",
    "date_trunc",
    "daterange",
    "decode",
    "encode",
    "extract",
    "floor",
    "format",
    "greatest",
    "hstore",
    "int4range",
    "int8range",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "least",
    "left",
    "length",
    "localtime",
    "localtimestamp",
    "lower",
    "lpad",
    "ltrim",
    "make_date",
    "make_interval",
    "make_timestamp",
    "make_timestamptz",
    "md5",
    "now",
    "nullif",
    "numrange",
    "point",
    "position",
    "replace",
    "right",
    "round",
    // A constructor, no function.
    "row",
    "rpad",
    "rtrim",
    "session_user",
    "sha256",
    "statement_timestamp",
    "string_to_array",
    "substr",
    "substring",
    "timezone",
    "to_char",
    "to_date",
    "to_json",
    "to_jsonb",
    "to_number",
    "to_timestamp",
    "to_tsvector",
    "transaction_timestamp",
    "trim",
    "trunc",
    "tsrange",
    "tstzrange",
    "txid_current",
    "upper",
    "user",
    "uuid_nil",
    "uuid_ns_dns",
    "uuid_ns_url",
];

/// Looks at every call in an expression; functions of the input say themselves what they are.
pub(crate) fn stability(schema: &Schema, tree: &Tree) -> Stability {
    let mut found = Stability::Stable;
    tree.walk(&mut |part| {
        let Tree::Call(call) = part else { return };
        let name = call.base_name();
        let of_this =
            match schema.functions.iter().filter(|(_, f)| f.name == name).map(|(_, f)| f.volatility).next_back() {
                Some(Volatility::Volatile) => Stability::Volatile(name.to_owned()),
                Some(_) => Stability::Stable,
                None if VOLATILE.contains(&name) => Stability::Volatile(name.to_owned()),
                None if STABLE.contains(&name) => Stability::Stable,
                None => Stability::Unknown(name.to_owned()),
            };
        match (&found, of_this) {
            (Stability::Volatile(_), _) | (_, Stability::Stable) | (Stability::Unknown(_), Stability::Unknown(_)) => {}
            (_, of_this) => found = of_this,
        }
    });
    found
}
