//! Small scripts that PostgreSQL refuses in part, with what it refuses marked: `tests/conflicts/*.sql`.
//!
//! A file holds several scripts, each under a line `--# its name`. A statement that must be refused ends on a line that closes with
//! `-- ! SQLSTATE`; every other one must be accepted. Those in a folder `18` are for a server of that version, the others for the oracle's. Whether the marks are true is asked of a live PostgreSQL (`tests/postgres.rs`), and whether
//! Relata says the same is tested everywhere (`tests/conflicts.rs`).

use std::collections::BTreeSet;
use std::path::Path;

use relata_core::analysis::Analysis;

use crate::corpus::ORACLE_VERSION;
use crate::server::Refusal;

/// A script with the statements that must be refused.
#[derive(Clone, Debug)]
pub struct Script {
    /// `file/name`.
    pub name: String,
    /// The server's major version.
    pub version: u16,
    /// Its text.
    pub text: String,
    /// What must be refused: the line on which the statement ends, and the SQLSTATE.
    pub refused: BTreeSet<Refusal>,
}

/// All scripts, in order of files and of places in them.
pub fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conflicts");
    let listed = |folder: &Path| {
        let entries = std::fs::read_dir(folder).expect("the folder of scripts is part of the repository");
        let mut files: Vec<_> = entries.map(|e| e.expect("it can be listed").path()).collect();
        files.sort();
        files
    };
    let mut files = Vec::new();
    for path in listed(&folder) {
        let version = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        match version {
            Some(version) => files.extend(listed(&path).into_iter().map(|file| (version, file))),
            None => files.push((ORACLE_VERSION, path)),
        }
    }
    let mut scripts = Vec::new();
    for (version, file) in files.iter().filter(|(_, f)| f.extension().is_some_and(|e| e == "sql")) {
        let text = std::fs::read_to_string(file).expect("scripts are UTF-8");
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        for part in text.split("--# ").skip(1) {
            let (name, text) = part.split_once('\n').expect("a name ends with its line");
            let name =
                if *version == ORACLE_VERSION { format!("{stem}/{name}") } else { format!("{version}/{stem}/{name}") };
            scripts.push(Script { name, version: *version, text: text.to_owned(), refused: marks(text) });
        }
    }
    scripts
}

/// The scripts beside replay's own tests (`core/src/replay/tests`). There a line that is refused ends in `--! SQLSTATE text`, once for all of its
/// statements, and the catalogue is written down, so that they run without a server; with one, their SQLSTATEs are asked of it, too.
pub fn replay_scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/replay/tests");
    let entries = std::fs::read_dir(&folder).expect("the folder of scripts is part of the repository");
    let mut files: Vec<_> = entries.map(|e| e.expect("it can be listed").path()).collect();
    files.sort();
    let scripts = files.iter().filter(|f| f.extension().is_some_and(|e| e == "sql")).map(|file| {
        let text = std::fs::read_to_string(file).expect("scripts are UTF-8");
        let mut refused = BTreeSet::new();
        for (line, said) in (1..).zip(text.lines()).filter_map(|(line, text)| Some((line, text.split_once(" --! ")?.1)))
        {
            for one in said.split(" | ") {
                refused.insert(Refusal { line, sqlstate: one.get(..5).unwrap_or(one).to_owned() });
            }
        }
        let name = format!("replay/{}", file.file_stem().unwrap_or_default().to_string_lossy());
        Script { name, version: ORACLE_VERSION, text, refused }
    });
    scripts.collect()
}

/// Scripts on which Relata is known to be wrong: what it refuses, or the catalogue that it ends with. The list only ever gets shorter.
pub fn known_failures() -> BTreeSet<&'static str> {
    include_str!("../conflicts/known-failures.txt").lines().filter(|l| !l.is_empty()).collect()
}

fn marks(text: &str) -> BTreeSet<Refusal> {
    let marked = (1..).zip(text.lines()).filter_map(|(line, text)| Some((line, text.split_once("-- ! ")?.1)));
    marked.map(|(line, sqlstate)| Refusal { line, sqlstate: sqlstate.trim().to_owned() }).collect()
}

/// What Relata says PostgreSQL would refuse.
pub fn conflicts(analysis: &Analysis) -> BTreeSet<Refusal> {
    let mut found = BTreeSet::new();
    for target in &analysis.targets {
        for conflict in &target.replay.conflicts {
            let revision = target.history.revisions.get(conflict.revision as usize);
            let operation =
                revision.and_then(|r| r.up.get(conflict.operation as usize)).expect("a conflict names its operation");
            let location = analysis.location(operation.span);
            found.insert(Refusal { line: location.end_line, sqlstate: conflict.sqlstate.to_owned() });
        }
    }
    found
}

/// Lines with what two sets do not share, for a failure's message.
pub fn differences(expected: &BTreeSet<Refusal>, actual: &BTreeSet<Refusal>, script: &str) -> String {
    let line = |r: &Refusal| script.lines().nth(r.line as usize - 1).unwrap_or("").trim().to_owned();
    let missing = expected.difference(actual).map(|r| format!("  not refused with {}: {}\n", r.sqlstate, line(r)));
    let extra = actual.difference(expected).map(|r| format!("  refused with {}: {}\n", r.sqlstate, line(r)));
    missing.chain(extra).collect()
}
