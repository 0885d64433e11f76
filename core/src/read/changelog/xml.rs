//! The part of XML that changelogs use: elements, attributes, text, CDATA and the five entities. Source: Extensible Markup Language 1.0.
//!
//! A reader of our own, because the SQL in an element has to know the place of each of its bytes, behind entities and across CDATA, too.

use super::{MAX_DEPTH, MAX_NODES, Node, Wrong};
use crate::source::{FileId, Mapped, Span};

/// Reads a document; what was read up to a mistake is given back with it.
pub(super) fn read(text: &str, file: FileId, base: u32) -> (Node, Option<Wrong>) {
    let mut reader = Reader { text, file, base, at: 0, nodes: 0, open: vec![Node::default()] };
    let wrong = reader.run().err();
    while reader.open.len() > 1 {
        reader.close();
    }
    (reader.open.pop().unwrap_or_default(), wrong)
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    base: u32,
    at: usize,
    nodes: usize,
    /// The elements that are open; the first stands for the document.
    open: Vec<Node>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), Wrong> {
        while let Some(rest) = self.text.get(self.at..).filter(|rest| !rest.is_empty()) {
            if let Some(body) = rest.strip_prefix("<!--") {
                self.at += 4 + behind(body, "-->", self.at, "a comment never ends")?;
            } else if let Some(body) = rest.strip_prefix("<![CDATA[") {
                let start = self.at + 9;
                let length = behind(body, "]]>", self.at, "a CDATA section never ends")?;
                self.text_of(start, start + length - 3, false);
                self.at = start + length;
            } else if let Some(body) = rest.strip_prefix("<?") {
                self.at += 2 + behind(body, "?>", self.at, "a processing instruction never ends")?;
            } else if let Some(body) = rest.strip_prefix("<!") {
                self.at += 2 + behind(body, ">", self.at, "a declaration never ends")?;
            } else if let Some(body) = rest.strip_prefix("</") {
                let length = behind(body, ">", self.at, "a closing tag never ends")?;
                let name = local(body.get(..length - 1).unwrap_or_default().trim());
                if self.open.len() < 2 || self.open.last().is_none_or(|open| open.name != name) {
                    return Err(Wrong { at: self.at, message: "a tag closes what is not open" });
                }
                self.close();
                self.at += 2 + length;
            } else if rest.starts_with('<') {
                self.element()?;
            } else {
                let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.text_of(self.at, self.at + length, true);
                self.at += length;
            }
        }
        match self.open.len() {
            1 => Ok(()),
            _ => Err(Wrong { at: self.at, message: "an element is not closed" }),
        }
    }

    /// An opening tag with its attributes.
    fn element(&mut self) -> Result<(), Wrong> {
        let start = self.at;
        self.at += 1;
        let name = self.name();
        if name.is_empty() {
            return Err(Wrong { at: start, message: "`<` does not begin a tag" });
        }
        if self.open.len() > MAX_DEPTH {
            return Err(Wrong { at: start, message: "elements lie too deep in each other" });
        }
        let span = self.span(start, self.at);
        let mut node = Node { name: local(name).to_owned(), span, ..Node::default() };
        self.count(start)?;
        loop {
            self.blank();
            let rest = self.text.get(self.at..).unwrap_or_default();
            if rest.starts_with("/>") {
                self.at += 2;
                self.add(node);
                return Ok(());
            }
            if rest.starts_with('>') {
                self.at += 1;
                self.open.push(node);
                return Ok(());
            }
            let attribute = self.attribute(start)?;
            node.children.extend(attribute);
        }
    }

    /// `name="value"`; nothing for what belongs to a namespace.
    fn attribute(&mut self, tag: usize) -> Result<Option<Node>, Wrong> {
        let start = self.at;
        let name = self.name();
        let span = self.span(start, self.at);
        self.blank();
        let broken = Wrong { at: tag, message: "an attribute has no value in quotes" };
        if name.is_empty() || !self.text.get(self.at..).is_some_and(|rest| rest.starts_with('=')) {
            return Err(broken);
        }
        self.at += 1;
        self.blank();
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return Err(broken) };
        let body = rest.get(1..).unwrap_or_default();
        let Some(length) = body.find(quote) else { return Err(broken) };
        let value = self.decoded(self.at + 1, self.at + 1 + length);
        self.at += length + 2;
        self.count(start)?;
        let foreign = name.starts_with("xmlns") || name.starts_with("xsi:");
        Ok((!foreign).then(|| Node { name: local(name).to_owned(), span, value: Some(value), children: Vec::new() }))
    }

    fn count(&mut self, at: usize) -> Result<(), Wrong> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(Wrong { at, message: "it has too many elements" }) } else { Ok(()) }
    }

    fn name(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let ends = |c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=' | '<' | '"' | '\'');
        let name = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        self.at += name.len();
        name
    }

    fn blank(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn close(&mut self) {
        if let Some(node) = self.open.pop() {
            self.add(node);
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(node);
        }
    }

    /// Adds text to the element that is open.
    fn text_of(&mut self, start: usize, end: usize, entities: bool) {
        let text = match entities {
            true => self.decoded(start, end),
            false => {
                let mut text = Mapped::default();
                text.push_verbatim(self.text.get(start..end).unwrap_or_default(), self.file, self.place(start));
                text
            }
        };
        if let Some(node) = self.open.last_mut() {
            node.value.get_or_insert_default().append(&text);
        }
    }

    /// Text with its entities replaced.
    fn decoded(&self, start: usize, end: usize) -> Mapped {
        let mut out = Mapped::default();
        let mut done = start;
        while let Some(at) = self.text.get(done..end).and_then(|rest| rest.find('&')).map(|at| done + at) {
            out.push_verbatim(self.text.get(done..at).unwrap_or_default(), self.file, self.place(done));
            let rest = self.text.get(at + 1..end).unwrap_or_default();
            let found = rest.find(';').and_then(|length| Some((length, entity(rest.get(..length)?)?)));
            match found {
                Some((length, c)) => {
                    done = at + length + 2;
                    out.push(c.encode_utf8(&mut [0; 4]), self.span(at, done));
                }
                None => {
                    done = at + 1;
                    out.push_verbatim("&", self.file, self.place(at));
                }
            }
        }
        out.push_verbatim(self.text.get(done..end).unwrap_or_default(), self.file, self.place(done));
        out
    }

    fn place(&self, at: usize) -> u32 {
        self.base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.place(start), self.place(end))
    }
}

