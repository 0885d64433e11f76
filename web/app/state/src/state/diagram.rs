//! The diagram: the user's arrangement with its undo, lenses, and ways between tables.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use relata_protocol::{Detail, DiagramFormat, DiagramOptions, Query, RelationKey, RelationKind, Traits, WaiverSetting};

use super::{Effect, Purpose, State};
use crate::board::{Board, Focus, arrange, exported};
use crate::lens::{Lens, Seen, Shading, shade};
use crate::scene::{Scene, Way};
use crate::text;

/// How many changes can be undone.
const UNDO: usize = 100;
/// How far a key moves a table, in world units.
pub const NUDGE: i32 = 20;
/// The farthest neighbours that a focus shows.
pub const MOST_HOPS: u32 = 3;

/// Where the diagram was told to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Flight {
    /// Where it looks.
    #[default]
    Stay,
    /// At a table.
    Table(RelationKey),
    /// At everything.
    All,
    /// At the way between two tables.
    Way,
}

/// What the page knows of the diagram.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drawing {
    /// The layout as the engine gave it.
    pub base: Option<Rc<Scene>>,
    /// Counts what is another diagram, to be shown whole.
    pub epoch: u32,
    /// Counts layouts: what is seen is kept in its place where it is in both.
    pub layout: u32,
    /// The user's arrangement.
    pub board: Rc<Board>,
    /// Tables that are marked together, by path.
    pub marked: Rc<BTreeSet<String>>,
    /// The question that tables are coloured by.
    pub lens: Lens,
    /// The answer.
    pub shading: Option<Rc<Shading>>,
    /// The tables whose connection is shown.
    pub ends: Option<(RelationKey, RelationKey)>,
    /// The connection.
    pub way: Option<Rc<Way>>,
    /// Habits and origins of the target.
    pub traits: Option<Rc<Traits>>,
    /// An arrangement that may be about this schema: it is put on once the tables are known.
    pub(super) waiting: Option<Rc<Board>>,
    pub(super) undo: Vec<(Step, &'static str)>,
    pub(super) redo: Vec<(Step, &'static str)>,
    /// The next layout is another diagram.
    pub(super) fresh: bool,
}

/// What was before a change that can be undone.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Step {
    /// The arrangement.
    Board(Rc<Board>),
    /// What the user accepted.
    Waivers(Vec<WaiverSetting>),
}

impl Drawing {
    /// Notes a change that can be undone.
    pub(super) fn done(&mut self, before: Step, what: &'static str) {
        self.undo.push((before, what));
        let excess = self.undo.len().saturating_sub(UNDO);
        self.undo.drain(..excess);
        self.redo.clear();
    }

    /// What would be undone, and what done again, in words.
    pub fn steps(&self) -> (Option<&'static str>, Option<&'static str>) {
        (self.undo.last().map(|(_, what)| *what), self.redo.last().map(|(_, what)| *what))
    }

    /// For another project or target: lens and detail stay, the arrangement waits to see whether it fits.
    pub(super) fn renewed(old: Self) -> Self {
        let board = Board { detail: old.board.detail, views: old.board.views, ..Board::default() };
        Self {
            epoch: old.epoch,
            layout: old.layout,
            board: Rc::new(board),
            waiting: (!old.board.is_plain()).then_some(old.board),
            lens: old.lens,
            fresh: true,
            ..Self::default()
        }
    }
}

/// A change of the arrangement. Where none is named it is about the tables that are marked, and the selected one.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs, reason = "the changes by name")]
pub enum Change {
    Detail(Detail),
    Views(bool),
    /// Only the selected table with neighbours so many references away; `None`: everything.
    Focus(Option<u32>),
    Hide,
    HideOthers,
    /// A hidden table, by path.
    Show(String),
    ShowAll,
    Collapse,
    /// A cluster, by name, becomes one box or many again.
    Fold(String),
    FoldAll,
    UnfoldAll,
    Pin,
    PinAll,
    Move(Vec<(String, [i32; 2])>),
    Nudge(i32, i32),
    Group,
    Ungroup(String),
    Rename(String, String),
    /// Where names of tables lead in exported pictures.
    Links(String),
    /// Everything as the layout has it.
    Reset,
    Load(Box<Board>),
}

