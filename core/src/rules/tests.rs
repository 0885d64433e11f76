//! Walks the registry: each rule's examples are its tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::*;
use crate::analysis::{Analysis, TargetAnalysis};
use crate::finding::Fix;
use crate::order::Order;
use crate::problem::ProblemKind;
use crate::{Options, analyze};

/// An example's files by name, without marks, and the marked ranges in order.
struct Example {
    files: Vec<(String, String)>,
    marks: Vec<(String, u32, u32)>,
}

impl Example {
    fn new(example: &str) -> Self {
        let mut marks = Vec::new();
        let files: Vec<(String, String)> = example_files(example)
            .into_iter()
            .map(|(name, marked)| {
                let mut text = String::new();
                let mut open = Vec::new();
                for c in marked.chars() {
                    match c {
                        '«' => open.push(text.len() as u32),
                        '»' => {
                            let start = open.pop().expect("a mark opens before it closes");
                            marks.push((name.to_owned(), start, text.len() as u32));
                        }
                        c => text.push(c),
                    }
                }
                assert!(open.is_empty(), "a mark stays open: {example}");
                (name.to_owned(), text)
            })
            .collect();
        marks.order();
        Self { files, marks }
    }

    /// The example with more SQL at the end of the file that runs last.
    fn and_then(&self, sql: &str) -> Self {
        let analysis = self.read();
        let last = self.target(&analysis).target.files.last().map(|id| analysis.sources.name(*id));
        let mut files = self.files.clone();
        let (_, text) = files.iter_mut().find(|(name, _)| Some(name.as_str()) == last).expect("the last file");
        text.push_str(&format!("\n{sql}\n"));
        Self { files, marks: Vec::new() }
    }

    fn read(&self) -> Analysis {
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_bytes()));
        analyze(files, Options { server_version: Some(15), ..Options::default() })
    }

    fn target<'a>(&self, analysis: &'a Analysis) -> &'a TargetAnalysis {
        analysis.targets.first().unwrap_or_else(|| panic!("no target in:\n{self}\n{:?}", analysis.problems))
    }

    fn findings_of(&self, rule: &'static Rule) -> Vec<Finding> {
        self.each_target(|context| run(rule, context).0)
    }

    fn all_findings(&self) -> Vec<Finding> {
        self.each_target(|context| {
            let (mut findings, mut checked) = check(context);
            drop_echoes(context, &mut findings, &mut checked);
            findings
        })
    }

    /// What all targets give, each seen with the others beside it.
    fn each_target(&self, findings: impl Fn(&Context<'_>) -> Vec<Finding>) -> Vec<Finding> {
        let analysis = self.read();
        self.target(&analysis);
        let mut out = Vec::new();
        for (at, t) in analysis.targets.iter().enumerate() {
            let others = analysis.targets.iter().enumerate().filter(|(n, _)| *n != at);
            let others = others.map(|(_, o)| Other { target: &o.target, history: &o.history, replay: &o.replay });
            out.extend(findings(&Context::new(&t.target, &t.history, &t.replay, &analysis.sources).beside(others)));
        }
        out
    }

    /// Where a rule's findings point, in order.
    fn places(&self, rule: &'static Rule) -> Vec<(String, u32, u32)> {
        let sources = self.read().sources;
        let place = |f: &Finding| f.place().map(|s| (sources.name(s.file).to_owned(), s.start, s.end));
        let mut places: Vec<_> = self.findings_of(rule).iter().filter_map(place).collect();
        places.order();
        places
    }

    /// Places as people read them.
    fn show(&self, places: &[(String, u32, u32)]) -> Vec<String> {
        let text = |name: &str| self.files.iter().find(|(n, _)| n == name).map_or("", |(_, text)| text.as_str());
        places.iter().map(|(name, a, b)| format!("{name} {a}: {}", &text(name)[*a as usize..*b as usize])).collect()
    }

    /// What PostgreSQL would say against it; nothing, save where the rule is about what it refuses.
    fn complaints(&self, rule: &Rule) -> Vec<String> {
        let analysis = self.read();
        // Those about histories are about what is refused and what cannot be read, too.
        let of_history = rule.category == Category::MigrationHistory;
        let mut out: Vec<String> = analysis
            .problems
            .iter()
            .filter(|p| !of_history || p.kind != ProblemKind::OpaqueStatement)
            // Examples for another database are told to be that.
            .filter(|p| p.kind != ProblemKind::OtherDialect || dialects::holds(rule, Dialect::PostgreSql))
            .map(|p| format!("{}: {}\n{self}", rule.name, p.message))
            .collect();
        if !of_history && !ABOUT_REFUSALS.contains(&rule.name) {
            let conflicts = self.target(&analysis).replay.conflicts.iter().filter(|c| !refused_by(rule, c.sqlstate));
            out.extend(conflicts.map(|c| format!("{}: {} {}\n{self}", rule.name, c.sqlstate, c.message)));
        }
        out
    }
}

