//! Folders as the migration tools themselves would read them, one tool after the other: what runs in which order, and what is said of the rest.
//! Expectations are the tools' manuals and sources.
#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

mod project;

use project::{histories, read, tables};
use relata_core::analysis::Analysis;
use relata_core::analyze;
use relata_core::session::Options;

fn problems(analysis: &Analysis) -> Vec<&str> {
    analysis.problems.iter().map(|p| p.message.as_str()).collect()
}

/// A file that makes one table.
fn table(name: &str) -> String {
    format!("CREATE TABLE {name} (id int PRIMARY KEY);")
}

#[test]
fn flyway_names_things_as_its_settings_say() {
    let (a, b, c, d) = (table("a"), table("b"), table("c"), table("d"));
    let settings = "# names\nflyway.sqlMigrationPrefix=M\nflyway.sqlMigrationSeparator=-\nflyway.sqlMigrationSuffixes=.sql,.psql\nflyway.repeatableSqlMigrationPrefix=RR\n";
    let files = [
        ("flyway.conf", settings),
        ("sql/M10-b.sql", &b),
        ("sql/M2_1-a.PSQL", &a),
        ("sql/RR-c.sql", &c),
        ("sql/V3__d.sql", &d),
    ];
    let analysis = read(&files);
    assert_eq!(histories(&analysis), ["flyway: M2_1 M10 R__c"]);
    assert!(
        problems(&analysis)[0].starts_with("`sql/V3__d.sql` is not part of the flyway history"),
        "{:?}",
        analysis.problems
    );
    // The same as TOML.
    let toml = "[flyway]\nsqlMigrationPrefix = \"M\"\nsqlMigrationSeparator = \"-\"\nsqlMigrationSuffixes = [\".sql\", \".psql\"]\nrepeatableSqlMigrationPrefix = \"RR\"\n";
    let mut files = files;
    files[0] = ("flyway.toml", toml);
    assert_eq!(histories(&read(&files)), ["flyway: M2_1 M10 R__c"]);
}

/// Spring Boot and Quarkus keep Flyway's settings with their own; where they say nothing of it, or are for tests, they count for nothing.
#[test]
fn flyway_reads_the_settings_of_frameworks() {
    let (a, b) = ("CREATE TABLE ${owner-schema}.a (id int PRIMARY KEY);", table("b"));
    let yaml = "spring:\n  flyway:\n    sql-migration-prefix: M\n    schemas: [app]\n    placeholders:\n      owner-schema: app\n";
    let quarkus = "quarkus.flyway.sql-migration-prefix=M\nquarkus.flyway.schemas=app\nquarkus.flyway.placeholders.owner-schema=app\n";
    let files = |name, settings| {
        [
            (name, settings),
            ("src/main/resources/db/migration/M1__a.sql", a),
            ("src/main/resources/db/migration/M2__b.sql", &b),
        ]
    };
    for (name, settings) in
        [("src/main/resources/application.yml", yaml), ("src/main/resources/application.properties", quarkus)]
    {
        let analysis = read(&files(name, settings));
        assert_eq!(histories(&analysis), ["flyway: M1 M2"], "{name}");
        assert!(problems(&analysis).is_empty(), "{name}: {:?}", problems(&analysis));
        let schemas = analysis.targets[0]
            .schema()
            .live_tables()
            .filter(|(_, t)| analysis.targets[0].schema().namespaces.get(t.namespace).is_some_and(|s| s.name == "app"));
        assert_eq!(schemas.count(), 2, "{name}");
    }
    let analysis = read(&[
        ("src/test/resources/application.yml", yaml),
        ("src/main/resources/db/migration/V1__b.sql", &b),
        ("src/main/resources/db/migration/V2__c.sql", &table("c")),
    ]);
    assert_eq!(histories(&analysis), ["flyway: V1 V2"]);
    let analysis =
        read(&[("application.yml", "server:\n  port: 80\n"), ("V1__b.sql", &b), ("supabase/config.toml", "[db]\n")]);
    assert!(problems(&analysis).is_empty(), "{:?}", problems(&analysis));
}

