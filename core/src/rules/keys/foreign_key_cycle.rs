use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity};
use crate::rules::support::DeclaredKey;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-cycle",
    category: Category::KeysAndReferences,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "Tables require rows of each other in a circle, with foreign keys that are checked at once.",
    why: "The first row of such a circle cannot be inserted: each needs the other to be there already. Programs then fall back to switching \
          constraints off, or to a dummy row. Let one of the columns be empty, or declare one foreign key DEFERRABLE INITIALLY DEFERRED, so \
          that it is checked at commit. PostgreSQL manual, 5.4.5 \"Foreign Keys\" and SET CONSTRAINTS.",
    fires: examples![
        "CREATE TABLE «teams» (id bigint PRIMARY KEY, captain bigint NOT NULL);\nCREATE TABLE players (id bigint PRIMARY KEY, team bigint NOT NULL REFERENCES teams);\nALTER TABLE teams ADD FOREIGN KEY (captain) REFERENCES players;",
    ],
    silent: examples![
        "CREATE TABLE teams (id bigint PRIMARY KEY, captain bigint);\nCREATE TABLE players (id bigint PRIMARY KEY, team bigint NOT NULL REFERENCES teams);\nALTER TABLE teams ADD FOREIGN KEY (captain) REFERENCES players;",
        "CREATE TABLE teams (id bigint PRIMARY KEY, captain bigint NOT NULL);\nCREATE TABLE players (id bigint PRIMARY KEY, team bigint NOT NULL REFERENCES teams);\nALTER TABLE teams ADD FOREIGN KEY (captain) REFERENCES players DEFERRABLE INITIALLY DEFERRED;",
        // A tree may start with a row that is its own parent.
        "CREATE TABLE nodes (id bigint PRIMARY KEY, parent bigint NOT NULL REFERENCES nodes);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Tables by the required references that leave them.
    let mut edges: BTreeMap<TableId, Vec<(TableId, DeclaredKey<'_>)>> = BTreeMap::new();
    for key in cx.foreign_keys() {
        out.look();
        if key.fk.references != key.table && key.is_required() && !key.constraint.deferrable {
            edges.entry(key.table).or_default().push((key.fk.references, key));
        }
    }
    // Whatever nothing points at, or points at nothing that is left, is on no circle: peel such tables off until only circles, and ways between
    // them, are left. What remains is walked once from each start.
    let mut done: BTreeSet<TableId> = BTreeSet::new();
    for start in edges.keys().copied() {
        if done.contains(&start) {
            continue;
        }
        if let Some(circle) = circle_from(start, &edges, &mut done) {
            report(cx, out, &circle);
        }
    }
}

/// The first circle on a depth-first walk; every table that it visits is done.
fn circle_from<'a>(
    start: TableId,
    edges: &BTreeMap<TableId, Vec<(TableId, DeclaredKey<'a>)>>,
    done: &mut BTreeSet<TableId>,
) -> Option<Vec<DeclaredKey<'a>>> {
    // The way to the table at hand: each with the place of its next edge.
    let mut way: Vec<(TableId, usize)> = vec![(start, 0)];
    let mut keys: Vec<DeclaredKey<'a>> = Vec::new();
    let mut on_way: BTreeSet<TableId> = BTreeSet::from([start]);
    let mut found = None;
    done.insert(start);
    while let Some((table, at)) = way.last_mut() {
        let next = edges.get(table).and_then(|all| all.get(*at));
        *at += 1;
        match next {
            None => {
                on_way.remove(table);
                way.pop();
                keys.pop();
            }
            Some((to, key)) if on_way.contains(to) => {
                if found.is_none() {
                    let from = way.iter().position(|(t, _)| t == to).unwrap_or(0);
                    let mut circle = keys.get(from..).unwrap_or_default().to_vec();
                    circle.push(*key);
                    found = Some(circle);
                }
            }
            Some((to, key)) if done.insert(*to) => {
                on_way.insert(*to);
                keys.push(*key);
                way.push((*to, 0));
            }
            Some(_) => {}
        }
    }
    found
}

fn report(cx: &Context<'_>, out: &mut Findings<'_>, circle: &[DeclaredKey<'_>]) {
    let first = circle.iter().map(|k| k.table).min();
    let Some(first) = circle.iter().position(|k| Some(k.table) == first) else { return };
    let mut circle = circle.to_vec();
    circle.rotate_left(first);
    let Some(start) = circle.first() else { return };
    let names: Vec<String> = circle.iter().chain([start]).map(|k| format!("`{}`", cx.table_name(k.table))).collect();
    let message = format!("No first row can be inserted: {} require each other.", names.join(" → "));
    let mut draft = out
        .report(ObjectId::Table(start.table), start.of.name_span, message)
        .objects(circle.iter().skip(1).map(|k| ObjectId::Table(k.table)));
    for key in &circle {
        draft = draft.object(ObjectId::Constraint(key.id)).also_at(key.constraint.span);
    }
    let _ = draft;
}
