use crate::finding::{Certainty, Severity};
use crate::rules::support::{KeyFamily, References, key_family, only_column, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "array-of-foreign-ids",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A list in one column refers to rows of another table.",
    why: "An array or a jsonb list of keys is handy to read and cannot be checked: there is no foreign key over its elements, deleting a row \
          leaves its number behind, and finding who refers to a row needs a GIN index and another operator than a join. A table of pairs does \
          all that. Lists that are a record of the moment are fine as they are. PostgreSQL manual, 8.15 \"Arrays\", the tip on searching.",
    fires: examples![
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE flags (id bigint PRIMARY KEY, «allowed_shop_ids bigint[]»);",
        // What else is a uuid of somebody.
        "CREATE TABLE users (id uuid PRIMARY KEY);\nCREATE TABLE tasks (id uuid PRIMARY KEY, «watcher_ids uuid[]»);",
        "CREATE TABLE line_items (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, «line_item_ids jsonb»);",
    ],
    silent: examples![
        // No such table here.
        "CREATE TABLE mails (id bigint PRIMARY KEY, message_ids text[], numbers integer[]);",
        "CREATE TABLE tags (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, tags text[]);",
        // Outside.
        "CREATE TABLE customers (id bigint PRIMARY KEY);\nCREATE TABLE syncs (id bigint PRIMARY KEY, external_customer_ids text[]);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let is_uuid_key = |(_, t): (_, &Table)| {
        let key = cx.schema.primary_key_of(t).and_then(|(_, c)| t.column(only_column(c)?));
        key.is_some_and(|c| key_family(cx.schema, &c.data_type) == Some(KeyFamily::Uuid))
    };
    let keys_are_uuids = cx.tables().any(is_uuid_key);
    let is_uuids = |t: &DataType| matches!(&t.base, BaseType::Builtin(name) if name == "uuid");
    let is_list = |t: &DataType| t.array || t.builtin_name() == Some("jsonb");
    for (id, table, number, column) in cx.columns_of(is_list) {
        let mut name = words(&column.name);
        if !name.pop().is_some_and(|w| matches!(w.as_str(), "ids" | "uuids")) {
            continue;
        }
        out.look();
        if References::points_outside(&name) {
            continue;
        }
        // Words in front say which of them: `allowed_shop_ids`.
        let target = (0..name.len().min(3))
            .find_map(|skip| cx.references.table_named(cx.schema, table.namespace, name.get(skip..)?));
        // By its type, if not by its name.
        let of = match target {
            Some(target) => format!("rows of `{}`", cx.table_name(target)),
            None if keys_are_uuids && is_uuids(&column.data_type) => "rows".to_owned(),
            None => continue,
        };
        let message =
            format!("`{}` refers to {of} by a list, which no foreign key can check.", cx.column_name(id, number));
        let draft = out.report(ObjectId::Column(id, number), column.span, message);
        let _ = target.map(|target| draft.object(ObjectId::Table(target)));
    }
}
