//! The corpus's schemas of MySQL and SQLite: what Relata reads of their tables is what MariaDB and SQLite made of them.

#![allow(clippy::print_stdout, reason = "a test says what it compared")]

use std::collections::BTreeSet;
use std::path::Path;

use relata_core::Session;
use relata_core::analysis::{Analysis, Dialect};
use relata_core::finding::Severity;
use relata_core::schema::{ConstraintKind, RelationId};
use relata_core::session::{FileOrder, Options};
use relata_tests::corpus;
use serde_json::Value;

/// Facts that differ, of which each is known: what the server refused of the files (`LOAD_ERRORS.txt`), what MariaDB cannot read of MySQL 8, and the
/// indexes that InnoDB makes for foreign keys by itself. Nothing may rise above; a change that does better lowers its line.
const KNOWN: &[(&str, usize)] = &[
    ("mysql-authelia", 2),
    ("mysql-cap", 6),
    ("mysql-employees", 2),
    ("mysql-hydra-dump", 60),
    ("mysql-openfga", 1),
    ("mysql-sakila", 1),
    ("sqlite-anki", 48),
    ("sqlite-hydra-dump", 56),
];

/// SQL that PostgreSQL takes as it is: nothing in it tells whose it is.
const PLAIN: &[&str] = &["sqlite-atuin-client"];

/// The items of a database, with their folders.
fn items(folder: &Path) -> Vec<(String, std::path::PathBuf)> {
    let mut items: Vec<_> = std::fs::read_dir(folder.join("corpus/dev"))
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        .filter(|(name, _)| name.starts_with("mysql-") || name.starts_with("sqlite-"))
        .collect();
    items.sort();
    items
}

fn analyze(item: &Path) -> Analysis {
    let order = std::fs::read_to_string(item.join("LOAD_ORDER.txt")).expect("the order");
    let mut session = Session::new(Options { order: FileOrder::AsGiven, ..Options::default() });
    for name in order.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        session.push(name, &std::fs::read(item.join(name)).expect("a file"));
        session.end_file();
    }
    session.finish(&mut |_| ())
}

/// What a catalogue says, in lines. Types are left out: the servers print synonyms.
fn expected(catalog: &Value, mysql: bool) -> BTreeSet<String> {
    let words = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap_or("(expression)").to_owned()).collect()
    };
    let mut facts = BTreeSet::new();
    for (name, table) in catalog["tables"].as_object().into_iter().flatten().filter(|(_, t)| t["virtual"] != true) {
        facts.insert(format!("table {name}"));
        for (at, column) in table["columns"].as_array().into_iter().flatten().enumerate() {
            facts.insert(format!("column {name}.{} at {at}", column["name"].as_str().unwrap_or_default()));
            if mysql && column["nullable"] == false {
                facts.insert(format!("not null {name}.{}", column["name"].as_str().unwrap_or_default()));
            }
        }
        if !table["pk"].is_null() {
            facts.insert(format!("primary key {name} {:?}", words(&table["pk"])));
        }
        for key in table["fks"].as_array().into_iter().flatten() {
            let target = key["ref_table"].as_str().unwrap_or_default();
            facts.insert(format!("foreign key {name} {:?} to {target}", words(&key["columns"])));
        }
        for index in table["indexes"].as_array().into_iter().flatten() {
            if index["name"] != "PRIMARY" && index["origin"] != "primary key" {
                facts.insert(format!("index {name} {} {:?}", index["unique"], words(&index["keys"]).len()));
            }
        }
    }
    facts
}

fn found(analysis: &Analysis, mysql: bool) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    let Some(target) = analysis.targets.first() else { return facts };
    let schema = target.schema();
    for (_, table) in schema.live_tables() {
        let name = &table.name;
        let names = |columns: &[relata_core::schema::ColumnNumber]| -> Vec<String> {
            columns.iter().filter_map(|c| table.column(*c)).map(|c| c.name.to_string()).collect()
        };
        facts.insert(format!("table {name}"));
        for (at, (_, column)) in table.live_columns().enumerate() {
            facts.insert(format!("column {name}.{} at {at}", column.name));
            if mysql && column.not_null {
                facts.insert(format!("not null {name}.{}", column.name));
            }
        }
        for (_, constraint) in schema.constraints_of(table) {
            match &constraint.kind {
                ConstraintKind::PrimaryKey => {
                    facts.insert(format!("primary key {name} {:?}", names(&constraint.columns)));
                }
                ConstraintKind::ForeignKey(key) => {
                    let target = schema.relation_path(RelationId::Table(key.references)).replace("public.", "");
                    let target = target.trim_matches('"').to_owned();
                    facts.insert(format!("foreign key {name} {:?} to {target}", names(&constraint.columns)));
                }
                _ => {}
            }
        }
        for (_, index) in schema.indexes_of(table).filter(|(_, index)| !index.primary) {
            facts.insert(format!("index {name} {} {:?}", index.unique, index.keys.len()));
        }
    }
    facts
}

#[test]
fn tables_agree_with_mariadb_and_sqlite() {
    let Some(folder) = corpus::folder() else { return };
    let mut failures = String::new();
    let items = items(&folder);
    assert!(items.len() >= 24, "only {} items were found", items.len());
    for (name, path) in &items {
        let mysql = name.starts_with("mysql");
        let catalog = std::fs::read_to_string(path.join("catalog.json")).expect("a catalogue");
        let expected = expected(&serde_json::from_str(&catalog).expect("JSON"), mysql);
        let analysis = analyze(path);
        let found = found(&analysis, mysql);
        let differ = expected.symmetric_difference(&found).count();
        println!("{name}: {} facts, {differ} differ", expected.len());
        let known = KNOWN.iter().find(|(item, _)| item == name).map_or(0, |(_, n)| *n);
        if differ > known {
            let shown: Vec<&String> = expected.symmetric_difference(&found).take(12).collect();
            failures.push_str(&format!("{name}: {differ} differ, {known} are known: {shown:#?}\n"));
        }
        // One target of its own dialect, one thing said of it, and nothing called wrong that only PostgreSQL refuses.
        let dialects: Vec<Dialect> = analysis.targets.iter().map(|t| t.target.dialect).collect();
        let own = if PLAIN.contains(&name.as_str()) {
            Dialect::PostgreSql
        } else if mysql {
            Dialect::MySql
        } else {
            Dialect::Sqlite
        };
        if dialects != [own] {
            failures.push_str(&format!("{name}: {dialects:?}\n"));
        }
        let target = &analysis.targets[0];
        let grave = target.findings.iter().filter(|f| f.severity == Severity::Critical).count();
        if grave > 0 || !target.replay.conflicts.is_empty() {
            failures.push_str(&format!("{name}: {grave} critical, {} conflicts\n", target.replay.conflicts.len()));
        }
        let told = analysis.problems.iter().filter(|p| p.kind.name() == "other-dialect").count();
        if told != usize::from(own != Dialect::PostgreSql)
            || target.coverage.skipped.iter().any(|p| p.kind.name() != "opaque-statement")
        {
            let coverage = &target.coverage;
            failures.push_str(&format!("{name}: told {told} times, {coverage:?}\n"));
        }
    }
    assert!(failures.is_empty(), "{failures}");
}
