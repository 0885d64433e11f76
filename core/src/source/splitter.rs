//! Cuts a stream of SQL text into statements, as psql does, in memory bounded by the largest statement.
//!
//! What counts: quotes, E-strings, dollar quotes, nested comments, `COPY … FROM stdin` rows, psql's backslash lines, `BEGIN ATOMIC` bodies,
//! the semicolons inside `CREATE RULE … DO (…; …)`. Source: PostgreSQL manual 4.1 "Lexical Structure" and the psql reference page.
//!
//! Text may arrive in chunks of any size; what is found does not depend on where they end.

mod other;
mod words;

#[cfg(test)]
mod tests;

use self::other::inside_body;
use self::words::{
    Tag, advance, dollar_tag, inside_atomic_body, is_copy_end, is_copy_from_stdin, is_create_rule, is_word,
    replace_invalid, resume_after, starts_with_word,
};
use crate::analysis::Dialect;
use crate::history::layout::{MAX_CUT_LINE, cuts, delimiter};
use memchr::{memchr, memchr2, memmem};

/// The longest statement that is held in memory. Beyond it a quote that never ends is the likely cause.
const MAX_STATEMENT_BYTES: usize = 16 << 20;
/// How much of a statement that only carries rows is kept: enough for its table and columns.
const MAX_ROWS_BYTES: usize = 16 << 10;
/// How long a line may be in which a mark sets what ends statements.
const MAX_MARK_LINE: usize = 512;
/// How many unterminated quotes or comments are recovered from in one file.
const MAX_RECOVERIES: u32 = 100;

/// One thing found in the stream. Offsets are bytes from the start of the file; lines and columns count from 1, columns in code points.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part<'a> {
    /// A statement without its closing semicolon.
    Statement {
        /// Comments before the statement, and the statement.
        text: &'a str,
        /// Where `text` starts.
        at: Place,
        /// How many bytes of `text` stand before the statement's first token.
        lead: u32,
        /// Whether rows at its end were left out.
        truncated: bool,
    },
    /// Comments with no statement behind them.
    Comment {
        /// The comments.
        text: &'a str,
        /// Where they start.
        at: Place,
    },
    /// A psql command: a line that starts with a backslash.
    Meta {
        /// The line from the backslash on.
        text: &'a str,
        /// Where it starts.
        at: Place,
    },
    /// A quote, comment or COPY block that never ends. What stands between `at` and the next statement is lost.
    Unterminated {
        /// What never ends.
        what: Open,
        /// The statement's text up to the place where reading goes on.
        text: &'a str,
        /// Where that text starts.
        at: Place,
        /// Bytes from the start of `text` to the opening quote.
        open: u32,
    },
    /// The rest of the file was given up after too many unterminated quotes.
    GaveUp {
        /// Where.
        at: Place,
    },
}

/// A byte offset with its line and column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "plain coordinates")]
pub struct Place {
    pub offset: u32,
    pub line: u32,
    pub column: u32,
}

/// What can stay open at the end of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the kinds of quotes")]
pub enum Open {
    String,
    Identifier,
    DollarQuote,
    Comment,
    Copy,
}

impl Open {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Identifier => "quoted identifier",
            Self::DollarQuote => "dollar-quoted text",
            Self::Comment => "comment",
            Self::Copy => "COPY block",
        }
    }
}

/// Where the scanner stands. Offsets are into the buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Code,
    String {
        open: usize,
        quote: u8,
        escapes: bool,
    },
    Identifier {
        open: usize,
        quote: u8,
    },
    Dollar {
        open: usize,
        tag_end: usize,
    },
    LineComment,
    BlockComment {
        open: usize,
        depth: u32,
    },
    /// A backslash command, up to the end of its line.
    Meta {
        open: usize,
    },
    /// Rows of COPY, up to a line `\.`.
    Rows,
}

