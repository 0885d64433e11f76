//! Taking revisions back: what is left of the change when a revision ran and its down side after it.
//!
//! The database is marked before each revision and put back afterwards, so that one bad way back does not colour what is said of the next revision.

use std::collections::BTreeSet;

use super::{Conflict, Effect, Replayer, SetUp};
use crate::history::{History, Revision, RunnerTransaction};
use crate::operation::{ObjectKind, OperationKind};
use crate::schema::{
    ConstraintKind, Identity, KeyTarget, ObjectId, RelationId, Schema, Table, TableId, TypeKind, View,
};

/// Ways back that are tried, newest first: each replays its revision, and those that do not lead back three times.
const MAX_ROUND_TRIPS: usize = 1_000;

/// What is wrong with the way back of one revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoundTrip {
    /// The revision, by its place in the history.
    pub revision: u32,
    /// The first statement of the way back that PostgreSQL would refuse; its operation counts within the down side.
    pub refused: Option<Conflict>,
    /// What the revision made and the way back left.
    pub left: Vec<Fact>,
    /// What the revision or the way back took, and the way back did not put back.
    pub missing: Vec<Fact>,
    /// Whether the revision can run again afterwards, as if nothing had been left.
    pub runs_again: bool,
}

/// One thing that a database has: kind, path, and what tells it from another of that path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fact {
    /// What it is.
    pub kind: ObjectKind,
    /// Its path; of constraints and indexes, whose names mean little, what they are over.
    pub path: String,
    /// A column's type, a type's labels.
    pub detail: String,
}

/// Tries the way back of each revision that has one, and gives those that do not lead back.
pub fn round_trips(history: &History) -> Vec<RoundTrip> {
    let mut replayer = Replayer::new(SetUp::of(history));
    let mut out = Vec::new();
    let has_way_back = |r: &&Revision| r.has_way_back();
    let skipped = history.revisions.iter().filter(has_way_back).count().saturating_sub(MAX_ROUND_TRIPS);
    let mut seen = 0;
    for (number, revision) in (0_u32..).zip(&history.revisions) {
        if has_way_back(&revision) {
            seen += 1;
            if seen > skipped {
                out.extend(replayer.round_trip(number, revision));
            }
        }
        replayer.revision(number, revision);
    }
    out
}

impl Replayer {
    /// Runs a revision and its way back, puts everything back, and says what differs. `None` where nothing does, and where nobody can say: what is
    /// refused on the way up, and statements whose effect is unknown.
    fn round_trip(&mut self, number: u32, revision: &Revision) -> Option<RoundTrip> {
        self.end_session();
        self.start_session();
        let (steps, conflicts) = (self.steps.len(), self.conflicts.len());
        let (touched, refused, after) = self.tried(|replayer| {
            if !replayer.there_and_back(number, revision) {
                return None;
            }
            let mut touched = BTreeSet::new();
            for step in replayer.steps.iter().skip(steps) {
                for effect in &step.effects {
                    let (Effect::Created(id) | Effect::Altered(id) | Effect::Dropped(id)) = effect;
                    touched.extend(root(&replayer.schema, *id).map(|root| place(&replayer.schema, root)));
                }
            }
            let after = facts(&replayer.schema, &touched);
            Some((touched, replayer.conflicts.get(conflicts).cloned(), after))
        })?;
        let before = facts(&self.schema, &touched);
        let left: Vec<Fact> = after.difference(&before).cloned().collect();
        let missing: Vec<Fact> = before.difference(&after).cloned().collect();
        if refused.is_none() && left.is_empty() && missing.is_empty() {
            return None;
        }
        let runs_again = self.tried(|replayer| {
            replayer.there_and_back(number, revision);
            let before = replayer.conflicts.len();
            replayer.start_session();
            replayer.revision(number, revision);
            replayer.end_session();
            replayer.conflicts.len() == before
        });
        Some(RoundTrip { revision: number, refused, left, missing, runs_again })
    }

    /// Runs a revision and then its way back. False where nobody can say what that leads to: the way back was not tried.
    fn there_and_back(&mut self, number: u32, revision: &Revision) -> bool {
        let conflicts = self.conflicts.len();
        self.revision(number, revision);
        self.end_session();
        if self.conflicts.len() > conflicts || unknown(&revision.up) || unknown(&revision.down) {
            return false;
        }
        self.start_session();
        if revision.transaction == RunnerTransaction::PerFile {
            self.begin();
        }
        for (at, operation) in (0_u32..).zip(&revision.down) {
            self.operation(number, at, operation);
        }
        self.end_session();
        true
    }