/// Whether a rule is about what PostgreSQL refuses with this SQLSTATE.
fn refused_by(rule: &Rule, sqlstate: &str) -> bool {
    match rule.name {
        "concurrent-in-transaction" => sqlstate == "25001",
        "duplicate-column-assignment" => matches!(sqlstate, "42601" | "42701"),
        _ => false,
    }
}

impl std::fmt::Display for Example {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.files.iter().try_for_each(|(name, text)| writeln!(f, "-- file: {name}\n{text}"))
    }
}

/// Rules about statements that PostgreSQL refuses; those about histories are so by nature.
const ABOUT_REFUSALS: &[&str] = &[
    "check-not-immutable",
    "concurrent-index-on-partitioned-table",
    "doc-invalid-ddl",
    "duplicate-primary-key",
    "extension-not-created",
    "foreign-key-target-missing",
    "foreign-key-target-not-unique",
    "foreign-key-to-unlogged",
    "foreign-key-type-mismatch",
    "index-column-missing",
    "partition-key-not-in-unique",
    "relation-name-collision",
    "rls-policy-column-missing",
    "trigger-function-missing",
    "view-reference-missing",
];

/// Fails with everything that went wrong, not only with the first.
fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn every_rule_fires_at_the_marks_and_nowhere_else() {
    let mut failures = Vec::new();
    for rule in REGISTRY {
        for example in rule.fires.iter().map(|e| Example::new(e)) {
            assert!(!example.marks.is_empty(), "{}: an example without a mark", rule.name);
            failures.extend(example.complaints(rule));
            let found = example.places(rule);
            if found != example.marks {
                failures.push(format!(
                    "{}: fires at {:#?}, not at {:#?}, in:\n{example}",
                    rule.name,
                    example.show(&found),
                    example.show(&example.marks)
                ));
            }
        }
    }
    report(&failures);
}

#[test]
fn every_rule_is_silent_where_all_is_well() {
    let mut failures = Vec::new();
    for rule in REGISTRY {
        for example in rule.silent.iter().map(|e| Example::new(e)) {
            failures.extend(example.complaints(rule));
            let found: Vec<String> = example.findings_of(rule).into_iter().map(|f| f.message).collect();
            if !found.is_empty() {
                failures.push(format!("{}: {found:#?} in:\n{example}", rule.name));
            }
        }
    }
    report(&failures);
}

