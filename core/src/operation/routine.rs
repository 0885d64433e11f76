//! What runs inside the database: functions, triggers, policies, rewrite rules.

use smol_str::SmolStr;

use super::*;

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
    /// The functions that an aggregate runs, as its options name them.
    pub runs: Vec<QualifiedName>,
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

/// `REFERENCING OLD TABLE AS …` or `NEW TABLE AS …`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransitionTable {
    /// Whether it holds the rows as they are after the statement.
    pub new: bool,
    /// What the function calls it.
    pub name: Ident,
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
    pub transition_tables: Vec<TransitionTable>,
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
