//! All that the page knows, and what changes it: [`State::reduce`] takes an [`Action`] and gives the [`Effect`]s that the browser carries out.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use relata_protocol::{
    Answer, Chapter, DiagramFormat, FindingDetail, FindingRow, FindingsFilter, FindingsPage, FromWorker, Location,
    Options, Overview, Page, ProblemsPage, Progress, Query, RelationKey, RelationKind, ReportChoices, ReportFormat,
    RuleDoc, SearchHit, Stage, TableDetail, TableFilter, TableList, VERSION, ViewDetail, WaiverSetting,
};

use crate::board::{Board, BoardFile};
use crate::commands::{self, Hit};
use crate::excerpt::Excerpt;
use crate::intake;
use crate::lens::Lens;
use crate::prefs::{Panel, Prefs, Theme};
use crate::scene::Scene;

pub mod diagram;
pub mod history;
mod policy;
pub mod workspace;

use self::diagram::{Change, Drawing, Flight};
use self::history::Past;
use self::workspace::{Editing, Listing, Offer, Saved};

/// How many findings one question asks for.
pub const FINDINGS_PAGE: u32 = 100;
/// How many problems one question asks for.
pub const PROBLEMS_PAGE: u32 = 500;
/// How many hits a search shows.
pub const SEARCH_LIMIT: u32 = 40;
/// Above how many findings the list opens grouped by rule.
pub const GROUP_ABOVE: u32 = 25;

/// What fills the page.
#[derive(Clone, PartialEq, Debug)]
pub enum Phase {
    /// Nothing was given yet.
    Landing,
    /// The worker is busy with what was given.
    Working(Progress),
    /// There is something to look at.
    Workspace,
    /// The analysis found nothing that describes a schema; its problems say why.
    Nothing,
    /// The worker broke down.
    Died {
        /// What happened.
        message: String,
        /// The file it was working on.
        file: Option<String>,
    },
    /// The worker could not be started at all: the page is of no use.
    Unusable(String),
}

/// The main views of the workspace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[allow(missing_docs, reason = "the views by name")]
pub enum View {
    Diagram,
    List,
    Findings,
    History,
    Report,
    Problems,
}

impl View {
    /// All views in the order of the bar.
    pub const ALL: [Self; 6] = [Self::Diagram, Self::List, Self::Findings, Self::History, Self::Report, Self::Problems];

    /// The word on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Diagram => "Diagram",
            Self::List => "List",
            Self::Findings => "Findings",
            Self::History => "History",
            Self::Report => "Report",
            Self::Problems => "Problems",
        }
    }
}

/// Which pane a narrow screen shows: there is room for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the panes by name")]
pub enum Pane {
    Tree,
    Main,
    Inspector,
    Source,
}

/// What is selected: the same everywhere on the page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Selection {
    /// A table or view, and one of its columns by name.
    Relation(RelationKey, Option<String>),
    /// A finding by its index.
    Finding(u32),
    /// A rule by its name.
    Rule(String),
}

/// What the inspector shows of the selection.
#[derive(Clone, PartialEq, Debug)]
pub enum Inspected {
    /// Nothing is selected: the project at large.
    Project,
    /// The answer is on its way.
    Waiting,
    /// A table.
    Table(Rc<TableDetail>),
    /// A view.
    View(Rc<ViewDetail>),
    /// A finding.
    Finding(Rc<FindingDetail>),
    /// A rule.
    Rule(String),
    /// It does not exist any more.
    Gone(String),
}

/// A file as the user gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// Its name with `/` between folders.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Left out after the worker died on it.
    pub left_out: bool,
}

/// A tab of the source panel.
#[derive(Clone, PartialEq, Debug)]
pub struct Tab {
    /// Its number: excerpts arrive late and by number.
    pub id: u32,
    /// What it marks.
    pub location: Location,
    /// The text; `None` until it was cut.
    pub excerpt: Option<Result<Rc<Excerpt>, String>>,
}

/// The source panel.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Source {
    /// Whether it is open.
    pub open: bool,
    /// One tab for each place.
    pub tabs: Vec<Tab>,
    /// The tab in front.
    pub active: usize,
}

/// The findings view.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Findings {
    /// What is asked for.
    pub filter: FindingsFilter,
    /// Counts and the first rows for that filter.
    pub page: Option<Rc<FindingsPage>>,
    /// All rows fetched for that filter.
    pub rows: Rc<Vec<FindingRow>>,
    /// What the user chose: grouped by rule or one list. `None`: by number.
    pub grouped: Option<bool>,
    /// Rules whose group is open, with the rows fetched for each.
    pub open: BTreeMap<String, Rc<Vec<FindingRow>>>,
    /// Findings shown in full.
    pub expanded: BTreeSet<u32>,
}

impl Findings {
    /// Whether the list is grouped by rule.
    pub fn is_grouped(&self) -> bool {
        self.grouped.unwrap_or_else(|| self.page.as_ref().is_some_and(|p| p.total > GROUP_ABOVE))
    }

    /// The filter of one rule's group.
    fn of_rule(&self, rule: &str) -> FindingsFilter {
        FindingsFilter { rules: vec![rule.to_owned()], ..self.filter.clone() }
    }
}

/// The search dialog.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub text: String,
    /// What it is for: a table to draw the way to, or anything.
    pub routes: bool,
    /// What the engine found for it.
    pub found: Vec<SearchHit>,
    /// All that is shown for it.
    pub hits: Rc<Vec<Hit>>,
    /// The hit that Enter opens.
    pub active: usize,
    /// Whether `hits` belong to `text`.
    pub settled: bool,
}

/// A dialog over the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialog {
    /// Why it can be believed that nothing leaves the tab.
    Privacy,
    /// The keys.
    Shortcuts,
    /// What dialect, layout and version were found, and a way to correct the version.
    Target,
    /// More files.
    Add,
    /// What is hidden, folded and grouped in the diagram; keeping it as a file.
    Arrangement,
}

/// A short message to the user, also read out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its number, so that an older one's timer does not take a newer one away.
    pub id: u32,
    /// The words.
    pub text: String,
}

