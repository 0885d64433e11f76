//! `relata.toml` and waivers, held against small schemas.

use super::*;
use crate::analysis::Analysis;
use crate::problem::ProblemKind;
use crate::{Options, analyze};

/// A table without a primary key, and one whose foreign key no index serves.
const SHOP: &str = "\
CREATE TABLE customer (id bigint PRIMARY KEY, email text NOT NULL);
CREATE TABLE purchase (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer (id)
);
CREATE TABLE log (line text);
";

fn analysis(files: &[(&str, &str)], options: Options) -> Analysis {
    analyze(files.iter().map(|(name, text)| (*name, text.as_bytes())), options)
}

fn shop(toml: &str) -> Analysis {
    analysis(&[("shop.sql", SHOP), ("relata.toml", toml)], Options::default())
}

/// The problems with the settings: `line:column message`.
fn mistakes(toml: &str) -> Vec<String> {
    let analysis = shop(toml);
    let settings = analysis.problems.iter().filter(|p| p.kind == ProblemKind::BadSetting);
    settings
        .map(|p| {
            let at = analysis.location(p.span.unwrap());
            assert_eq!(at.file, "relata.toml");
            format!("{}:{} {}", at.line, at.column, p.message)
        })
        .collect()
}

/// Rule and subject of the findings of some rules, those that are waived with `~` in front.
fn found(analysis: &Analysis, rules: &[&str]) -> Vec<String> {
    let findings = analysis.targets.iter().flat_map(|t| &t.findings).filter(|f| rules.contains(&f.rule.name));
    findings
        .map(|f| {
            let mark = if f.waived.is_some() { "~" } else { "" };
            format!("{mark}{} {}", f.rule.name, f.objects[0].path)
        })
        .collect()
}

fn told(analysis: &Analysis, kind: ProblemKind) -> Vec<&str> {
    analysis.problems.iter().filter(|p| p.kind == kind).map(|p| p.message.as_str()).collect()
}

#[test]
fn a_mistake_is_told_with_its_place_and_the_nearest_word() {
    for (toml, expected) in [
        ("fail_on = 'high'", "1:1 `fail_on` is no key; did you mean `fail-on`?"),
        ("fail-on = 'hihg'", "1:11 `hihg` is none of critical, high, medium, low, info, never. Did you mean `high`?"),
        ("\nserver-version = '15'", "2:18 `server-version` takes a whole number, not a text."),
        ("server-version = 8", "1:18 `server-version` is a number from 9 to 99."),
        ("runner = 'flywya'", "1:10 `flywya` is none of "),
        ("[rule]", "1:2 `rule` is no key; did you mean `rules`?"),
        ("[rules]\nno-primary-kye = 'off'", "2:1 `no-primary-kye` is no rule; did you mean `no-primary-key`?"),
        ("[rules]\nno-primary-key = true", "2:18 `severity` takes a text in quotes, not true or false."),
        ("[rules]\nxyzzy-plugh = 'off'", "2:1 `xyzzy-plugh` is no rule; `relata rules` lists them."),
        ("[rules.wide-table]\nlimits = 3", "2:1 `limits` is no key of [rules.wide-table]; did you mean `limit`?"),
        ("[rules.wide-table]\nseverity = 'off'\nlimit = 3", "3:1 `limit` has no effect: `wide-table` is off."),
        ("[conventions]\ntenantkey = 'x'", "2:1 `tenantkey` is no key of [conventions]; did you mean `tenant-key`?"),
        ("[conventions.naming]\ntables = '[a-z'", "2:10 `[a-z` is no pattern: this `[` is never closed at `[a-z`."),
        (
            "[conventions]\ntenant-key = 'none'\ntenant-root = 'public.org'",
            "3:1 `tenant-root` contradicts `tenant-key = \"none\"`.",
        ),
        ("[conventions]\ncreated-at = 'line'\nupdated-at = 'line'", "3:1 `line` is `created-at` already."),
        (
            "[conventions]\nsoft-delete = 'lime'",
            "2:15 No table has a column `lime`, so `soft-delete` decides nothing. Did you mean `line`?",
        ),
        (
            "[conventions]\nsoft-delete = 'none'\naudit-columns = ['deleted_at']",
            "3:1 `deleted_at` in `audit-columns` contradicts `soft-delete = \"none\"`.",
        ),
        (
            "[[waivers]]\nrule = 'no-primary-key'",
            "1:3 A waiver needs its `reason`: whoever reads it later has to know why.",
        ),
        ("[[waivers]]\nreason = 'x'", "1:3 A waiver says what it is for: `rule`, `object`, `path` or `fingerprint`."),
        (
            "[[waivers]]\nrule = 'no-primry-key'\nreason = 'x'",
            "2:8 `no-primry-key` is no rule; did you mean `no-primary-key`?",
        ),
        (
            "[[waivers]]\nrule = 'no-primary-key'\nreason = 'x'\nuntil = 'soon'",
            "4:9 `until` takes a day such as 2026-12-31, not a text.",
        ),
        (
            "[[waivers]]\nfingerprint = 'xyz'\nreason = 'x'",
            "2:15 `xyz` is no fingerprint: 16 digits and letters from a to f.",
        ),
        ("waivers = 'all'", "1:11 `waivers` takes tables with the header [[waivers]], not a text."),
        ("fail-on = high", "1:11 `high` is no value; a text stands in quotes."),
    ] {
        let found = mistakes(toml);
        assert_eq!(found.len(), 1, "{toml}: {found:?}");
        assert!(found[0].starts_with(expected), "{toml}: {}", found[0]);
    }
    assert_eq!(mistakes(""), [""; 0]);
}