/// The description may be left out, and what does not fit is passed over.
#[test]
fn flyway_needs_no_description() {
    let (a, b, c, d) = (table("a"), table("b"), table("c"), table("d"));
    let analysis =
        read(&[("V1__a.sql", &a), ("V2.sql", &b), ("V3__c.sql", &c), ("V4__d.sql", &d), ("Vx__e.sql", "SELECT 1;")]);
    assert_eq!(histories(&analysis), ["flyway: V1 V2 V3 V4"]);
    assert!(problems(&analysis)[0].starts_with("`Vx__e.sql` is not part of the flyway history"));
}

/// goose: a number from 1 on, then `_`; ENVSUB fills variables from the environment, and a variable may name its own default.
#[test]
fn goose_names_and_variables() {
    let up = |sql: &str| format!("-- +goose Up\n-- +goose ENVSUB ON\n{sql}\n-- +goose ENVSUB OFF\n-- +goose Down\n");
    let (a, b, c) =
        (up("CREATE TABLE ${PREFIX:-app}_a (id int);"), up("CREATE TABLE $NAME (id int);"), up(&table("c")));
    let files = [("10_b.sql", b.as_str()), ("2_a.sql", &a), ("0_zero.sql", &c), ("3-c.sql", &c), ("next_c.sql", &c)];
    let defines = vec![("NAME".to_owned(), "b".to_owned())];
    let options = Options { defines, ..Options::default() };
    let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options);
    assert_eq!(histories(&analysis), ["goose: 2 10"]);
    assert_eq!(tables(&analysis), ["app_a", "b"]);
    assert_eq!(
        problems(&analysis),
        [
            "`0_zero.sql` and 2 more are not part of the goose history: goose takes names that start with a number from 1 on and `_`."
        ]
    );
}

/// goose and dbmate look at lines, not at SQL.
#[test]
fn a_mark_inside_a_string_is_told() {
    let sql = "-- migrate:up\nCREATE TABLE a (note text DEFAULT 'first\n-- migrate:down\nlast');\nCREATE TABLE b (id int);\n-- migrate:down\nDROP TABLE b;\n";
    let analysis = read(&[("1_a.sql", sql), ("2_c.sql", "-- migrate:up\nCREATE TABLE c ();\n-- migrate:down\n")]);
    assert_eq!(tables(&analysis), ["a", "b", "c"]);
    let [problem] = analysis.problems.as_slice() else { panic!("{:?}", analysis.problems) };
    assert!(problem.message.starts_with("This line of a string or a routine's body is a mark for dbmate"));
    assert_eq!(analysis.sources.text(problem.span.unwrap()), Some("-- migrate:down"));
}

/// golang-migrate: `^([0-9]+)_(.*)\\.(down|up)\\.(.*)$`.
#[test]
fn golang_migrate_passes_misnamed_files_over() {
    let (a, b, c) = (table("a"), table("b"), table("c"));
    let analysis =
        read(&[("1_a.up.sql", &a), ("10_b.up.sql", &b), ("9-c.up.sql", &c), ("1_a.down.sql", "DROP TABLE a;")]);
    assert_eq!(histories(&analysis), ["golang-migrate: 1 10"]);
    assert!(problems(&analysis)[0].contains("`9-c.up.sql` is not part"), "{:?}", analysis.problems);
}

/// Supabase passes over an old `_init.sql` where it is the first file, and over no other.
#[test]
fn supabase_passes_over_its_own_first_file() {
    let (a, b) = (table("a"), table("b"));
    let init = ("supabase/migrations/20211101000000_init.sql", a.as_str());
    let later = ("supabase/migrations/20220101000000_b.sql", b.as_str());
    assert_eq!(histories(&read(&[init, later])), ["supabase: 20220101000000"]);
    let earlier = ("supabase/migrations/20200101000000_b.sql", b.as_str());
    assert_eq!(histories(&read(&[init, earlier])), ["supabase: 20200101000000 20211101000000"]);
}

