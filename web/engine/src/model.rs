//! A finished analysis with what questions need to be answered quickly: built once, in time linear in the schema.

use std::collections::BTreeMap;

use relata_core::analysis::Analysis;
use relata_core::finding::{Certainty, Finding, Severity};
use relata_core::history::Timeline;
use relata_core::operation::ObjectKind;
use relata_core::schema::{ConstraintId, ObjectId, Schema, TableId, ViewId};
use relata_core::source::Span;
use relata_protocol as protocol;
use relata_protocol::{RelationKey, RelationKind, SeverityCounts};

/// A finished analysis, ready to be asked.
pub(crate) struct Model {
    pub(crate) analysis: Analysis,
    /// For each target what belongs together at its end.
    indexes: Vec<TargetIndex>,
    /// The findings when every target is at its end.
    ranking: Ranking,
    /// For each target the way back and forth over its history, once it was asked for.
    timelines: Vec<Option<Timeline>>,
    /// The target that is not at its end, if one is not.
    past: Option<Past>,
}

/// A target as of a revision before its last.
struct Past {
    target: u32,
    /// The last revision that counts.
    revision: u32,
    /// What belongs together then.
    index: TargetIndex,
    /// Its findings as of then.
    findings: Vec<Finding>,
    /// All findings with those as of then; `None` until they are asked for: it takes a run of the rules.
    ranking: Option<Ranking>,
}

