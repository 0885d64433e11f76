//! What crosses is pinned down as JSON: the page and the worker may be built apart, and `worker.js` reads the outermost keys.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::*;

/// `value` is written as `expected`, and comes back from it as it was.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T, expected: serde_json::Value) {
    assert_eq!(serde_json::to_value(value).unwrap(), expected);
    assert_eq!(&serde_json::from_value::<T>(expected).unwrap(), value);
}

#[test]
fn messages_to_the_worker() {
    check(
        &ToWorker::Start {
            session: 3,
            files: 2,
            bytes: 5_000_000_000,
            options: Options { server_version: Some(15), ..Options::default() },
        },
        json!({ "start": { "session": 3, "files": 2, "bytes": 5_000_000_000_u64, "options": { "serverVersion": 15, "layout": null, "dialect": null, "partial": false, "waivers": [], "today": null } } }),
    );
    check(
        &ToWorker::AddFile { name: "a/b.sql".into(), size: 7 },
        json!({ "addFile": { "name": "a/b.sql", "size": 7 } }),
    );
    check(&ToWorker::Chunk, json!("chunk"));
    check(&ToWorker::Finish, json!("finish"));
    check(&ToWorker::Query { id: 9, query: Query::Overview }, json!({ "query": { "id": 9, "query": "overview" } }));
}

#[test]
fn messages_from_the_worker() {
    check(
        &FromWorker::Hello { protocol: VERSION, engine: "0.1.0".into() },
        json!({ "hello": { "protocol": 3, "engine": "0.1.0" } }),
    );
    check(
        &FromWorker::Progress {
            session: 1,
            progress: Progress { stage: Stage::Read, done: 10, total: 20, file: Some("x.sql".into()) },
        },
        json!({ "progress": { "session": 1, "progress": { "stage": "read", "done": 10, "total": 20, "file": "x.sql" } } }),
    );
    check(
        &FromWorker::Failed { session: None, file: None, message: "no memory".into() },
        json!({ "failed": { "session": null, "file": null, "message": "no memory" } }),
    );
    check(
        &FromWorker::Answer { session: 1, id: 4, answer: Box::new(Answer::Source(None)) },
        json!({ "answer": { "session": 1, "id": 4, "answer": { "source": null } } }),
    );
}

#[test]
fn queries() {
    check(&Query::Table { target: 0, id: 12 }, json!({ "table": { "target": 0, "id": 12 } }));
    check(
        &Query::Findings {
            filter: FindingsFilter {
                severities: vec![Severity::High],
                relation: Some(RelationKey { kind: RelationKind::View, id: 2 }),
                ..FindingsFilter::default()
            },
            page: Page { offset: 50, limit: 25 },
        },
        json!({ "findings": {
            "filter": {
                "target": null, "severities": ["high"], "certainties": [], "categories": [], "rules": [],
                "relation": { "kind": "view", "id": 2 }, "file": null, "fixable": false, "waived": false, "text": "",
            },
            "page": { "offset": 50, "limit": 25 },
        } }),
    );
    check(
        &Query::ExportDiagram {
            target: 1,
            format: DiagramFormat::PlantUml,
            options: DiagramOptions::default(),
            arrangement: Arrangement {
                hidden: vec![RelationKey { kind: RelationKind::View, id: 2 }],
                placed: Some(Placed {
                    boxes: vec![PlacedBox {
                        relation: RelationKey { kind: RelationKind::Table, id: 0 },
                        corner: [-3, 7],
                        collapsed: true,
                    }],
                    lines: vec![PlacedLine { edge: 4, points: vec![[0, 1], [9, 1]] }],
                    areas: vec![PlacedArea { name: "shop".into(), hue: 3, rect: [0, 0, 40, 20] }],
                }),
                links: Some("tables/".into()),
            },
        },
        json!({ "exportDiagram": {
            "target": 1, "format": "plantUml",
            "options": { "detail": "columns", "focus": null, "hops": 0, "includeViews": false },
            "arrangement": {
                "hidden": [{ "kind": "view", "id": 2 }],
                "placed": {
                    "boxes": [{ "relation": { "kind": "table", "id": 0 }, "corner": [-3, 7], "collapsed": true }],
                    "lines": [{ "edge": 4, "points": [[0, 1], [9, 1]] }],
                    "areas": [{ "name": "shop", "hue": 3, "rect": [0, 0, 40, 20] }],
                },
                "links": "tables/",
            },
        } }),
    );
}

#[test]
fn histories() {
    check(&Query::GoTo { target: 0, revision: Some(41) }, json!({ "goTo": { "target": 0, "revision": 41 } }));
    check(&Query::GoTo { target: 0, revision: None }, json!({ "goTo": { "target": 0, "revision": null } }));
    check(
        &Answer::Standing(Standing { target: 0, revision: Some(41) }),
        json!({ "standing": { "target": 0, "revision": 41 } }),
    );
    check(&RevisionStatus::NotReached, json!("notReached"));
}

#[test]
fn what_a_page_leaves_out_of_a_filter_is_open() {
    let filter: FindingsFilter = serde_json::from_value(json!({ "rules": ["x"] })).unwrap();
    assert_eq!(filter, FindingsFilter { rules: vec!["x".into()], ..FindingsFilter::default() });
    let options: DiagramOptions = serde_json::from_value(json!({})).unwrap();
    assert_eq!(options, DiagramOptions::default());
}

#[test]
fn a_location_has_bytes_and_places() {
    check(
        &Location { file: 1, start: 10, end: 14, line: 2, column: 3, end_line: 2, end_column: 7 },
        json!({ "file": 1, "start": 10, "end": 14, "line": 2, "column": 3, "endLine": 2, "endColumn": 7 }),
    );
}

#[test]
fn severities_are_counted_and_the_worst_is_known() {
    let mut counts = SeverityCounts::default();
    assert_eq!(counts.worst(), None);
    counts.add(Severity::Info);
    counts.add(Severity::Medium);
    counts.add(Severity::Medium);
    assert_eq!((counts.total(), counts.of(Severity::Medium), counts.worst()), (3, 2, Some(Severity::Medium)));
}

#[test]
fn names_keep_order_blanks_and_odd_characters() {
    let names = ["", "a", "two words", "new\nline", "", "\u{1F600}", "nul\0inside", ""];
    let packed: Names = names.iter().collect();
    let back: Vec<&str> = packed.iter().collect();
    assert_eq!(back, ["", "a", "two words", "new\nline", "", "\u{1F600}", "nulinside", ""]);
    assert_eq!(Names::default().iter().count(), 0);
    assert_eq!(serde_json::to_value(&packed).unwrap(), json!("\0a\0two words\0new\nline\0\0\u{1F600}\0nulinside\0\0"));
}
