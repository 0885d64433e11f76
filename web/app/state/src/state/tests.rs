//! What happens on which action: each test plays a short scene and looks at the state and at what the browser was asked to do.

use relata_protocol::{
    Answer, Certainty, Coverage, FileInfo, FromWorker, Query, ReportFormat, Score, Severity, SeverityCounts,
    TargetInfo, VERSION,
};

use super::*;
use crate::scene::tests::{key, sample};

fn file(name: &str) -> Given {
    Given { name: name.into(), size: 10, left_out: false }
}

fn target(id: &str) -> TargetInfo {
    TargetInfo {
        id: id.into(),
        role: "dump".into(),
        dialect: "postgresql".into(),
        server_version: 15,
        layout: "sql".into(),
        layout_guessed: false,
        layout_evidence: String::new(),
        root: String::new(),
        revisions: 1,
        files: vec![0],
        facts: Vec::new(),
        coverage: Coverage::default(),
        score: Score::default(),
        findings: SeverityCounts::default(),
        conflicts: 0,
        rules_checked: 37,
        objects_checked: 412,
    }
}

pub(super) fn overview(targets: usize) -> Overview {
    Overview {
        files: vec![FileInfo { name: "a.sql".into(), bytes: 10, lines: 1, target: Some(0), problems: 0 }],
        targets: (0..targets).map(|i| target(&format!("dump{i}"))).collect(),
        ..Overview::default()
    }
}

fn worker(message: FromWorker) -> Action {
    Action::Worker(message, Rc::default())
}

/// A state after `a.sql` was analysed, and what was asked of the browser then.
pub(crate) fn analysed(targets: usize) -> (State, Vec<Effect>) {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Give { files: vec![file("a.sql")], add: false });
    let effects = s.reduce(worker(FromWorker::Ready { session: s.session, overview: Box::new(overview(targets)) }));
    (s, effects)
}

pub(super) fn asked(effects: &[Effect], wanted: impl Fn(&Query) -> bool) -> u32 {
    let id = effects.iter().find_map(|e| match e {
        Effect::Ask(id, query) if wanted(query) => Some(*id),
        _ => None,
    });
    id.unwrap_or_else(|| panic!("not asked: {effects:?}"))
}

pub(super) fn answer(s: &mut State, id: u32, answer: Answer) -> Vec<Effect> {
    let session = s.session;
    s.reduce(worker(FromWorker::Answer { session, id, answer: Box::new(answer) }))
}

fn row(index: u32, rule: &str) -> FindingRow {
    FindingRow {
        index,
        target: 0,
        rule: rule.into(),
        category: "indexes".into(),
        severity: Severity::High,
        certainty: Certainty::Proven,
        objects: Vec::new(),
        message: String::new(),
        evidence: None,
        locations: Vec::new(),
        fix: None,
        relation: Some(key(7)),
        fingerprint: String::new(),
        waived: None,
    }
}

fn page(offset: u32, rows: Vec<FindingRow>, matching: u32) -> Answer {
    Answer::Findings(Box::new(FindingsPage { total: matching, matching, offset, rows, ..FindingsPage::default() }))
}

#[test]
fn what_is_given_is_analysed() {
    let mut s = State::new(Prefs::default());
    let effects = s.reduce(Action::Give { files: vec![file("a.sql"), file("b.sql")], add: false });
    assert!(matches!(s.phase, Phase::Working(Progress { total: 20, .. })));
    let files = vec!["a.sql".to_owned(), "b.sql".to_owned()];
    assert_eq!(effects, [Effect::Analyse { session: 1, options: Options::default(), files }]);
}

#[test]
fn nothing_to_read_stays_where_it_is_and_says_so() {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Give { files: Vec::new(), add: false });
    assert_eq!(s.phase, Phase::Landing);
    assert!(s.notice.unwrap().text.starts_with("Nothing to read"));
}

#[test]
fn adding_keeps_what_is_there_and_the_same_name_replaces() {
    let (mut s, _) = analysed(1);
    s.reduce(Action::Give { files: vec![Given { size: 99, ..file("a.sql") }, file("b.sql")], add: true });
    assert_eq!(s.given.iter().map(|g| (g.name.as_str(), g.size)).collect::<Vec<_>>(), [("a.sql", 99), ("b.sql", 10)]);
    s.reduce(Action::Give { files: vec![file("c.sql")], add: false });
    assert_eq!(s.given.len(), 1, "without adding it begins anew");
}

