use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::replay::{Effect, Note};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, RelationId};
use std::collections::BTreeSet;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "refresh-matview-not-concurrent",
    category: Category::MigrationSafety,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "REFRESH MATERIALIZED VIEW without CONCURRENTLY locks out everyone who reads the view.",
    why: "A plain refresh holds ACCESS EXCLUSIVE on the materialized view while its query runs, so that every reader waits. With a \
          unique index on the view CONCURRENTLY computes the rows beside the old ones. A view that has no rows yet has to be filled by \
          a plain refresh. PostgreSQL manual, REFRESH MATERIALIZED VIEW.",
    fires: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders;\n-- file: 2_refresh.sql\nREFRESH MATERIALIZED VIEW «totals»;",
    ],
    silent: examples![
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- file: 2_view.sql\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders;\nREFRESH MATERIALIZED VIEW totals;",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM orders WITH NO DATA;\n-- file: 2_refresh.sql\nREFRESH MATERIALIZED VIEW totals;",
        "-- file: 1_base.sql\nCREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE MATERIALIZED VIEW totals AS SELECT id FROM orders;\nCREATE UNIQUE INDEX ON totals (id);\n-- file: 2_refresh.sql\nREFRESH MATERIALIZED VIEW CONCURRENTLY totals;\nREFRESH MATERIALIZED VIEW totals WITH NO DATA;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // The views that hold rows, as statement follows statement.
    let mut filled = BTreeSet::new();
    for at in cx.steps() {
        match &at.operation.kind {
            OperationKind::CreateView(view) if view.materialized && view.with_data => {
                filled.extend(at.effects.iter().filter_map(|e| match e {
                    Effect::Created(ObjectId::View(id)) => Some(*id),
                    _ => None,
                }));
            }
            OperationKind::RefreshMaterializedView { name, concurrently, with_data } => {
                let used = cx.notes(at).find_map(|n| match n {
                    Note::Uses(RelationId::View(id)) => Some(*id),
                    _ => None,
                });
                let Some(id) = used else { continue };
                out.look();
                let had_rows = filled.contains(&id);
                if *with_data {
                    filled.insert(id)
                } else {
                    filled.remove(&id)
                };
                let live = cx.schema.views.get(id).is_some_and(|v| v.dropped.is_none());
                if *concurrently || !*with_data || !had_rows || !live || !cx.was_before(ObjectId::View(id), at.revision)
                {
                    continue;
                }
                let view = cx.name(ObjectId::View(id));
                let message = format!("Readers of `{view}` wait until the refresh is done.");
                let _ = cx.report_step(out, at, ObjectId::View(id), name.span(), message).evidence(
                    "`REFRESH MATERIALIZED VIEW CONCURRENTLY` lets them read on; it needs a unique index on the view."
                        .to_owned(),
                );
            }
            _ => {}
        }
    }
}
