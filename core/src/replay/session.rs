//! The session: search path, transactions and savepoints, temporary objects.

use super::conflict::{Outcome, refuse, state};
use super::handlers::Handlers;
use super::{Conflict, Effect, Replayer};
use crate::name::{Ident, Name};
use crate::operation::Transaction;
use crate::schema::{NamespaceId, ObjectId, TableId, TypeId};
use crate::source::Span;

/// A label of an enum that the transaction at hand added.
const UNSAFE_NEW_ENUM_VALUE: &str = "55P04";

/// What a session holds besides the database.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// The search path as set, without `"$user"`: who runs the statements is not known.
    pub(super) path: Vec<Name>,
    /// SET LOCAL: until the end of the transaction.
    pub(super) local_path: Option<Vec<Name>>,
    /// The schemas of the path that exist, with those that are implied.
    pub(super) resolved: Vec<NamespaceId>,
    /// The transaction block and the savepoints in it, outermost first.
    pub(super) blocks: Vec<Block>,
    /// Temporary tables that end with the transaction.
    pub(super) until_commit: Vec<TableId>,
    /// Outside of a transaction block the statement that they end with.
    pub(super) until_end_of: Option<Span>,
    /// Whether the runner began the transaction block.
    pub(super) by_runner: bool,
    /// Whether bodies of functions are not read when those are made (`check_function_bodies`).
    pub(super) bodies_unread: bool,
    /// Labels that the transaction block added to enums.
    new_labels: Vec<(TypeId, String)>,
    /// The block of PL/pgSQL that a statement left by an error, by its place among the blocks: the rest of it does not run.
    pub(super) abandoned: Option<usize>,
}

/// A transaction block or savepoint: the schema has a mark for each.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The savepoint's name; `None` for the transaction itself.
    savepoint: Option<Name>,
    /// Of a block of PL/pgSQL: what its handlers catch.
    pub(super) routine: Option<Handlers>,
    path: Vec<Name>,
    local_path: Option<Vec<Name>>,
    steps: usize,
    until_commit: usize,
    new_labels: usize,
}

impl Replayer {
    /// A new connection: the default search path. Source: PostgreSQL manual, 5.9.3.
    pub(super) fn start_session(&mut self) {
        self.session.bodies_unread = false;
        // Whatever changes schemas or the path has resolved it anew.
        let as_ever = self.session.local_path.is_none() && self.session.path == self.default_path;
        if as_ever && !self.session.resolved.is_empty() {
            return;
        }
        self.session.path.clone_from(&self.default_path);
        self.session.local_path = None;
        self.resolve_search_path();
    }

    /// The connection closes. A transaction that was never committed counts as if it had been: what was given may be a part of a script.
    pub(super) fn end_session(&mut self) {
        self.commit();
        self.drop_temporary();
    }

    /// Temporary objects go with their session.
    fn drop_temporary(&mut self) {
        let Some(namespace) = self.schema.find_namespace("pg_temp") else { return };
        self.remove_namespace(namespace);
        self.effects.clear();
        self.resolve_search_path();
    }

    pub(super) fn in_transaction(&self) -> bool {
        self.session.blocks.iter().any(|b| b.routine.is_none())
    }

    /// Refuses what cannot run inside a transaction block. Where the block is the runner's and not the file's own, the conflict is noted and the
    /// statement is run: whoever has this history has found another way to run it.
    pub(super) fn not_in_transaction(&mut self, what: &str) -> Outcome {
        if self.session.by_runner && self.session.blocks.len() == 1 {
            let (revision, operation) = self.at;
            self.conflicts.push(Conflict {
                revision,
                operation,
                sqlstate: state::ACTIVE_TRANSACTION,
                message: format!(
                    "{what} cannot run inside a transaction block, and the migration tool runs this file in one"
                ),
                span: self.span,
                objects: Vec::new(),
            });
            return Ok(());
        }
        if self.session.blocks.is_empty() {
            return Ok(());
        }
        let message = if self.in_transaction() {
            format!("{what} cannot run inside a transaction block")
        } else {
            format!("{what} cannot be executed from a function")
        };
        refuse(state::ACTIVE_TRANSACTION, self.span, message)
    }

    /// A label is added to an enum.
    pub(super) fn note_label(&mut self, enumeration: TypeId, label: &str) {
        if self.in_transaction() {
            self.session.new_labels.push((enumeration, label.to_owned()));
        }
    }

    /// Refuses the use of a label before the transaction that adds it has ended. Where the block is the runner's and not the file's own, a rule tells of
    /// it (`enum-add-value-in-transaction`). (From version 17 on the labels of a type that the block itself makes are free.) Source: PostgreSQL manual,
    /// ALTER TYPE, "Notes".
    pub(super) fn check_label_is_safe(&self, enumeration: TypeId, label: &str, span: Span) -> Outcome {
        if self.session.by_runner || !self.session.new_labels.iter().any(|(id, new)| *id == enumeration && new == label)
        {
            return Ok(());
        }
        let name = self.schema.types.get(enumeration).map(|t| t.name.as_str()).unwrap_or_default();
        refuse(UNSAFE_NEW_ENUM_VALUE, span, format!("unsafe use of new value \"{label}\" of enum type {name}"))
    }

