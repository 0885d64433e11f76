//! The report as GitHub-flavoured Markdown.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::compose::{Form, document};
use super::doc::{Block, Chapter, Document, Entry, Inline, Link, Rich, State, Table};
use super::escape;
use super::model::Report;
use super::options::ReportOptions;

/// The report as Markdown.
pub fn markdown(report: &Report, options: &ReportOptions<'_>) -> String {
    print(&document(report, options, Form::Markdown), true)
}

/// A document as Markdown, with or without a table of contents.
pub(super) fn print(document: &Document, contents: bool) -> String {
    let mut w = Writer { out: String::new(), anchors: document.anchors() };
    w.line(&format!("# Schema audit: {}", escape::markdown(&document.title)));
    if let Some(logo) = &document.logo {
        w.line(&format!("![Logo]({logo})"));
    }
    for (label, text) in &document.cover {
        let text = if text.is_empty() { "____________________".to_owned() } else { w.rich(text, Place::Text) };
        w.line(&format!("{}: {text}", escape::markdown(label)));
    }
    w.line(&format!("**{}**", escape::markdown(&document.verdict)));
    for paragraph in document.note.iter().flat_map(|n| n.split("\n\n")).filter(|p| !p.trim().is_empty()) {
        w.line(&escape::markdown(&escape::one_line(paragraph)));
    }
    if contents {
        w.contents(&document.chapters);
    }
    for chapter in &document.chapters {
        w.chapter(chapter);
    }
    w.line(&escape::markdown(&document.footer));
    escape::inert(w.out.trim_end().to_owned() + "\n")
}

/// Where a text stands: a bar ends a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Cell,
}

