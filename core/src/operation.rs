//! What readers say: changes to a schema, with names as written and the span of everything that a message may point at.
//!
//! This is the only vocabulary between readers and replay. Nothing here is resolved: names are as written ([`Ident`]), defaults of the
//! language (ON DELETE NO ACTION, btree) are left out where the text leaves them out.

use smol_str::SmolStr;

use crate::expr::Expr;
use crate::name::{Ident, QualifiedName};
use crate::source::Span;

/// One change to a schema, as a reader found it.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation {
    /// What changes.
    pub kind: OperationKind,
    /// The statement that says so, without the closing semicolon.
    pub span: Span,
    /// Tests that must hold for the operation to run, outermost first. Empty for plain statements.
    pub guards: Box<[Guard]>,
    /// SQLSTATEs that an exception handler around the operation swallows (`EXCEPTION WHEN duplicate_object`); `"*"` for OTHERS.
    pub tolerates: Box<[SmolStr]>,
}

/// A test around an operation: `IF NOT EXISTS (…) THEN`, a psql `\if`, a Python `if`.
#[derive(Clone, PartialEq, Debug)]
pub struct Guard {
    /// The test's text.
    pub span: Span,
    /// What is asked, where the reader can tell.
    pub test: GuardTest,
    /// Whether the operation runs when the test fails.
    pub negated: bool,
}

/// What a guard asks.
#[derive(Clone, PartialEq, Debug)]
pub enum GuardTest {
    /// Whether this object exists.
    Exists(ObjectRef),
    /// Whether a statement in this part of a block was refused with one of these SQLSTATEs (`"*"` for any), so that its exception handler runs.
    Caught {
        /// The part of the block before its handlers.
        within: Span,
        /// What the handler catches.
        states: Box<[SmolStr]>,
    },
    /// Something that reading cannot decide.
    Unknown,
}

/// The kinds of change.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "each variant is the statement of its name; its fields are documented on their structs")]
pub enum OperationKind {
    CreateSchema {
        name: Ident,
        if_not_exists: bool,
    },
    CreateTable(Box<CreateTable>),
    /// ALTER TABLE, and the same actions on views, materialized views, indexes, sequences, foreign tables and composite types.
    AlterTable(Box<AlterTable>),
    CreateIndex(Box<CreateIndex>),
    CreateView(Box<CreateView>),
    CreateSequence(Box<CreateSequence>),
    AlterSequence {
        name: QualifiedName,
        if_exists: bool,
        options: SequenceOptions,
    },
    CreateType {
        name: QualifiedName,
        definition: TypeDefinition,
    },
    AlterType {
        name: QualifiedName,
        action: AlterTypeAction,
    },
    CreateDomain(Box<CreateDomain>),
    AlterDomain {
        name: QualifiedName,
        action: AlterDomainAction,
    },
    CreateFunction(Box<CreateFunction>),
    /// ALTER FUNCTION, PROCEDURE, ROUTINE: only what is named changes.
    AlterFunction {
        target: ObjectRef,
        attributes: FunctionAttributes,
    },
    CreateTrigger(Box<CreateTrigger>),
    CreateEventTrigger {
        name: Ident,
        event: Ident,
        function: QualifiedName,
    },
    CreatePolicy(Box<CreatePolicy>),
    AlterPolicy(Box<CreatePolicy>),
    CreateRule(Box<CreateRule>),
    CreateExtension {
        name: Ident,
        if_not_exists: bool,
        schema: Option<Ident>,
        version: Option<SmolStr>,
        cascade: bool,
    },
    /// CREATE of something that is named but not modelled: operator, cast, server, publication, role …
    CreateOther {
        object: ObjectRef,
        or_replace: bool,
        if_not_exists: bool,
    },
    /// ALTER of something whose change is not modelled; the object is named.
    AlterOther {
        object: ObjectRef,
    },
    Comment {
        target: ObjectRef,
        text: Option<String>,
    },
    Drop(Box<Drop>),
    Rename {
        target: ObjectRef,
        to: Ident,
        if_exists: bool,
    },
    SetSchema {
        target: ObjectRef,
        schema: Ident,
        if_exists: bool,
    },
    SetOwner {
        target: ObjectRef,
        role: Ident,
    },
    Grant(Box<Grant>),
    DefaultPrivileges {
        schemas: Vec<Ident>,
        roles: Vec<Ident>,
        grant: Box<Grant>,
    },
    /// SET search_path. `schemas` is `None` for DEFAULT and RESET. `local` ends with the transaction.
    SetSearchPath {
        schemas: Option<Vec<Ident>>,
        local: bool,
    },
    /// Any other SET or RESET of a run-time setting.
    SetParameter {
        name: SmolStr,
        value: Option<String>,
        local: bool,
    },
    Transaction(Transaction),
    RefreshMaterializedView {
        name: QualifiedName,
        concurrently: bool,
        with_data: bool,
    },
    Truncate {
        tables: Vec<QualifiedName>,
        cascade: bool,
    },
    /// Rows change, the schema does not.
    Dml {
        verb: DmlVerb,
        tables: Vec<QualifiedName>,
        text: Expr,
    },
    Reindex {
        target: Option<QualifiedName>,
        concurrently: bool,
    },
    /// CLUSTER or VACUUM FULL: rewrites a table.
    Rewrite {
        verb: SmolStr,
        table: Option<QualifiedName>,
    },
    LockTable {
        tables: Vec<QualifiedName>,
        mode: SmolStr,
    },
    /// A call whose effect is unknown, and statements without effect on a schema (ANALYZE, LISTEN …). The verb in upper case.
    Utility {
        verb: SmolStr,
        /// What may come to be known later: a DO that asks the catalogue, whole; what a CALL calls.
        text: Option<Box<str>>,
    },
}