/// Everything.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    /// What fills the page.
    pub phase: Phase,
    /// Whether everything that is ever fetched was fetched.
    pub ready: bool,
    /// What was given.
    pub given: Vec<Given>,
    /// The number of the current analysis.
    pub session: u32,
    /// What the user set for it.
    pub options: Options,
    /// Its overview.
    pub overview: Rc<Overview>,
    /// The target being looked at.
    pub target: u32,
    /// The main view.
    pub view: View,
    /// The pane of a narrow screen.
    pub pane: Pane,
    /// What is selected.
    pub selection: Option<Selection>,
    /// What was selected before, for the way back.
    pub trail: Vec<Selection>,
    /// The selection's details.
    pub inspected: Inspected,
    /// Findings about the selected table or view.
    pub about: Rc<Vec<FindingRow>>,
    /// Tables and views of the target.
    pub tables: Option<Rc<TableList>>,
    /// What the tree is narrowed to.
    pub tree_filter: String,
    /// The diagram of the target as the user arranged it.
    pub scene: Option<Rc<Scene>>,
    /// How it came about.
    pub drawing: Drawing,
    /// Where the diagram was last told to go. The number tells one telling from the next.
    pub flight: (u32, Flight),
    /// Why there is no diagram.
    pub scene_error: Option<String>,
    /// The findings view.
    pub findings: Findings,
    /// The history of the target, and the revision that is shown.
    pub past: Past,
    /// The source panel.
    pub source: Source,
    /// The search dialog, when open.
    pub palette: Option<Palette>,
    /// The dialog, when open.
    pub dialog: Option<Dialog>,
    /// The report as Markdown, when fetched.
    pub report: Option<Rc<str>>,
    /// What the report is to show.
    pub report_choices: ReportChoices,
    /// The chapters that it can have.
    pub chapters: Rc<Vec<Chapter>>,
    /// What could not be read.
    pub problems: Option<Rc<ProblemsPage>>,
    /// Prose about rules.
    pub rules: Rc<Vec<RuleDoc>>,
    /// What is kept between visits.
    pub prefs: Prefs,
    /// A message to the user.
    pub notice: Option<Notice>,
    /// Something is being dragged over the page.
    pub dragging: bool,
    /// The whole schema as a list.
    pub listing: Listing,
    /// An analysis of changed files is under way behind the workspace.
    pub analysing: Option<Progress>,
    /// The files as they are now describe no schema: what is shown is of before.
    pub stale: bool,
    /// The file that is being edited.
    pub editing: Option<Editing>,
    /// A project of an earlier visit.
    pub offer: Option<Offer>,
    /// A local folder that is followed: its name.
    pub following: Option<String>,
    /// Why nothing is kept in this browser, when nothing can be.
    pub not_kept: Option<String>,
    /// Files changed while an analysis was under way.
    dirty: bool,
    /// What was selected before the files changed, by path.
    reselect: Option<(String, Option<String>)>,
    /// The target that was shown before a reload, by its id.
    retarget: Option<String>,
    next_id: u32,
    pending: BTreeMap<u32, Purpose>,
}

/// What a question was asked for.
#[derive(Clone, PartialEq, Debug)]
enum Purpose {
    Tables,
    Diagram,
    Inspect(Selection),
    About,
    Findings {
        append: bool,
    },
    Group(String),
    Search(String),
    ReportPreview,
    Download,
    /// A file for the clipboard.
    Copy,
    Chapters,
    Problems {
        append: bool,
    },
    Overview,
    Traits,
    Listing,
    History,
    Revision,
    Standing,
    SourceText {
        tab: u32,
    },
    /// The diagram's SVG, for a PNG so many times its size.
    Picture(u32),
    /// The diagram's SVG, for the printer.
    Print,
}

/// What happens.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "each variant says what the user or the worker did")]
pub enum Action {
    /// Everything that is ever fetched was fetched.
    Loaded {
        rules: Vec<RuleDoc>,
    },
    /// Files were given. `add`: beside those that are there.
    Give {
        files: Vec<Given>,
        add: bool,
    },
    RemoveFile(String),
    /// Back to the landing, everything forgotten.
    Close,
    Cancel,
    /// After a breakdown: once more, without the file at fault or with it.
    Retry {
        without: Option<String>,
    },
    Worker(FromWorker, Rc<[u8]>),
    /// Bytes of a given file could not be read.
    FileUnreadable {
        name: String,
        reason: String,
    },
    SetServerVersion(Option<u16>),
    /// What day it is, in days since 1970-01-01.
    Today(u32),
    /// The layout of the migrations by name; `None`: as recognised.
    SetLayout(Option<String>),
    /// The dialect of the files by name; `None`: as recognised.
    SetDialect(Option<String>),
    /// Shows the schema as of a revision, by place; `None`: the latest.
    GoTo(Option<u32>),
    StepRevision(i32),
    /// Nothing moved for a moment after the rest of this number began.
    Rested(u32),
    ChooseTarget(u32),
    Show(View),
    ShowPane(Pane),
    Select(Selection),
    /// Selects and moves the diagram there, whatever view is shown.
    Reveal(RelationKey),
    Back,
    Deselect,
    FilterTree(String),
    FilterFindings(FindingsFilter),
    GroupFindings(bool),
    ToggleGroup(String),
    MoreFindings,
    MoreProblems,
    ToggleFinding(u32),
    ShowSource {
        locations: Vec<Location>,
        active: usize,
    },
    ActivateTab(usize),
    CloseTab(usize),
    CloseSource,
    Excerpt {
        tab: u32,
        excerpt: Result<Rc<Excerpt>, String>,
    },
    /// The page has no copy of that file to cut from.
    NoCopy {
        tab: u32,
    },
    OpenPalette,
    /// Search for a table to draw the way to.
    OpenRoutes,
    ClosePalette,
    Type(String),
    MoveHit(i32),
    OpenHit(usize),
    OpenDialog(Dialog),
    CloseDialog,
    SaveReport(ReportFormat),
    /// Puts the report as Markdown for a pull request on the clipboard.
    CopyPullRequest,
    ChooseReport(Box<ReportChoices>),
    /// Accepts a finding, with a reason.
    Waive(Box<WaiverSetting>),
    /// Takes the waiver of a fingerprint back.
    Unwaive(String),
    /// The waivers as `relata.toml`.
    SaveWaivers,
    /// The migration that repairs findings of these fingerprints; all where empty.
    SaveFix(Vec<String>),
    /// The whole schema as one migration.
    SaveSchema,
    ExportDiagram(DiagramFormat),
    /// The diagram as a PNG at so many times its size.
    ExportPicture(u32),
    /// The picture could not be made.
    PictureFailed(String),
    PrintDiagram,
    /// Another arrangement of the diagram.
    Change(Box<Change>),
    SetLens(Lens),
    Mark(RelationKey),
    Unmark,
    /// Draws the way from the selected table to this one.
    Connect(RelationKey),
    Disconnect,
    Undo,
    Redo,
    /// Shows the whole diagram.
    Fit,
    SaveBoard,
    LoadBoard(Box<BoardFile>),
    /// An arrangement kept for a project of this name.
    BoardFound(Box<Board>),
    /// Opens a file of the project for editing.
    Edit(String),
    CloseEditor,
    TextRead {
        file: String,
        text: Result<Rc<str>, String>,
    },
    /// The text in the editor has rested for a moment.
    TextChanged {
        file: String,
        text: Rc<str>,
    },
    /// A folder is followed.
    Follow(Option<String>),
    /// Files of the followed folder came, changed or went.
    FolderChanged {
        files: Vec<Given>,
        gone: Vec<String>,
    },
    /// A project of an earlier visit was found.
    Offered(Offer),
    /// Opens what was offered.
    Restore(Box<Saved>),
    /// Lets go of all that is kept in this browser.
    Forget,
    /// Nothing can be kept, and why.
    NotKept(String),
    Resize(Panel, u32),
    TogglePanel(Panel),
    SetTheme(Theme),
    Dragging(bool),
    Copied(String),
    Tell(String),
    NoticeOver(u32),
}

