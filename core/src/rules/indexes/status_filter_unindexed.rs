use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{
    builtin, each_word, enum_labels, index_fix, is_state_of_address, is_text, singular, unique_on, words,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, KeyTarget, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "status-filter-unindexed",
    category: Category::Indexes,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "No index helps to find the rows of a state.",
    why: "Lists by state (`what is open?`) and workers that take the next pending row are asked all the time and return few of many rows. On a \
          table of a tenant an index over tenant and state serves them; on a queue a partial index over the rows that are still to be done is \
          smaller still, as finished rows leave it. PostgreSQL manual, 11.8 \"Partial Indexes\".",
    fires: examples![
        "CREATE TABLE export_jobs (id bigint PRIMARY KEY, «status text NOT NULL», created_at timestamptz NOT NULL);",
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE documents (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, «status text NOT NULL»);",
    ],
    silent: examples![
        "CREATE TABLE export_jobs (id bigint PRIMARY KEY, status text NOT NULL);\nCREATE INDEX ON export_jobs (id) WHERE status = 'pending';",
        // Alone in front, or right behind the tenant.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, status text);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, status text);\nCREATE TABLE c (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE INDEX ON a (org_id, status);\nCREATE INDEX ON b (status);",
        // A row for each row of another table is found through that.
        "CREATE TABLE pages (id bigint PRIMARY KEY);\nCREATE TABLE page_queue (page_id bigint UNIQUE REFERENCES pages, status text);",
        // Neither a tenant's nor a queue.
        "CREATE TABLE people (id bigint PRIMARY KEY, marital_status text);",
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE b (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs);\nCREATE TABLE offices (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, city text, state text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A `state` with words before it is mostly that of a part; a `…_status` may be the row's own.
    let is_state = |name| {
        let mut last = each_word(name).rev();
        match last.next().as_deref() {
            Some("status") => true,
            Some("state") => last.next().is_none(),
            _ => false,
        }
    };
    for (id, table, number, column) in cx.columns_named(is_state) {
        if !is_state_type(cx, column) || is_state_of_address(table, column) {
            continue;
        }
        let tenant = cx.tenant_column(table);
        let queue = queue_word(&table.name);
        if tenant.is_none() && queue.is_none() {
            continue;
        }
        out.look();
        if is_served(cx, id, table, number, tenant) || is_one_to_one(cx, table) {
            continue;
        }
        let message = format!("No index of `{}` helps to find rows by `{}`.", cx.table_name(id), column.name);
        let mut draft = out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
        draft = match (tenant.and_then(|t| table.column(t)), &queue) {
            (Some(t), _) => draft.evidence(format!("Rows belong to a tenant (`{}`).", t.name)),
            (None, Some(word)) => draft.evidence(format!("Its name says `{word}`.")),
            (None, None) => draft,
        };
        let columns: Vec<ColumnNumber> = tenant.into_iter().chain([number]).collect();
        draft.maybe_fix(index_fix(cx, id, table, &columns));
    }
}

fn is_state_type(cx: &Context<'_>, column: &Column) -> bool {
    is_text(cx.schema, &column.data_type)
        || enum_labels(cx.schema, &column.data_type).is_some()
        || matches!(builtin(cx.schema, &column.data_type), Some("smallint" | "integer"))
}

/// Whether some index has the column among its first keys, or in its predicate. In a tenant's table other columns of the tenant's may stand before.
fn is_served(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber, tenant: Option<ColumnNumber>) -> bool {
    cx.schema.indexes_of(table).any(|(_, index)| {
        let place = index.keys.iter().position(|k| matches!(k.target, KeyTarget::Column(c) if c == number));
        let in_front = place.is_some_and(|p| p == 0 || (p <= 2 && tenant.is_some()) || p == 1);
        let filtered = index
            .predicate
            .as_ref()
            .is_some_and(|p| p.references.iter().any(|r| r.target == ObjectId::Column(id, number)));
        in_front || filtered
    })
}

/// Whether there is at most one row for each row of another table: then that one is what is looked for.
fn is_one_to_one(cx: &Context<'_>, table: &Table) -> bool {
    cx.schema.foreign_keys_of(table).any(|(_, c, _)| {
        let not_tenant = c.columns.iter().any(|n| cx.tenant_column(table) != Some(*n));
        not_tenant && unique_on(cx.schema, table, &c.columns)
    })
}

/// The word of a table's name that says that its rows wait to be worked on.
fn queue_word(name: &str) -> Option<Name> {
    const QUEUES: &[&str] = &["export", "import", "inbox", "job", "outbox", "queue", "sync", "task"];
    let words = words(name);
    let last = words.last().filter(|w| QUEUES.contains(&singular(w).as_ref()));
    last.or_else(|| words.iter().find(|w| *w == "queue" || *w == "outbox")).cloned()
}
