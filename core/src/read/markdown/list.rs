//! Lists of columns: under a heading or line that names their table, under an item that does, or drawn as a tree in a fence.

use super::block::Text;
use super::lines::{self, Label};
use super::naming::{self, Kind, Named};
use super::table::{self, Rows};

/// One item of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    /// The block that it stands in.
    pub(super) block: usize,
    pub(super) indent: usize,
    pub(super) text: Text<'a>,
    /// Whether its text stands in a fence: there blanks alone part a name from its type.
    pub(super) fenced: bool,
}

/// A list of columns.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    /// The item that names the table, with its block; without one, the table is the heading's.
    pub(super) named: Option<(Named, usize)>,
    pub(super) body: Vec<Vec<Text<'a>>>,
    pub(super) rows: Rows,
    /// The blocks of its columns, in order.
    pub(super) own: Vec<usize>,
    /// Items among its columns that say something of the table.
    pub(super) rest: Vec<Text<'a>>,
    /// Items that say nothing that could be read.
    pub(super) lost: Vec<Text<'a>>,
}

/// The lists of columns in one run of items.
pub(super) fn listings<'a>(items: &[Item<'a>], base: u32) -> Vec<Listing<'a>> {
    // The item that each stands under: the last before it that is less indented.
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); items.len() + 1];
    let root = items.len();
    let mut parents: Vec<usize> = Vec::with_capacity(items.len());
    let mut open: Vec<usize> = Vec::new();
    for (n, item) in items.iter().enumerate() {
        while open.last().and_then(|o| items.get(*o)).is_some_and(|o| o.indent >= item.indent) {
            open.pop();
        }
        let parent = open.last().copied().unwrap_or(root);
        parents.push(parent);
        if let Some(list) = children.get_mut(parent) {
            list.push(n);
        }
        open.push(n);
    }
    let mut out = Vec::new();
    for (parent, own) in children.iter().enumerate() {
        // A single column is a remark.
        if own.len() < 2 {
            continue;
        }
        let named = match items.get(parent) {
            None => None,
            Some(item) => match name_of(item, base) {
                Name::Is(named) => Some((*named, item.block)),
                Name::Other => continue,
                // "Columns:" stands between the table and its columns.
                Name::Generic => match parents.get(parent).and_then(|p| items.get(*p)) {
                    None => None,
                    Some(outer) => match name_of(outer, base) {
                        Name::Is(named) => Some((*named, outer.block)),
                        Name::Generic | Name::Other => continue,
                    },
                },
            },
        };
        if let Some(listing) = listing(items, own, &children, named, base) {
            out.push(listing);
        }
    }
    out
}

/// What an item over others is.
enum Name {
    Is(Box<Named>),
    Generic,
    Other,
}

fn name_of(item: &Item<'_>, base: u32) -> Name {
    let bare = item.text.text.trim_matches(['*', '_', ':', ' ']);
    if naming::is_generic(bare) {
        return Name::Generic;
    }
    if lines::label_of(bare) != Label::Other {
        return Name::Other;
    }
    match naming::of_heading(item.text, base) {
        Some(named) if named.kind == Kind::Table => Name::Is(Box::new(named)),
        _ => Name::Other,
    }
}

fn listing<'a>(
    items: &[Item<'a>],
    list: &[usize],
    children: &[Vec<usize>],
    named: Option<(Named, usize)>,
    base: u32,
) -> Option<Listing<'a>> {
    let head = table::head_of_list();
    let mut sure = 0;
    let mut out =
        Listing { named, body: Vec::new(), rows: Rows::default(), own: Vec::new(), rest: Vec::new(), lost: Vec::new() };
    for n in list {
        let item = items.get(*n)?;
        if relates(item.text.text) {
            continue;
        }
        let row = row_of_item(item.text, item.fenced).and_then(|row| {
            let mut read = table::rows(&head, std::iter::once(&row), base);
            let column = read.columns.pop().filter(|_| read.columns.is_empty())?;
            let is_sure = column.is_sure();
            (is_sure || !says(item.text) && row.get(1).is_some_and(|said| names_type(said.text)))
                .then_some((row, column, is_sure))
        });
        if let Some((row, column, is_sure)) = row {
            sure += usize::from(is_sure);
            out.body.push(row);
            out.rows.columns.push(column);
            out.own.push(item.block);
        } else if says(item.text) {
            out.rest.push(item.text);
            let inner = children.get(*n).into_iter().flatten().filter_map(|i| items.get(*i)).map(|i| i.text);
            out.rest.extend(inner);
        } else {
            out.lost.push(item.text);
        }
    }
    (sure >= 2 && out.lost.len() * 2 <= out.rows.columns.len()).then_some(out)
}

/// Whether what is said of a name can be nothing but a type of the project's own: one word of several, `order_status` or `OrderStatus`. Beside
/// columns whose types are known, it makes another column.
fn names_type(said: &str) -> bool {
    let said = said.trim_start_matches('`');
    let end = said.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(said.len());
    let (word, behind) = said.split_at(end);
    let behind = behind.trim_start_matches(['`', ')', ']']).trim_start();
    let humps = word.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && word.bytes().any(|b| b.is_ascii_lowercase());
    let several = word.trim_matches('_').contains('_') || humps;
    several && (behind.is_empty() || behind.starts_with([',', ';', '(', '-', '–', '—', '|']))
}

