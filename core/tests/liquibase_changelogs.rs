//! Changelogs of Liquibase in XML, YAML and JSON: what they include in which order, and what their changes make of the schema.
//!
//! The statements that changes stand for were compared with those that Liquibase 4.28 sends to PostgreSQL 15; the tests say where a detail of its
//! own is meant.
#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

mod project;

use project::{histories, read, tables};
use relata_core::analysis::Analysis;
use relata_core::operation::OperationKind;

fn problems(analysis: &Analysis) -> Vec<String> {
    let text = |p: &relata_core::problem::Problem| {
        let at = p.span.map_or(String::new(), |span| {
            let place = analysis.sources.location(span);
            format!("{}:{}: ", place.file, place.line)
        });
        format!("{at}{}", p.message)
    };
    analysis.problems.iter().map(text).collect()
}

/// A changelog in XML with this inside.
fn xml(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<databaseChangeLog xmlns=\"http://www.liquibase.org/xml/ns/dbchangelog\">\n{inside}\n</databaseChangeLog>\n"
    )
}

fn table(name: &str) -> String {
    format!("<createTable tableName=\"{name}\"><column name=\"id\" type=\"int\"/></createTable>")
}

/// `includeAll` goes by the text of the paths: `10` comes before `9`.
#[test]
fn the_master_gives_the_order() {
    let master = xml(
        "<include file=\"changes/b.yaml\" relativeToChangelogFile=\"true\"/>\n<includeAll path=\"db/all\"/>\n<include file=\"classpath:db/a.sql\"/>",
    );
    let yaml = "databaseChangeLog:\n- changeSet:\n    id: 1\n    author: bob\n    changes:\n    - createTable:\n        tableName: b\n        columns:\n        - column: {name: id, type: int}\n- include: {file: c.json, relativeToChangelogFile: true}\n";
    let json = r#"{"databaseChangeLog": [{"changeSet": {"id": "1", "author": "eve", "changes": [{"createTable": {"tableName": "c", "columns": [{"column": {"name": "id", "type": "int"}}]}}]}}]}"#;
    let formatted = "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a (id int);\n--changeset ann:2\nCREATE TABLE a2 (id int);\n";
    let analysis = read(&[
        ("app/res/db/a.sql", formatted),
        ("app/res/db/all/10.sql", "CREATE TABLE ten (id int);"),
        ("app/res/db/all/9.sql", "CREATE TABLE nine (id int);"),
        ("app/res/db/changes/b.yaml", yaml),
        ("app/res/db/changes/c.json", json),
        ("app/res/db/changelog-master.xml", &master),
        ("app/res/db/old.sql", "--liquibase formatted sql\n--changeset ann:0\nCREATE TABLE old (id int);\n"),
    ]);
    assert_eq!(histories(&analysis), ["liquibase: bob:1 eve:1 app/res/db/all/10.sql app/res/db/all/9.sql ann:1 ann:2"]);
    assert_eq!(tables(&analysis), ["b", "c", "ten", "nine", "a", "a2"]);
    assert_eq!(
        problems(&analysis),
        ["`app/res/db/old.sql` is not part of the liquibase history: no changelog includes them."]
    );
}

#[test]
fn what_is_missing_or_included_twice_is_told_where_it_is_named() {
    let master = xml("<include file=\"a.xml\"/>\n<include file=\"a.xml\"/>\n<include file=\"none.xml\"/>");
    let a = xml(&format!("<include file=\"master.xml\"/><changeSet id=\"1\" author=\"x\">{}</changeSet>", table("a")));
    let analysis = read(&[("master.xml", &master), ("a.xml", &a)]);
    assert_eq!(tables(&analysis), ["a"]);
    let problems = problems(&analysis);
    assert!(problems.iter().any(|p| p.contains("circle")), "{problems:?}");
    let analysis = read(&[
        ("master.xml", &master),
        ("a.xml", &xml(&format!("<changeSet id=\"1\" author=\"x\">{}</changeSet>", table("a")))),
    ]);
    assert_eq!(
        self::problems(&analysis),
        [
            "master.xml:4: `a.xml` is included twice, which Liquibase refuses; here it was passed over.",
            "master.xml:5: `none.xml` is not among the files: Liquibase stops here, and what depends on it may look broken."
        ]
    );
}

