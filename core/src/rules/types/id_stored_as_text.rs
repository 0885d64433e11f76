use crate::finding::{Certainty, Severity};
use crate::rules::support::{KeyFamily, References, is_text, key_family, kind_beside, last_word, only_column, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "id-stored-as-text",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column holds keys of another table as text.",
    why: "It is named after a table whose key is a number or uuid, but is text: no foreign key can check it, a join needs a cast that keeps \
          the index from being used, and `'007'`, `'7'` and a list `'7,8'` all go in. Names that point outside of the database \
          (`stripe_customer_id`) and pairs of type and id are left alone. PostgreSQL manual, 5.4.5 \"Foreign Keys\" and 10.2 \"Operators\", type \
          conversion.",
    fires: examples![
        "CREATE TABLE users (id uuid PRIMARY KEY);\nCREATE TABLE sessions (id bigint PRIMARY KEY, user_id «text»);",
        "CREATE TABLE tags (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, tag_ids «text»);",
    ],
    silent: examples![
        "CREATE TABLE users (id uuid PRIMARY KEY);\nCREATE TABLE sessions (id bigint PRIMARY KEY, user_id uuid);",
        // Outside, or of any table.
        "CREATE TABLE customers (id bigint PRIMARY KEY, external_customer_id text);\nCREATE TABLE users (id uuid PRIMARY KEY);\nCREATE TABLE notes (id bigint PRIMARY KEY, user_type text, user_id text, stripe_customer_id text);",
        // The key is text as well, or there is no such table.
        "CREATE TABLE rooms (id text PRIMARY KEY);\nCREATE TABLE events (id bigint PRIMARY KEY, room_id text, device_id text);",
        // Of a service outside, by the table's name.
        "CREATE TABLE teams (id bigint PRIMARY KEY);\nCREATE TABLE slack_configurations (id bigint PRIMARY KEY, team_id text);",
        // Another schema's table.
        "CREATE SCHEMA books;\nCREATE TABLE books.ap (id bigint PRIMARY KEY);\nCREATE TABLE people (id bigint PRIMARY KEY, ap_id text);",
        // The table itself has what it is called.
        "CREATE TABLE devices (id bigint PRIMARY KEY, device_id text UNIQUE);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let is_key = |name| last_word(name).is_some_and(|w| matches!(w.as_ref(), "id" | "ids" | "uuid"));
    for (id, table, number, column) in cx.columns_where(is_key, |t| is_text(cx.schema, t)) {
        let mut name = words(&column.name);
        name.pop();
        let outside = References::points_outside(&name) || References::points_outside(&words(&table.name));
        if name.is_empty() || outside || kind_beside(table, column).is_some() {
            continue;
        }
        out.look();
        let Some(target_id) = cx.references.table_named(cx.schema, table.namespace, &name).filter(|t| *t != id) else {
            continue;
        };
        let Some(target) = cx.schema.tables.get(target_id) else { continue };
        let Some(key) = cx.schema.primary_key_of(target).and_then(|(_, c)| only_column(c)) else { continue };
        let family = target.column(key).and_then(|c| key_family(cx.schema, &c.data_type));
        // What the other table calls by the very same name may well be a text.
        let own = words(&column.name);
        let named_alike = target.live_columns().any(|(n, c)| n != key && words(&c.name) == own);
        let refers = cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(&number));
        if !matches!(family, Some(KeyFamily::Integer | KeyFamily::Uuid)) || named_alike || refers {
            continue;
        }
        let (path, target_name) = (cx.column_name(id, number), cx.column_name(target_id, key));
        let key_type = target.column(key).map(|c| c.data_type.display(cx.schema)).unwrap_or_default();
        let message = if last_word(&column.name).is_some_and(|w| w == "ids") {
            format!("`{path}` holds several keys of `{}` in one text.", cx.table_name(target_id))
        } else {
            format!("`{path}` is a text, and `{target_name}`, by its name what it holds, is `{key_type}`.")
        };
        out.report(ObjectId::Column(id, number), column.type_span, message).object(ObjectId::Column(target_id, key));
    }
}
