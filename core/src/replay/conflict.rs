//! Refusals: why PostgreSQL would not run a statement.

use crate::schema::ObjectId;
use crate::source::Span;

/// Names SQLSTATEs, and lists them.
macro_rules! sqlstates {
    ($($name:ident = $code:literal;)+) => {
        $(pub(in crate::replay) const $name: &str = $code;)+
        pub(super) const ALL: &[&str] = &[$($code),+];
    };
}

/// The SQLSTATEs that replay can tell. Source: PostgreSQL manual, appendix A, "PostgreSQL Error Codes".
pub(super) mod state {
    sqlstates! {
        FEATURE_NOT_SUPPORTED = "0A000";
        ACTIVE_TRANSACTION = "25001";
        NO_ACTIVE_TRANSACTION = "25P01";
        DEPENDENT_OBJECTS = "2BP01";
        INVALID_SAVEPOINT = "3B001";
        INVALID_SCHEMA = "3F000";
        SYNTAX_ERROR = "42601";
        DUPLICATE_COLUMN = "42701";
        UNDEFINED_COLUMN = "42703";
        UNDEFINED_OBJECT = "42704";
        DUPLICATE_OBJECT = "42710";
        DUPLICATE_FUNCTION = "42723";
        AMBIGUOUS_FUNCTION = "42725";
        DATATYPE_MISMATCH = "42804";
        WRONG_OBJECT_TYPE = "42809";
        INVALID_FOREIGN_KEY = "42830";
        UNDEFINED_FUNCTION = "42883";
        UNDEFINED_TABLE = "42P01";
        DUPLICATE_SCHEMA = "42P06";
        DUPLICATE_TABLE = "42P07";
        INVALID_COLUMN_REFERENCE = "42P10";
        INVALID_TABLE_DEFINITION = "42P16";
        INVALID_OBJECT_DEFINITION = "42P17";
        COLLATION_MISMATCH = "42P21";
        TOO_MANY_COLUMNS = "54011";
        OBJECT_NOT_IN_PREREQUISITE_STATE = "55000";
    }
    /// Not PostgreSQL's: the statement concerns something of which nothing is known (a system table, what a platform or an
    /// unknown extension brings). It is skipped, and no conflict is claimed.
    pub(in crate::replay) const UNKNOWABLE: &str = "";
}

/// The SQLSTATEs that a [`Conflict`](super::Conflict) has wherever PostgreSQL would give them for what concerns a schema. A few conflicts have others, which
/// PostgreSQL gives for much else, too.
pub const SQLSTATES: &[&str] = state::ALL;

/// Whether a refusal says that something is missing: what an opaque statement before it may have made.
pub(super) fn is_missing(sqlstate: &str) -> bool {
    matches!(
        sqlstate,
        state::UNDEFINED_TABLE
            | state::UNDEFINED_COLUMN
            | state::UNDEFINED_OBJECT
            | state::UNDEFINED_FUNCTION
            | state::INVALID_SCHEMA
    )
}

/// Whether a refusal says that something is there already.
pub(super) fn is_duplicate(sqlstate: &str) -> bool {
    matches!(
        sqlstate,
        state::DUPLICATE_TABLE
            | state::DUPLICATE_COLUMN
            | state::DUPLICATE_OBJECT
            | state::DUPLICATE_FUNCTION
            | state::DUPLICATE_SCHEMA
    )
}

/// Why a statement is refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) sqlstate: &'static str,
    pub(super) message: String,
    pub(super) span: Span,
    pub(super) objects: Vec<ObjectId>,
}

/// A value, or why the statement is refused.
pub(super) type Outcome<T = ()> = Result<T, Box<Refusal>>;

/// Refuses.
pub(super) fn refuse<T>(sqlstate: &'static str, span: Span, message: impl Into<String>) -> Outcome<T> {
    refuse_for(sqlstate, span, message, Vec::new())
}

/// Refuses because of these objects.
pub(super) fn refuse_for<T>(
    sqlstate: &'static str,
    span: Span,
    message: impl Into<String>,
    objects: Vec<ObjectId>,
) -> Outcome<T> {
    Err(Box::new(Refusal { sqlstate, message: message.into(), span, objects }))
}

/// Skips a statement of which nothing can be known.
pub(super) fn skip<T>(span: Span) -> Outcome<T> {
    refuse(state::UNKNOWABLE, span, "")
}
