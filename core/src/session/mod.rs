//! A session takes the files of a project in chunks and gives the analysis. Only text that concerns the schema is kept.

mod alembic;
mod bases;
mod dialect;
mod document;
mod environment;
mod liquibase;
mod models;
mod onward;
mod psql;
mod python;
mod sql;
mod targets;
mod unused;

use std::collections::BTreeSet;

use self::sql::{Again, FileReading, Scratch, TextIntake};
use crate::analysis::{Analysis, Dialect, TargetAnalysis};
use crate::collections::Lookup;
use crate::history::layout::{self, ControlFile, Layout};
use crate::history::{checksum, natural_order};
use crate::order::Order;
use crate::policy::{self, ConfigFile, Date, Policy, Waiver, WaiverState};
use crate::problem::{Problem, ProblemKind};
use crate::source::archive::{self, Entry};
use crate::source::{Content, Defines, FileId, Kind, SNIFF_BYTES, Sources, Span, Utf16Decoder, detect};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The newest major version of PostgreSQL that we know: the default where the input does not tell.
pub const NEWEST_SERVER_VERSION: u16 = 18;
/// The largest archive that is held in memory to be unpacked.
const MAX_ARCHIVE_BYTES: usize = 512 << 20;
/// The largest file: offsets are 32 bits wide.
const MAX_FILE_BYTES: u64 = u32::MAX as u64;
/// The largest journal, plan or lock file that is held.
const MAX_CONTROL_BYTES: usize = 16 << 20;
/// The largest SQL file whose bytes are held until it is known whether a sum file speaks of it, and how much of such files is held.
const MAX_HELD_FILE: usize = 256 << 10;
const MAX_HELD_BYTES: usize = 32 << 20;
/// How much of a file is looked at at once.
const MAX_PIECE: usize = MAX_HELD_FILE / 2;
/// The largest file that its reader takes whole: a program or a document, which people write by hand.
const MAX_DOCUMENT_BYTES: usize = 32 << 20;

/// What the caller decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's major version; else the dump's header tells, else the newest we know.
    pub server_version: Option<u16>,
    /// How files follow each other.
    pub order: FileOrder,
    /// The layout of every migration history, against what names and contents say.
    pub layout: Option<Layout>,
    /// The dialect of every file, against what names and contents say.
    pub dialect: Option<Dialect>,
    /// The files are a part: they change a database that is there already, and what they do not make is taken for there.
    pub partial: bool,
    /// Opt-in rules that shall run.
    pub enabled_rules: Vec<String>,
    /// What the placeholders of templates stand for: name and value.
    pub defines: Vec<(String, String)>,
    /// Settings; a `relata.toml` among the files is then not looked at.
    pub config: Option<ConfigFile>,
    /// Waivers besides those of `relata.toml` and of comments.
    pub waivers: Vec<Waiver>,
    /// What day it is: waivers may end. `None` where nobody knows; none ends then.
    pub today: Option<Date>,
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
    /// Files that their readers take whole.
    documents: Vec<Document>,
    current: Option<Intake>,
    problems: Vec<Problem>,
    /// Files that are no SQL, told together.
    other_files: Vec<String>,
    /// Files that are no text, told together.
    binary_files: Vec<String>,
    /// Files that say how others follow each other.
    control: Vec<ControlFile>,
    /// The bytes of small SQL files, for sum files.
    held: Vec<(FileId, Vec<u8>)>,
    held_bytes: usize,
    /// Whether the files that come are those of an archive.
    unpacking: bool,
    /// The names of the sources.
    taken: Lookup<String, ()>,
    /// The defines that filled a placeholder.
    used_defines: BTreeSet<String>,
    scratch: Scratch,
}

/// A file on its way in.
#[derive(Debug)]
struct Intake {
    name: String,
    bytes: u64,
    state: IntakeState,
    /// Its bytes so far, as long as they are few, and it is sniffed at or is text.
    held: Option<Vec<u8>>,
}

