//! Tables and headings written in HTML, as Markdown allows: tags are looked for, nothing is nested.

use super::block::Text;

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

/// A line that is a heading: its level and text.
pub(super) fn heading(line: Text<'_>) -> Option<(u8, Text<'_>)> {
    let level = (1..=6_u8).find(|n| opens(line.text, &format!("h{n}")))?;
    let from = line.text.find('>')? + 1;
    let to = line.text.get(from..)?.find("</").map_or(line.text.len(), |at| from + at);
    Some((level, line.slice(from, to).trim()))
}

/// The rows of a table: each `<tr>` with the contents of its `<th>` and `<td>`.
pub(super) fn rows(table: Text<'_>, max_cells: usize, max_rows: usize) -> Vec<Vec<Text<'_>>> {
    let mut out: Vec<Vec<Text<'_>>> = Vec::new();
    let mut cell: Option<usize> = None;
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
            if let (Some(from), Some(row)) = (cell.take(), out.last_mut())
                && row.len() < max_cells
            {
                row.push(table.slice(from, open).trim());
            }
            if opens(tag, "tr") {
                if out.len() >= max_rows {
                    break;
                }
                out.push(Vec::new());
            } else if opens(tag, "td") || opens(tag, "th") {
                cell = Some(close);
            }
        }
        at = close;
    }
    out.retain(|row| !row.is_empty());
    out
}
