//! SQL on its way in: bytes to statements, statements to operations, chunk by chunk.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::liquibase::condition;
use super::psql::Include;
use crate::analysis::Dialect;
use crate::collections::Lookup;
use crate::history::layout::{self, Changeset, Ignored, Mark, Markers};
use crate::operation::{DmlVerb, Guard, Operation, OperationKind, Persistence};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl::lexer::{Remarks, Token};
use crate::read::{Reading, ddl};
use crate::replay;
use crate::source::dialect::{Evidence, Room, Verdict};
use crate::source::{Content, Defines, FileId, Mapped, Part, Place, Sources, Span, Splitter, Utf16Decoder, detect};

/// Problems of one file that are told one by one.
const MAX_PROBLEMS_PER_FILE: usize = 500;

#[derive(Debug)]
pub(super) struct TextIntake {
    decoder: Option<Utf16Decoder>,
    splitter: Splitter,
    reading: FileReading,
}

/// What reading one file gave.
#[derive(Clone, Debug, Default)]
pub(super) struct FileReading {
    pub(super) file: FileId,
    pub(super) operations: Vec<Operation>,
    /// What stands behind a tool's mark for the way back.
    pub(super) down: Vec<Operation>,
    /// Whether the statements that come are on the way back.
    pub(super) in_down: bool,
    pub(super) markers: Markers,
    /// The changesets of a changelog in order; without any, the file is one revision.
    pub(super) changesets: Vec<ChangesetReading>,
    /// The tables that it creates, with the schema that is first in the search path there.
    pub(super) tables: BTreeSet<String>,
    /// The files that it runs itself, by psql's `\i` and `\ir`.
    pub(super) includes: Vec<Include>,
    /// That schema.
    schema: String,
    /// Whose SQL it was read as.
    pub(super) grammar: Dialect,
    /// What its statements say of whose SQL it is.
    pub(super) evidence: Evidence,
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
    /// What placeholders stand for at the statement that comes.
    pub(super) defines: Defines,
    /// Statements that begin up to this line are passed over, as their tool was told.
    ignored_to: u32,
    /// The statements that come are on no way (checks before a migration).
    aside: bool,
}

/// A changeset, and where its operations begin among those of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct ChangesetReading {
    pub(super) changeset: Changeset,
    pub(super) operations: usize,
    pub(super) down: usize,
    /// Where its preconditions fail it is passed over.
    passed_over: bool,
    /// What its preconditions ask of the schema.
    asked: Vec<Guard>,
}

impl ChangesetReading {
    /// What its statements depend on.
    pub(super) fn guards(&self) -> &[Guard] {
        if self.passed_over { &self.asked } else { &[] }
    }
}

impl FileReading {
    /// Forgets what was read of a file whose SQL is not read: what stands in it counts, and nothing follows from it.
    pub(super) fn unread(&mut self, dialect: Dialect) {
        let Self { operations, down, changesets, tables, problems, skipped, understood, grammar, .. } = self;
        operations.clear();
        down.clear();
        changesets.clear();
        tables.clear();
        problems.clear();
        skipped.clear();
        *understood = 0;
        *grammar = dialect;
        if self.statements > 0 {
            let message = format!("{}'s statements are not read.", dialect.title());
            self.skipped.push(Problem { kind: ProblemKind::OtherDialect, message, span: self.first_line });
        }
    }

    /// Where the operations of the changeset at hand begin.
    fn changeset_start(&self) -> usize {
        self.changesets.last().map_or(0, |c| c.operations)
    }
}

/// What the head of a pg_dump says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DumpHeader {
    pub(super) is_pg_dump: bool,
    pub(super) server_version: Option<u16>,
}

impl TextIntake {
    /// A text of which `first` is the beginning; its offsets count from `offset`. Where `dialect` does not tell whose SQL it is, a heading may.
    pub(super) fn new(
        file: FileId,
        offset: u32,
        decoder: Option<Utf16Decoder>,
        first: &str,
        defines: Defines,
        dialect: Option<Dialect>,
    ) -> Self {
        let dump = DumpHeader::read(first);
        let mut reading = FileReading { file, dump, defines, ..FileReading::default() };
        reading.markers.pg_dump = reading.dump.is_pg_dump;
        reading.evidence.heading(first);
        reading.grammar = match (dialect, reading.evidence.verdict()) {
            (Some(dialect), _) | (None, Verdict::Of(dialect)) => dialect,
            (None, Verdict::Open) => Dialect::PostgreSql,
        };
        Self { decoder, splitter: Splitter::new(offset).of(reading.grammar), reading }
    }

