use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{ObjectKind, OperationKind, Persistence};
use crate::rules::support::{list, number_of_tables, start_of, words};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "competing-baselines",
    category: Category::MigrationHistory,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "Two or more files each look like the whole schema, and define the same tables.",
    why: "Which of them a database was started from decides what it has: the second is refused, or, with IF NOT EXISTS, skipped table by table in silence. New \
          environments then differ from old ones. Keep the one that the databases have as the baseline; what the other says differently becomes a migration \
          behind it (ALTER TABLE), and its file leaves the history.",
    fires: examples![
        "-- file: 000_complete_schema.sql\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);\n-- file: 001_complete_schema_fixed.sql\n«»CREATE TABLE IF NOT EXISTS users (id bigint PRIMARY KEY, email text);\nCREATE TABLE IF NOT EXISTS tags (id bigint PRIMARY KEY);",
    ],
    silent: examples![
        "-- file: 000_complete_schema.sql\nCREATE TABLE users (id bigint PRIMARY KEY);\nCREATE TABLE posts (id bigint PRIMARY KEY);\n-- file: 001_tags.sql\nCREATE TABLE tags (id bigint PRIMARY KEY);",
        // The old tables are gone before the new ones come.
        "-- file: 000_complete_schema.sql\nCREATE TABLE users (id bigint PRIMARY KEY);\n-- file: 001_new_schema.sql\nDROP TABLE users;\nCREATE TABLE users (id uuid PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

/// As many tables as make a file look like a whole schema, whatever its name is.
const MANY_TABLES: usize = 5;

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let count = cx.history.revisions.len();
    if count < 2 {
        return;
    }
    // What each file says it creates, and which of that was there already.
    let mut defined: Vec<BTreeSet<String>> = vec![BTreeSet::new(); count];
    let mut owner: BTreeMap<String, usize> = BTreeMap::new();
    let mut made: BTreeSet<(u32, u32)> = BTreeSet::new();
    for (step, operation) in cx.ran() {
        if matches!(operation.kind, OperationKind::CreateTable(_)) && !step.effects.is_empty() {
            made.insert((step.revision, step.operation));
        }
    }
    let mut shared: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    for (at, (number, revision)) in cx.revisions().enumerate() {
        out.look();
        for (place, operation) in (0_u32..).zip(&revision.up) {
            let OperationKind::CreateTable(create) = &operation.kind else { continue };
            if create.persistence == Persistence::Temporary || create.partition_of.is_some() {
                continue;
            }
            let schema = create.name.schema.as_ref().map_or("public".into(), crate::name::Ident::fold);
            let table = format!("{schema}.{}", create.name.name.fold());
            if let Some(own) = defined.get_mut(at) {
                own.insert(table.clone());
            }
            if made.contains(&(number, place)) {
                owner.insert(table, at);
            } else if let Some(first) = owner.get(&table).filter(|first| **first != at) {
                let tables = shared.entry((*first, at)).or_default();
                if !tables.contains(&table) {
                    tables.push(table);
                }
            }
        }
    }
    for ((first, second), tables) in shared {
        let (Some(a), Some(b)) = (cx.history.revisions.get(first), cx.history.revisions.get(second)) else { continue };
        let size = |at: usize| defined.get(at).map_or(0, BTreeSet::len);
        let (of_first, of_second) = (size(first), size(second));
        let smaller = of_first.min(of_second);
        let alike = smaller >= MANY_TABLES && tables.len() * 2 >= smaller;
        let named = says_all(cx.file_name(a)) && says_all(cx.file_name(b));
        if !alike && !named {
            continue;
        }
        let names: Vec<String> =
            tables.iter().map(|t| format!("`{}`", t.strip_prefix("public.").unwrap_or(t))).collect();
        let message = format!(
            "`{}` and `{}` both look like the whole schema: both define {}.",
            cx.file_name(a),
            cx.file_name(b),
            list(&names)
        );
        out.report_about(Subject::new(ObjectKind::File, cx.file_name(b)), start_of(b.file), message)
            .maybe_subject(Some(cx.file_subject(a)))
            .also_at(start_of(a.file))
            .evidence(format!(
                "They create {} and {}, {} of them in both.",
                number_of_tables(of_first),
                number_of_tables(of_second),
                tables.len()
            ));
    }
}

/// Whether a file's name says that it holds everything.
fn says_all(name: &str) -> bool {
    let words = words(name.trim_end_matches(".sql"));
    let has = |word: &str| words.iter().any(|w| w == word);
    has("baseline")
        || has("snapshot")
        || has("dump")
        || (has("schema")
            && ["complete", "full", "whole", "entire", "initial", "init", "base", "all", "new"].iter().any(|w| has(w)))
}
