//! Revisions, what they changed, and going to one.

use std::collections::{BTreeMap, BTreeSet};

use relata_core::history::Revision;
use relata_core::replay::Effect;
use relata_core::report::{self, ObjectChange, Status, TargetHistory};
use relata_core::schema::{ObjectId, RelationId, Schema, TableId, ViewId};
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
        let parents: BTreeSet<u32> = revisions.iter().flat_map(|r| &r.parents).copied().collect();
        let last = count(revisions.len()).saturating_sub(1);
        let heads = match graph {
            true => (0..=last).filter(|at| !parents.contains(at)).collect(),
            false => vec![last],
        };
        let rows = (0..)
            .zip(revisions.iter().zip(told.revisions))
            .map(|(at, (revision, entry))| {
                let changes = without_echoes(entry.changes);
                let tally = |kind| count(changes.iter().filter(|c| c.change == kind).count());
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
        let changes = without_echoes(report::changes(timeline, revision as usize));
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

/// The changes but for those of tables that are told by their columns and keys.
fn without_echoes(changes: Vec<ObjectChange>) -> Vec<ObjectChange> {
    let told: BTreeSet<String> = changes
        .iter()
        .filter(|c| matches!(c.kind, "column" | "constraint"))
        .filter_map(|c| Some(c.path.rsplit_once('.')?.0.to_owned()))
        .collect();
    let echo = |c: &ObjectChange| {
        c.kind == "table"
            && c.change == report::ChangeKind::Altered
            && c.renamed_from.is_none()
            && told.contains(&c.path)
    };
    changes.into_iter().filter(|c| !echo(c)).collect()
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
    let key = owner_of(schema, id)?;
    let lives = match key.kind {
        protocol::RelationKind::Table => schema.tables.get(TableId(key.id)).is_some_and(|t| t.dropped.is_none()),
        protocol::RelationKind::View => schema.views.get(ViewId(key.id)).is_some_and(|v| v.dropped.is_none()),
    };
    lives.then_some(key)
}

/// The table or view that an object is or belongs to, whether it exists or not.
pub(super) fn owner_of(schema: &Schema, id: ObjectId) -> Option<RelationKey> {
    let of = |relation: RelationId| match relation {
        RelationId::Table(id) => Some(table_key(id)),
        RelationId::View(id) => Some(view_key(id)),
        _ => None,
    };
    match id {
        ObjectId::Constraint(id) => Some(table_key(schema.constraints.get(id)?.table)),
        ObjectId::Policy(id) => Some(table_key(schema.policies.get(id)?.table)),
        ObjectId::Index(id) => of(schema.indexes.get(id)?.owner),
        ObjectId::Trigger(id) => of(schema.triggers.get(id)?.owner),
        ObjectId::Rule(id) => of(schema.rules.get(id)?.owner),
        other => relation_key(other),
    }
}

#[cfg(test)]
mod tests {
    use relata_core::history::layout::Layout;
    use relata_core::{Options, analyze};
    use relata_protocol::{Answer, ChangeKind, FindingsFilter, Page, Query, TableFilter};

    use super::super::reply;
    use super::*;

    const FILES: &[(&str, &str)] = &[
        ("V1__people.sql", "CREATE TABLE person (id int PRIMARY KEY, name text);"),
        ("V2__orders.sql", "CREATE TABLE purchase (id int PRIMARY KEY, person_id int REFERENCES person (id));"),
        ("V3__index.sql", "CREATE INDEX ON purchase (person_id);\nALTER TABLE person ALTER name TYPE varchar(9);"),
        ("V4__gone.sql", "ALTER TABLE missing ADD a int;"),
    ];

    fn model() -> Model {
        Model::new(analyze(FILES.iter().map(|(name, sql)| (*name, sql.as_bytes())), Options::default()))
    }

    fn tables(model: &mut Model) -> Vec<String> {
        let query = Query::Tables { target: 0, filter: TableFilter::default() };
        let Answer::Tables(list) = reply(model, &query).answer else { panic!("no tables") };
        list.rows.into_iter().map(|r| r.path).collect()
    }

    fn rules(model: &mut Model) -> Vec<String> {
        let page = Page { offset: 0, limit: 100 };
        let query = Query::Findings { filter: FindingsFilter::default(), page };
        let Answer::Findings(found) = reply(model, &query).answer else { panic!("no findings") };
        found.rows.into_iter().map(|r| r.rule).collect()
    }

    fn go(model: &mut Model, revision: Option<u32>) -> Answer {
        reply(model, &Query::GoTo { target: 0, revision }).answer
    }

    #[test]
    fn the_revisions_are_listed_with_what_becomes_of_them() {
        let mut model = model();
        let Answer::History(history) = reply(&mut model, &Query::History { target: 0 }).answer else { panic!() };
        let rows: Vec<_> = history.rows.iter().map(|r| (r.id.as_str(), r.status, r.created, r.altered)).collect();
        assert_eq!(
            rows,
            [
                ("V1", RevisionStatus::Applied, 1, 0),
                ("V2", RevisionStatus::Applied, 1, 0),
                ("V3", RevisionStatus::Applied, 1, 1),
                ("V4", RevisionStatus::Stops, 0, 0),
            ]
        );
        assert_eq!((history.graph, history.heads.as_slice()), (false, &[3][..]));
        let fourth = &history.rows[3];
        assert_eq!((fourth.conflicts, fourth.transaction.as_str()), (1, "file"));
        assert_eq!(model.analysis.sources.name(relata_core::source::FileId(fourth.location.file)), "V4__gone.sql");
    }

    #[test]
    fn a_revision_says_what_it_changed_where() {
        let mut model = model();
        let query = Query::Revision { target: 0, revision: 2 };
        let Answer::Revision(detail) = reply(&mut model, &query).answer else { panic!() };
        let altered = detail.changes.iter().find(|c| c.change == ChangeKind::Altered).unwrap();
        assert_eq!((altered.kind.as_str(), altered.path.as_str()), ("column", "public.person.name"));
        assert!(altered.before.as_ref().unwrap().contains("text"));
        assert!(altered.after.as_ref().unwrap().contains("9"));
        assert_eq!(altered.location.unwrap().line, 2);
        assert_eq!(altered.relation.unwrap().id, 0, "the table that the column belongs to");
        assert!(detail.changes.iter().all(|c| c.relation.is_some()));
        let query = Query::Revision { target: 0, revision: 4 };
        assert!(matches!(reply(&mut model, &query).answer, Answer::Refused { .. }));
    }

    #[test]
    fn as_of_a_revision_everything_is_as_of_then() {
        let mut model = model();
        let (all, end) = (tables(&mut model), rules(&mut model));
        assert_eq!(go(&mut model, Some(0)), Answer::Standing(Standing { target: 0, revision: Some(0) }));
        assert_eq!(tables(&mut model), ["public.person"]);
        let Answer::Overview(overview) = reply(&mut model, &Query::Overview).answer else { panic!() };
        assert_eq!(overview.targets[0].facts.iter().find(|f| f.name == "tables").unwrap().count, 1);
        go(&mut model, Some(1));
        let unindexed = |rules: &[String]| rules.iter().any(|r| r == "foreign-key-not-indexed");
        assert!(unindexed(&rules(&mut model)), "the index comes later");
        // Looking at other revisions moves nothing.
        reply(&mut model, &Query::History { target: 0 });
        reply(&mut model, &Query::Revision { target: 0, revision: 0 });
        assert_eq!(tables(&mut model), ["public.person", "public.purchase"]);
        go(&mut model, Some(3));
        assert_eq!((tables(&mut model), rules(&mut model)), (all, end), "the last revision is the end");
        assert!(!unindexed(&rules(&mut model)));
        assert!(matches!(go(&mut model, Some(4)), Answer::Refused { .. }));
    }

    #[test]
    fn what_can_be_chosen_is_what_the_core_knows() {
        let names = Layout::CHOICES.map(Layout::name);
        assert_eq!(protocol::LAYOUTS, names);
    }
}
