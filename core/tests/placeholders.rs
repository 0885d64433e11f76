//! Template placeholders with values: what stands there once they are filled, and where it says it stands.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a test reads files and says when it skips")]

use std::path::{Path, PathBuf};

use relata_core::analysis::Analysis;
use relata_core::analyze;
use relata_core::emit::catalog::catalog;
use relata_core::problem::ProblemKind;
use relata_core::session::{FileOrder, Options};
use serde_json::Value;

fn read(sql: &str, defines: &[(&str, &str)]) -> Analysis {
    let defines = defines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    analyze([("a.sql", sql.as_bytes())], Options { server_version: Some(15), defines, ..Options::default() })
}

fn problems(analysis: &Analysis) -> Vec<String> {
    analysis.problems.iter().map(|p| format!("{}: {}", p.kind.name(), p.message)).collect()
}

/// The tables as `schema.table(column type = default, …)`, defaults as written.
fn tables(analysis: &Analysis) -> Vec<String> {
    let catalog = catalog(analysis.targets[0].schema());
    let mut tables = Vec::new();
    for (schema, objects) in catalog["schemas"].as_object().unwrap() {
        for (table, entry) in objects["tables"].as_object().unwrap() {
            let column = |c: &Value| {
                let default = c["default"].as_str().map_or(String::new(), |d| format!(" = {d}"));
                format!("{} {}{default}", c["name"].as_str().unwrap(), c["type"].as_str().unwrap())
            };
            let columns: Vec<String> = entry["columns"].as_array().unwrap().iter().map(column).collect();
            tables.push(format!("{schema}.{table}({})", columns.join(", ")));
        }
    }
    tables
}

/// Fills, and checks that nothing is left to complain of.
fn filled(sql: &str, defines: &[(&str, &str)]) -> Vec<String> {
    let analysis = read(sql, defines);
    assert_eq!(problems(&analysis), [""; 0], "{sql}");
    tables(&analysis)
}

#[test]
fn every_spelling_takes_a_name() {
    for spelling in [
        "{{schema}}.",
        "{{ schema }}.",
        "{{- .schema -}}.",
        "{{ index .Options \"schema\" }}.",
        "\"{{ index .Options \"schema\" }}\".",
        "{{ var('schema') }}.",
        ":schema.",
        ":\"schema\".",
        "@schema.",
        "@schema@.",
        "${schema}.",
        "\"${schema}\".",
        "${schema:-public}.",
        "$%schema%$.",
        "%{schema}.",
        "/* TEMPLATE: schema */",
    ] {
        let sql = format!("CREATE SCHEMA app; CREATE TABLE {spelling}t (id int);");
        assert_eq!(filled(&sql, &[("schema", "app")]), ["app.t(id integer)"], "{spelling}");
    }
}

#[test]
fn the_value_is_read_as_if_it_stood_there() {
    // A part of a name, a dotted name, a type, a number.
    assert_eq!(filled("CREATE TABLE users_${n}_x (id int);", &[("n", "07")]), ["public.users_07_x(id integer)"]);
    assert_eq!(filled("CREATE TABLE :t (id int);", &[("t", "public.T")]), ["public.t(id integer)"]);
    assert_eq!(
        filled("CREATE TABLE t (id $%KEY%$, n varchar(:len));", &[("KEY", "bigint NOT NULL"), ("len", "9")]),
        ["public.t(id bigint, n character varying(9))"]
    );
    // River gives a schema with its dot, and without a schema nothing.
    let river = "CREATE TABLE /* TEMPLATE: schema */t (id int);";
    assert_eq!(filled(river, &[("schema", "public.")]), ["public.t(id integer)"]);
    assert_eq!(filled(river, &[("schema", "")]), ["public.t(id integer)"]);
    // Several statements.
    assert_eq!(
        filled("{{ head }} TABLE b (id int);", &[("head", "CREATE TABLE a (x text); CREATE")]),
        ["public.a(x text)", "public.b(id integer)"]
    );
    // Of two values the later counts.
    assert_eq!(filled("CREATE TABLE :t (id int);", &[("t", "a"), ("t", "b")]), ["public.b(id integer)"]);
}

