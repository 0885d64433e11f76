//! Models held against the SQL that makes the same schema.

use relata_core::analysis::{Analysis, Role, TargetAnalysis};
use relata_core::analyze;
use relata_core::emit::catalog::catalog;
use relata_core::session::Options;

/// Reads the files of a project, by their names.
pub(crate) fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

/// What the models of a project define.
pub(crate) fn models(analysis: &Analysis) -> &TargetAnalysis {
    analysis.targets.iter().find(|t| t.target.role == Role::Models).unwrap_or_else(|| panic!("{:?}", analysis.problems))
}

/// Expects that files define the schema that the SQL makes, without a problem, and that neither is refused.
pub(crate) fn check_files(files: &[(&str, &str)], sql: &str) {
    let python = read(files);
    let problems: Vec<_> =
        python.problems.iter().map(|p| (p.message.as_str(), p.span.and_then(|s| python.sources.text(s)))).collect();
    assert_eq!(problems, []);
    let script = read(&[("schema.sql", sql)]);
    let (found, expected) = (models(&python), script.targets.first().expect("a schema"));
    assert_eq!(expected.replay.conflicts.len(), 0, "{:?}", expected.replay.conflicts);
    assert_eq!(found.replay.conflicts.len(), 0, "{:?}", found.replay.conflicts);
    assert_eq!(catalog(found.schema()), catalog(expected.schema()));
}

/// The same for one file.
pub(crate) fn check(text: &str, sql: &str) {
    check_files(&[("app/models.py", text)], sql);
}
