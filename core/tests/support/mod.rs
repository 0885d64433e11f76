//! What a reader found, as text: operations without their spans and without what is left at its default, every span checked on the way.

use relata_core::operation::Operation;
use relata_core::read::ddl::read_statement;
use relata_core::source::{FileId, Part, Splitter};

/// A value as its `Debug` form spells it.
#[derive(Debug)]
enum Node {
    Text(String),
    Atom(String),
    List(Vec<Node>),
    Tuple(String, Vec<Node>),
    Struct(String, Vec<(String, Node)>),
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.starts_with(token);
        self.rest = if found { &rest[token.len()..] } else { rest };
        found
    }

    fn word(&mut self) -> String {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len());
        self.rest = &rest[end..];
        rest[..end].to_owned()
    }

    fn list(&mut self, close: &str) -> Vec<Node> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.node());
            self.eat(",");
        }
        items
    }

    fn text(&mut self) -> String {
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return out;
                }
                '\\' => match chars.next().unwrap().1 {
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    '0' => out.push('\0'),
                    'u' => {
                        let hex: String = chars.by_ref().skip(1).map(|(_, c)| c).take_while(|c| *c != '}').collect();
                        out.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
                    }
                    other => out.push(other),
                },
                c => out.push(c),
            }
        }
        panic!("a string never ends");
    }

    fn node(&mut self) -> Node {
        if self.eat("\"") {
            return Node::Text(self.text());
        }
        if self.eat("[") {
            return Node::List(self.list("]"));
        }
        if self.eat("(") {
            return Node::Tuple(String::new(), self.list(")"));
        }
        let name = self.word();
        assert!(!name.is_empty(), "no value at {:.40}", self.rest);
        if self.eat("(") {
            return Node::Tuple(name, self.list(")"));
        }
        if self.eat("{") {
            let mut fields = Vec::new();
            while !self.eat("}") {
                let field = self.word();
                assert!(self.eat(":"), "no `:` behind {field}");
                fields.push((field, self.node()));
                self.eat(",");
            }
            return Node::Struct(name, fields);
        }
        Node::Atom(name)
    }
}

impl Node {
    fn field(&self, name: &str) -> &Node {
        let Node::Struct(_, fields) = self else { panic!("{self:?} has no fields") };
        &fields.iter().find(|(field, _)| field == name).unwrap().1
    }

    fn string(&self) -> &str {
        match self {
            Node::Text(text) | Node::Atom(text) => text,
            _ => panic!("{self:?} is no text"),
        }
    }

    fn range(&self) -> (usize, usize) {
        let number = |field| self.field(field).string().parse::<usize>().unwrap();
        (number("start"), number("end"))
    }