/// As psql 15 prints them: `\set x …` and `\echo :'x' :"x"`.
#[test]
fn psql_quotes_literals_and_identifiers() {
    assert_eq!(
        filled("CREATE TABLE :\"t\" (a text DEFAULT :'d');", &[("t", "My\"T"), ("d", "it's")]),
        ["public.My\"T(a text = 'it''s')"]
    );
    assert_eq!(filled("CREATE TABLE t (a text DEFAULT :'d');", &[("d", "a\\b")]), ["public.t(a text = E'a\\\\b')"]);
}

#[test]
fn quotes_and_comments() {
    // Templates know no SQL; psql leaves quotes and comments alone, and `::` is a cast.
    assert_eq!(
        filled(
            "CREATE TABLE t (a text DEFAULT '${x} :x'::x, b text DEFAULT 'me@x {{x}}' /* :x */, -- :x\n c int[] DEFAULT '{{1,2},{3,4}}');",
            &[("x", "text")]
        ),
        ["public.t(a text = 'text :x'::x, b text = 'me@x text', c integer[] = '{{1,2},{3,4}}')"]
    );
    // Operators of PostgreSQL that end in `@`.
    let sql = "CREATE TABLE t (y int[], CHECK (y <@y), b @y);";
    assert_eq!(filled(sql, &[("y", "int")]), ["public.t(y integer[], b integer)"]);
    // What a DO block runs.
    assert_eq!(
        filled("DO $$ BEGIN CREATE TABLE ${x} (id int); END $$;", &[("x", "made")]),
        ["public.made(id integer)"]
    );
    // graphile-migrate's names in capitals are replaced in bodies too; psql's are not.
    assert_eq!(filled("DO $$ BEGIN CREATE TABLE :X (id int); END $$;", &[("X", "made")]), ["public.made(id integer)"]);
    let analysis = read("DO $$ BEGIN CREATE TABLE :x (id int); END $$;", &[("x", "made")]);
    assert_eq!(
        problems(&analysis),
        [
            "unused-define: `--define x=…` filled nothing: no placeholder of that name was found.",
            "unfilled-placeholder: `:x` is a placeholder that has no value here; it is taken for a name. `--define x=VALUE` gives it one.",
        ]
    );
}

#[test]
fn what_has_no_value_is_reported_and_a_value_that_nothing_takes() {
    let analysis = read("CREATE TABLE {{ index .Options \"Namespace\" }}.t (id int);", &[("Namspace", "app")]);
    let mut told = problems(&analysis);
    told.sort();
    assert_eq!(
        told,
        [
            "unfilled-placeholder: `{{ index .Options \"Namespace\" }}` is a placeholder that has no value here; it is taken for a name. `--define Namespace=VALUE` gives it one.",
            "unused-define: `--define Namspace=…` filled nothing: no placeholder of that name was found.",
        ]
    );
}

#[test]
fn psql_set_lines_count_from_there_on() {
    assert_eq!(
        filled("\\set t 'one'\nCREATE TABLE :t (id int);\n\\set t two\nCREATE TABLE :t (id int);", &[]),
        ["public.one(id integer)", "public.two(id integer)"]
    );
    // Arguments are put together, variables replaced, quotes undone.
    assert_eq!(
        filled("\\set p app\n\\set t :p _ 't''s'\nCREATE TABLE :\"t\" (id int);", &[]),
        ["public.app_t's(id integer)"]
    );
    // A script's `\set` outdoes what was given, as in psql, but not where it asks first.
    assert_eq!(
        filled("CREATE TABLE :t (id int);\n\\set t b\nCREATE TABLE :t (id int);", &[("t", "a")]),
        ["public.a(id integer)", "public.b(id integer)"]
    );
    let asks = "\\if :{?t}\n\\else\n\\set t dflt\n\\endif\nCREATE TABLE :t (id int);";
    assert_eq!(filled(asks, &[("t", "given")]), ["public.given(id integer)"]);
    assert_eq!(filled(asks, &[]), ["public.dflt(id integer)"]);
    // What a shell prints is not known.
    let analysis = read("\\set t `date`\nCREATE TABLE :t (id int);", &[]);
    assert_eq!(analysis.problems[0].kind, ProblemKind::UnfilledPlaceholder);
}

