//! Which rules hold for which database. The one place that says so: rules are written for PostgreSQL, and what they know of it is false elsewhere.
//!
//! A rule is listed here where neither its judgement nor its words rest on PostgreSQL: it looks at keys, at which columns an index begins with, at
//! names of files. What rests on locks, on PostgreSQL's types and functions, or on what its server refuses is not.

use super::Rule;
use crate::analysis::Dialect;

/// Rules that hold for any database with tables.
const EVERYWHERE: &[&str] = &[
    "all-columns-nullable",
    "ambiguous-version-order",
    "cascade-delete-chain",
    "composite-primary-key",
    "duplicate-foreign-key",
    "duplicate-index",
    "duplicate-revision-id",
    "edited-migration-checksum",
    "forbidden-name",
    "foreign-key-to-itself",
    "inconsistent-migration-naming",
    "inconsistent-plural",
    "isolated-table",
    "junction-table-without-unique",
    "missing-rollback",
    "mixed-delete-actions",
    "no-primary-key",
    "nullable-composite-foreign-key",
    "polymorphic-reference",
    "primary-key-not-first",
    "redundant-prefix-index",
    "set-null-on-not-null",
    "unique-with-nullable-column",
    "version-sequence-gap",
];

/// Besides those of [`MYSQL_ALONE`], what holds for MySQL and not for SQLite, which keeps no comments.
const MYSQL: &[&str] = &["column-without-comment", "table-without-comment"];

/// What holds for MySQL and nowhere else.
const MYSQL_ALONE: &[&str] = &["mysql-blocking-alter", "mysql-implicit-update", "mysql-inline-references"];

/// Besides [`EVERYWHERE`], what holds for SQLite and not for MySQL, which makes an index for each foreign key itself.
const SQLITE: &[&str] = &["foreign-key-not-indexed"];

/// Whether a rule holds for a database.
pub(super) fn holds(rule: &Rule, dialect: Dialect) -> bool {
    let is = |names: &[&str]| names.contains(&rule.name);
    match dialect {
        Dialect::PostgreSql => !is(MYSQL_ALONE),
        Dialect::MySql => is(EVERYWHERE) || is(MYSQL) || is(MYSQL_ALONE),
        Dialect::Sqlite => is(EVERYWHERE) || is(SQLITE),
        // Nothing of these is read.
        Dialect::SqlServer | Dialect::Oracle => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{REGISTRY, find};

    #[test]
    fn every_name_is_a_rule() {
        for name in [EVERYWHERE, MYSQL, MYSQL_ALONE, SQLITE].concat() {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_is_not_read_is_not_judged() {
        assert!(!REGISTRY.iter().any(|rule| holds(rule, Dialect::SqlServer) || holds(rule, Dialect::Oracle)));
    }

    #[test]
    fn only_postgresql_refuses_what_postgresql_refuses() {
        for name in ["statement-refused", "reference-before-definition", "foreign-key-target-missing"] {
            let rule = find(name).unwrap();
            let others = Dialect::ALL.into_iter().filter(|d| *d != Dialect::PostgreSql);
            assert!(holds(rule, Dialect::PostgreSql) && !others.into_iter().any(|d| holds(rule, d)), "{name}");
        }
    }
}
