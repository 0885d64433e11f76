//! SQL on its way in: bytes to statements, statements to operations, chunk by chunk.

use crate::history::layout::{self, Markers};
use crate::operation::{DmlVerb, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::source::{FileId, Part, Sources, Span, Splitter, Utf16Decoder};

/// Problems of one file that are told one by one.
const MAX_PROBLEMS_PER_FILE: usize = 500;

#[derive(Debug)]
pub(super) struct TextIntake {
    decoder: Option<Utf16Decoder>,
    splitter: Splitter,
    reading: FileReading,
}

/// What reading one file gave.
#[derive(Debug, Default)]
pub(super) struct FileReading {
    pub(super) file: FileId,
    pub(super) operations: Vec<Operation>,
    /// What stands behind a tool's mark for the way back.
    pub(super) down: Vec<Operation>,
    /// Whether the statements that come are on the way back.
    pub(super) in_down: bool,
    pub(super) markers: Markers,
    pub(super) problems: Vec<Problem>,
    pub(super) statements: u32,
    pub(super) understood: u32,
    pub(super) skipped: Vec<Problem>,
    /// All statements, those that leave the schema alone too.
    pub(super) all_statements: u32,
    /// Statements whose first word no reader knows.
    pub(super) unknown: u32,
    pub(super) first_line: Option<Span>,
    pub(super) dump: DumpHeader,
}

/// What the head of a pg_dump says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DumpHeader {
    pub(super) is_pg_dump: bool,
    pub(super) server_version: Option<u16>,
}

impl TextIntake {
    /// A text of which `first` is the beginning; its offsets count from `offset`.
    pub(super) fn new(file: FileId, offset: u32, decoder: Option<Utf16Decoder>, first: &str) -> Self {
        let mut reading = FileReading { file, dump: DumpHeader::read(first), ..FileReading::default() };
        reading.markers.pg_dump = reading.dump.is_pg_dump;
        Self { decoder, splitter: Splitter::new(offset), reading }
    }

    /// Hands bytes to the splitter, decoded where they need it.
    pub(super) fn push(&mut self, sources: &mut Sources, bytes: &[u8]) {
        let mut sink = Sink { sources, reading: &mut self.reading };
        match &mut self.decoder {
            Some(decoder) => self.splitter.push(decoder.decode(bytes).as_bytes(), &mut |part| sink.take(part)),
            None => self.splitter.push(bytes, &mut |part| sink.take(part)),
        }
    }

    /// Ends the text, of which `bytes` bytes were given.
    pub(super) fn finish(self, sources: &mut Sources, bytes: u64) -> FileReading {
        let TextIntake { decoder, mut splitter, mut reading } = self;
        let tail = decoder.map_or("", |mut d| d.finish());
        let mut sink = Sink { sources, reading: &mut reading };
        splitter.push(tail.as_bytes(), &mut |part| sink.take(part));
        splitter.finish(&mut |part| sink.take(part));
        let name = sources.name(reading.file).to_owned();
        if splitter.invalid_bytes > 0 {
            let message = format!(
                "`{name}` is not valid UTF-8: {} of its bytes {} read as `?`. Save it as UTF-8 to keep the characters they stood for.",
                splitter.invalid_bytes,
                if splitter.invalid_bytes == 1 { "was" } else { "were" }
            );
            reading.problems.push(Problem { kind: ProblemKind::InvalidEncoding, message, span: None });
        }
        if let Some(file) = sources.file_mut(reading.file) {
            file.bytes = bytes;
            file.lines = splitter.line();
        }
        if reading.all_statements > 0 && reading.unknown == reading.all_statements {
            // Prose, a program, a configuration: one sentence, not one for each full stop.
            let message =
                format!("`{name}` is no SQL: none of its statements starts with a word that PostgreSQL knows.");
            reading.problems = vec![Problem { kind: ProblemKind::NotASchema, message, span: reading.first_line }];
            reading.skipped.clear();
            reading.statements = 0;
        }
        reading
    }
}

/// Takes the parts of one file.
struct Sink<'a> {
    sources: &'a mut Sources,
    reading: &'a mut FileReading,
}

