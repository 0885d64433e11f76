//! What a person may choose: chapters, severity, links. And the forms that have a limit.

use std::fmt::Write as _;

use super::*;
use crate::finding::{Finding, Fix};
use crate::{Options, analyze};

fn read(files: &[(&str, &str)]) -> Analysis {
    analyze(files.iter().map(|(name, sql)| (*name, sql.as_bytes())), Options::default())
}

#[test]
fn only_the_chapters_that_are_wanted_are_there_and_no_link_leads_out_of_them() {
    let sections = BTreeSet::from([Section::Findings, Section::Plan]);
    let options = ReportOptions { sections, ..drawn() };
    let out = html(&report(), &options);
    assert_well_formed(&out);
    assert!(out.contains("<h2 id=\"findings\">") && out.contains("<h2 id=\"plan\">"));
    assert!(!out.contains("<h2 id=\"summary\">") && !out.contains("<h2 id=\"tables\">"));
    assert_markdown("two chapters", &markdown(&report(), &options));
}

#[test]
fn what_is_below_the_wanted_severity_is_counted_and_not_listed() {
    let options = ReportOptions { least: Severity::Critical, ..drawn() };
    let out = html(&report(), &options);
    assert_well_formed(&out);
    assert!(out.contains("3 findings: 1 critical, 1 high, 1 low."));
    assert_eq!(out.matches("class=\"finding\"").count(), 1);
    assert!(out.contains("1 finding of severity low is counted and not listed."));
}

#[test]
fn places_link_to_the_repository() {
    let analysis = read(&[("db/1.sql", "CREATE TABLE a (x int);")]);
    let source_url = Some("https://example.com/blob/main".to_owned());
    let options = ReportOptions { source_url, ..ReportOptions::default() };
    let report = Report::complete(&analysis);
    assert!(
        html(&report, &options).contains("<a href=\"https://example.com/blob/main/db/1.sql#L1\" rel=\"noreferrer\">")
    );
    assert!(markdown(&report, &options).contains("[`db/1.sql:1:14`](<https://example.com/blob/main/db/1.sql#L1>)"));
}

/// Five hundred tables with long names and much to say of each.
fn large() -> Analysis {
    let mut sql = String::new();
    for n in 0..500 {
        let _ = writeln!(
            sql,
            "CREATE TABLE warehouse_inventory_movement_{n} (id int, organisation_id int, parent_id int REFERENCES \
             warehouse_inventory_movement_0 (id), created_at timestamp, price money, status text, name varchar(20), data json, note text, \
             is_open boolean, weight numeric(10,2), UNIQUE (id));"
        );
    }
    read(&[("schema.sql", &sql)])
}

#[test]
fn a_large_schema_fits_where_its_report_goes() {
    let analysis = large();
    let report = Report::complete(&analysis);
    assert!(report.counts().total() > 2_000);
    let page = html(&report, &ReportOptions::default());
    // 16 findings for each table: the worst that a schema of this size is likely to have, each fix with all that lets writes go on meanwhile. Its drawing
    // takes some 320 KB besides.
    assert!(page.len() < 4_660_000, "{} bytes", page.len());
    assert_well_formed(&page);
    // Ten findings of a rule stand open.
    let group = report.targets[0].groups.iter().find(|g| g.rule == "no-primary-key").unwrap();
    assert!(page.contains(&format!("{} more findings of <code>no-primary-key</code>", group.findings.len() - 10)));
    let comment = pull_request(&report, &ReportOptions::default());
    assert!(comment.chars().count() < PULL_REQUEST_CHARACTERS, "{}", comment.chars().count());
    assert!(comment.contains("no-primary-key"), "{comment}");
    assert!(job_summary(&report, &ReportOptions::default()).len() < JOB_SUMMARY_BYTES);
}

#[test]
fn a_report_tells_what_changed_since_the_base() {
    let base = read(&[("schema.sql", "CREATE TABLE a (id int, m money); CREATE TABLE gone (id int PRIMARY KEY);")]);
    let mut now = read(&[(
        "schema.sql",
        "CREATE TABLE a (id int PRIMARY KEY, m numeric(9, 2)); CREATE TABLE b (id int PRIMARY KEY, m money);",
    )]);
    let report = Report::complete_since(&mut now, &base);
    let compared = &report.comparison.as_ref().unwrap().targets[0];
    let new: Vec<&str> = compared.new.iter().map(|at| report.targets[0].findings[*at as usize].subject()).collect();
    assert!(new.contains(&"public.b.m"), "{new:?}");
    let fixed: Vec<_> = compared.fixed.iter().map(|f| (f.rule, f.object.as_str())).collect();
    assert!(
        fixed.contains(&("no-primary-key", "public.a")) && fixed.contains(&("money-type", "public.a.m")),
        "{fixed:?}"
    );
    assert!(compared.score_after > compared.score_before);
    let changes: Vec<_> = compared.changes.iter().map(|c| (c.change.sign(), c.kind, c.path.as_str())).collect();
    // The index behind the key goes with it, and a table that changed by its parts is told by them.
    for expected in [
        ('~', "column", "public.a.id"),
        ('~', "column", "public.a.m"),
        ('+', "constraint", "public.a.a_pkey"),
        ('+', "table", "public.b"),
        ('-', "table", "public.gone"),
    ] {
        assert!(changes.contains(&expected), "{expected:?} in {changes:?}");
    }
    assert_eq!(changes.len(), 5, "{changes:?}");
    let text = pull_request(&report, &ReportOptions::default());
    assert!(text.contains("What this change brings"), "{text}");
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/report.schema.json")).unwrap();
    let whole: Value = serde_json::from_str(&json(&report)).unwrap();
    assert_eq!(json_schema::departures(&schema, &whole), Vec::<String>::new());
    assert_well_formed(&html(&report, &ReportOptions::default()));
}

