//! A reader of TOML 1.0 that keeps the place of every key and value. It reads what a `relata.toml` holds and refuses the rest with a message: the
//! crate `toml` says the same of the same text (a test compares them) and would take 60 KB of the page's engine, compressed.

use std::ops::Range;

use crate::policy::Date;

/// Arrays and inline tables inside each other.
const MAX_DEPTH: u32 = 32;
/// Mistakes that are told of one file; behind a broken quote everything looks broken.
const MAX_ERRORS: usize = 20;

/// What is wrong with the text, and where: a range of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Error {
    pub(crate) message: String,
    pub(crate) at: Range<usize>,
}

/// A value and its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Item {
    pub(crate) value: Value,
    pub(crate) at: Range<usize>,
}

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    Float,
    Boolean(bool),
    Date(Date),
    /// A time, or a date with a time.
    Time,
    Array(Vec<Item>),
    Table(Table),
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Float => "a number with a fraction",
            Self::Boolean(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Time => "a time",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Keys and values in the order of the text.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: Vec<Entry>,
    made: Made,
}

/// One key of a table.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: Range<usize>,
    pub(crate) item: Item,
}

/// How a table came to be: it says what may still be added to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Made {
    /// As the parent of another: `[a.b]` makes `a`, which may have its own header later.
    #[default]
    OnTheWay,
    /// By its header.
    ByHeader,
    /// By a key with dots.
    ByKey,
    /// In braces: nothing is added to it.
    Inline,
}

impl Table {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|e| e.key == key).map(|e| &e.item.value)
    }

    fn place(&self, key: &str) -> Option<usize> {
        self.entries.iter().position(|e| e.key == key)
    }
}

/// Reads a text. What is broken costs its line.
pub(crate) fn read(text: &str) -> (Table, Vec<Error>) {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let mut root = Table { made: Made::ByHeader, ..Table::default() };
    let mut errors = Vec::new();
    // The keys of the header that is open; `None` behind a broken one, whose entries belong nowhere.
    let mut open: Option<Vec<Key>> = Some(Vec::new());
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    while errors.len() < MAX_ERRORS {
        let line = reader.skip_lines().and_then(|()| match reader.peek() {
            None => Ok(false),
            Some('[') => {
                let header = reader.header();
                open = None;
                let (keys, many) = header?;
                enter_header(&mut root, &keys, many)?;
                open = Some(keys);
                reader.line_end().map(|()| true)
            }
            Some(_) => {
                let (keys, item) = reader.entry()?;
                if let Some(table) = open.as_deref().and_then(|o| table_of(&mut root, o)) {
                    add(table, &keys, item)?;
                }
                reader.line_end().map(|()| true)
            }
        });
        match line {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                reader.at = reader.at.max(error.at.start);
                errors.push(error);
                reader.skip_to_line_end();
            }
        }
    }
    (root, errors)
}

/// A part of a key, and its place.
#[derive(Clone, Debug)]
struct Key {
    name: String,
    at: Range<usize>,
}

fn taken(key: &Key) -> Error {
    Error { message: format!("`{}` is set twice", key.name), at: key.at.clone() }
}

fn span_of(keys: &[Key]) -> Range<usize> {
    match (keys.first(), keys.last()) {
        (Some(first), Some(last)) => first.at.start..last.at.end,
        _ => 0..0,
    }
}

/// The table that a header opened: at each step the last one of a list of tables.
fn table_of<'t>(root: &'t mut Table, keys: &[Key]) -> Option<&'t mut Table> {
    let mut table = root;
    for key in keys {
        let place = table.place(&key.name)?;
        table = match &mut table.entries.get_mut(place)?.item.value {
            Value::Table(table) => table,
            Value::Array(items) => match &mut items.last_mut()?.value {
                Value::Table(table) => table,
                _ => return None,
            },
            _ => return None,
        };
    }
    Some(table)
}

