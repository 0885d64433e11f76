//! What rules ask of texts (bodies of functions, queries of views, comments), found once for all rules.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::comments::{Comment, CommentPlace, comment_places};
use super::extensions::{Use, uses};
use super::index_names::{IndexNames, index_names};
use crate::collections::Lookup;
use crate::expr::{Expr, Query};
use crate::name::Name;
use crate::operation::{DmlVerb, FunctionBody, OperationKind};
use crate::rules::Context;
use crate::schema::{FunctionId, NamespaceId, Schema, Table, TableId, ViewId};
use crate::source::FileId;

/// Has policies and predicates of one text share its tree: in many a schema hundreds of tables have the same ones.
pub(crate) fn share_trees(schema: &Schema) {
    let mut known: Lookup<&str, &Expr> = Lookup::default();
    let policies = schema.policies.iter().filter(|(_, p)| p.dropped.is_none());
    let conditions = policies.flat_map(|(_, p)| p.using.iter().chain(&p.with_check));
    let indexes = schema.indexes.iter().filter(|(_, i)| i.dropped.is_none());
    let predicates = indexes.filter_map(|(_, i)| i.predicate.as_ref());
    for expr in conditions.chain(predicates).map(|e| &e.source) {
        match known.get(&*expr.text) {
            Some(first) => first.share_tree(expr),
            None => _ = known.insert(&expr.text, expr),
        }
    }
}

/// What rules ask of texts, found when the first of them asks.
#[derive(Default)]
pub(crate) struct Texts {
    /// How each schema calls its indexes.
    index_names: OnceCell<BTreeMap<NamespaceId, IndexNames>>,
    /// The names in each function's body.
    words: OnceCell<BTreeMap<FunctionId, BTreeSet<Name>>>,
    /// Whether SQL runs that nobody can read.
    hidden: OnceCell<bool>,
    /// The queries of the views that can be read.
    queries: OnceCell<BTreeMap<ViewId, Query>>,
    /// What is used of extensions.
    uses: OnceCell<Vec<Use>>,
    /// Where the comments of each file stand that was asked for.
    comments: RefCell<Lookup<FileId, Rc<[CommentPlace]>>>,
}

impl<'a> Context<'a> {
    /// How each schema calls its indexes.
    pub(crate) fn index_names(&self) -> &BTreeMap<NamespaceId, IndexNames> {
        self.texts.index_names.get_or_init(|| index_names(self))
    }

    /// Every name in the body of each function that exists and whose body is known, folded, key words among them.
    pub(crate) fn body_words(&self) -> &BTreeMap<FunctionId, BTreeSet<Name>> {
        self.texts.words.get_or_init(|| {
            let functions = self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none());
            let words = functions.filter_map(|(id, f)| match f.body.as_ref()? {
                FunctionBody::String(text) | FunctionBody::Sql(text) => Some((id, text.words().into_iter().collect())),
            });
            words.collect()
        })
    }

    /// Of each function whose body `says` picks out, by its own words or those of the strings that it runs, the given tables that it names; one that names
    /// none may be meant for all. `says` is asked whether a word, in lower case, stands there.
    pub(crate) fn tables_named_where(
        &self,
        tables: &[(TableId, &Table)],
        says: impl Fn(&dyn Fn(&str) -> bool) -> bool,
    ) -> Vec<Vec<TableId>> {
        let bodies = self.body_words();
        let mut out = Vec::new();
        for (id, function) in self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
            let strings: Vec<String> = match &function.body {
                Some(FunctionBody::String(text) | FunctionBody::Sql(text)) => {
                    text.strings().iter().map(|s| s.to_ascii_lowercase()).collect()
                }
                None => continue,
            };
            let own = bodies.get(&id);
            let stands = |word: &str| {
                let in_string = |s: &String| s.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word);
                own.is_some_and(|words| words.contains(word)) || strings.iter().any(in_string)
            };
            if says(&stands) {
                out.push(
                    tables.iter().filter(|(_, t)| stands(&t.name.to_ascii_lowercase())).map(|(id, _)| *id).collect(),
                );
            }
        }
        out
    }

    /// The query of a view that exists, where it can be read.
    pub(crate) fn query_of(&self, view: ViewId) -> Option<&Query> {
        let queries = self.texts.queries.get_or_init(|| {
            self.schema.live_views().filter_map(|(id, view)| Some((id, view.query.source.query()?))).collect()
        });
        queries.get(&view)
    }

    /// Every use of what extensions own, by tables, views, policies and functions.
    pub(crate) fn extension_uses(&self) -> &[Use] {
        self.texts.uses.get_or_init(|| uses(self))
    }

    /// The comments of a file in order, the same that [`comments`](super::comments) gives.
    pub(crate) fn comments(&self, file: FileId) -> Vec<Comment<'a>> {
        let mut known = self.texts.comments.borrow_mut();
        let places = Rc::clone(known.get_or_insert_with(file, || comment_places(self.sources, file).into()));
        places.iter().filter_map(|place| place.read(self.sources)).collect()
    }

    /// Whether SQL that is built while the history runs has some words in it, in lower case: what they do may be done to any table.
    pub(crate) fn hidden_sql_says(&self, words: &str) -> bool {
        let says = |text: &str| text.to_ascii_lowercase().contains(words);
        let in_block = self.history.revisions.iter().flat_map(|r| &r.up).any(|o| match &o.kind {
            OperationKind::Utility { text: Some(text), .. } => says(text),
            _ => false,
        });
        let in_call = || {
            self.schema.functions.iter().any(|(_, f)| match &f.body {
                Some(FunctionBody::String(body)) => says(&body.text),
                _ => false,
            })
        };
        in_block || !self.replay.opaque_calls.is_empty() && in_call()
    }

    /// Whether the history runs SQL that is built while it runs, so that the schema may hold more than is read here: blocks that could not be read, and
    /// queries that call a function of the input with EXECUTE in it.
    pub(crate) fn runs_hidden_sql(&self) -> bool {
        *self.texts.hidden.get_or_init(|| {
            let functions = self.schema.functions.iter().filter(|(_, f)| match &f.body {
                Some(FunctionBody::String(body)) => !body.routine().executed.is_empty(),
                _ => false,
            });
            let builders: BTreeSet<&Name> = functions.map(|(_, f)| &f.name).collect();
            self.history.revisions.iter().flat_map(|r| &r.up).any(|o| match &o.kind {
                OperationKind::Utility { verb, .. } => matches!(verb.as_str(), "DO" | "DROP" | "EXECUTE" | "CALL"),
                OperationKind::Dml { verb: DmlVerb::Select, text, .. } if !builders.is_empty() => {
                    text.words().iter().any(|w| builders.contains(w))
                }
                _ => false,
            })
        })
    }
}
