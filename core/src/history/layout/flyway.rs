//! Flyway, and Refinery whose names look alike. Source: Flyway documentation, "Migrations"; refinery, `Migration::unapplied`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Planned;
use super::entry::{Entry, compare_numbers, sql_stem};
use crate::order::Order;

/// `V1.2__add_users.sql` taken apart.
pub(super) struct FlywayName<'a> {
    /// V, U, B or R.
    pub(super) kind: u8,
    pub(super) version: Vec<&'a str>,
    pub(super) description: &'a str,
}

/// The prefix is case-sensitive, the suffix is not.
pub(super) fn flyway_name(base: &str) -> Option<FlywayName<'_>> {
    let (head, description) = sql_stem(base)?.split_once("__")?;
    let kind = *head.as_bytes().first()?;
    let version = head.get(1..)?;
    match kind {
        b'R' if version.is_empty() => Some(FlywayName { kind, version: Vec::new(), description }),
        b'V' | b'U' | b'B'
            if version.starts_with(|c: char| c.is_ascii_digit())
                && version.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_')) =>
        {
            Some(FlywayName { kind, version: version_parts(version), description })
        }
        _ => None,
    }
}

/// `^([U|V])(\d+(?:\.\d+)?)__(\w+)\.sql$`: `U` is unversioned here, no way back.
pub(super) fn is_refinery_name(base: &str) -> bool {
    flyway_name(base).is_some_and(|n| matches!(n.kind, b'U' | b'V'))
}

/// The parts of a Flyway version without leading zeros; parts of zero at the end say nothing (`1` = `1.0`).
fn version_parts(version: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = version.split(['.', '_']).map(|p| p.trim_start_matches('0')).collect();
    while parts.last().is_some_and(|p| p.is_empty()) {
        parts.pop();
    }
    parts
}

fn compare_versions(a: &[&str], b: &[&str]) -> Ordering {
    let part = |v: &[&str], i: usize| v.get(i).map_or(String::new(), |p| (*p).to_owned());
    (0..a.len().max(b.len()))
        .map(|i| compare_numbers(&part(a, i), &part(b, i)))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Versioned migrations by version, then repeatable ones by description; the newest baseline stands for every version up to its own.
pub(super) fn plan(entries: &[Entry<'_>], left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    let mut named: Vec<(FlywayName<'_>, &Entry<'_>)> =
        entries.iter().filter_map(|e| Some((flyway_name(e.base)?, e))).collect();
    named.order_by(|(a, x), (b, y)| {
        (a.kind == b'R')
            .cmp(&(b.kind == b'R'))
            .then_with(|| compare_versions(&a.version, &b.version))
            .then_with(|| if a.kind == b'R' { a.description.cmp(b.description) } else { Ordering::Equal })
            .then_with(|| x.name.cmp(y.name))
    });
    let baseline = named.iter().rev().find(|(n, _)| n.kind == b'B').map(|(n, _)| n.version.clone());
    let mut undo: BTreeMap<&[&str], usize> =
        named.iter().filter(|(n, _)| n.kind == b'U').map(|(n, e)| (n.version.as_slice(), e.index)).collect();
    let mut revisions: Vec<Planned> = Vec::new();
    for (name, entry) in named.iter().filter(|(n, _)| n.kind != b'U') {
        let down = if name.kind == b'V' { undo.remove(name.version.as_slice()) } else { None };
        if let Some(base) = &baseline
            && name.kind != b'R'
        {
            let order = compare_versions(&name.version, base);
            if order == Ordering::Less || (order == Ordering::Equal && name.kind == b'V') {
                left_out.push((entry.index, "a later baseline stands for them".to_owned()));
                left_out
                    .extend(down.map(|index| (index, "a later baseline stands for what they take back".to_owned())));
                continue;
            }
        }
        let id = if name.kind == b'R' {
            format!("R__{}", name.description)
        } else {
            entry.base.split("__").next().unwrap_or_default().to_owned()
        };
        revisions.push(Planned { id, up: entry.index, down, no_transaction: false });
    }
    left_out.extend(undo.into_values().map(|index| (index, UNPAIRED.to_owned())));
    revisions
}

pub(super) const UNPAIRED: &str = "they take back migrations that are not among the files";
