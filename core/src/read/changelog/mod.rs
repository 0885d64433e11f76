//! Liquibase's changelogs in XML, YAML and JSON: one tree for all three, and the statements that their changes stand for.
//!
//! Liquibase itself makes one kind of node of all formats: attributes and keys alike are children with a value. Source: `ParsedNode` in Liquibase.

mod change;
mod data_type;
mod name;
mod write;
mod xml;
mod yaml;

pub(crate) use change::{Statements, statements};
pub(crate) use name::Quoting;

use crate::problem::{Problem, ProblemKind};
use crate::source::{Defines, FileId, Mapped, Span};

/// Elements inside elements; deeper ones are no changelog.
const MAX_DEPTH: usize = 64;
/// How many nodes a file may have.
const MAX_NODES: usize = 1_000_000;

/// An element, an attribute or an entry of a changelog.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Its name, without the prefix of a namespace. Items of lists have none.
    pub(crate) name: String,
    /// Its name where it stands.
    pub(crate) span: Span,
    /// Its text, where it has some.
    pub(crate) value: Option<Mapped>,
    /// What is in it, in order.
    pub(crate) children: Vec<Node>,
}

impl Node {
    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|c| c.name == name)
    }

    /// All children of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |c| c.name == name)
    }

    /// The value of the first child of this name that has text other than white space.
    pub(crate) fn mapped(&self, name: &str) -> Option<Mapped> {
        self.child(name)?.trimmed()
    }

    /// The value of the first child of this name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.child(name)?.value.as_ref().map(|v| v.as_str().trim()).filter(|v| !v.is_empty())
    }

    /// Whether the child of this name says yes or no.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|v| v.eq_ignore_ascii_case("true"))
    }

    /// Its text without white space around it.
    pub(crate) fn trimmed(&self) -> Option<Mapped> {
        let value = self.value.as_ref()?;
        let text = value.as_str();
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len();
        (start < end).then(|| value.slice(start, end))
    }

    /// The columns of a change: XML has them as children, YAML and JSON in a list.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &Node> {
        let lists = self.all("columns").flat_map(|list| list.all("column"));
        self.all("column").filter(|c| !c.children.is_empty()).chain(lists)
    }

    /// A copy whose placeholders have their values.
    pub(crate) fn filled(&self, defines: &mut Defines) -> Node {
        Node {
            name: self.name.clone(),
            span: self.span,
            value: self.value.as_ref().map(|value| defines.fill_mapped(value)),
            // As deep as the reader of the file lets it be.
            children: self.children.iter().map(|c| c.filled(defines)).collect(),
        }
    }
}

/// Whether a text of this name that begins like `head` is a changelog: its one element or key is `databaseChangeLog`.
pub(crate) fn is_changelog(name: &str, head: &str) -> bool {
    let ends = |ending: &str| {
        let tail = name.len().checked_sub(ending.len()).filter(|at| *at > 0).and_then(|at| name.get(at..));
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
    };
    [".xml", ".yaml", ".yml", ".json"].iter().any(|e| ends(e)) && head.contains("databaseChangeLog")
}

/// Reads a changelog; gives its element `databaseChangeLog`. What is wrong with the file becomes a problem, and what was read before stands.
pub(crate) fn read(name: &str, text: &str, file: FileId, base: u32) -> (Option<Node>, Option<Problem>) {
    let reader = if name.to_ascii_lowercase().ends_with(".xml") { xml::read } else { yaml::read };
    let (root, wrong) = reader(text, file, base);
    let problem = wrong.map(|Wrong { at, message }| {
        let start = base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
        let message = format!("`{name}` is no changelog from here on: {message}. What stands before was read.");
        Problem { kind: ProblemKind::SyntaxError, message, span: Some(Span::new(file, start, start)) }
    });
    let found = if root.name == "databaseChangeLog" {
        Some(root)
    } else {
        root.children.into_iter().find(|c| c.name == "databaseChangeLog")
    };
    (found, problem)
}

/// The tree of a file in YAML that is no changelog, up to the first mistake; its places say nothing.
pub(crate) fn read_yaml(text: &str) -> Node {
    yaml::read(text, FileId(0), 0).0
}

/// What a reader stumbled over.
struct Wrong {
    at: usize,
    message: &'static str,
}