impl Sink<'_> {
    fn take(&mut self, part: Part<'_>) {
        let file = self.reading.file;
        match part {
            Part::Statement { text, at, lead, truncated } => {
                self.markers(text.get(..lead as usize).unwrap_or_default());
                let statement = text.get(lead as usize..).unwrap_or_default();
                let start = at.offset.saturating_add(lead);
                self.reading.all_statements = self.reading.all_statements.saturating_add(1);
                let mut read = ddl::read_statement(statement, file, start);
                if truncated {
                    // The rows were cut off: what the rest of the statement lacks is not its author's fault.
                    read.problems.clear();
                }
                if let [operation] = read.operations.as_slice()
                    && !self.reading.in_down
                    && self.repeats_insert(operation)
                {
                    return;
                }
                // Replay has to know that something ran whose effect is not known: what is missing afterwards may have been made by it.
                if read.problems.iter().any(|problem| problem.kind == ProblemKind::OpaqueStatement) {
                    let end = start.saturating_add(u32::try_from(statement.len()).unwrap_or(u32::MAX));
                    read.operations.push(Operation {
                        kind: OperationKind::Utility { verb: "DO".into() },
                        span: Span::new(file, start, end),
                        guards: Box::default(),
                        tolerates: Box::default(),
                    });
                }
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, text);
                }
                if self.reading.first_line.is_none() {
                    let line = statement.lines().next().unwrap_or_default();
                    let end = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
                    self.reading.first_line = Some(Span::new(file, start, end));
                }
                let refused = read.operations.is_empty() && !read.problems.is_empty();
                self.reading.unknown += u32::from(refused && !read.changes_schema);
                if read.changes_schema {
                    self.reading.statements += 1;
                    // A placeholder taken for a name is no gap: the statement is understood.
                    let gaps = read
                        .problems
                        .iter()
                        .filter(|p| p.kind != ProblemKind::UnfilledPlaceholder || read.operations.is_empty());
                    let before = self.reading.skipped.len();
                    self.reading.skipped.extend(gaps.cloned());
                    self.reading.understood += u32::from(self.reading.skipped.len() == before);
                }
                for problem in read.problems {
                    self.problem(problem);
                }
                let to = if self.reading.in_down { &mut self.reading.down } else { &mut self.reading.operations };
                to.append(&mut read.operations);
            }
            Part::Comment { text, at } => {
                self.markers(text);
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, text);
                }
            }
            Part::Meta { .. } => {}
            Part::Unterminated { what, text, at, open } => {
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, text);
                }
                let start = at.offset.saturating_add(open);
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX)).max(start);
                let message = format!(
                    "This {} never ends; reading went on at the next statement. Close it where it should end.",
                    what.name()
                );
                let problem =
                    Problem { kind: ProblemKind::Unterminated, message, span: Some(Span::new(file, start, end)) };
                self.reading.all_statements = self.reading.all_statements.saturating_add(1);
                self.reading.statements += 1;
                self.reading.skipped.push(problem.clone());
                self.problem(problem);
            }
            Part::GaveUp { at } => {
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, "");
                }
                let message =
                    "Too many quotes and comments of this file never end; the rest of it was not read.".to_owned();
                let span = Some(Span::new(file, at.offset, at.offset));
                self.reading.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span });
            }
        }
    }

    /// Heeds the marks of migration tools in comments: `-- +goose Down` and its like.
    fn markers(&mut self, comments: &str) {
        for line in comments.lines() {
            if let Some(up) = layout::marker(line, &mut self.reading.markers) {
                self.reading.in_down = !up;
            }
        }
    }

    /// Notes a problem; beyond a limit only its count is told.
    fn problem(&mut self, problem: Problem) {
        let problems = &mut self.reading.problems;
        match problems.len().cmp(&MAX_PROBLEMS_PER_FILE) {
            std::cmp::Ordering::Less => problems.push(problem),
            std::cmp::Ordering::Equal => {
                let message = format!(
                    "`{}` has more problems than the {MAX_PROBLEMS_PER_FILE} shown.",
                    self.sources.name(self.reading.file)
                );
                problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: None });
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    /// Whether this is one more INSERT into the table of the operation before it: a data dump's rows, of which one says as much as a million.
    fn repeats_insert(&self, operation: &Operation) -> bool {
        let table = |o: &Operation| match &o.kind {
            OperationKind::Dml { verb: DmlVerb::Insert, tables, .. } => tables.first().cloned(),
            _ => None,
        };
        let same = |a: &crate::name::QualifiedName, b: &crate::name::QualifiedName| {
            a.name.fold() == b.name.fold()
                && a.schema.as_ref().map(crate::name::Ident::fold) == b.schema.as_ref().map(crate::name::Ident::fold)
        };
        match (self.reading.operations.last().and_then(table), table(operation)) {
            (Some(before), Some(now)) => same(&before, &now),
            _ => false,
        }
    }
}

impl DumpHeader {
    /// Reads `-- Dumped from database version 15.2` and its neighbours.
    fn read(head: &str) -> Self {
        let is_pg_dump = head.contains("PostgreSQL database dump") || head.contains("-- Dumped by pg_dump");
        let server_version = head.lines().find_map(|l| {
            let version = l.trim().strip_prefix("-- Dumped from database version ")?;
            let major: String = version.chars().take_while(char::is_ascii_digit).collect();
            major.parse().ok().filter(|v| *v >= 9)
        });
        Self { is_pg_dump, server_version }
    }
}
