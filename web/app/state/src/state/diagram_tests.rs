//! The diagram and the workspace in use: each test plays a short scene.

use std::rc::Rc;

use relata_protocol::{
    Answer, Detail, DetailsPage, Diagram, FromWorker, Query, RelationType, ReportFormat, SeverityCounts, TableList,
    TableRow, WaiverSetting,
};

use super::diagram::{Change, Flight};
use super::tests::{analysed, asked, overview};
use super::workspace::Saved;
use super::*;
use crate::lens::{Lens, Tint};
use crate::scene::tests::{key, sample};

fn row(id: u32, name: &str) -> TableRow {
    TableRow {
        relation: key(id),
        kind: RelationType::Table,
        schema: "public".into(),
        name: name.into(),
        path: format!("public.{name}"),
        columns: 1,
        references: 0,
        referenced_by: 0,
        indexes: 0,
        partitions: 0,
        partition_of: None,
        row_security: false,
        findings: SeverityCounts { high: 1, ..SeverityCounts::default() },
    }
}

fn hear(s: &mut State, id: u32, answer: Answer, bytes: Vec<u8>) -> Vec<Effect> {
    let message = FromWorker::Answer { session: s.session, id, answer: Box::new(answer) };
    s.reduce(Action::Worker(message, Rc::from(bytes)))
}

fn told(s: &mut State, effects: &[Effect]) {
    let list = TableList { total: 2, rows: vec![row(3, "author"), row(7, "book")] };
    let tables = asked(effects, |q| matches!(q, Query::Tables { .. }));
    hear(s, tables, Answer::Tables(list), Vec::new());
    let (diagram, buffer) = sample();
    let id = asked(effects, |q| matches!(q, Query::Diagram { .. }));
    hear(s, id, Answer::Diagram(diagram), buffer);
}

/// `book` (7) with a key to `author` (3), both there.
fn open() -> State {
    let (mut s, effects) = analysed(1);
    told(&mut s, &effects);
    s
}

fn change(s: &mut State, c: Change) -> Vec<Effect> {
    s.reduce(Action::Change(Box::new(c)))
}

fn shown(s: &State) -> Vec<&str> {
    s.scene.as_ref().unwrap().boxes.iter().map(|b| &*b.name).collect()
}

#[test]
fn what_is_done_to_the_diagram_can_be_undone_and_done_again() {
    let mut s = open();
    s.reduce(Action::Select(Selection::Relation(key(7), None)));
    change(&mut s, Change::Hide);
    assert_eq!(shown(&s), ["author"]);
    s.reduce(Action::Undo);
    assert_eq!(shown(&s), ["book", "author"]);
    assert_eq!(s.notice.as_ref().unwrap().text, "Undone: hiding.");
    s.reduce(Action::Redo);
    assert_eq!(shown(&s), ["author"]);
    s.reduce(Action::Undo);
    s.reduce(Action::Undo);
    assert_eq!(s.notice.as_ref().unwrap().text, "There is nothing to undo.");
}

#[test]
fn going_to_a_table_brings_it_out_of_hiding() {
    let mut s = open();
    s.reduce(Action::Select(Selection::Relation(key(7), None)));
    change(&mut s, Change::Hide);
    s.reduce(Action::Deselect);
    s.reduce(Action::Reveal(key(7)));
    assert_eq!(shown(&s), ["book", "author"]);
    assert_eq!(s.flight.1, Flight::Table(key(7)));
}

#[test]
fn a_focus_asks_for_the_table_and_its_neighbours_alone() {
    let mut s = open();
    assert_eq!(change(&mut s, Change::Focus(Some(2))).len(), 1, "without a table only a word about it");
    s.reduce(Action::Select(Selection::Relation(key(7), None)));
    let effects = change(&mut s, Change::Focus(Some(2)));
    asked(
        &effects,
        |q| matches!(q, Query::Diagram { options, .. } if options.focus == Some(key(7)) && options.hops == 2),
    );
    let epoch = s.drawing.epoch;
    let (diagram, buffer) = sample();
    let id = asked(&effects, |q| matches!(q, Query::Diagram { .. }));
    hear(&mut s, id, Answer::Diagram(diagram), buffer);
    assert_eq!(s.drawing.epoch, epoch + 1, "shown whole");
    let effects = change(&mut s, Change::Focus(None));
    asked(&effects, |q| matches!(q, Query::Diagram { options, .. } if options.focus.is_none()));
}

