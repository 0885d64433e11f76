//! Database Markup Language in a fence: tables with their columns and indexes, enumerations, references.
//! Source: the DBML documentation, "DBML - Full Syntax Documentation".

use std::collections::BTreeMap;

use super::block::Text;
use super::clean::Clean;
use super::facts::At;
use super::lines::{Constraint, Index};
use super::naming::{dotted, identifier, is_name, path};
use super::section::Described;
use super::table::{Column, Rows, fold};
use super::traits::{self, Place, Reference, Traits, names, names_only};
use super::types;
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::lexer::TokenKind;
use crate::read::ddl::patched::Patched;
use crate::source::Span;

/// What a fence defines.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) tables: Vec<Described>,
    pub(super) enums: Vec<(Patched, Vec<Patched>, Place)>,
    pub(super) problems: Vec<Problem>,
}

/// Whether a fence is in this language: by its word, or by a table's head and no SQL.
pub(super) fn is_model(info: &str, body: &str) -> bool {
    info == "dbml"
        || (matches!(info, "" | "text" | "txt")
            && body.lines().any(|l| l.trim_start().starts_with("Table ") && l.trim_end().ends_with('{')))
}

/// What the lines at hand stand in.
#[derive(Clone, Copy)]
enum Inside {
    Nothing,
    Table,
    Indexes,
    Enum,
    References,
    /// A group, a project, a note: no schema. The number of braces that are open, and whether those of a table are among them.
    Other(u32, bool),
}

/// Reads a fence.
pub(super) fn read(body: Text<'_>, at: At) -> Model {
    let mut reader = Reader { at, out: Model::default(), aliases: Vec::new(), references: Vec::new() };
    let mut inside = Inside::Nothing;
    let mut from = body.at;
    let mut quoted = false;
    for line in body.text.split_inclusive('\n') {
        let text = Text { text: line, at: from };
        from += line.len();
        // A note of several lines.
        let marks = line.matches("'''").count();
        if quoted {
            quoted = marks % 2 == 0;
            continue;
        }
        quoted = marks % 2 == 1;
        let text = uncommented(text).trim();
        if text.text.is_empty() {
            continue;
        }
        inside = reader.line(text, inside);
    }
    reader.finish()
}

/// A line without the comment at its end.
fn uncommented(line: Text<'_>) -> Text<'_> {
    let mut quote = None;
    for (at, c) in line.text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '/') if line.text.get(at..).is_some_and(|r| r.starts_with("//")) => return line.slice(0, at),
            _ => {}
        }
    }
    line
}

