//! Blocks of PL/pgSQL: an error takes back what its block did, and the first handler that catches it runs.
//!
//! Source: PostgreSQL manual, 43.6.8 "Trapping Errors".

use smol_str::SmolStr;

use super::session::Block;
use super::{Conflict, Replayer};
use crate::operation::{GuardTest, Operation};
use crate::source::Span;

/// The handlers of a block.
#[derive(Clone, Debug)]
pub(super) struct Handlers {
    /// The SQLSTATEs that they catch, `"*"` for any.
    states: Box<[SmolStr]>,
    /// The part of the block before them.
    within: Span,
}

impl Handlers {
    fn catch(&self, sqlstate: &str) -> bool {
        self.states.iter().any(|state| state == "*" || state == sqlstate)
    }
}

/// How a statement of a block fails, or may fail.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    /// With this SQLSTATE.
    With(&'static str),
    /// The statement is right; whether the rows let it run is not known.
    ForRows,
    /// Nothing is known.
    Unknown,
}

/// A failure that a handler may catch.
#[derive(Clone)]
pub(super) struct Failure {
    /// The statement.
    span: Span,
    refused: Refused,
    /// The part of a block behind which the handler stands that catches it, or that lets nothing pass.
    caught_in: Option<Span>,
}

impl Replayer {
    /// A block begins, whose handlers, behind what stands `within`, catch these SQLSTATEs.
    pub(super) fn enter(&mut self, caught: &[SmolStr], within: Span) {
        self.push_block(None, Some(Handlers { states: caught.into(), within }));
    }

    /// It ends, before its handlers.
    pub(super) fn leave(&mut self) {
        let Some(at) = self.session.blocks.iter().rposition(|b| b.routine.is_some()) else { return };
        while self.session.blocks.len() > at {
            self.session.blocks.pop();
            self.schema.forget_mark();
        }
        if self.session.abandoned == Some(at) {
            self.session.abandoned = None;
        }
    }

    /// Whether a block runs.
    pub(super) fn in_block(&self) -> bool {
        self.session.blocks.last().is_some_and(|block| block.routine.is_some())
    }

    /// Whether statements are passed over, because one before them left their block by an error.
    pub(super) fn is_abandoned(&self) -> bool {
        self.session.abandoned.is_some()
    }

    /// The innermost block of the PL/pgSQL that runs whose handlers catch this error: where it stands among all, and its handlers.
    fn catching(&self, sqlstate: &str) -> Option<(usize, &Handlers)> {
        let running = self.session.blocks.iter().enumerate().rev().map_while(|(at, b)| Some((at, b.routine.as_ref()?)));
        running.into_iter().find(|(_, handlers)| handlers.catch(sqlstate))
    }

    /// Notes that a statement fails or may fail, for the handlers around it.
    pub(super) fn may_be_caught(&mut self, span: Span, refused: Refused) {
        let catching = match refused {
            Refused::With(sqlstate) => self.catching(sqlstate),
            Refused::ForRows | Refused::Unknown => self.catching("*"),
        };
        let caught_in = catching.map(|(_, handlers)| handlers.within);
        self.refusals.push(Failure { span, refused, caught_in });
    }

    /// Whether the error is one of these for a handler behind this part of a block, where that is known.
    pub(super) fn is_caught(&self, within: Span, states: &[SmolStr]) -> Option<bool> {
        // The class of what is wrong with a statement itself, and those of schemas and dependents: no row makes a statement that was understood fail so.
        let of_statements = |state: &SmolStr| ["42", "3F", "2B"].iter().any(|class| state.starts_with(class));
        let mut any = Some(false);
        // They come in the order of the text: what stands before this part is not looked at again.
        for failure in
            self.refusals.iter().rev().take_while(|f| f.span.file == within.file && f.span.start >= within.start)
        {
            match failure.refused {
                Refused::With(state) if failure.caught_in == Some(within) => {
                    if states.iter().any(|s| s == "*" || s == state) {
                        return Some(true);
                    }
                }
                Refused::With(_) => {}
                Refused::ForRows if states.iter().all(of_statements) => {}
                Refused::ForRows | Refused::Unknown => {
                    let passed = failure.caught_in.is_none_or(|limit| limit.contains(within));
                    if passed && within.contains(failure.span) {
                        any = None;
                    }
                }
            }
        }
        any
    }

    /// A statement fails: what the blocks of PL/pgSQL around it did, up to the one whose handlers catch the error, is taken back, and the rest of that one
    /// does not run.
    pub(super) fn abandon(&mut self, sqlstate: &str) {
        let of_routine = |b: &Block| b.routine.is_some();
        let begun = self.session.blocks.iter().rev().take_while(|b| of_routine(b)).count();
        let first = self.session.blocks.len() - begun;
        let at = match self.catching(sqlstate) {
            Some((at, _)) => at,
            None if begun > 0 => first,
            None => return,
        };
        let blocks: Vec<_> = self.session.blocks.iter().skip(at).map(|b| b.routine.clone()).collect();
        while self.session.blocks.len() > at {
            self.undo_block();
        }
        // Their ends are still to come.
        for handlers in blocks {
            self.push_block(None, handlers);
        }
        self.session.abandoned = Some(at);
    }

    /// A block raises an error itself. Told only where it does so in any case and nothing catches it: what a condition guards is the author's own check
    /// of a database.
    pub(super) fn raise(&mut self, sqlstate: Option<&'static str>, operation: &Operation) {
        let Some(sqlstate) = sqlstate.or_else(|| self.handled(operation)) else { return };
        if self.catching(sqlstate).is_some() {
            self.may_be_caught(operation.span, Refused::With(sqlstate));
            return self.abandon(sqlstate);
        }
        // A handler that raises its own error for one that has been told says nothing new.
        let mut told = false;
        for guard in &operation.guards {
            let GuardTest::Caught { within, .. } = guard.test else { return };
            told |= self.conflicts.last().is_some_and(|conflict| within.contains(conflict.span));
        }
        if !told {
            let (revision, at) = self.at;
            self.conflicts.push(Conflict {
                revision,
                operation: at,
                sqlstate,
                message: "the block raises this error itself".to_owned(),
                span: operation.span,
                objects: Vec::new(),
            });
        }
        self.abandon(sqlstate);
    }

    /// The error that the handler has caught in which an operation stands.
    fn handled(&self, operation: &Operation) -> Option<&'static str> {
        let caught = operation.guards.iter().rev().find_map(|guard| match guard.test {
            GuardTest::Caught { within, .. } if !guard.negated => Some(within),
            _ => None,
        });
        let of_handler =
            self.refusals.iter().rev().find(|failure| failure.caught_in.is_some() && failure.caught_in == caught)?;
        match of_handler.refused {
            Refused::With(sqlstate) => Some(sqlstate),
            Refused::ForRows | Refused::Unknown => None,
        }
    }
}