#[test]
fn the_settings_that_lie_highest_hold() {
    let files = [
        ("db/shop.sql", SHOP),
        ("db/relata.toml", "[rules]\nno-primary-key = 'off'"),
        ("relata.toml", "fail-on = 'low'"),
    ];
    let read = analysis(&files, Options::default());
    assert_eq!(read.policy.fail_on, Some(FailOn::From(Severity::Low)));
    assert_eq!(
        told(&read, ProblemKind::NotApplied),
        ["`db/relata.toml` was not used: the settings are those of `relata.toml`."]
    );
    // What the caller names goes before all of them.
    let config = ConfigFile { name: "ci.toml".to_owned(), text: "fail-on = 'never'".to_owned() };
    let read = analysis(&files, Options { config: Some(config), ..Options::default() });
    assert_eq!(read.policy.fail_on, Some(FailOn::Never));
    assert_eq!(told(&read, ProblemKind::NotApplied), [""; 0]);
}

#[test]
fn a_rule_is_switched_off_or_on_and_its_severity_set() {
    let rules = ["no-primary-key", "foreign-key-not-indexed", "generic-primary-key-name"];
    let severities = |toml: &str| -> Vec<String> {
        let read = shop(toml);
        let findings = read.targets[0].findings.iter().filter(|f| rules.contains(&f.rule.name));
        findings.map(|f| format!("{} {}", f.rule.name, f.severity)).collect()
    };
    assert_eq!(severities(""), ["no-primary-key high", "foreign-key-not-indexed medium"]);
    assert_eq!(severities("[rules]\nno-primary-key = 'off'"), ["foreign-key-not-indexed medium"]);
    assert_eq!(
        severities("[rules]\nno-primary-key = 'low'\nforeign-key-not-indexed = { severity = 'critical' }"),
        ["foreign-key-not-indexed critical", "no-primary-key low"]
    );
    assert_eq!(severities("[rules]\ngeneric-primary-key-name = 'on'").len(), 4);
}

#[test]
fn a_rule_goes_by_its_parameter() {
    let wide = |toml: &str| found(&shop(toml), &["wide-table"]);
    assert_eq!(wide(""), [""; 0]);
    assert_eq!(wide("[rules.wide-table]\nlimit = 1"), ["wide-table public.customer", "wide-table public.purchase"]);
    let names = found(&shop("[rules]\nforbidden-name.names = ['log', 'cust.*']"), &["forbidden-name"]);
    assert_eq!(
        names,
        ["forbidden-name public.customer", "forbidden-name public.purchase.customer_id", "forbidden-name public.log"]
    );
}

