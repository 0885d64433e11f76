//! Replay: operations in, schema out, step by step, as PostgreSQL would do it. What PostgreSQL would refuse becomes a [`Conflict`], and replay
//! goes on as if that statement had been skipped.

mod assumed;
mod blocks;
mod bodies;
mod conflict;
mod constants;
mod constraints;
mod drop;
mod expressions;
mod functions;
mod handlers;
mod held;
mod identity;
mod immutable;
mod indexes;
mod inheritance;
mod known;
mod later;
mod lookup;
mod maintenance;
mod named;
mod names;
mod not_null;
mod notes;
mod objects;
mod other;
mod partitions;
mod policies;
mod references;
mod rename;
mod round_trip;
mod rows;
mod running;
mod sequences;
mod session;
mod settings;
mod tables;
#[cfg(test)]
mod tests;
mod triggers;
mod types;
mod user_types;
mod views;
mod virtual_columns;

pub(crate) use self::blocks::resolve;
pub use self::conflict::SQLSTATES;
pub(crate) use self::names::make_object_name;
pub use self::notes::{Note, StepNote};
pub(crate) use self::other::INLINE_REFERENCES_SINCE;
pub use self::round_trip::{Fact, RoundTrip, round_trips};
pub(crate) use self::running::Running;
pub(crate) use self::types::serial;

use std::collections::BTreeSet;

use self::assumed::SetUp;
pub(crate) use self::assumed::schemas_of;
use self::conflict::{Outcome, is_duplicate, is_missing, state};
use self::handlers::{Failure, Refused};
pub(crate) use self::known::{is_bookkeeping, is_platform_schema};
use self::session::Session;
use crate::analysis::Dialect;
use crate::collections::Lookup;
use crate::history::{History, Revision};
use crate::name::{Name, QualifiedName};
use crate::operation::{
    AlterTableAction, DmlVerb, GuardTest, ObjectKind, ObjectRef, Operation, OperationKind, Transaction,
};
use crate::schema::{IndexId, Namespace, NamespaceId, ObjectId, RelationId, Schema, SchemaDelta, TableKind};
use crate::source::Span;

/// What replaying a history gives.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The end state.
    pub schema: Schema,
    /// Every operation that ran, in order.
    pub steps: Vec<Step>,
    /// What was before a step, in the order of steps; none for a history of one revision.
    pub notes: Vec<StepNote>,
    /// What PostgreSQL would refuse, in order.
    pub conflicts: Vec<Conflict>,
    /// Operations on what the input is not known to make, and a platform, a tool or a statement that was not understood may have: what they did is not
    /// known. By revision and operation.
    pub unknown: Vec<(u32, u32)>,
    /// Queries that call a function of the input whose body may change the schema in a way that does not follow from it. By revision and operation,
    /// ascending.
    pub opaque_calls: Vec<(u32, u32)>,
    /// What each revision changed, where there are several: see [`Timeline`](crate::history::Timeline).
    pub deltas: Vec<SchemaDelta>,
}

/// One operation that ran.
#[derive(Clone, Debug)]
pub struct Step {
    /// The revision, by its place in the history.
    pub revision: u32,
    /// The operation, by its place in the revision.
    pub operation: u32,
    /// What it touched. An operation without effect on the schema (IF NOT EXISTS that was there, DML, what was rolled back) touches
    /// nothing.
    pub effects: Vec<Effect>,
}

/// What a step did to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the ways an object changes")]
pub enum Effect {
    Created(ObjectId),
    Altered(ObjectId),
    Dropped(ObjectId),
}

/// What PostgreSQL would refuse.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conflict {
    /// The revision, by its place in the history.
    pub revision: u32,
    /// The operation, by its place in the revision.
    pub operation: u32,
    /// Its SQLSTATE: `42P01`. Source: PostgreSQL manual, appendix A.
    pub sqlstate: &'static str,
    /// What is wrong, in PostgreSQL's words where they say enough.
    pub message: String,
    /// The name or clause at fault.
    pub span: Span,
    /// The objects concerned that exist: the other definition, the dependents.
    pub objects: Vec<ObjectId>,
}

