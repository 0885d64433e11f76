//! The history of the target: going to a revision, and what is asked for on the way.
//!
//! One step is under way at a time; while it is, only the newest wish counts. So a hand on the slider never waits for revisions that it has
//! left behind. What takes longer, the findings as of then, is asked for when the hand rests.

use std::rc::Rc;

use relata_protocol::{Answer, History, Query, RevisionDetail, RevisionRow, TableFilter};

use super::{Effect, Listing, Purpose, Selection, State, View};
use crate::lanes::{LaneRow, lanes};
use crate::text;

/// What is known of the target's history.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Past {
    /// The revisions; `None` until they are told.
    pub list: Option<Rc<History>>,
    /// Their graph, row by row.
    pub lanes: Rc<Vec<LaneRow>>,
    /// Why there is no list.
    pub error: Option<String>,
    /// The revision that the page shows the schema as of, by place; `None` for the latest.
    pub at: Option<u32>,
    /// What the revision shown changed.
    pub detail: Option<Rc<RevisionDetail>>,
    /// Where the engine was last told to go.
    stands: Option<u32>,
    /// Its answer is awaited.
    moving: bool,
    /// The number of the rest that is waited for.
    rest: u32,
}

impl State {
    /// How many revisions the target has.
    pub fn revisions(&self) -> u32 {
        self.target_info().map_or(0, |t| t.revisions)
    }

    /// Whether there is a history to speak of.
    pub fn has_history(&self) -> bool {
        self.revisions() > 1
    }

    /// The revision that is shown, by place: the latest where none was chosen.
    pub fn revision_shown(&self) -> u32 {
        self.past.at.unwrap_or_else(|| self.revisions().saturating_sub(1))
    }

    /// What is known of a revision.
    pub fn revision(&self, place: u32) -> Option<&RevisionRow> {
        self.past.list.as_ref()?.rows.get(place as usize)
    }

    /// A revision in words: its id, or its number until that is told.
    pub fn revision_name(&self, place: u32) -> String {
        self.revision(place).map_or_else(|| format!("revision {}", text::count(u64::from(place) + 1)), |r| r.id.clone())
    }

    /// Whether what the schema is as of the revision shown has not all arrived.
    pub fn is_moving(&self) -> bool {
        self.past.moving
    }

    pub(super) fn ask_history(&mut self, out: &mut Vec<Effect>) {
        self.past = Past::default();
        if self.has_history() {
            self.ask(Purpose::History, Query::History { target: self.target }, out);
            self.ask_revision(out);
        }
    }

    fn ask_revision(&mut self, out: &mut Vec<Effect>) {
        let query = Query::Revision { target: self.target, revision: self.revision_shown() };
        self.ask(Purpose::Revision, query, out);
    }

    /// Shows the schema as of a revision; the last one is the latest state.
    pub(super) fn go_to(&mut self, to: Option<u32>, out: &mut Vec<Effect>) {
        let last = self.revisions().saturating_sub(1);
        let to = to.filter(|place| *place < last);
        if to == self.past.at {
            return;
        }
        self.past.at = to;
        if !self.past.moving {
            self.set_out(out);
        }
    }

    /// Goes so many revisions back or forth.
    pub(super) fn step(&mut self, by: i32, out: &mut Vec<Effect>) {
        let last = self.revisions().saturating_sub(1);
        let to = i64::from(self.revision_shown()) + i64::from(by);
        self.go_to(Some(u32::try_from(to.max(0)).unwrap_or(u32::MAX).min(last)), out);
    }

    fn set_out(&mut self, out: &mut Vec<Effect>) {
        let target = self.target;
        self.past.moving = true;
        self.past.stands = self.past.at;
        // Indexes of findings begin anew.
        self.findings.open.clear();
        self.findings.expanded.clear();
        self.trail.retain(|s| !matches!(s, Selection::Finding(_)));
        self.ask(Purpose::Standing, Query::GoTo { target, revision: self.past.at }, out);
        self.ask_revision(out);
        self.ask(Purpose::Tables, Query::Tables { target, filter: TableFilter::default() }, out);
        self.ask_diagram(out);
        match self.selection.clone() {
            Some(Selection::Relation(key, _)) => self.ask_relation(key, out),
            Some(Selection::Finding(_)) => self.deselect(),
            Some(Selection::Rule(_)) | None => {}
        }
    }

