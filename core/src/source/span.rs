//! Where a piece of text stands: a file and a byte range in it.

/// A file of the project, by its place in the order in which files were accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FileId(pub u32);

/// A byte range of a file's text as UTF-8. For a UTF-8 file these are offsets into the original bytes; a UTF-16 file counts in
/// the bytes of its UTF-8 form.
///
/// The range is half open. Offsets reach 4 GiB, the limit on one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// The file that the range lies in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span of `file` from `start` up to, not including, `end`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that holds both. The other span must lie in the same file; of two files the first wins.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A place for people and for JSON: line and column, both 1-based, columns in code points, end exclusive.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file's name as it was given.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Column of the first code point.
    pub column: u32,
    /// Line of the end.
    pub end_line: u32,
    /// Column after the last code point.
    pub end_column: u32,
}
