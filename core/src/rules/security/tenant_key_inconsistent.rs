use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{list, number, only_column};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintId, ObjectId, TableId};

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
    ],
    silent: examples![
        "CREATE TABLE domains (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains, parent_id uuid REFERENCES a);\nCREATE TABLE b (id uuid PRIMARY KEY, domain_id uuid REFERENCES domains, parent_id uuid REFERENCES b);",
        // A table without a name of its own for what it refers to.
        "CREATE TABLE x (id uuid PRIMARY KEY);\nCREATE TABLE y (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, target_id uuid REFERENCES x);\nCREATE TABLE b (id uuid PRIMARY KEY, target_id uuid REFERENCES y);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    type Place = (TableId, ColumnNumber, ConstraintId);
    let mut names: BTreeMap<&str, BTreeMap<TableId, Vec<Place>>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            if let Some((n, column)) = only_column(constraint).and_then(|n| Some((n, table.column(n)?)))
                && fk.references != id
            {
                out.look();
                names.entry(&column.name).or_default().entry(fk.references).or_default().push((id, n, constraint_id));
            }
        }
    }
    for (name, targets) in names.into_iter().filter(|(_, t)| t.len() > 1) {
        let all: usize = targets.values().map(Vec::len).sum();
        // The table that the column is named after, or to which most refer.
        let named = |t: &TableId| {
            let table = cx.schema.tables.get(*t).map_or(Vec::new(), |t| crate::rules::support::stem(&t.name));
            let mut words = crate::rules::support::words(name);
            words.pop();
            table == words
        };
        let usual = targets.keys().find(|t| named(t)).or_else(|| {
            targets.iter().filter(|(_, places)| places.len() >= 2 && places.len() * 2 > all).map(|(t, _)| t).next()
        });
        let Some(usual) = usual.copied() else { continue };
        let odd: Vec<&Place> = targets.iter().filter(|(t, _)| **t != usual).flat_map(|(_, places)| places).collect();
        let Some((_, _, constraint)) = odd.first() else { continue };
        let Some(place) = cx.schema.constraints.get(*constraint).map(|c| c.span) else { continue };
        let columns: Vec<String> = odd.iter().map(|(t, c, _)| format!("`{}`", cx.column_name(*t, *c))).collect();
        let others: Vec<String> =
            targets.keys().filter(|t| **t != usual).map(|t| format!("`{}`", cx.table_name(*t))).collect();
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
        for (table, column, _) in &odd {
            draft = draft.object(ObjectId::Column(*table, *column));
        }
        for (table, column, _) in targets.get(&usual).into_iter().flatten() {
            draft = draft.object(ObjectId::Column(*table, *column));
        }
        let _ = draft;
    }
}