/// Names of lower and upper case are put in quotes, others are not; a key without a name is called as PostgreSQL would call it.
#[test]
fn changes_are_the_statements_that_liquibase_sends() {
    let changes = "<createTable tableName=\"users\" remarks=\"People's\">
        <column name=\"id\" type=\"bigint\" autoIncrement=\"true\"><constraints primaryKey=\"true\" nullable=\"false\"/></column>
        <column name=\"LOGIN\" type=\"nvarchar(50)\"><constraints nullable=\"false\" unique=\"true\" uniqueConstraintName=\"ux_login\"/></column>
        <column name=\"bossId\" type=\"bigint\"><constraints foreignKeyName=\"fk_boss\" references=\"users(id)\" deleteCascade=\"true\"/></column>
        <column name=\"active\" type=\"boolean\" defaultValueBoolean=\"false\"/>
        <column name=\"at\" type=\"datetime\" defaultValueComputed=\"now()\"/>
      </createTable>
      <addColumn tableName=\"users\"><column name=\"note\" type=\"clob\" defaultValue=\"it's\"/></addColumn>
      <createIndex indexName=\"ix\" tableName=\"users\" unique=\"true\"><column name=\"note\" descending=\"true\"/><column name=\"lower(LOGIN)\" computed=\"true\"/></createIndex>
      <renameColumn tableName=\"users\" oldColumnName=\"note\" newColumnName=\"remark\"/>
      <addNotNullConstraint tableName=\"users\" columnName=\"remark\" defaultNullValue=\"\"/>";
    let text = xml(&format!("<changeSet id=\"1\" author=\"a\">{changes}</changeSet>"));
    let analysis = read(&[("changelog.xml", &text)]);
    assert_eq!(problems(&analysis), [""; 0]);
    let catalog: serde_json::Value =
        serde_json::from_str(&relata_core::emit::catalog::text(analysis.targets[0].schema())).unwrap();
    let users = &catalog["schemas"]["public"]["tables"]["users"];
    let columns: Vec<String> = users["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            format!(
                "{} {}{}",
                c["name"].as_str().unwrap(),
                c["type"].as_str().unwrap(),
                if c["nullable"] == false { " not null" } else { "" }
            )
        })
        .collect();
    assert_eq!(
        columns,
        [
            "id bigint not null",
            "login character varying(50) not null",
            "bossId bigint",
            "active boolean",
            "at timestamp without time zone",
            "remark text not null"
        ]
    );
    let revision = &analysis.targets[0].history.revisions[0];
    let creates = |kind: &OperationKind| matches!(kind, OperationKind::CreateTable(_) | OperationKind::CreateIndex(_));
    assert_eq!(revision.up.iter().filter(|o| creates(&o.kind)).count(), 2);
    // What Liquibase knows no way back for leaves the changeset without one: here the rows that are filled.
    assert_eq!(revision.down.len(), 5);
    // Names keep their places in the changelog.
    let OperationKind::CreateTable(table) = &revision.up[0].kind else { panic!() };
    assert_eq!(analysis.sources.text(table.name.name.span), Some("users"));
}

