//! Tools that keep the order in a file of their own: Sqitch and Drizzle.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::Entry;
use super::{ControlFile, Planned};
use crate::order::Order;

/// `sqitch.plan` gives the order; each change has its file in `deploy/` and `revert/`. Source: sqitch plan format (sqitchchanges), "sqitch rework".
pub(super) fn sqitch(entries: &[Entry<'_>], plan: &ControlFile, left_out: &mut Vec<(usize, String)>) -> Vec<Planned> {
    let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in entries {
        for folder in ["deploy", "revert", "verify"] {
            if let Some(change) = change_in(entry.name, folder) {
                places.insert((folder, change), entry.index);
            }
        }
    }
    let lines: Vec<&str> = plan
        .text
        .lines()
        .map(|l| l.split('#').next().unwrap_or_default().trim())
        .filter(|l| !l.is_empty() && !l.starts_with('%'))
        .collect();
    // A reworked change stands twice; its older scripts bear the tag that came before the newer line.
    let mut scripts: Vec<(&str, Option<&str>)> = Vec::new();
    let mut latest: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tag_after: BTreeMap<usize, &str> = BTreeMap::new();
    for line in lines {
        let word = line.split_whitespace().next().unwrap_or_default();
        if let Some(tag) = line.strip_prefix('@') {
            let tag = tag.split_whitespace().next().unwrap_or_default();
            for place in latest.values() {
                tag_after.entry(*place).or_insert(tag);
            }
            continue;
        }
        // `-name` would be a change that is reverted in the plan; the format reserves it.
        let word = word.trim_start_matches(['+', '-']);
        if let Some(before) = latest.insert(word, scripts.len())
            && let Some(script) = scripts.get_mut(before)
        {
            script.1 = tag_after.get(&before).copied();
        }
        scripts.push((word, None));
    }
    let mut revisions = Vec::new();
    let mut used = BTreeSet::new();
    for (change, tag) in scripts {
        let script = tag.map_or_else(|| change.to_owned(), |tag| format!("{change}@{tag}"));
        let find = |folder| places.get(&(folder, script.as_str())).copied();
        if let Some(up) = find("deploy") {
            let down = find("revert");
            used.insert(up);
            used.extend(down);
            revisions.push(Planned { id: script.clone(), up, down, no_transaction: false });
        }
    }
    for entry in entries.iter().filter(|e| !used.contains(&e.index)) {
        let verify = change_in(entry.name, "verify").is_some();
        let reason = if verify { "they check changes and make none" } else { "`sqitch.plan` does not name them" };
        left_out.push((entry.index, reason.to_owned()));
    }
    revisions
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
    journal: &ControlFile,
    left_out: &mut Vec<(usize, String)>,
) -> Vec<Planned> {
    let journal: serde_json::Value = serde_json::from_str(&journal.text).unwrap_or_default();
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
    for (_, tag) in tags {
        if let Some(up) = places.get(tag) {
            used.insert(*up);
            revisions.push(Planned { id: tag.to_owned(), up: *up, down: None, no_transaction: false });
        }
    }
    let strays = entries.iter().filter(|e| !used.contains(&e.index));
    left_out.extend(strays.map(|e| (e.index, "the journal does not name them".to_owned())));
    revisions
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
    use super::*;

    /// From the manual of `sqitch rework`: the older scripts keep the name with the tag.
    #[test]
    fn a_reworked_change_has_two_scripts() {
        let plan = ControlFile {
            name: "sqitch.plan".to_owned(),
            text: "%project=x\nusers 2024-01-01T00:00:00Z A <a@x>\n@v1 2024-01-02T00:00:00Z A <a@x>\nusers [users@v1] 2024-01-03T00:00:00Z A <a@x> # again\n".to_owned(),
        };
        let names = ["deploy/users.sql", "deploy/users@v1.sql", "revert/users.sql", "verify/users.sql"];
        let entries: Vec<_> = names.iter().enumerate().map(|(i, n)| Entry::new(i, n, Layout::Sqitch)).collect();
        let mut left_out = Vec::new();
        let planned = sqitch(&entries, &plan, &mut left_out);
        let order: Vec<_> = planned.iter().map(|p| (p.id.as_str(), p.up, p.down)).collect();
        assert_eq!(order, [("users@v1", 1, None), ("users", 0, Some(2))]);
        assert_eq!(left_out.len(), 1);
    }
}
