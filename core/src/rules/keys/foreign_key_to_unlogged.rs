use crate::finding::Subject;
use crate::finding::{Certainty, Severity};
use crate::operation::ObjectKind;
use crate::rules::support::{refused_key, written_path};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "foreign-key-to-unlogged",
    category: Category::KeysAndReferences,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "A permanent table refers to an unlogged or temporary one.",
    why: "PostgreSQL refuses the foreign key: an unlogged table is emptied after a crash and a temporary one when its session ends, which \
          would leave the permanent rows without what they refer to. Staging tables that are UNLOGGED for speed can refer to permanent ones, \
          not the other way round. PostgreSQL manual, CREATE TABLE, UNLOGGED, and 5.4.5 \"Foreign Keys\".",
    fires: examples![
        "CREATE UNLOGGED TABLE staging (id bigint PRIMARY KEY);\nCREATE TABLE variants (id bigint PRIMARY KEY, origin bigint REFERENCES «staging»);",
        "CREATE TEMPORARY TABLE picked (id bigint PRIMARY KEY);\nCREATE TABLE variants (id bigint PRIMARY KEY, origin bigint REFERENCES «picked» (id));",
    ],
    silent: examples![
        "CREATE TABLE products (id bigint PRIMARY KEY);\nCREATE UNLOGGED TABLE staging (id bigint PRIMARY KEY, product bigint REFERENCES products);",
        "CREATE UNLOGGED TABLE runs (id bigint PRIMARY KEY);\nCREATE UNLOGGED TABLE staging (id bigint PRIMARY KEY, run bigint REFERENCES runs);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for _ in cx.foreign_keys() {
        out.look();
    }
    for conflict in &cx.replay.conflicts {
        if conflict.sqlstate != "42P16" || !conflict.message.contains("may reference only") {
            continue;
        }
        let Some(key) = refused_key(cx, conflict) else { continue };
        out.look();
        let message = format!(
            "{} refers to `{}`, whose rows do not outlive a crash or the session: PostgreSQL refuses it.",
            key.text(),
            key.references.table.name.fold()
        );
        let mut subjects = key.subjects().into_iter();
        let Some(first) = subjects.next() else { continue };
        let mut draft = out.report_about(first, conflict.span, message);
        for subject in subjects {
            draft = draft.maybe_subject(Some(subject));
        }
        draft
            .maybe_subject(Some(Subject::new(ObjectKind::Table, written_path(&key.references.table))))
            .maybe_subject(cx.revision(conflict.revision));
    }
}