impl Change {
    fn words(&self) -> &'static str {
        match self {
            Self::Detail(_) => "detail",
            Self::Views(_) => "views",
            Self::Focus(Some(_)) => "focus",
            Self::Focus(None) => "leaving the focus",
            Self::Hide | Self::HideOthers => "hiding",
            Self::Show(_) | Self::ShowAll => "showing",
            Self::Collapse => "collapsing",
            Self::Fold(_) | Self::FoldAll | Self::UnfoldAll => "folding",
            Self::Pin | Self::PinAll => "pinning",
            Self::Move(_) | Self::Nudge(..) => "moving",
            Self::Group => "grouping",
            Self::Ungroup(_) => "ungrouping",
            Self::Rename(..) => "renaming",
            Self::Links(_) => "links",
            Self::Reset => "reset",
            Self::Load(_) => "the arrangement",
        }
    }
}

impl State {
    /// What the diagram shows of the target.
    pub(super) fn diagram_options(&self) -> DiagramOptions {
        let board = &self.drawing.board;
        let focus = board.focus.as_ref().and_then(|f| Some((self.key_of(&f.table)?, f.hops)));
        DiagramOptions {
            detail: board.detail,
            focus: focus.map(|f| f.0),
            hops: focus.map_or(0, |f| f.1),
            include_views: board.views,
        }
    }

    /// The question for a file of the diagram, as it is arranged.
    pub(super) fn export_query(&self, format: DiagramFormat) -> Query {
        let rows = self.tables.as_ref().map(|t| t.rows.as_slice()).unwrap_or_default();
        let scene = self.scene.as_deref().filter(|_| format == DiagramFormat::Svg);
        let arrangement = exported(&self.drawing.board, scene, rows);
        Query::ExportDiagram { target: self.target, format, options: self.diagram_options(), arrangement }
    }

    /// The table or view of a path.
    pub fn key_of(&self, path: &str) -> Option<RelationKey> {
        self.tables.as_ref()?.rows.iter().find(|r| r.path == path).map(|r| r.relation)
    }

    /// The path of a table or view.
    pub fn path_of(&self, key: RelationKey) -> Option<&str> {
        self.tables.as_ref()?.rows.iter().find(|r| r.relation == key).map(|r| r.path.as_str())
    }

    /// The tables that a change is about: the marked ones and the selected one.
    pub fn subjects(&self) -> BTreeSet<String> {
        let selected = self.highlighted().and_then(|key| self.path_of(key)).map(str::to_owned);
        self.drawing.marked.iter().cloned().chain(selected).collect()
    }

    pub(super) fn ask_diagram(&mut self, out: &mut Vec<Effect>) {
        let query = Query::Diagram { target: self.target, options: self.diagram_options() };
        self.ask(Purpose::Diagram, query, out);
    }

    /// A layout has come.
    pub(super) fn laid_out(&mut self, scene: Scene) {
        let d = &mut self.drawing;
        d.base = Some(Rc::new(scene));
        d.layout += 1;
        if std::mem::take(&mut d.fresh) {
            d.epoch += 1;
        }
        self.rearrange();
    }

    /// Puts the arrangement on the layout.
    fn rearrange(&mut self) {
        let Some(base) = &self.drawing.base else { return };
        self.scene = Some(arrange(base, &self.drawing.board));
        self.look();
    }

