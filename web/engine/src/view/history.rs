//! Revisions, what they changed, and going to one.

use std::collections::BTreeMap;

use relata_core::history::Revision;
use relata_core::replay::Effect;
use relata_core::report::{self, ObjectChange, Status, TargetHistory};
use relata_core::schema::{ObjectId, RelationId, Schema};
use relata_core::source::Span;
use relata_protocol as protocol;
use relata_protocol::{
    Change, Conflict, History, RelationKey, RevisionDetail, RevisionRow, RevisionStatus, SeverityCounts, Standing,
};

use crate::model::{Model, count, relation_key, severity, table_key, view_key};

/// Makes a target's history end with a revision.
pub(super) fn go_to(model: &mut Model, target: u32, revision: Option<u32>) -> Option<Standing> {
    model.go_to(target, revision).map(|revision| Standing { target, revision })
}

/// The revisions of a target.
pub(super) fn list(model: &mut Model, target: u32) -> Option<History> {
    model.along(target, |model, timeline| {
        let analysed = model.analysis.targets.get(target as usize)?;
        let told = TargetHistory::new(&model.analysis, analysed, timeline);
        let revisions = &analysed.history.revisions;
        let mut issues: BTreeMap<u32, SeverityCounts> = BTreeMap::new();
        for finding in &analysed.findings {
            // Whatever a history of one revision has came with it.
            let of = finding.introduced_by.or((revisions.len() < 2).then_some(0));
            if let Some(revision) = of {
                issues.entry(revision).or_default().add(severity(finding.severity));
            }
        }
        let graph = revisions.iter().any(|r| !r.parents.is_empty());
        let is_parent = |at: u32| revisions.iter().any(|r| r.parents.contains(&at));
        let last = count(revisions.len()).saturating_sub(1);
        let heads = match graph {
            true => (0..=last).filter(|at| !is_parent(*at)).collect(),
            false => vec![last],
        };
        let rows = (0..)
            .zip(revisions.iter().zip(told.revisions))
            .map(|(at, (revision, entry))| {
                let tally = |kind| count(entry.changes.iter().filter(|c| c.change == kind).count());
                RevisionRow {
                    created: tally(report::ChangeKind::Created),
                    altered: tally(report::ChangeKind::Altered),
                    dropped: tally(report::ChangeKind::Dropped),
                    id: entry.id,
                    message: entry.message,
                    parents: revision.parents.clone(),
                    status: match entry.status {
                        Status::Applied => RevisionStatus::Applied,
                        Status::Stops => RevisionStatus::Stops,
                        Status::NotReached => RevisionStatus::NotReached,
                        Status::TakenBack => RevisionStatus::TakenBack,
                    },
                    transaction: entry.transaction.to_owned(),
                    has_down: entry.has_down,
                    summary: entry.summary,
                    issues: issues.remove(&at).unwrap_or_default(),
                    conflicts: count(entry.conflicts.len()),
                    problems: count(entry.problems.len()),
                    location: model.location(place(revision)),
                }
            })
            .collect();
        Some(History { target, graph, heads, rows })
    })?
}

/// Where a revision stands: its id where the file says it, else its first statement, else the file's beginning.
fn place(revision: &Revision) -> Span {
    let first = || revision.up.first().map(|o| o.span).filter(|s| s.file == revision.file);
    revision.id_span.or_else(first).unwrap_or(Span::new(revision.file, 0, 0))
}

/// What a revision changed.
pub(super) fn detail(model: &mut Model, target: u32, revision: u32) -> Option<RevisionDetail> {
    model.along(target, |model, timeline| {
        let analysed = model.analysis.targets.get(target as usize)?;
        let own = analysed.history.revisions.get(revision as usize)?;
        let changes = report::changes(timeline, revision as usize);
        let mut places: BTreeMap<ObjectId, Span> = BTreeMap::new();
        for step in analysed.replay.steps.iter().filter(|s| s.revision == revision) {
            let Some(span) = own.up.get(step.operation as usize).map(|o| o.span) else { continue };
            for effect in &step.effects {
                let (Effect::Created(id) | Effect::Altered(id) | Effect::Dropped(id)) = effect;
                places.entry(*id).or_insert(span);
            }
        }
        let change = |c: ObjectChange| Change {
            change: match c.change {
                report::ChangeKind::Created => protocol::ChangeKind::Created,
                report::ChangeKind::Altered => protocol::ChangeKind::Altered,
                report::ChangeKind::Dropped => protocol::ChangeKind::Dropped,
            },
            relation: relation_of(timeline.schema(), c.id),
            location: place_of(&places, c.id).map(|s| model.location(s)),
            kind: c.kind.to_owned(),
            path: c.path,
            renamed_from: c.renamed_from,
            before: c.before,
            after: c.after,
        };
        Some(RevisionDetail {
            target,
            revision,
            changes: changes.into_iter().map(change).collect(),
            writes: report::writes(own),
            conflicts: analysed
                .replay
                .conflicts
                .iter()
                .filter(|c| c.revision == revision)
                .map(|c| Conflict {
                    sqlstate: c.sqlstate.to_owned(),
                    message: c.message.clone(),
                    location: model.location(c.span),
                })
                .collect(),
        })
    })?
}

/// The statement that touched an object; of a column that came or went with its table the table's.
fn place_of(places: &BTreeMap<ObjectId, Span>, id: ObjectId) -> Option<Span> {
    let table = || match id {
        ObjectId::Column(table, _) => places.get(&ObjectId::Table(table)),
        _ => None,
    };
    places.get(&id).or_else(table).copied()
}

/// The table or view that an object is or belongs to, if it exists.
fn relation_of(schema: &Schema, id: ObjectId) -> Option<RelationKey> {
    let of = |relation: RelationId| match relation {
        RelationId::Table(id) => Some(table_key(id)),
        RelationId::View(id) => Some(view_key(id)),
        _ => None,
    };
    let key = match id {
        ObjectId::Constraint(id) => table_key(schema.constraints.get(id)?.table),
        ObjectId::Policy(id) => table_key(schema.policies.get(id)?.table),
        ObjectId::Index(id) => of(schema.indexes.get(id)?.owner)?,
        ObjectId::Trigger(id) => of(schema.triggers.get(id)?.owner)?,
        ObjectId::Rule(id) => of(schema.rules.get(id)?.owner)?,
        other => relation_key(other)?,
    };
    let lives = match key.kind {
        protocol::RelationKind::Table => schema.live_tables().any(|(id, _)| id.0 == key.id),
        protocol::RelationKind::View => schema.live_views().any(|(id, _)| id.0 == key.id),
    };
    lives.then_some(key)
}
