//! Models of real packages: what they define is what PostgreSQL had after SQLAlchemy's `create_all` (`tests/models/README.md`).

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::path::{Path, PathBuf};

use relata_core::analysis::Role;
use relata_core::emit::catalog::catalog;
use relata_core::session::{Options, analyze};
use relata_tests::corpus;
use relata_tests::facts::Comparison;

/// The Python files below a folder, by their path from `root`.
fn python_files(root: &Path, folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            python_files(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            out.push((name, std::fs::read(&path).expect("a readable file")));
        }
    }
}

#[test]
fn models_are_what_create_all_makes() {
    let Some(folder) = corpus::folder() else { return };
    for package in ["aim", "cinder", "jupyterhub", "octavia", "python-watcher"] {
        let root = folder.join("corpus/python").join(package);
        let mut files = Vec::new();
        python_files(&root, &root, &mut files);
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
