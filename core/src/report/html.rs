//! The report as one HTML page: styles and script in it, nothing to load, and nothing that needs the script to be read.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::compose::{Form, document};
use super::doc::{Block, Chapter, Document, Entry, Figure, Inline, Link, Rich, Scores, State, Table};
use super::escape;
use super::highlight::{Ink, highlight};
use super::model::Report;
use super::options::ReportOptions;

const STYLE: &str = include_str!("report.css");
/// Sorts, filters and unfolds.
const SCRIPT: &str = include_str!("report.js");
/// The script's digest, by which the policy lets it, and nothing else, run. A test holds it against the script.
pub(super) const SCRIPT_DIGEST: &str = "pfMZ08k3A+v4uP+S7XUM3NtEFoWv4bjGZHBaG5fVv44=";

/// SQL beyond this many bytes is shown in one colour: the marks would weigh more than the text.
const MAX_INKED: usize = 40_000;
/// Names up to this many bytes stay on one line.
const UNBROKEN: usize = 40;
/// No part of a broken name is shorter than this, but for its last.
const PART: usize = 10;

/// The report as HTML.
pub fn html(report: &Report, options: &ReportOptions<'_>) -> String {
    print(&document(report, options, Form::Html), report.generator.version)
}

fn print(document: &Document, version: &str) -> String {
    let mut w = Writer { out: String::new(), anchors: document.anchors(), drawings: 0 };
    let title = escape::html(&document.title);
    // The policy is a second wall behind the escaping: even a page with markup in it could load and run nothing.
    w.put(&format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'sha256-{SCRIPT_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"Relata {version}\">\n<title>Schema audit: {title}</title>\n\
         <style>\n{STYLE}@page {{ @top-left {{ content: \"{}\"; }} }}\n</style>\n</head>\n<body>\n<main>\n",
        css_string(&document.title)
    ));
    w.cover(document, &title);
    w.contents(&document.chapters);
    for chapter in &document.chapters {
        w.chapter(chapter);
    }
    let _ = write!(
        w.out,
        "<footer>{}</footer>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape::html(&document.footer)
    );
    escape::inert(w.out)
}

/// Text for a quoted string of CSS: everything but letters and digits is written by its number. Source: CSS Syntax 3, 4.3.7.
fn css_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in escape::visible(text).chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            out.push(c);
        } else {
            let _ = write!(out, "\\{:x} ", u32::from(c));
        }
    }
    out
}

struct Writer<'a> {
    out: String,
    /// Every id that a link may lead to.
    anchors: BTreeSet<&'a str>,
    /// How many drawings are in the page.
    drawings: u32,
}

