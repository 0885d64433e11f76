//! Where histories stop: Relata says what is marked in them. That the marks are true is `tests/postgres.rs`' part.

use relata_core::history::stops_at;
use relata_tests::histories::scenarios;

#[test]
fn histories_stop_where_they_are_marked() {
    let mut failures = String::new();
    for scenario in scenarios() {
        let analysis = scenario.analyze();
        let [target] = analysis.targets.as_slice() else {
            failures.push_str(&format!("{}: {} targets\n", scenario.name, analysis.targets.len()));
            continue;
        };
        let found = stops_at(&target.history, &target.replay).map(|stop| {
            let at = analysis.location(stop.conflict.span);
            (at.file, at.line, stop.conflict.sqlstate.to_owned())
        });
        if found != scenario.stops {
            failures.push_str(&format!("{}: stops at {found:?}, marked {:?}\n", scenario.name, scenario.stops));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
