use crate::analysis::Role;
use crate::finding::{Certainty, Severity};
use crate::history::Revision;
use crate::rules::support::number;
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "migration-without-description",
    category: Category::Documentation,
    severity: Severity::Info,
    certainty: Certainty::Likely,
    summary: "A migration says nothing about what it does, where the others have a comment or docstring at their head.",
    why: "What a migration changes can be read from its statements; why it does so, and what must be done around it, cannot. The history shows whether \
          a project writes that down: a migration without a word is told only where at least half of the others have some.",
    fires: examples![
        "<!-- file: V1__users.sql -->\n-- Who can log in.\nCREATE TABLE users (id bigint PRIMARY KEY);\n<!-- file: V2__orders.sql -->\n-- What they order.\nCREATE TABLE orders (id bigint PRIMARY KEY);\n<!-- file: V3__bills.sql -->\n«CREATE TABLE bills (id bigint PRIMARY KEY)»;\n",
    ],
    silent: examples![
        "<!-- file: V1__users.sql -->\nCREATE TABLE users (id bigint PRIMARY KEY);\n<!-- file: V2__orders.sql -->\nCREATE TABLE orders (id bigint PRIMARY KEY);\n<!-- file: V3__bills.sql -->\n-- What they owe.\nCREATE TABLE bills (id bigint PRIMARY KEY);\n",
        "<!-- file: V1__users.sql -->\n-- Who can log in.\nCREATE TABLE users (id bigint PRIMARY KEY);\n<!-- file: V2__orders.sql -->\n/* What they order. */\nCREATE TABLE orders (id bigint PRIMARY KEY);\n<!-- file: V3__bills.sql -->\n-- What they owe.\nCREATE TABLE bills (id bigint PRIMARY KEY);\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.target.role != Role::History {
        return;
    }
    let revisions: Vec<(u32, &Revision, bool)> = (0..)
        .zip(&cx.history.revisions)
        .filter(|(_, r)| !r.up.is_empty())
        .map(|(n, r)| (n, r, is_described(cx, r)))
        .collect();
    for _ in &revisions {
        out.look();
    }
    let described = revisions.iter().filter(|(.., d)| *d).count();
    if revisions.len() < 3 || described * 2 < revisions.len() {
        return;
    }
    for (at, revision, _) in revisions.iter().filter(|(.., d)| !d) {
        let (Some(subject), Some(first)) = (cx.revision(*at), revision.up.first()) else { continue };
        let message = format!("`{}` says nothing about what it does.", cx.file_name(revision).replace('`', "'"));
        let _ = out
            .report_about(subject, first.span, message)
            .evidence(format!("{described} of {} do.", number(revisions.len(), "migration", "migrations")));
    }
}

/// Whether a docstring or a comment stands at its head.
fn is_described(cx: &Context<'_>, revision: &Revision) -> bool {
    if revision.message.as_ref().is_some_and(|m| !m.trim().is_empty()) {
        return true;
    }
    let Some(first) = revision.up.first() else { return false };
    // The text of a statement is kept with the comments in front of it; a byte order mark is not.
    let head = [0, 3].into_iter().find_map(|start| cx.sources.text(Span::new(revision.file, start, first.span.start)));
    head.is_some_and(|head| head.lines().any(is_remark))
}

/// A line of a comment with words in it, which is no mark for a tool.
fn is_remark(line: &str) -> bool {
    const MARKS: &[&str] = &[
        "+goose",
        "+migrate",
        "migrate:",
        "liquibase",
        "changeset",
        "flyway",
        "dbmate",
        "statement-breakpoint",
        "rollback",
        "transaction:",
    ];
    let text = line.trim().trim_start_matches(['-', '/', '*', '#', ' ']).to_ascii_lowercase();
    text.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !MARKS.iter().any(|mark| text.starts_with(mark))
}
