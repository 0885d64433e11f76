use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::TriggerEvent;
use crate::rules::support::{builtin, set_not_null};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "nullable-boolean",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A boolean column allows a third value, NULL.",
    why: "Where a flag may be null, `WHERE flag` and `WHERE NOT flag` together miss rows, and `flag <> true` is null where people expect true. If \
          unknown is a value of its own, say so in a comment on the column or use an enum; the rule then says nothing. PostgreSQL manual, 8.6 \
          \"Boolean Type\" and 9.1 \"Logical Operators\".",
    fires: examples!["CREATE TABLE users (id bigint PRIMARY KEY, «is_admin boolean»);"],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, is_admin boolean NOT NULL DEFAULT false);",
        "CREATE TABLE answers (id bigint PRIMARY KEY, correct boolean);\nCOMMENT ON COLUMN answers.correct IS 'null until it is marked';",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table, number, column) in cx.columns_of(|t| builtin(cx.schema, t) == Some("boolean")) {
        out.look();
        let explained = column.comment.is_some() || column.generated.is_some();
        if column.not_null || explained || crate::rules::support::checked_not_null(cx.schema, table, number) {
            continue;
        }
        let has_default = column.default.is_some();
        let message = format!(
            "`{}` may be true, false or null{}.",
            cx.column_name(id, number),
            if has_default { "" } else { ", and is null unless it is written" }
        );
        let (path, name) = (cx.table_sql(id), quote(&column.name));
        let default = if has_default {
            String::new()
        } else {
            format!("ALTER TABLE {path} ALTER COLUMN {name} SET DEFAULT false;\n")
        };
        let fires = cx.schema.triggers_of(&table.triggers).any(|(_, trigger)| {
            let of = &trigger.update_of;
            trigger.events.contains(&TriggerEvent::Update) && (of.is_empty() || of.contains(&number))
        });
        let triggers = if fires { " The UPDATE fires the table's triggers." } else { "" };
        out.report(ObjectId::Column(id, number), column.span, message).fix(Fix {
            sql: format!(
                "{default}{}",
                set_not_null(
                    cx,
                    id,
                    table,
                    &column.name,
                    &format!("UPDATE {path} SET {name} = false WHERE {name} IS NULL;\n")
                )
            ),
            caution: Some(format!(
                "Decide what null means today: `SELECT count(*) FROM {path} WHERE {name} IS NULL;`.{triggers}"
            )),
        });
    }
}
