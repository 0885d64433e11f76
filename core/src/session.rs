//! A session takes the files of a project in chunks and gives the analysis. Only text that concerns the schema is kept.

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Coverage, Dialect, Facts, Role, Target, TargetAnalysis};
use crate::history::layout::{self, Candidate, ControlFile, Layout, Markers};
use crate::history::{History, Revision, RunnerTransaction, dependency};
use crate::operation::{AlterTableAction, DmlVerb, Operation, OperationKind};
use crate::problem::{Problem, ProblemKind};
use crate::read::ddl;
use crate::replay::{self, Settings};
use crate::rules;
use crate::schema::{ConstraintKind, Schema};
use crate::score;
use crate::source::archive::{self, Entry};
use crate::source::{Content, FileId, Part, SNIFF_BYTES, Sources, Span, Splitter, Utf16Decoder, detect};

/// The newest major version of PostgreSQL that we know: the default where the input does not tell.
pub const NEWEST_SERVER_VERSION: u16 = 18;
/// The largest archive that is held in memory to be unpacked.
const MAX_ARCHIVE_BYTES: usize = 512 << 20;
/// The largest file: offsets are 32 bits wide.
const MAX_FILE_BYTES: u64 = u32::MAX as u64;
/// The largest journal, plan or lock file that is held.
const MAX_CONTROL_BYTES: usize = 16 << 20;
/// Problems of one file that are told one by one.
const MAX_PROBLEMS_PER_FILE: usize = 500;

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's major version; else the dump's header tells, else the newest we know.
    pub server_version: Option<u16>,
    /// How files follow each other.
    pub order: FileOrder,
}

/// How the files of a project follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum FileOrder {
    /// By their paths, numbers in them as numbers: files of a folder, a drop or an archive.
    #[default]
    ByName,
    /// As they were given: files named one by one on a command line.
    AsGiven,
}

/// How far an analysis has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the stages in order")]
pub enum Stage {
    Read,
    Replay,
    Rules,
    Done,
}

impl Stage {
    /// The word in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Replay => "replay",
            Self::Rules => "rules",
            Self::Done => "done",
        }
    }
}

/// Takes files, gives an [`Analysis`].
#[derive(Debug, Default)]
pub struct Session {
    options: Options,
    sources: Sources,
    read: Vec<FileReading>,
    current: Option<Intake>,
    problems: Vec<Problem>,
    /// Files that are no SQL, told together.
    other_files: Vec<String>,
    /// Files that say how others follow each other.
    control: Vec<ControlFile>,
    /// Whether the files that come are those of an archive.
    unpacking: bool,
}

/// A file on its way in.
#[derive(Debug)]
struct Intake {
    name: String,
    bytes: u64,
    state: IntakeState,
}

#[derive(Debug)]
enum IntakeState {
    /// Too little was seen to tell what it is.
    Sniffing(Vec<u8>),
    /// Text that is being read.
    Text(Box<TextIntake>),
    /// An archive, held until it is complete.
    Archive(Content, Vec<u8>),
    /// A journal, plan or lock file, held until it is complete.
    Control(Vec<u8>),
    /// Nothing more of it is looked at.
    Skipping,
}

/// A text on its way in: decoder, splitter, and what they gave so far.
#[derive(Debug)]
struct TextIntake {
    decoder: Option<Utf16Decoder>,
    splitter: Splitter,
    reading: FileReading,
}

/// What reading one file gave.
#[derive(Debug, Default)]
struct FileReading {
    file: FileId,
    operations: Vec<Operation>,
    /// What stands behind a tool's mark for the way back.
    down: Vec<Operation>,
    /// Whether the statements that come are on the way back.
    in_down: bool,
    markers: Markers,
    problems: Vec<Problem>,
    statements: u32,
    understood: u32,
    skipped: Vec<Problem>,
    /// All statements, those that leave the schema alone too.
    all_statements: u32,
    /// Statements whose first word no reader knows.
    unknown: u32,
    first_line: Option<Span>,
    dump: DumpHeader,
}

