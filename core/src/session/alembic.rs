//! Python files that are Alembic revisions: one target for each history, its revisions in the order of the graph.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::SmolStr;

use super::environment::Environments;
use super::python::{MAX_HELPERS, ModuleIndex};
use super::targets::TargetInput;
use super::{Document, models};
use crate::analysis::{Coverage, Dialect, LayoutNote, Role};
use crate::history::{History, Revision, RevisionName, RunnerTransaction, dependency, natural_order};
use crate::name::{Ident, quote};
use crate::operation::{Operation, OperationKind};
use crate::order::Order;
use crate::problem::Problem;
use crate::read::alembic::{Migrated, Reader, engines, is_revision};
use crate::read::ddl;
use crate::read::models::Environment;
use crate::read::python::ast::Ast;
use crate::read::python::parser;
use crate::replay::Running;
use crate::source::{FileId, Kind, Mapped, Sources, Span};

/// What the layout of its histories is called.
pub(super) const LAYOUT: &str = "alembic";

/// A revision file.
#[derive(Clone, Default)]
struct Found {
    name: String,
    file: FileId,
    module: usize,
    /// The databases that it names, where it is for several.
    engines: Vec<SmolStr>,
    migrated: Migrated,
    /// The module itself, where it makes all tables of a metadata.
    declaring: Option<Helper>,
}

