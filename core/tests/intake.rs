//! Files on their way in: what a person is told about each kind of bad input, word for word.

#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

use std::io::Write;

use relata_core::history::natural_order;
use relata_core::problem::ProblemKind;
use relata_core::session::{FileOrder, Options, Session};
use relata_core::{analysis::Analysis, analyze};

fn read(name: &str, bytes: &[u8]) -> Analysis {
    analyze([(name, bytes)], Options::default())
}

/// The problems as `kind message`.
fn problems(analysis: &Analysis) -> Vec<String> {
    analysis.problems.iter().map(|p| format!("{}: {}", p.kind.name(), p.message)).collect()
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn an_empty_file() {
    assert_eq!(problems(&read("a.sql", b"")), ["empty-file: `a.sql` is empty."]);
    assert_eq!(
        problems(&read("a.sql", b"-- nothing yet\n\n")),
        ["empty-file: `a.sql` holds no statement, only comments and white space."]
    );
}

#[test]
fn a_binary_file() {
    assert_eq!(
        problems(&read("a.sql", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0")),
        ["binary-file: `a.sql` is a binary file, not text. Relata reads SQL: dumps, migrations and schema files."]
    );
    assert_eq!(
        problems(&read("backup.dump", b"PGDMP\x01\x0e\0\x04")),
        [
            "binary-file: `backup.dump` is a binary pg_dump archive. Turn it into SQL first: `pg_restore --schema-only --file=schema.sql backup.dump`."
        ]
    );
    assert_eq!(
        problems(&read("app.db", b"SQLite format 3\0\x10\0\x01\x01")),
        ["binary-file: `app.db` is an SQLite database file. Write its schema as SQL first: `sqlite3 app.db .schema`."]
    );
}

#[test]
fn what_is_told_of_many_files_is_told_once() {
    let mut session = Session::new(Options::default());
    let sql: &[u8] = b"create table @S@.t (a int); create table @S@.u (a int); create table @other@.v (a int);";
    for (name, bytes) in [
        ("a/__init__.py", &b""[..]),
        ("b.pyc", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"),
        ("c.png", b"\x89PNG\0\0"),
        ("d.sql", sql),
    ] {
        session.push(name, bytes);
    }
    let analysis = session.finish(&mut |_| ());
    let told = problems(&analysis);
    let of = |kind: &str| told.iter().filter(|p| p.starts_with(kind)).count();
    assert_eq!(of("binary-file: `b.pyc` and 1 other file are binary files"), 1, "{told:#?}");
    assert_eq!((of("empty-file"), of("binary-file"), of("unfilled-placeholder")), (0, 1, 2), "{told:#?}");
}

#[test]
fn files_that_nothing_is_read_from_are_told_together() {
    let mut session = Session::new(Options::default());
    for name in ["README.md", "src/main.py", "Makefile"] {
        session.push(name, b"Some prose; and more.\n");
    }
    session.push("schema", b"-- a file without an extension\ncreate table t (a int);\n");
    let analysis = session.finish(&mut |_| ());
    assert_eq!(
        problems(&analysis),
        [
            "not-a-schema: `Makefile` is no SQL and was not read.",
            "not-a-schema: `src/main.py` is no migration and declares no table.",
            "not-a-schema: `README.md` describes no schema: no table or list of columns, no diagram and no SQL that makes a table was found in it.",
        ]
    );
    assert_eq!(analysis.sources.files().count(), 1);
}

/// Nothing is missing where Alembic's own set-up was not read as a migration.
#[test]
fn the_set_up_of_alembic_is_no_problem() {
    let revision = "revision = 'a'\ndown_revision = None\nfrom alembic import op\ndef upgrade():\n    op.execute('CREATE TABLE a (id int)')\n";
    let analysis = analyze(
        [
            ("alembic.ini", b"[alembic]\nscript_location = db\n".as_slice()),
            ("db/env.py", b"from alembic import context\ncontext.configure(url='x')\n"),
            ("db/script.py.mako", b"revision = ${repr(up_revision)}\n"),
            ("db/versions/a.py", revision.as_bytes()),
            ("notes.ini", b"x = 1\n"),
        ],
        Options::default(),
    );
    assert_eq!(problems(&analysis), ["not-a-schema: `notes.ini` is no SQL and was not read."]);
}

#[test]
fn an_archive_is_read_as_its_files() {
    let bytes =
        zip_of(&[("b/10.sql", b"create table c ();"), ("b/9.sql", b"create table a ();"), ("__MACOSX/x.sql", b"junk")]);
    let analysis = read("all.zip", &bytes);
    assert_eq!(problems(&analysis), [""; 0]);
    let order: Vec<_> = analysis.targets[0].history.revisions.iter().map(|r| analysis.sources.name(r.file)).collect();
    assert_eq!(order, ["b/9.sql", "b/10.sql"]);

    let inner = zip_of(&[("inner.zip", &bytes)]);
    assert_eq!(
        problems(&read("outer.zip", &inner)),
        ["bad-archive: `inner.zip` was not read: it is an archive inside an archive; unpack it and give its files."]
    );
    let broken = read("broken.zip", b"PK\x03\x04 this is not a zip archive");
    assert_eq!(broken.problems[0].kind, ProblemKind::BadArchive);
    assert!(broken.problems[0].message.starts_with("`broken.zip` was not read: the zip archive cannot be opened"));
}

#[test]
fn two_files_of_one_name() {
    let files: [(&str, &[u8]); 2] = [("a.sql", b"create table t ();"), ("a.sql", b"create table u ();")];
    let analysis = analyze(files, Options::default());
    assert_eq!(
        problems(&analysis),
        [
            "duplicate-file-name: Two files are called `a.sql`; the later one is shown as `a.sql (2)`.",
            "assumed-order: Nothing in the names or contents of the 2 files says in which order they run. They were read in the order of what \
             they define and use, from `a.sql` on."
        ]
    );
    assert_eq!(analysis.targets[0].history.revisions.len(), 2);
}

#[test]
fn an_unterminated_quote_costs_one_statement() {
    let analysis = read("a.sql", b"create table a (x text default 'oops);\ncreate table b ();\n");
    assert_eq!(
        problems(&analysis),
        ["unterminated: This string never ends; reading went on at the next statement. Close it where it should end."]
    );
    let at = analysis.location(analysis.problems[0].span.unwrap());
    assert_eq!((at.line, at.column), (1, 32));
    let comment = read("b.sql", b"create table a ();\n/* the rest\n");
    assert_eq!(
        problems(&comment),
        ["unterminated: This comment never ends; reading went on at the next statement. Close it where it should end."]
    );
}

#[test]
fn utf16_and_invalid_utf8_are_read() {
    let text: Vec<u8> = "\u{feff}create table \"größe\" ();".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let analysis = read("a.sql", &text);
    assert_eq!(problems(&analysis), [""; 0]);
    assert_eq!(analysis.targets[0].history.revisions[0].up.len(), 1);
    assert_eq!(
        problems(&read("b.sql", b"create table t (); -- caf\xe9\ncomment on table t is 'x';")),
        [
            "invalid-encoding: `b.sql` is not valid UTF-8: 1 of its bytes was read as `?`. Save it as UTF-8 to keep the characters they stood for."
        ]
    );
}

#[test]
fn chunks_and_order_make_no_difference() {
    let a = b"create table a (id int primary key);\n".as_slice();
    let b = b"create table b (a_id int references a);\n".as_slice();
    let whole = analyze([("1_a.sql", a), ("2_b.sql", b)], Options::default());
    let mut session = Session::new(Options::default());
    for (name, bytes) in [("2_b.sql", b), ("1_a.sql", a)] {
        for chunk in bytes.chunks(3) {
            session.push(name, chunk);
        }
    }
    let pieces = session.finish(&mut |_| ());
    let catalog = |a: &Analysis| relata_core::emit::catalog::catalog(a.targets[0].schema()).to_string();
    assert_eq!(catalog(&whole), catalog(&pieces));
    let given = analyze([("2_b.sql", a), ("1_a.sql", b)], Options { order: FileOrder::AsGiven, ..Options::default() });
    assert_eq!(given.targets[0].history.revisions[0].id, "2_b.sql");
}

#[test]
fn names_sort_as_people_count() {
    let mut names = ["b/1.sql", "10_x.sql", "2_x.sql", "02_a.sql", "a.sql", "b.sql", "b/a/1.sql", "B.sql"];
    names.sort_by(|a, b| natural_order(a, b));
    assert_eq!(names, ["02_a.sql", "2_x.sql", "10_x.sql", "B.sql", "a.sql", "b/1.sql", "b/a/1.sql", "b.sql"]);
}

#[test]
fn a_data_dump_costs_no_memory_for_its_rows() {
    let mut session = Session::new(Options::default());
    session.push("dump.sql", b"create table t (a text);\ncopy t (a) from stdin;\n");
    let rows = b"it's a row; with \"quotes\" $$ and /* comments\n".repeat(20_000);
    for _ in 0..20 {
        session.push("dump.sql", &rows);
    }
    session.push("dump.sql", b"\\.\n");
    let inserts = b"insert into t values ('row');\n".repeat(20_000);
    for _ in 0..5 {
        session.push("dump.sql", &inserts);
    }
    session.push("dump.sql", b"alter table t add primary key (a);\n");
    let analysis = session.finish(&mut |_| ());
    assert_eq!(problems(&analysis), [""; 0]);
    let up = &analysis.targets[0].history.revisions[0].up;
    assert_eq!(up.len(), 4, "create, copy, one insert for all, alter");
    let at = analysis.location(up[3].span);
    assert_eq!((at.line, at.column), (2 + 400_000 + 1 + 100_000 + 1, 1));
}

#[test]
fn a_file_that_cannot_be_opened_costs_itself_only() {
    let mut session = Session::new(Options::default());
    session.push("1_a.sql", b"create table a (id int primary key);");
    session.unreadable("2_b.sql", "permission denied");
    session.push("3_c.sql", b"create table c (id int primary key);");
    let analysis = session.finish(&mut |_| ());
    assert_eq!(
        problems(&analysis),
        ["unreadable: `2_b.sql` could not be read (permission denied); what depends on it may look broken."]
    );
    assert_eq!(analysis.targets[0].facts.tables, 2);
}

/// Marks inside strings and bodies are none; names that differ in case only are told.
#[test]
fn marks_in_strings_are_text_and_told() {
    let files: [(&str, &[u8]); 2] = [
        (
            "1_a.sql",
            b"-- +goose Up\ncreate table a (x text default '\n-- +goose Down\n');\ncreate function f() returns int language sql as $$\n-- +goose Down\nselect 1 $$;\n-- +goose Down\ndrop table a;\n",
        ),
        ("1_A.sql", b"-- +goose Up\ncreate table b ();\n-- +goose Down\ndrop table b;\n"),
    ];
    let analysis = analyze(files, Options::default());
    let target = &analysis.targets[0];
    assert_eq!((target.facts.tables, target.facts.functions), (2, 1));
    let inside = "not-applied: This line of a string or a routine's body is a mark for goose, which goes by lines and cuts the statement here. It was read as part of the text. Write it so that it does not begin the line.";
    assert_eq!(
        problems(&analysis),
        [
            "duplicate-file-name: `1_A.sql` and `1_a.sql` differ in upper and lower case only: on many disks one would replace the other. Both were read.",
            inside,
            inside
        ]
    );
}

/// Liquibase's own example: rollbacks stand in comments, changesets for other databases are not run.
#[test]
fn changesets_are_revisions() {
    let sql: &[u8] = b"--liquibase formatted sql\n\n--changeset nvoxland:1\ncreate table test1 (\n  id int primary key,\n  name varchar(255)\n);\n--rollback drop table test1;\n\n--changeset nvoxland:2 dbms:mysql\ninsert into nothing values (1);\n\n--changeset nvoxland:3 runInTransaction:false\ncreate index concurrently i on test1 (name);\n/* liquibase rollback\ndrop index i;\n*/\n";
    let analysis = analyze(
        [("a.sql", sql), ("b.sql", b"--liquibase formatted sql\n--changeset x:1\nalter table test1 add y int;\n")],
        Options::default(),
    );
    let target = &analysis.targets[0];
    assert_eq!(target.target.layout, "liquibase");
    let revisions: Vec<_> = target
        .history
        .revisions
        .iter()
        .map(|r| (r.id.as_str(), r.up.len(), r.down.len(), r.transaction.name()))
        .collect();
    assert_eq!(revisions, [("nvoxland:1", 1, 1, "file"), ("nvoxland:3", 1, 1, "statement"), ("x:1", 1, 0, "file")]);
    assert_eq!(analysis.sources.text(target.history.revisions[0].down[0].span), Some("drop table test1"));
    assert!(target.replay.conflicts.is_empty());
}

/// Nobody's schema, but many files of it.
#[test]
fn many_unrelated_files_are_told_in_one_sentence() {
    let names: Vec<String> = (0..20_000).map(|n| format!("docs/{n}.txt")).collect();
    let files = names.iter().map(|n| (n.as_str(), &b"Dear reader, this is prose."[..]));
    let analysis = analyze(files.chain([("a.sql", &b"create table a ();"[..])]), Options::default());
    assert_eq!(problems(&analysis), ["not-a-schema: `docs/0.txt` and 19999 other files are no SQL and were not read."]);
    assert_eq!(analysis.targets[0].facts.tables, 1);
}

/// A folder of templates or notes that are called `.sql` is told in a few sentences, not in one for each file.
#[test]
fn many_files_that_are_no_sql_are_told_together() {
    let mut files: Vec<(String, &str)> = (0..50).map(|n| (format!("notes/{n}.sql"), "hello there")).collect();
    files.push(("1.sql".to_owned(), "CREATE TABLE a (id int PRIMARY KEY);"));
    let analysis = analyze(files.iter().map(|(n, t)| (n.as_str(), t.as_bytes())), Options::default());
    let told: Vec<&str> =
        analysis.problems.iter().map(|p| p.message.as_str()).filter(|m| m.contains("no SQL")).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().any(|m| m.starts_with("47 more files are no SQL")), "{told:?}");
    assert_eq!(analysis.targets[0].facts.tables, 1);
}
