//! What a schema shows of its own habits, and which revisions its tables come from.

use serde::{Deserialize, Serialize};

use crate::RelationKey;

/// Habits of a target and the origins of its tables.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Traits {
    /// The target.
    pub target: u32,
    /// The column that says whose a row is, where the schema has one.
    pub tenant: Option<Tenant>,
    /// Columns that many tables have.
    pub habits: Vec<Habit>,
    /// The revisions that each table and view that exists comes from.
    pub origins: Vec<Origin>,
}

/// The tenant key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// The column.
    pub column: String,
    /// The table that it refers to.
    pub root: Option<RelationKey>,
    /// The tables that have it.
    pub tables: Vec<RelationKey>,
}

/// A column that many tables have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Habit {
    /// What it is for, in words: `tenant key`, `time of creation` …
    pub purpose: String,
    /// Its name.
    pub column: String,
    /// How many tables have it.
    pub tables: u32,
    /// How many tables there are.
    pub of: u32,
}

/// Which revisions a table or view comes from, by their places in the history.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// The table or view.
    pub relation: RelationKey,
    /// The first that touched it.
    pub made_by: u32,
    /// The last that changed it, or what belongs to it.
    pub changed_by: u32,
}
