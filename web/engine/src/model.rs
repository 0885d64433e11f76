//! A finished analysis with what questions need to be answered quickly: built once, in time linear in the schema.

use std::collections::BTreeMap;

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::finding::{Certainty, Finding, Severity};
use relata_core::operation::ObjectKind;
use relata_core::schema::{ConstraintId, ObjectId, Schema, TableId, ViewId};
use relata_core::source::Span;
use relata_protocol as protocol;
use relata_protocol::{RelationKey, RelationKind, SeverityCounts};

/// A finished analysis, ready to be asked.
pub(crate) struct Model {
    pub(crate) analysis: Analysis,
    /// All findings, ranked over all targets: an index of the protocol is a place in this list.
    pub(crate) ranked: Vec<Ranked>,
    /// For each target what belongs together.
    pub(crate) indexes: Vec<TargetIndex>,
}

/// A finding among those of all targets.
#[derive(Clone, Copy)]
pub(crate) struct Ranked {
    /// Its target.
    pub(crate) target: u32,
    /// Its place in that target's list.
    pub(crate) place: u32,
    /// The table or view that it is about.
    pub(crate) relation: Option<RelationKey>,
}

/// What belongs together in one target.
#[derive(Default)]
pub(crate) struct TargetIndex {
    /// Tables and views that exist, by their paths.
    pub(crate) relations: BTreeMap<String, RelationKey>,
    /// Findings about each of them, as places in [`Model::ranked`].
    pub(crate) findings: BTreeMap<RelationKey, Vec<u32>>,
    /// Foreign keys to each table.
    pub(crate) referenced_by: BTreeMap<TableId, Vec<ConstraintId>>,
    /// The partitions directly below each table.
    pub(crate) partitions: BTreeMap<TableId, Vec<TableId>>,
    /// Views that read each table or view.
    pub(crate) readers: BTreeMap<RelationKey, Vec<ViewId>>,
}

impl Model {
    /// Looks over an analysis once.
    pub(crate) fn new(analysis: Analysis) -> Self {
        let mut indexes: Vec<TargetIndex> = analysis.targets.iter().map(|t| TargetIndex::new(t.schema())).collect();
        let mut ranked = Vec::new();
        for ((target, analysed), index) in (0..).zip(&analysis.targets).zip(&indexes) {
            for (place, finding) in (0..).zip(&analysed.findings) {
                let relation = finding.objects.iter().find_map(|o| index.relation_of(o.kind, &o.path));
                ranked.push(Ranked { target, place, relation });
            }
        }
        // Each target's findings are ranked already; a stable sort by the same leading keys keeps their order.
        let rank = |r: &Ranked| find(&analysis, *r).map(|f| (f.severity, f.certainty, f.rule.name));
        ranked.sort_by(|a, b| rank(a).cmp(&rank(b)));
        for (at, entry) in (0..).zip(&ranked) {
            if let Some(relation) = entry.relation
                && let Some(index) = indexes.get_mut(entry.target as usize)
            {
                index.findings.entry(relation).or_default().push(at);
            }
        }
        Self { analysis, ranked, indexes }
    }

    /// A target with what belongs together in it.
    pub(crate) fn target(&self, target: u32) -> Option<(&TargetAnalysis, &TargetIndex)> {
        Some((self.analysis.targets.get(target as usize)?, self.indexes.get(target as usize)?))
    }

    /// The finding at an index of the protocol.
    pub(crate) fn finding(&self, index: u32) -> Option<(Ranked, &Finding)> {
        let ranked = *self.ranked.get(index as usize)?;
        Some((ranked, find(&self.analysis, ranked)?))
    }

    /// Findings about a table or view and what belongs to it, by severity.
    pub(crate) fn counts_of(&self, index: &TargetIndex, relation: RelationKey) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        for at in index.findings.get(&relation).into_iter().flatten() {
            if let Some((_, finding)) = self.finding(*at) {
                counts.add(severity(finding.severity));
            }
        }
        counts
    }

    /// A span as bytes, lines and columns.
    pub(crate) fn location(&self, span: Span) -> protocol::Location {
        let place = self.analysis.location(span);
        protocol::Location {
            file: span.file.0,
            start: span.start,
            end: span.end,
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
        }
    }
}

