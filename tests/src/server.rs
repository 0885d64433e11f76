//! A live PostgreSQL, spoken to through its own `psql`. `cargo xtask test postgres` starts one and says where it is.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};

use relata_core::history::RunnerTransaction;
use serde_json::Value;

/// The catalogue of a database in the corpus' format, as one JSON document.
const CATALOG: &str = include_str!("catalog.sql");

/// A database of its own, dropped when the test ends.
pub struct Database {
    name: String,
}

/// What the server refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Refusal {
    /// The line on which the statement ends, from 1.
    pub line: u32,
    /// Its SQLSTATE.
    pub sqlstate: String,
}

impl Database {
    /// Makes an empty database. `name` must differ from those of tests that run at the same time.
    pub fn create(name: &str) -> Self {
        let name = format!("t_{name}");
        psql("postgres", &["-c", &format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)")], "");
        let made = psql("postgres", &["-c", &format!("CREATE DATABASE \"{name}\" TEMPLATE template0")], "");
        assert!(made.success, "{}", made.errors);
        Self { name }
    }

    /// Runs a script to its end, whatever fails in it, and gives what the server refused. What it refuses only because an earlier statement of
    /// the same transaction had failed (25P02) is left out.
    pub fn run(&self, script: &str) -> Vec<Refusal> {
        let answer = psql(&self.name, &["-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=0", "-f", "-"], script);
        let refusals: Vec<_> = answer.errors.lines().filter_map(refusal).collect();
        refusals.into_iter().filter(|r| r.sqlstate != "25P02").collect()
    }

    /// Sends a script as a migration tool's runner does, and gives the SQLSTATE of the first error.
    pub fn stop(&self, how: RunnerTransaction, script: &str) -> Option<String> {
        let settings = ["-v", "VERBOSITY=verbose", "-v", "ON_ERROR_STOP=1"];
        let (args, input): (Vec<&str>, &str) = match how {
            RunnerTransaction::PerStatement => (vec!["-f", "-"], script),
            RunnerTransaction::PerFile | RunnerTransaction::PerRun => (vec!["-1", "-f", "-"], script),
            // One `-c` is one message.
            RunnerTransaction::PerMessage => (vec!["-c", script], ""),
        };
        let answer = psql(&self.name, &[&settings[..], &args].concat(), input);
        let said = answer.errors.lines().find_map(|l| Some(l.split_once("ERROR:  ")?.1.get(..5)?.to_owned()));
        assert!(said.is_some() || answer.success, "{}\n--- in\n{script}", answer.errors);
        said
    }

    /// The tables that it has.
    pub fn tables(&self) -> BTreeSet<String> {
        let query = "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let answer = psql(&self.name, &["-A", "-t", "-c", query], "");
        assert!(answer.success, "{}", answer.errors);
        answer.output.lines().map(str::to_owned).collect()
    }

    /// Runs a script that must succeed.
    pub fn must_run(&self, script: &str) {
        let answer = psql(&self.name, &["-v", "ON_ERROR_STOP=1", "-f", "-"], script);
        assert!(answer.success, "{}\n--- in\n{script}", answer.errors);
    }

    /// The rows of a query with one column, sorted.
    pub fn rows(&self, query: &str) -> Vec<String> {
        let answer = psql(&self.name, &["-A", "-t", "-f", "-"], query);
        assert!(answer.success && answer.errors.is_empty(), "{}\n--- in\n{query}", answer.errors);
        let mut rows: Vec<String> = answer.output.lines().map(str::to_owned).collect();
        rows.sort();
        rows
    }

    /// What its catalogue holds.
    pub fn catalog(&self) -> Value {
        let answer = psql(&self.name, &["-A", "-t", "-f", "-"], CATALOG);
        assert!(answer.success && answer.errors.is_empty(), "{}", answer.errors);
        serde_json::from_str(&answer.output).unwrap_or_else(|e| panic!("{e}: {}", answer.output))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        psql("postgres", &["-c", &format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)], "");
    }
}

/// `psql:<stdin>:3: ERROR:  42P01: relation "x" does not exist`
fn refusal(line: &str) -> Option<Refusal> {
    let (place, said) = line.split_once(": ERROR:  ")?;
    let line = place.rsplit_once(':')?.1.parse().ok()?;
    Some(Refusal { line, sqlstate: said.get(..5)?.to_owned() })
}

struct Answer {
    success: bool,
    output: String,
    errors: String,
}

fn psql(database: &str, args: &[&str], input: &str) -> Answer {
    let program = std::env::var_os("RELATA_PSQL").unwrap_or_else(|| OsString::from("psql"));
    assert!(std::env::var_os("PGHOST").is_some(), "no server: run `cargo xtask test postgres`, which starts one");
    let mut child = Command::new(program)
        .args(["-X", "-q", "-w", "-d", database])
        .args(args)
        // Scripts are UTF-8, and messages are those that the SQLSTATE parser knows.
        .envs([("PGCLIENTENCODING", "UTF8"), ("LC_ALL", "C"), ("PGOPTIONS", "-c client_min_messages=error")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("psql starts");
    let mut stdin = child.stdin.take().expect("a pipe was asked for");
    let output = std::thread::scope(|scope| {
        // psql may end before it has read everything; what it says then is in its errors.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().expect("psql ends")
    });
    Answer {
        success: output.status.success(),
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