    /// Tells what the file is called.
    pub(super) fn named(&mut self, name: &str) {
        self.reading.evidence.name(name);
    }

    /// Decides whose SQL a long text is, by what was seen of it; `held` are its bytes so far. Where that is another's than it was taken for, they are
    /// read once more.
    pub(super) fn settle(
        &mut self,
        sources: &mut Sources,
        scratch: &mut Scratch,
        held: &[u8],
        chosen: Option<Dialect>,
        defines: &[(String, String)],
    ) {
        let Verdict::Of(dialect) = self.reading.evidence.verdict() else { return };
        if chosen.is_some() || dialect == self.reading.grammar || !dialect.is_read() {
            return;
        }
        let evidence = self.reading.evidence.clone();
        let Some((mut text, body)) = begin(sources, self.reading.file, held, Defines::new(defines), dialect) else {
            return;
        };
        text.push(sources, scratch, body);
        text.reading.evidence = evidence;
        *self = text;
    }

    /// Hands bytes to the splitter, decoded where they need it.
    pub(super) fn push(&mut self, sources: &mut Sources, scratch: &mut Scratch, bytes: &[u8]) {
        let mut sink = Sink { sources, reading: &mut self.reading, scratch };
        match &mut self.decoder {
            Some(decoder) => self.splitter.push(decoder.decode(bytes).as_bytes(), &mut |part| sink.take(part)),
            None => self.splitter.push(bytes, &mut |part| sink.take(part)),
        }
    }

    /// Ends the text, of which `bytes` bytes were given.
    pub(super) fn finish(self, sources: &mut Sources, scratch: &mut Scratch, bytes: u64) -> FileReading {
        let TextIntake { decoder, mut splitter, mut reading } = self;
        let tail = decoder.map_or("", |mut d| d.finish());
        let mut sink = Sink { sources, reading: &mut reading, scratch };
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
        if matches!(reading.evidence.verdict(), Verdict::Of(dialect) if dialect != Dialect::PostgreSql) {
            // What starts with no word of PostgreSQL's is SQL all the same.
            reading.unknown = 0;
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

/// Files that are read once more, because others tell something of them: values of placeholders, what ends a statement.
pub(super) struct Again<'a> {
    /// The bytes of files that are small enough to be held.
    pub(super) held: Lookup<FileId, Vec<u8>>,
    /// What whoever started us gave values to.
    pub(super) given: &'a [(String, String)],
    /// The names whose given value filled something.
    pub(super) used: BTreeSet<String>,
    pub(super) scratch: Scratch,
}

impl Again<'_> {
    /// Whether a file's bytes are held and hold this text.
    pub(super) fn holds(&self, file: FileId, text: &str) -> bool {
        self.held.get(&file).is_some_and(|bytes| memchr::memmem::find(bytes, text.as_bytes()).is_some())
    }

    /// Reads a file once more; nothing where its bytes are not held.
    pub(super) fn read(
        &mut self,
        sources: &mut Sources,
        file: FileId,
        defines: Defines,
        delimiter: &str,
        dialect: Dialect,
    ) -> Option<FileReading> {
        let bytes = self.held.get(&file)?;
        let (mut text, body) = begin(sources, file, bytes, defines, dialect)?;
        text.splitter = text.splitter.ended_by(delimiter);
        text.push(sources, &mut self.scratch, body);
        let reading = text.finish(sources, &mut self.scratch, bytes.len() as u64);
        self.used.extend(reading.defines.used().iter().cloned());
        Some(reading)
    }
}

/// Forgets what a file was read as, and begins to read it once more: what reads it, and the bytes behind a byte order mark.
fn begin<'b>(
    sources: &mut Sources,
    file: FileId,
    bytes: &'b [u8],
    defines: Defines,
    dialect: Dialect,
) -> Option<(TextIntake, &'b [u8])> {
    let (start, mut decoder) = match detect(bytes) {
        Content::Utf8(mark) => (mark, None),
        Content::Utf16 { little_endian, mark } => (mark, Some(Utf16Decoder::new(little_endian))),
        _ => return None,
    };
    let body = bytes.get(start as usize..).unwrap_or_default();
    let first: Cow<'_, str> = match &mut decoder {
        Some(d) => d.clone().decode(body).into(),
        None => String::from_utf8_lossy(body),
    };
    if let Some(own) = sources.file_mut(file) {
        own.forget();
    }
    let offset = if decoder.is_some() { 0 } else { start };
    Some((TextIntake::new(file, offset, decoder, &first, defines, Some(dialect)), body))
}

