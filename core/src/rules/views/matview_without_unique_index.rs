use crate::finding::{Certainty, Severity};
use crate::operation::OperationKind;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{KeyTarget, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "matview-without-unique-index",
    category: Category::ViewsAndFunctions,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A materialized view has no unique index, so that it cannot be refreshed while it is read.",
    why: "REFRESH MATERIALIZED VIEW locks out every reader until it is done. CONCURRENTLY lets them go on, but needs a unique index on plain columns \
          without a WHERE clause to tell rows apart, and fails without one. PostgreSQL manual, REFRESH MATERIALIZED VIEW.",
    fires: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nCREATE MATERIALIZED VIEW «totals» AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;\nCREATE INDEX ON totals (shop);",
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nCREATE MATERIALIZED VIEW «totals» AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;\nCREATE UNIQUE INDEX ON totals (shop) WHERE shop > 0;",
    ],
    silent: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, amount numeric);\nCREATE MATERIALIZED VIEW totals AS SELECT shop, sum(amount) AS total FROM sales GROUP BY shop;\nCREATE UNIQUE INDEX ON totals (shop);",
        "CREATE TABLE sales (id bigint PRIMARY KEY, shop bigint);\nCREATE VIEW shops AS SELECT DISTINCT shop FROM sales;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| v.materialized) {
        if !cx.owns_namespace(view.namespace) {
            continue;
        }
        out.look();
        let usable = view.indexes.iter().filter_map(|i| cx.schema.indexes.get(*i)).any(|i| {
            i.dropped.is_none()
                && i.unique
                && i.predicate.is_none()
                && i.keys.iter().all(|k| matches!(k.target, KeyTarget::Column(_)))
        });
        if usable {
            continue;
        }
        let name = cx.name(ObjectId::View(id));
        // The set itself refreshes it CONCURRENTLY: that statement fails.
        let refresh = cx.history.revisions.iter().flat_map(|r| &r.up).find(|o| {
            matches!(&o.kind, OperationKind::RefreshMaterializedView { name, concurrently: true, .. } if name.name.fold() == view.name)
        });
        let message = match refresh {
            Some(_) => format!("`{name}` is refreshed CONCURRENTLY but has no unique index: the refresh fails."),
            None => format!("`{name}` has no unique index, so a refresh locks out its readers."),
        };
        let mut draft = out.report(ObjectId::View(id), view.name_span, message);
        if let Some(refresh) = refresh {
            draft = draft.severity(Severity::Critical).also_at(refresh.span);
        }
        let _ = draft;
    }
}