#[test]
fn sql_files_and_properties() {
    let master = xml(
        "<property name=\"s\" value=\"no\" dbms=\"oracle\"/><property name=\"s\" value=\"app\"/><property name=\"s\" value=\"late\"/>
        <changeSet id=\"1\" author=\"a\"><sql>CREATE SCHEMA ${s}; CREATE TABLE ${s}.x (id int DEFAULT 1 CHECK (id &lt; 3))</sql><rollback>DROP SCHEMA ${s} CASCADE</rollback></changeSet>
        <changeSet id=\"2\" author=\"a\" runInTransaction=\"false\"><sqlFile path=\"f.sql\" endDelimiter=\"/\"/></changeSet>
        <include file=\"g.sql\"/>",
    );
    let analysis = read(&[
        ("db.changelog-master.xml", &master),
        (
            "f.sql",
            "CREATE TABLE ${s}.f (id int)\n/\nCREATE FUNCTION ${s}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'\n/\n",
        ),
        ("g.sql", "CREATE TABLE ${s}.g (id int);"),
    ]);
    assert_eq!(problems(&analysis), [""; 0]);
    assert_eq!(tables(&analysis), ["x", "f", "g"]);
    assert_eq!(analysis.targets[0].facts.functions, 1);
    let revisions = &analysis.targets[0].history.revisions;
    let wrapped: Vec<_> = revisions.iter().map(|r| (r.transaction.name(), r.down.len())).collect();
    assert_eq!(wrapped, [("file", 1), ("statement", 0), ("file", 0)]);
}

/// A changeset that is to be skipped where its preconditions fail is skipped as a whole.
#[test]
fn preconditions_are_asked_of_the_schema_before_the_changeset() {
    let set = |id: &str, condition: &str, inside: &str| {
        format!(
            "<changeSet id=\"{id}\" author=\"a\"><preConditions onFail=\"MARK_RAN\">{condition}</preConditions>{inside}</changeSet>"
        )
    };
    let text = xml(&[
        set("1", "<not><tableExists tableName=\"t\"/></not>", &format!("{}{}", table("t"), table("u"))),
        set("2", "<not><tableExists tableName=\"t\"/></not>", &table("never")),
        set("3", "<dbms type=\"mysql\"/>", &table("mysql")),
        set("4", "<changeSetExecuted id=\"1\" author=\"a\" changeLogFile=\"x\"/>", &table("after_1")),
        set(
            "5",
            "<or><dbms type=\"oracle\"/><changeSetExecuted id=\"9\" author=\"a\" changeLogFile=\"x\"/></or>",
            &table("neither"),
        ),
        format!("<changeSet id=\"6\" author=\"a\" dbms=\"h2\">{}</changeSet>", table("h2")),
        set("7", "<sqlCheck expectedResult=\"0\">SELECT count(*) FROM t</sqlCheck>", &table("queried")),
    ]
    .concat());
    let analysis = read(&[("changelog.xml", &text)]);
    assert_eq!(tables(&analysis), ["t", "u", "after_1", "queried"]);
    assert!(analysis.targets[0].replay.conflicts.is_empty());
}

/// YAML has several forms for them: a mapping, a list of single entries, and a list whose item holds all of them.
#[test]
fn preconditions_in_the_forms_of_yaml() {
    for form in [
        "        onFail: MARK_RAN\n        not:\n          tableExists: {tableName: t}\n",
        "        - onFail: MARK_RAN\n        - not:\n            - tableExists: {tableName: t}\n",
        "        - onFail: MARK_RAN\n          not:\n            tableExists:\n              tableName: t\n",
    ] {
        let set = |id: u32| {
            format!(
                "  - changeSet:\n      id: {id}\n      author: a\n      preConditions:\n{form}      changes:\n        - createTable:\n            tableName: t\n            columns:\n              - column: {{name: id, type: int}}\n"
            )
        };
        let text = format!("databaseChangeLog:\n{}{}", set(1), set(2));
        let analysis = read(&[("changelog.yaml", &text)]);
        assert_eq!(tables(&analysis), ["t"], "{form}");
        assert!(analysis.targets[0].replay.conflicts.is_empty(), "{form}");
    }
}