/// BEGIN and its relatives.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each variant is the statement of its name")]
pub enum Transaction {
    Begin,
    Commit,
    Rollback,
    Savepoint(Ident),
    RollbackTo(Ident),
    Release(Ident),
}

/// How rows change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each variant is the statement of its name")]
pub enum DmlVerb {
    Insert,
    Update,
    Delete,
    Merge,
    Copy,
    Select,
}

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

/// ALTER TABLE and relatives: one statement, several actions, all or none.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterTable {
    /// What the statement calls it: Table, ForeignTable, View, MaterializedView, Index, Sequence or Type (composite).
    pub kind: ObjectKind,
    /// The relation.
    pub name: QualifiedName,
    /// IF EXISTS.
    pub if_exists: bool,
    /// ONLY.
    pub only: bool,
    /// The actions in order, each with its span.
    pub actions: Vec<(AlterTableAction, Span)>,
}

/// One action of ALTER TABLE. RENAME, SET SCHEMA and OWNER TO are operations of their own.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum AlterTableAction {
    AddColumn {
        if_not_exists: bool,
        column: ColumnDef,
    },
    DropColumn {
        name: Ident,
        if_exists: bool,
        cascade: bool,
    },
    SetType {
        column: Ident,
        data_type: TypeName,
        collation: Option<QualifiedName>,
        using: Option<Expr>,
        cascade: bool,
    },
    SetDefault {
        column: Ident,
        value: Expr,
    },
    DropDefault {
        column: Ident,
    },
    SetNotNull {
        column: Ident,
    },
    DropNotNull {
        column: Ident,
    },
    SetExpression {
        column: Ident,
        value: Expr,
    },
    DropExpression {
        column: Ident,
        if_exists: bool,
    },
    AddIdentity {
        column: Ident,
        always: bool,
        options: SequenceOptions,
    },
    /// SET GENERATED and sequence options of an identity column.
    SetIdentity {
        column: Ident,
        always: Option<bool>,
        options: SequenceOptions,
    },
    DropIdentity {
        column: Ident,
        if_exists: bool,
    },
    /// SET STATISTICS, SET STORAGE, SET COMPRESSION, SET (…): nothing that the catalogue comparison sees.
    ColumnSetting {
        column: Option<Ident>,
        setting: SmolStr,
        value: String,
    },
    AddConstraint(ConstraintDef),
    /// ALTER CONSTRAINT: what is `None` stays as it is.
    AlterConstraint {
        name: Ident,
        deferrable: Option<bool>,
        initially_deferred: Option<bool>,
        /// [NOT] ENFORCED (18).
        enforced: Option<bool>,
        /// [NO] INHERIT of a NOT NULL constraint (18).
        inherit: Option<bool>,
    },
    ValidateConstraint {
        name: Ident,
    },
    /// The primary key, whatever it is called: what a program drops by the name that it asks the database for.
    DropPrimaryKey,
    DropConstraint {
        name: Ident,
        if_exists: bool,
        cascade: bool,
    },
    /// ENABLE or DISABLE TRIGGER. `name` is `None` for ALL and USER.
    TriggerState {
        name: Option<Ident>,
        state: TriggerState,
    },
    /// ENABLE or DISABLE RULE.
    RuleState {
        name: Ident,
        state: TriggerState,
    },
    RowSecurity(RowSecurity),
    ClusterOn(Option<Ident>),
    SetLogged(bool),
    SetTablespace(Ident),
    SetAccessMethod(Option<Ident>),
    SetOptions(Vec<(SmolStr, String)>),
    ResetOptions(Vec<SmolStr>),
    Inherit(QualifiedName),
    NoInherit(QualifiedName),
    OfType(Option<QualifiedName>),
    ReplicaIdentity {
        setting: SmolStr,
        index: Option<Ident>,
    },
    AttachPartition {
        name: QualifiedName,
        bound: PartitionBound,
    },
    DetachPartition {
        name: QualifiedName,
        concurrently: bool,
        finalize: bool,
    },
    /// ALTER INDEX … ATTACH PARTITION.
    AttachIndex {
        name: QualifiedName,
    },
    /// ADD ATTRIBUTE, DROP ATTRIBUTE and ALTER ATTRIBUTE of composite types use AddColumn, DropColumn and SetType.
    OwnerTo(Ident),
    ForeignOptions,
}

