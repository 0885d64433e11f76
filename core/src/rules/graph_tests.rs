//! Rules about graphs of revisions, on histories made by hand. Expectations are Alembic's, read off its `script/revision.py`.

use super::*;
use crate::analysis::{Dialect, Role};
use crate::history::{Revision, RevisionName};
use crate::source::Span;

/// A revision as `id < parents`, `id < parents & what it depends on`, `id @label < parents`; all in one folder, save where the id has one (`f/id`).
fn history(lines: &[&str]) -> (History, Sources) {
    let mut sources = Sources::default();
    let revisions = lines
        .iter()
        .map(|line| {
            let (head, rest) = line.split_once('<').unwrap_or((line, ""));
            let (parents, depends_on) = rest.split_once('&').unwrap_or((rest, ""));
            let mut words = head.split_whitespace();
            let path = words.next().expect("an id");
            let id = path.rsplit('/').next().unwrap_or(path);
            let file = sources.add(format!("{path}.py"));
            let names = |text: &str| -> Vec<RevisionName> {
                text.split_whitespace()
                    .map(|t| RevisionName { text: t.into(), span: Span::new(file, 20, 30) })
                    .collect()
            };
            Revision {
                id: id.to_owned(),
                id_span: Some(Span::new(file, 10, 12)),
                file,
                down_revisions: names(parents),
                depends_on: names(depends_on),
                branch_labels: names(&words.map(|w| w.trim_start_matches('@')).collect::<Vec<_>>().join(" ")),
                ..Revision::default()
            }
        })
        .collect();
    (History { revisions, ..History::default() }, sources)
}

/// What the rule says of each subject: `severity path`.
fn found(rule: &str, lines: &[&str]) -> Vec<String> {
    let (history, sources) = history(lines);
    let target = Target {
        id: "history".to_owned(),
        role: Role::History,
        dialect: Dialect::PostgreSql,
        server_version: 15,
        is_version_known: true,
        layout: "alembic".to_owned(),
        note: crate::analysis::LayoutNote::default(),
        files: history.revisions.iter().map(|r| r.file).collect(),
    };
    let replay = Replay::default();
    let context = Context::new(&target, &history, &replay, &sources);
    let (findings, _) = run(find(rule).expect("a rule of that name"), &context);
    findings
        .iter()
        .map(|f| {
            let paths: Vec<&str> = f.objects.iter().map(|o| o.path.as_str()).collect();
            format!("{} {}", f.severity, paths.join(" "))
        })
        .collect()
}

#[test]
fn ids_are_declared_once() {
    // A file is named without its folder, and no object twice.
    assert_eq!(found("duplicate-revision-id", &["a", "b < a", "x/b < a"]), ["critical b b.py"]);
    assert!(found("duplicate-revision-id", &["a", "b < a"]).is_empty());
}

#[test]
fn parents_are_among_the_files() {
    assert_eq!(found("missing-parent-revision", &["a", "b < gone"]), ["critical b gone b.py"]);
    assert_eq!(found("missing-parent-revision", &["a", "b < a & gone"]), ["critical b gone b.py"]);
    // The older files were not given.
    assert_eq!(found("missing-parent-revision", &["b < a", "c < b"]), ["low b a b.py"]);
    // A dependency may name a branch.
    assert!(found("missing-parent-revision", &["a @core", "b < a & core", "c < b & core@head"]).is_empty());
}

#[test]
fn one_head_unless_branches_are_kept_apart() {
    assert_eq!(found("multiple-heads", &["a", "b < a", "c < a"]), ["high c b"]);
    assert!(found("multiple-heads", &["a", "b < a", "c < a", "d < b c"]).is_empty());
    assert_eq!(found("multiple-heads", &["a @one", "x @two", "b < a", "c < x"]), ["low c b"]);
    assert_eq!(found("multiple-heads", &["one/a", "two/x"]), ["low x a"]);
    // Files that declare one id are one end, however many they are.
    assert!(found("multiple-heads", &["a", "b < a", "x/b < a"]).is_empty());
}

#[test]
fn one_base_unless_branches_are_kept_apart() {
    assert_eq!(found("multiple-bases", &["a", "b < a", "x"]), ["high x a"]);
    // The longer chain is the one that the other stands beside.
    assert_eq!(found("multiple-bases", &["x", "a", "b < a"]), ["high x a"]);
    assert_eq!(found("multiple-bases", &["a", "b < a", "x @two"]), ["low x a"]);
    assert!(found("multiple-bases", &["a", "b < gone"]).is_empty());
}

#[test]
fn rings_are_told_once_each() {
    assert_eq!(found("revision-cycle", &["a < c", "b < a", "c < b", "d < c"]), ["critical a b c"]);
    assert_eq!(found("revision-cycle", &["a < a"]), ["critical a"]);
    assert_eq!(found("revision-cycle", &["a < & b", "b < a"]), ["critical a b"]);
    assert!(found("revision-cycle", &["a", "b < a", "c < a", "d < b c"]).is_empty());
}

#[test]
fn labels_name_one_branch_and_dependencies_say_something() {
    assert_eq!(found("branch-label-conflict", &["a @core", "b @core < a"]), ["low b a"]);
    assert_eq!(found("branch-label-conflict", &["a", "b < a", "c < b & a"]), ["low c a"]);
    assert!(found("branch-label-conflict", &["a @core", "x @web", "b < a & x"]).is_empty());
}

#[test]
fn a_chain_of_five_thousand_is_no_burden() {
    let lines: Vec<String> =
        (0..5_000).map(|n| if n == 0 { "r0".to_owned() } else { format!("r{n} < r{}", n - 1) }).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for rule in ["missing-parent-revision", "multiple-heads", "multiple-bases", "revision-cycle"] {
        assert!(found(rule, &lines).is_empty(), "{rule}");
    }
}
