use crate::finding::{Certainty, Severity};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "cross-schema-foreign-key",
    category: Category::KeysAndReferences,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A foreign key crosses the border between two schemas.",
    why: "Schemas divide a database into areas that can be owned, moved and restored by themselves. Each foreign key between two of them ties \
          their releases, backups and permissions together: roles need USAGE on both, and neither can be moved to a database of its own. This \
          lists the ties; whether they are wanted is for the design to say. PostgreSQL manual, 5.9 \"Schemas\".",
    fires: examples![
        "CREATE SCHEMA sales;\nCREATE SCHEMA stock;\nCREATE TABLE stock.items (id bigint PRIMARY KEY);\nCREATE TABLE sales.lines (id bigint PRIMARY KEY, item bigint «REFERENCES stock.items»);",
    ],
    silent: examples![
        "CREATE SCHEMA sales;\nCREATE TABLE sales.orders (id bigint PRIMARY KEY);\nCREATE TABLE sales.lines (id bigint PRIMARY KEY, o bigint REFERENCES sales.orders);",
        // What a platform brings is there to be referred to.
        "CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id));",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for key in cx.foreign_keys() {
        out.look();
        let Some(target) = cx.schema.tables.get(key.fk.references).filter(|_| cx.owns(key.fk.references)) else {
            continue;
        };
        if target.namespace == key.of.namespace {
            continue;
        }
        let schema = |id| cx.schema.namespaces.get(id).map_or("", |n| n.name.as_str());
        let message = format!(
            "`{}` ties the schema `{}` to `{}`.",
            cx.name(ObjectId::Constraint(key.id)),
            schema(key.of.namespace),
            schema(target.namespace)
        );
        out.report(ObjectId::Constraint(key.id), key.constraint.span, message)
            .objects(key.constraint.columns.iter().map(|c| ObjectId::Column(key.table, *c)))
            .object(ObjectId::Table(key.fk.references));
    }
}
