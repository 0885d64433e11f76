//! Readers: each turns text into [`Operation`]s, and nothing else.

pub mod alembic;
pub(crate) mod changelog;
pub mod ddl;
pub(crate) mod markdown;
pub(crate) mod models;
pub mod python;
pub(crate) mod sql;
pub(crate) mod sqlalchemy;

use crate::operation::Operation;
use crate::problem::Problem;

/// What reading one statement gives. Reading never fails: what could not be read is a problem, and the rest stands.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The changes, in order. Several for CREATE SCHEMA with elements and for DO blocks.
    pub operations: Vec<Operation>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether the statement changes (or may change) the schema: what coverage counts.
    pub changes_schema: bool,
}
