//! Tables, views and the other objects of a schema.

use serde::{Deserialize, Serialize};

use crate::{Location, SeverityCounts};

/// A table or view of a target: stable for the life of an analysis.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationKey {
    /// Which of the two lists of ids.
    pub kind: RelationKind,
    /// The id: of a table for [`Query::Table`](crate::Query::Table), of a view for [`Query::View`](crate::Query::View).
    pub id: u32,
}

/// The two kinds of [`RelationKey`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RelationKind {
    /// A table, partitioned table or foreign table.
    Table,
    /// A view or materialized view.
    View,
}

/// What a relation is, in detail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the kinds of PostgreSQL")]
pub enum RelationType {
    Table,
    PartitionedTable,
    Partition,
    ForeignTable,
    View,
    MaterializedView,
}

/// Which tables.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TableFilter {
    /// Only those whose path contains this, whatever the case.
    pub text: String,
    /// Only of this schema.
    pub schema: Option<String>,
    /// Leave partitions out.
    pub hide_partitions: bool,
    /// Leave views and materialized views out.
    pub hide_views: bool,
}

/// The tables and views of a target.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableList {
    /// How many there are without a filter.
    pub total: u32,
    /// Those that meet the filter, by schema and name.
    pub rows: Vec<TableRow>,
}

/// A table or view as one row of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableRow {
    /// Which one.
    pub relation: RelationKey,
    /// What it is.
    pub kind: RelationType,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// `schema.name`, quoted where needed.
    pub path: String,
    /// Number of columns; 0 for a view whose columns cannot be told.
    pub columns: u32,
    /// Foreign keys from it.
    pub references: u32,
    /// Foreign keys to it.
    pub referenced_by: u32,
    /// Indexes, those behind keys too.
    pub indexes: u32,
    /// Partitions directly below it.
    pub partitions: u32,
    /// The table that it is a partition of.
    pub partition_of: Option<RelationKey>,
    /// Whether row-level security is on.
    pub row_security: bool,
    /// Findings about it or what belongs to it.
    pub findings: SeverityCounts,
}

/// Another table or view, to go to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelationLink {
    /// Which one.
    pub relation: RelationKey,
    /// `schema.name`, quoted where needed.
    pub path: String,
}

/// Everything about a table. Expressions are printed with the names that things have in the end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableDetail {
    /// The head: name, kind and counts.
    pub row: TableRow,
    /// COMMENT ON TABLE.
    pub comment: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// `unlogged` or `temporary`; empty for a plain table.
    pub persistence: String,
    /// Columns in order.
    pub columns: Vec<ColumnDetail>,
    /// Primary key first, then unique and exclusion constraints.
    pub keys: Vec<KeyDetail>,
    /// Foreign keys from this table.
    pub references: Vec<ReferenceDetail>,
    /// Foreign keys to this table.
    pub referenced_by: Vec<ReferenceDetail>,
    /// CHECK constraints.
    pub checks: Vec<CheckDetail>,
    /// Indexes, those behind keys too.
    pub indexes: Vec<IndexDetail>,
    /// Row-level security: whether it is on, and whether it binds the owner too.
    pub row_security: RowSecurity,
    /// Policies.
    pub policies: Vec<PolicyDetail>,
    /// Triggers.
    pub triggers: Vec<TriggerDetail>,
    /// Partitioning, where it has to do with it.
    pub partitioning: Option<Partitioning>,
    /// Parents by INHERITS.
    pub inherits: Vec<RelationLink>,
    /// Views that read it.
    pub used_by: Vec<RelationLink>,
    /// Storage parameters: name and value.
    pub options: Vec<(String, String)>,
    /// Indexes of findings about it or what belongs to it, in order of rank.
    pub findings: Vec<u32>,
    /// The statement that made it.
    pub location: Location,
    /// Its name in that statement.
    pub name_location: Location,
}

/// A column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnDetail {
    /// Its number in the table, from 1; those of dropped columns are not used again.
    pub number: u16,
    /// Its name.
    pub name: String,
    /// Its type as PostgreSQL prints it.
    pub data_type: String,
    /// Whether it is NOT NULL.
    pub not_null: bool,
    /// DEFAULT.
    pub default: Option<String>,
    /// GENERATED ALWAYS AS (…).
    pub generated: Option<String>,
    /// `always` or `by default` for identity columns, `serial` for those declared so.
    pub identity: Option<String>,
    /// A collation other than the type's own.
    pub collation: Option<String>,
    /// COMMENT ON COLUMN.
    pub comment: Option<String>,
    /// Its place in the primary key, from 1.
    pub primary_key: Option<u16>,
    /// Whether it alone is unique.
    pub unique: bool,
    /// Foreign keys that it is part of, by their place in [`TableDetail::references`].
    pub references: Vec<u32>,
    /// Indexes that begin with it, by their place in [`TableDetail::indexes`].
    pub indexes: Vec<u32>,
    /// Findings whose subject it is.
    pub findings: SeverityCounts,
    /// Its definition.
    pub location: Location,
    /// Its name in that definition.
    pub name_location: Location,
}

/// The kinds of [`KeyDetail`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the constraints of SQL")]
pub enum KeyKind {
    PrimaryKey,
    Unique,
    Exclude,
}