/// What formatted SQL asks in comments; the statements of a changeset all depend on what was there before it. Without `onFail` that passes over, the
/// run stops.
#[test]
fn formatted_sql_asks_the_schema_too() {
    let asks = |id: u32, first: &str, asked: &str, sql: &str| {
        format!("--changeset a:{id}\n--preconditions {first}\n--precondition-{asked}\n{sql}\n--rollback not required\n")
    };
    let count = "sql-check expectedResult:0 SELECT COUNT(*) FROM information_schema.tables WHERE table_name =";
    let column = "sql-check expectedResult:\"0\" select count(*) from information_schema.columns where table_name = 't' and column_name =";
    let text = [
        "--liquibase formatted sql\n".to_owned(),
        asks(1, "onFail:MARK_RAN", &format!("{count} 't'"), "CREATE TABLE t (id int);\nCREATE INDEX i ON t (id);"),
        asks(2, "onError:HALT onFail:MARK_RAN", &format!("{count} 't';"), "CREATE TABLE t (other int);"),
        asks(3, "onFail:MARK_RAN", &format!("{column} 'id'"), "ALTER TABLE t ADD COLUMN id int;"),
        asks(4, "onFail:CONTINUE", &format!("{column} 'n'"), "ALTER TABLE t ADD COLUMN n int;"),
        asks(5, "onFail:MARK_RAN", "table-exists table:T schema:public", "CREATE TABLE after_t (id int);"),
        asks(6, "onFail:MARK_RAN", "view-exists view:v", "DROP VIEW v;"),
        asks(
            7,
            "onFail:MARK_RAN",
            "sql-check expectedResult:0 SELECT count(*) FROM t",
            "CREATE TABLE queried (id int);",
        ),
        "--changeset a:8 ignore:true\nCREATE TABLE ignored (id int);\n".to_owned(),
        asks(9, "onFail:HALT", &format!("{count} 't'"), "CREATE TABLE t (last int);"),
    ]
    .concat();
    let analysis = read(&[("changelog.sql", &text)]);
    assert_eq!(tables(&analysis), ["t", "after_t", "queried"]);
    let replay = &analysis.targets[0].replay;
    let columns: Vec<&str> =
        replay.schema.live_tables().flat_map(|(_, t)| t.live_columns()).map(|(_, c)| c.name.as_str()).collect();
    assert_eq!(columns, ["id", "n", "id", "id"]);
    let refused: Vec<&str> = replay.conflicts.iter().map(|c| c.sqlstate).collect();
    assert_eq!(refused, ["42P07"], "only the changeset that halts");
}

/// In a changelog of several files a file is what is released at once; where all changesets stand in one, each is.
#[test]
fn tables_of_the_same_file_are_new() {
    let create = format!("<changeSet id=\"1\" author=\"a\">{}</changeSet>", table("t"));
    let index = "<changeSet id=\"2\" author=\"a\"><createIndex indexName=\"i\" tableName=\"t\"><column name=\"id\"/></createIndex></changeSet>";
    let other = xml(&format!("<changeSet id=\"3\" author=\"a\">{}</changeSet>", table("u")));
    let together = xml(&format!("{create}{index}"));
    let blocks = |files: &[(&str, &str)]| {
        let analysis = read(files);
        analysis.targets[0].findings.iter().filter(|f| f.rule.name == "create-index-not-concurrent").count()
    };
    let master = xml("<include file=\"a.xml\"/><include file=\"b.xml\"/>");
    assert_eq!(blocks(&[("a.xml", &together)]), 1);
    assert_eq!(blocks(&[("a.xml", &together), ("b.xml", &other), ("master.xml", &master)]), 0);
    let (first, second) = (xml(&create), xml(index));
    assert_eq!(blocks(&[("a.xml", &first), ("b.xml", &second), ("master.xml", &master)]), 1);
}

#[test]
fn a_check_that_liquibase_never_sends_is_told() {
    let text = xml(
        "<changeSet id=\"1\" author=\"a\"><createTable tableName=\"t\">\n<column name=\"n\" type=\"int\">\n<constraints checkConstraint=\"n > 0\"/></column></createTable></changeSet>",
    );
    let analysis = read(&[("changelog.xml", &text)]);
    assert_eq!(
        problems(&analysis),
        [
            "changelog.xml:5: Liquibase sends no CHECK for `checkConstraint`: the column takes any value. Add it with a `sql` change."
        ]
    );
    assert!(analysis.targets[0].coverage.skipped.is_empty());
}

