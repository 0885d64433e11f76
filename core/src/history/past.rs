//! What is past: the hazards of running migrations that have most likely been run.

use std::collections::BTreeSet;

use super::{History, Revision};
use crate::finding::Finding;
use crate::rules::Category;
use crate::source::Span;

/// Rules of migration safety whose findings tell of the state that is left: a later migration repairs them.
const LASTING: &[&str] = &["constraint-never-validated"];

/// Marks the findings about running a migration that others follow. Whether it was run nobody can tell from files; but a tool refuses or ignores a
/// migration that was edited afterwards, so that the only repair is to do better in the next one.
pub(crate) fn mark_past(findings: &mut [Finding], history: &History) {
    let last = last_of(history);
    if last.len() == history.revisions.len() {
        return;
    }
    for finding in findings {
        if finding.rule.category == Category::MigrationSafety && !LASTING.contains(&finding.rule.name) {
            finding.past = finding.place().is_some_and(|place| !last.iter().any(|r| holds(r, place)));
        }
    }
}

/// The revisions that no other follows: the heads of a graph, else the one at the end.
fn last_of(history: &History) -> Vec<&Revision> {
    let parents: BTreeSet<&str> =
        history.revisions.iter().flat_map(|r| &r.down_revisions).map(|p| p.text.as_str()).collect();
    if parents.is_empty() {
        return history.revisions.last().into_iter().collect();
    }
    history.revisions.iter().filter(|r| !parents.contains(r.id.as_str())).collect()
}

fn holds(revision: &Revision, place: Span) -> bool {
    let mut operations = revision.up.iter().chain(&revision.down);
    operations.any(|o| o.span.file == place.file && o.span.start <= place.start && place.start <= o.span.end)
        || (place.file == revision.file && place.start == 0)
}
