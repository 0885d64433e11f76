use crate::expr::{Call, Tree};
use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::{column_of, conjuncts, is_always_true, is_constant, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-not-tenant-scoped",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A policy lets rows through without asking who is reading, although most policies of the schema do.",
    why: "Permissive policies are joined by OR, and so are the branches inside one: a single branch that does not compare the row with the reader's identity, \
          membership or tenant shows its rows to every role that the policy is for. Being signed in is no such comparison, and neither is a claim that users \
          can write themselves. A policy for SELECT that goes by a flag of the row, such as `is_public`, is most likely meant, and of low severity. Data that is \
          shared on purpose deserves a comment on the table, which silences the rule. PostgreSQL manual, 5.8 \"Row Security \
          Policies\".",
    fires: examples![
        "CREATE SCHEMA auth;\nCREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';\nCREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';\nCREATE TABLE a (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE b (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE c (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE d (id uuid PRIMARY KEY, u uuid);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a USING (u = (SELECT auth.uid()));\nCREATE POLICY p ON b USING (u = (SELECT auth.uid()));\nCREATE POLICY p ON c USING (u = (SELECT auth.uid()));\n«CREATE POLICY p ON d FOR SELECT USING ((SELECT auth.role()) = 'authenticated')»;",
        // Somebody is signed in, whoever it is.
        "CREATE SCHEMA auth;\nCREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';\nCREATE TABLE org (id uuid PRIMARY KEY);\nCREATE TABLE a (id uuid PRIMARY KEY, org_id uuid NOT NULL REFERENCES org, u uuid);\nCREATE TABLE b (id uuid PRIMARY KEY, org_id uuid NOT NULL REFERENCES org, u uuid);\nCREATE TABLE c (id uuid PRIMARY KEY, org_id uuid NOT NULL REFERENCES org, u uuid);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a USING (u = (SELECT auth.uid()));\nCREATE POLICY p ON b USING ((SELECT auth.uid()) IS NOT NULL AND u = (SELECT auth.uid()));\n«CREATE POLICY p ON c FOR SELECT USING ((SELECT auth.uid()) IS NOT NULL)»;",
    ],
    silent: examples![
        "CREATE SCHEMA auth;\nCREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS 'SELECT NULL::uuid';\nCREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS 'SELECT NULL::text';\nCREATE TABLE a (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE b (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE c (id uuid PRIMARY KEY, u uuid);\nCREATE TABLE d (id uuid PRIMARY KEY, u uuid);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nALTER TABLE b ENABLE ROW LEVEL SECURITY;\nALTER TABLE c ENABLE ROW LEVEL SECURITY;\nALTER TABLE d ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a USING (u = (SELECT auth.uid()));\nCREATE POLICY p ON b USING (u = (SELECT auth.uid()));\nCREATE POLICY p ON c USING (u = (SELECT auth.uid()));\nCREATE POLICY server ON d USING ((SELECT auth.role()) = 'service_role');\nCREATE POLICY everyone ON c FOR SELECT USING (true);",
        // No habit to depart from.
        "CREATE TABLE a (id bigint PRIMARY KEY, public boolean);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON a FOR SELECT USING (public);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut scoped = 0_usize;
    let mut open = Vec::new();
    for (id, table) in cx.tables() {
        let tenant_column = cx.conventions.tenant.as_ref().map(|t| t.habit.column.as_str());
        for (policy_id, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.permissive) {
            let server = policy.roles.iter().all(|r| r == "service_role" || r == "postgres");
            let Some(using) = policy.using.as_ref().filter(|_| policy.command != PolicyCommand::Insert && !server)
            else {
                continue;
            };
            let tree = using.source.tree();
            if tree.has_opaque() || is_always_true(tree) {
                continue;
            }
            let branches = branches(tree);
            if branches.iter().all(|b| is_server_only(b)) {
                continue;
            }
            out.look();
            if branches.iter().all(|b| is_server_only(b) || asks_who(b, tenant_column)) {
                scoped += 1;
            } else if table.comment.is_none() {
                let shared = policy.command == PolicyCommand::Select
                    && branches.iter().all(|b| {
                        is_server_only(b)
                            || asks_who(b, tenant_column)
                            || conjuncts(b).iter().all(|p| is_flag(p, table) || is_shared_elsewhere(p))
                    });
                open.push((id, policy_id, policy, shared));
            }
        }
    }
    // Where hardly a policy asks, asking is no habit; a row that carries its tenant is told all the same.
    let habit = scoped >= 3 && scoped >= open.len();
    let all = scoped + open.len();
    for (id, policy_id, policy, shared) in open {
        if !habit && cx.schema.tables.get(id).and_then(|t| cx.tenant_column(t)).is_none() {
            continue;
        }
        let name = cx.table_name(id);
        let message = if shared {
            format!("`{}` shows rows of `{name}` to everyone by a flag of the row.", policy.name)
        } else {
            format!("`{}` lets rows of `{name}` through without asking who is reading.", policy.name)
        };
        out.report(ObjectId::Policy(policy_id), policy.span, message)
            .object(ObjectId::Table(id))
            .severity(if shared { Severity::Low } else { Severity::High })
            .evidence(format!("{scoped} of {} ask.", number(all, "policy", "policies")));
    }
}

/// Whether a condition compares a column of the table with a fixed value: rows that are marked as shared.
fn is_flag(tree: &Tree, table: &Table) -> bool {
    match tree {
        Tree::Column(_) => column_of(tree, table).is_some(),
        Tree::Operator(_, operands) => match operands.as_slice() {
            [column] => column_of(column, table).is_some(),
            [column, values @ ..] => column_of(column, table).is_some() && values.iter().all(is_constant),
            [] => false,
        },
        _ => false,
    }
}

/// Whether a condition asks a mark of another row, whose visibility this one shares: `sharing <> 'private'` of its parent.
fn is_shared_elsewhere(tree: &Tree) -> bool {
    const MARKS: &[&str] =
        &["is_public", "public", "published", "is_published", "shared", "is_shared", "sharing", "visibility"];
    let mut found = false;
    tree.walk(&mut |part| {
        if let Tree::Subquery(query) | Tree::Exists(query) = part {
            query.walk(&mut |t| {
                found |= matches!(t, Tree::Column(name) if name.last().is_some_and(|n| MARKS.contains(&n.as_str())));
            });
        }
    });
    found
}

/// The branches of a condition: the parts joined by OR.
fn branches(tree: &Tree) -> Vec<&Tree> {
    match tree {
        Tree::Operator(op, parts) if op == "or" => parts.iter().flat_map(branches_flat).collect(),
        other => vec![other],
    }
}

/// One more level: nested ORs come in parentheses.
fn branches_flat(tree: &Tree) -> Vec<&Tree> {
    match tree {
        Tree::Operator(op, parts) if op == "or" => parts.iter().collect(),
        other => vec![other],
    }
}

/// Whether a branch is for a server's role alone.
fn is_server_only(tree: &Tree) -> bool {
    let mut found = false;
    tree.walk(&mut |t| found |= matches!(t, Tree::Text(text) if text == "service_role"));
    found
}

/// Whether a branch compares the row with who is reading. That there is a reader at all compares nothing.
fn asks_who(tree: &Tree, tenant_column: Option<&str>) -> bool {
    conjuncts(tree).into_iter().any(|part| !is_signed_in(part) && compares(part, tenant_column))
}

/// `auth.uid() IS NOT NULL`: of no column.
fn is_signed_in(tree: &Tree) -> bool {
    let Tree::Operator(op, of) = tree else { return false };
    let mut columns = false;
    of.iter().for_each(|o| o.walk(&mut |t| columns |= matches!(t, Tree::Column(_))));
    op == "is not null" && !columns
}

fn compares(tree: &Tree, tenant_column: Option<&str>) -> bool {
    let mut own_claims = false;
    tree.walk(&mut |t| own_claims |= matches!(t, Tree::Text(text) if text == "user_metadata"));
    let mut found = false;
    tree.walk(&mut |t| match t {
        Tree::Call(call) => found |= identifies(call, own_claims),
        Tree::Column(parts) => match parts.as_slice() {
            [one] => {
                found |= matches!(one.as_str(), "current_user" | "session_user" | "current_role")
                    || Some(one.as_str()) == tenant_column
            }
            [.., last] => found |= Some(last.as_str()) == tenant_column,
            [] => {}
        },
        _ => {}
    });
    found
}

/// Whether a function tells who is reading. `auth.role()` tells only whether somebody is signed in; functions of the schema itself may ask.
fn identifies(call: &Call, own_claims: bool) -> bool {
    const PLAIN: &[&str] = &[
        "coalesce",
        "lower",
        "upper",
        "now",
        "any",
        "all",
        "exists",
        "count",
        "length",
        "char_length",
        "nullif",
        "array_length",
        "jsonb_typeof",
        "trim",
        "split_part",
        "replace",
        "left",
        "right",
        "date_trunc",
        "age",
        "extract",
        "role",
        "email_verified",
    ];
    match call.base_name() {
        "jwt" => !own_claims,
        name => !PLAIN.contains(&name),
    }
}