#[test]
fn no_rule_speaks_of_an_ignored_table() {
    let read = shop("ignore-tables = ['public.l*', 'purchase']");
    assert_eq!(found(&read, &["no-primary-key", "foreign-key-not-indexed"]), [""; 0]);
}

#[test]
fn conventions_are_as_they_are_pinned() {
    let read =
        shop("[conventions]\ntenant-key = 'customer_id'\ntenant-root = 'customer'\naudit-columns = ['created_at']");
    let conventions = &read.targets[0].conventions;
    let tenant = conventions.tenant.as_ref().unwrap();
    assert_eq!((tenant.habit.column.as_str(), tenant.habit.tables, tenant.habit.of), ("customer_id", 1, 3));
    assert!(tenant.habit.pinned && tenant.root.is_some());
    assert_eq!(found(&read, &["audit-columns-missing"]).len(), 3);
    assert!(shop("").targets[0].conventions.tenant.is_none());
}

/// Unasked the rule does not speak of single tables.
#[test]
fn who_made_a_row_is_asked_of_each_table_where_the_rule_is_switched_on() {
    let made =
        |name: &str, by: &str| format!("CREATE TABLE {name} (id bigint PRIMARY KEY, {by}created_at timestamptz);\n");
    let sql: String = ["a", "b", "c"].map(|name| made(name, "created_by bigint, ")).concat() + &made("d", "");
    let under = |toml: &str| {
        let read = analysis(&[("a.sql", sql.as_str()), ("relata.toml", toml)], Options::default());
        found(&read, &["audit-columns-missing"])
    };
    assert_eq!(under("[rules]\n"), [""; 0]);
    assert_eq!(under("[rules]\naudit-columns-missing = 'on'\n"), ["audit-columns-missing public.d"]);
}

/// The findings of one rule about SQL under settings in `[conventions]`.
fn under(conventions: &str, sql: &str, rule: &str) -> Vec<String> {
    let toml = format!("[conventions]\n{conventions}");
    found(&analysis(&[("a.sql", sql), ("relata.toml", &toml)], Options::default()), &[rule])
}

#[test]
fn rows_are_marked_as_deleted_in_the_pinned_column_only() {
    let sql = "CREATE TABLE a (id bigint PRIMARY KEY, email text UNIQUE, deleted_at timestamptz);
               CREATE TABLE b (id bigint PRIMARY KEY, email text UNIQUE, gone_at timestamptz);
               COMMENT ON TABLE a IS 'Soft delete via gone_at';
               CREATE TABLE c (id bigint PRIMARY KEY);
               COMMENT ON TABLE c IS 'Soft delete via deleted_at';";
    for (pin, unique, missing) in [
        (
            "",
            ["soft-delete-breaks-unique public.a.a_email_key"].as_slice(),
            ["soft-delete-column-missing public.c"].as_slice(),
        ),
        (
            "soft-delete = 'gone_at'",
            &["soft-delete-breaks-unique public.b.b_email_key"],
            &["soft-delete-column-missing public.a"],
        ),
        ("soft-delete = 'none'", &[], &[]),
    ] {
        assert_eq!(under(pin, sql, "soft-delete-breaks-unique"), unique, "{pin}");
        assert_eq!(under(pin, sql, "soft-delete-column-missing"), missing, "{pin}");
    }
}

#[test]
fn the_time_of_the_last_change_is_the_pinned_column_only() {
    let sql = "CREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz, touched timestamptz);";
    let rule = "updated-at-without-trigger";
    assert_eq!(under("", sql, rule), ["updated-at-without-trigger public.a.updated_at"]);
    assert_eq!(under("updated-at = 'touched'", sql, rule), ["updated-at-without-trigger public.a.touched"]);
    assert_eq!(under("updated-at = 'none'", sql, rule), [""; 0]);
}