    /// SET search_path; `None` for the default.
    pub(super) fn set_search_path(&mut self, schemas: Option<&[Ident]>, local: bool) {
        let path = match schemas {
            Some(schemas) => schemas.iter().map(Ident::fold).filter(|s| s != "$user" && !s.is_empty()).collect(),
            None => self.default_path.clone(),
        };
        if !local {
            self.session.path = path;
            self.session.local_path = None;
        } else if self.in_transaction() {
            self.session.local_path = Some(path);
        }
        self.resolve_search_path();
    }

    pub(super) fn begin(&mut self) {
        self.session.by_runner = false;
        self.push_block(None, None);
    }

    pub(super) fn push_block(&mut self, savepoint: Option<Name>, routine: Option<Handlers>) {
        self.schema.mark();
        self.session.blocks.push(Block {
            savepoint,
            routine,
            path: self.session.path.clone(),
            local_path: self.session.local_path.clone(),
            steps: self.steps.len(),
            until_commit: self.session.until_commit.len(),
            new_labels: self.session.new_labels.len(),
        });
    }

    pub(super) fn commit(&mut self) {
        while self.session.blocks.pop().is_some() {
            self.schema.forget_mark();
        }
        self.session.new_labels.clear();
        self.session.abandoned = None;
        self.drop_until_commit();
        if self.session.local_path.take().is_some() {
            self.resolve_search_path();
        }
    }

    /// Temporary tables that are made ON COMMIT DROP go.
    pub(super) fn drop_until_commit(&mut self) {
        self.session.until_end_of = None;
        for table in std::mem::take(&mut self.session.until_commit) {
            self.remove_table(table);
        }
    }

    /// Takes back the innermost block.
    pub(super) fn undo_block(&mut self) {
        let Some(block) = self.session.blocks.pop() else { return };
        self.schema.undo();
        self.held.forget();
        self.forget_notes_from(block.steps);
        for step in self.steps.iter_mut().skip(block.steps) {
            step.effects = Vec::<Effect>::new();
        }
        // Related objects of conflicts may be gone, and their ids given out again.
        self.session.until_commit.truncate(block.until_commit);
        self.session.new_labels.truncate(block.new_labels);
        self.session.path = block.path;
        self.session.local_path = block.local_path;
        let schema = &self.schema;
        for conflict in &mut self.conflicts {
            conflict.objects.retain(|id| exists(schema, *id));
        }
        self.resolve_search_path();
    }

    pub(super) fn transaction(&mut self, transaction: &Transaction) -> Outcome {
        match transaction {
            // Seen to before: they are no statements.
            Transaction::Enter(_) | Transaction::Leave | Transaction::Raise(_) => {}
            // BEGIN within a transaction only warns.
            Transaction::Begin if self.in_transaction() => {}
            Transaction::Begin => self.begin(),
            Transaction::Commit => self.commit(),
            Transaction::Rollback => {
                while self.in_transaction() {
                    self.undo_block();
                }
                self.session.local_path = None;
                self.resolve_search_path();
            }
            Transaction::Savepoint(name) => {
                if !self.in_transaction() {
                    return refuse(
                        state::NO_ACTIVE_TRANSACTION,
                        self.span,
                        "SAVEPOINT can only be used in transaction blocks",
                    );
                }
                self.push_block(Some(name.fold()), None);
            }
            Transaction::RollbackTo(name) => {
                let at = self.savepoint(name, "ROLLBACK TO SAVEPOINT")?;
                while self.session.blocks.len() > at {
                    self.undo_block();
                }
                self.push_block(Some(name.fold()), None);
            }
            Transaction::Release(name) => {
                let at = self.savepoint(name, "RELEASE SAVEPOINT")?;
                while self.session.blocks.len() > at {
                    self.session.blocks.pop();
                    self.schema.forget_mark();
                }
            }
        }
        Ok(())
    }

    /// The place of a savepoint among the blocks.
    fn savepoint(&self, name: &Ident, what: &str) -> Outcome<usize> {
        if !self.in_transaction() {
            return refuse(
                state::NO_ACTIVE_TRANSACTION,
                self.span,
                format!("{what} can only be used in transaction blocks"),
            );
        }
        let folded = name.fold();
        match self.session.blocks.iter().rposition(|b| b.savepoint.as_ref() == Some(&folded)) {
            Some(at) => Ok(at),
            None => refuse(state::INVALID_SAVEPOINT, name.span, format!("savepoint \"{folded}\" does not exist")),
        }
    }
}

/// Whether an id still names an object after an undo.
fn exists(schema: &crate::schema::Schema, id: ObjectId) -> bool {
    schema.current_name(id).is_some()
}
