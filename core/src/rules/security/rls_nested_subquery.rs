use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::rules::support::number_of_tables;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Policy, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-nested-subquery",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A policy looks through two or more tables, one after the other, to decide on a row.",
    why: "The condition runs as part of every query of the table, and policies of the tables it reads run inside it again. Chains of subqueries are hard to \
          review, plan badly and are easily made to read the protected table itself, which fails with infinite recursion. A function marked STABLE \
          SECURITY DEFINER that gives the ids the user may see, or a tenant column on the table itself, keeps the policy flat. PostgreSQL manual, 5.8 \
          \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE members (org bigint, person text, PRIMARY KEY (org, person));\nCREATE TABLE sites (id bigint PRIMARY KEY, org bigint);\nCREATE TABLE pages (id bigint PRIMARY KEY, site bigint);\nALTER TABLE pages ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON pages USING (site IN (SELECT id FROM sites WHERE org IN (SELECT org FROM members WHERE person = (SELECT current_user))))»;",
        // Its rows say whose they are.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE batches (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE items (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, batch_id bigint REFERENCES batches);\nCREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nALTER TABLE items ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON items USING (batch_id IN (SELECT id FROM batches WHERE org_id = (SELECT current_setting('app.org', true)::bigint)))»;",
    ],
    silent: examples![
        "CREATE TABLE members (org bigint, person text, PRIMARY KEY (org, person));\nCREATE TABLE sites (id bigint PRIMARY KEY, org bigint);\nALTER TABLE sites ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON sites USING (org IN (SELECT org FROM members WHERE person = (SELECT current_user)));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let trees: Vec<&Tree> =
                [&policy.using, &policy.with_check].into_iter().flatten().map(|e| e.source.tree()).collect();
            let deepest = trees.iter().copied().map(chain).max().unwrap_or(0);
            if deepest == 1 && looks_up_own_tenant(cx, id, table, policy) {
                let column = cx.tenant_column(table).and_then(|c| table.column(c)).map_or("", |c| c.name.as_str());
                let message = format!(
                    "`{}` asks another table for the tenant of each row of `{}`, which has `{column}` itself.",
                    policy.name,
                    cx.table_name(id)
                );
                out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
            }
            if deepest < 2 {
                continue;
            }
            let message = format!(
                "`{}` decides on each row of `{}` through a chain of {}.",
                policy.name,
                cx.table_name(id),
                number_of_tables(deepest)
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}

/// Whether a policy finds out by a subquery whose row it is, although the row says so: the other table's tenant column is compared, the own one is not.
fn looks_up_own_tenant(cx: &Context<'_>, id: TableId, table: &Table, policy: &Policy) -> bool {
    let (Some(tenant), Some(own)) = (&cx.conventions.tenant, cx.tenant_column(table)) else { return false };
    let references = || [&policy.using, &policy.with_check].into_iter().flatten().flat_map(|e| &e.references);
    let is_tenant_of_other = |of: TableId, column: ColumnNumber| {
        of != id
            && Some(of) != tenant.root
            && cx.schema.tables.get(of).and_then(|t| tenant.column_of(t)) == Some(column)
    };
    references().any(|r| matches!(r.target, ObjectId::Column(of, column) if is_tenant_of_other(of, column)))
        && references().all(|r| r.target != ObjectId::Column(id, own))
}

/// How many tables the longest chain of subqueries and joins in a condition reads. Subqueries without FROM are a way to write a constant.
fn chain(tree: &Tree) -> usize {
    let mut longest = 0;
    let mut open: Vec<(&Tree, usize)> = vec![(tree, 0)];
    while let Some((tree, depth)) = open.pop() {
        longest = longest.max(depth);
        match tree {
            Tree::Call(call) => open.extend(call.arguments.iter().map(|a| (a, depth))),
            Tree::Operator(_, operands) | Tree::Array(operands) | Tree::Row(operands) => {
                open.extend(operands.iter().map(|o| (o, depth)));
            }
            Tree::Cast(inner, _) => open.push((inner, depth)),
            Tree::Case(operand, branches, otherwise) => {
                open.extend(operand.as_deref().map(|o| (o, depth)));
                open.extend(branches.iter().flat_map(|(when, then)| [(when, depth), (then, depth)]));
                open.extend(otherwise.as_deref().map(|o| (o, depth)));
            }
            Tree::Subquery(q) | Tree::Exists(q) => {
                let inner = depth + q.from.len();
                longest = longest.max(inner);
                open.extend(q.items.iter().map(|i| (&i.value, inner)));
                open.extend(q.filter.iter().map(|f| (f, inner)));
                open.extend(q.from.iter().filter_map(|f| f.on.as_ref()).map(|on| (on, inner)));
            }
            _ => {}
        }
    }
    longest
}
