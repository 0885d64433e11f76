//! The objects of a schema. Field names follow PostgreSQL's catalogues in words.
//!
//! `span` is the statement or clause that made the object, `dropped` the statement that took it away.

use smol_str::SmolStr;

use super::{
    BaseType, Columns, ConstraintId, DataType, FunctionId, IndexId, NamespaceId, ObjectId, PolicyId, RelationId,
    RuleId, SequenceId, TableId, TriggerId, TypeId,
};
use crate::expr::Expr;
use crate::name::Name;
use crate::operation::{
    ArgumentMode, FunctionBody, FunctionKind, Grant, MatchType, ObjectKind, PartitionBound, PartitionStrategy,
    Persistence, PolicyCommand, ReferentialAction, TriggerEvent, TriggerState, TriggerTiming, Volatility,
};
use crate::source::Span;

/// A column's number in its table, from 1 (`attnum`). Numbers of dropped columns are not reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ColumnNumber(pub u16);

impl ColumnNumber {
    /// The place in [`Table::columns`].
    pub fn index(self) -> usize {
        usize::from(self.0).wrapping_sub(1)
    }

    /// The number of the column at this place in [`Table::columns`].
    pub fn from_index(index: usize) -> Self {
        Self(u16::try_from(index + 1).unwrap_or(u16::MAX))
    }
}

/// An expression of the schema with what its names mean.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct StoredExpr {
    /// The text as written.
    pub source: Expr,
    /// The names in the text that refer to objects, in order.
    pub references: Vec<Reference>,
}

/// A name inside an expression's text and the object that it means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reference {
    /// Byte offset in the text where the name (its last part, without schema) starts.
    pub start: u32,
    /// Byte offset where it ends.
    pub end: u32,
    /// What it means.
    pub target: ObjectId,
}

/// A schema of the database.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_namespace")]
pub struct Namespace {
    pub name: Name,
    /// `None` for those that are there before the first statement: `public`, `pg_catalog`.
    pub span: Option<Span>,
    pub comment: Option<String>,
    /// Not made by the input: a schema that a platform or extension brings (`auth`, `storage`), named by the input.
    pub assumed: bool,
    pub dropped: Option<Span>,
}

impl Namespace {
    /// What `initdb` writes on the schema `public` of every database.
    pub const COMMENT_OF_PUBLIC: &'static str = "standard public schema";
}

/// A table.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_class")]
pub struct Table {
    pub namespace: NamespaceId,
    pub name: Name,
    pub kind: TableKind,
    pub persistence: Persistence,
    /// All columns ever, in order of their numbers; dropped ones have `dropped` set.
    pub columns: Columns,
    pub constraints: Vec<ConstraintId>,
    pub indexes: Vec<IndexId>,
    pub triggers: Vec<TriggerId>,
    pub policies: Vec<PolicyId>,
    pub rules: Vec<RuleId>,
    /// Parents by INHERITS; a partition's parent is in `partition_of`.
    pub inherits: Vec<TableId>,
    pub partition_of: Option<(TableId, PartitionBound)>,
    /// The composite type that it is a table of.
    pub of_type: Option<TypeId>,
    pub partition_key: Option<PartitionKey>,
    pub rls_enabled: bool,
    pub rls_forced: bool,
    /// Storage parameters.
    pub options: Vec<(SmolStr, String)>,
    pub comment: Option<String>,
    pub owner: Option<Name>,
    /// Not made by the input: a table of a platform or extension (`auth.users`), with only the columns that the input names.
    pub assumed: bool,
    /// Whether it may have columns besides these: it is assumed, or what it was made of is a query whose columns can't be told.
    pub partial: bool,
    /// The CREATE TABLE statement.
    pub span: Span,
    /// The name in that statement.
    pub name_span: Span,
    pub dropped: Option<Span>,
}

impl Table {
    /// The columns that exist, in order, with their numbers.
    pub fn live_columns(&self) -> impl DoubleEndedIterator<Item = (ColumnNumber, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .filter(|(_, c)| c.dropped.is_none())
            .map(|(i, c)| (ColumnNumber::from_index(i), c))
    }

    /// The column of this number, unless it was dropped.
    pub fn column(&self, number: ColumnNumber) -> Option<&Column> {
        self.columns.get(number.index()).filter(|c| c.dropped.is_none())
    }

    /// The existing column of this name.
    pub fn find_column(&self, name: &str) -> Option<ColumnNumber> {
        self.live_columns().find(|(_, c)| c.name == name).map(|(n, _)| n)
    }
}

/// What a table is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "as in pg_class.relkind")]
pub enum TableKind {
    Ordinary,
    Partitioned,
    Foreign,
}

