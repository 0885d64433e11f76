//! How many tests ran, read off what the runners print last.

use std::fmt;
use std::ops::AddAssign;

/// Tests by outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) skipped: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Counts {
    /// Adds up every closing line in a runner's output: cargo-nextest, libtest (also in wasm-bindgen's runner) and node.
    pub(crate) fn read(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines() {
            let line = without_colour(line);
            let line = line.trim();
            if let Some(rest) = line.strip_prefix("Summary [") {
                // Summary [   0.005s] 3 tests run: 2 passed (1 slow), 1 failed, 4 skipped
                let part = rest.split_once(':').map_or("", |(_, r)| r);
                sum += Self {
                    passed: before(part, "passed"),
                    failed: before(part, "failed") + before(part, "timed out") + before(part, "exec failed"),
                    skipped: before(part, "skipped"),
                };
            } else if let Some(rest) = line.strip_prefix("test result:") {
                // test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out
                sum += Self {
                    passed: before(rest, "passed"),
                    failed: before(rest, "failed"),
                    skipped: before(rest, "ignored"),
                };
            } else if let Some(rest) = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")) {
                // node --test, tap or spec reporter: one line a number
                match rest.split_once(' ') {
                    Some(("pass", n)) => sum.passed += n.parse().unwrap_or(0),
                    Some(("fail" | "cancelled", n)) => sum.failed += n.parse().unwrap_or(0),
                    Some(("skipped" | "todo", n)) => sum.skipped += n.parse().unwrap_or(0),
                    _ => {}
                }
            }
        }
        sum
    }
}

/// The number that stands before a word.
fn before(text: &str, word: &str) -> u32 {
    text.split([',', ';', '.', '('])
        .filter_map(|part| part.trim().strip_suffix(word))
        .filter_map(|number| number.trim().parse::<u32>().ok())
        .sum()
}

/// A line without terminal colour codes.
fn without_colour(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, passed: u32, failed: u32, skipped: u32) {
        assert_eq!(Counts::read(output), Counts { passed, failed, skipped });
    }

    #[test]
    fn nextest() {
        check("     Summary [   0.341s] 28 tests run: 27 passed (2 slow), 1 failed, 3 skipped\n", 27, 1, 3);
        check(
            "\u{1b}[32;1m     Summary\u{1b}[0m [   0.005s] \u{1b}[1m1\u{1b}[0m test run: \u{1b}[1m1\u{1b}[0m passed, 0 skipped",
            1,
            0,
            0,
        );
        check("     Summary [   1.0s] 2 tests run: 0 passed, 1 failed, 1 timed out, 0 skipped\n", 0, 2, 0);
    }

    #[test]
    fn libtest_runs_add_up() {
        check(
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
            7,
            2,
            1,
        );
    }

    #[test]
    fn node_in_both_spellings() {
        check("# tests 5\n# pass 3\n# fail 1\n# cancelled 1\n# skipped 0\n", 3, 2, 0);
        check("ℹ tests 2\nℹ pass 1\nℹ fail 0\nℹ skipped 1\n", 1, 0, 1);
    }

    #[test]
    fn other_lines_count_nothing() {
        check("# passing 3\n3 passed\nSummary 3 passed\n", 0, 0, 0);
    }
}