struct Writer<'a> {
    out: String,
    anchors: BTreeSet<&'a str>,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str("\n\n");
    }

    fn contents(&mut self, chapters: &[Chapter]) {
        for chapter in chapters {
            let of = chapter.of.as_ref().map_or(String::new(), |of| format!(" ({})", escape::markdown(of)));
            let size =
                if chapter.size.is_empty() { String::new() } else { format!(": {}", escape::markdown(&chapter.size)) };
            let _ = writeln!(self.out, "- [{}{of}](#{}){size}", escape::markdown(chapter.title), chapter.id);
        }
        self.out.push('\n');
    }

    fn chapter(&mut self, chapter: &Chapter) {
        let of = chapter.of.as_ref().map_or(String::new(), |of| format!(" ({})", escape::markdown(of)));
        // Ids of our own: those that a host makes of headings differ from host to host.
        self.line(&format!("## <a id=\"{}\"></a>{}{of}", chapter.id, escape::markdown(chapter.title)));
        self.blocks(&chapter.blocks, 0);
    }

    fn blocks(&mut self, blocks: &[Block], depth: u8) {
        if depth > 8 {
            return;
        }
        for block in blocks {
            match block {
                Block::Paragraph(text) | Block::Small(text) => {
                    let text = self.rich(text, Place::Text);
                    self.line(&text);
                }
                Block::Heading(level, id, text) => {
                    let marks = if *level == 1 { "###" } else { "####" };
                    let anchor = id.as_ref().map_or(String::new(), |id| format!("<a id=\"{id}\"></a>"));
                    let text = self.rich(text, Place::Text);
                    self.line(&format!("{marks} {anchor}{text}"));
                }
                Block::List(items) => {
                    for item in items {
                        let text = self.rich(item, Place::Text);
                        let _ = writeln!(self.out, "- {text}");
                    }
                    if !items.is_empty() {
                        self.out.push('\n');
                    }
                }
                Block::Facts(facts) => self.table(&Table {
                    columns: vec!["What", "#How many"],
                    rows: facts.iter().map(|(label, n)| super::doc::Row::of(vec![label.clone(), n.clone()])).collect(),
                }),
                Block::Table(table) => self.table(table),
                Block::Code(language, text) => {
                    let block = escape::markdown_block(language, text.trim_end());
                    self.line(block.trim_end());
                }
                Block::Figure(figure) => match &figure.mermaid {
                    Some(text) => {
                        let block = escape::markdown_block("mermaid", text.trim_end());
                        self.line(block.trim_end());
                        self.line(&escape::markdown(&figure.caption));
                    }
                    None => self.line(&escape::markdown(&figure.caption)),
                },
                Block::Scores(scores) => {
                    let rows =
                        scores.counts.iter().map(|(severity, n)| vec![Rich::default().severity(*severity), n.clone()]);
                    let Block::Table(table) = Block::table(&["Severity", "#Findings"], rows) else { continue };
                    self.table(&table);
                }
                Block::Entry(entry) => self.entry(entry, depth),
                Block::Fold(summary, inner) => {
                    let summary = self.rich(summary, Place::Cell);
                    self.line(&format!("<details><summary>{summary}</summary>"));
                    self.blocks(inner, depth + 1);
                    self.line("</details>");
                }
            }
        }
    }

    fn entry(&mut self, entry: &Entry, depth: u8) {
        let head = self.rich(&entry.head, Place::Text);
        let marks = if entry.severity.is_some() { "" } else { "### " };
        self.line(&format!("{marks}<a id=\"{}\"></a>{head}", entry.id));
        self.blocks(&entry.blocks, depth + 1);
    }

    fn table(&mut self, table: &Table) {
        if table.rows.is_empty() {
            return;
        }
        let heads: Vec<&str> = table.columns.iter().map(|c| c.trim_start_matches('#')).collect();
        let _ = writeln!(self.out, "| {} |", heads.join(" | "));
        let rule: Vec<&str> = table.columns.iter().map(|c| if c.starts_with('#') { "---:" } else { "---" }).collect();
        let _ = writeln!(self.out, "| {} |", rule.join(" | "));
        for row in &table.rows {
            let mut cells: Vec<String> = row.cells.iter().map(|c| self.rich(c, Place::Cell)).collect();
            if let (Some(id), Some(first)) = (&row.id, cells.first_mut()) {
                *first = format!("<a id=\"{id}\"></a>{first}");
            }
            let _ = writeln!(self.out, "| {} |", cells.join(" | "));
        }
        self.out.push('\n');
    }

    /// A line of text. In a cell nothing begins a line.
    fn rich(&self, text: &Rich, place: Place) -> String {
        let code = match place {
            Place::Text => escape::markdown_code,
            Place::Cell => escape::markdown_cell_code,
        };
        let mut out = String::new();
        for inline in &text.0 {
            match inline {
                // What would start a list or a heading does so only at the beginning of a line.
                Inline::Text(text) if out.is_empty() && place == Place::Text => out.push_str(&escape::markdown(text)),
                Inline::Text(text) => out.push_str(&escape::markdown_inside(text)),
                Inline::Soft(text) => out.push_str(&escape::markdown_inside(text)),
                Inline::Code(text) => {
                    // Two spans with nothing between them would run into each other.
                    if out.ends_with('`') {
                        out.push(' ');
                    }
                    out.push_str(&code(text));
                }
                Inline::Strong(text) => {
                    let _ = write!(out, "**{}**", escape::markdown_inside(text));
                }
                Inline::Break => out.push_str("<br>"),
                Inline::Severity(severity) => out.push_str(severity.name()),
                Inline::State(State::No, words) => {
                    let _ = write!(out, "**{}**", escape::markdown_inside(words));
                }
                Inline::State(_, words) => out.push_str(&escape::markdown_inside(words)),
                Inline::Link(Link::Anchor(id), text) if self.anchors.contains(id.as_str()) => {
                    let _ = write!(out, "[{}](#{id})", self.rich(text, place));
                }
                Inline::Link(Link::Anchor(_), text) => out.push_str(&self.rich(text, place)),
                Inline::Link(Link::Url(url), text) => {
                    let _ = write!(out, "[{}](<{}>)", self.rich(text, place), escape::markdown_url(url));
                }
            }
        }
        out
    }
}
