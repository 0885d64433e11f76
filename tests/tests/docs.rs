//! The documents for contributors tell the truth: every path that they cite exists.

use std::path::Path;

#[test]
fn every_cited_path_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut missing = Vec::new();
    for document in ["README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap_or_else(|e| panic!("{document}: {e}"));
        let mut cited = 0;
        for path in cited_paths(&text) {
            cited += 1;
            if !root.join(path).exists() {
                missing.push(format!("{document} cites {path}"));
            }
        }
        assert!(cited > 0, "{document} cites no path at all");
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Commands and workflows are copied out of the documents as they stand.
#[test]
fn no_document_holds_an_unresolved_merge() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let documents = std::fs::read_dir(root.join("docs")).expect("the folder is part of the repository");
    let paths = documents.map(|entry| entry.expect("it can be listed").path());
    let markdown: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    assert!(markdown.len() > 5, "{markdown:?}");
    for path in markdown.into_iter().chain(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(|f| root.join(f))) {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let left = text.lines().find(|l| l.starts_with("<<<<<<< ") || l.starts_with(">>>>>>> "));
        assert_eq!(left, None, "{}", path.display());
    }
}

/// What stands between back quotes or as the target of a link, and looks like a path of this repository: it starts with one of its folders or is
/// a file at its root. What the build makes is left out.
fn cited_paths(text: &str) -> impl Iterator<Item = &str> {
    const FOLDERS: [&str; 9] = ["core/", "cli/", "web/", "static/", "tests/", "xtask/", "docs/", ".github/", ".ci/"];
    const FILES: [&str; 8] = [
        "Cargo.toml",
        "index.html",
        "size-budget.toml",
        "deny.toml",
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "rust-toolchain.toml",
    ];
    let quoted = text.split('`').skip(1).step_by(2);
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    quoted.chain(linked).filter(|path| {
        let plain = !path.contains(char::is_whitespace) && !path.contains(['*', '<', '…', '$', '{']);
        let built = path.starts_with("web/engine/pkg");
        plain && !built && (FOLDERS.iter().any(|f| path.starts_with(f)) || FILES.contains(path))
    })
}
