//! Whole projects for tests: read, and which histories and tables they have.

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::analyze;
use relata_core::session::Options;

/// Reads the files of a project, by their names.
pub(crate) fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

/// The layout with the ids of the revisions, for each target.
pub(crate) fn histories(analysis: &Analysis) -> Vec<String> {
    let ids = |t: &TargetAnalysis| t.history.revisions.iter().map(|r| r.id.clone()).collect::<Vec<_>>().join(" ");
    analysis.targets.iter().map(|t| format!("{}: {}", t.target.layout, ids(t))).collect()
}

/// The names of the tables of all targets.
pub(crate) fn tables(analysis: &Analysis) -> Vec<&str> {
    analysis.targets.iter().flat_map(|t| t.schema().live_tables()).map(|(_, t)| t.name.as_str()).collect()
}
