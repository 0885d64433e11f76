use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::order::Order;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, Constraint, ForeignKey, ObjectId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-foreign-key",
    category: Category::KeysAndReferences,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "Two foreign keys tie the same columns to the same columns.",
    why: "Every write checks both. Where their ON DELETE differs, both fire: one that cascades and one that forbids make each delete fail or succeed by \
          the order of their names. A key that compares an id alone says nothing that one over the tenant and the id does not say. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users, «CONSTRAINT again FOREIGN KEY (author) REFERENCES users»);",
        "CREATE TABLE users (org bigint NOT NULL, id bigint PRIMARY KEY, UNIQUE (org, id));\nCREATE TABLE posts (org bigint NOT NULL, author bigint NOT NULL «REFERENCES users (id)», FOREIGN KEY (org, author) REFERENCES users (org, id));\nCREATE INDEX ON posts (author);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users, editor bigint REFERENCES users);",
        // Where the tenant may be null, the wider one is not checked.
        "CREATE TABLE users (org bigint NOT NULL, id bigint PRIMARY KEY, UNIQUE (org, id));\nCREATE TABLE posts (org bigint, author bigint NOT NULL REFERENCES users (id), FOREIGN KEY (org, author) REFERENCES users (org, id));",
    ],
    supersedes: &["foreign-key-no-delete-action"],
    check,
};

fn pairs(constraint: &Constraint, fk: &ForeignKey) -> Vec<(ColumnNumber, ColumnNumber)> {
    let mut pairs: Vec<_> = constraint.columns.iter().copied().zip(fk.columns.iter().copied()).collect();
    pairs.order();
    pairs
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        let keys: Vec<_> = cx.schema.foreign_keys_of(table).collect();
        for (at, (constraint_id, constraint, fk)) in keys.iter().enumerate() {
            out.look();
            let own = pairs(constraint, fk);
            let twin = keys.iter().enumerate().find(|(place, (_, other, o))| {
                let theirs = pairs(other, o);
                let never_null = || other.columns.iter().all(|c| table.column(*c).is_some_and(|c| c.not_null));
                o.references == fk.references
                    && own.iter().all(|pair| theirs.contains(pair))
                    && (*place < at && theirs.len() == own.len() || theirs.len() > own.len() && never_null())
            });
            let Some((_, (twin_id, twin, twin_fk))) = twin else { continue };
            let differs = twin_fk.on_delete != fk.on_delete;
            let message = format!(
                "`{}` {} `{}`: {} of `{}` to `{}`{}.",
                constraint.name,
                if twin.columns.len() > constraint.columns.len() { "is part of" } else { "repeats" },
                twin.name,
                cx.columns_text(id, &constraint.columns),
                cx.table_name(id),
                cx.table_name(fk.references),
                if differs {
                    format!(", once ON DELETE {} and once {}", twin_fk.on_delete.sql(), fk.on_delete.sql())
                } else {
                    String::new()
                }
            );
            // Which of two actions is meant, only people know.
            let fix = (!differs && constraint.parent.is_none()).then(|| Fix {
                sql: format!("ALTER TABLE {} DROP CONSTRAINT {};", cx.table_sql(id), quote(&constraint.name)),
                caution: None,
            });
            out.report(ObjectId::Constraint(*constraint_id), constraint.span, message)
                .object(ObjectId::Constraint(*twin_id))
                .severity(if differs { Severity::Medium } else { Severity::Low })
                .also_at(twin.span)
                .maybe_fix(fix);
        }
    }
}
