use crate::finding::{Certainty, Severity, Subject};
use crate::history::checksum::Deviation;
use crate::operation::ObjectKind;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "non-linear-history",
    category: Category::MigrationHistory,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A new migration stands before migrations that were there already.",
    why: "Databases that have run the later one either never run the new one, or run it out of order: Flyway refuses it unless `outOfOrder` is set, golang-migrate leaves it out, others \
          run it after what new databases run before it. It happens where two branches number their migrations at the same time. Give the new file the next number before any database \
          has run it. What was there is known from an older state (`relata check --base`), or from `atlas.sum`, which does not name the new file. Atlas manual, \"Migration \
          Directory Integrity\"; Flyway manual, \"Out Of Order\".",
    fires: examples![
        "-- file: migrations/1_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: migrations/2_b.sql\n«»CREATE TABLE b (id bigint PRIMARY KEY);\n-- file: migrations/3_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);\n-- file: migrations/atlas.sum\nh1:qKCsRqPz1l8drISkZTLm0zgD0+VB30+AYdjVSsfqNMU=\n1_a.sql h1:kgs/AzX17lS0IPpZ7FdCuto3QvXsqGK+Fed7O6jp3S4=\n3_c.sql h1:VCR4zLhaCwS+lWf8O6YnTWCdzPnhHYqf1bqmDPeLDDE=\n",
    ],
    silent: examples![
        // The new file stands last.
        "-- file: migrations/1_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: migrations/2_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: migrations/atlas.sum\nh1:qKCsRqPz1l8drISkZTLm0zgD0+VB30+AYdjVSsfqNMU=\n1_a.sql h1:kgs/AzX17lS0IPpZ7FdCuto3QvXsqGK+Fed7O6jp3S4=\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // In a graph a revision says itself what it follows; two that follow one are two heads.
    if cx.has_graph() {
        return;
    }
    let unrecorded = |file| {
        let deviation = cx.sources.file(file).and_then(|f| f.deviation);
        matches!(deviation, Some((Deviation::Unrecorded, _)))
    };
    let recorded = cx.revisions().any(|(_, r)| unrecorded(r.file));
    let is_new = |revision: &crate::history::Revision| match &cx.before {
        Some(before) => !before.contains(revision.id.as_str()),
        None => recorded && unrecorded(revision.file),
    };
    let revisions: Vec<_> = cx.revisions().map(|(_, r)| r).collect();
    let Some(last_known) = revisions.iter().rposition(|r| !is_new(r)) else { return };
    for (at, revision) in revisions.iter().enumerate() {
        out.look();
        if at > last_known || !is_new(revision) {
            continue;
        }
        let Some(known) = revisions.get(at..).unwrap_or_default().iter().find(|r| !is_new(r)) else { continue };
        let message = format!(
            "`{}` is new, but stands before `{}`, which was there already.",
            cx.file_name(revision),
            cx.file_name(known)
        );
        out.report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), revision.place(), message)
            .maybe_subject(Some(cx.file_subject(revision)))
            .maybe_subject(Some(cx.file_subject(known)));
    }
}