/// Makes what `[a.b]` or `[[a.b]]` opens.
fn enter_header(root: &mut Table, keys: &[Key], many: bool) -> Result<(), Error> {
    let Some((last, parents)) = keys.split_last() else { return Ok(()) };
    let mut table = root;
    for key in parents {
        table = step(table, key, Made::OnTheWay)?;
    }
    let at = last.at.clone();
    let fresh = |made| Value::Table(Table { made, ..Table::default() });
    let Some(place) = table.place(&last.name) else {
        let value = if many {
            Value::Array(vec![Item { value: fresh(Made::ByHeader), at: at.clone() }])
        } else {
            fresh(Made::ByHeader)
        };
        let item = Item { value, at: at.clone() };
        table.entries.push(Entry { key: last.name.clone(), key_at: at, item });
        return Ok(());
    };
    let Some(entry) = table.entries.get_mut(place) else { return Ok(()) };
    match &mut entry.item.value {
        Value::Table(found) if !many && found.made == Made::OnTheWay => {
            found.made = Made::ByHeader;
            Ok(())
        }
        // A list in brackets is closed; one of headers starts with a table that a header made.
        Value::Array(items) if many && is_of_headers(items) => {
            items.push(Item { value: fresh(Made::ByHeader), at });
            Ok(())
        }
        _ => Err(taken(last)),
    }
}

fn is_of_headers(items: &[Item]) -> bool {
    matches!(items.first().map(|i| &i.value), Some(Value::Table(table)) if table.made != Made::Inline)
}

/// The table of a key, made where there is none.
fn step<'t>(table: &'t mut Table, key: &Key, made: Made) -> Result<&'t mut Table, Error> {
    let place = table.place(&key.name).unwrap_or_else(|| {
        let value = Value::Table(Table { made, ..Table::default() });
        let item = Item { value, at: key.at.clone() };
        table.entries.push(Entry { key: key.name.clone(), key_at: key.at.clone(), item });
        table.entries.len() - 1
    });
    let inner = match table.entries.get_mut(place).map(|e| &mut e.item.value) {
        Some(Value::Table(inner)) => Some(inner),
        Some(Value::Array(items)) if made == Made::OnTheWay && is_of_headers(items) => {
            match items.last_mut().map(|i| &mut i.value) {
                Some(Value::Table(inner)) => Some(inner),
                _ => None,
            }
        }
        _ => None,
    };
    // A key with dots adds only to what such keys made; a header adds to nothing that is in braces.
    inner
        .filter(|t| match made {
            Made::ByKey => t.made == Made::ByKey,
            _ => t.made != Made::Inline,
        })
        .ok_or_else(|| taken(key))
}