/// Splits at a character outside of quotes and brackets.
fn split(text: Text<'_>, separator: char) -> Vec<Text<'_>> {
    let mut out = Vec::new();
    let (mut quote, mut depth, mut from) = (None, 0_u32, 0);
    for (at, c) in text.text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, c) if c == separator && depth == 0 => {
                out.push(text.slice(from, at).trim());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    out.push(text.slice(from, text.text.len()).trim());
    out
}

/// What stands in front of the settings in brackets, and the settings.
fn settings(text: Text<'_>) -> (Text<'_>, Vec<Text<'_>>) {
    let mut quote = None;
    for (at, c) in text.text.char_indices() {
        match (quote, c) {
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            // `text[]` is a type.
            (None, '[') if text.text.get(..at).is_some_and(|b| b.is_empty() || b.ends_with([' ', '\t', ')'])) => {
                let end = text.text.rfind(']').filter(|e| *e > at).unwrap_or(text.text.len());
                return (text.slice(0, at).trim(), split(text.slice(at + 1, end), ','));
            }
            _ => {}
        }
    }
    (text, Vec::new())
}

/// A setting's key in lower case, and its value.
fn setting(text: Text<'_>) -> (String, Text<'_>) {
    match text.text.find(':') {
        Some(at) => {
            (text.text.get(..at).unwrap_or_default().trim().to_lowercase(), text.slice(at + 1, text.text.len()).trim())
        }
        None => (text.text.to_lowercase(), text.slice(text.text.len(), text.text.len())),
    }
}

/// One end of a reference: the table and the columns.
struct End {
    table: Vec<Patched>,
    columns: Patched,
    place: Place,
}

/// A reference that stands for itself, from the child to the parent.
struct Link {
    child: End,
    parent: End,
    actions: Patched,
    name: Option<Patched>,
}

struct Reader {
    at: At,
    out: Model,
    /// What tables are called for short, and the place of the table.
    aliases: Vec<(String, usize)>,
    references: Vec<Link>,
}

impl Reader {
    fn skip(&mut self, text: Text<'_>, why: &str) {
        self.out.problems.push(Problem {
            kind: ProblemKind::UnsupportedStatement,
            message: why.to_owned(),
            span: Some(self.at.of(text)),
        });
    }

    fn line(&mut self, text: Text<'_>, inside: Inside) -> Inside {
        let opens = text.text.ends_with('{');
        let first = text.text.split([' ', '\t', ':', '{', '[', '.']).next().unwrap_or_default().to_ascii_lowercase();
        match inside {
            Inside::Nothing => match first.as_str() {
                "table" => {
                    self.table(text);
                    Inside::Table
                }
                "enum" => {
                    self.enumeration(text);
                    Inside::Enum
                }
                "ref" if opens => Inside::References,
                "ref" => {
                    let named = text.text.find(':').map_or("", |at| text.text.get(3..at).unwrap_or_default()).trim();
                    let rest = text.text.find(':').map_or(text.text.len(), |at| at + 1);
                    let name = Clean::new(Text { text: named, at: text.at + 4 }, self.at.base);
                    let name = is_name(&name, 0).then(|| identifier(&name.part(0, 1)));
                    self.reference(text.slice(rest, text.text.len()).trim(), name);
                    Inside::Nothing
                }
                _ if opens => Inside::Other(1, false),
                // A group on one line.
                _ if text.text.contains('{') && text.text.trim_end().ends_with('}') => Inside::Nothing,
                _ => {
                    self.skip(text, "This line of DBML is no table, enumeration or reference; it was left out.");
                    Inside::Nothing
                }
            },
            Inside::Table if text.text == "}" => Inside::Nothing,
            Inside::Table if first == "indexes" && opens => Inside::Indexes,
            Inside::Table if matches!(first.as_str(), "note" | "checks" | "records") => {
                if first == "note" && !opens {
                    let (_, value) = setting(text);
                    let place = self.place(value);
                    if let Some(table) = self.out.tables.last_mut() {
                        table.comment = said(value).map(|said| (said, place));
                    }
                    return Inside::Table;
                }
                // What a block inside of a table holds is read to its end.
                if opens { Inside::Other(2, true) } else { Inside::Table }
            }
            Inside::Table => {
                self.column(text);
                Inside::Table
            }
            Inside::Indexes if text.text == "}" => Inside::Table,
            Inside::Indexes => {
                self.index(text);
                Inside::Indexes
            }
            Inside::Enum if text.text == "}" => Inside::Nothing,
            Inside::Enum => {
                let clean = Clean::new(settings(text).0, self.at.base);
                if let Some((_, values, place)) = self.out.enums.last_mut() {
                    let value = clean.part(0, clean.tokens.len());
                    place.1 = value.range().1;
                    values.push(value);
                }
                Inside::Enum
            }
            Inside::References if text.text == "}" => Inside::Nothing,
            Inside::References => {
                self.reference(text, None);
                Inside::References
            }
            Inside::Other(depth, in_table) => {
                match depth.saturating_add(u32::from(opens)).saturating_sub(u32::from(text.text.starts_with('}'))) {
                    0 => Inside::Nothing,
                    1 if in_table => Inside::Table,
                    depth => Inside::Other(depth, in_table),
                }
            }
        }
    }

    fn place(&self, text: Text<'_>) -> Place {
        super::table::place_of(text, self.at.base)
    }

    /// `Table schema.name as short [settings] {`
    fn table(&mut self, text: Text<'_>) {
        let (head, options) = settings(text.slice(5, text.text.trim_end_matches('{').len()).trim());
        let clean = Clean::new(head, self.at.base);
        let Some((parts, next)) = path(&clean, 0) else {
            return self.skip(text, "This names no table; what follows belongs to the table before it.");
        };
        if clean.is(next, "as") && is_name(&clean, next + 1) {
            self.aliases.push((fold(&clean.part(next + 1, next + 2)), self.out.tables.len()));
        }
        let name = dotted(parts.get(parts.len().saturating_sub(2)..).unwrap_or_default());
        let mut described = Described::new(name, Rows::default(), self.place(text));
        for option in options {
            let (key, value) = setting(option);
            if key == "note" {
                described.comment = said(value).map(|said| (said, self.place(value)));
            }
        }
        self.out.tables.push(described);
    }

    fn enumeration(&mut self, text: Text<'_>) {
        let clean = Clean::new(text.slice(4, text.text.trim_end_matches('{').len()).trim(), self.at.base);
        match path(&clean, 0) {
            Some((parts, _)) => self.out.enums.push((dotted(&parts), Vec::new(), self.place(text))),
            None => self.skip(text, "This names no enumeration; its values were left out."),
        }
    }

    /// `name type [settings]`
    fn column(&mut self, text: Text<'_>) {
        let (head, options) = settings(text);
        let quoted = head.text.strip_prefix('"').and_then(|rest| rest.find('"')).map(|end| end + 2);
        let end = quoted.or_else(|| head.text.find([' ', '\t'])).unwrap_or(head.text.len());
        let clean = Clean::new(head.slice(0, end), self.at.base);
        let said = head.slice(end, head.text.len()).trim();
        let data_type = types::read(&Clean::new(said, self.at.base));
        if !(is_name(&clean, 0) && clean.tokens.len() == 1) || data_type.is_none() {
            return self.skip(text, "This is no column of a name and a type; it was left out.");
        }
        let name = identifier(&clean.part(0, 1));
        let folded = fold(&name);
        let mut traits = Traits::default();
        let mut description = None;
        for option in options {
            let (key, value) = setting(option);
            let place = self.place(option);
            match key.as_str() {
                "pk" | "primary key" => traits.primary = Some(place),
                "not null" => traits.not_null = true,
                "null" => traits.nullable = true,
                "unique" => traits.unique = Some(place),
                "increment" => traits.identity = Some(place),
                "default" => {
                    let clean = Clean::new(value, self.at.base);
                    traits::set_default(&clean, 0, clean.tokens.len(), &mut traits);
                }
                "note" => description = self::said(value).map(|said| (said, self.place(value))),
                "ref" => self.inline(value, &name, place, &mut traits),
                "check" => {
                    let mut check = Patched::default();
                    check.say("(", place.0, place.0);
                    check.append(&Clean::new(value, self.at.base).sql);
                    check.glue(")");
                    traits.checks.push((check, place));
                }
                _ => self.skip(option, "This setting of a column is not known; it was left out."),
            }
        }
        let place = self.place(text);
        if let Some(table) = self.out.tables.last_mut() {
            table.place.1 = place.1;
            table.rows.columns.push(Column { name, folded, data_type, traits, description, place });
        }
    }

    /// `ref: > other.column` at a column.
    fn inline(&mut self, value: Text<'_>, name: &Patched, place: Place, traits: &mut Traits) {
        let operator: String = value.text.chars().take_while(|c| matches!(c, '<' | '>' | '-')).collect();
        let Some(other) = self.end(value.slice(operator.len(), value.text.len()).trim()) else {
            return self.skip(value, "This reference names no column; it was left out.");
        };
        match operator.as_str() {
            ">" | "-" => traits.references.push(Reference {
                parts: other.table,
                columns: Some(other.columns),
                actions: Patched::default(),
                place,
            }),
            "<" => {
                let Some(table) = self.out.tables.last() else { return };
                let own = End { table: vec![table.name.clone()], columns: group(std::slice::from_ref(name)), place };
                self.references.push(Link { child: other, parent: own, actions: Patched::default(), name: None });
            }
            _ => self.skip(value, "Many rows to many need a table between them, which this does not define."),
        }
    }

    /// `schema.table.column` or `table.(a, b)`.
    fn end(&self, text: Text<'_>) -> Option<End> {
        let clean = Clean::new(text, self.at.base);
        let (mut parts, next) = path(&clean, 0)?;
        let behind = clean.tokens.len();
        let place = clean.place(0, behind);
        if clean.kind(next) == TokenKind::Dot && clean.kind(next + 1) == TokenKind::LeftParen {
            let inside = names_only(&clean, next + 2, behind.checked_sub(1)?);
            return inside.then(|| End { table: parts, columns: names(&clean, next + 2, behind - 1), place });
        }
        let column = parts.pop().filter(|_| next == behind && !parts.is_empty())?;
        Some(End { table: parts, columns: group(&[column]), place })
    }

    /// `a.b > c.d [delete: cascade]`
    fn reference(&mut self, text: Text<'_>, name: Option<Patched>) {
        let (head, options) = settings(text);
        let found = ["<>", "<", ">", " - "].into_iter().find_map(|o| Some((o, head.text.find(o)?)));
        let ends = found.and_then(|(operator, at)| {
            let left = self.end(head.slice(0, at).trim())?;
            let right = self.end(head.slice(at + operator.len(), head.text.len()).trim())?;
            Some((operator.trim(), left, right))
        });
        let Some((operator, left, right)) = ends else {
            return self.skip(text, "This reference names no two columns; it was left out.");
        };
        let mut actions = Patched::default();
        for option in options {
            let (key, value) = setting(option);
            if matches!(key.as_str(), "delete" | "update") {
                let (start, end) = self.place(option);
                actions.say(&format!(" ON {key} {}", value.text).to_uppercase(), start, end);
            }
        }
        let (child, parent) = match operator {
            ">" => (left, right),
            // One to one: the second refers to the first.
            "<" | "-" => (right, left),
            _ => return self.skip(text, "Many rows to many need a table between them, which this does not define."),
        };
        self.references.push(Link { child, parent, actions, name });
    }

    /// `(a, b) [unique, name: 'x', type: hash]`
    fn index(&mut self, text: Text<'_>) {
        let (head, options) = settings(text);
        let clean = Clean::new(head, self.at.base);
        let grouped = clean.behind_group(0) == Some(clean.tokens.len()) && clean.token(0) == "(";
        let mut index = Index { place: self.place(text), ..Index::default() };
        if clean.tokens.is_empty() {
            return self.skip(text, "This names no columns; the index was left out.");
        } else if grouped {
            index.keys = clean.part(0, clean.tokens.len());
        } else {
            let (at, _) = clean.place(0, 1);
            let expression = !is_name(&clean, 0) || clean.tokens.len() > 1;
            index.keys.say(if expression { "((" } else { "(" }, at, at);
            index.keys.append(&clean.part(0, clean.tokens.len()));
            index.keys.glue(if expression { "))" } else { ")" });
        }
        let mut primary = false;
        for option in options {
            let (key, value) = setting(option);
            let word = Clean::new(value, self.at.base);
            match key.as_str() {
                "pk" | "primary key" => primary = true,
                "unique" => index.unique = true,
                "type" => index.method = Some(word.part(0, 1)),
                "name" => {
                    let bare = value.text.trim_matches(['\'', '"', '`']);
                    let (start, end) = self.place(value);
                    let mut name = Patched::default();
                    name.say(&crate::name::quote(bare), start, end);
                    index.name = Some(name);
                }
                _ => {}
            }
        }
        let place = index.place;
        let Some(table) = self.out.tables.last_mut() else { return };
        if primary {
            let mut sql = Patched::default();
            sql.say("PRIMARY KEY ", place.0, place.0);
            sql.append(&index.keys);
            table.constraints.push(Constraint::Plain { name: None, sql, place });
        } else {
            table.lists_indexes = true;
            table.indexes.push(index);
        }
    }

    /// Puts references to their children.
    fn finish(mut self) -> Model {
        let short: BTreeMap<String, usize> = std::mem::take(&mut self.aliases).into_iter().collect();
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for (n, table) in self.out.tables.iter().enumerate() {
            let own = table.name.text().rsplit('.').next().map(|own| own.trim_matches('"').to_lowercase());
            for name in own.into_iter().chain([fold(&table.name)]) {
                named.entry(name).or_insert(n);
            }
        }
        for link in std::mem::take(&mut self.references) {
            let parts = self.full(&short, link.parent.table);
            let child = link.child.table.last().map(fold);
            let child = child.and_then(|name| named.get(&name).or_else(|| short.get(&name)).copied());
            let Some(child) = child.and_then(|n| self.out.tables.get_mut(n)) else {
                self.out.problems.push(Problem {
                    kind: ProblemKind::UnsupportedStatement,
                    message: "This reference begins at a table that the model does not define.".to_owned(),
                    span: Some(Span::new(self.at.file, link.child.place.0, link.child.place.1)),
                });
                continue;
            };
            let place = (link.child.place.0.min(link.parent.place.0), link.child.place.1.max(link.parent.place.1));
            let reference = Reference { parts, columns: Some(link.parent.columns), actions: link.actions, place };
            child.constraints.push(Constraint::Foreign {
                name: link.name,
                columns: link.child.columns,
                reference,
                place,
            });
        }
        // References at columns may name tables that follow.
        for n in 0..self.out.tables.len() {
            let columns = self.out.tables.get_mut(n).map(|t| std::mem::take(&mut t.rows.columns)).unwrap_or_default();
            let columns = columns.into_iter().map(|mut column| {
                for reference in &mut column.traits.references {
                    reference.parts = self.full(&short, std::mem::take(&mut reference.parts));
                }
                column
            });
            let columns: Vec<Column> = columns.collect();
            if let Some(table) = self.out.tables.get_mut(n) {
                table.rows.columns = columns;
            }
        }
        self.out
    }

    /// A table's name where it may be the short one.
    fn full(&self, short: &BTreeMap<String, usize>, parts: Vec<Patched>) -> Vec<Patched> {
        let table = match parts.as_slice() {
            [one] => short.get(&fold(one)),
            _ => None,
        };
        match table.and_then(|n| self.out.tables.get(*n)) {
            Some(table) => vec![table.name.clone()],
            None => parts,
        }
    }
}

/// Columns in parentheses.
fn group(columns: &[Patched]) -> Patched {
    let mut out = Patched::default();
    let at = columns.first().map_or(0, |c| c.range().0);
    out.say("(", at, at);
    for (n, column) in columns.iter().enumerate() {
        out.glue(if n > 0 { ", " } else { "" });
        out.append(column);
    }
    out.glue(")");
    out
}

/// The text of a note.
fn said(value: Text<'_>) -> Option<String> {
    let text = value.text.trim_matches(['\'', '"', '`']).trim();
    (!text.is_empty()).then(|| text.replace("\\'", "'"))
}
