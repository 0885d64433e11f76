//! What the DDL reader makes of a statement: the documents in `tests/ddl`, statement and expectation side by side.
//!
//! A block is SQL and, behind `=>`, a line for each operation and problem. What is left at its default is left out; names are as written,
//! expressions in ‹›. Every name and expression is checked against the text at its span on the way.

mod support;

use relata_core::problem::ProblemKind;
use relata_core::read::ddl::read_statement;
use relata_core::source::FileId;

fn check(document: &str) {
    let mut wrong = Vec::new();
    let mut blocks = 0;
    for block in document.split("\n\n") {
        let at = block.find("\n=> ").map_or(block.len(), |at| at + 1);
        let (sql, expected) = block.split_at(at);
        let found: String =
            support::read(sql).iter().map(|line| format!("=> {}\n", line.replace('\n', "\\n"))).collect();
        if found.trim_end() != expected.trim_end() {
            wrong.push(format!("{sql}expected:\n{}\nfound:\n{found}", expected.trim_end()));
        }
        blocks += 1;
    }
    assert!(wrong.is_empty(), "{} of {blocks} blocks\n\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! documents {
    ($($name:ident),* $(,)?) => {$(
        #[test]
        fn $name() {
            check(include_str!(concat!("ddl/", stringify!($name), ".txt")));
        }
    )*};
}

documents! {
    alter_table,
    broken,
    comment_drop,
    create_table,
    default_ends,
    do_block,
    function,
    grant,
    index_view_sequence,
    named_objects,
    other_dialects,
    settings_rows_chores,
    since_16,
    templates,
    trigger_policy_rule,
    types,
}

#[test]
fn line_ends_of_windows() {
    assert_eq!(
        support::read("CREATE TABLE t (\r\n  a int, -- first\r\n  b text DEFAULT 'x'\r\n'y'\r\n);\r\n"),
        [
            "CreateTable{t, elements: [Column{a, data_type: int}, Column{b, data_type: text, constraints: [Default(‹'x'\r\n'y'›)]}]}"
        ]
    );
}

#[test]
fn spans_are_offsets_into_the_file() {
    let reading = read_statement(" DROP TABLE s.\"t\" ", FileId(3), 100);
    assert_eq!(reading.operations.len(), 1);
    let operation = &reading.operations[0];
    assert_eq!((operation.span.file, operation.span.start, operation.span.end), (FileId(3), 101, 117));
    let relata_core::operation::OperationKind::Drop(drop) = &operation.kind else { panic!("{operation:?}") };
    let name = &drop.targets[0].name;
    assert_eq!((name.span().start, name.span().end, name.name.span.start), (112, 117, 114));
}

/// The problem's kind, or `None`, and whether the statement counts as changing the schema.
fn verdict(sql: &str) -> (Option<ProblemKind>, bool) {
    let reading = read_statement(sql, FileId(0), 0);
    (reading.problems.first().map(|p| p.kind), reading.changes_schema)
}

#[test]
fn what_counts_as_a_change_of_the_schema() {
    let changes = (None, true);
    let not = (None, false);
    for (sql, expected) in [
        ("CREATE TABLE t (a int)", changes),
        ("comment on table t is 'x'", changes),
        ("GRANT SELECT ON t TO x", changes),
        ("SELECT 1 AS a INTO t", changes),
        ("DO $$ BEGIN DROP TABLE t; END $$", changes),
        ("DO $$ BEGIN UPDATE t SET a = 1; END $$", not),
        ("INSERT INTO t VALUES (1)", not),
        ("SET search_path = a", not),
        ("TRUNCATE t", not),
        ("BEGIN", not),
        ("-- nothing", not),
        ("\\connect db", not),
        ("/*!40101 SET NAMES utf8 */", (Some(ProblemKind::UnsupportedStatement), false)),
        ("CREATE FLYING CARPET c", (Some(ProblemKind::SyntaxError), true)),
        ("ALTER", (Some(ProblemKind::SyntaxError), true)),
        ("FROBNICATE t", (Some(ProblemKind::SyntaxError), false)),
        ("DO $$ BEGIN EXECUTE f(); END $$", (Some(ProblemKind::OpaqueStatement), true)),
        ("CREATE TABLE t (a text DEFAULT 'x", (Some(ProblemKind::Unterminated), true)),
    ] {
        assert_eq!(verdict(sql), expected, "{sql}");
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |open: &str, close: &str, n: usize| format!("{}{}", open.repeat(n), close.repeat(n));
    for sql in [
        format!("CREATE TABLE t (a int DEFAULT {})", deep("(", ")", 20_000)),
        format!("DO $$ BEGIN IF {} THEN DROP TABLE t; END IF; END $$", deep("(", ")", 20_000)),
        format!("DO $$ {} $$", deep("BEGIN ", "END; ", 5_000)),
        format!("DO $$ BEGIN {} END $$", deep("IF a THEN ", "END IF; ", 5_000)),
        format!("DO $$ BEGIN EXECUTE {}; END $$", deep("format(", ")", 20_000)),
        format!("SELECT {}", deep("[", "]", 20_000)),
        format!("CREATE SCHEMA a {}", "CREATE SCHEMA b ".repeat(5_000)),
    ] {
        read_statement(&sql, FileId(0), 0);
    }
    let mut nested = "DROP TABLE t".to_owned();
    for depth in 0..20 {
        nested = format!("DO $d{depth}$ BEGIN {nested}; END $d{depth}$");
    }
    assert!(read_statement(&nested, FileId(0), 0).problems.iter().any(|p| p.kind == ProblemKind::LimitExceeded));
}

#[test]
fn loops_that_go_on_for_ever_end() {
    let nested = |open: &str, n: usize| format!("{} {}", open.repeat(n), "END LOOP; ".repeat(n));
    for body in [
        nested("LOOP ", 8),
        nested("WHILE true LOOP ", 8),
        nested("FOR i IN 1..1000 LOOP ", 8),
        nested("FOR i IN SELECT generate_series(1, 1000) LOOP ", 8),
        nested("FOR i IN SELECT g FROM generate_series(1, 1000) g WHERE false LOOP ", 8),
        format!(
            "FOR i IN 1..1000 LOOP {} END LOOP;",
            nested("FOR j IN SELECT g FROM generate_series(1, 1000) g WHERE false LOOP ", 1)
        ),
        "LOOP s := s || s; END LOOP;".to_owned(),
    ] {
        read_statement(&format!("DO $$ DECLARE s text := 'xxxxxxxx'; BEGIN {body} END $$"), FileId(0), 0);
    }
}

#[test]
fn loops_in_loops_end() {
    let numbers = (0..900).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    let mut body = "EXECUTE format('DROP TABLE %s', x);".to_owned();
    for _ in 0..6 {
        body = format!("FOREACH x IN ARRAY ARRAY[{numbers}] LOOP {body} END LOOP;");
    }
    let reading = read_statement(&format!("DO $$ DECLARE x text; BEGIN {body} END $$"), FileId(0), 0);
    assert!(reading.problems.iter().any(|p| p.kind == ProblemKind::OpaqueStatement));
}
