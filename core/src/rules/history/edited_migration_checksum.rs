use crate::finding::{Certainty, Severity, Subject};
use crate::history::checksum::Deviation;
use crate::operation::ObjectKind;
use crate::rules::support::start_of;
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "edited-migration-checksum",
    category: Category::MigrationHistory,
    severity: Severity::Medium,
    certainty: Certainty::Proven,
    summary: "A file's content is not what the folder's sum file recorded.",
    why: "The file was changed after it was recorded. If databases had applied it, they differ from those that come later, and the runner refuses to go on. Put \
          the old content back and write the change as a new migration; only a file that no database has applied is recorded anew (`atlas migrate hash`). Each \
          checksum covers the files before it, too, so the files behind the first one that differs cannot be checked. Atlas manual, \"Migration Directory \
          Integrity\".",
    fires: examples![
        "-- file: migrations/1_a.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY, name text);\n-- file: migrations/2_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: migrations/atlas.sum\nh1:qKCsRqPz1l8drISkZTLm0zgD0+VB30+AYdjVSsfqNMU=\n1_a.sql h1:kgs/AzX17lS0IPpZ7FdCuto3QvXsqGK+Fed7O6jp3S4=\n2_b.sql h1:VCR4zLhaCwS+lWf8O6YnTWCdzPnhHYqf1bqmDPeLDDE=\n",
    ],
    silent: examples![
        "-- file: migrations/1_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: migrations/2_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: migrations/atlas.sum\nh1:qKCsRqPz1l8drISkZTLm0zgD0+VB30+AYdjVSsfqNMU=\n1_a.sql h1:kgs/AzX17lS0IPpZ7FdCuto3QvXsqGK+Fed7O6jp3S4=\n2_b.sql h1:VCR4zLhaCwS+lWf8O6YnTWCdzPnhHYqf1bqmDPeLDDE=\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (_, revision) in cx.revisions() {
        out.look();
        let Some((deviation, line)) = cx.sources.file(revision.file).and_then(|f| f.deviation) else { continue };
        let name = cx.file_name(revision);
        let message = match deviation {
            Deviation::Edited => format!("`{name}` was changed after `atlas.sum` recorded it."),
            Deviation::Unrecorded => format!("`atlas.sum` does not know `{name}`, so Atlas refuses the folder."),
        };
        out.report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), start_of(revision.file), message)
            .maybe_subject(Some(cx.file_subject(revision)))
            .also_at(line);
    }
}