/// What the browser has to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Effect {
    /// Start an analysis of these files, by name, on a fresh or idle worker.
    Analyse {
        /// Its number.
        session: u32,
        /// The user's settings.
        options: Options,
        /// Which of the files held are fed.
        files: Vec<String>,
    },
    /// Terminate the worker: it is busy or broken.
    Terminate,
    /// Ask the worker.
    Ask(u32, Query),
    /// Cut an excerpt from the page's copy of a file.
    Cut {
        /// The tab that waits for it.
        tab: u32,
        /// The file's name.
        file: String,
        /// The place.
        location: Location,
    },
    /// Let go of the copies of all files but these.
    Keep(Vec<String>),
    /// Offer a file for saving.
    Save {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its bytes.
        bytes: Rc<[u8]>,
    },
    /// Make a PNG of an SVG, so many times its size, and offer it for saving.
    SavePicture {
        /// Its name.
        name: String,
        /// The SVG.
        svg: Rc<[u8]>,
        /// How many times its size.
        scale: u32,
    },
    /// Put a text on the clipboard.
    Copy {
        /// The text.
        text: String,
        /// What it is, for the notice.
        what: String,
    },
    /// Print a picture, on a page of its own.
    PrintPicture(Rc<[u8]>),
    /// Offer an arrangement for saving.
    SaveBoard(String, Box<BoardFile>),
    /// Look for an arrangement that was kept for a project of this name.
    FindBoard(String),
    /// Keep the project for a reload, soon.
    Persist,
    /// Let go of all that is kept.
    ForgetAll,
    /// Read a file's text for the editor.
    ReadText(String),
    /// Put a text in the place of a file.
    Write {
        /// The file.
        file: String,
        /// Its text.
        text: Rc<str>,
    },
    /// Stop following a folder.
    Unfollow,
    /// Keep the preferences for the next visit, and put the theme on.
    Remember(Prefs),
    /// Say when nothing has moved for a moment: [`Action::Rested`] with this number.
    Rest(u32),
    /// Take the notice of this number away after a while.
    Expire(u32),
    /// Move the focus to the main part of the page, because the one that had it is gone.
    FocusMain,
}

impl State {
    /// The state of a page that just opened.
    pub fn new(prefs: Prefs) -> Self {
        Self {
            phase: Phase::Landing,
            ready: false,
            given: Vec::new(),
            session: 0,
            options: Options::default(),
            overview: Rc::default(),
            target: 0,
            view: View::Diagram,
            pane: Pane::Main,
            selection: None,
            trail: Vec::new(),
            inspected: Inspected::Project,
            about: Rc::default(),
            tables: None,
            tree_filter: String::new(),
            scene: None,
            drawing: Drawing::default(),
            flight: (0, Flight::Stay),
            scene_error: None,
            findings: Findings::default(),
            past: Past::default(),
            source: Source::default(),
            palette: None,
            dialog: None,
            report: None,
            report_choices: ReportChoices::default(),
            chapters: Rc::default(),
            problems: None,
            rules: Rc::default(),
            prefs,
            notice: None,
            dragging: false,
            listing: Listing::default(),
            analysing: None,
            stale: false,
            editing: None,
            offer: None,
            following: None,
            not_kept: None,
            dirty: false,
            reselect: None,
            retarget: None,
            next_id: 0,
            pending: BTreeMap::new(),
        }
    }