/// What replay must know of the target database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Major version of the server, 15, where it is known: where it is not, what some versions take is taken.
    pub server_version: Option<u16>,
    /// Whose SQL it is.
    pub dialect: Dialect,
}

/// The verb of what stands for a statement that was not understood, or not all of it: its text is the name that the statement makes or changes.
pub(crate) const UNREAD: &str = "UNREAD";

/// Replays the up side of a history from an empty database.
pub fn replay(history: &History, settings: Settings) -> Replay {
    // Replay does as PostgreSQL 15, and beyond it what later syntax says; `feature-needs-newer-server` tells where the server is older. What a
    // later version does otherwise it does where the server is known to be one.
    let Settings { server_version, dialect } = settings;
    let mut replayer = Replayer::before(history);
    replayer.dialect = dialect;
    replayer.server = server_version;
    replayer.inline_references =
        dialect != Dialect::MySql || server_version.is_some_and(|v| v >= INLINE_REFERENCES_SINCE);
    // A dump has no states in between, and of all that is read it is the largest.
    replayer.tracked = history.revisions.len() > 1;
    for (number, revision) in (0_u32..).zip(&history.revisions) {
        replayer.revision(number, revision);
    }
    replayer.finish()
}

/// The database while it is being replayed.
#[derive(Clone)]
struct Replayer {
    schema: Schema,
    session: Session,
    /// Tables that certainly hold rows.
    held: held::HeldRows,
    /// Whether the operation at hand certainly runs.
    certain: bool,
    steps: Vec<Step>,
    notes: Vec<StepNote>,
    conflicts: Vec<Conflict>,
    unknown: Vec<(u32, u32)>,
    opaque_calls: Vec<(u32, u32)>,
    /// What the operation at hand did so far.
    effects: Vec<Effect>,
    /// The statement at hand, by its revision and its place in it.
    at: (u32, u32),
    /// The statement at hand.
    span: Span,
    /// The name of the relation that it alters.
    subject: Span,
    /// A CREATE SCHEMA that may have elements: the statement and the schema.
    schema_elements: Option<(Span, NamespaceId)>,
    /// The last CREATE SCHEMA that was refused.
    refused_schema: Option<Span>,
    /// Whether a statement ran whose effect is unknown: what is missing after it may have been made by it.
    opaque: bool,
    /// Names that statements make or change which were not understood.
    unread: BTreeSet<Name>,
    /// Whether a statement ran that may have dropped anything: what is there twice after it may be there once.
    dropped_unknown: bool,
    /// Names that indexes' keys had when the index was made; copies in partitions and by LIKE are called after them.
    index_names: Lookup<IndexId, Vec<Name>>,
    /// Whether the history is one script for an empty database.
    single: bool,
    /// Whether the schema is described rather than made: what a document says of defaults and checks is prose, and no server reads it.
    described: bool,
    /// Whether extensions are there without being created: what they bring is taken on trust.
    extensions_elsewhere: bool,
    /// Whether what each revision changed is kept.
    tracked: bool,
    deltas: Vec<SchemaDelta>,
    /// Whose statements these are: what PostgreSQL refuses of another database's, that one may take.
    dialect: Dialect,
    /// The server's major version, where it is known.
    server: Option<u16>,
    /// Whether REFERENCES behind a column makes a foreign key.
    inline_references: bool,
    not_null_names: not_null::NotNullNames,
    /// The search path of a new session.
    default_path: Vec<Name>,
    /// Tables that something outside the input must have made.
    made_elsewhere: Vec<QualifiedName>,
    /// The names of all that the input makes, where what it does not make is taken for there.
    own: Option<Lookup<Name, ()>>,
    /// The guards of the block at hand that were answered.
    guards: Vec<(Span, ObjectRef, bool)>,
    /// What the exception handlers of the block at hand may catch: the statements that fail or may.
    refusals: Vec<Failure>,
    later: later::Later,
    /// Foreign keys of another database's tables that wait for the tables that they refer to.
    waiting: Vec<other::Waiting>,
}

