//! Views, sequences, types and domains.

use smol_str::SmolStr;

use super::*;

/// CREATE VIEW and CREATE MATERIALIZED VIEW.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreateView {
    pub name: QualifiedName,
    pub materialized: bool,
    pub or_replace: bool,
    pub if_not_exists: bool,
    pub temporary: bool,
    pub recursive: bool,
    pub columns: Vec<Ident>,
    pub query: Expr,
    /// WITH (security_invoker = true, …): values as written, but without string quotes; `true` where none is written.
    pub options: Vec<(SmolStr, String)>,
    pub check_option: Option<SmolStr>,
    /// False for WITH NO DATA.
    pub with_data: bool,
}

/// CREATE SEQUENCE.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreateSequence {
    pub name: QualifiedName,
    pub if_not_exists: bool,
    pub persistence: Persistence,
    pub options: SequenceOptions,
}

/// The options of a sequence; `None` where not written. What is seldom written is boxed: every statement has room for the largest kind.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct SequenceOptions {
    pub data_type: Option<Box<TypeName>>,
    pub increment: Option<i64>,
    /// `Some(None)` for NO MINVALUE.
    pub min: Option<Option<i64>>,
    /// `Some(None)` for NO MAXVALUE.
    pub max: Option<Option<i64>>,
    pub start: Option<i64>,
    /// `Some(None)` for RESTART without a value.
    pub restart: Option<Option<i64>>,
    pub cache: Option<i64>,
    pub cycle: Option<bool>,
    /// OWNED BY table.column, or NONE.
    pub owned_by: Option<Box<OwnedBy>>,
    /// SEQUENCE NAME (identity columns in a pg_dump).
    pub name: Option<Box<QualifiedName>>,
    /// SET LOGGED or UNLOGGED.
    pub logged: Option<bool>,
}

/// OWNED BY.
#[derive(Clone, PartialEq, Debug)]
pub enum OwnedBy {
    /// OWNED BY NONE.
    Nobody,
    /// OWNED BY table.column.
    Column(QualifiedName, Ident),
}

/// What CREATE TYPE defines.
#[derive(Clone, PartialEq, Debug)]
pub enum TypeDefinition {
    /// AS ENUM: labels with their spans.
    Enum(Vec<(String, Span)>),
    /// AS (…): attributes.
    Composite(Vec<ColumnDef>),
    /// AS RANGE: options as written (`subtype`, `multirange_type_name` …).
    Range(Vec<(SmolStr, String)>),
    /// A base type with its options, as written.
    Base(Vec<(SmolStr, String)>),
    /// CREATE TYPE name; nothing more yet.
    Shell,
}

/// What ALTER TYPE does; RENAME TO, SET SCHEMA and OWNER TO are operations of their own, attributes go through [`AlterTable`].
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum AlterTypeAction {
    AddValue {
        value: String,
        if_not_exists: bool,
        position: Option<EnumPosition>,
        span: Span,
    },
    RenameValue {
        from: String,
        to: String,
        span: Span,
    },
    /// SET (…) of base types.
    Set,
}

/// Where a new enum label goes.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum EnumPosition {
    Before(String),
    After(String),
}

/// CREATE DOMAIN.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreateDomain {
    pub name: QualifiedName,
    pub data_type: TypeName,
    pub collation: Option<QualifiedName>,
    /// NOT NULL, NULL, DEFAULT and CHECK.
    pub constraints: Vec<ColumnConstraint>,
}

/// What ALTER DOMAIN does.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
#[allow(clippy::large_enum_variant, reason = "short-lived, and the large variants are the common ones")]
pub enum AlterDomainAction {
    SetDefault(Expr),
    DropDefault,
    SetNotNull,
    DropNotNull,
    AddConstraint(ColumnConstraint),
    DropConstraint { name: Ident, if_exists: bool, cascade: bool },
    RenameConstraint { from: Ident, to: Ident },
    ValidateConstraint(Ident),
}
