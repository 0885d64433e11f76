//! Talk with the worker: questions, and what becomes of its answers.

use std::rc::Rc;

use relata_protocol::{Answer, DiagramFormat, FromWorker, Page, Query, TableFilter, VERSION};

use super::{Effect, FINDINGS_PAGE, Inspected, PROBLEMS_PAGE, Phase, Purpose, State, View};
use crate::excerpt::Excerpt;
use crate::scene::Scene;

impl State {
    pub(super) fn hear(&mut self, message: FromWorker, bytes: &Rc<[u8]>, out: &mut Vec<Effect>) {
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

    pub(super) fn answered(&mut self, purpose: Purpose, answer: Answer, bytes: &Rc<[u8]>, out: &mut Vec<Effect>) {
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
    pub(super) fn ask(&mut self, purpose: Purpose, query: Query, out: &mut Vec<Effect>) {
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

    pub(super) fn ask_target(&mut self, out: &mut Vec<Effect>) {
        let target = self.target;
        self.tables = None;
        self.scene = None;
        self.scene_error = None;
        self.ask(Purpose::Tables, Query::Tables { target, filter: TableFilter::default() }, out);
        self.ask_diagram(out);
    }

    /// What the view that is shown needs beside what is always there.
    pub(super) fn ask_view(&mut self, out: &mut Vec<Effect>) {
        match self.view {
            View::Report => self.ask_report(out),
            View::List => self.ask_listing(out),
            _ => {}
        }
    }

    pub(super) fn ask_picture(&mut self, purpose: Purpose, out: &mut Vec<Effect>) {
        let query = self.export_query(DiagramFormat::Svg);
        self.ask(purpose, query, out);
    }

    pub(super) fn ask_findings(&mut self, out: &mut Vec<Effect>) {
        let filter = self.findings.filter.clone();
        let page = Page { offset: 0, limit: FINDINGS_PAGE };
        self.ask(Purpose::Findings { append: false }, Query::Findings { filter, page }, out);
    }
}