/// What the head of a pg_dump says.
#[derive(Clone, Copy, Debug, Default)]
struct DumpHeader {
    is_pg_dump: bool,
    server_version: Option<u16>,
}

impl Session {
    /// A session with no files yet.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes the next bytes of the file `name`. Bytes of one file come one after the other; another name starts the next file.
    pub fn push(&mut self, name: &str, bytes: &[u8]) {
        if self.current.as_ref().is_none_or(|c| c.name != name) {
            self.end_file();
            self.current = Some(Intake { name: name.to_owned(), bytes: 0, state: IntakeState::Sniffing(Vec::new()) });
        }
        let Some(mut intake) = self.current.take() else { return };
        intake.bytes += bytes.len() as u64;
        if intake.bytes > MAX_FILE_BYTES && !matches!(intake.state, IntakeState::Skipping) {
            let message = format!(
                "`{name}` is larger than 4 GB; what lies beyond was not read. Dump only the schema (`pg_dump --schema-only`)."
            );
            self.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: None });
            if let IntakeState::Text(text) = std::mem::replace(&mut intake.state, IntakeState::Skipping) {
                self.end_text(*text, intake.bytes);
            }
        }
        match &mut intake.state {
            IntakeState::Sniffing(head) => {
                head.extend_from_slice(bytes);
                if head.len() >= SNIFF_BYTES {
                    self.decide(&mut intake);
                }
            }
            IntakeState::Text(text) => text.push(&mut self.sources, bytes),
            IntakeState::Archive(_, held) => {
                held.extend_from_slice(bytes);
                if held.len() > MAX_ARCHIVE_BYTES {
                    let message = format!(
                        "`{name}` is larger than {} MB; unpack it and give its files.",
                        MAX_ARCHIVE_BYTES >> 20
                    );
                    self.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: None });
                    intake.state = IntakeState::Skipping;
                }
            }
            IntakeState::Control(held) if held.len() < MAX_CONTROL_BYTES => held.extend_from_slice(bytes),
            IntakeState::Control(_) | IntakeState::Skipping => {}
        }
        self.current = Some(intake);
    }

    /// Ends the current file, so that the next bytes start another one, even of the same name.
    pub fn end_file(&mut self) {
        let Some(mut intake) = self.current.take() else { return };
        if let IntakeState::Sniffing(_) = intake.state {
            self.decide(&mut intake);
        }
        match intake.state {
            IntakeState::Text(text) => self.end_text(*text, intake.bytes),
            IntakeState::Archive(content, held) => self.unpack(&intake.name, content, &held),
            IntakeState::Control(held) => {
                let text = String::from_utf8_lossy(&held).into_owned();
                self.control.push(ControlFile { name: intake.name, text });
            }
            IntakeState::Sniffing(_) | IntakeState::Skipping => {}
        }
    }

    /// Decides from the first bytes how a file is read, and reads them.
    fn decide(&mut self, intake: &mut Intake) {
        let IntakeState::Sniffing(head) = std::mem::replace(&mut intake.state, IntakeState::Skipping) else { return };
        let name = intake.name.clone();
        if layout::is_control_file(&name) {
            intake.state = IntakeState::Control(head);
            return;
        }
        let mut refuse = |kind, message: String| self.problems.push(Problem { kind, message, span: None });
        let content = detect(&head);
        let (start, decoder) = match content {
            Content::Utf8(mark) => (mark, None),
            Content::Utf16 { little_endian, mark } => (mark, Some(Utf16Decoder::new(little_endian))),
            Content::Zip | Content::Gzip => {
                intake.state = IntakeState::Archive(content, head);
                return;
            }
            Content::PgDumpCustom | Content::Tar => {
                let message = format!(
                    "`{name}` is a binary pg_dump archive. Turn it into SQL first: `pg_restore --schema-only --file=schema.sql {name}`."
                );
                return refuse(ProblemKind::BinaryFile, message);
            }
            Content::SqliteDatabase => {
                let message = format!(
                    "`{name}` is an SQLite database file. Write its schema as SQL first: `sqlite3 {name} .schema`."
                );
                return refuse(ProblemKind::BinaryFile, message);
            }
            Content::Binary => {
                let message = format!(
                    "`{name}` is a binary file, not text. Relata reads SQL: dumps, migrations and schema files."
                );
                return refuse(ProblemKind::BinaryFile, message);
            }
        };
        if intake.bytes == 0 {
            return refuse(ProblemKind::EmptyFile, format!("`{name}` is empty."));
        }
        let mut decoder = decoder;
        let body = head.get(start as usize..).unwrap_or_default();
        let first = match &mut decoder {
            Some(d) => d.clone().decode(body),
            None => String::from_utf8_lossy(body).into_owned(),
        };
        if !is_sql_name(&name) && !looks_like_sql(&first) {
            self.other_files.push(name);
            return;
        }
        let unique = self.unique_name(&name);
        let file = self.sources.add(unique);
        let offset = if decoder.is_some() { 0 } else { start };
        let splitter = Splitter::new(offset);
        let mut reading = FileReading { file, dump: DumpHeader::read(&first), ..FileReading::default() };
        reading.markers.pg_dump = reading.dump.is_pg_dump;
        let mut text = Box::new(TextIntake { decoder, splitter, reading });
        text.push(&mut self.sources, body);
        intake.state = IntakeState::Text(text);
    }

    /// The name, with a number where a file of that name was given before.
    fn unique_name(&mut self, name: &str) -> String {
        let taken = |n: &str| self.sources.files().any(|(_, f)| f.name == n);
        if !taken(name) {
            return name.to_owned();
        }
        let unique = (2_u32..).map(|n| format!("{name} ({n})")).find(|n| !taken(n)).unwrap_or_default();
        let message = format!("Two files are called `{name}`; the later one is shown as `{unique}`.");
        self.problems.push(Problem { kind: ProblemKind::DuplicateFileName, message, span: None });
        unique
    }

    fn end_text(&mut self, text: TextIntake, bytes: u64) {
        let TextIntake { decoder, mut splitter, mut reading } = text;
        let tail = decoder.map_or("", |mut d| d.finish());
        let mut sink = Sink { sources: &mut self.sources, reading: &mut reading };
        splitter.push(tail.as_bytes(), &mut |part| sink.take(part));
        splitter.finish(&mut |part| sink.take(part));
        let name = self.sources.name(reading.file).to_owned();
        if splitter.invalid_bytes > 0 {
            let message = format!(
                "`{name}` is not valid UTF-8: {} of its bytes {} read as `?`. Save it as UTF-8 to keep the characters they stood for.",
                splitter.invalid_bytes,
                if splitter.invalid_bytes == 1 { "was" } else { "were" }
            );
            reading.problems.push(Problem { kind: ProblemKind::InvalidEncoding, message, span: None });
        }
        if let Some(file) = self.sources.file_mut(reading.file) {
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
        self.read.push(reading);
    }

    /// Reads the files of an archive. An archive inside an archive is not opened: a few of them can name themselves.
    fn unpack(&mut self, name: &str, content: Content, bytes: &[u8]) {
        let mut failed: Vec<(String, String)> = Vec::new();
        if self.unpacking {
            failed.push((String::new(), "it is an archive inside an archive; unpack it and give its files".to_owned()));
        } else {
            self.unpacking = true;
            let mut sink = |entry: Entry<'_>| match entry {
                Entry::Bytes { name, bytes } => self.push(name, bytes),
                Entry::End => self.end_file(),
                Entry::Failed { name, reason } => failed.push((name.to_owned(), reason)),
            };
            if content == Content::Gzip {
                archive::gunzip(name, bytes, &mut sink);
            } else if let Err(reason) = archive::unzip(bytes, &mut sink) {
                failed.push((String::new(), reason));
            }
            self.unpacking = false;
        }
        for (entry, reason) in failed {
            let subject = if entry.is_empty() { format!("`{name}`") } else { format!("`{entry}` in `{name}`") };
            let message = format!("{subject} was not read: {reason}.");
            self.problems.push(Problem { kind: ProblemKind::BadArchive, message, span: None });
        }
    }

    /// Ends the last file and analyses everything. `progress` hears of each stage as it begins.
    pub fn finish(mut self, progress: &mut dyn FnMut(Stage)) -> Analysis {
        self.end_file();
        let Self { options, sources, mut read, mut problems, other_files, control, .. } = self;
        if options.order == FileOrder::ByName {
            read.sort_by(|a, b| natural_order(sources.name(a.file), sources.name(b.file)));
        }
        // An empty file among others is a migration that does nothing; alone it is a mistake.
        let nothing_at_all = read.iter().all(|r| r.all_statements == 0);
        read.retain_mut(|r| {
            let is_sql = r.statements > 0 || r.unknown < r.all_statements || (r.all_statements == 0 && !nothing_at_all);
            if nothing_at_all && r.problems.is_empty() {
                let message = format!("`{}` holds no statement, only comments and white space.", sources.name(r.file));
                r.problems.push(Problem { kind: ProblemKind::EmptyFile, message, span: None });
            }
            if !is_sql {
                problems.append(&mut r.problems);
            }
            is_sql
        });
        if let Some((first, rest)) = other_files.split_first() {
            let more = match rest.len() {
                0 => String::new(),
                1 => " and 1 other file".to_owned(),
                n => format!(" and {n} other files"),
            };
            let verb = if rest.is_empty() { "is" } else { "are" };
            let message =
                format!("`{first}`{more} {verb} no SQL and {} not read.", if rest.is_empty() { "was" } else { "were" });
            problems.push(Problem { kind: ProblemKind::NotASchema, message, span: None });
        }
        progress(Stage::Replay);
        let mut targets = Vec::new();
        if !read.is_empty() {
            targets.push(analyse_target(&options, &sources, read, &control, &mut problems, progress));
        }
        progress(Stage::Done);
        // By the files' names, not by their ids, which tell only in what order they were given.
        problems.sort_by(|a, b| {
            let order = |x: Span, y: Span| match x.file == y.file {
                true => x.cmp(&y),
                false => natural_order(sources.name(x.file), sources.name(y.file)),
            };
            match (a.span, b.span) {
                (Some(x), Some(y)) => order(x, y),
                (x, y) => x.is_some().cmp(&y.is_some()),
            }
        });
        Analysis { sources, targets, problems }
    }
}