#[test]
fn an_analysis_with_a_schema_opens_the_workspace_and_asks_for_what_it_shows() {
    let (s, effects) = analysed(1);
    assert_eq!(s.phase, Phase::Workspace);
    asked(&effects, |q| matches!(q, Query::Tables { target: 0, .. }));
    asked(&effects, |q| matches!(q, Query::Diagram { target: 0, .. }));
    asked(&effects, |q| matches!(q, Query::Findings { .. }));
    asked(&effects, |q| matches!(q, Query::Problems { .. }));
}

#[test]
fn an_analysis_without_a_schema_shows_its_problems_only() {
    let (s, effects) = analysed(0);
    assert_eq!(s.phase, Phase::Nothing);
    asked(&effects, |q| matches!(q, Query::Problems { .. }));
    assert!(!effects.iter().any(|e| matches!(e, Effect::Ask(_, Query::Diagram { .. }))));
}

#[test]
fn messages_of_an_analysis_that_is_over_are_dropped() {
    let (mut s, effects) = analysed(1);
    let tables = asked(&effects, |q| matches!(q, Query::Tables { .. }));
    s.reduce(worker(FromWorker::Answer {
        session: s.session - 1,
        id: tables,
        answer: Box::new(Answer::Tables(TableList::default())),
    }));
    assert_eq!(s.tables, None);
    s.reduce(worker(FromWorker::Failed { session: Some(0), file: None, message: "late".into() }));
    assert_eq!(s.phase, Phase::Workspace);
}

#[test]
fn cancelling_ends_the_worker_and_goes_back() {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Give { files: vec![file("a.sql")], add: false });
    let effects = s.reduce(Action::Cancel);
    assert!(effects.contains(&Effect::Terminate) && effects.contains(&Effect::Keep(Vec::new())));
    assert_eq!((s.phase.clone(), s.given.len()), (Phase::Landing, 0));
    let (mut s, _) = analysed(1);
    assert_eq!(s.reduce(Action::Cancel), [], "nothing to cancel");
    assert_eq!(s.phase, Phase::Workspace);
}

#[test]
fn after_a_breakdown_it_goes_on_without_the_file_at_fault() {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Give { files: vec![file("bad.sql"), file("good.sql")], add: false });
    let failed = FromWorker::Failed { session: Some(s.session), file: Some("bad.sql".into()), message: "x".into() };
    assert!(s.reduce(worker(failed)).contains(&Effect::Terminate));
    assert!(matches!(&s.phase, Phase::Died { file: Some(f), .. } if f == "bad.sql"));
    let effects = s.reduce(Action::Retry { without: Some("bad.sql".into()) });
    let fed = effects.iter().find_map(|e| match e {
        Effect::Analyse { files, .. } => Some(files.clone()),
        _ => None,
    });
    assert_eq!(fed, Some(vec!["good.sql".to_owned()]));
    assert!(s.given[0].left_out, "it is still listed, as left out");
}

#[test]
fn a_worker_of_another_version_is_not_talked_to() {
    let mut s = State::new(Prefs::default());
    s.reduce(worker(FromWorker::Hello { protocol: VERSION + 1, engine: "9".into() }));
    assert!(matches!(s.phase, Phase::Unusable(_)));
}

#[test]
fn selecting_anywhere_selects_everywhere() {
    let (mut s, effects) = analysed(1);
    let (diagram, buffer) = sample();
    let id = asked(&effects, |q| matches!(q, Query::Diagram { .. }));
    let session = s.session;
    s.reduce(Action::Worker(
        FromWorker::Answer { session, id, answer: Box::new(Answer::Diagram(diagram)) },
        buffer.into(),
    ));
    assert_eq!(s.scene.as_ref().unwrap().boxes.len(), 2);

    let effects = s.reduce(Action::Select(Selection::Finding(4)));
    let id = asked(&effects, |q| matches!(q, Query::Finding { index: 4 }));
    assert_eq!(s.highlighted(), None, "not known yet");
    let detail = FindingDetail { row: row(4, "r"), summary: String::new(), same_rule: 0, same_relation: Vec::new() };
    answer(&mut s, id, Answer::Finding(Box::new(detail)));
    assert_eq!(s.highlighted(), Some(key(7)), "the diagram shows the finding's table");

    let before = s.flight;
    let effects = s.reduce(Action::Reveal(key(3)));
    asked(&effects, |q| matches!(q, Query::Table { target: 0, id: 3 }));
    assert!(s.flight != before && s.flight.1 == Flight::Table(key(3)));
    s.reduce(Action::Back);
    assert_eq!(s.selection, Some(Selection::Finding(4)));
}