impl Replayer {
    /// Whether the server is older than a version, or may be: what it refused until then is refused.
    fn is_before(&self, version: u16) -> bool {
        self.server.is_none_or(|own| own < version)
    }

    /// Whether the server is known to be of a version or newer: what it refuses since then is refused.
    fn is_at_least(&self, version: u16) -> bool {
        self.server.is_some_and(|own| own >= version)
    }

    /// The database before the first revision of a history.
    fn before(history: &History) -> Self {
        let mut replayer = Self::new(SetUp::of(history));
        replayer.single = history.revisions.len() == 1 && !history.partial;
        replayer.described = !history.documents.is_empty();
        replayer.extensions_elsewhere = history.extensions_elsewhere;
        replayer.later = later::Later::of(history);
        replayer
    }

    fn new(set_up: SetUp) -> Self {
        let mut replayer = Self {
            schema: Schema::default(),
            session: Session::default(),
            held: held::HeldRows::default(),
            certain: true,
            steps: Vec::new(),
            notes: Vec::new(),
            conflicts: Vec::new(),
            unknown: Vec::new(),
            opaque_calls: Vec::new(),
            effects: Vec::new(),
            at: (0, 0),
            span: Span::default(),
            subject: Span::default(),
            schema_elements: None,
            refused_schema: None,
            opaque: false,
            unread: BTreeSet::new(),
            dropped_unknown: false,
            index_names: Lookup::default(),
            single: false,
            described: false,
            extensions_elsewhere: false,
            tracked: false,
            deltas: Vec::new(),
            dialect: Dialect::PostgreSql,
            server: None,
            inline_references: true,
            not_null_names: not_null::NotNullNames::default(),
            default_path: set_up.path,
            made_elsewhere: set_up.tables,
            own: set_up.own,
            guards: Vec::new(),
            refusals: Vec::new(),
            later: later::Later::default(),
            waiting: Vec::new(),
        };
        for name in ["pg_catalog", "information_schema", "pg_toast"] {
            replayer.assume_namespace(name.into());
        }
        let public = replayer.assume_namespace("public".into());
        if let Some(public) = replayer.schema.namespaces.get_mut(public) {
            public.assumed = false;
            public.comment = Some(Namespace::COMMENT_OF_PUBLIC.to_owned());
        }
        for name in set_up.schemas {
            if replayer.schema.find_namespace(&name).is_none() {
                replayer.assume_namespace(name);
            }
        }
        replayer.start_session();
        // Those in schemas that are made later are made up when they are named.
        for name in replayer.made_elsewhere.clone() {
            let _ = replayer.relation(&name);
        }
        replayer
    }

    fn finish(mut self) -> Replay {
        self.end_session();
        if self.tracked {
            self.deltas.push(self.schema.take_delta());
        }
        Replay {
            schema: self.schema,
            steps: self.steps,
            notes: self.notes,
            conflicts: self.conflicts,
            unknown: self.unknown,
            opaque_calls: self.opaque_calls,
            deltas: self.deltas,
        }
    }

    /// Begins the next revision's difference. What a transaction holds that is still open comes to the revision that ends it.
    fn next_delta(&mut self, revision: u32) {
        if revision == 0 {
            self.schema.mark();
        } else if self.in_transaction() {
            self.deltas.push(SchemaDelta::default());
        } else {
            self.deltas.push(self.schema.take_delta());
            self.schema.mark();
        }
    }

    fn revision(&mut self, number: u32, revision: &Revision) {
        let wrapped = self.open(number, revision);
        for (at, operation) in (0_u32..).zip(&revision.up) {
            self.operation(number, at, operation);
        }
        self.close(wrapped);
    }

