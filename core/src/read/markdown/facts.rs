//! What the prose states: counts, versions, files that are no longer to be used, schedules, orders, mappings, lists of values.

use super::block::Text;
use super::clean::{Clean, plain};
use super::table::words;
use crate::history::document::{Counted, OrderEntry, StatedVersion, SupersededFile, TypeMapping, VersionPlace};
use crate::name::Name;
use crate::read::ddl::lexer::TokenKind;
use crate::source::{FileId, Span};

/// The longest line of prose that is looked at.
const MAX_LINE: usize = 4000;

/// A word of a line, with the byte behind it.
struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// Where lines stand in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) file: FileId,
    pub(super) base: u32,
}

impl At {
    pub(super) fn span(self, start: usize, end: usize) -> Span {
        let place = |n: usize| self.base.saturating_add(u32::try_from(n).unwrap_or(u32::MAX));
        Span::new(self.file, place(start), place(end))
    }

    pub(super) fn of(self, text: Text<'_>) -> Span {
        self.span(text.at, text.end())
    }
}

/// The words and numbers of a line; marks and punctuation stand between them.
fn split(text: &str) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let part = c.is_alphanumeric() || (c == '.' && start.is_some()) || c == '_';
        match (part, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                push_word(text, from, at, &mut out);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        push_word(text, from, text.len(), &mut out);
    }
    out
}

fn push_word<'a>(text: &'a str, from: usize, to: usize, out: &mut Vec<Word<'a>>) {
    let word = text.get(from..to).unwrap_or_default().trim_end_matches('.');
    out.push(Word { text: word, start: from, end: from + word.len() });
}

/// The noun that begins at a word, and how many words it has.
fn noun(words: &[Word<'_>], at: usize) -> Option<(Counted, usize)> {
    let word = |n: usize| words.get(at + n).map(|w| w.text.to_lowercase()).unwrap_or_default();
    let (first, second) = (word(0), word(1));
    Some(match first.as_str() {
        "table" | "tables" | "tabelle" | "tabellen" => (Counted::Tables, 1),
        "column" | "columns" | "spalte" | "spalten" => (Counted::Columns, 1),
        "index" | "indexes" | "indices" | "indizes" => (Counted::Indexes, 1),
        "fremdschlüssel" => (Counted::ForeignKeys, 1),
        "materialisierte" if second.starts_with("sicht") => (Counted::MaterializedViews, 2),
        "sicht" | "sichten" => (Counted::Views, 1),
        "foreign" if second.starts_with("key") => (Counted::ForeignKeys, 2),
        "fks" => (Counted::ForeignKeys, 1),
        "materialized" | "materialised" if second.starts_with("view") => (Counted::MaterializedViews, 2),
        "mv" | "mvs" | "matview" | "matviews" => (Counted::MaterializedViews, 1),
        "view" | "views" => (Counted::Views, 1),
        _ => return None,
    })
}

/// Numbers of objects that a line states: "63 tables", "Total Tables: 63 + 4 MVs".
pub(super) fn counts(text: Text<'_>, at: At) -> Vec<(Counted, u32, Span)> {
    if text.text.len() > MAX_LINE {
        return Vec::new();
    }
    let words = split(text.text);
    let mut out = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let Ok(number) = word.text.parse::<u32>() else { continue };
        let before = text.text.get(..word.start).unwrap_or_default();
        let sign = before.trim_end_matches(' ');
        // "+3 tables" and "v2" change or name something; "4+2" is a sum; "~60" a guess.
        let glued =
            before.len() == sign.len() && sign.ends_with(['+', '-', '#', 'v', '.', '~', '<', '>', '=', '/', '≈']);
        if word.text.len() > 5 || glued || sign.ends_with(['~', '≈', '<', '>', '×']) {
            continue;
        }
        // The noun may have one word in front of it: "63 database tables".
        let behind = (1..=2).find_map(|skip| noun(&words, n + skip).map(|(c, width)| (c, n + skip + width)));
        // That word is no number, which would count for itself, and no sentence ends before it.
        let behind = behind.filter(|_| {
            let next = words.get(n + 1);
            let ends = next.is_some_and(|w| text.text.get(word.end..w.start).is_some_and(|t| t.contains('.')));
            !ends && next.is_some_and(|w| w.text.parse::<u32>().is_err())
        });
        let skipped = words.get(n + 1).map(|w| w.text.to_ascii_lowercase()).unwrap_or_default();
        let other = matches!(
            skipped.as_str(),
            "new"
                | "more"
                | "additional"
                | "of"
                | "other"
                | "junction"
                | "lookup"
                | "per"
                | "to"
                | "partitioned"
                | "neue"
                | "weitere"
                | "zusätzliche"
                | "von"
                | "pro"
                | "partitionierte"
        );
        if let Some((counted, last)) = behind.filter(|_| !other) {
            // Between number and noun there is nothing but a blank.
            let end = words.get(last - 1).map_or(word.end, |w| w.end);
            let between = text.text.get(word.end..end).unwrap_or_default();
            if !between.contains(['|', ',', ';', ':', '(', ')', '+', '→', '/']) {
                out.push((counted, number, at.span(text.at + word.start, text.at + end)));
                continue;
            }
        }
        // "Tables: 63".
        let previous = n.checked_sub(1).and_then(|p| noun(&words, p).filter(|(_, width)| *width == 1));
        if let (Some((counted, _)), Some(label)) = (previous, n.checked_sub(1).and_then(|p| words.get(p)))
            && text.text.get(label.end..word.start).unwrap_or_default().contains(':')
        {
            out.push((counted, number, at.span(text.at + label.start, text.at + word.end)));
        }
    }
    out
}

