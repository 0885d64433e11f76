use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, NamespaceId, ObjectId, TableId, TypeId, TypeKind, UserType};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "object-in-wrong-schema",
    category: Category::Naming,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A table or type was left in `public`, while all that it has to do with lives in one other schema.",
    why: "Where a database is divided into schemas, permissions, backups and moves go by schema. An enum in `public` that only tables of \
          `sales` use is left behind by `pg_dump -n sales`, and a role that may use `sales` needs `public` as well. PostgreSQL manual, 5.9.6 \
          \"Usage Patterns\" of schemas and ALTER TABLE, SET SCHEMA.",
    fires: examples![
        "CREATE SCHEMA sales;\nCREATE TYPE public.«order_state» AS ENUM ('open', 'done');\nCREATE TABLE sales.orders (id bigint PRIMARY KEY, state public.order_state);\nCREATE TABLE sales.customers (id bigint PRIMARY KEY);\nCREATE TABLE sales.regions (id bigint PRIMARY KEY);",
        "CREATE SCHEMA sales;\nCREATE TABLE sales.orders (id bigint PRIMARY KEY);\nCREATE TABLE sales.customers (id bigint PRIMARY KEY);\nCREATE TABLE sales.regions (id bigint PRIMARY KEY);\nCREATE TABLE public.«order_lines» (order_id bigint PRIMARY KEY REFERENCES sales.orders);",
        // It serves two of them, and one more table stands alone.
        "CREATE SCHEMA sales;\nCREATE SCHEMA stock;\nCREATE TABLE sales.t0 (id bigint PRIMARY KEY);\nCREATE TABLE stock.t0 (id bigint PRIMARY KEY);\nCREATE TABLE sales.t1 (id bigint PRIMARY KEY);\nCREATE TABLE stock.t1 (id bigint PRIMARY KEY);\nCREATE TABLE sales.t2 (id bigint PRIMARY KEY);\nCREATE TABLE stock.t2 (id bigint PRIMARY KEY);\nCREATE TABLE sales.t3 (id bigint PRIMARY KEY);\nCREATE TABLE stock.t3 (id bigint PRIMARY KEY);\nCREATE TABLE sales.t4 (id bigint PRIMARY KEY);\nCREATE TABLE stock.t4 (id bigint PRIMARY KEY);\nCREATE TABLE public.«sizes» (id bigint PRIMARY KEY, t0 bigint REFERENCES sales.t0, t1 bigint REFERENCES stock.t1);\nCREATE TABLE public.«logs» (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        // Most live in public, or several schemas use it.
        "CREATE SCHEMA sales;\nCREATE TYPE state AS ENUM ('open', 'done');\nCREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\nCREATE TABLE sales.orders (id bigint PRIMARY KEY, a bigint REFERENCES a, state state);",
        "CREATE SCHEMA sales;\nCREATE SCHEMA stock;\nCREATE TYPE state AS ENUM ('open', 'done');\nCREATE TABLE sales.orders (id bigint PRIMARY KEY, state state);\nCREATE TABLE stock.items (id bigint PRIMARY KEY, state state);\nCREATE TABLE stock.places (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(public) = cx.schema.find_namespace("public") else { return };
    let (mut inside, mut outside) = (0_usize, 0_usize);
    // For each table of `public` the schemas that its foreign keys, in or out, reach; for each type those of its users.
    let mut reached: BTreeMap<TableId, BTreeSet<NamespaceId>> = BTreeMap::new();
    let mut used: BTreeMap<TypeId, BTreeSet<NamespaceId>> = BTreeMap::new();
    for (_, table) in cx.tables() {
        if table.namespace == public { inside += 1 } else { outside += 1 }
    }
    if outside < 3 || outside < inside * 2 {
        return;
    }
    for (_, table, _, column) in cx.columns_of(|t| matches!(t.base, BaseType::User(_))) {
        if let BaseType::User(of) = column.data_type.base {
            used.entry(of).or_default().insert(table.namespace);
        }
    }
    for key in cx.foreign_keys().filter(|k| k.table != k.fk.references) {
        let Some(target) = cx.schema.tables.get(key.fk.references) else { continue };
        reached.entry(key.table).or_default().insert(target.namespace);
        reached.entry(key.fk.references).or_default().insert(key.of.namespace);
    }
    // Where nearly all tables have schemas, what is left in `public` was forgotten there, even if it has no one place to go.
    let by_domain = outside >= inside * 5 && outside >= 10;
    for (id, table) in cx.tables().filter(|(_, t)| t.namespace == public) {
        out.look();
        match only_other(reached.get(&id), public).filter(|n| cx.owns_namespace(*n)) {
            Some(home) => {
                report(cx, out, ObjectId::Table(id), table.name_span, home, "its foreign keys all lead there");
            }
            None if by_domain => {
                let message = format!("`{}` was left in `public`.", cx.table_name(id));
                out.report(ObjectId::Table(id), table.name_span, message)
                    .certainty(Certainty::Advisory)
                    .evidence(format!("{outside} of {} tables have a schema of their own.", outside + inside));
            }
            None => {}
        }
    }
    let own = |of: &UserType| of.dropped.is_none() && matches!(of.kind, TypeKind::Enum(_));
    let types_outside = cx.schema.types.iter().any(|(_, t)| own(t) && t.namespace != public);
    for (type_id, of) in cx.schema.types.iter().filter(|(_, t)| t.dropped.is_none() && t.namespace == public) {
        out.look();
        match only_other(used.get(&type_id), public).filter(|n| cx.owns_namespace(*n)) {
            Some(home) => report(cx, out, ObjectId::Type(type_id), of.name_span, home, "only tables there use it"),
            None if by_domain && types_outside && own(of) => {
                let message = format!("The type `{}` was left in `public`.", cx.name(ObjectId::Type(type_id)));
                out.report(ObjectId::Type(type_id), of.name_span, message)
                    .certainty(Certainty::Advisory)
                    .evidence("Other types, and nearly all tables, have a schema of their own.".to_owned());
            }
            None => {}
        }
    }
}

/// The one schema of a set, if it is another than `public`.
fn only_other(of: Option<&BTreeSet<NamespaceId>>, public: NamespaceId) -> Option<NamespaceId> {
    let mut all = of?.iter().copied();
    all.next().filter(|n| *n != public && all.next().is_none())
}

fn report(cx: &Context<'_>, out: &mut Findings<'_>, object: ObjectId, place: Span, home: NamespaceId, why: &str) {
    let home = cx.schema.namespaces.get(home).map_or("", |n| n.name.as_str());
    let message = format!("`{}` stands in `public` and belongs to `{home}`: {why}.", cx.name(object));
    let what = if matches!(object, ObjectId::Type(_)) { "TYPE" } else { "TABLE" };
    out.report(object, place, message).fix(Fix {
        sql: format!("ALTER {what} {} SET SCHEMA {};", cx.schema.path(object), quote(home)),
        caution: Some(
            "Code that names it with its old schema, or relies on the search path, must change with it.".to_owned(),
        ),
    });
}