    /// Finds anew what is brought forward in the diagram: colours and the way.
    pub(super) fn look(&mut self) {
        let Some(scene) = self.scene.clone() else { return };
        let shading = (self.drawing.lens != Lens::Off).then(|| {
            let rows = self.tables.as_ref().map(|t| t.rows.as_slice()).unwrap_or_default();
            let findings: BTreeMap<_, _> =
                rows.iter().filter(|r| r.findings.total() > 0).map(|r| (r.relation, r.findings)).collect();
            let seen = Seen {
                findings,
                traits: self.drawing.traits.as_deref(),
                selected: self.highlighted(),
                revisions: self.revision_shown() + 1,
            };
            shade(&scene, self.drawing.lens, &seen)
        });
        let shading = shading.flatten();
        if shading.as_ref() != self.drawing.shading.as_deref() {
            self.drawing.shading = shading.map(Rc::new);
        }
        let way = self.drawing.ends.and_then(|(a, b)| scene.way(scene.place(a)?, scene.place(b)?));
        if way.as_ref() != self.drawing.way.as_deref() {
            self.drawing.way = way.map(Rc::new);
        }
    }

    /// Habits and origins are asked for where a lens needs them.
    pub(super) fn ask_traits(&mut self, out: &mut Vec<Effect>) {
        self.drawing.traits = None;
        self.ask(Purpose::Traits, Query::Traits { target: self.target }, out);
    }

    pub(super) fn set_lens(&mut self, lens: Lens, out: &mut Vec<Effect>) {
        self.drawing.lens = lens;
        self.look();
        out.push(Effect::Persist);
    }

    /// Marks a table, or takes its mark away.
    pub(super) fn mark(&mut self, key: RelationKey) {
        let Some(path) = self.path_of(key).map(str::to_owned) else { return };
        let marked = Rc::make_mut(&mut self.drawing.marked);
        if !marked.remove(&path) {
            marked.insert(path);
        }
    }

    /// Shows the way from the selected table to another.
    pub(super) fn connect(&mut self, to: RelationKey, out: &mut Vec<Effect>) {
        let Some(from) = self.highlighted().filter(|from| *from != to) else { return };
        let there = |scene: &Scene| scene.place(from).is_some() && scene.place(to).is_some();
        if !self.scene.as_ref().is_some_and(|s| there(s)) {
            self.uncover(from, out);
            self.uncover(to, out);
        }
        self.drawing.ends = Some((from, to));
        self.look();
        if self.drawing.way.is_some() {
            self.fly(Flight::Way);
        } else {
            self.drawing.ends = None;
            let [a, b] = [from, to].map(|key| self.path_of(key).unwrap_or_default());
            let words = format!("No chain of references joins {a} and {b}.");
            self.tell(&words, out);
        }
    }

    /// The tables on the way that is shown, by name.
    pub fn way_names(&self) -> Vec<Rc<str>> {
        let (Some(way), Some(scene)) = (&self.drawing.way, &self.scene) else { return Vec::new() };
        way.boxes.iter().filter_map(|at| scene.boxes.get(*at)).map(|b| Rc::clone(&b.name)).collect()
    }

    /// Makes sure that a table can be seen: out of hiding, its cluster unfolded, the focus left where it does not show it.
    pub(super) fn uncover(&mut self, key: RelationKey, out: &mut Vec<Effect>) {
        let Some(path) = self.path_of(key).map(str::to_owned) else { return };
        let board = &self.drawing.board;
        let base = self.drawing.base.as_ref();
        let b = base.and_then(|s| s.boxes.get(s.place(key)?));
        let mut next = (**board).clone();
        if board.focus.is_some() && base.is_some() && b.is_none() {
            next.focus = None;
        }
        next.views |= key.kind == RelationKind::View;
        next.hidden.remove(&path);
        if let (Some(b), Some(base)) = (b, base)
            && let Some(region) = base.regions.iter().find(|r| r.cluster == Some(b.cluster))
        {
            next.folded.remove(&*region.name);
        }
        self.put(next, "showing", out);
    }

