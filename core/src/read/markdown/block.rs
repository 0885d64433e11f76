//! The blocks of a Markdown document: headings, tables, list items, lines of prose, fenced code. One pass over the lines, nothing nested: what a
//! schema document says, it says in blocks of one level. Sources: CommonMark 0.31 and the table extension of GitHub Flavored Markdown.

use super::html;

/// The most cells of one row: a table of more describes no columns.
const MAX_CELLS: usize = 64;
/// The most rows of all tables of a document.
const MAX_ROWS: usize = 200_000;

/// A stretch of the document's text with its offset in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Text<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Text<'a> {
    /// The byte after the last.
    pub(super) fn end(self) -> usize {
        self.at + self.text.len()
    }

    /// A part of it.
    pub(super) fn slice(self, from: usize, to: usize) -> Text<'a> {
        Text { text: self.text.get(from..to).unwrap_or_default(), at: self.at + from }
    }

    pub(super) fn trim(self) -> Text<'a> {
        let start = self.text.len() - self.text.trim_start().len();
        Text { text: self.text.trim(), at: self.at + start }
    }

    /// What stands behind a prefix.
    pub(super) fn strip_prefix(self, prefix: &str) -> Option<Text<'a>> {
        self.text.strip_prefix(prefix).map(|text| Text { text, at: self.at + prefix.len() })
    }
}

/// One block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Block<'a> {
    Heading {
        level: u8,
        text: Text<'a>,
    },
    /// Rows of cells; the first is the head.
    Table(Vec<Vec<Text<'a>>>),
    /// An item of a list, with the width of what stands before it.
    Item {
        indent: usize,
        text: Text<'a>,
    },
    /// One line of a paragraph or of a block quote, with the width of what stands before it.
    Line {
        indent: usize,
        text: Text<'a>,
    },
    /// Fenced code: the first word behind the fence in lower case, and what stands between.
    Fence {
        info: String,
        body: Text<'a>,
    },
    /// Nothing: a blank line or a rule. It ends what stands before it.
    Gap,
}

/// The blocks of a document.
#[derive(Debug, Default)]
pub(super) struct Blocks<'a> {
    pub(super) blocks: Vec<Block<'a>>,
    /// The metadata between `---` at the start, without the marks.
    pub(super) front_matter: Option<Text<'a>>,
    /// Where rows were left out because there were too many.
    pub(super) too_many_rows: Option<usize>,
}

/// Reads the blocks.
pub(super) fn blocks(text: &str) -> Blocks<'_> {
    let rest = Text { text, at: 0 };
    let mut reader =
        Reader { document: text, rest, out: Blocks::default(), rows: 0, no_comment_end: false, no_table_end: false };
    reader.front_matter();
    while let Some(line) = reader.next_line() {
        reader.block(line);
    }
    reader.out
}

struct Reader<'a> {
    document: &'a str,
    /// What was not read yet.
    rest: Text<'a>,
    out: Blocks<'a>,
    rows: usize,
    /// Whether no `-->` follows any more: it is not searched for again.
    no_comment_end: bool,
    /// The same for `</table>`.
    no_table_end: bool,
}