#[test]
fn another_detail_is_another_layout_of_the_same_diagram() {
    let mut s = open();
    let (epoch, layout) = (s.drawing.epoch, s.drawing.layout);
    let effects = change(&mut s, Change::Detail(Detail::Keys));
    let id = asked(&effects, |q| matches!(q, Query::Diagram { options, .. } if options.detail == Detail::Keys));
    let (diagram, buffer) = sample();
    hear(&mut s, id, Answer::Diagram(diagram), buffer);
    assert_eq!((s.drawing.epoch, s.drawing.layout), (epoch, layout + 1));
}

#[test]
fn positions_stay_when_the_schema_changes() {
    let mut s = open();
    change(&mut s, Change::Move(vec![("public.book".into(), [900, 40])]));
    let place = |s: &State| s.scene.as_ref().map(|scene| scene.boxes[0].rect.x);
    assert_eq!(place(&s), Some(900.0));
    // The next version of the schema is dropped: another analysis, other ids.
    s.reduce(Action::Give { files: vec![Given { name: "b.sql".into(), size: 1, left_out: false }], add: false });
    let ready = FromWorker::Ready { session: s.session, overview: Box::new(overview(1)) };
    let effects = s.reduce(Action::Worker(ready, Rc::default()));
    told(&mut s, &effects);
    assert_eq!(place(&s), Some(900.0));
    // Another schema does not have these tables: it is laid out afresh.
    s.reduce(Action::Give { files: vec![Given { name: "c.sql".into(), size: 1, left_out: false }], add: false });
    let ready = FromWorker::Ready { session: s.session, overview: Box::new(overview(1)) };
    let effects = s.reduce(Action::Worker(ready, Rc::default()));
    let id = asked(&effects, |q| matches!(q, Query::Tables { .. }));
    hear(&mut s, id, Answer::Tables(TableList { total: 1, rows: vec![row(1, "other")] }), Vec::new());
    assert!(s.drawing.board.is_plain());
}

#[test]
fn marked_tables_are_acted_on_together() {
    let mut s = open();
    s.reduce(Action::Mark(key(3)));
    s.reduce(Action::Mark(key(7)));
    assert_eq!(s.subjects().len(), 2);
    change(&mut s, Change::Group);
    assert_eq!(s.drawing.board.groups.keys().collect::<Vec<_>>(), ["Group 1"]);
    assert!(s.drawing.marked.is_empty());
    change(&mut s, Change::Rename("Group 1".into(), "Library".into()));
    assert!(s.scene.as_ref().unwrap().regions.iter().any(|r| &*r.name == "Library"));
}

#[test]
fn the_way_between_two_tables_is_drawn_or_it_is_said_that_there_is_none() {
    let mut s = open();
    s.reduce(Action::Select(Selection::Relation(key(7), None)));
    s.reduce(Action::Connect(key(3)));
    assert_eq!(s.way_names().iter().map(|n| &**n).collect::<Vec<_>>(), ["book", "author"]);
    assert_eq!(s.flight.1, Flight::Way);
    s.reduce(Action::Disconnect);
    assert!(s.way_names().is_empty());
}

#[test]
fn a_lens_colours_what_is_drawn() {
    let mut s = open();
    s.reduce(Action::SetLens(Lens::Severity));
    let shading = s.drawing.shading.clone().unwrap();
    assert_eq!(shading.tints, [Some(Tint::High), Some(Tint::High)]);
    s.reduce(Action::SetLens(Lens::Cascade));
    assert!(s.drawing.shading.as_ref().unwrap().note.starts_with("Select a table"));
    s.reduce(Action::Select(Selection::Relation(key(3), None)));
    assert_eq!(s.drawing.shading.as_ref().unwrap().tints, [Some(Tint::Deleted), Some(Tint::Start)]);
}