    /// Before a revision's operations; whether its runner wraps them in a transaction.
    fn open(&mut self, number: u32, revision: &Revision) -> bool {
        if revision.own_session {
            self.end_session();
        }
        if self.tracked {
            self.next_delta(number);
        }
        if revision.own_session {
            self.start_session();
        }
        let wrapped = revision.transaction.wraps(&revision.up);
        if wrapped && !self.in_transaction() {
            self.begin();
            self.session.by_runner = true;
        }
        wrapped
    }

    /// Behind a revision's operations.
    fn close(&mut self, wrapped: bool) {
        if wrapped && self.in_transaction() {
            self.commit();
        }
        if self.session.until_end_of.is_some() {
            self.drop_until_commit();
        }
    }

    fn operation(&mut self, revision: u32, at: u32, operation: &Operation) {
        if self.session.until_end_of.is_some_and(|statement| !statement.contains(operation.span)) {
            self.drop_until_commit();
        }
        self.span = operation.span;
        self.at = (revision, at);
        match &operation.kind {
            // They change nothing by themselves, and what is known of the statements around them stays.
            OperationKind::Transaction(Transaction::Enter(caught)) => return self.enter(caught, operation.span),
            OperationKind::Transaction(Transaction::Leave) => return self.leave(),
            // What is left of a block behind the statement that failed.
            _ if self.is_abandoned() => return,
            _ => {}
        }
        let mut certain = true;
        if operation.guards.is_empty() {
            self.guards.clear();
            if !self.in_block() {
                self.refusals.clear();
            }
        }
        for guard in &operation.guards {
            match &guard.test {
                GuardTest::Exists(object) => {
                    if self.guard_holds(guard.span, object) == guard.negated {
                        return;
                    }
                }
                GuardTest::Caught { within, states } => match self.is_caught(*within, states) {
                    Some(caught) if caught != guard.negated => {}
                    Some(_) => return,
                    None => certain = false,
                },
                GuardTest::Unknown => certain = false,
            }
        }
        if let OperationKind::Transaction(Transaction::Raise(sqlstate)) = &operation.kind {
            if certain {
                self.raise(*sqlstate, operation);
            }
            return;
        }
        self.effects.clear();
        // The elements of a CREATE SCHEMA are made, and look each other up, in the new schema.
        let inside = self.schema_elements.filter(|(statement, _)| statement.contains(operation.span)).map(|(_, id)| id);
        if inside.is_none() {
            self.schema_elements = None;
        }
        // Those of a CREATE SCHEMA that was refused are not made; the statement itself may run again, as it does where a way back is tried.
        if matches!(operation.kind, OperationKind::CreateSchema { .. }) {
            self.refused_schema = None;
        } else if self.refused_schema.is_some_and(|statement| statement.contains(operation.span)) {
            return;
        }
        if let Some(namespace) = inside {
            self.session.resolved.insert(0, namespace);
        }
        let marked = self.needs_mark(operation);
        if marked {
            self.schema.mark();
        }
        self.not_null_names.mark();
        self.certain = certain;
        let outcome = self.apply(operation);
        if outcome.is_err() {
            self.not_null_names.undo();
        }
        if marked {
            if outcome.is_err() { self.schema.undo() } else { self.schema.forget_mark() }
        }
        if inside.is_some() {
            self.resolve_search_path();
        }
        self.rows_after(operation);
        match outcome {
            Ok(()) => {
                if let OperationKind::CreateTable(create) = &operation.kind {
                    self.add_waiting_keys(&create.name.name.fold());
                }
                // Copied to its size: every step of a history keeps its list.
                let effects = self.effects.clone();
                self.steps.push(Step { revision, operation: at, effects });
                if self.in_block() {
                    // Of rows and of calls it is not known what the server would say.
                    let refused = match operation.kind {
                        OperationKind::Dml { .. } => Some(Refused::ForRows),
                        OperationKind::Utility { .. } => Some(Refused::Unknown),
                        _ => None,
                    };
                    if let Some(refused) = refused {
                        self.may_be_caught(operation.span, refused);
                    }
                }
            }
            Err(refusal) => {
                self.forget_notes_from(self.steps.len());
                if matches!(operation.kind, OperationKind::CreateSchema { .. }) {
                    self.refused_schema = Some(operation.span);
                }
                let sqlstate = refusal.sqlstate;
                let before = self.speaks_of_what_was_before(&refusal);
                if before {
                    // What the statement makes is there, however little is known of it.
                    let name = assumed::names_of(operation, &mut Vec::new());
                    self.unread.extend(name.map(|name| name.name.fold()));
                }
                let follows = before || self.follows_from_unread(operation, &refusal);
                let may_be_there = ((self.opaque || !certain) && is_missing(sqlstate)) || follows;
                if sqlstate == state::UNKNOWABLE || may_be_there {
                    self.unknown.push((revision, at));
                }
                if self.in_block() {
                    let known = sqlstate != state::UNKNOWABLE && !may_be_there;
                    self.may_be_caught(operation.span, if known { Refused::With(sqlstate) } else { Refused::Unknown });
                }
                let expected = sqlstate == state::UNKNOWABLE
                    || operation.tolerates.iter().any(|t| t == "*" || t == sqlstate)
                    || may_be_there
                    || ((self.opaque || !certain) && sqlstate == state::DEPENDENT_OBJECTS)
                    || ((self.dropped_unknown || !certain) && is_duplicate(sqlstate))
                    // A second primary key.
                    || (self.dropped_unknown && sqlstate == state::INVALID_TABLE_DEFINITION);
                // Whatever hung on it may be gone, and so it may be itself.
                self.dropped_unknown |= self.opaque && sqlstate == state::DEPENDENT_OBJECTS;
                let swallowed = expected && operation.tolerates.iter().any(|t| t == "*" || t == sqlstate);
                let leaves = certain && sqlstate != state::UNKNOWABLE && !may_be_there && (swallowed || !expected);
                if !expected {
                    let refusal = *refusal;
                    if let OperationKind::CreateTable(create) = &operation.kind {
                        self.effects.clear();
                        self.make_without_later_keys(create, &refusal);
                    }
                    self.conflicts.push(Conflict {
                        revision,
                        operation: at,
                        sqlstate,
                        message: refusal.message,
                        span: refusal.span,
                        objects: refusal.objects,
                    });
                }
                if leaves {
                    self.abandon(sqlstate);
                }
            }
        }
    }