/// `supabase/config.toml` states the major version of the project's server.
#[test]
fn supabase_states_the_version_of_its_server() {
    let (a, b) = (table("a"), table("b"));
    let of = |config: &str| {
        let files = [
            ("app/supabase/config.toml", config),
            ("app/supabase/migrations/20240101000000_a.sql", a.as_str()),
            ("app/supabase/migrations/20240102000000_b.sql", b.as_str()),
        ];
        read(&files).targets[0].target.server_version
    };
    assert_eq!(of("project_id = \"x\"\n[db]\nport = 54322\nmajor_version = 15\n"), 15);
    let newest = of("[db]\n");
    assert!(newest > 15);
    assert_eq!(of("[db]\nmajor_version = \"15\"\n"), newest);
}

/// Diesel's version is the name up to the first `_` without the dashes, and folders that begin with a dot are none.
#[test]
fn diesel_versions_are_dates() {
    let (a, b) = (table("a"), table("b"));
    let analysis = read(&[
        ("migrations/00000000000000_diesel_initial_setup/up.sql", "SELECT 1;"),
        ("migrations/2024-03-01-101010_a/up.sql", &a),
        ("migrations/2024-03-01-101010_a/down.sql", "DROP TABLE a;"),
        ("migrations/.2024-04-01-101010_b/up.sql", &b),
    ]);
    assert_eq!(histories(&analysis), ["diesel: 00000000000000 20240301101010"]);
}

/// Where no tool is known, dates and versions of several numbers are whole versions.
#[test]
fn numbered_files_have_versions_of_several_numbers() {
    let (a, b, c) = (table("a"), table("b"), table("c"));
    let analysis = read(&[("01.10.00_01_c.sql", &c), ("01.2.00_02_b.sql", &b), ("01.2.00_01_2fa.sql", &a)]);
    assert_eq!(histories(&analysis), ["numbered: 01.2.00_01 01.2.00_02 01.10.00_01"]);
    let analysis = read(&[("2024-05-06-b.sql", &b), ("2024-05-05_a.sql", &a)]);
    assert_eq!(histories(&analysis), ["numbered: 2024-05-05 2024-05-06"]);
}

/// Atlas reads Flyway's folders: undo files are passed over, the newest baseline stands for what is before it.
#[test]
fn atlas_reads_folders_of_flyway() {
    let (a, b, c) = (table("a"), table("b"), table("c"));
    let analysis = read(&[
        ("m/atlas.sum", "h1:x\n"),
        ("m/V1__a.sql", &a),
        ("m/U1__a.sql", "DROP TABLE a;"),
        ("m/B2__base.sql", &b),
        ("m/V10__c.sql", &c),
    ]);
    assert_eq!(histories(&analysis), ["atlas: B2 V10"]);
    assert_eq!(tables(&analysis), ["b", "c"]);
}

/// Liquibase: an `endDelimiter` of the changeset's own, lines to pass over, a way back that stands elsewhere.
#[test]
fn liquibase_details() {
    let sql = "--liquibase formatted sql\n\n--changeset ann:1 runOnChange:true endDelimiter:/ context:test\nCREATE TABLE a (id int)\n/\nCREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'\n/\n--rollback changesetId:0 changesetAuthor:ann\n\n-- changeset ann:2 splitStatements:false\n--ignoreLines:start\nCREATE TABLE no (id int);\n--ignoreLines:end\n--ignoreLines:1\nCREATE TABLE neither (id int);\nCREATE TABLE b (id int)\n--rollback DROP TABLE b;\n--changeset ann:3\n--comment a word\n--preconditions onFail:MARK_RAN\n--precondition-sql-check expectedResult:0 SELECT count(*) FROM b\nCREATE TABLE c (id int);\n--rollback not required\n";
    let analysis = read(&[("changelog.sql", sql)]);
    assert_eq!(problems(&analysis), [""; 0]);
    assert_eq!(histories(&analysis), ["liquibase: ann:1 ann:2 ann:3"]);
    assert_eq!(tables(&analysis), ["a", "b", "c"]);
    assert_eq!(analysis.targets[0].facts.functions, 1);
    let ways: Vec<_> = analysis.targets[0].history.revisions.iter().map(|r| (r.up.len(), r.down.len())).collect();
    assert_eq!(ways, [(2, 0), (1, 1), (1, 0)]);
}

