//! Migrations of fixes, as their tools want them: the files of a project, and the files that come.

use super::*;
use crate::{Options, analyze};

/// The findings that the projects here have: an index is missing, which is built CONCURRENTLY, and a foreign key was never validated.
const SCHEMA: &str = "CREATE TABLE a (id bigint PRIMARY KEY);\n\
                      CREATE TABLE b (id bigint PRIMARY KEY, a_id bigint NOT NULL);\n\
                      ALTER TABLE b ADD CONSTRAINT b_a FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE NOT VALID;\n";

fn emitted(files: &[(&str, String)], selection: &Selection) -> Emitted {
    let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default());
    let [target] = analysis.targets.as_slice() else { panic!("one target was expected: {:?}", analysis.problems) };
    fix(&analysis, target, selection)
}

fn rules(names: &[&str]) -> Selection {
    Selection { rules: names.iter().map(|n| (*n).to_owned()).collect(), ..Selection::default() }
}

/// The missing index and nothing else.
fn index() -> Selection {
    rules(&["foreign-key-not-indexed"])
}

fn names(emitted: &Emitted) -> Vec<&str> {
    emitted.files.iter().map(|f| f.name.as_str()).collect()
}

/// The migration of these fixes, named `0`, `1` … by their places, behind one table.
fn assembled(fixes: &[&str]) -> Emitted {
    let fixes: Vec<(&str, Severity)> = fixes.iter().map(|sql| (*sql, Severity::High)).collect();
    behind("CREATE TABLE a (x integer, y integer);", &fixes)
}

/// The same behind any schema that has findings, with what each fix is worth.
fn behind(schema: &str, fixes: &[(&str, Severity)]) -> Emitted {
    let mut analysis = analyze([("schema.sql", schema.as_bytes())], Options::default());
    let target = &mut analysis.targets[0];
    let any = target.findings.first().cloned().expect("the schema has a finding");
    let with_fix = |(at, (sql, severity)): (usize, &(&str, Severity))| Finding {
        fix: Some(crate::finding::Fix { sql: (*sql).to_owned(), caution: None }),
        fingerprint: at.to_string(),
        severity: *severity,
        ..any.clone()
    };
    target.findings = fixes.iter().enumerate().map(with_fix).collect();
    fix(&analysis, &analysis.targets[0], &Selection::default())
}

const INDEX: &str = "CREATE INDEX CONCURRENTLY b_a_id_idx ON public.b (a_id);";

#[test]
fn flyway_gets_a_file_and_its_setting() {
    let project = [("db/V1__a.sql", SCHEMA.to_owned()), ("db/V1.9__b.sql", "CREATE SCHEMA s;".to_owned())];
    let emitted = emitted(&project, &index());
    assert_eq!(names(&emitted), ["db/V1.10__relata_fixes_apart.sql", "db/V1.10__relata_fixes_apart.sql.conf"]);
    assert!(emitted.files[0].text.ends_with(&format!("{INDEX}\n")), "{}", emitted.files[0].text);
    assert_eq!(emitted.files[1].text, "executeInTransaction=false\n");
}

/// As `flyway.conf` has it, Flyway would not look at a name with `V` and `__`.
#[test]
fn flyway_gets_a_name_that_its_settings_want() {
    let settings =
        "flyway.sqlMigrationPrefix=M\nflyway.sqlMigrationSeparator=-\nflyway.sqlMigrationSuffixes=.ddl.sql\n";
    let project = [
        ("flyway.conf", settings.to_owned()),
        ("db/M7-a.ddl.sql", SCHEMA.to_owned()),
        ("db/M8-b.ddl.sql", "CREATE SCHEMA s;".to_owned()),
    ];
    let emitted = emitted(&project, &index());
    assert_eq!(names(&emitted), ["db/M9-relata_fixes_apart.ddl.sql", "db/M9-relata_fixes_apart.ddl.sql.conf"]);
}

