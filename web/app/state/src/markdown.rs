//! Enough Markdown to typeset our own report on screen: headings, paragraphs, lists, tables, code blocks, rules; code, strong and links
//! inside lines, and the two pieces of HTML that the report writes: `<details>` and anchors. What it does not know stays text, so a schema's text can
//! never become markup.

use std::iter::Peekable;
use std::str::Lines;

/// A block of a document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A heading with its level, 1 to 6.
    Heading(u8, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list; ordered ones are numbered from 1.
    List {
        /// Numbered.
        ordered: bool,
        /// Its items.
        items: Vec<Vec<Inline>>,
    },
    /// A table: its header and its rows, and which columns are set flush right.
    Table {
        /// Header cells.
        head: Vec<Vec<Inline>>,
        /// Rows of cells.
        rows: Vec<Vec<Vec<Inline>>>,
        /// Columns flush right.
        right: Vec<bool>,
    },
    /// A fenced code block.
    Code(String),
    /// A quotation.
    Quote(Vec<Inline>),
    /// A thematic break.
    Rule,
    /// Blocks behind a summary.
    Fold(Vec<Inline>, Vec<Block>),
}

/// How deep folds may lie in each other.
const MAX_DEPTH: u8 = 10;

/// A piece of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Code.
    Code(String),
    /// Strong text.
    Strong(String),
    /// A link's text; where it leads is not followed in a preview.
    Link(String),
}

/// Reads a document.
pub fn parse(text: &str) -> Vec<Block> {
    blocks(&mut text.lines().peekable(), 0)
}

/// Reads blocks up to the end of the document, or of the fold that they stand in.
fn blocks(lines: &mut Peekable<Lines<'_>>, depth: u8) -> Vec<Block> {
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        if depth > 0 && trimmed == "</details>" {
            break;
        }
        if let Some(summary) = summary(trimmed).filter(|_| depth < MAX_DEPTH) {
            blocks.push(Block::Fold(inline(summary), self::blocks(lines, depth + 1)));
            continue;
        }
        if trimmed.is_empty() || trimmed.starts_with("<!--") {
            continue;
        }
        if let Some(fence) = fence(trimmed) {
            let mut code = String::new();
            for l in lines.by_ref() {
                if l.trim_start().starts_with(fence) {
                    break;
                }
                code.push_str(l);
                code.push('\n');
            }
            blocks.push(Block::Code(code.trim_end().to_owned()));
        } else if let Some((level, rest)) = heading(trimmed) {
            blocks.push(Block::Heading(level, inline(rest)));
        } else if matches!(trimmed, "---" | "***" | "___") {
            blocks.push(Block::Rule);
        } else if let Some(rest) = trimmed.strip_prefix("> ") {
            let mut quote = rest.to_owned();
            while let Some(more) = lines.next_if(|l| l.trim_start().starts_with('>')) {
                quote.push(' ');
                quote.push_str(more.trim_start().trim_start_matches('>').trim_start());
            }
            blocks.push(Block::Quote(inline(&quote)));
        } else if trimmed.starts_with('|') && lines.peek().is_some_and(|l| is_delimiter(l)) {
            let right = lines.next().map_or_else(Vec::new, |l| cells(l).iter().map(|c| c.ends_with(':')).collect());
            let head = cells(trimmed).iter().map(|c| inline(c)).collect();
            let mut rows = Vec::new();
            while let Some(row) = lines.next_if(|l| l.trim_start().starts_with('|')) {
                rows.push(cells(row).iter().map(|c| inline(c)).collect());
            }
            blocks.push(Block::Table { head, rows, right });
        } else if let Some((ordered, rest)) = item(trimmed) {
            let mut items = vec![rest.to_owned()];
            while let Some(next) = lines.next_if(|l| {
                let t = l.trim_start();
                item(t).is_some_and(|(o, _)| o == ordered)
                    || (l.starts_with("  ") && !t.is_empty() && fence(t).is_none())
            }) {
                match item(next.trim_start()) {
                    Some((_, rest)) => items.push(rest.to_owned()),
                    None => {
                        if let Some(last) = items.last_mut() {
                            last.push(' ');
                            last.push_str(next.trim());
                        }
                    }
                }
            }
            blocks.push(Block::List { ordered, items: items.iter().map(|i| inline(i)).collect() });
        } else {
            let mut paragraph = trimmed.trim_end().to_owned();
            while let Some(more) = lines.next_if(|l| {
                let t = l.trim_start();
                !t.is_empty()
                    && heading(t).is_none()
                    && fence(t).is_none()
                    && item(t).is_none()
                    && !t.starts_with(['|', '>'])
                    && summary(t).is_none()
                    && t != "</details>"
            }) {
                paragraph.push(' ');
                paragraph.push_str(more.trim());
            }
            blocks.push(Block::Paragraph(inline(&paragraph)));
        }
    }
    blocks
}

