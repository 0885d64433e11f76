use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::operation::ReferentialAction;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "set-null-on-not-null",
    category: Category::KeysAndReferences,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A foreign key sets a column to NULL that must not be null.",
    why: "ON DELETE SET NULL on a NOT NULL column never works: each delete of a referenced row fails with a not-null violation. The same goes for SET \
          DEFAULT where the column has no default. Either the column may be empty, or the action is wrong. PostgreSQL manual, 5.4.5 \"Foreign \
          Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL «REFERENCES users ON DELETE SET NULL»);",
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint NOT NULL «REFERENCES users ON DELETE SET DEFAULT»);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users ON DELETE SET NULL, owner bigint NOT NULL DEFAULT 1 REFERENCES users ON DELETE SET DEFAULT);",
        // Only the column that may be null is set.
        "CREATE TABLE users (tenant bigint, id bigint, PRIMARY KEY (tenant, id));\nCREATE TABLE posts (id bigint PRIMARY KEY, tenant bigint NOT NULL, author bigint, FOREIGN KEY (tenant, author) REFERENCES users ON DELETE SET NULL (author));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (constraint_id, constraint, fk) in cx.schema.foreign_keys_of(table) {
            out.look();
            let breaks = |action: ReferentialAction, columns: &[ColumnNumber]| -> Option<ColumnNumber> {
                columns.iter().copied().find(|c| {
                    table.column(*c).is_some_and(|column| match action {
                        ReferentialAction::SetNull => column.not_null,
                        ReferentialAction::SetDefault => column.not_null && column.default.is_none(),
                        _ => false,
                    })
                })
            };
            let on_delete = if fk.on_delete_columns.is_empty() { &constraint.columns } else { &fk.on_delete_columns };
            let found = breaks(fk.on_delete, on_delete)
                .map(|c| ("DELETE", fk.on_delete, c))
                .or_else(|| breaks(fk.on_update, &constraint.columns).map(|c| ("UPDATE", fk.on_update, c)));
            let Some((event, action, column)) = found else { continue };
            let Some(name) = table.column(column).map(|c| &c.name) else { continue };
            let message = format!(
                "`{}` is never null, but `ON {event} {}` would make it so: every such {} in `{}` fails.",
                cx.column_name(id, column),
                action.sql(),
                event.to_ascii_lowercase(),
                cx.table_name(fk.references)
            );
            let in_primary_key = cx.schema.primary_key_of(table).is_some_and(|(_, c)| c.columns.contains(&column));
            let fix = (!in_primary_key).then(|| Fix {
                sql: format!("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL;", cx.table_sql(id), quote(name)),
                caution: Some(
                    "Right where a row makes sense without its reference. Where it does not, add the foreign key again with ON DELETE CASCADE or \
                     RESTRICT instead."
                        .to_owned(),
                ),
            });
            out.report(ObjectId::Constraint(constraint_id), constraint.span, message)
                .object(ObjectId::Column(id, column))
                .object(ObjectId::Table(fk.references))
                .maybe_fix(fix);
        }
    }
}