impl TargetIndex {
    fn new(schema: &Schema) -> Self {
        let mut index = Self::default();
        for (id, table) in schema.live_tables() {
            index.relations.insert(schema.path(ObjectId::Table(id)), table_key(id));
            if let Some((parent, _)) = &table.partition_of {
                index.partitions.entry(*parent).or_default().push(id);
            }
            for (constraint, _, foreign_key) in schema.foreign_keys_of(table) {
                index.referenced_by.entry(foreign_key.references).or_default().push(constraint);
            }
        }
        for (id, view) in schema.live_views() {
            index.relations.insert(schema.path(ObjectId::View(id)), view_key(id));
            let mut reads: Vec<RelationKey> =
                view.query.references.iter().filter_map(|r| relation_key(r.target)).collect();
            reads.sort_unstable();
            reads.dedup();
            for relation in reads {
                index.readers.entry(relation).or_default().push(id);
            }
        }
        index
    }

    /// The table or view that an object is or belongs to.
    pub(crate) fn relation_of(&self, kind: ObjectKind, path: &str) -> Option<RelationKey> {
        match kind {
            ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::View | ObjectKind::MaterializedView => {
                self.relations.get(path).copied()
            }
            ObjectKind::Column
            | ObjectKind::Constraint
            | ObjectKind::Index
            | ObjectKind::Trigger
            | ObjectKind::Policy
            | ObjectKind::Rule => self.relations.get(first_two(path)?).copied(),
            _ => None,
        }
    }
}

fn find(analysis: &Analysis, ranked: Ranked) -> Option<&Finding> {
    analysis.targets.get(ranked.target as usize)?.findings.get(ranked.place as usize)
}

/// `schema.table` of `schema.table.name`. A dot inside double quotes does not part; a doubled quote opens and closes at once.
fn first_two(path: &str) -> Option<&str> {
    let mut quoted = false;
    let mut dots = 0;
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'.' if !quoted => {
                dots += 1;
                if dots == 2 {
                    return path.get(..at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The table or view that a reference means, or whose column it means.
pub(crate) fn relation_key(id: ObjectId) -> Option<RelationKey> {
    match id {
        ObjectId::Table(id) | ObjectId::Column(id, _) => Some(table_key(id)),
        ObjectId::View(id) => Some(view_key(id)),
        _ => None,
    }
}

pub(crate) fn table_key(id: TableId) -> RelationKey {
    RelationKey { kind: RelationKind::Table, id: id.0 }
}

pub(crate) fn view_key(id: ViewId) -> RelationKey {
    RelationKey { kind: RelationKind::View, id: id.0 }
}

pub(crate) fn severity(severity: Severity) -> protocol::Severity {
    match severity {
        Severity::Critical => protocol::Severity::Critical,
        Severity::High => protocol::Severity::High,
        Severity::Medium => protocol::Severity::Medium,
        Severity::Low => protocol::Severity::Low,
        Severity::Info => protocol::Severity::Info,
    }
}

pub(crate) fn certainty(certainty: Certainty) -> protocol::Certainty {
    match certainty {
        Certainty::Proven => protocol::Certainty::Proven,
        Certainty::Likely => protocol::Certainty::Likely,
        Certainty::Advisory => protocol::Certainty::Advisory,
    }
}

/// A length as the protocol counts; what lies beyond 4 billion is beyond all limits on input.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::first_two;

    #[test]
    fn a_path_parts_at_dots_outside_quotes() {
        for (path, expected) in [
            ("public.users.email", Some("public.users")),
            ("public.users", None),
            (r#""a.b"."c.d"."e.f""#, Some(r#""a.b"."c.d""#)),
            (r#""say ""x.y""".t.c"#, Some(r#""say ""x.y""".t"#)),
            ("", None),
        ] {
            assert_eq!(first_two(path), expected, "{path}");
        }
    }
}
