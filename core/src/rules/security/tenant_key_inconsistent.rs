use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity};
use crate::rules::support::{list, number, only_column, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintId, ForeignKey, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-key-inconsistent",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column of one name refers to one table here and to another there.",
    why: "Where `domain_id` is the id of a domain in some tables and of something else in others, a join or a policy that was written for one of them compares \
          numbers of different things on the other, and with random keys simply finds nothing. For the column that keeps tenants apart that decides who sees \
          what. Self-references and columns for the two ends of a tie have names of their own and are not concerned. PostgreSQL manual, 5.4.5 \"Foreign \
          Keys\".",
    fires: examples![
        "CREATE TABLE domains (id uuid PRIMARY KEY);\nCREATE TABLE configs (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains);\nCREATE TABLE b (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains);\nCREATE TABLE c (id uuid PRIMARY KEY, domain_id uuid «REFERENCES configs»);",
        // Two parts of one whole have different ids.
        "CREATE TABLE parties (id uuid PRIMARY KEY);\nCREATE TABLE customers (id uuid PRIMARY KEY REFERENCES parties);\nCREATE TABLE suppliers (id uuid PRIMARY KEY REFERENCES parties);\nCREATE TABLE a (id uuid PRIMARY KEY, customer_id uuid REFERENCES customers);\nCREATE TABLE b (id uuid PRIMARY KEY, customer_id uuid «REFERENCES suppliers»);",
    ],
    silent: examples![
        "CREATE TABLE domains (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains, parent_id uuid REFERENCES a);\nCREATE TABLE b (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains, parent_id uuid REFERENCES b);",
        // A part of the same thing: its key is the other's.
        "CREATE TABLE rooms (id uuid PRIMARY KEY);\nCREATE TABLE halls (room_id uuid PRIMARY KEY REFERENCES rooms);\nCREATE TABLE a (id uuid PRIMARY KEY, room_id uuid REFERENCES rooms);\nCREATE TABLE b (id uuid PRIMARY KEY, room_id uuid REFERENCES halls);",
        // Two families of tables, each with its own.
        "CREATE TABLE v4_net (id bigint PRIMARY KEY);\nCREATE TABLE v6_net (id bigint PRIMARY KEY);\nCREATE TABLE v4_pool (id bigint PRIMARY KEY, net_id bigint REFERENCES v4_net);\nCREATE TABLE v6_pool (id bigint PRIMARY KEY, net_id bigint REFERENCES v6_net);\nCREATE TABLE v6_route (id bigint PRIMARY KEY, net_id bigint REFERENCES v6_net);",
        // A table without a name of its own for what it refers to.
        "CREATE TABLE x (id uuid PRIMARY KEY);\nCREATE TABLE y (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, target_id uuid REFERENCES x);\nCREATE TABLE b (id uuid PRIMARY KEY, target_id uuid REFERENCES y);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // The column, its foreign key, and the column that it refers to.
    type Place = (TableId, ColumnNumber, ConstraintId, Option<ColumnNumber>);
    let mut names: BTreeMap<&str, BTreeMap<TableId, Vec<Place>>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            if let Some((n, column)) = only_column(constraint).and_then(|n| Some((n, table.column(n)?)))
                && fk.references != id
            {
                out.look();
                let places = names.entry(&column.name).or_default().entry(fk.references).or_default();
                places.push((id, n, constraint_id, only_target(fk)));
            }
        }
    }
    for (name, targets) in names.into_iter().filter(|(_, t)| t.len() > 1) {
        let all: usize = targets.values().map(Vec::len).sum();
        // The table that the column is named after, or to which most refer.
        let named = |t: &TableId| {
            let table = cx.schema.tables.get(*t).map_or(Vec::new(), |t| crate::rules::support::stem(&t.name));
            let mut words = words(name);
            words.pop();
            table == words
        };
        let usual = targets.keys().find(|t| named(t)).or_else(|| {
            targets.iter().filter(|(_, places)| places.len() >= 2 && places.len() * 2 > all).map(|(t, _)| t).next()
        });
        let Some(usual) = usual.copied() else { continue };
        let usual_target = targets.get(&usual).and_then(|places| places.first()?.3);
        let same_ids =
            |of: TableId, column| leads_to(cx, (of, column), usual) || leads_to(cx, (usual, usual_target), of);
        let odd: Vec<(TableId, &Place)> = targets
            .iter()
            .filter(|(t, _)| **t != usual)
            .flat_map(|(t, places)| places.iter().map(|p| (*t, p)))
            .filter(|(t, place)| !same_ids(*t, place.3) && !same_family(cx, place.0, *t, usual))
            .collect();
        let Some((_, (_, _, constraint, _))) = odd.first() else { continue };
        let Some(place) = cx.schema.constraints.get(*constraint).map(|c| c.span) else { continue };
        let columns: Vec<String> = odd.iter().map(|(_, (t, c, ..))| format!("`{}`", cx.column_name(*t, *c))).collect();
        let others: BTreeSet<TableId> = odd.iter().map(|(t, _)| *t).collect();
        let others: Vec<String> = others.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        let message = format!(
            "{} {} to {}; elsewhere `{name}` refers to `{}`.",
            list(&columns),
            if columns.len() == 1 { "refers" } else { "refer" },
            list(&others),
            cx.table_name(usual)
        );
        let usual_count = targets.get(&usual).map_or(0, Vec::len);
        let mut draft = out.report(ObjectId::Constraint(*constraint), place, message).evidence(format!(
            "{usual_count} of {} named `{name}`.",
            number(all, "foreign key column", "foreign key columns")
        ));
        for (_, (table, column, ..)) in &odd {
            draft = draft.object(ObjectId::Column(*table, *column));
        }
        let others = targets.get(&usual).into_iter().flatten();
        let _ = draft.compared_with(others.map(|(table, column, ..)| ObjectId::Column(*table, *column)));
    }
}

fn only_target(fk: &ForeignKey) -> Option<ColumnNumber> {
    match fk.columns.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// Whether a column has ids of `to`: a key that is itself a foreign key has the ids of what it refers to.
fn leads_to(cx: &Context<'_>, (table, column): (TableId, Option<ColumnNumber>), to: TableId) -> bool {
    let (mut at, mut seen) = ((table, column), BTreeSet::new());
    while seen.insert(at.0)
        && let Some(number) = at.1
        && let Some(of) = cx.schema.tables.get(at.0)
        && let Some((_, _, up)) = cx.schema.foreign_keys_of(of).find(|(_, c, _)| only_column(c) == Some(number))
    {
        if up.references == to {
            return true;
        }
        at = (up.references, only_target(up));
    }
    false
}

/// Whether a table and what it refers to share the first word of their names, which the usual table does not have.
fn same_family(cx: &Context<'_>, from: TableId, to: TableId, usual: TableId) -> bool {
    let first = |id: TableId| {
        let name = cx.schema.tables.get(id).map(|t| words(&t.name)).unwrap_or_default();
        name.into_iter().next().filter(|w| !w.is_empty())
    };
    first(from).is_some() && first(from) == first(to) && first(to) != first(usual)
}