/// Whether a heading's section tells what was, not what is.
pub(super) fn is_history(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    [
        "history",
        "changelog",
        "change log",
        "release notes",
        "revision",
        "what's new",
        "changes in",
        "änderung",
        "versionsverlauf",
        "historie",
    ]
    .iter()
    .any(|w| heading.contains(w))
}

/// A version in a text: `v2.5`, `version 2.5`; a bare `2.5` where a label says that it is one.
pub(super) fn version(text: Text<'_>, at: At, place: VersionPlace, bare: bool) -> Option<StatedVersion> {
    if text.text.len() > MAX_LINE {
        return None;
    }
    let mut before = "";
    for word in split(text.text) {
        let said = ["version", "stand", "release"].iter().any(|w| before.eq_ignore_ascii_case(w));
        before = word.text;
        let digits = word.text.strip_prefix(['v', 'V']);
        let number = match digits {
            Some(digits) => digits,
            None if bare => word.text,
            // Two numbers at least: `Version 2` may count anything, and so may a heading's own number.
            None if said && place == VersionPlace::Title && word.text.contains('.') => word.text,
            None => continue,
        };
        let parts: Option<Vec<u32>> = number.split('.').map(|p| p.parse().ok()).collect();
        let Some(parts) = parts.filter(|p| !p.is_empty() && p.len() <= 4 && (p.len() > 1 || digits.is_some() || bare))
        else {
            continue;
        };
        // A year is no version.
        if parts.first().is_some_and(|n| *n > 999) {
            continue;
        }
        return Some(StatedVersion {
            text: word.text.to_owned(),
            parts,
            place,
            span: at.span(text.at + word.start, text.at + word.end),
        });
    }
    None
}

/// Files that a line calls no longer valid.
pub(super) fn superseded(text: Text<'_>, at: At) -> Vec<SupersededFile> {
    let lower = text.text.to_lowercase();
    let says = [
        "deprecated",
        "obsolete",
        "superseded",
        "no longer used",
        "no longer valid",
        "do not use",
        "replaced by this",
        "outdated",
        "veraltet",
        "abgelöst durch",
        "nicht mehr gültig",
        "nicht mehr verwendet",
    ]
    .iter()
    .any(|w| lower.contains(w));
    if !says || text.text.len() > MAX_LINE {
        return Vec::new();
    }
    let mut out = Vec::new();
    let mut from = 0;
    for part in text.text.split(['`', ' ', '(', ')', '[', ']', '"', '*', ',', ';']) {
        let start = from;
        from +=
            part.len() + text.text.get(start + part.len()..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8);
        let part_text = part.trim_end_matches(['.', ':']);
        let named = part_text.rsplit_once('.').is_some_and(|(stem, end)| {
            !stem.is_empty()
                && ["sql", "md", "markdown", "py", "prisma", "dbml", "txt", "ddl", "psql", "ts", "rb"]
                    .contains(&end.to_ascii_lowercase().as_str())
        });
        if named {
            let span = at.span(text.at + start, text.at + start + part_text.len());
            out.push(SupersededFile { name: part_text.to_owned(), present: false, span });
        }
    }
    out
}

