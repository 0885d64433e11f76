//! Text put together from pieces of files: a string of a program, a statement that a program builds. Every byte knows where it comes from.

use super::{FileId, Span};

/// A text whose bytes stand, or come from something that stands, in a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mapped {
    text: String,
    /// In the order of the text, without gaps.
    pieces: Vec<Piece>,
}

/// A stretch of the text, up to where the next begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Piece {
    /// Its first byte in the text.
    at: u32,
    /// Where it comes from.
    span: Span,
    /// Whether it stands there byte for byte.
    verbatim: bool,
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Mapped {
    /// A text that stands for what is at `span`.
    pub fn made(text: &str, span: Span) -> Self {
        let mut mapped = Self::default();
        mapped.push(text, span);
        mapped
    }

    /// Adds text that stands in the file from `start` on, byte for byte.
    pub fn push_verbatim(&mut self, text: &str, file: FileId, start: u32) {
        let end = start.saturating_add(offset(text.len()));
        self.add(text, Span::new(file, start, end), true);
    }

    /// Adds text that is written otherwise at `span`, or follows from it.
    pub fn push(&mut self, text: &str, span: Span) {
        self.add(text, span, false);
    }

    fn add(&mut self, text: &str, span: Span, verbatim: bool) {
        if text.is_empty() {
            return;
        }
        let joins = self.pieces.last().is_some_and(|last| {
            last.verbatim == verbatim
                && last.span.file == span.file
                && if verbatim { last.span.end == span.start } else { last.span == span }
        });
        match self.pieces.last_mut() {
            Some(last) if joins => last.span.end = span.end,
            _ => self.pieces.push(Piece { at: offset(self.text.len()), span, verbatim }),
        }
        self.text.push_str(text);
    }

    /// Adds another text with its places.
    pub fn append(&mut self, other: &Mapped) {
        self.append_range(other, 0, other.text.len());
    }

    /// Adds a range of another text with its places.
    pub fn append_range(&mut self, other: &Mapped, from: usize, to: usize) {
        let first = other.piece_at(offset(from));
        for (index, piece) in other.pieces.iter().enumerate().skip(first) {
            let start = (piece.at as usize).max(from);
            let end = other.pieces.get(index + 1).map_or(other.text.len(), |next| next.at as usize).min(to);
            if start >= to {
                break;
            }
            let Some(text) = other.text.get(start..end) else { continue };
            if piece.verbatim {
                let begin = piece.span.start.saturating_add(offset(start).saturating_sub(piece.at));
                self.push_verbatim(text, piece.span.file, begin);
            } else {
                self.push(text, piece.span);
            }
        }
    }

    /// A range of it with its places.
    pub fn slice(&self, from: usize, to: usize) -> Mapped {
        let mut part = Mapped::default();
        part.append_range(self, from, to);
        part
    }

    /// The same text, where what stands in one file stands somewhere else instead.
    pub fn moved(&self, from: FileId, to: Span) -> Mapped {
        let mut moved = Mapped::default();
        for (index, piece) in self.pieces.iter().enumerate() {
            let end = self.pieces.get(index + 1).map_or(self.text.len(), |next| next.at as usize);
            let Some(text) = self.text.get(piece.at as usize..end) else { continue };
            match piece.span.file == from {
                true => moved.push(text, to),
                false => moved.add(text, piece.span, piece.verbatim),
            }
        }
        moved
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the range comes from; nothing for an empty text.
    pub fn span(&self, from: u32, to: u32) -> Option<Span> {
        let first = self.pieces.get(self.piece_at(from))?;
        let last = self.pieces.get(self.piece_at(to.saturating_sub(1).max(from)))?;
        let start = match first.verbatim {
            true => first.span.start.saturating_add(from.saturating_sub(first.at)).min(first.span.end),
            false => first.span.start,
        };
        let end = match last.verbatim {
            true => last.span.start.saturating_add(to.saturating_sub(last.at)).min(last.span.end),
            false => last.span.end,
        };
        let begin = Span::new(first.span.file, start, start);
        if last.span.file != first.span.file || end < start {
            return Some(Span::new(first.span.file, start, first.span.end.max(start)));
        }
        Some(Span { end, ..begin })
    }

    /// Where all of it comes from.
    pub fn whole(&self) -> Option<Span> {
        self.span(0, offset(self.text.len()))
    }

    /// Whether the text stands in one place of a file, byte for byte.
    pub fn is_verbatim(&self) -> bool {
        matches!(self.pieces.as_slice(), [piece] if piece.verbatim)
    }

    /// The place of the piece that holds the byte.
    fn piece_at(&self, at: u32) -> usize {
        self.pieces.partition_point(|piece| piece.at <= at).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: u32, end: u32) -> Span {
        Span::new(FileId(0), start, end)
    }

    #[test]
    fn bytes_keep_their_places() {
        // `'CREATE ' 'TABLE\x41'` from byte 100 on.
        let mut text = Mapped::default();
        text.push_verbatim("CREATE ", FileId(0), 101);
        text.push_verbatim("TABLE", FileId(0), 111);
        text.push("A", at(116, 120));
        assert_eq!(text.as_str(), "CREATE TABLEA");
        assert_eq!(text.span(7, 12), Some(at(111, 116)));
        assert_eq!(text.span(8, 10), Some(at(112, 114)));
        assert_eq!(text.span(10, 13), Some(at(114, 120)));
        assert_eq!(text.slice(3, 9).span(0, 6), Some(at(104, 113)));
        assert_eq!(text.slice(12, 13).span(0, 1), Some(at(116, 120)));
        assert!(!text.is_verbatim() && text.slice(1, 3).is_verbatim());
    }
}
