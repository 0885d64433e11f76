use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::ObjectKind;
use crate::order::Order;
use crate::rules::support::{Version, list, start_of};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "ambiguous-version-order",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Proven,
    summary: "Versions mix widths or formats, so that their order as text, as numbers and as dates differ.",
    why: "`20250909_b` was written before `20250909205408_a` and runs after it where names are sorted as text, since a digit sorts before an underscore; `10` \
          runs before `9` in the same way. Databases that were migrated one file at a time then differ from those built from scratch, and another tool, a \
          shell loop or a code review reads yet another order. Name new files in one width. A file that is applied already keeps its name where the tool \
          records it; where that is not so, rename it in one step with the record.",
    fires: examples![
        "-- file: supabase/migrations/20250909205408_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: supabase/migrations/20250909_a.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY);",
        "-- file: db/1_a.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/2_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: db/10_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        // golang-migrate goes by numbers, whatever their width.
        "-- file: 9_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 9_a.down.sql\nDROP TABLE a;\n-- file: 10_b.up.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 10_b.down.sql\nDROP TABLE b;",
        "-- file: supabase/migrations/000_base.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: supabase/migrations/20250115_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: supabase/migrations/20250909205408_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
        "-- file: db/1_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/2_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

/// A file of a series: its version, its name, its revision.
type Entry<'a> = (Version<'a>, &'a str, &'a Revision);

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    // A journal, a plan or a graph gives the order, whatever the names are.
    let by_name =
        !matches!(cx.target.layout.as_str(), "sqitch" | "drizzle" | "liquibase" | "files" | "sql" | "pg_dump")
            && !cx.has_graph();
    if !by_name {
        return;
    }
    let mut series: BTreeMap<&str, Vec<Entry<'_>>> = BTreeMap::new();
    for (_, revision) in cx.revisions() {
        let (folder, name) = cx.folder_and_name(revision.file);
        if let Some(version) = Version::of(name) {
            out.look();
            series.entry(folder).or_default().push((version, name, revision));
        }
    }
    for entries in series.into_values() {
        // As the tool runs them, against the time at which they say they were written.
        let mut displaced = displaced(&entries);
        let mut how = "in the order of this layout";
        if displaced.is_empty() && cx.target.layout == "numbered" {
            // No tool's signs were found: whatever runs these may as well sort names as text.
            let mut as_text = entries;
            as_text.order_by_key(|(_, name, _)| *name);
            displaced = self::displaced(&as_text);
            how = "where names are sorted as text";
        }
        let Some(((_, name, revision), (_, before, other))) = displaced.first().copied() else { continue };
        let more = match displaced.len() {
            1 => String::new(),
            n => format!(" So do {} more.", n - 1),
        };
        let message = format!("`{name}` runs after `{before}` {how}, though its version is the lower one.{more}");
        let names: Vec<String> = displaced.iter().map(|((_, name, _), _)| format!("`{name}`")).collect();
        let mut draft = out
            .report_about(Subject::new(ObjectKind::Revision, revision.id.clone()), start_of(revision.file), message)
            .maybe_subject(Some(cx.file_subject(revision)))
            .maybe_subject(Some(cx.file_subject(other)))
            .also_at(start_of(other.file))
            .evidence(format!("Out of their order: {}.", list(&names)));
        for ((.., late), _) in displaced.iter().skip(1) {
            draft = draft.maybe_subject(Some(cx.file_subject(late))).also_at(start_of(late.file));
        }
        if how.contains("text") {
            let _ = draft.severity(Severity::Medium).certainty(Certainty::Likely);
        }
    }
}

/// The entries that stand behind one of a higher version, each with that one.
fn displaced<'a>(entries: &[Entry<'a>]) -> Vec<(Entry<'a>, Entry<'a>)> {
    let mut out = Vec::new();
    let mut highest: Option<Entry<'a>> = None;
    for entry in entries {
        match highest {
            Some(high) if entry.0.by_time(high.0).is_lt() => out.push((*entry, high)),
            _ => highest = Some(*entry),
        }
    }
    out
}
