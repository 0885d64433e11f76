//! What CREATE TABLE and CREATE INDEX say: columns, constraints, partitions, keys.

use smol_str::SmolStr;

use super::SequenceOptions;
use crate::expr::Expr;
use crate::name::{Ident, QualifiedName};
use crate::source::Span;

/// CREATE TABLE in all its forms.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTable {
    /// The table.
    pub name: QualifiedName,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// TEMPORARY, UNLOGGED or neither.
    pub persistence: Persistence,
    /// The server of a FOREIGN TABLE.
    pub foreign_server: Option<Ident>,
    /// Columns, constraints and LIKE clauses in the order written.
    pub elements: Vec<TableElement>,
    /// INHERITS (…).
    pub inherits: Vec<QualifiedName>,
    /// PARTITION BY.
    pub partition_by: Option<PartitionBy>,
    /// PARTITION OF parent and bound.
    pub partition_of: Option<(QualifiedName, PartitionBound)>,
    /// OF a composite type.
    pub of_type: Option<QualifiedName>,
    /// AS query (also SELECT … INTO), with the column names written before it.
    pub as_query: Option<(Vec<Ident>, Expr)>,
    /// WITH (…): storage parameters. Values as written, but without string quotes; `true` where none is written.
    pub options: Vec<(SmolStr, String)>,
    /// USING access method.
    pub access_method: Option<Ident>,
    /// TABLESPACE.
    pub tablespace: Option<Ident>,
    /// ON COMMIT.
    pub on_commit: Option<OnCommit>,
}

/// ON COMMIT: what becomes of a temporary table at the end of its transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnCommit {
    /// DROP: it ends with it. Else its rows are kept, or deleted.
    pub drop: bool,
    /// The clause.
    pub span: Span,
    /// The outermost statement around it: outside of a transaction block the table ends with that.
    pub statement: Span,
}

/// How long a table lives, and whether it is written to the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum Persistence {
    #[default]
    Permanent,
    Unlogged,
    Temporary,
}

/// One element between the parentheses of CREATE TABLE.
#[derive(Clone, PartialEq, Debug)]
pub enum TableElement {
    /// A column, or (in a typed table or a partition) options for one: then without type.
    Column(ColumnDef),
    /// A table constraint.
    Constraint(ConstraintDef),
    /// LIKE source, with what to include.
    Like(QualifiedName, LikeOptions),
}

/// INCLUDING and EXCLUDING of a LIKE clause, added up.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct LikeOptions {
    pub comments: bool,
    pub compression: bool,
    pub constraints: bool,
    pub defaults: bool,
    pub generated: bool,
    pub identity: bool,
    pub indexes: bool,
    pub statistics: bool,
    pub storage: bool,
}

/// A column as written.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnDef {
    /// Its name.
    pub name: Ident,
    /// Its type; absent in typed tables and partitions.
    pub data_type: Option<TypeName>,
    /// COLLATE.
    pub collation: Option<QualifiedName>,
    /// Column constraints in the order written.
    pub constraints: Vec<ColumnConstraint>,
    /// The whole definition.
    pub span: Span,
}

/// A constraint on a column.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnConstraint {
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    /// What it demands.
    pub kind: ColumnConstraintKind,
    /// DEFERRABLE, NOT VALID and the like.
    pub attributes: ConstraintAttributes,
    /// The constraint with its name.
    pub span: Span,
}

/// What a column constraint demands.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
#[allow(clippy::large_enum_variant, reason = "short-lived, and the large variants are the common ones")]
pub enum ColumnConstraintKind {
    NotNull,
    Null,
    Default(Expr),
    Check(Expr),
    /// GENERATED ALWAYS AS (…): stored or virtual.
    Generated {
        expr: Expr,
        stored: bool,
    },
    Identity {
        always: bool,
        options: SequenceOptions,
    },
    PrimaryKey(KeyOptions),
    Unique(KeyOptions),
    References(References),
}

/// What may stand behind the columns of PRIMARY KEY and UNIQUE.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyOptions {
    /// INCLUDE (…).
    pub include: Vec<Ident>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// USING INDEX name (ALTER TABLE … ADD CONSTRAINT … USING INDEX).
    pub using_index: Option<Ident>,
    /// WITHOUT OVERLAPS on the last column (18).
    pub without_overlaps: bool,
}

/// REFERENCES: what a foreign key points at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct References {
    /// The referenced table.
    pub table: QualifiedName,
    /// The referenced columns; empty for the primary key.
    pub columns: Vec<Ident>,
    /// PERIOD before the last column, of either side (18).
    pub period: bool,
    /// MATCH.
    pub match_type: MatchType,
    /// ON DELETE; `None` where not written.
    pub on_delete: Option<ReferentialAction>,
    /// The columns of ON DELETE SET NULL (…) or SET DEFAULT (…).
    pub on_delete_columns: Vec<Ident>,
    /// ON UPDATE; `None` where not written.
    pub on_update: Option<ReferentialAction>,
}

