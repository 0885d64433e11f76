use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{References, base_type, builtin, each_word, extension_type, is_polymorphic, number, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{BaseType, Column, ColumnNumber, DataType, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "same-name-different-type",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column name stands for one type in most tables and for a type of another kind in a few.",
    why: "People and programs take columns of one name for the same thing. Where one is a number and the other a text, joins need casts that no index \
          serves, and code that was written for one table breaks on the other. Only names of two words or more are compared, and only kinds of types: \
          lengths, and integers of different sizes, are other rules' business. Vectors are compared whatever their name: those of one number of \
          dimensions have no distance to those of another. PostgreSQL manual, 10 \"Type Conversion\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE c (id bigint PRIMARY KEY, order_number «text»);",
        "CREATE TABLE a (id bigint PRIMARY KEY, resource_id text);\nCREATE TABLE b (id bigint PRIMARY KEY, resource_id «uuid»);",
        // The one that a foreign key holds is right.
        "CREATE TABLE people (id uuid PRIMARY KEY);\nCREATE TABLE a (id bigint PRIMARY KEY, person_id «text»);\nCREATE TABLE b (id bigint PRIMARY KEY, person_id uuid REFERENCES people);",
        "CREATE EXTENSION vector;\nCREATE TABLE a (id bigint PRIMARY KEY, embedding vector(1536));\nCREATE TABLE b (id bigint PRIMARY KEY, embedding vector(1536));\nCREATE TABLE c (id bigint PRIMARY KEY, embedding «vector(768)»);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint, value text);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number integer, value numeric);\nCREATE TABLE c (id bigint PRIMARY KEY, order_number bigint, value boolean);",
        // Rows of whatever table the column beside says.
        "CREATE TABLE a (id bigint PRIMARY KEY, subject_type text, subject_id text);\nCREATE TABLE b (id bigint PRIMARY KEY, subject_type text, subject_id bigint);",
        // Ids of somebody else's.
        "CREATE TABLE a (id bigint PRIMARY KEY, external_ref_id bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, external_ref_id text);",
        "CREATE EXTENSION vector;\nCREATE TABLE a (id bigint PRIMARY KEY, embedding vector(1536));\nCREATE TABLE b (id bigint PRIMARY KEY, embedding vector);\nCREATE TABLE c (id bigint PRIMARY KEY, face vector(128));",
        // What a query gives is not always known.
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE c AS SELECT id, coalesce(order_number, 0) AS order_number FROM a;",
        // No habit to depart from.
        "CREATE TABLE a (id bigint PRIMARY KEY, order_number bigint);\nCREATE TABLE b (id bigint PRIMARY KEY, order_number text);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    vectors(cx, out);
    let mut names: BTreeMap<&str, Vec<(TableId, ColumnNumber, &Column, &str)>> = BTreeMap::new();
    // Of some columns the type is not known: CREATE TABLE AS takes them from a query.
    let known = |t: &DataType| !matches!(t.base, BaseType::Unknown { .. });
    for (id, _, number, column) in cx.columns_where(|name| each_word(name).count() >= 2, known) {
        out.look();
        names.entry(&column.name).or_default().push((id, number, column, kind(cx, column)));
    }
    for (name, places) in names {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for (.., kind) in &places {
            *counts.entry(*kind).or_default() += 1;
        }
        // Of as many on both sides those are right that a foreign key holds.
        let tied = |kind: &str| {
            places.iter().any(|(id, number, _, k)| {
                *k == kind
                    && cx.schema.tables.get(*id).is_some_and(|table| {
                        cx.schema.foreign_keys_of(table).any(|(_, c, _)| c.columns.contains(number))
                    })
            })
        };
        let Some((usual, most)) = counts.iter().max_by_key(|(kind, n)| (**n, tied(kind), std::cmp::Reverse(**kind)))
        else {
            continue;
        };
        // What refers to something is one thing by its name, even where there are but two; but not what may refer to anything.
        let to_anything =
            |id: TableId, column: &Column| cx.schema.tables.get(id).is_some_and(|table| is_polymorphic(table, column));
        let refers = name.ends_with("_id")
            && !References::points_outside(&words(name))
            && !places.iter().any(|(id, _, column, _)| to_anything(*id, column));
        if counts.len() < 2 || !(refers || (*most >= 2 && most * 2 > places.len())) {
            continue;
        }
        let odd: Vec<_> = places.iter().filter(|(.., kind)| kind != usual).collect();
        let Some((id, column_number, column, kind)) = odd.first() else { continue };
        let message =
            format!("`{}` is a {kind}; elsewhere `{name}` is a {usual}.", cx.column_name(*id, *column_number));
        let mut draft = out.report(ObjectId::Column(*id, *column_number), column.type_span, message).evidence(format!(
            "{most} of {} named `{name}` {} of that kind.",
            number(places.len(), "column", "columns"),
            if *most == 1 { "is" } else { "are" }
        ));
        for (id, number, column, _) in odd.iter().skip(1) {
            draft = draft.object(ObjectId::Column(*id, *number)).also_at(column.type_span);
        }
        let _ = draft;
    }
}

/// Vectors of one name with different numbers of dimensions. The first that differs from most, or from the first, is what is reported.
fn vectors(cx: &Context<'_>, out: &mut Findings<'_>) {
    type Place<'a> = (TableId, ColumnNumber, &'a Column, &'a SmolStr);
    let is_vector = |t: &DataType| matches!(extension_type(cx.schema, t), Some("vector" | "halfvec" | "sparsevec"));
    let mut names: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for (id, _, number, column) in cx.columns_of(is_vector) {
        if let Some(size) = column.data_type.modifiers.first() {
            out.look();
            names.entry(&column.name).or_default().push((id, number, column, size));
        }
    }
    for (name, places) in names {
        let count = |size: &SmolStr| places.iter().filter(|(.., s)| s == &size).count();
        let Some((.., usual)) = places.iter().rev().max_by_key(|(.., size)| count(size)) else { continue };
        let odd: Vec<&Place<'_>> = places.iter().filter(|(.., size)| size != usual).collect();
        let Some((id, number, column, size)) = odd.first() else { continue };
        let message = format!(
            "`{}` has {size} dimensions; elsewhere `{name}` has {usual}, and the two cannot be compared.",
            cx.column_name(*id, *number)
        );
        let mut draft = out.report(ObjectId::Column(*id, *number), column.type_span, message).evidence(format!(
            "{} of {} vectors named `{name}` have {usual}.",
            count(usual),
            places.len()
        ));
        for (id, number, column, _) in odd.iter().skip(1) {
            draft = draft.object(ObjectId::Column(*id, *number)).also_at(column.type_span);
        }
        let _ = draft;
    }
}

/// The kind of a type, with what differs only in size taken together.
fn kind<'a>(cx: &Context<'a>, column: &'a Column) -> &'a str {
    let base = base_type(cx.schema, &column.data_type);
    if base.array {
        return "list";
    }
    match builtin(cx.schema, &column.data_type) {
        Some("smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision") => "number",
        Some("text" | "character varying" | "character") => "text",
        Some("json" | "jsonb") => "document",
        Some("date") => "time",
        Some(name) if name.starts_with("time") => "time",
        // Enums and other types of the schema stand beside texts in many a schema: another rule's business.
        None => "text",
        Some(name) => name,
    }
}
