use std::collections::BTreeSet;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{
    KeyFamily, builtin, each_word, free_constraint_name, is_deletion_mark, key_family, replaced_by, set_not_null,
    singular, unique_on,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, Table, TableId, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "junction-table-without-unique",
    category: Category::KeysAndReferences,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A table that only ties two others together lets the same pair occur twice.",
    why: "A table of two foreign keys and perhaps a position or a date says that this belongs to that. Without a key over the pair the same tie can be \
          made twice: members are counted double, and deleting one leaves the other. Make the pair the primary key. PostgreSQL manual, 5.4.4 \
          \"Primary Keys\".",
    fires: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE clubs (id bigint PRIMARY KEY);\nCREATE TABLE «members» (id bigint PRIMARY KEY, person bigint NOT NULL REFERENCES people, club bigint NOT NULL REFERENCES clubs, created_at timestamptz);",
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE clubs (id bigint PRIMARY KEY);\nCREATE TABLE «members» (id bigint PRIMARY KEY, person bigint NOT NULL REFERENCES people, club bigint REFERENCES clubs);",
        // Its references name the tenant, too.
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (org_id, id));\nCREATE TABLE clubs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (org_id, id));\nCREATE TABLE «members» (org_id bigint NOT NULL, person_id bigint NOT NULL, club_id bigint NOT NULL, FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id), FOREIGN KEY (org_id, club_id) REFERENCES clubs (org_id, id));",
    ],
    silent: examples![
        "CREATE TABLE orgs (id bigint PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (org_id, id));\nCREATE TABLE clubs (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES orgs, UNIQUE (org_id, id));\nCREATE TABLE members (org_id bigint NOT NULL, person_id bigint NOT NULL, club_id bigint NOT NULL, PRIMARY KEY (org_id, person_id, club_id), FOREIGN KEY (org_id, person_id) REFERENCES people (org_id, id), FOREIGN KEY (org_id, club_id) REFERENCES clubs (org_id, id));",
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE clubs (id bigint PRIMARY KEY);\nCREATE TABLE members (person bigint REFERENCES people, club bigint REFERENCES clubs, PRIMARY KEY (club, person));",
        // It says more than that they belong together.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE clubs (id bigint PRIMARY KEY);\nCREATE TABLE payments (id bigint PRIMARY KEY, person bigint REFERENCES people, club bigint REFERENCES clubs, amount numeric);",
        // A thing of its own, to which others refer.
        "CREATE TABLE films (id bigint PRIMARY KEY);\nCREATE TABLE stores (id bigint PRIMARY KEY);\nCREATE TABLE copies (id bigint PRIMARY KEY, film bigint REFERENCES films, store bigint REFERENCES stores);\nCREATE TABLE rentals (id bigint PRIMARY KEY, copy bigint REFERENCES copies);",
        // Two ties to one table: from and to may repeat.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE letters (id bigint PRIMARY KEY, sender bigint REFERENCES people, receiver bigint REFERENCES people);",
        // Reserved from when to when: the same pair again at another time.
        "CREATE TABLE rooms (id bigint PRIMARY KEY);\nCREATE TABLE projectors (id bigint PRIMARY KEY);\nCREATE TABLE reservations (id bigint PRIMARY KEY, room bigint NOT NULL REFERENCES rooms, projector bigint NOT NULL REFERENCES projectors, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL);",
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE rooms (id bigint PRIMARY KEY);\nCREATE TABLE stays (id bigint PRIMARY KEY, person bigint NOT NULL REFERENCES people, room bigint NOT NULL REFERENCES rooms, checked_in_at timestamptz NOT NULL, checked_out_at timestamptz);",
        // An image of its own, by its name.
        "CREATE TABLE people (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);\nCREATE TABLE images (alias text PRIMARY KEY, person bigint REFERENCES people, post bigint REFERENCES posts);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let referenced = referenced(cx);
    for (id, table) in cx.tables().filter(|(_, t)| !cx.is_open(t)) {
        let Some(tie) = tie(cx, id, table, &referenced) else { continue };
        out.look();
        if tie.is_told_apart {
            continue;
        }
        let pair = tie.columns;
        let [to_a, to_b] = tie.ends;
        let message = format!(
            "`{}` ties `{}` to `{}`, but nothing keeps a pair from occurring twice.",
            cx.table_name(id),
            cx.table_name(to_a),
            cx.table_name(to_b)
        );
        let mut draft = out
            .report(ObjectId::Table(id), table.name_span, message)
            .objects(pair.map(|c| ObjectId::Column(id, c)))
            .maybe_fix(fix(cx, id, table, pair));
        // Where one end must be given and the other need not, the difference may be meant.
        let may_be_empty: Vec<&Column> = pair.iter().filter_map(|c| table.column(*c)).filter(|c| !c.not_null).collect();
        if let [open] = may_be_empty.as_slice() {
            draft = draft
                .certainty(Certainty::Advisory)
                .evidence(format!("`{}` may be empty, so that a row may stand for something of its own.", open.name));
        }
        let _ = draft;
    }
}
/// A table that only ties two others together.
pub(in crate::rules) struct Tie {
    /// The columns that refer to them.
    pub(in crate::rules) columns: [ColumnNumber; 2],
    /// The tables.
    pub(in crate::rules) ends: [TableId; 2],
    /// Whether a unique rule holds over the pair.
    pub(in crate::rules) is_told_apart: bool,
}

