use crate::finding::Subject;
use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{Targets, refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "index-column-missing",
    category: Category::Indexes,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "An index names a column that its table does not have.",
    why: "PostgreSQL refuses the statement, so that the index is never made and, in a migration, everything after it fails. The column was \
          renamed, belongs to another table, or was never added. Where it is added further down, the order of the statements is wrong, which \
          another rule tells. PostgreSQL manual, CREATE INDEX, and appendix A, 42703.",
    fires: examples![
        "CREATE TABLE audit_logs (id bigint PRIMARY KEY, actor_id bigint);\nCREATE INDEX idx_audit_actor ON audit_logs («actor_type», actor_id);",
        "CREATE TABLE audit_logs (id bigint PRIMARY KEY, actor text);\nCREATE INDEX idx_audit_actor ON audit_logs (lower(«actor_name»));",
    ],
    silent: examples![
        "CREATE TABLE audit_logs (id bigint PRIMARY KEY, actor_id bigint);\nCREATE INDEX idx_audit_actor ON audit_logs (actor_id);",
        // Too early, but it comes.
        "CREATE TABLE audit_logs (id bigint PRIMARY KEY);\nCREATE INDEX idx_audit_actor ON audit_logs (actor_id);\nALTER TABLE audit_logs ADD actor_id bigint;",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, table) in cx.tables() {
        for _ in cx.schema.indexes_of(table) {
            out.look();
        }
    }
    let targets = Targets::of(cx);
    for conflict in cx.replay.conflicts.iter().filter(|c| c.sqlstate == "42703") {
        let Some(OperationKind::CreateIndex(index)) = refused(cx, conflict).map(|o| &o.kind) else { continue };
        // The column's name is what the message quotes first.
        let Some(column) = conflict.message.split('"').nth(1) else { continue };
        let table = targets.find(cx, &index.table);
        let own = column.rsplit('.').next().unwrap_or(column);
        if table.and_then(|id| cx.schema.tables.get(id)).is_none_or(|t| t.find_column(own).is_some()) {
            continue;
        }
        out.look();
        let table_path = written_path(&index.table);
        let (message, name) = match &index.name {
            Some(name) => (
                format!(
                    "The index `{}` names `{own}`, which `{}` does not have.",
                    name.fold(),
                    index.table.name.fold()
                ),
                Some(Subject::new(ObjectKind::Index, format!("{table_path}.{}", quote(&name.fold())))),
            ),
            None => (format!("An index names `{own}`, which `{}` does not have.", index.table.name.fold()), None),
        };
        out.report_about(Subject::new(ObjectKind::Column, column), conflict.span, message)
            .maybe_subject(name)
            .maybe_subject(Some(Subject::new(ObjectKind::Table, table_path)))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
