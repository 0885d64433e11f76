use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::list;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, NamespaceId, ObjectId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "numbered-columns",
    category: Category::Types,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A table has columns, or the schema has tables, that differ only in a number.",
    why: "`phone1`, `phone2`, `phone3` are a list with a fixed end: the fourth needs a migration, and finding a number means asking every \
          column. The same goes for a table for each year, which every query over time must put together again: partitions of one table do \
          that by themselves. Two lines of an address, coordinates, and names that have their number from elsewhere (`sha256`, `ipv4`) are \
          left alone. PostgreSQL manual, 5.11 \"Table Partitioning\".",
    fires: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, «phone1 text», phone2 text, phone3 text);",
        "CREATE TABLE «sales_2022» (id bigint PRIMARY KEY, amount numeric);\nCREATE TABLE sales_2023 (id bigint PRIMARY KEY, amount numeric);",
    ],
    silent: examples![
        "CREATE TABLE people (id bigint PRIMARY KEY, address_line1 text, address_line2 text, sha256 text, sha512 text, x1 int, x2 int, x3 int, p50 int, p95 int, p99 int);",
        // Partitions.
        "CREATE TABLE sales (id bigint, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);\nCREATE TABLE sales_2022 PARTITION OF sales FOR VALUES FROM ('2022-01-01') TO ('2023-01-01');\nCREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');\nCREATE TABLE sales_rest PARTITION OF sales DEFAULT;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.tables().count());
    let with_numbers = cx.all_columns_where(|name| numbered(name).is_some(), |_| true);
    for of_table in with_numbers.chunk_by(|a, b| a.0 == b.0) {
        let Some((id, table, ..)) = of_table.first().copied() else { continue };
        let mut series: BTreeMap<&str, Vec<(u32, ColumnNumber)>> = BTreeMap::new();
        for (_, _, number, column) in of_table {
            if let Some((stem, n)) = numbered(&column.name) {
                series.entry(stem).or_default().push((n, *number));
            }
        }
        for (stem, mut found) in series {
            found.order();
            // Names of one or two letters are coordinates and the like.
            let starts = found.first().is_some_and(|(n, _)| *n <= 1);
            let end = found.last().map_or(0, |(n, _)| *n);
            let gaps = end.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            if stem.trim_end_matches('_').len() <= 2 || found.len() < 3 || !starts || gaps > 2 {
                continue;
            }
            let columns: Vec<ColumnNumber> = found.iter().map(|(_, c)| *c).collect();
            let Some(first) = columns.first().and_then(|c| table.column(*c)) else { continue };
            let message = format!("`{}` keeps a list in {}.", cx.table_name(id), cx.columns_text(id, &columns));
            let types: std::collections::BTreeSet<String> =
                columns.iter().filter_map(|c| table.column(*c)).map(|c| c.data_type.display(cx.schema)).collect();
            let mut draft = out
                .report(ObjectId::Column(id, columns.first().copied().unwrap_or(ColumnNumber(0))), first.span, message)
                .objects(columns.iter().skip(1).map(|c| ObjectId::Column(id, *c)));
            if types.len() > 1 {
                let types: Vec<String> = types.into_iter().map(|t| format!("`{t}`")).collect();
                draft = draft.evidence(format!("They are of different types: {}.", list(&types)));
            }
            let _ = draft;
        }
    }
    yearly(cx, out);
}

/// A table with the year in its name.
type Yearly<'a> = (u32, TableId, &'a Table);

/// Tables whose names differ only in the year, and that have the same columns.
fn yearly(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut series: BTreeMap<(NamespaceId, &str), Vec<Yearly<'_>>> = BTreeMap::new();
    for (id, table) in cx.tables().filter(|(_, t)| t.inherits.is_empty()) {
        if let Some((stem, year @ 1990..=2099)) = numbered(&table.name) {
            series.entry((table.namespace, stem)).or_default().push((year, id, table));
        }
    }
    for ((_, _), mut tables) in series {
        tables.order_by_key(|(year, id, _)| (*year, *id));
        let names = |t: &Table| t.live_columns().map(|(_, c)| c.name.clone()).collect::<Vec<_>>();
        let Some(((_, id, first), rest)) = tables.split_first().filter(|(_, rest)| !rest.is_empty()) else { continue };
        if rest.iter().any(|(_, _, t)| names(t) != names(first)) {
            continue;
        }
        let all: Vec<String> = tables.iter().map(|(_, t, _)| format!("`{}`", cx.table_name(*t))).collect();
        let mut draft = out.report(
            ObjectId::Table(*id),
            first.name_span,
            format!("{} are one table, divided by year.", list(&all)),
        );
        for (_, id, table) in rest {
            draft = draft.object(ObjectId::Table(*id)).also_at(table.name_span);
        }
        let _ = draft;
    }
}

/// A name without the number at its end, and the number.
fn numbered(name: &str) -> Option<(&str, u32)> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = name.get(stem.len()..).filter(|d| !d.is_empty() && d.len() <= 4)?;
    Some((stem, digits.parse().ok()?))
}