    /// What `run` gives; whatever it does to the database is undone.
    fn tried<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let (steps, conflicts, opaque) = (self.steps.len(), self.conflicts.len(), self.opaque);
        self.schema.mark();
        let given = run(self);
        self.schema.undo();
        self.steps.truncate(steps);
        self.conflicts.truncate(conflicts);
        self.opaque = opaque;
        self.start_session();
        given
    }
}

/// Whether a statement ran of which nobody knows what it does.
fn unknown(operations: &[crate::operation::Operation]) -> bool {
    operations.iter().any(
        |o| matches!(&o.kind, OperationKind::Utility { verb, .. } if matches!(verb.as_str(), "DO" | "DROP" | "CALL" | "EXECUTE")),
    )
}

/// The table, view, type, function or sequence that an object belongs to. Extensions, schemas and roles stay behind by custom.
fn root(schema: &Schema, id: ObjectId) -> Option<ObjectId> {
    let of = |relation: RelationId| match relation {
        RelationId::Table(t) => Some(ObjectId::Table(t)),
        RelationId::View(v) => Some(ObjectId::View(v)),
        RelationId::Sequence(s) => Some(ObjectId::Sequence(s)),
        RelationId::Composite(t) => Some(ObjectId::Type(t)),
        RelationId::Index(_) => None,
    };
    match id {
        ObjectId::Table(_) | ObjectId::View(_) | ObjectId::Type(_) | ObjectId::Function(_) => Some(id),
        ObjectId::Sequence(s) => match schema.sequences.get(s)?.owned_by {
            Some((table, _)) => Some(ObjectId::Table(table)),
            None => Some(id),
        },
        ObjectId::Column(t, _) => Some(ObjectId::Table(t)),
        ObjectId::Constraint(c) => schema.constraints.get(c).map(|c| ObjectId::Table(c.table)),
        ObjectId::Policy(p) => schema.policies.get(p).map(|p| ObjectId::Table(p.table)),
        ObjectId::Index(i) => schema.indexes.get(i).and_then(|i| of(i.owner)),
        ObjectId::Trigger(t) => schema.triggers.get(t).and_then(|t| of(t.owner)),
        ObjectId::Rule(r) => schema.rules.get(r).and_then(|r| of(r.owner)),
        _ => None,
    }
}

/// Where an object is looked up: its schema and its name. Ids do not serve, as what a way back makes anew has another.
type Place = (ObjectKind, String, crate::name::Name);

fn place(schema: &Schema, id: ObjectId) -> Place {
    let namespace = match id {
        ObjectId::Table(t) => schema.tables.get(t).map(|t| t.namespace),
        ObjectId::View(v) => schema.views.get(v).map(|v| v.namespace),
        ObjectId::Type(t) => schema.types.get(t).map(|t| t.namespace),
        ObjectId::Function(f) => schema.functions.get(f).map(|f| f.namespace),
        ObjectId::Sequence(s) => schema.sequences.get(s).map(|s| s.namespace),
        _ => None,
    };
    let name = namespace.and_then(|n| schema.namespaces.get(n)).map_or(String::new(), |n| n.name.to_string());
    let kind = match id {
        ObjectId::Type(_) => ObjectKind::Type,
        ObjectId::Function(_) => ObjectKind::Function,
        _ => ObjectKind::Table,
    };
    (kind, name, schema.current_name(id).unwrap_or_default().into())
}

/// What a database has at some places.
fn facts(schema: &Schema, places: &BTreeSet<Place>) -> BTreeSet<Fact> {
    let mut out = BTreeSet::new();
    for (kind, namespace, name) in places {
        let Some(namespace) = schema.find_namespace(namespace) else { continue };
        match kind {
            ObjectKind::Type => {
                let found = schema.find_type(namespace, name).and_then(|id| Some((id, schema.types.get(id)?)));
                if let Some((id, found)) = found {
                    // Labels stay behind: PostgreSQL cannot drop one.
                    let detail = match &found.kind {
                        TypeKind::Composite(attributes) => {
                            let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
                            names.join(", ")
                        }
                        _ => String::new(),
                    };
                    out.insert(Fact { kind: ObjectKind::Type, path: schema.path(ObjectId::Type(id)), detail });
                }
            }
            ObjectKind::Function => {
                for id in schema.find_functions(namespace, name) {
                    let path = schema.path(ObjectId::Function(*id));
                    out.insert(Fact { kind: ObjectKind::Function, path, detail: String::new() });
                }
            }
            _ => match schema.find_relation(namespace, name) {
                Some(RelationId::Table(id)) => {
                    if let Some(table) = schema.tables.get(id).filter(|t| !t.assumed) {
                        table_facts(schema, id, table, &mut out);
                    }
                }
                Some(RelationId::View(id)) => {
                    if let Some(view) = schema.views.get(id) {
                        view_facts(schema, ObjectId::View(id), view, &mut out);
                    }
                }
                Some(RelationId::Sequence(id)) => {
                    let path = schema.path(ObjectId::Sequence(id));
                    out.insert(Fact { kind: ObjectKind::Sequence, path, detail: String::new() });
                }
                _ => {}
            },
        }
    }
    out
}

