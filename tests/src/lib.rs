//! What the tests of the whole share: the corpus, the comparison of catalogues, a live PostgreSQL.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a skipped test says so")]

pub mod conflicts;
pub mod corpus;
pub mod facts;
pub mod histories;
pub mod judgement;
pub mod lints;
pub mod migrations;
pub mod packages;
pub mod scripts;
pub mod server;
pub mod verdicts;
