//! What is read here is read as sqlparser reads it.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::{by_sqlparser, query_by_sqlparser};
use super::*;
use crate::order::Order;

#[track_caller]
fn same(text: &str) {
    assert_eq!(expression(text), Some(by_sqlparser(text)), "{text}");
}

#[test]
fn constants() {
    for text in
        ["0", "42", "1.5", "'new'", "''", "'it''s'", "'a\\b'", "true", "FALSE", "null", "'a:b (c)'", "-1", "+ 2"]
    {
        same(text);
        for of in [
            "text",
            "jsonb",
            "integer",
            "character varying",
            "double precision",
            "timestamp with time zone",
            "mood",
            "\"Mood\"",
            "public.\"Mood\"",
            "public.mood",
        ] {
            same(&format!("{text}::{of}"));
            same(&format!("{text}::{of}[]"));
        }
    }
}

#[test]
fn names_and_calls() {
    for text in [
        "a",
        "A.b",
        "\"A\".\"b \"\"c\"",
        "s.t.c",
        "now()",
        "NOW()",
        "auth.uid()",
        "count(*)",
        "count(t.*)",
        "count(DISTINCT a)",
        "coalesce(a, b, 'x'::text)",
        "nextval('s'::regclass)",
        "\"F\"(1)",
        "current_timestamp",
        "CURRENT_DATE",
        "EXTRACT(epoch FROM now() - a)",
        "extract(Year from (a)::date)",
        "ARRAY[]::text[]",
        "left(a, 2)",
    ] {
        same(text);
    }
}

/// Every pair of operators, one behind the other: which binds first, and what becomes one list.
#[test]
fn strengths() {
    let infix = [
        "=",
        "<>",
        "!=",
        "<",
        ">=",
        "~",
        "!~*",
        "~~",
        "+",
        "-",
        "*",
        "/",
        "%",
        "^",
        "||",
        "->",
        "->>",
        "@>",
        "&&",
        "AND",
        "or",
        "LIKE",
        "not ilike",
        "IS DISTINCT FROM",
        "is not distinct from",
        "at time zone",
    ];
    let behind =
        ["", " IS NULL", " is not true", "::text", " IN (1, 2)", " not in ('a')", " BETWEEN 1 AND 2", " COLLATE \"C\""];
    for first in infix {
        for second in infix {
            for tail in behind {
                for front in ["", "NOT ", "-"] {
                    same(&format!("{front}a {first} b {second} c{tail}"));
                }
            }
        }
        for tail in behind {
            same(&format!("a{tail} {first} (b){tail}"));
        }
    }
    for chain in [
        "a AND b AND c AND d",
        "(a OR b) OR c",
        "a OR (b OR c)",
        "+a + b",
        "a - b - c",
        "a || b || c",
        "NOT a AND NOT (b)",
    ] {
        same(chain);
    }
}

#[test]
fn quantified_cases_and_rows() {
    for text in [
        "state = ANY (ARRAY['a'::text, 'b'::text])",
        "state = ANY ('{a,b}'::text[])",
        "a <> ALL (ARRAY[1])",
        "a = some (b)",
        "a = any (select b from t)",
        "CASE WHEN a = 1 THEN 'x' ELSE b END",
        "case a when 1 then 2 when 3 then 4 end",
        "(a, b) = (1, 2)",
        "(a, b) IN ((1, 2), (3, 4))",
        "a IN (SELECT b FROM t WHERE c)",
        "EXISTS (SELECT 1 FROM t)",
        "not exists (select * from s.t x where x.a = b)",
        "(SELECT current_setting('x'::text) AS y) = 'a'",
    ] {
        same(text);
    }
}

#[test]
fn queries() {
    for text in [
        "SELECT 1",
        "SELECT a, t.b AS c, u.*, * FROM t, s.u AS x",
        "SELECT DISTINCT a FROM t JOIN u ON t.a = u.a LEFT OUTER JOIN v x USING (a, b) CROSS JOIN w",
        "SELECT t.a FROM ((t JOIN u ON ((t.a = u.a))) FULL JOIN v ON (true)) WHERE a > 0 GROUP BY a, b HAVING (count(*) > 1) ORDER BY a DESC NULLS LAST, 2 LIMIT 10",
        "SELECT q.a FROM (SELECT b AS a FROM t) q RIGHT JOIN (SELECT 1) AS r ON q.a = 1",
        "select \"T\".a from \"T\" \"U\"",
    ] {
        assert_eq!(query(text), query_by_sqlparser(text), "{text}");
        assert!(query(text).is_some(), "{text}");
    }
}