/// Whether a trigger or rule fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum TriggerState {
    #[default]
    Enabled,
    Disabled,
    Replica,
    Always,
}

/// The four switches of row-level security.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum RowSecurity {
    Enable,
    Disable,
    Force,
    NoForce,
}

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

/// CREATE FUNCTION, PROCEDURE and AGGREGATE.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateFunction {
    /// Its name.
    pub name: QualifiedName,
    /// FUNCTION, PROCEDURE or AGGREGATE.
    pub kind: FunctionKind,
    /// OR REPLACE.
    pub or_replace: bool,
    /// All arguments, OUT ones too, without those of RETURNS TABLE.
    pub arguments: Vec<FunctionArgument>,
    /// RETURNS type.
    pub returns: Option<TypeName>,
    /// RETURNS TABLE (…): name and type.
    pub returns_table: Vec<(Ident, TypeName)>,
    /// LANGUAGE, SECURITY and the like.
    pub attributes: FunctionAttributes,
    /// The body.
    pub body: Option<FunctionBody>,
    /// The file of a function in C, as written (`probin`), where the body is the symbol in it.
    pub library: Option<String>,
}

/// What a routine is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum FunctionKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// One argument of a routine.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct FunctionArgument {
    pub mode: ArgumentMode,
    pub name: Option<Ident>,
    pub data_type: TypeName,
    pub default: Option<Expr>,
    pub span: Span,
}

/// The direction of an argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum ArgumentMode {
    #[default]
    In,
    Out,
    InOut,
    Variadic,
}

/// Attributes of a routine; `None` where not written.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct FunctionAttributes {
    pub language: Option<Ident>,
    pub security_definer: Option<bool>,
    pub volatility: Option<Volatility>,
    pub strict: Option<bool>,
    pub leakproof: Option<bool>,
    pub parallel: Option<SmolStr>,
    pub window: bool,
    /// SET name TO value: the value as written; `None` for RESET.
    pub settings: Vec<(SmolStr, Option<String>)>,
}

/// How often a function must be evaluated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum Volatility {
    Immutable,
    Stable,
    #[default]
    Volatile,
}

