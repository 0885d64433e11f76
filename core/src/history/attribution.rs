//! Which revision made an object, and which changed it last.

use std::collections::BTreeMap;

use super::History;
use crate::finding::{Finding, Subject};
use crate::replay::{Effect, Replay};
use crate::schema::{ObjectId, RelationId, Schema};

/// Revisions by their place in the history. What happens to a part of a table (a column, key, index, trigger, policy) changes the table, too.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    introduced: BTreeMap<ObjectId, u32>,
    changed: BTreeMap<ObjectId, u32>,
}

impl Attribution {
    /// Reads it off the steps of a replay.
    pub fn of(replay: &Replay) -> Self {
        let mut own = Self::default();
        for step in &replay.steps {
            for effect in &step.effects {
                let (id, made) = match effect {
                    Effect::Created(id) => (*id, true),
                    Effect::Altered(id) | Effect::Dropped(id) => (*id, false),
                };
                if made {
                    own.introduced.entry(id).or_insert(step.revision);
                }
                own.changed.insert(id, step.revision);
                if let Some(owner) = owner(&replay.schema, id) {
                    own.changed.insert(owner, step.revision);
                }
            }
        }
        own
    }

    /// The revision that made an object. A column that was not added later came with its table.
    pub fn introduced_by(&self, id: ObjectId) -> Option<u32> {
        let own = self.introduced.get(&id).copied();
        match id {
            ObjectId::Column(table, _) => own.or_else(|| self.introduced.get(&ObjectId::Table(table)).copied()),
            _ => own,
        }
    }

    /// The revision that last changed it; the one that made it, where none did.
    pub fn last_changed_by(&self, id: ObjectId) -> Option<u32> {
        self.changed.get(&id).copied().or_else(|| self.introduced_by(id))
    }
}

/// The table or view that an object is a part of.
fn owner(schema: &Schema, id: ObjectId) -> Option<ObjectId> {
    let of_relation = |relation| match relation {
        RelationId::Table(t) => Some(ObjectId::Table(t)),
        RelationId::View(v) => Some(ObjectId::View(v)),
        _ => None,
    };
    match id {
        ObjectId::Column(table, _) => Some(ObjectId::Table(table)),
        ObjectId::Constraint(c) => Some(ObjectId::Table(schema.constraints.get(c)?.table)),
        ObjectId::Policy(p) => Some(ObjectId::Table(schema.policies.get(p)?.table)),
        ObjectId::Index(i) => of_relation(schema.indexes.get(i)?.owner),
        ObjectId::Trigger(t) => of_relation(schema.triggers.get(t)?.owner),
        ObjectId::Rule(r) => of_relation(schema.rules.get(r)?.owner),
        _ => None,
    }
}

/// Says of each finding which revision made its subject and which changed it last. A finding about no object of the end state is attributed to the
/// revision that it points at.
pub fn attribute(findings: &mut [Finding], history: &History, replay: &Replay) {
    if history.revisions.len() < 2 || findings.is_empty() {
        return;
    }
    let attribution = Attribution::of(replay);
    let schema = &replay.schema;
    let mut ids: BTreeMap<Subject, ObjectId> = BTreeMap::new();
    for id in schema.all_objects() {
        ids.insert(Subject::new(schema.kind(id), schema.path(id)), id);
    }
    for finding in findings {
        let id = finding.objects.first().and_then(|subject| ids.get(subject)).copied();
        let pointed_at = || {
            let span = finding.spans.first()?;
            let within = |r: &super::Revision| r.file == span.file && r.up.iter().any(|o| o.span.contains(*span));
            let by_file = || history.revisions.iter().position(|r| r.file == span.file);
            let place = history.revisions.iter().position(within).or_else(by_file)?;
            u32::try_from(place).ok()
        };
        finding.introduced_by = id.and_then(|id| attribution.introduced_by(id)).or_else(pointed_at);
        finding.last_changed_by = id.and_then(|id| attribution.last_changed_by(id)).or(finding.introduced_by);
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    /// By hand: who made what can be seen from the files.
    #[test]
    fn tables_columns_and_findings_know_their_revisions() {
        let files = [
            ("1_a.sql", "CREATE TABLE t (id int PRIMARY KEY, m money); CREATE TABLE u (id int PRIMARY KEY);"),
            ("2_b.sql", "ALTER TABLE t ADD COLUMN n money;"),
            ("3_c.sql", "ALTER TABLE t ALTER COLUMN m SET NOT NULL;"),
        ];
        let analysis = analyze(files.map(|(n, sql)| (n, sql.as_bytes())), Options::default());
        let target = &analysis.targets[0];
        let attribution = super::Attribution::of(&target.replay);
        let of = |path: &str| {
            let schema = target.schema();
            let id = schema.all_objects().into_iter().find(|id| schema.path(*id) == path).unwrap();
            (attribution.introduced_by(id), attribution.last_changed_by(id))
        };
        assert_eq!(of("public.t"), (Some(0), Some(2)));
        assert_eq!(of("public.u"), (Some(0), Some(0)));
        assert_eq!(of("public.t.m"), (Some(0), Some(2)));
        assert_eq!(of("public.t.n"), (Some(1), Some(1)));
        let money: Vec<_> = target
            .findings
            .iter()
            .filter(|f| f.rule.name == "money-type")
            .map(|f| (f.objects[0].path.as_str(), f.introduced_by, f.last_changed_by))
            .collect();
        assert_eq!(money, [("public.t.m", Some(0), Some(2)), ("public.t.n", Some(1), Some(1))]);
    }
}
