//! Which object a statement is about.

use super::FunctionArgument;
use crate::expr::Expr;
use crate::name::{Ident, QualifiedName};
use crate::source::Span;

/// An object as a statement names it.
#[derive(Clone, PartialEq, Debug)]
pub struct ObjectRef {
    /// What the statement says it is.
    pub kind: ObjectKind,
    /// Its name; for something that belongs to a table (column, constraint, trigger, policy, rule) the table's name, empty where a guard asks
    /// for such a part of any table. A cast's is its text (`a AS b`), a user mapping's its server, a transform's its type.
    pub name: QualifiedName,
    /// The column, constraint, trigger, policy or rule of that table; the access method of an operator class or family, the role of a user
    /// mapping, the language of a transform.
    pub part: Option<Ident>,
    /// Argument types of a routine, operand types of an operator, the two types of a cast; `None` where no parentheses are written.
    pub arguments: Option<Vec<FunctionArgument>>,
    /// The whole reference.
    pub span: Span,
}

/// The kinds of database objects.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the kinds of PostgreSQL")]
pub enum ObjectKind {
    Schema,
    Table,
    ForeignTable,
    Column,
    Constraint,
    DomainConstraint,
    Index,
    View,
    MaterializedView,
    Sequence,
    Type,
    Domain,
    Function,
    Procedure,
    Routine,
    Aggregate,
    Trigger,
    EventTrigger,
    Policy,
    Rule,
    Extension,
    Collation,
    Conversion,
    Cast,
    Operator,
    OperatorClass,
    OperatorFamily,
    Language,
    AccessMethod,
    TextSearch,
    Statistics,
    Server,
    UserMapping,
    ForeignDataWrapper,
    Publication,
    Subscription,
    Role,
    Database,
    Tablespace,
    Transform,
    LargeObject,
    Parameter,
    /// A relation of whichever kind: what `to_regclass` and rows of `pg_class` stand for.
    Relation,
    /// A migration: what rules about histories speak of.
    Revision,
    /// A file of the input.
    File,
}

impl ObjectKind {
    /// The name in JSON and in messages, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Table => "table",
            Self::ForeignTable => "foreign table",
            Self::Relation => "relation",
            Self::Column => "column",
            Self::Constraint => "constraint",
            Self::DomainConstraint => "domain constraint",
            Self::Index => "index",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Domain => "domain",
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Routine => "routine",
            Self::Aggregate => "aggregate",
            Self::Trigger => "trigger",
            Self::EventTrigger => "event trigger",
            Self::Policy => "policy",
            Self::Rule => "rule",
            Self::Extension => "extension",
            Self::Collation => "collation",
            Self::Conversion => "conversion",
            Self::Cast => "cast",
            Self::Operator => "operator",
            Self::OperatorClass => "operator class",
            Self::OperatorFamily => "operator family",
            Self::Language => "language",
            Self::AccessMethod => "access method",
            Self::TextSearch => "text search object",
            Self::Statistics => "statistics",
            Self::Server => "server",
            Self::UserMapping => "user mapping",
            Self::ForeignDataWrapper => "foreign-data wrapper",
            Self::Publication => "publication",
            Self::Subscription => "subscription",
            Self::Role => "role",
            Self::Database => "database",
            Self::Tablespace => "tablespace",
            Self::Transform => "transform",
            Self::LargeObject => "large object",
            Self::Parameter => "parameter",
            Self::Revision => "revision",
            Self::File => "file",
        }
    }
}

/// What a publication holds.
#[derive(Clone, PartialEq, Debug)]
pub enum PublicationMember {
    /// A table, with the columns that are published where not all are, and the condition on its rows.
    Table(QualifiedName, Vec<Ident>, Option<Expr>),
    /// All tables of a schema; `None` for CURRENT_SCHEMA.
    Schema(Option<Ident>),
    /// All tables there are.
    AllTables,
}

/// What ALTER PUBLICATION does to the members.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum MembersChange {
    Add(Vec<PublicationMember>),
    Set(Vec<PublicationMember>),
    Drop(Vec<PublicationMember>),
}
