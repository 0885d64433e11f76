//! Tools that keep the order in a file of their own: Sqitch and Drizzle.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::entry::{Entry, split_path};
use super::{ControlFile, Planned};
use crate::order::Order;

/// `sqitch.plan` gives the order; each change has its file in `deploy/` and `revert/`. Source: sqitch plan format (sqitchchanges), "sqitch rework".
pub(super) fn sqitch(
    entries: &[Entry<'_>],
    plan: &ControlFile,
    left_out: &mut Vec<(usize, String)>,
    notes: &mut Vec<String>,
) -> Vec<Planned> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in entries {
        for folder in ["deploy", "revert", "verify"] {
            if let Some(change) = change_in(entry.name, folder) {
                places.insert((folder, change), entry.index);
            }
        }
    }
    let lines = plan
        .text
        .lines()
        .map(|l| l.split('#').next().unwrap_or_default().trim())
        .filter(|l| !l.is_empty() && !l.starts_with('%'));
    let mut changes: Vec<PlannedChange<'_>> = Vec::new();
    let mut latest: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tags = Tags::default();
    for line in lines {
        let word = line.split_whitespace().next().unwrap_or_default();
        if let Some(tag) = word.strip_prefix('@') {
            if let Some(change) = changes.len().checked_sub(1) {
                tags.push(change, tag);
            }
            continue;
        }
        // `-name` would be a change that is reverted in the plan; the format reserves it.
        let name = word.trim_start_matches(['+', '-']);
        if let Some(before) = latest.get(name).copied() {
            let between = before..changes.len();
            if tags.newest(&between).is_none() {
                notes.push(format!(
                    "`{}` names `{name}` twice without a tag in between, which Sqitch refuses; the second was passed over.",
                    plan.name
                ));
                continue;
            }
            if let Some(change) = changes.get_mut(before) {
                change.rework = Some(between);
            }
        }
        latest.insert(name, changes.len());
        changes.push(PlannedChange { name, rework: None });
    }
    let reworked = Reworked::of(places.keys().filter(|(folder, _)| *folder == "deploy").map(|(_, s)| *s), &tags);
    let mut revisions = Vec::new();
    let mut missing = Vec::new();
    let mut used = BTreeSet::new();
    for change in changes {
        let script = match &change.rework {
            None => change.name.to_owned(),
            Some(between) => match reworked.script(change.name, between) {
                Some(script) => script.to_owned(),
                None => format!("{}@{}", change.name, tags.newest(between).unwrap_or_default()),
            },
        };
        let find = |folder| places.get(&(folder, script.as_str())).copied();
        if let Some(up) = find("deploy") {
            let down = find("revert");
            used.insert(up);
            used.extend(down);
            revisions.push(Planned { id: script.clone(), up, down, ..Planned::default() });
        } else {
            missing.push(format!("deploy/{script}.sql"));
        }
    }
    notes.extend(not_there(&plan.name, &missing));
    let plan_name = split_path(&plan.name).1;
    for entry in entries.iter().filter(|e| !used.contains(&e.index)) {
        let verify = change_in(entry.name, "verify").is_some();
        let reason = if verify {
            "they check changes and make none".to_owned()
        } else {
            format!("`{plan_name}` does not name them")
        };
        left_out.push((entry.index, reason));
    }
    revisions
}

/// Whether a change of a plan of Sqitch requires one of another project (`[other:change]`), which must have been deployed before.
pub(super) fn rests_on_projects(plan: &ControlFile) -> bool {
    let lines = || plan.text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let own = lines().find_map(|line| line.trim().strip_prefix("%project=")).unwrap_or_default();
    let required = lines().filter_map(|line| Some(line.split_once('[')?.1.split_once(']')?.0));
    // What stands behind `!` must not be there.
    required
        .flat_map(str::split_whitespace)
        .filter(|change| !change.starts_with('!'))
        .any(|change| change.split_once(':').is_some_and(|(project, _)| project != own))
}

/// A change of a plan of Sqitch.
struct PlannedChange<'a> {
    name: &'a str,
    /// Where the change stands in the plan again: the changes from this one up to the other, whose tags may be in the names of its scripts.
    rework: Option<Range<usize>>,
}

/// The tags of a plan of Sqitch, each with the change that it follows.
#[derive(Default)]
struct Tags<'a> {
    in_order: Vec<(usize, &'a str)>,
    /// The change, and the place among its tags, of each.
    ranks: BTreeMap<&'a str, Rank>,
}

/// Tags of newer changes are taken first, and of one change the first: they are ordered by that, the greatest first.
type Rank = (usize, Reverse<usize>);