/// What stands in the summary that opens a fold.
fn summary(line: &str) -> Option<&str> {
    line.trim_end().strip_prefix("<details><summary>")?.strip_suffix("</summary>")
}

/// What follows an empty anchor: the report's links lead to them, and a preview's are not followed.
fn behind_anchor(text: &str) -> Option<&str> {
    let (id, rest) = text.strip_prefix("<a id=\"")?.split_once("\"></a>")?;
    id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-').then_some(rest)
}

fn fence(line: &str) -> Option<&str> {
    let c = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let n = line.chars().take_while(|x| *x == c).count();
    if n >= 3 { line.get(..n) } else { None }
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let rest = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| (level as u8, rest.trim()))
}

fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, rest));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits) { line.get(digits..)?.strip_prefix(". ").map(|r| (true, r)) } else { None }
}

fn is_delimiter(line: &str) -> bool {
    let t = line.trim();
    t.starts_with('|') && t.contains('-') && t.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' '))
}

/// The cells of a table row; `\|` is a bar, and so is a bar inside a code span that is escaped, as GitHub has it.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let mut out = vec![String::new()];
    let mut escaped = false;
    for c in row.chars() {
        let Some(cell) = out.last_mut() else { break };
        match c {
            '|' if escaped => {
                cell.pop();
                cell.push('|');
                escaped = false;
            }
            '|' => out.push(String::new()),
            _ => {
                cell.push(c);
                escaped = c == '\\' && !escaped;
            }
        }
    }
    if out.last().is_some_and(|c| c.trim().is_empty()) {
        out.pop();
    }
    out.iter().map(|c| c.trim().to_owned()).collect()
}

