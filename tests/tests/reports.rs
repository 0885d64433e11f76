//! Reports beside the audits that people wrote by hand: for each of their sections the report has a counterpart, with the numbers that are true. The
//! numbers come from `expected.json` of each case and from `reference/audit-checks.md`, both counted by other programs or by PostgreSQL.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::collections::{BTreeMap, BTreeSet};

use relata_core::analysis::Analysis;
use relata_core::diagram;
use relata_core::report::{Report, ReportOptions, Section, TargetFigure, TargetReport, html, json, markdown, plain};
use relata_core::session::{FileOrder, Options, analyze};
use relata_tests::corpus;
use serde_json::Value;

/// A case by name: its analysis and what is expected of it.
fn case(name: &str) -> Option<(Analysis, Value)> {
    let folder = corpus::folder()?.join("cases").join(name);
    // Beside the migrations lies what a platform brings along.
    let project = ["supabase", "."].map(|f| folder.join(f)).into_iter().find(|f| f.is_dir()).expect("a folder");
    let read = corpus::files_below(&folder, &project, &["py", "sql"]);
    let options = Options { order: FileOrder::ByName, ..Options::default() };
    let analysis = analyze(read.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), options);
    let expected = std::fs::read_to_string(folder.join("expected.json")).expect("expectations");
    Some((analysis, serde_json::from_str(&expected).expect("JSON")))
}

fn document() -> Option<Analysis> {
    let path = corpus::folder()?.join("audits/neanelu-pim.md");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(analyze([("neanelu-pim.md", text.as_bytes())], Options::default()))
}

/// A report in its forms.
struct Forms {
    report: Report,
    html: String,
    markdown: String,
    plain: String,
}

impl Forms {
    fn of(analysis: &Analysis) -> Self {
        let report = Report::complete(analysis);
        let drawn: Vec<(String, Option<String>)> = analysis
            .targets
            .iter()
            .map(|t| {
                let mut graph = diagram::Graph::of(t.schema(), false);
                diagram::cluster::assign(&mut graph);
                let parts = diagram::mermaid::parts(&graph);
                (t.target.id.clone(), (parts.len() == 1).then(|| parts[0].text.clone()))
            })
            .collect();
        let figures = drawn
            .iter()
            .map(|(target, mermaid)| TargetFigure { target, svg: Some("<svg></svg>"), mermaid: mermaid.as_deref() })
            .collect();
        let options = ReportOptions { figures, ..ReportOptions::default() };
        let (html, markdown, plain) = (html(&report, &options), markdown(&report, &options), plain(&report, &options));
        Self { report, html, markdown, plain }
    }

    fn target(&self) -> &TargetReport {
        &self.report.targets[0]
    }

    /// Every form of the report has these chapters.
    fn has_chapters(&self, sections: &[Section]) {
        for section in sections {
            assert!(self.html.contains(&format!("<h2 id=\"{}\">", section.name())), "{section:?}");
            assert!(self.markdown.contains(&format!("## <a id=\"{}\"></a>", section.name())), "{section:?}");
            assert!(self.plain.contains(&format!("\n{}\n---", section.title())), "{section:?}");
        }
    }

    /// One chapter of the Markdown form.
    fn chapter(&self, section: Section) -> &str {
        let from = self
            .markdown
            .find(&format!("## <a id=\"{}\"></a>", section.name()))
            .unwrap_or_else(|| panic!("{section:?}"));
        let rest = &self.markdown[from..];
        let to = rest[3..].find("\n## ").map_or(rest.len(), |n| n + 3);
        &rest[..to]
    }

    /// A chapter says this.
    fn says(&self, section: Section, text: &str) {
        let chapter = self.chapter(section);
        assert!(
            chapter.contains(text),
            "{section:?} does not say {text:?}:\n{}",
            &chapter[..chapter.floor_char_boundary(4000)]
        );
    }
}

fn by_action(target: &TargetReport) -> BTreeMap<&str, u64> {
    target.overview.foreign_keys_by_delete_action.iter().map(|t| (t.name.as_str(), u64::from(t.count))).collect()
}

fn expected_actions(value: &Value) -> BTreeMap<&str, u64> {
    value.as_object().expect("counts").iter().map(|(k, v)| (k.as_str(), v.as_u64().expect("a count"))).collect()
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().expect("a list").iter().map(|v| v.as_str().expect("text").to_owned()).collect()
}