#[test]
fn a_journal_that_names_what_is_not_there() {
    let journal = r#"{"entries":[{"idx":0,"tag":"0000_a"},{"idx":1,"tag":"0001_b"}]}"#;
    let analysis = read(&[
        ("drizzle/meta/_journal.json", journal),
        ("drizzle/0000_a.sql", &table("a")),
        ("drizzle/0002_c.sql", &table("c")),
    ]);
    assert_eq!(histories(&analysis), ["drizzle: 0000_a"]);
    assert_eq!(
        problems(&analysis),
        [
            "`drizzle/meta/_journal.json` names `0001_b.sql`, not among the files: its tool stops there, and what depends on it may look broken.",
            "`drizzle/0002_c.sql` is not part of the drizzle history: the journal does not name them."
        ]
    );
}

/// A single file is read whatever it is called.
#[test]
fn one_file_with_marks_needs_no_number() {
    let analysis = read(&[("schema.sql", "-- +goose Up\nCREATE TABLE a (id int);\n-- +goose Down\nDROP TABLE a;\n")]);
    assert_eq!(tables(&analysis), ["a"]);
    assert_eq!(problems(&analysis), [""; 0]);
}

/// Flyway: placeholders by name, whatever the case, from the settings; its own are the default schema, the file's name and the like. Source: Flyway
/// documentation, "Placeholders".
#[test]
fn flyway_fills_placeholders_as_its_settings_say() {
    let sql = "CREATE TABLE ${Prefix}_a (id int);\nCREATE TABLE ${flyway:defaultSchema}.b (note text DEFAULT '${flyway:filename}');";
    let (c, d) = (table("#[prefix]_c"), table("d"));
    let conf = "flyway.placeholders.prefix=app\nflyway.defaultSchema=public\n";
    let analysis = read(&[("flyway.conf", conf), ("sql/V1__a.sql", sql), ("sql/V2__d.sql", &d)]);
    assert_eq!(tables(&analysis), ["app_a", "b", "d"]);
    assert_eq!(problems(&analysis), [""; 0]);
    // Other marks, and settings as TOML.
    let toml =
        "[flyway]\nplaceholderPrefix = \"#[\"\nplaceholderSuffix = \"]\"\n[flyway.placeholders]\nprefix = \"app\"\n";
    let analysis = read(&[("flyway.toml", toml), ("sql/V1__c.sql", &c), ("sql/V2__d.sql", &d)]);
    assert_eq!(tables(&analysis), ["app_c", "d"]);
    // No replacement: the text stays.
    let off = format!("{conf}flyway.placeholderReplacement=false\n");
    let text = "CREATE TABLE e (note text DEFAULT '${prefix}');";
    let analysis = read(&[("flyway.conf", &off), ("sql/V1__e.sql", text), ("sql/V2__d.sql", &d)]);
    assert_eq!(problems(&analysis), [""; 0]);
    // What is given by hand goes before what the settings say.
    let options = Options { defines: vec![("prefix".to_owned(), "mine".to_owned())], ..Options::default() };
    let files = [("flyway.conf", conf), ("sql/V1__a.sql", sql), ("sql/V2__d.sql", d.as_str())];
    let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options);
    assert_eq!(tables(&analysis), ["mine_a", "b", "d"]);
    assert_eq!(problems(&analysis), [""; 0]);
}