/// PARTITION BY with its key resolved.
#[derive(Clone, Debug)]
pub struct PartitionKey {
    /// RANGE, LIST or HASH.
    pub strategy: PartitionStrategy,
    /// The key's columns and expressions.
    pub keys: Vec<KeyTarget>,
    /// As written: `RANGE (created_at)`.
    pub text: Expr,
}

/// A column.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_attribute")]
pub struct Column {
    pub name: Name,
    pub data_type: DataType,
    pub not_null: bool,
    pub default: Option<StoredExpr>,
    /// Boxed: hardly any column is generated, and every rule walks over all columns.
    pub generated: Option<Box<Generated>>,
    pub identity: Option<Identity>,
    /// The sequence that a serial or identity column owns.
    pub sequence: Option<SequenceId>,
    /// Whether it was declared `serial`, `bigserial` or `smallserial`.
    pub serial: bool,
    /// A collation other than the type's own.
    pub collation: Option<Name>,
    pub comment: Option<String>,
    /// Defined here, not only inherited.
    pub is_local: bool,
    /// How many parents it comes from.
    pub inherit_count: u16,
    /// The whole definition.
    pub span: Span,
    pub name_span: Span,
    pub type_span: Span,
    pub dropped: Option<Span>,
}

/// GENERATED ALWAYS AS (…).
#[derive(Clone, Debug)]
pub struct Generated {
    /// The expression.
    pub expr: StoredExpr,
    /// STORED, not VIRTUAL (18).
    pub stored: bool,
}

/// GENERATED … AS IDENTITY.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "as in pg_attribute.attidentity")]
pub enum Identity {
    Always,
    ByDefault,
}

/// A constraint of a table. NOT NULL is a property of the column.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_constraint")]
pub struct Constraint {
    pub table: TableId,
    pub name: Name,
    /// Whether the name was written; otherwise the database chose it.
    pub named: bool,
    pub kind: ConstraintKind,
    /// Constrained columns: of a key in its order, of a check those that it reads, in order of their numbers.
    pub columns: Vec<ColumnNumber>,
    pub deferrable: bool,
    pub initially_deferred: bool,
    pub validated: bool,
    /// False for NOT ENFORCED (18): it holds for no row, old or new.
    pub enforced: bool,
    pub no_inherit: bool,
    pub is_local: bool,
    pub inherit_count: u16,
    /// The constraint of the partitioned parent that this one stems from.
    pub parent: Option<ConstraintId>,
    /// The index behind a primary key, unique or exclusion constraint.
    pub index: Option<IndexId>,
    pub comment: Option<String>,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// What a constraint demands.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_constraint.contype")]
pub enum ConstraintKind {
    PrimaryKey,
    Unique { nulls_not_distinct: bool },
    Check(StoredExpr),
    ForeignKey(ForeignKey),
    Exclude { predicate: Option<StoredExpr> },
}

/// A foreign key; its own columns are in [`Constraint::columns`].
#[derive(Clone, Debug)]
pub struct ForeignKey {
    /// The referenced table.
    pub references: TableId,
    /// The referenced columns, one for each of the constraint's.
    pub columns: Vec<ColumnNumber>,
    /// MATCH.
    pub match_type: MatchType,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// Whether ON DELETE was written.
    pub on_delete_written: bool,
    /// The columns of ON DELETE SET NULL (…); empty for all.
    pub on_delete_columns: Vec<ColumnNumber>,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
    /// The unique index of the referenced table that it rests on.
    pub index: Option<IndexId>,
}

/// An index.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_index")]
pub struct Index {
    pub namespace: NamespaceId,
    pub name: Name,
    /// Whether the name was written; otherwise the database chose it.
    pub named: bool,
    /// The table or materialized view.
    pub owner: RelationId,
    pub method: Name,
    pub unique: bool,
    pub primary: bool,
    pub keys: Vec<Key>,
    pub include: Vec<ColumnNumber>,
    pub predicate: Option<StoredExpr>,
    pub nulls_not_distinct: bool,
    /// The constraint that it belongs to.
    pub constraint: Option<ConstraintId>,
    /// The index of the partitioned parent that this one is attached to.
    pub parent: Option<IndexId>,
    /// False for an index ON ONLY a partitioned table whose partitions are not all attached.
    pub valid: bool,
    pub concurrently: bool,
    /// Whether its relation is clustered on it.
    pub clustered: bool,
    /// Whether it is its relation's replica identity.
    pub replica_identity: bool,
    pub options: Vec<(SmolStr, String)>,
    pub comment: Option<String>,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// One key of an index.
#[derive(Clone, Debug)]
pub struct Key {
    /// The column or expression.
    pub target: KeyTarget,
    /// COLLATE, where it differs from the column's.
    pub collation: Option<Name>,
    /// Operator class, where it is not the default one.
    pub opclass: Option<Name>,
    /// Its parameters, as written.
    pub opclass_options: Vec<(SmolStr, String)>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST; the default of DESC.
    pub nulls_first: bool,
}

/// What a key is made of.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the two forms")]
pub enum KeyTarget {
    Column(ColumnNumber),
    Expression(StoredExpr),
}

/// A view or materialized view.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_class and pg_rewrite")]
pub struct View {
    pub namespace: NamespaceId,
    pub name: Name,
    pub materialized: bool,
    pub query: StoredExpr,
    /// Output columns as far as they can be told.
    pub columns: Vec<Name>,
    /// Whether it may have others besides these.
    pub partial: bool,
    /// The types of as many of them, where the query tells. What a view reads keeps its type as long as the view is there.
    pub column_types: Vec<Option<DataType>>,
    pub options: Vec<(SmolStr, String)>,
    pub indexes: Vec<IndexId>,
    pub triggers: Vec<TriggerId>,
    pub rules: Vec<RuleId>,
    pub comment: Option<String>,
    pub owner: Option<Name>,
    pub span: Span,
    pub name_span: Span,
    pub dropped: Option<Span>,
}

/// A sequence.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_sequence")]
pub struct Sequence {
    pub namespace: NamespaceId,
    pub name: Name,
    /// `smallint`, `integer` or `bigint`.
    pub data_type: Name,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cycle: bool,
    pub owned_by: Option<(TableId, ColumnNumber)>,
    /// Belongs to an identity column.
    pub identity: bool,
    pub comment: Option<String>,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// A type that the input defines.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_type")]
pub struct UserType {
    pub namespace: NamespaceId,
    pub name: Name,
    pub kind: TypeKind,
    pub comment: Option<String>,
    pub span: Span,
    pub name_span: Span,
    pub dropped: Option<Span>,
}

impl UserType {
    /// The types that it is made of.
    pub fn data_types(&self) -> impl Iterator<Item = &DataType> {
        let (one, many) = match &self.kind {
            TypeKind::Domain(domain) => (Some(&domain.base), None),
            TypeKind::Range { subtype, .. } => (subtype.as_ref(), None),
            TypeKind::Composite(attributes) => (None, Some(attributes)),
            TypeKind::Enum(_) | TypeKind::Base | TypeKind::Shell => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten().map(|(_, t)| t))
    }

