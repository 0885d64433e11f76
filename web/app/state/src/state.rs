//! All that the page knows, and what changes it: [`State::reduce`] takes an [`Action`] and gives the [`Effect`]s that the browser carries out.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use relata_protocol::{
    Chapter, FindingDetail, FindingRow, FindingsFilter, FindingsPage, Location, Options, Overview, ProblemsPage,
    Progress, RelationKey, ReportChoices, RuleDoc, SearchHit, TableDetail, TableList, ViewDetail,
};

use crate::commands::Hit;
use crate::excerpt::Excerpt;
use crate::prefs::Prefs;
use crate::scene::Scene;

mod action;
mod answers;
pub mod diagram;
pub mod history;
mod policy;
mod reduce;
mod selecting;
pub mod workspace;

pub use self::action::{Action, Effect};
use self::diagram::{Drawing, Flight};
use self::history::Past;
use self::workspace::{Editing, Listing, Offer};

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
