use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::{number, plain};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy, PolicyId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-outlier",
    category: Category::Security,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A table's policy says something else than that of all other tables of its kind.",
    why: "Where nearly all tables of tenants are guarded by the same words, one that is not is either special for a reason, which belongs in a comment, or was written by hand \
          and forgot a part: another setting, another spelling, a missing cast. The rule compares conditions as written and takes no side; a WITH CHECK that \
          repeats USING says what holds without it. PostgreSQL manual, 5.8 \"Row Security Policies\" and CREATE POLICY.",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE d (id bigint PRIMARY KEY, org_id text NOT NULL);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON b TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON c TO app USING (org_id = (SELECT current_setting('app.org', true)));\n«CREATE POLICY p ON d TO app USING (org_id = (SELECT current_setting('app.organisation', true)))»;",
    ],
    silent: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE d (id bigint PRIMARY KEY, org_id text NOT NULL);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON b TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON c TO app USING (c.org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON d TO app USING (d.org_id = (SELECT current_setting('app.org'::text, true)));",
        // WITH CHECK is USING where it is not written.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id text NOT NULL);\nCREATE TABLE d (id bigint PRIMARY KEY, org_id text NOT NULL);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON b TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON c TO app USING (org_id = (SELECT current_setting('app.org', true)));\nCREATE POLICY p ON d TO app USING (org_id = (SELECT current_setting('app.org', true))) WITH CHECK (org_id = (SELECT current_setting('app.org', true)));",
        // No pattern.
        "CREATE TABLE a (id bigint PRIMARY KEY, org_id text NOT NULL);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a TO app USING (org_id = (SELECT current_setting('app.org', true)));",
    ],
    supersedes: &[],
    check,
};

/// The condition of a policy.
struct Condition<'a> {
    table: TableId,
    id: PolicyId,
    policy: &'a Policy,
    words: String,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // Of each command, the conditions of tables that carry the tenant, one for each table.
    let mut of_command: BTreeMap<PolicyCommand, Vec<Condition<'_>>> = BTreeMap::new();
    for (id, table) in cx.tables().filter(|(_, t)| cx.tenant_column(t).is_some()) {
        let permissive: Vec<_> = cx.schema.policies_of(table).filter(|(_, p)| p.permissive).collect();
        for (policy_id, policy) in &permissive {
            // Two policies of one command are another shape.
            if permissive.iter().filter(|(_, p)| p.command == policy.command).count() == 1 {
                let words = condition(table, policy);
                of_command.entry(policy.command).or_default().push(Condition {
                    table: id,
                    id: *policy_id,
                    policy,
                    words,
                });
            }
        }
    }
    for group in of_command.values() {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for Condition { words, .. } in group {
            out.look();
            *counts.entry(words).or_default() += 1;
        }
        let Some((usual, times)) = counts.into_iter().max_by_key(|(words, n)| (*n, std::cmp::Reverse(*words))) else {
            continue;
        };
        // A pattern: three tables and three of four.
        if times < 3 || times * 4 < group.len() * 3 {
            continue;
        }
        for Condition { table: id, id: policy_id, policy, words } in group {
            if words == usual || policy.comment.is_some() {
                continue;
            }
            let message = format!(
                "`{}` on `{}` has another condition than the tables beside it.",
                policy.name,
                cx.table_name(*id)
            );
            out.report(ObjectId::Policy(*policy_id), policy.span, message).object(ObjectId::Table(*id)).evidence(
                format!("{times} of {} have the same condition.", number(group.len(), "such policy", "such policies")),
            );
        }
    }
}

/// What a policy demands, without the table's own name in front of columns. New rows are checked by USING where no WITH CHECK is written.
fn condition(table: &Table, policy: &Policy) -> String {
    let own = format!("{}.", table.name);
    let checks = matches!(policy.command, PolicyCommand::All | PolicyCommand::Update);
    let with_check =
        if checks { policy.with_check.as_ref().or(policy.using.as_ref()) } else { policy.with_check.as_ref() };
    let parts = [policy.using.as_ref(), with_check]
        .map(|e| e.map(|e| plain(&e.source.text).replace(&own, "")).unwrap_or_default());
    parts.join(" / ")
}