/// How far it is to behind `mark`.
fn behind(text: &str, mark: &str, at: usize, message: &'static str) -> Result<usize, Wrong> {
    let found = memchr::memmem::find(text.as_bytes(), mark.as_bytes());
    found.map(|found| found + mark.len()).ok_or(Wrong { at, message })
}

/// A name without the prefix of its namespace.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// The predefined entities, and characters by their numbers.
fn entity(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expectations follow from the recommendation: 2.4 "Character Data", 2.7 "CDATA Sections", 4.6 "Predefined Entities".
    #[test]
    fn elements_attributes_and_text() {
        let text = "<?xml version='1.0'?><!-- <no/> --><a xmlns:x='u' b=\"1 &lt; 2\"><x:c/>t&#65;<![CDATA[<&]]>u</a>";
        let (root, wrong) = read(text, FileId(0), 0);
        assert!(wrong.is_none());
        let a = root.child("a").unwrap();
        assert_eq!(a.text("b"), Some("1 < 2"));
        assert_eq!(a.children.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        let value = a.value.as_ref().unwrap();
        assert_eq!(value.as_str(), "tA<&u");
        // Every byte knows where it stands.
        let span = value.span(2, 4).unwrap();
        assert_eq!(&text[span.start as usize..span.end as usize], "<&");
    }

    #[test]
    fn what_stands_before_a_mistake_is_kept() {
        for text in ["<a><b c='1'/><d></a>", "<a><b c='1'/><d e></d></a>", "<a><b c='1'/>", "<a><b c='1'/><!-- "] {
            let (root, wrong) = read(text, FileId(0), 0);
            assert!(wrong.is_some(), "{text}");
            assert_eq!(root.child("a").unwrap().child("b").unwrap().text("c"), Some("1"), "{text}");
        }
        let deep = "<a>".repeat(10_000);
        assert_eq!(read(&deep, FileId(0), 0).1.unwrap().message, "elements lie too deep in each other");
    }
}
