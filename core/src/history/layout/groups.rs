//! What belongs together: the files of one drop as several histories and dumps.
//!
//! Most tools look at one folder and not below it, so each folder is a history of its own, save where a plan or journal claims more, where the
//! tool looks below (Flyway, Refinery, Liquibase), and where folders are numbered themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::detect::{Verdict, by_markers, detect};
use super::entry::{database_of, is_folder_file, split_path, sql_stem, version_of};
use super::flyway::{Naming, Namings};
use super::{Candidate, ControlFile, Layout, deployments, extensions, ways};
use crate::order::Order;

/// Files of one target.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Places in the list of candidates, ascending.
    pub(super) files: Vec<usize>,
    pub(super) verdict: Verdict,
    /// The journal or plan, by its place among the control files.
    pub(super) control: Option<usize>,
}

impl Group {
    /// How its files are named; files of one group are under one.
    pub(super) fn naming<'n>(&self, files: &[Candidate<'_>], namings: &'n Namings<'_>) -> &'n Naming {
        let first = self.files.first().and_then(|i| files.get(*i));
        namings.in_folder(first.map_or("", |f| split_path(f.name).0))
    }
}

/// Splits a drop. `usable` tells which files take part. Files of which nothing is made are given back with the reason.
pub(super) fn split(
    files: &[Candidate<'_>],
    control: &[ControlFile],
    namings: &Namings<'_>,
    forced: Option<Layout>,
    usable: &[usize],
) -> (Vec<Group>, Vec<(usize, String)>) {
    if let [only] = usable {
        let verdict = files.get(*only).map_or_else(
            || Verdict::sure(Layout::Sql, ""),
            |f| match by_markers(f.markers) {
                _ if f.markers.pg_dump => Verdict::sure(Layout::PgDump, "the head of a pg_dump"),
                Some(verdict) if verdict.layout != Layout::Atlas => verdict,
                _ => Verdict::sure(Layout::Sql, "one file"),
            },
        );
        return (vec![Group { files: vec![*only], verdict, control: None }], Vec::new());
    }
    if forced == Some(Layout::Unordered) {
        let verdict = Verdict::sure(Layout::Unordered, "as asked for");
        return (vec![Group { files: usable.to_vec(), verdict, control: None }], Vec::new());
    }
    let mut splitter = Splitter { files, control, namings, groups: Vec::new(), loose: Vec::new(), unused: Vec::new() };
    let rest = splitter.claim(usable);
    splitter.folders(&rest);
    splitter.merge();
    let mut left_out = splitter.dumps();
    left_out.append(&mut splitter.unused);
    let mut groups = splitter.groups;
    for group in &mut groups {
        group.files.order();
    }
    // By the place of their first file: that is the order of names.
    groups.order_by_key(|g| g.files.first().copied());
    (groups, left_out)
}

struct Splitter<'a> {
    files: &'a [Candidate<'a>],
    control: &'a [ControlFile],
    namings: &'a Namings<'a>,
    groups: Vec<Group>,
    /// Files without an order of their own.
    loose: Vec<usize>,
    /// Files of which nothing is made, each with the reason.
    unused: Vec<(usize, String)>,
}

const BUILT: &str = "they are built from the changes of the plan, for `CREATE EXTENSION`";
const BACK: &str = "they take back what the migrations beside them do, and the tool of these does not run them";

