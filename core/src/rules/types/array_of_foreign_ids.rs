use crate::finding::{Certainty, Severity};
use crate::rules::support::{References, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{DataType, ObjectId};

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
        let Some(target) = target else { continue };
        let message = format!(
            "`{}` refers to rows of `{}` by a list, which no foreign key can check.",
            cx.column_name(id, number),
            cx.table_name(target)
        );
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(target));
    }
}
