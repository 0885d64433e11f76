use crate::finding::{Certainty, Fix, Severity};
use crate::name::{Name, quote};
use crate::operation::ReferentialAction;
use crate::rules::support::replace_foreign_key;
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
        // The tenant stays when the member goes.
        "CREATE TABLE org (id bigint PRIMARY KEY);\nCREATE TABLE members (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, UNIQUE (org_id, id));\nCREATE TABLE tasks (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org, member_id bigint NOT NULL, «FOREIGN KEY (org_id, member_id) REFERENCES members (org_id, id) ON DELETE SET NULL»);\nCREATE TABLE notes (id bigint PRIMARY KEY, org_id bigint NOT NULL REFERENCES org);",
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
            let nullable = |column: &Name| {
                format!("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL;", cx.table_sql(id), quote(column))
            };
            // Whose row it is stays: the reference alone is emptied.
            let tenant = cx.tenant_column(table).filter(|t| constraint.columns.contains(t));
            let sql = match tenant {
                _ if in_primary_key => None,
                Some(tenant) if constraint.columns.len() > 1 => {
                    let set: Vec<ColumnNumber> = on_delete.iter().copied().filter(|c| *c != tenant).collect();
                    let can = event == "DELETE" && cx.target.server_version >= 15 && !set.is_empty();
                    let keys = (constraint.columns.as_slice(), fk.columns.as_slice());
                    let swap =
                        can.then(|| replace_foreign_key(cx, id, constraint, fk, keys, (fk.on_delete, &set))).flatten();
                    swap.map(|swap| {
                        let columns = set.iter().filter_map(|c| table.column(*c)).filter(|c| c.not_null);
                        columns.map(|c| nullable(&c.name)).chain([swap]).collect::<Vec<_>>().join("\n")
                    })
                }
                _ => Some(nullable(name)),
            };
            let fix = sql.map(|sql| Fix {
                sql,
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
