//! What rules ask of the bodies of functions, found once for all rules.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::name::Name;
use crate::operation::{DmlVerb, FunctionBody, OperationKind};
use crate::rules::Context;
use crate::schema::FunctionId;

/// What rules ask of all bodies, found when the first of them asks.
#[derive(Default)]
pub(crate) struct Bodies {
    words: OnceCell<BTreeMap<FunctionId, BTreeSet<Name>>>,
    hidden: OnceCell<bool>,
}

impl Context<'_> {
    /// Every name in the body of each function that exists and whose body is known, folded, key words among them.
    pub(crate) fn body_words(&self) -> &BTreeMap<FunctionId, BTreeSet<Name>> {
        self.bodies.words.get_or_init(|| {
            let functions = self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none());
            let words = functions.filter_map(|(id, f)| match f.body.as_ref()? {
                FunctionBody::String(text) | FunctionBody::Sql(text) => Some((id, text.words().into_iter().collect())),
            });
            words.collect()
        })
    }

    /// Whether the history runs SQL that is built while it runs, so that the schema may hold more than is read here: blocks that could not be read, and
    /// queries that call a function of the input with EXECUTE in it.
    pub(crate) fn runs_hidden_sql(&self) -> bool {
        *self.bodies.hidden.get_or_init(|| {
            let functions = self.schema.functions.iter().filter(|(_, f)| match &f.body {
                Some(FunctionBody::String(body)) => !body.routine().executed.is_empty(),
                _ => false,
            });
            let builders: BTreeSet<&Name> = functions.map(|(_, f)| &f.name).collect();
            self.history.revisions.iter().flat_map(|r| &r.up).any(|o| match &o.kind {
                OperationKind::Utility { verb } => matches!(verb.as_str(), "DO" | "DROP" | "EXECUTE" | "CALL"),
                OperationKind::Dml { verb: DmlVerb::Select, text, .. } if !builders.is_empty() => {
                    text.words().iter().any(|w| builders.contains(w))
                }
                _ => false,
            })
        })
    }
}
