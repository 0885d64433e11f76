//! DBIx::Class::DeploymentHandler: `deploy/N` makes a new database of version N, `upgrade/N-M` and `downgrade/M-N` lead from one to another. A new
//! database is deployed at the newest version, and nothing is run before. Source: documentation of DBIx::Class::DeploymentHandler,
//! "DeployMethod::SQL::Translator", "DIRECTORY LAYOUT".

use std::collections::{BTreeMap, BTreeSet};

use super::Planned;
use super::entry::{Entry, compare_numbers, leading_digits, split_path};
use crate::history::natural_order;
use crate::order::Order;

/// What the files of one folder do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step<'a> {
    Deploy(&'a str),
    Upgrade(&'a str, &'a str),
    Downgrade(&'a str, &'a str),
}

/// The folder of a database (`sql/PostgreSQL`), and what the files in `dir` do to it.
fn step(dir: &str) -> Option<(&str, Step<'_>)> {
    let (above, version) = split_path(dir);
    let (root, kind) = split_path(above);
    let number = |text: &str| !text.is_empty() && leading_digits(text).len() == text.len();
    let between = || version.split_once('-').filter(|(from, to)| number(from) && number(to));
    let step = match kind {
        "deploy" if number(version) => Step::Deploy(version),
        "upgrade" => between().map(|(from, to)| Step::Upgrade(from, to))?,
        "downgrade" => between().map(|(from, to)| Step::Downgrade(from, to))?,
        _ => return None,
    };
    Some((root, step))
}

/// The folders of databases among those of `names`: both sorts of step must be there.
pub(super) fn roots<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for name in names {
        if let Some((root, step)) = step(split_path(name).0) {
            let sorts = seen.entry(root).or_default();
            sorts.0 |= matches!(step, Step::Deploy(_));
            sorts.1 |= matches!(step, Step::Upgrade(..));
        }
    }
    seen.into_iter().filter(|(_, sorts)| *sorts == (true, true)).map(|(root, _)| root).collect()
}

/// The folder of a database that a file of one of its steps belongs to.
pub(super) fn root_of<'a>(name: &'a str, roots: &BTreeSet<&str>) -> Option<&'a str> {
    step(split_path(name).0).map(|(root, _)| root).filter(|root| roots.contains(root))
}

/// The newest version is deployed, and upgrades that lead on from it follow.
pub(super) fn plan(mut entries: Vec<Entry<'_>>, left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    entries.order_by(|a, b| natural_order(a.name, b.name));
    let steps = || entries.iter().filter_map(|e| Some((e, step(e.dir)?.1)));
    let newest = steps().filter_map(|(_, step)| if let Step::Deploy(version) = step { Some(version) } else { None });
    let newest = newest.max_by(|a, b| compare_numbers(a, b));
    let Some(newest) = newest else { return Vec::new() };
    let mut path = vec![Step::Deploy(newest)];
    let mut at = newest;
    // Each upgrade leads to a higher version, so that this ends.
    while let Some((from, to)) = steps().find_map(|(_, step)| match step {
        Step::Upgrade(from, to) if compare_numbers(from, at).is_eq() && compare_numbers(to, at).is_gt() => {
            Some((from, to))
        }
        _ => None,
    }) {
        path.push(Step::Upgrade(from, to));
        at = to;
    }
    let mut planned = Vec::new();
    for step_of_path in &path {
        for (entry, _) in steps().filter(|(_, step)| step == step_of_path) {
            let id = format!("{}/{}", split_path(entry.dir).1, entry.base);
            planned.push(Planned { id, up: entry.index, ..Planned::default() });
        }
    }
    let reason = format!("a new database is deployed at the newest version (`deploy/{newest}`)");
    left_out.extend(steps().filter(|(_, step)| !path.contains(step)).map(|(entry, _)| (entry.index, reason.clone())));
    planned
}
