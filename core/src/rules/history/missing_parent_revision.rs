use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::support::Graph;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "missing-parent-revision",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A revision names a parent or a dependency that is not among the files.",
    why: "The runner cannot build its graph, and every command fails, also those that concern other revisions. The file was deleted, never committed, or its \
          id was changed. Bring it back from version control; where it is lost for good, write a revision of that id that does what the databases have \
          already, rather than pointing the child elsewhere: databases that stand at the lost revision would be stranded. Alembic manual, \"Working \
          with Branches\".",
    fires: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/c3_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'c3'\ndown_revision = '«b2»'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n",
    ],
    silent: examples![
        // An empty text is none.
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\ndepends_on = ''\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n",
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_age.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.add_column('users', sa.Column('age', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_column('users', 'age')\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let graph = Graph::of(cx);
    for _ in &graph.nodes {
        out.look();
    }
    // Without any base the older files were not given: that says something of the upload, not of the project.
    let partial = cx.history.revisions.iter().all(|r| !r.down_revisions.is_empty());
    for (revision, name) in graph.missing(cx) {
        let role = if revision.depends_on.contains(name) { "depends on" } else { "follows" };
        let message = format!("`{}` {role} `{}`, which is not among the files.", revision.id, name.text);
        let draft = out
            .report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), name.span, message)
            .maybe_subject(Some(Subject::new(ObjectKind::Revision, name.text.as_str())))
            .maybe_subject(Some(cx.file_subject(revision)));
        let evidence = if partial {
            "No file starts the history: the older ones seem to be left out."
        } else if (cx.history.shared || cx.history.partial) && revision.depends_on.contains(name) {
            "The revisions are a branch of several, and what it depends on seems to be another one's, which was not given."
        } else {
            continue;
        };
        let _ = draft.severity(Severity::Low).certainty(Certainty::Likely).evidence(evidence.to_owned());
    }
}
