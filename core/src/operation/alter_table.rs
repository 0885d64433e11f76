//! The actions of ALTER TABLE, and of the ALTER statements of other relations that share them.

use smol_str::SmolStr;

use super::*;

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
        /// Whether tables of a composite type follow.
        cascade: bool,
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
