use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, check_fix};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ConstraintKind, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "date-pair-unchecked",
    category: Category::Constraints,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A start and an end have no CHECK that the end does not come first.",
    why: "A period that ends before it starts matches no query for what is valid today and makes durations negative. A CHECK costs next to nothing; \
          where periods must not overlap either, an exclusion constraint over a range says both. PostgreSQL manual, 5.4.1 \"Check Constraints\" \
          and 8.17.10 \"Constraints on Ranges\".",
    fires: examples![
        "CREATE TABLE prices (id bigint PRIMARY KEY, «valid_from date NOT NULL», valid_to date);",
        "CREATE TABLE shifts (id bigint PRIMARY KEY, «start_time timestamptz», end_time timestamptz);",
    ],
    silent: examples![
        "CREATE TABLE prices (id bigint PRIMARY KEY, valid_from date, valid_to date, CHECK (valid_to IS NULL OR valid_to >= valid_from));",
        "CREATE TABLE prices (id bigint PRIMARY KEY, valid_from date, valid_to text, started_at timestamptz, created_at timestamptz);",
        // Hours of a day may pass midnight.
        "CREATE TABLE hours (id bigint PRIMARY KEY, start_time time, end_time time);",
    ],
    supersedes: &[],
    check,
};

/// Names of starts and of the ends that belong to them.
const PAIRS: &[(&str, &str)] = &[
    ("valid_from", "valid_to"),
    ("valid_from", "valid_until"),
    ("valid_from", "valid_till"),
    ("effective_from", "effective_to"),
    ("effective_from", "effective_until"),
    ("starts_at", "ends_at"),
    ("start_at", "end_at"),
    ("start_date", "end_date"),
    ("start_time", "end_time"),
    ("started_at", "ended_at"),
    ("started_at", "finished_at"),
    ("started_at", "completed_at"),
    ("period_start", "period_end"),
    ("date_from", "date_to"),
    ("from_date", "to_date"),
    ("current_period_start", "current_period_end"),
    ("order_date", "requested_delivery_date"),
    ("order_date", "delivery_date"),
    ("ordered_at", "delivered_at"),
];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, table) in cx.tables() {
        for (from, to) in PAIRS {
            let (Some(start), Some(end)) = (table.find_column(from), table.find_column(to)) else { continue };
            let (Some(start_column), Some(end_column)) = (table.column(start), table.column(end)) else { continue };
            let kind = builtin(cx.schema, &start_column.data_type);
            let comparable = kind == builtin(cx.schema, &end_column.data_type)
                && kind.is_some_and(|k| k == "date" || k.starts_with("timestamp"));
            if !comparable {
                continue;
            }
            out.look();
            if bound_together(cx, table, start, end) {
                continue;
            }
            let message = format!("`{}` may lie after `{to}`.", cx.column_name(id, start));
            let condition = format!("{} <= {}", quote(from), quote(to));
            out.report(ObjectId::Column(id, start), start_column.span, message)
                .object(ObjectId::Column(id, end))
                .also_at(end_column.span)
                .fix(check_fix(cx, id, table, &format!("{from}_{to}"), &condition));
        }
    }
}

/// Whether one constraint speaks of both columns.
fn bound_together(cx: &Context<'_>, table: &Table, a: ColumnNumber, b: ColumnNumber) -> bool {
    cx.schema.constraints_of(table).any(|(_, c)| match &c.kind {
        ConstraintKind::Check(_) => c.columns.contains(&a) && c.columns.contains(&b),
        ConstraintKind::Exclude { .. } => true,
        _ => false,
    })
}
