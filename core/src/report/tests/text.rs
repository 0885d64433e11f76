//! What `relata check` prints, to the letter. Places are counted by hand.

use super::super::{Report, TextOptions, text};
use super::{LOUD, QUIET, assert_tame};
use crate::analysis::{Analysis, Checked};
use crate::finding::{Certainty, Finding, Fix, Severity, Subject};
use crate::operation::ObjectKind;
use crate::rules::Rule;
use crate::score::Score;
use crate::source::{FileId, Span};

const SHOP: &str = "\
CREATE TABLE customer (id bigint PRIMARY KEY, full_name text NOT NULL, e_mail text NOT NULL);
CREATE TABLE log (
\tline text,
\t\"注文\" text
);
";

/// The schema, with findings of ours at the given pieces of its text.
fn shop(findings: Vec<Finding>) -> Analysis {
    let mut analysis = crate::analyze([("db/shop.sql", SHOP.as_bytes())], crate::Options::default());
    let target = &mut analysis.targets[0];
    target.checked = vec![Checked { rule: &LOUD, objects: 2, findings: 2, waived: 0 }];
    target.score = Score { total: 88, grade: 'B', ..Score::default() };
    target.findings = findings;
    analysis
}

/// A finding at each of these pieces of the text, the first time that they stand there.
fn finding(rule: &'static Rule, path: &str, message: &str, pieces: &[&str]) -> Finding {
    let place = |piece: &&str| {
        let start = SHOP.find(piece).unwrap();
        Span::new(FileId(0), start as u32, (start + piece.len()) as u32)
    };
    Finding {
        rule,
        severity: rule.severity,
        certainty: rule.certainty,
        objects: vec![Subject { kind: ObjectKind::Table, path: path.to_owned() }],
        message: message.to_owned(),
        evidence: None,
        spans: pieces.iter().map(place).collect(),
        fix: None,
        introduced_by: None,
        last_changed_by: None,
        fingerprint: String::new(),
        waived: None,
        past: false,
        lasting: false,
    }
}

fn printed(analysis: &Analysis, width: usize) -> String {
    let out = text(&Report::new(analysis), &TextOptions { width, sources: Some(&analysis.sources), colour: false });
    assert_tame(&out);
    out
}

/// That the findings are printed like this in 80 columns, with what is said of all of them behind it.
#[track_caller]
fn prints(findings: Vec<Finding>, told: &str, verdict: &str) {
    let last = "All 2 schema-changing statements understood. 1 rule made 2 checks.";
    assert_eq!(printed(&shop(findings), 80), format!("{told}\n{last}\n{verdict}\n"));
}

