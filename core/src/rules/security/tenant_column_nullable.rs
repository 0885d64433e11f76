use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-column-nullable",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "The column that says which tenant a row belongs to may be null.",
    why: "A row without a tenant belongs to nobody: policies and WHERE clauses that compare the column leave it out for everyone, or, written the other way, \
          let everyone see it, and billing misses it. The tenant key is read off the schema: a column such as `organization_id` that two of five tables or \
          more have. PostgreSQL manual, 5.4.2 \"Not-Null Constraints\".",
    fires: &[
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, «org_id bigint REFERENCES org»);",
    ],
    silent: &[
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, owner_id bigint);",
        "CREATE TABLE users (id bigint PRIMARY KEY, user_id bigint);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    let with: Vec<_> = cx.tables().filter_map(|(id, t)| Some((id, t, tenant.column_of(t)?))).collect();
    let required = with.iter().filter(|(_, t, c)| t.column(*c).is_some_and(|c| c.not_null)).count();
    for (id, table, number) in &with {
        out.look();
        let Some(column) = table.column(*number).filter(|c| !c.not_null) else { continue };
        let (path, name) = (cx.table_sql(*id), quote(&column.name));
        let message = format!("`{}` may be null: such a row belongs to no tenant.", cx.column_name(*id, *number));
        out.report(ObjectId::Column(*id, *number), column.span, message)
            .object(ObjectId::Table(*id))
            .evidence(format!("{required} of {} tables that have `{}` require it.", with.len(), column.name))
            .fix(Fix {
                sql: format!("ALTER TABLE {path} ALTER COLUMN {name} SET NOT NULL;"),
                caution: Some(format!(
                    "Refused while there are such rows: `SELECT * FROM {path} WHERE {name} IS NULL;`. Rows that are meant for all tenants need a column of \
                     their own to say so. ON DELETE SET NULL on this column must become CASCADE or RESTRICT."
                )),
            });
    }
}