/// Callbacks run at their events and are no versions. Source: Flyway documentation, "Callback events".
#[test]
fn flyway_runs_callbacks_at_their_events() {
    let (a, b, c) = (table("a"), table("b"), "CREATE OR REPLACE VIEW v AS SELECT id FROM a;");
    let analysis = read(&[
        ("db/R__v.sql", c),
        ("db/V1__a.sql", &a),
        ("db/V2__b.sql", &b),
        ("db/afterMigrate__grants.sql", "GRANT SELECT ON a TO PUBLIC;"),
        ("db/afterVersioned.sql", "COMMENT ON TABLE a IS 'a';"),
        ("db/beforeEachMigrate.sql", "SET lock_timeout = '5s';"),
        ("db/beforeMigrate.sql", "CREATE SCHEMA IF NOT EXISTS extra;"),
        ("db/beforeClean.sql", "DROP SCHEMA extra;"),
    ]);
    assert_eq!(histories(&analysis), ["flyway: beforeMigrate V1 V2 afterVersioned R__v afterMigrate__grants"]);
    let sizes: Vec<_> = analysis.targets[0].history.revisions.iter().map(|r| r.up.len()).collect();
    assert_eq!(sizes, [1, 2, 2, 1, 2, 1]);
    assert_eq!(
        problems(&analysis),
        [
            "`db/beforeClean.sql` is not part of the flyway history: Flyway runs them at other events than a migration's."
        ]
    );
}

/// Atlas: a file may be an archive of checks, the way up and the way down. Source: Atlas documentation, "Pre-migration checks".
#[test]
fn atlas_archives_have_sections() {
    let archive = "-- atlas:txtar\n\n-- checks.sql --\nSELECT NOT EXISTS (SELECT 1 FROM a);\nCREATE TABLE no (id int);\n-- migration.sql --\n-- a word --\nCREATE TABLE b (id int)\n-- down.sql --\nDROP TABLE b;\n";
    let analysis = read(&[("m/atlas.sum", "h1:\n"), ("m/1_a.sql", &table("a")), ("m/2_b.sql", archive)]);
    assert_eq!(histories(&analysis), ["atlas: 1 2"]);
    assert_eq!(tables(&analysis), ["a", "b"]);
    assert_eq!(problems(&analysis), [""; 0]);
    let sizes: Vec<_> = analysis.targets[0].history.revisions.iter().map(|r| (r.up.len(), r.down.len())).collect();
    assert_eq!(sizes, [(1, 0), (1, 1)]);
}

/// Flyway makes the schemas that its settings name, and puts the default one in front of the search path.
#[test]
fn flyway_migrates_into_its_default_schema() {
    let (a, b) = (table("a"), table("public.b"));
    for conf in ["flyway.schemas=app,extra\n", "flyway.defaultSchema=app\nflyway.schemas=extra\n"] {
        let analysis = read(&[("flyway.conf", conf), ("sql/V1__a.sql", &a), ("sql/V2__b.sql", &b)]);
        let schema = analysis.targets[0].schema();
        let catalog: serde_json::Value = serde_json::from_str(&relata_core::emit::catalog::text(schema)).unwrap();
        assert!(catalog["schemas"]["app"]["tables"]["a"].is_object());
        assert!(catalog["schemas"]["public"]["tables"]["b"].is_object());
        assert!(catalog["schemas"]["extra"].is_object());
        assert_eq!(problems(&analysis), [""; 0]);
    }
}

/// Names that are only nearly Flyway's are told, not read as if they were another tool's.
#[test]
fn flyway_passes_over_names_that_are_nearly_its_own() {
    let analysis = read(&[
        ("V1__a.sql", &table("a")),
        ("V3__c.sql", &table("c")),
        ("V5_e.sql", &table("e")),
        ("v4__d.sql", &table("d")),
    ]);
    assert_eq!(histories(&analysis), ["flyway: V1 V3"]);
    assert!(problems(&analysis)[0].starts_with("`V5_e.sql` and 1 more are not part of the flyway history"));
}