/// The role under which a drop of plain SQL goes: a single file is a dump, several files are a history.
fn analyse_target(
    options: &Options,
    sources: &Sources,
    read: Vec<FileReading>,
    control: &[ControlFile],
    problems: &mut Vec<Problem>,
    progress: &mut dyn FnMut(Stage),
) -> TargetAnalysis {
    let header_version = read.iter().filter_map(|r| r.dump.server_version).max();
    let role = if read.len() == 1 { Role::Dump } else { Role::History };
    let (layout, history, coverage) = arrange(options.order, sources, read, control, problems);
    let target = Target {
        id: role.name().to_owned(),
        role,
        dialect: Dialect::PostgreSql,
        server_version: options.server_version.or(header_version).unwrap_or(NEWEST_SERVER_VERSION),
        layout: layout.name().to_owned(),
        files: history.revisions.iter().map(|r| r.file).collect(),
    };
    let replay = replay::replay(&history, Settings { server_version: target.server_version });
    progress(Stage::Rules);
    let (findings, checked) = rules::check(&rules::Context::new(&target, &history, &replay));
    let facts = count(&replay.schema);
    let score = score::score(&findings, &checked, facts.tables);
    TargetAnalysis { target, history, replay, findings, checked, score, coverage, facts }
}

/// Puts the files into the order in which their tool would run them.
fn arrange(
    order: FileOrder,
    sources: &Sources,
    mut read: Vec<FileReading>,
    control: &[ControlFile],
    problems: &mut Vec<Problem>,
) -> (Layout, History, Coverage) {
    let candidates: Vec<Candidate<'_>> =
        read.iter().map(|r| Candidate { name: sources.name(r.file), markers: r.markers }).collect();
    let plan = layout::plan(&candidates, control);
    let mut coverage = Coverage::default();
    for (index, reading) in read.iter_mut().enumerate() {
        // What the tool would not run is told once, not read out.
        if order == FileOrder::AsGiven || plan.left_out.iter().all(|(left, _)| *left != index) {
            problems.append(&mut reading.problems);
            coverage.statements += reading.statements;
            coverage.understood += reading.understood;
            coverage.skipped.append(&mut reading.skipped);
        }
    }
    let mut revision = |index: usize, id: String, down: Option<usize>| {
        let mut back = read.get_mut(index).map(|r| std::mem::take(&mut r.down)).unwrap_or_default();
        if let Some(r) = down.and_then(|d| read.get_mut(d)) {
            back.append(&mut r.operations);
        }
        let reading = read.get_mut(index)?;
        let wrapped = order == FileOrder::ByName && !reading.operations.iter().any(runs_alone);
        Some(Revision {
            id,
            file: reading.file,
            parents: Vec::new(),
            up: std::mem::take(&mut reading.operations),
            down: back,
            transaction: if wrapped { plan.layout.transaction() } else { RunnerTransaction::PerStatement },
            own_session: true,
        })
    };
    if order == FileOrder::AsGiven {
        let names: Vec<String> = candidates.iter().map(|c| c.name.to_owned()).collect();
        let revisions = names.into_iter().enumerate().filter_map(|(i, name)| revision(i, name, None)).collect();
        return (plan.layout, History { revisions }, coverage);
    }
    let mut revisions: Vec<Revision> =
        plan.revisions.into_iter().filter_map(|p| revision(p.up, p.id, p.down)).collect();
    if plan.layout == Layout::Unordered {
        let files: Vec<(&str, &[Operation])> =
            revisions.iter().map(|r| (sources.name(r.file), r.up.as_slice())).collect();
        let order = dependency::order(&files);
        let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
        revisions = order.into_iter().filter_map(|i| slots.get_mut(i)?.take()).collect();
    }
    let mut left_out: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (index, reason) in plan.left_out {
        left_out.entry(reason).or_default().extend(candidates.get(index).map(|c| c.name));
    }
    for (reason, names) in left_out {
        let (files, verb) = match names.as_slice() {
            [one] => (format!("`{one}`"), "is"),
            [first, rest @ ..] => (format!("`{first}` and {} more", rest.len()), "are"),
            [] => continue,
        };
        let message = format!("{files} {verb} not part of the {} history: {reason}.", plan.layout.name());
        problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
    }
    (plan.layout, History { revisions }, coverage)
}

