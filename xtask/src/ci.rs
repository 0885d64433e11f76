//! What `.ci/run` calls: everything that must hold before a change lands.

use std::time::Instant;

use crate::process::Cmd;
use crate::{Result, docs, size, suites, tools};

/// One check: a name and what runs it.
type Check = (&'static str, fn() -> Result<()>);

/// Checks beside the tests, cheapest first. Each runs whatever became of the others, so that one run tells everything.
const BEFORE: [Check; 4] = [
    ("format", format),
    ("lints", lints),
    ("lints of the wasm crates", wasm_lints),
    ("licences and sources", licences),
];
const AFTER: [Check; 2] = [("generated documentation", docs::check), ("sizes", size::check)];

/// `cargo xtask ci`.
pub(crate) fn command() -> Result<()> {
    let mut failures = Vec::new();
    let mut times = String::new();
    let mut timed = |name: &str, run: &mut dyn FnMut() -> Result<()>| {
        println!("\n=== {name} ===");
        let start = Instant::now();
        let result = run();
        times.push_str(&format!("{name:28} {:5} s\n", start.elapsed().as_secs()));
        if let Err(why) = result {
            eprintln!("{name}: {why}");
            failures.push(format!("{name}: {why}"));
        }
    };
    for (name, check) in BEFORE {
        timed(name, &mut || check());
    }
    let mut report = None;
    timed("tests", &mut || {
        report = Some(suites::run(&[]));
        Ok(())
    });
    for (name, check) in AFTER {
        timed(name, &mut || check());
    }
    let report = report.ok_or("no test ran")?;
    println!("\n{times}\n{}", report.lines);
    for failure in &failures {
        println!("FAILED  {failure}");
    }
    // Checks count as tests do, so that the closing line says failure exactly when the run failed.
    let checks = (BEFORE.len() + AFTER.len()) as u32;
    let failed = failures.len() as u32;
    let (passed, failed) = (report.counts.passed + checks - failed, report.counts.failed + failed);
    println!("{passed} passed, {failed} failed, {} skipped", report.counts.skipped);
    if failed == 0 { Ok(()) } else { Err("CI failed".into()) }
}

fn format() -> Result<()> {
    Cmd::new("cargo").args(["fmt", "--all", "--check"]).run()
}

fn lints() -> Result<()> {
    Cmd::new("cargo")
        .args(["clippy", "--quiet", "--workspace", "--exclude", "relata-app", "--exclude", "relata-engine"])
        .args(["--all-targets", "--features", "relata-tests/postgres", "--", "-D", "warnings"])
        .run()
}

fn wasm_lints() -> Result<()> {
    tools::wasm_target()?;
    Cmd::new("cargo")
        .args(["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "--package", "relata-app"])
        .args(["--package", "relata-engine", "--all-targets", "--", "-D", "warnings"])
        .run()
}

/// Advisories come from a database of their own, which a closed network does not reach: whoever has it runs `cargo deny check advisories`.
fn licences() -> Result<()> {
    tools::cargo_deny()?;
    // It looks at the crates of every platform, of which a fresh machine has built only its own.
    Cmd::new("cargo").args(["fetch", "--quiet", "--locked"]).run()?;
    Cmd::new("cargo")
        .args(["deny", "--offline", "--log-level", "error", "check", "licenses", "bans", "sources"])
        .path_first(&tools::path())?
        .run()
}
