use std::collections::BTreeMap;

use crate::finding::{Certainty, Severity, Subject};
use crate::history::Revision;
use crate::operation::ObjectKind;
use crate::rules::support::{Version, list, number};
use crate::rules::{Category, Context, Findings, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "duplicate-revision-id",
    category: Category::MigrationHistory,
    severity: Severity::Critical,
    certainty: Certainty::Proven,
    summary: "Two or more migration files declare the same version or revision id.",
    why: "A runner records what it applied by this id. With two files of one id it refuses to start, stops at the second file, or takes it for applied and \
          skips it without a word; which of them a database has, nobody can tell afterwards. Give the file that came later, and that fewer databases \
          have, a new id behind the last one, and leave the other as it is: changing an id that databases have recorded strands them.",
    fires: examples![
        "-- file: supabase/migrations/20250122_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: supabase/migrations/20250122_b.sql\n«»CREATE TABLE b (id bigint PRIMARY KEY);",
        "-- file: V1__a.sql\n«»CREATE TABLE a (id bigint PRIMARY KEY);\n-- file: V1.0__b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: V2__c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
        // Flyway knows repeatable migrations by their descriptions.
        "-- file: db/V1__a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: db/x/R__view.sql\nCREATE OR REPLACE VIEW v AS SELECT id FROM a;\n-- file: db/y/R__view.sql\n«»CREATE OR REPLACE VIEW w AS SELECT id FROM a;",
    ],
    silent: examples![
        // No tool is known, and the versions are of several numbers.
        "-- file: 01.00.00_01_a.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 01.00.00_02_b.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 01.01.00_01_c.sql\nCREATE TABLE c (id bigint PRIMARY KEY);",
        "-- file: 1_a.up.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: 1_a.down.sql\nDROP TABLE a;\n-- file: 2_b.up.sql\nCREATE TABLE b (id bigint PRIMARY KEY);\n-- file: 2_b.down.sql\nDROP TABLE b;",
        // Prisma's names are whole folder names, and it runs two of one second one after the other.
        "-- file: m/20240101000000_a/migration.sql\nCREATE TABLE a (id bigint PRIMARY KEY);\n-- file: m/20240101000000_b/migration.sql\nCREATE TABLE b (id bigint PRIMARY KEY);",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let mut groups: BTreeMap<(&str, String), Vec<&Revision>> = BTreeMap::new();
    for (_, revision) in cx.revisions() {
        out.look();
        let (folder, name) = cx.folder_and_name(revision.file);
        match identity(cx, revision, name) {
            Some(Identity::Declared(id) | Identity::Described(id)) => {
                groups.entry(("", id)).or_default().push(revision)
            }
            Some(Identity::Numbered(id)) => groups.entry((folder, id)).or_default().push(revision),
            None => {}
        }
    }
    let distinct = groups.len();
    let twice: Vec<Vec<&Revision>> = groups.into_values().filter(|files| files.len() > 1).collect();
    // Plain numbers, and pairs of `.up.sql` and `.down.sql`, are the custom of many runners, some of which go by whole names. A project in which
    // it happens again and again has one of those.
    let plain = matches!(cx.target.layout.as_str(), "numbered" | "golang-migrate") && !cx.has_graph();
    if plain && twice.len() > 2 {
        again_and_again(cx, out, &twice);
        return;
    }
    for files in &twice {
        let [first, .., last] = files.as_slice() else { continue };
        let names: Vec<String> = files.iter().map(|r| format!("`{}`", cx.file_name(r))).collect();
        let message = format!(
            "`{}` is the id of {}: {}. A runner can apply or record only one of them.",
            shown(&first.id),
            number(files.len(), "file", "files"),
            list(&names)
        );
        let repeatable = cx.target.layout == "flyway" && last.is_repeated();
        let mut draft = out
            .report_about(Subject::new(ObjectKind::Revision, first.id.clone()), last.place(), message)
            .evidence(match repeatable {
                true => format!("Give `{}` another description, or keep only one of them.", cx.file_name(last)),
                false => format!(
                    "Give `{}` a new id behind the last one, unless databases have it and not the other.",
                    cx.file_name(last)
                ),
            });
        // One folder for each vendor: a runner that is given one of them does not see the others.
        if repeatable && files.iter().any(|f| cx.folder_and_name(f.file).0 != cx.folder_and_name(last.file).0) {
            draft = draft.severity(Severity::High).certainty(Certainty::Likely);
        }
        for file in files {
            draft = draft.maybe_subject(Some(cx.file_subject(file)));
        }
        for file in files.iter().take(files.len() - 1) {
            draft = draft.also_at(file.place());
        }
        if cx.target.layout == "numbered" {
            let sure = distinct > 2;
            let _ = draft.severity(if sure { Severity::High } else { Severity::Low }).certainty(Certainty::Likely);
        }
    }
}

/// One finding for a project whose runner seems to go by whole names.
fn again_and_again(cx: &Context<'_>, out: &mut Findings<'_>, twice: &[Vec<&Revision>]) {
    let Some([first, second, ..]) = twice.first().map(Vec::as_slice) else { return };
    let ids: Vec<String> =
        twice.iter().filter_map(|files| files.first()).map(|r| format!("`{}`", shown(&r.id))).collect();
    let message = format!(
        "{} versions are each the version of several files: {}. Only a runner that goes by whole names can tell them apart.",
        twice.len(),
        list(&ids)
    );
    let mut draft = out
        .report_about(Subject::new(ObjectKind::Revision, first.id.clone()), second.place(), message)
        .severity(Severity::Medium)
        .certainty(Certainty::Likely)
        .also_at(first.place())
        .evidence(format!("`{}` and `{}` are the first of them.", cx.file_name(first), cx.file_name(second)));
    for file in twice.iter().flatten() {
        draft = draft.maybe_subject(Some(cx.file_subject(file)));
    }
    for file in twice.iter().skip(1).flatten() {
        draft = draft.also_at(file.place());
    }
}

/// A revision's id for a message: without a layout it is the whole path of its file.
fn shown(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

enum Identity {
    /// The file says it.
    Declared(String),
    /// Its name starts with it.
    Numbered(String),
    /// Its name is a description, whatever folder it stands in.
    Described(String),
}

/// What the layout's tool knows a revision by, where that is less than the whole name of its file.
fn identity(cx: &Context<'_>, revision: &Revision, name: &str) -> Option<Identity> {
    if revision.id_span.is_some() {
        return Some(Identity::Declared(match cx.target.layout.as_str() {
            // Liquibase knows a changeset by its file, too.
            "liquibase" => format!("{}\n{}", cx.sources.name(revision.file), revision.id),
            _ => revision.id.clone(),
        }));
    }
    let version = Version::of(name);
    match cx.target.layout.as_str() {
        // Whole parts without zeros in front or at the end: `V1` is `V1.0`.
        "flyway" => {
            let mut parts: Vec<&str> = revision
                .id
                .trim_start_matches(['V', 'v', 'B'])
                .split(['.', '_'])
                .map(|p| p.trim_start_matches('0'))
                .collect();
            while parts.last().is_some_and(|p| p.is_empty()) {
                parts.pop();
            }
            match revision.is_repeated() {
                true => Some(Identity::Described(revision.id.clone())),
                false => Some(Identity::Numbered(parts.join("."))),
            }
        }
        // Versions of several numbers: each without zeros in front.
        "numbered" if revision.id.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')) => {
            let parts: Vec<&str> = revision.id.split(['.', '-', '_']).map(|p| p.trim_start_matches('0')).collect();
            Some(Identity::Numbered(parts.join(".")))
        }
        "golang-migrate" | "goose" | "refinery" | "sqlx" | "hasura" | "numbered" => {
            version.map(|v| Identity::Numbered(v.number().to_owned()))
        }
        // `2024-01-31-120000_users`: everything before the first underscore.
        "diesel" => Some(Identity::Numbered(name.split('_').next().unwrap_or(name).replace('-', ""))),
        "supabase" | "dbmate" | "atlas" => version.map(|v| Identity::Numbered(v.digits.to_owned())),
        _ => None,
    }
}