#[test]
fn what_keeps_the_time_of_the_last_change_is_as_pinned() {
    let sql = "CREATE TABLE a (id bigint PRIMARY KEY, updated_at timestamptz);";
    let severities = |toml: &str| -> Vec<String> {
        let read = analysis(&[("a.sql", sql), ("relata.toml", toml)], Options::default());
        let findings = read.targets[0].findings.iter().filter(|f| f.rule.name == "updated-at-without-trigger");
        findings.map(|f| f.severity.to_string()).collect()
    };
    // No trigger anywhere: a framework may do it.
    assert_eq!(severities(""), ["info"]);
    assert_eq!(severities("[conventions]\nupdated-at-by = 'trigger'"), ["medium"]);
    assert_eq!(severities("[conventions]\nupdated-at-by = 'application'"), [""; 0]);
}

#[test]
fn a_schema_is_exposed_where_it_is_said_to_be() {
    let sql = "CREATE SCHEMA api; CREATE TABLE api.a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY);";
    let disabled = |toml: &str, sql: &str| {
        found(&analysis(&[("a.sql", sql), ("relata.toml", toml)], Options::default()), &["rls-disabled"])
    };
    assert_eq!(disabled("", sql), [""; 0]);
    assert_eq!(disabled("exposed-schemas = ['api']", sql), ["rls-disabled api.a"]);
    // Without it the roles of the platform say so.
    let with_roles = format!("{sql} GRANT SELECT ON b TO anon;");
    assert_eq!(disabled("", &with_roles), ["rls-disabled public.b"]);
    assert_eq!(disabled("exposed-schemas = []", &with_roles), [""; 0]);
}

#[test]
fn the_server_version_and_the_runner_are_as_set_unless_the_caller_knows_better() {
    let files = [
        ("db/V1__a.sql", "CREATE TABLE a (id int PRIMARY KEY);"),
        ("db/V2__b.sql", "CREATE TABLE b (id int PRIMARY KEY);"),
        ("relata.toml", "server-version = 14\nrunner = 'flyway'"),
    ];
    let read = analysis(&files, Options::default());
    assert_eq!((read.targets[0].target.server_version, read.targets[0].target.layout.as_str()), (14, "flyway"));
    let read = analysis(&files, Options { server_version: Some(16), ..Options::default() });
    assert_eq!(read.targets[0].target.server_version, 16);
}

const LOG: &str = "no-primary-key public.log";
const LOG_WAIVED: &str = "~no-primary-key public.log";

#[test]
fn a_waiver_holds_by_rule_object_path_and_fingerprint() {
    let finding = shop("");
    let finding = finding.targets[0].findings.iter().find(|f| f.rule.name == "no-primary-key").unwrap();
    let by_fingerprint = format!("fingerprint = '{}'", finding.fingerprint);
    for fits in [
        "rule = 'no-primary-key'",
        "object = 'public.log'",
        "object = 'log'",
        "object = '*.l?g'",
        "path = 'shop.sql'",
        "path = '*.sql'",
        "rule = 'no-primary-key'\nobject = '**'\npath = '**/shop.sql'\nobject = 'x'",
        by_fingerprint.as_str(),
    ] {
        let toml = format!("[[waivers]]\nreason = 'lines only'\n{fits}");
        if fits.ends_with("'x'") {
            assert_eq!(mistakes(&toml), ["6:1 `object` is set twice."]);
            continue;
        }
        let read = shop(&toml);
        assert_eq!(found(&read, &["no-primary-key"]), [LOG_WAIVED], "{fits}");
        assert_eq!(told(&read, ProblemKind::StaleWaiver), [""; 0], "{fits}");
    }
    for other in [
        "rule = 'money-type'",
        "object = 'public.purchase'",
        "path = 'other/shop.sql'",
        "rule = 'no-primary-key'\nobject = 'customer'",
    ] {
        let read = shop(&format!("[[waivers]]\nreason = 'r'\n{other}"));
        assert_eq!(found(&read, &["no-primary-key"]), [LOG], "{other}");
    }
    // A name that SQL has to quote may stand without quotes.
    for object in ["user.price", "\"user\".price", "public.user.*"] {
        let toml = format!("[[waivers]]\nreason = 'r'\nobject = '{object}'");
        let sql = "CREATE TABLE \"user\" (id bigint PRIMARY KEY, price float);";
        let read = analysis(&[("a.sql", sql), ("relata.toml", &toml)], Options::default());
        let waived = "~float-for-exact-value public.\"user\".price";
        assert_eq!(found(&read, &["float-for-exact-value"]), [waived], "{object}");
    }
    // What belongs to an object is meant with it.
    let read = shop("[[waivers]]\nobject = 'purchase'\nreason = 'r'");
    assert_eq!(
        found(&read, &["foreign-key-not-indexed", "foreign-key-no-delete-action"])
            .iter()
            .filter(|f| !f.starts_with('~'))
            .count(),
        0
    );
}

