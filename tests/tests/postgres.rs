//! What Relata says of PostgreSQL, asked of PostgreSQL. `cargo xtask test postgres` starts a server and runs these.

use std::collections::BTreeSet;

use relata_core::rules::REGISTRY;
use relata_tests::conflicts::{Script, conflicts, differences, known_failures, replay_scripts, scripts};
use relata_tests::corpus::{self, analyze_sql, catalog};
use relata_tests::facts::Comparison;
use relata_tests::server::Database;

/// The marks in the scripts are what PostgreSQL does, and what then stands in its catalogue is what Relata has.
#[test]
fn scripts_are_refused_as_marked_and_leave_the_same_catalogue() {
    let mut failures = String::new();
    let database = Database::create("scripts");
    for script in &scripts() {
        database.empty();
        let refused: BTreeSet<_> = database.run(&script.text).into_iter().collect();
        let wrong_marks = differences(&script.refused, &refused, &script.text);
        if !wrong_marks.is_empty() {
            failures.push_str(&format!("{}: PostgreSQL disagrees with the marks\n{wrong_marks}", script.name));
        }
        failures.push_str(&same_catalogue(script, &database));
    }
    assert!(failures.is_empty(), "{failures}");
}

/// What replay's own tests say that PostgreSQL refuses, it refuses.
#[test]
fn replay_tests_are_right_about_postgresql() {
    let mut failures = String::new();
    let database = Database::create("replay");
    for script in &replay_scripts() {
        database.empty();
        let refused: BTreeSet<_> = database.run(&script.text).into_iter().collect();
        let wrong = differences(&script.refused, &refused, &script.text);
        if !wrong.is_empty() {
            failures.push_str(&format!("{}: PostgreSQL disagrees with the marks\n{wrong}", script.name));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Where Relata refuses what PostgreSQL refuses, it must also have what PostgreSQL has.
fn same_catalogue(script: &Script, database: &Database) -> String {
    let analysis = analyze_sql([("script.sql", script.text.as_bytes())]);
    // What is refused wrongly is told by tests/conflicts.rs.
    if conflicts(&analysis) != script.refused || known_failures().contains(script.name.as_str()) {
        return String::new();
    }
    let comparison = Comparison::of(&database.catalog(), &catalog(&analysis));
    match comparison.differences(8) {
        same if same.is_empty() => same,
        differing => format!("{}: catalogues differ\n{differing}", script.name),
    }
}

/// The query that reads a live catalogue gives the corpus' own catalogues. It is what the other tests here stand on.
#[test]
fn our_query_reads_what_the_corpus_has() {
    let Some(folder) = corpus::folder() else { return };
    // Between them they have every kind of object.
    for name in ["pg-pagila", "pg-jooq-sakila", "pg-hatchet", "pg-davical"] {
        let item = corpus::items(&folder).into_iter().find(|i| i.name == name).expect("an item of the corpus");
        let database = Database::create("corpus");
        for (_, file) in &item.files {
            database.run(&std::fs::read_to_string(file).expect("these are UTF-8"));
        }
        let comparison = Comparison::of(&item.expected(), &database.catalog());
        assert!(comparison.missing.is_empty() && comparison.extra.is_empty(), "{name}\n{}", comparison.differences(20));
    }
}

/// A fix is SQL that the database accepts: each rule's own examples, made and repaired on a live server.
#[test]
fn every_fix_runs() {
    let (mut failures, mut ran) = (String::new(), 0);
    for rule in REGISTRY {
        for (number, example) in rule.fires.iter().enumerate() {
            let sql = example.replace(['«', '»'], "");
            let analysis = analyze_sql([("example.sql", sql.as_bytes())]);
            let findings = analysis.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == rule.name);
            for (which, fix) in findings.filter_map(|f| f.fix.as_ref()).enumerate() {
                let database = Database::create(&format!("fix_{}_{number}_{which}", rule.name));
                // An example may stand on what a platform brings along; then there is nothing to repair here.
                if !database.run(&sql).is_empty() {
                    continue;
                }
                ran += 1;
                let refused = database.run(&fix.sql);
                if !refused.is_empty() {
                    failures.push_str(&format!("{}: {refused:?}\n{}\n--- after\n{sql}\n", rule.name, fix.sql));
                }
            }
        }
    }
    assert!(ran >= 20, "only {ran} fixes were tried");
    assert!(failures.is_empty(), "{failures}");
}
