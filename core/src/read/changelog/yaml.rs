//! The part of YAML that changelogs use, of which JSON is a part: mappings, sequences, scalars of all styles, anchors with their aliases, and the merge
//! key `<<`. Tags are passed over. Source: YAML 1.2.2, chapters 6 to 8; YAML 1.1, "Merge Key".
//!
//! A reader of our own, because the SQL in a block or a quoted scalar has to know the place of each of its bytes: where the value alone is handed out,
//! problems could not be told with their line.

use std::collections::BTreeMap;

use super::{MAX_DEPTH, MAX_NODES, Node, Wrong};
use crate::source::{FileId, Mapped, Span};

/// Reads the first document; what was read up to a mistake is given back with it.
pub(super) fn read(text: &str, file: FileId, base: u32) -> (Node, Option<Wrong>) {
    let mut reader = Reader { text, file, base, at: 0, nodes: 0, anchors: BTreeMap::new() };
    let mut root = Node::default();
    reader.next_token();
    while reader.rest().starts_with("---") || reader.rest().starts_with('%') {
        reader.end_line();
        reader.next_token();
    }
    let wrong = reader.block(0, 0, &mut root).err();
    (root, wrong)
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    base: u32,
    at: usize,
    nodes: usize,
    /// What anchors stand for, by their names.
    anchors: BTreeMap<&'a str, Node>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn place(&self, at: usize) -> u32 {
        self.base.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.place(start), self.place(end))
    }

    fn verbatim(&self, out: &mut Mapped, start: usize, end: usize) {
        out.push_verbatim(self.text.get(start..end).unwrap_or_default(), self.file, self.place(start));
    }

    /// In which column the reader stands, from 0.
    fn column(&self) -> usize {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |line| line + 1)
    }

    /// Goes to the end of the line.
    fn end_line(&mut self) {
        self.at += memchr::memchr(b'\n', self.rest().as_bytes()).unwrap_or(self.rest().len());
    }

    /// Goes over white space within the line.
    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// Whether nothing but a comment follows in the line.
    fn at_line_end(&self) -> bool {
        let rest = self.rest();
        rest.is_empty() || rest.starts_with(['\n', '\r']) || (rest.starts_with('#') && self.behind_blank())
    }

    fn behind_blank(&self) -> bool {
        self.at == 0 || self.text.as_bytes().get(self.at - 1).is_some_and(u8::is_ascii_whitespace)
    }

    /// Goes over white space, line breaks and comments.
    fn next_token(&mut self) {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if !(self.rest().starts_with('#') && self.behind_blank()) {
                return;
            }
            self.end_line();
        }
    }

    fn is_item(&self) -> bool {
        let mut characters = self.rest().chars();
        characters.next() == Some('-') && characters.next().is_none_or(char::is_whitespace)
    }

    fn ended(&self) -> bool {
        self.rest().is_empty()
            || (self.column() == 0 && (self.rest().starts_with("---") || self.rest().starts_with("...")))
    }

    fn count(&mut self, depth: usize) -> Result<(), Wrong> {
        self.nodes += 1;
        match () {
            () if depth > MAX_DEPTH => Err(Wrong { at: self.at, message: "entries lie too deep in each other" }),
            () if self.nodes > MAX_NODES => Err(Wrong { at: self.at, message: "it has too many entries" }),
            () => Ok(()),
        }
    }

    /// A node that begins at the token, in a column from `indent` on.
    fn block(&mut self, indent: usize, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        let column = self.column();
        if column < indent || self.ended() {
            return Ok(());
        }
        if self.is_item() {
            return self.sequence(column, depth, into);
        }
        if !self.rest().starts_with(['{', '[']) && self.key_length().is_some() {
            return self.mapping(column, depth, into);
        }
        self.value(indent, depth, into)
    }

    /// Items in one column.
    fn sequence(&mut self, column: usize, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        while !self.ended() && self.column() == column && self.is_item() {
            self.count(depth)?;
            let start = self.at;
            self.at += 1;
            self.spaces();
            let anchor = self.properties();
            let mut item = Node { span: self.span(start, self.at), ..Node::default() };
            if self.at_line_end() {
                self.next_token();
            }
            self.block(column + 1, depth + 1, &mut item)?;
            self.remember(anchor, &item, depth)?;
            add_item(into, item);
            self.next_token();
        }
        Ok(())
    }

    /// Keys in one column.
    fn mapping(&mut self, column: usize, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        let mut merged = Vec::new();
        while !self.ended() && self.column() == column && !self.is_item() {
            self.count(depth)?;
            let Some((length, behind)) = self.key_length() else {
                return Err(Wrong { at: self.at, message: "an entry is no `key: value`" });
            };
            let start = self.at;
            let key = self.text.get(start..start + length).unwrap_or_default().trim().trim_matches(['"', '\'']);
            let mut node = Node { name: key.to_owned(), span: self.span(start, start + length), ..Node::default() };
            self.at = start + behind;
            self.spaces();
            let anchor = self.properties();
            if self.at_line_end() {
                self.next_token();
                let own = self.column();
                if !self.ended() && (own > column || (own == column && self.is_item())) {
                    self.block(own, depth + 1, &mut node)?;
                }
            } else {
                self.value(column + 1, depth + 1, &mut node)?;
            }
            self.remember(anchor, &node, depth)?;
            match key {
                "<<" => merged.append(&mut node.children),
                _ => into.children.push(node),
            }
            self.next_token();
        }
        merge(into, merged);
        if !self.ended() && self.column() > column {
            return Err(Wrong { at: self.at, message: "a line is indented and belongs to nothing" });
        }
        Ok(())
    }

    /// Goes over anchors and tags in front of a value, and gives the name of the anchor.
    fn properties(&mut self) -> Option<&'a str> {
        let mut anchor = None;
        while self.rest().starts_with(['&', '!']) {
            let rest = self.rest();
            let word = rest.get(..rest.find(char::is_whitespace).unwrap_or(rest.len())).unwrap_or_default();
            anchor = word.strip_prefix('&').or(anchor);
            self.at += word.len();
            self.spaces();
        }
        anchor
    }

    /// Keeps what an anchor names.
    fn remember(&mut self, anchor: Option<&'a str>, node: &Node, depth: usize) -> Result<(), Wrong> {
        let Some(anchor) = anchor else { return Ok(()) };
        self.admit(node, depth)?;
        self.anchors.insert(anchor, Node { name: String::new(), ..node.clone() });
        Ok(())
    }

    /// `*name`: what the anchor of this name stands for.
    fn alias(&mut self, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}');
        let word = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        let Some(named) = self.anchors.get(word.trim_start_matches('*')).cloned() else {
            return Err(Wrong { at: self.at, message: "an alias names no anchor before it" });
        };
        self.admit(&named, depth)?;
        self.at += word.len();
        (into.value, into.children) = (named.value, named.children);
        Ok(())
    }

    /// Counts the copy of a node, so that aliases of aliases end: each may hold the one before it many times.
    fn admit(&mut self, node: &Node, depth: usize) -> Result<(), Wrong> {
        self.count(depth)?;
        node.children.iter().try_for_each(|child| self.admit(child, depth + 1))
    }

    /// Where a line holds a key: its length, and what lies before its value.
    fn key_length(&self) -> Option<(usize, usize)> {
        let line = self.rest().lines().next().unwrap_or_default();
        let bytes = line.as_bytes();
        let colon = match bytes.first()? {
            quote @ (b'"' | b'\'') => {
                let close = 1 + memchr::memchr(*quote, bytes.get(1..)?)?;
                let gap = bytes.get(close + 1..)?.iter().take_while(|b| **b == b' ').count();
                let at = close + 1 + gap;
                (bytes.get(at) == Some(&b':')).then_some(at)?
            }
            b'#' | b'|' | b'>' => return None,
            _ => memchr::memchr_iter(b':', bytes)
                .find(|at| bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace))
                .filter(|at| !line.get(..*at).is_some_and(|key| key.contains(" #")))?,
        };
        Some((line.get(..colon)?.trim_end().len(), colon + 1))
    }

    /// A value that begins at the reader's place; its further lines are indented by `indent` at least.
    fn value(&mut self, indent: usize, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        self.count(depth)?;
        match self.rest().bytes().next() {
            Some(b'{' | b'[') => self.flow(depth, into),
            Some(b'|' | b'>') => {
                into.value = Some(self.block_scalar(indent));
                Ok(())
            }
            Some(quote @ (b'"' | b'\'')) => {
                into.value = Some(self.quoted(quote)?);
                Ok(())
            }
            Some(b'*') => self.alias(depth, into),
            _ => {
                let value = self.plain(indent);
                into.value = (!matches!(value.as_str(), "" | "null" | "~")).then_some(value);
                Ok(())
            }
        }
    }

    /// A plain scalar, with the lines that go on with it.
    fn plain(&mut self, indent: usize) -> Mapped {
        let mut out = Mapped::default();
        loop {
            let line = self.rest().lines().next().unwrap_or_default();
            let text = line.split(" #").next().unwrap_or_default().trim_end();
            self.verbatim(&mut out, self.at, self.at + text.len());
            self.at += line.len();
            let (end, span) = (self.at, self.span(self.at, self.at));
            if text.len() < line.trim_end().len() {
                return out;
            }
            self.next_token();
            let goes_on = !self.ended()
                && self.column() >= indent.max(1)
                && !self.is_item()
                && self.key_length().is_none()
                && memchr::memchr(b'#', self.text.as_bytes().get(end..self.at).unwrap_or_default()).is_none();
            if !goes_on {
                self.at = end;
                return out;
            }
            out.push(" ", span);
        }
    }

    /// `'…'` and `"…"`.
    fn quoted(&mut self, quote: u8) -> Result<Mapped, Wrong> {
        let open = self.at;
        let mut out = Mapped::default();
        let mut done = open + 1;
        let mut at = done;
        loop {
            let Some(byte) = self.text.as_bytes().get(at).copied() else {
                return Err(Wrong { at: open, message: "a quote never closes" });
            };
            let next = self.text.as_bytes().get(at + 1).copied();
            match byte {
                b'\'' if quote == b'\'' && next == Some(b'\'') => {
                    self.verbatim(&mut out, done, at + 1);
                    (done, at) = (at + 2, at + 2);
                }
                _ if byte == quote => {
                    self.verbatim(&mut out, done, at);
                    self.at = at + 1;
                    return Ok(out);
                }
                b'\\' if quote == b'"' => {
                    self.verbatim(&mut out, done, at);
                    let (text, length) = self.escape(at);
                    out.push(&text, self.span(at, at + length));
                    (done, at) = (at + length, at + length);
                }
                // A line break and the white space around it are one space; empty lines are line breaks.
                b'\n' => {
                    let before = self.text.get(done..at).unwrap_or_default().trim_end_matches([' ', '\t', '\r']);
                    self.verbatim(&mut out, done, done + before.len());
                    let rest = self.text.get(at..).unwrap_or_default();
                    let gap = rest.len() - rest.trim_start().len();
                    let breaks = memchr::memchr_iter(b'\n', rest.get(..gap).unwrap_or_default().as_bytes()).count();
                    let fold = if breaks > 1 { "\n".repeat(breaks - 1) } else { " ".to_owned() };
                    out.push(&fold, self.span(at, at + gap));
                    (done, at) = (at + gap, at + gap);
                }
                _ => at += 1,
            }
        }
    }

    /// What a backslash and what follows it stand for, and their length.
    fn escape(&self, at: usize) -> (String, usize) {
        let rest = self.text.get(at + 1..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { return (String::new(), 1) };
        let number = |digits: usize| rest.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let simple = match c {
            'n' => "\n",
            't' => "\t",
            'r' => "\r",
            '0' => "\0",
            'b' => "\u{8}",
            'f' => "\u{c}",
            '\n' => {
                let body = rest.get(1..).unwrap_or_default();
                return (String::new(), 2 + body.len() - body.trim_start_matches([' ', '\t']).len());
            }
            'x' | 'u' | 'U' => {
                let digits = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                let c = number(digits).and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                return (c.to_string(), (2 + digits).min(1 + rest.len()));
            }
            other => return (other.to_string(), 1 + other.len_utf8()),
        };
        (simple.to_owned(), 2)
    }

    /// `|` keeps its line breaks, `>` folds them.
    fn block_scalar(&mut self, indent: usize) -> Mapped {
        let header = self.rest().lines().next().unwrap_or_default();
        let fold = header.starts_with('>');
        let given =
            header.bytes().find(u8::is_ascii_digit).map(|digit| indent.saturating_sub(1) + usize::from(digit - b'0'));
        self.end_line();
        self.at = (self.at + 1).min(self.text.len());
        let mut out = Mapped::default();
        let mut own = given;
        let mut pending = 0_usize;
        while !self.rest().is_empty() {
            let start = self.at;
            let line = self.rest().split('\n').next().unwrap_or_default();
            let text = line.strip_suffix('\r').unwrap_or(line);
            let spaces = text.len() - text.trim_start_matches(' ').len();
            let next = (start + line.len() + 1).min(self.text.len());
            if text.trim().is_empty() {
                pending += 1;
                self.at = next;
                continue;
            }
            let margin = *own.get_or_insert(spaces.max(indent));
            if spaces < margin {
                break;
            }
            let joint = match (out.as_str().is_empty(), fold, pending) {
                (true, ..) => String::new(),
                (_, true, 0) => " ".to_owned(),
                (_, true, lines) => "\n".repeat(lines),
                (_, false, lines) => "\n".repeat(lines + 1),
            };
            out.push(&joint, self.span(start, start));
            self.verbatim(&mut out, start + margin, start + text.len());
            pending = 0;
            self.at = next;
        }
        // The line break that ends the last line belongs to what comes; a file may end without one.
        if self.text.get(..self.at).is_some_and(|read| read.ends_with('\n')) {
            self.at -= 1;
        }
        out
    }

    /// `{a: b, c: [d, e]}`, over as many lines as it takes.
    fn flow(&mut self, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        let open = self.at;
        let close = if self.rest().starts_with('{') { '}' } else { ']' };
        self.at += 1;
        loop {
            self.next_token();
            let rest = self.rest();
            if rest.is_empty() {
                return Err(Wrong { at: open, message: "a bracket never closes" });
            }
            if rest.starts_with(close) {
                self.at += 1;
                return Ok(());
            }
            if rest.starts_with(',') {
                self.at += 1;
                continue;
            }
            self.count(depth)?;
            let start = self.at;
            let mut item = Node { span: self.span(start, start + 1), ..Node::default() };
            self.flow_value(depth, &mut item)?;
            self.next_token();
            if close == '}' {
                if !self.rest().starts_with(':') {
                    return Err(Wrong { at: start, message: "an entry is no `key: value`" });
                }
                self.at += 1;
                self.next_token();
                let key = item.value.take().map(|key| key.as_str().to_owned()).unwrap_or_default();
                let span = self.span(start, start + key.len());
                let mut node = Node { name: key, span, ..Node::default() };
                self.flow_value(depth, &mut node)?;
                into.children.push(node);
            } else if self.at == start {
                return Err(Wrong { at: start, message: "a value is missing" });
            } else {
                add_item(into, item);
            }
        }
    }

    fn flow_value(&mut self, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        let anchor = self.properties();
        self.flow_content(depth, into)?;
        self.remember(anchor, into, depth)
    }

    fn flow_content(&mut self, depth: usize, into: &mut Node) -> Result<(), Wrong> {
        match self.rest().bytes().next() {
            Some(b'*') => self.alias(depth, into),
            Some(b'{' | b'[') => {
                self.count(depth + 1)?;
                self.flow(depth + 1, into)
            }
            Some(quote @ (b'"' | b'\'')) => {
                into.value = Some(self.quoted(quote)?);
                Ok(())
            }
            _ => {
                let rest = self.rest();
                let mut end = rest.len();
                for (at, c) in rest.char_indices() {
                    let next = rest.get(at + c.len_utf8()..).and_then(|r| r.chars().next());
                    let colon = c == ':' && next.is_none_or(|n| n.is_whitespace() || matches!(n, ',' | '}' | ']'));
                    if colon || matches!(c, ',' | '}' | ']' | '{' | '[' | '\n') {
                        end = at;
                        break;
                    }
                }
                let text = rest.get(..end).unwrap_or_default().trim_end();
                if text.is_empty() && rest.starts_with(['}', ']']) {
                    return Ok(());
                }
                if text.is_empty() && end == 0 && !rest.starts_with([':', ',']) {
                    return Err(Wrong { at: self.at, message: "a value is missing" });
                }
                let mut value = Mapped::default();
                self.verbatim(&mut value, self.at, self.at + text.len());
                self.at += end;
                into.value = (!matches!(text, "" | "null" | "~")).then_some(value);
                Ok(())
            }
        }
    }
}