/// MATCH of a foreign key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum MatchType {
    #[default]
    Simple,
    Full,
    Partial,
}

/// What happens to referencing rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum ReferentialAction {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl ReferentialAction {
    /// The SQL key words.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// A table constraint as written.
#[derive(Clone, PartialEq, Debug)]
pub struct ConstraintDef {
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    /// What it demands.
    pub kind: ConstraintDefKind,
    /// DEFERRABLE, NOT VALID and the like.
    pub attributes: ConstraintAttributes,
    /// The constraint with its name.
    pub span: Span,
}

/// What a table constraint demands.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum ConstraintDefKind {
    PrimaryKey {
        columns: Vec<Ident>,
        options: KeyOptions,
    },
    Unique {
        columns: Vec<Ident>,
        options: KeyOptions,
    },
    Check(Expr),
    ForeignKey {
        columns: Vec<Ident>,
        references: References,
    },
    Exclude {
        method: Option<Ident>,
        elements: Vec<(IndexKey, SmolStr)>,
        include: Vec<Ident>,
        predicate: Option<Expr>,
    },
    /// NOT NULL column (18).
    NotNull(Ident),
}

/// What may stand behind any constraint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct ConstraintAttributes {
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub not_valid: bool,
    pub no_inherit: bool,
    /// NOT ENFORCED (18).
    pub not_enforced: bool,
}

/// PARTITION BY.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionBy {
    /// RANGE, LIST or HASH.
    pub strategy: PartitionStrategy,
    /// The key's columns and expressions.
    pub keys: Vec<IndexKey>,
    /// The clause's text from the strategy on, as written: `RANGE (created_at)`.
    pub text: Expr,
}

/// How rows are spread over partitions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum PartitionStrategy {
    Range,
    List,
    Hash,
}

/// Which rows a partition takes.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionBound {
    /// The form.
    pub kind: PartitionBoundKind,
    /// The clause as written: `FOR VALUES FROM (…) TO (…)` or `DEFAULT`.
    pub text: Expr,
}

/// The forms of a partition bound. Values are as written.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum PartitionBoundKind {
    Default,
    In(Vec<Expr>),
    Range { from: Vec<Expr>, to: Vec<Expr> },
    Hash { modulus: u32, remainder: u32 },
}

/// A type as written, with the multi-word SQL names already joined as the grammar joins them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeName {
    /// The schema, where one is written.
    pub schema: Option<Ident>,
    /// The name: `double precision`, `timestamp with time zone` and the like in lower case with single spaces and `quoted: false`;
    /// names of one word as written.
    pub name: Ident,
    /// What stands in parentheses: `(10, 2)`, `(Point, 4326)`; for intervals the fields (`day to second`) come first.
    pub modifiers: Vec<SmolStr>,
    /// Number of array dimensions, 0 for a scalar.
    pub dimensions: u8,
    /// SETOF (functions).
    pub setof: bool,
    /// `table.column%TYPE` (functions).
    pub percent_type: bool,
    /// The whole type.
    pub span: Span,
}

/// CREATE INDEX.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateIndex {
    /// Its name; `None` lets the database choose.
    pub name: Option<Ident>,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// UNIQUE.
    pub unique: bool,
    /// CONCURRENTLY.
    pub concurrently: bool,
    /// ON ONLY.
    pub only: bool,
    /// The table or materialized view.
    pub table: QualifiedName,
    /// USING.
    pub method: Option<Ident>,
    /// Key columns and expressions.
    pub keys: Vec<IndexKey>,
    /// INCLUDE (…).
    pub include: Vec<Ident>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// WITH (…): values as written, but without string quotes; `true` where none is written.
    pub options: Vec<(SmolStr, String)>,
    /// WHERE.
    pub predicate: Option<Expr>,
    /// TABLESPACE.
    pub tablespace: Option<Ident>,
}

/// One key of an index, of an exclusion constraint or of a partition key.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexKey {
    /// The column or expression.
    pub target: IndexTarget,
    /// COLLATE.
    pub collation: Option<QualifiedName>,
    /// Operator class.
    pub opclass: Option<QualifiedName>,
    /// Parameters of the operator class, as written.
    pub opclass_options: Vec<(SmolStr, String)>,
    /// `Some(true)` for DESC, `Some(false)` for ASC.
    pub descending: Option<bool>,
    /// `Some(true)` for NULLS FIRST.
    pub nulls_first: Option<bool>,
    /// The whole key.
    pub span: Span,
}

/// What an index key is made of.
#[derive(Clone, PartialEq, Debug)]
pub enum IndexTarget {
    /// A column.
    Column(Ident),
    /// An expression, without the parentheses that the grammar asks for.
    Expression(Expr),
}