/// Atlas reads folders of other tools (`format = flyway`): the file is named as theirs, and its directives are Atlas's.
#[test]
fn atlas_gets_a_file_in_the_format_of_its_folder() {
    // The names of the last two files, what stands before and behind their SQL, and the files that come.
    let (goose, dbmate) = (("-- +goose Up\n", "\n-- +goose Down\n"), ("-- migrate:up\n", "\n-- migrate:down\n"));
    for (first, second, (head, tail), expected) in [
        ("V1__a.sql", "V2__b.sql", ("", ""), &["m/V3__relata_fixes_apart.sql"][..]),
        ("1_a.up.sql", "2_b.up.sql", ("", ""), &["m/3_relata_fixes_apart.up.sql", "m/3_relata_fixes_apart.down.sql"]),
        ("00001_a.sql", "00002_b.sql", goose, &["m/00003_relata_fixes_apart.sql"]),
        ("1_a.sql", "2_b.sql", dbmate, &["m/3_relata_fixes_apart.sql"]),
        ("1_a.sql", "2_b.sql", ("", ""), &["m/3_relata_fixes_apart.sql"]),
    ] {
        let project = [
            ("m/atlas.sum", "h1:x\n".to_owned()),
            (&*format!("m/{first}"), format!("{head}{SCHEMA}{tail}")),
            (&*format!("m/{second}"), format!("{head}CREATE SCHEMA s;{tail}")),
        ];
        let emitted = emitted(&project, &index());
        assert_eq!(names(&emitted), expected);
        assert!(emitted.files[0].text.starts_with("-- atlas:txmode none\n\n"), "{}", emitted.files[0].text);
        assert!(emitted.notes.iter().any(|n| n.message.contains("atlas migrate hash")));
    }
}

#[test]
fn goose_gets_both_ways_in_one_file_outside_of_a_transaction() {
    let goose = |sql: &str| format!("-- +goose Up\n{sql}\n-- +goose Down\nSELECT 1;\n");
    let project = [("m/00001_a.sql", goose(SCHEMA)), ("m/00002_b.sql", goose("CREATE SCHEMA s;"))];
    let emitted = emitted(&project, &Selection { name: Some("Index it!".to_owned()), ..index() });
    assert_eq!(names(&emitted), ["m/00003_index_it_apart.sql"]);
    let text = &emitted.files[0].text;
    assert!(text.starts_with("-- +goose NO TRANSACTION\n-- +goose Up\n-- foreign-key-not-indexed ("), "{text}");
    assert!(
        text.ends_with(&format!("{INDEX}\n\n-- +goose Down\nDROP INDEX CONCURRENTLY public.b_a_id_idx;\n")),
        "{text}"
    );
}

#[test]
fn golang_migrate_gets_a_pair_for_each_statement_that_runs_alone() {
    let project =
        [("m/000001_a.up.sql", SCHEMA.to_owned()), ("m/000001_a.down.sql", "DROP TABLE b;\nDROP TABLE a;".to_owned())];
    let emitted = emitted(&project, &rules(&["foreign-key-not-indexed", "constraint-never-validated"]));
    assert_eq!(
        names(&emitted),
        [
            "m/000002_relata_fixes_apart_1.up.sql",
            "m/000002_relata_fixes_apart_1.down.sql",
            "m/000003_relata_fixes_apart_2.up.sql",
            "m/000003_relata_fixes_apart_2.down.sql"
        ]
    );
}

#[test]
fn supabase_runs_all_in_a_transaction_so_that_nothing_is_concurrent() {
    let project = [("supabase/migrations/20240131235959_a.sql", SCHEMA.to_owned())];
    let more = ("supabase/migrations/20230101000000_s.sql", "CREATE SCHEMA s;".to_owned());
    let emitted = emitted(&[more, project[0].clone()], &index());
    assert_eq!(names(&emitted), ["supabase/migrations/20240201000000_relata_fixes.sql"]);
    assert!(
        emitted.files[0].text.ends_with("CREATE INDEX IF NOT EXISTS b_a_id_idx ON public.b (a_id);\n"),
        "{}",
        emitted.files[0].text
    );
    assert!(emitted.notes.iter().any(|n| n.message.contains("CONCURRENTLY")), "{:?}", emitted.notes);
}

