use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::ReferentialAction;
use crate::rules::support::{
    each_word, free_index_name, is_deletion_mark, is_number, is_text, key_columns, last_word, live_condition,
    reference_column, replaced_by, singular, stem, words, words as name_words,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, KeyTarget, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "natural-key-not-unique",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "What names a row for people may occur twice.",
    why: "A code, slug or handle is there to find one row by, and so is a line's number within its order or a variant's name within its \
          product, a version's number, and the key with which a caller says that a request is the same as before. Without a unique rule a second click, a retried request or an import run twice makes two, and whichever is found first \
          wins. The rule looks at such columns where no unique index holds them in any combination. PostgreSQL manual, 5.4.3 \"Unique \
          Constraints\".",
    fires: examples![
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, «slug text NOT NULL»);",
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, «line_no integer NOT NULL»);",
        "CREATE TABLE configs (id bigint PRIMARY KEY);\nCREATE TABLE config_variants (id bigint PRIMARY KEY, config_id bigint NOT NULL REFERENCES configs ON DELETE CASCADE, «variant_name text NOT NULL»);",
        "CREATE TABLE policies (id bigint PRIMARY KEY);\nCREATE TABLE policy_versions (id bigint PRIMARY KEY, policy_id bigint NOT NULL REFERENCES policies ON DELETE CASCADE, «version_no integer NOT NULL»);",
        // A request that comes twice pays twice.
        "CREATE TABLE payments (id bigint PRIMARY KEY, amount numeric(12,2) NOT NULL, «idempotency_key text»);",
        // An address may be given again when its page is gone.
        "CREATE TABLE pages (id bigint PRIMARY KEY, «slug text NOT NULL», deleted_at timestamptz);",
        // Whose invoice it is says nothing of its number.
        "CREATE TABLE patients (id bigint PRIMARY KEY);\nCREATE TABLE invoices (id bigint PRIMARY KEY, patient_id bigint NOT NULL REFERENCES patients, «number text NOT NULL»);",
        // What a tenant's foreign keys refer to tells no two rows apart, and of two references the one with which a line goes is its parent.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE services (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs ON DELETE CASCADE, «code text NOT NULL», UNIQUE (org_id, id));\nCREATE TABLE bills (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs ON DELETE CASCADE, UNIQUE (org_id, id));\nCREATE TABLE bill_lines (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs ON DELETE CASCADE, bill_id bigint NOT NULL, service_id bigint NOT NULL, «line_no integer NOT NULL», FOREIGN KEY (org_id, bill_id) REFERENCES bills (org_id, id) ON DELETE CASCADE, FOREIGN KEY (org_id, service_id) REFERENCES services (org_id, id));",
    ],
    silent: examples![
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE products (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, slug text NOT NULL, UNIQUE (org_id, slug));\nCREATE TABLE pages (id bigint PRIMARY KEY, slug text NOT NULL);\nCREATE UNIQUE INDEX ON pages (lower(slug));",
        // Numbers of houses, and of another's order.
        "CREATE TABLE addresses (id bigint PRIMARY KEY, number text NOT NULL);\nCREATE TABLE parcels (id bigint PRIMARY KEY, order_number text NOT NULL);",
        // Each request is noted, and kept apart by another key.
        "CREATE TABLE request_log (id bigint PRIMARY KEY, idempotency_key text);\nCREATE TABLE payments (id bigint PRIMARY KEY, idempotency_key text);\nCREATE UNIQUE INDEX ON payments (idempotency_key) WHERE idempotency_key IS NOT NULL;",
        "CREATE TABLE idempotency_keys (key text PRIMARY KEY);\nCREATE TABLE payments (id bigint PRIMARY KEY, idempotency_key text NOT NULL);",
        // Codes of something else, and names that may repeat.
        "CREATE TABLE people (id bigint PRIMARY KEY, name text, country_code text NOT NULL, status_code text NOT NULL, api_key text NOT NULL);",
        // The name of what it refers to; told apart by another rule.
        "CREATE TABLE campaigns (id bigint PRIMARY KEY);\nCREATE TABLE lists (id bigint PRIMARY KEY);\nCREATE TABLE campaign_lists (id bigint PRIMARY KEY, campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE, list_id bigint REFERENCES lists, list_name text NOT NULL);\nCREATE TABLE stages (id bigint PRIMARY KEY, campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE, no integer NOT NULL, stage_name text NOT NULL, UNIQUE (campaign_id, no));",
        // What happened may happen again.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE event_log (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs ON DELETE CASCADE, key text NOT NULL, slug text NOT NULL);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns_named(names_something) {
        // What is to be done once only is done twice whether or not all requests carry a key. A table of all keys tells that as well.
        let idempotent = is_idempotency_key(&column.name);
        let noted = || cx.tables().any(|(_, t)| each_word(&t.name).any(|w| w == "idempotency"));
        if !(column.not_null || idempotent) || idempotent && noted() || table.kind == TableKind::Foreign {
            continue;
        }
        // What is numbered as a version is one, and its number is what tells it.
        let numbers_versions = each_word(&column.name).next().is_some_and(|w| w == "version");
        let naming = naming(cx, table, column).filter(|_| numbers_versions || !records_events(&table.name));
        let Some(naming) = naming else { continue };
        // What a document is called counts for all whose it is, whomever it is about.
        let parent = match naming {
            Naming::Document => cx.tenant_column(table).map(|t| (t, false)),
            _ => parent_of(cx, table),
        };
        let is_name = last_word(&column.name).is_some_and(|w| w == "name");
        let key = cx.schema.primary_key_of(table).map_or(&[][..], |(_, c)| c.columns.as_slice());
        out.look();
        // Where another unique rule tells the rows of a parent apart, this column need not.
        let told_apart = parent.is_some_and(|(p, _)| {
            cx.schema.indexes_of(table).any(|(_, i)| {
                // With its key a row is told apart from every other in any case: that is there for foreign keys.
                // Names that people give may still repeat, where codes and numbers are given out.
                i.unique
                    && key_columns(i).is_some_and(|k| k.contains(&p) && (is_name || !key.iter().all(|c| k.contains(c))))
            })
        });
        if naming == Naming::WithinParent && (told_apart || parent.is_none_or(|(_, cascades)| !cascades)) {
            continue;
        }
        let is_held = cx.schema.indexes_of(table).any(|(_, i)| {
            i.unique
                && i.keys.iter().any(|k| match &k.target {
                    KeyTarget::Column(c) => *c == number,
                    KeyTarget::Expression(e) => e.references.iter().any(|r| r.target == ObjectId::Column(id, number)),
                })
        });
        let refers = cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
        if is_held || refers || column.generated.is_some() {
            continue;
        }
        let within = parent.and_then(|(p, _)| table.column(p)).map(|c| format!(" within one `{}`", c.name));
        let message = format!(
            "Two rows of `{}` may have the same `{}`{}.",
            cx.table_name(id),
            column.name,
            within.unwrap_or_default()
        );
        let columns: Vec<ColumnNumber> = parent.map(|(p, _)| p).into_iter().chain([number]).collect();
        out.report(ObjectId::Column(id, number), column.span, message)
            .object(ObjectId::Table(id))
            .severity(if idempotent { Severity::Medium } else { Severity::Low })
            .maybe_fix(fix(cx, id, table, &columns));
    }
}

