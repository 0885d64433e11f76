use crate::finding::{Certainty, Severity};
use crate::operation::PolicyCommand;
use crate::rules::support::{each_word, is_always_true};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-always-true",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A policy lets every row through.",
    why: "A permissive policy whose condition is always true switches row-level security off for its command and roles, and as permissive policies are \
          joined by OR, for all other policies of that command as well. For writes that is hardly ever meant. For SELECT it makes a table public, \
          which is fine for shared data and told only where the rows belong to tenants. A policy for a service role alone is left alone. PostgreSQL \
          manual, CREATE POLICY.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY anyone ON notes FOR INSERT WITH CHECK (true)»;",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY anyone ON notes USING (owner = current_user OR 1 = 1)»;",
        // Whoever writes a row becomes its owner, but every row may be taken or deleted.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\n«CREATE POLICY anyone ON notes USING (true) WITH CHECK (owner = current_user)»;",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);\nCREATE POLICY readable ON notes FOR SELECT USING (true);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY server ON notes TO service_role USING (true) WITH CHECK (true);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY jobs ON notes TO billing_operator_runtime USING (true) WITH CHECK (true);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY strict ON notes AS RESTRICTIVE USING (true);",
    ],
    supersedes: &[],
    check,
};

/// Words in the names of roles that work for all tenants: nobody reads rows of others through them who may not. `service` alone may be the application.
const SERVERS: &[&str] = &["admin", "backup", "maintenance", "migrator", "operator", "postgres", "worker"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let tenant_column = cx.conventions.tenant.as_ref().and_then(|t| t.column_of(table));
        for (policy_id, policy) in cx.schema.policies_of(table) {
            out.look();
            let serves = |role: &str| role == "service_role" || each_word(role).any(|w| SERVERS.contains(&w.as_ref()));
            let for_server = policy.roles.iter().all(|role| serves(role));
            if !policy.permissive || for_server {
                continue;
            }
            let open =
                |e: &Option<crate::schema::StoredExpr>| e.as_ref().is_some_and(|e| is_always_true(e.source.tree()));
            let reads = matches!(policy.command, PolicyCommand::All | PolicyCommand::Select) && open(&policy.using);
            let writes = match policy.command {
                PolicyCommand::Select => false,
                // With USING (true) every row may be changed or deleted, whatever WITH CHECK asks of what it becomes.
                _ => open(&policy.using) || open(&policy.with_check),
            };
            if !(writes || (reads && tenant_column.is_some())) {
                continue;
            }
            let roles: Vec<String> = policy.roles.iter().map(|r| format!("`{r}`")).collect();
            let whom = if policy.roles.iter().any(|r| r == "public") {
                "every role".to_owned()
            } else {
                crate::rules::support::list(&roles)
            };
            let what = match (policy.command, writes) {
                (PolicyCommand::All, true) if open(&policy.using) => "read, change and delete every row of",
                (PolicyCommand::All, true) => "write rows of any content to",
                (PolicyCommand::Insert, _) => "insert any row into",
                (PolicyCommand::Update, _) if open(&policy.using) => "update every row of",
                (PolicyCommand::Update, _) => "give any values to rows of",
                (PolicyCommand::Delete, _) => "delete every row of",
                _ => "read every row of",
            };
            let message = format!("`{}` lets {whom} {what} `{}`.", policy.name, cx.table_name(id));
            out.report(ObjectId::Policy(policy_id), policy.span, message).object(ObjectId::Table(id));
        }
    }
}
