use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{singular, stem, surrogate, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, NamespaceId, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-key-name",
    category: Category::Naming,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table's primary key is called after another pattern than the schema's other keys.",
    why: "Where keys are called `id`, code and people write `media.id`, and a `media_id` in that table itself looks like a reference to \
          another row. Where they are called after their table, joins USING rely on it. Only keys of one column that are no reference to \
          another table are compared, and only where three quarters agree. PostgreSQL manual, 5.4.4 \"Primary Keys\" and 7.2.1 \"The FROM \
          Clause\", USING.",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE shop_media («media_id» bigint PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id bigint PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE a_details (a_id bigint PRIMARY KEY REFERENCES a);\nCREATE TABLE countries (iso_code text PRIMARY KEY);",
        // No habit.
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (b_id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // By schema: each has a style of its own.
    let mut schemas: BTreeMap<NamespaceId, Vec<(TableId, ColumnNumber, &Column, bool)>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        let Some((number, column)) = surrogate(cx, table) else { continue };
        // A key that names another table is a reference without a foreign key: another rule's business.
        let is_plain = column.name.eq_ignore_ascii_case("id");
        if is_plain || is_called_after(&column.name, &table.name) {
            out.look();
            schemas.entry(table.namespace).or_default().push((id, number, column, is_plain));
        }
    }
    for keys in schemas.values() {
        let plain = keys.iter().filter(|(.., is_plain)| *is_plain).count();
        let usual_is_plain = plain * 2 >= keys.len();
        let most = if usual_is_plain { plain } else { keys.len() - plain };
        if most < 4 || most * 4 < keys.len() * 3 {
            continue;
        }
        let usual = if usual_is_plain { "`id`" } else { "after their table" };
        for (id, number, column, _) in keys.iter().filter(|(.., is_plain)| *is_plain != usual_is_plain) {
            let message = format!("The key `{}` is not called {usual}, as most are.", cx.column_name(*id, *number));
            out.report(ObjectId::Column(*id, *number), column.name_span, message)
                .object(ObjectId::Table(*id))
                .evidence(format!("{most} of {} keys are called {usual}.", keys.len()));
        }
    }
}

/// Whether a key is called after its table or the last words of it: `media_id` in `shop_media`.
fn is_called_after(column: &str, table: &str) -> bool {
    let mut key = words(column);
    key.pop();
    let table = stem(table);
    let key: Vec<Name> = key.iter().map(|w| Name::new(singular(w))).collect();
    !key.is_empty() && key.len() <= table.len() && table.get(table.len() - key.len()..) == Some(key.as_slice())
}
