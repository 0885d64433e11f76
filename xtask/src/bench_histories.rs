//! The part of `cargo xtask bench` on histories: what thousands of migrations cost beside the same bytes as one file, and going to a revision.
//!
//! The programs `bench_history` and `bench` of the package `relata-tests` measure natively.

use std::fmt::Write as _;

use serde_json::Value;

use crate::Result;
use crate::bench::{lines, machine, mega, number, program};

/// How many migrations there are.
const MIGRATIONS: u32 = 5_000;
/// How much longer than the same bytes as one file they may take until they are replayed.
const GOAL: f64 = 1.2;

/// What long histories cost natively.
struct Histories {
    /// The times of one whose files are as usual, and of one of the smallest files.
    times: Vec<Value>,
    /// What is held to go to any revision of the former.
    held: Value,
}

/// Measures and gives back the page `docs/benchmarks-histories.md`.
pub(crate) fn page(rounds: u32) -> Result<String> {
    let count = MIGRATIONS.to_string();
    // Times of a few milliseconds want more rounds than a dump does.
    let times = lines(&program("bench_history", rounds * 4).arg(&count).output()?)?;
    let memory = lines(&program("bench", 1).args(["migrations", &count]).output()?)?;
    let held = memory.first().map(|line| line["held"].clone()).ok_or("the bench said nothing of the migrations")?;
    Ok(render(&Histories { times, held }))
}

fn render(measured: &Histories) -> String {
    let mut out = format!(
        "# Benchmarks of histories\n\nMade by `cargo xtask bench histories` on {}. Made-up migrations, as files and as the same bytes in one file: how long it takes until the schema is \
         replayed (goal: {GOAL:.2} of the time of the one file), and how long going to a revision takes, in the mean over all in scattered order \
         and from one end to the other. Their sizes are about those of the corpus' folders, most of one statement and some of many; and, as the worst case, one \
         statement or two each. Each has its way back, which is read as well.\n\n\
         | files | bytes each | tables | read, ms | order and replay, ms | as one file | of its time | to a revision, ms | from end to end, ms |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        machine()
    );
    for row in &measured.times {
        let (files, dump, jump) = (&row["history"], &row["dump"], &row["jump"]);
        let _ = writeln!(
            out,
            "| {} | {:.0} | {} | {:.1} | {:.1} | {:.1} + {:.1} | {:.2} | {:.2} | {:.2} |",
            row["files"],
            number(&row["bytes"]) / number(&row["files"]).max(1.0),
            row["tables"],
            number(&files["read"]),
            number(&files["replay"]),
            number(&dump["read"]),
            number(&dump["replay"]),
            number(&row["ratio"]),
            number(&jump["mean"]),
            number(&jump["ends"]),
        );
    }
    let _ = writeln!(out, "\nTo go to any revision of the former, {:.1} MB are held.\n", mega(&measured.held));
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_history_is_set_beside_the_same_bytes() {
        let cost = |read: f64, replay: f64| json!({ "read": read, "replay": replay });
        let times = json!({
            "files": 5000, "bytes": 1_200_000, "tables": 972, "ratio": 1.15,
            "history": cost(40.0, 30.0), "dump": cost(35.0, 25.0), "jump": { "mean": 1.5, "ends": 3.25 },
        });
        let text = render(&Histories { times: vec![times], held: json!(30_000_000) });
        let row = "| 5000 | 240 | 972 | 40.0 | 30.0 | 35.0 + 25.0 | 1.15 | 1.50 | 3.25 |";
        for expected in [row, "30.0 MB are held"] {
            assert!(text.contains(expected), "{expected}\n{text}");
        }
    }
}
