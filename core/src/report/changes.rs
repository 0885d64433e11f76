//! What a revision changed, object by object, with what it was before and after.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::build::trigger_entry;
use super::sql_text::{column_text, constraint_text, function_text, index_text, policy_text, type_text};
use crate::history::Timeline;
use crate::order::Order;
use crate::schema::{ObjectId, RelationId, Schema, Table, TableKind};

/// What happened to one object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectChange {
    /// The object.
    #[serde(skip)]
    pub id: ObjectId,
    /// What happened.
    pub change: ChangeKind,
    /// The kind of object, in words.
    pub kind: &'static str,
    /// Its path afterwards; of a dropped object the one that it had.
    pub path: String,
    /// The path that it had before, where it has another one now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// What it was, in SQL; `None` for an object that was not there.
    pub before: Option<String>,
    /// What it is; `None` for an object that is gone.
    pub after: Option<String>,
}

/// What can happen to an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum ChangeKind {
    Created,
    Altered,
    Dropped,
}

impl ChangeKind {
    /// The mark in lists: `+`, `~`, `-`.
    pub fn sign(self) -> char {
        match self {
            Self::Created => '+',
            Self::Altered => '~',
            Self::Dropped => '-',
        }
    }
}

/// An object as it is in one state.
struct Description {
    kind: &'static str,
    path: String,
    text: String,
    /// The table or view that it goes with.
    part_of: Option<ObjectId>,
    /// The text of that table tells it.
    told: bool,
}

/// What the revision of this place changed. The timeline then stands behind it. Columns and keys that come with a
/// table are in its text; whatever goes with a table is not told apart.
pub fn changes(timeline: &mut Timeline, revision: usize) -> Vec<ObjectChange> {
    let touched = timeline.touched(revision);
    let mut before = describe_all(timeline.go_to(revision), &touched);
    let mut after = describe_all(timeline.go_to(revision + 1), &touched);
    let made = |id: &ObjectId| !before.contains_key(id) && after.contains_key(id);
    let gone = |id: &ObjectId| before.contains_key(id) && !after.contains_key(id);
    let with_owner: BTreeSet<ObjectId> = before
        .iter()
        .chain(&after)
        .filter(|(id, d)| {
            d.part_of.is_some_and(|owner| (d.told && made(id) && made(&owner)) || (gone(id) && gone(&owner)))
        })
        .map(|(id, _)| *id)
        .collect();
    let ids: BTreeSet<ObjectId> = before.keys().chain(after.keys()).copied().collect();
    let mut changes = Vec::new();
    for id in ids.into_iter().filter(|id| !with_owner.contains(id)) {
        let (old, new) = (before.remove(&id), after.remove(&id));
        let change = match (&old, &new) {
            (None, Some(_)) => ChangeKind::Created,
            (Some(_), None) => ChangeKind::Dropped,
            (Some(old), Some(new)) if old.path != new.path || old.text != new.text => ChangeKind::Altered,
            _ => continue,
        };
        let Some(shown) = new.as_ref().or(old.as_ref()) else { continue };
        let (kind, path) = (shown.kind, shown.path.clone());
        let own_name = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
        // A part of a renamed table is not renamed with it.
        let renamed_from = old
            .as_ref()
            .filter(|o| o.path != path && (o.part_of.is_none() || own_name(&o.path) != own_name(&path)))
            .map(|o| o.path.clone());
        let same_text = old.as_ref().map(|o| &o.text) == new.as_ref().map(|n| &n.text);
        if change == ChangeKind::Altered && renamed_from.is_none() && same_text {
            continue;
        }
        changes.push(ObjectChange {
            id,
            change,
            kind,
            path,
            renamed_from,
            before: old.map(|o| o.text),
            after: new.map(|n| n.text),
        });
    }
    changes
}

