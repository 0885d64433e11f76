use crate::finding::{Certainty, Severity};
use crate::rules::support::{builtin, number, pinned};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::ObjectId;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "mixed-timestamp-types",
    category: Category::Types,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "The schema keeps some instants with a time zone and some without.",
    why: "Comparing the two kinds casts the one without zone by the time zone of the session that asks, so that the same query gives other rows \
          for other clients, and indexes on the cast side go unused. Where only few have a zone the finding is of low severity. PostgreSQL manual, 8.5.3 \"Time Zones\".",
    fires: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at timestamptz, read_at timestamptz);\nCREATE TABLE logs (id bigint PRIMARY KEY, at «timestamp»);",
    ],
    silent: examples![
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at timestamptz, day date);",
        "CREATE TABLE posts (id bigint PRIMARY KEY, written_at timestamp, read_at timestamp);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if pinned(cx, "timestamp-type", out) {
        return;
    }
    let mut with = Vec::new();
    let mut without = Vec::new();
    let is_timestamp = |t| builtin(cx.schema, t).is_some_and(|n| n.starts_with("timestamp"));
    for (id, _, number, column) in cx.all_columns_where(|_| true, is_timestamp) {
        out.look();
        let zoned = builtin(cx.schema, &column.data_type) == Some("timestamp with time zone");
        if zoned { &mut with } else { &mut without }.push((id, number, column));
    }
    // The lesser kind is what departs from the habit; of two equal ones the worse.
    let minority = if without.len() <= with.len() { &without } else { &with };
    let (false, Some((id, first, column))) = (with.is_empty(), minority.first()) else { return };
    let message = format!(
        "`{}`{}: {} with a time zone, {} without.",
        cx.column_name(*id, *first),
        if minority.len() > 1 { " and the like" } else { "" },
        number(with.len(), "column keeps its time", "columns keep their times"),
        without.len()
    );
    let mut draft = out.report(ObjectId::Column(*id, *first), column.type_span, message);
    for (id, number, column) in minority.iter().skip(1) {
        draft = draft.object(ObjectId::Column(*id, *number)).also_at(column.type_span);
    }
    // Where most have no zone, each of those is told by itself: that some have one is where it gets better.
    if with.len() < without.len() {
        draft = draft.severity(Severity::Low);
    }
    let _ = draft;
}