/// Cuts one file. Feed it with [`push`](Self::push) and end with [`finish`](Self::finish).
#[derive(Debug)]
pub struct Splitter {
    /// Bytes not yet given out. `place` is the place of its first byte.
    buffer: Vec<u8>,
    place: Place,
    /// The scanner's place in the buffer.
    scan: usize,
    state: State,
    /// First byte of the current statement's first token.
    statement: Option<usize>,
    paren_depth: u32,
    /// The rows of an INSERT were cut off: everything up to the semicolon is dropped.
    dropping: bool,
    /// `SET standard_conforming_strings = off`: plain strings have backslash escapes.
    escapes: bool,
    /// What ends a statement besides the semicolon, at the end of a line; empty for nothing. Comments set it.
    delimiter: Vec<u8>,
    /// Whose quotes and comments these are.
    dialect: Dialect,
    recoveries: u32,
    /// How many bytes were no valid UTF-8, and the place of the first.
    pub invalid_bytes: u64,
    /// Number of statements given out.
    pub statements: u32,
    gave_up: bool,
}

impl Splitter {
    /// A splitter for a file whose text starts at byte `offset` (3 behind a byte order mark).
    pub fn new(offset: u32) -> Self {
        Self {
            buffer: Vec::new(),
            place: Place { offset, line: 1, column: 1 },
            scan: 0,
            state: State::Code,
            statement: None,
            paren_depth: 0,
            dropping: false,
            escapes: false,
            delimiter: Vec::new(),
            dialect: Dialect::PostgreSql,
            recoveries: 0,
            invalid_bytes: 0,
            statements: 0,
            gave_up: false,
        }
    }

    /// Lets a text of one's own end statements, too; comments may set another.
    pub fn ended_by(mut self, delimiter: &str) -> Self {
        self.delimiter = delimiter.as_bytes().to_vec();
        self
    }

    /// Goes by another database's quotes and comments.
    pub fn of(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self.escapes = dialect == Dialect::MySql;
        self
    }

    /// The line that reading has reached.
    pub fn line(&self) -> u32 {
        self.place.line
    }

    /// Takes the next bytes and gives what they complete to `sink`.
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Part<'_>)) {
        if self.gave_up {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        let mut done = 0;
        self.run(&mut done, false, sink);
        self.consume(done);
        if self.buffer.len() > MAX_STATEMENT_BYTES {
            self.recover(sink);
        }
    }

