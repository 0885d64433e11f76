use crate::finding::{Certainty, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{each_word, is_money, is_number, reference_column, singular};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "set-null-loses-owner",
    category: Category::KeysAndReferences,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "Deleting a row leaves costs, or rows of a tenant, that belong to nobody.",
    why: "ON DELETE SET NULL keeps the row and forgets what it was for. On who did or approved something that is right. On the tenant column \
          it takes the row out of every tenant's sight, and on what a cost was spent for it makes totals by customer or document too small \
          from then on, with nothing to tell why. Where the row must outlive its reference, keep a copy of the name or number, or use \
          RESTRICT. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE documents (id bigint PRIMARY KEY);\nCREATE TABLE call_log (id bigint PRIMARY KEY, cost_micros bigint, document_id bigint «REFERENCES documents ON DELETE SET NULL»);",
    ],
    silent: examples![
        // Who did it: the deed stays.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE call_log (id bigint PRIMARY KEY, cost_micros bigint, actor_id bigint REFERENCES users ON DELETE SET NULL, approved_by_user_id bigint REFERENCES users ON DELETE SET NULL);",
        // A thing with a price is no record of a cost.
        "CREATE TABLE categories (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, price numeric, category_id bigint REFERENCES categories ON DELETE SET NULL);",
        "CREATE TABLE documents (id bigint PRIMARY KEY);\nCREATE TABLE call_log (id bigint PRIMARY KEY, cost_micros bigint, document_id bigint REFERENCES documents ON DELETE RESTRICT);",
        "CREATE TABLE invoices (id bigint PRIMARY KEY);\nCREATE TABLE shipments (id bigint PRIMARY KEY);\nCREATE TABLE invoice_items (id bigint PRIMARY KEY, price numeric, invoice_id bigint NOT NULL REFERENCES invoices ON DELETE CASCADE, shipment_id bigint REFERENCES shipments ON DELETE SET NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for key in cx.foreign_keys().filter(|k| k.fk.on_delete == ReferentialAction::SetNull) {
        out.look();
        let Some(number) = reference_column(cx, key.of, key.constraint) else { continue };
        let Some(column) = key.of.column(number).filter(|c| !c.not_null && !is_actor(&c.name)) else { continue };
        let is_tenant = cx.tenant_column(key.of) == Some(number);
        // A line of a bill is still that bill's.
        let has_owner = cx.schema.foreign_keys_of(key.of).any(|(_, c, fk)| {
            fk.on_delete == ReferentialAction::Cascade
                && reference_column(cx, key.of, c).is_some_and(|n| {
                    cx.tenant_column(key.of) != Some(n) && key.of.column(n).is_some_and(|c| c.not_null)
                })
        });
        let cost = key
            .of
            .live_columns()
            .find(|(_, c)| is_money(&c.name) && is_number(cx.schema, &c.data_type))
            .filter(|_| !has_owner && is_record(&key.of.name));
        let message = match cost {
            _ if is_tenant => format!(
                "Deleting a row of `{}` leaves its rows of `{}` without a tenant.",
                cx.table_name(key.fk.references),
                cx.table_name(key.table)
            ),
            Some((_, money)) => format!(
                "Deleting a row of `{}` leaves rows of `{}` whose `{}` can no longer be attributed.",
                cx.table_name(key.fk.references),
                cx.table_name(key.table),
                money.name
            ),
            None => continue,
        };
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .object(ObjectId::Column(key.table, number))
            .object(ObjectId::Table(key.fk.references))
            .evidence(format!("`{}` becomes null.", column.name));
    }
}

/// Whether a column of this name says who did something, not whose it is.
fn is_actor(name: &str) -> bool {
    const ACTORS: &[&str] = &[
        "actor", "admin", "agent", "approver", "assignee", "author", "by", "creator", "editor", "employee", "manager",
        "member", "operator", "person", "reviewer", "staff", "user", "worker",
    ];
    each_word(name).any(|w| ACTORS.contains(&w.as_ref()))
}

/// Whether rows of a table of this name record that something was spent or earned.
fn is_record(name: &str) -> bool {
    const RECORDS: &[&str] = &[
        "billing",
        "call",
        "charge",
        "cost",
        "entry",
        "expense",
        "invoice",
        "ledger",
        "log",
        "payment",
        "spend",
        "transaction",
        "usage",
    ];
    each_word(name).any(|w| RECORDS.contains(&singular(&w).as_ref()))
}