/// Whether a column holds what a caller sends again with a request that it repeats: `idempotency_key`.
fn is_idempotency_key(name: &str) -> bool {
    each_word(name).eq(["idempotency", "key"])
}

/// Whether a column of this name may be what its row is called by.
fn names_something(name: &str) -> bool {
    last_word(name)
        .is_some_and(|w| matches!(w.as_ref(), "slug" | "handle" | "code" | "sku" | "name" | "key" | "no" | "number"))
}

/// How a column names its row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Wherever it stands.
    Anywhere,
    /// Only among the rows of one parent.
    WithinParent,
    /// A number that is written on a paper and given once.
    Document,
}

/// Papers that are called by the number on them.
const DOCUMENTS: &[&str] =
    &["bill", "contract", "invoice", "order", "policy", "quotation", "quote", "receipt", "voucher"];

fn naming(cx: &Context<'_>, table: &Table, column: &Column) -> Option<Naming> {
    let words = words(&column.name);
    let (last, front) = words.split_last()?;
    let text = is_text(cx.schema, &column.data_type);
    // The word alone, or with the table's own in front: `product_code` in `products`.
    // In `campaign_lists` with a `list_id`, `list_name` is the name of something else.
    let of_other = front.first().is_some_and(|w| {
        table.live_columns().any(|(_, c)| {
            let other = name_words(&c.name);
            other.len() == 2 && other.first() == Some(w) && other.last().is_some_and(|l| l == "id")
        }) && cx.schema.foreign_keys_of(table).count() > 1
    });
    let own = !of_other && stem(&table.name).last().is_some_and(|w| front.len() == 1 && front.first() == Some(w));
    match last.as_str() {
        "slug" | "handle" if text && (front.is_empty() || own) => Some(Naming::Anywhere),
        "code" | "sku" if text && (front.is_empty() || own) => Some(Naming::WithinParent),
        "key" if text && is_idempotency_key(&column.name) => Some(Naming::Document),
        "name" | "key" if text && own => Some(Naming::WithinParent),
        "no" | "number"
            if is_number(cx.schema, &column.data_type) && (own || front == ["line"] || front == ["version"]) =>
        {
            Some(Naming::WithinParent)
        }
        "no" | "number"
            if text
                && (front.is_empty() || own)
                && stem(&table.name).last().is_some_and(|w| DOCUMENTS.contains(&w.as_str())) =>
        {
            Some(Naming::Document)
        }
        _ => None,
    }
}

