use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-without-enable",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A table has policies, but row-level security is not enabled on it.",
    why: "Policies do nothing until ALTER TABLE … ENABLE ROW LEVEL SECURITY. The table looks protected in every review and shows all rows to everyone \
          who may read it. PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE «notes» (id bigint PRIMARY KEY, owner text);\nCREATE POLICY own ON notes USING (owner = current_user);",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes USING (owner = current_user);",
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);",
    ],
    supersedes: &["rls-disabled"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables_and_partitions() {
        let policies: Vec<_> = cx.schema.policies_of(table).collect();
        let Some((_, first)) = policies.first() else { continue };
        out.look();
        if table.rls_enabled {
            continue;
        }
        let message = format!(
            "`{}` has {}, but row-level security is off: {} nothing.",
            cx.table_name(id),
            number(policies.len(), "policy", "policies"),
            if policies.len() == 1 { "it does" } else { "they do" }
        );
        // In a document the policy is what is written in vain; that the table has no row-level security is said besides.
        let subject = match (cx.target.role, policies.first()) {
            (Role::Document, Some((policy, _))) => ObjectId::Policy(*policy),
            _ => ObjectId::Table(id),
        };
        out.report(subject, table.name_span, message)
            .object(ObjectId::Table(id))
            .objects(policies.iter().map(|(p, _)| ObjectId::Policy(*p)))
            .also_at(first.span)
            .fix(Fix {
                sql: format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY;", cx.table_sql(id)),
                caution: Some(
                    "From then on, roles other than the owner see only what the policies let through. Try the policies as the application's role \
                     first."
                        .to_owned(),
                ),
            });
    }
}