/// What is NOT NULL in two steps: a check that is validated by itself, and dropped when it has served.
const NULLABLE: &str = "CREATE TABLE c (id bigint PRIMARY KEY, attempts integer DEFAULT 0);\n";

#[test]
fn validation_gets_a_transaction_of_its_own() {
    let project = [("supabase/migrations/20240131235959_a.sql", NULLABLE.to_owned())];
    let more = ("supabase/migrations/20230101000000_s.sql", "CREATE SCHEMA s;".to_owned());
    let emitted = emitted(&[more, project[0].clone()], &rules(&["nullable-with-default"]));
    assert_eq!(
        names(&emitted),
        [
            "supabase/migrations/20240201000000_relata_fixes.sql",
            "supabase/migrations/20240201000001_relata_fixes_apart.sql"
        ]
    );
    assert!(emitted.files[0].text.ends_with("CHECK (attempts IS NOT NULL) NOT VALID;\n"), "{}", emitted.files[0].text);
    let end = "VALIDATE CONSTRAINT c_attempts_not_null;\n\
               ALTER TABLE public.c ALTER COLUMN attempts SET NOT NULL;\n\
               ALTER TABLE public.c DROP CONSTRAINT c_attempts_not_null;\n";
    assert!(emitted.files[1].text.ends_with(end), "{}", emitted.files[1].text);
}

#[test]
fn nothing_is_taken_back_of_what_did_not_stay() {
    let upgrade = format!(
        "def upgrade():\n    op.execute(\"\"\"{NULLABLE}\"\"\")\ndef downgrade():\n    op.execute('DROP TABLE c')\n"
    );
    let text = format!("from alembic import op\nrevision = '1'\ndown_revision = None\n{upgrade}");
    let emitted = emitted(&[("m/1_a.py", text)], &rules(&["nullable-with-default"]));
    let (_, down) = emitted.files[0].text.split_once("def downgrade").expect("a way back");
    assert!(down.contains("ALTER TABLE public.c ALTER COLUMN attempts DROP NOT NULL"), "{down}");
    assert!(!down.contains("c_attempts_not_null"), "{down}");
}

/// Of a fix in several files each takes back what it did itself, so that each can be taken back alone.
#[test]
fn every_file_is_taken_back_to_what_it_found() {
    let project = [("m/000001_a.up.sql", NULLABLE.to_owned()), ("m/000001_a.down.sql", "DROP TABLE c;".to_owned())];
    let emitted = emitted(&project, &rules(&["nullable-with-default"]));
    let down = |at: usize| -> Vec<&str> {
        let all: Vec<_> = emitted.files.iter().filter(|f| f.name.ends_with(".down.sql")).collect();
        assert_eq!(all.len(), 3, "{:?}", names(&emitted));
        all[at].text.lines().filter(|l| !l.is_empty()).collect()
    };
    assert_eq!(down(0), ["ALTER TABLE public.c DROP CONSTRAINT c_attempts_not_null;"]);
    assert!(down(1).is_empty(), "{:?}", down(1));
    assert_eq!(
        down(2),
        [
            "ALTER TABLE public.c ADD CONSTRAINT c_attempts_not_null CHECK (attempts IS NOT NULL);",
            "ALTER TABLE public.c ALTER COLUMN attempts DROP NOT NULL;"
        ]
    );
}

