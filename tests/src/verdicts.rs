//! Any script of SQL, run by PostgreSQL and by Relata: which statements each refuses, and the catalogue that each ends with.
//!
//! The random scripts and `tests/conflicts/` ask about statements that we thought of; this asks about a file that somebody else wrote. Such a file has
//! statements whose fate Relata does not promise to know (a missing C library, a right that is denied, a type error in an expression). They are taken
//! out, and so is every statement about which the two disagree, and the rest is run again: one disagreement does not bring others along.

use std::collections::BTreeMap;
use std::ops::Range;

use relata_core::analysis::Analysis;
use relata_core::operation::OperationKind;
use relata_core::replay::SQLSTATES;

use crate::corpus::{analyze_sql_for, catalog};
use crate::facts::Comparison;
use crate::server::Database;

/// How often a script is run again without what differed.
const ROUNDS: usize = 6;

/// An SQLSTATE and what was said with it.
pub type Said = Option<(String, String)>;

/// A statement about which PostgreSQL and Relata disagree.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The line on which it ends.
    pub line: u32,
    /// Its text.
    pub text: String,
    /// What PostgreSQL said.
    pub live: Said,
    /// What Relata said.
    pub ours: Said,
}

/// What comparing gave.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// Statements that concern a schema.
    pub statements: usize,
    /// How many of them both refuse with the same SQLSTATE.
    pub refused: usize,
    /// Those that PostgreSQL refuses for a reason that Relata does not promise to find.
    pub beyond: Vec<Difference>,
    /// Where they disagree.
    pub differences: Vec<Difference>,
    /// What Relata says that it could not read: line and reason.
    pub skipped: Vec<(u32, String)>,
    /// The catalogues without what differed.
    pub catalog: Comparison,
}

/// Runs a script in both.
pub fn compare(text: &str) -> Verdicts {
    let mut text = text.to_owned();
    let mut verdicts = Verdicts::default();
    let version = Database::server_version();
    for round in 0..ROUNDS {
        let database = Database::create("verdicts");
        let live = database.run_and_tell(&text);
        end_as_told(&mut text, &live);
        // What PostgreSQL refuses changes nothing there, whether Relata knows or not: it is taken out of what Relata reads, until nothing is left
        // that stands on it. The server need not be asked again.
        let (analysis, statements) = loop {
            let analysis = analyze_sql_for(version, [("script.sql", text.as_bytes())]);
            let statements = statements(&analysis, &text);
            if verdicts.statements == 0 {
                verdicts.statements = statements.iter().filter(|s| s.schema).count();
                verdicts.skipped = skipped(&analysis);
            }
            let mut missed = Vec::new();
            for statement in statements.iter().filter(|s| s.alone && s.ours.is_none()) {
                let Some(said) = live.get(&statement.line) else { continue };
                missed.push(statement.span.clone());
                let difference = statement.difference(&text, Some(said.clone()));
                if statement.schema && SQLSTATES.contains(&said.0.as_str()) {
                    verdicts.differences.push(difference);
                } else {
                    verdicts.beyond.push(difference);
                }
            }
            if missed.is_empty() {
                break (analysis, statements);
            }
            take_out(&mut text, missed);
        };
        let state = |said: Option<&(String, String)>| said.map(|(state, _)| state.clone());
        let differs = |s: &&Statement| s.ours.is_some() && state(live.get(&s.line)) != state(s.ours.as_ref());
        let differing: Vec<&Statement> = statements.iter().filter(differs).collect();
        for statement in &differing {
            let said = live.get(&statement.line).cloned();
            verdicts.differences.push(statement.difference(&text, said));
        }
        if differing.is_empty() || round + 1 == ROUNDS {
            verdicts.refused = statements.iter().filter(|s| s.ours.is_some()).count() - differing.len();
            if analysis.targets.len() < 2 {
                verdicts.catalog = Comparison::of(&database.catalog(), &catalog(&analysis));
            }
            break;
        }
        take_out(&mut text, differing.iter().map(|s| s.span.clone()));
    }
    Database::drop_roles();
    verdicts.differences.sort_by_key(|d| d.line);
    verdicts
}

