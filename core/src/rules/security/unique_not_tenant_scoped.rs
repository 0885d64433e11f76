use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, key_columns, last_word};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

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
    ],
    silent: examples![
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, sku text NOT NULL, token text UNIQUE, email text UNIQUE, UNIQUE (org_id, sku));\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL UNIQUE REFERENCES org);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, product bigint UNIQUE REFERENCES products);",
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
    "gid",
    "guid",
    "hash",
    "hashed",
    "host",
    "hostname",
    "md5",
    "phone",
    "secret",
    "sha",
    "sha256",
    "slug",
    "stripe",
    "subdomain",
    "token",
    "uid",
    "ulid",
    "url",
    "username",
    "uuid",
    "webhook",
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(tenant) = &cx.conventions.tenant else { return };
    for (table_id, table) in cx.tables() {
        let Some(own) = tenant.column_of(table).filter(|_| Some(table_id) != tenant.root) else { continue };
        let parents: Vec<_> = cx.schema.foreign_keys_of(table).flat_map(|(_, c, _)| c.columns.clone()).collect();
        for (id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.unique && !i.primary && i.parent.is_none()) {
            let Some(columns) = key_columns(index) else { continue };
            out.look();
            // A parent of the row scopes it as well.
            // So does the key of another row, by its name.
            let scoped = columns.iter().any(|c| {
                let named = table.column(*c).is_some_and(|c| last_word(&c.name).is_some_and(|w| w == "id"));
                *c == own || parents.contains(c) || named
            });
            let global = columns.iter().filter_map(|c| table.column(*c)).any(|c| {
                each_word(&c.name).any(|w| GLOBAL.contains(&w.as_ref()))
                    || crate::rules::support::builtin(cx.schema, &c.data_type) == Some("uuid")
            });
            if scoped || global || columns.is_empty() {
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
