//! Packages that `cargo xtask oracle` installs: real Alembic runs their migrations, and SQLAlchemy's `create_all` their models, in a live PostgreSQL;
//! what is left, and what is refused, is what Relata says of the packages' files. What the models left is kept for CI (`tests/models/README.md`).

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::path::{Path, PathBuf};
use std::process::Command;

use relata_core::analysis::TargetAnalysis;
use relata_core::emit::catalog::catalog;
use relata_tests::facts::Comparison;
use relata_tests::packages::{self, text};
use relata_tests::server::Database;
use serde_json::Value;

/// What must agree, in ten-thousandths.
const LEAST: f64 = 9_900.0;

/// The folder of a package's modules.
fn modules(environment: &Path) -> PathBuf {
    let lib = std::fs::read_dir(environment.join("lib")).expect("an environment of Python");
    let python = lib.map(|entry| entry.expect("an entry").path()).next().expect("a version of Python");
    python.join("site-packages")
}

/// Runs Alembic or `create_all`; what the server refused is in the errors that it gives.
fn run(environment: &Path, database: &Database, run: &Value) -> Result<(), String> {
    let host = std::env::var("PGHOST").expect("cargo xtask oracle starts a server");
    let driver = run["driver"].as_str().unwrap_or("psycopg2");
    let url = format!("postgresql+{driver}://postgres@/{}?host={host}", database.name());
    let mut command = Command::new(environment.join("bin/python"));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/run.py")).arg(url);
    match run["migrations"].as_str() {
        Some(folder) => {
            let configured = ["metadata", "version_table"];
            let settings = configured.iter().filter_map(|name| Some(format!("{name}={}", run[*name].as_str()?)));
            command.arg("migrations").arg(folder).args(settings);
        }
        None => drop(command.args(["models", text(run, "models")])),
    }
    let output =
        command.env("PYTHONWARNINGS", "ignore").current_dir(std::env::temp_dir()).output().expect("Python runs");
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

#[test]
fn packages_agree_with_alembic_and_sqlalchemy() {
    let Some(installed) = std::env::var_os("RELATA_PACKAGES").map(PathBuf::from) else {
        println!("skipped: `cargo xtask oracle` installs the packages");
        return;
    };
    let mut wrong = Vec::new();
    for package in packages::list() {
        let name = text(&package, "name");
        let environment = installed.join(name);
        let modules = modules(&environment);
        for step in package["runs"].as_array().into_iter().flatten() {
            let what = step["migrations"].as_str().unwrap_or_else(|| text(step, "models"));
            let folder = what.split(['/', '.']).next().unwrap_or(what);
            let database = Database::create("packages");
            let ran = run(&environment, &database, step);
            let analysis = packages::read(&modules, &modules.join(folder));
            let truth = database.catalog();
            let compare = |target: &TargetAnalysis| Comparison::of(&truth, &catalog(target.schema()));
            let candidates: Vec<&TargetAnalysis> = match step["migrations"].as_str() {
                Some(versions) => packages::history(&analysis, versions).into_iter().collect(),
                None => packages::models(&analysis).collect(),
            };
            match (ran, step["refused"].as_str()) {
                (Ok(()), None) => {
                    let best = candidates.iter().map(|t| compare(t)).max_by(|a, b| a.score().total_cmp(&b.score()));
                    let score = best.as_ref().map_or(0.0, Comparison::score);
                    println!("{name} {what}: {score:.4}");
                    if score * 10_000.0 < LEAST {
                        let differences = best.map(|b| b.differences(20)).unwrap_or_default();
                        wrong.push(format!("{name} {what}: {score:.4}\n{differences}"));
                    }
                    if let Some(file) = step["store"].as_str() {
                        let kept = packages::kept().join(format!("{file}.json"));
                        std::fs::write(&kept, packages::small(&truth).to_string()).expect("a writable folder");
                    }
                }
                (Err(errors), Some(refused)) => {
                    let found =
                        candidates.iter().any(|t| t.replay.conflicts.iter().any(|c| c.message.contains(refused)));
                    println!("{name} {what}: refused, {refused}");
                    if !errors.contains(refused) || !found {
                        wrong.push(format!("{name} {what}: expected of both that it is refused, {refused}\n{errors}"));
                    }
                }
                (Ok(()), Some(refused)) => wrong.push(format!("{name} {what}: not refused, {refused}")),
                (Err(errors), None) => {
                    let last: Vec<&str> = errors.lines().rev().take(6).collect();
                    wrong.push(format!("{name} {what}: {last:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
