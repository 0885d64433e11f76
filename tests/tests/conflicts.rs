//! What PostgreSQL refuses, Relata refuses: the same statements, with the same SQLSTATE, and no others.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use relata_tests::conflicts::{conflicts, differences, known_failures, scripts};
use relata_tests::corpus::analyze_sql_for;

#[test]
fn relata_refuses_what_postgresql_refuses() {
    let known = known_failures();
    let (mut failures, mut repaired, mut total) = (String::new(), Vec::new(), 0);
    for script in scripts() {
        total += 1;
        let actual = conflicts(&analyze_sql_for(script.version, [("script.sql", script.text.as_bytes())]));
        let differing = differences(&script.refused, &actual, &script.text);
        match (differing.is_empty(), known.contains(script.name.as_str())) {
            (true, true) => repaired.push(script.name),
            (false, false) => failures.push_str(&format!("{}\n{differing}", script.name)),
            _ => {}
        }
    }
    assert!(total >= 60, "only {total} scripts were found");
    if !repaired.is_empty() {
        println!("take out of known-failures.txt:\n{}", repaired.join("\n"));
    }
    assert!(failures.is_empty(), "{failures}");
}