/// What is validated outside of the transaction still has the name that it had.
#[test]
fn what_gets_another_name_gets_it_last() {
    let add = "ALTER TABLE public.a ADD CONSTRAINT a_x CHECK (x > 0) NOT VALID;\nALTER TABLE public.a VALIDATE CONSTRAINT a_x;";
    let emitted = assembled(&["ALTER TABLE public.a RENAME COLUMN y TO z;", add]);
    assert_eq!(emitted.repaired.len(), 2, "{:?}", emitted.notes);
    let text = &emitted.files[0].text;
    let places = ["NOT VALID;", "VALIDATE CONSTRAINT a_x;", "RENAME COLUMN y TO z;"].map(|sql| text.find(sql));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

#[test]
fn an_index_that_becomes_a_key_goes_with_it() {
    let ties = "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE b (id bigint PRIMARY KEY);\n\
                CREATE TABLE ab (a_id bigint NOT NULL REFERENCES a, b_id bigint NOT NULL REFERENCES b);\n";
    let pairs = [("m/000001_a.up.sql", ties.to_owned()), ("m/000001_a.down.sql", "DROP TABLE ab, a, b;".to_owned())];
    let apart = emitted(&pairs, &rules(&["no-primary-key"]));
    let down = apart.files.iter().filter(|f| f.name.ends_with(".down.sql"));
    let down: Vec<String> = down.map(|f| f.text.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        down,
        [
            "DROP INDEX CONCURRENTLY public.ab_pkey;",
            "ALTER TABLE public.ab DROP CONSTRAINT ab_pkey; CREATE UNIQUE INDEX ab_pkey ON public.ab (a_id, b_id);"
        ]
    );
    let goose = [
        ("m/00001_a.sql", format!("-- +goose Up\n{ties}-- +goose Down\nDROP TABLE ab, a, b;\n")),
        ("m/00002_b.sql", "-- +goose Up\nCREATE SCHEMA s;\n-- +goose Down\nDROP SCHEMA s;\n".to_owned()),
    ];
    let together = emitted(&goose, &rules(&["no-primary-key"]));
    let (_, down) = together.files[0].text.split_once("-- +goose Down\n").expect("a way back");
    assert!(down.contains("ALTER TABLE public.ab DROP CONSTRAINT ab_pkey;"), "{down}");
    assert!(!down.contains("INDEX"), "{down}");
}

#[test]
fn what_a_fix_replaces_is_made_again_on_the_way_back() {
    let up = "CREATE TABLE a (id bigint PRIMARY KEY);\n\
              CREATE TABLE payments (id bigint PRIMARY KEY, a_id bigint NOT NULL, at date, note text,\n\
              CONSTRAINT payments_a FOREIGN KEY (a_id) REFERENCES a (id) ON DELETE CASCADE DEFERRABLE);\n\
              CREATE INDEX payments_note ON payments (lower(note), at DESC) WHERE note IS NOT NULL;\n\
              CREATE INDEX payments_note_too ON payments (lower(note), at DESC) WHERE note IS NOT NULL;\n\
              CREATE INDEX payments_a_id ON payments (a_id);\n";
    let project = [("m/1_a.up.sql", up.to_owned()), ("m/1_a.down.sql", "DROP TABLE payments, a;".to_owned())];
    let back = |rule: &str| {
        let emitted = emitted(&project, &rules(&[rule]));
        let down = emitted.files.iter().filter(|f| f.name.ends_with(".down.sql")).map(|f| f.text.as_str());
        down.flat_map(str::lines).filter(|l| !l.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        back("cascade-into-history"),
        [
            "ALTER TABLE public.payments DROP CONSTRAINT payments_a;",
            "ALTER TABLE public.payments ADD CONSTRAINT payments_a FOREIGN KEY (a_id) REFERENCES public.a (id) ON DELETE CASCADE DEFERRABLE;",
        ]
    );
    assert_eq!(
        back("duplicate-index"),
        [
            "CREATE INDEX CONCURRENTLY payments_note_too ON public.payments USING btree ((lower(note)), at DESC) WHERE note IS NOT NULL;"
        ]
    );
}

#[test]
fn a_dump_gets_a_script_that_begins_and_ends_its_transaction() {
    let schema = SCHEMA.replace("a_id bigint NOT NULL", "a_id bigint NOT NULL, price money");
    let emitted = emitted(&[("schema.sql", schema)], &rules(&["foreign-key-not-indexed", "money-type"]));
    assert_eq!(names(&emitted), ["relata_fixes.sql"]);
    let text = &emitted.files[0].text;
    let (money, index) = (text.find("ALTER TABLE public.b ALTER COLUMN price").expect("the type"), text.find(INDEX));
    let (begin, commit) = (text.find("BEGIN;").expect("it begins"), text.find("COMMIT;").expect("it ends"));
    assert!(begin < money && money < commit && index.is_some_and(|at| commit < at), "{text}");
}

#[test]
fn alembic_merges_several_heads_before_the_repairs() {
    let revision = |id: &str, after: &str, body: &str| {
        format!(
            "from alembic import op\nrevision = '{id}'\ndown_revision = {after}\n\ndef upgrade():\n    {body}\n\n\
             def downgrade():\n    pass\n"
        )
    };
    let schema = format!("op.execute(\"\"\"{SCHEMA}\"\"\")");
    let project = [
        ("versions/1_base.py", revision("a1", "None", &schema)),
        ("versions/2_left.py", revision("b2", "'a1'", "op.execute('CREATE SCHEMA l')")),
        ("versions/3_right.py", revision("c3", "'a1'", "op.execute('CREATE SCHEMA r')")),
    ];
    let emitted = emitted(&project, &index());
    let [merge, repairs] = emitted.files.as_slice() else { panic!("two files: {:?}", names(&emitted)) };
    assert!(merge.name.starts_with("versions/") && merge.name.ends_with("_merge_heads.py"), "{}", merge.name);
    assert!(merge.text.contains("down_revision = (\"b2\", \"c3\")"), "{}", merge.text);
    assert!(repairs.text.contains("    with op.get_context().autocommit_block():\n"), "{}", repairs.text);

    // Read behind the others, they are one head, and the finding is gone.
    let all: Vec<(&str, String)> =
        project.iter().cloned().chain(emitted.files.iter().map(|f| (f.name.as_str(), f.text.clone()))).collect();
    let analysis = analyze(all.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default());
    let left: Vec<&str> = analysis.targets[0].findings.iter().map(|f| f.rule.name).collect();
    assert!(!left.contains(&"multiple-heads") && !left.contains(&"foreign-key-not-indexed"), "{left:?}");
}

#[test]
fn of_two_indexes_that_are_alike_one_stays() {
    // Each of two duplicates could be dropped for the other.
    let schema =
        "CREATE TABLE a (id bigint PRIMARY KEY, x text);\nCREATE INDEX one ON a (x);\nCREATE INDEX two ON a (x);\n";
    let emitted = emitted(&[("schema.sql", schema.to_owned())], &rules(&["duplicate-index", "redundant-prefix-index"]));
    let drops = emitted.files[0].text.lines().filter(|l| l.starts_with("DROP INDEX")).count();
    assert_eq!(drops, 1, "{}", emitted.files[0].text);
}

#[test]
fn hostile_names_stay_in_their_comments_and_strings() {
    let name = "x\n\u{202e}\"\"\"; DROP TABLE a; --";
    let quoted = name.replace('"', "\"\"");
    let schema = format!(
        "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE TABLE \"{quoted}\" (id bigint PRIMARY KEY, a_id bigint NOT NULL \
         REFERENCES a (id) ON DELETE CASCADE);"
    );
    let emitted = emitted(&[("schema.sql", schema)], &index());
    let again = assemble::statements(&emitted.files[0].text, crate::source::FileId(0));
    // BEGIN and COMMIT stand only where something runs between them.
    assert_eq!(again.len(), 1, "{}", emitted.files[0].text);
    assert!(matches!(again[0].operations[0].kind, OperationKind::CreateIndex(_)));
    // A comment reads as it is stored: what turns the direction of a line is written out there.
    let comments: Vec<&str> = emitted.files[0].text.lines().filter(|l| l.starts_with("-- ")).collect();
    assert!(
        comments.iter().any(|l| l.contains("\\u{202e}")) && !comments.concat().contains('\u{202e}'),
        "{comments:?}"
    );
}

/// The first fix has `CREATE SCHEMA` for all three, and is refused for its other statement.
#[test]
fn a_refused_fix_takes_no_statement_of_another_with_it() {
    let emitted = assembled(&[
        "CREATE SCHEMA s;\nALTER TABLE missing ADD COLUMN z integer;",
        "CREATE SCHEMA s;\nCREATE TABLE s.t (x bigint PRIMARY KEY);",
        "CREATE SCHEMA s;",
    ]);
    let text = &emitted.files[0].text;
    let (made, used) = (text.find("CREATE SCHEMA s;"), text.find("CREATE TABLE s.t"));
    assert!(made.is_some() && made < used && text.matches("CREATE SCHEMA").count() == 1, "{text}");
    // What the last one repairs is repaired by the statements of the other.
    assert_eq!(emitted.repaired, ["1", "2"]);
    assert_eq!(emitted.notes.len(), 1, "{:?}", emitted.notes);
}

/// Both references need the unique rule, whose index is built outside of the transaction: the second must not run in it, before.
#[test]
fn a_fix_waits_for_what_another_makes_outside_of_the_transaction() {
    let key = "CREATE UNIQUE INDEX CONCURRENTLY a_key ON a (x, y);\nALTER TABLE a ADD CONSTRAINT a_key UNIQUE USING INDEX a_key;";
    let refers = |table: &str| {
        format!(
            "{key}\nALTER TABLE {table} ADD CONSTRAINT {table}_fk FOREIGN KEY (x, y) REFERENCES a (x, y) NOT VALID;"
        )
    };
    let schema = "CREATE TABLE a (x integer, y integer); CREATE TABLE b (x integer, y integer); CREATE TABLE c (x integer, y integer);";
    let emitted = behind(schema, &[(&refers("b"), Severity::High), (&refers("c"), Severity::High)]);
    let text = &emitted.files[0].text;
    let made = text.find("USING INDEX a_key");
    assert!(made.is_some() && text.matches("USING INDEX a_key").count() == 1, "{text}");
    assert!(made < text.find("b_fk") && made < text.find("c_fk"), "{text}");
    assert_eq!(emitted.repaired, ["0", "1"]);
}

/// A key that is widened, and a reference to it by a narrow type, are each right alone; together they make a reference whose types differ, which is bad.
#[test]
fn what_fixes_bring_only_together_keeps_the_lesser_one_out() {
    let schema = "CREATE TABLE a (x integer PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY, x integer NOT NULL);";
    let widens = "ALTER TABLE a ALTER COLUMN x TYPE bigint;";
    let refers = "ALTER TABLE b ADD CONSTRAINT b_x FOREIGN KEY (x) REFERENCES a (x) ON DELETE CASCADE;";
    let repaired = |fixes: &[(&str, Severity)]| {
        let emitted = behind(schema, fixes);
        let notes: Vec<bool> =
            emitted.notes.iter().map(|n| n.message.contains("would bring foreign-key-type-mismatch")).collect();
        (emitted.repaired, notes)
    };
    for (fixes, kept) in [
        ([(refers, Severity::High), (widens, Severity::Low)], "0"),
        ([(widens, Severity::High), (refers, Severity::Medium)], "0"),
    ] {
        assert_eq!(repaired(&fixes), (vec![kept.to_owned()], vec![true]));
    }
    assert_eq!(repaired(&[(widens, Severity::Low)]), (vec!["0".to_owned()], Vec::new()));
    // What is worse than what they bring is worth it.
    let (worth, notes) = repaired(&[(widens, Severity::Critical), (refers, Severity::Critical)]);
    assert_eq!((worth, notes), (vec!["0".to_owned(), "1".to_owned()], Vec::new()));
}

/// However many ask for it: no more of them are tried one by one than there are rounds.
#[test]
fn what_is_refused_is_refused_for_all_that_ask_for_it() {
    let emitted = assembled(&["ALTER TABLE missing ADD COLUMN z integer;"; 20]);
    assert_eq!((emitted.repaired.len(), emitted.notes.len()), (0, 20));
}

/// A sequence is there before a default may use it, rows are written before a constraint asks for them, and what takes away runs last.
#[test]
fn fixes_run_in_the_order_of_what_they_do() {
    let in_order = [
        "CREATE SEQUENCE q;",
        "ALTER TABLE public.a ALTER COLUMN x SET DEFAULT nextval('q');",
        "UPDATE a SET x = 0 WHERE x IS NULL;",
        "ALTER TABLE public.a ALTER COLUMN x SET NOT NULL;",
        "CREATE UNIQUE INDEX u ON a (x);",
        "COMMENT ON TABLE public.a IS 'of x';",
        "ALTER TABLE public.a DROP COLUMN y;",
    ];
    let emitted = assembled(&[6, 5, 4, 3, 1, 2, 0].map(|at: usize| in_order[at]));
    assert_eq!(emitted.repaired, ["6", "4", "5", "3", "2", "1", "0"], "{:?}", emitted.notes);
    let text = &emitted.files[0].text;
    let places: Vec<_> = in_order.iter().map(|sql| text.find(sql)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
}

/// The table of `behind` as a history of goose has it, whose findings are repaired.
fn in_history(table: &str, rules: &[&str]) -> Emitted {
    let goose = |sql: &str| format!("-- +goose Up\n{sql}\n-- +goose Down\nSELECT 1;\n");
    let project = [("m/00001_a.sql", goose(table)), ("m/00002_b.sql", goose("CREATE SCHEMA s;"))];
    emitted(&project, &self::rules(rules))
}

/// A setting holds for all that needs it, and no longer; it is taken back the other way round.
#[test]
fn a_setting_holds_for_the_statements_that_need_it() {
    let table = "CREATE TABLE a (id bigint PRIMARY KEY, b timestamp, c timestamp, d timestamp(3) NOT NULL, e text);";
    let text = &in_history(table, &["timestamp-without-time-zone"]).files[0].text;
    let statements: Vec<&str> = text.lines().filter(|l| l.ends_with(';')).collect();
    let zone = |c: &str| format!("ALTER TABLE public.a ALTER COLUMN {c} TYPE timestamp with time zone;");
    let back = |c: &str, p: &str| {
        let t = format!("timestamp{p} without time zone");
        format!("ALTER TABLE public.a ALTER COLUMN {c} TYPE {t} USING {c}::{t};")
    };
    let (set, reset) = ("SET timezone = 'UTC';", "RESET timezone;");
    assert_eq!(statements[..5], [set, &zone("b"), &zone("c"), &zone("d"), reset], "{text}");
    assert_eq!(statements[5..], [set, &back("d", "(3)"), &back("c", ""), &back("b", ""), reset], "{text}");
    // What is to be known of the first column is not said again of the second; of the third there is more.
    assert_eq!(text.matches("At UTC no row is written anew").count(), 2, "{text}");
}

/// The default of new rows comes first, in a transaction; the old ones are written by themselves, and nobody waits for it.
#[test]
fn rows_are_written_outside_of_the_transaction_that_locks_their_table() {
    let emitted = in_history("CREATE TABLE a (id bigint PRIMARY KEY, b boolean);", &["nullable-boolean"]);
    assert_eq!(names(&emitted), ["m/00003_relata_fixes.sql", "m/00004_relata_fixes_apart.sql"]);
    let [together, apart] = emitted.files.as_slice() else { panic!("two files were expected") };
    assert!(together.text.contains("SET DEFAULT false;") && !together.text.contains("UPDATE"), "{}", together.text);
    let places =
        ["UPDATE public.a", "NOT VALID;", "VALIDATE CONSTRAINT", "SET NOT NULL"].map(|what| apart.text.find(what));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", apart.text);
}

/// As everything runs in a transaction, rows get one of their own.
#[test]
fn rows_get_a_migration_where_every_file_is_a_transaction() {
    let project = [
        ("supabase/migrations/20240101000000_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY, b boolean);".to_owned()),
        ("supabase/migrations/20240102000000_b.sql", "CREATE SCHEMA s;".to_owned()),
    ];
    let emitted = emitted(&project, &rules(&["nullable-boolean"]));
    let ends: Vec<&str> = names(&emitted).into_iter().filter_map(|n| n.split_once("relata_")).map(|(_, n)| n).collect();
    assert_eq!(ends, ["fixes.sql", "fixes_rows.sql", "fixes_checks.sql", "fixes_apart.sql"]);
    let text = |at: usize| emitted.files[at].text.as_str();
    assert!(text(1).ends_with("UPDATE public.a SET b = false WHERE b IS NULL;\n"), "{}", text(1));
    assert!(text(2).ends_with("NOT VALID;\n"), "{}", text(2));
    assert!(text(3).contains("VALIDATE CONSTRAINT") && text(3).contains("SET NOT NULL"), "{}", text(3));
}

/// A rewrite for what is of low severity would be worse than what it repairs: it is left to whoever runs it as a script.
#[test]
fn no_migration_is_as_bad_as_what_it_repairs() {
    let table = "CREATE TABLE a (id bigint PRIMARY KEY, b json NOT NULL);";
    let emitted = in_history(table, &["json-over-jsonb"]);
    assert_eq!((emitted.files.len(), emitted.repaired.len()), (0, 0));
    assert!(emitted.notes[0].message.contains("change-column-type at `public.a.b` (medium)"), "{:?}", emitted.notes);
    let analysis = analyze([("schema.sql", table.as_bytes())], Options::default());
    let script = fix(&analysis, &analysis.targets[0], &rules(&["json-over-jsonb"]));
    assert_eq!(script.repaired.len(), 1, "{:?}", script.notes);
}

/// Letters in front of a version belong to it.
#[test]
fn versions_behind_letters_go_on() {
    for (first, second, expected) in [
        ("V0001.Initial.up.sql", "V0002.More.up.sql", "m/V0003.relata_fixes_apart.up.sql"),
        ("v0.sql", "v1-core.sql", "m/v2-relata_fixes_apart.sql"),
    ] {
        let project =
            [(&*format!("m/{first}"), SCHEMA.to_owned()), (&*format!("m/{second}"), "CREATE SCHEMA s;".to_owned())];
        assert_eq!(names(&emitted(&project, &index()))[0], expected);
    }
}

/// An extension goes back to where it was, a view's setting is taken away again, a column gets its old name back.
#[test]
fn what_moves_is_moved_back() {
    let table = "CREATE EXTENSION pg_trgm;\nCREATE TABLE a (id bigint PRIMARY KEY, u text);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\n\
                 CREATE POLICY p ON a USING (u = current_user);\nCREATE VIEW v AS SELECT id FROM a;";
    let emitted = in_history(table, &["extension-in-public", "security-definer-view"]);
    let text = &emitted.files[0].text;
    let (_, back) = text.split_once("-- +goose Down").expect("a way back");
    let undone = ["ALTER EXTENSION pg_trgm SET SCHEMA public;", "DROP SCHEMA extensions;"];
    assert!(undone.iter().all(|sql| back.contains(sql)), "{text}");
    assert!(back.contains("ALTER TABLE public.v RESET (security_invoker);"), "{text}");
    assert!(!back.contains("Not taken back"), "{text}");
    let renamed = behind_in_history(
        "CREATE TABLE a (id bigint PRIMARY KEY, x integer);",
        "ALTER TABLE public.a RENAME COLUMN x TO y;",
    );
    assert!(renamed.contains("ALTER TABLE public.a RENAME COLUMN y TO x;"), "{renamed}");
    let moved = behind_in_history(
        "CREATE TYPE mood AS ENUM ('good');\nCREATE TABLE a (id bigint PRIMARY KEY, x mood);",
        "ALTER TABLE public.a SET SCHEMA s;\nALTER TYPE public.mood SET SCHEMA s;",
    );
    let back = ["ALTER TYPE s.mood SET SCHEMA public;", "ALTER TABLE s.a SET SCHEMA public;"];
    assert!(back.iter().all(|sql| moved.contains(sql)), "{moved}");
}

/// What a fix of any text becomes in a history of goose.
fn behind_in_history(table: &str, sql: &str) -> String {
    let goose = |sql: &str| format!("-- +goose Up\n{sql}\n-- +goose Down\nSELECT 1;\n");
    let project = [("m/00001_a.sql", goose(table)), ("m/00002_b.sql", goose("CREATE SCHEMA s;"))];
    let mut analysis = analyze(project.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default());
    let target = &mut analysis.targets[0];
    target.findings.truncate(1);
    for finding in &mut target.findings {
        finding.severity = Severity::High;
        finding.fix = Some(crate::finding::Fix { sql: sql.to_owned(), caution: None });
    }
    fix(&analysis, &analysis.targets[0], &Selection::default()).files.remove(0).text
}
