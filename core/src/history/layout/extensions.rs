//! Scripts of PostgreSQL's extensions: `name--1.0.sql` makes version 1.0, `name--1.0--1.1.sql` leads from there to 1.1. CREATE EXTENSION runs the
//! script of the version that it is asked for, or of the one from which the fewest steps lead there. Source: PostgreSQL manual, 38.17.3 "Extension
//! Updates", and `find_install_path` of its `extension.c`.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, split_path, sql_stem};
use super::{ControlFile, Planned};
use crate::history::natural_order;

/// A script's folder with the extension's name, the version from which it leads, and the one to which it leads.
type Script<'a> = ((&'a str, &'a str), Option<&'a str>, &'a str);

/// A file's name taken apart.
fn script(name: &str) -> Option<Script<'_>> {
    let (dir, base) = split_path(name);
    let mut parts = sql_stem(base)?.split("--");
    let (extension, first, second) = (parts.next()?, parts.next()?, parts.next());
    let plain = [Some(extension), Some(first), second].into_iter().flatten().all(|part| !part.is_empty());
    (plain && parts.next().is_none()).then_some(match second {
        Some(second) => ((dir, extension), Some(first), second),
        None => ((dir, extension), None, first),
    })
}

/// The extensions among files: each has a script that makes it, and a second one.
pub(super) fn found<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<(&'a str, &'a str)> {
    let mut seen: BTreeMap<(&str, &str), (usize, bool)> = BTreeMap::new();
    for (extension, from, _) in names.filter_map(script) {
        let (count, made) = seen.entry(extension).or_default();
        *count += 1;
        *made |= from.is_none();
    }
    seen.into_iter().filter(|(_, (count, made))| *count > 1 && *made).map(|(extension, _)| extension).collect()
}

/// The extension that a script belongs to.
pub(super) fn of<'a>(name: &'a str, found: &BTreeSet<(&str, &str)>) -> Option<(&'a str, &'a str)> {
    script(name).map(|(extension, ..)| extension).filter(|extension| found.contains(extension))
}

/// Whether a script is one of the extension whose control file stands beside a plan of Sqitch: it is made of the plan's changes.
pub(super) fn is_built(name: &str, plan: &str, control: &[ControlFile]) -> bool {
    script(name).is_some_and(|((_, extension), ..)| {
        control
            .iter()
            .map(|file| split_path(&file.name))
            .any(|(dir, base)| dir == plan && base.strip_suffix(".control") == Some(extension))
    })
}

/// What the control file beside a script says of its extension: `default_version`, `schema`, `requires`.
pub(super) fn setting<'a>(script_name: &str, control: &'a [ControlFile], key: &str) -> Option<&'a str> {
    let ((dir, name), ..) = script(script_name)?;
    // The sources of an extension often have it one folder above the scripts.
    let beside = |file: &&ControlFile| {
        let (own, base) = split_path(&file.name);
        base.strip_suffix(".control") == Some(name) && (own == dir || own == split_path(dir).0)
    };
    let mut lines = control.iter().find(beside)?.text.lines();
    let line = lines.find_map(|line| line.trim_start().strip_prefix(key)?.trim_start().strip_prefix('='))?;
    Some(line.trim().trim_matches('\''))
}

/// What CREATE EXTENSION runs.
pub(super) fn plan(
    entries: &[Entry<'_>],
    control: &[ControlFile],
    left_out: &mut Vec<(usize, String)>,
) -> Vec<Planned> {
    let scripts: Vec<(usize, Script<'_>)> = entries.iter().filter_map(|e| Some((e.index, script(e.name)?))).collect();
    let versions = scripts.iter().map(|(_, (_, _, to))| *to);
    let wanted = entries.first().and_then(|entry| setting(entry.name, control, "default_version"));
    // A default that no script leads to is that of scripts which a build makes.
    let wanted = wanted.filter(|wanted| versions.clone().any(|version| version == *wanted));
    let Some(wanted) = wanted.or_else(|| versions.max_by(|a, b| natural_order(a, b))) else { return Vec::new() };
    let path = path_to(wanted, &scripts);
    let planned: Vec<Planned> = path
        .iter()
        .filter_map(|at| scripts.get(*at))
        .map(|(index, (_, _, to))| Planned { id: (*to).to_owned(), up: *index, ..Planned::default() })
        .collect();
    let reason = format!("`CREATE EXTENSION` makes version {wanted} without them");
    let others = scripts.iter().enumerate().filter(|(at, _)| !path.contains(at));
    left_out.extend(others.map(|(_, (index, _))| (*index, reason.clone())));
    planned
}

/// The places of the scripts that lead to a version, from the one that makes an extension on: backwards from the version, one step more each time,
/// until a version is reached that a script makes.
fn path_to(wanted: &str, scripts: &[(usize, Script<'_>)]) -> Vec<usize> {
    let made = |version: &str| scripts.iter().position(|(_, (_, from, to))| from.is_none() && *to == version);
    let mut seen = BTreeSet::from([wanted]);
    let mut front: Vec<(&str, Vec<usize>)> = vec![(wanted, Vec::new())];
    while !front.is_empty() {
        // Of several as near PostgreSQL takes the one whose name is the last as text.
        let nearest = front.iter().filter_map(|(version, steps)| Some((*version, made(version)?, steps)));
        if let Some((_, first, steps)) = nearest.max_by_key(|(version, ..)| *version) {
            return std::iter::once(first).chain(steps.iter().rev().copied()).collect();
        }
        let mut next = Vec::new();
        for (version, steps) in &front {
            for (at, (_, (_, from, to))) in scripts.iter().enumerate() {
                if let Some(from) = from
                    && to == version
                    && seen.insert(from)
                {
                    next.push((*from, steps.iter().copied().chain([at]).collect()));
                }
            }
        }
        front = next;
    }
    Vec::new()
}