/// Whether a statement cannot run inside a transaction block. A file that holds one was written for a runner that does not wrap it, or opts out.
fn runs_alone(operation: &Operation) -> bool {
    match &operation.kind {
        OperationKind::CreateIndex(index) => index.concurrently,
        OperationKind::Drop(drop) => drop.concurrently,
        OperationKind::Reindex { concurrently, .. } => *concurrently,
        OperationKind::AlterTable(alter) => {
            alter.actions.iter().any(|(a, _)| matches!(a, AlterTableAction::DetachPartition { concurrently: true, .. }))
        }
        OperationKind::Rewrite { verb, .. } | OperationKind::Utility { verb } => verb.as_str() == "VACUUM",
        _ => false,
    }
}

/// Counts what exists.
fn count(schema: &Schema) -> Facts {
    let schemas = tally(schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none() && n.span.is_some()));
    let mut facts = Facts { schemas, ..Facts::default() };
    for (_, table) in schema.live_tables() {
        facts.tables += 1;
        facts.columns += tally(table.live_columns());
        facts.triggers += tally(schema.triggers_of(&table.triggers));
        facts.policies += tally(schema.policies_of(table));
        facts.indexes += tally(schema.indexes_of(table));
        for (_, constraint) in schema.constraints_of(table) {
            match constraint.kind {
                ConstraintKind::PrimaryKey => facts.primary_keys += 1,
                ConstraintKind::Unique { .. } => facts.uniques += 1,
                ConstraintKind::Check(_) => facts.checks += 1,
                ConstraintKind::ForeignKey(_) => facts.foreign_keys += 1,
                ConstraintKind::Exclude { .. } => {}
            }
        }
    }
    for (_, view) in schema.live_views() {
        *(if view.materialized { &mut facts.materialized_views } else { &mut facts.views }) += 1;
        facts.triggers += tally(schema.triggers_of(&view.triggers));
        facts.indexes +=
            tally(view.indexes.iter().filter_map(|id| schema.indexes.get(*id)).filter(|i| i.dropped.is_none()));
    }
    facts.types = tally(schema.types.iter().filter(|(_, t)| t.dropped.is_none()));
    facts.functions = tally(schema.functions.iter().filter(|(_, f)| f.dropped.is_none()));
    facts.sequences = tally(schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()));
    facts
}

