//! Files for other databases: read once more in their own words where those are read, and told once for each database.

use std::collections::BTreeMap;

use super::Options;
use super::sql::{Again, FileReading};
use super::targets::{by_reason, candidate};
use crate::analysis::Dialect;
use crate::history::layout::{self, Candidate, Choice, Plans};
use crate::problem::{Problem, ProblemKind};
use crate::source::dialect::{Evidence, Verdict};
use crate::source::{Sources, Span};

/// Reads the files of a drop that has nothing for PostgreSQL once more, each as what it is.
pub(super) fn settle(
    sources: &mut Sources,
    read: &mut [FileReading],
    databases: &[Option<&'static str>],
    again: &mut Again<'_>,
) {
    if databases.iter().any(Option::is_none) {
        // What a heading promised and the rest did not keep.
        for (reading, _) in read.iter_mut().zip(databases).filter(|(_, database)| database.is_none()) {
            read_as(sources, reading, Dialect::PostgreSql, again);
        }
        return;
    }
    for (reading, database) in read.iter_mut().zip(databases) {
        let dialect = database.and_then(Dialect::of_database).unwrap_or_default();
        read_as(sources, reading, dialect, again);
    }
}

/// The dialect of files that are named one by one and make one target: what they say together. They are read as that.
pub(super) fn of_all(
    options: &Options,
    sources: &mut Sources,
    read: &mut [FileReading],
    again: &mut Again<'_>,
    problems: &mut Vec<Problem>,
) -> Dialect {
    if let Some(dialect) = options.dialect {
        return dialect;
    }
    let mut together = Evidence::default();
    read.iter().for_each(|reading| together.add(&reading.evidence));
    let choice = Choice { keep_dialect: true, ..Choice::default() };
    let candidates: Vec<Candidate<'_>> = read.iter().map(|r| candidate(r, sources)).collect();
    let named = layout::databases(&candidates, choice);
    drop(candidates);
    let by_name = named.first().copied().flatten().filter(|first| named.iter().all(|d| *d == Some(*first)));
    let dialect = match (by_name.and_then(Dialect::of_database), together.verdict_together()) {
        (Some(dialect), _) | (None, Verdict::Of(dialect)) => dialect,
        (None, Verdict::Open) => Dialect::PostgreSql,
    };
    for reading in read.iter_mut() {
        read_as(sources, reading, dialect, again);
    }
    if dialect != Dialect::PostgreSql {
        let database = by_name.unwrap_or(dialect.title());
        let files: Vec<(usize, &'static str)> = (0..read.len()).map(|at| (at, database)).collect();
        tell_files(sources, read, &files, problems);
    }
    dialect
}

/// Reads a file as this dialect's, if it was read as another's.
fn read_as(sources: &mut Sources, reading: &mut FileReading, dialect: Dialect, again: &mut Again<'_>) {
    if reading.grammar == dialect {
        return;
    }
    let evidence = std::mem::take(&mut reading.evidence);
    let read = match dialect.is_read() {
        true => again.read(sources, reading.file, reading.defines.clone(), "", dialect),
        false => None,
    };
    match read {
        Some(read) => *reading = read,
        // PostgreSQL's reader has read all that it can of what came in its grammar.
        None if dialect == Dialect::PostgreSql => {}
        // Its bytes are not held any more, or nobody reads them: nothing is better than what another grammar makes of it.
        None => reading.unread(dialect),
    }
    reading.evidence = evidence;
}

/// Says of a drop that has nothing for PostgreSQL whose it is.
pub(super) fn tell(sources: &Sources, read: &[FileReading], plans: &Plans, problems: &mut Vec<Problem>) {
    if plans.nothing_else {
        tell_files(sources, read, &plans.foreign, problems);
    }
}

/// One problem for each database: its files, by which signs they were told, and what to do.
fn tell_files(sources: &Sources, read: &[FileReading], files: &[(usize, &'static str)], problems: &mut Vec<Problem>) {
    let names: Vec<&str> = read.iter().map(|r| sources.name(r.file)).collect();
    let mut first: BTreeMap<&str, &FileReading> = BTreeMap::new();
    for (at, database) in files {
        let Some(reading) = read.get(*at) else { continue };
        let signs = |r: &FileReading| Dialect::of_database(database).map_or(0, |d| r.evidence.signs_of(d).len());
        let best = first.entry(database).or_insert(reading);
        if signs(best) == 0 && signs(reading) > 0 {
            *best = reading;
        }
    }
    for (database, which) in by_reason(files.iter().copied(), &names) {
        let dialect = Dialect::of_database(database);
        let signs = match (first.get(database), dialect) {
            (Some(reading), Some(dialect)) => signs_of(sources, reading, dialect),
            _ => String::new(),
        };
        let what = match dialect {
            Some(dialect) if dialect.is_read() => {
                "Relata is made for PostgreSQL: of this it reads tables, columns, keys, indexes and the names of views, passes over triggers and \
                 routines, and applies the rules that hold here, too. If it is PostgreSQL's all the same, say `--dialect postgresql`."
            }
            Some(_) => {
                "Relata reads PostgreSQL; nothing of this was read, and nothing is said of it. Give it as PostgreSQL's, as a converter writes it, or, \
                 if it is PostgreSQL's all the same, say `--dialect postgresql`."
            }
            None => "It was taken for PostgreSQL's, and much of it may be wrong.",
        };
        let message = format!("{which} for {database}{signs}. {what}");
        problems.push(Problem { kind: ProblemKind::OtherDialect, message, span: None });
    }
}

/// ` (names in back-quotes at line 3, `ENGINE =` at line 12)`, or nothing where only a name told.
fn signs_of(sources: &Sources, reading: &FileReading, dialect: Dialect) -> String {
    let signs = reading.evidence.signs_of(dialect);
    let told: Vec<String> = signs
        .iter()
        .map(|sign| {
            let line = sources.location(Span::new(reading.file, sign.at, sign.at)).line;
            format!("{} at line {line}", sign.what)
        })
        .collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) }
}