#[test]
fn what_is_waived_counts_nowhere_and_stays_visible() {
    let (before, after) =
        (shop(""), shop("[[waivers]]\nrule = 'no-primary-key'\nreason = 'lines only'\nuntil = 2999-01-01"));
    let (b, a) = (&before.targets[0], &after.targets[0]);
    assert_eq!(a.findings.len(), b.findings.len());
    let waived = a.findings.last().unwrap();
    assert_eq!(waived.rule.name, "no-primary-key", "behind those that count");
    let reason = waived.waived.as_ref().unwrap();
    assert_eq!((reason.reason.as_str(), reason.until), ("lines only", Date::parse("2999-01-01")));
    assert_eq!(after.location(reason.source.unwrap()).line, 1);
    let checked = |t: &crate::analysis::TargetAnalysis| {
        t.checked.iter().find(|c| c.rule.name == "no-primary-key").map(|c| (c.findings, c.waived)).unwrap()
    };
    assert_eq!((checked(b), checked(a)), ((1, 0), (0, 1)));
    assert!(a.score.hundredths > b.score.hundredths);
    let repaired = analysis(
        &[("shop.sql", &SHOP.replace("(line text)", "(id bigint PRIMARY KEY, line text)"))],
        Options::default(),
    );
    assert_eq!(a.score.hundredths, repaired.targets[0].score.hundredths, "as if it were repaired");
}

#[test]
fn a_waiver_that_fits_nothing_or_is_over_is_told() {
    let read = shop(
        "[[waivers]]\nobject = 'public.gone'\nreason = 'r'\n[[waivers]]\nrule = 'money-type'\nreason = 'r'\n[rules]\nmoney-type = 'off'",
    );
    assert_eq!(
        told(&read, ProblemKind::StaleWaiver),
        [
            "This waiver (object `public.gone`) fits no finding; take it out.",
            "This waiver has no effect: `money-type` is off."
        ]
    );
    let toml = "[[waivers]]\nrule = 'no-primary-key'\nreason = 'r'\nuntil = 2026-03-31";
    let on = |day: Option<&str>| {
        let today = day.and_then(Date::parse);
        analysis(&[("shop.sql", SHOP), ("relata.toml", toml)], Options { today, ..Options::default() })
    };
    // The last day is still one on which it holds; where nobody knows the day, it holds.
    for holds in [None, Some("2026-03-31"), Some("2025-12-31")] {
        assert_eq!(found(&on(holds), &["no-primary-key"]), [LOG_WAIVED], "{holds:?}");
        assert_eq!(told(&on(holds), ProblemKind::ExpiredWaiver), [""; 0]);
    }
    let over = on(Some("2026-04-01"));
    assert_eq!(found(&over, &["no-primary-key"]), [LOG]);
    assert_eq!(
        told(&over, ProblemKind::ExpiredWaiver),
        [
            "This waiver (rule `no-primary-key`) held until 2026-03-31; its findings count again. Repair them, or decide anew."
        ]
    );
    assert_eq!(over.waivers[0].state, WaiverState::Expired);
}

