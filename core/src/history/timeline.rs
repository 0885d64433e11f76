//! The schema at any point of a history.

use crate::analysis::{Analysis, TargetAnalysis};
use crate::finding::Finding;
use crate::history::History;
use crate::order::Order;
use crate::policy;
use crate::replay::Replay;
use crate::rules;
use crate::schema::{ObjectId, Schema, SchemaDelta};

/// A schema that goes back and forth over a history. Going somewhere costs what the revisions in between changed, not what the schema holds; the
/// state after `n` revisions is the same on every way there.
#[derive(Clone, Debug)]
pub struct Timeline {
    schema: Schema,
    deltas: Vec<SchemaDelta>,
    /// How many revisions have been applied.
    at: usize,
    /// The other of the only two states of a history of one revision.
    other: Option<Schema>,
}

impl Timeline {
    /// A timeline that stands at the end. The replay's schema and differences are copied once.
    pub fn of(replay: &Replay) -> Self {
        let deltas = replay.deltas.clone();
        let (at, other) = match deltas.len() {
            0 => (1, Some(Schema::default())),
            n => (n, None),
        };
        Self { schema: replay.schema.clone(), deltas, at, other }
    }

    /// How many revisions there are.
    pub fn revisions(&self) -> usize {
        self.deltas.len().max(1)
    }

    /// How many revisions have been applied to what [`schema`](Self::schema) gives.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The schema as it stands.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Goes to the state after the first `revisions` revisions: 0 is the empty database. Beyond the end is the end.
    pub fn go_to(&mut self, revisions: usize) -> &Schema {
        let to = revisions.min(self.revisions());
        if let Some(other) = &mut self.other {
            if to != self.at {
                std::mem::swap(other, &mut self.schema);
            }
        } else {
            while self.at > to {
                self.at -= 1;
                if let Some(delta) = self.deltas.get_mut(self.at) {
                    self.schema.swap(delta);
                }
            }
            while self.at < to {
                if let Some(delta) = self.deltas.get_mut(self.at) {
                    self.schema.swap(delta);
                }
                self.at += 1;
            }
        }
        self.at = to;
        &self.schema
    }

    /// The objects that the revision of this place made, changed or dropped; columns are told with their table.
    pub fn touched(&self, revision: usize) -> Vec<ObjectId> {
        match (self.deltas.get(revision), revision) {
            (Some(delta), _) => delta.touched(),
            (None, 0) if self.deltas.is_empty() => {
                let schema = if self.at == 1 { &self.schema } else { self.other.as_ref().unwrap_or(&self.schema) };
                schema.all_objects()
            }
            _ => Vec::new(),
        }
    }

    /// The findings as of the first `revisions` revisions, as if the history ended there. The timeline stays there.
    /// `analysis` is what `target` is of: its sources, settings and waivers hold there, too.
    pub fn findings(&mut self, analysis: &Analysis, target: &TargetAnalysis, revisions: usize) -> Vec<Finding> {
        self.go_to(revisions);
        let reached = |revision: u32| (revision as usize) < self.at;
        let revisions = target.history.revisions.iter().take(self.at).cloned().collect();
        let history = History { revisions, ..target.history.clone() };
        let steps: Vec<_> = target.replay.steps.iter().filter(|s| reached(s.revision)).cloned().collect();
        let replay = Replay {
            schema: self.schema.clone(),
            notes: target.replay.notes.iter().filter(|n| (n.step as usize) < steps.len()).cloned().collect(),
            steps,
            conflicts: target.replay.conflicts.iter().filter(|c| reached(c.revision)).cloned().collect(),
            unknown: target.replay.unknown.iter().filter(|(revision, _)| reached(*revision)).copied().collect(),
            opaque_calls: target
                .replay
                .opaque_calls
                .iter()
                .filter(|(revision, _)| reached(*revision))
                .copied()
                .collect(),
            deltas: Vec::new(),
        };
        let Analysis { sources, policy, waivers, .. } = analysis;
        let context = rules::Context::under(policy, &target.target, &history, &replay, sources);
        let mut findings = rules::check(&context).0;
        super::attribution::attribute(&mut findings, &history, &replay);
        super::past::mark_past(&mut findings, &history);
        policy::apply(&mut findings, waivers, sources);
        findings.order_by_key(|f| f.waived.is_some());
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::catalog::catalog;
    use crate::session::{Options, analyze};

    /// Histories that make, rename, rebuild, drop and take back.
    const HISTORY: &[&str] = &[
        "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (id int PRIMARY KEY, m mood); CREATE VIEW v AS SELECT id FROM a;",
        "BEGIN; ALTER TABLE a ADD COLUMN b text; ROLLBACK; CREATE TABLE b (id int, a_id int REFERENCES a);",
        "ALTER TABLE a RENAME TO c; ALTER TABLE c RENAME COLUMN id TO key; CREATE INDEX ON c (m); GRANT SELECT ON c TO public;",
        "CREATE TEMP TABLE t (x int); ALTER TYPE mood ADD VALUE 'happy'; ALTER TABLE missing ADD COLUMN x int;",
        "DROP TABLE b; CREATE TABLE b (id bigint); ALTER TABLE c ADD CHECK (key > 0);",
        "DROP VIEW v; CREATE SCHEMA s; ALTER TABLE c SET SCHEMA s; DROP TYPE mood CASCADE;",
    ];

    fn project(revisions: usize) -> Analysis {
        let names: Vec<String> = (0..revisions).map(|n| format!("{n:03}_x.sql")).collect();
        let files = names.iter().zip(HISTORY).map(|(n, sql)| (n.as_str(), sql.as_bytes()));
        analyze(files, Options::default())
    }

    fn analysis(revisions: usize) -> TargetAnalysis {
        project(revisions).targets.remove(0)
    }

    /// The expectation is the definition: the state as of N is what replaying the first N revisions gives.
    #[test]
    fn every_way_to_a_revision_leads_to_the_same_state() {
        let mut timeline = Timeline::of(&analysis(HISTORY.len()).replay);
        let expected: Vec<String> = (1..=HISTORY.len()).map(|n| catalog(analysis(n).schema()).to_string()).collect();
        for to in [6, 1, 6, 3, 2, 5, 4, 1, 0, 6, 5, 4, 3, 2, 1] {
            let schema = timeline.go_to(to);
            match to {
                0 => assert_eq!(schema.live_tables().count(), 0),
                n => assert_eq!(catalog(schema).to_string(), expected[n - 1], "as of {n}"),
            }
        }
    }

    #[test]
    fn findings_as_of_a_revision_are_those_of_the_history_that_ends_there() {
        let project = project(HISTORY.len());
        let whole = &project.targets[0];
        let mut timeline = whole.timeline();
        for n in [2, 5, 3] {
            let expected: Vec<String> = analysis(n).findings.iter().map(|f| f.message.clone()).collect();
            let found: Vec<String> = timeline.findings(&project, whole, n).iter().map(|f| f.message.clone()).collect();
            assert_eq!(found, expected, "as of {n}");
        }
    }
}
