//! Refusals: why PostgreSQL would not run a statement.

use crate::schema::ObjectId;
use crate::source::Span;

/// The SQLSTATEs that replay can tell. Source: PostgreSQL manual, appendix A, "PostgreSQL Error Codes".
pub(super) mod state {
    pub(in crate::replay) const FEATURE_NOT_SUPPORTED: &str = "0A000";
    pub(in crate::replay) const ACTIVE_TRANSACTION: &str = "25001";
    pub(in crate::replay) const NO_ACTIVE_TRANSACTION: &str = "25P01";
    pub(in crate::replay) const DEPENDENT_OBJECTS: &str = "2BP01";
    pub(in crate::replay) const INVALID_SAVEPOINT: &str = "3B001";
    pub(in crate::replay) const INVALID_SCHEMA: &str = "3F000";
    pub(in crate::replay) const SYNTAX_ERROR: &str = "42601";
    pub(in crate::replay) const DUPLICATE_COLUMN: &str = "42701";
    pub(in crate::replay) const UNDEFINED_COLUMN: &str = "42703";
    pub(in crate::replay) const UNDEFINED_OBJECT: &str = "42704";
    pub(in crate::replay) const DUPLICATE_OBJECT: &str = "42710";
    pub(in crate::replay) const DUPLICATE_FUNCTION: &str = "42723";
    pub(in crate::replay) const AMBIGUOUS_FUNCTION: &str = "42725";
    pub(in crate::replay) const DATATYPE_MISMATCH: &str = "42804";
    pub(in crate::replay) const WRONG_OBJECT_TYPE: &str = "42809";
    pub(in crate::replay) const INVALID_FOREIGN_KEY: &str = "42830";
    pub(in crate::replay) const UNDEFINED_FUNCTION: &str = "42883";
    pub(in crate::replay) const UNDEFINED_TABLE: &str = "42P01";
    pub(in crate::replay) const DUPLICATE_SCHEMA: &str = "42P06";
    pub(in crate::replay) const DUPLICATE_TABLE: &str = "42P07";
    pub(in crate::replay) const INVALID_COLUMN_REFERENCE: &str = "42P10";
    pub(in crate::replay) const INVALID_TABLE_DEFINITION: &str = "42P16";
    pub(in crate::replay) const INVALID_OBJECT_DEFINITION: &str = "42P17";
    pub(in crate::replay) const TOO_MANY_COLUMNS: &str = "54011";
    pub(in crate::replay) const OBJECT_NOT_IN_PREREQUISITE_STATE: &str = "55000";
    /// Not PostgreSQL's: the statement concerns something of which nothing is known (a system table, what a platform or an
    /// unknown extension brings). It is skipped, and no conflict is claimed.
    pub(in crate::replay) const UNKNOWABLE: &str = "";
}

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