/// A table's or type's name without its schema and quotes.
fn own_name(path: &str) -> &str {
    path.trim_start_matches("public.").trim_matches('"')
}

/// Whether an index is that of its table's primary key.
fn is_key(table: &relata_core::report::TableEntry, index: &relata_core::report::IndexEntry) -> bool {
    index.constraint.is_some() && index.constraint == table.primary_key.as_ref().map(|k| k.name.clone())
}

const EVERY_AUDIT: &[Section] = &[
    Section::Summary,
    Section::Reading,
    Section::History,
    Section::Glance,
    Section::Diagram,
    Section::Compliance,
    Section::Types,
    Section::Indexes,
    Section::References,
    Section::Constraints,
    Section::Nulls,
    Section::Tenancy,
    Section::RowSecurity,
    Section::Performance,
    Section::Storage,
    Section::Integrity,
    Section::Findings,
    Section::Strengths,
    Section::Risks,
    Section::Plan,
    Section::Monitoring,
    Section::Limits,
];

/// The audit of OrderFlow, section by section.
#[test]
fn orderflow() {
    let Some((analysis, expected)) = case("orderflow") else { return };
    let forms = Forms::of(&analysis);
    forms.has_chapters(EVERY_AUDIT);
    let (target, facts) = (forms.target(), &expected["facts"]);
    let (raw, effective) = (&facts["raw"], &facts["effective"]);
    let audit = target.audit.as_ref().expect("a complete report");
    let inventory = audit.inventory.as_ref().expect("a history");

    // 1.1 Migration files inventory.
    assert_eq!(inventory.revisions.len() as u64, raw["migrations"]);
    forms.says(Section::History, "18 revisions");
    let listed: BTreeSet<String> =
        inventory.revisions.iter().map(|r| r.file.rsplit('/').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(listed, raw["revision_of_file"].as_object().expect("files").keys().cloned().collect());
    for (file, entry) in raw["revision_of_file"].as_object().expect("files") {
        let row = inventory.revisions.iter().find(|r| r.file.ends_with(file.as_str())).expect("the file's row");
        assert_eq!(entry[0], row.id, "{file}");
        let parents: Vec<String> = entry[1].as_str().map(str::to_owned).into_iter().collect();
        assert_eq!(row.parents, parents, "{file}");
    }
    // 1.2 Revision conflicts: ids, roots, heads.
    let duplicates: BTreeMap<&str, u64> =
        inventory.duplicates.iter().map(|t| (t.name.as_str(), u64::from(t.count))).collect();
    let declared: BTreeMap<&str, u64> = raw["duplicate_revisions"]
        .as_object()
        .expect("ids")
        .iter()
        .map(|(id, files)| (id.as_str(), files.as_array().expect("files").len() as u64))
        .collect();
    assert_eq!(duplicates, declared);
    assert_eq!(inventory.bases.iter().cloned().collect::<BTreeSet<_>>(), strings(&raw["roots"]));
    assert_eq!(inventory.heads.iter().cloned().collect::<BTreeSet<_>>(), strings(&raw["heads"]));
    forms.says(Section::History, "8 files declare revision");
    forms.says(Section::History, "5 heads");

    // 2 Schema and compliance matrix. Alembic's own table is no part of the project.
    assert_eq!(audit.compliance.len() as u64, effective["tables"]);
    forms.says(Section::Compliance, "[21](#compliance-by-table) of 21 tables have a primary key.");
    for (table, columns) in effective["columns_per_table"].as_object().expect("tables") {
        let own = target.tables.iter().find(|t| t.path.trim_start_matches("public.").trim_matches('"') == table);
        assert_eq!(own.map(|t| t.columns.len() as u64), columns.as_u64(), "{table}");
    }
    // 4.1 Foreign keys by delete action; the numbers stand in the chapter as they are in the data.
    assert_eq!(u64::from(target.facts.foreign_keys), effective["foreign_keys"]);
    assert_eq!(by_action(target), expected_actions(&effective["fks_by_on_delete"]));
    for (action, n) in by_action(target) {
        let anchor = action.to_ascii_lowercase().replace(' ', "-");
        forms.says(Section::References, &format!("| `{action}` | [{n}](#delete-{anchor}) |"));
    }
    // 4.2, 4.3 Checks and uniques.
    for (member, ours) in [("checks", target.facts.checks), ("triggers", target.facts.triggers)] {
        if let Some(n) = effective.get(member).and_then(Value::as_u64) {
            assert_eq!(u64::from(ours), n, "{member}");
        }
    }
    forms.says(Section::Constraints, "15 check constraints");
    let names_of = |member: &str| strings(&effective[member]);
    let of_tables = |list: &dyn Fn(&relata_core::report::TableEntry) -> Vec<String>| -> BTreeSet<String> {
        target
            .tables
            .iter()
            .flat_map(|t| list(t).into_iter().map(move |n| format!("{}.{n}", own_name(&t.path))))
            .collect()
    };
    assert_eq!(of_tables(&|t| t.checks.iter().map(|c| c.name.clone()).collect()), names_of("check_names"));
    assert_eq!(u64::from(target.facts.uniques), effective["unique_constraints"]);
    let uniques: BTreeSet<String> = target
        .tables
        .iter()
        .flat_map(|t| t.indexes.iter().filter(move |i| i.unique && !is_key(t, i)))
        .map(|i| i.name.clone())
        .collect();
    assert_eq!(uniques, names_of("unique_names"));
    assert_eq!(uniques.len() as u64, effective["uniques_total"]);
    let bare = |partial: bool| {
        let all = target.tables.iter().flat_map(|t| &t.indexes);
        all.filter(|i| i.unique && i.constraint.is_none() && i.predicate.is_some() == partial).count()
    };
    assert_eq!(bare(false) as u64, effective["unique_indexes_full"]);
    assert_eq!(bare(true) as u64, effective["unique_indexes_partial"]);
    forms.says(Section::Constraints, "9 unique constraints");
    // 3.1 Indexes by table and method, with and without those of primary keys.
    let besides_keys = of_tables(&|t| t.indexes.iter().filter(|i| !is_key(t, i)).map(|i| i.name.clone()).collect());
    assert_eq!(besides_keys, names_of("index_names"));
    assert_eq!(besides_keys.len() as u64, effective["indexes_excluding_pk"]);
    let keys = target.tables.iter().flat_map(|t| t.indexes.iter().filter(move |i| is_key(t, i))).count() as u64;
    // One of them is that of Alembic's own table.
    assert_eq!(keys - 1, effective["primary_key_indexes"]);
    assert_eq!(u64::from(target.facts.indexes), besides_keys.len() as u64 + keys);
    for (method, n) in effective["indexes_by_method"].as_object().expect("methods") {
        let all = n.as_u64().expect("a count") + if method == "btree" { keys } else { 0 };
        let tally = target.overview.indexes_by_method.iter().find(|t| t.name == *method).map(|t| u64::from(t.count));
        assert_eq!(tally, Some(all), "{method}");
        forms.says(Section::Indexes, &format!("| Indexes, {method} | [{all}](#per-table) |"));
    }
    for (table, n) in effective["indexes_per_table"].as_object().expect("tables") {
        let of = target.tables.iter().find(|t| own_name(&t.path) == table).expect("the table");
        assert_eq!(of.indexes.iter().filter(|i| !is_key(of, i)).count() as u64, *n, "{table}");
    }
    // 2.3 Triggers, 2.4 enums, and what the schema has none of.
    assert_eq!(of_tables(&|t| t.triggers.iter().map(|g| g.name.clone()).collect()), names_of("trigger_names"));
    forms.says(Section::Functions, "17 triggers of tables");
    for (name, labels) in effective["enums"].as_object().expect("types") {
        let of = target.types.iter().find(|t| own_name(&t.path) == name).unwrap_or_else(|| panic!("{name}"));
        let labels: Vec<&str> = labels.as_array().expect("labels").iter().filter_map(Value::as_str).collect();
        assert_eq!(of.definition.iter().map(|l| l.trim_matches('\'')).collect::<Vec<_>>(), labels, "{name}");
    }
    assert_eq!(u64::from(target.overview.row_security_tables), effective["rls_enabled_tables"]);
    assert_eq!(u64::from(target.facts.policies), effective["policies"]);
    assert_eq!(u64::from(target.facts.views), effective["views"].as_array().expect("views").len() as u64);
    let materialized = effective["matviews"].as_array().expect("views").len() as u64;
    assert_eq!(u64::from(target.facts.materialized_views), materialized);
    forms.says(Section::Views, "The schema has no view.");
    let partitioned = target.tables.iter().filter(|t| t.partition_key.is_some()).count() as u64;
    assert_eq!(partitioned, effective["partitioned_tables"]);
    // 5 Tenant isolation and the absence of row-level security.
    forms.says(Section::Tenancy, "The tenant key is `org_id`");
    forms.says(Section::Tenancy, "20 of 21 tables have `org_id`.");
    forms.says(Section::RowSecurity, "No table has row-level security");
    // 3.2, 7.1 Foreign keys without an index, references without a foreign key: the finding, the section and the query agree.
    let unindexed = target.tables.iter().flat_map(|t| &t.foreign_keys).filter(|k| k.cover != "full").count();
    forms.says(Section::Indexes, &format!("An index serves {} of 52 foreign keys.", 52 - unindexed));
    let missing = target.findings.iter().filter(|f| f.rule == "missing-foreign-key").count();
    assert_eq!(audit.unenforced.len(), missing);
    forms.says(Section::Monitoring, "AS orphans\nFROM public.draft_order c\nWHERE c.document_id IS NOT NULL");
    // 9 to 11 Findings, recommendations, phases with their migrations.
    forms.says(Section::Plan, "Before production");
    forms.says(Section::Plan, "ADD CONSTRAINT draft_order_document_id_fkey");
    forms.says(Section::Monitoring, "alembic downgrade base");
    runs_behind(&analysis, &forms);
    println!("orderflow: {} findings, {} queries", target.findings.len(), audit.monitoring.len());
}

/// The audit of Omniops.
#[test]
fn omniops() {
    let Some((analysis, expected)) = case("omniops") else { return };
    let forms = Forms::of(&analysis);
    forms.has_chapters(EVERY_AUDIT);
    let (target, facts) = (forms.target(), &expected["facts"]);
    let audit = target.audit.as_ref().expect("a complete report");
    // 0 Counts.
    for (member, ours) in [
        ("tables", target.facts.tables),
        ("policies", target.facts.policies),
        ("foreign_keys", target.facts.foreign_keys),
        ("check_constraints", target.facts.checks),
        ("triggers", target.facts.triggers),
        ("tables_with_rls", target.overview.row_security_tables),
        ("migrations", target.revisions),
    ] {
        assert_eq!(facts[member], u64::from(ours), "{member}");
    }
    // 1.1 Foreign keys by delete action.
    assert_eq!(by_action(target), expected_actions(&facts["fk_on_delete"]));
    forms.says(Section::References, "| `NO ACTION` | [1](#delete-no-action) |");
    // 2.1 The one foreign key without an index.
    let bare: Vec<String> = target
        .tables
        .iter()
        .flat_map(|t| t.foreign_keys.iter().map(move |k| (t, k)))
        .filter(|(_, k)| k.cover == "none")
        .map(|(t, k)| format!("{}.{}", t.path.trim_start_matches("public."), k.columns.join(", ")))
        .collect();
    assert_eq!(bare.iter().cloned().collect::<BTreeSet<_>>(), strings(&facts["fk_without_index"]));
    // 4.1 Migrations without a way back.
    let inventory = audit.inventory.as_ref().expect("a history");
    let stuck: BTreeSet<String> = inventory
        .revisions
        .iter()
        .filter(|r| !r.has_down)
        .map(|r| r.file.rsplit('/').next().unwrap_or_default().to_owned())
        .collect();
    assert!(stuck.is_superset(&strings(&facts["migrations_without_rollback"])), "{stuck:?}");
    // 5 Policies.
    forms.says(Section::RowSecurity, "| Policies | [53](#policies) |");
    forms.says(Section::RowSecurity, "a command that no permissive policy covers sees and changes nothing");
    runs_behind(&analysis, &forms);
}

/// The document of Neanelu's PIM, which is a specification: it has no history, and everything else.
#[test]
fn neanelu_pim() {
    let Some(analysis) = document() else { return };
    let forms = Forms::of(&analysis);
    forms.has_chapters(EVERY_AUDIT);
    let target = forms.target();
    // `audit-checks.md`, "Expected findings on audit 004". Of 96 foreign keys four cannot be made, as the same text says.
    assert_eq!((target.facts.tables, target.facts.materialized_views, target.facts.views), (66, 7, 1));
    assert_eq!(target.facts.columns, 937);
    assert_eq!(target.overview.row_security_tables, 34);
    forms.says(Section::Glance, "| Tables | [66](#tables) |");
    forms.says(Section::Glance, "| Columns | [937](#column-types) |");
    forms.says(Section::History, "This is a document: one state, without migrations.");
    forms.says(Section::RowSecurity, "| Tables with row-level security | [34](#rls-tables) |");
    forms.says(Section::RowSecurity, "| of them forced for the owner | [34](#rls-tables) |");
    forms.says(Section::Tenancy, "The tenant key is `shop_id`");
    forms.says(Section::Storage, "| Partitioned tables | [6](#column-types) |");
    // None states a delete action.
    assert_eq!(by_action(target).into_keys().collect::<Vec<_>>(), ["NO ACTION"]);
    runs_behind(&analysis, &forms);
}

/// The plan's SQL runs behind the schema, phase after phase: replay refuses no statement of it.
fn runs_behind(analysis: &Analysis, forms: &Forms) {
    use relata_core::history::Revision;
    use relata_core::replay::replay;
    let own = &analysis.targets[0];
    let plan = &forms.target().audit.as_ref().expect("a complete report").plan;
    let sql: String = plan.iter().map(|p| p.sql.as_str()).collect();
    let added = analyze([("plan.sql", sql.as_bytes())], Options::default());
    let mut history = own.history.clone();
    let up = added.targets[0].history.revisions[0].up.clone();
    let count = up.len();
    history.revisions.push(Revision { up, own_session: true, ..Revision::default() });
    let at = history.revisions.len() as u32 - 1;
    let replayed = replay(&history, own.target.settings());
    let refused: Vec<_> = replayed.conflicts.iter().filter(|c| c.revision == at).map(|c| &c.message).collect();
    assert_eq!(refused, Vec::<&String>::new());
    println!("{count} statements of the plan run");
}

/// One number, one place: what the chapters tell is what the data has, in every form.
#[test]
fn no_two_numbers_of_a_report_disagree() {
    for name in ["orderflow", "orderflow-repaired", "omniops"] {
        let Some((analysis, _)) = case(name) else { return };
        let forms = Forms::of(&analysis);
        let target = forms.target();
        let data: Value = serde_json::from_str(&json(&forms.report)).expect("JSON");
        let data = &data["targets"][0];
        assert_eq!(data["findings"].as_array().map(Vec::len), Some(target.counts.total() as usize), "{name}");
        // Each finding is an entry or a row, once.
        for (at, _) in target.findings.iter().enumerate() {
            assert_eq!(forms.html.matches(&format!(" id=\"f{}\"", at + 1)).count(), 1, "{name}: F{}", at + 1);
        }
        let steps: usize = target.audit.iter().flat_map(|a| &a.plan).map(|p| p.steps.len()).sum();
        let planned = target
            .findings
            .iter()
            .filter(|f| f.severity != relata_core::finding::Severity::Info && f.waived.is_none() && !f.past)
            .count();
        assert_eq!(steps, planned, "{name}: every finding but information and what is past is a step, once");
        let keys: usize = target.tables.iter().map(|t| t.foreign_keys.len()).sum();
        let tallied: u32 = target.overview.foreign_keys_by_delete_action.iter().map(|t| t.count).sum();
        assert_eq!((keys, tallied), (target.facts.foreign_keys as usize, target.facts.foreign_keys), "{name}");
        let checks: usize = target.tables.iter().map(|t| t.checks.len()).sum();
        assert_eq!(checks, target.facts.checks as usize, "{name}");
        let policies: usize = target.tables.iter().map(|t| t.policies.len()).sum();
        assert_eq!(policies, target.facts.policies as usize, "{name}");
        let points: u32 = target.score.categories.iter().flat_map(|c| &c.deductions).map(|d| d.findings).sum();
        assert!(points <= target.counts.total(), "{name}");
    }
}

/// The mistakes of the audits, by the last section of `audit-checks.md`: no report makes them, in no chapter and no fix.
#[test]
fn the_mistakes_of_the_audits_do_not_occur() {
    let Some((orderflow, _)) = case("orderflow") else { return };
    let Some((omniops, _)) = case("omniops") else { return };
    let Some(pim) = document() else { return };
    for (name, analysis) in [("orderflow", &orderflow), ("omniops", &omniops), ("pim", &pim)] {
        let forms = Forms::of(analysis);
        let target = forms.target();
        let text = forms.plain.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let sql: Vec<String> = target
            .findings
            .iter()
            .filter_map(|f| f.fix.as_ref())
            .map(|f| f.sql.clone())
            .chain(target.audit.iter().flat_map(|a| &a.plan).map(|p| p.sql.clone()))
            .collect();
        let no_sql = |words: &str| {
            let found = sql.iter().find(|s| s.to_lowercase().contains(words));
            assert_eq!(found, None, "{name}: {words}");
        };
        let says_not = |words: &str| {
            let at = text.find(words);
            assert_eq!(
                at.map(|at| &text[text.floor_char_boundary(at.saturating_sub(80))..text.floor_char_boundary(at + 120)]),
                None,
                "{name}"
            );
        };
        // 000 §9-3: a reserved word as a bare name.
        no_sql("references user ");
        no_sql("references user(");
        no_sql("references public.user ");
        // 000 §5.2: a key on the id alone does not keep tenants apart.
        says_not("foreign key constraints prevent cross-tenant");
        says_not("prevents cross-tenant references");
        // 000 §10.1: ids that databases have recorded are not renumbered.
        says_not("renumber");
        assert!(!text.contains("005a"), "{name}");
        // 001 §1.1.1: NO ACTION blocks, it leaves no orphans.
        if by_action(target).contains_key("NO ACTION") {
            assert!(text.contains("deleting a referenced row fails, at the end of the statement"), "{name}");
        }
        says_not("no action leaves orphan");
        // 001 §1.3.1: a unique index has no race.
        says_not("race condition");
        // 001 §5.3.1: without a policy nobody inserts.
        says_not("anyone can insert");
        says_not("anyone may insert");
        // 001 §6: statements that PostgreSQL does not have, and checks that it refuses.
        no_sql("create or replace policy");
        let checks =
            sql.iter().flat_map(|s| s.split(';')).filter(|s| s.contains("ADD CONSTRAINT") && s.contains("CHECK ("));
        checks.for_each(|check| assert!(!check.to_lowercase().contains("select"), "{name}: {check}"));
        for statement in sql.iter().flat_map(|s| s.split(';')) {
            let lower = statement.to_lowercase();
            // What a policy checks may ask other tables; a constraint may not.
            if lower.contains(" check (") && !lower.contains(" policy ") {
                assert!(!lower.contains("(select"), "{name}: a subquery in a check\n{statement}");
                // 003 §5.2: a check on the clock.
                assert!(!lower.contains("now()") && !lower.contains("current_timestamp"), "{name}\n{statement}");
            }
            if lower.contains("security definer") && lower.contains("create ") {
                assert!(lower.contains("search_path"), "{name}: {statement}");
            }
        }
        // 003 §2.2: PostgreSQL makes no index for a foreign key.
        says_not("automatically indexes foreign keys");
        if target.facts.foreign_keys > 0 {
            assert!(text.contains("postgresql makes no index for a foreign key"), "{name}");
        }
        // 003 §6, 9.1: time without a zone, DROP … IF NOT EXISTS.
        assert!(!sql.iter().any(|s| s.contains(" timestamp ") || s.contains(" TIMESTAMP ")), "{name}");
        no_sql("drop schema if not exists");
        // 002 §P0-2: the composite key needs its unique rule first, which is said where it is advised.
        if text.contains("keeps tenants apart only where") {
            assert!(text.contains("needs a unique constraint on both columns of the referenced table first"), "{name}");
        }
        // 004: SET LOCAL takes no parameter.
        no_sql("set local ");
        // 001 §2.1.1: an index with IS NOT NULL serves its foreign key.
        for key in target.tables.iter().flat_map(|t| t.foreign_keys.iter().map(move |k| (t, k))) {
            let (table, key) = key;
            let column = key.columns.join(", ");
            let only_nulls = table.indexes.iter().any(|i| {
                i.method == "btree"
                    && i.keys.first() == Some(&column)
                    && i.predicate.as_ref().is_some_and(|p| {
                        p.trim_matches(['(', ')']).eq_ignore_ascii_case(&format!("{column} IS NOT NULL"))
                    })
            });
            assert!(!only_nulls || key.cover == "full", "{name}: {} ({column})", table.path);
        }
    }
}
