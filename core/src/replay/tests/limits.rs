//! Hostile shapes of input: replay stays within its limits and never panics.

use std::fmt::Write as _;

use crate::session::{Options, analyze};

fn conflicts(script: &str) -> Vec<String> {
    let analysis = analyze([("script.sql", script.as_bytes())], Options::default());
    analysis.targets.iter().flat_map(|t| &t.replay.conflicts).map(|c| c.sqlstate.to_owned()).collect()
}

#[test]
fn deep_inheritance_is_refused() {
    // Each generation is walked recursively by PostgreSQL too, which ends with "stack depth limit exceeded".
    let mut script = String::from("create table t0(a int check (a > 0));");
    for n in 1..2000 {
        writeln!(script, "create table t{n}() inherits (t{});", n - 1).unwrap();
    }
    script.push_str("alter table t0 add column b int; alter table t0 add check (b > 0);");
    assert!(conflicts(&script).iter().all(|s| s == "54001" || s == "42P01"));
}

#[test]
fn deep_partitions_are_refused() {
    let mut script = String::from("create table t0(a int primary key) partition by range (a);");
    for n in 1..2000 {
        writeln!(
            script,
            "create table t{n} partition of t{} for values from (0) to (10) partition by range (a);",
            n - 1
        )
        .unwrap();
    }
    assert!(conflicts(&script).iter().all(|s| s == "54001" || s == "42P01"));
}

#[test]
fn a_deeply_nested_expression_is_read_without_recursion() {
    let depth = 20_000;
    let script = format!("create table t(a int check ({}a > 0{}));", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(conflicts(&script), Vec::<String>::new());
}

#[test]
fn too_many_columns() {
    let columns: Vec<String> = (0..1601).map(|n| format!("c{n} int")).collect();
    assert_eq!(conflicts(&format!("create table t({});", columns.join(","))), ["54011"]);
}

#[test]
fn cyclic_views_cannot_be_made_and_broken_queries_do_no_harm() {
    let script = "create view a as select * from b; create view b as select * from a;
        create view c as select from where group; create view d as with x as (select * from x) select (((;
        create table t(a int default nextval(''), b int check (cast(a as)), c int check (a::), d int check (.));
        create index on t((a.)); create policy p on t using (exists (select));";
    assert!(conflicts(script).iter().all(|s| s.len() == 5));
}