/// Whether an item tells how rows of other tables belong to one of this, as models do, and has no column: "**roles** → many-to-many".
fn relates(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["many-to-many", "one-to-many", "has many", "m:n", "1:n"].iter().any(|words| lower.contains(words))
        && !["fk", "foreign"].iter().any(|mark| lower.contains(mark))
}

/// Whether an item says something of its table: "Primary key: (a, b)".
fn says(text: Text<'_>) -> bool {
    let label = lines::labelled(text).map(|(label, _)| label);
    let lower = text.text.trim_start_matches(['*', '_', '`']).to_ascii_lowercase();
    label.is_some_and(|l| l != Label::Other)
        || ["primary key", "foreign key", "unique", "check", "constraint", "index"].iter().any(|w| lower.starts_with(w))
}

/// An item of a list of columns as the cells of a row: `` `id` — uuid, primary key ``, `**id**: uuid`, `id (uuid, PK)`, `` `id` uuid ``.
fn row_of_item<'a>(item: Text<'a>, fenced: bool) -> Option<Vec<Text<'a>>> {
    let text = item.text;
    let marks = |c: char| matches!(c, '*' | '`' | '_' | '"');
    let name_at = text.len() - text.trim_start_matches(marks).len();
    let name = text.get(name_at..)?;
    let name_end = name_at + name.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(name.len());
    let behind = text.get(name_end..)?;
    let unmarked = behind.trim_start_matches(marks);
    let marked = name_at > 0 && unmarked.len() < behind.len();
    let bare = unmarked.trim_start();
    let apart = bare.len() < unmarked.len();
    let separator = [":", "—", "–", "- ", "(", "[", "|", "="].into_iter().find(|s| bare.starts_with(s));
    let separator = match separator {
        // A hyphen without a space before it belongs to a word.
        Some("- ") if !apart => return None,
        Some(separator) => separator,
        // `id` uuid, and the other way about.
        None if apart && (marked || fenced || bare.starts_with('`')) => "",
        None => return None,
    };
    let from = text.len() - bare.len() + separator.len();
    let rest = text.get(from..)?;
    let closed = match separator {
        "(" => closes(rest, '(', ')'),
        "[" => closes(rest, '[', ']'),
        _ => None,
    };
    // `**id:** uuid`.
    let start = from + rest.len() - rest.trim_start_matches([' ', '\t', '*']).len();
    let end = closed.map_or(text.trim_end_matches([',', ';']).len(), |inner| from + inner);
    if name_end == name_at || start >= end {
        return None;
    }
    let mut row = vec![item.slice(name_at, name_end), item.slice(start, end)];
    // `id (uuid, PK): what it is for`.
    if let Some(inner) = closed
        && let Some(told) =
            rest.get(inner + 1..).map(|t| t.trim_start_matches([' ', ':', '-', '–', '—', ',', '*', '.']))
        && !told.is_empty()
    {
        row.push(item.slice(text.len() - told.len(), text.len()));
    }
    Some(row)
}

/// The offset of the bracket that closes one before the text.
fn closes(text: &str, opening: char, closing: char) -> Option<usize> {
    let mut depth = 1_u32;
    for (at, c) in text.char_indices() {
        if c == opening {
            depth = depth.saturating_add(1);
        } else if c == closing {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// The lines of a fence as items: bullets and the branches of trees are taken away, and what stands under a name alone stands deeper.
pub(super) fn items_of_fence<'a>(body: Text<'a>, block: usize) -> Vec<Item<'a>> {
    /// The longest fence that may be a list of columns.
    const MAX_LINES: usize = 5000;
    let mut out: Vec<Item<'a>> = Vec::new();
    let mut under: Option<usize> = None;
    let mut at = body.at;
    for line in body.text.split_inclusive('\n').take(MAX_LINES) {
        let text = Text { text: line, at };
        at += line.len();
        let branches =
            |c: char| matches!(c, '│' | '├' | '└' | '─' | '┬' | '|' | '+' | '-' | '*' | '•' | '`' | ' ' | '\t');
        let inner = line.trim_start_matches(branches);
        let start = line.len() - inner.len();
        let trimmed = Text { text: inner, at: text.at + start }.trim();
        if trimmed.text.is_empty() {
            // A rule under a name goes on with it.
            under = under.filter(|_| line.contains('-'));
            continue;
        }
        let mut indent = line.get(..start).unwrap_or_default().chars().count() * 2;
        let name = trimmed.text.trim_end_matches([':', '{', '(', ' ']);
        let name = name.strip_prefix("TABLE ").or_else(|| name.strip_prefix("Table ")).unwrap_or(name).trim();
        let alone = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
        if alone {
            under = Some(indent);
        } else if under.is_some_and(|u| indent <= u) {
            indent += 1;
        }
        out.push(Item { block, indent, text: trimmed, fenced: true });
    }
    out
}
