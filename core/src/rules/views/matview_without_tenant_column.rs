use crate::finding::{Certainty, Severity};
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "matview-without-tenant-column",
    category: Category::ViewsAndFunctions,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A materialized view is made of rows of tenants, and does not say whose its rows are.",
    why: "No policy guards a materialized view, so that a WHERE clause on the tenant is all that can keep customers apart there; without the column not even that \
          is possible, and sums run over all of them. Carry the tenant through, group by it, and lead the unique index with it. Figures about the whole \
          platform belong where no customer reaches them. PostgreSQL manual, 41.3 \"Materialized Views\".",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, amount numeric);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE MATERIALIZED VIEW «totals» AS SELECT a.id, sum(a.amount) AS total FROM a GROUP BY a.id;\nCREATE UNIQUE INDEX ON totals (id);",
    ],
    silent: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, amount numeric);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE MATERIALIZED VIEW totals AS SELECT a.org_id, sum(a.amount) AS total FROM a GROUP BY a.org_id;\nCREATE UNIQUE INDEX ON totals (org_id);",
        // Rows of the tenant itself.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, amount numeric);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE MATERIALIZED VIEW totals AS SELECT org.id, sum(a.amount) AS total FROM org JOIN a ON a.org_id = org.id GROUP BY org.id;\nCREATE UNIQUE INDEX ON totals (id);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    for (id, view) in cx.schema.live_views().filter(|(_, v)| v.materialized) {
        if !cx.owns_namespace(view.namespace) || view.partial {
            continue;
        }
        let mut of_tenants: Vec<TableId> = Vec::new();
        let mut of_root = false;
        for reference in &view.query.references {
            let (ObjectId::Table(table) | ObjectId::Column(table, _)) = reference.target else { continue };
            of_root |= Some(table) == tenant.root;
            let carries = cx.schema.tables.get(table).is_some_and(|t| tenant.column_of(t).is_some());
            if carries && !of_tenants.contains(&table) {
                of_tenants.push(table);
            }
        }
        if of_tenants.is_empty() {
            continue;
        }
        out.look();
        if of_root || view.columns.iter().any(|c| *c == tenant.habit.column.as_str()) {
            continue;
        }
        let names: Vec<String> = of_tenants.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        let message = format!(
            "`{}` is made of rows of {}, and drops their `{}`.",
            cx.name(ObjectId::View(id)),
            list(&names),
            tenant.habit.column
        );
        out.report(ObjectId::View(id), view.name_span, message)
            .objects(of_tenants.into_iter().map(ObjectId::Table))
            .evidence(tenant.habit.evidence());
    }
}