#[test]
fn a_finding_shows_its_source_and_what_repairs_it() {
    let fix = Fix {
        sql: "ALTER TABLE log ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT log_pkey PRIMARY KEY;"
            .to_owned(),
        caution: Some("The table is rewritten.".to_owned()),
    };
    let findings = vec![
        Finding {
            fix: Some(fix),
            evidence: Some("1 of 2 tables has one.".to_owned()),
            ..finding(
                &LOUD,
                "log",
                "`log` has no primary key, so no row of it can be told from another that holds the same.",
                &["log"],
            )
        },
        finding(&QUIET, "customer.e_mail", "Twice.", &["e_mail text NOT NULL", "full_name"]),
    ];
    prints(
        findings,
        "\
high: loud-rule (1 finding, proven)
  Flags a thing.

  db/shop.sql:2:14
    2 | CREATE TABLE log (
      |              ^^^
    `log` has no primary key, so no row of it can be told from another that
    holds the same.
    1 of 2 tables has one.
    fix:
      ALTER TABLE log ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY
        CONSTRAINT log_pkey PRIMARY KEY;
    before running it: The table is rewritten.

low: quiet-rule (1 finding, proven)
  Flags a thing.

  db/shop.sql:1:72
    1 | … (id bigint PRIMARY KEY, full_name text NOT NULL, e_mail text NOT NULL)
      |                                                    ^^^^^^^^^^^^^^^^^^^^
    Twice.
    see also db/shop.sql:1:47
    1 | …stomer (id bigint PRIMARY KEY, full_name text NOT NULL, e_mail text NO…
      |                                 ---------
",
        "2 findings: 1 high, 1 low. Score 88 of 100, grade B.",
    );
}

#[test]
fn a_span_of_several_lines_shows_three_or_its_first() {
    let whole = &SHOP[SHOP.find("CREATE TABLE log").unwrap()..SHOP.len() - 2];
    let findings = vec![
        finding(&LOUD, "log", "All of it.", &[whole]),
        finding(&LOUD, "log", "Two lines.", &["line text,\n\t\"注文\""]),
    ];
    prints(
        findings,
        "\
high: loud-rule (2 findings, proven)
  Flags a thing.

  db/shop.sql:2:1
    2 | CREATE TABLE log (
      | ^^^^^^^^^^^^^^^^^^ to line 5
    All of it.

  db/shop.sql:3:2
    3 |     line text,
      |     ^^^^^^^^^^
    4 |     \"注文\" text
      |     ^^^^^^
    Two lines.
",
        "2 findings: 2 high. Score 88 of 100, grade B.",
    );
}

/// What all findings of a group say is said once; what differs is said at each.
#[test]
fn a_narrow_terminal_and_many_alike() {
    let like = |name: &str, certainty| Finding {
        certainty,
        fix: Some(Fix { sql: "VACUUM;".to_owned(), caution: Some("Not in a transaction.".to_owned()) }),
        evidence: Some("So say the other tables of this schema.".to_owned()),
        ..finding(&LOUD, name, "It is so.", &["log"])
    };
    let analysis = shop(vec![
        like("log", Certainty::Proven),
        Finding { severity: Severity::Low, ..like("log", Certainty::Likely) },
    ]);
    assert_eq!(
        printed(&analysis, 40),
        "\
high: loud-rule (2 findings)
  Flags a thing.
  So say the other tables of this
  schema.

  db/shop.sql:2:14  proven
    2 | CREATE TABLE log (
      |              ^^^
    It is so.
    fix:
      VACUUM;

  db/shop.sql:2:14  low  likely
    2 | CREATE TABLE log (
      |              ^^^
    It is so.
    fix:
      VACUUM;

  before running any of these: Not in a
  transaction.

All 2 schema-changing statements
understood. 1 rule made 2 checks.
2 findings: 1 high, 1 low. Score 88 of
100, grade B.
"
    );
}

/// A terminal obeys escape sequences; names and lines of the source may hold some.
#[test]
fn nothing_of_the_source_acts_on_a_terminal() {
    let sql = "CREATE TABLE \"a\u{1b}]0;owned\u{7}\" (x text, \"\u{202e}y\" text, \"\u{9b}31m\" text);\n";
    let analysis = crate::analyze([("a\u{1b}[2J.sql", sql.as_bytes())], crate::Options::default());
    let out = printed(&analysis, 80);
    assert!(
        out.contains(
            "  a␛[2J.sql:1:14\n    1 | CREATE TABLE \"a␛]0;owned␇\" (x text, \"\\u{202e}y\" text, \"\\u{9b}31m\" te"
        ),
        "{out}"
    );
}

#[test]
fn problems_show_where_reading_failed() {
    let analysis = crate::analyze(
        [("a.sql", "CREATE TABLE t (id int PRIMARY KEY);\nCREATE TABLE u (id int,, x int);\n".as_bytes())],
        crate::Options::default(),
    );
    let out = printed(&analysis, 80);
    let told = "\
1 problem while reading:
  a.sql:2:24: Expected a column or constraint, but `,` stands here.
    2 | CREATE TABLE u (id int,, x int)
      |                        ^
";
    assert!(out.contains(told), "{out}");
}
