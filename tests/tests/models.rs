//! Models of real packages: what they define is what PostgreSQL had after SQLAlchemy's `create_all` (`tests/models/README.md`).

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::path::Path;

use relata_core::analysis::Role;
use relata_core::emit::catalog::catalog;
use relata_core::session::{Options, analyze};
use relata_tests::corpus;
use relata_tests::facts::Comparison;

#[test]
fn models_are_what_create_all_makes() {
    let Some(folder) = corpus::folder() else { return };
    for package in ["aim", "cinder", "jupyterhub", "octavia", "python-watcher"] {
        let root = folder.join("corpus/python").join(package);
        let files = corpus::files_below(&root, &root, &["py"]);
        let options = Options { server_version: Some(corpus::ORACLE_VERSION), ..Options::default() };
        let analysis = analyze(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), options);
        let target = analysis.targets.iter().find(|t| t.target.role == Role::Models);
        let target = target.unwrap_or_else(|| panic!("{package}: no models"));
        let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(format!("{package}.json"));
        let text = std::fs::read_to_string(stored).expect("a stored catalogue");
        let truth = serde_json::from_str(&text).expect("JSON");
        let comparison = Comparison::of(&truth, &catalog(target.schema()));
        println!("{package}: {:.4}", comparison.score());
        assert!(comparison.score() >= 1.0, "{package}: {}\n{}", comparison.score(), comparison.differences(20));
        let refused: Vec<_> = target.replay.conflicts.iter().map(|c| &c.message).collect();
        assert_eq!(refused, [""; 0], "{package}: the server refused nothing");
    }
}
