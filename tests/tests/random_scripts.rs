//! Random scripts, run by PostgreSQL and by Relata: each statement has the same fate in both, and both end with the same catalogue.
//!
//! `cargo xtask test postgres` runs the same ones each time; `RELATA_SCRIPTS` says how many others are run in each style instead, which
//! `cargo xtask oracle` sets. A script on which the
//! two disagree is shortened, printed, and its seed kept in `tests/random_scripts.seeds`, which is run first the next time.

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::{
    Config, FileFailurePersistence, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};
use relata_tests::scripts::compare::disagreement;
use relata_tests::scripts::{Style, script};
use relata_tests::server::Conversation;

#[test]
fn statements_without_transactions() {
    agree("plain", Style::Plain, 120);
}

#[test]
fn statements_within_transactions() {
    agree("transactions", Style::Transactions, 40);
}

#[test]
fn statements_in_blocks() {
    agree("blocks", Style::Blocks, 40);
}

fn agree(name: &str, style: Style, cases: u32) {
    let wanted = std::env::var("RELATA_SCRIPTS").ok().and_then(|n| n.parse().ok());
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/random_scripts.seeds");
    let config = Config {
        cases: wanted.unwrap_or(cases),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        max_shrink_iters: 400,
        ..Config::default()
    };
    let server = std::cell::RefCell::new(Conversation::begin(&format!("random_{name}")));
    // CI runs the same scripts each time; the oracle goes where nobody has been.
    let mut runner = match wanted {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    let outcome =
        runner.run(&Scripts { style }, |statements| match disagreement(&mut server.borrow_mut(), &statements, style) {
            agreed if agreed.is_empty() => Ok(()),
            differing => Err(TestCaseError::fail(differing)),
        });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, statements)) => {
            panic!("PostgreSQL and Relata disagree\n{}\n=> {why}", statements.join("\n"))
        }
        Err(other) => panic!("{other}"),
    }
}

/// All scripts of a style.
#[derive(Debug)]
struct Scripts {
    style: Style,
}

impl Strategy for Scripts {
    type Tree = Shorter;
    type Value = Vec<String>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut choose = |limit: u32| runner.rng().random_range(0..limit);
        let length = 5 + choose(35);
        Ok(Shorter { statements: script(&mut choose, length, self.style), at: 0, size: usize::MAX, removed: None })
    }
}

/// A script that becomes shorter by one run of statements at a time: halves first, single ones last.
#[derive(Debug)]
struct Shorter {
    statements: Vec<String>,
    at: usize,
    size: usize,
    removed: Option<Vec<String>>,
}

impl ValueTree for Shorter {
    type Value = Vec<String>;

    fn current(&self) -> Vec<String> {
        self.statements.clone()
    }

    fn simplify(&mut self) -> bool {
        // What was taken out last was not needed.
        self.removed = None;
        self.size = self.size.min(self.statements.len() / 2);
        if self.at >= self.statements.len() {
            (self.at, self.size) = (0, self.size / 2);
        }
        if self.size == 0 {
            return false;
        }
        let end = (self.at + self.size).min(self.statements.len());
        self.removed = Some(self.statements.drain(self.at..end).collect());
        true
    }

    fn complicate(&mut self) -> bool {
        let Some(removed) = self.removed.take() else { return false };
        let next = self.at + removed.len();
        self.statements.splice(self.at..self.at, removed);
        self.at = next;
        // The runner tries what is here, finds that it fails, and simplifies further.
        true
    }
}
