use crate::finding::{Certainty, Severity};
use crate::rules::support::{each_word, ends_interval, is_checked, is_number, last_word, singular};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "ratio-without-range-check",
    category: Category::Constraints,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A share, confidence or percentage has no CHECK on its range.",
    why: "A confidence lies between 0 and 1, a percentage between 0 and 100, and the two are easily confused: without a CHECK the database takes 85 \
          where 0.85 was meant, and every average and threshold is wrong from then on. Which range is right the schema cannot tell, so there is \
          no ready-made fix. PostgreSQL manual, 5.4.1 \"Check Constraints\".",
    fires: examples![
        "CREATE TABLE matches (id bigint PRIMARY KEY, «confidence numeric(4,3)», «completion_percentage integer»);",
        "CREATE TABLE lines (id bigint PRIMARY KEY, «tax_rate numeric(5,4) NOT NULL», «on_time_rate numeric(5,2)»);",
        "CREATE TABLE recipes (id bigint PRIMARY KEY, «rating numeric(3,2)»);",
        "CREATE TABLE product_reviews (id bigint PRIMARY KEY, «rating smallint NOT NULL»);",
        "CREATE TABLE vouchers (id bigint PRIMARY KEY, «percent_off integer», percent_change integer, amount_off integer, CHECK (num_nonnulls(percent_off, amount_off) = 1));",
    ],
    silent: examples![
        "CREATE TABLE matches (id bigint PRIMARY KEY, confidence numeric(4,3) CHECK (confidence BETWEEN 0 AND 1));",
        "CREATE DOMAIN share AS numeric CHECK (VALUE BETWEEN 0 AND 1);\nCREATE TABLE matches (id bigint PRIMARY KEY, confidence share);",
        "CREATE TABLE games (id bigint PRIMARY KEY, score integer, rating integer, exchange_rate numeric, hourly_rate numeric, confidence text);",
        // More than all, or less than nothing.
        "CREATE TABLE forecasts (id bigint PRIMARY KEY, roi_percentage numeric(8,2), margin_percent numeric(5,2), growth_pct numeric(6,2), units numeric(10,2), confidence_lower numeric(10,2), confidence_upper numeric(10,2), confidence_interval_low numeric(10,2));",
    ],
    supersedes: &[],
    check,
};

/// Where stars are given by people, and no strength of a player is meant.
const GIVEN: &[&str] = &["feedback", "rating", "review", "survey", "testimonial"];

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A domain carries its own rule.
    for (id, table, number, column) in cx.columns_of(|t| is_number(cx.schema, t) && t.builtin_name().is_some()) {
        let is_stars = || {
            matches!(column.name.as_str(), "rating" | "stars")
                && each_word(&table.name).any(|w| GIVEN.contains(&singular(&w).as_ref()))
        };
        if !column.data_type.builtin_name().is_some_and(|kind| is_ratio(&column.name, kind)) && !is_stars() {
            continue;
        }
        out.look();
        if column.generated.is_some() || is_checked(cx.schema, table, number) {
            continue;
        }
        let message = format!("`{}` has a range by its name, but no CHECK keeps it there.", cx.column_name(id, number));
        out.report(ObjectId::Column(id, number), column.span, message).object(ObjectId::Table(id));
    }
}

/// Whether a column of this name and type holds a value from a fixed range. A bare score may be anything, unless it has few digits.
fn is_ratio(name: &str, kind: &str) -> bool {
    const ALWAYS: &[&str] =
        &["confidence", "percentage", "percent", "pct", "probability", "ratio", "likelihood", "similarity"];
    // Stars and marks out of a few: `rating numeric(3,2)`. A whole number may be anything, as in chess.
    const FRACTION: &[&str] = &["score", "rating"];
    // Of a score before and after something the word in front says what it is.
    let name = ["_before", "_after"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let Some(last) = last_word(name) else { return false };
    if is_unbounded(name) {
        return false;
    }
    if matches!(kind, "smallint" | "integer") || is_percent_of(name) {
        matches!(last.as_ref(), "percentage" | "percent" | "pct") || is_percent_of(name)
    } else {
        ALWAYS.contains(&last.as_ref())
            || FRACTION.contains(&last.as_ref())
            || each_word(name).any(|w| w == "confidence")
            || is_share_rate(name)
    }
}

/// Whether it is a share of something that it may exceed, or go below nothing: a return of 250 %, a margin of -3 %. The ends of a confidence interval have
/// the unit of what is estimated.
fn is_unbounded(name: &str) -> bool {
    const OF: &[&str] = &[
        "change",
        "deviation",
        "gain",
        "growth",
        "lift",
        "loss",
        "margin",
        "markup",
        "profit",
        "roi",
        "uplift",
        "variance",
    ];
    each_word(name).any(|w| OF.contains(&w.as_ref())) || ends_interval(name)
}

/// Whether it says in front how much of all: `percent_off`, `pct_complete`. A percentage of change may be anything.
fn is_percent_of(name: &str) -> bool {
    const PARTS: &[&str] = &["complete", "completed", "covered", "discount", "done", "full", "off", "used"];
    let words: Vec<_> = each_word(name).collect();
    matches!(words.as_slice(), [first, .., last]
        if matches!(first.as_ref(), "percentage" | "percent" | "pct") && PARTS.contains(&last.as_ref()))
}

/// Whether it is a rate of something out of all of it. An exchange rate, an hourly rate or a frame rate has no range.
fn is_share_rate(name: &str) -> bool {
    const OF: &[&str] = &[
        "acceptance",
        "approval",
        "attendance",
        "bounce",
        "cancellation",
        "churn",
        "commission",
        "completion",
        "conversion",
        "discount",
        "error",
        "failure",
        "fill",
        "hit",
        "interest",
        "occupancy",
        "response",
        "retention",
        "return",
        "show",
        "success",
        "surcharge",
        "tax",
        "utilization",
        "vat",
    ];
    let mut words = each_word(name).rev();
    if words.next().is_none_or(|rate| rate != "rate") {
        return false;
    }
    match words.next() {
        Some(of) if of == "time" => words.next().is_some_and(|on| on == "on"),
        Some(of) => OF.contains(&of.as_ref()),
        None => false,
    }
}