    /// Applies an action and gives what the browser has to do, in order.
    pub fn reduce(&mut self, action: Action) -> Vec<Effect> {
        let mut out = Vec::new();
        match action {
            Action::Loaded { rules } => {
                self.ready = true;
                self.rules = rules.into();
            }
            Action::Give { files, add } => self.give(files, add, &mut out),
            Action::RemoveFile(name) => {
                self.given.retain(|g| g.name != name);
                if self.editing.as_ref().is_some_and(|e| e.file == name) {
                    self.editing = None;
                }
                if self.given.is_empty() {
                    self.close(&mut out);
                } else {
                    out.push(Effect::Keep(self.given.iter().map(|g| g.name.clone()).collect()));
                    self.reanalyse(&mut out);
                }
            }
            Action::Close => self.close(&mut out),
            Action::Cancel => {
                if matches!(self.phase, Phase::Working(_)) {
                    out.push(Effect::Terminate);
                    self.close(&mut out);
                    self.tell("Cancelled. The files were let go.", &mut out);
                }
            }
            Action::Retry { without } => {
                if let Some(name) = without {
                    for g in self.given.iter_mut().filter(|g| g.name == name) {
                        g.left_out = true;
                    }
                }
                if self.given.iter().any(|g| !g.left_out) {
                    self.analyse(&mut out);
                } else {
                    self.close(&mut out);
                }
            }
            Action::Worker(message, bytes) => self.hear(message, &bytes, &mut out),
            Action::FileUnreadable { name, reason } => {
                out.push(Effect::Terminate);
                self.phase =
                    Phase::Died { message: format!("The browser could not read it: {reason}"), file: Some(name) };
            }
            Action::Today(day) => self.options.today = Some(day),
            Action::SetServerVersion(server_version) => {
                self.set_options(Options { server_version, ..self.options.clone() }, &mut out);
            }
            Action::SetLayout(layout) => self.set_options(Options { layout, ..self.options.clone() }, &mut out),
            Action::SetDialect(dialect) => self.set_options(Options { dialect, ..self.options.clone() }, &mut out),
            Action::GoTo(to) => self.go_to(to, &mut out),
            Action::StepRevision(by) => self.step(by, &mut out),
            Action::Rested(rest) => self.rested(rest, &mut out),
            Action::ChooseTarget(target) => {
                if target != self.target && (target as usize) < self.overview.targets.len() {
                    if self.past != Past::default() {
                        // Every other target is shown as of its end.
                        self.ask(Purpose::Standing, Query::GoTo { target: self.target, revision: None }, &mut out);
                        self.ask(Purpose::Overview, Query::Overview, &mut out);
                        self.ask_findings(&mut out);
                    }
                    self.target = target;
                    self.selection = None;
                    self.trail.clear();
                    self.inspected = Inspected::Project;
                    self.drawing = Drawing::renewed(std::mem::take(&mut self.drawing));
                    self.listing = Listing::default();
                    self.ask_target(&mut out);
                    self.ask_history(&mut out);
                    self.ask_traits(&mut out);
                    self.ask_view(&mut out);
                    out.push(Effect::Persist);
                }
            }
            Action::Show(view) => {
                self.view = view;
                self.pane = Pane::Main;
                match view {
                    View::Report if self.report.is_none() => self.ask_report(&mut out),
                    View::List => self.ask_listing(&mut out),
                    _ => {}
                }
                out.push(Effect::Persist);
            }
            Action::ShowPane(pane) => self.pane = pane,
            Action::Select(selection) => self.select(&selection, true, &mut out),
            Action::Reveal(key) => {
                self.view = View::Diagram;
                self.pane = Pane::Main;
                self.select(&Selection::Relation(key, None), true, &mut out);
                self.uncover(key, &mut out);
                self.fly(Flight::Table(key));
            }
            Action::Back => {
                if let Some(previous) = self.trail.pop() {
                    self.select(&previous, false, &mut out);
                }
            }
            Action::Deselect => {
                self.deselect();
                out.push(Effect::Persist);
            }
            Action::FilterTree(text) => self.tree_filter = text,
            Action::FilterFindings(filter) => {
                if filter != self.findings.filter {
                    self.findings.filter = filter;
                    self.findings.open.clear();
                    self.ask_findings(&mut out);
                }
            }
            Action::GroupFindings(grouped) => self.findings.grouped = Some(grouped),
            Action::ToggleGroup(rule) => {
                if self.findings.open.remove(&rule).is_none() {
                    self.findings.open.insert(rule.clone(), Rc::default());
                    let filter = self.findings.of_rule(&rule);
                    let page = Page { offset: 0, limit: FINDINGS_PAGE };
                    self.ask(Purpose::Group(rule), Query::Findings { filter, page }, &mut out);
                }
            }
            Action::MoreFindings => {
                let offset = u32::try_from(self.findings.rows.len()).unwrap_or(u32::MAX);
                let filter = self.findings.filter.clone();
                let page = Page { offset, limit: FINDINGS_PAGE };
                self.ask(Purpose::Findings { append: true }, Query::Findings { filter, page }, &mut out);
            }
            Action::MoreProblems => {
                let offset = self.problems.as_ref().map_or(0, |p| p.rows.len());
                let page = Page { offset: u32::try_from(offset).unwrap_or(u32::MAX), limit: PROBLEMS_PAGE };
                self.ask(Purpose::Problems { append: true }, Query::Problems { page }, &mut out);
            }
            Action::ToggleFinding(index) => {
                if !self.findings.expanded.remove(&index) {
                    self.findings.expanded.insert(index);
                }
            }
            Action::ShowSource { locations, active } => self.show_source(locations, active, &mut out),
            Action::ActivateTab(index) => {
                if index < self.source.tabs.len() {
                    self.source.active = index;
                    self.cut_active(&mut out);
                }
            }
            Action::CloseTab(index) => {
                if index < self.source.tabs.len() {
                    self.source.tabs.remove(index);
                    if self.source.active > index || self.source.active >= self.source.tabs.len() {
                        self.source.active = self.source.active.saturating_sub(1);
                    }
                    self.source.open = !self.source.tabs.is_empty();
                    self.leave_source_pane();
                    self.cut_active(&mut out);
                }
            }
            Action::CloseSource => {
                self.source.open = false;
                self.leave_source_pane();
            }
            Action::Excerpt { tab, excerpt } => {
                if let Some(t) = self.source.tabs.iter_mut().find(|t| t.id == tab) {
                    t.excerpt = Some(excerpt);
                }
            }
            Action::NoCopy { tab } => {
                if let Some(t) = self.source.tabs.iter().find(|t| t.id == tab) {
                    let Location { file, start, end, .. } = t.location;
                    self.ask(Purpose::SourceText { tab }, Query::Source { file, start, end }, &mut out);
                }
            }
            Action::OpenPalette => {
                if self.phase == Phase::Workspace && self.palette.is_none() {
                    let hits = commands::hits(self, "", &[]).into();
                    self.palette = Some(Palette { settled: true, hits, ..Palette::default() });
                }
            }
            Action::OpenRoutes => {
                if self.highlighted().is_some() {
                    self.palette = Some(Palette { settled: true, routes: true, ..Palette::default() });
                } else {
                    self.tell("Select a table first.", &mut out);
                }
            }
            Action::ClosePalette => self.palette = None,
            Action::Type(text) => self.type_search(text, &mut out),
            Action::MoveHit(by) => {
                if let Some(p) = &mut self.palette
                    && !p.hits.is_empty()
                {
                    let n = i64::try_from(p.hits.len()).unwrap_or(1);
                    let at = i64::try_from(p.active).unwrap_or(0) + i64::from(by);
                    p.active = usize::try_from(at.rem_euclid(n)).unwrap_or(0);
                }
            }
            Action::OpenHit(index) => {
                let routes = self.palette.as_ref().is_some_and(|p| p.routes);
                if let Some(hit) = self.palette.as_ref().and_then(|p| p.hits.get(index)).cloned() {
                    self.palette = None;
                    self.open(hit, routes, &mut out);
                }
            }
            Action::OpenDialog(dialog) => self.dialog = Some(dialog),
            Action::CloseDialog => self.dialog = None,
            Action::SaveReport(format) => {
                let query = Query::Report { format, options: self.report_choices.clone() };
                self.ask(Purpose::Download, query, &mut out);
            }
            Action::CopyPullRequest => {
                let query = Query::Report { format: ReportFormat::PullRequest, options: self.report_choices.clone() };
                self.ask(Purpose::Copy, query, &mut out);
            }
            Action::ChooseReport(choices) => self.choose_report(*choices, &mut out),
            Action::Waive(waiver) => self.waive(*waiver, &mut out),
            Action::Unwaive(fingerprint) => self.unwaive(&fingerprint, &mut out),
            Action::SaveWaivers => self.ask(Purpose::Download, Query::Waivers, &mut out),
            Action::SaveFix(fingerprints) => {
                self.ask(Purpose::Download, Query::Fix { target: self.target, fingerprints }, &mut out);
            }
            Action::SaveSchema => self.ask(Purpose::Download, Query::Squash { target: self.target }, &mut out),
            Action::ExportDiagram(format) => {
                let query = self.export_query(format);
                self.ask(Purpose::Download, query, &mut out);
            }
            Action::ExportPicture(scale) => self.ask_picture(Purpose::Picture(scale), &mut out),
            Action::PrintDiagram => self.ask_picture(Purpose::Print, &mut out),
            Action::PictureFailed(why) => self.tell(&why, &mut out),
            Action::Change(change) => self.change(*change, &mut out),
            Action::SetLens(lens) => self.set_lens(lens, &mut out),
            Action::Mark(key) => self.mark(key),
            Action::Unmark => self.drawing.marked = Rc::default(),
            Action::Connect(key) => self.connect(key, &mut out),
            Action::Disconnect => {
                self.drawing.ends = None;
                self.look();
            }
            Action::Undo => self.undo(&mut out),
            Action::Redo => self.redo(&mut out),
            Action::Fit => {
                self.view = View::Diagram;
                self.pane = Pane::Main;
                self.fly(Flight::All);
            }
            Action::SaveBoard => {
                let file = BoardFile::of(&self.drawing.board);
                out.push(Effect::SaveBoard(
                    format!("{}-diagram.json", relata_protocol::file_stem(&self.project_name())),
                    Box::new(file),
                ));
            }
            Action::LoadBoard(file) => match file.open() {
                Ok(board) => {
                    self.dialog = None;
                    self.change(Change::Load(Box::new(board)), &mut out);
                }
                Err(message) => self.tell(&message, &mut out),
            },
            Action::BoardFound(board) => self.board_found(*board, &mut out),
            Action::Edit(file) => self.edit(file, &mut out),
            Action::CloseEditor => self.close_editor(&mut out),
            Action::TextRead { file, text } => self.text_read(&file, text),
            Action::TextChanged { file, text } => self.text_changed(&file, text, &mut out),
            Action::Follow(name) => {
                if name.is_none() && self.following.is_some() {
                    out.push(Effect::Unfollow);
                }
                self.following = name;
            }
            Action::FolderChanged { files, gone } => self.folder_changed(files, &gone, &mut out),
            Action::Offered(offer) => self.offer = Some(offer),
            Action::Restore(saved) => self.restore(*saved, &mut out),
            Action::Forget => {
                self.offer = None;
                self.close(&mut out);
                // After all else, which may want something to be kept.
                out.push(Effect::ForgetAll);
                self.tell(
                    "Forgotten: files, arrangements and settings of this page are gone from this browser.",
                    &mut out,
                );
            }
            Action::NotKept(why) => self.not_kept = Some(why),
            Action::Resize(panel, size) => {
                self.prefs.resize(panel, size);
                out.push(Effect::Remember(self.prefs.clone()));
            }
            Action::TogglePanel(panel) => {
                self.prefs.toggle(panel);
                out.push(Effect::Remember(self.prefs.clone()));
            }
            Action::SetTheme(theme) => {
                self.prefs.theme = theme;
                out.push(Effect::Remember(self.prefs.clone()));
            }
            Action::Dragging(over) => self.dragging = over,
            Action::Copied(what) => self.tell(&format!("{what} copied."), &mut out),
            Action::Tell(text) => self.tell(&text, &mut out),
            Action::NoticeOver(id) => {
                if self.notice.as_ref().is_some_and(|n| n.id == id) {
                    self.notice = None;
                }
            }
        }
        out
    }