/// Takes the parts of one file.
pub(super) struct Sink<'a> {
    sources: &'a mut Sources,
    pub(super) reading: &'a mut FileReading,
    scratch: &'a mut Scratch,
}

/// What a statement is taken apart in, used again for the next: most files of a history have but one or two.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// The tokens of the statement at hand.
    tokens: Vec<Token>,
    signs: Room,
}

impl Sink<'_> {
    fn take(&mut self, part: Part<'_>) {
        let file = self.reading.file;
        match part {
            Part::Statement { text, at, lead, truncated } => {
                self.markers(text.get(..lead as usize).unwrap_or_default(), at);
                let statement = text.get(lead as usize..).unwrap_or_default();
                let start = at.offset.saturating_add(lead);
                if statement.trim_end() == "#" {
                    // What stands in front of the marks of Play's evolutions: `# --- !Ups`.
                    return;
                }
                self.reading.all_statements = self.reading.all_statements.saturating_add(1);
                let line_breaks = text.get(..lead as usize).unwrap_or_default().matches('\n').count();
                let line = at.line.saturating_add(u32::try_from(line_breaks).unwrap_or(u32::MAX));
                let ignored = line <= self.reading.ignored_to;
                if ignored
                    || self.reading.aside
                    || self.reading.defines.passes_over()
                    || self.reading.changesets.last().is_some_and(|c| c.changeset.never_runs)
                {
                    // The comments before it may be what takes back the changeset before.
                    if let Some(f) = self.sources.file_mut(file) {
                        f.keep(at.offset, at.line, at.column, text);
                    }
                    return;
                }
                let (mut read, remarks) = self.read(statement, start);
                let lexed = remarks.map(|remarks| (self.scratch.tokens.as_slice(), remarks));
                self.reading.evidence.statement(
                    statement,
                    start,
                    !read.problems.is_empty(),
                    lexed,
                    &mut self.scratch.signs,
                );
                if !self.reading.in_down {
                    self.note_tables(&read.operations);
                }
                self.marks_inside(statement, start);
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
                        kind: OperationKind::Utility { verb: "DO".into(), text: self.block_text(statement, start) },
                        span: Span::new(file, start, end),
                        guards: Box::default(),
                        tolerates: Box::default(),
                    });
                }
                let no_operation = read.operations.is_empty();
                // What it was to make may be there in truth: that it is missing afterwards follows from what we could not read.
                if read.changes_schema
                    && self.reading.grammar == Dialect::PostgreSql
                    && read.problems.iter().any(leaves_a_gap)
                    && let Some(name) = ddl::unread::name_of(statement)
                {
                    let end = start.saturating_add(u32::try_from(statement.len()).unwrap_or(u32::MAX));
                    let unread = Operation {
                        kind: OperationKind::Utility { verb: replay::UNREAD.into(), text: Some(name.as_str().into()) },
                        span: Span::new(file, start, end),
                        guards: Box::default(),
                        tolerates: Box::default(),
                    };
                    read.operations.insert(0, unread);
                }
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, text);
                }
                if self.reading.first_line.is_none() {
                    let line = statement.lines().next().unwrap_or_default();
                    let end = start.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
                    self.reading.first_line = Some(Span::new(file, start, end));
                }
                let refused = no_operation && !read.problems.is_empty();
                self.reading.unknown += u32::from(refused && !read.changes_schema && !changes_rows(statement));
                self.take_in(read);
            }
            Part::Comment { text, at } => {
                self.markers(text, at);
                self.reading.evidence.comment(text, at.offset);
                if let Some(f) = self.sources.file_mut(file) {
                    f.keep(at.offset, at.line, at.column, text);
                }
            }
            Part::Meta { text, at } => {
                let end = at.offset.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
                let request = self.reading.defines.meta(text);
                self.answer(request, Span::new(file, at.offset, end));
            }
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

    /// Counts what was read of a statement, tells its problems and takes its operations.
    pub(super) fn take_in(&mut self, mut read: Reading) {
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
        if to.is_empty() {
            // Most migrations are a statement or two: room for more would be most of what thousands of them hold.
            to.reserve_exact(read.operations.len());
        }
        to.append(&mut read.operations);
    }

    /// The text of a block that may be read again when the catalogue is known; `None` where values were put into it.
    fn block_text(&mut self, statement: &str, start: u32) -> Option<Box<str>> {
        let filled = self.reading.defines.fill(statement, self.reading.file, start).is_some();
        (!filled && ddl::lexer::first_word(statement).eq_ignore_ascii_case("DO")).then(|| statement.into())
    }

    /// Reads a statement that begins at `start`, its placeholders filled. With remarks, all its tokens are those at hand.
    fn read(&mut self, statement: &str, start: u32) -> (Reading, Option<Remarks>) {
        let file = self.reading.file;
        if self.reading.grammar != Dialect::PostgreSql {
            return (ddl::other::read_statement(statement, file, start, self.reading.grammar), None);
        }
        let Some(filled) = self.reading.defines.fill(statement, file, start) else {
            return ddl::read_and_lex(statement, file, start, &mut self.scratch.tokens);
        };
        let end = start.saturating_add(u32::try_from(statement.len()).unwrap_or(u32::MAX));
        let whole = Span::new(file, start, end);
        let mut reading = Reading::default();
        for text in if filled.may_split { split(&filled.text) } else { vec![filled.text] } {
            let mut part = ddl::read_mapped(&text, whole);
            reading.operations.append(&mut part.operations);
            reading.problems.append(&mut part.problems);
            reading.changes_schema |= part.changes_schema;
        }
        if filled.gave_up.is_some() {
            let message =
                "The values of the placeholders make this file too long; from here on none is filled.".to_owned();
            reading.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: filled.gave_up });
        }
        (reading, None)
    }

    /// Tells of a line in a string or a body that looks like a mark of the file's own tool. These tools go by lines and know no SQL, so that they cut the
    /// statement in two there.
    fn marks_inside(&mut self, statement: &str, start: u32) {
        let markers = &self.reading.markers;
        let tool = match (markers.goose, markers.dbmate, markers.liquibase) {
            (true, ..) => "goose",
            (_, true, _) => "dbmate",
            (.., true) => "Liquibase",
            _ => return,
        };
        for at in memchr::memchr_iter(b'\n', statement.as_bytes()) {
            let rest = statement.get(at + 1..).unwrap_or_default();
            if !rest.starts_with("--") {
                continue;
            }
            let line = rest.lines().next().unwrap_or_default();
            let mut seen = self.reading.markers.clone();
            let found = layout::mark(line, true, &mut seen);
            if matches!(found, Mark::Up | Mark::Down | Mark::Changeset(_)) {
                let from = start.saturating_add(u32::try_from(at + 1).unwrap_or(u32::MAX));
                let to = from.saturating_add(u32::try_from(line.len()).unwrap_or(0));
                let message = format!(
                    "This line of a string or a routine's body is a mark for {tool}, which goes by lines and cuts the statement here. It was read as \
                     part of the text. Write it so that it does not begin the line."
                );
                let span = Some(Span::new(self.reading.file, from, to));
                self.problem(Problem { kind: ProblemKind::NotApplied, message, span });
            }
        }
    }

    /// Heeds the marks of migration tools in comments: `-- +goose Down` and its like.
    fn markers(&mut self, comments: &str, at: Place) {
        let mut offset = at.offset;
        let mut rollback = Rollback::default();
        let mut in_block = false;
        if comments.is_empty() {
            return;
        }
        // Rails writes away a dump's head, and leaves its end.
        if !self.reading.dump.is_pg_dump
            && memchr::memmem::find(comments.as_bytes(), b"-- PostgreSQL database dump complete").is_some()
        {
            self.reading.dump.is_pg_dump = true;
            self.reading.markers.pg_dump = true;
        }
        for (number, whole) in comments.split_inclusive('\n').enumerate() {
            let line = whole.trim_end();
            // Only the first line may stand behind something.
            let margin = line.starts_with("--") && (number > 0 || at.column == 1);
            if in_block {
                let end = line.find("*/");
                in_block = end.is_none();
                rollback.add(offset, line.get(..end.unwrap_or(line.len())).unwrap_or_default());
            } else if self.reading.markers.liquibase && is_rollback_block(line) {
                in_block = !line.contains("*/");
            } else {
                let mut found = layout::mark(line, margin, &mut self.reading.markers);
                // Mojo drops what stands before the first mark: in a file that has SQL there, the words are no mark.
                if self.reading.markers.mojo.is_some()
                    && self.reading.changesets.is_empty()
                    && self.reading.all_statements > 0
                {
                    self.reading.markers.mojo = None;
                    found = Mark::None;
                }
                match found {
                    Mark::Up => (self.reading.in_down, self.reading.aside) = (false, false),
                    Mark::Down => (self.reading.in_down, self.reading.aside) = (true, false),
                    Mark::Aside => self.reading.aside = true,
                    Mark::Substitute(on) => self.reading.defines.substitute(on),
                    Mark::Ignore(ignored) => {
                        let line = at.line.saturating_add(u32::try_from(number).unwrap_or(u32::MAX));
                        self.reading.ignored_to = match ignored {
                            Ignored::Lines(lines) => line.saturating_add(lines),
                            Ignored::Start => u32::MAX,
                            Ignored::End => 0,
                        };
                    }
                    Mark::Rollback("empty" | "not required") | Mark::None => {}
                    Mark::Rollback(sql) => {
                        let before = sql.as_ptr() as usize - line.as_ptr() as usize;
                        rollback.add(offset.saturating_add(u32::try_from(before).unwrap_or(0)), sql);
                    }
                    Mark::Changeset(mut changeset) => {
                        self.rollback(&std::mem::take(&mut rollback));
                        (self.reading.in_down, self.reading.aside) = (false, false);
                        let end = offset.saturating_add(u32::try_from(line.len()).unwrap_or(0));
                        changeset.span = Span::new(self.reading.file, offset, end);
                        self.reading.changesets.push(ChangesetReading {
                            changeset,
                            operations: self.reading.operations.len(),
                            down: self.reading.down.len(),
                            ..ChangesetReading::default()
                        });
                    }
                    Mark::Conditions(passed_over) => {
                        if let Some(changeset) = self.reading.changesets.last_mut() {
                            changeset.passed_over = passed_over;
                        }
                    }
                    Mark::Condition(text) => {
                        let before = text.as_ptr() as usize - line.as_ptr() as usize;
                        let start = offset.saturating_add(u32::try_from(before).unwrap_or(0));
                        if let Some(changeset) = self.reading.changesets.last_mut() {
                            changeset.asked.extend(condition::of_comment(text, self.reading.file, start));
                        }
                    }
                }
            }
            offset = offset.saturating_add(u32::try_from(whole.len()).unwrap_or(u32::MAX));
        }
        self.rollback(&rollback);
    }

    /// Reads what takes a changeset back: SQL inside comments.
    fn rollback(&mut self, rollback: &Rollback) {
        if rollback.text.is_empty() {
            return;
        }
        let mut take = |part: Part<'_>| {
            if let Part::Statement { text, at, lead, .. } = part {
                let statement = text.get(lead as usize..).unwrap_or_default();
                let (mut read, _) = self.read(statement, at.offset.saturating_add(lead));
                self.reading.down.append(&mut read.operations);
            }
        };
        let mut splitter = Splitter::new(rollback.start);
        splitter.push(rollback.text.as_bytes(), &mut take);
        splitter.finish(&mut take);
    }

    /// Notes which tables are made: what belongs to one database can be told by them.
    fn note_tables(&mut self, operations: &[Operation]) {
        for operation in operations {
            match &operation.kind {
                OperationKind::SetSearchPath { schemas, .. } => {
                    let first = schemas.as_ref().and_then(|s| s.first());
                    self.reading.schema = first.map_or_else(String::new, |s| s.fold().to_string());
                }
                OperationKind::CreateTable(table) if table.persistence != Persistence::Temporary => {
                    let schema =
                        table.name.schema.as_ref().map_or(self.reading.schema.clone(), |s| s.fold().to_string());
                    self.reading.tables.insert(format!("{schema}.{}", table.name.name.fold()));
                }
                _ => {}
            }
        }
    }

    /// Notes a problem; beyond a limit only its count is told.
    pub(super) fn problem(&mut self, problem: Problem) {
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
        let of_changeset = self.reading.operations.get(self.reading.changeset_start()..).unwrap_or_default();
        match (of_changeset.last().and_then(table), table(operation)) {
            (Some(before), Some(now)) => same(&before, &now),
            _ => false,
        }
    }
}

