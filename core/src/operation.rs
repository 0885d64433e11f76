//! What readers say: changes to a schema, with names as written and the span of everything that a message may point at.
//!
//! This is the only vocabulary between readers and replay. Nothing here is resolved: names are as written ([`Ident`]), defaults of the
//! language (ON DELETE NO ACTION, btree) are left out where the text leaves them out.

mod alter_table;
mod object;
mod relation;
mod routine;
mod table;

pub use self::alter_table::*;
pub use self::object::*;
pub use self::relation::*;
pub use self::routine::*;
pub use self::table::*;

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

/// The schema of what a guard asks for in the whole catalogue, whatever the search path.
pub(crate) const ANY_SCHEMA: &str = "";

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
        /// The table that CREATE STATISTICS is about.
        on: Option<Box<QualifiedName>>,
        /// What its definition names and cannot be without: the function of a cast, the server of a user mapping, the columns of statistics.
        uses: Vec<ObjectRef>,
        /// What a publication holds.
        members: Vec<PublicationMember>,
    },
    /// ALTER of something whose change is not modelled; the object is named.
    AlterOther {
        object: ObjectRef,
        /// What it does to the members of a publication.
        members: Option<MembersChange>,
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
        /// Whether tables of a composite type follow.
        cascade: bool,
        /// Whether child tables are left out.
        only: bool,
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
        /// Index, Table, Schema or Database (SYSTEM, too).
        kind: ObjectKind,
        /// The index, table or schema; a database's name says nothing here.
        target: Option<QualifiedName>,
        concurrently: bool,
    },
    /// CLUSTER or VACUUM FULL: rewrites a table.
    Rewrite {
        verb: SmolStr,
        table: Option<QualifiedName>,
        /// The index whose order CLUSTER takes; without one, that of the last time.
        index: Option<Ident>,
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
    /// A block of PL/pgSQL begins: what it does is taken back where it fails. With the SQLSTATEs that its handlers catch (`"*"` for any).
    Enter(Box<[SmolStr]>),
    /// It ends, before its handlers.
    Leave,
    /// It raises an error itself, with this SQLSTATE; with none, the one that its handler caught.
    Raise(Option<&'static str>),
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