    pub(super) fn change(&mut self, change: Change, out: &mut Vec<Effect>) {
        let what = change.words();
        let subjects = self.subjects();
        let mut next = (*self.drawing.board).clone();
        let toggle = |set: &mut BTreeSet<String>| {
            let all = subjects.iter().all(|s| set.contains(s));
            for s in &subjects {
                if all {
                    set.remove(s);
                } else {
                    set.insert(s.clone());
                }
            }
        };
        let place = |path: &str| {
            let scene = self.scene.as_ref()?;
            let rect = scene.boxes.get(scene.place_of(path)?)?.rect;
            Some([rect.x.round() as i32, rect.y.round() as i32])
        };
        match change {
            Change::Detail(detail) => next.detail = detail,
            Change::Views(views) => next.views = views,
            Change::Focus(hops) => {
                let selected = self.highlighted().and_then(|key| self.path_of(key)).map(str::to_owned);
                next.focus = match (hops, selected, next.focus.take()) {
                    (None, ..) => None,
                    (Some(hops), Some(table), _) => Some(Focus { table, hops: hops.clamp(1, MOST_HOPS) }),
                    (Some(hops), None, Some(f)) => Some(Focus { hops: hops.clamp(1, MOST_HOPS), ..f }),
                    (Some(_), None, None) => {
                        self.tell("Select a table first.", out);
                        return;
                    }
                };
            }
            Change::Hide => next.hidden.extend(subjects.iter().cloned()),
            Change::HideOthers => {
                let boxes = self.scene.as_ref().map(|s| s.boxes.as_slice()).unwrap_or_default();
                let others = boxes.iter().filter(|b| b.folded == 0 && !subjects.contains(&*b.path));
                if !subjects.is_empty() {
                    next.hidden.extend(others.map(|b| b.path.to_string()));
                }
            }
            Change::Show(path) => {
                next.hidden.remove(&path);
            }
            Change::ShowAll => {
                next.hidden.clear();
                next.focus = None;
            }
            Change::Collapse => toggle(&mut next.collapsed),
            Change::Fold(name) => {
                if !next.folded.remove(&name) {
                    next.folded.insert(name);
                }
            }
            Change::FoldAll => {
                let regions = self.drawing.base.as_ref().map(|s| s.regions.as_slice()).unwrap_or_default();
                next.folded = regions.iter().map(|r| r.name.to_string()).collect();
            }
            Change::UnfoldAll => next.folded.clear(),
            Change::Pin => {
                let pinned = subjects.iter().all(|s| next.pins.contains_key(s));
                for s in &subjects {
                    match place(s) {
                        Some(at) if !pinned => drop(next.pins.insert(s.clone(), at)),
                        _ => drop(next.pins.remove(s)),
                    }
                }
            }
            Change::PinAll => {
                let boxes = self.scene.as_ref().map(|s| s.boxes.as_slice()).unwrap_or_default();
                for b in boxes.iter().filter(|b| b.folded == 0) {
                    next.pins.insert(b.path.to_string(), [b.rect.x.round() as i32, b.rect.y.round() as i32]);
                }
            }
            Change::Move(moved) => next.pins.extend(moved),
            Change::Nudge(dx, dy) => {
                for s in &subjects {
                    if let Some([x, y]) = place(s) {
                        next.pins.insert(s.clone(), [x + dx, y + dy]);
                    }
                }
            }
            Change::Group => {
                if subjects.is_empty() {
                    return;
                }
                for tables in next.groups.values_mut() {
                    tables.retain(|t| !subjects.contains(t));
                }
                next.groups.retain(|_, tables| !tables.is_empty());
                let names = subjects.iter().map(|s| s.rsplit('.').next().unwrap_or(s));
                let name = next.group_name(names);
                next.groups.insert(name, subjects.clone());
                self.drawing.marked = Rc::default();
            }
            Change::Ungroup(name) => drop(next.groups.remove(&name)),
            Change::Rename(from, to) => {
                let to = to.trim().to_owned();
                if !to.is_empty()
                    && !next.groups.contains_key(&to)
                    && let Some(tables) = next.groups.remove(&from)
                {
                    next.groups.insert(to, tables);
                }
            }
            Change::Reset => {
                next = Board { detail: next.detail, views: next.views, links: next.links, ..Board::default() };
            }
            Change::Links(links) => links.trim().clone_into(&mut next.links),
            Change::Load(board) => {
                if !self.is_about_this(&board) {
                    self.tell("That arrangement is of another schema: it names tables that are not here.", out);
                    return;
                }
                next = *board;
            }
        }
        self.put(next, what, out);
    }