/// Adds entries that a merge key brings, unless there are some of their names: of one mapping, or of several in a list.
fn merge(into: &mut Node, merged: Vec<Node>) {
    let entries = merged.into_iter().flat_map(|node| match node.name.is_empty() {
        true => node.children,
        false => vec![node],
    });
    for entry in entries {
        if into.child(&entry.name).is_none() {
            into.children.push(entry);
        }
    }
}

/// An item of a list is what it holds where that is one thing, as in `- createTable: …`.
fn add_item(into: &mut Node, mut item: Node) {
    match (item.children.as_slice(), &item.value) {
        ([only], None) if !only.name.is_empty() => into.children.append(&mut item.children),
        _ => into.children.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree on one line: `name=value`, `name(children)`.
    fn show(node: &Node) -> String {
        let value = node.value.as_ref().map_or(String::new(), |v| format!("={}", v.as_str()));
        let children: Vec<String> = node.children.iter().map(show).collect();
        let inner = if children.is_empty() { String::new() } else { format!("({})", children.join(" ")) };
        format!("{}{value}{inner}", node.name)
    }

    #[test]
    fn block_and_flow_give_the_same_tree() {
        let expected = "(databaseChangeLog(changeSet(id=1 author=ann changes(createTable(tableName=t columns(column(name=id type=int)))))))";
        for text in [
            "databaseChangeLog:\n- changeSet:\n    id: 1 # first\n    author: ann\n    changes:\n    - createTable:\n        tableName: t\n        columns:\n          - column:\n              name: id\n              type: int\n",
            "---\ndatabaseChangeLog:\n  - changeSet:\n      id: '1'\n      author: \"ann\"\n\n      changes:\n        - createTable: {tableName: t, columns: [{column: {name: id, type: int}}]}\n",
            "{\"databaseChangeLog\": [\n  {\"changeSet\": {\"id\": \"1\", \"author\": \"ann\", \"changes\": [\n    {\"createTable\": {\"tableName\": \"t\", \"columns\": [{\"column\": {\"name\": \"id\", \"type\": \"int\"}}]}}]}}\n]}",
        ] {
            let (root, wrong) = read(text, FileId(0), 0);
            assert!(wrong.is_none(), "{}", wrong.map_or("", |w| w.message));
            assert_eq!(show(&root), expected, "{text}");
        }
    }

    /// Source: YAML 1.2.2, 7.3 "Flow Scalar Styles" and 8.1 "Block Scalar Styles".
    #[test]
    fn scalars_of_all_styles() {
        for (text, expected) in [
            ("a: it's here # not this", "(a=it's here)"),
            ("a: one\n  two\nb: x:y", "(a=one two b=x:y)"),
            ("a: 'it''s'\nb: \"x\\ty\\u0041\"", "(a=it's b=x\tyA)"),
            ("a: |\n  one\n    two\n\n  three\nb: 1", "(a=one\n  two\n\nthree b=1)"),
            ("a: >-\n  one\n  two\nb:\n", "(a=one two b)"),
            ("- a: >\n    one;\n    two;", "(a=one; two;)"),
            ("- a: |\n    one;", "(a=one;)"),
            ("a: |\n", "(a=)"),
            ("a: &anchor\n  b: 1\nc: ~\n", "(a(b=1) c)"),
            ("a: &x one\nb: *x # the same\nc: [*x, {d: *x}]\n", "(a=one b=one c(=one d=one))"),
            ("a: &x\n  b: 1\n  c: 2\nd:\n  <<: *x\n  c: 3\n", "(a(b=1 c=2) d(c=3 b=1))"),
            ("- &x {b: 1}\n- *x\n", "(b=1 b=1)"),
            ("- a\n- - b\n", "(=a (=b))"),
        ] {
            let (root, wrong) = read(text, FileId(0), 0);
            assert!(wrong.is_none(), "{text}: {}", wrong.map_or("", |w| w.message));
            assert_eq!(show(&root), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_before_a_mistake_is_kept_and_reading_ends() {
        for text in ["a: 1\nb: \"x", "a: 1\nb: {c: [1", "a: 1\n  - b\n c", "a: 1\nnonsense\n"] {
            let (root, _) = read(text, FileId(0), 0);
            assert_eq!(root.children.first().map(show).as_deref().map(|s| s.starts_with("a=1")), Some(true), "{text}");
        }
        // Each alias holds the one before it ten times.
        let many: String =
            (1..20).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
        let (_, wrong) = read(&format!("a0: &a0 x\n{many}"), FileId(0), 0);
        assert_eq!(wrong.map(|w| w.message), Some("it has too many entries"));
        let chain: String = (1..200).map(|n| format!("a{n}: &a{n} [[*a{}]]\n", n - 1)).collect();
        let (_, wrong) = read(&format!("a0: &a0 x\n{chain}"), FileId(0), 0);
        assert_eq!(wrong.map(|w| w.message), Some("entries lie too deep in each other"));
        assert_eq!(read("a: *b", FileId(0), 0).1.map(|w| w.message), Some("an alias names no anchor before it"));
        for deep in ["[".repeat(10_000), "- ".repeat(10_000), "a:\n".repeat(3)] {
            let _ = read(&deep, FileId(0), 0);
        }
    }
}