/// Reads a line's inline markup.
pub fn inline(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let flush = |plain: &mut String, out: &mut Vec<Inline>| {
        if !plain.is_empty() {
            out.push(Inline::Text(std::mem::take(plain)));
        }
    };
    while let Some(c) = rest.chars().next() {
        let next = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '<' if let Some(behind) = behind_anchor(rest) => {
                rest = behind;
                continue;
            }
            '\\' if next.starts_with(|n: char| n.is_ascii_punctuation()) => {
                plain.push_str(next.get(..1).unwrap_or_default());
                rest = next.get(1..).unwrap_or_default();
                continue;
            }
            '`' => {
                let n = rest.bytes().take_while(|b| *b == b'`').count();
                let ticks = rest.get(..n).unwrap_or_default();
                let body = rest.get(n..).unwrap_or_default();
                if let Some(end) = closing(body, ticks) {
                    flush(&mut plain, &mut out);
                    let code = body.get(..end).unwrap_or_default();
                    let padded =
                        code.starts_with(' ') && code.ends_with(' ') && !code.trim().is_empty() && code.len() > 2;
                    out.push(Inline::Code(
                        if padded { code.get(1..code.len() - 1).unwrap_or_default() } else { code }.to_owned(),
                    ));
                    rest = body.get(end + n..).unwrap_or_default();
                    continue;
                }
                plain.push_str(ticks);
                rest = body;
                continue;
            }
            '*' if next.starts_with('*') => {
                let body = next.get(1..).unwrap_or_default();
                if let Some(end) = body.find("**").filter(|e| *e > 0) {
                    flush(&mut plain, &mut out);
                    out.push(Inline::Strong(unescaped(body.get(..end).unwrap_or_default())));
                    rest = body.get(end + 2..).unwrap_or_default();
                    continue;
                }
            }
            '[' => {
                if let Some((label, after)) = next.split_once("](")
                    && !label.contains('[')
                    && let Some((_, after)) = after.split_once(')')
                {
                    flush(&mut plain, &mut out);
                    out.push(Inline::Link(unescaped(&label.replace('`', ""))));
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        plain.push(c);
        rest = next;
    }
    flush(&mut plain, &mut out);
    out
}

/// Where a code span's closing ticks stand: a run of exactly as many.
fn closing(body: &str, ticks: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes.get(i) == Some(&b'`') {
            let run = bytes.iter().skip(i).take_while(|b| **b == b'`').count();
            if run == ticks.len() {
                return Some(i);
            }
            i += run;
        } else {
            i += 1;
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(n) if c == '\\' && n.is_ascii_punctuation() => {}
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(s: &str) -> Inline {
        Inline::Text(s.into())
    }

    #[test]
    fn blocks() {
        let md = "# Title\n\nOne\ntwo.\n\n- a\n- b\n  c\n\n1. x\n\n| n | v |\n|---|--:|\n| `a\\|b` | 3 |\n\n```sql\nSELECT 1;\n\n-- # no\n```\n\n> q\n> r\n\n---\n";
        assert_eq!(
            parse(md),
            [
                Block::Heading(1, vec![t("Title")]),
                Block::Paragraph(vec![t("One two.")]),
                Block::List { ordered: false, items: vec![vec![t("a")], vec![t("b c")]] },
                Block::List { ordered: true, items: vec![vec![t("x")]] },
                Block::Table {
                    head: vec![vec![t("n")], vec![t("v")]],
                    rows: vec![vec![vec![Inline::Code("a|b".into())], vec![t("3")]]],
                    right: vec![false, true],
                },
                Block::Code("SELECT 1;\n\n-- # no".into()),
                Block::Quote(vec![t("q r")]),
                Block::Rule,
            ]
        );
    }

    #[test]
    fn inline_markup() {
        assert_eq!(
            inline("a **b** `` c`d `` [e](#f)"),
            [t("a "), Inline::Strong("b".into()), t(" "), Inline::Code("c`d".into()), t(" "), Inline::Link("e".into()),]
        );
        assert_eq!(inline(r"\<script\> 2 \* 3 \\"), [t(r"<script> 2 * 3 \")]);
        assert_eq!(inline("a ` b ** c [d] (e)"), [t("a ` b ** c [d] (e)")]);
    }

    #[test]
    fn folds_and_anchors_of_the_report() {
        let read = parse(
            "### <a id=\"type-uuid\"></a>`uuid`\n\n<details><summary>2 more</summary>\n\nx\n\n- y\n\n</details>\n\nz\n",
        );
        assert_eq!(
            read,
            [
                Block::Heading(3, vec![Inline::Code("uuid".into())]),
                Block::Fold(
                    vec![t("2 more")],
                    vec![Block::Paragraph(vec![t("x")]), Block::List { ordered: false, items: vec![vec![t("y")]] }]
                ),
                Block::Paragraph(vec![t("z")]),
            ]
        );
        // An anchor with anything else in it is text, as all markup is.
        assert_eq!(inline("<a id=\"x\" href=y></a>"), [t("<a id=\"x\" href=y></a>")]);
        let deep = "<details><summary>s</summary>\n".repeat(100_000);
        assert_eq!(parse(&deep).len(), 1);
    }

    #[test]
    fn whatever_comes_it_ends() {
        for hostile in ["```", "|", "| a |\n|-|", "****", "[](", "#", "# ", "- ", "\\", "`", "> "] {
            let _ = parse(hostile);
        }
        assert_eq!(parse("<img src=x onerror=alert(1)>"), [Block::Paragraph(vec![t("<img src=x onerror=alert(1)>")])]);
    }
}
