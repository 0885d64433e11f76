//! Search over everything that has a name.

use relata_core::name::quote;
use relata_core::schema::{ObjectId, Schema};
use relata_core::source::Span;
use relata_protocol::{RelationKey, SearchHit};

use crate::model::{Model, TargetIndex, count, table_key, view_key};

/// What was typed, taken apart.
struct Needle {
    /// All of it, in lower case.
    whole: String,
    /// Its words: each must be found.
    words: Vec<String>,
}

/// How well something fits, best first: class of the match, kind, length of the name.
type Rank = (u8, u8, usize);

impl Needle {
    fn new(text: &str) -> Option<Self> {
        let whole = text.trim().to_lowercase();
        let words: Vec<String> = whole.split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self { whole, words })
    }

    /// How well a name fits, or what surrounds it where the name alone does not.
    fn rank(&self, kind: u8, name: &str, path: &str) -> Option<Rank> {
        let lower = name.to_lowercase();
        let class = if lower == self.whole {
            0
        } else if lower.starts_with(&self.whole) {
            1
        } else if let Some(at) = lower.find(&self.whole) {
            // At the start of a word inside the name, or anywhere in it.
            if lower.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric)) { 2 } else { 3 }
        } else if self.words.iter().all(|w| lower.contains(w)) {
            4
        } else {
            let path = path.to_lowercase();
            if !self.words.iter().all(|w| path.contains(w)) {
                return None;
            }
            5
        };
        Some((class, kind, name.len()))
    }
}

/// Whatever is called like this, best first.
pub(super) fn search(model: &Model, text: &str, limit: u32) -> Vec<SearchHit> {
    let Some(needle) = Needle::new(text) else { return Vec::new() };
    let mut found = Found { model, needle: &needle, target: None, hits: Vec::new() };
    for (target, (analysed, index)) in (0..).zip(model.analysis.targets.iter().zip(&model.indexes)) {
        found.target = Some(target);
        found.relations(analysed.schema());
        found.others(analysed.schema(), index);
    }
    for index in 0..count(model.ranked.len()) {
        let Some((ranked, finding)) = model.finding(index) else { continue };
        let location = finding.spans.first().map(|s| model.location(*s));
        found.target = Some(ranked.target);
        if let Some(rank) = needle.rank(6, finding.rule.name, &finding.message) {
            let hit = SearchHit {
                kind: "finding".to_owned(),
                label: finding.message.clone(),
                path: finding.rule.name.to_owned(),
                target: found.target,
                relation: ranked.relation,
                column: None,
                finding: Some(index),
                location,
            };
            found.hits.push((rank, hit));
        }
    }
    found.target = None;
    for (id, file) in model.analysis.sources.files() {
        let name = file.name.rsplit('/').next().unwrap_or(&file.name);
        found.named(7, "file", name, &file.name, None, None, Some(Span::new(id, 0, 0)));
    }
    found.hits.sort_by(|(a, x), (b, y)| (a, &x.path, x.target, x.finding).cmp(&(b, &y.path, y.target, y.finding)));
    found.hits.truncate(limit as usize);
    found.hits.into_iter().map(|(_, hit)| hit).collect()
}

/// Collects hits.
struct Found<'a> {
    model: &'a Model,
    needle: &'a Needle,
    target: Option<u32>,
    hits: Vec<(Rank, SearchHit)>,
}

impl Found<'_> {
    #[allow(clippy::too_many_arguments, reason = "what a hit is made of, in the order of its fields")]
    fn named(
        &mut self,
        order: u8,
        kind: &str,
        name: &str,
        path: &str,
        relation: Option<RelationKey>,
        column: Option<u16>,
        span: Option<Span>,
    ) {
        if let Some(rank) = self.needle.rank(order, name, path) {
            let hit = SearchHit {
                kind: kind.to_owned(),
                label: name.to_owned(),
                path: path.to_owned(),
                target: self.target,
                relation,
                column,
                finding: None,
                location: span.map(|s| self.model.location(s)),
            };
            self.hits.push((rank, hit));
        }
    }

    /// Tables and views with what belongs to them.
    fn relations(&mut self, schema: &Schema) {
        for (id, table) in schema.live_tables() {
            let key = Some(table_key(id));
            let path = schema.path(ObjectId::Table(id));
            let kind = schema.kind(ObjectId::Table(id)).name();
            self.named(0, kind, &table.name, &path, key, None, Some(table.name_span));
            let below = |name: &str| format!("{path}.{}", quote(name));
            for (number, column) in table.live_columns() {
                let span = Some(column.name_span);
                self.named(1, "column", &column.name, &below(&column.name), key, Some(number.0), span);
            }
            for (_, constraint) in schema.constraints_of(table) {
                let span = Some(constraint.span);
                self.named(3, "constraint", &constraint.name, &below(&constraint.name), key, None, span);
            }
            for (_, index) in schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none()) {
                self.named(3, "index", &index.name, &below(&index.name), key, None, Some(index.span));
            }
            for (_, trigger) in schema.triggers_of(&table.triggers) {
                self.named(4, "trigger", &trigger.name, &below(&trigger.name), key, None, Some(trigger.span));
            }
            for (_, policy) in schema.policies_of(table) {
                self.named(4, "policy", &policy.name, &below(&policy.name), key, None, Some(policy.span));
            }
        }
        for (id, view) in schema.live_views() {
            let key = Some(view_key(id));
            let path = schema.path(ObjectId::View(id));
            let kind = schema.kind(ObjectId::View(id)).name();
            self.named(0, kind, &view.name, &path, key, None, Some(view.name_span));
            for (_, trigger) in schema.triggers_of(&view.triggers) {
                let path = format!("{path}.{}", quote(&trigger.name));
                self.named(4, "trigger", &trigger.name, &path, key, None, Some(trigger.span));
            }
            for index in view.indexes.iter().filter_map(|i| schema.indexes.get(*i)).filter(|i| i.dropped.is_none()) {
                let path = format!("{path}.{}", quote(&index.name));
                self.named(3, "index", &index.name, &path, key, None, Some(index.span));
            }
        }
    }

    /// What stands beside tables and views.
    fn others(&mut self, schema: &Schema, index: &TargetIndex) {
        for (id, t) in schema.types.iter().filter(|(_, t)| t.dropped.is_none()) {
            let id = ObjectId::Type(id);
            self.named(2, schema.kind(id).name(), &t.name, &schema.path(id), None, None, Some(t.name_span));
        }
        for (id, f) in schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
            let id = ObjectId::Function(id);
            self.named(2, schema.kind(id).name(), &f.name, &schema.path(id), None, None, Some(f.name_span));
        }
        for (id, s) in schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()) {
            // Where a sequence feeds a column, the diagram shows that column's table.
            let owner = s.owned_by.map(|(table, _)| schema.path(ObjectId::Table(table)));
            let relation = owner.and_then(|path| index.relations.get(&path).copied());
            let path = schema.path(ObjectId::Sequence(id));
            self.named(5, "sequence", &s.name, &path, relation, None, Some(s.span));
        }
        for (_, e) in schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
            self.named(5, "extension", &e.name, &quote(&e.name), None, None, Some(e.span));
        }
    }
}
