//! Every statement of schemas that PostgreSQL 15 loads without error must be read without a problem, every span right.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a test reads files and says when it skips")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use relata_core::problem::ProblemKind;
use relata_core::read::ddl::read_statement;
use relata_core::source::{FileId, Part, Splitter};

/// The corpus folder, or `None`, said aloud, where it is not there and not demanded.
fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("RELATA_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    assert!(std::env::var_os("RELATA_REQUIRE_CORPUS").is_none_or(|v| v != "1"), "the corpus is required and not there");
    println!("skipped: no corpus");
    None
}

/// The files of an item in the order of loading.
fn files(item: &Path) -> Vec<PathBuf> {
    if let Ok(order) = fs::read_to_string(item.join("LOAD_ORDER.txt")) {
        return order.lines().filter(|l| l.ends_with(".sql")).map(|l| item.join(l)).filter(|p| p.is_file()).collect();
    }
    let mut files: Vec<PathBuf> = fs::read_dir(item)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
        .collect();
    files.sort();
    files
}

/// What reading a file finds: statements, schema-changing ones, and problems as `line: kind: message`.
fn read(path: &Path) -> (usize, usize, Vec<String>) {
    let bytes = fs::read(path).unwrap();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let source = std::str::from_utf8(bytes).unwrap();
    let (mut statements, mut changing, mut problems) = (0, 0, Vec::new());
    let mut sink = |part: Part<'_>| {
        let Part::Statement { text, at, .. } = part else { return };
        let reading = read_statement(text, FileId(0), at.offset);
        statements += 1;
        changing += usize::from(reading.changes_schema);
        for operation in &reading.operations {
            assert!(operation.span.start >= at.offset && operation.span.end <= at.offset + text.len() as u32);
            support::show(operation, source);
        }
        for problem in reading.problems {
            if problem.kind != ProblemKind::UnfilledPlaceholder && problem.kind != ProblemKind::OpaqueStatement {
                let start = problem.span.map_or(0, |s| s.start.saturating_sub(at.offset)) as usize;
                let line = at.line + u32::try_from(text[..start].matches('\n').count()).unwrap();
                problems.push(format!("{}:{line}: {}: {}", path.display(), problem.kind.name(), problem.message));
            }
        }
    };
    let mut splitter = Splitter::new(0);
    splitter.push(bytes, &mut sink);
    splitter.finish(&mut sink);
    (statements, changing, problems)
}

#[test]
fn what_postgresql_loads_is_read_without_a_problem() {
    let Some(corpus) = corpus() else { return };
    let truth = fs::read_to_string(corpus.join("TRUTH.txt")).unwrap();
    let mut problems = Vec::new();
    let mut count = (0, 0);
    for item in truth.lines().filter(|l| !l.starts_with("mysql") && !l.starts_with("sqlite") && !l.is_empty()) {
        let mut paths = files(&corpus.join("dev").join(item));
        paths.push(corpus.join("dev/_pgdumps").join(format!("{item}.sql")));
        for path in paths.iter().filter(|p| p.is_file()) {
            let (statements, changing, found) = read(path);
            count.0 += statements;
            count.1 += changing;
            problems.extend(found);
        }
    }
    assert!(count.1 > 20_000, "too few statements: {count:?}");
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
