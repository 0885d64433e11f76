//! The workspace: files that change while it is open, the editor, the list of everything, and what is kept for a reload.

use std::rc::Rc;

use relata_protocol::{DetailsPage, Options, Overview, Page, Progress, Query, RelationDetail, Stage};
use serde::{Deserialize, Serialize};

use super::{Effect, Given, Inspected, PROBLEMS_PAGE, Pane, Phase, Purpose, Selection, Source, State, View};
use crate::board::Board;
use crate::intake;
use crate::lens::Lens;

/// How many tables one question for the list asks for.
const LISTING_PAGE: u32 = 60;
/// The largest file that is edited in the page, in bytes.
pub const MAX_EDIT: u64 = 1_000_000;
/// The version of what is kept for a reload.
pub const KEPT_VERSION: u32 = 1;

/// The whole schema as a list: as much of it as has come.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Listing {
    /// How many tables and views there are.
    pub total: u32,
    /// Those that have come, by page: a page never changes once it is here.
    pub pages: Rc<Vec<Rc<[RelationDetail]>>>,
    /// Whether it was asked for.
    pub asked: bool,
}

impl Listing {
    /// How many have come.
    pub fn here(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }
}

/// A file being edited.
#[derive(Clone, PartialEq, Debug)]
pub struct Editing {
    /// Its name.
    pub file: String,
    /// Its text as it was opened; `None` until it was read.
    pub text: Option<Result<Rc<str>, String>>,
}

/// A project that was kept, as the landing offers it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Its name.
    pub name: String,
    /// How many files it has.
    pub files: usize,
    /// What it is kept under.
    pub key: String,
}

/// What is kept of a project for a reload, beside its files.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Saved {
    /// [`KEPT_VERSION`].
    pub version: u32,
    /// The project's name.
    pub name: String,
    /// Its files in their order: names and sizes.
    pub files: Vec<(String, u64)>,
    /// What the user set.
    pub options: Options,
    /// The view, by its name.
    pub view: String,
    /// The diagram's arrangement.
    pub board: Board,
    /// The lens, by its word.
    pub lens: String,
    /// The path of what is selected.
    pub selected: Option<String>,
    /// The target that is shown, by its id.
    pub target: Option<String>,
}

impl State {
    /// Analyses the files as they are now, behind the workspace where one is open.
    pub(super) fn reanalyse(&mut self, out: &mut Vec<Effect>) {
        if self.phase != Phase::Workspace {
            self.analyse(out);
            return;
        }
        if self.analysing.is_some() {
            self.dirty = true;
            return;
        }
        self.reselect = match &self.selection {
            Some(Selection::Relation(key, column)) => self.path_of(*key).map(|p| (p.to_owned(), column.clone())),
            _ => None,
        }
        .or_else(|| self.reselect.take());
        self.session += 1;
        self.pending.clear();
        let files: Vec<String> = self.given.iter().filter(|g| !g.left_out).map(|g| g.name.clone()).collect();
        let total = self.given.iter().filter(|g| !g.left_out).map(|g| g.size).sum();
        self.analysing = Some(Progress { stage: Stage::Read, done: 0, total, file: files.first().cloned() });
        self.stale = false;
        out.push(Effect::Analyse { session: self.session, options: self.options.clone(), files });
    }

    /// The files as they are now are analysed: everything that is shown is asked for again, and stays until its answer is there.
    pub(super) fn analysed_again(&mut self, overview: Rc<Overview>, out: &mut Vec<Effect>) {
        self.analysing = None;
        if std::mem::take(&mut self.dirty) {
            self.reanalyse(out);
            return;
        }
        if overview.targets.is_empty() {
            self.stale = true;
            self.tell("The files as they are now describe no schema; what you see is the last that did.", out);
            return;
        }
        let role = self.target_info().map(|t| (t.id.clone(), t.role.clone()));
        self.overview = overview;
        self.target = self.target_where(|t| role.as_ref() == Some(&(t.id.clone(), t.role.clone())));
        // Indexes and places of before mean nothing any more.
        self.trail.clear();
        self.findings.open.clear();
        self.findings.expanded.clear();
        self.source = Source::default();
        if self.pane == Pane::Source && self.editing.is_none() {
            self.pane = Pane::Main;
        }
        self.report = None;
        self.listing = Listing::default();
        self.drawing.ends = None;
        if !matches!(self.selection, Some(Selection::Rule(_))) {
            self.selection = None;
            self.inspected = if self.reselect.is_some() { self.inspected.clone() } else { Inspected::Project };
        }
        self.about = Rc::default();
        let problems = Query::Problems { page: Page { offset: 0, limit: PROBLEMS_PAGE } };
        self.ask(Purpose::Problems { append: false }, problems, out);
        let tables = Query::Tables { target: self.target, filter: relata_protocol::TableFilter::default() };
        self.ask(Purpose::Tables, tables, out);
        self.ask_diagram(out);
        self.ask_findings(out);
        self.ask_history(out);
        self.ask_view(out);
        self.ask_traits(out);
        out.push(Effect::Persist);
    }

