//! Changelogs of Liquibase that are no SQL: they say which files follow each other, and hold changes of their own.
//!
//! A changelog that no other includes is the beginning of a history. What it includes, changelogs and SQL files alike, belongs to that history, in
//! the order in which Liquibase reads it. Contexts and labels choose nothing: Liquibase runs every changeset where it is given none.

mod change_set;
pub(super) mod condition;
mod library;
mod modify;
mod properties;

use std::collections::{BTreeMap, BTreeSet};

use self::change_set::{Around, is_for_postgres};
use self::library::{Item, Library, folder};
use super::Document;
use super::sql::{Again, FileReading};
use super::targets::{self, TargetInput};
use crate::analysis::{Coverage, Dialect, LayoutNote, Role};
use crate::history::layout::{ControlFile, Layout};
use crate::history::{History, Revision, RunnerTransaction, natural_order};
use crate::operation::Operation;
use crate::order::Order;
use crate::problem::{Problem, ProblemKind};
use crate::read::changelog::{self, Node, Quoting};
use crate::source::{Defines, FileId, Kind, Sources, Span};

/// Changelogs that include each other this deep.
const MAX_DEPTH: usize = 64;

/// A changelog that was read.
struct Changelog {
    name: String,
    file: FileId,
    root: Node,
}

