//! What is past: the hazards of running migrations that have most likely been run.

use std::collections::BTreeSet;

use super::{History, Revision};
use crate::finding::Finding;
use crate::rules::Category;
use crate::source::Span;

/// Marks the findings about running a migration that others follow. Whether it was run nobody can tell from files; but a tool refuses or ignores a
/// migration that was edited afterwards, so that the only repair is to do better in the next one.
pub(crate) fn mark_past(findings: &mut [Finding], history: &History) {
    let last = last_of(history);
    if last.len() == history.revisions.len() {
        return;
    }
    for finding in findings {
        if finding.rule.category == Category::MigrationSafety && !finding.lasting {
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

#[cfg(test)]
mod tests {
    use crate::order::Order;
    use crate::{Options, analyze};

    /// Rule, file and whether it is past, of the findings about building indexes.
    fn indexes(files: &[(&str, &str)]) -> Vec<(String, bool)> {
        let analysis = analyze(files.iter().map(|(n, t)| (*n, t.as_bytes())), Options::default());
        let findings = analysis.targets[0].findings.iter().filter(|f| f.rule.name == "create-index-not-concurrent");
        let mut out: Vec<(String, bool)> =
            findings.map(|f| (analysis.sources.name(f.spans[0].file).to_owned(), f.past)).collect();
        out.order();
        out
    }

    #[test]
    fn in_a_row_only_the_last_is_not_past() {
        let table = ("db/001_a.sql", "CREATE TABLE a (id int PRIMARY KEY, b int, c int);");
        let (b, c) = (("db/002_b.sql", "CREATE INDEX ON a (b);"), ("db/003_c.sql", "CREATE INDEX ON a (c);"));
        assert_eq!(indexes(&[table, b, c]), [("db/002_b.sql".to_owned(), true), ("db/003_c.sql".to_owned(), false)]);
    }

    #[test]
    fn every_head_of_a_graph_is_the_last() {
        let revision = |id: &str, down: &str, body: &str| {
            format!(
                "from alembic import op\nimport sqlalchemy as sa\nrevision = '{id}'\ndown_revision = {down}\ndef upgrade():\n    {body}\ndef downgrade():\n    pass\n"
            )
        };
        let table = "op.create_table('a', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('b', sa.Integer()), sa.Column('c', sa.Integer()))";
        let files = [
            ("versions/1.py", revision("1", "None", table)),
            ("versions/2.py", revision("2", "'1'", "op.create_index('i2', 'a', ['b'])")),
            ("versions/3.py", revision("3", "'2'", "op.create_index('i3', 'a', ['c'])")),
            ("versions/4.py", revision("4", "'2'", "op.create_index('i4', 'a', ['b', 'c'])")),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let expected = [("versions/2.py", true), ("versions/3.py", false), ("versions/4.py", false)];
        assert_eq!(indexes(&files), expected.map(|(n, past)| (n.to_owned(), past)));
    }
}