/// `CreateTableChange` and `AddColumnChange` make a foreign key of `references`, or of a table together with its columns.
#[test]
fn a_foreign_key_that_liquibase_never_sends_is_told() {
    let text = xml(
        "<changeSet id=\"1\" author=\"a\"><createTable tableName=\"p\"><column name=\"id\" type=\"int\"><constraints primaryKey=\"true\"/></column></createTable>\n\
         <createTable tableName=\"t\"><column name=\"a\" type=\"int\">\n<constraints foreignKeyName=\"fk_a\" referencedTableName=\"p\"/></column>\
         <column name=\"b\" type=\"int\"><constraints foreignKeyName=\"fk_b\" referencedTableName=\"p\" referencedColumnNames=\"id\"/></column></createTable>\n\
         <addColumn tableName=\"t\"><column name=\"c\" type=\"int\">\n<constraints foreignKeyName=\"fk_c\" referencedTableName=\"p\"/></column></addColumn></changeSet>",
    );
    let analysis = read(&[("changelog.xml", &text)]);
    let message =
        "Liquibase sends no foreign key for `referencedTableName` without `referencedColumnNames`: name the columns.";
    assert_eq!(problems(&analysis), [format!("changelog.xml:5: {message}"), format!("changelog.xml:7: {message}")]);
    let schema = analysis.targets[0].schema();
    let constraints = schema.live_tables().flat_map(|(_, table)| schema.constraints_of(table));
    let names = constraints.map(|(_, c)| c.name.to_string()).filter(|name| name.starts_with("fk"));
    assert_eq!(names.collect::<Vec<_>>(), ["fk_b"]);
}

#[test]
fn what_cannot_be_told_is_listed_with_its_place() {
    let text = xml(
        "<changeSet id=\"1\" author=\"a\">\n<customChange class=\"com.example.Fill\"/>\n<createTable tableName=\"t\"/></changeSet>",
    );
    let analysis = read(&[("changelog.xml", &text)]);
    assert_eq!(
        problems(&analysis),
        [
            "changelog.xml:4: `customChange` runs a class of the project's own: what it makes of the schema is not known.",
            "changelog.xml:5: `createTable` lacks what Liquibase demands of it: what it makes of the schema is not known."
        ]
    );
    assert_eq!(analysis.targets[0].coverage.skipped.len(), 2);
}

/// A changelog that breaks off keeps what stands before.
#[test]
fn a_broken_changelog() {
    let text = xml(&format!("<changeSet id=\"1\" author=\"a\">{}</changeSet>", table("t")))
        .replace("</databaseChangeLog>", "<x");
    let analysis = read(&[("changelog.xml", &text)]);
    assert_eq!(tables(&analysis), ["t"]);
    assert_eq!(analysis.problems.len(), 1);
    assert!(problems(&analysis)[0].contains("is no changelog from here on"), "{:?}", problems(&analysis));
}

/// Each folder of changelogs that nothing includes is a history of its own.
#[test]
fn changelogs_without_a_master() {
    let set =
        |author: &str, name: &str| xml(&format!("<changeSet id=\"1\" author=\"{author}\">{}</changeSet>", table(name)));
    let analysis = read(&[("a/2.xml", &set("b", "x")), ("a/10.xml", &set("c", "y")), ("b/1.xml", &set("d", "z"))]);
    assert_eq!(histories(&analysis), ["liquibase: b:1 c:1", "liquibase: d:1"]);
}

