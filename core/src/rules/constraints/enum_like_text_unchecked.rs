use std::collections::BTreeMap;

use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::read::markdown;
use crate::rules::support::{
    each_word, free_constraint_name, is_state_of_address, known_values, last_word, list, literal, stem, text_of,
    unique_on, values_of, words,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ConstraintKind, DataType, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "enum-like-text-unchecked",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A text column for one of a few values takes any text.",
    why: "Names such as `status` or `priority` promise a closed set. Without a CHECK, an enum or a lookup table a misspelt value goes in unnoticed, \
          and every query that lists the known values misses its rows. PostgreSQL manual, 5.4.1 \"Check Constraints\" and 8.7 \"Enumerated \
          Types\".",
    fires: examples![
        "CREATE TABLE jobs (id bigint PRIMARY KEY, «status text NOT NULL DEFAULT 'open'», «payment_status varchar(20)»);",
        "CREATE TABLE runs (id bigint PRIMARY KEY, «job_status varchar(20)», job_type text);",
        "CREATE TABLE hits (id bigint PRIMARY KEY, «found_by text», «entity_type text», entity_id bigint);\nCOMMENT ON COLUMN hits.found_by IS 'gtin/title/vector';\nCOMMENT ON COLUMN hits.entity_type IS 'One of: order, transfer';",
        "CREATE TABLE jobs (id bigint PRIMARY KEY, «status text NOT NULL»);\nCREATE TABLE runs (id bigint PRIMARY KEY, job bigint NOT NULL REFERENCES jobs);",
        "CREATE TABLE accounts (id bigint PRIMARY KEY, «plan text NOT NULL DEFAULT 'free'», mode text, channel text DEFAULT '#general');",
    ],
    silent: examples![
        "CREATE TABLE jobs (id bigint PRIMARY KEY, status text NOT NULL CHECK (status IN ('open', 'done')));",
        "CREATE TYPE state AS ENUM ('open', 'done');\nCREATE TABLE jobs (id bigint PRIMARY KEY, status state NOT NULL);",
        "CREATE TABLE states (name text PRIMARY KEY);\nCREATE TABLE jobs (id bigint PRIMARY KEY, status text NOT NULL REFERENCES states);",
        // Open sets.
        "CREATE TABLE files (id bigint PRIMARY KEY, content_type text, mime_type text, user_type_name text, status_message text, http_status integer, state char(2));",
        "CREATE TABLE events (id bigint PRIMARY KEY, type text NOT NULL);",
        "CREATE TABLE sites (id bigint PRIMARY KEY, office_city text, office_state text);",
        // Descriptions that list no values, or not all.
        "CREATE TABLE files (id bigint PRIMARY KEY, label text, entity_type text, entity_id bigint, uri text, barcode text);\nCOMMENT ON COLUMN files.barcode IS 'EAN/UPC/GTIN';\nCOMMENT ON COLUMN files.label IS 'name/title';\nCOMMENT ON COLUMN files.entity_type IS 'order/transfer etc.';\nCOMMENT ON COLUMN files.uri IS 'scheme, host and path';",
        // The table that lists the values.
        "CREATE TABLE changes (id smallint PRIMARY KEY, change_type varchar(32) NOT NULL);\nCREATE TABLE audit (id bigint PRIMARY KEY, change smallint REFERENCES changes);",
        "CREATE DOMAIN state AS text CHECK (VALUE IN ('open', 'done'));\nCREATE TABLE jobs (id bigint PRIMARY KEY, status state);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let rails = cx.schema.live_tables().any(|(_, t)| t.name == "ar_internal_metadata");
    let listed = listed(cx);
    // A domain carries its own rule.
    let plain = |t: &DataType| matches!(t.builtin_name(), Some("text" | "character varying"));
    for (id, table, number, column) in cx.columns_of(plain) {
        let described = described(column);
        let by_name = is_closed_set(table, &column.name) || is_chosen(column);
        if !by_name && described.is_none() {
            continue;
        }
        out.look();
        // Rails keeps the name of a class in `type`.
        if rails && column.name == "type" {
            continue;
        }
        if column.generated.is_some()
            || is_bound(cx, table, number)
            || described.is_none() && is_no_set_here(table, number)
            || is_lookup(cx, id, table, number)
        {
            continue;
        }
        let by = if by_name { "name" } else { "description" };
        let message =
            format!("`{}` is one of a few values by its {by}, but takes any text.", cx.column_name(id, number));
        let draft = out.report(ObjectId::Column(id, number), column.span, message);
        let source = match values_of_same_name(cx, &listed, id, &column.name) {
            Some((other, values)) => Some((format!("`{}` allows", cx.column_name(other.0, other.1)), values)),
            None => described.map(|values| ("Its description lists".to_owned(), values)),
        };
        let Some((lists, values)) = source else {
            let default = column.default.as_ref().map(|d| d.source.tree());
            match default.and_then(text_of) {
                // No value of a list: what is left empty until somebody writes something is often free text.
                Some("") => {
                    let draft = draft.certainty(Certainty::Advisory);
                    let _ = draft.evidence("Its default is the empty text, which may stand for anything.".to_owned());
                }
                Some(value) => {
                    let _ = draft.evidence(format!("Its default is `{value}`."));
                }
                None => {}
            }
            continue;
        };
        let shown: Vec<String> = values.iter().map(|v| format!("`{v}`")).collect();
        let draft = draft.evidence(format!("{lists} {}.", list(&shown)));
        // A default that the list lacks says that the list is not all.
        let default = column.default.as_ref().and_then(|d| text_of(d.source.tree()));
        if default.is_some_and(|d| !values.iter().any(|v| v == d)) {
            continue;
        }
        let values: Vec<String> = values.iter().map(|v| literal(v)).collect();
        let (path, name) = (cx.table_sql(id), quote(&column.name));
        let constraint = quote(&free_constraint_name(cx.schema, table, &column.name, "check"));
        let condition = format!("{name} IN ({})", values.join(", "));
        draft.fix(Fix {
            sql: format!(
                "ALTER TABLE {path} ADD CONSTRAINT {constraint} CHECK ({condition}) NOT VALID;\nALTER TABLE {path} VALIDATE CONSTRAINT {constraint};"
            ),
            caution: Some(format!(
                "Validation fails while there are other values: `SELECT {name}, count(*) FROM {path} WHERE NOT ({condition}) GROUP BY 1;`."
            )),
        });
    }
}

/// Whether a column of this name holds one of a few values. The word must be the last one: `status_message` is no status.
fn is_closed_set(table: &Table, name: &str) -> bool {
    const WORDS: &[&str] = &[
        "difficulty",
        "direction",
        "gender",
        "kind",
        "level",
        "phase",
        "priority",
        "severity",
        "stage",
        "state",
        "status",
        "tier",
        "type",
        "urgency",
        "visibility",
    ];
    // Sets that grow with the data, and standards that others keep.
    const OPEN: &[&str] = &[
        "address", "billing", "class", "content", "custom", "data", "document", "entity", "event", "field", "file",
        "grant", "item", "job", "log", "media", "mime", "model", "object", "queue", "record", "resource", "session",
        "shipping", "sub", "token", "us",
    ];
    let mut words = each_word(name).rev();
    let Some(last) = words.next() else { return false };
    let mut front = words.peekable();
    if front.peek().is_some() {
        // Whatever is as it stands, how it stands is one of a few.
        let of_anything = matches!(last.as_ref(), "phase" | "priority" | "severity" | "stage" | "status");
        return WORDS.contains(&last.as_ref())
            && !front.any(|w| (!of_anything && OPEN.contains(&w.as_ref())) || w.ends_with("able"));
    }
    match last.as_ref() {
        // The type of an event is an event type.
        "type" | "kind" => stem(&table.name).last().is_none_or(|of| !OPEN.contains(&of.as_str())),
        last => last == "role" || WORDS.contains(&last),
    }
}

/// Whether it starts as one word, and is called after what one chooses: `plan text DEFAULT 'free'`.
fn is_chosen(column: &Column) -> bool {
    const CHOICES: &[&str] = &["channel", "class", "method", "mode", "plan", "platform", "scope", "strategy"];
    let default = column.default.as_ref().and_then(|d| text_of(d.source.tree()));
    default.is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        && last_word(&column.name).is_some_and(|w| CHOICES.contains(&w.as_ref()))
}

/// The values that the column's own description lists, and nothing else: `new/paid/shipped`, `one of: a, b, c`. Two of them are a set only where the name
/// says what kind of word is meant, as descriptions such as `name/title` are none.
fn described(column: &Column) -> Option<Vec<String>> {
    const SORTS: &[&str] = &[
        "action", "category", "channel", "class", "format", "kind", "level", "method", "mode", "outcome", "platform",
        "policy", "provider", "reason", "result", "role", "scope", "source", "state", "status", "strategy", "tier",
        "type", "unit",
    ];
    // Of a code or an address a description names the standards, not the values.
    const NAMES: &[&str] = &[
        "barcode",
        "code",
        "id",
        "identifier",
        "key",
        "label",
        "name",
        "number",
        "path",
        "sku",
        "title",
        "uri",
        "url",
        "value",
    ];
    let last = last_word(&column.name)?;
    let (values, open) = markdown::values(column.comment.as_deref()?)?;
    let of_sort = SORTS.contains(&last.as_ref());
    let same_case = values.iter().all(|v| v == &v.to_lowercase()) || values.iter().all(|v| v == &v.to_uppercase());
    (!open && !NAMES.contains(&last.as_ref()) && (of_sort || values.len() > 2 && same_case)).then_some(values)
}

/// Whether a check or foreign key binds the values of the column.
fn is_bound(cx: &Context<'_>, table: &Table, number: ColumnNumber) -> bool {
    cx.schema.constraints_of(table).any(|(_, c)| {
        matches!(c.kind, ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_)) && c.columns.contains(&number)
    })
}

