use crate::finding::{Certainty, Severity};
use crate::rules::support::{
    each_word, enum_labels, is_text, key_columns, key_family, kind_beside, known_values, list, only_column, stem,
    unique_on, without_end, words,
};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "polymorphic-reference",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A pair of columns refers to one of several tables, which no foreign key can check.",
    why: "Of `owner_type` and `owner_id` the first says which table the second refers to. PostgreSQL has no foreign key for that: nothing \
          stops a reference to a row that is not there, and deleting the row leaves it behind. Where the possible tables are few, one nullable \
          column with a foreign key for each, and a CHECK that exactly one is filled, says the same safely. PostgreSQL manual, 5.4.5 \"Foreign \
          Keys\" and 5.4.1 \"Check Constraints\".",
    fires: examples![
        "CREATE TABLE files (id bigint PRIMARY KEY, owner_type text NOT NULL, «owner_id bigint NOT NULL»);",
        "CREATE TABLE orders (id bigint PRIMARY KEY);\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE audit_logs (id bigint PRIMARY KEY, entity_type text CHECK (entity_type IN ('order', 'user')), «entity_id bigint»);",
        "CREATE TABLE changes (id bigint PRIMARY KEY, table_name text NOT NULL, «record_id uuid NOT NULL»);",
        // The kinds stand in a table of their own.
        "CREATE TABLE django_content_type (id integer PRIMARY KEY, model text NOT NULL UNIQUE);\nCREATE TABLE files (id bigint PRIMARY KEY, content_type_id integer NOT NULL REFERENCES django_content_type, «object_id bigint NOT NULL»);",
        // The key says of each user what they like, and it should have the kind in it.
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE likes (user_id bigint REFERENCES users, likeable_type text, «likeable_id bigint», UNIQUE (user_id, likeable_id));",
    ],
    silent: examples![
        "CREATE TABLE owners (id bigint PRIMARY KEY);\nCREATE TABLE files (id bigint PRIMARY KEY, owner_type text, owner_id bigint REFERENCES owners);",
        // The type of the row itself, not of what it refers to.
        "CREATE TABLE labels (label_id bigint PRIMARY KEY, label_type text NOT NULL);",
        "CREATE TABLE files (id bigint PRIMARY KEY, type text, kind text);",
        // An id of the table's own, unique for each kind.
        "CREATE TABLE sessions (session_type text NOT NULL, session_id text NOT NULL, UNIQUE (session_type, session_id));",
        // Which of a customer's addresses, of some type that is kept in a list.
        "CREATE TABLE address_types (name text PRIMARY KEY);\nCREATE TABLE parcels (id bigint PRIMARY KEY, address_type text REFERENCES address_types, address_id bigint);",
        // Who may see the template, not where it is kept.
        "CREATE TABLE files (id bigint PRIMARY KEY, template_type text CHECK (template_type IN ('public', 'private')), template_id bigint);",
        // The id is unique without the kind, so that the kind does not say where to look.
        "CREATE TABLE cached_media (origin text NOT NULL, media_id text NOT NULL, media_type text, UNIQUE (origin, media_id));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let may_refer = |name| without_end(name, "id").is_some() && each_word(name).count() >= 2;
    for (id, table, number, column) in cx.columns_named(may_refer) {
        let Some(kind) = kind_beside(table, column) else { continue };
        let Some(kind_column) = table.column(kind) else { continue };
        let names_tables = is_text(cx.schema, &kind_column.data_type)
            || enum_labels(cx.schema, &kind_column.data_type).is_some()
            || key_family(cx.schema, &kind_column.data_type).is_some();
        if key_family(cx.schema, &column.data_type).is_none() || !names_tables {
            continue;
        }
        // The key of the table, with the kind of the thing itself beside it.
        if cx.schema.primary_key_of(table).and_then(|(_, c)| only_column(c)) == Some(number)
            || unique_on(cx.schema, table, &[number])
            || identifies_itself(cx, table, number, kind)
        {
            continue;
        }
        out.look();
        // A kind may itself refer to a list of kinds, as Django's content types; but then what the id refers to must be open by its name.
        let open = is_anything(&column.name);
        if cx
            .schema
            .foreign_keys_of(table)
            .any(|(_, c, _)| c.columns.contains(&number) || (!open && c.columns.contains(&kind)))
        {
            continue;
        }
        let values = known_values(cx, table, kind);
        let named = |value: &String| {
            let of = words(value);
            let spaces = cx.schema.namespaces.iter().map(|(id, _)| id);
            std::iter::once(table.namespace)
                .chain(spaces)
                .find_map(|space| cx.references.table_named(cx.schema, space, &of))
        };
        let targets: Vec<String> = values.iter().filter_map(named).map(|t| format!("`{}`", cx.table_name(t))).collect();
        // Where most values name no table, the column beside says of what sort the thing is, not what the id refers to; but a word that says of nothing
        // what it is, such as `owner`, may stand for whatever else there is.
        if values.len() > 1 && targets.len() * 2 < values.len() && !is_anything(&column.name) {
            continue;
        }
        let message = format!(
            "`{}` refers to a row of whichever table `{}` names; no foreign key checks it.",
            cx.column_name(id, number),
            kind_column.name
        );
        let mut evidence = Vec::new();
        if !targets.is_empty() {
            evidence.push(format!("Its values name {}.", list(&targets)));
        }
        if column.not_null != kind_column.not_null {
            let (may, must) = if column.not_null { (kind_column, column) } else { (column, kind_column) };
            evidence.push(format!("`{}` may be empty and `{}` may not.", may.name, must.name));
        }
        let mut draft = out
            .report(ObjectId::Column(id, number), column.span, message)
            .object(ObjectId::Column(id, kind))
            .also_at(kind_column.span);
        if !evidence.is_empty() {
            draft = draft.evidence(evidence.join(" "));
        }
        let _ = draft;
    }
}

/// Whether the name of a reference leaves open what it refers to: `owner_id`, `commentable_id`.
fn is_anything(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "actor",
        "entity",
        "item",
        "model",
        "object",
        "owner",
        "parent",
        "record",
        "ref",
        "reference",
        "related",
        "resource",
        "source",
        "subject",
        "target",
    ];
    words(name).iter().rev().nth(1).is_some_and(|w| w.ends_with("able") || WORDS.contains(&w.as_str()))
}

/// Whether the id is that of the row itself: named after its table, or part of a unique key that does without the kind and says nothing of other rows.
fn identifies_itself(cx: &Context<'_>, table: &Table, number: ColumnNumber, kind: ColumnNumber) -> bool {
    let mut name = table.column(number).map(|c| words(&c.name)).unwrap_or_default();
    name.pop();
    let refers = |n: &ColumnNumber| {
        let of = table.column(*n).map(|c| words(&c.name)).unwrap_or_default();
        cx.schema.foreign_keys_of(table).any(|(_, key, _)| key.columns.contains(n))
            || matches!(of.split_last(), Some((last, of)) if last == "id" && cx.references.table_named(cx.schema, table.namespace, of).is_some())
    };
    name == stem(&table.name)
        || cx.schema.indexes_of(table).any(|(_, index)| {
            index.unique
                && index.predicate.is_none()
                && key_columns(index).is_some_and(|c| {
                    c.contains(&number) && !c.contains(&kind) && !c.iter().any(|n| *n != number && refers(n))
                })
        })
}