/// Adds `a.b = value` to a table.
fn add(table: &mut Table, keys: &[Key], item: Item) -> Result<(), Error> {
    let Some((last, parents)) = keys.split_last() else { return Ok(()) };
    let mut table = table;
    for key in parents {
        table = step(table, key, Made::ByKey)?;
    }
    if table.place(&last.name).is_some() {
        return Err(taken(last));
    }
    table.entries.push(Entry { key: last.name.clone(), key_at: span_of(keys), item });
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, Error> {
        let end = self.at + self.peek().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        Err(Error { message: message.into(), at: self.at..end })
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn skip_to_line_end(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn comment(&mut self) -> Result<(), Error> {
        if self.peek() == Some('#') {
            let end = self.at + self.rest().find('\n').unwrap_or(self.rest().len());
            let line = self.text.get(self.at..end).unwrap_or_default();
            let line = line.strip_suffix('\r').unwrap_or(line);
            if let Some(n) = line.find(|c: char| c.is_control() && c != '\t') {
                self.at += n;
                return self.error("a comment holds a control character");
            }
            self.at = end;
        }
        Ok(())
    }

    /// Blanks, comments and line ends.
    fn skip_lines(&mut self) -> Result<(), Error> {
        loop {
            self.skip_blanks();
            self.comment()?;
            if !self.take("\n") && !self.take("\r\n") {
                return Ok(());
            }
        }
    }

    /// What may stand behind a header or value.
    fn line_end(&mut self) -> Result<(), Error> {
        self.skip_blanks();
        self.comment()?;
        if self.peek().is_none() || self.rest().starts_with('\n') || self.rest().starts_with("\r\n") {
            return Ok(());
        }
        self.error("the line should end here")
    }

    fn header(&mut self) -> Result<(Vec<Key>, bool), Error> {
        self.take("[");
        let many = self.take("[");
        let keys = self.keys()?;
        if !self.take(if many { "]]" } else { "]" }) {
            return self.error(format!("a header ends with `{}`", if many { "]]" } else { "]" }));
        }
        Ok((keys, many))
    }

    fn entry(&mut self) -> Result<(Vec<Key>, Item), Error> {
        let keys = self.keys()?;
        if !self.take("=") {
            return self.error("a key is followed by `=` and a value");
        }
        self.skip_blanks();
        let item = self.value()?;
        Ok((keys, item))
    }

    /// `a.b."c d"`, with the blanks around it.
    fn keys(&mut self) -> Result<Vec<Key>, Error> {
        let mut keys = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.at;
            let name = match self.peek() {
                Some('"') => self.basic()?,
                Some('\'') => self.literal()?,
                _ => {
                    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                    let len = self.rest().find(|c| !bare(c)).unwrap_or(self.rest().len());
                    if len == 0 {
                        return self
                            .error("a key should stand here: letters, digits, `_` and `-`, or a text in quotes");
                    }
                    self.at += len;
                    self.text.get(start..self.at).unwrap_or_default().to_owned()
                }
            };
            keys.push(Key { name, at: start..self.at });
            self.skip_blanks();
            if !self.take(".") {
                return Ok(keys);
            }
        }
    }

    fn value(&mut self) -> Result<Item, Error> {
        let start = self.at;
        let value = match self.peek() {
            Some('"') if self.rest().starts_with("\"\"\"") => Value::Text(self.basic_lines()?),
            Some('\'') if self.rest().starts_with("'''") => Value::Text(self.literal_lines()?),
            Some('"') => Value::Text(self.basic()?),
            Some('\'') => Value::Text(self.literal()?),
            Some('[' | '{') if self.depth >= MAX_DEPTH => return self.error("lists and tables lie too deep here"),
            Some('[') => self.nested(Self::array)?,
            Some('{') => self.nested(Self::inline_table)?,
            _ => self.word()?,
        };
        Ok(Item { value, at: start..self.at })
    }

    fn nested(&mut self, read: impl Fn(&mut Self) -> Result<Value, Error>) -> Result<Value, Error> {
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, Error> {
        self.take("[");
        let mut items = Vec::new();
        loop {
            self.skip_lines()?;
            if self.take("]") {
                return Ok(Value::Array(items));
            }
            items.push(self.value()?);
            self.skip_lines()?;
            if !self.take(",") && self.peek() != Some(']') {
                return self.error("a list goes on with `,` or ends with `]`");
            }
        }
    }

    fn inline_table(&mut self) -> Result<Value, Error> {
        self.take("{");
        let mut table = Table { made: Made::ByKey, ..Table::default() };
        self.skip_blanks();
        if !self.take("}") {
            loop {
                let (keys, item) = self.entry()?;
                add(&mut table, &keys, item)?;
                self.skip_blanks();
                if self.take("}") {
                    break;
                }
                if !self.take(",") {
                    return self.error("a table in braces goes on with `,` or ends with `}`");
                }
            }
        }
        close(&mut table);
        Ok(Value::Table(table))
    }

    /// Numbers, dates, `true` and `false`.
    fn word(&mut self) -> Result<Value, Error> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '_' | '.' | ':');
        let mut len = self.rest().find(|c| !part(c)).unwrap_or(self.rest().len());
        let word = self.rest().get(..len).unwrap_or_default();
        // A date may have its time behind a blank.
        if Date::parse(word).is_some()
            && self.rest().get(len..).is_some_and(|r| r.starts_with(' '))
            && self.rest().get(len + 1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
        {
            len += 1 + self.rest().get(len + 1..).map_or(0, |r| r.find(|c| !part(c)).unwrap_or(r.len()));
        }
        let word = self.rest().get(..len).unwrap_or_default();
        let value = match word {
            "" => return self.error("a value should stand here"),
            "true" => Value::Boolean(true),
            "false" => Value::Boolean(false),
            _ => match Date::parse(word) {
                Some(date) => Value::Date(date),
                None if is_time(word) => Value::Time,
                None => match number(word) {
                    Some(value) => value,
                    None => {
                        let message = format!("`{word}` is no value; a text stands in quotes");
                        return Err(Error { message, at: self.at..self.at + len });
                    }
                },
            },
        };
        self.at += len;
        Ok(value)
    }

    fn literal(&mut self) -> Result<String, Error> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let inner = rest.find(['\'', '\n']).filter(|n| rest.get(*n..).is_some_and(|r| r.starts_with('\'')));
        let Some(inner) = inner.and_then(|n| rest.get(..n)) else {
            return self.error("this quote never ends");
        };
        self.no_controls(inner, 1, "\t")?;
        self.at += inner.len() + 2;
        Ok(inner.to_owned())
    }

    fn literal_lines(&mut self) -> Result<String, Error> {
        let rest = self.rest().get(3..).unwrap_or_default();
        let Some(end) = end_of_lines(rest, "'''") else { return self.error("this quote never ends") };
        let inner = rest.get(..end).unwrap_or_default();
        self.no_controls(inner, 3, "\t\n\r")?;
        self.at += end + 6;
        Ok(without_first_line_end(inner).to_owned())
    }

    fn basic(&mut self) -> Result<String, Error> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let mut escaped = false;
        let end = rest.char_indices().find(|(_, c)| {
            let ends = !escaped && matches!(c, '"' | '\n') || *c == '\n';
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end.filter(|(_, c)| *c == '"') else { return self.error("this quote never ends") };
        let inner = rest.get(..end).unwrap_or_default();
        self.no_controls(inner, 1, "\t")?;
        let text = self.unescape(inner, 1)?;
        self.at += end + 2;
        Ok(text)
    }

    fn basic_lines(&mut self) -> Result<String, Error> {
        let rest = self.rest().get(3..).unwrap_or_default();
        let mut from = 0;
        // The first end that no backslash takes back.
        let end = loop {
            let Some(end) = end_of_lines(rest.get(from..).unwrap_or_default(), "\"\"\"").map(|n| from + n) else {
                return self.error("this quote never ends");
            };
            let before = rest.get(..end).unwrap_or_default();
            if (before.len() - before.trim_end_matches('\\').len()).is_multiple_of(2) {
                break end;
            }
            from = end + 1;
        };
        let inner = rest.get(..end).unwrap_or_default();
        self.no_controls(inner, 3, "\t\n\r")?;
        let text = self.unescape(without_first_line_end(inner), 3)?;
        self.at += end + 6;
        Ok(text)
    }

    fn no_controls(&self, inner: &str, before: usize, but: &str) -> Result<(), Error> {
        match inner.char_indices().find(|(_, c)| c.is_ascii_control() && !but.contains(*c)) {
            Some((n, _)) => {
                let at = self.at + before + n;
                Err(Error { message: "a text holds a control character; write it as `\\u…`".into(), at: at..at + 1 })
            }
            None => Ok(()),
        }
    }

    fn unescape(&self, inner: &str, before: usize) -> Result<String, Error> {
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            out.push_str(rest.get(..at).unwrap_or_default());
            let start = self.at + before + (inner.len() - rest.len()) + at;
            rest = rest.get(at + 1..).unwrap_or_default();
            let wrong =
                || Error { message: "no such escape; a backslash is written `\\\\`".into(), at: start..start + 1 };
            let mut chars = rest.chars();
            let c = chars.next().ok_or_else(wrong)?;
            let hex = |n: usize| {
                let digits = rest.get(1..=n).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)
            };
            let (plain, used) = match c {
                'b' => ('\u{8}', 1),
                't' => ('\t', 1),
                'n' => ('\n', 1),
                'f' => ('\u{c}', 1),
                'r' => ('\r', 1),
                '"' | '\\' => (c, 1),
                'u' => (hex(4).ok_or_else(wrong)?, 5),
                'U' => (hex(8).ok_or_else(wrong)?, 9),
                // A backslash at the end of a line takes the line end and all blanks behind it away.
                ' ' | '\t' | '\n' | '\r' => {
                    let line = rest.trim_start_matches([' ', '\t']);
                    if !line.starts_with('\n') && !line.starts_with("\r\n") {
                        return Err(wrong());
                    }
                    rest = rest.trim_start_matches([' ', '\t', '\n', '\r']);
                    continue;
                }
                _ => return Err(wrong()),
            };
            out.push(plain);
            rest = rest.get(used..).unwrap_or_default();
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// Nothing is added to a table in braces, nor to those that it holds.
fn close(table: &mut Table) {
    table.made = Made::Inline;
    for entry in &mut table.entries {
        if let Value::Table(inner) = &mut entry.item.value {
            close(inner);
        }
    }
}

/// Where a text of several lines ends: up to two quotes more belong to it.
fn end_of_lines(rest: &str, quotes: &str) -> Option<usize> {
    let end = rest.find(quotes)?;
    let quote = quotes.get(..1)?;
    let more = rest.get(end + 3..).map_or(0, |r| r.len() - r.trim_start_matches(quote).len());
    Some(end + more.min(2))
}

fn without_first_line_end(text: &str) -> &str {
    text.strip_prefix('\n').or_else(|| text.strip_prefix("\r\n")).unwrap_or(text)
}

/// `12:30`, `2026-01-31T12:30:00Z` and their like.
fn is_time(word: &str) -> bool {
    let (date, time) = match word.split_once(['T', 't', ' ']) {
        Some((date, time)) => (Some(date), time),
        None => (None, word),
    };
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let clock = |part: &str| {
        let parts: Vec<&str> = part.split(':').collect();
        match parts.as_slice() {
            [h, m] => digits(h, 2) && digits(m, 2) && *h <= "23" && *m <= "59",
            [h, m, s] => {
                let (whole, fraction) = s.split_once('.').unwrap_or((s, "0"));
                let all = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
                digits(h, 2) && digits(m, 2) && digits(whole, 2) && all && *h <= "23" && *m <= "59" && whole <= "60"
            }
            _ => false,
        }
    };
    match date {
        None => clock(time) && time.matches(':').count() == 2,
        Some(date) => {
            let local = time.strip_suffix(['Z', 'z']).or_else(|| {
                let at = time.rfind(['+', '-'])?;
                let offset = time.get(at + 1..)?;
                (clock(offset) && offset.matches(':').count() == 1).then(|| time.get(..at)).flatten()
            });
            let local = local.unwrap_or(time);
            Date::parse(date).is_some() && clock(local) && local.matches(':').count() == 2
        }
    }
}

/// A whole number, or one with a fraction or exponent.
fn number(word: &str) -> Option<Value> {
    let (sign, digits) = match word.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", word.strip_prefix('+').unwrap_or(word)),
    };
    let signed = digits.len() < word.len();
    let joined = |part: &str, of: fn(&u8) -> bool| {
        let between = !part.starts_with('_') && !part.ends_with('_') && !part.contains("__");
        let plain: String = part.chars().filter(|c| *c != '_').collect();
        (between && !plain.is_empty() && plain.bytes().all(|b| of(&b))).then_some(plain)
    };
    type Radix = (&'static str, u32, fn(&u8) -> bool);
    let radices: [Radix; 3] = [
        ("0x", 16, u8::is_ascii_hexdigit),
        ("0o", 8, |b| matches!(b, b'0'..=b'7')),
        ("0b", 2, |b| matches!(b, b'0' | b'1')),
    ];
    for (prefix, radix, of) in radices {
        if let Some(rest) = digits.strip_prefix(prefix) {
            let plain = joined(rest, of).filter(|_| !signed)?;
            return i64::from_str_radix(&plain, radix).ok().map(Value::Integer);
        }
    }
    if matches!(digits, "inf" | "nan") {
        return Some(Value::Float);
    }
    let whole = |part: &str| joined(part, u8::is_ascii_digit).filter(|p| p.len() == 1 || !p.starts_with('0'));
    if let Some(plain) = whole(digits) {
        return format!("{sign}{plain}").parse().ok().map(Value::Integer);
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    if let Some(exponent) = exponent {
        joined(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), u8::is_ascii_digit)?;
    }
    match mantissa.split_once('.') {
        Some((before, behind)) => {
            whole(before)?;
            joined(behind, u8::is_ascii_digit)?;
        }
        None => {
            whole(mantissa)?;
        }
    }
    Some(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether our value is what the crate read.
    fn same(ours: &Value, theirs: &toml::Value) -> bool {
        match (ours, theirs) {
            (Value::Text(a), toml::Value::String(b)) => a == b,
            (Value::Integer(a), toml::Value::Integer(b)) => a == b,
            (Value::Boolean(a), toml::Value::Boolean(b)) => a == b,
            (Value::Float, toml::Value::Float(_)) => true,
            (Value::Date(a), toml::Value::Datetime(b)) => a.to_string() == b.to_string(),
            (Value::Time, toml::Value::Datetime(b)) => b.time.is_some(),
            (Value::Array(a), toml::Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(&a.value, b))
            }
            (Value::Table(a), toml::Value::Table(b)) => same_table(a, b),
            _ => false,
        }
    }

    fn same_table(ours: &Table, theirs: &toml::Table) -> bool {
        ours.entries.len() == theirs.len()
            && ours.entries.iter().all(|e| theirs.get(&e.key).is_some_and(|v| same(&e.item.value, v)))
    }

    /// Texts as people write them, right and wrong. What the crate `toml` says of each is the expectation.
    const TEXTS: &[&str] = &[
        "",
        "# only this",
        "a = 1\n# c\nb = 'x' # y\r\nc = \"d\"",
        "a = \"\\u00e9\\t\\\"\\\\\"",
        "a = \"\"\"\nline \\\n   goes on\n\"quoted\"\"\"\"",
        "a = '''\nraw \\n ''' ",
        "a.b.c = 1\na.b.d = 2",
        "\"a b\".'c' = true\n1.2 = 3",
        "[a]\nb = 1\n[a.c]\nd = 2\n[e.f]\n[e]\ng = 1",
        "[[w]]\nr = 'a'\n[[w]]\nr = 'b'\n[w.x]\ny = 1",
        "a = [1, 2,\n # c\n 3,\n]\nb = [[], ['x', {y = 1}]]",
        "a = { b = 1, c.d = 'e' }",
        "d = 2026-01-31\nt = 12:30:00\nb = 2026-01-31T12:30:00Z\nc = 2026-01-31 12:30:00.5+01:00",
        "a = -17\nb = +1_000\nc = 0xff\nd = 0o17\ne = 0b11\nf = 1.5\ng = 1e6\nh = -inf",
        "\u{feff}a = 1",
        // What is no TOML.
        "a = 1\na = 2",
        "[a]\n[a]",
        "a = 1\n[a]",
        "[a.b]\nc = 1\n[a]\nb.d = 2",
        "a.b = 1\n[a]",
        "a = {b = 1}\n[a.c]",
        "a = {b.c = 1}\n[a.b]",
        "a = [1]\n[[a]]",
        "[[a]]\n[a]",
        "[a]\n[[a]]",
        "a = 1 b = 2",
        "a =",
        "= 1",
        "a",
        "[a",
        "[a] b = 1",
        "a = 'x",
        "a = \"x\\q\"",
        "a = \"x\ny\"",
        "a = \"\"\"x",
        "a = word",
        "a = 01",
        "a = 1__0",
        "a = .5",
        "a = 5.",
        "a = 2026-02-30",
        "a = 2026-13-01",
        "a = 25:00:00",
        "a = [1 2]",
        "a = {b = 1",
        "a = {b = 1, b = 2}",
        "a b = 1",
        "é = 1",
        "a = 99999999999999999999",
        "a = -0x10",
    ];

    #[test]
    fn it_reads_what_the_crate_toml_reads_and_refuses_what_that_refuses() {
        for text in TEXTS {
            let (table, errors) = read(text);
            match text.parse::<toml::Table>() {
                Ok(expected) => {
                    assert_eq!(errors, [], "{text:?}");
                    assert!(same_table(&table, &expected), "{text:?}: {table:?} {expected:?}");
                }
                Err(e) => assert!(!errors.is_empty(), "{text:?} is wrong: {e}"),
            }
        }
    }

    #[test]
    fn keys_and_values_have_their_places() {
        let text = "a = 1\n[b]\n\"c\".d = [ 'x' ]";
        let (table, errors) = read(text);
        assert_eq!(errors, []);
        let Value::Table(b) = &table.entries[1].item.value else { panic!("{table:?}") };
        let Value::Table(c) = &b.entries[0].item.value else { panic!("{b:?}") };
        assert_eq!(&text[c.entries[0].key_at.clone()], "\"c\".d");
        assert_eq!(&text[c.entries[0].item.at.clone()], "[ 'x' ]");
    }

    #[test]
    fn a_broken_line_costs_itself_only_and_depth_has_a_limit() {
        let (table, errors) = read("a = 1\nb = oops\nc = 3\n[d\ne = 4\n[f]\ng = 5");
        let keys: Vec<&str> = table.entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["a", "c", "f"]);
        let messages: Vec<&str> = errors.iter().map(|e| e.message.as_str()).collect();
        assert_eq!(messages, ["`oops` is no value; a text stands in quotes", "a header ends with `]`"]);
        let deep = format!("a = {}", "[".repeat(100_000));
        assert_eq!(read(&deep).1[0].message, "lists and tables lie too deep here");
        assert!(read(&"[\n".repeat(1000)).1.len() <= MAX_ERRORS);
    }
}
