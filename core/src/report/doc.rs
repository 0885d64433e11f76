//! A report as a tree of plain blocks, which each renderer prints in its own format. Nothing here is escaped: text of the input is told apart from
//! markup by its place in the tree alone.

use std::collections::BTreeSet;

use super::escape::{self, Piece};
use crate::finding::Severity;

/// A whole report.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// What it is about.
    pub(super) title: String,
    /// An image as a data URL.
    pub(super) logo: Option<String>,
    /// What stands under the title, by label.
    pub(super) cover: Vec<(String, Rich)>,
    /// The line that says what came of it.
    pub(super) verdict: String,
    /// Words of whoever hands it over.
    pub(super) note: Option<String>,
    pub(super) chapters: Vec<Chapter>,
    /// Who made it.
    pub(super) footer: String,
}

/// A part with a line in the table of contents.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    pub(super) id: String,
    pub(super) title: &'static str,
    /// The target that it is about, where there are several.
    pub(super) of: Option<String>,
    /// What the table of contents says of its size.
    pub(super) size: String,
    pub(super) blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
pub(super) enum Block {
    Paragraph(Rich),
    /// In smaller type.
    Small(Rich),
    /// A heading below the chapter's: level 1 or 2.
    Heading(u8, Option<String>, Rich),
    List(Vec<Rich>),
    /// Labels with numbers.
    Facts(Vec<(Rich, Rich)>),
    Table(Table),
    /// Text in a language, line by line.
    Code(&'static str, String),
    Figure(Figure),
    Scores(Scores),
    /// A finding or an object of the schema, that others link to.
    Entry(Entry),
    /// What is shown on demand; print shows it all.
    Fold(Rich, Vec<Block>),
}

/// A table. A column's title that starts with `#` says that it holds numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Row>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) id: Option<String>,
    pub(super) cells: Vec<Rich>,
}

/// A drawing in the forms that there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Figure {
    /// Markup made by us.
    pub(super) svg: Option<String>,
    /// Text for Mermaid.
    pub(super) mermaid: Option<String>,
    /// What it shows, and what to read where it cannot be drawn.
    pub(super) caption: String,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Scores {
    pub(super) grade: Option<(char, u8)>,
    pub(super) counts: Vec<(Severity, Rich)>,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    /// The severity of a finding; `None` for an object.
    pub(super) severity: Option<Severity>,
    pub(super) head: Rich,
    pub(super) blocks: Vec<Block>,
}

/// A line of text with marks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rich(pub(super) Vec<Inline>);

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    Strong(String),
    /// What steps back behind the rest.
    Soft(String),
    Link(Link, Rich),
    Severity(Severity),
    State(State, String),
    Break,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Link {
    /// An id in the document. Where it does not exist, only the text is shown.
    Anchor(String),
    /// A page elsewhere: where a file lies in its repository.
    Url(String),
}

/// Whether something is as it should be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Yes,
    /// In part.
    Partly,
    /// Not.
    No,
    /// The question does not arise.
    NotApplicable,
}

impl State {
    /// The word where nothing more exact is said.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
            Self::NotApplicable => "–",
        }
    }
}

/// How many rows or items are shown before the rest is folded.
pub(super) const SHOWN: usize = 40;

impl Rich {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    pub(super) fn just_code(text: impl Into<String>) -> Self {
        Self::default().code(text)
    }

    fn with(mut self, inline: Inline) -> Self {
        self.0.push(inline);
        self
    }

    pub(super) fn text(self, text: impl Into<String>) -> Self {
        self.with(Inline::Text(text.into()))
    }

    pub(super) fn code(self, text: impl Into<String>) -> Self {
        self.with(Inline::Code(text.into()))
    }

    /// An expression of the schema as code on one line.
    pub(super) fn sql(self, expression: &str) -> Self {
        self.code(escape::one_line(expression))
    }

    pub(super) fn strong(self, text: impl Into<String>) -> Self {
        self.with(Inline::Strong(text.into()))
    }

    pub(super) fn soft(self, text: impl Into<String>) -> Self {
        self.with(Inline::Soft(text.into()))
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        self.with(Inline::Severity(severity))
    }

    pub(super) fn state(self, state: State, words: impl Into<String>) -> Self {
        self.with(Inline::State(state, words.into()))
    }

    pub(super) fn line_break(self) -> Self {
        self.with(Inline::Break)
    }

    pub(super) fn link(self, anchor: impl Into<String>, text: Rich) -> Self {
        self.with(Inline::Link(Link::Anchor(anchor.into()), text))
    }

    pub(super) fn then(mut self, other: Rich) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Names as code with commas between them.
    pub(super) fn codes<S: AsRef<str>>(mut self, names: &[S]) -> Self {
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                self = self.text(", ");
            }
            self = self.sql(name.as_ref());
        }
        self
    }

    /// A message: what stands in backticks is code; `names` are those that may hold backticks themselves.
    pub(super) fn prose(mut self, message: &str, names: &[&str]) -> Self {
        for piece in escape::pieces(message, names) {
            self = match piece {
                Piece::Text(text) => self.text(text),
                Piece::Code(name) => self.code(name),
            };
        }
        self
    }

    /// Several with a separator between them.
    pub(super) fn joined(parts: impl IntoIterator<Item = Rich>, separator: &str) -> Self {
        let mut all = Self::default();
        for part in parts {
            if !all.0.is_empty() {
                all = all.text(separator);
            }
            all = all.then(part);
        }
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Rich {
    fn from(text: String) -> Self {
        Self::of(text)
    }
}

impl From<&str> for Rich {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl Row {
    pub(super) fn of(cells: Vec<Rich>) -> Self {
        Self { id: None, cells }
    }
}

impl Block {
    pub(super) fn paragraph(text: impl Into<Rich>) -> Self {
        Self::Paragraph(text.into())
    }

    pub(super) fn table(columns: &[&'static str], rows: impl IntoIterator<Item = Vec<Rich>>) -> Self {
        Self::Table(Table { columns: columns.to_vec(), rows: rows.into_iter().map(Row::of).collect() })
    }
}

/// A table, folded under its count where it is long.
pub(super) fn folding(table: Table, one: &str, many: &str) -> Block {
    let n = table.rows.len();
    if n <= SHOWN {
        return Block::Table(table);
    }
    Block::Fold(super::words::count(n as u64, one, many).into(), vec![Block::Table(table)])
}

impl Document {
    /// Every id that a link may lead to.
    pub(super) fn anchors(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        for chapter in &self.chapters {
            found.insert(chapter.id.as_str());
            collect(&chapter.blocks, &mut found, 0);
        }
        found
    }
}

/// Blocks lie in each other three deep at most.
const MAX_DEPTH: usize = 8;

fn collect<'a>(blocks: &'a [Block], found: &mut BTreeSet<&'a str>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for block in blocks {
        match block {
            Block::Heading(_, Some(id), _) => {
                found.insert(id);
            }
            Block::Table(table) => found.extend(table.rows.iter().filter_map(|r| r.id.as_deref())),
            Block::Entry(entry) => {
                found.insert(&entry.id);
                collect(&entry.blocks, found, depth + 1);
            }
            Block::Fold(_, blocks) => collect(blocks, found, depth + 1),
            _ => {}
        }
    }
}