#[derive(Debug)]
enum IntakeState {
    /// Too little was seen to tell what it is.
    Sniffing,
    /// Text that is being read.
    Text(Box<TextIntake>),
    /// An archive, held until it is complete.
    Archive(Content, Vec<u8>),
    /// A journal, plan or lock file, held until it is complete.
    Control(Vec<u8>),
    /// A program or a document, held until it is complete.
    Document(Kind, Content, Vec<u8>),
    /// Nothing more of it is looked at.
    Skipping,
}

/// A file that its reader takes whole: a program or a document. It becomes one of the [`Sources`] when a reader finds a schema in it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its name as given.
    pub(crate) name: String,
    /// What reads it.
    pub(crate) kind: Kind,
    /// Its text.
    pub(crate) text: String,
    /// Where the text begins in the file: behind a byte order mark. Spans count from the file's first byte.
    pub(crate) base: u32,
    /// Size of the file in bytes.
    pub(crate) bytes: u64,
}

impl Document {
    /// Makes it one of the sources, with all of its text, so that every span in it has a place.
    pub(crate) fn add_to(&self, sources: &mut Sources) -> FileId {
        let file = sources.add(self.name.clone());
        if let Some(f) = sources.file_mut(file) {
            f.bytes = self.bytes;
            f.lines = u32::try_from(self.text.lines().count()).unwrap_or(u32::MAX);
            f.keep(self.base, 1, 1, &self.text);
        }
        file
    }
}

