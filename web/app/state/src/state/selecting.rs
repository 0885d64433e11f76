//! What is selected, its source, and the search that leads to it.

use std::rc::Rc;

use relata_protocol::{FindingsFilter, Location, Page, Query, RelationKey, RelationKind, SearchHit};

use super::diagram::Flight;
use super::{
    Action, Effect, FINDINGS_PAGE, Inspected, Pane, Purpose, SEARCH_LIMIT, Selection, Source, State, Tab, View,
};
use crate::commands::{self, Hit};
use crate::lens::Lens;
use crate::prefs::Panel;

impl State {
    pub(super) fn select(&mut self, selection: &Selection, remember: bool, out: &mut Vec<Effect>) {
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
    pub(super) fn ask_relation(&mut self, key: RelationKey, out: &mut Vec<Effect>) {
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

    pub(super) fn show_source(&mut self, locations: Vec<Location>, active: usize, out: &mut Vec<Effect>) {
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

    pub(super) fn cut_active(&self, out: &mut Vec<Effect>) {
        if let Some(tab) = self.source.tabs.get(self.source.active)
            && tab.excerpt.is_none()
        {
            let file = self.file_name(tab.location.file).to_owned();
            out.push(Effect::Cut { tab: tab.id, file, location: tab.location });
        }
    }

    pub(super) fn leave_source_pane(&mut self) {
        if self.pane == Pane::Source && !self.source.open {
            self.pane = Pane::Main;
        }
    }

    pub(super) fn type_search(&mut self, text: String, out: &mut Vec<Effect>) {
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
    pub(super) fn found(&mut self, mut found: Vec<SearchHit>) {
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
    pub(super) fn open(&mut self, hit: Hit, routes: bool, out: &mut Vec<Effect>) {
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

    pub(super) fn open_hit(&mut self, hit: &SearchHit, out: &mut Vec<Effect>) {
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
}