#[test]
fn changed_files_are_analysed_behind_what_is_shown() {
    let mut s = open();
    s.reduce(Action::Select(Selection::Relation(key(7), Some("id".into()))));
    let effects = s.reduce(Action::TextChanged { file: "a.sql".into(), text: "CREATE TABLE x ();".into() });
    assert!(matches!(&effects[..], [Effect::Write { .. }, Effect::Analyse { .. }]), "{effects:?}");
    assert_eq!((&s.phase, shown(&s).len()), (&Phase::Workspace, 2));
    // What is asked meanwhile has nobody to answer it; what is typed meanwhile waits for its turn.
    assert_eq!(s.reduce(Action::Select(Selection::Relation(key(3), None))), [Effect::Persist]);
    s.reduce(Action::Select(Selection::Relation(key(7), Some("id".into()))));
    assert_eq!(s.reduce(Action::TextChanged { file: "a.sql".into(), text: "CREATE TABLE y ();".into() }).len(), 1);
    let ready = |s: &State| {
        Action::Worker(FromWorker::Ready { session: s.session, overview: Box::new(overview(1)) }, Rc::default())
    };
    let again = s.reduce(ready(&s));
    assert!(matches!(&again[..], [Effect::Analyse { .. }]), "{again:?}");
    let effects = s.reduce(ready(&s));
    assert_eq!(s.analysing, None);
    // Ids are others now; the selection goes by its path.
    let rows = vec![row(1, "author"), row(2, "book")];
    let id = asked(&effects, |q| matches!(q, Query::Tables { .. }));
    let effects = hear(&mut s, id, Answer::Tables(TableList { total: 2, rows }), Vec::new());
    assert_eq!(s.selection, Some(Selection::Relation(key(2), Some("id".into()))));
    asked(&effects, |q| matches!(q, Query::Table { id: 2, .. }));
}

#[test]
fn files_that_describe_nothing_for_a_moment_take_nothing_away() {
    let mut s = open();
    s.reduce(Action::TextChanged { file: "a.sql".into(), text: "CREATE TAB".into() });
    let nothing = FromWorker::Ready { session: s.session, overview: Box::default() };
    s.reduce(Action::Worker(nothing, Rc::default()));
    assert!(s.stale && s.phase == Phase::Workspace && s.scene.is_some());
    s.reduce(Action::SaveReport(ReportFormat::Json));
    assert!(s.notice.as_ref().unwrap().text.contains("no schema"));
    s.reduce(Action::TextChanged { file: "a.sql".into(), text: "CREATE TABLE t ();".into() });
    assert!(!s.stale);
}

#[test]
fn the_list_comes_part_by_part_while_it_is_looked_at() {
    let mut s = open();
    let effects = s.reduce(Action::Show(View::List));
    let id = asked(&effects, |q| matches!(q, Query::Details { page, .. } if page.offset == 0));
    let page = DetailsPage { total: 0, offset: 0, rows: Vec::new() };
    let effects = hear(&mut s, id, Answer::Details(page), Vec::new());
    assert_eq!(effects, [], "nothing more to ask for");
    assert_eq!(s.reduce(Action::Show(View::List)), [Effect::Persist], "it is there already");
}

#[test]
fn a_reload_opens_what_was_open() {
    let mut s = open();
    s.reduce(Action::Select(Selection::Relation(key(7), None)));
    change(&mut s, Change::Pin);
    s.reduce(Action::SetLens(Lens::Severity));
    s.reduce(Action::Show(View::Findings));
    let saved = s.saved().unwrap();
    let json = serde_json::to_string(&saved).unwrap();
    let mut fresh = State::new(Prefs::default());
    fresh.reduce(Action::Restore(Box::new(serde_json::from_str(&json).unwrap())));
    let ready = FromWorker::Ready { session: fresh.session, overview: Box::new(overview(1)) };
    let effects = fresh.reduce(Action::Worker(ready, Rc::default()));
    told(&mut fresh, &effects);
    assert_eq!(fresh.saved(), Some(saved));
}

