//! Small histories that stop, with the statement at which they do marked: `tests/histories/*.sql`.
//!
//! A file holds several histories, each under a line `--# its name`, its files told apart as those of a rule's example. The statement at which the
//! tool stops ends on a line that closes with `-- ! SQLSTATE`. Whether that is true is asked of a live PostgreSQL (`tests/postgres.rs`), to which
//! the files are sent as the tool's runner would send them.

use std::collections::BTreeSet;
use std::path::Path;

use relata_core::analysis::{Analysis, Dialect, TargetAnalysis};
use relata_core::history::{RunnerTransaction, StopsAt, Undone, stops_at};
use relata_core::replay::{Settings, replay};
use relata_core::rules::example_files;
use relata_core::schema::{RelationId, Schema};
use relata_core::session::{Options, analyze};

use crate::corpus::ORACLE_VERSION;
use crate::server::Database;

/// A history with the place at which its runner stops.
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Its files by name and text.
    pub files: Vec<(String, String)>,
    /// File, line and SQLSTATE; `None` where it runs to its end.
    pub stops: Option<(String, u32, String)>,
}

/// All histories, in order of files and of places in them.
pub fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("histories");
    let entries = std::fs::read_dir(&folder).expect("the folder of histories is part of the repository");
    let mut paths: Vec<_> = entries.map(|e| e.expect("it can be listed").path()).collect();
    paths.sort();
    let mut scenarios = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("histories are UTF-8");
        for part in text.split("--# ").skip(1) {
            let (name, text) = part.split_once('\n').expect("a name ends with its line");
            let files: Vec<(String, String)> =
                example_files(text).into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
            let mark = |(file, text): &(String, String)| {
                (1..)
                    .zip(text.lines())
                    .find_map(|(line, text)| Some((file.clone(), line, text.split_once("-- ! ")?.1.trim().to_owned())))
            };
            let stops = files.iter().find_map(mark);
            scenarios.push(Scenario { name: name.to_owned(), files, stops });
        }
    }
    scenarios
}

impl Scenario {
    /// What Relata makes of it.
    pub fn analyze(&self) -> Analysis {
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        analyze(files, Options { server_version: Some(ORACLE_VERSION), ..Options::default() })
    }

    /// The text of a file up to its mark for the way down.
    fn up(&self, name: &str) -> String {
        let (_, text) = self.files.iter().find(|(n, _)| n == name).expect("a file of the history");
        let is_down = |line: &&str| line.starts_with("-- +goose Down") || line.starts_with("-- migrate:down");
        text.lines().take_while(|l| !is_down(l)).flat_map(|l| [l, "\n"]).collect()
    }

    /// Runs it as the runner would, and gives the place in the order and the SQLSTATE at which that stops.
    pub fn run(&self, analysis: &Analysis, database: &Database) -> Option<(usize, String)> {
        let revisions = &analysis.targets[0].history.revisions;
        let text = |at: usize| self.up(analysis.sources.name(revisions[at].file));
        if revisions.iter().any(|r| r.transaction == RunnerTransaction::PerRun) {
            // One transaction does not tell which file it was: the first that fails before an error of our own, which takes each try back, does.
            const OURS: &str = "ZZ999";
            let end = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{OURS}'; END $$;\n");
            let try_first =
                |n: usize| database.stop(RunnerTransaction::PerRun, &((0..n).map(text).collect::<String>() + &end));
            return (1..=revisions.len())
                .find_map(|n| Some((n - 1, try_first(n).filter(|sqlstate| sqlstate != OURS)?)));
        }
        (0..revisions.len()).find_map(|at| Some((at, database.stop(revisions[at].transaction, &text(at))?)))
    }
}

/// The tables that are left when the runner has stopped, as Relata has it: what the failing statement takes back is gone.
pub fn tables_left(target: &TargetAnalysis) -> BTreeSet<String> {
    let mut history = target.history.clone();
    if let Some(StopsAt { conflict, undone }) = stops_at(&target.history, &target.replay) {
        let stopped = conflict.revision as usize;
        let (revisions, operations) = match undone {
            Undone::Run => (0, 0),
            Undone::Revision => (stopped, 0),
            Undone::Block(at) => (stopped + 1, at as usize),
            Undone::Nothing => (stopped + 1, conflict.operation as usize),
        };
        history.revisions.truncate(revisions);
        if revisions > stopped {
            history.revisions[stopped].up.truncate(operations);
        }
    }
    tables(&replay(&history, Settings { server_version: Some(ORACLE_VERSION), dialect: Dialect::PostgreSql }).schema)
}

fn tables(schema: &Schema) -> BTreeSet<String> {
    schema.live_tables().map(|(id, _)| schema.relation_path(RelationId::Table(id))).collect()
}
