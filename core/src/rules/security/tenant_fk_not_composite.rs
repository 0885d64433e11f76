use crate::analysis::Role;
use crate::finding::{Certainty, Fix, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{
    DeclaredKey, TenantKeys, index_for, make_referable, number, only_column, refused_keys, replace_foreign_key,
    tenant_pair,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Constraint, ForeignKey, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-fk-not-composite",
    category: Category::Security,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A foreign key between two tables of tenants leaves the tenant out, so that a row may point at another tenant's row.",
    why: "Both rows carry a tenant, and nothing makes the two agree: an id from a request that is stored unchecked ties one customer's order to another \
          customer's document. Row-level security does not help, as foreign keys are checked past it. UNIQUE (tenant, id) on the referenced table and a \
          foreign key over (tenant, id) let the database refuse it. PostgreSQL manual, 5.4.5 \"Foreign Keys\" and 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE orders (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, doc bigint «REFERENCES docs»);\nCREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE orders (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, doc_id bigint «REFERENCES docs ON DELETE CASCADE»);\nCREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
    ],
    silent: examples![
        // A second key compares them.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, a_id bigint REFERENCES a, FOREIGN KEY (org_id, a_id) REFERENCES a (org_id, id));\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE docs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE orders (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, doc bigint, FOREIGN KEY (org_id, doc) REFERENCES docs (org_id, id));\nCREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        // Shared by all tenants.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE kinds (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, kind bigint REFERENCES kinds);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    // A loop that makes keys may make them of all tables.
    if cx.hidden_sql_says("foreign key") {
        return;
    }
    let keys = TenantKeys::count(cx);
    for DeclaredKey { table: id, of: table, id: constraint_id, constraint, fk } in cx.foreign_keys() {
        let Some((own, theirs)) = tenant_pair(cx, table, fk.references) else { continue };
        out.look();
        if constraint.columns.contains(&own) || is_compared_beside(cx, table, (constraint, fk), (own, theirs)) {
            continue;
        }
        let message = format!(
            "`{}` does not compare `{}`: a row of `{}` may refer to another tenant's row of `{}`.",
            constraint.name,
            tenant.habit.column,
            cx.table_name(id),
            cx.table_name(fk.references)
        );
        // Where many keys do, this one is a slip.
        let severity = if keys.is_habit() { Severity::High } else { Severity::Medium };
        out.report(ObjectId::Constraint(constraint_id), constraint.span, message)
            .objects(constraint.columns.iter().map(|c| ObjectId::Column(id, *c)))
            .object(ObjectId::Table(fk.references))
            .object(ObjectId::Column(fk.references, theirs))
            .severity(severity)
            .maybe_fix(
                fix(cx, id, constraint, fk, (own, theirs)).filter(|(_, made)| !made || keys.is_habit()).map(|f| f.0),
            )
            .evidence(format!(
                "{} {} of {} between such tables {} it.",
                tenant.habit.evidence(),
                keys.compared,
                number(keys.all, "foreign key", "foreign keys"),
                if keys.compared == 1 { "compares" } else { "compare" }
            ));
    }
    // A document says what refers to what, even where a server would refuse the key as it stands.
    for key in refused_keys(cx).into_iter().filter(|_| cx.target.role == Role::Document) {
        let (Some(table), Some(target)) = (cx.schema.tables.get(key.table), key.target) else { continue };
        let parent = cx.schema.tables.get(target).filter(|_| Some(target) != tenant.root);
        let (Some(own), Some(theirs)) = (tenant.column_of(table), parent.and_then(|p| tenant.column_of(p))) else {
            continue;
        };
        out.look();
        let Some(first) = key.columns.first().filter(|_| !key.columns.contains(&own)) else { continue };
        let message = format!(
            "The reference from {} to `{}` does not compare `{}`: a row may refer to another tenant's.",
            cx.columns_text(key.table, &key.columns),
            cx.table_name(target),
            tenant.habit.column
        );
        out.report(ObjectId::Column(key.table, *first), key.span, message)
            .object(ObjectId::Table(target))
            .object(ObjectId::Column(target, theirs))
            .severity(Severity::Medium)
            .evidence(tenant.habit.evidence());
    }
}

/// Whether another key from the same columns to the same row compares the tenant. It holds of every reference where the tenant is never null.
fn is_compared_beside(
    cx: &Context<'_>,
    table: &Table,
    (constraint, fk): (&Constraint, &ForeignKey),
    (own, theirs): (ColumnNumber, ColumnNumber),
) -> bool {
    let pairs = |c: &Constraint, fk: &ForeignKey| -> Vec<(ColumnNumber, ColumnNumber)> {
        c.columns.iter().copied().zip(fk.columns.iter().copied()).collect()
    };
    let needed = pairs(constraint, fk);
    table.column(own).is_some_and(|c| c.not_null)
        && cx.schema.foreign_keys_of(table).filter(|(_, _, other)| other.references == fk.references).any(
            |(_, c, other)| {
                let has = pairs(c, other);
                has.contains(&(own, theirs)) && needed.iter().all(|pair| has.contains(pair))
            },
        )
}

/// The repair, and whether it makes the unique rule that it needs: for all tables of a schema that has none, that is a decision. ON DELETE SET NULL would empty the tenant column with the reference, unless it
/// names the columns. PostgreSQL manual, 5.4.5 "Foreign Keys".
fn fix(
    cx: &Context<'_>,
    id: TableId,
    constraint: &Constraint,
    fk: &ForeignKey,
    (own, theirs): (ColumnNumber, ColumnNumber),
) -> Option<(Fix, bool)> {
    let (table, parent) = (cx.schema.tables.get(id)?, cx.schema.tables.get(fk.references)?);
    let (column, [key]) = (only_column(constraint)?, fk.columns.as_slice()) else { return None };
    let empties = |action| matches!(action, ReferentialAction::SetNull | ReferentialAction::SetDefault);
    // Of two columns the reference alone is emptied, where the server can: the row stays the tenant's.
    let set: &[ColumnNumber] = if empties(fk.on_delete) { &[column] } else { &[] };
    let can = set.is_empty() || cx.target.server_version >= 15;
    let (tenant, their_tenant) = (table.column(own)?, parent.column(theirs)?);
    // A parent that belongs to nobody serves all tenants: a key over both columns would refuse every reference to it.
    let shared = !their_tenant.not_null;
    if !can || shared || empties(fk.on_update) || !tenant.not_null || tenant.data_type != their_tenant.data_type {
        return None;
    }
    let columns = [own, column];
    let referable = make_referable(cx, fk.references, parent, &[theirs, *key])?;
    let swap = replace_foreign_key(cx, id, constraint, fk, (&columns, &[theirs, *key]), (fk.on_delete, set))?;
    let index = index_for(cx, id, table, &columns).map_or_else(String::new, |index| format!("{index}\n"));
    let (child, target) = (cx.table_sql(id), cx.table_sql(fk.references));
    let (own, column) = (cx.columns_sql(id, &[own]), cx.columns_sql(id, &[column]));
    let (theirs, key) = (cx.columns_sql(fk.references, &[theirs]), cx.columns_sql(fk.references, &[*key]));
    let fix = Fix {
        sql: format!("{referable}{index}{swap}"),
        caution: Some(format!(
            "Validation fails while rows refer across tenants: `SELECT c.* FROM {child} c JOIN {target} p ON p.{key} = c.{column} WHERE p.{theirs} <> \
             c.{own};`."
        )),
    };
    Some((fix, !referable.is_empty()))
}

#[cfg(test)]
mod tests {
    use crate::session::{Options, analyze};

    /// A loop over rows may make any table's keys anew, with the tenant in them.
    #[test]
    fn keys_that_a_loop_makes_may_compare_the_tenant() {
        let mut base = "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE old (t text);\n".to_owned();
        for (table, key) in [("a", ""), ("b", ", a_id bigint NOT NULL REFERENCES a"), ("c", "")] {
            base +=
                &format!("CREATE TABLE {table} (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org{key});\n");
        }
        for (does, told) in
            [("ADD FOREIGN KEY (org_id, a_id) REFERENCES a (org_id, id)", false), ("ADD COLUMN x int", true)]
        {
            let sql = format!(
                "{base}DO $$ DECLARE r record; BEGIN FOR r IN SELECT t FROM old LOOP\nEXECUTE format('ALTER TABLE %I {does}', r.t); END LOOP; END $$;"
            );
            let analysis = analyze([("a.sql", sql.as_bytes())], Options::default());
            let found = analysis.targets[0].findings.iter().any(|f| f.rule.name == "tenant-fk-not-composite");
            assert_eq!(found, told, "{does}");
        }
    }
}
