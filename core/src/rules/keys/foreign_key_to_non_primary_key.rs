use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-to-non-primary-key",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A foreign key refers to a unique column that is not the primary key.",
    why: "It is legal, and right where the other column is what the outside world knows a row by. It costs something all the same: such \
          columns (an e-mail address, a slug) change more often than keys do, each change then fails or runs through every referring table, \
          and joins by the other key need one step more. A foreign key that holds the primary key and the tenant column besides is another \
          matter. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE);\nCREATE TABLE invitations (id bigint PRIMARY KEY, email text «REFERENCES users (email)»);",
    ],
    silent: examples![
        "CREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY, author bigint REFERENCES users);",
        // The primary key and the tenant.
        "CREATE TABLE users (tenant bigint, id bigint PRIMARY KEY, UNIQUE (tenant, id));\nCREATE TABLE posts (id bigint PRIMARY KEY, tenant bigint, author bigint, FOREIGN KEY (tenant, author) REFERENCES users (tenant, id));",
        // No primary key to refer to.
        "CREATE TABLE users (email text NOT NULL UNIQUE);\nCREATE TABLE posts (id bigint PRIMARY KEY, author text REFERENCES users (email));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for key in cx.foreign_keys() {
        out.look();
        let Some(target) = cx.schema.tables.get(key.fk.references) else { continue };
        let Some((_, primary)) = cx.schema.primary_key_of(target) else { continue };
        if primary.columns.iter().all(|c| key.fk.columns.contains(c)) {
            continue;
        }
        let message = format!(
            "`{}` refers to {} of `{}`, whose primary key is {}.",
            key.constraint.name,
            cx.columns_text(key.fk.references, &key.fk.columns),
            cx.table_name(key.fk.references),
            cx.columns_text(key.fk.references, &primary.columns)
        );
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
            .object(ObjectId::Table(key.fk.references));
    }
}
