//! What versions 16 to 18 added, of which PostgreSQL 15 can say nothing. Source: PostgreSQL 18 manual, CREATE TABLE and ALTER TABLE.

use crate::schema::{Constraint, Schema};
use crate::session::{Options, analyze};

fn constraint<'a>(schema: &'a Schema, name: &str) -> &'a Constraint {
    schema.constraints.iter().find(|(_, c)| c.name == name).map(|(_, c)| c).unwrap()
}

/// The end state of a script that nothing is wrong with.
fn replay(script: &str) -> Schema {
    let mut analysis = analyze([("script.sql", script.as_bytes())], Options::default());
    assert_eq!(analysis.problems, []);
    let target = analysis.targets.remove(0);
    assert_eq!(target.replay.conflicts, []);
    target.replay.schema
}

/// Enforced, and holding for all rows, as `pg_constraint.conenforced` and `convalidated`.
#[test]
fn enforcement() {
    let mut script = "CREATE TABLE q (a int PRIMARY KEY);
        CREATE TABLE r (a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES q DEFERRABLE NOT ENFORCED, CONSTRAINT c CHECK (a > 0) NOT ENFORCED);"
        .to_owned();
    let state = |script: &str, name: &str| {
        let schema = replay(script);
        let c = constraint(&schema, name);
        (c.enforced, c.validated, c.deferrable)
    };
    assert_eq!(state(&script, "f"), (false, false, true));
    assert_eq!(state(&script, "c"), (false, false, false));
    // Enforcing checks the rows; what is not named stays.
    script.push_str("ALTER TABLE r ALTER CONSTRAINT f ENFORCED;");
    assert_eq!(state(&script, "f"), (true, true, true));
    script.push_str("ALTER TABLE r ALTER CONSTRAINT f NOT ENFORCED;");
    assert_eq!(state(&script, "f"), (false, false, true));
}

#[test]
fn temporal_keys() {
    let schema = replay(
        "CREATE TABLE p (id int4range, at daterange, CONSTRAINT pk PRIMARY KEY (id, at WITHOUT OVERLAPS));
        CREATE TABLE c (id int4range, at daterange, CONSTRAINT f FOREIGN KEY (id, PERIOD at) REFERENCES p);",
    );
    let index = constraint(&schema, "pk").index.and_then(|i| schema.indexes.get(i)).unwrap();
    assert_eq!((index.method.as_str(), index.unique), ("gist", true));
    assert_eq!(constraint(&schema, "f").columns.len(), 2);
}

#[test]
fn virtual_columns() {
    let schema = replay(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2), c int GENERATED ALWAYS AS (a * 2) STORED);
        ALTER TABLE t ALTER COLUMN b SET EXPRESSION AS (a * 3);",
    );
    let (_, table) = schema.live_tables().next().unwrap();
    let generated: Vec<Option<(bool, &str)>> =
        table.live_columns().map(|(_, c)| c.generated.as_ref().map(|g| (g.stored, &*g.expr.source.text))).collect();
    assert_eq!(generated, [None, Some((false, "a * 3")), Some((true, "a * 2"))]);
}

/// What 15 does nothing for and 18 drops a NOT NULL for: done where the version is known. Without IF EXISTS only the newer one takes it.
#[test]
fn dropping_not_null_by_name() {
    let nullable = |drop: &str, server_version| {
        let script = format!("CREATE TABLE t (a int NOT NULL); ALTER TABLE t DROP CONSTRAINT {drop};");
        let analysis = analyze([("script.sql", script.as_bytes())], Options { server_version, ..Options::default() });
        let replay = &analysis.targets[0].replay;
        let refused = !replay.conflicts.is_empty();
        (refused, replay.schema.live_tables().any(|(_, t)| t.live_columns().any(|(_, c)| !c.not_null)))
    };
    let (plain, if_exists) = ("t_a_not_null", "IF EXISTS t_a_not_null");
    assert_eq!([15, 18].map(|v| nullable(if_exists, Some(v))), [(false, false), (false, true)]);
    assert_eq!([15, 18].map(|v| nullable(plain, Some(v))), [(true, false), (false, true)]);
    assert_eq!([if_exists, plain].map(|drop| nullable(drop, None)), [(false, false), (false, true)]);
}
