//! The session as JavaScript sees it, in a worker as on the page. What answers say is tested natively, beside `view`.

use js_sys::{Array, Int32Array, JSON, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use crate::{Session, last_panic, protocol_version, warm_up};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const SQL: &str = "CREATE TABLE author (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE book (
    id bigint PRIMARY KEY,
    title text NOT NULL,
    author_id bigint NOT NULL REFERENCES author (id)
);
CREATE TABLE \"a \"\"b\"\" <script>\" (\"🦊\" int);
";

fn js(json: &str) -> JsValue {
    JSON::parse(json).unwrap()
}

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, key| Reflect::get(&value, &key.into()).unwrap())
}

fn number(value: &JsValue, path: &str) -> f64 {
    get(value, path).as_f64().unwrap_or_else(|| panic!("{path} in {}", JSON::stringify(value).unwrap()))
}

fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_else(|| panic!("{path} in {}", JSON::stringify(value).unwrap()))
}

/// A finished session, its overview and the progress it told.
fn finished(chunk: usize) -> (Session, JsValue, Array) {
    let mut session = Session::new(js(r#"{"serverVersion": 15}"#)).ok().unwrap();
    for bytes in SQL.as_bytes().chunks(chunk) {
        session.push("books.sql", bytes).ok().unwrap();
    }
    let told = Array::new();
    let telling = told.clone();
    let progress = Closure::<dyn FnMut(JsValue)>::new(move |progress| {
        telling.push(&progress);
    });
    let overview = session.finish(progress.as_ref().unchecked_ref()).ok().unwrap();
    (session, overview, told)
}

fn ask(session: &mut Session, query: &str) -> Object {
    session.query(js(query)).unwrap_or_else(|_| panic!("{query}"))
}

#[wasm_bindgen_test]
fn an_analysis_from_bytes_to_overview() {
    let (_, overview, told) = finished(7);
    assert_eq!(text(&overview, "files.0.name"), "books.sql");
    assert_eq!(number(&overview, "files.0.bytes"), SQL.len() as f64);
    assert_eq!(number(&overview, "targets.0.serverVersion"), 15.0, "options reach the core");
    let facts = Array::from(&get(&overview, "targets.0.facts"));
    let tables = facts.iter().find(|f| text(f, "name") == "tables").unwrap();
    assert_eq!(number(&tables, "count"), 3.0);
    assert_eq!(number(&overview, "targets.0.coverage.understood"), 3.0);
    let stages: Vec<String> = told.iter().map(|p| text(&p, "stage")).collect();
    assert_eq!(stages, ["replay", "check"]);
}

#[wasm_bindgen_test]
fn chunks_do_not_change_the_answer() {
    let answer = |chunk| {
        let (mut session, ..) = finished(chunk);
        String::from(JSON::stringify(&ask(&mut session, r#"{"table": {"target": 0, "id": 1}}"#)).unwrap())
    };
    assert_eq!(answer(1), answer(SQL.len()));
}

#[wasm_bindgen_test]
fn a_table_and_its_reference() {
    let (mut session, ..) = finished(4096);
    let list = ask(&mut session, r#"{"tables": {"target": 0, "filter": {"text": "book"}}}"#);
    let row = get(&list, "answer.tables.rows.0");
    assert_eq!((text(&row, "path"), number(&row, "references")), ("public.book".to_owned(), 1.0));
    let id = number(&row, "relation.id");
    let table = get(&ask(&mut session, &format!(r#"{{"table": {{"target": 0, "id": {id}}}}}"#)), "answer.table");
    assert_eq!(text(&table, "references.0.to.path"), "public.author");
    assert_eq!(text(&table, "columns.1.name"), "title");
    assert_eq!(number(&table, "columns.1.nameLocation.line"), 4.0);
    assert!(get(&table, "comment").is_null(), "what is absent is null, as in JSON");
}

#[wasm_bindgen_test]
fn findings_come_with_counts() {
    let (mut session, overview, _) = finished(4096);
    let answer = ask(
        &mut session,
        r#"{"findings": {"filter": {"rules": ["no-primary-key"]}, "page": {"offset": 0, "limit": 10}}}"#,
    );
    let page = get(&answer, "answer.findings");
    assert_eq!(number(&page, "matching"), 1.0);
    let row = get(&page, "rows.0");
    assert_eq!(text(&row, "objects.0.path"), "public.\"a \"\"b\"\" <script>\"");
    let (start, end) = (number(&row, "locations.0.start") as usize, number(&row, "locations.0.end") as usize);
    assert!(SQL[start..end].contains("\"a \"\"b\"\" <script>\""), "{}", &SQL[start..end]);
    let counts = get(&overview, "findings");
    let sum: f64 = ["critical", "high", "medium", "low", "info"].iter().map(|s| number(&counts, s)).sum();
    assert_eq!(number(&page, "total"), sum);
}

#[wasm_bindgen_test]
fn geometry_is_a_buffer_of_integers() {
    let (mut session, ..) = finished(4096);
    let answer = ask(&mut session, r#"{"diagram": {"target": 0, "options": {}}}"#);
    let integers = Int32Array::new(&get(&answer, "buffer")).to_vec();
    let geometry = relata_core::diagram::geometry::decode(&integers).unwrap();
    assert_eq!((geometry.nodes.len(), geometry.edges.len()), (3, 1));
    let names = text(&answer, "answer.diagram.rowNames");
    let mut rows: Vec<&str> = names.split_terminator('\0').collect();
    rows.sort_unstable();
    assert_eq!(rows, ["author_id", "id", "id", "name", "title", "🦊"]);
}

#[wasm_bindgen_test]
fn a_report_is_a_buffer_of_bytes() {
    let (mut session, ..) = finished(4096);
    let answer = ask(&mut session, r#"{"report": {"format": "html"}}"#);
    assert_eq!(text(&answer, "answer.file.name"), "books-report.html");
    let html = String::from_utf8(Uint8Array::new(&get(&answer, "buffer")).to_vec()).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("author_id"));
    assert_eq!(html.matches("<script").count(), 1, "the report has one of its own; names are data");
}

#[wasm_bindgen_test]
fn misuse_is_an_error_and_harms_nothing() {
    assert!(Session::new(js(r#"{"serverVersion": "new"}"#)).is_err());
    let mut empty = Session::new(JsValue::UNDEFINED).ok().unwrap();
    assert!(empty.query(js(r#""overview""#)).is_err(), "not finished");
    let (mut session, ..) = finished(4096);
    assert!(session.push("late.sql", b"").is_err());
    assert!(session.end_file().is_err());
    assert!(session.query(js(r#"{"no": "such query"}"#)).is_err());
    let refused = ask(&mut session, r#"{"table": {"target": 0, "id": 99}}"#);
    assert!(get(&refused, "answer.refused.message").is_string());
    assert!(get(&refused, "buffer").is_undefined());
    assert!(get(&ask(&mut session, r#""overview""#), "answer.overview").is_object());
}

#[wasm_bindgen_test]
fn versions_are_told() {
    assert_eq!(protocol_version(), relata_protocol::VERSION);
    assert_eq!(last_panic(), None);
}

#[wasm_bindgen_test]
fn the_warm_up_is_on_dumps_that_postgresql_would_load_and_that_much_is_said_of() {
    let rounds: Vec<String> = (0..).map_while(warm_up).collect();
    assert!(rounds.len() > 5);
    let mut session = relata_core::session::Session::new(relata_core::session::Options::default());
    session.push("made_up.sql", rounds.last().unwrap().as_bytes());
    let analysis = session.finish(&mut |_| {});
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let target = &analysis.targets[0];
    assert!(target.replay.conflicts.is_empty(), "{:?}", target.replay.conflicts);
    let rules: std::collections::BTreeSet<_> = target.findings.iter().map(|f| f.rule.name).collect();
    assert!(rules.len() > 20, "{rules:?}");
}
