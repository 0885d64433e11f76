use crate::finding::{Certainty, Severity, Subject};
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::rules::support::{Graph, list};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "revision-cycle",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "Revisions follow each other in a ring, so none of them can be first.",
    why: "The runner finds no order and refuses every command. It happens when a parent is edited by hand, or when a revision depends on one that comes after \
          it. Take the newest edge of the ring away: the parent or dependency that was changed last, and that no database relies on yet. Alembic manual, \
          \"Working with Branches\".",
    fires: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = '«a1»'\ndown_revision = 'b2'\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n# file: versions/b2_posts.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'b2'\ndown_revision = 'a1'\n\n\ndef upgrade():\n    op.create_table('posts', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('posts')\n",
    ],
    silent: examples![
        "# file: versions/a1_users.py\nimport sqlalchemy as sa\nfrom alembic import op\n\nrevision = 'a1'\ndown_revision = None\n\n\ndef upgrade():\n    op.create_table('users', sa.Column('id', sa.BigInteger(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('users')\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let graph = Graph::of(cx);
    for _ in &graph.nodes {
        out.look();
    }
    for ring in rings(&graph) {
        let members: Vec<_> = ring.iter().filter_map(|at| graph.nodes.get(*at)).collect();
        let Some((first, rest)) = members.split_first() else { continue };
        let message = if rest.is_empty() {
            format!("`{}` follows itself.", first.id)
        } else {
            let ids: Vec<String> = members.iter().map(|r| format!("`{}`", r.id)).collect();
            format!("{} follow each other in a ring.", list(&ids))
        };
        let mut draft = out.report_about(Subject::new(ObjectKind::Revision, first.id.clone()), first.place(), message);
        for member in rest {
            draft = draft
                .maybe_subject(Some(Subject::new(ObjectKind::Revision, member.id.clone())))
                .also_at(member.place());
        }
    }
}

/// The sets of revisions that follow each other, by parents and dependencies: what is left when everything that can be applied is, and when
/// everything that nothing waits for is gone.
fn rings(graph: &Graph<'_>) -> Vec<Vec<usize>> {
    let count = graph.nodes.len();
    let edges = |at: usize| -> Vec<usize> {
        let of = |sets: &[std::collections::BTreeSet<usize>]| sets.get(at).cloned().unwrap_or_default();
        of(&graph.parents).union(&of(&graph.depends_on)).copied().collect()
    };
    // Tarjan's algorithm with a stack of its own, as a history may be thousands of revisions deep.
    let mut order: Vec<Option<usize>> = vec![None; count];
    let mut low = vec![0_usize; count];
    let mut on_stack = vec![false; count];
    let (mut stack, mut next, mut found) = (Vec::new(), 0_usize, Vec::new());
    for start in 0..count {
        let mut calls: Vec<(usize, Vec<usize>)> = Vec::new();
        if order.get(start).copied().flatten().is_none() {
            calls.push((start, edges(start)));
        }
        while let Some((at, open)) = calls.last_mut() {
            let at = *at;
            if order.get(at).copied().flatten().is_none() {
                set(&mut order, at, Some(next));
                set(&mut low, at, next);
                set(&mut on_stack, at, true);
                stack.push(at);
                next += 1;
            }
            if let Some(to) = open.pop() {
                match order.get(to).copied().flatten() {
                    None => calls.push((to, edges(to))),
                    Some(number) if on_stack.get(to).copied().unwrap_or(false) => lower(&mut low, at, number),
                    Some(_) => {}
                }
                continue;
            }
            calls.pop();
            let own = low.get(at).copied().unwrap_or_default();
            if let Some((parent, _)) = calls.last() {
                lower(&mut low, *parent, own);
            }
            if order.get(at).copied().flatten() == Some(own) {
                let mut members = Vec::new();
                while let Some(member) = stack.pop() {
                    set(&mut on_stack, member, false);
                    members.push(member);
                    if member == at {
                        break;
                    }
                }
                members.order();
                if members.len() > 1 || edges(at).contains(&at) {
                    found.push(members);
                }
            }
        }
    }
    found.order();
    found
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

fn lower(list: &mut [usize], at: usize, value: usize) {
    if let Some(slot) = list.get_mut(at) {
        *slot = (*slot).min(value);
    }
}
