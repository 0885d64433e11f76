//! Files that change a database of which nothing else is there (`Options::partial`): what they do not make is taken for there, what they make is
//! judged as ever, and migrations are judged for those who use the database meanwhile.

#![allow(clippy::disallowed_methods, reason = "a test is not weighed")]

use relata_core::analysis::Analysis;
use relata_core::finding::Severity;
use relata_core::report::{self, Report, ReportOptions};
use relata_core::{Options, analyze};

fn read(sql: &str, partial: bool) -> Analysis {
    analyze([("0042_change.sql", sql.as_bytes())], Options { partial, ..Options::default() })
}

/// SQLSTATEs of what would be refused, in the order of the statements.
fn refused(sql: &str) -> Vec<&'static str> {
    read(sql, true).targets[0].replay.conflicts.iter().map(|c| c.sqlstate).collect()
}

/// The rules that fire, once each.
fn rules(sql: &str) -> Vec<&'static str> {
    let mut rules: Vec<_> = read(sql, true).targets[0].findings.iter().map(|f| f.rule.name).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[test]
fn what_is_not_made_here_is_there() {
    let statements = "
        ALTER TABLE shop.orders DROP CONSTRAINT orders_state_check, DROP COLUMN legacy;
        ALTER TABLE shop.orders ALTER COLUMN state SET DEFAULT 'new', RENAME TO purchase_orders;
        ALTER TYPE shop.order_state ADD VALUE 'lost';
        DROP INDEX shop.orders_legacy_idx;
        DROP FUNCTION shop.touch(bigint);
        ALTER SEQUENCE shop.orders_number_seq RESTART;
        CREATE VIEW shop.open_orders AS SELECT o.id, c.name FROM shop.purchase_orders o JOIN shop.customers c ON c.id = o.customer_id;
        CREATE POLICY own ON shop.customers USING (owner_id = shop.current_owner());
        INSERT INTO settings (name) VALUES ('x');
        DROP TABLE drafts;";
    assert_eq!(refused(statements), [""; 0]);
    // Without being told it is one script for an empty database.
    assert_eq!(read("ALTER TABLE orders ADD COLUMN a int;", false).targets[0].replay.conflicts[0].sqlstate, "42P01");
}

#[test]
fn what_is_made_here_is_known() {
    let made = "CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);";
    assert_eq!(refused(&format!("{made} ALTER TABLE lines DROP COLUMN nope;")), ["42703"]);
    assert_eq!(refused(&format!("{made} CREATE TABLE lines (id int);")), ["42P07"]);
    assert_eq!(refused(&format!("DROP TABLE lines; {made}")), [""; 0], "made anew: there was one before");
    assert_eq!(refused(&format!("ALTER TABLE lines ADD COLUMN a int; {made}")), ["42P01"], "made here, and too late");
    assert_eq!(
        refused("ALTER TABLE orders ADD COLUMN a int; DROP TABLE orders; ALTER TABLE orders ADD COLUMN b int;"),
        ["42P01"]
    );
    assert_eq!(refused("ALTER TABLE orders ADD COLUMN a int; ALTER TABLE orders ADD COLUMN a int;"), ["42701"]);
}

#[test]
fn a_migration_by_itself_is_judged_for_those_who_use_the_database() {
    assert_eq!(rules("ALTER TABLE orders ADD COLUMN total numeric NOT NULL;"), ["add-required-column"]);
    assert_eq!(rules("CREATE INDEX orders_total_idx ON orders (total);"), ["create-index-not-concurrent"]);
    assert_eq!(rules("ALTER TABLE orders ALTER COLUMN note SET NOT NULL;"), ["set-not-null-scan"]);
    assert_eq!(rules("CREATE INDEX CONCURRENTLY orders_total_idx ON orders (total);"), [""; 0]);
    // A column that is made here may have what it wants, and so may a table.
    assert_eq!(
        rules("CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL); CREATE INDEX ON notes (body);"),
        [""; 0]
    );
}

#[test]
fn of_a_type_that_is_not_known_nothing_is_certain() {
    let analysis = read("ALTER TABLE orders ALTER COLUMN state TYPE varchar(20);", true);
    let found: Vec<_> =
        analysis.targets[0].findings.iter().map(|f| (f.rule.name, f.certainty.name(), f.severity)).collect();
    assert_eq!(found, [("change-column-type", "advisory", Severity::Medium)]);
}

#[test]
fn tables_that_are_taken_for_there_are_not_judged() {
    let analysis =
        read("ALTER TABLE orders ADD COLUMN customer_id bigint; ALTER TABLE orders ADD COLUMN email text;", true);
    let about: Vec<_> = analysis.targets[0].findings.iter().map(|f| f.rule.name).collect();
    assert!(about.iter().all(|rule| *rule == "split-alter-table"), "{about:?}");
}

#[test]
fn the_report_says_that_they_were_read_as_a_part() {
    let told = |partial| {
        let analysis = read("ALTER TABLE orders ADD COLUMN note text;", partial);
        let report = Report::new(&analysis);
        (report::markdown(&report, &ReportOptions::default()), report::check_json(&report))
    };
    let (text, json) = told(true);
    assert!(text.contains("migrations by themselves") && text.contains("was taken for there"), "{text}");
    assert!(json.contains("\"partial\""));
    let (text, json) = told(false);
    assert!(!text.contains("by themselves") && !text.contains("was taken for there") && !json.contains("\"partial\""));
}
