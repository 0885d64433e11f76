use crate::finding::{Certainty, Severity};
use crate::rules::support::{key_columns, list, same_predicate};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Index, IndexId, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "redundant-unique-index",
    category: Category::Indexes,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A unique rule covers more columns than another unique rule of the table, which implies it.",
    why: "Where (a) is unique, (a, b) is unique of itself: the wider rule checks nothing and costs every write. Often it is the sign of a wrong \
          key, such as a primary key that should have had the second column. It is fine where a foreign key needs exactly these columns as its \
          target; the rule then says nothing, and neither of a tenant key with the primary key, on which foreign keys that compare the tenant stand. PostgreSQL manual, 5.4.3 \"Unique Constraints\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text UNIQUE, name text, «UNIQUE (email, name)»);",
        "CREATE TABLE jobs (id bigint PRIMARY KEY, at date);\n«CREATE UNIQUE INDEX jobs_key ON jobs (at, id)»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, team bigint, name text, UNIQUE (team, name));",
        // A foreign key over both columns needs it.
        "CREATE TABLE orders (id bigint PRIMARY KEY, tenant bigint, UNIQUE (tenant, id));\nCREATE TABLE lines (id bigint PRIMARY KEY, tenant bigint, o bigint, FOREIGN KEY (tenant, o) REFERENCES orders (tenant, id));",
        // One that compares the tenant will.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text, gone boolean, name text, UNIQUE (email, name));\nCREATE UNIQUE INDEX u ON users (email) WHERE NOT gone;",
    ],
    supersedes: &["unique-with-nullable-column"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (table_id, table) in cx.tables() {
        let unique: Vec<(IndexId, &Index)> =
            cx.schema.indexes_of(table).filter(|(_, i)| i.unique && !i.primary).collect();
        for (id, index) in &unique {
            out.look();
            let Some(columns) = key_columns(index) else { continue };
            let narrower = cx.schema.indexes_of(table).find(|(other, narrow)| {
                other != id
                    && narrow.unique
                    && narrow.keys.len() < columns.len()
                    && key_columns(narrow).is_some_and(|keys| !keys.is_empty() && keys.iter().all(|k| columns.contains(k)))
                    && (narrow.predicate.is_none() || same_predicate(narrow.predicate.as_ref(), index.predicate.as_ref()))
                    // Nulls that the narrow rule lets pass more than once, the wide one may tell apart no better.
                    && narrow.nulls_not_distinct >= index.nulls_not_distinct
            });
            let Some((narrow_id, narrow)) = narrower else { continue };
            let is_target = cx
                .references_to(table_id)
                .any(|fk| fk.columns.len() == columns.len() && fk.columns.iter().all(|c| columns.contains(c)));
            let is_for_tenants = cx.tenant_column(table).is_some_and(|tenant| {
                columns.contains(&tenant)
                    && narrow.primary
                    && key_columns(narrow).is_some_and(|key| columns.iter().all(|c| *c == tenant || key.contains(c)))
            });
            // A partitioned table demands its key in every unique rule.
            if is_target || is_for_tenants || index.parent.is_some() || table.partition_key.is_some() {
                continue;
            }
            let names = |index: &Index| {
                let names: Vec<String> = key_columns(index)
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|c| table.column(*c))
                    .map(|c| format!("`{}`", c.name))
                    .collect();
                list(&names)
            };
            let message = format!(
                "{} of `{}` {} unique by `{}`, so `{}` over {} checks nothing more.",
                names(narrow),
                cx.table_name(table_id),
                if narrow.keys.len() == 1 { "is" } else { "are" },
                narrow.name,
                index.name,
                names(index)
            );
            out.report(ObjectId::Index(*id), index.span, message)
                .object(ObjectId::Index(narrow_id))
                .object(ObjectId::Table(table_id))
                .also_at(narrow.span);
        }
    }
}