impl<'a> Tags<'a> {
    fn push(&mut self, change: usize, tag: &'a str) {
        self.ranks.insert(tag, (change, Reverse(self.in_order.len())));
        self.in_order.push((change, tag));
    }

    /// The first tag of the newest of these changes that has one.
    fn newest(&self, changes: &Range<usize>) -> Option<&'a str> {
        let end = self.in_order.partition_point(|(change, _)| *change < changes.end);
        let (change, _) = self.in_order.get(end.checked_sub(1)?)?;
        let first = self.in_order.partition_point(|(before, _)| before < change);
        self.in_order.get(first).filter(|(change, _)| changes.contains(change)).map(|(_, tag)| *tag)
    }
}

/// The scripts of reworked changes, which bear a tag behind their name: by the name of the change, in the order of the tags.
///
/// A reworked change stands twice in the plan; its older scripts bear a tag that stands between the two. Sqitch takes that of the newest change for which
/// there is a script. Source: App::Sqitch::Plan, `_parse` (rework tags), and App::Sqitch::Plan::Change, `_path_segments`.
struct Reworked<'a>(BTreeMap<&'a str, Vec<(Rank, &'a str)>>);

impl<'a> Reworked<'a> {
    fn of(scripts: impl Iterator<Item = &'a str>, tags: &Tags<'_>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<(Rank, &str)>> = BTreeMap::new();
        for script in scripts {
            if let Some((name, tag)) = script.rsplit_once('@')
                && let Some(rank) = tags.ranks.get(tag)
            {
                by_name.entry(name).or_default().push((*rank, script));
            }
        }
        by_name.values_mut().for_each(|scripts| scripts.order());
        Self(by_name)
    }

    fn script(&self, name: &str, between: &Range<usize>) -> Option<&'a str> {
        let scripts = self.0.get(name)?;
        let end = scripts.partition_point(|((change, _), _)| *change < between.end);
        let ((change, _), script) = scripts.get(end.checked_sub(1)?)?;
        between.contains(change).then_some(*script)
    }
}

/// What is said of files that a plan or journal names and that were not given.
fn not_there(control: &str, missing: &[String]) -> Option<String> {
    let more = match missing {
        [] => return None,
        [_] => String::new(),
        [_, rest @ ..] => format!(" and {} more", rest.len()),
    };
    let first = missing.first()?;
    Some(format!(
        "`{control}` names `{first}`{more}, not among the files: its tool stops there, and what depends on it may look broken."
    ))
}

/// `x/deploy/users/add.sql` in `deploy` is `users/add`.
fn change_in<'a>(name: &'a str, folder: &str) -> Option<&'a str> {
    let stem = name.strip_suffix(".sql")?;
    if let Some(rest) = stem.strip_prefix(folder).and_then(|r| r.strip_prefix('/')) {
        return Some(rest);
    }
    stem.split_once(&format!("/{folder}/")).map(|(_, change)| change)
}