fn tally<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

impl TextIntake {
    /// Hands bytes to the splitter, decoded where they need it.
    fn push(&mut self, sources: &mut Sources, bytes: &[u8]) {
        let mut sink = Sink { sources, reading: &mut self.reading };
        match &mut self.decoder {
            Some(decoder) => self.splitter.push(decoder.decode(bytes).as_bytes(), &mut |part| sink.take(part)),
            None => self.splitter.push(bytes, &mut |part| sink.take(part)),
        }
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

/// Whether a name says that the file is SQL.
fn is_sql_name(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    [".sql", ".ddl", ".psql", ".pgsql", ".dump", ".postgres", ".pg"].iter().any(|end| base.ends_with(end))
        || base.contains(".sql.")
}

/// Whether text without a telling name starts like SQL.
fn looks_like_sql(text: &str) -> bool {
    const FIRST: &[&str] = &[
        "alter", "begin", "comment", "create", "drop", "grant", "insert", "select", "set", "start", "update", "delete",
        "revoke", "do", "truncate", "copy", "with",
    ];
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, r)| r).trim_start();
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, r)| r).trim_start();
        } else if let Some(meta) = rest.strip_prefix('\\') {
            rest = meta.split_once('\n').map_or("", |(_, r)| r).trim_start();
        } else {
            break;
        }
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let next = rest.get(word.len()..).and_then(|r| r.chars().next());
    FIRST.contains(&word.as_str()) && next.is_some_and(|c| c.is_whitespace() || c == ';')
}

