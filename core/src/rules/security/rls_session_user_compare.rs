use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-session-user-compare",
    category: Category::Security,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A policy compares a column with the role of the connection, where all users connect as one role.",
    why: "`current_user` is the database role. Where an API or a pool connects for everybody, it is `authenticated` or `app` for all of them, and the comparison is false for every row or \
          true for all. Who asks is told by a setting of the session or by `auth.uid()`. The rule speaks where the schema itself shows such roles or settings. PostgreSQL \
          manual, 9.25 \"System Information Functions\" and 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE ROLE anon;\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON notes TO anon USING (owner = current_user)»;",
    ],
    silent: examples![
        // Each user has a role.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);",
        // Tells roles apart, not users.
        "CREATE ROLE anon;\nCREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO anon USING (current_user = 'service_role');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let trees = || {
        cx.schema
            .policies
            .iter()
            .filter(|(_, p)| p.dropped.is_none())
            .flat_map(|(_, p)| p.using.iter().chain(&p.with_check))
            .map(|e| e.source.tree())
    };
    let pooled = cx.has_web_roles()
        || trees().any(|t| {
            let mut found = false;
            t.walk(&mut |part| found |= part.is_call_of("current_setting"));
            found
        });
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let compares =
                pooled && [&policy.using, &policy.with_check].into_iter().flatten().any(|e| compares(e.source.tree()));
            if !compares {
                continue;
            }
            let message = format!(
                "`{}` compares a column of `{}` with the role of the connection, which is the same for all users.",
                policy.name,
                cx.table_name(id)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}

/// Whether a column is compared with `current_user` or its like.
fn compares(tree: &Tree) -> bool {
    let is_role = |t: &Tree| {
        let t = match t.without_casts() {
            Tree::Subquery(q) if q.from.is_empty() => match q.items.as_slice() {
                [item] => &item.value,
                _ => t,
            },
            t => t,
        };
        ["current_user", "session_user", "user", "current_role"].iter().any(|n| t.without_casts().is_call_of(n))
    };
    let is_column = |t: &Tree| matches!(t.without_casts(), Tree::Column(_));
    let mut found = false;
    tree.walk(&mut |part| {
        if let Tree::Operator(op, operands) = part
            && op == "="
            && let [a, b] = operands.as_slice()
        {
            found |= (is_role(a) && is_column(b)) || (is_role(b) && is_column(a));
        }
    });
    found
}
