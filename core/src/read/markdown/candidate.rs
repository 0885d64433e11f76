//! Which tables and lists of a document may describe columns, under which names, and which of them surely do.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Block, Text};
use super::facts::At;
use super::fence;
use super::lines::{self, Label};
use super::list::{self, Item};
use super::naming::{self, Kind, Named};
use super::psql;
use super::section::Draft;
use super::table::{self, Head, Rows};

/// From how many points on a table describes columns.
const SURE: i32 = 4;
/// From how many points on what is not sure is worth a word.
const NEARLY: i32 = 2;
/// The same, where a table of the same head is sure.
const ALIKE: i32 = 1;
/// Words of headings under which tables of parameters stand.
const OTHER_SUBJECTS: &[&str] = &[
    "api",
    "argument",
    "cli",
    "command",
    "component",
    "config",
    "endpoint",
    "env",
    "environment",
    "flag",
    "function",
    "header",
    "hook",
    "method",
    "option",
    "param",
    "parameter",
    "payload",
    "prop",
    "request",
    "response",
    "usage",
    "variable",
    "setting",
    "event",
    "props",
    "query",
];
/// Words of headings under which tables of a database stand.
const SUBJECTS: &[&str] = &[
    "database",
    "schema",
    "schemas",
    "table",
    "tables",
    "entity",
    "entities",
    "erd",
    "er",
    "dictionary",
    "datenbank",
    "bază",
    "baze",
    "postgres",
    "postgresql",
    "sql",
];

/// A table that may describe columns.
pub(super) struct Candidate<'a> {
    pub(super) block: usize,
    /// Where its name stands.
    pub(super) start: usize,
    /// The level of the heading that ends its section.
    pub(super) level: u8,
    pub(super) heading: Option<usize>,
    pub(super) named: Named,
    pub(super) head: Head,
    pub(super) body: Vec<Vec<Text<'a>>>,
    pub(super) rows: Rows,
    pub(super) score: i32,
    /// The blocks that hold its columns.
    pub(super) own: Vec<usize>,
    pub(super) listed: Listed<'a>,
}

/// Whether a candidate is a list, not a table.
pub(super) enum Listed<'a> {
    No,
    /// Under a heading or a line.
    Flat,
    /// Under an item, with what else the list says of the table.
    Nested(Vec<Text<'a>>),
}

