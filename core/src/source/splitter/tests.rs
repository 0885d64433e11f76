//! Statements, rows and lines of tools, cut wherever the pieces end.

use super::*;

/// The parts of a text in a short form, the same for every chunk size.
fn split(sql: &str) -> Vec<String> {
    let whole = split_in(sql.as_bytes(), usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(split_in(sql.as_bytes(), size), whole, "chunks of {size}");
    }
    whole
}

fn split_in(sql: &[u8], size: usize) -> Vec<String> {
    let mut out = Vec::new();
    let mut splitter = Splitter::new(0);
    let mut sink = |part: Part<'_>| {
        let at = |p: Place| format!("{}:{}", p.line, p.column);
        out.push(match part {
            Part::Statement { text, at: p, lead, truncated } => {
                let original = String::from_utf8_lossy(&sql[p.offset as usize..p.offset as usize + text.len()]);
                assert_eq!(original.replace('\u{fffd}', "?"), text);
                format!("{} {}{}", at(p), &text[lead as usize..], if truncated { " …" } else { "" })
            }
            Part::Comment { text, at: p } => format!("{} comment {text}", at(p)),
            Part::Meta { text, at: p } => format!("{} meta {text}", at(p)),
            Part::Unterminated { what, text, at: p, open } => {
                format!("{} unterminated {} at {open}: {text}", at(p), what.name())
            }
            Part::GaveUp { at: p } => format!("{} gave up", at(p)),
        });
    };
    for chunk in sql.chunks(size.min(sql.len().max(1))) {
        splitter.push(chunk, &mut sink);
    }
    splitter.finish(&mut sink);
    out
}

#[test]
fn statements_end_at_semicolons_outside_quotes_and_comments() {
    assert_eq!(
        split("select 'a;b', \"c;d\"; -- e;f\nselect $x$ g;h $$ ; $x$ /* i; /* j; */ k; */;\n"),
        ["1:1 select 'a;b', \"c;d\"", "1:22 select $x$ g;h $$ ; $x$ /* i; /* j; */ k; */"]
    );
}

/// Liquibase: `endDelimiter` is a changeset's own. Atlas: a directive for the file. A word has a line to itself.
#[test]
fn comments_say_what_else_ends_a_statement() {
    assert_eq!(
        split(
            "--changeset a:1 endDelimiter:/\nselect 1 / 2\n/\nselect '/\n'/\n--changeset a:2\nselect 3 /\n4;select 5"
        ),
        ["1:1 select 1 / 2", "4:1 select '/\n'", "6:1 select 3 /\n4", "8:3 select 5"]
    );
    assert_eq!(
        split("-- atlas:delimiter \\nGO\n\ncreate table go (id int)\nGO\nselect 1 as go\n go \nselect 2;\nGO\n"),
        ["1:1 create table go (id int)", "5:1 select 1 as go", "7:1 select 2"]
    );
}

#[test]
fn only_e_strings_have_backslash_escapes() {
    assert_eq!(split(r"select E'it\'s;', 'c:\';select 2"), [r"1:1 select E'it\'s;', 'c:\'", "1:25 select 2"]);
    assert_eq!(split(r"select e'a'';\';b';x"), [r"1:1 select e'a'';\';b'", "1:20 x"]);
    assert_eq!(
        split("SET standard_conforming_strings = off;select 'it\\'s;';x"),
        ["1:1 SET standard_conforming_strings = off", "1:39 select 'it\\'s;'", "1:55 x"]
    );
}

/// dbmate, node-pg-migrate and Drizzle cut their files at lines, before they look for statements.
#[test]
fn marks_of_tools_end_statements() {
    assert_eq!(
        split("-- Up Migration\ncreate table t (a int)\n-- Down Migration\ndrop table t\n"),
        ["1:1 create table t (a int)", "3:1 drop table t"]
    );
    assert_eq!(
        split("select 1--> statement-breakpoint\nselect '\n-- migrate:down\n', $$\n-- Down Migration\n$$"),
        ["1:1 select 1", "1:9 select '\n-- migrate:down\n', $$\n-- Down Migration\n$$"]
    );
    assert_eq!(split("select 1 -- going down\n, 2"), ["1:1 select 1 -- going down\n, 2"]);
}

