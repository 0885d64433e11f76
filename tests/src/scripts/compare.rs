//! A script run by PostgreSQL and by Relata, and where they disagree.

use super::Style;
use crate::corpus::{analyze_sql, catalog};
use crate::facts::Comparison;
use crate::server::Conversation;

/// What differs between what PostgreSQL does with a script and what Relata says of it: nothing, if all is well.
pub fn disagreement(server: &mut Conversation, statements: &[String], style: Style) -> String {
    let outcome = match style {
        Style::Plain => server.within_transaction(statements),
        Style::Transactions => server.by_themselves(statements),
    };
    let text = statements.join("\n");
    let analysis = analyze_sql([("script.sql", text.as_bytes())]);
    let mut said: Vec<Option<(&str, &str)>> = vec![None; statements.len()];
    for target in &analysis.targets {
        for conflict in &target.replay.conflicts {
            // The first thing that is wrong with a statement is what PostgreSQL reports.
            let line = analysis.location(conflict.span).line as usize - 1;
            said[line].get_or_insert((conflict.sqlstate, &conflict.message));
        }
    }
    let mut differences = String::new();
    for ((statement, expected), actual) in statements.iter().zip(&outcome.refused).zip(&said) {
        if expected.as_ref().map(|(state, _)| state.as_str()) != actual.map(|(state, _)| state) {
            differences += &format!("{statement}\n  PostgreSQL: {expected:?}\n  Relata:     {actual:?}\n");
        }
    }
    for problem in &analysis.problems {
        differences += &format!("{:?}\n  {}\n", problem.kind, problem.message);
    }
    // After a disagreement the catalogues differ anyhow.
    if differences.is_empty() {
        differences = Comparison::of(&outcome.catalog, &catalog(&analysis)).differences(8);
    }
    differences
}
