//! Search over everything that has a name.

use std::borrow::Cow;

use relata_core::name::quote;
use relata_core::schema::{Constraint, Index, ObjectId, Policy, Schema, Trigger};
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

    /// How well a name fits, or what surrounds it where the name alone does not: `around` is in lower case.
    fn rank(&self, kind: u8, name: &str, around: &str) -> Option<Rank> {
        let lower = lower(name);
        let class = if lower == self.whole.as_str() {
            0
        } else if lower.starts_with(&self.whole) {
            1
        } else if let Some(at) = lower.find(&self.whole) {
            // At the start of a word inside the name, or anywhere in it.
            if lower.get(..at).is_some_and(|before| !before.ends_with(char::is_alphanumeric)) { 2 } else { 3 }
        } else if self.words.iter().all(|w| lower.contains(w)) {
            4
        } else if self.words.iter().all(|w| lower.contains(w) || around.contains(w) || spans(w, around, &lower)) {
            5
        } else {
            return None;
        };
        Some((class, kind, name.len()))
    }
}

/// Whether a word with a dot in it, such as `orders.total`, stands where the surroundings and the name meet.
fn spans(word: &str, around: &str, name: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(before, after)| around.ends_with(before) && name.starts_with(after))
}

/// Most names of a schema are in lower case already: nothing is copied then.
fn lower(name: &str) -> Cow<'_, str> {
    let plain = name.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase());
    if plain { Cow::Borrowed(name) } else { Cow::Owned(name.to_lowercase()) }
}