#[test]
fn rows_of_copy_are_no_sql() {
    assert_eq!(
        split("COPY t (a) FROM stdin;\nit's; \\N\n\\.\n\nselect 1;"),
        ["1:1 COPY t (a) FROM stdin", "5:1 select 1"]
    );
    assert_eq!(split("copy t from '/stdin.csv';select 1"), ["1:1 copy t from '/stdin.csv'", "1:26 select 1"]);
    assert_eq!(split("COPY t FROM STDIN WITH CSV;\r\na;b\r\n\\.\r\nx;"), ["1:1 COPY t FROM STDIN WITH CSV", "4:1 x"]);
}

#[test]
fn backslash_lines_belong_to_psql() {
    assert_eq!(
        split("\\restrict abc;def\n\\set ON_ERROR_STOP 1\nselect 1 \\gexec\nselect 2;\\echo it's"),
        [
            "1:1 meta \\restrict abc;def",
            "2:1 meta \\set ON_ERROR_STOP 1",
            "3:1 select 1",
            "3:10 meta \\gexec",
            "4:1 select 2",
            "4:10 meta \\echo it's"
        ]
    );
}

#[test]
fn bodies_with_semicolons_stay_whole() {
    assert_eq!(
        split(
            "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3;"
        ),
        [
            "1:1 create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end",
            "1:106 select 3"
        ]
    );
    assert_eq!(
        split("create rule r as on insert to t do also (insert into a values (1); delete from b); x"),
        ["1:1 create rule r as on insert to t do also (insert into a values (1); delete from b)", "1:84 x"]
    );
}

#[test]
fn a_missing_parenthesis_costs_one_statement() {
    assert_eq!(
        split("create table a (b int;\ncreate table c (d int);"),
        ["1:1 create table a (b int", "2:1 create table c (d int)"]
    );
}

#[test]
fn an_open_quote_costs_one_statement() {
    assert_eq!(
        split("select 1;\nselect 'oops;\ncreate table t ();\n"),
        ["1:1 select 1", "2:1 unterminated string at 7: select 'oops;", "3:1 create table t ()"]
    );
    assert_eq!(
        split("create table a ();\n/* never ends;\ncreate table t ();\n"),
        ["1:1 create table a ()", "2:1 unterminated comment at 0: /* never ends;", "3:1 create table t ()"]
    );
    assert_eq!(split("select $a$ x"), ["1:1 unterminated dollar-quoted text at 7: select $a$ x"]);
    assert_eq!(split("copy t from stdin;\n1\n2\n"), ["1:1 copy t from stdin", "4:1 unterminated COPY block at 0: "]);
}

#[test]
fn places_count_code_points_and_crlf_lines() {
    assert_eq!(split("-- é\r\n/* ü */ select 'ß' ;\r\n\tselect 2"), ["1:1 select 'ß'", "3:2 select 2"]);
}

#[test]
fn rows_of_a_long_insert_are_not_kept() {
    let sql = format!("insert into t values {};select 1", "(1, 'a;b'),".repeat(10_000));
    let parts = split_in(sql.as_bytes(), 4096);
    assert_eq!(parts.len(), 2, "{parts:?}");
    assert!(parts[0].len() < 2 * MAX_ROWS_BYTES && parts[0].starts_with("1:1 insert into t values (1, 'a;b')"));
    assert!(parts[1].ends_with(" select 1"), "{}", parts[1]);
}

#[test]
fn invalid_bytes_keep_offsets() {
    assert_eq!(split_in(b"select '\xff\xfe'; x", 64), ["1:1 select '??'", "1:14 x"]);
}
