//! SQL of other databases: by what it is told, what is said of it, and what is made of it.
#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

mod project;

use project::{histories, read, tables};
use relata_core::analysis::{Analysis, Dialect};
use relata_core::session::{FileOrder, Options};
use relata_core::{Session, analyze};

fn one(sql: &str) -> Analysis {
    analyze([("schema.sql", sql.as_bytes())], Options::default())
}

fn dialects(analysis: &Analysis) -> Vec<&'static str> {
    analysis.targets.iter().map(|t| t.target.dialect.name()).collect()
}

fn problems(analysis: &Analysis) -> Vec<(&'static str, &str)> {
    analysis.problems.iter().map(|p| (p.kind.name(), p.message.as_str())).collect()
}

/// Relations that PostgreSQL would miss, types that it does not know, keys that are to come: nothing of it is held against another database's file.
#[test]
fn nothing_that_only_postgresql_refuses_is_said_of_another_database() {
    let mysql = "CREATE TABLE actor (\n  id INT UNSIGNED NOT NULL AUTO_INCREMENT,\n  born DATETIME,\n  film SMALLINT,\n  PRIMARY KEY (id),\n  KEY idx_born (born),\n  \
                 CONSTRAINT fk FOREIGN KEY (film) REFERENCES film (id)\n) ENGINE=InnoDB;\nCREATE TABLE film (id SMALLINT PRIMARY KEY, mood ENUM('a','b'), KEY idx_born (mood));\n\
                 CREATE VIEW v AS SELECT `no` FROM `nowhere`;";
    let analysis = one(mysql);
    assert_eq!(dialects(&analysis), ["mysql"]);
    let [(kind, message)] = problems(&analysis)[..] else { panic!("{:#?}", analysis.problems) };
    assert_eq!(kind, "other-dialect");
    assert!(
        message.starts_with("`schema.sql` is for MySQL (`AUTO_INCREMENT` at line 2, `ENUM (…)` as a type at line 9)"),
        "{message}"
    );
    let target = &analysis.targets[0];
    assert!(target.replay.conflicts.is_empty());
    assert!(
        target.findings.iter().all(|f| f.severity > relata_core::finding::Severity::High),
        "{:#?}",
        target.findings
    );
    assert_eq!((target.facts.tables, target.facts.foreign_keys, target.facts.views), (2, 1, 1));
    assert_eq!((target.coverage.statements, target.coverage.understood), (3, 3));
}

#[test]
fn a_dump_says_itself_whose_it_is() {
    let dump = "-- MySQL dump 10.13  Distrib 8.0.33, for Linux (x86_64)\n-- Server version\t8.0.33\nCREATE TABLE t (a int, b text DEFAULT 'it\\'s;');\nINSERT INTO t VALUES (1,'a\\'b;c');\nCREATE TABLE u (a int);\n";
    let analysis = one(dump);
    assert_eq!((dialects(&analysis), analysis.targets[0].target.server_version), (vec!["mysql"], 8));
    assert_eq!(tables(&analysis), ["t", "u"]);
    assert!(
        one("--\n-- PostgreSQL database dump\n--\nCREATE TABLE `t` (a int);").targets[0].target.dialect
            == Dialect::PostgreSql
    );
}

/// A long file is told before its bytes are let go.
#[test]
fn a_long_file_is_read_in_its_own_words() {
    let mut sql = "CREATE TABLE `t` (`id` int AUTO_INCREMENT PRIMARY KEY, `a` text) ENGINE=InnoDB;\n".to_owned();
    for n in 0..20_000 {
        sql.push_str(&format!("INSERT INTO `t` (`a`) VALUES ('row \\'{n}\\';');\n"));
    }
    sql.push_str("CREATE TABLE `u` (`t_id` int, KEY `by_t` (`t_id`)) ENGINE=InnoDB;\n");
    for size in [4_096, 100_000] {
        let mut session = Session::new(Options::default());
        sql.as_bytes().chunks(size).for_each(|chunk| session.push("big.sql", chunk));
        let analysis = session.finish(&mut |_| ());
        assert_eq!((dialects(&analysis), tables(&analysis)), (vec!["mysql"], vec!["t", "u"]));
        assert_eq!((analysis.targets[0].facts.indexes, analysis.problems.len()), (2, 1), "{:#?}", analysis.problems);
    }
}

