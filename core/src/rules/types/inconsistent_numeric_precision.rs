use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::rules::support::{base_type, builtin, list, pinned, words};
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
    ],
    silent: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY, confidence numeric(4,3), price numeric(12,2));\nCREATE TABLE b (id bigint PRIMARY KEY, confidence numeric(4,3), price numeric(12,2));\nCREATE TABLE c (id bigint PRIMARY KEY, confidence numeric(4,3));",
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
    type Place<'a> = (TableId, ColumnNumber, &'a Column);
    let mut concepts: BTreeMap<&str, BTreeMap<String, Vec<Place<'_>>>> = BTreeMap::new();
    for (id, table) in cx.tables() {
        for (number, column) in table.live_columns().filter(|(_, c)| c.inherit_count == 0) {
            if builtin(cx.schema, &column.data_type) != Some("numeric") {
                continue;
            }
            let words = words(&column.name);
            let Some(concept) = CONCEPTS.iter().find(|c| words.iter().any(|w| w == *c)) else { continue };
            out.look();
            let kind = base_type(cx.schema, &column.data_type).display(cx.schema);
            concepts.entry(concept).or_default().entry(kind).or_default().push((id, number, column));
        }
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