    /// Whether a refusal may follow from a statement that was not understood: it misses what that one makes, or a part of it.
    fn follows_from_unread(&self, operation: &Operation, refusal: &conflict::Refusal) -> bool {
        if self.unread.is_empty() || !(is_missing(refusal.sqlstate) || refusal.sqlstate == state::INVALID_FOREIGN_KEY) {
            return false;
        }
        // Names stand in double quotes in PostgreSQL's messages.
        let quoted = refusal.message.split('"').skip(1).step_by(2);
        let mut names = Vec::new();
        assumed::names_of(operation, &mut names);
        quoted.map(|name| name.rsplit('.').next().unwrap_or(name)).any(|name| self.unread.contains(name))
            || names.iter().any(|name| self.unread.contains(&name.name.fold()))
    }

    /// Whether a refusal misses something of a database that the input is only a part of: nothing that it names is made here.
    fn speaks_of_what_was_before(&self, refusal: &conflict::Refusal) -> bool {
        let mut names = refusal.message.split('"').skip(1).step_by(2);
        // What is dropped or altered as an index was taken for a table.
        let wrong = refusal.sqlstate == state::WRONG_OBJECT_TYPE;
        self.own.is_some()
            && (is_missing(refusal.sqlstate) || wrong)
            && !names.any(|name| self.is_own(name.rsplit('.').next().unwrap_or(name)))
    }

