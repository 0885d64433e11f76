//! `cargo xtask`: every chore of the project, on any operating system. No make, no shell scripts.
//!
//! Each command installs what it needs where it may, and otherwise says in one line what is missing and how to get it. Tools go into `.tools/`,
//! which git ignores; nothing outside the workspace is touched but Debian packages, and those only as root.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks through its standard streams")]

mod bench;
mod bench_frames;
mod bench_histories;
mod bench_layout;
mod ci;
mod counts;
mod docs;
mod element;
mod fingerprint;
mod npm;
mod packages;
mod postgres;
mod process;
mod serve;
mod single_file;
mod site;
mod size;
mod suites;
mod tools;
mod types;
mod workspace;

use std::process::ExitCode;

/// What can go wrong: a sentence for a person.
pub(crate) type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "\
cargo xtask COMMAND

  build                     the static site in dist/: the page, dist/relata.html (the page as one file, for file://), dist/element/
  npm                       the npm package, in dist-npm/relata-VERSION.tgz
  serve [--port N] [--base /PATH/] [--no-build] [--no-open]
                            build, then serve dist/ on this machine and open a browser
  test [native|report|exports|postgres|wasm|browser|embed|sites]...
                            every test, or those of the suites named
  oracle FILE.sql...        each script run by PostgreSQL and by Relata: which statements each refuses, and what is left
  oracle                    the tests that ask a live PostgreSQL, with many more random scripts; the
                            exports of the whole corpus; installs Alembic and packages with models and
                            migrations from PyPI, into .tools/
  fidelity                  docs/fidelity.md: how exactly each schema of the corpus is understood
  snapshot                  tests/findings.txt and docs/scoring.md: what is found in each schema of the corpus, and the scores
  docs [--check]            the generated documentation; with --check, fail where it differs
  size [--update]           compressed sizes against size-budget.toml
  bench [layout|frames|histories] [--quick] [--native] [--rounds N]
                            docs/benchmarks.md: time and memory of each stage, beside libpg-query in the same run;
                            docs/benchmarks-layout.md: drawings, beside Graphviz's, elkjs's and dagre's;
                            docs/benchmarks-frames.md: panning and zooming, beside React Flow's;
                            docs/benchmarks-histories.md: thousands of migrations, beside one file
  sites [NAME]... [--pictures]
                            documentation sites (vitepress, mkdocs, docusaurus, mdbook) with a schema in them, built and opened
  screenshots               the pictures of the README
  ci                        what .ci/run calls: format, lints, tests, docs, sizes, licences
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[&str]) -> Result<()> {
    match args {
        ["build"] => build(),
        ["npm"] => npm::build().map(|file| println!("{}", file.display())),
        ["serve", rest @ ..] => serve::command(rest),
        ["test", rest @ ..] => suites::command(rest),
        ["oracle"] => suites::oracle(),
        ["oracle", files @ ..] => suites::oracle_of(files),
        ["fidelity"] => docs::fidelity(),
        ["snapshot"] => docs::snapshot(),
        ["docs"] => docs::write(),
        ["docs", "--check"] => docs::check(),
        ["size"] => size::check(),
        ["size", "--update"] => size::update(),
        ["bench", rest @ ..] => bench::command(rest),
        ["sites", rest @ ..] => suites::sites(rest),
        ["screenshots"] => suites::screenshots(),
        ["ci"] => ci::command(),
        [] | ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("no such command: `{}`\n\n{USAGE}", args.join(" "))),
    }
}

/// Everything that is handed out, and the tag that other sites load the element by.
fn build() -> Result<()> {
    single_file::build()?;
    println!("{}", element::tag(&workspace::dist().join("element"))?);
    Ok(())
}