/// Takes the revisions, and the modules that they import, out of the documents. Those modules come back, too: models may be among them.
pub(super) fn claim(
    documents: &mut Vec<Document>,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> (Vec<TargetInput>, Vec<Helper>) {
    documents.order_by(|a, b| natural_order(&a.name, &b.name));
    let mut reader = Reader::new();
    let mut found = Vec::new();
    let mut trees = Vec::new();
    documents.retain(|document| {
        if document.kind != Kind::Python || !document.text.contains("down_revision") {
            return true;
        }
        let (ast, errors) = parser::parse(&document.text, sources.next_id(), document.base);
        if !is_revision(&ast) {
            return true;
        }
        let file = document.add_to(sources);
        let engines = engines(&ast);
        let ast = Rc::new(ast);
        let module = reader.add(&document.name, Rc::clone(&ast));
        let name = document.name.clone();
        trees.push((name.clone(), Rc::clone(&ast)));
        let migrated = Migrated { problems: errors, ..Migrated::default() };
        let declares = document.text.contains(".create_all(") || document.text.contains(".__table__");
        let models = declares && models::looks_like(&document.text);
        let declaring = declares.then(|| Helper { name: name.clone(), ast, file, models });
        found.push(Found { name, file, module, engines, migrated, declaring });
        false
    });
    if found.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let environments = Environments::read(documents);
    if found.iter().any(|f| f.declaring.is_some()) {
        // Alembic runs `env.py` first: the models that it imports are among the tables of their metadata.
        trees.extend(Environments::modules(documents));
    }
    let helpers = claim_imported(documents, trees, &mut reader, sources, problems);
    for revision in &mut found {
        let errors = std::mem::take(&mut revision.migrated.problems);
        reader.configure(environments.of(&revision.name).unwrap_or(&Environment::default()));
        revision.migrated = reader.revision(revision.module);
        // A statement that is no Python may be one that changes the schema.
        revision.migrated.statements = u32::try_from(errors.len()).unwrap_or(u32::MAX);
        revision.migrated.skipped.extend(errors.iter().cloned());
        revision.migrated.problems.splice(0..0, errors);
    }
    let mut inputs = Vec::new();
    for group in group(&found) {
        let found: Vec<Found> = group.into_iter().filter_map(|at| found.get_mut(at).map(std::mem::take)).collect();
        let environment = found.first().and_then(|f| environments.of(&f.name)).cloned().unwrap_or_default();
        let engines: BTreeSet<SmolStr> = found.iter().flat_map(|f| f.engines.iter().cloned()).collect();
        for engine in &engines {
            // What is wrong with the files themselves is told once.
            let mut found = found.clone();
            if Some(engine) != engines.first() {
                found.iter_mut().for_each(|f| f.migrated.problems.clear());
            }
            inputs.push(target(found, Some(engine), &environment, &mut reader, &helpers, problems));
        }
        if engines.is_empty() {
            inputs.push(target(found, None, &environment, &mut reader, &helpers, problems));
        }
    }
    (inputs, helpers)
}

/// A module that revisions import, read along with them.
#[derive(Clone)]
pub(super) struct Helper {
    pub(super) name: String,
    pub(super) ast: Rc<Ast>,
    pub(super) file: FileId,
    /// Whether its text looks like models.
    pub(super) models: bool,
}

/// Adds the modules that others import, as far as they are among the documents.
fn claim_imported(
    documents: &mut Vec<Document>,
    mut trees: Vec<(String, Rc<Ast>)>,
    reader: &mut Reader,
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<Helper> {
    let index = ModuleIndex::new(documents);
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut helpers = Vec::new();
    while let Some((importer, ast)) = trees.pop() {
        for at in index.imported(&importer, &ast) {
            let Some(document) = documents.get(at) else { continue };
            if wanted.len() >= MAX_HELPERS || !wanted.insert(at) {
                continue;
            }
            let (ast, mut errors) = parser::parse(&document.text, sources.next_id(), document.base);
            let file = document.add_to(sources);
            problems.append(&mut errors);
            let ast = Rc::new(ast);
            reader.add(&document.name, Rc::clone(&ast));
            let models = models::looks_like(&document.text);
            helpers.push(Helper { name: document.name.clone(), ast: Rc::clone(&ast), file, models });
            trees.push((document.name.clone(), ast));
        }
    }
    let mut at = 0;
    documents.retain(|_| {
        at += 1;
        !wanted.contains(&(at - 1))
    });
    helpers
}

/// Puts together what belongs to one history: the revisions of a folder, and folders that the graph links. Two folders that share ids are two
/// histories, whatever they name.
fn group(found: &[Found]) -> Vec<Vec<usize>> {
    let folder = |f: &Found| f.name.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut folders: Vec<(String, Vec<usize>)> = Vec::new();
    for (at, revision) in found.iter().enumerate() {
        let own = folder(revision);
        match folders.iter_mut().find(|(name, _)| *name == own) {
            Some((_, list)) => list.push(at),
            None => folders.push((own, vec![at])),
        }
    }
    let ids = |list: &[usize]| -> BTreeSet<&str> {
        list.iter().filter_map(|at| found.get(*at)).map(|f| f.migrated.id.as_str()).collect()
    };
    let needs = |list: &[usize]| -> BTreeSet<&str> {
        list.iter()
            .filter_map(|at| found.get(*at))
            .flat_map(|f| f.migrated.down_revisions.iter().chain(&f.migrated.depends_on))
            .map(|name| name.text.as_str())
            .collect()
    };
    let labels = |list: &[usize]| -> BTreeSet<&str> {
        list.iter()
            .filter_map(|at| found.get(*at))
            .flat_map(|f| f.migrated.branch_labels.iter().map(|l| l.text.as_str()))
            .collect()
    };
    let mut groups: Vec<Vec<usize>> = folders.into_iter().map(|(_, list)| list).collect();
    let mut first = 0;
    while first < groups.len() {
        let joined = (first + 1..groups.len()).find(|second| {
            let (Some(a), Some(b)) = (groups.get(first), groups.get(*second)) else { return false };
            let (ids_a, ids_b) = (ids(a), ids(b));
            let linked =
                |needs: &BTreeSet<&str>, own: &BTreeSet<&str>, other: &BTreeSet<&str>, labels: &BTreeSet<&str>| {
                    needs.iter().any(|n| !own.contains(n) && (other.contains(n) || labels.contains(n)))
                };
            ids_a.is_disjoint(&ids_b)
                && (linked(&needs(a), &ids_a, &ids_b, &labels(b)) || linked(&needs(b), &ids_b, &ids_a, &labels(a)))
        });
        match joined {
            Some(second) => {
                let more = groups.remove(second);
                if let Some(list) = groups.get_mut(first) {
                    list.extend(more);
                }
            }
            None => first += 1,
        }
    }
    groups
}

/// One history: revisions in the order of the graph, ties by what they make and use, then by file name.
fn target(
    mut found: Vec<Found>,
    engine: Option<&SmolStr>,
    environment: &Environment,
    reader: &mut Reader,
    helpers: &[Helper],
    problems: &mut Vec<Problem>,
) -> TargetInput {
    reader.configure(environment);
    reader.begin(engine);
    // Source: `EnvironmentContext.configure(transaction_per_migration=…)`; one transaction for a run is the default.
    let transaction = match environment.transaction_per_migration {
        true => RunnerTransaction::PerFile,
        false => RunnerTransaction::PerRun,
    };
    found.order_by(|a, b| natural_order(&a.name, &b.name));
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut by_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, f) in found.iter().enumerate() {
        by_id.entry(&f.migrated.id).or_default().push(at);
        for label in &f.migrated.branch_labels {
            by_label.entry(&label.text).or_default().push(at);
        }
    }
    let resolve = |names: &[RevisionName], own: usize| -> Vec<usize> {
        let find = |name: &RevisionName| by_id.get(name.text.as_str()).or_else(|| by_label.get(name.text.as_str()));
        names.iter().filter_map(find).flatten().copied().filter(|at| *at != own).collect()
    };
    let parents: Vec<Vec<usize>> =
        found.iter().enumerate().map(|(at, f)| resolve(&f.migrated.down_revisions, at)).collect();
    let depends: Vec<Vec<usize>> =
        found.iter().enumerate().map(|(at, f)| resolve(&f.migrated.depends_on, at)).collect();
    let by_name: Vec<usize> = (0..found.len()).collect();
    let order = topological(&parents, &depends, &by_name);
    let known = |name: &RevisionName| {
        let name = name.text.as_str();
        by_id.contains_key(name) || by_label.contains_key(name) || name.contains('@')
    };
    // What a branch of several depends on may be another package's; that it follows what is not there is a mistake.
    let elsewhere = found.iter().any(|f| !f.migrated.branch_labels.is_empty())
        && found.iter().flat_map(|f| &f.migrated.down_revisions).all(known)
        && !found.iter().flat_map(|f| &f.migrated.depends_on).all(known);
    let shared = environment.version_table.as_deref().is_some_and(|name| name != VERSION_TABLE);
    if elsewhere {
        reader.share();
    }
    let mut place = vec![0_u32; found.len()];
    for (at, index) in (0_u32..).zip(&order) {
        if let Some(slot) = place.get_mut(*index) {
            *slot = at;
        }
    }
    let mut slots: Vec<Option<Found>> = found.into_iter().map(Some).collect();
    let mut coverage = Coverage::default();
    let mut history = History { shared, partial: elsewhere, ..History::default() };
    let mut names: Vec<String> = Vec::with_capacity(slots.len());
    let (mut database, mut run) = (None, 0);
    for &index in &order {
        let Some(Found { name, file, module, mut migrated, declaring, .. }) =
            slots.get_mut(index).and_then(Option::take)
        else {
            continue;
        };
        names.push(name);
        let before = migrated.statements;
        let broken = std::mem::take(&mut migrated.skipped);
        reader.declare(declaring.and_then(|revision| models::declared(&revision, helpers)));
        reader.migration(module, &mut migrated, &mut |operations| {
            // Run as far as it has been read, once a migration asks for the first time.
            let database = database.get_or_insert_with(|| Running::new(shared || elsewhere));
            for revision in history.revisions.iter().skip(run) {
                database.run(&revision.up);
            }
            run = history.revisions.len();
            database.after(operations)
        });
        problems.append(&mut migrated.problems);
        coverage.statements += before + migrated.statements;
        coverage.understood += migrated.understood;
        coverage.skipped.extend(broken);
        coverage.skipped.append(&mut migrated.skipped);
        let parents = parents.get(index).into_iter().flatten().filter_map(|at| place.get(*at).copied()).collect();
        history.revisions.push(Revision {
            id: migrated.id,
            id_span: migrated.id_span,
            file,
            parents,
            down_revisions: migrated.down_revisions,
            depends_on: migrated.depends_on,
            branch_labels: migrated.branch_labels,
            message: migrated.message,
            created: migrated.created,
            up: migrated.up,
            down: migrated.down,
            transaction,
            // One connection for the whole run.
            own_session: false,
        });
    }
    let depends: Vec<Vec<usize>> = places_of(&order, &depends, &place);
    branches_in_order_of_use(&mut history, &depends, &names);
    prepare(&mut history, environment);
    let evidence = match engine {
        Some(name) if name.is_empty() => {
            "modules with `revision` and `down_revision`; the default database, `upgrade_`".into()
        }
        Some(name) => {
            format!("modules with `revision` and `down_revision`; database `{name}`, `upgrade_{name}`").into()
        }
        None => "modules with `revision` and `down_revision`".into(),
    };
    let note = LayoutNote { evidence, ..LayoutNote::default() };
    let layout = LAYOUT.to_owned();
    let dialect = Dialect::PostgreSql;
    TargetInput { role: Role::History, layout, note, history, coverage, server_version: None, dialect }
}

/// Lists of places, one for each item of `order`, from lists of numbers.
fn places_of(order: &[usize], lists: &[Vec<usize>], place: &[u32]) -> Vec<Vec<usize>> {
    let place_of = |at: &usize| place.get(*at).map(|p| *p as usize);
    order.iter().map(|index| lists.get(*index).into_iter().flatten().filter_map(place_of).collect()).collect()
}

/// Branches run in an order that Alembic does not promise. Among revisions that may come next, one that uses what another makes comes after it: what
/// fails then fails in any order.
fn branches_in_order_of_use(history: &mut History, depends: &[Vec<usize>], names: &[String]) {
    let parents: Vec<Vec<usize>> =
        history.revisions.iter().map(|r| r.parents.iter().map(|p| *p as usize).collect()).collect();
    let mut by_name: Vec<usize> = (0..history.revisions.len()).collect();
    let name = |at: &usize| names.get(*at).map_or("", String::as_str);
    by_name.order_by(|a, b| natural_order(name(a), name(b)));
    let files: Vec<(&str, &[Operation])> =
        by_name.iter().map(|at| (name(at), history.revisions.get(*at).map_or(&[][..], |r| r.up.as_slice()))).collect();
    let mut rank = vec![0_usize; by_name.len()];
    for (at, index) in dependency::order(&files).into_iter().enumerate() {
        if let Some(slot) = by_name.get(index).and_then(|revision| rank.get_mut(*revision)) {
            *slot = at;
        }
    }
    let order = topological(&parents, depends, &rank);
    let mut place = vec![0_u32; order.len()];
    for (at, index) in (0_u32..).zip(&order) {
        if let Some(slot) = place.get_mut(*index) {
            *slot = at;
        }
    }
    let mut slots: Vec<Option<Revision>> = std::mem::take(&mut history.revisions).into_iter().map(Some).collect();
    for index in order {
        let Some(mut revision) = slots.get_mut(index).and_then(Option::take) else { continue };
        revision.parents = revision.parents.iter().filter_map(|p| place.get(*p as usize).copied()).collect();
        history.revisions.push(revision);
    }
}

/// The table of versions unless `env.py` names another. Source: `EnvironmentContext.configure`.
const VERSION_TABLE: &str = "alembic_version";

/// What is there before the first revision runs: schemas, extensions and a search path that `env.py` sees to, and the table in which Alembic notes
/// what has run. Source of the latter: `alembic/runtime/migration.py`, `MigrationContext._ensure_version_table`.
fn prepare(history: &mut History, environment: &Environment) {
    let Some(first) = history.revisions.first_mut() else { return };
    let span = first.id_span.unwrap_or(Span::new(first.file, 0, 0));
    let name = environment.version_table.as_deref().unwrap_or(VERSION_TABLE);
    let read = |sql: &str| ddl::read_mapped(&Mapped::made(sql, span), span).operations;
    let mut before: Vec<Operation> = Vec::new();
    for mut operation in environment.executed.iter().flat_map(|sql| read(sql)) {
        match &mut operation.kind {
            // It runs before each upgrade, so that what it makes may be there: refused or not, the revisions find it.
            OperationKind::CreateSchema { if_not_exists, .. }
            | OperationKind::CreateExtension { if_not_exists, .. } => {
                *if_not_exists = true;
            }
            // Each run begins with it, the way back, too.
            OperationKind::SetSearchPath { schemas: Some(schemas), local: false } => {
                history.search_path = Some(schemas.iter().map(Ident::fold).filter(|s| s != "$user").collect());
                continue;
            }
            // Where revisions have names longer than 32 characters.
            OperationKind::CreateTable(table) if table.name.name.fold() == name => table.if_not_exists = true,
            _ => continue,
        }
        before.push(operation);
    }
    let schema = environment.version_table_schema.as_ref().map_or(String::new(), |s| format!("{}.", quote(s)));
    let made = before.iter().any(|o| matches!(o.kind, OperationKind::CreateTable(_)));
    before.extend(read(&format!(
        "CREATE TABLE {}{schema}{} (version_num VARCHAR(32) NOT NULL, CONSTRAINT {} PRIMARY KEY (version_num))",
        if made { "IF NOT EXISTS " } else { "" },
        quote(name),
        quote(&format!("{name}_pkc"))
    )));
    first.up.splice(0..0, before);
}

/// Parents and dependencies first; among those that may come, the lowest in `rank`, and in a cycle the lowest of what is left.
fn topological(parents: &[Vec<usize>], depends: &[Vec<usize>], rank: &[usize]) -> Vec<usize> {
    let count = parents.len();
    let mut missing = vec![0_usize; count];
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    for at in 0..count {
        let before: BTreeSet<usize> = parents.get(at).into_iter().chain(depends.get(at)).flatten().copied().collect();
        if let Some(slot) = missing.get_mut(at) {
            *slot = before.len();
        }
        for parent in before {
            if let Some(list) = children.get_mut(parent) {
                list.push(at);
            }
        }
    }
    let ranked = |at: usize| (rank.get(at).copied().unwrap_or(usize::MAX), at);
    let mut ready: BTreeSet<(usize, usize)> =
        (0..count).filter(|at| missing.get(*at) == Some(&0)).map(ranked).collect();
    let mut left: BTreeSet<(usize, usize)> = (0..count).map(ranked).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(next) = ready.pop_first().or_else(|| left.first().copied()) {
        if !left.remove(&next) {
            continue;
        }
        let next = next.1;
        order.push(next);
        for child in children.get(next).into_iter().flatten() {
            if let Some(slot) = missing.get_mut(*child) {
                *slot = slot.saturating_sub(1);
                if *slot == 0 && left.contains(&ranked(*child)) {
                    ready.insert(ranked(*child));
                }
            }
        }
    }
    order
}