#[test]
fn every_fix_clears_its_finding_and_brings_none_as_bad() {
    let mut failures = Vec::new();
    for rule in REGISTRY {
        for example in rule.fires.iter().map(|e| Example::new(e)) {
            let before: BTreeSet<String> = example.all_findings().into_iter().map(|f| f.fingerprint).collect();
            for finding in example.findings_of(rule) {
                let Some(Fix { sql, caution }) = &finding.fix else { continue };
                assert!(sql.trim_end().ends_with(';'), "{}: {sql}", rule.name);
                assert!(caution.as_ref().is_none_or(|c| !c.is_empty()), "{}: an empty caution", rule.name);
                let repaired = example.and_then(sql);
                failures.extend(repaired.complaints(rule));
                if repaired.findings_of(rule).iter().any(|f| f.fingerprint == finding.fingerprint) {
                    failures.push(format!("{}: still there after\n{sql}\nin:\n{example}", rule.name));
                }
                for new in repaired.all_findings().iter().filter(|f| !before.contains(&f.fingerprint)) {
                    if new.severity <= finding.severity && new.severity != Severity::Info {
                        failures
                            .push(format!("{}: the fix\n{sql}\nbrings {}: {}", rule.name, new.rule.name, new.message));
                    }
                }
            }
        }
    }
    report(&failures);
}

#[test]
fn messages_are_sentences_about_named_objects() {
    for rule in REGISTRY {
        for example in rule.fires.iter().map(|e| Example::new(e)) {
            for f in example.findings_of(rule) {
                assert!(f.message.ends_with('.') || f.message.ends_with("`."), "{}: {}", rule.name, f.message);
                assert!(f.message.contains('`'), "{}: names nothing: {}", rule.name, f.message);
                assert_eq!(f.message.matches('`').count() % 2, 0, "{}: {}", rule.name, f.message);
                assert!(f.evidence.iter().all(|e| e.ends_with('.')), "{}: {:?}", rule.name, f.evidence);
                assert!(f.objects.first().is_some_and(|o| !o.path.is_empty()), "{}: no subject", rule.name);
                assert_eq!(f.fingerprint.len(), 16);
                assert!(f.fix.iter().all(|fix| !fix.sql.is_empty()));
            }
        }
    }
}

/// The source files of the rules by name, each with its folder.
fn rule_files() -> BTreeMap<String, String> {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files = BTreeMap::new();
    for folder in Category::ALL.map(Category::folder) {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap();
            if stem != "mod" {
                files.insert(stem.replace('_', "-"), folder.to_owned());
            }
        }
    }
    files
}

#[test]
fn one_rule_is_one_file_and_one_line() {
    let files = rule_files();
    let mut names = BTreeSet::new();
    for rule in REGISTRY {
        assert!(names.insert(rule.name), "{} is listed twice", rule.name);
        assert_eq!(files.get(rule.name).map(String::as_str), Some(rule.category.folder()), "{}", rule.name);
    }
    for name in files.keys() {
        assert!(names.contains(name.as_str()), "{name} is not in the registry");
    }
}

#[test]
fn all_prose_is_there() {
    for rule in REGISTRY {
        let name = rule.name;
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        for text in [rule.summary, rule.why] {
            assert!(text.ends_with('.') || text.ends_with("\"."), "{name}: {text}");
            assert!(text.starts_with(|c: char| c.is_uppercase() || c == '`'), "{name}: {text}");
            assert!(!text.contains("  "), "{name}: two spaces: {text}");
        }
        assert!(rule.summary.len() <= 140, "{name}: the summary is one sentence: {}", rule.summary);
        assert!(rule.why.len() >= 120, "{name}: say why");
        assert!(!rule.fires.is_empty() && !rule.silent.is_empty(), "{name}: examples");
        for weaker in rule.supersedes {
            assert!(find(weaker).is_some_and(|w| w.name != name), "{name} supersedes {weaker}, which is no other rule");
        }
    }
}

#[test]
fn the_catalogue_holds_every_rule_with_its_examples_and_no_marks() {
    let catalog = rule_catalog();
    assert_eq!(catalog.len(), REGISTRY.len());
    for entry in &catalog {
        let rule = find(entry.name).unwrap();
        assert_eq!((entry.bad.len(), entry.good.len()), (rule.fires.len(), rule.silent.len()));
        assert!(entry.bad.iter().chain(&entry.good).all(|e| !e.contains(['«', '»'])), "{}", entry.name);
    }
    assert!(catalog.is_sorted_by_key(|e| (e.category, e.name)));
}