/// All findings, ranked over all targets.
#[derive(Default)]
struct Ranking {
    /// An index of the protocol is a place in this list.
    all: Vec<Ranked>,
    /// Findings about each table or view of each target, as places in `all`.
    about: BTreeMap<(u32, RelationKey), Vec<u32>>,
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
        let indexes: Vec<TargetIndex> = analysis.targets.iter().map(|t| TargetIndex::new(t.schema())).collect();
        let timelines = analysis.targets.iter().map(|_| None).collect();
        let mut model = Self { analysis, indexes, ranking: Ranking::default(), timelines, past: None };
        model.ranking = model.rank();
        model
    }

    /// All findings as they stand, ranked.
    fn rank(&self) -> Ranking {
        let mut all = Vec::new();
        for target in 0..count(self.analysis.targets.len()) {
            for (place, finding) in (0..).zip(self.findings_of(target)) {
                let index = self.index(target);
                let relation = finding.objects.iter().find_map(|o| index?.relation_of(o.kind, &o.path));
                all.push(Ranked { target, place, relation });
            }
        }
        // Each target's findings are ranked already; a stable sort by the same leading keys keeps their order.
        let rank = |r: &Ranked| self.find(*r).map(|f| (f.severity, f.certainty, f.rule.name));
        all.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let mut about: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (at, entry) in (0..).zip(&all) {
            if let Some(relation) = entry.relation {
                about.entry((entry.target, relation)).or_default().push(at);
            }
        }
        Ranking { all, about }
    }

    /// Makes a target's history end with a revision, or with its last. It costs what the revisions in between changed and a look over the schema.
    /// Gives where it stands then; `None` when there is no such revision.
    pub(crate) fn go_to(&mut self, target: u32, revision: Option<u32>) -> Option<Option<u32>> {
        let revisions = count(self.analysis.targets.get(target as usize)?.history.revisions.len());
        let revision = match revision {
            Some(at) if at >= revisions => return None,
            Some(at) if at + 1 == revisions => None,
            other => other,
        };
        self.past = match revision {
            None => None,
            Some(revision) => {
                let index = TargetIndex::new(self.timeline(target)?.go_to(revision as usize + 1));
                Some(Past { target, revision, index, findings: Vec::new(), ranking: None })
            }
        };
        Some(revision)
    }

    /// Finds the findings as of where the targets stand, unless they are known.
    pub(crate) fn settle(&mut self) {
        let Some(Past { target, revision, ranking: None, .. }) = self.past else { return };
        let analysed = self.analysis.targets.get(target as usize);
        let timeline = self.timelines.get_mut(target as usize).and_then(Option::as_mut);
        let (Some(analysed), Some(timeline)) = (analysed, timeline) else { return };
        let findings = timeline.findings(&self.analysis, analysed, revision as usize + 1);
        if let Some(past) = &mut self.past {
            past.findings = findings;
        }
        let ranking = self.rank();
        if let Some(past) = &mut self.past {
            past.ranking = Some(ranking);
        }
    }

    /// What `f` makes of a target with a timeline that goes anywhere; afterwards it stands where it stood.
    pub(crate) fn along<T>(&mut self, target: u32, f: impl FnOnce(&Self, &mut Timeline) -> T) -> Option<T> {
        self.timeline(target)?;
        let mut timeline = self.timelines.get_mut(target as usize)?.take()?;
        let stood = timeline.at();
        let made = f(self, &mut timeline);
        timeline.go_to(stood);
        *self.timelines.get_mut(target as usize)? = Some(timeline);
        Some(made)
    }

    fn timeline(&mut self, target: u32) -> Option<&mut Timeline> {
        let analysed = self.analysis.targets.get(target as usize)?;
        Some(self.timelines.get_mut(target as usize)?.get_or_insert_with(|| analysed.timeline()))
    }

    /// The target, when it is not at its end.
    fn past(&self, target: u32) -> Option<&Past> {
        self.past.as_ref().filter(|past| past.target == target)
    }

    /// Whether a target is at its end.
    pub(crate) fn is_latest(&self, target: u32) -> bool {
        self.past(target).is_none()
    }

    /// A target's schema as it stands.
    pub(crate) fn schema(&self, target: u32) -> Option<&Schema> {
        let analysed = self.analysis.targets.get(target as usize)?;
        match self.past(target) {
            None => Some(analysed.schema()),
            Some(_) => self.timelines.get(target as usize)?.as_ref().map(Timeline::schema),
        }
    }

    /// What belongs together in a target as it stands.
    pub(crate) fn index(&self, target: u32) -> Option<&TargetIndex> {
        match self.past(target) {
            Some(past) => Some(&past.index),
            None => self.indexes.get(target as usize),
        }
    }

    /// A target's findings as it stands, ranked.
    pub(crate) fn findings_of(&self, target: u32) -> &[Finding] {
        match self.past(target) {
            Some(past) => &past.findings,
            None => self.analysis.targets.get(target as usize).map_or(&[], |t| &t.findings),
        }
    }

    fn find(&self, ranked: Ranked) -> Option<&Finding> {
        self.findings_of(ranked.target).get(ranked.place as usize)
    }

    /// The findings as the targets stand; none as of a revision whose findings were not asked for.
    fn ranking(&self) -> Option<&Ranking> {
        match &self.past {
            None => Some(&self.ranking),
            Some(past) => past.ranking.as_ref(),
        }
    }

    /// How many findings there are over all targets.
    pub(crate) fn finding_count(&self) -> u32 {
        self.ranking().map_or(0, |r| count(r.all.len()))
    }

    /// The finding at an index of the protocol.
    pub(crate) fn finding(&self, index: u32) -> Option<(Ranked, &Finding)> {
        let ranked = *self.ranking()?.all.get(index as usize)?;
        Some((ranked, self.find(ranked)?))
    }

    /// Indexes of the findings about a table or view and what belongs to it, worst first.
    pub(crate) fn about(&self, target: u32, relation: RelationKey) -> &[u32] {
        self.ranking().and_then(|r| r.about.get(&(target, relation))).map_or(&[], Vec::as_slice)
    }

    /// Those findings by severity; what is accepted counts nowhere.
    pub(crate) fn counts_of(&self, target: u32, relation: RelationKey) -> SeverityCounts {
        let mut counts = SeverityCounts::default();
        for at in self.about(target, relation) {
            if let Some((_, finding)) = self.finding(*at).filter(|(_, f)| f.waived.is_none()) {
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