/// Whether its neighbours say that the word means something else: what an id refers to, the state of an address.
fn is_no_set_here(table: &Table, number: ColumnNumber) -> bool {
    let polymorphic = table.column(number).is_some_and(|c| {
        let lower = c.name.to_ascii_lowercase();
        lower.strip_suffix("type").is_some_and(|head| {
            !head.is_empty()
                && table.live_columns().any(|(_, o)| o.name.to_ascii_lowercase().strip_suffix("id") == Some(head))
        })
    });
    // An address has a state too.
    polymorphic || table.column(number).is_some_and(|c| is_state_of_address(table, c))
}

/// Whether the table is the list of the values itself: the column is its key, or all that there is beside a key that others refer to, and unique or called
/// after the table.
fn is_lookup(cx: &Context<'_>, id: TableId, table: &Table, number: ColumnNumber) -> bool {
    let named = table.column(number).is_some_and(|c| words(&c.name).starts_with(&stem(&table.name)));
    cx.schema.primary_key_of(table).is_some_and(|(_, key)| {
        key.columns == [number]
            || key.columns.len() == 1
                && table.live_columns().count() == 2
                && !cx.schema.references_to(id).is_empty()
                && (named || unique_on(cx.schema, table, &[number]))
    })
}

/// The columns that a check binds to a list of values, by name.
fn listed<'a>(cx: &Context<'a>) -> BTreeMap<&'a str, Vec<(TableId, ColumnNumber)>> {
    let mut found: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (_, constraint) in cx.schema.constraints_of(table) {
            if let (ConstraintKind::Check(check), [number]) = (&constraint.kind, constraint.columns.as_slice())
                && let Some(column) = table.column(*number)
                && values_of(check.source.tree(), &column.name).is_some()
            {
                found.entry(&column.name).or_default().push((id, *number));
            }
        }
    }
    found
}

/// The values that a column of the same name in another table is bound to.
fn values_of_same_name(
    cx: &Context<'_>,
    listed: &BTreeMap<&str, Vec<(TableId, ColumnNumber)>>,
    id: TableId,
    name: &str,
) -> Option<((TableId, ColumnNumber), Vec<String>)> {
    // A generic name means something else in each table.
    if each_word(name).count() < 2 {
        return None;
    }
    let (other, number) = listed.get(name)?.iter().copied().find(|(other, _)| *other != id)?;
    let values = known_values(cx, cx.schema.tables.get(other)?, number);
    Some(((other, number), values))
}
