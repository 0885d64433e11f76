use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{
    builtin, each_word, free_index_name, is_deletion_mark, key_columns, last_word, live_condition,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{
    Column, ColumnNumber, ConstraintKind, Index, IndexId, KeyTarget, ObjectId, Table, TableId, TableKind,
};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "soft-delete-breaks-unique",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A table marks rows as deleted, and a unique rule still counts those.",
    why: "Whoever deletes a row and makes it anew gets an error about a row that nobody sees any more: a user who left cannot come back with the same address. \
          A unique index WHERE the mark is not set counts only the rows that are left. A partial unique index is as safe against two writers at once as any \
          other; a trigger that looks first is not. Ids and tokens that never come twice need nothing. PostgreSQL manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, deleted_at timestamptz, «UNIQUE (email)»);",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, is_deleted boolean NOT NULL DEFAULT false);\n«CREATE UNIQUE INDEX users_email ON users (email)»;",
        // However the addresses are compared.
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, discarded_at timestamptz);\n«CREATE UNIQUE INDEX users_email ON users (lower(email))»;",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, deleted_at timestamptz);\nCREATE UNIQUE INDEX users_email ON users (email) WHERE deleted_at IS NULL;",
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, deleted_at timestamptz, UNIQUE (email, deleted_at));",
        // The key itself tells deleted rows apart.
        "CREATE TABLE audits (id bigint PRIMARY KEY, name text NOT NULL, deleted_at timestamptz, deleted bigint NOT NULL DEFAULT 0, UNIQUE (name, deleted));",
        // Never given twice.
        "CREATE TABLE users (id bigint PRIMARY KEY, public_id uuid NOT NULL UNIQUE, invite_token text UNIQUE, deleted_at timestamptz);",
        // Given by somebody else, once.
        "CREATE TABLE payments (id bigint PRIMARY KEY, provider_reference text NOT NULL UNIQUE, deleted_at timestamptz);",
        // A narrower rule refuses the same rows.
        "CREATE TABLE runs (id bigint PRIMARY KEY, job_id uuid NOT NULL UNIQUE, tenant_id uuid NOT NULL, deleted_at timestamptz, UNIQUE (job_id, tenant_id));",
        // A foreign key rests on it, which no partial index can carry.
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, deleted_at timestamptz);\nCREATE TABLE mails (id bigint PRIMARY KEY, email text NOT NULL REFERENCES users (email));",
        // Whose it is beside it.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE access_tokens (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, value_sha256 bytea NOT NULL, deleted_at timestamptz, UNIQUE (value_sha256, org_id));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let Some((mark, column)) = table.live_columns().find(|(_, c)| is_deletion_mark(cx, c)) else { continue };
        for (index_id, index) in cx.schema.indexes_of(table).filter(|(_, i)| i.unique && !i.primary) {
            out.look();
            let marks = |c: &ColumnNumber| *c == mark || table.column(*c).is_some_and(|c| is_mark(cx, c));
            let columns = named_columns(index, id);
            if columns.is_empty() || columns.iter().any(marks) {
                continue;
            }
            if index.predicate.is_some()
                || never_twice(cx, table, &columns)
                || carries_a_key(cx, id, index_id)
                || narrower(cx, table, index_id, &columns)
            {
                continue;
            }
            let constraint = index.constraint.and_then(|c| Some((c, cx.schema.constraints.get(c)?)));
            if constraint.is_some_and(|(_, c)| !matches!(c.kind, ConstraintKind::Unique { .. })) {
                continue;
            }
            let message = format!(
                "`{}` keeps {} unique also against rows that `{}` marks as deleted.",
                index.name,
                cx.columns_text(id, &columns),
                column.name
            );
            let (subject, span) = match constraint {
                Some((c, of)) => (ObjectId::Constraint(c), of.span),
                None => (ObjectId::Index(index_id), index.span),
            };
            out.report(subject, span, message)
                .objects(columns.iter().map(|c| ObjectId::Column(id, *c)))
                .object(ObjectId::Table(id))
                .maybe_fix(fix(cx, (id, table), index, &columns, column));
        }
    }
}