    fn set_options(&mut self, options: Options, out: &mut Vec<Effect>) {
        self.dialog = None;
        if self.options != options {
            self.options = options;
            self.reanalyse(out);
        }
    }

    fn deselect(&mut self) {
        self.drawing.marked = Rc::default();
        self.drawing.ends = None;
        self.selection = None;
        self.trail.clear();
        self.inspected = Inspected::Project;
        self.about = Rc::default();
        self.look();
    }

    fn give(&mut self, files: Vec<Given>, add: bool, out: &mut Vec<Effect>) {
        self.dragging = false;
        self.dialog = None;
        if files.is_empty() {
            self.tell("Nothing to read in that: no file that can describe a schema.", out);
            return;
        }
        if !add {
            let (before, today) = (self.project_name(), self.options.today);
            self.given.clear();
            let waivers = std::mem::take(&mut self.options.waivers);
            // Another version of the same project: what was accepted of it still is.
            let again = State { given: files.clone(), ..Self::new(Prefs::default()) }.project_name() == before;
            self.options = Options { today, waivers: if again { waivers } else { Vec::new() }, ..Options::default() };
            if self.following.take().is_some() {
                out.push(Effect::Unfollow);
            }
        }
        for file in files.into_iter().take(intake::MAX_FILES) {
            // The same name again replaces: that is how a changed file is given anew.
            match self.given.iter_mut().find(|g| g.name == file.name) {
                Some(old) if add => *old = file,
                _ => self.given.push(file),
            }
        }
        if add { self.reanalyse(out) } else { self.analyse(out) }
    }

