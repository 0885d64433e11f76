//! The graph of revisions whose files name what they follow (Alembic).

use std::collections::BTreeSet;

use crate::collections::Lookup;
use crate::history::{Revision, RevisionName};
use crate::rules::Context;

/// Revisions by id, with what follows what. Files that declare one id are one node: which of them counts, nobody can say.
pub(crate) struct Graph<'a> {
    /// The first revision of each id, in the order of the history.
    pub(crate) nodes: Vec<&'a Revision>,
    /// Places of the nodes by id.
    by_id: Lookup<&'a str, usize>,
    /// All files' parents of a node, by place.
    pub(crate) parents: Vec<BTreeSet<usize>>,
    /// What a node only depends on.
    pub(crate) depends_on: Vec<BTreeSet<usize>>,
    /// The nodes that name it as their parent.
    pub(crate) children: Vec<BTreeSet<usize>>,
}

impl<'a> Graph<'a> {
    /// The graph of a history; empty where its files name no parents.
    pub(crate) fn of(cx: &Context<'a>) -> Self {
        let mut graph = Self {
            nodes: Vec::new(),
            by_id: Lookup::default(),
            parents: Vec::new(),
            depends_on: Vec::new(),
            children: Vec::new(),
        };
        if !cx.has_graph() {
            return graph;
        }
        for revision in &cx.history.revisions {
            if graph.by_id.get(revision.id.as_str()).is_none() {
                graph.by_id.insert(&revision.id, graph.nodes.len());
                graph.nodes.push(revision);
            }
        }
        graph.parents = vec![BTreeSet::new(); graph.nodes.len()];
        graph.depends_on.clone_from(&graph.parents);
        graph.children.clone_from(&graph.parents);
        let mut labels: Lookup<&str, usize> = Lookup::default();
        for (at, revision) in graph.nodes.iter().enumerate() {
            for label in &revision.branch_labels {
                labels.get_or_insert_with(label.text.as_str(), || at);
            }
        }
        for revision in &cx.history.revisions {
            let Some(own) = graph.place(&revision.id) else { continue };
            for name in &revision.down_revisions {
                if let Some(parent) = graph.resolve(name, &labels) {
                    insert(&mut graph.parents, own, parent);
                    insert(&mut graph.children, parent, own);
                }
            }
            for name in &revision.depends_on {
                if let Some(on) = graph.resolve(name, &labels) {
                    insert(&mut graph.depends_on, own, on);
                }
            }
        }
        graph
    }

    /// The place of the revision of this id.
    pub(crate) fn place(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// What a name in a file means: an id, or a branch's label, alone or as `label@head`.
    fn resolve(&self, name: &RevisionName, labels: &Lookup<&str, usize>) -> Option<usize> {
        let text = name.text.as_str();
        let label = text.split('@').next().unwrap_or(text);
        self.place(text).or_else(|| labels.get(label).copied())
    }

    /// The names in the files for which there is no revision, each with the revision that says it.
    pub(crate) fn missing(&self, cx: &Context<'a>) -> Vec<(&'a Revision, &'a RevisionName)> {
        let labels: BTreeSet<&str> =
            self.nodes.iter().flat_map(|r| &r.branch_labels).map(|label| label.text.as_str()).collect();
        let mut out = Vec::new();
        if self.nodes.is_empty() {
            return out;
        }
        for revision in &cx.history.revisions {
            for name in revision.down_revisions.iter().chain(&revision.depends_on) {
                let text = name.text.as_str();
                // `label@head` and the like are not ids; what they mean is known only where the label is.
                let known = self.place(text).is_some() || text.split('@').next().is_some_and(|l| labels.contains(l));
                if !known && !text.contains('@') {
                    out.push((revision, name));
                }
            }
        }
        out
    }

    /// The labels of the branches that a node is on: its own and those of what it follows, as far as `budget` steps reach.
    pub(crate) fn labels(&self, node: usize, budget: usize) -> BTreeSet<&'a str> {
        let mut labels = BTreeSet::new();
        for at in self.ancestors(node, budget) {
            labels.extend(self.nodes.get(at).into_iter().flat_map(|r| &r.branch_labels).map(|l| l.text.as_str()));
        }
        labels
    }

    /// A node and what it follows, by parents, as far as `budget` steps reach.
    pub(crate) fn ancestors(&self, node: usize, budget: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([node]);
        let mut open = vec![node];
        while let Some(at) = open.pop() {
            if seen.len() > budget {
                break;
            }
            for parent in self.parents.get(at).into_iter().flatten() {
                if seen.insert(*parent) {
                    open.push(*parent);
                }
            }
        }
        seen
    }
}

fn insert(sets: &mut [BTreeSet<usize>], at: usize, value: usize) {
    if let Some(set) = sets.get_mut(at) {
        set.insert(value);
    }
}