/// Both forms of a comparison tell the same, with what only two states show.
#[test]
fn a_report_and_a_check_agree_on_what_is_new() {
    let (a, b, c) =
        ("CREATE TABLE a (id int, m money);", "CREATE TABLE b (id int, m money);", "CREATE TABLE c (id int);");
    let base = || read(&[("m/1_a.sql", a), ("m/3_c.sql", c)]);
    let now = || read(&[("m/1_a.sql", a), ("m/2_b.sql", b), ("m/3_c.sql", c)]);
    let mut checked = now();
    let compared = crate::baseline::keep_new(&mut checked, &base());
    let expected: Vec<&str> = checked.targets[0].findings.iter().map(|f| f.fingerprint.as_str()).collect();
    let report = Report::complete_since(&mut now(), &base());
    let target = &report.targets[0];
    let told = &report.comparison.as_ref().unwrap().targets[0];
    let new: Vec<_> = told.new.iter().map(|at| &target.findings[*at as usize]).collect();
    assert_eq!(new.iter().map(|f| f.fingerprint.as_str()).collect::<Vec<_>>(), expected);
    assert!(new.iter().any(|f| f.rule == "non-linear-history"), "{expected:?}");
    assert_eq!((told.unchanged, told.fixed.len() as u32), (compared.known, compared.fixed));
}

/// What the plan says to run, runs behind the schema in the plan's order.
#[test]
fn the_sql_of_the_plan_runs_in_its_order() {
    let sql = "CREATE TABLE org (id int PRIMARY KEY);
        CREATE TABLE a (id int PRIMARY KEY, org_id int NOT NULL REFERENCES org, name text, status varchar(10), at timestamp);
        CREATE INDEX a_org ON a (org_id); CREATE INDEX a_org_name ON a (org_id, name); CREATE INDEX again ON a (org_id, name);
        CREATE TABLE b (id int PRIMARY KEY, org_id int NOT NULL REFERENCES org, a_id int, price numeric(9, 2), data jsonb);
        CREATE TABLE c (id int PRIMARY KEY, org_id int NOT NULL REFERENCES org, b_id int REFERENCES b, email text);";
    let analysis = read(&[("schema.sql", sql)]);
    let report = Report::complete(&analysis);
    let plan = &report.targets[0].audit.as_ref().unwrap().plan;
    let all: String = plan.iter().map(|p| p.sql.as_str()).collect();
    assert!(all.contains("CREATE INDEX") && all.contains("FOREIGN KEY") && all.contains("DROP INDEX"), "{all}");
    let repaired = read(&[("schema.sql", &format!("{sql}\n{all}"))]);
    assert_eq!(repaired.targets[0].replay.conflicts, []);
    // Within a phase what is dropped comes behind what is made.
    for phase in plan {
        let last = |words: &str| phase.sql.rfind(words);
        if let (Some(made), Some(dropped)) = (last("CREATE INDEX"), phase.sql.find("DROP INDEX")) {
            assert!(made < dropped, "{}", phase.sql);
        }
    }
}

/// The second finding asks for a decision; the third and the fourth are repaired by one statement; that of the first would be refused.
#[test]
fn steps_of_the_plan_are_in_the_order_of_its_sql() {
    let mut analysis = read(&[("schema.sql", "CREATE TABLE a (x integer);")]);
    let findings = &mut analysis.targets[0].findings;
    let any = findings.iter().find(|f| f.rule.name == "no-primary-key").unwrap().clone();
    let fixes =
        [Some("ALTER TABLE missing ADD COLUMN y integer;"), None, Some("CREATE SCHEMA s;"), Some("CREATE SCHEMA s;")];
    *findings = fixes
        .iter()
        .enumerate()
        .map(|(at, sql)| Finding {
            fix: sql.map(|sql| Fix { sql: sql.to_owned(), caution: None }),
            fingerprint: at.to_string(),
            ..any.clone()
        })
        .collect();
    let report = Report::complete(&analysis);
    let [phase] = report.targets[0].audit.as_ref().unwrap().plan.as_slice() else { panic!("one phase was expected") };
    assert_eq!(phase.steps.iter().map(|s| s.finding).collect::<Vec<_>>(), [1, 2, 3, 0]);
    assert_eq!(phase.sql, "-- F3, F4 no-primary-key\nCREATE SCHEMA s;\n");
}