/// Replaces text by as many spaces: every line stays where it was.
fn take_out(text: &mut String, spans: impl IntoIterator<Item = Range<usize>>) {
    for span in spans {
        let blank: String = text[span.clone()].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
        text.replace_range(span, &blank);
    }
}

/// What the server's refusals say of how the script itself goes on: rows that were never asked for, and a transaction that did not commit.
fn end_as_told(text: &mut String, live: &BTreeMap<u32, (String, String)>) {
    let mut out = String::with_capacity(text.len());
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let start = line.trim_start().to_ascii_lowercase();
        if !live.contains_key(&number) {
            out.push_str(line);
        } else if start.starts_with("copy ") && start.contains("from stdin") {
            out.push('\n');
        } else if start.starts_with("commit") {
            out.push_str("ABORT;\n");
        } else {
            out.push_str(line);
        }
    }
    *text = out;
}

impl Statement {
    fn difference(&self, text: &str, live: Said) -> Difference {
        let text = text.get(self.span.clone()).unwrap_or_default().to_owned();
        Difference { line: self.line, text, live, ours: self.ours.clone() }
    }
}

struct Statement {
    line: u32,
    span: Range<usize>,
    /// Whether it changes a schema: rows and queries are not judged.
    schema: bool,
    /// Whether it can be taken out and leave the others what they are: what ends a transaction cannot.
    alone: bool,
    ours: Said,
}

fn statements(analysis: &Analysis, text: &str) -> Vec<Statement> {
    let mut said: BTreeMap<(u32, u32), Said> = BTreeMap::new();
    for target in &analysis.targets {
        for conflict in &target.replay.conflicts {
            said.entry((conflict.revision, conflict.operation))
                .or_insert_with(|| Some((conflict.sqlstate.to_owned(), conflict.message.clone())));
        }
    }
    let mut statements: BTreeMap<usize, Statement> = BTreeMap::new();
    for target in &analysis.targets {
        for (revision, operations) in (0..).zip(target.history.revisions.iter().map(|r| &r.up)) {
            for (number, operation) in (0..).zip(operations) {
                let (start, end) = (operation.span.start as usize, operation.span.end as usize);
                let rest = text.get(end..).unwrap_or_default();
                // The server's client counts up to the semicolon.
                let close = if rest.trim_start().starts_with(';') { rest.len() - rest.trim_start().len() } else { 0 };
                let line = 1 + text[..end + close].matches('\n').count() as u32;
                let ours = said.get(&(revision, number)).cloned().flatten();
                let schema = !matches!(
                    operation.kind,
                    OperationKind::Dml { .. }
                        | OperationKind::Transaction(_)
                        | OperationKind::Utility { .. }
                        | OperationKind::SetParameter { .. }
                        | OperationKind::Truncate { .. }
                        | OperationKind::Rewrite { .. }
                        | OperationKind::LockTable { .. }
                        | OperationKind::Reindex { .. }
                );
                let alone = !matches!(operation.kind, OperationKind::Transaction(_));
                let one = Statement { line, span: start..end, schema, alone, ours };
                let known = statements.entry(start).or_insert(Statement { ours: None, ..one });
                known.ours = known.ours.take().or(one.ours);
            }
        }
    }
    statements.into_values().collect()
}

fn skipped(analysis: &Analysis) -> Vec<(u32, String)> {
    let problems = analysis.targets.iter().flat_map(|t| &t.coverage.skipped).chain(&analysis.problems);
    let mut skipped: Vec<_> = problems
        .map(|p| (p.span.map_or(0, |s| analysis.location(s).line), format!("{}: {}", p.kind.name(), p.message)))
        .collect();
    skipped.sort();
    skipped.dedup();
    skipped
}
