//! Prints `docs/fidelity.md`: for every schema of the corpus, how many of its statements are understood and how closely the result agrees with
//! PostgreSQL's own catalogue. `cargo xtask fidelity` writes the file. With names of items as arguments: their differing facts.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use relata_tests::corpus;
use relata_tests::facts::Comparison;

fn main() {
    let Some(folder) = corpus::folder() else { return };
    let named: Vec<String> = std::env::args().skip(1).collect();
    let items = corpus::items(&folder);
    if !named.is_empty() {
        for item in items.iter().filter(|i| named.contains(&i.name)) {
            let comparison = Comparison::of(&item.expected(), &corpus::catalog(&item.analyze()));
            println!("{}{} {:.4}", comparison.differences(100), item.name, comparison.score());
        }
        return;
    }
    println!("# Fidelity\n");
    println!(
        "Made by `cargo xtask fidelity`. Each row is a schema of a real project, loaded into PostgreSQL {} and read by Relata. A fact is one thing\n\
         that a catalogue asserts (a column with its type, a key with its columns …); the score is the facts that both have over those that either\n\
         has. A statement counts as understood when every clause of it that concerns the schema was.\n",
        corpus::ORACLE_VERSION
    );
    println!("| schema | files | statements | understood | facts | score |\n|---|--:|--:|--:|--:|--:|");
    let (mut statements, mut understood, mut both, mut either) = (0, 0, 0, 0);
    for item in &items {
        let analysis = item.analyze();
        let comparison = Comparison::of(&item.expected(), &corpus::catalog(&analysis));
        let all: u32 = analysis.targets.iter().map(|t| t.coverage.statements).sum();
        let read: u32 = analysis.targets.iter().map(|t| t.coverage.understood).sum();
        println!(
            "| {} | {} | {all} | {} | {} | {:.4} |",
            item.name,
            item.files.len(),
            percent(read, all),
            comparison.either,
            floor(comparison.score())
        );
        statements += all;
        understood += read;
        both += comparison.both;
        either += comparison.either;
    }
    let score = floor(f64::from(both) / f64::from(either.max(1)));
    println!("| **all** | | {statements} | {} | {either} | {score:.4} |", percent(understood, statements));
}

/// A share that says 100 only where it is whole.
fn percent(part: u32, whole: u32) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = u64::from(part) * 1000 / u64::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Four digits, rounded down, so that 1.0000 means every fact.
fn floor(score: f64) -> f64 {
    (score * 10_000.0).floor() / 10_000.0
}