/// The columns of an index, those in its expressions too: `lower(email)` is about `email`.
fn named_columns(index: &Index, table: TableId) -> Vec<ColumnNumber> {
    let mut found = Vec::new();
    for key in &index.keys {
        match &key.target {
            KeyTarget::Column(number) => found.push(*number),
            KeyTarget::Expression(expr) => found.extend(expr.references.iter().filter_map(|r| match r.target {
                ObjectId::Column(of, number) if of == table => Some(number),
                _ => None,
            })),
        }
    }
    found.dedup();
    found
}

/// Whether a column marks deleted rows, as a mark of any kind: some put the row's id into `deleted`, so that a key over it tells deleted rows apart.
fn is_mark(cx: &Context<'_>, column: &Column) -> bool {
    is_deletion_mark(cx, column) || each_word(&column.name).any(|w| w == "deleted")
}

/// Whether the columns hold what is made up anew for every row: ids, tokens, hashes.
fn never_twice(cx: &Context<'_>, table: &Table, columns: &[ColumnNumber]) -> bool {
    const ONCE: &[&str] = &[
        "id", "uuid", "guid", "token", "hash", "key", "secret", "digest", "nonce", "checksum", "code", "md5", "sha1",
        "sha256",
    ];
    // What others call a row by, and what keeps a request from being done twice, stays taken when the row is gone.
    const OUTSIDE: &[&str] =
        &["external", "gateway", "idempotency", "processor", "provider", "stripe", "tracking", "upstream", "webhook"];
    // Whose row it is takes nothing from that.
    let tenant = cx.tenant_column(table).filter(|_| columns.len() > 1);
    let mut own = columns.iter().filter(|c| Some(**c) != tenant).filter_map(|c| table.column(*c));
    let (Some(only), None) = (own.next(), own.next()) else { return false };
    builtin(cx.schema, &only.data_type) == Some("uuid")
        || each_word(&only.name).any(|w| OUTSIDE.contains(&w.as_ref()))
        || last_word(&only.name).is_some_and(|w| ONCE.contains(&w.as_ref()))
}

/// Whether another rule keeps fewer of the columns unique already: what this one allows again, that one would still refuse.
fn narrower(cx: &Context<'_>, table: &Table, own: IndexId, columns: &[ColumnNumber]) -> bool {
    let others = cx.schema.indexes_of(table).filter(|(id, i)| *id != own && i.unique && i.predicate.is_none());
    others.filter_map(|(_, i)| key_columns(i)).any(|c| c.len() < columns.len() && c.iter().all(|n| columns.contains(n)))
}

/// Whether a foreign key rests on the index.
fn carries_a_key(cx: &Context<'_>, table: TableId, index: IndexId) -> bool {
    cx.references_to(table).any(|fk| fk.index == Some(index))
}

/// A partial index in the place of the rule. Partitioned tables take no CONCURRENTLY and are left to their owner, as are marks of a type of which
/// nobody can tell what stands for a row that is left.
fn fix(
    cx: &Context<'_>,
    (id, table): (TableId, &Table),
    index: &Index,
    columns: &[ColumnNumber],
    mark: &Column,
) -> Option<Fix> {
    if table.kind != TableKind::Ordinary || index.method != "btree" {
        return None;
    }
    let keys: Vec<String> = index
        .keys
        .iter()
        .map(|key| match &key.target {
            KeyTarget::Column(number) => cx.columns_sql(id, &[*number]),
            KeyTarget::Expression(expr) => format!("({})", cx.schema.display_expr(expr)),
        })
        .collect();
    let keys = keys.join(", ");
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    let name = quote(&free_index_name(cx, table, &[&format!("{}_live", names.join("_"))], "key"));
    let path = cx.table_sql(id);
    let live = live_condition(cx, mark)?;
    let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let drop = match index.constraint.and_then(|c| cx.schema.constraints.get(c)) {
        Some(c) => format!("ALTER TABLE {path} DROP CONSTRAINT {};", quote(&c.name)),
        None => format!("DROP INDEX CONCURRENTLY {};", cx.schema.qualified(index.namespace, &index.name)),
    };
    Some(Fix {
        sql: format!("CREATE UNIQUE INDEX CONCURRENTLY {name} ON {path} ({keys}){nulls} WHERE {live};\n{drop}"),
        caution: Some(format!(
            "INSERT … ON CONFLICT ({keys}) must then repeat the condition: `ON CONFLICT ({keys}) WHERE {live}`. CONCURRENTLY does not run inside a transaction block."
        )),
    })
}
