use crate::finding::{Certainty, Severity};
use crate::order::Order;
use crate::rules::support::builtin;
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{DataType, ObjectId, Schema, TableKind};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "column-alignment",
    category: Category::Types,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "The order of a table's first columns leaves many unused bytes in each row.",
    why: "Every value of a fixed size starts at a multiple of its own alignment: a `boolean` in front of a `bigint` is followed by seven bytes \
          of nothing. With the eight-byte columns first, then those of four, two and one, there is no gap. It matters in tables of many \
          millions of narrow rows, and only when the table is made, as the order cannot be changed later. Only columns before the first of \
          variable size are counted. PostgreSQL manual, 73.6 \"Database Page Layout\" and 53.64 \"pg_type\", typalign.",
    fires: examples![
        "CREATE TABLE «ticks» (open boolean, at timestamptz, up boolean, price double precision, closed boolean, volume bigint);",
    ],
    silent: examples![
        "CREATE TABLE ticks (at timestamptz, price double precision, volume bigint, open boolean, up boolean, closed boolean);",
        "CREATE TABLE users (id bigint PRIMARY KEY, name text, active boolean, created_at timestamptz);",
    ],
    supersedes: &[],
    check,
};

/// Unused bytes from which on a table is told.
const LIMIT: u32 = 16;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables().filter(|(_, t)| t.kind == TableKind::Ordinary) {
        out.look();
        let fixed: Vec<(u32, u32)> = table.live_columns().map_while(|(_, c)| size(cx.schema, &c.data_type)).collect();
        let waste = |columns: &[(u32, u32)]| {
            let mut at = 0_u32;
            let mut unused = 0;
            for (size, alignment) in columns {
                let gap = at.next_multiple_of(*alignment) - at;
                unused += gap;
                at += gap + size;
            }
            unused
        };
        let mut best = fixed.clone();
        best.order_by_key(|(_, alignment)| std::cmp::Reverse(*alignment));
        let lost = waste(&fixed).saturating_sub(waste(&best));
        if lost < LIMIT {
            continue;
        }
        let message = format!("Each row of `{}` has {lost} unused bytes between its columns.", cx.table_name(id));
        out.report(ObjectId::Table(id), table.name_span, message);
    }
}

/// Size and alignment of a type of fixed size in bytes. Source: `typlen` and `typalign` of pg_type.
fn size(schema: &Schema, data_type: &DataType) -> Option<(u32, u32)> {
    Some(match builtin(schema, data_type)? {
        "boolean" => (1, 1),
        "smallint" => (2, 2),
        "integer" | "real" | "date" | "oid" => (4, 4),
        "bigint"
        | "double precision"
        | "timestamp without time zone"
        | "timestamp with time zone"
        | "money"
        | "time without time zone" => (8, 8),
        "time with time zone" => (12, 8),
        "interval" => (16, 8),
        "uuid" => (16, 1),
        _ => return None,
    })
}
