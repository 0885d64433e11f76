//! The report as plain text, 80 columns wide.

use std::fmt::Write as _;

use super::compose::{Form, document};
use super::doc::{Block, Document, Inline, Link, Rich, Table};
use super::escape;
use super::model::Report;
use super::options::ReportOptions;
use super::wrap::{WIDTH, wrap};
use crate::diagram::layout::cells;

/// The report as plain text of 80 columns. A word longer than a line, a path say, stands by itself.
pub fn plain(report: &Report, options: &ReportOptions<'_>) -> String {
    print(&document(report, options, Form::Text))
}

fn print(document: &Document) -> String {
    let mut out = String::new();
    underlined(&mut out, &format!("Schema audit: {}", escape::visible(&document.title)), '=');
    for (label, text) in &document.cover {
        let text = if text.is_empty() { "____________________".to_owned() } else { words(text) };
        wrap(&mut out, &format!("{label}: {text}"), 0, 2);
    }
    out.push('\n');
    wrap(&mut out, &escape::visible(&document.verdict), 0, 0);
    for paragraph in document.note.iter().flat_map(|n| n.split("\n\n")).filter(|p| !p.trim().is_empty()) {
        out.push('\n');
        wrap(&mut out, &escape::visible(&escape::one_line(paragraph)), 0, 0);
    }
    for chapter in &document.chapters {
        out.push_str("\n\n");
        let of = chapter.of.as_ref().map_or(String::new(), |of| format!(" ({})", escape::visible(of)));
        underlined(&mut out, &format!("{}{of}", chapter.title), '-');
        blocks(&mut out, &chapter.blocks, 0);
    }
    out.push('\n');
    wrap(&mut out, &document.footer, 0, 0);
    escape::inert(out)
}

fn underlined(out: &mut String, text: &str, mark: char) {
    wrap(out, text, 0, 0);
    let _ = writeln!(out, "{}\n", mark.to_string().repeat(cells(text).min(WIDTH)));
}

fn blocks(out: &mut String, of: &[Block], depth: usize) {
    if depth > 8 {
        return;
    }
    for block in of {
        match block {
            Block::Paragraph(text) | Block::Small(text) => {
                wrap(out, &words(text), 0, 0);
                out.push('\n');
            }
            Block::Heading(_, _, text) => {
                wrap(out, &words(text), 0, 2);
                out.push('\n');
            }
            Block::List(items) => list(out, items),
            Block::Facts(facts) => {
                for (label, n) in facts {
                    wrap(out, &format!("{}: {}", words(label), words(n)), 2, 4);
                }
                out.push('\n');
            }
            Block::Table(table) => rows(out, table),
            Block::Code(_, text) => {
                for line in escape::visible_block(text.trim_end()).lines() {
                    let _ = writeln!(out, "    {line}");
                }
                out.push('\n');
            }
            Block::Figure(figure) => {
                wrap(out, &escape::visible(&figure.caption), 0, 0);
                out.push('\n');
            }
            Block::Scores(scores) => {
                let counts: Vec<String> = scores.counts.iter().map(|(s, n)| format!("{} {s}", words(n))).collect();
                wrap(out, &counts.join(", "), 0, 0);
                out.push('\n');
            }
            Block::Entry(entry) => {
                wrap(out, &words(&entry.head), 0, 2);
                blocks(out, &entry.blocks, depth + 1);
            }
            Block::Fold(summary, inner) => {
                wrap(out, &format!("{}:", words(summary)), 0, 2);
                out.push('\n');
                blocks(out, inner, depth + 1);
            }
        }
    }
}

fn list(out: &mut String, items: &[Rich]) {
    for item in items {
        bullet(out, &words(item));
    }
    if !items.is_empty() {
        out.push('\n');
    }
}

/// An item of a list. Its mark never stands alone on a line.
fn bullet(out: &mut String, text: &str) {
    let mut lines = String::new();
    wrap(&mut lines, text, 4, 4);
    out.push_str("  - ");
    out.push_str(lines.get(4..).unwrap_or_default());
}

/// In columns where they fit side by side, else row by row with each cell's title.
fn rows(out: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let titles: Vec<&str> = table.columns.iter().map(|c| c.trim_start_matches('#')).collect();
    let length = cells;
    let cells: Vec<Vec<String>> = table.rows.iter().map(|r| r.cells.iter().map(words).collect()).collect();
    let widths: Vec<usize> = titles
        .iter()
        .enumerate()
        .map(|(at, title)| {
            let cell = |row: &Vec<String>| row.get(at).map_or(0, |c| length(c));
            cells.iter().map(cell).max().unwrap_or(0).max(length(title))
        })
        .collect();
    let gaps = 2 * widths.len().saturating_sub(1);
    if widths.iter().sum::<usize>() + gaps <= WIDTH {
        let heads = titles.iter().map(|t| (*t).to_owned()).collect();
        for row in std::iter::once(&heads).chain(&cells) {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                let fill = " ".repeat(widths.get(at).map_or(0, |w| w.saturating_sub(length(cell))));
                let number = table.columns.get(at).is_some_and(|c| c.starts_with('#'));
                let (left, right) = if number { (fill.as_str(), "") } else { ("", fill.as_str()) };
                let _ = write!(line, "{}{left}{cell}{right}", if at > 0 { "  " } else { "" });
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    } else {
        for row in &cells {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
                let title = titles.get(at).copied().unwrap_or_default();
                let _ = match at {
                    0 => write!(line, "{cell}"),
                    _ if line.is_empty() => write!(line, "{}: {cell}", title.to_lowercase()),
                    _ => write!(line, "; {}: {cell}", title.to_lowercase()),
                };
            }
            bullet(out, &line);
        }
    }
    out.push('\n');
}

/// A text without its marks.
fn words(text: &Rich) -> String {
    let mut out = String::new();
    for inline in &text.0 {
        match inline {
            Inline::Text(t) | Inline::Code(t) | Inline::Strong(t) | Inline::Soft(t) | Inline::State(_, t) => {
                out.push_str(&escape::visible(t));
            }
            Inline::Severity(severity) => out.push_str(severity.name()),
            Inline::Break => out.push_str("; "),
            Inline::Link(Link::Anchor(_) | Link::Url(_), text) => out.push_str(&words(text)),
        }
    }
    out
}
