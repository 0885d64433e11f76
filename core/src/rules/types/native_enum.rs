use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{base_type, enum_strategies, number};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, DataType, ObjectId, TypeId, TypeKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "native-enum",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A closed set is an enum type, where the schema's others are CHECK lists.",
    why: "A value can be added to an enum type, renamed, and since then never taken out: that needs a new type and a rewrite of every column. \
          A CHECK list is replaced in a migration that need not even stop writes. Neither is wrong; where a schema has settled on the one, the \
          other surprises. PostgreSQL manual, 8.7.4 \"Implementation Details\" of enums and ALTER TYPE.",
    fires: examples![
        "CREATE TYPE «mood» AS ENUM ('good', 'bad');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood, s text CHECK (s IN ('x', 'y')));\nCREATE TABLE b (id bigint PRIMARY KEY, s text CHECK (s IN ('x', 'y')));\nCREATE TABLE c (id bigint PRIMARY KEY, s text CHECK (s IN ('x', 'y')));",
    ],
    silent: examples![
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TYPE side AS ENUM ('left', 'right');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood, side side, s text CHECK (s IN ('x', 'y')));",
        // No habit of either kind.
        "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE a (id bigint PRIMARY KEY, mood mood);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let lists = enum_strategies(cx).iter().filter(|(_, strategy)| *strategy == "check").count();
    let mut users: BTreeMap<TypeId, Vec<ObjectId>> = BTreeMap::new();
    let enum_of = |t: &DataType| match base_type(cx.schema, t).base {
        BaseType::User(of) => {
            cx.schema.types.get(of).is_some_and(|t| matches!(t.kind, TypeKind::Enum(_))).then_some(of)
        }
        _ => None,
    };
    for (id, _, number, column) in cx.columns_of(|t| enum_of(t).is_some()) {
        if let Some(of) = enum_of(&column.data_type) {
            users.entry(of).or_default().push(ObjectId::Column(id, number));
        }
    }
    let enums: usize = users.values().map(Vec::len).sum();
    for (type_id, columns) in users {
        out.look();
        let Some(of) = cx.schema.types.get(type_id).filter(|_| lists >= 3 && lists >= enums * 2) else { continue };
        out.report(
            ObjectId::Type(type_id),
            of.name_span,
            format!("`{}` is an enum type; most closed sets here are CHECK lists.", cx.name(ObjectId::Type(type_id))),
        )
        .objects(columns)
        .evidence(format!(
            "{} with a CHECK list, {} of an enum type.",
            number(lists, "column", "columns"),
            enums
        ));
    }
}