#[test]
fn a_comment_waives_what_it_stands_at() {
    let rules = ["no-primary-key"];
    let waived = |sql: &str| found(&analysis(&[("a.sql", sql)], Options::default()), &rules);
    let a = "no-primary-key public.a";
    let b = "no-primary-key public.b";
    let (a_waived, b_waived) = ("~no-primary-key public.a", "~no-primary-key public.b");
    for (sql, expected) in [
        // Before a statement.
        (
            "-- relata: ignore no-primary-key lines only\nCREATE TABLE a (x int);\nCREATE TABLE b (x int);",
            [b, a_waived],
        ),
        (
            "CREATE TABLE a (x int);\n-- relata: ignore no-primary-key: lines only\n-- more words\nCREATE TABLE b (x int);",
            [a, b_waived],
        ),
        (
            "/* relata: ignore no-primary-key lines only */ CREATE TABLE a (x int); CREATE TABLE b (x int);",
            [b, a_waived],
        ),
        // At its end.
        ("CREATE TABLE a (x int); -- relata: ignore no-primary-key lines only\nCREATE TABLE b (x int);", [b, a_waived]),
        (
            "CREATE TABLE a (\n  x int\n); -- relata: ignore no-primary-key lines only\nCREATE TABLE b (x int);",
            [b, a_waived],
        ),
        ("CREATE TABLE a (x int);\nCREATE TABLE b (x int); -- relata: ignore no-primary-key lines only", [a, b_waived]),
        // Inside, at the line of the name.
        (
            "CREATE TABLE a ( -- relata: ignore no-primary-key lines only\n x int);\nCREATE TABLE b (x int);",
            [b, a_waived],
        ),
        // Inside, at another line: it speaks of that line.
        ("CREATE TABLE a (\n x int -- relata: ignore no-primary-key lines only\n);\nCREATE TABLE b (x int);", [a, b]),
        // Several rules.
        (
            "-- relata: ignore money-type, no-primary-key lines only\nCREATE TABLE a (x money);\nCREATE TABLE b (x int);",
            [b, a_waived],
        ),
        // In a string it is none.
        ("CREATE TABLE a (x text DEFAULT '-- relata: ignore no-primary-key x');\nCREATE TABLE b (x int);", [a, b]),
    ] {
        assert_eq!(waived(sql), expected, "{sql}");
    }
    // A line inside a statement: what is on the next line, and no other.
    let sql = "CREATE TABLE a (\n  id bigint PRIMARY KEY,\n  -- relata: ignore money-type imported as it is\n  x money,\n  y money\n);";
    let read = analysis(&[("a.sql", sql)], Options::default());
    assert_eq!(found(&read, &["money-type"]), ["money-type public.a.y", "~money-type public.a.x"]);
    let reason = read.targets[0].findings.iter().find_map(|f| f.waived.as_ref()).unwrap();
    assert_eq!((reason.reason.as_str(), read.location(reason.source.unwrap()).line), ("imported as it is", 3));
}

#[test]
fn a_comment_in_a_python_migration_waives_as_well() {
    let revision = |before: &str, behind: &str| {
        format!(
            "from alembic import op\nimport sqlalchemy as sa\nrevision = '1'\ndown_revision = None\n\ndef upgrade():\n    {before}\n    \
             op.create_table('a', sa.Column('x', sa.Integer())){behind}\n    op.create_table('b', sa.Column('x', sa.Integer()))\n\n\
             def downgrade():\n    op.drop_table('b')\n    op.drop_table('a')\n"
        )
    };
    let waiver = "# relata: ignore no-primary-key lines only";
    for text in [revision(waiver, ""), revision("pass", &format!("  {waiver}"))] {
        let read = analysis(&[("versions/1_a.py", &text)], Options::default());
        assert_eq!(
            found(&read, &["no-primary-key"]),
            ["no-primary-key public.b", "~no-primary-key public.a"],
            "{text}"
        );
    }
}