/// `modifySql` changes what is sent: only that for PostgreSQL, in the order written.
#[test]
fn statements_are_modified() {
    let inside = "<changeSet id=\"1\" author=\"a\"><createTable tableName=\"t\"><column name=\"id\" type=\"int\"/></createTable>\
        <modifySql dbms=\"postgresql\"><append value=\" INHERITS (base)\"/><prepend value=\"CREATE TABLE base (x int); \"/></modifySql>\
        <modifySql dbms=\"mysql\"><append value=\" engine innodb\"/></modifySql></changeSet>";
    // What is put in front may not be a statement of its own: it is one text that is read as one.
    assert!(!read(&[("c.xml", &xml(inside))]).problems.is_empty());
    let base = "<changeSet id=\"0\" author=\"a\"><createTable tableName=\"base\"><column name=\"x\" type=\"int\"/></createTable></changeSet>";
    let inside = "<changeSet id=\"1\" author=\"a\"><createTable tableName=\"t\"><column name=\"id\" type=\"int\"/></createTable>\
        <modifySql dbms=\"postgresql\"><append value=\" INHERITS (base)\"/><replace replace=\"TABLE t\" with=\"UNLOGGED TABLE renamed\"/>\
        <regExpReplace replace=\"id INTEGER\" with=\"id bigint\"/></modifySql>\
        <modifySql dbms=\"mysql\"><append value=\" engine innodb\"/></modifySql></changeSet>";
    let analysis = read(&[("c.xml", &xml(&format!("{base}{inside}")))]);
    assert_eq!(problems(&analysis), [""; 0]);
    assert_eq!(tables(&analysis), ["base", "renamed"]);
    let schema = analysis.targets[0].schema();
    let renamed = schema.live_tables().find(|(_, t)| t.name == "renamed").unwrap().1;
    let columns: Vec<&str> = renamed.live_columns().map(|(_, c)| c.name.as_str()).collect();
    assert_eq!(columns, ["x", "id"]);
    // YAML says it as a list; a pattern is not read, and that is said.
    let yaml = "databaseChangeLog:\n- changeSet:\n    id: 1\n    author: a\n    changes:\n    - createTable:\n        tableName: t\n        columns:\n        - column: {name: id, type: int}\n    modifySql:\n    - append: {value: ' WITH (fillfactor=70)'}\n";
    assert_eq!(tables(&read(&[("c.yaml", yaml)])), ["t"]);
    let pattern =
        yaml.replace("append: {value: ' WITH (fillfactor=70)'}", "regExpReplace: {replace: 't.*', with: 'x'}");
    let analysis = read(&[("c.yaml", &pattern)]);
    assert!(problems(&analysis)[0].contains("replaces by a pattern in `modifySql`"), "{:?}", problems(&analysis));
}

/// Values from a property file that a changelog names, from `liquibase.properties` and from Spring's settings; what is set first counts.
#[test]
fn values_of_property_files() {
    let changes = xml("<property file=\"db/names.properties\"/><property name=\"first\" value=\"late\"/>\
         <changeSet id=\"1\" author=\"a\"><createTable tableName=\"${first}_${second}_${third}\"><column name=\"id\" type=\"int\"/></createTable></changeSet>");
    let analysis = read(&[
        ("app/db/c.xml", &changes),
        ("app/db/names.properties", "first = early\nsecond: two\n"),
        ("app/liquibase.properties", "url=jdbc:postgresql:x\nparameter.second=given\n"),
        ("app/src/main/resources/application.properties", "spring.liquibase.parameters.third=spring\n"),
    ]);
    assert_eq!(problems(&analysis), [""; 0]);
    assert_eq!(tables(&analysis), ["early_given_spring"]);
    let analysis = read(&[
        ("app/db/c.xml", &changes),
        ("app/db/names.properties", "first = early\nsecond: two\n"),
        ("app/src/main/resources/application-dev.yml", "spring: {liquibase: {parameters: {third: dev}}}\n"),
        ("app/src/main/resources/application-live.yml", "spring: {liquibase: {parameters: {third: live}}}\n"),
        ("app/src/main/resources/application.yml", "spring:\n  profiles:\n    active: live\n"),
    ]);
    assert_eq!(tables(&analysis), ["early_two_live"]);
    let analysis = read(&[("app/db/c.xml", &changes)]);
    assert!(
        problems(&analysis)[0].contains("`db/names.properties` is not among the files"),
        "{:?}",
        problems(&analysis)
    );
}