/// Whether a line calls the document the source of truth.
pub(super) fn is_truth(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("source of truth") && !lower.contains("not the source of truth")
}

/// The values that a description lists, and whether more may follow.
pub(crate) fn values(text: &str) -> Option<(Vec<String>, bool)> {
    if text.len() > 400 {
        return None;
    }
    let mut list = text.trim();
    for label in [
        "one of",
        "values",
        "enum",
        "possible values",
        "allowed values",
        "allowed",
        "options",
        "valid values",
        "eines von",
        "einer von",
        "werte",
        "erlaubte werte",
        "mögliche werte",
    ] {
        if let Some(start) = list.get(..label.len())
            && start.eq_ignore_ascii_case(label)
        {
            list = list
                .get(label.len()..)
                .unwrap_or_default()
                .trim_start_matches([':', ' ', '(', '='])
                .trim_end_matches(')');
            return several(list, &['/', '|', ','], 2);
        }
    }
    // `pending/paid/failed`, `pending | paid | failed`: nothing else stands there.
    if let Some((before, behind)) = list.split_once(" (")
        && behind.ends_with(')')
    {
        list = before;
    }
    let quoted = list.contains('\'') || list.contains('"');
    let separators: &[char] = if quoted { &['/', '|', ','] } else { &['/', '|'] };
    several(list, separators, 2)
}

/// Values with commas or "or" between them, and whether more may follow: single words in lower or in upper case, and nothing else.
pub(super) fn listed(text: &str) -> Option<(Vec<String>, bool)> {
    if text.len() > 400 {
        return None;
    }
    let (values, open) = several(text.replace(" or ", ", ").trim(), &[','], 2)?;
    let one_case = values.iter().all(|v| *v == v.to_lowercase()) || values.iter().all(|v| *v == v.to_uppercase());
    one_case.then_some((values, open))
}

fn several(list: &str, separators: &[char], least: usize) -> Option<(Vec<String>, bool)> {
    let mut open = false;
    let mut out = Vec::new();
    let trimmed = list.trim_end_matches('.');
    for part in trimmed.split(separators) {
        let mut value = part.trim().trim_start_matches("or ").trim();
        for end in [" etc", " etc.", "...", "…", " and more"] {
            if let Some(rest) = value.strip_suffix(end) {
                value = rest.trim();
                open = true;
            }
        }
        if value.eq_ignore_ascii_case("etc") || value.is_empty() && open {
            open = true;
            continue;
        }
        let value = value.trim_matches(['\'', '"', '`']);
        let plain = !value.is_empty()
            && value.len() <= 40
            && value.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if !plain || value.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        out.push(value.to_owned());
    }
    (out.len() >= least).then_some((out, open || list.contains("...") || list.contains('…')))
}

