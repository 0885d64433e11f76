//! Input that is too much, too deep or hostile: it costs what is wrong with it and nothing else. What a person is told about files that are
//! empty, binary, cut off or no schema at all is in `core/tests/intake.rs`.

use relata_core::analysis::Analysis;
use relata_tests::corpus::{analyze_sql, catalog};

fn analyze(sql: &str) -> Analysis {
    analyze_sql([("input.sql", sql.as_bytes())])
}

/// The tables of the schema `public`, by name.
fn tables(analysis: &Analysis) -> Vec<String> {
    let catalog = catalog(analysis);
    let tables = catalog["schemas"]["public"]["tables"].as_object();
    tables.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

/// Conflicts as `SQLSTATE message`.
fn conflicts(analysis: &Analysis) -> Vec<String> {
    let conflicts = analysis.targets.iter().flat_map(|t| &t.replay.conflicts);
    conflicts.map(|c| format!("{} {}", c.sqlstate, c.message)).collect()
}

#[test]
fn a_hundred_thousand_statements() {
    let mut sql = String::new();
    for n in 0..50_000 {
        sql.push_str(&format!("CREATE TABLE t{n} (id int);\nCREATE INDEX i{n} ON t{n} (id);\n"));
    }
    let analysis = analyze(&sql);
    assert_eq!(analysis.problems, []);
    let target = &analysis.targets[0];
    assert_eq!((target.coverage.statements, target.coverage.understood), (100_000, 100_000));
    assert_eq!((target.facts.tables, target.facts.indexes), (50_000, 50_000));
}

#[test]
fn what_is_deep_or_long_costs_nothing_else() {
    let deep = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    for sql in [
        format!("CREATE TABLE t (a int DEFAULT {deep}, CHECK ({deep} = 1));"),
        format!("CREATE TABLE t (a int);\nCREATE INDEX i ON t ({deep});"),
        format!("CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT {deep} AS a;"),
        // What looks for the operands of an operator goes neither deep nor over all of it once for each.
        format!(
            "CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT a FROM t WHERE {}a = 1 AND a = 2;",
            "NOT ".repeat(100_000)
        ),
        format!(
            "CREATE TABLE t (a int);\nCREATE VIEW v AS SELECT CASE {}END FROM t;",
            "WHEN a = 1 THEN a ".repeat(20_000)
        ),
        format!("CREATE TABLE t (a int, CHECK ({}a > 0));", "a + ".repeat(20_000)),
        format!("CREATE TABLE t (a int);\nCREATE VIEW v AS {}SELECT 1 AS a{};", "(".repeat(10_000), ")".repeat(10_000)),
        format!("CREATE TABLE t (a int);\nCREATE POLICY p ON t USING ({deep} = 1);"),
        format!(
            "CREATE TABLE t (a int);\nALTER TABLE t ADD b int[] DEFAULT {}1{};",
            "ARRAY[".repeat(10_000),
            "]".repeat(10_000)
        ),
        format!("CREATE TABLE t (a int);\nSELECT {}", "(".repeat(10_000)),
        format!("CREATE TABLE t (a int);\nDO $$ {} $$;", "BEGIN ".repeat(10_000)),
        format!("CREATE TABLE t (a int);\n{}", "/* ".repeat(10_000)),
        format!("CREATE TABLE t (a int DEFAULT {} 1);", "- ".repeat(10_000)),
        format!("CREATE TABLE t (a boolean DEFAULT {} true);", "NOT ".repeat(10_000)),
        format!("CREATE TABLE t (a int DEFAULT {}1{});", "CASE WHEN true THEN ".repeat(10_000), " END".repeat(10_000)),
    ] {
        let analysis = analyze(&format!("{sql}\n;CREATE TABLE after (id int);"));
        let tables = tables(&analysis);
        assert!(tables.contains(&"t".to_owned()), "{sql:.60}… lost the table");
    }
}

#[test]
fn hostile_names_come_through_whole() {
    let names = [
        "a\"b",
        "new\nline",
        "🦀",
        "<script>alert(1)</script>",
        "pipe | and `tick`",
        "../../etc/passwd",
        "\u{202e}txt.exe",
        "%n%s",
    ];
    let sql: String =
        names.iter().map(|n| format!("CREATE TABLE \"{}\" (\"{0}\" int);\n", n.replace('"', "\"\""))).collect();
    let analysis = analyze(&sql);
    assert_eq!(analysis.problems, []);
    let mut expected: Vec<_> = names.iter().map(|n| (*n).to_owned()).collect();
    let mut found = tables(&analysis);
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn long_names_are_cut_as_postgresql_cuts_them() {
    // NAMEDATALEN - 1 bytes, never within a character. PostgreSQL manual, 4.1.1.
    let analysis =
        analyze(&format!("CREATE TABLE {} (id int); CREATE TABLE {} (id int);", "t".repeat(100), "ü".repeat(40)));
    assert_eq!(tables(&analysis), ["t".repeat(63), "ü".repeat(31)]);
}

#[test]
fn a_table_created_twice() {
    let analysis = analyze("CREATE TABLE t (id int);\nCREATE TABLE t (id int, late text);\nCREATE TABLE u (id int);\n");
    assert_eq!(conflicts(&analysis), ["42P07 relation \"t\" already exists"]);
    let conflict = &analysis.targets[0].replay.conflicts[0];
    let at = analysis.location(conflict.span);
    assert_eq!((at.file.as_str(), at.line, at.column, at.end_column), ("input.sql", 2, 14, 15));
    assert_eq!(tables(&analysis), ["t", "u"]);
}

#[test]
fn one_broken_statement_costs_one_statement() {
    for broken in [
        "CREATE TABLE (id int);",
        "CREATE TABLE x (id int,, b int);",
        "ALTER TABLE before ADD;",
        "CREATE INDEX ON;",
        "GRUBLE frob;",
        "CREATE TYPE mood AS ENUM ('a', b);",
        "CREATE POLICY ON before;",
        ")))",
        ";;;",
    ] {
        let analysis = analyze(&format!("CREATE TABLE before (id int);\n{broken}\n;CREATE TABLE after (id int);\n"));
        let tables = tables(&analysis);
        assert!(
            tables.contains(&"before".to_owned()) && tables.contains(&"after".to_owned()),
            "{broken} cost more than itself"
        );
    }
}
