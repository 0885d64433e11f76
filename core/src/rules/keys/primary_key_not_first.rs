use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "primary-key-not-first",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table starts with other columns than those of its primary key.",
    why: "People read a table from the left, and tools that show or export rows do so too: the key in front says at once what a row is. It \
          changes nothing for the database, and the order of columns cannot be changed afterwards, so that this is for the next table. Columns \
          in front that say to whom or what the row belongs are left alone. PostgreSQL manual, 5.6 \"Modifying Tables\".",
    fires: examples!["CREATE TABLE people (name text, «id» bigint PRIMARY KEY);"],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, name text);\nCREATE TABLE lines (no int, order_no int, PRIMARY KEY (order_no, no));",
        // The tenant comes first.
        "CREATE TABLE tenants (id bigint PRIMARY KEY);\nCREATE TABLE a (tenant_id bigint REFERENCES tenants, id bigint PRIMARY KEY);\nCREATE TABLE b (tenant_id bigint REFERENCES tenants, id bigint PRIMARY KEY);\nCREATE TABLE c (tenant_id bigint REFERENCES tenants, id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.inherits.is_empty()) {
        let Some((_, key)) = cx.schema.primary_key_of(table) else { continue };
        out.look();
        // The tenant, or what the row belongs to, may stand before.
        let refers = |n: ColumnNumber| {
            cx.tenant_column(table) == Some(n)
                || cx.references.of(id, n).is_some()
                || cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&n))
        };
        let first = table.live_columns().map(|(n, _)| n).find(|n| key.columns.contains(n) || !refers(*n));
        if first.is_none_or(|n| key.columns.contains(&n)) {
            continue;
        }
        // A column that was added later can only stand at the end.
        let Some((number, column)) = key.columns.first().and_then(|n| Some((*n, table.column(*n)?))) else { continue };
        if !table.span.contains(column.span) {
            continue;
        }
        let message = format!(
            "The primary key of `{}` ({}) does not stand in front.",
            cx.table_name(id),
            cx.columns_text(id, &key.columns)
        );
        out.report(ObjectId::Column(id, number), column.name_span, message).object(ObjectId::Table(id));
    }
}
