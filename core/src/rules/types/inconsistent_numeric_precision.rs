use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity};
use crate::rules::support::{base_type, builtin, ends_interval, list, pinned, stem, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{Column, ColumnNumber, ObjectId, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "inconsistent-numeric-precision",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "Columns of one kind of number have different precision or scale.",
    why: "A confidence of numeric(4,3) holds up to 9.999 and one of numeric(5,4) up to 9.9999: copied from one table to the other, values are rounded, \
          and comparisons that should hold do not. Pick one type for prices, one for rates, one for scores, as a domain perhaps. PostgreSQL manual, 8.1.2 \
          \"Arbitrary Precision Numbers\" and 8.18 \"Domain Types\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, match_confidence «numeric(4,3)»);\nCREATE TABLE b (id bigint PRIMARY KEY, confidence numeric(5,4));\nCREATE TABLE c (id bigint PRIMARY KEY, confidence numeric(5,4));",
        // A history that has less room than what it is of.
        "CREATE TABLE tariffs (id bigint PRIMARY KEY, price numeric(10,5) NOT NULL);\nCREATE TABLE tariff_prices (id bigint PRIMARY KEY, tariff_id bigint REFERENCES tariffs, price «numeric(8,5)» NOT NULL);",
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, confidence numeric(4,3), price numeric(12,2));\nCREATE TABLE b (id bigint PRIMARY KEY, confidence numeric(4,3), price numeric(12,2));\nCREATE TABLE c (id bigint PRIMARY KEY, confidence numeric(4,3));",
        // A total of several has more room than one of them.
        "CREATE TABLE items (id bigint PRIMARY KEY, price numeric(10,2));\nCREATE TABLE bids (id bigint PRIMARY KEY, item_id bigint REFERENCES items, price numeric(12,2));",
    ],
    supersedes: &[],
    check,
};

/// The words that name one kind of number, each the last word of a column's name or close to it.
const CONCEPTS: &[&str] =
    &["amount", "confidence", "price", "quantity", "qty", "rate", "score", "percentage", "weight", "tax"];
/// A concept needs this many columns before one departs from the habit.
const LEAST_COLUMNS: usize = 3;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    pinned(cx, "score-type", out);
    let copied = narrower_copies(cx, out);
    type Place<'a> = (TableId, ColumnNumber, &'a Column);
    let mut concepts: BTreeMap<&str, BTreeMap<String, Vec<Place<'_>>>> = BTreeMap::new();
    let concept = |name: &str| {
        let words = words(name);
        CONCEPTS.iter().find(|c| words.iter().any(|w| w == *c)).filter(|_| !ends_interval(name))
    };
    let is_numeric = |t| builtin(cx.schema, t) == Some("numeric");
    for (id, _, number, column) in cx.columns_where(|name| concept(name).is_some(), is_numeric) {
        out.look();
        let Some(concept) = concept(&column.name) else { continue };
        let kind = base_type(cx.schema, &column.data_type).display(cx.schema);
        concepts.entry(concept).or_default().entry(kind).or_default().push((id, number, column));
    }
    for (concept, kinds) in concepts {
        let all: usize = kinds.values().map(Vec::len).sum();
        let Some((usual, _)) =
            kinds.iter().max_by_key(|(kind, places)| (places.len(), std::cmp::Reverse(kind.as_str())))
        else {
            continue;
        };
        if kinds.len() < 2 || all < LEAST_COLUMNS {
            continue;
        }
        let counts: Vec<String> = kinds.iter().map(|(kind, places)| format!("{} × `{kind}`", places.len())).collect();
        let odd: Vec<&Place<'_>> =
            kinds.iter().filter(|(kind, _)| *kind != usual).flat_map(|(_, places)| places).collect();
        let odd: Vec<_> = odd.into_iter().filter(|(id, number, _)| !copied.contains(&(*id, *number))).collect();
        let Some((id, number, column)) = odd.first() else { continue };
        let names: Vec<String> = odd.iter().map(|(t, c, _)| format!("`{}`", cx.column_name(*t, *c))).collect();
        let article = if concept.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!(
            "{} {} from the `{usual}` that most columns for {article} {concept} have.",
            list(&names),
            if names.len() == 1 { "differs" } else { "differ" }
        );
        let mut draft = out
            .report(ObjectId::Column(*id, *number), column.type_span, message)
            .evidence(format!("{}.", counts.join(", ")));
        for (id, number, column) in odd.iter().skip(1) {
            draft = draft.object(ObjectId::Column(*id, *number)).also_at(column.type_span);
        }
        let _ = draft;
    }
}

/// Columns of a name that a table which the row refers to has as well, with room for less: a number that fits there is refused or cut off here.
fn narrower_copies(cx: &Context<'_>, out: &mut Findings<'_>) -> BTreeSet<(TableId, ColumnNumber)> {
    let mut found = BTreeSet::new();
    for key in cx.foreign_keys().filter(|k| k.table != k.fk.references) {
        let Some(target) = cx.schema.tables.get(key.fk.references) else { continue };
        for (number, column) in key.of.live_columns() {
            let Some(other) = target.find_column(&column.name) else { continue };
            let Some(source) = target.column(other) else { continue };
            let (Some((digits, scale)), Some((of_digits, of_scale))) = (room(cx, column), room(cx, source)) else {
                continue;
            };
            if !is_taken_over(&key.of.name, &target.name, &column.name)
                || (digits >= of_digits && scale >= of_scale)
                || !found.insert((key.table, number))
            {
                continue;
            }
            let message = format!(
                "`{}` has less room than `{}`, whose values it takes over.",
                cx.column_name(key.table, number),
                cx.column_name(key.fk.references, other)
            );
            let (own, theirs) = (base_type(cx.schema, &column.data_type), base_type(cx.schema, &source.data_type));
            out.report(ObjectId::Column(key.table, number), column.type_span, message)
                .object(ObjectId::Column(key.fk.references, other))
                .evidence(format!("`{}` and `{}`.", own.display(cx.schema), theirs.display(cx.schema)));
        }
    }
    found
}

/// Whether a column of this name holds there what it holds here: the price or rate of one thing, where an amount or a tax may be a sum of several.
fn is_taken_over(table: &str, target: &str, column: &str) -> bool {
    const RECORDS: &[&str] = &["archive", "history", "log", "price", "rate", "revision", "snapshot", "version"];
    let of = words(column);
    let of_target = stem(target);
    let own = stem(table);
    let is_record = own.starts_with(&of_target) && own.last().is_some_and(|w| RECORDS.contains(&w.as_str()));
    of.iter().any(|w| w == "price" || w == "rate") && (of.len() > 1 || is_record) && !of.iter().any(|w| w == "total")
}

/// How many digits a `numeric` takes before and behind its point.
fn room(cx: &Context<'_>, column: &Column) -> Option<(i32, i32)> {
    if builtin(cx.schema, &column.data_type) != Some("numeric") {
        return None;
    }
    let modifiers = &base_type(cx.schema, &column.data_type).modifiers;
    let precision: i32 = modifiers.first()?.parse().ok()?;
    let scale: i32 = modifiers.get(1).map_or(Some(0), |s| s.parse().ok())?;
    Some((precision.checked_sub(scale)?, scale))
}
