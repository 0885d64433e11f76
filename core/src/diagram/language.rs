//! A graph in one of the languages of diagrams, with as much of each table as is asked for.

use super::{Detail, Graph, dbml, mermaid, plantuml, text};

/// A language of diagrams. Each has its own layout, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// `erDiagram` of Mermaid.
    Mermaid,
    /// DBML.
    Dbml,
    /// PlantUML.
    PlantUml,
    /// Indented plain text.
    Text,
}

/// A diagram in a language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    /// All of it.
    Whole(String),
    /// More than the language's program draws in one diagram.
    Parts(Vec<mermaid::Part>),
}

impl Written {
    /// As one text: parts are a Markdown page with a block for each.
    pub fn into_text(self) -> String {
        match self {
            Self::Whole(text) => text,
            Self::Parts(parts) => mermaid::page(&parts),
        }
    }
}

impl Language {
    /// Writes a graph.
    pub fn write(self, graph: &Graph, detail: Detail) -> Written {
        let shown = |detail| graph.shown(detail);
        Written::Whole(match self {
            Self::Mermaid => match <[_; 1]>::try_from(mermaid::parts(&shown(detail))) {
                Ok([whole]) => whole.text,
                Err(parts) => return Written::Parts(parts),
            },
            // A table of DBML needs a column, and a reference two.
            Self::Dbml => dbml::render(&shown(detail.max(Detail::Keys))),
            Self::PlantUml => plantuml::render(&shown(detail)),
            Self::Text => text::render(&shown(detail)),
        })
    }

    /// How files of this language end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Mermaid => "mmd",
            Self::Dbml => "dbml",
            Self::PlantUml => "puml",
            Self::Text => "txt",
        }
    }
}