/// The statements of a text whose placeholders are filled.
pub(super) fn split(text: &Mapped) -> Vec<Mapped> {
    split_by(text, "")
}

/// The statements of a text; `delimiter` ends one, too.
pub(super) fn split_by(text: &Mapped, delimiter: &str) -> Vec<Mapped> {
    let mut statements = Vec::new();
    let mut take = |part: Part<'_>| {
        let (part, at, lead) = match part {
            Part::Statement { text, at, lead, .. } => (text, at, lead),
            Part::Unterminated { text, at, .. } => (text, at, 0),
            Part::Comment { .. } | Part::Meta { .. } | Part::GaveUp { .. } => return,
        };
        let from = at.offset as usize;
        statements.push(text.slice(from + lead as usize, from + part.len()));
    };
    let mut splitter = Splitter::new(0).ended_by(delimiter);
    splitter.push(text.as_str().as_bytes(), &mut take);
    splitter.finish(&mut take);
    statements
}

/// SQL gathered from lines of comments, at its own places: what stands between is blank.
#[derive(Default)]
struct Rollback {
    start: u32,
    text: String,
}

impl Rollback {
    fn add(&mut self, offset: u32, sql: &str) {
        if self.text.is_empty() {
            self.start = offset;
        }
        let gap = (offset.saturating_sub(self.start) as usize).saturating_sub(self.text.len());
        if gap > 0 {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n(' ', gap - 1));
        }
        self.text.push_str(sql);
    }
}