    /// The answer to a guard. It is asked once: what its branch makes does not change it for the branch's other statements, nor for ELSE.
    fn guard_holds(&mut self, span: Span, object: &ObjectRef) -> bool {
        if let Some((.., answer)) = self.guards.iter().find(|(at, asked, _)| *at == span && asked == object) {
            return *answer;
        }
        let answer = self.find_asked(object).is_some_and(|found| self.is_of_kind(found, object.kind));
        self.guards.push((span, object.clone(), answer));
        answer
    }

    fn apply(&mut self, operation: &Operation) -> Outcome {
        use OperationKind as Kind;
        if self.dialect != Dialect::PostgreSql {
            return self.apply_other(operation);
        }
        match &operation.kind {
            Kind::CreateSchema { name, if_not_exists } => self.create_schema(name, *if_not_exists),
            Kind::CreateTable(table) => self.create_table(table),
            Kind::AlterTable(alter) => self.alter_table(alter),
            Kind::CreateIndex(index) => self.create_index(index),
            Kind::CreateView(view) => self.create_view(view),
            Kind::CreateSequence(sequence) => self.create_sequence(sequence),
            Kind::AlterSequence { name, if_exists, options } => self.alter_sequence(name, *if_exists, options),
            Kind::CreateType { name, definition } => self.create_type(name, definition),
            Kind::AlterType { name, action } => self.alter_type(name, action),
            Kind::CreateDomain(domain) => self.create_domain(domain),
            Kind::AlterDomain { name, action } => self.alter_domain(name, action),
            Kind::CreateFunction(function) => self.create_function(function),
            Kind::AlterFunction { target, attributes } => self.alter_function(target, attributes),
            Kind::CreateTrigger(trigger) => self.create_trigger(trigger),
            Kind::CreateEventTrigger { name, event, function } => self.create_event_trigger(name, event, function),
            Kind::CreatePolicy(policy) => self.create_policy(policy),
            Kind::AlterPolicy(policy) => self.alter_policy(policy),
            Kind::CreateRule(rule) => self.create_rule(rule),
            Kind::CreateExtension { name, if_not_exists, schema, version: _, cascade } => {
                self.create_extension(name, *if_not_exists, schema.as_ref(), *cascade)
            }
            Kind::CreateOther { object, or_replace, if_not_exists, on, uses, members } => {
                let lenient = *or_replace || *if_not_exists;
                self.create_other(&named::OtherDraft { object, on: on.as_deref(), uses, members, lenient })
            }
            Kind::AlterOther { object, members } => self.alter_other(object, members.as_ref()),
            Kind::Comment { target, text } => self.comment(target, text.as_deref()),
            Kind::Drop(drop) => self.drop_objects(drop),
            Kind::Rename { target, to, if_exists, cascade, only } => {
                if *only {
                    self.check_rename_only(target)?;
                }
                if !cascade && target.kind == ObjectKind::Column {
                    self.check_attribute_is_free(target)?;
                }
                self.rename(target, to, *if_exists)
            }
            Kind::SetSchema { target, schema, if_exists } => self.set_schema(target, schema, *if_exists),
            Kind::SetOwner { target, role } => self.set_owner(target, role),
            Kind::Grant(grant) => self.grant(grant),
            Kind::DefaultPrivileges { schemas, roles: _, grant } => self.default_privileges(schemas, grant),
            Kind::SetSearchPath { schemas, local } => {
                self.set_search_path(schemas.as_deref(), *local);
                Ok(())
            }
            Kind::SetParameter { name, value, local: _ } => {
                self.set_parameter(name, value.as_deref());
                Ok(())
            }
            Kind::Transaction(transaction) => self.transaction(transaction),
            Kind::RefreshMaterializedView { name, concurrently, with_data } => {
                self.refresh(name, *concurrently, *with_data)
            }
            Kind::Truncate { tables, cascade } => self.check_truncate(tables, *cascade),
            Kind::Dml { verb, tables, text } => {
                if *verb == DmlVerb::Select {
                    self.note_calls(text);
                }
                self.tables_exist(tables)?;
                self.check_rows(*verb, tables, text)
            }
            Kind::Reindex { kind, target, concurrently } => self.reindex(*kind, target.as_ref(), *concurrently),
            Kind::Rewrite { verb, table, index } if verb == "CLUSTER" => self.cluster(table.as_ref(), index.as_ref()),
            Kind::Rewrite { table, .. } => {
                self.not_in_transaction("VACUUM")?;
                table.as_ref().map_or(Ok(()), |name| self.use_relation(name).map(drop))
            }
            Kind::LockTable { tables, mode: _ } => {
                // How a migration's runner wraps it may not be known; a script by itself is run as it stands.
                if !self.in_transaction() && self.single {
                    return conflict::refuse(
                        state::NO_ACTIVE_TRANSACTION,
                        self.span,
                        "LOCK TABLE can only be used in transaction blocks",
                    );
                }
                self.tables_exist(tables)
            }
            Kind::Utility { verb, text } => {
                match verb.as_str() {
                    "PERFORM" => {
                        if let Some(call) = text {
                            self.note_calls(&crate::expr::Expr::new(format!("SELECT {call}"), self.span));
                        }
                    }
                    "VACUUM" | "ALTER SYSTEM" => self.not_in_transaction(verb)?,
                    UNREAD => self.unread.extend(text.as_deref().map(Name::new)),
                    // IMPORT: models that extend something that was not given.
                    "DO" | "CALL" | "EXECUTE" | "SELECT" | "CREATE SCHEMA" | "IMPORT" => self.opaque = true,
                    "DROP OWNED" | "DROP" => {
                        self.opaque = true;
                        self.dropped_unknown = true;
                    }
                    _ => {}
                }
                Ok(())
            }
        }
    }

