//! Runs scripts of SQL, each in a database of its own, and prints where PostgreSQL and Relata disagree. `cargo xtask oracle FILE.sql...` starts the
//! server for it. A file whose parts stand under lines `--# NAME`, as those of `tests/conflicts/` do, is as many scripts. With `--all`, what
//! PostgreSQL refuses for a reason that Relata does not promise to find is told, too.

#![allow(clippy::print_stdout, reason = "a command line speaks through its standard streams")]

use relata_tests::verdicts::{Said, Verdicts, compare};

/// How many facts of catalogues that differ are printed.
const FACTS: usize = 40;

fn main() -> std::io::Result<()> {
    let (mut scripts, mut statements, mut refused, mut differing, mut equal) = (0, 0, 0, 0, 0);
    let (options, files): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|a| a.starts_with("--"));
    let all = options.iter().any(|o| o == "--all");
    for file in files {
        let text = String::from_utf8_lossy(&std::fs::read(&file)?).into_owned();
        for (name, text) in parts(&file, &text) {
            let verdicts = compare(text);
            tell(&name, &verdicts, all);
            scripts += 1;
            statements += verdicts.statements;
            refused += verdicts.refused;
            differing += verdicts.differences.len();
            equal += usize::from(verdicts.catalog.missing.is_empty() && verdicts.catalog.extra.is_empty());
        }
    }
    println!(
        "{scripts} scripts, {statements} statements, {refused} refused by both, {differing} differ; {equal} catalogues equal"
    );
    Ok(())
}

/// The scripts in a file, with what they are called.
fn parts<'a>(file: &str, text: &'a str) -> Vec<(String, &'a str)> {
    let parts = text.split("--# ").skip(1).map(|part| {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        (format!("{file}: {name}"), text)
    });
    if text.contains("--# ") { parts.collect() } else { vec![(file.to_owned(), text)] }
}

fn tell(name: &str, verdicts: &Verdicts, all: bool) {
    println!(
        "{name}: {} statements, {} refused by both, {} for other reasons, {} differ; catalogue {:.4}",
        verdicts.statements,
        verdicts.refused,
        verdicts.beyond.len(),
        verdicts.differences.len(),
        verdicts.catalog.score()
    );
    for difference in verdicts.differences.iter().chain(verdicts.beyond.iter().filter(|_| all)) {
        println!("  line {}: {}", difference.line, one_line(&difference.text));
        println!("    PostgreSQL: {}\n    Relata:     {}", say(&difference.live), say(&difference.ours));
    }
    for (line, why) in &verdicts.skipped {
        println!("  line {line}: {why}");
    }
    print!("{}", verdicts.catalog.differences(FACTS));
}

fn say(said: &Said) -> String {
    said.as_ref().map_or_else(|| "accepts".to_owned(), |(state, message)| format!("{state} {message}"))
}

fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(300).collect()
}