    /// Puts another arrangement in force, to be undone.
    fn put(&mut self, next: Board, what: &'static str, out: &mut Vec<Effect>) {
        if next == *self.drawing.board {
            return;
        }
        let old = std::mem::replace(&mut self.drawing.board, Rc::new(next));
        self.drawing.done(Step::Board(Rc::clone(&old)), what);
        self.settle_board(&old, out);
    }

    fn settle_board(&mut self, old: &Board, out: &mut Vec<Effect>) {
        let now = Rc::clone(&self.drawing.board);
        if (old.detail, old.views, &old.focus) == (now.detail, now.views, &now.focus) {
            self.rearrange();
        } else {
            // Another part of the schema, or all of it again: to be seen whole.
            self.drawing.fresh |= old.focus != now.focus;
            self.ask_diagram(out);
        }
        out.push(Effect::Persist);
    }

    pub(super) fn undo(&mut self, out: &mut Vec<Effect>) {
        let Some((step, what)) = self.drawing.undo.pop() else {
            self.tell("There is nothing to undo.", out);
            return;
        };
        let now = self.go_back(step, out);
        self.drawing.redo.push((now, what));
        self.tell(&format!("Undone: {what}."), out);
    }

    pub(super) fn redo(&mut self, out: &mut Vec<Effect>) {
        let Some((step, what)) = self.drawing.redo.pop() else {
            self.tell("There is nothing to do again.", out);
            return;
        };
        let now = self.go_back(step, out);
        self.drawing.undo.push((now, what));
        self.tell(&format!("Done again: {what}."), out);
    }

    /// Puts what was before in force, and gives what was in force.
    fn go_back(&mut self, step: Step, out: &mut Vec<Effect>) -> Step {
        match step {
            Step::Board(board) => {
                let old = std::mem::replace(&mut self.drawing.board, board);
                self.settle_board(&old, out);
                Step::Board(old)
            }
            Step::Waivers(waivers) => {
                let old = std::mem::replace(&mut self.options.waivers, waivers);
                self.reanalyse(out);
                out.push(Effect::Persist);
                Step::Waivers(old)
            }
        }
    }

    /// An arrangement that was kept for a project of this name.
    pub(super) fn board_found(&mut self, board: Board, out: &mut Vec<Effect>) {
        if self.drawing.board.is_plain() && self.drawing.waiting.is_none() {
            self.drawing.waiting = Some(Rc::new(board));
        }
        self.try_waiting(out);
    }

    fn is_about_this(&self, board: &Board) -> bool {
        let rows = self.tables.as_ref().map(|t| t.rows.as_slice()).unwrap_or_default();
        board.is_about(&rows.iter().map(|r| r.path.as_str()).collect())
    }

    /// Puts on the arrangement that waits, if the tables are known and it is about them.
    pub(super) fn try_waiting(&mut self, out: &mut Vec<Effect>) {
        if self.tables.is_none() {
            return;
        }
        let Some(board) = self.drawing.waiting.take() else { return };
        if !self.is_about_this(&board) {
            return;
        }
        let old = std::mem::replace(&mut self.drawing.board, board);
        self.settle_board(&old, out);
    }

    /// What the diagram leaves out, in words; nothing when it shows everything.
    pub fn left_out(&self) -> Option<String> {
        let board = &self.drawing.board;
        let mut parts = Vec::new();
        if let Some(f) = &board.focus {
            parts.push(format!("{} and what is within {}", f.table, text::counted(f.hops.into(), "reference")));
        }
        if !board.hidden.is_empty() {
            parts.push(format!("{} hidden", text::counted(board.hidden.len() as u64, "table")));
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}