/// Files that say nothing go with those around them; back-quotes alone are SQLite's among SQLite's.
#[test]
fn a_folder_is_one_databases() {
    let files = [
        (
            "m/1_a.sql",
            "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, at BIGINT DEFAULT (strftime('%s', 'now')));",
        ),
        ("m/2_b.sql", "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a);"),
        ("m/3_c.sql", "ALTER TABLE `b` RENAME TO `c`;"),
        ("m/4_d.sql", "PRAGMA foreign_keys = off;\nDROP TABLE c;"),
    ];
    let analysis = read(&files);
    assert_eq!((dialects(&analysis), histories(&analysis)), (vec!["sqlite"], vec!["numbered: 1 2 3 4".to_owned()]));
    assert_eq!(tables(&analysis), ["a"]);
    let [(_, message)] = problems(&analysis)[..] else { panic!("{:#?}", analysis.problems) };
    assert!(message.starts_with("`m/1_a.sql` and 3 more are for SQLite (`AUTOINCREMENT` at line 1)"), "{message}");
}

/// Where there is something for PostgreSQL, the rest is set aside; where there are two others, each is a target.
#[test]
fn several_databases_in_one_drop_are_kept_apart() {
    let mysql = ("mysql/1_a.sql", "CREATE TABLE `a` (`id` int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;");
    let sqlite = ("sqlite/1_a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);");
    let postgres = ("postgres/1_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY);");
    let analysis = read(&[mysql, sqlite, postgres]);
    assert_eq!((dialects(&analysis), tables(&analysis)), (vec!["postgresql"], vec!["a"]));
    assert_eq!(analysis.problems.len(), 2, "{:#?}", analysis.problems);
    assert_eq!(dialects(&read(&[mysql, sqlite])), ["mysql", "sqlite"]);
}

#[test]
fn whoever_knows_better_may_say_so() {
    let sql = "CREATE TABLE t (id integer PRIMARY KEY, at datetime);";
    let read_as =
        |dialect| analyze([("t.sql", sql.as_bytes())], Options { dialect: Some(dialect), ..Options::default() });
    assert_eq!(dialects(&read_as(Dialect::Sqlite)), ["sqlite"]);
    assert!(read_as(Dialect::Sqlite).targets[0].replay.conflicts.is_empty());
    let postgres = read_as(Dialect::PostgreSql);
    assert_eq!((dialects(&postgres), postgres.targets[0].replay.conflicts.len()), (vec!["postgresql"], 1));
    let named = Options { order: FileOrder::AsGiven, ..Options::default() };
    assert_eq!(dialects(&analyze([("schema.mysql.sql", sql.as_bytes())], named)), ["mysql"]);
}

/// What MySQL's ALTER TABLE says in one statement, each part in order. Expectations: MySQL's manual, "ALTER TABLE Statement": a column that goes is
/// taken out of its indexes, and MODIFY and CHANGE say all of a column anew.
#[test]
fn alter_table_of_mysql() {
    let analysis = one(
        "CREATE TABLE `t` (`id` int NOT NULL, `a` varchar(10), `b` int, `c` int, KEY `by_ab` (`a`, `b`), KEY `by_b` (`b`), UNIQUE KEY `one_c` (`c`)) ENGINE=InnoDB;
         ALTER TABLE `t` ADD PRIMARY KEY (`id`), MODIFY `id` bigint NOT NULL AUTO_INCREMENT, CHANGE `a` `name` varchar(20) NOT NULL DEFAULT 'x' COMMENT 'who',
           ADD COLUMN `d` datetime(3) AFTER `id`, ADD (`e` int, `f` int), DROP COLUMN `b`, DROP KEY `one_c`, RENAME INDEX `by_ab` TO `by_name`, COMMENT = 'all';
         RENAME TABLE `t` TO `u`, `nothing` TO `something`;
         DROP INDEX `by_name` ON `u`;",
    );
    let schema = analysis.targets[0].schema();
    let (_, table) = schema.live_tables().next().expect("the table");
    let columns: Vec<String> = table
        .live_columns()
        .map(|(_, c)| {
            format!("{} {}{}", c.name, c.data_type.display(schema), if c.not_null { " not null" } else { "" })
        })
        .collect();
    assert_eq!(
        columns,
        ["id bigint not null", "name varchar(20) not null", "c int", "d datetime(3)", "e int", "f int"]
    );
    let indexes: Vec<&str> = schema.indexes_of(table).map(|(_, i)| i.name.as_str()).collect();
    assert_eq!((table.name.as_str(), indexes), ("u", vec!["PRIMARY"]));
    assert_eq!(table.comment.as_deref(), Some("all"));
    let name = table.live_columns().find(|(_, c)| c.name == "name").map(|(_, c)| c.comment.clone());
    assert_eq!(name, Some(Some("who".to_owned())));
}