/// The tables that may describe columns, with the names that stand over them.
pub(super) fn candidates<'a>(blocks: &[Block<'a>], draft: &Draft, at: At) -> Vec<Candidate<'a>> {
    let mut out: Vec<Candidate<'a>> = Vec::new();
    // The headings that are open: level, number, block, text.
    let mut open: Vec<(u8, usize, usize, Text<'a>)> = Vec::new();
    let mut line: Option<(Named, usize)> = None;
    let mut lead = Lead::default();
    let mut count = 0;
    // The run of items at hand, and what names its table.
    let mut items: Vec<Item<'a>> = Vec::new();
    let titles = titles(blocks);
    let mut over = Over::Nothing;
    for (number, block) in blocks.iter().enumerate() {
        if let Block::Item { indent, text } = block {
            if items.is_empty() {
                over = lead.over(line.as_ref());
            }
            items.push(Item { block: number, indent: *indent, text: *text, fenced: false });
        } else if matches!(block, Block::Line { indent, .. } if *indent > 0) && !items.is_empty() {
            // An indented line goes on with its item.
            continue;
        } else if !matches!(block, Block::Gap) && !items.is_empty() {
            listed(&items, &open, &over, draft, at, &mut out);
            items.clear();
        }
        match block {
            Block::Heading { level, text } => {
                open.retain(|(l, ..)| l < level);
                open.push((*level, count, number, *text));
                count += 1;
                line = None;
                lead = Lead::default();
            }
            Block::Line { text, .. } | Block::Item { text, .. } => {
                if matches!(block, Block::Line { .. }) {
                    lead.line(*text);
                }
                // A term and its definition over a table.
                let over =
                    matches!(blocks.get(number + 1..), Some([Block::Gap, Block::Table(_), ..] | [Block::Table(_), ..]));
                let term = text.text.split_once('\n').map(|(term, _)| text.slice(0, term.len()));
                let term = term.filter(|_| over).or_else(|| titles.contains(&number).then_some(*text));
                if let Some(named) = term.and_then(|term| naming::of_heading(term, at.base)) {
                    line = Some((named, number));
                } else if let Some(named) = naming::of_line(*text, at.base).filter(|n| !is_label(*text, n)) {
                    line = Some((named, number));
                }
            }
            Block::Table(rows) => {
                let Some((first, body)) = rows.split_first() else { continue };
                let (head, body) = match table::head(first) {
                    Some(head) => (head, body.to_vec()),
                    None => match table::turned(rows) {
                        Some(turned) => turned,
                        None => match table::head_by_rows(first, body, at.base) {
                            Some(head) => (head, body.to_vec()),
                            None => continue,
                        },
                    },
                };
                let body = body.as_slice();
                let heading = open.last().map(|(_, n, ..)| *n);
                if head.has(table::Role::Table) {
                    grouped(&head, body, number, heading, at, &mut out);
                    continue;
                }
                let by_heading = || {
                    let (level, _, start, text) =
                        open.iter().rev().find(|(.., text)| !naming::is_generic(text.text))?;
                    Some((naming::of_heading(*text, at.base)?, *start, *level))
                };
                let level = open.last().map_or(0, |(l, ..)| *l);
                let Some((named, start, level)) =
                    line.take().map(|(n, start)| (n, start, level.saturating_add(1))).or_else(by_heading)
                else {
                    continue;
                };
                let read = table::rows(&head, body.iter(), at.base);
                let Some(mut score) = read.score(&head) else { continue };
                score += naming_score(&named) + subject(&open, draft);
                if named.kind == Kind::View || named.kind == Kind::MaterializedView || named.kind == Kind::Enum {
                    continue;
                }
                out.push(Candidate {
                    block: number,
                    start,
                    level,
                    heading,
                    named,
                    head,
                    body: body.to_vec(),
                    rows: read,
                    score,
                    own: vec![number],
                    listed: Listed::No,
                });
            }
            Block::Fence { body, .. } if let Some(found) = psql::read(*body) => {
                let title = found.title.and_then(|title| naming::of_heading(title, at.base));
                let by_heading = || {
                    let (.., text) = open.iter().rev().find(|(.., text)| !naming::is_generic(text.text))?;
                    naming::of_heading(*text, at.base)
                };
                let Some((first, body)) = found.rows.split_first() else { continue };
                let (Some(head), Some(named)) = (table::head(first), title.or_else(by_heading)) else { continue };
                let rows = table::rows(&head, body.iter(), at.base);
                out.push(Candidate {
                    block: number,
                    own: vec![number],
                    start: number,
                    level: u8::MAX,
                    heading: open.last().map(|(_, n, ..)| *n),
                    named,
                    score: if rows.columns.is_empty() { 0 } else { SURE },
                    head,
                    body: body.to_vec(),
                    rows,
                    listed: Listed::Nested(found.rest),
                });
            }
            Block::Fence { info, body } if fence::is_list(info, body.text) => {
                let lines = list::items_of_fence(*body, number);
                let over = lead.over(line.as_ref());
                listed(&lines, &open, &over, draft, at, &mut out);
            }
            Block::Fence { .. } | Block::Gap => {}
        }
    }
    listed(&items, &open, &over, draft, at, &mut out);
    // Beside a table of columns a list tells of other things.
    let tables: BTreeSet<usize> = out.iter().filter(|c| matches!(c.listed, Listed::No)).map(|c| c.start).collect();
    out.retain(|c| !matches!(c.listed, Listed::Flat) || !tables.contains(&c.start));
    out
}