    /// The same, to be changed.
    pub fn data_types_mut(&mut self) -> impl Iterator<Item = &mut DataType> {
        let (one, many) = match &mut self.kind {
            TypeKind::Domain(domain) => (Some(&mut domain.base), None),
            TypeKind::Range { subtype, .. } => (subtype.as_mut(), None),
            TypeKind::Composite(attributes) => (None, Some(attributes)),
            TypeKind::Enum(_) | TypeKind::Base | TypeKind::Shell => (None, None),
        };
        one.into_iter().chain(many.into_iter().flatten().map(|(_, t)| t))
    }
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// Labels in order, each with its span.
    Enum(Vec<(String, Span)>),
    /// A domain.
    Domain(Domain),
    /// Attributes in order; dropped ones are gone.
    Composite(Vec<(Name, DataType)>),
    /// A range type over a subtype.
    Range {
        /// The subtype.
        subtype: Option<DataType>,
        /// The name of the multirange type that came with it.
        multirange: Name,
    },
    /// A base type written in C.
    Base,
    /// Declared, not yet defined.
    Shell,
}

/// A domain.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_type")]
pub struct Domain {
    pub base: DataType,
    pub not_null: bool,
    pub default: Option<StoredExpr>,
    /// CHECK constraints by name.
    pub checks: Vec<(Name, StoredExpr)>,
    pub collation: Option<Name>,
}

/// A function, procedure or aggregate.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_proc")]
pub struct Function {
    pub namespace: NamespaceId,
    pub name: Name,
    pub kind: FunctionKind,
    pub arguments: Vec<Argument>,
    pub returns: Option<DataType>,
    pub returns_set: bool,
    /// RETURNS TABLE columns.
    pub returns_table: Vec<(Name, DataType)>,
    pub language: Name,
    pub security_definer: bool,
    pub volatility: Volatility,
    pub strict: bool,
    pub leakproof: bool,
    pub settings: Vec<(SmolStr, String)>,
    pub body: Option<FunctionBody>,
    /// `probin`.
    pub library: Option<String>,
    /// What the names in a body mean that was parsed when created ([`FunctionBody::Sql`]).
    pub references: Vec<Reference>,
    /// What it cannot be without besides: what the defaults of its arguments name, the functions that an aggregate runs.
    pub uses: Vec<ObjectId>,
    pub comment: Option<String>,
    pub owner: Option<Name>,
    pub span: Span,
    pub name_span: Span,
    pub dropped: Option<Span>,
}

impl Function {
    /// The arguments that identify the function: IN, INOUT and VARIADIC.
    pub fn input_arguments(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|a| a.mode != ArgumentMode::Out)
    }