/// The rows of a table that maps types, if it is one.
pub(super) fn mappings(rows: &[Vec<Text<'_>>], at: At) -> Vec<TypeMapping> {
    let Some(head) = rows.first() else { return Vec::new() };
    let heads: Vec<String> = head.iter().map(|c| words(*c)).collect();
    let is_database = |w: &str| {
        ["postgres", "postgresql", "sql", "database", "db", "column", "pg"].iter().any(|p| w.starts_with(p))
            && (w.contains("type") || w == "postgresql" || w == "postgres")
    };
    let Some(to) = heads.iter().position(|w| is_database(w)) else { return Vec::new() };
    let is_type = |w: &str| ["type", "types", "typ", "typen"].iter().any(|end| w.ends_with(end));
    let Some(from) = heads.iter().enumerate().position(|(n, w)| n != to && is_type(w) && !is_database(w)) else {
        return Vec::new();
    };
    if heads.iter().any(|w| matches!(w.as_str(), "column" | "field" | "name" | "column name")) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for row in rows.iter().skip(1) {
        let (Some(source), Some(target)) = (row.get(from), row.get(to)) else { continue };
        let types: Vec<String> = plain(target.text)
            .to_lowercase()
            .split(" or ")
            .flat_map(|t| t.split(['/', '|']))
            .filter_map(|t| {
                let clean = Clean::new(Text { text: t, at: 0 }, 0);
                let read = super::types::read(&clean)?;
                super::types::is_known(&read.word)
                    .then(|| read.sql.text().split('(').next().unwrap_or_default().trim().to_lowercase())
            })
            .collect();
        if types.is_empty() {
            continue;
        }
        let notes: Vec<String> =
            row.iter().enumerate().filter(|(n, _)| *n != from && *n != to).map(|(_, c)| plain(c.text)).collect();
        let check = plain(target.text).to_uppercase().contains("CHECK");
        let mut notes = notes.join(" ");
        if check {
            notes.push_str(" CHECK");
        }
        let (first, last) = if from < to { (source, target) } else { (target, source) };
        out.push(TypeMapping { from: plain(source.text), to: types, notes, span: at.span(first.at, last.end()) });
    }
    out
}

/// The views that a schedule of refreshes lists, with their place, if a table is one.
pub(super) fn refresh_plan(rows: &[Vec<Text<'_>>], at: At) -> Option<(Vec<Name>, Span)> {
    let heads: Vec<String> = rows.first()?.iter().map(|c| words(*c)).collect();
    let view = heads.iter().position(|w| w.contains("view") || w.contains("sicht") || w == "mv" || w == "name")?;
    const TIMED: &[&str] = &[
        "refresh",
        "frequency",
        "schedule",
        "cron",
        "interval",
        "takt",
        "intervall",
        "zeitplan",
        "häufigkeit",
        "aktualisierung",
        "auffrischung",
    ];
    let timed = heads.iter().any(|w| TIMED.iter().any(|p| w.contains(p)));
    if !timed {
        return None;
    }
    let cells: Vec<Text<'_>> = rows.iter().skip(1).filter_map(|r| r.get(view).copied()).collect();
    let names = cells.iter().filter_map(|c| names_in(*c, at).into_iter().next().map(|(name, _)| name)).collect();
    Some((names, at.span(cells.first()?.at, cells.last()?.end())))
}

/// Names in a text: words that a table, view or column could have.
pub(super) fn names_in(text: Text<'_>, at: At) -> Vec<(Name, Span)> {
    let clean = Clean::new(text, at.base);
    let mut out = Vec::new();
    let mut n = 0;
    while n < clean.tokens.len() {
        if super::naming::is_name(&clean, n) {
            let mut name = clean.token(n).trim_matches('"').to_ascii_lowercase();
            let (start, mut end) = clean.place(n, n + 1);
            let ends_here = clean.tokens.get(n).map(|t| t.end);
            if clean.kind(n + 1) == TokenKind::Operator
                && clean.token(n + 1).starts_with('*')
                && clean.tokens.get(n + 1).map(|t| t.start) == ends_here
            {
                name.push('*');
                end = clean.place(n + 1, n + 2).1;
            }
            out.push((Name::from(name), Span::new(at.file, start, end)));
        }
        n += 1;
    }
    out
}

/// A line of an order of creation.
pub(super) fn order_entry(text: Text<'_>, at: At) -> OrderEntry {
    let colon = text.text.find(": ");
    let names = names_in(colon.map_or(text, |c| text.slice(c + 1, text.text.len())), at);
    let lower = text.text.to_lowercase();
    OrderEntry {
        label: order_label(text.text),
        names,
        open: lower.contains("...") || lower.contains('…') || lower.contains("etc"),
        partitions: lower.contains("partition"),
        section: Vec::new(),
        span: at.of(text),
    }
}

/// What stands in front of the colon of an order's line.
fn order_label(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ')' | ' '));
    text.split_once(": ").map(|(label, _)| plain(label).to_lowercase()).filter(|l| !l.is_empty())
}

/// Whether a heading says that an order of creation follows.
pub(super) fn is_order(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    let ordered = ["order", "sequence", "reihenfolge"].iter().any(|w| heading.contains(w));
    // In German the two are mostly one word, or the second is left out.
    heading.contains("anlagereihenfolge")
        || ordered
            && [
                "migration",
                "creation",
                "create",
                "build",
                "deploy",
                "execution",
                "dependency",
                "load",
                "table",
                "tabelle",
            ]
            .iter()
            .any(|w| heading.contains(w))
}