/// The lines of one word and a colon over tables, "Users:", where several tables under one heading have each its own: their heading is not what
/// names them.
fn titles(blocks: &[Block<'_>]) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let mut here: BTreeMap<&str, usize> = BTreeMap::new();
    for number in 0..=blocks.len() {
        match blocks.get(number..) {
            Some(
                [Block::Line { text, .. }, Block::Gap, Block::Table(_), ..]
                | [Block::Line { text, .. }, Block::Table(_), ..],
            ) => {
                let word = text.text.trim_end_matches(':');
                let one = word.len() < text.text.len() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                if one && lines::label_of(word) == Label::Other && !naming::is_generic(word) {
                    here.insert(word, number);
                }
            }
            None | Some([] | [Block::Heading { .. }, ..]) => {
                if here.len() > 1 {
                    out.extend(here.values());
                }
                here.clear();
            }
            _ => {}
        }
    }
    out
}

/// What names the table of a list that stands under no item.
enum Over {
    Nothing,
    Heading,
    /// A line in bold or in back quotes, and its block.
    Line(Named, usize),
}

/// What stands between a heading and a list.
#[derive(Default)]
struct Lead {
    /// Whether the last line is longer than a name is.
    sentence: bool,
    /// Whether it ends in a colon: what follows is what it says.
    introduces: bool,
    lists: u32,
}

impl Lead {
    fn line(&mut self, text: Text<'_>) {
        let bare = text.text.trim_matches(['*', '_', ' ']);
        // A sentence that names a table introduces its columns.
        self.sentence = bare.split_whitespace().count() > 4 && naming::of_sentence(text, 0).is_none();
        let lower = bare.to_lowercase();
        // "It has these columns:", but not "It lacks these columns:".
        let columns = ["column", "field", "attribute"].iter().any(|w| lower.contains(w))
            && !["add", "drop", "lack", "miss", "new", "remove", "rename", "should", "unused", "without"]
                .iter()
                .any(|w| lower.contains(w));
        self.introduces =
            bare.ends_with(':') && !columns && !naming::is_generic(bare.trim_end_matches([':', '*', '_']));
    }

    /// What names the list that begins here. A heading names the first only: the others tell of something else.
    fn over(&mut self, line: Option<&(Named, usize)>) -> Over {
        self.lists += 1;
        match line {
            Some(_) if self.sentence => Over::Nothing,
            Some((named, start)) => Over::Line(named.clone(), *start),
            None if self.introduces || self.lists > 1 => Over::Nothing,
            None => Over::Heading,
        }
    }
}

/// The lists of columns in a run of items, as candidates. `line` names the table in bold over them.
fn listed<'a>(
    items: &[Item<'a>],
    open: &[(u8, usize, usize, Text<'a>)],
    over: &Over,
    draft: &Draft,
    at: At,
    out: &mut Vec<Candidate<'a>>,
) {
    for listing in list::listings(items, at.base) {
        let nested = listing.named.is_some();
        let heading = open.last().map(|(_, n, ..)| *n);
        let over = || match over {
            Over::Nothing => None,
            Over::Line(named, start) => {
                let level = open.last().map_or(0, |(l, ..)| *l);
                Some((named.clone(), *start, level.saturating_add(1)))
            }
            Over::Heading => {
                let (level, _, start, text) = open.iter().rev().find(|(.., text)| !naming::is_generic(text.text))?;
                Some((naming::of_heading(*text, at.base)?, *start, *level))
            }
        };
        // What stands under an item has its section in the list.
        let Some((named, start, level)) = listing.named.map(|(named, start)| (named, start, u8::MAX)).or_else(over)
        else {
            continue;
        };
        if named.kind != Kind::Table {
            continue;
        }
        let Some(score) = listing.rows.score(&table::head_of_list()) else { continue };
        let score = score + naming_score(&named) + subject(open, draft);
        let mut rows = listing.rows;
        rows.unnamed.extend(listing.lost.iter().map(|text| table::place_of(*text, at.base)));
        out.push(Candidate {
            block: listing.own.last().copied().unwrap_or(start),
            own: listing.own,
            start,
            level,
            heading,
            named,
            head: table::head_of_list(),
            body: listing.body,
            rows,
            score,
            listed: if nested { Listed::Nested(listing.rest) } else { Listed::Flat },
        });
    }
}

/// Whether a line in bold is a label of its section and no name: "**Indexes:**", "**Columns**".
fn is_label(text: Text<'_>, named: &Named) -> bool {
    !named.explicit
        && (lines::label_of(text.text.trim_matches(['*', '_', ':', ' '])) != Label::Other
            || naming::is_generic(text.text.trim_matches(['*', '_', ':', ' '])))
}

/// A table of the columns of all tables.
fn grouped<'a>(
    head: &Head,
    body: &[Vec<Text<'a>>],
    block: usize,
    heading: Option<usize>,
    at: At,
    out: &mut Vec<Candidate<'a>>,
) {
    let mut groups: Vec<(Named, Vec<Vec<Text<'a>>>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut current: Option<usize> = None;
    for row in body {
        if let Some(cell) = head.table(row) {
            let Some(named) = naming::of_heading(cell, at.base) else { continue };
            let key = table::fold(&named.sql);
            current = Some(*places.entry(key).or_insert_with(|| {
                groups.push((named, Vec::new()));
                groups.len() - 1
            }));
        }
        if let Some((_, rows)) = current.and_then(|n| groups.get_mut(n)) {
            rows.push(row.clone());
        }
    }
    for (named, body) in groups {
        let rows = table::rows(head, body.iter(), at.base);
        let Some(score) = rows.score(head) else { continue };
        out.push(Candidate {
            block,
            start: block,
            level: u8::MAX,
            heading,
            named,
            head: head.clone(),
            body,
            rows,
            score,
            own: vec![block],
            listed: Listed::No,
        });
    }
}

fn naming_score(named: &Named) -> i32 {
    i32::from(named.explicit) * 3 + i32::from(named.coded) - i32::from(named.joined && !named.explicit)
}

/// What the headings say of the subject: points for a database, less for parameters.
fn subject(open: &[(u8, usize, usize, Text<'_>)], draft: &Draft) -> i32 {
    let mut points = 0;
    for (n, (level, number, ..)) in open.iter().rev().enumerate() {
        let Some(heading) = draft.headings.get(*number) else { continue };
        let lower = heading.text.to_lowercase();
        let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        if words.clone().any(|w| SUBJECTS.contains(&w)) || lower.contains("data model") {
            points = 2;
        }
        // The title names the product, whatever its subject.
        if n < 2
            && *level > 1
            && words.any(|w| OTHER_SUBJECTS.contains(&w) || OTHER_SUBJECTS.contains(&w.trim_end_matches('s')))
        {
            return if points > 0 { 0 } else { -5 };
        }
    }
    points
}

/// Keeps the candidates that are sure, and those of the same form. Gives what nearly is one, where the document has sure ones: the name, and where it
/// stands.
pub(super) fn weigh(candidates: &mut Vec<Candidate<'_>>) -> Vec<(String, (u32, u32))> {
    let sure: Vec<Vec<String>> = candidates.iter().filter(|c| c.score >= SURE).map(|c| c.head.words.clone()).collect();
    let mut doubtful = Vec::new();
    // In the section of a table others tell of its constraints and indexes.
    let mut section: Option<u8> = None;
    candidates.retain(|c| {
        let kept = c.score >= SURE || (c.score >= ALIKE && sure.contains(&c.head.words));
        if kept {
            section = Some(c.level);
        } else if c.score >= NEARLY && !sure.is_empty() && section.is_none_or(|level| c.level <= level) {
            doubtful.push((c.named.sql.text().to_owned(), c.named.sql.range()));
        }
        kept
    });
    // Keys alone, without a type among them, are what a text says of a table, unless they join tables of the same document.
    let typed = |c: &Candidate<'_>| c.rows.columns.iter().any(|column| column.data_type.is_some());
    let names: BTreeSet<String> = candidates.iter().filter(|c| typed(c)).map(|c| table::fold(&c.named.sql)).collect();
    candidates.retain(|c| {
        let mut targets = c.rows.columns.iter().flat_map(|column| &column.traits.references);
        typed(c) || targets.all(|r| r.parts.iter().any(|part| names.contains(&table::fold(part))))
    });
    doubtful
}
