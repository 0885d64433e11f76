use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{ObjectKind, OperationKind};
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "opaque-statement",
    category: Category::MigrationHistory,
    severity: Severity::Info,
    certainty: Certainty::Proven,
    summary: "A statement builds SQL while it runs, so that reading it does not tell what it changes.",
    why: "Dynamic EXECUTE, a loop over the catalogue or a call of a procedure may create or drop anything. What it makes is missing from this report, and \
          what is missing after it is not reported as an error, as it may have been made there. Written out as plain statements it can be read, reviewed and \
          taken back. What databases have applied stays as it is. PostgreSQL manual, 43.5.4 \"Executing Dynamic Commands\".",
    fires: examples![
        "CREATE TABLE a (id bigint PRIMARY KEY);\n«DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables LOOP EXECUTE 'ALTER TABLE ' || t || ' ADD COLUMN extra int'; END LOOP; END $$»;",
        // What its function makes depends on rows.
        "CREATE TABLE names (n text PRIMARY KEY);\nCREATE FUNCTION build() RETURNS void LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT n FROM names LOOP EXECUTE format('CREATE TABLE %I (id bigint PRIMARY KEY)', r.n); END LOOP; END $$;\n«SELECT build()»;",
    ],
    silent: examples![
        // What the call does follows from it.
        "CREATE FUNCTION build(n text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE %I (id bigint PRIMARY KEY)', n); END $$;\nSELECT build('a');",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nALTER TABLE a ADD CHECK (id > 0);\nDO $$ DECLARE r record; BEGIN FOR r IN SELECT conname FROM pg_constraint WHERE conrelid = 'a'::regclass AND contype = 'c' LOOP EXECUTE 'ALTER TABLE a DROP CONSTRAINT ' || quote_ident(r.conname); END LOOP; END $$;",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nDO $$ BEGIN ALTER TABLE a ADD COLUMN extra int; END $$;",
        "CREATE TABLE a (id bigint PRIMARY KEY);\nINSERT INTO a VALUES (1);\nANALYZE a;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (place, revision) in cx.revisions() {
        let mut spans: Vec<Span> = Vec::new();
        for (at, operation) in (0_u32..).zip(&revision.up) {
            out.look();
            let opaque = matches!(&operation.kind, OperationKind::Utility { verb, .. } if matches!(verb.as_str(), "DO" | "DROP" | "EXECUTE" | "CALL"))
                || cx.replay.opaque_calls.binary_search(&(place, at)).is_ok();
            if opaque && spans.last() != Some(&operation.span) {
                spans.push(operation.span);
            }
        }
        let Some((first, rest)) = spans.split_first() else { continue };
        let verb = if rest.is_empty() { "builds" } else { "build" };
        let message = format!(
            "{} of `{}` {verb} SQL while running: what {} is not known.",
            number(spans.len(), "statement", "statements"),
            cx.file_name(revision),
            if rest.is_empty() { "it changes" } else { "they change" }
        );
        let mut draft = out.report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), *first, message);
        for span in rest {
            draft = draft.also_at(*span);
        }
    }
}