#[test]
fn a_comment_that_waives_nothing_says_what_is_wrong() {
    let sql = |comment: &str| format!("-- {comment}\nCREATE TABLE a (x int);");
    for (comment, expected) in [
        ("relata: ignore no-primary-key", "A waiver needs its reason: `relata: ignore no-primary-key` and then why."),
        ("relata: ignore no-primry-key lines", "`no-primry-key` is no rule; did you mean `no-primary-key`?"),
        ("relata: ignore", "A waiver names its rules: `relata: ignore rule-name reason`."),
        (
            "relata: ignroe no-primary-key x",
            "`relata: ignroe` says nothing; did you mean `relata: ignore rule-name reason`.",
        ),
        ("relata: ignore no-primary-key until 2026-02-30 x", "`2026-02-30` is no day; write it as 2026-12-31."),
        (
            "relata: ignore no-primary-key until 2026-02-28",
            "A waiver needs its reason: `relata: ignore no-primary-key` and then why.",
        ),
    ] {
        let text = sql(comment);
        let read = analysis(&[("a.sql", &text)], Options::default());
        assert_eq!(told(&read, ProblemKind::BadWaiver), [expected]);
        assert_eq!(found(&read, &["no-primary-key"]), ["no-primary-key public.a"]);
    }
    let text = sql("relata: ignore no-primary-key until we know more");
    let read = analysis(&[("a.sql", &text)], Options::default());
    assert_eq!(read.waivers[0].reason, "until we know more");
    let text = sql("relata: ignore no-primary-key until 2026-01-31: lines");
    let read = analysis(&[("a.sql", &text)], Options { today: Date::parse("2026-02-01"), ..Options::default() });
    assert_eq!(told(&read, ProblemKind::ExpiredWaiver).len(), 1);
    assert_eq!(found(&read, &["no-primary-key"]), ["no-primary-key public.a"]);
}

#[test]
fn waivers_given_as_data_hold_and_are_written_as_toml_that_holds() {
    let finding = shop("").targets.remove(0).findings.into_iter().find(|f| f.rule.name == "no-primary-key").unwrap();
    let mut waivers = vec![
        Waiver::of_fingerprint(&finding.fingerprint, "say \"no\"\nand \\ mean it"),
        Waiver {
            rule: Some("foreign-key-not-indexed"),
            object: Some(Glob::of_object("public.*")),
            path: Some(Glob::of_path("shop.sql")),
            reason: "r".to_owned(),
            until: Date::parse("2999-12-31"),
            ..Waiver::default()
        },
    ];
    let options = Options { waivers: waivers.clone(), ..Options::default() };
    let given = analysis(&[("shop.sql", SHOP)], options);
    let rules = ["no-primary-key", "foreign-key-not-indexed"];
    let expected = found(&given, &rules);
    assert!(expected.len() == 2 && expected.iter().all(|f| f.starts_with('~')), "{expected:?}");
    let written = shop(&to_toml(&waivers));
    assert_eq!(found(&written, &rules), expected);
    for (waiver, read) in waivers.iter_mut().zip(&written.waivers) {
        waiver.source = read.source;
        waiver.state = read.state;
        assert_eq!(waiver, read);
    }
}

/// The committed schema is what the keys give; `cargo xtask docs` writes it.
#[test]
fn the_json_schema_and_the_reader_know_the_same_keys() {
    let committed: serde_json::Value =
        serde_json::from_str(include_str!("../../../docs/schemas/relata.schema.json")).unwrap();
    assert!(committed == json_schema(), "docs/schemas/relata.schema.json is old: run `cargo xtask docs`");
}

/// What the documentation shows is read without a word, and shows every key.
#[test]
fn the_example_of_the_documentation_is_right_and_whole() {
    let page = include_str!("../../../docs/configuration.md");
    let blocks: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|b| b.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for block in &blocks {
        // The shop has not the columns that the example speaks of.
        let found: Vec<String> = mistakes(block).into_iter().filter(|m| !m.contains("No table has")).collect();
        assert_eq!(found, [""; 0], "{block}");
    }
    fn names(keys: &'static [keys::Key], out: &mut Vec<&'static str>) {
        for key in keys {
            out.push(key.name);
            if let keys::Kind::Table(inner) | keys::Kind::Tables(inner) = key.kind {
                names(inner, out);
            }
        }
    }
    let mut all = Vec::new();
    names(keys::TOP, &mut all);
    for key in all.iter().filter(|k| !["path", "fingerprint"].contains(k)) {
        assert!(blocks[1].contains(key), "{key}");
    }
    assert!(page.contains("`path`") && page.contains("`fingerprint`"));
}