/// An expression without white space, parentheses, schemas and casts, which the two ways may spell differently.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let word = part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':'));
        if !matches!(word, "public." | "text" | "varchar") {
            out.push_str(word);
        }
    }
    out.to_ascii_lowercase()
}

fn table_facts(schema: &Schema, id: TableId, table: &Table, out: &mut BTreeSet<Fact>) {
    let own = schema.path(ObjectId::Table(id));
    let mut add = |kind: ObjectKind, path: String, detail: String| {
        out.insert(Fact { kind, path, detail });
    };
    let names = |columns: &[crate::schema::ColumnNumber]| -> String {
        let names: Vec<&str> =
            columns.iter().filter_map(|c| table.columns.get(c.index())).map(|c| c.name.as_str()).collect();
        names.join(", ")
    };
    add(ObjectKind::Table, own.clone(), String::new());
    for (number, column) in table.live_columns() {
        let not_null = if column.not_null { " NOT NULL" } else { "" };
        let identity = match column.identity {
            Some(Identity::Always) => " ALWAYS",
            Some(Identity::ByDefault) => " BY DEFAULT",
            None => "",
        };
        let default = if column.default.is_some() { " DEFAULT" } else { "" };
        let detail = format!("{}{not_null}{identity}{default}", column.data_type.display(schema));
        add(ObjectKind::Column, schema.path(ObjectId::Column(id, number)), detail);
    }
    for (_, constraint) in schema.constraints_of(table) {
        let kind = match &constraint.kind {
            // A unique constraint and a unique index keep the same rule.
            ConstraintKind::Unique { .. } => ObjectKind::Index,
            _ => ObjectKind::Constraint,
        };
        let what = match &constraint.kind {
            ConstraintKind::PrimaryKey => "primary key".to_owned(),
            ConstraintKind::Unique { .. } => "unique index".to_owned(),
            ConstraintKind::Check(_) => "check".to_owned(),
            ConstraintKind::Exclude { .. } => "exclusion constraint".to_owned(),
            ConstraintKind::ForeignKey(key) => {
                format!("foreign key to {}", schema.path(ObjectId::Table(key.references)))
            }
        };
        add(kind, format!("{own} ({})", names(&constraint.columns)), what);
    }
    for (_, index) in schema.indexes_of(table).filter(|(_, i)| i.constraint.is_none()) {
        let keys: Vec<String> = index
            .keys
            .iter()
            .map(|key| match &key.target {
                KeyTarget::Column(number) => names(std::slice::from_ref(number)),
                KeyTarget::Expression(expression) => plain(&schema.display_expr(expression)),
            })
            .collect();
        let unique = if index.unique { "unique index" } else { "index" };
        add(ObjectKind::Index, format!("{own} ({})", keys.join(", ")), unique.to_owned());
    }
    for (trigger, _) in schema.triggers_of(&table.triggers) {
        add(ObjectKind::Trigger, schema.path(ObjectId::Trigger(trigger)), String::new());
    }
    for (policy, _) in schema.policies_of(table) {
        add(ObjectKind::Policy, schema.path(ObjectId::Policy(policy)), String::new());
    }
    if table.rls_enabled {
        add(ObjectKind::Table, own, "row-level security".to_owned());
    }
}

fn view_facts(schema: &Schema, id: ObjectId, view: &View, out: &mut BTreeSet<Fact>) {
    out.insert(Fact { kind: schema.kind(id), path: schema.path(id), detail: String::new() });
    for index in view.indexes.iter().filter(|i| schema.indexes.get(**i).is_some_and(|i| i.dropped.is_none())) {
        let path = schema.path(ObjectId::Index(*index));
        out.insert(Fact { kind: ObjectKind::Index, path, detail: String::new() });
    }
    for (trigger, _) in schema.triggers_of(&view.triggers) {
        let path = schema.path(ObjectId::Trigger(trigger));
        out.insert(Fact { kind: ObjectKind::Trigger, path, detail: String::new() });
    }
}
