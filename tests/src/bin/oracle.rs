//! Runs scripts of SQL, each in a database of its own, and prints where PostgreSQL and Relata disagree. `cargo xtask oracle FILE.sql...` starts the
//! server for it.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use relata_tests::verdicts::{Said, compare};

/// How many facts of catalogues that differ are printed.
const FACTS: usize = 40;

fn main() -> std::io::Result<()> {
    let (mut files, mut statements, mut refused, mut differing, mut equal) = (0, 0, 0, 0, 0);
    for file in std::env::args().skip(1) {
        let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        let verdicts = compare(&text);
        println!(
            "{file}: {} statements, {} refused by both, {} for other reasons, {} differ; catalogue {:.4}",
            verdicts.statements,
            verdicts.refused,
            verdicts.beyond,
            verdicts.differences.len(),
            verdicts.catalog.score()
        );
        for difference in &verdicts.differences {
            println!("  line {}: {}", difference.line, one_line(&difference.text));
            println!("    PostgreSQL: {}\n    Relata:     {}", say(&difference.live), say(&difference.ours));
        }
        for (line, why) in &verdicts.skipped {
            println!("  line {line}: {why}");
        }
        print!("{}", verdicts.catalog.differences(FACTS));
        files += 1;
        statements += verdicts.statements;
        refused += verdicts.refused;
        differing += verdicts.differences.len();
        equal += usize::from(verdicts.catalog.missing.is_empty() && verdicts.catalog.extra.is_empty());
    }
    println!(
        "{files} files, {statements} statements, {refused} refused by both, {differing} differ; {equal} catalogues equal"
    );
    Ok(())
}

fn say(said: &Said) -> String {
    said.as_ref().map_or_else(|| "accepts".to_owned(), |(state, message)| format!("{state} {message}"))
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}
