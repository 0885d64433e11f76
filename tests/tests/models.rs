//! Models of real packages: what they define is what PostgreSQL had after SQLAlchemy's `create_all` (`tests/models/README.md`).

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use relata_core::emit::catalog::catalog;
use relata_tests::facts::Comparison;
use relata_tests::{corpus, packages};

/// The catalogue, the package, and the least agreement in ten-thousandths. The corpus holds the files with models only; a type or a length that is
/// said in another file of the package is then not known. `cargo xtask oracle` reads whole packages, where all agree by 0.99 or better.
const KEPT: &[(&str, &str, u32)] = &[
    ("aim", "aim", 10_000),
    // `airflow.jobs.job` is not part of the corpus; the types of the columns of the others are known by name.
    ("apache-airflow-core", "apache-airflow-core", 9_500),
    // Lengths from `buildbot.db.model_config`.
    ("buildbot", "buildbot", 9_300),
    ("cinder", "cinder", 10_000),
    // `UniqueText` and `LongText` from `dagster._core.storage.sql`.
    ("dagster-events", "dagster", 8_900),
    ("dagster-runs", "dagster", 9_500),
    ("dagster-schedules", "dagster", 9_600),
    ("jupyterhub", "jupyterhub", 10_000),
    ("octavia", "octavia", 10_000),
    ("python-watcher", "python-watcher", 10_000),
];

#[test]
fn models_are_what_create_all_makes() {
    let Some(folder) = corpus::folder() else { return };
    for (kept, package, floor) in KEPT {
        let root = folder.join("corpus/python").join(package);
        let analysis = packages::read(&root, &root);
        let text = std::fs::read_to_string(packages::kept().join(format!("{kept}.json"))).expect("a kept catalogue");
        let truth = serde_json::from_str(&text).expect("JSON");
        let best = packages::models(&analysis).map(|t| Comparison::of(&truth, &catalog(t.schema())));
        let best =
            best.max_by(|a, b| a.score().total_cmp(&b.score())).unwrap_or_else(|| panic!("{package}: no models"));
        let score = (best.score() * 10_000.0).floor() as u32;
        println!("{kept}: {score}");
        assert!(score >= *floor, "{kept}: {score} is below {floor}\n{}", best.differences(20));
        let conflicts = packages::models(&analysis).flat_map(|t| &t.replay.conflicts);
        let refused: Vec<_> = conflicts.map(|c| &c.message).collect();
        assert_eq!(refused, [""; 0], "{package}: the server refused nothing");
    }
}
