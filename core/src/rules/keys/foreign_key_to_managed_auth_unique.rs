use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-to-managed-auth-unique",
    category: Category::KeysAndReferences,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A foreign key refers to a column other than the primary key of a table in the platform's `auth` schema.",
    why: "Tables of `auth` belong to the platform, which changes their unique indexes in its own migrations. A foreign key that rests on one \
          of them (an e-mail address, a phone number) stops such a migration, and with it the upgrade of the whole project. Only the primary \
          key `id` is promised to stay. PostgreSQL manual, 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE SCHEMA auth;\nCREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE);\nCREATE ROLE authenticated;\nCREATE TABLE profiles (id uuid PRIMARY KEY, email text «REFERENCES auth.users (email)»);",
    ],
    silent: examples![
        "CREATE SCHEMA auth;\nCREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE);\nCREATE ROLE authenticated;\nCREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id));",
        // A schema of the project's own.
        "CREATE SCHEMA auth;\nCREATE TABLE auth.users (id uuid PRIMARY KEY, email text UNIQUE);\nCREATE TABLE profiles (id uuid PRIMARY KEY, email text REFERENCES auth.users (email));",
    ],
    supersedes: &["foreign-key-to-non-primary-key"],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for key in cx.foreign_keys() {
        let Some(target) = cx.schema.tables.get(key.fk.references).filter(|_| !cx.owns(key.fk.references)) else {
            continue;
        };
        if cx.schema.namespaces.get(target.namespace).is_none_or(|n| n.name != "auth") {
            continue;
        }
        out.look();
        let names: Vec<&str> =
            key.fk.columns.iter().filter_map(|c| target.column(*c)).map(|c| c.name.as_str()).collect();
        if names == ["id"] || names.is_empty() {
            continue;
        }
        let message = format!(
            "`{}` rests on {} of `{}`, which the platform may change.",
            key.constraint.name,
            cx.columns_text(key.fk.references, &key.fk.columns),
            cx.table_name(key.fk.references)
        );
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
            .object(ObjectId::Table(key.fk.references));
    }
}