    fn analyse(&mut self, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Working(_) | Phase::Died { .. }) {
            out.push(Effect::Terminate);
        }
        self.session += 1;
        self.forget_model();
        let files: Vec<String> = self.given.iter().filter(|g| !g.left_out).map(|g| g.name.clone()).collect();
        let total = self.given.iter().filter(|g| !g.left_out).map(|g| g.size).sum();
        self.phase = Phase::Working(Progress { stage: Stage::Read, done: 0, total, file: files.first().cloned() });
        out.push(Effect::Analyse { session: self.session, options: self.options.clone(), files });
    }

    fn forget_model(&mut self) {
        let prefs = std::mem::take(&mut self.prefs);
        let fresh = Self::new(prefs);
        let old = std::mem::replace(self, fresh);
        self.ready = old.ready;
        self.report_choices = old.report_choices;
        self.chapters = old.chapters;
        self.given = old.given;
        self.session = old.session;
        self.options = old.options;
        self.rules = old.rules;
        self.view = old.view;
        self.notice = old.notice;
        self.next_id = old.next_id;
        self.findings.grouped = old.findings.grouped;
        self.drawing = Drawing::renewed(old.drawing);
        self.following = old.following;
        self.not_kept = old.not_kept;
        self.offer = old.offer;
    }

    fn close(&mut self, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Died { .. }) {
            out.push(Effect::Terminate);
        }
        self.session += 1;
        self.given.clear();
        self.options = Options { today: self.options.today, ..Options::default() };
        self.forget_model();
        self.drawing = Drawing { epoch: self.drawing.epoch, layout: self.drawing.layout, ..Drawing::default() };
        self.view = View::Diagram;
        if self.following.take().is_some() {
            out.push(Effect::Unfollow);
        }
        out.push(Effect::Keep(Vec::new()));
        out.push(Effect::Persist);
        out.push(Effect::FocusMain);
    }

    fn hear(&mut self, message: FromWorker, bytes: &Rc<[u8]>, out: &mut Vec<Effect>) {
        match message {
            FromWorker::Hello { protocol, .. } if protocol != VERSION => {
                self.phase = Phase::Unusable(format!(
                    "The page speaks version {VERSION} with its engine, the engine version {protocol}. Reload the page; if that does not help, the copy on this server is incomplete."
                ));
            }
            FromWorker::Hello { .. } => {}
            FromWorker::Progress { session, progress } => {
                if session == self.session {
                    match (&mut self.phase, &mut self.analysing) {
                        (Phase::Working(now), _) | (_, Some(now)) => *now = progress,
                        _ => {}
                    }
                }
            }
            FromWorker::Ready { session, overview } => {
                if session == self.session && self.analysing.is_some() {
                    self.analysed_again(Rc::from(overview), out);
                } else if session == self.session {
                    self.overview = Rc::from(overview);
                    self.phase = if self.overview.targets.is_empty() { Phase::Nothing } else { Phase::Workspace };
                    let page = Page { offset: 0, limit: PROBLEMS_PAGE };
                    self.ask(Purpose::Problems { append: false }, Query::Problems { page }, out);
                    if self.phase == Phase::Workspace {
                        let shown = self.retarget.take();
                        self.target = self.target_where(|t| Some(&t.id) == shown.as_ref());
                        self.ask_target(out);
                        self.ask_findings(out);
                        self.ask_history(out);
                        self.ask_view(out);
                        self.ask_traits(out);
                        out.push(Effect::FindBoard(self.project_name()));
                        out.push(Effect::Persist);
                    }
                    out.push(Effect::FocusMain);
                }
            }
            FromWorker::Answer { session, id, answer } => {
                if session == self.session
                    && let Some(purpose) = self.pending.remove(&id)
                {
                    self.answered(purpose, *answer, bytes, out);
                }
            }
            FromWorker::Failed { session: None, message, .. } => {
                self.phase = Phase::Unusable(message);
            }
            FromWorker::Failed { session: Some(session), file, message } => {
                if session == self.session {
                    self.phase = Phase::Died { message, file };
                    out.push(Effect::Terminate);
                    out.push(Effect::FocusMain);
                }
            }
        }
    }

    fn answered(&mut self, purpose: Purpose, answer: Answer, bytes: &Rc<[u8]>, out: &mut Vec<Effect>) {
        match (purpose, answer) {
            (Purpose::Tables, Answer::Tables(list)) => {
                self.tables = Some(list.into());
                self.reselect(out);
                self.try_waiting(out);
                self.look();
            }
            (Purpose::Traits, Answer::Traits(traits)) => {
                self.drawing.traits = Some(Rc::from(traits));
                self.look();
            }
            (Purpose::Chapters, Answer::Chapters(chapters)) => self.chapters = chapters.into(),
            (Purpose::Copy, Answer::File(_)) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                out.push(Effect::Copy { text, what: "Markdown for a pull request".to_owned() });
            }
            (Purpose::Listing, Answer::Details(page)) => self.listed(page, out),
            (Purpose::Picture(scale), Answer::File(file)) => {
                let name = file.name.trim_end_matches(".svg").to_owned() + ".png";
                out.push(Effect::SavePicture { name, svg: Rc::clone(bytes), scale });
                if let Some(caution) = file.caution {
                    self.tell(&caution, out);
                }
            }
            (Purpose::Print, Answer::File(_)) => out.push(Effect::PrintPicture(Rc::clone(bytes))),
            (Purpose::Diagram, Answer::Diagram(diagram)) => match Scene::build(&diagram, bytes) {
                Some(scene) => {
                    self.drawing.fresh |= self.past.at.is_some() || self.is_moving();
                    self.laid_out(scene);
                    self.scene_error = None;
                    self.arrived(out);
                }
                None => {
                    self.scene_error = Some("The engine's layout could not be read. Reload the page.".to_owned());
                    self.arrived(out);
                }
            },
            (Purpose::Diagram, Answer::Refused { message }) => {
                self.scene_error = Some(message);
                self.arrived(out);
            }
            (purpose @ (Purpose::History | Purpose::Revision | Purpose::Overview | Purpose::Standing), answer) => {
                self.history_answered(&purpose, answer);
            }
            (Purpose::Inspect(s), answer) if Some(&s) == self.selection.as_ref() => match answer {
                Answer::Table(t) => self.inspected = Inspected::Table(Rc::from(t)),
                Answer::View(v) => self.inspected = Inspected::View(Rc::from(v)),
                Answer::Finding(f) => self.inspected = Inspected::Finding(Rc::from(f)),
                Answer::Refused { message } => {
                    self.inspected = Inspected::Gone(match self.past.at {
                        Some(at) => format!("It does not exist as of {}.", self.revision_name(at)),
                        None => message,
                    });
                }
                _ => {}
            },
            (Purpose::About, Answer::Findings(page)) => self.about = page.rows.into(),
            (Purpose::Findings { append: false }, Answer::Findings(page)) => {
                self.findings.rows = page.rows.clone().into();
                self.findings.page = Some(Rc::from(page));
            }
            (Purpose::Findings { append: true }, Answer::Findings(page))
                if page.offset as usize == self.findings.rows.len() =>
            {
                Rc::make_mut(&mut self.findings.rows).extend(page.rows);
            }
            (Purpose::Group(rule), Answer::Findings(page)) => {
                if let Some(rows) = self.findings.open.get_mut(&rule) {
                    *rows = page.rows.into();
                }
            }
            (Purpose::Search(text), Answer::Search(hits)) if self.palette.as_ref().is_some_and(|p| p.text == text) => {
                self.found(hits);
            }
            (Purpose::ReportPreview, Answer::File(_)) => {
                self.report = Some(String::from_utf8_lossy(bytes).into());
            }
            (Purpose::Download, Answer::File(file)) => {
                let caution = file.caution.map(|c| format!(" {c}")).unwrap_or_default();
                self.tell(&format!("Saved as {}.{caution}", file.name), out);
                out.push(Effect::Save { name: file.name, media_type: file.media_type, bytes: Rc::clone(bytes) });
            }
            (Purpose::Problems { append: false }, Answer::Problems(page)) => self.problems = Some(page.into()),
            (Purpose::Problems { append: true }, Answer::Problems(page)) => {
                if let Some(have) = self.problems.as_mut().filter(|h| h.rows.len() == page.offset as usize) {
                    Rc::make_mut(have).rows.extend(page.rows);
                }
            }
            (Purpose::SourceText { tab }, Answer::Source(text)) => {
                if let Some(t) = self.source.tabs.iter_mut().find(|t| t.id == tab) {
                    t.excerpt = Some(match text {
                        Some(text) => Ok(Rc::new(Excerpt::of_text(&text, t.location.line))),
                        None => Err("The text at this place was not kept: it is data, not schema.".to_owned()),
                    });
                }
            }
            (Purpose::SourceText { tab }, Answer::Refused { message }) => {
                if let Some(t) = self.source.tabs.iter_mut().find(|t| t.id == tab) {
                    t.excerpt = Some(Err(message));
                }
            }
            (
                Purpose::Download | Purpose::Copy | Purpose::ReportPreview | Purpose::Picture(_) | Purpose::Print,
                Answer::Refused { message },
            ) => self.tell(&message, out),
            _ => {}
        }
    }

    /// Asks, and forgets an earlier question of the same purpose: only the newest answer counts.
    fn ask(&mut self, purpose: Purpose, query: Query, out: &mut Vec<Effect>) {
        if self.analysing.is_some() || self.stale {
            // There is no model to ask. What is shown is asked for again when there is one.
            if matches!(purpose, Purpose::Download | Purpose::Copy | Purpose::Picture(_) | Purpose::Print) {
                let why =
                    if self.stale { "The files describe no schema as they are." } else { "The analysis is under way." };
                self.tell(&format!("{why} Try again after it."), out);
            }
            return;
        }
        let same = |p: &Purpose| match (p, &purpose) {
            (Purpose::Download, _) | (_, Purpose::Download) => false,
            (Purpose::Group(a), Purpose::Group(b)) => a == b,
            (Purpose::SourceText { tab: a }, Purpose::SourceText { tab: b }) => a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        };
        self.pending.retain(|_, p| !same(p));
        self.next_id += 1;
        self.pending.insert(self.next_id, purpose);
        out.push(Effect::Ask(self.next_id, query));
    }

    fn ask_target(&mut self, out: &mut Vec<Effect>) {
        let target = self.target;
        self.tables = None;
        self.scene = None;
        self.scene_error = None;
        self.ask(Purpose::Tables, Query::Tables { target, filter: TableFilter::default() }, out);
        self.ask_diagram(out);
    }

    /// What the view that is shown needs beside what is always there.
    fn ask_view(&mut self, out: &mut Vec<Effect>) {
        match self.view {
            View::Report => self.ask_report(out),
            View::List => self.ask_listing(out),
            _ => {}
        }
    }

    fn ask_picture(&mut self, purpose: Purpose, out: &mut Vec<Effect>) {
        let query = self.export_query(DiagramFormat::Svg);
        self.ask(purpose, query, out);
    }

    fn ask_findings(&mut self, out: &mut Vec<Effect>) {
        let filter = self.findings.filter.clone();
        let page = Page { offset: 0, limit: FINDINGS_PAGE };
        self.ask(Purpose::Findings { append: false }, Query::Findings { filter, page }, out);
    }

    fn select(&mut self, selection: &Selection, remember: bool, out: &mut Vec<Effect>) {
        if Some(selection) == self.selection.as_ref() {
            return;
        }
        let same_relation = match (&self.selection, selection) {
            (Some(Selection::Relation(a, _)), Selection::Relation(b, _)) => a == b,
            _ => false,
        };
        if let Some(old) = self.selection.replace(selection.clone())
            && remember
            && !same_relation
        {
            self.trail.push(old);
            let excess = self.trail.len().saturating_sub(50);
            self.trail.drain(..excess);
        }
        if self.prefs.is_hidden(Panel::Right) {
            self.prefs.toggle(Panel::Right);
        }
        if same_relation {
            return;
        }
        if self.drawing.lens == Lens::Cascade {
            self.look();
        }
        self.inspected = Inspected::Waiting;
        self.about = Rc::default();
        match selection {
            Selection::Relation(key, _) => self.ask_relation(*key, out),
            Selection::Finding(index) => {
                self.ask(Purpose::Inspect(selection.clone()), Query::Finding { index: *index }, out);
            }
            Selection::Rule(name) => self.inspected = Inspected::Rule(name.clone()),
        }
        out.push(Effect::Persist);
    }

    /// Asks for a table or view that is selected, and for the findings about it unless it is only passed by.
    fn ask_relation(&mut self, key: RelationKey, out: &mut Vec<Effect>) {
        let target = self.target;
        let query = match key.kind {
            RelationKind::Table => Query::Table { target, id: key.id },
            RelationKind::View => Query::View { target, id: key.id },
        };
        let Some(selection) = self.selection.clone() else { return };
        self.ask(Purpose::Inspect(selection), query, out);
        if !self.is_moving() {
            let filter = FindingsFilter { target: Some(target), relation: Some(key), ..FindingsFilter::default() };
            let page = Page { offset: 0, limit: FINDINGS_PAGE };
            self.ask(Purpose::About, Query::Findings { filter, page }, out);
        }
    }

    fn show_source(&mut self, locations: Vec<Location>, active: usize, out: &mut Vec<Effect>) {
        if locations.is_empty() {
            return;
        }
        let mut tabs = Vec::new();
        for location in locations {
            self.next_id += 1;
            tabs.push(Tab { id: self.next_id, location, excerpt: None });
        }
        self.source = Source { open: true, active: active.min(tabs.len().saturating_sub(1)), tabs };
        self.pane = Pane::Source;
        self.cut_active(out);
    }

    fn cut_active(&self, out: &mut Vec<Effect>) {
        if let Some(tab) = self.source.tabs.get(self.source.active)
            && tab.excerpt.is_none()
        {
            let file = self.file_name(tab.location.file).to_owned();
            out.push(Effect::Cut { tab: tab.id, file, location: tab.location });
        }
    }

    fn leave_source_pane(&mut self) {
        if self.pane == Pane::Source && !self.source.open {
            self.pane = Pane::Main;
        }
    }

    fn type_search(&mut self, text: String, out: &mut Vec<Effect>) {
        let Some(p) = &mut self.palette else { return };
        p.text.clone_from(&text);
        p.active = 0;
        if text.trim().is_empty() || text.trim_start().starts_with('>') {
            self.pending.retain(|_, p| !matches!(p, Purpose::Search(_)));
            self.found(Vec::new());
        } else {
            // What was shown for less of the text must not be opened by an Enter that comes before the answer.
            self.found(Vec::new());
            if let Some(p) = &mut self.palette {
                p.settled = false;
            }
            self.ask(Purpose::Search(text.clone()), Query::Search { text, limit: SEARCH_LIMIT }, out);
        }
    }

    /// Puts together what the search shows.
    fn found(&mut self, mut found: Vec<SearchHit>) {
        let Some(p) = &self.palette else { return };
        let hits = if p.routes {
            found.retain(|h| h.relation.is_some_and(|r| self.path_of(r) == Some(&h.path)));
            found.iter().cloned().map(Hit::Found).collect()
        } else {
            commands::hits(self, &p.text, &found)
        };
        if let Some(p) = &mut self.palette {
            (p.found, p.hits, p.active, p.settled) = (found, hits.into(), 0, true);
        }
    }

    /// Opens what the search found; where it was for the end of a way, draws that.
    fn open(&mut self, hit: Hit, routes: bool, out: &mut Vec<Effect>) {
        match hit {
            Hit::Found(hit) if routes => {
                if let Some(key) = hit.relation {
                    self.connect(key, out);
                }
                out.push(Effect::FocusMain);
            }
            Hit::Found(hit) => self.open_hit(&hit, out),
            Hit::Command(command) => out.extend(self.reduce(command.action)),
            Hit::Revision(at, ..) => {
                self.view = View::History;
                self.go_to(Some(at), out);
                out.push(Effect::FocusMain);
            }
        }
    }

    fn open_hit(&mut self, hit: &SearchHit, out: &mut Vec<Effect>) {
        if let Some(target) = hit.target
            && target != self.target
        {
            out.extend(self.reduce(Action::ChooseTarget(target)));
        }
        if let Some(index) = hit.finding {
            self.view = View::Findings;
            self.pane = Pane::Inspector;
            self.select(&Selection::Finding(index), true, out);
        } else if let Some(key) = hit.relation {
            self.view = View::Diagram;
            self.pane = Pane::Main;
            let column = hit.column.map(|_| hit.label.clone());
            self.select(&Selection::Relation(key, column), true, out);
            self.uncover(key, out);
            self.fly(Flight::Table(key));
        } else if let Some(location) = hit.location {
            self.show_source(vec![location], 0, out);
        }
        out.push(Effect::FocusMain);
    }

    fn fly(&mut self, to: Flight) {
        self.next_id += 1;
        self.flight = (self.next_id, to);
    }

    fn tell(&mut self, text: &str, out: &mut Vec<Effect>) {
        self.next_id += 1;
        self.notice = Some(Notice { id: self.next_id, text: text.to_owned() });
        out.push(Effect::Expire(self.next_id));
    }

    /// The name of a file of the analysis.
    pub fn file_name(&self, file: u32) -> &str {
        self.overview.files.get(file as usize).map_or("", |f| &f.name)
    }

    /// The first target of which something holds, else the first of all.
    fn target_where(&self, holds: impl Fn(&relata_protocol::TargetInfo) -> bool) -> u32 {
        self.overview.targets.iter().position(holds).and_then(|at| u32::try_from(at).ok()).unwrap_or(0)
    }

    /// The target being looked at.
    pub fn target_info(&self) -> Option<&relata_protocol::TargetInfo> {
        self.overview.targets.get(self.target as usize)
    }

    /// The table or view that the selection is about: what the diagram brings forward.
    pub fn highlighted(&self) -> Option<RelationKey> {
        match (&self.selection, &self.inspected) {
            (Some(Selection::Relation(key, _)), _) => Some(*key),
            (Some(Selection::Finding(_)), Inspected::Finding(f)) => f.row.relation,
            _ => None,
        }
    }

    /// The column that is selected.
    pub fn highlighted_column(&self) -> Option<&str> {
        match &self.selection {
            Some(Selection::Relation(_, column)) => column.as_deref(),
            _ => None,
        }
    }

    /// The project's name: its only file or the folder that all files share, else how many there are.
    pub fn project_name(&self) -> String {
        let names: Vec<&str> = self.given.iter().map(|g| g.name.as_str()).collect();
        match names.as_slice() {
            [] => String::new(),
            [one] => one.rsplit('/').next().unwrap_or(one).to_owned(),
            [first, rest @ ..] => {
                let top = first.split_once('/').map(|(folder, _)| folder);
                match top.filter(|t| rest.iter().all(|n| n.split_once('/').map(|(f, _)| f) == Some(t))) {
                    Some(folder) => folder.to_owned(),
                    None => crate::text::counted(names.len() as u64, "file"),
                }
            }
        }
    }

    /// A rule's prose.
    pub fn rule(&self, name: &str) -> Option<&RuleDoc> {
        self.rules.iter().find(|r| r.name == name)
    }
}

#[cfg(test)]
mod diagram_tests;
#[cfg(test)]
pub(crate) mod tests;
