//! What Relata says of PostgreSQL, asked of PostgreSQL. `cargo xtask test postgres` starts a server and runs these.

use std::collections::BTreeSet;

use relata_core::analysis::Analysis;
use relata_core::history::stops_at;
use relata_core::rules::{REGISTRY, example_files};
use relata_core::{Options, analyze};
use relata_tests::conflicts::{Script, conflicts, differences, known_failures, replay_scripts, scripts};
use relata_tests::corpus::{self, ORACLE_VERSION, analyze_sql, analyze_sql_for, catalog};
use relata_tests::facts::Comparison;
use relata_tests::histories::{scenarios, tables_left};
use relata_tests::lints::{FOR_PLATFORM, LINTS, PLATFORM};
use relata_tests::server::Database;

/// The marks in the scripts are what PostgreSQL does, and what then stands in its catalogue is what Relata has.
#[test]
fn scripts_are_refused_as_marked_and_leave_the_same_catalogue() {
    let mut failures = String::new();
    let database = Database::create("scripts");
    let version = Database::server_version();
    for script in scripts().iter().filter(|s| s.version == version) {
        database.empty();
        let refused: BTreeSet<_> = database.run(&script.text).into_iter().collect();
        let wrong_marks = differences(&script.refused, &refused, &script.text);
        if !wrong_marks.is_empty() {
            failures.push_str(&format!("{}: PostgreSQL disagrees with the marks\n{wrong_marks}", script.name));
        }
        failures.push_str(&same_catalogue(script, &database));
    }
    assert!(failures.is_empty(), "{failures}");
}