#[test]
fn the_answer_for_what_was_selected_before_is_not_shown() {
    let (mut s, _) = analysed(1);
    let first = asked(&s.reduce(Action::Select(Selection::Finding(1))), |q| matches!(q, Query::Finding { .. }));
    s.reduce(Action::Select(Selection::Finding(2)));
    let detail = FindingDetail { row: row(1, "r"), summary: String::new(), same_rule: 0, same_relation: Vec::new() };
    answer(&mut s, first, Answer::Finding(Box::new(detail)));
    assert_eq!(s.inspected, Inspected::Waiting);
}

#[test]
fn another_column_of_the_same_table_asks_nothing() {
    let (mut s, _) = analysed(1);
    s.reduce(Action::Select(Selection::Relation(key(3), None)));
    assert_eq!(s.reduce(Action::Select(Selection::Relation(key(3), Some("id".into())))), []);
    assert_eq!(s.highlighted_column(), Some("id"));
    assert!(s.trail.is_empty(), "a step within a table is no step back");
}

#[test]
fn filters_ask_anew_and_the_rest_is_appended_in_order() {
    let (mut s, effects) = analysed(1);
    let old = asked(&effects, |q| matches!(q, Query::Findings { .. }));
    let filter = FindingsFilter { severities: vec![Severity::High], ..FindingsFilter::default() };
    let new = asked(&s.reduce(Action::FilterFindings(filter.clone())), |q| matches!(q, Query::Findings { .. }));
    answer(&mut s, old, page(0, vec![row(9, "old")], 1));
    assert_eq!(s.findings.page, None, "the answer to the older filter is dropped");
    answer(&mut s, new, page(0, vec![row(0, "a")], 2));
    let more = s.reduce(Action::MoreFindings);
    let id = asked(&more, |q| matches!(q, Query::Findings { page, .. } if page.offset == 1));
    answer(&mut s, id, page(1, vec![row(1, "b")], 2));
    assert_eq!(s.findings.rows.iter().map(|r| r.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(s.reduce(Action::FilterFindings(filter)), [], "the same filter again");
}

#[test]
fn many_findings_are_grouped_unless_the_user_says_otherwise() {
    let (mut s, effects) = analysed(1);
    let id = asked(&effects, |q| matches!(q, Query::Findings { .. }));
    answer(&mut s, id, page(0, Vec::new(), GROUP_ABOVE + 1));
    assert!(s.findings.is_grouped());
    let effects = s.reduce(Action::ToggleGroup("r".into()));
    let id = asked(&effects, |q| matches!(q, Query::Findings { filter, .. } if filter.rules == ["r"]));
    answer(&mut s, id, page(0, vec![row(1, "r")], 1));
    assert_eq!(s.findings.open["r"].len(), 1);
    s.reduce(Action::GroupFindings(false));
    assert!(!s.findings.is_grouped());
}

#[test]
fn places_become_tabs_and_are_cut_when_they_come_to_the_front() {
    let (mut s, _) = analysed(1);
    let at = |start| Location { start, end: start + 1, line: 1, ..Location::default() };
    let effects = s.reduce(Action::ShowSource { locations: vec![at(1), at(5)], active: 1 });
    assert!(matches!(&effects[..], [Effect::Cut { file, location, .. }] if file == "a.sql" && location.start == 5));
    let effects = s.reduce(Action::ActivateTab(0));
    let Some(Effect::Cut { tab, .. }) = effects.first().cloned() else { panic!("not cut: {effects:?}") };
    s.reduce(Action::Excerpt { tab, excerpt: Ok(Rc::default()) });
    assert_eq!(s.reduce(Action::ActivateTab(0)), [], "cut once");
    s.reduce(Action::CloseTab(0));
    assert_eq!((s.source.tabs.len(), s.source.active, s.source.open), (1, 0, true));
    s.reduce(Action::CloseTab(0));
    assert!(!s.source.open && s.pane == Pane::Main);
}

#[test]
fn where_the_page_has_no_copy_the_engine_is_asked() {
    let (mut s, _) = analysed(1);
    let location = Location { start: 3, end: 9, line: 7, ..Location::default() };
    s.reduce(Action::ShowSource { locations: vec![location], active: 0 });
    let tab = s.source.tabs[0].id;
    let id = asked(&s.reduce(Action::NoCopy { tab }), |q| matches!(q, Query::Source { start: 3, end: 9, .. }));
    answer(&mut s, id, Answer::Source(Some("a\nb".into())));
    let excerpt = s.source.tabs[0].excerpt.clone().unwrap().unwrap();
    assert_eq!(excerpt.marked_lines(), Some((7, 8)));
}

#[test]
fn search_shows_only_what_was_found_for_what_is_typed() {
    let (mut s, _) = analysed(1);
    s.reduce(Action::OpenPalette);
    let first = asked(&s.reduce(Action::Type("bo".into())), |q| matches!(q, Query::Search { .. }));
    let second = asked(&s.reduce(Action::Type("boo".into())), |q| matches!(q, Query::Search { .. }));
    let hit = |label: &str, column| SearchHit {
        kind: "column".into(),
        label: label.into(),
        path: String::new(),
        target: Some(0),
        relation: Some(key(3)),
        column,
        finding: None,
        location: None,
    };
    answer(&mut s, first, Answer::Search(vec![hit("old", None)]));
    assert!(s.palette.as_ref().unwrap().hits.is_empty());
    answer(&mut s, second, Answer::Search(vec![hit("book_id", Some(2)), hit("b", None)]));
    s.reduce(Action::MoveHit(-1));
    assert_eq!(s.palette.as_ref().unwrap().active, 1, "it goes round");
    s.reduce(Action::OpenHit(0));
    assert_eq!(s.palette, None);
    assert_eq!(s.selection, Some(Selection::Relation(key(3), Some("book_id".into()))));
    assert_eq!((s.view, s.flight.1), (View::Diagram, Flight::Table(key(3))));
}

#[test]
fn the_report_is_fetched_once_and_downloads_are_saved_as_they_come() {
    let (mut s, _) = analysed(1);
    let id = asked(&s.reduce(Action::Show(View::Report)), |q| matches!(q, Query::Report { .. }));
    let session = s.session;
    let output =
        |name: &str| relata_protocol::OutputFile { name: name.into(), media_type: "text/plain".into(), caution: None };
    let reply = FromWorker::Answer { session, id, answer: Box::new(Answer::File(output("r.md"))) };
    s.reduce(Action::Worker(reply, b"# R".to_vec().into()));
    assert_eq!(s.report.as_deref(), Some("# R"));
    assert_eq!(s.reduce(Action::Show(View::Report)), [Effect::Persist]);
    let id = asked(&s.reduce(Action::SaveReport(ReportFormat::Html)), |q| matches!(q, Query::Report { .. }));
    let reply = FromWorker::Answer { session, id, answer: Box::new(Answer::File(output("r.html"))) };
    let effects = s.reduce(Action::Worker(reply, b"<html>".to_vec().into()));
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Save { name, bytes, .. } if name == "r.html" && **bytes == *b"<html>"))
    );
}

