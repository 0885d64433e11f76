//! Scripts written for psql: which lines it runs, the files that they include, and the commands that queries make. Branches, included files and `\gexec` were run
//! with psql 15 as they stand here; what is said of what is missing, and that circles end, is ours.
#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

use relata_core::analysis::Analysis;
use relata_core::analyze;
use relata_core::problem::ProblemKind;
use relata_core::session::Options;

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default())
}

fn tables(analysis: &Analysis) -> Vec<String> {
    let schema = analysis.targets[0].schema();
    let mut names: Vec<String> = schema.live_tables().map(|(_, t)| t.name.to_string()).collect();
    names.sort();
    names
}

fn kinds(analysis: &Analysis) -> Vec<ProblemKind> {
    analysis.problems.iter().map(|p| p.kind).collect()
}

/// A branch that is not taken is not run; what a query sets is known where it follows from what is written.
#[test]
fn branches() {
    let sql = "SELECT current_setting('server_version_num')::int >= 120000 AS twelve \\gset\n\
        \\if :twelve\nCREATE TABLE new (id int);\n\\else\nCREATE TABLE old (id int);\n\\endif\n\
        \\if :{?given}\nCREATE TABLE given (id int);\n\\elif true\nCREATE TABLE not_given (id int);\n\\else\nCREATE TABLE never (id int);\n\\endif\n";
    let analysis = read(&[("a.sql", sql)]);
    assert_eq!(tables(&analysis), ["new", "not_given"]);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
}

/// A function of the database decides: which way is said once, and both ways do not run.
#[test]
fn a_query_that_is_not_known_decides() {
    let sql = "CREATE TABLE a (id int, n int);\nCREATE FUNCTION my_flavour() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN version(); END';\n\
        SELECT my_flavour() = 'full' AS full \\gset\n\
        \\if :full\nCREATE UNIQUE INDEX a_id ON a (id);\n\\else\nCREATE INDEX a_id ON a (id);\n\\endif\n\
        \\if :full\nCREATE INDEX a_n ON a (n);\n\\endif\n";
    let analysis = read(&[("a.sql", sql)]);
    assert!(analysis.targets[0].replay.conflicts.is_empty(), "{:?}", analysis.targets[0].replay.conflicts);
    assert_eq!(kinds(&analysis), [ProblemKind::UnfilledPlaceholder]);
    let message = &analysis.problems[0].message;
    assert!(message.contains("`full`, which a query sets: it is taken for true"), "{message}");
}

/// Files run where a script includes them, in its session; a file that it does not name is not run.
#[test]
fn included_files() {
    let files = [
        (
            "db/install.sql",
            "CREATE SCHEMA app;\nSET search_path = app;\n\\i tables/b.sql\n\\ir ./tables/a.sql\nALTER TABLE a ADD y int;\n\\i views.psql\n",
        ),
        ("db/old.sql", "DROP TABLE a; CREATE TABLE zombie (id int);"),
        (
            "db/tables/a.sql",
            "CREATE TABLE a (id int PRIMARY KEY REFERENCES b);\n\\ir more/c.sql\nALTER TABLE b ADD x int;",
        ),
        ("db/tables/b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
        ("db/tables/more/c.sql", "CREATE TABLE c (id int REFERENCES a);"),
        ("db/views.psql", "CREATE VIEW v AS SELECT x FROM b;"),
    ];
    let analysis = read(&files);
    let target = &analysis.targets[0];
    assert_eq!(analysis.targets.len(), 1);
    assert!(target.replay.conflicts.is_empty(), "{:?}", target.replay.conflicts);
    assert_eq!(tables(&analysis), ["a", "b", "c"]);
    let schema = target.schema();
    let namespaces: Vec<&str> =
        schema.live_tables().map(|(_, t)| schema.namespaces.get(t.namespace).unwrap().name.as_str()).collect();
    assert_eq!(namespaces, ["app"; 3]);
    let run: Vec<&str> = target.target.files.iter().map(|f| analysis.sources.name(*f)).collect();
    assert_eq!(run, ["db/install.sql", "db/tables/b.sql", "db/tables/a.sql", "db/tables/more/c.sql", "db/views.psql"]);
    assert_eq!(kinds(&analysis), [ProblemKind::NotApplied]);
    assert!(analysis.problems[0].message.starts_with("`db/old.sql` is not part of"), "{:?}", analysis.problems);
    assert_eq!(target.coverage.statements, target.coverage.understood);
}

/// Of two scripts over the same files the one with more of them runs; a file that is not there is told at its line.
#[test]
fn scripts_that_share_files() {
    let files = [
        ("all.sql", "\\i /docker-entrypoint-initdb.d/t/a.sql\n\\i t/b.sql\n\\i t/gone.sql\n"),
        ("some.sql", "\\i t/a.sql\n"),
        ("t/a.sql", "CREATE TABLE a (id int);"),
        ("t/b.sql", "CREATE TABLE b (id int);"),
    ];
    let analysis = read(&files);
    assert_eq!(tables(&analysis), ["a", "b"]);
    let messages: Vec<&str> = analysis.problems.iter().map(|p| p.message.as_str()).collect();
    assert!(messages.iter().any(|m| m.contains("`t/gone.sql`, which is not among the files")), "{messages:?}");
    assert!(messages.iter().any(|m| m.starts_with("`some.sql` is not run")), "{messages:?}");
}

/// A script that runs itself, and two that run each other, end.
#[test]
fn scripts_in_a_circle() {
    let analysis = read(&[
        ("a.sql", "CREATE TABLE a (id int);\n\\i b.sql\n"),
        ("b.sql", "CREATE TABLE b (id int);\n\\i a.sql\n"),
        ("c.sql", "\\i c.sql\nCREATE TABLE c (id int);\n"),
    ]);
    assert_eq!(tables(&analysis), ["a", "b", "c"]);
}

/// `\gexec` runs what a query gives, where that is known; the database that is made where there is none is no gap.
#[test]
fn commands_of_queries() {
    let sql = "SELECT 'CREATE DATABASE shop' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'shop')\\gexec\n\
        SELECT format('CREATE TABLE %I (id int)', 't' || n) FROM generate_series(1, 2) n \\gexec\n\
        SELECT 'CREATE TABLE u (id int)', 'CREATE INDEX ui ON u (id)' \\gexec\n";
    let analysis = read(&[("a.sql", sql)]);
    assert_eq!(tables(&analysis), ["t1", "t2", "u"]);
    assert!(analysis.problems.is_empty(), "{:?}", analysis.problems);
    let sql = "CREATE TABLE t (id int);\nCREATE FUNCTION my_command(name) RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';\n\
        SELECT my_command(relname) FROM pg_class \\gexec\n";
    let analysis = read(&[("a.sql", sql)]);
    assert_eq!(kinds(&analysis), [ProblemKind::OpaqueStatement]);
    assert!(analysis.problems[0].message.starts_with("`\\gexec` runs what this query gives"));
}