/// The body of a routine.
#[derive(Clone, PartialEq, Debug)]
pub enum FunctionBody {
    /// AS 'text': names in it do not follow renames. The expression holds the text between the quotes, quotes undone; its span
    /// covers what stands between them.
    String(Expr),
    /// RETURN … or BEGIN ATOMIC … END: parsed when created, follows renames.
    Sql(Expr),
}

/// CREATE TRIGGER.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreateTrigger {
    pub name: Ident,
    pub or_replace: bool,
    pub constraint: bool,
    pub timing: TriggerTiming,
    pub events: Vec<TriggerEvent>,
    /// UPDATE OF columns.
    pub update_of: Vec<Ident>,
    pub table: QualifiedName,
    pub from_table: Option<QualifiedName>,
    pub attributes: ConstraintAttributes,
    pub for_each_row: bool,
    /// REFERENCING … TABLE AS names.
    pub transition_tables: Vec<Ident>,
    pub when: Option<Expr>,
    pub function: QualifiedName,
    /// Arguments as written.
    pub arguments: Vec<String>,
}

/// When a trigger fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum TriggerTiming {
    Before,
    After,
    InsteadOf,
}

impl TriggerTiming {
    /// The SQL key words.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Before => "BEFORE",
            Self::After => "AFTER",
            Self::InsteadOf => "INSTEAD OF",
        }
    }
}

/// What a trigger fires on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum TriggerEvent {
    Insert,
    Update,
    Delete,
    Truncate,
}

impl TriggerEvent {
    /// The SQL key word.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Truncate => "TRUNCATE",
        }
    }
}

/// CREATE POLICY, and ALTER POLICY where only what is `Some` changes.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreatePolicy {
    pub name: Ident,
    pub table: QualifiedName,
    pub permissive: bool,
    pub command: PolicyCommand,
    /// TO roles; empty where not written (PUBLIC).
    pub roles: Vec<Ident>,
    pub using: Option<Expr>,
    pub with_check: Option<Expr>,
}

/// Which commands a policy or rule is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
#[allow(missing_docs, reason = "the SQL key words")]
pub enum PolicyCommand {
    #[default]
    All,
    Select,
    Insert,
    Update,
    Delete,
}

impl PolicyCommand {
    /// The SQL key word.
    pub fn sql(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

/// CREATE RULE.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct CreateRule {
    pub name: Ident,
    pub or_replace: bool,
    pub table: QualifiedName,
    pub event: PolicyCommand,
    pub instead: bool,
    /// Everything from WHERE or DO on, as written.
    pub text: Expr,
}

/// DROP.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the SQL key words")]
pub struct Drop {
    pub targets: Vec<ObjectRef>,
    pub if_exists: bool,
    pub cascade: bool,
    pub concurrently: bool,
}

/// GRANT and REVOKE.
#[derive(Clone, PartialEq, Debug)]
pub struct Grant {
    /// Whether privileges are taken away.
    pub revoke: bool,
    /// Privileges in upper case; `ALL` for all; empty when roles are granted to roles.
    pub privileges: Vec<SmolStr>,
    /// On what: columns where the privilege lists some (one operation for each list); the granted roles for role membership; empty for
    /// ALL … IN SCHEMA and default privileges.
    pub objects: Vec<ObjectRef>,
    /// What kind of objects, also where `objects` is empty (ALL TABLES IN SCHEMA, default privileges).
    pub kind: ObjectKind,
    /// ALL … IN SCHEMA.
    pub in_schemas: Vec<Ident>,
    /// TO or FROM; PUBLIC as the unquoted word.
    pub grantees: Vec<Ident>,
    /// WITH GRANT OPTION or WITH ADMIN OPTION; of a REVOKE: only that is taken away.
    pub with_grant_option: bool,
}

impl Grant {
    /// Whether rights are taken away, and not only the right to pass them on.
    pub fn takes_away(&self) -> bool {
        self.revoke && !self.with_grant_option
    }
}

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
    /// Argument types of a routine, operand types of an operator; `None` where no parentheses are written.
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