/// Whatever is called like this, best first.
pub(super) fn search(model: &Model, text: &str, limit: u32) -> Vec<SearchHit> {
    let Some(needle) = Needle::new(text) else { return Vec::new() };
    let mut found = Found { model, needle: &needle, target: None, hits: Vec::new() };
    for target in 0..count(model.analysis.targets.len()) {
        let (Some(schema), Some(index)) = (model.schema(target), model.index(target)) else { continue };
        found.target = Some(target);
        found.relations(schema);
        found.others(schema, index);
    }
    for index in 0..model.finding_count() {
        let Some((ranked, finding)) = model.finding(index) else { continue };
        let location = finding.spans.first().map(|s| model.location(*s));
        found.target = Some(ranked.target);
        if let Some(rank) = needle.rank(6, finding.rule.name, &finding.message.to_lowercase()) {
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
        found.named(&Thing {
            order: 7,
            kind: "file",
            name,
            path: Path::Whole(&file.name),
            around: &lower(&file.name),
            relation: None,
            column: None,
            span: Some(Span::new(id, 0, 0)),
        });
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
    /// Adds an object where it fits.
    fn named(&mut self, thing: &Thing<'_>) {
        let Some(rank) = self.needle.rank(thing.order, thing.name, thing.around) else { return };
        let hit = SearchHit {
            kind: thing.kind.to_owned(),
            label: thing.name.to_owned(),
            path: match thing.path {
                Path::Whole(path) => path.to_owned(),
                Path::Below(owner) => format!("{owner}.{}", quote(thing.name)),
            },
            target: self.target,
            relation: thing.relation,
            column: thing.column,
            finding: None,
            location: thing.span.map(|s| self.model.location(s)),
        };
        self.hits.push((rank, hit));
    }

    /// Tables and views with what belongs to them.
    fn relations(&mut self, schema: &Schema) {
        for (id, table) in schema.live_tables() {
            let path = schema.path(ObjectId::Table(id));
            let around = lower(&path);
            let whole = Thing {
                order: 0,
                kind: schema.kind(ObjectId::Table(id)).name(),
                name: &table.name,
                path: Path::Whole(&path),
                around: &around,
                relation: Some(table_key(id)),
                column: None,
                span: Some(table.name_span),
            };
            self.named(&whole);
            let part = Thing { path: Path::Below(&path), ..whole };
            for (number, column) in table.live_columns() {
                let (name, span, column) = (&column.name, Some(column.name_span), Some(number.0));
                self.named(&Thing { order: 1, kind: "column", name, span, column, ..part });
            }
            for (_, Constraint { name, span, .. }) in schema.constraints_of(table) {
                self.named(&Thing { order: 3, kind: "constraint", name, span: Some(*span), ..part });
            }
            for (_, Index { name, span, .. }) in schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none()) {
                self.named(&Thing { order: 3, kind: "index", name, span: Some(*span), ..part });
            }
            for (_, Trigger { name, span, .. }) in schema.triggers_of(&table.triggers) {
                self.named(&Thing { order: 4, kind: "trigger", name, span: Some(*span), ..part });
            }
            for (_, Policy { name, span, .. }) in schema.policies_of(table) {
                self.named(&Thing { order: 4, kind: "policy", name, span: Some(*span), ..part });
            }
        }
        for (id, view) in schema.live_views() {
            let path = schema.path(ObjectId::View(id));
            let around = lower(&path);
            let whole = Thing {
                order: 0,
                kind: schema.kind(ObjectId::View(id)).name(),
                name: &view.name,
                path: Path::Whole(&path),
                around: &around,
                relation: Some(view_key(id)),
                column: None,
                span: Some(view.name_span),
            };
            self.named(&whole);
            let part = Thing { path: Path::Below(&path), ..whole };
            // Where a column of a view is written is not known: its view stands for it.
            for name in &view.columns {
                self.named(&Thing { order: 1, kind: "column", name, ..part });
            }
            for (_, Trigger { name, span, .. }) in schema.triggers_of(&view.triggers) {
                self.named(&Thing { order: 4, kind: "trigger", name, span: Some(*span), ..part });
            }
            let indexes = view.indexes.iter().filter_map(|i| schema.indexes.get(*i));
            for Index { name, span, .. } in indexes.filter(|i| i.dropped.is_none()) {
                self.named(&Thing { order: 3, kind: "index", name, span: Some(*span), ..part });
            }
        }
    }

    /// What stands beside tables and views.
    fn others(&mut self, schema: &Schema, index: &TargetIndex) {
        for (id, item) in schema.types.iter().filter(|(_, t)| t.dropped.is_none()) {
            self.other(schema, 2, ObjectId::Type(id), &item.name, None, item.name_span);
        }
        for (id, item) in schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
            self.other(schema, 2, ObjectId::Function(id), &item.name, None, item.name_span);
        }
        for (id, item) in schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()) {
            // Where a sequence feeds a column, the diagram shows that column's table.
            let owner = item.owned_by.map(|(table, _)| schema.path(ObjectId::Table(table)));
            let relation = owner.and_then(|path| index.relations.get(&path).copied());
            self.other(schema, 5, ObjectId::Sequence(id), &item.name, relation, item.span);
        }
        for (id, item) in schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
            self.other(schema, 5, ObjectId::Extension(id), &item.name, None, item.span);
        }
    }

    fn other(
        &mut self,
        schema: &Schema,
        order: u8,
        id: ObjectId,
        name: &str,
        relation: Option<RelationKey>,
        span: Span,
    ) {
        let path = schema.path(id);
        let kind = schema.kind(id).name();
        let around = lower(&path);
        self.named(&Thing {
            order,
            kind,
            name,
            path: Path::Whole(&path),
            around: &around,
            relation,
            column: None,
            span: Some(span),
        });
    }
}

/// Something with a name.
#[derive(Clone, Copy)]
struct Thing<'a> {
    /// Its kind's place among equally good hits.
    order: u8,
    kind: &'a str,
    name: &'a str,
    path: Path<'a>,
    /// What its name stands in, in lower case.
    around: &'a str,
    relation: Option<RelationKey>,
    column: Option<u16>,
    span: Option<Span>,
}

/// Where something is found: most things do not fit, and their paths are never made.
#[derive(Clone, Copy)]
enum Path<'a> {
    /// Its path.
    Whole(&'a str),
    /// The path of what it belongs to.
    Below(&'a str),
}