/// `meta/_journal.json` gives the order by `idx`, each entry's `tag` the file.
pub(super) fn drizzle(
    entries: &[Entry<'_>],
    control: &ControlFile,
    left_out: &mut Vec<(usize, String)>,
    notes: &mut Vec<String>,
) -> Vec<Planned> {
    let journal: serde_json::Value = serde_json::from_str(&control.text).unwrap_or_else(|error| {
        notes.push(format!("`{}` is no JSON ({error}): the order of the migrations is not known.", control.name));
        serde_json::Value::Null
    });
    let mut tags: Vec<(u64, &str)> = Vec::new();
    for entry in journal.get("entries").and_then(|e| e.as_array()).into_iter().flatten() {
        let idx = entry.get("idx").and_then(serde_json::Value::as_u64).unwrap_or(u64::MAX);
        if let Some(tag) = entry.get("tag").and_then(|t| t.as_str()) {
            tags.push((idx, tag));
        }
    }
    tags.order();
    let places: BTreeMap<&str, usize> = entries.iter().map(|e| (e.key, e.index)).collect();
    let mut used = BTreeSet::new();
    let mut revisions = Vec::new();
    let mut missing = Vec::new();
    for (_, tag) in tags {
        if let Some(up) = places.get(tag) {
            used.insert(*up);
            revisions.push(Planned { id: tag.to_owned(), up: *up, ..Planned::default() });
        } else {
            missing.push(format!("{tag}.sql"));
        }
    }
    notes.extend(not_there(&control.name, &missing));
    let strays = entries.iter().filter(|e| !used.contains(&e.index));
    left_out.extend(strays.map(|e| (e.index, "the journal does not name them".to_owned())));
    revisions
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
    use super::*;

    /// A change, and the places of its deploy and revert scripts among the names.
    type Change = (String, usize, Option<usize>);

    /// The changes in order, how many scripts were left out, and what is said of the plan.
    fn planned(plan: &str, names: &[&str]) -> (Vec<Change>, usize, Vec<String>) {
        let plan = ControlFile { name: "sqitch.plan".to_owned(), text: plan.to_owned() };
        let entries: Vec<_> = names.iter().enumerate().map(|(i, n)| Entry::new(i, n, Layout::Sqitch)).collect();
        let (mut left_out, mut notes) = (Vec::new(), Vec::new());
        let planned = sqitch(&entries, &plan, &mut left_out, &mut notes);
        (planned.into_iter().map(|p| (p.id, p.up, p.down)).collect(), left_out.len(), notes)
    }

    /// From the manual of `sqitch add`: `--requires project:change`, `--conflicts project:change`.
    #[test]
    fn changes_of_other_projects() {
        let rests =
            |plan: &str| rests_on_projects(&ControlFile { name: "sqitch.plan".to_owned(), text: plan.to_owned() });
        let head = "%syntax-version=1.0.0\n%project=own\n";
        assert!(rests(&format!(
            "{head}a 2020-01-01T00:00:00Z me <me@x> # a\nb [a other:c] 2020-01-01T00:00:00Z me <me@x> # b\n"
        )));
        assert!(rests(&format!("{head}b [other:@v1] 2020-01-01T00:00:00Z me <me@x>\n")));
        assert!(!rests(&format!(
            "{head}b [a own:c !other:c] 2020-01-01T00:00:00Z me <me@x> # [other:c]\n@v1 2020-01-01T00:00:00Z me <me@x>\n"
        )));
    }

    /// From the manual of `sqitch rework`: the older scripts keep the name with the tag.
    #[test]
    fn a_reworked_change_has_two_scripts() {
        let (order, left_out, notes) = planned(
            "%project=x\nusers 2024-01-01T00:00:00Z A <a@x>\n@v1 2024-01-02T00:00:00Z A <a@x>\nusers [users@v1] 2024-01-03T00:00:00Z A <a@x> # again\n",
            &["deploy/users.sql", "deploy/users@v1.sql", "revert/users.sql", "verify/users.sql"],
        );
        assert_eq!(order, [("users@v1".to_owned(), 1, None), ("users".to_owned(), 0, Some(2))]);
        assert_eq!((left_out, notes.len()), (1, 0));
    }

    /// The scripts are called after the last tag before the rework, which may be many changes later: `sqitch rework` takes the newest tag.
    #[test]
    fn the_older_scripts_bear_the_newest_tag_before_the_rework() {
        let plan = "%project=x\nusers\n@v1\nlists\n@v2\n@v2b\nusers [users@v2]\n@v3\nlists [lists@v3]\n";
        let names = ["deploy/lists.sql", "deploy/lists@v2.sql", "deploy/users.sql", "deploy/users@v2.sql"];
        let (order, _, notes) = planned(plan, &names);
        let order: Vec<_> = order.iter().map(|(id, up, _)| (id.as_str(), *up)).collect();
        assert_eq!(order, [("users@v2", 3), ("lists@v2", 1), ("users", 2), ("lists", 0)]);
        assert!(notes.is_empty(), "{notes:?}");
    }

    /// Of tags at one change Sqitch takes the first for which there is a script, and names the first where there is none.
    #[test]
    fn of_several_tags_at_a_change_the_first_is_taken() {
        let plan = "%project=x\na\n@v1\nb\n@v2\n@v3\na [a@v2]\n";
        let id = |names: &[&str]| planned(plan, names).0.iter().find(|(id, ..)| id.contains('@')).map(|c| c.0.clone());
        assert_eq!(id(&["deploy/a@v1.sql", "deploy/a@v2.sql", "deploy/a@v3.sql"]).as_deref(), Some("a@v2"));
        assert_eq!(id(&["deploy/a@v1.sql", "deploy/a@v3.sql"]).as_deref(), Some("a@v3"));
        assert_eq!(id(&["deploy/a@v1.sql"]).as_deref(), Some("a@v1"));
        let (_, _, notes) = planned(plan, &["deploy/a.sql", "deploy/b.sql"]);
        assert!(notes[0].contains("`deploy/a@v2.sql`,"), "{notes:?}");
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_said() {
        let (order, _, notes) = planned("%project=x\na\nb\na\n", &["deploy/a.sql"]);
        assert_eq!(order.len(), 1);
        assert!(notes[0].contains("`a` twice"), "{notes:?}");
        assert!(notes[1].contains("`deploy/b.sql`"), "{notes:?}");
    }
}