/// A primary key, unique or exclusion constraint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyDetail {
    /// What it is.
    pub kind: KeyKind,
    /// Its name.
    pub name: String,
    /// Its columns in order.
    pub columns: Vec<String>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// `deferrable` or `initially deferred`; empty for neither.
    pub deferral: String,
    /// COMMENT ON CONSTRAINT.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// A foreign key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferenceDetail {
    /// Its name.
    pub name: String,
    /// The table that has it.
    pub from: RelationLink,
    /// Its columns.
    pub from_columns: Vec<String>,
    /// The referenced table.
    pub to: RelationLink,
    /// The referenced columns, one for each of `from_columns`.
    pub to_columns: Vec<String>,
    /// ON DELETE, in SQL: `NO ACTION`, `CASCADE` …
    pub on_delete: String,
    /// ON UPDATE.
    pub on_update: String,
    /// Whether every row must refer to one: all columns are NOT NULL.
    pub mandatory: bool,
    /// Whether at most one row can refer to the same: a key covers the columns.
    pub unique: bool,
    /// Whether an index begins with its columns, so that deletes of referenced rows need not scan.
    pub indexed: bool,
    /// Whether existing rows were checked (no NOT VALID).
    pub validated: bool,
    /// `deferrable` or `initially deferred`; empty for neither.
    pub deferral: String,
    /// COMMENT ON CONSTRAINT.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// A CHECK constraint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckDetail {
    /// Its name.
    pub name: String,
    /// Its expression.
    pub expression: String,
    /// The columns that it reads.
    pub columns: Vec<String>,
    /// Whether existing rows were checked (no NOT VALID).
    pub validated: bool,
    /// COMMENT ON CONSTRAINT.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// An index.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexDetail {
    /// Its name.
    pub name: String,
    /// Its access method: `btree`, `gin` …
    pub method: String,
    /// Whether it is unique.
    pub unique: bool,
    /// Key columns and expressions as SQL, with operator class and order where they are not the defaults.
    pub keys: Vec<String>,
    /// INCLUDE columns.
    pub include: Vec<String>,
    /// WHERE.
    pub predicate: Option<String>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// The constraint that it stands behind.
    pub constraint: Option<String>,
    /// COMMENT ON INDEX.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// The switches of row-level security.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowSecurity {
    /// ENABLE.
    pub enabled: bool,
    /// FORCE.
    pub forced: bool,
}

/// A policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyDetail {
    /// Its name.
    pub name: String,
    /// Permissive, not restrictive.
    pub permissive: bool,
    /// `ALL`, `SELECT` …
    pub command: String,
    /// Roles; `public` for everyone.
    pub roles: Vec<String>,
    /// USING.
    pub using: Option<String>,
    /// WITH CHECK.
    pub with_check: Option<String>,
    /// COMMENT ON POLICY.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// A trigger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerDetail {
    /// Its name.
    pub name: String,
    /// When: `BEFORE INSERT OR UPDATE OF a, b`.
    pub event: String,
    /// For each row, not for each statement.
    pub for_each_row: bool,
    /// WHEN.
    pub when: Option<String>,
    /// The function that it calls: `schema.name`.
    pub function: String,
    /// `disabled`, `replica` or `always`; empty for the usual state.
    pub state: String,
    /// COMMENT ON TRIGGER.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// How a table has to do with partitioning.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partitioning {
    /// PARTITION BY, where it has partitions itself: `RANGE (created_at)`.
    pub key: Option<String>,
    /// The table that it is a partition of.
    pub parent: Option<RelationLink>,
    /// Which rows it takes: `FOR VALUES FROM (…) TO (…)`, `DEFAULT`.
    pub bound: Option<String>,
    /// Its partitions.
    pub partitions: Vec<RelationLink>,
}

/// Everything about a view or materialized view.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewDetail {
    /// The head: name, kind and counts.
    pub row: TableRow,
    /// COMMENT ON VIEW.
    pub comment: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// Its query.
    pub query: String,
    /// Names of its columns; empty where they cannot be told.
    pub columns: Vec<String>,
    /// Tables and views that it reads.
    pub reads: Vec<RelationLink>,
    /// Views that read it.
    pub used_by: Vec<RelationLink>,
    /// Indexes of a materialized view.
    pub indexes: Vec<IndexDetail>,
    /// Triggers.
    pub triggers: Vec<TriggerDetail>,
    /// Options: name and value.
    pub options: Vec<(String, String)>,
    /// Indexes of findings about it or what belongs to it, in order of rank.
    pub findings: Vec<u32>,
    /// The statement that made it.
    pub location: Location,
    /// Its name in that statement.
    pub name_location: Location,
}

/// The objects of a schema beside tables and views.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Objects {
    /// By kind and path.
    pub rows: Vec<ObjectRow>,
}

/// A type, function, sequence, extension or event trigger.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectRow {
    /// The kind in words: `type`, `domain`, `function`, `procedure`, `aggregate`, `sequence`, `extension`, `event trigger`.
    pub kind: String,
    /// Its path, quoted where needed; of a function with its argument types.
    pub path: String,
    /// What it is in a line: an enum's labels, a function's result and language.
    pub summary: String,
    /// Its comment.
    pub comment: Option<String>,
    /// Where it is defined.
    pub location: Location,
}

/// A page of tables and views with everything about each.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DetailsPage {
    /// How many there are in all.
    pub total: u32,
    /// Which place the first of these has.
    pub offset: u32,
    /// The tables and views.
    pub rows: Vec<RelationDetail>,
}

/// Everything about a table or a view.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the two kinds of relation")]
pub enum RelationDetail {
    Table(Box<TableDetail>),
    View(Box<ViewDetail>),
}
