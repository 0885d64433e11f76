use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::Note;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "refresh-matview-exclusive-lock",
    category: Category::MigrationSafety,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "REFRESH MATERIALIZED VIEW CONCURRENTLY holds an EXCLUSIVE lock: one refresh at a time.",
    why: "A concurrent refresh lets readers go on, but takes EXCLUSIVE on the view: a second refresh, as a scheduled job may start one, \
          waits until it is done. In a migration it also makes the deployment as long as the view's query. PostgreSQL manual, REFRESH \
          MATERIALIZED VIEW, \"Parameters\".",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;\nCREATE UNIQUE INDEX ON totals (id);\n-- file: 2_refresh.sql\nREFRESH MATERIALIZED VIEW CONCURRENTLY «totals»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- file: 2_view.sql\nCREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;\nCREATE UNIQUE INDEX ON totals (id);\nREFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for at in cx.steps() {
        let OperationKind::RefreshMaterializedView { name, concurrently: true, .. } = &at.operation.kind else {
            continue;
        };
        out.look();
        for note in cx.notes(at) {
            let Note::Uses(RelationId::View(id)) = note else { continue };
            let live = cx.schema.views.get(*id).is_some_and(|v| v.dropped.is_none());
            if live && cx.was_before(ObjectId::View(*id), at.revision) {
                let message = format!(
                    "Other refreshes of `{}` wait while the migration runs its query.",
                    cx.name(ObjectId::View(*id))
                );
                let _ = cx.report_step(out, at, ObjectId::View(*id), name.span(), message);
            }
        }
    }
}
