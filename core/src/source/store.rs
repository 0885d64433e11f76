//! The files of a project: what is kept of their text, and how offsets become lines and columns.

use super::{FileId, Location, Span};
use crate::history::checksum::Deviation;

/// All files of a project, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// One file: its name, its size, and the pieces of its text that were kept.
#[derive(Clone, Debug, Default)]
pub struct SourceFile {
    /// The name as given, with `/` between folders.
    pub name: String,
    /// Size in bytes as given.
    pub bytes: u64,
    /// Number of lines.
    pub lines: u32,
    /// How it differs from what a sum file beside it recorded, with the line there.
    pub deviation: Option<(Deviation, Span)>,
    pieces: Vec<Piece>,
}

/// A stretch of a file's text that was kept: one statement or more.
#[derive(Clone, Debug)]
struct Piece {
    start: u32,
    line: u32,
    column: u32,
    text: Box<str>,
}

impl Sources {
    /// The file of this id.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The name of a file.
    pub fn name(&self, id: FileId) -> &str {
        self.file(id).map_or("", |f| &f.name)
    }

    /// The id that the next file gets.
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// Adds a file and gives its id.
    pub fn add(&mut self, name: String) -> FileId {
        self.files.push(SourceFile { name, ..SourceFile::default() });
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file of this id, to add to it.
    pub fn file_mut(&mut self, id: FileId) -> Option<&mut SourceFile> {
        self.files.get_mut(id.0 as usize)
    }

    /// The text at a span, where it was kept.
    pub fn text(&self, span: Span) -> Option<&str> {
        let piece = self.file(span.file)?.piece(span.start)?;
        piece.text.get((span.start - piece.start) as usize..(span.end.checked_sub(piece.start)?) as usize)
    }

    /// A span as lines and columns, both from 1, columns in code points, end exclusive.
    pub fn location(&self, span: Span) -> Location {
        let (line, column) = self.position(span.file, span.start);
        let (end_line, end_column) = self.position(span.file, span.end);
        Location { file: self.name(span.file).to_owned(), line, column, end_line, end_column }
    }

    fn position(&self, file: FileId, offset: u32) -> (u32, u32) {
        let Some(piece) = self.file(file).and_then(|f| f.piece(offset)) else { return (1, 1) };
        let text = piece.text.get(..(offset - piece.start) as usize).unwrap_or(&piece.text);
        match text.rfind('\n') {
            None => (piece.line, piece.column + count_chars(text)),
            Some(at) => {
                let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
                (
                    piece.line + u32::try_from(lines).unwrap_or(u32::MAX),
                    1 + count_chars(text.get(at + 1..).unwrap_or("")),
                )
            }
        }
    }
}

fn count_chars(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

impl SourceFile {
    /// Keeps a stretch of text that starts at byte `start`, in `line` and `column` (both from 1). Stretches come in order.
    pub fn keep(&mut self, start: u32, line: u32, column: u32, text: &str) {
        self.pieces.push(Piece { start, line, column, text: text.into() });
    }

    /// Forgets what was kept: the file is read once more.
    pub(crate) fn forget(&mut self) {
        self.pieces.clear();
    }

    /// The stretches that were kept, in order, each with the byte at which it starts.
    pub fn kept(&self) -> impl Iterator<Item = (u32, &str)> {
        self.pieces.iter().map(|p| (p.start, &*p.text))
    }

    /// What is kept of a line (from 1): stretches of its text, each with the column (from 1, in code points) at which it starts.
    pub fn line(&self, number: u32) -> Vec<(u32, &str)> {
        let begun = self.pieces.get(..self.pieces.partition_point(|p| p.line <= number)).unwrap_or_default();
        // Those that begin in the line, and the one before them, which may reach into it.
        let first = begun.iter().rposition(|p| p.line < number).unwrap_or(0);
        let of_line = begun.get(first..).unwrap_or_default().iter().filter_map(|piece| {
            let (column, text) = match number.checked_sub(piece.line + 1) {
                None => (piece.column, &*piece.text),
                Some(breaks) => {
                    let at = memchr::memchr_iter(b'\n', piece.text.as_bytes()).nth(breaks as usize)?;
                    (1, piece.text.get(at + 1..)?)
                }
            };
            let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
            let text = text.get(..end)?;
            let text = text.strip_suffix('\r').unwrap_or(text);
            (!text.is_empty()).then_some((column, text))
        });
        of_line.collect()
    }

    /// The last piece that starts at or before `offset`.
    fn piece(&self, offset: u32) -> Option<&Piece> {
        let after = self.pieces.partition_point(|p| p.start <= offset);
        self.pieces.get(after.checked_sub(1)?)
    }
}
