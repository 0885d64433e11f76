use crate::expr::Tree;
use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{column_of, conjuncts, each_word, set_not_null};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-column-nullable",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "The column that says which tenant a row belongs to may be null.",
    why: "A row without a tenant belongs to nobody: policies and WHERE clauses that compare the column leave it out for everyone, or, written the other way, \
          let everyone see it, and billing misses it. The tenant key is read off the schema: a column such as `organization_id` that two of five tables or \
          more have, or one by which a policy looks the row's owner up. PostgreSQL manual, 5.4.2 \"Not-Null Constraints\".",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, «org_id bigint REFERENCES org»);",
        // Rows that the migrations themselves write for nobody stand in the way of NOT NULL.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, «org_id bigint REFERENCES org»);\nINSERT INTO c (id, org_id) VALUES (1, NULL);",
        "CREATE TABLE members (org bigint, person text, PRIMARY KEY (org, person));\nCREATE TABLE sites (id bigint PRIMARY KEY, «org bigint»);\nALTER TABLE sites ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON sites USING (org IN (SELECT m.org FROM members m WHERE m.person = (SELECT current_user)));",
    ],
    silent: examples![
        "CREATE TABLE members (org bigint, person text, PRIMARY KEY (org, person));\nCREATE TABLE sites (id bigint PRIMARY KEY, org bigint NOT NULL);\nALTER TABLE sites ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON sites USING (org IN (SELECT m.org FROM members m WHERE m.person = (SELECT current_user)));",
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, owner_id bigint);",
        "CREATE TABLE users (id bigint PRIMARY KEY, user_id bigint);",
        // What null means is said, so it is meant.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint REFERENCES org);\nCOMMENT ON COLUMN c.org_id IS 'NULL: a template that all organisations share';",
    ],
    supersedes: &["nullable-required-reference"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let tenant = cx.conventions.tenant.as_ref();
    let with: Vec<_> = cx.tables().filter_map(|(id, t)| Some((id, t, tenant?.column_of(t)?))).collect();
    let required = with.iter().filter(|(_, t, c)| t.column(*c).is_some_and(|c| c.not_null)).count();
    for (id, table) in cx.tables() {
        let tenant_column = with.iter().find(|(of, ..)| *of == id).map(|(_, _, c)| *c);
        let scoping = scoping_columns(cx, table);
        for number in tenant_column.into_iter().chain(scoping.iter().copied().filter(|c| Some(*c) != tenant_column)) {
            out.look();
            let is_open = |c: &&Column| !c.not_null && c.generated.is_none() && !explains_null(c);
            let Some(column) = table.column(number).filter(is_open) else { continue };
            let (path, name) = (cx.table_sql(id), quote(&column.name));
            let (message, evidence) = if tenant_column == Some(number) {
                (
                    format!("`{}` may be null: such a row belongs to no tenant.", cx.column_name(id, number)),
                    format!("{required} of {} tables that have `{}` require it.", with.len(), column.name),
                )
            } else {
                (
                    format!(
                        "`{}` decides who sees a row, and may be null: nobody sees such a row.",
                        cx.column_name(id, number)
                    ),
                    "A policy of the table compares it.".to_owned(),
                )
            };
            let draft = out
                .report(ObjectId::Column(id, number), column.span, message)
                .object(ObjectId::Table(id))
                .evidence(evidence);
            if cx.stores_null(id, number) {
                draft.evidence("The migrations themselves write such rows.".to_owned());
                continue;
            }
            draft.fix(Fix {
                sql: set_not_null(cx, id, table, &column.name, ""),
                caution: Some(format!(
                    "Refused while there are such rows: `SELECT * FROM {path} WHERE {name} IS NULL;`. Rows that are meant for all tenants need a \
                     column of their own to say so. ON DELETE SET NULL on this column must become CASCADE or RESTRICT."
                )),
            });
        }
    }
}

/// Whether the column's comment says what it means that it is null: then it was decided.
fn explains_null(column: &Column) -> bool {
    column.comment.as_deref().is_some_and(|text| each_word(text).any(|word| word == "null"))
}

/// Columns by which permissive policies look a row's owner up: `column IN (SELECT …)`.
fn scoping_columns(cx: &Context<'_>, table: &Table) -> Vec<ColumnNumber> {
    let mut out = Vec::new();
    for (_, policy) in cx.schema.policies_of(table).filter(|(_, p)| p.permissive) {
        let Some(using) = &policy.using else { continue };
        for part in conjuncts(using.source.tree()) {
            if let Tree::Operator(op, operands) = part
                && let ("in", [column, Tree::Subquery(_)]) = (op.as_str(), operands.as_slice())
                && let Some(number) = column_of(column, table)
                && !out.contains(&number)
            {
                out.push(number);
            }
        }
    }
    out
}