#[test]
fn values_of_values_are_bounded() {
    let mut sql = "\\set a 0123456789\n".to_owned();
    sql.push_str(&"\\set a :a:a:a:a\n".repeat(6));
    sql.push_str(&format!("CREATE TABLE t ({});", ":a ".repeat(1000)));
    let analysis = read(&sql, &[]);
    assert!(analysis.problems.iter().any(|p| p.kind == ProblemKind::LimitExceeded), "{:?}", problems(&analysis).len());
}

#[test]
fn places_are_those_of_the_file() {
    // A longer and a shorter value before what is looked at.
    let sql = "CREATE TABLE ${schema}.${t}_x (id int, na varchar(:n));\nCREATE TABLE :t (a int);";
    let analysis = read(sql, &[("schema", "public"), ("t", "a_very_long_name_of_a_table"), ("n", "5")]);
    let text = |span: relata_core::source::Span| &sql[span.start as usize..span.end as usize];
    let schema = analysis.targets[0].schema();
    let spans: Vec<&str> = schema
        .live_tables()
        .flat_map(|(_, t)| t.live_columns().map(|(_, c)| text(c.span)).collect::<Vec<_>>())
        .collect();
    assert_eq!(spans, ["id int", "na varchar(:n)", "a int"]);
    let broken = read("CREATE TABLE ${schema}.t (id int,, b int);", &[("schema", "public")]);
    let span = broken.problems[0].span.unwrap();
    assert_eq!(&"CREATE TABLE ${schema}.t (id int,, b int);"[span.start as usize..span.end as usize], ",");
}

/// An item of the corpus with the values that it was loaded into PostgreSQL with: the same tables, with the same columns.
fn corpus_item(name: &str, prelude: &str, defines: &[(&str, &str)]) {
    let shared = std::env::var_os("RELATA_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let item = shared.join("corpus/dev").join(name);
    if !item.is_dir() {
        assert!(std::env::var_os("RELATA_REQUIRE_CORPUS").is_none_or(|v| v != "1"), "the corpus is required");
        println!("skipped: no corpus");
        return;
    }
    let order = std::fs::read_to_string(item.join("LOAD_ORDER.txt")).unwrap();
    let mut files = vec![("prelude.sql".to_owned(), prelude.as_bytes().to_vec())];
    for line in order.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        files.push((line.to_owned(), std::fs::read(item.join(line)).unwrap()));
    }
    let defines = defines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = Options { server_version: Some(15), order: FileOrder::AsGiven, defines, ..Options::default() };
    let analysis = analyze(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())), options);
    assert_eq!(problems(&analysis), [""; 0]);
    let made = catalog(analysis.targets[0].schema());
    let text = std::fs::read_to_string(item.join("catalog.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    for (schema, objects) in expected["schemas"].as_object().unwrap() {
        for (table, entry) in objects["tables"].as_object().unwrap() {
            let own = &made["schemas"][schema]["tables"][table];
            for (part, keys) in
                [("columns", ["name", "type", "nullable"]), ("fks", ["name", "ref_schema", "ref_table"])]
            {
                let parts = |table: &Value| -> Vec<Vec<Value>> {
                    let list = table[part].as_array().cloned().unwrap_or_default();
                    list.iter().map(|entry| keys.iter().map(|key| entry[*key].clone()).collect()).collect()
                };
                assert_eq!(parts(own), parts(entry), "{schema}.{table}: {part}");
            }
            assert_eq!(own["pk"]["name"], entry["pk"]["name"], "{schema}.{table}");
        }
    }
}

#[test]
fn ohdsi_with_its_schema() {
    corpus_item("pg-ohdsi-cdm54", "CREATE SCHEMA cdm;", &[("cdmDatabaseSchema", "cdm")]);
}

#[test]
fn graphile_worker_with_its_schema() {
    let define = ("GRAPHILE_WORKER_SCHEMA", "graphile_worker");
    corpus_item("pg-graphile-worker", "CREATE SCHEMA graphile_worker;", &[define]);
}

#[test]
fn supabase_auth_with_its_schema() {
    let prelude = "CREATE SCHEMA auth; CREATE EXTENSION pgcrypto; CREATE EXTENSION \"uuid-ossp\";";
    corpus_item("pg-supabase-auth", prelude, &[("Namespace", "auth")]);
}