#[test]
fn what_another_version_kept_is_said_and_left_alone() {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Restore(Box::new(Saved { version: 99, ..Saved::default() })));
    assert_eq!(s.phase, Phase::Landing);
    assert!(s.notice.as_ref().unwrap().text.contains("another version"));
    assert_eq!(s.saved(), None, "there is nothing to keep of a landing");
}

#[test]
fn a_followed_folder_changes_the_files() {
    let mut s = open();
    s.reduce(Action::Follow(Some("db".into())));
    let file = |name: &str| Given { name: name.into(), size: 5, left_out: false };
    let effects = s.reduce(Action::FolderChanged { files: vec![file("db/2.sql")], gone: vec!["a.sql".into()] });
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Analyse { files, .. } if *files == ["db/2.sql"])),
        "{effects:?}"
    );
    assert_eq!(s.reduce(Action::Follow(None)), [Effect::Unfollow]);
}

#[test]
fn a_diagram_of_nothing_is_none() {
    assert_eq!(Scene::build(&Diagram::default(), &[]), None);
}

#[test]
fn a_waiver_is_part_of_the_analysis_and_can_be_undone() {
    let mut s = open();
    let waiver = |reason: &str| {
        let about = "foreign-key-not-indexed at public.book".to_owned();
        Action::Waive(Box::new(WaiverSetting { fingerprint: "f00d".into(), about, reason: reason.into() }))
    };
    s.reduce(waiver("  "));
    assert!(s.notice.as_ref().unwrap().text.contains("needs a reason"));
    let effects = s.reduce(waiver("tiny table"));
    let given = |effects: &[Effect]| {
        effects.iter().find_map(|e| match e {
            Effect::Analyse { options, .. } => {
                Some(options.waivers.iter().map(|w| w.reason.clone()).collect::<Vec<_>>())
            }
            _ => None,
        })
    };
    assert_eq!(given(&effects), Some(vec!["tiny table".to_owned()]));
    s.analysing = None;
    assert_eq!(given(&s.reduce(Action::Undo)), Some(Vec::new()));
    s.analysing = None;
    assert_eq!(given(&s.reduce(Action::Redo)), Some(vec!["tiny table".to_owned()]));
    // Another version of the same project keeps it, another project does not.
    let file =
        |name: &str| Action::Give { files: vec![Given { name: name.into(), size: 1, left_out: false }], add: false };
    assert_eq!(given(&s.reduce(file("a.sql"))), Some(vec!["tiny table".to_owned()]));
    assert_eq!(given(&s.reduce(file("z.sql"))), Some(Vec::new()));
}

#[test]
fn the_report_follows_what_is_chosen_for_it() {
    let mut s = open();
    let effects = s.reduce(Action::Show(View::Report));
    asked(&effects, |q| matches!(q, Query::Chapters));
    let choices = ReportChoices { title: Some("Audit".into()), ..ReportChoices::default() };
    let effects = s.reduce(Action::ChooseReport(Box::new(choices.clone())));
    asked(&effects, |q| matches!(q, Query::Report { options, .. } if *options == choices));
    // The preview shows the logo itself; what is saved has it, beside what was chosen before.
    let effects = s.reduce(Action::PutLogo(Some("data:,".into())));
    asked(&effects, |q| matches!(q, Query::Report { options, .. } if *options == choices));
    let effects = s.reduce(Action::SaveReport(ReportFormat::Html));
    let with_logo = ReportChoices { logo: Some("data:,".into()), ..choices };
    asked(&effects, |q| matches!(q, Query::Report { options, .. } if *options == with_logo));
    let effects = s.reduce(Action::CopyPullRequest);
    let id = asked(&effects, |q| matches!(q, Query::Report { format: ReportFormat::PullRequest, .. }));
    let file = relata_protocol::OutputFile { name: "x.md".into(), media_type: "text/markdown".into(), caution: None };
    let effects = hear(&mut s, id, Answer::File(file), b"# Audit".to_vec());
    assert!(matches!(&effects[..], [Effect::Copy { text, .. }] if text == "# Audit"));
}