    /// Ends the file: gives out the last statement and whatever never ended.
    pub fn finish(&mut self, sink: &mut dyn FnMut(Part<'_>)) {
        loop {
            let mut done = 0;
            self.run(&mut done, true, sink);
            self.consume(done);
            match self.state {
                State::String { .. } | State::Identifier { .. } | State::Dollar { .. } | State::BlockComment { .. }
                    if !self.gave_up && !self.dropping =>
                {
                    self.recover(sink);
                }
                State::Rows => {
                    let place = self.place;
                    sink(Part::Unterminated { what: Open::Copy, text: "", at: place, open: 0 });
                    break;
                }
                _ => break,
            }
        }
        if !self.gave_up && !self.dropping {
            let end = self.buffer.len();
            match self.state {
                State::Meta { open } => self.emit_meta(open, end, sink),
                _ => self.emit(0, end, false, sink),
            }
        }
        self.buffer.clear();
    }

    /// Drops `count` bytes from the front of the buffer and moves the place along.
    fn consume(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let gone = self.buffer.get(..count).unwrap_or_default();
        self.place = advance(self.place, gone);
        self.buffer.drain(..count);
        self.scan -= count.min(self.scan);
        self.statement = self.statement.map(|s| s.saturating_sub(count));
        let shift = |open: usize| open.saturating_sub(count);
        self.state = match self.state {
            State::String { open, quote, escapes } => State::String { open: shift(open), quote, escapes },
            State::Identifier { open, quote } => State::Identifier { open: shift(open), quote },
            State::Dollar { open, tag_end } => State::Dollar { open: shift(open), tag_end: shift(tag_end) },
            State::BlockComment { open, depth } => State::BlockComment { open: shift(open), depth },
            State::Meta { open } => State::Meta { open: shift(open) },
            other => other,
        };
    }

    /// Scans as far as the buffer goes. `done` is the end of what was given out.
    fn run(&mut self, done: &mut usize, last: bool, sink: &mut dyn FnMut(Part<'_>)) {
        // The places of parts are counted from the start of the buffer once, piece by piece.
        let mut counted = 0;
        let mut place = self.place;
        loop {
            let step = match self.state {
                State::Code => self.code(last),
                State::String { quote, escapes, .. } => self.string(quote, escapes, last),
                State::Identifier { quote, .. } => self.close(quote),
                State::Dollar { open, tag_end } => self.dollar(open, tag_end),
                State::LineComment => self.line_comment(),
                State::BlockComment { open, depth } => self.block_comment(open, depth, last),
                State::Meta { .. } => self.line_end(last).map_or(Step::More, Step::Meta),
                State::Rows => self.rows(last),
            };
            if self.dropping && !matches!(step, Step::End(_) | Step::Delimiter(_)) {
                // Nothing before the scanner is needed any more, save an open dollar tag.
                *done = if let State::Dollar { open, .. } = self.state { open } else { self.scan };
            }
            match step {
                Step::More => break,
                Step::Again => {}
                Step::End(end) => {
                    if self.dropping {
                        self.dropping = false;
                        self.statement = None;
                        *done = end;
                    } else {
                        place = advance(place, self.buffer.get(counted..*done).unwrap_or_default());
                        counted = *done;
                        let copy = self.emit_at(*done, end - 1, false, place, sink);
                        *done = end;
                        if copy {
                            self.state = State::Rows;
                        }
                    }
                    self.paren_depth = 0;
                }
                Step::Delimiter(at) => {
                    if !self.dropping {
                        place = advance(place, self.buffer.get(counted..*done).unwrap_or_default());
                        counted = *done;
                        self.emit_at(*done, at, false, place, sink);
                    }
                    self.dropping = false;
                    *done = self.scan;
                    self.statement = None;
                    self.paren_depth = 0;
                }
                Step::Cut(at) => {
                    place = advance(place, self.buffer.get(counted..*done).unwrap_or_default());
                    counted = *done;
                    self.emit_at(*done, at, false, place, sink);
                    *done = at;
                    self.statement = None;
                    self.paren_depth = 0;
                }
                Step::Meta(end) => {
                    let State::Meta { open } = self.state else { break };
                    if self.statement.is_some_and(|s| s < open) && !self.dropping {
                        place = advance(place, self.buffer.get(counted..*done).unwrap_or_default());
                        counted = *done;
                        self.emit_at(*done, open, false, place, sink);
                        *done = open;
                        self.paren_depth = 0;
                    }
                    place = advance(place, self.buffer.get(counted..open).unwrap_or_default());
                    counted = open;
                    let copy = self.emit_meta_at(open, end, place, sink);
                    *done = end;
                    self.state = if copy { State::Rows } else { State::Code };
                    self.statement = None;
                    self.dropping = false;
                }
                Step::RowsSeen(end) => *done = end,
            }
            if !self.dropping
                && let Some(start) = self.statement
                && self.scan - start.min(self.scan) > MAX_ROWS_BYTES
                && self.state == State::Code
                && starts_with_word(self.buffer.get(start..).unwrap_or_default(), b"insert")
            {
                place = advance(place, self.buffer.get(counted..*done).unwrap_or_default());
                counted = *done;
                self.emit_at(*done, self.scan, true, place, sink);
                *done = self.scan;
                self.dropping = true;
            }
        }
    }

    /// Scans code up to the next quote, comment, semicolon or backslash.
    fn code(&mut self, last: bool) -> Step {
        let bytes = self.buffer.as_slice();
        let len = bytes.len();
        let mut at = self.scan;
        let delimited = !self.delimiter.is_empty();
        let foreign = self.dialect != Dialect::PostgreSql;
        while let Some(&byte) = bytes.get(at) {
            if foreign && let Some(mark) = self.foreign_mark(byte, at, last) {
                return self.pass(mark, at);
            }
            if delimited && self.delimiter.first().is_some_and(|first| first.eq_ignore_ascii_case(&byte)) {
                match self.delimiter_at(at, last) {
                    Some(true) => {
                        self.scan = at + self.delimiter.len();
                        return Step::Delimiter(at);
                    }
                    Some(false) => {}
                    None => {
                        // Its line has not come to its end.
                        self.scan = at;
                        return Step::More;
                    }
                }
            }
            let class = CLASS.get(usize::from(byte)).copied().unwrap_or_default();
            if class == PLAIN {
                if self.statement.is_none() {
                    self.statement = Some(at);
                }
                at += 1;
                // Words and the blanks between them are most of a statement.
                if !delimited && !foreign {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let stops = |b: &u8| CLASS.get(usize::from(*b)).copied().unwrap_or_default() == MARK;
                    at += rest.iter().position(stops).unwrap_or(rest.len());
                }
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => {
                    at += 1;
                    continue;
                }
                b'-' | b'/' | b'$' if at + 1 >= len && !last => break,
                b'-' if bytes.get(at + 1) == Some(&b'-') => {
                    if self.statement.is_none() {
                        let rest = bytes.get(at..).unwrap_or_default();
                        let line = rest.get(..MAX_MARK_LINE).unwrap_or(rest);
                        let end = memchr(b'\n', line);
                        if end.is_none() && rest.len() < MAX_MARK_LINE && !last {
                            self.scan = at;
                            return Step::More;
                        }
                        let line = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
                        let word = line.get(2..).unwrap_or_default().trim_ascii_start();
                        // `changeset`, `atlas:`
                        if matches!(word.first(), Some(b'c' | b'C' | b'a'))
                            && let Some(set) = std::str::from_utf8(line).ok().and_then(delimiter)
                        {
                            self.delimiter = set.into_bytes();
                        }
                    }
                    if self.statement.is_some() && !self.dropping {
                        // The mark of a migration tool ends a statement, semicolon or not.
                        let rest = bytes.get(at..).unwrap_or_default();
                        let line = rest.get(..MAX_CUT_LINE).unwrap_or(rest);
                        let end = memchr(b'\n', line);
                        if end.is_none() && rest.len() < MAX_CUT_LINE && !last {
                            break;
                        }
                        let margin = at.checked_sub(1).and_then(|i| bytes.get(i)).is_none_or(|b| *b == b'\n');
                        if cuts(line.get(..end.unwrap_or(line.len())).unwrap_or_default(), margin) {
                            self.scan = at;
                            return Step::Cut(at);
                        }
                    }
                    self.state = State::LineComment;
                    self.scan = at + 2;
                    return Step::Again;
                }
                b'/' if bytes.get(at + 1) == Some(&b'*') => {
                    self.state = State::BlockComment { open: at, depth: 1 };
                    self.scan = at + 2;
                    return Step::Again;
                }
                b'\'' => {
                    let before = at.checked_sub(1).and_then(|i| bytes.get(i));
                    let e_string = matches!(before, Some(b'e' | b'E'))
                        && !at.checked_sub(2).and_then(|i| bytes.get(i)).is_some_and(|b| is_word(*b));
                    self.statement.get_or_insert(at);
                    self.state = State::String { open: at, quote: b'\'', escapes: e_string || self.escapes };
                    self.scan = at + 1;
                    return Step::Again;
                }
                b'"' => {
                    self.statement.get_or_insert(at);
                    // MySQL's strings stand in either quotes.
                    self.state = match self.dialect {
                        Dialect::MySql => State::String { open: at, quote: b'"', escapes: true },
                        _ => State::Identifier { open: at, quote: b'"' },
                    };
                    self.scan = at + 1;
                    return Step::Again;
                }
                b'$' if !foreign => {
                    self.statement.get_or_insert(at);
                    let inside_word = at.checked_sub(1).and_then(|i| bytes.get(i)).is_some_and(|b| is_word(*b));
                    if !inside_word {
                        match dollar_tag(bytes, at) {
                            Tag::Complete(tag_end) => {
                                self.state = State::Dollar { open: at, tag_end };
                                self.scan = tag_end;
                                return Step::Again;
                            }
                            Tag::Incomplete if !last => break,
                            _ => {}
                        }
                    }
                    at += 1;
                    continue;
                }
                b'(' => self.paren_depth = self.paren_depth.saturating_add(1),
                b')' => self.paren_depth = self.paren_depth.saturating_sub(1),
                b';' => {
                    self.scan = at + 1;
                    let inside = self.statement.is_some_and(|start| {
                        let text = bytes.get(start..at).unwrap_or_default();
                        // MySQL's client, told of another delimiter, goes by that alone.
                        let inside = match foreign {
                            true => delimited || inside_body(text),
                            false => (self.paren_depth > 0 && is_create_rule(text)) || inside_atomic_body(text),
                        };
                        !self.dropping && inside
                    });

                    return if inside { Step::Again } else { Step::End(at + 1) };
                }
                b'\\' if !foreign => {
                    self.state = State::Meta { open: at };
                    self.scan = at + 1;
                    return Step::Again;
                }
                _ => {}
            }
            self.statement.get_or_insert(at);
            at += 1;
            if !self.dropping && at - self.scan > MAX_ROWS_BYTES {
                break;
            }
        }
        let progressed = at > self.scan;
        self.scan = at;
        // Stopping early lets `run` cut off the rows of a long INSERT.
        if progressed && at < len && !matches!(bytes.get(at), Some(b'-' | b'/' | b'$')) {
            Step::Again
        } else {
            Step::More
        }
    }

    /// Whether the delimiter stands at `at` and ends its line; a word must have a line to itself. `None` where what was given so far does not tell.
    fn delimiter_at(&self, at: usize, last: bool) -> Option<bool> {
        let end = at + self.delimiter.len();
        let Some(here) = self.buffer.get(at..end) else { return if last { Some(false) } else { None } };
        if !here.eq_ignore_ascii_case(&self.delimiter) {
            return Some(false);
        }
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r');
        let rest = self.buffer.get(end..).unwrap_or_default();
        match rest.iter().find(|b| !blank(b)) {
            None if !last => return None,
            None | Some(b'\n') => {}
            Some(_) => return Some(false),
        }
        let before = self.buffer.get(..at).unwrap_or_default().iter().rev().find(|b| !blank(b));
        let is_word = self.delimiter.first().is_some_and(u8::is_ascii_alphabetic);
        Some(!is_word || before.is_none_or(|b| *b == b'\n'))
    }

    /// Scans a string to its end. A doubled quote reads as the end of one string and the start of the next, which splits alike.
    fn string(&mut self, quote: u8, escapes: bool, last: bool) -> Step {
        if !escapes {
            return self.close(quote);
        }
        while let Some(found) = memchr2(quote, b'\\', self.buffer.get(self.scan..).unwrap_or_default()) {
            let at = self.scan + found;
            if self.buffer.get(at) == Some(&quote) {
                // In an E-string a doubled quote does not end it: the next one would lose its backslash escapes.
                if self.buffer.get(at + 1) == Some(&quote) {
                    self.scan = at + 2;
                    continue;
                }
                if at + 1 >= self.buffer.len() && !last {
                    self.scan = at;
                    return Step::More;
                }
                self.scan = at + 1;
                self.state = State::Code;
                return Step::Again;
            }
            if at + 1 >= self.buffer.len() {
                self.scan = if last { self.buffer.len() } else { at };
                return Step::More;
            }
            self.scan = at + 2;
        }
        self.scan = self.buffer.len();
        Step::More
    }

    fn close(&mut self, quote: u8) -> Step {
        match memchr(quote, self.buffer.get(self.scan..).unwrap_or_default()) {
            Some(found) => {
                self.scan += found + 1;
                self.state = State::Code;
                Step::Again
            }
            None => {
                self.scan = self.buffer.len();
                Step::More
            }
        }
    }

    fn dollar(&mut self, open: usize, tag_end: usize) -> Step {
        let tag = self.buffer.get(open..tag_end).unwrap_or_default();
        match memmem::find(self.buffer.get(self.scan..).unwrap_or_default(), tag) {
            Some(found) => {
                self.scan += found + tag.len();
                self.state = State::Code;
                Step::Again
            }
            None => {
                // The tag may end beyond the buffer.
                self.scan = self.scan.max(self.buffer.len().saturating_sub(tag.len() - 1));
                Step::More
            }
        }
    }

    fn line_comment(&mut self) -> Step {
        match memchr(b'\n', self.buffer.get(self.scan..).unwrap_or_default()) {
            Some(found) => {
                self.scan += found + 1;
                self.state = State::Code;
                Step::Again
            }
            None => {
                self.scan = self.buffer.len();
                Step::More
            }
        }
    }

    fn block_comment(&mut self, open: usize, mut depth: u32, last: bool) -> Step {
        while let Some(found) = memchr2(b'*', b'/', self.buffer.get(self.scan..).unwrap_or_default()) {
            let at = self.scan + found;
            match (self.buffer.get(at), self.buffer.get(at + 1)) {
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    self.scan = at + 2;
                    if depth == 0 {
                        self.state = State::Code;
                        return Step::Again;
                    }
                }
                (Some(b'/'), Some(b'*')) => {
                    depth = depth.saturating_add(1);
                    self.scan = at + 2;
                }
                (_, None) if !last => {
                    self.scan = at;
                    self.state = State::BlockComment { open, depth };
                    return Step::More;
                }
                _ => self.scan = at + 1,
            }
        }
        self.scan = self.buffer.len();
        self.state = State::BlockComment { open, depth };
        Step::More
    }

    /// The end of the current line, line break included.
    fn line_end(&mut self, last: bool) -> Option<usize> {
        let found = memchr(b'\n', self.buffer.get(self.scan..).unwrap_or_default());
        match found {
            Some(found) => {
                self.scan += found + 1;
                Some(self.scan)
            }
            None => {
                self.scan = self.buffer.len();
                (last && self.scan > 0 && matches!(self.state, State::Rows)).then_some(self.scan)
            }
        }
    }

    /// Skips one line of COPY data.
    fn rows(&mut self, last: bool) -> Step {
        // `scan` moves to the end of the buffer when no line break is there; the line still starts at the last consumed byte.
        let start = self.scan;
        let rest = self.buffer.get(start..).unwrap_or_default();
        let Some(found) = memchr(b'\n', rest) else {
            if last && is_copy_end(rest) {
                self.state = State::Code;
                self.scan = self.buffer.len();
                return Step::RowsSeen(self.scan);
            }
            return Step::More;
        };
        let line = rest.get(..found).unwrap_or_default();
        self.scan = start + found + 1;
        if is_copy_end(line) {
            self.state = State::Code;
        }
        Step::RowsSeen(self.scan)
    }

    /// Gives out the part of the buffer from `from` to `end` as a statement.
    fn emit(&mut self, from: usize, end: usize, truncated: bool, sink: &mut dyn FnMut(Part<'_>)) {
        let place = advance(self.place, self.buffer.get(..from).unwrap_or_default());
        self.emit_at(from, end, truncated, place, sink);
    }

    /// Like [`emit`](Self::emit), for a known place of `from`. Says whether rows of COPY follow.
    fn emit_at(
        &mut self,
        from: usize,
        end: usize,
        truncated: bool,
        place: Place,
        sink: &mut dyn FnMut(Part<'_>),
    ) -> bool {
        let statement = self.statement.take();
        let Some(bytes) = self.buffer.get_mut(from..end) else { return false };
        let blank = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let at = advance(place, bytes.get(..blank).unwrap_or_default());
        let trailing = bytes.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        let text_end = (bytes.len() - trailing).max(blank);
        self.invalid_bytes += replace_invalid(bytes.get_mut(blank..text_end).unwrap_or_default());
        let bytes = bytes.get(blank..text_end).unwrap_or_default();
        let text = str::from_utf8(bytes).unwrap_or_default();
        let Some(start) = statement.filter(|s| *s < end) else {
            if !text.is_empty() {
                sink(Part::Comment { text, at });
            }
            return false;
        };
        let lead = start.saturating_sub(from + blank);
        self.statements = self.statements.saturating_add(1);
        let body = bytes.get(lead..).unwrap_or_default();
        let of_postgres = self.dialect == Dialect::PostgreSql;
        if of_postgres && starts_with_word(body, b"set") && memmem::find(body, b"standard_conforming_strings").is_some()
        {
            self.escapes = memmem::find(&body.to_ascii_lowercase(), b"off").is_some();
        }
        sink(Part::Statement { text, at, lead: u32::try_from(lead).unwrap_or(u32::MAX), truncated });
        of_postgres && starts_with_word(body, b"copy") && is_copy_from_stdin(body)
    }

    fn emit_meta(&mut self, open: usize, end: usize, sink: &mut dyn FnMut(Part<'_>)) {
        if self.statement.is_some_and(|s| s < open) {
            self.emit(0, open, false, sink);
        }
        let place = advance(self.place, self.buffer.get(..open).unwrap_or_default());
        self.emit_meta_at(open, end, place, sink);
    }

    /// Gives a meta-command. Whether rows follow it: `\\copy t FROM stdin` reads them from the script, as COPY does.
    fn emit_meta_at(&mut self, open: usize, end: usize, at: Place, sink: &mut dyn FnMut(Part<'_>)) -> bool {
        let Some(bytes) = self.buffer.get_mut(open..end) else { return false };
        self.invalid_bytes += replace_invalid(bytes);
        let text = str::from_utf8(self.buffer.get(open..end).unwrap_or_default()).unwrap_or_default();
        sink(Part::Meta { text: text.trim_end(), at });
        let copies = text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("\\copy"));
        copies && is_copy_from_stdin(text.as_bytes())
    }

    /// Something opened and never ended: says so, and goes on behind the line on which the statement could have ended.
    fn recover(&mut self, sink: &mut dyn FnMut(Part<'_>)) {
        self.recoveries += 1;
        if self.recoveries > MAX_RECOVERIES {
            sink(Part::GaveUp { at: self.place });
            self.gave_up = true;
            self.buffer.clear();
            self.scan = 0;
            self.state = State::Code;
            self.statement = None;
            return;
        }
        let (what, open) = match self.state {
            State::Identifier { open, .. } => (Open::Identifier, open),
            State::Dollar { open, .. } => (Open::DollarQuote, open),
            State::BlockComment { open, .. } => (Open::Comment, open),
            State::String { open, .. } => (Open::String, open),
            _ => (Open::String, self.statement.unwrap_or(0)),
        };
        let resume = resume_after(&self.buffer, open);
        let place = self.place;
        let Some(bytes) = self.buffer.get_mut(..resume) else { return };
        let blank = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count().min(open);
        let at = advance(place, bytes.get(..blank).unwrap_or_default());
        self.invalid_bytes += replace_invalid(bytes);
        let text = str::from_utf8(self.buffer.get(blank..resume).unwrap_or_default()).unwrap_or_default();
        let open = u32::try_from(open - blank).unwrap_or(u32::MAX);
        sink(Part::Unterminated { what, text: text.trim_end(), at, open });
        self.state = State::Code;
        self.scan = resume;
        self.statement = None;
        self.paren_depth = 0;
        self.consume(resume);
    }
}

/// What one step of the scanner came to.
enum Step {
    /// More bytes are needed.
    More,
    /// The state changed; go on.
    Again,
    /// A statement ends before this place, which is behind its semicolon.
    End(usize),
    /// A statement without a semicolon ends here, before a comment that cuts.
    Cut(usize),
    /// A statement ends here, before the delimiter that the scanner has passed.
    Delimiter(usize),
    /// A backslash line ends here.
    Meta(usize),
    /// COPY data up to here was skipped.
    RowsSeen(usize),
}

const PLAIN: u8 = 0;
const MARK: u8 = 1;
const BLANK: u8 = 2;

/// What a byte is to the scanner of code: passed over once a statement has begun, a mark to look at, or a blank.
#[allow(clippy::indexing_slicing, reason = "evaluated while compiling")]
static CLASS: [u8; 256] = {
    let mut table = [PLAIN; 256];
    let marks = b"'\"$-/;()\\";
    let mut i = 0;
    while i < marks.len() {
        table[marks[i] as usize] = MARK;
        i += 1;
    }
    let blanks = b" \t\n\r\x0b\x0c";
    let mut i = 0;
    while i < blanks.len() {
        table[blanks[i] as usize] = BLANK;
        i += 1;
    }
    table
};