impl Session {
    /// A session with no files yet.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes the next bytes of the file `name`. Bytes of one file come one after the other; another name starts the next file.
    pub fn push(&mut self, name: &str, bytes: &[u8]) {
        // In pieces, so that whose SQL a long file is can be told while its beginning is at hand.
        let (first, mut rest) = bytes.split_at(bytes.len().min(MAX_PIECE));
        self.push_piece(name, first);
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(rest.len().min(MAX_PIECE));
            self.push_piece(name, piece);
            rest = behind;
        }
    }

    fn push_piece(&mut self, name: &str, bytes: &[u8]) {
        if self.current.as_ref().is_none_or(|c| c.name != name) {
            self.end_file();
            let held = Some(Vec::new());
            self.current = Some(Intake { name: name.to_owned(), bytes: 0, state: IntakeState::Sniffing, held });
        }
        let Some(mut intake) = self.current.take() else { return };
        intake.bytes += bytes.len() as u64;
        match &mut intake.held {
            Some(held) if held.len() + bytes.len() <= MAX_HELD_FILE => held.extend_from_slice(bytes),
            held => {
                // The last moment at which it can be read from its beginning.
                if let (IntakeState::Text(text), Some(held)) = (&mut intake.state, held.take()) {
                    let (dialect, defines) = (self.options.dialect, &self.options.defines);
                    text.settle(&mut self.sources, &mut self.scratch, &held, dialect, defines);
                }
            }
        }
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
            IntakeState::Sniffing => {
                if intake.bytes >= SNIFF_BYTES as u64 {
                    self.decide(&mut intake);
                }
            }
            IntakeState::Text(text) => text.push(&mut self.sources, &mut self.scratch, bytes),
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
            IntakeState::Document(.., held) => {
                held.extend_from_slice(bytes);
                if held.len() > MAX_DOCUMENT_BYTES {
                    let message = format!(
                        "`{name}` is larger than {} MB and was not read; no migration or document is. Split it.",
                        MAX_DOCUMENT_BYTES >> 20
                    );
                    self.problems.push(Problem { kind: ProblemKind::LimitExceeded, message, span: None });
                    intake.state = IntakeState::Skipping;
                }
            }
            IntakeState::Control(_) | IntakeState::Skipping => {}
        }
        self.current = Some(intake);
    }

    /// Notes a file or folder of the project that could not be opened; the rest is read all the same.
    pub fn unreadable(&mut self, name: &str, reason: &str) {
        let message = format!("`{name}` could not be read ({reason}); what depends on it may look broken.");
        self.problems.push(Problem { kind: ProblemKind::Unreadable, message, span: None });
    }

    /// Ends the current file, so that the next bytes start another one, even of the same name.
    pub fn end_file(&mut self) {
        let Some(mut intake) = self.current.take() else { return };
        if let IntakeState::Sniffing = intake.state {
            self.decide(&mut intake);
        }
        match intake.state {
            IntakeState::Text(text) => {
                let file = self.end_text(*text, intake.bytes);
                if let Some(held) = intake.held.filter(|h| self.held_bytes + h.len() <= MAX_HELD_BYTES) {
                    self.held_bytes += held.len();
                    self.held.push((file, held));
                }
            }
            IntakeState::Archive(content, held) => self.unpack(&intake.name, content, &held),
            IntakeState::Control(held) => {
                let text = String::from_utf8_lossy(&held).into_owned();
                self.control.push(ControlFile { name: intake.name, text });
            }
            IntakeState::Document(kind, content, held) => self.end_document(&intake.name, kind, content, &held),
            IntakeState::Sniffing | IntakeState::Skipping => {}
        }
    }

    /// Decodes a file that was held.
    fn end_document(&mut self, name: &str, kind: Kind, content: Content, held: &[u8]) {
        let (text, base) = match content {
            Content::Utf16 { little_endian, mark } => {
                let mut decoder = Utf16Decoder::new(little_endian);
                let mut text = decoder.decode(held.get(mark as usize..).unwrap_or_default());
                text.push_str(decoder.finish());
                (text, 0)
            }
            Content::Utf8(mark) => {
                (String::from_utf8_lossy(held.get(mark as usize..).unwrap_or_default()).into_owned(), mark)
            }
            _ => return,
        };
        self.documents.push(Document { name: name.to_owned(), kind, text, base, bytes: held.len() as u64 });
    }

    /// Decides from the first bytes how a file is read, and reads them.
    fn decide(&mut self, intake: &mut Intake) {
        intake.state = IntakeState::Skipping;
        let head = intake.held.take().unwrap_or_default();
        let name = intake.name.clone();
        if layout::is_sign(&name) {
            self.control.push(ControlFile { name, text: String::new() });
            return;
        }
        if layout::is_control_file(&name) || policy::is_policy_file(&name) {
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
                self.binary_files.push(name);
                return;
            }
        };
        // An empty `__init__.py` says that a folder is a package.
        if intake.bytes == 0 && !name.ends_with(".py") {
            return refuse(ProblemKind::EmptyFile, format!("`{name}` is empty."));
        }
        let mut decoder = decoder;
        let body = head.get(start as usize..).unwrap_or_default();
        let first: Cow<'_, str> = match &mut decoder {
            Some(d) => d.clone().decode(body).into(),
            // The check alone is faster, and nearly always enough.
            None => std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed),
        };
        match Kind::of(&name, &first) {
            Some(Kind::Sql) => {}
            Some(kind) => {
                intake.state = IntakeState::Document(kind, content, head);
                return;
            }
            None => {
                self.other_files.push(name);
                return;
            }
        }
        let unique = self.unique_name(&name);
        let file = self.sources.add(unique);
        let offset = if decoder.is_some() { 0 } else { start };
        let defines = Defines::new(&self.options.defines);
        let dialect = self.options.dialect;
        let mut text = Box::new(TextIntake::new(file, offset, decoder, &first, defines, dialect));
        text.named(&name);
        text.push(&mut self.sources, &mut self.scratch, body);
        intake.state = IntakeState::Text(text);
        intake.held = Some(head);
    }

    /// The name, with a number where a file of that name was given before.
    fn unique_name(&mut self, name: &str) -> String {
        if self.taken.insert(name.to_owned(), ()).is_none() {
            return name.to_owned();
        }
        let unique =
            (2_u32..).map(|n| format!("{name} ({n})")).find(|n| !self.taken.contains_key(n)).unwrap_or_default();
        self.taken.insert(unique.clone(), ());
        let message = format!("Two files are called `{name}`; the later one is shown as `{unique}`.");
        self.problems.push(Problem { kind: ProblemKind::DuplicateFileName, message, span: None });
        unique
    }

    fn end_text(&mut self, text: TextIntake, bytes: u64) -> FileId {
        let reading = text.finish(&mut self.sources, &mut self.scratch, bytes);
        let file = reading.file;
        self.used_defines.extend(reading.defines.used().iter().cloned());
        self.read.push(reading);
        file
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
        let Self {
            options,
            mut sources,
            read,
            mut documents,
            mut problems,
            other_files,
            binary_files,
            control,
            held,
            ..
        } = self;
        let mut used = self.used_defines;
        let (settings, control): (Vec<ControlFile>, Vec<ControlFile>) =
            control.into_iter().partition(|c| policy::is_policy_file(&c.name));
        let (policy, waivers) = read_policy(&options, settings, &mut sources, &mut problems);
        let options = Options {
            layout: options.layout.or(policy.runner),
            server_version: options.server_version.or(policy.server_version),
            ..options
        };
        check_sums(&mut sources, &control, &held);
        let mut again =
            Again { held: Lookup::default(), given: &options.defines, used: BTreeSet::new(), scratch: self.scratch };
        for (file, bytes) in held {
            again.held.insert(file, bytes);
        }
        let (mut inputs, helpers) = alembic::claim(&mut documents, &mut sources, &mut problems);
        inputs.extend(models::claim(&mut documents, &helpers, &mut sources, &mut problems));
        let mut read = targets::schema_files(&options, &sources, read, &mut problems);
        if options.layout.is_none_or(|layout| layout == Layout::Liquibase) {
            let of_changelogs =
                liquibase::claim(&mut documents, &mut read, &control, &mut again, &mut sources, &mut problems);
            inputs.splice(0..0, of_changelogs);
        }
        // No reader takes the other programs.
        let (documents, programs): (Vec<Document>, Vec<Document>) =
            documents.into_iter().partition(|d| d.kind == Kind::Markdown);
        let documents = document::read(documents, read.is_empty(), &mut sources, &mut problems);
        let mut programs: Vec<String> = programs.into_iter().map(|d| d.name).collect();
        let mut other_files = other_files;
        if inputs.iter().any(|input| input.layout == alembic::LAYOUT) {
            programs.retain(|name| !unused::is_set_up_of_alembic(name));
            other_files.retain(|name| !unused::is_set_up_of_alembic(name));
        }
        problems.extend(unused::binary(binary_files));
        problems.extend(unused::told(other_files, programs, documents.without));
        progress(Stage::Replay);
        if !read.is_empty() {
            inputs.splice(0..0, targets::of_sql(&options, &mut sources, read, &control, &mut again, &mut problems));
        }
        inputs.extend(documents.target);
        for input in &mut inputs {
            targets::resolve_blocks(input, &mut problems);
        }
        used.append(&mut again.used);
        problems.splice(0..0, unused_defines(&options.defines, &used));
        let statements = inputs
            .iter()
            .flat_map(|i| &i.history.revisions)
            .flat_map(|r| r.up.iter().chain(&r.down))
            .map(|operation| operation.span);
        let mut waivers = waivers;
        waivers.extend(policy::of_comments(&sources, statements, &mut problems));
        waivers.extend(options.waivers.iter().cloned());
        for waiver in &mut waivers {
            let over = waiver.until.zip(options.today).is_some_and(|(until, today)| until < today);
            waiver.state = if over { WaiverState::Expired } else { WaiverState::Stale };
        }
        onward::mark(&mut inputs);
        let (targets, fitting) = targets::analyse(&options, &policy, &waivers, &sources, inputs, progress);
        if !targets.is_empty() {
            policy::settle(&mut waivers, &fitting, &policy, &mut problems);
            policy::unknown_columns(&policy.conventions, targets.iter().map(TargetAnalysis::schema), &mut problems);
        }
        progress(Stage::Done);
        // By the files' names, not by their ids, which tell only in what order they were given.
        problems.order_by(|a, b| {
            let order = |x: Span, y: Span| match x.file == y.file {
                true => x.cmp(&y),
                false => natural_order(sources.name(x.file), sources.name(y.file)),
            };
            match (a.span, b.span) {
                (Some(x), Some(y)) => order(x, y),
                (x, y) => x.is_some().cmp(&y.is_some()),
            }
        });
        // One define fills a placeholder wherever it stands.
        let mut unfilled = BTreeSet::new();
        problems.retain(|p| p.kind != ProblemKind::UnfilledPlaceholder || unfilled.insert(p.message.clone()));
        Analysis { sources, targets, problems, policy, waivers }
    }
}

