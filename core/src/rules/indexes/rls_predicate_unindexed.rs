use std::collections::BTreeMap;

use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::{Cover, column_of, cover, index_fix, is_constant};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, PolicyId, Table, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-predicate-unindexed",
    category: Category::Indexes,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A policy compares a column that no index starts with.",
    why: "A policy's condition is part of every query on the table. Where it compares a column with a value that the session gives, such as \
          the user or the tenant, an index led by that column is the only way not to read everybody's rows first. Conditions over constants, \
          and those inside EXISTS that only test the row at hand, need none. PostgreSQL manual, 5.8 \"Row Security Policies\" and 11.1 \
          \"Indexes\", Introduction.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, «owner uuid NOT NULL», body text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_setting('app.user_id', true)::uuid);",
        "CREATE TABLE members (team_id bigint, who text, PRIMARY KEY (team_id, who));\nCREATE TABLE files (id bigint PRIMARY KEY, «team_id bigint NOT NULL»);\nALTER TABLE files ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON files USING (team_id IN (SELECT team_id FROM members WHERE who = current_user));",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner uuid NOT NULL, body text);\nCREATE INDEX ON notes (owner);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_setting('app.user_id', true)::uuid);",
        // A flag.
        "CREATE TABLE notes (id bigint PRIMARY KEY, is_public boolean, state text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY seen ON notes FOR SELECT USING (is_public = true OR state = 'open');",
        // Only new rows are tested.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR INSERT WITH CHECK (owner = current_user);",
        // The row at hand, against other rows.
        "CREATE TABLE members (team_id bigint, who text, PRIMARY KEY (team_id, who));\nCREATE TABLE files (id bigint PRIMARY KEY, team_id bigint NOT NULL);\nALTER TABLE files ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON files USING (EXISTS (SELECT FROM members m WHERE m.team_id = files.team_id AND m.who = current_user));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        let mut told: BTreeMap<ColumnNumber, Vec<PolicyId>> = BTreeMap::new();
        for (policy_id, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.command != PolicyCommand::Insert) {
            out.look();
            let Some(using) = &policy.using else { continue };
            let mut columns = Vec::new();
            compared(using.source.tree(), table, &mut columns);
            for column in columns {
                told.entry(column).or_default().push(policy_id);
            }
        }
        for (number, policies) in told {
            let Some(column) = table.column(number) else { continue };
            if matches!(cover(cx.schema, table, &[number]), Cover::Full(_) | Cover::Partial(_)) {
                continue;
            }
            let first = policies.first().and_then(|p| cx.schema.policies.get(*p)).map_or("", |p| p.name.as_str());
            let message = format!(
                "The policy `{first}` compares `{}` in every query, and no index starts with it.",
                cx.column_name(id, number)
            );
            out.report(ObjectId::Column(id, number), column.span, message)
                .objects(policies.iter().map(|p| ObjectId::Policy(*p)))
                .maybe_fix(index_fix(cx, id, table, &[number]));
        }
    }
}

/// The columns of the table that a condition compares for equality with something that is the same for all rows of a query, and no constant.
fn compared(condition: &Tree, table: &Table, found: &mut Vec<ColumnNumber>) {
    let mut open = vec![condition];
    while let Some(tree) = open.pop() {
        let Tree::Operator(operator, operands) = tree else { continue };
        let pair = match (operator.as_str(), operands.as_slice()) {
            ("and" | "or", parts) => {
                open.extend(parts);
                continue;
            }
            ("=", [a, b]) => column_of(a, table).map(|c| (c, b)).or_else(|| column_of(b, table).map(|c| (c, a))),
            ("in" | "= any", [a, rest]) => column_of(a, table).map(|c| (c, rest)),
            _ => None,
        };
        if let Some((column, value)) = pair
            && !is_constant(value)
            && !reads_row(value, table)
            && !found.contains(&column)
        {
            found.push(column);
        }
    }
}

/// Whether a value, outside of subqueries, is made of the row's own columns.
fn reads_row(value: &Tree, table: &Table) -> bool {
    match value {
        Tree::Subquery(_) | Tree::Exists(_) => false,
        Tree::Call(call) => call.arguments.iter().any(|a| reads_row(a, table)),
        other => column_of(other, table).is_some(),
    }
}
