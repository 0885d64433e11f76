use crate::finding::{Certainty, Severity};
use crate::name::quote;
use crate::rules::support::{builtin, check_fix, each_word, is_time};
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
        "CREATE TABLE stays (id bigint PRIMARY KEY, «check_in date NOT NULL», check_out date NOT NULL);\nCREATE TABLE exams (id bigint PRIMARY KEY, «opens_at timestamptz», closes_at timestamptz);",
        "CREATE TABLE trips (id bigint PRIMARY KEY, «pickup_window_start timestamptz», pickup_window_end timestamptz, «issued_on date», due_on date);",
        "CREATE TABLE enrolments (id bigint PRIMARY KEY, «enrolled_on date NOT NULL», dropped_on date);",
    ],
    silent: examples![
        "CREATE TABLE prices (id bigint PRIMARY KEY, valid_from date, valid_to date, CHECK (valid_to IS NULL OR valid_to >= valid_from));",
        "CREATE TABLE prices (id bigint PRIMARY KEY, valid_from date, valid_to text, started_at timestamptz, created_at timestamptz);",
        "CREATE TABLE trips (id bigint PRIMARY KEY, restart_at timestamptz, reend_at timestamptz, from_city date, end_of_life date, start date, last_check_start_time timestamptz, last_check_end_time timestamptz);",
        // Hours of a day may pass midnight.
        "CREATE TABLE hours (id bigint PRIMARY KEY, start_time time, end_time time);",
    ],
    supersedes: &[],
    check,
};

/// Names of starts and of the ends that belong to them, which differ in more than one word.
const PAIRS: &[(&str, &str)] =
    &[("order_date", "requested_delivery_date"), ("order_date", "delivery_date"), ("ordered_at", "delivered_at")];

/// Words of starts and of the ends that belong to them. A flight departs before it arrives, a guest afterwards: those say nothing.
const WORDS: &[(&str, &str)] = &[
    ("activated", "deactivated"),
    ("admitted", "discharged"),
    ("begin", "end"),
    ("begins", "ends"),
    ("checkin", "checkout"),
    ("check_in", "check_out"),
    ("checked_in", "checked_out"),
    ("commissioned", "decommissioned"),
    ("effective", "expiration"),
    ("effective", "expiry"),
    ("enrolled", "completed"),
    ("enrolled", "dropped"),
    ("enrolled", "withdrawn"),
    ("entered", "exited"),
    ("first_seen", "last_seen"),
    ("from", "till"),
    ("from", "to"),
    ("from", "until"),
    ("granted", "revoked"),
    ("hired", "terminated"),
    ("installed", "removed"),
    ("issue", "due"),
    ("issued", "due"),
    ("joined", "left"),
    ("not_before", "not_after"),
    ("opened", "closed"),
    ("opens", "closes"),
    ("picked_up", "delivered"),
    ("shipped", "delivered"),
    ("since", "until"),
    ("start", "end"),
    ("start", "finish"),
    ("started", "completed"),
    ("started", "ended"),
    ("started", "finished"),
    ("starts", "ends"),
];

/// What the end may be called of which this is the start.
fn ends(name: &str) -> impl Iterator<Item = String> {
    // The last start may be that of what has not ended yet.
    let is_last = each_word(name).any(|w| matches!(w.as_ref(), "last" | "latest"));
    let whole = PAIRS.iter().filter(move |(from, _)| *from == name).map(|(_, to)| (*to).to_owned());
    let by_word = WORDS.iter().filter_map(move |(from, to)| replaced(name, from, to));
    whole.chain(by_word).filter(move |_| !is_last)
}

/// A name with one of its words as another: `window_start` as `window_end`.
fn replaced(name: &str, from: &str, to: &str) -> Option<String> {
    let at = name.match_indices(from).map(|(at, _)| at).find(|at| {
        let before = name.get(..*at).unwrap_or_default();
        let behind = name.get(at + from.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with('_')) && (behind.is_empty() || behind.starts_with('_'))
    })?;
    Some(format!("{}{to}{}", name.get(..at)?, name.get(at + from.len()..)?))
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let starts = cx.all_columns_where(|name| ends(name).next().is_some(), |t| is_time(cx.schema, t));
    for (id, table, start, start_column) in starts {
        // Days or points in time of one type.
        let kind = builtin(cx.schema, &start_column.data_type);
        for end in ends(&start_column.name).filter_map(|end| table.find_column(&end)) {
            let Some(end_column) = table.column(end) else { continue };
            if builtin(cx.schema, &end_column.data_type) != kind {
                continue;
            }
            out.look();
            if bound_together(cx, table, start, end) {
                continue;
            }
            let (from, to) = (&start_column.name, &end_column.name);
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