/// Orders paths folder by folder, runs of digits as numbers, then by bytes: `2_a` before `10_a`.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        match (x.first(), y.first()) {
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let (m, n) = (digits(x), digits(y));
                let strip = |s: &[u8], len: usize| -> Vec<u8> {
                    s.get(..len).unwrap_or_default().iter().skip_while(|c| **c == b'0').copied().collect()
                };
                let (p, q) = (strip(x, m), strip(y, n));
                match p.len().cmp(&q.len()).then_with(|| p.cmp(&q)) {
                    std::cmp::Ordering::Equal => {}
                    other => return other,
                }
                x = x.get(m..).unwrap_or_default();
                y = y.get(n..).unwrap_or_default();
            }
            (Some(p), Some(q)) if p == q => {
                x = x.get(1..).unwrap_or_default();
                y = y.get(1..).unwrap_or_default();
            }
            // A folder's own files stand before those of longer names.
            (Some(p), Some(q)) => {
                let rank = |c: u8| if c == b'/' { 0 } else { u16::from(c) + 1 };
                return rank(*p).cmp(&rank(*q));
            }
            (None, None) => return a.cmp(b),
            (None, _) => return std::cmp::Ordering::Less,
            (_, None) => return std::cmp::Ordering::Greater,
        }
    }
}

/// Analyses files that are in memory.
pub fn analyze<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, options: Options) -> Analysis {
    let mut session = Session::new(options);
    for (name, bytes) in files {
        session.push(name, bytes);
        session.end_file();
    }
    session.finish(&mut |_| ())
}