/// A name that nothing is called is a typing error more often than not.
fn unused_defines(given: &[(String, String)], used: &BTreeSet<String>) -> Vec<Problem> {
    let names: BTreeSet<&String> = given.iter().map(|(name, _)| name).collect();
    let unused = names.into_iter().filter(|name| !used.contains(*name));
    let problem = |name: &String| {
        let message = format!("`--define {name}=…` filled nothing: no placeholder of that name was found.");
        Problem { kind: ProblemKind::UnusedDefine, message, span: None }
    };
    unused.map(problem).collect()
}

/// Reads the settings: those that the caller gave, else the `relata.toml` that lies highest.
fn read_policy(
    options: &Options,
    mut found: Vec<ControlFile>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> (Policy, Vec<Waiver>) {
    let config = match &options.config {
        Some(config) => config.clone(),
        None => {
            let depth = |name: &str| name.matches('/').count();
            found.order_by(|a, b| depth(&a.name).cmp(&depth(&b.name)).then_with(|| natural_order(&a.name, &b.name)));
            let mut found = found.into_iter();
            let Some(first) = found.next() else { return (Policy::default(), Vec::new()) };
            for other in found {
                let message = format!("`{}` was not used: the settings are those of `{}`.", other.name, first.name);
                problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
            }
            ConfigFile { name: first.name, text: first.text }
        }
    };
    let file = sources.add(config.name);
    if let Some(f) = sources.file_mut(file) {
        f.bytes = config.text.len() as u64;
        f.lines = u32::try_from(config.text.lines().count()).unwrap_or(u32::MAX);
        f.keep(0, 1, 1, &config.text);
    }
    let (policy, waivers, wrong) = policy::read(&config.text, file);
    problems.extend(wrong);
    (policy, waivers)
}

/// Compares files with the sum file of their folder, and notes at each what it is found to differ in.
fn check_sums(sources: &mut Sources, control: &[ControlFile], held: &[(FileId, Vec<u8>)]) {
    for sum in control {
        let Some(folder) = sum.name.strip_suffix("atlas.sum") else { continue };
        let mut ids: BTreeMap<String, FileId> = BTreeMap::new();
        let mut contents: BTreeMap<FileId, &[u8]> = BTreeMap::new();
        for (id, bytes) in held {
            if let Some(name) = sources.name(*id).strip_prefix(folder).filter(|n| !n.contains('/')) {
                ids.insert(name.to_owned(), *id);
                contents.insert(*id, bytes);
            }
        }
        let files = ids.iter().filter_map(|(name, id)| Some((name.as_str(), *contents.get(id)?))).collect();
        let deviations = checksum::deviations(&sum.text, &files);
        if deviations.is_empty() {
            continue;
        }
        // It becomes a source only where a finding points at it.
        let own = sources.add(sum.name.clone());
        if let Some(file) = sources.file_mut(own) {
            file.bytes = sum.text.len() as u64;
            file.lines = u32::try_from(sum.text.lines().count()).unwrap_or(u32::MAX);
            file.keep(0, 1, 1, &sum.text);
        }
        for (name, deviation) in deviations {
            let at = sum.text.find(&format!("\n{name} h1:")).map_or(0, |at| at + 1);
            let start = u32::try_from(at).unwrap_or(u32::MAX);
            let line = if at == 0 { 0 } else { u32::try_from(name.len()).unwrap_or(0) };
            let span = Span::new(own, start, start.saturating_add(line));
            if let Some(file) = ids.get(name).and_then(|id| sources.file_mut(*id)) {
                file.deviation = Some((deviation, span));
            }
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
