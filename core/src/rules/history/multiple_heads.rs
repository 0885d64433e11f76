use std::collections::BTreeSet;

use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::{Graph, list};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "multiple-heads",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "More than one revision has no child, so the history has several ends.",
    why: "`alembic upgrade head` refuses to choose, and the deployment stops. It happens when two branches each add a revision to the same parent. Join them \
          with a merge revision that names all heads as its parents (`alembic merge`), which changes nothing for a database that has either; published \
          revisions are never given another parent. Heads with labels or folders of their own are a layout that Alembic supports, and then all is well. \
          Alembic manual, \"Working with Branches\".",
    fires: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n# file: versions/b3_size.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = '«b3»'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('size', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'size')\n",
    ],
    silent: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n# file: versions/b3_size.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b3'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('size', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'size')\n# file: versions/c4_merge.py\nrevision = 'c4'\ndown_revision = ('b2', 'b3')\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n",
    ],
    supersedes: &[],
    check,
};

/// Ancestors that are looked at for labels.
const MAX_ANCESTORS: usize = 20_000;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let graph = Graph::of(cx);
    let heads: Vec<usize> = graph
        .children
        .iter()
        .enumerate()
        .inspect(|_| out.look())
        .filter(|(_, children)| children.is_empty())
        .map(|(at, _)| at)
        .collect();
    let [rest @ .., last] = heads.as_slice() else { return };
    let Some(newest) = graph.nodes.get(*last) else { return };
    // A revision whose child is missing ends nothing: that is what the rule about missing parents says.
    if rest.len() <= graph.missing(cx).len() {
        return;
    }
    // Heads that are apart by design: each on a branch, or in a folder, of its own.
    let budget = MAX_ANCESTORS / heads.len();
    let labels: BTreeSet<_> = heads.iter().map(|h| graph.labels(*h, budget)).filter(|l| !l.is_empty()).collect();
    let folders: BTreeSet<_> =
        heads.iter().filter_map(|h| graph.nodes.get(*h)).map(|r| cx.folder_and_name(r.file).0).collect();
    let apart = labels.len() == heads.len() || folders.len() == heads.len();
    let ids: Vec<String> = heads.iter().filter_map(|h| graph.nodes.get(*h)).map(|r| format!("`{}`", r.id)).collect();
    let message = format!("The history has {} ends: {}.", heads.len(), list(&ids));
    let merge = format!(
        "A merge revision with all of them as parents joins them: `alembic merge {}`.",
        ids.iter().map(|id| id.trim_matches('`')).collect::<Vec<_>>().join(" ")
    );
    let mut draft = out
        .report_about(Subject::new(ObjectKind::Revision, newest.id.clone()), newest.place(), message)
        .evidence(merge);
    for head in rest.iter().filter_map(|h| graph.nodes.get(*h)) {
        draft = draft.maybe_subject(Some(Subject::new(ObjectKind::Revision, head.id.clone()))).also_at(head.place());
    }
    if apart {
        let _ = draft.severity(Severity::Low);
    }
}
