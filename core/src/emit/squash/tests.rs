//! Squashes, as documents: what is read, and what is written. That PostgreSQL takes them is the business of `tests/tests/emit.rs`.

use super::*;
use crate::{Options, analyze};

fn squashed(files: &[(&str, &str)], format: Format) -> Emitted {
    let analysis = analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), Options::default());
    let [target] = analysis.targets.as_slice() else { panic!("one target was expected: {:?}", analysis.problems) };
    squash(&analysis, target, format)
}

fn text(files: &[(&str, &str)]) -> String {
    squashed(files, Format::Sql).files.remove(0).text
}

#[test]
fn a_history_becomes_its_end_with_its_provenance() {
    let history = [
        ("m/0001_a.sql", "CREATE TABLE a (id integer PRIMARY KEY, gone text);\nINSERT INTO a VALUES (1, '');"),
        ("m/0002_b.sql", "CREATE TABLE b (a_id integer REFERENCES a (id));\nALTER TABLE a DROP COLUMN gone;"),
    ];
    let expected = "\
-- The whole schema as one migration, written by `relata squash`.
-- Before each object stands what made it: file and line, and the files that changed it since.
--
-- Left out: rows that are inserted or changed in `m/0001_a.sql`.

SET check_function_bodies = false;
SET search_path = public;

-- Tables

-- a: m/0001_a.sql:1, changed by m/0002_b.sql
CREATE TABLE public.a (
    id integer NOT NULL,
    CONSTRAINT a_pkey PRIMARY KEY (id)
);

-- b: m/0002_b.sql:1
CREATE TABLE public.b (
    a_id integer
);

-- Foreign keys

-- b_a_id_fkey: m/0002_b.sql:1
ALTER TABLE public.b
    ADD CONSTRAINT b_a_id_fkey FOREIGN KEY (a_id) REFERENCES public.a (id);

RESET search_path;
RESET check_function_bodies;
";
    assert_eq!(text(&history), expected);
    // A squash says of itself what it said before.
    assert_eq!(text(&[("squash.sql", expected)]), expected);
}

#[test]
fn the_comment_of_public_is_written_where_it_is_not_the_one_of_every_database() {
    let comment = |sql| text(&[("a.sql", sql)]).lines().find(|line| line.starts_with("COMMENT")).map(str::to_owned);
    assert_eq!(comment("COMMENT ON SCHEMA public IS '';"), Some("COMMENT ON SCHEMA public IS NULL;".to_owned()));
    assert_eq!(comment("COMMENT ON SCHEMA public IS 'x';"), Some("COMMENT ON SCHEMA public IS 'x';".to_owned()));
    assert_eq!(
        comment("DROP SCHEMA public; CREATE SCHEMA public;"),
        Some("COMMENT ON SCHEMA public IS NULL;".to_owned())
    );
    assert_eq!(comment("COMMENT ON SCHEMA public IS 'standard public schema';"), None);
    assert_eq!(comment("CREATE TABLE t (id integer);"), None);
}

#[test]
fn what_is_needed_comes_first_and_circles_are_closed_afterwards() {
    // The view reads a table, the function takes the view's row, the default calls the function, which reads the table.
    let script = "CREATE TABLE t (id integer);\nCREATE VIEW v AS SELECT id FROM t;\n\
                  CREATE FUNCTION f() RETURNS integer BEGIN ATOMIC SELECT id FROM v; END;\n\
                  ALTER TABLE t ALTER COLUMN id SET DEFAULT f();";
    let text = text(&[("a.sql", script)]);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in\n{text}"));
    assert!(at("CREATE TABLE public.t") < at("CREATE VIEW public.v"));
    assert!(at("CREATE VIEW public.v") < at("CREATE FUNCTION public.f()"));
    assert!(at("CREATE FUNCTION public.f()") < at("ALTER COLUMN id SET DEFAULT f()"));
}

#[test]
fn a_star_stands_for_the_columns_that_it_stood_for() {
    let script = "CREATE TABLE t (a integer, b integer);\nCREATE VIEW v AS SELECT x.*, 1 AS one FROM t x;\n\
                  ALTER TABLE t ADD COLUMN c integer;\nALTER TABLE t RENAME COLUMN b TO d;";
    let text = text(&[("a.sql", script)]);
    assert!(text.contains("CREATE VIEW public.v (a, b, one) AS\nSELECT x.a, x.d, 1 AS one FROM t x;"), "{text}");
}

#[test]
fn what_was_there_before_is_dropped_and_changed_as_the_files_do() {
    // The schema and the publications are a platform's. Of what the files make nothing was there before.
    let script = "DROP POLICY IF EXISTS p ON auth.users;\nCREATE POLICY p ON auth.users USING (true);\n\
                  DROP PUBLICATION IF EXISTS live;\nCREATE PUBLICATION live;\n\
                  COMMENT ON TABLE auth.users IS 'everyone';\nALTER TABLE auth.users ALTER email SET NOT NULL, ADD nick text;\n\
                  CREATE TABLE t (a integer);\nALTER PUBLICATION supabase_realtime SET TABLE t;\nDROP POLICY IF EXISTS q ON t;\nCREATE POLICY q ON t USING (true);";
    let text = text(&[("a.sql", script)]);
    let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in\n{text}"));
    assert!(at("DROP POLICY IF EXISTS p ON auth.users;") < at("CREATE POLICY p ON auth.users"));
    assert!(at("DROP PUBLICATION IF EXISTS live;") < at("CREATE PUBLICATION live;"));
    assert!(at("CREATE TABLE public.t") < at("ALTER PUBLICATION supabase_realtime SET TABLE t;"));
    at("COMMENT ON TABLE auth.users IS 'everyone';");
    at("ALTER TABLE auth.users ALTER email SET NOT NULL;");
    at("ALTER TABLE auth.users ADD COLUMN nick text;");
    assert!(!text.contains("DROP POLICY IF EXISTS q"), "{text}");
}