/// `/* liquibase rollback`.
fn is_rollback_block(line: &str) -> bool {
    let words = line.trim_start().strip_prefix("/*").map(|l| l.trim_start().to_ascii_lowercase());
    words.is_some_and(|w| w.strip_prefix("liquibase").is_some_and(|w| w.trim_start().starts_with("rollback")))
}

/// Whether a problem means that a part of a statement was not understood.
fn leaves_a_gap(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::SyntaxError
            | ProblemKind::UnsupportedStatement
            | ProblemKind::Unterminated
            | ProblemKind::LimitExceeded
    )
}

/// Whether a statement that could not be read is one that changes rows all the same: prose that begins with such a word goes on otherwise.
fn changes_rows(statement: &str) -> bool {
    let mut words = statement.split_whitespace().map(str::to_ascii_uppercase);
    let second = match words.next().as_deref() {
        Some("UPDATE") => return words.nth(1).as_deref() == Some("SET"),
        Some("INSERT") => "INTO",
        Some("DELETE") => "FROM",
        _ => return false,
    };
    words.next().as_deref() == Some(second)
}

impl DumpHeader {
    /// Reads `-- Dumped from database version 15.2` and its neighbours.
    fn read(head: &str) -> Self {
        let mut found = Self::default();
        for at in memchr::memmem::find_iter(head.as_bytes(), b"-- ") {
            let Some((before, comment)) = head.split_at_checked(at) else { continue };
            let Some(comment) = comment.strip_prefix("-- ").filter(|_| at == 0 || before.ends_with('\n')) else {
                continue;
            };
            found.is_pg_dump |=
                comment.starts_with("PostgreSQL database dump") || comment.starts_with("Dumped by pg_dump");
            if let Some(version) = comment.strip_prefix("Dumped from database version ") {
                let major = version.split(|c: char| !c.is_ascii_digit()).next();
                found.server_version = major.and_then(|m| m.parse().ok()).filter(|v| *v >= 9);
            }
            // mysqldump's: `-- Server version	8.0.33`.
            if let Some(version) = comment.strip_prefix("Server version") {
                let major = version.trim_start().split(|c: char| !c.is_ascii_digit()).next();
                found.server_version = major.and_then(|m| m.parse().ok()).filter(|v| *v > 0);
            }
        }
        found
    }
}
