//! What happens to the page, and what the browser has to do about it.

use std::rc::Rc;

use relata_protocol::{
    DiagramFormat, FindingsFilter, FromWorker, Location, Options, Query, RelationKey, ReportChoices, ReportFormat,
    RuleDoc, WaiverSetting,
};

use super::diagram::Change;
use super::workspace::{Offer, Saved};
use super::{Dialog, Given, Pane, Selection, View};
use crate::board::{Board, BoardFile};
use crate::excerpt::Excerpt;
use crate::lens::Lens;
use crate::prefs::{Panel, Prefs, Theme};

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
    /// Whether the files are a part, which changes a database that is there already.
    SetPartial(bool),
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
    /// Puts an image on the report's cover, or takes it off; other choices may have changed while it was read.
    PutLogo(Option<String>),
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
