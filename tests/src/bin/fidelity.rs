//! Prints `docs/fidelity.md`: for every schema of the corpus, how many of its statements are understood and how closely the result agrees with
//! PostgreSQL's own catalogue. `cargo xtask fidelity` writes the file. With names of items as arguments: their differing facts.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use std::collections::BTreeMap;

use relata_core::analysis::Analysis;
use relata_tests::corpus;
use relata_tests::facts::{Comparison, Fact};
use serde_json::Value;

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
         has. A statement counts as understood when every clause of it that concerns the schema was. What is missing from either is explained below.\n",
        corpus::ORACLE_VERSION
    );
    println!("| schema | files | statements | understood | facts | score |\n|---|--:|--:|--:|--:|--:|");
    let (mut statements, mut understood, mut both, mut either) = (0, 0, 0, 0);
    let mut notes = Vec::new();
    for item in &items {
        let (analysis, expected) = (item.analyze(), item.expected());
        let comparison = Comparison::of(&expected, &corpus::catalog(&analysis));
        let mut note = |why: Vec<String>| {
            if why.is_empty() {
                return String::new();
            }
            notes.push(why.join(" "));
            format!("[^{}]", notes.len())
        };
        let (unread, differing) = (note(not_understood(&analysis)), note(explained(&comparison, &expected)));
        let all: u32 = analysis.targets.iter().map(|t| t.coverage.statements).sum();
        let read: u32 = analysis.targets.iter().map(|t| t.coverage.understood).sum();
        println!(
            "| {} | {} | {all} | {}{unread} | {} | {:.4}{differing} |",
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
    if !notes.is_empty() {
        println!();
    }
    for (number, note) in (1..).zip(notes) {
        println!("[^{number}]: {note}");
    }
}

/// The statements that were not understood, by reason.
fn not_understood(analysis: &Analysis) -> Vec<String> {
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    for problem in analysis.targets.iter().flat_map(|t| &t.coverage.skipped) {
        *reasons.entry(&problem.message).or_default() += 1;
    }
    let times = |n: u32| if n == 1 { "Once".to_owned() } else { format!("{n} times") };
    reasons.into_iter().map(|(why, n)| format!("{}: {}", times(n), why.replace('\n', " "))).collect()
}

/// Why two catalogues differ. A difference without a reason stands here as the fact that it is.
fn explained(comparison: &Comparison, expected: &Value) -> Vec<String> {
    let mut comparison = comparison.clone();
    let made = comparison.take_prepared(expected);
    let mut why = Vec::new();
    if !made.is_empty() {
        let names: Vec<String> = made.iter().map(|(_, name)| format!("`{name}`")).collect();
        why.push(format!(
            "Of the facts {} are schemas that this file makes and that the project's own files expect to be there, so that the catalogue of what \
             they made does not count them: {}.",
            made.len(),
            names.join(", ")
        ));
    }
    let told = |where_from: &str, fact: &Fact| format!("Only {where_from}: {} `{}`.", fact.0, fact.1);
    why.extend(comparison.missing.iter().map(|fact| told("PostgreSQL has", fact)));
    why.extend(comparison.extra.iter().map(|fact| told("Relata has", fact)));
    why
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