#[test]
fn the_rest_is_left_to_sqlparser() {
    for text in [
        "",
        "'a' 'b'",
        "E'a'",
        "date '2020-01-01'",
        "interval '1 day'",
        "a[1]",
        "(a).b",
        "a b",
        "a =",
        "f(a => 1)",
        "sum(a) over ()",
        "extract('year' from a)",
        "a::varchar(3)",
        "a::timestamp(3)",
        "$1",
        "a like 'x' escape '!'",
        "a operator(+) b",
        "a isnull",
        "now(",
        "'a",
        "1e3",
        "ARRAY(SELECT 1)",
        "a <-> b",
        "CURRENT_TIMESTAMP(3)",
    ] {
        assert_eq!(expression(text), None, "{text}");
    }
    for text in [
        "select 1 union select 2",
        "with a as (select 1) select 2",
        "select a b from t",
        "select * from t tablesample system (1)",
        "table t",
        "select * from f(1)",
        "select 1;",
    ] {
        assert_eq!(query(text), None, "{text}");
    }
    assert_eq!(expression(&"(".repeat(100_000)), None);
    assert_eq!(expression(&format!("{}a{}", "(".repeat(60), ")".repeat(60))), None);
}

/// Every text in parentheses of the corpus, and every text between two commas, semicolons or parentheses, whatever it is, as expression and as query.
#[allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "only a test of the crate itself can ask both readers, and it reads the corpus"
)]
#[test]
fn texts_of_real_schemas_are_read_as_sqlparser_reads_them() {
    let named = std::env::var_os("RELATA_CORPUS").map(std::path::PathBuf::from);
    let corpus = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared")).join("corpus/dev");
    let mut files = Vec::new();
    if !collect(&corpus, &mut files) {
        let required = std::env::var_os("RELATA_REQUIRE_CORPUS").is_some_and(|v| v == "1");
        assert!(!required, "RELATA_REQUIRE_CORPUS is set, but there is no corpus");
        println!("skipped: no corpus");
        return;
    }
    let (mut read, mut left) = (0, 0);
    let mut seen = BTreeSet::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        for part in parts(&text) {
            if !seen.insert(part.to_owned()) {
                continue;
            }
            if let Some(tree) = expression(part) {
                read += 1;
                assert_eq!(tree, by_sqlparser(part), "{}: {part}", file.display());
            } else {
                left += 1;
            }
            if let Some(tree) = query(part) {
                assert_eq!(Some(tree), query_by_sqlparser(part), "{}: {part}", file.display());
            }
        }
    }
    println!("{read} of {} texts read", read + left);
    assert!(read > 50_000, "{read} read, {left} left");
}

#[allow(clippy::disallowed_methods, reason = "see above")]
fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "sql") {
            files.push(path);
        }
    }
    files.order();
    true
}

/// The texts between brackets, commas, semicolons and some words.
fn parts(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    lex(text, &mut tokens, 2_000_000);
    let (mut open, mut out, mut starts) = (Vec::new(), Vec::new(), vec![0_u32]);
    let mut add = |from: u32, to: u32| {
        if let Some(part) = text.get(from as usize..to as usize).map(str::trim)
            && (1..4000).contains(&part.len())
        {
            out.push(part);
        }
    };
    for token in tokens {
        let text = text.get(token.start as usize..token.end as usize).unwrap_or_default();
        match token.kind {
            TokenKind::LeftParen => {
                open.push(starts.len());
                starts.push(token.end);
            }
            TokenKind::RightParen => {
                if let Some(depth) = open.pop() {
                    let inner = starts.get(depth).copied().unwrap_or(0);
                    add(inner, token.start);
                    // With its own brackets, too.
                    add(inner.saturating_sub(1), token.end);
                    if let Some(last) = starts.last().copied().filter(|_| starts.len() > depth + 1) {
                        add(last, token.start);
                    }
                    starts.truncate(depth);
                }
            }
            TokenKind::Comma | TokenKind::Semicolon => {
                if let Some(last) = starts.last_mut() {
                    add(*last, token.start);
                    *last = token.end;
                }
            }
            TokenKind::Word
                if ["default", "as", "check", "using", "where", "select", "when"]
                    .iter()
                    .any(|w| text.eq_ignore_ascii_case(w)) =>
            {
                if let Some(last) = starts.last_mut() {
                    add(*last, token.start);
                    *last = if text.eq_ignore_ascii_case("select") { token.start } else { token.end };
                }
            }
            _ => {}
        }
    }
    out
}