    /// Notes an effect of the operation at hand.
    fn effect(&mut self, effect: Effect) {
        if !self.effects.contains(&effect) || self.effects.len() > 64 {
            self.effects.push(effect);
        }
    }

    /// Whether an operation may fail after it has changed something. The others check first and change after, which spares the copy of a
    /// table for each of a dump's thousands of statements.
    fn needs_mark(&self, operation: &Operation) -> bool {
        match &operation.kind {
            OperationKind::AlterTable(alter) if self.has_children(&alter.name) => true,
            OperationKind::AlterTable(alter) => match alter.actions.as_slice() {
                [(action, _)] => {
                    !matches!(
                        action,
                        AlterTableAction::SetDefault { .. }
                            | AlterTableAction::DropDefault { .. }
                            | AlterTableAction::OwnerTo(_)
                            | AlterTableAction::RowSecurity(_)
                            | AlterTableAction::ColumnSetting { .. }
                            | AlterTableAction::ClusterOn(_)
                            | AlterTableAction::ReplicaIdentity { .. }
                            | AlterTableAction::TriggerState { .. }
                            | AlterTableAction::SetOptions(_)
                    ) && !constraints::checks_first(action)
                }
                _ => true,
            },
            OperationKind::Transaction(_)
            | OperationKind::Comment { .. }
            | OperationKind::SetSearchPath { .. }
            | OperationKind::SetParameter { .. }
            | OperationKind::SetOwner { .. }
            | OperationKind::Grant(_)
            | OperationKind::Dml { .. }
            | OperationKind::Utility { .. }
            | OperationKind::CreateSequence(_)
            | OperationKind::AlterSequence { .. } => false,
            OperationKind::CreateIndex(index) => match self.find_relation(&index.table) {
                Some(RelationId::Table(id)) => {
                    self.schema.tables.get(id).is_none_or(|t| t.partial || t.kind == TableKind::Partitioned)
                }
                _ => true,
            },
            _ => true,
        }
    }

    /// Whether what happens to a table happens to others, too.
    fn has_children(&self, name: &QualifiedName) -> bool {
        match self.find_relation(name) {
            Some(RelationId::Table(id)) => !self.schema.children_of(id).is_empty(),
            _ => false,
        }
    }
}
