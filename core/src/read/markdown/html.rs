//! Tables and headings written in HTML, as Markdown allows: tags are looked for, nothing is nested.

use super::block::Text;
use super::{table, vocabulary};

/// Whether a text begins with this tag.
pub(super) fn opens(text: &str, tag: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first() == Some(&b'<')
        && bytes.get(1..=tag.len()).is_some_and(|name| name.eq_ignore_ascii_case(tag.as_bytes()))
        && bytes.get(tag.len() + 1).is_none_or(|b| !b.is_ascii_alphanumeric())
}

/// The offset behind the closing tag of this name.
pub(super) fn find_close(text: &str, tag: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(bytes.get(from..)?, b"</") {
        let name = from + at + 2;
        let end = name + tag.len();
        if bytes.get(name..end).is_some_and(|n| n.eq_ignore_ascii_case(tag.as_bytes())) {
            return Some(memchr::memchr(b'>', bytes.get(end..)?).map_or(bytes.len(), |close| end + close + 1));
        }
        from = name;
    }
    None
}

/// A line that is a heading: its level and text. What sums up `<details>` is one, too.
pub(super) fn heading(line: Text<'_>) -> Option<(u8, Text<'_>)> {
    let summary = line
        .text
        .find("<summary")
        .filter(|at| line.text.get(..*at).is_some_and(|b| b.trim().is_empty() || opens(b, "details")));
    let line = summary.map_or(line, |at| line.slice(at, line.text.len()));
    let level = if summary.is_some() { 6 } else { (1..=6_u8).find(|n| opens(line.text, &format!("h{n}")))? };
    let from = line.text.find('>')? + 1;
    let end = if summary.is_some() { "</summary" } else { "</" };
    let to = line.text.get(from..)?.find(end).map_or(line.text.len(), |at| from + at);
    let text = line.slice(from, to).trim();
    // "Click to expand" names nothing.
    let one_name = || {
        let plain = super::clean::plain(text.text);
        let word = plain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')) && !plain.is_empty();
        word && !matches!(plain.to_ascii_lowercase().as_str(), "expand" | "more" | "show" | "table" | "view")
    };
    (summary.is_none() || one_name()).then_some((level, text))
}

/// The rows of a table: each `<tr>` with the contents of its `<th>` and `<td>`. A cell over several rows stands in each of them; one over several
/// columns stands in the first, and the others are empty. A row that is one cell only is a heading among the rows, and left out.
pub(super) fn rows(table: Text<'_>, max_cells: usize, max_rows: usize) -> Vec<Vec<Text<'_>>> {
    let mut out = Grid { rows: Vec::new(), over: Vec::new(), max_cells, spanned: false };
    // How many rows at the top have heads only, and whether all have so far.
    let (mut heads, mut only_heads) = (0, true);
    let mut cell: Option<(usize, usize, usize)> = None;
    let bytes = table.text.as_bytes();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'<', bytes.get(at..).unwrap_or_default()).map(|n| at + n) {
        let tag = table.text.get(open..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'>', tag.as_bytes()).map(|n| open + n + 1) else { break };
        let is = |name: &str| {
            opens(tag, name)
                || (tag.starts_with("</")
                    && opens(&format!("<{}", tag.get(2..8.min(tag.len())).unwrap_or_default()), name))
        };
        if is("td") || is("th") || is("tr") || is("table") {
            if let Some((from, columns, rows)) = cell.take() {
                out.cell(table.slice(from, open).trim(), columns, rows);
            }
            if opens(tag, "tr") {
                if out.rows.len() >= max_rows {
                    break;
                }
                out.end_row();
                heads = if only_heads { out.rows.len() } else { heads };
                out.rows.push(Vec::new());
                out.spanned = false;
            } else if opens(tag, "td") || opens(tag, "th") {
                only_heads &= opens(tag, "th");
                let attributes = table.text.get(open..close).unwrap_or_default();
                let span = |name| number(attributes, name).unwrap_or(1).clamp(1, max_cells.max(1));
                // HTML: rowspan="0" goes to the end of the group of rows.
                let rows = match number(attributes, "rowspan") {
                    Some(0) => usize::MAX,
                    Some(rows) => rows,
                    None => 1,
                };
                cell = Some((close, span("colspan"), rows));
            }
        }
        at = close;
    }
    out.end_row();
    let top = out.rows.len().min(heads);
    if top > 1 {
        let rest = out.rows.split_off(top);
        let head = one_head(&out.rows);
        out.rows = std::iter::once(head).chain(rest).collect();
    }
    out.rows.retain(|row| !row.is_empty());
    out.rows
}

/// One head of several rows: of the cells above each other the one that says what stands below, else the last.
fn one_head<'a>(rows: &[Vec<Text<'a>>]) -> Vec<Text<'a>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cells = (0..width).map(|at| {
        let mut above = rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.text.is_empty());
        let says = |cell: &&Text<'_>| vocabulary::role(&table::words(**cell)).0 != table::Role::Other;
        above.clone().find(says).or(above.next_back()).copied().unwrap_or(Text { text: "", at: 0 })
    });
    cells.collect()
}

/// The rows of a table as they are read.
struct Grid<'a> {
    rows: Vec<Vec<Text<'a>>>,
    /// Cells of rows above that go on: for each column the text, and how many rows are left.
    over: Vec<Option<(Text<'a>, usize)>>,
    max_cells: usize,
    /// Whether a cell of this row spans several columns.
    spanned: bool,
}

impl<'a> Grid<'a> {
    /// Puts the cells of rows above where they go on.
    fn carry(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while let Some(slot) = self.over.get_mut(row.len())
            && let Some((text, left)) = slot
        {
            row.push(*text);
            *left -= 1;
            if *left == 0 {
                *slot = None;
            }
        }
    }

    fn cell(&mut self, text: Text<'a>, columns: usize, rows: usize) {
        self.carry();
        self.spanned |= columns > 1;
        let Some(row) = self.rows.last_mut() else { return };
        for n in 0..columns {
            if row.len() >= self.max_cells {
                return;
            }
            if rows > 1 {
                let at = row.len();
                if self.over.len() <= at {
                    self.over.resize(at + 1, None);
                }
                if let Some(slot) = self.over.get_mut(at) {
                    *slot = Some((text, rows - 1));
                }
            }
            row.push(if n == 0 { text } else { Text { text: "", at: text.end() } });
        }
    }

    fn end_row(&mut self) {
        self.carry();
        let width = self.rows.first().map_or(0, Vec::len);
        let Some(row) = self.rows.last_mut() else { return };
        if self.spanned && row.len() >= width && row.iter().filter(|c| !c.text.is_empty()).count() == 1 {
            row.clear();
        }
    }
}

/// The number that an attribute of a tag gives.
fn number(tag: &str, name: &str) -> Option<usize> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.find(name)? + name.len();
    let rest = tag.get(at..)?.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}