/// A plan under another name than Sqitch's default is a plan all the same: its first lines say so.
#[test]
fn sqitch_plans_of_other_names() {
    let plan = "%syntax-version=1.0.0\n%project=shop\n\nschemas/b 2024-01-01T00:00:00Z A <a@b> # b\nschemas/a [schemas/b] 2024-01-02T00:00:00Z A <a@b> # a\n";
    let analysis = read(&[
        ("shop.plan", plan),
        ("deploy/schemas/a.sql", "CREATE TABLE a (id int PRIMARY KEY REFERENCES b);"),
        ("deploy/schemas/b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
        ("revert/schemas/a.sql", "DROP TABLE a;"),
        ("revert/schemas/b.sql", "DROP TABLE b;"),
        ("verify/schemas/a.sql", "SELECT id FROM a;"),
    ]);
    assert_eq!(histories(&analysis), ["sqitch: schemas/b schemas/a"]);
    assert_eq!(tables(&analysis), ["b", "a"]);
}

/// Names between back-quotes in comments and strings make no file one of MySQL.
#[test]
fn prose_in_comments_is_no_dialect() {
    let files = [
        ("m/1_a.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
        (
            "m/2_b.sql",
            "-- `a` has an auto_increment, ENGINE=x\nDO $$ BEGIN -- `a`, unsigned\nEXECUTE (SELECT command FROM somewhere WHERE note = '`a`'); END $$;",
        ),
        ("m/3_c.sql", "CREATE TABLE `c` (id int);"),
        ("m/4_d.sql", "CREATE TABLE d (id int PRIMARY KEY);"),
    ];
    let analysis = read(&files);
    assert_eq!(histories(&analysis), ["numbered: 1 2 4"]);
}

/// The marks of node-pg-migrate are two words; what stands behind them is the author's. Source: `new RegExp("^\\s*--[\\s-]*up\\s+migration", "im")` there.
#[test]
fn node_pg_migrate_marks_with_words_behind() {
    let files = [
        (
            "m/1700000000001_a.sql",
            "-- Up Migration: add a\nCREATE TABLE a (id int);\n-- Down Migration: remove a\nDROP TABLE a;",
        ),
        ("m/1700000000002_b.sql", "--- up  migration\nCREATE TABLE b (id int);\n-- DOWN MIGRATION\nDROP TABLE b;"),
    ];
    let analysis = read(&files);
    assert_eq!(histories(&analysis), ["node-pg-migrate: 1700000000001 1700000000002"]);
    assert_eq!(tables(&analysis), ["a", "b"]);
    let downs: Vec<usize> = analysis.targets[0].history.revisions.iter().map(|r| r.down.len()).collect();
    assert_eq!(downs, [1, 1]);
    // Another tool's file for the way back, which says so as well.
    let analysis = read(&[
        ("m/1_a.up.sql", "-- Up migration: a\nCREATE TABLE a (id int);"),
        ("m/1_a.down.sql", "-- Down migration: a\nDROP TABLE a;"),
    ]);
    assert_eq!(tables(&analysis), ["a"]);
    assert_eq!(analysis.targets[0].history.revisions[0].down.len(), 1);
}

/// tern parts a file by one line, Play by `!Ups` and `!Downs`, MyBatis by `@UNDO`; what stands behind is never run.
#[test]
fn files_with_both_ways_of_tools_without_another_sign() {
    for (head, middle) in [
        ("", "---- create above / drop below ----"),
        ("-- !Ups\n", "-- !Downs"),
        ("# --- !Ups\n", "# --- !Downs"),
        ("--// first\n", "-- //@UNDO"),
        ("--// first\n", "--//@undo"),
    ] {
        let file =
            |name: &str| format!("{head}CREATE TABLE {name} (id int PRIMARY KEY);\n\n{middle}\n\nDROP TABLE {name};\n");
        let (a, b) = (file("a"), file("b"));
        let analysis = read(&[("m/1.sql", &a), ("m/2.sql", &b)]);
        assert_eq!(tables(&analysis), ["a", "b"], "{middle}");
        assert_eq!(problems(&analysis), [""; 0], "{middle}");
        let back = &analysis.targets[0].history.revisions[0].down;
        assert_eq!(back.len(), 1, "{middle}");
    }
}

/// All versions stand in one file, each with its way back. Source: documentation of Mojo::Pg::Migrations.
#[test]
fn mojo_keeps_all_versions_in_one_file() {
    let text = "-- 1 up\nCREATE TABLE a (id int);\n-- 2 up\nALTER TABLE a ADD COLUMN b int;\n-- 2 down\nALTER TABLE a DROP COLUMN b;\n-- 1 down\nDROP TABLE a;\n";
    let analysis = analyze([("migrations/app.sql", text.as_bytes())], Options::default());
    let target = &analysis.targets[0];
    assert_eq!(target.target.layout, "mojo");
    let ids: Vec<&str> = target.history.revisions.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"]);
    let columns: Vec<usize> = target.replay.schema.live_tables().map(|(_, t)| t.columns.len()).collect();
    assert_eq!(columns, [2], "{:?}", target.replay.conflicts);
    assert!(!target.findings.iter().any(|f| f.rule.name.starts_with("multiple-")), "{:?}", target.findings);
    // Mojo drops what stands before its first mark, so nobody writes SQL there: such words are a comment.
    let headed = "CREATE TABLE a (id int);\n-- 1 up\nCREATE TABLE b (id int);\n-- 1 down\nCREATE TABLE c (id int);\n";
    let analysis = analyze([("a.sql", headed.as_bytes())], Options::default());
    assert_eq!(analysis.targets[0].facts.tables, 3);
    assert_ne!(analysis.targets[0].target.layout, "mojo");
    // Without a way back the words are weak evidence, and the layout is called a guess.
    for (down, guess) in [("", true), ("-- 1 down\nDROP TABLE a;\n", false)] {
        let text = format!("-- our schema\n-- 1 up\nCREATE TABLE a (id int);\n{down}");
        let analysis = analyze([("a.sql", text.as_bytes())], Options::default());
        assert_eq!(analysis.targets[0].target.layout, "mojo");
        assert_eq!(analysis.targets[0].target.note.guessed, guess, "{down}");
    }
    // Words of a sentence are no marks.
    let prose = "-- 2 down\nCREATE TABLE a (id int);\n-- 3 up or down\nCREATE TABLE b (id int);";
    let analysis = analyze([("a.sql", prose.as_bytes())], Options::default());
    assert_eq!(analysis.targets[0].facts.tables, 2);
}

/// CREATE EXTENSION makes the schema that the control file names, puts it in front of the search path, and wants the extensions that are required to be
/// there. Source: PostgreSQL manual, 38.17.1 "Extension Files".
#[test]
fn an_extension_is_made_as_its_control_file_says() {
    let first = "CREATE TABLE a (id int PRIMARY KEY, name text, EXCLUDE USING gist (name WITH =), FOREIGN KEY (id) REFERENCES other.b);";
    let next = "CREATE TABLE home.c (id int REFERENCES a);";
    let analysis = |control: &str| {
        let analysis = read(&[("x.control", control), ("x--1.sql", first), ("x--1--2.sql", next)]);
        let target = &analysis.targets[0];
        let states: Vec<&str> = target.replay.conflicts.iter().map(|c| c.sqlstate).collect();
        (states.join(" "), relata_core::emit::catalog::text(target.schema()))
    };
    let (states, catalog) = analysis("schema = home\nrequires = 'btree_gist, other'\n");
    assert_eq!(states, "");
    let catalog: serde_json::Value = serde_json::from_str(&catalog).unwrap();
    assert!(catalog["schemas"]["home"]["tables"]["a"].is_object());
    assert!(catalog["schemas"]["home"]["tables"]["c"].is_object());
    // Without these lines the same scripts are refused.
    assert_ne!(analysis("requires = 'plpgsql'\n").0, "");
}

/// A change that requires one of another project rests on what that made.
#[test]
fn sqitch_projects_rest_on_others() {
    let sql = "CREATE TABLE a (id int PRIMARY KEY, k text DEFAULT other.key()); CREATE INDEX ON a (other.hash(k));";
    let conflicts = |required: &str| {
        let plan = format!(
            "%syntax-version=1.0.0\n%project=own\n\na {required} 2024-01-01T00:00:00Z A <a@b> # a\nb 2024-01-02T00:00:00Z A <a@b> # b\n"
        );
        read(&[("sqitch.plan", &plan), ("deploy/a.sql", sql), ("deploy/b.sql", &table("b"))]).targets[0]
            .replay
            .conflicts
            .len()
    };
    assert_eq!(conflicts("[other:hash]"), 0);
    assert_ne!(conflicts(""), 0);
}