#[test]
fn another_target_is_looked_at_afresh() {
    let (mut s, _) = analysed(2);
    s.reduce(Action::Select(Selection::Relation(key(1), None)));
    let effects = s.reduce(Action::ChooseTarget(1));
    asked(&effects, |q| matches!(q, Query::Tables { target: 1, .. }));
    assert_eq!((s.selection.clone(), s.inspected.clone()), (None, Inspected::Project));
    assert_eq!(s.reduce(Action::ChooseTarget(5)), [], "there is no such target");
}

#[test]
fn a_corrected_server_version_is_analysed_anew() {
    let (mut s, _) = analysed(1);
    let effects = s.reduce(Action::SetServerVersion(Some(13)));
    assert!(effects.iter().any(|e| matches!(e, Effect::Analyse { options, .. } if options.server_version == Some(13))));
    assert!(s.phase == Phase::Workspace && s.analysing.is_some(), "behind what is shown");
}

#[test]
fn the_project_is_called_by_what_was_given() {
    let name = |names: &[&str]| {
        let mut s = State::new(Prefs::default());
        s.given = names.iter().map(|n| file(n)).collect();
        s.project_name()
    };
    assert_eq!(name(&["db/schema.sql"]), "schema.sql");
    assert_eq!(name(&["db/1.sql", "db/up/2.sql"]), "db");
    assert_eq!(name(&["a.sql", "b.sql"]), "2 files");
}

#[test]
fn a_notice_goes_away_by_its_own_timer_only() {
    let mut s = State::new(Prefs::default());
    s.reduce(Action::Tell("one".into()));
    let first = s.notice.as_ref().unwrap().id;
    s.reduce(Action::Tell("two".into()));
    s.reduce(Action::NoticeOver(first));
    assert_eq!(s.notice.as_ref().unwrap().text, "two");
}