    /// The types of its arguments and of what it returns.
    pub fn data_types(&self) -> impl Iterator<Item = &DataType> {
        let arguments = self.arguments.iter().map(|a| &a.data_type);
        arguments.chain(&self.returns).chain(self.returns_table.iter().map(|(_, t)| t))
    }

    /// The same, to be changed.
    pub fn data_types_mut(&mut self) -> impl Iterator<Item = &mut DataType> {
        let arguments = self.arguments.iter_mut().map(|a| &mut a.data_type);
        arguments.chain(&mut self.returns).chain(self.returns_table.iter_mut().map(|(_, t)| t))
    }

    /// Whether it is a trigger function.
    pub fn returns_trigger(&self) -> bool {
        matches!(&self.returns, Some(DataType { base: BaseType::Builtin(n), .. }) if n == "trigger")
    }
}

/// An argument of a routine.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_proc")]
pub struct Argument {
    pub mode: ArgumentMode,
    pub name: Option<Name>,
    pub data_type: DataType,
    pub default: Option<Expr>,
}

/// A trigger.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_trigger")]
pub struct Trigger {
    pub owner: RelationId,
    pub name: Name,
    pub constraint: bool,
    pub timing: TriggerTiming,
    /// In the order INSERT, UPDATE, DELETE, TRUNCATE.
    pub events: Vec<TriggerEvent>,
    pub update_of: Vec<ColumnNumber>,
    pub for_each_row: bool,
    pub when: Option<StoredExpr>,
    pub function: TriggerFunction,
    pub arguments: Vec<String>,
    pub state: TriggerState,
    /// The trigger of the partitioned parent that this one is a clone of.
    pub parent: Option<TriggerId>,
    pub comment: Option<String>,
    pub span: Span,
    pub dropped: Option<Span>,
    /// Whether it has transition tables (REFERENCING).
    pub transition_tables: bool,
}

/// What a trigger calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TriggerFunction {
    /// A function of the input.
    User(FunctionId),
    /// A function that the input does not define: built in, of an extension, or missing. Schema and name.
    Named(Name, Name),
}

/// A policy.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_policy")]
pub struct Policy {
    pub table: TableId,
    pub name: Name,
    pub permissive: bool,
    pub command: PolicyCommand,
    /// Sorted; `public` for everyone.
    pub roles: Vec<Name>,
    pub using: Option<StoredExpr>,
    pub with_check: Option<StoredExpr>,
    pub comment: Option<String>,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// A rewrite rule.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_rewrite")]
pub struct RewriteRule {
    pub owner: RelationId,
    pub name: Name,
    pub event: PolicyCommand,
    pub instead: bool,
    pub text: StoredExpr,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// An extension.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_extension")]
pub struct Extension {
    pub name: Name,
    pub namespace: NamespaceId,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// An event trigger.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "as in pg_event_trigger")]
pub struct EventTrigger {
    pub name: Name,
    pub event: Name,
    pub function: TriggerFunction,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// An object that is named but not modelled: operator, cast, server, publication …
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "what is known of it")]
pub struct OtherObject {
    pub kind: ObjectKind,
    pub namespace: Option<NamespaceId>,
    pub name: Name,
    /// The table with which it goes: statistics.
    pub on: Option<TableId>,
    /// The types of operands, or those between which a cast casts: they tell it from others of its name.
    pub types: Vec<DataType>,
    /// What it cannot be without.
    pub uses: Vec<ObjectId>,
    /// The tables of a publication, each with the columns that its list and its condition name.
    pub members: Vec<(TableId, Vec<ColumnNumber>)>,
    /// Whether a publication holds all tables.
    pub all_tables: bool,
    pub span: Span,
    pub dropped: Option<Span>,
}

/// A GRANT, REVOKE or ALTER DEFAULT PRIVILEGES as replayed, with the objects that it named and that were there.
#[derive(Clone, Debug)]
pub struct GrantEntry {
    /// The statement.
    pub grant: Grant,
    /// The objects that it reached.
    pub objects: Vec<ObjectId>,
    /// Where.
    pub span: Span,
    /// For default privileges: the schemas; `None` for a plain GRANT.
    pub default_for: Option<Vec<Name>>,
}
