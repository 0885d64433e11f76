use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::operation::PolicyCommand;
use crate::order::Order;
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Policy, PolicyId, StoredExpr, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-multiple-permissive",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "Several permissive policies of a table hold for one role and command.",
    why: "Permissive policies are joined by OR: each row is let through by any of them, and every one of them is evaluated in every query of the table. A policy FOR ALL \
          beside one FOR SELECT often lets through what the second was meant to keep back. One policy that says both conditions is easier to review. Two policies \
          for different commands are best left apart: merging them would widen one of them. PostgreSQL manual, CREATE POLICY.",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR SELECT USING (owner = current_user);\nCREATE POLICY shared ON notes FOR SELECT USING (shared);\nCREATE POLICY new ON notes FOR INSERT WITH CHECK (owner = current_user);",
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);\nCREATE POLICY shared ON notes FOR SELECT USING (shared);",
    ],
    silent: examples![
        // A restrictive policy takes away from what others let through.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);\nCREATE POLICY live ON notes AS RESTRICTIVE USING (shared);",
        "CREATE ROLE a;\nCREATE ROLE b;\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text, shared boolean NOT NULL);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes FOR SELECT TO a USING (owner = current_user);\nCREATE POLICY other ON notes FOR SELECT TO b USING (shared);\nCREATE POLICY new ON notes FOR INSERT TO a WITH CHECK (owner = current_user);",
    ],
    supersedes: &[],
    check,
};

const COMMANDS: [(PolicyCommand, &str); 4] = [
    (PolicyCommand::Select, "SELECT"),
    (PolicyCommand::Insert, "INSERT"),
    (PolicyCommand::Update, "UPDATE"),
    (PolicyCommand::Delete, "DELETE"),
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let policies: Vec<(PolicyId, &Policy)> = cx.schema.policies_of(table).filter(|(_, p)| p.permissive).collect();
        if policies.is_empty() {
            continue;
        }
        out.look();
        // For each command and role the policies that hold; what holds for `public` holds for each role.
        let mut overlaps: BTreeMap<(usize, &Name), Vec<usize>> = BTreeMap::new();
        let roles: Vec<&Name> = policies.iter().flat_map(|(_, p)| &p.roles).collect();
        for (at, (command, _)) in COMMANDS.iter().enumerate() {
            for role in &roles {
                let holds = |p: &Policy| {
                    (p.command == *command || p.command == PolicyCommand::All)
                        && p.roles.iter().any(|r| r == *role || r == "public")
                };
                let those: Vec<usize> =
                    policies.iter().enumerate().filter(|(_, (_, p))| holds(p)).map(|(n, _)| n).collect();
                if those.len() > 1 {
                    overlaps.insert((at, role), those);
                }
            }
        }
        let mut members: Vec<usize> = overlaps.values().flatten().copied().collect();
        members.order();
        members.dedup();
        if members.is_empty() {
            continue;
        }
        let together: Vec<(PolicyId, &Policy)> = members.iter().filter_map(|n| policies.get(*n)).copied().collect();
        let names: Vec<String> = together.iter().map(|(_, p)| format!("`{}`", p.name)).collect();
        let commands: Vec<&str> = COMMANDS
            .iter()
            .enumerate()
            .filter(|(at, _)| overlaps.keys().any(|(c, _)| c == at))
            .map(|(_, c)| c.1)
            .collect();
        let message = format!(
            "Several permissive policies of `{}` hold for one role on {}: {}.",
            cx.table_name(id),
            commands.join(", "),
            list(&names)
        );
        let mut draft = out
            .report(ObjectId::Table(id), table.name_span, message)
            .objects(together.iter().map(|(p, _)| ObjectId::Policy(*p)))
            .maybe_fix(merged(cx, id, &together));
        for (_, policy) in &together {
            draft = draft.also_at(policy.span);
        }
        let _ = draft;
    }
}

/// One policy for all of them, where they hold for the same command and roles.
fn merged(cx: &Context<'_>, table: TableId, policies: &[(PolicyId, &Policy)]) -> Option<Fix> {
    let [(_, first), rest @ ..] = policies else { return None };
    if rest.iter().any(|(_, p)| p.command != first.command || p.roles != first.roles) {
        return None;
    }
    // With the names that columns have by now.
    let shown = |e: &&StoredExpr| format!("({})", cx.schema.display_expr(e));
    let any = |parts: Vec<&StoredExpr>| parts.iter().map(shown).collect::<Vec<_>>().join(" OR ");
    let using: Option<Vec<&StoredExpr>> = policies.iter().map(|(_, p)| p.using.as_ref()).collect();
    // A policy without WITH CHECK checks by USING.
    let checks: Option<Vec<&StoredExpr>> =
        policies.iter().map(|(_, p)| p.with_check.as_ref().or(p.using.as_ref())).collect();
    let path = cx.table_sql(table);
    let mut sql = format!("ALTER POLICY {} ON {path}", quote(&first.name));
    if let Some(using) = using {
        sql.push_str(&format!(" USING ({})", any(using)));
    }
    if policies.iter().any(|(_, p)| p.with_check.is_some()) {
        sql.push_str(&format!(" WITH CHECK ({})", any(checks?)));
    }
    sql.push(';');
    for (_, policy) in rest {
        sql.push_str(&format!("\nDROP POLICY {} ON {path};", quote(&policy.name)));
    }
    Some(Fix {
        sql,
        caution: Some(
            "Run both in one transaction, and give the policy a name that says what it now allows.".to_owned(),
        ),
    })
}