    /// Selects again what was selected before the files changed, where it is still there.
    pub(super) fn reselect(&mut self, out: &mut Vec<Effect>) {
        let Some((path, column)) = self.reselect.take() else { return };
        if self.selection.is_some() {
            return;
        }
        match self.key_of(&path) {
            Some(key) => {
                let shown = std::mem::replace(&mut self.inspected, Inspected::Project);
                self.select(&Selection::Relation(key, column), false, out);
                // Until the answer is there: what was shown before, not a flash of nothing.
                self.inspected = shown;
            }
            None => self.inspected = Inspected::Gone(format!("{path} does not exist any more.")),
        }
    }

    pub(super) fn ask_listing(&mut self, out: &mut Vec<Effect>) {
        if !self.listing.asked {
            self.listing = Listing { asked: true, ..Listing::default() };
            self.ask_more_of_list(out);
        }
    }

    fn ask_more_of_list(&mut self, out: &mut Vec<Effect>) {
        let offset = u32::try_from(self.listing.here()).unwrap_or(u32::MAX);
        let page = Page { offset, limit: LISTING_PAGE };
        self.ask(Purpose::Listing, Query::Details { target: self.target, page }, out);
    }

    pub(super) fn listed(&mut self, page: DetailsPage, out: &mut Vec<Effect>) {
        if page.offset as usize != self.listing.here() {
            return;
        }
        let more = !page.rows.is_empty() && page.offset as usize + page.rows.len() < page.total as usize;
        self.listing.total = page.total;
        if !page.rows.is_empty() {
            Rc::make_mut(&mut self.listing.pages).push(page.rows.into());
        }
        if more {
            self.ask_more_of_list(out);
        }
    }

    pub(super) fn edit(&mut self, file: String, out: &mut Vec<Effect>) {
        let Some(given) = self.given.iter().find(|g| g.name == file) else {
            self.tell("This file is inside an archive: unpack it to edit it here.", out);
            return;
        };
        let text = (given.size > MAX_EDIT)
            .then(|| Err("This file is too large to be edited here. Edit it elsewhere and drop it again.".to_owned()));
        self.pane = Pane::Source;
        if text.is_none() {
            out.push(Effect::ReadText(file.clone()));
        }
        self.editing = Some(Editing { file, text });
    }

    pub(super) fn close_editor(&mut self, out: &mut Vec<Effect>) {
        self.editing = None;
        if self.pane == Pane::Source && !self.source.open {
            self.pane = Pane::Main;
        }
        out.push(Effect::FocusMain);
    }

    pub(super) fn text_read(&mut self, file: &str, text: Result<Rc<str>, String>) {
        if let Some(editing) = self.editing.as_mut().filter(|e| e.file == file) {
            editing.text = Some(text);
        }
    }

    pub(super) fn text_changed(&mut self, file: &str, text: Rc<str>, out: &mut Vec<Effect>) {
        let Some(given) = self.given.iter_mut().find(|g| g.name == file) else { return };
        given.size = text.len() as u64;
        given.left_out = false;
        out.push(Effect::Write { file: file.to_owned(), text });
        self.reanalyse(out);
    }

    pub(super) fn folder_changed(&mut self, files: Vec<Given>, gone: &[String], out: &mut Vec<Effect>) {
        self.given.retain(|g| !gone.contains(&g.name));
        for file in files {
            match self.given.iter_mut().find(|g| g.name == file.name) {
                Some(old) => *old = file,
                None => self.given.push(file),
            }
        }
        self.given.sort_by(|a, b| intake::natural_order(&a.name, &b.name));
        if self.given.is_empty() {
            self.tell("The folder holds no file that can describe a schema any more.", out);
            return;
        }
        out.push(Effect::Keep(self.given.iter().map(|g| g.name.clone()).collect()));
        self.reanalyse(out);
    }

    /// What is kept for a reload; nothing when no project is open.
    pub fn saved(&self) -> Option<Saved> {
        if self.phase != Phase::Workspace {
            return None;
        }
        let selected = match &self.selection {
            Some(Selection::Relation(key, _)) => self.path_of(*key).map(str::to_owned),
            _ => None,
        };
        Some(Saved {
            version: KEPT_VERSION,
            name: self.project_name(),
            files: self.given.iter().filter(|g| !g.left_out).map(|g| (g.name.clone(), g.size)).collect(),
            options: self.options.clone(),
            view: self.view.name().to_owned(),
            board: (*self.drawing.board).clone(),
            lens: self.drawing.lens.id().to_owned(),
            selected,
            target: self.target_info().map(|t| t.id.clone()),
        })
    }

    pub(super) fn restore(&mut self, saved: Saved, out: &mut Vec<Effect>) {
        self.offer = None;
        if saved.version != KEPT_VERSION {
            let words = "What an earlier visit left is of another version of this page and could not be opened.";
            self.tell(words, out);
            return;
        }
        self.given = saved.files.into_iter().map(|(name, size)| Given { name, size, left_out: false }).collect();
        if self.given.is_empty() {
            return;
        }
        self.options = Options { today: self.options.today, ..saved.options };
        self.analyse(out);
        self.view = View::ALL.into_iter().find(|v| v.name() == saved.view).unwrap_or(View::Diagram);
        self.drawing.lens = Lens::of(&saved.lens).unwrap_or_default();
        self.drawing.waiting = Some(Rc::new(saved.board));
        self.reselect = saved.selected.map(|path| (path, None));
        self.retarget = saved.target;
    }
}