impl<'a> Splitter<'a> {
    fn name(&self, index: usize) -> &'a str {
        self.files.get(index).map_or("", |f| f.name)
    }

    /// Gives the files that plans, journals and lock files speak of to these; the rest is given back.
    fn claim(&mut self, usable: &[usize]) -> Vec<usize> {
        let mut plans: BTreeMap<&str, usize> = BTreeMap::new();
        let mut folders: BTreeMap<String, (usize, Verdict)> = BTreeMap::new();
        let mut locks: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, file) in self.control.iter().enumerate() {
            let (dir, base) = split_path(&file.name);
            match base {
                _ if is_sqitch_plan(file) => {
                    plans.insert(dir, at);
                }
                "_journal.json" => {
                    let verdict = Verdict::sure(Layout::DrizzleJournal, "`meta/_journal.json`");
                    folders.insert(split_path(dir).0.to_owned(), (at, verdict));
                }
                "atlas.sum" => {
                    folders.insert(dir.to_owned(), (at, Verdict::sure(Layout::Atlas, "`atlas.sum`")));
                }
                "migration_lock.toml" => {
                    locks.insert(dir, at);
                }
                _ => {}
            }
        }
        let mut claimed: BTreeMap<usize, Group> = BTreeMap::new();
        let mut rest = Vec::new();
        let deployed = deployments::roots(usable.iter().map(|i| self.name(*i)));
        let mut databases: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let made = extensions::found(usable.iter().map(|i| self.name(*i)));
        let mut scripts: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        // Folders of ways back beside a folder with a journal: the tool that keeps the journal knows none.
        let homes = ways::folders(usable.iter().map(|i| self.name(*i)));
        for index in usable.iter().copied() {
            let name = self.name(index);
            let dir = split_path(name).0;
            let by_plan = || {
                let script = ["deploy", "revert", "verify"].iter().any(|f| dir.split('/').any(|part| part == *f));
                let holds = |plan: &str| plan.is_empty() || dir.strip_prefix(plan).is_some_and(|r| r.starts_with('/'));
                let plan = plans.iter().rev().find(|(plan, _)| holds(plan)).filter(|_| script)?;
                Some((*plan.1, Verdict::sure(Layout::Sqitch, "a plan of Sqitch (`sqitch.plan`)")))
            };
            let by_lock =
                || Some((*locks.get(split_path(dir).0)?, Verdict::sure(Layout::Prisma, "`migration_lock.toml`")));
            if homes.get(dir).is_some_and(|home| folders.contains_key(*home)) {
                self.unused.push((index, BACK.to_owned()));
                continue;
            }
            if plans.keys().any(|plan| extensions::is_built(name, plan, self.control)) {
                self.unused.push((index, BUILT.to_owned()));
                continue;
            }
            if let Some(extension) = extensions::of(name, &made) {
                scripts.entry(extension).or_default().push(index);
                continue;
            }
            if let Some(root) = deployments::root_of(name, &deployed) {
                databases.entry(root).or_default().push(index);
                continue;
            }
            match folders.get(dir).cloned().or_else(by_plan).or_else(by_lock) {
                Some((at, verdict)) => claimed
                    .entry(at)
                    .or_insert_with(|| Group { files: Vec::new(), verdict, control: Some(at) })
                    .files
                    .push(index),
                None => rest.push(index),
            }
        }
        self.groups.extend(claimed.into_values());
        let verdict = Verdict::sure(Layout::DeploymentHandler, "folders `deploy/N` and `upgrade/N-M`");
        let of_databases =
            databases.into_values().map(|files| Group { files, verdict: verdict.clone(), control: None });
        self.groups.extend(of_databases);
        let verdict = Verdict::sure(Layout::Extension, "names of an extension's scripts (`name--1.0--1.1.sql`)");
        let of_extensions = scripts.into_values().map(|files| Group { files, verdict: verdict.clone(), control: None });
        self.groups.extend(of_extensions);
        rest
    }

    /// Tells the layout of each folder.
    fn folders(&mut self, rest: &[usize]) {
        let revision_folders: BTreeSet<&str> = rest
            .iter()
            .map(|i| split_path(self.name(*i)))
            .filter(|(_, base)| is_folder_file(base))
            .map(|(d, _)| d)
            .collect();
        let snapshots: BTreeSet<&str> = self
            .control
            .iter()
            .map(|c| split_path(&c.name))
            .filter(|(_, base)| *base == "snapshot.json")
            .map(|(dir, _)| split_path(dir).0)
            .collect();
        let mut units: BTreeMap<(&str, bool), Vec<usize>> = BTreeMap::new();
        // A folder of ways back is read with the folder whose files they take back.
        let homes = ways::folders(rest.iter().map(|i| self.name(*i)));
        for index in rest.iter().copied() {
            let dir = split_path(self.name(index)).0;
            let dir = homes.get(dir).copied().unwrap_or(dir);
            let of_folders = revision_folders.contains(dir);
            let unit = if of_folders { split_path(dir).0 } else { dir };
            units.entry((unit, of_folders)).or_default().push(index);
        }
        for ((dir, of_folders), mut members) in units {
            let candidates: Vec<&Candidate<'_>> = members.iter().filter_map(|i| self.files.get(*i)).collect();
            let naming = self.namings.in_folder(dir);
            let verdict = detect(&candidates, naming, of_folders && snapshots.contains(dir));
            if verdict.layout == Layout::Unordered {
                self.loose.extend(members);
                continue;
            }
            if !of_folders {
                let (dumps, others): (Vec<usize>, Vec<usize>) = members
                    .into_iter()
                    .partition(|i| self.files.get(*i).is_some_and(|f| is_dump(f) && !is_versioned(f, naming)));
                self.loose.extend(dumps);
                members = others;
                if verdict.layout == Layout::Numbered {
                    let (states, numbered) = self.without_states(members);
                    self.loose.extend(states);
                    members = numbered;
                }
            }
            if !members.is_empty() {
                self.groups.push(Group { files: members, verdict, control: None });
            }
        }
    }

    /// Among numbered files those without a number that make the tables of the others again: they hold what the numbered ones lead to, and no runner
    /// runs both. Given are they and the rest.
    fn without_states(&self, members: Vec<usize>) -> (Vec<usize>, Vec<usize>) {
        let files = |members: &[usize]| members.iter().filter_map(|i| self.files.get(*i)).collect::<Vec<_>>();
        let is_numbered = |f: &Candidate<'_>| version_of(split_path(f.name).1, Layout::Numbered).is_some();
        let (numbered, others): (Vec<_>, Vec<_>) = files(&members).into_iter().partition(|f| is_numbered(f));
        if others.is_empty() || numbered.len() < 2 {
            return (Vec::new(), members);
        }
        let made: BTreeSet<&String> = numbered.iter().flat_map(|f| f.tables).collect();
        let states = |f: &Candidate<'_>| {
            let again = f.tables.iter().filter(|table| made.contains(table)).count();
            !is_numbered(f) && again > 1 && again * 2 > f.tables.len()
        };
        members.into_iter().partition(|i| self.files.get(*i).is_some_and(states))
    }

    /// Puts together what one tool would run as one.
    fn merge(&mut self) {
        let mut merged: Vec<Group> = Vec::new();
        for group in std::mem::take(&mut self.groups) {
            let fits = |other: &&mut Group| {
                let (a, b) = (other.verdict.layout, group.verdict.layout);
                a == b
                    && match a {
                        Layout::Liquibase => true,
                        // They look into folders below. The same versions in two folders are two databases, and so are other settings.
                        Layout::Flyway | Layout::Refinery => {
                            let naming = group.naming(self.files, self.namings);
                            other.naming(self.files, self.namings) == naming
                                && !self.share_versions(other, &group, naming)
                        }
                        _ => false,
                    }
            };
            match merged.iter_mut().find(fits) {
                Some(other) => other.files.extend(group.files),
                None => merged.push(group),
            }
        }
        self.groups = merged;
        self.merge_numbered_folders();
    }

    fn share_versions(&self, a: &Group, b: &Group, naming: &Naming) -> bool {
        let versions = |group: &Group| -> BTreeSet<(u8, Vec<&'a str>)> {
            let names = group.files.iter().filter_map(|i| naming.read(split_path(self.name(*i)).1));
            names.filter(|n| n.kind != b'R').map(|n| (n.kind, n.version)).collect()
        };
        !versions(a).is_disjoint(&versions(b))
    }

    /// `1.0/tables.sql`, `1.1/add.sql`: folders that are numbered themselves are one history, in the order of the folders.
    fn merge_numbered_folders(&mut self) {
        let is_numbered = |dir: &str| {
            let folder = split_path(version_folder(dir)).1;
            folder.strip_prefix(['v', 'V']).unwrap_or(folder).starts_with(|c: char| c.is_ascii_digit())
        };
        let mut by_parent: BTreeMap<&str, (BTreeSet<&str>, Vec<usize>)> = BTreeMap::new();
        let mut add = |files: &[usize]| {
            for index in files {
                let dir = version_folder(split_path(self.files.get(*index).map_or("", |f| f.name)).0);
                let entry = by_parent.entry(split_path(dir).0).or_default();
                entry.0.insert(dir);
                entry.1.push(*index);
            }
        };
        let in_numbered = |i: &usize| is_numbered(split_path(self.name(*i)).0);
        let loose: Vec<usize> = self.loose.iter().copied().filter(in_numbered).collect();
        // golang-migrate looks into one folder only: whoever has several that are numbered has a runner of his own.
        let plain = |g: &Group| {
            matches!(g.verdict.layout, Layout::Numbered | Layout::GolangMigrate)
                && g.verdict.guessed
                && g.control.is_none()
                && g.files.iter().all(in_numbered)
                && !g.files.iter().any(|i| is_folder_file(split_path(self.name(*i)).1))
        };
        add(&loose);
        self.groups.iter().filter(|g| plain(g)).for_each(|g| add(&g.files));
        let merged: Vec<Vec<usize>> =
            by_parent.into_values().filter(|(dirs, _)| dirs.len() > 1).map(|(_, files)| files).collect();
        let taken: BTreeSet<usize> = merged.iter().flatten().copied().collect();
        if taken.is_empty() {
            return;
        }
        self.loose.retain(|i| !taken.contains(i));
        self.groups.retain(|g| !g.files.iter().any(|i| taken.contains(i)));
        let verdict = Verdict::guess(Layout::Numbered, "numbered folders");
        self.groups.extend(merged.into_iter().map(|files| Group { files, verdict: verdict.clone(), control: None }));
    }

    /// What has no order: dumps stand alone, the rest is one schema in many files. Beside a history only files with tables make a target.
    fn dumps(&mut self) -> Vec<(usize, String)> {
        let mut loose = std::mem::take(&mut self.loose);
        loose.order();
        let whole = |i: &usize| self.files.get(*i).is_some_and(|f| f.markers.pg_dump && !f.tables.is_empty());
        let alone = self.groups.is_empty();
        if alone && !(loose.len() > 1 && loose.iter().all(whole)) {
            for files in self.by_database(loose) {
                let verdict = match files.as_slice() {
                    [_] => Verdict::guess(Layout::Sql, "one file"),
                    _ => Verdict::guess(Layout::Unordered, "nothing in names or contents gives an order"),
                };
                self.groups.push(Group { files, verdict, control: None });
            }
            return Vec::new();
        }
        let (dumps, rest): (Vec<usize>, Vec<usize>) =
            loose.into_iter().partition(|i| self.files.get(*i).is_some_and(|f| is_dump(f) && !f.tables.is_empty()));
        for index in dumps {
            let verdict = match self.files.get(index) {
                Some(f) if f.markers.pg_dump => Verdict::sure(Layout::PgDump, "the head of a pg_dump"),
                _ => Verdict::guess(Layout::Sql, "its name, which is that of a dump"),
            };
            self.groups.push(Group { files: vec![index], verdict, control: None });
        }
        if rest.iter().any(|i| self.files.get(*i).is_some_and(|f| !f.tables.is_empty())) {
            let (layout, evidence) = match rest.as_slice() {
                [_] => (Layout::Sql, "one file"),
                _ => (Layout::Unordered, "nothing in names or contents gives an order"),
            };
            self.groups.push(Group { files: rest, verdict: Verdict::guess(layout, evidence), control: None });
            return Vec::new();
        }
        let reason = "they stand beside a migration history, are none themselves and make no table";
        rest.into_iter().map(|index| (index, reason.to_owned())).collect()
    }
}

