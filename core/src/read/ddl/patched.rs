//! Statements that stand in no file as such, but whose every part does: what a document says in a table or a bullet, put together as SQL.

use std::borrow::Cow;

use super::cursor::{Parser, Place};
use super::lexer::{Decoded, Piece, lex};
use crate::operation::Operation;
use crate::problem::Problem;
use crate::source::FileId;

/// SQL with the place of every byte of it in the file that it was taken from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patched {
    text: String,
    pieces: Vec<Piece>,
    /// Where what was appended last ends in the file.
    last: u32,
}

impl Patched {
    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file from the first to the last piece.
    pub(crate) fn range(&self) -> (u32, u32) {
        (self.pieces.first().map_or(self.last, |p| p.source), self.last)
    }

    fn piece(&mut self, source: u32, whole: Option<u32>, length: usize) {
        let at = len(&self.text);
        let goes_on = whole.is_none()
            && self.pieces.last().is_some_and(|p| p.whole.is_none() && p.source + (at - p.at) == source);
        if !goes_on {
            self.pieces.push(Piece { at, source, whole });
        }
        self.last = whole.unwrap_or_else(|| source.saturating_add(u32::try_from(length).unwrap_or(u32::MAX)));
    }

    /// Appends text that stands in the file at `source`, byte by byte.
    pub(crate) fn copy(&mut self, text: &str, source: u32) {
        if !text.is_empty() {
            self.piece(source, None, text.len());
            self.text.push_str(text);
        }
    }

    /// Appends text that the file says in other words, from `start` up to, not including, `end`.
    pub(crate) fn say(&mut self, text: &str, start: u32, end: u32) {
        if !text.is_empty() {
            self.piece(start, Some(end), 0);
            self.text.push_str(text);
        }
    }

    /// Appends what only holds the parts together.
    pub(crate) fn glue(&mut self, text: &str) {
        self.say(text, self.last, self.last);
    }

    /// Appends the bytes from `start` up to, not including, `end` of another text.
    pub(crate) fn append_part(&mut self, other: &Patched, start: usize, end: usize) {
        let mut at = start;
        let first = other.pieces.partition_point(|p| p.at as usize <= start).saturating_sub(1);
        for (n, piece) in other.pieces.iter().enumerate().skip(first) {
            let next = other.pieces.get(n + 1).map_or(other.text.len(), |p| p.at as usize).min(end);
            if at >= end || next <= at {
                break;
            }
            let Some(text) = other.text.get(at..next) else { break };
            match piece.whole {
                Some(whole) => self.say(text, piece.source, whole),
                None => self.copy(text, piece.source.saturating_add(u32::try_from(at).unwrap_or(u32::MAX) - piece.at)),
            }
            at = next;
        }
    }

    /// Appends another text.
    pub(crate) fn append(&mut self, other: &Patched) {
        self.append_part(other, 0, other.text.len());
    }

    /// The place in the file of a range of the text.
    pub(crate) fn place(&self, start: usize, end: usize) -> (u32, u32) {
        let decoded = Decoded { text: Cow::Borrowed(&self.text), pieces: self.pieces.clone() };
        let (start, end) = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX));
        let from = decoded.source(start);
        (from, if end > start { decoded.source_end(end).max(from) } else { from })
    }

    /// Reads it as one statement. Spans are those of the file; problems too, for the caller to weigh.
    pub(crate) fn read(&self, file: FileId) -> (Vec<Operation>, Vec<Problem>) {
        let mut tokens = Vec::with_capacity(self.text.len() / 4 + 4);
        lex(&self.text, &mut tokens, usize::MAX);
        let decoded = Decoded { text: Cow::Borrowed(&self.text), pieces: self.pieces.clone() };
        let outer = Place::File(file, 0);
        let place = Place::String(&outer, &decoded);
        let mut parser = Parser::new(&self.text, &tokens, &place);
        let _ = parser.statement();
        (parser.operations, parser.problems)
    }
}

fn len(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// How many bytes at the start of `text` are a type's name; nothing where it starts with none.
pub(crate) fn type_length(text: &str) -> Option<usize> {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, 64);
    let place = Place::File(FileId(0), 0);
    let mut parser = Parser::new(text, &tokens, &place);
    let data_type = parser.try_type()?;
    Some(data_type.span.end as usize)
}
