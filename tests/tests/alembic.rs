//! Alembic histories of real packages: their graphs are what Alembic says of them, and what they leave is what PostgreSQL had after a real run.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::collections::BTreeSet;
use std::path::Path;

use relata_core::analysis::{Analysis, TargetAnalysis};
use relata_core::emit::catalog::catalog;
use relata_core::session::{Options, analyze};
use relata_tests::facts::Comparison;
use relata_tests::{corpus, packages};

fn read(folder: &Path) -> Analysis {
    packages::read(folder, folder)
}

/// What Alembic says of a graph: migrations, heads, merges, branch points, roots.
#[derive(PartialEq, Eq, Debug)]
struct Graph {
    migrations: usize,
    heads: BTreeSet<String>,
    merges: usize,
    branch_points: usize,
    roots: usize,
}

impl Graph {
    fn of(target: &TargetAnalysis) -> Self {
        let revisions = &target.history.revisions;
        let children = |at: usize| revisions.iter().filter(|r| r.parents.iter().any(|p| *p as usize == at)).count();
        let places = || 0..revisions.len();
        Self {
            migrations: revisions.len(),
            heads: places().filter(|at| children(*at) == 0).map(|at| revisions[at].id.clone()).collect(),
            merges: revisions.iter().filter(|r| r.down_revisions.len() > 1).count(),
            branch_points: places().filter(|at| children(*at) > 1).count(),
            roots: revisions.iter().filter(|r| r.down_revisions.is_empty()).count(),
        }
    }
}

/// The rows of the first table in `python.md`: package, folder of the versions, graph.
fn expected(document: &str) -> Vec<(String, String, Graph)> {
    let rows = document.lines().skip_while(|line| !line.starts_with("| package==version")).skip(2);
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [package, folder, migrations, heads, merges, branch_points, roots] = cells.as_slice() else {
            panic!("{line}")
        };
        let number = |text: &str| text.parse::<usize>().unwrap_or_else(|_| panic!("{line}"));
        let (_, names) = heads.split_once('(').unwrap_or_else(|| panic!("{line}"));
        let graph = Graph {
            migrations: number(migrations),
            heads: names.trim_end_matches(')').split(", ").map(str::to_owned).collect(),
            merges: number(merges),
            branch_points: number(branch_points),
            roots: number(roots),
        };
        (package.split("==").next().unwrap_or(package).to_owned(), (*folder).to_owned(), graph)
    };
    rows.take_while(|line| line.starts_with('|')).map(row).collect()
}

#[test]
fn graphs_are_what_alembic_says() {
    let Some(folder) = corpus::folder() else { return };
    let document = std::fs::read_to_string(folder.join("corpus/python.md")).expect("python.md");
    let rows = expected(&document);
    let mut compared = 0;
    for (package, versions, graph) in &rows {
        let path = folder.join("corpus/python").join(package).join(versions);
        if !path.is_dir() {
            println!("not part of the corpus: {package} {versions}");
            continue;
        }
        let analysis = read(&path);
        let [target] = analysis.targets.as_slice() else {
            panic!("{package} {versions}: {} targets", analysis.targets.len())
        };
        assert_eq!((target.target.layout.as_str(), &Graph::of(target)), ("alembic", graph), "{package} {versions}");
        let unread =
            analysis.problems.iter().filter(|p| p.kind.name() == "syntax-error" || p.kind.name() == "limit-exceeded");
        // What stands in strings for other databases is no Python.
        let of_python =
            unread.filter(|p| p.message.ends_with("The statement was not read.") || p.kind.name() == "limit-exceeded");
        assert_eq!(of_python.map(|p| &p.message).collect::<Vec<_>>(), [""; 0], "{package} {versions}");
        compared += 1;
    }
    assert!(compared >= 13, "only {compared} of {} graphs were compared", rows.len());
}

/// The package, its versions, what PostgreSQL had, and the least agreement in ten-thousandths, with the reason for what is missing.
const CATALOGS: &[(&str, &str, &str, u32)] = &[
    // The naming convention of airflow's metadata stands in a module that is not part of its migrations: one check and one index are named by it.
    ("apache-airflow-core", "airflow/migrations/versions", "alembic-airflow-offline/catalog.online.json", 9_920),
    ("cinder", "cinder/db/migrations/versions", "alembic-cinder-pgdump/catalog.json", 10_000),
    ("optuna", "optuna/storages/_rdb/alembic/versions", "alembic-optuna-pgdump/catalog.json", 10_000),
    ("python-watcher", "watcher/db/sqlalchemy/alembic/versions", "alembic-watcher-pgdump/catalog.json", 10_000),
];

#[test]
fn catalogues_are_what_a_real_run_left() {
    let Some(folder) = corpus::folder() else { return };
    for (package, versions, stored, floor) in CATALOGS {
        let analysis = read(&folder.join("corpus/python").join(package).join(versions));
        let [target] = analysis.targets.as_slice() else { panic!("{package}: {} targets", analysis.targets.len()) };
        let text = std::fs::read_to_string(folder.join("corpus/dev").join(stored)).expect("a stored catalogue");
        let truth = serde_json::from_str(&text).expect("JSON");
        let comparison = Comparison::of(&truth, &catalog(target.schema()));
        let score = (comparison.score() * 10_000.0).floor() as u32;
        println!("{package}: {score}");
        assert!(score >= *floor, "{package}: {score} is below {floor}\n{}", comparison.differences(20));
        let refused: Vec<_> = target.replay.conflicts.iter().map(|c| &c.message).collect();
        assert_eq!(refused, [""; 0], "{package}: the real run refused nothing");
    }
}

