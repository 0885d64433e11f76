use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::support::refused;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-enabled-no-policy",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "Row-level security is on, but no policy lets any row through.",
    why: "With row-level security on and no permissive policy, every role but the owner and those with BYPASSRLS sees an empty table and cannot write; \
          there is no error. That is right for tables which only privileged code touches, and then worth a comment on the table, which silences the \
          rule; on Supabase, where such code has a role of its own, it is of low severity. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;",
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes AS RESTRICTIVE USING (owner = current_user);",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: «notes»\n\nWhat people write down.\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| body | TEXT | NOT NULL |\n\n## Security\n\n```sql\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n```\n",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCOMMENT ON TABLE notes IS 'Written and read by the server only.';",
        // Reached through its parent, whose policies count.
        "CREATE TABLE logs (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE logs_1 PARTITION OF logs DEFAULT;\nALTER TABLE logs ENABLE ROW LEVEL SECURITY;\nALTER TABLE logs_1 ENABLE ROW LEVEL SECURITY;\nCREATE POLICY p ON logs USING (at > '2024-01-01');",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.hidden_sql_says("create policy") {
        return;
    }
    // A policy that PostgreSQL refuses is told as such.
    let refused: Vec<_> = cx.replay.conflicts.iter().filter_map(|conflict| refused(cx, conflict)).collect();
    let tried = |table: &Table| {
        refused.iter().any(|o| matches!(&o.kind, OperationKind::CreatePolicy(p) if p.table.name.fold() == table.name))
    };
    for (id, table) in cx.tables().filter(|(_, t)| t.rls_enabled) {
        out.look();
        let restrictive = cx.schema.policies_of(table).count();
        // A document says something about every table.
        let is_meant = table.comment.is_some() && cx.target.role != Role::Document;
        if is_meant || tried(table) || cx.schema.policies_of(table).any(|(_, p)| p.permissive) {
            continue;
        }
        let message = format!(
            "`{}` has row-level security on and {}: all but its owner see no rows.",
            cx.table_name(id),
            if restrictive == 0 { "no policy" } else { "only restrictive policies" }
        );
        let draft = out.report(ObjectId::Table(id), table.name_span, message);
        if restrictive == 0 && cx.has_web_roles() {
            let _ = draft
                .severity(Severity::Low)
                .evidence("A server that connects as `service_role` sees them; where that is all that is meant, a comment on the table says so.".to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    #[test]
    fn a_policy_that_is_refused_is_told_as_that() {
        let sql = "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n\
                   CREATE POLICY own ON notes USING (tenant = current_user);";
        let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
        let told: Vec<_> = analysis.targets.iter().flat_map(|t| &t.findings).map(|f| f.rule.name).collect();
        assert!(told.contains(&"rls-policy-column-missing") && !told.contains(&"rls-enabled-no-policy"), "{told:?}");
    }
}