impl<'a> Reader<'a> {
    fn peek_line(&self) -> Option<Text<'a>> {
        if self.rest.text.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest.text.as_bytes()).unwrap_or(self.rest.text.len());
        let line = self.rest.slice(0, end);
        Some(Text { text: line.text.strip_suffix('\r').unwrap_or(line.text), at: line.at })
    }

    fn next_line(&mut self) -> Option<Text<'a>> {
        let line = self.peek_line()?;
        let end = memchr::memchr(b'\n', self.rest.text.as_bytes()).map_or(self.rest.text.len(), |at| at + 1);
        self.rest = self.rest.slice(end, self.rest.text.len());
        Some(line)
    }

    /// Takes everything before offset `at` of the document.
    fn skip_to(&mut self, at: usize) {
        let from = at.saturating_sub(self.rest.at);
        self.rest = self.rest.slice(from, self.rest.text.len());
    }

    fn front_matter(&mut self) {
        let Some(first) = self.peek_line().filter(|l| l.text.trim_end() == "---") else { return };
        let from = first.at + 4;
        let before = self.rest;
        self.next_line();
        while let Some(line) = self.next_line() {
            if matches!(line.text.trim_end(), "---" | "...") {
                self.out.front_matter = Some(before.slice(from.min(line.at), line.at));
                return;
            }
            // Metadata are `key: value`, lists and comments; anything else is a document that begins with a rule.
            let plain = line.text.trim();
            if !(plain.is_empty() || plain.contains(':') || plain.starts_with(['-', '#'])) {
                break;
            }
        }
        self.rest = before;
    }

    fn push(&mut self, block: Block<'a>) {
        self.out.blocks.push(block);
    }

    fn block(&mut self, line: Text<'a>) {
        let mut text = line.trim();
        let mut quoted = false;
        while let Some(rest) = text.strip_prefix(">") {
            text = rest.trim();
            quoted = true;
        }
        if text.text.is_empty() {
            return self.push(Block::Gap);
        }
        if let Some(fence) = fence_of(text.text).filter(|_| !quoted) {
            return self.fence(text, fence);
        }
        if text.text.starts_with("<!--") {
            return self.comment(text);
        }
        if let Some(heading) = atx(text) {
            return self.push(heading);
        }
        if let Some(block) = tab(text) {
            return self.push(block);
        }
        if let Some(level) = setext(text.text) {
            if let Some(Block::Line { text, .. }) = self.out.blocks.last().cloned() {
                self.out.blocks.pop();
                return self.push(Block::Heading { level, text });
            }
            return self.push(Block::Gap);
        }
        if is_rule(text.text) {
            return self.push(Block::Gap);
        }
        if !quoted && text.text.starts_with('<') && self.html(text) {
            return;
        }
        if text.text.contains('|') && self.table(text, quoted) {
            return;
        }
        if let Some(item) = self.definition(text) {
            return self.push(item);
        }
        if let Some(item) = item(text) {
            return self.push(Block::Item { indent: text.at - line.at, text: item });
        }
        self.push(Block::Line { indent: text.at - line.at, text });
    }

    /// A term and what stands behind a colon in the line below it: one item. Source: the definition lists of PHP Markdown Extra and Pandoc.
    fn definition(&mut self, line: Text<'a>) -> Option<Block<'a>> {
        line.text.starts_with(": ").then_some(())?;
        let Some(Block::Line { indent, text }) = self.out.blocks.last().cloned() else { return None };
        let end = line.at + line.text.len();
        let whole = self.document.get(text.at..end)?;
        self.out.blocks.pop();
        Some(Block::Item { indent, text: Text { text: whole, at: text.at } })
    }

    fn fence(&mut self, open: Text<'a>, (mark, width): (char, usize)) {
        let info = open.text.trim_start_matches(mark).trim();
        let info: String = info
            .trim_start_matches(['{', '.'])
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '+' | '#'))
            .take(32)
            .collect();
        let start = self.rest.at;
        let whole = self.rest;
        let mut end = whole.end();
        while let Some(line) = self.next_line() {
            let closes = fence_of(line.text.trim()).is_some_and(|(m, w)| m == mark && w >= width)
                && line.text.trim().chars().all(|c| c == mark);
            if closes {
                end = line.at;
                break;
            }
        }
        let body = whole.slice(0, end - start);
        self.push(Block::Fence { info: info.to_ascii_lowercase(), body });
    }

    fn comment(&mut self, open: Text<'a>) {
        if !self.no_comment_end {
            let from = open.at;
            let back = self.rest.at - from;
            if let Some(end) = open.text.find("-->") {
                let behind = open.slice(end + 3, open.text.len()).trim();
                if !behind.text.is_empty() {
                    self.block(behind);
                }
                return;
            }
            if let Some(end) = memchr::memmem::find(self.rest.text.as_bytes(), b"-->") {
                self.skip_to(from + back + end + 3);
                self.next_line();
                return self.push(Block::Gap);
            }
            self.no_comment_end = true;
        }
        self.push(Block::Line { indent: 0, text: open });
    }

    /// A heading or table in HTML; whether there was one.
    fn html(&mut self, line: Text<'a>) -> bool {
        if let Some((level, text)) = html::heading(line) {
            self.push(Block::Heading { level, text });
            return true;
        }
        if self.no_table_end || !html::opens(line.text, "table") {
            return false;
        }
        let Some(end) = html::find_close(self.document.get(line.at..).unwrap_or_default(), "table") else {
            self.no_table_end = true;
            return false;
        };
        let text = Text { text: self.document.get(line.at..line.at + end).unwrap_or_default(), at: line.at };
        self.skip_to(line.at + end);
        let rows = html::rows(text, MAX_CELLS, MAX_ROWS.saturating_sub(self.rows));
        self.rows += rows.len();
        self.push(Block::Table(rows));
        true
    }

    /// A table of pipes that begins with this line; whether there is one.
    fn table(&mut self, head: Text<'a>, quoted: bool) -> bool {
        let next = self.peek_line().map(|line| if quoted { unquoted(line) } else { line.trim() });
        let Some(next) = next else { return false };
        let ruled = is_delimiter(next.text);
        // Without the row of dashes only what has its outer pipes is a table.
        let framed = |t: Text<'_>| t.text.starts_with('|') && t.text.len() > 1;
        if !(ruled || framed(head) && framed(next)) {
            return false;
        }
        let header = cells(head, false);
        if header.is_empty() {
            return false;
        }
        let width = header.len();
        let mut rows = vec![header];
        if ruled {
            self.next_line();
        }
        while let Some(line) = self.peek_line() {
            let text = if quoted { unquoted(line) } else { line.trim() };
            let ends = text.text.is_empty()
                || !text.text.contains('|')
                || text.text.starts_with('#')
                || fence_of(text.text).is_some();
            if ends {
                break;
            }
            self.next_line();
            if is_delimiter(text.text) {
                continue;
            }
            if self.rows >= MAX_ROWS {
                self.out.too_many_rows.get_or_insert(text.at);
                continue;
            }
            self.rows += 1;
            let mut row = cells(text, false);
            if row.len() != width {
                // A pipe in a code span does end a cell, but its author did not know.
                let other = cells(text, true);
                if other.len() == width {
                    row = other;
                }
            }
            rows.push(row);
        }
        self.push(Block::Table(rows));
        true
    }
}

