use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity};
use crate::operation::ReferentialAction;
use crate::rules::support::{each_word, key_columns, last_word, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Constraint, ForeignKey, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "unique-not-tenant-scoped",
    category: Category::Security,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A name or number must be unique among all tenants, not within one.",
    why: "Two customers cannot use the same article number, and the error that the second gets tells them that somebody else has it. Put the tenant key in \
          front. Values that are unique in the world, such as tokens, digests, slugs in public addresses and e-mail addresses of logins, are left alone. \
          PostgreSQL manual, 5.4.3 \"Unique Constraints\".",
    fires: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, sku text NOT NULL «UNIQUE»);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        // Whom a policy number is from says nothing of whose patient it is of.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE insurers (id bigint PRIMARY KEY);\nCREATE TABLE policies (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, insurer_id bigint NOT NULL REFERENCES insurers, member_number text NOT NULL, «UNIQUE (insurer_id, member_number)»);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
    ],
    silent: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, storage_key text UNIQUE, processor_ref text UNIQUE, public_key text UNIQUE, imei text UNIQUE);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, file_id bigint NOT NULL REFERENCES files, no integer, UNIQUE (file_id, no));\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, sku text NOT NULL, token text UNIQUE, nonce text UNIQUE, email text UNIQUE, UNIQUE (org_id, sku));\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL UNIQUE REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, product bigint UNIQUE REFERENCES products);",
    ],
    supersedes: &[],
    check,
};

/// Words for values that nobody else has, or whose scope is the whole system.
const GLOBAL: &[&str] = &[
    "address",
    "digest",
    "domain",
    "email",
    "external",
    "fingerprint",
    "gateway",
    "gid",
    "guid",
    "hash",
    "hashed",
    "host",
    "hostname",
    "imei",
    "imsi",
    "md5",
    "nonce",
    "phone",
    "processor",
    "provider",
    "secret",
    "sha",
    "sha256",
    "slug",
    "storage",
    "stripe",
    "subdomain",
    "token",
    "tracking",
    "uid",
    "ulid",
    "url",
    "username",
    "uuid",
    "vin",
    "webhook",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    for (table_id, table) in cx.tables() {
        let Some(own) = tenant.column_of(table).filter(|_| Some(table_id) != tenant.root) else { continue };
        // What a row refers to scopes it as well, but for a list that all tenants share.
        let shared = |fk: &ForeignKey| {
            let target = cx.schema.tables.get(fk.references);
            fk.on_delete != ReferentialAction::Cascade
                && Some(fk.references) != tenant.root
                && target.is_some_and(|t| tenant.column_of(t).is_none())
        };
        let (lists, parents): (Vec<_>, Vec<_>) = cx.schema.foreign_keys_of(table).partition(|(_, _, fk)| shared(fk));
        let columns_of = |keys: Vec<(_, &Constraint, _)>| -> Vec<_> {
            keys.iter().flat_map(|(_, c, _)| c.columns.clone()).collect()
        };
        let (lists, parents) = (columns_of(lists), columns_of(parents));
        let mut told: BTreeSet<Vec<ColumnNumber>> = BTreeSet::new();
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.unique && !i.primary && i.parent.is_none()) {
            let Some(columns) = key_columns(index) else { continue };
            out.look();
            // A column that is called like the key of another row is as good as a reference. Rows of lists alone are a choice among them.
            let scoped = columns.iter().all(|c| lists.contains(c))
                || columns.iter().any(|c| {
                    let named = table.column(*c).is_some_and(|c| last_word(&c.name).is_some_and(|w| w == "id"));
                    *c == own || parents.contains(c) || named && !lists.contains(c)
                });
            let global = columns.iter().filter(|c| !lists.contains(c)).filter_map(|c| table.column(*c)).any(|c| {
                each_word(&c.name).any(|w| GLOBAL.contains(&w.as_ref()))
                    || is_credential(&c.name)
                    || crate::rules::support::builtin(cx.schema, &c.data_type) == Some("uuid")
            });
            // That an index repeats a constraint is told elsewhere.
            if scoped || global || columns.is_empty() || !told.insert(columns.clone()) {
                continue;
            }
            let constraint = index.constraint.and_then(|c| Some((c, cx.schema.constraints.get(c)?)));
            let (subject, place) = match constraint {
                Some((c, constraint)) => (ObjectId::Constraint(c), constraint.span),
                None => (ObjectId::Index(id), index.span),
            };
            let message = format!(
                "`{}` makes {} of `{}` unique among all tenants: it leaves `{}` out.",
                index.name,
                cx.columns_text(table_id, &columns),
                cx.table_name(table_id),
                tenant.habit.column
            );
            out.report(subject, place, message)
                .objects(columns.iter().map(|c| ObjectId::Column(table_id, *c)))
                .evidence(tenant.habit.evidence());
        }
    }
}

/// Whether a column is a key that opens something: `public_key`, `api_key`.
fn is_credential(name: &str) -> bool {
    const KINDS: &[&str] = &["access", "api", "license", "public", "ssh"];
    matches!(words(name).as_slice(), [.., kind, key] if key == "key" && KINDS.contains(&kind.as_str()))
}
