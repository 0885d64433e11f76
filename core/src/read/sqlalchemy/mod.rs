//! SQLAlchemy's vocabulary: columns, types, constraints and expressions, as its PostgreSQL dialect writes them.
//!
//! Whatever a Python file says of a table becomes the statement that SQLAlchemy would send, with the place of every part
//! ([`crate::source::Mapped`]), and our own reader of DDL reads that: one reader for one syntax.

pub(crate) mod expression;
mod md5;
pub(crate) mod naming;
mod spatial;
pub(crate) mod sql;
pub(crate) mod table;
pub(crate) mod types;
