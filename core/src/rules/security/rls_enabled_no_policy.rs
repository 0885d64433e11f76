use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

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
    for (id, table) in cx.tables().filter(|(_, t)| t.rls_enabled) {
        out.look();
        let restrictive = cx.schema.policies_of(table).count();
        if table.comment.is_some() || cx.schema.policies_of(table).any(|(_, p)| p.permissive) {
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
