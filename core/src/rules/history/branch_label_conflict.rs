use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::Graph;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "branch-label-conflict",
    category: Category::MigrationHistory,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "Two revisions claim one branch label, or a dependency repeats an ancestor.",
    why: "A label names one branch: Alembic refuses to load two revisions that claim it. A `depends_on` that names what the revision follows anyway says \
          nothing, and hides that the order comes from `down_revision`. Labels and such dependencies can be edited at any time, as databases record \
          neither. Alembic manual, \"Working with Branch Labels\" and \"Branch Dependencies\".",
    fires: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\ndepends_on = '«a1»'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n",
    ],
    silent: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\nbranch_labels = ('core',)\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n",
    ],
    supersedes: &[],
    check,
};

/// Steps that all walks to ancestors take together.
const MAX_STEPS: usize = 1_000_000;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let graph = Graph::of(cx);
    let mut claimed: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, revision) in graph.nodes.iter().enumerate() {
        out.look();
        for label in &revision.branch_labels {
            let first = *claimed.entry(label.text.as_str()).or_insert(at);
            let Some(other) = graph.nodes.get(first).filter(|_| first != at) else { continue };
            let message = format!(
                "`{}` claims the branch label `{}`, which `{}` has already.",
                revision.id, label.text, other.id
            );
            let draft = out
                .report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), label.span, message)
                .maybe_subject(Some(Subject::new(ObjectKind::Revision, other.id.clone())));
            let _ = match other.branch_labels.iter().find(|l| l.text == label.text) {
                Some(earlier) => draft.also_at(earlier.span),
                None => draft,
            };
        }
    }
    let mut budget = MAX_STEPS;
    for (at, revision) in graph.nodes.iter().enumerate().filter(|(_, r)| !r.depends_on.is_empty()) {
        let ancestors = graph.ancestors(at, budget);
        budget = budget.saturating_sub(ancestors.len());
        for name in &revision.depends_on {
            let Some(on) = graph.place(&name.text).filter(|on| *on != at && ancestors.contains(on)) else { continue };
            let message = format!("`{}` depends on `{}`, which it follows anyway.", revision.id, name.text);
            let draft = out
                .report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), name.span, message)
                .maybe_subject(Some(Subject::new(ObjectKind::Revision, name.text.as_str())));
            let _ = match graph.nodes.get(on) {
                Some(ancestor) => draft.also_at(ancestor.place()),
                None => draft,
            };
        }
    }
}
