use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, held_by, is_computed_in_index};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "timestamp-without-time-zone",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A column holds a date and time without saying in which time zone.",
    why: "`timestamp` keeps what a clock on some wall showed and forgets which wall. Values written by sessions with different `TimeZone` settings \
          cannot be compared, `now()` is cut to the session's local time on the way in, and an hour is ambiguous each autumn. `timestamp with \
          time zone` takes the same eight bytes and keeps the instant. It is right for times that are local by nature, such as opening hours. \
          PostgreSQL manual, 8.5.1.3 \"Time Stamps\" and 8.5.3 \"Time Zones\".",
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at «timestamp» NOT NULL);",
        // What the index computes would no longer be immutable, so that the type cannot change under it.
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at «timestamp» NOT NULL);\nCREATE INDEX ON posts (date_trunc('day', written_at));",
    ],
    silent: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at timestamptz NOT NULL, day date, t time);",
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at timestamp(3) with time zone);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    out.look_at(cx.count_columns_of(|t| builtin(cx.schema, t).is_some_and(|n| n.starts_with("timestamp"))));
    let is_naive = |t| builtin(cx.schema, t) == Some("timestamp without time zone");
    for (id, table, number, column) in cx.columns_of(is_naive) {
        let message = format!(
            "`{}` is a `timestamp` without time zone: what instant it means depends on who reads it.",
            cx.column_name(id, number)
        );
        let is_plain = column.data_type.builtin_name().is_some();
        let in_key = table.partition_key.is_some() || column.generated.is_some();
        // `timestamp` compares with itself and with literals alike everywhere, `timestamptz` as the session's zone says.
        let indexed = is_computed_in_index(cx.schema, table, number);
        let fix = (is_plain && !in_key && !indexed).then(|| Fix {
            // In a session at UTC, and without a precision, the stored value stays as it is (manual, release notes of version 12).
            sql: format!(
                "SET timezone = 'UTC';\nALTER TABLE {} ALTER COLUMN {} TYPE timestamp with time zone;\nRESET timezone;",
                cx.table_sql(id),
                quote(&column.name)
            ),
            caution: Some(format!(
                "Put the zone in which the values were written in place of UTC. At UTC no row is written anew, at any other zone all are, under an \
                 exclusive lock; indexes on the column are built anew either way.{}",
                match column.data_type.modifiers.first() {
                    Some(digits) => format!(
                        " Rounding to {digits} digits of a second would write every row, too: the values have no more digits, new ones may."
                    ),
                    None => String::new(),
                }
            )),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}
