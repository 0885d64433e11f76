//! A script run by PostgreSQL and by Relata, and where they disagree.

use super::Style;
use crate::corpus::{analyze_sql_for, catalog};
use crate::facts::Comparison;
use crate::server::{Conversation, Database, Refused};

/// What every script stands on: the schemas that it may name, one of which is gone again. (A schema that a script uses and never makes is one that
/// Relata takes for a platform's.)
const BEFORE: [&str; 5] = [
    "CREATE SCHEMA app;",
    "CREATE SCHEMA \"Lib\";",
    "CREATE SCHEMA other;",
    "DROP SCHEMA other;",
    "RESET search_path;",
];

/// What PostgreSQL says of expressions whose types do not fit. Relata tells only the types that it is sure of.
const OF_TYPES: [(&str, &str); 10] = [
    ("42883", "function lower("),
    ("42883", "function abs("),
    ("42804", "generation expression is of type"),
    ("42804", "operator class"),
    ("42804", "but default expression is of type"),
    ("42804", "cannot be cast automatically to type"),
    ("42883", "operator does not exist"),
    ("42846", "cannot cast type"),
    ("22P02", "invalid input syntax"),
    ("22007", "invalid input syntax"),
];

/// What differs between what PostgreSQL does with a script and what Relata says of it: nothing, if all is well.
pub fn disagreement(server: &mut Conversation, statements: &[String], style: Style) -> String {
    let mut statements: Vec<String> =
        BEFORE.iter().map(|s| (*s).to_owned()).chain(statements.iter().cloned()).collect();
    // Of INSERTs into one table in a row only the first is read: what follows it is taken for data.
    let target = |s: &str| s.strip_prefix("INSERT INTO ").and_then(|s| s.split(' ').next()).map(str::to_owned);
    statements.dedup_by(|next, first| target(next).is_some() && target(next) == target(first));
    // psql would roll back what is open when it ends; a migration's runner would not.
    statements.extend((style == Style::Transactions).then(|| "COMMIT;".to_owned()));
    loop {
        let (differences, refused) = compare(server, &statements, style);
        let of_types = |refused: &Refused| {
            refused.as_ref().is_some_and(|(state, said)| OF_TYPES.iter().any(|(s, m)| s == state && said.contains(m)))
        };
        let mut keep = refused.iter().map(|r| !of_types(r));
        let before = statements.len();
        // One of them may have been needed by another: all are taken out at once, and the rest is run again.
        statements.retain(|_| keep.next().unwrap_or(true));
        if statements.len() == before {
            return differences;
        }
    }
}

fn compare(server: &mut Conversation, statements: &[String], style: Style) -> (String, Vec<Refused>) {
    let text = statements.join("\n");
    let analysis = analyze_sql_for(Database::server_version(), [("script.sql", text.as_bytes())]);
    let mut said: Vec<Option<(&str, &str)>> = vec![None; statements.len()];
    for target in &analysis.targets {
        for conflict in &target.replay.conflicts {
            // The first thing that is wrong with a statement is what PostgreSQL reports.
            let line = analysis.location(conflict.span).line as usize - 1;
            said[line].get_or_insert((conflict.sqlstate, &conflict.message));
        }
    }
    let same = |(expected, actual): (&Refused, &Option<(&str, &str)>)| {
        expected.as_ref().map(|(state, _)| state.as_str()) == actual.map(|(state, _)| state)
    };
    let wanted = |refused: &[Refused]| refused.iter().zip(&said).all(same);
    let outcome = match style {
        Style::Plain | Style::Blocks => server.within_transaction(statements, wanted),
        Style::Transactions => server.by_themselves(statements, wanted),
    };
    let mut differences = String::new();
    for ((statement, expected), actual) in statements.iter().zip(&outcome.refused).zip(&said) {
        if !same((expected, actual)) {
            differences += &format!("{statement}\n  PostgreSQL: {expected:?}\n  Relata:     {actual:?}\n");
        }
    }
    for problem in &analysis.problems {
        differences += &format!("{:?}\n  {}\n", problem.kind, problem.message);
    }
    let differences = match outcome.catalog {
        Some(expected) if differences.is_empty() => Comparison::of(&expected, &catalog(&analysis)).differences(8),
        // After a disagreement the catalogues differ anyhow.
        _ => differences,
    };
    (differences, outcome.refused)
}