fn unquoted(line: Text<'_>) -> Text<'_> {
    let mut text = line.trim();
    while let Some(rest) = text.strip_prefix(">") {
        text = rest.trim();
    }
    text
}

/// The mark and width of a fence that a line begins with.
fn fence_of(text: &str) -> Option<(char, usize)> {
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let width = text.chars().take_while(|c| *c == mark).count();
    let plain = mark == '~' || !text.get(width..).unwrap_or_default().contains('`');
    (width >= 3 && plain).then_some((mark, width))
}

fn atx(text: Text<'_>) -> Option<Block<'_>> {
    let level = text.text.bytes().take_while(|b| *b == b'#').count();
    let rest = text.slice(level, text.text.len());
    if level == 0 || level > 6 || !(rest.text.is_empty() || rest.text.starts_with([' ', '\t'])) {
        return None;
    }
    let mut rest = rest.trim();
    let bare = rest.text.trim_end_matches('#');
    if bare.is_empty() || bare.ends_with([' ', '\t']) {
        rest = rest.slice(0, bare.trim_end().len());
    }
    Some(Block::Heading { level: u8::try_from(level).unwrap_or(6), text: rest })
}

/// A tab is a heading below all others, and other tags of templates are nothing. Sources: GitBook's `{% tab title="Indexes" %}`, and
/// `=== "Indexes"` as Material for MkDocs has it.
fn tab(text: Text<'_>) -> Option<Block<'_>> {
    let tag = text.text.starts_with("{%") && text.text.ends_with("%}");
    let from =
        if tag { text.text.find("title=\"").map(|at| at + 7) } else { text.text.starts_with("=== \"").then_some(5) };
    let title = from.and_then(|from| Some(text.slice(from, from + text.text.get(from..)?.find('"')?)));
    match title {
        Some(title) => Some(Block::Heading { level: 6, text: title }),
        None => tag.then_some(Block::Gap),
    }
}

/// The level of the heading that a line of `=` or `-` makes of the line above.
fn setext(text: &str) -> Option<u8> {
    let all = |c: u8| text.bytes().all(|b| b == c);
    match text.bytes().next()? {
        b'=' if all(b'=') => Some(1),
        b'-' if text.len() >= 2 && all(b'-') => Some(2),
        _ => None,
    }
}

fn is_rule(text: &str) -> bool {
    let Some(mark) = text.chars().next().filter(|c| matches!(c, '-' | '*' | '_')) else { return false };
    text.chars().filter(|c| *c == mark).count() >= 3 && text.chars().all(|c| c == mark || c == ' ')
}

/// What stands behind the bullet or number of a list's item.
fn item(text: Text<'_>) -> Option<Text<'_>> {
    let digits = text.text.bytes().take_while(u8::is_ascii_digit).count();
    let width = match text.text.as_bytes().get(digits) {
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        // What word processors paste.
        _ if digits == 0 && text.text.starts_with('•') => '•'.len_utf8(),
        _ => return None,
    };
    let rest = text.slice(width, text.text.len());
    rest.text.starts_with([' ', '\t']).then(|| {
        let rest = rest.trim();
        ["[ ] ", "[x] ", "[X] "].iter().find_map(|b| rest.strip_prefix(b)).unwrap_or(rest)
    })
}

/// Whether a line is the row of dashes under a table's head.
fn is_delimiter(text: &str) -> bool {
    text.contains('-')
        && text.contains('|')
        && text.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t' | b'+'))
}

/// The cells of a row. Outer pipes may be missing; `\|` is none, nor, where `code` is set, one between back quotes.
fn cells(line: Text<'_>, code: bool) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    let (mut from, mut escaped, mut in_code) = (0, false, false);
    let bytes = line.text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\\' if !escaped => {
                escaped = true;
                continue;
            }
            b'`' if code => in_code = !in_code,
            b'|' if !escaped && !in_code => {
                if at > 0 {
                    out.push(line.slice(from, at).trim());
                }
                from = at + 1;
                if out.len() > MAX_CELLS {
                    return Vec::new();
                }
            }
            _ => {}
        }
        escaped = false;
    }
    let last = line.slice(from, bytes.len()).trim();
    if !last.text.is_empty() {
        out.push(last);
    }
    out
}
