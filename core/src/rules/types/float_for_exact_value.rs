use crate::finding::{Certainty, Fix, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, held_by, is_money, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "float-for-exact-value",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "An amount of money is kept in a floating-point column.",
    why: "`real` and `double precision` hold binary fractions: 0.10 is not among them. Sums depend on the order of rows, equality fails, and cents go \
          missing. Amounts belong into `numeric`, or into integers of the smallest unit. PostgreSQL manual, 8.1.3 \"Floating-Point Types\": \
          where exact results matter, as for monetary amounts, use numeric instead.",
    fires: examples![
        "CREATE TABLE invoices (id bigint PRIMARY KEY, total_amount «double precision» NOT NULL, unit_price «real»);",
        // What an hour costs.
        "CREATE TABLE rooms (id bigint PRIMARY KEY, hourly_rate «double precision» NOT NULL);",
    ],
    silent: examples![
        "CREATE TABLE invoices (id bigint PRIMARY KEY, total_amount numeric(12,2) NOT NULL, price_cents bigint);",
        // Measured, not counted.
        "CREATE TABLE readings (id bigint PRIMARY KEY, temperature double precision, score real, total_distance double precision, price_change_ratio real, frame_rate real, hourly_error_rate real);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let kind = |t| builtin(cx.schema, t).filter(|n| matches!(*n, "real" | "double precision"));
    let is_inexact = |t| kind(t).is_some();
    out.look_at(cx.count_columns_of(is_inexact));
    for (id, table, number, column) in cx.columns_where(|name| is_money(name) || is_pay_rate(name), is_inexact) {
        let Some(kind) = kind(&column.data_type) else { continue };
        let message = format!(
            "`{}` is an amount by its name and `{kind}` by its type: cents will go missing.",
            cx.column_name(id, number)
        );
        let plain =
            column.data_type.builtin_name().is_some() && column.generated.is_none() && table.partition_key.is_none();
        let fix = plain.then(|| Fix {
            sql: format!("ALTER TABLE {} ALTER COLUMN {} TYPE numeric;", cx.table_sql(id), quote(&column.name)),
            caution: Some(
                "Rewrites the table under an exclusive lock. Values keep the 15 digits that floating point holds; round them where that shows. \
                 Give a precision and scale where the domain has them."
                    .to_owned(),
            ),
        });
        out.report(ObjectId::Column(id, number), column.type_span, message).fix_unless(held_by(cx, id, number), fix);
    }
}

/// Whether a column is what a unit of time costs: `hourly_rate`, `rate_per_day`.
fn is_pay_rate(name: &str) -> bool {
    const PERIODS: &[&str] =
        &["hourly", "daily", "nightly", "weekly", "monthly", "hour", "day", "night", "week", "month"];
    let words = words(name);
    match words.as_slice() {
        [.., period, rate] if rate == "rate" => PERIODS.contains(&period.as_str()),
        [.., rate, per, period] if rate == "rate" && per == "per" => PERIODS.contains(&period.as_str()),
        _ => false,
    }
}
