//! Python files that define models: a target for each set of tables that one database can hold.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Document;
use super::alembic::Helper;
use super::python::{MAX_HELPERS, ModuleIndex};
use super::targets::TargetInput;
use super::unused;
use crate::analysis::{Coverage, Dialect, LayoutNote, Role};
use crate::history::{History, Revision, definitions, natural_order};
use crate::order::Order;
use crate::problem::Problem;
use crate::read::alembic::Declared;
use crate::read::models::{Models, Reader};
use crate::read::python::ast::Ast;
use crate::read::python::parser;
use crate::source::{FileId, Kind, Sources};

/// Words of which every file with a table has one.
const SIGNS: &[&str] =
    &["Column(", "mapped_column(", "Mapped[", "Table(", "SQLModel", "__tablename__", "__table__", "db.Model"];

/// Whether a text may define models: only then is it worth reading.
pub(super) fn looks_like(text: &str) -> bool {
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Whether a file is one of tests, as pytest finds them and as packages keep them.
fn is_of_tests(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    let file = parts.next().unwrap_or_default();
    file.starts_with("test_") || file == "conftest.py" || parts.any(|folder| folder == "tests")
}

/// A module on its way through the reader.
struct Module {
    name: String,
    /// Its place among the documents, unless migrations have claimed it.
    document: Option<usize>,
    ast: Rc<Ast>,
    errors: Vec<Problem>,
    file: FileId,
    imports: BTreeSet<usize>,
}

/// Takes the models, and the modules that they import, out of the documents. `helpers` are modules that migrations took.
pub(super) fn claim(
    documents: &mut Vec<Document>,
    helpers: &[Helper],
    sources: &mut Sources,
    problems: &mut Vec<Problem>,
) -> Vec<TargetInput> {
    documents.order_by(|a, b| natural_order(&a.name, &b.name));
    let start: BTreeSet<usize> = documents
        .iter()
        .enumerate()
        .filter(|(_, d)| d.kind == Kind::Python && looks_like(&d.text))
        .map(|(at, _)| at)
        .collect();
    if start.is_empty() && !helpers.iter().any(|h| h.models) {
        return Vec::new();
    }
    let index = ModuleIndex::new(documents);
    // What has no tables and helps none that has is not read. It shows when all have run; the others are then read again under their own ids.
    let (tests, own): (BTreeSet<usize>, BTreeSet<usize>) =
        start.iter().partition(|at| documents.get(**at).is_some_and(|d| is_of_tests(&d.name)));
    // What tests declare for themselves is none of the application's, unless it is all that there is.
    let mut without_tests = !tests.is_empty();
    let mut kept = if without_tests { own } else { start.clone() };
    let mut modules = Vec::new();
    let mut found = Vec::new();
    for _ in 0..4 {
        modules = parse(documents, &index, &kept, helpers, sources.next_id());
        let mut reader = Reader::new();
        for module in &modules {
            reader.add(&module.name, Rc::clone(&module.ast));
        }
        found = reader.read();
        if found.is_empty() && without_tests {
            without_tests = false;
            kept.clone_from(&start);
            continue;
        }
        let files: BTreeSet<FileId> = found.iter().flat_map(|models| models.files.iter().copied()).collect();
        let used = used(&modules, &files);
        let all: BTreeSet<usize> = modules.iter().filter_map(|m| m.document).collect();
        if used == all {
            break;
        }
        kept = used;
    }
    if found.is_empty() {
        return Vec::new();
    }
    let mut claimed = BTreeSet::new();
    for module in modules {
        if let Some(document) = module.document.and_then(|at| documents.get(at)) {
            document.add_to(sources);
            claimed.extend(module.document);
            problems.extend(module.errors);
        }
    }
    let mut left_out = Vec::new();
    let mut at = 0;
    documents.retain(|document| {
        at += 1;
        let of_tests = without_tests && tests.contains(&(at - 1)) && !claimed.contains(&(at - 1));
        if of_tests {
            left_out.push(document.name.clone());
        }
        !of_tests && !claimed.contains(&(at - 1))
    });
    problems.extend(unused::of_tests(left_out));
    for models in &mut found {
        problems.append(&mut models.problems);
    }
    together(found).into_iter().map(|models| target(models, sources)).collect()
}

/// What `create_all` makes in a revision: of the classes that it defines itself, else of those that the modules define which it and `env.py` import.
/// Nothing where there are several metadata: which of them is meant is not known.
pub(super) fn declared(revision: &Helper, imported: &[Helper]) -> Option<Declared> {
    let mut reader = Reader::new();
    for module in imported.iter().chain([revision]) {
        reader.add(&module.name, Rc::clone(&module.ast));
    }
    let (own, others): (Vec<Models>, Vec<Models>) =
        reader.read().into_iter().partition(|models| models.files.contains(&revision.file));
    let is_own = !own.is_empty();
    let [models]: [Models; 1] = if is_own { own } else { others }.try_into().ok()?;
    let Models { operations, statements, understood, .. } = models;
    Some(Declared { operations: definitions::arrange_tables(operations), statements, understood, own: is_own })
}

/// Parses documents, those that they import, and takes over what migrations had. Files are numbered from `next` on.
fn parse(
    documents: &[Document],
    index: &ModuleIndex,
    kept: &BTreeSet<usize>,
    helpers: &[Helper],
    next: FileId,
) -> Vec<Module> {
    let mut modules: BTreeMap<usize, Module> = BTreeMap::new();
    let mut waiting: Vec<usize> = kept.iter().rev().copied().collect();
    let helping: Vec<Module> = helpers
        .iter()
        .map(|helper| Module {
            name: helper.name.clone(),
            document: None,
            ast: Rc::clone(&helper.ast),
            errors: Vec::new(),
            file: helper.file,
            imports: index.imported(&helper.name, &helper.ast),
        })
        .collect();
    waiting.extend(helping.iter().flat_map(|m| m.imports.iter().copied()));
    while let Some(at) = waiting.pop() {
        if modules.contains_key(&at) || modules.len() >= MAX_HELPERS.max(kept.len()) {
            continue;
        }
        let Some(document) = documents.get(at) else { continue };
        let (ast, errors) = parser::parse(&document.text, FileId::default(), document.base);
        let imports = index.imported(&document.name, &ast);
        waiting.extend(imports.iter().copied());
        let (name, ast) = (document.name.clone(), Rc::new(ast));
        modules.insert(at, Module { name, document: Some(at), ast, errors, file: FileId::default(), imports });
    }
    // Numbers follow the order of names, which is known only now.
    let numbered = modules.into_values().zip(next.0..).filter_map(|(module, number)| {
        let document = documents.get(module.document?)?;
        let file = FileId(number);
        let (ast, errors) = parser::parse(&document.text, file, document.base);
        Some(Module { ast: Rc::new(ast), errors, file, ..module })
    });
    numbered.chain(helping).collect()
}

/// The documents with tables, and those that they import, one through the other.
fn used(modules: &[Module], files: &BTreeSet<FileId>) -> BTreeSet<usize> {
    let by_document: BTreeMap<usize, &Module> = modules.iter().filter_map(|m| Some((m.document?, m))).collect();
    let mut waiting: Vec<&Module> = modules.iter().filter(|m| files.contains(&m.file)).collect();
    let mut used: BTreeSet<usize> = waiting.iter().filter_map(|m| m.document).collect();
    while let Some(module) = waiting.pop() {
        for at in &module.imports {
            if let Some(imported) = by_document.get(at)
                && used.insert(*at)
            {
                waiting.push(imported);
            }
        }
    }
    used
}

/// Puts the tables of several metadata into one schema, as far as no two are alike: a database holds what its programs make.
fn together(found: Vec<Models>) -> Vec<Models> {
    let mut groups: Vec<Models> = Vec::new();
    for models in found {
        match groups.iter_mut().find(|group| group.tables.is_disjoint(&models.tables)) {
            Some(group) => {
                group.operations.extend(models.operations);
                group.tables.extend(models.tables);
                group.files.extend(models.files);
                group.facts.extend(models.facts);
                group.written_targets.extend(models.written_targets);
                group.set_on_update.extend(models.set_on_update);
                group.zone_by_version.extend(models.zone_by_version);
                group.unsure_types.extend(models.unsure_types);
                group.reflected.extend(models.reflected);
                group.open.extend(models.open);
                group.skipped.extend(models.skipped);
                group.statements += models.statements;
                group.understood += models.understood;
            }
            None => groups.push(models),
        }
    }
    groups
}

fn target(models: Models, sources: &Sources) -> TargetInput {
    let mut operations = definitions::arrange_tables(models.operations);
    let mut files: Vec<FileId> = models.files.into_iter().collect();
    files.order_by(|a, b| natural_order(sources.name(*a), sources.name(*b)));
    let mut revisions: Vec<Revision> = files
        .iter()
        .map(|file| Revision {
            id: sources.name(*file).to_owned(),
            file: *file,
            own_session: true,
            ..Revision::default()
        })
        .collect();
    // Models define one schema together; in which order is the library's affair.
    if let Some(first) = revisions.first_mut() {
        first.up.append(&mut operations);
    }
    TargetInput {
        role: Role::Models,
        layout: "sqlalchemy".to_owned(),
        note: LayoutNote { evidence: "classes and tables of SQLAlchemy".into(), ..LayoutNote::default() },
        history: History {
            revisions,
            models: models.facts,
            extensions_elsewhere: true,
            written_targets: models.written_targets,
            set_on_update: models.set_on_update,
            zone_by_version: models.zone_by_version,
            unsure_types: models.unsure_types,
            reflected: models.reflected,
            open_tables: models.open,
            ..History::default()
        },
        coverage: Coverage { statements: models.statements, understood: models.understood, skipped: models.skipped },
        server_version: None,
        dialect: Dialect::PostgreSql,
    }
}
