use std::cmp::Reverse;

use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::Graph;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "multiple-bases",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "A second revision starts from nothing beside a chain that has its start already.",
    why: "Most often it was written by hand and its parent forgotten. The runner sees two histories: it may apply the second start before what it builds on, and \
          `upgrade head` finds several heads. As long as no database has it, give it the head of the chain as its parent; afterwards join the ends with a \
          merge revision, and leave the published ids and parents as they are. Bases with labels or folders of their own are a layout that Alembic \
          supports. Alembic manual, \"Working with Branches\", \"Working with Multiple Bases\".",
    fires: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n# file: versions/z9_posts.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = '«z9»'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('posts', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('posts')\n",
    ],
    silent: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let graph = Graph::of(cx);
    let declared_base = |id: &str| cx.history.revisions.iter().any(|r| r.id == id && r.down_revisions.is_empty());
    let bases: Vec<usize> = (0..graph.nodes.len())
        .inspect(|_| out.look())
        .filter(|at| graph.parents.get(*at).is_some_and(std::collections::BTreeSet::is_empty))
        .filter(|at| graph.nodes.get(*at).is_some_and(|r| declared_base(&r.id)))
        .collect();
    if bases.len() < 2 {
        return;
    }
    // The base of the longer chain is the one that the others stand beside.
    let Some(main) = bases.iter().copied().min_by_key(|b| (Reverse(descendants(&graph, *b)), *b)) else { return };
    let Some(first) = graph.nodes.get(main) else { return };
    let folder = cx.folder_and_name(first.file).0;
    for base in bases.into_iter().filter(|b| *b != main).filter_map(|b| graph.nodes.get(b)) {
        let apart = !base.branch_labels.is_empty() || cx.folder_and_name(base.file).0 != folder;
        let message = format!(
            "`{}` (`{}`) starts from nothing, though the history starts with `{}`.",
            base.id,
            cx.file_name(base),
            first.id
        );
        let draft = out
            .report_about(Subject::new(ObjectKind::Revision, base.id.clone()), base.place(), message)
            .maybe_subject(Some(Subject::new(ObjectKind::Revision, first.id.clone())))
            .also_at(first.place());
        if apart {
            let _ = draft.severity(Severity::Low);
        }
    }
}

/// How many revisions follow one, itself counted.
fn descendants(graph: &Graph<'_>, base: usize) -> usize {
    let mut seen = vec![false; graph.nodes.len()];
    let mut open = vec![base];
    let mut count = 0;
    while let Some(at) = open.pop() {
        let Some(flag) = seen.get_mut(at).filter(|flag| !**flag) else { continue };
        *flag = true;
        count += 1;
        open.extend(graph.children.get(at).into_iter().flatten().copied());
    }
    count
}