/// SQLite changes a table by making another: who refers to it refers to its name. Expectation: SQLite 3.40, `PRAGMA foreign_key_list`.
#[test]
fn a_table_that_is_made_anew_keeps_its_references() {
    let analysis = one("PRAGMA foreign_keys = OFF;
         CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES A (ID));
         CREATE TABLE a_new (id INTEGER PRIMARY KEY, name TEXT);
         INSERT INTO a_new SELECT id, '' FROM a;
         DROP TABLE a;
         ALTER TABLE a_new RENAME TO a;
         CREATE TRIGGER t AFTER INSERT ON b BEGIN UPDATE a SET name = ''; DELETE FROM b; END;
         CREATE INDEX by_a ON b (a_id);");
    let target = &analysis.targets[0];
    assert_eq!((target.facts.tables, target.facts.foreign_keys, target.facts.indexes), (2, 1, 3));
    assert_eq!((target.coverage.statements, target.coverage.understood), (7, 7), "{:#?}", target.coverage.skipped);
}

/// What cannot be read costs its element, and says so.
#[test]
fn a_broken_column_costs_itself() {
    let analysis = one(
        "CREATE TABLE `t` (`a` int NOT NULL, `b` int WHATEVER 3, `c` int, PRIMARY KEY (`a`)) ENGINE=InnoDB;\nCREATE TABLE `u` (`a` int);",
    );
    assert_eq!(tables(&analysis), ["t", "u"]);
    let target = &analysis.targets[0];
    assert_eq!((target.facts.columns, target.coverage.statements, target.coverage.understood), (4, 2, 1));
    assert!(
        analysis.problems.iter().any(|p| p.message.starts_with("`WHATEVER` was not expected behind the column `b`"))
    );
}

/// A PostgreSQL script with a statement that cannot be read: what that one makes is not claimed to be missing; what nothing makes is.
#[test]
fn what_an_unread_statement_makes_is_not_called_missing() {
    let sql = "CREATE TABLE a (id bigint PRIMARY KEY, at timestamptz);\n\
               CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NONSENSE 3);\n\
               CREATE TABLE `c` (id bigint PRIMARY KEY);\n\
               CREATE INDEX ON b (nothing);\n\
               ALTER TABLE b ADD FOREIGN KEY (a_id) REFERENCES c (id);\n\
               CREATE INDEX ON d (id);\n\
               CREATE TABLE e (id bigint REFERENCES c (id), at timestamptz);\n";
    let analysis = one(sql);
    assert_eq!(dialects(&analysis), ["postgresql"]);
    let conflicts: Vec<&str> = analysis.targets[0].replay.conflicts.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(conflicts, ["relation \"d\" does not exist"]);
}

/// A score of nothing would be a falsehood.
#[test]
fn what_is_not_understood_is_not_scored() {
    let scored = |sql: &str| one(sql).targets[0].score.not_scored.clone();
    assert_eq!(scored("CREATE TABLE t (id bigint PRIMARY KEY);"), None);
    assert_eq!(
        scored("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';").as_deref(),
        Some("no table in 1 statement")
    );
    let oracle = "CREATE TABLE t (id NUMBER(10) PRIMARY KEY, name VARCHAR2(20));\nCREATE TABLE u (id NUMBER(10));";
    assert_eq!(scored(oracle).as_deref(), Some("0 of 2 statements understood"));
}

/// Whatever a procedure does is not known, and a constraint that comes again under its name is one.
#[test]
fn what_a_procedure_does_is_not_known() {
    let analysis = one("CREATE TABLE `t` (`id` int AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;
         CREATE TABLE `u` (`a` int, CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `t` (`id`)) ENGINE=InnoDB;
         CALL drop_key('u', 'fk');
         ALTER TABLE `u` ADD CONSTRAINT `fk` FOREIGN KEY (`a`) REFERENCES `t` (`id`) ON DELETE CASCADE;");
    let target = &analysis.targets[0];
    assert_eq!((target.facts.foreign_keys, target.coverage.statements, target.coverage.understood), (1, 4, 3));
    assert!(target.findings.iter().all(|f| f.rule.name != "duplicate-foreign-key"));
}

/// A dump whose head is gone says at its end what it is, however long it is and however it comes in.
#[test]
fn the_end_of_a_dump_is_seen_in_any_piece() {
    let mut sql: String = (0..6_000).map(|n| format!("CREATE TABLE t_{n} (id bigint NOT NULL);\n")).collect();
    sql.push_str("--\n-- PostgreSQL database dump complete\n--\n\nINSERT INTO t_1 VALUES (1);\n");
    for size in [1_000, 1 << 20] {
        let mut session = Session::new(Options::default());
        sql.as_bytes().chunks(size).for_each(|chunk| session.push("structure.sql", chunk));
        assert_eq!(session.finish(&mut |_| ()).targets[0].target.layout, "pg_dump", "pieces of {size}");
    }
}