/// Takes the changelogs out of the documents, and the SQL files that they name out of those that were read.
pub(super) fn claim(
    documents: &mut Vec<Document>,
    read: &mut Vec<FileReading>,
    control: &[ControlFile],
    again: &mut Again<'_>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<TargetInput> {
    let (own, others): (Vec<Document>, Vec<Document>) =
        std::mem::take(documents).into_iter().partition(|d| d.kind == Kind::Changelog);
    *documents = others;
    let mut own = own;
    own.order_by(|a, b| natural_order(&a.name, &b.name));
    let mut changelogs = Vec::new();
    for document in own {
        let file = document.add_to(sources);
        let (root, wrong) = changelog::read(&document.name, &document.text, file, document.base);
        problems.extend(wrong);
        if let Some(root) = root {
            changelogs.push(Changelog { name: document.name, file, root });
        }
    }
    if changelogs.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = read.iter().map(|r| sources.name(r.file).to_owned()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let library = Library::new(&changelogs, &names);
    let begins = beginnings(&changelogs, &library);
    let mut slots: Vec<Option<FileReading>> = std::mem::take(read).into_iter().map(Some).collect();
    let mut used: BTreeSet<Item> = BTreeSet::new();
    let mut inputs = Vec::new();
    for group in &begins {
        let mut walk = Walk {
            library: &library,
            changelogs: &changelogs,
            slots: &slots,
            control,
            again,
            sources,
            problems,
            defines: Defines::default(),
            revisions: Vec::new(),
            coverage: Coverage::default(),
            ran: BTreeSet::new(),
            seen: BTreeSet::new(),
            open: Vec::new(),
            missing: Vec::new(),
        };
        walk.defines = Defines::new(walk.again.given);
        for (name, value) in properties::of_settings(control) {
            walk.defines.define(&name, value);
        }
        for at in group {
            walk.include(Item::Changelog(*at), Span::default());
        }
        let input = walk.target(group);
        used.append(&mut walk.seen);
        walk.again.used.extend(walk.defines.used().iter().cloned());
        inputs.push(input);
    }
    left_out(&changelogs, &begins, &used, &mut slots, sources, problems);
    *read = slots
        .into_iter()
        .enumerate()
        .filter(|(at, _)| !used.contains(&Item::Sql(*at)))
        .filter_map(|(_, r)| r)
        .collect();
    inputs
}

/// The changelogs with which histories begin: those that no other includes. Where some include others, one beside or below them that neither includes
/// nor is included is left over; where none does, those of one folder are one history.
fn beginnings(changelogs: &[Changelog], library: &Library<'_>) -> Vec<Vec<usize>> {
    let mut included = BTreeSet::new();
    let mut includes = BTreeSet::new();
    for (at, changelog) in changelogs.iter().enumerate() {
        for item in items(changelog, library) {
            includes.insert(at);
            if item != Item::Changelog(at) {
                included.insert(item);
            }
        }
    }
    let free: Vec<usize> = (0..changelogs.len()).filter(|at| !included.contains(&Item::Changelog(*at))).collect();
    let name = |at: usize| changelogs.get(at).map_or("", |c| c.name.as_str());
    // Where all of them include each other in a circle, the first is as good as any.
    let free = if free.is_empty() { vec![0] } else { free };
    let (roots, leaves): (Vec<usize>, Vec<usize>) = free.into_iter().partition(|at| includes.contains(at));
    let beside = |leaf: usize| {
        roots.iter().any(|root| {
            let top = folder(name(*root));
            top.is_empty() || name(leaf).strip_prefix(top).is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let mut by_folder: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for leaf in leaves.into_iter().filter(|leaf| !beside(*leaf)) {
        by_folder.entry(folder(name(leaf))).or_default().push(leaf);
    }
    roots.iter().map(|root| vec![*root]).chain(by_folder.into_values()).collect()
}

/// What a changelog includes.
fn items(changelog: &Changelog, library: &Library<'_>) -> Vec<Item> {
    let of = |node: &Node| match node.name.as_str() {
        "include" => {
            let path = node.text("file").unwrap_or_default();
            library.file(&changelog.name, path, is_relative(node)).into_iter().collect()
        }
        "includeAll" => library.folder(&changelog.name, node),
        _ => Vec::new(),
    };
    changelog.root.children.iter().flat_map(of).collect()
}

fn is_relative(node: &Node) -> bool {
    node.flag("relativeToChangelogFile") == Some(true)
}

/// Says which changelogs and which SQL files beside them no history has, and takes those away that are none without it.
fn left_out(
    changelogs: &[Changelog],
    begins: &[Vec<usize>],
    used: &BTreeSet<Item>,
    slots: &mut [Option<FileReading>],
    sources: &Sources,
    problems: &mut Vec<Problem>,
) {
    let tops: Vec<&str> =
        begins.iter().flatten().filter_map(|at| changelogs.get(*at)).map(|c| folder(&c.name)).collect();
    let beside = |name: &str| {
        tops.iter().any(|top| top.is_empty() || name.strip_prefix(*top).is_some_and(|r| r.starts_with('/')))
    };
    let mut names: Vec<String> = Vec::new();
    for (at, changelog) in changelogs.iter().enumerate() {
        if !used.contains(&Item::Changelog(at)) {
            names.push(changelog.name.clone());
        }
    }
    for (at, slot) in slots.iter_mut().enumerate() {
        let Some(reading) = slot.as_ref().filter(|_| !used.contains(&Item::Sql(at))) else { continue };
        let name = sources.name(reading.file);
        if beside(name) && (reading.markers.liquibase || reading.tables.is_empty()) {
            names.push(name.to_owned());
            *slot = None;
        }
    }
    names.order_by(|a, b| natural_order(a, b));
    let Some((first, rest)) = names.split_first() else { return };
    let files =
        if rest.is_empty() { format!("`{first}` is") } else { format!("`{first}` and {} more are", rest.len()) };
    let message = format!("{files} not part of the liquibase history: no changelog includes them.");
    problems.push(Problem { kind: ProblemKind::NotApplied, message, span: None });
}

/// Walks from changelog to changelog as Liquibase does.
struct Walk<'a, 'g> {
    library: &'a Library<'a>,
    changelogs: &'a [Changelog],
    slots: &'a [Option<FileReading>],
    control: &'a [ControlFile],
    again: &'a mut Again<'g>,
    sources: &'a mut Sources,
    problems: &'a mut Vec<Problem>,
    /// Values of `${…}` that hold in all changelogs.
    defines: Defines,
    revisions: Vec<Revision>,
    coverage: Coverage,
    /// The changesets so far.
    ran: BTreeSet<String>,
    /// What was included so far.
    seen: BTreeSet<Item>,
    /// The changelogs that the one at hand is included by.
    open: Vec<usize>,
    /// What is named and was not given.
    missing: Vec<(Span, String)>,
}

impl Walk<'_, '_> {
    /// Reads what is included; `by` is where.
    fn include(&mut self, item: Item, by: Span) {
        let name = match item {
            Item::Changelog(at) => self.changelogs.get(at).map_or("", |c| c.name.as_str()).to_owned(),
            Item::Sql(at) => {
                self.slots.get(at).and_then(Option::as_ref).map_or("", |r| self.sources.name(r.file)).to_owned()
            }
        };
        let circle = matches!(item, Item::Changelog(at) if self.open.contains(&at));
        if circle || self.open.len() > MAX_DEPTH || !self.seen.insert(item) {
            let what =
                if circle { "includes itself by a circle" } else { "is included twice, which Liquibase refuses" };
            let message = format!("`{name}` {what}; here it was passed over.");
            self.problems.push(Problem { kind: ProblemKind::NotApplied, message, span: Some(by) });
            return;
        }
        match item {
            Item::Changelog(at) => self.changelog(at),
            Item::Sql(at) => {
                let Some(mut reading) = self.sql(at, "") else { return };
                targets::cover(&mut self.coverage, &mut reading, self.problems);
                let transaction = |_: &[Operation], alone: bool| match alone {
                    true => RunnerTransaction::PerStatement,
                    false => Layout::Liquibase.transaction(),
                };
                let revisions = targets::revisions_of(&mut reading, name, None, &transaction);
                self.ran.extend(revisions.iter().map(|r| r.id.clone()));
                self.revisions.extend(revisions);
            }
        }
    }

    fn changelog(&mut self, at: usize) {
        let changelogs = self.changelogs;
        let Some(changelog) = changelogs.get(at) else { return };
        self.open.push(at);
        let quoting = changelog.root.text("objectQuotingStrategy").and_then(Quoting::from_name).unwrap_or_default();
        let around = Around { file: changelog.file, name: &changelog.name, quoting };
        // Values that hold in this changelog alone.
        let mut own: Vec<(String, String)> = Vec::new();
        for node in &changelog.root.children {
            match node.name.as_str() {
                "property" if is_for_postgres(node) && node.text("file").is_some() => {
                    let path = node.text("file").unwrap_or_default();
                    let Some(entries) = properties::of_file(self.control, &changelog.name, path) else {
                        if node.flag("errorIfMissing") != Some(false) {
                            self.missing.push((node.span, path.to_owned()));
                        }
                        continue;
                    };
                    for (name, value) in entries {
                        match node.flag("global") {
                            Some(false) => own.push((name, value)),
                            _ => self.defines.define(&name, value),
                        }
                    }
                }
                "property" if is_for_postgres(node) => {
                    let (Some(name), Some(value)) = (node.text("name"), node.child("value")) else { continue };
                    let value = value.value.as_ref().map(|v| self.defines.fill_mapped(v).as_str().to_owned());
                    match node.flag("global") {
                        Some(false) => own.push((name.to_owned(), value.unwrap_or_default())),
                        _ => self.defines.define(name, value.unwrap_or_default()),
                    }
                }
                "changeSet" => {
                    let filled = if own.is_empty() {
                        node.filled(&mut self.defines)
                    } else {
                        let mut defines = self.defines.clone();
                        own.iter().for_each(|(name, value)| defines.define(name, value.clone()));
                        node.filled(&mut defines)
                    };
                    self.change_set(&filled, &around);
                }
                "include" => {
                    let node = node.filled(&mut self.defines);
                    let path = node.text("file").unwrap_or_default();
                    match self.library.file(&changelog.name, path, is_relative(&node)) {
                        Some(item) => self.include(item, node.span),
                        None => self.missing.push((node.span, path.to_owned())),
                    }
                }
                "includeAll" => {
                    let node = node.filled(&mut self.defines);
                    let items = self.library.folder(&changelog.name, &node);
                    if items.is_empty() && node.flag("errorIfMissingOrEmpty") != Some(false) {
                        self.missing.push((node.span, node.text("path").unwrap_or_default().to_owned()));
                    }
                    items
                        .into_iter()
                        .filter(|item| *item != Item::Changelog(at))
                        .for_each(|i| self.include(i, node.span));
                }
                _ => {}
            }
        }
        self.open.pop();
    }

    /// An SQL file with the values and the delimiter that hold where it is named.
    fn sql(&mut self, at: usize, delimiter: &str) -> Option<FileReading> {
        let reading = self.slots.get(at)?.as_ref()?;
        self.seen.insert(Item::Sql(at));
        if !delimiter.is_empty() || (self.defines.has_values() && self.again.holds(reading.file, "${")) {
            let filled =
                self.again.read(self.sources, reading.file, self.defines.clone(), delimiter, Dialect::PostgreSql);
            if filled.is_some() {
                return filled;
            }
        }
        Some(reading.clone())
    }

    /// The history that was walked.
    fn target(&mut self, group: &[usize]) -> TargetInput {
        for (span, path) in std::mem::take(&mut self.missing) {
            let message = format!(
                "`{path}` is not among the files: Liquibase stops here, and what depends on it may look broken."
            );
            self.problems.push(Problem { kind: ProblemKind::Unreadable, message, span: Some(span) });
        }
        let first = group.first().and_then(|at| self.changelogs.get(*at));
        let note = LayoutNote {
            guessed: false,
            evidence: match group {
                [_] => "a changelog (`databaseChangeLog`)".into(),
                _ => "changelogs (`databaseChangeLog`) that no other includes".into(),
            },
            root: first.map_or("", |c| folder(&c.name)).to_owned(),
            ..LayoutNote::default()
        };
        TargetInput {
            role: Role::History,
            layout: Layout::Liquibase.name().to_owned(),
            note,
            history: History { revisions: std::mem::take(&mut self.revisions), ..History::default() },
            coverage: std::mem::take(&mut self.coverage),
            server_version: None,
            dialect: Dialect::PostgreSql,
        }
    }
}