#[test]
fn a_stronger_rule_drops_the_weaker_ones_finding_on_the_same_subject_only() {
    use crate::finding::Subject;
    use crate::operation::ObjectKind;
    let (strong, weak) = REGISTRY
        .iter()
        .find_map(|r| r.supersedes.first().map(|w| (*r, find(w).unwrap())))
        .expect("some rule supersedes another");
    let finding = |rule: &'static Rule, path: &str| Finding {
        rule,
        severity: rule.severity,
        certainty: rule.certainty,
        objects: vec![Subject::new(ObjectKind::Index, path)],
        message: String::new(),
        evidence: None,
        spans: Vec::new(),
        fix: None,
        introduced_by: None,
        last_changed_by: None,
        fingerprint: String::new(),
        waived: None,
        past: false,
        lasting: false,
    };
    let mut findings = vec![finding(weak, "a"), finding(weak, "b"), finding(strong, "a")];
    drop_superseded(&mut findings);
    let left: Vec<(&str, &str)> = findings.iter().map(|f| (f.rule.name, f.objects[0].path.as_str())).collect();
    assert_eq!(left, [(weak.name, "b"), (strong.name, "a")]);
}

/// Rules that speak of the same subject in some example, after superseded findings are gone. Each pair is known and says two different things; a new
/// one is either a rule that should supersede the other or one more line here.
const OVERLAPS: &[(&str, &str)] = &[
    ("amount-without-sign-check", "inconsistent-numeric-precision"),
    ("rls-nested-subquery", "rls-setting-empty-cast"),
    ("junction-table-without-unique", "object-in-wrong-schema"),
    ("object-in-wrong-schema", "table-never-referenced"),
    ("add-fk-validated", "foreign-key-no-delete-action"),
    ("add-fk-validated", "foreign-key-not-indexed"),
    ("add-required-column", "enum-like-text-unchecked"),
    ("add-unique-blocking", "unique-with-nullable-column"),
    ("all-columns-nullable", "column-alignment"),
    ("all-columns-nullable", "no-primary-key"),
    ("all-columns-nullable", "pii-inventory"),
    ("all-columns-nullable", "split-alter-table"),
    ("all-columns-nullable", "too-many-indexes"),
    ("all-columns-nullable", "wide-table"),
    ("ambiguous-version-order", "missing-rollback"),
    ("amount-pair-unchecked", "amount-without-sign-check"),
    ("amount-without-sign-check", "mixed-money-units"),
    ("amount-without-sign-check", "change-column-type"),
    ("amount-without-sign-check", "float-for-exact-value"),
    ("amount-without-sign-check", "money-type"),
    ("amount-without-sign-check", "narrowing-type-change"),
    ("amount-without-sign-check", "numeric-precision-too-small"),
    ("amount-without-sign-check", "set-not-null-scan"),
    ("audit-coverage-gap", "single-column-table"),
    ("card-data-column", "varchar-length-limit"),
    ("cascade-delete-chain", "single-column-table"),
    ("cascade-into-history", "foreign-key-not-indexed"),
    ("change-column-type", "vector-column-unindexed"),
    ("change-column-type", "vector-dimension-change"),
    ("column-alignment", "no-primary-key"),
    ("column-type-churn", "narrowing-type-change"),
    ("copied-parent-column", "format-unchecked"),
    ("create-index-not-concurrent", "unique-with-nullable-column"),
    ("cross-schema-foreign-key", "foreign-key-no-delete-action"),
    ("cross-schema-foreign-key", "foreign-key-not-indexed"),
    ("detach-partition-not-concurrent", "no-primary-key"),
    ("detach-partition-not-concurrent", "partition-no-default-or-gap"),
    ("doc-enum-mismatch", "varchar-length-limit"),
    ("doc-invalid-ddl", "matview-without-unique-index"),
    ("doc-object-drift", "no-primary-key"),
    ("doc-object-drift", "partition-retention-undefined"),
    ("doc-object-drift", "pii-inventory"),
    ("doc-policy-mismatch", "rls-per-row-function"),
    ("doc-policy-mismatch", "rls-setting-empty-cast"),
    ("doc-policy-mismatch", "rls-setting-not-missing-ok"),
    ("doc-refresh-plan-incomplete", "matview-without-unique-index"),
    ("doc-type-mapping-violation", "timestamp-without-time-zone"),
    ("doc-type-mapping-violation", "varchar-length-limit"),
    ("drop-cascade", "drop-schema-or-database"),
    ("drop-cascade", "drop-table-without-copy"),
    ("drop-column", "vector-column-unindexed"),
    ("drop-column", "vector-dimension-change"),
    ("drop-not-null", "format-unchecked"),
    ("drop-table-without-copy", "single-column-table"),
    ("duplicate-revision-id", "missing-rollback"),
    ("duplicate-table-definition", "pii-inventory"),
    ("duplicate-table-definition", "single-column-table"),
    ("duplicate-vector-index", "ivfflat-fixed-lists"),
    ("edited-migration-checksum", "missing-rollback"),
    ("edited-migration-checksum", "non-linear-history"),
    ("enum-add-value-in-transaction", "enum-add-value-unordered"),
    ("enum-like-text-unchecked", "nullable-with-default"),
    ("enum-like-text-unchecked", "status-filter-unindexed"),
    ("enum-like-text-unchecked", "varchar-length-limit"),
    ("excessive-migration-count", "missing-rollback"),
    ("extension-in-public", "extension-unused"),
    ("foreign-key-index-partial", "foreign-key-no-delete-action"),
    ("foreign-key-no-delete-action", "foreign-key-not-indexed"),
    ("foreign-key-no-delete-action", "foreign-key-to-managed-auth-unique"),
    ("foreign-key-no-delete-action", "foreign-key-to-non-primary-key"),
    ("foreign-key-no-delete-action", "foreign-key-type-mismatch"),
    ("foreign-key-no-delete-action", "nullable-composite-foreign-key"),
    ("foreign-key-no-delete-action", "tenant-fk-not-composite"),
    ("foreign-key-no-delete-action", "tenant-key-inconsistent"),
    ("foreign-key-not-indexed", "foreign-key-to-managed-auth-unique"),
    ("foreign-key-not-indexed", "foreign-key-to-non-primary-key"),
    ("foreign-key-not-indexed", "foreign-key-type-mismatch"),
    ("foreign-key-not-indexed", "missing-foreign-key"),
    ("feature-needs-newer-server", "rls-not-forced"),
    ("foreign-key-not-indexed", "narrowing-type-change"),
    ("foreign-key-not-indexed", "nullable-composite-foreign-key"),
    ("foreign-key-not-indexed", "promised-change-missing"),
    ("foreign-key-not-indexed", "self-reference-no-delete-action"),
    ("foreign-key-not-indexed", "set-null-loses-owner"),
    ("foreign-key-not-indexed", "set-null-on-not-null"),
    ("foreign-key-not-indexed", "tenant-fk-not-composite"),
    ("foreign-key-not-indexed", "tenant-key-inconsistent"),
    ("format-unchecked", "natural-key-not-unique"),
    ("growth-table-not-partitioned", "no-primary-key"),
    ("id-stored-as-text", "rls-predicate-unindexed"),
    ("id-stored-as-text", "same-name-different-type"),
    ("inconsistent-migration-naming", "missing-rollback"),
    ("inconsistent-name-case", "relation-name-collision"),
    ("inconsistent-name-case", "single-column-table"),
    ("inconsistent-numeric-precision", "ratio-without-range-check"),
    ("inconsistent-plural", "single-column-table"),
    ("inconsistent-numeric-precision", "numeric-precision-too-small"),
    ("isolated-table", "near-duplicate-table"),
    ("int-over-bigint", "short-primary-key-type"),
    ("matview-over-rls", "matview-without-unique-index"),
    ("matview-without-unique-index", "refresh-matview-not-concurrent"),
    ("missing-foreign-key", "narrowing-type-change"),
    ("missing-foreign-key", "promised-change-missing"),
    ("mixed-delete-actions", "single-column-table"),
    ("mixed-timestamp-types", "timestamp-without-time-zone"),
    ("multiple-bases", "multiple-heads"),
    ("narrowing-type-change", "varchar-length-limit"),
    ("no-primary-key", "numbered-columns"),
    ("no-primary-key", "partition-no-default-or-gap"),
    ("no-primary-key", "partition-retention-undefined"),
    ("no-primary-key", "rls-disabled"),
    ("no-primary-key", "single-column-table"),
    ("no-primary-key", "table-inheritance"),
    ("no-primary-key", "too-many-indexes"),
    ("nullable-with-default", "status-filter-unindexed"),
    ("nullable-with-default", "updated-at-without-trigger"),
    ("object-in-wrong-schema", "single-column-table"),
    ("owner-mismatch", "single-column-table"),
    ("partition-key-not-in-unique", "partition-retention-undefined"),
    ("partition-no-default-or-gap", "partition-retention-undefined"),
    ("pii-inventory", "rls-disabled"),
    ("pii-inventory", "table-never-referenced"),
    ("plaintext-secret-column", "sensitive-column-exposed"),
    ("plaintext-secret-column", "varchar-length-limit"),
    ("relation-name-collision", "single-column-table"),
    ("rename-column", "varchar-length-limit"),
    ("rls-disabled", "single-column-table"),
    ("rls-enabled-no-policy", "rls-not-forced"),
    ("rls-multiple-permissive", "rls-not-forced"),
    ("rls-not-forced", "rls-write-not-covered"),
    ("rls-per-row-function", "rls-setting-empty-cast"),
    ("rls-per-row-function", "rls-setting-not-missing-ok"),
    ("rls-predicate-unindexed", "tenant-column-nullable"),
    ("rls-setting-empty-cast", "rls-setting-not-missing-ok"),
    ("rls-write-not-covered", "single-column-table"),
    ("same-name-different-type", "vector-column-unindexed"),
    ("set-not-null-scan", "varchar-length-limit"),
    ("single-column-table", "table-never-referenced"),
    ("single-column-table", "trigger-ddl-lock"),
    ("single-column-table", "unqualified-object-name"),
    ("status-filter-unindexed", "varchar-length-limit"),
    ("vector-column-unindexed", "vector-dimension-change"),
];