impl Writer<'_> {
    fn put(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn cover(&mut self, document: &Document, title: &str) {
        self.put("<header class=\"cover\">\n");
        if let Some(logo) = &document.logo {
            let _ = writeln!(self.out, "<img class=\"logo\" src=\"{}\" alt=\"\">", escape::html(logo));
        }
        let _ = writeln!(self.out, "<p class=\"kind\">Schema audit</p>\n<h1>{title}</h1>\n<dl>");
        for (label, text) in &document.cover {
            let _ = write!(self.out, "<dt>{}</dt><dd>", escape::html(label));
            if text.is_empty() {
                // To be filled in: on screen by typing, on paper by hand. The core knows no clock.
                let _ = write!(
                    self.out,
                    "<span class=\"blank\" contenteditable=\"true\" role=\"textbox\" aria-label=\"{}\"></span>",
                    escape::html(label)
                );
            }
            self.rich(text);
            self.put("</dd>\n");
        }
        let _ = writeln!(self.out, "</dl>\n<p class=\"verdict\">{}</p>", escape::html(&document.verdict));
        if let Some(note) = &document.note {
            for paragraph in note.split("\n\n").filter(|p| !p.trim().is_empty()) {
                let _ = writeln!(self.out, "<p class=\"note\">{}</p>", escape::html(&escape::one_line(paragraph)));
            }
        }
        self.put("</header>\n");
    }

    fn contents(&mut self, chapters: &[Chapter]) {
        self.put("<nav class=\"toc\" aria-label=\"Contents\">\n<ol>\n");
        for chapter in chapters {
            let _ = write!(self.out, "<li><a href=\"#{}\">{}", chapter.id, escape::html(chapter.title));
            if let Some(of) = &chapter.of {
                let _ = write!(self.out, " <span class=\"soft\">{}</span>", escape::html(of));
            }
            self.put("</a>");
            if !chapter.size.is_empty() {
                let _ = write!(self.out, " <span class=\"soft\">{}</span>", escape::html(&chapter.size));
            }
            self.put("</li>\n");
        }
        self.put("</ol>\n</nav>\n");
    }

    fn chapter(&mut self, chapter: &Chapter) {
        let _ =
            write!(self.out, "<section class=\"chapter\">\n<h2 id=\"{}\">{}", chapter.id, escape::html(chapter.title));
        if let Some(of) = &chapter.of {
            let _ = write!(self.out, " <span class=\"soft\">{}</span>", escape::html(of));
        }
        self.put("</h2>\n");
        self.blocks(&chapter.blocks, 0);
        self.put("</section>\n");
    }

    fn blocks(&mut self, blocks: &[Block], depth: u8) {
        if depth > 8 {
            return;
        }
        for block in blocks {
            match block {
                Block::Paragraph(text) => self.wrapped("p", "", text),
                Block::Small(text) => self.wrapped("p", " class=\"small\"", text),
                Block::Heading(level, id, text) => {
                    let tag = if *level == 1 { "h3" } else { "h4" };
                    let id = id.as_ref().map_or(String::new(), |id| format!(" id=\"{id}\""));
                    self.wrapped(tag, &id, text);
                }
                Block::List(items) if !items.is_empty() => {
                    self.put("<ul class=\"plain\">\n");
                    for item in items {
                        self.wrapped("li", "", item);
                    }
                    self.put("</ul>\n");
                }
                Block::List(_) => {}
                Block::Facts(facts) => self.facts(facts),
                Block::Table(table) => self.table(table),
                Block::Code(language, text) => self.code_block(language, text),
                Block::Figure(figure) => self.figure(figure),
                Block::Scores(scores) => self.scores(scores),
                Block::Entry(entry) => self.entry(entry, depth),
                Block::Fold(summary, inner) => {
                    self.put("<details>\n");
                    self.wrapped("summary", "", summary);
                    self.blocks(inner, depth + 1);
                    self.put("</details>\n");
                }
            }
        }
    }

    fn wrapped(&mut self, tag: &str, attributes: &str, text: &Rich) {
        let _ = write!(self.out, "<{tag}{attributes}>");
        self.rich(text);
        let _ = writeln!(self.out, "</{tag}>");
    }

    fn rich(&mut self, text: &Rich) {
        for inline in &text.0 {
            match inline {
                Inline::Text(text) => self.words(text),
                Inline::Code(text) => self.code(text),
                Inline::Strong(text) => self.enclosed("b", "", text),
                Inline::Soft(text) => self.enclosed("span", " class=\"soft\"", text),
                Inline::Break => self.put("<br>"),
                Inline::Severity(severity) => {
                    let _ = write!(self.out, "<span class=\"severity {severity}\">{severity}</span>");
                }
                Inline::State(state, words) => {
                    let class = match state {
                        State::Yes => "yes",
                        State::Partly => "partly",
                        State::No => "no",
                        State::NotApplicable => "soft",
                    };
                    let _ = write!(self.out, "<span class=\"{class}\">{}</span>", escape::html(words));
                }
                Inline::Link(Link::Anchor(id), text) if self.anchors.contains(id.as_str()) => {
                    let _ = write!(self.out, "<a href=\"#{id}\">");
                    self.rich(text);
                    self.put("</a>");
                }
                Inline::Link(Link::Anchor(_), text) => self.rich(text),
                Inline::Link(Link::Url(url), text) => {
                    let _ = write!(self.out, "<a href=\"{}\" rel=\"noreferrer\">", escape::html(url));
                    self.rich(text);
                    self.put("</a>");
                }
            }
        }
    }

    /// Text; a word as long as a path may break like one.
    fn words(&mut self, text: &str) {
        let shown = escape::html(text);
        if !shown.split(' ').any(|word| word.len() > UNBROKEN) {
            self.put(&shown);
            return;
        }
        for word in shown.split_inclusive(' ') {
            if word.len() > UNBROKEN { self.breakable(word) } else { self.put(word) }
        }
    }

    fn breakable(&mut self, shown: &str) {
        let mut line = 0;
        for piece in shown.split_inclusive(['/', '_', '.', '(', ',']) {
            // Behind what came before, never behind the last.
            if line >= PART {
                self.put("<wbr>");
                line = 0;
            }
            self.put(piece);
            line += piece.len();
        }
    }

    fn enclosed(&mut self, tag: &str, attributes: &str, text: &str) {
        let _ = write!(self.out, "<{tag}{attributes}>{}</{tag}>", escape::html(text));
    }

    /// A long name may break where its parts meet, so that no column of a table has to be as wide as the longest of them.
    fn code(&mut self, text: &str) {
        let shown = escape::html(text);
        if shown.len() <= UNBROKEN {
            let _ = write!(self.out, "<code>{shown}</code>");
            return;
        }
        self.put("<code>");
        self.breakable(&shown);
        self.put("</code>");
    }

    fn facts(&mut self, facts: &[(Rich, Rich)]) {
        if facts.is_empty() {
            return;
        }
        self.put("<ul class=\"facts\">\n");
        for (label, number) in facts {
            self.put("<li><span>");
            self.rich(label);
            self.put("</span> <b>");
            self.rich(number);
            self.put("</b></li>\n");
        }
        self.put("</ul>\n");
    }

    fn table(&mut self, table: &Table) {
        let is_number = |at: usize| table.columns.get(at).is_some_and(|c| c.starts_with('#'));
        let class = |at: usize| if is_number(at) { " class=\"n\"" } else { "" };
        self.put("<div class=\"wide\"><table>\n<thead><tr>");
        for (at, title) in table.columns.iter().enumerate() {
            let _ = write!(self.out, "<th{}>{}</th>", class(at), escape::html(title.trim_start_matches('#')));
        }
        self.put("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            match &row.id {
                Some(id) => {
                    let _ = write!(self.out, "<tr id=\"{id}\">");
                }
                None => self.put("<tr>"),
            }
            for (at, cell) in row.cells.iter().enumerate() {
                let _ = write!(self.out, "<td{}>", class(at));
                self.rich(cell);
                self.put("</td>");
            }
            self.put("</tr>\n");
        }
        self.put("</tbody></table></div>\n");
    }

    fn code_block(&mut self, language: &str, text: &str) {
        self.put("<pre>");
        let shown = escape::visible_block(text.trim_end());
        if language == "sql" && shown.len() <= MAX_INKED {
            for (ink, piece) in highlight(&shown) {
                let class = match ink {
                    Ink::Plain => {
                        self.put(&escape::html_block(piece));
                        continue;
                    }
                    Ink::Word => "k",
                    Ink::Text => "s",
                    Ink::Comment => "c",
                };
                let _ = write!(self.out, "<span class=\"{class}\">{}</span>", escape::html_block(piece));
            }
        } else {
            self.put(&escape::html_block(&shown));
        }
        self.put("</pre>\n");
    }

    fn figure(&mut self, figure: &Figure) {
        // An XML declaration has no place inside HTML.
        let body = figure.svg.as_deref().and_then(|svg| svg.get(svg.find("<svg")?..));
        let Some(body) = body else {
            let _ = writeln!(self.out, "<p>{}</p>", escape::html(&figure.caption));
            return;
        };
        self.drawings += 1;
        self.put("<figure class=\"diagram\">\n");
        // The symbols of the first drawing serve all: an id may be there once.
        match (self.drawings, body.split_once("<defs>"), body.split_once("</defs>")) {
            (2.., Some((before, _)), Some((_, behind))) => {
                self.put(before);
                self.put(behind.trim_end());
            }
            _ => self.put(body.trim_end()),
        }
        let _ = writeln!(self.out, "\n<figcaption>{}</figcaption>\n</figure>", escape::html(&figure.caption));
    }

    fn scores(&mut self, scores: &Scores) {
        self.put("<div class=\"scores\">\n");
        if let Some((grade, total)) = scores.grade {
            let _ = writeln!(
                self.out,
                "<div class=\"grade\"><b>{}</b> <span>{total} of 100</span></div>",
                escape::html(&grade.to_string())
            );
        }
        self.put("<ul class=\"counts\">\n");
        for (severity, number) in &scores.counts {
            self.put("<li><b>");
            self.rich(number);
            let _ = writeln!(self.out, "</b> <span class=\"severity {severity}\">{severity}</span></li>");
        }
        self.put("</ul>\n</div>\n");
    }

    fn entry(&mut self, entry: &Entry, depth: u8) {
        match entry.severity {
            Some(severity) => {
                let _ = write!(
                    self.out,
                    "<article class=\"finding\" id=\"{}\" data-severity=\"{severity}\">\n<div class=\"head\">",
                    entry.id
                );
                self.rich(&entry.head);
                self.put("</div>\n");
                self.blocks(&entry.blocks, depth + 1);
                self.put("</article>\n");
            }
            None => {
                let _ = writeln!(self.out, "<section class=\"entry\" id=\"{}\">", entry.id);
                self.wrapped("h3", "", &entry.head);
                self.blocks(&entry.blocks, depth + 1);
                self.put("</section>\n");
            }
        }
    }
}
