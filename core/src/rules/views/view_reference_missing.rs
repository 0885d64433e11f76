use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::{Unmade, missing_object, refused, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "view-reference-missing",
    category: Category::ViewsAndFunctions,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A view names a table or column that nothing in the input ever makes.",
    why: "PostgreSQL refuses the view, and in a migration everything after it. The table or column was renamed, belongs to another table, or exists only in the design. Where it is \
          made further down, the order is wrong, which another rule tells. PostgreSQL manual, CREATE VIEW, and appendix A, 42703 and 42P01.",
    fires: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, amount numeric);\nCREATE VIEW totals AS SELECT sum(«s.total») AS total FROM sales s;",
        "CREATE TABLE sales (id bigint PRIMARY KEY, amount numeric);\nCREATE VIEW totals AS SELECT count(*) AS n FROM «refunds»;",
    ],
    silent: examples![
        "CREATE TABLE sales (id bigint PRIMARY KEY, amount numeric);\nCREATE VIEW totals AS SELECT sum(amount) AS total FROM sales;",
        // A name follows a rename, though not in the text.
        "CREATE TABLE sales (id bigint PRIMARY KEY, price numeric);\nCREATE VIEW totals AS SELECT sum(s.price) AS total FROM sales s;\nALTER TABLE sales RENAME price TO amount;",
        // One name for two things.
        "CREATE TABLE sales (id bigint PRIMARY KEY, amount numeric);\nCREATE TABLE refunds (id bigint PRIMARY KEY, paid numeric);\nCREATE VIEW totals AS SELECT sum(x.amount) AS total, (SELECT max(x.paid) FROM refunds x) AS paid FROM sales x;",
        // The table is missing because its own reference is, which is told.
        "CREATE TABLE refunds (id bigint PRIMARY KEY, sale bigint REFERENCES sales);\nCREATE VIEW totals AS SELECT count(*) AS n FROM refunds;",
        // Too early, but it comes.
        "CREATE VIEW totals AS SELECT count(*) AS n FROM refunds;\nCREATE TABLE refunds (id bigint PRIMARY KEY);",
    ],
    supersedes: &["reference-before-definition"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for _ in cx.schema.live_views() {
        out.look();
    }
    let unmade = Unmade::of(cx);
    for conflict in cx.replay.conflicts.iter().filter(|c| matches!(c.sqlstate, "42703" | "42P01")) {
        let Some(OperationKind::CreateView(create)) = refused(cx, conflict).map(|o| &o.kind) else { continue };
        let Some((kind, name)) = missing_object(conflict) else { continue };
        if unmade.explains(conflict, kind, name) {
            continue;
        }
        let own = name.rsplit('.').next().unwrap_or(name);
        // What was there and is gone, or comes later, is a matter of order.
        let ever = match kind {
            ObjectKind::Column => cx
                .schema
                .live_tables()
                .any(|(_, t)| t.find_column(own).is_some() && create.query.words().contains(&t.name)),
            _ => {
                cx.schema.tables.iter().any(|(_, t)| t.name == own)
                    || cx.schema.views.iter().any(|(_, v)| v.name == own)
            }
        };
        if ever {
            continue;
        }
        out.look();
        let message = format!("The view `{}` names `{name}`, which does not exist.", create.name.name.fold());
        let of_view = if create.materialized { ObjectKind::MaterializedView } else { ObjectKind::View };
        out.report_about(Subject::new(kind, name), conflict.span, message)
            .maybe_subject(Some(Subject::new(of_view, written_path(&create.name))))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