/// The tables that others refer to.
pub(in crate::rules) fn referenced(cx: &Context<'_>) -> BTreeSet<TableId> {
    cx.schema.live_tables().flat_map(|(_, t)| cx.schema.foreign_keys_of(t)).map(|(_, _, fk)| fk.references).collect()
}

/// What a table ties together, if that is all that it says.
pub(in crate::rules) fn tie(
    cx: &Context<'_>,
    id: TableId,
    table: &Table,
    referenced: &BTreeSet<TableId>,
) -> Option<Tie> {
    let tenant = cx.tenant_column(table);
    let keys: Vec<(ColumnNumber, TableId)> = cx
        .schema
        .foreign_keys_of(table)
        .filter_map(|(_, c, fk)| Some((crate::rules::support::reference_column(cx, table, c)?, fk.references)))
        // Whose row it is says nothing of what it ties.
        .filter(|(column, _)| Some(*column) != tenant)
        .collect();
    let [(a, to_a), (b, to_b)] = *keys.as_slice() else { return None };
    // A table that others refer to is a thing of its own: copies of a film in a store.
    if table.kind != TableKind::Ordinary || a == b || to_a == to_b || referenced.contains(&id) || is_log(&table.name) {
        return None;
    }
    // A key that says something, such as a name, makes it a thing of its own.
    let says_nothing = |n: &ColumnNumber| {
        table.column(*n).is_some_and(|c| key_family(cx.schema, &c.data_type).is_some_and(|f| f != KeyFamily::Text))
    };
    let own_key =
        cx.schema.primary_key_of(table).and_then(|(_, c)| crate::rules::support::only_column(c)).filter(says_nothing);
    let bare = table
        .live_columns()
        .all(|(n, c)| n == a || n == b || Some(n) == own_key || Some(n) == tenant || is_bookkeeping(cx, c));
    let pair = [a, b];
    let with_tenant: Vec<ColumnNumber> = tenant.into_iter().chain(pair).collect();
    bare.then(|| Tie {
        columns: pair,
        ends: [to_a, to_b],
        is_told_apart: unique_on(cx.schema, table, &pair) || unique_on(cx.schema, table, &with_tenant),
    })
}

/// The key over the pair: the primary one, where the table has none.
pub(super) fn fix(cx: &Context<'_>, id: TableId, table: &Table, pair: [ColumnNumber; 2]) -> Option<Fix> {
    let path = cx.table_sql(id);
    let columns = cx.columns_sql(id, &pair);
    let nullable = pair.iter().any(|c| table.column(*c).is_some_and(|c| !c.not_null));
    let (label, kind) =
        if cx.schema.primary_key_of(table).is_none() { ("pkey", "PRIMARY KEY") } else { ("key", "UNIQUE") };
    // A pair that is marked as deleted may be made anew, which no constraint can tell.
    let marked = table.live_columns().any(|(_, c)| is_deletion_mark(cx, c));
    if label != "pkey" && (nullable || marked) {
        return None;
    }
    let names = if label == "pkey" { String::new() } else { columns.replace(", ", "_").replace('"', "") };
    let constraint = quote(&free_constraint_name(cx.schema, table, &names, label));
    // A key demands its columns; that they are filled is seen before, without keeping everyone out.
    let mut sql: Vec<String> = pair
        .iter()
        .filter_map(|n| table.column(*n).filter(|c| label == "pkey" && !c.not_null))
        .map(|c| set_not_null(cx, id, table, &c.name, ""))
        .collect();
    sql.push(format!("CREATE UNIQUE INDEX CONCURRENTLY {constraint} ON {path} ({columns});"));
    sql.push(format!("ALTER TABLE {path} ADD CONSTRAINT {constraint} {kind} USING INDEX {constraint};"));
    sql.extend(replaced_by(cx, table, &pair));
    Some(Fix {
        sql: sql.join("\n"),
        caution: Some(format!(
            "Refused while a pair occurs twice: `SELECT {columns}, count(*) FROM {path} GROUP BY {columns} HAVING count(*) > 1;`. \
             CONCURRENTLY does not run inside a transaction block."
        )),
    })
}

/// Columns that say nothing of the tie itself: when it was made, where it stands in a list.
fn is_bookkeeping(cx: &Context<'_>, column: &Column) -> bool {
    let is_time = builtin(cx.schema, &column.data_type).is_some_and(|t| t == "date" || t.starts_with("timestamp"));
    (is_time && column.name.ends_with("_at") && !is_of_a_span(&column.name))
        || matches!(column.name.as_str(), "position" | "sort_order" | "ordinal" | "last_update" | "created" | "updated")
}

/// Whether a time bounds what lasts for a while, or says when something is to be: the same pair may come again at another.
fn is_of_a_span(name: &str) -> bool {
    const BOUNDS: &[&str] = &[
        "arrived",
        "begin",
        "begins",
        "booked",
        "checked",
        "due",
        "end",
        "ended",
        "ends",
        "finished",
        "happened",
        "left",
        "observed",
        "occurred",
        "planned",
        "released",
        "returned",
        "scheduled",
        "start",
        "started",
        "starts",
        "taken",
    ];
    each_word(name).any(|w| BOUNDS.contains(&w.as_ref()))
}

/// Whether rows of a table of this name say that something happened, which may happen again.
fn is_log(name: &str) -> bool {
    const EVENTS: &[&str] = &["click", "download", "event", "history", "impression", "log", "open", "view", "visit"];
    each_word(name).any(|w| EVENTS.contains(&singular(&w).as_ref()))
}