impl Splitter<'_> {
    /// Folders that make the same tables are of different databases: where two share most of the tables of one, each folder is by itself.
    fn by_database(&self, loose: Vec<usize>) -> Vec<Vec<usize>> {
        let mut folders: BTreeMap<&str, (Vec<usize>, BTreeSet<&str>)> = BTreeMap::new();
        for index in loose.iter().copied() {
            let Some(file) = self.files.get(index) else { continue };
            let folder = folders.entry(split_path(file.name).0).or_default();
            folder.0.push(index);
            folder.1.extend(file.tables.iter().map(String::as_str));
        }
        let sets: Vec<&BTreeSet<&str>> = folders.values().map(|(_, tables)| tables).filter(|t| !t.is_empty()).collect();
        let alike = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.intersection(b).count() * 2 > a.len().min(b.len());
        // Few folders have tables; a project with hundreds is not compared pair by pair.
        let compared = sets.iter().take(64).enumerate();
        let several = compared.clone().any(|(at, a)| sets.iter().take(at).any(|b| alike(a, b)));
        if !several {
            return if loose.is_empty() { Vec::new() } else { vec![loose] };
        }
        folders.into_values().map(|(files, _)| files).collect()
    }
}

/// Whether a file is a plan of Sqitch: the default name, or what `core.plan_file` of a project says, or that of a tool which took the format over.
fn is_sqitch_plan(file: &ControlFile) -> bool {
    let base = split_path(&file.name).1;
    base == "sqitch.plan"
        || (base.ends_with(".plan") && file.text.lines().take(8).any(|l| l.starts_with("%syntax-version")))
}

/// The folder that may have a version for its name: that above one for a database (`1.2.0/postgresql`).
fn version_folder(dir: &str) -> &str {
    let (above, own) = split_path(dir);
    if database_of(own).is_some() && !above.is_empty() { above } else { dir }
}

fn is_versioned(file: &Candidate<'_>, naming: &Naming) -> bool {
    let base = split_path(file.name).1;
    version_of(base, Layout::Refinery).is_some() || naming.is_sign(base)
}

/// Whether a file holds a whole schema: pg_dump says so, or its name (`schema.sql`, `structure.sql`, `app_dump.sql`).
fn is_dump(file: &Candidate<'_>) -> bool {
    let base = split_path(file.name).1;
    let stem = sql_stem(base).unwrap_or(base);
    let last = stem.rsplit(['_', '-', '.']).next().unwrap_or_default();
    let is_one_of = |words: &[&str]| words.iter().any(|w| last.eq_ignore_ascii_case(w));
    file.markers.pg_dump || is_one_of(&["schema", "structure", "dump", "latest"])
}