/// What differs between two schemas that have nothing to do with each other but their names: an object is the same where kind and path are, so that
/// a renamed one is told as dropped and created. What goes with a table is not told apart.
pub(super) fn between(before: &Schema, after: &Schema) -> Vec<ObjectChange> {
    let old = by_path(before);
    let mut new = by_path(after);
    let mut found: Vec<((&'static str, String), ObjectChange)> = Vec::new();
    let mut whole: BTreeSet<(ChangeKind, String)> = BTreeSet::new();
    let mut tell = |key: (&'static str, String), before: Option<Described>, after: Option<Described>| {
        let change = match (&before, &after) {
            (None, Some(_)) => ChangeKind::Created,
            (Some(_), None) => ChangeKind::Dropped,
            (Some(a), Some(b)) if a.text != b.text => ChangeKind::Altered,
            _ => return,
        };
        let owner = after.as_ref().or(before.as_ref()).and_then(|d| d.owner.clone());
        if matches!(key.0, "table" | "view" | "materialized view") && change != ChangeKind::Altered {
            whole.insert((change, key.1.clone()));
        }
        let Some(id) = after.as_ref().or(before.as_ref()).map(|d| d.id) else { return };
        let change = ObjectChange {
            id,
            change,
            kind: key.0,
            path: key.1.clone(),
            renamed_from: None,
            before: before.map(|d| d.text),
            after: after.map(|d| d.text),
        };
        found.push(((key.0, owner.unwrap_or_default()), change));
    };
    for (key, description) in old {
        let after = new.remove(&key);
        tell(key, Some(description), after);
    }
    for (key, description) in new {
        tell(key, None, Some(description));
    }
    // A table that changed because its columns and constraints did is told by them.
    let parts: BTreeSet<String> = found.iter().map(|((_, owner), _)| owner.clone()).filter(|o| !o.is_empty()).collect();
    found.retain(|((kind, owner), c)| {
        let with_owner = whole.contains(&(c.change, owner.clone()));
        let by_parts = *kind == "table" && c.change == ChangeKind::Altered && parts.contains(&c.path);
        !with_owner && !by_parts
    });
    let mut changes: Vec<ObjectChange> = found.into_iter().map(|(_, c)| c).collect();
    changes.order_by(|a, b| (&a.path, a.kind, a.change).cmp(&(&b.path, b.kind, b.change)));
    changes
}

/// An object by itself, for a comparison by path.
struct Described {
    id: ObjectId,
    text: String,
    /// The path of the table or view that it goes with.
    owner: Option<String>,
}

fn by_path(schema: &Schema) -> BTreeMap<(&'static str, String), Described> {
    let ids = schema.all_objects();
    describe_all(schema, &ids)
        .into_iter()
        .map(|(id, d)| {
            let owner = d.part_of.map(|o| schema.path(o));
            ((d.kind, d.path), Described { id, text: d.text, owner })
        })
        .collect()
}

fn describe_all(schema: &Schema, ids: &[ObjectId]) -> BTreeMap<ObjectId, Description> {
    let mut all = BTreeMap::new();
    for id in ids {
        if let Some(description) = describe(schema, *id) {
            all.insert(*id, description);
        }
        if let ObjectId::Table(t) = id
            && let Some(table) = schema.tables.get(*t).filter(|t| t.dropped.is_none())
        {
            for (number, _) in table.live_columns() {
                let column = ObjectId::Column(*t, number);
                all.extend(describe(schema, column).map(|d| (column, d)));
            }
        }
    }
    all
}

/// `None` for what is not there in this state, and for what a migration tool never sees: what a platform brings along, temporary objects.
fn describe(schema: &Schema, id: ObjectId) -> Option<Description> {
    let of_relation = |relation: RelationId| match relation {
        RelationId::Table(t) => Some(ObjectId::Table(t)),
        RelationId::View(v) => Some(ObjectId::View(v)),
        _ => None,
    };
    let (there, text, part_of) = match id {
        ObjectId::Namespace(n) => {
            let n = schema.namespaces.get(n)?;
            (n.dropped.is_none() && !n.assumed && n.span.is_some(), String::new(), None)
        }
        ObjectId::Table(t) => {
            let t = schema.tables.get(t)?;
            (t.dropped.is_none() && !t.assumed, table_text(schema, t), None)
        }
        ObjectId::Column(table, number) => {
            let t = schema.tables.get(table)?;
            let column = t.column(number)?;
            (!t.assumed, column_text(schema, column), Some(ObjectId::Table(table)))
        }
        ObjectId::View(v) => {
            let v = schema.views.get(v)?;
            (v.dropped.is_none(), schema.display_expr(&v.query), None)
        }
        ObjectId::Index(i) => {
            let i = schema.indexes.get(i)?;
            // The index of a key is told with the key.
            (i.dropped.is_none() && i.constraint.is_none(), index_text(schema, i), of_relation(i.owner))
        }
        ObjectId::Sequence(s) => {
            let s = schema.sequences.get(s)?;
            let text = format!("AS {} START {} INCREMENT {}", s.data_type, s.start, s.increment);
            (s.dropped.is_none(), text, s.owned_by.map(|(table, _)| ObjectId::Table(table)))
        }
        ObjectId::Constraint(c) => {
            let c = schema.constraints.get(c)?;
            (c.dropped.is_none(), constraint_text(schema, c), Some(ObjectId::Table(c.table)))
        }
        ObjectId::Type(t) => {
            let t = schema.types.get(t)?;
            (t.dropped.is_none(), type_text(schema, t), None)
        }
        ObjectId::Function(f) => {
            let f = schema.functions.get(f)?;
            (f.dropped.is_none(), function_text(schema, f), None)
        }
        ObjectId::Trigger(t) => {
            let t = schema.triggers.get(t)?;
            let entry = trigger_entry(schema, t);
            let text =
                format!("{} EXECUTE {}{}", entry.event, entry.function, if entry.enabled { "" } else { " DISABLED" });
            (t.dropped.is_none(), text, of_relation(t.owner))
        }
        ObjectId::Policy(p) => {
            let p = schema.policies.get(p)?;
            (p.dropped.is_none(), policy_text(schema, p), Some(ObjectId::Table(p.table)))
        }
        ObjectId::Rule(r) => {
            let r = schema.rules.get(r)?;
            (r.dropped.is_none(), schema.display_expr(&r.text), of_relation(r.owner))
        }
        ObjectId::Extension(e) => (schema.extensions.get(e)?.dropped.is_none(), String::new(), None),
        ObjectId::EventTrigger(e) => (schema.event_triggers.get(e)?.dropped.is_none(), String::new(), None),
        ObjectId::Other(o) => (schema.others.get(o)?.dropped.is_none(), String::new(), None),
        ObjectId::File(_) | ObjectId::Revision(_) => return None,
    };
    let path = schema.path(id);
    let shown = there && !path.starts_with("pg_temp.");
    let told = matches!(id, ObjectId::Column(..) | ObjectId::Constraint(_) | ObjectId::Sequence(_));
    shown.then(|| Description { kind: schema.kind(id).name(), path, text, part_of, told })
}

/// The columns and keys of a table, and what it has besides.
fn table_text(schema: &Schema, table: &Table) -> String {
    let columns =
        table.live_columns().map(|(_, c)| format!("{} {}", crate::name::quote(&c.name), column_text(schema, c)));
    let keys = schema.constraints_of(table).map(|(_, c)| constraint_text(schema, c));
    let mut text = format!("({})", columns.chain(keys).collect::<Vec<_>>().join(", "));
    if table.kind == TableKind::Foreign {
        text.push_str(" FOREIGN");
    }
    if let Some(key) = &table.partition_key {
        text.push_str(&format!(" PARTITION BY {}", key.text.text));
    }
    if let Some((parent, bound)) = &table.partition_of {
        text.push_str(&format!(" PARTITION OF {} {}", schema.path(ObjectId::Table(*parent)), bound.text.text));
    }
    if table.rls_enabled {
        text.push_str(if table.rls_forced { " ROW LEVEL SECURITY FORCED" } else { " ROW LEVEL SECURITY" });
    }
    if let Some(comment) = &table.comment {
        text.push_str(&format!(" COMMENT '{comment}'"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Options, analyze};

    fn lines(files: &[(&str, &str)], revision: usize) -> Vec<String> {
        let analysis = analyze(files.iter().map(|(n, sql)| (*n, sql.as_bytes())), Options::default());
        let mut timeline = Timeline::of(&analysis.targets[0].replay);
        let text = |c: &ObjectChange| {
            let from = c.renamed_from.as_ref().map_or(String::new(), |f| format!(" from {f}"));
            let texts = match (&c.before, &c.after) {
                (Some(a), Some(b)) if a == b => String::new(),
                (a, b) => format!(": {} -> {}", a.as_deref().unwrap_or("none"), b.as_deref().unwrap_or("none")),
            };
            format!("{} {} {}{from}{texts}", c.change.sign(), c.kind, c.path)
        };
        changes(&mut timeline, revision).iter().map(text).collect()
    }

    #[test]
    fn changes_show_before_and_after() {
        let files = [
            ("1.sql", "CREATE TABLE t (id int PRIMARY KEY, a text); CREATE INDEX i ON t (a);"),
            ("2.sql", "ALTER TABLE t ALTER a TYPE varchar(9), ADD b int NOT NULL DEFAULT 1; DROP INDEX i;"),
            ("3.sql", "ALTER TABLE t RENAME TO u; ALTER TABLE u DROP COLUMN b;"),
            ("4.sql", "DROP TABLE u;"),
        ];
        assert_eq!(
            lines(&files, 0),
            [
                "+ table public.t: none -> (id integer NOT NULL, a text, PRIMARY KEY (id))",
                "+ index public.t.i: none -> btree (a)"
            ]
        );
        let second = lines(&files, 1);
        assert!(second.contains(&"~ column public.t.a: text -> character varying(9)".to_owned()), "{second:?}");
        assert!(second.contains(&"+ column public.t.b: none -> integer NOT NULL DEFAULT 1".to_owned()), "{second:?}");
        assert!(second.contains(&"- index public.t.i: btree (a) -> none".to_owned()), "{second:?}");
        let third = lines(&files, 2);
        assert!(third.iter().any(|l| l.starts_with("~ table public.u from public.t")), "{third:?}");
        assert!(third.contains(&"- column public.t.b: integer NOT NULL DEFAULT 1 -> none".to_owned()), "{third:?}");
        assert_eq!(third.len(), 2, "{third:?}");
        assert_eq!(lines(&files, 3).len(), 1);
    }
}