/// What `cargo xtask oracle` kept of a real run (`tests/models/README.md`).
#[test]
fn kept_catalogues_are_what_a_real_run_left() {
    let Some(folder) = corpus::folder() else { return };
    let analysis = read(&folder.join("corpus/python/prefect"));
    let target = packages::history(&analysis, "versions/postgresql").expect("a history");
    let text = std::fs::read_to_string(packages::kept().join("prefect-migrations.json")).expect("a kept catalogue");
    let truth = serde_json::from_str(&text).expect("JSON");
    let comparison = Comparison::of(&truth, &catalog(target.schema()));
    println!("prefect: {:.4}", comparison.score());
    assert!(comparison.score() >= 0.99, "{}", comparison.differences(20));
}

/// Cut off and garbled files: whatever the bytes, reading ends, and the same bytes give the same.
#[test]
fn garbled_files_end() {
    let Some(folder) = corpus::folder() else { return };
    let root = folder.join("corpus/python");
    let files = corpus::files_below(&root, &root, &["py"]);
    // A linear congruential generator (Knuth's MMIX constants): the same garbling on every run.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap_or(0) % below.max(1)
    };
    const NOISE: &[&str] = &[
        "(", ")", "[", "{", "}", "'", "\"\"\"", "f'{", "\\", "\n", "\t", ":", "=", "def ", "if ", "*", "\u{0}", "é",
        "lambda ",
    ];
    for (name, bytes) in files.iter().filter(|(_, bytes)| bytes.len() < 40_000).step_by(4) {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for _ in 0..1 + random(6) {
            let mut at = random(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match random(3) {
                0 => text.truncate(at),
                1 => text.insert_str(at, NOISE[random(NOISE.len())]),
                _ => {
                    let end = (at + random(40)).min(text.len());
                    let end = (end..=text.len()).find(|e| text.is_char_boundary(*e)).unwrap_or(text.len());
                    text.replace_range(at..end, "");
                }
            }
        }
        let read = || analyze([(name.as_str(), text.as_bytes())], Options::default());
        let (first, second) = (read(), read());
        assert_eq!(first.problems, second.problems, "{name}");
    }
}

/// What `alembic heads` and `alembic history` printed for a case: heads with repetition, and the edges `parent -> revision`, with messages.
fn said(text: &str) -> (Vec<String>, BTreeSet<String>) {
    let section = |command: &str| {
        let lines = text.lines().skip_while(move |line| *line != command).skip(1);
        lines.take_while(|line| !line.starts_with("--stderr--") && !line.starts_with("exit=")).collect::<Vec<_>>()
    };
    let mut heads: Vec<String> =
        section("$ alembic heads").iter().map(|line| line.trim_end_matches(" (head)").to_owned()).collect();
    heads.sort();
    let plain = |line: &&str| line.replace(" (head)", "").replace(" (branchpoint)", "");
    (heads, section("$ alembic history").iter().map(plain).collect())
}

/// Two cases whose graphs are told by Alembic itself: one in which ids come twice and heads are many, and its repair, which a live PostgreSQL ran
/// from the first revision to the last.
#[test]
fn cases_are_what_alembic_says() {
    let Some(folder) = corpus::folder() else { return };
    for case in ["orderflow", "orderflow-repaired"] {
        let case_folder = folder.join("cases").join(case);
        let says = std::fs::read_to_string(case_folder.join("alembic-says.txt")).expect("what Alembic says");
        let (heads, history) = said(&says);
        let analysis = read(&case_folder);
        let [target] = analysis.targets.as_slice() else { panic!("{case}: {} targets", analysis.targets.len()) };
        let revisions = &target.history.revisions;
        let named = |id: &str| revisions.iter().any(|r| r.down_revisions.iter().any(|d| d.text == id));
        let mut found: Vec<String> = revisions.iter().filter(|r| !named(&r.id)).map(|r| r.id.clone()).collect();
        found.sort();
        assert_eq!(found, heads, "{case}");
        let edges: BTreeSet<String> = revisions
            .iter()
            .map(|r| {
                let parents: Vec<&str> = r.down_revisions.iter().map(|d| d.text.as_str()).collect();
                let parents = if parents.is_empty() { "<base>".to_owned() } else { parents.join(", ") };
                format!("{parents} -> {}, {}", r.id, r.message.as_deref().unwrap_or_default())
            })
            .collect();
        // Of revisions with one id Alembic's history shows the one that it read last.
        assert_eq!(history.difference(&edges).collect::<Vec<_>>(), [""; 0], "{case}");
        let conflicts = !target.replay.conflicts.is_empty();
        assert_eq!(conflicts, case == "orderflow", "{case}: {:?}", target.replay.conflicts);
    }
}
