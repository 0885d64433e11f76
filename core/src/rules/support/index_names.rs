//! How a schema calls its indexes.

use std::collections::BTreeMap;

use super::super::Context;
use super::names::each_word;
use crate::schema::{IndexId, NamespaceId, TableId};

/// Fewer indexes than this show no pattern.
const LEAST: usize = 4;

/// A mark of an index's name, and on which side it stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct IndexPattern {
    mark: &'static str,
    in_front: bool,
}

impl IndexPattern {
    /// The pattern of a name that has one.
    fn of(name: &str) -> Option<Self> {
        const MARKS: &[&str] = &["idx", "ix", "index"];
        MARKS.iter().find_map(|mark| {
            let in_front = name.strip_prefix(mark).is_some_and(|rest| rest.starts_with('_') && rest.len() > 1);
            let behind = name.strip_suffix(mark).is_some_and(|rest| rest.ends_with('_') && rest.len() > 1);
            (in_front || behind).then_some(Self { mark, in_front })
        })
    }

    /// As a message shows it.
    pub(crate) fn text(self) -> String {
        if self.in_front { format!("`{}_…`", self.mark) } else { format!("`…_{}`", self.mark) }
    }

    /// A name without the mark.
    pub(crate) fn strip(self, name: &str) -> &str {
        let cut = self.mark.len() + 1;
        if self.in_front {
            name.get(cut..).unwrap_or(name)
        } else {
            name.get(..name.len().saturating_sub(cut)).unwrap_or(name)
        }
    }

    /// A name with it.
    pub(crate) fn apply(self, name: &str) -> String {
        if self.in_front { format!("{}_{name}", self.mark) } else { format!("{name}_{}", self.mark) }
    }
}

/// The named indexes of one schema that have a pattern, and the pattern of most of them, where three quarters agree.
#[derive(Default)]
pub(crate) struct IndexNames {
    pub(crate) named: Vec<(TableId, IndexId, IndexPattern)>,
    pub(crate) usual: Option<(IndexPattern, usize)>,
    /// Whether they say `…_on_a_and_b`, as Rails does.
    says_on: bool,
}

impl IndexNames {
    /// What a new index would be called.
    pub(super) fn name(&self, table: &str, columns: &[&str]) -> Option<String> {
        let (usual, _) = self.usual?;
        Some(usual.apply(&match self.says_on {
            true => format!("{table}_on_{}", columns.join("_and_")),
            false => format!("{table}_{}", columns.join("_")),
        }))
    }
}

/// By schema: each has a style of its own. Indexes of constraints are called after them, those of partitions after their parent's.
pub(super) fn index_names(cx: &Context<'_>) -> BTreeMap<NamespaceId, IndexNames> {
    let mut says_on: BTreeMap<NamespaceId, usize> = BTreeMap::new();
    let mut schemas: BTreeMap<NamespaceId, IndexNames> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (index_id, index) in cx.schema.indexes_of(table) {
            if index.named && index.constraint.is_none() && index.parent.is_none() {
                let names = schemas.entry(table.namespace).or_default();
                names.named.extend(IndexPattern::of(&index.name).map(|pattern| (id, index_id, pattern)));
                let on = each_word(&index.name).any(|w| w == "on");
                *says_on.entry(table.namespace).or_default() += usize::from(on);
            }
        }
    }
    for (namespace, names) in &mut schemas {
        let mut counts: BTreeMap<IndexPattern, usize> = BTreeMap::new();
        for (.., pattern) in &names.named {
            *counts.entry(*pattern).or_default() += 1;
        }
        let usual = counts.into_iter().max_by_key(|(p, n)| (*n, std::cmp::Reverse(*p)));
        names.usual = usual.filter(|(_, most)| *most >= LEAST && most * 4 >= names.named.len() * 3);
        names.says_on = says_on.get(namespace).copied().unwrap_or(0) * 4 >= names.named.len() * 3;
    }
    schemas
}
