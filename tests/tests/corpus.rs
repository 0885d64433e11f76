//! The corpus of third-party schemas: what Relata makes of each equals what PostgreSQL made of it.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::collections::BTreeMap;

use relata_core::session::FileOrder;
use relata_tests::corpus;
use relata_tests::facts::Comparison;

/// What each item has reached: `score name`, scores in ten-thousandths rounded down. Nothing may fall below; a change that does better raises its
/// line. An item without a line must agree in every fact.
const FLOORS: &str = include_str!("../fidelity-floors.txt");

fn floors() -> BTreeMap<&'static str, u32> {
    let lines = FLOORS.lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines
        .map(|line| line.split_once(' ').expect("score and name"))
        .map(|(score, name)| (name, score.parse().expect("a number")))
        .collect()
}

#[test]
fn catalogues_agree_with_postgresql() {
    let Some(folder) = corpus::folder() else { return };
    let (mut failures, mut lines) = (String::new(), String::new());
    let floors = floors();
    let items = corpus::items(&folder);
    assert!(items.len() >= 46, "only {} items were found", items.len());
    for item in &items {
        let comparison = Comparison::of(&item.expected(), &corpus::catalog(&item.analyze()));
        let score = (comparison.score() * 10_000.0).floor() as u32;
        let floor = floors.get(item.name.as_str()).copied().unwrap_or(10_000);
        if score < floor {
            failures.push_str(&format!("{}: {score} is below {floor}\n{}", item.name, comparison.differences(10)));
        }
        if score < 10_000 {
            lines.push_str(&format!("{score} {}\n", item.name));
        }
    }
    println!("fidelity-floors.txt would be:\n{lines}");
    assert!(failures.is_empty(), "{failures}");
}

/// A folder dropped as it is comes out as its own tool would have run it: one target, PostgreSQL's catalogue.
#[test]
fn folders_agree_with_postgresql() {
    let Some(folder) = corpus::folder() else { return };
    let mut failures = String::new();
    for item in corpus::folders(&folder) {
        let analysis = item.analyze_as(FileOrder::ByName);
        if analysis.targets.len() != 1 {
            let ids: Vec<_> = analysis.targets.iter().map(|t| (&t.target.layout, &t.target.note.root)).collect();
            failures.push_str(&format!("{}: {ids:?}\n", item.name));
            continue;
        }
        let comparison = Comparison::of(&item.expected(), &corpus::catalog(&analysis));
        if comparison.score() < 1.0 {
            failures.push_str(&format!("{}: {}\n{}", item.name, comparison.score(), comparison.differences(10)));
        }
        let target = &analysis.targets[0];
        println!("{}: {} ({} revisions)", item.name, target.target.layout, target.history.revisions.len());
    }
    assert!(failures.is_empty(), "{failures}");
}

/// What loads without an error into PostgreSQL holds nothing that it would refuse.
#[test]
fn nothing_that_loads_is_a_conflict() {
    let Some(folder) = corpus::folder() else { return };
    let mut failures = String::new();
    for item in corpus::items(&folder) {
        let analysis = item.analyze();
        let conflicts = analysis.targets.iter().flat_map(|t| &t.replay.conflicts);
        for conflict in conflicts.take(5) {
            let at = analysis.location(conflict.span);
            failures.push_str(&format!(
                "{}: {}:{}: {} {}\n",
                item.name, at.file, at.line, conflict.sqlstate, conflict.message
            ));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The order in which files are given makes no difference where Relata itself orders them, and neither does how their bytes are cut.
#[test]
fn equal_input_gives_equal_output() {
    use relata_core::session::{Options, Session};
    let Some(folder) = corpus::folder() else { return };
    for name in ["pg-pagila", "pg-documenso", "pg-openfga"] {
        let item = corpus::items(&folder).into_iter().find(|i| i.name == name).expect("an item of the corpus");
        let mut files: Vec<_> = item
            .files
            .iter()
            .map(|(name, path)| (name.clone(), std::fs::read(path).expect("it can be read")))
            .collect();
        let mut outputs = Vec::new();
        for chunk in [usize::MAX, 1 << 10, 7] {
            let mut session = Session::new(Options::default());
            for (name, bytes) in &files {
                for part in bytes.chunks(chunk) {
                    session.push(name, part);
                }
            }
            let analysis = session.finish(&mut |_| ());
            let findings: Vec<_> =
                analysis.targets.iter().flat_map(|t| &t.findings).map(|f| f.fingerprint.clone()).collect();
            outputs.push((corpus::catalog(&analysis).to_string(), findings));
            files.reverse();
        }
        assert!(outputs.windows(2).all(|pair| pair[0] == pair[1]), "{name} depends on chunks or on the order of files");
    }
}
