use crate::expr::Tree;
use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::column_of;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-null-tenant-visible",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A policy opens the rows whose tenant column is null to every tenant, for writing as well.",
    why: "`tenant_id IS NULL OR tenant_id = …` is meant to share some rows. In a policy for ALL, UPDATE or DELETE it lets each tenant change and delete what all of \
          them share, and INSERT rows that all the others see. Use it in a policy for SELECT only. PostgreSQL manual, CREATE POLICY.",
    fires: examples![
        "CREATE TABLE kinds (id bigint PRIMARY KEY, tenant text);\nALTER TABLE kinds ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON kinds USING (tenant IS NULL OR tenant = (SELECT current_setting('app.tenant', true)))»;",
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE FUNCTION is_member(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';\nCREATE TABLE kinds (id bigint PRIMARY KEY, org_id bigint REFERENCES orgs);\nALTER TABLE kinds ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY own ON kinds USING (org_id IS NULL OR is_member(org_id))»;",
    ],
    silent: examples![
        // When it ends, by a function, is not whose it is.
        "CREATE FUNCTION is_future(date) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true';\nCREATE TABLE notes (id bigint PRIMARY KEY, ends date);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (ends IS NULL OR is_future(ends));",
        "CREATE TABLE kinds (id bigint PRIMARY KEY, tenant text);\nALTER TABLE kinds ENABLE ROW LEVEL SECURITY;\nCREATE POLICY r ON kinds FOR SELECT USING (tenant IS NULL OR tenant = (SELECT current_setting('app.tenant', true)));\nCREATE POLICY w ON kinds FOR UPDATE USING (tenant = (SELECT current_setting('app.tenant', true)));",
        // Another column may well be null.
        "CREATE TABLE kinds (id bigint PRIMARY KEY, tenant text, gone date);\nALTER TABLE kinds ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON kinds USING (gone IS NULL AND tenant = (SELECT current_setting('app.tenant', true)));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (policy_id, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.permissive) {
            if matches!(policy.command, PolicyCommand::Select) {
                continue;
            }
            out.look();
            let found = [&policy.using, &policy.with_check]
                .into_iter()
                .flatten()
                .find_map(|e| shared_column(cx, e.source.tree(), table));
            let Some(column) = found else { continue };
            let message = format!(
                "`{}` lets everyone change rows of `{}` whose {} is null.",
                policy.name,
                cx.table_name(id),
                cx.columns_text(id, &[column])
            );
            out.report(ObjectId::Policy(policy_id), policy.span, message)
                .object(ObjectId::Column(id, column))
                .object(ObjectId::Table(id));
        }
    }
}

/// The column of `column IS NULL OR column = …`, or `OR is_member(column)`.
fn shared_column(cx: &Context<'_>, tree: &Tree, table: &Table) -> Option<ColumnNumber> {
    let Tree::Operator(op, parts) = tree else { return None };
    if op != "or" {
        return None;
    }
    parts.iter().find_map(|part| {
        let Tree::Operator(op, of) = part else { return None };
        let column = of.first().filter(|_| op == "is null").and_then(|o| column_of(o, table))?;
        let compared = parts.iter().any(|other| match other {
            Tree::Operator(op, of) => {
                matches!(op.as_str(), "=" | "in" | "= any") && of.iter().any(|o| column_of(o, table) == Some(column))
            }
            // A function of the schema's own that decides by what the row refers to.
            Tree::Call(call) => {
                call.arguments.iter().any(|o| column_of(o, table) == Some(column)) && refers(cx, table, column)
            }
            _ => false,
        });
        compared.then_some(column)
    })
}

/// Whether the column says whose row it is, or refers to another table.
fn refers(cx: &Context<'_>, table: &Table, column: ColumnNumber) -> bool {
    cx.tenant_column(table) == Some(column)
        || cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&column))
}