/// What replay's own tests say that PostgreSQL refuses, it refuses.
#[test]
fn replay_tests_are_right_about_postgresql() {
    let mut failures = String::new();
    let database = Database::create("replay");
    for script in &replay_scripts() {
        database.empty();
        let refused: BTreeSet<_> = database.run(&script.text).into_iter().collect();
        let wrong = differences(&script.refused, &refused, &script.text);
        if !wrong.is_empty() {
            failures.push_str(&format!("{}: PostgreSQL disagrees with the marks\n{wrong}", script.name));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Where Relata refuses what PostgreSQL refuses, it must also have what PostgreSQL has.
fn same_catalogue(script: &Script, database: &Database) -> String {
    let analysis = analyze_sql_for(script.version, [("script.sql", script.text.as_bytes())]);
    // What is refused wrongly is told by tests/conflicts.rs.
    if conflicts(&analysis) != script.refused || known_failures().contains(script.name.as_str()) {
        return String::new();
    }
    let comparison = Comparison::of(&database.catalog(), &catalog(&analysis));
    match comparison.differences(8) {
        same if same.is_empty() => same,
        differing => format!("{}: catalogues differ\n{differing}", script.name),
    }
}

/// Broken histories, sent as their tools send them, stop at the same revision with the same SQLSTATE, and leave the same tables.
#[test]
fn histories_stop_where_relata_says() {
    let mut failures = String::new();
    for (number, scenario) in scenarios().iter().enumerate() {
        let database = Database::create(&format!("history_{number}"));
        let analysis = scenario.analyze();
        let target = &analysis.targets[0];
        let live = scenario.run(&analysis, &database);
        let ours = stops_at(&target.history, &target.replay)
            .map(|s| (s.conflict.revision as usize, s.conflict.sqlstate.to_owned()));
        if live != ours {
            failures.push_str(&format!("{}: PostgreSQL stops at {live:?}, Relata at {ours:?}\n", scenario.name));
        }
        let (left, expected) = (database.tables(), tables_left(target));
        if left != expected {
            failures
                .push_str(&format!("{}: PostgreSQL is left with {left:?}, Relata with {expected:?}\n", scenario.name));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// The query that reads a live catalogue gives the corpus' own catalogues. It is what the other tests here stand on.
#[test]
fn our_query_reads_what_the_corpus_has() {
    let Some(folder) = corpus::folder() else { return };
    // Between them they have every kind of object.
    for name in ["pg-pagila", "pg-jooq-sakila", "pg-hatchet", "pg-davical"] {
        let item = corpus::items(&folder).into_iter().find(|i| i.name == name).expect("an item of the corpus");
        let database = Database::create("corpus");
        for (_, file) in &item.files {
            database.run(&std::fs::read_to_string(file).expect("these are UTF-8"));
        }
        let comparison = Comparison::of(&item.expected(), &database.catalog());
        assert!(comparison.missing.is_empty() && comparison.extra.is_empty(), "{name}\n{}", comparison.differences(20));
    }
}

/// A fix is SQL that the database accepts: each rule's own examples, made and repaired on a live server.
#[test]
fn every_fix_runs() {
    let (mut failures, mut ran) = (String::new(), 0);
    for rule in REGISTRY {
        for (number, example) in rule.fires.iter().enumerate() {
            let unmarked = example.replace(['«', '»'], "");
            let files = example_files(&unmarked);
            let options = Options { server_version: Some(ORACLE_VERSION), ..Options::default() };
            let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options);
            let order = analysis.targets.iter().flat_map(|t| &t.target.files).map(|id| analysis.sources.name(*id));
            let sql: String = order
                .filter_map(|name| files.iter().find(|(n, _)| *n == name))
                .map(|(_, text)| text.as_str())
                .collect();
            let findings = analysis.targets.iter().flat_map(|t| &t.findings).filter(|f| f.rule.name == rule.name);
            for (which, fix) in findings.filter_map(|f| f.fix.as_ref()).enumerate() {
                let database = Database::create(&format!("fix_{}_{number}_{which}", rule.name));
                // An example may stand on what a platform brings along; then there is nothing to repair here.
                if !database.run(&sql).is_empty() {
                    continue;
                }
                ran += 1;
                let refused = database.run(&fix.sql);
                if !refused.is_empty() {
                    failures.push_str(&format!("{}: {refused:?}\n{}\n--- after\n{sql}\n", rule.name, fix.sql));
                }
            }
        }
    }
    assert!(ran >= 20, "only {ran} fixes were tried");
    assert!(failures.is_empty(), "{failures}");
}

/// Rules that other linters have as queries find what such queries find in a live catalogue: no object more, none less.
#[test]
fn rules_find_what_queries_on_the_catalogue_find() {
    let Some(folder) = corpus::folder() else { return };
    // Between them they have many of what each lint is about, and they load by themselves, without what a platform or a set-up brings along.
    const ITEMS: &[&str] = &[
        "django-wagtail-pgdump",
        "pg-bacula",
        "pg-concourse",
        "pg-danbooru",
        "pg-davical",
        "pg-gisia",
        "pg-graphile-starter",
        "pg-hatchet",
        "pg-icingadb",
        "pg-jooq-sakila",
        "pg-kitchen-sink",
        "pg-langfuse",
        "pg-openstreetmap",
        "pg-pagila",
        "pg-pgschema-employee",
        "pg-request-tracker",
        "pg-sourcegraph-codeintel",
        "pg-sourcegraph-frontend",
    ];
    let (mut failures, mut compared) = (String::new(), 0);
    for item in corpus::items(&folder).into_iter().filter(|i| ITEMS.contains(&i.name.as_str())) {
        let database = Database::create(&format!("lints_{compared}"));
        for (_, file) in &item.files {
            database.run(&String::from_utf8_lossy(&std::fs::read(file).expect("a file of the corpus")));
        }
        compared += 1;
        failures.push_str(&lint_differences(&item.name, &item.analyze(), &database));
    }
    assert!(compared >= 12, "only {compared} items were found");
    assert!(failures.is_empty(), "{failures}");
}

/// The same for schemas that Supabase is to run, one of our own and those of the corpus.
#[test]
fn rules_find_what_queries_on_the_catalogue_of_a_platform_find() {
    const ITEMS: &[&str] = &["pg-basejump", "pg-makerkit-lite", "pg-subscription-payments"];
    let database = Database::create("lints_platform");
    database.must_run(&format!("{PLATFORM}{FOR_PLATFORM}"));
    let analysis = analyze_sql([("schema.sql", FOR_PLATFORM.as_bytes())]);
    let mut failures = lint_differences("our own", &analysis, &database);
    let items = corpus::folder().map(|folder| corpus::items(&folder)).unwrap_or_default();
    for (number, item) in items.iter().filter(|i| ITEMS.contains(&i.name.as_str())).enumerate() {
        let database = Database::create(&format!("lints_platform_{number}"));
        database.must_run(PLATFORM);
        for (_, file) in &item.files {
            database.run(&String::from_utf8_lossy(&std::fs::read(file).expect("a file of the corpus")));
        }
        failures.push_str(&lint_differences(&item.name, &item.analyze(), &database));
    }
    assert!(failures.is_empty(), "{failures}");
}

/// What a lint finds in a live catalogue and Relata does not, and the other way round.
fn lint_differences(name: &str, analysis: &Analysis, database: &Database) -> String {
    let mut text = String::new();
    for lint in LINTS {
        let asked = database.rows(&lint.script());
        let found: Vec<String> = analysis.targets.iter().flat_map(|t| lint.findings(t, &analysis.sources)).collect();
        let only = |a: &[String], b: &[String]| a.iter().filter(|x| !b.contains(x)).cloned().collect::<Vec<_>>();
        let (missed, invented) = (only(&asked, &found), only(&found, &asked));
        if !missed.is_empty() || !invented.is_empty() {
            text.push_str(&format!(
                "{name}: {}\n  only the catalogue: {missed:?}\n  only Relata: {invented:?}\n",
                lint.rule
            ));
        }
    }
    text
}

/// Schemas for the queries of a report: what they ask about is in it.
const WATCHED: &str = r#"
CREATE SCHEMA "Sales";
CREATE TABLE org (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
CREATE TABLE account (id serial PRIMARY KEY, org_id bigint NOT NULL REFERENCES org (id), email text, created_at timestamptz);
CREATE TABLE project (id serial PRIMARY KEY, org_id bigint NOT NULL REFERENCES org (id), account_id int REFERENCES account (id), created_at timestamptz);
CREATE TABLE task (id serial PRIMARY KEY, org_id bigint NOT NULL REFERENCES org (id), project_id int, owner_account_id int, created_at timestamptz);
ALTER TABLE task ADD CONSTRAINT late FOREIGN KEY (owner_account_id) REFERENCES account (id) NOT VALID;
CREATE INDEX task_by_time ON task (created_at);
CREATE TABLE "Sales"."Order's" (id int PRIMARY KEY, org_id bigint NOT NULL REFERENCES public.org (id), account_id int, at timestamptz NOT NULL);
CREATE TABLE event (id bigint, at timestamptz NOT NULL, org_id bigint NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE event_rest PARTITION OF event DEFAULT;
ALTER TABLE project ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON project USING (org_id = current_setting('app.org', true)::bigint);
"#;

/// Every query of a report runs, and every plan runs on the database that it is for.
#[test]
fn queries_and_plans_of_reports_run() {
    let mut schemas = vec![("watched".to_owned(), vec![("watched.sql".to_owned(), WATCHED.to_owned())])];
    if let Some(folder) = corpus::folder() {
        for name in ["pg-pagila", "pg-northwind", "pg-davical", "pg-danbooru"] {
            let items = corpus::items(&folder);
            let Some(item) = items.into_iter().find(|i| i.name == name) else { continue };
            let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("these are UTF-8");
            schemas.push((name.to_owned(), item.files.iter().map(|(n, path)| (n.clone(), text(path))).collect()));
        }
    }
    let (mut failures, mut ran, mut planned) = (String::new(), 0, 0);
    for (name, files) in &schemas {
        let analysis = analyze_sql(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
        let report = relata_core::report::Report::complete(&analysis);
        let audit = report.targets[0].audit.as_ref().expect("a complete report");
        let database = Database::create(&format!("report_{}", name.replace('-', "_")));
        for (_, text) in files {
            database.run(text);
        }
        for query in &audit.monitoring {
            ran += 1;
            for refusal in database.run(&query.sql) {
                failures.push_str(&format!("{name}: {} {}\n{}\n", refusal.sqlstate, query.title, query.sql));
            }
        }
        for phase in &audit.plan {
            planned += phase.sql.matches(';').count();
            for refusal in database.run(&phase.sql) {
                let line = phase.sql.lines().nth(refusal.line as usize - 1).unwrap_or_default();
                failures.push_str(&format!("{name}: {:?} {} at {line}\n", phase.phase, refusal.sqlstate));
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(ran > 40 && planned > 100, "{ran} queries, {planned} statements");
    let topics: BTreeSet<_> = {
        let analysis = analyze_sql([("watched.sql", schemas[0].1[0].1.as_bytes())]);
        let report = relata_core::report::Report::complete(&analysis);
        report.targets[0].audit.iter().flat_map(|a| &a.monitoring).map(|q| q.topic).collect()
    };
    assert_eq!(topics.len(), 8, "every kind of query is among them: {topics:?}");
}
