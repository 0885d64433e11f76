use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{KeyFamily, key_family, pinned, surrogate};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, NamespaceId, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-primary-key-type",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A table's primary key is of another kind of type than most of the schema's keys.",
    why: "Where most tables are numbered and a few have a uuid, or the reverse, generic code needs both ways: columns that refer to any table \
          cannot be typed, and each list of keys in an interface or log must say which kind it is. The rule compares keys of one column called \
          `id` or after their table, by kind of type, not by size. PostgreSQL manual, 8.1.1 \"Integer Types\" and 8.12 \"UUID Type\".",
    fires: examples![
        "CREATE TABLE a (id uuid PRIMARY KEY);\nCREATE TABLE b (id uuid PRIMARY KEY);\nCREATE TABLE c (id uuid PRIMARY KEY);\nCREATE TABLE d (id uuid PRIMARY KEY);\nCREATE TABLE e (id «bigint» PRIMARY KEY);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE c (id integer PRIMARY KEY);\nCREATE TABLE d (id bigint PRIMARY KEY);\nCREATE TABLE e (id bigint PRIMARY KEY);",
        // A code is no surrogate; a key that refers elsewhere has its target's type.
        "CREATE TABLE a (id uuid PRIMARY KEY);\nCREATE TABLE b (id uuid PRIMARY KEY);\nCREATE TABLE c (id uuid PRIMARY KEY);\nCREATE TABLE d (id uuid PRIMARY KEY);\nCREATE TABLE countries (code text PRIMARY KEY);",
        // No habit.
        "CREATE TABLE a (id uuid PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "primary-key-type", out) {
        return;
    }
    // By schema: each has a style of its own.
    let mut schemas: BTreeMap<NamespaceId, Vec<(TableId, ColumnNumber, &Column, KeyFamily)>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        let Some((number, column)) = surrogate(cx, table) else { continue };
        let Some(family) = key_family(cx.schema, &column.data_type) else { continue };
        out.look();
        schemas.entry(table.namespace).or_default().push((id, number, column, family));
    }
    for keys in schemas.values() {
        let count = |family: KeyFamily| keys.iter().filter(|(.., f)| *f == family).count();
        let families = [KeyFamily::Integer, KeyFamily::Uuid, KeyFamily::Text];
        let Some((usual, most)) = families.into_iter().map(|f| (f, count(f))).max_by_key(|(_, n)| *n) else { continue };
        if most < 4 || most * 4 < keys.len() * 3 {
            continue;
        }
        for (id, number, column, family) in keys.iter().filter(|(.., f)| *f != usual) {
            let message = format!(
                "`{}` is a {}, where most keys are {}s.",
                cx.column_name(*id, *number),
                kind(*family),
                kind(usual)
            );
            out.report(ObjectId::Column(*id, *number), column.type_span, message)
                .object(ObjectId::Table(*id))
                .evidence(format!("{most} of {} such keys are {}s.", keys.len(), kind(usual)));
        }
    }
}

fn kind(family: KeyFamily) -> &'static str {
    match family {
        KeyFamily::Integer => "number",
        KeyFamily::Uuid => "uuid",
        KeyFamily::Text => "text",
    }
}
