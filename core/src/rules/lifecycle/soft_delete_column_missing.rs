use std::borrow::Cow;

use crate::finding::{Certainty, Severity, Subject};
use crate::infer::names_of;
use crate::name::quote;
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::policy::ColumnPin;
use crate::rules::support::{docstring, is_deletion_mark};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "soft-delete-column-missing",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A comment says that rows of a table are marked as deleted, and the table has no column for the mark.",
    why: "Whoever reads the comment counts on rows staying, and on being able to bring them back. Without the column the application deletes them for good, or \
          fails when it sets the mark. Add the column, with an index and unique rules that leave marked rows out, or correct the comment. PostgreSQL manual, \
          ALTER TABLE, \"ADD COLUMN\".",
    fires: examples![
        "CREATE TABLE «orders» (id bigint PRIMARY KEY, note text);\nCOMMENT ON TABLE orders IS 'Never removed: soft delete via deleted_at';",
        "-- Orders are kept: soft-delete via deleted_at.\nCREATE TABLE «orders» (id bigint PRIMARY KEY, note text);",
    ],
    silent: examples![
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text, deleted_at timestamptz);\nCOMMENT ON TABLE orders IS 'Never removed: soft delete via deleted_at';",
        // Added later on.
        "-- Orders are kept: soft-delete via deleted_at.\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);\nALTER TABLE orders ADD deleted_at timestamptz;",
        // Says that there is none.
        "-- No soft delete here: there is no deleted_at.\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);",
        // Speaks of another table of the same file.
        "-- users has deleted_at.\nCREATE TABLE users (id bigint PRIMARY KEY, deleted_at timestamptz);\nCREATE TABLE orders (id bigint PRIMARY KEY, note text);",
    ],
    supersedes: &[],
    check,
};

/// What a mark is called in prose: as `relata.toml` says, else by the usual names but `deleted`, which is a word like any other.
fn marks<'a>(cx: &Context<'a>) -> Vec<Cow<'a, str>> {
    match &cx.policy.conventions.soft_delete {
        Some(ColumnPin::None) => Vec::new(),
        Some(ColumnPin::Named(name)) => vec![name.as_str().into()],
        None => names_of("soft-delete").iter().filter(|n| **n != "deleted").map(|n| Cow::Borrowed(*n)).collect(),
    }
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let marks = marks(cx);
    if marks.is_empty() {
        return;
    }
    // Tables by their places, to find what stands before them.
    let mut tables: Vec<(Span, TableId, &Table)> = cx.tables().map(|(id, t)| (t.span, id, t)).collect();
    tables.order_by_key(|(span, ..)| *span);
    let mut at = 0;
    while let Some((first, ..)) = tables.get(at) {
        let file = first.file;
        let to = tables.partition_point(|(span, ..)| span.file <= file);
        let of_file = tables.get(at..to).unwrap_or_default();
        let mut said: Vec<(String, Span)> =
            cx.comments(file).iter().map(|c| (c.text.to_ascii_lowercase(), c.span)).collect();
        said.extend(docstring(cx.sources, file).map(|c| (c.text.to_ascii_lowercase(), c.span)));
        let said: Vec<(&str, Span)> =
            said.iter().filter_map(|(text, span)| Some((mark_in(text, &marks)?, *span))).collect();
        for (place, id, table) in of_file {
            out.look();
            if table.live_columns().any(|(_, c)| is_deletion_mark(cx, c)) {
                continue;
            }
            let own = table.comment.as_ref().and_then(|c| mark_in(&c.to_ascii_lowercase(), &marks)).map(|m| (m, None));
            // A comment is about the table around it or the next one; the words at the head of a file about its only table.
            let beside = said.iter().find(|(_, span)| {
                let inside = place.start <= span.start && span.end <= place.end;
                let before = of_file.iter().find(|(s, ..)| s.end > span.start).is_some_and(|(s, ..)| s == place);
                inside || (before && (span.start > 0 || of_file.len() == 1))
            });
            if let Some((mark, said_at)) = own.or_else(|| beside.map(|(m, s)| (*m, Some(*s)))) {
                report(cx, out, (*id, table), mark, said_at);
            }
        }
        at = to;
    }
}

fn report(cx: &Context<'_>, out: &mut Findings<'_>, (id, table): (TableId, &Table), mark: &str, said_at: Option<Span>) {
    let column = Subject::new(ObjectKind::Column, format!("{}.{}", cx.table_sql(id), quote(mark)));
    let message = format!(
        "A comment says that rows of `{}` are marked in `{mark}`, a column that it does not have.",
        cx.table_name(id)
    );
    let mut draft = out.report(ObjectId::Table(id), table.name_span, message).maybe_subject(Some(column));
    if let Some(span) = said_at {
        draft = draft.also_at(span);
    }
    let _ = draft;
}

/// The mark that a text in lower case says rows get, unless it says that there is none.
fn mark_in<'m>(text: &str, marks: &'m [Cow<'_, str>]) -> Option<&'m str> {
    const DENIALS: &[&str] = &["no soft", "not soft", "without", "instead of", "never soft", "removed deleted", "drop"];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words = || text.split(|c| !is_word(c)).filter(|w| !w.is_empty());
    let mark = |word: &str| marks.iter().map(AsRef::as_ref).find(|m: &&str| m.eq_ignore_ascii_case(word));
    let denied = words().zip(words().skip(1)).any(|(no, word)| no == "no" && mark(word).is_some());
    if denied || DENIALS.iter().any(|d| text.contains(d)) {
        return None;
    }
    words().find_map(mark)
}
