//! What each action does.

use std::rc::Rc;

use relata_protocol::{Location, Options, Page, Progress, Query, ReportChoices, ReportFormat, Stage};

use super::diagram::{Change, Drawing, Flight};
use super::history::Past;
use super::workspace::Listing;
use super::{
    Action, Effect, FINDINGS_PAGE, Given, Inspected, PROBLEMS_PAGE, Palette, Pane, Phase, Purpose, Selection, State,
    View,
};
use crate::board::BoardFile;
use crate::commands::{self};
use crate::intake;
use crate::prefs::Prefs;

impl State {
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
            Action::SetPartial(partial) => self.set_options(Options { partial, ..self.options.clone() }, &mut out),
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
            Action::PutLogo(logo) => {
                self.choose_report(ReportChoices { logo, ..self.report_choices.clone() }, &mut out);
            }
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

    pub(super) fn set_options(&mut self, options: Options, out: &mut Vec<Effect>) {
        self.dialog = None;
        if self.options != options {
            self.options = options;
            self.reanalyse(out);
        }
    }

    pub(super) fn deselect(&mut self) {
        self.drawing.marked = Rc::default();
        self.drawing.ends = None;
        self.selection = None;
        self.trail.clear();
        self.inspected = Inspected::Project;
        self.about = Rc::default();
        self.look();
    }

    pub(super) fn give(&mut self, files: Vec<Given>, add: bool, out: &mut Vec<Effect>) {
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

    pub(super) fn analyse(&mut self, out: &mut Vec<Effect>) {
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

    pub(super) fn forget_model(&mut self) {
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

    pub(super) fn close(&mut self, out: &mut Vec<Effect>) {
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
}
