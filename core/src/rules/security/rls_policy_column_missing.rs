use crate::finding::{Certainty, Severity, Subject};
use crate::name::quote;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{Targets, refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "rls-policy-column-missing",
    category: Category::Security,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A policy names a column that its table does not have.",
    why: "PostgreSQL refuses the policy. If row-level security is on already, the table then has no policy, and every query comes back empty; if the script goes on and leaves \
          it off, all rows are open. The column was renamed, belongs to another table, or was never added. PostgreSQL manual, CREATE POLICY, and appendix A, \
          42703.",
    fires: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nCREATE POLICY own ON notes USING («org_id» = 1);",
    ],
    silent: examples![
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nALTER TABLE notes ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON notes TO app USING (owner = 'me');",
        // Too early, but it comes: another rule's business.
        "CREATE TABLE notes (id bigint PRIMARY KEY, owner text);\nCREATE POLICY own ON notes USING (org_id = 1);\nALTER TABLE notes ADD org_id bigint;",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, table) in cx.tables() {
        for _ in cx.schema.policies_of(table) {
            out.look();
        }
    }
    let targets = Targets::of(cx);
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "42703") {
        let (OperationKind::CreatePolicy(policy) | OperationKind::AlterPolicy(policy)) = (match refused(cx, conflict) {
            Some(operation) => &operation.kind,
            None => continue,
        }) else {
            continue;
        };
        // The column's name is what the message quotes first.
        let Some(column) = conflict.message.split('"').nth(1) else { continue };
        let own = column.rsplit('.').next().unwrap_or(column);
        let table = targets.find(cx, &policy.table).and_then(|id| cx.schema.tables.get(id));
        if table.is_none_or(|t| t.find_column(own).is_some()) {
            continue;
        }
        out.look();
        let path = written_path(&policy.table);
        let message = format!(
            "The policy `{}` on `{}` names `{column}`, which does not exist.",
            policy.name.fold(),
            policy.table.name.fold()
        );
        out.report_about(Subject::new(ObjectKind::Column, column), conflict.span, message)
            .maybe_subject(Some(Subject::new(ObjectKind::Policy, format!("{path}.{}", quote(&policy.name.fold())))))
            .maybe_subject(Some(Subject::new(ObjectKind::Table, path)))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
