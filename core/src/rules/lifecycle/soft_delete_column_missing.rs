use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity, Subject};
use crate::infer::names_of;
use crate::name::quote;
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::policy::ColumnPin;
use crate::rules::keys::junction_table_without_unique::{referenced, tie};
use crate::rules::support::{docstring, each_word, number_of_tables, singular};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ObjectId, Table, TableId, TableKind};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "soft-delete-column-missing",
    category: Category::DataLifecycle,
    severity: Severity::Medium,
    certainty: Certainty::Likely,
    summary: "A comment, or nearly every table beside it, says that rows of a table are marked as deleted, and the table has no column for the mark.",
    why: "Whoever reads the comment counts on rows staying, and on being able to bring them back. Without the column the application deletes them for good, or \
          fails when it sets the mark. Add the column, with an index and unique rules that leave marked rows out, or correct the comment. Where no comment says so, but four of five \
          tables like it have the mark, the finding is of low severity: rows that are part of a marked one may be meant to go with it. PostgreSQL \
          manual, ALTER TABLE, \"ADD COLUMN\".",
    fires: examples![
        "CREATE TABLE «orders» (id bigint PRIMARY KEY, note text);\nCOMMENT ON TABLE orders IS 'Never removed: soft delete via deleted_at';",
        "-- Orders are kept: soft-delete via deleted_at.\nCREATE TABLE «orders» (id bigint PRIMARY KEY, note text);",
        // As the tables beside it.
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE e (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE «f» (id bigint PRIMARY KEY, created_at timestamptz, note text);",
    ],
    silent: examples![
        // What only ties two others together, what happened, and what is in use for a while.
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE e (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE a_b (a_id bigint REFERENCES a, b_id bigint REFERENCES b, created_at timestamptz, PRIMARY KEY (a_id, b_id));\nCREATE TABLE event_log (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE sessions (id bigint PRIMARY KEY, created_at timestamptz);",
        // A few of many.
        "CREATE TABLE a (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE b (id bigint PRIMARY KEY, created_at timestamptz, deleted_at timestamptz);\nCREATE TABLE c (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE d (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE e (id bigint PRIMARY KEY, created_at timestamptz);\nCREATE TABLE f (id bigint PRIMARY KEY, created_at timestamptz);",
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
    let marked: BTreeSet<TableId> = cx.deletion_marks().map(|(id, ..)| id).collect();
    let alike = Alike::of(cx, &marked);
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
            if marked.contains(id) || cx.is_open(table) {
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
            } else {
                alike.report(cx, out, *id, table);
            }
        }
        at = to;
    }
}

/// Tables that tell when their rows were made, of which nearly all have a mark: things that people enter, no ties, no lists of what happened.
struct Alike {
    tables: BTreeSet<TableId>,
    marked: usize,
    mark: Option<String>,
}

impl Alike {
    fn of(cx: &Context<'_>, marked: &BTreeSet<TableId>) -> Self {
        let referenced = referenced(cx);
        let created = cx.conventions.created_at.as_ref().map_or("created_at", |h| h.column.as_str());
        let is_one = |id: TableId, t: &Table| {
            t.kind != TableKind::Foreign
                && t.partition_of.is_none()
                && t.find_column(created).is_some()
                && !comes_and_goes(&t.name)
                && tie(cx, id, t, &referenced).is_none()
        };
        let tables: BTreeSet<TableId> = cx.tables().filter(|(id, t)| is_one(*id, t)).map(|(id, _)| id).collect();
        let marked = tables.intersection(marked).count();
        Self { tables, marked, mark: cx.conventions.deleted_at.as_ref().map(|h| h.column.clone()) }
    }

    fn report(&self, cx: &Context<'_>, out: &mut Findings<'_>, id: TableId, table: &Table) {
        let all = self.tables.len();
        let Some(mark) = self.mark.as_ref().filter(|_| self.tables.contains(&id)) else { return };
        if all < 5 || self.marked * 5 < all * 4 {
            return;
        }
        let message = format!(
            "Rows of `{}` cannot be marked as deleted: it has no `{mark}`, as tables like it do.",
            cx.table_name(id)
        );
        out.report(ObjectId::Table(id), table.name_span, message).severity(Severity::Low).evidence(format!(
            "{} of {} that tell when a row was made have such a column.",
            self.marked,
            number_of_tables(all)
        ));
    }
}

/// Whether rows of a table of this name say that something happened, or are there for a while only: deleting them is no loss.
fn comes_and_goes(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "activity",
        "attempt",
        "audit",
        "cache",
        "change",
        "code",
        "delivery",
        "event",
        "export",
        "history",
        "import",
        "invitation",
        "invite",
        "job",
        "lock",
        "log",
        "migration",
        "notification",
        "outbox",
        "queue",
        "revision",
        "run",
        "session",
        "setting",
        "snapshot",
        "staging",
        "stat",
        "task",
        "token",
        "transaction",
        "transition",
        "version",
        "view",
    ];
    each_word(name).any(|w| WORDS.contains(&singular(&w).as_ref()))
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