#[test]
fn rules_that_speak_of_the_same_subject_are_known() {
    let mut pairs = BTreeSet::new();
    for rule in REGISTRY {
        for example in rule.fires.iter().map(|e| Example::new(e)) {
            let findings = example.all_findings();
            for (at, a) in findings.iter().enumerate() {
                for b in findings.iter().skip(at + 1).filter(|b| a.objects.first() == b.objects.first()) {
                    if a.rule.name != b.rule.name {
                        pairs.insert((a.rule.name.min(b.rule.name), a.rule.name.max(b.rule.name)));
                    }
                }
            }
        }
    }
    let known: BTreeSet<(&str, &str)> = OVERLAPS.iter().copied().collect();
    let (new, gone): (Vec<_>, Vec<_>) = (pairs.difference(&known).collect(), known.difference(&pairs).collect());
    assert!(new.is_empty() && gone.is_empty(), "new pairs: {new:#?}\npairs that are no more: {gone:#?}");
}

#[test]
fn what_others_are_compared_with_is_no_part_of_a_fingerprint() {
    let of = |sql: &str| {
        let found = Example::new(sql).all_findings();
        let own = found.iter().find(|f| f.rule.name == "mixed-money-units").expect("units are mixed");
        (own.fingerprint.clone(), own.objects.len())
    };
    let table = "CREATE TABLE a (id bigint PRIMARY KEY, fee_cents bigint, price numeric(10,2), tax numeric(10,2)";
    let ((before, few), (after, more)) = (of(&format!("{table});")), of(&format!("{table}, cost numeric(10,2));")));
    assert_eq!(before, after);
    assert!(few < more);
    let (other, _) = of(&format!("{table}, bill_cents bigint, cost numeric(10,2));"));
    assert_ne!(before, other, "one more that departs is another finding");
}
#[test]
fn rows_shown_by_a_mark_are_of_low_severity() {
    let asks = "CREATE TABLE a (id bigint PRIMARY KEY, owner text);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\n\
                CREATE POLICY r ON a FOR SELECT USING (owner = current_user);\n\
                CREATE POLICY u ON a FOR UPDATE USING (owner = current_user);\n\
                CREATE POLICY d ON a FOR DELETE USING (owner = current_user);\n\
                CREATE TABLE chats (id bigint PRIMARY KEY, sharing text NOT NULL);\n\
                CREATE TABLE messages (id bigint PRIMARY KEY, chat_id bigint REFERENCES chats);\n\
                ALTER TABLE messages ENABLE ROW LEVEL SECURITY;\n";
    let severity = |condition: &str| {
        let sql = format!("{asks}CREATE POLICY p ON messages FOR SELECT USING ({condition});");
        let found = Example::new(&sql).all_findings();
        found.iter().find(|f| f.rule.name == "rls-policy-not-tenant-scoped").map(|f| f.severity)
    };
    assert_eq!(
        severity("EXISTS (SELECT 1 FROM chats c WHERE c.id = chat_id AND c.sharing <> 'private')"),
        Some(Severity::Low)
    );
    assert_eq!(severity("EXISTS (SELECT 1 FROM chats c WHERE c.id = chat_id)"), Some(Severity::High));
}

