use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{list, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ConstraintId, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cascade-delete-chain",
    category: Category::KeysAndReferences,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Deleting one row cascades through three or more foreign keys in a row, or into eight or more tables.",
    why: "One DELETE then removes an unknown number of rows in one transaction: it holds locks and writes log for all of them, and there is no undo. A \
          slip on a root table, such as an organisation, empties whole branches of the schema. Consider RESTRICT at the root, marking rows as \
          deleted, or deleting in batches from the leaves. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE «organizations» (id bigint PRIMARY KEY);\nCREATE TABLE domains (id bigint PRIMARY KEY, o bigint REFERENCES organizations ON DELETE CASCADE);\nCREATE TABLE pages (id bigint PRIMARY KEY, d bigint REFERENCES domains ON DELETE CASCADE);\nCREATE TABLE chunks (id bigint PRIMARY KEY, p bigint REFERENCES pages ON DELETE CASCADE);",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE lines (id bigint PRIMARY KEY, o bigint REFERENCES orders ON DELETE CASCADE);\nCREATE TABLE notes (id bigint PRIMARY KEY, l bigint REFERENCES lines ON DELETE CASCADE);",
        // The chain is broken by SET NULL; a table that refers to itself is one hop.
        "CREATE TABLE a (id bigint PRIMARY KEY, parent bigint REFERENCES a ON DELETE CASCADE);\nCREATE TABLE b (id bigint PRIMARY KEY, a bigint REFERENCES a ON DELETE CASCADE);\nCREATE TABLE c (id bigint PRIMARY KEY, b bigint REFERENCES b ON DELETE SET NULL);\nCREATE TABLE d (id bigint PRIMARY KEY, c bigint REFERENCES c ON DELETE CASCADE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (hops_told, tables_told) = (cx.number(RULE.name, "hops"), cx.number(RULE.name, "tables"));
    // Cascading foreign keys by the table they start at.
    let mut edges: BTreeMap<TableId, Vec<(TableId, ConstraintId)>> = BTreeMap::new();
    let mut reached = std::collections::BTreeSet::new();
    for (id, table) in cx.tables() {
        for (constraint_id, _, fk) in cx.schema.foreign_keys_of(table) {
            if fk.on_delete == ReferentialAction::Cascade && fk.references != id {
                edges.entry(fk.references).or_default().push((id, constraint_id));
                reached.insert(id);
            }
        }
    }
    for (root, table) in cx.tables().filter(|(id, _)| edges.contains_key(id)) {
        out.look();
        // Chains are told at the table that they start from.
        if reached.contains(&root) {
            continue;
        }
        // Each table on a shortest way from the root, with the table before it.
        let mut before: BTreeMap<TableId, (TableId, ConstraintId)> = BTreeMap::new();
        let mut level = vec![root];
        let mut farthest = (root, 0);
        let mut hops = 0;
        while !level.is_empty() {
            hops += 1;
            let mut next = Vec::new();
            for from in level {
                for (to, constraint) in edges.get(&from).into_iter().flatten() {
                    if *to != root && !before.contains_key(to) {
                        before.insert(*to, (from, *constraint));
                        next.push(*to);
                        if farthest.1 < hops {
                            farthest = (*to, hops);
                        }
                    }
                }
            }
            level = next;
        }
        if farthest.1 < hops_told && before.len() < tables_told {
            continue;
        }
        let mut way = vec![farthest.0];
        let mut keys = Vec::new();
        while let Some((from, constraint)) = way.last().and_then(|t| before.get(t)) {
            keys.push(*constraint);
            way.push(*from);
        }
        way.reverse();
        let names: Vec<String> = way.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        let others = number(before.len(), "other table", "other tables");
        let (reach, evidence) = match farthest.1 {
            1 => {
                let first: Vec<String> = before.keys().take(3).map(|t| format!("`{}`", cx.table_name(*t))).collect();
                (", all of which refer to it".to_owned(), format!("Among them {}.", list(&first)))
            }
            hops => {
                let away = number(hops, "foreign key", "foreign keys");
                (format!(", up to {away} away"), format!("The longest way: {}.", names.join(" → ")))
            }
        };
        let message = format!("Deleting a row of `{}` deletes rows of {others}{reach}.", cx.table_name(root));
        let mut draft = out
            .report(ObjectId::Table(root), table.name_span, message)
            .objects(way.iter().skip(1).map(|t| ObjectId::Table(*t)))
            .evidence(evidence);
        for constraint in keys.iter().rev().filter_map(|c| cx.schema.constraints.get(*c)) {
            draft = draft.also_at(constraint.span);
        }
        let _ = draft;
    }
}