    /// The diagram has come: on to the newest wish, or to rest.
    pub(super) fn arrived(&mut self, out: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.past.moving) {
            return;
        }
        if self.past.stands == self.past.at {
            self.next_id += 1;
            self.past.rest = self.next_id;
            out.push(Effect::Rest(self.next_id));
        } else {
            self.set_out(out);
        }
    }

    /// The hand has rested: what takes longer.
    pub(super) fn rested(&mut self, rest: u32, out: &mut Vec<Effect>) {
        if rest != self.past.rest || self.past.moving {
            return;
        }
        let target = self.target;
        self.ask(Purpose::Overview, Query::Overview, out);
        self.ask_findings(out);
        self.ask(Purpose::Tables, Query::Tables { target, filter: TableFilter::default() }, out);
        if let Some(Selection::Relation(key, _)) = self.selection {
            self.ask_relation(key, out);
        }
        self.ask_traits(out);
        self.listing = Listing::default();
        if self.view == View::List {
            self.ask_listing(out);
        }
    }

    pub(super) fn history_answered(&mut self, purpose: &Purpose, answer: Answer) {
        match (purpose, answer) {
            (Purpose::History, Answer::History(list)) => {
                self.past.lanes = lanes(&list).into();
                self.past.list = Some(Rc::from(list));
                self.look();
            }
            (Purpose::History, Answer::Refused { message }) => self.past.error = Some(message),
            (Purpose::Revision, Answer::Revision(detail)) => self.past.detail = Some(Rc::from(detail)),
            (Purpose::Overview, Answer::Overview(overview)) => self.overview = Rc::from(overview),
            _ => {}
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use relata_protocol::{Diagram, Location, Overview, RevisionStatus, SeverityCounts, Standing, TableList};

    use super::super::tests::{analysed, answer, asked, overview};
    use super::*;
    use crate::state::Action;

    /// A revision with these parents.
    pub(crate) fn revision(id: &str, parents: &[u32]) -> RevisionRow {
        RevisionRow {
            id: id.into(),
            message: None,
            parents: parents.to_vec(),
            status: RevisionStatus::Applied,
            transaction: "file".into(),
            has_down: false,
            summary: "creates table t".into(),
            created: 1,
            altered: 0,
            dropped: 0,
            issues: SeverityCounts::default(),
            conflicts: 0,
            problems: 0,
            location: Location::default(),
        }
    }

    /// A state after a history of five revisions was analysed and everything had come.
    fn with_history() -> State {
        let (mut s, effects) = analysed(1);
        let mut known = overview(1);
        known.targets[0].revisions = 5;
        s.overview = Rc::new(known);
        drop(effects);
        let mut out = Vec::new();
        s.ask_history(&mut out);
        let rows = (0..5).map(|n| revision(&format!("000{n}_x"), &[])).collect();
        let list = History { rows, heads: vec![4], ..History::default() };
        answer(&mut s, asked(&out, |q| matches!(q, Query::History { .. })), Answer::History(Box::new(list)));
        s
    }

    fn went(effects: &[Effect]) -> Option<Option<u32>> {
        effects.iter().find_map(|e| match e {
            Effect::Ask(_, Query::GoTo { revision, .. }) => Some(*revision),
            _ => None,
        })
    }

    fn arrive(s: &mut State, effects: &[Effect]) -> Vec<Effect> {
        answer(s, asked(effects, |q| matches!(q, Query::Diagram { .. })), Answer::Diagram(Diagram::default()))
    }

    #[test]
    fn the_list_and_its_lanes_come_with_the_analysis() {
        let s = with_history();
        assert_eq!((s.revisions(), s.revision_shown()), (5, 4));
        assert_eq!(s.past.lanes.len(), 5);
        assert_eq!(s.revision_name(1), "0001_x");
    }

    #[test]
    fn going_somewhere_asks_for_what_is_seen_and_rest_for_the_findings() {
        let mut s = with_history();
        let effects = s.reduce(Action::GoTo(Some(1)));
        assert_eq!(went(&effects), Some(Some(1)));
        asked(&effects, |q| matches!(q, Query::Revision { revision: 1, .. }));
        asked(&effects, |q| matches!(q, Query::Tables { .. }));
        assert!(!effects.iter().any(|e| matches!(e, Effect::Ask(_, Query::Findings { .. }))), "not while moving");
        let standing = asked(&effects, |q| matches!(q, Query::GoTo { .. }));
        answer(&mut s, standing, Answer::Standing(Standing { target: 0, revision: Some(1) }));
        let rest = arrive(&mut s, &effects);
        let [Effect::Rest(number)] = rest[..] else { panic!("{rest:?}") };
        let effects = s.reduce(Action::Rested(number));
        asked(&effects, |q| matches!(q, Query::Findings { .. }));
        let id = asked(&effects, |q| matches!(q, Query::Overview));
        let then = Overview { problems: 7, ..(*s.overview).clone() };
        answer(&mut s, id, Answer::Overview(Box::new(then)));
        assert_eq!(s.overview.problems, 7);
    }

    #[test]
    fn while_a_step_is_under_way_only_the_newest_wish_counts() {
        let mut s = with_history();
        let first = s.reduce(Action::GoTo(Some(3)));
        for to in [2, 1, 0] {
            assert_eq!(s.reduce(Action::GoTo(Some(to))), [], "it waits");
        }
        assert_eq!(s.revision_shown(), 0, "but is shown as chosen");
        let second = arrive(&mut s, &first);
        assert_eq!(went(&second), Some(Some(0)));
        assert!(matches!(arrive(&mut s, &second)[..], [Effect::Rest(_)]));
    }

    #[test]
    fn a_rest_that_was_disturbed_asks_for_nothing() {
        let mut s = with_history();
        let effects = s.reduce(Action::GoTo(Some(3)));
        let rest = arrive(&mut s, &effects);
        let [Effect::Rest(number)] = rest[..] else { panic!("{rest:?}") };
        s.reduce(Action::GoTo(Some(2)));
        assert_eq!(s.reduce(Action::Rested(number)), []);
    }

    #[test]
    fn the_last_revision_is_the_latest_state_and_steps_stay_within() {
        let mut s = with_history();
        assert_eq!(s.reduce(Action::GoTo(Some(4))), [], "there already");
        assert_eq!(s.reduce(Action::StepRevision(1)), []);
        let effects = s.reduce(Action::StepRevision(-100));
        assert_eq!(went(&effects), Some(Some(0)));
        arrive(&mut s, &effects);
        let effects = s.reduce(Action::StepRevision(100));
        assert_eq!(went(&effects), Some(None));
        assert_eq!(s.past.at, None);
    }

    #[test]
    fn a_selected_finding_is_let_go_and_a_table_is_asked_for_anew() {
        let mut s = with_history();
        s.reduce(Action::Select(Selection::Finding(0)));
        let effects = s.reduce(Action::GoTo(Some(1)));
        assert_eq!(s.selection, None);
        arrive(&mut s, &effects);
        s.reduce(Action::Select(Selection::Relation(crate::scene::tests::key(7), None)));
        let effects = s.reduce(Action::GoTo(Some(2)));
        asked(&effects, |q| matches!(q, Query::Table { id: 7, .. }));
        let tables = asked(&effects, |q| matches!(q, Query::Tables { .. }));
        answer(&mut s, tables, Answer::Tables(TableList::default()));
        assert!(s.tables.is_some());
    }

    #[test]
    fn another_target_starts_at_its_latest() {
        let mut s = with_history();
        let mut known = overview(2);
        known.targets[0].revisions = 5;
        s.overview = Rc::new(known);
        let effects = s.reduce(Action::GoTo(Some(1)));
        arrive(&mut s, &effects);
        let effects = s.reduce(Action::ChooseTarget(1));
        assert_eq!(went(&effects), Some(None), "the one before goes back to its end");
        assert_eq!((s.past.at, s.has_history()), (None, false));
    }
}