    /// The readable form; empty for what is left at its default. `source` is the file: spans are checked against it.
    fn show(&self, source: &str) -> String {
        match self {
            Node::Text(text) => format!("'{text}'"),
            Node::Atom(atom) if matches!(atom.as_str(), "None" | "false") => String::new(),
            Node::Atom(atom) => atom.clone(),
            Node::List(items) if items.is_empty() => String::new(),
            Node::List(items) => {
                format!("[{}]", items.iter().map(|i| i.show(source)).collect::<Vec<_>>().join(", "))
            }
            // `Some(false)` and `Some(None)` say something: the text says NO.
            Node::Tuple(name, items) if name == "Some" => match &items[0] {
                Node::Atom(atom) if matches!(atom.as_str(), "None" | "false") => atom.to_lowercase(),
                item => item.show(source),
            },
            Node::Tuple(name, items) => {
                let shown: Vec<String> = items.iter().map(|i| i.show(source)).filter(|s| !s.is_empty()).collect();
                match shown.as_slice() {
                    [] => name.clone(),
                    [one] if name.is_empty() => one.clone(),
                    // A variant around a struct: one name is enough.
                    [one] => match &items[0] {
                        Node::Struct(inner, _) if one.starts_with(&format!("{inner}{{")) => {
                            format!("{name}{}", &one[inner.len()..])
                        }
                        _ => format!("{name}({one})"),
                    },
                    _ => format!("{name}({})", shown.join(" ")),
                }
            }
            Node::Struct(name, fields) => match name.as_str() {
                "Span" => {
                    let (start, end) = self.range();
                    assert!(source.get(start..end).is_some(), "a span outside the text: {start}..{end}");
                    String::new()
                }
                "Ident" => {
                    let (text, (start, end)) = (self.field("text").string(), self.field("span").range());
                    let quoted = self.field("quoted").string() == "true";
                    let there = source.get(start..end).expect("a name outside the text");
                    if quoted {
                        format!("\"{text}\"")
                    } else {
                        // PostgreSQL makes up names of several words.
                        let generated = text.is_empty()
                            || text.contains(' ')
                            || there.to_uppercase().contains(&text.to_uppercase())
                            || executes(source);
                        assert!(generated || text == "ALTER SYSTEM", "`{text}` is not at its span, but `{there}`");
                        text.to_owned()
                    }
                }
                "QualifiedName" => dotted(self, source),
                "Expr" => {
                    let (text, (start, end)) = (self.field("text").string(), self.field("span").range());
                    let there = source.get(start..end).expect("an expression outside the text");
                    let same = there == text || text.is_empty();
                    let escaped = there.contains("''") || there.contains('\\');
                    assert!(same || escaped || executes(source), "`{text}` is not at its span, but `{there}`");
                    format!("‹{text}›")
                }
                "TypeName" => {
                    let mut out = String::new();
                    if self.field("setof").string() == "true" {
                        out.push_str("setof ");
                    }
                    out.push_str(&dotted(self, source));
                    if let Node::List(modifiers) = self.field("modifiers")
                        && !modifiers.is_empty()
                    {
                        out.push_str(&format!(
                            "({})",
                            modifiers.iter().map(|m| m.string().to_owned()).collect::<Vec<_>>().join(",")
                        ));
                    }
                    out.push_str(&"[]".repeat(self.field("dimensions").string().parse().unwrap()));
                    if self.field("percent_type").string() == "true" {
                        out.push_str("%TYPE");
                    }
                    out
                }
                _ => {
                    let shown: Vec<String> = fields
                        .iter()
                        .filter_map(|(field, value)| {
                            let shown = value.show(source);
                            let default = ["Permanent", "Simple", "All", "Enabled"].contains(&shown.as_str())
                                || (field == "attributes" && shown.ends_with("{}"))
                                || (field == "options" && shown.ends_with("{}"));
                            if shown.is_empty() || default {
                                None
                            } else if matches!(value, Node::Atom(atom) if atom == "true") {
                                Some(field.clone())
                            } else if field == "name" || field == "kind" {
                                Some(shown)
                            } else {
                                Some(format!("{field}: {shown}"))
                            }
                        })
                        .collect();
                    let only_kind = fields.iter().any(|(f, _)| f == "kind") && shown.len() == 1;
                    if only_kind { shown[0].clone() } else { format!("{name}{{{}}}", shown.join(", ")) }
                }
            },
        }
    }
}

/// Whether variables of a DO block may stand for names and parts of expressions.
fn executes(source: &str) -> bool {
    source.to_uppercase().contains("EXECUTE")
}

fn dotted(node: &Node, source: &str) -> String {
    let schema = node.field("schema").show(source);
    let name = node.field("name").show(source);
    if schema.is_empty() { name } else { format!("{schema}.{name}") }
}

/// An operation as text. Panics if a span does not hold what it should.
pub(crate) fn show(operation: &Operation, source: &str) -> String {
    let debug = format!("{operation:?}");
    let node = Parser { rest: &debug }.node();
    let mut out = node.field("kind").show(source);
    for field in ["guards", "tolerates"] {
        let shown = node.field(field).show(source);
        if !shown.is_empty() {
            out.push_str(&format!(" {field}: {shown}"));
        }
    }
    node.field("span").show(source);
    out
}

/// What reading a file gives, a line for each operation and each problem: `! kind «text»: message`.
#[allow(dead_code, reason = "not every test file uses it")]
pub(crate) fn read(source: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut sink = |part: Part<'_>| {
        let Part::Statement { text, at, .. } = part else { return };
        let reading = read_statement(text, FileId(0), at.offset);
        lines.extend(reading.operations.iter().map(|operation| show(operation, source)));
        for problem in reading.problems {
            let span = problem.span.unwrap();
            let text = &source[span.start as usize..span.end as usize];
            lines.push(format!("! {} «{text}»: {}", problem.kind.name(), problem.message));
        }
    };
    let mut splitter = Splitter::new(0);
    splitter.push(source.as_bytes(), &mut sink);
    splitter.finish(&mut sink);
    lines
}