#[test]
fn the_schema_of_a_platform_is_left_to_it() {
    // A script that made the schema would not have the platform's table in it, and the key would lead nowhere.
    let script = "CREATE FUNCTION auth.tenant() RETURNS uuid LANGUAGE sql AS 'SELECT auth.uid()';\n\
                  CREATE TABLE t (u uuid REFERENCES auth.users (id));\nCREATE EXTENSION citext SCHEMA extensions;";
    let once = text(&[("a.sql", script)]);
    assert!(!once.contains("CREATE SCHEMA IF NOT EXISTS auth"), "{once}");
    assert!(once.contains("-- Left out: the schema auth: expected to be there before the first file."), "{once}");
    // Of one in which the files have only extensions nothing else is expected.
    assert!(once.contains("CREATE SCHEMA IF NOT EXISTS extensions;"), "{once}");
    assert_eq!(text(&[("squash.sql", &once)]), once);
}

#[test]
fn a_change_of_what_nobody_is_known_to_make_is_listed() {
    // The block may have made the table.
    let script = "DO $$ BEGIN EXECUTE (SELECT ddl FROM todo); END $$;\nALTER TABLE made ADD b text;\nALTER ROLE clerk SET work_mem = '1MB';";
    let text = text(&[("a.sql", script)]);
    let told: Vec<&str> = text.lines().filter(|l| l.starts_with("-- Left out:")).collect();
    let changes =
        ["a.sql:2", "a.sql:3"].map(|at| format!("-- Left out: {at}: a change of something that no file makes."));
    assert!(changes.iter().all(|c| told.contains(&c.as_str())), "{told:?}");
}

#[test]
fn what_is_not_understood_is_listed() {
    let script = "CREATE TABLE t (a integer);\nSELECT make_more();\nDO $$ BEGIN EXECUTE (SELECT string_agg(ddl, ';') FROM todo); END $$;";
    let emitted = squashed(&[("a.sql", script)], Format::Sql);
    let told = emitted.files[0].text.lines().filter(|l| l.starts_with("-- Left out: a.sql:")).count();
    assert_eq!(told, 2, "{}", emitted.files[0].text);
    assert_eq!(emitted.notes.len(), told);
}

#[test]
fn a_base_revision_of_alembic_leads_to_the_same_schema() {
    let script = "CREATE TYPE mood AS ENUM ('it''s \"ok\"', 'fine');\nCREATE TABLE t (m mood DEFAULT 'fine', x text DEFAULT '\\d');";
    let python = squashed(&[("a.sql", script)], Format::Alembic).files.remove(0).text;
    assert!(python.contains("\ndown_revision = None\n"), "{python}");
    let catalog = |name: &str, text: &str| {
        let analysis = analyze([(name, text.as_bytes())], Options::default());
        let mut catalog = crate::emit::catalog::catalog(analysis.targets[0].schema());
        // Alembic's own.
        if let Some(tables) = catalog["schemas"]["public"]["tables"].as_object_mut() {
            tables.remove("alembic_version");
        }
        catalog
    };
    assert_eq!(catalog("versions/base.py", &python), catalog("a.sql", script), "{python}");
}

#[test]
fn alembic_makes_the_table_of_its_own_by_itself() {
    let script = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);\nCREATE TABLE t (a integer);\n\
                  COMMENT ON TABLE alembic_version IS 'whose';";
    let python = squashed(&[("dump.sql", script)], Format::Alembic).files.remove(0).text;
    assert!(!python.contains("CREATE TABLE public.alembic_version"), "{python}");
    assert!(!python.contains("DROP TABLE IF EXISTS public.alembic_version"), "{python}");
    assert!(python.contains("COMMENT ON TABLE public.alembic_version IS 'whose'"), "{python}");
}

/// PostgreSQL 15 refuses `CREATE ROLE %I`, which is all that the file holds of it.
#[test]
fn a_role_that_a_block_builds_is_made_by_its_name() {
    let block = "DO $$ DECLARE r name; BEGIN FOREACH r IN ARRAY ARRAY['app_reader', 'app_writer']::name[] LOOP\n\
                 EXECUTE format('CREATE ROLE %I NOLOGIN', r); END LOOP; END $$;\nCREATE ROLE plain NOLOGIN;";
    let written = text(&[("a.sql", block)]);
    for role in ["CREATE ROLE app_reader;", "CREATE ROLE app_writer;", "CREATE ROLE plain NOLOGIN;"] {
        assert!(written.contains(role), "{role}: {written}");
    }
}