#[test]
fn an_index_that_may_be_built_by_hand_before_is_of_low_severity() {
    let files = |guard: &str| {
        format!(
            "-- file: supabase/migrations/20240101000000_a.sql\nCREATE TABLE t (a int, b int);\n\
             -- file: supabase/migrations/20240102000000_b.sql\nCREATE INDEX {guard}t_a ON t (a);"
        )
    };
    let severity = |guard: &str| {
        let found = Example::new(&files(guard)).all_findings();
        found.iter().find(|f| f.rule.name == "create-index-not-concurrent").map(|f| f.severity)
    };
    assert_eq!(severity("IF NOT EXISTS "), Some(Severity::Low));
    assert_eq!(severity(""), Some(Severity::Medium));
}

/// PostgreSQL refuses to change a type that something reads; a fix that it refuses is none, and the finding says what is in its way.
#[test]
fn a_type_that_something_reads_is_not_changed_by_a_fix() {
    let table = "CREATE TABLE t (id bigint PRIMARY KEY, price float, at date);";
    let found = |behind: &str| {
        let found = Example::new(&format!("{table}\n{behind}")).all_findings();
        let finding = found.into_iter().find(|f| f.rule.name == "float-for-exact-value").expect("the finding");
        (finding.fix.is_some(), finding.evidence.is_some_and(|e| e.contains(" reads it, so that")))
    };
    assert_eq!(found(""), (true, false));
    assert_eq!(found("CREATE VIEW v AS SELECT id, at FROM t;"), (true, false));
    for reads in [
        "CREATE VIEW v AS SELECT price FROM t;",
        "CREATE MATERIALIZED VIEW v AS SELECT sum(price) AS s FROM t;",
        "CREATE POLICY p ON t USING (price > 0);",
        "ALTER TABLE t ADD COLUMN twice float GENERATED ALWAYS AS (price * 2) STORED;",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n\
         CREATE TRIGGER g BEFORE UPDATE OF price ON t FOR EACH ROW EXECUTE FUNCTION f();",
    ] {
        assert_eq!(found(reads), (false, true), "{reads}");
    }
}