/// The column that says within what a row's name counts: the only required reference with which rows go, else the only required one, else the tenant; and
/// whether rows go with it.
fn parent_of(cx: &Context<'_>, table: &Table) -> Option<(ColumnNumber, bool)> {
    let tenant = cx.tenant_column(table);
    let parents: Vec<(ColumnNumber, bool)> = cx
        .schema
        .foreign_keys_of(table)
        .filter_map(|(_, c, fk)| {
            let column = reference_column(cx, table, c)?;
            table.column(column).filter(|c| c.not_null)?;
            Some((column, fk.on_delete == ReferentialAction::Cascade))
        })
        .collect();
    let mut owners = parents.iter().filter(|(column, cascades)| *cascades && Some(*column) != tenant);
    match (parents.as_slice(), owners.next(), owners.next()) {
        ([one], ..) => Some(*one),
        (_, Some(owner), None) => Some(*owner),
        _ => tenant.map(|t| (t, false)),
    }
}

/// Whether rows of a table of this name say that something happened, or are versions of another's.
fn records_events(name: &str) -> bool {
    const EVENTS: &[&str] = &[
        "archive",
        "attempt",
        "audit",
        "backup",
        "change",
        "click",
        "event",
        "history",
        "job",
        "journal",
        "log",
        "queue",
        "request",
        "revision",
        "run",
        "session",
        "snapshot",
        "staging",
        "temp",
        "tmp",
        "translation",
        "version",
        "view",
    ];
    each_word(name).any(|w| EVENTS.contains(&singular(&w).as_ref()))
}

fn fix(cx: &Context<'_>, id: TableId, table: &Table, columns: &[ColumnNumber]) -> Option<Fix> {
    if table.kind != TableKind::Ordinary {
        return None;
    }
    let names: Vec<&str> = columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.as_str()).collect();
    let name = free_index_name(cx, table, &names, "key");
    let (path, list) = (cx.table_sql(id), cx.columns_sql(id, columns));
    // Rows that are marked as deleted do not count.
    let live = match table.live_columns().find(|(_, c)| is_deletion_mark(cx, c)) {
        Some((_, mark)) => format!(" WHERE {}", live_condition(cx, mark)?),
        None => String::new(),
    };
    let made = format!("CREATE UNIQUE INDEX CONCURRENTLY {} ON {path} ({list}){live};", quote(&name));
    // An index of some rows takes the place of none.
    let replaced = live.is_empty().then(|| replaced_by(cx, table, columns)).into_iter().flatten();
    let sql: Vec<String> = std::iter::once(made).chain(replaced).collect();
    Some(Fix {
        sql: sql.join("\n"),
        caution: Some(format!(
            "Fails, and leaves an invalid index behind, while there are repeats: `SELECT {list}, count(*) FROM {path}{live} GROUP BY {list} HAVING \
             count(*) > 1;`. CONCURRENTLY does not run inside a transaction block."
        )),
    })
}
