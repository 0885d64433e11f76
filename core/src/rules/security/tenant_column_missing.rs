use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::{last_word, list, says_who};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Constraint, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "tenant-column-missing",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A table refers to rows of tenants, and has no column of its own that says whose its rows are.",
    why: "Whose a row is can be told only through a join. Each policy has to make that join for every row, an index cannot lead with the tenant, a foreign key cannot \
          compare tenants, and a query that forgets the join sees all customers. Carry the tenant on the table itself, NOT NULL, with a composite foreign key to \
          the parent that keeps both the same: that needs UNIQUE (tenant, id) on the parent. Where few tables of tenants carry it, the severity is low. \
          PostgreSQL manual, 5.8 \"Row Security Policies\".",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE «lines» (id bigint PRIMARY KEY, a_id bigint NOT NULL REFERENCES a, note text);",
    ],
    silent: examples![
        // The tenants themselves, and lists that all of them share.
        "CREATE TABLE kinds (id bigint PRIMARY KEY, name text);\nCREATE TABLE org (id bigint PRIMARY KEY, owner bigint);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, kind bigint REFERENCES kinds);\nALTER TABLE org ADD FOREIGN KEY (owner) REFERENCES a;\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        // A partition is reached through its parent.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint, org_id bigint NOT NULL REFERENCES org, PRIMARY KEY (id, org_id)) PARTITION BY LIST (org_id);\nCREATE TABLE c_rest PARTITION OF c DEFAULT;",
        // Who of some tenant wrote to a list that all of them share.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE staff (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE flags (id bigint PRIMARY KEY, name text, created_by bigint REFERENCES staff, triggered_by bigint REFERENCES staff, approved_by_id bigint REFERENCES staff);",
        // The tenant under a name of its own.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE grants (id bigint PRIMARY KEY, giver bigint NOT NULL REFERENCES org, a_id bigint NOT NULL REFERENCES a);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    let mut carried = 0_usize;
    let mut lacking: Vec<(TableId, &Table, Vec<String>)> = Vec::new();
    for (id, table) in cx.tables().filter(|(_, t)| t.kind != TableKind::Foreign) {
        if Some(id) == tenant.root {
            continue;
        }
        out.look();
        if tenant.column_of(table).is_some() {
            carried += 1;
            continue;
        }
        let keys: Vec<_> =
            cx.schema.foreign_keys_of(table).map(|(_, _, fk)| fk.references).filter(|t| *t != id).collect();
        // What refers to the tenant itself says whose it is; what the tenant refers to stands above it.
        let said = tenant.root.is_some_and(|root| keys.contains(&root) || refers(cx, root, id));
        let mut parents: Vec<TableId> = cx
            .schema
            .foreign_keys_of(table)
            .filter(|(_, constraint, _)| !names_who(table, constraint))
            .map(|(_, _, fk)| fk.references)
            .filter(|p| *p != id && cx.schema.tables.get(*p).is_some_and(|t| tenant.column_of(t).is_some()))
            .collect();
        parents.order();
        parents.dedup();
        if !said && !parents.is_empty() && !cx.is_open(table) {
            lacking.push((id, table, parents.iter().map(|p| format!("`{}`", cx.table_name(*p))).collect()));
        }
    }
    let all = carried + lacking.len();
    for (id, table, parents) in lacking {
        let message = format!(
            "Rows of `{}` belong to tenants through {}, but have no `{}` of their own.",
            cx.table_name(id),
            list(&parents),
            tenant.habit.column
        );
        let severity = if carried * 5 >= all * 4 { Severity::Medium } else { Severity::Low };
        out.report(ObjectId::Table(id), table.name_span, message)
            .severity(severity)
            .evidence(format!("{carried} of {all} tables that tenants' rows are in have `{}`.", tenant.habit.column));
    }
}

/// Whether a key says who did something: `reviewed_by`, `created_by_user_id`. Someone of a tenant may write to what belongs to all.
fn names_who(table: &Table, key: &Constraint) -> bool {
    let is_who = |name: &str| last_word(name).is_some_and(|w| w == "by") || says_who(name);
    key.columns.iter().all(|c| table.column(*c).is_some_and(|c| is_who(&c.name)))
}

fn refers(cx: &Context<'_>, from: TableId, to: TableId) -> bool {
    cx.schema.tables.get(from).is_some_and(|t| cx.schema.foreign_keys_of(t).any(|(_, _, fk)| fk.references == to))
}
